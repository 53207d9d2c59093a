//! What a page's end cuts: tables and paragraphs go on where their edges say so.

use super::lines::Line;
use super::ruled::Ruled;
use super::{Element, Laid, torn};
use crate::work::Work;
use gongkai_model::{Cell, Problem, Role};
use std::collections::BTreeMap;

/// Edges so near are the same.
const SAME: f32 = 4.0;

/// A piece of the document.
pub(super) enum Piece {
    Paragraph(String, Role),
    Table(Ruled),
}

/// The pages as one run of pieces.
///
/// # Errors
/// `limit_work`.
pub(super) fn pages(pages: Vec<Laid>, work: &Work) -> Result<Vec<Piece>, Problem> {
    let body = body_size(&pages);
    let mut out = Pieces { body, ..Pieces::default() };
    let rights = right_margins(&pages);
    for page in pages {
        let right = rights.get(&size_class(&page)).copied().unwrap_or(page.width);
        let margins = (lines(&page).map(|l| l.left).fold(f32::MAX, f32::min), right);
        for (at, element) in page.elements.into_iter().enumerate() {
            match element {
                Element::Line(line) => out.line(line, margins, page.width, at == 0),
                Element::Table(table) => out.table(table, at == 0, work)?,
            }
        }
        out.end_page();
    }
    out.end_paragraph();
    Ok(out.pieces)
}

/// The size most letters have.
fn body_size(pages: &[Laid]) -> f32 {
    let mut letters: BTreeMap<u32, usize> = BTreeMap::new();
    for element in pages.iter().flat_map(|p| &p.elements) {
        if let Element::Line(line) = element {
            *letters.entry((line.size * 2.0) as u32).or_default() += line.glyphs.len();
        }
    }
    letters.into_iter().max_by_key(|(_, count)| *count).map_or(0.0, |(size, _)| size as f32 / 2.0)
}

fn lines(page: &Laid) -> impl Iterator<Item = &Line> {
    page.elements.iter().filter_map(|e| match e {
        Element::Line(line) => Some(line),
        Element::Table(_) => None,
    })
}

/// Pages of one width.
fn size_class(page: &Laid) -> i64 {
    (page.width / SAME) as i64
}

/// Where lines end, for each width of pages: a page of a few short lines beside a table does not show it by itself.
fn right_margins(pages: &[Laid]) -> BTreeMap<i64, f32> {
    let mut rights = BTreeMap::new();
    for page in pages {
        let right = rights.entry(size_class(page)).or_insert(f32::MIN);
        *right = lines(page).map(|l| l.right).fold(*right, f32::max);
    }
    rights
}

#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    body: f32,
    /// The paragraph being read.
    text: String,
    role: Option<Role>,
    last: Option<Last>,
    /// The table at the end of the page before, by its place among the pieces.
    table_before: Option<usize>,
}

/// The line read last.
struct Last {
    base: f32,
    size: f32,
    /// It reaches the right margin.
    is_full: bool,
    is_centered: bool,
    is_row: bool,
}

impl Pieces {
    fn line(&mut self, line: Line, (left, right): (f32, f32), width: f32, starts_page: bool) {
        let middle = (line.left + line.right) / 2.0;
        let size = line.size;
        let is_large = size > 1.15 * self.body;
        let next = Last {
            base: line.base,
            size,
            is_full: line.right > right - 1.8 * size,
            is_centered: (middle - width / 2.0).abs() < 2.0 * size && line.left > left + 2.0 * size,
            is_row: line.has_columns(),
        };
        let goes_on = self.last.as_ref().is_some_and(|last| {
            let near = starts_page || (line.base - last.base) < 2.6 * size.max(last.size);
            let alike = (last.size - size).abs() < 0.1 * size;
            // Behind a whole sentence the next page, or a line in the middle, may be a caption.
            let whole = self.text.ends_with('。') && (starts_page || next.is_centered);
            let wraps =
                last.is_full && !whole && line.left < left + 0.8 * size && !next.is_row && !last.is_row;
            // A title over several lines.
            let title = is_large && next.is_centered && (last.is_centered || last.is_full) && !starts_page;
            near && alike && (wraps || title)
        });
        if !goes_on {
            self.end_paragraph();
            self.role = Some(if is_large { Role::Heading } else { Role::Body });
        }
        let text = line.text();
        // Words of Latin script are kept apart at the end of a line.
        let ends_word = self.text.chars().last().is_some_and(|c| c.is_ascii_alphabetic());
        if goes_on && ends_word && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.text.push(' ');
        }
        // A figure may have been cut, or two may meet: no digit is joined to another.
        let ends_figure = self.text.chars().last().is_some_and(|c| c.is_ascii_digit());
        let is_cut = goes_on && ends_figure && text.starts_with(|c: char| c.is_ascii_digit());
        if is_cut {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        self.text.push_str(&text);
        self.last = Some(next);
        self.table_before = None;
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.pieces.push(Piece::Paragraph(text, self.role.unwrap_or(Role::Body)));
        }
        self.last = None;
    }

    fn table(&mut self, table: Ruled, starts_page: bool, work: &Work) -> Result<(), Problem> {
        self.end_paragraph();
        let before = self.table_before.take().filter(|_| starts_page);
        let before = before.and_then(|at| match self.pieces.get_mut(at) {
            Some(Piece::Table(before)) => Some(before),
            _ => None,
        });
        let Some(before) = before else {
            self.pieces.push(Piece::Table(table));
            return Ok(());
        };
        // Every cell may look for its edges, and every cell of a row that is cut for the one above.
        let edges = before.xs.len() + table.xs.len();
        work.spend_each(before.cells.len() + table.cells.len(), edges)?;
        if let Some(table) = continued(before, table) {
            self.pieces.push(Piece::Table(table));
        }
        Ok(())
    }

    fn end_page(&mut self) {
        let ends_with_table = self.text.is_empty() && matches!(self.pieces.last(), Some(Piece::Table(_)));
        self.table_before = self.pieces.len().checked_sub(1).filter(|_| ends_with_table);
    }
}

/// Appends a table to the one on the page before; gives it back where it is another one.
fn continued(before: &mut Ruled, mut after: Ruled) -> Option<Ruled> {
    let edges = |t: &Ruled| Some((*t.xs.first()?, *t.xs.last()?));
    let (Some((left, right)), Some((own_left, own_right))) = (edges(before), edges(&after)) else {
        return Some(after);
    };
    // Odd and even pages may have other margins.
    let shift = left - own_left;
    if (right - own_right - shift).abs() > SAME || shift.abs() > 60.0 {
        return Some(after);
    }
    after.xs.iter_mut().for_each(|x| *x += shift);
    let has = |edges: &[f32], x: &f32| edges.iter().any(|e| (e - x).abs() <= SAME);
    let inside = |a: &[f32], b: &[f32]| a.iter().all(|x| has(b, x));
    if inside(&after.xs, &before.xs) {
        regrid(&mut after, &before.xs);
    } else if inside(&before.xs, &after.xs) {
        let xs = after.xs.clone();
        regrid(before, &xs);
    } else {
        return Some(after);
    }
    drop_repeated_head(before, &mut after);
    if after.rows == 0 {
        return None;
    }
    let mut offset = before.rows;
    if !before.closed.1 && !after.closed.0 || torn::is_torn(before, &after) {
        // The row itself was cut: its cells go on.
        offset -= 1;
        let first: Vec<Cell> = {
            let (first, rest) = after.cells.drain(..).partition(|c| c.row == 0);
            after.cells = rest;
            first
        };
        for cell in first {
            let last_row = before.rows - 1;
            let mut cells = before.cells.iter_mut().rev();
            let above = cells.find(|c| c.col == cell.col && c.row + c.rowspan > last_row);
            match above {
                Some(above) => {
                    if !above.text.is_empty() && !cell.text.is_empty() {
                        above.text.push('\n');
                    }
                    above.text.push_str(&cell.text);
                    above.rowspan += cell.rowspan - 1;
                }
                None => before.cells.push(Cell { row: offset, ..cell }),
            }
        }
    }
    before.cells.extend(after.cells.into_iter().map(|c| Cell { row: c.row + offset, ..c }));
    before.rows = offset + after.rows;
    before.closed.1 = after.closed.1;
    None
}

/// Gives cells their columns among other edges, which hold all of the table's own.
fn regrid(table: &mut Ruled, xs: &[f32]) {
    let place = |edge: u32| {
        let x = table.xs.get(edge as usize).copied().unwrap_or(0.0);
        let near = |(_, a): &(usize, &f32), (_, b): &(usize, &f32)| (*a - x).abs().total_cmp(&(*b - x).abs());
        xs.iter().enumerate().min_by(near).map_or(0, |(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
    };
    for cell in &mut table.cells {
        let (from, to) = (place(cell.col), place(cell.col + cell.colspan));
        (cell.col, cell.colspan) = (from, to.saturating_sub(from).max(1));
    }
    table.xs = xs.to_vec();
}

/// The head of the table, printed again at the top of its next page.
fn drop_repeated_head(before: &Ruled, after: &mut Ruled) {
    let compared = after.rows.min(before.rows) as usize;
    let rows = |table: &Ruled| {
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let mut rows = vec![Vec::new(); compared];
        for cell in &table.cells {
            if let Some(row) = rows.get_mut(cell.row as usize) {
                row.push((cell.col, cell.colspan, cell.rowspan, squeezed(&cell.text)));
            }
        }
        rows
    };
    let has_words = |cells: &[(u32, u32, u32, String)]| {
        cells.iter().any(|(.., text)| text.chars().any(|c| c.is_alphabetic()))
    };
    let same = |(old, new): &(Vec<_>, Vec<_>)| old == new && (has_words(new) || new.is_empty());
    let count = rows(before).into_iter().zip(rows(after)).take_while(same).count();
    let count = u32::try_from(count).unwrap_or(0);
    // A copy of the whole table is no head.
    let cut_through = after.cells.iter().any(|c| c.row < count && c.row + c.rowspan > count);
    if count == 0 || count >= after.rows || cut_through {
        return;
    }
    after.cells.retain(|c| c.row >= count);
    after.cells.iter_mut().for_each(|c| c.row -= count);
    after.rows -= count;
    after.closed.0 = true;
}
