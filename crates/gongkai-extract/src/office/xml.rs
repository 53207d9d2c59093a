//! A walk over XML: no tree, no recursion, no entities but the predefined ones and characters by number.

use encoding_rs::Encoding;
use gongkai_model::Problem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Deepest nesting read. What office programs write stays below a hundred.
const MAX_DEPTH: usize = 512;

/// Whether to read what is inside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Into,
    /// Its end is not told either.
    Skip,
}

/// Told what is met, by local names: prefixes are the writer's choice.
pub(crate) trait Handler {
    /// An element begins.
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step;
    /// An element that was entered ends.
    fn end(&mut self, _name: &str) {}
    /// Text between tags.
    fn text(&mut self, _text: &str) {}
}

/// The attributes of an element.
pub(crate) struct Element<'a>(&'a BytesStart<'a>);

impl Element<'_> {
    /// The value of an attribute by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let found = attributes.with_checks(false).flatten().find(|a| local(a.key.as_ref()) == name)?;
        quick_xml::escape::unescape(&found.value).ok().map(Cow::into_owned)
    }

    /// The value of an attribute as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// `val` of a property that is on where it stands without one (ECMA-376-1, 17.17.4).
    pub(crate) fn is_on(&self) -> bool {
        self.attribute("val").is_none_or(|v| !matches!(v.as_str(), "0" | "false" | "off" | "none"))
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Walks over a part.
///
/// # Errors
/// `damaged: xml`, `truncated: xml`, `limit_depth`.
pub(crate) fn walk(bytes: &[u8], handler: &mut dyn Handler) -> Result<(), Problem> {
    let text = decode(bytes);
    let mut reader = Reader::from_str(&text);
    let mut depth = 0_usize;
    // The depth at which what is left out begins.
    let mut skipped: Option<usize> = None;
    loop {
        match reader.read_event().map_err(|error| broken(&error))? {
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Problem::unreadable(format!("limit_depth: {MAX_DEPTH} allowed")));
                }
                let name = start.name();
                if skipped.is_none() && handler.start(local(name.as_ref()), &Element(&start)) == Step::Skip {
                    skipped = Some(depth);
                }
            }
            Event::Empty(start) if skipped.is_none() => {
                let name = start.name();
                if handler.start(local(name.as_ref()), &Element(&start)) == Step::Into {
                    handler.end(local(name.as_ref()));
                }
            }
            Event::End(end) => {
                if skipped.is_none() {
                    handler.end(local(end.name().as_ref()));
                } else if skipped == Some(depth) {
                    skipped = None;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if skipped.is_none() => handler.text(&text.xml10_content()),
            Event::CData(text) if skipped.is_none() => handler.text(&text.xml10_content()),
            Event::GeneralRef(entity) if skipped.is_none() => {
                let name = entity.xml10_content();
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    handler.text(c.encode_utf8(&mut [0; 4]));
                } else if let Some(text) = quick_xml::escape::resolve_xml_entity(&name) {
                    handler.text(text);
                }
            }
            Event::Eof if depth > 0 => return Err(Problem::unreadable("truncated: xml")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// What is told of a part that is no XML: all that the library calls a syntax error is something that never ends.
fn broken(error: &quick_xml::Error) -> Problem {
    let is_cut = matches!(error, quick_xml::Error::Syntax(_));
    Problem::unreadable(if is_cut { "truncated: xml" } else { "damaged: xml" })
}

/// The local name of the first element, and the whole tag; `None` where the bytes begin with something else.
pub(crate) fn first_tag(bytes: &[u8]) -> Option<(String, String)> {
    /// Most documents begin with a short one; the longest list of namespaces fits into the second.
    const HEADS: [usize; 2] = [1024, 32 * 1024];
    HEADS.iter().find_map(|head| first_tag_in(bytes.get(..*head).unwrap_or(bytes)))
}

fn first_tag_in(head: &[u8]) -> Option<(String, String)> {
    let text = decode(head);
    let mut rest = text.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    loop {
        let inside = rest.strip_prefix('<')?;
        let end = if inside.starts_with("!--") { "-->" } else { ">" };
        let (tag, after) = inside.split_once(end)?;
        if !tag.starts_with(['?', '!']) {
            let name = tag.split(|c: char| c.is_whitespace() || c == '/').next()?;
            return Some((local(name).to_owned(), tag.to_owned()));
        }
        rest = after.trim_start();
    }
}

/// The text of a part: UTF-8, or UTF-16 with a byte order mark, or what its declaration says (XML 1.0, 4.3.3).
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(body).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => declared(bytes).unwrap_or(encoding_rs::UTF_8).decode_without_bom_handling(bytes).0,
    }
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    let (_, rest) = head.split_once("encoding=")?;
    let quote = rest.chars().next()?;
    Encoding::for_label(rest.split(quote).nth(1)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(String);

    impl Handler for Seen {
        fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
            self.0.push_str(&format!("<{name} {:?}>", element.attribute("v")));
            if name == "skip" { Step::Skip } else { Step::Into }
        }
        fn end(&mut self, name: &str) {
            self.0.push_str(&format!("</{name}>"));
        }
        fn text(&mut self, text: &str) {
            self.0.push_str(text);
        }
    }

    fn seen(bytes: &[u8]) -> Result<String, String> {
        let mut seen = Seen::default();
        walk(bytes, &mut seen).map_err(|p| p.reason)?;
        Ok(seen.0)
    }

    #[test]
    fn names_are_local_and_only_known_entities_are_text() {
        let source = b"<!DOCTYPE a [<!ENTITY e 'bomb'>]><w:a w:v='1&amp;2'>x&lt;&#x4e00;&e;<skip><b>y</b></skip><c/></w:a>";
        assert_eq!(seen(source).unwrap(), "<a Some(\"1&2\")>x<一<skip None><c None></c></a>");
    }

    #[test]
    fn damage_and_depth_are_told() {
        assert_eq!(seen(b"<a><b></a>").unwrap_err(), "damaged: xml");
        assert_eq!(seen(b"<a>").unwrap_err(), "truncated: xml");
        assert_eq!(seen(b"<a>x</").unwrap_err(), "truncated: xml");
        assert!(seen("<a>".repeat(100_000).as_bytes()).unwrap_err().starts_with("limit_depth"));
        let wide: Vec<u8> = "\u{feff}<a>甲</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(seen(&wide).unwrap(), "<a None>甲</a>");
    }
}
