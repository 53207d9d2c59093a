//! The one right to write into a store, and what the run before may have left behind.

use crate::cache::Cache;
use crate::error::StoreError;
use crate::files;
use crate::manifest::snapshot_number;
use crate::store::{CURRENT, Store};
use std::fs::File;

/// What a run is about to publish: written before the snapshot gets its name, gone after `CURRENT` has moved.
const INTENT: &str = "PUBLISHING";

/// The right to write, given back when it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    lock: File,
}

impl Drop for Writer {
    /// Unlocks by name: a program that another thread starts has the open file too until it has begun, and closing ours
    /// alone would leave the store locked for so long. Nothing follows from a failure: the file is closed next.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Store {
    /// Takes the right to write, and cleans up after a run that did not end well.
    ///
    /// # Errors
    /// When another process is writing, or the disk refuses.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        let writer = Writer { store: self.clone(), lock: self.lock()? };
        files::remove_leftovers(self.disk(), self.path())?;
        files::remove_leftovers(self.disk(), &self.snapshots_folder())?;
        writer.undo()?;
        Ok(writer)
    }
}

impl Writer {
    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The cache of the store.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn cache(&self) -> Result<Cache, StoreError> {
        Cache::open(self.store.shared_disk(), self.store.path())
    }

    /// Says which snapshot is about to be published.
    pub(crate) fn announce(&self, snapshot: &str) -> Result<(), StoreError> {
        let (disk, path) = (self.store.disk(), self.store.path());
        files::replace(disk, path, INTENT, snapshot.as_bytes())?;
        files::sync_folder(disk, path)
    }

    /// The announced snapshot is published.
    pub(crate) fn done(&self) -> Result<(), StoreError> {
        files::remove(self.store.disk(), &self.store.path().join(INTENT), false)
    }

    /// Removes a snapshot that got its name but was never published. It is whole, and readers never saw it; left there,
    /// it would look like one that was.
    fn undo(&self) -> Result<(), StoreError> {
        let (disk, path) = (self.store.disk(), self.store.path());
        let Some(name) = files::read(disk, &path.join(INTENT))? else { return Ok(()) };
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        let current = files::read(disk, &path.join(CURRENT))?.unwrap_or_default();
        let published = String::from_utf8_lossy(&current).trim() == name;
        // A name that is none is no reason to remove anything.
        if !published && snapshot_number(&name).is_some() {
            let folder = self.store.snapshots_folder().join(&name);
            if folder.is_dir() {
                files::remove(disk, &folder, true)?;
            }
        }
        self.done()
    }
}
