//! What the streams of a PDF would become, before the library, which knows no limit, sees the file.

use crate::Limits;
use crate::work::Work;
use gongkai_inflate::{Codec, problem};
use gongkai_model::Problem;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::Object;
use memchr::memmem;
use std::io::Read;

/// Bytes before a stream in which its dictionary stands.
const DICTIONARY: usize = 2048;
/// An image is not decoded, but a stream may only say that it is one.
const IMAGE_BYTES: u64 = 200 << 20;
/// Images of one file that are looked at, in bytes.
const ALL_IMAGE_BYTES: u64 = 1 << 30;
/// LZW makes up to 2,730 bytes of one, run lengths 64. No page needs more than this.
const LZW_BYTES: usize = 64 << 10;
const RUN_BYTES: usize = 1 << 20;
/// Steps it takes to look at a stream, however short.
const STREAM: usize = 2000;
/// Decompressed bytes that are a step.
const BYTES: u64 = 16;

/// Looks at every stream of a file that is not encrypted. The bytes of the largest that is no image.
pub(super) fn file(bytes: &[u8], limits: &Limits, work: &Work) -> Result<u64, Problem> {
    let (mut left, mut images_left, mut largest) = (limits.unpacked_bytes, ALL_IMAGE_BYTES, 0);
    let mut ends = memmem::find_iter(bytes, b"endstream").peekable();
    for at in memmem::find_iter(bytes, b"stream") {
        let (before, after) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
        if before.ends_with(b"end") {
            continue;
        }
        work.spend(STREAM)?;
        while ends.next_if(|end| *end < at).is_some() {}
        let length = ends.peek().map_or(after.len(), |end| end.saturating_sub(at));
        let body = after.get(b"stream".len()..).unwrap_or_default();
        let body = body.strip_prefix(b"\r").unwrap_or(body);
        let body = body.strip_prefix(b"\n").unwrap_or(body);
        let dictionary = before.get(before.len().saturating_sub(DICTIONARY)..).unwrap_or(before);
        let start = memmem::rfind(dictionary, b"obj").unwrap_or(0);
        let dictionary = dictionary.get(start..).unwrap_or(dictionary);
        let says = |word: &[u8]| memmem::find(dictionary, word).is_some();
        if says(b"/Image") {
            let count = zlib(body, IMAGE_BYTES.min(images_left), work)?;
            images_left = images_left.saturating_sub(count);
            continue;
        }
        if says(b"/LZW") && length > LZW_BYTES || says(b"/RunL") && length > RUN_BYTES {
            return Err(limit(limits.unpacked_bytes));
        }
        let count = zlib(body, left, work)?;
        left -= count;
        largest = largest.max(count).max(length as u64);
    }
    Ok(largest)
}

/// The same for an encrypted file, whose streams cannot be looked at before it is opened.
pub(super) fn encrypted(pdf: &Pdf, bytes: &[u8], limits: &Limits, work: &Work) -> Result<u64, Problem> {
    if memmem::find(bytes, b"/Encrypt").is_none() {
        return Ok(0);
    }
    let (mut left, mut largest) = (limits.unpacked_bytes, 0);
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            work.spend(STREAM)?;
            let raw = stream.raw_data();
            let count = zlib(&raw, left.max(1), work)?;
            left -= count.min(left);
            largest = largest.max(count).max(raw.len() as u64);
        }
    }
    Ok(largest)
}

/// How many bytes a stream becomes, where it is one of zlib; also of a stream in a stream.
fn zlib(body: &[u8], most: u64, work: &Work) -> Result<u64, Problem> {
    if !is_zlib(body) {
        return Ok(0);
    }
    work.spend(STREAM)?;
    let free = gongkai_inflate::Limits { ratio: u64::MAX, total_bytes: most, ..Default::default() };
    let (count, head) = count(Codec::HttpDeflate.reader(body, &free).map_err(|e| problem(&e))?, most)?;
    work.spend(usize::try_from(count / BYTES).unwrap_or(usize::MAX))?;
    if !is_zlib(&head) {
        return Ok(count);
    }
    let outer = Codec::HttpDeflate.reader(body, &free).map_err(|e| problem(&e))?;
    let inner = Codec::HttpDeflate.reader(outer, &free).map_err(|e| problem(&e))?;
    Ok(count.saturating_add(self::count(inner, most.saturating_sub(count))?.0))
}

/// Reads to the end, of at most so many bytes; damage ends a stream, as it does for the library.
fn count(mut reader: impl Read, most: u64) -> Result<(u64, Vec<u8>), Problem> {
    let mut buffer = vec![0; 64 << 10];
    let (mut sum, mut head) = (0_u64, Vec::new());
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok((sum, head)),
            Ok(n) => {
                if head.is_empty() {
                    head.extend(buffer.iter().take(2));
                }
                sum += n as u64;
                if sum > most {
                    return Err(limit(most));
                }
            }
            Err(error) if problem(&error).reason.starts_with("limit") => return Err(limit(most)),
            Err(_) => return Ok((sum, head)),
        }
    }
}

fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [a, b, ..] if a & 0x0f == 8 && a >> 4 <= 7 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0)
}

fn limit(bytes: u64) -> Problem {
    Problem::unreadable(format!("limit_unpacked: streams of more than {bytes} bytes"))
}
