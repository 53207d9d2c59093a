//! The files of one partition, built in portions so that memory does not grow with it.

use crate::account::{Account, Roll};
use crate::contents::{Contents, Outline, ReportParts};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::partition::PartitionKey;
use crate::record::{CaptureRecord, HostRecord, ReportRecord};
use crate::rows::{Context, KEY_FIGURES, NARRATIVES, Part, write_rows};
use crate::table_file::{Finished, TableFile};
use crate::tally::Tally;
use gongkai_registry::TableSpec;
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Partitions with so many reports (or captures) are small: each thread builds one.
pub(crate) const SMALL: usize = 128;
/// Reports (or captures) of other partitions whose rows are in memory at once: there, all threads build one partition.
const PORTION: usize = 256;

/// What building needs beside the partition.
pub(crate) struct Builder<'a> {
    /// What all tables share.
    pub(crate) context: &'a Context<'a>,
    /// The disk.
    pub(crate) disk: &'a dyn Disk,
    /// The folder of the snapshot.
    pub(crate) folder: &'a Path,
    /// Where records come from.
    pub(crate) contents: &'a dyn Contents,
    /// All ids met.
    pub(crate) roll: &'a Roll,
    /// Whether to end early.
    pub(crate) stop: Option<&'a AtomicBool>,
    /// Whether to use all threads inside a partition; otherwise partitions are built side by side.
    pub(crate) inside: bool,
}

/// In which order a table wants its reports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// County, agency, report.
    Agency,
    /// Report.
    Report,
}

/// What the rows of a table are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeOf {
    /// Captures, hosts, and who filed what: anything may change it.
    Captures,
    /// Figures of reports; the same whatever captures they were read from.
    Figures,
    /// Text of reports; likewise.
    Text,
    /// Figures of reports, and who filed them.
    Both,
}

/// What the rows of a table are made of.
pub(crate) fn made_of(spec: &TableSpec) -> MadeOf {
    let has = |name: &str| spec.columns.iter().any(|c| c.name == name);
    match spec.name.as_str() {
        _ if !has("report_id") || has("capture_id") => MadeOf::Captures,
        NARRATIVES => MadeOf::Text,
        KEY_FIGURES => MadeOf::Both,
        _ => MadeOf::Figures,
    }
}

/// What files need of reports.
fn parts(files: &[&mut TableFile<'_>]) -> ReportParts {
    let any = |kind: MadeOf| files.iter().any(|file| made_of(file.spec) == kind);
    ReportParts { figures: any(MadeOf::Figures) || any(MadeOf::Both), text: any(MadeOf::Text) }
}

fn order(file: &TableFile<'_>) -> Order {
    let by_place = file.spec.sort.first().is_some_and(|column| column == "county_code");
    if by_place { Order::Agency } else { Order::Report }
}

/// What came of a partition.
#[derive(Default)]
pub(crate) struct Built {
    /// Its files by table; tables without rows have none.
    pub(crate) files: Vec<(String, Finished)>,
    /// What it holds.
    pub(crate) tally: Tally,
    /// A hash of its reports without their figures, see [`Builder::keys`].
    pub(crate) keys: Option<String>,
}

impl<'a> Builder<'a> {
    /// Writes the rows of a partition for those tables that are wanted.
    pub(crate) fn build(
        &self,
        key: &PartitionKey,
        outline: &Outline,
        wanted: &dyn Fn(&TableSpec) -> bool,
    ) -> Result<Built, StoreError> {
        let tables = self.context.registry.tables.iter().filter(|spec| wanted(spec));
        let file = |spec: &'a TableSpec| {
            let folder = self.folder.join(format!("{}/{}", spec.name, key.folder()));
            self.context.file(spec, self.disk, folder)
        };
        let mut files: Vec<TableFile<'_>> = tables.map(file).collect::<Result<_, _>>()?;
        let mut account = Account::new(self.roll);
        let mut tally = Tally::default();
        let mut keys = Some(blake3::Hasher::new());
        let mut count = |reports: &[ReportRecord]| {
            reports.iter().try_for_each(|report| {
                tally.report(report);
                keys = keys.take().and_then(|keys| report.hash_keys(keys));
                account.report(report)
            })
        };
        if outline.by_report.len() <= PORTION {
            let every: &mut Vec<_> = &mut files.iter_mut().collect();
            self.reports(&outline.by_report, outline, every, &mut count)?;
        } else {
            let (mut by_agency, mut by_report): (Vec<_>, Vec<_>) =
                files.iter_mut().partition(|f| order(f) == Order::Agency);
            let by_agency_portions = if by_agency.is_empty() { &[] } else { outline.by_agency.as_slice() };
            for portion in by_agency_portions.chunks(PORTION) {
                self.reports(portion, outline, &mut by_agency, &mut |_| Ok(()))?;
            }
            for portion in outline.by_report.chunks(PORTION) {
                self.reports(portion, outline, &mut by_report, &mut count)?;
            }
        }
        let mut files_of_all: Vec<_> = files.iter_mut().collect();
        for portion in outline.captures.chunks(PORTION) {
            self.go_on()?;
            let captures: Vec<CaptureRecord> = self.each(portion, |n| self.contents.capture(n))?;
            for capture in &captures {
                tally.capture(capture);
                account.capture(capture)?;
            }
            self.write(&Part { captures: &captures, ..Part::default() }, &mut files_of_all)?;
        }
        account.close()?;
        let hosts: Vec<HostRecord> = self.each(&outline.hosts, |n| self.contents.host(n))?;
        self.write(&Part { hosts: &hosts, ..Part::default() }, &mut files_of_all)?;
        let mut finished = Vec::new();
        for file in files {
            let table = file.spec.name.clone();
            finished.extend(file.finish()?.map(|done| (table, done)));
        }
        Ok(Built { files: finished, tally, keys: keys.map(hex) })
    }

    /// A hash of all that `key_figures` takes from the reports of a partition beside their figures: reading these costs most.
    pub(crate) fn keys(&self, outline: &Outline) -> Result<Option<String>, StoreError> {
        let mut keys = Some(blake3::Hasher::new());
        for portion in outline.by_report.chunks(PORTION) {
            self.go_on()?;
            let reports = self.each(portion, |n| self.report(outline, n, ReportParts::default()))?;
            for report in &reports {
                keys = keys.and_then(|keys| report.hash_keys(keys));
            }
        }
        Ok(keys.map(hex))
    }

    fn reports(
        &self,
        portion: &[u32],
        outline: &Outline,
        files: &mut [&mut TableFile<'_>],
        count: &mut dyn FnMut(&[ReportRecord]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.go_on()?;
        let parts = parts(files);
        let reports: Vec<ReportRecord> = self.each(portion, |n| self.report(outline, n, parts))?;
        count(&reports)?;
        self.write(&Part { reports: &reports, ..Part::default() }, files)
    }

    fn report(&self, outline: &Outline, n: u32, parts: ReportParts) -> Result<ReportRecord, StoreError> {
        let report = self.contents.report(n, parts)?;
        Ok(ReportRecord { counted: outline.counted.contains(&n), ..report })
    }

    fn write(&self, part: &Part<'_>, files: &mut [&mut TableFile<'_>]) -> Result<(), StoreError> {
        if self.inside {
            files.par_iter_mut().try_for_each(|file| write_rows(self.context, part, file))
        } else {
            files.iter_mut().try_for_each(|file| write_rows(self.context, part, file))
        }
    }

    fn each<R: Send>(
        &self,
        portion: &[u32],
        one: impl Fn(u32) -> Result<R, StoreError> + Sync,
    ) -> Result<Vec<R>, StoreError> {
        if self.inside {
            portion.par_iter().map(|n| one(*n)).collect()
        } else {
            portion.iter().map(|n| one(*n)).collect()
        }
    }

    fn go_on(&self) -> Result<(), StoreError> {
        match self.stop {
            Some(stop) if stop.load(Ordering::Relaxed) => Err(StoreError::Interrupted),
            _ => Ok(()),
        }
    }
}

fn hex(hasher: blake3::Hasher) -> String {
    hasher.finalize().to_hex().to_string()
}
