//! Crawl output to captures: folders and single files of pages and texts.
//!
//! Two steps, so that a run can sort, count and shard before it reads anything:
//! [`plan`] walks the inputs and names every document it meets; [`read`] fetches the bytes of one of them.
//! Every file that is not hidden ends either as an [`Entry`] (perhaps one that already knows why it cannot be
//! read) or as a [`Sidecar`] that told where a page came from. Names only select; what a document is, its
//! content decides later.
//!
//! Rooms: `roots` (the inputs given) → `walk` (files met) → `container` (their names in the data) → `attach`
//! (which sidecar speaks for which file) → `plan`. A new kind of container (an archive, a record file) is a new
//! implementation of the `Source` trait and a place in `plan` that turns such a file into several entries.

#![forbid(unsafe_code)]

mod attach;
mod container;
mod file;
mod kind;
mod options;
mod plan;
mod provenance;
mod roots;
mod sidecar;
mod source;
mod time;
mod walk;

pub use options::{InputError, InputOptions};
pub use plan::{Entry, Note, Plan, Sidecar, SidecarKind, plan, read};
pub use provenance::{host_in_path, host_of_uri};
