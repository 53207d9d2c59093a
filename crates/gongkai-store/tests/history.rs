//! Snapshots through time: what is kept, what changed, what can be made good.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_model::Number;
use gongkai_registry::Registry;
use gongkai_store::{Batch, Change, Draft, PublishOptions, Retention, Store, compose, diff, diff_parquet};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(86_400);

fn titled(title: &str) -> Batch {
    let mut batch = batch();
    batch.reports[3].resolution.title = Some(title.to_owned());
    batch
}

#[test]
fn gc_keeps_what_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let names: Vec<String> =
        ["一", "二", "三", "四", "五"].iter().map(|t| publish(&store, &titled(t)).snapshot).collect();
    let writer = store.writer().unwrap();
    writer.tag("v1", &names[0]).unwrap();
    assert!(writer.tag("v1", &names[1]).is_err(), "a tag is for good");
    assert!(writer.tag("../v", &names[1]).is_err());
    let keep = Retention { count: 2, age: DAY };
    let now = SystemTime::now();
    assert!(writer.gc(keep, now, false).unwrap().snapshots.is_empty(), "all were the published one today");
    let later = now + 2 * DAY;
    assert_eq!(writer.gc(keep, later, true).unwrap().snapshots, [names[1].clone(), names[2].clone()]);
    assert_eq!(store.snapshots().unwrap().len(), 5, "a dry run drops nothing");
    let open = fs::File::open(files(&store.snapshot(&names[1]).unwrap().path, "reports").remove(0)).unwrap();
    let dropped = writer.gc(keep, later, false).unwrap();
    if cfg!(target_os = "linux") {
        // The file may be a link that another snapshot holds as well; the reader has it open by this name.
        assert_eq!((dropped.in_use, dropped.snapshots), (vec![names[1].clone()], vec![names[2].clone()]));
    }
    drop(open);
    writer.gc(Retention { count: 1, age: DAY }, later + DAY, false).unwrap();
    assert_eq!(store.snapshots().unwrap(), [names[0].clone(), names[4].clone()]);
    for name in [&names[0], &names[4]] {
        assert!(store.check(Registry::embedded(), Some(name)).unwrap().is_sound());
    }
    let log = store.log().unwrap();
    assert_eq!((log[0].tags.clone(), log[0].current, log[1].current), (vec!["v1".to_owned()], false, true));
    assert_eq!(store.find("v1").unwrap().name, names[0]);
}

/// A candidate may lie for weeks before somebody says it is right; until then readers read the snapshot before it.
#[test]
fn gc_counts_from_the_promotion_of_a_candidate() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = publish(&store, &titled("一")).snapshot;
    let refuse = |_: &Draft<'_>| false;
    let options = PublishOptions { gate: Some(&refuse), ..options() };
    let held = store.publish(Registry::embedded(), &titled("二"), &options).unwrap();
    assert!(held.held);
    let manifest = fs::File::options().write(true).open(held.path.join("manifest.json")).unwrap();
    manifest.set_modified(SystemTime::now() - 40 * DAY).unwrap();
    let writer = store.writer().unwrap();
    writer.promote(Registry::embedded(), &held.snapshot).unwrap();
    let keep = Retention { count: 1, age: 30 * DAY };
    let soon = writer.gc(keep, SystemTime::now() + DAY, false).unwrap();
    assert!(soon.snapshots.is_empty(), "the first was the published one until a day ago");
    let later = writer.gc(keep, SystemTime::now() + 31 * DAY, false).unwrap();
    assert_eq!(later.snapshots, [first]);
    assert!(store.check(Registry::embedded(), None).unwrap().is_sound());
}

#[test]
fn a_diff_tells_every_cell_with_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let old = publish(&store, &batch());
    let mut changed = batch();
    let cell = changed.reports[0].parsed.cells.iter_mut().find(|c| c.value.is_some()).unwrap();
    let (table, item, column, was) =
        (cell.table.to_string(), cell.item.to_string(), cell.column.to_string(), cell.value.unwrap());
    cell.value = Some(Number::from_integer(999_999));
    let gone = changed.reports.remove(3).resolution.report_id;
    changed.captures.retain(|c| c.report_id.as_deref() != Some(gone.as_str()));
    let new = publish(&store, &changed);
    let (old, new) = (store.snapshot(&old.snapshot).unwrap(), store.snapshot(&new.snapshot).unwrap());
    let changes = diff(Registry::embedded(), &old, &new).unwrap();
    let one: Vec<&Change> = changes.iter().filter(|c| c.report_id != gone).collect();
    assert_eq!(one.len(), 1, "{one:?}");
    assert_eq!(
        (one[0].table.as_str(), one[0].item.as_deref(), one[0].column.as_str()),
        (table.as_str(), Some(item.as_str()), column.as_str())
    );
    assert_eq!(
        (one[0].kind, one[0].old.clone(), one[0].new.as_deref()),
        ("changed", Some(was.to_string()), Some("999999"))
    );
    assert!(one[0].old_capture.is_some() && one[0].old_capture == one[0].new_capture);
    assert!(
        changes
            .iter()
            .filter(|c| c.report_id == gone)
            .all(|c| c.kind == "removed" && c.new.is_none() && c.new_capture.is_none())
    );
    assert!(changes.iter().any(|c| c.report_id == gone && c.table == "reports" && c.column == "capture_id"));
    assert!(diff(Registry::embedded(), &new, &new).unwrap().is_empty());
    let file = dir.path().join("changes.parquet");
    fs::write(&file, diff_parquet(&changes).unwrap()).unwrap();
    assert_eq!(read(&file).num_rows(), changes.len());
}

#[test]
fn a_diff_tells_indicators_of_the_years_before_2019() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let batch = batch_of(vec![report(1, "pre2019", Some(2012), "CN-FJ", None)]);
    let old = publish(&store, &batch);
    let mut changed = batch.clone();
    let report = changed.reports.iter_mut().find(|r| !r.parsed.legacy.is_empty()).unwrap();
    let row = report.parsed.legacy.last_mut().unwrap();
    let (was, id) = (row.value, report.resolution.report_id.clone());
    row.value = Some(Number::from_integer(777_777));
    let new = publish(&store, &changed);
    let (old, new) = (store.snapshot(&old.snapshot).unwrap(), store.snapshot(&new.snapshot).unwrap());
    let changes = diff(Registry::embedded(), &old, &new).unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    let one = &changes[0];
    assert_eq!((one.table.as_str(), one.column.as_str()), ("legacy_statistics", "value"));
    assert_eq!((one.report_id.as_str(), one.new.as_deref()), (id.as_str(), Some("777777")));
    assert_eq!(one.old, was.map(|w| w.to_string()));
    assert!(one.item.is_some());
}

/// Reports that are there, each with a seed for its figures.
fn some_reports() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::btree_map(1_usize..6, 0_usize..3, 0..5).prop_map(|m| m.into_iter().collect())
}

fn of(reports: &[(usize, usize)]) -> Batch {
    batch_of(
        reports
            .iter()
            .map(|(n, seed)| {
                let mut report =
                    report(*n, "2021", Some(2023), if n % 2 == 0 { "CN-JS" } else { "CN-BJ" }, None);
                report.parsed = parsed("2021", *seed);
                report
            })
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn diffs_compose(a in some_reports(), b in some_reports(), c in some_reports()) {
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let snapshots: Vec<_> = [("a", a), ("b", b), ("c", c)]
            .iter()
            .map(|(name, reports)| {
                let store = Store::create_or_open(&dir.path().join(name)).unwrap();
                publish(&store, &of(reports));
                store.current().unwrap().unwrap()
            })
            .collect();
        let registry = Registry::embedded();
        let between = |x: usize, y: usize| diff(registry, &snapshots[x], &snapshots[y]).unwrap();
        // Where a report was there only in the middle, nothing of it is left to tell.
        let key = |c: &Change| (c.table.clone(), c.report_id.clone(), c.item.clone(), c.column.clone(), c.old.clone(), c.new.clone(), c.kind);
        let composed: BTreeSet<_> = compose(between(0, 1), between(1, 2)).iter().map(key).collect();
        let direct: BTreeSet<_> = between(0, 2).iter().map(key).collect();
        prop_assert_eq!(composed, direct);
    }
}

#[test]
fn repair_makes_good_what_is_safe() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let first = publish(&store, &titled("一"));
    let second = publish(&store, &titled("二"));
    let path = files(&second.path, "narratives").remove(0);
    // Not the bytes both share: the file of this snapshot alone is lost.
    fs::remove_file(&path).unwrap();
    fs::remove_file(dir.path().join("views.sql")).unwrap();
    fs::write(second.path.join("reports/.tmp-part"), b"x").unwrap();
    let unknown = second.path.join("reports/mine.txt");
    fs::write(&unknown, b"x").unwrap();
    let done = store.writer().unwrap().repair(Registry::embedded(), None).unwrap();
    assert_eq!(done.len(), 3, "{done:?}");
    let left = store.check(Registry::embedded(), None).unwrap().problems;
    assert_eq!(left.len(), 1, "what nobody knows is told, not removed: {left:?}");
    fs::remove_file(unknown).unwrap();
    assert!(store.check(Registry::embedded(), None).unwrap().is_sound());
    assert!(store.check(Registry::embedded(), Some(&first.snapshot)).unwrap().is_sound());
}
