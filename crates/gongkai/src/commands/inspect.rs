//! `gongkai inspect`: one document as the parser sees it.

use super::{page::page, print};
use crate::arguments::Inspect;
use crate::say::{one_line, print_raw};
use crate::table::{Align, lines};
use crate::{Failure, Status};
use gongkai_input::{InputOptions, Met, Opened, find, open, plan};
use gongkai_model::{CellFact, CellStatus, LegacyRow, LegacySource, Parsed, Resolution, Verdict};
use gongkai_pipeline::{Read, Reader, Report};
use gongkai_registry::{FormTable, Item, NARRATIVE_COLUMN, Registry};
use serde_json::{Value, json};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// Shows one document.
pub(crate) fn run(registry: &Registry, options: &Inspect) -> Result<Status, Failure> {
    let input = InputOptions::default();
    if options.file.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder; inspect shows one document",
            options.file.display()
        )));
    }
    let capture = find(&options.file, &input).map_err(Failure::usage)?;
    if capture.problem.as_ref().is_some_and(|p| p.reason.starts_with("container:")) {
        return Err(Failure::usage(several(&options.file, &input)));
    }
    let (seen, document) = Reader::new(registry).read_keeping(&capture);
    let tables = seen.outcome.as_ref().map_or(Vec::new(), |r| tables(registry, &r.parsed));
    if let Some(out) = &options.html {
        write_page(out, &options.file, &page(registry, &seen, document.as_ref(), &tables))?;
    } else if options.json {
        let text = serde_json::to_string_pretty(&json(registry, &seen)).map_err(Failure::failed)?;
        print(&text);
    } else {
        print(&text(registry, &seen, &tables));
    }
    Ok(Status::Done)
}

/// What to do with a file that holds many documents.
fn several(file: &Path, input: &InputOptions) -> String {
    /// Names shown.
    const SHOWN: usize = 5;
    let mut names = Vec::new();
    let planned = plan(&[file.to_owned()], input).ok();
    if let Some(Opened::Container(container)) =
        planned.and_then(|p| p.entries.first().map(|e| open(e, input)))
    {
        let own = container.name().to_owned();
        container.each(input, &mut |met| {
            if let Met::Capture(capture) = met {
                let inside = capture.container.strip_prefix(&own).unwrap_or_default();
                names.push(format!("  {}", one_line(&format!("{}{inside}", file.display()))));
            }
            if names.len() < SHOWN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }
    format!("{} is an archive; name one of its documents, such as\n{}", file.display(), names.join("\n"))
}

/// The tables of the report's form; of the years before 2019 that of the indicators it prints, as it prints them.
fn tables(registry: &Registry, parsed: &Parsed) -> Vec<FormTable> {
    let mut tables = registry.form(&parsed.form).map_or(Vec::new(), |f| f.tables.clone());
    let printed = parsed.legacy.iter().filter(|r| r.source != LegacySource::Narrative);
    let item = |r: &LegacyRow| Item {
        code: r.item.clone(),
        group: None,
        sums: false,
        labels: vec![r.label.clone()],
    };
    let items: Vec<Item> = printed.map(item).collect();
    if !items.is_empty() {
        let mut table = registry.legacy.table.with_items(items);
        let filled = |code: &str| parsed.cells.iter().any(|c| c.table == table.table && *c.column == *code);
        table.columns = table
            .columns
            .iter()
            .filter(|c| *c.code != *NARRATIVE_COLUMN && filled(&c.code))
            .cloned()
            .collect();
        tables.push(table);
    }
    tables
}

fn write_page(out: &Path, file: &Path, page: &str) -> Result<(), Failure> {
    if out == Path::new("-") {
        print_raw(page.as_bytes());
        return Ok(());
    }
    // The capture is the evidence: a slip of the keyboard must not replace it.
    if let (Ok(out), Ok(file)) = (out.canonicalize(), file.canonicalize())
        && out == file
    {
        return Err(Failure::usage(format!("{} is the document itself; name another file", out.display())));
    }
    std::fs::write(out, page).map_err(|e| Failure::failed(format!("cannot write {}: {e}", out.display())))
}

fn text(registry: &Registry, seen: &Read, tables: &[FormTable]) -> String {
    let mut text = format!("{} ({} bytes", one_line(&seen.container), seen.bytes);
    if let Some((media_type, charset)) = &seen.format {
        let _ = write!(text, ", {}", one_line(media_type));
        charset.iter().for_each(|charset| text.extend([", ", &*one_line(charset)]));
    }
    text.push_str(")\n");
    let report = match &seen.outcome {
        Err(problem) => {
            let _ = writeln!(text, "{}: {}", problem.status.as_str(), one_line(&problem.reason));
            return text;
        }
        Ok(report) => report,
    };
    head(&mut text, report);
    for table in tables {
        grid(&mut text, report, table);
    }
    prose(&mut text, report);
    sections(&mut text, report);
    findings(&mut text, registry, report);
    evidence(&mut text, &report.resolution);
    text
}

fn head(text: &mut String, report: &Report) {
    let r = &report.resolution;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: Option<String>, note: Option<&str>| {
        let value = value.unwrap_or_else(|| "?".to_owned());
        rows.push(vec![name.to_owned(), value, note.map(|n| format!("({n})")).unwrap_or_default()]);
    };
    let verdict = match &r.verdict {
        Verdict::Report => "annual report".to_owned(),
        Verdict::NotAReport(reason) => format!("not a report: {reason}"),
    };
    row("what", Some(verdict), None);
    row("title", r.title.clone(), None);
    let kind = r.agency_kind.iter().chain(&r.agency_mark).cloned().collect::<Vec<_>>().join(", ");
    row("agency", r.agency_name.clone(), Some(kind.as_str()).filter(|k| !k.is_empty()));
    row("year", r.year.map(|y| y.to_string()), r.year_evidence.map(|e| e.as_str()));
    let place: Vec<&str> =
        [&r.place.province_name, &r.place.city_name, &r.place.county_name, &r.place.township_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
    let code = r.place.county_code.as_ref().or(r.place.city_code.as_ref()).or(r.place.province_code.as_ref());
    let place =
        (!place.is_empty()).then(|| format!("{} {}", place.join(" "), code.map_or("", String::as_str)));
    row("place", place, r.region_evidence.map(|e| e.as_str()));
    row("region", Some(r.place.region.clone()), None);
    row("scope", Some(r.scope.as_str().to_owned()), r.scope_evidence.map(|e| e.as_str()));
    row("form", Some(report.parsed.form.to_string()), Some(report.script.as_str()));
    row("report_id", Some(r.report_id.clone()), None);
    row("agency_id", Some(r.agency_id.clone()), r.agency_level.as_deref());
    text.push_str(&lines(&rows, &[Align::Left; 3], 2));
}

/// A table of the form with what was read.
fn grid(text: &mut String, report: &Report, table: &FormTable) {
    let Some(reading) = report.parsed.tables.iter().find(|t| t.table == table.table) else { return };
    let _ =
        writeln!(text, "\n{} — {} of {} cells, {}", table.table, reading.read, reading.expected, reading.how);
    if !reading.present {
        return;
    }
    let label = |labels: &[String]| labels.first().cloned().unwrap_or_default();
    let mut rows = vec![
        std::iter::once(String::new())
            .chain(table.columns.iter().map(|c| label(&c.labels)))
            .collect::<Vec<_>>(),
    ];
    for (i, item) in table.items.iter().enumerate() {
        let columns = table.columns_of(i);
        let cell = |c: usize| {
            let code = table.columns.get(c).map(|c| &c.code);
            report
                .parsed
                .cells
                .iter()
                .find(|f| f.table == table.table && f.item == item.code && Some(&f.column) == code)
        };
        let shown = (0..table.columns.len())
            .map(|c| if columns.contains(&c) { cell(c).map_or(String::new(), show) } else { String::new() });
        rows.push(std::iter::once(label(&item.labels)).chain(shown).collect());
    }
    let mut align = vec![Align::Left];
    align.resize(table.columns.len() + 1, Align::Right);
    text.push_str(&lines(&rows, &align, 2));
}

/// The counts that sentences give, with their sentences.
fn prose(text: &mut String, report: &Report) {
    let own = report.parsed.cells.iter().filter(|c| *c.column == *NARRATIVE_COLUMN);
    let rows = own.map(|c| vec![c.item.to_string(), show(c), c.raw.replace('\n', " ")]);
    let stated = report.parsed.statements.iter().map(|s| {
        let number = if s.denied { "none".to_owned() } else { s.number.to_string() };
        let unit = s.unit.as_deref().unwrap_or_default();
        vec![s.what.to_string(), format!("{number}{unit}"), s.sentence.replace('\n', " ")]
    });
    let rows: Vec<Vec<String>> = rows.chain(stated).collect();
    if !rows.is_empty() {
        text.push_str("\ncounts in sentences\n");
        text.push_str(&lines(&rows, &[Align::Left, Align::Right, Align::Left], 2));
    }
}

/// A cell: its number, or in angle brackets how it is printed.
fn show(fact: &CellFact) -> String {
    match (fact.value, fact.status) {
        (Some(value), status) if status.is_plain() => value.to_string(),
        (Some(value), _) => format!("{value}*"),
        (None, CellStatus::Blank) => "<blank>".to_owned(),
        (None, status) => format!("<{}>", status.as_str()),
    }
}

fn sections(text: &mut String, report: &Report) {
    text.push_str("\nsections\n");
    let rows: Vec<Vec<String>> = report
        .parsed
        .sections
        .iter()
        .map(|s| vec![s.section.to_string(), s.heading.clone(), s.text.chars().count().to_string()])
        .collect();
    text.push_str(&lines(&rows, &[Align::Left, Align::Left, Align::Right], 2));
}

fn findings(text: &mut String, registry: &Registry, report: &Report) {
    let checks: u32 = report.checks.iter().map(|(_, made)| made).sum();
    let _ = writeln!(text, "\n{checks} checks, {} findings", report.findings.len());
    for finding in &report.findings {
        let severity = registry.rule(finding.code).map_or("", |r| r.severity.as_str());
        let address = [&finding.address.table, &finding.address.item, &finding.address.column];
        let address = address.into_iter().flatten().map(AsRef::as_ref).collect::<Vec<_>>().join(".");
        let _ = write!(text, "  {} {severity} {address}: {}", finding.code, one_line(&finding.message));
        if let Some(raw) = &finding.raw {
            let _ = write!(text, " [{}]", one_line(&raw.replace('\n', " ")));
        }
        text.push('\n');
    }
    for refusal in &report.parsed.refusals {
        let _ = writeln!(text, "  not used: {}: {}", one_line(&refusal.what), refusal.why);
    }
}

/// How each decision came about, and everything that was said about it: strength, value, where it was read.
fn evidence(text: &mut String, resolution: &Resolution) {
    text.push_str("\ndecisions\n");
    let rows: Vec<Vec<String>> = resolution
        .decisions
        .iter()
        .map(|d| {
            /// Further losers are counted only.
            const LOSERS: usize = 4;
            let mut over: Vec<String> =
                d.losers.iter().take(LOSERS).map(|(v, s)| format!("{v} ({s})")).collect();
            if d.losers.len() > LOSERS {
                over.push(format!("{} more", d.losers.len() - LOSERS));
            }
            let over = if over.is_empty() { String::new() } else { format!("over {}", over.join(", ")) };
            let value = d.value.clone().unwrap_or_else(|| "open".to_owned());
            let numbers = format!("strength {}, margin {}", d.strength, d.margin);
            vec![d.about.to_owned(), value, numbers, over]
        })
        .collect();
    text.push_str(&lines(&rows, &[Align::Left; 4], 2));
    text.push_str("\nevidence\n");
    let rows: Vec<Vec<String>> = resolution
        .evidence
        .iter()
        .map(|e| {
            let sign = if e.supports { "+" } else { "-" };
            /// Longer texts are cut on the screen.
            const SHOWN: usize = 60;
            let text: String = e.text.chars().take(SHOWN).collect();
            let (value, kind) = (e.value.clone(), e.kind.as_str().to_owned());
            vec![sign.to_owned(), e.about.to_owned(), e.strength.to_string(), value, kind, text]
        })
        .collect();
    let align = [Align::Left, Align::Left, Align::Right, Align::Left, Align::Left, Align::Left];
    text.push_str(&lines(&rows, &align, 2));
}

fn json(registry: &Registry, seen: &Read) -> Value {
    let report = match &seen.outcome {
        Err(problem) => {
            return json!({"container": seen.container, "bytes": seen.bytes, "status": problem.status.as_str(), "reason": problem.reason});
        }
        Ok(report) => report,
    };
    let r = &report.resolution;
    let (status, reason) = match &r.verdict {
        Verdict::Report => ("report", None),
        Verdict::NotAReport(reason) => ("not_a_report", Some(reason)),
    };
    let cells: Vec<Value> = report.parsed.cells.iter().map(|c| {
        let source = c.source.map(|s| json!({"table": s.table, "row": s.row, "column": s.column}));
        json!({"table": c.table.as_ref(), "item": c.item.as_ref(), "column": c.column.as_ref(), "status": c.status.as_str(),
            "value": c.value.map(|v| v.to_string()), "raw": c.raw, "source": source})
    }).collect();
    let legacy: Vec<Value> = report.parsed.legacy.iter().map(|l| {
        json!({"indicator": l.indicator.as_deref(), "label": l.label, "parent": l.parent, "unit": l.unit,
            "value": l.value.map(|v| v.to_string()), "cumulative": l.cumulative.map(|v| v.to_string()), "source": l.source.as_str()})
    }).collect();
    let findings: Vec<Value> = report.findings.iter().map(|f| {
        let severity = registry.rule(f.code).map(|r| r.severity.as_str());
        json!({"code": f.code, "severity": severity, "table": f.address.table.as_deref(), "item": f.address.item.as_deref(),
            "column": f.address.column.as_deref(), "raw": f.raw, "expected": f.expected, "actual": f.actual, "message": f.message})
    }).collect();
    let statements: Vec<Value> = report.parsed.statements.iter().map(|s| {
        json!({"what": s.what.as_ref(), "number": s.number.to_string(), "denied": s.denied, "unit": s.unit, "sentence": s.sentence})
    }).collect();
    let checks: serde_json::Map<String, Value> =
        report.checks.iter().map(|(code, made)| ((*code).to_owned(), json!(made))).collect();
    let sections: Vec<Value> = report
        .parsed
        .sections
        .iter()
        .map(|s| json!({"section": s.section.as_ref(), "heading": s.heading, "text": s.text}))
        .collect();
    let evidence: Vec<Value> = r.evidence.iter().map(|e| json!({"about": e.about, "kind": e.kind.as_str(), "value": e.value, "strength": e.strength, "text": e.text, "supports": e.supports})).collect();
    let decisions: Vec<Value> = r.decisions.iter().map(|d| {
        let losers: Vec<Value> = d.losers.iter().map(|(value, strength)| json!({"value": value, "strength": strength})).collect();
        json!({"about": d.about, "value": d.value, "strength": d.strength, "margin": d.margin, "losers": losers})
    }).collect();
    let tables: Vec<Value> = report.parsed.tables.iter().map(|t| json!({"table": t.table.as_ref(), "present": t.present, "cells_expected": t.expected, "cells_read": t.read})).collect();
    json!({
        "container": seen.container, "bytes": seen.bytes, "blake3": seen.hash, "status": status, "reason": reason,
        "media_type": seen.format.as_ref().map(|f| &f.0), "charset": seen.format.as_ref().and_then(|f| f.1.as_ref()),
        "script": report.script.as_str(), "report_id": r.report_id, "agency_id": r.agency_id, "title": r.title,
        "agency_name": r.agency_name, "agency_kind": r.agency_kind, "agency_mark": r.agency_mark, "agency_level": r.agency_level,
        "scope": r.scope.as_str(), "scope_evidence": r.scope_evidence.map(|e| e.as_str()),
        "year": r.year, "year_evidence": r.year_evidence.map(|e| e.as_str()), "form": report.parsed.form.as_ref(),
        "region": r.place.region, "region_evidence": r.region_evidence.map(|e| e.as_str()),
        "province_code": r.place.province_code, "city_code": r.place.city_code, "county_code": r.place.county_code,
        "tables": tables, "cells": cells, "legacy_statistics": legacy, "statements": statements, "sections": sections, "findings": findings, "checks": checks, "decisions": decisions, "evidence": evidence,
    })
}
