//! `gongkai inspect --html`: the page says what `inspect --json` says, every link leads somewhere, and no text of a
//! document becomes markup.

#![allow(clippy::unwrap_used)]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::Block;
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const SIPING: &str = "zjj.siping.example.gov.cn/xxgk/ndbg/202101/t20210118_612.html";

fn gongkai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap()
}

/// All sample documents.
fn samples() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            match kind {
                _ if path.is_dir() => open.push(path),
                "html" | "htm" | "txt" | "md" => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn sample(container: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample").join(container)
}

fn page(file: &Path) -> String {
    let output = gongkai(&["inspect", file.to_str().unwrap(), "--html", "-"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(file: &Path) -> Value {
    let output = gongkai(&["inspect", file.to_str().unwrap(), "--json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// Text of an element without the numbers of its notes.
fn shown(cell: scraper::ElementRef<'_>) -> String {
    let notes: String = cell.select(&selector("sup")).flat_map(|s| s.text().collect::<Vec<_>>()).collect();
    let text: String = cell.text().collect();
    text.strip_suffix(&notes).unwrap().trim().to_owned()
}

#[test]
fn every_cell_of_every_sample_is_on_the_page_and_every_link_leads_somewhere() {
    for file in samples() {
        let (page, json) = (page(&file), json(&file));
        let html = Html::parse_document(&page);
        assert!(html.errors.is_empty(), "{}: {:?}", file.display(), html.errors);
        let mut ids = BTreeSet::new();
        for element in html.select(&selector("[id]")) {
            assert!(ids.insert(element.value().id().unwrap()), "{}: an id occurs twice", file.display());
        }
        for link in html.select(&selector("a")) {
            let target = link.value().attr("href").unwrap();
            let target = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leaves the page"));
            assert!(ids.contains(target), "{}: nothing has the id {target}", file.display());
        }
        for (index, cell) in json["cells"].as_array().into_iter().flatten().enumerate() {
            let element = html.select(&selector(&format!("#v{index}"))).next();
            let element = element.unwrap_or_else(|| panic!("{}: no cell {index}", file.display()));
            let status = cell["status"].as_str().unwrap();
            assert!(element.value().classes().any(|c| c == format!("s-{status}")));
            let expected = cell["value"].as_str().map_or(status.replace('_', " "), str::to_owned);
            assert_eq!(shown(element), expected, "{}: {cell}", file.display());
            // A value read from a cell of a table leads there, and the cell leads back.
            if let Some(table) = cell["source"]["table"].as_u64() {
                let anchor = format!("t{table}r{}c{}", cell["source"]["row"], cell["source"]["column"]);
                assert!(element.html().contains(&format!("href=\"#{anchor}\"")), "{cell}");
                let source = html.select(&selector(&format!("#{anchor}"))).next().unwrap();
                let back = source.select(&selector("a")).next().unwrap().value().attr("href");
                assert!(back.is_some_and(|b| b.starts_with("#v")), "{cell}");
            }
        }
        let findings = json["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(html.select(&selector("ol.findings > li")).count(), findings);
    }
}

#[test]
fn the_page_read_as_a_document_holds_every_value() {
    for file in samples() {
        let (page, json) = (page(&file), json(&file));
        let document = extract(page.as_bytes(), &Hints::default(), &Limits::default()).unwrap();
        let mut cells: BTreeMap<String, usize> = BTreeMap::new();
        for block in &document.blocks {
            if let Block::Table(table) = block {
                for cell in &table.cells {
                    let text = cell.text.split(['(', '[']).next().unwrap_or_default().trim();
                    *cells.entry(text.to_owned()).or_default() += 1;
                }
            }
        }
        for cell in json["cells"].as_array().into_iter().flatten() {
            if let Some(value) = cell["value"].as_str() {
                let left = cells.get_mut(value).filter(|n| **n > 0);
                *left.unwrap_or_else(|| panic!("{}: {value} is missing", file.display())) -= 1;
            }
        }
    }
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = page(&sample(SIPING));
    let html = Html::parse_document(&page);
    for element in ["script", "link", "img", "iframe", "object", "embed", "base", "[src]", "[style]"] {
        assert_eq!(html.select(&selector(element)).count(), 0, "{element}");
    }
    let style: String = html.select(&selector("style")).flat_map(|s| s.text()).collect();
    assert!(!style.contains("url(") && !style.contains("@import"));
    // Heads are grouped as the form prints them; all fifteen stand side by side.
    let heads: Vec<String> = html.select(&selector("table.form th[colspan='5']")).map(shown).collect();
    assert!(heads.iter().any(|h| h == "法人或其他组织"), "{heads:?}");
    assert_eq!(html.select(&selector("table.across tr:last-child > td")).count(), 15);
    assert_eq!(page, self::page(&sample(SIPING)), "the same document gives the same page");
}

#[test]
fn no_text_of_a_document_becomes_markup() {
    let dir = TempDir::new().unwrap();
    let hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&lt;/style&gt;' onclick='x";
    let text = "<script>alert(1)</script>\"><img src=x onerror=alert(1)></style>' onclick='x";
    let sample = fs::read_to_string(sample(SIPING)).unwrap();
    let changed = sample
        .replace("3(含延期2件)", &format!("3({hostile})"))
        .replace("251000元", hostile)
        .replace("（一）予以公开", &format!("（一）予以公开({hostile})"))
        .replace("<title>", &format!("<title>{hostile}"))
        .replace("一、总体情况", &format!("一、总体情况</p><p>{hostile}"));
    assert!(changed.matches(hostile).count() >= 4, "the sample was changed");
    let file = dir.path().join("a&<b>\".html");
    fs::write(&file, changed).unwrap();
    let page = page(&file);
    let html = Html::parse_document(&page);
    assert_eq!(html.select(&selector("script, img, svg")).count(), 0);
    assert_eq!(html.select(&selector("style")).count(), 1);
    for element in html.select(&selector("*")) {
        for (name, _) in element.value().attrs() {
            let known = [
                "id", "class", "href", "title", "lang", "colspan", "rowspan", "scope", "charset", "name",
                "content",
            ];
            assert!(known.contains(&name) || name == "aria-label", "{name} on {}", element.value().name());
        }
    }
    let all: String = html.root_element().text().collect();
    assert!(all.contains(text), "it is shown as text");
    assert!(all.contains("a&<b>\".html"));
}

#[test]
fn a_page_is_written_to_its_file_and_never_over_the_document() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out.html");
    let input = sample(SIPING);
    let done = gongkai(&["inspect", input.to_str().unwrap(), "--html", out.to_str().unwrap()]);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(0), 0));
    assert_eq!(fs::read_to_string(&out).unwrap(), page(&input).trim_end());

    let document = dir.path().join("document.html");
    fs::copy(&input, &document).unwrap();
    let over = gongkai(&["inspect", document.to_str().unwrap(), "--html", document.to_str().unwrap()]);
    assert_eq!(over.status.code(), Some(2));
    assert_eq!(fs::read(&document).unwrap(), fs::read(&input).unwrap());
    let nowhere = dir.path().join("no/such/folder.html");
    let failed = gongkai(&["inspect", input.to_str().unwrap(), "--html", nowhere.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(3));
}

#[test]
fn a_document_that_cannot_be_read_has_a_page_that_says_why() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("empty.html");
    fs::write(&file, b"").unwrap();
    let page = page(&file);
    assert!(page.contains("unreadable: empty"), "{page}");
}
