//! Office documents: packages of XML parts, and the binary and RTF formats before them.

mod doc;
mod docx;
mod draft;
mod edges;
mod kind;
pub(crate) mod rtf;
mod sheets;
pub(crate) mod xml;

use crate::Limits;
use crate::html::Parts;
use crate::ofd;
use crate::work::Work;
use gongkai_inflate::Package;
use gongkai_model::{Format, Problem};
use kind::Kind;
use std::io::{Cursor, Read};

/// Opens a package within the limits.
pub(crate) fn package<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Package<'a>, Problem> {
    let inflate = gongkai_inflate::Limits { ratio_after: limits.ratio_after, ..Default::default() };
    Package::open(bytes, limits.unpacked_bytes, &inflate)
}

/// Reads a zip package.
///
/// # Errors
/// It is no document that is read (`unsupported_document: …`), damaged, or larger than the limits.
pub(crate) fn read(bytes: &[u8], limits: &Limits, work: &Work) -> Result<(Format, Parts), Problem> {
    let package = package(bytes, limits)?;
    if ofd::is_ofd(&package) {
        return Ok((Format::Ofd, ofd::read(&package, limits, work)?));
    }
    Ok(match kind::of(&package)? {
        Kind::Text { main } => (Format::Docx, docx::read(&package, &main, limits)?),
        Kind::Workbook => (Format::Xlsx, sheets::xlsx(&package, bytes, limits, work)?),
    })
}

/// Reads a compound file ([MS-CFB]): what streams it holds says what it is.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_compound(bytes: &[u8], limits: &Limits, work: &Work) -> Result<(Format, Parts), Problem> {
    let damaged = |_| Problem::unreadable("damaged: compound file");
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
    let mut stream = |name: &str| {
        let mut out = Vec::new();
        let limit = limits.unpacked_bytes;
        file.open_stream(name).ok()?.take(limit).read_to_end(&mut out).ok()?;
        Some(out)
    };
    if let Some(records) = stream("Workbook").or_else(|| stream("Book")) {
        return Ok((Format::Xls, sheets::xls(bytes, &records, limits, work)?));
    }
    if let Some(main) = stream("WordDocument") {
        let table = stream(doc::table_stream(&main)).unwrap_or_default();
        let data = stream("Data").unwrap_or_default();
        return Ok((Format::Doc, doc::read((&main, &table, &data), limits, work)?));
    }
    Err(Problem::unreadable("unsupported_document: compound file"))
}
