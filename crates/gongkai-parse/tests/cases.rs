//! Every document of `tests/cases` is a test. Beside it stand two files:
//!
//! - `NAME.truth`, written by a person who read the document: what the case is for, and every figure that is
//!   certainly printed. Never written by this test.
//! - `NAME.snap`, what the parser reads, laid out as the form. `UPDATE_CASES=1 cargo test -p gongkai-parse --test
//!   cases` writes it anew. A reading that contradicts the truth is never written: a figure that is wrong, or that
//!   nobody printed, fails whatever the snapshot says.
//!
//! To add a case: drop in a document, write its truth, run with `UPDATE_CASES=1`, read the snapshot.

#![allow(clippy::unwrap_used)]

mod case;

use case::{snapshot, truth::Truth};
use gongkai_audit::audit;
use gongkai_extract::{Hints, Limits, extract};
use gongkai_parse::Parser;
use gongkai_registry::Registry;
use std::fs::{read, read_to_string, write};
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "snap" && e != "truth"));
    files.sort();
    files
}

fn beside(document: &Path, extension: &str) -> PathBuf {
    let name = document.file_name().unwrap().to_str().unwrap();
    document.with_file_name(format!("{name}.{extension}"))
}

/// What is wrong with the reading of one document; nothing if all is well.
fn faults(document: &Path, parser: &Parser<'_>) -> Vec<String> {
    let registry = Registry::embedded();
    let name = document.file_name().unwrap().to_str().unwrap();
    let Ok(truth) = read_to_string(beside(document, "truth")) else {
        return vec![format!("{name}: its .truth is missing")];
    };
    let truth = Truth::parse(&truth, registry);
    let hints = Hints { charset: None, path: name };
    let extracted = extract(&read(document).unwrap(), &hints, &Limits::default()).unwrap();
    let mut parsed = parser.parse(&extracted);
    let audited = audit(registry, &parsed, None);
    parsed.findings.extend(audited.findings);

    let mut faults: Vec<String> =
        truth.contradictions(&parsed).into_iter().map(|c| format!("{name}: {c}")).collect();
    let shown = snapshot::show(&parsed, &truth, registry);
    let path = beside(document, "snap");
    let kept = read_to_string(&path).unwrap_or_default();
    if kept != shown {
        if std::env::var_os("UPDATE_CASES").is_some() && faults.is_empty() {
            write(&path, &shown).unwrap();
        } else {
            faults.push(format!("{name}: the snapshot differs\n{}", snapshot::difference(&kept, &shown)));
        }
    }
    faults
}

#[test]
fn every_case_reads_as_its_snapshot_and_never_against_its_truth() {
    let parser = Parser::new(Registry::embedded());
    let documents = documents();
    assert!(documents.len() >= 60, "cases are missing");
    let faults: Vec<String> = documents.iter().flat_map(|d| faults(d, &parser)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
