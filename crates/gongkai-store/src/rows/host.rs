//! `hosts`: one row a host and place that captures of it lie in.

use super::Context;
use crate::column::Source;
use crate::record::HostRecord;

/// One host and unit.
pub(super) struct Row<'a> {
    host: &'a HostRecord,
    tool_version: &'a str,
}

pub(super) fn rows<'a>(context: &Context<'a>, hosts: &'a [HostRecord]) -> Vec<Row<'a>> {
    hosts.iter().map(|host| Row { host, tool_version: context.stamp.tool_version }).collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "host" => Source::Text(|r| Some(&*r.host.host)),
        "unit_code" => Source::Text(|r| Some(&r.host.unit)),
        "unit_name" => Source::Text(|r| r.host.unit_name.as_deref()),
        "lesson" => Source::Text(|r| Some(&r.host.lesson)),
        "captures" => Source::Int(|r| Some(i64::from(r.host.captures))),
        "place_code" => Source::Text(|r| r.host.place.as_deref()),
        "place_name" => Source::Text(|r| r.host.place_name.as_deref()),
        "exactly" => Source::Bool(|r| r.host.exactly),
        "tool_version" => Source::Text(|r| Some(r.tool_version)),
        _ => return None,
    })
}
