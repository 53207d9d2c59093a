//! The tables by year: the rows of the partitions once more, in fewer files.
#![allow(missing_docs, clippy::unwrap_used, clippy::string_slice)]

mod common;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use common::*;
use gongkai_registry::Registry;
use gongkai_store::{BY_YEAR, Batch, FileEntry, ProblemKind, Snapshot, Store};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeMap;
use std::fs::{self, File};

/// Several regions of one year, among them one whose folder stands before another's and whose name does not.
fn country() -> Batch {
    batch_of(vec![
        report(1, "2021", Some(2023), "CN-JS", Some("320113")),
        report(2, "2021", Some(2023), "CN-AH", Some("340102")),
        report(3, "2021", Some(2023), "CN", None),
        report(4, "2019", Some(2020), "CN-BJ", Some("110101")),
        report(5, "narrative", None, "unknown", None),
    ])
}

fn published(store: &Store, batch: &Batch) -> Snapshot {
    let name = publish(store, batch).snapshot;
    store.snapshot(&name).unwrap()
}

/// The partitions of a file by year, in the order of their rows in it.
fn parts<'s>(snapshot: &'s Snapshot, file: &FileEntry) -> Vec<&'s FileEntry> {
    let table = file.table_by_year().unwrap();
    let one_file = Registry::embedded().table(table).unwrap().one_file;
    let inside = |f: &&FileEntry| f.table() == table && (one_file || f.partition().0 == file.partition().0);
    let mut parts: Vec<&FileEntry> = snapshot.manifest.files.iter().filter(inside).collect();
    parts.sort_by_key(|f| (f.partition().0, f.partition().1.to_owned()));
    parts
}

#[test]
fn they_hold_the_rows_of_the_partitions_in_the_order_of_year_and_region() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = published(&Store::create_or_open(dir.path()).unwrap(), &country());
    let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
    for file in snapshot.manifest.files.iter().filter(|f| f.table_by_year().is_some()) {
        *rows.entry(file.table_by_year().unwrap()).or_default() += file.rows;
        let found = read(&snapshot.path.join(&file.path));
        let parts = parts(&snapshot, file);
        let mut at = 0;
        for part in &parts {
            let wanted = read(&snapshot.path.join(&part.path));
            let slice = found.slice(at, wanted.num_rows());
            assert_eq!(slice.columns()[..wanted.num_columns()], *wanted.columns(), "{}", part.path);
            at += wanted.num_rows();
        }
        assert_eq!(at, found.num_rows(), "{}", file.path);
        let places: Vec<(i32, &str)> = parts
            .iter()
            .flat_map(|p| std::iter::repeat_n((i32::from(p.partition().0), p.partition().1), p.rows as usize))
            .collect();
        let years = found.column_by_name("year").unwrap().as_primitive::<Int32Type>().clone();
        let regions = found.column_by_name("region").unwrap().as_string::<i32>().clone();
        let said: Vec<(i32, &str)> = years.values().iter().copied().zip(regions.iter().flatten()).collect();
        assert_eq!((said, years.null_count()), (places, 0), "{}", file.path);
    }
    assert_eq!(
        rows.into_iter().map(|(t, n)| (t.to_owned(), n)).collect::<BTreeMap<_, _>>(),
        snapshot.manifest.rows
    );
    let of_2023 = files(&snapshot.path, "by_year/reports/year=2023");
    let regions = read(&of_2023[0]).column_by_name("region").unwrap().as_string::<i32>().clone();
    assert_eq!(regions.iter().flatten().collect::<Vec<_>>(), ["CN", "CN-AH", "CN-JS"]);
}

#[test]
fn a_year_is_one_file_and_a_small_table_too() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = published(&Store::create_or_open(dir.path()).unwrap(), &country());
    for spec in &Registry::embedded().tables {
        let folder = format!("{BY_YEAR}/{}", spec.name);
        let all = files(&snapshot.path, &folder);
        if spec.one_file {
            assert_eq!(all.len(), 1, "{folder}");
            assert_eq!(all[0].parent().unwrap(), snapshot.path.join(&folder));
        }
        let mut folders: Vec<_> = all.iter().map(|f| f.parent().unwrap()).collect();
        folders.dedup();
        assert_eq!(folders.len(), all.len(), "{folder}: a folder has one file");
        for file in &all {
            let name = format!("part-{}.parquet", &blake3::hash(&fs::read(file).unwrap()).to_hex()[..16]);
            assert_eq!(file.file_name().unwrap().to_str().unwrap(), name);
            let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
            let names: Vec<&str> =
                reader.metadata().file_metadata().schema_descr().columns().iter().map(|c| c.name()).collect();
            for group in reader.metadata().row_groups() {
                let sorted = group.sorting_columns().unwrap().iter();
                let sorted: Vec<&str> = sorted.map(|s| names[s.column_idx as usize]).collect();
                assert_eq!(sorted[..2], ["year", "region"]);
                assert_eq!(sorted[2..], spec.sort.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_year_that_did_not_change_is_a_link() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = published(&store, &country());
    let mut changed = country();
    changed.reports[3].resolution.title = Some("改过的标题".to_owned());
    let second = published(&store, &changed);
    let inode = |snapshot: &Snapshot, folder: &str| {
        fs::metadata(files(&snapshot.path, &format!("{BY_YEAR}/{folder}")).remove(0)).unwrap().ino()
    };
    for (folder, same) in [
        ("reports/year=2023", true),
        ("reports/year=2020", false),
        ("cells/year=2020", true),
        ("codes", true),
    ] {
        assert_eq!(inode(&first, folder) == inode(&second, folder), same, "{folder}");
    }
    let report = store.check(Registry::embedded(), None).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
}

#[test]
fn a_check_finds_what_is_wrong_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let snapshot = published(&store, &country());
    let victim = files(&snapshot.path, "by_year/reports/year=2023").remove(0);
    let other = files(&snapshot.path, "by_year/reports/year=2020").remove(0);
    let whole = fs::read(&victim).unwrap();
    let kinds = || {
        let report = store.check(Registry::embedded(), None).unwrap();
        report.problems.into_iter().map(|p| p.kind).collect::<Vec<_>>()
    };
    fs::write(&victim, fs::read(other).unwrap()).unwrap();
    assert_eq!(kinds(), [ProblemKind::Changed]);
    fs::remove_file(&victim).unwrap();
    assert_eq!(kinds(), [ProblemKind::Missing]);
    fs::write(&victim, whole).unwrap();
    assert_eq!(kinds(), []);
    // A year that the manifest leaves out.
    let path = snapshot.path.join("manifest.json");
    let mut less = snapshot.manifest.clone();
    less.files.retain(|f| !f.path.starts_with("by_year/reports/year=2023"));
    fs::write(&path, less.to_json()).unwrap();
    assert_eq!(kinds(), [ProblemKind::Orphan, ProblemKind::Pointer, ProblemKind::Count]);
}
