//! Whatever the history of a store, its data are those of one run over all inputs ever met.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_generator::{Country, country};
use gongkai_pipeline::Reuse;
use gongkai_store::RealDisk;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Paths that documents come and go at.
const PATHS: usize = 8;
const DOCUMENTS: usize = 12;

#[derive(Debug, Clone)]
enum Step {
    /// The path holds this document from now on.
    Put(usize, usize),
    /// The path holds nothing any more.
    Remove(usize),
    /// Another build of the program.
    Bump,
    Run,
    /// A run that drops what is not there any more.
    Prune,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PATHS, 0..DOCUMENTS).prop_map(|(path, document)| Step::Put(path, document)),
        2 => (0..PATHS).prop_map(Step::Remove),
        1 => Just(Step::Bump),
        2 => Just(Step::Run),
        1 => Just(Step::Prune),
    ]
}

fn name(path: usize) -> String {
    format!("www.host{}.example.gov.cn/page{path}.html", path % 3)
}

fn put(root: &Path, path: usize, bytes: &[u8]) {
    let file = root.join(name(path));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_data_are_those_of_one_run_over_all_inputs_met(steps in prop::collection::vec(step(), 1..24)) {
        let documents = documents();
        let dir = quick();
        let (input, store, all) = (dir.path().join("in"), dir.path().join("store"), dir.path().join("all"));
        fs::create_dir_all(&input).unwrap();
        let mut here: BTreeMap<usize, usize> = BTreeMap::new();
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        let mut build = 0;
        for step in steps.into_iter().chain([Step::Put(0, 0), Step::Run]) {
            match step {
                Step::Put(path, document) => {
                    put(&input, path, &documents[document]);
                    here.insert(path, document);
                }
                Step::Remove(path) => {
                    if here.remove(&path).is_some() {
                        fs::remove_file(input.join(name(path))).unwrap();
                    }
                }
                Step::Bump => build += 1,
                Step::Run | Step::Prune if here.is_empty() => {}
                step => {
                    let prune = matches!(step, Step::Prune);
                    if prune {
                        met.clear();
                    }
                    met.extend(&here);
                    let job = job(&input, &store, &build.to_string());
                    let summary = run(&gongkai_pipeline::IngestOptions { prune, ..job });
                    prop_assert_eq!(summary.met(), met.len() as u64);
                    prop_assert_eq!(summary.reuse.absent, (met.len() - here.len()) as u64);
                }
            }
        }
        for (path, document) in &met {
            put(&all, *path, &documents[*document]);
        }
        let once = dir.path().join("once");
        run(&job(&all, &once, "another"));
        // What is there speaks before what is gone: that also is known of all, whenever it went.
        for path in met.keys().filter(|path| !here.contains_key(path)) {
            fs::remove_file(all.join(name(*path))).unwrap();
        }
        run(&job(&all, &once, "another"));
        prop_assert!(data(&store) == data(&once), "the data differ");
        assert_sound(&store, "after the history");
    }
}

/// Reports of a place over six years, and what else could stand in their place.
fn neighbours() -> Vec<(String, Vec<Vec<u8>>)> {
    // Behind the provinces: a county, with its government.
    let place = |seed, mistakes| {
        let all = country(Country { reports: 774, seed, mistakes }).skip(744);
        all.map(|f| (f.folder, f.year, f.printed)).collect::<Vec<_>>()
    };
    let versions = [place(4, 0), place(4, 400), place(4, 900)];
    let mut found: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (folder, year, printed) in versions.into_iter().flatten() {
        if let Some(printed) = printed {
            let extension = printed.name.rsplit('.').next().unwrap_or("html").to_owned();
            found.entry(format!("{folder}/{year}.{extension}")).or_default().push(printed.bytes);
        }
    }
    found.into_iter().collect()
}

#[derive(Debug, Clone)]
enum Change {
    Put(usize, usize),
    Remove(usize),
    Run,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (0..1_000_usize, 0..3_usize).prop_map(|(path, version)| Change::Put(path, version)),
        2 => (0..1_000_usize).prop_map(Change::Remove),
        2 => Just(Change::Run),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// What is said of a report depends on other reports: of its agency, of its place, of its kind. Whatever came, changed and
    /// went between, each of them says what it says when all are looked at together.
    #[test]
    fn what_reports_say_about_one_another_does_not_depend_on_the_history(
        steps in prop::collection::vec(change(), 1..40),
    ) {
        let documents = neighbours();
        let dir = quick();
        let (input, store) = (dir.path().join("in"), dir.path().join("store"));
        fs::create_dir_all(&input).unwrap();
        let write = |root: &Path, name: &str, bytes: &[u8]| {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        };
        let mut here: BTreeMap<&str, &[u8]> = BTreeMap::new();
        for (name, versions) in &documents {
            write(&input, name, &versions[0]);
            here.insert(name, &versions[0]);
        }
        let pruning = |input: &Path, store: &Path| {
            let mut job = job(input, store, "1");
            job.prune = true;
            run(&job)
        };
        pruning(&input, &store);
        for step in steps.into_iter().chain([Change::Put(0, 0), Change::Run]) {
            match step {
                Change::Put(path, version) => {
                    let (name, versions) = &documents[path % documents.len()];
                    let bytes = &versions[version % versions.len()];
                    write(&input, name, bytes);
                    here.insert(name, bytes);
                }
                Change::Remove(path) => {
                    let name = documents[path % documents.len()].0.as_str();
                    if here.remove(name).is_some() {
                        fs::remove_file(input.join(name)).unwrap();
                    }
                }
                Change::Run => _ = pruning(&input, &store),
            }
        }
        let (all, once) = (dir.path().join("all"), dir.path().join("once"));
        here.iter().for_each(|(name, bytes)| write(&all, name, bytes));
        run(&job(&all, &once, "1"));
        prop_assert!(data(&store) == data(&once), "the data differ");
        assert_sound(&store, "after the history");
    }
}

/// A report that does not change says something else once the year before does; the partitions of other years stay.
#[test]
fn a_change_reaches_the_year_behind_it_and_no_other() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let mut files: BTreeMap<i16, PathBuf> = BTreeMap::new();
    let sound = country(Country { reports: 6, seed: 4, mistakes: 0 });
    for filing in sound.filter(|f| f.year >= 2021) {
        let printed = filing.printed.unwrap();
        let file = input.join(format!("{}/{}", filing.folder, printed.name));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &printed.bytes).unwrap();
        files.insert(filing.year, file);
    }
    let findings = |store: &Path| -> Vec<(i16, String)> {
        let snapshot = gongkai_store::Store::open(store).unwrap().current().unwrap().unwrap();
        let query = gongkai_store::RowQuery { table: "findings", ..Default::default() };
        let rows = snapshot.rows(&query).unwrap();
        let panel = rows.iter().filter(|r| r.text("code").unwrap().starts_with("GK5"));
        panel.map(|r| (r.year, r.text("code").unwrap().to_owned())).collect()
    };
    run(&job(&input, &store, "1"));
    let before = data(&store);
    assert_eq!(findings(&store), Vec::new());
    // 2022 goes: 2023 has a gap before it, 2021 and 2024 say what they said.
    fs::remove_file(&files[&2022]).unwrap();
    let mut prune = job(&input, &store, "1");
    prune.prune = true;
    let second = run(&prune).published;
    assert_eq!(findings(&store), [(2023, "GK503".to_owned())]);
    // That of 2023, and that of the hosts.
    assert!(second.partitions - second.partitions_reused <= 2, "{second:?}");
    let after = data(&store);
    let of = |data: &BTreeMap<PathBuf, Vec<u8>>, year: &str| -> Vec<(PathBuf, Vec<u8>)> {
        let inside = |path: &Path| !path.starts_with("coverage") && path.iter().any(|part| part == year);
        data.iter().filter(|(path, _)| inside(path)).map(|(p, b)| (p.clone(), b.clone())).collect()
    };
    for (year, same) in [("year=2021", true), ("year=2023", false), ("year=2024", true)] {
        assert_eq!(of(&before, year) == of(&after, year), same, "{year}");
        assert!(!of(&after, year).is_empty());
    }
    // Without its memory, or with a damaged one, a run says the same.
    for damaged in [b"".as_slice(), b"no memory of this program"] {
        fs::write(store.join("cache/panel"), damaged).unwrap();
        assert!(run(&job(&input, &store, "1")).published.unchanged);
    }
}

#[test]
fn what_is_known_is_not_read_again() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    for (path, document) in documents.iter().take(4).enumerate() {
        put(&input, path, document);
    }
    let first = run(&job(&input, &store, "1"));
    assert_eq!(first.reuse, Reuse { read: 4, ..Reuse::default() });
    // Too fresh to be known by its times: a change in the same moment would not show.
    assert_eq!(run(&job(&input, &store, "1")).reuse, Reuse { by_content: 4, ..Reuse::default() });
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert_eq!(run(&job(&input, &store, "1")).reuse.by_content, 4, "now the times are noted");
    let known = run(&job(&input, &store, "1"));
    assert_eq!(known.reuse, Reuse { by_stamp: 4, ..Reuse::default() });
    assert!(known.published.unchanged);

    // One is written again as it was, one changes, one goes.
    put(&input, 0, &documents[0]);
    put(&input, 1, &documents[5]);
    fs::remove_file(input.join(name(2))).unwrap();
    let next = run(&job(&input, &store, "1"));
    assert_eq!(next.reuse, Reuse { by_content: 1, by_stamp: 1, read: 1, absent: 1, ..Reuse::default() });
    assert_eq!(next.met(), 4);
    let bumped = run(&job(&input, &store, "2"));
    assert_eq!(bumped.reuse, Reuse { read_again: 3, absent: 1, absent_read_again: 1, ..Reuse::default() });
    assert!(bumped.published.unchanged, "another build that reads the same changes nothing");

    let mut prune = job(&input, &store, "2");
    prune.prune = true;
    let pruned = run(&prune);
    assert_eq!((pruned.reuse.pruned, pruned.met()), (1, 3));
    let once = dir.path().join("once");
    run(&job(&input, &once, "2"));
    assert!(data(&store) == data(&once));
}

#[test]
fn partitions_without_change_are_taken_over() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    for (path, document) in documents.iter().take(20).enumerate() {
        put(&input, path, document);
    }
    let first = run(&job(&input, &store, "1"));
    assert_eq!(first.published.partitions_reused, 0);
    put(&input, 100, &documents[25]);
    let second = run(&job(&input, &store, "1"));
    let published = &second.published;
    assert!(published.partitions_reused + 2 >= first.published.partitions, "{published:?}");
    assert!(published.partitions_reused < published.partitions, "{published:?}");
}

/// The nights most pages change in: a counter, a footer, a sentence, and not a figure.
#[cfg(unix)]
#[test]
fn where_only_text_changed_the_tables_of_figures_are_linked() {
    use std::os::unix::fs::MetadataExt;
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    for (path, document) in documents.iter().enumerate() {
        put(&input, path, document);
    }
    let inodes = |table: &str| -> BTreeMap<std::path::PathBuf, u64> {
        let root = gongkai_store::Store::open(&store).unwrap().current().unwrap().unwrap().path;
        let of_table = data(&store).into_keys().filter(|path| path.starts_with(table));
        of_table.map(|path| (path.clone(), fs::metadata(root.join(path)).unwrap().ino())).collect()
    };
    let tables = ["disclosure_requests", "review_litigation", "cells", "narratives", "reports"];
    run(&job(&input, &store, "1"));
    let before = tables.map(inodes);
    for (path, document) in documents.iter().enumerate() {
        let Ok(text) = std::str::from_utf8(document) else { continue };
        // Words at the end of a page, in its last section.
        if let Some((head, tail)) = text.rsplit_once("</body>") {
            put(&input, path, format!("{head}<p>本报告电子版可在网站下载。</p></body>{tail}").as_bytes());
        }
    }
    let summary = run(&job(&input, &store, "1"));
    assert!(summary.reuse.read > 10, "{:?}", summary.reuse);
    let after = tables.map(inodes);
    for (at, table) in tables.iter().enumerate() {
        let linked = before[at].iter().filter(|file| after[at].get_key_value(file.0) == Some(*file)).count();
        match *table {
            // The ids of the few whose agency or year is not known depend on the text.
            "narratives" | "reports" => assert!(linked < before[at].len() / 2, "{table}: {linked} linked"),
            _ => assert!(linked > before[at].len() / 2, "{table}: only {linked} linked"),
        }
    }
    let once = dir.path().join("once");
    run(&job(&input, &once, "1"));
    assert!(data(&store) == data(&once));
}

#[test]
fn a_damaged_cache_costs_time_and_no_data() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    for (path, document) in documents.iter().take(6).enumerate() {
        put(&input, path, document);
    }
    run(&job(&input, &store, "1"));
    for entry in fs::read_dir(store.join("cache")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "pack") {
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            fs::write(&path, bytes).unwrap();
        }
    }
    put(&input, 6, &documents[7]);
    let mut other = job(&input, &store, "1");
    // Everything has to be built anew, from what is in the cache.
    other.evidence = gongkai_store::Evidence::All;
    on(Arc::new(RealDisk), &other).unwrap();
    let mut once = job(&input, &dir.path().join("once"), "1");
    once.evidence = gongkai_store::Evidence::All;
    run(&once);
    assert!(data(&store) == data(&once.store));
}

#[test]
fn a_container_without_change_stays_closed_and_of_a_changed_one_only_news_are_read() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    fs::create_dir_all(&input).unwrap();
    let pages = input.join("pages.jsonl");
    let line = |n: usize| {
        let html = String::from_utf8_lossy(&documents[n]).into_owned();
        serde_json::json!({ "url": format!("http://www.host.example.gov.cn/{n}.html"), "html": html })
            .to_string()
    };
    let write = |lines: &[usize]| {
        let text: Vec<String> = lines.iter().map(|n| line(*n)).collect();
        fs::write(&pages, text.join("\n") + "\n").unwrap();
    };
    let settle = || std::thread::sleep(std::time::Duration::from_millis(2_100));
    write(&[0, 1, 2]);
    settle();
    assert_eq!(run(&job(&input, &store, "1")).reuse, Reuse { read: 3, ..Reuse::default() });
    let closed = run(&job(&input, &store, "1"));
    assert_eq!(closed.reuse, Reuse { by_stamp: 3, ..Reuse::default() });
    assert!(closed.published.unchanged && closed.met() == 3);
    write(&[0, 1, 2, 3]);
    settle();
    let longer = run(&job(&input, &store, "1"));
    assert_eq!(longer.reuse, Reuse { by_content: 3, read: 1, ..Reuse::default() });
    assert_eq!(run(&job(&input, &store, "1")).reuse, Reuse { by_stamp: 4, ..Reuse::default() });
    // Another program reads all of it again, and then it is known to that one.
    assert_eq!(run(&job(&input, &store, "2")).reuse, Reuse { read_again: 4, ..Reuse::default() });
    assert_eq!(run(&job(&input, &store, "2")).reuse, Reuse { by_stamp: 4, ..Reuse::default() });
    write(&[0, 1]);
    let shorter = run(&job(&input, &store, "2"));
    assert_eq!(shorter.reuse, Reuse { by_content: 2, absent: 2, ..Reuse::default() });
    assert_eq!(shorter.met(), 4);
    // What it lost does not keep it from being known.
    settle();
    run(&job(&input, &store, "2"));
    let known = run(&job(&input, &store, "2"));
    assert_eq!(known.reuse, Reuse { by_stamp: 2, absent: 2, ..Reuse::default() });
    write(&[0, 1, 2, 3]);
    let once = dir.path().join("once");
    run(&job(&input, &once, "1"));
    assert!(data(&store) == data(&once));
}

fn records(file: &Path, documents: &[Vec<u8>], lines: &[usize]) {
    let line = |n: &usize| {
        let html = String::from_utf8_lossy(&documents[*n]).into_owned();
        let url = format!("http://www.host{}.example.gov.cn/{n}.html", n % 3);
        serde_json::json!({ "url": url, "html": html }).to_string() + "\n"
    };
    fs::write(file, lines.iter().map(line).collect::<String>()).unwrap();
}

#[test]
fn a_record_put_in_front_costs_itself() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    fs::create_dir_all(&input).unwrap();
    let file = input.join("pages.jsonl");
    records(&file, &documents, &[0, 1, 2, 3]);
    run(&job(&input, &store, "1"));
    records(&file, &documents, &[7, 0, 1, 2, 3]);
    let next = run(&job(&input, &store, "1"));
    assert_eq!(next.reuse, Reuse { by_content: 4, read: 1, ..Reuse::default() });
    // One taken out of the middle: all behind it have another number, and the last number is not there any more.
    records(&file, &documents, &[7, 0, 2, 3]);
    let next = run(&job(&input, &store, "1"));
    assert_eq!(next.reuse, Reuse { by_content: 4, absent: 1, ..Reuse::default() });
    // The same document at another address is another document.
    let text = fs::read_to_string(&file).unwrap().replace("host1.", "host2.");
    fs::write(&file, format!("\n{text}")).unwrap();
    let changed = text.matches("www.host2").count() - [7, 0, 2, 3].iter().filter(|n| *n % 3 == 2).count();
    assert_eq!(run(&job(&input, &store, "1")).reuse.read_again, changed as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn renumbered_records_are_read_as_they_would_be_anew(
        nights in prop::collection::vec(prop::collection::vec(0..DOCUMENTS, 1..8), 1..5),
    ) {
        let documents = documents();
        let dir = quick();
        let (input, store, once) = (dir.path().join("in"), dir.path().join("store"), dir.path().join("once"));
        fs::create_dir_all(&input).unwrap();
        let file = input.join("pages.jsonl");
        let most = nights.iter().map(Vec::len).max().unwrap_or(0);
        let mut last = Vec::new();
        for mut night in nights {
            records(&file, &documents, &night);
            run(&job(&input, &store, "1"));
            std::mem::swap(&mut last, &mut night);
        }
        // No record of any night is missing in the last one, so it says all there is to say.
        last.extend((0..most.max(DOCUMENTS)).map(|n| n % DOCUMENTS));
        last.rotate_right(1);
        records(&file, &documents, &last);
        let summary = run(&job(&input, &store, "1"));
        prop_assert_eq!(summary.met(), last.len() as u64);
        run(&job(&input, &once, "1"));
        prop_assert!(data(&store) == data(&once), "the data differ");
    }
}

/// Every night changes a document; what is no longer spoken of does not fill the disk.
#[test]
fn dead_records_do_not_pile_up() {
    let documents = documents();
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let size = || -> u64 {
        let entries = fs::read_dir(store.join("cache")).unwrap();
        entries.map(|e| e.unwrap().metadata().unwrap().len()).sum()
    };
    for (path, document) in documents.iter().take(6).enumerate() {
        put(&input, path, document);
    }
    run(&job(&input, &store, "1"));
    let first = size();
    for night in 0..40 {
        let changed = [documents[night % 6].as_slice(), format!("<!-- {night} -->").as_bytes()].concat();
        put(&input, night % 6, &changed);
        run(&job(&input, &store, "1"));
    }
    assert!(size() < first * 3, "{} bytes after 40 nights, {first} after the first", size());
    let once = dir.path().join("once");
    run(&job(&input, &once, "1"));
    assert!(data(&store) == data(&once));
}
