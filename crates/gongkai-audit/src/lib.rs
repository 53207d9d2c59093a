//! Rules over one report, and over the panel ([`panel`]), one a file. They state doubts beside the figures and never change one.
//!
//! The doc comment of a rule is the page of its code (`docs/rules/`, `gongkai explain`). Which sums must hold is not written here: the identities stand with the
//! forms in `data/forms/`.

mod checks;
mod narrative;
pub mod panel;
mod report;
mod rules;

pub use checks::Audit;
pub(crate) use checks::{Checks, Rule};
pub(crate) use report::{Report, TableFacts};

use gongkai_model::{Parsed, Resolution};
use gongkai_registry::Registry;

/// What the rules find in a report, and how many checks they made. Without a `resolution` the rules about its year and its
/// dates have nothing to check.
pub fn audit(registry: &Registry, parsed: &Parsed, resolution: Option<&Resolution>) -> Audit {
    let report = Report::of(registry, parsed, resolution);
    let mut audit = audited(&report, rules::RULES);
    audit.append(audited(&report, rules::RULES_OF_FILING));
    audit.findings.sort_by_key(|finding| finding.code);
    audit.checks.sort_unstable();
    audit
}

/// As [`audit`], by what it rests on: what is printed alone, and what also depends on who filed, for which year and when.
pub fn audit_in_parts(registry: &Registry, parsed: &Parsed, resolution: &Resolution) -> (Audit, Audit) {
    let report = Report::of(registry, parsed, Some(resolution));
    (audited(&report, rules::RULES), audited(&report, rules::RULES_OF_FILING))
}

/// The second part of [`audit_in_parts`] alone, for a report of which only that is known better now.
pub fn audit_filing(registry: &Registry, parsed: &Parsed, resolution: &Resolution) -> Audit {
    audited(&Report::of(registry, parsed, Some(resolution)), rules::RULES_OF_FILING)
}

fn audited(report: &Report<'_>, rules: &[Rule]) -> Audit {
    let mut audit = Audit::default();
    for rule in rules {
        let mut checks = Checks::default();
        (rule.check)(report, &mut checks);
        audit.add(rule, checks);
    }
    audit
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::audit;
    use gongkai_model::{
        CellFact, CellStatus, Finding, LegacyRow, LegacySource, Number, Parsed, Statement, StatementScope,
        TableReading,
    };
    use gongkai_registry::{LEGACY_TABLE, Registry};

    /// A sound report of the form of 2021: five requests received and granted, 12345 licences, 12.3 万元 of fees, else zeros.
    pub(crate) fn report_of_2021() -> Parsed {
        let form = Registry::embedded().form("2021").unwrap();
        let mut parsed = Parsed { form: form.code.clone(), ..Parsed::default() };
        for table in &form.tables {
            parsed.tables.push(TableReading {
                table: table.table.clone(),
                present: true,
                expected: 0,
                read: 0,
                how: String::new(),
                scope: Default::default(),
            });
            for (at, item) in table.items.iter().enumerate() {
                for column in table.columns_of(at).iter().map(|c| &table.columns[*c]) {
                    let value = match (&*item.code, &*column.code) {
                        ("new_received" | "granted" | "total", "natural_person" | "total")
                            if *table.table == *"disclosure_requests" =>
                        {
                            "5"
                        }
                        ("licensing", _) => "12345",
                        ("fees", _) => "12.3",
                        _ => "0",
                    };
                    parsed.cells.push(CellFact {
                        table: table.table.clone(),
                        item: item.code.clone(),
                        column: column.code.clone(),
                        status: if value == "0" { CellStatus::Zero } else { CellStatus::Number },
                        value: Number::parse_plain(value),
                        raw: value.to_owned(),
                        label: None,
                        source: None,
                    });
                }
            }
        }
        parsed
    }

    /// A cell of it.
    pub(crate) fn cell<'p>(parsed: &'p mut Parsed, item: &str, column: &str) -> &'p mut CellFact {
        parsed.cells.iter_mut().find(|c| *c.item == *item && *c.column == *column).unwrap()
    }

    /// A sentence that counts something in 件.
    pub(crate) fn statement(what: &str, number: &str) -> Statement {
        Statement {
            what: what.into(),
            number: Number::parse_plain(number).unwrap(),
            denied: false,
            step: Number::from_integer(1),
            unit: Some("件".to_owned()),
            scope: StatementScope::Unsaid,
            year: None,
            sentence: "…".to_owned(),
        }
    }

    /// The findings of one rule: where, and the message.
    pub(crate) fn codes_of(parsed: &Parsed, code: &str) -> Vec<String> {
        let findings = audit(Registry::embedded(), parsed, None).findings;
        let text = |f: &Finding| {
            let part = |p: &Option<std::sync::Arc<str>>| p.as_deref().unwrap_or_default().to_owned();
            let a = &f.address;
            format!("{}.{}.{}: {}", part(&a.table), part(&a.item), part(&a.column), f.message)
        };
        findings.iter().filter(|f| f.code == code).map(text).collect()
    }

    #[test]
    fn a_sound_report_has_no_findings() {
        let audit = audit(Registry::embedded(), &report_of_2021(), None);
        assert_eq!(audit.findings, []);
        // Twenty-five rows, two sums in seven columns, three channels.
        assert!(audit.checks.contains(&("GK401", 25 + 2 * 7 + 3)), "{:?}", audit.checks);
    }

    /// A report of the family `provincial_2013` with these figures of the year and of all years.
    fn report(figures: &[(&str, i64, i64)]) -> Parsed {
        let mut parsed = Parsed { form: "pre2019".into(), ..Parsed::default() };
        for (item, value, cumulative) in figures {
            for (column, number) in [("value", value), ("cumulative", cumulative)] {
                parsed.cells.push(CellFact {
                    table: LEGACY_TABLE.into(),
                    item: (*item).into(),
                    column: column.into(),
                    status: CellStatus::Number,
                    value: Some(Number::from_integer(*number)),
                    raw: number.to_string(),
                    label: None,
                    source: None,
                });
            }
        }
        parsed.legacy.push(LegacyRow {
            indicator: None,
            item: "x".into(),
            label: "x".to_owned(),
            parent: None,
            unit: None,
            value: None,
            cumulative: None,
            source: LegacySource::Table(Some("provincial_2013".into())),
        });
        parsed
    }

    fn codes(figures: &[(&str, i64, i64)]) -> Vec<String> {
        let findings = audit(Registry::embedded(), &report(figures), None).findings;
        let place = |f: &gongkai_model::Finding| {
            format!(
                "{} {}.{}",
                f.code,
                f.address.item.as_deref().unwrap(),
                f.address.column.as_deref().unwrap()
            )
        };
        findings.iter().map(place).collect()
    }

    #[test]
    fn sums_of_old_tables_are_checked_where_all_terms_are_printed() {
        let sound = [
            ("requests.received", 9, 30),
            ("requests.in_person", 4, 10),
            ("requests.online", 3, 12),
            ("requests.mail_fax", 2, 8),
        ];
        assert!(codes(&sound).is_empty());
        let mut broken = sound;
        broken[0].1 = 10;
        assert_eq!(codes(&broken), ["GK401 requests.received.value"]);
        assert!(codes(&broken[..3]).is_empty(), "a term is not printed");
    }

    #[test]
    fn a_cumulative_figure_below_the_years_is_a_doubt() {
        assert_eq!(codes(&[("litigation.total", 5, 3)]), ["GK403 litigation.total.cumulative"]);
        assert!(codes(&[("litigation.total", 5, 5)]).is_empty());
    }
}
