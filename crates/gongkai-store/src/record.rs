//! What a run hands over to be published.

use crate::cache::Cache;
use crate::publish::Draft;
use gongkai_model::{CaptureStatus, Finding, Likeness, Parsed, Resolution, Scope, Script};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One report: what was decided about it, what was read from it, and every doubt.
#[derive(Debug, Clone)]
pub struct ReportRecord {
    /// Who, where, when.
    pub resolution: Resolution,
    /// What was read.
    pub parsed: Parsed,
    /// Script of the source.
    pub script: Script,
    /// The capture that speaks for the report.
    pub capture_id: String,
    /// How many captures are copies of it, this one included.
    pub captures: u32,
    /// Whether it is among those that are added up, see [`crate::counted()`]. Set where the files are built.
    pub counted: bool,
    /// All findings about the report from every stage, those inside `parsed` and `resolution` included: the store
    /// looks at no other list.
    pub findings: Vec<Finding>,
    /// How far its sections are those of other reports, by position; sections behind the last are like none.
    pub likeness: Vec<Likeness>,
}

impl ReportRecord {
    /// Adds what `key_figures` says of it beside its figures: who filed it, whether it is added up, and what was found.
    /// `None` where that cannot be written down, and nothing may be taken for the same.
    pub(crate) fn hash_keys(&self, mut hasher: blake3::Hasher) -> Option<blake3::Hasher> {
        let codes: Vec<&str> = self.findings.iter().map(|f| f.code).collect();
        let own = postcard::to_stdvec(&(&self.resolution, self.counted, codes)).ok()?;
        hasher.update(&(own.len() as u64).to_le_bytes());
        hasher.update(&own);
        Some(hasher)
    }

    /// For whom one of its own tables counts: as the report, else as its caption says.
    pub fn scope_of(&self, table: &str) -> Scope {
        let read = self.parsed.tables.iter().find(|t| t.table.as_ref() == table);
        self.resolution.scope.or(read.map(|t| t.scope).unwrap_or_default())
    }
}

/// One document the run met.
#[derive(Debug, Clone)]
pub struct CaptureRecord {
    /// Id, unique in the batch.
    pub capture_id: String,
    /// Path relative to the input root.
    pub container: String,
    /// Address it was fetched from.
    pub source_uri: Option<String>,
    /// Host of that address.
    pub source_host: Option<String>,
    /// Media type as sniffed.
    pub media_type: Option<String>,
    /// WHATWG name of its encoding.
    pub charset: Option<String>,
    /// Size in bytes.
    pub bytes: i64,
    /// blake3 of the content, hexadecimal; `None` when it was not read.
    pub blake3: Option<String>,
    /// When it was fetched, microseconds since 1970-01-01 UTC.
    pub fetched_at: Option<i64>,
    /// What became of it.
    pub status: CaptureStatus,
    /// Why.
    pub reason: Option<String>,
    /// The report it is a copy of.
    pub report_id: Option<String>,
    /// Year of its report: the partition it goes to, `None` is `year=0`.
    pub year: Option<i16>,
    /// Region of its report: the partition it goes to, `unknown` when unresolved.
    pub region: String,
    /// Earliest fetch time of this content, microseconds since 1970-01-01 UTC.
    pub first_seen: Option<i64>,
    /// Latest fetch time of this content.
    pub last_seen: Option<i64>,
    /// Findings of a capture that speaks for no report.
    pub findings: Vec<Finding>,
}

/// What captures of a host taught about the place it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostRecord {
    /// The host, lower case.
    pub host: Arc<str>,
    /// Code of a unit that captures of the host lie in: the first code it had, which stays when it is recoded.
    pub unit: Arc<str>,
    /// Its present (or last) name.
    pub unit_name: Option<Arc<str>>,
    /// What the lesson rests on: `names`, `pinyin`.
    pub lesson: Arc<str>,
    /// How many captures.
    pub captures: u32,
    /// Code of the unit the host belongs to, as far as all its captures agree.
    pub place: Option<Arc<str>>,
    /// Its present (or last) name.
    pub place_name: Option<Arc<str>>,
    /// Whether none of the captures lies below that unit.
    pub exactly: Option<bool>,
    /// Region of the unit the host belongs to: the partition it goes to, `unknown` where it belongs to none.
    pub region: Arc<str>,
}

impl HostRecord {
    /// What hosts are sorted by.
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.host, &self.unit, &self.lesson)
    }
}

/// All a snapshot is made of, in memory. The order of either list does not matter.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The reports, each once.
    pub reports: Vec<ReportRecord>,
    /// Every document met, each once.
    pub captures: Vec<CaptureRecord>,
    /// What hosts taught, each host and unit once.
    pub hosts: Vec<HostRecord>,
}

/// Which cells get a row in the `cells` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// Those that are not a plain number.
    #[default]
    NotPlain,
    /// Every cell of the form's tables that were found.
    All,
}

/// How to publish.
#[derive(Clone, Copy, Default)]
pub struct PublishOptions<'a> {
    /// Version stamped into every file.
    pub tool_version: &'a str,
    /// Which cells get a row of evidence.
    pub evidence: Evidence,
    /// Called with (files done, files in all) from any thread.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
    /// Tells builds of one version apart: files of another build are not taken over unbuilt. Appears in no data file.
    pub build: &'a str,
    /// Where it is remembered what the partitions of the published snapshot were made of.
    pub cache: Option<&'a Cache>,
    /// Set by somebody who wants the run to end; nothing is published then.
    pub stop: Option<&'a AtomicBool>,
    /// Asked before publishing; what it refuses is kept as a candidate.
    pub gate: Option<&'a (dyn Fn(&Draft<'_>) -> bool + Sync)>,
}
