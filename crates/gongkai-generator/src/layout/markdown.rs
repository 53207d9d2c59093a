//! Markdown, from a converter or from optical recognition.

use super::cell_text;
use super::text::grid;
use crate::report::{Block, Report, stream};
use crate::sheet::{Cell, Part, Row, Slot, resolve};
use crate::spec::{Layout, Spec};

/// The invented head of a table that has none.
#[derive(Debug, Clone, Copy)]
enum Invented {
    /// The first row serves as head.
    FirstRow,
    Empty,
    /// `列1`, `列2`.
    Numbered,
    Words,
}

pub(super) fn write(report: &Report, spec: &Spec) -> String {
    let mut rng = stream(spec.seed, "layout");
    let kinds =
        [Invented::FirstRow, Invented::FirstRow, Invented::Empty, Invented::Numbered, Invented::Words];
    let ocr = spec.layout == Layout::MarkdownOcr;
    let invented = if ocr { rng.choice(kinds).unwrap_or(Invented::FirstRow) } else { Invented::FirstRow };
    let (repeated, centred) = (rng.bool() && !ocr, rng.bool());
    let mut out = Vec::new();
    for block in &report.blocks {
        match block {
            Block::Title(t) => out.push(format!("# {t}\n")),
            Block::Heading(t) => out.push(format!("## {t}\n")),
            Block::Caption(t) => out.push(format!("**{t}**\n")),
            Block::Paragraph(t) | Block::Signature(t) => out.push(format!("{t}\n")),
            Block::Comment(_) => {}
            Block::Sheet(sheet) => {
                for (before, rows) in sheet.parts() {
                    out.extend(before.filter(|b| !b.is_empty()).map(|b| format!("\n{b}\n")));
                    let lines = if ocr { plain(rows) } else { filled(rows, repeated) };
                    out.extend(table(lines, invented, centred));
                    out.push(String::new());
                }
            }
        }
    }
    out.join("\n")
}

fn text(cell: &Cell) -> String {
    cell_text(cell, "<br>")
}

/// Cells only: recognition does not see what spans cover.
fn plain(rows: &[Row]) -> Vec<Vec<String>> {
    grid(rows).iter().map(|line| line.iter().flatten().map(|c| text(c)).collect()).collect()
}

/// All places: covered ones empty, or with the words of the cell that covers them.
fn filled(rows: &[Row], repeated: bool) -> Vec<Vec<String>> {
    let words = |r: usize, c: usize| {
        let cell = rows.get(r).and_then(|row| row.cells.get(c))?;
        matches!(cell.part, Part::Head | Part::Column | Part::Group | Part::Item(_)).then(|| text(cell))
    };
    let place = |slot: &Slot| match slot {
        Slot::Cell(r, c) => rows.get(*r).and_then(|row| row.cells.get(*c)).map_or(String::new(), text),
        Slot::Covered(r, c) => words(*r, *c).filter(|_| repeated).unwrap_or_default(),
    };
    resolve(rows).iter().map(|line| line.iter().map(place).collect()).collect()
}

fn table(mut lines: Vec<Vec<String>>, invented: Invented, centred: bool) -> Vec<String> {
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Vec::new();
    }
    let head = match invented {
        Invented::FirstRow => lines.remove(0),
        Invented::Empty => vec![String::new(); width],
        Invented::Numbered => (1..=width).map(|i| format!("列{i}")).collect(),
        Invented::Words => {
            (0..width).map(|i| if i == 0 { "项目".to_owned() } else { "内容".to_owned() }).collect()
        }
    };
    let rule = vec![if centred { ":---:" } else { "---" }.to_owned(); width];
    let line = |cells: &Vec<String>| format!("| {} |", cells.join(" | "));
    [&head, &rule].into_iter().chain(&lines).map(line).collect()
}
