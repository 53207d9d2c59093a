//! Captures that are copies of one report meet, and each gets its final status.

use crate::gist::share;
use crate::kin::{join_pages, other_representation, recognised, resolve_revisits};
use crate::reader::Read;
use gongkai_model::{
    CaptureStatus, Finding, Number, Parsed, ReportKey, Scope, ScopeEvidence, SourceTrust, Verdict,
};
use gongkai_resolve::{Choice, Copies, Figures, choose_copies};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// What became of a capture among the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fate {
    pub(crate) status: CaptureStatus,
    pub(crate) reason: Option<Arc<str>>,
    /// The report it is a copy of.
    pub(crate) report_id: Option<String>,
    /// Captures of the report, if it speaks for it.
    pub(crate) copies: Option<u32>,
    /// Year and region of the report it belongs to.
    pub(crate) year: Option<i16>,
    pub(crate) region: Arc<str>,
    /// Earliest and latest fetch time of its content.
    pub(crate) seen: (Option<i64>, Option<i64>),
    /// The content it found again.
    pub(crate) hash: Option<String>,
    /// For whom its report counts, where only another copy says it.
    pub(crate) scope: Option<(Scope, ScopeEvidence)>,
    /// Doubts about the report that only show among its copies.
    pub(crate) findings: Vec<Finding>,
}

/// Where captures go that belong to no report.
pub(crate) const NO_REGION: &str = "unknown";

impl Fate {
    /// Lets it keep what many say alike once.
    pub(crate) fn share(mut self, words: &mut HashSet<Arc<str>>) -> Self {
        share(words, &mut self.region);
        self.reason.iter_mut().for_each(|reason| share(words, reason));
        self
    }

    /// The fate of a capture that has nothing in common with others.
    pub(crate) fn alone(read: &Read) -> Self {
        let speaks = read.report().map(|_| Choice::Speaks { copies: 1 });
        let at = read.hash.as_ref().and(read.provenance.fetched_at);
        let (status, reason) = status(read, speaks.as_ref());
        let resolution = read.report().map(|r| &r.resolution);
        Self {
            status,
            reason,
            report_id: resolution.map(|r| r.report_id.clone()),
            copies: resolution.map(|_| 1),
            year: resolution.and_then(|r| r.year),
            region: resolution.map_or(NO_REGION, |r| r.place.region.as_str()).into(),
            seen: (at, at),
            hash: None,
            scope: None,
            findings: Vec::new(),
        }
    }
}

/// A capture that has something in common with others, without cells and text.
pub(crate) struct Relative {
    pub(crate) read: Read,
    /// Findings of severity error and warning.
    pub(crate) doubts: u32,
    /// Whether it is not there any more, and what is there may be newer.
    pub(crate) gone: bool,
}

/// Settles captures that may be copies of one another, whatever their order; `body` fetches what was read of one.
///
/// # Errors
/// The first of `body`.
pub(crate) fn settle<E: Send>(
    mut relatives: Vec<Relative>,
    body: &(dyn Fn(usize) -> Result<Parsed, E> + Sync),
) -> Result<Vec<Fate>, E> {
    resolve_revisits(&mut relatives);
    let readable = relatives.iter().enumerate().filter(|(_, r)| r.read.outcome.is_ok());
    let mut keys: Vec<ReportKey> = readable.map(|(i, r)| key(i, r)).collect();
    let leaders = join_pages(&relatives, &mut keys);
    let cells = Cells { keys: &keys, body, failed: Mutex::new(None) };
    let copies = choose_copies(&keys, &cells);
    if let Some(e) = cells.failed.into_inner().unwrap_or_default() {
        return Err(e);
    }
    Ok(fates(&relatives, &keys, copies, &leaders))
}

fn fates(
    relatives: &[Relative],
    keys: &[ReportKey],
    copies: Copies,
    leaders: &HashMap<usize, usize>,
) -> Vec<Fate> {
    let seen = fetch_times(keys, &copies);
    let mut fates: Vec<Fate> = relatives.iter().map(|r| Fate::alone(&r.read)).collect();
    let mut partitions: HashMap<&str, (Option<i16>, Arc<str>)> = HashMap::new();
    let mut of_content: HashMap<&str, Option<&String>> = HashMap::new();
    let mut of_capture: HashMap<usize, Option<&String>> = HashMap::new();
    // Ids of reports that say for whom they count are those of no others.
    let mut said: HashMap<&String, (Scope, ScopeEvidence)> = HashMap::new();
    for key in keys {
        let resolution = relatives.get(key.capture).and_then(|r| r.read.report()).map(|r| &r.resolution);
        if let Some(resolution) = resolution
            && let Some(evidence) = resolution.scope_evidence
        {
            let (scope, first) = said.entry(&resolution.report_id).or_insert((resolution.scope, evidence));
            (*scope, *first) = (resolution.scope, evidence.min(*first));
        }
    }
    for ((at, key), id) in keys.iter().enumerate().zip(&copies.report_ids) {
        of_content.insert(&key.content_hash, id.as_ref());
        of_capture.insert(key.capture, id.as_ref());
        let (Some(fate), Some(relative)) = (fates.get_mut(key.capture), relatives.get(key.capture)) else {
            continue;
        };
        let choice = copies.choices.get(at);
        (fate.status, fate.reason) = status(&relative.read, choice);
        fate.report_id.clone_from(id);
        fate.copies = None;
        if let (Some(Choice::Speaks { copies }), Some(id)) = (choice, id) {
            fate.copies = Some(*copies);
            partitions.insert(id, (fate.year, fate.region.clone()));
        }
        fate.seen = seen.get(at).copied().unwrap_or_default();
        if key.scope == Scope::Unknown {
            fate.scope = id.as_ref().and_then(|id| said.get(id)).copied();
        }
    }
    for (index, (fate, relative)) in fates.iter_mut().zip(relatives).enumerate() {
        if relative.read.ties.revisit {
            fate.hash.clone_from(&relative.read.hash);
            let original = relative.read.hash.as_deref().and_then(|h| of_content.get(h));
            fate.report_id = original.copied().flatten().cloned();
        }
        if let Some(leader) = leaders.get(&index).filter(|_| fate.status == CaptureStatus::NotAReport) {
            (fate.status, fate.reason) = other_representation(relatives.get(*leader));
            fate.report_id = of_capture.get(leader).copied().flatten().cloned();
        }
        if let Some((year, region)) = fate.report_id.as_deref().and_then(|id| partitions.get(id)) {
            (fate.year, fate.region) = (*year, region.clone());
        }
    }
    for (capture, finding) in recognised(relatives) {
        if let Some(fate) = fates.get_mut(capture) {
            fate.findings.push(finding);
        }
    }
    for (at, finding) in copies.findings {
        if let Some(fate) = keys.get(at).and_then(|k| fates.get_mut(k.capture)) {
            fate.findings.push(finding);
        }
    }
    fates
}

/// The figures of the captures that copies are chosen among.
struct Cells<'a, E> {
    keys: &'a [ReportKey],
    body: &'a (dyn Fn(usize) -> Result<Parsed, E> + Sync),
    /// Why some could not be had.
    failed: Mutex<Option<E>>,
}

impl<E: Send> Figures for Cells<'_, E> {
    fn figures(&self, at: usize) -> Vec<(String, Number)> {
        let cells = match self.keys.get(at).map(|k| (self.body)(k.capture)) {
            Some(Ok(parsed)) => parsed.cells,
            Some(Err(e)) => {
                if let Ok(mut failed) = self.failed.lock() {
                    *failed = Some(e);
                }
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let name = |c: &gongkai_model::CellFact| format!("{}.{}.{}", c.table, c.item, c.column);
        let mut figures: Vec<(String, Number)> =
            cells.iter().filter_map(|c| Some((name(c), c.value?))).collect();
        figures.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        figures.dedup_by(|a, b| a.0 == b.0);
        figures
    }
}

fn key(index: usize, relative: &Relative) -> ReportKey {
    let read = &relative.read;
    let report = read.report();
    let resolution = report.map(|r| &r.resolution);
    let standing = report.map(|r| &r.standing);
    ReportKey {
        capture: index,
        container: read.container.as_str().into(),
        report_id: resolution.map(|r| r.report_id.clone()),
        agency_id: resolution.map(|r| r.agency_id.clone()),
        scope: resolution.map(|r| r.scope).unwrap_or_default(),
        resolved: standing.is_some_and(|s| s.complete),
        agency_name: resolution.and_then(|r| r.agency_name.clone()),
        agency: standing.and_then(|s| s.agency.clone()),
        function: standing.and_then(|s| s.function.clone()),
        year: resolution.and_then(|r| r.year),
        uri: resolution.and_then(|r| r.source_uri.clone()),
        fingerprint: standing.map(|s| s.fingerprint.clone()).unwrap_or_default(),
        content_hash: read.hash.clone().unwrap_or_default(),
        trust: resolution.and_then(|r| r.source_trust).unwrap_or(SourceTrust::Unknown),
        cells_read: report.map_or(0, |r| r.parsed.tables.iter().map(|t| t.read).sum()),
        doubts: relative.doubts,
        fetched_at: read.provenance.fetched_at,
        gone: relative.gone,
    }
}

/// Earliest and latest fetch time of each capture's content: of all with the same bytes or the same text.
fn fetch_times(keys: &[ReportKey], copies: &Copies) -> Vec<(Option<i64>, Option<i64>)> {
    let mut of_text: HashMap<usize, (Option<i64>, Option<i64>)> = HashMap::new();
    for (key, text) in keys.iter().zip(&copies.texts) {
        if let Some(at) = key.fetched_at {
            let (first, last) = of_text.entry(*text).or_default();
            *first = Some(first.map_or(at, |f| f.min(at)));
            *last = Some(last.map_or(at, |l| l.max(at)));
        }
    }
    copies.texts.iter().map(|text| of_text.get(text).copied().unwrap_or_default()).collect()
}

fn status(read: &Read, choice: Option<&Choice>) -> (CaptureStatus, Option<Arc<str>>) {
    let report = match &read.outcome {
        Err(problem) => return (problem.status, Some(problem.reason.as_str().into())),
        Ok(report) => report,
    };
    match (choice, &report.resolution.verdict) {
        (Some(Choice::Duplicate { reason, .. }), _) => {
            (CaptureStatus::Duplicate, Some(reason.as_str().into()))
        }
        (Some(Choice::Superseded { reason, .. }), _) => {
            (CaptureStatus::Superseded, Some(reason.as_str().into()))
        }
        (_, Verdict::NotAReport(reason)) => (CaptureStatus::NotAReport, Some(reason.as_str().into())),
        _ => (CaptureStatus::Report, None),
    }
}
