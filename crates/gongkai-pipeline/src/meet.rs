//! Brings the ledger up to date with the inputs of a run: what is known is not read again.

use crate::containers::read_containers;
use crate::ingest::{Events, IngestError, Stage};
use crate::ledger::{Contained, Digest, Held, Known, Ledger};
use crate::reader::Reader;
use crate::reading::{self, Reading, put_source};
use crate::renumbered::Renumbered;
use crate::room::Room;
use gongkai_input::{Entry, InputOptions, Opened, Stamp, open};
use gongkai_model::{Capture, Provenance, Ties};
use gongkai_registry::Registry;
use gongkai_store::{Cache, StoreError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Inputs looked at before what came of them is entered: results waiting to be entered cost memory.
const CHUNK: usize = 4096;
/// Documents read between two saves of the ledger: what a killed run has to read again.
const CHECKPOINT: u64 = 50_000;

/// How the inputs of a run were met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reuse {
    /// Known by path, size and time (their own, or their container's): not even opened.
    pub by_stamp: u64,
    /// Known by content: opened, not read again.
    pub by_content: u64,
    /// Read for the first time, or because the content changed.
    pub read: u64,
    /// Read again because program, registry or surroundings changed.
    pub read_again: u64,
    /// Met in an earlier run and not in this one; they stay in the data.
    pub absent: u64,
    /// Of those, read again from the copy in the store.
    pub absent_read_again: u64,
    /// Of those, left as another version read them, because the store has no copy of them.
    pub absent_outdated: u64,
    /// Dropped because this run did not meet them.
    pub pruned: u64,
}

/// What meeting inputs needs.
pub(crate) struct Task<'r> {
    pub(crate) registry: &'r Registry,
    pub(crate) cache: &'r Cache,
    /// Program and registry.
    pub(crate) by: Digest,
    pub(crate) input: &'r InputOptions,
    pub(crate) stop: &'r AtomicBool,
    pub(crate) events: &'r dyn Events,
    /// Whether a record must be read back before it is trusted.
    pub(crate) prove: bool,
    /// Documents that were read when the ledger was saved last.
    pub(crate) saved: AtomicU64,
    /// Made when the first document is read: many nights read none.
    pub(crate) reader: OnceLock<Reader<'r>>,
    /// Documents that are read side by side share it.
    pub(crate) room: &'r Room,
}

/// What became of one document.
struct Met {
    container: String,
    hash: Option<[u8; 32]>,
    stamp: Option<Stamp>,
    how: How,
}

enum How {
    ByStamp,
    ByContent,
    /// Known by content under another number.
    Moved(Box<Known>),
    Read(Box<Known>),
    Again(Box<Known>),
    /// It was there a moment ago.
    Vanished,
    /// The run was asked to end.
    Skipped,
}

/// What became of one entry.
enum Seen {
    Document(Box<Met>),
    /// A container that is what it was.
    Held(Entry),
    /// A container to read.
    Container(Entry, Option<Stamp>),
}

impl Ledger {
    /// Brings it up to date with the inputs of a run; what containers held beside documents.
    pub(crate) fn meet(
        &mut self,
        task: &Task<'_>,
        entries: Vec<Entry>,
        prune: bool,
    ) -> Result<(Reuse, Contained), IngestError> {
        let done = AtomicUsize::new(0);
        let advance = |steps: usize| {
            task.events.progress(Stage::Reading, done.fetch_add(steps, Ordering::Relaxed) + steps);
        };
        task.events.begin(Stage::Reading, entries.len());
        let mut reuse = Reuse::default();
        let mut beside = Contained::default();
        let mut containers: Vec<(Entry, Option<Stamp>)> = Vec::new();
        // What is done with is dropped: the ledger takes its place.
        let mut chunks = chunks(entries);
        while let Some(chunk) = chunks.pop() {
            let seen: Vec<Seen> = chunk
                .into_par_iter()
                .map(|entry| {
                    let seen = task.entry(entry, self)?;
                    // A container is closed again: there may be more of them than files may be open.
                    advance(usize::from(!matches!(seen, Seen::Container(..))));
                    Ok(seen)
                })
                .collect::<Result<_, StoreError>>()?;
            for one in seen {
                match one {
                    Seen::Document(met) => self.enter(*met, &mut reuse),
                    Seen::Held(entry) => self.found_again(&entry.container, &mut reuse, &mut beside),
                    Seen::Container(entry, stamp) => containers.push((entry, stamp)),
                }
            }
            self.checkpoint(task, &reuse)?;
        }
        self.open_containers(task, &containers, &advance, &mut reuse, &mut beside)?;
        beside.notes.sort();
        self.close(task, prune, &mut reuse)?;
        Ok((reuse, beside))
    }

    /// Reads containers that are not what they were.
    fn open_containers(
        &mut self,
        task: &Task<'_>,
        containers: &[(Entry, Option<Stamp>)],
        advance: &dyn Fn(usize),
        reuse: &mut Reuse,
        beside: &mut Contained,
    ) -> Result<(), IngestError> {
        let entries: Vec<&Entry> = containers.iter().map(|(entry, _)| entry).collect();
        let renumbered = Renumbered::of(entries.iter().map(|entry| &*entry.container));
        let mut failed = None;
        read_containers(&entries, task.input, &mut |captures, finished| {
            let read = |capture: &Capture| {
                let _room = task.room.for_document(capture.bytes.len() as u64);
                let elsewhere = |hash: &_, about| renumbered.find(task, self, capture, hash, about);
                task.capture(capture, None, self.known(&capture.container), &elsewhere)
            };
            let met: Vec<Result<Met, StoreError>> =
                captures.into_par_iter().map(|capture| read(&capture)).collect();
            for one in met {
                match one {
                    Ok(one) => self.enter(one, reuse),
                    Err(e) => failed = Some(e),
                }
            }
            failed = failed.take().or_else(|| self.checkpoint(task, reuse).err());
            advance(finished.len());
            for (at, held) in finished {
                add(beside, &held);
                let Some((entry, Some(stamp))) = containers.get(at) else { continue };
                if !task.stop.load(Ordering::Relaxed) {
                    let held = Held { stamp: *stamp, about: about_container(entry, task.input), held };
                    self.containers.insert(entry.container.to_string(), held);
                }
            }
            failed.is_none()
        })
        .map_err(|e| IngestError::Threads(e.to_string()))?;
        failed.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Takes in one document.
    fn enter(&mut self, met: Met, reuse: &mut Reuse) {
        let Met { container, hash, stamp, mut how } = met;
        if let How::Read(known) | How::Again(known) = &mut how {
            self.share(known);
        }
        let all = match how {
            // Neither met nor gone.
            How::Vanished | How::Skipped => return,
            _ => self.inputs.entry(container).or_insert_with(|| Vec::with_capacity(1)),
        };
        match how {
            How::Moved(known) => {
                reuse.by_content += 1;
                all.push(*known);
            }
            How::Read(known) => {
                reuse.read += 1;
                all.push(*known);
            }
            How::Again(known) => {
                reuse.read_again += 1;
                all.push(*known);
            }
            by => {
                match by {
                    How::ByStamp => reuse.by_stamp += 1,
                    _ => reuse.by_content += 1,
                }
                if let Some(known) = all.iter_mut().find(|k| !k.met && k.hash == hash) {
                    known.stamp = stamp;
                    known.met = true;
                } else if let Some(first) = all.iter().find(|k| k.hash == hash) {
                    // A second document of this name and content.
                    all.push(first.clone());
                }
            }
        }
    }

    /// Takes in the documents of a container that is what it was.
    fn found_again(&mut self, container: &str, reuse: &mut Reuse, beside: &mut Contained) {
        let names: Vec<String> = self.within(container).map(|(name, _)| name.to_owned()).collect();
        for name in names {
            for known in self.inputs.get_mut(&name).into_iter().flatten().filter(|k| k.here && !k.met) {
                known.met = true;
                reuse.by_stamp += 1;
            }
        }
        if let Some(held) = self.containers.get(container) {
            add(beside, &held.held);
        }
    }

    /// Saves what was read so far, now and then.
    fn checkpoint(&mut self, task: &Task<'_>, reuse: &Reuse) -> Result<(), StoreError> {
        let read = reuse.read + reuse.read_again;
        let before = task.saved.load(Ordering::Relaxed);
        if read < before + CHECKPOINT {
            return Ok(());
        }
        task.saved.store(read, Ordering::Relaxed);
        self.write(task.cache)
    }

    /// All inputs are met: what is left is what is not there any more.
    fn close(&mut self, task: &Task<'_>, prune: bool, reuse: &mut Reuse) -> Result<(), StoreError> {
        let stopped = task.stop.load(Ordering::Relaxed);
        self.inputs.retain(|_, all| {
            if all.iter().any(|k| k.met) {
                all.retain(|k| k.met);
                all.sort_by_key(|k| k.hash);
            } else if prune && !stopped {
                reuse.pruned += all.len() as u64;
                return false;
            } else {
                reuse.absent += all.len() as u64;
            }
            true
        });
        if !stopped {
            self.inputs.values_mut().flatten().for_each(|known| known.here = known.met);
        }
        let empty = |name: &String| self.within(name).next().is_none();
        let gone: Vec<String> = self.containers.keys().filter(|name| prune && empty(name)).cloned().collect();
        for name in gone {
            self.containers.remove(&name);
        }
        self.refresh(task, reuse)
    }

    /// Inputs that are not there any more are read again from their copy when program or registry changed; where records are
    /// proven, also those that could be met only once.
    fn refresh(&mut self, task: &Task<'_>, reuse: &mut Reuse) -> Result<(), StoreError> {
        let (met_again, again, outdated) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let all =
            self.inputs.par_iter_mut().flat_map_iter(|(name, all)| all.iter_mut().map(move |k| (name, k)));
        all.filter(|(_, known)| !known.met || task.prove).try_for_each(|(name, known)| {
            let fresh = known.hash.is_none() || known.by == task.by && task.has(known);
            if fresh || task.stop.load(Ordering::Relaxed) {
                return Ok::<(), StoreError>(());
            }
            let source = known.source.as_ref();
            let counter = match reading::again(task.cache, task.reader(), name, source) {
                Some(read) => {
                    known.reading = Reading::put(task.cache, task.registry, read)?;
                    (known.by, known.answered) = (task.by, None);
                    if known.met { &met_again } else { &again }
                }
                None if known.met => return Ok(()),
                None => &outdated,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })?;
        reuse.read_again += met_again.into_inner();
        reuse.absent_read_again = again.into_inner();
        reuse.absent_outdated = outdated.into_inner();
        Ok(())
    }
}

/// The entries in chunks, the first ones last.
fn chunks(mut entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut chunks = Vec::new();
    while !entries.is_empty() {
        chunks.push(entries.split_off(entries.len().saturating_sub(CHUNK)));
        entries.shrink_to_fit();
    }
    chunks
}

fn add(to: &mut Contained, held: &Contained) {
    to.sidecars += held.sidecars;
    to.hidden += held.hidden;
    to.notes.extend(held.notes.iter().cloned());
}

impl<'r> Task<'r> {
    /// Reads documents.
    pub(crate) fn reader(&self) -> &Reader<'r> {
        self.reader.get_or_init(|| Reader::new(self.registry))
    }

    /// What became of an entry.
    fn entry(&self, entry: Entry, ledger: &Ledger) -> Result<Seen, StoreError> {
        let stamp = entry.stamp();
        let container = &*entry.container;
        // The attempt before came to its end; what it read is known, and there is nothing more to come.
        if self.prove && entry.comes_once() && ledger.within(container).any(|(_, known)| known.here) {
            return Ok(Seen::Held(entry));
        }
        if self.stop.load(Ordering::Relaxed) {
            let container = container.to_owned();
            return Ok(Seen::Document(Box::new(Met {
                container,
                hash: None,
                stamp: None,
                how: How::Skipped,
            })));
        }
        let known = ledger.known(container);
        let there = |known: &Known| self.has(known);
        match ledger.unchanged(&entry, stamp, self.by, self.input) {
            Some(Unchanged::Document(one)) if there(one) => {
                let met = Met { container: container.to_owned(), hash: one.hash, stamp, how: How::ByStamp };
                return Ok(Seen::Document(Box::new(met)));
            }
            Some(Unchanged::Container) if ledger.within(container).all(|(_, one)| there(one)) => {
                return Ok(Seen::Held(entry));
            }
            _ => {}
        }
        // Of a container only the head is read here.
        let _room = self.room.for_document(entry.size.min(self.input.max_bytes));
        match open(&entry, self.input) {
            Opened::Document(capture) => {
                Ok(Seen::Document(Box::new(self.capture(&capture, stamp, known, &|_, _| None)?)))
            }
            Opened::Container(_) => Ok(Seen::Container(entry, stamp)),
        }
    }

    fn capture<'l>(
        &self,
        capture: &Capture,
        stamp: Option<Stamp>,
        known: &[Known],
        elsewhere: &dyn Fn(&[u8; 32], Digest) -> Option<&'l Known>,
    ) -> Result<Met, StoreError> {
        let met = |hash, how| Ok(Met { container: capture.container.to_string(), hash, stamp, how });
        if self.stop.load(Ordering::Relaxed) {
            return met(None, How::Skipped);
        }
        if !known.is_empty() && capture.problem.as_ref().is_some_and(|p| p.reason == "vanished") {
            return met(None, How::Vanished);
        }
        let hash = capture.problem.is_none().then(|| *blake3::hash(&capture.bytes).as_bytes());
        let about = match &capture.problem {
            None => about(&capture.provenance, &capture.ties),
            // All that is told about it.
            Some(problem) => digest(&[&format!(
                "{:?} {:?} {problem:?} {}",
                capture.provenance, capture.ties, capture.size
            )]),
        };
        let same = known.iter().find(|k| k.hash == hash);
        if known.iter().any(|k| k.hash == hash && self.is_fresh(k, about)) {
            return met(hash, How::ByContent);
        }
        if let Some(known) = hash.as_ref().and_then(|hash| elsewhere(hash, about)) {
            return met(hash, How::Moved(Box::new(Known { stamp, here: true, met: true, ..known.clone() })));
        }
        let source = match same.and_then(|k| k.source.filter(|_| k.about == about)) {
            Some(place) if !self.prove || self.cache.get(&place).is_some() => Some(place),
            _ if capture.problem.is_some() => None,
            _ => Some(put_source(self.cache, capture)?),
        };
        let read = self.reader().read(capture);
        // By no program at all: the next run tries again.
        let by = if read.is_final() { self.by } else { Digest::default() };
        let reading = Reading::put(self.cache, self.registry, read)?;
        let new = Box::new(Known {
            by,
            about,
            stamp,
            hash,
            source,
            reading,
            answered: None,
            here: true,
            met: true,
        });
        met(hash, if same.is_some() { How::Again(new) } else { How::Read(new) })
    }

    /// Whether it was read as it would be now.
    pub(crate) fn is_fresh(&self, known: &Known, about: Digest) -> bool {
        known.by == self.by && known.about == about && self.has(known)
    }

    /// Whether what was read, and what it was read from, is there.
    fn has(&self, known: &Known) -> bool {
        !self.prove || known.places().all(|place| self.cache.get(place).is_some())
    }
}

/// What is known without being opened.
pub(crate) enum Unchanged<'l> {
    /// A document.
    Document(&'l Known),
    /// A container, with all it holds.
    Container,
}

impl Ledger {
    /// Whether an entry is what it was when it was read, by its size and times, and was read as it would be now.
    pub(crate) fn unchanged(
        &self,
        entry: &Entry,
        stamp: Option<Stamp>,
        by: Digest,
        input: &InputOptions,
    ) -> Option<Unchanged<'_>> {
        let stamp = stamp?;
        if let Some(held) = self.containers.get(&*entry.container) {
            let same = held.stamp == stamp && held.about == about_container(entry, input);
            let fresh = || {
                self.within(&entry.container).filter(|(_, known)| known.here && known.by == by).count() as u64
            };
            return (same && fresh() == held.held.documents).then_some(Unchanged::Container);
        }
        let [known] = self.known(&entry.container) else { return None };
        // What its input may not be any more is looked at again.
        if !entry.may_be_document() {
            return None;
        }
        let same = known.stamp == Some(stamp) && known.by == by && known.hash.is_some();
        // A document that is too large today is one whatever it was when it was read.
        let same =
            same && entry.size <= input.max_bytes && known.about == about(&entry.provenance(), &entry.ties());
        same.then_some(Unchanged::Document(known))
    }
}

/// Surroundings of a container, and how it is read.
fn about_container(entry: &Entry, input: &InputOptions) -> Digest {
    let InputOptions { limits, fields, max_bytes, kind, .. } = &*entry.options(input);
    let (provenance, ties) = (entry.provenance(), entry.ties());
    digest(&[&format!("{provenance:?} {ties:?} {limits:?} {fields:?} {max_bytes} {kind:?}")])
}

/// Surroundings of a document.
fn about(provenance: &Provenance, ties: &Ties) -> Digest {
    // Texts, numbers and flags: that cannot fail.
    short(&[&postcard::to_stdvec(&(provenance, ties)).unwrap_or_default()])
}

/// A hash of texts.
pub(crate) fn digest(parts: &[&str]) -> Digest {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    short(&parts)
}

fn short(parts: &[&[u8]]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut short = Digest::default();
    for (to, from) in short.iter_mut().zip(hasher.finalize().as_bytes()) {
        *to = *from;
    }
    short
}
