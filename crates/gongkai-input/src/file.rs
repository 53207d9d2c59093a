//! Reading one regular file: never more than announced, never anything that could block.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

pub(crate) use gongkai_inflate::io_problem;
use gongkai_model::Problem;

/// Why a file that somebody wrote to is not trusted.
const CHANGED: &str = "changed_while_reading";

/// A file as it was when it was opened, to notice that somebody writes to it while it is read: half of it would be what it was and
/// half of it what it becomes.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    pub(crate) size: u64,
    modified: Option<SystemTime>,
}

impl Opened {
    fn of(file: File) -> Result<Self, Problem> {
        let metadata = file.metadata().map_err(|e| io_problem(&e))?;
        Ok(Self { size: check(&metadata)?, modified: metadata.modified().ok(), file })
    }

    /// A second handle to read by.
    pub(crate) fn reader(&self) -> Result<File, Problem> {
        self.file.try_clone().map_err(|e| io_problem(&e))
    }

    /// Reads a whole document from where the file stands to its announced size; `head` was read already.
    pub(crate) fn load(&self, head: Vec<u8>, limit: u64) -> Result<Vec<u8>, Problem> {
        let bytes = load_open(io::Cursor::new(head).chain(&self.file), self.size, limit)?;
        match self.file.metadata() {
            Ok(now) if now.modified().ok() != self.modified => {
                Err(Problem::unreadable(format!("{CHANGED}: somebody wrote to it")))
            }
            _ => Ok(bytes),
        }
    }

    /// Why what was read of it just now is not trusted. A file that only grew is one that a crawler goes on with: what was there is
    /// what it was.
    pub(crate) fn rewritten(&self) -> Option<Problem> {
        let now = self.file.metadata().ok()?;
        let changed = now.len() < self.size || now.len() == self.size && now.modified().ok() != self.modified;
        changed.then(|| Problem::unreadable(format!("{CHANGED}: this one and what follows is not read")))
    }
}

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn load(path: &Path, limit: u64) -> Result<Vec<u8>, Problem> {
    open(path)?.load(Vec::new(), limit)
}

/// Opens a regular file that is not empty.
pub(crate) fn open(path: &Path) -> Result<Opened, Problem> {
    // Looked at before it is opened: opening a pipe that replaced the planned file would wait for ever.
    check(&fs::metadata(path).map_err(|e| io_problem(&e))?)?;
    Opened::of(File::open(path).map_err(|e| io_problem(&e))?)
}

/// Reads a file from where it stands to its announced size.
fn load_open(reader: impl Read, size: u64, limit: u64) -> Result<Vec<u8>, Problem> {
    within(size, limit)?;
    read_announced(reader, size)
}

/// Whether a document of this size is read.
pub(crate) fn within(size: u64, limit: u64) -> Result<(), Problem> {
    if size > limit {
        return Err(Problem::unreadable(format!("too_large: {size} bytes, limit {limit}")));
    }
    Ok(())
}

/// The announced size, if this is a regular file that may be read.
fn check(metadata: &Metadata) -> Result<u64, Problem> {
    if let Some(problem) = irregular(metadata.file_type()) {
        return Err(problem);
    }
    match metadata.len() {
        0 => Err(Problem::unreadable("empty")),
        size => Ok(size),
    }
}

/// Reads as many bytes as announced and looks whether there is one more: a file that is being written is no capture.
fn read_announced(reader: impl Read, size: u64) -> Result<Vec<u8>, Problem> {
    let room = usize::try_from(size.saturating_add(1)).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(room).is_err() {
        return Err(Problem::unreadable(format!("out_of_memory: {size} bytes")));
    }
    reader.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| io_problem(&e))?;
    match bytes.len() as u64 {
        got if got == size => Ok(bytes),
        got if got > size => {
            Err(Problem::unreadable(format!("{CHANGED}: {size} bytes announced, more were there")))
        }
        got => Err(Problem::unreadable(format!("{CHANGED}: {size} bytes announced, {got} read"))),
    }
}

/// Why something that is no regular file is not opened; `None` for a regular file.
pub(crate) fn irregular(file_type: FileType) -> Option<Problem> {
    if file_type.is_file() {
        return None;
    }
    let what = if file_type.is_dir() {
        "folder"
    } else if file_type.is_symlink() {
        return Some(Problem::unreadable("symlink_not_followed"));
    } else {
        special(file_type)
    };
    Some(Problem::unreadable(format!("not_a_regular_file: {what}")))
}

#[cfg(unix)]
fn special(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if file_type.is_fifo() {
        "fifo"
    } else if file_type.is_socket() {
        "socket"
    } else if file_type.is_block_device() || file_type.is_char_device() {
        "device"
    } else {
        "unknown"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "unknown"
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn reason(result: Result<Vec<u8>, Problem>) -> String {
        result.unwrap_err().reason
    }

    #[test]
    fn a_file_that_kept_its_size_is_read() {
        assert_eq!(read_announced(Cursor::new(b"abc"), 3).unwrap(), b"abc");
    }

    #[test]
    fn a_file_that_shrank_is_not_passed_on_cut() {
        assert_eq!(
            reason(read_announced(Cursor::new(b"ab"), 3)),
            "changed_while_reading: 3 bytes announced, 2 read"
        );
    }

    #[test]
    fn a_file_that_grows_without_end_is_left_after_one_byte_more() {
        assert_eq!(
            reason(read_announced(io::repeat(b'x'), 3)),
            "changed_while_reading: 3 bytes announced, more were there"
        );
    }

    #[test]
    fn a_file_that_somebody_writes_to_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
        let opened = |text: &str| {
            fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
            open(&path).unwrap()
        };
        assert_eq!(opened("abc").load(b"".to_vec(), 9).unwrap(), b"abc");
        assert!(opened("abc").rewritten().is_none());
        // Of the same size, and shorter.
        let file = opened("abc");
        fs::write(&path, "xyz").unwrap();
        assert_eq!(reason(file.load(b"".to_vec(), 9)), "changed_while_reading: somebody wrote to it");
        assert!(file.rewritten().is_some());
        let file = opened("abc");
        fs::write(&path, "x").unwrap();
        assert!(file.rewritten().is_some());
        // Another file in its place, and one that somebody goes on with.
        let file = opened("abc");
        fs::write(dir.path().join("b"), "uvw").unwrap();
        fs::rename(dir.path().join("b"), &path).unwrap();
        assert!(file.rewritten().is_none() && file.load(b"".to_vec(), 9).unwrap() == b"abc");
        let file = opened("abc");
        File::options().append(true).open(&path).unwrap().write_all(b"def").unwrap();
        assert!(file.rewritten().is_none());
    }

    #[test]
    fn a_failing_read_is_a_reason() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::PermissionDenied))
            }
        }
        assert_eq!(reason(read_announced(Broken, 3)), "permission_denied");
    }
}
