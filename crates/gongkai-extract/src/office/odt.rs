//! Texts of OpenDocument to blocks, as a reader sees them with all tracked changes accepted.

use super::draft::{Draft, DraftCell, DraftRow, Item, MAX_TABLES, Merge, emit};
use super::odf::{Inline, Styles, Whole};
use super::xml::{Element, Handler, Step};
use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::oddity::STRUCK_DROPPED;
use gongkai_model::{Problem, Role};
use std::collections::HashMap;

/// Reads a text.
pub(super) fn read(whole: &Whole<'_>, limits: &Limits) -> Result<Parts, Problem> {
    let mut body = Body {
        styles: whole.styles()?,
        blocks: Blocks::new(limits),
        items: Vec::new(),
        tables: Vec::new(),
        inline: Inline::default(),
        heading: false,
        cells_left: limits.table_cells,
        too_deep: 0,
    };
    whole.content(&mut body)?;
    Ok(body.finish())
}

#[derive(Default)]
struct OpenTable {
    draft: Draft,
    row: Option<DraftRow>,
    cell: Option<DraftCell>,
    /// By column: rows that a cell above still covers, and the columns it spans.
    open: HashMap<u32, (u32, u32)>,
    column: u32,
}

struct Body<'a> {
    styles: Styles,
    blocks: Blocks<'a>,
    items: Vec<Item>,
    tables: Vec<OpenTable>,
    inline: Inline,
    heading: bool,
    cells_left: usize,
    too_deep: usize,
}

impl Body<'_> {
    fn put(&mut self, item: Item) {
        match self.tables.last_mut().and_then(|table| table.cell.as_mut()) {
            Some(cell) => cell.items.push(item),
            None => self.items.push(item),
        }
    }

    fn end_line(&mut self) {
        let Some(text) = self.inline.line.take() else { return };
        if self.blocks.may_gather() {
            let role = if self.heading { Role::Heading } else { Role::Body };
            self.put(Item::Line(text, role));
        }
    }

    fn start_cell(&mut self, element: &Element<'_>) {
        let _ = self.inline.line.struck_figure(false);
        let Some(table) = self.tables.last_mut() else { return };
        let span = element.number("number-columns-spanned").unwrap_or(1);
        let rows: u32 = element.number("number-rows-spanned").unwrap_or(1);
        let merge = if rows > 1 { Merge::Top } else { Merge::Alone };
        if rows > 1 {
            table.open.insert(table.column, (rows - 1, span));
        }
        table.cell = Some(DraftCell { span, merge, items: Vec::new() });
    }

    fn end_cell(&mut self) {
        self.end_line();
        let alone = self.tables.last().and_then(|t| t.cell.as_ref()).is_some_and(|c| c.items.is_empty());
        if let Some(figure) = self.inline.line.struck_figure(alone) {
            self.put(Item::Line(figure, Role::Body));
        }
        let Some(cell) = self.tables.last_mut().and_then(|table| table.cell.take()) else { return };
        self.push_cell(cell);
    }

    fn push_cell(&mut self, cell: DraftCell) {
        let columns = self.blocks.limits.table_columns;
        let Some(table) = self.tables.last_mut() else { return };
        table.column = table.column.saturating_add(1);
        let OpenTable { draft, row, .. } = table;
        let Some(row) = row.as_mut() else { return };
        if self.cells_left > 0 && row.cells.len() < columns {
            row.cells.push(cell);
            self.cells_left -= 1;
        } else {
            draft.dropped += 1;
        }
    }

    /// A cell that another one covers: from above, then it lengthens that one, or from the left.
    fn covered_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let above = table.open.get_mut(&table.column).filter(|(rows, _)| *rows > 0).map(|(rows, span)| {
            *rows -= 1;
            *span
        });
        match above {
            Some(span) => self.push_cell(DraftCell { span, merge: Merge::Covered, items: Vec::new() }),
            None => table.column = table.column.saturating_add(1),
        }
    }

    fn finish(mut self) -> Parts {
        self.end_line();
        emit(self.items, &mut self.blocks);
        if self.inline.line.left_out > 0 {
            let message = format!("{} characters struck through were left out", self.inline.line.left_out);
            self.blocks.odd(STRUCK_DROPPED, message);
        }
        self.blocks.finish()
    }
}

impl Handler for Body<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        if let Some(step) = self.inline.start(name, element, &self.styles) {
            return step;
        }
        // Cells that are written once for several are blank: more than a table has columns are none.
        let repeated = |element: &Element<'_>| {
            let most = u32::try_from(self.blocks.limits.table_columns).unwrap_or(u32::MAX);
            element.number("number-columns-repeated").unwrap_or(1_u32).min(most)
        };
        match name {
            "p" | "h" => {
                self.end_line();
                self.heading = name == "h";
                let marks = self.styles.marks("paragraph", element.attribute("style-name"));
                self.inline.open(marks);
            }
            "line-break" => self.end_line(),
            "table" if self.tables.len() >= MAX_TABLES => self.too_deep += 1,
            "table" => {
                self.end_line();
                self.tables.push(OpenTable::default());
            }
            _ if self.too_deep > 0 => {}
            "table-row" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row = Some(DraftRow::default());
                    table.column = 0;
                }
            }
            "table-cell" => {
                for _ in 1..repeated(element) {
                    self.push_cell(DraftCell { span: 1, ..DraftCell::default() });
                }
                self.start_cell(element);
            }
            "covered-table-cell" => {
                (0..repeated(element)).for_each(|_| self.covered_cell());
                return Step::Skip;
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
                self.end_line();
                self.inline.close();
                self.heading = false;
            }
            "table" if self.too_deep > 0 => self.too_deep -= 1,
            _ if self.too_deep > 0 => {}
            "table" => {
                self.end_line();
                if let Some(table) = self.tables.pop() {
                    self.put(Item::Table(table.draft));
                }
            }
            "table-row" => {
                if let Some(table) = self.tables.last_mut() {
                    table.draft.rows.extend(table.row.take());
                }
            }
            "table-cell" => self.end_cell(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.inline.push(text);
    }
}
