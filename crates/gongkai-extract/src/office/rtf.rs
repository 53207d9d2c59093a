//! Rich Text Format 1.9.1: text and tables.

use super::draft::{Item, Merge, emit};
use super::edges::{EdgeCell, EdgeRow, draft};
use super::ink::{Ink, InkLine, Marks, Script};
use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::oddity::STRUCK_DROPPED;
use crate::work::Work;
use encoding_rs::Encoding;
use gongkai_model::{Problem, Role};
use std::collections::HashMap;

/// Groups within one another.
const MAX_DEPTH: usize = 1000;

/// Steps of a row, however few cells it has.
const ROW: usize = 100;

/// Destinations whose text is no text of the document.
const SKIPPED: &[&str] = &[
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "objdata",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "footnote",
    "annotation",
    "fldinst",
    "listtable",
    "listoverridetable",
    "revtbl",
    "rsidtbl",
    "generator",
    "themedata",
    "datastore",
    "xmlnstbl",
    "filetbl",
    "nonesttables",
    "bkmkstart",
    "bkmkend",
    "shppict",
    "nonshppict",
    "latentstyles",
    "pntext",
    "pntxta",
    "pntxtb",
    "pnseclvl",
    "sp",
    "template",
];
/// Destinations with a star whose text is text.
const READ: &[&str] = &["shpinst", "shptxt", "nesttableprops", "shpgrp"];

/// What a group inherits and forgets.
#[derive(Clone, Copy, Default)]
struct State {
    skipped: bool,
    in_fonts: bool,
    /// Styles are not asked: writers repeat what they say where they name them.
    marks: Marks,
    deleted: bool,
    in_table: bool,
    depth: u32,
    font: i32,
    /// Characters that stand for one `\u` in readers that do not know it.
    fallback: i32,
    heading: bool,
}

impl State {
    fn ink(self) -> Ink {
        let ink = self.marks.ink();
        Ink { hidden: ink.hidden || self.deleted, ..ink }
    }
}

enum Token<'a> {
    Open,
    Close,
    /// A control word with its number.
    Word(&'a str, Option<i32>),
    /// A control sign, or `\'` with the byte it stands for.
    Sign(u8),
    Byte(u8),
    Text(u8),
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut reader = Reader::new(limits);
    let mut rest = bytes;
    let mut is_between = true;
    while let Some((token, tail)) = token(rest) {
        if matches!(token, Token::Word("row" | "nestrow", _)) {
            work.spend(ROW + reader.shape.cells.len())?;
        }
        is_between = match token {
            Token::Word("par" | "row" | "sect" | "page", _) | Token::Close => true,
            Token::Text(b'\r' | b'\n' | b' ' | 0) => is_between,
            _ => false,
        };
        rest = reader.take(&token, tail)?;
    }
    reader.decode();
    // Some writers forget to close the document itself; one that ends within a paragraph or a row is cut, and its last figure, too.
    let in_row = reader.tables.iter().any(|rows| !rows.cells.is_empty());
    let is_cut = !rest.is_empty() || !is_between || reader.line.is_open() || in_row;
    if reader.stack.len() > 1 || (reader.stack.len() == 1 && is_cut) {
        return Err(Problem::unreadable("truncated: rtf"));
    }
    Ok(reader.finish())
}

/// The first token, and what follows it.
fn token(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some(match first {
        b'{' => (Token::Open, rest),
        b'}' => (Token::Close, rest),
        b'\\' => escaped(rest)?,
        b => (Token::Text(*b), rest),
    })
}

fn escaped(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first == b'\'' {
        let (hex, rest) = rest.split_at_checked(2)?;
        let value = std::str::from_utf8(hex).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
        return Some((Token::Byte(value.unwrap_or(b'?')), rest));
    }
    if !first.is_ascii_alphabetic() {
        return Some((Token::Sign(*first), rest));
    }
    let length = bytes.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
    let (word, rest) = bytes.split_at_checked(length)?;
    let sign = usize::from(rest.first() == Some(&b'-'));
    let digits = rest.iter().skip(sign).take(10).take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = if digits > 0 { rest.split_at_checked(sign + digits)? } else { (&[][..], rest) };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let number = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok());
    Some((Token::Word(std::str::from_utf8(word).unwrap_or_default(), number), rest))
}

/// The rows of a table, and the one being read.
#[derive(Default)]
struct Rows {
    done: Vec<EdgeRow>,
    /// Contents of the cells of the open row.
    cells: Vec<Vec<Item>>,
    items: Vec<Item>,
}

/// The cells that the row's properties tell of.
#[derive(Default, Clone)]
struct Shape {
    left: i32,
    cells: Vec<(i32, Merge, bool)>,
    merge: Merge,
    joined: bool,
}

struct Reader<'a> {
    blocks: Blocks<'a>,
    state: State,
    stack: Vec<State>,
    page: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    pending: Vec<u8>,
    high: Option<u16>,
    skip: i32,
    line: InkLine,
    items: Vec<Item>,
    /// Tables by depth, the outermost first.
    tables: Vec<Rows>,
    shape: Shape,
    star: bool,
    opened: bool,
    cells_left: usize,
    dropped: usize,
}

impl<'a> Reader<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            blocks: Blocks::new(limits),
            state: State { fallback: 1, ..State::default() },
            stack: Vec::new(),
            page: encoding_rs::GB18030,
            fonts: HashMap::new(),
            pending: Vec::new(),
            high: None,
            skip: 0,
            line: InkLine::default(),
            items: Vec::new(),
            tables: Vec::new(),
            shape: Shape::default(),
            star: false,
            opened: false,
            cells_left: limits.table_cells,
            dropped: 0,
        }
    }

    fn take<'b>(&mut self, token: &Token<'_>, rest: &'b [u8]) -> Result<&'b [u8], Problem> {
        let opened = std::mem::take(&mut self.opened);
        match token {
            Token::Open => {
                self.decode();
                if self.stack.len() >= MAX_DEPTH {
                    return Err(Problem::unreadable(format!("limit_depth: {MAX_DEPTH} allowed")));
                }
                self.stack.push(self.state);
                self.opened = true;
                self.skip = 0;
            }
            Token::Close => {
                self.decode();
                self.state = self.stack.pop().unwrap_or(self.state);
                self.skip = 0;
            }
            Token::Sign(b'*') if opened => self.star = true,
            Token::Sign(sign) => self.sign(*sign),
            Token::Word("bin", count) => {
                let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0);
                return Ok(rest.get(count..).unwrap_or_default());
            }
            Token::Word(word, number) => {
                let star = std::mem::take(&mut self.star);
                if (opened || star) && (SKIPPED.contains(word) || (star && !READ.contains(word))) {
                    self.state.skipped = true;
                }
                self.word(word, *number);
            }
            Token::Byte(byte) => self.byte(*byte),
            Token::Text(b'\r' | b'\n') => {}
            Token::Text(byte) => self.byte(*byte),
        }
        Ok(rest)
    }

    fn sign(&mut self, sign: u8) {
        match sign {
            b'\\' | b'{' | b'}' => self.byte(sign),
            b'~' => self.text(" "),
            b'_' => self.text("-"),
            b'\r' | b'\n' => self.end_line(),
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if !self.state.skipped && !self.state.in_fonts {
            self.pending.push(byte);
        }
    }

    /// Bytes as text: a character of two bytes may come as two tokens.
    fn decode(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let encoding = self.fonts.get(&self.state.font).copied().unwrap_or(self.page);
        let text = encoding.decode_without_bom_handling(&bytes).0.into_owned();
        self.text(&text);
    }

    fn text(&mut self, text: &str) {
        if !self.state.skipped && !self.state.in_fonts {
            self.line.push(text, self.state.ink());
        }
    }

    /// Ends a line.
    fn end_line(&mut self) {
        self.decode();
        let Some(text) = self.line.take() else { return };
        if !self.blocks.may_gather() {
            return;
        }
        let role = if self.state.heading { Role::Heading } else { Role::Body };
        self.put(Item::Line(text, role));
    }

    fn level(&self) -> usize {
        if self.state.in_table { self.state.depth.max(1) as usize } else { self.state.depth as usize }
    }

    fn put(&mut self, item: Item) {
        self.settle();
        match self.tables.last_mut() {
            Some(rows) => rows.items.push(item),
            None => self.items.push(item),
        }
    }

    /// Ends tables that are deeper than the place, and opens those that are missing.
    fn settle(&mut self) {
        let level = self.level().min(super::draft::MAX_TABLES);
        while self.tables.len() > level {
            self.end_table();
        }
        while self.tables.len() < level {
            self.tables.push(Rows::default());
        }
    }

    fn end_table(&mut self) {
        let Some(mut rows) = self.tables.pop() else { return };
        // A row that never ended has no shape of its own: its text stays.
        let mut loose: Vec<Item> = rows.cells.drain(..).flatten().collect();
        loose.append(&mut rows.items);
        let table = Item::Table(draft(rows.done, std::mem::take(&mut self.dropped)));
        for item in std::iter::once(table).chain(loose) {
            match self.tables.last_mut() {
                Some(outer) => outer.items.push(item),
                None => self.items.push(item),
            }
        }
    }

    fn end_cell(&mut self) {
        self.state.in_table = true;
        self.end_line();
        self.settle();
        if let Some(rows) = self.tables.last_mut() {
            let mut items = std::mem::take(&mut rows.items);
            let figure = self.line.struck_figure(items.is_empty());
            items.extend(figure.map(|figure| Item::Line(figure, Role::Body)));
            if self.cells_left > 0 {
                self.cells_left -= 1;
                rows.cells.push(items);
            } else {
                self.dropped += 1;
            }
        }
    }

    fn end_row(&mut self) {
        let shape = self.shape.clone();
        let Some(rows) = self.tables.last_mut() else { return };
        if self.state.deleted {
            rows.cells.clear();
            return;
        }
        let (mut row, mut right) = (EdgeRow { left: shape.left, cells: Vec::new() }, shape.left);
        for (at, items) in rows.cells.drain(..).enumerate() {
            // A cell of which nothing is told is as wide as a column.
            let (edge, merge, joined) =
                shape.cells.get(at).copied().unwrap_or((right.saturating_add(1000), Merge::Alone, false));
            right = edge;
            row.cells.push(EdgeCell { right, merge, joined, items });
        }
        // One without cells says nothing.
        if !row.cells.is_empty() {
            rows.done.push(row);
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        if word == "u" {
            self.unicode(number.unwrap_or(0));
            return;
        }
        self.decode();
        let on = number != Some(0);
        let state = &mut self.state;
        match word {
            "fonttbl" => state.in_fonts = true,
            "f" => state.font = number.unwrap_or(0),
            "fcharset" if state.in_fonts => {
                if let Some(encoding) = charset(number.unwrap_or(0)) {
                    self.fonts.insert(state.font, encoding);
                }
            }
            "ansicpg" => self.page = code_page(number.unwrap_or(0)).unwrap_or(self.page),
            "uc" => state.fallback = number.unwrap_or(1).clamp(0, 16),
            "v" => state.marks.hidden = Some(on),
            "strike" => state.marks.struck = Some(on),
            "striked" => state.marks.struck_twice = Some(on),
            "deleted" | "mvf" => state.deleted = on,
            "super" => state.marks.script = Some(if on { Script::Above } else { Script::Line }),
            "sub" => state.marks.script = Some(if on { Script::Below } else { Script::Line }),
            "nosupersub" => state.marks.script = None,
            "up" => state.marks.position = Some(number.unwrap_or(6)),
            "dn" => state.marks.position = Some(number.unwrap_or(6).saturating_neg()),
            "plain" => (state.marks, state.deleted) = (Marks::default(), false),
            "pard" => (state.in_table, state.depth, state.heading) = (false, 0, false),
            "outlinelevel" => state.heading = number.is_some_and(|n| (0..9).contains(&n)),
            "intbl" => state.in_table = true,
            "itap" => state.depth = u32::try_from(number.unwrap_or(0)).unwrap_or(0),
            _ if state.skipped => {}
            // The mark of a paragraph that is taken out: the next one goes on in its line.
            "par" if state.ink().hidden && self.line.is_open() => {}
            "par" | "line" | "sect" | "page" | "column" => self.end_line(),
            "tab" => self.text(" "),
            "emdash" => self.text("—"),
            "endash" => self.text("–"),
            "lquote" => self.text("‘"),
            "rquote" => self.text("’"),
            "ldblquote" => self.text("“"),
            "rdblquote" => self.text("”"),
            "cell" | "nestcell" => self.end_cell(),
            "row" | "nestrow" => self.end_row(),
            "trowd" => self.shape = Shape::default(),
            "trleft" => self.shape.left = number.unwrap_or(0),
            "clvmgf" => self.shape.merge = Merge::Top,
            "clvmrg" => self.shape.merge = Merge::Covered,
            "clmrg" => self.shape.joined = true,
            "cellx" => {
                let cell = (number.unwrap_or(0), self.shape.merge, self.shape.joined);
                (self.shape.merge, self.shape.joined) = (Merge::Alone, false);
                if self.shape.cells.len() < self.blocks.limits.table_columns {
                    self.shape.cells.push(cell);
                }
            }
            _ => {}
        }
    }

    fn unicode(&mut self, number: i32) {
        self.decode();
        let unit = number as u16;
        let text = match (self.high.take(), unit) {
            (_, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                String::new()
            }
            (Some(high), 0xdc00..=0xdfff) => String::from_utf16_lossy(&[high, unit]),
            _ => String::from_utf16_lossy(&[unit]),
        };
        self.text(&text);
        self.skip = self.state.fallback;
    }

    fn finish(mut self) -> Parts {
        self.end_line();
        if self.line.left_out > 0 {
            let message = format!("{} characters struck through were left out", self.line.left_out);
            self.blocks.odd(STRUCK_DROPPED, message);
        }
        self.state = State::default();
        self.settle();
        let items = std::mem::take(&mut self.items);
        emit(items, &mut self.blocks);
        self.blocks.finish()
    }
}

fn charset(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        134 => encoding_rs::GB18030,
        136 => encoding_rs::BIG5,
        128 => encoding_rs::SHIFT_JIS,
        129 => encoding_rs::EUC_KR,
        _ => return None,
    })
}

fn code_page(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        936 | 54936 => encoding_rs::GB18030,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        1252 => encoding_rs::WINDOWS_1252,
        65001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_model::Block;

    fn shown(source: &[u8]) -> Vec<String> {
        let parts = read(source, &Limits::default(), &Work::new(10_000)).unwrap();
        let show = |block: &Block| match block {
            Block::Paragraph(p) => p.text.clone(),
            Block::Table(t) => {
                let cell = |c: &gongkai_model::Cell| {
                    format!("{},{}+{}x{}:{}", c.row, c.col, c.rowspan, c.colspan, c.text)
                };
                t.cells.iter().map(cell).collect::<Vec<_>>().join(" ")
            }
        };
        parts.blocks.iter().map(show).collect()
    }

    #[test]
    fn text_in_code_pages_and_unicode_without_what_is_deleted() {
        let source = b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 x;}{\\f1 y;}}{\\*\\generator z;}\\f0 \\'d2\\'bb\\u20108\\'3f{\\deleted 9}{\\v 8}\\par 1{\\super 2}{\\up8 3}{\\strike 4}{\\deleted\\par} {\\field{\\*\\fldinst PAGE}{\\fldrslt 7}}}";
        assert_eq!(shown(source), ["一二", "1(2 3) 7"]);
    }

    #[test]
    fn rows_have_their_cells_in_columns() {
        let source = b"{\\rtf1 a\\par\\trowd\\clvmgf\\cellx1000\\cellx3000\\intbl g\\cell h\\cell\\row\\trowd\\clvmrg\\cellx1000\\cellx2000\\cellx3001\\intbl\\cell 1\\cell 2\\cell\\row\\pard b\\par}";
        assert_eq!(shown(source), ["a", "0,0+2x1:g 0,1+1x2:h 1,1+1x1:1 1,2+1x1:2", "b"]);
    }

    #[test]
    fn broken_groups_end_in_text_or_a_limit() {
        assert_eq!(shown(b"{\\rtf1 a}}}} b"), ["a b"]);
        assert_eq!(shown(b"{\\rtf1 a\\par"), ["a"], "only the document itself is not closed");
        for cut in [b"{\\rtf1 a\\par 12".as_slice(), b"{\\rtf1 a\\par{\\b b}\\par{", b"{\\rtf1 a\\par 1\\'"] {
            let problem = read(cut, &Limits::default(), &Work::new(10_000)).unwrap_err();
            assert_eq!(problem.reason, "truncated: rtf");
        }
        let deep = [b"{\\rtf1 ".as_slice(), &b"{".repeat(100_000)].concat();
        assert!(
            read(&deep, &Limits::default(), &Work::new(10_000))
                .unwrap_err()
                .reason
                .starts_with("limit_depth")
        );
    }
}
