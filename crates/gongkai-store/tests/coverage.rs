//! The coverage table adds up with the tables it counts, and says what is not there.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{batch, batch_of, bytes, capture, publish, report};
use gongkai_model::CaptureStatus;
use gongkai_store::{Batch, CaptureRecord, Row, RowQuery, Snapshot, Store};
use std::collections::BTreeSet;
use tempfile::TempDir;

fn snapshot(batch: &Batch) -> (TempDir, Snapshot) {
    let dir = TempDir::new().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    publish(&store, batch);
    let snapshot = store.current().unwrap().unwrap();
    (dir, snapshot)
}

fn rows(snapshot: &Snapshot) -> Vec<Row> {
    snapshot.rows(&RowQuery { table: "coverage", ..RowQuery::default() }).unwrap()
}

fn row<'r>(rows: &'r [Row], year: i16, region: &str, level: Option<&str>) -> &'r Row {
    let mut found = rows.iter().filter(|r| r.year == year && r.region == region && r.text("level") == level);
    let row = found.next().unwrap_or_else(|| panic!("no row {year} {region} {level:?}"));
    assert!(found.next().is_none(), "{year} {region} {level:?} twice");
    row
}

fn numbers(row: &Row, columns: &[&str]) -> Vec<Option<i64>> {
    columns.iter().map(|c| row.integer(c)).collect()
}

/// As `common::batch`, with captures that speak for no report.
fn with_captures_set_aside() -> Batch {
    let mut batch = batch();
    let speaking = batch.captures[0].clone();
    batch.captures.extend([
        CaptureRecord { status: CaptureStatus::Superseded, capture_id: "c-copy".into(), ..speaking },
        // Of a host that belongs to a county; of one whose place is open; of none.
        CaptureRecord {
            source_host: Some("www.example.gov.cn".into()),
            ..capture("c-notice", CaptureStatus::NotAReport)
        },
        CaptureRecord {
            source_host: Some("old.example.gov.cn".into()),
            ..capture("c-scan", CaptureStatus::Unreadable)
        },
        capture("c-other", CaptureStatus::Failed),
    ]);
    batch
}

#[test]
fn it_adds_up_with_the_tables_it_counts() {
    let (_dir, snapshot) = snapshot(&with_captures_set_aside());
    let rows = rows(&snapshot);
    let sum = |column: &str| rows.iter().map(|r| r.integer(column).unwrap()).sum::<i64>();
    let manifest = &snapshot.manifest;
    assert_eq!(sum("reports"), manifest.rows["reports"] as i64);
    assert_eq!(sum("captures"), manifest.rows["captures"] as i64);
    let of = |status: &str| manifest.account.by_status.get(status).copied().unwrap_or(0) as i64;
    assert_eq!(sum("copies"), of("duplicate") + of("superseded"));
    assert_eq!(sum("not_reports"), of("not_a_report"));
    assert_eq!(sum("unreadable"), of("unreadable") + of("failed"));
    assert_eq!(sum("captures"), sum("reports") + sum("copies") + sum("not_reports") + sum("unreadable"));
    let query =
        RowQuery { table: "reports", columns: &["cells_expected", "cells_read"], ..RowQuery::default() };
    let reports = snapshot.rows(&query).unwrap();
    for column in ["cells_expected", "cells_read"] {
        assert_eq!(sum(column), reports.iter().map(|r| r.integer(column).unwrap()).sum::<i64>(), "{column}");
    }
}

#[test]
fn what_was_not_found_has_a_row() {
    let (_dir, snapshot) = snapshot(&batch());
    let rows = rows(&snapshot);
    let columns = ["divisions", "hosts", "agencies_known", "agencies_found", "divisions_found", "reports"];
    // Jiangsu has 13 prefectures and, since 2020, 95 counties, districts and cities (《江苏统计年鉴2024》). The third of its
    // reports names no county.
    let county = row(&rows, 2023, "CN-JS", Some("county"));
    assert_eq!(numbers(county, &columns), [Some(95), Some(1), Some(3), Some(3), Some(2), Some(3)]);
    let prefecture = row(&rows, 2023, "CN-JS", Some("prefecture"));
    assert_eq!(numbers(prefecture, &columns), [Some(13), Some(0), Some(0), Some(0), Some(0), Some(0)]);
    // Of a year that another region has a report of.
    let absent = row(&rows, 2020, "CN-JS", Some("county"));
    assert_eq!(numbers(absent, &columns[1..]), [Some(1), Some(3), Some(0), Some(0), Some(0)]);
    assert!(absent.integer("divisions").unwrap() >= 95);
    assert!(row(&rows, 2020, "CN-JS", Some("township")).integer("divisions").unwrap() > 1_000);
    // Beijing has districts and no prefectures.
    assert_eq!(row(&rows, 2023, "CN-BJ", Some("county")).integer("divisions"), Some(16));
    assert!(!rows.iter().any(|r| r.region == "CN-BJ" && r.text("level") == Some("prefecture")));
    // 2021 and 2022: no report at all. Year 0 has no divisions.
    assert!(rows.iter().all(|r| [0, 2020, 2023].contains(&r.year)));
    assert!(rows.iter().filter(|r| r.year == 0).all(|r| r.integer("divisions").is_none()));
}

/// The 31 provinces, autonomous regions and municipalities of the mainland (中华人民共和国行政区划), and the centre.
#[test]
fn a_province_of_which_nothing_was_met_has_rows() {
    let (_dir, snapshot) = snapshot(&batch());
    let rows = rows(&snapshot);
    for year in [2020, 2023] {
        let regions: BTreeSet<&str> =
            rows.iter().filter(|r| r.year == year).map(|r| r.region.as_str()).collect();
        assert_eq!(regions.iter().filter(|r| r.starts_with("CN-")).count(), 31, "{year}: {regions:?}");
        let columns = ["divisions", "hosts", "agencies_known", "reports", "captures"];
        let province = row(&rows, year, "CN-XZ", Some("province"));
        assert_eq!(numbers(province, &columns), [Some(1), Some(0), Some(0), Some(0), Some(0)]);
        // Tibet has seven prefectures and cities since 2014.
        let prefectures = row(&rows, year, "CN-XZ", Some("prefecture"));
        assert_eq!(numbers(prefectures, &columns), [Some(7), Some(0), Some(0), Some(0), Some(0)]);
        assert_eq!(row(&rows, year, "CN", Some("central")).integer("reports"), Some(0));
    }
    assert!(!rows.iter().any(|r| ["CN-TW", "CN-HK", "CN-MO"].contains(&r.region.as_str())));
}

#[test]
fn captures_of_no_report_count_where_their_host_belongs() {
    let (_dir, snapshot) = snapshot(&with_captures_set_aside());
    let rows = rows(&snapshot);
    let columns = ["captures", "copies", "not_reports", "unreadable"];
    let taught = row(&rows, 0, "CN-JS", Some("county"));
    assert_eq!(numbers(taught, &columns), [Some(1), Some(0), Some(1), Some(0)]);
    // The host whose captures disagree, the one of no host, and the empty file of the common batch.
    let open = row(&rows, 0, "unknown", None);
    assert_eq!(numbers(open, &columns), [Some(3), Some(0), Some(0), Some(3)]);
    // A copy counts with its report.
    let copied = row(&rows, 2023, "CN-JS", Some("county"));
    assert_eq!(numbers(copied, &columns), [Some(4), Some(1), Some(0), Some(0)]);
}

#[test]
fn reports_with_indicators_or_cells_are_parsed_and_others_are_not() {
    let reports = vec![
        report(1, "2021", Some(2023), "CN-JS", Some("320113")),
        report(2, "pre2019", Some(2023), "CN-JS", Some("320113")),
        report(3, "narrative", Some(2023), "CN-JS", Some("320113")),
    ];
    let (_dir, snapshot) = snapshot(&batch_of(reports));
    let columns = ["reports", "reports_parsed"];
    assert_eq!(numbers(row(&rows(&snapshot), 2023, "CN-JS", Some("county")), &columns), [Some(3), Some(2)]);
}

/// Adding a report changes the rows of its region and no others, and ends as if all had been read at once.
#[test]
fn only_what_it_counts_changes_a_file() {
    let dir = TempDir::new().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    let before = publish(&store, &batch());
    let mut reports = batch().reports;
    reports.push(report(13, "2021", Some(2023), "CN-BJ", Some("110101")));
    let more = batch_of(reports);
    let after = publish(&store, &more);
    let coverage = |path: &std::path::Path| {
        let mut files = bytes(path);
        files.retain(|p, _| p.starts_with("coverage"));
        files
    };
    let (old, new) = (coverage(&before.path), coverage(&after.path));
    let changed: Vec<String> = new
        .keys()
        .filter(|p| !old.contains_key(*p))
        .map(|p| p.parent().unwrap().display().to_string())
        .collect();
    assert_eq!(changed, ["coverage/year=2020/region=CN-BJ", "coverage/year=2023/region=CN-BJ"]);
    let (_fresh, fresh) = snapshot(&more);
    assert!(new == coverage(&fresh.path));
}
