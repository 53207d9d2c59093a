//! Tables as programs extract them from pages: words wrapped in narrow cells, with the columns kept or not.

use super::cell_text;
use crate::ink;
use crate::sheet::{Cell, Part, Row, Slot, resolve};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the page that a cell of words has, at most; a narrow one of a group.
const ROOM: usize = 28;
const NARROW: usize = 8;

fn width(text: &str) -> usize {
    ink::strip(text).width()
}

/// The lines of a cell: figures in one, words in as many as they need.
fn wrapped(cell: &Cell, room: usize) -> Vec<String> {
    let text = cell_text(cell, "");
    if cell.mark.is_some() || cell.part == Part::Value {
        return vec![text];
    }
    let mut lines = vec![String::new()];
    for c in text.chars() {
        let full =
            lines.last().is_some_and(|l| l.width() + c.width().unwrap_or(0) > room && !c.is_ascii_digit());
        if full {
            lines.push(String::new());
        }
        lines.last_mut().into_iter().for_each(|l| l.push(c));
    }
    lines
}

fn room(cell: &Cell) -> usize {
    match cell.part {
        Part::Group if cell.rowspan > 1 => NARROW,
        Part::Column => NARROW,
        _ => ROOM * cell.colspan.min(2),
    }
}

/// Columns kept: what a row holds in fewer lines stands in the middle of it.
pub(super) fn laid_out(rows: &[Row]) -> Vec<String> {
    let grid = resolve(rows);
    let cell_at = |slot: &Slot| match slot {
        Slot::Cell(r, c) => rows.get(*r).and_then(|row| row.cells.get(*c)),
        Slot::Covered(..) => None,
    };
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![2; columns];
    for line in &grid {
        for (slot, w) in line.iter().zip(&mut widths) {
            if let Some(cell) = cell_at(slot).filter(|c| c.colspan == 1) {
                *w = wrapped(cell, room(cell)).iter().map(|l| width(l)).max().unwrap_or(0).max(*w);
            }
        }
    }
    let mut starts = vec![0];
    for w in widths {
        starts.push(starts.last().copied().unwrap_or(0) + w + 2);
    }
    // Lines that a cell over several rows still has to print, by its column.
    let mut pending: Vec<Vec<String>> = vec![Vec::new(); columns];
    let mut out = Vec::new();
    for line in &grid {
        let mut own: Vec<(usize, Vec<String>)> = Vec::new();
        for (column, slot) in line.iter().enumerate() {
            let Some(cell) = cell_at(slot) else { continue };
            let lines = wrapped(cell, room(cell));
            match pending.get_mut(column).filter(|_| cell.rowspan > 1) {
                Some(pending) => *pending = lines,
                None => own.push((column, lines)),
            }
        }
        let height = own.iter().map(|(_, l)| l.len()).max().unwrap_or(1);
        for depth in 0..height {
            let mut cells: Vec<(usize, String)> = Vec::new();
            for (column, lines) in &own {
                let above = (height - lines.len()) / 2;
                let text = depth.checked_sub(above).and_then(|at| lines.get(at));
                cells.extend(text.map(|t| (*column, t.clone())));
            }
            for (column, lines) in pending.iter_mut().enumerate().filter(|(_, l)| !l.is_empty()) {
                cells.push((column, lines.remove(0)));
            }
            cells.sort_by_key(|(column, _)| *column);
            out.push(one_line(&cells, &starts));
        }
    }
    out
}

fn one_line(cells: &[(usize, String)], starts: &[usize]) -> String {
    let mut out = String::new();
    for (column, text) in cells.iter().filter(|(_, t)| !t.is_empty()) {
        let used = width(&out);
        let start = starts.get(*column).copied().unwrap_or(0);
        let gap = start.saturating_sub(used).max(usize::from(used > 0));
        out.push_str(&" ".repeat(gap));
        out.push_str(text);
    }
    out
}

/// Reading order: a row's words wrapped in lines, its figures behind them, in their last line or in one of their own.
pub(super) fn raw(rows: &[Row]) -> Vec<String> {
    let mut out = Vec::new();
    for row in rows {
        let mut line = String::new();
        for cell in row.cells.iter().flat_map(Cell::leaves) {
            let lines = wrapped(cell, room(cell));
            let several = lines.len() > 1;
            // Words in several lines keep them to themselves.
            if several && !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            for text in lines.iter().filter(|t| !t.trim().is_empty()) {
                if several {
                    out.push(text.clone());
                } else {
                    line.push_str(if line.is_empty() { "" } else { " " });
                    line.push_str(text);
                }
            }
        }
        out.extend(Some(line).filter(|l| !l.is_empty()));
    }
    out
}
