//! The binary over documents attached to pages: their tables are those of the same report as a page.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

use gongkai_generator::{Medium, Printed, paper_specs, print, print_as};
use gongkai_registry::Registry;
use gongkai_store::{RowQuery, Store};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const MEDIA: [Medium; 4] = [Medium::DocxWord, Medium::PdfWord, Medium::Ofd, Medium::Xlsx];

fn ingest(input: &Path, store: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
    let output = command.arg("ingest").arg(input).arg("--store").arg(store).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn snapshot(store: &Path) -> PathBuf {
    store.join("snapshots").join(fs::read_to_string(store.join("CURRENT")).unwrap().trim())
}

fn by_status(store: &Path) -> Value {
    let manifest = fs::read(snapshot(store).join("manifest.json")).unwrap();
    serde_json::from_slice::<Value>(&manifest).unwrap()["account"]["by_status"].clone()
}

/// Every row of the tables that hold figures, with its report's agency; not the labels, which each medium prints its own way.
fn figures(store: &Path) -> Vec<String> {
    let snapshot = Store::open(store).unwrap().current().unwrap().unwrap();
    let mut figures = Vec::new();
    for name in ["proactive_disclosure", "disclosure_requests", "review_litigation"] {
        let spec = Registry::embedded().table(name).unwrap();
        let kept = spec.columns.iter().map(|c| c.name.as_str());
        let kept: Vec<&str> = kept.filter(|c| !c.ends_with("_label")).collect();
        for row in snapshot.rows(&RowQuery { table: name, columns: &kept, ..RowQuery::default() }).unwrap() {
            figures.push(format!("{name} {row:?}"));
        }
    }
    figures.sort();
    figures
}

/// Two reports of either form in every medium, each as a page and as a document.
fn reports() -> Vec<(Printed, Printed)> {
    let undamaged = |(seed, medium): (u64, Medium)| {
        let specs = paper_specs(medium, 4, seed).step_by(2);
        specs.map(move |spec| (print(&spec), print_as(&spec, medium)))
    };
    (21..).zip(MEDIA).flat_map(undamaged).collect()
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn attached_documents_give_the_tables_of_their_pages() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let reports = reports();
    for (number, (page, document)) in reports.iter().enumerate() {
        let site = format!("www.site.example.gov.cn/{number}");
        put(&at("pages").join(&site).join("page.html"), &page.bytes);
        // Beside its cover, or in a folder of its own below it; under a name that says nothing of what it is.
        let place = ["attachments/附件.docx", "P020240119.pdf"][number % 2];
        put(&at("attached").join(&site).join(place), &document.bytes);
        let title = format!("{}{}年政府信息公开工作年度报告", page.truth.agency, page.truth.year);
        let cover = format!(
            "<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1>\
             <p>发布日期：{}-01-19</p><p>附件：<a href='{place}'>{title}</a></p></body></html>",
            page.truth.year + 1
        );
        put(&at("attached").join(&site).join("page.html"), cover.as_bytes());
    }
    ingest(&at("pages"), &at("store-pages"));
    let expected = figures(&at("store-pages"));
    assert_eq!(by_status(&at("store-pages"))["report"], reports.len(), "{expected:?}");

    let told = ingest(&at("attached"), &at("store-attached"));
    assert!(told.contains(&format!("cover_of_attachment {}", reports.len())), "{told}");
    assert_eq!(by_status(&at("store-attached"))["report"], reports.len(), "{told}");
    assert_eq!(figures(&at("store-attached")), expected, "{told}");
}

/// The samples that other programs wrote anew, see `tests/data/written/README.md` of gongkai-extract.
#[test]
fn documents_of_other_programs_give_the_tables_of_their_pages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let written = root.join("crates/gongkai-extract/tests/data/written");
    let dir = TempDir::new().unwrap();
    let pages = [
        ("2021", "www.huoshan.example.gov.cn/slj/gknb/202301/t20230118_10231/page.html"),
        ("2019", "www.qingtongxia.example.gov.cn/xxgk/gknb/2021/0112_3307.html"),
    ];
    let mut compared = 0;
    for (form, page) in pages {
        let store = dir.path().join(form);
        ingest(&root.join("data/sample").join(page), &store);
        let expected = figures(&store);
        assert!(!expected.is_empty());
        for entry in fs::read_dir(&written).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.contains(form) {
                let store = dir.path().join(&name);
                let told = ingest(&path, &store);
                assert_eq!(figures(&store), expected, "{name}: {told}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 6);
}
