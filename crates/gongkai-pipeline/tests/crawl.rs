//! What a run knows that no single document does: hosts learn, copies meet, ids stay.

#![allow(clippy::unwrap_used)]

use gongkai_input::InputOptions;
use gongkai_pipeline::{Events, IngestOptions, Stage, ingest};
use gongkai_registry::Registry;
use gongkai_store::{Evidence, Row, RowQuery, Store};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

struct Silent;

impl Events for Silent {
    fn begin(&self, _: Stage, _: usize) {}
    fn progress(&self, _: Stage, _: usize) {}
    fn note(&self, _: &str) {}
}

/// Writes a page and what the crawler knew about it.
fn page(root: &Path, host: &str, name: &str, fetched: &str, html: &str) {
    let folder = root.join(host);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.html")), html).unwrap();
    let sidecar = format!(r#"{{"url": "https://{host}/{name}.html", "fetched_at": "{fetched}"}}"#);
    fs::write(folder.join(format!("{name}.html.json")), sidecar).unwrap();
}

/// A narrative report. `seed` makes its sentences those of one agency; `around` is what the page puts around it.
fn narrative(title: &str, seed: u32, around: &str) -> String {
    let sentence = |i: u32| {
        format!(
            "<p>本年度第{}次专题会议研究公开事项{}件，办结来信{}封，群众反映良好。</p>",
            i,
            seed * 7 + i,
            seed + i * 3
        )
    };
    let text: String = (1..24).map(sentence).collect();
    format!(
        "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><div>{around}</div><h1>{title}</h1>\
         <h2>一、总体情况</h2>{text}<h2>二、存在的主要问题及改进情况</h2><p>公开的主动性有待加强，今后将加强培训，完善制度。</p>\
         </body></html>"
    )
}

fn run(inputs: &Path, store: &Path, threads: usize) -> gongkai_store::Snapshot {
    let options = IngestOptions {
        inputs: vec![inputs.to_owned()],
        store: store.to_owned(),
        input: InputOptions::default(),
        threads: Some(threads),
        memory: None,
        evidence: Evidence::default(),
        prune: false,
        build: Some("1".to_owned()),
        gate: gongkai_pipeline::Gate::default(),
        stop: std::sync::Arc::default(),
    };
    ingest(Registry::embedded(), &options, &Silent).unwrap();
    Store::open(store).unwrap().current().unwrap().unwrap()
}

fn rows(snapshot: &gongkai_store::Snapshot, table: &str, equals: &[(&str, &str)]) -> Vec<Row> {
    snapshot.rows(&RowQuery { table, equals, ..RowQuery::default() }).unwrap()
}

fn text<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.text(column)
}

/// Four sure captures of a district, one ambiguous, one that names no place.
fn district(root: &Path) {
    let host = "www.njgl.gov.cn";
    for (i, name) in ["财政局", "审计局", "司法局", "统计局"].iter().enumerate() {
        let title = format!("南京市鼓楼区{name}2021年政府信息公开工作年度报告");
        page(
            root,
            host,
            &format!("sure{i}"),
            "2022-03-01T00:00:00Z",
            &narrative(&title, 100 + i as u32, "首页"),
        );
    }
    let title = "鼓楼区民政局2021年政府信息公开工作年度报告";
    page(root, host, "open", "2022-03-01T00:00:00Z", &narrative(title, 200, "首页"));
    let title = "区信访局2021年政府信息公开工作年度报告";
    page(root, host, "generic", "2022-03-01T00:00:00Z", &narrative(title, 300, "首页"));
}

#[test]
fn a_host_teaches_the_place_of_captures_that_do_not_say_it() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("crawl");
    district(&inputs);
    let snapshot = run(&inputs, &dir.path().join("store"), 1);
    for name in ["鼓楼区民政局", "区信访局"] {
        let found = rows(&snapshot, "reports", &[("agency_name", name)]);
        let [row] = found.as_slice() else { panic!("{name}: {found:?}") };
        assert_eq!(text(row, "county_code"), Some("320106"), "{name}");
        assert_eq!(text(row, "region_evidence"), Some("host"), "{name}");
        assert_eq!(row.region, "CN-JS");
        let id = text(row, "report_id").unwrap();
        assert!(rows(&snapshot, "findings", &[("report_id", id), ("code", "GK304")]).is_empty());
    }
    let hosts = rows(&snapshot, "hosts", &[("lesson", "names")]);
    let [host] = hosts.as_slice() else { panic!("{hosts:?}") };
    assert_eq!((text(host, "host"), text(host, "place_code")), (Some("www.njgl.gov.cn"), Some("320106")));
    assert_eq!(host.integer("captures"), Some(4));
    // The id is that of a page which says where it is.
    let sure = dir.path().join("sure");
    let title = "南京市鼓楼区民政局2021年政府信息公开工作年度报告";
    page(&sure, "www.example.com", "a", "2023-01-01T00:00:00Z", &narrative(title, 200, "镜像站"));
    let other = run(&sure, &dir.path().join("other"), 1);
    let id = |s: &gongkai_store::Snapshot, name| {
        text(&rows(s, "reports", &[("agency_name", name)])[0], "report_id").unwrap().to_owned()
    };
    assert_eq!(id(&snapshot, "鼓楼区民政局"), id(&other, "南京市鼓楼区民政局"));
}

#[test]
fn the_next_night_knows_the_host_and_the_same_input_publishes_nothing_new() {
    let dir = TempDir::new().unwrap();
    let (inputs, store) = (dir.path().join("crawl"), dir.path().join("store"));
    district(&inputs);
    let first = run(&inputs, &store, 2);
    assert_eq!(run(&inputs, &store, 1).name, first.name);
    // Next night only the one that does not say where it is was crawled.
    let next = dir.path().join("next");
    let title = "鼓楼区教育局2021年政府信息公开工作年度报告";
    page(&next, "www.njgl.gov.cn", "b", "2022-03-02T00:00:00Z", &narrative(title, 400, "首页"));
    let alone = run(&next, &dir.path().join("fresh"), 1);
    assert_eq!(rows(&alone, "reports", &[])[0].text("county_code"), None);
    let known = run(&next, &store, 1);
    assert_eq!(rows(&known, "reports", &[])[0].text("county_code"), Some("320106"));
    assert_eq!(rows(&known, "hosts", &[("lesson", "names")])[0].integer("captures"), Some(4));
}

#[test]
fn hosts_whose_captures_disagree_and_mirrors_teach_nothing() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("crawl");
    for (host, places) in [
        ("www.shared.gov.cn", ["南京市鼓楼区", "徐州市鼓楼区", "福州市鼓楼区", "开封市鼓楼区"]),
        ("www.mirror.example.com", ["南京市鼓楼区"; 4]),
    ] {
        for (i, (place, name)) in places.iter().zip(["财政局", "审计局", "司法局", "统计局"]).enumerate()
        {
            let title = format!("{place}{name}2021年政府信息公开工作年度报告");
            page(
                &inputs,
                host,
                &format!("s{i}"),
                "2022-03-01T00:00:00Z",
                &narrative(&title, 100 + i as u32, ""),
            );
        }
        let title = "鼓楼区水利局2021年政府信息公开工作年度报告";
        page(&inputs, host, "open", "2022-03-01T00:00:00Z", &narrative(title, host.len() as u32, ""));
    }
    let snapshot = run(&inputs, &dir.path().join("store"), 1);
    let open = rows(&snapshot, "reports", &[("agency_name", "鼓楼区水利局")]);
    assert_eq!(open.len(), 2);
    assert!(open.iter().all(|r| text(r, "county_code").is_none()), "{open:?}");
    let hosts = rows(&snapshot, "hosts", &[("lesson", "names")]);
    assert_eq!(hosts.len(), 4);
    assert!(hosts.iter().all(|h| text(h, "place_code").is_none()), "{hosts:?}");
}

#[test]
fn several_ambiguous_agencies_and_the_spelling_of_their_host_agree() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("crawl");
    for (i, name) in ["财政局", "审计局", "司法局"].iter().enumerate() {
        let title = format!("鼓楼区{name}2021年政府信息公开工作年度报告");
        page(
            &inputs,
            "www.njgl.gov.cn",
            &format!("s{i}"),
            "2022-03-01T00:00:00Z",
            &narrative(&title, 100 + i as u32, ""),
        );
    }
    // One alone is only a hint.
    let title = "鼓楼区审计局2021年政府信息公开工作年度报告";
    page(&inputs, "www.xzgl.gov.cn", "one", "2022-03-01T00:00:00Z", &narrative(title, 9, ""));
    let snapshot = run(&inputs, &dir.path().join("store"), 1);
    let of = |host: &str| {
        let found = rows(&snapshot, "reports", &[("source_host", host)]);
        found.iter().map(|r| text(r, "county_code").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(of("www.njgl.gov.cn"), vec![Some("320106".to_owned()); 3]);
    assert_eq!(of("www.xzgl.gov.cn"), [None]);
}

#[test]
fn one_report_from_its_site_a_mirror_in_traditional_script_and_a_year_later() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("crawl");
    let title = "句容市民政局2021年政府信息公开工作年度报告";
    page(&inputs, "www.jurong.gov.cn", "a", "2022-02-01T00:00:00Z", &narrative(title, 5, "浏览量：17"));
    page(&inputs, "www.jurong.gov.cn", "b", "2023-02-01T00:00:00Z", &narrative(title, 5, "浏览量：2345"));
    let traditional = narrative(title, 5, "文檔網 首頁");
    let pairs = [
        ("镇", "鎮"),
        ("务", "務"),
        ("开", "開"),
        ("报", "報"),
        ("信", "信"),
        ("会", "會"),
        ("议", "議"),
        ("项", "項"),
        ("办", "辦"),
        ("结", "結"),
        ("来", "來"),
        ("众", "眾"),
        ("应", "應"),
        ("题", "題"),
        ("体", "體"),
        ("动", "動"),
        ("强", "強"),
        ("训", "訓"),
        ("专", "專"),
        ("总", "總"),
        ("况", "況"),
        ("进", "進"),
        ("问", "問"),
        ("与", "與"),
        ("将", "將"),
        ("后", "後"),
        ("对", "對"),
        ("业", "業"),
    ];
    let traditional = pairs.iter().fold(traditional, |t, (s, f)| t.replace(s, f));
    page(&inputs, "www.wendang.example.com", "c", "2022-05-01T00:00:00Z", &traditional);
    let changed = narrative(title, 5, "").replace("办结来信8封", "办结来信9封");
    page(&inputs, "www.jurong.gov.cn", "d", "2022-06-01T00:00:00Z", &changed);
    let snapshot = run(&inputs, &dir.path().join("store"), 2);
    let reports = rows(&snapshot, "reports", &[]);
    let [report] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!((report.integer("captures"), text(report, "source_trust")), (Some(4), Some("gov")));
    let mut captures: Vec<(String, String)> = Vec::new();
    for row in rows(&snapshot, "captures", &[]) {
        assert_eq!(text(&row, "report_id"), text(report, "report_id"));
        let name = text(&row, "container").unwrap().rsplit('/').next().unwrap().to_owned();
        captures.push((name, text(&row, "reason").unwrap_or("speaks").to_owned()));
        // The page with another counter, a year later, is the same content; the changed one is not.
        let times = (row.time("first_seen"), row.time("last_seen"));
        let year_2022 = 1_643_673_600_000_000;
        match captures.last().map(|c| c.0.as_str()) {
            Some("a.html" | "b.html" | "c.html") => {
                assert_eq!(times, (Some(year_2022), Some(1_675_209_600_000_000)), "{captures:?}");
            }
            _ => assert_eq!(times, (Some(1_654_041_600_000_000), Some(1_654_041_600_000_000))),
        }
    }
    captures.sort();
    let want = [
        ("a.html", "later_fetch: same_text"),
        ("b.html", "speaks"),
        ("c.html", "more_trusted_host: same_text"),
        ("d.html", "later_fetch: near_copy"),
    ];
    let got: Vec<(&str, &str)> = captures.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(got, want);
}
