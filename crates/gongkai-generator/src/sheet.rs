//! A table as it is laid out on paper, before any file format: rows of cells with spans.

use crate::figures::Id;
use crate::truth::Certainty;
use gongkai_model::Number;

/// A table on paper.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    /// Position of the statutory table in the form, also of one with other figures; `None` for decoys.
    pub(crate) table: Option<usize>,
    pub(crate) rows: Vec<Row>,
    /// Columns that hold labels, from the left.
    pub(crate) label_columns: usize,
    /// All columns.
    pub(crate) width: usize,
    /// Whether the head is printed.
    pub(crate) head: bool,
    /// Whether an empty column was added.
    pub(crate) empty_column: bool,
    /// Whether a column of ordinals was added.
    pub(crate) ordinals: bool,
    /// Whether it is not known that this table, and no other, is the report's.
    pub(crate) rivalled: bool,
}

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Clause,
    Head,
    Values,
    /// A remark, or nothing.
    Extra,
    /// Not a row: the table is interrupted here (by the text of its only cell, if any).
    Break,
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) cells: Vec<Cell>,
    /// Whether values are missing or out of place, so that those left are not certain.
    pub(crate) doubtful: bool,
}

/// What a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Corner, headings.
    Head,
    /// Head of a column.
    Column,
    Group,
    /// Label of an item (its position).
    Item(usize),
    Value,
    Ordinal,
    Filler,
    Other,
}

/// What stands between the pieces of a cell's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Glue {
    /// Nothing visible: a change of font.
    #[default]
    Span,
    /// A line break.
    Line,
    /// A new paragraph.
    Paragraph,
    /// A blank.
    Blank,
}

/// What stands beside a figure in its cell and is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Not shown.
    Hidden,
    /// Struck out.
    Struck,
    /// The mark of a note, raised.
    Raised,
}

/// A number of the form printed in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) id: Id,
    pub(crate) verdict: Certainty,
}

#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) part: Part,
    pub(crate) pieces: Vec<String>,
    pub(crate) glue: Glue,
    pub(crate) rowspan: usize,
    pub(crate) colspan: usize,
    /// Column and number, while the cell holds a figure.
    pub(crate) figure: Option<(usize, Number)>,
    /// Cells of the form it prints: one for values of the report itself, none for all else.
    pub(crate) inks: Vec<Ink>,
    /// Number of its mark in the text, see [`crate::ink`].
    pub(crate) mark: Option<usize>,
    /// What stands beside its text.
    pub(crate) beside: Option<(Beside, String)>,
    /// A table inside the cell: a single row.
    pub(crate) nested: Vec<Self>,
}

impl Cell {
    pub(crate) fn new(part: Part, text: &str) -> Self {
        Self {
            part,
            pieces: vec![text.to_owned()],
            glue: Glue::Span,
            rowspan: 1,
            colspan: 1,
            figure: None,
            inks: Vec::new(),
            mark: None,
            beside: None,
            nested: Vec::new(),
        }
    }

    pub(crate) fn span(mut self, rows: usize, columns: usize) -> Self {
        (self.rowspan, self.colspan) = (rows.max(1), columns.max(1));
        self
    }

    pub(crate) fn text(&self) -> String {
        self.pieces.concat()
    }

    pub(crate) fn set_text(&mut self, text: String) {
        self.pieces = vec![text];
    }

    /// The cell itself, or the cells of the table inside it.
    pub(crate) fn leaves(&self) -> &[Self] {
        if self.nested.is_empty() { std::slice::from_ref(self) } else { &self.nested }
    }

    /// The same, to be changed.
    pub(crate) fn leaves_mut(&mut self) -> &mut [Self] {
        if self.nested.is_empty() { std::slice::from_mut(self) } else { &mut self.nested }
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.pieces.iter().all(|p| p.trim().is_empty()) && self.nested.is_empty()
    }

    pub(crate) fn doubt(&mut self) {
        for ink in &mut self.inks {
            ink.verdict = ink.verdict.doubt();
        }
    }

    /// Neither blank nor a stand-in for zero can be read as a number.
    pub(crate) fn no_number(&mut self) {
        for ink in &mut self.inks {
            ink.verdict = Certainty::Open(None);
        }
    }
}

impl Row {
    pub(crate) fn new(kind: Kind, cells: Vec<Cell>) -> Self {
        Self { kind, cells, doubtful: false }
    }

    /// The interruption of a table by a line of text, or by nothing.
    pub(crate) fn interruption(text: &str) -> Self {
        Self::new(Kind::Break, vec![Cell::new(Part::Other, text)])
    }

    /// Cells of values, also those in a table inside a cell.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().flat_map(Cell::leaves).filter(|c| c.part == Part::Value)
    }

    /// The same, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Cell> {
        self.cells.iter_mut().flat_map(Cell::leaves_mut).filter(|c| c.part == Part::Value)
    }

    /// The label of the item, in rows of values.
    pub(crate) fn label_mut(&mut self) -> Option<&mut Cell> {
        let values = self.kind == Kind::Values;
        self.cells.iter_mut().find(|c| values && matches!(c.part, Part::Item(_)))
    }

    /// Position of the first value.
    pub(crate) fn first_value(&self) -> Option<usize> {
        self.cells.iter().position(|c| c.part == Part::Value)
    }
}

/// What stands behind a break in place of a cell that spanned over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    Repeated,
    Empty,
    Gone,
}

/// One place of the resolved grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A cell begins here: row and position in the row.
    Cell(usize, usize),
    /// Covered by a cell from the left or from above (its row and position).
    Covered(usize, usize),
}

impl Sheet {
    /// Cells that print figures of the report.
    pub(crate) fn inked_mut(&mut self) -> impl Iterator<Item = &mut Cell> {
        self.rows.iter_mut().flat_map(Row::values_mut).filter(|c| !c.inks.is_empty())
    }

    /// Interrupts the table before a row. Cells that span over the break end there; behind it they are repeated,
    /// empty, or gone.
    pub(crate) fn interrupt(&mut self, at: usize, text: Option<&str>, behind: Behind) {
        let mut repeated = Vec::new();
        for (r, row) in self.rows.iter_mut().enumerate().take(at) {
            for cell in row.cells.iter_mut().filter(|c| r + c.rowspan > at) {
                let mut rest = cell.clone().span(r + cell.rowspan - at, cell.colspan);
                cell.rowspan = at - r;
                if behind == Behind::Empty {
                    (rest.part, rest.pieces) = (Part::Filler, vec![String::new()]);
                }
                repeated.push(rest);
            }
        }
        if let (true, Some(row)) = (behind != Behind::Gone, self.rows.get_mut(at)) {
            row.cells.splice(0..0, repeated);
        }
        if let Some(text) = text {
            self.rows.insert(at, Row::interruption(text));
        }
    }

    /// The rows between interruptions, each part with the text of the interruption before it.
    pub(crate) fn parts(&self) -> Vec<(Option<String>, &[Row])> {
        let mut parts = Vec::new();
        let mut before = None;
        for part in self.rows.split_inclusive(|r| r.kind == Kind::Break) {
            let (rows, next) = match part.split_last() {
                Some((last, rows)) if last.kind == Kind::Break => (rows, last.cells.first().map(Cell::text)),
                _ => (part, None),
            };
            parts.push((before.take(), rows));
            before = next;
        }
        parts
    }
}

/// Rows with spans resolved: for each row its places from left to right, as far as the row reaches.
pub(crate) fn resolve(rows: &[Row]) -> Vec<Vec<Slot>> {
    let mut grid: Vec<Vec<Option<Slot>>> = vec![Vec::new(); rows.len()];
    for (r, row) in rows.iter().enumerate() {
        let mut column = 0;
        for (c, cell) in row.cells.iter().enumerate() {
            while grid.get(r).and_then(|g| g.get(column)).is_some_and(Option::is_some) {
                column += 1;
            }
            for (below, line) in grid.iter_mut().enumerate().skip(r).take(cell.rowspan) {
                if line.len() < column + cell.colspan {
                    line.resize(column + cell.colspan, None);
                }
                for (across, slot) in line.iter_mut().skip(column).take(cell.colspan).enumerate() {
                    let origin = below == r && across == 0;
                    slot.get_or_insert(if origin { Slot::Cell(r, c) } else { Slot::Covered(r, c) });
                }
            }
            column += cell.colspan;
        }
    }
    grid.into_iter().map(|line| line.into_iter().flatten().collect()).collect()
}
