//! Workbooks: what is shown of each sheet that is shown becomes lines and one table.
//!
//! What a reader does not see is left out: hidden sheets, rows and columns, as in a document that was printed.

pub(super) mod ods;
pub(super) mod xls;
pub(super) mod xlsx;
pub(super) mod xml2003;

mod figure;

use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::oddity::{HIDDEN_LEFT_OUT, STRUCK_DROPPED};
use crate::separated;
use crate::stacked::unstack;
use crate::work::Work;
use gongkai_model::{Block, Cell, Layout, Problem, Role, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Cells of a sheet by row and column.
type Cells = BTreeMap<(u32, u32), String>;

/// Cells that are shown as one: first and last row, first and last column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    rows: (u32, u32),
    columns: (u32, u32),
}

/// A sheet while it is read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    cells: Cells,
    merged: Vec<Area>,
    hidden_rows: BTreeSet<u32>,
    /// First and last of columns that are hidden.
    hidden_columns: Vec<(u32, u32)>,
    /// Zeros are not shown.
    without_zeros: bool,
    /// Cells beyond the limit.
    dropped: usize,
    /// Characters that are struck.
    struck: usize,
    /// Bytes of text so far.
    bytes: usize,
}

/// Text of a sheet, in so many times what a document may have: the same text may stand in every cell, and what a few bytes of the file
/// ask for would fill the memory.
const TEXTS: usize = 16;

impl Sheet {
    /// A cell and its text; a cell without any is none.
    fn put(&mut self, row: u32, column: u32, text: String, limits: &Limits) {
        if text.is_empty() {
            return;
        }
        if self.cells.len() < limits.table_cells && self.takes(text.len(), limits) {
            self.cells.insert((row, column), text);
        } else {
            self.dropped += 1;
        }
    }

    /// Whether so many bytes of text may still be looked at for cells; they count whatever is shown of them.
    fn takes(&mut self, bytes: usize, limits: &Limits) -> bool {
        let takes = self.bytes.saturating_add(bytes) <= limits.block_bytes.saturating_mul(TEXTS);
        self.bytes += if takes { bytes } else { 0 };
        takes
    }

    /// Takes out what is hidden, as if it had never been there: what is merged over it is shown in what is left.
    fn leave_out_hidden(&mut self) -> usize {
        let rows =
            Hidden::of(std::mem::take(&mut self.hidden_rows).into_iter().map(|row| (row, row)).collect());
        let columns = Hidden::of(std::mem::take(&mut self.hidden_columns));
        if rows.0.is_empty() && columns.0.is_empty() {
            return 0;
        }
        let mut moved = Vec::new();
        let cells = &mut self.cells;
        self.merged.retain_mut(|area| {
            let text = cells.remove(&(area.rows.0, area.columns.0));
            (area.rows.0, area.columns.0) =
                (rows.shown_from(area.rows.0), columns.shown_from(area.columns.0));
            let is_shown = area.rows.0 <= area.rows.1 && area.columns.0 <= area.columns.1;
            moved.extend(text.filter(|_| is_shown).map(|text| ((area.rows.0, area.columns.0), text)));
            is_shown
        });
        let all = self.cells.len();
        self.cells.retain(|(row, column), _| !rows.holds(*row) && !columns.holds(*column));
        let left_out = all - self.cells.len();
        self.cells.extend(moved);
        // Columns close up, so that spans count what is shown; rows that are not there are passed over anyhow.
        let close = |column: u32| column - columns.before(column);
        let cells = std::mem::take(&mut self.cells).into_iter();
        self.cells = cells.map(|((row, column), text)| ((row, close(column)), text)).collect();
        for area in &mut self.merged {
            let end = close(area.columns.1.saturating_add(1));
            area.columns = (close(area.columns.0), end.saturating_sub(1));
        }
        left_out
    }
}

/// Rows or columns that are hidden: first, last, and how many before the first.
struct Hidden(Vec<(u32, u32, u32)>);

impl Hidden {
    fn of(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut all: Vec<(u32, u32, u32)> = Vec::new();
        for (first, last) in ranges {
            match all.last_mut().filter(|(_, end, _)| first <= end.saturating_add(1)) {
                Some((_, end, _)) => *end = last.max(*end),
                None => {
                    let before = all.last().map_or(0, |(from, to, before)| before + (to - from) + 1);
                    all.push((first, last, before));
                }
            }
        }
        Self(all)
    }

    /// The last that begins at or before a place.
    fn near(&self, at: u32) -> Option<&(u32, u32, u32)> {
        self.0.partition_point(|(first, ..)| *first <= at).checked_sub(1).and_then(|n| self.0.get(n))
    }

    fn holds(&self, at: u32) -> bool {
        self.near(at).is_some_and(|(_, last, _)| at <= *last)
    }

    /// The first that is shown, from a place on.
    fn shown_from(&self, at: u32) -> u32 {
        self.near(at).filter(|(_, last, _)| at <= *last).map_or(at, |(_, last, _)| last.saturating_add(1))
    }

    /// How many are hidden before a place.
    fn before(&self, at: u32) -> u32 {
        self.near(at).map_or(0, |(first, last, before)| before + (at.min(last.saturating_add(1)) - first))
    }
}

/// Rows of a workbook that was saved as text.
pub(crate) fn rows_of_cells(rows: Vec<Vec<String>>, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut sheet = Sheet::default();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.put(row, column, separated::shown(&cell), limits);
        }
    }
    let mut book = Book::new(limits, work);
    book.sheet(sheet)?;
    Ok(book.finish())
}

/// Steps of a cell, and of a character that stands in a cell.
const CELL: usize = 50;
const CHARACTER: usize = 8;

/// Sheets to blocks.
pub(super) struct Book<'a> {
    blocks: Blocks<'a>,
    work: &'a Work,
    struck: usize,
    hidden: usize,
}

impl<'a> Book<'a> {
    pub(super) fn new(limits: &'a Limits, work: &'a Work) -> Self {
        Self { blocks: Blocks::new(limits), work, struck: 0, hidden: 0 }
    }

    /// A sheet that is shown.
    pub(super) fn sheet(&mut self, mut sheet: Sheet) -> Result<(), Problem> {
        self.pay(&sheet)?;
        self.hidden += sheet.leave_out_hidden();
        self.struck += sheet.struck;
        emit(&mut self.blocks, sheet.cells, &sheet.merged, sheet.dropped, self.work)
    }

    fn pay(&self, sheet: &Sheet) -> Result<(), Problem> {
        self.work.spend_each(sheet.cells.len() + sheet.dropped, CELL)?;
        self.work.spend_each(sheet.bytes, CHARACTER)
    }

    /// A sheet that is not.
    pub(super) fn hidden(&mut self, sheet: &Sheet) -> Result<(), Problem> {
        self.pay(sheet)?;
        self.hidden += sheet.cells.len();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Parts {
        if self.hidden > 0 {
            let message = format!("{} cells of hidden sheets, rows and columns were left out", self.hidden);
            self.blocks.odd(HIDDEN_LEFT_OUT, message);
        }
        if self.struck > 0 {
            let message = format!("{} characters struck through were left out", self.struck);
            self.blocks.odd(STRUCK_DROPPED, message);
        }
        self.blocks.finish()
    }
}

/// One sheet: a row with a single text is a line, other rows are a table.
fn emit(
    blocks: &mut Blocks<'_>,
    cells: Cells,
    merged: &[Area],
    dropped: usize,
    work: &Work,
) -> Result<(), Problem> {
    let Some(right) = cells.keys().map(|(_, col)| *col).max() else { return Ok(()) };
    let max = u32::try_from(blocks.limits.table_columns).unwrap_or(u32::MAX);
    let mut spans: BTreeMap<(u32, u32), &Area> = BTreeMap::new();
    for area in merged {
        spans.entry((area.rows.0, area.columns.0)).or_insert(area);
    }
    let filled: Vec<u32> = {
        let mut rows: Vec<u32> = cells.keys().map(|(row, _)| *row).collect();
        rows.dedup();
        rows
    };
    let in_row = |row: u32| cells.range((row, 0)..=(row, u32::MAX));
    // Lines above and below the table: titles, units, remarks. The first row of a table is its head, which has several cells;
    // the last may be a label alone.
    let is_alone = |row: &u32| in_row(*row).count() == 1;
    let is_line = |row: &u32| is_alone(row) && in_row(*row).all(|(_, t)| t.chars().nth(3).is_some());
    let above = filled.iter().take_while(|row| is_alone(row)).count();
    let below = filled.iter().skip(above).rev().take_while(|row| is_line(row)).count();
    let table_rows = filled.get(above..filled.len() - below).unwrap_or_default();
    let lines = |rows: &[u32]| -> Vec<String> {
        rows.iter().flat_map(|row| in_row(*row).map(|(_, t)| t.clone())).collect()
    };
    let (head, foot) = (
        lines(filled.get(..above).unwrap_or_default()),
        lines(filled.get(filled.len() - below..).unwrap_or_default()),
    );
    for line in head {
        blocks.paragraph(line, Role::Body);
    }
    if let (Some(first), Some(last)) = (table_rows.first(), table_rows.last()) {
        let columns = (right, max);
        let (table, cut) = grid(&cells, &spans, (*first, *last), columns, blocks.limits.table_cells, work)?;
        let mut dropped = dropped + cut;
        for block in unstack(table) {
            match block {
                Block::Paragraph(line) => blocks.paragraph(line.text, line.role),
                Block::Table(table) => blocks.table(table, std::mem::take(&mut dropped)),
            }
        }
    }
    for line in foot {
        blocks.paragraph(line, Role::Body);
    }
    Ok(())
}

/// The rows from `first` to `last` as a table: blank cells are there, covered ones are not.
fn grid(
    cells: &Cells,
    spans: &BTreeMap<(u32, u32), &Area>,
    (first, last): (u32, u32),
    (right, max_columns): (u32, u32),
    max_cells: usize,
    work: &Work,
) -> Result<(Table, usize), Problem> {
    let left = cells.range((first, 0)..=(last, u32::MAX)).map(|((_, col), _)| *col).min().unwrap_or(0);
    let columns = (right.saturating_sub(left) + 1).min(max_columns);
    let mut table = Table { layout: Layout::Grid, cells: Vec::new(), rows: 0, columns };
    let mut dropped = 0;
    // By column: the first row that no cell from above covers.
    let mut free_from = vec![0_u32; columns as usize];
    let mut next = Some(first);
    while let Some(row) = next.filter(|row| *row <= last) {
        work.spend(columns as usize)?;
        let mut col = 0;
        while col < columns {
            if free_from.get(col as usize).is_some_and(|free| *free > row) {
                col += 1;
                continue;
            }
            let place = (row, left + col);
            let (height, width) = spans.get(&place).map_or((1, 1), |area| {
                (
                    area.rows.1.min(last).saturating_sub(row) + 1,
                    area.columns.1.saturating_sub(area.columns.0) + 1,
                )
            });
            let width = width.min(columns - col);
            free_from
                .iter_mut()
                .skip(col as usize)
                .take(width as usize)
                .for_each(|free| *free = row + height);
            if table.cells.len() < max_cells {
                let text = cells.get(&place).cloned().unwrap_or_default();
                table.cells.push(Cell {
                    row: row - first,
                    col,
                    rowspan: height,
                    colspan: width,
                    text,
                    bytes: None,
                });
            } else {
                dropped += 1;
            }
            col += width;
        }
        // Rows without anything are no rows of the form, unless a merged cell runs through them.
        let covered = free_from.iter().any(|free| *free > row + 1);
        let filled = || cells.range((row + 1, 0)..).next().map(|((row, _), _)| *row);
        next = if covered { Some(row + 1) } else { filled() };
    }
    table.rows = last - first + 1;
    Ok((table, dropped))
}
