//! GK403: a figure is above another that usually holds it, such as the year's above that of all years.

use crate::TableFacts;
use gongkai_model::{CellAddress, Finding};
use gongkai_registry::Bound;

/// Checks every item that has both figures.
pub(crate) fn check(facts: &TableFacts<'_>, bounds: &[Bound], findings: &mut Vec<Finding>) {
    for bound in bounds {
        for item in &facts.form.items {
            let value = |column: &str| facts.cell(&item.code, column).and_then(|c| c.value);
            let (Some(lower), Some(upper)) = (value(&bound.lower), value(&bound.upper)) else { continue };
            if lower > upper {
                let address = CellAddress {
                    table: Some(facts.form.table.clone()),
                    item: Some(item.code.clone()),
                    column: Some(bound.upper.as_str().into()),
                };
                let message =
                    format!("{}: {} is {lower}, {} is {upper}", bound.code, bound.lower, bound.upper);
                findings.push(
                    Finding::at("GK403", address, message)
                        .compare(format!("at least {lower}"), upper.to_string()),
                );
            }
        }
    }
}
