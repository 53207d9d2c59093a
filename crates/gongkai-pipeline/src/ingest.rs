//! The main job: inputs to a published snapshot.

use crate::TOOL_VERSION;
use crate::attendance::{Attendance, Attendances};
use crate::barrier::Settled;
use crate::bonds::Bonds;
use crate::gate::{Breach, Gate, lost};
use crate::hosts;
use crate::ledger::{Digest, Ledger};
use crate::meet::{Task, digest};
use crate::panel::Panel;
use crate::reading::{is_lost, lost_for_good, write};
use crate::room::Room;
use crate::summary::{Durations, Summary};
use gongkai_input::{Entry, InputError, InputOptions, Plan, plan, standard_input_is_empty};
use gongkai_registry::Registry;
use gongkai_store::{Cache, Disk, Draft, Evidence, PublishOptions, RealDisk, Store, StoreError, Writer};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// What to ingest, and how.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Folders, files and archives; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// What was read elsewhere, and is to be met as if it were read here: files of rows that `gongkai worker read` wrote, folders of
    /// such files, stores.
    pub caches: Vec<PathBuf>,
    /// The store.
    pub store: PathBuf,
    /// How inputs are read.
    pub input: InputOptions,
    /// Threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Bytes that what is done side by side may hold: documents being read and partitions being built wait for one another
    /// where they would hold more. The ledger (less than 1 KB an input) comes on top; a single document or partition that
    /// needs more is done alone. Changes no byte of the data. `None` bounds nothing but by threads.
    pub memory: Option<u64>,
    /// Which cells get a row of evidence.
    pub evidence: Evidence,
    /// Whether what these inputs no longer hold is dropped. Otherwise everything ever met stays in the data.
    pub prune: bool,
    /// What the program is, beyond its version; `None` is a hash of the running program. Known results of another build
    /// are not used.
    pub build: Option<String>,
    /// What a snapshot must be like to be published.
    pub gate: Gate,
    /// Set to end the run early: nothing is published, what was read is kept.
    pub stop: Arc<AtomicBool>,
}

/// Why a snapshot of a store without a cache may be held back.
const FORGETFUL: &str = "the store does not remember what its published snapshot was read from (it begins with a release, or its cache \
    was removed), and captures of that snapshot are not among these inputs: publishing would drop them. Name all inputs, \
    begin with a release made with --sources, or drop them with --prune";

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
    /// As a note; shown even where all else is quiet.
    fn warning(&self, message: &str) {
        self.note(message);
    }
}

/// Why nothing was published.
#[derive(Debug)]
pub enum IngestError {
    /// An input cannot be used at all.
    Input(InputError),
    /// The store cannot be used or written.
    Store(StoreError),
    /// What was read elsewhere cannot be taken over: where, and why.
    Cache(PathBuf, String),
    /// What was read elsewhere is not all of it: what is missing.
    Parts(String),
    /// The inputs hold no file at all.
    Nothing,
    /// Nothing is sent to the program on standard input.
    Empty,
    /// Threads could not be started.
    Threads(String),
}

impl IngestError {
    /// Whether the call was wrong, rather than the run.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Input(_) | Self::Nothing | Self::Cache(..) | Self::Parts(_) => true,
            Self::Store(error) => error.is_usage(),
            Self::Empty | Self::Threads(_) => false,
        }
    }
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Parts(why) => write!(f, "{why}; nothing was published. Read them, too, or name their caches"),
            Self::Cache(path, why) => write!(f, "cache {}: {why}", path.display()),
            Self::Nothing => f.write_str("the inputs hold no file; nothing was published"),
            Self::Empty => f.write_str(
                "standard input is empty; nothing was published. Did the program that was to write to it fail?",
            ),
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
    ingest_on(Arc::new(RealDisk), registry, options, events)
}

/// As [`ingest`], on a disk of the caller's.
///
/// # Errors
/// As there.
pub fn ingest_on(
    disk: Arc<dyn Disk>,
    registry: &Registry,
    options: &IngestOptions,
    events: &dyn Events,
) -> Result<Summary, IngestError> {
    let started = Instant::now();
    let pool = pool(options.threads.unwrap_or(0))?;
    events.begin(Stage::Planning, 0);
    let plan = planned(options)?;
    if plan.entries.is_empty() && options.caches.is_empty() {
        return Err(IngestError::Nothing);
    }
    if plan.entries.iter().any(Entry::comes_once) && standard_input_is_empty() {
        return Err(IngestError::Empty);
    }
    let planning = started.elapsed();
    // Before hours of reading: can it be written at all?
    let store = Store::create_or_open_on(disk, &options.store)?;
    let writer = store.writer()?;
    let build = build(options);
    pool.install(|| {
        let run = Run { registry, options, events, writer: &writer, build: &build, started, planning };
        match run.go(plan, false) {
            // What was thought to be known is lost: now everything known is proven first, and read where it is not.
            Err(IngestError::Store(error)) if is_lost(&error) => {
                events.warning("a record of the cache is damaged or lost: all are looked at, and what they were read from is read again");
                run.go(planned(options)?, true).map_err(|error| match error {
                    IngestError::Store(error) if is_lost(&error) => lost_for_good().into(),
                    error => error,
                })
            }
            done => done,
        }
    })
}

/// What the inputs hold, by the names that the store knows them by.
fn planned(options: &IngestOptions) -> Result<Plan, IngestError> {
    let store = fs::canonicalize(&options.store).ok();
    let labels = match Store::open(&options.store) {
        Ok(known) => labels(&known.read_cache())?,
        // What is wrong with it shows when it is opened for writing.
        Err(_) => BTreeMap::new(),
    };
    let input = InputOptions { store, labels, ..options.input.clone() };
    Ok(plan(&options.inputs, &input)?)
}

/// Name of the memory of names in the cache.
const LABELS: &str = "names";

/// What stood before the names of the inputs of all runs.
fn labels(cache: &Cache) -> Result<BTreeMap<String, String>, StoreError> {
    Ok(cache.kept(LABELS)?.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default())
}

/// Remembers what stands before the names of inputs.
fn remember_labels(cache: &Cache, new: BTreeMap<String, String>) -> Result<(), StoreError> {
    let mut all = labels(cache)?;
    if new.iter().all(|(base, label)| all.get(base) == Some(label)) {
        return Ok(());
    }
    all.extend(new);
    cache.put_beside(LABELS, &|to| write(&all, to))
}

/// So many threads; 0 is one a core.
fn pool(threads: usize) -> Result<ThreadPool, IngestError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|e| IngestError::Threads(e.to_string()))
}

/// A hash of the running program: results of another build may differ, whatever its version says.
pub(crate) fn this_build() -> String {
    let hash = || -> std::io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(std::env::current_exe()?)?)?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    // A program that cannot see itself trusts no other run's results: a number that no other run has.
    hash().unwrap_or_else(|_| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        format!("unknown {} {}", std::process::id(), now.map_or(0, |d| d.as_nanos()))
    })
}

/// One run, all things chosen.
struct Run<'a> {
    registry: &'a Registry,
    options: &'a IngestOptions,
    events: &'a dyn Events,
    writer: &'a Writer,
    build: &'a str,
    started: Instant,
    planning: Duration,
}

impl Run<'_> {
    fn go(&self, plan: Plan, prove: bool) -> Result<Summary, IngestError> {
        let cache = self.writer.cache()?;
        let current = self.writer.store().current()?.map(|snapshot| snapshot.name);
        let mut ledger = Ledger::load(&cache, current.as_deref())?;
        // A store that begins with a release, or lost its cache, no longer knows what its snapshot was read from. The mark stays until
        // a snapshot is published: a second attempt must not pass what the first was refused.
        if ledger.len() == 0 && current.is_some() {
            cache.set_forgotten(true)?;
        }
        let forgetful = cache.has_forgotten()?;
        let room = Room::of(self.options.memory);
        let task = Task {
            registry: self.registry,
            cache: &cache,
            by: made_by(self.registry, self.build),
            input: &self.options.input,
            prune: self.options.prune,
            caches: &self.options.caches,
            stop: &self.options.stop,
            events: self.events,
            prove,
            saved: AtomicU64::new(0),
            reader: OnceLock::new(),
            room: &room,
        };
        let Plan { entries, sidecars, hidden, notes, labels } = plan;
        remember_labels(&cache, labels)?;
        for note in notes {
            self.events.note(&format!("{}: {}", note.container, note.message));
        }
        let (reuse, missing, beside) = ledger.meet(&task, entries, &sidecars)?;
        for (container, message) in &beside.notes {
            self.events.note(&format!("{container}: {message}"));
        }
        ledger.compact(&cache)?;
        if self.options.stop.load(Ordering::Relaxed) {
            ledger.save(&cache)?;
            return Err(StoreError::Interrupted.into());
        }
        let met = self.started.elapsed();
        let bonds = Bonds::of(&ledger);
        let learned = hosts::learn(&task, &mut ledger, &bonds);
        // What was read is kept, whatever comes after.
        ledger.save(&cache)?;
        // What was learned of many hosts is large, and not wanted any more once it is rows.
        let hosts = hosts::records(self.registry, &learned?);
        let by = task.by;
        // Nothing is read any more.
        drop(task);
        let strips = ledger.take_strips();
        let settled = Settled::of(&ledger, &cache, &bonds, by, hosts, |inputs, fates| {
            Panel::of(self.registry, by, &cache, inputs, fates, strips)
        })?;
        let settled_at = self.started.elapsed();
        let progress = |done: usize, total: usize| {
            if done == 0 {
                self.events.begin(Stage::Publishing, total);
            }
            self.events.progress(Stage::Publishing, done);
        };
        let gate = &self.options.gate;
        let of_inputs = gate.inputs(missing);
        // From the moment a snapshot is the published one, what this run met counts, and not before.
        let attendance = Attendance { run: ledger.run, prunes: ledger.prunes };
        let attend = |snapshot: &str| {
            let store = self.writer.store();
            let candidates = store.candidates()?.into_iter();
            let others = candidates.chain(store.current()?.map(|current| current.name)).collect();
            Attendances::note(&cache, snapshot, attendance, &others)
        };
        let of_snapshot: Mutex<Result<Vec<Breach>, StoreError>> = Mutex::new(Ok(Vec::new()));
        let judge = |draft: &Draft<'_>| {
            let found = gate.snapshot(draft, self.writer.store()).and_then(|mut found| {
                let lost = if forgetful && !self.options.prune { lost(draft)? } else { None };
                found.extend(lost.inspect(|_| self.events.warning(FORGETFUL)));
                attend(&draft.snapshot.name)?;
                Ok(found)
            });
            let refused = |b: &Breach| b.waived.is_none();
            let fits = !of_inputs.iter().any(refused) && found.as_ref().is_ok_and(|f| !f.iter().any(refused));
            if let Ok(mut slot) = of_snapshot.lock() {
                *slot = found;
            }
            fits
        };
        let publish = PublishOptions {
            tool_version: TOOL_VERSION,
            evidence: self.options.evidence,
            progress: Some(&progress),
            build: self.build,
            cache: Some(&cache),
            stop: Some(&self.options.stop),
            gate: Some(&judge),
        };
        let publish = || self.writer.publish(self.registry, &settled, &publish);
        let threads = rayon::current_num_threads();
        let fit = room.partitions(threads);
        let published = if fit < threads { pool(fit)?.install(publish) } else { publish() }?;
        if forgetful && !published.held {
            cache.set_forgotten(false)?;
        }
        let of_snapshot = of_snapshot.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        let breaches: Vec<Breach> = of_inputs.into_iter().chain(of_snapshot).collect();
        if published.unchanged && breaches.iter().all(|breach| breach.waived.is_some()) {
            attend(&published.snapshot)?;
        }
        let elapsed = self.started.elapsed();
        let durations = Durations {
            planning: self.planning,
            reading: met.saturating_sub(self.planning),
            settling: settled_at.saturating_sub(met),
            publishing: elapsed.saturating_sub(settled_at),
        };
        Ok(Summary {
            sidecars: beside.sidecars,
            hidden: hidden + beside.hidden,
            reuse,
            breaches,
            published,
            durations,
            elapsed,
        })
    }
}

/// What a run would meet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preview {
    /// Files in the inputs: documents, and containers of documents.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Of those, met before and unchanged by their size and times: not even opened.
    pub unchanged: u64,
    /// Documents met before that these files do not hold, as far as names tell.
    pub absent: u64,
}

/// Looks what a run would meet. Opens no input and writes nothing.
///
/// # Errors
/// When an input or the store cannot be used.
pub fn preview(registry: &Registry, options: &IngestOptions) -> Result<Preview, IngestError> {
    let plan = planned(options)?;
    let ledger = match Store::open(&options.store) {
        Ok(store) => {
            let current = store.current()?.map(|snapshot| snapshot.name);
            Ledger::load(&store.read_cache(), current.as_deref())?
        }
        Err(StoreError::NotAStore(_)) => Ledger::default(),
        Err(e) => return Err(e.into()),
    };
    let by = made_by(registry, &build(options));
    let unchanged = |e: &&Entry| ledger.unchanged(e, e.stamp(), by, &options.input).is_some();
    let here: u64 = plan.entries.iter().map(|e| ledger.within(&e.container).count() as u64).sum();
    Ok(Preview {
        files: plan.entries.len() as u64,
        bytes: plan.entries.iter().map(|e| e.size).sum(),
        unchanged: plan.entries.iter().filter(unchanged).count() as u64,
        absent: ledger.len().saturating_sub(here),
    })
}

/// Program and registry: what readings of one kind have in common.
pub(crate) fn made_by(registry: &Registry, build: &str) -> Digest {
    digest(&[build, TOOL_VERSION, &registry.digest])
}

fn build(options: &IngestOptions) -> String {
    options.build.clone().unwrap_or_else(this_build)
}
