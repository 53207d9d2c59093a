//! Random histories: representations, covers, sidecars, records, renames, a removed cache, other threads and memory from night to night.
//! Whatever came between, the data are those of one run over all that was met, and of one more once what is gone is gone.
//!
//! Seeded. `GONGKAI_HISTORIES=5000` asks for more of each kind than CI does, `GONGKAI_HISTORIES_FROM` for others.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_pipeline::IngestOptions;
use gongkai_store::{Retention, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Histories of each kind where nobody asks for more.
const USUAL: u64 = 150;
const URLS: usize = 6;

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
    /// Records by the number of their address.
    records: Option<Vec<(usize, String)>>,
}

impl World {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.records.is_none()
    }

    fn lay_out(&self, root: &Path) {
        let _ = fs::remove_dir_all(root);
        fs::create_dir_all(root).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        self.files.iter().for_each(|(name, bytes)| write(name, bytes));
        for name in &self.sidecars {
            let hash = blake3::hash(name.as_bytes()).as_bytes()[0];
            let told = format!(
                "{{\"url\": \"http://www.host{}.example.gov.cn/{name}\", \"fetched_at\": \"2022-01-{:02}\"}}",
                hash % 3,
                hash % 28 + 1
            );
            write(&format!("{name}.meta.json"), told.as_bytes());
        }
        if let Some(records) = &self.records {
            let line = |(url, html): &(usize, String)| {
                serde_json::json!({ "url": format!("http://www.host{}.example.gov.cn/r{url}.html", url % 3), "html": html })
                    .to_string()
                    + "\n"
            };
            write("pages.jsonl", records.iter().map(line).collect::<String>().as_bytes());
        }
    }
}

/// What a store has met, as far as a history goes.
#[derive(Default)]
struct Met {
    files: BTreeMap<String, Bytes>,
    sidecars: BTreeSet<String>,
    records: Vec<(usize, String)>,
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
        if let Some(records) = &tonight.records {
            let gone = |one: &(usize, String)| records.iter().all(|(url, _)| *url != one.0);
            let gone: Vec<_> = self.records.iter().filter(|one| gone(one)).cloned().collect();
            self.records = records.iter().cloned().chain(gone).collect();
        }
    }

    /// The same without a history: all at once, and then what is there tonight.
    fn at_once(&self, tonight: &World, root: &Path, store: &Path) {
        let mut all = World {
            files: self.files.clone(),
            sidecars: self.sidecars.clone(),
            records: (!self.records.is_empty()).then(|| self.records.clone()),
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
        let with_sidecars = World { sidecars: self.sidecars.clone(), ..tonight.clone() };
        let with_sidecars = World {
            sidecars: with_sidecars
                .sidecars
                .iter()
                .filter(|name| tonight.files.contains_key(*name))
                .cloned()
                .collect(),
            ..with_sidecars
        };
        for world in [&all, &with_sidecars, tonight] {
            world.lay_out(root);
            run(&job(root, store, "1"));
        }
    }
}

fn paths() -> Vec<String> {
    let pages =
        (0..2).flat_map(|n| ["page.html", "page.txt", "report.doc"].map(|file| format!("s{n}/{file}")));
    pages.chain((0..3).map(|n| format!("www.host{n}.example.gov.cn/a.html"))).collect()
}

fn history(seed: u64, may_prune: bool, documents: &[Bytes]) {
    let mut dice = Dice::new(seed * 2 + u64::from(may_prune));
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let (mut tonight, mut met) = (World::default(), Met::default());
    let (mut paths, mut counter) = (paths(), 0);
    let mut said = vec![format!("seed {seed}, prune {may_prune}")];
    let mut document = |dice: &mut Dice| {
        counter += 1;
        // No content comes twice by chance: what is the same is the same file.
        let end = format!("\n<!-- {counter} -->");
        [documents[dice.below(documents.len())].as_slice(), end.as_bytes()].concat()
    };
    let mut versions: BTreeMap<usize, String> = BTreeMap::new();
    let steps = 8 + dice.below(24);
    for step in 0..=steps {
        let at = dice.below(paths.len());
        let name = paths[at].clone();
        let what = if step == steps { 9 } else { dice.below(12) };
        said.push(format!("{what} {name}"));
        match what {
            0..=2 => _ = tonight.files.insert(name, document(&mut dice)),
            3 => {
                tonight.files.remove(&name);
                tonight.sidecars.remove(&name);
            }
            4 if !name.contains("page.") && !name.ends_with(".doc") => {
                let new = name.replace(".html", "b.html");
                if let Some(bytes) = tonight.files.remove(&name) {
                    tonight.files.insert(new.clone(), bytes);
                    if tonight.sidecars.remove(&name) {
                        tonight.sidecars.insert(new.clone());
                    }
                    paths[at] = new;
                }
            }
            5 if tonight.files.contains_key(&name) => _ = tonight.sidecars.insert(name),
            6 => _ = tonight.sidecars.remove(&name),
            7 => {
                let mut urls: Vec<usize> = (0..URLS).filter(|_| !dice.one_in(3)).collect();
                let by = dice.below(URLS);
                let by = by % urls.len().max(1);
                urls.rotate_left(by);
                for url in &urls {
                    if dice.one_in(4) || !versions.contains_key(url) {
                        versions.insert(*url, String::from_utf8_lossy(&document(&mut dice)).into_owned());
                    }
                }
                let records: Vec<_> = urls.iter().map(|url| (*url, versions[url].clone())).collect();
                tonight.records = Some(records).filter(|records| !records.is_empty());
            }
            8 if dice.one_in(3) => tonight.records = None,
            9..=10 if !tonight.is_empty() => {
                let forgets = may_prune && store.exists() && dice.one_in(8);
                if forgets {
                    let _ = fs::remove_dir_all(store.join("cache"));
                }
                let prune = may_prune && (forgets || dice.one_in(3));
                said.push(format!("run, prune {prune}, forgets {forgets}"));
                tonight.lay_out(&input);
                met.meet(&tonight, prune);
                let threads = Some(1 + dice.below(3));
                let memory = dice.one_in(2).then_some(64 << 20);
                run(&IngestOptions { prune, threads, memory, ..job(&input, &store, "1") });
            }
            11 if store.exists() => {
                let keep = Retention { count: 1, age: Duration::ZERO };
                Store::open(&store).unwrap().writer().unwrap().gc(keep, SystemTime::now(), false).unwrap();
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
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn histories(may_prune: bool) {
    let mut documents = documents();
    documents.truncate(14);
    let first = number("GONGKAI_HISTORIES_FROM").unwrap_or(1);
    let last = first + number("GONGKAI_HISTORIES").unwrap_or(USUAL) - 1;
    each(first..=last, |seed| history(seed, may_prune, &documents));
}

#[test]
fn the_data_are_those_of_one_run_whatever_the_history() {
    histories(false);
}

#[test]
fn the_data_are_those_of_one_run_whatever_the_history_and_what_is_dropped() {
    histories(true);
}
