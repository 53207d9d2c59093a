//! What one report costs, stage by stage and whole: the processor time of the thread, for an HTML page of 30 KB in each
//! edition of the form, beside what other programs need at least.
//!
//! `cargo bench -p gongkai-pipeline --bench report`. The pages are printed by `gongkai-generator`: of its first pages in
//! the form's own layout without damage, the one closest to 30 KB. The figures are processor time because the machine
//! may have other work to do; the fastest run says what the code costs, the median what it costs in company.

use gongkai_audit::audit;
use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{Charset, Damage, Layout, Spec, print};
use gongkai_model::{Capture, Provenance, Ties};
use gongkai_parse::Parser;
use gongkai_pipeline::Reader;
use gongkai_registry::Registry;
use gongkai_resolve::Resolver;
use rustix::time::{ClockId, clock_gettime};
use scraper::{Html, Selector};
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Size of the page, in bytes.
const WANTED: usize = 30_000;
/// Pages among which the one of that size is looked for.
const SEEDS: u64 = 400;
const RUNS: usize = 1_000;

fn main() {
    for form in ["2019", "2021"] {
        let capture = capture(form);
        println!("form {form}, {} bytes of HTML, {RUNS} runs", capture.bytes.len());
        stages(&capture);
    }
    prepare();
}

/// The page closest to the wanted size.
fn capture(form: &'static str) -> Capture {
    let spec = |seed| Spec {
        seed,
        form,
        layout: Layout::HtmlSpans,
        damages: vec![Damage::None],
        traditional: false,
        charset: Charset::Utf8,
    };
    let pages = (1..=SEEDS).map(|seed| print(&spec(seed)).bytes);
    let bytes = pages.min_by_key(|b| b.len().abs_diff(WANTED)).expect("pages");
    let size = bytes.len() as u64;
    let (provenance, ties) = (Provenance::default(), Ties::default());
    Capture { container: "page.html".into(), size, bytes, provenance, ties, problem: None }
}

fn stages(capture: &Capture) {
    let registry = Registry::embedded();
    let (parser, resolver, reader) = (Parser::new(registry), Resolver::new(registry), Reader::new(registry));
    let extracted = || {
        extract(&capture.bytes, &Hints { charset: None, path: "page.html" }, &Limits::default())
            .expect("a document")
    };
    let text = String::from_utf8(capture.bytes.clone()).expect("UTF-8");
    let document = extracted();
    let parsed = parser.parse(&document);
    let hash = blake3::hash(&capture.bytes).to_hex().to_string();
    let resolve = || resolver.resolve(&document, &parsed, &capture.provenance, &capture.container, &hash);
    let cell = Selector::parse("td, th").expect("a selector");
    let cells = || -> Vec<String> {
        Html::parse_document(&text).select(&cell).map(|c| c.text().collect::<String>()).collect()
    };

    // The least that any program does which reads such a page with the library used here.
    let tree = measure(|| Html::parse_document(black_box(&text)));
    show("peer: html5ever builds the tree (scraper 0.29)", tree, tree);
    show("peer: the same, and the text of every cell", measure(cells), tree);
    show("extract", measure(extracted), tree);
    show("parse", measure(|| parser.parse(black_box(&document))), tree);
    show("resolve", measure(resolve), tree);
    let resolution = resolve();
    show("audit", measure(|| audit(registry, black_box(&parsed), Some(&resolution))), tree);
    let read = || {
        let parsed = parser.parse(&extracted());
        audit(registry, &parsed, Some(&resolution))
    };
    show("read and checked: extract, parse, audit", measure(read), tree);
    show("whole: hash, extract, parse, resolve, audit", measure(|| reader.read(black_box(capture))), tree);
    println!();
}

/// What a run pays once.
fn prepare() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let times = runs(20, || {
        let registry = Registry::load(&data).expect("registry");
        Reader::new(&registry);
    });
    show("once a run: load the registry and prepare", times, times);
}

/// Fastest and median processor time.
type Times = (Duration, Duration);

fn measure<T>(work: impl FnMut() -> T) -> Times {
    runs(RUNS, work)
}

fn runs<T>(count: usize, mut work: impl FnMut() -> T) -> Times {
    let mut once = || {
        let begin = processor_time();
        let result = black_box(work());
        let time = processor_time().saturating_sub(begin);
        // Giving back the memory is part of what a result costs, but not of reading.
        drop(result);
        time
    };
    for _ in 0..count / 10 {
        once();
    }
    let mut times: Vec<Duration> = (0..count).map(|_| once()).collect();
    times.sort_unstable();
    (times[0], times[count / 2])
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

fn show(what: &str, (fastest, median): Times, peer: Times) {
    let milliseconds = |d: Duration| d.as_secs_f64() * 1e3;
    let ratio = fastest.as_secs_f64() / peer.0.as_secs_f64();
    println!(
        "  {what:<48} fastest {:7.3} ms  median {:7.3} ms  {ratio:5.2} x tree",
        milliseconds(fastest),
        milliseconds(median)
    );
}
