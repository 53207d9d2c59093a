//! What a run did, for people.

use crate::gate::Breach;
use crate::ledger::Reuse;
use gongkai_model::CaptureStatus;
use gongkai_store::{Batch, Published};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a run did.
#[derive(Debug)]
pub struct Summary {
    /// Captures met, by status.
    pub captures: BTreeMap<CaptureStatus, u64>,
    /// Captures that are no reports, by status and first word of the reason.
    pub reasons: BTreeMap<(CaptureStatus, String), u64>,
    /// Reports by form.
    pub forms: BTreeMap<String, u64>,
    /// Reports by region.
    pub regions: BTreeMap<String, u64>,
    /// Findings of reports by code.
    pub findings: BTreeMap<String, u64>,
    /// Cells the forms have, and cells read as numbers.
    pub cells: (u64, u64),
    /// Files and parts of archives that told about documents and are none themselves.
    pub sidecars: u64,
    /// Hidden files and folders passed over.
    pub hidden: u64,
    /// Bytes read.
    pub bytes: u64,
    /// What was read and what was known.
    pub reuse: Reuse,
    /// Expectations that do not hold, waived ones included.
    pub breaches: Vec<Breach>,
    /// The snapshot.
    pub published: Published,
    /// Time for planning and reading.
    pub reading: Duration,
    /// Time for everything.
    pub elapsed: Duration,
}

impl Summary {
    pub(crate) fn of(
        batch: &Batch,
        (sidecars, hidden): (u64, u64),
        published: Published,
        reuse: Reuse,
        bytes: u64,
        reading: Duration,
        elapsed: Duration,
    ) -> Self {
        let mut summary = Self {
            captures: BTreeMap::new(),
            reasons: BTreeMap::new(),
            forms: BTreeMap::new(),
            regions: BTreeMap::new(),
            findings: BTreeMap::new(),
            cells: (0, 0),
            sidecars,
            hidden,
            bytes,
            reuse,
            breaches: Vec::new(),
            published,
            reading,
            elapsed,
        };
        for capture in &batch.captures {
            *summary.captures.entry(capture.status).or_default() += 1;
            if let Some(reason) = &capture.reason {
                let word = reason.split(':').next().unwrap_or_default().to_owned();
                *summary.reasons.entry((capture.status, word)).or_default() += 1;
            }
        }
        for report in &batch.reports {
            *summary.forms.entry(report.parsed.form.to_string()).or_default() += 1;
            *summary.regions.entry(report.resolution.place.region.clone()).or_default() += 1;
            for finding in &report.findings {
                *summary.findings.entry(finding.code.to_owned()).or_default() += 1;
            }
            for (code, count) in &report.tally {
                *summary.findings.entry(code.clone()).or_default() += u64::from(*count);
            }
            for table in &report.parsed.tables {
                summary.cells.0 += u64::from(table.expected);
                summary.cells.1 += u64::from(table.read);
            }
        }
        summary
    }

    /// Expectations that do not hold and are not waived.
    pub fn breached(&self) -> impl Iterator<Item = &Breach> {
        self.breaches.iter().filter(|b| b.waived.is_none())
    }

    /// Captures met.
    pub fn met(&self) -> u64 {
        self.captures.values().sum()
    }
}
