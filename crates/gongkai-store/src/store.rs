//! A store on the disk: making, opening, and what it has published.

use crate::disk::{Disk, RealDisk};
use crate::error::StoreError;
use crate::files::{self, TEMPORARY};
use crate::manifest::{Manifest, snapshot_number};
use crate::release::{RELEASE, ReleaseMark};
use serde::{Deserialize, Serialize};
use std::collections::hash_map::RandomState;
use std::fs::{File, TryLockError};
use std::hash::BuildHasher;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// File that tells a store from any other folder.
const MARKER: &str = "gongkai-store.json";
/// Layout of the store this version reads and writes.
const FORMAT: u32 = 1;
/// File that names the published snapshot.
pub(crate) const CURRENT: &str = "CURRENT";
/// Link to the published snapshot, for people.
pub(crate) const CURRENT_LINK: &str = "current";
/// DuckDB views over the published snapshot.
pub(crate) const VIEWS: &str = "views.sql";
/// Folder of the snapshots.
pub(crate) const SNAPSHOTS: &str = "snapshots";

#[derive(Serialize, Deserialize)]
struct Marker {
    format: u32,
}

/// Folder of snapshots that a gate refused.
pub(crate) const CANDIDATES: &str = "candidates";

/// A store. A dataset release with its tables in folders is one, too: with one snapshot, for reading only.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    release: Option<ReleaseMark>,
}

/// One published snapshot.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Its name, such as `000012-0123456789ab`.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// What it is made of.
    pub manifest: Manifest,
}

impl Store {
    /// Opens a store, or makes one of a new or empty folder.
    ///
    /// # Errors
    /// When the folder holds something else, cannot be written to, or is a store of an unknown format.
    pub fn create_or_open(path: &Path) -> Result<Self, StoreError> {
        Self::create_or_open_on(Arc::new(RealDisk), path)
    }

    /// As [`Store::create_or_open`], on a disk of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn create_or_open_on(disk: Arc<dyn Disk>, path: &Path) -> Result<Self, StoreError> {
        let exists = path.try_exists().map_err(StoreError::io("read", path))?;
        if exists && !path.is_dir() {
            return Err(StoreError::Foreign(path.to_owned()));
        }
        files::make_folder(disk.as_ref(), path)?;
        let has = |name: &str| path.join(name).try_exists().map_err(StoreError::io("read", path));
        if !has(MARKER)? && !has(RELEASE)? {
            // Another first run may have been faster.
            match make(disk.as_ref(), path) {
                Err(_) if has(MARKER)? => {}
                made => made?,
            }
        }
        let store = Self::open_on(disk, path)?;
        store.writable()?;
        // Found out now rather than after hours of reading.
        let snapshots = store.snapshots_folder();
        files::make_folder(store.disk(), &snapshots)?;
        let probe = snapshots.join(format!("{TEMPORARY}probe-{}", std::process::id()));
        store.disk.create(&probe).map_err(StoreError::io("write to", &snapshots))?;
        // A run that publishes at this moment may have removed it as a leftover.
        let _ = store.disk.remove_file(&probe);
        Ok(store)
    }

    /// Opens an existing store.
    ///
    /// # Errors
    /// When there is none, or one of an unknown format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_on(Arc::new(RealDisk), path)
    }

    /// As [`Store::open`], on a disk of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(disk: Arc<dyn Disk>, path: &Path) -> Result<Self, StoreError> {
        let marker = path.join(MARKER);
        let text = match disk.read(&marker) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                let Some(release) = ReleaseMark::read(path)? else {
                    return Err(StoreError::NotAStore(path.to_owned()));
                };
                return Ok(Self { path: path.to_owned(), disk, release: Some(release) });
            }
            Err(e) => return Err(StoreError::io("read", &marker)(e)),
        };
        match serde_json::from_slice::<Marker>(&text) {
            Ok(Marker { format: FORMAT }) => Ok(Self { path: path.to_owned(), disk, release: None }),
            Ok(Marker { format }) => {
                Err(StoreError::Format { path: path.to_owned(), found: format.to_string() })
            }
            Err(e) => Err(StoreError::Damaged { path: marker, what: e.to_string() }),
        }
    }

    pub(crate) fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    pub(crate) fn shared_disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// What it says about itself, if it is a release.
    pub fn release(&self) -> Option<&ReleaseMark> {
        self.release.as_ref()
    }

    /// A release never changes.
    fn writable(&self) -> Result<(), StoreError> {
        match &self.release {
            Some(mark) => {
                Err(StoreError::Released { path: self.path.clone(), version: mark.version.clone() })
            }
            None => Ok(()),
        }
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The published snapshot; `None` before the first.
    ///
    /// # Errors
    /// When `CURRENT` or the manifest it leads to cannot be read.
    pub fn current(&self) -> Result<Option<Snapshot>, StoreError> {
        if let Some(mark) = &self.release {
            return self.snapshot(&mark.snapshot).map(Some);
        }
        let path = self.path.join(CURRENT);
        let Some(text) = files::read(self.disk(), &path)? else { return Ok(None) };
        let name = String::from_utf8_lossy(&text).trim().to_owned();
        if snapshot_number(&name).is_none() {
            return Err(StoreError::Damaged {
                path,
                what: format!("{name:?} is not the name of a snapshot"),
            });
        }
        self.snapshot(&name).map(Some)
    }

    /// The snapshot with this name.
    ///
    /// # Errors
    /// When there is none, or its manifest cannot be read.
    pub fn snapshot(&self, name: &str) -> Result<Snapshot, StoreError> {
        let path = match &self.release {
            Some(mark) if mark.snapshot == name => mark.tree(&self.path)?,
            _ => self.snapshots_folder().join(name),
        };
        if snapshot_number(name).is_none() || !path.is_dir() {
            return Err(StoreError::NoSnapshot { path: self.path.clone(), name: Some(name.to_owned()) });
        }
        let manifest = Manifest::read(&path)?;
        Ok(Snapshot { name: name.to_owned(), path, manifest })
    }

    /// Names of all snapshots, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StoreError> {
        if let Some(mark) = &self.release {
            return Ok(vec![mark.snapshot.clone()]);
        }
        self.names(&self.snapshots_folder())
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for (name, _) in self.disk.list(folder).map_err(StoreError::io("read", folder))? {
            let name = name.to_string_lossy().into_owned();
            if let Some(number) = snapshot_number(&name) {
                names.push((number, name));
            }
        }
        names.sort();
        Ok(names.into_iter().map(|(_, name)| name).collect())
    }

    /// The candidate with this name.
    ///
    /// # Errors
    /// When there is none, or its manifest cannot be read.
    pub fn candidate(&self, name: &str) -> Result<Snapshot, StoreError> {
        let path = self.path.join(CANDIDATES).join(name);
        if snapshot_number(name).is_none() || !path.is_dir() {
            let candidates = self.candidates()?;
            return Err(StoreError::NoCandidate { name: name.to_owned(), candidates });
        }
        let manifest = Manifest::read(&path)?;
        Ok(Snapshot { name: name.to_owned(), path, manifest })
    }

    /// Names of the snapshots that a gate refused, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn candidates(&self) -> Result<Vec<String>, StoreError> {
        let folder = self.path.join(CANDIDATES);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        self.names(&folder)
    }

    /// The cache of the store, for those who only look.
    pub fn read_cache(&self) -> crate::cache::Cache {
        crate::cache::Cache::reading(&self.disk, &self.path)
    }

    pub(crate) fn snapshots_folder(&self) -> PathBuf {
        self.path.join(SNAPSHOTS)
    }

    /// The one right to publish, given back when the file is dropped or the process ends, however it ends.
    pub(crate) fn lock(&self) -> Result<File, StoreError> {
        self.writable()?;
        let path = self.path.join(MARKER);
        let file = File::open(&path).map_err(StoreError::io("read", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            // Some network file systems have no locks; the scheduler must then see to it.
            Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(self.path.clone())),
            Err(TryLockError::Error(e)) => Err(StoreError::io("lock", &path)(e)),
        }
    }
}

/// Folder of the records of runs, which also tell of those that could not make a store.
const RUNS: &str = "runs";

/// Makes a store of an empty folder.
fn make(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    for (name, _) in disk.list(path).map_err(StoreError::io("read", path))? {
        // What an earlier attempt to make a store left behind is no content, nor is the record of a run that failed to.
        if !name.to_string_lossy().starts_with(TEMPORARY) && name != RUNS {
            return Err(StoreError::Foreign(path.to_owned()));
        }
    }
    // Several first runs may do so at once. Each writes under a name of its own (processes in two containers may have one number), and the
    // first to link it makes the store: the marker is what is locked, so putting another in its place would let two runs hold the lock.
    let own = RandomState::new().hash_one(std::process::id());
    let temporary = path.join(format!("{TEMPORARY}{MARKER}-{own:016x}"));
    let marker = path.join(MARKER);
    let link = || match disk.hard_link(&temporary, &marker) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no links.
        Err(_) if !marker.exists() => disk.rename(&temporary, &marker),
        linked => linked,
    };
    let made = files::write_synced(disk, &temporary, format!("{{\"format\":{FORMAT}}}\n").as_bytes())
        .and_then(|()| link().map_err(StoreError::io("write", &marker)));
    let _ = disk.remove_file(&temporary);
    made
}
