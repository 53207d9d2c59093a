//! # GK211 edition_against_year (warning)
//!
//! The tables are not those of the form that is prescribed for the year the report is about.
//!
//! **Clause.** 国办公开办函〔2019〕60号 for the years 2019 and 2020, 〔2021〕30号 from 2021 on.
//!
//! **Why it matters.** Either the year or the choice of form is unusual. What only the prescribed form asks for is NULL.
//!
//! **Example.** The tables of 2019 in a report about 2021; a report about 2022 without any of the tables.
//!
//! **False alarms.** Some agencies keep using the old form. A report without tables may show them as pictures.

use crate::{Checks, Report, Rule};
use gongkai_model::Finding;

pub(crate) const RULE: Rule = Rule { code: "GK211", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    let Some(year) = report.resolution.and_then(|r| r.year) else { return };
    let used = &report.parsed.form;
    // Before 2019 nothing was prescribed for all.
    let prescribed = report.registry.forms.iter().find(|f| f.covers(year) && !f.tables.is_empty());
    let Some(expected) = prescribed.or(report.form) else { return };
    checks.that(expected.code == *used && expected.covers(year), || {
        let message = match prescribed {
            Some(_) if report.form.is_none() => format!("none of the tables prescribed for {year} was found"),
            _ => format!("the tables are those of form {used}, which is not prescribed for {year}"),
        };
        let asked = prescribed.map_or_else(|| format!("a form of {year}"), |f| f.code.to_string());
        Finding::report("GK211", message).compare(asked, used.as_ref())
    });
}
