//! Random histories: representations, covers, sidecars, records and members that come and go, renames, a removed cache, `gc`,
//! other threads and memory from night to night.
//! Whatever came between, the data are those of one run over all that was met, and of one more once what is gone is gone.
//!
//! Seeded. `GONGKAI_HISTORIES=5000` asks for more of each kind than CI does, `GONGKAI_HISTORIES_FROM` for others.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_pipeline::IngestOptions;
use gongkai_store::{Retention, RowQuery, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// Histories of each kind where nobody asks for more.
const USUAL: u64 = 150;
const URLS: usize = 6;
/// Containers of records: a record is its content and its address.
const OF_RECORDS: [&str; 2] = ["pages.jsonl", "pages.warc"];
/// A container whose members are as files of a folder.
const ARCHIVE: &str = "old.zip/";

/// Numbers from a seed.
struct Dice(blake3::OutputReader);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof())
    }

    fn below(&mut self, n: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

type Bytes = Vec<u8>;

/// What lies in the inputs tonight.
#[derive(Clone, Default)]
struct World {
    files: BTreeMap<String, Bytes>,
    sidecars: BTreeSet<String>,
    /// Records by the number of their address, by their container.
    records: BTreeMap<&'static str, Vec<(usize, String)>>,
}

impl World {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.records.is_empty()
    }

    fn lay_out(&self, root: &Path) {
        let _ = fs::remove_dir_all(root);
        fs::create_dir_all(root).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let (members, files): (Vec<_>, Vec<_>) =
            self.files.iter().partition(|(name, _)| name.starts_with(ARCHIVE));
        files.into_iter().for_each(|(name, bytes)| write(name, bytes));
        if !members.is_empty() {
            write(ARCHIVE.trim_end_matches('/'), &zipped(&members));
        }
        for name in &self.sidecars {
            let hash = blake3::hash(name.as_bytes()).as_bytes()[0];
            let told = format!(
                "{{\"url\": \"http://www.host{}.example.gov.cn/{name}\", \"fetched_at\": \"2022-01-{:02}\"}}",
                hash % 3,
                hash % 28 + 1
            );
            write(&format!("{name}.meta.json"), told.as_bytes());
        }
        for (container, records) in &self.records {
            let one = |(url, html): &(usize, String)| {
                let url = format!("http://www.host{}.example.gov.cn/r{url}.html", url % 3);
                if container.ends_with("warc") {
                    response(&url, html)
                } else {
                    serde_json::json!({ "url": url, "html": html }).to_string() + "\n"
                }
            };
            write(container, records.iter().map(one).collect::<String>().as_bytes());
        }
    }
}

fn zipped(members: &[(&String, &Bytes)]) -> Bytes {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let name = name.strip_prefix(ARCHIVE).unwrap();
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A record of a WARC file.
fn response(url: &str, html: &str) -> String {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}");
    format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-01-31T04:05:06Z\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

/// What a store has met, as far as a history goes.
#[derive(Default)]
struct Met {
    files: BTreeMap<String, Bytes>,
    sidecars: BTreeSet<String>,
    records: BTreeMap<&'static str, Vec<(usize, String)>>,
    /// Of a representation what the other one was when it was there last.
    beside: BTreeMap<String, Option<Bytes>>,
}

/// The other representation of its page.
fn sibling(name: &str) -> Option<String> {
    let (stem, extension) = name.split_once("page.")?;
    Some(format!("{stem}page.{}", if extension == "html" { "txt" } else { "html" }))
}

impl Met {
    fn meet(&mut self, tonight: &World, prune: bool) {
        if prune {
            *self = Self::default();
        }
        self.files.extend(tonight.files.clone());
        self.sidecars.extend(tonight.sidecars.iter().cloned());
        for name in tonight.files.keys() {
            let other = sibling(name).and_then(|other| self.files.get(&other).cloned());
            self.beside.insert(name.clone(), other);
        }
        for (container, records) in &tonight.records {
            let gone = |one: &&(usize, String)| records.iter().all(|(url, _)| *url != one.0);
            let before = self.records.entry(container).or_default();
            *before = records.iter().chain(before.iter().filter(gone)).cloned().collect();
        }
    }

    /// Whether nothing that was met is missing tonight.
    fn is_all_there(&self, tonight: &World) -> bool {
        let has = |(container, records): (&&'static str, &Vec<(usize, String)>)| {
            let here = tonight.records.get(container);
            records.iter().all(|(url, _)| here.is_some_and(|here| here.iter().any(|one| one.0 == *url)))
        };
        self.files.keys().all(|name| tonight.files.contains_key(name))
            && self.sidecars.is_subset(&tonight.sidecars)
            && self.records.iter().all(has)
    }

    /// The same without a history: all at once, and then what is there tonight.
    fn at_once(&self, tonight: &World, root: &Path, store: &Path) {
        let mut all = World {
            files: self.files.clone(),
            sidecars: self.sidecars.clone(),
            records: self.records.clone(),
        };
        for (name, beside) in self.beside.iter().filter(|(name, _)| !tonight.files.contains_key(*name)) {
            let Some(other) = sibling(name).filter(|other| tonight.files.contains_key(other)) else {
                continue;
            };
            match beside {
                Some(bytes) => _ = all.files.insert(other, bytes.clone()),
                None => {
                    all.files.remove(&other);
                    all.sidecars.remove(&other);
                }
            }
        }
        let mut with_sidecars = World { sidecars: self.sidecars.clone(), ..tonight.clone() };
        with_sidecars.sidecars.retain(|name| tonight.files.contains_key(name));
        for world in [&all, &with_sidecars, tonight] {
            world.lay_out(root);
            run(&job(root, store, "1"));
        }
    }
}

fn paths() -> Vec<String> {
    let pages =
        (0..2).flat_map(|n| ["page.html", "page.txt", "report.doc"].map(|file| format!("s{n}/{file}")));
    let hosts = (0..3).map(|n| format!("www.host{n}.example.gov.cn/a.html"));
    let members =
        ["page.html", "page.txt", "more/report.doc", "a.html"].map(|name| format!("{ARCHIVE}{name}"));
    pages.chain(hosts).chain(members).collect()
}

/// A page that tells of a report, and the report, which leaves to the page whose it is and when it came out.
fn cover_and_report() -> [Bytes; 2] {
    let title = "霍山县水利局2021年政府信息公开工作年度报告";
    let cover = format!(
        "<html><head><meta charset=utf-8><meta name=PubDate content=2022-01-20><title>{title}</title></head>\
         <body><h1>{title}</h1><p>附件下载</p></body></html>"
    );
    let results =
        "<td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td>".repeat(3);
    let figures: String =
        [1, 2, 0, 0, 3, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0].map(|n| format!("<td>{n}</td>")).concat();
    let report = format!(
        "<html><body><p>附表</p><table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr><tr><td colspan=5></td>\
         <td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr><tr>{results}</tr><tr>{figures}</tr></table></body></html>"
    );
    [cover.into_bytes(), report.into_bytes()]
}

/// How often something occurred, over all histories of a kind.
#[derive(Default)]
struct Tally(Mutex<BTreeMap<String, u64>>);

impl Tally {
    fn add(&self, what: &str) {
        *self.0.lock().unwrap().entry(what.to_owned()).or_default() += 1;
    }

    fn add_data(&self, store: &Path) {
        let snapshot = Store::open(store).unwrap().current().unwrap().unwrap();
        let rows = |table| snapshot.rows(&RowQuery { table, ..RowQuery::default() }).unwrap();
        for row in rows("captures") {
            let reason = row.text("reason").unwrap_or_default();
            self.add(&format!(
                "{} {}",
                row.text("status").unwrap(),
                reason.split(':').next().unwrap_or_default()
            ));
        }
        rows("reports")
            .iter()
            .for_each(|row| self.add(&format!("year by {}", row.text("year_evidence").unwrap_or("-"))));
    }
}

fn history(seed: u64, may_prune: bool, documents: &[Bytes], tally: &Tally) {
    let mut dice = Dice::new(seed * 2 + u64::from(may_prune));
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let (mut tonight, mut met) = (World::default(), Met::default());
    let (mut paths, mut counter) = (paths(), 0);
    let mut said = vec![format!("seed {seed}, prune {may_prune}")];
    let [cover, report] = cover_and_report();
    let mut document = |dice: &mut Dice, name: &str| {
        counter += 1;
        // No content comes twice by chance: what is the same is the same file.
        let end = format!("\n<!-- {counter} -->");
        let one = match dice.one_in(2) {
            true if name.ends_with("page.html") => &cover,
            true if name.ends_with(".doc") => &report,
            _ => &documents[dice.below(documents.len())],
        };
        [one.as_slice(), end.as_bytes()].concat()
    };
    let mut versions: BTreeMap<(&str, usize), String> = BTreeMap::new();
    let steps = 8 + dice.below(24);
    for step in 0..=steps {
        let at = dice.below(paths.len());
        let name = paths[at].clone();
        let what = if step == steps { 9 } else { dice.below(12) };
        said.push(format!("{what} {name}"));
        match what {
            0..=2 => {
                let bytes = document(&mut dice, &name);
                if tonight.files.insert(name.clone(), bytes).is_some() && name.starts_with(ARCHIVE) {
                    tally.add("member edited");
                }
            }
            3 => {
                tonight.files.remove(&name);
                tonight.sidecars.remove(&name);
            }
            4 if !name.contains("page.") && !name.ends_with(".doc") => {
                let new = name.replace(".html", "b.html");
                if let Some(bytes) = tonight.files.remove(&name) {
                    tally.add("renamed");
                    tonight.files.insert(new.clone(), bytes);
                    if tonight.sidecars.remove(&name) {
                        tonight.sidecars.insert(new.clone());
                    }
                    paths[at] = new;
                }
            }
            // None within an archive is remembered.
            5 if tonight.files.contains_key(&name) && !name.starts_with(ARCHIVE) => {
                _ = tonight.sidecars.insert(name)
            }
            6 => _ = tonight.sidecars.remove(&name),
            7 => {
                let container = OF_RECORDS[dice.below(2)];
                let mut urls: Vec<usize> = (0..URLS).filter(|_| !dice.one_in(3)).collect();
                let by = dice.below(URLS);
                let by = by % urls.len().max(1);
                urls.rotate_left(by);
                for url in &urls {
                    if dice.one_in(4) || !versions.contains_key(&(container, *url)) {
                        let html = String::from_utf8_lossy(&document(&mut dice, container)).into_owned();
                        versions.insert((container, *url), html);
                    }
                }
                let records: Vec<_> =
                    urls.iter().map(|url| (*url, versions[&(container, *url)].clone())).collect();
                if records.is_empty() {
                    tonight.records.remove(container);
                } else if tonight.records.insert(container, records).is_some() {
                    tally.add(&format!("{container} edited"));
                }
            }
            8 if dice.one_in(3) => _ = tonight.records.remove(OF_RECORDS[dice.below(2)]),
            9..=10 if !tonight.is_empty() => {
                // What is gone would be refused without its memory, unless it is to be dropped.
                let forgets = store.exists() && dice.one_in(8) && (may_prune || met.is_all_there(&tonight));
                if forgets {
                    let _ = fs::remove_dir_all(store.join("cache"));
                }
                let prune = may_prune && (forgets || dice.one_in(3));
                tally.add(if forgets { "without its memory" } else { "a night" });
                said.push(format!("run, prune {prune}, forgets {forgets}"));
                tonight.lay_out(&input);
                met.meet(&tonight, prune || forgets);
                let threads = Some(1 + dice.below(3));
                let memory = dice.one_in(2).then_some(64 << 20);
                tally.add(&format!("threads {threads:?}, memory {memory:?}"));
                let done = run(&IngestOptions { prune, threads, memory, ..job(&input, &store, "1") });
                assert!(!done.published.held, "{said:#?}");
            }
            11 if store.exists() => {
                let keep = Retention { count: 1, age: Duration::ZERO };
                let gone = Store::open(&store).unwrap().writer().unwrap().gc(keep, SystemTime::now(), false);
                if !gone.unwrap().snapshots.is_empty() {
                    tally.add("snapshots dropped");
                }
            }
            _ => {}
        }
    }
    if met.files.is_empty() && met.records.is_empty() {
        return;
    }
    // The last night was run over what is there tonight, unless that is nothing.
    if tonight.is_empty() {
        return;
    }
    let once = dir.path().join("once");
    met.at_once(&tonight, &dir.path().join("all"), &once);
    assert!(data(&store) == data(&once), "the data differ: {said:#?}");
    assert_sound(&store, &said[0]);
    tally.add_data(&store);
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn histories(may_prune: bool) {
    let mut documents = documents();
    documents.truncate(14);
    let first = number("GONGKAI_HISTORIES_FROM").unwrap_or(1);
    let last = first + number("GONGKAI_HISTORIES").unwrap_or(USUAL) - 1;
    let tally = Tally::default();
    each(first..=last, |seed| history(seed, may_prune, &documents, &tally));
    // None of what they are about is so rare that it does not come up.
    let tally = tally.0.into_inner().unwrap();
    println!("histories {first} to {last}, prune {may_prune}: {tally:#?}");
    let occurred =
        |what: &str| tally.iter().filter(|(key, _)| key.starts_with(what)).map(|(_, n)| n).sum::<u64>();
    for what in [
        "superseded other_representation",
        "superseded cover_of_attachment",
        "year by cover",
        "pages.jsonl edited",
        "pages.warc edited",
        "member edited",
        "renamed",
        "without its memory",
        "snapshots dropped",
        "threads Some(1), memory Some",
        "threads Some(3), memory None",
    ] {
        assert!(occurred(what) > 0 || last < first + USUAL - 1, "{what} never occurred: {tally:#?}");
    }
}

#[test]
fn the_data_are_those_of_one_run_whatever_the_history() {
    histories(false);
}

#[test]
fn the_data_are_those_of_one_run_whatever_the_history_and_what_is_dropped() {
    histories(true);
}
