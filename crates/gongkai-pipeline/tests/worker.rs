//! What workers read, on however many machines, makes the snapshot that one machine makes of the same files; and a document that
//! ends the process that reads it ends no other document.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_generator::{Country, country};
use gongkai_input::InputOptions;
use gongkai_model::Capture;
use gongkai_pipeline::{
    IngestError, IngestOptions, Reuse, WorkerError, WorkerOptions, serve, worker_plan, worker_read,
};
use gongkai_registry::Registry;
use gongkai_store::{RowQuery, Store};
use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Set for a helper: the folder of the test.
const HELPER: &str = "GONGKAI_TEST_HELPER";

/// What documents do to the process that reads them.
const ABORTS: &str = "<!-- aborts -->";
const SLEEPS: &str = "<!-- sleeps -->";
const ABORTS_ONCE: &str = "<!-- aborts once -->";

fn main() -> ExitCode {
    if let Ok(folder) = std::env::var(HELPER) {
        let before = |capture: &Capture| suffer(capture, Path::new(&folder));
        let done = serve(Registry::embedded(), io::stdin().lock(), io::stdout().lock(), &before);
        return if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let tests: [(&str, fn()); 8] = [
        ("samples_in_any_number_of_parts", samples_in_any_number_of_parts),
        ("a_country_with_copies_and_containers", a_country_with_copies_and_containers),
        ("documents_that_end_their_reader", documents_that_end_their_reader),
        ("attempts_that_were_repeated", attempts_that_were_repeated),
        ("what_is_not_taken", what_is_not_taken),
        ("nights_here_and_elsewhere", nights_here_and_elsewhere),
        ("rows_that_come_with_their_bytes", rows_that_come_with_their_bytes),
        ("what_no_worker_reads", what_no_worker_reads),
    ];
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let tests = tests.iter().filter(|(name, _)| wanted.as_deref().is_none_or(|wanted| name.contains(wanted)));
    let mut failed = 0;
    for (name, test) in tests {
        let ok = catch_unwind(AssertUnwindSafe(test)).is_ok();
        println!("test {name} ... {}", if ok { "ok" } else { "FAILED" });
        failed += u8::from(!ok);
    }
    ExitCode::from(failed)
}

fn suffer(capture: &Capture, folder: &Path) {
    let says = |word: &str| capture.bytes.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    let is_first = || fs::File::create_new(folder.join("aborted-once")).is_ok();
    if says(ABORTS) || says(ABORTS_ONCE) && is_first() {
        std::process::abort();
    }
    if says(SLEEPS) {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn options(helpers: usize) -> WorkerOptions {
    WorkerOptions {
        input: InputOptions::default(),
        helpers,
        sources: true,
        patience: Duration::from_secs(60),
        build: Some("1".to_owned()),
    }
}

fn plan(input: &Path, part: (usize, usize)) -> Vec<u8> {
    let mut rows = Vec::new();
    worker_plan(&[input.to_owned()], &InputOptions::default(), Some(part), &mut rows, &|_| {}).unwrap();
    rows
}

fn read(files: &[u8], options: &WorkerOptions, folder: &Path) -> Result<Vec<u8>, WorkerError> {
    let helper = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(HELPER, folder);
        command
    };
    let mut rows = Vec::new();
    worker_read(Registry::embedded(), options, &helper, files, &mut rows, &|_| {})?;
    Ok(rows)
}

/// Reads an input in so many parts; the folder of what was read.
fn parts(input: &Path, n: usize, dir: &Path) -> PathBuf {
    let folder = dir.join(format!("parts-{n}-{}", input.file_name().unwrap().to_string_lossy()));
    fs::create_dir_all(&folder).unwrap();
    for i in 1..=n {
        let rows = read(&plan(input, (i, n)), &options(1 + i % 2), dir).unwrap();
        fs::write(folder.join(format!("{i}.arrow")), rows).unwrap();
    }
    folder
}

fn caches(caches: &[&Path], store: &Path) -> IngestOptions {
    let caches = caches.iter().map(|path| path.to_path_buf()).collect();
    IngestOptions { inputs: Vec::new(), caches, ..job(store, store, "1") }
}

fn assert_same(store: &Path, other: &Path, told: &str) {
    let (a, b) = (data(store), data(other));
    assert!(!a.is_empty());
    let differ: Vec<_> = a.keys().chain(b.keys()).filter(|path| a.get(*path) != b.get(*path)).collect();
    assert!(differ.is_empty(), "{told}: {differ:?}");
    // The name of a snapshot is a hash of all that is in it.
    let name = |store: &Path| Store::open(store).unwrap().current().unwrap().unwrap().name;
    assert_eq!(name(store), name(other), "{told}");
    assert_sound(other, told);
}

fn samples_in_any_number_of_parts() {
    let dir = quick();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let plain = dir.path().join("plain");
    let met = run(&job(&samples, &plain, "1")).met();
    let mut folders = Vec::new();
    for n in [1, 2, 7] {
        let folder = parts(&samples, n, dir.path());
        let store = dir.path().join(format!("store-{n}"));
        let summary = run(&caches(&[&folder], &store));
        assert_eq!(summary.reuse, Reuse { elsewhere: met, ..Reuse::default() });
        assert_same(&plain, &store, &format!("{n} parts"));
        folders.push(folder);
    }
    // All of it again, with a store among it, and the samples themselves beside it: everything is met once.
    let store = dir.path().join("store-all");
    let mut all: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    all.push(&plain);
    let both = IngestOptions { inputs: vec![samples.clone()], ..caches(&all, &store) };
    let reuse = run(&both).reuse;
    assert_eq!((reuse.read, reuse.by_content), (0, met), "{reuse:?}");
    assert_same(&plain, &store, "parts, a store and the files");
    let from_store = dir.path().join("from-store");
    run(&caches(&[&plain], &from_store));
    assert_same(&plain, &from_store, "a store");
}

/// Reports of a country, some of them in containers; copies, a mirror, an empty file.
fn crowd(input: &Path) {
    fs::create_dir_all(input).unwrap();
    let mut lines = String::new();
    for (at, filing) in country(Country { reports: 160, seed: 7, mistakes: 20 }).enumerate() {
        let Some(printed) = filing.printed else { continue };
        let text = String::from_utf8(printed.bytes.clone());
        match (at % 5, text) {
            (0, Ok(text)) => {
                let host = filing.folder.split('/').next().unwrap_or_default().to_owned();
                let row = serde_json::json!({ "html": text, "url": format!("http://{host}/{at}.html") });
                lines.push_str(&format!("{row}\n"));
            }
            _ => {
                let site = input.join(&filing.folder);
                fs::create_dir_all(&site).unwrap();
                fs::write(site.join(&printed.name), &printed.bytes).unwrap();
            }
        }
        if at % 11 == 0 {
            let mirror = input.join("mirror.example.com").join(&filing.folder);
            fs::create_dir_all(&mirror).unwrap();
            fs::write(mirror.join(&printed.name), &printed.bytes).unwrap();
        }
    }
    fs::write(input.join("pages.jsonl"), lines).unwrap();
    fs::write(input.join("empty.html"), "").unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(input.join("old.zip")).unwrap());
    for (at, document) in documents().iter().take(6).enumerate() {
        zip.start_file(format!("a/{at}.html"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(document).unwrap();
    }
    zip.finish().unwrap();
}

fn a_country_with_copies_and_containers() {
    let dir = quick();
    let input = dir.path().join("crawl");
    crowd(&input);
    let plain = dir.path().join("plain");
    let met = run(&job(&input, &plain, "1")).met();
    assert!(met > 150, "{met}");
    for n in [1, 2, 7] {
        let folder = parts(&input, n, dir.path());
        let store = dir.path().join(format!("store-{n}"));
        assert_eq!(run(&caches(&[&folder], &store)).reuse.elsewhere, met);
        assert_same(&plain, &store, &format!("{n} parts"));
    }
}

fn documents_that_end_their_reader() {
    let dir = quick();
    let input = dir.path().join("crawl");
    fs::create_dir_all(&input).unwrap();
    for (at, document) in documents().iter().take(8).enumerate() {
        fs::write(input.join(format!("{at}.html")), document).unwrap();
    }
    let plain = dir.path().join("plain");
    run(&job(&input, &plain, "1"));
    let page = |word: &str| format!("<html><title>t</title><p>{word}</p></html>");
    fs::write(input.join("aborts.html"), page(ABORTS)).unwrap();
    fs::write(input.join("sleeps.html"), page(SLEEPS)).unwrap();
    fs::write(input.join("once.html"), page(ABORTS_ONCE)).unwrap();
    // In the middle of a container, too.
    let rows = [page("one"), page(ABORTS), page("three")]
        .map(|html| serde_json::json!({ "html": html }).to_string());
    fs::write(input.join("pages.jsonl"), rows.join("\n")).unwrap();
    for helpers in [1, 3] {
        let _ = fs::remove_file(dir.path().join("aborted-once"));
        let options = WorkerOptions { patience: Duration::from_secs(2), ..options(helpers) };
        let rows = dir.path().join(format!("{helpers}.arrow"));
        fs::write(&rows, read(&plan(&input, (1, 1)), &options, dir.path()).unwrap()).unwrap();
        let store = dir.path().join(format!("store-{helpers}"));
        let summary = run(&caches(&[&rows], &store));
        assert_eq!(summary.met(), 14, "nothing lost, nothing twice");
        let snapshot = Store::open(&store).unwrap().current().unwrap().unwrap();
        let status = |name: &str| {
            let rows = snapshot.rows(&RowQuery {
                table: "captures",
                equals: &[("container", name)],
                ..RowQuery::default()
            });
            let rows = rows.unwrap();
            let [row] = rows.as_slice() else { panic!("{name}: {rows:?}") };
            assert!(row.text("blake3").is_some(), "{name}: what it was is known");
            (row.text("status").unwrap().to_owned(), row.text("reason").unwrap_or_default().to_owned())
        };
        let failed = |reason: &str| ("failed".to_owned(), reason.to_owned());
        assert_eq!(status("aborts.html"), failed("aborted: signal 6"));
        assert_eq!(status("pages.jsonl#2"), failed("aborted: signal 6"));
        assert_eq!(status("sleeps.html"), failed("time_limit: 2 s"));
        assert_eq!(status("once.html").0, "not_a_report", "another try helped");
        assert_eq!(
            (status("pages.jsonl#1").0, status("pages.jsonl#3").0),
            (status("once.html").0, status("once.html").0)
        );
        assert_sound(&store, "documents that end their reader");
        // The others are read as if these were not there.
        for name in ["aborts.html", "sleeps.html", "once.html", "pages.jsonl"] {
            assert!(input.join(name).exists());
        }
        let reports = |store: &Path| {
            let snapshot = Store::open(store).unwrap().current().unwrap().unwrap();
            snapshot.rows(&RowQuery { table: "reports", ..RowQuery::default() }).unwrap().len()
        };
        assert_eq!(reports(&store), reports(&plain));
    }
}

fn attempts_that_were_repeated() {
    let dir = quick();
    let input = dir.path().join("crawl");
    crowd(&input);
    let plain = dir.path().join("plain");
    run(&job(&input, &plain, "1"));
    let folder = parts(&input, 2, dir.path());
    // The same task twice, once in another order; and one that could not open a file then.
    fs::copy(folder.join("1.arrow"), folder.join("0.arrow")).unwrap();
    fs::write(folder.join("9.arrow"), read(&plan(&input, (2, 2)), &options(3), dir.path()).unwrap()).unwrap();
    let away = dir.path().join("away");
    let files = plan(&input, (1, 2));
    fs::rename(&input, &away).unwrap();
    let failed = read(&files, &options(1), dir.path()).unwrap();
    for name in ["00.arrow", "99.arrow"] {
        fs::write(folder.join(name), &failed).unwrap();
    }
    let store = dir.path().join("store");
    run(&caches(&[&folder], &store));
    assert_same(&plain, &store, "repeated attempts");
}

fn what_is_not_taken() {
    let dir = quick();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let documents = documents();
    for (folder, document) in [(&a, &documents[8]), (&b, &documents[9])] {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("page.html"), document).unwrap();
    }
    let refused = |caches: IngestOptions| match gongkai_pipeline::ingest(Registry::embedded(), &caches, &Deaf)
    {
        Err(error @ IngestError::Cache(..)) => {
            assert!(error.is_usage());
            error.to_string()
        }
        other => panic!("{other:?}"),
    };
    let (rows_a, rows_b) = (parts(&a, 1, dir.path()), parts(&b, 1, dir.path()));
    let store = dir.path().join("store");
    let said = refused(caches(&[&rows_a, &rows_b], &store));
    assert!(said.contains("page.html") && said.contains("another content"), "{said}");
    let other = IngestOptions { build: Some("2".to_owned()), ..caches(&[&rows_a], &store) };
    assert!(refused(other).contains("another program"));
    assert!(refused(caches(&[&a], &store)).contains("neither a store"));
    assert!(refused(caches(&[&dir.path().join("nowhere")], &store)).contains("nowhere"));
    // Files that are sent are no captures as read.
    let files = dir.path().join("files.arrow");
    fs::write(&files, plan(&a, (1, 1))).unwrap();
    assert!(refused(caches(&[&files], &store)).contains("readings 1"));
    // Of a stream that ends between two batches, nobody knows what is missing.
    let whole = fs::read(rows_a.join("1.arrow")).unwrap();
    fs::write(&files, whole.get(..whole.len() - 8).unwrap()).unwrap();
    assert!(refused(caches(&[&files], &store)).contains("truncated"));
    // Cut off, and with a byte turned over, anywhere: it is refused, or the byte was of no consequence.
    let plain = dir.path().join("plain");
    run(&job(&a, &plain, "1"));
    let damaged = dir.path().join("damaged.arrow");
    // The library that reads the stream may panic on the way; that is no news.
    std::panic::set_hook(Box::new(|_| {}));
    for at in (0..whole.len()).step_by(307) {
        let cut = whole.get(..at).unwrap();
        let mut turned = whole.clone();
        turned[at] ^= 0x10;
        for bytes in [cut, &turned] {
            fs::write(&damaged, bytes).unwrap();
            let store = dir.path().join(format!("damaged-{at}"));
            let done = gongkai_pipeline::ingest(Registry::embedded(), &caches(&[&damaged], &store), &Deaf);
            match done {
                Ok(_) => {
                    assert_eq!(bytes.len(), whole.len(), "cut at {at}");
                    assert!(data(&store) == data(&plain), "turned at {at}");
                }
                Err(error) => assert!(matches!(error, IngestError::Cache(..)), "{error}"),
            }
            let _ = fs::remove_dir_all(&store);
        }
    }
    let _ = std::panic::take_hook();
}

fn nights_here_and_elsewhere() {
    let dir = quick();
    let documents = documents();
    let input = dir.path().join("crawl");
    fs::create_dir_all(&input).unwrap();
    let lines = |numbers: &[usize]| {
        let rows = numbers.iter().map(|n| {
            let html = String::from_utf8_lossy(&documents[*n]).into_owned();
            serde_json::json!({ "html": html, "url": format!("http://a.gov.cn/{n}.html") }).to_string()
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    let (plain, mixed) = (dir.path().join("plain"), dir.path().join("mixed"));
    // Pages change, come and go; records of a table get other numbers.
    let nights: [&[(&str, Option<usize>)]; 4] = [
        &[("a.html", Some(8)), ("b.html", Some(9))],
        &[("a.html", Some(10)), ("c.html", Some(11))],
        &[("b.html", None), ("d.html", Some(12))],
        &[("d.html", None), ("b.html", Some(9))],
    ];
    let tables: [&[usize]; 4] = [&[13, 14, 15], &[14, 15, 16], &[16, 17], &[13, 14]];
    for (night, (changes, table)) in nights.iter().zip(tables).enumerate() {
        for (name, document) in *changes {
            match document {
                Some(n) => fs::write(input.join(name), &documents[*n]).unwrap(),
                None => fs::remove_file(input.join(name)).unwrap(),
            }
        }
        fs::write(input.join("pages.jsonl"), lines(table)).unwrap();
        run(&job(&input, &plain, "1"));
        if night % 2 == 0 {
            run(&caches(&[&parts(&input, 2, dir.path())], &mixed));
        } else {
            run(&job(&input, &mixed, "1"));
        }
        let (a, b) = (data(&plain), data(&mixed));
        assert!(a == b, "night {night}");
        assert_sound(&mixed, "a night");
    }
}

fn rows_that_come_with_their_bytes() {
    use arrow_array::{ArrayRef, BinaryArray, RecordBatch, StringArray, TimestampSecondArray};
    use std::sync::Arc;
    let dir = quick();
    let (input, plain) = (dir.path().join("crawl"), dir.path().join("plain"));
    fs::create_dir_all(&input).unwrap();
    let documents = documents();
    for (at, document) in documents.iter().enumerate() {
        fs::write(input.join(format!("{at}.html")), document).unwrap();
        let sidecar =
            format!(r#"{{"url": "http://www.a{at}.gov.cn/", "fetched_at": "2024-01-31T00:00:00Z"}}"#);
        fs::write(input.join(format!("{at}.html.json")), sidecar).unwrap();
    }
    run(&job(&input, &plain, "1"));
    let all = || 0..documents.len();
    let text =
        |of: &dyn Fn(usize) -> String| Arc::new(StringArray::from_iter_values(all().map(of))) as ArrayRef;
    let bodies = BinaryArray::from_iter_values(documents.iter());
    let times = TimestampSecondArray::from_iter_values(all().map(|_| 1_706_659_200));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("body", Arc::new(bodies)),
        ("path", text(&|at| format!("{at}.html"))),
        ("capture_id", text(&|at| format!("row {at}"))),
        ("source_uri", text(&|at| format!("http://www.a{at}.gov.cn/"))),
        ("fetched_at", Arc::new(times)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let sent = |batch: &RecordBatch| {
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        writer.into_inner().unwrap()
    };
    let rows = read(&sent(&batch), &options(1), dir.path()).unwrap();
    let ids: Vec<String> = arrow_ipc::reader::StreamReader::try_new(rows.as_slice(), None)
        .unwrap()
        .flat_map(|batch| {
            let batch = batch.unwrap();
            let ids = batch.column_by_name("capture_id").unwrap();
            let ids = ids.as_any().downcast_ref::<StringArray>().unwrap();
            ids.iter().map(|id| id.unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(ids, all().map(|at| format!("row {at}")).collect::<Vec<_>>(), "one row a capture");
    let (file, store) = (dir.path().join("rows.arrow"), dir.path().join("store"));
    fs::write(&file, rows).unwrap();
    run(&caches(&[&file], &store));
    assert_same(&plain, &store, "rows with bytes");
}

fn what_no_worker_reads() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
    use std::sync::Arc;
    let dir = quick();
    let sent = |columns: Vec<(&str, ArrayRef)>| {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        writer.into_inner().unwrap()
    };
    let text = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let refused = |rows: &[u8], why: &str| {
        let error = read(rows, &options(1), dir.path()).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(why), "{error}");
    };
    refused(&sent(vec![("name", text("a.html"))]), "`path`");
    for path in ["", "/etc/page.html", "../a.html", "a/../../b.html", "s3://bucket/a.html"] {
        refused(&sent(vec![("path", text(path)), ("body", text("x"))]), "no path below an input");
    }
    let size = Arc::new(UInt64Array::from(vec![1])) as ArrayRef;
    refused(&sent(vec![("path", text("a")), ("body", text("x")), ("size", size)]), "signed integer");
    assert!(read(b"", &options(1), dir.path()).is_err());
    assert!(read(b"not Arrow at all", &options(1), dir.path()).is_err());
    // A helper that never answers is an error, and not a thousand failed captures.
    let broken = || Command::new("false");
    let rows = sent(vec![("path", text("a")), ("body", text("x"))]);
    let done = worker_read(Registry::embedded(), &options(1), &broken, rows.as_slice(), Vec::new(), &|_| {});
    assert!(!done.unwrap_err().is_usage());
}
