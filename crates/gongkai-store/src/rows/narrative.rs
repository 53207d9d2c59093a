//! `narratives`: one row a report and section, in document order.

use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::Section;

/// One section of one report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    section: &'a Section,
}

pub(super) fn rows<'a>(reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    reports
        .iter()
        .flat_map(|report| report.parsed.sections.iter().map(|section| Row { report, section }))
        .collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "section" => Source::Text(|r| Some(&r.section.section)),
        "heading" => Source::Text(|r| Some(&r.section.heading)),
        "text" => Source::Text(|r| Some(&r.section.text)),
        "chars" => Source::Int(|r| i64::try_from(r.section.text.chars().count()).ok()),
        _ => return None,
    })
}
