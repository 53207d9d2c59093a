//! What a release holds, counted from its tables.

use super::ReleaseError;
use super::folder::hex;
use super::texts::day;
use gongkai_model::Date;
use gongkai_store::{Datum, Row, RowQuery, Snapshot};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Counts over reports, findings and captures.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) reports: u64,
    /// Reports by year, 0 where that is open.
    pub(crate) years: BTreeMap<i16, u64>,
    /// Reports by region.
    pub(crate) regions: BTreeMap<String, u64>,
    /// Reports by form.
    pub(crate) forms: BTreeMap<String, u64>,
    pub(crate) cells_expected: u64,
    pub(crate) cells_read: u64,
    /// Findings by severity.
    pub(crate) findings: BTreeMap<String, u64>,
    /// Latest fetch, else latest date a report bears.
    pub(crate) latest: Option<String>,
    /// Digest of the inputs, see [`super::provenance`].
    pub(crate) inputs: String,
}

impl Counts {
    pub(crate) fn of(snapshot: &Snapshot) -> Result<Self, ReleaseError> {
        let mut counts = Self::default();
        let (mut fetched, mut dated) = (None, None);
        let columns = ["form", "cells_expected", "cells_read", "published_on", "signed_on"];
        snapshot.each(&RowQuery { table: "reports", columns: &columns, ..RowQuery::default() }, |row| {
            counts.reports += 1;
            *counts.years.entry(row.year).or_default() += 1;
            *counts.regions.entry(row.region.clone()).or_default() += 1;
            *counts.forms.entry(row.text("form").unwrap_or("unknown").to_owned()).or_default() += 1;
            let cells = |name| u64::try_from(row.integer(name).unwrap_or(0)).unwrap_or(0);
            counts.cells_expected += cells("cells_expected");
            counts.cells_read += cells("cells_read");
            dated = dated.max(date(&row, "published_on")).max(date(&row, "signed_on"));
        })?;
        let columns = ["severity"];
        snapshot.each(&RowQuery { table: "findings", columns: &columns, ..RowQuery::default() }, |row| {
            *counts.findings.entry(row.text("severity").unwrap_or_default().to_owned()).or_default() += 1;
        })?;
        let mut hasher = Sha256::new();
        let columns = ["container", "blake3", "fetched_at", "last_seen"];
        snapshot.each(&RowQuery { table: "captures", columns: &columns, ..RowQuery::default() }, |row| {
            fetched = fetched.max(row.time("fetched_at")).max(row.time("last_seen"));
            for part in
                [row.text("blake3").unwrap_or("-"), "  ", row.text("container").unwrap_or_default(), "\n"]
            {
                hasher.update(part.as_bytes());
            }
        })?;
        counts.inputs = hex(&hasher.finalize());
        let fetched = fetched.and_then(|micros| i32::try_from(micros.div_euclid(DAY)).ok());
        counts.latest = fetched.or(dated).map(day);
        Ok(counts)
    }

    /// First and last year that is known.
    pub(crate) fn span(&self) -> Option<(i16, i16)> {
        let mut known = self.years.keys().filter(|y| **y > 0);
        let first = known.next()?;
        Some((*first, *known.next_back().unwrap_or(first)))
    }
}

fn date(row: &Row, column: &str) -> Option<i32> {
    match row.get(column) {
        Some(Datum::Date(Date(days))) => Some(*days),
        _ => None,
    }
}
