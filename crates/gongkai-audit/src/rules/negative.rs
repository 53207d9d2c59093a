//! # GK402 negative_figure (warning)
//!
//! A figure below zero is printed where only counts or amounts are possible.
//!
//! **Clause.** Regulations, article 50, and the tables of the form: all columns count or sum up, but 本年增/减 of 2019.
//!
//! **Why it matters.** The minus sign may be a dash that belongs to something else.
//!
//! **Example.** `-3` applications.
//!
//! **False alarms.** None known.

use crate::{Checks, Report, Rule};
use gongkai_model::Finding;

pub(crate) const RULE: Rule = Rule { code: "GK402", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in &report.tables {
        let counts = |column: usize| facts.form.columns.get(column).is_some_and(|c| !c.signed);
        checks.all(facts.cells().filter_map(|(item, column, cell)| {
            let value = cell.value.filter(|v| v.is_negative() && counts(column))?;
            let message = format!("{value} is printed where a count or an amount is asked for");
            let address = facts.address(Some(item), Some(column));
            Some(Finding::at("GK402", address, message).raw(cell.raw.as_str()))
        }));
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::Number;

    #[test]
    fn a_figure_below_zero_is_a_doubt() {
        let mut report = report_of_2021();
        cell(&mut report, "penalty", "decisions").value = Some(Number::from_integer(-3));
        assert_eq!(codes_of(&report, "GK402").len(), 1);
    }
}
