//! Tar archives (POSIX pax and ustar, GNU), plain or compressed.
//!
//! An archive that can be read twice is: first for names and sidecars, then for documents. In one that passes once
//! (standard input) sidecars cannot speak for the pages before them and stay documents of their own.
//!
//! Extension headers are read here, not by the library: it holds them in memory whatever their size.

use std::collections::HashMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use gongkai_model::Problem;
use tar::{Archive, Entry, EntryType};

use crate::attach::{MAX_SIDECAR, may_be_sidecar};
use crate::contain::{Packed, contain};
use crate::inflate::{Damage, problem, read_all};
use crate::members::{self, Member, Task, settle, tasks};
use crate::met::{Flow, Place, Walk};
use crate::raw::Raw;

/// Longest extension header: names and times.
const MAX_EXTENSION: u64 = 1024 * 1024;
/// Bytes of sidecars held between the two readings.
const MAX_SIDECARS: u64 = 128 << 20;

/// Hands out the documents of an archive.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, mut packed: Packed<'_>) -> Flow {
    if !packed.can_rewind() {
        return once(walk, place, packed);
    }
    let (members, mut sidecars, broken) = match list(walk, &mut packed) {
        Ok(read) => read,
        Err(problem) => return walk.lost(place, 0, problem),
    };
    if members.is_empty() && broken.is_none() {
        return members::nothing(walk, place);
    }
    let mut load = |index: usize, limit: u64| match sidecars.remove(&index) {
        Some(bytes) if bytes.len() as u64 <= limit => Ok(bytes),
        _ => Err(Problem::unreadable("too_large: sidecar")),
    };
    let mut tasks = tasks(walk, place, members, &mut load)?.into_iter();
    let mut stopped = None;
    let read = packed.reader(walk);
    let outcome = read.map_err(|e| problem(&e)).and_then(|reader| {
        visit_members(reader, walk.options.limits.members, &mut |_, _, entry| {
            let Some(task) = tasks.next() else { return ControlFlow::Break(()) };
            let flow = hand_out(walk, task, entry);
            stopped = flow.is_break().then_some(());
            flow
        })
    });
    if stopped.is_some() {
        return ControlFlow::Break(());
    }
    // What the first reading met and the second did not, because of damage between: nothing disappears.
    for task in tasks {
        if let Some(own) = settle(walk, task)? {
            walk.lost(&own, 0, Problem::unreadable("damaged: tar"))?;
        }
    }
    match broken.or(outcome.err()) {
        Some(problem) => walk.lost(place, 0, problem),
        None => Flow::Continue(()),
    }
}

/// Without a first reading.
fn once(walk: &mut Walk<'_>, place: &Place, mut packed: Packed<'_>) -> Flow {
    let mut count = 0_u64;
    let mut stopped = false;
    let reader = packed.reader(walk);
    let outcome = reader.map_err(|e| problem(&e)).and_then(|reader| {
        visit_members(reader, walk.options.limits.members, &mut |_, member, entry| {
            count += 1;
            let tasks = tasks(walk, place, vec![member], &mut |_, _| Err(Problem::unreadable("vanished")));
            let flow = match tasks {
                ControlFlow::Continue(tasks) => {
                    hand_out(walk, tasks.into_iter().next().unwrap_or(Task::Done), entry)
                }
                ControlFlow::Break(()) => ControlFlow::Break(()),
            };
            stopped = flow.is_break();
            flow
        })
    });
    match outcome {
        _ if stopped => ControlFlow::Break(()),
        Err(problem) => walk.lost(place, 0, problem),
        Ok(()) if count == 0 => members::nothing(walk, place),
        Ok(()) => Flow::Continue(()),
    }
}

fn hand_out(walk: &mut Walk<'_>, task: Task, entry: &mut dyn Read) -> Flow {
    match settle(walk, task)? {
        Some(own) => contain(walk, &own, Raw::Stream(Box::new(entry))),
        None => Flow::Continue(()),
    }
}

type Listed = (Vec<Member>, HashMap<usize, Vec<u8>>, Option<Problem>);

/// The names, and what may be sidecars; with the reason why the rest of the archive is lost.
fn list(walk: &Walk<'_>, packed: &mut Packed<'_>) -> Result<Listed, Problem> {
    let (mut names, mut sidecars, mut held) = (Vec::new(), HashMap::new(), 0);
    let reader = packed.reader(walk).map_err(|e| problem(&e))?;
    let outcome = visit_members(reader, walk.options.limits.members, &mut |index, member, entry| {
        let name = String::from_utf8_lossy(&member.name);
        let is_small = member.size <= MAX_SIDECAR && held + member.size <= MAX_SIDECARS;
        if may_be_sidecar(Path::new(name.as_ref())) && is_small {
            // A broken one shows in the second reading.
            if let Ok(bytes) = read_all(entry, MAX_SIDECAR) {
                held += bytes.len() as u64;
                sidecars.insert(index, bytes);
            }
        }
        names.push(member);
        ControlFlow::Continue(())
    });
    Ok((names, sidecars, outcome.err()))
}

type Visit<'v> = &'v mut dyn FnMut(usize, Member, &mut dyn Read) -> Flow;

/// Visits the members that are files or stand for one. Stops at damage.
fn visit_members(reader: impl Read, limit: u64, visit: Visit<'_>) -> Result<(), Problem> {
    let mut archive = Archive::new(reader);
    let entries = archive.entries().map_err(|e| told(&e))?.raw(true);
    let (mut index, mut long_name) = (0_usize, None);
    for entry in entries {
        let mut entry = entry.map_err(|e| told(&e))?;
        let kind = entry.header().entry_type();
        if let Some(name) = extension(&mut entry, kind)? {
            long_name = Some(name);
            continue;
        }
        if matches!(
            kind,
            EntryType::Directory | EntryType::XGlobalHeader | EntryType::GNULongLink | EntryType::XHeader
        ) {
            if kind == EntryType::Directory {
                long_name = None;
            }
            continue;
        }
        if index as u64 >= limit {
            return Err(Problem::unreadable(format!("limit_members: more than {limit}")));
        }
        let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let problem = match kind {
            EntryType::Regular | EntryType::Continuous => None,
            EntryType::Symlink | EntryType::Link => Some(Problem::unreadable("link_in_archive")),
            other => Some(Problem::unreadable(format!("not_a_regular_file: tar type {}", other.as_byte()))),
        };
        let size = entry.size();
        let member = Member { name, size, problem };
        if visit(index, member, &mut Whole { inner: &mut entry, left: size }).is_break() {
            return Ok(());
        }
        index += 1;
    }
    Ok(())
}

/// A member to its stated end: the library hands out a member that is cut off as if it were whole.
struct Whole<'a> {
    inner: &'a mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && self.left > 0 && !out.is_empty() {
            return Err(Damage("truncated: tar".to_owned()).into());
        }
        Ok(n)
    }
}

/// The name that an extension header gives the next member, if it is one and does.
fn extension<R: Read>(entry: &mut Entry<'_, R>, kind: EntryType) -> Result<Option<Vec<u8>>, Problem> {
    match kind {
        EntryType::GNULongName => {
            let mut name = read_all(entry, MAX_EXTENSION)?;
            while name.last() == Some(&0) {
                name.pop();
            }
            Ok(Some(name))
        }
        EntryType::XHeader => Ok(pax_path(&read_all(entry, MAX_EXTENSION)?)),
        _ => Ok(None),
    }
}

/// The `path` of a pax header: records `LENGTH KEY=VALUE\n`, the length being that of the whole record.
fn pax_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut path) = (bytes, None);
    while !rest.is_empty() {
        let space = rest.iter().position(|b| *b == b' ')?;
        let length: usize = std::str::from_utf8(rest.get(..space)?).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length)?;
        if let Some(value) = record.strip_prefix(b"path=") {
            path = Some(value.strip_suffix(b"\n").unwrap_or(value).to_vec());
        }
        rest = rest.get(length..)?;
    }
    path
}

/// The library's complaints carry names; the reason says less.
fn told(error: &io::Error) -> Problem {
    let told = problem(error);
    if told.reason == "damaged" || told.reason == "truncated" {
        return Problem::unreadable(format!("{}: tar", told.reason));
    }
    told
}
