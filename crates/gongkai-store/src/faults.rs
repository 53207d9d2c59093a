//! A disk that fails on purpose, for tests: once, for good, or by ending the process.

use crate::disk::{Disk, DiskFile, DiskParts, RealDisk};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What happens at the chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and is not done (a write is half done); everything after it works again.
    Once,
    /// The power is cut: it and everything after it fails, and files that were not synced keep half their content.
    Cut,
    /// As [`Fault::Cut`], and the process ends without any clean-up.
    Abort,
}

/// A real disk whose n-th operation fails.
#[derive(Debug, Clone)]
pub struct FaultyDisk {
    plan: Arc<Plan>,
}

#[derive(Debug)]
struct Plan {
    at: u64,
    fault: Fault,
    done: AtomicU64,
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

impl FaultyDisk {
    /// The `at`-th operation, counted from 1, fails; 0 is none.
    pub fn new(at: u64, fault: Fault) -> Self {
        let plan = Plan { at, fault, done: AtomicU64::new(0), unsynced: Mutex::default() };
        Self { plan: Arc::new(plan) }
    }

    /// How many operations were asked for.
    pub fn operations(&self) -> u64 {
        self.plan.done.load(Ordering::SeqCst)
    }
}

impl Plan {
    fn step(&self) -> io::Result<()> {
        let n = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        let failed = || {
            // Both what callers may know how to treat, and what they may not.
            Err(if n.is_multiple_of(2) { ErrorKind::StorageFull.into() } else { io::Error::other("a fault") })
        };
        match self.fault {
            Fault::Once if n == self.at => failed(),
            Fault::Cut | Fault::Abort if self.at > 0 && n >= self.at => {
                if n == self.at {
                    self.tear();
                }
                if self.fault == Fault::Abort {
                    std::process::abort();
                }
                failed()
            }
            _ => Ok(()),
        }
    }

    /// What was not synced is lost in part.
    fn tear(&self) {
        let Ok(unsynced) = self.unsynced.lock() else { return };
        for path in unsynced.iter() {
            let _ = OpenOptions::new()
                .write(true)
                .open(path)
                .and_then(|file| Ok((file.metadata()?.len(), file)))
                .and_then(|(size, file)| file.set_len(size / 2));
        }
    }

    fn mark(&self, path: &Path, synced: bool) {
        if let Ok(mut unsynced) = self.unsynced.lock() {
            if synced {
                unsynced.remove(path)
            } else {
                unsynced.insert(path.to_owned())
            };
        }
    }
}

impl Disk for FaultyDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.plan.step()?;
        RealDisk.read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskParts>> {
        self.plan.step()?;
        Ok(Box::new(FaultyParts { plan: Arc::clone(&self.plan), file: RealDisk.open(path)? }))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.plan.step()?;
        RealDisk.size(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, bool)>> {
        self.plan.step()?;
        RealDisk.list(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.make_folder(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.plan.step()?;
        let file = RealDisk.create(path)?;
        self.plan.mark(path, false);
        Ok(Box::new(FaultyFile { plan: Arc::clone(&self.plan), path: path.to_owned(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.rename(from, to)?;
        if let Ok(mut unsynced) = self.plan.unsynced.lock() {
            let moved = unsynced.iter().map(|p| p.strip_prefix(from).map_or(p.clone(), |rest| to.join(rest)));
            // Joining an empty rest would end the path with a slash.
            *unsynced = moved.map(|p| p.components().collect()).collect();
        }
        Ok(())
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.hard_link(from, to)
    }

    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.symlink(target, path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.remove_folder(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.sync_file(path)?;
        self.plan.mark(path, true);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.plan.step()?;
        RealDisk.sync_folder(path)
    }
}

#[derive(Debug)]
struct FaultyParts {
    plan: Arc<Plan>,
    file: Box<dyn DiskParts>,
}

impl DiskParts for FaultyParts {
    fn read_at(&self, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.plan.step()?;
        self.file.read_at(offset, bytes)
    }
}

struct FaultyFile {
    plan: Arc<Plan>,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(e) = self.plan.step() {
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            let _ = self.file.write_all(half);
            return Err(e);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        self.plan.step()?;
        self.file.sync()?;
        self.plan.mark(&self.path, true);
        Ok(())
    }
}
