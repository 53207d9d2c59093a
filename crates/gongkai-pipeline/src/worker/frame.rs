//! Messages between a worker and its helpers: a head, and pieces of bytes that are not copied into it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};

/// Largest piece: what is larger is no message of ours.
const LARGEST: u64 = 4 << 30;
/// Stands for a piece that is not there.
const NONE: u64 = u64::MAX;

/// A message: its head, and so many pieces.
pub(crate) type Message<H, const N: usize> = (H, [Option<Vec<u8>>; N]);

/// Writes a message.
pub(crate) fn write(to: &mut impl Write, head: &impl Serialize, pieces: &[Option<&[u8]>]) -> io::Result<()> {
    let head = postcard::to_stdvec(head).map_err(io::Error::other)?;
    for piece in [Some(head.as_slice())].iter().chain(pieces) {
        let length = piece.map_or(NONE, |piece| piece.len() as u64);
        to.write_all(&length.to_le_bytes())?;
        to.write_all(piece.unwrap_or_default())?;
    }
    to.flush()
}

/// Reads a message with so many pieces; `None` at the end.
pub(crate) fn read<H: DeserializeOwned, const N: usize>(
    from: &mut impl Read,
) -> io::Result<Option<Message<H, N>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let head = piece(from, u64::from_le_bytes(length))?.unwrap_or_default();
    let head = postcard::from_bytes(&head).map_err(io::Error::other)?;
    let mut pieces = [const { None }; N];
    for slot in &mut pieces {
        from.read_exact(&mut length)?;
        *slot = piece(from, u64::from_le_bytes(length))?;
    }
    Ok(Some((head, pieces)))
}

fn piece(from: &mut impl Read, length: u64) -> io::Result<Option<Vec<u8>>> {
    if length == NONE {
        return Ok(None);
    }
    if length > LARGEST {
        return Err(io::Error::other("a piece is too long"));
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_whole_or_not_at_all() {
        let mut sent = Vec::new();
        write(&mut sent, &"head".to_owned(), &[Some(b"one"), None, Some(b"")]).unwrap();
        let got = read::<String, 3>(&mut sent.as_slice()).unwrap().unwrap();
        assert_eq!(got, ("head".to_owned(), [Some(b"one".to_vec()), None, Some(Vec::new())]));
        assert!(read::<String, 3>(&mut [].as_slice()).unwrap().is_none());
        for cut in 9..sent.len() {
            assert!(read::<String, 3>(&mut sent.get(..cut).unwrap_or_default()).is_err(), "{cut}");
        }
        let wrong = [vec![0xfe; 8], vec![0; 8]].concat();
        assert!(read::<String, 3>(&mut wrong.as_slice()).is_err());
    }
}
