//! A release with one file a table, as a snapshot: its rows go back into partitions, in a folder that goes away again. So there is one way
//! from rows to the files of desk programs, and a release gives the bytes that its store gives.

use super::frame::FIGURES;
use super::{CODES, DeskError};
use arrow_array::{Array, Int16Array, RecordBatch, StringArray};
use gongkai_registry::Registry;
use gongkai_store::{Account, FileEntry, Layout, Manifest, ReleaseMark, Sink, Snapshot, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The list of the files of a release.
const SUMS: &str = "SHA256SUMS";
/// The columns behind those of a table: year and region.
const PLACES: usize = 2;

/// Some tables of a release with one file a table, in partitions.
#[derive(Debug)]
pub struct Unfolded {
    snapshot: Snapshot,
}

impl Unfolded {
    /// Puts the tables that an export needs back into partitions, below the folder it writes into; `None` if `release` is no release
    /// with one file a table.
    ///
    /// # Errors
    /// When a file of the release is not there or cannot be read, or the disk refuses.
    pub fn of(
        registry: &Registry,
        release: &Path,
        tables: &[String],
        folder: &Path,
        stop: &AtomicBool,
    ) -> Result<Option<Self>, DeskError> {
        let Some(mark) = ReleaseMark::read(release)?.filter(|m| m.layout == Layout::Flat) else {
            return Ok(None);
        };
        let mut needed: BTreeSet<&str> = tables.iter().map(String::as_str).chain([CODES]).collect();
        if needed.remove(registry.wide.name.as_str()) {
            needed.insert(FIGURES);
            needed.extend(registry.wide.tables.keys().map(String::as_str));
        }
        let path = folder.join(format!(".tmp-{}-tables", std::process::id()));
        let mut unfolded = Self { snapshot: snapshot(mark.snapshot, path) };
        let sums = release.join(SUMS);
        let sums = fs::read_to_string(&sums).map_err(DeskError::io("read", &sums))?;
        let listed = |file: &str| sums.lines().any(|line| line.ends_with(&format!(" {file}")));
        let packed = snapshot(String::new(), release.to_owned());
        for table in needed {
            let file = format!("{table}.parquet");
            // A table without rows has no file.
            if listed(&file) {
                unfolded.take(&packed, table, &file, stop)?;
            }
        }
        unfolded.snapshot.manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Some(unfolded))
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    fn take(
        &mut self,
        packed: &Snapshot,
        table: &str,
        file: &str,
        stop: &AtomicBool,
    ) -> Result<(), DeskError> {
        let damaged = |what: &str| {
            let path = packed.path.join(file);
            DeskError::Store(StoreError::Damaged { path, what: what.to_owned() })
        };
        let mut part: Option<(String, Sink, FileEntry)> = None;
        for batch in packed.file_batches(&entry(file.to_owned()))? {
            let batch = batch?;
            let (years, regions) =
                places(&batch).ok_or_else(|| damaged("its last columns are not year and region"))?;
            let own: Vec<usize> = (0..batch.num_columns().saturating_sub(PLACES)).collect();
            let rows = batch.project(&own).map_err(|e| damaged(&e.to_string()))?;
            let mut at = 0;
            while at < rows.num_rows() {
                if stop.load(Ordering::Relaxed) {
                    return Err(DeskError::Interrupted);
                }
                let of = |row: usize| (years.value(row), regions.value(row));
                let end = (at..rows.num_rows()).find(|row| of(*row) != of(at)).unwrap_or(rows.num_rows());
                let (year, region) = of(at);
                let folder = format!("{table}/year={year}/region={region}");
                if part.as_ref().is_none_or(|(open, ..)| *open != folder) {
                    self.close(part.take())?;
                    let entry =
                        entry(format!("{folder}/part-{:09}.parquet", self.snapshot.manifest.files.len()));
                    let path = self.snapshot.locate(&entry).ok_or_else(|| damaged("a region is no name"))?;
                    let parent = path.parent().unwrap_or(&path);
                    fs::create_dir_all(parent).map_err(DeskError::io("make", parent))?;
                    part = Some((folder, Sink::plain(&rows.schema(), &path)?, entry));
                }
                if let Some((_, sink, entry)) = &mut part {
                    sink.write(&rows.slice(at, end - at))?;
                    entry.rows += (end - at) as u64;
                }
                at = end;
            }
        }
        self.close(part)
    }

    fn close(&mut self, part: Option<(String, Sink, FileEntry)>) -> Result<(), DeskError> {
        if let Some((_, sink, entry)) = part {
            sink.finish()?;
            self.snapshot.manifest.files.push(entry);
        }
        Ok(())
    }
}

impl Drop for Unfolded {
    fn drop(&mut self) {
        // What is left of it does no harm.
        let _ = fs::remove_dir_all(&self.snapshot.path);
    }
}

fn places(batch: &RecordBatch) -> Option<(Int16Array, StringArray)> {
    let columns = batch.columns();
    let [year, region] = columns.get(columns.len().checked_sub(PLACES)?..)? else { return None };
    let years = year.as_any().downcast_ref::<Int16Array>().filter(|a| a.null_count() == 0)?;
    let regions = region.as_any().downcast_ref::<StringArray>().filter(|a| a.null_count() == 0)?;
    Some((years.clone(), regions.clone()))
}

fn entry(path: String) -> FileEntry {
    FileEntry { path, rows: 0, bytes: 0, blake3: String::new() }
}

/// A snapshot without files.
fn snapshot(name: String, path: PathBuf) -> Snapshot {
    let manifest = Manifest {
        schema_version: String::new(),
        tool_version: String::new(),
        registry_digest: String::new(),
        snapshot: name.clone(),
        parent: None,
        account: Account { captures_met: 0, by_status: BTreeMap::new() },
        rows: BTreeMap::new(),
        files: Vec::new(),
    };
    Snapshot { name, path, manifest }
}
