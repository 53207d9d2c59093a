//! JSON: objects line after line, one after another, or in one array.

use std::io::{BufRead, BufReader, Read};

use gongkai_model::Problem;
use memchr::{memchr, memchr2};
use serde_json::{Map, Value};

use crate::inflate::problem;
use crate::met::{Flow, Place, Walk};
use crate::options::{Fields, same_name};
use crate::raw::Raw;
use crate::record::Row;
use crate::sidecar::Stated;

/// Bytes read at once.
const BUFFER: usize = 128 * 1024;
/// A record is read when it is so many times as long as the longest document: JSON escapes, and holds two bodies.
const ESCAPED: u64 = 2;

/// Whether the bytes begin JSON objects of which the first one holds a page.
pub(crate) fn holds_pages(head: &[u8], fields: &Fields) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let start = start.strip_prefix(b"[").unwrap_or(start).trim_ascii_start();
    let Some(inside) = start.strip_prefix(b"{") else { return false };
    keys_of_texts(inside).iter().any(|key| fields.body.iter().any(|name| same_name(key, name)))
}

/// The keys of an object whose values are strings, as far as the bytes go.
fn keys_of_texts(inside: &[u8]) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut rest, mut depth) = (inside, 1_usize);
    let mut key: Option<String> = None;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => {
                let (text, after) = match string_end(after) {
                    Some(end) => (after.get(..end), after.get(end + 1..).unwrap_or_default()),
                    None => (None, [].as_slice()),
                };
                if depth == 1 {
                    match key.take() {
                        // The value's beginning suffices: it may be longer than the head.
                        Some(key) => keys.push(key),
                        None => key = text.map(|t| String::from_utf8_lossy(t).into_owned()),
                    }
                }
                rest = after;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b',' if depth == 1 => key = None,
            _ => {}
        }
    }
    keys
}

/// Where a string ends whose first quote was passed.
fn string_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Hands out the pages of JSON objects.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, raw: Raw<'_>) -> Flow {
    let limit = walk.options.max_bytes.saturating_mul(ESCAPED);
    let mut objects = Objects {
        reader: BufReader::with_capacity(BUFFER, raw),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        shape: None,
        record: Vec::new(),
    };
    let mut number = 0;
    loop {
        let next = objects.next();
        if matches!(next, Next::End) {
            return if number == 0 {
                walk.lost(place, 0, Problem::unreadable("empty_archive"))
            } else {
                Flow::Continue(())
            };
        }
        number += 1;
        let lost = |problem: Problem| (place.record(number, Stated::default()), problem);
        let (own, problem) = match next {
            Next::End => return Flow::Continue(()),
            Next::Record => match serde_json::from_slice::<Map<String, Value>>(&objects.record) {
                Ok(object) => {
                    row(object, &walk.options.fields).hand_out(walk, place, number)?;
                    if number >= walk.options.limits.members {
                        let why = format!("limit_members: more than {number}");
                        let rest = place.record(number + 1, Stated::default());
                        return walk.lost(&rest, 0, Problem::unreadable(why));
                    }
                    continue;
                }
                Err(error) => lost(Problem::unreadable(format!("bad_record: {error}"))),
            },
            Next::TooLong => lost(Problem::unreadable(format!("too_large: more than {limit} bytes of JSON"))),
            Next::Cut(why) => {
                let (own, problem) = lost(why);
                return walk.lost(&own, objects.record.len() as u64, problem);
            }
        };
        walk.lost(&own, objects.record.len() as u64, problem)?;
    }
}

fn row(mut object: Map<String, Value>, fields: &Fields) -> Row {
    let mut row = Row {
        url: take(&mut object, &fields.url).map(|(_, text)| text),
        title: take(&mut object, &fields.title).map(|(_, text)| text),
        fetched_at: take(&mut object, &fields.fetched_at).map(|(_, text)| text),
        content_type: take(&mut object, &fields.content_type).map(|(_, text)| text),
        bodies: Vec::new(),
    };
    while let Some((name, text)) = take(&mut object, &fields.body) {
        row.bodies.push((name, text.into_bytes()));
    }
    row
}

/// Takes the first of the names out of an object, where it holds text or a number.
fn take(object: &mut Map<String, Value>, names: &[String]) -> Option<(String, String)> {
    for name in names {
        let found = object.iter().find(|(key, value)| same_name(key, name) && is_text(value));
        let Some(key) = found.map(|(key, _)| key.clone()) else { continue };
        let text = match object.remove(&key)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Some((key, text));
    }
    None
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(_) => true,
        _ => false,
    }
}

/// How the objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One a line: a bad line costs itself.
    Lines,
    /// One after another, over lines, perhaps in an array.
    Sequence,
}

/// Cuts a stream into objects.
struct Objects<R> {
    reader: BufReader<R>,
    limit: usize,
    shape: Option<Shape>,
    /// The object at hand.
    record: Vec<u8>,
}

enum Next {
    /// [`Objects::record`] holds one.
    Record,
    /// One was passed over.
    TooLong,
    /// The stream broke off.
    Cut(Problem),
    End,
}

impl<R: Read> Objects<R> {
    fn next(&mut self) -> Next {
        self.record.clear();
        match self.shape {
            None => self.first(),
            Some(Shape::Lines) => self.line(),
            Some(Shape::Sequence) => self.value(),
        }
    }

    /// The first line decides: one whole object begins a file of lines.
    fn first(&mut self) -> Next {
        if let Err(error) = self.skip_mark() {
            return Next::Cut(problem(&error));
        }
        let start = match self.reader.fill_buf() {
            Ok(start) => start.trim_ascii_start(),
            Err(error) => return Next::Cut(problem(&error)),
        };
        let line = memchr(b'\n', start).map(|end| start.get(..end).unwrap_or_default());
        let is_lines = match line {
            _ if start.first() == Some(&b'[') => false,
            Some(line) => serde_json::from_slice::<Map<String, Value>>(line).is_ok(),
            // A line longer than the buffer: nobody writes an object over several lines that way.
            None => true,
        };
        self.shape = Some(if is_lines { Shape::Lines } else { Shape::Sequence });
        self.next()
    }

    fn skip_mark(&mut self) -> std::io::Result<()> {
        let mark = b"\xef\xbb\xbf";
        if self.reader.fill_buf()?.starts_with(mark) {
            self.reader.consume(mark.len());
        }
        Ok(())
    }

    /// The next line that is not blank.
    fn line(&mut self) -> Next {
        loop {
            let mut long = false;
            loop {
                let buffer = match self.reader.fill_buf() {
                    Ok(buffer) => buffer,
                    Err(error) => return Next::Cut(problem(&error)),
                };
                let end = memchr(b'\n', buffer);
                let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
                long |= self.record.len() + part.len() > self.limit;
                if !long {
                    self.record.extend_from_slice(part);
                }
                let (used, last) =
                    (part.len() + usize::from(end.is_some()), end.is_some() || buffer.is_empty());
                self.reader.consume(used);
                if last {
                    if used == 0 && self.record.is_empty() && !long {
                        return Next::End;
                    }
                    break;
                }
            }
            if long {
                return Next::TooLong;
            }
            if !self.record.trim_ascii().is_empty() {
                return Next::Record;
            }
            self.record.clear();
        }
    }

    /// The next object, wherever it lies.
    fn value(&mut self) -> Next {
        let (mut depth, mut quoted, mut escaped, mut long) = (0_usize, false, false, false);
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return Next::Cut(problem(&error)),
            };
            if buffer.is_empty() {
                return if depth == 0 && !quoted {
                    Next::End
                } else {
                    Next::Cut(Problem::unreadable("truncated"))
                };
            }
            let (mut used, mut ended, mut from) = (0, false, 0);
            for &byte in buffer {
                used += 1;
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    _ if quoted => {}
                    b'{' => {
                        if depth == 0 {
                            from = used - 1;
                        }
                        depth += 1;
                    }
                    b'}' if depth > 0 => {
                        depth -= 1;
                        if depth == 0 {
                            ended = true;
                            break;
                        }
                    }
                    _ if depth == 0 => from = used,
                    _ => {}
                }
            }
            let part = buffer.get(from..used).unwrap_or_default();
            long |= self.record.len() + part.len() > self.limit;
            if !long {
                self.record.extend_from_slice(part);
            }
            self.reader.consume(used);
            if ended {
                return if long { Next::TooLong } else { Next::Record };
            }
        }
    }
}
