//! # GK412 narrative_denies (warning)
//!
//! A sentence of the report says that there was none of something, and the table prints a figure.
//!
//! **Clause.** Regulations, article 50: text and tables are one report about the same year.
//!
//! **Why it matters.** Sentences such as 未收到政府信息公开申请 are often left from the year before, or the figure belongs to something
//! else. The table's figure is in the data, as printed: `actual`. `raw` is the sentence.
//!
//! **Example.** The text says 全年未发生行政复议、行政诉讼案件, the table prints one reconsideration.
//!
//! **False alarms.** Sentences about one kind of case only (没有败诉的行政诉讼) are not taken for one about all, as far as
//! `data/forms/prose.toml` knows their words.

use super::narrative_differs::address;
use crate::{Checks, Report, Rule};
use gongkai_model::Finding;

pub(crate) const RULE: Rule = Rule { code: "GK412", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for compared in &report.compared {
        let denied = compared.statements.iter().find(|s| s.denied);
        // Where another sentence counts some, the first one speaks of something else, or GK411 tells of it.
        let Some(denied) = denied.filter(|_| compared.statements.iter().all(|s| s.denied)) else { continue };
        checks.that(compared.figure.is_zero(), || {
            let message = format!(
                "{}: a sentence says that there was none, the table {}",
                denied.what, compared.figure
            );
            Finding::at("GK412", address(compared), message)
                .raw(denied.sentence.as_str())
                .compare("0", compared.figure.to_string())
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{codes_of, report_of_2021, statement};

    #[test]
    fn what_is_denied_is_not_printed() {
        let mut report = report_of_2021();
        let mut none = statement("received", "0");
        none.denied = true;
        report.statements = vec![none.clone()];
        assert_eq!(
            codes_of(&report, "GK412"),
            [
                "disclosure_requests.new_received.total: received: a sentence says that there was none, the table 5"
            ]
        );
        none.what = "review".into();
        report.statements = vec![none];
        assert!(codes_of(&report, "GK412").is_empty(), "the table prints zeros");
    }
}
