//! Office documents: packages of XML parts, single files of XML, and the binary and RTF formats before them.

mod chunk;
mod compound;
mod doc;
mod docx;
mod draft;
mod edges;
mod ink;
mod kind;
mod mht;
mod odf;
mod odt;
pub(crate) mod rtf;
mod sheets;
mod source;
mod styles;
pub(crate) mod xml;

pub(crate) use chunk::Follow;
pub(crate) use compound::read as read_compound;
pub(crate) use sheets::rows_of_cells;

use crate::Limits;
use crate::html::Parts;
use crate::ofd;
use crate::work::Work;
use gongkai_inflate::Package;
use gongkai_model::{Format, Problem};
use kind::Kind;
use source::{Flat, Source};

/// Opens a package within the limits.
pub(crate) fn package<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Package<'a>, Problem> {
    let inflate = gongkai_inflate::Limits { ratio_after: limits.ratio_after, ..Default::default() };
    Package::open(bytes, limits.unpacked_bytes, &inflate)
}

/// Reads a zip package.
///
/// # Errors
/// It is no document that is read (`unsupported_document: …`), damaged, or larger than the limits.
pub(crate) fn read(
    bytes: &[u8],
    limits: &Limits,
    work: &Work,
    follow: Follow,
) -> Result<(Format, Parts), Problem> {
    let package = package(bytes, limits)?;
    if ofd::is_ofd(&package) {
        return Ok((Format::Ofd, ofd::read(&package, limits, work)?));
    }
    read_kind(kind::of(&package)?, &package, limits, work, follow)
}

fn read_kind(
    kind: Kind,
    source: &dyn Source,
    limits: &Limits,
    work: &Work,
    follow: Follow,
) -> Result<(Format, Parts), Problem> {
    Ok(match kind {
        Kind::Text { main } => (Format::Docx, docx::read(source, &main, follow, limits, work)?),
        Kind::Workbook { main } => (Format::Xlsx, sheets::xlsx::read(source, &main, limits, work)?),
        Kind::OpenText => (Format::Odt, odt::read(&odf::Whole::Parts(source), limits)?),
        Kind::OpenWorkbook => (Format::Ods, sheets::ods::read(&odf::Whole::Parts(source), limits, work)?),
    })
}

/// Reads a document in a single file of XML; `None` where it is none.
pub(crate) fn read_xml(
    bytes: &[u8],
    limits: &Limits,
    work: &Work,
    follow: Follow,
) -> Option<Result<(Format, Parts), Problem>> {
    let kind = kind::of_xml(bytes)?;
    let read = || match kind {
        kind::Xml::Text2003 => Ok((Format::Doc, docx::read_2003(bytes, limits)?)),
        kind::Xml::Workbook2003 => Ok((Format::Xls, sheets::xml2003::read(bytes, limits, work)?)),
        kind::Xml::OpenText => Ok((Format::Odt, odt::read(&odf::Whole::File(bytes), limits)?)),
        kind::Xml::OpenWorkbook => {
            Ok((Format::Ods, sheets::ods::read(&odf::Whole::File(bytes), limits, work)?))
        }
        kind::Xml::Package => {
            let flat = Flat::open(bytes)?;
            read_kind(kind::of(&flat)?, &flat, limits, work, follow)
        }
    };
    Some(crate::within(bytes.len(), limits.text_bytes).and_then(|()| read()))
}
