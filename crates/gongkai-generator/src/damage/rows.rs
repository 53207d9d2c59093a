//! Rows, columns and spans.

use super::Scene;
use crate::sheet::{Behind, Cell, Kind, Part, Row, Sheet};
use crate::words::{Words, numbered, pick};

/// Positions of rows that fit.
fn rows_where(sheet: &Sheet, fits: impl Fn(&Row) -> bool) -> Vec<usize> {
    sheet.rows.iter().enumerate().filter(|(_, r)| fits(r)).map(|(i, _)| i).collect()
}

fn is_line(row: &Row) -> bool {
    row.kind == Kind::Values && row.values().count() > 1
}

/// One value less in one row: the cell gone, or empty.
pub(super) fn lose_value(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let Some(row) = scene.rng.choice(rows_where(sheet, is_line)).and_then(|r| sheet.rows.get_mut(r)) else {
        return;
    };
    let values: Vec<usize> =
        row.cells.iter().enumerate().filter(|(_, c)| c.part == Part::Value).map(|(i, _)| i).collect();
    let Some(at) = scene.rng.choice(values) else { return };
    if scene.rng.u32(0..4) == 0 {
        row.cells.get_mut(at).into_iter().for_each(blank);
    } else {
        row.cells.remove(at);
        row.doubtful = true;
    }
}

fn blank(cell: &mut Cell) {
    cell.set_text(String::new());
    cell.figure = None;
    cell.no_number();
}

/// One value less in one row: its cell is there, and empty.
pub(super) fn blank_value(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let Some(row) = scene.rng.choice(rows_where(sheet, is_line)).and_then(|r| sheet.rows.get_mut(r)) else {
        return;
    };
    let values: Vec<&mut Cell> = row.cells.iter_mut().filter(|c| c.part == Part::Value).collect();
    scene.rng.choice(values).into_iter().for_each(blank);
}

fn is_grouped(row: &Row) -> bool {
    is_line(row) && row.cells.iter().any(|c| matches!(c.part, Part::Item(_)) && c.colspan == 1)
}

/// The last value of every row in the innermost groups is gone, its cell is not.
pub(super) fn blank_grouped(_: &mut Scene<'_>, sheet: &mut Sheet) {
    let deep = sheet.label_columns > 2;
    let rows = sheet.rows.iter_mut().filter(|r| deep && is_grouped(r));
    rows.filter_map(|row| row.cells.last_mut()).for_each(blank);
}

/// The last value of every row in the innermost groups is gone.
pub(super) fn shorten_grouped(_: &mut Scene<'_>, sheet: &mut Sheet) {
    let deep = sheet.label_columns > 2;
    for row in sheet.rows.iter_mut().filter(|r| deep && is_grouped(r)) {
        row.cells.pop();
        row.doubtful = true;
    }
}

/// Group cells are printed again before a row in the middle of a group.
pub(super) fn repeat_group(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    if let Some(at) = scene.rng.choice(rows_where(sheet, |r| {
        r.kind == Kind::Values && r.cells.first().is_some_and(|c| matches!(c.part, Part::Item(_)))
    })) {
        sheet.interrupt(at, None, Behind::Repeated);
    }
}

/// A group cell reaches too far down.
pub(super) fn overflow(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let more = scene.rng.usize(1..4);
    let groups = sheet.rows.iter_mut().flat_map(|r| &mut r.cells);
    let spanning: Vec<&mut Cell> = groups.filter(|c| c.part == Part::Group && c.rowspan > 1).collect();
    if let Some(cell) = scene.rng.choice(spanning) {
        cell.rowspan += more;
    }
}

/// An empty column: before all others, behind the labels, or behind all others.
pub(super) fn empty_column(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let place = if sheet.label_columns == 0 { 2 } else { scene.rng.u32(0..3) };
    let heads = first_heads(sheet);
    for (r, row) in sheet.rows.iter_mut().enumerate().filter(|(_, r)| r.kind != Kind::Break) {
        if row.kind == Kind::Clause {
            row.cells.iter_mut().for_each(|c| c.colspan += 1);
            continue;
        }
        let behind_labels = match row.kind {
            Kind::Values => row.first_value(),
            // The corner spans the head: an empty cell beside it spans as far.
            _ if Some(&r) == heads.first() || heads.is_empty() => Some(1),
            _ => None,
        };
        let at = match place {
            0 => {
                Some(0).filter(|_| row.kind == Kind::Values || Some(&r) == heads.first() || heads.is_empty())
            }
            1 => behind_labels,
            _ => Some(row.cells.len()),
        };
        let height = if place < 2 && row.kind == Kind::Head { heads.len().max(1) } else { 1 };
        if let Some(at) = at {
            row.cells.insert(at.min(row.cells.len()), Cell::new(Part::Filler, "").span(height, 1));
        }
    }
    sheet.width += 1;
    sheet.empty_column = true;
}

/// The rows of the head, where it is one over all rows; empty where every block has its own.
fn first_heads(sheet: &Sheet) -> Vec<usize> {
    let heads = rows_where(sheet, |r| r.kind == Kind::Head);
    if sheet.rows.iter().any(|r| r.kind == Kind::Clause) { Vec::new() } else { heads }
}

/// A column with the number of the row, before all others.
pub(super) fn ordinals(_: &mut Scene<'_>, sheet: &mut Sheet) {
    if sheet.label_columns == 0 {
        return;
    }
    let heads = first_heads(sheet);
    let mut number = 0;
    for (r, row) in sheet.rows.iter_mut().enumerate() {
        let cell = match row.kind {
            Kind::Values => {
                number += 1;
                Cell::new(Part::Ordinal, &number.to_string())
            }
            Kind::Head if heads.is_empty() => Cell::new(Part::Head, "序号"),
            Kind::Head if Some(&r) == heads.first() => Cell::new(Part::Head, "序号").span(heads.len(), 1),
            Kind::Clause => {
                row.cells.iter_mut().for_each(|c| c.colspan += 1);
                continue;
            }
            _ => continue,
        };
        row.cells.insert(0, cell);
    }
    sheet.width += 1;
    sheet.label_columns += 1;
    sheet.ordinals = true;
}

/// All values of a row in a table inside one cell.
pub(super) fn nest_values(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for row in sheet.rows.iter_mut().filter(|r| is_line(r)) {
        if scene.rng.u32(0..3) == 0
            && let Some(first) = row.first_value()
        {
            let values = row.cells.split_off(first);
            let mut cell = Cell::new(Part::Other, "").span(1, values.iter().map(|c| c.colspan).sum());
            cell.nested = values;
            row.cells.push(cell);
        }
    }
}

/// Whether no cell spans from above over the upper edge of a row.
fn is_seam(sheet: &Sheet, at: usize) -> bool {
    !sheet.rows.iter().take(at).enumerate().any(|(r, row)| row.cells.iter().any(|c| r + c.rowspan > at))
}

/// Empty rows between others and at the end.
pub(super) fn empty_rows(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let empty = Row::new(Kind::Extra, (0..sheet.width).map(|_| Cell::new(Part::Filler, "")).collect());
    let seams: Vec<usize> = (1..sheet.rows.len()).filter(|at| is_seam(sheet, *at)).collect();
    let mut places = scene.rng.choose_multiple(seams, 2);
    places.sort_unstable();
    for at in places.into_iter().rev() {
        sheet.rows.insert(at, empty.clone());
    }
    sheet.rows.push(empty);
}

/// A row that names the unit, and a remark below.
pub(super) fn footnotes(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let notes = &Words::get().notes;
    let line = |text: &str, width| Row::new(Kind::Extra, vec![Cell::new(Part::Other, text).span(1, width)]);
    let foot = numbered(pick(&notes.foot, &mut scene.rng), &mut scene.rng);
    sheet.rows.push(line(&foot.replace("{year}", &scene.year.to_string()), sheet.width));
    if scene.rng.bool() {
        sheet.rows.insert(0, line(pick(&notes.unit, &mut scene.rng), sheet.width));
    }
}
