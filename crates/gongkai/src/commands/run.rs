//! `gongkai run`.

use super::check::failure;
use super::ingest::carry_out;
use super::print;
use crate::arguments::Run;
use crate::table::thousands;
use crate::{Failure, Status, signals};
use gongkai_pipeline::{IngestOptions, Pipeline, preview};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::time::SystemTime;

/// Runs a pipeline file.
pub(crate) fn run(registry: &Registry, options: &Run) -> Result<Status, Failure> {
    let pipeline = Pipeline::load(registry, &options.file).map_err(Failure::usage)?;
    let job = pipeline.job(&options.file, signals::stop()).map_err(Failure::usage)?;
    if options.dry_run {
        return dry(registry, &pipeline, &job);
    }
    let status = carry_out(registry, &job, options.quiet, options.log_format)?;
    if let Some(keep) = pipeline.retention {
        let dropped = Store::open(&job.store).and_then(|s| s.writer()?.gc(keep, SystemTime::now(), false));
        let dropped = dropped.map_err(failure)?;
        if !options.quiet && !dropped.snapshots.is_empty() {
            print(&format!("dropped {}", dropped.snapshots.join(", ")));
        }
    }
    Ok(status)
}

fn dry(registry: &Registry, pipeline: &Pipeline, job: &IngestOptions) -> Result<Status, Failure> {
    let seen = preview(registry, job)
        .map_err(|e| if e.is_usage() { Failure::usage(e) } else { Failure::failed(e) })?;
    let mut text = format!("{} inputs:\n", job.inputs.len());
    for input in &job.inputs {
        text.push_str(&format!("  {}\n", input.display()));
    }
    text.push_str(&format!(
        "{} files of {} bytes: {} unchanged by size and times, {} would be opened; {} documents met before are absent ({})\n",
        thousands(seen.files),
        thousands(seen.bytes),
        thousands(seen.unchanged),
        thousands(seen.files - seen.unchanged),
        thousands(seen.absent),
        if job.prune { "they would be dropped" } else { "they would stay in the data" },
    ));
    text.push_str(&format!("into {}, which would become a snapshot if ", job.store.display()));
    text.push_str(&format!(
        "{} expectations hold ({} waivers)\n",
        pipeline.gate.expectations.len(),
        pipeline.gate.waivers.len()
    ));
    match pipeline.retention {
        Some(keep) => text.push_str(&format!(
            "then dropping snapshots but the newest {} and those published less than {} days ago\n",
            keep.count,
            keep.age.as_secs() / 86_400
        )),
        None => text.push_str("keeping all snapshots\n"),
    }
    text.push_str("Nothing was read or written.\n");
    print(&text);
    Ok(Status::Done)
}
