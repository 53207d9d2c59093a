//! Snapshots: same bytes for the same batch, shared files, and publishing that happens whole or not at all.
#![allow(missing_docs, clippy::unwrap_used, clippy::string_slice)]

mod common;

use common::*;
use gongkai_model::CaptureStatus;
use gongkai_registry::Registry;
use gongkai_store::{Batch, Manifest, PublishOptions, Store, StoreError};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

fn manifest(path: &Path) -> Manifest {
    serde_json::from_str(&fs::read_to_string(path.join("manifest.json")).unwrap()).unwrap()
}

fn shuffled(batch: &Batch) -> Batch {
    let mut batch = batch.clone();
    batch.reports.reverse();
    batch.reports.rotate_left(2);
    batch.captures.reverse();
    batch
}

#[test]
fn order_and_threads_do_not_change_a_byte() {
    let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |dir: &Path, threads: usize, batch: &Batch| {
        let store = Store::create_or_open(dir).unwrap();
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| publish(&store, batch))
    };
    let a = run(one.path(), 1, &batch());
    let b = run(many.path(), 8, &shuffled(&batch()));
    assert_eq!(a.snapshot, b.snapshot);
    assert!(bytes(&a.path) == bytes(&b.path), "the two trees differ");
}

#[test]
fn the_account_and_every_file_are_in_the_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch());
    let manifest = manifest(&published.path);
    assert_eq!(manifest.account.captures_met, 6);
    assert_eq!((manifest.account.by_status["report"], manifest.account.by_status["unreadable"]), (5, 1));
    assert_eq!(manifest.account.by_status.len(), CaptureStatus::ALL.len());
    assert_eq!((manifest.rows["reports"], manifest.rows["disclosure_requests"]), (5, 3 * 25 + 23));
    assert_eq!(manifest.rows["legacy_statistics"], 0);
    assert!(manifest.files.is_sorted_by(|a, b| a.path < b.path));
    assert_eq!((manifest.parent, manifest.snapshot), (None, published.snapshot.clone()));
    assert!(published.snapshot.starts_with("000001-"), "{}", published.snapshot);
    let text = fs::read_to_string(published.path.join("manifest.json")).unwrap();
    assert!(!text.contains(&dir.path().to_string_lossy().into_owned()), "no absolute path");
}

#[test]
fn the_pointers_show_the_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    assert!(store.current().unwrap().is_none());
    let published = publish(&store, &batch());
    assert_eq!(fs::read_to_string(dir.path().join("CURRENT")).unwrap().trim(), published.snapshot);
    assert_eq!(store.current().unwrap().unwrap().name, published.snapshot);
    let views = fs::read_to_string(dir.path().join("views.sql")).unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    assert!(
        views.contains(&format!(
            "'{}') || '/snapshots/{}/by_year/reports/**",
            root.display(),
            published.snapshot
        )),
        "{views}"
    );
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(dir.path().join("current")).unwrap(),
        Path::new("snapshots").join(&published.snapshot)
    );
    assert!(published.warnings.is_empty());
}

#[test]
fn the_same_batch_again_publishes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = publish(&store, &batch());
    fs::remove_file(dir.path().join("views.sql")).unwrap();
    let second = publish(&store, &shuffled(&batch()));
    assert!(!first.unchanged && second.unchanged);
    assert_eq!(first.snapshot, second.snapshot);
    assert_eq!(store.snapshots().unwrap(), [first.snapshot]);
    assert!(dir.path().join("views.sql").exists(), "a lost convenience comes back");
}

#[cfg(unix)]
#[test]
fn unchanged_files_are_hard_links() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = publish(&store, &batch());
    let mut changed = batch();
    changed.reports[3].resolution.title = Some("改过的标题".to_owned());
    let second = publish(&store, &changed);
    assert_eq!(manifest(&second.path).parent, Some(first.snapshot.clone()));
    assert!(second.snapshot.starts_with("000002-"));
    assert_eq!(second.files_linked, second.files - 2, "two files of table reports are new");
    let inode = |p: &Path| fs::metadata(p).unwrap().ino();
    let shared: Vec<_> = files(&second.path, "")
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "parquet"))
        .collect();
    let linked = shared.iter().filter(|p| {
        let old = first.path.join(p.strip_prefix(&second.path).unwrap());
        old.exists() && inode(&old) == inode(p)
    });
    assert_eq!(linked.count(), second.files_linked);
    assert!(store.check(Registry::embedded(), Some(&first.snapshot)).unwrap().is_sound());
}

#[test]
fn a_damaged_file_is_not_inherited() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = publish(&store, &batch());
    let victim = files(&first.path, "cells").remove(0);
    let mut content = fs::read(&victim).unwrap();
    content[20] ^= 1;
    fs::write(&victim, content).unwrap();
    let mut changed = batch();
    changed.reports[3].resolution.title = None;
    publish(&store, &changed);
    assert!(store.check(Registry::embedded(), None).unwrap().is_sound());
}

#[test]
fn what_a_dead_run_left_is_removed_and_its_number_is_not_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let snapshots = dir.path().join("snapshots");
    fs::create_dir_all(snapshots.join(".tmp-000001/reports")).unwrap();
    // It died after naming its folder, before CURRENT.
    fs::create_dir_all(snapshots.join("000001-0123456789ab")).unwrap();
    let published = publish(&store, &batch());
    assert!(!snapshots.join(".tmp-000001").exists());
    assert!(published.snapshot.starts_with("000002-"));
}

#[test]
fn a_foreign_folder_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.docx"), "x").unwrap();
    let error = Store::create_or_open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign(_)) && error.is_usage(), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    let file = dir.path().join("thesis.docx");
    assert!(Store::create_or_open(&file).unwrap_err().is_usage());
    assert!(!Store::create_or_open(&file.join("store")).unwrap_err().to_string().is_empty());
    assert!(matches!(Store::open(&dir.path().join("none")).unwrap_err(), StoreError::NotAStore(_)));
    assert!(matches!(Store::open(&file).unwrap_err(), StoreError::NotAStore(_)));
}

#[test]
fn a_store_from_the_future_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("gongkai-store.json"), "{\"format\":2}").unwrap();
    let error = Store::create_or_open(dir.path()).unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("format 2"), "{error}");
}

#[test]
fn a_place_that_cannot_be_written_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    Store::create_or_open(&path).unwrap();
    fs::remove_dir(path.join("snapshots")).unwrap();
    fs::write(path.join("snapshots"), "").unwrap();
    let error = Store::create_or_open(&path).unwrap_err();
    assert!(!error.is_usage() && error.to_string().contains("snapshots"), "{error}");
}

#[test]
fn two_runs_do_not_publish_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let other = fs::File::open(dir.path().join("gongkai-store.json")).unwrap();
    other.lock().unwrap();
    let error = store.publish(Registry::embedded(), &batch(), &options()).unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    drop(other);
    publish(&store, &batch());
}

#[test]
fn a_batch_that_contradicts_itself_is_not_published() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let cases: [fn(&mut Batch); 6] = [
        |b| b.reports.push(b.reports[0].clone()),
        |b| b.captures.push(b.captures[0].clone()),
        |b| b.captures[0].status = CaptureStatus::Superseded,
        |b| b.captures[0].report_id = None,
        |b| b.captures[5].report_id = Some("r-nowhere".to_owned()),
        |b| drop(b.captures.remove(0)),
    ];
    for (n, spoil) in cases.iter().enumerate() {
        let mut batch = batch();
        spoil(&mut batch);
        let error = store.publish(Registry::embedded(), &batch, &options()).unwrap_err();
        assert!(matches!(error, StoreError::Account(_)) && !error.is_usage(), "case {n}: {error}");
    }
    assert!(store.current().unwrap().is_none());
}

#[test]
fn a_report_without_an_agency_id_is_not_published() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let mut batch = batch();
    batch.reports[0].resolution.agency_id.clear();
    let error = store.publish(Registry::embedded(), &batch, &options()).unwrap_err();
    assert!(
        matches!(&error, StoreError::Encode { .. }) && error.to_string().contains("agency_id"),
        "{error}"
    );
    assert!(store.current().unwrap().is_none());
    assert_eq!(fs::read_dir(dir.path().join("snapshots")).unwrap().count(), 0);
}

#[test]
fn progress_reaches_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let (most, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = |done: usize, total: usize| {
        most.fetch_max(done, Ordering::Relaxed);
        all.store(total, Ordering::Relaxed);
    };
    let options = PublishOptions { progress: Some(&progress), ..options() };
    store.publish(Registry::embedded(), &batch(), &options).unwrap();
    assert!(most.load(Ordering::Relaxed) > 0);
    assert_eq!(most.into_inner(), all.into_inner());
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let form = prop::sample::select(vec!["2021", "2019", "pre2019", "narrative", "unheard-of"]);
    let year = prop::option::of(2008_i16..2025);
    let region = prop::sample::select(vec!["CN-JS", "CN-BJ", "CN", "unknown", "", "a/b"]);
    let county = prop::option::of("[1-6][0-9]{5}");
    prop::collection::vec((form, year, region, county), 0..8).prop_map(|reports| {
        let reports = reports.into_iter().enumerate();
        batch_of(
            reports
                .map(|(n, (form, year, region, county))| report(n, form, year, region, county.as_deref()))
                .collect(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_batch_is_published_sound_and_the_same_in_any_order(batch in any_batch()) {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::create_or_open(a.path()).unwrap();
        let first = publish(&store, &batch);
        let mut other = batch.clone();
        other.reports.reverse();
        other.captures.reverse();
        let second = publish(&Store::create_or_open(b.path()).unwrap(), &other);
        prop_assert_eq!(&first.snapshot, &second.snapshot);
        let report = store.check(Registry::embedded(), None).unwrap();
        prop_assert!(report.is_sound(), "{:?}", report.problems);
    }
}

/// One of them made a store while the other put its own marker, which is what is locked, in its place: both wrote at once.
#[test]
fn of_several_first_runs_at_once_one_writes() {
    for _ in 0..100 {
        let dir = tempfile::tempdir().unwrap();
        let (start, end) = (Barrier::new(4), Barrier::new(4));
        let first_run = || {
            start.wait();
            let writer = Store::create_or_open(dir.path()).and_then(|store| store.writer());
            end.wait();
            writer.map(drop)
        };
        let writing = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(first_run)).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(writing.iter().filter(|run| run.is_ok()).count(), 1, "{writing:?}");
        let refused = writing.iter().filter(|run| matches!(run, Err(StoreError::Busy(_))));
        assert_eq!(refused.count(), 3, "{writing:?}");
    }
}
