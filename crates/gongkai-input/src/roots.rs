//! The inputs as given, checked and put in an order that does not depend on how they were listed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::container::{from_relative, part_name};
use crate::declared::Declared;
use crate::kind::is_hidden;
use crate::options::{InputError, InputOptions};
use crate::provenance::host_name;

/// One input.
#[derive(Debug)]
pub(crate) struct Root {
    /// The input itself, without links on the way to it.
    pub path: PathBuf,
    /// The input's folder: itself, or the folder a single file lies in.
    pub folder: PathBuf,
    /// The folder that names begin behind: the input's folder, or one above it.
    pub base: PathBuf,
    /// The folder's own name; a whole path is never shown.
    pub name: String,
    /// The host the folder is named after, if any.
    pub host: Option<Arc<str>>,
    /// Whether it is walked (a folder) or is a document of its own.
    pub is_dir: bool,
    /// The last part of the input as given.
    pub given_name: String,
    /// What is declared of it.
    pub declared: Option<Arc<Declared>>,
}

/// Inputs sorted and without repeats, and the folder names of those that were left out because another input holds them.
pub(crate) fn resolve(
    inputs: &[PathBuf],
    options: &InputOptions,
) -> Result<(Vec<Root>, Vec<String>), InputError> {
    let declared = |input: &PathBuf| options.declared.get(input).cloned().map(Arc::new);
    let root = |input: &PathBuf| {
        let root = root(input)?;
        let base = options.bases.get(input).and_then(|base| fs::canonicalize(base).ok());
        let base = base.filter(|base| root.folder.starts_with(base)).unwrap_or_else(|| root.folder.clone());
        if options.store.as_ref().is_some_and(|store| root.path.starts_with(store)) {
            return Err(InputError::InStore { input: input.clone() });
        }
        Ok(Root { declared: declared(input), base, ..root })
    };
    let mut roots = inputs.iter().map(root).collect::<Result<Vec<_>, _>>()?;
    roots.sort_by(|a, b| (&a.path, &a.given_name).cmp(&(&b.path, &b.given_name)));
    let mut kept: Vec<Root> = Vec::with_capacity(roots.len());
    let mut folders: Vec<usize> = Vec::new();
    let mut repeated = Vec::new();
    for root in roots {
        // Paths are sorted part by part, so whatever lies below a folder directly follows it: a stack suffices.
        while folders.last().and_then(|&i| kept.get(i)).is_some_and(|top| !root.path.starts_with(&top.path)) {
            folders.pop();
        }
        let same = kept.last().filter(|last| last.path == root.path);
        let holder =
            same.or_else(|| folders.iter().filter_map(|&i| kept.get(i)).find(|f| holds(f, &root.path)));
        if let Some(holder) = holder {
            if holder.declared != root.declared {
                return Err(InputError::Held { input: root.path });
            }
            repeated.push(if root.is_dir { root.name } else { root.given_name });
            continue;
        }
        if root.is_dir {
            folders.push(kept.len());
        }
        kept.push(root);
    }
    Ok((kept, repeated))
}

/// Whether walking the folder meets the path (hidden parts are not walked).
fn holds(folder: &Root, path: &Path) -> bool {
    path.strip_prefix(&folder.path).is_ok_and(|below| !below.iter().any(is_hidden))
}

fn root(input: &Path) -> Result<Root, InputError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound if fs::symlink_metadata(input).is_ok() => {
            InputError::Dangling { input: input.to_owned() }
        }
        io::ErrorKind::NotFound => InputError::Missing { input: input.to_owned() },
        kind => InputError::Unreadable { input: input.to_owned(), why: kind.to_string() },
    };
    let is_dir = fs::metadata(input).map_err(failed)?.is_dir();
    let path = real_path(input, is_dir).map_err(failed)?;
    if is_dir {
        fs::read_dir(&path).map_err(failed)?;
    }
    let folder = if is_dir { path.as_path() } else { path.parent().unwrap_or(&path) };
    let name = folder.file_name().map_or_else(|| "input".to_owned(), part_name);
    let given_name = input.file_name().or(path.file_name()).map_or_else(String::new, part_name);
    let host = host_name(&name).map(Arc::from);
    Ok(Root {
        folder: folder.to_owned(),
        base: folder.to_owned(),
        name,
        host,
        is_dir,
        given_name,
        path,
        declared: None,
    })
}

/// The path without links, except that a file keeps the name it was given under: a link to a file is met under the
/// link's name, as in a folder that is walked.
fn real_path(input: &Path, is_dir: bool) -> io::Result<PathBuf> {
    match (input.parent(), input.file_name()) {
        (Some(folder), Some(name)) if !is_dir => {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            Ok(fs::canonicalize(folder)?.join(name))
        }
        _ => fs::canonicalize(input),
    }
}

impl Root {
    /// The container name of a path below this input.
    pub(crate) fn container(&self, path: &Path) -> String {
        let name = if self.is_dir { path } else { &self.folder };
        let below = name.strip_prefix(&self.base).map_or_else(|_| String::new(), from_relative);
        match (self.is_dir, below.is_empty()) {
            (true, false) => below,
            (false, false) => format!("{below}/{}", self.given_name),
            (_, true) => self.given_name.clone(),
        }
    }
}
