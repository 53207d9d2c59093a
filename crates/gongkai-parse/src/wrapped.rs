//! Words of aligned text that go on in the line below, under their beginning: `本年新制作` over `数量`.

use crate::labels::LabelFinder;
use crate::stream::{Kind, Token, words_key};
use crate::symbols::without_notes;
use gongkai_registry::strip_ordinal;
use unicode_width::UnicodeWidthChar;

/// The pieces of the line above, with the columns of the page they take.
#[derive(Debug, Default)]
pub(crate) struct Wrapped {
    /// Paragraph they stand in.
    block: u32,
    /// First column, column behind the last, and the token that the piece is, or has become part of.
    pieces: Vec<(usize, usize, usize)>,
}

impl Wrapped {
    /// Joins the words of a line, whose tokens are those from `first` on, to the words above that they continue, and takes
    /// them off their line. Only words that the labels of the forms hold together are joined.
    pub(crate) fn join(
        &mut self,
        tokens: &mut Vec<Token>,
        first: usize,
        block: u32,
        text: &str,
        finder: &LabelFinder,
    ) {
        let follows = block == self.block + 1;
        let above = std::mem::take(&mut self.pieces);
        self.block = block;
        let line = tokens.split_off(first.min(tokens.len()));
        for (token, (start, end)) in line.into_iter().zip(columns(text)) {
            let mut over = above.iter().filter(|(s, e, _)| follows && *s < end && start < *e);
            let joined = match (over.next(), over.next()) {
                (Some((_, _, upper)), None) => {
                    tokens.get(*upper).and_then(|t| joined(t, &token, finder)).map(|t| (*upper, t))
                }
                _ => None,
            };
            match joined {
                Some((upper, whole)) => {
                    if let Some(slot) = tokens.get_mut(upper) {
                        *slot = whole;
                    }
                    self.pieces.push((start, end, upper));
                }
                None => {
                    self.pieces.push((start, end, tokens.len()));
                    tokens.push(token);
                }
            }
        }
    }
}

/// Two pieces as one, if both are words and a label begins with them, or a note behind one is still open.
fn joined(upper: &Token, lower: &Token, finder: &LabelFinder) -> Option<Token> {
    let (Kind::Words(a), Kind::Words(b)) = (&upper.kind, &lower.kind) else { return None };
    /// Bytes that two keys may have more than that of both pieces together: an ordinal broken in two.
    const ORDINAL_BYTES: usize = 16;
    /// A longer text behind a bracket that nothing closes is no note.
    const MAX_NOTED_CHARS: usize = 120;
    if strip_ordinal(&lower.raw).0.is_some() {
        return None;
    }
    let whole = || {
        let raw = format!("{}{}", upper.raw, lower.raw);
        Token { kind: Kind::Words(words_key(&raw)), raw, place: upper.place, wrapped: true }
    };
    if opens_a_note(&upper.raw) {
        let other = finder.is_label(b) || without_notes(&lower.raw).is_some_and(|key| finder.is_label(&key));
        let short = upper.raw.chars().count() + lower.raw.chars().count() <= MAX_NOTED_CHARS;
        return (short && !other).then(whole);
    }
    let too_long = a.len() + b.len() > finder.longest + ORDINAL_BYTES;
    if a.is_empty() || (b.is_empty() && !opens_a_note(&lower.raw)) {
        return None;
    }
    let whole = whole();
    let Kind::Words(key) = &whole.kind else { return None };
    let label = !too_long && (finder.is_label(key) || (finder.begins(key) && !finder.is_label(b)));
    let noted = || {
        let bare = |t: &Token| without_notes(&t.raw).is_some_and(|key| finder.is_label(&key));
        opens_a_note(&lower.raw) && bare(&whole) && !bare(lower)
    };
    (label || noted()).then_some(whole)
}

/// Whether a bracket is open at the end of a text.
pub(crate) fn opens_a_note(text: &str) -> bool {
    text.matches(['(', '（']).count() > text.matches([')', '）']).count()
}

/// The columns of the page that the pieces of a line take: a Chinese character takes two.
pub(crate) fn columns(text: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let (mut at, mut start) = (0, None);
    for c in text.chars() {
        if c.is_whitespace() {
            all.extend(start.take().map(|s| (s, at)));
        } else if start.is_none() {
            start = Some(at);
        }
        at += c.width().unwrap_or(0);
    }
    all.extend(start.map(|s| (s, at)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_page() {
        assert_eq!(columns(" 规章  0 12"), [(1, 5), (7, 8), (9, 11)]);
    }
}
