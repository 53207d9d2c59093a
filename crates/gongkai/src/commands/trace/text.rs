//! A trace for people.

use super::context::{Context, ContextRow, Piece};
use super::source::Source;
use super::stored::{Capture, StoredFinding};
use super::{Again, Traced};
use crate::table::{Align, lines};
use crate::time::utc;
use gongkai_registry::Registry;
use std::fmt::Write;
use std::path::Path;

/// The whole answer.
pub(super) fn text(registry: &Registry, traced: &Traced<'_>) -> String {
    let mut text = String::new();
    report(&mut text, traced);
    cell(&mut text, traced);
    capture(&mut text, traced);
    place(&mut text, traced);
    findings(&mut text, registry, traced);
    copies(&mut text, traced);
    text
}

fn pairs(text: &mut String, rows: &[(&str, String)]) {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
    text.push_str(&lines(&rows, &[Align::Left; 2], 2));
}

fn or_unknown(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "?".to_owned())
}

fn report(text: &mut String, traced: &Traced<'_>) {
    let r = &traced.report;
    let year = if r.year == 0 { "unknown year".to_owned() } else { r.year.to_string() };
    let _ = writeln!(text, "{}", traced.address.code());
    pairs(
        text,
        &[
            ("report", format!("{} ({year}, {}, form {})", r.report_id, r.region, r.form)),
            ("title", or_unknown(&r.title)),
            ("agency", or_unknown(&r.agency)),
            ("snapshot", format!("{} (version {})", traced.snapshot.name, r.tool_version)),
        ],
    );
}

fn cell(text: &mut String, traced: &Traced<'_>) {
    let (cell, address) = (&traced.cell, &traced.address);
    let first = |labels: &[String]| labels.first().cloned().unwrap_or_default();
    let printed = traced.again.as_ref().and_then(|a| a.fact.as_ref()).and_then(|f| f.label.as_deref());
    let mut rows = vec![
        ("value", cell.value.map_or_else(|| "NULL".to_owned(), |v| v.to_string())),
        ("status", cell.status().to_owned()),
    ];
    match &cell.evidence {
        Some(evidence) => rows.push(("raw", quoted(&evidence.raw))),
        None if cell.label.is_none() => {
            rows.push(("", "the report prints no such table; the store has no row for it".to_owned()));
        }
        None => rows.push(("", "a plain number: no row of `cells` is kept for it".to_owned())),
    }
    rows.push(("row", first(&address.item.labels)));
    if let Some(label) = printed.or(cell.label.as_deref()) {
        rows.push(("printed", one_line(label)));
    }
    rows.push(("column", first(&address.column.labels)));
    text.push('\n');
    pairs(text, &rows);
}

fn capture(text: &mut String, traced: &Traced<'_>) {
    let c = &traced.report.capture;
    let _ = writeln!(text, "\ncapture {}", c.capture_id);
    let kind = [c.media_type.as_deref(), c.charset.as_deref()];
    let kind: Vec<&str> = kind.into_iter().flatten().collect();
    pairs(
        text,
        &[
            ("container", c.container.clone()),
            ("address", or_unknown(&c.uri.clone().or_else(|| c.host.clone()))),
            ("fetched", c.fetched_at.map_or_else(|| "?".to_owned(), utc)),
            ("blake3", or_unknown(&c.blake3)),
            ("size", format!("{} bytes, {}", c.bytes, kind.join(", "))),
        ],
    );
}

fn place(text: &mut String, traced: &Traced<'_>) {
    text.push_str("\nplace in the source (counted from 0)\n");
    match &traced.source {
        Source::Found { path, container, problem } => {
            let twin = if *container == traced.report.capture.container {
                ""
            } else {
                ", a copy with the same bytes"
            };
            let _ = writeln!(text, "  {}{twin}: unchanged since the store was made", name(path));
            if let Some(problem) = problem {
                let _ = writeln!(text, "  it cannot be read again: {}", one_line(&problem.to_string()));
            }
        }
        Source::Changed { path, found } => {
            let what =
                found.as_ref().map_or("it cannot be read".to_owned(), |h| format!("its blake3 is {h}"));
            let _ = writeln!(
                text,
                "  {} is not the document the store was made from: {what}; below is what the store has",
                name(path)
            );
        }
        Source::NotFound { tried } => {
            let tried: Vec<String> = tried.iter().map(|p| name(p)).collect();
            let _ = writeln!(
                text,
                "  the document is not at {}; name the folder the run read with --input. Below is what the store has",
                if tried.is_empty() { "hand".to_owned() } else { tried.join(" or ") }
            );
        }
    }
    match &traced.again {
        Some(again) => reread(text, traced, again),
        None => stored_place(text, traced),
    }
}

fn reread(text: &mut String, traced: &Traced<'_>, again: &Again) {
    match (&again.context, &again.fact) {
        (Some(context), _) => around(text, context),
        (None, Some(fact)) if fact.source.is_none() => {
            text.push_str("  the document does not print this cell\n");
        }
        _ => text.push_str("  this version finds no such cell in the document\n"),
    }
    if again.report_id != traced.report.report_id {
        let _ = writeln!(text, "  NOTE this version takes the document for report {}", again.report_id);
    }
    if let Some(difference) = traced.difference() {
        let _ = writeln!(text, "  NOTE {}", one_line(&difference));
    }
}

fn around(text: &mut String, context: &Context) {
    let bytes = context
        .bytes
        .map_or(String::new(), |b| format!(", bytes {}..{} of the decoded text", b.start, b.end));
    let _ = match context.table {
        Some(table) => writeln!(
            text,
            "  table {table} ({}), row {}, column {}{bytes}",
            context.layout, context.row, context.column
        ),
        None => writeln!(text, "  line {}, place {} in the line{bytes}", context.row, context.column),
    };
    if !context.is_marked() {
        text.push_str(
            "  (its exact place in the line is not certain: it stands somewhere in what is shown)\n",
        );
    }
    let width = context.rows.last().map_or(1, |r| r.number.to_string().len());
    let mut next = None;
    for row in &context.rows {
        if next.is_some_and(|n| n != row.number) && context.table.is_some() {
            let _ = writeln!(text, "    {:>width$}", "…");
        }
        next = row.number.checked_add(1);
        let sign = if row.here { '>' } else { ' ' };
        let _ = writeln!(text, "  {sign} {:>width$}  {}", row.number, printed(row, context.table.is_some()));
    }
}

/// A row or line, the cell between » «.
fn printed(row: &ContextRow, cells: bool) -> String {
    /// Characters of a cell, or on either side of a piece of a line.
    const NEAR: usize = 40;
    /// Characters of a line.
    const LINE: usize = 200;
    let text = |p: &Piece, limit: usize| {
        let text = one_line(&p.text);
        if p.marked { format!("»{text}«") } else { beginning(&text, limit) }
    };
    if cells {
        return row.pieces.iter().map(|p| text(p, NEAR)).collect::<Vec<_>>().join(" | ");
    }
    match row.pieces.as_slice() {
        [before, cell, behind] => {
            let whole = row.pieces.iter().map(|p| p.text.chars().count()).sum::<usize>() <= LINE;
            let side = if whole { LINE } else { NEAR };
            format!("{}{}{}", end(&one_line(&before.text), side), text(cell, LINE), text(behind, side))
        }
        pieces => pieces.iter().map(|p| text(p, LINE)).collect(),
    }
}

/// The first characters of a text, and a mark where it goes on.
fn beginning(text: &str, limit: usize) -> String {
    let mut short: String = text.chars().take(limit).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The last characters of a text.
fn end(text: &str, limit: usize) -> String {
    let left_out = text.chars().count().saturating_sub(limit);
    let rest: String = text.chars().skip(left_out).collect();
    if left_out > 0 { format!("…{rest}") } else { rest }
}

fn stored_place(text: &mut String, traced: &Traced<'_>) {
    let Some(evidence) = &traced.cell.evidence else {
        text.push_str(
            "  the store keeps the place of plain numbers only when it is made with `--evidence all`\n",
        );
        return;
    };
    let bytes =
        evidence.bytes.map_or(String::new(), |(a, b)| format!(", bytes {a}..{b} of the decoded text"));
    let _ = match (evidence.table, evidence.row, evidence.column) {
        (Some(table), Some(row), Some(column)) => {
            writeln!(text, "  table {table}, row {row}, column {column}{bytes}")
        }
        (None, Some(row), Some(column)) => {
            writeln!(text, "  line {row}, place {column} in the line{bytes}")
        }
        _ => writeln!(text, "  the document does not print this cell"),
    };
}

fn findings(text: &mut String, registry: &Registry, traced: &Traced<'_>) {
    let cell = &traced.cell;
    let _ = match cell.findings.len() {
        0 => writeln!(text, "\nno finding about it"),
        1 => writeln!(text, "\n1 finding about it"),
        n => writeln!(text, "\n{n} findings about it"),
    };
    for (relation, finding) in &cell.findings {
        let _ = writeln!(text, "  {} {}", relation.as_str(), said(finding));
    }
    if cell.report_findings > 0 {
        let _ = writeln!(text, "  and {} about the report as a whole", cell.report_findings);
    }
    let stored: Vec<&str> = cell.findings.iter().map(|(_, f)| f.message.as_str()).collect();
    let new = traced.again.iter().flat_map(|a| &a.findings).filter(|f| !stored.contains(&f.message.as_str()));
    for finding in new {
        let severity = registry.rule(finding.code).map_or("", |r| r.severity.as_str());
        let _ = writeln!(
            text,
            "  only this version: {} {severity}: {}",
            finding.code,
            one_line(&finding.message)
        );
    }
}

fn said(f: &StoredFinding) -> String {
    let address: Vec<&str> = [f.item.as_deref(), f.column.as_deref()].into_iter().flatten().collect();
    let mut text = format!("{} {} {}: {}", f.code, f.severity, address.join("."), one_line(&f.message));
    if let Some(raw) = &f.raw {
        let _ = write!(text, " {}", quoted(raw));
    }
    text
}

fn copies(text: &mut String, traced: &Traced<'_>) {
    let copies = &traced.report.copies;
    if copies.is_empty() {
        text.push_str("\nno other copy of the report\n");
        return;
    }
    let _ = writeln!(
        text,
        "\n{} other {} of the report",
        copies.len(),
        if copies.len() == 1 { "copy" } else { "copies" }
    );
    let row = |c: &Capture| {
        let why = c.reason.as_ref().map_or(c.status.clone(), |r| format!("{} ({r})", c.status));
        let fetched = c.fetched_at.map_or_else(|| "?".to_owned(), utc);
        vec![
            c.capture_id.clone(),
            why,
            fetched,
            c.uri.clone().or_else(|| c.host.clone()).unwrap_or_default(),
            c.container.clone(),
        ]
    };
    text.push_str(&lines(&copies.iter().map(row).collect::<Vec<_>>(), &[Align::Left; 5], 2));
}

fn quoted(text: &str) -> String {
    format!("[{}]", one_line(text))
}

/// Layout is white space here; whatever else would steer a terminal is shown.
fn one_line(text: &str) -> String {
    crate::say::one_line(&text.replace(['\n', '\r', '\t'], " ")).into_owned()
}

fn name(path: &Path) -> String {
    crate::say::one_line(&path.to_string_lossy()).into_owned()
}
