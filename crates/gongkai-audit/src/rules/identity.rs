//! # GK401 identity_broken (error)
//!
//! A sum that the form prescribes does not hold in the figures as printed.
//!
//! **Clause.** The note in the head of table 2, 第一项加第二项之和，等于第三项加第四项之和, and the totals (总计) of tables 2 and 3 of the
//! form (国办公开办函〔2019〕60号, 〔2021〕30号); until 2018 the totals of the statistics tables. The sums are the
//! identities of `data/forms/`.
//!
//! **Why it matters.** At least one of the figures is wrong in the document, or was read wrongly. The data keep what is
//! printed: `actual` is the figure reported, `expected` the sum of its parts as printed.
//!
//! **Example.** 总计 is 5, the six kinds of applicants add up to 6: `actual` 5, `expected` 6.
//!
//! **False alarms.** Agencies that count an application under two outcomes.

use crate::report::Sum;
use crate::{Checks, Report, Rule, TableFacts};
use gongkai_model::Finding;
use std::sync::Arc;

pub(crate) const RULE: Rule = Rule { code: "GK401", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for facts in &report.tables {
        for sum in &facts.sums {
            if let (Some(left), Some(right)) = (sum.of(facts, &sum.left), sum.of(facts, &sum.right)) {
                let compared = (left.to_string(), right.to_string());
                checks.that(left == right, || finding(facts, sum, compared));
            }
        }
    }
}

fn finding(facts: &TableFacts<'_>, sum: &Sum<'_>, (left, right): (String, String)) -> Finding {
    let (item, column) = sum.place(sum.left.first().copied().unwrap_or_default());
    let side = |codes: &[Arc<str>]| codes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" + ");
    let i = sum.identity;
    let message = format!("{}: {} is {left}, {} is {right}", i.code, side(&i.left), side(&i.right));
    Finding::at("GK401", facts.address(Some(item), Some(column)), message).compare(right, left)
}
