//! Workbooks to blocks: every visible sheet is a table. The formats are read by a library; what they may cost is settled
//! before it sees them.

use super::xml::{self, Element, Handler, Step};
use crate::Limits;
use crate::blocks::Blocks;
use crate::flow::collapse;
use crate::html::Parts;
use crate::work::Work;
use calamine::{Data, Dimensions, Reader, SheetVisible, Xls, Xlsx};
use gongkai_inflate::Package;
use gongkai_model::{Cell, Layout, Problem, Role, Table};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Cells of a sheet by row and column.
type Cells = BTreeMap<(u32, u32), String>;

/// What the library makes of bytes that are not what they say: an error, or a panic, which is one here.
fn guarded<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<T, Problem> {
    let done = catch_unwind(AssertUnwindSafe(read)).ok().and_then(Result::ok);
    done.ok_or_else(|| Problem::unreadable("damaged: workbook"))
}

/// Reads a workbook of XML parts.
pub(super) fn xlsx(
    package: &Package<'_>,
    bytes: &[u8],
    limits: &Limits,
    work: &Work,
) -> Result<Parts, Problem> {
    // The library decompresses without a limit: what would exceed one is met here first. Any part may be a sheet.
    for name in package.names() {
        let part = package.read(name)?;
        if name.ends_with(".xml") || name.ends_with(".rels") {
            xml::walk(&part, &mut Nothing)?;
        }
    }
    let mut book: Xlsx<_> = guarded(|| Xlsx::new(Cursor::new(bytes)))?;
    let mut blocks = Blocks::new(limits);
    for name in visible(book.sheets_metadata()) {
        // Where the library gives up the sheet is damaged; where it finds none there are none.
        let merged = guarded(|| Ok::<_, ()>(book.merge_cells_by_sheet_name(&name)))?.unwrap_or_default();
        let mut cells = Cells::new();
        let mut dropped = 0;
        // A chart has no cells.
        let Ok(mut reader) = guarded(|| Ok::<_, ()>(book.worksheet_cells_reader(&name)))? else { continue };
        while let Some(cell) = guarded(|| reader.next_cell())? {
            let text = shown(&Data::from(cell.get_value().clone()));
            if text.is_empty() {
                continue;
            }
            if cells.len() < limits.table_cells {
                cells.insert(cell.get_position(), text);
            } else {
                dropped += 1;
            }
        }
        sheet(&mut blocks, cells, &merged, dropped, work)?;
    }
    Ok(blocks.finish())
}

/// Reads a workbook of binary records, whose stream is `records`.
pub(super) fn xls(bytes: &[u8], records: &[u8], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    // The library makes room for every cell between the first and the last of every sheet, twice; before, for all that a sheet says
    // that it spans: that room is not filled, but must be there.
    const MAX_AREA: u64 = 1 << 20;
    /// A whole sheet, which some programs say of every sheet.
    const MAX_SAID: u64 = 65_536 * 256;
    let mut area = 0_u64;
    for at in positions(records) {
        let span = Span::of(records.get(at..).unwrap_or_default(), work)?;
        area = area.saturating_add(span.rows * span.columns);
        for (needed, most) in [(area, MAX_AREA), (span.said, MAX_SAID)] {
            if needed > most {
                return Err(Problem::unreadable(format!("limit_cells: {most} allowed")));
            }
        }
    }
    let mut book: Xls<_> = guarded(|| Xls::new(Cursor::new(bytes)))?;
    let mut blocks = Blocks::new(limits);
    for name in visible(book.sheets_metadata()) {
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        let Ok(range) = book.worksheet_range(&name) else { continue };
        let (top, left) = range.start().unwrap_or_default();
        let place =
            |row: usize, col: usize| Some((top + u32::try_from(row).ok()?, left + u32::try_from(col).ok()?));
        let texts = range.used_cells().map(|(row, col, value)| (place(row, col), shown(value)));
        let mut cells: Cells = texts
            .filter_map(|(place, text)| Some((place?, text)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let dropped = cells.len().saturating_sub(limits.table_cells);
        (0..dropped).for_each(|_| drop(cells.pop_last()));
        sheet(&mut blocks, cells, &merged, dropped, work)?;
    }
    Ok(blocks.finish())
}

struct Nothing;

impl Handler for Nothing {
    fn start(&mut self, _: &str, _: &Element<'_>) -> Step {
        Step::Into
    }
}

fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets.iter().filter(|s| s.visible == SheetVisible::Visible).map(|s| s.name.clone()).collect()
}

/// Kinds of records ([MS-XLS], 2.3).
const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
/// RK, LABELSST, NUMBER, LABEL, RSTRING, BOOLERR, FORMULA, BLANK: they begin with row and column.
const CELLS: [u16; 8] = [0x027e, 0x00fd, 0x0203, 0x0204, 0x00d6, 0x0205, 0x0006, 0x0201];
/// MULRK and MULBLANK have their last column at their end.
const RUNS: [u16; 2] = [0x00bd, 0x00be];

/// Kind and content of every record.
fn walk(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let ([a, b, c, d], after) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let (body, after) = after.split_at_checked(length).unwrap_or((after, &[]));
        rest = after;
        Some((u16::from_le_bytes([*a, *b]), body))
    })
}

/// A number of two or four bytes; 0 where the record ends before.
fn number(body: &[u8], bytes: std::ops::Range<usize>) -> u32 {
    match body.get(bytes) {
        Some([a, b]) => u32::from(u16::from_le_bytes([*a, *b])),
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

/// Where the sheets begin. Nothing keeps two from beginning at one place, or within each other.
fn positions(records: &[u8]) -> impl Iterator<Item = usize> {
    let globals = walk(records).take_while(|(kind, _)| *kind != EOF);
    globals.filter(|(kind, _)| *kind == BOUND_SHEET).map(|(_, body)| number(body, 0..4) as usize)
}

/// What a sheet spans.
#[derive(Default)]
struct Span {
    /// Down to the last row that has a cell, and to the last column.
    rows: u64,
    columns: u64,
    /// The cells that it says it has.
    said: u64,
}

impl Span {
    /// Of the sheet that begins here, up to its end; what is embedded in it counts, too.
    fn of(records: &[u8], work: &Work) -> Result<Self, Problem> {
        /// Reading a record, here and in the library.
        const STEPS: usize = 16;
        let mut span = Self::default();
        let mut depth = 0_u32;
        for (kind, body) in walk(records) {
            work.spend(STEPS)?;
            let end = body.len();
            match kind {
                BOF => depth += 1,
                EOF if depth <= 1 => break,
                EOF => depth -= 1,
                DIMENSIONS => {
                    // Older ones have rows of two bytes. A last row before the first is damage, and no small sheet.
                    let at = if end == 10 { [0..2, 2..4, 6..8] } else { [0..4, 4..8, 10..12] };
                    let [first, last, columns] = at.map(|bytes| number(body, bytes));
                    span.said = span.said.max(u64::from(last.wrapping_sub(first)) * u64::from(columns));
                }
                _ if CELLS.contains(&kind) || RUNS.contains(&kind) => {
                    let last = if RUNS.contains(&kind) { end.saturating_sub(2) } else { 2 };
                    span.rows = span.rows.max(u64::from(number(body, 0..2)) + 1);
                    span.columns = span.columns.max(u64::from(number(body, last..last + 2)) + 1);
                }
                _ => {}
            }
        }
        Ok(span)
    }
}

/// A value as its cell shows it.
fn shown(value: &Data) -> String {
    match value {
        Data::Int(n) => n.to_string(),
        // The shortest figure that is the same number.
        Data::Float(n) => n.to_string(),
        Data::String(text) => {
            text.lines().map(collapse).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            if date.is_datetime() { format!("{year}年{month}月{day}日") } else { String::new() }
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        // `#REF!` is no value, nor is a switch.
        Data::Error(_) | Data::Bool(_) | Data::Empty => String::new(),
    }
}

/// One sheet: a row with a single text is a line, other rows are a table.
fn sheet(
    blocks: &mut Blocks<'_>,
    cells: Cells,
    merged: &[Dimensions],
    dropped: usize,
    work: &Work,
) -> Result<(), Problem> {
    let Some(right) = cells.keys().map(|(_, col)| *col).max() else { return Ok(()) };
    let max = u32::try_from(blocks.limits.table_columns).unwrap_or(u32::MAX);
    let mut spans: BTreeMap<(u32, u32), &Dimensions> = BTreeMap::new();
    for area in merged {
        spans.entry(area.start).or_insert(area);
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
        blocks.table(table, dropped + cut);
    }
    for line in foot {
        blocks.paragraph(line, Role::Body);
    }
    Ok(())
}

/// The rows from `first` to `last` as a table: blank cells are there, covered ones are not.
fn grid(
    cells: &Cells,
    spans: &BTreeMap<(u32, u32), &Dimensions>,
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
                (area.end.0.min(last).saturating_sub(row) + 1, area.end.1.saturating_sub(area.start.1) + 1)
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
