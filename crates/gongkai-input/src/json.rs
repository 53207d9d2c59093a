//! JSON: objects line after line, one after another, or in one array, with pages in them at any depth.

mod cut;
mod find;
pub(crate) mod har;
mod mend;

use std::collections::BTreeSet;

use gongkai_model::Problem;
use memchr::memchr2;

use self::cut::{Next, Objects, objects};
use self::find::{Found, find, is_document};
use crate::met::{Flow, Place, Walk};
use crate::options::{Fields, named};
use crate::raw::Raw;
use crate::sidecar::Stated;

/// A record is read when it is so many times as long as the longest document: JSON escapes, and holds two bodies.
const ESCAPED: u64 = 2;
/// Records without a page that are waited with until a page is met.
const MAX_WAITING: usize = 100_000;

/// What the first bytes of a file are, if they are JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Objects that hold pages.
    Pages,
    /// Objects; none of the first ones holds a page.
    Objects,
}

/// Whether the bytes begin JSON objects.
pub(crate) fn look(head: &[u8], fields: &Fields) -> Option<Look> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let inside = start.strip_prefix(b"[").unwrap_or(start).trim_ascii_start();
    if inside.first() != Some(&b'{') && !is_lines(start) {
        return None;
    }
    Some(if holds_page(start, fields) { Look::Pages } else { Look::Objects })
}

/// Whether most lines are objects, although the first one is not.
fn is_lines(start: &[u8]) -> bool {
    if matches!(start.first(), None | Some(b'<')) || memchr::memmem::find(start, b"\n{\"").is_none() {
        return false;
    }
    let lines = start.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (objects, all) = lines.fold((0_usize, 0_usize), |(objects, all), line| {
        (objects + usize::from(line.starts_with(b"{\"")), all + 1)
    });
    objects * 2 >= all
}

/// Whether a key that may hold a page has a text, as far as the bytes go: in an outermost object any, deeper a document.
fn holds_page(start: &[u8], fields: &Fields) -> bool {
    let is_body = |key: &str, is_outermost: bool| {
        let last = |name: &str| name.rsplit('.').next().is_some_and(|last| named(key, last));
        let of = |name: &String| if is_outermost { named(key, name) } else { last(name) };
        fields.body.iter().any(of)
    };
    let (mut rest, mut depth) = (start, 0_usize);
    let mut before: Option<&[u8]> = None;
    // The key whose value is read, and in how many lists it stands: the texts of a list in it are its own.
    let (mut key, mut lists, mut lists_around): (Option<String>, usize, usize) = (None, 0, 0);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => {
                // The value's beginning suffices: it may be longer than the head.
                let end = string_end(after);
                let text = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
                rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
                if let Some(key) = &key
                    && is_body(key, depth == 1)
                    && (depth == 1 && !text.trim_ascii().is_empty()
                        || is_document(&String::from_utf8_lossy(text)))
                {
                    return true;
                }
                before = Some(text);
            }
            b':' => {
                key = before.take().map(|text| String::from_utf8_lossy(text).into_owned());
                lists_around = lists;
            }
            b',' if lists == lists_around => key = None,
            b'{' => (depth, key) = (depth + 1, None),
            b'}' => (depth, key) = (depth.saturating_sub(1), None),
            b'[' => lists += 1,
            b']' => lists = lists.saturating_sub(1),
            _ => {}
        }
    }
    false
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
    let mut records = Objects::new(raw, usize::try_from(limit).unwrap_or(usize::MAX));
    let mut file = File { place, number: 0, waiting: Some(Waiting::default()) };
    loop {
        match records.next() {
            Next::End => break,
            Next::Record => {
                let mut flow = Flow::Continue(());
                let size = records.record.len() as u64;
                objects(&records.record, &mut |read| {
                    flow = match read {
                        Ok(object) => file.object(walk, &object),
                        Err(why) => file.lost(walk, size, why),
                    };
                    flow.is_continue() && file.number < walk.options.limits.members
                });
                flow?;
            }
            Next::TooLong => {
                let why = format!("too_large: more than {limit} bytes of JSON");
                file.lost(walk, 0, Problem::unreadable(why))?;
            }
            Next::Cut(why) => {
                file.lost(walk, records.record.len() as u64, why)?;
                break;
            }
        }
        if file.number >= walk.options.limits.members {
            let why = format!("limit_members: more than {}", file.number);
            file.lost(walk, 0, Problem::unreadable(why))?;
            break;
        }
    }
    file.end(walk)
}

/// A file of objects.
struct File<'p> {
    place: &'p Place,
    /// Objects met, damaged ones included.
    number: u64,
    /// What is told when a page is met: a file without one is one thing that is no page, and not many.
    waiting: Option<Waiting>,
}

#[derive(Default)]
struct Waiting {
    lost: Vec<(u64, u64, Problem)>,
    /// Fields of the objects.
    fields: BTreeSet<String>,
    /// Whether any object is whole.
    is_sound: bool,
}

impl File<'_> {
    fn object(&mut self, walk: &mut Walk<'_>, object: &serde_json::Map<String, serde_json::Value>) -> Flow {
        match find(object, &walk.options.fields) {
            Found::Pages(rows) => {
                self.tell(walk)?;
                self.number += 1;
                let is_only = rows.len() == 1;
                for (row, at) in rows.into_iter().zip(1_u64..) {
                    row.hand_out(walk, self.place, self.number, (!is_only).then_some(at))?;
                }
                Flow::Continue(())
            }
            // Its fields are those of a page.
            Found::Blank => {
                self.tell(walk)?;
                self.lost(walk, 0, Problem::unreadable("empty"))
            }
            Found::None => {
                let names = shown(object.keys().map(String::as_str));
                if let Some(waiting) = &mut self.waiting {
                    waiting.is_sound = true;
                    waiting.fields.extend(object.keys().take(SHOWN).cloned());
                    waiting.fields = std::mem::take(&mut waiting.fields).into_iter().take(SHOWN).collect();
                }
                self.lost(walk, 0, Problem::unreadable(format!("no_document_field: fields are {names}")))
            }
        }
    }

    /// An object that holds no page, or none that can be read.
    fn lost(&mut self, walk: &mut Walk<'_>, size: u64, problem: Problem) -> Flow {
        self.number += 1;
        match &mut self.waiting {
            Some(waiting) if waiting.lost.len() < MAX_WAITING => {
                waiting.lost.push((self.number, size, problem));
                Flow::Continue(())
            }
            _ => {
                self.tell(walk)?;
                walk.lost(&self.place.record(self.number, Stated::default()), size, problem)
            }
        }
    }

    /// Tells what was waited with.
    fn tell(&mut self, walk: &mut Walk<'_>) -> Flow {
        for (number, size, problem) in self.waiting.take().unwrap_or_default().lost {
            walk.lost(&self.place.record(number, Stated::default()), size, problem)?;
        }
        Flow::Continue(())
    }

    fn end(mut self, walk: &mut Walk<'_>) -> Flow {
        if self.number == 0 {
            return walk.lost(self.place, 0, Problem::unreadable("empty_archive"));
        }
        match &mut self.waiting {
            Some(waiting) if waiting.is_sound => {
                let names = shown(waiting.fields.iter().map(String::as_str));
                let why = format!("no_document_field: {} objects, fields are {names}", self.number);
                walk.lost(self.place, 0, Problem::unreadable(why))
            }
            Some(Waiting { lost, .. }) if lost.len() == 1 => match lost.pop() {
                Some((_, size, problem)) => walk.lost(self.place, size, problem),
                None => Flow::Continue(()),
            },
            _ => self.tell(walk),
        }
    }
}

/// Names shown in a reason.
const SHOWN: usize = 8;
/// Characters shown of a name.
const SHOWN_CHARS: usize = 40;

/// Some names in a reason.
pub(crate) fn shown<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let short = |name: &str| name.chars().take(SHOWN_CHARS).collect::<String>();
    names.take(SHOWN).map(short).collect::<Vec<_>>().join(", ")
}
