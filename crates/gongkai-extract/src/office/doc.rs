//! The binary text format of Word 97 to 2003 ([MS-DOC]): text through the piece table, tables through the properties of the
//! paragraphs that end their rows, and what is not shown through the properties of characters.

mod changes;
mod characters;
mod style;

use self::changes::{Changes, Property, u16_at, u32_at};
use self::characters::{Character, Characters};
use self::style::Styles;
use super::draft::{Item, Merge, emit};
use super::edges::{EdgeCell, EdgeRow, draft};
use super::ink::{Ink, InkLine};
use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::oddity::STRUCK_DROPPED;
use crate::work::Work;
use gongkai_model::{Problem, Role};
use std::collections::BTreeMap;

/// Places in the file information block (2.5.1, 2.5.6): version, flags, the length of the text, and the places of its tables.
const VERSION: usize = 0x02;
const FLAGS: usize = 0x0a;
const TEXT_LENGTH: usize = 0x4c;
const STYLES: usize = 0xa2;
const CHARACTER_PAGES: usize = 0xfa;
const PARAGRAPH_PAGES: usize = 0x102;
const PIECES: usize = 0x1a2;
/// The first version that has these places.
const WORD_97: u16 = 0x00c0;
/// Flags: a part of the text is in the second table stream; the file is encrypted.
const SECOND_TABLE: u16 = 0x0200;
const ENCRYPTED: u16 = 0x0100;
/// Bytes of a page of properties.
const PAGE: usize = 512;

/// Which table stream the document's own stream refers to.
pub(super) fn table_stream(main: &[u8]) -> &'static str {
    if u16_at(main, FLAGS).unwrap_or(0) & SECOND_TABLE == 0 { "0Table" } else { "1Table" }
}

/// Reads a document from its three streams: text, tables of it, and what has no room in these.
pub(super) fn read(
    (main, table, data): (&[u8], &[u8], &[u8]),
    limits: &Limits,
    work: &Work,
) -> Result<Parts, Problem> {
    let damaged = || Problem::unreadable("damaged: doc");
    let flags = u16_at(main, FLAGS).ok_or_else(damaged)?;
    if u16_at(main, VERSION).is_some_and(|version| version < WORD_97) {
        return Err(Problem::unreadable("unsupported_document: Word 95 or older"));
    }
    if flags & ENCRYPTED != 0 {
        return Err(Problem::unreadable("encrypted"));
    }
    let length = u32_at(main, TEXT_LENGTH).ok_or_else(damaged)? as usize;
    if length > limits.text_bytes {
        return Err(Problem::unreadable(format!(
            "limit: {length} characters, {} allowed",
            limits.text_bytes
        )));
    }
    let pieces = part(main, table, PIECES).and_then(pieces).ok_or_else(damaged)?;
    // Without properties the text is still there; tables then are cells one after another.
    let places = part(main, table, PARAGRAPH_PAGES);
    let all = places.map_or_else(|| Ok(BTreeMap::new()), |places| paragraphs((main, data), places, work))?;
    let styles = part(main, table, STYLES).map(Styles::read).unwrap_or_default();
    let places = part(main, table, CHARACTER_PAGES).unwrap_or_default();
    let characters = Characters::read(main, places, work)?;
    let mut reader = Reader::new(limits);
    let usual = Paragraph::default();
    let mut left = length;
    for piece in &pieces.list {
        let count = piece.count.min(left);
        left -= count;
        let changed = pieces.changed(piece);
        piece.characters(main, count, |place, c| {
            let paragraph = all.range(..=place).next_back().map(|(_, p)| p).filter(|p| place < p.end);
            let paragraph = paragraph.unwrap_or(&usual);
            let character = changed.over(characters.at(place));
            if !character.is_symbol {
                reader.take(c, paragraph, character.ink(&styles, paragraph.style));
            }
        })?;
    }
    Ok(reader.finish())
}

/// The part of the table stream whose place and length stand at `at`.
fn part<'t>(main: &[u8], table: &'t [u8], at: usize) -> Option<&'t [u8]> {
    let (start, length) = (u32_at(main, at)? as usize, u32_at(main, at + 4)? as usize);
    table.get(start..start.checked_add(length)?)
}

/// The text: its stretches, and lists of changes that some of them name (2.9.38, Clx).
struct Pieces<'t> {
    list: Vec<Piece>,
    lists: Vec<&'t [u8]>,
}

impl Pieces<'_> {
    /// What is changed in all of a stretch (2.9.215, Prm).
    fn changed(&self, piece: &Piece) -> Character {
        if piece.changes & 1 == 0 {
            return Character::of_short(piece.changes);
        }
        let list = self.lists.get(usize::from(piece.changes >> 1)).copied();
        Character::of(Changes(list.unwrap_or_default()))
    }
}

/// A stretch of the text (2.8.35, PlcPcd).
struct Piece {
    start: usize,
    count: usize,
    is_narrow: bool,
    changes: u16,
}

impl Piece {
    /// Its characters with their places in the stream.
    ///
    /// # Errors
    /// The stream ends before: a figure could be half of what was printed.
    fn characters(&self, main: &[u8], count: usize, mut take: impl FnMut(u32, char)) -> Result<(), Problem> {
        let width = if self.is_narrow { 1 } else { 2 };
        let place = |at: usize| u32::try_from(self.start + at * width).unwrap_or(u32::MAX);
        let end = self.start.saturating_add(count.saturating_mul(width));
        let bytes = main.get(self.start..end).ok_or_else(|| Problem::unreadable("truncated: doc"))?;
        if self.is_narrow {
            let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0;
            text.chars().enumerate().for_each(|(at, c)| take(place(at), c));
            return Ok(());
        }
        let units =
            bytes.chunks_exact(2).map(|pair| pair.iter().rev().fold(0, |n, b| n << 8 | u16::from(*b)));
        let mut at = 0;
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            take(place(at), c);
            at += c.len_utf16();
        }
        Ok(())
    }
}

fn pieces(clx: &[u8]) -> Option<Pieces<'_>> {
    const PROPERTIES: u8 = 1;
    const TABLE: u8 = 2;
    const NARROW: u32 = 0x4000_0000;
    let mut rest = clx;
    let mut lists = Vec::new();
    while let Some((PROPERTIES, after)) = rest.split_first().map(|(kind, after)| (*kind, after)) {
        let (list, behind) = after.get(2..)?.split_at_checked(usize::from(u16_at(after, 0)?))?;
        lists.push(list);
        rest = behind;
    }
    let (TABLE, after) = rest.split_first().map(|(kind, after)| (*kind, after))? else { return None };
    let length = u32_at(after, 0)? as usize;
    let plc = after.get(4..4_usize.checked_add(length)?)?;
    let count = length.checked_sub(4)? / 12;
    let piece = |n: usize| {
        let (from, to) = (u32_at(plc, 4 * n)?, u32_at(plc, 4 * (n + 1))?);
        let place = u32_at(plc, 4 * (count + 1) + 8 * n + 2)?;
        let is_narrow = place & NARROW != 0;
        let start = (place & !NARROW) as usize;
        let start = if is_narrow { start / 2 } else { start };
        let changes = u16_at(plc, 4 * (count + 1) + 8 * n + 6)?;
        Some(Piece { start, count: to.checked_sub(from)? as usize, is_narrow, changes })
    };
    Some(Pieces { list: (0..count).map(piece).collect::<Option<_>>()?, lists })
}

/// A paragraph, and what it is of a table.
#[derive(Debug, Default)]
struct Paragraph {
    end: u32,
    /// The number of its style.
    style: u16,
    in_table: bool,
    /// It ends a row of this shape.
    ends_row: bool,
    left: i32,
    cells: Vec<(i32, Merge, bool)>,
}

/// Paragraphs, by the place at which they begin (2.8.25 PlcBtePapx, 2.9.175 PapxFkp).
fn paragraphs(
    (main, data): (&[u8], &[u8]),
    places: &[u8],
    work: &Work,
) -> Result<BTreeMap<u32, Paragraph>, Problem> {
    /// Steps of one, which may be told in many changes and remembered with many cells.
    const PARAGRAPH: usize = 4000;
    let count = (places.len().saturating_sub(4) / 8).min(main.len() / PAGE);
    let mut all = BTreeMap::new();
    for n in 0..count {
        let Some(number) = u32_at(places, 4 * (count + 1) + 4 * n) else { continue };
        let start = (number as usize & 0x003f_ffff) * PAGE;
        let Some(page) = main.get(start..start + PAGE) else { continue };
        let runs = usize::from(page.last().copied().unwrap_or(0));
        for run in 0..runs {
            let (Some(from), Some(to)) = (u32_at(page, 4 * run), u32_at(page, 4 * (run + 1))) else {
                continue;
            };
            let Some(offset) = page.get(4 * (runs + 1) + 13 * run) else { continue };
            work.spend(PARAGRAPH)?;
            let (style, changes) = properties(page, usize::from(*offset) * 2).unwrap_or_default();
            all.insert(from, Paragraph { end: to, style, ..paragraph(changes, data) });
        }
    }
    Ok(all)
}

/// The style, and the changes of properties, at a place of a page (2.9.174 PapxInFkp).
fn properties(page: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let (first, rest) = page.get(at..).filter(|_| at > 0)?.split_first()?;
    let (length, body) = match first {
        0 => (usize::from(*rest.first()?) * 2, rest.get(1..)?),
        n => (usize::from(*n) * 2 - 1, rest),
    };
    Some((u16_at(body, 0)?, body.get(2..length.min(body.len()))?))
}

/// What the changes say of tables (2.6.2, 2.6.3). Where there are too many of them, they stand in the data stream.
fn paragraph(changes: &[u8], data: &[u8]) -> Paragraph {
    let mut out = Paragraph::default();
    let elsewhere = Changes(changes).filter_map(|property| out.change(&property)).last();
    // Once: what stands there could name its own place.
    if let Some(more) = elsewhere.and_then(|place| changes_at(data, place)) {
        for property in Changes(more) {
            let _ = out.change(&property);
        }
    }
    out
}

impl Paragraph {
    /// One change, or the place of more.
    fn change<'b>(&mut self, property: &Property<'b>) -> Option<&'b [u8]> {
        /// sprmPHugePapx and sprmPTableProps: the place of more changes (2.9.209 PrcData).
        const ELSEWHERE: [u16; 2] = [0x6646, 0x646b];
        const IN_TABLE: u16 = 0x2416;
        const ENDS_ROW: u16 = 0x2417;
        match property.code {
            IN_TABLE => self.in_table = property.byte() == 1,
            ENDS_ROW => self.ends_row = property.byte() == 1,
            changes::DEFINES_TABLE => definition(property.operand.get(2..).unwrap_or_default(), self),
            code if ELSEWHERE.contains(&code) => return Some(property.operand),
            _ => {}
        }
        None
    }
}

/// The changes in the data stream whose place is told.
fn changes_at<'d>(data: &'d [u8], place: &[u8]) -> Option<&'d [u8]> {
    /// Most bytes of them (2.9.209).
    const MOST: usize = 0x3fa2;
    let place = u32_at(place, 0)? as usize;
    let length = usize::from(u16_at(data, place)?).min(MOST);
    data.get(place.checked_add(2)?..)?.get(..length)
}

/// Edges and merges of the cells (2.9.325 TDefTableOperand, 2.9.319 TC80).
fn definition(body: &[u8], row: &mut Paragraph) {
    const CELL: usize = 20;
    let count = usize::from(body.first().copied().unwrap_or(0));
    let edge = |n: usize| u16_at(body, 1 + 2 * n).map(|x| i32::from(x as i16));
    row.left = edge(0).unwrap_or(0);
    let cells = 1 + 2 * (count + 1);
    row.cells = (0..count)
        .filter_map(|n| {
            let flags = u16_at(body, cells + CELL * n).unwrap_or(0);
            let is_joined = flags & 0x0003 == 0x0002;
            let merge = match flags >> 5 & 0x3 {
                3 => Merge::Top,
                1 => Merge::Covered,
                _ => Merge::Alone,
            };
            Some((edge(n + 1)?, merge, is_joined))
        })
        .collect();
}

struct Reader<'a> {
    blocks: Blocks<'a>,
    items: Vec<Item>,
    line: InkLine,
    /// Open fields, and whether each is still at its instruction, which is not shown.
    fields: Vec<bool>,
    rows: Vec<EdgeRow>,
    cells: Vec<Vec<Item>>,
    cell: Vec<Item>,
    cells_left: usize,
    dropped: usize,
}

impl<'a> Reader<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            blocks: Blocks::new(limits),
            items: Vec::new(),
            line: InkLine::default(),
            fields: Vec::new(),
            rows: Vec::new(),
            cells: Vec::new(),
            cell: Vec::new(),
            cells_left: limits.table_cells,
            dropped: 0,
        }
    }

    /// A character, its paragraph, and how it is set.
    fn take(&mut self, c: char, paragraph: &Paragraph, ink: Ink) {
        /// Fields within one another.
        const MAX_FIELDS: usize = 64;
        match c {
            '\u{7}' if paragraph.ends_row => self.end_row(paragraph, ink),
            '\u{7}' => self.end_cell(),
            // The mark of a paragraph that is taken out: the next one goes on in its line.
            '\r' | '\u{b}' | '\u{c}' if ink.hidden && self.line.is_open() => {}
            '\r' | '\u{b}' | '\u{c}' => self.end_line(paragraph.in_table),
            '\u{13}' if self.fields.len() < MAX_FIELDS => self.fields.push(true),
            '\u{14}' => self.fields.iter_mut().last().into_iter().for_each(|open| *open = false),
            '\u{15}' => drop(self.fields.pop()),
            '\t' => self.line.push(" ", ink),
            '\u{1e}' => self.line.push("-", ink),
            c if c.is_control() || self.fields.contains(&true) => {}
            c => self.line.push(c.encode_utf8(&mut [0; 4]), ink),
        }
    }

    fn end_line(&mut self, in_table: bool) {
        if !in_table {
            self.end_table();
        }
        let Some(text) = self.line.take() else { return };
        if !self.blocks.may_gather() {
            return;
        }
        let item = Item::Line(text, Role::Body);
        if in_table { self.cell.push(item) } else { self.items.push(item) }
    }

    fn end_cell(&mut self) {
        self.end_line(true);
        let mut items = std::mem::take(&mut self.cell);
        let figure = self.line.struck_figure(items.is_empty());
        items.extend(figure.map(|figure| Item::Line(figure, Role::Body)));
        if self.cells_left > 0 {
            self.cells_left -= 1;
            self.cells.push(items);
        } else {
            self.dropped += 1;
        }
    }

    fn end_row(&mut self, row: &Paragraph, ink: Ink) {
        self.end_line(true);
        if ink.hidden {
            self.cells.clear();
            return;
        }
        let (mut cells, mut right) = (Vec::new(), row.left);
        for (at, items) in self.cells.drain(..).enumerate() {
            let (edge, merge, joined) =
                row.cells.get(at).copied().unwrap_or((right.saturating_add(1000), Merge::Alone, false));
            right = edge;
            cells.push(EdgeCell { right, merge, joined, items });
        }
        // One without cells says nothing.
        if !cells.is_empty() {
            self.rows.push(EdgeRow { left: row.left, cells });
        }
    }

    fn end_table(&mut self) {
        // Cells without the end of their row: their text stays.
        let mut loose: Vec<Item> = self.cells.drain(..).flatten().collect();
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows);
            self.items.push(Item::Table(draft(rows, std::mem::take(&mut self.dropped))));
        }
        loose.append(&mut self.cell);
        self.items.append(&mut loose);
    }

    fn finish(mut self) -> Parts {
        self.end_line(false);
        emit(self.items, &mut self.blocks);
        if self.line.left_out > 0 {
            let message = format!("{} characters struck through were left out", self.line.left_out);
            self.blocks.odd(STRUCK_DROPPED, message);
        }
        self.blocks.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_model::{Block, Cell};

    fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
        bytes[at..at + value.len()].copy_from_slice(value);
    }

    /// The properties that end a row of cells with these right edges and flags.
    fn row(cells: &[(i16, u16)]) -> Vec<u8> {
        let mut table = vec![u8::try_from(cells.len()).unwrap(), 0, 0];
        cells.iter().for_each(|(edge, _)| table.extend(edge.to_le_bytes()));
        for (_, flags) in cells {
            table.extend(flags.to_le_bytes());
            table.extend([0; 18]);
        }
        let mut changes = vec![0, 0, 0x16, 0x24, 1, 0x17, 0x24, 1, 0x08, 0xd6];
        changes.extend(u16::try_from(table.len() + 1).unwrap().to_le_bytes());
        changes.extend(table);
        changes
    }

    /// A document of two rows between two paragraphs, by the book: text at 1024, paragraph properties in the page behind it.
    fn streams() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let text = "题\rg\u{7}h\u{7}\u{7}\u{7}1\u{7}\u{13}X\u{14}2\u{15}\u{7}\u{7}尾\r";
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let count = u32::try_from(units.len() / 2).unwrap();
        let in_table = vec![0, 0, 0x16, 0x24, 1];
        let first = row(&[(1000, 0x60), (3000, 0)]);
        // The second row's properties have no room in their page.
        let changes = row(&[(1000, 0x20), (2000, 0), (3001, 0)]).split_off(2);
        let mut data = vec![0; 7];
        data.extend(u16::try_from(changes.len()).unwrap().to_le_bytes());
        data.extend(changes);
        let second = vec![0, 0, 0x46, 0x66, 7, 0, 0, 0];
        // Lengths in characters, and properties, of the paragraphs.
        let paragraphs = [
            (2, Vec::new()),
            (2, in_table.clone()),
            (2, in_table.clone()),
            (1, first),
            (1, in_table.clone()),
            (2, in_table.clone()),
            (6, in_table),
            (1, second),
            (2, Vec::new()),
        ];
        let mut main = vec![0; 2048];
        put(&mut main, VERSION, &WORD_97.to_le_bytes());
        put(&mut main, TEXT_LENGTH, &count.to_le_bytes());
        put(&mut main, 1024, &units);
        let (mut place, mut free) = (1024_u32, 200_usize);
        for (n, (length, changes)) in paragraphs.iter().enumerate() {
            put(&mut main, 1536 + 4 * n, &place.to_le_bytes());
            place += 2 * length;
            put(&mut main, 1536 + 4 * (n + 1), &place.to_le_bytes());
            if !changes.is_empty() {
                let mut changes = changes.clone();
                let head = if changes.len() % 2 == 1 {
                    vec![u8::try_from(changes.len().div_ceil(2)).unwrap()]
                } else {
                    vec![0, u8::try_from(changes.len() / 2).unwrap()]
                };
                changes.splice(0..0, head);
                put(&mut main, 1536 + free, &changes);
                main[1536 + 4 * (paragraphs.len() + 1) + 13 * n] = u8::try_from(free / 2).unwrap();
                free += changes.len().next_multiple_of(2);
            }
        }
        main[1536 + 511] = u8::try_from(paragraphs.len()).unwrap();
        let mut table = Vec::new();
        for number in [1024, place, 3] {
            table.extend(u32::to_le_bytes(number));
        }
        put(&mut main, PARAGRAPH_PAGES, &[0, 0, 0, 0, 12, 0, 0, 0]);
        let mut pieces = vec![2];
        for number in [16, 0, count] {
            pieces.extend(u32::to_le_bytes(number));
        }
        pieces.extend([0, 0]);
        pieces.extend(1024_u32.to_le_bytes());
        pieces.extend([0, 0]);
        put(&mut main, PIECES, &[12, 0, 0, 0, u8::try_from(pieces.len()).unwrap(), 0, 0, 0]);
        table.extend(pieces);
        (main, table, data)
    }

    #[test]
    fn rows_are_told_by_the_properties_of_their_last_paragraph() {
        let (main, table, data) = streams();
        let parts = read((&main, &table, &data), &Limits::default(), &Work::new(100_000)).unwrap();
        let show = |block: &Block| match block {
            Block::Paragraph(p) => p.text.clone(),
            Block::Table(t) => {
                let cell = |c: &Cell| format!("{},{}+{}x{}:{}", c.row, c.col, c.rowspan, c.colspan, c.text);
                t.cells.iter().map(cell).collect::<Vec<_>>().join(" ")
            }
        };
        let shown: Vec<String> = parts.blocks.iter().map(show).collect();
        assert_eq!(shown, ["题", "0,0+2x1:g 0,1+1x2:h 1,1+1x1:1 1,2+1x1:2", "尾"]);
    }

    #[test]
    fn broken_streams_end_in_reasons_or_text() {
        let (main, table, data) = streams();
        for at in 0..main.len() {
            for value in [0, 0x7f, 0xff] {
                let mut broken = main.clone();
                broken[at] = value;
                let _ = read((&broken, &table, &data), &Limits::default(), &Work::new(100_000));
            }
            let _ = read((main.get(..at).unwrap(), &table, &data), &Limits::default(), &Work::new(100_000));
        }
        for at in 0..data.len() {
            let mut broken = data.clone();
            broken[at] ^= 0x80;
            let _ = read((&main, &table, &broken), &Limits::default(), &Work::new(100_000));
        }
        for at in 0..table.len() {
            let mut broken = table.clone();
            broken[at] ^= 0x80;
            let _ = read((&main, &broken, &data), &Limits::default(), &Work::new(100_000));
        }
    }
}
