//! # GK404 total_missing (warning)
//!
//! A total is not printed, or could not be read, while all its parts are printed as numbers.
//!
//! **Clause.** The totals (总计) of tables 2 and 3 of the form; the identities of `data/forms/` say of what.
//!
//! **Why it matters.** The total is NULL and is not filled in. `expected` is the sum of the parts, for who wants to use it; it is
//! left out where a whole column of totals is missing, which is told once.
//!
//! **Example.** The six kinds of applicants are 3, 1, 0, 0, 0, 0, and the cell under 总计 is blank: `expected` 4.
//!
//! **False alarms.** None: the parts are there and the total is not.

use crate::report::Sum;
use crate::{Checks, Report, Rule, TableFacts};
use gongkai_model::Finding;
use gongkai_registry::Axis;

pub(crate) const RULE: Rule = Rule { code: "GK404", check };

/// Missing totals of one column that are told one by one; more are told together.
const SINGLE: usize = 3;

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in &report.tables {
        let totals: Vec<&Sum<'_>> = facts.sums.iter().filter(|s| s.left.len() == 1).collect();
        if totals.is_empty() {
            continue;
        }
        let missing = totals.into_iter().filter(|s| is_missing(facts, s));
        let (rows, columns): (Vec<_>, Vec<_>) = missing.partition(|s| s.identity.axis == Axis::Row);
        checks.all(told(facts, &rows).into_iter().chain(told(facts, &columns)));
    }
}

/// Whether the only term on the left is no number, and all on the right are.
fn is_missing(facts: &TableFacts<'_>, sum: &Sum<'_>) -> bool {
    let value = |term: &usize| {
        let (item, column) = sum.place(*term);
        facts.cell(item, column).and_then(|c| c.value)
    };
    sum.left.iter().all(|t| value(t).is_none()) && sum.right.iter().all(|t| value(t).is_some())
}

fn told(facts: &TableFacts<'_>, missing: &[&Sum<'_>]) -> Vec<Finding> {
    let place = |s: &Sum<'_>| s.place(s.left.first().copied().unwrap_or_default());
    match missing {
        [first, ..] if missing.len() > SINGLE => {
            let (item, column) = place(first);
            let row = first.identity.axis == Axis::Row;
            let address =
                if row { facts.address(None, Some(column)) } else { facts.address(Some(item), None) };
            let message =
                format!("{}: {} totals are not printed as numbers", first.identity.code, missing.len());
            vec![Finding::at("GK404", address, message)]
        }
        _ => missing.iter().map(|s| one(facts, s, place(s))).collect(),
    }
}

fn one(facts: &TableFacts<'_>, sum: &Sum<'_>, (item, column): (usize, usize)) -> Finding {
    let expected = sum.of(facts, &sum.right).unwrap_or_default().to_string();
    let message = format!("{}: no total is printed; its parts add up to {expected}", sum.identity.code);
    let mut finding = Finding::at("GK404", facts.address(Some(item), Some(column)), message);
    finding.raw = facts.cell(item, column).map(|c| c.raw.clone()).filter(|r| !r.is_empty());
    finding.expected = Some(expected);
    finding
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::CellStatus;

    #[test]
    fn a_blank_total_is_told_with_what_its_parts_add_up_to() {
        let mut report = report_of_2021();
        let total = cell(&mut report, "new_received", "total");
        (total.value, total.status) = (None, CellStatus::Blank);
        assert_eq!(
            codes_of(&report, "GK404"),
            ["disclosure_requests.new_received.total: row_total: no total is printed; its parts add up to 5"]
        );
        let part = cell(&mut report, "new_received", "research");
        (part.value, part.status) = (None, CellStatus::Blank);
        assert!(codes_of(&report, "GK404").is_empty(), "a part is not printed either");
    }

    #[test]
    fn a_column_of_totals_that_is_missing_is_told_once() {
        let mut report = report_of_2021();
        let requests =
            |c: &&mut gongkai_model::CellFact| *c.table == *"disclosure_requests" && *c.column == *"total";
        for cell in report.cells.iter_mut().filter(requests) {
            (cell.value, cell.status) = (None, CellStatus::Missing);
        }
        assert_eq!(
            codes_of(&report, "GK404"),
            ["disclosure_requests..total: row_total: 25 totals are not printed as numbers"]
        );
    }
}
