//! How pages say who reports, for where and when, and what other documents say instead: `data/resolve/`.

use crate::gazetteer::Level;
use crate::source::Source;
use anyhow::{Result, bail};
use serde::Deserialize;

/// What a labelled field says; see `data/resolve/labels.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SaysOf {
    Title,
    PageTitle,
    Publisher,
    Source,
    Author,
    SiteName,
    Sponsor,
    Address,
    SiteCode,
    Icp,
    Police,
    Index,
    Published,
    Period,
    Url,
    Other,
}

impl SaysOf {
    /// Whether the value names a body: who published, wrote or runs what.
    pub fn names_body(self) -> bool {
        matches!(self, Self::Publisher | Self::Source | Self::Author | Self::Sponsor | Self::SiteName)
    }
}

/// A label and what the value behind it says.
#[derive(Debug, Clone)]
pub struct FieldLabel {
    /// As printed, or the name of a metadata element.
    pub word: String,
    /// What the value is.
    pub says: SaysOf,
    /// Behind another character it is a word of its own.
    pub alone: bool,
    /// No colon need stand behind it.
    pub bare: bool,
}

/// Words of titles; see `data/resolve/titles.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Titles {
    pub subjects: Vec<String>,
    pub disclosure: Vec<String>,
    pub torn: (String, String),
    pub offices: Vec<String>,
    pub reports: Vec<String>,
    pub reports_in_front: Vec<String>,
    pub behind_year: Vec<String>,
    pub annual: Vec<String>,
    pub other_reports: Vec<String>,
    pub outline: Vec<Vec<String>>,
    pub fronts: Vec<String>,
    pub backs: Vec<String>,
    pub fillers: Vec<char>,
    pub sentences: Vec<String>,
    pub publishing: Vec<String>,
    pub stops: Vec<String>,
}

/// Words of sentences that name the agency or its place; see `data/resolve/sentences.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Sentences {
    pub announcing: Vec<String>,
    pub compiled_by: Vec<String>,
    pub compiled: Vec<String>,
    pub asked: Vec<String>,
    pub contacting: Vec<String>,
    pub asking: Vec<String>,
    pub offices: Vec<String>,
    pub sites: Vec<String>,
    pub having: Vec<String>,
    pub acts: Vec<String>,
    pub not_acts: Vec<String>,
    pub openings: Vec<char>,
    pub own: Vec<(String, char)>,
    pub running_on: Vec<char>,
    pub not_compiled: Vec<String>,
    pub adverbs: Vec<String>,
    pub citing: Vec<String>,
    pub not_years: Vec<String>,
}

/// Words of agencies' names; see `data/resolve/names.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NameWords {
    pub township_ends: Vec<String>,
    pub township_words: Vec<String>,
    pub street_ends: Vec<String>,
    pub township_bodies: Vec<String>,
    pub township_mentions: Vec<String>,
    pub zones_of_city: Vec<String>,
    pub generic: Vec<char>,
    pub levels: Vec<(char, Level)>,
    pub branch: Branch,
    pub endings: Vec<char>,
    pub zone_endings: Vec<char>,
    pub site_tails: Vec<String>,
    pub site_kinds: Vec<String>,
    pub advertised: Vec<String>,
    pub governments: Vec<String>,
    pub site_fronts: Vec<String>,
    pub torn: Vec<(char, char)>,
    pub ordinary: Vec<String>,
}

/// How names of branches are made; see `data/resolve/names.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Branch {
    pub body: char,
    pub ends: String,
    pub suffix: char,
}

/// A kind of document that is no report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Other {
    pub reason: String,
    #[serde(default)]
    pub begins: Vec<String>,
    #[serde(default)]
    pub ends: Vec<String>,
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default)]
    pub without_tables: bool,
    #[serde(default)]
    pub bare: bool,
    #[serde(default)]
    pub menu: bool,
}

/// Titles about reports that ask for one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Asks {
    pub reason: String,
    pub about: String,
    pub verbs: Vec<String>,
    pub says: Vec<String>,
}

/// Regulations, known by their articles.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Articles {
    pub reason: String,
    pub word: char,
    pub cited: Vec<char>,
}

/// Forms that nobody filled in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Blank {
    pub reason: String,
    pub says: Vec<String>,
}

/// Periods that are no year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PartOfYear {
    pub half_year: Vec<String>,
    pub quarter: Vec<String>,
    pub months: Vec<String>,
    pub of: Vec<String>,
}

/// Documents that are no annual report; see `data/resolve/others.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherDocuments {
    /// Words that make of the name of a report in front of them that of another document.
    pub behind: Vec<String>,
    /// Beginnings of notes on how a report was made, which make no other document of it.
    pub notes: Vec<String>,
    /// The first that fits gives the reason.
    #[serde(rename = "other")]
    pub others: Vec<Other>,
    /// Titles that ask for reports.
    pub asks: Asks,
    /// Words of news about a report, near its beginning.
    pub hearsay: Vec<String>,
    /// Forms that nobody filled in.
    pub blank: Blank,
    /// Texts in articles.
    pub articles: Articles,
    /// Statistics of a part of a year.
    pub part_of_year: PartOfYear,
}

/// How much a name says, by where it was read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AgencyWeights {
    pub title: u32,
    pub announced: u32,
    pub compiled: u32,
    pub beside: u32,
    pub signature: u32,
    pub publisher: u32,
    pub source: u32,
    pub opening: u32,
    pub contact: u32,
    pub site_publisher: u32,
    pub site_source: u32,
    pub quoted: u32,
    pub site: u32,
    pub cover: u32,
}

/// How much each piece of evidence says about the place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PlaceWeights {
    pub name: u32,
    pub other_agency: u32,
    pub host_taught: u32,
    pub cover: u32,
    pub site_code: u32,
    pub code_of_province: u32,
    pub download: u32,
    pub host_spelled: u32,
    pub host_pair: u32,
    pub host_initials: u32,
    pub address: u32,
    pub registration: u32,
    pub phone: u32,
    pub mention: u32,
    pub enough: u32,
}

/// How much each piece of evidence says about the year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct YearWeights {
    pub title: u32,
    pub period: u32,
    pub half_period: u32,
    pub damaged_period: u32,
    pub announced: u32,
    pub signature: u32,
    pub opening_sure: u32,
    pub opening: u32,
    pub published: u32,
    pub cover: u32,
    pub address: u32,
    pub path: u32,
    pub conflict: u32,
}

/// All weights; see `data/resolve/weights.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Who.
    pub agency: AgencyWeights,
    /// Where.
    pub place: PlaceWeights,
    /// When.
    pub year: YearWeights,
}

/// Everything in `data/resolve/`.
#[derive(Debug, Clone)]
pub struct Wording {
    /// Labels of fields, in the order of the file.
    pub labels: Vec<FieldLabel>,
    /// Words of titles.
    pub titles: Titles,
    /// Words of agencies' names.
    pub names: NameWords,
    /// Words of sentences.
    pub sentences: Sentences,
    /// Documents that are no report.
    pub others: OtherDocuments,
    /// How much each piece of evidence says.
    pub weights: Weights,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelFile {
    label: Vec<LabelEntry>,
    words: LabelWords,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelEntry {
    says: SaysOf,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelWords {
    alone: Vec<String>,
    bare: Vec<String>,
}

impl Wording {
    pub(crate) fn load(source: &Source) -> Result<Self> {
        let mut titles: Titles = source.toml("resolve/titles.toml")?;
        let mut sentences: Sentences = source.toml("resolve/sentences.toml")?;
        for words in [
            &mut titles.subjects,
            &mut titles.reports,
            &mut sentences.announcing,
            &mut sentences.offices,
            &mut sentences.sites,
        ] {
            longest_first(words);
        }
        Ok(Self {
            labels: labels(source)?,
            titles,
            names: source.toml("resolve/names.toml")?,
            sentences,
            others: source.toml("resolve/others.toml")?,
            weights: source.toml("resolve/weights.toml")?,
        })
    }
}

/// Whatever order a file has them in, the longest word is tried first: a shorter one may stand in it.
fn longest_first(words: &mut [String]) {
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
}

fn labels(source: &Source) -> Result<Vec<FieldLabel>> {
    let file: LabelFile = source.toml("resolve/labels.toml")?;
    let mut labels: Vec<FieldLabel> = Vec::new();
    for entry in file.label {
        for word in entry.words {
            if labels.iter().any(|l| l.word == word) {
                bail!("data/resolve/labels.toml: {word} occurs twice");
            }
            let (alone, bare) = (file.words.alone.contains(&word), file.words.bare.contains(&word));
            labels.push(FieldLabel { word, says: entry.says, alone, bare });
        }
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use crate::Registry;

    #[test]
    fn no_word_is_empty_and_the_longest_come_first() {
        let wording = &Registry::embedded().wording;
        assert!(wording.labels.len() > 60 && wording.labels.iter().all(|l| !l.word.is_empty()));
        let lists = [&wording.titles.reports, &wording.sentences.announcing, &wording.sentences.offices];
        for words in lists {
            assert!(words.windows(2).all(|w| w[0].len() >= w[1].len() && !w[1].is_empty()));
        }
    }
}
