//! The nightly commands, run as a scheduler runs them.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn gongkai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")
}

fn pipeline(dir: &Path, more: &str) -> String {
    let path = dir.join("night.toml");
    let text = format!("store = \"store\"\n[[input]]\npath = \"{}\"\n{more}", samples().display());
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_night_from_pipeline_file_to_promotion() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let store = store.to_str().unwrap();
    let file = pipeline(dir.path(), "[[expect]]\nmeasure = \"rows\"\nmin = 1000\n");
    let dry = gongkai(&["run", &file, "--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", out(&dry));
    assert!(out(&dry).contains("35 files") && !Path::new(store).exists(), "{}", out(&dry));

    let held = gongkai(&["run", &file]);
    assert_eq!(held.status.code(), Some(1), "{}", out(&held));
    assert!(out(&held).contains("rows of reports is 31.0000, expected at least 1000"), "{}", out(&held));
    assert!(!Path::new(store).join("CURRENT").exists());
    let log = gongkai(&["log", store, "--json"]);
    let candidate: Value = serde_json::from_str(&out(&log)).unwrap();
    assert_eq!(candidate["candidate"], true);
    let name = candidate["snapshot"].as_str().unwrap();
    let runs: Vec<PathBuf> =
        fs::read_dir(Path::new(store).join("runs")).unwrap().map(|e| e.unwrap().path()).collect();
    let record = runs.iter().find(|p| p.extension().is_some_and(|e| e == "json")).unwrap();
    let record: Value = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    assert_eq!((record["exit_status"].as_i64(), record["captures"]["report"].as_i64()), (Some(1), Some(31)));
    assert!(record["peak_memory_bytes"].as_u64().is_none_or(|n| n > 1_000_000));
    let prometheus = fs::read_to_string(Path::new(store).join("runs/last.prom")).unwrap();
    for line in ["gongkai_exit_status 1", "gongkai_captures{of=\"report\"} 31", "gongkai_breaches 1"] {
        assert!(prometheus.contains(line), "{line} is missing in:\n{prometheus}");
    }
    assert_eq!(gongkai(&["promote", store, "000009-000000000000"]).status.code(), Some(2));
    assert_eq!(gongkai(&["promote", store, name]).status.code(), Some(0));
    assert_eq!(gongkai(&["check", store]).status.code(), Some(0));

    // The gate is right now: nothing changed, nothing is published, tags and diff work.
    let file = pipeline(dir.path(), "[retention]\ncount = 1\ndays = 0\n");
    let again = gongkai(&["run", &file]);
    assert_eq!(again.status.code(), Some(0), "{}", out(&again));
    assert!(out(&again).contains("unchanged"), "{}", out(&again));
    assert_eq!(gongkai(&["tag", store, "v1"]).status.code(), Some(0));
    let diff = gongkai(&["diff", store, "v1", "CURRENT"]);
    assert!(out(&diff).contains("0 cells added, 0 changed, 0 removed"), "{}", out(&diff));
    assert_eq!(gongkai(&["gc", store, "--keep", "1", "--days", "0"]).status.code(), Some(0));
    assert_eq!(gongkai(&["check", store, "--repair"]).status.code(), Some(0));
    let wrong = pipeline(dir.path(), "colour = 1\n");
    let refused = gongkai(&["run", &wrong]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(out(&refused).contains("night.toml:4: "), "{}", out(&refused));
}

#[test]
fn a_pipeline_file_says_all_it_wants_and_what_cannot_be_done_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let more = "kind = \"folder\"\n[quality]\npage = \"out/report.html\"\n[release]\nversion = \"2026.1\"\ndir = \"out\"\n";
    let file = pipeline(dir.path(), more);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("memory_mib = 256\n{text}")).unwrap();
    let dry = gongkai(&["run", &file, "--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", out(&dry));
    for line in [
        "data/sample (folder)",
        "within 256 MiB",
        "then writing the quality page",
        "out/report.html",
        "then making release 2026.1 in",
    ] {
        assert!(out(&dry).contains(line), "{line} is missing in:\n{}", out(&dry));
    }
    // What cannot be done is told before anything is read.
    let refused = |line: &str| {
        let refused = gongkai(&["run", &file]);
        assert_eq!(refused.status.code(), Some(2), "{}", out(&refused));
        assert!(out(&refused).contains(line), "{}", out(&refused));
        assert!(!dir.path().join("store").exists());
    };
    refused("night.toml:6: [quality]: there is no folder");
    fs::create_dir(dir.path().join("out")).unwrap();
    let done = gongkai(&["run", &file]);
    assert_eq!(done.status.code(), Some(0), "{}", out(&done));
    let page = fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    assert!(page.contains("<html") && page.contains("</html>"), "{}", page.len());
    // The release is made once, and stays while the data do.
    let release = dir.path().join("out/2026.1");
    assert_eq!(gongkai(&["check", release.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(gongkai(&["run", &file]).status.code(), Some(0));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("evidence = \"all\"\n{text}")).unwrap();
    let other = gongkai(&["run", &file]);
    assert_eq!(other.status.code(), Some(2), "{}", out(&other));
    assert!(out(&other).contains("raise the version"), "{}", out(&other));
    fs::write(&file, &text).unwrap();
    // An expectation that is breached leaves the page as it was.
    fs::write(dir.path().join("out/report.html"), "as it was").unwrap();
    let text = fs::read_to_string(&file).unwrap().replace("\"store\"", "\"another\"");
    fs::write(&file, format!("{text}[[expect]]\nmeasure = \"rows\"\nmin = 1000\n")).unwrap();
    assert_eq!(gongkai(&["run", &file]).status.code(), Some(1));
    assert_eq!(fs::read_to_string(dir.path().join("out/report.html")).unwrap(), "as it was");
}

#[test]
fn json_lines_tell_a_scheduler_how_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let file = pipeline(dir.path(), "[[expect]]\nmeasure = \"rows\"\nmin = 1000\n");
    let run = gongkai(&["run", &file, "--log-format", "json"]);
    let lines: Vec<Value> =
        String::from_utf8_lossy(&run.stderr).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let stages: Vec<&str> =
        lines.iter().filter(|l| l["event"] == "begin").filter_map(|l| l["stage"].as_str()).collect();
    assert_eq!(stages, ["planning", "reading", "publishing"]);
    assert!(lines.iter().all(|l| l["time"].is_string()), "{lines:?}");
    assert!(lines.iter().any(|l| l["event"] == "breach" && l["breach"]["measure"] == "rows"), "{lines:?}");
    let end = lines.last().unwrap();
    assert_eq!((end["event"].as_str(), end["exit_status"].as_u64()), (Some("done"), Some(1)), "{end}");
    assert_eq!(
        (end["held_as_candidate"].as_bool(), end["captures"].as_u64()),
        (Some(true), Some(35)),
        "{end}"
    );
}

#[test]
fn a_signal_ends_a_run_cleanly_and_the_next_one_finishes() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store, once) = (dir.path().join("in"), dir.path().join("store"), dir.path().join("once"));
    for copy in 0..20 {
        let target = input.join(copy.to_string());
        fs::create_dir_all(&target).unwrap();
        let copied =
            Command::new("cp").args(["-r", samples().to_str().unwrap(), target.to_str().unwrap()]).status();
        assert!(copied.unwrap().success());
    }
    let arguments = |store: &Path| {
        ["ingest", input.to_str().unwrap(), "--store", store.to_str().unwrap(), "--threads", "2"]
            .map(String::from)
    };
    let mut interrupted = 0;
    for (round, signal) in ["-TERM", "-INT", "-TERM", "-INT"].into_iter().enumerate() {
        let child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
            .args(arguments(&store))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 + 60 * round as u64));
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
        let output = child.wait_with_output().unwrap();
        // Before it listens, a signal ends it as any program; after it is done there is nothing to end.
        if output.status.code() == Some(3) {
            interrupted += 1;
            assert!(out(&output).contains("interrupted"), "{}", out(&output));
        }
        assert!(matches!(output.status.code(), Some(0 | 3) | None), "{}", out(&output));
        if store.join("CURRENT").exists() {
            assert_eq!(gongkai(&["check", store.to_str().unwrap()]).status.code(), Some(0));
        }
    }
    assert!(interrupted > 0, "no signal came in time");
    for store in [&store, &once] {
        let done = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments(store)).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", out(&done));
    }
    let name = |store: &Path| fs::read_to_string(store.join("CURRENT")).unwrap();
    assert_eq!(name(&store), name(&once), "number and content hash are the same");
}

/// A program that was to write to standard input and failed.
#[test]
fn an_empty_standard_input_drops_nothing() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let store = store.to_str().unwrap();
    let send = |bytes: &[u8], more: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
            .args(["ingest", "-", "--store", store])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait_with_output().unwrap()
    };
    let line = "{\"url\": \"http://www.x.gov.cn/1.html\", \"html\": \"<p>某县民政局2021年政府信息公开工作年度报告</p>\"}\n";
    assert_eq!(send(line.as_bytes(), &["--prune"]).status.code(), Some(0));
    let before = fs::read_to_string(Path::new(store).join("CURRENT")).unwrap();
    // What `gzip` makes of nothing.
    let nothing = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (bytes, more) in [(&[][..], &["--prune"][..]), (&[], &[]), (&nothing, &["--prune"])] {
        let refused = send(bytes, more);
        assert_eq!(refused.status.code(), Some(3), "{more:?}: {}", out(&refused));
        assert!(out(&refused).contains("standard input is empty"), "{}", out(&refused));
        assert_eq!(fs::read_to_string(Path::new(store).join("CURRENT")).unwrap(), before);
    }
    let again = send(line.as_bytes(), &["--prune"]);
    assert!(out(&again).contains("1 captures met") && out(&again).contains("unchanged"), "{}", out(&again));
}

/// The disk of the store is not mounted: its folder is there, and empty.
#[test]
fn an_emptied_store_is_no_first_run_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let file = pipeline(dir.path(), "");
    fs::create_dir(&store).unwrap();
    assert_eq!(gongkai(&["run", &file, "-q"]).status.code(), Some(0), "a first run needs no word");
    let away = dir.path().join("away");
    fs::rename(&store, &away).unwrap();
    for make in [false, true] {
        if make {
            fs::create_dir(&store).unwrap();
        }
        let refused = gongkai(&["run", &file, "-q"]);
        assert_eq!(refused.status.code(), Some(2), "{}", out(&refused));
        assert!(out(&refused).contains("is a disk not mounted?"), "{}", out(&refused));
        assert!(!make || fs::read_dir(&store).unwrap().next().is_none(), "nothing is written there");
    }
    fs::remove_dir(&store).unwrap();
    fs::rename(&away, &store).unwrap();
    assert!(out(&gongkai(&["run", &file])).contains("unchanged"));
    fs::remove_dir_all(&store).unwrap();
    assert_eq!(gongkai(&["run", &file, "-q", "--first"]).status.code(), Some(0));
}

#[test]
fn first_runs_that_come_together_or_after_one_that_failed_end_cleanly() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("store");
        // The record of a run that could not make the store.
        fs::create_dir_all(store.join("runs")).unwrap();
        fs::write(store.join("runs/1-1.json"), "{}").unwrap();
        let (input, store) = (samples().join("forms"), store.to_str().unwrap().to_owned());
        let input = if input.is_dir() { input } else { samples() };
        let start = || {
            Command::new(env!("CARGO_BIN_EXE_gongkai"))
                .args(["ingest", input.to_str().unwrap(), "--store", &store, "-q", "--threads", "1"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let runs: Vec<_> = (0..4).map(|_| start()).collect();
        let ended: Vec<Output> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        let all: Vec<_> = ended.iter().map(|run| (run.status, out(run))).collect();
        assert!(ended.iter().any(|run| run.status.code() == Some(0)), "{all:?}");
        for run in &ended {
            let is_busy = run.status.code() == Some(3) && out(run).contains("another run");
            assert!(run.status.code() == Some(0) || is_busy, "{:?}: {}", run.status, out(run));
        }
        assert_eq!(gongkai(&["check", &store]).status.code(), Some(0));
    }
}

/// The newest record of a run.
fn record(store: &Path) -> Value {
    let records = fs::read_dir(store.join("runs")).unwrap().map(|e| e.unwrap().path());
    let newest = records.filter(|p| p.extension().is_some_and(|e| e == "json"));
    let newest = newest.max_by_key(|p| p.metadata().unwrap().modified().unwrap()).unwrap();
    serde_json::from_str(&fs::read_to_string(newest).unwrap()).unwrap()
}

fn metrics(store: &Path) -> String {
    fs::read_to_string(store.join("runs/last.prom")).unwrap()
}

#[test]
fn status_record_and_metrics_agree_whatever_comes_after_publishing() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let agree = |output: &Output| {
        let status = output.status.code().unwrap();
        let record = record(&store);
        assert_eq!(record["exit_status"], status, "{record}");
        let metrics = metrics(&store);
        assert!(metrics.lines().any(|l| l == format!("gongkai_exit_status {status}")), "{metrics}");
        assert!(metrics.lines().any(|l| l == "gongkai_running 0"), "{metrics}");
        for line in metrics.lines().filter(|l| !l.starts_with('#')) {
            let name: String = line.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            assert!(metrics.contains(&format!("# TYPE {name} gauge\n")), "{name}");
            assert!(metrics.contains(&format!("# HELP {name} ")), "{name}");
        }
        record
    };
    // A gate, spelt as in the file; then a person publishes what it held.
    let file = pipeline(dir.path(), "[[expect]]\nmeasure = \"identity_pass\"\nmin = 1.0\n");
    let held = gongkai(&["run", &file, "--quiet"]);
    assert_eq!(held.status.code(), Some(1));
    assert!(out(&held).contains("breached: identity_pass of reports is 0.9"), "{}", out(&held));
    let told = agree(&held);
    assert!(!metrics(&store).contains("gongkai_published_unix"));
    let promoted = gongkai(&["promote", store.to_str().unwrap(), told["snapshot"].as_str().unwrap()]);
    assert_eq!(promoted.status.code(), Some(0), "{}", out(&promoted));
    let told = agree(&promoted);
    assert_eq!(told["command"], "promote");
    for line in ["gongkai_published_unix ", "gongkai_captures{of=\"report\"} 31\n"] {
        assert!(metrics(&store).contains(&format!("\n{line}")), "{line}: {}", metrics(&store));
    }
    // The page cannot be written: its name is taken by a folder.
    fs::create_dir_all(dir.path().join("report.html/in-the-way")).unwrap();
    let file = pipeline(dir.path(), "[quality]\npage = \"report.html\"\n");
    let run = gongkai(&["run", &file, "--quiet"]);
    assert_eq!(run.status.code(), Some(3), "{}", out(&run));
    let told = agree(&run);
    assert!(told["error"].as_str().unwrap().contains("report.html"), "{told}");
    assert!(told["snapshot"].is_string() && told["held_as_candidate"] == false, "{told}");
    // Files that are refused: one with a mistake, one whose input is not there.
    for more in ["colour = 1\n", "[[input]]\npath = \"nowhere/*\"\n"] {
        let file = pipeline(dir.path(), more);
        let refused = gongkai(&["run", &file, "--log-format", "json"]);
        assert_eq!(refused.status.code(), Some(2), "{}", out(&refused));
        let told = agree(&refused);
        assert!(told["error"].as_str().unwrap().contains("night.toml:"), "{told}");
        let last = String::from_utf8_lossy(&refused.stderr).lines().last().unwrap().to_owned();
        let last: Value = serde_json::from_str(&last).unwrap();
        assert_eq!((last["event"].as_str(), last["exit_status"].as_i64()), (Some("done"), Some(2)), "{last}");
        assert!(last["time"].as_str().unwrap().ends_with('Z') && last["error"].is_string(), "{last}");
    }
    // A dry run leaves no trace.
    let before = metrics(&store);
    assert_eq!(gongkai(&["run", &pipeline(dir.path(), "colour = 1\n"), "--dry-run"]).status.code(), Some(2));
    assert_eq!(metrics(&store), before);
}

#[test]
fn a_run_that_is_killed_is_told_by_its_record_and_by_the_next_run_even_if_quiet() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let file = pipeline(dir.path(), "");
    assert_eq!(gongkai(&["run", &file, "--quiet"]).status.code(), Some(0));
    // As a run leaves it that is killed while it reads.
    let killed = store.join("runs/1000-4294967295.json");
    fs::write(&killed, "{\"state\": \"running\", \"running\": true, \"started_unix\": 1000}").unwrap();
    let next = gongkai(&["run", &file, "--quiet"]);
    assert_eq!(next.status.code(), Some(0), "{}", out(&next));
    assert!(out(&next).contains("warning: the run that began at 1000"), "{}", out(&next));
    let killed: Value = serde_json::from_str(&fs::read_to_string(killed).unwrap()).unwrap();
    assert_eq!(killed["state"], "killed");
    let records = fs::read_dir(store.join("runs")).unwrap().map(|e| e.unwrap().path());
    let told = records
        .filter_map(|path| serde_json::from_str::<Value>(&fs::read_to_string(path).ok()?).ok())
        .filter(|record| record["notes"].as_array().is_some_and(|notes| !notes.is_empty()));
    assert_eq!(told.count(), 1, "the note stands in the record");
}

#[test]
fn a_run_that_is_killed_leaves_word_that_it_was_running() {
    let dir = tempfile::tempdir().unwrap();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    for copy in 0..20 {
        let target = input.join(copy.to_string());
        fs::create_dir_all(&target).unwrap();
        let copied =
            Command::new("cp").args(["-r", samples().to_str().unwrap(), target.to_str().unwrap()]).status();
        assert!(copied.unwrap().success());
    }
    let arguments = ["ingest", input.to_str().unwrap(), "--store", store.to_str().unwrap(), "--quiet"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).spawn().unwrap();
    // It is running from the moment it says so.
    while !store.join("runs/last.prom").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it was done before it could be killed");
    assert_eq!(record(&store)["state"], "running");
    assert!(record(&store)["exit_status"].is_null());
    assert!(metrics(&store).contains("\ngongkai_running 1\n"), "{}", metrics(&store));
    assert!(!metrics(&store).contains("gongkai_exit_status"));
    let next = gongkai(&arguments);
    assert_eq!(next.status.code(), Some(0), "{}", out(&next));
    assert!(out(&next).contains("did not come to its end"), "{}", out(&next));
    assert!(metrics(&store).contains("\ngongkai_running 0\n"), "{}", metrics(&store));
}
