//! `.zenodo.json`: what Zenodo fills its form with.

use super::{Facts, pretty};
use serde_json::{Value, json};

pub(crate) fn json(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let creators: Vec<Value> = about
        .creators
        .iter()
        .map(|c| {
            let mut creator = json!({ "name": c.name });
            for (key, value) in [("affiliation", &c.affiliation), ("orcid", &c.orcid)] {
                if !value.is_empty() {
                    creator[key] = json!(value);
                }
            }
            creator
        })
        .collect();
    let mut notes = format!("Software: {}. {}", about.licence.software.name, about.licence.data.note.trim());
    if !facts.breaches.is_empty() {
        notes.push_str(" Released in spite of breached expectations; see README.md.");
    }
    let mut all = json!({
        "title": about.title,
        "upload_type": "dataset",
        "description": format!("<p>{}</p><p>{}</p>", html(&about.summary), html(&about.why)),
        "creators": creators,
        "access_right": "open",
        "license": about.licence_id(),
        "keywords": about.keywords,
        "language": "zho",
        "version": facts.version,
        "publication_date": facts.date,
        "notes": notes,
    });
    if !about.previous_doi.is_empty() {
        let related = json!({ "identifier": about.previous_doi, "relation": "isNewVersionOf", "resource_type": "dataset" });
        all["related_identifiers"] = json!([related]);
    }
    pretty(&all)
}

fn html(text: &str) -> String {
    text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
