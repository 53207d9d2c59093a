//! A reading as a page that a person can hold beside the document.

use super::truth::{Printed, Truth};
use gongkai_model::{CellFact, LegacySource, Parsed};
use gongkai_registry::{FormTable, LEGACY_TABLE, Registry};
use std::fmt::Write;

/// How a finding about a whole row begins.
const NOT_READ: &str = "the row is printed but not read: ";

/// What the case is for and how much was read; the statutory tables, `·` where nothing was read and `(12)` where 12 is
/// certainly printed but was not read; the findings by code, table, row and column.
pub fn show(parsed: &Parsed, truth: &Truth, registry: &Registry) -> String {
    let certain = |c: &&CellFact| {
        c.value.is_some() && matches!(truth.of(&c.table, &c.item, &c.column), Some(Printed::Certain(_)))
    };
    let read = parsed.cells.iter().filter(certain).count();
    let mut out = format!("{}\n", truth.purpose);
    writeln!(out, "form {}, {read} of {} printed figures read", parsed.form, truth.certain()).unwrap();
    for table in registry.tables_of(&parsed.form) {
        let told = parsed.legacy.iter().any(|r| r.source == LegacySource::Narrative);
        let legacy = *table.table == *LEGACY_TABLE && told;
        if legacy || parsed.tables.iter().any(|t| t.table == table.table && t.present) {
            writeln!(out, "\n{}", table.table).unwrap();
            out.push_str(&aligned(&grid(parsed, truth, table)));
        }
    }
    out.push_str(if parsed.findings.is_empty() { "\nno findings\n" } else { "\nfindings\n" });
    for finding in &parsed.findings {
        let a = &finding.address;
        let place: Vec<&str> =
            [&a.table, &a.item, &a.column].into_iter().flatten().map(AsRef::as_ref).collect();
        let place = [&[finding.code], &place[..]].concat().join(" ");
        // Why something is not read: the last part of the message.
        match finding.code {
            "GK202" | "GK203" => {
                let why = finding.message.strip_prefix(NOT_READ).unwrap_or(&finding.message);
                writeln!(out, "  {place}: {why}").unwrap();
            }
            _ => writeln!(out, "  {place}").unwrap(),
        }
    }
    out
}

fn grid(parsed: &Parsed, truth: &Truth, table: &FormTable) -> Vec<Vec<String>> {
    let head = std::iter::once(String::new()).chain(table.columns.iter().map(|c| c.code.to_string()));
    let mut rows = vec![head.collect()];
    for (i, item) in table.items.iter().enumerate() {
        // Of the indicators of all old tables, those that this one has.
        let shown = |c: &CellFact| c.table == table.table && c.item == item.code;
        if *table.table == *LEGACY_TABLE && !parsed.cells.iter().any(shown) {
            continue;
        }
        let own = table.columns_of(i);
        let cell = |column: usize| {
            let code = &table.columns[column].code;
            let here = |c: &&CellFact| c.table == table.table && c.item == item.code && c.column == *code;
            let read = parsed.cells.iter().find(here).and_then(|c| c.value);
            match (read, truth.of(&table.table, &item.code, code)) {
                _ if !own.contains(&column) => String::new(),
                (Some(read), _) => read.to_string(),
                (None, Some(Printed::Certain(n))) => format!("({n})"),
                (None, _) => "·".to_owned(),
            }
        };
        rows.push(std::iter::once(item.code.to_string()).chain((0..table.columns.len()).map(cell)).collect());
    }
    rows
}

/// Columns kept apart by two blanks, the first flush left, figures flush right.
fn aligned(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, (text, width)) in row.iter().zip(&widths).enumerate() {
            match c {
                0 => write!(line, "  {text:<width$}").unwrap(),
                _ => write!(line, "  {text:>width$}").unwrap(),
            }
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    out
}

/// The lines in which two snapshots differ.
pub fn difference(kept: &str, shown: &str) -> String {
    let only = |a: &str, b: &str, sign: &str| -> String {
        let other: Vec<&str> = b.lines().collect();
        a.lines().filter(|l| !other.contains(l)).map(|l| format!("  {sign}{l}\n")).collect()
    };
    format!("{}{}", only(kept, shown, "-"), only(shown, kept, "+"))
}
