//! A stored HTTP message: its head, and its body as the browser would have seen it (RFC 9110, RFC 9112).

use gongkai_model::Problem;

use crate::inflate::{Codec, read_all};
use crate::options::Limits;

/// What a response's head says.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub status: Option<u16>,
    pub content_type: Option<String>,
    content_length: Option<u64>,
    /// In the order in which they were applied.
    codings: Vec<String>,
    chunked: bool,
}

/// End of the head (behind its blank line), if it is there. Lines may end with a bare line feed.
pub(crate) fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    memchr::memchr_iter(b'\n', tail).map(|at| from + at + 1).find_map(|next| match bytes.get(next..)? {
        [b'\n', ..] => Some(next + 1),
        [b'\r', b'\n', ..] => Some(next + 2),
        _ => None,
    })
}

/// The lines of a head as names and values, with folded lines (RFC 9112, 5.2) joined.
pub(crate) fn fields(head: &str) -> impl Iterator<Item = (&str, String)> {
    let mut lines = head.lines().skip(1).peekable();
    std::iter::from_fn(move || {
        loop {
            let (name, value) = match lines.next()?.split_once(':') {
                Some((name, value)) => (name.trim(), value.trim().to_owned()),
                None => continue,
            };
            let mut value = value;
            while let Some(folded) = lines.next_if(|l| l.starts_with([' ', '\t'])) {
                value.push(' ');
                value.push_str(folded.trim());
            }
            return Some((name, value));
        }
    })
}

impl Head {
    /// Reads a response's head; `None` where the bytes are none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut head = Self::default();
        let line = text.lines().next()?.strip_prefix("HTTP/")?;
        head.status = line.split_whitespace().nth(1).and_then(|s| s.parse().ok());
        for (name, value) in fields(&text) {
            match name.to_ascii_lowercase().as_str() {
                "content-type" => head.content_type = Some(value),
                "content-length" => head.content_length = value.parse().ok(),
                "content-encoding" => head.codings.extend(list(&value)),
                "transfer-encoding" => {
                    for coding in list(&value) {
                        if coding == "chunked" { head.chunked = true } else { head.codings.push(coding) }
                    }
                }
                _ => {}
            }
        }
        Some(head)
    }

    /// The document in a body as stored. Crawlers often store the decoded body under the old headers; then it is taken as
    /// it is.
    pub(crate) fn body(&self, stored: Vec<u8>, limit: u64, limits: &Limits) -> Result<Vec<u8>, Problem> {
        let stored_length = stored.len() as u64;
        let mut body = if self.chunked { dechunk(stored)? } else { stored };
        if !self.chunked && self.codings.is_empty() && self.content_length.is_some_and(|l| l > stored_length)
        {
            let announced = self.content_length.unwrap_or_default();
            return Err(Problem::unreadable(format!("truncated_body: {stored_length} of {announced} bytes")));
        }
        for coding in self.codings.iter().rev() {
            let Some(codec) = Codec::of_http(coding).filter(|codec| is_coded(*codec, &body)) else {
                continue;
            };
            let mut reader =
                codec.reader(body.as_slice(), limits).map_err(|e| crate::inflate::problem(&e))?;
            match read_all(&mut reader, limit) {
                Ok(bytes) => {
                    drop(reader);
                    body = bytes;
                }
                // These two have no mark by which a decoded body could be told.
                Err(_) if matches!(codec, Codec::Brotli | Codec::HttpDeflate) && is_markup(&body) => {}
                Err(problem) if problem.reason.starts_with("truncated") => {
                    return Err(Problem::unreadable(format!("truncated_body: {coding}")));
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(body)
    }
}

fn list(value: &str) -> impl Iterator<Item = String> + '_ {
    value.split(',').map(|v| v.trim().to_ascii_lowercase()).filter(|v| !v.is_empty() && v != "identity")
}

fn is_coded(codec: Codec, body: &[u8]) -> bool {
    match codec {
        Codec::Gzip | Codec::Zstd => Codec::of(body) == Some(codec),
        _ => !body.is_empty(),
    }
}

fn is_markup(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// Joins chunks. A body whose first chunk does not fit was stored without them.
fn dechunk(stored: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let cut = || Problem::unreadable("truncated_body: chunked");
    let mut out = Vec::with_capacity(stored.len());
    let mut rest = stored.as_slice();
    let mut first = true;
    loop {
        match chunk(rest) {
            Some(Chunk::Last) => return Ok(out),
            Some(Chunk::Data(data, after)) => {
                out.extend_from_slice(data);
                rest = after;
            }
            None if first => return Ok(stored),
            None => return Err(cut()),
        }
        first = false;
    }
}

enum Chunk<'a> {
    Data(&'a [u8], &'a [u8]),
    Last,
}

fn chunk(bytes: &[u8]) -> Option<Chunk<'_>> {
    let line_end = memchr::memchr(b'\n', bytes.get(..bytes.len().min(4096))?)?;
    let line = std::str::from_utf8(bytes.get(..line_end)?).ok()?;
    let digits = line.split(';').next()?.trim();
    let size = usize::from_str_radix(digits, 16).ok()?;
    if size == 0 {
        return Some(Chunk::Last);
    }
    let (data, after) = bytes.get(line_end + 1..)?.split_at_checked(size)?;
    let after = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n"))?;
    Some(Chunk::Data(data, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(head: &str, stored: &[u8]) -> Result<Vec<u8>, String> {
        let head = Head::parse(head.as_bytes()).unwrap();
        head.body(stored.to_vec(), 1 << 20, &Limits::default()).map_err(|p| p.reason)
    }

    #[test]
    fn heads() {
        assert_eq!(head_end(b"a: b\r\n\r\nrest", 0), Some(8));
        assert_eq!(head_end(b"a: b\n\nrest", 0), Some(6));
        assert_eq!(head_end(b"a: b\r\n", 0), None);
        let head = Head::parse(b"HTTP/1.1 404 Gone\nCONTENT-type: text/html;\n charset=gbk\n\n").unwrap();
        assert_eq!((head.status, head.content_type.as_deref()), (Some(404), Some("text/html; charset=gbk")));
        assert!(Head::parse(b"<html>").is_none());
    }

    #[test]
    fn bodies_in_chunks() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
        assert_eq!(body(head, b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").unwrap(), b"abcde");
        assert_eq!(body(head, b"3\r\nabc\r\n2\r\nd").unwrap_err(), "truncated_body: chunked");
        assert_eq!(body(head, b"3\r\nabc\r\n").unwrap_err(), "truncated_body: chunked");
        // Stored without chunks under the old header.
        for stored in [b"<html>text".as_slice(), b"12\r\nis a number", b"", b"ffffffffffffffff\r\nx"] {
            assert_eq!(body(head, stored).unwrap(), stored);
        }
    }

    #[test]
    fn bodies_with_codings_and_bodies_that_only_say_so() {
        let brotli = "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n";
        assert_eq!(body(brotli, b"\x0b\x02\x80hello\x03").unwrap(), b"hello");
        assert_eq!(body(brotli, b"<html>plain").unwrap(), b"<html>plain");
        let zstd = "HTTP/1.1 200 OK\r\nContent-Encoding: zstd, identity\r\n";
        assert_eq!(body(zstd, &zstd::encode_all(b"x".as_slice(), 1).unwrap()).unwrap(), b"x");
        assert_eq!(body(zstd, b"plain").unwrap(), b"plain");
    }

    #[test]
    fn a_body_shorter_than_announced_is_not_passed_on() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n";
        assert_eq!(body(head, b"12345").unwrap_err(), "truncated_body: 5 of 10 bytes");
        assert_eq!(body(head, b"1234567890123").unwrap().len(), 13);
    }
}
