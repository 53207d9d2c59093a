//! The XML of Excel 2003 ("SpreadsheetML" before the standard): the whole workbook in one file.

use super::figure::{NumberFormat, shown};
use super::{Area, Book, Sheet};
use crate::Limits;
use crate::html::Parts;
use crate::office::ink::{Ink, Marks, Script, cell};
use crate::office::xml::{self, Element, Handler, Step};
use crate::work::Work;
use gongkai_model::Problem;
use std::collections::BTreeMap;

/// Most rows and columns.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;

/// Reads a workbook.
pub(in crate::office) fn read(bytes: &[u8], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut reader = Reader {
        limits,
        looks: BTreeMap::new(),
        look: None,
        sheets: Vec::new(),
        row: 0,
        column: 0,
        next_row: 0,
        next_column: 0,
        cell: None,
        in_visible: false,
    };
    xml::walk(bytes, &mut reader)?;
    let mut book = Book::new(limits, work);
    for (sheet, is_hidden) in reader.sheets {
        if is_hidden { book.hidden(&sheet)? } else { book.sheet(sheet)? }
    }
    Ok(book.finish())
}

#[derive(Default, Clone)]
struct Look {
    marks: Marks,
    format: NumberFormat,
}

#[derive(Default)]
struct OpenCell {
    look: Look,
    kind: String,
    runs: Vec<(String, Ink)>,
    /// Marks of elements within the text, as in a page.
    inner: Vec<Marks>,
    in_data: bool,
}

struct Reader<'a> {
    limits: &'a Limits,
    looks: BTreeMap<String, Look>,
    look: Option<(String, Look)>,
    /// Sheets, and whether each is hidden.
    sheets: Vec<(Sheet, bool)>,
    row: u32,
    column: u32,
    next_row: u32,
    next_column: u32,
    cell: Option<OpenCell>,
    in_visible: bool,
}

impl Reader<'_> {
    fn in_cell(&mut self, name: &str, element: &Element<'_>) -> Step {
        let Some(open) = &mut self.cell else { return Step::Into };
        match name {
            "Comment" | "PhoneticText" => return Step::Skip,
            "Data" => {
                open.in_data = true;
                open.kind = element.attribute("Type").unwrap_or_default();
            }
            _ if open.in_data => {
                let around = open.inner.last().copied().unwrap_or(open.look.marks);
                let marks = match name {
                    "Sup" => Marks { script: Some(Script::Above), ..around },
                    "Sub" => Marks { script: Some(Script::Below), ..around },
                    "S" => Marks { struck: Some(true), ..around },
                    _ => around,
                };
                open.inner.push(marks);
            }
            _ => {}
        }
        Step::Into
    }

    fn end_cell(&mut self) {
        let (Some(open), Some((sheet, _))) = (self.cell.take(), self.sheets.last_mut()) else { return };
        let own = open.look.marks.ink();
        let whole: String = open.runs.iter().map(|(text, _)| text.as_str()).collect();
        let (text, struck) = match open.kind.as_str() {
            "Number" => {
                let figure = whole
                    .trim()
                    .parse::<f64>()
                    .map(|n| shown(n, &open.look.format, false, sheet.without_zeros));
                cell([(figure.unwrap_or_default().as_str(), own)])
            }
            // `2024-01-31T00:00:00.000`
            "DateTime" => cell([(whole.split('T').next().unwrap_or_default(), own)]),
            "Boolean" | "Error" => Default::default(),
            _ => cell(open.runs.iter().map(|(text, ink)| (text.as_str(), *ink))),
        };
        sheet.struck += struck;
        sheet.put(self.row, self.column, text, self.limits);
    }
}

impl Handler for Reader<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        if self.cell.is_some() {
            return self.in_cell(name, element);
        }
        let is_hidden = || element.attribute("Hidden").is_some_and(|v| v == "1");
        // Places count from one; what does not say its own follows the one before.
        let place = |next: u32, most: u32| {
            element.number::<u32>("Index").map_or(next, |n| n.saturating_sub(1)).min(most)
        };
        match name {
            "Style" => {
                self.look = element.attribute("ID").map(|id| {
                    let parent = element.attribute("Parent").and_then(|parent| self.looks.get(&parent));
                    (id, parent.cloned().unwrap_or_default())
                })
            }
            "Font" => {
                if let Some((_, look)) = &mut self.look {
                    look.marks.struck = element.attribute("StrikeThrough").map(|v| v == "1");
                    look.marks.script = element.attribute("VerticalAlign").map(|v| Script::named(&v));
                }
            }
            "NumberFormat" => {
                if let (Some((_, look)), Some(code)) = (&mut self.look, element.attribute("Format")) {
                    look.format = NumberFormat::of(&code);
                }
            }
            "Worksheet" => {
                self.sheets.push((Sheet::default(), false));
                (self.next_row, self.next_column) = (0, 0);
            }
            "Column" => {
                let first = place(self.next_column, COLUMNS);
                let last = first.saturating_add(element.number("Span").unwrap_or(0)).min(COLUMNS);
                self.next_column = last + 1;
                if let Some((sheet, _)) = self.sheets.last_mut().filter(|_| is_hidden()) {
                    sheet.hidden_columns.push((first, last));
                }
            }
            "Row" => {
                let first = place(self.next_row, ROWS);
                let last = first.saturating_add(element.number("Span").unwrap_or(0)).min(ROWS);
                (self.row, self.next_row, self.next_column) = (first, last + 1, 0);
                let most = self.limits.table_cells;
                if let Some((sheet, _)) = self.sheets.last_mut().filter(|_| is_hidden()) {
                    let room = most.saturating_sub(sheet.hidden_rows.len());
                    sheet.hidden_rows.extend((first..=last).take(room));
                }
            }
            "Cell" => {
                self.column = place(self.next_column, COLUMNS);
                let right =
                    self.column.saturating_add(element.number("MergeAcross").unwrap_or(0)).min(COLUMNS);
                let bottom = self.row.saturating_add(element.number("MergeDown").unwrap_or(0)).min(ROWS);
                self.next_column = right + 1;
                let (row, column) = (self.row, self.column);
                if let Some((sheet, _)) = self.sheets.last_mut()
                    && (right, bottom) != (column, row)
                    && sheet.merged.len() < self.limits.table_cells
                {
                    sheet.merged.push(Area { rows: (row, bottom), columns: (column, right) });
                }
                let look = element.attribute("StyleID").and_then(|id| self.looks.get(&id).cloned());
                self.cell = Some(OpenCell { look: look.unwrap_or_default(), ..OpenCell::default() });
            }
            "Visible" => self.in_visible = true,
            "DoNotDisplayZeros" => {
                self.sheets.iter_mut().last().into_iter().for_each(|(s, _)| s.without_zeros = true)
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "Cell" => self.end_cell(),
            "Style" => self.looks.extend(self.look.take()),
            "Visible" => self.in_visible = false,
            _ => {
                if let Some(open) = &mut self.cell {
                    match name {
                        "Data" => open.in_data = false,
                        _ => drop(open.inner.pop()),
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = self.cell.as_mut().filter(|open| open.in_data) {
            let marks = open.inner.last().copied().unwrap_or(open.look.marks);
            open.runs.push((text.to_owned(), marks.ink()));
        } else if self.in_visible && text.trim() != "SheetVisible" {
            self.sheets.iter_mut().last().into_iter().for_each(|(_, hidden)| *hidden = true);
        }
    }
}
