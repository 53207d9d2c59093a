//! A drawn grid with what is printed in its cells.

use super::Glyph;
use super::lines::{self, Line};
use super::rules::{Grid, crosses};
use crate::Limits;
use gongkai_model::{Cell, Layout, Table};

/// Stands for what cannot be told apart: no number is read of a cell that holds it.
const UNSURE: char = char::REPLACEMENT_CHARACTER;

/// A drawn table.
#[derive(Debug)]
pub(super) struct Ruled {
    pub(super) xs: Vec<f32>,
    top: f32,
    pub(super) rows: u32,
    pub(super) cells: Vec<Cell>,
    /// Whether a line is drawn along its upper and lower end.
    pub(super) closed: (bool, bool),
}

/// A cell before it has text: where it is in the grid.
#[derive(Debug, Clone, Copy)]
struct Area {
    row: usize,
    col: usize,
    /// One past the last.
    end_row: usize,
    end_col: usize,
}

impl Ruled {
    /// The table; `None` where the lines do not tile their area with rectangles, or hold one text at most.
    pub(super) fn of(grid: &Grid, glyphs: &[Glyph]) -> Option<Self> {
        let areas = areas(grid)?;
        let texts = texts(grid, &areas, glyphs);
        if texts.iter().filter(|t| !t.is_empty()).count() < 2 {
            return None;
        }
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (columns, rows) = (grid.xs.len() - 1, grid.ys.len() - 1);
        let cell = |(area, text): (&Area, String)| {
            // Space at an open side is no cell: a row may just end before it.
            let is_open = |edge: usize, outer: bool| {
                outer && !(area.row..area.end_row).any(|r| grid.is_drawn_beside(edge, r))
            };
            let open = is_open(area.end_col, area.end_col == columns) || is_open(area.col, area.col == 0);
            (!open || !text.is_empty()).then(|| Cell {
                row: clip(area.row),
                col: clip(area.col),
                rowspan: clip(area.end_row - area.row),
                colspan: clip(area.end_col - area.col),
                text,
                bytes: None,
            })
        };
        let cells = areas.iter().zip(texts).filter_map(cell).collect();
        let along =
            |edge: usize| (0..columns).filter(|c| grid.is_drawn_above(edge, *c)).count() * 2 > columns;
        Some(Self {
            xs: grid.xs.clone(),
            top: grid.ys.first().copied()?,
            rows: clip(rows),
            cells,
            closed: (along(0), along(rows)),
        })
    }

    pub(super) fn top(&self) -> f32 {
        self.top
    }

    /// The block, and how many cells were left out.
    pub(super) fn finish(mut self, limits: &Limits) -> (Table, usize) {
        let before = self.cells.len();
        let max = u32::try_from(limits.table_columns).unwrap_or(u32::MAX);
        self.cells.sort_by_key(|c| (c.row, c.col));
        self.cells.retain(|c| c.col < max);
        self.cells.truncate(limits.table_cells);
        self.cells.iter_mut().for_each(|c| c.colspan = c.colspan.min(max - c.col));
        let columns = u32::try_from(self.xs.len().saturating_sub(1)).unwrap_or(u32::MAX).min(max);
        let dropped = before - self.cells.len();
        (Table { layout: Layout::Grid, cells: self.cells, rows: self.rows, columns }, dropped)
    }
}

/// Units between which no line is drawn are one cell; each must be a rectangle.
fn areas(grid: &Grid) -> Option<Vec<Area>> {
    let (columns, rows) = (grid.xs.len() - 1, grid.ys.len() - 1);
    let mut owner: Vec<Option<usize>> = vec![None; columns * rows];
    let mut areas = Vec::new();
    for row in 0..rows {
        for col in 0..columns {
            if owner.get(row * columns + col)?.is_some() {
                continue;
            }
            let mut area = Area { row, col, end_row: row + 1, end_col: col + 1 };
            while area.end_col < columns && !grid.is_drawn_beside(area.end_col, row) {
                area.end_col += 1;
            }
            let open_below =
                |end: usize| (col..area.end_col).filter(|c| !grid.is_drawn_above(end, *c)).count();
            while area.end_row < rows {
                match open_below(area.end_row) {
                    0 => break,
                    n if n == area.end_col - col => area.end_row += 1,
                    _ => return None,
                }
            }
            for r in area.row..area.end_row {
                let sides = [area.col, area.end_col];
                let inner = sides.iter().filter(|e| **e > 0 && **e < columns);
                if !inner.clone().all(|edge| grid.is_drawn_beside(*edge, r))
                    || (area.col + 1..area.end_col).any(|edge| grid.is_drawn_beside(edge, r))
                {
                    return None;
                }
                for c in area.col..area.end_col {
                    let slot = owner.get_mut(r * columns + c)?;
                    if slot.replace(areas.len()).is_some() {
                        return None;
                    }
                }
            }
            areas.push(area);
        }
    }
    Some(areas)
}

/// The text of each cell.
fn texts(grid: &Grid, areas: &[Area], glyphs: &[Glyph]) -> Vec<String> {
    let columns = grid.xs.len() - 1;
    let mut owner: Vec<usize> = vec![usize::MAX; grid.units()];
    for (at, area) in areas.iter().enumerate() {
        for slot in
            (area.row..area.end_row).flat_map(|r| (area.col..area.end_col).map(move |c| r * columns + c))
        {
            if let Some(slot) = owner.get_mut(slot) {
                *slot = at;
            }
        }
    }
    let unit =
        |edges: &[f32], at: f32| edges.partition_point(|e| *e <= at).saturating_sub(1).min(edges.len() - 2);
    let owner_of = |g: &Glyph| {
        let (x, y) = g.center();
        owner.get(unit(&grid.ys, y) * columns + unit(&grid.xs, x)).copied().unwrap_or(usize::MAX)
    };
    let mut inside: Vec<Vec<Glyph>> = vec![Vec::new(); areas.len()];
    let mut unsure = vec![false; areas.len()];
    let mut doubt = |at: usize| {
        if let Some(slot) = unsure.get_mut(at) {
            *slot = true;
        }
    };
    // A figure that runs over a line belongs to no cell for certain.
    for line in lines::lines(glyphs.to_vec()) {
        let figures: Vec<&Glyph> = line.glyphs.iter().filter(|g| g.is_figure()).collect();
        for pair in figures.windows(2) {
            let [a, b] = pair else { continue };
            let (one, other) = (owner_of(a), owner_of(b));
            if one != other && b.left - a.right < 0.12 * a.size && (a.base - b.base).abs() < 0.1 * a.size {
                doubt(one);
                doubt(other);
            }
        }
        for g in figures {
            let own = areas.get(owner_of(g));
            let edges = own.map(|a| [a.col, a.end_col]).into_iter().flatten();
            if edges.filter_map(|e| grid.xs.get(e)).any(|edge| crosses(g, *edge)) {
                doubt(owner_of(g));
            }
        }
    }
    for glyph in glyphs {
        if let Some(cell) = inside.get_mut(owner_of(glyph)) {
            cell.push(*glyph);
        }
    }
    let text = |(glyphs, unsure): (Vec<Glyph>, bool)| {
        let lines: Vec<String> =
            lines::lines(glyphs).iter().map(Line::cell_text).filter(|l| !l.is_empty()).collect();
        let mut text = lines.join("\n");
        if unsure {
            text.push(UNSURE);
        }
        text
    };
    inside.into_iter().zip(unsure).map(text).collect()
}
