//! GK402: a figure below zero where only counts or amounts are possible.

use crate::TableFacts;
use gongkai_model::{CellAddress, Finding};

/// Checks every cell of a column that is not one of changes.
pub(crate) fn check(facts: &TableFacts<'_>, findings: &mut Vec<Finding>) {
    for item in &facts.form.items {
        for column in facts.form.columns.iter().filter(|c| !c.signed) {
            let Some(cell) = facts.cell(&item.code, &column.code) else { continue };
            if let Some(value) = cell.value.filter(|v| v.is_negative()) {
                let address = CellAddress {
                    table: Some(facts.form.table.clone()),
                    item: Some(item.code.clone()),
                    column: Some(column.code.clone()),
                };
                let message = format!("{value} is printed where a count or an amount is asked for");
                findings.push(Finding::at("GK402", address, message).raw(cell.raw.as_str()));
            }
        }
    }
}
