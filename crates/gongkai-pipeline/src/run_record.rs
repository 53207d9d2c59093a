//! What a run did, for those who come in the morning and for their monitoring. Beside the data, never in them.
//!
//! A run that reads has a record from then on, which says that it is running; once it ended, with whatever status, the record says how. What
//! is found running though nobody runs was ended by force, and the next run says so. `last.prom` is the newest record as metrics.

use crate::gate::Breach;
use crate::summary::{Durations, Summary};
use gongkai_store::{Store, StoreError};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// Folder of the records in a store.
const RUNS: &str = "runs";
/// The last run as Prometheus text, for a textfile collector.
const PROMETHEUS: &str = "last.prom";
/// So many records are kept, and beside them the newest of every snapshot that is still there.
const KEPT: usize = 400;
/// So many notes stand in a record; of more only how many.
const NOTES: usize = 200;
const METRICS: &str = include_str!("../../../data/nights/metrics.toml");

/// What `last.prom` can tell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Key of the record; `gongkai_` stands before it.
    pub name: String,
    /// What it says.
    pub help: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    metric: Vec<Metric>,
}

/// All metrics, in the order of the file.
///
/// # Panics
/// When the built-in file is wrong, which a test excludes.
#[allow(clippy::expect_used)]
pub fn metrics() -> &'static [Metric] {
    static ALL: OnceLock<Vec<Metric>> = OnceLock::new();
    ALL.get_or_init(|| toml::from_str::<File>(METRICS).expect("data/nights/metrics.toml is right").metric)
}

/// The record of one run in a store.
#[derive(Debug, Clone)]
pub struct RunRecord {
    store: PathBuf,
    command: &'static str,
    started: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ending<'a> {
    /// The exit status.
    pub status: u8,
    /// What it did, as far as it came to publishing.
    pub summary: Option<&'a Summary>,
    /// Why it ended early.
    pub error: Option<&'a str>,
    /// What a person should know.
    pub notes: &'a [String],
    /// The snapshot that was published by hand.
    pub promoted: Option<&'a str>,
}

impl RunRecord {
    /// A run that begins now. Nothing is written yet.
    pub fn new(store: &Path, command: &'static str) -> Self {
        Self { store: store.to_owned(), command, started: unix(SystemTime::now()) }
    }

    /// Says that the run is going on. Only for the one that holds the store's lock: what else is said to run, and does not, was ended by
    /// force; a word about each of those.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn running(&self) -> Result<Vec<String>, StoreError> {
        let mut killed = Vec::new();
        for (seconds, path) in records(&self.store) {
            if is_at_work(&path) {
                continue;
            }
            let Some(Value::Object(mut record)) = read(&path) else { continue };
            if record.get("state").is_some_and(|s| s == "running") {
                record.insert("state".to_owned(), json!("killed"));
                self.put(&path, &record)?;
                killed.push(format!(
                    "the run that began at {seconds} (seconds since 1970) did not come to its end: it was killed, or the machine went down"
                ));
            }
        }
        let mut record = self.head("running");
        record.insert("running".to_owned(), json!(true));
        self.write(&record)?;
        Ok(killed)
    }

    /// Says how the run ended. Nothing is written where there is no store of one's own.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn ended(&self, ending: &Ending<'_>) -> Result<(), StoreError> {
        // A release opens as a store, and never changes.
        let Some(store) = Store::open(&self.store).ok().filter(|store| store.release().is_none()) else {
            return Ok(());
        };
        let mut record = self.head("ended");
        record.extend(object(json!({
            "running": false,
            "exit_status": ending.status,
            "ended_unix": unix(SystemTime::now()),
            "peak_memory_bytes": peak_memory(),
            "error": ending.error,
            "notes": ending.notes.get(..NOTES).unwrap_or(ending.notes),
        })));
        if let Some(more) = ending.notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
            record.insert("notes_left_out".to_owned(), json!(more));
        }
        let published = store.current().ok().flatten().and_then(|current| current.published());
        record.insert("published_unix".to_owned(), json!(published.map(unix)));
        if let Some(snapshot) = ending.promoted {
            record.insert("snapshot".to_owned(), json!(snapshot));
            let made = record_of(&self.store, snapshot).unwrap_or_default();
            record.extend(made.into_iter().filter(|(key, _)| OF_SNAPSHOT.contains(&key.as_str())));
        }
        if let Some(summary) = ending.summary {
            record.extend(object(told(summary)));
        }
        self.write(&record)?;
        tidy(&store);
        Ok(())
    }

    fn head(&self, state: &str) -> Map<String, Value> {
        object(json!({
            "command": self.command,
            "state": state,
            "started_unix": self.started,
            "tool_version": crate::TOOL_VERSION,
        }))
    }

    fn write(&self, record: &Map<String, Value>) -> Result<(), StoreError> {
        let folder = self.store.join(RUNS);
        self.put(&folder.join(format!("{}-{}.json", self.started, std::process::id())), record)?;
        // Who is refused because another run is at work does not speak for it.
        if self.other_is_running() {
            return Ok(());
        }
        let text = prometheus(record);
        replace(&folder.join(PROMETHEUS), &text).map_err(StoreError::cache(WRITING))
    }

    fn other_is_running(&self) -> bool {
        let mut others = records(&self.store).into_iter().map(|(_, path)| path).filter(|p| is_at_work(p));
        others
            .any(|path| read(&path).is_some_and(|record| record.get("state").is_some_and(|s| s == "running")))
    }

    fn put(&self, path: &Path, record: &Map<String, Value>) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(record).unwrap_or_default() + "\n";
        replace(path, &text).map_err(StoreError::cache(WRITING))
    }
}

const WRITING: &str = "write the record of the run beside";

/// Writes a file so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    fs::create_dir_all(folder)?;
    // Several runs may come to this at once.
    let temporary = folder.join(format!(".{name}-{}", std::process::id()));
    fs::write(&temporary, text)?;
    fs::rename(temporary, path)
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(mut map) = value else { return Map::new() };
    map.retain(|_, v| !v.is_null());
    map
}

/// The records of a store, oldest first: when they began, and where they lie.
fn records(store: &Path) -> Vec<(u64, PathBuf)> {
    let Ok(folder) = fs::read_dir(store.join(RUNS)) else { return Vec::new() };
    let of_run = |path: PathBuf| {
        let (seconds, process) = path.file_name()?.to_str()?.strip_suffix(".json")?.split_once('-')?;
        process.parse::<u32>().ok()?;
        Some((seconds.parse().ok()?, path.clone()))
    };
    let mut found: Vec<_> = folder.flatten().filter_map(|entry| of_run(entry.path())).collect();
    found.sort();
    found
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Whether another process, that of this record, is there, as far as the system tells. Numbers of processes are given again, and within a
/// container it may be this one's own every night.
fn is_at_work(record: &Path) -> bool {
    let process = record.file_stem().and_then(|n| n.to_str()).and_then(|n| n.split_once('-'));
    let Some((_, process)) = process.filter(|(_, process)| *process != std::process::id().to_string()) else {
        return false;
    };
    program(process).is_some_and(|its| program("self").is_none_or(|own| own == its))
}

/// What a process runs; `None` where it is none, or dead and only waits for another one to hear of it: nobody may (within a container).
fn program(process: &str) -> Option<String> {
    let told = fs::read(Path::new("/proc").join(process).join("stat")).ok()?;
    let told = String::from_utf8_lossy(&told);
    let (program, state) = told.rsplit_once(')')?;
    let (_, program) = program.split_once('(')?;
    (!state.trim_start().starts_with(['Z', 'X'])).then(|| program.to_owned())
}

/// Drops old records.
fn tidy(store: &Store) {
    let records = records(store.path());
    let Some(surplus) = records.len().checked_sub(KEPT).filter(|n| *n > 0) else { return };
    let names = store.snapshots().into_iter().chain(store.candidates()).flatten();
    let mut wanted: BTreeSet<String> = names.collect();
    for (at, (_, path)) in records.iter().enumerate().rev() {
        let snapshot = read(path).and_then(|r| Some(r.get("snapshot")?.as_str()?.to_owned()));
        let last_of_its_snapshot = snapshot.is_some_and(|s| wanted.remove(&s));
        if at < surplus && !last_of_its_snapshot {
            // It is in the way of nobody, and is tried again the next night.
            let _ = fs::remove_file(path);
        }
    }
}

/// The snapshot that a person published last, by the records in its store.
pub(crate) fn last_promoted(store: &Path) -> Option<String> {
    records(store).into_iter().rev().find_map(|(_, path)| {
        let record = read(&path)?;
        (record.get("command")? == PROMOTE).then(|| record.get("snapshot")?.as_str().map(str::to_owned))?
    })
}

/// The record of the last run that met a snapshot.
fn record_of(store: &Path, snapshot: &str) -> Option<Map<String, Value>> {
    records(store).into_iter().rev().find_map(|(_, path)| {
        let Value::Object(record) = read(&path)? else { return None };
        let of_it = record.get("snapshot")?.as_str()? == snapshot;
        (of_it && record.get("command").is_none_or(|c| c != PROMOTE)).then_some(record)
    })
}

/// What a record tells of the snapshot rather than of the run.
const OF_SNAPSHOT: [&str; 9] = [
    "captures",
    "rows",
    "findings",
    "cells_expected",
    "cells_read",
    "files",
    "partitions",
    "snapshot_bytes",
    "document_bytes",
];

/// The command that publishes a candidate.
pub const PROMOTE: &str = "promote";

/// What the last run that met a snapshot found breached and not waived, by the records in its store: the snapshot may have been published by
/// hand since. Nothing where there is no record.
pub fn breaches_of_record(store: &Path, snapshot: &str) -> Vec<String> {
    let Some(record) = record_of(store, snapshot) else { return Vec::new() };
    let breaches = record.get("breaches").and_then(Value::as_array).into_iter().flatten();
    let breaches = breaches.filter_map(|b| serde_json::from_value::<Breach>(b.clone()).ok());
    breaches.filter(|b| b.waived.is_none()).map(|b| b.to_string()).collect()
}

/// What a run did.
fn told(summary: &Summary) -> Value {
    let (published, tally) = (&summary.published, summary.tally());
    let captures: Map<String, Value> =
        tally.captures.iter().map(|(status, n)| (status.as_str().to_owned(), json!(n))).collect();
    let total = summary.elapsed.as_secs_f64();
    let Durations { planning, reading, settling, publishing } = summary.durations;
    let read = (summary.reuse.read + summary.reuse.read_again) as f64;
    json!({
        "snapshot": published.snapshot,
        "unchanged": published.unchanged,
        "held_as_candidate": published.held,
        "captures": captures,
        "inputs": summary.reuse,
        "rows": published.rows,
        "findings": tally.findings,
        "cells_expected": tally.cells_expected,
        "cells_read": tally.cells_read,
        "files": published.files,
        "files_linked": published.files_linked,
        "partitions": published.partitions,
        "partitions_reused": published.partitions_reused,
        "snapshot_bytes": published.bytes,
        "document_bytes": tally.bytes,
        "seconds": {
            "planning": planning.as_secs_f64(),
            "reading": reading.as_secs_f64(),
            "settling": settling.as_secs_f64(),
            "publishing": publishing.as_secs_f64(),
            "total": total,
        },
        "captures_per_second": summary.met() as f64 / total.max(f64::EPSILON),
        "documents_read_per_second": read / reading.as_secs_f64().max(f64::EPSILON),
        "breaches": summary.breaches,
    })
}

/// The metrics of a record.
fn prometheus(record: &Map<String, Value>) -> String {
    let mut text = String::new();
    for Metric { name, help } in metrics() {
        let lines: Vec<(String, String)> = match record.get(name) {
            Some(Value::Number(n)) => vec![(String::new(), n.to_string())],
            Some(Value::Bool(b)) => vec![(String::new(), u8::from(*b).to_string())],
            Some(Value::Array(all)) => vec![(String::new(), all.len().to_string())],
            Some(Value::Object(map)) => {
                let numbers = map.iter().filter(|(_, v)| v.is_number());
                numbers.map(|(key, n)| (format!("{{of=\"{key}\"}}"), n.to_string())).collect()
            }
            _ => continue,
        };
        let _ = writeln!(text, "# HELP gongkai_{name} {help}\n# TYPE gongkai_{name} gauge");
        for (label, value) in lines {
            let _ = writeln!(text, "gongkai_{name}{label} {value}");
        }
    }
    text
}

/// The most memory the process had, as far as the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stay_within_bounds_and_those_of_snapshots_stay() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create_or_open(dir.path()).unwrap();
        fs::create_dir_all(dir.path().join(RUNS)).unwrap();
        for n in 0..KEPT + 30 {
            let snapshot = if n < 5 { "000001-0123456789ab" } else { "000002-0123456789ab" };
            let text = json!({ "snapshot": snapshot, "started_unix": n }).to_string();
            fs::write(dir.path().join(format!("{RUNS}/{}-1.json", 1_000 + n)), text).unwrap();
        }
        fs::create_dir_all(dir.path().join("snapshots/000001-0123456789ab")).unwrap();
        tidy(&store);
        let left = records(dir.path());
        assert_eq!(left.len(), KEPT + 1, "and the newest of the snapshot that is there");
        assert_eq!(left[0].0, 1_004);
    }

    #[test]
    fn a_run_that_was_killed_is_told_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        Store::create_or_open(dir.path()).unwrap();
        let prometheus = || fs::read_to_string(dir.path().join("runs/last.prom")).unwrap();
        fs::create_dir_all(dir.path().join(RUNS)).unwrap();
        // No process has this number.
        let killed = dir.path().join(format!("{RUNS}/1000-4294967295.json"));
        fs::write(&killed, json!({ "state": "running", "started_unix": 1000 }).to_string()).unwrap();
        let next = RunRecord::new(dir.path(), "run");
        let told = next.running().unwrap();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("1000") && read(&killed).unwrap()["state"] == "killed", "{told:?}");
        assert!(prometheus().contains("gongkai_running 1") && !prometheus().contains("gongkai_exit_status"));
        next.ended(&Ending { status: 3, error: Some("no"), notes: &told, ..Ending::default() }).unwrap();
        for line in
            ["gongkai_running 0", "gongkai_exit_status 3", "gongkai_notes 1", "# TYPE gongkai_notes gauge"]
        {
            assert!(prometheus().lines().any(|l| l == line), "{line}: {}", prometheus());
        }
        assert!(next.running().unwrap().is_empty(), "it is told once");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_run_that_was_killed_is_none_though_nobody_heard_of_it() {
        let dir = tempfile::tempdir().unwrap();
        Store::create_or_open(dir.path()).unwrap();
        fs::create_dir_all(dir.path().join(RUNS)).unwrap();
        // The same program, which nobody waits for.
        let mut dead = std::process::Command::new(std::env::current_exe().unwrap());
        let mut dead = dead.arg("--list").stdout(std::process::Stdio::null()).spawn().unwrap();
        let process = dead.id().to_string();
        while program(&process).is_some() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(Path::new("/proc").join(&process).is_dir() && program("self").is_some());
        let killed = dir.path().join(format!("{RUNS}/1000-{process}.json"));
        fs::write(&killed, json!({ "state": "running", "started_unix": 1000 }).to_string()).unwrap();
        let next = RunRecord::new(dir.path(), "run");
        assert_eq!(next.running().unwrap().len(), 1);
        next.ended(&Ending::default()).unwrap();
        let told = fs::read_to_string(dir.path().join("runs/last.prom")).unwrap();
        assert!(told.contains("gongkai_running 0"), "{told}");
        dead.wait().unwrap();
    }

    #[test]
    fn the_number_of_a_process_that_is_killed_may_be_given_again() {
        // As the first of a container every night, and as that of another program.
        for process in [std::process::id(), 1] {
            let dir = tempfile::tempdir().unwrap();
            Store::create_or_open(dir.path()).unwrap();
            fs::create_dir_all(dir.path().join(RUNS)).unwrap();
            let killed = dir.path().join(format!("{RUNS}/1000-{process}.json"));
            fs::write(&killed, json!({ "state": "running", "started_unix": 1000 }).to_string()).unwrap();
            let next = RunRecord::new(dir.path(), "run");
            assert_eq!(next.running().unwrap().len(), 1, "{process}");
            next.ended(&Ending::default()).unwrap();
            let told = fs::read_to_string(dir.path().join("runs/last.prom")).unwrap();
            assert!(told.contains("gongkai_running 0"), "{told}");
        }
    }
}
