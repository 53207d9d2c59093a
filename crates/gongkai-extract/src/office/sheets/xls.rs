//! The binary workbooks of Excel 95 to 2003 ([MS-XLS]; those of Excel 95 have other strings): records one after another.

use super::figure::{NumberFormat, shown};
use super::{Area, Book, Sheet};
use crate::Limits;
use crate::html::Parts;
use crate::office::ink::{Ink, Marks, Script, cell};
use crate::work::Work;
use encoding_rs::Encoding;
use gongkai_model::Problem;
use std::collections::BTreeMap;

/// Kinds of records (2.3).
mod kind {
    pub(super) const BOF: u16 = 0x0809;
    pub(super) const EOF: u16 = 0x000a;
    pub(super) const CONTINUE: u16 = 0x003c;
    pub(super) const ENCRYPTED: u16 = 0x002f;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const SINCE_1904: u16 = 0x0022;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const FONT: u16 = 0x0031;
    pub(super) const FORMAT: u16 = 0x041e;
    pub(super) const LOOK: u16 = 0x00e0;
    pub(super) const TEXTS: u16 = 0x00fc;
    pub(super) const WINDOW: u16 = 0x023e;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const COLUMNS: u16 = 0x007d;
    pub(super) const MERGED: u16 = 0x00e5;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const SHORT_NUMBER: u16 = 0x027e;
    pub(super) const SHORT_NUMBERS: u16 = 0x00bd;
    pub(super) const SHARED_TEXT: u16 = 0x00fd;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const RICH_LABEL: u16 = 0x00d6;
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const FORMULA_TEXT: u16 = 0x0207;
}

/// Steps of a record, and of a cell of a record that has several.
const RECORD: usize = 16;

/// Reads a workbook from its stream of records.
pub(in crate::office) fn read(stream: &[u8], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut globals = Globals::default();
    for record in Records(stream) {
        let (kind, body, rest) = record?;
        work.spend(RECORD)?;
        if kind == kind::EOF {
            break;
        }
        globals.record(kind, body, rest, work)?;
    }
    let mut book = Book::new(limits, work);
    for (place, is_hidden) in &globals.sheets {
        let records = stream.get(*place..).ok_or_else(|| Problem::unreadable("truncated: xls"))?;
        let sheet = Reader { globals: &globals, limits, work, sheet: Sheet::default(), formula: None };
        let sheet = sheet.read(records)?;
        if *is_hidden {
            book.hidden(&sheet)?;
        } else {
            book.sheet(sheet)?;
        }
    }
    Ok(book.finish())
}

/// Records with their kinds, and what follows each.
struct Records<'b>(&'b [u8]);

impl<'b> Iterator for Records<'b> {
    type Item = Result<(u16, &'b [u8], &'b [u8]), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let ([a, b, c, d], after) = self.0.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let Some((body, rest)) = after.split_at_checked(length) else {
            self.0 = &[];
            return Some(Err(Problem::unreadable("truncated: xls")));
        };
        self.0 = rest;
        Some(Ok((u16::from_le_bytes([*a, *b]), body, rest)))
    }
}

/// A number of one, two or four bytes; 0 where the record ends before.
fn number(body: &[u8], bytes: std::ops::Range<usize>) -> u32 {
    match body.get(bytes) {
        Some([a]) => u32::from(*a),
        Some([a, b]) => u32::from(u16::from_le_bytes([*a, *b])),
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

fn short(body: &[u8], at: usize) -> u32 {
    number(body, at..at + 2)
}

fn double(body: &[u8], at: usize) -> Option<f64> {
    let (bytes, _) = body.get(at..)?.split_first_chunk::<8>()?;
    Some(f64::from_le_bytes(*bytes))
}

/// A text, and where another font begins in it.
#[derive(Debug, Default)]
struct Text {
    text: String,
    /// Unit of UTF-16, and number of the font.
    fonts: Vec<(u32, u32)>,
}

/// What the whole workbook says.
struct Globals {
    is_old: bool,
    encoding: &'static Encoding,
    since_1904: bool,
    /// Where the sheets begin, and whether they are hidden.
    sheets: Vec<(usize, bool)>,
    fonts: Vec<Ink>,
    formats: BTreeMap<u32, NumberFormat>,
    /// Number of the font, and of the format.
    looks: Vec<(u32, u32)>,
    texts: Vec<Text>,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            is_old: false,
            encoding: encoding_rs::GB18030,
            since_1904: false,
            sheets: Vec::new(),
            fonts: Vec::new(),
            formats: BTreeMap::new(),
            looks: Vec::new(),
            texts: Vec::new(),
        }
    }
}

impl Globals {
    fn record(&mut self, kind: u16, body: &[u8], rest: &[u8], work: &Work) -> Result<(), Problem> {
        /// The version of Excel 97.
        const NEW: u32 = 0x0600;
        /// A sheet of cells, and one that is shown.
        const SHEET: u32 = 0;
        const SHOWN: u32 = 0;
        match kind {
            kind::BOF => self.is_old = short(body, 0) < NEW,
            kind::ENCRYPTED => return Err(Problem::unreadable("encrypted")),
            kind::CODE_PAGE => self.encoding = code_page(short(body, 0)).unwrap_or(self.encoding),
            kind::SINCE_1904 => self.since_1904 = short(body, 0) == 1,
            kind::BOUND_SHEET if number(body, 5..6) == SHEET => {
                self.sheets.push((number(body, 0..4) as usize, number(body, 4..5) & 3 != SHOWN));
            }
            kind::FONT => {
                let script = match short(body, 8) {
                    1 => Script::Above,
                    2 => Script::Below,
                    _ => Script::Line,
                };
                let struck = Some(short(body, 2) & 8 != 0);
                self.fonts.push(Marks { struck, script: Some(script), ..Marks::default() }.ink());
            }
            kind::FORMAT => {
                let code = self.text(body.get(2..).unwrap_or_default(), if self.is_old { 1 } else { 2 });
                self.formats.insert(short(body, 0), NumberFormat::of(&code.text));
            }
            kind::LOOK => self.looks.push((short(body, 0), short(body, 2))),
            kind::TEXTS => self.texts = texts(body, rest, work)?,
            _ => {}
        }
        Ok(())
    }

    /// The font with this number: there is none with the number four.
    fn font(&self, number: u32) -> Ink {
        let index = if number > 4 { number - 1 } else { number };
        self.fonts.get(index as usize).copied().unwrap_or_default()
    }

    fn look(&self, number: u32) -> (Ink, NumberFormat) {
        let (font, format) = self.looks.get(number as usize).copied().unwrap_or_default();
        let known = self.formats.get(&format).cloned();
        (self.font(font), known.unwrap_or_else(|| NumberFormat::built_in(format)))
    }

    /// A string whose length has so many bytes (2.5.294; bytes of the code page before).
    fn text(&self, body: &[u8], length_bytes: usize) -> Text {
        let count = number(body, 0..length_bytes) as usize;
        let body = body.get(length_bytes..).unwrap_or_default();
        if self.is_old {
            let bytes = body.get(..count).unwrap_or(body);
            let text = self.encoding.decode_without_bom_handling(bytes).0.into_owned();
            return Text { text, fonts: Vec::new() };
        }
        let mut pieces = Pieces { now: body.get(1..).unwrap_or_default(), rest: &[] };
        let text = pieces.characters(count, number(body, 0..1) & 1 != 0);
        Text { text, fonts: Vec::new() }
    }

    /// A text as it is shown, in a cell of this look.
    fn shown(&self, text: &Text, own: Ink) -> (String, usize) {
        if text.fonts.is_empty() {
            return cell([(text.text.as_str(), own)]);
        }
        let mut runs: Vec<(String, Ink)> = vec![(String::new(), own)];
        let mut fonts = text.fonts.iter().peekable();
        let mut unit = 0;
        for c in text.text.chars() {
            while let Some((_, font)) = fonts.next_if(|(from, _)| *from <= unit) {
                runs.push((String::new(), self.font(*font)));
            }
            if let Some((run, _)) = runs.last_mut() {
                run.push(c);
            }
            unit += c.len_utf16() as u32;
        }
        cell(runs.iter().map(|(text, ink)| (text.as_str(), *ink)))
    }
}

/// A record and those that continue it.
struct Pieces<'b> {
    now: &'b [u8],
    rest: &'b [u8],
}

impl<'b> Pieces<'b> {
    /// Goes on in the next record, if that continues this one.
    fn next(&mut self) -> bool {
        let mut records = Records(self.rest);
        let Some(Ok((kind::CONTINUE, body, rest))) = records.next() else { return false };
        (self.now, self.rest) = (body, rest);
        true
    }

    fn byte(&mut self) -> Option<u8> {
        while self.now.is_empty() {
            if !self.next() {
                return None;
            }
        }
        let (first, rest) = self.now.split_first()?;
        self.now = rest;
        Some(*first)
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0_u32, |n, at| Some(n | u32::from(self.byte()?) << (8 * at)))
    }

    fn skip(&mut self, mut count: usize) {
        while count > 0 {
            let length = count.min(self.now.len());
            self.now = self.now.get(length..).unwrap_or_default();
            count -= length;
            if count > 0 && !self.next() {
                return;
            }
        }
    }

    /// So many units of UTF-16, whose high bytes are left out where they all are zero; each record says so anew.
    fn characters(&mut self, count: usize, mut is_wide: bool) -> String {
        let mut units: Vec<u16> = Vec::with_capacity(count.min(1 << 15));
        while units.len() < count {
            if self.now.is_empty() {
                if !self.next() {
                    break;
                }
                is_wide = self.byte().is_some_and(|flags| flags & 1 != 0);
                continue;
            }
            let unit = match (is_wide, self.now) {
                (true, [low, high, rest @ ..]) => {
                    self.now = rest;
                    u16::from_le_bytes([*low, *high])
                }
                (true, _) => {
                    self.now = &[];
                    continue;
                }
                (false, [low, rest @ ..]) => {
                    self.now = rest;
                    u16::from(*low)
                }
                (false, []) => continue,
            };
            units.push(unit);
        }
        String::from_utf16_lossy(&units)
    }
}

/// The texts that cells share (2.4.265 SST).
fn texts(body: &[u8], rest: &[u8], work: &Work) -> Result<Vec<Text>, Problem> {
    /// Counts at the beginning.
    const HEAD: usize = 8;
    let mut pieces = Pieces { now: body.get(HEAD..).unwrap_or_default(), rest };
    let mut out = Vec::new();
    while let (Some(count), Some(flags)) = (pieces.number(2), pieces.number(1)) {
        let runs = if flags & 8 != 0 { pieces.number(2).unwrap_or(0) } else { 0 };
        let more = if flags & 4 != 0 { pieces.number(4).unwrap_or(0) } else { 0 };
        work.spend(RECORD + count as usize + runs as usize)?;
        let text = pieces.characters(count as usize, flags & 1 != 0);
        let fonts = (0..runs).map_while(|_| Some((pieces.number(2)?, pieces.number(2)?))).collect();
        pieces.skip(more as usize);
        out.push(Text { text, fonts });
    }
    Ok(out)
}

struct Reader<'a> {
    globals: &'a Globals,
    limits: &'a Limits,
    work: &'a Work,
    sheet: Sheet,
    /// A formula whose value, a text, stands in the next record.
    formula: Option<(u32, u32, Ink)>,
}

impl Reader<'_> {
    fn read(mut self, records: &[u8]) -> Result<Sheet, Problem> {
        let mut depth = 0_u32;
        for record in Records(records) {
            let (kind, body, _) = record?;
            self.work.spend(RECORD)?;
            match kind {
                kind::BOF => depth += 1,
                kind::EOF if depth <= 1 => return Ok(self.sheet),
                kind::EOF => depth -= 1,
                // What is embedded, charts for one, has cells of its own.
                _ if depth == 1 => self.record(kind, body)?,
                _ => {}
            }
        }
        Err(Problem::unreadable("truncated: xls"))
    }

    fn record(&mut self, kind: u16, body: &[u8]) -> Result<(), Problem> {
        let (row, column, look) = (short(body, 0), short(body, 2), short(body, 4));
        match kind {
            kind::WINDOW => self.sheet.without_zeros = short(body, 0) & 0x10 == 0,
            kind::ROW if short(body, 12) & 0x20 != 0 => drop(self.sheet.hidden_rows.insert(row)),
            kind::COLUMNS if short(body, 8) & 1 != 0 || short(body, 4) == 0 => {
                self.sheet.hidden_columns.push((row, column.max(row)));
            }
            kind::MERGED => {
                let areas = body.get(2..).unwrap_or_default().chunks_exact(8);
                let room = self.limits.table_cells.saturating_sub(self.sheet.merged.len());
                self.sheet.merged.extend(areas.take(room).map(|area| Area {
                    rows: (short(area, 0), short(area, 2).max(short(area, 0))),
                    columns: (short(area, 4), short(area, 6).max(short(area, 4))),
                }));
            }
            kind::NUMBER => self.number(row, column, look, double(body, 6)),
            kind::SHORT_NUMBER => self.number(row, column, look, Some(unpacked(number(body, 6..10)))),
            kind::SHORT_NUMBERS => {
                let cells = body.get(4..body.len().saturating_sub(2)).unwrap_or_default().chunks_exact(6);
                self.work.spend(RECORD * cells.len())?;
                for (column, cell) in (column..).zip(cells) {
                    self.number(row, column, short(cell, 0), Some(unpacked(number(cell, 2..6))));
                }
            }
            kind::SHARED_TEXT => {
                let text = self.globals.texts.get(number(body, 6..10) as usize);
                self.text(row, column, look, text.unwrap_or(&Text::default()));
            }
            kind::LABEL | kind::RICH_LABEL => {
                let text = self.label(body.get(6..).unwrap_or_default());
                self.text(row, column, look, &text);
            }
            kind::FORMULA => {
                self.formula = None;
                match body.get(6..14) {
                    // No number: a text in the next record, a switch, an error, or an empty text.
                    Some([0, _, _, _, _, _, 0xff, 0xff]) => {
                        self.formula = Some((row, column, self.globals.look(look).0));
                    }
                    Some([_, _, _, _, _, _, 0xff, 0xff]) | None => {}
                    Some(_) => self.number(row, column, look, double(body, 6)),
                }
            }
            kind::FORMULA_TEXT => {
                if let Some((row, column, ink)) = self.formula.take() {
                    let (text, struck) = self.globals.shown(&self.globals.text(body, 2), ink);
                    self.put(row, column, text, struck);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A text in its cell; in that of Excel 95 its fonts follow, in bytes.
    fn label(&self, body: &[u8]) -> Text {
        let mut text = self.globals.text(body, 2);
        if self.globals.is_old {
            let runs = body.get(2 + short(body, 0) as usize..).unwrap_or_default();
            let runs = runs.get(1..).unwrap_or_default().chunks_exact(2);
            // Places count bytes: what lies before one in characters.
            let units = |bytes: u32| {
                let before = body.get(2..2 + bytes as usize).unwrap_or_default();
                self.globals.encoding.decode_without_bom_handling(before).0.encode_utf16().count() as u32
            };
            text.fonts = runs.map(|run| (units(number(run, 0..1)), number(run, 1..2))).collect();
        }
        text
    }

    fn number(&mut self, row: u32, column: u32, look: u32, value: Option<f64>) {
        let Some(value) = value else { return };
        let (ink, format) = self.globals.look(look);
        let figure = shown(value, &format, self.globals.since_1904, self.sheet.without_zeros);
        let (text, struck) = cell([(figure.as_str(), ink)]);
        self.put(row, column, text, struck);
    }

    fn text(&mut self, row: u32, column: u32, look: u32, text: &Text) {
        if !self.sheet.takes(text.text.len(), self.limits) {
            self.sheet.dropped += 1;
            return;
        }
        let (text, struck) = self.globals.shown(text, self.globals.look(look).0);
        self.put(row, column, text, struck);
    }

    fn put(&mut self, row: u32, column: u32, text: String, struck: usize) {
        self.sheet.struck += struck;
        self.sheet.put(row, column, text, self.limits);
    }
}

/// A number in four bytes (2.5.217 RkNumber).
fn unpacked(packed: u32) -> f64 {
    let number = if packed & 2 != 0 {
        f64::from(packed as i32 >> 2)
    } else {
        f64::from_bits(u64::from(packed & 0xffff_fffc) << 32)
    };
    if packed & 1 != 0 { number / 100.0 } else { number }
}

fn code_page(number: u32) -> Option<&'static Encoding> {
    Some(match number {
        936 | 54936 => encoding_rs::GB18030,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        1252 => encoding_rs::WINDOWS_1252,
        _ => return None,
    })
}
