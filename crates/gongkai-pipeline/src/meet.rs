//! Brings the ledger up to date with the inputs of a run: what is known is not read again.

use crate::containers::read_containers;
use crate::elsewhere::sources;
use crate::gist;
use crate::ingest::{Events, IngestError, Stage};
use crate::ledger::{Contained, Digest, Held, Known, Ledger};
use crate::reader::Reader;
use crate::reading::{self, Reading, put_source};
use crate::renumbered::Renumbered;
use crate::room::Room;
use gongkai_input::{Entry, InputOptions, Opened, Sidecar, Stamp, open};
use gongkai_model::{Capture, Provenance, Ties};
use gongkai_registry::Registry;
use gongkai_store::{Cache, StoreError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

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
    /// Read elsewhere, and taken over from a cache.
    #[serde(default)]
    pub elsewhere: u64,
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

/// Inputs that are not there any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Documents that the run of the published snapshot met, or one since then.
    pub(crate) expected: u64,
    /// Of those, not met now.
    pub(crate) missing: u64,
}

/// What meeting inputs needs.
pub(crate) struct Task<'r> {
    pub(crate) registry: &'r Registry,
    pub(crate) cache: &'r Cache,
    /// Program and registry.
    pub(crate) by: Digest,
    pub(crate) input: &'r InputOptions,
    /// Whether what is gone is dropped.
    pub(crate) prune: bool,
    /// What was read elsewhere.
    pub(crate) caches: &'r [PathBuf],
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
        mut entries: Vec<Entry>,
        sidecars: &[Sidecar],
    ) -> Result<(Reuse, Missing, Contained), IngestError> {
        let done = AtomicUsize::new(0);
        let advance = |steps: usize| {
            task.events.progress(Stage::Reading, done.fetch_add(steps, Ordering::Relaxed) + steps);
        };
        let caches = sources(task.caches)?;
        task.events.begin(Stage::Reading, entries.len() + caches.len());
        let mut reuse = Reuse::default();
        let all = self.inputs.values().flatten();
        let (mut here_before, mut expected) = (0, 0);
        for known in all {
            here_before += u64::from(self.was_here(known));
            expected += u64::from(self.stands(known));
        }
        let elsewhere = self.adopt(task, &caches, &advance, &mut reuse)?;
        let mut beside = Contained { sidecars: sidecars.len() as u64, ..Contained::default() };
        // What tells of a document now is none itself, whatever it was before its document came.
        sidecars.iter().for_each(|sidecar| _ = self.inputs.remove(&*sidecar.container));
        let before = entries.len();
        entries.retain(|entry| task.prune || !self.tells_of_what_is_gone(entry));
        beside.sidecars += (before - entries.len()) as u64;
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
        let elsewhere = self.met_elsewhere(elsewhere);
        beside.notes.sort();
        // What is dropped because a stream held nothing that is a document would be dropped because a program failed.
        let came = |entry: &Entry| self.within(&entry.container).any(|(_, k)| k.met && k.hash.is_some());
        let stopped = task.stop.load(Ordering::Relaxed);
        if task.prune && !stopped && containers.iter().any(|(entry, _)| entry.comes_once() && !came(entry)) {
            return Err(IngestError::Empty);
        }
        let opened = containers.iter().map(|(entry, _)| (&*entry.container, entry.comes_once()));
        let elsewhere = elsewhere.iter().map(|container| (container.as_str(), false));
        let missing = self.close(task, opened.chain(elsewhere), &mut reuse)?;
        if !task.stop.load(Ordering::Relaxed) {
            self.number(here_before);
        }
        Ok((reuse, Missing { expected, missing }, beside))
    }

    /// Whether it is the sidecar of a document that is not there any more.
    fn tells_of_what_is_gone(&self, entry: &Entry) -> bool {
        let Some(base) = entry.may_tell_of().filter(|_| self.known(&entry.container).is_empty()) else {
            return false;
        };
        let stem = format!("{base}.");
        let named = self.inputs.range::<str, _>((Bound::Included(stem.as_str()), Bound::Unbounded));
        let of_stem = named.map_while(|(name, _)| name.strip_prefix(stem.as_str()));
        let mut of_stem = of_stem.filter(|extension| !extension.contains(['/', '#', '.']));
        (!self.known(base).is_empty() || of_stem.next().is_some()) && entry.is_sidecar()
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
                task.capture(capture, None, false, self.known(&capture.container), &elsewhere)
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
        if let How::Read(known) | How::Again(known) | How::Moved(known) = &mut how {
            self.share(known);
            // A run that is killed has met it, as far as the next one is concerned.
            known.last = self.run;
        }
        let all = match how {
            // Neither met nor gone.
            How::Vanished | How::Skipped => return,
            _ => self.inputs.entry(container).or_insert_with(|| Vec::with_capacity(1)),
        };
        match how {
            How::Moved(known) => {
                reuse.by_content += 1;
                push(all, *known);
            }
            How::Read(known) => {
                reuse.read += 1;
                push(all, *known);
            }
            How::Again(known) => {
                reuse.read_again += 1;
                push(all, *known);
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
                    let first = first.clone();
                    push(all, first);
                }
            }
        }
    }

    /// Takes in the documents of a container that is what it was.
    fn found_again(&mut self, container: &str, reuse: &mut Reuse, beside: &mut Contained) {
        let names: Vec<String> = self.within(container).map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let run = self.run;
            let here = |known: &&mut Known| run != 0 && known.last >= run && !known.met;
            for known in self.inputs.get_mut(&name).into_iter().flatten().filter(here) {
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

    /// All inputs are met: what is left is what is not there any more. Says how many of those stood in the published snapshot.
    /// `opened` are the containers that were read to their end, each with whether it comes only once.
    fn close<'c>(
        &mut self,
        task: &Task<'_>,
        opened: impl Iterator<Item = (&'c str, bool)>,
        reuse: &mut Reuse,
    ) -> Result<u64, StoreError> {
        let stopped = task.stop.load(Ordering::Relaxed);
        // Of a run that was broken off nobody can say what it would have met.
        if !stopped {
            self.prunes = task.prune;
            for (container, comes_once) in opened {
                self.settle_records(task, container, comes_once)?;
            }
            self.inputs.values_mut().filter(|all| all.iter().any(|k| k.met)).for_each(|all| {
                all.retain(|k| k.met);
                all.shrink_to_fit();
                all.sort_by_key(|k| k.hash);
            });
        }
        let gone = self.inputs.values().flatten().filter(|known| !known.met);
        let (count, missing) =
            gone.fold((0, 0), |(count, missing), known| (count + 1, missing + u64::from(self.stands(known))));
        *(if self.prunes { &mut reuse.pruned } else { &mut reuse.absent }) = count;
        self.refresh(task, reuse)?;
        Ok(missing)
    }

    /// Inputs that are not there any more are read again from their copy when program or registry changed; where records are
    /// proven, also those that could be met only once.
    fn refresh(&mut self, task: &Task<'_>, reuse: &mut Reuse) -> Result<(), StoreError> {
        let (met_again, again, outdated) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let all =
            self.inputs.par_iter_mut().flat_map_iter(|(name, all)| all.iter_mut().map(move |k| (name, k)));
        let prunes = self.prunes;
        let wanted = |known: &Known| if known.met { task.prove } else { !prunes };
        all.filter(|(_, known)| wanted(known)).try_for_each(|(name, known)| {
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

/// Adds a document to those of its name: nearly always one, and beside it for a while the one it replaces. A list that grows by itself takes
/// room for four.
fn push(all: &mut Vec<Known>, known: Known) {
    if all.len() < 2 {
        all.reserve_exact(1);
    }
    all.push(known);
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

    /// Lets a document whose sidecar is gone keep what that said.
    fn remind(&self, entry: &mut Entry, ledger: &Ledger) {
        let Some(known) = ledger.known(&entry.container).iter().find(|known| known.told) else { return };
        // What is lost is read again, and then found out by whom it is wanted.
        if let Ok(read) = known.reading.head(self.cache, &entry.container) {
            entry.tell(read.provenance);
        }
    }

    /// What became of an entry.
    fn entry(&self, mut entry: Entry, ledger: &Ledger) -> Result<Seen, StoreError> {
        if !entry.is_told_of() && !self.prune {
            self.remind(&mut entry, ledger);
        }
        let stamp = entry.stamp();
        let container = &*Arc::clone(&entry.container);
        // The attempt before came to its end; what it read is known, and there is nothing more to come.
        if self.prove
            && entry.comes_once()
            && ledger.within(container).any(|(_, known)| ledger.was_here(known))
        {
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
                let told = entry.is_told_of();
                Ok(Seen::Document(Box::new(self.capture(&capture, stamp, told, known, &|_, _| None)?)))
            }
            Opened::Container(_) => Ok(Seen::Container(entry, stamp)),
        }
    }

    fn capture<'l>(
        &self,
        capture: &Capture,
        stamp: Option<Stamp>,
        told: bool,
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
        let about = about_capture(capture);
        let address = address(capture);
        let same = known.iter().find(|k| k.hash == hash);
        if known.iter().any(|k| k.hash == hash && self.is_fresh(k, about)) {
            return met(hash, How::ByContent);
        }
        if let Some(known) = hash.as_ref().and_then(|hash| elsewhere(hash, about)) {
            return met(hash, How::Moved(Box::new(Known { stamp, met: true, came: true, ..known.clone() })));
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
            address,
            told,
            first: same.map_or(0, |known| known.first),
            last: 0,
            came: true,
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
                self.within(&entry.container)
                    .filter(|(_, known)| self.was_here(known) && known.by == by)
                    .count() as u64
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
        let same = same
            && entry.size <= input.max_bytes
            && known.about == about(&entry.provenance(), &Ties::default());
        same.then_some(Unchanged::Document(known))
    }
}

/// Surroundings of a container, and how it is read.
fn about_container(entry: &Entry, input: &InputOptions) -> Digest {
    let InputOptions { limits, fields, max_bytes, kind, .. } = &*entry.options(input);
    let provenance = entry.provenance();
    digest(&[&format!("{provenance:?} {limits:?} {fields:?} {max_bytes} {kind:?}")])
}

/// A hash of where a document was fetched; 0 where that is not known.
pub(crate) fn address(capture: &Capture) -> u64 {
    capture.provenance.uri.as_deref().map_or(0, |uri| gist::short(&[uri]))
}

/// Surroundings of a capture; of one that cannot be had, all that is told about it.
pub(crate) fn about_capture(capture: &Capture) -> Digest {
    let Capture { provenance, ties, size, .. } = capture;
    match &capture.problem {
        None => about(provenance, ties),
        Some(problem) => digest(&[&format!("{provenance:?} {ties:?} {problem:?} {size}")]),
    }
}

/// Surroundings of a document.
pub(crate) fn about(provenance: &Provenance, ties: &Ties) -> Digest {
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
