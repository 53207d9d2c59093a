//! `CITATION.cff`, Citation File Format 1.2.0.

use super::Facts;
use serde_json::Value;

/// YAML whose values are written as JSON texts, which YAML reads as they are.
pub(crate) fn cff(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let text = |t: &str| Value::from(t.trim()).to_string();
    let mut yaml = format!(
        "cff-version: 1.2.0\nmessage: {}\ntype: dataset\ntitle: {}\nabstract: {}\nversion: {}\ndate-released: {}\nlicense: {}\n",
        text("If you use these data, please cite them as below."),
        text(&about.title),
        text(&about.summary),
        text(facts.version),
        facts.date,
        about.licence.data.spdx,
    );
    for (key, value) in [("url", &about.url), ("doi", &about.doi)] {
        if !value.is_empty() {
            yaml.push_str(&format!("{key}: {}\n", text(value)));
        }
    }
    yaml.push_str("authors:\n");
    for creator in &about.creators {
        // A person is written `Family, Given`; everything else is a body.
        match creator.name.split_once(", ") {
            Some((family, given)) => {
                yaml.push_str(&format!(
                    "  - family-names: {}\n    given-names: {}\n",
                    text(family),
                    text(given)
                ));
            }
            None => yaml.push_str(&format!("  - name: {}\n", text(&creator.name))),
        }
        if !creator.affiliation.is_empty() {
            yaml.push_str(&format!("    affiliation: {}\n", text(&creator.affiliation)));
        }
        if !creator.orcid.is_empty() {
            yaml.push_str(&format!("    orcid: {}\n", text(&format!("https://orcid.org/{}", creator.orcid))));
        }
    }
    // The date is that of the data, the year to cite that of the version.
    let authors = yaml.split_once("authors:\n").map_or("", |(_, rest)| rest).to_owned();
    let authors: String = authors.lines().map(|line| format!("  {line}\n")).collect();
    let preferred = format!(
        "preferred-citation:\n  type: data\n  title: {}\n  version: {}\n  year: {}\n  authors:\n{authors}",
        text(&about.title),
        text(facts.version),
        super::About::year(facts.version, &facts.date),
    );
    yaml.push_str("keywords:\n");
    about.keywords.iter().for_each(|k| yaml.push_str(&format!("  - {}\n", text(k))));
    yaml + &preferred
}
