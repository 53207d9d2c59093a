//! The binary, run as a user runs it.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn gongkai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn ingest(input: &Path, store: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["ingest", text(input), "--store", text(store)];
    arguments.extend(more);
    gongkai(&arguments)
}

fn current(store: &Path) -> String {
    fs::read_to_string(store.join("CURRENT")).unwrap().trim().to_owned()
}

fn manifest(store: &Path) -> Value {
    let path = store.join("snapshots").join(current(store)).join("manifest.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every file of a snapshot by path, with its content.
fn files(store: &Path) -> BTreeMap<String, Vec<u8>> {
    let root = store.join("snapshots").join(current(store));
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_first_command_of_the_readme_publishes_the_samples() {
    let dir = TempDir::new().unwrap();
    let store = dir.path().join("store");
    let output = ingest(&samples(), &store, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let summary = out(&output);
    for part in ["35 captures met", "Reports by form", "Reports by region", "findings", "duckdb -init"] {
        assert!(summary.contains(part), "{part} is missing in:\n{summary}");
    }
    let check = gongkai(&["check", text(&store)]);
    assert_eq!(check.status.code(), Some(0), "{}", out(&check));
    let manifest = manifest(&store);
    let by_status = &manifest["account"]["by_status"];
    let total: u64 = by_status.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!((total, manifest["account"]["captures_met"].as_u64()), (35, Some(35)));
    // Two pages are no reports, one is a byte for byte copy, one a mirror's copy.
    assert_eq!(by_status["not_a_report"], 2, "{by_status}");
    assert_eq!(by_status["duplicate"], 1, "{by_status}");
    assert_eq!(by_status["superseded"], 1, "{by_status}");
    assert_eq!(by_status["report"], 31, "{by_status}");
    assert!(fs::read_to_string(store.join("views.sql")).unwrap().contains("VIEW disclosure_requests"));
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_threads_and_the_order() {
    let dir = TempDir::new().unwrap();
    let (one, many, moved) = (dir.path().join("one"), dir.path().join("many"), dir.path().join("moved"));
    assert!(ingest(&samples(), &one, &["--threads", "1", "--quiet"]).status.success());
    assert!(ingest(&samples(), &many, &["--threads", "7", "--quiet"]).status.success());
    // The same files, written to disk in another order under another root.
    let copy = dir.path().join("elsewhere/sample");
    let mut sources = Vec::new();
    let mut open = vec![samples()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { sources.push(path) }
        }
    }
    sources.sort_by_key(|p| std::cmp::Reverse(p.clone()));
    for source in sources {
        let target = copy.join(source.strip_prefix(samples()).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(source, target).unwrap();
    }
    assert!(ingest(&copy, &moved, &["--threads", "2", "--quiet"]).status.success());
    let expected = files(&one);
    assert!(expected.len() > 100);
    assert_eq!(expected, files(&many));
    assert_eq!(expected, files(&moved));
    // Again into the same store: nothing new to publish.
    let again = ingest(&samples(), &one, &[]);
    assert!(out(&again).contains("unchanged"), "{}", out(&again));
    assert_eq!(fs::read_dir(one.join("snapshots")).unwrap().count(), 1);
}

/// A folder of everything that goes wrong.
fn faults(root: &Path) {
    let write = |name: &str, bytes: &[u8]| fs::write(root.join(name), bytes).unwrap();
    fs::create_dir_all(root).unwrap();
    write("empty.html", b"");
    write("picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0");
    let noise: Vec<u8> = (0..40_u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    write("noise.txt", &noise);
    write("small_noise.txt", &noise[..100_000]);
    let whole =
        fs::read(samples().join("www.huoshan.example.gov.cn/slj/gknb/202301/t20230118_10231/page.html"))
            .unwrap();
    write("truncated.html", &whole[..whole.len() * 2 / 3]);
    let wide: String = (0..10_000).map(|i| format!("<td>{i}</td>")).collect();
    write(
        "wide.html",
        format!("<html><body><table><tr>{wide}</tr><tr>{wide}</tr></table></body></html>").as_bytes(),
    );
    let deep = format!("<html><body>{}", "<div><table><tr><td>".repeat(20_000));
    write("deep.html", deep.as_bytes());
    write("blank.txt", b" \n\t\n");
    write("style.css", b"body{}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dangling.html")).unwrap();
        fs::create_dir(root.join("loop")).unwrap();
        std::os::unix::fs::symlink(root, root.join("loop/back")).unwrap();
        write("forbidden.html", b"<p>x</p>");
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(root.join("forbidden.html"), fs::Permissions::from_mode(0o0)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn whatever_is_wrong_with_documents_ends_as_a_status_with_a_reason() {
    let dir = TempDir::new().unwrap();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    faults(&input);
    let output = ingest(&input, &store, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let summary = out(&output);
    for reason in ["empty", "binary", "too_large", "dangling_link", "symlink_loop", "unsupported_type"] {
        assert!(summary.contains(reason), "{reason} is missing in:\n{summary}");
    }
    // root reads what is forbidden to others; then it is a page like any other.
    let root_user = fs::read(input.join("forbidden.html")).is_ok();
    assert!(root_user || summary.contains("permission_denied"), "{summary}");
    let manifest = manifest(&store);
    assert_eq!(manifest["account"]["captures_met"].as_u64(), Some(12), "{}", manifest["account"]);
    assert_eq!(gongkai(&["check", text(&store)]).status.code(), Some(0));
}

#[test]
fn wrong_usage_is_told_apart_from_failure_and_leaves_the_store_alone() {
    let dir = TempDir::new().unwrap();
    let store = dir.path().join("store");
    assert!(ingest(&samples(), &store, &["--quiet"]).status.success());
    let before = (current(&store), files(&store));

    let missing = ingest(&dir.path().join("nothing-here"), &store, &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("nothing-here"), "{}", err(&missing));

    let foreign = dir.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.docx"), b"mine").unwrap();
    let refused = ingest(&samples(), &foreign, &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1, "nothing was added to the foreign folder");

    let file = dir.path().join("file");
    fs::write(&file, b"x").unwrap();
    assert!(matches!(ingest(&samples(), &file.join("store"), &[]).status.code(), Some(2 | 3)));
    assert_eq!(gongkai(&["ingest", "x"]).status.code(), Some(2), "--store is required");
    assert_eq!(gongkai(&["explain", "GK999"]).status.code(), Some(2));
    assert_eq!(gongkai(&["check", text(&foreign)]).status.code(), Some(2));
    assert_eq!((current(&store), files(&store)), before);
}

/// A disk that is full while the snapshot is written: a file size limit gives the same error at any write.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_the_run_and_leaves_the_published_snapshot() {
    let dir = TempDir::new().unwrap();
    let store = dir.path().join("store");
    let half = samples().join("www.huoshan.example.gov.cn");
    assert!(ingest(&half, &store, &["--quiet"]).status.success());
    let before = (current(&store), files(&store));
    let command = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} ingest {} --store {}",
        env!("CARGO_BIN_EXE_gongkai"),
        text(&samples()),
        text(&store)
    );
    let output = Command::new("bash").args(["-c", &command]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert!(err(&output).contains("store"), "{}", err(&output));
    assert_eq!((current(&store), files(&store)), before);
    assert_eq!(gongkai(&["check", text(&store)]).status.code(), Some(0));
    // With room again, the next run cleans up and finishes.
    assert!(ingest(&samples(), &store, &["--quiet"]).status.success());
    assert_ne!(current(&store), before.0);
}

#[test]
fn inspect_shows_one_document_to_people_and_programs() {
    let page = samples().join("www.huoshan.example.gov.cn/slj/gknb/202301/t20230118_10231/page.html");
    let people = gongkai(&["inspect", text(&page)]);
    assert_eq!(people.status.code(), Some(0), "{}", err(&people));
    for part in ["霍山县", "2022", "disclosure_requests — ", "自然人", "evidence"] {
        assert!(out(&people).contains(part), "{part} is missing in:\n{}", out(&people));
    }
    let programs = gongkai(&["inspect", text(&page), "--json"]);
    let json: Value = serde_json::from_str(&out(&programs)).unwrap();
    assert_eq!((json["year"].as_i64(), json["form"].as_str()), (Some(2022), Some("2021")));
    assert_eq!(json["county_code"].as_str(), Some("341525"));
    assert_eq!(gongkai(&["inspect", text(&samples())]).status.code(), Some(2), "a folder is no document");
}

#[test]
fn rules_and_schema_say_what_the_data_mean() {
    let rules = out(&gongkai(&["rules"]));
    for line in rules.lines() {
        let code = line.split_whitespace().next().unwrap();
        let page = gongkai(&["explain", code]);
        assert_eq!(page.status.code(), Some(0));
        assert!(out(&page).contains("Why it matters"), "{code}");
    }
    assert!(rules.lines().count() > 20, "{rules}");
    assert!(out(&gongkai(&["schema"])).contains("natural_person"));
    let json: Value = serde_json::from_str(&out(&gongkai(&["schema", "--format", "json"]))).unwrap();
    assert!(json.is_object());
    assert!(out(&gongkai(&["schema", "--format", "sql"])).contains("CREATE OR REPLACE VIEW"));
}

#[test]
fn another_registry_folder_is_used_and_a_broken_one_refused() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let same = gongkai(&["rules", "--data", text(&data)]);
    assert_eq!(out(&same), out(&gongkai(&["rules"])));
    let dir = TempDir::new().unwrap();
    let broken = gongkai(&["rules", "--data", text(dir.path())]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(err(&broken).contains(text(dir.path())), "{}", err(&broken));
}
