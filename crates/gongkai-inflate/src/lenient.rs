//! Deflate as readers of documents take it: with or without a head, and damaged.

use flate2::{Decompress, FlushDecompress, Status};

/// Bytes that deflate makes of one at most.
const MOST_OF_ONE: u64 = 1032;

/// What a stream becomes, or as much of it as is sure.
pub struct Inflated {
    /// Its bytes, where they were to be kept.
    pub bytes: Vec<u8>,
    /// How many it becomes at most: where it is damaged, readers differ in what they make of the rest, and the worst is assumed.
    pub most: u64,
}

/// Decompresses zlib (RFC 1950) or bare deflate (RFC 1951), `None` as soon as it becomes more than `limit` bytes.
pub fn inflate(body: &[u8], keep: bool, limit: u64) -> Option<Inflated> {
    let mut inflate = Decompress::new(super::is_zlib(body));
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 32 << 10]);
    loop {
        let (taken, given) = (inflate.total_in(), inflate.total_out());
        let rest = body.get(usize::try_from(taken).unwrap_or(usize::MAX)..).unwrap_or_default();
        let done = inflate.decompress(rest, &mut buffer, FlushDecompress::None);
        let new = inflate.total_out() - given;
        if keep {
            bytes.extend_from_slice(buffer.get(..new as usize).unwrap_or_default());
        }
        let stuck = new == 0 && inflate.total_in() == taken;
        let damaged = match done {
            Ok(Status::StreamEnd) => return within(bytes, inflate.total_out(), limit),
            // The input ends early.
            Ok(_) if stuck && rest.is_empty() => return within(bytes, inflate.total_out(), limit),
            Ok(_) => stuck,
            Err(_) => true,
        };
        if damaged {
            let rest = (body.len() as u64).saturating_sub(inflate.total_in());
            let most = inflate.total_out().saturating_add(rest.saturating_mul(MOST_OF_ONE));
            return within(bytes, most, limit);
        }
        if inflate.total_out() > limit {
            return None;
        }
    }
}

fn within(bytes: Vec<u8>, most: u64, limit: u64) -> Option<Inflated> {
    (most <= limit).then_some(Inflated { bytes, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_damaged_counts_as_the_worst_that_may_follow() {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(&vec![b' '; 1 << 20]).unwrap();
        let body = out.finish().unwrap();
        assert!(inflate(&body, false, (1 << 20) - 1).is_none());
        let whole = inflate(&body, true, 1 << 20).unwrap();
        assert_eq!((whole.bytes.len(), whole.most), (1 << 20, 1 << 20));
        // Cut off: what is there counts. The checksum at the end is no matter.
        assert!(inflate(&body[..body.len() - 4], false, 1 << 20).unwrap().most == 1 << 20);
        // A block of no kind, and much behind it.
        let bad = [b"\x78\x9c\x07".as_slice(), &[0; 5000]].concat();
        assert!(inflate(&bad, false, 1 << 20).is_none());
        assert!(inflate(&bad, false, 8 << 20).unwrap().most > 5_000_000);
        assert_eq!(inflate(b"", true, 8).unwrap().most, 0);
    }
}
