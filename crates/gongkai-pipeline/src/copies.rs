//! The one barrier of a run: captures that are copies of one report meet, and each capture gets its final status.

use crate::kin::{join_pages, other_representation, resolve_revisits};
use crate::reader::Read;
use gongkai_model::{CaptureStatus, Finding, ReportKey, Severity, SourceTrust, Verdict};
use gongkai_registry::Registry;
use gongkai_resolve::{Choice, choose_copies};
use gongkai_store::{Batch, CaptureRecord, ReportRecord};
use std::collections::HashMap;

/// Turns what was read into the records of a snapshot.
pub(crate) fn settle(mut reads: Vec<Read>, registry: &Registry) -> Batch {
    resolve_revisits(&mut reads);
    let mut keys: Vec<ReportKey> = reads
        .iter()
        .enumerate()
        .filter(|(_, r)| r.outcome.is_ok())
        .map(|(i, r)| key(i, r, registry))
        .collect();
    let others = join_pages(&reads, &mut keys);
    let choices: HashMap<usize, Choice> = keys.iter().map(|k| k.capture).zip(choose_copies(&keys)).collect();
    let seen = fetch_times(&reads);
    let report_ids: HashMap<usize, Option<String>> =
        keys.iter().map(|k| (k.capture, k.report_id.clone())).collect();
    let of_content: HashMap<String, Option<String>> =
        keys.iter().map(|k| (k.content_hash.clone(), k.report_id.clone())).collect();
    let mut batch = Batch::default();
    for (index, read) in reads.into_iter().enumerate() {
        let choice = choices.get(&index);
        let mut capture = record(&read, choice);
        capture.report_id = report_ids.get(&index).cloned().flatten();
        if read.ties.revisit {
            capture.report_id = read.hash.as_ref().and_then(|h| of_content.get(h)).cloned().flatten();
        }
        if let Some(id) = others.get(&index).filter(|_| capture.status == CaptureStatus::NotAReport) {
            (capture.status, capture.reason) = other_representation();
            capture.report_id = Some(id.clone());
        }
        if let Some((first, last)) = read.hash.as_ref().and_then(|h| seen.get(h)) {
            (capture.first_seen, capture.last_seen) = (*first, *last);
        }
        match (read.outcome, choice) {
            (Ok(report), Some(Choice::Speaks { copies })) if capture.status == CaptureStatus::Report => {
                let mut report = *report;
                // Its page may have lent it another representation's.
                if let Some(id) = &capture.report_id {
                    report.resolution.report_id.clone_from(id);
                }
                batch.reports.push(ReportRecord {
                    resolution: report.resolution,
                    parsed: report.parsed,
                    script: report.script,
                    capture_id: capture.capture_id.clone(),
                    captures: *copies,
                    findings: report.findings,
                });
            }
            (Ok(report), _) if capture.status == CaptureStatus::NotAReport => {
                capture.findings = report.findings
            }
            (Ok(_), _) => {}
            (Err(_), _) if capture.status == CaptureStatus::Duplicate => {}
            (Err(problem), _) => capture.findings = vec![Finding::report("GK001", problem.reason)],
        }
        batch.captures.push(capture);
    }
    batch
}

fn key(index: usize, read: &Read, registry: &Registry) -> ReportKey {
    let report = read.report();
    let doubt = |f: &&Finding| registry.rule(f.code).is_none_or(|r| r.severity != Severity::Info);
    ReportKey {
        capture: index,
        container: read.container.as_str().into(),
        report_id: report.map(|r| r.resolution.report_id.clone()),
        content_hash: read.hash.clone().unwrap_or_default(),
        trust: report.and_then(|r| r.resolution.source_trust).unwrap_or(SourceTrust::Unknown),
        cells_read: report.map_or(0, |r| r.parsed.tables.iter().map(|t| t.read).sum()),
        doubts: report.map_or(0, |r| r.findings.iter().filter(doubt).count() as u32),
        fetched_at: read.provenance.fetched_at,
    }
}

/// Earliest and latest fetch time of each content.
fn fetch_times(reads: &[Read]) -> HashMap<String, (Option<i64>, Option<i64>)> {
    let mut seen: HashMap<String, (Option<i64>, Option<i64>)> = HashMap::new();
    for read in reads {
        if let (Some(hash), Some(at)) = (&read.hash, read.provenance.fetched_at) {
            let (first, last) = seen.entry(hash.clone()).or_default();
            *first = Some(first.map_or(at, |f| f.min(at)));
            *last = Some(last.map_or(at, |l| l.max(at)));
        }
    }
    seen
}

fn record(read: &Read, choice: Option<&Choice>) -> CaptureRecord {
    let resolution = read.outcome.as_ref().ok().map(|r| &r.resolution);
    let report = read.report().map(|r| &r.resolution);
    let (status, reason) = status(read, choice);
    let (media_type, charset) =
        read.format.clone().map_or((None, None), |(m, c)| (Some(m.to_owned()), Some(c)));
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
    }
}

fn unknown_region() -> String {
    "unknown".to_owned()
}

fn status(read: &Read, choice: Option<&Choice>) -> (CaptureStatus, Option<String>) {
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
