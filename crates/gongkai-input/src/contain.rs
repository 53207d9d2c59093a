//! From bytes to documents, whatever they are wrapped in.

use std::io::Read;

use gongkai_model::Problem;

use crate::declared::admit;
use crate::inflate::{Codec, problem, read_all};
use crate::met::{Flow, Place, Walk};
use crate::raw::{HEAD, Raw};
use crate::sniff::{self, Content};
use crate::{columns, json, mhtml, separated, tarred, warc, zipped};

/// Containers within one another: a record file in an archive, but no archive in an archive in an archive.
const MAX_DEPTH: u8 = 1;

/// Bytes and how they are compressed.
pub(crate) struct Packed<'a> {
    pub raw: Raw<'a>,
    pub codec: Option<Codec>,
}

impl Packed<'_> {
    /// Whether they can be read twice.
    pub(crate) fn can_rewind(&self) -> bool {
        self.raw.can_rewind()
    }

    /// The plain bytes, from the start.
    pub(crate) fn reader(&mut self, walk: &Walk<'_>) -> std::io::Result<Box<dyn Read + '_>> {
        let raw = self.raw.reader()?;
        match self.codec {
            Some(codec) => codec.reader(raw, &walk.options.limits),
            None => Ok(raw),
        }
    }
}

/// Hands out the documents in some bytes: the bytes themselves, or what they contain.
pub(crate) fn contain(walk: &mut Walk<'_>, place: &Place, raw: Raw<'_>) -> Flow {
    let (head, raw) = match raw.head() {
        Ok(read) => read,
        Err(error) => return walk.lost(place, 0, problem(&error)),
    };
    let content = sniff::named(&head, &walk.options.fields, place.unsupported.as_deref());
    // A package of parts is a document, however deep it lies.
    let is_package = content == Content::Zip && zipped::begins_package(&head);
    if place.depth == 0
        && let Err(problem) = admit(walk.options, content, is_package)
    {
        return walk.lost(place, 0, problem);
    }
    if is_archive(content) && place.depth > MAX_DEPTH && !is_package && content != Content::Mhtml {
        return walk.lost(
            place,
            0,
            Problem::unreadable(format!("nested_too_deep: {} containers", place.depth)),
        );
    }
    match content {
        Content::Nothing => walk.lost(place, 0, Problem::unreadable("empty")),
        Content::Compressed(codec) => compressed(walk, place, raw, codec, &head),
        Content::Records(format) => warc::each(walk, place, raw, format, false),
        Content::Objects => json::each(walk, place, raw),
        Content::Har => json::har::each(walk, place, raw),
        Content::Separated(separator) => separated::each(walk, place, raw, separator),
        Content::Mhtml => mhtml::each(walk, place, raw),
        Content::Tar => tarred::each(walk, place, Packed { raw, codec: None }),
        Content::Zip => within(walk, place, raw, zipped::each),
        Content::Parquet => within(walk, place, raw, columns::parquet),
        Content::ArrowFile => columns::arrow(walk, place, raw, 8),
        Content::ArrowStream => columns::arrow(walk, place, raw, 0),
        Content::Other if place.unsupported.is_some() => {
            let name = place.unsupported.as_deref().unwrap_or_default();
            walk.lost(place, 0, Problem::unreadable(format!("unsupported_type: {name}")))
        }
        Content::Document | Content::Other | Content::OtherObjects => document(walk, place, raw),
    }
}

/// As [`contain`], for bytes at hand: a document among them is not copied.
pub(crate) fn contain_bytes(walk: &mut Walk<'_>, place: &Place, bytes: Vec<u8>) -> Flow {
    let head = bytes.get(..HEAD).unwrap_or(&bytes);
    let content = sniff::named(head, &walk.options.fields, place.unsupported.as_deref());
    if content.is_document() && place.unsupported.is_none() && bytes.len() as u64 <= walk.options.max_bytes {
        return walk.document(place, bytes);
    }
    contain(walk, place, Raw::bytes(bytes))
}

fn is_archive(content: Content) -> bool {
    !content.is_document() && !matches!(content, Content::Nothing | Content::Compressed(_))
}

/// A document's bytes, to their end.
pub(crate) fn document(walk: &mut Walk<'_>, place: &Place, mut raw: Raw<'_>) -> Flow {
    match read_all(&mut raw, walk.options.max_bytes) {
        Ok(bytes) => walk.document(place, bytes),
        Err(problem) => walk.lost(place, 0, problem),
    }
}

/// A compressed stream counts as no container of its own, but only once: a stream that contains itself has no end.
fn compressed(walk: &mut Walk<'_>, place: &Place, mut raw: Raw<'_>, codec: Codec, head: &[u8]) -> Flow {
    if place.unpacked {
        return walk.lost(place, 0, Problem::unreadable("nested_too_deep: compressed twice"));
    }
    let inside = sniff::named(&peek(walk, codec, head), &walk.options.fields, place.unsupported.as_deref());
    if place.depth == 0
        && matches!(inside, Content::Records(_) | Content::Tar)
        && let Err(problem) = admit(walk.options, inside, false)
    {
        return walk.lost(place, 0, problem);
    }
    let place = Place { unpacked: true, ..place.clone() };
    match inside {
        // Member by member, so that damage does not end the file.
        Content::Records(format) if codec == Codec::Gzip && place.depth <= MAX_DEPTH => {
            warc::each(walk, &place, raw, format, true)
        }
        Content::Tar if place.depth <= MAX_DEPTH => {
            tarred::each(walk, &place, Packed { raw, codec: Some(codec) })
        }
        _ => match raw.reader().and_then(|raw| codec.reader(raw, &walk.options.limits)) {
            Ok(reader) => contain(walk, &place, Raw::Stream(reader)),
            Err(error) => walk.lost(&place, 0, problem(&error)),
        },
    }
}

/// The first bytes inside, as far as the head at hand tells.
fn peek(walk: &Walk<'_>, codec: Codec, head: &[u8]) -> Vec<u8> {
    let mut inside = Vec::new();
    if let Ok(reader) = codec.reader(head, &walk.options.limits) {
        // The head ends in the middle of the stream: what came before that counts.
        let _ = reader.take(HEAD as u64).read_to_end(&mut inside);
    }
    inside
}

/// Reads an archive one must be able to jump in; one that lies in a stream is held in memory.
fn within(
    walk: &mut Walk<'_>,
    place: &Place,
    raw: Raw<'_>,
    read: fn(&mut Walk<'_>, &Place, Box<dyn crate::raw::ReadSeek>) -> Flow,
) -> Flow {
    match raw {
        Raw::Seek(inner) => read(walk, place, inner),
        Raw::Stream(mut inner) => match read_all(&mut inner, walk.options.limits.nested_bytes) {
            Ok(bytes) => read(walk, place, Box::new(std::io::Cursor::new(bytes))),
            Err(problem) => {
                let reason = format!("{} (an archive in a stream is held in memory)", problem.reason);
                walk.lost(place, 0, Problem { reason, ..problem })
            }
        },
    }
}
