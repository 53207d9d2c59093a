//! What of a partition that changed is not made again.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_registry::Registry;
use gongkai_store::{
    Batch, CaptureRecord, Contents, HostRecord, Outline, PartitionKey, PublishOptions, Published,
    ReportParts, ReportRecord, Store, StoreError,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A batch that says what its partitions are made of, and counts how often figures are asked for.
struct Counting {
    batch: Batch,
    /// Changes whenever anything does.
    digest: &'static str,
    asked: AtomicUsize,
}

impl Contents for Counting {
    fn outlines(&self) -> BTreeMap<PartitionKey, Outline> {
        let mut outlines = self.batch.outlines();
        for outline in outlines.values_mut() {
            outline.digest = Some(self.digest.to_owned());
            // In these tests neither ever changes.
            (outline.figures, outline.text) = (Some("figures".to_owned()), Some("text".to_owned()));
        }
        outlines
    }

    fn report(&self, number: u32, parts: ReportParts) -> Result<ReportRecord, StoreError> {
        self.asked.fetch_add(usize::from(parts.figures), Ordering::Relaxed);
        self.batch.report(number, parts)
    }

    fn capture(&self, number: u32) -> Result<CaptureRecord, StoreError> {
        self.batch.capture(number)
    }

    fn host(&self, number: u32) -> Result<HostRecord, StoreError> {
        self.batch.host(number)
    }
}

/// Publishes a batch; what came of it, and how often figures were asked for.
fn night(folder: &Path, batch: &Batch, digest: &'static str) -> (Published, usize) {
    let writer = Store::create_or_open(folder).unwrap().writer().unwrap();
    let cache = writer.cache().unwrap();
    let contents = Counting { batch: batch.clone(), digest, asked: AtomicUsize::new(0) };
    let options = PublishOptions { cache: Some(&cache), ..options() };
    let published = writer.publish(Registry::embedded(), &contents, &options).unwrap();
    (published, contents.asked.into_inner())
}

/// The data files; the manifest tells which night it was.
fn data(published: &Published) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = bytes(&published.path);
    files.retain(|path, _| path.extension().is_some_and(|e| e == "parquet"));
    assert!(!files.is_empty());
    files
}

#[test]
fn key_figures_of_the_same_figures_and_filers_are_not_made_again() {
    let (dir, once) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, asked) = night(dir.path(), &batch(), "first");
    assert!(asked > 0);
    // A page with another counter on it.
    let mut changed = batch();
    changed.captures.iter_mut().for_each(|capture| capture.bytes += 1);
    let (published, asked) = night(dir.path(), &changed, "second");
    assert_eq!(asked, 0, "captures say nothing about figures");
    assert!(data(&published) == data(&night(once.path(), &changed, "second").0));
}

#[test]
fn key_figures_of_other_filers_are_made_again() {
    let other: [fn(&mut ReportRecord); 2] = [
        |report| report.resolution.agency_name = Some("另一局".to_owned()),
        |report| report.findings.clear(),
    ];
    for (at, change) in other.into_iter().enumerate() {
        let (dir, once) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        night(dir.path(), &batch(), "first");
        let mut changed = batch();
        changed.reports.iter_mut().for_each(change);
        let (published, asked) = night(dir.path(), &changed, "second");
        assert!(asked > 0, "change {at}");
        assert!(data(&published) == data(&night(once.path(), &changed, "second").0), "change {at}");
    }
}
