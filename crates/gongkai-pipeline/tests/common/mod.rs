//! Folders of samples, runs over them, and what a snapshot holds.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use gongkai_input::InputOptions;
use gongkai_pipeline::{Events, IngestError, IngestOptions, Stage, Summary, ingest_on};
use gongkai_registry::Registry;
use gongkai_store::{Disk, Evidence, RealDisk, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub struct Silent;

impl Events for Silent {
    fn begin(&self, _: Stage, _: usize) {}
    fn progress(&self, _: Stage, _: usize) {}
    fn note(&self, message: &str) {
        // What a run says of its own memory is never by the way.
        assert!(!message.contains("cache is damaged"), "{message}");
    }
}

/// Hears nothing, where something is known to be damaged or a disk fails.
pub struct Deaf;

impl Events for Deaf {
    fn begin(&self, _: Stage, _: usize) {}
    fn progress(&self, _: Stage, _: usize) {}
    fn note(&self, _: &str) {}
}

/// A folder in memory where there is one: thousands of files are synced there.
pub fn quick() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Does something for each of these, on as many threads as the machine has. Not by rayon: a thread of it that waits for a
/// run within takes up the next one on top of it, and so on, until its stack ends.
pub fn each(numbers: std::ops::RangeInclusive<u64>, one: impl Fn(u64) + Sync) {
    let (next, last) = (std::sync::atomic::AtomicU64::new(*numbers.start()), *numbers.end());
    let go_on = || {
        let take = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::iter::repeat_with(take).take_while(|n| *n <= last).for_each(&one);
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(go_on)));
}

pub fn job(input: &Path, store: &Path, build: &str) -> IngestOptions {
    IngestOptions {
        inputs: vec![input.to_owned()],
        caches: Vec::new(),
        store: store.to_owned(),
        input: InputOptions::default(),
        threads: Some(2),
        memory: None,
        evidence: Evidence::NotPlain,
        prune: false,
        gate: gongkai_pipeline::Gate::default(),
        build: Some(build.to_owned()),
        stop: Arc::new(AtomicBool::new(false)),
    }
}

pub fn on(disk: Arc<dyn Disk>, job: &IngestOptions) -> Result<Summary, IngestError> {
    ingest_on(disk, Registry::embedded(), job, &Deaf)
}

pub fn run(job: &IngestOptions) -> Summary {
    ingest_on(Arc::new(RealDisk), Registry::embedded(), job, &Silent).unwrap()
}

/// The sample documents, the smallest first.
pub fn documents() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "html" || e == "txt") {
                found.push(fs::read(path).unwrap());
            }
        }
    }
    found.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    found
}

/// The data files of the published snapshot by path.
pub fn data(store: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = Store::open(store).unwrap().current().unwrap().unwrap().path;
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "parquet") {
                found.insert(path.strip_prefix(&root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub fn assert_sound(store: &Path, told: &str) {
    let report = Store::open(store).unwrap().check(Registry::embedded(), None).unwrap();
    let conveniences = ["current", "views.sql"];
    let problems: Vec<_> =
        report.problems.iter().filter(|p| !conveniences.contains(&p.place.as_str())).collect();
    assert!(problems.is_empty(), "{told}: {problems:?}");
}
