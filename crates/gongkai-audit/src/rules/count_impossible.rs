//! # GK406 count_impossible (warning)
//!
//! A count is larger than any agency could have, or is no whole number.
//!
//! **Clause.** Regulations, article 50, and the tables of the form, whose columns count cases (件, 项), amounts of money aside. What is
//! too large is said by `most` in `data/forms/`.
//!
//! **Why it matters.** Digits of neighbouring cells may have been printed or copied together, or the figure belongs to something
//! else. A count that is no whole number is NULL.
//!
//! **Example.** 346085376 requests; 2.5 applications.
//!
//! **False alarms.** A summary for the whole country.

use crate::{Checks, Report, Rule, TableFacts};
use gongkai_model::{CellFact, CellStatus, Finding, Number};

pub(crate) const RULE: Rule = Rule { code: "GK406", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in report.tables.iter().filter(|_| report.form.is_some()) {
        checks.all(facts.cells().filter_map(|(item, column, cell)| {
            let (expected, message) = doubt(facts, column, cell)?;
            let mut finding = Finding::at("GK406", facts.address(Some(item), Some(column)), message);
            finding.expected = Some(expected);
            Some(finding.raw(cell.raw.as_str()))
        }));
    }
}

/// What a count would be, and why the cell holds none.
fn doubt(facts: &TableFacts<'_>, column: usize, cell: &CellFact) -> Option<(String, String)> {
    if cell.value.is_some_and(Number::is_zero) {
        return None;
    }
    let spec = facts.form.columns.get(column).filter(|c| !c.is_money())?;
    match cell.value {
        Some(value) => {
            let most = Number::from_integer(spec.most.or(facts.form.most)?);
            let message = format!("{value} is more than any agency can have counted");
            (value > most).then(|| (format!("at most {most}"), message))
        }
        None if cell.status == CellStatus::Unreadable => {
            let value = Number::parse_plain(cell.raw.trim()).filter(|n| n.as_integer().is_none())?;
            Some(("a whole number".to_owned(), format!("{value} is printed where cases are counted")))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::{CellStatus, Number};

    #[test]
    fn no_agency_has_so_many_requests_or_half_a_request() {
        let mut report = report_of_2021();
        cell(&mut report, "granted", "research").value = Some(Number::from_integer(346_085_376));
        let half = cell(&mut report, "carried_over", "total");
        (half.value, half.status, half.raw) = (None, CellStatus::Unreadable, "2.5".to_owned());
        let found = codes_of(&report, "GK406");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].ends_with("346085376 is more than any agency can have counted"), "{found:?}");
        assert!(found[0].ends_with("2.5 is printed where cases are counted"), "{found:?}");
        let fee = cell(&mut report, "fees", "fee_wan_yuan");
        fee.value = Number::parse_plain("24252.311082");
        assert_eq!(codes_of(&report, "GK406").len(), 2, "an amount is no count");
    }
}
