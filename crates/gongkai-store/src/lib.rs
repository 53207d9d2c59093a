//! The store: immutable snapshots of partitioned Parquet, described by the registry's output tables.
//!
//! [`Store::publish`] turns [`Contents`], reports and captures, into a snapshot: rows are grouped by (table, year,
//! region), sorted, encoded and written in parallel; files that did not change are hard links of the snapshot before;
//! the rename of `CURRENT` is the one moment at which readers see the new data. [`Store::check`] proves a snapshot
//! whole; [`Snapshot::rows`] reads single rows back. The layout is described in the contract and kept by the tests of this crate.

mod account;
mod build;
mod cache;
mod check;
mod column;
mod contents;
mod counted;
mod coverage;
mod diff;
mod dimensions;
mod disk;
mod encode;
mod error;
pub mod faults;
mod figures;
mod files;
mod history;
mod manifest;
mod partition;
mod publish;
mod read;
mod record;
mod release;
mod repair;
mod rows;
mod schema;
mod sink;
mod store;
mod table_file;
mod tally;
mod twins;
mod views;
mod wide;
mod writer;
mod years;

pub use cache::{Cache, Place, RecordKind, packed};
pub use check::{CheckReport, Problem, ProblemKind};
pub use contents::{Contents, Outline, ReportParts};
pub use counted::{Seat, Seated, Stands, counted};
pub use diff::{Change, compose, diff, diff_parquet};
pub use disk::{Disk, DiskFile, DiskParts, RealDisk};
pub use error::StoreError;
pub use figures::{Cell, Figures, Sizes};
pub use history::{Dropped, Edition, Retention};
pub use manifest::{Account, FileEntry, Manifest};
pub use partition::PartitionKey;
pub use publish::{Draft, Published};
pub use read::{Batches, Datum, Row, RowQuery};
pub use record::{Batch, CaptureRecord, Evidence, HostRecord, PublishOptions, ReportRecord};
pub use release::{Layout, RELEASE, ReleaseMark};
pub use schema::{PLACES, arrow_schema, sql_type, with_places};
pub use sink::{Sink, Sunk};
pub use store::{Snapshot, Store};
pub use tally::Tally;
pub use views::{folder_views_sql, literal_path, views_beside, views_sql};
pub use wide::{WideCell, wide_cells};
pub use writer::Writer;
pub use years::{BY_YEAR, gather};

/// Version of the tables' shape. It changes only when a name or a meaning in the contract does.
pub const SCHEMA_VERSION: &str = "1";
