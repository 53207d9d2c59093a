//! A table under construction.

use crate::Limits;
use crate::grid::{self, RawCell, RowGroup};
use gongkai_model::{Layout, Table};

/// A cell with more characters than this holds an article, not a label or a figure.
const ARTICLE_CHARS: usize = 1000;
/// A table with fewer filled cells than this, one of them an article, lays out a page.
const LAYOUT_CELLS: usize = 8;

/// Collects rows and cells in source order.
pub(super) struct TableBuilder {
    groups: Vec<RowGroup>,
    cell: Option<RawCell>,
    columns: usize,
    cells_left: usize,
    dropped: usize,
}

/// A finished table.
pub(super) struct Built {
    pub(super) table: Table,
    /// Cells left out because of the limits.
    pub(super) dropped: usize,
}

impl TableBuilder {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            groups: Vec::new(),
            cell: None,
            columns: limits.table_columns,
            cells_left: limits.table_cells,
            dropped: 0,
        }
    }

    pub(super) fn start_group(&mut self, is_foot: bool) {
        self.groups.push(RowGroup { is_foot, rows: Vec::new() });
    }

    pub(super) fn end_group(&mut self) {
        self.end_cell();
    }

    pub(super) fn start_row(&mut self) {
        if self.groups.is_empty() {
            self.start_group(false);
        }
        if let Some(group) = self.groups.last_mut() {
            group.rows.push(Vec::new());
        }
    }

    pub(super) fn start_cell(&mut self, colspan: Option<&str>, rowspan: Option<&str>) {
        self.end_cell();
        let (colspan, rowspan) = (grid::colspan(colspan), grid::rowspan(rowspan));
        self.cell = Some(RawCell { colspan, rowspan, text: String::new() });
    }

    pub(super) fn open_cell(&mut self) -> Option<&mut RawCell> {
        self.cell.as_mut()
    }

    pub(super) fn end_cell(&mut self) {
        let Some(mut cell) = self.cell.take() else { return };
        cell.end();
        let row = self.groups.last_mut().and_then(|group| group.rows.last_mut());
        match row.filter(|row| row.len() < self.columns && self.cells_left > 0) {
            Some(row) => {
                row.push(cell);
                self.cells_left -= 1;
            }
            None => self.dropped += 1,
        }
    }

    pub(super) fn finish(mut self) -> Built {
        self.end_cell();
        let resolved = grid::resolve(self.groups, u32::try_from(self.columns).unwrap_or(u32::MAX));
        let table = Table {
            layout: Layout::Html,
            cells: resolved.cells,
            rows: resolved.rows,
            columns: resolved.columns,
        };
        Built { table, dropped: self.dropped + resolved.dropped }
    }
}

/// Whether a table is a page put into a few cells.
pub(super) fn is_page_layout(table: &Table) -> bool {
    let filled = table.cells.iter().filter(|cell| !cell.text.is_empty()).count();
    filled < LAYOUT_CELLS && table.cells.iter().any(|cell| cell.text.chars().nth(ARTICLE_CHARS).is_some())
}
