//! What runs remember beside the snapshots, in `cache/` of the store: packs of compressed records, an index of what the
//! records are, and which input each partition of the published snapshot was built from.
//!
//! Nothing here is needed to read a snapshot. Packs are only ever added to by the run that began them; the index is
//! replaced in one step after the packs it speaks of are on the disk, so that it never promises what is not there.

use crate::disk::{Disk, DiskFile, DiskParts};
use crate::error::StoreError;
use crate::files;
use crate::tally::Tally;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use zstd::bulk::Compressor;

/// Folder of the cache in a store.
pub(crate) const CACHE: &str = "cache";
const INDEX: &str = "index";
const PARTS: &str = "parts.json";
/// Mark that the index tells of less than the published snapshot was read from.
const FORGOTTEN: &str = "forgotten";
/// zstd's own default: a pack is written once and read often.
const LEVEL: i32 = 3;
/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 20;
/// A pack below this size is small.
const SMALL: u64 = 16 << 20;
/// So many small packs are let be.
const MANY: usize = 32;
/// Largest record, as a guard against a damaged index.
const LARGEST: usize = 1 << 30;

/// Where a record lies, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Counted from 1.
    pack: NonZeroU32,
    bytes: u32,
    offset: u64,
    /// First half of the blake3 of the record.
    hash: [u8; 16],
}

impl Place {
    /// A hash of the record, wherever it lies.
    pub fn hash(&self) -> [u8; 16] {
        self.hash
    }

    /// The pack it lies in.
    pub fn pack(&self) -> u32 {
        self.pack.get()
    }
}

/// What a record is: packs of different kinds grow old differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// What was read from a document; another version reads it anew.
    Result,
    /// The document's bytes.
    Source,
}

/// The cache of a store, for the one run that writes it.
#[derive(Debug)]
pub struct Cache {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    packs: [Mutex<Pack>; 2],
    /// Number of the first pack that this run writes.
    first: NonZeroU32,
    /// Packs that are being read.
    open: RwLock<BTreeMap<NonZeroU32, Box<dyn DiskParts>>>,
}

/// The pack that a run writes; the file is made with the first record.
struct Pack {
    number: NonZeroU32,
    file: Option<Box<dyn DiskFile>>,
    buffer: Vec<u8>,
    written: u64,
    failed: bool,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pack {} of {} bytes", self.number, self.written)
    }
}

fn pack_name(number: impl std::fmt::Display) -> String {
    format!("{number:06}.pack")
}

fn pack_number(name: &str) -> Option<u32> {
    name.strip_suffix(".pack")?.parse().ok()
}

impl Cache {
    pub(crate) fn open(disk: &Arc<dyn Disk>, store: &Path) -> Result<Self, StoreError> {
        let folder = store.join(CACHE);
        files::make_folder(disk.as_ref(), &folder)?;
        files::remove_leftovers(disk.as_ref(), &folder)?;
        let mut last = 0_u32;
        for (name, _) in disk.list(&folder).map_err(StoreError::io("read", &folder))? {
            last = last.max(pack_number(&name.to_string_lossy()).unwrap_or(0));
        }
        let pack =
            |number| Mutex::new(Pack { number, file: None, buffer: Vec::new(), written: 0, failed: false });
        let first = NonZeroU32::MIN.saturating_add(last);
        let second = first.saturating_add(1);
        Ok(Self {
            disk: Arc::clone(disk),
            folder,
            packs: [pack(first), pack(second)],
            first,
            open: RwLock::default(),
        })
    }

    /// A cache in a folder that is no store: `cache/` in it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn elsewhere(folder: &Path) -> Result<Self, StoreError> {
        let disk: Arc<dyn Disk> = Arc::new(crate::disk::RealDisk);
        Self::open(&disk, folder)
    }

    /// A cache that is only read: nothing is made or removed.
    pub(crate) fn reading(disk: &Arc<dyn Disk>, store: &Path) -> Self {
        let number = NonZeroU32::MIN;
        let pack = || Mutex::new(Pack { number, file: None, buffer: Vec::new(), written: 0, failed: true });
        let packs = [pack(), pack()];
        let (folder, first) = (store.join(CACHE), NonZeroU32::MAX);
        Self { disk: Arc::clone(disk), folder, packs, first, open: RwLock::default() }
    }

    fn pack(&self, kind: RecordKind) -> MutexGuard<'_, Pack> {
        let [results, sources] = &self.packs;
        let pack = if kind == RecordKind::Result { results } else { sources };
        // A thread that panicked while writing left `failed` as it was: what it may have written is never pointed at.
        pack.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record. It can be read at once, and is on the disk after the next [`Cache::sync`].
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, kind: RecordKind, record: &[u8]) -> Result<Place, StoreError> {
        let hash = short_hash(record);
        if record.len() > LARGEST {
            let what = format!("a record of {} bytes is too large for it", record.len());
            return Err(StoreError::Damaged { path: self.folder.clone(), what });
        }
        let packed = compress(record).map_err(StoreError::io("compress for", &self.folder))?;
        self.append(kind, &packed, hash)
    }

    /// Adds a record that was packed elsewhere, by [`packed`]; `None` when it is damaged.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_packed(&self, kind: RecordKind, packed: &[u8]) -> Result<Option<Place>, StoreError> {
        let Ok(record) = decompress(packed) else { return Ok(None) };
        self.append(kind, packed, short_hash(&record)).map(Some)
    }

    /// A record as it lies in its pack, proven by its hash; `None` when it is lost or damaged.
    pub fn get_packed(&self, place: &Place) -> Option<Vec<u8>> {
        let packed = self.read(place)?;
        (short_hash(&decompress(&packed).ok()?) == place.hash).then_some(packed)
    }

    fn append(&self, kind: RecordKind, packed: &[u8], hash: [u8; 16]) -> Result<Place, StoreError> {
        let mut pack = self.pack(kind);
        let offset = pack.written;
        pack.buffer.extend_from_slice(packed);
        pack.written += packed.len() as u64;
        if pack.buffer.len() >= BUFFER {
            self.flush(&mut pack)?;
        }
        let bytes = u32::try_from(packed.len()).unwrap_or(u32::MAX);
        Ok(Place { pack: pack.number, bytes, offset, hash })
    }

    fn flush(&self, pack: &mut Pack) -> Result<(), StoreError> {
        let path = self.folder.join(pack_name(pack.number));
        if pack.failed {
            let source = std::io::Error::other("an earlier write failed");
            return Err(StoreError::Io { action: "write", path, source });
        }
        let buffer = std::mem::take(&mut pack.buffer);
        let mut write = || {
            if pack.file.is_none() {
                pack.file = Some(self.disk.create(&path)?);
            }
            pack.file.as_mut().map_or(Ok(()), |file| file.write_all(&buffer))
        };
        let done = write();
        pack.failed = done.is_err();
        done.map_err(StoreError::io("write", &path))
    }

    /// Waits until all records are on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> Result<(), StoreError> {
        for kind in [RecordKind::Result, RecordKind::Source] {
            let mut pack = self.pack(kind);
            if !pack.buffer.is_empty() || pack.failed {
                self.flush(&mut pack)?;
            }
            let path = self.folder.join(pack_name(pack.number));
            if let Some(file) = &mut pack.file {
                file.sync().map_err(StoreError::io("write", &path))?;
            }
        }
        files::sync_folder(self.disk.as_ref(), &self.folder)
    }

    /// A record, proven by its hash; `None` when it is lost or damaged.
    pub fn get(&self, place: &Place) -> Option<Vec<u8>> {
        let packed = self.read(place)?;
        let record = decompress(&packed).ok()?;
        (short_hash(&record) == place.hash).then_some(record)
    }

    /// A record of this run that is not written yet.
    fn waiting(&self, place: &Place) -> Option<Vec<u8>> {
        if place.pack < self.first {
            return None;
        }
        let kind = if place.pack == self.first { RecordKind::Result } else { RecordKind::Source };
        let pack = self.pack(kind);
        let written = pack.written.checked_sub(pack.buffer.len() as u64)?;
        let at = usize::try_from(place.offset.checked_sub(written)?).ok()?;
        pack.buffer.get(at..at.checked_add(place.bytes as usize)?).map(<[u8]>::to_vec)
    }

    fn read(&self, place: &Place) -> Option<Vec<u8>> {
        if let Some(waiting) = self.waiting(place) {
            return Some(waiting);
        }
        let part = |open: &BTreeMap<NonZeroU32, Box<dyn DiskParts>>| {
            Some(open.get(&place.pack)?.read_at(place.offset, place.bytes as usize))
        };
        if let Some(read) = part(&self.open.read().unwrap_or_else(PoisonError::into_inner)) {
            return read.ok();
        }
        let file = self.disk.open(&self.folder.join(pack_name(place.pack))).ok()?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.entry(place.pack).or_insert(file);
        part(&open)?.ok()
    }

    /// The index as it was put last, to be read from its beginning; `None` before the first.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    pub fn index(&self) -> Result<Option<impl Read + use<>>, StoreError> {
        let index = files::open(self.disk.as_ref(), &self.folder.join(INDEX))?;
        Ok(index.map(|file| BufReader::with_capacity(BUFFER, file)))
    }

    /// Whether the published snapshot was read from more than the index tells of: the store begins with a release, or lost its cache,
    /// and no run has made that good since.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn has_forgotten(&self) -> Result<bool, StoreError> {
        Ok(files::read(self.disk.as_ref(), &self.folder.join(FORGOTTEN))?.is_some())
    }

    /// Says that it was, or that it is no more.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_forgotten(&self, forgotten: bool) -> Result<(), StoreError> {
        match forgotten {
            true => files::replace(self.disk.as_ref(), &self.folder, FORGOTTEN, b""),
            false => files::remove(self.disk.as_ref(), &self.folder.join(FORGOTTEN), false),
        }
    }

    /// Replaces the index, once all records it speaks of are on the disk.
    ///
    /// # Errors
    /// When the disk refuses; the index is then what it was.
    pub fn put_index(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        self.sync()?;
        files::replace_with(self.disk.as_ref(), &self.folder, INDEX, write)?;
        files::sync_folder(self.disk.as_ref(), &self.folder)
    }

    /// Removes every pack that holds none of these records. To be called after the index was replaced.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep_only<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Result<u64, StoreError> {
        let live: BTreeSet<u32> = places.map(Place::pack).collect();
        self.open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|pack, _| live.contains(&pack.get()));
        let mut removed = 0;
        for (name, _) in self.disk.list(&self.folder).map_err(StoreError::io("read", &self.folder))? {
            let number = pack_number(&name.to_string_lossy());
            if number.is_some_and(|n| !live.contains(&n)) {
                files::remove(self.disk.as_ref(), &self.folder.join(&name), false)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Packs whose records should be put again: those of which less than half is still spoken of, and small ones where
    /// there are many.
    ///
    /// # Errors
    /// When a pack's size cannot be read.
    pub fn sparse<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Result<BTreeSet<u32>, StoreError> {
        let mut live: BTreeMap<u32, u64> = BTreeMap::new();
        for place in places {
            *live.entry(place.pack()).or_default() += u64::from(place.bytes);
        }
        // Those of this run are not closed yet.
        let open = self.pack(RecordKind::Result).number.get();
        let closed: Vec<(u32, u64, u64)> = live
            .into_iter()
            .filter(|(pack, _)| *pack < open)
            // A pack that is gone is found out when a record of it is wanted.
            .filter_map(|(pack, live)| {
                Some((pack, live, self.disk.size(&self.folder.join(pack_name(pack))).ok()?))
            })
            .collect();
        let small = closed.iter().filter(|(_, _, size)| *size < SMALL).count();
        let wanted = |(_, live, size): &&(u32, u64, u64)| {
            *size > live.saturating_mul(2) || (small > MANY && *size < SMALL)
        };
        Ok(closed.iter().filter(wanted).map(|(pack, ..)| *pack).collect())
    }

    /// Puts a record into the pack of this run; `None` when it is lost or damaged.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_again(&self, kind: RecordKind, place: &Place) -> Result<Option<Place>, StoreError> {
        self.get(place).map(|record| self.put(kind, &record)).transpose()
    }

    /// What was put beside the index under this name; `None` when there is nothing, or it is damaged.
    pub fn beside(&self, name: &str) -> Option<Vec<u8>> {
        let bytes = self.disk.read(&self.folder.join(name)).ok()?;
        let (hash, packed) = bytes.split_first_chunk::<16>()?;
        let record = decompress(packed).ok()?;
        (short_hash(&record) == *hash).then_some(record)
    }

    /// As [`Cache::beside`], of what cannot be made again: nothing only where there is no such file.
    ///
    /// # Errors
    /// When it is damaged: to go on without it would change what is known, and nobody would be told.
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.folder.join(name);
        match self.beside(name) {
            None if path.symlink_metadata().is_ok() => Err(StoreError::Damaged {
                path,
                what:
                    "it cannot be read. To go on without what the store remembers, remove its folder `cache`"
                        .to_owned(),
            }),
            bytes => Ok(bytes),
        }
    }

    /// Puts something beside the index that can be made again at any time. It is written twice, the first time to learn what
    /// stands before it: so it is never in memory as a whole.
    ///
    /// # Errors
    /// When it cannot be written, or the disk refuses.
    pub fn put_beside(
        &self,
        name: &str,
        write: &dyn Fn(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut hasher = blake3::Hasher::new();
        write(&mut hasher).map_err(StoreError::io("write", &self.folder.join(name)))?;
        // What is too large is made again every time.
        if hasher.count() > LARGEST as u64 {
            return Ok(());
        }
        let (hash, size) = (short(&hasher.finalize()), hasher.count());
        files::replace_with(self.disk.as_ref(), &self.folder, name, &mut |file| {
            file.write_all(&hash)?;
            let mut encoder = zstd::Encoder::new(file, LEVEL)?;
            encoder.set_pledged_src_size(Some(size))?;
            encoder.include_contentsize(true)?;
            write(&mut encoder)?;
            encoder.finish().map(|_| ())
        })
    }

    /// What the partitions of a snapshot were built from; nothing known of another snapshot.
    pub(crate) fn parts(&self, snapshot: &str) -> BTreeMap<String, BuiltFrom> {
        let bytes = self.disk.read(&self.folder.join(PARTS)).unwrap_or_default();
        let parts: Option<Parts> = serde_json::from_slice(&bytes).ok();
        parts.filter(|p| p.snapshot == snapshot).map(|p| p.parts).unwrap_or_default()
    }

    pub(crate) fn put_parts(
        &self,
        snapshot: &str,
        parts: BTreeMap<String, BuiltFrom>,
    ) -> Result<(), StoreError> {
        let parts = Parts { snapshot: snapshot.to_owned(), parts };
        let text = serde_json::to_vec(&parts).unwrap_or_default();
        files::replace(self.disk.as_ref(), &self.folder, PARTS, &text)
    }
}

/// What a partition was built from, and what it holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BuiltFrom {
    pub(crate) digest: String,
    /// What its reports say, see [`crate::Outline`].
    pub(crate) figures: Option<String>,
    pub(crate) text: Option<String>,
    /// What else `key_figures` is made of, see [`crate::record::ReportRecord::hash_keys`].
    #[serde(default)]
    pub(crate) keys: Option<String>,
    pub(crate) tally: Tally,
}

#[derive(Serialize, Deserialize)]
struct Parts {
    snapshot: String,
    parts: BTreeMap<String, BuiltFrom>,
}

/// Packs are the store's own: the size of a record is known and capped before it is unpacked.
#[expect(clippy::disallowed_types, reason = "the ban is for what comes in from outside")]
type Decompressor = zstd::bulk::Decompressor<'static>;

thread_local! {
    // Making these costs more than most records do.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor>> = const { RefCell::new(None) };
}

/// A record as it lies in a pack: a zstd frame of its own, which says how large it is.
///
/// # Errors
/// When it is too large for a pack.
pub fn packed(record: &[u8]) -> std::io::Result<Vec<u8>> {
    if record.len() > LARGEST {
        return Err(std::io::Error::other(format!("a record of {} bytes is too large", record.len())));
    }
    compress(record)
}

fn compress(record: &[u8]) -> std::io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|slot| match slot {
        Some(compressor) => compressor.compress(record),
        None => slot.insert(Compressor::new(LEVEL)?).compress(record),
    })
}

/// Every record says how large it is.
fn decompress(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    let raw = size.and_then(|size| usize::try_from(size).ok()).filter(|raw| *raw <= LARGEST);
    let raw = raw.ok_or_else(|| std::io::Error::other("a record of unknown size"))?;
    DECOMPRESSOR.with_borrow_mut(|slot| match slot {
        Some(decompressor) => decompressor.decompress(packed, raw),
        None => slot.insert(Decompressor::new()?).decompress(packed, raw),
    })
}

fn short_hash(bytes: &[u8]) -> [u8; 16] {
    short(&blake3::hash(bytes))
}

fn short(hash: &blake3::Hash) -> [u8; 16] {
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn records_come_back_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let cache = Cache::open(&disk, dir.path()).unwrap();
        let records: Vec<Vec<u8>> = (0..100_u32).map(|i| vec![i as u8; 1000 + i as usize]).collect();
        let places: Vec<Place> = records.iter().map(|r| cache.put(RecordKind::Result, r).unwrap()).collect();
        let source = cache.put(RecordKind::Source, b"a document").unwrap();
        let elsewhere = packed(&records[0]).unwrap();
        let taken = cache.put_packed(RecordKind::Source, &elsewhere).unwrap().unwrap();
        assert_eq!(
            cache.get(&taken).as_ref(),
            Some(&records[0]),
            "what was packed elsewhere is taken as it is"
        );
        assert_eq!((cache.get_packed(&taken), taken.hash()), (Some(elsewhere), places[0].hash()));
        assert!(cache.put_packed(RecordKind::Source, b"no frame").unwrap().is_none());
        assert!(!dir.path().join("cache/000001.pack").exists(), "they are gathered before they are written");
        assert_eq!(cache.get(&source).unwrap(), b"a document", "what was put can be read at once");
        for (place, record) in places.iter().zip(&records) {
            assert_eq!(cache.get(place).as_ref(), Some(record));
        }
        cache.sync().unwrap();
        for (place, record) in places.iter().zip(&records) {
            assert_eq!(cache.get(place).as_ref(), Some(record));
        }
        let pack = dir.path().join("cache/000001.pack");
        let mut bytes = std::fs::read(&pack).unwrap();
        let end = bytes.len() - 1;
        bytes[end] ^= 1;
        std::fs::write(&pack, bytes).unwrap();
        assert!(cache.get(&places[99]).is_none(), "a damaged record is no record");
        assert!(cache.get(&places[0]).is_some());
        std::fs::remove_file(&pack).unwrap();
        let next = Cache::open(&disk, dir.path()).unwrap();
        assert!(next.get(&places[0]).is_none(), "a lost record is no record");
    }

    #[test]
    fn records_of_a_run_can_be_read_while_it_writes_others() {
        let dir = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let cache = Cache::open(&disk, dir.path()).unwrap();
        // Noise does not shrink: several buffers are written, and something is left in the last one.
        let noise = |n: u32| {
            let mut bytes = vec![0; 200_000];
            blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut bytes);
            bytes
        };
        let mut places = Vec::new();
        for n in 0..25 {
            places.push(cache.put(RecordKind::Source, &noise(n)).unwrap());
            for (before, place) in (0..).zip(&places) {
                assert!(cache.get(place) == Some(noise(before)), "{before} of {n}");
            }
        }
        let written = std::fs::metadata(dir.path().join("cache/000002.pack")).unwrap().len();
        assert!((BUFFER as u64..5_000_000).contains(&written), "{written}");
        assert!(Cache::reading(&disk, dir.path()).get(&places[0]).is_some());
    }

    #[test]
    fn packs_nobody_speaks_of_go() {
        let dir = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let first = Cache::open(&disk, dir.path()).unwrap();
        let old = first.put(RecordKind::Result, b"old").unwrap();
        let kept = first.put(RecordKind::Source, b"kept").unwrap();
        first.put_index(&mut |file| file.write_all(b"1")).unwrap();
        let second = Cache::open(&disk, dir.path()).unwrap();
        let new = second.put(RecordKind::Result, b"new").unwrap();
        second.put_index(&mut |file| file.write_all(b"2")).unwrap();
        assert_eq!(second.keep_only([kept, new].iter()).unwrap(), 1);
        assert!(second.get(&old).is_none());
        assert_eq!(second.get(&kept).unwrap(), b"kept");
        assert_eq!(second.get(&new).unwrap(), b"new");
        let mut index = Vec::new();
        second.index().unwrap().unwrap().read_to_end(&mut index).unwrap();
        assert_eq!(index, b"2");
    }
}
