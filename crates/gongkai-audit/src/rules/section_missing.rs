//! # GK410 section_missing (info)
//!
//! A section that the format prescribes is not in the report, or its heading was not recognised.
//!
//! **Clause.** Regulations, article 50, and the six parts of the format (国办公开办函〔2019〕60号, 〔2021〕30号): 总体情况, 主动公开, 收到和处理申请,
//! 复议诉讼, 主要问题及改进情况, 其他需要报告的事项.
//!
//! **Why it matters.** `narratives` has no row for it, which does not say that nothing was to be reported. Its text may stand in the
//! section before.
//!
//! **Example.** A report that ends after the third table.
//!
//! **False alarms.** A heading in other words. Reports of which fewer than half of the headings were recognised are left
//! out, and sections whose table is printed.

use crate::{Checks, Report, Rule};
use gongkai_model::Finding;

pub(crate) const RULE: Rule = Rule { code: "GK410", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    let Some(form) = report.form else { return };
    let has = |code: &str| report.parsed.sections.iter().any(|s| *s.section == *code);
    let prescribed: Vec<_> = report.registry.sections.iter().filter(|s| s.prescribed).collect();
    if prescribed.iter().filter(|s| has(&s.code)).count() * 2 < prescribed.len() {
        return;
    }
    for section in prescribed {
        let printed = |t: &gongkai_registry::FormTable| report.table(&t.table).is_some();
        let table = form.tables.iter().any(|t| t.section == section.code && printed(t));
        checks.that(has(&section.code) || table, || {
            Finding::report("GK410", format!("no section {} ({}) was found", section.code, section.zh))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{codes_of, report_of_2021};
    use gongkai_model::Section;

    #[test]
    fn a_section_without_heading_or_table_is_missing() {
        let mut report = report_of_2021();
        assert!(codes_of(&report, "GK410").is_empty(), "no heading was recognised at all");
        let section =
            |code: &str| Section { section: code.into(), heading: String::new(), text: String::new() };
        report.sections = ["overview", "proactive", "requests", "problems"].map(section).into();
        // The third table is printed, so its section is there.
        assert_eq!(codes_of(&report, "GK410"), ["..: no section other (其他需要报告的事项) was found"]);
    }
}
