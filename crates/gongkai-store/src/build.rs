//! The files of one partition, built in portions so that memory does not grow with it.

use crate::cache::Cache;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::partition::{Partition, PartitionKey};
use crate::record::{Body, CaptureRecord, ReportRecord};
use crate::rows::{Context, write_rows};
use crate::table_file::{Finished, TableFile};
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reports (or captures) whose rows are in memory at once.
pub(crate) const PORTION: usize = 512;

/// What building needs beside the partition.
pub(crate) struct Builder<'a> {
    /// What all tables share.
    pub(crate) context: &'a Context<'a>,
    /// The disk.
    pub(crate) disk: &'a dyn Disk,
    /// The folder of the snapshot.
    pub(crate) folder: &'a Path,
    /// Where bodies lie.
    pub(crate) cache: Option<&'a Cache>,
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

fn order(file: &TableFile<'_>) -> Order {
    let by_place = file.spec.sort.first().is_some_and(|column| column == "county_code");
    if by_place { Order::Agency } else { Order::Report }
}

impl<'a> Builder<'a> {
    /// Writes every table's rows of a partition; tables without rows have no file.
    pub(crate) fn build(
        &self,
        key: &PartitionKey,
        partition: &Partition<'_>,
    ) -> Result<Vec<(String, Finished)>, StoreError> {
        let tables = &self.context.registry.tables;
        let file = |spec: &'a gongkai_registry::TableSpec| {
            let folder = self.folder.join(format!("{}/{}", spec.name, key.folder()));
            TableFile::new(spec, self.context.stamp, self.disk, folder)
        };
        let mut files: Vec<TableFile<'_>> = tables.iter().map(file).collect();
        if partition.reports.len() <= PORTION {
            self.reports(&partition.reports, &mut files.iter_mut().collect::<Vec<_>>())?;
        } else {
            for wanted in [Order::Agency, Order::Report] {
                let mut some: Vec<_> = files.iter_mut().filter(|f| order(f) == wanted).collect();
                let mut reports = partition.reports.clone();
                if wanted == Order::Agency {
                    reports.sort_by(|a, b| by_agency(a).cmp(&by_agency(b)));
                }
                for portion in reports.chunks(PORTION) {
                    self.reports(portion, &mut some)?;
                }
            }
        }
        for portion in partition.captures.chunks(PORTION) {
            self.captures(portion, &mut files)?;
        }
        let beside = Partition { hosts: partition.hosts.clone(), ..Partition::default() };
        self.write(&beside, &mut files.iter_mut().collect::<Vec<_>>())?;
        let mut finished = Vec::new();
        for file in files {
            let table = file.spec.name.clone();
            finished.extend(file.finish()?.map(|done| (table, done)));
        }
        Ok(finished)
    }

    fn reports(&self, portion: &[&ReportRecord], files: &mut [&mut TableFile<'_>]) -> Result<(), StoreError> {
        self.go_on()?;
        let whole: Vec<ReportRecord> = self.each(portion, |report| self.whole_report(report))?;
        let part = Partition { reports: whole.iter().collect(), ..Partition::default() };
        self.write(&part, files)
    }

    fn captures(&self, portion: &[&CaptureRecord], files: &mut [TableFile<'_>]) -> Result<(), StoreError> {
        self.go_on()?;
        let whole: Vec<CaptureRecord> = self.each(portion, |capture| self.whole_capture(capture))?;
        let part = Partition { captures: whole.iter().collect(), ..Partition::default() };
        self.write(&part, &mut files.iter_mut().collect::<Vec<_>>())
    }

    fn write(&self, part: &Partition<'_>, files: &mut [&mut TableFile<'_>]) -> Result<(), StoreError> {
        if self.inside {
            files.par_iter_mut().try_for_each(|file| write_rows(self.context, part, file))
        } else {
            files.iter_mut().try_for_each(|file| write_rows(self.context, part, file))
        }
    }

    fn each<T: Sync, R: Send>(
        &self,
        portion: &[&T],
        one: impl Fn(&T) -> Result<R, StoreError> + Sync,
    ) -> Result<Vec<R>, StoreError> {
        if self.inside {
            portion.par_iter().map(|record| one(record)).collect()
        } else {
            portion.iter().map(|record| one(record)).collect()
        }
    }

    fn whole_report(&self, report: &ReportRecord) -> Result<ReportRecord, StoreError> {
        let mut whole = report.clone();
        if let Some(body) = self.body(report.body.as_ref(), &report.capture_id)? {
            whole.parsed = body.parsed;
            whole.findings = body.findings;
            whole.findings.extend(report.findings.iter().cloned());
        }
        Ok(whole)
    }

    fn whole_capture(&self, capture: &CaptureRecord) -> Result<CaptureRecord, StoreError> {
        let mut whole = capture.clone();
        if let Some(body) = self.body(capture.body.as_ref(), &capture.capture_id)? {
            whole.findings = body.findings;
            whole.findings.extend(capture.findings.iter().cloned());
        }
        Ok(whole)
    }

    fn body(&self, place: Option<&crate::Place>, capture: &str) -> Result<Option<Body>, StoreError> {
        let Some(place) = place else { return Ok(None) };
        let body = self.cache.and_then(|cache| cache.body(place));
        body.map(Some).ok_or_else(|| StoreError::Damaged {
            path: crate::cache::CACHE.into(),
            what: format!("what was read of capture {capture} is lost; the next run reads it again"),
        })
    }

    fn go_on(&self) -> Result<(), StoreError> {
        match self.stop {
            Some(stop) if stop.load(Ordering::Relaxed) => Err(StoreError::Interrupted),
            _ => Ok(()),
        }
    }
}

/// As the tables that are sorted by place are: a report without county comes last.
fn by_agency(report: &ReportRecord) -> (bool, &str, &str, &str) {
    let resolution = &report.resolution;
    let county = resolution.place.county_code.as_deref().unwrap_or_default();
    (county.is_empty(), county, &resolution.agency_id, &resolution.report_id)
}
