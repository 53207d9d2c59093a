//! Statistics tables in lines and runs of text.
//!
//! The text behind a head is words and figures by turns, whether blanks, line breaks or nothing stands between them.
//! Words are a row if they end in a label that is known (or, between blanks, in a unit). Figures are the row's where there
//! are as many as columns. What has run together is taken apart in two places only: the ordinal of the next label, where it is the
//! one that must follow, and zeros in front, since no figure begins with one.

use super::book::{Book, Meaning};
use super::figures::{self, Line, Piece};
use super::grid::of_year;
use super::printed::{PrintedCell, PrintedRow, PrintedTable};
use crate::value;
use gongkai_model::{Block, Cell, Document, Role as Part, Table};
use gongkai_registry::{Indicator, Role, is_longer, label_key, strip_ordinal};
use std::collections::HashMap;
use std::sync::Arc;

/// Words and the figures behind them.
#[derive(Debug, Default)]
struct Segment {
    words: String,
    /// Whether nothing stands between the figures before and these words.
    glued: bool,
    figures: Vec<Piece>,
}

/// The words of a segment resolved.
struct Label<'r> {
    /// Headings before the label.
    headings: Vec<String>,
    text: String,
    unit: Option<String>,
    indicator: Option<&'r Indicator>,
    known: bool,
    /// Whether words that are no label stand before it.
    junk: bool,
}

/// The statistics tables in the running text of a document. A table with one cell a row is text as well.
pub(crate) fn tables(document: &Document, book: &Book<'_>, year: Option<i16>) -> Vec<PrintedTable> {
    let mut tables = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut number = 0;
    for (at, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Paragraph(p) if p.role != Part::Navigation => lines.push(Line::of(at, p)),
            Block::Paragraph(_) => {}
            Block::Table(table) => {
                match single_cells(table) {
                    Some(cells) => lines.extend(cells.into_iter().map(|c| Line::of_cell(at, number, c))),
                    None => of_lines(&std::mem::take(&mut lines), false, book, year, &mut tables),
                }
                number += 1;
            }
        }
    }
    of_lines(&lines, true, book, year, &mut tables);
    tables
}

/// The cells of a table in which no row has two that are printed.
fn single_cells(table: &Table) -> Option<Vec<&Cell>> {
    let printed: Vec<&Cell> = table.cells.iter().filter(|c| !c.text.trim().is_empty()).collect();
    let alone = printed.windows(2).all(|w| matches!(w, [a, b] if a.row != b.row));
    alone.then_some(printed)
}

fn of_lines(
    lines: &[Line],
    at_end: bool,
    book: &Book<'_>,
    year: Option<i16>,
    tables: &mut Vec<PrintedTable>,
) {
    let pieces = figures::pieces(lines, book);
    let mut next = find_head(&pieces, 0, book, year);
    // Roles of the head before, where every row behind it was understood.
    let mut open: Option<Vec<Role>> = None;
    while let Some(head) = next {
        next = find_head(&pieces, head.next, book, year);
        let stop = next.as_ref().map_or(pieces.len(), |h| h.at);
        let mut own = head.rest;
        own.extend(pieces.get(head.next..stop).unwrap_or_default().iter().cloned());
        if head.numbered {
            without_numbers(&mut own);
        }
        let segments = segments(&own);
        let family = book.family_of(known_words(&segments), year);
        let mut reader = Reader { book, roles: &head.roles, ordinals: HashMap::new(), family };
        let (rows, complete) = reader.rows(&segments, at_end && stop == pieces.len());
        match tables.last_mut() {
            // The same head printed again at a page break.
            Some(before) if open.as_ref() == Some(&head.roles) => before.rows.extend(rows),
            _ if rows.is_empty() => {}
            _ => tables.push(PrintedTable {
                block: head.block,
                table: head.table,
                captions: head.captions,
                has_units: true,
                headless: false,
                rows,
                unread: Vec::new(),
            }),
        }
        open = complete.then_some(head.roles);
    }
}

/// Takes out the numbers of rows: figures that begin a line which goes on with words.
fn without_numbers(pieces: &mut Vec<Piece>) {
    let mut keep = vec![true; pieces.len()];
    let mut start = 0;
    for at in 0..pieces.len() {
        let ends = pieces.get(at + 1).is_none_or(|p| p.first);
        let line = pieces.get(start..=at).unwrap_or_default();
        if ends {
            let number = line.first().is_some_and(|p| p.first && p.value.is_some());
            if let (true, Some(keep)) =
                (number && line.iter().any(|p| p.value.is_none()), keep.get_mut(start))
            {
                *keep = false;
            }
            start = at + 1;
        }
    }
    let mut keep = keep.into_iter();
    pieces.retain(|_| keep.next().unwrap_or(true));
}

fn known_words(segments: &[Segment]) -> impl Iterator<Item = &str> {
    segments.iter().map(|s| s.words.trim().trim_end_matches(|c: char| !is_label_end(c)))
}

fn is_label_end(c: char) -> bool {
    c == '数'
}

struct Head {
    /// Piece in which it begins.
    at: usize,
    /// First piece behind it, what is left of its last one aside.
    next: usize,
    rest: Vec<Piece>,
    block: usize,
    /// Number of the table of the document it stands in.
    table: Option<u32>,
    /// Columns behind labels and units.
    roles: Vec<Role>,
    /// Whether the rows are numbered in a column before the labels.
    numbered: bool,
    /// Words right before it, the nearest first.
    captions: Vec<String>,
}

/// The next head at or behind a piece: the words for labels, for units, and for one or more columns, with nothing
/// else between them.
fn find_head(pieces: &[Piece], from: usize, book: &Book<'_>, year: Option<i16>) -> Option<Head> {
    (from..pieces.len()).find_map(|at| head_at(pieces, at, book, year))
}

fn head_at(pieces: &[Piece], at: usize, book: &Book<'_>, year: Option<i16>) -> Option<Head> {
    /// Words of a head stand in so many pieces at most.
    const MAX_PIECES: usize = 24;
    let first = pieces.get(at).filter(|p| p.value.is_none())?;
    // Characters that count, each with the piece it stands in and the byte behind it.
    let mut letters: Vec<(char, usize, usize)> = Vec::new();
    for (offset, piece) in pieces.iter().enumerate().skip(at).take(MAX_PIECES) {
        if piece.value.is_some() && !piece.is_year() {
            break;
        }
        for (byte, c) in piece.text.char_indices() {
            letters.extend(
                label_key(c.encode_utf8(&mut [0; 4])).chars().map(|k| (k, offset, byte + c.len_utf8())),
            );
        }
    }
    let key: Vec<char> = letters.iter().map(|l| l.0).collect();
    let own = letters.iter().take_while(|l| l.1 == at).count();
    for start in 0..own {
        let mut position = start;
        let mut found: Vec<(Role, Option<i16>)> = Vec::new();
        while let Some((role, named, length)) = book.head_at(key.get(position..)?) {
            let fits = match found.len() {
                0 => role == Role::Label,
                1 => role == Role::Unit,
                _ => !matches!(role, Role::Label | Role::Unit),
            };
            if !fits {
                break;
            }
            found.push((role, named));
            position += length;
        }
        let years = found.iter().filter(|(role, named)| *role == Role::Value && named.is_some()).count();
        let roles: Vec<Role> =
            found.iter().skip(2).map(|(role, named)| of_year(*role, *named, year, years)).collect();
        if !roles.iter().any(|r| r.column().is_some()) {
            continue;
        }
        let (_, piece, byte) = letters.get(position.checked_sub(1)?)?;
        let last = pieces.get(*piece)?;
        let rest = last.text.get(*byte..).filter(|t| !label_key(t).is_empty());
        let rest = rest.map(|t| Piece { text: t.to_owned(), ..last.clone() });
        let table = first.place.table;
        let begins = start.checked_sub(1).and_then(|s| letters.get(s)).map_or(0, |(_, _, byte)| *byte);
        let before_head = first.text.get(..begins).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|b| pieces.get(b)).map(|p| p.text.as_str());
        let over = if start > 0 { Some(first.text.as_str()) } else { before };
        let over = over.and_then(|t| key_head(book, &label_key(t)));
        let numbered = over == Some(Role::Skip);
        return Some(Head {
            captions: captions(pieces, at, before_head),
            numbered,
            table,
            at,
            next: piece + 1,
            rest: rest.into_iter().collect(),
            block: first.block,
            roles,
        });
    }
    None
}

/// The words before a head, back to the end of a sentence or a figure: those in its own piece, then the pieces before.
fn captions(pieces: &[Piece], at: usize, before_head: &str) -> Vec<String> {
    /// Words further away are no caption.
    const PIECES: usize = 2;
    let nearest = before_head.rsplit('。').next().filter(|t| !t.is_empty());
    if before_head.contains('。') {
        return nearest.map(str::to_owned).into_iter().collect();
    }
    let before = pieces.get(at.saturating_sub(PIECES)..at).unwrap_or_default();
    let own = before.iter().rev().take_while(|p| p.value.is_none() && !p.text.ends_with('。'));
    nearest.into_iter().chain(own.map(|p| p.text.as_str())).map(str::to_owned).collect()
}

/// What the word is that a text begins with, if it is one over a column.
fn key_head(book: &Book<'_>, key: &str) -> Option<Role> {
    let key: Vec<char> = key.chars().collect();
    book.head_at(&key).map(|(role, _, _)| role)
}

/// Words and figures by turns.
fn segments(pieces: &[Piece]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for piece in pieces {
        let open = segments.last_mut();
        match (&piece.value, open) {
            (Some(_), Some(open)) => open.figures.push(piece.clone()),
            (Some(_), None) => {
                segments.push(Segment { figures: vec![piece.clone()], ..Segment::default() });
            }
            (None, Some(open)) if open.figures.is_empty() => {
                if !piece.glued {
                    open.words.push(' ');
                }
                open.words.push_str(&piece.text);
            }
            // An ordinal of its own behind `其中：` opens the label.
            (None, Some(open)) if piece.glued && begins_with_mark(&piece.text) && opens_label(open) => {
                let ordinal = open.figures.pop().map(|f| f.text).unwrap_or_default();
                open.words.push_str(&ordinal);
                open.words.push_str(&piece.text);
            }
            (None, _) => {
                segments.push(Segment { words: piece.text.clone(), glued: piece.glued, ..Segment::default() })
            }
        }
    }
    segments
}

fn begins_with_mark(text: &str) -> bool {
    text.starts_with(['.', '．', '、'])
}

/// Whether words with one figure behind them are only the beginning of a label: `其中：` and its ordinal, or the ordinal of
/// the first label behind a head.
fn opens_label(segment: &Segment) -> bool {
    let mark = |c: char| matches!(c, ':' | '：' | '中');
    let words = segment.words.trim_end();
    segment.figures.len() == 1 && (words.is_empty() || words.ends_with(mark))
}

struct Reader<'a, 'r> {
    book: &'a Book<'r>,
    roles: &'a [Role],
    /// The last ordinal printed below each parent.
    ordinals: HashMap<Option<Arc<str>>, u32>,
    family: Option<usize>,
}

/// What stands for a figure where there is none, glued to the words before it.
const NOTHING: [char; 7] = ['—', '-', '－', '/', '无', ' ', '\u{3000}'];
/// More rows in a row that are not understood are none.
const MAX_UNKNOWN: usize = 1;

impl<'r> Reader<'_, 'r> {
    /// The rows, and whether all words are rows.
    fn rows(&mut self, segments: &[Segment], at_end: bool) -> (Vec<PrintedRow>, bool) {
        let labels: Vec<Option<Label<'r>>> = segments.iter().map(|s| self.label(s)).collect();
        let mut rows = Vec::new();
        let mut ordinal = String::new();
        let (mut unknown, mut complete) = (0, true);
        for (at, (segment, label)) in segments.iter().zip(&labels).enumerate() {
            let Some(label) = label else {
                unknown += 1;
                complete = false;
                ordinal.clear();
                // A row that is not understood, or the end of the table.
                if at == 0 || unknown > MAX_UNKNOWN {
                    break;
                }
                continue;
            };
            unknown = 0;
            // Behind the head they may be those of one more column.
            if at == 0 && (label.junk || segment.words.trim().is_empty()) {
                return (rows, false);
            }
            for text in &label.headings {
                rows.push(PrintedRow { label: text.clone(), unit: None, cells: Vec::new() });
            }
            // The ordinal that ran into the figures before, and its mark, belong to the label.
            let mark = segment.words.chars().next().filter(|_| begins_with_mark(&segment.words));
            let text = match mark.filter(|_| !ordinal.is_empty() && label.headings.is_empty()) {
                Some(mark) => format!("{ordinal}{mark}{}", label.text),
                None => label.text.clone(),
            };
            self.note_ordinal(label, &text);
            let next = labels.get(at + 1).and_then(Option::as_ref);
            let behind = segments.get(at + 1);
            let last = at_end && behind.is_none();
            let (figures, stripped, doubt) = self.figures(segment, behind, next);
            let mut row = PrintedRow { label: text, unit: label.unit.clone(), cells: Vec::new() };
            row.cells = self.cells(&figures, label, doubt, last);
            ordinal = stripped;
            rows.push(row);
        }
        (rows, complete)
    }

    /// The figures of a segment without the ordinal of the label behind it, that ordinal, and why they are not certain.
    fn figures(
        &self,
        segment: &Segment,
        behind: Option<&Segment>,
        next: Option<&Label<'r>>,
    ) -> (Vec<Piece>, String, Option<String>) {
        let mut figures = segment.figures.clone();
        let Some(behind) = behind.filter(|b| b.glued) else { return (figures, String::new(), None) };
        let Some(next) = next.filter(|n| n.known) else {
            let why = "the figures run into words that are no label".to_owned();
            return (figures, String::new(), Some(why));
        };
        if !begins_with_mark(&behind.words) {
            return (figures, String::new(), None);
        }
        let expected = self.expected(next).to_string();
        let last = figures.last_mut();
        let cut = last.as_ref().and_then(|l| l.text.strip_suffix(expected.as_str())).map(str::to_owned);
        match (cut, last) {
            (Some(rest), Some(last)) if !rest.ends_with(['.', ',']) => {
                if rest.is_empty() {
                    figures.pop();
                } else {
                    last.value = value::read(&rest);
                    last.text = rest;
                }
                (figures, expected, None)
            }
            _ => {
                let why = format!("the ordinal behind the figures is not {expected}");
                (figures, String::new(), Some(why))
            }
        }
    }

    /// The ordinal that must stand before a label: one more than before the last below the same parent.
    fn expected(&self, label: &Label<'_>) -> u32 {
        let parent = label.indicator.and_then(|i| i.parent.clone());
        self.ordinals.get(&parent).copied().unwrap_or_default() + 1
    }

    fn note_ordinal(&mut self, label: &Label<'_>, text: &str) {
        let within = |t: &str| self.book.legacy.columns.within.iter().any(|w| t.starts_with(w.as_str()));
        let text = text.trim_start();
        let text = if within(text) {
            text.trim_start_matches(|c: char| !c.is_ascii_digit() && !c.is_whitespace())
        } else {
            text
        };
        let ordinal: Option<u32> = strip_ordinal(text).0.and_then(|o| o.trim().parse().ok());
        if let (Some(ordinal), Some(indicator)) = (ordinal, label.indicator) {
            self.ordinals.insert(indicator.parent.clone(), ordinal);
            // Its own parts are counted anew.
            self.ordinals.remove(&Some(indicator.code.clone()));
        }
    }

    /// A cell for every column.
    fn cells(
        &self,
        figures: &[Piece],
        label: &Label<'_>,
        doubt: Option<String>,
        last: bool,
    ) -> Vec<PrintedCell> {
        let wanted = self.roles.len();
        let dash = |p: &Piece| p.value.as_ref().is_some_and(|v| v.status == gongkai_model::CellStatus::Dash);
        // The dash of a heading under the word for units.
        let figures = match figures {
            [first, rest @ ..] if label.unit.is_none() && rest.len() == wanted && dash(first) => rest,
            all => all,
        };
        if figures.is_empty() {
            return Vec::new();
        }
        let apart = figures::apart(figures, wanted);
        let many = || Some(format!("{} figures stand where {wanted} are asked for", figures.len()));
        let (pieces, doubt) = match (apart, doubt) {
            (Some(pieces), doubt) => (pieces, doubt),
            (None, doubt) => (Vec::new(), doubt.or_else(many)),
        };
        let raw = figures.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ");
        let columns = self.roles.iter().enumerate().filter(|(_, r)| r.column().is_some());
        let cell = |(at, role): (usize, &Role)| {
            let piece = pieces.get(at).or(figures.first())?;
            let certain = pieces.get(at).is_some();
            let value = piece.value.clone().filter(|_| certain).unwrap_or_else(figures::run_together);
            let cut_off = last && at + 1 == wanted && value.number.is_some();
            let end = || "the document ends with this figure, perhaps inside it".to_owned();
            Some(PrintedCell {
                role: *role,
                raw: if certain { piece.text.clone() } else { raw.clone() },
                value,
                place: piece.place,
                doubt: doubt.clone().or_else(|| cut_off.then(end)),
            })
        };
        columns.filter_map(cell).collect()
    }

    /// The words of a segment as headings, a label and a unit; `None` where they are none.
    fn label(&self, segment: &Segment) -> Option<Label<'r>> {
        let words = segment.words.trim().trim_start_matches(['.', '．', '、']);
        let words = words.trim();
        if let Some(label) = self.known(words) {
            return Some(label);
        }
        // Between blanks, a unit makes a row of any words.
        let (text, unit) = words.rsplit_once(char::is_whitespace)?;
        let unit = self.book.unit(unit)?;
        let text: String = text.split_whitespace().collect();
        let short = !is_longer(&text, super::book::MAX_LABEL_CHARS);
        (short && !text.contains('。') && !segment.figures.is_empty()).then(|| Label {
            headings: Vec::new(),
            text,
            unit: Some(unit),
            indicator: None,
            known: false,
            junk: false,
        })
    }

    /// Words that end in a label that is known, with nothing but such headings (or, behind a blank, anything) before it.
    fn known(&self, words: &str) -> Option<Label<'r>> {
        let units = || self.book.legacy.columns.units.iter().map(String::as_str);
        let ends = std::iter::once("").chain(units());
        let words = words.trim_end_matches(NOTHING);
        ends.filter_map(|unit| {
            let base = words.strip_suffix(unit)?.trim_end();
            let (from, meanings) = self.longest_end(base)?;
            let (before, text) = base.split_at_checked(from)?;
            let text = text.trim_start_matches(NOTHING);
            let (headings, junk) = self.headings(before)?;
            let own = meanings.iter().find(|m| Some(m.family) == self.family).or(meanings.first());
            let unit = (!unit.is_empty()).then(|| unit.to_owned());
            Some(Label {
                headings,
                unit: unit.or_else(|| self.book.unit_in_label(text)),
                text: text.split_whitespace().collect(),
                indicator: own.and_then(|m| self.book.indicator(*m)),
                known: true,
                junk,
            })
        })
        .max_by_key(|l| l.text.chars().count())
    }

    /// Where the longest known label begins that a text ends in.
    fn longest_end(&self, text: &str) -> Option<(usize, &[Meaning])> {
        let starts = text.char_indices().rev().take(2 * super::book::MAX_LABEL_CHARS).map(|(i, _)| i);
        starts
            .filter_map(|i| {
                let meanings = self.book.find(text.get(i..)?);
                (!meanings.is_empty()).then_some((i, meanings))
            })
            .last()
    }

    /// What stands before a label: headings that are known, or behind a blank something else; `None` where the label may
    /// be only the end of a longer one.
    fn headings(&self, before: &str) -> Option<(Vec<String>, bool)> {
        let mut headings = Vec::new();
        let mut rest = before;
        loop {
            let ended = rest.ends_with(char::is_whitespace);
            let text = rest.trim_end();
            if label_key(text).is_empty() {
                headings.reverse();
                return Some((headings, false));
            }
            let text = text.trim_end_matches(NOTHING);
            // A row whose figures are blank keeps its unit.
            let units = self.book.legacy.columns.units.iter();
            let bare = units.filter_map(|u| text.strip_suffix(u.as_str())).map(str::trim_end);
            let found = std::iter::once(text).chain(bare).find_map(|t| Some((t, self.longest_end(t)?)));
            match found.map(|(text, (from, _))| (text, from)) {
                Some((text, from)) => {
                    let (before, heading) = text.split_at_checked(from)?;
                    headings.push(heading.split_whitespace().collect());
                    rest = before;
                }
                None if ended => {
                    headings.reverse();
                    return Some((headings, true));
                }
                None => return None,
            }
        }
    }
}
