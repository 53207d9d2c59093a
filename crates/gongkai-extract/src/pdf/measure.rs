//! What the streams of a PDF would become, before the library, which knows no limit, sees the file.

use super::filters::{self, is_image, is_white};
use crate::Limits;
use crate::work::Work;
use gongkai_model::Problem;
use hayro_interpret::hayro_syntax::object::dict::keys::{DECODE_PARMS, DP, F, FILTER, FIRST, SUBTYPE};
use hayro_interpret::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};
use hayro_interpret::hayro_syntax::reader::{Reader, ReaderContext, ReaderExt};
use hayro_interpret::hayro_syntax::{Filter, Pdf};
use memchr::memmem;

/// Steps it takes to look at a dictionary, and at a stream, however short.
const DICTIONARY: usize = 50;
const STREAM: usize = 2000;
/// Bytes that are a step: skipped, decompressed.
const BYTES: usize = 16;

/// Bytes of all streams with objects of an encrypted file. The library opens them as it opens the file, so nobody can look at what they become
/// before: a thousand times that, at the most. Those of a file of a hundred pages have a third of it.
const SEALED: usize = 192 << 10;

/// What the streams of a file come to.
#[derive(Default)]
pub(super) struct Measured {
    /// The bytes of the largest that is no image.
    pub(super) largest: u64,
    /// Where the bodies of images begin that no filter of images is needed for, with the filter that comes first. Nobody decodes them, but a
    /// stream may only say that it is an image.
    images: Vec<(usize, Filter)>,
    /// Whether filters are named somewhere else in the file, where they cannot be looked up before it is opened.
    is_unsure: bool,
}

impl Measured {
    /// The file as the library may see it: what says that it is an image becomes nothing when it is decoded.
    pub(super) fn safe(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for (at, filter) in &self.images {
            let end: &[u8] = match filter {
                // A last block of no kind.
                Filter::FlateDecode => &[0xff; 4],
                // The code that ends it, of 9 and of 8 bits.
                Filter::LzwDecode | Filter::RunLengthDecode => &[0x80; 2],
                Filter::AsciiHexDecode => b">",
                Filter::Ascii85Decode => b"~>",
                _ => &[],
            };
            if let Some(body) = bytes.get_mut(*at..at + end.len()) {
                body.copy_from_slice(end);
            }
        }
        bytes
    }
}

/// Looks at every stream of a file that is not encrypted: at everything that reads as one from wherever a reader may begin.
pub(super) fn file(bytes: &[u8], limits: &Limits, work: &Work) -> Result<Measured, Problem> {
    let is_encrypted = memmem::find(bytes, b"/Encrypt").is_some();
    let mut measured = Measured::default();
    let mut left = limits.unpacked_bytes;
    let (mut has_containers, mut sealed) = (false, 0);
    let mut last = usize::MAX;
    for at in memmem::find_iter(bytes, b"<<") {
        work.spend(DICTIONARY)?;
        let Some(body) = bytes.get(at..).and_then(body).map(|body| at + body) else { continue };
        work.spend((body - at) / BYTES)?;
        let after = bytes.get(body..).unwrap_or_default();
        let length = memmem::find(after, b"endstream").unwrap_or(after.len());
        work.spend(STREAM + length / BYTES)?;
        let mut reader = Reader::new(bytes.get(at..).unwrap_or_default());
        let Some(stream) = reader.read_with_context::<Stream<'_>>(&ReaderContext::dummy()) else { continue };
        let dict = stream.dict();
        has_containers |= says(dict, b"ObjStm") || says(dict, b"XRef");
        let holds_objects = says(dict, b"ObjStm") || dict.contains_key(FIRST);
        measured.is_unsure |= is_elsewhere(dict, FILTER) || is_elsewhere(dict, F);
        let filters = stream.filters();
        let is_picture = dict.get::<Name<'_>>(SUBTYPE).is_some_and(|name| &*name == b"Image");
        if is_picture && !is_encrypted && !says(dict, b"XRef") {
            if let Some(first) = filters.first().filter(|_| !filters.iter().any(is_image)) {
                measured.images.push((body, *first));
            }
            continue;
        }
        filters::check_rows(dict)?;
        measured.is_unsure |= is_elsewhere(dict, DECODE_PARMS) || is_elsewhere(dict, DP);
        measured.is_unsure |= filters::has_rows_elsewhere(dict);
        // What a reader takes for its length may stand elsewhere too.
        let raw = stream.raw_data();
        let raw = if raw.len() < length { after.get(..length).unwrap_or(after) } else { &*raw };
        let count = filters::length(raw, &filters, left).ok_or_else(|| limit(limits.unpacked_bytes))?;
        // Seen from within its own dictionary it is the same stream once more.
        if body != last {
            left = left.saturating_sub(count);
            sealed += if is_encrypted && holds_objects { raw.len() } else { 0 };
        }
        let is_deep = filters.len() > 1 || filters.iter().any(|filter| *filter != Filter::FlateDecode);
        if sealed > SEALED || (is_encrypted && holds_objects && is_deep) {
            return Err(Problem::unreadable("limit_unpacked: objects in streams of an encrypted file"));
        }
        last = body;
        work.spend(usize::try_from(count).unwrap_or(usize::MAX) / BYTES)?;
        measured.largest = measured.largest.max(count).max(raw.len() as u64);
    }
    if measured.is_unsure && has_containers {
        let why = "limit_unpacked: filters that are named elsewhere, in a file with objects in streams";
        return Err(Problem::unreadable(why));
    }
    measured.is_unsure |= is_encrypted;
    Ok(measured)
}

/// Where the body of a stream begins whose dictionary is here.
fn body(rest: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(rest);
    reader.skip::<Dict<'_>>(false)?;
    reader.skip_white_spaces_and_comments();
    let at = reader.offset();
    let after = rest.get(at..)?.strip_prefix(b"stream")?;
    let line = after.iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    (line > 0 && after.first().copied().is_some_and(is_white)).then_some(at + b"stream".len() + line)
}

/// Whether any value of the dictionary is that name.
fn says(dict: &Dict<'_>, word: &[u8]) -> bool {
    dict.get::<Name<'_>>(b"Type").is_some_and(|name| &*name == word)
}

/// Whether a value, or a part of it, stands somewhere else.
fn is_elsewhere(dict: &Dict<'_>, key: &[u8]) -> bool {
    let parts = || dict.get::<Array<'_>>(key).into_iter().flat_map(|parts| parts.raw_iter());
    dict.get_ref(key).is_some() || parts().any(|part| matches!(part, MaybeRef::Ref(_)))
}

/// The same for a file whose streams could not be looked at before it was opened.
pub(super) fn opened(
    pdf: &Pdf,
    measured: &mut Measured,
    limits: &Limits,
    work: &Work,
) -> Result<(), Problem> {
    if !measured.is_unsure {
        return Ok(());
    }
    let mut left = limits.unpacked_bytes;
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            work.spend(STREAM)?;
            filters::check_rows(stream.dict())?;
            let filters = stream.filters();
            let raw = stream.raw_data();
            let is_picture = stream.dict().get::<Name<'_>>(SUBTYPE).is_some_and(|name| &*name == b"Image");
            let allowed = if is_picture { IMAGE_BYTES } else { left };
            let count =
                filters::length(&raw, &filters, allowed).ok_or_else(|| limit(limits.unpacked_bytes))?;
            work.spend(usize::try_from(count).unwrap_or(usize::MAX) / BYTES)?;
            if !is_picture {
                left = left.saturating_sub(count);
                measured.largest = measured.largest.max(count).max(raw.len() as u64);
            }
        }
    }
    Ok(())
}

/// An image of an encrypted file is not decoded, but a stream may only say that it is one.
const IMAGE_BYTES: u64 = 128 << 20;

pub(super) fn limit(bytes: u64) -> Problem {
    Problem::unreadable(format!("limit_unpacked: streams of more than {bytes} bytes"))
}
