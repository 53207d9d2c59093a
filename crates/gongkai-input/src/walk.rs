//! Walking one input: every file met, whatever state it is in.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gongkai_model::Problem;
use walkdir::{DirEntry, WalkDir};

use crate::attach::possible_sidecars;
use crate::file::{io_problem, irregular};
use crate::kind;
use crate::options::InputOptions;
use crate::plan::Note;
use crate::provenance::host_in_path;
use crate::roots::Root;
use crate::stamp::Stamp;

/// A file met on the way.
#[derive(Debug)]
pub(crate) struct Found {
    /// Index of its input.
    pub root: usize,
    /// Its path on this machine; never shown.
    pub path: Arc<Path>,
    /// Its name in the data.
    pub container: Arc<str>,
    /// The host its folders are named after.
    pub host: Option<Arc<str>>,
    /// Size in bytes, 0 where it could not be learned.
    pub size: u64,
    /// By what a change would show; taken before its content is read.
    pub stamp: Option<Stamp>,
    /// Why it cannot be read, where that shows already.
    pub problem: Option<Problem>,
    /// Not given, but lying beside a file that was: it may be a sidecar and is nothing else.
    pub beside: bool,
}

/// Adds what one input holds; returns how many hidden files and folders were passed over.
pub(crate) fn walk(
    index: usize,
    root: &Root,
    options: &InputOptions,
    out: &mut Vec<Found>,
    notes: &mut Vec<Note>,
) -> u64 {
    if root.is_dir {
        return folder(index, root, options, out, notes);
    }
    out.push(single(index, root, root.path.clone(), false));
    for path in possible_sidecars(&root.path) {
        let is_own = options.follow_links || leads_into(&path, &root.folder);
        if is_own && fs::metadata(&path).is_ok_and(|m| m.is_file()) {
            out.push(single(index, root, path, true));
        }
    }
    0
}

/// A file that was given as an input, or one beside it.
fn single(index: usize, root: &Root, path: PathBuf, beside: bool) -> Found {
    let (size, stamp, problem) = match fs::metadata(&path) {
        Ok(metadata) => (metadata.len(), Stamp::of(&metadata), irregular(metadata.file_type())),
        Err(error) => (0, None, Some(io_problem(&error))),
    };
    let container = if beside { beside_name(&path) } else { root.container(&path) };
    Found {
        root: index,
        container: container.into(),
        host: root.host.clone(),
        path: path.into(),
        size,
        stamp,
        problem,
        beside,
    }
}

fn beside_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, crate::container::part_name)
}

fn folder(
    index: usize,
    root: &Root,
    options: &InputOptions,
    out: &mut Vec<Found>,
    notes: &mut Vec<Note>,
) -> u64 {
    let mut hidden = 0;
    let mut hosts = HostCache::default();
    let mut walker = WalkDir::new(&root.path).follow_links(true).into_iter();
    let mut linked = None;
    while let Some(step) = walker.next() {
        let refused = match &step {
            Ok(entry) if !options.follow_links => refused(entry, &root.path, &mut linked),
            _ => None,
        };
        let (path, size, stamp, problem) = match step {
            Ok(entry) if entry.depth() > 0 && kind::is_hidden(entry.file_name()) => {
                hidden += 1;
                if entry.file_type().is_dir() {
                    walker.skip_current_dir();
                }
                continue;
            }
            Ok(entry) if refused.is_some() => {
                if entry.file_type().is_dir() {
                    walker.skip_current_dir();
                }
                (entry.into_path(), 0, None, refused)
            }
            Ok(entry) if entry.file_type().is_dir() => {
                if is_store(&entry, options) {
                    let container = root.container(entry.path()).into();
                    let message = "store_skipped: it is the store of this run, and not read".to_owned();
                    notes.push(Note { container, message });
                    walker.skip_current_dir();
                }
                continue;
            }
            Ok(entry) => {
                let (size, stamp, problem) = match entry.metadata() {
                    Ok(metadata) => (metadata.len(), Stamp::of(&metadata), irregular(metadata.file_type())),
                    Err(error) => (0, None, Some(walk_problem(&error))),
                };
                (entry.into_path(), size, stamp, problem)
            }
            Err(error) => {
                let path = error.path().unwrap_or(&root.path).to_owned();
                if error.depth() > 0 && path.file_name().is_some_and(kind::is_hidden) {
                    hidden += 1;
                    continue;
                }
                (path, 0, None, Some(walk_problem(&error)))
            }
        };
        let container = root.container(&path);
        let host = hosts.of(&container).or_else(|| root.host.clone());
        let (path, container) = (path.into(), container.into());
        out.push(Found { root: index, path, container, host, size, stamp, problem, beside: false });
    }
    hidden
}

/// Why a link is not followed, where only those are that stay within the input. `linked` is the folder last met through a link: below it
/// no further link to a folder is followed, or a few links would make folders without number.
fn refused(entry: &DirEntry, root: &Path, linked: &mut Option<PathBuf>) -> Option<Problem> {
    if linked.as_ref().is_some_and(|folder| !entry.path().starts_with(folder)) {
        *linked = None;
    }
    if !entry.path_is_symlink() || entry.depth() == 0 {
        return None;
    }
    if !leads_into(entry.path(), root) {
        return Some(Problem::unreadable(LEADS_OUT));
    }
    if entry.file_type().is_dir() {
        if linked.is_some() {
            return Some(Problem::unreadable("symlink_not_followed: below another link"));
        }
        *linked = Some(entry.path().to_owned());
    }
    None
}

/// The reason of a link that leads out of its input.
const LEADS_OUT: &str = "symlink_not_followed: it leads out of the input";

/// Whether what the path leads to lies in the folder, itself without links.
fn leads_into(path: &Path, folder: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|target| target.starts_with(folder))
}

/// Whether a folder is what the run itself writes.
fn is_store(entry: &DirEntry, options: &InputOptions) -> bool {
    let is_there = |store: &Path| {
        let same_name = entry.file_name() == store.file_name().unwrap_or_default();
        let real = || fs::canonicalize(entry.path()).is_ok_and(|path| path == store);
        (same_name || entry.path_is_symlink()) && real()
    };
    options.store.as_deref().is_some_and(is_there)
}

/// Why the walk could not go on at some place.
fn walk_problem(error: &walkdir::Error) -> Problem {
    if error.loop_ancestor().is_some() {
        return Problem::unreadable("symlink_loop");
    }
    let Some(io_error) = error.io_error() else {
        return Problem::unreadable("io_error: unknown");
    };
    let problem = io_problem(io_error);
    let Some(state) = error.path().and_then(|path| fs::symlink_metadata(path).ok()) else {
        return problem;
    };
    let leads_nowhere = matches!(io_error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    if state.is_symlink() && leads_nowhere {
        Problem::unreadable("dangling_link")
    } else if state.is_dir() {
        Problem::unreadable(format!("{}: folder, nothing below it was read", problem.reason))
    } else {
        problem
    }
}

/// The host of the folder last seen: files of one folder follow one another.
#[derive(Default)]
struct HostCache {
    folder: String,
    host: Option<Arc<str>>,
}

impl HostCache {
    fn of(&mut self, container: &str) -> Option<Arc<str>> {
        let folder = container.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder != self.folder {
            folder.clone_into(&mut self.folder);
            self.host = host_in_path(container).map(Arc::from);
        }
        self.host.clone()
    }
}

/// The last part of a path, empty where there is none.
pub(crate) fn file_name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}
