//! How a report is written down.

mod aligned;
mod boxes;
mod extracted;
mod html;
mod markdown;
mod text;

use crate::ink;
use crate::report::{Block, Report, stream};
use crate::sheet::{Behind, Cell, Glue, Kind, Part, Sheet};
use crate::spec::{Layout, Spec};
use fastrand::Rng;

/// Changes sheets as the layout has them: heads out of line, tables in parts.
pub(crate) fn prepare(report: &mut Report, spec: &Spec) {
    let mut rng = stream(spec.seed, "prepare");
    let (variant, behind) =
        (rng.u32(0..3), rng.choice([Behind::Repeated, Behind::Gone]).unwrap_or(Behind::Gone));
    for block in &mut report.blocks {
        let Block::Sheet(sheet) = block else { continue };
        match spec.layout {
            Layout::HtmlMisalignedHead if sheet.table.is_some() => misalign(sheet, variant, &mut rng),
            Layout::HtmlSplitTables if sheet.table.is_some() => split(sheet, variant > 0, behind),
            Layout::MarkdownOcr => split(sheet, true, behind),
            _ => {}
        }
    }
}

/// Interrupts a table before each row, or only before each group.
fn split(sheet: &mut Sheet, every_row: bool, behind: Behind) {
    for at in (1..sheet.rows.len()).rev() {
        let Some(row) = sheet.rows.get(at) else { continue };
        let group = row.kind == Kind::Clause || row.cells.first().is_some_and(|c| c.part == Part::Group);
        let head = row.kind == Kind::Head && !sheet.rows.get(at - 1).is_some_and(|r| r.kind == Kind::Clause);
        let row_wise = every_row && !head;
        let broken = row.kind == Kind::Break || sheet.rows.get(at - 1).is_some_and(|r| r.kind == Kind::Break);
        if !broken && (group || row_wise) {
            sheet.interrupt(at, Some(""), behind);
        }
    }
}

/// The head no longer stands over its columns; values keep their order.
fn misalign(sheet: &mut Sheet, variant: u32, rng: &mut Rng) {
    let empty = || Cell::new(Part::Filler, "");
    let mut first = true;
    for row in sheet.rows.iter_mut().filter(|r| r.kind == Kind::Head) {
        match variant {
            // An empty cell before the lower heads, and a head above that is too wide.
            0 if first => {
                row.cells.iter_mut().last().into_iter().for_each(|c| c.colspan += 1);
            }
            0 => row.cells.insert(0, empty()),
            // Spans of headings that do not count their columns.
            1 => {
                if let Some(cell) = rng.choice(&mut row.cells) {
                    cell.colspan += rng.usize(1..3);
                }
            }
            // Head cells as wide as they were drawn.
            _ => row.cells.iter_mut().for_each(|c| c.colspan = if rng.bool() { c.colspan } else { 2 }),
        }
        first = false;
    }
    if variant == 2 {
        let wide = rng.usize(0..sheet.width.max(1));
        for row in sheet.rows.iter_mut().filter(|r| r.kind == Kind::Values) {
            row.values_mut().skip(wide % 5).take(1).for_each(|c| c.colspan += 1);
        }
    }
}

/// The report as text of its layout, with marks.
pub(crate) fn write(report: &Report, spec: &Spec) -> String {
    if spec.layout.is_html() {
        html::write(report, spec)
    } else if spec.layout.is_markdown() {
        markdown::write(report, spec)
    } else {
        text::write(report, spec)
    }
}

/// Text of a cell with its marks; `line` stands between pieces that a line break parts.
fn cell_text(cell: &Cell, line: &str) -> String {
    let between = match cell.glue {
        Glue::Span => "",
        Glue::Blank => " ",
        Glue::Line | Glue::Paragraph => line,
    };
    let text = cell.pieces.join(between);
    match cell.mark {
        Some(mark) => format!("{}{text}{}", ink::begin(mark), ink::END),
        None => text,
    }
}
