//! The words every stage shares. No I/O, no Arrow, no knowledge of any particular form.
//!
//! A document's way: [`Capture`] → [`Document`] → [`Parsed`] → [`Resolution`] → rows of the store.
//! Every stage is total: damage becomes [`Finding`]s and NULLs, never an error that loses the capture.

mod capture;
mod code;
mod date;
mod document;
mod finding;
mod number;
mod parsed;
mod resolution;
mod word;

pub use capture::{Capture, CaptureStatus, Cover, Problem, Provenance, Ties};
pub use date::Date;
pub use document::{
    Block, ByteRange, Cell, Document, Format, Layout, Meta, Oddity, Paragraph, Role, Script, Table, pdf_start,
};
pub use finding::{CellAddress, Finding, Severity};
pub use number::Number;
pub use parsed::{
    BesideTable, CellFact, CellStatus, LegacyRow, LegacySource, Likeness, Parsed, Refusal, Section,
    SourcePlace, Statement, StatementScope, TableReading,
};
pub use resolution::{
    Decision, Evidence, EvidenceKind, Fingerprint, Place, ReportKey, Resolution, Scope, ScopeEvidence,
    SourceTrust, Verdict,
};
