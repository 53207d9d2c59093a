//! `check` finds what is wrong with a snapshot, and nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::string_slice)]

mod common;

use common::*;
use gongkai_registry::Registry;
use gongkai_store::{ProblemKind, Store, StoreError};
use std::fs;
use std::path::Path;

/// Publishes the small batch, spoils the snapshot, and returns what kinds of problems a check finds.
fn found(spoil: impl FnOnce(&Path, &Path)) -> Vec<ProblemKind> {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let published = publish(&store, &batch());
    spoil(dir.path(), &published.path);
    let report = store.check(Registry::embedded(), None).unwrap();
    assert_eq!(report.is_sound(), report.problems.is_empty());
    assert!(report.problems.iter().all(|p| !p.to_string().is_empty()));
    report.problems.into_iter().map(|p| p.kind).collect()
}

fn edit_manifest(snapshot: &Path, from: &str, to: &str) {
    let path = snapshot.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_whole_snapshot_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let published = publish(&store, &batch());
    let report = store.check(Registry::embedded(), None).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.files, report.bytes), (published.files, published.bytes));
    assert_eq!(report.rows, published.rows.values().sum::<u64>());
    assert_eq!(report.snapshot, published.snapshot);
}

#[test]
fn a_flipped_byte_is_found() {
    let flip = |_: &Path, snapshot: &Path| {
        let path = files(snapshot, "disclosure_requests").remove(0);
        let mut content = fs::read(&path).unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 0x40;
        fs::write(path, content).unwrap();
    };
    assert_eq!(found(flip), [ProblemKind::Changed]);
}

#[test]
fn a_cut_file_is_found() {
    let cut = |_: &Path, snapshot: &Path| {
        let path = files(snapshot, "reports").remove(0);
        let content = fs::read(&path).unwrap();
        fs::write(path, &content[..content.len() - 1]).unwrap();
    };
    assert_eq!(found(cut), [ProblemKind::Changed]);
}

#[test]
fn a_missing_file_is_found() {
    let remove = |_: &Path, snapshot: &Path| fs::remove_file(files(snapshot, "captures").remove(0)).unwrap();
    assert_eq!(found(remove), [ProblemKind::Missing]);
}

#[test]
fn an_orphan_is_found() {
    let add =
        |_: &Path, snapshot: &Path| fs::write(snapshot.join("reports/year=0/extra.parquet"), "x").unwrap();
    assert_eq!(found(add), [ProblemKind::Orphan]);
}

#[test]
fn wrong_counts_are_found() {
    let table =
        |_: &Path, s: &Path| edit_manifest(s, "\"disclosure_requests\": 98", "\"disclosure_requests\": 99");
    assert_eq!(found(table), [ProblemKind::Count]);
    let file = |_: &Path, s: &Path| edit_manifest(s, "\"rows\": 75", "\"rows\": 74");
    // The file against the manifest, and the manifest against its own sum.
    assert_eq!(found(file), [ProblemKind::Count, ProblemKind::Count]);
    let met = |_: &Path, s: &Path| edit_manifest(s, "\"captures_met\": 6", "\"captures_met\": 7");
    assert_eq!(found(met), [ProblemKind::Account]);
    let status = |_: &Path, s: &Path| edit_manifest(s, "\"unreadable\": 1", "\"unreadable\": 0");
    assert!(found(status).contains(&ProblemKind::Account));
}

#[test]
fn a_changed_manifest_is_found() {
    let version =
        |_: &Path, s: &Path| edit_manifest(s, "\"tool_version\": \"0.0.0-test\"", "\"tool_version\": \"9\"");
    let kinds = found(version);
    assert!(kinds.contains(&ProblemKind::Pointer) && kinds.contains(&ProblemKind::Schema), "{kinds:?}");
    let outside = |_: &Path, s: &Path| edit_manifest(s, "\"path\": \"captures", "\"path\": \"../../captures");
    assert!(found(outside).contains(&ProblemKind::Missing));
}

#[test]
fn pointers_that_disagree_are_found() {
    let views = |store: &Path, _: &Path| fs::write(store.join("views.sql"), "").unwrap();
    assert_eq!(found(views), [ProblemKind::Pointer]);
    let link = |store: &Path, _: &Path| {
        fs::remove_file(store.join("current")).unwrap();
        std::os::unix::fs::symlink("snapshots/000009-0123456789ab", store.join("current")).unwrap();
    };
    assert_eq!(found(link), [ProblemKind::Pointer]);
}

#[test]
fn a_store_that_was_moved_or_copied_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("old");
    publish(&Store::create_or_open(&old).unwrap(), &batch());
    let mut last = old.clone();
    // Not every copy keeps links.
    for name in ["new", "o'neil [1]", "back\\slash"] {
        let place = dir.path().join(name);
        fs::rename(&last, &place).unwrap();
        fs::remove_file(place.join("current")).unwrap();
        let store = Store::open(&place).unwrap();
        if name == "o'neil [1]" {
            // Some copy what a link leads to.
            let snapshot = store.current().unwrap().unwrap().path;
            let mut copy = std::process::Command::new("cp");
            assert!(copy.arg("-r").arg(snapshot).arg(place.join("current")).status().unwrap().success());
        }
        let report = store.check(Registry::embedded(), None).unwrap();
        assert!(report.is_sound(), "{name}: {:?}", report.problems);
        let told: Vec<&str> = report.notes.iter().map(|note| note.place.as_str()).collect();
        assert!(told.contains(&"current") && told.contains(&"views.sql"), "{told:?}");
        store.writer().unwrap().repair(Registry::embedded(), None).unwrap();
        let report = store.check(Registry::embedded(), None).unwrap();
        assert!(report.is_sound() && report.notes.is_empty(), "{name}: {:?}", report.notes);
        let views = fs::read_to_string(place.join("views.sql")).unwrap();
        let root =
            if name.contains('\\') { "'.') || '/snapshots/" } else { "getvariable('gongkai_store'), '/" };
        assert!(views.contains(root) && !views.contains("/old/"), "{views}");
        last = place;
    }
}

#[test]
fn asking_for_what_is_not_there_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let nothing = store.check(Registry::embedded(), None).unwrap_err();
    assert!(matches!(nothing, StoreError::NoSnapshot { name: None, .. }) && nothing.is_usage());
    publish(&store, &batch());
    for name in ["000009-0123456789ab", "../x", ""] {
        assert!(store.check(Registry::embedded(), Some(name)).unwrap_err().is_usage());
    }
    fs::write(dir.path().join("CURRENT"), "../../etc\n").unwrap();
    assert!(matches!(store.current().unwrap_err(), StoreError::Damaged { .. }));
}

/// The registry with one word of one output table changed.
fn changed_registry(table: &str, from: &str, to: &str) -> Registry {
    let dir = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    for path in files(&data, "").iter().filter(|p| !p.starts_with(data.join("sample"))) {
        let copy = dir.path().join(path.strip_prefix(&data).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(path, copy).unwrap();
    }
    let path = dir.path().join(format!("tables/{table}.toml"));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
    Registry::load(dir.path()).unwrap()
}

#[test]
fn another_schema_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let published = publish(&store, &batch());
    let other = changed_registry("narratives", "int64", "int32");
    let report = store.check(&other, None).unwrap();
    let kinds: Vec<ProblemKind> = report.problems.iter().map(|p| p.kind).collect();
    let all = ["narratives", "by_year/narratives"].map(|folder| files(&published.path, folder).len());
    assert_eq!(kinds, vec![ProblemKind::Schema; all.iter().sum()], "{:?}", report.problems);
    // Another wording is another registry, not another schema.
    let reworded = changed_registry("narratives", "Characters of the text", "Length");
    assert!(store.check(&reworded, None).unwrap().is_sound());
}

#[test]
fn a_table_the_store_cannot_fill_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    for (from, to) in [("name = \"chars\"", "name = \"mood\""), ("int64", "date")] {
        let other = changed_registry("narratives", from, to);
        let error = store.publish(&other, &batch(), &options()).unwrap_err();
        assert!(matches!(error, StoreError::Registry(_)) && error.is_usage(), "{error}");
    }
    assert!(store.current().unwrap().is_none());
}
