//! Series over all years: which indicators of the old tables go on in which items of the later forms.
//! `data/crosswalk/<view>.toml`; the DuckDB view of that name and the page about it follow from the file.

use crate::source::Source;
use crate::views::ViewColumn;
use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One view of series.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// Name of the view.
    pub view: String,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
    /// Its columns that no table has.
    #[serde(rename = "column")]
    pub columns: Vec<ViewColumn>,
    /// Years from which figures are counted otherwise than before, in order.
    #[serde(rename = "break")]
    pub breaks: Vec<Break>,
    /// The series.
    pub series: Vec<Series>,
}

/// A year from which figures are counted otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// First report year.
    pub year: i16,
    /// What changed, in Chinese.
    pub zh: String,
    /// What changed, in English.
    pub en: String,
}

/// One series.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Code, written to the column `series`.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Where its figures stand.
    #[serde(rename = "source")]
    pub sources: Vec<SeriesSource>,
}

/// Where the figures of a series stand in one output table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSource {
    /// Output table.
    pub table: String,
    /// Indicators, items or channels; of several the sum.
    pub items: Vec<String>,
    /// Column.
    pub column: String,
    /// `same` where it is the same count by the forms' own words, `near` where a break is known.
    pub comparability: Comparability,
    /// What is counted.
    pub note: String,
}

/// How far the figures of a series can be compared over its breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparability {
    /// The same count.
    Same,
    /// Nearly the same.
    Near,
}

impl Comparability {
    /// The name used in the view.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Near => "near",
        }
    }
}

pub(crate) fn load(source: &Source) -> Result<Vec<Crosswalk>> {
    source
        .paths("crosswalk/", ".toml")
        .map(|path| one(source, path).with_context(|| format!("data/{path}")))
        .collect()
}

fn one(source: &Source, path: &str) -> Result<Crosswalk> {
    let crosswalk: Crosswalk = source.toml(path)?;
    if !crosswalk.breaks.is_sorted_by_key(|b| b.year) {
        bail!("the breaks are not in order");
    }
    let name = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.');
    for series in &crosswalk.series {
        let codes = series.sources.iter().flat_map(|s| s.items.iter().chain([&s.table, &s.column]));
        if let Some(bad) = codes.chain([&series.code, &crosswalk.view]).find(|t| !name(t)) {
            bail!("series {}: {bad} is no code", series.code);
        }
        if series.sources.iter().any(|s| s.items.is_empty()) {
            bail!("series {}: a source without items", series.code);
        }
    }
    Ok(crosswalk)
}
