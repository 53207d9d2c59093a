//! Compound files ([MS-CFB]): what streams one holds says what it is.

use super::{doc, sheets};
use crate::Limits;
use crate::html::Parts;
use crate::work::Work;
use gongkai_model::{Format, Problem};
use std::io::{Cursor, Read};

/// Reads a compound file.
///
/// # Errors
/// It is no document that is read (`unsupported_document: …`), `encrypted`, damaged, cut, or larger than the limits.
pub(crate) fn read(bytes: &[u8], limits: &Limits, work: &Work) -> Result<(Format, Parts), Problem> {
    let broken = |_| {
        let reason = if is_cut(bytes) { "truncated: compound file" } else { "damaged: compound file" };
        Problem::unreadable(reason)
    };
    if is_encrypted(bytes) {
        return Err(Problem::unreadable("encrypted"));
    }
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(broken)?;
    let mut stream = |name: &str| -> Result<Option<Vec<u8>>, Problem> {
        if !file.is_stream(name) {
            return Ok(None);
        }
        let mut out = Vec::new();
        let opened = file.open_stream(name).map_err(broken)?;
        opened.take(limits.unpacked_bytes).read_to_end(&mut out).map_err(broken)?;
        Ok(Some(out))
    };
    let workbook = match stream("Workbook")? {
        None => stream("Book")?,
        found => found,
    };
    if let Some(records) = workbook {
        return Ok((Format::Xls, sheets::xls::read(&records, limits, work)?));
    }
    if let Some(main) = stream("WordDocument")? {
        let table = stream(doc::table_stream(&main))?.unwrap_or_default();
        let data = stream("Data")?.unwrap_or_default();
        return Ok((Format::Doc, doc::read((&main, &table, &data), limits, work)?));
    }
    Err(Problem::unreadable("unsupported_document: compound file"))
}

/// Whether it holds a package behind a password (ECMA-376-3; [MS-OFFCRYPTO], 2.3). The name of the stream is looked for, not the stream: tools that
/// encrypt write directories that strict readers refuse.
fn is_encrypted(bytes: &[u8]) -> bool {
    /// Length of an entry of the directory, which begins with a name; sectors begin at its multiples.
    const ENTRY: usize = 128;
    let name: Vec<u8> = "EncryptedPackage\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    memchr::memmem::find_iter(bytes, &name).any(|at| at % ENTRY == 0)
}

/// Whether sectors that are in use lie beyond the end of the file: those of its own tables, or what these say (2.2, 2.3).
fn is_cut(bytes: &[u8]) -> bool {
    const SHIFT: usize = 30;
    const DIRECTORY: usize = 48;
    const TABLE: usize = 76;
    const HEAD: usize = 512;
    /// Numbers from here on are no sectors.
    const LAST: u32 = 0xffff_fffa;
    const FREE: u32 = 0xffff_ffff;
    let number = |at: usize| {
        let (number, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
        Some(u32::from_le_bytes(*number))
    };
    let size = 1_usize << bytes.get(SHIFT).copied().unwrap_or(9).min(16);
    let end = |sector: u32| (sector as usize).saturating_add(2).saturating_mul(size);
    let Some(directory) = number(DIRECTORY) else { return true };
    if bytes.len() < HEAD || end(directory) > bytes.len() {
        return true;
    }
    let tables = (TABLE..HEAD).step_by(4).map_while(number).filter(|sector| *sector <= LAST);
    let mut first = 0_usize;
    for sector in tables {
        if end(sector) > bytes.len() {
            return true;
        }
        let start = end(sector) - size;
        let used = (0..size / 4).rfind(|n| number(start + 4 * n).is_some_and(|next| next != FREE));
        if used.is_some_and(|n| end(u32::try_from(first + n).unwrap_or(u32::MAX)) > bytes.len()) {
            return true;
        }
        first += size / 4;
    }
    false
}
