//! `datapackage.json`, Frictionless Data Package v2, and the schema of each table in a file of its own.
//!
//! Every file is a resource of `type: file`: validators check hashes of those only. Parquet files are also resources of `type: table`, with
//! the schema of their columns.

use super::folder::Folder;
use super::tables::Table;
use super::{Facts, ReleaseError, pretty};
use crate::dictionary::partitions;
use gongkai_registry::{ColumnSpec, ColumnType};
use gongkai_store::Layout;
use serde_json::{Value, json};

pub(crate) fn write(facts: &Facts<'_>, folder: &Folder) -> Result<(), ReleaseError> {
    for table in facts.tables {
        folder.write(&schema_name(table), &pretty(&schema(facts, table)))?;
    }
    let mut resources = Vec::new();
    for table in facts.tables {
        for file in &table.files {
            resources.push(json!({
                "name": format!("{}-table", slug(&file.path)),
                "type": "table",
                "title": table.spec.en,
                "path": file.path,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "schema": schema_name(table),
            }));
        }
    }
    for file in folder.files() {
        resources.push(json!({
            "name": slug(&file.path),
            "type": "file",
            "path": file.path,
            "bytes": file.bytes,
            "hash": format!("sha256:{}", file.sha256),
        }));
    }
    let about = facts.about;
    let contributor = |a: &super::Agent, role: &str| json!({ "title": a.name, "roles": [role] });
    let mut contributors: Vec<Value> = about.creators.iter().map(|c| contributor(c, "author")).collect();
    contributors.push(contributor(&about.publisher, "publisher"));
    let licence = &about.licence.data;
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": about.name,
        "title": about.title,
        "description": format!("{}\n\n{}", about.summary.trim(), about.why.trim()),
        "version": facts.version,
        "created": format!("{}T00:00:00Z", facts.date),
        "keywords": about.keywords,
        "licenses": [{ "name": licence.spdx, "title": licence.name, "path": licence.url }],
        "contributors": contributors,
        "resources": resources,
    });
    if !about.url.is_empty() {
        package["homepage"] = json!(about.url);
    }
    folder.write("datapackage.json", &pretty(&package))
}

fn schema_name(table: &Table<'_>) -> String {
    format!("{}.schema.json", table.spec.name)
}

/// Small letters, digits, `-`, `_`, `.`: what a resource may be called.
fn slug(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    path.to_lowercase().chars().map(|c| if plain(c) { c } else { '-' }).collect()
}

fn schema(facts: &Facts<'_>, table: &Table<'_>) -> Value {
    let mut fields: Vec<Value> = table.spec.columns.iter().map(field).collect();
    if facts.layout == Layout::Flat {
        for (column, kind) in partitions().iter().zip(["integer", "string"]) {
            fields.push(json!({ "name": column.name, "type": kind, "title": column.zh, "description": column.en, "constraints": { "required": true } }));
        }
    }
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        // frictionless reads Parquet by way of pandas, which shows NULL as nan and NaT.
        "missingValues": ["", "nan", "NaT"],
    })
}

fn field(column: &ColumnSpec) -> Value {
    let kind = match column.kind {
        ColumnType::Text => "string",
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => "integer",
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "datetime",
        ColumnType::Decimal2 | ColumnType::Decimal4 | ColumnType::Decimal6 => "number",
    };
    let mut field =
        json!({ "name": column.name, "type": kind, "title": column.zh, "description": column.en });
    if column.required {
        field["constraints"] = json!({ "required": true });
    }
    if let Some(unit) = &column.unit {
        field["unit"] = json!(unit);
    }
    field
}
