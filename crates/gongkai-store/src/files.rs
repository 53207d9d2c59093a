//! Files that are there whole or not at all.

use crate::error::StoreError;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Names that begin like this are unfinished and may be removed by the next run.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Writes a new file and waits until it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(StoreError::io("write", path))
}

/// Waits until the entries of a folder are on the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    // Elsewhere a folder cannot be opened as a file, and renames are ordered by the file system.
    if cfg!(unix) {
        File::open(path).and_then(|f| f.sync_all()).map_err(StoreError::io("write", path))
    } else {
        Ok(())
    }
}

/// Replaces a file in one step: readers see the old content or the new one. Readers may see the new one before it is
/// sure to survive a power cut; [`sync_folder`] makes it so.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = folder.join(format!("{TEMPORARY}{name}"));
    let path = folder.join(name);
    let result = write_synced(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, &path).map_err(StoreError::io("replace", &path)));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Replaces a symbolic link in one step.
#[cfg(unix)]
pub(crate) fn replace_link(folder: &Path, name: &str, target: &Path) -> Result<(), StoreError> {
    let temporary = folder.join(format!("{TEMPORARY}{name}"));
    let path = folder.join(name);
    let _ = fs::remove_file(&temporary);
    let result = std::os::unix::fs::symlink(target, &temporary).and_then(|()| fs::rename(&temporary, &path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result.map_err(StoreError::io("replace the link", &path))
}

/// Symbolic links need a privilege elsewhere: programs read `CURRENT` anyway.
#[cfg(not(unix))]
pub(crate) fn replace_link(folder: &Path, name: &str, _target: &Path) -> Result<(), StoreError> {
    let source = std::io::Error::from(std::io::ErrorKind::Unsupported);
    Err(StoreError::Io { action: "replace the link", path: folder.join(name), source })
}

/// Removes what unfinished runs left in a folder.
pub(crate) fn remove_leftovers(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
        let entry = entry.map_err(StoreError::io("read", folder))?;
        if !entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::io("remove", &path)(e)),
            _ => {}
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
    path: PathBuf,
    kept: bool,
}

impl Scratch {
    /// Makes the folder.
    pub(crate) fn create(path: PathBuf) -> Result<Self, StoreError> {
        fs::create_dir_all(&path).map_err(StoreError::io("make the folder", &path))?;
        Ok(Self { path, kept: false })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its final name; it is still removed when dropped.
    pub(crate) fn rename(&mut self, to: PathBuf) -> Result<(), StoreError> {
        fs::rename(&self.path, &to).map_err(StoreError::io("make the folder", &to))?;
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
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
