//! Releases, made and used as their users do. What other programs read of them is checked by `.ci/release.py`.

#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "what the program itself wrote is unpacked")]

use gongkai_publish::release::{self, About, Events, Layout, ReleaseError, ReleaseOptions};
use gongkai_registry::Registry;
use gongkai_store::{RowQuery, Snapshot, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

fn gongkai(arguments: &[&str]) -> (i32, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn ingest(input: &Path, store: &Path, more: &[&str]) -> (i32, String) {
    let mut arguments = vec!["ingest", text(input), "--store", text(store)];
    arguments.extend(more);
    gongkai(&arguments)
}

/// A release that must succeed; the samples meet what is expected of one.
fn released(store: &Path, version: &str, to: &Path, more: &[&str]) {
    let mut arguments = vec!["release", text(store), "--version", version, "-o", text(to)];
    arguments.extend(more);
    let (status, said) = gongkai(&arguments);
    assert_eq!(status, 0, "{said}");
}

/// Every file below a folder, by path.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A copy of one site of the samples.
fn copy(site: &str, to: &Path) {
    for (name, bytes) in tree(&samples().join(site)) {
        let path = to.join(site).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn current(store: &Path) -> Snapshot {
    Store::open(store).unwrap().current().unwrap().unwrap()
}

/// All values of a text column.
fn column(snapshot: &Snapshot, table: &str, column: &str) -> Vec<String> {
    let columns = [column];
    let rows = snapshot.rows(&RowQuery { table, columns: &columns, ..RowQuery::default() }).unwrap();
    rows.iter().filter_map(|r| r.text(column).map(str::to_owned)).collect()
}

#[test]
fn a_release_is_the_same_twice_is_verified_and_never_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, two) = (dir.path().join("store"), dir.path().join("one"), dir.path().join("two"));
    assert_eq!(ingest(&samples(), &store, &[]).0, 0);
    released(&store, "2026.11.0", &one, &[]);
    released(&store, "2026.11.0", &two, &[]);
    let files = tree(&one);
    assert!(files == tree(&two), "two releases of one snapshot differ");
    for name in [
        "README.md",
        "CHANGES.md",
        "CITATION.cff",
        ".zenodo.json",
        "croissant.json",
        "datapackage.json",
        "ro-crate-metadata.json",
        "dcat.jsonld",
        "PROVENANCE",
        "SHA256SUMS",
        "views.sql",
        "dictionary.md",
        "reports.csv.gz",
        "key_figures.csv",
        "key_figures.dta",
        "gongkai.xlsx",
        "manifest.json",
        "quality.html",
    ] {
        assert!(files.contains_key(name), "{name}");
    }
    let place = dir.path().canonicalize().unwrap();
    let told = |name: &&String| String::from_utf8_lossy(&files[*name]).contains(text(&place));
    assert_eq!(files.keys().find(told), None, "a file names a path of this machine");
    let card = String::from_utf8_lossy(&files["README.md"]).into_owned();
    assert!(card.contains("31 reports") && card.contains("Version 2026.11.0"), "{card}");

    assert_eq!(gongkai(&["check", text(&one)]).0, 0);
    let (status, log) = gongkai(&["log", text(&one)]);
    assert!(status == 0 && log.contains("2026.11.0"), "{log}");
    // It has the store's own tables, and opens as a store.
    assert_eq!(current(&one).manifest, current(&store).manifest);

    let (status, said) = ingest(&samples(), &one, &[]);
    assert!(status == 2 && said.contains("never changes") && said.contains("--base"), "{said}");
    let (status, said) = gongkai(&["release", text(&store), "--version", "2", "-o", text(&one)]);
    assert!(status == 2 && said.contains("not empty"), "{said}");
    assert!(tree(&one) == files, "a refused command changed the release");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "something is left behind: {left:?}");

    fs::write(one.join("added.txt"), "x").unwrap();
    let (status, said) = gongkai(&["check", text(&one)]);
    assert!(status == 1 && said.contains("added.txt"), "{said}");
    fs::remove_file(one.join("added.txt")).unwrap();
    // A copy, so that the store's own file, which it may be a link of, stays whole.
    let part = files.keys().find(|n| n.starts_with("captures/")).unwrap();
    let mut bytes = files[part].clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(one.join(part)).unwrap();
    fs::write(one.join(part), bytes).unwrap();
    let (status, said) = gongkai(&["check", text(&one)]);
    assert!(status == 1 && said.contains(part.as_str()), "{said}");
}

/// Nobody listens.
struct Silent;

impl Events for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn progress(&self, _: usize) {}
}

#[test]
fn an_interrupted_release_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    copy("www.huoshan.example.gov.cn", &dir.path().join("crawl"));
    ingest(&dir.path().join("crawl"), &store, &[]);
    let (about, stop) = (About::built_in().unwrap(), AtomicBool::new(true));
    let options = ReleaseOptions {
        version: "1.0.0",
        date: None,
        layout: Layout::Partitioned,
        mask_contacts: false,
        about: &about,
        previous: None,
        breaches: &[],
        in_spite_of_breaches: false,
        sources: None,
        tool_version: "0",
        command: "gongkai release",
        stop: &stop,
        events: &Silent,
    };
    let out = dir.path().join("out");
    // What a killed release left is no obstacle.
    fs::create_dir_all(dir.path().join(".tmp-out/reports")).unwrap();
    let made = release::release(Registry::embedded(), &current(&store), &out, &options);
    assert!(matches!(made, Err(ReleaseError::Interrupted)), "{made:?}");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "something is left behind: {left:?}");
}

#[test]
fn a_breached_gate_refuses_a_release_unless_told_and_then_the_card_tells() {
    let dir = tempfile::tempdir().unwrap();
    let (store, out, gates) =
        (dir.path().join("store"), dir.path().join("out"), dir.path().join("gates.toml"));
    copy("www.huoshan.example.gov.cn", &dir.path().join("crawl"));
    ingest(&dir.path().join("crawl"), &store, &[]);
    fs::write(&gates, "store = \"x\"\n[[input]]\npath = \"y\"\n[[expect]]\nmeasure = \"rows\"\nmin = 1000\n")
        .unwrap();
    let mut call =
        vec!["release", text(&store), "--version", "1.0.0", "-o", text(&out), "--gates", text(&gates)];
    let (status, said) = gongkai(&call);
    assert!(
        status == 1 && said.contains("expected at least 1000") && said.contains("--in-spite-of-breaches"),
        "{said}"
    );
    assert!(!out.exists());
    call.push("--in-spite-of-breaches");
    assert_eq!(gongkai(&call).0, 1, "done, and a check does not hold");
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains("Released in spite of breached expectations") && card.contains("at least 1000"),
        "{card}"
    );
    assert_eq!(gongkai(&["check", text(&out)]).0, 0);
}

#[test]
fn contacts_are_listed_and_masked() {
    let dir = tempfile::tempdir().unwrap();
    let (crawl, store) = (dir.path().join("crawl"), dir.path().join("store"));
    copy("www.huoshan.example.gov.cn", &crawl);
    let contacts = "<p>成立了由局长王五任组长的领导小组。联系人：张三，联系电话：0512-12345678，邮箱：abc@example.gov.cn。</p>";
    for page in ["slj/gknb/202301/t20230118_10231/page.html", "old/2023/xxgk/slj_10231.html"] {
        let page = crawl.join("www.huoshan.example.gov.cn").join(page);
        let html = fs::read_to_string(&page).unwrap();
        let at = html.find("<p>").unwrap();
        let (head, tail) = html.split_at(at);
        fs::write(&page, format!("{head}{contacts}{tail}")).unwrap();
    }
    ingest(&crawl, &store, &[]);
    let (plain, masked, flat) =
        (dir.path().join("plain"), dir.path().join("masked"), dir.path().join("flat"));
    released(&store, "1.0.0", &plain, &["--in-spite-of-breaches"]);
    released(&store, "1.0.0", &masked, &["--in-spite-of-breaches", "--mask-contacts"]);
    released(&store, "1.0.0", &flat, &["--in-spite-of-breaches", "--mask-contacts", "--flat"]);
    let of = |folder: &Path| column(&current(folder), "narratives", "text").join("\n");
    let (before, after) = (of(&plain), of(&masked));
    for (secret, hidden) in [
        ("局长王五任组长", "局长**任组长"),
        ("联系人：张三，", "联系人：**，"),
        ("0512-12345678", "****-********"),
        ("abc@example.gov.cn", "***@*******.***.**"),
    ] {
        assert!(
            before.contains(secret) && !after.contains(secret) && after.contains(hidden),
            "{secret}\n{after}"
        );
    }
    assert_eq!(before.chars().count(), after.chars().count());
    // One in the paragraph above, and one each in the preambles of the two reports.
    for folder in [&masked, &flat] {
        let card = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(
            card.contains("1 `email`") && card.contains("3 `phone`") && card.contains("2 `person`"),
            "{card}"
        );
        assert_eq!(gongkai(&["check", text(folder)]).0, 0);
    }
    // The list of places holds none of what stands there, and nothing else of the release does.
    for (name, bytes) in tree(&masked) {
        let bytes = if name.ends_with(".zst") { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
        // With the hyphen: numbers that are counted up in eight bits pass through the bytes of these digits.
        assert!(!String::from_utf8_lossy(&bytes).contains("-12345678"), "{name}");
    }
    // The store itself is untouched: nothing is masked through a link.
    assert_eq!(gongkai(&["check", text(&store)]).0, 0);
}

#[test]
fn one_goes_on_from_a_release() {
    let dir = tempfile::tempdir().unwrap();
    let [first, both, store, whole, next, refused] =
        ["first", "both", "store", "whole", "next", "refused"].map(|n| dir.path().join(n));
    copy("www.huoshan.example.gov.cn", &first);
    copy("www.huoshan.example.gov.cn", &both);
    copy("www.longyou.example.gov.cn", &both);
    ingest(&first, &store, &[]);
    ingest(&both, &whole, &[]);
    let more = dir.path().join("more");
    copy("www.longyou.example.gov.cn", &more);

    // Without the documents a release says what it was read from, but cannot be read again: the whole crawl must be given.
    let bare = dir.path().join("bare");
    released(&store, "1.0.0", &bare, &["--in-spite-of-breaches"]);
    let (status, said) = ingest(&more, &refused, &["--base", text(&bare)]);
    assert!(status == 1 && said.contains("--sources") && said.contains("NOT published"), "{said}");
    assert_eq!(current(&refused).manifest, current(&bare).manifest, "nothing was dropped");
    assert_eq!(ingest(&more, &refused, &[]).0, 1, "a second attempt is refused as well");
    assert_eq!(current(&refused).manifest, current(&bare).manifest, "nothing was dropped");
    assert_eq!(gongkai(&["check", text(&refused)]).0, 0);
    let again = dir.path().join("again");
    let (status, said) = ingest(&both, &again, &["--base", text(&bare)]);
    assert_eq!(status, 0, "{said}");
    let rows = |store: &Path| current(store).manifest.files;
    assert_eq!(rows(&again), rows(&whole));
    assert_eq!(current(&again).manifest.parent, Some(current(&bare).name));

    // With them, new captures are enough.
    let full = dir.path().join("full");
    released(&store, "1.0.0", &full, &["--in-spite-of-breaches", "--sources"]);
    let twice = dir.path().join("twice");
    released(&store, "1.0.0", &twice, &["--in-spite-of-breaches", "--sources"]);
    assert!(tree(&full) == tree(&twice), "the documents make two releases differ");
    assert_eq!(gongkai(&["check", text(&full)]).0, 0);
    let (status, said) = ingest(&more, &next, &["--base", text(&full)]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(rows(&next), rows(&whole));
    assert_eq!(gongkai(&["check", text(&next)]).0, 0);
    let (status, said) = ingest(&more, &next, &["--base", text(&full)]);
    assert!(status == 2 && said.contains("begin a new one"), "{said}");
}

#[test]
fn changes_are_counted_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let (crawl, store) = (dir.path().join("crawl"), dir.path().join("store"));
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    copy("www.huoshan.example.gov.cn", &crawl);
    ingest(&crawl, &store, &[]);
    released(&store, "1.0.0", &old, &["--in-spite-of-breaches"]);
    assert!(fs::read_to_string(old.join("CHANGES.md")).unwrap().contains("No earlier release"));
    copy("www.longyou.example.gov.cn", &crawl);
    ingest(&crawl, &store, &[]);
    released(&store, "1.1.0", &new, &["--in-spite-of-breaches", "--previous", text(&old)]);
    let changes = fs::read_to_string(new.join("CHANGES.md")).unwrap();
    assert!(changes.contains("Compared with version 1.0.0"), "{changes}");
    // One more report, with its 25 lines of requests.
    assert!(changes.contains("| `reports` | 1 | 0 | 0 | 0 |"), "{changes}");
    assert!(changes.contains("| `disclosure_requests` | 25 | 0 | 0 | 0 |"), "{changes}");
    assert!(new.join("changes.parquet").exists() && !old.join("changes.parquet").exists());
    let (status, said) =
        gongkai(&["release", text(&store), "--version", "2", "-o", "/x/y", "--previous", "nothing"]);
    assert!(status == 2 && said.contains("nothing"), "{said}");
}

#[test]
fn archives_and_flat_releases_have_no_folders() {
    let dir = tempfile::tempdir().unwrap();
    let (crawl, store) = (dir.path().join("crawl"), dir.path().join("store"));
    copy("www.huoshan.example.gov.cn", &crawl);
    ingest(&crawl, &store, &[]);
    let (tree_form, packed, flat) =
        (dir.path().join("tree"), dir.path().join("packed"), dir.path().join("flat"));
    released(&store, "1.0.0", &tree_form, &["--in-spite-of-breaches"]);
    released(&store, "1.0.0", &packed, &["--in-spite-of-breaches", "--archive"]);
    released(&store, "1.0.0", &flat, &["--in-spite-of-breaches", "--flat"]);
    for folder in [&packed, &flat] {
        assert!(fs::read_dir(folder).unwrap().all(|e| e.unwrap().path().is_file()));
        assert_eq!(gongkai(&["check", text(folder)]).0, 0);
        let (status, said) = ingest(&crawl, &dir.path().join("n"), &["--base", text(folder)]);
        assert!(status == 2, "{said}");
    }
    let archive = zstd::decode_all(fs::File::open(packed.join("reports.tar.zst")).unwrap()).unwrap();
    for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        assert_eq!((entry.header().mtime().unwrap(), entry.header().mode().unwrap()), (0, 0o644));
        let path = entry.path().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        assert_eq!(bytes, fs::read(tree_form.join(&path)).unwrap(), "{}", path.display());
        fs::create_dir_all(packed.join(&path).parent().unwrap()).unwrap();
        fs::write(packed.join(path), bytes).unwrap();
    }
    // Half unpacked: some tables are missing.
    let (status, said) = gongkai(&["check", text(&packed)]);
    assert!(status == 1 && said.contains("captures/"), "{said}");
}
