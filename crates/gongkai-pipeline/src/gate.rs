//! What a snapshot must be like to be published: expectations, and where they are waived.

use crate::meet::Missing;
use gongkai_store::{Draft, Row, RowQuery, Snapshot, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

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
    /// Of which column.
    pub column: Option<String>,
    /// Year of the group; `None` is all.
    pub year: Option<i16>,
    /// Region of the group.
    pub region: Option<String>,
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
        let measure = format!("{:?}", self.measure).to_lowercase();
        write!(f, "{measure} of {}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ".{column}")?;
        }
        if let Some(year) = self.year {
            write!(f, ", year {year}")?;
        }
        if let Some(region) = &self.region {
            write!(f, ", region {region}")?;
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

    /// What does not hold of a snapshot before it is published, sorted.
    ///
    /// # Errors
    /// When a file of the snapshot cannot be read.
    pub fn snapshot(&self, draft: &Draft<'_>) -> Result<Vec<Breach>, StoreError> {
        let mut breaches = Vec::new();
        for expectation in &self.expectations {
            for (group, value) in measure(expectation, draft)? {
                breaches.extend(self.judge(expectation, group, value));
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
        value: lost as f64 / before.len() as f64,
        min: None,
        max: Some(0.0),
        waived: None,
    }))
}

/// Every group with what was measured of it.
fn measure(expected: &Expectation, draft: &Draft<'_>) -> Result<Vec<(Group, f64)>, StoreError> {
    let share = |part: &BTreeMap<Group, u64>, whole: &BTreeMap<Group, u64>| {
        let enough = whole.iter().filter(|(_, n)| **n >= expected.at_least.max(1));
        let share =
            |(g, n): (&Group, &u64)| (g.clone(), part.get(g).copied().unwrap_or(0) as f64 / *n as f64);
        enough.map(share).collect::<Vec<_>>()
    };
    let rows = rows(expected, &expected.table, draft.snapshot);
    Ok(match expected.measure {
        Measure::Absent => Vec::new(),
        Measure::Rows => rows.into_iter().map(|(g, n)| (g, n as f64)).collect(),
        Measure::Change => {
            let Some(parent) = draft.parent else { return Ok(Vec::new()) };
            share(&rows, &self::rows(expected, &expected.table, parent))
        }
        Measure::Fill => {
            let column = expected.column.as_deref().unwrap_or_default();
            let query = RowQuery { table: &expected.table, columns: &[column], ..RowQuery::default() };
            let filled = counted(expected, draft, &query, |r| r.get(column).is_some())?;
            share(&filled, &rows)
        }
        Measure::Resolved => {
            let known = |year: i16, region: &str| year != 0 && region != "unknown";
            let mut resolved = BTreeMap::new();
            for (year, region, n) in partitions("reports", draft.snapshot) {
                if let Some(group) = expected.group(year, region).filter(|_| known(year, region)) {
                    *resolved.entry(group).or_default() += n;
                }
            }
            share(&resolved, &self::rows(expected, "reports", draft.snapshot))
        }
        Measure::IdentityPass => {
            let query = RowQuery {
                table: "findings",
                columns: &["report_id"],
                equals: &[("code", "GK401")],
                ..RowQuery::default()
            };
            let mut broken: HashSet<String> = HashSet::new();
            draft.snapshot.each(&query, |r| broken.extend(r.text("report_id").map(str::to_owned)))?;
            let query =
                RowQuery { table: "reports", columns: &["report_id", "cells_read"], ..RowQuery::default() };
            let with_tables = |r: &Row| r.integer("cells_read").is_some_and(|n| n > 0);
            let holds = |r: &Row| r.text("report_id").is_some_and(|id| !broken.contains(id));
            let passed = counted(expected, draft, &query, |r| with_tables(r) && holds(r))?;
            share(&passed, &counted(expected, draft, &query, with_tables)?)
        }
        Measure::Unreadable => {
            let query = RowQuery { table: "captures", columns: &["status"], ..RowQuery::default() };
            let bad = |r: &Row| r.text("status").is_some_and(|s| s == "unreadable" || s == "failed");
            let unreadable = counted(expected, draft, &query, bad)?;
            share(&unreadable, &self::rows(expected, "captures", draft.snapshot))
        }
    })
}

/// Rows of a query that are as wanted, by group.
fn counted(
    expected: &Expectation,
    draft: &Draft<'_>,
    query: &RowQuery<'_>,
    wanted: impl Fn(&Row) -> bool,
) -> Result<BTreeMap<Group, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    draft.snapshot.each(query, |row| {
        if let Some(group) = expected.group(row.year, &row.region).filter(|_| wanted(&row)) {
            *counts.entry(group).or_default() += 1;
        }
    })?;
    Ok(counts)
}

/// Rows by group, by the manifest alone.
fn rows(expected: &Expectation, table: &str, snapshot: &Snapshot) -> BTreeMap<Group, u64> {
    let mut counts: BTreeMap<Group, u64> = expected.named().into_iter().map(|g| (g, 0)).collect();
    for (year, region, n) in partitions(table, snapshot) {
        if let Some(group) = expected.group(year, region) {
            *counts.entry(group).or_default() += n;
        }
    }
    counts
}

fn partitions<'s>(table: &str, snapshot: &'s Snapshot) -> impl Iterator<Item = (i16, &'s str, u64)> {
    let wanted: BTreeSet<String> = [table.to_owned()].into();
    let files = snapshot.manifest.files.iter().filter(move |f| wanted.contains(f.table()) && f.rows > 0);
    files.map(|f| {
        let part = |key: &str| f.path.split('/').find_map(|p| p.strip_prefix(key));
        let year = part("year=").and_then(|y| y.parse().ok()).unwrap_or(0);
        (year, part("region=").unwrap_or("unknown"), f.rows)
    })
}
