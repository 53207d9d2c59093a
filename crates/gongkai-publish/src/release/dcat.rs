//! `dcat.jsonld`: the dataset for catalogues, DCAT-AP 3. Its context is inside, so that no reader needs the network.

use super::{Facts, pretty};
use gongkai_store::Layout;
use serde_json::{Value, json};

const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";

pub(crate) fn json(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let agent = |name: &str| json!({ "@type": "foaf:Agent", "foaf:name": name });
    let in_both = |en: &str, zh: &str| json!([{ "@value": en, "@language": "en" }, { "@value": zh, "@language": "zh" }]);
    let mut dataset = json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "owl": "http://www.w3.org/2002/07/owl#",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": if about.url.is_empty() { "./" } else { about.url.as_str() },
        "@type": "dcat:Dataset",
        "dct:title": in_both(&about.title, &about.title_zh),
        "dct:description": { "@value": about.summary.trim(), "@language": "en" },
        "dct:identifier": format!("{}-{}", about.name, facts.version),
        "dcat:version": facts.version,
        "dct:issued": { "@value": facts.date, "@type": "xsd:date" },
        "dct:publisher": agent(&about.publisher.name),
        "dct:creator": about.creators.iter().map(|c| agent(&c.name)).collect::<Vec<_>>(),
        "dct:language": { "@id": format!("{AUTHORITY}/language/ZHO") },
        "dct:spatial": { "@id": format!("{AUTHORITY}/country/CHN") },
        "dcat:theme": { "@id": format!("{AUTHORITY}/data-theme/{}", about.theme) },
        "dct:accessRights": { "@id": format!("{AUTHORITY}/access-right/PUBLIC") },
        "dct:accrualPeriodicity": { "@id": format!("{AUTHORITY}/frequency/IRREG") },
        "dcat:keyword": about.keywords,
        "dcat:distribution": distributions(facts),
    });
    if let Some((first, last)) = facts.counts.span() {
        let date = |d: String| json!({ "@value": d, "@type": "xsd:date" });
        dataset["dct:temporal"] = json!({
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": date(format!("{first}-01-01")),
            "dcat:endDate": date(format!("{last}-12-31")),
        });
    }
    pretty(&dataset)
}

/// One a table, and one a CSV twin.
fn distributions(facts: &Facts<'_>) -> Vec<Value> {
    let licence = json!({ "@id": facts.about.licence.data.url });
    let media = |kind: &str| json!({ "@id": format!("https://www.iana.org/assignments/media-types/{kind}") });
    let mut all: Vec<Value> = Vec::new();
    for table in facts.tables {
        let name = &table.spec.name;
        let bytes: u64 = table.files.iter().map(|f| f.bytes).sum();
        let place = match facts.layout {
            Layout::Partitioned => format!("{name}/"),
            Layout::Flat => format!("{name}.parquet"),
            Layout::Archives => format!("{name}.tar.zst"),
        };
        let mut one = json!({
            "@type": "dcat:Distribution",
            "dct:title": { "@value": format!("{name} (Parquet)"), "@language": "en" },
            "dct:description": { "@value": table.spec.en, "@language": "en" },
            "dcat:accessURL": { "@id": place },
            "dct:license": licence,
            "dcat:mediaType": media("application/vnd.apache.parquet"),
            "dct:format": { "@id": format!("{AUTHORITY}/file-type/PARQUET") },
        });
        if let (Layout::Flat, [file]) = (facts.layout, table.files.as_slice()) {
            one["dcat:downloadURL"] = json!({ "@id": file.path });
            one["spdx:checksum"] = checksum(&file.sha256);
        }
        // An archive's own size is not the tables'.
        if facts.layout != Layout::Archives {
            one["dcat:byteSize"] = json!({ "@value": bytes.to_string(), "@type": "xsd:nonNegativeInteger" });
        }
        all.push(one);
    }
    for file in facts.csv {
        all.push(json!({
            "@type": "dcat:Distribution",
            "dct:title": { "@value": format!("{} (CSV, compressed)", file.path), "@language": "en" },
            "dcat:accessURL": { "@id": file.path },
            "dcat:downloadURL": { "@id": file.path },
            "dct:license": licence,
            "dcat:mediaType": media("text/csv"),
            "dcat:compressFormat": media("application/zstd"),
            "dcat:byteSize": { "@value": file.bytes.to_string(), "@type": "xsd:nonNegativeInteger" },
            "spdx:checksum": checksum(&file.sha256),
        }));
    }
    all
}

fn checksum(sha256: &str) -> Value {
    json!({
        "@type": "spdx:Checksum",
        "spdx:algorithm": { "@id": "spdx:checksumAlgorithm_sha256" },
        "spdx:checksumValue": sha256,
    })
}
