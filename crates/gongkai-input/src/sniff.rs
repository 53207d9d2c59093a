//! What some bytes are, by their beginning: the content decides, not the name.

use crate::inflate::Codec;
use crate::json::{self, Look, har};
use crate::options::Fields;
use crate::warc::Format;
use crate::{mhtml, separated};

/// What begins with these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Nothing,
    Compressed(Codec),
    /// A record file.
    Records(Format),
    Zip,
    Tar,
    Parquet,
    /// An Arrow IPC file, whose stream begins behind eight bytes.
    ArrowFile,
    ArrowStream,
    /// JSON objects that hold pages, one after another or in an array.
    Objects,
    /// JSON objects of which the first ones hold no page.
    OtherObjects,
    /// What a browser fetched, as it tells developers.
    Har,
    /// Values with this between them, one page a row.
    Separated(u8),
    /// A page with its parts in one message.
    Mhtml,
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
            Self::Records(Format::Warc) => "warc",
            Self::Records(Format::Arc) => "arc",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Parquet => "parquet",
            Self::ArrowFile | Self::ArrowStream => "arrow",
            Self::Objects | Self::OtherObjects => "jsonl",
            Self::Har => "har",
            Self::Separated(_) => "csv",
            Self::Mhtml | Self::Document | Self::Other => "document",
        }
    }

    /// Whether it is one document, and nothing has to be unpacked.
    pub(crate) fn is_document(self) -> bool {
        matches!(self, Self::Document | Self::Other)
    }
}

/// First bytes of documents that are taken whatever their name is.
const DOCUMENTS: [&[u8]; 2] = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"{\\rtf"];

/// Extensions of files of JSON objects.
const JSON: [&str; 5] = ["geojson", "json", "jsonl", "jl", "ndjson"];

/// What the bytes of a file begin that has no extension of pages, or this one.
///
/// Objects without a page among the first are objects where their name says so; elsewhere they are a text.
pub(crate) fn named(head: &[u8], fields: &Fields, extension: Option<&str>) -> Content {
    match content(head, fields) {
        Content::OtherObjects if extension.is_some_and(|e| JSON.contains(&e)) => Content::Objects,
        Content::OtherObjects => Content::Other,
        content => content,
    }
}

/// What the bytes begin; `fields` says which records hold pages.
fn content(head: &[u8], fields: &Fields) -> Content {
    if head.is_empty() {
        return Content::Nothing;
    }
    if let Some(codec) = Codec::of(head) {
        return Content::Compressed(codec);
    }
    match head {
        [b'W', b'A', b'R', b'C', b'/', ..] => return Content::Records(Format::Warc),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Content::Zip,
        [b'P', b'A', b'R', b'1', ..] => return Content::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => return Content::ArrowFile,
        // The continuation mark, then the length of the schema message, which is small and in little-endian order.
        [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => return Content::ArrowStream,
        _ => {}
    }
    if is_tar(head) {
        Content::Tar
    } else if head.starts_with(b"filedesc:") {
        Content::Records(Format::Arc)
    } else if DOCUMENTS.iter().any(|magic| head.trim_ascii_start().starts_with(magic))
        || gongkai_model::pdf_start(head).is_some()
        || is_html(head)
    {
        Content::Document
    } else if har::is_har(head) {
        Content::Har
    } else if let Some(look) = json::look(head, fields) {
        match look {
            Look::Pages => Content::Objects,
            Look::Objects => Content::OtherObjects,
        }
    } else if mhtml::is_message(head) {
        Content::Mhtml
    } else {
        separated::separator(head, fields).map_or(Content::Other, Content::Separated)
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
        assert_eq!(of(b"WARC/1.0\r\n"), Content::Records(Format::Warc));
        assert_eq!(
            of(b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain 69\n"),
            Content::Records(Format::Arc)
        );
        assert_eq!(of(b"url,html\n1,2\n"), Content::Separated(b','));
        assert_eq!(of("标题\t内容\n".as_bytes()), Content::Separated(b'\t'));
        for text in ["项目,内容,数量\n规章,制发,1\n", "标题：text,一\n", "text\n1\n", "规章\t1\t2\t3\n"]
        {
            assert_eq!(of(text.as_bytes()), Content::Other, "{text}");
        }
        assert_eq!(of(b"{\"a\": 1}"), Content::OtherObjects);
        assert_eq!(named(b"{\"a\": 1}", &fields, Some("json")), Content::Objects);
        assert_eq!(named(b"{\"a\": 1}", &fields, None), Content::Other);
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
