//! What a store remembers of every input it ever met: by what it is known again, and what was read of it.
//!
//! The ledger lies in the cache of the store (see `docs/decisions/0013-cache.md`). A run first brings it up to date
//! (`meet.rs`), then makes the snapshot of the whole of it: so the data are those of one run over all inputs met, whatever
//! the history.

use crate::attendance::{Attendance, Attendances};
use crate::gist::Shared;
use crate::reading::{Reading, bytes};
use gongkai_input::{Note, Stamp};
use gongkai_store::{Cache, Place, RecordKind, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::ops::Bound;
use std::path::PathBuf;

/// Layout of the index.
const FORMAT: [u8; 17] = *b"gongkai ledger 5\n";
/// zstd's own default.
const LEVEL: i32 = 3;
/// Largest entry of the index, against a damaged length.
const LARGEST: u32 = 64 << 20;

/// A hash of texts.
pub(crate) type Digest = [u8; 16];

/// One document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Program and registry that read it.
    pub(crate) by: Digest,
    /// Its surroundings then.
    pub(crate) about: Digest,
    pub(crate) stamp: Option<Stamp>,
    /// blake3 of the content; `None` where it was not read.
    pub(crate) hash: Option<[u8; 32]>,
    /// The document itself.
    pub(crate) source: Option<Place>,
    pub(crate) reading: Reading,
    /// The reading with what its host answered, if it did.
    pub(crate) answered: Option<Box<Answered>>,
    /// A hash of its address; 0 where it has none.
    pub(crate) address: u64,
    /// Whether a sidecar tells of it, or told when it was there.
    pub(crate) told: bool,
    /// The run that met this content first; 0 until that comes to its end.
    pub(crate) first: u32,
    /// The last run that met it.
    pub(crate) last: u32,
    /// Whether it was entered since a run came to its end.
    pub(crate) came: bool,
    /// Whether this run met it.
    #[serde(skip)]
    pub(crate) met: bool,
}

/// A reading that was completed with what is known of its host.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// The answer.
    pub(crate) answer: Digest,
    pub(crate) reading: Reading,
}

/// A container of many documents, as it was when it was read to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) stamp: Stamp,
    /// Its surroundings then, and how it was read.
    pub(crate) about: Digest,
    pub(crate) held: Contained,
}

/// What a container held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contained {
    /// Documents.
    pub(crate) documents: u64,
    /// Parts that tell about documents.
    pub(crate) sidecars: u64,
    /// Hidden members.
    pub(crate) hidden: u64,
    /// What a person should know: about what, and what.
    pub(crate) notes: Vec<(String, String)>,
}

impl Contained {
    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push((note.container.to_string(), note.message));
    }
}

/// Every input the store ever met, by name. A container may hold several documents of one name.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) inputs: BTreeMap<String, Vec<Known>>,
    pub(crate) containers: BTreeMap<String, Held>,
    /// The last run that came to its end. Runs that meet the same inputs have one number.
    pub(crate) run: u32,
    /// Whether what this run did not meet is left out of its snapshot. It stays in the ledger until the snapshot is published.
    pub(crate) prunes: bool,
    /// Of which run the published snapshot was made; `None` where that is not known.
    pub(crate) published: Option<Attendance>,
    /// A number no run has had yet.
    next: u32,
    /// What its gists say alike.
    shared: Shared,
    /// A hash of the index as it was read or written last.
    on_disk: Option<blake3::Hash>,
}

#[derive(Serialize, Deserialize)]
enum Line<S, K, H> {
    Document(S, K),
    Container(S, H),
    Run(u32),
}

impl Ledger {
    /// The ledger of a store whose published snapshot is this; empty for a new one.
    pub(crate) fn load(cache: &Cache, current: Option<&str>) -> Result<Self, StoreError> {
        let attendances = Attendances::load(cache)?;
        let mut ledger = match cache.index()? {
            None => Self::default(),
            Some(index) => decode(index).map_err(|what| StoreError::Damaged {
                path: PathBuf::from("cache/index"),
                what: format!(
                    "{what}; without it inputs that are gone would be missing. To go on without those, remove the folder `cache` of the store"
                ),
            })?,
        };
        let last = ledger.inputs.values().flatten().map(|known| known.last);
        let last = last.chain([ledger.run, attendances.last()]).max().unwrap_or(0);
        ledger.next = last.saturating_add(1);
        ledger.published = current.and_then(|name| attendances.of(name));
        ledger.drop_pruned();
        Ok(ledger)
    }

    /// What the run of the published snapshot dropped goes for good.
    fn drop_pruned(&mut self) {
        let Some(Attendance { run, prunes: true }) = self.published else { return };
        let before = self.inputs.len();
        self.inputs.retain(|_, all| {
            all.retain(|known| known.last >= run);
            !all.is_empty()
        });
        if self.inputs.len() == before {
            return;
        }
        let empty = |name: &String| self.within(name).next().is_none();
        let gone: Vec<String> = self.containers.keys().filter(|name| empty(name)).cloned().collect();
        for name in gone {
            self.containers.remove(&name);
        }
    }

    /// Whether the run before met it.
    pub(crate) fn was_here(&self, known: &Known) -> bool {
        self.run != 0 && known.last >= self.run
    }

    /// Whether the run of the published snapshot met it, or one since then.
    pub(crate) fn stands(&self, known: &Known) -> bool {
        self.published.is_none_or(|published| known.last >= published.run)
    }

    /// Gives this run its number, once all its inputs are met. One that met what the run before met has that one's: so a night
    /// without change leaves the index as it is.
    pub(crate) fn number(&mut self, here_before: u64) {
        let same = |known: &Known| known.met == self.was_here(known);
        let met = self.inputs.values().flatten().filter(|known| known.met).count() as u64;
        if self.run == 0 || met != here_before || !self.inputs.values().flatten().all(same) {
            self.run = self.next;
        }
        let run = self.run;
        for known in self.inputs.values_mut().flatten() {
            known.came = false;
            if known.met {
                known.last = run;
                known.first = if known.first == 0 { run } else { known.first };
            }
        }
    }

    /// Writes it, once all records it speaks of are on the disk, and drops packs nobody speaks of.
    pub(crate) fn save(&mut self, cache: &Cache) -> Result<(), StoreError> {
        self.write(cache)?;
        cache.keep_only(self.inputs.values().flatten().flat_map(Known::places)).map(|_| ())
    }

    /// Writes it, and drops nothing. One that says what it said when it was read is not written.
    pub(crate) fn write(&mut self, cache: &Cache) -> Result<(), StoreError> {
        let mut hasher = blake3::Hasher::new();
        self.lines(&mut hasher).map_err(StoreError::cache("write to"))?;
        let hash = Some(hasher.finalize());
        if self.on_disk != hash {
            cache.put_index(&mut |file| self.encode(file))?;
            self.on_disk = hash;
        }
        Ok(())
    }

    pub(crate) fn encode(&self, file: &mut dyn Write) -> io::Result<()> {
        file.write_all(&FORMAT)?;
        let mut encoder = zstd::Encoder::new(file, LEVEL)?;
        encoder.include_checksum(true)?;
        self.lines(&mut encoder)?;
        encoder.finish().map(|_| ())
    }

    fn lines(&self, to: &mut impl Write) -> io::Result<()> {
        put(to, &Line::<&str, &Known, &Held>::Run(self.run))?;
        for (container, all) in &self.inputs {
            for known in all {
                put(to, &Line::<_, _, &Held>::Document(container.as_str(), known))?;
            }
        }
        for (container, held) in &self.containers {
            put(to, &Line::<_, &Known, _>::Container(container.as_str(), held))?;
        }
        Ok(())
    }

    /// Lets an entry share what others say, too.
    pub(crate) fn share(&mut self, known: &mut Known) {
        self.shared.share(&mut known.reading.gist);
        if let Some(answered) = &mut known.answered {
            self.shared.share(&mut answered.reading.gist);
        }
    }

    /// Every document that the snapshot of this run is made of, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Known)> {
        let counts = |known: &&Known| known.met || !self.prunes;
        self.inputs.iter().flat_map(move |(container, all)| {
            all.iter().filter(counts).map(|known| (container.as_str(), known))
        })
    }

    /// Takes what only the panel needs, in the order of [`Ledger::all`]: it is large, and can be dropped before the snapshot is
    /// written. The ledger has been saved by then and is not saved again.
    pub(crate) fn take_strips(&mut self) -> Vec<Box<[u8]>> {
        if self.prunes {
            self.inputs.values_mut().for_each(|all| all.retain(|known| known.met));
            self.inputs.retain(|_, all| !all.is_empty());
        }
        let mut strips = Vec::with_capacity(self.inputs.len());
        let all = self.inputs.values_mut().flatten();
        strips.extend(all.map(|known| std::mem::take(&mut known.now_mut().gist.strip)));
        // A map that was filled in order is half empty; one that is made at once is full.
        self.inputs = std::mem::take(&mut self.inputs).into_iter().collect();
        strips
    }

    /// Documents.
    pub(crate) fn len(&self) -> u64 {
        self.inputs.values().map(|all| all.len() as u64).sum()
    }

    /// What is known under a name.
    pub(crate) fn known(&self, container: &str) -> &[Known] {
        self.inputs.get(container).map_or(&[], Vec::as_slice)
    }

    /// The documents of a container.
    pub(crate) fn within<'l>(&'l self, container: &'l str) -> impl Iterator<Item = (&'l str, &'l Known)> {
        let inside = move |name: &str| {
            name.strip_prefix(container).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#']))
        };
        let from = self
            .inputs
            .range::<str, _>((Bound::Included(container), Bound::Unbounded))
            .take_while(move |(name, _)| name.starts_with(container));
        from.filter(move |(name, _)| inside(name))
            .flat_map(|(name, all)| all.iter().map(move |k| (name.as_str(), k)))
    }

    /// Puts records of packs that are mostly dead again, so that the packs can go.
    pub(crate) fn compact(&mut self, cache: &Cache) -> Result<(), StoreError> {
        let sparse = cache.sparse(self.inputs.values().flatten().flat_map(Known::places))?;
        if sparse.is_empty() {
            return Ok(());
        }
        for known in self.inputs.values_mut().flatten() {
            for (kind, place) in known.places_mut().filter(|(_, p)| sparse.contains(&p.pack())) {
                // What cannot be moved is damaged, and found out when it is wanted.
                *place = cache.put_again(kind, place)?.unwrap_or(*place);
            }
        }
        Ok(())
    }
}

fn put<T: Serialize>(to: &mut impl Write, line: &T) -> io::Result<()> {
    let bytes = bytes(line).map_err(io::Error::other)?;
    to.write_all(&u32::try_from(bytes.len()).map_err(io::Error::other)?.to_le_bytes())?;
    to.write_all(&bytes)
}

#[expect(
    clippy::disallowed_types,
    reason = "the store's own file; an entry's size is capped before it is read"
)]
fn decode(mut index: impl Read) -> Result<Ledger, String> {
    let mut format = [0; FORMAT.len()];
    index.read_exact(&mut format).map_err(|e| e.to_string())?;
    if format != FORMAT {
        return Err("another version of gongkai wrote it".to_owned());
    }
    let mut ledger = Ledger::default();
    let mut decoder = zstd::Decoder::new(index).map_err(|e| e.to_string())?;
    let mut buffer = Vec::new();
    let mut hasher = blake3::Hasher::new();
    loop {
        let mut length = [0; 4];
        if decoder.read(&mut length[..1]).map_err(|e| e.to_string())? == 0 {
            ledger.on_disk = Some(hasher.finalize());
            return Ok(ledger);
        }
        decoder.read_exact(&mut length[1..]).map_err(|e| e.to_string())?;
        let length = u32::from_le_bytes(length);
        if length > LARGEST {
            return Err("an entry of it is too long".to_owned());
        }
        buffer.resize(length as usize, 0);
        decoder.read_exact(&mut buffer).map_err(|e| e.to_string())?;
        hasher.update(&length.to_le_bytes());
        hasher.update(&buffer);
        match postcard::from_bytes(&buffer).map_err(|e| e.to_string())? {
            Line::Document(container, mut known) => {
                ledger.share(&mut known);
                ledger.inputs.entry(container).or_insert_with(|| Vec::with_capacity(1)).push(known);
            }
            Line::Container(container, held) => _ = ledger.containers.insert(container, held),
            Line::Run(run) => ledger.run = run,
        }
    }
}

impl Known {
    /// The reading that counts.
    pub(crate) fn now(&self) -> &Reading {
        self.answered.as_ref().map_or(&self.reading, |answered| &answered.reading)
    }

    fn now_mut(&mut self) -> &mut Reading {
        self.answered.as_mut().map_or(&mut self.reading, |answered| &mut answered.reading)
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        let answered = self.answered.iter().flat_map(|answered| answered.reading.places());
        self.reading.places().chain(answered).chain(&self.source)
    }

    pub(crate) fn places_mut(&mut self) -> impl Iterator<Item = (RecordKind, &mut Place)> {
        let answered = self.answered.iter_mut().flat_map(|answered| answered.reading.places_mut());
        let results = self.reading.places_mut().chain(answered).map(|place| (RecordKind::Result, place));
        results.chain(self.source.iter_mut().map(|place| (RecordKind::Source, place)))
    }
}
