//! Output tables and their columns: `data/tables/<table>.toml`. From these follow the Arrow schema, the data
//! dictionary and the DuckDB views.

use crate::source::Source;
use anyhow::{Result, bail};
use serde::Deserialize;

/// One output table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Name, also the folder in a snapshot.
    pub name: String,
    /// Position in documentation and summaries.
    pub order: u16,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
    /// What one row is, in English.
    pub grain: String,
    /// Whether the whole of it is one file of the tables by year: it is small.
    #[serde(default)]
    pub one_file: bool,
    /// Columns the rows are sorted by inside a file.
    pub sort: Vec<String>,
    /// Columns in file order; the partition columns `year` and `region` are not among them.
    #[serde(rename = "column")]
    pub columns: Vec<ColumnSpec>,
}

/// One column of an output table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether NULL never occurs.
    #[serde(default)]
    pub required: bool,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
    /// Unit, where the value has one.
    #[serde(default)]
    pub unit: Option<String>,
    /// Clause of the regulation or form it rests on.
    #[serde(default)]
    pub clause: Option<String>,
    /// Figures of other tables that it is the sum of: the first of these that prints all of them.
    #[serde(default)]
    pub from: Vec<Figures>,
    /// Columns of the same table that it is a share of.
    #[serde(default)]
    pub share: Option<Share>,
}

/// Figures of another table: one, or several that are added up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The table.
    pub table: String,
    /// Items, channels or indicators.
    pub items: Vec<String>,
    /// Column.
    pub column: String,
}

/// The sum of some columns as a part of another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The part.
    pub of: Vec<String>,
    /// The whole.
    #[serde(rename = "in")]
    pub within: String,
}

/// Column types. Text is UTF-8; decimals are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// 16-bit integer.
    Int16,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// True or false.
    Bool,
    /// Calendar date.
    Date,
    /// Microseconds, UTC.
    Timestamp,
    /// DECIMAL(20,2)
    Decimal2,
    /// DECIMAL(20,4)
    Decimal4,
    /// DECIMAL(20,6)
    Decimal6,
}

pub(crate) fn load(source: &Source) -> Result<Vec<TableSpec>> {
    let mut tables = Vec::new();
    for path in source.paths("tables/", ".toml") {
        let table: TableSpec = source.toml(path)?;
        for key in &table.sort {
            if !table.columns.iter().any(|c| c.name == *key) {
                bail!("data/{path}: sort column {key} does not exist");
            }
        }
        let has = |name: &String| table.columns.iter().any(|c| c.name == *name);
        for share in table.columns.iter().filter_map(|c| c.share.as_ref()) {
            if let Some(name) = share.of.iter().chain([&share.within]).find(|name| !has(name)) {
                bail!("data/{path}: a share of column {name}, which does not exist");
            }
        }
        tables.push(table);
    }
    tables.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
    Ok(tables)
}
