//! `reports`: one row a report.

use super::Context;
use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::{EvidenceKind, ScopeEvidence, Severity};

/// One report with its sums.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    errors: i64,
    warnings: i64,
    tool_version: &'a str,
}

impl Row<'_> {
    fn has(&self, table: &str) -> bool {
        self.report.parsed.tables.iter().any(|t| t.present && t.table.as_ref() == table)
    }
}

pub(super) fn rows<'a>(context: &Context<'a>, reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    let row = |report: &'a ReportRecord| {
        let count = |severity: Severity| -> i64 {
            report.findings.iter().map(|f| i64::from(context.severity(f.code) == severity)).sum()
        };
        Row {
            report,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            tool_version: context.stamp.tool_version,
        }
    };
    reports.iter().map(row).collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    who(column)
        .or_else(|| place(column))
        .or_else(|| when(column))
        .or_else(|| whence(column))
        .or_else(|| sums(column))
}

fn who<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "agency_id" => Source::Text(|r| Some(&r.report.resolution.agency_id)),
        "form" => Source::Text(|r| Some(&r.report.parsed.form)),
        "title" => Source::Text(|r| r.report.resolution.title.as_deref()),
        "agency_name" => Source::Text(|r| r.report.resolution.agency_name.as_deref()),
        "agency_kind" => Source::Text(|r| r.report.resolution.agency_kind.as_deref()),
        "agency_mark" => Source::Text(|r| r.report.resolution.agency_mark.as_deref()),
        "scope" => Source::Text(|r| Some(r.report.resolution.scope.as_str())),
        "agency_level" => Source::Text(|r| r.report.resolution.agency_level.as_deref()),
        _ => return None,
    })
}

fn place<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "province_code" => Source::Text(|r| r.report.resolution.place.province_code.as_deref()),
        "province_name" => Source::Text(|r| r.report.resolution.place.province_name.as_deref()),
        "city_code" => Source::Text(|r| r.report.resolution.place.city_code.as_deref()),
        "city_name" => Source::Text(|r| r.report.resolution.place.city_name.as_deref()),
        "county_code" => Source::Text(|r| r.report.resolution.place.county_code.as_deref()),
        "county_name" => Source::Text(|r| r.report.resolution.place.county_name.as_deref()),
        "township_name" => Source::Text(|r| r.report.resolution.place.township_name.as_deref()),
        "year_evidence" => Source::Text(|r| r.report.resolution.year_evidence.map(EvidenceKind::as_str)),
        "scope_evidence" => Source::Text(|r| r.report.resolution.scope_evidence.map(ScopeEvidence::as_str)),
        "region_evidence" => Source::Text(|r| r.report.resolution.region_evidence.map(EvidenceKind::as_str)),
        _ => return None,
    })
}

fn when<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "published_on" => Source::Date(|r| r.report.resolution.published_on),
        "signed_on" => Source::Date(|r| r.report.resolution.signed_on),
        "period_start" => Source::Date(|r| r.report.resolution.period_start),
        "period_end" => Source::Date(|r| r.report.resolution.period_end),
        _ => return None,
    })
}

fn whence<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "script" => Source::Text(|r| Some(r.report.script.as_str())),
        "capture_id" => Source::Text(|r| Some(&r.report.capture_id)),
        "source_uri" => Source::Text(|r| r.report.resolution.source_uri.as_deref()),
        "source_host" => Source::Text(|r| r.report.resolution.source_host.as_deref()),
        "source_trust" => {
            Source::Text(|r| Some(r.report.resolution.source_trust.map_or("unknown", |t| t.as_str())))
        }
        "captures" => Source::Int(|r| Some(i64::from(r.report.captures))),
        "tool_version" => Source::Text(|r| Some(r.tool_version)),
        _ => return None,
    })
}

fn sums<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "has_proactive" => Source::Bool(|r| Some(r.has("proactive_disclosure"))),
        "has_requests" => Source::Bool(|r| Some(r.has("disclosure_requests"))),
        "has_review" => Source::Bool(|r| Some(r.has("review_litigation"))),
        "cells_expected" => {
            Source::Int(|r| Some(r.report.parsed.tables.iter().map(|t| i64::from(t.expected)).sum()))
        }
        "cells_read" => Source::Int(|r| Some(r.report.parsed.tables.iter().map(|t| i64::from(t.read)).sum())),
        "findings_error" => Source::Int(|r| Some(r.errors)),
        "findings_warning" => Source::Int(|r| Some(r.warnings)),
        _ => return None,
    })
}
