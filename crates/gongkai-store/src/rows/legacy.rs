//! `legacy_statistics`: one row a report and printed indicator, in printed order, tables before sentences.

use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::LegacyRow;

/// One indicator of one report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    row: &'a LegacyRow,
}

pub(super) fn rows<'a>(reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    reports.iter().flat_map(|report| report.parsed.legacy.iter().map(|row| Row { report, row })).collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "county_code" => Source::Text(|r| r.report.resolution.place.county_code.as_deref()),
        "agency_id" => Source::Text(|r| Some(&r.report.resolution.agency_id)),
        "indicator" => Source::Text(|r| r.row.indicator.as_deref()),
        "indicator_label" => Source::Text(|r| Some(&r.row.label)),
        "parent_label" => Source::Text(|r| r.row.parent.as_deref()),
        "unit" => Source::Text(|r| r.row.unit.as_deref()),
        "value" => Source::Number(Box::new(|r| r.row.value)),
        "cumulative" => Source::Number(Box::new(|r| r.row.cumulative)),
        "source" => Source::Text(|r| Some(r.row.source.as_str())),
        _ => return None,
    })
}
