//! What a snapshot is made of, as its maker hands it over: outlines first, records when they are wanted. So a snapshot may be
//! much larger than memory.

use crate::account::short;
use crate::counted::{Seat, Seated, counted};
use crate::error::StoreError;
use crate::partition::PartitionKey;
use crate::record::{Batch, CaptureRecord, HostRecord, ReportRecord};
use std::collections::{BTreeMap, BTreeSet};

/// What falls into one partition. Reports, captures and hosts are told by numbers of their maker's.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// Reports by county (none last), agency and id.
    pub by_agency: Vec<u32>,
    /// The same reports by id.
    pub by_report: Vec<u32>,
    /// Those of them that are added up, see [`crate::counted()`].
    pub counted: BTreeSet<u32>,
    /// Captures by container and id.
    pub captures: Vec<u32>,
    /// Hosts by name, unit and lesson.
    pub hosts: Vec<u32>,
    /// A hash of all it is made of; `None` where that is not known, and the partition is built anew.
    pub digest: Option<String>,
    /// A hash of what its reports say in figures: all that tables of figures and of their evidence are made of.
    pub figures: Option<String>,
    /// A hash of what its reports say in text.
    pub text: Option<String>,
}

/// What is wanted of reports beside who, where, when and findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportParts {
    /// Cells and indicators.
    pub figures: bool,
    /// Sections.
    pub text: bool,
}

/// All a snapshot is made of.
pub trait Contents: Sync {
    /// What falls into every partition.
    fn outlines(&self) -> BTreeMap<PartitionKey, Outline>;
    /// One report; the parts that are not wanted may be there or not.
    ///
    /// # Errors
    /// When it cannot be had.
    fn report(&self, number: u32, parts: ReportParts) -> Result<ReportRecord, StoreError>;
    /// One capture.
    ///
    /// # Errors
    /// When it cannot be had.
    fn capture(&self, number: u32) -> Result<CaptureRecord, StoreError>;
    /// One host.
    ///
    /// # Errors
    /// When it cannot be had.
    fn host(&self, number: u32) -> Result<HostRecord, StoreError>;
}

impl Contents for Batch {
    fn outlines(&self) -> BTreeMap<PartitionKey, Outline> {
        let mut outlines: BTreeMap<PartitionKey, Outline> = BTreeMap::new();
        for (number, report) in (0_u32..).zip(&self.reports) {
            let key = PartitionKey::new(report.resolution.year, &report.resolution.place.region);
            outlines.entry(key).or_default().by_report.push(number);
        }
        for (number, capture) in (0_u32..).zip(&self.captures) {
            let key = PartitionKey::new(capture.year, &capture.region);
            outlines.entry(key).or_default().captures.push(number);
        }
        for (number, host) in (0_u32..).zip(&self.hosts) {
            outlines.entry(PartitionKey::of_host(&host.region)).or_default().hosts.push(number);
        }
        let report = |n: &u32| self.reports.get(*n as usize).map(|r| &r.resolution);
        let capture =
            |n: &u32| self.captures.get(*n as usize).map(|c| (c.container.as_str(), c.capture_id.as_str()));
        for outline in outlines.values_mut() {
            // Ids are unique in a batch (the account sees to it), so the order is total.
            outline.by_report.sort_by_key(|n| report(n).map(|r| r.report_id.as_str()));
            outline.by_agency.clone_from(&outline.by_report);
            outline.by_agency.sort_by_key(|n| {
                let county = |r: &gongkai_model::Resolution| r.place.county_code.clone().unwrap_or_default();
                report(n).map(|r| (county(r).is_empty(), county(r), r.agency_id.as_str()))
            });
            let seated = |n: &u32| {
                let resolution = report(n)?;
                let seat = Seat::of(resolution)?;
                Some(Seated {
                    number: *n,
                    report: short(&[&resolution.report_id]),
                    agency: short(&[&resolution.agency_id]),
                    seat,
                })
            };
            outline.counted = counted(&outline.by_report.iter().filter_map(seated).collect::<Vec<_>>());
            outline.captures.sort_by_key(capture);
            outline.hosts.sort_by_key(|n| self.hosts.get(*n as usize).map(HostRecord::key));
        }
        outlines
    }

    fn report(&self, number: u32, _: ReportParts) -> Result<ReportRecord, StoreError> {
        self.reports.get(number as usize).cloned().ok_or_else(gone)
    }

    fn capture(&self, number: u32) -> Result<CaptureRecord, StoreError> {
        self.captures.get(number as usize).cloned().ok_or_else(gone)
    }

    fn host(&self, number: u32) -> Result<HostRecord, StoreError> {
        self.hosts.get(number as usize).cloned().ok_or_else(gone)
    }
}

fn gone() -> StoreError {
    StoreError::Account("a record of an outline is not in the batch".to_owned())
}
