//! The page in a MIME message (RFC 2046, RFC 2557), as tools put it into DOCX.

use super::source::base64;
use std::collections::BTreeMap;

/// Multiparts within one another.
const MAX_DEPTH: usize = 4;

/// A page, and the charset that its part tells.
pub(super) struct Page {
    pub(super) bytes: Vec<u8>,
    pub(super) charset: Option<String>,
}

/// Whether bytes begin as such messages do.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let head = bytes.get(..200).unwrap_or(bytes).trim_ascii_start().to_ascii_lowercase();
    head.starts_with(b"mime-version:") || (head.starts_with(b"from:") || head.starts_with(b"content-type:"))
}

/// The first page of a message, at whatever depth.
pub(super) fn page(message: &[u8]) -> Option<Page> {
    let mut open = vec![(message.to_vec(), 0)];
    while let Some((part, depth)) = open.pop() {
        let (fields, body) = head(&part);
        let kind = fields.get("content-type").map(String::as_str).unwrap_or_default();
        let lower = kind.to_ascii_lowercase();
        if lower.starts_with("multipart/") && depth < MAX_DEPTH {
            let Some(boundary) = parameter(kind, "boundary") else { continue };
            let inner = parts(body, boundary.as_bytes());
            open.extend(inner.into_iter().rev().map(|part| (part.to_vec(), depth + 1)));
        } else if lower.starts_with("text/html") {
            let coding = fields.get("content-transfer-encoding").map(|c| c.trim().to_ascii_lowercase());
            let bytes = match coding.as_deref() {
                Some("base64") => base64(body.iter().copied()),
                Some("quoted-printable") => quoted(body),
                _ => body.to_vec(),
            };
            return Some(Page { bytes, charset: parameter(kind, "charset") });
        }
    }
    None
}

/// The fields at the head of a part by their names in lower case, folded lines unfolded, and what follows.
fn head(part: &[u8]) -> (BTreeMap<String, String>, &[u8]) {
    let mut fields = BTreeMap::new();
    let mut name = String::new();
    let mut rest = part;
    // Empty lines before it.
    while let Some((_, after)) = line(rest).filter(|(line, _)| line.trim_ascii().is_empty()) {
        rest = after;
    }
    while let Some((text, after)) = line(rest) {
        rest = after;
        if text.trim_ascii().is_empty() {
            break;
        }
        let text = String::from_utf8_lossy(text);
        if text.starts_with([' ', '\t']) {
            let value: &mut String = fields.entry(name.clone()).or_default();
            value.push(' ');
            value.push_str(text.trim());
        } else if let Some((key, value)) = text.split_once(':') {
            name = key.trim().to_ascii_lowercase();
            fields.entry(name.clone()).or_insert_with(|| value.trim().to_owned());
        }
    }
    (fields, rest)
}

/// A line without its end, and what follows.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..).unwrap_or_default()))
}

fn parts<'b>(body: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let mark = [b"--".as_slice(), boundary].concat();
    let starts: Vec<usize> = memchr::memmem::find_iter(body, &mark).collect();
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let part = |(start, end): (&usize, usize)| body.get(start + mark.len()..end);
    starts.iter().zip(ends).filter_map(part).filter(|part| !part.starts_with(b"--")).collect()
}

/// A parameter of a field's value.
fn parameter(value: &str, name: &str) -> Option<String> {
    let parameter = |part: &str| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"').to_owned();
        key.trim().eq_ignore_ascii_case(name).then_some(value)
    };
    value.split(';').skip(1).find_map(parameter).filter(|value| !value.is_empty())
}

/// Quoted-printable (RFC 2045, 6.7).
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'=' {
            out.push(*first);
            continue;
        }
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else if let Some((_, next)) = line(after).filter(|(end, _)| end.trim_ascii().is_empty()) {
            rest = next;
        } else {
            out.push(b'=');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_message_is_found_and_decoded() {
        let message = b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n type=\"text/html\";\r\n boundary=\"--x\"\r\n\r\n\
            ----x\r\nContent-Type: image/png\r\n\r\n..\r\n----x\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n<p a=3D\"1\">=E5=B9=\r\n=B3</p>\r\n----x--\r\n";
        assert!(is_message(message));
        let page = page(message).unwrap();
        assert_eq!(String::from_utf8_lossy(&page.bytes).trim(), "<p a=\"1\">平</p>");
        assert_eq!(page.charset.as_deref(), Some("utf-8"));
        assert!(super::page(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n--a").is_none());
    }
}
