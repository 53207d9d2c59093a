//! Every file of `tests/legacy` is a test: what is read from a report of 2008-2018 is the snapshot beside it.
//! Drop a file in, run with `INSTA_UPDATE=always`, read the snapshot against the file.

#![allow(clippy::unwrap_used)]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::{CellFact, Parsed};
use gongkai_parse::Parser;
use gongkai_registry::Registry;
use std::fmt::Write;
use std::path::Path;

/// A number, or in angle brackets how the cell is printed.
fn shown(parsed: &Parsed, item: &str, column: &str) -> String {
    let is_it = |c: &&CellFact| *c.item == *item && *c.column == *column;
    match parsed.cells.iter().find(is_it) {
        None => String::new(),
        Some(CellFact { value: Some(value), .. }) => value.to_string(),
        Some(cell) => format!("<{}>", cell.status.as_str()),
    }
}

fn show(parsed: &Parsed) -> String {
    let mut text = format!("form {}\n", parsed.form);
    for row in &parsed.legacy {
        let column = if row.source.as_str() == "table" { "value" } else { "narrative" };
        let code = row.indicator.as_deref().unwrap_or("?");
        let cumulative =
            if column == "value" { shown(parsed, &row.item, "cumulative") } else { String::new() };
        let _ = writeln!(
            text,
            "{} | {code} | {} | under {} | {} | {} | {cumulative}",
            row.source.as_str(),
            row.label,
            row.parent.as_deref().unwrap_or("-"),
            row.unit.as_deref().unwrap_or("-"),
            shown(parsed, &row.item, column),
        );
    }
    for finding in &parsed.findings {
        let column = finding.address.column.as_deref().unwrap_or("*");
        let item = finding.address.item.as_deref().unwrap_or("*");
        let _ = writeln!(text, "{} {item}.{column}: {}", finding.code, finding.message);
    }
    for refusal in &parsed.refusals {
        let _ = writeln!(text, "not used: {}: {}", refusal.what, refusal.why);
    }
    text
}

#[test]
fn every_case_reads_as_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/legacy");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "snap" && e != "new"));
    files.sort();
    assert!(files.len() >= 12, "cases are missing");
    let parser = Parser::new(Registry::embedded());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("legacy");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in files {
            let name = path.file_name().unwrap().to_str().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let document = extract(&bytes, &Hints { charset: None, path: name }, &Limits::default()).unwrap();
            insta::assert_snapshot!(name, show(&parser.parse(&document)));
        }
    });
}
