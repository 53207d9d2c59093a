//! A run that is killed at any operation on the disk, without any clean-up, leaves the published snapshot whole, and the
//! next run ends with the same bytes.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_registry::Registry;
use gongkai_store::Store;
use gongkai_store::faults::{Fault, FaultyDisk};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Folder of input and store, and the operation at which to die: set for a child process.
const WHERE: &str = "GONGKAI_TEST_KILL_AT";

fn paths(dir: &Path) -> (PathBuf, PathBuf) {
    (dir.join("in"), dir.join("store"))
}

/// Not a test of its own: what the child processes do. It dies at the operation that it is told.
#[test]
fn child() {
    let Ok(told) = std::env::var(WHERE) else { return };
    let (at, dir) = told.split_once(' ').unwrap();
    let disk = FaultyDisk::new(at.parse().unwrap(), Fault::Abort);
    let (input, store) = paths(Path::new(dir));
    on(Arc::new(disk.clone()), &job(&input, &store, "1")).unwrap();
    println!("operations: {}", disk.operations());
}

fn run_child(dir: &Path, at: u64) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(WHERE, format!("{at} {}", dir.display()))
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").args(["-a", from.to_str().unwrap(), to.to_str().unwrap()]).status();
    assert!(copied.unwrap().success());
}

/// A store after its first night, and its inputs on the second.
struct Night {
    dir: tempfile::TempDir,
    before: Data,
    after: Data,
}

type Data = BTreeMap<PathBuf, Vec<u8>>;

impl Night {
    fn new() -> Self {
        let documents = documents();
        let dir = quick();
        let (input, store) = paths(&dir.path().join("template"));
        fs::create_dir_all(&input).unwrap();
        // A notice and reports of 2023: every other year would add a file of coverage for each province, and every file some
        // operations that are to fail.
        for (i, document) in [2, 8, 12, 18].into_iter().enumerate() {
            fs::write(input.join(format!("{i}.html")), &documents[document]).unwrap();
        }
        run(&job(&input, &store, "1"));
        let before = data(&store);
        fs::write(input.join("1.html"), &documents[9]).unwrap();
        fs::write(input.join("9.html"), &documents[19]).unwrap();
        let mut night = Self { dir, before, after: Data::new() };
        let whole = night.place("whole");
        let (input, store) = paths(&whole);
        run(&job(&input, &store, "1"));
        night.after = data(&store);
        assert!(night.before != night.after);
        night
    }

    /// A copy of it.
    fn place(&self, name: &str) -> PathBuf {
        let place = self.dir.path().join(name);
        copy(&self.dir.path().join("template"), &place);
        place
    }

    /// After whatever happened: nothing half is published, and the next run ends as if nothing had happened.
    fn assert_survived(&self, place: &Path, told: &str) {
        let (input, store) = paths(place);
        assert_sound(&store, told);
        let published = data(&store);
        assert!(published == self.before || published == self.after, "{told}: something half was published");
        let next = run(&job(&input, &store, "1"));
        assert!(data(&store) == self.after, "{told}: the next run wrote other bytes");
        assert_sound(&store, told);
        assert_eq!(next.met(), 5, "{told}");
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).unwrap();
            entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&store.join("snapshots")).len(), 2, "{told}");
        let left = [names(&store), names(&store.join("cache"))].concat();
        assert!(!left.iter().any(|n| n.starts_with(".tmp") || n == "PUBLISHING"), "{told}: {left:?}");
        fs::remove_dir_all(place).unwrap();
    }
}

#[test]
fn every_kill_point_is_survived() {
    let night = Night::new();
    let (done, said) = run_child(&night.place("counted"), 0);
    assert!(done, "{said}");
    let operations: u64 = said.split("operations: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert!(operations >= 200, "only {operations} kill points");
    each(1..=operations, |at| {
        let place = night.place(&format!("at{at}"));
        // The last operations are done by several threads, whose number may differ by a few.
        run_child(&place, at);
        night.assert_survived(&place, &format!("killed at {at} of {operations}"));
    });
}

/// What shows the snapshot to people, the link and the views, comes after `CURRENT`: where it lags behind, `check` tells, and the next run,
/// which finds nothing new, puts it right.
#[test]
fn a_kill_right_after_the_snapshot_is_published_is_told_and_healed() {
    let night = Night::new();
    let (done, said) = run_child(&night.place("counted"), 0);
    assert!(done, "{said}");
    let operations: u64 = said.split("operations: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let mut lagging = 0;
    for at in (1..=operations).rev() {
        let place = night.place(&format!("late{at}"));
        run_child(&place, at);
        let (input, store) = paths(&place);
        if data(&store) != night.after {
            break;
        }
        let problems = || {
            let report = Store::open(&store).unwrap().check(Registry::embedded(), None).unwrap();
            report.problems.into_iter().map(|problem| problem.place).collect::<Vec<_>>()
        };
        let current = fs::read_to_string(store.join("CURRENT")).unwrap();
        let lags = !fs::read_link(store.join("current")).unwrap().ends_with(current.trim());
        assert_eq!(problems().contains(&"current".to_owned()), lags, "killed at {at}: {:?}", problems());
        lagging += u32::from(lags);
        let next = run(&job(&input, &store, "1"));
        assert!(next.published.unchanged && next.breaches.is_empty(), "killed at {at}: {:?}", next.published);
        assert_eq!(problems(), Vec::<String>::new(), "killed at {at}");
        assert!(!store.join("PUBLISHING").exists(), "killed at {at}");
    }
    assert!(lagging > 0, "no run was killed between `CURRENT` and the link");
}

#[test]
fn every_failing_operation_is_survived() {
    let night = Night::new();
    for fault in [Fault::Once, Fault::Cut] {
        let attempt = |at: u64| {
            let place = night.place(&format!("{fault:?}{at}"));
            let disk = FaultyDisk::new(at, fault);
            let (input, store) = paths(&place);
            let done = on(Arc::new(disk.clone()), &job(&input, &store, "1"));
            if done.is_ok() && data(&store) != night.after {
                panic!("{fault:?} at {at}: said to be done and is not");
            }
            night.assert_survived(&place, &format!("{fault:?} at {at}"));
            disk.operations()
        };
        let operations = attempt(0);
        assert!(operations >= 200, "only {operations} operations");
        each(1..=operations, |at| _ = attempt(at));
    }
}
