//! Captures to a published snapshot: the only place that knows the order of the stages.
//!
//! [`Reader`] takes one capture through extract, parse, resolve and the rules: a pure function, run in parallel, behind
//! a panic guard. [`ingest`] plans the inputs, reads them, lets hosts learn and copies of one report meet, and publishes. Every capture
//! of the plan ends as one row of the `captures` table.

mod containers;
mod copies;
mod hosts;
mod ingest;
mod kin;
mod reader;
mod summary;

pub use ingest::{Events, IngestError, IngestOptions, Stage, ingest};
pub use reader::{Read, Reader, Report};
pub use summary::Summary;

/// Version stamped into every snapshot.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");
