//! The page about a snapshot's quality: what is on it, whether its numbers are those of the tables, what it lets through.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../gongkai-store/tests/common/mod.rs"]
mod common;

use common::{batch, batch_of, publish, report};
use gongkai_model::{Finding, Number, Scope};
use gongkai_publish::page;
use gongkai_registry::Registry;
use gongkai_store::{Batch, Datum, RowQuery, Snapshot, Store};
use serde_json::Value;
use std::collections::BTreeMap;
use tempfile::TempDir;

const EVIL: &str = "</script><script>alert(1)</script><!--";

struct Made {
    dir: TempDir,
    store: Store,
    snapshot: Snapshot,
    page: String,
    data: Value,
}

fn made(batch: &Batch) -> Made {
    let dir = TempDir::new().unwrap();
    let store = Store::create_or_open(dir.path()).unwrap();
    publish(&store, batch);
    remade(dir, store)
}

fn remade(dir: TempDir, store: Store) -> Made {
    let snapshot = store.current().unwrap().unwrap();
    let page = page(Registry::embedded(), &store, &snapshot).unwrap();
    let (_, rest) = page.split_once(" type=\"application/json\">").unwrap();
    let data = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    Made { dir, store, snapshot, page, data }
}

impl Made {
    /// The rows of a figure, with the names of its columns.
    fn figure(&self, name: &str) -> Vec<BTreeMap<String, Value>> {
        let figure = &self.data["figures"][name];
        rows(&figure["columns"], &figure["rows"])
    }

    fn listed(&self) -> Vec<BTreeMap<String, Value>> {
        rows(&self.data["listed"]["columns"], &self.data["listed"]["rows"])
    }

    fn sum(&self, figure: &str, column: &str) -> i64 {
        self.figure(figure).iter().filter_map(|r| r[column].as_i64()).sum()
    }
}

fn rows(columns: &Value, rows: &Value) -> Vec<BTreeMap<String, Value>> {
    let names: Vec<String> =
        columns.as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    let row = |row: &Value| names.iter().cloned().zip(row.as_array().unwrap().iter().cloned()).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn it_has_every_section_in_both_languages() {
    let made = made(&batch());
    for section in
        ["coverage", "captures", "findings", "worst", "fill", "requests", "agency", "changes", "about"]
    {
        let (_, rest) = made.page.split_once(&format!("<section id=\"{section}\">")).unwrap();
        let heading = rest.split_once("</h2>").unwrap().0;
        assert!(heading.contains("class=\"zh\"") && heading.contains("class=\"en\""), "{section}: {heading}");
    }
    // A text without words stands on the page as its key.
    for part in made.page.split("<span class=\"zh\" lang=\"zh-Hans\">").skip(1) {
        let text = part.split_once("</span>").unwrap().0;
        assert!(text.chars().any(|c| c > '\u{2e7f}'), "{text:?} is no Chinese");
    }
    // Nothing is fetched.
    for outside in ["src=", "@import", "url("] {
        let own = made.page.split("<script>").next().unwrap();
        assert!(!own.contains(outside), "{outside}");
    }
}

#[test]
fn its_numbers_are_those_of_the_tables() {
    let made = made(&batch());
    let manifest = &made.snapshot.manifest;
    assert_eq!(made.sum("reports", "reports"), manifest.rows["reports"] as i64);
    assert_eq!(made.sum("captures", "captures"), manifest.account.captures_met as i64);
    assert_eq!(made.sum("findings_by_year", "findings"), manifest.rows["findings"] as i64);
    assert_eq!(made.sum("findings_by_region", "findings"), manifest.rows["findings"] as i64);
    assert_eq!(made.figure("coverage").len() as u64, manifest.rows["coverage"]);

    // How often a cell is filled, counted row by row.
    let query = RowQuery { table: "disclosure_requests", ..RowQuery::default() };
    let stored = made.snapshot.rows(&query).unwrap();
    let fill = made.figure("fill_disclosure_requests");
    let mut compared = 0;
    for row in &fill {
        assert_eq!((row["level"].as_str(), row["scope"].as_str()), (Some("county"), Some("unknown")));
        for column in ["natural_person", "research", "total"] {
            let of_item = stored.iter().filter(|r| {
                r.text("item") == row["item"].as_str() && (r.year == 2020) == (row["form"] == "2019")
            });
            let filled = of_item.filter(|r| r.get(column).is_some()).count();
            assert_eq!(row[column], filled, "{row:?} {column}");
            compared += 1;
        }
    }
    assert_eq!(compared, (25 + 23) * 3);

    // Sums of what is printed in reports that can be added up.
    let key_figures = made.snapshot.rows(&RowQuery { table: "key_figures", ..RowQuery::default() }).unwrap();
    let counted: Vec<_> =
        key_figures.iter().filter(|r| r.get("counted") == Some(&Datum::Flag(true))).collect();
    let is_counted = |id: Option<&str>, scope: Option<&str>| {
        counted.iter().any(|r| r.text("report_id") == id && r.text("scope") == scope)
    };
    assert!(!counted.is_empty());
    let requests = made.figure("requests");
    assert!(!requests.is_empty());
    for row in &requests {
        let of_item = stored.iter().filter(|r| {
            r.text("item") == row["item"].as_str()
                && i64::from(r.year) == row["year"].as_i64().unwrap()
                && r.text("scope") == row["scope"].as_str()
                && is_counted(r.text("report_id"), r.text("scope"))
        });
        let printed: Vec<i64> = of_item.filter_map(|r| r.integer("total")).collect();
        assert_eq!(row["reports"], printed.len(), "{row:?}");
        assert_eq!(row["total"].as_i64(), (!printed.is_empty()).then(|| printed.iter().sum()), "{row:?}");
    }
}

/// A government's report of all its bodies, one of it alone, and one of a body: only the first is in the sums.
#[test]
fn sums_count_nothing_twice() {
    let made_with = |scopes: [Scope; 3]| {
        let reports = scopes.into_iter().zip(1..).map(|(scope, n)| {
            let mut report = report(n, "2021", Some(2023), "CN-JS", Some("320113"));
            report.resolution.agency_id = if n == 3 { "abody" } else { "aplace" }.to_owned();
            report.resolution.agency_name = Some(if n == 3 { "某局" } else { "某区人民政府" }.to_owned());
            report.resolution.agency_kind =
                Some(if n == 3 { "civil_affairs" } else { "government" }.to_owned());
            report.resolution.scope = scope;
            for cell in report.parsed.cells.iter_mut() {
                if (cell.item.as_ref(), cell.column.as_ref()) == ("new_received", "total") {
                    cell.value = Some(Number::from_integer(10_i64.pow(n as u32)));
                }
            }
            report
        });
        made(&batch_of(reports.collect()))
    };
    let made = made_with([Scope::Own, Scope::Whole, Scope::Unknown]);
    let received: Vec<_> =
        made.figure("requests").into_iter().filter(|r| r["item"] == "new_received").collect();
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!((&received[0]["total"], &received[0]["scope"]), (&100.into(), &"whole".into()));
    let places = made.figure("places");
    assert_eq!(places.len(), 1, "{places:?}");
    assert_eq!((&places[0]["received"], &places[0]["reports"]), (&100.into(), &1.into()));
    // All three are there to be looked at, and the agency has a line for each scope.
    assert_eq!(made.sum("reports", "reports"), 3);
    let agencies = made.data["agencies"]["rows"].as_array().unwrap();
    let place = agencies.iter().find(|r| r[0] == "aplace").unwrap();
    let years: Vec<String> = place[4].as_array().unwrap().iter().map(|y| y.to_string()).collect();
    assert!(years[0].starts_with("[2023,0,0,10,") && years[1].starts_with("[2023,1,1,100,"), "{years:?}");
}

#[test]
fn what_is_shown_can_be_told_apart_by_level_and_scope() {
    let mut batch = batch();
    batch.reports[0].resolution.scope = Scope::Own;
    batch.reports[1].resolution.agency_level = Some("province".to_owned());
    let made = made(&batch);
    let scopes = |figure: &str| {
        made.figure(figure).iter().filter(|r| r["scope"] == "own").filter_map(|r| r["reports"].as_i64()).sum()
    };
    assert_eq!((scopes("reports"), scopes("findings_by_year")), (1, 2));
    let listed = made.listed();
    assert_eq!(listed.iter().filter(|r| r["scope"] == "own").count(), 1);
    assert_eq!(listed.iter().filter(|r| r["level"] == "province").count(), 1);
    // Every report that prints the figure is in the row of all, and in one of each choice.
    let received = made.figure("received");
    let of = |level: &dyn Fn(&str) -> bool, scope: &dyn Fn(&str) -> bool| -> i64 {
        let here = received
            .iter()
            .filter(|r| level(r["level"].as_str().unwrap()) && scope(r["scope"].as_str().unwrap()));
        here.filter_map(|r| r["reports"].as_i64()).sum()
    };
    let (all, one) = (|x: &str| x == "all", |x: &str| x != "all");
    assert!(of(&all, &all) > 2);
    assert_eq!(of(&all, &all), of(&one, &all));
    assert_eq!(of(&all, &all), of(&all, &one));
    assert_eq!(of(&all, &all), of(&one, &one));
}

#[test]
fn the_distribution_is_over_reports_that_print_a_figure() {
    let mut reports: Vec<_> =
        (1..=7).map(|n| report(n, "2021", Some(2023), "CN-JS", Some("320113"))).collect();
    for (report, printed) in
        reports.iter_mut().zip([Some(5), None, Some(0), Some(100), Some(7), Some(9), Some(8)])
    {
        for cell in report.parsed.cells.iter_mut() {
            if (cell.item.as_ref(), cell.column.as_ref()) == ("new_received", "total") {
                cell.value = printed.map(Number::from_integer);
            }
        }
    }
    let made = made(&batch_of(reports));
    let row = &made.figure("received")[0];
    // 0 5 7 8 9 100: of six values the first, second, third, fifth and sixth.
    assert_eq!((&row["year"], &row["reports"]), (&2023.into(), &6.into()));
    let quantiles = ["p10", "p25", "p50", "p75", "p90"].map(|p| row[p].as_i64().unwrap());
    assert_eq!(quantiles, [0, 5, 7, 9, 100]);
    let of_county = made.figure("received").into_iter().find(|r| r["level"] == "county").unwrap();
    assert_eq!(of_county["p50"], row["p50"]);
}

#[test]
fn a_listed_report_tells_what_it_lacks_and_what_was_found() {
    let made = made(&batch());
    let listed = made.listed();
    assert_eq!((listed.len(), &made.data["listed"]["total"]), (5, &5.into()));
    let first = listed.iter().find(|r| r["report_id"] == "r0000000000000001").unwrap();
    assert_eq!((&first["year"], &first["region"]), (&2023.into(), &"CN-JS".into()));
    assert_eq!(first["findings_total"], 3);
    assert_eq!(first["findings"].as_array().unwrap().len(), 3);
    // The bits of cells without a number are the cells the form has less those that are filled.
    let missing: u32 = first["missing"]
        .as_str()
        .unwrap()
        .split(',')
        .map(|word| u64::from_str_radix(word, 16).unwrap().count_ones())
        .sum();
    let blank = batch().reports[0].parsed.cells.iter().filter(|c| c.value.is_none()).count();
    assert_eq!(missing as usize, blank);
    assert!(blank > 0);
}

/// Names and texts of reports are input: they must come through as text, and never as a part of the page.
#[test]
fn nothing_that_came_in_becomes_a_part_of_the_page() {
    let mut batch = batch();
    let first = &mut batch.reports[0];
    first.resolution.agency_name = Some(EVIL.to_owned());
    first.resolution.source_uri = Some("javascript:alert(2)".to_owned());
    first.findings.push(Finding::report("GK401", EVIL).raw("<img src=x onerror=alert(3)>"));
    batch.captures[5].reason = Some(format!("{EVIL}: told"));
    batch.captures[5].container = format!("crawl/{EVIL}.html");
    let plain = made(&common::batch());
    let made = made(&batch);
    for tag in ["<script", "</script", "<img", "<!--"] {
        assert_eq!(made.page.matches(tag).count(), plain.page.matches(tag).count(), "{tag}");
    }
    assert_eq!(plain.page.matches("</script").count(), 4);
    let listed = made.listed();
    let report = listed.iter().find(|r| r["report_id"] == "r0000000000000001").unwrap();
    assert_eq!(report["agency_name"], EVIL);
    assert!(report["findings"].to_string().contains("onerror"));
    assert!(made.data["captures"]["rows"].to_string().contains("alert(1)"));
    // The policy is a second wall: no network, no frames, no forms.
    assert!(made.page.contains("default-src 'none'"));
}

#[test]
fn the_same_snapshot_gives_the_same_bytes_anywhere() {
    let (one, other) = (made(&batch()), made(&batch()));
    assert!(one.page == other.page);
    for told in [one.dir.path(), std::env::current_dir().unwrap().as_path()] {
        assert!(!one.page.contains(told.to_str().unwrap()));
    }
}

#[test]
fn what_changed_since_the_snapshot_before_is_told() {
    let first = made(&batch());
    assert_eq!(first.data["changes"]["state"], "first");
    let mut changed = batch();
    changed.reports[0].resolution.title = Some("改过的标题".to_owned());
    let removed = changed.reports.remove(3);
    changed.captures.retain(|c| c.capture_id != removed.capture_id);
    changed.reports.push(report(9, "2021", Some(2023), "CN-BJ", Some("110101")));
    changed.captures.push(common::capture_of(changed.reports.last().unwrap()));
    publish(&first.store, &changed);
    let second = remade(first.dir, first.store);
    let changes = &second.data["changes"];
    assert_eq!((&changes["state"], &changes["parent"]), (&"compared".into(), &first.snapshot.name.into()));
    assert_eq!((&changes["added"], &changes["removed"]), (&1.into(), &1.into()));
    let rows = changes["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "a report that came or went is one line: {rows:?}");
    let title = rows.iter().find(|r| r[6] == "title").unwrap();
    assert_eq!((&title[0], &title[8]), (&"changed".into(), &"改过的标题".into()));
    // Once the snapshot before is gone, the page says so.
    std::fs::remove_dir_all(second.store.snapshot(&second.snapshot.manifest.parent.unwrap()).unwrap().path)
        .unwrap();
    assert_eq!(remade(second.dir, second.store).data["changes"]["state"], "gone");
}

/// Many reports with long findings: the page stays small, says how many it lists, and every figure keeps some.
#[test]
fn a_list_that_is_too_long_is_cut_fairly_and_says_so() {
    let reports = (1..=1500).map(|n| {
        let region = if n % 50 == 0 { "CN-XZ" } else { "CN-JS" };
        let mut report = report(n, "narrative", Some(2023), region, None);
        let message = format!("{n} ").repeat(400);
        report.findings = (0..10).map(|_| Finding::report("GK401", message.as_str())).collect();
        report.findings[0].code = "GK402";
        report
    });
    let made = made(&batch_of(reports.collect()));
    let listed = made.listed();
    assert_eq!(made.data["listed"]["total"], 1500);
    assert!(listed.len() < 1500, "{}", listed.len());
    assert!(made.page.len() < 5_000_000, "{}", made.page.len());
    assert!(listed.iter().filter(|r| r["region"] == "CN-XZ").count() >= 25);
    // Every code of a report once before any twice.
    assert!(listed.iter().all(|r| r["findings"].to_string().contains("GK402")));
    assert!(listed.iter().all(|r| r["findings_total"] == 10 && r["findings"].as_array().unwrap().len() == 8));
    assert_eq!(made.figure("findings_by_year")[0]["reports"], 1500);
}

#[test]
fn an_empty_snapshot_has_a_page() {
    let made = made(&Batch::default());
    assert_eq!(made.data["listed"]["total"], 0);
}
