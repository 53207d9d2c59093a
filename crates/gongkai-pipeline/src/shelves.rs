//! The ledger as contents of a snapshot: which records fall into which partition, made of the cache when they are wanted.

use crate::barrier::Settled;
use crate::copies::{Fate, NO_REGION};
use crate::gist::{Gist, Kind, digits};
use crate::ledger::Known;
use crate::reader::Read;
use crate::reading::Reading;
use gongkai_model::{CaptureStatus, Finding, Resolution};
use gongkai_store::{
    CaptureRecord, Contents, HostRecord, Outline, PartitionKey, Place, ReportParts, ReportRecord, Seated,
    StoreError, counted,
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::PoisonError;

impl Settled<'_> {
    fn input(&self, number: u32) -> Result<(&str, &Known, Option<&Fate>), StoreError> {
        let (name, known) = self.inputs.get(number as usize).ok_or_else(crate::reading::lost)?;
        Ok((name, known, self.fates.get(&number)))
    }

    fn read(&self, number: u32) -> Result<(&Known, Read, Fate), StoreError> {
        let (name, known, fate) = self.input(number)?;
        let read = known.now().head(self.cache, name)?;
        let fate = fate.cloned().unwrap_or_else(|| Fate::alone(&read));
        Ok((known, read, fate))
    }

    /// A hash of all that a partition is made of, wherever in the cache it lies.
    fn digest(&self, captures: &[u32], hosts: &[u32]) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(captures.len() as u64).to_le_bytes());
        for number in captures {
            let (name, known, fate) = self.input(*number).ok()?;
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            for place in known.now().places() {
                hasher.update(&place.hash());
            }
            hasher.update(&postcard::to_stdvec(&fate).ok()?);
            self.panel.hash_findings(*number, &mut hasher);
            // Both: a text may be like another one now that is not a finding yet.
            self.panel.hash_likeness(*number, &mut hasher);
        }
        for number in hosts {
            hasher.update(&postcard::to_stdvec(self.hosts.get(*number as usize)?).ok()?);
        }
        Some(hasher.finalize().to_hex().to_string())
    }

    /// A hash of what the reports of a partition say in figures or in text, whatever captures they were read from.
    fn said(
        &self,
        reports: &[u32],
        part: fn(&Reading) -> Option<&Place>,
        also: impl Fn(u32, &mut blake3::Hasher),
    ) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        for number in reports {
            let (_, known, fate) = self.input(*number).ok()?;
            let reading = known.now();
            let gist = &reading.gist;
            let report = fate.and_then(|f| f.report_id.as_deref()).map_or(gist.report_id, digits);
            hasher.update(&part(reading)?.hash());
            hasher.update(&report.to_le_bytes());
            hasher.update(&gist.agency_id.to_le_bytes());
            hasher.update(&gist.county.to_le_bytes());
            also(*number, &mut hasher);
        }
        Some(hasher.finalize().to_hex().to_string())
    }
}

/// The partition of a capture, and what its report is sorted by, if it speaks for one.
fn place(gist: &Gist, fate: Option<&Fate>) -> (PartitionKey, Option<u64>) {
    match fate {
        Some(fate) => {
            let speaks = fate.report_id.as_deref().filter(|_| fate.copies.is_some());
            (PartitionKey::new(fate.year, &fate.region), speaks.map(digits))
        }
        None if gist.kind == Kind::Report => {
            (PartitionKey::new(gist.year, &gist.region), Some(gist.report_id))
        }
        None => (PartitionKey::new(None, NO_REGION), None),
    }
}

impl Contents for Settled<'_> {
    fn outlines(&self) -> BTreeMap<PartitionKey, Outline> {
        let mut outlines: BTreeMap<PartitionKey, Outline> = BTreeMap::new();
        let mut reports: BTreeMap<PartitionKey, Vec<(u32, u64, u64, u32)>> = BTreeMap::new();
        let mut seated: BTreeMap<PartitionKey, Vec<Seated>> = BTreeMap::new();
        for (number, (_, known)) in (0_u32..).zip(&self.inputs) {
            let gist = &known.now().gist;
            let fate = self.fates.get(&number);
            let (key, report) = place(gist, fate);
            if let Some(report) = report {
                if let Some(seat) = gist.seat {
                    let scope = fate.and_then(|f| f.scope);
                    let seat = scope.map_or(seat, |(scope, _)| seat.with_scope(scope));
                    let one = Seated { number, report, agency: gist.agency_id, seat };
                    seated.entry(key.clone()).or_default().push(one);
                }
                reports.entry(key.clone()).or_default().push((gist.county, gist.agency_id, report, number));
            }
            // The ledger is sorted by name.
            outlines.entry(key).or_default().captures.push(number);
        }
        for (key, mut sorted) in reports {
            let counted = counted(seated.get(&key).map_or(&[][..], Vec::as_slice));
            let outline = outlines.entry(key).or_default();
            outline.counted = counted;
            sorted.sort_unstable();
            outline.by_agency = sorted.iter().map(|r| r.3).collect();
            sorted.sort_unstable_by_key(|r| (r.2, r.3));
            outline.by_report = sorted.iter().map(|r| r.3).collect();
        }
        for (number, host) in (0_u32..).zip(&self.hosts) {
            outlines.entry(PartitionKey::of_host(&host.region)).or_default().hosts.push(number);
        }
        outlines.par_iter_mut().for_each(|(_, outline)| {
            outline.hosts.sort_by_key(|n| self.hosts.get(*n as usize).map(HostRecord::key));
            outline.digest = self.digest(&outline.captures, &outline.hosts);
            outline.figures = self.said(&outline.by_agency, |reading| reading.figures.as_ref(), |_, _| {});
            outline.text = self.said(
                &outline.by_agency,
                |reading| reading.text.as_ref(),
                |number, hasher| self.panel.hash_likeness(number, hasher),
            );
        });
        outlines
    }

    fn report(&self, number: u32, parts: ReportParts) -> Result<ReportRecord, StoreError> {
        let (known, read, fate) = self.read(number)?;
        // The same reading makes the row of its capture, which is asked for soon.
        let capture = record(&read, &fate, Vec::new());
        let capture_id = capture.capture_id.clone();
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner).insert(number, capture);
        let mut report = *read.outcome.map_err(|_| crate::reading::lost())?;
        report.findings.extend(fate.findings);
        report.findings.extend(self.panel.findings(number));
        if parts.figures {
            report.parsed = known.now().figures(self.cache)?;
        }
        if parts.text {
            report.parsed.sections = known.now().text(self.cache)?;
        }
        let mut resolution = report.resolution;
        resolution.report_id = fate.report_id.unwrap_or(resolution.report_id);
        if let Some((scope, evidence)) = fate.scope {
            (resolution.scope, resolution.scope_evidence) = (scope, Some(evidence));
        }
        Ok(ReportRecord {
            resolution,
            parsed: report.parsed,
            script: report.script,
            capture_id,
            captures: fate.copies.unwrap_or(1),
            counted: false,
            findings: report.findings,
            likeness: if parts.text { self.panel.likeness(number) } else { Vec::new() },
        })
    }

    fn host(&self, number: u32) -> Result<HostRecord, StoreError> {
        self.hosts.get(number as usize).cloned().ok_or_else(crate::reading::lost)
    }

    fn capture(&self, number: u32) -> Result<CaptureRecord, StoreError> {
        if let Some(at_hand) = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner).remove(&number) {
            return Ok(at_hand);
        }
        let (_, mut read, fate) = self.read(number)?;
        let findings = match (&mut read.outcome, fate.status) {
            (Ok(report), CaptureStatus::NotAReport) => std::mem::take(&mut report.findings),
            (Ok(_), _) | (Err(_), CaptureStatus::Duplicate) => Vec::new(),
            (Err(problem), _) => vec![Finding::report("GK001", problem.reason.as_str())],
        };
        Ok(record(&read, &fate, findings))
    }
}

fn record(read: &Read, fate: &Fate, findings: Vec<Finding>) -> CaptureRecord {
    let hash = fate.hash.as_ref().or(read.hash.as_ref());
    let resolution = read.outcome.as_ref().ok().map(|report| &report.resolution);
    let of_report = |field: fn(&Resolution) -> &Option<String>| resolution.and_then(|r| field(r).as_ref());
    let (media_type, charset) = match &read.format {
        Some((media_type, charset)) => (Some(media_type.clone()), charset.clone()),
        None => (None, None),
    };
    CaptureRecord {
        capture_id: capture_id(&read.container, hash.map(String::as_str)),
        container: read.container.clone(),
        source_uri: of_report(|r| &r.source_uri).or(read.provenance.uri.as_ref()).cloned(),
        source_host: of_report(|r| &r.source_host).or(read.provenance.host.as_ref()).cloned(),
        media_type,
        charset,
        bytes: i64::try_from(read.bytes).unwrap_or(i64::MAX),
        blake3: hash.cloned(),
        fetched_at: resolution.and_then(|r| r.fetched_at).or(read.provenance.fetched_at),
        status: fate.status,
        reason: fate.reason.as_deref().map(str::to_owned),
        report_id: fate.report_id.clone(),
        year: fate.year,
        region: fate.region.as_ref().to_owned(),
        first_seen: fate.seen.0,
        last_seen: fate.seen.1,
        findings,
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
