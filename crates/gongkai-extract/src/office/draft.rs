//! A table while it is read, as word processors write it: rows of cells that go on downwards, with paragraphs and tables in
//! them.

use crate::blocks::Blocks;
use crate::flow::collapse;
use crate::grid::RawCell;
use gongkai_model::{Block, Cell, Layout, Role, Table};
use std::collections::HashMap;

/// Tables within one another that are kept as tables; what is deeper is text of the innermost cell.
pub(crate) const MAX_TABLES: usize = 12;

/// How a cell goes on downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Merge {
    /// It does not.
    #[default]
    Alone,
    /// It is the top of a merged cell.
    Top,
    /// It is covered by the cell above.
    Covered,
}

/// Something in a text or in a cell.
#[derive(Debug)]
pub(crate) enum Item {
    Line(String, Role),
    Table(Draft),
    /// A block of a document within this one.
    Block(Block),
}

#[derive(Debug, Default)]
pub(crate) struct DraftCell {
    /// Grid columns covered.
    pub(crate) span: u32,
    pub(crate) merge: Merge,
    pub(crate) items: Vec<Item>,
}

#[derive(Debug, Default)]
pub(crate) struct DraftRow {
    /// Grid columns left free before the first cell.
    pub(crate) before: u32,
    pub(crate) cells: Vec<DraftCell>,
}

#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) rows: Vec<DraftRow>,
    /// Cells left out because of the limits.
    pub(crate) dropped: usize,
}

/// Turns items into blocks. The depth of tables in them is bounded by [`MAX_TABLES`].
pub(crate) fn emit(items: Vec<Item>, blocks: &mut Blocks<'_>) {
    for item in items {
        match item {
            Item::Line(text, role) => blocks.paragraph(text, role),
            Item::Block(Block::Paragraph(line)) => blocks.paragraph(line.text, line.role),
            Item::Block(Block::Table(table)) => blocks.table(table, 0),
            // As in HTML: a table that holds a real table lays out the page. So does one of a single column, in whose cells DOC
            // keeps the lines of inner tables.
            Item::Table(draft) if draft.is_layout() => {
                let cells = draft.rows.into_iter().flat_map(|row| row.cells);
                cells.for_each(|cell| emit(cell.items, blocks));
            }
            Item::Table(draft) => {
                let (table, dropped) = draft.resolve(blocks.limits.table_columns);
                blocks.table(table, dropped);
            }
        }
    }
}

impl Draft {
    /// At least two rows of at least two cells, or something that holds such a table.
    fn is_real(&self) -> bool {
        self.rows.iter().filter(|row| row.cells.len() >= 2).count() >= 2 || self.holds_real_table()
    }

    fn holds_real_table(&self) -> bool {
        let items = self.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.items);
        items.into_iter().any(|item| matches!(item, Item::Table(inner) if inner.is_real()))
    }

    fn is_layout(&self) -> bool {
        self.rows.iter().all(|row| row.cells.len() <= 1) || self.holds_real_table()
    }

    /// The grid, and how many cells were left out.
    pub(crate) fn resolve(self, max_columns: usize) -> (Table, usize) {
        let max = u32::try_from(max_columns).unwrap_or(u32::MAX);
        let mut table = Table { layout: Layout::Grid, cells: Vec::new(), rows: 0, columns: 0 };
        let mut dropped = self.dropped;
        // By left column: the cell that may go on below.
        let mut open: HashMap<u32, usize> = HashMap::new();
        for (row, draft) in (0_u32..).zip(self.rows) {
            let mut col = draft.before;
            for cell in draft.cells {
                if col >= max {
                    dropped += 1;
                    continue;
                }
                let colspan = cell.span.clamp(1, max - col);
                let above = open.remove(&col).filter(|_| cell.merge == Merge::Covered);
                let above = above.and_then(|at| Some((at, table.cells.get_mut(at)?)));
                match above.filter(|(_, c)| c.row + c.rowspan == row && c.colspan == colspan) {
                    Some((at, cell)) => {
                        cell.rowspan += 1;
                        open.insert(col, at);
                    }
                    None => {
                        if cell.merge != Merge::Alone {
                            open.insert(col, table.cells.len());
                        }
                        let text = text(cell.items);
                        table.cells.push(Cell { row, col, rowspan: 1, colspan, text, bytes: None });
                    }
                }
                col += colspan;
            }
            table.columns = table.columns.max(col.min(max));
            table.rows = row + 1;
        }
        (table, dropped)
    }
}

/// The text of a cell: lines, and the rows of tables in it.
fn text(items: Vec<Item>) -> String {
    let mut out = RawCell::default();
    for item in items {
        match item {
            Item::Line(line, _) => out.push_line(&line),
            Item::Block(Block::Paragraph(line)) => out.push_line(&line.text),
            Item::Block(Block::Table(table)) => {
                for row in table.cells.chunk_by(|a, b| a.row == b.row) {
                    for cell in row {
                        out.push_line(&collapse(&cell.text));
                        out.end_inner_cell();
                    }
                    out.end_inner_row();
                }
            }
            Item::Table(inner) => {
                for row in inner.rows {
                    for cell in row.cells {
                        let inside = collapse(&text(cell.items));
                        if !inside.is_empty() {
                            out.push_line(&inside);
                        }
                        out.end_inner_cell();
                    }
                    out.end_inner_row();
                }
            }
        }
    }
    out.end();
    out.text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(span: u32, merge: Merge, text: &str) -> DraftCell {
        DraftCell { span, merge, items: vec![Item::Line(text.to_owned(), Role::Body)] }
    }

    fn places(rows: Vec<DraftRow>) -> Vec<(u32, u32, u32, u32, String)> {
        let (table, _) = Draft { rows, dropped: 0 }.resolve(200);
        table.cells.into_iter().map(|c| (c.row, c.col, c.rowspan, c.colspan, c.text)).collect()
    }

    #[test]
    fn covered_cells_lengthen_the_one_above() {
        use Merge::{Alone, Covered, Top};
        let rows = vec![
            DraftRow { before: 0, cells: vec![cell(1, Top, "甲"), cell(2, Alone, "乙")] },
            DraftRow {
                before: 0,
                cells: vec![cell(1, Covered, ""), cell(1, Alone, "1"), cell(1, Alone, "2")],
            },
            DraftRow { before: 1, cells: vec![cell(1, Covered, "丙"), cell(9999, Alone, "3")] },
        ];
        let got = places(rows);
        let want = [(0, 0, 2, 1, "甲"), (0, 1, 1, 2, "乙"), (1, 1, 1, 1, "1"), (1, 2, 1, 1, "2")];
        for (g, w) in got.iter().zip(want) {
            assert_eq!((g.0, g.1, g.2, g.3, g.4.as_str()), w);
        }
        assert_eq!(
            (got[4].4.as_str(), got[5].3),
            ("丙", 198),
            "nothing above to cover it; spans are cut at the limit"
        );
    }

    #[test]
    fn a_table_in_a_cell_keeps_its_cells_apart() {
        let inner = Draft {
            rows: vec![DraftRow {
                before: 0,
                cells: vec![cell(1, Merge::Alone, "1"), cell(1, Merge::Alone, "2")],
            }],
            dropped: 0,
        };
        assert_eq!(text(vec![Item::Table(inner)]), "1\t2");
    }
}
