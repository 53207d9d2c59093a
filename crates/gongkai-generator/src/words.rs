//! Words for the rest of the report: `data/words.toml`.

use fastrand::Rng;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) agencies: Vec<String>,
    pub(crate) provincial: Vec<String>,
    pub(crate) departments: Vec<String>,
    pub(crate) titles: Vec<String>,
    pub(crate) preamble: Vec<String>,
    pub(crate) part_titles: Vec<String>,
    /// Words in the place of one of a head.
    pub(crate) other_heads: Vec<String>,
    /// Captions above a table whose figures are not those of the year.
    pub(crate) other_captions: Vec<String>,
    pub(crate) part_preamble: Vec<String>,
    pub(crate) headings: BTreeMap<String, Vec<String>>,
    pub(crate) sentences: BTreeMap<String, Vec<String>>,
    pub(crate) tales: Tales,
    pub(crate) notes: Notes,
    pub(crate) pinyin: BTreeMap<char, String>,
    pub(crate) lookalikes: BTreeMap<char, char>,
    pub(crate) radicals: BTreeMap<char, char>,
}

/// Parts of sentences that tell of invented work, so that no two agencies tell the same unless they copy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tales {
    when: Vec<String>,
    who: Vec<String>,
    did: Vec<String>,
    what: Vec<String>,
    how: Vec<String>,
}

impl Tales {
    /// A sentence.
    pub(crate) fn sentence(&self, rng: &mut Rng) -> String {
        let part = |list: &[String], rng: &mut Rng| pick(list, rng).to_owned();
        let mut text = part(&self.when, rng);
        for list in [&self.who, &self.did, &self.what, &self.how] {
            text.push_str(&part(list, rng));
        }
        text
    }
}

/// Remarks in tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notes {
    pub(crate) label: Vec<String>,
    pub(crate) value: Vec<String>,
    pub(crate) numbered: Vec<String>,
    pub(crate) foot: Vec<String>,
    pub(crate) unit: Vec<String>,
    pub(crate) label_explained: Vec<String>,
    pub(crate) head_explained: Vec<String>,
    pub(crate) extra_rows: Vec<String>,
}

impl Words {
    #[allow(clippy::expect_used)]
    pub(crate) fn get() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            toml::from_str(include_str!("../data/words.toml")).expect("data/words.toml is well-formed")
        })
    }
}

/// One of a list; empty for an empty list.
pub(crate) fn pick<'a>(list: &'a [String], rng: &mut Rng) -> &'a str {
    rng.choice(list).map_or("", String::as_str)
}

/// A template with every `{n}` replaced by another number.
pub(crate) fn numbered(template: &str, rng: &mut Rng) -> String {
    let mut parts = template.split("{n}");
    let mut text = parts.next().unwrap_or("").to_owned();
    for part in parts {
        text.push_str(&rng.u32(1..400).to_string());
        text.push_str(part);
    }
    text
}
