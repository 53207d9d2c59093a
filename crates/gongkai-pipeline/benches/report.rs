//! One report through the stages, one thread: what a capture costs. The document is the sample closest to 30 KB of
//! HTML.

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::{Capture, Document, Provenance};
use gongkai_parse::Parser;
use gongkai_pipeline::Reader;
use gongkai_registry::Registry;
use std::path::{Path, PathBuf};

fn main() {
    divan::main();
}

fn capture() -> Capture {
    const WANTED: u64 = 30_000;
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")];
    let mut best: Option<(u64, PathBuf)> = None;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("samples").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "html") {
                let off = entry.metadata().map_or(u64::MAX, |m| m.len().abs_diff(WANTED));
                if best.as_ref().is_none_or(|(o, p)| (off, &path) < (*o, p)) {
                    best = Some((off, path));
                }
            }
        }
    }
    let (_, path) = best.expect("a sample");
    let bytes = std::fs::read(&path).expect("readable");
    Capture {
        container: "page.html".into(),
        size: bytes.len() as u64,
        bytes,
        provenance: Provenance::default(),
        problem: None,
    }
}

fn document(capture: &Capture) -> Document {
    extract(&capture.bytes, &Hints { charset: None, path: "page.html" }, &Limits::default())
        .expect("a document")
}

#[divan::bench]
fn extract_html(bencher: divan::Bencher<'_, '_>) {
    let capture = capture();
    bencher.bench(|| document(&capture));
}

#[divan::bench]
fn parse(bencher: divan::Bencher<'_, '_>) {
    let document = document(&capture());
    let parser = Parser::new(Registry::embedded());
    bencher.bench(|| parser.parse(&document));
}

#[divan::bench]
fn whole_report(bencher: divan::Bencher<'_, '_>) {
    let capture = capture();
    let reader = Reader::new(Registry::embedded());
    bencher.bench(|| reader.read(&capture));
}

#[divan::bench(sample_count = 20)]
fn load_registry_and_prepare(bencher: divan::Bencher<'_, '_>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    bencher.bench(|| {
        let registry = Registry::load(&dir).expect("registry");
        Reader::new(&registry);
    });
}
