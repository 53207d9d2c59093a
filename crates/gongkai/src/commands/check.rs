//! `gongkai check`.

use super::print;
use crate::arguments::Check;
use crate::table::thousands;
use crate::{Failure, Status};
use gongkai_registry::Registry;
use gongkai_store::{Store, StoreError};

/// Verifies a snapshot.
pub(crate) fn run(registry: &Registry, options: &Check) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    if options.repair {
        let done = store.writer().and_then(|w| w.repair(registry, options.snapshot.as_deref()));
        for what in done.map_err(failure)? {
            print(&format!("repaired {what}"));
        }
    }
    let report = store.check(registry, options.snapshot.as_deref()).map_err(failure)?;
    let size =
        format!("{} files, {} rows, {} bytes", report.files, thousands(report.rows), thousands(report.bytes));
    if report.is_sound() {
        print(&format!("{}: {size}: every hash, count and account holds", report.snapshot));
        return Ok(Status::Done);
    }
    let mut text = format!("{}: {size}: {} problems\n", report.snapshot, report.problems.len());
    for problem in &report.problems {
        text.push_str(&format!("  {problem}\n"));
    }
    print(&text);
    Ok(Status::Breached)
}

/// A store's error with the exit status it deserves.
pub(crate) fn failure(error: StoreError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}
