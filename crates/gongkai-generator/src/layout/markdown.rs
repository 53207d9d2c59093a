//! Markdown, from a converter or from optical recognition.

use super::cell_text;
use super::text::grid;
use crate::ink;
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
                    out.extend(match spec.layout {
                        Layout::Latex => latex(rows),
                        Layout::MarkdownIndexed => indexed(rows),
                        Layout::MarkdownOcr => table(plain(rows), invented, centred),
                        _ => table(filled(rows, repeated), invented, centred),
                    });
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

/// As data frames print themselves: every place filled, if need be with `nan`, a number before every row and over every column.
fn indexed(rows: &[Row]) -> Vec<String> {
    let place = |slot: &Slot| match slot {
        Slot::Cell(r, c) => rows.get(*r).and_then(|row| row.cells.get(*c)).map_or(String::new(), text),
        Slot::Covered(r, c) => {
            rows.get(*r).and_then(|row| row.cells.get(*c)).map_or(String::new(), |c| ink::strip(&text(c)))
        }
    };
    let mut lines: Vec<Vec<String>> =
        resolve(rows).iter().map(|line| line.iter().map(place).collect()).collect();
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Vec::new();
    }
    lines.iter_mut().for_each(|line| line.resize(width, "nan".to_owned()));
    let line = |first: String, cells: &[String]| format!("| {first:>2} | {} |", cells.join(" | "));
    let head: Vec<String> = (0..width).map(|n| n.to_string()).collect();
    let mut out = vec![line(String::new(), &head), format!("|---:|{}", ":-----|".repeat(width))];
    out.extend(lines.iter().enumerate().map(|(n, cells)| line(n.to_string(), cells)));
    out
}

/// As converters of pages write tables that Markdown lacks.
fn latex(rows: &[Row]) -> Vec<String> {
    let grid = grid(rows);
    let width = grid.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Vec::new();
    }
    let cell = |cell: &Cell| {
        let mut text = text(cell).replace("<br>", " ").replace('%', "\\%");
        if cell.rowspan > 1 {
            text = format!("\\multirow{{{}}}{{*}}{{{text}}}", cell.rowspan);
        }
        if cell.colspan > 1 { format!("\\multicolumn{{{}}}{{|c|}}{{{text}}}", cell.colspan) } else { text }
    };
    let mut out = vec![format!("\\begin{{tabular}}{{|{}}}", "l|".repeat(width)), "\\hline".to_owned()];
    for (row, line) in rows.iter().zip(&grid) {
        // What a cell above covers is an empty place; what one from the left covers is part of it.
        let mut places = Vec::new();
        let mut covered = 0;
        for place in line {
            match place {
                Some(c) => {
                    places.push(cell(c));
                    covered = c.colspan - 1;
                }
                None if covered > 0 => covered -= 1,
                None => places.push(String::new()),
            }
        }
        if !row.cells.is_empty() {
            out.push(format!("{} \\\\", places.join(" & ")));
            out.push("\\hline".to_owned());
        }
    }
    out.push("\\end{tabular}".to_owned());
    out
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
