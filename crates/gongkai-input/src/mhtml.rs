//! MHTML (RFC 2557): a page with its parts in one message, as browsers and Word save it. Heads of messages and encodings of
//! bodies are read by a library; what it would make of parts within parts is not needed.
//!
//! To us it is one document, its page: the file's own name is its name. Pages in frames of it are further representations.

use std::sync::Arc;

use gongkai_model::{Problem, Ties};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Message, MessageParser, MimeHeaders};
use memchr::memmem;

use crate::http::head_end;
use crate::inflate::read_all;
use crate::met::{Flow, Place, Walk};
use crate::raw::Raw;
use crate::sidecar::Stated;
use crate::time;

/// Parts within parts: a related page among alternatives.
const MAX_DEPTH: usize = 4;
/// Most pages: frames of frames.
const MAX_PAGES: usize = 100;
/// Longest head of a message or a part.
const MAX_HEAD: usize = 64 * 1024;

/// Whether the bytes begin such a message: its head says that it is MIME, and a page or something of several parts.
pub(crate) fn is_message(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    // Most text does not begin with the name of a field.
    let name = start.iter().position(|byte| *byte == b':').and_then(|colon| start.get(..colon));
    let is_name = |name: &[u8]| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if !name.is_some_and(|name| !name.is_empty() && is_name(name)) {
        return false;
    }
    let Some(message) = read_head(start) else { return false };
    let is_mime =
        message.header("MIME-Version").is_some() || message.header("Snapshot-Content-Location").is_some();
    is_mime
        && message.content_type().is_some_and(|kind| match (kind.ctype(), kind.subtype()) {
            ("multipart", Some(sub)) => {
                matches!(sub, "related" | "alternative") && kind.attribute("boundary").is_some()
            }
            ("text", Some(sub)) => sub == "html",
            _ => false,
        })
}

/// The head of a message, without what follows it.
fn read_head(bytes: &[u8]) -> Option<Message<'_>> {
    let bytes = bytes.get(..MAX_HEAD).unwrap_or(bytes);
    let end = head_end(bytes, 0)?;
    MessageParser::new().parse_headers(bytes.get(..end)?)
}

/// Hands out the page of a message.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, mut raw: Raw<'_>) -> Flow {
    let bytes = match read_all(&mut raw, walk.options.max_bytes) {
        Ok(bytes) => bytes,
        Err(problem) => return walk.lost(place, 0, problem),
    };
    let bytes = bytes.trim_ascii_start();
    let mut pages = Pages { about: None, pages: Vec::new() };
    pages.read(bytes);
    let about = pages.about.unwrap_or_default();
    let several = pages.pages.len() > 1;
    let page: Option<Arc<str>> = several.then(|| place.container.as_str().into());
    if pages.pages.is_empty() {
        return walk.lost(
            place,
            bytes.len() as u64,
            Problem::unreadable("no_page: none of its parts is HTML"),
        );
    }
    for (at, (mut stated, body)) in pages.pages.into_iter().enumerate() {
        if at == 0 {
            stated.fill(about.clone());
        }
        if let Some(known) = &place.stated {
            // A sidecar or a record knows where the file came from; the message knows the page's charset.
            let mut known = (**known).clone();
            (known.provenance.charset_hint, known.provenance.media_type_hint) = (None, None);
            known.fill(stated);
            stated = known;
        }
        let mut own = Place { stated: Some(Arc::new(stated)), ..place.clone() };
        if several {
            own.ties = Ties { page: place.ties.page.clone().or_else(|| page.clone()), ..place.ties.clone() };
        }
        if at > 0 {
            own.container = format!("{}#{}", place.container, at + 1);
        }
        match body {
            Ok(body) if body.trim_ascii().is_empty() => walk.lost(&own, 0, Problem::unreadable("empty"))?,
            Ok(body) => walk.document(&own, body)?,
            Err(problem) => walk.lost(&own, 0, problem)?,
        }
    }
    Flow::Continue(())
}

/// What a message holds of pages, its own first.
struct Pages {
    /// What the outermost head says.
    about: Option<Stated>,
    pages: Vec<(Stated, Result<Vec<u8>, Problem>)>,
}

impl Pages {
    fn read(&mut self, bytes: &[u8]) {
        // Parts that are still to be read, the next one last, each with whether its end was found.
        let mut rest = vec![(bytes, true, 0)];
        while let Some((bytes, is_whole, depth)) = rest.pop() {
            // A part may have no head.
            let end = head_end(bytes, 0).unwrap_or(bytes.len());
            let (Some(head), Some(body)) = (read_head(bytes), bytes.get(end..)) else { continue };
            let Some(kind) = head.content_type() else { continue };
            self.about.get_or_insert_with(|| about(&head));
            if kind.ctype() == "multipart" {
                let boundary = kind.attribute("boundary").unwrap_or_default();
                if depth < MAX_DEPTH && !boundary.is_empty() {
                    rest.extend(
                        parts(body, boundary).into_iter().rev().map(|(part, whole)| (part, whole, depth + 1)),
                    );
                }
                continue;
            }
            let is_page = matches!(
                (kind.ctype(), kind.subtype()),
                ("text", Some("html")) | ("application", Some("xhtml+xml"))
            );
            if is_page && self.pages.len() == MAX_PAGES {
                let why = format!("limit_members: more than {MAX_PAGES} pages in a page");
                self.pages.push((Stated::default(), Err(Problem::unreadable(why))));
                return;
            }
            if is_page {
                let mut stated = Stated::default();
                if let Some(address) = head.content_location() {
                    stated.address(address);
                }
                stated.provenance.media_type_hint = Some("text/html".to_owned());
                stated.provenance.charset_hint = kind.attribute("charset").map(str::to_owned);
                let body = if is_whole {
                    decoded(body, head.content_transfer_encoding().unwrap_or_default())
                } else {
                    Err(Problem::unreadable("truncated: the message ends within the page"))
                };
                self.pages.push((stated, body));
            }
        }
    }
}

/// What the head of the message says of the page.
fn about(head: &Message<'_>) -> Stated {
    let mut stated = Stated::default();
    let address = head.header("Snapshot-Content-Location").and_then(|value| value.as_text());
    if let Some(address) = address.or_else(|| head.content_location()) {
        stated.address(address);
    }
    // Some browsers cut the words of a subject within characters.
    let is_whole = |title: &String| !title.trim().is_empty() && !title.contains('\u{fffd}');
    stated.provenance.title = head.subject().map(str::to_owned).filter(is_whole);
    stated.provenance.fetched_at = head.date().and_then(|date| time::parse(&date.to_rfc3339()));
    stated
}

/// The parts between the lines of a boundary, each with whether a line ends it (RFC 2046, 5.1.1).
fn parts<'b>(body: &'b [u8], boundary: &str) -> Vec<(&'b [u8], bool)> {
    let line = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    for at in memmem::find_iter(body, line.as_bytes()) {
        if at > 0 && body.get(at - 1) != Some(&b'\n') {
            continue;
        }
        let behind = body.get(at + line.len()..).unwrap_or_default();
        let end = memchr::memchr(b'\n', behind).unwrap_or(behind.len());
        // A boundary may begin another one.
        let rest = behind.get(..end).unwrap_or_default().trim_ascii_end();
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(start) = open {
            // The line end before the boundary belongs to it.
            let part = body.get(start..at).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push((part.strip_suffix(b"\r").unwrap_or(part), true));
        }
        open = (rest != b"--").then_some((at + line.len() + end + 1).min(body.len()));
        if open.is_none() {
            break;
        }
    }
    if let Some(start) = open {
        parts.push((body.get(start..).unwrap_or_default(), false));
    }
    parts
}

fn decoded(body: &[u8], encoding: &str) -> Result<Vec<u8>, Problem> {
    let damaged = || Problem::unreadable(format!("damaged: {encoding}"));
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body).ok_or_else(damaged),
        "quoted-printable" => quoted_printable_decode(body).ok_or_else(damaged),
        "" | "7bit" | "8bit" | "binary" => Ok(body.to_vec()),
        _ => Err(Problem::unreadable(format!("unsupported_encoding: {encoding}"))),
    }
}
