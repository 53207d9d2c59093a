//! `gongkai check`.

use super::print;
use crate::arguments::Check;
use crate::table::thousands;
use crate::{Failure, Status};
use gongkai_publish::release::{ReleaseCheck, check_release};
use gongkai_registry::Registry;
use gongkai_store::{Store, StoreError};

/// Verifies a snapshot.
pub(crate) fn run(registry: &Registry, options: &Check) -> Result<Status, Failure> {
    if let Some(found) = check_release(registry, &options.store).map_err(super::release::failure)? {
        return Ok(release(&found));
    }
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
        report.notes.iter().for_each(|note| print(&format!("note: {note}")));
        return Ok(Status::Done);
    }
    let mut text = format!("{}: {size}: {} problems\n", report.snapshot, report.problems.len());
    for problem in &report.problems {
        text.push_str(&format!("  {problem}\n"));
    }
    print(&text);
    Ok(Status::Breached)
}

/// What is said of a release.
fn release(found: &ReleaseCheck) -> Status {
    let (version, files) = (&found.version, found.files);
    let tables = match &found.tables {
        Some(tables) => format!(", {} rows", thousands(tables.rows)),
        None => ", tables not in folders: their files are verified, not their rows".to_owned(),
    };
    if found.is_sound() {
        print(&format!("release {version}: {files} files{tables}: every hash, count and account holds"));
        return Status::Done;
    }
    let of_tables = found.tables.iter().flat_map(|t| t.problems.iter().map(ToString::to_string));
    let problems: Vec<String> = found.problems.iter().cloned().chain(of_tables).collect();
    let mut text = format!("release {version}: {files} files{tables}: {} problems\n", problems.len());
    for problem in problems {
        text.push_str(&format!("  {problem}\n"));
    }
    print(&text);
    Status::Breached
}

/// A store's error with the exit status it deserves.
pub(crate) fn failure(error: StoreError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}
