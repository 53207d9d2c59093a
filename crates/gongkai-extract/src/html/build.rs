//! Text to tree, within bounds.
//!
//! The tree builder's work on one tag grows with the number of open elements, so hostile or broken markup (a page of
//! unclosed elements) could take hours. The source is fed piece by piece; when the tree has become too deep or too large
//! the rest is not built into it but read as text.

use super::elements::Kind;
use super::sink::Sink;
use super::slim;
use super::tree::Tree;
use html5ever::driver::{ParseOpts, Parser, parse_document};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink};
use html5ever::{LocalName, local_name};
use memchr::{memchr, memchr3};

/// Bytes fed between two looks at the tree.
const PIECE_BYTES: usize = 16 * 1024;
/// Deepest tree that real pages reach is around 100.
const MAX_DEPTH: usize = 1000;
/// Nodes of the largest tree.
const MAX_NODES: usize = 500_000;
/// Tags that do not end a line when markup is read as text.
const INLINE_TAGS: &[&str] = &["span", "font", "b", "strong", "a", "u", "i", "em"];

/// Builds the tree; the second part is source text that was left out of it.
pub(super) fn build(text: &str) -> (Tree, &str) {
    let mut builder = Builder::new(text);
    let (mut at, mut looked_at) = (0, 0);
    while at < text.len() {
        at = builder.piece(at);
        if at - looked_at >= PIECE_BYTES {
            looked_at = at;
            if is_too_much(&builder.parser.tokenizer.sink.sink.tree.borrow()) {
                break;
            }
        }
    }
    (builder.parser.finish(), text.get(at..).unwrap_or_default())
}

/// Feeds html5ever.
///
/// Nearly all of a slimmed page is text and tags without attributes. What the standard's tokenizer (13.2.5) makes of those
/// is plain to see, so they go straight to its tree construction (13.2.6). All else goes through the tokenizer, and so
/// does what follows, until it is certain that the tokenizer waits for nothing.
struct Builder<'t> {
    text: &'t str,
    /// The text as html5ever takes it: pieces of it share one buffer.
    shared: StrTendril,
    parser: Parser<Sink>,
    /// Whether the tokenizer stands between two tokens, in the data state.
    is_idle: bool,
    /// Whether that can no longer be told.
    is_lost: bool,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        let parser = parse_document(Sink::new(text.len()), ParseOpts::default());
        Self { text, shared: text.into(), parser, is_idle: true, is_lost: false }
    }

    /// Feeds the text or the markup at a place; the place behind it.
    fn piece(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        if self.is_lost {
            let far = rest.as_bytes().get(PIECE_BYTES..).and_then(|far| memchr(b'<', far));
            return self.tokenize(at, far.map_or(self.text.len(), |far| at + PIECE_BYTES + far));
        }
        match memchr(b'<', rest.as_bytes()) {
            Some(0) => self.markup(at, rest),
            next => self.characters(at, at + next.unwrap_or(rest.len())),
        }
    }

    fn characters(&mut self, at: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes().get(at..end).unwrap_or_default();
        if self.is_idle && memchr3(b'&', b'\r', b'\0', bytes).is_none() {
            let text = self.shared_piece(at, end);
            self.construct(Token::CharacterTokens(text));
            return end;
        }
        // A character reference may wait for its end.
        self.is_idle = false;
        self.tokenize(at, end)
    }

    fn markup(&mut self, at: usize, markup: &str) -> usize {
        let bytes = markup.as_bytes();
        let end = match (bytes.get(1), bytes.get(2)) {
            (Some(c), _) if c.is_ascii_alphabetic() => return self.tag(at, markup, TagKind::StartTag),
            (Some(b'/'), Some(c)) if c.is_ascii_alphabetic() => {
                return self.tag(at, markup, TagKind::EndTag);
            }
            (Some(b'!'), _) if markup.starts_with("<!--") => slim::comment_end(bytes),
            (Some(b'!'), _) if markup.starts_with("<![") => return self.lose(at),
            (Some(b'!' | b'?' | b'/'), _) => memchr(b'>', bytes).map_or(bytes.len(), |end| end + 1),
            // A mere `<`, which the tokenizer knows by what follows.
            _ => {
                self.is_idle = false;
                return self.tokenize(at, at + 1);
            }
        };
        self.is_idle = true;
        self.tokenize(at, at + end)
    }

    fn tag(&mut self, at: usize, markup: &str, kind: TagKind) -> usize {
        let begin = if kind == TagKind::StartTag { 1 } else { 2 };
        let rest = markup.get(begin..).unwrap_or_default();
        let letters = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = rest.get(..letters).unwrap_or_default();
        let is_raw = Kind::of(name) == Kind::Raw;
        let is_plain = rest.as_bytes().get(letters) == Some(&b'>');
        if name.eq_ignore_ascii_case("plaintext") {
            return self.lose(at);
        }
        if is_plain && self.is_idle && !is_raw {
            let name = local(name);
            let tag =
                Tag { kind, name, self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false };
            self.construct(Token::TagToken(tag));
            return at + begin + letters + 1;
        }
        let Some(end) = slim::tag_end(markup, begin) else { return self.lose(at) };
        if !(kind == TagKind::StartTag && is_raw) {
            self.is_idle = true;
            return self.tokenize(at, at + end);
        }
        // Raw text that is the same read as markup leaves no doubt where it ends.
        let content = markup.get(end..).unwrap_or_default();
        let content = content.get(..slim::raw_end(content, name)).unwrap_or_default();
        if memchr3(b'<', b'&', b'\r', content.as_bytes()).is_some() {
            return self.lose(at);
        }
        self.is_idle = false;
        self.tokenize(at, at + end + content.len())
    }

    /// Leaves all that follows to the tokenizer.
    fn lose(&mut self, at: usize) -> usize {
        self.is_lost = true;
        at
    }

    fn tokenize(&mut self, at: usize, end: usize) -> usize {
        let piece = self.shared_piece(at, end);
        self.parser.process(piece);
        end
    }

    /// Hands a token to the tree construction. Tags that change the tokenizer's state do not come here.
    fn construct(&self, token: Token) {
        let _ = self.parser.tokenizer.sink.process_token(token, 1);
    }

    fn shared_piece(&self, at: usize, end: usize) -> StrTendril {
        let (offset, length) = (u32::try_from(at), u32::try_from(end.saturating_sub(at)));
        let shared = |(offset, length)| self.shared.try_subtendril(offset, length).ok();
        let piece = offset.ok().zip(length.ok()).and_then(shared);
        piece.unwrap_or_else(|| self.text.get(at..end).unwrap_or_default().into())
    }
}

#[cfg(test)]
impl Tree {
    /// The tree of a text, all of it by way of the tokenizer.
    pub(super) fn tokenized(text: &str) -> Self {
        parse_document(Sink::new(0), ParseOpts::default()).one(text)
    }
}

/// The name of an element.
fn local(name: &str) -> LocalName {
    match name {
        "td" => local_name!("td"),
        "p" => local_name!("p"),
        "tr" => local_name!("tr"),
        "br" => local_name!("br"),
        "div" => local_name!("div"),
        _ if name.bytes().any(|b| b.is_ascii_uppercase()) => name.to_ascii_lowercase().into(),
        _ => name.into(),
    }
}

fn is_too_much(tree: &Tree) -> bool {
    // The newest node stands where the next one will.
    let newest = tree.nodes().next_back();
    tree.len() > MAX_NODES || newest.is_some_and(|node| tree.ancestors(node).nth(MAX_DEPTH).is_some())
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
        let (tree, rest) = build("<p>一<b>二</b></p>");
        assert!(rest.is_empty() && tree.len() > 4);
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
