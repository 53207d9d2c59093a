//! `narratives`: one row a report and section, in document order.

use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::{Likeness, Section};

/// One section of one report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    section: &'a Section,
    likeness: Option<&'a Likeness>,
}

pub(super) fn rows<'a>(reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    reports
        .iter()
        .flat_map(|report| {
            let sections = report.parsed.sections.iter().enumerate();
            sections.map(|(at, section)| Row { report, section, likeness: report.likeness.get(at) })
        })
        .collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "section" => Source::Text(|r| Some(&r.section.section)),
        "heading" => Source::Text(|r| Some(&r.section.heading)),
        "text" => Source::Text(|r| Some(&r.section.text)),
        "chars" => Source::Int(|r| i64::try_from(r.section.text.chars().count()).ok()),
        "similar_last_year" => Source::Number(Box::new(|r| r.likeness?.last_year)),
        "similar_other" => Source::Number(Box::new(|r| r.likeness?.other)),
        "similar_report_id" => Source::Text(|r| r.likeness?.other_report.as_deref()),
        _ => return None,
    })
}
