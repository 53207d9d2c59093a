//! Running text as pieces: words, and figures between them.

use super::book::Book;
use crate::stream::is_page_mark;
use crate::value::{self, Value};
use crate::wrapped::columns;
use gongkai_model::{Cell, CellStatus, Paragraph, SourcePlace};

/// A piece of text: words, or one figure.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub text: String,
    /// What it says, for figures (dashes and words such as 无 among them).
    pub value: Option<Value>,
    /// Whether nothing stands between it and the piece before.
    pub glued: bool,
    /// Whether it begins a line.
    pub first: bool,
    pub block: usize,
    pub place: SourcePlace,
}

impl Piece {
    /// Whether it may be the year in a head.
    pub(crate) fn is_year(&self) -> bool {
        self.text.len() == 4 && self.text.starts_with("20") && self.text.bytes().all(|b| b.is_ascii_digit())
    }
}

/// Digits of several cells.
pub(crate) fn run_together() -> Value {
    Value { status: CellStatus::RunTogether, ..value::unreadable() }
}

/// A line of text: a paragraph, or a cell that stands alone in its row.
#[derive(Debug)]
pub(crate) struct Line {
    pub text: String,
    pub block: usize,
    pub place: SourcePlace,
}

impl Line {
    pub(crate) fn of(block: usize, p: &Paragraph) -> Self {
        let row = u32::try_from(block).unwrap_or(u32::MAX);
        let place = SourcePlace { table: None, row, column: 0, bytes: p.bytes };
        Self { text: clean(&p.text), block, place }
    }

    pub(crate) fn of_cell(block: usize, table: u32, cell: &Cell) -> Self {
        let place = SourcePlace { table: Some(table), row: cell.row, column: cell.col, bytes: cell.bytes };
        Self { text: clean(&cell.text), block, place }
    }
}

/// A text without characters of no width.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !gongkai_registry::is_invisible(*c)).collect()
}

/// The pieces of lines in order.
pub(crate) fn pieces(lines: &[Line], book: &Book<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut brackets = Brackets::default();
    let lines: Vec<&Line> = lines.iter().filter(|l| !is_page_mark(&l.text)).collect();
    for (line, text) in lines.iter().zip(unwrapped(&lines, book)) {
        let (mut column, mut first) = (0, true);
        for word in text.split(is_gap).filter(|w| !w.is_empty()) {
            let mut push = |text: &str, value: Option<Value>, glued: bool| {
                // Of a line the place in it; a cell has its own.
                let column_here = if line.place.table.is_some() { line.place.column } else { column };
                let place = SourcePlace { column: column_here, ..line.place };
                column += 1;
                let first = std::mem::replace(&mut first, false);
                pieces.push(Piece { text: text.to_owned(), value, glued, first, block: line.block, place });
            };
            match whole(word, book).filter(|_| !brackets.open()) {
                Some(value) => push(word, Some(value), false),
                None => split(word, &mut brackets, &mut push),
            }
        }
    }
    pieces
}

/// The texts of lines, with the words that go on under their beginning joined to it: `主动公开信` over `息数`.
fn unwrapped(lines: &[&Line], book: &Book<'_>) -> Vec<String> {
    let mut texts: Vec<Vec<String>> = Vec::with_capacity(lines.len());
    // The columns that the words of the line above take, and which words they are or have become part of.
    let mut above: Vec<(usize, usize, (usize, usize))> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (mut own, mut below) = (Vec::new(), Vec::new());
        for (word, (start, end)) in line.text.split_whitespace().zip(columns(&line.text)) {
            let mut over = above.iter().filter(|(s, e, _)| *s < end && start < *e);
            let only = over.next().map(|(_, _, upper)| *upper).filter(|_| over.next().is_none());
            let upper = only.and_then(|(line, word)| texts.get_mut(line)?.get_mut(word));
            let place = match (upper.filter(|u| goes_on(u, word, book)), only) {
                (Some(upper), Some(place)) => {
                    upper.push_str(word);
                    place
                }
                _ => {
                    own.push(word.to_owned());
                    (at, own.len() - 1)
                }
            };
            below.push((start, end, place));
        }
        texts.push(own);
        above = below;
    }
    texts.iter().map(|words| words.join(" ")).collect()
}

/// Whether two words are one label, or one word over a column, and not one each.
fn goes_on(upper: &str, lower: &str, book: &Book<'_>) -> bool {
    let whole = format!("{upper}{lower}");
    let label = |text: &str| !book.find(text).is_empty();
    let head = |text: &str| book.role(text).is_some();
    let words = |text: &str| text.chars().any(is_han) && book.unit(text).is_none();
    (words(upper) && words(lower))
        && ((label(&whole) && !label(lower)) || (head(&whole) && !(head(upper) && head(lower))))
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// What stands between cells: blanks and bars.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '｜')
}

/// A word between blanks that is one cell.
fn whole(word: &str, book: &Book<'_>) -> Option<Value> {
    let value = value::read(word)?;
    match value.status {
        CellStatus::Unreadable | CellStatus::Blank => None,
        CellStatus::Annotated => {
            let known = value.unit.as_ref().is_none_or(|u| book.unit(u).is_some());
            known.then_some(value)
        }
        _ => Some(value),
    }
}

/// Words and figures without blanks between them. Digits in brackets and quotes, before 年 and in ordinals with their words stay words.
fn split(word: &str, brackets: &mut Brackets, push: &mut impl FnMut(&str, Option<Value>, bool)) {
    let characters: Vec<(usize, char)> = word.char_indices().collect();
    let byte = |at: usize| characters.get(at).map_or(word.len(), |(b, _)| *b);
    let char_at = |at: usize| characters.get(at).map(|(_, c)| *c);
    let (mut at, mut from, mut first) = (0, 0, true);
    while let Some(c) = char_at(at) {
        brackets.pass(c);
        if brackets.open() || !is_digit(c) {
            at += 1;
            continue;
        }
        let end = run_end(&char_at, at);
        if char_at(end) == Some('年') {
            at = end;
            continue;
        }
        if from < at {
            push(word.get(byte(from)..byte(at)).unwrap_or_default(), None, !first);
            first = false;
        }
        let run = word.get(byte(at)..byte(end)).unwrap_or_default();
        push(run, Some(value::read(run).unwrap_or_else(value::unreadable)), !first);
        first = false;
        (at, from) = (end, end);
    }
    if from < characters.len() {
        push(word.get(byte(from)..).unwrap_or_default(), None, !first);
    }
}

/// Brackets and quotes around what is read, over blanks and line breaks.
#[derive(Default)]
struct Brackets {
    depth: usize,
    /// Characters since the outermost was opened.
    length: usize,
}

impl Brackets {
    /// A bracket that is not closed within so many characters never was one.
    const MAX_CHARS: usize = 60;

    fn pass(&mut self, c: char) {
        self.length += usize::from(self.depth > 0);
        match c {
            '(' | '（' | '“' | '‘' | '「' | '『' => self.depth += 1,
            ')' | '）' | '”' | '’' | '」' | '』' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth == 0 || self.length > Self::MAX_CHARS {
            (self.depth, self.length) = (0, 0);
        }
    }

    fn open(&self) -> bool {
        self.depth > 0
    }
}

/// Where a run of digits ends; points and commas belong to it between digits.
fn run_end(char_at: &impl Fn(usize) -> Option<char>, from: usize) -> usize {
    let mut end = from;
    while let Some(c) = char_at(end) {
        let inner = matches!(c, '.' | ',' | '，') && char_at(end + 1).is_some_and(is_digit);
        if !(is_digit(c) || inner) {
            break;
        }
        end += 1;
    }
    end
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// So many figures, where it is certain which they are: as many pieces, or zeros run together with what stands behind
/// them.
pub(crate) fn apart(figures: &[Piece], wanted: usize) -> Option<Vec<Piece>> {
    if figures.len() == wanted {
        return Some(figures.to_vec());
    }
    let [only] = figures else { return None };
    let zeros = wanted.checked_sub(1)?;
    let rest = only.text.get(zeros..).filter(|_| only.text.bytes().take(zeros).all(|b| b == b'0'))?;
    // What is left must be one figure: zero alone, or one that does not begin with a zero.
    let last = value::read(rest).filter(|v| matches!(v.status, CellStatus::Zero | CellStatus::Number))?;
    let zero = Piece { text: "0".to_owned(), value: value::read("0"), ..only.clone() };
    let mut pieces = vec![zero; zeros];
    pieces.push(Piece { text: rest.to_owned(), value: Some(last), ..only.clone() });
    Some(pieces)
}
