//! The folder of a release while it is made: a sibling under a temporary name, renamed when everything is in it.

use super::ReleaseError;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Path below the folder, with `/` between parts.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// SHA-256 of the content, hexadecimal.
    pub(crate) sha256: String,
    /// Rows, of a table.
    pub(crate) rows: u64,
}

/// The folder.
pub(crate) struct Folder {
    path: PathBuf,
    target: PathBuf,
    written: Mutex<BTreeMap<String, Written>>,
    kept: bool,
}

impl Folder {
    /// Begins one. What an earlier attempt left behind is removed.
    pub(crate) fn begin(target: &Path) -> Result<Self, ReleaseError> {
        let name = target.file_name().ok_or_else(|| {
            ReleaseError::Usage(format!("{} is no name for a new folder", target.display()))
        })?;
        let taken = target.is_dir() && fs::read_dir(target).is_ok_and(|mut all| all.next().is_some());
        if taken || target.exists() && !target.is_dir() {
            return Err(ReleaseError::Usage(format!(
                "{} exists and is not empty; a release never changes: name a new folder",
                target.display()
            )));
        }
        let path = target.with_file_name(format!(".tmp-{}", name.to_string_lossy()));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(ReleaseError::io("remove", &path))?;
        }
        fs::create_dir_all(&path).map_err(ReleaseError::io("make the folder", &path))?;
        Ok(Self { path, target: target.to_owned(), written: Mutex::default(), kept: false })
    }

    /// Where a file is to be written.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Makes the folder a file lies in.
    pub(crate) fn make_room(&self, path: &str) -> Result<PathBuf, ReleaseError> {
        let path = self.at(path);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(ReleaseError::io("make the folder", folder))?;
        Ok(path)
    }

    /// Writes a small file.
    pub(crate) fn write(&self, path: &str, content: &str) -> Result<(), ReleaseError> {
        let place = self.make_room(path)?;
        fs::write(&place, content).map_err(ReleaseError::io("write", &place))?;
        self.take_in(path, 0).map(|_| ())
    }

    /// Takes in a file that was written into the folder.
    pub(crate) fn take_in(&self, path: &str, rows: u64) -> Result<Written, ReleaseError> {
        let place = self.at(path);
        let (bytes, sha256) = sha256(&place).map_err(ReleaseError::io("read", &place))?;
        let written = Written { path: path.to_owned(), bytes, sha256, rows };
        self.enter(written.clone());
        Ok(written)
    }

    /// Takes in a file whose hash is known.
    pub(crate) fn enter(&self, written: Written) {
        let mut all = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(written.path.clone(), written);
    }

    /// Forgets files that were packed into another, and removes their folder.
    pub(crate) fn remove(&self, folder: &str) -> Result<(), ReleaseError> {
        let prefix = format!("{folder}/");
        let mut all = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|path, _| !path.starts_with(&prefix));
        let place = self.at(folder);
        fs::remove_dir_all(&place).map_err(ReleaseError::io("remove", &place))
    }

    /// All files so far, by path.
    pub(crate) fn files(&self) -> Vec<Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Gives the folder its name.
    pub(crate) fn finish(mut self) -> Result<(), ReleaseError> {
        let mut open = vec![self.path.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).map_err(ReleaseError::io("read", &folder))? {
                let entry = entry.map_err(ReleaseError::io("read", &folder))?.path();
                if entry.is_dir() {
                    open.push(entry);
                } else {
                    File::open(&entry)
                        .and_then(|f| f.sync_all())
                        .map_err(ReleaseError::io("write", &entry))?;
                }
            }
        }
        if self.target.is_dir() {
            fs::remove_dir(&self.target).map_err(ReleaseError::io("replace", &self.target))?;
        }
        fs::rename(&self.path, &self.target).map_err(ReleaseError::io("make the folder", &self.target))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Size and SHA-256 of a file.
pub(crate) fn sha256(path: &Path) -> io::Result<(u64, String)> {
    let (bytes, sha256, _) = hashes(path)?;
    Ok((bytes, sha256))
}

/// Size, SHA-256 and blake3 of a file, read once.
pub(crate) fn hashes(path: &Path) -> io::Result<(u64, String, String)> {
    const BUFFER: usize = 256 << 10;
    let mut file = File::open(path)?;
    let mut buffer = vec![0; BUFFER];
    let (mut sha, mut blake, mut bytes) = (Sha256::new(), blake3::Hasher::new(), 0);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|p| !p.is_empty()) else { break };
        sha.update(part);
        blake.update(part);
        bytes += read as u64;
    }
    Ok((bytes, hex(&sha.finalize()), blake.finalize().to_hex().to_string()))
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
