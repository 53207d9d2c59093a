//! A trace for programs.

use super::context::Context;
use super::source::Source;
use super::stored::{Capture, Evidence, StoredFinding};
use super::{Again, Traced};
use crate::time::utc;
use serde_json::{Value, json};

/// The whole answer.
pub(super) fn json(traced: &Traced<'_>) -> Value {
    let (report, cell, address) = (&traced.report, &traced.cell, &traced.address);
    let findings: Vec<Value> =
        cell.findings.iter().map(|(relation, f)| finding(relation.as_str(), f)).collect();
    json!({
        "snapshot": traced.snapshot.name,
        "tool_version": report.tool_version,
        "report": {
            "report_id": report.report_id, "year": report.year, "region": report.region, "form": report.form,
            "title": report.title, "agency_name": report.agency,
        },
        "table": address.table.table.as_ref(),
        "item": address.item.code.as_ref(),
        "column": address.column.code.as_ref(),
        "value": cell.value.map(|v| v.to_string()),
        "status": cell.status(),
        "label": cell.label,
        "evidence": cell.evidence.as_ref().map(evidence),
        "capture": capture(&report.capture),
        "source": source(&traced.source),
        "reread": traced.again.as_ref().map(again),
        "difference": traced.difference(),
        "findings": findings,
        "report_findings": cell.report_findings,
        "copies": report.copies.iter().map(capture).collect::<Vec<_>>(),
    })
}

fn capture(c: &Capture) -> Value {
    json!({
        "capture_id": c.capture_id, "container": c.container, "source_uri": c.uri, "source_host": c.host,
        "fetched_at": c.fetched_at.map(utc), "blake3": c.blake3, "bytes": c.bytes, "media_type": c.media_type,
        "charset": c.charset, "status": c.status, "reason": c.reason,
    })
}

fn evidence(e: &Evidence) -> Value {
    json!({
        "status": e.status, "raw": e.raw, "table": e.table, "row": e.row, "column": e.column,
        "byte_start": e.bytes.map(|b| b.0), "byte_end": e.bytes.map(|b| b.1),
    })
}

fn finding(relation: &str, f: &StoredFinding) -> Value {
    json!({
        "about": relation, "code": f.code, "severity": f.severity, "item": f.item, "column": f.column,
        "raw": f.raw, "expected": f.expected, "actual": f.actual, "message": f.message,
    })
}

fn source(source: &Source) -> Value {
    match source {
        Source::Found { path, container, problem } => {
            json!({"state": "found", "path": path, "container": container, "problem": problem})
        }
        Source::Changed { path, found } => json!({"state": "changed", "path": path, "blake3": found}),
        Source::NotFound { tried } => json!({"state": "not_found", "tried": tried}),
    }
}

fn again(again: &Again) -> Value {
    let fact = again.fact.as_ref();
    json!({
        "report_id": again.report_id,
        "tool_version": gongkai_pipeline::TOOL_VERSION,
        "value": fact.and_then(|f| f.value).map(|v| v.to_string()),
        "status": fact.map(|f| f.status.as_str()),
        "raw": fact.map(|f| f.raw.as_str()),
        "label": fact.and_then(|f| f.label.as_deref()),
        "place": again.context.as_ref().map(place),
    })
}

fn place(context: &Context) -> Value {
    let rows: Vec<Value> = context
        .rows
        .iter()
        .map(|row| {
            let pieces: Vec<&str> = row.pieces.iter().map(|p| p.text.as_str()).collect();
            let marked = row.pieces.iter().position(|p| p.marked);
            json!({"row": row.number, "here": row.here, "pieces": pieces, "marked": marked})
        })
        .collect();
    json!({
        "table": context.table, "row": context.row, "column": context.column, "layout": context.layout,
        "byte_start": context.bytes.map(|b| b.start), "byte_end": context.bytes.map(|b| b.end), "context": rows,
    })
}
