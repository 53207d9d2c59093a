//! `captures`: one row a document the run met.

use super::Context;
use crate::column::Source;
use crate::record::CaptureRecord;

/// One capture.
pub(super) struct Row<'a> {
    capture: &'a CaptureRecord,
    tool_version: &'a str,
}

pub(super) fn rows<'a>(context: &Context<'a>, captures: &'a [CaptureRecord]) -> Vec<Row<'a>> {
    captures.iter().map(|capture| Row { capture, tool_version: context.stamp.tool_version }).collect()
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "capture_id" => Source::Text(|r| Some(&r.capture.capture_id)),
        "container" => Source::Text(|r| Some(&r.capture.container)),
        "source_uri" => Source::Text(|r| r.capture.source_uri.as_deref()),
        "source_host" => Source::Text(|r| r.capture.source_host.as_deref()),
        "media_type" => Source::Text(|r| r.capture.media_type.as_deref()),
        "charset" => Source::Text(|r| r.capture.charset.as_deref()),
        "bytes" => Source::Int(|r| Some(r.capture.bytes)),
        "blake3" => Source::Text(|r| r.capture.blake3.as_deref()),
        "fetched_at" => Source::Time(|r| r.capture.fetched_at),
        "status" => Source::Text(|r| Some(r.capture.status.as_str())),
        "reason" => Source::Text(|r| r.capture.reason.as_deref()),
        "report_id" => Source::Text(|r| r.capture.report_id.as_deref()),
        "first_seen" => Source::Time(|r| r.capture.first_seen),
        "last_seen" => Source::Time(|r| r.capture.last_seen),
        "tool_version" => Source::Text(|r| Some(r.tool_version)),
        _ => return None,
    })
}
