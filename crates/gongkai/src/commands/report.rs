//! `gongkai report`.

use super::check::failure;
use crate::arguments::Report;
use crate::say::print_raw;
use crate::table::thousands;
use crate::{Failure, Status};
use gongkai_registry::Registry;
use gongkai_store::Store;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::IsTerminal;
use std::path::Path;

/// Writes the page about a snapshot's quality.
pub(crate) fn run(registry: &Registry, options: &Report) -> Result<Status, Failure> {
    writable(&options.output)?;
    let store = Store::open(&options.store).map_err(failure)?;
    let snapshot = store.find(options.snapshot.as_deref().unwrap_or("CURRENT")).map_err(failure)?;
    let bar = bar(options.quiet);
    let tell = |at: &str| {
        bar.set_message(format!("reading {at}"));
        bar.tick();
    };
    let page = gongkai_publish::page_telling(registry, &store, &snapshot, &tell).map_err(failure)?;
    bar.finish_and_clear();
    if options.output.as_os_str() == "-" {
        print_raw(page.as_bytes());
        return Ok(Status::Done);
    }
    std::fs::write(&options.output, &page)
        .map_err(|e| Failure::failed(format!("cannot write {}: {e}", options.output.display())))?;
    if !options.quiet {
        let size = thousands(page.len() as u64);
        crate::say::tell(&format!(
            "{}: {size} bytes about snapshot {}",
            options.output.display(),
            snapshot.name
        ));
    }
    Ok(Status::Done)
}

/// Found out before the work: where the page is to go.
fn writable(output: &Path) -> Result<(), Failure> {
    if output.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder; name a file, such as report.html",
            output.display()
        )));
    }
    match output.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => {
            Err(Failure::usage(format!("there is no folder {} to write the page to", folder.display())))
        }
        _ => Ok(()),
    }
}

/// What a person sees meanwhile.
fn bar(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
}
