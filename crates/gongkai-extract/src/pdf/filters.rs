//! What a stream of a PDF becomes, filter by filter, before the library, which knows no limit, decodes it.

use gongkai_inflate::inflate;
use gongkai_model::Problem;
use hayro_interpret::hayro_syntax::Filter;
use hayro_interpret::hayro_syntax::object::dict::keys::{DECODE_PARMS, DP};
use hayro_interpret::hayro_syntax::object::{Array, Dict, Number};
use std::borrow::Cow;

/// Numbers that tell how long the rows are of which a filter keeps the differences. The library makes room for a row before it sees one.
const ROW: [&[u8]; 3] = [b"Columns", b"Colors", b"BitsPerComponent"];

/// Parameters of filters that stand in a dictionary.
fn parameters<'a>(dict: &Dict<'a>) -> impl Iterator<Item = Dict<'a>> + use<'a> {
    let one = |key: &[u8]| {
        let several = dict.get::<Array<'a>>(key).into_iter().flat_map(|all| all.iter::<Dict<'a>>());
        dict.get::<Dict<'a>>(key).into_iter().chain(several).collect::<Vec<_>>()
    };
    [one(DP), one(DECODE_PARMS)].into_iter().flatten()
}

/// Whether the rows of a stream are as long as rows are.
///
/// # Errors
/// `damaged: pdf`.
pub(super) fn check_rows(dict: &Dict<'_>) -> Result<(), Problem> {
    const MOST: i64 = 1 << 22;
    let number = |of: &Dict<'_>, key: &[u8]| of.get::<Number>(key).map_or(1, |number| number.as_i64());
    let is_row = |of: Dict<'_>| {
        let [columns, colours, bits] = ROW.map(|key| number(&of, key));
        (0..=MOST).contains(&columns) && (0..=32).contains(&colours) && (0..=16).contains(&bits)
    };
    if parameters(dict).all(is_row) { Ok(()) } else { Err(Problem::unreadable("damaged: pdf rows")) }
}

/// Whether how long rows are stands somewhere else.
pub(super) fn has_rows_elsewhere(dict: &Dict<'_>) -> bool {
    parameters(dict).any(|of| ROW.iter().any(|key| of.get_ref(key).is_some()))
}

/// Filters of one stream. Real files have two.
const MOST_FILTERS: usize = 8;

/// How many bytes a stream becomes at most, what lies between its filters included; `None`: more than `limit`. Streams of images are not
/// decoded by anybody here.
pub(super) fn length(raw: &[u8], filters: &[Filter], limit: u64) -> Option<u64> {
    if filters.iter().any(is_image) {
        return Some(0);
    }
    if filters.len() > MOST_FILTERS {
        return None;
    }
    let (mut data, mut sum) = (Cow::Borrowed(raw), 0);
    for (n, filter) in filters.iter().enumerate() {
        let left = limit.checked_sub(sum)?;
        let keep = n + 1 < filters.len();
        let (bytes, most) = match filter {
            Filter::FlateDecode => inflate(&data, keep, left).map(|i| (i.bytes, i.most))?,
            Filter::LzwDecode => measured(lzw(&data, left)?),
            Filter::RunLengthDecode => measured(run_length(&data, left)?),
            Filter::AsciiHexDecode => measured(hex(&data)),
            Filter::Ascii85Decode => measured(ascii85(&data, left)?),
            _ => continue,
        };
        sum = sum.checked_add(most).filter(|sum| *sum <= limit)?;
        data = bytes.into();
    }
    Some(if filters.is_empty() { raw.len() as u64 } else { sum })
}

fn measured(bytes: Vec<u8>) -> (Vec<u8>, u64) {
    let length = bytes.len() as u64;
    (bytes, length)
}

/// Whether the filter is one of images: what has it is no data.
pub(super) fn is_image(filter: &Filter) -> bool {
    matches!(filter, Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode | Filter::CcittFaxDecode)
}

/// ISO 32000, 7.4.2. What is no digit ends it: the library gives up there.
fn hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .filter(|b| !is_white(**b))
        .map_while(|b| char::from(*b).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |sum, d| sum << 4 | d) << (4 * (2 - pair.len())))
        .collect()
}

/// ISO 32000, 7.4.3.
fn ascii85(data: &[u8], limit: u64) -> Option<Vec<u8>> {
    const LOW: u8 = b'!';
    let (mut out, mut group) = (Vec::new(), Vec::with_capacity(5));
    let flush = |group: &mut Vec<u8>, out: &mut Vec<u8>| {
        let length = group.len();
        if length > 1 {
            group.resize(5, b'u' - LOW);
            let value = group.iter().fold(0_u32, |sum, d| sum.wrapping_mul(85).wrapping_add(u32::from(*d)));
            out.extend(value.to_be_bytes().iter().take(length - 1));
        }
        group.clear();
    };
    for byte in data.iter().filter(|b| !is_white(**b)) {
        match byte {
            b'!'..=b'u' => {
                group.push(byte - LOW);
                if group.len() == 5 {
                    flush(&mut group, &mut out);
                }
            }
            b'z' => {
                flush(&mut group, &mut out);
                out.extend([0; 4]);
            }
            _ => break,
        }
        if out.len() as u64 > limit {
            return None;
        }
    }
    flush(&mut group, &mut out);
    Some(out)
}

/// ISO 32000, 7.4.5.
fn run_length(data: &[u8], limit: u64) -> Option<Vec<u8>> {
    const END: u8 = 128;
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((length, after)) = rest.split_first() {
        if *length == END {
            break;
        }
        if *length < END {
            let Some((bytes, after)) = after.split_at_checked(usize::from(*length) + 1) else { break };
            out.extend_from_slice(bytes);
            rest = after;
        } else {
            let Some((byte, after)) = after.split_first() else { break };
            out.extend(std::iter::repeat_n(*byte, 257 - usize::from(*length)));
            rest = after;
        }
        if out.len() as u64 > limit {
            return None;
        }
    }
    Some(out)
}

/// ISO 32000, 7.4.4. Whether codes grow early stands in a dictionary that may not be at hand: the longer of both.
fn lzw(data: &[u8], limit: u64) -> Option<Vec<u8>> {
    let (early, late) = (lzw_growing(data, 1, limit)?, lzw_growing(data, 0, limit)?);
    Some(if early.len() >= late.len() { early } else { late })
}

fn lzw_growing(data: &[u8], early: usize, limit: u64) -> Option<Vec<u8>> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    const FIRST: usize = 258;
    const MOST: usize = 4096;
    let mut out: Vec<u8> = Vec::new();
    // Where in what was written the text of a code stands.
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut bytes) = (0_u32, 0_usize, data.iter());
    loop {
        let width = match FIRST + entries.len() + early {
            2048.. => 12,
            1024.. => 11,
            512.. => 10,
            _ => 9,
        };
        while held < width {
            let Some(byte) = bytes.next() else { return Some(out) };
            bits = bits << 8 | u32::from(*byte);
            held += 8;
        }
        held -= width;
        let code = (bits >> held) as usize & ((1 << width) - 1);
        let at = out.len();
        let written = match code {
            CLEAR => {
                entries.clear();
                last = None;
                continue;
            }
            END => return Some(out),
            byte if byte < CLEAR => {
                out.push(byte as u8);
                (at, 1)
            }
            code => match (entries.get(code - FIRST), last) {
                (Some(&(start, length)), _) => {
                    out.extend_from_within(start..start + length);
                    (at, length)
                }
                // The code that is being made: the text before it, and its first byte again.
                (None, Some((start, length)))
                    if code - FIRST == entries.len() && entries.len() < MOST - FIRST =>
                {
                    out.extend_from_within(start..start + length);
                    out.extend_from_within(start..=start);
                    (at, length + 1)
                }
                _ => return Some(out),
            },
        };
        if let Some((start, length)) = last
            && entries.len() < MOST - FIRST
        {
            entries.push((start, length + 1));
        }
        last = Some(written);
        if out.len() as u64 > limit {
            return None;
        }
    }
}

/// ISO 32000, 7.2.3.
pub(super) fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_counted_and_bounded() {
        assert_eq!(hex(b"41 4>xx"), [0x41, 0x40]);
        assert_eq!(ascii85(b"87cURD]i,\"Ebo80~>", 99).unwrap(), b"Hello World!");
        assert_eq!(ascii85(b"zz~>", 99).unwrap(), [0; 8]);
        assert_eq!(
            run_length(&[4, 10, 11, 12, 13, 14, 253, 3, 128, 9], 99).unwrap(),
            [10, 11, 12, 13, 14, 3, 3, 3, 3]
        );
        // The example of the standard.
        let coded = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw(&coded, 99).unwrap(), [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
        assert!(
            lzw(&coded, 5).is_none() && run_length(&[129, 1], 99).is_none() && ascii85(b"zzzz", 9).is_none()
        );
        let twice = [Filter::AsciiHexDecode, Filter::RunLengthDecode];
        assert_eq!(length(b"81 00 80>", &twice, 1000), Some(3 + 128));
        assert_eq!(length(b"81 00 80>", &twice, 100), None);
        assert_eq!(length(b"abc", &[], 100), Some(3));
        assert_eq!(length(b"abc", &[Filter::DctDecode], 1), Some(0));
    }
}
