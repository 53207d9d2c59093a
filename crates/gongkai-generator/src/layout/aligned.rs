//! Columns kept apart by blanks, as text extraction lays out a page.

use super::cell_text;
use crate::ink;
use crate::sheet::{Cell, Glue, Row, Slot, resolve};
use unicode_width::UnicodeWidthStr;

/// Blanks between columns, at least.
const GAP: usize = 2;

fn width(text: &str) -> usize {
    ink::strip(text).width()
}

/// Lines of a cell: the words of a wrapped label, else one.
fn wrapped(cell: &Cell) -> Vec<String> {
    match cell.glue {
        Glue::Line if cell.mark.is_none() => cell.pieces.clone(),
        _ => vec![cell_text(cell, "")],
    }
}

fn widest(cell: &Cell) -> usize {
    wrapped(cell).iter().map(|l| width(l)).max().unwrap_or(0)
}

/// The lines of a table. Values stand in the first line of a row, the rest of wrapped labels below.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let grid = resolve(rows);
    let cell_at = |slot: &Slot| match slot {
        Slot::Cell(r, c) => rows.get(*r).and_then(|row| row.cells.get(*c)),
        Slot::Covered(..) => None,
    };
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![1; columns];
    for line in &grid {
        for (column, slot) in line.iter().enumerate() {
            if let (Some(cell), Some(w)) = (cell_at(slot).filter(|c| c.colspan == 1), widths.get_mut(column))
            {
                *w = widest(cell).max(*w);
            }
        }
    }
    let mut starts = vec![0];
    for w in widths {
        starts.push(starts.last().copied().unwrap_or(0) + w + GAP);
    }
    let mut out = Vec::new();
    for line in &grid {
        let cells: Vec<(usize, Vec<String>)> = line
            .iter()
            .zip(&starts)
            .filter_map(|(slot, start)| Some((*start, wrapped(cell_at(slot)?))))
            .collect();
        for depth in 0..cells.iter().map(|(_, l)| l.len()).max().unwrap_or(0) {
            out.push(one_line(&cells, depth));
        }
    }
    out
}

fn one_line(cells: &[(usize, Vec<String>)], depth: usize) -> String {
    let mut out = String::new();
    for (start, lines) in cells {
        let Some(text) = lines.get(depth).filter(|t| !t.is_empty()) else { continue };
        let used = width(&out);
        let gap = start.saturating_sub(used).max(if used > 0 { GAP } else { 0 });
        out.push_str(&" ".repeat(gap));
        out.push_str(text);
    }
    out
}
