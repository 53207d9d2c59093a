//! For whom reports count, through the binary: own and whole are two reports, both tables of one document are kept, and what is
//! marked as counted adds up to what there is, once.
#![allow(clippy::unwrap_used)]

use gongkai_generator::{Certainty, Country, Filing, country, nation};
use gongkai_registry::Registry;
use gongkai_store::{Row, RowQuery, Snapshot, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const COLUMNS: [&str; 7] = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"];

/// The table of requests in the form of 2021, all of them by natural persons, and granted.
fn requests(received: i64) -> String {
    let form = Registry::embedded().form("2021").and_then(|f| f.table("disclosure_requests")).unwrap();
    let mut rows = format!("<tr><td>项目</td>{}</tr>", COLUMNS.map(|c| format!("<td>{c}</td>")).concat());
    for item in &form.items {
        let value = if matches!(&*item.code, "new_received" | "granted" | "total") { received } else { 0 };
        let cells = [value, 0, 0, 0, 0, 0, value].map(|v| format!("<td>{v}</td>")).concat();
        rows.push_str(&format!("<tr><td>{}</td>{cells}</tr>", item.labels[0]));
    }
    format!("<table>{rows}</table>")
}

/// A report of enough text to be told from others, of which `seed` makes another.
fn page(title: &str, opening: &str, tables: &str, seed: i64) -> String {
    let sentence = |n: i64| {
        let (meetings, letters) = (seed * 7 + n, seed + n * 3);
        format!("<p>第{n}次专题会议讨论事项{meetings}项，办理来信{letters}封，全部按期办结并归档备查。</p>")
    };
    let text: String = (1..16).map(sentence).collect();
    format!(
        "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><p>{opening}</p><h2>一、总体情况</h2>{text}\
         <h2>三、收到和处理政府信息公开申请情况</h2>{tables}<h2>五、存在的主要问题及改进情况</h2><p>公开内容还不够丰富，下一步将加强培训。</p></body></html>"
    )
}

fn gongkai(arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

fn ingest(crawl: &Path, store: &Path) -> Snapshot {
    gongkai(&["ingest", crawl.to_str().unwrap(), "--store", store.to_str().unwrap()]);
    gongkai(&["check", store.to_str().unwrap()]);
    Store::open(store).unwrap().current().unwrap().unwrap()
}

fn rows(snapshot: &Snapshot, table: &str) -> Vec<Row> {
    snapshot.rows(&RowQuery { table, ..RowQuery::default() }).unwrap()
}

const PLAIN: &str = "根据《中华人民共和国政府信息公开条例》编制本报告。";

/// Name, title, opening, tables, seed.
type Written = (&'static str, &'static str, &'static str, String, i64);

fn crawl() -> Vec<Written> {
    let both = format!("<p>表一（全县汇总）</p>{}<p>表二（县本级）</p>{}", requests(60), requests(7));
    vec![
        ("own.html", "霍山县人民政府（本级）2023年政府信息公开工作年度报告", PLAIN, requests(11), 1),
        ("whole.html", "霍山县人民政府2023年政府信息公开工作年度报告（汇总）", PLAIN, requests(97), 2),
        // A copy of the first that lost what its title says.
        ("mirror/own.html", "霍山县人民政府2023年政府信息公开工作年度报告", PLAIN, requests(11), 1),
        ("body.html", "霍山县民政局2023年政府信息公开工作年度报告", PLAIN, requests(5), 3),
        ("both.html", "金寨县2023年政府信息公开工作年度报告", PLAIN, both, 4),
        (
            "town.html",
            "霍山县诸佛庵镇2023年政府信息公开工作年度报告",
            "按照有关规定，汇总全镇政府信息公开工作情况编制本年度报告。",
            requests(3),
            5,
        ),
        ("county.html", "2023年霍邱县全县政府信息公开工作年度报告", PLAIN, requests(44), 6),
        ("quan.html", "全州县人民政府2023年政府信息公开工作年度报告", PLAIN, requests(21), 7),
    ]
}

fn write(crawl: &Path, pages: &[Written]) {
    for (name, title, opening, tables, seed) in pages {
        let path = crawl.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, page(title, opening, tables, *seed)).unwrap();
    }
}

/// One line a row: agency, scope, its evidence or what it stands for, and a figure.
fn lines(rows: &[Row], columns: &[&str]) -> Vec<String> {
    let shown = |row: &Row, column: &str| match row.integer(column) {
        Some(integer) => integer.to_string(),
        None => row.text(column).unwrap_or("-").to_owned(),
    };
    let mut lines: Vec<String> =
        rows.iter().map(|r| columns.iter().map(|c| shown(r, c)).collect::<Vec<_>>().join(" ")).collect();
    lines.sort();
    lines
}

#[test]
fn own_and_whole_are_two_reports_and_nothing_is_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store) = (dir.path().join("crawl"), dir.path().join("store"));
    write(&input, &crawl());
    let snapshot = ingest(&input, &store);
    assert_eq!(
        lines(&rows(&snapshot, "reports"), &["agency_name", "scope", "scope_evidence", "captures"]),
        [
            "全州县人民政府 unknown - 1",
            "金寨县 whole caption 1",
            "霍山县人民政府 own title 2",
            "霍山县人民政府 whole title 1",
            "霍山县民政局 unknown - 1",
            "霍山县诸佛庵镇 whole opening 1",
            "霍邱县 whole title 1",
        ]
    );
    let key = rows(&snapshot, "key_figures");
    assert_eq!(
        lines(&key, &["agency_name", "scope", "stands_for", "received", "outcomes"]),
        [
            "全州县人民政府 unknown place 21 21",
            "金寨县 own body 7 7",
            "金寨县 whole place 60 60",
            "霍山县人民政府 own body 11 11",
            "霍山县人民政府 whole place 97 97",
            "霍山县民政局 unknown body 5 5",
            "霍山县诸佛庵镇 whole body 3 3",
            "霍邱县 whole place 44 44",
        ]
    );
    let counted: i64 = key
        .iter()
        .filter(|r| r.get("counted") == Some(&gongkai_store::Datum::Flag(true)))
        .filter_map(|r| r.integer("received"))
        .sum();
    assert_eq!(counted, 97 + 3 + 60 + 44 + 21);
    // A column for every cell says the same, of both tables of a document.
    let desk = dir.path().join("desk");
    let [from, to] = [&store, &desk].map(|path| path.to_str().unwrap());
    gongkai(&["export", from, "--format", "csv", "-o", to, "report_wide"]);
    let csv = std::fs::read_to_string(desk.join("report_wide.csv")).unwrap();
    let table: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let wanted = ["agency_name", "scope", "r_new_received_total"];
    let columns = wanted.map(|name| table[0].iter().position(|c| *c == name).unwrap());
    let mut wide: Vec<String> = table[1..].iter().map(|row| columns.map(|at| row[at]).join(" ")).collect();
    wide.sort();
    assert_eq!(wide, lines(&key, &["agency_name", "scope", "received"]));
    // What two nights bring is what one brings.
    let nights = dir.path().join("nights");
    let first = dir.path().join("first");
    let pages = crawl();
    write(&first, &pages[2..]);
    ingest(&first, &nights);
    write(&first, &pages[..2]);
    let together = ingest(&first, &nights);
    for table in ["reports", "key_figures", "disclosure_requests", "agencies"] {
        let files = |s: &Snapshot| -> Vec<(String, String)> {
            let of_table = s.manifest.files.iter().filter(|f| f.path.starts_with(&format!("{table}/")));
            of_table.map(|f| (f.path.clone(), f.blake3.clone())).collect()
        };
        assert_eq!(files(&snapshot), files(&together), "{table}");
    }
}

#[test]
fn what_is_counted_of_a_generated_country_is_what_there_is_once() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store) = (dir.path().join("crawl"), dir.path().join("store"));
    // Agencies of some provinces, and counties with their governments.
    let all = country(Country { reports: 1_140, seed: 11, mistakes: 0 });
    for (_, filing) in all.enumerate().filter(|(n, _)| *n < 120 || *n >= 900) {
        let printed = filing.printed.as_ref().unwrap();
        let folder = input.join(&filing.folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(&printed.name), &printed.bytes).unwrap();
    }
    let snapshot = ingest(&input, &store);
    let key = rows(&snapshot, "key_figures");
    assert!(key.len() > 300, "{}", key.len());
    // By hand, and in another way: places with a government count as it says, others as their bodies say.
    let mut places: BTreeMap<(i16, String, String), (Option<i64>, i64)> = BTreeMap::new();
    let text = |r: &Row, column: &str| r.text(column).unwrap_or("-").to_owned();
    for row in &key {
        let place = (row.year, text(row, "agency_level"), text(row, "division_code"));
        let (government, bodies) = places.entry(place).or_default();
        let received = row.integer("received").unwrap_or(0);
        if row.text("agency_kind") == Some("government") {
            *government = Some(received);
        } else if row.text("agency_mark").is_none() {
            *bodies += received;
        }
    }
    let apart = key.iter().filter(|r| r.text("stands_for") == Some("apart"));
    let apart: i64 = apart.filter_map(|r| r.integer("received")).sum();
    let once: i64 = places.values().map(|(government, bodies)| government.unwrap_or(*bodies)).sum();
    let counted = key.iter().filter(|r| r.get("counted") == Some(&gongkai_store::Datum::Flag(true)));
    let counted: i64 = counted.filter_map(|r| r.integer("received")).sum();
    let all: i64 = key.iter().filter_map(|r| r.integer("received")).sum();
    assert!(places.values().any(|(g, b)| g.is_some() && *b > 0), "no government with bodies");
    assert_eq!(counted, once + apart);
    assert!(counted < all, "{counted} {all}");
}

/// How many requests were received, and for whom the report says that it counts.
type Told<'a> = (Option<i64>, &'a str);

/// What a report of a generated country says.
fn said(filing: &Filing) -> Option<Told<'static>> {
    let cells = &filing.printed.as_ref()?.truth.cells;
    let is = |c: &&gongkai_generator::TrueCell| {
        (c.table.as_ref(), c.item.as_ref(), c.column.as_ref())
            == ("disclosure_requests", "new_received", "total")
    };
    let number = match cells.iter().find(is)?.certainty {
        Certainty::Certain(number) | Certainty::Open(Some(number)) => number.as_integer(),
        _ => None,
    };
    Some((number, filing.scope.as_str()))
}

#[test]
fn a_country_that_looks_like_life_is_read_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store) = (dir.path().join("crawl"), dir.path().join("store"));
    let all = nation(1_300, 21).enumerate().filter(|(n, _)| *n < 60 || *n >= 1_000);
    let filings: Vec<Filing> = all.map(|(_, filing)| filing).collect();
    let mut printed: BTreeMap<(i16, &str), Vec<Told<'_>>> = BTreeMap::new();
    for filing in &filings {
        let Some(document) = &filing.printed else { continue };
        let folder = input.join(&filing.folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(&document.name), &document.bytes).unwrap();
        printed.entry((filing.year, filing.agency.as_str())).or_default().extend(said(filing));
    }
    let snapshot = ingest(&input, &store);
    let key = rows(&snapshot, "key_figures");
    assert_eq!(key.len(), filings.iter().filter(|f| f.printed.is_some()).count());
    let mut told = 0;
    for row in &key {
        let (name, scope) = (row.text("agency_name").unwrap(), row.text("scope").unwrap());
        let said = printed.get(&(row.year, name)).unwrap_or_else(|| panic!("{name} {}", row.year));
        let same = |(received, of): &&Told<'_>| {
            *of == scope && (row.integer("received").is_none() || row.integer("received") == *received)
        };
        assert!(
            said.iter().any(|s| same(&s)),
            "{name} {} {scope} {:?}: {said:?}",
            row.year,
            row.integer("received")
        );
        told += usize::from(row.integer("received").is_some());
    }
    assert!(told > key.len() / 5 * 4, "{told}");
    let levels: std::collections::BTreeSet<&str> =
        key.iter().filter_map(|r| r.text("agency_level")).collect();
    assert_eq!(levels.len(), 4, "{levels:?}");
}

/// What a table of 2008-2018 prints stands in the row of its report.
#[test]
fn figures_of_old_tables_are_key_figures() {
    let dir = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let snapshot = ingest(&samples, &dir.path().join("store"));
    let key = rows(&snapshot, "key_figures");
    let old = rows(&snapshot, "legacy_statistics");
    let mut compared = 0;
    for (indicator, column) in [("requests.received", "received"), ("replies.granted", "granted")] {
        let printed = old
            .iter()
            .filter(|r| r.text("indicator") == Some(indicator) && r.text("source") == Some("table"));
        for row in printed {
            let id = row.text("report_id");
            let figures = key.iter().find(|r| r.text("report_id") == id).unwrap();
            let value = row.number("value").and_then(|n| n.as_integer());
            assert_eq!(figures.integer(column), value, "{id:?} {indicator}");
            compared += usize::from(value.is_some());
        }
    }
    assert!(compared >= 4, "{compared}");
}

/// Where there is no DuckDB, it says how one comes by it; the views themselves are tried in `.ci/readers.py`.
#[test]
fn sql_says_how_to_install_duckdb() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store) = (dir.path().join("crawl"), dir.path().join("store"));
    write(&input, &crawl()[..1]);
    ingest(&input, &store);
    let arguments = ["sql", store.to_str().unwrap(), "FROM reports", "--program", "/nowhere/duckdb"];
    let run = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("pip install duckdb-cli"));
}
