//! What strangers wrote is shown and not obeyed, their links lead nowhere, and nobody has to listen.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
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

fn sample() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let mut open = vec![folder];
    let mut pages = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "html") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    fs::read(pages.iter().find(|p| fs::read(p).is_ok_and(|b| std::str::from_utf8(&b).is_ok())).unwrap())
        .unwrap()
}

/// Both outputs of a command.
fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn steers(said: &str) -> bool {
    said.chars().any(|c| c != '\n' && c != '\t' && (c.is_control() || c == '\u{202e}'))
        || said.lines().any(|line| line.starts_with("gongkai: forged") || line.starts_with("note: forged"))
}

#[test]
fn a_standard_error_that_cannot_be_written_ends_no_run() {
    let dir = TempDir::new().unwrap();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    fs::create_dir(&input).unwrap();
    fs::write(input.join("page.html"), sample()).unwrap();
    // A sidecar that is none makes a note.
    fs::write(input.join("page.html.meta.json"), "{").unwrap();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for format in ["text", "json"] {
        let mut command = gongkai(&["ingest", text(&input), "--store", text(&store), "--log-format", format]);
        let status = command.stderr(full()).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(0), "{format}");
        assert!(store.join("CURRENT").exists());
    }
    // A reader that went away.
    let mut command = gongkai(&["ingest", text(&input), "--store", text(&dir.path().join("second"))]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    drop((child.stderr.take(), child.stdout.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(dir.path().join("second/CURRENT").exists());
    // A failure whose message nobody reads is still the failure.
    let status = gongkai(&["log", "/nowhere"]).stderr(full()).status().unwrap();
    assert!(matches!(status.code(), Some(2 | 3)), "{status:?}");
    // Nor does a result that nobody can read panic.
    assert_eq!(gongkai(&["rules"]).stdout(full()).output().unwrap().status.code(), Some(0));
}

#[test]
fn names_and_titles_are_shown_and_not_obeyed() {
    let dir = TempDir::new().unwrap();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    fs::create_dir(&input).unwrap();
    let page = String::from_utf8(sample()).unwrap();
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}";
    let title = format!("<title>{evil}某县2023年政府信息公开工作年度报告&#27;[1m</title>");
    let body = page.split_once("</title>").map_or(page.as_str(), |(_, body)| body);
    let name = format!("a{evil}\ngongkai: forged\n.html");
    fs::write(input.join(&name), format!("{title}{body}")).unwrap();
    fs::write(input.join(format!("{name}.meta.json")), "{").unwrap();
    symlink("/etc/passwd", input.join(format!("b{evil}\nnote: forged\n"))).unwrap();
    for format in ["text", "json"] {
        let run = ["ingest", text(&input), "--store", text(&store), "--log-format", format];
        let output = gongkai(&run).output().unwrap();
        assert!(output.status.success() && !steers(&said(&output)), "{:?}", said(&output));
    }
    let file = input.join(&name);
    for more in [&[][..], &["--json"]] {
        let output = gongkai(&[&["inspect", text(&file)][..], more].concat()).output().unwrap();
        assert!(output.status.success() && !steers(&said(&output)), "{:?}", said(&output));
        assert!(said(&output).contains("\\u001b"), "{}", said(&output));
    }
    let missing = input.join(format!("c{evil}\ngongkai: forged"));
    let output = gongkai(&["inspect", text(&missing)]).output().unwrap();
    assert!(!output.status.success() && !steers(&said(&output)), "{:?}", said(&output));
}

#[test]
fn a_signal_ends_a_walk_without_end() {
    let dir = TempDir::new().unwrap();
    let at = |name: String| dir.path().join(name);
    fs::create_dir(at("f0".to_owned())).unwrap();
    fs::write(at("f0/p.html".to_owned()), "x").unwrap();
    // Links into links: more paths than anybody can walk.
    for n in 1..40 {
        fs::create_dir(at(format!("f{n}"))).unwrap();
        for link in ["a", "b", "c"] {
            symlink(format!("../f{}", n - 1), at(format!("f{n}/{link}"))).unwrap();
        }
    }
    let (input, store) = (at("f39".to_owned()), dir.path().join("store"));
    let first =
        gongkai(&["ingest", text(&at("f0".to_owned())), "--store", text(&store), "-q"]).output().unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let before = fs::read_to_string(store.join("CURRENT")).unwrap();
    let run = ["ingest", text(&input), "--store", text(&store), "--follow-links"];
    let mut child = gongkai(&run).stderr(Stdio::null()).spawn().unwrap();
    // Until its handler stands, a signal ends it as any program.
    let listens = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        // SIGTERM is the fifteenth.
        u64::from_str_radix(caught.trim(), 16).unwrap() & 1 << 14 != 0
    };
    while !listens() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let process = child.id();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(fs::read_to_string(store.join("CURRENT")).unwrap(), before);
    // Ended at once, and still its record and the metrics say how.
    let records = fs::read_dir(store.join("runs")).unwrap().map(|e| e.unwrap().path());
    let own = records.filter(|path| text(path).ends_with(&format!("-{process}.json")));
    let record = fs::read_to_string(own.last().unwrap()).unwrap();
    assert!(record.contains("\"exit_status\": 3") && record.contains("interrupted"), "{record}");
    let metrics = fs::read_to_string(store.join("runs/last.prom")).unwrap();
    assert!(
        metrics.contains("\ngongkai_exit_status 3\n") && metrics.contains("\ngongkai_running 0\n"),
        "{metrics}"
    );
    // Not asked to follow them out of the input, a run has nothing to walk.
    let output = gongkai(&["ingest", text(&input), "--store", text(&store)]).output().unwrap();
    assert!(said(&output).contains("symlink_not_followed 3"), "{}", said(&output));
}

/// Everything below a folder, itself included.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut at = 0;
    while let Some(path) = all.get(at).cloned() {
        at += 1;
        if path.is_dir() && !path.is_symlink() {
            all.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    all
}

/// Which programs of others have its files open a user may not see; then `gc` says so.
#[test]
fn gc_keeps_what_a_reader_has_open_or_says_that_it_cannot_know() {
    const NOBODY: u32 = 65_534;
    let dir = TempDir::new().unwrap();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    fs::create_dir(&input).unwrap();
    for n in 0..3 {
        fs::write(input.join(format!("{n}.html")), sample()).unwrap();
        let status = gongkai(&["ingest", text(&input), "--store", text(&store), "-q"]).status().unwrap();
        assert!(status.success());
    }
    let mut snapshots: Vec<PathBuf> =
        fs::read_dir(store.join("snapshots")).unwrap().map(|entry| entry.unwrap().path()).collect();
    snapshots.sort();
    let file = below(&snapshots[0]).into_iter().find(|path| text(path).ends_with(".parquet")).unwrap();
    let reader = File::open(file).unwrap();
    let gc = ["gc", text(&store), "--keep", "1", "--days", "0"];
    let kept =
        format!("{} is kept: a program has a file of it open", snapshots[0].file_name().unwrap().display());
    let notice = "which files programs of other users have open this user may not see";
    // Of its own programs a user sees everything.
    let own = gongkai(&[&gc[..], &["--dry-run"]].concat()).output().unwrap();
    assert!(own.status.success() && said(&own).contains(&kept), "{}", said(&own));
    assert!(said(&own).contains("would drop 1 snapshots"), "{}", said(&own));
    let fds = fs::read_dir("/proc").unwrap().map(|process| fs::read_dir(process.unwrap().path().join("fd")));
    let are_hidden = fds.flat_map(|fds| fds.err()).any(|e| e.kind() == std::io::ErrorKind::PermissionDenied);
    assert_eq!(said(&own).contains(notice), are_hidden, "{}", said(&own));
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    // What reads the store is another user's now.
    let program = dir.path().join("gongkai");
    fs::copy(env!("CARGO_BIN_EXE_gongkai"), &program).unwrap();
    below(dir.path())
        .iter()
        .filter(|path| !path.is_symlink())
        .for_each(|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
    let other = Command::new(&program).args(gc).uid(NOBODY).gid(NOBODY).output().unwrap();
    assert!(other.status.success() && said(&other).contains("dropped 2 snapshots"), "{}", said(&other));
    assert!(said(&other).contains(notice), "{}", said(&other));
    drop(reader);
}
