//! Tables as files of desk programs: CSV that a spreadsheet opens, one Excel workbook with a codebook, Stata. Rows go from the snapshot to
//! the file one after another. Every file is whole or it is not there, and nothing is cut: what a program cannot hold goes to the next
//! sheet or file, or is told.

mod csv;
mod dta;
mod flat;
mod frame;
#[cfg(test)]
mod tests;
mod value;
mod xlsx;

pub use flat::Unfolded;
use frame::{Codes, Frame};
use gongkai_registry::Registry;
use gongkai_store::{Snapshot, StoreError};
use std::fmt;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Rows of an Excel sheet below its head.
const SHEET_ROWS: u64 = 1_048_575;
/// The table of codes.
const CODES: &str = "codes";
/// The workbook.
const WORKBOOK: &str = "gongkai.xlsx";

/// A program's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskFormat {
    /// UTF-8 with the mark by which Excel knows it.
    Csv,
    /// One workbook, a sheet a table.
    Xlsx,
    /// Stata 14 and later.
    Dta,
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where.
    pub path: PathBuf,
    /// Rows in it, of all its tables.
    pub rows: u64,
    /// What a user must know about it, one sentence each.
    pub notes: Vec<String>,
}

/// Why a file was not made.
#[derive(Debug)]
pub enum DeskError {
    /// The call was wrong, or the format cannot hold the table.
    Usage(String),
    /// The store, or a file of it.
    Store(StoreError),
    /// The disk refused.
    Io {
        /// What was being done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Its answer.
        source: Error,
    },
    /// Somebody asked to stop.
    Interrupted,
}

impl DeskError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Interrupted => Self::Interrupted,
            other => Self::Store(other),
        }
    }
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Store(e) => e.fmt(f),
            Self::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for DeskError {}

/// What can be exported by name: the tables, and the wide one.
pub fn desk_tables(registry: &Registry) -> impl Iterator<Item = &str> {
    registry.tables.iter().map(|t| t.name.as_str()).chain([registry.wide.name.as_str()])
}

/// Writes tables of a snapshot into a folder. Files of the same names there are replaced.
///
/// # Errors
/// When there is no such table, the format cannot hold what is in it, or the disk refuses; files made before stay.
pub fn export(
    registry: &Registry,
    snapshot: &Snapshot,
    tables: &[String],
    format: DeskFormat,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<Vec<Exported>, DeskError> {
    let codes = Codes::of(snapshot)?;
    let frame = |name: &String| Frame::of(registry, snapshot, name, &codes, stop);
    let frames = tables.iter().map(frame).collect::<Result<Vec<_>, _>>()?;
    fs::create_dir_all(folder).map_err(DeskError::io("make", folder))?;
    match format {
        DeskFormat::Csv => {
            let files = frames.iter().map(|f| csv::write(f, folder, SHEET_ROWS));
            Ok(files.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        DeskFormat::Xlsx => Ok(vec![xlsx::write(&frames, &codes, folder, SHEET_ROWS)?]),
        DeskFormat::Dta => frames.iter().map(|f| dta::write(f, folder)).collect(),
    }
}

/// A file under a temporary name, which goes away unless it is finished.
struct Pending {
    temporary: PathBuf,
    target: PathBuf,
}

impl Pending {
    fn new(folder: &Path, name: &str) -> Self {
        Self {
            temporary: folder.join(format!(".tmp-{}-{name}", std::process::id())),
            target: folder.join(name),
        }
    }

    fn create(&self) -> Result<fs::File, DeskError> {
        fs::File::create(&self.temporary).map_err(DeskError::io("write", &self.target))
    }

    /// What is done when a write fails.
    fn failed(&self) -> impl FnOnce(Error) -> DeskError {
        DeskError::io("write", &self.target)
    }

    fn finish(self, rows: u64, notes: Vec<String>) -> Result<Exported, DeskError> {
        fs::rename(&self.temporary, &self.target).map_err(self.failed())?;
        Ok(Exported { path: self.target.clone(), rows, notes })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Once finished, it is not there any more.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Removes a file of an earlier export, if it is there.
fn remove_stale(path: &Path) -> Result<bool, DeskError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(DeskError::io("remove", path)(e)),
    }
}
