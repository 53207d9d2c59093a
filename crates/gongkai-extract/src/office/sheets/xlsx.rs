//! SpreadsheetML (ECMA-376-1, 18).

use super::figure::{NumberFormat, shown};
use super::{Area, Book, Sheet};
use crate::Limits;
use crate::html::Parts;
use crate::office::ink::{Ink, Marks, Script, cell};
use crate::office::source::Source;
use crate::office::xml::{Element, Handler, Step};
use crate::work::Work;
use gongkai_model::Problem;
use std::collections::BTreeMap;

/// Reads a workbook whose main part is `main`.
pub(in crate::office) fn read(
    source: &dyn Source,
    main: &str,
    limits: &Limits,
    work: &Work,
) -> Result<Parts, Problem> {
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", main));
    let mut index = Index::default();
    source.walk(main, &mut index)?;
    source.walk(&format!("{folder}/_rels/{file}.rels"), &mut index)?;
    let part = |target: &str| match target.strip_prefix('/') {
        Some(name) => name.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut look = Look::default();
    if let Some(name) = index.of_kind("/styles").map(part).filter(|name| source.has(name)) {
        source.walk(&name, &mut look)?;
    }
    let mut texts = Texts::default();
    if let Some(name) = index.of_kind("/sharedStrings").map(part).filter(|name| source.has(name)) {
        source.walk(&name, &mut texts)?;
    }
    if texts.runs > MOST_RUNS {
        return Err(Problem::unreadable(format!("limit: more than {MOST_RUNS} texts that cells share")));
    }
    let mut book = Book::new(limits, work);
    for (id, is_hidden) in &index.sheets {
        // A chart has no cells.
        let Some((kind, target)) = index.parts.get(id) else { continue };
        if !kind.ends_with("/worksheet") {
            continue;
        }
        let mut reader = Reader::new(limits, &look, &texts.done, index.since_1904);
        source.walk(&part(target), &mut reader)?;
        if *is_hidden {
            book.hidden(&reader.sheet)?;
        } else {
            book.sheet(reader.sheet)?;
        }
    }
    Ok(book.finish())
}

/// Texts that cells share, each of their runs counted. A workbook has ten times fewer cells.
const MOST_RUNS: usize = 500_000;

/// The sheets in their order, and where parts are.
#[derive(Default)]
struct Index {
    /// Ids of relationships, and whether the sheet is hidden.
    sheets: Vec<(String, bool)>,
    /// Kind and target, by id.
    parts: BTreeMap<String, (String, String)>,
    since_1904: bool,
}

impl Index {
    fn of_kind(&self, kind: &str) -> Option<&str> {
        self.parts.values().find(|(k, _)| k.ends_with(kind)).map(|(_, target)| target.as_str())
    }
}

impl Handler for Index {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "sheet" => {
                let is_hidden = element.attribute("state").is_some_and(|state| state != "visible");
                self.sheets.extend(element.attribute("id").map(|id| (id, is_hidden)));
            }
            "workbookPr" => {
                self.since_1904 = element.attribute("date1904").is_some_and(|v| v == "1" || v == "true");
            }
            "Relationship" => {
                let target = element.attribute("Type").zip(element.attribute("Target"));
                self.parts.extend(element.attribute("Id").zip(target));
            }
            _ => {}
        }
        Step::Into
    }
}

/// Properties of a font, within a run or of a cell.
fn font(marks: &mut Marks, name: &str, element: &Element<'_>) {
    match name {
        "strike" => marks.struck = Some(element.is_on()),
        "vertAlign" => marks.script = element.attribute("val").map(|v| Script::named(&v)),
        _ => {}
    }
}

/// What cells look like, by the number of their style.
#[derive(Default)]
struct Look {
    fonts: Vec<Marks>,
    formats: BTreeMap<u32, NumberFormat>,
    cells: Vec<(Ink, NumberFormat)>,
    in_fonts: bool,
    in_cells: bool,
}

impl Handler for Look {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "fonts" => self.in_fonts = true,
            "font" if self.in_fonts => self.fonts.push(Marks::default()),
            "cellXfs" => self.in_cells = true,
            "numFmt" => {
                let number = element.number("numFmtId");
                let code = element.attribute("formatCode").map(|code| NumberFormat::of(&code));
                self.formats.extend(number.zip(code));
            }
            "xf" if self.in_cells => {
                let font = element.number::<usize>("fontId").and_then(|n| self.fonts.get(n));
                let number = element.number("numFmtId").unwrap_or(0);
                let known = self.formats.get(&number).cloned();
                let format = known.unwrap_or_else(|| NumberFormat::built_in(number));
                self.cells.push((font.copied().unwrap_or_default().ink(), format));
            }
            "dxfs" | "cellStyleXfs" => return Step::Skip,
            _ if self.in_fonts => {
                if let Some(marks) = self.fonts.last_mut() {
                    font(marks, name, element);
                }
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "fonts" => self.in_fonts = false,
            "cellXfs" => self.in_cells = false,
            _ => {}
        }
    }
}

/// A text of runs; a run without properties of its own looks as its cell does.
#[derive(Default)]
struct Text {
    runs: Vec<(String, Option<Ink>)>,
    marks: Option<Marks>,
    in_text: bool,
}

impl Text {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "t" => self.in_text = true,
            "r" => self.marks = None,
            "rPr" => self.marks = Some(Marks::default()),
            // How it is pronounced.
            "rPh" | "phoneticPr" => return Step::Skip,
            _ => {
                if let Some(marks) = &mut self.marks {
                    font(marks, name, element);
                }
            }
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "r" => self.marks = None,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if !self.in_text {
            return;
        }
        let ink = self.marks.map(Marks::ink);
        match self.runs.last_mut() {
            Some((run, own)) if *own == ink => run.push_str(text),
            _ => self.runs.push((text.to_owned(), ink)),
        }
    }

    fn bytes(&self) -> usize {
        self.runs.iter().map(|(text, _)| text.len()).sum()
    }

    fn shown(&self, own: Ink) -> (String, usize) {
        cell(self.runs.iter().map(|(text, ink)| (text.as_str(), ink.unwrap_or(own))))
    }
}

/// The texts that cells share.
#[derive(Default)]
struct Texts {
    done: Vec<Text>,
    runs: usize,
}

impl Handler for Texts {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        self.runs += usize::from(matches!(name, "si" | "t" | "r"));
        if self.runs > MOST_RUNS {
            return Step::Skip;
        }
        if name == "si" {
            self.done.push(Text::default());
            return Step::Into;
        }
        self.done.last_mut().map_or(Step::Into, |text| text.start(name, element))
    }

    fn end(&mut self, name: &str) {
        self.done.last_mut().into_iter().for_each(|text| text.end(name));
    }

    fn text(&mut self, text: &str) {
        self.done.last_mut().into_iter().for_each(|open| open.text(text));
    }
}

/// A cell while it is read.
#[derive(Default)]
struct OpenCell {
    kind: String,
    style: usize,
    value: String,
    text: Text,
}

struct Reader<'a> {
    limits: &'a Limits,
    look: &'a Look,
    texts: &'a [Text],
    since_1904: bool,
    sheet: Sheet,
    row: u32,
    column: u32,
    cell: Option<OpenCell>,
    in_value: bool,
}

impl<'a> Reader<'a> {
    fn new(limits: &'a Limits, look: &'a Look, texts: &'a [Text], since_1904: bool) -> Self {
        Self {
            limits,
            look,
            texts,
            since_1904,
            sheet: Sheet::default(),
            row: 0,
            column: 0,
            cell: None,
            in_value: false,
        }
    }

    fn end_cell(&mut self) {
        let Some(open) = self.cell.take() else { return };
        let (ink, format) = self.look.cells.get(open.style).cloned().unwrap_or_default();
        let value = open.value.trim();
        let (text, struck) = match open.kind.as_str() {
            "s" => {
                let shared = value.parse::<usize>().ok().and_then(|n| self.texts.get(n));
                let all = shared.map_or(0, Text::bytes);
                if !self.sheet.takes(all, self.limits) {
                    self.sheet.dropped += 1;
                    return;
                }
                shared.map(|text| text.shown(ink)).unwrap_or_default()
            }
            "inlineStr" => open.text.shown(ink),
            "str" | "d" => cell([(open.value.as_str(), ink)]),
            // A switch is no value, nor is `#REF!`.
            "b" | "e" => Default::default(),
            _ => match value.parse() {
                Ok(number) => {
                    let text = shown(number, &format, self.since_1904, self.sheet.without_zeros);
                    cell([(text.as_str(), ink)])
                }
                Err(_) => Default::default(),
            },
        };
        self.sheet.struck += struck;
        self.sheet.put(self.row, self.column, text, self.limits);
    }
}

impl Handler for Reader<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let is_hidden = |element: &Element<'_>| {
            let says = |name: &str| element.attribute(name).is_some_and(|v| v == "1" || v == "true");
            let is_flat = |name: &str| element.number::<f64>(name) == Some(0.0);
            says("hidden") || is_flat("ht") || is_flat("width")
        };
        if let Some(open) = &mut self.cell {
            return match name {
                "v" => {
                    self.in_value = true;
                    Step::Into
                }
                "is" => Step::Into,
                "f" => Step::Skip,
                _ => open.text.start(name, element),
            };
        }
        match name {
            "sheetView" => {
                self.sheet.without_zeros =
                    element.attribute("showZeros").is_some_and(|v| v == "0" || v == "false");
            }
            "col" if is_hidden(element) => {
                self.sheet.hidden_columns.extend(columns(element.number("min"), element.number("max")));
            }
            "row" => {
                // Rows and cells that do not say where they are follow the one before.
                self.row = element.number::<u32>("r").map_or(self.row, |n| n.saturating_sub(1));
                self.column = 0;
                if is_hidden(element) && self.sheet.hidden_rows.len() < self.limits.table_cells {
                    self.sheet.hidden_rows.insert(self.row);
                }
            }
            "c" => {
                if let Some((row, column)) = element.attribute("r").and_then(|r| place(&r)) {
                    (self.row, self.column) = (row, column);
                }
                self.cell = Some(OpenCell {
                    kind: element.attribute("t").unwrap_or_default(),
                    style: element.number("s").unwrap_or(0),
                    ..OpenCell::default()
                });
            }
            "mergeCell" if self.sheet.merged.len() < self.limits.table_cells => {
                self.sheet.merged.extend(element.attribute("ref").and_then(|r| area(&r)));
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "v" => self.in_value = false,
            "c" => {
                self.end_cell();
                self.column = self.column.saturating_add(1);
            }
            "row" => self.row = self.row.saturating_add(1),
            _ => self.cell.iter_mut().for_each(|open| open.text.end(name)),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = &mut self.cell {
            if self.in_value { open.value.push_str(text) } else { open.text.text(text) }
        }
    }
}

/// Columns that count from one.
fn columns(first: Option<u32>, last: Option<u32>) -> Option<(u32, u32)> {
    let first = first?.checked_sub(1)?;
    Some((first, last?.checked_sub(1)?.max(first)))
}

/// `B3` as row and column.
fn place(name: &str) -> Option<(u32, u32)> {
    const ROWS: u32 = 1 << 20;
    const COLUMNS: u32 = 1 << 14;
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = name.split_at_checked(digits)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() || column > COLUMNS {
            return None;
        }
        column = column * 26 + u32::from(letter - b'A') + 1;
    }
    let row = row.parse::<u32>().ok().filter(|row| (1..=ROWS).contains(row))?;
    (1..=COLUMNS).contains(&column).then(|| (row - 1, column - 1))
}

fn area(name: &str) -> Option<Area> {
    let (first, last) = name.split_once(':')?;
    let ((top, left), (bottom, right)) = (place(first)?, place(last)?);
    Some(Area { rows: (top, bottom.max(top)), columns: (left, right.max(left)) })
}
