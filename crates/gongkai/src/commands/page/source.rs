//! The document beside the tables: its blocks in order, with what was read marked and linked.

use super::facts::{Facts, cell_anchor};
use crate::place::Mark;
use gongkai_model::{Block, Cell, Document, Layout, Paragraph, Role, Table};
use maud::{Markup, html};

/// How consecutive blocks are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Folded away.
    Furniture,
    /// Lines whose columns are aligned by blanks: not wrapped.
    Aligned,
    Plain,
}

/// All blocks in reading order; page furniture is folded away.
pub(super) fn blocks(document: &Document, facts: &Facts<'_>) -> Markup {
    let blocks = document.blocks.iter().enumerate();
    let blocks: Vec<(usize, &Block, Manner)> =
        blocks.map(|(number, block)| (number, block, manner(number, block, facts))).collect();
    let mut tables = 0_u32;
    html! {
        @for run in blocks.chunk_by(|a, b| a.2 == b.2) {
            @let content = html! { @for (number, block, _) in run { (one(*number, block, &mut tables, facts)) } };
            @match run.first().map(|b| b.2) {
                Some(Manner::Furniture) => details.furniture {
                    summary { (run.len()) " lines of page furniture" }
                    (content)
                },
                Some(Manner::Aligned) => div.wide.aligned { (content) },
                _ => (content),
            }
        }
    }
}

fn manner(number: usize, block: &Block, facts: &Facts<'_>) -> Manner {
    match block {
        Block::Paragraph(p) if p.role == Role::Navigation && facts.in_line(line_number(number)).is_none() => {
            Manner::Furniture
        }
        Block::Paragraph(p) if p.text.contains("  ") => Manner::Aligned,
        _ => Manner::Plain,
    }
}

fn line_number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn one(number: usize, block: &Block, tables: &mut u32, facts: &Facts<'_>) -> Markup {
    match block {
        Block::Paragraph(p) => paragraph(line_number(number), p, facts),
        Block::Table(t) => {
            let own = *tables;
            *tables += 1;
            table(own, t, facts)
        }
    }
}

fn paragraph(number: u32, p: &Paragraph, facts: &Facts<'_>) -> Markup {
    let class = match p.role {
        Role::Heading => "line heading",
        Role::Body => "line",
        Role::Navigation => "line furniture",
    };
    html! {
        p id={ "l" (number) } class=(class) lang="zh-Hans" {
            @match facts.in_line(number) {
                Some(marks) => (pieces(number, &p.text, marks, facts)),
                None => (p.text),
            }
        }
    }
}

/// A line with the pieces that were read.
fn pieces(number: u32, text: &str, marks: &[Mark], facts: &Facts<'_>) -> Markup {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let ends = std::iter::once(0).chain(marks.iter().map(|m| m.range.end));
    html! {
        @for ((at, mark), from) in marks.iter().enumerate().zip(ends) {
            (part(from, mark.range.start))
            @let text = part(mark.range.start, mark.range.end);
            span id={ "l" (number) "p" (at) } class={ "hit " (status(&mark.keys, facts)) }
                title=(names(&mark.keys, facts)) { (link(&mark.keys, text)) }
        }
        (part(marks.last().map_or(0, |m| m.range.end), text.len()))
    }
}

fn table(number: u32, table: &Table, facts: &Facts<'_>) -> Markup {
    let layout = match table.layout {
        Layout::Html => "HTML",
        Layout::Markdown => "Markdown",
        Layout::Pipe => "bars",
        Layout::Tab => "tabs",
        Layout::Grid => "grid",
    };
    let rows: Vec<&[Cell]> = table.cells.chunk_by(|a, b| a.row == b.row).collect();
    let mut rows = rows.into_iter().peekable();
    let mut grid = Grid::default();
    html! {
        figure id={ "t" (number) } {
            figcaption { "table " (number) ": " (layout) ", " (table.rows) " rows, " (table.columns) " columns" }
            div.wide {
                table.raw lang="zh-Hans" {
                    @for row in 0..table.rows {
                        tr {
                            @let cells = rows.next_if(|r| r.first().is_some_and(|c| c.row == row)).unwrap_or_default();
                            @for cell in cells {
                                @for _ in 0..grid.gap(cell) { td.gap {} }
                                (raw_cell(number, cell, facts))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Which columns are taken by cells of rows above, so that every cell is drawn in the column it has in the data.
#[derive(Default)]
struct Grid {
    row: u32,
    /// Column behind the cell drawn last.
    at: u32,
    /// By column: the first row in which it is free again.
    free_from: Vec<u32>,
}

impl Grid {
    /// Empty cells to draw in front of a cell, which is then taken as drawn.
    fn gap(&mut self, cell: &Cell) -> usize {
        if self.row != cell.row {
            (self.row, self.at) = (cell.row, 0);
        }
        let free = |c: &u32| self.free_from.get(*c as usize).is_none_or(|row| *row <= cell.row);
        let gap = (self.at..cell.col).filter(free).count();
        let end = cell.col.saturating_add(cell.colspan);
        if self.free_from.len() < end as usize {
            self.free_from.resize(end as usize, 0);
        }
        let below = cell.row.saturating_add(cell.rowspan);
        for column in self.free_from.iter_mut().take(end as usize).skip(cell.col as usize) {
            *column = (*column).max(below);
        }
        self.at = end;
        gap
    }
}

fn raw_cell(table: u32, cell: &Cell, facts: &Facts<'_>) -> Markup {
    let keys = facts.in_cell(table, cell.row, cell.col);
    /// A figure of so many characters stays on one line.
    const SHORT: usize = 12;
    let short = if cell.text.chars().nth(SHORT).is_none() { "hit short" } else { "hit" };
    let class = (!keys.is_empty()).then(|| format!("{short} {}", status(keys, facts)));
    let title = (!keys.is_empty()).then(|| names(keys, facts));
    html! {
        td id=(cell_anchor(table, cell.row, cell.col)) class=[class] title=[title]
            rowspan=[(cell.rowspan > 1).then_some(cell.rowspan)]
            colspan=[(cell.colspan > 1).then_some(cell.colspan)] {
            @if keys.is_empty() { (cell.text) } @else { (link(keys, &cell.text)) }
        }
    }
}

/// The text of a source, leading to what was made of it.
fn link(keys: &[usize], text: &str) -> Markup {
    html! {
        @match keys.first() {
            // An empty cell needs something to click on.
            Some(key) => a href={ "#v" (key) } { @if text.trim().is_empty() { "\u{a0}" } @else { (text) } },
            None => (text),
        }
    }
}

fn status(keys: &[usize], facts: &Facts<'_>) -> String {
    let fact = keys.first().and_then(|key| facts.fact(*key));
    fact.map_or(String::new(), |f| format!("s-{}", f.status.as_str()))
}

/// The cells of the form that were read from a source.
fn names(keys: &[usize], facts: &Facts<'_>) -> String {
    let name = |key: &usize| facts.fact(*key).map(|f| format!("{}.{}.{}", f.table, f.item, f.column));
    keys.iter().filter_map(name).collect::<Vec<_>>().join("\n")
}
