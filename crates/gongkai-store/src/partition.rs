//! Reports and captures grouped by partition, each group in an order that does not depend on the input's.

use crate::record::{Batch, CaptureRecord, HostRecord, ReportRecord};
use serde::Serialize;
use std::collections::BTreeMap;

/// Partition value of an unresolved place.
const UNKNOWN: &str = "unknown";

/// A partition: year, region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartitionKey {
    /// Report year, 0 when unresolved.
    pub(crate) year: i16,
    /// ISO 3166-2:CN code, `CN`, or `unknown`.
    pub(crate) region: String,
}

impl PartitionKey {
    /// A region that could not be the name of a folder is `unknown`.
    fn new(year: Option<i16>, region: &str) -> Self {
        let plain = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let region = if plain { region } else { UNKNOWN };
        Self { year: year.filter(|y| *y > 0).unwrap_or(0), region: region.to_owned() }
    }

    /// Where the one file of a table without any rows goes.
    pub(crate) fn nowhere() -> Self {
        Self::new(None, UNKNOWN)
    }

    /// The folder below the table's.
    pub(crate) fn folder(&self) -> String {
        format!("year={}/region={}", self.year, self.region)
    }
}

/// What falls into one partition.
#[derive(Default)]
pub(crate) struct Partition<'a> {
    /// By report id.
    pub(crate) reports: Vec<&'a ReportRecord>,
    /// By container.
    pub(crate) captures: Vec<&'a CaptureRecord>,
    /// By host, unit and lesson.
    pub(crate) hosts: Vec<&'a HostRecord>,
}

impl Partition<'_> {
    /// A hash of all the partition is made of, wherever bodies lie.
    pub(crate) fn digest(&self, seed: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(seed.as_bytes());
        for report in &self.reports {
            let ReportRecord { resolution, parsed, script, capture_id, captures, findings, body, .. } =
                report;
            let body = body.map(|b| b.hash());
            part(&bytes(&(resolution, parsed, script, capture_id, captures, findings, body)));
        }
        part(b"captures");
        for capture in &self.captures {
            let bare = CaptureRecord { body: None, ..(*capture).clone() };
            part(&bytes(&(bare, capture.body.map(|b| b.hash()))));
        }
        part(b"hosts");
        for host in &self.hosts {
            part(&bytes(*host));
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn bytes<T: Serialize + std::fmt::Debug>(value: &T) -> Vec<u8> {
    // Into memory and without sequences of unknown length it does not fail; if it did, two values must not look alike.
    postcard::to_stdvec(value).unwrap_or_else(|_| format!("{value:?}").into_bytes())
}

/// Groups a batch.
pub(crate) fn group(batch: &Batch) -> BTreeMap<PartitionKey, Partition<'_>> {
    let mut partitions: BTreeMap<PartitionKey, Partition<'_>> = BTreeMap::new();
    for report in &batch.reports {
        let key = PartitionKey::new(report.resolution.year, &report.resolution.place.region);
        partitions.entry(key).or_default().reports.push(report);
    }
    for capture in &batch.captures {
        let key = PartitionKey::new(capture.year, &capture.region);
        partitions.entry(key).or_default().captures.push(capture);
    }
    for host in &batch.hosts {
        // Hosts are of no year.
        partitions.entry(PartitionKey::new(None, &host.region)).or_default().hosts.push(host);
    }
    for partition in partitions.values_mut() {
        // Ids are unique in a batch (the account sees to it), so the order is total.
        partition.reports.sort_by(|a, b| a.resolution.report_id.cmp(&b.resolution.report_id));
        partition.hosts.sort_by(|a, b| (&a.host, &a.unit, &a.lesson).cmp(&(&b.host, &b.unit, &b.lesson)));
        partition.captures.sort_by(|a, b| (&a.container, &a.capture_id).cmp(&(&b.container, &b.capture_id)));
    }
    partitions
}

#[cfg(test)]
mod tests {
    use super::PartitionKey;

    #[test]
    fn partition_values_are_safe_folder_names() {
        for (year, region, folder) in [
            (Some(2023), "CN-JS", "year=2023/region=CN-JS"),
            (Some(2023), "CN", "year=2023/region=CN"),
            (None, "unknown", "year=0/region=unknown"),
            (Some(-5), "", "year=0/region=unknown"),
            (Some(2023), "../x", "year=2023/region=unknown"),
            (Some(2023), "江苏", "year=2023/region=unknown"),
        ] {
            assert_eq!(PartitionKey::new(year, region).folder(), folder);
        }
    }
}
