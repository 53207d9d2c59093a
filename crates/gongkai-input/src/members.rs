//! Members of archives are files in folders that are not on disk: their names, their sidecars, what is hidden.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gongkai_model::{Problem, Ties};

use crate::attach::attach;
use crate::container::{from_relative, number_repeats, part_name};
use crate::kind::{self, Kind};
use crate::met::{Flow, Met, Place, Walk};
use crate::provenance::host_in_path;
use crate::walk::{Found, file_name};

/// A member as an archive's directory tells of it.
pub(crate) struct Member {
    /// Its name as stored.
    pub name: Vec<u8>,
    /// Its size, decompressed, as stated.
    pub size: u64,
    /// Why it cannot be read, where that shows already.
    pub problem: Option<Problem>,
}

/// What is to be done with a member.
pub(crate) enum Task {
    /// It is settled: hidden, or a sidecar.
    Done,
    /// It cannot be read.
    Lost(Place, u64, Problem),
    /// It is read, as this.
    Read(Place),
}

/// Names the members and attaches their sidecars; one task for each, in the same order.
pub(crate) fn tasks(
    walk: &mut Walk<'_>,
    place: &Place,
    members: Vec<Member>,
    load: &mut dyn FnMut(usize, u64) -> Result<Vec<u8>, Problem>,
) -> std::ops::ControlFlow<(), Vec<Task>> {
    let count = members.len();
    let mut tasks: Vec<Task> = Vec::new();
    tasks.resize_with(count, || Task::Done);
    let mut found: Vec<(Found, usize)> = Vec::with_capacity(count);
    for (index, member) in members.into_iter().enumerate() {
        let path = path(&member.name);
        if is_hidden(&path) {
            (walk.sink)(Met::Hidden)?;
        } else {
            found.push((one(place, path, member), index));
        }
    }
    found.sort_by(|(a, i), (b, j)| (a.path.as_os_str(), i).cmp(&(b.path.as_os_str(), j)));
    let (mut found, index): (Vec<Found>, Vec<usize>) = found.into_iter().unzip();
    number_repeats(&mut found);
    let member_of = |at: usize| index.get(at).copied().unwrap_or(usize::MAX);
    let attached = attach(&found, &mut |at, limit| load(member_of(at), limit));
    for (at, doubt) in &attached.doubts {
        if let Some(file) = found.get(*at) {
            walk.note(&file.container, format!("bad_sidecar: {doubt}"))?;
        }
    }
    let stated = attached.stated.into_iter().zip(attached.used);
    for ((file, (stated, used)), index) in found.into_iter().zip(stated).zip(index) {
        if let Some(kind) = used {
            walk.sidecar(&file.container, kind)?;
            continue;
        }
        let unsupported = match kind::of(file_name(&file.path)) {
            Kind::Capture => None,
            Kind::Unsupported(extension) => Some(extension),
        };
        let own = Place {
            container: file.container.to_string(),
            depth: place.depth + 1,
            unpacked: false,
            unsupported,
            host: file.host,
            stated: stated.map(Arc::from),
            ties: Ties::default(),
        };
        if let Some(task) = tasks.get_mut(index) {
            *task = match file.problem {
                Some(problem) => Task::Lost(own, file.size, problem),
                None => Task::Read(own),
            };
        }
    }
    std::ops::ControlFlow::Continue(tasks)
}

fn one(place: &Place, path: PathBuf, member: Member) -> Found {
    let name = from_relative(&path);
    let name = if name.is_empty() { "unnamed".to_owned() } else { name };
    // The member's own folders only: `zip` is a top-level domain, so `crawl.zip` could be taken for a host.
    let host = host_in_path(&name).map(Arc::from).or_else(|| place.host.clone());
    let container = format!("{}/{name}", place.container);
    Found {
        root: 0,
        path: path.into(),
        container: container.into(),
        host,
        size: member.size,
        stamp: None,
        problem: member.problem,
        beside: false,
    }
}

/// The name as a path. Archives made on Chinese systems hold names in GBK without saying so.
fn path(name: &[u8]) -> PathBuf {
    if let Ok(name) = std::str::from_utf8(name) {
        return PathBuf::from(name.replace('\\', "/"));
    }
    let (text, _, had_errors) = encoding_rs::GB18030.decode(name);
    if had_errors { lossy(name) } else { PathBuf::from(text.replace('\\', "/")) }
}

/// Kept apart by a hash, as the names of files are.
fn lossy(name: &[u8]) -> PathBuf {
    let hash = blake3::hash(name).to_hex();
    PathBuf::from(format!("{}~{:.8}", String::from_utf8_lossy(name), hash.as_str()))
}

/// Whether a part of the path is hidden, as by `.git`, or is what one system adds to every archive.
fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| match part {
        std::path::Component::Normal(name) => kind::is_hidden(name) || part_name(name) == "__MACOSX",
        _ => false,
    })
}

/// Tells of everything a walk cannot read.
pub(crate) fn settle(walk: &mut Walk<'_>, task: Task) -> std::ops::ControlFlow<(), Option<Place>> {
    match task {
        Task::Done => std::ops::ControlFlow::Continue(None),
        Task::Lost(place, size, problem) => {
            walk.lost(&place, size, problem)?;
            std::ops::ControlFlow::Continue(None)
        }
        Task::Read(place) => std::ops::ControlFlow::Continue(Some(place)),
    }
}

/// An archive that holds nothing, or nothing that could be read of it.
pub(crate) fn nothing(walk: &mut Walk<'_>, place: &Place) -> Flow {
    walk.lost(place, 0, Problem::unreadable("empty_archive"))
}
