//! What a partition holds, counted while it is built, and remembered for when it is not built again.

use crate::record::{CaptureRecord, ReportRecord};
use gongkai_model::CaptureStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts over reports and captures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Captures by status.
    pub captures: BTreeMap<CaptureStatus, u64>,
    /// Captures that are no reports, by status and first word of the reason.
    pub reasons: BTreeMap<CaptureStatus, BTreeMap<String, u64>>,
    /// Reports by form.
    pub forms: BTreeMap<String, u64>,
    /// Reports by region.
    pub regions: BTreeMap<String, u64>,
    /// Findings of reports by code.
    pub findings: BTreeMap<String, u64>,
    /// Cells the forms have.
    pub cells_expected: u64,
    /// Cells read as numbers.
    pub cells_read: u64,
    /// Size of all captures in bytes.
    pub bytes: u64,
}

impl Tally {
    pub(crate) fn report(&mut self, report: &ReportRecord) {
        *self.forms.entry(report.parsed.form.to_string()).or_default() += 1;
        *self.regions.entry(report.resolution.place.region.clone()).or_default() += 1;
        for finding in &report.findings {
            *self.findings.entry(finding.code.to_owned()).or_default() += 1;
        }
        for table in &report.parsed.tables {
            self.cells_expected += u64::from(table.expected);
            self.cells_read += u64::from(table.read);
        }
    }

    pub(crate) fn capture(&mut self, capture: &CaptureRecord) {
        *self.captures.entry(capture.status).or_default() += 1;
        self.bytes += u64::try_from(capture.bytes).unwrap_or(0);
        if let Some(reason) = &capture.reason {
            let word = reason.split(':').next().unwrap_or_default().to_owned();
            *self.reasons.entry(capture.status).or_default().entry(word).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        add(&mut self.captures, &other.captures);
        for (status, reasons) in &other.reasons {
            add(self.reasons.entry(*status).or_default(), reasons);
        }
        add(&mut self.forms, &other.forms);
        add(&mut self.regions, &other.regions);
        add(&mut self.findings, &other.findings);
        self.cells_expected += other.cells_expected;
        self.cells_read += other.cells_read;
        self.bytes += other.bytes;
    }
}

fn add<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key.clone()).or_default() += count;
    }
}
