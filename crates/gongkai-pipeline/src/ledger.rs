//! What a store remembers of every input it ever met: by what it is known again, its bytes, and what was read of it.
//!
//! The ledger lies in the cache of the store (see `docs/decisions/0012-cache.md`). A run first brings it up to date, then
//! makes the snapshot of the whole of it: so the data are those of one run over all inputs met, whatever the history.

use crate::containers::{Contained, read_containers};
use crate::ingest::{Events, IngestError, Stage};
use crate::reader::{Read, Reader, Report, Stored};
use gongkai_input::{Entry, InputOptions, Note, Opened, Stamp, open};
use gongkai_model::{Capture, Parsed, Problem, Severity};
use gongkai_registry::Registry;
use gongkai_store::{Body, Cache, Place, RecordKind, StoreError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Layout of the index. Another one is not read: all inputs that are still there are then read anew.
const FORMAT: &[u8] = b"gongkai ledger 1\n";
/// zstd's own default.
const LEVEL: i32 = 3;
/// Largest entry of the index, against a damaged length.
const LARGEST: u32 = 64 << 20;

/// One input.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known<'r> {
    /// Program, registry, name, surroundings and content of the document that `read` is the reading of.
    key: [u8; 16],
    stamp: Option<Stamp>,
    source: Option<Place>,
    read: Read<'r>,
}

/// How the inputs of a run were met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reuse {
    /// Known by path, size and time: not even opened.
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
    pub(crate) build: &'r str,
    pub(crate) input: &'r InputOptions,
    pub(crate) stop: &'r AtomicBool,
    pub(crate) events: &'r dyn Events,
    /// Whether a record must be read back before it is trusted.
    pub(crate) prove: bool,
}

/// What became of one document.
struct Met<'r> {
    container: String,
    hash: Option<String>,
    stamp: Option<Stamp>,
    how: How<'r>,
}

enum How<'r> {
    ByStamp,
    ByContent,
    Read(Box<Known<'r>>),
    Again(Box<Known<'r>>),
    /// It was there a moment ago.
    Vanished,
    /// The run was asked to end.
    Skipped,
}

/// What a run met beside documents.
#[derive(Default)]
pub(crate) struct Beside {
    /// Parts of containers that tell about documents.
    pub(crate) sidecars: u64,
    /// Hidden members.
    pub(crate) hidden: u64,
    /// What a person should know.
    pub(crate) notes: Vec<Note>,
}

/// Every input the store ever met, by name. A container may hold several documents of one name: then they are
/// sorted by content.
#[derive(Debug, Default)]
pub(crate) struct Ledger<'r> {
    inputs: BTreeMap<String, Vec<Known<'r>>>,
}

impl<'r> Ledger<'r> {
    /// The ledger of a store; empty for a new one.
    pub(crate) fn load(cache: &Cache) -> Result<Self, StoreError> {
        Self::of(cache.index()?.as_deref())
    }

    /// The ledger an index holds.
    pub(crate) fn of(index: Option<&[u8]>) -> Result<Self, StoreError> {
        let Some(bytes) = index else { return Ok(Self::default()) };
        let Some(packed) = bytes.strip_prefix(FORMAT) else { return Ok(Self::default()) };
        decode(packed).map_err(|what| StoreError::Damaged {
            path: PathBuf::from("cache/index"),
            what: format!(
                "{what}; without it inputs that are gone would be missing. To go on without those, remove the folder `cache` of the store"
            ),
        })
    }

    /// Writes it, once all records it speaks of are on the disk, and drops records nobody speaks of.
    pub(crate) fn save(&self, cache: &Cache) -> Result<(), StoreError> {
        let failed = StoreError::cache("compress the index of");
        cache.put_index(&self.encode().map_err(failed)?)?;
        cache.keep_only(self.inputs.values().flatten().flat_map(Known::places)).map(|_| ())
    }

    fn encode(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = zstd::Encoder::new(FORMAT.to_vec(), LEVEL)?;
        encoder.include_checksum(true)?;
        for known in self.inputs.values().flatten() {
            let bytes = postcard::to_stdvec(known).map_err(std::io::Error::other)?;
            let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
            encoder.write_all(&length.to_le_bytes())?;
            encoder.write_all(&bytes)?;
        }
        encoder.finish()
    }

    /// Inputs.
    pub(crate) fn len(&self) -> u64 {
        self.inputs.values().map(|all| all.len() as u64).sum()
    }

    /// Whether an input of this name was met.
    pub(crate) fn knows(&self, container: &str) -> bool {
        self.inputs.contains_key(container)
    }

    /// All readings, sorted by name.
    pub(crate) fn into_reads(self) -> Vec<Read<'r>> {
        self.inputs.into_values().flatten().map(|known| known.read).collect()
    }

    /// Brings it up to date with the inputs of a run.
    pub(crate) fn meet(
        &mut self,
        task: &Task<'r>,
        entries: &[Entry],
        prune: bool,
    ) -> Result<(Reuse, Beside), IngestError> {
        let reader = Reader::new(task.registry);
        let done = AtomicUsize::new(0);
        let advance = |steps: usize| {
            task.events.progress(Stage::Reading, done.fetch_add(steps, Ordering::Relaxed) + steps);
        };
        task.events.begin(Stage::Reading, entries.len());
        let known = |container: &str| self.inputs.get(container).map_or(&[][..], Vec::as_slice);
        let opened: Vec<Result<Met<'r>, &Entry>> = entries
            .par_iter()
            .map(|entry| {
                let met = task.entry(&reader, entry, known(&entry.container))?;
                advance(usize::from(met.is_some()));
                // A container is closed again: there may be more of them than files may be open.
                Ok(met.ok_or(entry))
            })
            .collect::<Result<_, StoreError>>()?;
        let mut met = Vec::with_capacity(opened.len());
        let mut containers = Vec::new();
        for one in opened {
            match one {
                Ok(one) => met.push(one),
                Err(entry) => containers.push(entry),
            }
        }
        let one = |capture: &Capture| task.capture(&reader, capture, None, known(&capture.container));
        let Contained { met: contained, sidecars, hidden, notes } =
            read_containers(&one, &containers, task.input, &advance)
                .map_err(|e| IngestError::Threads(e.to_string()))?;
        for one in contained {
            met.push(one?);
        }
        let mut reuse = Reuse::default();
        let here = self.enter(met, &mut reuse);
        if prune && !task.stop.load(Ordering::Relaxed) {
            let before = self.len();
            self.inputs.retain(|container, _| here.contains(container));
            reuse.pruned = before - self.len();
        } else {
            self.refresh(task, &reader, &here, &mut reuse)?;
        }
        Ok((reuse, Beside { sidecars, hidden, notes }))
    }

    /// Takes in what was met; the names that are here.
    fn enter(&mut self, met: Vec<Met<'r>>, reuse: &mut Reuse) -> HashSet<String> {
        let mut by_name: HashMap<String, Vec<Met<'r>>> = HashMap::with_capacity(met.len());
        for one in met {
            match one.how {
                // Neither met nor gone.
                How::Vanished | How::Skipped => continue,
                How::ByStamp => reuse.by_stamp += 1,
                How::ByContent => reuse.by_content += 1,
                How::Read(_) => reuse.read += 1,
                How::Again(_) => reuse.read_again += 1,
            }
            by_name.entry(one.container.clone()).or_default().push(one);
        }
        let here = by_name.keys().cloned().collect();
        for (container, all) in by_name {
            let mut old = self.inputs.remove(&container).unwrap_or_default();
            let mut new: Vec<Known<'r>> = Vec::with_capacity(all.len());
            for Met { hash, stamp, how, .. } in all {
                match how {
                    How::Read(known) | How::Again(known) => new.push(*known),
                    _ => {
                        let same = |k: &Known<'r>| k.read.hash == hash;
                        let mut known = match old.iter().position(same) {
                            Some(at) => old.swap_remove(at),
                            // A second document of this name and content.
                            None => match new.iter().find(|k| same(k)) {
                                Some(first) => first.clone(),
                                None => continue,
                            },
                        };
                        known.stamp = stamp;
                        new.push(known);
                    }
                }
            }
            new.sort_by(|a, b| a.read.hash.cmp(&b.read.hash));
            self.inputs.insert(container, new);
        }
        here
    }

    /// Inputs that are not there any more are read again from their copy when program or registry changed.
    fn refresh(
        &mut self,
        task: &Task<'r>,
        reader: &Reader<'r>,
        here: &HashSet<String>,
        reuse: &mut Reuse,
    ) -> Result<(), StoreError> {
        let absent: Vec<&mut Known<'r>> = self
            .inputs
            .iter_mut()
            .filter(|(c, _)| !here.contains(c.as_str()))
            .flat_map(|(_, all)| all.iter_mut())
            .collect();
        reuse.absent = absent.len() as u64;
        let again = |known: &mut Known<'r>| -> Result<(u64, u64), StoreError> {
            if known.read.hash.is_none() || task.is_fresh(known) || task.stop.load(Ordering::Relaxed) {
                return Ok((0, 0));
            }
            Ok(match task.from_copy(reader, known)? {
                Some(new) => {
                    *known = new;
                    (1, 0)
                }
                None => (0, 1),
            })
        };
        let counts: Vec<(u64, u64)> = absent.into_par_iter().map(again).collect::<Result<_, _>>()?;
        reuse.absent_read_again = counts.iter().map(|c| c.0).sum();
        reuse.absent_outdated = counts.iter().map(|c| c.1).sum();
        Ok(())
    }
}

fn decode<'r>(packed: &[u8]) -> Result<Ledger<'r>, String> {
    let mut ledger = Ledger::default();
    let mut decoder = zstd::Decoder::new(packed).map_err(|e| e.to_string())?;
    let mut buffer = Vec::new();
    loop {
        let mut length = [0; 4];
        if decoder.read(&mut length[..1]).map_err(|e| e.to_string())? == 0 {
            return Ok(ledger);
        }
        decoder.read_exact(&mut length[1..]).map_err(|e| e.to_string())?;
        let length = u32::from_le_bytes(length);
        if length > LARGEST {
            return Err("an entry of it is too long".to_owned());
        }
        buffer.resize(length as usize, 0);
        decoder.read_exact(&mut buffer).map_err(|e| e.to_string())?;
        let known: Known<'r> = postcard::from_bytes(&buffer).map_err(|e| e.to_string())?;
        ledger.inputs.entry(known.read.container.clone()).or_default().push(known);
    }
}

impl Known<'_> {
    fn places(&self) -> impl Iterator<Item = Place> {
        self.body().into_iter().chain(self.source)
    }

    fn body(&self) -> Option<Place> {
        self.read.outcome.as_ref().ok()?.stored.as_ref().map(|stored| stored.body)
    }
}

impl<'r> Task<'r> {
    /// What became of an entry; `None` when it holds many documents.
    fn entry(&self, reader: &Reader<'r>, entry: &Entry, known: &[Known<'r>]) -> Result<Option<Met<'r>>, StoreError> {
        let stamp = entry.stamp();
        let container = entry.container.to_string();
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Some(Met { container, hash: None, stamp: None, how: How::Skipped }));
        }
        // A document that is too large today is one whatever it was when it was read.
        if let [known] = known
            && stamp.is_some()
            && known.stamp == stamp
            && entry.size <= self.input.max_bytes
            && known.read.hash.is_some()
            && known.read.provenance == entry.provenance()
            && known.read.ties == entry.ties()
            && self.is_fresh(known)
        {
            return Ok(Some(Met { container, hash: known.read.hash.clone(), stamp, how: How::ByStamp }));
        }
        match open(entry, self.input) {
            Opened::Document(capture) => self.capture(reader, &capture, stamp, known).map(Some),
            Opened::Container(_) => Ok(None),
        }
    }

    fn capture(
        &self,
        reader: &Reader<'r>,
        capture: &Capture,
        stamp: Option<Stamp>,
        known: &[Known<'r>],
    ) -> Result<Met<'r>, StoreError> {
        let container = capture.container.to_string();
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Met { container, hash: None, stamp: None, how: How::Skipped });
        }
        let vanished = |p: &Problem| p.reason == "vanished";
        if !known.is_empty() && capture.problem.as_ref().is_some_and(vanished) {
            return Ok(Met { container, hash: None, stamp: None, how: How::Vanished });
        }
        let hash = capture.problem.is_none().then(|| blake3::hash(&capture.bytes).to_hex().to_string());
        let key = self.key(capture, hash.as_deref());
        let same = known.iter().find(|k| hash.is_some() && k.read.hash == hash);
        if let Some(known) = same
            && known.key == key
            && self.has(known)
        {
            return Ok(Met { container, hash, stamp, how: How::ByContent });
        }
        let new = Box::new(self.read(reader, capture, key, stamp, same.and_then(|k| k.source))?);
        let how = if same.is_some() { How::Again(new) } else { How::Read(new) };
        Ok(Met { container, hash, stamp, how })
    }

    /// Reads a document, and puts its bulk and its bytes into the cache.
    fn read(
        &self,
        reader: &Reader<'r>,
        capture: &Capture,
        key: [u8; 16],
        stamp: Option<Stamp>,
        source: Option<Place>,
    ) -> Result<Known<'r>, StoreError> {
        let mut read = reader.read(capture);
        let source = match source {
            Some(place) if !self.prove || self.cache.get(&place).is_some() => Some(place),
            _ if capture.problem.is_some() => None,
            _ => Some(self.cache.put(RecordKind::Source, &capture.bytes)?),
        };
        if let Ok(report) = &mut read.outcome {
            self.store(report, source)?;
        }
        Ok(Known { key, stamp, source, read })
    }

    /// Moves the bulk of a report into the cache. What only `inspect` shows is left out.
    fn store(&self, report: &mut Report<'r>, source: Option<Place>) -> Result<(), StoreError> {
        let slim = Parsed {
            form: report.parsed.form.clone(),
            tables: report.parsed.tables.clone(),
            ..Parsed::default()
        };
        let mut body = Body {
            parsed: std::mem::replace(&mut report.parsed, slim),
            findings: std::mem::take(&mut report.findings),
        };
        for table in &mut report.parsed.tables {
            table.how = String::new();
        }
        body.parsed.findings = Vec::new();
        body.parsed.refusals = Vec::new();
        report.resolution.findings = Vec::new();
        report.resolution.evidence = Vec::new();
        report.resolution.decisions = Vec::new();
        let asks = report.standing.open.take().is_some();
        let mut tally: BTreeMap<&str, u32> = BTreeMap::new();
        let mut doubts = 0;
        for finding in &body.findings {
            *tally.entry(finding.code).or_default() += 1;
            let severity = self.registry.rule(finding.code).map(|r| r.severity);
            doubts += u32::from(severity != Some(Severity::Info));
        }
        let tally = tally.into_iter().map(|(code, n)| (code.to_owned(), n)).collect();
        let bytes = postcard::to_stdvec(&body)
            .map_err(|e| StoreError::cache("write to")(std::io::Error::other(e)))?;
        let body = self.cache.put(RecordKind::Result, &bytes)?;
        report.stored = Some(Stored { body, source, doubts, tally, asks });
        Ok(())
    }

    /// Reads an input that is not there any more from its copy; `None` where there is no copy.
    fn from_copy(&self, reader: &Reader<'r>, known: &Known<'r>) -> Result<Option<Known<'r>>, StoreError> {
        let Some(bytes) = known.source.and_then(|place| self.cache.get(&place)) else { return Ok(None) };
        let capture = capture(&known.read, bytes);
        let key = self.key(&capture, known.read.hash.as_deref());
        self.read(reader, &capture, key, known.stamp, known.source).map(Some)
    }

    /// Answers what is open in a stored report: the question is found by reading the copy once more.
    pub(crate) fn answer(
        &self,
        reader: &Reader<'r>,
        read: &mut Read<'r>,
        answer: impl FnOnce(&mut Report<'r>),
    ) -> Result<(), StoreError> {
        let source = read.report().and_then(|r| r.stored.as_ref()).and_then(|s| s.source);
        let lost = || StoreError::Damaged {
            path: PathBuf::from("cache"),
            what: format!("the copy of {} is lost", read.container),
        };
        let Some(place) = source else { return Ok(()) };
        let bytes = self.cache.get(&place).ok_or_else(lost)?;
        let mut again = reader.read(&capture(read, bytes));
        if let Ok(report) = &mut again.outcome {
            answer(report);
            self.store(report, source)?;
        }
        read.outcome = again.outcome;
        Ok(())
    }

    fn is_fresh(&self, known: &Known<'r>) -> bool {
        known.key == self.key(&capture(&known.read, Vec::new()), known.read.hash.as_deref()) && self.has(known)
    }

    /// Whether what was read, and what it was read from, is there.
    fn has(&self, known: &Known<'r>) -> bool {
        !self.prove || known.places().all(|place| self.cache.get(&place).is_some())
    }

    /// All that a reading depends on.
    fn key(&self, capture: &Capture, hash: Option<&str>) -> [u8; 16] {
        let surroundings = format!("{:?} {:?}", capture.provenance, capture.ties);
        let digest = &self.registry.digest;
        let mut hasher = blake3::Hasher::new();
        for part in
            [self.build, crate::TOOL_VERSION, digest, &capture.container, &surroundings, hash.unwrap_or("")]
        {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hasher.finalize().as_bytes()) {
            *to = *from;
        }
        key
    }
}

/// The capture that was read, with its bytes.
fn capture(read: &Read<'_>, bytes: Vec<u8>) -> Capture {
    Capture {
        container: read.container.as_str().into(),
        size: bytes.len() as u64,
        bytes,
        provenance: read.provenance.clone(),
        ties: read.ties.clone(),
        problem: None,
    }
}
