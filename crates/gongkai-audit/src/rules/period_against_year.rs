//! # GK409 period_against_year (warning)
//!
//! The statistics period of the report is not the year it is about, from its first day to its last.
//!
//! **Clause.** Regulations, article 49: the report is about the year before (上一年度).
//!
//! **Why it matters.** Figures of ten months, or from November to October, cannot be compared with those of whole years.
//!
//! **Example.** 统计期限自2020年11月1日起至2021年10月31日止. `expected` is the year, `actual` the period.
//!
//! **False alarms.** An agency founded in the course of the year, and the first reports of 2008, when the Regulations came into force on
//! 1 May. A period copied from the year before is GK302 as well.

use super::published_late::day;
use crate::{Checks, Report, Rule};
use chrono::NaiveDate;
use gongkai_model::Finding;

pub(crate) const RULE: Rule = Rule { code: "GK409", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    let Some(resolution) = report.resolution else { return };
    let dates = resolution.period_start.and_then(day).zip(resolution.period_end.and_then(day));
    let (Some(year), Some((start, end))) = (resolution.year, dates) else { return };
    let of_year = |month, day| NaiveDate::from_ymd_opt(i32::from(year), month, day);
    if let (Some(first), Some(last)) = (of_year(1, 1), of_year(12, 31)) {
        checks.that((start, end) == (first, last), || {
            let message = format!("the period is {start} to {end}");
            Finding::report("GK409", message)
                .compare(format!("{first} to {last}"), format!("{start} to {end}"))
        });
    }
}
