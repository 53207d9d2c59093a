//! `gongkai report` as a user calls it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")
}

fn gongkai(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).current_dir(folder).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_samples_make_one_page_whatever_the_place() {
    let dir = TempDir::new().unwrap();
    let sample = sample();
    for store in ["one", "other"] {
        let made = gongkai(dir.path(), &["ingest", sample.to_str().unwrap(), "--store", store, "-q"]);
        assert!(made.status.success(), "{}", told(&made));
    }
    let done = gongkai(dir.path(), &["report", "one", "-o", "page.html"]);
    assert!(done.status.success(), "{}", told(&done));
    assert!(told(&done).contains("page.html: "), "{}", told(&done));
    let page = std::fs::read(dir.path().join("page.html")).unwrap();
    let piped = gongkai(dir.path(), &["report", "other", "-o", "-"]);
    assert!(piped.status.success() && piped.stdout == page);
    assert!(page.len() < 5_000_000);

    // Another snapshot by its tag.
    assert!(gongkai(dir.path(), &["tag", "one", "v1"]).status.success());
    let tagged = gongkai(dir.path(), &["report", "one", "-o", "-", "--snapshot", "v1", "--quiet"]);
    assert!(tagged.stdout == page && told(&tagged).is_empty());
}

#[test]
fn wrong_calls_say_what_to_do() {
    let dir = TempDir::new().unwrap();
    let sample = sample();
    let made = gongkai(dir.path(), &["ingest", sample.to_str().unwrap(), "--store", "store", "-q"]);
    assert!(made.status.success());
    for (arguments, wanted) in [
        (vec!["report", "nowhere", "-o", "page.html"], "nowhere"),
        (vec!["report", "store", "-o", "store"], "is a folder"),
        (vec!["report", "store", "-o", "no/such/page.html"], "no folder no/such"),
        (vec!["report", "store", "-o", "page.html", "--snapshot", "v9"], "v9"),
        (vec!["report", "store"], "--output"),
    ] {
        let done = gongkai(dir.path(), &arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", told(&done));
        assert!(told(&done).contains(wanted), "{arguments:?}: {}", told(&done));
    }
    assert!(!dir.path().join("page.html").exists());
}
