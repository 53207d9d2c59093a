//! The tables by year: the rows of the partitions once more, all regions of a year in one file, and a small table as one file. For those
//! who ask about the whole country: opening a file costs more than reading it.
//!
//! Made from the files of the partitions once these are written, one after another in the order of their regions; so the rows are sorted,
//! the bytes follow from the data alone, and of every file that is being made only a row group is in memory. A file whose partitions are
//! those of the snapshot before is linked, not made.

use crate::disk::{Disk, RealDisk};
use crate::encode::{Shape, Stamp};
use crate::error::StoreError;
use crate::files;
use crate::manifest::{FileEntry, part_name};
use crate::publish::Files;
use crate::read::partition;
use crate::store::Snapshot;
use crate::table_file::TableFile;
use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use gongkai_registry::{Registry, TableSpec};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Folder of the tables by year in a snapshot.
pub const BY_YEAR: &str = "by_year";

/// The partitions that make one file, in the order of year and region.
struct Volume<'a> {
    spec: &'a TableSpec,
    /// Its folder in the snapshot.
    folder: String,
    files: Vec<&'a FileEntry>,
}

/// All files that there are to be of the partitions of a snapshot.
fn volumes<'a>(registry: &'a Registry, files: &'a [FileEntry]) -> Vec<Volume<'a>> {
    let mut by_folder: BTreeMap<String, Volume<'a>> = BTreeMap::new();
    for file in files {
        let Some(spec) = registry.table(file.table()) else { continue };
        let folder = match spec.one_file {
            true => format!("{BY_YEAR}/{}", spec.name),
            false => format!("{BY_YEAR}/{}/year={}", spec.name, partition(&file.path).0),
        };
        let volume = || Volume { spec, folder: folder.clone(), files: Vec::new() };
        by_folder.entry(folder.clone()).or_insert_with(volume).files.push(file);
    }
    let mut volumes: Vec<Volume<'a>> = by_folder.into_values().collect();
    // By the names of the regions: the order of paths has `CN-AH/` before `CN/`.
    volumes.iter_mut().for_each(|v| v.files.sort_by_key(|f| (partition(&f.path), f.path.as_str())));
    volumes
}

/// A file of the tables by year.
pub(crate) struct Gathered {
    pub(crate) entry: FileEntry,
    /// Whether it is a link to that of the snapshot before.
    pub(crate) linked: bool,
}

/// What making them needs.
pub(crate) struct Gathering<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) stamp: Stamp<'a>,
    pub(crate) disk: &'a dyn Disk,
    /// The partitions, and the folder where the files go.
    pub(crate) of: &'a Snapshot,
    /// A snapshot that may have the same files.
    pub(crate) before: Option<&'a Snapshot>,
    /// Whether that one was written by this very program: what it made of the same partitions is then known to be the same.
    pub(crate) trusted: bool,
    pub(crate) stop: Option<&'a AtomicBool>,
}

impl Gathering<'_> {
    /// Makes or links all files.
    pub(crate) fn run(&self) -> Result<Vec<Gathered>, StoreError> {
        let old = Files::of(self.before);
        let before = self.before.filter(|_| self.trusted).map_or(&[][..], |s| &s.manifest.files);
        let of_before: BTreeMap<String, Vec<&FileEntry>> =
            volumes(self.registry, before).into_iter().map(|v| (v.folder, v.files)).collect();
        let mut volumes = volumes(self.registry, &self.of.manifest.files);
        // The largest first: the threads then end together.
        volumes.sort_by_key(|v| Reverse(v.files.iter().map(|f| f.bytes).sum::<u64>()));
        let one = |volume: &Volume<'_>| {
            if of_before.get(&volume.folder) == Some(&volume.files)
                && let Some(linked) = self.link(volume, &old)?
            {
                return Ok(linked);
            }
            self.make(volume, &old)
        };
        volumes.par_iter().map(one).collect()
    }

    /// The file that the snapshot before has of the same partitions; `None` where it is damaged, or cannot be linked.
    fn link(&self, volume: &Volume<'_>, old: &Files<'_>) -> Result<Option<Gathered>, StoreError> {
        let Some((entry, source)) = old.in_folder(&volume.folder) else { return Ok(None) };
        let path = self.of.path.join(&entry.path);
        files::make_folder(self.disk, path.parent().unwrap_or(&self.of.path))?;
        let linked = self.disk.hard_link(&source, &path).is_ok();
        Ok(linked.then(|| Gathered { entry: entry.clone(), linked }))
    }

    fn make(&self, volume: &Volume<'_>, old: &Files<'_>) -> Result<Gathered, StoreError> {
        let Volume { spec, folder, files } = volume;
        let shape = Shape::of_years(spec, &self.stamp)?;
        let mut file = TableFile::new(spec, &shape, self.disk, self.of.path.join(folder));
        // There even without rows.
        file.begin()?;
        for entry in files {
            if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return Err(StoreError::Interrupted);
            }
            let (year, region) = partition(&entry.path);
            for batch in self.of.file_batches(entry)? {
                let batch = batch?;
                let years: ArrayRef = Arc::new(Int32Array::from_value(i32::from(year), batch.num_rows()));
                let regions = std::iter::repeat_n(region, batch.num_rows());
                let regions: ArrayRef = Arc::new(StringArray::from_iter_values(regions));
                let columns = batch.columns().iter().cloned().chain([years, regions]).collect();
                let batch = RecordBatch::try_new(Arc::clone(&shape.arrow), columns);
                file.take(batch.map_err(StoreError::encode(&spec.name))?)?;
            }
        }
        let missing = || StoreError::Registry(format!("table {} was not begun", spec.name));
        let done = file.finish()?.ok_or_else(missing)?;
        let path = format!("{folder}/{}", part_name(&done.blake3));
        let entry = FileEntry { path, rows: done.rows, bytes: done.bytes, blake3: done.blake3 };
        let path = self.of.path.join(&entry.path);
        let linked = old.same(&entry).is_some_and(|same| self.disk.hard_link(&same, &path).is_ok());
        if linked {
            files::remove(self.disk, &done.path, false)?;
        } else {
            self.disk.rename(&done.path, &path).map_err(StoreError::io("write", &path))?;
        }
        Ok(Gathered { entry, linked })
    }
}

/// The tables by year of partitions that were made from those of another snapshot, in the folder where these lie.
///
/// # Errors
/// When a partition cannot be read, somebody asked to stop, or the disk refuses.
pub fn gather(
    registry: &Registry,
    of: &Snapshot,
    from: &Snapshot,
    stop: &AtomicBool,
) -> Result<Vec<FileEntry>, StoreError> {
    let manifest = &of.manifest;
    let stamp = Stamp { tool_version: &manifest.tool_version, registry_digest: &manifest.registry_digest };
    let (before, stop) = (Some(from), Some(stop));
    let gathering = Gathering { registry, stamp, disk: &RealDisk, of, before, trusted: true, stop };
    Ok(gathering.run()?.into_iter().map(|gathered| gathered.entry).collect())
}
