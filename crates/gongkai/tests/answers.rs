//! What hosts and covers answer is the ordinary way of a run: told once, read once, whatever the documents come in.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

#[path = "../../gongkai-input/tests/make/mod.rs"]
mod make;

use make::*;
use serde_json::json;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const HOST: &str = "www.njgl.gov.cn";

/// What a run said, to its end.
struct Said {
    out: String,
    notes: String,
}

fn said(output: &Output) -> Said {
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{notes}");
    Said { out: String::from_utf8_lossy(&output.stdout).into_owned(), notes }
}

fn gongkai(arguments: &[&str], stdin: Option<&Path>) -> Said {
    let stdin = stdin.map_or_else(Stdio::null, |file| Stdio::from(File::open(file).unwrap()));
    said(&Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).stdin(stdin).output().unwrap())
}

/// A report in sentences whose agency is named in its title.
fn report(agency: &str, seed: usize) -> String {
    let title = format!("{agency}2021年政府信息公开工作年度报告");
    let sentence = |i: usize| {
        let (meetings, letters) = (seed * 11 + i, seed + i * 5);
        format!("<p>第{i}季度召开公开工作会议{meetings}次，答复群众来信{letters}封，均已按期办结并归档。</p>")
    };
    let text: String = (1..20).map(sentence).collect();
    format!(
        "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><h2>一、总体情况</h2>{text}\
         <h2>二、存在的主要问题及改进情况</h2><p>公开内容还不够丰富，下一步将加强培训，完善制度。</p></body></html>"
    )
}

/// Two reports that say where they are, and two that leave it to their host.
fn pages() -> Vec<(String, String)> {
    let agencies = ["南京市鼓楼区财政局", "南京市鼓楼区审计局", "鼓楼区民政局", "区信访局"];
    let page = |(n, agency): (usize, &&str)| (format!("http://{HOST}/{n}.html"), report(agency, 40 + n));
    agencies.iter().enumerate().map(page).collect()
}

#[test]
fn a_host_answers_at_once_in_whatever_the_documents_come() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (mut warc, mut lines, mut members) = (warcinfo(), String::new(), Vec::new());
    fs::create_dir_all(at("folder")).unwrap();
    for (n, (url, html)) in pages().into_iter().enumerate() {
        warc.extend(response(&url, "", html.as_bytes()));
        lines.push_str(&format!("{}\n", json!({ "url": url, "html": html })));
        members.push((format!("{n}.html"), html.into_bytes()));
        members.push((format!("{n}.html.json"), json!({ "url": url }).to_string().into_bytes()));
    }
    for (name, bytes) in &members {
        fs::write(at("folder").join(name), bytes).unwrap();
    }
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    fs::write(at("pages.zip"), zip(&members, true)).unwrap();
    fs::write(at("pages.warc"), warc).unwrap();
    fs::write(at("pages.jsonl"), lines).unwrap();
    for (name, stdin) in [
        ("folder", None),
        ("pages.zip", None),
        ("pages.warc", None),
        ("pages.jsonl", None),
        ("-", Some("pages.jsonl")),
        ("-", Some("pages.warc")),
    ] {
        let told = format!("{name} {stdin:?}");
        let store = at(&format!("store-{name}-{}", stdin.unwrap_or_default()));
        let (input, store) = (at(name), store.to_str().unwrap());
        let input = if name == "-" { name } else { input.to_str().unwrap() };
        let stdin = stdin.map(at);
        // What a second reading would not meet again, it would drop.
        let ingest = ["ingest", input, "--store", store, "--prune"];
        let first = gongkai(&ingest, stdin.as_deref());
        assert!(!first.notes.contains("damaged"), "{told}: {}", first.notes);
        assert!(first.out.contains("(0 known and unchanged, 4 read)"), "{told}: {}", first.out);
        assert!(first.out.contains("CN-JS 4") && !first.out.contains("unknown"), "{told}: {}", first.out);
        let second = gongkai(&ingest, stdin.as_deref());
        assert!(second.out.contains("(4 known and unchanged, 0 read)"), "{told}: {}", second.out);
        assert!(second.out.contains("unchanged: the published snapshot"), "{told}: {}", second.out);
        assert!(!second.notes.contains("damaged"), "{told}: {}", second.notes);
        gongkai(&["check", store], None);
    }
}

/// What is sent to the program cannot be sent twice: where a record is damaged, the copy in the store is read again.
#[test]
fn a_damaged_record_of_what_came_once_is_read_again_from_its_copy() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let line = |(url, html): &(String, String)| format!("{}\n", json!({ "url": url, "html": html }));
    let pages = pages();
    fs::write(at("three.jsonl"), pages.iter().take(3).map(line).collect::<String>()).unwrap();
    fs::write(at("four.jsonl"), pages.iter().map(line).collect::<String>()).unwrap();
    let (store, once) = (at("store"), at("once"));
    let ingest = |store: &Path, file: &str| {
        gongkai(&["ingest", "-", "--store", store.to_str().unwrap(), "--prune"], Some(&at(file)))
    };
    ingest(&store, "three.jsonl");
    // What was read of the documents; they themselves lie in the other pack.
    let pack = store.join("cache/000001.pack");
    let mut bytes = fs::read(&pack).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    fs::write(&pack, bytes).unwrap();
    let next = ingest(&store, "four.jsonl");
    assert!(next.notes.contains("is damaged or lost"), "{}", next.notes);
    assert!(!next.notes.contains("gone"), "{}", next.notes);
    assert!(next.out.contains("4 captures met"), "{}", next.out);
    ingest(&once, "four.jsonl");
    let name = |store: &Path| {
        let current = fs::read_to_string(store.join("CURRENT")).unwrap();
        current.trim().split_once('-').map(|(_, hash)| hash.to_owned()).unwrap()
    };
    assert_eq!(name(&store), name(&once), "the data are those of one run");
}
