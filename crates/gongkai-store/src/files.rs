//! Files that are there whole or not at all.

use crate::disk::{Disk, DiskParts};
use crate::error::StoreError;
use std::fs;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Names that begin like this are unfinished and may be removed by the next run.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Writes a new file and waits until it is on the disk.
pub(crate) fn write_synced(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || -> std::io::Result<()> {
        let mut file = disk.create(path)?;
        file.write_all(bytes)?;
        file.sync()
    };
    write().map_err(StoreError::io("write", path))
}

/// Waits until the entries of a folder are on the disk.
pub(crate) fn sync_folder(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    disk.sync_folder(path).map_err(StoreError::io("write", path))
}

/// Waits until files, and then folders, are on the disk. Several are asked for at once: a disk needs hardly longer for many
/// than for one.
pub(crate) fn sync_all(disk: &dyn Disk, files: &[PathBuf], folders: &[PathBuf]) -> Result<(), StoreError> {
    let file = |path: &PathBuf| disk.sync_file(path).map_err(StoreError::io("write", path));
    at_once(files, &file)?;
    at_once(folders, &|path| sync_folder(disk, path))
}

/// Does something for each of many, several at once.
fn at_once<T: Sync>(
    all: &[T],
    one: &(dyn Fn(&T) -> Result<(), StoreError> + Sync),
) -> Result<(), StoreError> {
    /// Threads that wait for the disk; they need no processor.
    const WAITING: usize = 16;
    let next = AtomicUsize::new(0);
    let go_on = || -> Result<(), StoreError> {
        while let Some(item) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(item)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others = (1..WAITING.min(all.len())).map_while(|_| {
            // Where the system starts no more threads, those that run do it all.
            thread::Builder::new().spawn_scoped(scope, go_on).ok()
        });
        let others: Vec<_> = others.collect();
        let own = go_on();
        let gave_up = |_| StoreError::cache("write to")(std::io::Error::other("a thread gave up"));
        others.into_iter().map(|other| other.join().map_err(gave_up).flatten()).fold(own, Result::and)
    })
}

/// Makes a folder.
pub(crate) fn make_folder(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    disk.make_folder(path).map_err(StoreError::io("make the folder", path))
}

/// The content of a file; `None` where there is none.
pub(crate) fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match disk.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path)(e)),
    }
}

/// A file to be read from its beginning; `None` where there is none.
pub(crate) fn open(disk: &dyn Disk, path: &Path) -> Result<Option<Sequence>, StoreError> {
    let parts = disk.open(path).and_then(|parts| Ok(Sequence { parts, at: 0, end: disk.size(path)? }));
    match parts {
        Ok(sequence) => Ok(Some(sequence)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path)(e)),
    }
}

/// The parts of a file, one after the other.
pub(crate) struct Sequence {
    parts: Box<dyn DiskParts>,
    at: u64,
    end: u64,
}

impl Read for Sequence {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let part = self.parts.read_at(self.at, left.min(buffer.len()))?;
        self.at += part.len() as u64;
        part.as_slice().read(buffer)
    }
}

/// Replaces a file in one step: readers see the old content or the new one. Readers may see the new one before it is
/// sure to survive a power cut; [`sync_folder`] makes it so.
pub(crate) fn replace(disk: &dyn Disk, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = folder.join(format!("{TEMPORARY}{name}"));
    let path = folder.join(name);
    let result = write_synced(disk, &temporary, bytes)
        .and_then(|()| disk.rename(&temporary, &path).map_err(StoreError::io("replace", &path)));
    if result.is_err() {
        let _ = disk.remove_file(&temporary);
    }
    result
}

/// As [`replace`], of content that is never in memory as a whole.
pub(crate) fn replace_with(
    disk: &dyn Disk,
    folder: &Path,
    name: &str,
    write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    /// Bytes gathered before they are written.
    const BUFFER: usize = 1 << 20;
    let temporary = folder.join(format!("{TEMPORARY}{name}"));
    let path = folder.join(name);
    let mut whole = || -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(BUFFER, disk.create(&temporary)?);
        write(&mut file)?;
        file.flush()?;
        file.get_mut().sync()?;
        disk.rename(&temporary, &path)
    };
    let result = whole().map_err(StoreError::io("replace", &path));
    if result.is_err() {
        let _ = disk.remove_file(&temporary);
    }
    result
}

/// Replaces a symbolic link in one step.
pub(crate) fn replace_link(
    disk: &dyn Disk,
    folder: &Path,
    name: &str,
    target: &Path,
) -> Result<(), StoreError> {
    let temporary = folder.join(format!("{TEMPORARY}{name}"));
    let path = folder.join(name);
    let _ = disk.remove_file(&temporary);
    let result = disk.symlink(target, &temporary).and_then(|()| disk.rename(&temporary, &path));
    if result.is_err() {
        let _ = disk.remove_file(&temporary);
    }
    result.map_err(StoreError::io("replace the link", &path))
}

/// Removes a file or folder that may be gone already.
pub(crate) fn remove(disk: &dyn Disk, path: &Path, is_folder: bool) -> Result<(), StoreError> {
    match if is_folder { disk.remove_folder(path) } else { disk.remove_file(path) } {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Removes what unfinished runs left in a folder.
pub(crate) fn remove_leftovers(disk: &dyn Disk, folder: &Path) -> Result<(), StoreError> {
    for (name, is_folder) in disk.list(folder).map_err(StoreError::io("read", folder))? {
        if name.to_string_lossy().starts_with(TEMPORARY) {
            remove(disk, &folder.join(name), is_folder)?;
        }
    }
    Ok(())
}

/// Every file and folder below a folder: (files, folders), the folder itself included, files sorted.
pub(crate) fn walk(root: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), StoreError> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(StoreError::io("read", &folder))? {
            let entry = entry.map_err(StoreError::io("read", &folder))?;
            let path = entry.path();
            // The entry's own type: a link is a file here, never followed.
            if entry.file_type().map_err(StoreError::io("read", &path))?.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
        folders.push(folder);
    }
    files.sort();
    Ok((files, folders))
}

/// A folder that is removed unless it is kept.
pub(crate) struct Scratch {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    kept: bool,
}

impl Scratch {
    /// Makes the folder.
    pub(crate) fn create(disk: &Arc<dyn Disk>, path: PathBuf) -> Result<Self, StoreError> {
        make_folder(disk.as_ref(), &path)?;
        Ok(Self { disk: Arc::clone(disk), path, kept: false })
    }

    /// A folder that is there already.
    pub(crate) fn adopt(disk: &Arc<dyn Disk>, path: PathBuf) -> Self {
        Self { disk: Arc::clone(disk), path, kept: false }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its final name; it is still removed when dropped.
    pub(crate) fn rename(&mut self, to: PathBuf) -> Result<(), StoreError> {
        self.disk.rename(&self.path, &to).map_err(StoreError::io("make the folder", &to))?;
        self.path = to;
        Ok(())
    }

    /// Keeps it, and says where it is.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.kept {
            let _ = self.disk.remove_folder(&self.path);
        }
    }
}
