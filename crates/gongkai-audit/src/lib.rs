//! Rules over one report, and over the panel ([`panel`]), one a file. They state doubts beside the figures and never change one.
//!
//! Which sums must hold is not written here: the identities stand with the forms in `data/forms/`.

pub mod panel;
mod rules;

use gongkai_model::{CellFact, CellStatus, Finding, LegacySource, Number, Parsed};
use gongkai_registry::{FormTable, Registry};
use std::collections::HashMap;

/// One table of a report as the rules see it.
pub(crate) struct TableFacts<'a> {
    /// Its form.
    pub form: &'a FormTable,
    cells: HashMap<(&'a str, &'a str), &'a CellFact>,
}

impl<'a> TableFacts<'a> {
    fn of(form: &'a FormTable, parsed: &'a Parsed) -> Self {
        let own = parsed.cells.iter().filter(|c| c.table == form.table);
        Self { form, cells: own.map(|c| ((c.item.as_ref(), c.column.as_ref()), c)).collect() }
    }

    /// The fact of a cell.
    pub(crate) fn cell(&self, item: &str, column: &str) -> Option<&'a CellFact> {
        self.cells.get(&(item, column)).copied()
    }

    /// What a cell adds to a sum: its number; nothing where the agency printed nothing, a dash or 无. `None` where the
    /// document's figure is not known, so that no sum can be checked.
    pub(crate) fn term(&self, item: &str, column: &str) -> Option<Number> {
        let cell = self.cell(item, column)?;
        match cell.status {
            CellStatus::Blank | CellStatus::Dash | CellStatus::Word => Some(Number::default()),
            _ => cell.value,
        }
    }
}

/// All findings of the rules about a report.
pub fn audit(registry: &Registry, parsed: &Parsed) -> Vec<Finding> {
    let Some(form) = registry.form(&parsed.form) else { return Vec::new() };
    let mut findings = Vec::new();
    for table in &form.tables {
        if parsed.tables.iter().any(|t| t.table == table.table && t.present) {
            let facts = TableFacts::of(table, parsed);
            rules::identity::check(&facts, &mut findings);
            rules::negative::check(&facts, &mut findings);
        }
    }
    legacy(registry, parsed, &mut findings);
    findings
}

/// The tables of 2008-2018: the sums of the families they are of, and what bounds what.
fn legacy(registry: &Registry, parsed: &Parsed, findings: &mut Vec<Finding>) {
    let mut families: Vec<&str> = Vec::new();
    for row in &parsed.legacy {
        if let LegacySource::Table(Some(family)) = &row.source
            && !families.contains(&family.as_ref())
        {
            families.push(family);
        }
    }
    for family in families.iter().filter_map(|f| registry.legacy.family(f)) {
        let mut own = Vec::new();
        rules::identity::check(&TableFacts::of(&family.table, parsed), &mut own);
        // Families share indicators, and some of their sums.
        findings.extend(own.into_iter().filter(|f| !findings.contains(f)).collect::<Vec<_>>());
    }
    let facts = TableFacts::of(&registry.legacy.table, parsed);
    rules::negative::check(&facts, findings);
    rules::bound::check(&facts, &registry.legacy.columns.bounds, findings);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::audit;
    use gongkai_model::{CellFact, CellStatus, LegacyRow, LegacySource, Number, Parsed};
    use gongkai_registry::{LEGACY_TABLE, Registry};

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
        let findings = audit(Registry::embedded(), &report(figures));
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
