//! Reading one regular file: never more than announced, never anything that could block.

use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::path::Path;

pub(crate) use gongkai_inflate::io_problem;
use gongkai_model::Problem;

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn load(path: &Path, limit: u64) -> Result<Vec<u8>, Problem> {
    let (file, size) = open(path)?;
    load_open(file, size, limit)
}

/// Opens a regular file that is not empty; with its size.
pub(crate) fn open(path: &Path) -> Result<(File, u64), Problem> {
    // Looked at before it is opened: opening a pipe that replaced the planned file would wait for ever.
    check(&fs::metadata(path).map_err(|e| io_problem(&e))?)?;
    let file = File::open(path).map_err(|e| io_problem(&e))?;
    let size = check(&file.metadata().map_err(|e| io_problem(&e))?)?;
    Ok((file, size))
}

/// Reads a file from where it stands to its announced size.
pub(crate) fn load_open(reader: impl Read, size: u64, limit: u64) -> Result<Vec<u8>, Problem> {
    if size > limit {
        return Err(Problem::unreadable(format!("too_large: {size} bytes, limit {limit}")));
    }
    read_announced(reader, size)
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
        got if got > size => Err(Problem::unreadable(format!(
            "changed_while_reading: {size} bytes announced, more were there"
        ))),
        got => Err(Problem::unreadable(format!("changed_while_reading: {size} bytes announced, {got} read"))),
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
    use std::io::{self, Cursor};

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
