//! Office documents: packages of XML parts, and the binary and RTF formats before them.

mod docx;
mod draft;
mod kind;
pub(crate) mod xml;

use crate::Limits;
use crate::html::Parts;
use gongkai_inflate::Package;
use gongkai_model::{Format, Problem};
use kind::Kind;

/// Opens a package within the limits.
pub(crate) fn package<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Package<'a>, Problem> {
    let inflate = gongkai_inflate::Limits { ratio_after: limits.ratio_after, ..Default::default() };
    Package::open(bytes, limits.unpacked_bytes, &inflate)
}

/// Reads a zip package.
///
/// # Errors
/// It is no document that is read (`unsupported_document: …`), damaged, or larger than the limits.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<(Format, Parts), Problem> {
    let package = package(bytes, limits)?;
    Ok(match kind::of(&package)? {
        Kind::Text { main } => (Format::Docx, docx::read(&package, &main, limits)?),
    })
}
