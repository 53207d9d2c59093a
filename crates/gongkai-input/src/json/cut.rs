//! Cuts a stream into JSON objects.

use std::io::{BufRead, BufReader, Read};

use gongkai_model::Problem;
use memchr::memchr;
use serde_json::{Map, Value};

use super::mend::mend;
use crate::inflate::problem;

/// Bytes read at once.
const BUFFER: usize = 128 * 1024;

/// How the objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Whole ones on a line: a bad line costs itself.
    Lines,
    /// One after another, over lines, perhaps in an array.
    Sequence,
    /// In one array, behind whose end something else follows.
    Array,
}

/// Cuts a stream into objects.
pub(super) struct Objects<R> {
    reader: BufReader<R>,
    limit: usize,
    shape: Option<Shape>,
    /// The bytes of an object, or of a line of them.
    pub record: Vec<u8>,
}

/// What comes next.
pub(super) enum Next {
    /// [`Objects::record`] holds something.
    Record,
    /// Something was passed over.
    TooLong,
    /// The stream broke off.
    Cut(Problem),
    End,
}

impl<R: Read> Objects<R> {
    /// Objects of at most so many bytes.
    pub(super) fn new(inner: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, inner), limit, shape: None, record: Vec::new() }
    }

    /// The same, of the list that lies in an object under this key; `false` where there is none.
    pub(super) fn of_list(&mut self, key: &[u8]) -> std::io::Result<bool> {
        self.shape = Some(Shape::Array);
        // The key, then what stands between it and the list.
        let (mut text, mut quoted, mut escaped, mut found) = (Vec::new(), false, false, false);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let (mut used, mut begins) = (0, false);
            for &byte in buffer {
                used += 1;
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' if quoted => (quoted, found) = (false, text == key),
                    b'"' => {
                        (quoted, found) = (true, false);
                        text.clear();
                    }
                    _ if quoted && text.len() <= key.len() => text.push(byte),
                    _ if quoted => {}
                    b'[' if found => {
                        begins = true;
                        break;
                    }
                    b':' | b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ => found = false,
                }
            }
            self.reader.consume(used);
            if begins {
                return Ok(true);
            }
        }
    }

    pub(super) fn next(&mut self) -> Next {
        self.record.clear();
        match self.shape {
            None => self.first(),
            Some(Shape::Lines) => self.line(),
            Some(Shape::Sequence | Shape::Array) => self.value(),
        }
    }

    fn first(&mut self) -> Next {
        if let Err(error) = self.skip_mark() {
            return Next::Cut(problem(&error));
        }
        match self.reader.fill_buf() {
            Ok(head) => self.shape = Some(shape(head)),
            Err(error) => return Next::Cut(problem(&error)),
        }
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
        let is_array = self.shape == Some(Shape::Array);
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return Next::Cut(problem(&error)),
            };
            if buffer.is_empty() {
                return if depth == 0 && !quoted && !is_array {
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
                    b']' if depth == 0 && is_array => return Next::End,
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

/// Whole objects on a line make a file of lines, whatever the first line is; programs that write one over several lines
/// begin it with a bracket alone.
fn shape(head: &[u8]) -> Shape {
    let start = head.trim_ascii_start();
    let mut lines = start.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default().trim_ascii();
    let is_alone = start.len() == first.len() || start.trim_ascii_end().len() == first.len();
    if start.first() == Some(&b'[') || first == b"{" {
        return Shape::Sequence;
    }
    // A line that is not at its end yet is a long one, unless an object ended in it and another one followed.
    if is_alone {
        let (found, end) = whole(first);
        let goes_on = first.get(end..).is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b'{'));
        return if found > 0 && goes_on { Shape::Sequence } else { Shape::Lines };
    }
    let begins = |line: &&[u8]| line.first() == Some(&b'{');
    let is_whole = |line: &[u8]| {
        let (found, end) = whole(line);
        found > 0 && matches!(line.get(end..).unwrap_or_default().trim_ascii(), b"" | b",")
    };
    let ends_open = matches!(first.last(), Some(b',' | b'{' | b'[' | b':'));
    // Texts with line ends in them are no JSON, and are written.
    let (objects, all) = start
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .fold((0_usize, 0_usize), |(objects, all), line| (objects + usize::from(begins(&line)), all + 1));
    let is_mostly_text = first.first() == Some(&b'{') && objects * 2 < all;
    let ends_open = ends_open || is_mostly_text;
    if !ends_open || std::iter::once(first).chain(lines).filter(begins).any(is_whole) {
        Shape::Lines
    } else {
        Shape::Sequence
    }
}

/// How many whole objects a line begins with, and where the last of them ends.
fn whole(line: &[u8]) -> (usize, usize) {
    let line = mend_if_needed(line);
    let mut values = serde_json::Deserializer::from_slice(&line).into_iter::<Map<String, Value>>();
    let (mut found, mut end) = (0, 0);
    while let Some(Ok(_)) = values.next() {
        (found, end) = (found + 1, values.byte_offset());
    }
    (found, end)
}

fn mend_if_needed(line: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(line) {
        Ok(_) => line.into(),
        Err(_) => mend(line).into(),
    }
}

/// The objects in some bytes, one after another, and what is wrong with the rest of them.
pub(super) fn objects(bytes: &[u8], told: &mut dyn FnMut(Result<Map<String, Value>, Problem>) -> bool) {
    if let Ok(object) = serde_json::from_slice(bytes) {
        told(Ok(object));
        return;
    }
    let mended = mend(bytes);
    let mut values = serde_json::Deserializer::from_slice(&mended).into_iter::<Map<String, Value>>();
    loop {
        let at = values.byte_offset();
        match values.next() {
            Some(Ok(object)) => {
                if !told(Ok(object)) {
                    return;
                }
            }
            Some(Err(error)) => {
                // A comma between lines, as in a list without its brackets.
                let rest = mended.get(at..).unwrap_or_default().trim_ascii();
                if at == 0 || !matches!(rest, b"," | b"]") {
                    told(Err(bad(&error)));
                }
                return;
            }
            None => return,
        }
    }
}

/// Why a record is none.
pub(super) fn bad(error: &serde_json::Error) -> Problem {
    let what = if error.is_eof() { "truncated" } else { "bad_record" };
    Problem::unreadable(format!("{what}: {error}"))
}
