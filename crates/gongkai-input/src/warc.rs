//! Record files: WARC 1.0 and 1.1 (ISO 28500), and ARC, which it replaced, plain or in gzip members.
//!
//! Damage costs the record it lies in and no other: the reader goes on at the next place where a record begins, and the
//! bytes between are named in the reason of a capture.

use std::io;
use std::sync::Arc;

use gongkai_model::{CaptureStatus, Problem};

use crate::contain::contain_bytes;
use crate::feed::Feed;
use crate::http::{Head as HttpHead, fields, head_end};
use crate::inflate::{Damage, problem};
use crate::met::{Flow, Place, Walk};
use crate::plan::SidecarKind;
use crate::raw::Raw;
use crate::sidecar::Stated;
use crate::time;

/// A format of record files. They differ in the heads of records only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// ISO 28500.
    Warc,
    /// Internet Archive ARC, versions 1 and 2: a line with address, host, time, media type and length.
    Arc,
}

impl Format {
    /// How a record begins, or may begin where anything tells, as far as one looks for it.
    fn magic(self) -> &'static [u8] {
        match self {
            Self::Warc => b"\nWARC/1.",
            Self::Arc => b"\nhttp",
        }
    }

    /// Whether a record can begin with these bytes.
    fn may_begin(self, bytes: &[u8]) -> bool {
        let beginnings: &[&[u8]] = match self {
            Self::Warc => &[b"WARC/"],
            Self::Arc => &[b"http", b"dns:", b"ftp:", b"filedesc:", b"metadata:", b"mailto:"],
        };
        beginnings.iter().any(|known| {
            let length = known.len().min(bytes.len());
            known.get(..length) == bytes.get(..length)
        })
    }
}

/// Longest head of a record or a response.
const MAX_HEAD: usize = 1024 * 1024;
/// Damaged places after which a file is given up: looking for the next record costs time.
const MAX_DAMAGE: u64 = 10_000;

/// Hands out the documents of a record file.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, raw: Raw<'_>, format: Format, gzip: bool) -> Flow {
    let mut file = File {
        feed: Feed::new(raw, gzip, format.magic(), &walk.options.limits),
        format,
        place,
        number: 0,
        damaged: 0,
        pending: None,
    };
    loop {
        match file.feed.next_member() {
            Ok(true) => {
                if !file.member(walk)? {
                    break;
                }
            }
            Ok(false) => break,
            Err(error) => {
                file.broken(walk, Broken { head: None, why: problem(&error) }, file.feed.position())?;
                break;
            }
        }
    }
    let end = file.feed.position();
    file.report_lost(walk, end)?;
    if file.number == 0 {
        walk.lost(place, 0, Problem::unreadable("empty_archive"))?;
    }
    Flow::Continue(())
}

struct File<'a, 'p> {
    feed: Feed<'a>,
    format: Format,
    place: &'p Place,
    /// Records met, of any type, damaged ones included.
    number: u64,
    damaged: u64,
    /// A damaged record whose end is not known yet.
    pending: Option<(Place, u64, Problem)>,
}

/// A record that could not be read.
struct Broken {
    head: Option<Head>,
    why: Problem,
}

impl File<'_, '_> {
    /// Reads the records of a member; `false` when the file has to be given up.
    fn member(&mut self, walk: &mut Walk<'_>) -> std::ops::ControlFlow<(), bool> {
        loop {
            let start = match self.skip_newlines() {
                Ok(true) => self.feed.start(),
                Ok(false) => return std::ops::ControlFlow::Continue(true),
                Err(error) => {
                    let start = self.feed.start();
                    self.broken(walk, Broken { head: None, why: problem(&error) }, start)?;
                    return self.go_on(&error, start);
                }
            };
            let (head, read) = self.record(walk, start);
            match read {
                Ok(content) => {
                    self.report_lost(walk, start)?;
                    self.number += 1;
                    if let Some(head) = head {
                        self.hand_out(walk, head, content)?;
                    }
                }
                Err(error) => {
                    self.broken(walk, Broken { head, why: problem(&error) }, start)?;
                    return self.go_on(&error, start);
                }
            }
            if self.number >= walk.options.limits.members {
                self.give_up(walk, format!("limit_members: more than {}", walk.options.limits.members))?;
                return std::ops::ControlFlow::Continue(false);
            }
        }
    }

    /// Finds the next record after damage.
    fn go_on(&mut self, error: &io::Error, start: u64) -> std::ops::ControlFlow<(), bool> {
        let is_system = error.raw_os_error().is_some() || error.kind() == io::ErrorKind::QuotaExceeded;
        let found = !is_system && self.damaged < MAX_DAMAGE && self.feed.resync(start + 1).unwrap_or(false);
        std::ops::ControlFlow::Continue(found)
    }

    fn give_up(&mut self, walk: &mut Walk<'_>, why: String) -> Flow {
        self.number += 1;
        let place = self.place.record(self.number, Stated::default());
        walk.lost(&place, 0, Problem::unreadable(why))
    }

    /// Remembers a damaged record until it is known where the next one begins. Places in the middle of damage that only
    /// looked like a beginning are no records.
    fn broken(&mut self, walk: &mut Walk<'_>, broken: Broken, start: u64) -> Flow {
        self.damaged += 1;
        if self.pending.is_some() && broken.head.is_none() {
            return Flow::Continue(());
        }
        self.report_lost(walk, start)?;
        self.number += 1;
        let stated = broken.head.as_ref().map(Head::stated).unwrap_or_default();
        self.pending = Some((self.place.record(self.number, stated), start, broken.why));
        Flow::Continue(())
    }

    fn report_lost(&mut self, walk: &mut Walk<'_>, end: u64) -> Flow {
        let Some((place, start, why)) = self.pending.take() else { return Flow::Continue(()) };
        let reason = format!("{} (bytes {start} to {end} of the file are lost)", why.reason);
        walk.lost(&place, end.saturating_sub(start), Problem { status: why.status, reason })
    }

    /// Passes over line ends; `false` at the end of the member.
    fn skip_newlines(&mut self) -> io::Result<bool> {
        loop {
            let some = self.feed.fill()?;
            if some.is_empty() {
                return Ok(false);
            }
            let n = some.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            let more = n < some.len();
            self.feed.consume(n);
            if more {
                return Ok(true);
            }
        }
    }

    /// Reads one record to its end. The head is told even where the rest is damaged.
    fn record(&mut self, walk: &Walk<'_>, start: u64) -> (Option<Head>, io::Result<Content>) {
        let read = match self.format {
            Format::Warc => self.head().and_then(|bytes| Head::parse(&bytes)),
            Format::Arc => self.line().and_then(|bytes| Head::of_arc(&bytes)),
        };
        let head = match read {
            Ok(head) => head,
            Err(error) => return (None, Err(error)),
        };
        let content = self.content(&head, walk.options.max_bytes).and_then(|content| {
            self.check_end(start)?;
            Ok(content)
        });
        (Some(head), content)
    }

    /// What follows a record must be another one, or nothing; in its own member, the checksum must be right.
    fn check_end(&mut self, start: u64) -> io::Result<()> {
        if !self.skip_newlines()? {
            return Ok(());
        }
        if self.feed.start() == start {
            // A further record of the same member: its beginning is looked at when it is read.
            return Ok(());
        }
        if self.format.may_begin(self.feed.fill()?) {
            return Ok(());
        }
        Err(Damage("damaged: the record does not end where its length says".to_owned()).into())
    }

    /// Takes the record's head off, through its blank line.
    fn head(&mut self) -> io::Result<Vec<u8>> {
        let none = || io::Error::from(Damage("damaged: no record header".to_owned()));
        let mut head = Vec::new();
        loop {
            let some = self.feed.fill()?;
            if some.is_empty() {
                return Err(none());
            }
            let known = head.len();
            let room = MAX_HEAD.saturating_sub(known);
            let some = some.get(..room.min(some.len())).unwrap_or_default();
            let whole = if known == 0 { head_end(some, 0).and_then(|end| some.get(..end)) } else { None };
            if let Some(whole) = whole {
                let head = whole.to_vec();
                self.feed.consume(head.len());
                return if self.format.may_begin(&head) { Ok(head) } else { Err(none()) };
            }
            head.extend_from_slice(some);
            if some.is_empty() || !self.format.may_begin(&head) {
                return Err(none());
            }
            let n = some.len();
            match head_end(&head, known.saturating_sub(3)) {
                Some(end) => {
                    self.feed.consume(end.saturating_sub(known));
                    head.truncate(end);
                    return Ok(head);
                }
                None => self.feed.consume(n),
            }
        }
    }

    /// Takes a line off, which is the head of a record of ARC.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let none = || io::Error::from(Damage("damaged: no record header".to_owned()));
        let mut line = Vec::new();
        loop {
            let some = self.feed.fill()?;
            let end = memchr::memchr(b'\n', some);
            let some = some.get(..end.unwrap_or(some.len())).unwrap_or_default();
            let is_over = some.is_empty() && end.is_none();
            if is_over || line.len() + some.len() > MAX_HEAD {
                return Err(none());
            }
            line.extend_from_slice(some);
            let used = some.len() + usize::from(end.is_some());
            self.feed.consume(used);
            if !self.format.may_begin(&line) {
                return Err(none());
            }
            if end.is_some() {
                return Ok(line);
            }
        }
    }

    /// The record's block, as far as it is wanted.
    fn content(&mut self, head: &Head, limit: u64) -> io::Result<Content> {
        let wanted = match head.kind {
            Kind::Response | Kind::Document => true,
            Kind::Revisit | Kind::Segment | Kind::About => false,
        };
        if !wanted {
            self.feed.skip(head.length)?;
            return Ok(Content::None);
        }
        let overhead = if head.kind == Kind::Response { MAX_HEAD as u64 } else { 0 };
        if head.length > limit.saturating_add(overhead) {
            self.feed.skip(head.length)?;
            return Ok(Content::TooLarge(head.length));
        }
        let mut block = Vec::with_capacity(usize::try_from(head.length).unwrap_or(0).min(MAX_HEAD));
        self.feed.read_into(&mut block, head.length)?;
        let mut http = None;
        if head.kind == Kind::Response {
            // Without a blank line it is all head: a response without a body.
            let end = head_end(&block, 0).unwrap_or(block.len());
            http = block.get(..end).and_then(HttpHead::parse);
            if http.is_some() {
                block.drain(..end);
            }
        }
        Ok(if block.len() as u64 > limit {
            Content::TooLarge(block.len() as u64)
        } else {
            Content::Body(http, block)
        })
    }

    fn hand_out(&mut self, walk: &mut Walk<'_>, head: Head, content: Content) -> Flow {
        let mut stated = head.stated();
        let mut place = self.place.record(self.number, Stated::default());
        place.ties.digest = head.digest.as_deref().map(Arc::from);
        place.ties.revisit = head.kind == Kind::Revisit;
        let limits = &walk.options.limits;
        let limit = walk.options.max_bytes;
        let (http, read) = match content {
            Content::None => (None, Ok(Vec::new())),
            Content::TooLarge(size) => {
                (None, Err(Problem::unreadable(format!("too_large: {size} bytes, limit {limit}"))))
            }
            Content::Body(http, stored) => match http {
                Some(http) => {
                    let body = http.body(stored, limit, limits);
                    (Some(http), body)
                }
                None => (None, Ok(stored)),
            },
        };
        if let Some(http) = &http {
            stated.http_status = http.status;
            if let Some(text) = &http.content_type {
                stated.content_type(text);
            }
        }
        place.stated = Some(Arc::new(stated));
        match (head.kind, read) {
            (Kind::About, _) => walk.sidecar(&place.container, SidecarKind::Record),
            (Kind::Segment, _) => walk.lost(&place, head.length, Problem::unreadable("segmented_record")),
            (Kind::Revisit, _) => {
                let reason = "revisit: fetched again, content unchanged".to_owned();
                walk.lost(&place, 0, Problem { status: CaptureStatus::Duplicate, reason })
            }
            (_, Err(problem)) => walk.lost(&place, head.length, problem),
            (_, Ok(_)) if head.truncated.is_some() => {
                let why = head.truncated.unwrap_or_default();
                walk.lost(&place, head.length, Problem::unreadable(format!("truncated_body: {why}")))
            }
            (_, Ok(body)) if body.is_empty() => {
                let status =
                    http.and_then(|h| h.status).map_or(String::new(), |s| format!(": http status {s}"));
                walk.lost(&place, 0, Problem::unreadable(format!("empty{status}")))
            }
            (_, Ok(body)) => contain_bytes(walk, &place, body),
        }
    }
}

/// What was read of a record's block.
enum Content {
    None,
    TooLarge(u64),
    Body(Option<HttpHead>, Vec<u8>),
}

/// What a record is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An HTTP response.
    Response,
    /// A document as it is: `resource`, `conversion`.
    Document,
    /// A fetch that brought nothing new.
    Revisit,
    /// A part of a record that was cut into several, its first part included.
    Segment,
    /// Something about the crawl: `warcinfo`, `request`, `metadata`, DNS.
    About,
}

/// What a record's head says.
#[derive(Debug)]
struct Head {
    kind: Kind,
    length: u64,
    uri: Option<String>,
    date: Option<i64>,
    content_type: Option<String>,
    digest: Option<String>,
    truncated: Option<String>,
}

impl Head {
    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (mut kind, mut length, mut segmented) = (String::new(), None, false);
        let mut head = Self {
            kind: Kind::About,
            length: 0,
            uri: None,
            date: None,
            content_type: None,
            digest: None,
            truncated: None,
        };
        for (name, value) in fields(&text) {
            match name.to_ascii_lowercase().as_str() {
                "warc-type" => kind = value.to_ascii_lowercase(),
                "content-length" => length = value.parse().ok(),
                "warc-target-uri" => {
                    head.uri = Some(value.trim_start_matches('<').trim_end_matches('>').to_owned());
                }
                "warc-date" => head.date = time::parse(&value),
                "content-type" => head.content_type = Some(value),
                "warc-payload-digest" => head.digest = Some(value.to_ascii_lowercase()),
                "warc-truncated" => head.truncated = Some(value),
                "warc-segment-number" => segmented = true,
                _ => {}
            }
        }
        head.length =
            length.ok_or_else(|| io::Error::from(Damage("damaged: no length of the record".to_owned())))?;
        head.kind = head.kind_of(&kind, segmented);
        Ok(head)
    }

    /// Version 1 is `address host time type length`; version 2 has more before the length. Addresses may hold blanks.
    fn of_arc(line: &[u8]) -> io::Result<Self> {
        let none = || io::Error::from(Damage("damaged: no record header".to_owned()));
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_time =
            |word: &str| matches!(word.len(), 8 | 12 | 14) && word.bytes().all(|b| b.is_ascii_digit());
        let is_host =
            |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'-'));
        let mut pairs = words.windows(2).enumerate().skip(1);
        let at = pairs.find(|(_, pair)| matches!(pair, [host, time] if is_host(host) && is_time(time)));
        let at = at.map(|(at, _)| at + 1).ok_or_else(none)?;
        let length = words
            .last()
            .filter(|_| words.len() > at + 2)
            .and_then(|word| word.parse().ok())
            .ok_or_else(none)?;
        let uri = words.get(..at - 1).map(|words| words.join(" ")).unwrap_or_default();
        let kind = if uri.starts_with("http") { Kind::Response } else { Kind::About };
        let date = words.get(at).and_then(|word| time::archive(word));
        let content_type = words.get(at + 1).map(|word| (*word).to_owned());
        Ok(Self { kind, length, uri: Some(uri), date, content_type, digest: None, truncated: None })
    }

    fn kind_of(&self, name: &str, segmented: bool) -> Kind {
        let http =
            self.content_type.as_deref().is_none_or(|t| t.trim_start().starts_with("application/http"));
        match name {
            "continuation" => Kind::Segment,
            "response" | "resource" | "conversion" if segmented => Kind::Segment,
            "response" if http => Kind::Response,
            "response" if self.uri.as_deref().is_some_and(|u| u.starts_with("dns:")) => Kind::About,
            "response" | "resource" | "conversion" => Kind::Document,
            "revisit" => Kind::Revisit,
            _ => Kind::About,
        }
    }

    fn stated(&self) -> Stated {
        let mut stated = Stated::default();
        if let Some(uri) = &self.uri {
            stated.address(uri);
        }
        stated.provenance.fetched_at = self.date;
        if let Some(text) = self.content_type.as_deref().filter(|_| self.kind == Kind::Document) {
            stated.content_type(text);
        }
        stated
    }
}
