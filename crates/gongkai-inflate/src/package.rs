//! Documents that are zip packages of parts (ECMA-376, GB/T 33190): each part by its name, decompressed within limits.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use gongkai_model::Problem;
use zip::{CompressionMethod, ZipArchive};

use crate::{Codec, Limits, crc32, problem, read_all};

/// Most parts a package may have.
const MAX_PARTS: usize = 20_000;

/// A package whose bytes are at hand.
pub struct Package<'a> {
    bytes: &'a [u8],
    parts: BTreeMap<String, Part>,
    limits: Limits,
    /// Decompressed bytes that parts may still have.
    left: Cell<u64>,
}

struct Part {
    start: usize,
    length: usize,
    codec: Result<Option<Codec>, Problem>,
    crc: u32,
}

impl<'a> Package<'a> {
    /// Reads the directory; all parts together may become so many `bytes` and `total` bytes when decompressed.
    ///
    /// # Errors
    /// `damaged: zip directory`, `truncated: …`, `limit_members`.
    pub fn open(bytes: &'a [u8], total: u64, limits: &Limits) -> Result<Self, Problem> {
        // The directory stands at the end: a file without its end is cut.
        let is_cut = end_of_directory(bytes).is_none();
        let reason = if is_cut { "truncated: zip without its directory" } else { "damaged: zip directory" };
        let damaged = |_| Problem::unreadable(reason);
        if announced(bytes) > MAX_PARTS {
            return Err(Problem::unreadable(format!("limit_members: {MAX_PARTS} allowed")));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut parts = BTreeMap::new();
        for index in 0..archive.len().min(MAX_PARTS) {
            let Ok(file) = archive.by_index_raw(index) else { continue };
            let Some(start) = file.data_start().and_then(|at| usize::try_from(at).ok()) else { continue };
            let codec = match file.compression() {
                _ if file.encrypted() => Err(Problem::unreadable("encrypted")),
                CompressionMethod::Stored => Ok(None),
                CompressionMethod::Deflated => Ok(Some(Codec::Deflate)),
                other => Err(Problem::unreadable(format!("unsupported_compression: {other}"))),
            };
            let length = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
            // Some writers put `\` or a leading `/` into names.
            let Ok(name) = file.name().map(|n| n.replace('\\', "/")) else { continue };
            let name = name.trim_start_matches('/').to_owned();
            let part = Part { start, length, codec, crc: file.crc32() };
            // Two readers could take two of one name for the part.
            if parts.insert(name, part).is_some() {
                return Err(Problem::unreadable("damaged: two parts of one name"));
            }
        }
        Ok(Self { bytes, parts, limits: *limits, left: Cell::new(total) })
    }

    /// Names of its parts, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Whether there is such a part.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A part by its name; by its letters in another case where that is one part only (ECMA-376-2, 6.2.2.3: names that
    /// differ in case are the same).
    fn find(&self, name: &str) -> Option<&Part> {
        if let Some(part) = self.parts.get(name) {
            return Some(part);
        }
        let mut alike = self.parts.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let (_, part) = alike.next()?;
        alike.next().is_none().then_some(part)
    }

    /// A part's bytes.
    ///
    /// # Errors
    /// `missing_part`, damage, `encrypted`, or the limit that it hits.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Problem> {
        let missing = || Problem::unreadable(format!("missing_part: {name}"));
        let part = self.find(name).ok_or_else(missing)?;
        let damaged = || Problem::unreadable("damaged: zip member");
        let end = part.start.checked_add(part.length).ok_or_else(damaged)?;
        let packed = self.bytes.get(part.start..end).ok_or_else(damaged)?;
        let mut reader: Box<dyn Read + '_> = match part.codec.clone()? {
            Some(codec) => codec.reader(packed, &self.limits).map_err(|e| problem(&e))?,
            None => Box::new(packed),
        };
        let bytes = read_all(&mut reader, self.left.get()).map_err(|problem| match problem.reason {
            reason if reason.starts_with("too_large") => {
                Problem::unreadable(format!("limit_unpacked: {name}"))
            }
            _ => problem,
        })?;
        self.left.set(self.left.get().saturating_sub(bytes.len() as u64));
        let mut crc = crc32();
        crc.update(&bytes);
        if crc.sum() != part.crc {
            return Err(Problem::unreadable("damaged: zip checksum"));
        }
        Ok(bytes)
    }
}

/// How many members the end of the directory announces (APPNOTE 4.3.16), before room is made for them.
fn announced(bytes: &[u8]) -> usize {
    match end_of_directory(bytes).and_then(|end| end.get(10..12)) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    }
}

/// The end of the directory, behind which there may be a comment.
fn end_of_directory(bytes: &[u8]) -> Option<&[u8]> {
    let tail = bytes.get(bytes.len().saturating_sub(22 + 0xffff)..).unwrap_or(bytes);
    tail.get(memchr::memmem::rfind(tail, b"PK\x05\x06")?..)
}
