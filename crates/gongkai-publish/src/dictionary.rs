//! The data dictionary as data: what the registry says about tables, items, sections and findings, in the names and
//! order a reader meets them.

use gongkai_registry::{ColumnSpec, Form, FormTable, Registry, Rule, SectionSpec, TableSpec};
use gongkai_store::{PLACES, SCHEMA_VERSION, sql_type};
use serde::Serialize;

/// The whole dictionary.
#[derive(Serialize)]
pub(crate) struct Dictionary<'a> {
    schema_version: &'static str,
    /// Columns every table has by way of its folders.
    pub(crate) partitions: [ColumnEntry<'a>; 2],
    pub(crate) tables: Vec<TableEntry<'a>>,
    pub(crate) forms: Vec<FormEntry<'a>>,
    pub(crate) sections: Vec<SectionEntry<'a>>,
    pub(crate) findings: Vec<FindingEntry<'a>>,
}

#[derive(Serialize)]
pub(crate) struct TableEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) zh: &'a str,
    pub(crate) en: &'a str,
    pub(crate) grain: &'a str,
    pub(crate) sort: &'a [String],
    pub(crate) columns: Vec<ColumnEntry<'a>>,
}

#[derive(Serialize)]
pub(crate) struct ColumnEntry<'a> {
    pub(crate) name: &'a str,
    #[serde(rename = "type")]
    pub(crate) sql_type: &'static str,
    /// NULL never occurs.
    pub(crate) required: bool,
    pub(crate) zh: &'a str,
    pub(crate) en: &'a str,
    pub(crate) unit: Option<&'a str>,
    pub(crate) clause: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct FormEntry<'a> {
    pub(crate) code: &'a str,
    pub(crate) zh: &'a str,
    pub(crate) en: &'a str,
    pub(crate) source: &'a str,
    pub(crate) first_year: i16,
    pub(crate) last_year: Option<i16>,
    pub(crate) tables: Vec<FormTableEntry<'a>>,
}

#[derive(Serialize)]
pub(crate) struct FormTableEntry<'a> {
    pub(crate) table: &'a str,
    pub(crate) clause: &'a str,
    pub(crate) columns: Vec<CodeEntry<'a>>,
    pub(crate) items: Vec<ItemEntry<'a>>,
}

/// A code and the label the form prints for it (numbering and punctuation left out).
#[derive(Serialize)]
pub(crate) struct CodeEntry<'a> {
    pub(crate) code: &'a str,
    pub(crate) label: &'a str,
}

#[derive(Serialize)]
pub(crate) struct ItemEntry<'a> {
    /// Position in the form, from 1.
    pub(crate) no: usize,
    pub(crate) code: &'a str,
    pub(crate) group: Option<&'a str>,
    pub(crate) label: &'a str,
    /// Columns the form prints for the item.
    pub(crate) columns: Vec<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct SectionEntry<'a> {
    pub(crate) code: &'a str,
    pub(crate) zh: &'a str,
    pub(crate) en: &'a str,
}

#[derive(Serialize)]
pub(crate) struct FindingEntry<'a> {
    pub(crate) code: &'a str,
    pub(crate) name: &'a str,
    pub(crate) severity: &'static str,
    pub(crate) summary: &'a str,
}

impl<'a> Dictionary<'a> {
    pub(crate) fn of(registry: &'a Registry) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            partitions: partitions(),
            tables: registry.tables.iter().map(table).collect(),
            forms: registry.forms.iter().map(form).collect(),
            sections: registry.sections.iter().map(section).collect(),
            findings: registry.rules.iter().map(finding).collect(),
        }
    }
}

/// The columns that the folders say.
pub(crate) fn partitions() -> [ColumnEntry<'static>; 2] {
    let entry = |[name, zh, en]: [&'static str; 3], sql_type, clause| ColumnEntry {
        name,
        sql_type,
        required: true,
        zh,
        en,
        unit: None,
        clause,
    };
    let [year, region] = PLACES;
    [entry(year, "SMALLINT", None), entry(region, "VARCHAR", Some("ISO 3166-2:CN"))]
}

fn table(spec: &TableSpec) -> TableEntry<'_> {
    TableEntry {
        name: &spec.name,
        zh: &spec.zh,
        en: &spec.en,
        grain: &spec.grain,
        sort: &spec.sort,
        columns: spec.columns.iter().map(column).collect(),
    }
}

fn column(spec: &ColumnSpec) -> ColumnEntry<'_> {
    ColumnEntry {
        name: &spec.name,
        sql_type: sql_type(spec.kind),
        required: spec.required,
        zh: &spec.zh,
        en: &spec.en,
        unit: spec.unit.as_deref(),
        clause: spec.clause.as_deref(),
    }
}

fn form(form: &Form) -> FormEntry<'_> {
    FormEntry {
        code: &form.code,
        zh: &form.zh,
        en: &form.en,
        source: &form.source,
        first_year: form.first_year,
        last_year: form.last_year,
        tables: form.tables.iter().map(form_table).collect(),
    }
}

fn form_table(table: &FormTable) -> FormTableEntry<'_> {
    let columns_of = |item: usize| {
        table.columns_of(item).iter().filter_map(|c| table.columns.get(*c)).map(|c| c.code.as_ref()).collect()
    };
    FormTableEntry {
        table: &table.table,
        clause: &table.clause,
        columns: table.columns.iter().map(|c| CodeEntry { code: &c.code, label: first(&c.labels) }).collect(),
        items: table
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| ItemEntry {
                no: index + 1,
                code: &item.code,
                group: item.member_of(),
                label: first(&item.labels),
                columns: columns_of(index),
            })
            .collect(),
    }
}

fn section(spec: &SectionSpec) -> SectionEntry<'_> {
    SectionEntry { code: &spec.code, zh: &spec.zh, en: &spec.en }
}

fn finding(rule: &Rule) -> FindingEntry<'_> {
    FindingEntry {
        code: &rule.code,
        name: &rule.name,
        severity: rule.severity.as_str(),
        summary: &rule.summary,
    }
}

/// The statutory label.
fn first(labels: &[String]) -> &str {
    labels.first().map_or("", String::as_str)
}

/// The data dictionary as pretty JSON: tables with their columns, forms with their items, sections, finding codes.
pub fn dictionary_json(registry: &Registry) -> String {
    // Serialising strings and numbers cannot fail.
    serde_json::to_string_pretty(&Dictionary::of(registry)).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn everything_in_the_registry_is_told() {
        let registry = Registry::embedded();
        let json: Value = serde_json::from_str(&dictionary_json(registry)).unwrap();
        let names: Vec<&str> =
            json["tables"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(names, registry.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>());
        for (entry, spec) in json["tables"].as_array().unwrap().iter().zip(&registry.tables) {
            assert_eq!(entry["columns"].as_array().unwrap().len(), spec.columns.len());
        }
        assert_eq!(json["findings"].as_array().unwrap().len(), registry.rules.len());
        let form = json["forms"].as_array().unwrap().iter().find(|f| f["code"] == "2021").unwrap();
        let requests =
            form["tables"].as_array().unwrap().iter().find(|t| t["table"] == "disclosure_requests").unwrap();
        assert_eq!(requests["items"].as_array().unwrap().len(), 25);
        assert_eq!(requests["items"][24]["code"], "carried_forward");
    }

    /// The contract's tables and columns: a name or type here changes only with a schema version bump.
    #[test]
    fn the_contract_is_kept() {
        const CONTRACT: &str = include_str!("../tests/contract.txt");
        let registry = Registry::embedded();
        let told: String = registry
            .tables
            .iter()
            .map(|t| {
                let columns: Vec<String> =
                    t.columns.iter().map(|c| format!("{} {}", c.name, sql_type(c.kind))).collect();
                format!("{}: {}\n", t.name, columns.join(", "))
            })
            .collect();
        assert_eq!(told, CONTRACT);
    }
}
