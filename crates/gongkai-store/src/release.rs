//! A dataset release as a store sees it: the mark in its folder, and a store that begins with one.

use crate::cache::CACHE;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::files::{self, Scratch, TEMPORARY};
use crate::manifest::MANIFEST;
use crate::publish::is_whole;
use crate::store::Store;
use gongkai_registry::Registry;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// File that tells a release from any other folder.
pub const RELEASE: &str = "gongkai-release.json";
/// Layout of releases this version reads and writes.
const FORMAT: u32 = 1;

/// How the tables of a release lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// In folders by year and region, as in a snapshot.
    Partitioned,
    /// One file a table.
    Flat,
    /// The folders of a table packed into one archive.
    Archives,
}

/// What a release says about itself in [`RELEASE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseMark {
    /// Layout of the folder.
    pub format: u32,
    /// Version of the release.
    pub version: String,
    /// The snapshot its tables are.
    pub snapshot: String,
    /// The snapshot of the store it was made of: another one where something was masked.
    pub made_of: String,
    /// How they lie.
    pub layout: Layout,
}

impl ReleaseMark {
    /// The mark of a release.
    pub fn new(version: &str, snapshot: &str, made_of: &str, layout: Layout) -> Self {
        let [version, snapshot, made_of] = [version, snapshot, made_of].map(str::to_owned);
        Self { format: FORMAT, version, snapshot, made_of, layout }
    }

    /// The mark in a folder; `None` where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be understood.
    pub fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(RELEASE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(StoreError::io("read", &path)(e)),
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(mark) if mark.format == FORMAT => Ok(Some(mark)),
            Ok(mark) => Err(StoreError::Format { path: folder.to_owned(), found: mark.format.to_string() }),
            Err(e) => Err(StoreError::Damaged { path, what: e.to_string() }),
        }
    }

    /// The folder of the snapshot, if the tables lie in folders (or were unpacked into them).
    pub(crate) fn tree(&self, folder: &Path) -> Result<PathBuf, StoreError> {
        let packed =
            || folder.read_dir().is_ok_and(|mut all| !all.any(|e| e.is_ok_and(|e| e.path().is_dir())));
        match self.layout {
            Layout::Flat => Err(StoreError::NoTree { path: folder.to_owned(), packed: false }),
            Layout::Archives if packed() => Err(StoreError::NoTree { path: folder.to_owned(), packed: true }),
            _ => Ok(folder.to_owned()),
        }
    }
}

impl Store {
    /// A new store whose first snapshot is that of a release. Its files are proven first, then linked (copied, where the file
    /// system does not link). If the release holds what it was read from, that comes along.
    ///
    /// # Errors
    /// When `base` is no release with its tables in folders or is damaged, the store holds a snapshot already, or the disk refuses.
    pub fn begin_with(registry: &Registry, base: &Path, path: &Path) -> Result<Self, StoreError> {
        let release = Self::open(base)?;
        let snapshot =
            release.current()?.ok_or_else(|| StoreError::NoSnapshot { path: base.to_owned(), name: None })?;
        let store = Self::create_or_open(path)?;
        match store.current()? {
            // A first attempt ended after this step.
            Some(current) if current.name == snapshot.name => return Ok(store),
            Some(_) => return Err(StoreError::NotNew(path.to_owned())),
            None => {}
        }
        let writer = store.writer()?;
        let scratch = store.snapshots_folder().join(format!("{TEMPORARY}{}", snapshot.name));
        let scratch = Scratch::create(store.shared_disk(), scratch)?;
        for entry in &snapshot.manifest.files {
            let source = snapshot.locate(entry).filter(|source| is_whole(source, entry));
            let source = source.ok_or_else(|| StoreError::Damaged {
                path: base.join(&entry.path),
                what: "it is not what was released; `gongkai check` tells more".to_owned(),
            })?;
            let target = scratch.path().join(&entry.path);
            files::make_folder(store.disk(), target.parent().unwrap_or(path))?;
            link_or_copy(store.disk(), &source, &target)?;
        }
        let manifest = snapshot.manifest.to_json();
        files::write_synced(store.disk(), &scratch.path().join(MANIFEST), manifest.as_bytes())?;
        for folder in files::walk(scratch.path())?.1 {
            files::sync_folder(store.disk(), &folder)?;
        }
        if base.join(CACHE).is_dir() {
            let cache = store.path().join(CACHE);
            files::make_folder(store.disk(), &cache)?;
            for file in files::walk(&base.join(CACHE))?.0 {
                let target = cache.join(file.file_name().unwrap_or_default());
                // A cache grows: it is never shared.
                fs::copy(&file, &target).map_err(StoreError::io("write", &target))?;
            }
        }
        writer.commit(scratch, &snapshot.name)?;
        writer.settle_in(registry, &snapshot.name);
        Ok(store)
    }
}

/// A second name for a file, or a copy of it.
fn link_or_copy(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), StoreError> {
    if disk.hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to).map(|_| ()).map_err(StoreError::io("write", to))
}
