//! A document as lines of tokens: one shape for HTML grids, bars, tabs, aligned columns, one cell a line and text
//! without any line breaks left. What follows reads tokens in order and never asks which layout they came from,
//! except where a layout makes a cell's place certain.

use crate::labels::LabelFinder;
use crate::sections::SectionBook;
use crate::subject::Caption;
use crate::symbols::without_notes;
use crate::value::{self, Value};
use crate::wrapped::Wrapped;
use gongkai_model::{Block, Cell, Document, Layout, Paragraph, Role, SourcePlace, Table};
use gongkai_registry::{LabelRules, is_invisible, is_longer, label_key, strip_ordinal};
use std::cell::OnceCell;
use std::ops::Range;

/// The smallest unit the reader looks at.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Text as printed.
    pub raw: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub place: SourcePlace,
    /// Whether it is printed over several lines of text.
    pub wrapped: bool,
}

/// What a token is, as far as it can be told without knowing the form.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing printed, a number, a dash, ...
    Value(Value),
    /// Words, by their normal form without ordinal. An ordinal alone has an empty key.
    Words(String),
}

/// How the tokens of a line came to be on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// A row of a table whose every cell is marked by itself (HTML, office documents, drawn lines): blank ones are printed blank.
    Marked,
    /// A row of cells with columns of its own, filled up with blank ones to the width of the table (tabs, Markdown).
    Padded,
    /// A row of cells between bars, which leave blank ones behind where spans were lost.
    Bars,
    /// A line of text split at white space.
    Pieces,
    /// Running text without any separators, split at the form's labels.
    Run,
    /// Prose.
    Prose,
}

/// Tokens that stand on one line or in one row.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Position of its tokens in [`Stream::tokens`].
    pub tokens: Range<usize>,
    /// How they came to be on one line.
    pub kind: LineKind,
    /// Whether it is a label of the forms with a note behind: what the note says is no caption.
    pub noted_label: bool,
    /// Whether nothing but labels of the forms stands on it.
    pub label: bool,
    /// Whether it is the numbered heading of a section of the report.
    pub heading: bool,
    /// Whether it is what sites print around a text.
    pub furniture: bool,
    /// What it says as a caption, once somebody has asked.
    pub caption: OnceCell<Option<Caption>>,
}

/// All tokens of a document in reading order.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// Tokens in order.
    pub tokens: Vec<Token>,
    /// Lines in order; their ranges tile `tokens`.
    pub lines: Vec<Line>,
    /// The line of text read last, on which words of the next one may go on.
    wrapped: Wrapped,
}

/// So many Chinese characters behind a digit make words, not a unit.
const MIN_WORDS: usize = 4;

/// A line of text with more characters than this, blanks aside, is not a row of aligned columns.
const MAX_ROW_CHARS: usize = 160;

impl Stream {
    /// Tokens of a document; `finder` knows the labels at which text without separators is cut.
    pub(crate) fn of(
        document: &Document,
        finder: &LabelFinder,
        sections: &SectionBook,
        rules: &LabelRules,
    ) -> Self {
        let size = |block: &Block| if let Block::Table(table) = block { table.cells.len() } else { 1 };
        let tokens = Vec::with_capacity(document.blocks.iter().map(size).sum());
        let mut stream = Self { tokens, ..Self::default() };
        let mut tables = 0;
        for (index, block) in document.blocks.iter().enumerate() {
            match block {
                Block::Table(table) => {
                    stream.table(table, tables);
                    tables += 1;
                }
                Block::Paragraph(p) if p.role != Role::Navigation => {
                    stream.paragraph(p, index as u32, finder)
                }
                Block::Paragraph(_) => {}
            }
        }
        stream.doubt_doubled();
        stream.mark_lines(finder, sections, rules);
        stream
    }

    /// Where words are printed twice in one cell all over a document (a copy for the printer beside that for the screen),
    /// its figures may be as well: `77` may be 7.
    fn doubt_doubled(&mut self) {
        /// So many words show it.
        const MIN_DOUBLED: usize = 5;
        let doubled = |t: &&Token| matches!(&t.kind, Kind::Words(key) if is_doubled(key));
        let figure = |t: &Token| matches!(&t.kind, Kind::Value(v) if !v.is_blank());
        let is_copy = |t: &Token| figure(t) && is_doubled_figure(&t.raw);
        // In running text the copy of a label is a label of its own; then all figures are doubled.
        let again = |pair: &&[Token]| match pair {
            [a, b] => {
                matches!((&a.kind, &b.kind), (Kind::Words(a), Kind::Words(b)) if a == b && !a.is_empty())
            }
            _ => false,
        };
        let runs = || self.lines.iter().filter(|l| l.kind == LineKind::Run);
        let copies = || runs().flat_map(|l| self.line(l).windows(2)).filter(again).count();
        let figures = || runs().flat_map(|l| self.line(l)).filter(|t| figure(t));
        let in_runs =
            || copies() >= MIN_DOUBLED && figures().filter(|t| is_copy(t)).count() * 2 > figures().count();
        if self.tokens.iter().filter(doubled).count() < MIN_DOUBLED && !in_runs() {
            return;
        }
        for token in &mut self.tokens {
            if is_copy(token) {
                token.kind = Kind::Value(value::several());
            }
        }
    }

    /// The tokens of a line.
    pub(crate) fn line(&self, line: &Line) -> &[Token] {
        self.tokens.get(line.tokens.clone()).unwrap_or_default()
    }

    fn table(&mut self, table: &Table, number: u32) {
        let kind = match table.layout {
            Layout::Html | Layout::Grid => LineKind::Marked,
            Layout::Tab | Layout::Markdown => LineKind::Padded,
            Layout::Pipe => LineKind::Bars,
        };
        for row in table.cells.chunk_by(|a, b| a.row == b.row) {
            let start = self.tokens.len();
            if let [cell] = row
                && !cell.text.trim().is_empty()
                && is_page_mark(&cell.text)
            {
                continue;
            }
            // A figure that is printed once for several rows is none of a single one.
            let is_label = |c: &&Cell| matches!(kind_of(&c.text), Kind::Words(_));
            let several = row.iter().any(|c| c.rowspan > 1);
            let labels = || row.iter().filter(is_label).map(|c| c.rowspan).min();
            let rows = several.then(labels).flatten();
            for cell in row {
                let mut token = cell_token(cell, number);
                if rows.is_some_and(|rows| cell.rowspan > rows)
                    && matches!(&token.kind, Kind::Value(v) if !v.is_blank())
                {
                    token.kind = Kind::Value(value::unreadable());
                }
                match inner_cells(&token) {
                    Some(cells) => self.tokens.extend(cells),
                    None => self.tokens.push(token),
                }
            }
            // One cell between bars is no row: the table prints a cell a line.
            let alone = kind == LineKind::Bars && row.len() == 1;
            self.end_line(start, if alone { LineKind::Pieces } else { kind });
        }
    }

    fn paragraph(&mut self, p: &Paragraph, block: u32, finder: &LabelFinder) {
        let first = self.tokens.len();
        let place = |column| SourcePlace { table: None, row: block, column, bytes: p.bytes };
        let token = |raw: &str, column| Token {
            raw: raw.to_owned(),
            kind: kind_of(raw),
            place: place(column),
            wrapped: false,
        };
        if p.text.chars().filter(|c| !c.is_whitespace()).nth(MAX_ROW_CHARS).is_none() {
            if is_page_mark(&p.text) {
                return;
            }
            for (column, piece) in p.text.split_whitespace().enumerate() {
                self.tokens.push(token(piece, column as u32));
            }
            // A line of label and values without any space between them is the short form of a run.
            if let [only] = self.tokens.get(first..).unwrap_or_default()
                && matches!(only.kind, Kind::Words(_))
            {
                let cuts = finder.cut(p.text.trim());
                if cuts.len() > 1 {
                    self.tokens.truncate(first);
                    self.run(&cuts, block, p);
                    return;
                }
            }
            self.wrapped.join(&mut self.tokens, first, block, &p.text, finder);
            self.end_line(first, LineKind::Pieces);
            return;
        }
        // A longer one has lost its line breaks: what blanks still keep apart are its cells.
        for piece in p.text.split_whitespace() {
            let start = self.tokens.len();
            let cuts = finder.cut(piece);
            if cuts.len() > 1 {
                self.run(&cuts, block, p);
            } else {
                self.tokens.push(token(piece, (start - first) as u32));
                let prose = is_longer(piece, MAX_ROW_CHARS);
                self.end_line(start, if prose { LineKind::Prose } else { LineKind::Pieces });
            }
        }
    }

    fn run(&mut self, cuts: &[&str], block: u32, p: &Paragraph) {
        let start = self.tokens.len();
        for cut in cuts {
            let column = (self.tokens.len() - start) as u32;
            let place = SourcePlace { table: None, row: block, column, bytes: p.bytes };
            self.tokens.push(Token { raw: (*cut).to_owned(), kind: kind_of(cut), place, wrapped: false });
        }
        self.end_line(start, LineKind::Run);
    }

    fn end_line(&mut self, start: usize, kind: LineKind) {
        let tokens = start..self.tokens.len();
        if !tokens.is_empty() {
            self.lines.push(Line {
                tokens,
                kind,
                noted_label: false,
                label: false,
                heading: false,
                furniture: false,
                caption: OnceCell::new(),
            });
        }
    }

    /// Marks the lines of labels with a note behind, of headings, and of what sites print around a text.
    fn mark_lines(&mut self, finder: &LabelFinder, sections: &SectionBook, rules: &LabelRules) {
        let noted =
            |t: &Token| without_notes(&t.raw).is_some_and(|key| !key.is_empty() && finder.is_label(&key));
        for line in &mut self.lines {
            let tokens = self.tokens.get(line.tokens.clone()).unwrap_or_default();
            line.noted_label = tokens.iter().any(|t| matches!(t.kind, Kind::Words(_)) && noted(t));
            let label = |t: &Token| matches!(&t.kind, Kind::Words(key) if finder.is_label(key));
            line.label = tokens.iter().all(label);
            let furniture = |t: &Token| rules.furniture.is_in(&t.raw);
            line.furniture = line.kind == LineKind::Pieces && tokens.iter().any(furniture);
            line.heading = matches!(tokens, [t] if sections.is_numbered_heading(&t.raw));
        }
    }
}

impl Stream {
    /// The line of a token; `otherwise` without one.
    pub(crate) fn line_of(&self, token: Option<usize>, otherwise: usize) -> usize {
        token.map_or(otherwise, |t| self.lines.partition_point(|l| l.tokens.end <= t))
    }

    /// The value of a token, if it is one.
    pub(crate) fn value(&self, token: usize) -> Option<&Value> {
        match self.tokens.get(token).map(|t| &t.kind) {
            Some(Kind::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// The normal form of a token's words; empty for a value.
    pub(crate) fn key(&self, token: usize) -> &str {
        match self.tokens.get(token).map(|t| &t.kind) {
            Some(Kind::Words(key)) => key,
            _ => "",
        }
    }

    /// Whether the last that is printed of some cells stands for no figure: it may only fill up a row that lacks one elsewhere.
    pub(crate) fn are_filled_up(&self, tokens: &[usize]) -> bool {
        let last = tokens.iter().rfind(|t| !self.is_blank(**t)).and_then(|t| self.tokens.get(*t));
        last.is_some_and(|t| value::is_no_figure(&t.raw))
    }

    /// Whether a token is a cell in which nothing is printed.
    pub(crate) fn is_blank(&self, token: usize) -> bool {
        self.value(token).is_some_and(Value::is_blank)
    }

    /// Whether the document ends behind a token, but for blank cells and words of a table: it may be cut off in a figure.
    pub(crate) fn ends_behind(&self, token: usize) -> bool {
        /// Cells of a row that is cut off before its figures.
        const MAX_CUT_ROW: usize = 20;
        let behind = self.tokens.get(token + 1..).unwrap_or_default();
        behind.len() <= MAX_CUT_ROW
            && behind.iter().all(|t| match &t.kind {
                Kind::Value(value) => value.is_blank(),
                Kind::Words(_) => t.place.table.is_some(),
            })
    }

    /// Zeros run together, exactly as many as wanted: no figure begins with a zero, so each is a cell. Of a run in which
    /// the document ends nobody knows how many they were.
    pub(crate) fn are_zeros(&self, tokens: &[usize], wanted: usize) -> bool {
        let last = tokens.iter().rfind(|t| !self.is_blank(**t));
        if last.is_some_and(|t| t + 1 == self.tokens.len()) {
            return false;
        }
        let text = |t: &usize| self.tokens.get(*t).map_or("", |t| t.raw.as_str());
        let mut zeros = 0;
        for c in tokens.iter().flat_map(|t| text(t).chars()).filter(|c| !c.is_whitespace()) {
            if !matches!(c, '0' | '０') {
                return false;
            }
            zeros += 1;
        }
        zeros == wanted && wanted > 1
    }
}

fn cell_token(cell: &Cell, table: u32) -> Token {
    let kind = match kind_of(&cell.text) {
        // A cell of its own that is no label keeps its place among the values: `3.`, `(518)`, `O`.
        Kind::Words(key) if key.is_empty() && !is_counted_in_words(&cell.text) => {
            Kind::Value(value::unreadable())
        }
        kind => kind,
    };
    Token {
        kind,
        raw: cell.text.clone(),
        place: SourcePlace { table: Some(table), row: cell.row, column: cell.col, bytes: cell.bytes },
        wrapped: false,
    }
}

fn kind_of(text: &str) -> Kind {
    match value::read(text) {
        Some(value) if !(value.status == gongkai_model::CellStatus::Unreadable && is_ordinal(text)) => {
            Kind::Value(value)
        }
        _ => Kind::Words(words_key(text)),
    }
}

/// The normal form of words without their ordinal, also where the mark of the ordinal was lost (`1属于国家秘密`).
pub(crate) fn words_key(text: &str) -> String {
    let (ordinal, rest) = strip_ordinal(text);
    let key = label_key(rest);
    if ordinal.is_none() && key.starts_with(|c: char| c.is_ascii_digit()) {
        key.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned()
    } else {
        key
    }
}

/// `1.`, `2、` alone, or an ordinal with its label: it begins with a digit but is no value.
fn is_ordinal(text: &str) -> bool {
    let (ordinal, rest) = strip_ordinal(text);
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    // A note in brackets may have as many words as it likes.
    let follows = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace()).starts_with(han);
    let words = follows && rest.chars().filter(|c| han(*c)).take(MIN_WORDS).count() == MIN_WORDS;
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    (ordinal.is_some() && !rest.starts_with(digit)) || (ordinal.is_none() && words)
}

/// The cells of a cell that holds a row of values: those of a table inside it, or one a line, which is what is left of
/// one. Two numbers may be one number broken over two lines; three are a row.
fn inner_cells(token: &Token) -> Option<Vec<Token>> {
    const MIN_CELLS: usize = 3;
    if !token.raw.contains(['\t', '\n']) {
        return None;
    }
    let table = token.raw.contains('\t');
    let pieces: Vec<&str> = token.raw.split(['\t', '\n']).collect();
    if pieces.len() < MIN_CELLS || (table && token.raw.contains('\n')) {
        return None;
    }
    let inner = |(i, piece): (usize, &&str)| match value::read(piece)? {
        value if value.is_blank() && !table => None,
        value => {
            let place = SourcePlace { column: token.place.column + i as u32, ..token.place };
            Some(Token { raw: (*piece).to_owned(), kind: Kind::Value(value), place, wrapped: false })
        }
    };
    pieces.iter().enumerate().map(inner).collect()
}

/// An ordinal in Chinese numerals, which no value is printed as.
fn is_counted_in_words(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十'))
}

/// Whether a figure is the same twice, the note behind it aside.
fn is_doubled_figure(raw: &str) -> bool {
    let figure = raw.split(['(', '（']).next().unwrap_or_default();
    let figure: String = figure.chars().filter(|c| !(is_invisible(*c) || c.is_whitespace())).collect();
    is_doubled(&figure)
}

/// Whether a text is the same twice.
fn is_doubled(text: &str) -> bool {
    let characters = text.chars().count();
    characters > 1
        && characters.is_multiple_of(2)
        && text.chars().take(characters / 2).eq(text.chars().skip(characters / 2))
}

/// Page numbers that betray themselves: `- 3 -`, `— 3 —`, `第3页`, `3/12`, `第 3 页 共 12 页`, a form feed.
pub(crate) fn is_page_mark(text: &str) -> bool {
    let dash = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{ff0d}');
    let may_stand_in_one = |c: char| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || is_invisible(c)
            || dash(c)
            || matches!(c, '第' | '页' | '共' | '/' | ',' | '，')
    };
    if !text.chars().all(may_stand_in_one) {
        return false;
    }
    let text: String =
        text.chars().filter(|c| !(c.is_whitespace() || is_invisible(*c) || *c == '\u{c}')).collect();
    if text.is_empty() {
        return true;
    }
    let digits = |s: &str| !s.is_empty() && s.len() <= 4 && s.bytes().all(|b| b.is_ascii_digit());
    let dashed = text.starts_with(dash) && text.ends_with(dash) && digits(text.trim_matches(dash));
    let paged = text.strip_prefix('第').and_then(|t| t.split_once('页')).is_some_and(|(n, rest)| {
        digits(n)
            && rest
                .trim_start_matches(['/', ',', '，'])
                .strip_prefix('共')
                .is_none_or(|r| r.strip_suffix('页').is_some_and(digits))
            && (rest.is_empty() || rest.contains('共'))
    });
    let of_all = text.split_once('/').is_some_and(|(page, all)| {
        digits(page) && digits(all) && page.parse::<u16>().ok() <= all.parse::<u16>().ok()
    });
    dashed || paged || of_all
}

#[cfg(test)]
mod tests {
    use super::is_page_mark;

    #[test]
    fn page_marks_are_told_from_values() {
        for text in ["- 3 -", "—12—", "6/9", "第3页", "第 3 页 共 12 页", "\u{c}", "第5页\u{200c}"]
        {
            assert!(is_page_mark(text), "{text}");
        }
        for text in ["3", "-3", "9/6", "/", "第三页", "第3页的内容", "0 0 0"] {
            assert!(!is_page_mark(text), "{text}");
        }
    }
}
