//! # GK405 table_empty (warning)
//!
//! A statutory table is printed without a single number.
//!
//! **Clause.** Regulations, article 50: the report gives these figures.
//!
//! **Why it matters.** All its cells are NULL. Blank cells may stand for zeros throughout, or the agency may have published the
//! form without filling it in.
//!
//! **Example.** All 175 cells of the second table are blank.
//!
//! **False alarms.** The figures may stand in a picture over the table, or were lost when the page was copied.

use crate::{Checks, Report, Rule};
use gongkai_model::{CellStatus, Finding};

pub(crate) const RULE: Rule = Rule { code: "GK405", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in report.tables.iter().filter(|_| report.form.is_some()) {
        // Something printed that could not be read is another matter.
        let nothing = |s: CellStatus| {
            matches!(s, CellStatus::Blank | CellStatus::Dash | CellStatus::Word | CellStatus::Missing)
        };
        let empty = facts.cells().all(|(_, _, c)| c.value.is_none() && nothing(c.status));
        let printed = facts.cells().filter(|(_, _, c)| c.status != CellStatus::Missing).count();
        checks.that(!empty, || {
            let message = format!("the table is printed, and none of its {printed} cells has a number");
            Finding::at("GK405", facts.address(None, None), message)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::CellStatus;

    #[test]
    fn a_table_without_numbers_is_empty() {
        let mut report = report_of_2021();
        for cell in report.cells.iter_mut().filter(|c| *c.table == *"review_litigation") {
            (cell.value, cell.status) = (None, CellStatus::Blank);
        }
        assert_eq!(codes_of(&report, "GK405").len(), 1);
        // Something is printed, if nothing that could be read.
        cell(&mut report, "reconsideration", "other").status = CellStatus::Unreadable;
        assert!(codes_of(&report, "GK405").is_empty());
    }
}
