//! What some bytes are, by their beginning: the content decides, not the name.

use crate::inflate::Codec;
use crate::json;
use crate::options::Fields;

/// What begins with these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Nothing,
    Compressed(Codec),
    Warc,
    Zip,
    Tar,
    Parquet,
    /// An Arrow IPC file, whose stream begins behind eight bytes.
    ArrowFile,
    ArrowStream,
    /// JSON objects that hold pages, one after another or in an array.
    Records,
    /// A document of a format that is known by its content, whatever it is called.
    Document,
    /// Anything else.
    Other,
}

impl Content {
    /// What it is called in a reason.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Compressed(_) => "compressed",
            Self::Warc => "warc",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Parquet => "parquet",
            Self::ArrowFile | Self::ArrowStream => "arrow",
            Self::Records => "jsonl",
            Self::Document | Self::Other => "document",
        }
    }
}

/// First bytes of documents that are taken whatever their name is.
const DOCUMENTS: [&[u8]; 2] = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"{\\rtf"];

/// What the bytes begin; `fields` says which JSON objects hold pages.
pub(crate) fn content(head: &[u8], fields: &Fields) -> Content {
    if head.is_empty() {
        return Content::Nothing;
    }
    if let Some(codec) = Codec::of(head) {
        return Content::Compressed(codec);
    }
    match head {
        [b'W', b'A', b'R', b'C', b'/', ..] => return Content::Warc,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Content::Zip,
        [b'P', b'A', b'R', b'1', ..] => return Content::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => return Content::ArrowFile,
        // The continuation mark, then the length of the schema message, which is small and in little-endian order.
        [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => return Content::ArrowStream,
        _ => {}
    }
    if is_tar(head) {
        Content::Tar
    } else if DOCUMENTS.iter().any(|magic| head.trim_ascii_start().starts_with(magic))
        || gongkai_model::pdf_start(head).is_some()
        || is_html(head)
    {
        Content::Document
    } else if json::holds_pages(head, fields) {
        Content::Records
    } else {
        Content::Other
    }
}

/// A block of header whose checksum is right (POSIX.1-2017, pax: ustar Interchange Format; the same in older formats).
fn is_tar(head: &[u8]) -> bool {
    let (Some(block), Some(stated)) = (head.get(..512), head.get(148..156)) else { return false };
    let digits = String::from_utf8_lossy(stated);
    let digits = digits.trim_matches([' ', '\0']);
    let Ok(stated) = u32::from_str_radix(digits, 8) else { return false };
    let in_field = |at: usize| (148..156).contains(&at);
    let sum: u32 =
        block.iter().enumerate().map(|(at, b)| if in_field(at) { 32 } else { u32::from(*b) }).sum();
    stated == sum
}

/// Whether it says of itself that it is HTML.
fn is_html(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_and_documents_by_their_first_bytes() {
        let fields = Fields::default();
        let of = |head: &[u8]| content(head, &fields);
        assert_eq!(of(b""), Content::Nothing);
        assert_eq!(of(b"\x1f\x8b\x08\0"), Content::Compressed(Codec::Gzip));
        assert_eq!(of(b"\x1f\x8b\x08\xff"), Content::Other);
        assert_eq!(of(b"WARC/1.0\r\n"), Content::Warc);
        assert_eq!(of(b" <!DOCTYPE HTML><p>"), Content::Document);
        assert_eq!(of(b"%PDF-1.4"), Content::Document);
        assert_eq!(of(b"\xef\xbb\xbf%PDF-1.4"), Content::Document);
        assert_eq!(of("一、总体情况".as_bytes()), Content::Other);
        assert_eq!(of(&[0; 512]), Content::Other);
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_cksum();
        assert_eq!(of(header.as_bytes()), Content::Tar);
    }
}
