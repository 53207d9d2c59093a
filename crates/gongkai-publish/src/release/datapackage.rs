//! `datapackage.json`, Frictionless Data Package v2, and the schema of each table in a file of its own.
//!
//! A table is one resource of `type: table`, with the schema of its columns, its primary key and the rows of other tables it names; every
//! file that is no table is a resource of `type: file`. Of several Parquet files frictionless reads the first and says nothing: so the
//! resource is the CSV wherever there is one.

use super::csv::twin_of;
use super::folder::{Folder, Written};
use super::tables::Table;
use super::{Facts, ReleaseError, pretty};
use crate::dictionary::partitions;
use gongkai_registry::{ColumnSpec, ColumnType};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) fn write(facts: &Facts<'_>, folder: &Folder) -> Result<(), ReleaseError> {
    for table in facts.tables {
        folder.write(&schema_name(table), &pretty(&schema(facts, table)))?;
    }
    let mut resources: Vec<Value> = facts.tables.iter().map(|t| resource(facts, t)).collect();
    let parquet = facts.tables.iter().flat_map(|t| t.files.iter().chain(&t.by_year));
    let of_tables: BTreeSet<&str> = parquet.chain(facts.csv).map(|f| f.path.as_str()).collect();
    for file in folder.files().iter().filter(|f| !of_tables.contains(f.path.as_str())) {
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

/// The CSV of a table.
fn twin<'a>(facts: &'a Facts<'_>, table: &Table<'_>) -> Option<&'a Written> {
    facts.csv.iter().find(|f| f.path == twin_of(&table.spec.name))
}

/// A table: its CSV, one file that programs of every kind open; of a table that has none, its Parquet files.
fn resource(facts: &Facts<'_>, table: &Table<'_>) -> Value {
    let mut resource = json!({
        "name": table.spec.name,
        "type": "table",
        "title": table.spec.en,
        "description": table.spec.grain,
        "schema": schema_name(table),
    });
    let parquet = if table.by_year.is_empty() { &table.files } else { &table.by_year };
    let set = |resource: &mut Value, pairs: Vec<(&str, Value)>| {
        pairs.into_iter().for_each(|(key, value)| resource[key] = value);
    };
    match (twin(facts, table), parquet.as_slice()) {
        (Some(file), _) => set(
            &mut resource,
            vec![
                ("path", json!(file.path)),
                ("format", json!("csv")),
                ("mediatype", json!("text/csv")),
                ("encoding", json!("utf-8")),
                ("compression", json!("gz")),
                ("bytes", json!(file.bytes)),
                ("hash", json!(format!("sha256:{}", file.sha256))),
            ],
        ),
        (None, files) => {
            let paths: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
            let path = if let [one] = paths.as_slice() { json!(one) } else { json!(paths) };
            let mediatype = json!("application/vnd.apache.parquet");
            set(&mut resource, vec![("path", path), ("format", json!("parquet")), ("mediatype", mediatype)]);
        }
    }
    resource
}

fn schema(facts: &Facts<'_>, table: &Table<'_>) -> Value {
    let mut fields: Vec<Value> = table.spec.columns.iter().map(field).collect();
    for (column, kind) in partitions().iter().zip(["integer", "string"]) {
        fields.push(json!({ "name": column.name, "type": kind, "title": column.zh, "description": column.en, "constraints": { "required": true } }));
    }
    let mut schema = json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        // frictionless reads Parquet by way of pandas, which shows NULL as nan and NaT.
        "missingValues": if twin(facts, table).is_some() { json!([""]) } else { json!(["", "nan", "NaT"]) },
    });
    let name = &table.spec.name;
    if let Some(key) = facts.about.primary_keys.get(name) {
        schema["primaryKey"] = json!(key);
    }
    let has = |column: &String| {
        let place = partitions().iter().any(|p| p.name == *column);
        place || table.spec.columns.iter().any(|c| c.name == *column)
    };
    let others = facts.about.references.iter().filter(|r| r.table != *name && r.columns.iter().all(has));
    let keys: Vec<Value> = others
        .map(|r| json!({ "fields": r.columns, "reference": { "resource": r.table, "fields": r.key } }))
        .collect();
    if !keys.is_empty() {
        schema["foreignKeys"] = json!(keys);
    }
    schema
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
    if kind == "datetime" {
        // A fraction of a second only where there is one.
        field["format"] = json!("any");
    }
    if column.required {
        field["constraints"] = json!({ "required": true });
    }
    if let Some(unit) = &column.unit {
        field["unit"] = json!(unit);
    }
    field
}
