//! Figures whose end stands elsewhere: in the next line, in the next row, on the next page; and rows joined in one.

use super::Scene;
use super::pages::{behind, page_number};
use crate::sheet::{Behind, Cell, Glue, Kind, Part, Row, Sheet};
use crate::spec::Layout;

/// Where the end of a figure goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Under its figure, in a row as wide as the others.
    Under,
    /// In a row of its own that shows no column.
    Short,
    /// In a line of text between two rows.
    Line,
    /// In the figure's own cell, whose lines are all the layout has.
    Within,
}

/// Whether a cell's place shows its column, also in a row that holds little else.
fn keeps_columns(layout: Layout) -> bool {
    matches!(layout, Layout::HtmlSpans | Layout::HtmlNested | Layout::Tab | Layout::Markdown)
        || matches!(layout, Layout::MarkdownIndexed | Layout::Latex | Layout::Boxes)
}

/// A figure that can be cut in two, with the place of its cut; decimals are cut at their point.
fn cut(scene: &mut Scene<'_>, cell: &Cell, decimals: bool) -> Option<(String, String)> {
    let text: Vec<char> = cell.text().chars().collect();
    let is_figure = |c: &char| c.is_numeric() || *c == '.';
    let plain = cell.part == Part::Value && cell.pieces.len() == 1 && cell.mark.is_none();
    if !plain || text.len() < 2 || !text.iter().all(is_figure) {
        return None;
    }
    let point = text.iter().position(|c| *c == '.');
    let at = match point {
        Some(point) if decimals => point + scene.rng.usize(0..2),
        None if decimals => return None,
        // A narrow column mostly lacks room for one digit more.
        _ if scene.rng.u32(0..4) > 0 => text.len() - 1,
        _ => scene.rng.usize(1..text.len()),
    };
    let (first, rest) = text.split_at_checked(at)?;
    (!first.is_empty() && !rest.is_empty()).then(|| (first.iter().collect(), rest.iter().collect()))
}

/// The rest of figures stands in the next line or row.
pub(super) fn wrap(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    wrapped(scene, sheet, false, false);
}

/// The decimals of an amount stand in the next line or row.
pub(super) fn wrap_decimals(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    wrapped(scene, sheet, false, true);
}

/// A page ends inside a figure.
pub(super) fn cut_by_page(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    wrapped(scene, sheet, true, false);
}

fn wrapped(scene: &mut Scene<'_>, sheet: &mut Sheet, page: bool, decimals: bool) {
    let rows: Vec<usize> = (0..sheet.rows.len())
        .filter(|r| sheet.rows.get(*r).is_some_and(|row| row.kind == Kind::Values && !row.doubtful))
        .collect();
    // In a column that is too narrow every row wraps.
    let narrow = !page && (decimals || scene.rng.u32(0..3) == 0);
    let from_behind = rows.into_iter().rev();
    let mut found: Vec<(usize, usize, (String, String))> = Vec::new();
    for r in from_behind {
        let cells = sheet.rows.get(r).map_or(&[][..], |row| &row.cells);
        let mut able: Vec<(usize, (String, String))> =
            cells.iter().enumerate().filter_map(|(c, cell)| Some((c, cut(scene, cell, decimals)?))).collect();
        let chosen = if narrow { able.pop() } else { scene.rng.choice(able) };
        found.extend(chosen.map(|(c, halves)| (r, c, halves)));
    }
    if !narrow {
        found = scene.rng.choice(found).into_iter().collect();
    }
    let place = rest(scene, page);
    for (r, c, halves) in found {
        // A line of text stands between two rows: behind the last one the rest is a row.
        let last = r + 1 == sheet.rows.len();
        let place = if last && place == Rest::Line { Rest::Short } else { place };
        put_rest(scene, sheet, (r, c), halves, place, page);
    }
}

fn rest(scene: &mut Scene<'_>, page: bool) -> Rest {
    let layout = scene.spec.layout;
    match layout {
        _ if layout.is_cell_a_line() || layout == Layout::FlattenedSpaced => Rest::Within,
        Layout::HtmlSpacedRows | Layout::RawOrder => Rest::Line,
        Layout::Pipe if !page && scene.rng.bool() => Rest::Line,
        Layout::SpaceAligned | Layout::HtmlPre | Layout::LaidOut => Rest::Under,
        _ if scene.rng.u32(0..3) == 0 => Rest::Short,
        _ => Rest::Under,
    }
}

/// Leaves the first half in the cell, and puts the other where it goes.
fn put_rest(
    scene: &mut Scene<'_>,
    sheet: &mut Sheet,
    (r, c): (usize, usize),
    (first, rest): (String, String),
    place: Rest,
    page: bool,
) {
    let Some(row) = sheet.rows.get_mut(r) else { return };
    let several = row.values().count() > 1;
    let Some(cell) = row.cells.get_mut(c) else { return };
    cell.doubt();
    if place == Rest::Within {
        cell.pieces = vec![first, rest];
        cell.glue = if scene.spec.layout.is_flat() { Glue::Blank } else { Glue::Line };
        row.doubtful = several;
        if page {
            let text = page_number(scene);
            sheet.interrupt(r + 1, Some(&text), Behind::Gone);
        }
        return;
    }
    cell.set_text(first);
    let behind = if page { behind(scene) } else { Behind::Gone };
    // Where the column of the rest cannot be seen, any figure of the row may go on there.
    let shown = place == Rest::Under && keeps_columns(scene.spec.layout) && !(page && behind == Behind::Gone);
    row.doubtful |= several && !shown;
    if place == Rest::Line {
        sheet.interrupt(r + 1, Some(&rest), Behind::Gone);
        return;
    }
    let filler = |cell: &Cell| Cell::new(Part::Filler, "").span(1, cell.colspan);
    let cells: Vec<Cell> = if place == Rest::Short {
        let label = row.first_value().filter(|at| *at > 0).map(|_| Cell::new(Part::Filler, ""));
        label.into_iter().chain([Cell::new(Part::Other, &rest)]).collect()
    } else {
        let own = row.cells.iter().enumerate().filter(|(_, cell)| cell.rowspan == 1);
        own.map(
            |(i, cell)| {
                if i == c { Cell::new(Part::Other, &rest).span(1, cell.colspan) } else { filler(cell) }
            },
        )
        .collect()
    };
    for (above, row) in sheet.rows.iter_mut().enumerate().take(r + 1) {
        row.cells.iter_mut().filter(|c| c.rowspan > 1 && above + c.rowspan > r).for_each(|c| c.rowspan += 1);
    }
    sheet.rows.insert(r + 1, Row::new(Kind::Extra, cells));
    if page {
        let text = if scene.rng.bool() { page_number(scene) } else { String::new() };
        sheet.interrupt(r + 1, Some(&text), behind);
    }
}

/// How the texts of two rows stand in one cell.
fn joint(scene: &mut Scene<'_>) -> Glue {
    let layout = scene.spec.layout;
    let glues: &[Glue] = match layout {
        _ if layout.has_html_tables() => &[Glue::Span, Glue::Span, Glue::Line, Glue::Paragraph, Glue::Blank],
        _ if layout.is_markdown() => &[Glue::Span, Glue::Line, Glue::Blank],
        _ if layout.is_cell_a_line() => &[Glue::Span, Glue::Line],
        Layout::SpaceAligned | Layout::HtmlPre | Layout::LaidOut | Layout::RawOrder => &[Glue::Span],
        _ => &[Glue::Span, Glue::Blank],
    };
    scene.rng.choice(glues).copied().unwrap_or_default()
}

/// Two rows of one group have become one: both labels in one cell, both figures in each of the others.
pub(super) fn join_rows(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let begins = |row: &Row| row.cells.first().is_some_and(|c| matches!(c.part, Part::Item(_)));
    let even = |a: &Row, b: &Row| a.kind == Kind::Values && b.kind == Kind::Values && begins(b);
    let pairs = sheet.rows.windows(2).enumerate().filter(|(_, w)| matches!(w, [a, b] if even(a, b)));
    let Some(at) = scene.rng.choice(pairs.map(|(i, _)| i).collect::<Vec<_>>()) else { return };
    let lower = sheet.rows.remove(at + 1);
    for (above, row) in sheet.rows.iter_mut().enumerate().take(at + 1) {
        row.cells
            .iter_mut()
            .filter(|c| c.rowspan > 1 && above + c.rowspan > at + 1)
            .for_each(|c| c.rowspan -= 1);
    }
    let (labels, figures) = (joint(scene), joint(scene));
    let Some(upper) = sheet.rows.get_mut(at) else { return };
    let skipped = upper.cells.len().saturating_sub(lower.cells.len());
    let mut blank = false;
    for (cell, below) in upper.cells.iter_mut().skip(skipped).zip(&lower.cells) {
        blank |= cell.part == Part::Value && (cell.is_blank() || below.is_blank());
        cell.glue = if cell.part == Part::Value { figures } else { labels };
        cell.pieces = vec![cell.text(), below.text()];
        cell.inks.extend(below.inks.iter().copied());
    }
    // Only lines of their own show in both which figure belongs to which label.
    let lines = |glue| matches!(glue, Glue::Line | Glue::Paragraph);
    let cells_marked = scene.spec.layout.has_html_tables() || scene.spec.layout == Layout::Markdown;
    upper.doubtful |= !(lines(labels) && lines(figures) && cells_marked) || blank || lower.doubtful;
}

/// The figures of a row stand in the row below their label, under a blank cell.
pub(super) fn lower_figures(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let is_line =
        |row: &Row| row.kind == Kind::Values && row.values().count() > 1 && row.first_value() > Some(0);
    let rows = sheet.rows.iter().enumerate().filter(|(_, row)| is_line(row)).map(|(i, _)| i);
    let Some(at) = scene.rng.choice(rows.collect::<Vec<_>>()) else { return };
    for (above, row) in sheet.rows.iter_mut().enumerate().take(at + 1) {
        row.cells.iter_mut().filter(|c| c.rowspan > 1 && above + c.rowspan > at).for_each(|c| c.rowspan += 1);
    }
    let Some(row) = sheet.rows.get_mut(at) else { return };
    let blank = |cell: &Cell| Cell::new(Part::Filler, "").span(1, cell.colspan);
    let Some(label) = row.cells.iter().position(|c| matches!(c.part, Part::Item(_))) else { return };
    let figures = row.cells.split_off(label + 1);
    let mut lower = Row::new(Kind::Values, vec![]);
    lower.cells.extend(row.cells.get(label).map(blank));
    if scene.rng.bool() || !scene.spec.layout.has_html_tables() {
        row.cells.extend(figures.iter().map(blank));
    }
    row.kind = Kind::Extra;
    lower.doubtful = row.doubtful;
    lower.cells.extend(figures);
    sheet.rows.insert(at + 1, lower);
}
