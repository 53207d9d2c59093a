//! Who filed, for where, for which year.

use crate::Date;
use crate::Finding;
use serde::{Deserialize, Serialize};

/// Whether a document is an annual report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is.
    Report,
    /// It is not, with a stable snake_case reason (`no_report_title_or_table`, `notice`, ...), optionally `: ` and detail.
    NotAReport(String),
}

/// Where a piece of evidence was read. The names are those of `year_evidence` and `region_evidence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EvidenceKind {
    /// Title of the page or document.
    Title,
    /// The sentence stating the statistics period.
    Period,
    /// Signature and date at the end.
    Signature,
    /// Page metadata.
    Meta,
    /// 网站标识码 of the site.
    SiteCode,
    /// Address the page was fetched from.
    Url,
    /// Path of the capture.
    Path,
    /// Running text.
    Body,
    /// What other captures of the same host taught, see the `hosts` table.
    Host,
    /// The page that the document is attached to.
    Cover,
}

impl EvidenceKind {
    /// The name used in the `reports` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Period => "period",
            Self::Signature => "signature",
            Self::Meta => "meta",
            Self::SiteCode => "site_code",
            Self::Url => "url",
            Self::Path => "path",
            Self::Body => "body",
            Self::Host => "host",
            Self::Cover => "cover",
        }
    }
}

/// One candidate for the year, the place or the agency, kept so that `inspect` can show the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it speaks for: `year`, `place` or `agency`.
    #[serde(with = "crate::word")]
    pub about: crate::word::Word,
    /// Where it was read.
    pub kind: EvidenceKind,
    /// The text it was read from.
    pub text: String,
    /// What it says: a year, a division code (several where it may mean any of them), an agency name.
    pub value: String,
    /// How much it says, comparable among the pieces about one thing.
    pub strength: u32,
    /// Whether the decision rests on it or agrees with it.
    pub supports: bool,
}

/// How a decision came about: what won, by how much, over what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided: `year`, `place` or `agency`.
    #[serde(with = "crate::word")]
    pub about: crate::word::Word,
    /// The winner; `None` where it was left open.
    pub value: Option<String>,
    /// Summed strength of what speaks for the winner (for the best, where it was left open).
    pub strength: u32,
    /// How far the runner-up is behind.
    pub margin: u32,
    /// Everything else that was possible, with its strength, strongest first.
    pub losers: Vec<(String, u32)>,
}

/// A place in the administrative hierarchy, with GB/T 2260 codes valid in the report year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Six digits, such as `320000`.
    pub province_code: Option<String>,
    /// Name of the province-level unit in the report year.
    pub province_name: Option<String>,
    /// Six digits, such as `320100`; `None` for municipalities and for counties run by their province.
    pub city_code: Option<String>,
    /// Name of the prefecture-level unit in the report year.
    pub city_name: Option<String>,
    /// Six digits, such as `320113`.
    pub county_code: Option<String>,
    /// Name of the county-level unit in the report year.
    pub county_name: Option<String>,
    /// Name of the town, township or street.
    pub township_name: Option<String>,
    /// Partition value: ISO 3166-2:CN code, `CN` for central organs, `unknown` when unresolved.
    pub region: String,
}

/// For whom a report or a table counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// A body with all that stand under it (汇总).
    Whole,
    /// A body alone (本级).
    Own,
    /// Nothing says it.
    #[default]
    Unknown,
}

impl Scope {
    /// The name used in the column `scope`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Own => "own",
            Self::Unknown => "unknown",
        }
    }

    /// The scope of that name; `Unknown` of any other.
    pub fn from_code(code: &str) -> Self {
        [Self::Whole, Self::Own].into_iter().find(|s| s.as_str() == code).unwrap_or_default()
    }

    /// This one, or where it is unknown another.
    pub fn or(self, other: Self) -> Self {
        if self == Self::Unknown { other } else { self }
    }
}

/// Where it was read for whom a report counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ScopeEvidence {
    /// The title.
    Title,
    /// The captions above its tables.
    Caption,
    /// The first sentence.
    Opening,
    /// Another sentence before the first section.
    Preamble,
}

impl ScopeEvidence {
    /// The name used in the `reports` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Caption => "caption",
            Self::Opening => "opening",
            Self::Preamble => "preamble",
        }
    }
}

/// How far a source host can be trusted to show what the agency published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceTrust {
    /// A government host (`gov.cn`).
    Gov,
    /// Somebody's copy.
    Mirror,
    /// Host unknown.
    Unknown,
}

impl SourceTrust {
    /// The name used in the `reports` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gov => "gov",
            Self::Mirror => "mirror",
            Self::Unknown => "unknown",
        }
    }
}

/// What was decided about a document, with the evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resolution {
    /// Whether it is an annual report at all.
    pub verdict: Verdict,
    /// Stable id of the report (`r` and 16 hex digits): same agency and year, same id, whatever the crawl or the copy.
    pub report_id: String,
    /// Stable id of the agency (`a` and 16 hex digits).
    pub agency_id: String,
    /// Title, simplified.
    pub title: Option<String>,
    /// Full name of the agency, simplified.
    pub agency_name: Option<String>,
    /// What sets the body apart from ordinary agencies of its place (`zone`, `vertical`, `school`, ...); see `marks` in
    /// `data/agencies/kinds.toml`.
    pub agency_mark: Option<String>,
    /// Function code of the agency kind registry, such as `civil_affairs`.
    pub agency_kind: Option<String>,
    /// `central|province|prefecture|county|township`.
    pub agency_level: Option<String>,
    /// For whom it counts.
    pub scope: Scope,
    /// Where that was read.
    pub scope_evidence: Option<ScopeEvidence>,
    /// Where.
    pub place: Place,
    /// Year the report is about; `None` is partition `year=0`.
    pub year: Option<i16>,
    /// Where the year was read.
    pub year_evidence: Option<EvidenceKind>,
    /// Where the place was read.
    pub region_evidence: Option<EvidenceKind>,
    /// Publication date of the page.
    pub published_on: Option<Date>,
    /// Date of the signature.
    pub signed_on: Option<Date>,
    /// First day of the statistics period.
    pub period_start: Option<Date>,
    /// Last day of the statistics period.
    pub period_end: Option<Date>,
    /// Address of the page, from the crawl or from the page itself.
    pub source_uri: Option<String>,
    /// Host of that address.
    pub source_host: Option<String>,
    /// Trust in that host.
    pub source_trust: Option<SourceTrust>,
    /// When the page was fetched, in microseconds since 1970-01-01 UTC, where the page or the crawl says so.
    pub fetched_at: Option<i64>,
    /// All candidates, those that lost included.
    pub evidence: Vec<Evidence>,
    /// How agency, place and year were decided, in this order.
    pub decisions: Vec<Decision>,
    /// Doubts.
    pub findings: Vec<Finding>,
}

/// What a report says, without what its page says around it. Copies with other navigation, counters, footers or script have
/// the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Hash of all sentences in order, digits included; `None` of a text too short to be told from others.
    pub text: Option<String>,
    /// The smallest hashes of single sentences, sorted: how much two texts share can be seen from them.
    pub sketch: Vec<u32>,
    /// Hash of all figures read; `None` where they are few or small, as those of many agencies are.
    pub figures: Option<u32>,
}

/// What the one barrier of a run sees: enough to group copies and choose the one that speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportKey {
    /// Position of the capture in the run's order.
    pub capture: usize,
    /// Path of the capture.
    pub container: std::sync::Arc<str>,
    /// Report the capture is a copy of; `None` when it is no report.
    pub report_id: Option<String>,
    /// The agency, as in `agency_id`.
    pub agency_id: Option<String>,
    /// For whom it counts.
    pub scope: Scope,
    /// Whether agency, place and year are known, so that the id is the same for every copy.
    pub resolved: bool,
    /// Name of the agency as printed, simplified.
    pub agency_name: Option<String>,
    /// What the agency does and what tells it apart in its place, see `agency_id`.
    pub agency: Option<String>,
    /// The agency's name behind its places, as printed.
    pub function: Option<String>,
    /// Year the report is about.
    pub year: Option<i16>,
    /// Address it was fetched from.
    pub uri: Option<String>,
    /// What it says.
    pub fingerprint: Fingerprint,
    /// blake3 of the bytes, hexadecimal.
    pub content_hash: String,
    /// Trust in its host.
    pub trust: SourceTrust,
    /// Cells read as numbers.
    pub cells_read: u32,
    /// Findings of severity error and warning.
    pub doubts: u32,
    /// When it was fetched.
    pub fetched_at: Option<i64>,
    /// Whether it was met by earlier runs only: what it says may be out of date.
    pub gone: bool,
}
