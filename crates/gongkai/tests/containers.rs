//! The binary over containers: the same pages in any wrapping give the same tables, and no archive stops a run.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

#[path = "../../gongkai-input/tests/make/mod.rs"]
mod make;

use make::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn gongkai(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
    command.args(arguments);
    command
}

fn ingest(input: &Path, store: &Path) -> String {
    summary(&gongkai(&["ingest", text(input), "--store", text(store)]).output().unwrap())
}

fn summary(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn snapshot(store: &Path) -> PathBuf {
    store.join("snapshots").join(fs::read_to_string(store.join("CURRENT")).unwrap().trim())
}

fn manifest(store: &Path) -> Value {
    serde_json::from_slice(&fs::read(snapshot(store).join("manifest.json")).unwrap()).unwrap()
}

/// The files of the tables that name no capture: their names are hashes of their content.
fn figures(store: &Path) -> BTreeSet<String> {
    const TABLES: [&str; 6] = [
        "proactive_disclosure",
        "disclosure_requests",
        "review_litigation",
        "legacy_statistics",
        "narratives",
        "cells",
    ];
    let mut files = BTreeSet::new();
    let root = snapshot(store);
    let mut open: Vec<PathBuf> = TABLES.iter().map(|t| root.join(t)).filter(|t| t.exists()).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(text(path.strip_prefix(&root).unwrap()).to_owned());
            }
        }
    }
    files
}

/// The samples that JSON can hold (UTF-8), each once, with the address they would have been fetched from.
fn pages() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let mut pages: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let is_html = path.extension().is_some_and(|e| e == "html" || e == "htm");
            if is_html && std::str::from_utf8(&bytes).is_ok() {
                pages.insert(bytes, format!("http://{}", text(path.strip_prefix(&root).unwrap())));
            }
        }
    }
    let mut pages: Vec<_> = pages.into_iter().map(|(bytes, url)| (url, bytes)).collect();
    pages.sort();
    assert!(pages.len() > 15, "{}", pages.len());
    pages
}

const TIME: &str = "2024-01-31T04:05:06Z";

#[test]
fn the_same_pages_in_any_wrapping_give_the_same_tables() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let pages = pages();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let (mut warc, mut lines) = (gzip(&warcinfo()), String::new());
    for (number, (url, bytes)) in pages.iter().enumerate() {
        let told = json!({"url": url, "fetched_at": TIME, "content_type": "text/html"});
        files.push((format!("p{number:02}.html"), bytes.clone()));
        files.push((format!("p{number:02}.html.meta.json"), told.to_string().into_bytes()));
        warc.extend(gzip(&request(url)));
        let body = gzip(bytes);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n";
        warc.extend(gzip(&record("response", url, "", &[head.as_bytes(), &body].concat())));
        let mut row = told;
        row["html"] = String::from_utf8(bytes.clone()).unwrap().into();
        lines.push_str(&format!("{row}\n"));
    }
    fs::create_dir(at("folder")).unwrap();
    for (name, bytes) in &files {
        fs::write(at("folder").join(name), bytes).unwrap();
    }
    let members: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    fs::write(at("pages.warc.gz"), &warc).unwrap();
    fs::write(at("pages.zip"), zip(&members, true)).unwrap();
    fs::write(at("pages.tar.gz"), gzip(&tar(&members))).unwrap();
    fs::write(at("pages.jsonl.zst"), zstd(lines.as_bytes())).unwrap();
    fs::write(at("pages.wacz"), zip(&[("datapackage.json", b"{}"), ("archive/a.warc.gz", &warc)], false))
        .unwrap();

    let expected = at("store-folder");
    ingest(&at("folder"), &expected);
    let figures_expected = figures(&expected);
    assert!(figures_expected.len() > 30, "{figures_expected:?}");
    let counts = |store: &Path| {
        let manifest = manifest(store);
        (manifest["account"].clone(), manifest["rows"].clone())
    };
    for name in ["pages.warc.gz", "pages.zip", "pages.tar.gz", "pages.jsonl.zst", "pages.wacz"] {
        let store = at(&format!("store-{name}"));
        ingest(&at(name), &store);
        assert_eq!(figures(&store), figures_expected, "{name}");
        assert_eq!(counts(&store), counts(&expected), "{name}");
        let check = gongkai(&["check", text(&store)]).output().unwrap();
        assert_eq!(check.status.code(), Some(0), "{name}");
    }
    // Through standard input, on any number of threads.
    for threads in ["1", "5"] {
        let store = at(&format!("store-stdin-{threads}"));
        let output = gongkai(&["ingest", "-", "--store", text(&store), "--threads", threads])
            .stdin(Stdio::from(File::open(at("pages.jsonl.zst")).unwrap()))
            .output()
            .unwrap();
        summary(&output);
        assert_eq!(figures(&store), figures_expected);
    }
    assert_eq!(
        fs::read(at("store-stdin-1/CURRENT")).unwrap(),
        fs::read(at("store-stdin-5/CURRENT")).unwrap()
    );
}

#[test]
fn a_document_in_an_archive_is_inspected_by_its_name() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("c.warc.gz");
    let (url, page) = pages().into_iter().find(|(url, _)| url.contains("t20230118_10231")).unwrap();
    fs::write(&file, [gzip(&warcinfo()), gzip(&response(&url, "", &page))].concat()).unwrap();
    let one = format!("{}#2", text(&file));
    let output = gongkai(&["inspect", &one]).output().unwrap();
    assert!(summary(&output).starts_with("c.warc.gz#2 ("));
    // And traced: from the store back into the archive, given itself or by its folder.
    let store = dir.path().join("store");
    ingest(&file, &store);
    let told = summary(&gongkai(&["inspect", &one, "--json"]).output().unwrap());
    let report = serde_json::from_str::<Value>(&told).unwrap();
    let id = report["report_id"].as_str().unwrap();
    for input in [&*file, dir.path()] {
        let arguments =
            ["trace", text(&store), id, "new_received", "total", "--input", text(input), "--json"];
        let traced = summary(&gongkai(&arguments).output().unwrap());
        assert!(traced.contains("c.warc.gz#2") && !traced.contains("not_found"), "{traced}");
    }
    let output = gongkai(&["inspect", text(&file)]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains("is an archive") && shown.contains(&one), "{shown}");
}

#[test]
fn revisits_and_representations_are_copies() {
    let dir = TempDir::new().unwrap();
    let (url, page) = pages().swap_remove(3);
    let digest = "WARC-Payload-Digest: sha1:ABC\r\n";
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".as_slice();
    let records = [
        record("response", &url, digest, &[head, &page].concat()),
        record("revisit", &url, digest, head),
        record("revisit", &url, "WARC-Payload-Digest: sha1:OTHER\r\n", head),
    ];
    let input = dir.path().join("input");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("c.warc"), records.concat()).unwrap();
    let told = ingest(&input, &dir.path().join("one"));
    assert!(told.contains("duplicate   revisit 1"), "{told}");
    assert!(told.contains("unreadable  revisit_without_original 1"), "{told}");

    // A text that a crawler made of the page, cut to its beginning: no report by itself.
    let both = dir.path().join("both");
    fs::create_dir(&both).unwrap();
    fs::write(both.join("page.html"), &page).unwrap();
    fs::write(both.join("page.txt"), "首页 > 信息公开\n打印 关闭\n").unwrap();
    let told = ingest(&both, &dir.path().join("two"));
    assert!(told.contains("superseded  other_representation 1"), "{told}");
}

/// The most memory a command held, in KiB. It only grows, so looking often is as good as being told.
#[cfg(target_os = "linux")]
fn peak_memory(mut command: Command, out: &Path) -> u64 {
    let mut child = command.stdout(File::create(out).unwrap()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let now = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            assert_eq!(code.code(), Some(0));
            return peak;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// So many zeros behind a beginning, compressed.
#[cfg(target_os = "linux")]
fn zeros(start: &[u8], length: u64, out: impl Write) {
    let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::best());
    let chunk = vec![0; 1 << 20];
    out.write_all(start).unwrap();
    for _ in 0..length / chunk.len() as u64 {
        out.write_all(&chunk).unwrap();
    }
    out.finish().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_end_in_their_status_and_the_run_goes_on() {
    /// Issue 7: below 400 MB.
    const MOST_KIB: u64 = 400_000;
    const GIB: u64 = 1 << 30;
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("input");
    fs::create_dir(&input).unwrap();
    let at = |name: &str| input.join(name);
    let (url, page) = pages().swap_remove(3);

    // A record of 1 GiB, of zeros; a good one behind it.
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}x\r\nContent-Type: application/http\r\n\
         Content-Length: {GIB}\r\n\r\n"
    );
    let mut file = File::create(at("record.warc.gz")).unwrap();
    zeros(head.as_bytes(), GIB, &mut file);
    file.write_all(&gzip(&response(&url, "", &page))).unwrap();
    // A page of 1 GiB, and the same in a response's body and in one line of JSON.
    zeros(b"<html>", GIB, File::create(at("page.html.gz")).unwrap());
    zeros(b"{\"html\": \"", GIB, File::create(at("lines.jsonl.gz")).unwrap());
    let mut body = Vec::new();
    zeros(b"<html>", GIB, &mut body);
    fs::write(at("body.warc"), response(&format!("{url}y"), "Content-Encoding: gzip\r\n", &body)).unwrap();
    // A zip with a member that unpacks to that, and archives within archives.
    let spaces = vec![b' '; 300 << 20];
    fs::write(at("bomb.zip"), zip(&[("bomb.html", &spaces), ("page.html", &page)], true)).unwrap();
    drop(spaces);
    let mut nested = zip(&[("page.html", &page)], true);
    for _ in 0..20 {
        nested = zip(&[("again.zip", &nested)], true);
    }
    fs::write(at("nested.zip"), nested).unwrap();
    // A tar whose member's name is 1 GiB long.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(GIB);
    header.set_cksum();
    zeros(header.as_bytes(), GIB, File::create(at("name.tar.gz")).unwrap());

    documents(&at);

    let store = dir.path().join("store");
    let out = dir.path().join("out.txt");
    let peak = peak_memory(gongkai(&["ingest", text(&input), "--store", text(&store)]), &out);
    let told = fs::read_to_string(out).unwrap();
    println!("peak {peak} KiB\n{told}");
    assert!(peak > 0 && peak < MOST_KIB, "peak {peak} KiB\n{told}");
    let account = manifest(&store)["account"].clone();
    // The page behind the record, and its copy in the zip.
    assert_eq!((&account["by_status"]["report"], &account["by_status"]["duplicate"]), (&json!(1), &json!(1)));
    assert_eq!(account["by_status"]["unreadable"], 12, "{told}");
    assert_eq!(account["by_status"]["not_a_report"], 2, "{told}");
    let reasons = [
        "limit_ratio 3",
        "limit_pages 1",
        "limit_glyphs 1",
        "limit_rules 1",
        "limit_unpacked 1",
        "nested_too_deep 1",
        "too_large 4",
    ];
    for reason in reasons {
        assert!(told.contains(reason), "{reason}: {told}");
    }
}

/// Documents that would cost more than they may.
#[cfg(target_os = "linux")]
fn documents(at: &dyn Fn(&str) -> PathBuf) {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources\
        <</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>";
    let pages = |count: usize, content: &str| {
        let kids: String = (0..count).map(|n| format!("{} 0 R ", n + 4)).collect();
        let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
        objects.push(format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
        objects.extend((0..count).map(|_| page.to_owned()));
        let numbered =
            objects.iter().enumerate().map(|(n, object)| format!("{} 0 obj\n{object}\nendobj\n", n + 1));
        format!("%PDF-1.4\n{}trailer <</Root 1 0 R>>\n%%EOF\n", numbered.collect::<String>())
    };
    // Cells whose spans cover billions of slots; markup without a bottom.
    let cells = "<td rowspan=99>".repeat(1_000_000);
    fs::write(at("spans.html"), format!("<title>网页</title><table><tr>{cells}")).unwrap();
    fs::write(at("deep.html"), format!("<title>网页</title>{}深", "<div>".repeat(2_000_000))).unwrap();
    // Too many pages; pages that share all they draw; grids on all of them.
    fs::write(at("pages.pdf"), pages(10_000, "")).unwrap();
    fs::write(at("shared.pdf"), pages(1_900, &"q Q\n".repeat(4 << 20))).unwrap();
    let line = |n: usize| format!("{0} 0 m {0} 1100 l S 0 {0} m 1100 {0} l S\n", n * 5);
    let grid: String = (0..220).map(line).collect();
    fs::write(at("grids.pdf"), pages(1_900, &format!("BT /F 9 Tf 9 9 Td (abc) Tj ET\n{grid}"))).unwrap();
    // A text document that unpacks to spaces; a page of letters that are written once.
    let relationships =
        b"<Relationships><Relationship Type='x/officeDocument' Target='word/document.xml'/></Relationships>";
    let spaces = vec![b' '; 100 << 20];
    let parts: [(&str, &[u8]); 3] =
        [("[Content_Types].xml", b"<a/>"), ("_rels/.rels", relationships), ("word/document.xml", &spaces)];
    fs::write(at("bomb.docx"), zip(&parts, true)).unwrap();
    let document: String = (0..900).map(|_| "<Page BaseLoc='P.xml'/>").collect();
    let document = format!(
        "<Document><CommonData><TemplatePage ID='1' BaseLoc='T.xml'/></CommonData>{document}</Document>"
    );
    let text = format!("<TextCode DeltaX='g 99999999 1'>{}</TextCode>", "字".repeat(3_000));
    let parts: [(&str, &[u8]); 4] = [
        ("OFD.xml", b"<OFD><DocRoot>D.xml</DocRoot></OFD>"),
        ("D.xml", document.as_bytes()),
        ("P.xml", b"<Page><Template TemplateID='1'/><Template TemplateID='1'/></Page>"),
        ("T.xml", text.as_bytes()),
    ];
    fs::write(at("letters.ofd"), zip(&parts, true)).unwrap();
}
