//! What a sidecar file says about the file beside it.

use gongkai_model::Provenance;
use serde_json::{Map, Value};

use crate::options::same_name;
use crate::provenance::host_of_uri;
use crate::time;

/// Names of the address, most telling first. Keys are compared without case, `_` and `-`.
const URI_KEYS: [&str; 3] = ["url", "uri", "sourceurl"];
const TIME_KEYS: [&str; 4] = ["fetchedat", "crawledat", "fetchtime", "timestamp"];
const TYPE_KEYS: [&str; 1] = ["contenttype"];
const TITLE_KEYS: [&str; 1] = ["title"];
const STATUS_KEYS: [&str; 1] = ["status"];
/// Longest statement kept: what is longer is no address.
const LONGEST_VALUE: usize = 8192;

/// What one or several sidecars say about a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Address, host, time and transport hints.
    pub provenance: Provenance,
    /// HTTP status of the response.
    pub http_status: Option<u16>,
}

impl Stated {
    /// Takes from `other` what is not known yet. Address and host belong together, as do type and charset.
    pub(crate) fn fill(&mut self, other: Self) {
        let (mine, theirs) = (&mut self.provenance, other.provenance);
        if mine.uri.is_none() {
            (mine.uri, mine.host) = (theirs.uri, theirs.host);
        }
        if mine.media_type_hint.is_none() && mine.charset_hint.is_none() {
            (mine.media_type_hint, mine.charset_hint) = (theirs.media_type_hint, theirs.charset_hint);
        }
        mine.fetched_at = mine.fetched_at.or(theirs.fetched_at);
        mine.title = mine.title.take().or(theirs.title);
        self.http_status = self.http_status.or(other.http_status);
    }

    /// An address, if it is one of the web; `false` otherwise.
    pub(crate) fn address(&mut self, uri: &str) -> bool {
        let uri = uri.trim();
        let host = host_of_uri(uri).filter(|_| uri.len() <= LONGEST_VALUE);
        if let Some(host) = host {
            (self.provenance.uri, self.provenance.host) = (Some(uri.to_owned()), Some(host));
            return true;
        }
        false
    }

    /// A media type with or without its charset, as in HTTP.
    pub(crate) fn content_type(&mut self, text: &str) {
        let mut parts = text.split(';').map(str::trim);
        self.provenance.media_type_hint =
            parts.next().filter(|media| media.contains('/')).map(str::to_ascii_lowercase);
        self.provenance.charset_hint = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
            .filter(|charset| !charset.is_empty());
    }
}

/// What became of reading a sidecar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It speaks about a document; with what in it could not be used.
    Says(Box<Stated>, Vec<String>),
    /// It is sound and about something else.
    Other,
    /// It cannot be read.
    Broken(String),
}

/// Reads a JSON sidecar: an object with at least an address, a fetch time or a content type.
pub(crate) fn json(bytes: &[u8]) -> Reading {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The parser limits nesting itself; the message names a line and column, not a file.
    let object = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Reading::Other,
        Err(error) => return Reading::Broken(format!("not JSON: {error}")),
    };
    let mut stated = Stated::default();
    let mut doubts = Vec::new();
    let (uri, time, media) =
        (statement(&object, &URI_KEYS), statement(&object, &TIME_KEYS), statement(&object, &TYPE_KEYS));
    if uri.is_none() && time.is_none() && media.is_none() {
        return Reading::Other;
    }
    if let Some((key, value)) = uri
        && !text(value).is_some_and(|uri| stated.address(&uri))
    {
        doubts.push(format!("`{key}` is no http address"));
    }
    if let Some((key, value)) = time {
        stated.provenance.fetched_at = text(value).and_then(|time| time::parse(&time));
        if stated.provenance.fetched_at.is_none() {
            doubts.push(format!("`{key}` is no time with a known zone"));
        }
    }
    if let Some((key, value)) = media {
        match value.as_str() {
            Some(value) => stated.content_type(value),
            None => doubts.push(format!("`{key}` is no text")),
        }
    }
    stated.provenance.title = statement(&object, &TITLE_KEYS).and_then(|(_, value)| text(value));
    stated.http_status = statement(&object, &STATUS_KEYS).and_then(|(_, value)| status(&text(value)?));
    Reading::Says(Box::new(stated), doubts)
}

/// Reads stored HTTP response headers. Their `Date` is the server's clock (or a cache's), not the time of the fetch.
pub(crate) fn headers(bytes: &[u8]) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut stated = Stated::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("HTTP/") {
            stated.http_status = rest.split_whitespace().nth(1).and_then(status);
        } else if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-type")
        {
            stated.content_type(value.trim());
        }
    }
    if stated == Stated::default() { Reading::Other } else { Reading::Says(Box::new(stated), Vec::new()) }
}

/// The first of the names that is stated at all.
fn statement<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<(&'a str, &'a Value)> {
    names.iter().find_map(|name| {
        let stated = |(key, value): &(&'a String, &'a Value)| same_name(key, name) && !value.is_null();
        object.iter().find(stated).map(|(key, value)| (key.as_str(), value))
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            (!text.is_empty() && text.len() <= LONGEST_VALUE).then(|| text.to_owned())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn says(text: &str) -> (Stated, Vec<String>) {
        match json(text.as_bytes()) {
            Reading::Says(stated, doubts) => (*stated, doubts),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn all_that_a_sidecar_can_say() {
        let (stated, doubts) = says(
            r#"{"Source-URL": "http://WWW.a.gov.cn/1.html", "fetchTime": 1706673906, "status": 200,
                "Content-Type": "Text/HTML; charset=\"GBK\"", "title": "x"}"#,
        );
        assert_eq!(stated.provenance.uri.as_deref(), Some("http://WWW.a.gov.cn/1.html"));
        assert_eq!(stated.provenance.host.as_deref(), Some("www.a.gov.cn"));
        assert_eq!(stated.provenance.fetched_at, Some(1_706_673_906_000_000));
        assert_eq!(stated.provenance.media_type_hint.as_deref(), Some("text/html"));
        assert_eq!(stated.provenance.charset_hint.as_deref(), Some("GBK"));
        assert_eq!((stated.http_status, doubts.len()), (Some(200), 0));
    }

    #[test]
    fn a_byte_order_mark_is_no_damage() {
        assert!(matches!(json(b"\xef\xbb\xbf{\"url\": \"http://a.cn/\"}"), Reading::Says(..)));
    }

    #[test]
    fn unusable_statements_are_doubts_not_guesses() {
        let (stated, doubts) = says(
            r#"{"url": "article/12", "fetched_at": "2024-01-31T12:05:06", "content_type": 5, "status": "x"}"#,
        );
        assert_eq!(stated, Stated::default());
        assert_eq!(doubts.len(), 3);
    }

    #[test]
    fn json_about_something_else() {
        for text in ["[1]", "{}", "\"a\"", r#"{"title": "x", "status": 1}"#, r#"{"url": null}"#] {
            assert_eq!(json(text.as_bytes()), Reading::Other, "{text}");
        }
    }

    #[test]
    fn damage_is_told() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{\"url\":", "<html>", deep.as_str()] {
            assert!(matches!(json(text.as_bytes()), Reading::Broken(_)));
        }
    }

    #[test]
    fn response_headers() {
        let Reading::Says(stated, _) =
            headers(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html;charset=utf-8\r\n")
        else {
            panic!("not understood")
        };
        assert_eq!(stated.http_status, Some(404));
        assert_eq!(stated.provenance.charset_hint.as_deref(), Some("utf-8"));
        assert_eq!(headers(b"\xff\xfe nothing"), Reading::Other);
    }

    #[test]
    fn the_first_sidecar_is_only_completed() {
        let (mut first, _) = says(r#"{"url": "http://a.cn/1"}"#);
        let (second, _) = says(r#"{"url": "http://b.cn/2", "fetched_at": "1706673906"}"#);
        first.fill(second);
        assert_eq!(first.provenance.host.as_deref(), Some("a.cn"));
        assert!(first.provenance.fetched_at.is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = json(&bytes);
            let _ = headers(&bytes);
        }

        #[test]
        fn any_statement_is_judged_without_panic(url in "\\PC{0,40}", time in "\\PC{0,30}", media in "\\PC{0,30}") {
            let text = serde_json::json!({"url": url, "timestamp": time, "content_type": media}).to_string();
            let _ = json(text.as_bytes());
        }
    }
}
