//! The one barrier of a run: captures that are copies of one report meet, and each capture gets its final status.

use crate::kin::{join_pages, other_representation, resolve_revisits};
use crate::reader::Read;
use gongkai_model::{CaptureStatus, Finding, Number, ReportKey, Severity, SourceTrust, Verdict};
use gongkai_registry::Registry;
use gongkai_resolve::{Choice, Copies, Figures, choose_copies};
use gongkai_store::{Batch, Cache, CaptureRecord, ReportRecord};
use std::collections::HashMap;

/// Turns what was read into the records of a snapshot.
pub(crate) fn settle(mut reads: Vec<Read<'_>>, registry: &Registry, cache: &Cache) -> Batch {
    resolve_revisits(&mut reads);
    let mut keys: Vec<ReportKey> = reads
        .iter()
        .enumerate()
        .filter(|(_, r)| r.outcome.is_ok())
        .map(|(i, r)| key(i, r, registry))
        .collect();
    let leaders = join_pages(&reads, &mut keys);
    let copies = choose_copies(&keys, &Cells { reads: &reads, keys: &keys, cache });
    let mut fates = fates(&keys, copies, &reads);
    let report_ids: HashMap<usize, String> =
        fates.iter().filter_map(|(at, fate)| Some((*at, fate.report_id.clone()?))).collect();
    let of_content: HashMap<String, usize> =
        keys.iter().map(|k| (k.content_hash.clone(), k.capture)).collect();
    let mut batch = Batch::default();
    for (index, read) in reads.into_iter().enumerate() {
        let fate = fates.remove(&index).unwrap_or_default();
        let mut capture = record(&read, fate.choice.as_ref());
        capture.report_id = fate.report_id.clone();
        if let Some((year, region)) = fate.partition {
            (capture.year, capture.region) = (year, region);
        }
        if read.ties.revisit {
            let original = read.hash.as_ref().and_then(|h| of_content.get(h));
            capture.report_id = original.and_then(|at| report_ids.get(at)).cloned();
        }
        if let Some(leader) = leaders.get(&index).filter(|_| capture.status == CaptureStatus::NotAReport) {
            (capture.status, capture.reason) = other_representation();
            capture.report_id = report_ids.get(leader).cloned();
        }
        (capture.first_seen, capture.last_seen) = fate.seen;
        match (read.outcome, fate.choice) {
            (Ok(report), Some(Choice::Speaks { copies })) if capture.status == CaptureStatus::Report => {
                let mut report = *report;
                report.resolution.report_id = fate.report_id.unwrap_or(report.resolution.report_id);
                report.findings.extend(fate.findings);
                batch.reports.push(ReportRecord {
                    resolution: report.resolution,
                    parsed: report.parsed,
                    script: report.script,
                    capture_id: capture.capture_id.clone(),
                    captures: copies,
                    findings: report.findings,
                    body: report.stored.as_ref().map(|s| s.body),
                    tally: report.stored.map(|s| s.tally).unwrap_or_default(),
                });
            }
            (Ok(report), _) if capture.status == CaptureStatus::NotAReport => {
                capture.findings = report.findings;
                capture.body = report.stored.map(|s| s.body);
            }
            (Ok(_), _) => {}
            (Err(_), _) if capture.status == CaptureStatus::Duplicate => {}
            (Err(problem), _) => capture.findings = vec![Finding::report("GK001", problem.reason)],
        }
        batch.captures.push(capture);
    }
    batch
}

/// What became of one capture among the others.
#[derive(Default)]
struct Fate {
    choice: Option<Choice>,
    report_id: Option<String>,
    /// Year and region of the report it belongs to.
    partition: Option<(Option<i16>, String)>,
    seen: (Option<i64>, Option<i64>),
    findings: Vec<Finding>,
}

/// The fate of every capture that could be read, by its position, and the fetch times of all others.
fn fates(keys: &[ReportKey], copies: Copies, reads: &[Read<'_>]) -> HashMap<usize, Fate> {
    let speaks = |c: &Choice| matches!(c, Choice::Speaks { .. });
    let partition = |capture: usize| {
        let resolution = &reads.get(capture)?.report()?.resolution;
        Some((resolution.year, resolution.place.region.clone()))
    };
    let mut partitions: HashMap<&str, (Option<i16>, String)> = HashMap::new();
    for ((key, id), choice) in keys.iter().zip(&copies.report_ids).zip(&copies.choices) {
        if let (Some(id), true) = (id, speaks(choice)) {
            partitions.extend(partition(key.capture).map(|p| (id.as_str(), p)));
        }
    }
    let seen = fetch_times(keys, &copies, reads);
    let mut fates: HashMap<usize, Fate> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        let report_id = copies.report_ids.get(at).cloned().flatten();
        let partition = report_id.as_deref().and_then(|id| partitions.get(id).cloned());
        let choice = copies.choices.get(at).cloned();
        let seen = seen.get(&key.capture).copied().unwrap_or_default();
        fates.insert(key.capture, Fate { choice, report_id, partition, seen, findings: Vec::new() });
    }
    for (index, read) in reads.iter().enumerate().filter(|(_, r)| r.outcome.is_err()) {
        let at = read.hash.as_ref().and(read.provenance.fetched_at);
        fates.entry(index).or_default().seen = (at, at);
    }
    for (at, finding) in copies.findings {
        if let Some(fate) = keys.get(at).and_then(|k| fates.get_mut(&k.capture)) {
            fate.findings.push(finding);
        }
    }
    fates
}

/// The figures of the captures that copies are chosen among.
struct Cells<'a, 'r> {
    reads: &'a [Read<'r>],
    keys: &'a [ReportKey],
    cache: &'a Cache,
}

impl Figures for Cells<'_, '_> {
    fn figures(&self, at: usize) -> Vec<(String, Number)> {
        let read = self.keys.get(at).and_then(|k| self.reads.get(k.capture));
        let Some(report) = read.and_then(Read::report) else { return Vec::new() };
        // Lost in the cache, it is found out at the latest when its partition is built.
        let body = report.stored.as_ref().and_then(|s| self.cache.body(&s.body));
        let cells = body.as_ref().map_or(&report.parsed.cells, |body| &body.parsed.cells);
        let name = |c: &gongkai_model::CellFact| format!("{}.{}.{}", c.table, c.item, c.column);
        let mut figures: Vec<(String, Number)> =
            cells.iter().filter_map(|c| Some((name(c), c.value?))).collect();
        figures.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        figures.dedup_by(|a, b| a.0 == b.0);
        figures
    }
}

fn key(index: usize, read: &Read<'_>, registry: &Registry) -> ReportKey {
    let report = read.report();
    let doubt = |f: &&Finding| registry.rule(f.code).is_none_or(|r| r.severity != Severity::Info);
    let resolution = report.map(|r| &r.resolution);
    let standing = report.map(|r| &r.standing);
    ReportKey {
        capture: index,
        container: read.container.as_str().into(),
        report_id: resolution.map(|r| r.report_id.clone()),
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
        doubts: report.map_or(0, |r| {
            r.findings.iter().filter(doubt).count() as u32 + r.stored.as_ref().map_or(0, |s| s.doubts)
        }),
        fetched_at: read.provenance.fetched_at,
    }
}

/// Earliest and latest fetch time of each capture's content: of all with the same bytes or the same text.
fn fetch_times(
    keys: &[ReportKey],
    copies: &Copies,
    reads: &[Read<'_>],
) -> HashMap<usize, (Option<i64>, Option<i64>)> {
    let mut of_text: HashMap<usize, (Option<i64>, Option<i64>)> = HashMap::new();
    for (key, text) in keys.iter().zip(&copies.texts) {
        if let Some(at) = reads.get(key.capture).and_then(|r| r.provenance.fetched_at) {
            let (first, last) = of_text.entry(*text).or_default();
            *first = Some(first.map_or(at, |f| f.min(at)));
            *last = Some(last.map_or(at, |l| l.max(at)));
        }
    }
    let times = |text: &usize| of_text.get(text).copied().unwrap_or_default();
    keys.iter().zip(&copies.texts).map(|(key, text)| (key.capture, times(text))).collect()
}

fn record(read: &Read<'_>, choice: Option<&Choice>) -> CaptureRecord {
    let resolution = read.outcome.as_ref().ok().map(|r| &r.resolution);
    let report = read.report().map(|r| &r.resolution);
    let (status, reason) = status(read, choice);
    let (media_type, charset) =
        read.format.clone().map_or((None, None), |(m, c)| (Some(m), Some(c)));
    CaptureRecord {
        capture_id: capture_id(&read.container, read.hash.as_deref()),
        container: read.container.clone(),
        source_uri: resolution.and_then(|r| r.source_uri.clone()).or_else(|| read.provenance.uri.clone()),
        source_host: resolution.and_then(|r| r.source_host.clone()).or_else(|| read.provenance.host.clone()),
        media_type,
        charset,
        bytes: i64::try_from(read.bytes).unwrap_or(i64::MAX),
        blake3: read.hash.clone(),
        fetched_at: resolution.and_then(|r| r.fetched_at).or(read.provenance.fetched_at),
        status,
        reason,
        report_id: None,
        year: report.and_then(|r| r.year),
        region: report.map_or_else(unknown_region, |r| r.place.region.clone()),
        first_seen: None,
        last_seen: None,
        findings: Vec::new(),
        body: None,
    }
}

fn unknown_region() -> String {
    "unknown".to_owned()
}

fn status(read: &Read<'_>, choice: Option<&Choice>) -> (CaptureStatus, Option<String>) {
    let report = match &read.outcome {
        Err(problem) => return (problem.status, Some(problem.reason.clone())),
        Ok(report) => report,
    };
    match (choice, &report.resolution.verdict) {
        (Some(Choice::Duplicate { reason, .. }), _) => (CaptureStatus::Duplicate, Some(reason.clone())),
        (Some(Choice::Superseded { reason, .. }), _) => (CaptureStatus::Superseded, Some(reason.clone())),
        (_, Verdict::NotAReport(reason)) => (CaptureStatus::NotAReport, Some(reason.clone())),
        _ => (CaptureStatus::Report, None),
    }
}

/// `c` and 16 hex digits over path and content: the same document at the same path keeps its id.
fn capture_id(container: &str, hash: Option<&str>) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [container, ID_SPACE, hash.unwrap_or_default()] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let hex = hasher.finalize().to_hex().to_string();
    format!("c{}", hex.chars().take(16).collect::<String>())
}

/// Separates these ids from others made of the same text. Not the tool's version: ids outlive versions.
const ID_SPACE: &str = "gongkai capture";
