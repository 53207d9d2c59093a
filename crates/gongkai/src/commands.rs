//! The commands, one a file.

pub(crate) mod after;
pub(crate) mod check;
pub(crate) mod ingest;
pub(crate) mod inspect;
mod page;
pub(crate) mod release;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod snapshots;
pub(crate) mod sql;
pub(crate) mod trace;

use crate::Failure;
use gongkai_registry::Registry;
use std::io::Write;
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

/// Prints a result. A reader that went away (`| head`) is no failure.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
}
