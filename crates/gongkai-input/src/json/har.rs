//! HAR 1.2: what a browser's network panel or a proxy saw, one entry a request, in one JSON object.

use gongkai_model::Problem;
use mail_parser::decoders::base64::base64_decode;
use serde::Deserialize;

use super::ESCAPED;
use super::cut::{Next, Objects, bad, objects};
use crate::contain::contain_bytes;
use crate::inflate::problem;
use crate::met::{Flow, Place, Walk};
use crate::raw::Raw;
use crate::sidecar::Stated;
use crate::time;

/// Whether the bytes begin a HAR: an object whose only member is a log with its version and who made it.
pub(crate) fn is_har(head: &[u8]) -> bool {
    /// Bytes in which entries or their maker are named.
    const LOOK: usize = 4096;
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let inside = start.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let Some(log) = inside.and_then(|inside| inside.strip_prefix(b"\"log\"")) else { return false };
    let log = log.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start).unwrap_or_default();
    let log = log.get(..LOOK).unwrap_or(log);
    log.starts_with(b"{")
        && [b"\"entries\"".as_slice(), b"\"creator\""]
            .iter()
            .any(|key| memchr::memmem::find(log, key).is_some())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    request: Option<Request>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Request {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    status: Option<i64>,
    content: Option<Content>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

/// Hands out the responses.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, raw: Raw<'_>) -> Flow {
    let limit = walk.options.max_bytes.saturating_mul(ESCAPED);
    let mut entries = Objects::new(raw, usize::try_from(limit).unwrap_or(usize::MAX));
    match entries.of_list(b"entries") {
        Ok(true) => {}
        Ok(false) => return walk.lost(place, 0, Problem::unreadable("truncated: no list of entries")),
        Err(error) => return walk.lost(place, 0, problem(&error)),
    }
    let mut number = 0;
    loop {
        let next = entries.next();
        if matches!(next, Next::End) && number > 0 {
            return Flow::Continue(());
        }
        number += 1;
        let lost = |walk: &mut Walk<'_>, problem: Problem| {
            walk.lost(&place.record(number, Stated::default()), entries.record.len() as u64, problem)
        };
        match next {
            Next::End => return walk.lost(place, 0, Problem::unreadable("empty_archive")),
            Next::Cut(why) => return lost(walk, why),
            Next::TooLong => {
                lost(walk, Problem::unreadable(format!("too_large: more than {limit} bytes of JSON")))?;
            }
            Next::Record => {
                let mut flow = Flow::Continue(());
                objects(&entries.record, &mut |read| {
                    let entry = read.and_then(|object| {
                        let value = serde_json::Value::Object(object);
                        serde_json::from_value::<Entry>(value).map_err(|error| bad(&error))
                    });
                    flow = match entry {
                        Ok(entry) => entry.hand_out(walk, place, number),
                        Err(why) => lost(walk, why),
                    };
                    false
                });
                flow?;
            }
        }
        if number >= walk.options.limits.members {
            let rest = place.record(number + 1, Stated::default());
            return walk.lost(&rest, 0, Problem::unreadable(format!("limit_members: more than {number}")));
        }
    }
}

impl Entry {
    fn hand_out(self, walk: &mut Walk<'_>, place: &Place, number: u64) -> Flow {
        let mut stated = Stated::default();
        if let Some(url) = self.request.and_then(|request| request.url) {
            stated.address(&url);
        }
        stated.provenance.fetched_at = self.started_date_time.as_deref().and_then(time::parse);
        let status = self.response.as_ref().and_then(|response| response.status);
        stated.http_status =
            status.and_then(|status| u16::try_from(status).ok()).filter(|status| *status > 0);
        let content = self.response.and_then(|response| response.content).unwrap_or_default();
        if let Some(text) = &content.mime_type {
            stated.content_type(text);
        }
        let is_binary = content.encoding.as_deref().is_some_and(|e| e.eq_ignore_ascii_case("base64"));
        if !is_binary {
            // The text is the browser's own, whatever the server sent.
            stated.provenance.charset_hint = None;
        }
        let own = place.record(number, stated);
        let text = content.text.unwrap_or_default().into_bytes();
        let body = if is_binary { base64_decode(&text) } else { Some(text) };
        match body {
            None => walk.lost(&own, 0, Problem::unreadable("damaged: base64")),
            Some(body) if body.is_empty() => {
                let status = status.map_or(String::new(), |status| format!(": http status {status}"));
                walk.lost(&own, 0, Problem::unreadable(format!("empty{status}")))
            }
            Some(body) => contain_bytes(walk, &own, body),
        }
    }
}
