//! Crawl output to captures: folders and files of pages, and the containers crawlers write: record files (WARC, WACZ),
//! JSON, separated values, Parquet and Arrow with pages in them, zip and tar, compressed or not, one within another.
//!
//! Two steps, so that a run can sort and count before it reads anything: [`plan`] walks the inputs and names every file
//! it meets; [`open`] turns one of them into a document or into a [`Container`], which hands out its documents one
//! after another and never holds more than one. Every file that is not hidden ends as a capture (perhaps one that already
//! knows why it cannot be read), as a container of captures, or as a [`Sidecar`] that tells about them. Names only
//! select; what something is, its content decides.
//!
//! Rooms: `roots` (the inputs given) → `walk` (files met) → `container` (their names in the data) → `attach`
//! (which sidecar speaks for which file) → `plan` → `open` → `sniff` → `contain`, and from there into `warc` (`feed`, `http`),
//! `json`, `separated` and `columns` (`record`), `zipped` and `tarred` (`members`), `workbook`, `mhtml`. `gongkai-inflate` does all
//! decompression, within [`Limits`].

#![forbid(unsafe_code)]

mod attach;
mod columns;
mod contain;
mod container;
mod declared;
mod elsewhere;
mod feed;
mod file;
mod http;
mod json;
mod kind;
mod members;
mod met;
mod mhtml;
mod open;
mod options;
mod pages;
mod plan;
mod provenance;
mod raw;
mod record;
mod roots;
mod separated;
mod sidecar;
mod sniff;
mod stamp;
mod tarred;
mod time;
mod walk;
mod warc;
mod workbook;
mod zipped;

use gongkai_inflate as inflate;

pub use columns::Batches;
pub use declared::{Declared, InputKind};
pub use elsewhere::{Content, Told};
pub use met::Met;
pub use open::{Container, Opened, find, open, read, standard_input_is_empty};
pub use options::{Fields, InputError, InputOptions, Limits};
pub use pages::{may_be_attached, ties_of_names};
pub use plan::{Entry, Note, Plan, Sidecar, SidecarKind, plan};
pub use provenance::{host_in_path, host_of_uri};
pub use stamp::Stamp;
