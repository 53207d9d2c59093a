//! Nights in which something goes missing, comes back, or comes in part.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use gongkai_pipeline::{Events, Expectation, Gate, IngestOptions, Measure, Stage, Summary, ingest};
use gongkai_registry::Registry;
use gongkai_store::faults::{Fault, FaultyDisk};
use gongkai_store::{RealDisk, Retention, RowQuery, Store};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// A report with a table of which the first figure is told.
fn page(agency: &str, year: i16, received: u32) -> String {
    let title = format!("{agency}{year}年政府信息公开工作年度报告");
    let text: String =
        (1..12).map(|n| format!("<p>{agency}第{n}次会议研究了公开事项{n}件，群众反映良好。</p>")).collect();
    format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1><h2>一、总体情况</h2>{text}\
         <p>本年新收政府信息公开申请{received}件。</p></body></html>"
    )
}

const CITIES: [&str; 10] =
    ["南京市", "无锡市", "徐州市", "常州市", "苏州市", "南通市", "扬州市", "镇江市", "泰州市", "宿迁市"];

fn agency(n: usize) -> String {
    let kinds = ["民政局", "教育局", "财政局", "审计局"];
    format!("{}{}", CITIES[n % 10], kinds[n / 10 % 4])
}

fn write(path: PathBuf, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn pages(folder: &Path, numbers: std::ops::Range<usize>) {
    numbers.for_each(|n| write(folder.join(format!("{n}.html")), &page(&agency(n), 2021, 100)));
}

fn absent(max: f64) -> Gate {
    let expected = Expectation {
        measure: Measure::Absent,
        table: "reports".to_owned(),
        tables: Vec::new(),
        column: None,
        year: None,
        region: None,
        each: Vec::new(),
        at_least: 0,
        days: None,
        new: false,
        min: None,
        max: Some(max),
    };
    Gate { expectations: vec![expected], waivers: Vec::new() }
}

fn night(input: &Path, store: &Path, prune: bool, gate: &Gate) -> Summary {
    run(&IngestOptions { prune, gate: gate.clone(), ..job(input, store, "1") })
}

fn captures(store: &Path) -> Vec<(String, String, Option<String>)> {
    let snapshot = Store::open(store).unwrap().current().unwrap().unwrap();
    let rows = snapshot.rows(&RowQuery { table: "captures", ..RowQuery::default() }).unwrap();
    let text = |row: &gongkai_store::Row, column: &str| row.text(column).map(str::to_owned);
    let row = |row: &gongkai_store::Row| {
        (text(row, "container").unwrap(), text(row, "status").unwrap(), text(row, "report_id"))
    };
    let mut all: Vec<_> = rows.iter().map(row).collect();
    all.sort();
    all
}

fn names(store: &Path) -> Vec<String> {
    captures(store).into_iter().map(|(name, ..)| name).collect()
}

#[test]
fn what_a_refused_night_drops_is_dropped_when_somebody_promotes_it() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    pages(&input, 0..10);
    let gate = absent(0.1);
    assert!(!night(&input, &store, true, &gate).published.held);
    for n in 0..5 {
        fs::remove_file(input.join(format!("{n}.html"))).unwrap();
    }
    for night_of in 2..5 {
        let held = night(&input, &store, true, &gate);
        assert!(held.published.held, "night {night_of}: {:?}", held.breaches);
        assert_eq!((held.reuse.pruned, captures(&store).len()), (5, 10), "night {night_of}");
    }
    // Nobody has dropped anything so far: a night that keeps what is gone keeps it.
    let kept = night(&input, &store, false, &Gate::default());
    assert!(kept.published.unchanged && kept.reuse.absent == 5, "{:?}", kept.reuse);
    let held = night(&input, &store, true, &absent(0.0)).published;
    // That one was published with less: what is gone now was gone then.
    assert!(!held.held || held.unchanged, "{held:?}");
    assert_eq!(captures(&store).len(), 5);
    assert_eq!(
        night(&input, &store, false, &Gate::default()).met(),
        5,
        "what was dropped does not come back"
    );
}

#[test]
fn a_promoted_night_is_the_one_that_counts() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    pages(&input, 0..10);
    let gate = absent(0.1);
    night(&input, &store, true, &gate);
    for n in 0..5 {
        fs::remove_file(input.join(format!("{n}.html"))).unwrap();
    }
    let held = night(&input, &store, true, &gate).published;
    assert!(held.held);
    let writer = Store::open(&store).unwrap().writer().unwrap();
    writer.promote(Registry::embedded(), &held.snapshot).unwrap();
    drop(writer);
    let next = night(&input, &store, true, &gate);
    assert!(next.breaches.is_empty() && next.published.unchanged, "{:?}", next.breaches);
    assert_eq!(night(&input, &store, false, &gate).met(), 5);
}

/// Wherever the disk gives up: what was dropped is dropped with the snapshot that says so, and not before.
#[test]
fn the_memory_goes_with_the_snapshot_wherever_a_run_ends() {
    let dir = quick();
    let (input, template) = (dir.path().join("in"), dir.path().join("template"));
    pages(&input, 0..4);
    night(&input, &template, true, &Gate::default());
    fs::remove_file(input.join("0.html")).unwrap();
    // Copied beforehand: a process that is being started holds every lock for a moment.
    let place = |at: u64| {
        let store = dir.path().join(format!("store{at}"));
        let copied = std::process::Command::new("cp").arg("-a").args([&template, &store]).status();
        assert!(copied.unwrap().success());
    };
    let attempt = |at: u64| {
        let store = dir.path().join(format!("store{at}"));
        let disk = FaultyDisk::new(at, Fault::Cut);
        let job = IngestOptions { prune: true, ..job(&input, &store, "1") };
        let done = on(Arc::new(disk.clone()), &job);
        let published = captures(&store).len();
        assert!(done.is_err() || published == 3, "{at}");
        let next = night(&input, &store, false, &Gate::default());
        assert_eq!(next.met() as usize, published, "cut at {at}");
        fs::remove_dir_all(&store).unwrap();
        disk.operations()
    };
    place(0);
    let operations = attempt(0);
    assert!(operations > 100, "{operations}");
    (1..=operations).for_each(place);
    each(1..=operations, |at| _ = attempt(at));
}

#[test]
fn what_is_absent_is_measured_against_the_last_night() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    pages(&input, 0..40);
    let gate = absent(0.03);
    night(&input, &store, false, &gate);
    for n in 0..8 {
        fs::rename(input.join(format!("{n}.html")), input.join(format!("renamed{n}.html"))).unwrap();
        let renamed = night(&input, &store, false, &gate);
        assert!(renamed.breaches.is_empty() && !renamed.published.held, "{n}: {:?}", renamed.breaches);
        assert_eq!(renamed.reuse.absent, n + 1);
    }
    // A folder that goes missing is told until it is back, or somebody accepts it.
    for n in 20..24 {
        fs::remove_file(input.join(format!("{n}.html"))).unwrap();
    }
    for _ in 0..3 {
        assert_eq!(night(&input, &store, false, &gate).breached().count(), 1);
    }
    assert!(night(&input, &store, false, &Gate::default()).breaches.is_empty());
    assert!(night(&input, &store, false, &gate).breaches.is_empty());
}

#[test]
fn refused_snapshots_do_not_pile_up() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    pages(&input, 0..4);
    night(&input, &store, false, &Gate::default());
    fs::remove_file(input.join("0.html")).unwrap();
    for n in 10..15 {
        pages(&input, n..n + 1);
        assert!(night(&input, &store, false, &absent(0.0)).published.held);
    }
    let open = Store::open(&store).unwrap();
    assert_eq!(open.candidates().unwrap().len(), 5);
    let newest = open.candidates().unwrap().split_off(3);
    let keep = |days: u64| Retention { count: 2, age: Duration::from_secs(days * 86_400) };
    assert!(open.writer().unwrap().gc(keep(1), SystemTime::now(), false).unwrap().snapshots.is_empty());
    open.writer().unwrap().gc(keep(0), SystemTime::now(), false).unwrap();
    assert_eq!(open.candidates().unwrap(), newest);
}

fn figures(store: &Path) -> Vec<(String, Option<String>)> {
    let snapshot = Store::open(store).unwrap().current().unwrap().unwrap();
    let rows = snapshot.rows(&RowQuery { table: "narratives", ..RowQuery::default() }).unwrap();
    let text = |row: &gongkai_store::Row, column: &str| row.text(column).map(str::to_owned);
    let told = |row: &gongkai_store::Row| {
        let said = text(row, "text")?;
        let (_, behind) = said.split_once("本年新收政府信息公开申请")?;
        Some((text(row, "report_id")?, behind.split_once('件').map(|(n, _)| n.to_owned())))
    };
    rows.iter().filter_map(told).collect()
}

#[test]
fn a_corrected_page_speaks_before_what_is_gone_whatever_came_beside_it() {
    let dir = quick();
    let (a, b, store) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("store"));
    write(a.join("p.html"), &page("南京市民政局", 2021, 86));
    write(b.join("q.html"), &page("无锡市民政局", 2021, 5));
    let both = |inputs: &[&PathBuf]| {
        let inputs = inputs.iter().map(|path| (*path).clone()).collect();
        run(&IngestOptions { inputs, ..job(&a, &store, "1") })
    };
    both(&[&a, &b]);
    let before = names(&store);
    // The path of the one occurs in the other, too.
    write(b.join("p.html"), &page("徐州市民政局", 2021, 6));
    let next = both(&[&a, &b]);
    assert_eq!(next.reuse.absent, 0, "nothing has another name");
    assert!(before.iter().all(|name| names(&store).contains(name)));
    write(a.join("p.html"), &page("南京市民政局", 2021, 87));
    assert_eq!(both(&[&a, &b]).reuse.absent, 0);
    let said: Vec<_> = figures(&store).into_iter().filter_map(|(_, n)| n).collect();
    assert!(said.contains(&"87".to_owned()) && !said.contains(&"86".to_owned()), "{said:?}");
    // A page that moves and is corrected at once: the old one is gone, and says nothing any more.
    fs::remove_file(a.join("p.html")).unwrap();
    write(a.join("zz/moved.html"), &page("南京市民政局", 2021, 88));
    assert_eq!(both(&[&a, &b]).reuse.absent, 1);
    let said: Vec<_> = figures(&store).into_iter().filter_map(|(_, n)| n).collect();
    assert!(said.contains(&"88".to_owned()) && !said.contains(&"87".to_owned()), "{said:?}");
}

#[test]
fn an_input_keeps_its_names_when_another_one_joins() {
    let dir = quick();
    let (a, b, store) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("store"));
    pages(&a, 0..2);
    pages(&b, 2..4);
    run(&job(&a, &store, "1"));
    assert_eq!(names(&store), ["0.html", "1.html"]);
    let both = IngestOptions { inputs: vec![b.clone(), a.clone()], ..job(&a, &store, "1") };
    assert_eq!(run(&both).reuse.absent, 0);
    assert_eq!(names(&store), ["0.html", "1.html", "b/2.html", "b/3.html"]);
    let alone = run(&job(&b, &store, "1"));
    assert_eq!((alone.reuse.absent, alone.met()), (2, 4));
}

/// A text without a title of its own, as made from a page.
fn text_of(agency: &str) -> String {
    (1..12).map(|n| format!("{agency}第{n}次会议研究了公开事项{n}件，群众反映良好。\n")).collect()
}

#[test]
fn what_ties_documents_is_remembered() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let (html, text) = (input.join("s/page.html"), input.join("s/page.txt"));
    write(html.clone(), &page("南京市民政局", 2021, 86));
    write(text.clone(), &text_of("南京市民政局"));
    run(&job(&input, &store, "1"));
    let before = captures(&store);
    let whole = data(&store);
    assert_eq!(
        before.iter().map(|c| c.1.as_str()).collect::<Vec<_>>(),
        ["report", "superseded"],
        "{before:?}"
    );
    // Each of them alone, and then alone with news.
    for (only, other) in [(&html, &text), (&text, &html)] {
        let kept = fs::read(other).unwrap();
        fs::remove_file(other).unwrap();
        run(&job(&input, &store, "1"));
        assert!(data(&store) == whole, "only {}", only.display());
        fs::write(other, kept).unwrap();
    }
    fs::remove_file(&html).unwrap();
    write(text.clone(), &(text_of("南京市民政局") + "又一句。\n"));
    run(&job(&input, &store, "1"));
    let after = captures(&store);
    assert_eq!(after.iter().map(|c| c.1.as_str()).collect::<Vec<_>>(), ["report", "superseded"], "{after:?}");
    // The other way: first the text, then the page without it.
    let (late, store) = (dir.path().join("late"), dir.path().join("store2"));
    write(late.join("s/page.txt"), &text_of("南京市民政局"));
    run(&job(&late, &store, "1"));
    fs::remove_file(late.join("s/page.txt")).unwrap();
    write(late.join("s/page.html"), &page("南京市民政局", 2021, 86));
    run(&job(&late, &store, "1"));
    assert!(data(&store) == whole);
}

#[test]
fn what_a_sidecar_said_is_remembered() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    let sidecar = input.join("x/1.html.meta.json");
    write(input.join("x/1.html"), &page("民政局", 2021, 1));
    write(sidecar.clone(), r#"{"url": "http://mzj.nanjing.gov.cn/a/1.html", "fetched_at": "2022-01-31"}"#);
    run(&job(&input, &store, "1"));
    let whole = data(&store);
    fs::remove_file(&sidecar).unwrap();
    let next = run(&job(&input, &store, "1"));
    assert!(data(&store) == whole);
    assert_eq!(next.reuse.read + next.reuse.read_again, 0);
    // Also of a page that changed.
    write(input.join("x/1.html"), &page("民政局", 2021, 2));
    run(&job(&input, &store, "1"));
    let (all, once) = (dir.path().join("all"), dir.path().join("once"));
    write(all.join("x/1.html"), &page("民政局", 2021, 2));
    let told = r#"{"url": "http://mzj.nanjing.gov.cn/a/1.html", "fetched_at": "2022-01-31"}"#;
    write(all.join("x/1.html.meta.json"), told);
    run(&job(&all, &once, "1"));
    assert!(data(&store) == data(&once));
    // The sidecar alone is none of a page that is not known: it stays a sidecar of the one that is gone.
    fs::remove_file(input.join("x/1.html")).unwrap();
    write(sidecar, told);
    write(input.join("y.html"), &page("无锡市民政局", 2021, 3));
    run(&job(&input, &store, "1"));
    assert_eq!(names(&store), ["x/1.html", "y.html"]);
    // Who drops what is gone drops that, too.
    night(&input, &store, true, &Gate::default());
    assert_eq!(names(&store), ["x/1.html.meta.json", "y.html"]);
}

/// Of several that tell of one document those count that are there; once none is, what they told last.
#[test]
fn of_several_sidecars_all_or_none_are_remembered() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("store"));
    write(input.join("x/1.html"), &page("民政局", 2021, 1));
    let sidecars = [
        ("x/1.html.meta.json", r#"{"url": "http://mzj.nanjing.gov.cn/a/1.html"}"#),
        ("x/1.html.json", r#"{"fetched_at": "2022-01-31"}"#),
    ];
    let lay_out = |root: &Path, which: [bool; 2]| {
        for ((name, told), wanted) in sidecars.iter().zip(which) {
            let path = root.join(name);
            if wanted { write(path, told) } else { _ = fs::remove_file(path) }
        }
    };
    let nights = [
        ([true, true], [true, true]),
        ([false, false], [true, true]),
        ([false, true], [false, true]),
        ([false, false], [false, true]),
        ([true, false], [true, false]),
        ([true, true], [true, true]),
    ];
    for (number, (there, told)) in nights.into_iter().enumerate() {
        lay_out(&input, there);
        run(&job(&input, &store, "1"));
        let (all, once) = (dir.path().join(format!("all{number}")), dir.path().join(format!("once{number}")));
        write(all.join("x/1.html"), &page("民政局", 2021, 1));
        lay_out(&all, told);
        run(&job(&all, &once, "1"));
        assert!(data(&store) == data(&once), "night {number}: {there:?}");
    }
}

fn records(file: &Path, pages: &[(Option<&str>, String)]) {
    let line = |(url, html): &(Option<&str>, String)| match url {
        Some(url) => serde_json::json!({ "url": format!("http://www.x.gov.cn/{url}"), "html": html }),
        None => serde_json::json!({ "title": "", "html": html }),
    };
    let text: String = pages.iter().map(|page| line(page).to_string() + "\n").collect();
    write(file.to_owned(), &text);
}

#[test]
fn records_that_are_taken_out_stay_in_the_data() {
    for has_url in [true, false] {
        let dir = quick();
        let (input, store) = (dir.path().join("in"), dir.path().join("store"));
        let file = input.join("pages.jsonl");
        let urls = ["a", "b", "c", "d", "e"];
        let one = |n: usize, received| (has_url.then(|| urls[n]), page(&agency(n), 2021, received));
        records(&file, &[one(0, 1), one(1, 1), one(2, 1), one(3, 1)]);
        assert_eq!(run(&job(&input, &store, "1")).met(), 4);
        // From the front, from the middle, and one is new.
        records(&file, &[one(1, 1), one(3, 1), one(4, 1)]);
        let next = run(&job(&input, &store, "1"));
        assert_eq!((next.met(), next.reuse.absent), (5, 2), "{has_url}");
        // As if they had been put at the end.
        let once = dir.path().join("once");
        let all = dir.path().join("all");
        records(&all.join("pages.jsonl"), &[one(1, 1), one(3, 1), one(4, 1), one(0, 1), one(2, 1)]);
        run(&job(&all, &once, "1"));
        assert!(data(&store) == data(&once), "{has_url}");
        // One that is corrected takes the place of what it was.
        records(&file, &[one(1, 1), one(3, 7), one(4, 1)]);
        let next = run(&job(&input, &store, "1"));
        assert_eq!((next.met(), next.reuse.absent), (5, 2), "{has_url}");
        // What comes back is there again, whatever its number.
        records(&file, &[one(2, 1), one(1, 1), one(3, 7), one(4, 1)]);
        let next = run(&job(&input, &store, "1"));
        assert_eq!((next.met(), next.reuse.absent, next.reuse.read), (5, 1, 0), "{has_url}");
        // A file that is cut off in the middle of the night loses nothing.
        write(file.clone(), "");
        let cut = run(&job(&input, &store, "1"));
        assert_eq!((cut.met(), cut.reuse.absent), (6, 5), "{has_url}");
        records(&file, &[one(2, 1), one(1, 1), one(3, 7), one(4, 1)]);
        assert_eq!(run(&job(&input, &store, "1")).met(), 5, "nothing is left of the file that held nothing");
        assert_eq!(night(&input, &store, true, &Gate::default()).met(), 4);
        assert_sound(&store, "records");
    }
}

/// What a store knows and cannot find out again: without it names would change, and what was dropped would come back.
#[test]
fn a_damaged_memory_is_told_and_nothing_is_published() {
    for damaged in ["names", "attendance", "index"] {
        let dir = quick();
        let (input, store) = (dir.path().join("in"), dir.path().join("store"));
        pages(&input, 0..3);
        night(&input, &store, true, &Gate::default());
        let path = store.join("cache").join(damaged);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 0xff;
        fs::write(&path, bytes).unwrap();
        pages(&input, 3..4);
        let error = on(Arc::new(RealDisk), &job(&input, &store, "1")).unwrap_err().to_string();
        assert!(error.contains(damaged) && error.contains("remove") && error.contains("`cache`"), "{error}");
        assert_eq!(captures(&store).len(), 3, "{damaged}");
        // Without all of it a run begins anew.
        fs::remove_dir_all(store.join("cache")).unwrap();
        assert_eq!(night(&input, &store, true, &Gate::default()).met(), 4);
    }
}

#[test]
fn a_store_within_its_inputs_is_not_read() {
    let dir = quick();
    let (input, store) = (dir.path().join("in"), dir.path().join("in/store"));
    pages(&input, 0..3);
    for _ in 0..3 {
        assert_eq!(run(&job(&input, &store, "1")).met(), 3);
    }
}

/// Writes to the inputs while they are read.
struct Meddler<'m> {
    /// Told how often progress was made.
    meddle: &'m (dyn Fn(usize) + Sync),
    steps: AtomicUsize,
}

impl Events for Meddler<'_> {
    fn begin(&self, _: Stage, _: usize) {}
    fn progress(&self, stage: Stage, _: usize) {
        if stage == Stage::Reading {
            (self.meddle)(self.steps.fetch_add(1, Ordering::Relaxed));
        }
    }
    fn note(&self, message: &str) {
        assert!(!message.contains("cache is damaged"), "{message}");
    }
}

/// A crawler that goes on while its crawl is read: pages that were read, pages that were not, and record files that are open.
#[test]
fn what_is_rewritten_while_it_is_read_ends_no_run_and_is_right_the_night_after() {
    for how in ["in place", "renamed", "removed", "cut"] {
        let dir = quick();
        let (input, store) = (dir.path().join("in"), dir.path().join("store"));
        let lines = |received: u32| -> Vec<_> {
            (100..900).map(|n| (None, page(&agency(n), 2021, received))).collect()
        };
        let file = input.join("pages.jsonl");
        let long = dir.path().join("long.jsonl");
        pages(&input, 0..40);
        records(&file, &lines(100));
        records(&long, &lines(200));
        for path in [&file, &input.join("0.html")] {
            let then = SystemTime::now() - Duration::from_secs(3600);
            fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
        }
        let meddle_with_pages = || {
            for n in 0..40 {
                let (path, text) = (input.join(format!("{n}.html")), page(&agency(n), 2021, 200));
                match how {
                    "renamed" => {
                        write(dir.path().join("new"), &text);
                        fs::rename(dir.path().join("new"), path).unwrap();
                    }
                    "removed" if n % 2 == 0 => fs::remove_file(path).unwrap(),
                    "cut" => write(path, ""),
                    _ => write(path, &text),
                }
            }
        };
        // The file is open by then, and some of its records were handed out.
        let meddle = |step| match step {
            0 => meddle_with_pages(),
            43 => match how {
                "in place" => write(file.clone(), &fs::read_to_string(&long).unwrap()),
                "renamed" => fs::rename(&long, &file).unwrap(),
                "removed" => fs::remove_file(&file).unwrap(),
                _ => write(file.clone(), ""),
            },
            _ => {}
        };
        let events = Meddler { meddle: &meddle, steps: AtomicUsize::new(0) };
        let met = ingest(Registry::embedded(), &job(&input, &store, "1"), &events).unwrap().met();
        assert_sound(&store, how);
        let (is_whole, mut changed) = (matches!(how, "renamed" | "removed"), 0);
        assert!(if is_whole { met == 840 } else { (150..840).contains(&met) }, "{how}: {met}");
        let snapshot = Store::open(&store).unwrap().current().unwrap().unwrap();
        for row in snapshot.rows(&RowQuery { table: "captures", ..RowQuery::default() }).unwrap() {
            let reason = row.text("reason").unwrap_or_default();
            let told =
                ["changed_while_reading", "empty", "vanished"].iter().any(|why| reason.starts_with(why));
            assert!(row.text("status") != Some("unreadable") || told, "{how}: {reason}");
            changed += usize::from(told && row.text("container").unwrap().contains('#'));
        }
        assert_eq!(changed, usize::from(!is_whole), "{how}");
        // The night after reads what is there now.
        let once = dir.path().join("once");
        run(&job(&input, &once, "1"));
        night(&input, &store, true, &Gate::default());
        assert!(data(&store) == data(&once), "{how}");
    }
}
