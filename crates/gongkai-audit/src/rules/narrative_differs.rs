//! # GK411 narrative_differs (warning)
//!
//! A count that a sentence of the report gives is not the figure of the table.
//!
//! **Clause.** Regulations, article 50: text and tables are one report about the same year.
//!
//! **Why it matters.** One of the two is wrong, or they count different things. The table's figure is in the data, as printed:
//! `expected` is the sentence's, `actual` the table's, `raw` the sentence. Where several sentences give different counts and one of them
//! is the table's, nothing is found: the others may speak of somebody else.
//!
//! **Example.** The text says 共收到政府信息公开申请21件, the table prints 20 under 总计 of 本年新收.
//!
//! **False alarms.** Sentences that count letters where the table counts applications, or that count what the report's tables leave
//! out. Sentences about 全市 are compared in reports of governments only, those about 我局 in those of other agencies. Which words mean
//! what is said in `data/forms/prose.toml`.

use crate::narrative::Compared;
use crate::{Checks, Report, Rule};
use gongkai_model::{CellAddress, Finding, Statement};

pub(crate) const RULE: Rule = Rule { code: "GK411", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    for compared in &report.compared {
        let told: Vec<&&Statement> = compared.statements.iter().filter(|s| !s.denied).collect();
        let Some(first) = told.first() else { continue };
        let agrees = compared.statements.iter().any(|s| compared.agrees(s));
        checks.that(agrees, || finding(compared, first));
    }
}

fn finding(compared: &Compared<'_>, statement: &Statement) -> Finding {
    let unit = statement.unit.as_deref().unwrap_or_default();
    let why = if compared.differs_by_unit(statement) { ": one of the two is in another unit" } else { "" };
    let message = format!(
        "{}: a sentence says {}{unit}, the table {}{why}",
        statement.what, statement.number, compared.figure
    );
    Finding::at("GK411", address(compared), message)
        .raw(statement.sentence.as_str())
        .compare(statement.number.to_string(), compared.figure.to_string())
}

/// The cell, or of several what they share.
pub(crate) fn address(compared: &Compared<'_>) -> CellAddress {
    let table = compared.table;
    let item = match compared.items.as_slice() {
        [item] => table.items.get(*item).map(|i| i.code.clone()),
        _ => None,
    };
    let column = match compared.columns.as_slice() {
        [column] => table.columns.get(*column).map(|c| c.code.clone()),
        _ => None,
    };
    CellAddress { table: Some(table.table.clone()), item, column }
}

#[cfg(test)]
mod tests {
    use crate::tests::{codes_of, report_of_2021, statement};
    use gongkai_model::StatementScope;

    #[test]
    fn a_sentence_is_held_against_the_sum_it_means() {
        let mut report = report_of_2021();
        report.statements = vec![statement("received", "5"), statement("refused", "2")];
        // Five are received and none refused in the table.
        assert_eq!(
            codes_of(&report, "GK411"),
            ["disclosure_requests..total: refused: a sentence says 2件, the table 0"]
        );
    }

    #[test]
    fn one_sentence_that_agrees_is_enough_and_a_rounded_count_agrees() {
        let mut report = report_of_2021();
        report.statements = vec![statement("received", "9"), statement("received", "5")];
        assert!(codes_of(&report, "GK411").is_empty());
        report.statements = vec![statement("licensing", "12000")];
        report.statements[0].step = gongkai_model::Number::from_integer(1_000);
        assert!(codes_of(&report, "GK411").is_empty(), "12345 is 1.2万");
        report.statements = vec![statement("received", "9")];
        report.statements[0].scope = StatementScope::Whole;
        assert!(codes_of(&report, "GK411").is_empty(), "no government's report");
    }

    #[test]
    fn amounts_are_compared_in_one_unit() {
        let mut report = report_of_2021();
        report.statements = vec![statement("fees", "123000")];
        report.statements[0].unit = Some("元".to_owned());
        assert!(codes_of(&report, "GK411").is_empty(), "12.3 万元");
        report.statements[0].unit = Some("万元".to_owned());
        assert!(codes_of(&report, "GK411")[0].ends_with("one of the two is in another unit"));
    }
}
