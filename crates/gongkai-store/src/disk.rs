//! Every operation of the store on the disk, behind one small trait: a test can let the n-th of them fail.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// What the store asks of a disk. Nothing is on the disk for sure before it is synced: a file by
/// [`DiskFile::sync`] or [`Disk::sync_file`], its name by [`Disk::sync_folder`].
pub trait Disk: fmt::Debug + Send + Sync {
    /// The whole content of a file.
    ///
    /// # Errors
    /// Those of the operating system, here and below.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// A file to read parts of.
    ///
    /// # Errors
    /// As above.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskParts>>;
    /// Size of a file in bytes.
    ///
    /// # Errors
    /// As above.
    fn size(&self, path: &Path) -> io::Result<u64>;
    /// Names in a folder, and whether each is a folder itself (a link is none).
    ///
    /// # Errors
    /// As above.
    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, bool)>>;
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// As above.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// A new, empty file; one of this name is emptied.
    ///
    /// # Errors
    /// As above.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file or folder another name, in one step.
    ///
    /// # Errors
    /// As above.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// A second name for a file.
    ///
    /// # Errors
    /// As above, also where the file system has no links.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// A symbolic link at `path` that says `target`.
    ///
    /// # Errors
    /// As above, also where the system has no links.
    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()>;
    /// Removes a file or link.
    ///
    /// # Errors
    /// As above.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and what it holds.
    ///
    /// # Errors
    /// As above.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Waits until all that was written to a file is on the disk, whoever wrote it. (An error of an earlier attempt of the system
    /// to write it is told here, as long as nobody was told before.)
    ///
    /// # Errors
    /// As above.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Waits until the names in a folder are on the disk.
    ///
    /// # Errors
    /// As above.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file being written.
pub trait DiskFile: Write + Send {
    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    /// Those of the operating system.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file of which parts are read, by any number of threads.
pub trait DiskParts: fmt::Debug + Send + Sync {
    /// So many bytes from an offset on.
    ///
    /// # Errors
    /// Those of the operating system, also when the file ends before.
    fn read_at(&self, offset: u64, bytes: usize) -> io::Result<Vec<u8>>;
}

/// The disk itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskParts>> {
        Ok(Box::new(File::open(path)?))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, bool)>> {
        fs::read_dir(path)?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name(), entry.file_type()?.is_dir()))
            })
            .collect()
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    #[cfg(unix)]
    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(target, path)
    }

    /// Symbolic links need a privilege elsewhere: programs read `CURRENT` anyway.
    #[cfg(not(unix))]
    fn symlink(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        // Some systems only sync what could be written.
        File::options().read(true).write(true).open(path)?.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a folder cannot be opened as a file, and renames are ordered by the file system.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

#[cfg(unix)]
impl DiskParts for File {
    fn read_at(&self, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; bytes];
        std::os::unix::fs::FileExt::read_exact_at(self, &mut buffer, offset)?;
        Ok(buffer)
    }
}

#[cfg(windows)]
impl DiskParts for File {
    fn read_at(&self, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let (mut buffer, mut done) = (vec![0; bytes], 0);
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match std::os::windows::fs::FileExt::seek_read(self, rest, offset + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(buffer)
    }
}
