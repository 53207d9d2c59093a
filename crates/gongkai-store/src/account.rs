//! The account of a run: every document met has one row and one status, and the tables agree with it.

use crate::error::StoreError;
use crate::record::{CaptureRecord, ReportRecord};
use gongkai_model::CaptureStatus;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The ids of a snapshot: each may be there once, in whatever partition.
#[derive(Default)]
pub(crate) struct Roll(Mutex<HashSet<u64>>);

impl Roll {
    fn enter(&self, what: &str, id: &str) -> Result<(), StoreError> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(short(&[what, id]));
        if fresh { Ok(()) } else { Err(StoreError::Account(format!("{what} {id} is handed over twice"))) }
    }
}

/// The account of one partition: reports are entered before captures.
pub(crate) struct Account<'a> {
    roll: &'a Roll,
    /// The capture that speaks for each report.
    speakers: HashMap<u64, u64>,
    speaking: usize,
}

impl<'a> Account<'a> {
    pub(crate) fn new(roll: &'a Roll) -> Self {
        Self { roll, speakers: HashMap::new(), speaking: 0 }
    }

    pub(crate) fn report(&mut self, report: &ReportRecord) -> Result<(), StoreError> {
        let id = report.resolution.report_id.as_str();
        self.roll.enter("report", id)?;
        self.speakers.insert(short(&[id]), short(&[&report.capture_id]));
        Ok(())
    }

    pub(crate) fn capture(&mut self, capture: &CaptureRecord) -> Result<(), StoreError> {
        let id = capture.capture_id.as_str();
        self.roll.enter("capture", id)?;
        let refuse =
            |why: String| Err(StoreError::Account(format!("capture {id} ({}) {why}", capture.container)));
        let speaker =
            capture.report_id.as_deref().map(|report| (report, self.speakers.get(&short(&[report]))));
        match (capture.status, speaker) {
            (_, Some((report, None))) => refuse(format!("belongs to report {report}, which is missing")),
            (CaptureStatus::Report, Some((_, Some(speaker)))) if *speaker == short(&[id]) => {
                self.speaking += 1;
                Ok(())
            }
            (CaptureStatus::Report, _) => refuse("has status report and speaks for none".to_owned()),
            _ => Ok(()),
        }
    }

    /// Closes it: every report has its capture.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let (reports, speaking) = (self.speakers.len(), self.speaking);
        if reports == speaking {
            return Ok(());
        }
        Err(StoreError::Account(format!("{reports} reports, but {speaking} captures speak for one")))
    }
}

/// Ids by their hash: there are many of them.
pub(crate) fn short(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
