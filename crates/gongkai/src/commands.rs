//! The commands, one a file.

pub(crate) mod after;
pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod ingest;
pub(crate) mod inspect;
pub(crate) mod night;
mod page;
pub(crate) mod release;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod snapshots;
pub(crate) mod sql;
pub(crate) mod trace;
pub(crate) mod worker;

use crate::Failure;
pub(crate) use crate::say::print;
use gongkai_registry::Registry;
use std::path::Path;

/// The registry built in, or the one in a folder.
pub(crate) fn registry(dir: Option<&Path>) -> Result<&'static Registry, Failure> {
    match dir {
        None => Ok(Registry::embedded()),
        // Loaded once for the life of the process.
        Some(dir) => Registry::load(dir)
            .map(|r| &*Box::leak(Box::new(r)))
            .map_err(|e| Failure::usage(format!("{e:#}"))),
    }
}
