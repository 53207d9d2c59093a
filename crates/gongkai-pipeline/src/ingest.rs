//! The main job: inputs to a published snapshot.

use crate::TOOL_VERSION;
use crate::containers::{Contained, read_containers};
use crate::copies::settle;
use crate::hosts;
use crate::reader::{Read, Reader};
use crate::summary::Summary;
use gongkai_input::{Entry, InputError, InputOptions, Opened, open, plan};
use gongkai_registry::Registry;
use gongkai_store::{Evidence, PublishOptions, Store, StoreError};
use rayon::prelude::*;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// What to ingest, and how.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Folders, files and archives; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// The store.
    pub store: PathBuf,
    /// How inputs are read.
    pub input: InputOptions,
    /// Threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Which cells get a row of evidence.
    pub evidence: Evidence,
}

/// The stages a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Walking the inputs.
    Planning,
    /// Reading documents.
    Reading,
    /// Writing the snapshot.
    Publishing,
}

/// Told what is going on, from any thread.
pub trait Events: Sync {
    /// A stage begins with so many steps.
    fn begin(&self, stage: Stage, steps: usize);
    /// So many steps of the stage are done.
    fn progress(&self, stage: Stage, done: usize);
    /// Something a person should know, once.
    fn note(&self, message: &str);
}

/// Why nothing was published.
#[derive(Debug)]
pub enum IngestError {
    /// An input cannot be used at all.
    Input(InputError),
    /// The store cannot be used or written.
    Store(StoreError),
    /// The inputs hold no file at all.
    Nothing,
    /// Threads could not be started.
    Threads(String),
}

impl IngestError {
    /// Whether the call was wrong, rather than the run.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Input(_) | Self::Nothing => true,
            Self::Store(error) => error.is_usage(),
            Self::Threads(_) => false,
        }
    }
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Nothing => f.write_str("the inputs hold no file; nothing was published"),
            Self::Threads(why) => write!(f, "cannot start threads: {why}"),
        }
    }
}

impl std::error::Error for IngestError {}

impl From<InputError> for IngestError {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<StoreError> for IngestError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Reads all inputs and publishes them as one snapshot.
///
/// # Errors
/// When an input or the store cannot be used; the published snapshot is then untouched. What is wrong with single
/// documents is no error but their status.
pub fn ingest(
    registry: &Registry,
    options: &IngestOptions,
    events: &dyn Events,
) -> Result<Summary, IngestError> {
    let started = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads.unwrap_or(0)).build();
    let pool = pool.map_err(|e| IngestError::Threads(e.to_string()))?;
    events.begin(Stage::Planning, 0);
    let plan = plan(&options.inputs, &options.input)?;
    if plan.entries.is_empty() {
        return Err(IngestError::Nothing);
    }
    // Before hours of reading: can it be written at all?
    let store = Store::create_or_open(&options.store)?;
    let known = hosts::known(&store)?;
    for note in &plan.notes {
        events.note(&format!("{}: {}", note.container, note.message));
    }
    pool.install(|| {
        let Contained { mut reads, sidecars, hidden, notes } =
            read_all(registry, &plan.entries, options, events)?;
        for note in &notes {
            events.note(&format!("{}: {}", note.container, note.message));
        }
        let reading = started.elapsed();
        let bytes = reads.iter().map(|r| r.bytes).sum();
        let learned = hosts::learn(registry, &mut reads, &known);
        let mut batch = settle(reads, registry);
        batch.hosts = hosts::records(registry, &learned);
        let progress = |done: usize, total: usize| {
            if done == 0 {
                events.begin(Stage::Publishing, total);
            }
            events.progress(Stage::Publishing, done);
        };
        let publish = PublishOptions {
            tool_version: TOOL_VERSION,
            evidence: options.evidence,
            progress: Some(&progress),
        };
        let published = store.publish(registry, &batch, &publish)?;
        let beside = (plan.sidecars.len() as u64 + sidecars, plan.hidden + hidden);
        Ok(Summary::of(&batch, beside, published, bytes, reading, started.elapsed()))
    })
}

/// Single documents first, each on any thread; then what the containers hold. Sorted by name: no order of files, threads
/// or containers shows in what follows.
fn read_all<'r>(
    registry: &'r Registry,
    entries: &[Entry],
    options: &IngestOptions,
    events: &dyn Events,
) -> Result<Contained<'r>, IngestError> {
    let reader = Reader::new(registry);
    let done = AtomicUsize::new(0);
    let advance = |steps: usize| {
        events.progress(Stage::Reading, done.fetch_add(steps, Ordering::Relaxed) + steps);
    };
    events.begin(Stage::Reading, entries.len());
    let opened: Vec<Result<Read<'r>, &Entry>> = entries
        .par_iter()
        .map(|entry| match open(entry, &options.input) {
            Opened::Document(capture) => {
                let read = reader.read(&capture);
                advance(1);
                Ok(read)
            }
            // Closed again: there may be more of them than files may be open.
            Opened::Container(_) => Err(entry),
        })
        .collect();
    let mut single = Vec::with_capacity(opened.len());
    let mut containers = Vec::new();
    for one in opened {
        match one {
            Ok(read) => single.push(read),
            Err(entry) => containers.push(entry),
        }
    }
    let mut all = read_containers(&reader, &containers, &options.input, &advance)
        .map_err(|e| IngestError::Threads(e.to_string()))?;
    all.reads.extend(single);
    all.reads.par_sort_by(|a, b| (&a.container, &a.hash).cmp(&(&b.container, &b.hash)));
    Ok(all)
}
