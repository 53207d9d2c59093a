//! `ro-crate-metadata.json`, RO-Crate 1.1: the folder as a research object.

use super::folder::Written;
use super::{Facts, pretty};
use gongkai_store::{BY_YEAR, Layout};
use serde_json::{Value, json};

pub(crate) fn json(facts: &Facts<'_>, files: &[Written]) -> String {
    let about = facts.about;
    let id = |i: &str| json!({ "@id": i });
    let (data, software) = (&about.licence.data, &about.licence.software);
    // Folders of a table are one part of the crate; everything else is named by itself.
    let in_folder = |f: &&Written| f.path.contains('/');
    let mut parts: Vec<Value> = Vec::new();
    let mut entities: Vec<Value> = Vec::new();
    for table in facts.tables {
        let (place, kind) = match facts.layout {
            Layout::Flat => continue,
            Layout::Archives => (format!("{}.tar.zst", table.spec.name), "File"),
            Layout::Partitioned => (format!("{}/", table.spec.name), "Dataset"),
        };
        parts.push(id(&place));
        entities.push(json!({
            "@id": place,
            "@type": kind,
            "name": table.spec.name,
            "description": format!("{}: {}. {} rows in {} Parquet files.", table.spec.en, table.spec.grain, table.rows, table.files.len()),
        }));
    }
    if facts.layout == Layout::Partitioned {
        let place = format!("{BY_YEAR}/");
        parts.push(id(&place));
        let description = "The rows of all tables once more, all regions of a year in one file.";
        entities
            .push(json!({ "@id": place, "@type": "Dataset", "name": BY_YEAR, "description": description }));
    }
    for file in files.iter().filter(|f| !in_folder(f)) {
        parts.push(id(&file.path));
        entities.push(json!({
            "@id": file.path,
            "@type": "File",
            "name": file.path,
            "contentSize": file.bytes.to_string(),
            "sha256": file.sha256,
            "encodingFormat": encoding(&file.path),
        }));
    }
    let creators: Vec<Value> = (0..about.creators.len()).map(|n| id(&format!("#creator-{n}"))).collect();
    for (n, creator) in about.creators.iter().enumerate() {
        let kind = if creator.name.contains(", ") { "Person" } else { "Organization" };
        entities.push(json!({ "@id": format!("#creator-{n}"), "@type": kind, "name": creator.name }));
    }
    let mut root = json!({
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "alternateName": about.title_zh,
        "description": about.summary.trim(),
        "version": facts.version,
        "datePublished": facts.date,
        "license": id(&data.url),
        "keywords": about.keywords,
        "inLanguage": "zh",
        "author": creators,
        "publisher": id("#publisher"),
        "citation": about.citation(facts.version, &facts.date),
        "hasPart": parts,
        "mentions": id("#release"),
    });
    if let Some(years) = facts.years() {
        root["temporalCoverage"] = json!(years);
    }
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": id("./"),
            "conformsTo": id("https://w3id.org/ro/crate/1.1"),
        }),
        root,
        json!({ "@id": "#publisher", "@type": "Organization", "name": about.publisher.name }),
        json!({ "@id": data.url, "@type": "CreativeWork", "name": data.name, "description": data.note.trim() }),
        json!({
            "@id": "#gongkai",
            "@type": "SoftwareApplication",
            "name": "gongkai",
            "softwareVersion": facts.tool_version,
            "license": software.spdx,
        }),
        json!({
            "@id": "#release",
            "@type": "CreateAction",
            "name": facts.command,
            "instrument": id("#gongkai"),
            "object": id("PROVENANCE"),
            "result": id("./"),
        }),
    ];
    graph.extend(entities);
    pretty(&json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph }))
}

/// Media types by the name's end.
const ENCODINGS: [(&str, &str); 10] = [
    (".parquet", "application/vnd.apache.parquet"),
    (".zst", "application/zstd"),
    (".gz", "application/gzip"),
    (".md", "text/markdown"),
    (".html", "text/html"),
    (".jsonld", "application/ld+json"),
    (".json", "application/json"),
    ("PROVENANCE", "application/json"),
    (".cff", "application/yaml"),
    (".sql", "application/sql"),
];

fn encoding(path: &str) -> &'static str {
    ENCODINGS.iter().find(|(end, _)| path.ends_with(end)).map_or("text/plain", |(_, kind)| kind)
}
