//! `coverage`: one row a year, region and level; see [`crate::coverage`] for how it is counted.

use super::Context;
use crate::column::Source;
use crate::coverage::Covered;

/// One level of a partition.
pub(super) struct Row<'a> {
    covered: &'a Covered,
    tool_version: &'a str,
}

pub(super) fn rows<'a>(context: &Context<'a>, covered: &'a [Covered]) -> Vec<Row<'a>> {
    covered.iter().map(|covered| Row { covered, tool_version: context.stamp.tool_version }).collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "level" => Source::Text(|r| r.covered.level.as_deref()),
        "divisions" => Source::Int(|r| r.covered.divisions),
        "hosts" => Source::Int(|r| Some(r.covered.hosts)),
        "agencies_known" => Source::Int(|r| Some(r.covered.agencies_known)),
        "agencies_found" => Source::Int(|r| Some(r.covered.agencies_found)),
        "divisions_found" => Source::Int(|r| Some(r.covered.divisions_found)),
        "reports" => Source::Int(|r| Some(r.covered.reports)),
        "reports_parsed" => Source::Int(|r| Some(r.covered.reports_parsed)),
        "cells_expected" => Source::Int(|r| Some(r.covered.cells_expected)),
        "cells_read" => Source::Int(|r| Some(r.covered.cells_read)),
        "captures" => Source::Int(|r| Some(r.covered.captures)),
        "copies" => Source::Int(|r| Some(r.covered.copies)),
        "not_reports" => Source::Int(|r| Some(r.covered.not_reports)),
        "unreadable" => Source::Int(|r| Some(r.covered.unreadable)),
        "tool_version" => Source::Text(|r| Some(r.tool_version)),
        _ => return None,
    })
}
