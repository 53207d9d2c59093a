//! Captures to a published snapshot: the only place that knows the order of the stages.
//!
//! [`Reader`] takes one capture through extract, parse, resolve and the rules: a pure function, run in parallel, behind
//! a panic guard. [`ingest`] plans the inputs, reads them, lets hosts learn and copies of one report meet, and publishes. Every capture
//! of the plan ends as one row of the `captures` table.

mod attendance;
mod barrier;
mod bonds;
mod containers;
mod copies;
mod covers;
mod elsewhere;
mod export;
mod fates;
mod file;
mod gate;
mod gist;
mod hosts;
mod ingest;
mod kin;
mod ledger;
mod meet;
mod packed;
mod panel;
mod reader;
mod reading;
mod records;
mod renumbered;
mod room;
mod run_record;
mod shelves;
mod summary;
mod watch;
mod worker;

pub use export::export_cache;
pub use file::{FileError, Input, MOST_THREADS, Pipeline, Quality, Release};
pub use gate::rules::{MeasureRule, measure_rules};
pub use gate::{Breach, Each, Expectation, Gate, Measure, Waiver};
pub use ingest::{Events, IngestError, IngestOptions, Preview, Stage, ingest, ingest_on, preview};
pub use meet::Reuse;
pub use reader::{Read, Reader, Report};
pub use run_record::{Ending, Metric, PROMOTE, RunRecord, breaches_of_record, metrics};
pub use summary::{Durations, Summary};
pub use worker::{FILES, READINGS, SCHEMA_KEY, WorkerError, WorkerOptions, serve, worker_plan, worker_read};

/// Version stamped into every snapshot.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");
