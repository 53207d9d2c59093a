//! Proving a release: every file by its SHA-256, nothing added, and the tables as a snapshot's are proven.

use super::folder::sha256;
use super::{ReleaseError, SUMS};
use gongkai_registry::Registry;
use gongkai_store::{CheckReport, Layout, ReleaseMark, Snapshot, Store, StoreError};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path};

/// What a check found.
#[derive(Debug, Clone)]
pub struct ReleaseCheck {
    /// Version of the release.
    pub version: String,
    /// Files in [`SUMS`](self).
    pub files: usize,
    /// What is wrong, one sentence each.
    pub problems: Vec<String>,
    /// What is said of the tables; `None` where they do not lie in folders.
    pub tables: Option<CheckReport>,
}

impl ReleaseCheck {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.tables.as_ref().is_none_or(CheckReport::is_sound)
    }
}

/// Checks the release in a folder; `None` where there is none.
///
/// # Errors
/// When it cannot be read.
pub fn check_release(registry: &Registry, folder: &Path) -> Result<Option<ReleaseCheck>, ReleaseError> {
    let Some(mark) = ReleaseMark::read(folder)? else { return Ok(None) };
    let path = folder.join(SUMS);
    let text = fs::read_to_string(&path).map_err(ReleaseError::io("read", &path))?;
    let sums = sums(&text).map_err(|what| StoreError::Damaged { path, what })?;
    let check = |(path, sum): (&String, &String)| match sha256(&folder.join(path)) {
        Ok((_, found)) if found == *sum => None,
        Ok(_) => Some(format!("{path}: its content is not what was released (SHA-256 differs)")),
        Err(e) => Some(format!("{path}: cannot be read: {e}")),
    };
    let mut problems: Vec<String> = sums.par_iter().filter_map(check).collect();
    let found = walk(folder)?;
    let snapshot = tables(folder, &mark)?;
    let packed: BTreeSet<&str> = match (&snapshot, mark.layout) {
        (Some(s), Layout::Archives) => s.manifest.files.iter().map(|f| f.path.as_str()).collect(),
        _ => BTreeSet::new(),
    };
    let known = |p: &&String| sums.contains_key(*p) || *p == SUMS || packed.contains(p.as_str());
    let strangers = found.iter().filter(|p| !known(p));
    problems.extend(strangers.map(|p| format!("{p}: is no part of the release ({SUMS} does not name it)")));
    let beside: BTreeSet<String> = found.iter().cloned().collect();
    // What lies beside the tables was looked at above.
    let tables = snapshot.map(|s| s.check(registry, "", &beside)).transpose()?;
    if tables.as_ref().is_some_and(|t| t.snapshot != mark.snapshot) {
        problems.push(format!("the tables are not those of snapshot {}", mark.snapshot));
    }
    Ok(Some(ReleaseCheck { version: mark.version, files: sums.len(), problems, tables }))
}

/// The tables, where they lie in folders.
fn tables(folder: &Path, mark: &ReleaseMark) -> Result<Option<Snapshot>, ReleaseError> {
    match Store::open(folder).and_then(|s| s.current()) {
        Ok(snapshot) => Ok(snapshot),
        Err(StoreError::NoTree { .. }) if mark.layout != Layout::Partitioned => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// SHA-256 by path.
fn sums(text: &str) -> Result<BTreeMap<String, String>, String> {
    let line = |line: &str| {
        let (sum, path) = line.split_once("  ")?;
        let inside = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
        inside.then(|| (path.to_owned(), sum.to_owned()))
    };
    let each = text.lines().map(|l| line(l).ok_or_else(|| format!("{l:?} is no line of a list of hashes")));
    each.collect()
}

/// Every file below a folder, by its path with `/`.
fn walk(root: &Path) -> Result<Vec<String>, ReleaseError> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(ReleaseError::io("read", &folder))? {
            let entry = entry.map_err(ReleaseError::io("read", &folder))?;
            let path = entry.path();
            if entry.file_type().map_err(ReleaseError::io("read", &path))?.is_dir() {
                open.push(path);
            } else {
                let parts = path.strip_prefix(root).unwrap_or(&path).components();
                files.push(parts.map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::sums;

    #[test]
    fn a_list_never_leads_out_of_the_folder() {
        assert_eq!(sums("ab  a/b.parquet\n").unwrap().get("a/b.parquet").unwrap(), "ab");
        for text in ["ab  ../x\n", "ab  /etc/x\n", "ab x\n"] {
            assert!(sums(text).is_err(), "{text}");
        }
    }
}
