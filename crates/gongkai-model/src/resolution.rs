//! Who filed, for where, for which year.

use crate::Date;
use crate::Finding;

/// Whether a document is an annual report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Report,
    /// It is not, with a stable snake_case reason (`no_report_title_or_table`, `notice`, ...), optionally `: ` and detail.
    NotAReport(String),
}

/// Where a piece of evidence was read. The names are those of `year_evidence` and `region_evidence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        }
    }
}

/// One candidate for the year, the place or the agency, kept so that `inspect` can show the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it speaks for: `year`, `place` or `agency`.
    pub about: &'static str,
    /// Where it was read.
    pub kind: EvidenceKind,
    /// The text it was read from.
    pub text: String,
    /// What it says: a year, a division code, an agency name.
    pub value: String,
    /// Whether the decision rests on it or agrees with it.
    pub supports: bool,
}

/// A place in the administrative hierarchy, with GB/T 2260 codes valid in the report year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// How far a source host can be trusted to show what the agency published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone)]
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
    /// Function code of the agency kind registry, such as `civil_affairs`.
    pub agency_kind: Option<String>,
    /// `central|province|prefecture|county|township`.
    pub agency_level: Option<String>,
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
    /// Doubts.
    pub findings: Vec<Finding>,
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
}
