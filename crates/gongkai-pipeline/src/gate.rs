//! What a snapshot must be like to be published: expectations, and where they are waived.

mod measured;
pub(crate) mod rules;

use crate::meet::Missing;
use gongkai_store::{Draft, RowQuery, Snapshot, Store, StoreError};
use measured::{Measured, Survey};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::time::SystemTime;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Rows of a table.
    Rows,
    /// Rows of a table, as a multiple of those in the published snapshot.
    Change,
    /// Share of rows of a table in which a column is filled.
    Fill,
    /// Share of reports with statutory tables in which every sum holds (no finding GK401).
    IdentityPass,
    /// Share of reports whose year and region are known.
    Resolved,
    /// Share of what was met for the published snapshot (or since) that this run did not meet.
    Absent,
    /// Share of captures that could not be read or failed.
    Unreadable,
    /// Share of captures that are no report.
    NotAReport,
    /// Rows of a table of a year, as a multiple of the most that was known of it or of the year before.
    Growth,
    /// Share of the figures of a table that are 0.
    Zeros,
    /// Share of the printed cells of a table that are a dash.
    Dashes,
    /// Median of the figures above 0, as a multiple of what it was.
    Median,
}

impl Measure {
    /// All of them, in the order of `data/nights/measures.toml`.
    pub const ALL: [Self; 12] = [
        Self::Rows,
        Self::Change,
        Self::Growth,
        Self::Fill,
        Self::Zeros,
        Self::Dashes,
        Self::Median,
        Self::IdentityPass,
        Self::Resolved,
        Self::Absent,
        Self::Unreadable,
        Self::NotAReport,
    ];

    /// As files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Change => "change",
            Self::Growth => "growth",
            Self::Fill => "fill",
            Self::Zeros => "zeros",
            Self::Dashes => "dashes",
            Self::Median => "median",
            Self::IdentityPass => "identity_pass",
            Self::Resolved => "resolved",
            Self::Absent => "absent",
            Self::Unreadable => "unreadable",
            Self::NotAReport => "not_a_report",
        }
    }
}

/// A group within a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Every year by itself.
    Year,
    /// Every region by itself.
    Region,
}

/// What is expected.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What is measured.
    pub measure: Measure,
    /// Of which table; `reports` unless said.
    #[serde(default = "reports")]
    pub table: String,
    /// Of each of these tables, in a pipeline file: whoever reads one makes an expectation of each.
    #[serde(default, skip_serializing)]
    pub tables: Vec<String>,
    /// Of which column, for `fill`.
    pub column: Option<String>,
    /// Only this year.
    pub year: Option<i16>,
    /// Only this region.
    pub region: Option<String>,
    /// Every year, every region, or every pair of them by itself.
    #[serde(default)]
    pub each: Vec<Each>,
    /// Groups with fewer rows (in the published snapshot, for `change`) are not looked at: small numbers jump.
    #[serde(default)]
    pub at_least: u64,
    /// Compared with the snapshot that was published so many days ago; 0 is the published one. Shares are then told as a difference.
    pub days: Option<u16>,
    /// Only of captures that the published snapshot did not know.
    #[serde(default)]
    pub new: bool,
    /// Not less than this.
    pub min: Option<f64>,
    /// Not more than this.
    pub max: Option<f64>,
}

fn reports() -> String {
    "reports".to_owned()
}

/// Where a breach is known and accepted.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Of which measure.
    pub measure: Measure,
    /// Of which table; any, unless said.
    pub table: Option<String>,
    /// Of which year.
    pub year: Option<i16>,
    /// Of which region.
    pub region: Option<String>,
    /// Why, for those who come after.
    pub reason: String,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breach {
    /// What was measured.
    pub measure: Measure,
    /// Of which table.
    pub table: String,
    /// Of which column, or item and column.
    pub column: Option<String>,
    /// Year of the group; `None` is all.
    pub year: Option<i16>,
    /// Region of the group.
    pub region: Option<String>,
    /// Since how many days, where it was compared.
    #[serde(default)]
    pub days: Option<u16>,
    /// Whether it was measured of new captures only.
    #[serde(default)]
    pub new: bool,
    /// What was measured.
    pub value: f64,
    /// What was expected.
    pub min: Option<f64>,
    /// What was expected.
    pub max: Option<f64>,
    /// Why it is accepted, where it is.
    pub waived: Option<String>,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let new = if self.new { "new " } else { "" };
        write!(f, "{} of {new}{}", self.measure.as_str(), self.table)?;
        if let Some(column) = &self.column {
            write!(f, ".{column}")?;
        }
        if let Some(year) = self.year {
            write!(f, ", year {year}")?;
        }
        if let Some(region) = &self.region {
            write!(f, ", region {region}")?;
        }
        match self.days {
            Some(0) => f.write_str(", against the published snapshot,")?,
            Some(days) => write!(f, ", against {days} days before,")?,
            None => {}
        }
        write!(f, " is {:.4}, expected", self.value)?;
        if let Some(min) = self.min {
            write!(f, " at least {min}")?;
        }
        if let Some(max) = self.max {
            write!(f, " at most {max}")?;
        }
        if let Some(why) = &self.waived {
            write!(f, " (waived: {why})")?;
        }
        Ok(())
    }
}

/// Year and region; `None` is all of them.
type Group = (Option<i16>, Option<String>);

/// All expectations of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gate {
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// What is accepted anyway.
    pub waivers: Vec<Waiver>,
}

impl Gate {
    /// What does not hold of the inputs that a run met, whatever the snapshot is like.
    pub(crate) fn inputs(&self, of: Missing) -> Vec<Breach> {
        let share = of.missing as f64 / (of.expected as f64).max(1.0);
        let absent = self.expectations.iter().filter(|e| e.measure == Measure::Absent);
        absent.filter_map(|e| self.judge(e, (None, None), share)).collect()
    }

    /// What does not hold of a snapshot before it is published into a store, sorted. Drift is measured from what was published so many
    /// days ago by the clock: no byte of the data depends on it.
    ///
    /// # Errors
    /// When a file of the snapshot cannot be read.
    pub fn snapshot(&self, draft: &Draft<'_>, store: &Store) -> Result<Vec<Breach>, StoreError> {
        let survey = Survey::new(draft, store, SystemTime::now());
        let mut breaches = Vec::new();
        for expectation in &self.expectations {
            for Measured { group, value, cell } in survey.measure(expectation)? {
                let breach = self.judge(expectation, group, value);
                breaches.extend(breach.map(|b| Breach { column: cell.or(b.column.clone()), ..b }));
            }
        }
        Ok(breaches)
    }

    fn judge(&self, expected: &Expectation, (year, region): Group, value: f64) -> Option<Breach> {
        let fits = expected.min.is_none_or(|min| value >= min) && expected.max.is_none_or(|max| value <= max);
        let covers = |w: &&Waiver| {
            w.measure == expected.measure
                && w.table.as_ref().is_none_or(|t| *t == expected.table)
                && (w.year.is_none() || w.year == year)
                && (w.region.is_none() || w.region == region)
        };
        let waived = self.waivers.iter().find(covers).map(|w| w.reason.clone());
        (!fits).then(|| Breach {
            measure: expected.measure,
            table: expected.table.clone(),
            column: expected.column.clone(),
            waived,
            year,
            region,
            days: expected.days,
            new: expected.new,
            value,
            min: expected.min,
            max: expected.max,
        })
    }
}

impl Expectation {
    /// The group that a partition belongs to; `None` when the expectation is not about it.
    fn group(&self, year: i16, region: &str) -> Option<Group> {
        let wanted =
            self.year.is_none_or(|y| y == year) && self.region.as_deref().is_none_or(|r| r == region);
        let each_year = self.year.is_some() || self.each.contains(&Each::Year);
        let each_region = self.region.is_some() || self.each.contains(&Each::Region);
        wanted.then(|| (each_year.then_some(year), each_region.then(|| region.to_owned())))
    }

    /// The group that is there even if nothing falls into it.
    fn named(&self) -> Option<Group> {
        self.each.is_empty().then(|| (self.year, self.region.clone()))
    }
}

/// Captures of the published snapshot that a new one would not have, as a breach of `absent`.
pub(crate) fn lost(draft: &Draft<'_>) -> Result<Option<Breach>, StoreError> {
    let names = |snapshot: &Snapshot| {
        let mut names: HashSet<String> = HashSet::new();
        let query = RowQuery { table: "captures", columns: &["container"], ..RowQuery::default() };
        snapshot.each(&query, |row| names.extend(row.text("container").map(str::to_owned)))?;
        Ok::<_, StoreError>(names)
    };
    let Some(parent) = draft.parent else { return Ok(None) };
    let (before, now) = (names(parent)?, names(draft.snapshot)?);
    let lost = before.difference(&now).count();
    Ok((lost > 0).then(|| Breach {
        measure: Measure::Absent,
        table: "captures".to_owned(),
        column: None,
        year: None,
        region: None,
        days: None,
        new: false,
        value: lost as f64 / before.len() as f64,
        min: None,
        max: Some(0.0),
        waived: None,
    }))
}
