//! A run that fails or dies at any operation leaves the published snapshot whole, and the next run finishes.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_registry::Registry;
use gongkai_store::faults::{Fault, FaultyDisk};
use gongkai_store::{Batch, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder in memory where there is one: thousands of files are synced here.
fn quick() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Two partitions, one of which a change leaves as it is. Of one year: every year has some files of coverage, and every file
/// several operations that are to fail.
fn small() -> Batch {
    batch_of(vec![
        report(1, "2021", Some(2023), "CN-JS", Some("320113")),
        report(4, "narrative", Some(2023), "CN-BJ", Some("110101")),
    ])
}

fn changed() -> Batch {
    let mut batch = small();
    batch.reports[1].resolution.title = Some("改过的标题".to_owned());
    batch.reports[0].findings.clear();
    batch
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(source).unwrap(), target).unwrap();
        } else if kind.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(source, target).unwrap();
        }
    }
}

/// Parquet files of a snapshot by path.
fn data(snapshot: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    bytes(snapshot).into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "parquet")).collect()
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Publishes `changed` on a disk that fails at the n-th operation; how many operations there were.
fn survive(template: &Path, first: &str, whole: &BTreeMap<PathBuf, Vec<u8>>, n: u64, fault: Fault) -> u64 {
    let dir = quick();
    let path = dir.path().join("store");
    copy(template, &path);
    let disk = FaultyDisk::new(n, fault);
    let attempt = Store::create_or_open_on(Arc::new(disk.clone()), &path)
        .and_then(|store| store.publish(Registry::embedded(), &changed(), &options()));

    let store = Store::open(&path).unwrap();
    let current = store.current().unwrap().unwrap();
    let told = format!("{fault:?} at operation {n}: {:?}", attempt.as_ref().map(|p| &p.snapshot));
    let ignored = |place: &str| place == "current" || place == "views.sql";
    let report = store.check(Registry::embedded(), None).unwrap();
    let problems: Vec<_> = report.problems.iter().filter(|p| !ignored(&p.place)).collect();
    assert!(problems.is_empty(), "{told}: {problems:?}");
    assert!(attempt.is_err() || current.name != first, "{told}: said to be published and is not");
    if current.name == first {
        assert!(attempt.is_err(), "{told}");
    } else {
        assert!(data(&current.path) == *whole, "{told}: other bytes were published");
    }

    let next = publish(&store, &changed());
    assert!(data(&next.path) == *whole, "{told}: the next run wrote other bytes");
    assert!(store.check(Registry::embedded(), None).unwrap().is_sound(), "{told}");
    assert_eq!(folders(&path.join("snapshots")), [first, &next.snapshot], "{told}");
    assert!(folders(&path).iter().all(|name| !name.starts_with(".tmp") && name != "PUBLISHING"), "{told}");
    disk.operations()
}

#[test]
fn every_operation_may_fail() {
    let template = quick();
    let store = Store::create_or_open(template.path()).unwrap();
    let first = publish(&store, &small()).snapshot;
    let clean = quick();
    let expected = publish(&Store::create_or_open(clean.path()).unwrap(), &changed());
    let whole = data(&expected.path);
    let operations = survive(template.path(), &first, &whole, 0, Fault::Once);
    assert!(operations > 100, "only {operations} operations were looked at");
    for fault in [Fault::Once, Fault::Cut] {
        each(1..=operations, |n| {
            survive(template.path(), &first, &whole, n, fault);
        });
    }
}

#[test]
fn the_first_run_of_all_may_fail_anywhere() {
    let clean = quick();
    let whole = data(&publish(&Store::create_or_open(clean.path()).unwrap(), &small()).path);
    let first_run = |n| {
        let dir = quick();
        let disk = FaultyDisk::new(n, Fault::Cut);
        let attempt = Store::create_or_open_on(Arc::new(disk.clone()), dir.path())
            .and_then(|store| store.publish(Registry::embedded(), &small(), &options()));
        let store = Store::create_or_open(dir.path()).unwrap();
        let next = publish(&store, &small());
        assert!(data(&next.path) == whole, "at operation {n}");
        assert_eq!(folders(&dir.path().join("snapshots")).len(), 1, "at operation {n}");
        // A fault after `CURRENT` has moved only costs conveniences.
        assert!(attempt.is_ok() || disk.operations() >= n, "at operation {n}");
        disk.operations()
    };
    let operations = first_run(u64::MAX);
    each(1..=operations, |n| {
        first_run(n);
    });
}

#[test]
fn a_lock_is_held_by_the_living_only() {
    let dir = quick();
    let store = Store::create_or_open(dir.path()).unwrap();
    let writer = store.writer().unwrap();
    assert!(matches!(store.writer(), Err(gongkai_store::StoreError::Busy(_))));
    drop(writer);
    store.writer().unwrap();
}

/// A program that starts holds every file its parent has open until it has begun.
#[test]
fn a_lock_is_not_held_by_a_program_that_starts() {
    let dir = quick();
    let store = Store::create_or_open(dir.path()).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                std::process::Command::new(std::env::current_exe().unwrap())
                    .args(["--list", "no such test"])
                    .output()
                    .unwrap();
            }
        });
        let refused = (0..300).filter(|_| store.writer().is_err()).count();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(refused, 0);
    });
}
