//! The token stream as one form table sees it: its labels, values, and everything else.

use crate::labels::{Label, LabelBook, Match, Name, Quality};
use crate::stream::{Kind, Line, LineKind, Stream, Token};
use gongkai_registry::{is_longer, label_key, strip_ordinal};
use std::borrow::Cow;
use std::ops::Range;

/// One symbol.
#[derive(Debug, Clone)]
pub(crate) struct Symbol<'b> {
    /// What it is.
    pub kind: SymbolKind<'b>,
    /// Its tokens (a label may be printed over several).
    pub tokens: Range<usize>,
    /// Line of its first token.
    pub line: usize,
    /// Line of its last token.
    pub last_line: usize,
    /// Whether the words name a unit that counts in more than ones.
    pub scale: bool,
    /// Whether the words narrow what is counted, or name another time.
    pub narrowed: bool,
}

/// What a symbol is to the form table.
#[derive(Debug, Clone)]
pub(crate) enum SymbolKind<'b> {
    /// A label of the table.
    Label(Match<'b>),
    /// A cell value, blank ones included.
    Value,
    /// Words the table does not know.
    Words,
}

/// A label is printed over at most so many pieces or lines.
const MAX_PIECES: usize = 12;
/// A longer text is no label, however it begins.
const MAX_LABEL_CHARS: usize = 60;

/// The words of a stream, looked up once for all tables.
pub(crate) struct Recognition<'b> {
    /// By token.
    tokens: Vec<Seen<'b>>,
    line_of: Vec<usize>,
    /// Words that name a unit that counts in more than ones.
    scales: Vec<bool>,
    /// Words that narrow what is counted.
    narrowed: Vec<bool>,
}

/// What a token is to the tables.
enum Seen<'b> {
    Value,
    /// It says nothing.
    Nothing,
    /// Words, and the labels that begin here.
    Words(Vec<Known<'b>>),
}

/// A label of one table.
struct Known<'b> {
    table: usize,
    /// The label; `None` where the words say nothing to this table.
    label: Option<Match<'b>>,
    /// The tokens it is printed over.
    length: usize,
}

impl<'b> Recognition<'b> {
    /// Looks up all words of a stream.
    pub(crate) fn of(stream: &'b Stream, book: &'b LabelBook<'_>) -> Self {
        let label = |t: &'b Token| if let Kind::Words(key) = &t.kind { book.find(key) } else { None };
        let labels = stream.tokens.iter().map(label).collect();
        let reader = Words { stream, book, labels, line_of: line_numbers(stream) };
        let narrowing: Vec<bool> =
            (0..stream.tokens.len()).map(|at| reader.narrows_with_those_before(at)).collect();
        let narrowing = |at: usize| narrowing.get(at) == Some(&true);
        let seen = |(at, token): (usize, &'b Token)| match &token.kind {
            Kind::Value(_) => Seen::Value,
            // An ordinal printed in a cell of its own says nothing.
            Kind::Words(key) if key.is_empty() || book.is_placeholder(key) => Seen::Nothing,
            // `其` over `中自然人`.
            Kind::Words(_) if narrowing(at) => Seen::Words(Vec::new()),
            // A cell that a converter copied over the span it had.
            Kind::Words(key) if reader.is_copy(at) => Seen::Words(reader.copy(at, key, token)),
            Kind::Words(key) => Seen::Words(reader.recognise(at, key, token)),
        };
        let tokens = stream.tokens.iter().enumerate().map(seen).collect();
        // In a sentence such a unit belongs to its figure.
        let scale = |t: &Token| {
            !is_longer(&t.raw, MAX_LABEL_CHARS)
                && (t.raw.contains("单位") || t.raw.contains(['(', '（']))
                && book.rules.scales.is_in(&t.raw)
        };
        let narrowed = |at: usize, t: &Token| narrowing(at) || book.rules.narrows(&t.raw);
        let those = |is: &dyn Fn(usize, &Token) -> bool| {
            let tokens = stream.tokens.iter().enumerate();
            tokens.map(|(at, t)| matches!(t.kind, Kind::Words(_)) && is(at, t)).collect()
        };
        let (scales, narrowed) = (those(&|_, t| scale(t)), those(&narrowed));
        Self { tokens, line_of: reader.line_of, scales, narrowed }
    }

    /// The symbols of one table.
    pub(crate) fn symbols(&self, table: usize) -> Vec<Symbol<'b>> {
        let mut symbols = Vec::with_capacity(self.tokens.len());
        let line_of = |at: usize| self.line_of.get(at).copied();
        let mut at = 0;
        while let Some(seen) = self.tokens.get(at) {
            let (kind, length) = match seen {
                Seen::Value => (Some(SymbolKind::Value), 1),
                Seen::Nothing => (None, 1),
                Seen::Words(known) => match known.iter().find(|k| k.table == table) {
                    Some(known) => (known.label.clone().map(SymbolKind::Label), known.length),
                    None => (Some(SymbolKind::Words), 1),
                },
            };
            let line = line_of(at).unwrap_or_default();
            let last_line = line_of(at + length - 1).unwrap_or(line);
            let has = |those: &[bool]| those.get(at) == Some(&true);
            let (scale, narrowed) = (has(&self.scales), has(&self.narrowed));
            let symbol = |kind| Symbol { kind, tokens: at..at + length, line, last_line, scale, narrowed };
            symbols.extend(kind.map(symbol));
            at += length;
        }
        symbols
    }
}

/// How well the labels of a form table, of which there are `expected`, are found among the symbols: what tells editions
/// apart, whatever can be read of them. Labels that are missing from a table count against it.
pub(crate) fn label_score(symbols: &[Symbol<'_>], expected: usize) -> i64 {
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

/// Looks up words.
struct Words<'b> {
    stream: &'b Stream,
    book: &'b LabelBook<'b>,
    /// By token, the label that its words are.
    labels: Vec<Option<&'b Label>>,
    line_of: Vec<usize>,
}

impl<'b> Words<'b> {
    /// Whether a short piece ends a word that narrows and that the ends of lines have cut: `占` over `比`, `商业企业占` over `比`.
    fn narrows_with_those_before(&self, at: usize) -> bool {
        /// A longer piece is a word of its own.
        const MAX_CHARS: usize = 6;
        /// Pieces of one word.
        const MAX_PIECES: usize = 3;
        let words = |at: usize| {
            let token = self.stream.tokens.get(at).filter(|t| !is_longer(&t.raw, MAX_CHARS * 2))?;
            let unknown = self.labels.get(at).is_some_and(Option::is_none);
            let words = matches!(&token.kind, Kind::Words(key) if !key.is_empty());
            (words && unknown).then_some(token.raw.as_str())
        };
        let Some(own) = words(at).filter(|own| !is_longer(own, MAX_CHARS)) else { return false };
        let from = at.saturating_sub(MAX_PIECES);
        let mut before: Vec<&str> = (from..at).rev().map_while(words).collect();
        before.reverse();
        let (before, rules) = (before.concat(), self.book.rules);
        !before.is_empty() && !rules.narrows(&before) && rules.narrows(&(before + own))
    }

    /// Whether a cell repeats the words of the cell before it in its row, or of the one above it in its column.
    fn is_copy(&self, at: usize) -> bool {
        let stream = self.stream;
        let line = |n: usize| stream.lines.get(n).filter(|l| l.kind == LineKind::Padded);
        let (Some(number), Some(token)) = (self.line_of.get(at).copied(), stream.tokens.get(at)) else {
            return false;
        };
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

    /// A copy says nothing, unless so little is left of a head label that the same words side by side are several columns.
    fn copy(&self, at: usize, key: &'b str, token: &'b Token) -> Vec<Known<'b>> {
        let likeness = self.book.like(key);
        let exact = self.book.exact(key);
        let is_cut = |table: usize| {
            exact.iter().all(|(t, _)| *t != table)
                && likeness.cut_head(table).is_some_and(|m| m.names.len() > 1)
        };
        let mut known = self.recognise(at, key, token);
        known.retain(|k| is_cut(k.table));
        let silent = |table| Known { table, label: None, length: 1 };
        known.extend((0..self.book.tables).filter(|t| !is_cut(*t)).map(silent));
        known
    }

    /// The labels that begin with a token, at most one a table.
    fn recognise(&self, at: usize, key: &'b str, token: &'b Token) -> Vec<Known<'b>> {
        let without_notes = without_notes(&token.raw);
        // A note in brackets may be as long as it likes.
        if is_longer(without_notes.as_deref().unwrap_or(key), MAX_LABEL_CHARS) {
            return Vec::new();
        }
        if self.book.signs.iter().any(|sign| token.raw.contains(sign)) {
            return Vec::new();
        }
        let label = self.labels.get(at).copied().flatten();
        let mut known = self.exact(at, key, label);
        let others = |table: &usize| known.iter().all(|k| k.table != *table);
        let certain = |m: &Match<'_>| !(m.quality == Quality::Noted && self.names_unit(&token.raw));
        let add = |table, label| Known { table, label: Some(label), length: 1 };
        let more: Vec<Known<'b>> = match (label, without_notes) {
            (Some(label), None) => {
                let found = label.elsewhere.iter().filter(|(t, m)| others(t) && certain(m));
                found.map(|(t, m)| add(*t, m.borrowed())).collect()
            }
            (_, without_notes) => {
                let likeness = self.book.like(key);
                let bare = without_notes.as_deref().map(|key| self.book.exact(key)).unwrap_or_default();
                let likeness_of_bare = without_notes.as_deref().map(|key| self.book.like(key));
                // A note that narrows what is counted makes another row of it.
                let note = token.raw.find(['(', '（']).and_then(|at| token.raw.get(at..)).unwrap_or_default();
                let narrowed = self.book.rules.narrows(note);
                let noted = |table: usize| {
                    if narrowed {
                        return None;
                    }
                    let names = bare.iter().find(|(t, _)| *t == table);
                    let exact = names
                        .map(|(_, n)| Match { names: Cow::Borrowed(n.as_slice()), quality: Quality::Noted });
                    // What the brackets say is no label; two labels outside them are.
                    let like = || likeness_of_bare.as_ref().and_then(|l| l.inexact(table));
                    exact.or_else(|| like().filter(|m| m.quality == Quality::Double).map(Match::into_owned))
                };
                let found = |table| noted(table).or_else(|| likeness.found(table)).filter(certain);
                let tables = (0..self.book.tables).filter(others);
                tables.filter_map(|t| Some(add(t, found(t)?))).collect()
            }
        };
        known.extend(more);
        known
    }

    /// For each table the longest label that the words from `at` on spell exactly, over as many pieces as it takes.
    fn exact(&self, at: usize, key: &'b str, label: Option<&'b Label>) -> Vec<Known<'b>> {
        let known = |(table, names): &'b (usize, Vec<Name>), length| {
            let label = Some(Match { names: Cow::Borrowed(names), quality: Quality::Exact });
            Known { table: *table, label, length }
        };
        let mut all: Vec<Known<'b>> =
            label.map_or(&[][..], |l| l.names.as_slice()).iter().map(|names| known(names, 1)).collect();
        let mut spelled = Cow::Borrowed(key);
        let mut tables: Option<Vec<usize>> = None;
        for next in (at + 1..at + MAX_PIECES).take_while(|next| self.may_continue(*next)) {
            let Some(Token { kind: Kind::Words(more), raw, .. }) = self.stream.tokens.get(next) else {
                break;
            };
            // A piece that opens with an ordinal opens a label.
            if more.is_empty() || strip_ordinal(raw).0.is_some() {
                break;
            }
            let mut begun = self.book.begins(&spelled);
            begun.retain(|t| tables.as_ref().is_none_or(|open| open.contains(t)));
            if begun.is_empty() {
                break;
            }
            spelled.to_mut().push_str(more);
            for names in self.book.exact(&spelled).iter().filter(|(t, _)| begun.contains(t)) {
                all.retain(|k| k.table != names.0);
                all.push(known(names, next + 1 - at));
            }
            tables = Some(begun);
        }
        all
    }

    /// Whether a label may run on into this token: pieces of a line of text, and lines or rows of one cell. Cells side by
    /// side in a row are separate.
    fn may_continue(&self, next: usize) -> bool {
        let line = |i: usize| self.line_of.get(i).and_then(|n| self.stream.lines.get(*n));
        let (Some(here), Some(before)) = (line(next), line(next - 1)) else { return false };
        let alone = |l: &Line| l.kind == LineKind::Pieces || l.tokens.len() == 1;
        alone(here) && alone(before)
    }

    /// Whether a label or a note behind it names a unit that changes what the figures say: then it is not the form's.
    fn names_unit(&self, raw: &str) -> bool {
        let rules = self.book.rules;
        rules.units.iter().any(|unit| raw.contains(unit.as_str())) || rules.scales.is_in(raw)
    }
}

/// The key of a text without what stands in brackets, if something does.
pub(crate) fn without_notes(raw: &str) -> Option<String> {
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
