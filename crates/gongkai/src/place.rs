//! From a fact's source back to the cell or the words of the document it was read from.

use gongkai_model::{Block, Document, Paragraph, Table};
use std::collections::BTreeMap;
use std::ops::Range;

/// What the parser puts between the pieces of a row it did not read.
const JOINT: &str = " | ";

/// The table with this number, counted from 0, and the position of its block.
pub(crate) fn table(document: &Document, number: u32) -> Option<(usize, &Table)> {
    let tables = document.blocks.iter().enumerate().filter_map(|(at, block)| match block {
        Block::Table(table) => Some((at, table)),
        Block::Paragraph(_) => None,
    });
    tables.into_iter().nth(usize::try_from(number).ok()?)
}

/// The paragraph or line with this number: its position among all blocks.
pub(crate) fn line(document: &Document, number: u32) -> Option<&Paragraph> {
    match document.blocks.get(usize::try_from(number).ok()?)? {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Table(_) => None,
    }
}

/// Text looked for in a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// What the mark is for: any number the caller can use.
    pub key: usize,
    /// Place in the line, counted from 0.
    pub column: u32,
    /// Text as printed.
    pub raw: &'a str,
}

/// A piece of a line, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes of the line.
    pub range: Range<usize>,
    /// Keys of those who wanted it, in their order.
    pub keys: Vec<usize>,
}

/// Where in a line the wanted texts stand, from left to right. One whose place is not certain is left out: a line may
/// print the same figure many times.
pub(crate) fn marks(text: &str, wanted: &[Wanted<'_>]) -> Vec<Mark> {
    let found = by_pieces(text, wanted).unwrap_or_else(|| by_occurrence(text, wanted));
    let mut joined: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (range, key) in found {
        joined.entry((range.start, range.end)).or_default().push(key);
    }
    let mut marks: Vec<Mark> = Vec::with_capacity(joined.len());
    for ((start, end), keys) in joined {
        if marks.last().is_none_or(|last| last.range.end <= start) {
            marks.push(Mark { range: start..end, keys });
        }
    }
    marks
}

/// Places that count the words of the line, if that fits every text.
fn by_pieces(text: &str, wanted: &[Wanted<'_>]) -> Option<Vec<(Range<usize>, usize)>> {
    let pieces = pieces(text);
    wanted
        .iter()
        .map(|w| {
            let mut own = pieces.iter().skip(usize::try_from(w.column).ok()?);
            let mut whole: Option<Range<usize>> = None;
            for part in w.raw.split(JOINT) {
                let piece = own.next().filter(|p| text.get((*p).clone()) == Some(part))?;
                whole = Some(whole.map_or(piece.start, |r| r.start)..piece.end);
            }
            whole.map(|range| (range, w.key))
        })
        .collect()
}

/// Texts that occur as often as they are wanted: then the first is the first.
fn by_occurrence(text: &str, wanted: &[Wanted<'_>]) -> Vec<(Range<usize>, usize)> {
    let mut by_raw: BTreeMap<&str, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
    for w in wanted.iter().filter(|w| !w.raw.is_empty()) {
        by_raw.entry(w.raw).or_default().entry(w.column).or_default().push(w.key);
    }
    let mut found = Vec::new();
    for (raw, columns) in by_raw {
        let places = occurrences(text, raw);
        if places.len() == columns.len() {
            for (range, keys) in places.into_iter().zip(columns.into_values()) {
                found.extend(keys.into_iter().map(|key| (range.clone(), key)));
            }
        }
    }
    found
}

/// Places of a text that are not part of a longer figure.
fn occurrences(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    let figure = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(wanted)
        .map(|(start, found)| start..start + found.len())
        .filter(|range| {
            let before = text.get(..range.start).and_then(|t| t.chars().next_back());
            let behind = text.get(range.end..).and_then(|t| t.chars().next());
            let starts = figure(wanted.chars().next()) && digit(before);
            let ends = figure(wanted.chars().next_back()) && digit(behind);
            !starts && !ends
        })
        .collect()
}

/// The words of a line: what stands between white space.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                pieces.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    pieces.extend(start.map(|from| from..text.len()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Mark, Wanted, marks};

    fn found<'t>(text: &'t str, wanted: &[(u32, &str)]) -> Vec<(&'t str, usize, Vec<usize>)> {
        let wanted: Vec<Wanted<'_>> = wanted
            .iter()
            .enumerate()
            .map(|(key, (column, raw))| Wanted { key, column: *column, raw })
            .collect();
        let shown = |m: Mark| (text.get(m.range.clone()).unwrap_or_default(), m.range.start, m.keys);
        marks(text, &wanted).into_iter().map(shown).collect()
    }

    #[test]
    fn words_are_counted() {
        assert_eq!(found("规章  0 1\t0", &[(1, "0"), (3, "0")]), [("0", 8, vec![0]), ("0", 12, vec![1])]);
    }

    #[test]
    fn a_row_that_was_not_read_is_marked_whole() {
        assert_eq!(found("总计 3 4 x", &[(1, "3 | 4"), (1, "3 | 4")]), [("3 4", 7, vec![0, 1])]);
    }

    #[test]
    fn without_words_only_a_certain_place_counts() {
        assert_eq!(
            found("规章12规范性文件7", &[(1, "12"), (3, "7")]),
            [("12", 6, vec![0]), ("7", 23, vec![1])]
        );
        // Which of the zeros is meant cannot be told; nor is the 1 of 12 a 1.
        assert_eq!(found("规章0规范性文件0行政许可12", &[(1, "0"), (5, "1")]), []);
        assert_eq!(found("规章0规范性文件0", &[(1, "0"), (3, "0")]).len(), 2);
    }
}
