//! `croissant.json`, MLCommons Croissant 1.0: what loads the tables record by record.
//!
//! `application/x-parquet` and patterns from the folder down are what readers load: with `application/vnd.apache.parquet` or a
//! pattern of names alone they validate, and then have no records.

use super::tables::Table;
use super::{Facts, pretty};
use crate::dictionary::partitions;
use gongkai_registry::ColumnType;
use gongkai_store::Layout;
use serde_json::{Value, json};

pub(crate) fn json(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let agent = |a: &super::Agent| {
        let kind = if a.name.contains(", ") { "sc:Person" } else { "sc:Organization" };
        json!({ "@type": kind, "name": a.name })
    };
    let distribution: Vec<Value> = facts.tables.iter().map(|t| source(facts, t)).collect();
    let records: Vec<Value> = facts.tables.iter().map(|t| records(facts, t)).collect();
    let mut dataset = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "alternateName": [about.title, about.title_zh],
        "description": format!("{}\n\n{}", about.summary.trim(), about.why.trim()),
        "version": facts.version,
        "datePublished": facts.date,
        "license": about.licence.data.url,
        "citeAs": about.citation(facts.version, &facts.date),
        "keywords": about.keywords,
        "inLanguage": "zh",
        "isAccessibleForFree": true,
        "creator": about.creators.iter().map(agent).collect::<Vec<_>>(),
        "publisher": agent(&about.publisher),
        "url": if about.url.is_empty() { "." } else { about.url.as_str() },
        "distribution": distribution,
        "recordSet": records,
    });
    if let Some(years) = facts.years() {
        dataset["temporalCoverage"] = json!(years);
    }
    pretty(&dataset)
}

fn source(facts: &Facts<'_>, table: &Table<'_>) -> Value {
    let name = &table.spec.name;
    match (facts.layout, table.files.first()) {
        (Layout::Flat, Some(file)) => json!({
            "@type": "cr:FileObject",
            "@id": source_id(table),
            "name": name,
            "description": table.spec.en,
            "contentUrl": file.path,
            "contentSize": format!("{} B", file.bytes),
            "encodingFormat": "application/x-parquet",
            "sha256": file.sha256,
        }),
        _ => json!({
            "@type": "cr:FileSet",
            "@id": source_id(table),
            "name": name,
            "description": table.spec.en,
            "includes": facts.pattern(table),
            "encodingFormat": "application/x-parquet",
        }),
    }
}

fn source_id(table: &Table<'_>) -> String {
    format!("{}-parquet", table.spec.name)
}

fn records(facts: &Facts<'_>, table: &Table<'_>) -> Value {
    let name = &table.spec.name;
    let kind = if facts.layout == Layout::Flat { "fileObject" } else { "fileSet" };
    let of = json!({ "@id": source_id(table) });
    let mut fields: Vec<Value> = table
        .spec
        .columns
        .iter()
        .map(|c| {
            json!({
                "@type": "cr:Field",
                "@id": format!("{name}/{}", c.name),
                "name": c.name,
                "description": format!("{} ({})", c.en, c.zh),
                "dataType": data_type(c.kind),
                "source": { kind: of, "extract": { "column": c.name } },
            })
        })
        .collect();
    for (column, data_type) in partitions().iter().zip(["sc:Integer", "sc:Text"]) {
        let source = json!({ kind: of, "extract": { "column": column.name } });
        fields.push(json!({
            "@type": "cr:Field",
            "@id": format!("{name}/{}", column.name),
            "name": column.name,
            "description": format!("{} ({})", column.en, column.zh),
            "dataType": data_type,
            "source": source,
        }));
    }
    json!({
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": format!("{}: {}. {} rows.", table.spec.en, table.spec.grain, table.rows),
        "field": fields,
    })
}

fn data_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "sc:Text",
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => "sc:Integer",
        ColumnType::Bool => "sc:Boolean",
        ColumnType::Date => "sc:Date",
        ColumnType::Timestamp => "sc:DateTime",
        // Croissant has no exact decimals.
        ColumnType::Decimal2 | ColumnType::Decimal4 | ColumnType::Decimal6 => "sc:Float",
    }
}

/// The context that the specification gives for version 1.0.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform"
    })
}
