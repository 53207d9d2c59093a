//! From a batch to a published snapshot: encode, write or link, and the steps that make it visible.

use crate::encode::{Encoded, Stamp, encode_empty};
use crate::error::StoreError;
use crate::files::{self, Scratch, TEMPORARY};
use crate::manifest::{FileEntry, MANIFEST, Manifest, hex_prefix, snapshot_number};
use crate::partition::{Partition, PartitionKey, group};
use crate::record::{Batch, PublishOptions};
use crate::rows::{Context, encode_partition};
use crate::store::{CURRENT, CURRENT_LINK, SNAPSHOTS, Snapshot, Store, VIEWS};
use crate::{account, views_sql};
use gongkai_registry::{Registry, TableSpec};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Hexadecimal digits of the content hash that a file's name carries.
const FILE_DIGITS: usize = 16;

/// What was published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Name of the snapshot.
    pub snapshot: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether the published snapshot already said all this, so that no new one was made.
    pub unchanged: bool,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Files of the snapshot.
    pub files: usize,
    /// Files shared with the snapshot before.
    pub files_linked: usize,
    /// Size of all files in bytes.
    pub bytes: u64,
    /// What did not work after the snapshot was published: the link `current`, `views.sql`.
    pub warnings: Vec<String>,
}

impl Store {
    /// Publishes a batch as a new snapshot, or finds that it would be the published one again.
    ///
    /// # Errors
    /// When the batch contradicts itself, another run is publishing, or the disk refuses. The published snapshot is
    /// then what it was.
    pub fn publish(
        &self,
        registry: &Registry,
        batch: &Batch,
        options: &PublishOptions<'_>,
    ) -> Result<Published, StoreError> {
        let account = account::settle(batch)?;
        let _lock = self.lock()?;
        files::remove_leftovers(&self.snapshots_folder())?;
        let parent = self.current()?;
        let number = self.next_number()?;

        let stamp = Stamp { tool_version: options.tool_version, registry_digest: &registry.digest };
        let context = Context::new(registry, stamp, options.evidence);
        let scratch = Scratch::create(self.snapshots_folder().join(format!("{TEMPORARY}{number:06}")))?;
        let target = Target { folder: scratch.path(), parent: Files::of(parent.as_ref()) };
        let written = write_tables(&context, batch, &target, options.progress)?;

        let linked = written.iter().filter(|w| w.linked).count();
        let entries = written.into_iter().map(|w| w.entry).collect();
        let parent_name = parent.as_ref().map(|p| p.name.clone());
        let manifest = Manifest::new(&stamp, number, parent_name, account, entries);
        if let Some(parent) = parent
            && parent.manifest.content_hash() == manifest.content_hash()
        {
            let warnings = self.show(registry, &parent.name);
            return Ok(published(parent.name, parent.path, true, &parent.manifest, linked, warnings));
        }

        let path = self.commit(scratch, &manifest)?;
        // From here on the snapshot is published, whatever else fails.
        let mut warnings: Vec<String> =
            files::sync_folder(self.path()).err().iter().map(ToString::to_string).collect();
        warnings.extend(self.show(registry, &manifest.snapshot));
        Ok(published(manifest.snapshot.clone(), path, false, &manifest, linked, warnings))
    }

    /// One more than any snapshot has, a run that died between naming its folder and `CURRENT` included.
    fn next_number(&self) -> Result<u64, StoreError> {
        Ok(self.snapshots()?.last().and_then(|name| snapshot_number(name)).unwrap_or(0) + 1)
    }

    /// Puts the manifest beside the files, waits until all is on the disk, and moves `CURRENT`.
    fn commit(&self, mut scratch: Scratch, manifest: &Manifest) -> Result<PathBuf, StoreError> {
        files::write_synced(&scratch.path().join(MANIFEST), manifest.to_json().as_bytes())?;
        for folder in files::walk(scratch.path())?.1 {
            files::sync_folder(&folder)?;
        }
        scratch.rename(self.snapshots_folder().join(&manifest.snapshot))?;
        files::sync_folder(&self.snapshots_folder())?;
        files::replace(self.path(), CURRENT, format!("{}\n", manifest.snapshot).as_bytes())?;
        Ok(scratch.keep())
    }

    /// Brings the conveniences in line with `CURRENT`; the data are published already, so failing here only warns.
    fn show(&self, registry: &Registry, snapshot: &str) -> Vec<String> {
        let target = Path::new(SNAPSHOTS).join(snapshot);
        let link = match fs::read_link(self.path().join(CURRENT_LINK)) {
            Ok(old) if old == target => Ok(()),
            _ => files::replace_link(self.path(), CURRENT_LINK, &target),
        };
        let views = self.views(registry, snapshot).and_then(|sql| {
            match fs::read_to_string(self.path().join(VIEWS)) {
                Ok(old) if old == sql => Ok(()),
                _ => files::replace(self.path(), VIEWS, sql.as_bytes()),
            }
        });
        [link, views].into_iter().filter_map(|done| done.err().map(|e| e.to_string())).collect()
    }

    /// The text of `views.sql` for a snapshot.
    pub(crate) fn views(&self, registry: &Registry, snapshot: &str) -> Result<String, StoreError> {
        let root = fs::canonicalize(self.path()).map_err(StoreError::io("read", self.path()))?;
        Ok(views_sql(registry, &root.to_string_lossy(), Some(snapshot)))
    }
}

fn published(
    snapshot: String,
    path: PathBuf,
    unchanged: bool,
    manifest: &Manifest,
    files_linked: usize,
    warnings: Vec<String>,
) -> Published {
    Published {
        snapshot,
        path,
        unchanged,
        rows: manifest.rows.clone(),
        files: manifest.files.len(),
        files_linked,
        bytes: manifest.bytes(),
        warnings,
    }
}

/// The files of the snapshot before, by path.
struct Files<'a> {
    folder: Option<&'a Path>,
    by_path: BTreeMap<&'a str, &'a FileEntry>,
}

impl<'a> Files<'a> {
    fn of(snapshot: Option<&'a Snapshot>) -> Self {
        let entries = snapshot.map_or(&[][..], |s| &s.manifest.files);
        Self {
            folder: snapshot.map(|s| s.path.as_path()),
            by_path: entries.iter().map(|f| (f.path.as_str(), f)).collect(),
        }
    }

    /// Where the same file lies already, proven byte by byte: a damaged file must not be inherited.
    fn same(&self, entry: &FileEntry, bytes: &[u8]) -> Option<PathBuf> {
        let known = self.by_path.get(entry.path.as_str())?;
        let path = self.folder?.join(&entry.path);
        (*known == entry && fs::read(&path).is_ok_and(|old| old == bytes)).then_some(path)
    }
}

/// Where files go.
struct Target<'a> {
    folder: &'a Path,
    parent: Files<'a>,
}

struct Written {
    entry: FileEntry,
    linked: bool,
}

impl Target<'_> {
    fn put(&self, table: &str, key: &PartitionKey, file: &Encoded) -> Result<Written, StoreError> {
        let blake3 = blake3::hash(&file.bytes).to_hex().to_string();
        let folder = format!("{table}/{}", key.folder());
        let path = format!("{folder}/part-{}.parquet", hex_prefix(&blake3, FILE_DIGITS));
        let entry = FileEntry { path, rows: file.rows, bytes: file.bytes.len() as u64, blake3 };
        let folder = self.folder.join(folder);
        fs::create_dir_all(&folder).map_err(StoreError::io("make the folder", &folder))?;
        let path = self.folder.join(&entry.path);
        let same = self.parent.same(&entry, &file.bytes);
        // Not every file system links; a copy is as good.
        let linked = same.is_some_and(|old| fs::hard_link(old, &path).is_ok());
        if !linked {
            files::write_synced(&path, &file.bytes)?;
        }
        Ok(Written { entry, linked })
    }
}

/// One table of one partition.
struct Job<'a> {
    spec: &'a TableSpec,
    key: &'a PartitionKey,
    partition: &'a Partition<'a>,
}

/// Writes every table of every partition in parallel, and one empty file for each table that has no rows anywhere.
fn write_tables(
    context: &Context<'_>,
    batch: &Batch,
    target: &Target<'_>,
    progress: Option<&(dyn Fn(usize, usize) + Sync)>,
) -> Result<Vec<Written>, StoreError> {
    let tables = &context.registry.tables;
    let partitions = group(batch);
    let jobs: Vec<Job<'_>> = partitions
        .iter()
        .flat_map(|(key, partition)| tables.iter().map(move |spec| Job { spec, key, partition }))
        .collect();
    let done = AtomicUsize::new(0);
    let write = |job: &Job<'_>| -> Result<Option<Written>, StoreError> {
        let file = encode_partition(context, job.spec, job.partition)?;
        let written = file.map(|file| target.put(&job.spec.name, job.key, &file)).transpose()?;
        if let Some(progress) = progress {
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len());
        }
        Ok(written)
    };
    let files: Vec<Option<Written>> = jobs.par_iter().map(write).collect::<Result<_, StoreError>>()?;
    let mut written: Vec<Written> = files.into_iter().flatten().collect();

    let filled: BTreeSet<String> = written.iter().map(|w| w.entry.table().to_owned()).collect();
    for spec in tables.iter().filter(|spec| !filled.contains(&spec.name)) {
        written.push(target.put(
            &spec.name,
            &PartitionKey::nowhere(),
            &encode_empty(spec, &context.stamp)?,
        )?);
    }
    Ok(written)
}
