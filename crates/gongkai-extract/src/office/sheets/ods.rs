//! Workbooks of OpenDocument: cells hold the text that they show.

use super::{Area, Book, Sheet};
use crate::Limits;
use crate::html::Parts;
use crate::office::ink::Marks;
use crate::office::odf::{Inline, Styles, Whole};
use crate::office::xml::{Element, Handler, Step};
use crate::work::Work;
use gongkai_model::Problem;

/// Most rows and columns.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;

/// Reads a workbook.
pub(in crate::office) fn read(whole: &Whole<'_>, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut reader = Reader {
        limits,
        styles: whole.styles()?,
        sheets: Vec::new(),
        row: 0,
        rows: 1,
        column: 0,
        cell: None,
        inline: Inline::default(),
        depth: 0,
    };
    whole.content(&mut reader)?;
    let mut book = Book::new(limits, work);
    for (mut sheet, is_hidden) in reader.sheets {
        sheet.struck = std::mem::take(&mut reader.inline.line.left_out);
        if is_hidden { book.hidden(&sheet)? } else { book.sheet(sheet)? }
    }
    Ok(book.finish())
}

/// A cell while it is read.
#[derive(Default)]
struct OpenCell {
    marks: Marks,
    lines: Vec<String>,
    /// Columns that it is written for.
    columns: u32,
    /// What it holds, for writers that do not say what it shows.
    value: String,
}

struct Reader<'a> {
    limits: &'a Limits,
    styles: Styles,
    /// Sheets, and whether each is hidden.
    sheets: Vec<(Sheet, bool)>,
    row: u32,
    /// Rows that the open one is written for.
    rows: u32,
    column: u32,
    cell: Option<OpenCell>,
    inline: Inline,
    /// Tables around the place; one in a cell belongs to a drawing.
    depth: usize,
}

impl Reader<'_> {
    fn start_cell(&mut self, element: &Element<'_>) {
        let _ = self.inline.line.struck_figure(false);
        let across: u32 = element.number("number-columns-spanned").unwrap_or(1).clamp(1, COLUMNS);
        let down: u32 = element.number("number-rows-spanned").unwrap_or(1).clamp(1, ROWS);
        let (row, column) = (self.row, self.column);
        if let Some((sheet, _)) = self.sheets.last_mut()
            && (across, down) != (1, 1)
            && sheet.merged.len() < self.limits.table_cells
        {
            sheet.merged.push(Area { rows: (row, row + down - 1), columns: (column, column + across - 1) });
        }
        self.cell = Some(OpenCell {
            marks: self.styles.marks("table-cell", element.attribute("style-name")),
            columns: element.number("number-columns-repeated").unwrap_or(1).clamp(1, COLUMNS),
            value: element.attribute("value").unwrap_or_default(),
            lines: Vec::new(),
        });
    }

    fn end_cell(&mut self) {
        let Some(mut cell) = self.cell.take() else { return };
        cell.lines.extend(self.inline.line.struck_figure(cell.lines.is_empty()));
        let text = if cell.lines.is_empty() { cell.value } else { cell.lines.join("\n") };
        if let Some((sheet, _)) = self.sheets.last_mut().filter(|_| !text.is_empty()) {
            let rows = self.row..self.row.saturating_add(self.rows);
            let columns = self.column..self.column.saturating_add(cell.columns);
            let places = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
            // One more than there is room for tells that there was none.
            let room = self.limits.table_cells.saturating_sub(sheet.cells.len()) + 1;
            for (row, column) in places.take(room) {
                if !sheet.takes(text.len(), self.limits) {
                    sheet.dropped += 1;
                    break;
                }
                sheet.put(row, column, text.clone(), self.limits);
            }
        }
        self.column = self.column.saturating_add(cell.columns).min(COLUMNS);
    }
}

impl Handler for Reader<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let is_hidden = || element.attribute("visibility").is_some_and(|v| v != "visible");
        if let Some(step) = self.inline.start(name, element, &self.styles) {
            return step;
        }
        match name {
            "table" if self.depth == 0 => {
                let is_hidden = self.styles.hides_table(element.attribute("style-name"));
                self.sheets.push((Sheet::default(), is_hidden));
                (self.row, self.column, self.depth) = (0, 0, 1);
            }
            // Drawings, and rules for what may be typed.
            "table" | "shapes" | "frame" | "custom-shape" | "content-validations" | "g" => return Step::Skip,
            "table-column" => {
                let count: u32 = element.number("number-columns-repeated").unwrap_or(1).clamp(1, COLUMNS);
                let first = self.column;
                self.column = first.saturating_add(count).min(COLUMNS);
                if let Some((sheet, _)) = self.sheets.last_mut().filter(|_| is_hidden()) {
                    sheet.hidden_columns.push((first, first.saturating_add(count - 1)));
                }
            }
            "table-row" => {
                self.column = 0;
                self.rows = element.number("number-rows-repeated").unwrap_or(1).clamp(1, ROWS);
                let rows = self.row..self.row.saturating_add(self.rows);
                let most = self.limits.table_cells;
                if let Some((sheet, _)) = self.sheets.last_mut().filter(|_| is_hidden()) {
                    let room = most.saturating_sub(sheet.hidden_rows.len());
                    sheet.hidden_rows.extend(rows.take(room));
                }
            }
            "table-cell" => self.start_cell(element),
            "covered-table-cell" => {
                let count: u32 = element.number("number-columns-repeated").unwrap_or(1).clamp(1, COLUMNS);
                self.column = self.column.saturating_add(count).min(COLUMNS);
                return Step::Skip;
            }
            "p" | "h" => {
                let marks = self.cell.as_ref().map(|cell| cell.marks).unwrap_or_default();
                self.inline.open(marks);
            }
            "line-break" => {
                let line = self.inline.line.take();
                self.cell.iter_mut().for_each(|cell| cell.lines.extend(line.clone()));
            }
            "meta" | "settings" | "scripts" | "font-face-decls" | "styles" | "automatic-styles"
            | "master-styles" => {
                return Step::Skip;
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        self.inline.end(name);
        match name {
            "p" | "h" => {
                self.inline.close();
                let line = self.inline.line.take();
                self.cell.iter_mut().for_each(|cell| cell.lines.extend(line.clone()));
            }
            "table-cell" => self.end_cell(),
            "table-row" => self.row = self.row.saturating_add(self.rows).min(ROWS),
            "table" => self.depth = 0,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.inline.push(text);
    }
}
