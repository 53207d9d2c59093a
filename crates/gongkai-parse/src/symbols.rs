//! The token stream as one form table sees it: its labels, values, and everything else.

use crate::labels::{LabelBook, Match, Name, Quality};
use crate::stream::{Kind, Line, LineKind, Stream, Token};
use gongkai_registry::{label_key, strip_ordinal};
use std::ops::Range;

/// One symbol.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its tokens (a label may be printed over several).
    pub tokens: Range<usize>,
    /// Line of its first token.
    pub line: usize,
    /// Line of its last token.
    pub last_line: usize,
}

/// What a symbol is to the form table.
#[derive(Debug, Clone)]
pub(crate) enum SymbolKind {
    /// A label of the table.
    Label(Match),
    /// A cell value, blank ones included.
    Value,
    /// Words the table does not know.
    Words,
}

/// A label is printed over at most so many pieces or lines.
const MAX_PIECES: usize = 12;
/// A longer text is no label, however it begins.
const MAX_LABEL_CHARS: usize = 60;
/// Fewest characters of a head label cut so short that several columns could be meant.
const MIN_CUT_HEAD: usize = 3;

/// All symbols of a stream.
pub(crate) fn symbols(stream: &Stream, book: &LabelBook<'_>) -> Vec<Symbol> {
    let mut symbols = Vec::with_capacity(stream.tokens.len());
    let line_of = line_numbers(stream);
    let mut at = 0;
    while let Some(token) = stream.tokens.get(at) {
        let line = line_of.get(at).copied().unwrap_or_default();
        let (kind, length) = match &token.kind {
            Kind::Value(_) => (SymbolKind::Value, 1),
            // An ordinal printed in a cell of its own says nothing.
            Kind::Words(key) if key.is_empty() => {
                at += 1;
                continue;
            }
            Kind::Words(key) if book.is_placeholder(key) => {
                at += 1;
                continue;
            }
            // A cell that a converter copied over the span it had.
            Kind::Words(key) if is_copy(stream, &line_of, at) && !is_cut(book, key) => {
                at += 1;
                continue;
            }
            Kind::Words(key) => recognise(stream, &line_of, book, at, key, token),
        };
        let last_line = line_of.get(at + length - 1).copied().unwrap_or(line);
        symbols.push(Symbol { kind, tokens: at..at + length, line, last_line });
        at += length;
    }
    symbols
}

/// How well the labels of a form table, of which there are `expected`, are found among the symbols: what tells editions
/// apart, whatever can be read of them. Labels that are missing from a table count against it.
pub(crate) fn label_score(symbols: &[Symbol], expected: usize) -> i64 {
    let mut names: Vec<Name> = Vec::new();
    for symbol in symbols {
        if let SymbolKind::Label(found) = &symbol.kind
            && found.quality <= Quality::Short
        {
            let new = |n: &&Name| matches!(n, Name::Item(_) | Name::Column(_)) && !names.contains(n);
            let new: Vec<Name> = found.names.iter().filter(new).copied().collect();
            names.extend(new);
        }
    }
    let (found, expected) = (names.len() as i64, expected as i64);
    // A stray label or two do not make a table.
    if found * 3 < expected { 0 } else { 2 * found - expected }
}

fn line_numbers(stream: &Stream) -> Vec<usize> {
    let mut numbers = Vec::with_capacity(stream.tokens.len());
    for (number, line) in stream.lines.iter().enumerate() {
        numbers.resize(line.tokens.end, number);
    }
    numbers
}

/// Whether a cell repeats the words of the cell before it in its row, or of the one above it in its column.
fn is_copy(stream: &Stream, line_of: &[usize], at: usize) -> bool {
    let line = |n: usize| stream.lines.get(n).filter(|l| l.kind == LineKind::Padded);
    let (Some(number), Some(token)) = (line_of.get(at).copied(), stream.tokens.get(at)) else { return false };
    let Some(own) = line(number) else { return false };
    let left = at.checked_sub(1).filter(|b| own.tokens.contains(b)).and_then(|b| stream.tokens.get(b));
    let printed = |l: &Line| l.tokens.clone().filter(|t| !stream.is_blank(*t)).count();
    // Where spans were filled with copies, the row above has as many cells.
    let above = number.checked_sub(1).and_then(line).filter(|l| printed(l) == printed(own));
    let above = above.map(|l| stream.line(l)).unwrap_or_default();
    let above =
        above.iter().find(|t| t.place.column == token.place.column && t.place.table == token.place.table);
    left.is_some_and(|t| t.raw == token.raw) || above.is_some_and(|t| t.raw == token.raw)
}

fn recognise(
    stream: &Stream,
    line_of: &[usize],
    book: &LabelBook<'_>,
    at: usize,
    key: &str,
    token: &Token,
) -> (SymbolKind, usize) {
    if key.chars().nth(MAX_LABEL_CHARS).is_some() {
        return (SymbolKind::Words, 1);
    }
    if let Some((names, length)) = longest(stream, line_of, book, at, key) {
        return (SymbolKind::Label(Match { names, quality: Quality::Exact }), length);
    }
    let found = without_notes(&token.raw)
        .and_then(|key| book.exact(&key).map(|n| Match { names: n.to_vec(), quality: Quality::Noted }))
        .or_else(|| book.inexact(key))
        .or_else(|| cut_head(book, key))
        .filter(|m| !(m.quality == Quality::Noted && names_unit(book, &token.raw)));
    (found.map_or(SymbolKind::Words, SymbolKind::Label), 1)
}

/// The longest label that the words from `at` on spell exactly, over as many pieces as it takes.
fn longest(
    stream: &Stream,
    line_of: &[usize],
    book: &LabelBook<'_>,
    at: usize,
    key: &str,
) -> Option<(Vec<Name>, usize)> {
    let mut best = book.exact(key).map(|n| (n.to_vec(), 1));
    let mut spelled = key.to_owned();
    for next in at + 1..at + MAX_PIECES {
        if !book.is_beginning(&spelled) || !may_continue(stream, line_of, next) {
            break;
        }
        let Some(Token { kind: Kind::Words(more), raw, .. }) = stream.tokens.get(next) else { break };
        // A piece that opens with an ordinal opens a label.
        if more.is_empty() || strip_ordinal(raw).0.is_some() {
            break;
        }
        spelled.push_str(more);
        if let Some(names) = book.exact(&spelled) {
            best = Some((names.to_vec(), next + 1 - at));
        }
    }
    best
}

/// Whether a label may run on into this token: pieces of a line of text, and lines or rows of one cell. Cells side by
/// side in a row are separate.
fn may_continue(stream: &Stream, line_of: &[usize], next: usize) -> bool {
    let line = |i: usize| line_of.get(i).and_then(|n| stream.lines.get(*n));
    let (Some(here), Some(before)) = (line(next), line(next - 1)) else { return false };
    let alone = |l: &crate::stream::Line| l.kind == LineKind::Pieces || l.tokens.len() == 1;
    alone(here) && alone(before)
}

/// Whether a label or a note behind it names a unit that changes what the figures say: then it is not the form's.
fn names_unit(book: &LabelBook<'_>, raw: &str) -> bool {
    book.rules.units.iter().any(|unit| raw.contains(unit.as_str()))
}

/// The key of a text without what stands in brackets, if something does.
fn without_notes(raw: &str) -> Option<String> {
    let text = strip_ordinal(raw).1;
    if !text.contains(['(', '（']) {
        return None;
    }
    let mut depth = 0_usize;
    let kept: String = text
        .chars()
        .filter(|c| match c {
            '(' | '（' => {
                depth += 1;
                false
            }
            ')' | '）' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    Some(label_key(&kept)).filter(|k| !k.is_empty())
}

/// Whether so little is left of a head label that the same words side by side are several columns.
fn is_cut(book: &LabelBook<'_>, key: &str) -> bool {
    book.exact(key).is_none() && cut_head(book, key).is_some_and(|m| m.names.len() > 1)
}

/// A head label cut so short that several columns could be meant; their order in the head decides which.
fn cut_head(book: &LabelBook<'_>, key: &str) -> Option<Match> {
    key.chars().nth(MIN_CUT_HEAD - 1)?;
    let mut names: Vec<Name> = book.beginning_with(key).collect();
    names.dedup();
    let columns = !names.is_empty() && names.iter().all(|n| matches!(n, Name::Column(_)));
    columns.then_some(Match { names, quality: Quality::Short })
}
