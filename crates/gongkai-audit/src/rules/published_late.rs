//! # GK408 published_late (info)
//!
//! The report was published after the last day the Regulations allow.
//!
//! **Clause.** Regulations, article 49: departments of governments at county level or above publish before 31 January, the report of a local
//! government before 31 March, of the year after the one it is about. Regulations of 2007, article 31: every agency before 31
//! March. The days are in `data/forms/deadlines.toml`.
//!
//! **Why it matters.** Punctuality is a duty of its own. `expected` is the last day, `actual` the day of publication.
//!
//! **Example.** A county bureau's report about 2021, published on 2022-03-28.
//!
//! **False alarms.** Pages moved to a new site bear the day of the move; a page corrected later that of the correction. Offices that file
//! for their government are given the later day.

use crate::{Checks, Report, Rule};
use chrono::{Datelike, NaiveDate};
use gongkai_model::{Date, Finding};

pub(crate) const RULE: Rule = Rule { code: "GK408", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    let Some(resolution) = report.resolution else { return };
    let (Some(year), Some(published)) = (resolution.year, resolution.published_on.and_then(day)) else {
        return;
    };
    let (level, kind) = (resolution.agency_level.as_deref(), resolution.agency_kind.as_deref());
    let usual = resolution.agency_mark.is_none();
    let Some(deadline) = report.registry.deadline(year, level, kind).filter(|_| usual) else { return };
    // What is dated before its year is over is another matter.
    let next = i32::from(year) + 1;
    if let Some(due) = NaiveDate::from_ymd_opt(next, deadline.month, deadline.day)
        && published.year() >= next
    {
        checks.that(published <= due, || {
            let message = format!("published on {published}, due on {due} ({})", deadline.clause);
            Finding::report("GK408", message).compare(due.to_string(), published.to_string())
        });
    }
}

/// A date of the model.
pub(crate) fn day(date: Date) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(date.0.checked_add(NaiveDate::default().num_days_from_ce())?)
}
