//! `gongkai worker`, as an array of jobs calls it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn gongkai(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // One that is refused is not read to its end.
    let feed = std::thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feed.join().unwrap();
    output
}

fn done(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = gongkai(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn refused(arguments: &[&str], input: &[u8], why: &str) {
    let output = gongkai(arguments, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains(why), "{arguments:?}: {said}");
}

#[test]
fn jobs_of_an_array_read_what_one_run_reads() {
    let dir = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let (samples, parts) = (samples.to_str().unwrap(), dir.path().join("parts"));
    fs::create_dir_all(&parts).unwrap();
    let store = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (one, many) = (store("one"), store("many"));
    for (part, helpers) in [("1/3", "1"), ("3/3", "4"), ("2/3", "2")] {
        if part == "2/3" {
            // A job that never ran is no file that was lost quietly.
            let caches = ["ingest", "--caches", parts.to_str().unwrap(), "--store", &many];
            refused(&caches, b"", "of 3 parts of one plan 1 are missing: 2");
        }
        let files = done(&["worker", "plan", samples, "--part", part], b"");
        let rows = done(&["worker", "read", "--helpers", helpers], &files);
        fs::write(parts.join(part.replace('/', "-")).with_extension("arrow"), rows).unwrap();
    }
    // What a job that was killed left under another name is not looked at.
    fs::write(parts.join("half.tmp"), b"half").unwrap();
    done(&["ingest", samples, "--store", &one, "--quiet"], b"");
    let said = done(&["ingest", "--caches", parts.to_str().unwrap(), "--store", &many], b"");
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("35 captures met") && said.contains("35 read elsewhere, and taken over"), "{said}");
    let current = |store: &str| fs::read(Path::new(store).join("CURRENT")).unwrap();
    assert_eq!(current(&one), current(&many), "the name of a snapshot is a hash of what is in it");
    done(&["check", &many], b"");
    // The same store, another night on this machine.
    let said = String::from_utf8(done(&["ingest", samples, "--store", &many], b"")).unwrap();
    assert!(said.contains("35 known and unchanged, 0 read"), "{said}");
}

#[test]
fn wrong_usage_of_a_worker_is_told() {
    for part in ["0/3", "4/3", "3", "a/b", "1/0"] {
        refused(&["worker", "plan", ".", "--part", part], b"", "--part");
    }
    refused(&["worker", "plan", "/nowhere/at/all"], b"", "does not exist");
    refused(&["worker", "plan", "-"], b"", "standard input");
    refused(&["worker", "read"], b"", "truncated");
    refused(&["worker", "read"], b"no Arrow stream, whatever it is", "cannot be read");
    refused(&["ingest", "--store", "nowhere"], b"", "INPUT");
    refused(&["ingest", "--store", "nowhere", "--caches", "/nowhere/at/all"], b"", "/nowhere/at/all");
    let _ = fs::remove_dir_all("nowhere");
}
