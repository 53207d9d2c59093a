//! `gongkai run`.

use super::after;
use super::check::failure;
use super::ingest::carry_out;
use super::night::Night;
use super::{print, release, snapshots};
use crate::arguments::Run;
use crate::progress::Progress;
use crate::table::thousands;
use crate::{Failure, Status, signals};
use gongkai_pipeline::{Events, IngestOptions, Pipeline, preview};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Runs a pipeline file.
pub(crate) fn run(registry: &Registry, options: &Run) -> Result<Status, Failure> {
    let night = |store: &Path| Night::new(store, "run", options.quiet, options.log_format);
    // What is refused is noted too, where the file still says in which store.
    let refused = |failure: Failure, store: Option<&Path>| match store.filter(|_| !options.dry_run) {
        Some(store) => night(store).refused(failure),
        None => failure,
    };
    let pipeline = Pipeline::load(registry, &options.file)
        .map_err(|e| refused(Failure::usage(e), Pipeline::store_of(&options.file).as_deref()))?;
    let store = Some(pipeline.store.as_path());
    let job = pipeline.job(&options.file, signals::stop()).map_err(|e| refused(Failure::usage(e), store))?;
    if options.dry_run {
        return dry(registry, &pipeline, &job);
    }
    after::refuse(&options.file, &pipeline).map_err(|failure| refused(failure, store))?;
    let mark = Mark::of(&options.file, &pipeline);
    mark.refuse_empty(options.first)?;
    let night = night(&job.store);
    carry_out(registry, &job, &night, options.quiet, |status| {
        mark.note_on(&night.progress);
        afterwards(registry, options, &pipeline, &night.progress, status)
    })
}

/// What a pipeline file wants once its run is done.
fn afterwards(
    registry: &Registry,
    options: &Run,
    pipeline: &Pipeline,
    progress: &Progress,
    status: Status,
) -> Result<(), Failure> {
    let store = Store::open(&pipeline.store).map_err(failure)?;
    if let Some(keep) = pipeline.retention {
        let dropped = store.writer().and_then(|w| w.gc(keep, SystemTime::now(), false)).map_err(failure)?;
        if !options.quiet && !dropped.snapshots.is_empty() {
            print(&format!("dropped {}", dropped.snapshots.join(", ")));
            if let Some(unseen) = snapshots::unseen(&dropped) {
                print(&format!("({unseen}; `days` of [retention] keeps what they may be reading)"));
            }
        }
    }
    // A breach is for a person to look at first.
    if status == Status::Done {
        pipeline.quality.iter().try_for_each(|page| after::quality_page(registry, &store, page))?;
        if let Some(release) = &pipeline.release {
            let made = release::nightly(registry, &store, release, &options.file, progress)?;
            if let Some(made) = made.filter(|_| !options.quiet) {
                print(&made);
            }
        }
    }
    Ok(())
}

/// Beside the pipeline file: into which store it has published. An empty store is then no first run, but a disk that is not mounted.
struct Mark {
    path: PathBuf,
    store: PathBuf,
    text: String,
}

impl Mark {
    fn of(file: &Path, pipeline: &Pipeline) -> Self {
        let store = pipeline.store.clone();
        let folder = file.parent().unwrap_or(Path::new(""));
        let named = store.strip_prefix(folder).unwrap_or(&store).display().to_string();
        let text = format!("gongkai run has published into this store:\n{named}\n");
        Self { path: file.with_extension("published"), store, text }
    }

    fn has_published(&self) -> bool {
        Store::open(&self.store).and_then(|store| store.current()).is_ok_and(|current| current.is_some())
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.store).map_or(true, |mut all| all.next().is_none())
    }

    fn refuse_empty(&self, is_first: bool) -> Result<(), Failure> {
        let known = std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.text);
        if is_first || !known || !self.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{} is empty, and this pipeline has published into it before ({} says so): is a disk not mounted? \
             `gongkai run --first` begins anew",
            self.store.display(),
            self.path.display()
        )))
    }

    /// Remembers it; that it cannot is told.
    fn note_on(&self, progress: &Progress) {
        if let Err(e) = self.note() {
            let message =
                format!("cannot remember that this pipeline published: {}: {e}", self.path.display());
            progress.warning(&message);
        }
    }

    fn note(&self) -> std::io::Result<()> {
        let is_told = std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.text);
        if is_told || !self.has_published() { Ok(()) } else { std::fs::write(&self.path, &self.text) }
    }
}

fn dry(registry: &Registry, pipeline: &Pipeline, job: &IngestOptions) -> Result<Status, Failure> {
    let seen = preview(registry, job)
        .map_err(|e| if e.is_usage() { Failure::usage(e) } else { Failure::failed(e) })?;
    let mut text = format!("{} inputs:\n", job.inputs.len());
    for input in &job.inputs {
        let declared = job.input.declared.get(input);
        let kind = declared.and_then(|d| d.kind).map_or(String::new(), |kind| format!(" ({kind})"));
        text.push_str(&format!("  {}{kind}\n", input.display()));
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
    if let Some(mib) = pipeline.memory {
        text.push_str(&format!("within {mib} MiB for what is done side by side\n"));
    }
    if let Some(quality) = &pipeline.quality {
        text.push_str(&format!("then writing the quality page {}\n", quality.page.display()));
    }
    if let Some(release) = &pipeline.release {
        text.push_str(&format!("then making release {} in {}\n", release.version, release.dir.display()));
    }
    text.push_str("Nothing was read or written.\n");
    print(&text);
    Ok(Status::Done)
}
