//! Bytes as a container is read from: a place one can jump in, or a stream that passes once.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

/// What can be jumped in.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// Bytes looked at to tell what something is.
///
/// A compressed head must tell what is inside, and a zstd block holds 128 KiB.
pub(crate) const HEAD: usize = 160 * 1024;

/// The bytes of a file or a member.
pub(crate) enum Raw<'a> {
    /// A file, or bytes in memory.
    Seek(Box<dyn ReadSeek>),
    /// Standard input, or a compressed member.
    Stream(Box<dyn Read + 'a>),
}

impl<'a> Raw<'a> {
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self::Seek(Box::new(Cursor::new(bytes)))
    }

    /// Whether it can be read a second time.
    pub(crate) fn can_rewind(&self) -> bool {
        matches!(self, Self::Seek(_))
    }

    /// The first bytes, which will be read again.
    pub(crate) fn head(self) -> io::Result<(Vec<u8>, Self)> {
        match self {
            Self::Seek(mut inner) => {
                let head = read_head(&mut inner)?;
                inner.seek(SeekFrom::Start(0))?;
                Ok((head, Self::Seek(inner)))
            }
            Self::Stream(mut inner) => {
                let head = read_head(&mut inner)?;
                Ok((head.clone(), Self::Stream(Box::new(Cursor::new(head).chain(inner)))))
            }
        }
    }

    /// All from the start; of a stream, what is left.
    pub(crate) fn reader(&mut self) -> io::Result<Box<dyn Read + '_>> {
        match self {
            Self::Seek(inner) => {
                inner.seek(SeekFrom::Start(0))?;
                Ok(Box::new(inner))
            }
            Self::Stream(inner) => Ok(Box::new(inner)),
        }
    }

    /// Goes to a place; `false` where that cannot be done.
    pub(crate) fn go_to(&mut self, position: u64) -> io::Result<bool> {
        match self {
            Self::Seek(inner) => inner.seek(SeekFrom::Start(position)).map(|_| true),
            Self::Stream(_) => Ok(false),
        }
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Seek(inner) => inner.read(out),
            Self::Stream(inner) => inner.read(out),
        }
    }
}

fn read_head(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A part of something that can be jumped in: the bytes of a member that is stored as it is.
pub(crate) struct Section {
    inner: Shared,
    start: u64,
    length: u64,
    position: u64,
}

/// One file under several readers that take turns; each says where it reads.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Box<dyn ReadSeek>>>);

impl Shared {
    pub(crate) fn new(inner: Box<dyn ReadSeek>) -> Self {
        Self(Arc::new(Mutex::new(inner)))
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> io::Result<u64> {
        self.lock()?.seek(SeekFrom::End(0))
    }

    /// Reads once at a place.
    pub(crate) fn read_at(&self, position: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.lock()?;
        inner.seek(SeekFrom::Start(position))?;
        inner.read(out)
    }

    /// A part of it.
    pub(crate) fn section(&self, start: u64, length: u64) -> Section {
        Section { inner: self.clone(), start, length, position: 0 }
    }

    fn lock(&self) -> io::Result<std::sync::MutexGuard<'_, Box<dyn ReadSeek>>> {
        self.0.lock().map_err(|_| io::Error::other("a reader panicked"))
    }
}

impl Section {
    /// With a buffer in front, for many small reads.
    pub(crate) fn buffered(self) -> BufReader<Self> {
        BufReader::new(self)
    }
}

impl Read for Section {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let length = out.len().min(left);
        let Some(out) = out.get_mut(..length).filter(|out| !out.is_empty()) else { return Ok(0) };
        let n = self.inner.read_at(self.start.saturating_add(self.position), out)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.length, by),
            SeekFrom::Current(by) => (self.position, by),
        };
        let place = base.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        self.position = place;
        Ok(place)
    }
}
