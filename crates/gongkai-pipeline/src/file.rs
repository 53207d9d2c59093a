//! Pipeline files: everything a nightly run needs to know, checked before it begins.

mod after;
mod inputs;

pub use after::{Quality, Release};
pub use inputs::Input;

use crate::gate::rules::{check, check_waiver};
use crate::gate::{Expectation, Gate, Waiver};
use crate::ingest::IngestOptions;
use gongkai_input::InputOptions;
use gongkai_registry::Registry;
use gongkai_store::{Evidence, Retention};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use toml::Spanned;

/// Least bound of memory, in MiB: below it not even one partition can be built.
const LEAST_MEMORY: u64 = 64;
/// Greatest, in MiB: no machine has more, and bytes of it still fit in a number.
const MOST_MEMORY: u64 = 1 << 24;
/// Most threads: more only take memory and minutes to start.
pub const MOST_THREADS: u16 = 1024;

/// What is wrong with a pipeline file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1; 0 where it is about the whole file.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path.display(), self.what),
            line => write!(f, "{}:{line}: {}", self.path.display(), self.what),
        }
    }
}

impl std::error::Error for FileError {}

/// A pipeline. Paths are relative to the folder the file lies in.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// What it says, before inputs are looked for.
    pub inputs: Vec<Input>,
    /// The store.
    pub store: PathBuf,
    /// Threads; `None` is one a core.
    pub threads: Option<usize>,
    /// What may be in memory at once beside the ledger, in MiB; see [`IngestOptions::memory`].
    pub memory: Option<u64>,
    /// Which cells get a row of evidence.
    pub evidence: Evidence,
    /// Whether what the inputs no longer hold is dropped.
    pub prune: bool,
    /// Largest document, in MiB.
    pub max_size: u64,
    /// Whether symbolic links are followed out of the inputs; see [`InputOptions::follow_links`].
    pub follow_links: bool,
    /// What is expected, and what is accepted anyway.
    pub gate: Gate,
    /// What is kept; `None` keeps all.
    pub retention: Option<Retention>,
    /// The quality page to write after publishing.
    pub quality: Option<Quality>,
    /// The dataset release to make after publishing.
    pub release: Option<Release>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    store: Spanned<PathBuf>,
    #[serde(default)]
    prune: bool,
    threads: Option<Spanned<usize>>,
    memory_mib: Option<Spanned<u64>>,
    evidence: Option<Spanned<String>>,
    max_size_mib: Option<Spanned<u64>>,
    #[serde(default)]
    follow_links: bool,
    #[serde(default)]
    input: Vec<Spanned<inputs::Raw>>,
    #[serde(default)]
    expect: Vec<Spanned<Expectation>>,
    #[serde(default)]
    waive: Vec<Spanned<Waiver>>,
    retention: Option<Spanned<RawRetention>>,
    quality: Option<Spanned<after::RawQuality>>,
    release: Option<Spanned<after::RawRelease>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRetention {
    count: usize,
    days: u64,
}

/// The file's text, to find lines in.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count()
    }

    fn error(&self, offset: usize, what: impl Into<String>) -> FileError {
        FileError { path: self.path.to_owned(), line: self.line(offset), what: what.into() }
    }
}

impl Pipeline {
    /// Reads and checks a pipeline file. Inputs are not looked for yet.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn load(registry: &Registry, path: &Path) -> Result<Self, FileError> {
        let whole = |what: String| FileError { path: path.to_owned(), line: 0, what };
        let text = std::fs::read_to_string(path).map_err(|e| whole(format!("cannot be read: {e}")))?;
        Self::parse(registry, path, &text)
    }

    /// The store that a file names, as far as that can be told of a file that is wrong: its failed run is noted there.
    pub fn store_of(path: &Path) -> Option<PathBuf> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Line {
            store: PathBuf,
        }
        let text = std::fs::read_to_string(path).ok()?;
        let store = text.lines().find_map(|line| toml::from_str::<Line>(line).ok())?.store;
        Some(path.parent().unwrap_or(Path::new("")).join(store))
    }

    /// As [`Pipeline::load`], from the text.
    ///
    /// # Errors
    /// As there.
    pub fn parse(registry: &Registry, path: &Path, text: &str) -> Result<Self, FileError> {
        let source = Source { path, text };
        let raw: Raw = toml::from_str(text)
            .map_err(|e| source.error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if raw.input.is_empty() {
            return Err(source.error(0, "no [[input]]: name at least one folder or file"));
        }
        if raw.store.get_ref().as_os_str().is_empty() {
            return Err(source.error(raw.store.span().start, "store: an empty path is no folder"));
        }
        let evidence = match raw.evidence.as_ref().map(|e| (e.get_ref().as_str(), e.span().start)) {
            None | Some(("not_plain", _)) => Evidence::NotPlain,
            Some(("all", _)) => Evidence::All,
            Some((other, at)) => {
                return Err(
                    source.error(at, format!("evidence {other:?} is neither \"not_plain\" nor \"all\""))
                );
            }
        };
        if let Some(t) =
            raw.threads.as_ref().filter(|t| !(1..=usize::from(MOST_THREADS)).contains(t.get_ref()))
        {
            let what =
                format!("threads must be at least 1 and at most {MOST_THREADS}; leave it out for one a core");
            return Err(source.error(t.span().start, what));
        }
        if let Some(m) =
            raw.memory_mib.as_ref().filter(|m| !(LEAST_MEMORY..=MOST_MEMORY).contains(m.get_ref()))
        {
            let what = format!(
                "memory_mib must be at least {LEAST_MEMORY} and at most {MOST_MEMORY}; leave it out for no bound"
            );
            return Err(source.error(m.span().start, what));
        }
        let max_size = raw.max_size_mib.as_ref().map_or(32, |m| *m.get_ref());
        if let Some(m) = raw.max_size_mib.as_ref().filter(|m| !(1..=4096).contains(m.get_ref())) {
            return Err(source.error(m.span().start, "max_size_mib must lie between 1 and 4096"));
        }
        let mut expectations = Vec::new();
        for expectation in raw.expect {
            let at = expectation.span().start;
            for one in each_table(expectation.into_inner()).map_err(|what| source.error(at, what))? {
                check(registry, &one).map_err(|what| source.error(at, what))?;
                kept(&one, raw.retention.as_ref().map(Spanned::get_ref))
                    .map_err(|what| source.error(at, what))?;
                expectations.push(one);
            }
        }
        for waiver in &raw.waive {
            check_waiver(registry, waiver.get_ref(), &expectations)
                .map_err(|what| source.error(waiver.span().start, what))?;
        }
        if let Some(none) = raw.retention.as_ref().filter(|r| r.get_ref().count == 0) {
            return Err(source.error(none.span().start, "retention: count must be at least 1"));
        }
        Ok(Self {
            inputs: inputs::check(&source, folder, raw.input)?,
            store: folder.join(raw.store.into_inner()),
            threads: raw.threads.map(Spanned::into_inner),
            memory: raw.memory_mib.map(Spanned::into_inner),
            evidence,
            prune: raw.prune,
            max_size,
            follow_links: raw.follow_links,
            gate: Gate { expectations, waivers: raw.waive.into_iter().map(Spanned::into_inner).collect() },
            retention: raw.retention.map(|r| Retention {
                count: r.get_ref().count,
                age: Duration::from_secs(r.get_ref().days.saturating_mul(24 * 3600)),
            }),
            quality: raw.quality.map(|q| after::quality(&source, folder, q)).transpose()?,
            release: raw.release.map(|r| after::release(&source, folder, r)).transpose()?,
        })
    }

    /// Looks for the inputs, and puts the job together.
    ///
    /// # Errors
    /// When a pattern matches less than it must, or what it must not.
    pub fn job(&self, path: &Path, stop: Arc<AtomicBool>) -> Result<IngestOptions, FileError> {
        let inputs::Found { paths: mut inputs, declared, bases } = inputs::find(path, &self.inputs)?;
        inputs.sort();
        inputs.dedup();
        Ok(IngestOptions {
            inputs,
            caches: Vec::new(),
            store: self.store.clone(),
            input: InputOptions {
                max_bytes: self.max_size * 1024 * 1024,
                declared,
                follow_links: self.follow_links,
                bases,
                ..InputOptions::default()
            },
            threads: self.threads,
            memory: self.memory.map(|mib| mib * 1024 * 1024),
            evidence: self.evidence,
            prune: self.prune,
            build: None,
            gate: self.gate.clone(),
            stop,
        })
    }
}

/// An expectation of each of its tables.
fn each_table(mut expected: Expectation) -> Result<Vec<Expectation>, String> {
    let tables = std::mem::take(&mut expected.tables);
    if tables.is_empty() {
        return Ok(vec![expected]);
    }
    if expected.table != "reports" {
        return Err("`table` is one, `tables` are several: drop one of them".to_owned());
    }
    Ok(tables.into_iter().map(|table| Expectation { table, ..expected.clone() }).collect())
}

/// Whether the snapshots that an expectation compares with are kept.
fn kept(expected: &Expectation, retention: Option<&RawRetention>) -> Result<(), String> {
    let days = u64::from(expected.days.unwrap_or(0));
    match retention.filter(|keep| keep.days < days) {
        Some(keep) => Err(format!(
            "it compares with {days} days before, and [retention] keeps {} days: keep them as long",
            keep.days
        )),
        None => Ok(()),
    }
}
