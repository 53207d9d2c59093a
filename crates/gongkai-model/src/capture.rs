//! A capture: one document as the crawler stored it, and what became of it.

use crate::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One document as the crawler stored it, before anything is read from it.
#[derive(Debug, Clone)]
pub struct Capture {
    /// Path relative to the input root, with `/` between parts; for a member of an archive its name is appended.
    /// Never absolute: data files carry no machine's paths.
    pub container: Arc<str>,
    /// The bytes as stored; empty when [`Capture::problem`] says they could not be had.
    pub bytes: Vec<u8>,
    /// Size in bytes as the container states it, known even where the bytes were not read (a file over the cap).
    pub size: u64,
    /// Where and when the crawler met the document, as far as its surroundings (not its content) tell.
    pub provenance: Provenance,
    /// What ties it to other captures.
    pub ties: Ties,
    /// Why the document cannot be read at all; the capture then ends with this status.
    pub problem: Option<Problem>,
}

/// What a container says about a capture and others: facts of storage, not of content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ties {
    /// The page it is one representation of (`page.html` and `page.txt`; `html` and `text` of one record): a name that
    /// all its representations share. `None` where it stands alone.
    pub page: Option<Arc<str>>,
    /// The page it is attached to: the container of another capture, which may be a mere cover of it.
    pub cover: Option<Arc<str>>,
    /// The digest of its payload as a record file states it, `sha1:…`; the key by which revisits name their original.
    pub digest: Option<Arc<str>>,
    /// It is the record of a fetch that found the content of the capture with the same digest again; it has no bytes.
    pub revisit: bool,
}

/// Where a capture came from, as told by its path, a sidecar file or a protocol header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The address the document was fetched from.
    pub uri: Option<String>,
    /// The host of that address, lower case; may be known (host-named folder) where the address is not.
    pub host: Option<String>,
    /// When it was fetched, in microseconds since 1970-01-01 UTC. `None` when unknown: never a clock or a file time.
    pub fetched_at: Option<i64>,
    /// Character encoding announced by the transport (HTTP `Content-Type`), not yet verified.
    pub charset_hint: Option<String>,
    /// Media type announced by the transport.
    pub media_type_hint: Option<String>,
    /// Title that the crawler stored beside the document.
    pub title: Option<String>,
}

/// What a page says about the document attached to it. It answers only what the document itself leaves open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Its title, simplified.
    pub title: String,
    /// Agency that it names.
    pub agency_name: Option<String>,
    /// Unit of its place, as the gazetteer keeps it over all years.
    pub unit: Option<String>,
    /// Year that it is about.
    pub year: Option<i16>,
    /// When it was published.
    pub published_on: Option<Date>,
}

/// What became of a capture. Every capture ends with exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CaptureStatus {
    /// It is the copy that speaks for its report.
    Report,
    /// Its bytes are the same as another capture's.
    Duplicate,
    /// Another copy of the same report speaks for it.
    Superseded,
    /// It was read, and is something else than an annual report.
    NotAReport,
    /// It could not be read (empty, binary, too large, no permission, ...).
    Unreadable,
    /// The tool itself failed on it (a caught panic, a limit).
    Failed,
}

impl CaptureStatus {
    /// All statuses, in the order summaries print them.
    pub const ALL: [Self; 6] =
        [Self::Report, Self::Duplicate, Self::Superseded, Self::NotAReport, Self::Unreadable, Self::Failed];

    /// The name used in the `captures` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Duplicate => "duplicate",
            Self::Superseded => "superseded",
            Self::NotAReport => "not_a_report",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }
}

/// A status that is settled before or without reading the content, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where the capture ends.
    pub status: CaptureStatus,
    /// A stable snake_case word (`empty`, `too_large`, `permission_denied`, ...), optionally followed by `: ` and detail.
    pub reason: String,
}

impl Problem {
    /// An unreadable capture.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self { status: CaptureStatus::Unreadable, reason: reason.into() }
    }
}
