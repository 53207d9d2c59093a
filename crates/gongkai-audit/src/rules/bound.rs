//! # GK403 part_above_whole (warning)
//!
//! A figure is above another that usually holds it, such as the year's above that of all years.
//!
//! **Clause.** The meaning of the columns: 对外公开总数量 and 现行有效件数 of table 1 (Regulations, article 20 (1)), 历年累计 of the tables
//! until 2018. The form does not prescribe it. Which columns hold which is said by `[[bound]]` in `data/forms/`.
//!
//! **Why it matters.** One of the two is wrong, or the columns were exchanged in print. `actual` is the figure that should
//! hold the other, `expected` what it should be at least.
//!
//! **Example.** 2015年度 2949, 历年累计 2100. 本年新公开数量 12, 对外公开总数量 3. 上一年项目数量 10, 本年增/减 -18: eight items
//! less than none.
//!
//! **False alarms.** Agencies begin to count anew after a merger, or when the indicator changes; some print the sum of the years
//! before.

use crate::{Checks, Report, Rule, TableFacts};
use gongkai_model::{Finding, Number};
use gongkai_registry::Bound;

pub(crate) const RULE: Rule = Rule { code: "GK403", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in &report.tables {
        for bound in facts.bounds {
            for item in 0..facts.form.items.len() {
                compare(facts, bound, item, checks);
            }
        }
    }
}

fn compare(facts: &TableFacts<'_>, bound: &Bound, item: usize, checks: &mut Checks) {
    let column = |code: &String| facts.form.column(code);
    let sum = |codes: &[String]| -> Option<Number> {
        codes.iter().map(|c| facts.cell(item, column(c)?)?.value).sum()
    };
    let (Some(part), Some(whole)) = (sum(&bound.part), sum(&bound.whole)) else { return };
    checks.that(part <= whole, || {
        let side = |codes: &[String]| if codes.is_empty() { "nothing".to_owned() } else { codes.join(" + ") };
        let message =
            format!("{}: {} is {part}, {} is {whole}", bound.code, side(&bound.part), side(&bound.whole));
        let address = facts.address(Some(item), bound.whole.first().and_then(column));
        Finding::at("GK403", address, message).compare(format!("at least {part}"), whole.to_string())
    });
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::Number;

    #[test]
    fn what_was_issued_is_in_force_or_abolished() {
        let mut report = report_of_2021();
        cell(&mut report, "normative_documents", "issued").value = Some(Number::from_integer(3));
        cell(&mut report, "normative_documents", "in_force").value = Some(Number::from_integer(2));
        assert_eq!(
            codes_of(&report, "GK403"),
            [
                "proactive_disclosure.normative_documents.in_force: in_force_holds_remaining: issued is 3, in_force + abolished is 2"
            ]
        );
        cell(&mut report, "normative_documents", "abolished").value = Some(Number::from_integer(1));
        assert!(codes_of(&report, "GK403").is_empty());
    }
}
