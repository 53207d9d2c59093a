//! The raw text around a cell.

use crate::place::{Wanted, line, marks, table};
use gongkai_model::{Block, ByteRange, CellFact, Document, Layout, Role, Table};
use std::ops::Range;

/// Rows shown on either side.
const ROWS: u32 = 2;
/// First rows of the table shown as its head.
const HEAD: u32 = 2;
/// Lines shown on either side.
const LINES: usize = 4;

/// Where a cell stands, and what stands around it.
pub(super) struct Context {
    /// Table of the document, from 0; `None` for lines.
    pub table: Option<u32>,
    /// Row of the table, or number of the line.
    pub row: u32,
    /// Column of the grid, or place in the line.
    pub column: u32,
    /// Bytes in the decoded source, for text formats.
    pub bytes: Option<ByteRange>,
    /// How the table is marked in the source, or `lines`.
    pub layout: &'static str,
    /// Rows or lines in order.
    pub rows: Vec<ContextRow>,
}

/// A row or a line.
pub(super) struct ContextRow {
    /// Its number in the document.
    pub number: u32,
    /// Whether the cell stands in it.
    pub here: bool,
    /// Its text in pieces: the cells of a row; of the line the cell stands in, what is before it, itself, and the rest.
    pub pieces: Vec<Piece>,
}

/// A cell of a row or a part of a line.
pub(super) struct Piece {
    pub text: String,
    /// Whether it is the cell that is traced.
    pub marked: bool,
}

impl Context {
    /// The context of a fact; `None` for a cell the document does not print.
    pub(super) fn of(document: &Document, facts: &[CellFact], fact: &CellFact) -> Option<Self> {
        let place = fact.source?;
        let (layout, rows) = match place.table {
            Some(number) => {
                let (_, table) = table(document, number)?;
                (layout(table.layout), table_rows(table, place.row, place.column))
            }
            None => ("lines", lines(document, facts, fact, place.row)?),
        };
        let (table, row, column, bytes) = (place.table, place.row, place.column, place.bytes);
        Some(Self { table, row, column, bytes, layout, rows })
    }

    /// Whether the cell itself could be marked.
    pub(super) fn is_marked(&self) -> bool {
        self.rows.iter().any(|r| r.pieces.iter().any(|p| p.marked))
    }
}

fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Html => "html",
        Layout::Markdown => "markdown",
        Layout::Pipe => "pipe",
        Layout::Tab => "tab",
        Layout::Grid => "grid",
    }
}

fn table_rows(table: &Table, row: u32, column: u32) -> Vec<ContextRow> {
    let window = row.saturating_sub(ROWS)..=row.saturating_add(ROWS);
    let shown = (0..table.rows).filter(|r| *r < HEAD || window.contains(r));
    shown
        .map(|number| {
            let here = number == row;
            let cells = table.cells.iter().filter(|c| c.row == number);
            let pieces =
                cells.map(|c| Piece { text: c.text.clone(), marked: here && c.col == column }).collect();
            ContextRow { number, here, pieces }
        })
        .collect()
}

/// The line, and those around it that are no page furniture.
fn lines(document: &Document, facts: &[CellFact], fact: &CellFact, at: u32) -> Option<Vec<ContextRow>> {
    line(document, at)?;
    let at = usize::try_from(at).ok()?;
    let text = |(number, block): (usize, &Block)| match block {
        Block::Paragraph(p) if p.role != Role::Navigation || number == at => Some((number, p.text.clone())),
        Block::Paragraph(_) => None,
        Block::Table(t) => Some((number, format!("(a table of {} rows)", t.rows))),
    };
    let blocks = || document.blocks.iter().enumerate();
    let mut before: Vec<_> = blocks().take(at).rev().filter_map(text).take(LINES).collect();
    before.reverse();
    let around = before.into_iter().chain(blocks().skip(at).filter_map(text).take(LINES + 1));
    Some(
        around
            .map(|(number, text)| {
                let here = number == at;
                let pieces =
                    if here { pieces(&text, facts, fact) } else { vec![Piece { text, marked: false }] };
                ContextRow { number: u32::try_from(number).unwrap_or(u32::MAX), here, pieces }
            })
            .collect(),
    )
}

/// The line in three: what is before the cell, the cell, what is behind it. Where its place is not certain, the middle
/// is what stands between its neighbours whose places are.
fn pieces(text: &str, facts: &[CellFact], fact: &CellFact) -> Vec<Piece> {
    let Some(own) = fact.source else { return vec![Piece { text: text.to_owned(), marked: false }] };
    let column = |key: usize| facts.get(key).and_then(|f| f.source).map(|s| s.column);
    let on_line = facts.iter().enumerate().filter_map(|(key, f)| {
        let source = f.source.filter(|s| s.table.is_none() && s.row == own.row)?;
        Some(Wanted { key, column: source.column, raw: &f.raw })
    });
    let found = marks(text, &on_line.collect::<Vec<_>>());
    let this = facts.iter().position(|f| f == fact);
    let certain = found.iter().find(|m| this.is_some_and(|key| m.keys.contains(&key)));
    let range = certain.map_or_else(
        || {
            let columns = found.iter().filter_map(|m| Some((column(*m.keys.first()?)?, &m.range)));
            let before = columns.clone().rfind(|(c, _)| *c < own.column);
            let behind = columns.clone().find(|(c, _)| *c > own.column);
            let (start, end) =
                (before.map_or(0, |(_, r)| r.end), behind.map_or(text.len(), |(_, r)| r.start));
            if start <= end { start..end } else { 0..text.len() }
        },
        |mark| mark.range.clone(),
    );
    let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
    vec![
        Piece { text: part(0..range.start), marked: false },
        Piece { text: part(range.clone()), marked: certain.is_some() },
        Piece { text: part(range.end..text.len()), marked: false },
    ]
}
