//! What was read elsewhere: rows that workers wrote, and the caches of other stores, taken over as if it had been read here.
//!
//! A capture is met once, in however many caches it lies, so that an attempt that was repeated leaves no trace. Two caches that
//! hold different content under one name are refused: one of the two would be lost.

use crate::ingest::IngestError;
use crate::ledger::{Digest, Known, Ledger};
use crate::meet::{Reuse, Task};
use crate::reading::Reading;
use crate::worker::{ReadRow, WorkerError, each_batch, hex};
use gongkai_store::{Cache, RecordKind, Store, StoreError};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Ending of the names of files of rows in a folder.
const ROWS: &str = "arrow";
/// Bytes read at once.
const BUFFER: usize = 1 << 20;
/// Captures of a store that are taken over at once.
const PORTION: usize = 1024;

/// blake3 of a capture's content; `None` of one that could not be had.
type Hash = Option<[u8; 32]>;

/// What a cache offers of a capture.
struct Offer<'o> {
    name: &'o str,
    hash: Hash,
    about: Digest,
    /// Whether another try would end the same way.
    is_final: bool,
}

/// A capture that was taken.
struct Taken {
    cache: usize,
    hash: Hash,
    is_final: bool,
}

/// What to do with what is offered.
enum Choice {
    /// Another cache had it.
    Pass,
    /// It is known here, as it would be now.
    Known,
    /// It is new.
    Take,
}

/// What was taken over.
#[derive(Default)]
pub(crate) struct Takings {
    /// Captures, by name.
    captures: HashMap<String, Vec<Taken>>,
    /// Containers, with the caches that read something in them.
    containers: BTreeMap<String, BTreeSet<usize>>,
    /// Parts of plans: of how many and of which, those that are there.
    parts: BTreeMap<(usize, String), BTreeSet<usize>>,
}

impl Takings {
    /// Notes which part of a plan was taken: `3/40 0123456789abcdef`.
    fn part(&mut self, told: &str) {
        let Some((part, whole)) = told.split_once(' ') else { return };
        let numbers = part.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        if let Some((i, n)) = numbers {
            self.parts.entry((n, whole.to_owned())).or_default().insert(i);
        }
    }

    /// Which parts of a plan are not there.
    fn missing(&self) -> Option<String> {
        /// Numbers that are told.
        const TOLD: usize = 10;
        self.parts.iter().find_map(|((n, _), there)| {
            let missing: Vec<String> =
                (1..=*n).filter(|part| !there.contains(part)).map(|part| part.to_string()).collect();
            let told = missing
                .get(..TOLD)
                .map_or_else(|| missing.join(", "), |some| format!("{}, …", some.join(", ")));
            (!missing.is_empty())
                .then(|| format!("of {n} parts of one plan {} are missing: {told}", missing.len()))
        })
    }

    /// Whether it is wanted, and not had from another cache; the cache with which it does not agree.
    fn wants(&mut self, cache: usize, offer: &Offer<'_>) -> Result<bool, usize> {
        let new = Taken { cache, hash: offer.hash, is_final: offer.is_final };
        let Some(all) = self.captures.get_mut(offer.name) else {
            self.captures.insert(offer.name.to_owned(), vec![new]);
            return Ok(true);
        };
        if all.iter().all(|taken| taken.cache == cache) {
            // A container may hold several documents of one name.
            all.push(new);
            return Ok(true);
        }
        let mut others = all.iter_mut().filter(|taken| taken.cache != cache);
        if let Some(same) = others.find(|taken| taken.hash == offer.hash) {
            let is_better = offer.is_final && !same.is_final;
            if is_better {
                *same = new;
            }
            return Ok(is_better);
        }
        // What one machine could not have, another may.
        if offer.hash.is_none() {
            return Ok(false);
        }
        match all.iter_mut().find(|taken| taken.cache != cache) {
            Some(other) if other.hash.is_none() => {
                *other = new;
                Ok(true)
            }
            other => Err(other.map_or(cache, |other| other.cache)),
        }
    }
}

/// One cache.
pub(crate) enum Source {
    Rows(PathBuf),
    Store(Store),
}

/// Files of rows and stores, in the order of their names.
pub(crate) fn sources(caches: &[PathBuf]) -> Result<Vec<(PathBuf, Source)>, IngestError> {
    let mut sources = Vec::new();
    for path in caches {
        let refuse = |why: String| IngestError::Cache(path.clone(), why);
        let unreadable = |e: io::Error| refuse(e.to_string());
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            sources.push((path.clone(), Source::Rows(path.clone())));
            continue;
        }
        match Store::open(path) {
            Ok(store) => sources.push((path.clone(), Source::Store(store))),
            Err(StoreError::NotAStore(_)) => {
                let listed: Vec<PathBuf> = fs::read_dir(path)
                    .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
                    .map_err(unreadable)?;
                let mut rows: Vec<PathBuf> =
                    listed.into_iter().filter(|file| file.extension().is_some_and(|e| e == ROWS)).collect();
                if rows.is_empty() {
                    return Err(refuse(format!("neither a store nor a folder with files *.{ROWS}")));
                }
                rows.sort();
                sources.extend(rows.into_iter().map(|file| (file.clone(), Source::Rows(file))));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(sources)
}

/// Why readings of another program are not taken: they may differ from what this one would read.
const OTHER: &str = "it was read by another program, or with another registry; read it with this one";

impl Ledger {
    /// Takes over what was read elsewhere. It is known from now on, and met when [`Ledger::met_elsewhere`] says so.
    pub(crate) fn adopt(
        &mut self,
        task: &Task<'_>,
        caches: &[(PathBuf, Source)],
        advance: &dyn Fn(usize),
        reuse: &mut Reuse,
    ) -> Result<Takings, IngestError> {
        let mut takings = Takings::default();
        let paths = &caches.iter().map(|(path, _)| path.as_path()).collect::<Vec<_>>();
        for (number, (_, source)) in caches.iter().enumerate() {
            let adopting = Adopting { task, paths, number };
            match source {
                Source::Rows(path) => self.adopt_rows(&adopting, path, &mut takings, reuse)?,
                Source::Store(store) => self.adopt_store(&adopting, store, &mut takings, reuse)?,
            }
            advance(1);
        }
        match takings.missing() {
            Some(why) if !task.stop.load(Ordering::Relaxed) => Err(IngestError::Parts(why)),
            _ => Ok(takings),
        }
    }

    /// What was read elsewhere is met, where no input of this run brought it already; the containers among it.
    pub(crate) fn met_elsewhere(&mut self, takings: Takings) -> Vec<String> {
        let Takings { captures, containers, .. } = takings;
        for (name, all) in captures {
            // A container that one machine could not have, and another had.
            let within = containers.get(&name);
            let had = |taken: &Taken| {
                taken.hash.is_none() && within.is_some_and(|caches| !caches.contains(&taken.cache))
            };
            for taken in all.iter().filter(|taken| !had(taken)) {
                let mut known = self.inputs.get_mut(&name).into_iter().flatten();
                if let Some(known) = known.find(|known| !known.met && known.hash == taken.hash) {
                    known.met = true;
                }
            }
        }
        containers.into_keys().collect()
    }

    fn adopt_rows(
        &mut self,
        adopting: &Adopting<'_, '_>,
        path: &Path,
        takings: &mut Takings,
        reuse: &mut Reuse,
    ) -> Result<(), IngestError> {
        let refuse = |why: String| IngestError::Cache(path.to_owned(), why);
        let task = adopting.task;
        let by = hex(task.by);
        let file = File::open(path).map_err(|e| refuse(e.to_string()))?;
        let mut failed = None;
        let read = each_batch(BufReader::with_capacity(BUFFER, file), &mut |rows| {
            let mut done = || {
                // Bytes that another program wrote may mean anything else.
                if rows.iter().any(|row| row.reader.is_some_and(|reader| reader != by)) {
                    return Err(refuse(OTHER.to_owned()));
                }
                let inside = rows.iter().filter(|row| row.path != row.file).map(|row| row.file);
                for file in inside {
                    match takings.containers.get_mut(file) {
                        Some(caches) => _ = caches.insert(adopting.number),
                        None => {
                            _ = takings.containers.insert(file.to_owned(), BTreeSet::from([adopting.number]))
                        }
                    }
                }
                let damaged = |row: &ReadRow<'_>| refuse(format!("the row of {:?} is damaged", row.path));
                let carried = |row| ReadRow::carried(row).ok_or_else(|| damaged(row));
                let carried = rows.iter().map(carried).collect::<Result<Vec<_>, _>>()?;
                let offers = rows.iter().zip(&carried).map(|(row, carried)| Offer {
                    name: row.path,
                    hash: carried.hash,
                    about: carried.about,
                    is_final: row.reader.is_some(),
                });
                let make = |at: usize| {
                    let (Some(row), Some(carried)) = (rows.get(at), carried.get(at)) else { return Ok(None) };
                    let put = |kind, record: &[u8]| {
                        task.cache.put_packed(kind, record)?.ok_or_else(|| damaged(row))
                    };
                    let result = |record: &[u8]| put(RecordKind::Result, record);
                    Ok(Some(Known {
                        by: if row.reader.is_some() { task.by } else { Digest::default() },
                        about: carried.about,
                        stamp: None,
                        hash: carried.hash,
                        source: row.source.map(|record| put(RecordKind::Source, record)).transpose()?,
                        reading: Reading {
                            gist: carried.gist.clone(),
                            head: result(row.head)?,
                            figures: row.figures.map(result).transpose()?,
                            text: row.text.map(result).transpose()?,
                        },
                        answered: None,
                        address: carried.address,
                        told: carried.told,
                        first: 0,
                        last: 0,
                        came: true,
                        met: false,
                    }))
                };
                self.take(adopting, offers.collect(), &make, takings, reuse)
            };
            failed = done().err();
            failed.is_none() && !task.stop.load(Ordering::Relaxed)
        });
        match (failed, read) {
            (Some(error), _) => Err(error),
            (None, Err(WorkerError::Io(error))) => Err(refuse(error.to_string())),
            (None, Err(error)) => Err(refuse(error.to_string())),
            (None, Ok(part)) => {
                part.iter().for_each(|part| takings.part(part));
                Ok(())
            }
        }
    }

    fn adopt_store(
        &mut self,
        adopting: &Adopting<'_, '_>,
        store: &Store,
        takings: &mut Takings,
        reuse: &mut Reuse,
    ) -> Result<(), IngestError> {
        let task = adopting.task;
        let refuse = |why: &str| IngestError::Cache(store.path().to_owned(), why.to_owned());
        let from = store.read_cache();
        let current = store.current()?.map(|snapshot| snapshot.name);
        let theirs = Self::load(&from, current.as_deref())?;
        let all: Vec<(&str, &Known)> = theirs.all().collect();
        for container in theirs.containers.keys() {
            takings.containers.entry(container.clone()).or_default().insert(adopting.number);
        }
        if all.is_empty() {
            return Err(refuse("it remembers nothing of what it was read from"));
        }
        for portion in all.chunks(PORTION) {
            if task.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if portion.iter().any(|(_, known)| known.by != task.by && known.by != Digest::default()) {
                return Err(refuse(OTHER));
            }
            let offers = portion.iter().map(|(name, known)| Offer {
                name,
                hash: known.hash,
                about: known.about,
                is_final: known.by == task.by,
            });
            let make = |at: usize| {
                let Some((name, known)) = portion.get(at) else { return Ok(None) };
                let mut own = (*known).clone();
                // Times of files are those of the machine that read it.
                (own.answered, own.stamp, own.first, own.last) = (None, None, 0, 0);
                (own.came, own.met) = (true, false);
                for (kind, place) in own.places_mut() {
                    *place = moved(&from, task.cache, kind, place)?
                        .ok_or_else(|| refuse(&format!("a record of {name:?} is damaged or lost")))?;
                }
                Ok(Some(own))
            };
            self.take(adopting, offers.collect(), &make, takings, reuse)?;
        }
        Ok(())
    }

    /// Takes what is offered and not had yet; `make` brings what lies in the cache over here.
    fn take(
        &mut self,
        adopting: &Adopting<'_, '_>,
        offers: Vec<Offer<'_>>,
        make: &(dyn Fn(usize) -> Result<Option<Known>, IngestError> + Sync),
        takings: &mut Takings,
        reuse: &mut Reuse,
    ) -> Result<(), IngestError> {
        let task = adopting.task;
        let choose = |offer: &Offer<'_>| match takings.wants(adopting.number, offer) {
            Err(other) => Err(adopting.disagree(offer.name, other)),
            Ok(false) => Ok(Choice::Pass),
            Ok(true) => {
                let is_fresh = |known: &Known| known.hash == offer.hash && task.is_fresh(known, offer.about);
                Ok(if self.known(offer.name).iter().any(is_fresh) { Choice::Known } else { Choice::Take })
            }
        };
        let choices = offers.iter().map(choose).collect::<Result<Vec<_>, _>>()?;
        let made: Vec<Option<Known>> = choices
            .par_iter()
            .enumerate()
            .map(|(at, choice)| if matches!(choice, Choice::Take) { make(at) } else { Ok(None) })
            .collect::<Result<_, IngestError>>()?;
        for ((offer, choice), made) in offers.iter().zip(choices).zip(made) {
            match choice {
                Choice::Pass => continue,
                Choice::Known => reuse.by_content += 1,
                Choice::Take => reuse.elsewhere += 1,
            }
            let wanted = takings
                .captures
                .get(offer.name)
                .into_iter()
                .flatten()
                .filter(|t| t.hash == offer.hash)
                .count();
            self.enter_elsewhere(offer, made, wanted);
        }
        Ok(())
    }

    /// Enters a capture, in the place of what was known of this name and content, so that there are so many of it.
    fn enter_elsewhere(&mut self, offer: &Offer<'_>, made: Option<Known>, wanted: usize) {
        let made = made.map(|mut known| {
            self.share(&mut known);
            // A run that is killed has met it, as far as the next one is concerned.
            known.last = self.run;
            known
        });
        let all = self.inputs.entry(offer.name.to_owned()).or_insert_with(|| Vec::with_capacity(1));
        let mut here = 0;
        for known in all.iter_mut().filter(|known| known.hash == offer.hash) {
            here += 1;
            if let Some(made) = &made {
                let source = made.source.or(known.source);
                *known = Known { first: known.first, source, ..made.clone() };
            }
        }
        if here < wanted {
            let one = made.or_else(|| all.iter().find(|known| known.hash == offer.hash).cloned());
            all.extend(one);
        }
    }
}

/// One cache that is being taken over.
struct Adopting<'a, 'r> {
    task: &'a Task<'r>,
    paths: &'a [&'a Path],
    number: usize,
}

impl Adopting<'_, '_> {
    fn disagree(&self, name: &str, other: usize) -> IngestError {
        let path = |number: usize| self.paths.get(number).copied().unwrap_or(Path::new(""));
        IngestError::Cache(
            path(self.number).to_owned(),
            format!(
                "{name:?} has another content in {}: one of the two would be lost. Read both below one folder, so that their names differ",
                path(other).display()
            ),
        )
    }
}

/// A record of another cache, as it lies there.
fn moved(
    from: &Cache,
    to: &Cache,
    kind: RecordKind,
    place: &gongkai_store::Place,
) -> Result<Option<gongkai_store::Place>, StoreError> {
    match from.get_packed(place) {
        Some(record) => to.put_packed(kind, &record),
        None => Ok(None),
    }
}
