//! The account of a run: every document met has one row and one status, and the tables agree with it.

use crate::error::StoreError;
use crate::manifest::Account;
use crate::record::Batch;
use gongkai_model::CaptureStatus;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Sums up the batch, and refuses one whose parts contradict each other.
pub(crate) fn settle(batch: &Batch) -> Result<Account, StoreError> {
    let mut by_status: BTreeMap<String, u64> =
        CaptureStatus::ALL.iter().map(|s| (s.as_str().to_owned(), 0)).collect();
    for capture in &batch.captures {
        *by_status.entry(capture.status.as_str().to_owned()).or_default() += 1;
    }
    agree(batch).map_err(StoreError::Account)?;
    Ok(Account { captures_met: batch.captures.len() as u64, by_status })
}

fn agree(batch: &Batch) -> Result<(), String> {
    let mut speakers: HashMap<&str, &str> = HashMap::with_capacity(batch.reports.len());
    for report in &batch.reports {
        let id = report.resolution.report_id.as_str();
        if speakers.insert(id, &report.capture_id).is_some() {
            return Err(format!("report {id} is handed over twice"));
        }
    }
    let mut seen: HashSet<&str> = HashSet::with_capacity(batch.captures.len());
    let mut speaking = 0_usize;
    for capture in &batch.captures {
        let id = capture.capture_id.as_str();
        if !seen.insert(id) {
            return Err(format!("capture {id} ({}) is handed over twice", capture.container));
        }
        let speaker = capture.report_id.as_deref().map(|report| (report, speakers.get(report)));
        match (capture.status, speaker) {
            (_, Some((report, None))) => {
                return Err(format!(
                    "capture {id} ({}) belongs to report {report}, which is missing",
                    capture.container
                ));
            }
            (CaptureStatus::Report, Some((_, Some(speaker)))) if *speaker == id => speaking += 1,
            (CaptureStatus::Report, _) => {
                return Err(format!(
                    "capture {id} ({}) has status report and speaks for none",
                    capture.container
                ));
            }
            _ => {}
        }
    }
    if speaking != batch.reports.len() {
        return Err(format!("{} reports, but {speaking} captures speak for one", batch.reports.len()));
    }
    Ok(())
}
