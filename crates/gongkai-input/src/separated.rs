//! Tables of pages as separated values (RFC 4180, and as spreadsheets and data frames write them): one page a row, the names
//! of the columns in the first. A table without a column for the page is a document.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::GB18030;
use gongkai_model::Problem;

use crate::inflate::{Limit, problem};
use crate::met::{Flow, Place, Walk};
use crate::options::Fields;
use crate::raw::Raw;
use crate::record::{Columns, Row};
use crate::sidecar::Stated;

/// What separates values.
const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];
/// Longest first row.
const MAX_HEAD: usize = 8 * 1024;
/// A row is read when it is so many times as long as the longest document: it may hold two bodies.
const BODIES: u64 = 2;

/// What separates the values of a table of pages, if the bytes begin one.
pub(crate) fn separator(head: &[u8], fields: &Fields) -> Option<u8> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let end = memchr::memchr(b'\n', start.get(..MAX_HEAD).unwrap_or(start))?;
    let line = start.get(..end)?;
    SEPARATORS.into_iter().find(|separator| {
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(*separator).from_reader(line);
        let mut names = ByteRecord::new();
        let is_row = line.contains(separator) && reader.read_byte_record(&mut names).is_ok_and(|read| read);
        is_row && columns(&names, fields).is_some_and(|columns| columns.are_telling())
    })
}

fn columns(names: &ByteRecord, fields: &Fields) -> Option<Columns> {
    let names: Vec<Cow<'_, str>> = names.iter().map(text).collect();
    Columns::of(names.iter().map(|name| (&**name, true)), fields)
}

/// Spreadsheets on Chinese systems write GBK.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.trim_ascii();
    std::str::from_utf8(bytes).map_or_else(|_| GB18030.decode_without_bom_handling(bytes).0, Cow::Borrowed)
}

/// Hands out the rows, counted from 1 below the names.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, raw: Raw<'_>, separator: u8) -> Flow {
    let limit = walk.options.max_bytes.saturating_mul(BODIES);
    let seen = Rc::new(Seen { left: Cell::new(limit), quotes: Cell::new(0), ended: Cell::new(false) });
    let watched = Watched { inner: raw, seen: Rc::clone(&seen) };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(watched);
    let mut row = ByteRecord::new();
    let columns = match reader.read_byte_record(&mut row) {
        Ok(_) => columns(&row, &walk.options.fields),
        Err(error) => return walk.lost(place, 0, why(error, limit)),
    };
    let Some(columns) = columns else { return walk.lost(place, 0, Problem::unreadable("damaged: csv")) };
    let width = row.len();
    let mut number = 0;
    loop {
        seen.left.set(limit);
        let read = reader.read_byte_record(&mut row);
        if matches!(read, Ok(false)) {
            break;
        }
        number += 1;
        let own = || place.record(number, Stated::default());
        if let Err(error) = read {
            return walk.lost(&own(), 0, why(error, limit));
        }
        // The last row of a file that was cut ends in the middle of a value, and nothing else shows it.
        let is_cut = seen.quotes.get() % 2 == 1 || row.len() < width;
        if seen.ended.get() && is_cut {
            return walk.lost(&own(), row.as_slice().len() as u64, Problem::unreadable("truncated: csv"));
        }
        let value = |at: usize| row.get(at).map(<[u8]>::trim_ascii).filter(|value| !value.is_empty());
        let said = |at: Option<usize>| at.and_then(value).map(|value| text(value).into_owned());
        let body = |at: usize| row.get(at).filter(|value| !value.trim_ascii().is_empty()).map(<[u8]>::to_vec);
        let bodies = columns.bodies.iter().filter_map(|(name, at)| Some((name.clone(), body(*at)?)));
        let page = Row {
            bodies: bodies.collect(),
            url: said(columns.url),
            title: said(columns.title),
            fetched_at: said(columns.fetched_at),
            content_type: said(columns.content_type),
        };
        page.hand_out(walk, place, number, None)?;
        if number >= walk.options.limits.members {
            let rest = place.record(number + 1, Stated::default());
            return walk.lost(&rest, 0, Problem::unreadable(format!("limit_members: more than {number}")));
        }
    }
    if number == 0 {
        return walk.lost(place, 0, Problem::unreadable("empty_archive"));
    }
    Flow::Continue(())
}

/// Why no more rows are read. A quote that nothing closes makes one row of the rest.
fn why(error: csv::Error, limit: u64) -> Problem {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => {
            let problem = problem(&error);
            if problem.reason.starts_with(LONG) {
                return Problem::unreadable(format!(
                    "too_large: more than {limit} bytes in a row (is a quote not closed?)"
                ));
            }
            problem
        }
        _ => Problem::unreadable("damaged: csv"),
    }
}

/// What the reader says when a row is too long.
const LONG: &str = "too_large: row";

/// What was seen of the bytes so far.
struct Seen {
    /// Bytes that the row may still have.
    left: Cell<u64>,
    quotes: Cell<u64>,
    ended: Cell<bool>,
}

/// The bytes, watched.
struct Watched<R> {
    inner: R,
    seen: Rc<Seen>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        let seen = &self.seen;
        let quotes = memchr::memchr_iter(b'"', out.get(..n).unwrap_or_default()).count() as u64;
        seen.quotes.set(seen.quotes.get() + quotes);
        seen.ended.set(n == 0 && !out.is_empty());
        let left = seen.left.get().checked_sub(n as u64).ok_or_else(|| Limit(LONG.to_owned()))?;
        seen.left.set(left);
        Ok(n)
    }
}
