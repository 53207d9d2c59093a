//! The bytes of a record file, plain or in gzip members, with a way on after damage.

use std::io::{self, Read};

use memchr::memmem;

use crate::inflate::{Damage, Limit, Members};
use crate::options::Limits;
use crate::raw::Raw;

/// Bytes read at once.
const BUFFER: usize = 256 * 1024;
/// Decompressed bytes held at once.
const OUTPUT: usize = 128 * 1024;
/// How a gzip member begins (RFC 1952, 2.3.1).
const GZIP_MAGIC: &[u8] = b"\x1f\x8b\x08";
/// The ratio of a whole file is looked at later than that of one member: after so many times the bytes.
const FILE_PATIENCE: u64 = 16;

/// A record file, member after member. A plain file is one member.
pub(crate) struct Feed<'a> {
    raw: Raw<'a>,
    buffer: Box<[u8]>,
    /// Unread bytes of the buffer.
    at: usize,
    end: usize,
    /// Place of the buffer's first byte in the file.
    base: u64,
    gzip: Option<Gzip>,
    member_start: u64,
    begun: bool,
    /// How a record begins in a plain file, behind a newline.
    magic: &'static [u8],
    limits: Limits,
}

struct Gzip {
    members: Members,
    out: Box<[u8]>,
    at: usize,
    end: usize,
    ended: bool,
    given: u64,
}

impl<'a> Feed<'a> {
    pub(crate) fn new(raw: Raw<'a>, gzip: bool, magic: &'static [u8], limits: &Limits) -> Self {
        let gzip = gzip.then(|| Gzip {
            members: Members::new(limits),
            out: vec![0; OUTPUT].into(),
            at: 0,
            end: 0,
            ended: true,
            given: 0,
        });
        Self {
            raw,
            buffer: vec![0; BUFFER].into(),
            at: 0,
            end: 0,
            base: 0,
            gzip,
            member_start: 0,
            begun: false,
            magic,
            limits: *limits,
        }
    }

    /// Place in the file of the next byte that was not used.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Where what is read now began: the member, or in a plain file the place itself.
    pub(crate) fn start(&self) -> u64 {
        if self.gzip.is_some() { self.member_start } else { self.position() }
    }

    /// Begins the next member; `false` at the end of the file.
    pub(crate) fn next_member(&mut self) -> io::Result<bool> {
        if self.gzip.is_none() && self.begun {
            return Ok(false);
        }
        self.begun = true;
        self.skip_padding()?;
        if self.at == self.end {
            return Ok(false);
        }
        self.member_start = self.position();
        if let Some(gzip) = &mut self.gzip {
            gzip.members.begin();
            (gzip.at, gzip.end, gzip.ended) = (0, 0, false);
        }
        Ok(true)
    }

    /// Zeros after the last member, as tapes and some copies leave them, and nothing.
    fn skip_padding(&mut self) -> io::Result<()> {
        while self.more_if_empty()? {
            let unread = self.buffer.get(self.at..self.end).unwrap_or_default();
            let zeros = unread.iter().take_while(|b| **b == 0).count();
            if zeros == 0 || self.gzip.is_none() {
                break;
            }
            self.at += zeros;
        }
        Ok(())
    }

    /// Bytes of this member; none at its end, which is then known to be sound.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.gzip.is_none() {
            self.more_if_empty()?;
            return Ok(self.buffer.get(self.at..self.end).unwrap_or_default());
        }
        while self.gzip.as_ref().is_some_and(|g| g.at == g.end && !g.ended) {
            self.more_if_empty()?;
            let Some(gzip) = &mut self.gzip else { break };
            let input = self.buffer.get(self.at..self.end).unwrap_or_default();
            let step = gzip.members.step(input, &mut gzip.out)?;
            self.at += step.taken;
            (gzip.at, gzip.end, gzip.ended) = (0, step.given, step.ended);
            gzip.given += step.given as u64;
            let given = gzip.given;
            self.check(given)?;
        }
        let gzip = self.gzip.as_ref();
        Ok(gzip.and_then(|g| g.out.get(g.at..g.end)).unwrap_or_default())
    }

    /// The limits of the whole file.
    fn check(&self, given: u64) -> io::Result<()> {
        let taken = self.position();
        let late = given > self.limits.ratio_after.saturating_mul(FILE_PATIENCE);
        if given > self.limits.total_bytes || (late && given / self.limits.ratio > taken) {
            return Err(WholeFile.into());
        }
        Ok(())
    }

    /// Marks bytes of [`Feed::fill`] as used.
    pub(crate) fn consume(&mut self, bytes: usize) {
        match &mut self.gzip {
            Some(gzip) => gzip.at = gzip.end.min(gzip.at + bytes),
            None => self.at = self.end.min(self.at + bytes),
        }
    }

    /// Appends exactly so many bytes.
    pub(crate) fn read_into(&mut self, out: &mut Vec<u8>, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let some = self.fill()?;
            let n = usize::try_from(bytes).unwrap_or(usize::MAX).min(some.len());
            let Some(some) = some.get(..n).filter(|s| !s.is_empty()) else { return Err(ends_early(bytes)) };
            out.extend_from_slice(some);
            self.consume(n);
            bytes -= n as u64;
        }
        Ok(())
    }

    /// Passes over so many bytes.
    pub(crate) fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let n = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.fill()?.len());
            if n == 0 {
                return Err(ends_early(bytes));
            }
            self.consume(n);
            bytes -= n as u64;
        }
        Ok(())
    }

    /// Goes to the next place at or behind `from` where a member (in a plain file, a record) seems to begin; `false` when
    /// there is none. What can be read only once is searched from where it stands.
    pub(crate) fn resync(&mut self, from: u64) -> io::Result<bool> {
        if from >= self.base && from <= self.base + self.end as u64 {
            self.at = usize::try_from(from - self.base).unwrap_or(self.end);
        } else if self.raw.go_to(from)? {
            (self.base, self.at, self.end) = (from, 0, 0);
        }
        self.begun = false;
        let magic = if self.gzip.is_some() { GZIP_MAGIC } else { self.magic };
        let finder = memmem::Finder::new(magic);
        loop {
            let unread = self.buffer.get(self.at..self.end).unwrap_or_default();
            if let Some(found) = finder.find(unread) {
                // The newline belongs to what was lost.
                self.at += found + usize::from(self.gzip.is_none());
                return Ok(true);
            }
            self.at = self.at.max(self.end.saturating_sub(magic.len() - 1));
            if !self.more()? {
                self.at = self.end;
                return Ok(false);
            }
        }
    }

    /// Whether there is an unread byte, after reading if need be.
    fn more_if_empty(&mut self) -> io::Result<bool> {
        if self.at < self.end { Ok(true) } else { self.more() }
    }

    /// Reads on behind the unread bytes; `false` at the end of the file.
    fn more(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.at..self.end, 0);
        self.base += self.at as u64;
        (self.at, self.end) = (0, self.end - self.at);
        let Some(room) = self.buffer.get_mut(self.end..).filter(|room| !room.is_empty()) else {
            return Ok(true);
        };
        loop {
            match self.raw.read(room) {
                Ok(n) => {
                    self.end += n;
                    return Ok(n > 0);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// The limit of a whole record file, which no member after this one can keep.
#[derive(Debug)]
struct WholeFile;

impl From<WholeFile> for io::Error {
    fn from(_: WholeFile) -> Self {
        Self::new(io::ErrorKind::QuotaExceeded, Limit("limit_total_size: the whole file".to_owned()))
    }
}

fn ends_early(missing: u64) -> io::Error {
    Damage(format!("truncated: {missing} bytes of the record are missing")).into()
}
