//! Rows read back are the rows that were published.
#![allow(clippy::unwrap_used)]

mod common;

use common::{batch, batch_of, publish, report};
use gongkai_model::Number;
use gongkai_store::{Datum, Row, RowQuery, Snapshot, Store, StoreError};
use tempfile::TempDir;

fn snapshot(dir: &TempDir) -> Snapshot {
    let store = Store::create_or_open(dir.path()).unwrap();
    publish(&store, &batch());
    store.current().unwrap().unwrap()
}

fn ids(rows: &[Row]) -> Vec<&str> {
    let mut ids: Vec<&str> = rows.iter().filter_map(|r| r.text("report_id")).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn one_row_is_found_by_its_keys_with_all_its_columns() {
    let dir = TempDir::new().unwrap();
    let snapshot = snapshot(&dir);
    let batch = batch();
    let wanted = &batch.reports[1];
    let id = wanted.resolution.report_id.as_str();
    let equals = [("report_id", id), ("item", "granted")];
    let rows =
        snapshot.rows(&RowQuery { table: "disclosure_requests", equals: &equals, ..RowQuery::default() });
    let rows = rows.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.year, row.region.as_str()), (2023, "CN-JS"));
    assert_eq!(row.text("county_code"), Some("320102"));
    for fact in wanted.parsed.cells.iter().filter(|c| c.item.as_ref() == "granted") {
        assert_eq!(row.number(&fact.column), fact.value, "{}", fact.column);
    }
    assert_eq!(row.get("item_no"), Some(&Datum::Integer(3)));
    // Decimals, times and flags come back as what they are.
    let fees = [("report_id", id), ("item", "fees")];
    let fees =
        snapshot.rows(&RowQuery { table: "proactive_disclosure", equals: &fees, ..RowQuery::default() });
    let fact = wanted.parsed.cells.iter().find(|c| c.column.as_ref() == "fee_wan_yuan").unwrap();
    assert_eq!(fees.unwrap()[0].number("fee_wan_yuan"), fact.value);
    let capture = [("capture_id", wanted.capture_id.as_str())];
    let capture = snapshot.rows(&RowQuery { table: "captures", equals: &capture, ..RowQuery::default() });
    assert_eq!(capture.unwrap()[0].time("fetched_at"), Some(1_700_000_000_000_000));
    let flag = [("report_id", id)];
    let flag = snapshot.rows(&RowQuery { table: "reports", equals: &flag, ..RowQuery::default() }).unwrap();
    assert_eq!(flag[0].get("has_requests"), Some(&Datum::Flag(true)));
}

#[test]
fn indicators_of_old_tables_come_back_in_printed_order() {
    let dir = TempDir::new().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    publish(&store, &batch_of(vec![report(3, "pre2019", Some(2015), "CN-JS", Some("320113"))]));
    let snapshot = store.current().unwrap().unwrap();
    let rows = snapshot.rows(&RowQuery { table: "legacy_statistics", ..RowQuery::default() }).unwrap();
    let labels: Vec<_> = rows.iter().filter_map(|r| r.text("indicator_label")).collect();
    assert_eq!(labels, ["（一）收到申请数", "来电数", "收到申请"]);
    let column = |name| rows.iter().map(|r| r.text(name)).collect::<Vec<_>>();
    assert_eq!(column("indicator"), [Some("requests.received"), None, Some("requests.received")]);
    assert_eq!(column("source"), [Some("table"), Some("table"), Some("narrative")]);
    assert_eq!(column("parent_label"), [Some("三、依申请公开情况"); 3]);
    assert_eq!(rows[0].number("value"), Some(Number::from_integer(3)));
    assert_eq!(rows[0].number("cumulative"), Number::parse_plain("12.3456"));
}

#[test]
fn null_is_no_value_and_nothing_found_is_no_error() {
    let dir = TempDir::new().unwrap();
    let snapshot = snapshot(&dir);
    let batch = batch();
    let blank =
        batch.reports[0].parsed.cells.iter().find(|c| c.value.is_none() && !c.item.contains("reg")).unwrap();
    let keys = [("report_id", batch.reports[0].resolution.report_id.as_str()), ("item", &*blank.item)];
    let rows = snapshot
        .rows(&RowQuery { table: &blank.table, equals: &keys, columns: &[&blank.column], partition: None })
        .unwrap();
    assert_eq!(rows[0].number(&blank.column), None::<Number>);
    assert_eq!(rows[0].text("item"), None, "only the columns asked for are read");
    let nobody = [("report_id", "r0")];
    assert!(
        snapshot
            .rows(&RowQuery { table: "cells", equals: &nobody, ..RowQuery::default() })
            .unwrap()
            .is_empty()
    );
    let none = snapshot.rows(&RowQuery { table: "no_such_table", ..RowQuery::default() });
    assert!(none.unwrap().is_empty());
}

#[test]
fn a_partition_bounds_the_search_and_no_filter_reads_everything() {
    let dir = TempDir::new().unwrap();
    let snapshot = snapshot(&dir);
    let query = RowQuery { table: "reports", columns: &["report_id"], ..RowQuery::default() };
    assert_eq!(ids(&snapshot.rows(&query).unwrap()).len(), 5);
    let here = RowQuery { partition: Some((2023, "CN-JS")), ..query };
    assert_eq!(ids(&snapshot.rows(&here).unwrap()).len(), 3);
    let unresolved = RowQuery { partition: Some((0, "unknown")), ..query };
    assert_eq!(ids(&snapshot.rows(&unresolved).unwrap()).len(), 1);
}

#[test]
fn statistics_never_hide_a_row() {
    let dir = TempDir::new().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let many = batch_of((1..400).map(|n| report(n, "narrative", Some(2023), "CN-JS", None)).collect());
    publish(&store, &many);
    let snapshot = store.current().unwrap().unwrap();
    for wanted in many.reports.iter().step_by(37) {
        let keys = [("report_id", wanted.resolution.report_id.as_str())];
        let found = snapshot.rows(&RowQuery { table: "reports", equals: &keys, ..RowQuery::default() });
        assert_eq!(ids(&found.unwrap()), [wanted.resolution.report_id.as_str()]);
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let dir = TempDir::new().unwrap();
    let mut snapshot = snapshot(&dir);
    let query = RowQuery { table: "reports", columns: &["colour"], ..RowQuery::default() };
    let error = snapshot.rows(&query).unwrap_err().to_string();
    assert!(error.contains("no column colour"), "{error}");
    for file in &mut snapshot.manifest.files {
        file.path = file.path.replace("reports/", "reports/../../");
    }
    let outside = snapshot.rows(&RowQuery { table: "reports", ..RowQuery::default() });
    assert!(matches!(outside, Err(StoreError::Damaged { .. })));
}
