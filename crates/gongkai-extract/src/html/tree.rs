//! Text to tree, within bounds.
//!
//! The tree builder's work on one tag grows with the number of open elements, so hostile or broken markup (a page of
//! unclosed elements) could take hours. The source is fed piece by piece; when the tree has become too deep or too large
//! the rest is not built into it but read as text.

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::TendrilSink;
use scraper::{Html, HtmlTreeSink};

/// Bytes fed between two looks at the tree.
const PIECE_BYTES: usize = 16 * 1024;
/// Deepest tree that real pages reach is around 100.
const MAX_DEPTH: usize = 1000;
/// Nodes of the largest tree, some 150 bytes each. Real pages have tens of thousands.
const MAX_NODES: usize = 500_000;
/// Tags that do not end a line when markup is read as text.
const INLINE_TAGS: &[&str] = &["span", "font", "b", "strong", "a", "u", "i", "em"];

/// Builds the tree; the second part is source text that was left out of it.
pub(super) fn build(text: &str) -> (Html, &str) {
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, tail) = split_at_tag(rest, PIECE_BYTES);
        parser.process(piece.into());
        rest = tail;
        if is_too_much(&parser.tokenizer.sink.sink.0.borrow()) {
            break;
        }
    }
    (parser.finish(), rest)
}

/// Cuts before the first `<` after `length` bytes, so that no tag is cut.
fn split_at_tag(text: &str, length: usize) -> (&str, &str) {
    let bytes = text.as_bytes();
    let tail = bytes.get(length..).unwrap_or_default();
    let at = tail.iter().position(|&b| b == b'<').map_or(bytes.len(), |at| length + at);
    text.split_at_checked(at).unwrap_or((text, ""))
}

fn is_too_much(html: &Html) -> bool {
    // The newest node stands where the next one will.
    let newest = html.tree.nodes().next_back();
    html.tree.values().len() > MAX_NODES
        || newest.is_some_and(|node| node.ancestors().nth(MAX_DEPTH).is_some())
}

/// Reads markup as text, a line for every stretch between block tags; scripts and styles are left out.
pub(super) fn strip_tags(markup: &str, mut line: impl FnMut(&str)) {
    let mut text = String::new();
    let mut hidden: Option<&str> = None;
    for piece in markup.split('<') {
        let (tag, content) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if hidden.is_some_and(|open| open == name && tag.starts_with('/')) {
            hidden = None;
        }
        if hidden.is_some() {
            continue;
        }
        hidden = ["script", "style"].into_iter().find(|open| *open == name && !tag.starts_with('/'));
        if !INLINE_TAGS.contains(&name.as_str()) {
            line(&text);
            text.clear();
        }
        if hidden.is_none() {
            text.push_str(content);
        }
    }
    line(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_pages_are_built_whole() {
        let (html, rest) = build("<p>一<b>二</b></p>");
        assert!(rest.is_empty() && html.tree.values().len() > 4);
    }

    #[test]
    fn a_bottomless_page_is_cut() {
        let page = format!("<p>上{}下<p>末", "<div>".repeat(60_000));
        let (_, rest) = build(&page);
        assert!(rest.ends_with("<p>末") && rest.len() < page.len());
        let mut lines = Vec::new();
        strip_tags("<div>一<b>二</b><script>x<y></script>三<br>四", |l| lines.push(l.to_owned()));
        assert_eq!(lines.concat(), "一二三四");
    }
}
