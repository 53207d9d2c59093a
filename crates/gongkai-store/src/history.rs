//! The snapshots of a store: which there are, names given for good, and dropping old ones.

use crate::error::StoreError;
use crate::files::{self, TEMPORARY};
use crate::manifest::MANIFEST;
use crate::store::{CANDIDATES, Store};
use crate::writer::Writer;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Folder of the tags: a file each, whose content is the snapshot's name.
const TAGS: &str = "tags";

/// One snapshot.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Name.
    pub snapshot: String,
    /// When it was published, as the file system says; a copied store forgets it.
    pub published: Option<SystemTime>,
    /// Whether it is the published one.
    pub current: bool,
    /// Whether it is a candidate that a gate refused.
    pub candidate: bool,
    /// Names given to it for good.
    pub tags: Vec<String>,
    /// Captures met.
    pub captures: u64,
    /// Reports.
    pub reports: u64,
    /// Size of its files in bytes; those it shares with others included.
    pub bytes: u64,
    /// Version of the program that wrote it.
    pub tool_version: String,
}

/// What to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// So many of the newest.
    pub count: usize,
    /// Those that were the published one less than so long ago: who reads one may have begun then.
    pub age: Duration,
}

/// What was dropped.
#[derive(Debug, Clone, Default)]
pub struct Dropped {
    /// Snapshots and candidates.
    pub snapshots: Vec<String>,
    /// Snapshots that are only kept because a program of this machine has a file of them open.
    pub in_use: Vec<String>,
    /// Whether programs of other users run here: which files they have open this user may not see.
    pub unseen: bool,
}

impl crate::Snapshot {
    /// When it was published (a candidate: made), as the file system says; a copied store forgets it.
    pub fn published(&self) -> Option<SystemTime> {
        fs::metadata(self.path.join(MANIFEST)).and_then(|m| m.modified()).ok()
    }
}

impl Store {
    /// All snapshots, oldest first, then the candidates.
    ///
    /// # Errors
    /// When the store cannot be read. A snapshot whose manifest is damaged is left out.
    pub fn log(&self) -> Result<Vec<Edition>, StoreError> {
        let current = self.current()?.map(|c| c.name);
        let tags = self.tags()?;
        let mut editions = Vec::new();
        let named = self.snapshots()?.into_iter().map(|n| (n, false));
        for (name, candidate) in named.chain(self.candidates()?.into_iter().map(|n| (n, true))) {
            let found = if candidate { self.candidate(&name) } else { self.snapshot(&name) };
            let Ok(snapshot) = found else { continue };
            let of_it = tags.iter().filter(|(_, s)| **s == name).map(|(tag, _)| tag.clone());
            editions.push(Edition {
                current: !candidate && current.as_deref() == Some(name.as_str()),
                candidate,
                published: snapshot.published(),
                tags: if candidate { Vec::new() } else { of_it.collect() },
                captures: snapshot.manifest.account.captures_met,
                reports: snapshot.manifest.rows.get("reports").copied().unwrap_or(0),
                bytes: snapshot.manifest.bytes(),
                tool_version: snapshot.manifest.tool_version,
                snapshot: name,
            });
        }
        Ok(editions)
    }

    /// What was published at a time, as the file system says: the newest snapshot that is not younger, else the oldest there is. Those
    /// before `since` are not looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn published_at(
        &self,
        time: SystemTime,
        since: Option<&str>,
    ) -> Result<Option<crate::Snapshot>, StoreError> {
        let names = self.snapshots()?;
        let begin = since.and_then(|since| names.iter().position(|n| n == since)).unwrap_or(0);
        let names = names.get(begin..).unwrap_or_default();
        let made = |name: &String| {
            fs::metadata(self.snapshots_folder().join(name).join(MANIFEST)).and_then(|m| m.modified()).ok()
        };
        let then = names.iter().rev().find(|n| made(n).is_some_and(|made| made <= time));
        then.or(names.first()).map(|name| self.snapshot(name)).transpose()
    }

    /// Snapshots by tag.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn tags(&self) -> Result<BTreeMap<String, String>, StoreError> {
        if let Some(mark) = self.release() {
            return Ok(BTreeMap::from([(mark.version.clone(), mark.snapshot.clone())]));
        }
        let folder = self.path().join(TAGS);
        if !folder.is_dir() {
            return Ok(BTreeMap::new());
        }
        let names = self.disk().list(&folder).map_err(StoreError::io("read", &folder))?;
        let mut tags = BTreeMap::new();
        for (name, _) in names.into_iter().filter(|(n, _)| !n.to_string_lossy().starts_with('.')) {
            let text = files::read(self.disk(), &folder.join(&name))?.unwrap_or_default();
            tags.insert(
                name.to_string_lossy().into_owned(),
                String::from_utf8_lossy(&text).trim().to_owned(),
            );
        }
        Ok(tags)
    }

    /// A snapshot by its name, a tag, or `CURRENT`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, name: &str) -> Result<crate::Snapshot, StoreError> {
        if name == crate::store::CURRENT {
            return self
                .current()?
                .ok_or_else(|| StoreError::NoSnapshot { path: self.path().to_owned(), name: None });
        }
        match self.tags()?.get(name) {
            Some(tagged) => self.snapshot(tagged),
            None => self.snapshot(name).or_else(|e| self.candidate(name).map_err(|_| e)),
        }
    }
}

impl Writer {
    /// Names a snapshot for good: it is never dropped.
    ///
    /// # Errors
    /// When the tag is no plain name or is taken, there is no such snapshot, or the disk refuses.
    pub fn tag(&self, tag: &str, snapshot: &str) -> Result<(), StoreError> {
        let store = self.store();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let like_a_snapshot = crate::manifest::snapshot_number(tag).is_some();
        if tag.is_empty() || tag.starts_with('.') || !tag.chars().all(plain) || like_a_snapshot {
            return Err(StoreError::Tag(format!("{tag:?} is no tag: letters, digits, `.`, `-` and `_`")));
        }
        store.snapshot(snapshot)?;
        if let Some(other) = store.tags()?.get(tag).filter(|other| *other != snapshot) {
            return Err(StoreError::Tag(format!("tag {tag} is the name of {other} already, for good")));
        }
        let folder = store.path().join(TAGS);
        files::make_folder(store.disk(), &folder)?;
        files::replace(store.disk(), &folder, tag, format!("{snapshot}\n").as_bytes())?;
        files::sync_folder(store.disk(), &folder)
    }

    /// Drops snapshots and candidates that nobody needs: never the published one, never one with a tag, none that
    /// retention keeps, none of which a program of this machine has a file open.
    ///
    /// # Errors
    /// When the store cannot be read or the disk refuses; what was dropped until then is dropped.
    pub fn gc(&self, keep: Retention, now: SystemTime, dry: bool) -> Result<Dropped, StoreError> {
        let store = self.store();
        let log = store.log()?;
        let current = store.current()?.map(|c| c.name);
        let mut dropped = Dropped::default();
        let recent = |time: Option<SystemTime>| {
            time.is_none_or(|t| now.duration_since(t).map_or(true, |age| age < keep.age))
        };
        let snapshots: Vec<&Edition> = log.iter().filter(|e| !e.candidate).collect();
        let (in_use, unseen) = open_snapshots(store.path(), Path::new("/proc"));
        dropped.unseen = unseen;
        for (i, edition) in snapshots.iter().enumerate() {
            // It was the published one until the next was.
            let replaced = snapshots.get(i + 1).and_then(|next| next.published);
            let newest = snapshots.len() - i <= keep.count;
            if edition.current || !edition.tags.is_empty() || newest || recent(replaced) {
                continue;
            }
            if in_use.contains(&edition.snapshot) {
                dropped.in_use.push(edition.snapshot.clone());
                continue;
            }
            self.drop_one(&store.snapshots_folder(), &edition.snapshot, dry)?;
            dropped.snapshots.push(edition.snapshot.clone());
        }
        let candidates: Vec<&Edition> = log.iter().filter(|e| e.candidate).collect();
        for (i, edition) in candidates.iter().enumerate() {
            let outdated = store.candidate(&edition.snapshot)?.manifest.parent != current;
            // One that could still be promoted is kept as snapshots are: where every night is held, the folder would fill up.
            let kept = !outdated && candidates.len() - i <= keep.count;
            if !kept && !recent(edition.published) {
                self.drop_one(&store.path().join(CANDIDATES), &edition.snapshot, dry)?;
                dropped.snapshots.push(edition.snapshot.clone());
            }
        }
        Ok(dropped)
    }

    /// First out of sight in one step, then away: no reader meets half of it by its name.
    fn drop_one(&self, folder: &Path, name: &str, dry: bool) -> Result<(), StoreError> {
        if dry {
            return Ok(());
        }
        let (path, gone) = (folder.join(name), folder.join(format!("{TEMPORARY}gone-{name}")));
        let disk = self.store().disk();
        disk.rename(&path, &gone).map_err(StoreError::io("remove", &path))?;
        files::remove(disk, &gone, true)
    }
}

/// Snapshots of which a program has a file open, as far as this system tells and this user may see; and whether there are programs that it
/// may not see.
fn open_snapshots(store: &Path, processes: &Path) -> (BTreeSet<String>, bool) {
    let Ok(root) = fs::canonicalize(store).map(|s| s.join(crate::store::SNAPSHOTS)) else {
        return (BTreeSet::new(), true);
    };
    let Ok(all) = fs::read_dir(processes) else { return (BTreeSet::new(), true) };
    // The first of all programs always runs. Where it is not shown, other users' are not either.
    let (mut found, mut unseen) = (BTreeSet::new(), !processes.join("1").is_dir());
    for process in all.flatten() {
        let open = match fs::read_dir(process.path().join("fd")) {
            Ok(open) => open,
            Err(error) => {
                unseen |= error.kind() == ErrorKind::PermissionDenied;
                continue;
            }
        };
        for file in open.flatten().filter_map(|fd| fs::read_link(fd.path()).ok()) {
            let name = file.strip_prefix(&root).ok().and_then(|rest| rest.iter().next());
            found.extend(name.map(|n| n.to_string_lossy().into_owned()));
        }
    }
    (found, unseen)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_hides_programs_is_not_one_without_readers() {
        let dir = tempfile::tempdir().unwrap();
        let (store, processes) = (dir.path().join("store"), dir.path().join("proc"));
        let file = store.join("snapshots/000001-a/reports/x.parquet");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::create_dir_all(processes.join("77/fd")).unwrap();
        fs::create_dir_all(processes.join("fs")).unwrap();
        let found = || open_snapshots(&store, &processes);
        assert_eq!(found(), (BTreeSet::new(), true));
        fs::create_dir_all(processes.join("1/fd")).unwrap();
        assert_eq!(found(), (BTreeSet::new(), false));
        std::os::unix::fs::symlink(
            fs::canonicalize(&store).unwrap().join("snapshots/000001-a/reports/x.parquet"),
            processes.join("77/fd/3"),
        )
        .unwrap();
        assert_eq!(found(), (BTreeSet::from(["000001-a".to_owned()]), false));
        assert_eq!(open_snapshots(&store, &dir.path().join("nothing")), (BTreeSet::new(), true));
    }
}
