//! `findings`: one row a finding, those of reports and those of captures that speak for none.

use super::Context;
use crate::column::Source;
use crate::manifest::hex_prefix;
use crate::record::{CaptureRecord, ReportRecord};
use gongkai_model::{CellAddress, Finding};
use std::collections::BTreeMap;

/// Hexadecimal digits of a finding's id.
const ID_DIGITS: usize = 16;

/// One finding about one report or capture.
pub(super) struct Row<'a> {
    id: String,
    report_id: Option<&'a str>,
    capture_id: &'a str,
    severity: &'static str,
    finding: &'a Finding,
}

pub(super) fn rows<'a>(
    context: &Context<'a>,
    reports: &'a [ReportRecord],
    captures: &'a [CaptureRecord],
) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for report in reports {
        push(&mut rows, context, Some(&report.resolution.report_id), &report.capture_id, &report.findings);
    }
    // A capture's own findings carry no report id even where its report is known: another copy speaks for that report.
    for capture in captures {
        push(&mut rows, context, None, &capture.capture_id, &capture.findings);
    }
    rows
}

fn push<'a>(
    rows: &mut Vec<Row<'a>>,
    context: &Context<'a>,
    report_id: Option<&'a str>,
    capture_id: &'a str,
    findings: &'a [Finding],
) {
    let mut met: BTreeMap<(&str, &CellAddress), u64> = BTreeMap::new();
    for finding in findings {
        let ordinal = met.entry((finding.code, &finding.address)).or_default();
        rows.push(Row {
            id: id(report_id.unwrap_or(capture_id), finding, *ordinal),
            report_id,
            capture_id,
            severity: context.severity(finding.code).as_str(),
            finding,
        });
        *ordinal += 1;
    }
}

/// Stable for the same subject, code and address; the ordinal tells equals apart.
fn id(subject: &str, finding: &Finding, ordinal: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    let address = &finding.address;
    let parts = [
        Some(subject),
        Some(finding.code),
        address.table.as_deref(),
        address.item.as_deref(),
        address.column.as_deref(),
    ];
    for part in parts {
        // The length in front, and another mark for an unset part, keep neighbours apart.
        hasher.update(&part.map_or(u64::MAX, |p| p.len() as u64).to_le_bytes());
        hasher.update(part.unwrap_or_default().as_bytes());
    }
    hasher.update(&ordinal.to_le_bytes());
    format!("f{}", hex_prefix(&hasher.finalize().to_hex(), ID_DIGITS))
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "finding_id" => Source::Text(|r| Some(&r.id)),
        "report_id" => Source::Text(|r| r.report_id),
        "capture_id" => Source::Text(|r| Some(r.capture_id)),
        "code" => Source::Text(|r| Some(r.finding.code)),
        "severity" => Source::Text(|r| Some(r.severity)),
        "table" => Source::Text(|r| r.finding.address.table.as_deref()),
        "item" => Source::Text(|r| r.finding.address.item.as_deref()),
        "column" => Source::Text(|r| r.finding.address.column.as_deref()),
        "raw" => Source::Text(|r| r.finding.raw.as_deref()),
        "expected" => Source::Text(|r| r.finding.expected.as_deref()),
        "actual" => Source::Text(|r| r.finding.actual.as_deref()),
        "message" => Source::Text(|r| Some(&r.finding.message)),
        _ => return None,
    })
}
