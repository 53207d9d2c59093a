//! What a run knows that no single document does: hosts learn, copies meet, ids stay.

#![allow(clippy::unwrap_used)]

use gongkai_input::InputOptions;
use gongkai_model::Date;
use gongkai_pipeline::{Events, IngestOptions, Stage, ingest};
use gongkai_registry::Registry;
use gongkai_store::{Datum, Evidence, Row, RowQuery, Store};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

struct Silent;

impl Events for Silent {
    fn begin(&self, _: Stage, _: usize) {}
    fn progress(&self, _: Stage, _: usize) {}
    fn note(&self, message: &str) {
        assert!(!message.contains("damaged"), "{message}");
    }
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
        caches: Vec::new(),
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
    // It spells no place by itself.
    let host = "www.mhwy.gov.cn";
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
    assert_eq!((text(host, "host"), text(host, "place_code")), (Some("www.mhwy.gov.cn"), Some("320106")));
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
    page(&next, "www.mhwy.gov.cn", "b", "2022-03-02T00:00:00Z", &narrative(title, 400, "首页"));
    let alone = run(&next, &dir.path().join("fresh"), 1);
    assert_eq!(rows(&alone, "reports", &[])[0].text("county_code"), None);
    let known = run(&next, &store, 1);
    assert_eq!(rows(&known, "reports", &[])[0].text("county_code"), Some("320106"));
    assert_eq!(rows(&known, "hosts", &[("lesson", "names")])[0].integer("captures"), Some(4));
}

/// A document of text (RTF) that holds the table of reviews and lawsuits, and prints what it is told to above it.
fn attachment(above: &str, figures: [u32; 15]) -> Vec<u8> {
    let text = |text: &str| text.chars().map(|c| format!("\\u{}?", c as i32)).collect::<String>();
    let row = |cells: &[(&str, u32)]| {
        let mut edge = 0;
        let ends = cells.iter().map(|(_, width)| {
            edge += width * 500;
            format!("\\cellx{edge}")
        });
        let ends: String = ends.collect();
        let inside: String = cells.iter().map(|(t, _)| format!("\\intbl {}\\cell", text(t))).collect();
        format!("\\trowd{ends}{inside}\\row ")
    };
    let results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"].map(|t| (t, 1));
    let figures = figures.map(|n| n.to_string());
    let rows = [
        row(&[("行政复议", 5), ("行政诉讼", 10)]),
        row(&[("", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)]),
        row(&[results, results, results].concat()),
        row(&figures.iter().map(|n| (n.as_str(), 1)).collect::<Vec<_>>()),
    ];
    format!("{{\\rtf1\\ansi {}\\par {}\\pard}}", text(above), rows.concat()).into_bytes()
}

#[test]
fn a_cover_answers_what_its_attachment_leaves_open() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("crawl");
    let cover = |folder: &str, agency: &str, documents: &[(&str, Vec<u8>)]| {
        let title = format!("{agency}2021年政府信息公开工作年度报告");
        let html = format!(
            "<html><head><meta charset=utf-8><meta name=PubDate content=2022-01-20><title>{title}</title></head>\
             <body><h1>{title}</h1><p>附件下载</p></body></html>"
        );
        let folder = inputs.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("page.html"), html).unwrap();
        for (name, bytes) in documents {
            fs::write(folder.join(name), bytes).unwrap();
        }
    };
    let figures = [1, 2, 0, 0, 3, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0];
    // Nothing but the table; an agency that may be in several cities; two reports on one page; one that says all itself.
    cover("bare", "霍山县水利局", &[("1.rtf", attachment("附表", figures))]);
    let title = "鼓楼区民政局2021年政府信息公开工作年度报告";
    cover("named", "南京市鼓楼区民政局", &[("2.rtf", attachment(title, figures))]);
    let two = [("3.rtf", attachment("附表一", figures)), ("4.rtf", attachment("附表二", [0; 15]))];
    cover("several", "句容市司法局", &two);
    let title = "句容市审计局2019年政府信息公开工作年度报告";
    cover("whole", "霍山县审计局", &[("5.rtf", attachment(title, figures))]);
    let snapshot = run(&inputs, &dir.path().join("store"), 2);
    let report = |name: &str| {
        let captures = rows(&snapshot, "captures", &[("container", name)]);
        let [capture] = captures.as_slice() else { panic!("{name}: {captures:?}") };
        assert_eq!(text(capture, "status"), Some("report"), "{name}: {capture:?}");
        let id = text(capture, "report_id").unwrap().to_owned();
        rows(&snapshot, "reports", &[("report_id", &id)]).swap_remove(0)
    };
    let told = |row: &Row| {
        let told = ["agency_name", "county_code", "region_evidence", "year_evidence"];
        (row.year, told.map(|column| text(row, column).unwrap_or("-").to_owned()))
    };
    let expect = |year, texts: [&str; 4]| (year, texts.map(str::to_owned));
    let published = |row: &Row| row.get("published_on").cloned();
    let bare = report("bare/1.rtf");
    assert_eq!(told(&bare), expect(2021, ["霍山县水利局", "341525", "cover", "cover"]));
    assert_eq!(published(&bare), Some(Datum::Date(Date(19_012))));
    let named = report("named/2.rtf");
    assert_eq!(told(&named), expect(2021, ["鼓楼区民政局", "320106", "cover", "title"]));
    for name in ["several/3.rtf", "several/4.rtf"] {
        let one = report(name);
        assert_eq!(told(&one), expect(0, ["-"; 4]), "{name}");
        assert_eq!(published(&one), Some(Datum::Date(Date(19_012))));
    }
    // What a report prints itself counts, whatever its page says.
    assert_eq!(told(&report("whole/5.rtf")), expect(2019, ["句容市审计局", "321183", "title", "title"]));
    let pages = rows(&snapshot, "captures", &[("container", "bare/page.html")]);
    let [page] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!(text(page, "reason"), Some("cover_of_attachment"));
    assert_eq!(text(page, "report_id"), text(&bare, "report_id"));
    // Another night, nothing new; a cover that changes is asked again.
    let store = dir.path().join("store");
    assert_eq!(run(&inputs, &store, 1).name, snapshot.name);
    cover("bare", "霍山县民政局", &[]);
    let next = run(&inputs, &store, 1);
    let found = rows(&next, "reports", &[("agency_name", "霍山县民政局")]);
    assert_eq!(found.iter().map(|r| text(r, "region_evidence")).collect::<Vec<_>>(), [Some("cover")]);
    // Names begin with a number of the store's own; the rest is a hash of all files.
    let content = |name: &str| name.split_once('-').map(|(_, hash)| hash.to_owned());
    let fresh = run(&inputs, &dir.path().join("fresh"), 2);
    assert_eq!(content(&fresh.name), content(&next.name));
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
    // City and district, both spelled, and the district named: one page is enough. The district's initials alone are only a hint.
    let title = "鼓楼区审计局2021年政府信息公开工作年度报告";
    page(&inputs, "www.xzgl.gov.cn", "one", "2022-03-01T00:00:00Z", &narrative(title, 9, ""));
    page(&inputs, "www.glq.gov.cn", "two", "2022-03-01T00:00:00Z", &narrative(title, 10, ""));
    let snapshot = run(&inputs, &dir.path().join("store"), 1);
    let of = |host: &str| {
        let found = rows(&snapshot, "reports", &[("source_host", host)]);
        found.iter().map(|r| text(r, "county_code").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(of("www.njgl.gov.cn"), vec![Some("320106".to_owned()); 3]);
    assert_eq!(of("www.xzgl.gov.cn"), [Some("320302".to_owned())]);
    assert_eq!(of("www.glq.gov.cn"), [None]);
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
