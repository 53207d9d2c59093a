//! Pipeline files, the gates they set, and two failures that such gates are for.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_pipeline::{Ending, PROMOTE, Pipeline, RunRecord, Summary};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

fn parse(text: &str) -> Result<Pipeline, String> {
    Pipeline::parse(Registry::embedded(), Path::new("p.toml"), text).map_err(|e| e.to_string())
}

#[test]
fn the_files_of_the_project_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.to_string_lossy().ends_with(".test.toml");
        if !is_test && path.extension().is_some_and(|e| e == "toml") {
            assert!(path.with_extension("test.toml").exists(), "{} has no test beside it", path.display());
            Pipeline::load(Registry::embedded(), &path).unwrap();
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn mistakes_are_told_with_their_line() {
    let head = "store = \"s\"\n[[input]]\npath = \"x\"\n";
    for (more, told) in [
        ("[[expect]]\nmeasure = \"rows\"\n", "p.toml:4: an expectation needs `min`, `max` or both"),
        ("[[expect]]\nmeasure = \"rowz\"\nmin = 1\n", "p.toml:5: unknown variant `rowz`"),
        (
            "[[expect]]\nmeasure = \"rows\"\ntable = \"report\"\nmin = 1\n",
            "p.toml:4: there is no table \"report\"; there is reports",
        ),
        ("[[expect]]\nmeasure = \"fill\"\nmin = 1\n", "p.toml:4: `fill` needs a column"),
        (
            "[[expect]]\nmeasure = \"fill\"\ncolumn = \"colour\"\nmin = 1\n",
            "p.toml:4: table reports has no column \"colour\"",
        ),
        ("[[expect]]\nmeasure = \"rows\"\nmin = 2\nmax = 1\n", "p.toml:4: min 2 is above max 1"),
        (
            "[[expect]]\nmeasure = \"rows\"\nmin = 2\nyear = 2020\neach = [\"year\"]\n",
            "p.toml:4: `each` says",
        ),
        ("[[waive]]\nmeasure = \"rows\"\nreason = \" \"\n", "p.toml:4: a waiver needs a reason"),
        ("[retention]\ncount = 0\ndays = 1\n", "p.toml:4: retention: count must be at least 1"),
        ("kind = \"ftp\"\n", "p.toml:4: there is no kind \"ftp\"; there is folder, document, warc, jsonl"),
        (
            "kind = \"warc\"\nfields = { url = \"link\" }\n",
            "p.toml:5: inputs of kind \"warc\" have no fields",
        ),
        ("fields = { colour = \"link\" }\n", "p.toml:4: fields: there is no field `colour`; there are html"),
        ("fields = { url = \"\" }\n", "p.toml:4: fields: the name for `url` is empty"),
        ("[[input]]\npath = \"\"\n", "p.toml:4: input: an empty path"),
        ("[quality]\npage = \"report.pdf\"\n", "p.toml:5: quality: page must be the name of an .html file"),
        ("[quality]\n", "p.toml:4: missing field `page`"),
        ("[release]\nversion = \"a/b\"\ndir = \"r\"\n", "p.toml:5: release: \"a/b\" is no version"),
        ("[release]\nversion = \"1\"\n", "p.toml:4: missing field `dir`"),
        (
            "[[expect]]\nmeasure = \"rows\"\nregion = \"CN-QQ\"\nmin = 1\n",
            "p.toml:4: there is no region \"CN-QQ\"; there is CN-BJ,",
        ),
        (
            "[[expect]]\nmeasure = \"rows\"\nyear = 1021\nmin = 1\n",
            "p.toml:4: no report is about the year 1021",
        ),
        (
            "[[expect]]\nmeasure = \"rows\"\nmin = 0.5\n",
            "p.toml:4: `rows` counts rows: 0.5 is no whole number",
        ),
        (
            "[[expect]]\nmeasure = \"absent\"\neach = [\"year\"]\nmax = 0.1\n",
            "p.toml:4: only `rows`, `change`",
        ),
        (
            "[[expect]]\nmeasure = \"absent\"\ntable = \"cells\"\nmax = 0.1\n",
            "p.toml:4: `absent` is measured of reports",
        ),
        ("[[expect]]\nmeasure = \"resolved\"\nmin = nan\n", "p.toml:4: NaN is no bound"),
        ("[[expect]]\nmeasure = \"change\"\nmax = inf\n", "p.toml:4: inf is no bound"),
        (
            "[[expect]]\nmeasure = \"resolved\"\nmin = 95\n",
            "p.toml:4: `resolved` is a share, 0 to 1: 95 is outside; write 0.95 for 95 %",
        ),
        (
            "[[expect]]\nmeasure = \"change\"\nmin = 0.9\nmax = 200\n",
            "p.toml:4: `change` is a multiple, 1 is as before",
        ),
        (
            "[[expect]]\nmeasure = \"change\"\nmin = 1.5\n",
            "p.toml:4: `change` is 1 in a night without change",
        ),
        (
            "[[expect]]\nmeasure = \"resolved\"\ndays = 7\nmin = 0.9\n",
            "p.toml:4: `resolved` is 0 in a night without change",
        ),
        (
            "[[expect]]\nmeasure = \"growth\"\nmax = 1.5\n",
            "p.toml:4: `growth` needs a year, or `each = [\"year\"]`",
        ),
        ("[[expect]]\nmeasure = \"rows\"\nat_least = 9\nmin = 1\n", "p.toml:4: only `change`, `growth`"),
        (
            "[[expect]]\nmeasure = \"zeros\"\ntables = [\"disclosure_requests\", \"cells\"]\nmax = 0.9\n",
            "p.toml:4: `zeros` is measured of proactive_disclosure",
        ),
        (
            "[[expect]]\nmeasure = \"change\"\ndays = 30\nmin = 0.9\n[retention]\ncount = 5\ndays = 7\n",
            "p.toml:4: it compares with 30 days before, and [retention] keeps 7 days",
        ),
        (
            "[[waive]]\nmeasure = \"change\"\ntable = \"nope\"\nreason = \"closed\"\n",
            "p.toml:4: there is no table \"nope\"; there is reports",
        ),
        (
            "[[waive]]\nmeasure = \"change\"\nreason = \"closed\"\n",
            "p.toml:4: this waives nothing: no [[expect]] of `change`",
        ),
        (
            "[[expect]]\nmeasure = \"change\"\nmin = 0.9\n[[waive]]\nmeasure = \"change\"\nregion = \"CN-XZ\"\nreason = \"closed\"\n",
            "p.toml:7: this waives nothing",
        ),
        ("colour = 1\n", "p.toml:4: unknown field `colour`"),
        ("[[input]\n", "p.toml:4: "),
    ] {
        let error = parse(&format!("{head}{more}")).unwrap_err();
        assert!(error.starts_with(told), "{error}\nrather than\n{told}");
    }
    assert!(parse("store = \"s\"\n").unwrap_err().contains("no [[input]]"));
    // It would be the folder of the file.
    let nameless = parse("prune = true\nstore = \"\"\n[[input]]\npath = \"x\"\n").unwrap_err();
    assert!(nameless.starts_with("p.toml:2: store: an empty path"), "{nameless}");
    assert!(
        parse("store = \"s\"\nthreads = 0\n[[input]]\npath = \"x\"\n").unwrap_err().starts_with("p.toml:2")
    );
    let many = parse("store = \"s\"\nthreads = 100000\n[[input]]\npath = \"x\"\n").unwrap_err();
    assert!(many.starts_with("p.toml:2: threads must be at least 1 and at most 1024"), "{many}");
    let much =
        parse("store = \"s\"\nmemory_mib = 9223372036854775807\n[[input]]\npath = \"x\"\n").unwrap_err();
    assert!(much.starts_with("p.toml:2: memory_mib must be at least 64 and at most"), "{much}");
    let little = parse("store = \"s\"\nmemory_mib = 10\n[[input]]\npath = \"x\"\n").unwrap_err();
    assert!(little.starts_with("p.toml:2: memory_mib must be at least 64"), "{little}");
    assert!(
        parse("store = \"s\"\nevidence = \"some\"\n[[input]]\npath = \"x\"\n")
            .unwrap_err()
            .starts_with("p.toml:2")
    );
}

/// A crawl of many publishers, a folder each: pages that differ in nothing but their name.
fn crawl(root: &Path, publishers: std::ops::Range<usize>) {
    let page = &documents()[3];
    for i in publishers {
        let folder = root.join(format!("crawl/www.publisher{i}.example.gov.cn"));
        fs::create_dir_all(&folder).unwrap();
        let marked = [page.as_slice(), format!("<!-- {i} -->").as_bytes()].concat();
        fs::write(folder.join("page.html"), marked).unwrap();
    }
}

fn night(root: &Path, text: &str) -> Result<Summary, String> {
    let path = root.join("nightly.toml");
    fs::write(&path, text).unwrap();
    let pipeline = Pipeline::load(Registry::embedded(), &path).map_err(|e| e.to_string())?;
    let mut job = pipeline.job(&path, Arc::new(AtomicBool::new(false))).map_err(|e| e.to_string())?;
    job.build = Some("1".to_owned());
    Ok(run(&job))
}

#[test]
fn inputs_are_what_they_are_declared_to_be() {
    let dir = quick();
    let root = dir.path();
    let page = String::from_utf8_lossy(&documents()[3]).into_owned();
    fs::create_dir_all(root.join("crawl")).unwrap();
    fs::write(
        root.join("crawl/a.jsonl"),
        serde_json::json!({ "raw": page, "link": "http://a.gov.cn/1" }).to_string(),
    )
    .unwrap();
    fs::write(root.join("crawl/b.html"), page).unwrap();
    let input = |more: &str| format!("store = \"store\"\n[[input]]\npath = \"crawl/*\"\n{more}");
    let statuses = |text: &str| {
        let summary = night(root, text).unwrap();
        let reasons = summary.tally().reasons.clone();
        (
            summary.tally().captures.clone(),
            reasons.into_values().flatten().map(|(r, n)| format!("{r} {n}")).collect(),
        )
    };
    // Nobody said that `raw` holds pages.
    let (_, reasons): (_, Vec<String>) = statuses(&input(""));
    assert!(reasons.contains(&"no_document_field 1".to_owned()), "{reasons:?}");
    let (captures, reasons) = statuses(&input("fields = { html = \"raw\", url = \"link\" }\n"));
    assert_eq!(captures.values().sum::<u64>(), 2, "what it holds takes its place: {reasons:?}");
    // What was a document the night before is none in an input of records.
    let (_, reasons) = statuses(&input("kind = \"jsonl\"\nfields = { html = \"raw\", url = \"link\" }\n"));
    assert!(reasons.contains(&"other_kind 1".to_owned()), "{reasons:?}");
    let error = night(root, &input("kind = \"folder\"\n")).unwrap_err();
    assert!(
        error.contains("nightly.toml:2: ") && error.contains("is no folder, as its kind says"),
        "{error}"
    );
    let twice = input("kind = \"jsonl\"\n[[input]]\npath = \"crawl/*.html\"\n");
    let error = night(root, &twice).unwrap_err();
    assert!(error.contains("nightly.toml:5: ") && error.contains("matches another input"), "{error}");
}

#[test]
fn a_bound_of_memory_changes_no_byte() {
    let dir = quick();
    let root = dir.path();
    crawl(root, 0..20);
    let text = "store = \"store\"\n[[input]]\npath = \"crawl/*\"\n";
    night(root, text).unwrap();
    let free = data(&root.join("store"));
    night(root, &text.replace("\"store\"", "\"bound\"\nmemory_mib = 64\nthreads = 3")).unwrap();
    assert!(data(&root.join("bound")) == free);
}

/// A `*.test.toml` beside a pipeline file: what its gates say to crawls of so many publishers, night after night.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tests {
    test: Vec<Case>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    night: Vec<Night>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Night {
    /// Publishers that are there, a page without tables each.
    #[serde(default)]
    publishers: usize,
    /// Reports with all tables by year, an agency each.
    #[serde(default)]
    reports: BTreeMap<String, usize>,
    /// What stands in place of the figures: `times_ten`, `zero`, `dash`.
    #[serde(default)]
    figures: String,
    /// A table of the form that they do not print.
    #[serde(default)]
    without: String,
    /// So many of the reports of every year are a page that says there is none.
    #[serde(default)]
    gone: usize,
    /// Pages beside them that say nothing.
    #[serde(default)]
    empty: usize,
    /// Pages beside them that ask for a password.
    #[serde(default)]
    login: usize,
    /// Days since the night before.
    #[serde(default)]
    days: u64,
    /// Measures whose expectation is breached.
    breaches: Vec<String>,
    /// Whether the snapshot is published, or was so already.
    published: bool,
}

impl Night {
    /// Writes what the crawler has.
    fn crawl(&self, site: &Path) {
        publishers(site, self.publishers);
        for (year, count) in &self.reports {
            for (i, agency) in agencies().take(*count).enumerate() {
                let page = if i < self.gone {
                    "<title>404</title><p>页面不存在</p>".to_owned()
                } else {
                    self.report(&agency, year.parse().unwrap())
                };
                fs::write(site.join(format!("{year}-{i}.html")), page).unwrap();
            }
        }
        for i in 0..self.empty {
            fs::write(site.join(format!("empty{i}.html")), "").unwrap();
        }
        for i in 0..self.login {
            let page = format!(
                "<title>统一身份认证</title><form>用户名<input>密码<input>验证码<img src={i}></form>"
            );
            fs::write(site.join(format!("login{i}.html")), page).unwrap();
        }
    }

    /// A report with the tables of a sample.
    fn report(&self, agency: &str, year: u16) -> String {
        const SAMPLE: &str =
            "../../data/sample/www.huoshan.example.gov.cn/slj/gknb/202301/t20230118_10231/page.html";
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE)).unwrap();
        let city: String = agency.chars().take(3).collect();
        let page = page.replace("霍山县水利局", agency).replace("霍山县", &city).replace("3415250009", "");
        let page = page.replace("2023", &(year + 1).to_string()).replace("2022", &year.to_string());
        let tables = ["proactive_disclosure", "disclosure_requests", "review_litigation"];
        let mut parts = page.split("<table").map(str::to_owned).collect::<Vec<_>>();
        if let Some(lost) = tables.iter().position(|t| *t == self.without) {
            let (_, after) = parts[lost + 1].split_once("</table>").unwrap();
            parts[lost + 1] = format!("></table>{after}");
        }
        let cells = parts.join("<table");
        let mut cells = cells.split("</td>").map(|cell| {
            let at = cell.rfind('>').unwrap_or(0) + 1;
            let (before, text) = cell.split_at(at);
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return cell.to_owned();
            }
            match self.figures.as_str() {
                "times_ten" if text != "0" => format!("{cell}0"),
                "zero" => format!("{before}0"),
                "dash" => format!("{before}-"),
                _ => cell.to_owned(),
            }
        });
        let first = cells.next().unwrap();
        cells.fold(first, |page, cell| page + "</td>" + &cell)
    }
}

const CITIES: [&str; 10] =
    ["南京市", "无锡市", "徐州市", "常州市", "苏州市", "南通市", "扬州市", "镇江市", "泰州市", "宿迁市"];

/// Names of agencies that there are.
fn agencies() -> impl Iterator<Item = String> {
    let kinds = "民政局 教育局 财政局 审计局 统计局 司法局 水利局 应急管理局 公安局 农业农村局 商务局 卫生健康委员会 \
        生态环境局 交通运输局 体育局 医疗保障局 科学技术局 市场监督管理局 城市管理局 住房和城乡建设局 \
        人力资源和社会保障局 自然资源和规划局 退役军人事务局 发展和改革委员会 工业和信息化局 信访局";
    kinds.split_whitespace().flat_map(|kind| CITIES.iter().map(move |city| format!("{city}{kind}")))
}

/// A report each of so many agencies.
fn publishers(site: &Path, count: usize) {
    for (i, agency) in agencies().take(count).enumerate() {
        let title = format!("{agency}2021年政府信息公开工作年度报告");
        let line =
            |n: usize| format!("<p>{agency}本年度第{n}次专题会议研究公开事项{}件，群众反映良好。</p>", i + n);
        let text: String = (1..24).map(line).collect();
        let page = format!("<title>{title}</title><h1>{title}</h1><h2>一、总体情况</h2>{text}");
        fs::write(site.join(format!("{i}.html")), page).unwrap();
    }
}

#[test]
fn the_gates_of_the_files_of_the_project_hold_what_their_tests_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(pipeline) = path.to_str().and_then(|p| p.strip_suffix(".test.toml")) else { continue };
        let pipeline = fs::read_to_string(format!("{pipeline}.toml")).unwrap();
        let tests: Tests = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in tests.test {
            let dir = quick();
            let root = dir.path().join("pipelines");
            fs::create_dir_all(&root).unwrap();
            for (n, expected) in case.night.iter().enumerate() {
                let told = format!("{}, {}, night {}", path.display(), case.name, n + 1);
                for input in ["crawl", "archive", "data/sample"] {
                    let _ = fs::remove_dir_all(dir.path().join(input));
                    let site = dir.path().join(input).join("sites");
                    fs::create_dir_all(&site).unwrap();
                    expected.crawl(&site);
                }
                age(dir.path(), expected.days);
                let summary = night(&root, &pipeline).unwrap();
                let mut breaches: Vec<&str> = summary.breached().map(|b| b.measure.as_str()).collect();
                breaches.sort();
                breaches.dedup();
                assert_eq!(breaches, expected.breaches, "{told}: {:?}", summary.breaches);
                assert_eq!(!summary.published.held, expected.published, "{told}");
            }
        }
    }
}

/// Texts that the sources hand to a note or a warning, as far as they stand there.
fn notes_in(source: &str) -> Vec<&str> {
    let calls = [".note(", ".warning("].into_iter().flat_map(|call| source.split(call).skip(1));
    let text = |after: &'_ str| -> Option<(usize, usize)> {
        let start = after.find('"')?;
        let plain = after.get(..start)?.trim_start_matches('&').replace("format!(", "");
        let end = after.get(start + 1..)?.find('"')?;
        plain.trim().is_empty().then_some((start + 1, start + 1 + end))
    };
    let mut found: Vec<&str> = Vec::new();
    for after in calls {
        let longest = text(after).and_then(|(from, to)| {
            after.get(from..to)?.split(['{', '}', ':', ';']).map(str::trim).max_by_key(|part| part.len())
        });
        found.extend(longest.filter(|part| part.len() > 12));
    }
    found
}

#[test]
fn the_page_for_the_night_names_every_status_breach_note_and_metric() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/operations.md")).unwrap();
    let (_, section) = page.split_once("## At three in the morning\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    for rule in gongkai_pipeline::measure_rules() {
        let row = format!("| `{}` | {} | {} |", rule.name.as_str(), rule.about, rule.act);
        assert!(section.contains(&row), "docs/operations.md lacks the row\n{row}");
    }
    for metric in gongkai_pipeline::metrics() {
        let row = format!("| `gongkai_{}` | {} |", metric.name, metric.help);
        assert!(section.contains(&row), "docs/operations.md lacks the row\n{row}");
    }
    for status in ["0", "1", "2", "3", "101"] {
        assert!(section.contains(&format!("\n| {status} | ")), "status {status}");
    }
    let mut seen = 0;
    for folder in ["crates/gongkai-pipeline/src", "crates/gongkai/src/commands", "crates/gongkai/src"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let Ok(source) = fs::read_to_string(entry.unwrap().path()) else { continue };
            for note in notes_in(&source) {
                assert!(section.contains(note), "docs/operations.md does not tell of the note {note:?}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 2, "the sources are not read as they are written");
}

/// Lets days pass over the stores in a folder.
fn age(root: &Path, days: u64) {
    for store in fs::read_dir(root).unwrap().map(|e| e.unwrap().path()) {
        for snapshot in fs::read_dir(store.join("snapshots")).into_iter().flatten().flatten() {
            let Ok(manifest) = fs::File::options().append(true).open(snapshot.path().join("manifest.json"))
            else {
                continue;
            };
            let earlier =
                manifest.metadata().unwrap().modified().unwrap() - Duration::from_secs(days * 86_400);
            manifest.set_modified(earlier).unwrap();
        }
    }
}

fn current(root: &Path) -> PathBuf {
    Store::open(&root.join("store")).unwrap().current().unwrap().unwrap().path
}

#[cfg(unix)]
#[test]
fn the_folder_of_a_pipeline_file_is_no_pattern() {
    let dir = quick();
    let text = "store = \"store\"\n[[input]]\npath = \"crawl/*\"\n[[input]]\npath = \"more\"\n";
    let stores: Vec<PathBuf> = ["plain", "crawl [1]*?", "crawl1x"]
        .map(|name| {
            let root = dir.path().join(name);
            crawl(&root, 0..2);
            fs::create_dir_all(root.join("more")).unwrap();
            fs::write(root.join("more/page.html"), &documents()[4]).unwrap();
            assert_eq!(night(&root, text).unwrap().met(), 3, "{name}");
            root.join("store")
        })
        .into();
    assert!(data(&stores[0]) == data(&stores[1]));
    let odd = std::os::unix::ffi::OsStringExt::from_vec(b"\xc4\xea".to_vec());
    let odd = dir.path().join::<std::ffi::OsString>(odd);
    crawl(&odd, 0..2);
    fs::create_dir_all(odd.join("more")).unwrap();
    assert!(night(&odd, text).unwrap_err().contains("no UTF-8"));
    assert_eq!(
        night(&odd, &text.replace("path = \"", &format!("path = \"{}/plain/", dir.path().display())))
            .unwrap()
            .met(),
        3
    );
}

/// A list of publishers that once held 10,719 names held 16: each of them was delivered, without any error.
#[test]
fn a_source_that_delivers_sixteen_of_many_publishes_nothing() {
    let dir = quick();
    let root = dir.path();
    let text = "store = \"store\"\nprune = true\n[[input]]\npath = \"crawl/*\"\n\
                [[expect]]\nmeasure = \"change\"\ntable = \"captures\"\nmin = 0.98\nmax = 2.0\n";
    crawl(root, 0..200);
    let first = night(root, text).unwrap();
    assert!(first.breaches.is_empty() && !first.published.held);
    let before = current(root);
    fs::remove_dir_all(root.join("crawl")).unwrap();
    crawl(root, 0..16);
    let second = night(root, text).unwrap();
    assert!(second.published.held);
    assert_eq!(second.breaches.len(), 1);
    assert_eq!(
        second.breaches[0].to_string(),
        "change of captures is 0.0800, expected at least 0.98 at most 2"
    );
    assert_eq!(current(root), before, "the old snapshot is still the published one");
    assert_sound(&root.join("store"), "held");
    // A person looks at it and says it is right: then it is published.
    let store = Store::open(&root.join("store")).unwrap();
    assert_eq!(store.candidates().unwrap(), std::slice::from_ref(&second.published.snapshot));
    store.writer().unwrap().promote(Registry::embedded(), &second.published.snapshot).unwrap();
    assert_ne!(current(root), before);
    assert_sound(&root.join("store"), "promoted");
    assert!(store.candidates().unwrap().is_empty());
}

/// One of several folders is not there one night: all documents of the others are well.
#[test]
fn a_folder_that_silently_went_missing_is_told() {
    let dir = quick();
    let root = dir.path();
    let text =
        "store = \"store\"\n[[input]]\npath = \"crawl/*\"\n[[expect]]\nmeasure = \"absent\"\nmax = 0.02\n";
    crawl(root, 0..10);
    assert!(night(root, text).unwrap().breaches.is_empty());
    let before = data(&root.join("store"));
    fs::remove_dir_all(root.join("crawl/www.publisher3.example.gov.cn")).unwrap();
    let next = night(root, text).unwrap();
    assert_eq!(next.breached().count(), 1, "{:?}", next.breaches);
    assert!(next.breaches[0].to_string().contains("absent of reports is 0.1000"), "{}", next.breaches[0]);
    assert!(data(&root.join("store")) == before, "its documents stay in the data");
    let waived = format!("{text}[[waive]]\nmeasure = \"absent\"\nreason = \"the publisher closed\"\n");
    let accepted = night(root, &waived).unwrap();
    assert_eq!((accepted.breached().count(), accepted.breaches.len()), (0, 1));
    // All of them gone is a mistake that shows before anything is read.
    fs::remove_dir_all(root.join("crawl")).unwrap();
    assert!(night(root, text).unwrap_err().contains("nightly.toml:2: "));
}

/// What a person has looked at and published is what later nights are compared with.
#[test]
fn what_was_promoted_is_where_drift_begins_anew() {
    let dir = quick();
    let root = dir.path();
    let text = "store = \"store\"\nprune = true\n[[input]]\npath = \"crawl/*\"\n\
                [[expect]]\nmeasure = \"change\"\ntable = \"captures\"\ndays = 7\nmin = 0.98\n";
    let left = |count: usize| {
        age(root, 1);
        let _ = fs::remove_dir_all(root.join("crawl"));
        crawl(root, 0..count);
        night(root, text).unwrap()
    };
    assert!(!left(100).published.held && !left(99).published.held);
    let held = left(97);
    assert_eq!(
        held.breaches[0].to_string(),
        "change of captures, against 7 days before, is 0.9700, expected at least 0.98"
    );
    let store = Store::open(&root.join("store")).unwrap();
    store.writer().unwrap().promote(Registry::embedded(), &held.published.snapshot).unwrap();
    let by_hand = Ending { promoted: Some(&held.published.snapshot), ..Ending::default() };
    RunRecord::new(store.path(), PROMOTE).ended(&by_hand).unwrap();
    assert!(!left(96).published.held, "96 of 97");
    assert!(left(94).published.held, "94 of 97");
}
