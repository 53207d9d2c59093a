//! Pipeline files, the gates they set, and two failures that such gates are for.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_pipeline::{Pipeline, Summary};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
        ("[quality]\npage = \"report.pdf\"\n", "p.toml:5: quality: page must be the name of an .html file"),
        ("[quality]\n", "p.toml:4: missing field `page`"),
        ("[release]\nversion = \"a/b\"\ndir = \"r\"\n", "p.toml:5: release: \"a/b\" is no version"),
        ("[release]\nversion = \"1\"\n", "p.toml:4: missing field `dir`"),
        ("colour = 1\n", "p.toml:4: unknown field `colour`"),
        ("[[input]\n", "p.toml:4: "),
    ] {
        let error = parse(&format!("{head}{more}")).unwrap_err();
        assert!(error.starts_with(told), "{error}\nrather than\n{told}");
    }
    assert!(parse("store = \"s\"\n").unwrap_err().contains("no [[input]]"));
    assert!(
        parse("store = \"s\"\nthreads = 0\n[[input]]\npath = \"x\"\n").unwrap_err().starts_with("p.toml:2")
    );
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
    /// Publishers that are there, a page each.
    publishers: usize,
    /// Pages beside them that say nothing.
    #[serde(default)]
    empty: usize,
    /// Measures whose expectation is breached.
    breaches: Vec<String>,
    /// Whether the snapshot is published, or was so already.
    published: bool,
}

/// A report each of so many agencies.
fn publishers(site: &Path, count: usize) {
    let cities =
        ["南京市", "无锡市", "徐州市", "常州市", "苏州市", "南通市", "扬州市", "镇江市", "泰州市", "宿迁市"];
    let kinds = ["民政局", "教育局", "财政局", "审计局", "统计局", "司法局", "水利局", "应急管理局"];
    let agencies = kinds.iter().flat_map(|kind| cities.iter().map(move |city| format!("{city}{kind}")));
    for (i, agency) in agencies.take(count).enumerate() {
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
                    publishers(&site, expected.publishers);
                    for i in 0..expected.empty {
                        fs::write(site.join(format!("empty{i}.html")), "").unwrap();
                    }
                }
                let summary = night(&root, &pipeline).unwrap();
                let mut breaches: Vec<String> =
                    summary.breached().map(|b| format!("{:?}", b.measure).to_lowercase()).collect();
                breaches.sort();
                breaches.dedup();
                assert_eq!(breaches, expected.breaches, "{told}: {:?}", summary.breaches);
                assert_eq!(!summary.published.held, expected.published, "{told}");
            }
        }
    }
}

fn current(root: &Path) -> PathBuf {
    Store::open(&root.join("store")).unwrap().current().unwrap().unwrap().path
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
