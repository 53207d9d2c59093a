//! A document as text a person can check.

#![allow(clippy::unwrap_used, reason = "writing to a String cannot fail")]

use gongkai_model::{Block, ByteRange, Cell, Document, Table};
use std::fmt::Write;

/// Blocks in order; a cell as `text`, with `[rows x columns]` before it where it spans, `/` for line breaks in it, and
/// `@n` where a column was skipped to reach grid column n.
pub fn document(document: &Document, source: &[u8]) -> String {
    let Document { format, charset, script, meta, blocks, oddities } = document;
    let mut out = format!("{} {charset} {}\n", format.media_type(), script.as_str());
    meta.iter().for_each(|m| writeln!(out, "meta {} = {}", m.name, m.value).unwrap());
    oddities.iter().for_each(|o| writeln!(out, "odd {} {}", o.code, o.message).unwrap());
    for block in blocks {
        match block {
            Block::Paragraph(p) => {
                writeln!(out, "{:?}{} {}", p.role, place(p.bytes, source, &p.text), p.text).unwrap()
            }
            Block::Table(t) => table(&mut out, t, source),
        }
    }
    out
}

fn table(out: &mut String, table: &Table, source: &[u8]) {
    writeln!(out, "{:?} table {}x{}", table.layout, table.rows, table.columns).unwrap();
    for row in 0..table.rows {
        let mut next = 0;
        let mut line = String::from("  |");
        for c in table.cells.iter().filter(|c| c.row == row) {
            let (held, text) = (place(c.bytes, source, &c.text), c.text.replace('\n', "/"));
            write!(line, " {}{}{text}{held} |", skipped(c, next), span(c)).unwrap();
            next = c.col + c.colspan;
        }
        writeln!(out, "{line}").unwrap();
    }
}

fn skipped(cell: &Cell, next: u32) -> String {
    if cell.col == next { String::new() } else { format!("@{} ", cell.col) }
}

fn span(cell: &Cell) -> String {
    if cell.rowspan == 1 && cell.colspan == 1 {
        String::new()
    } else {
        format!("[{}x{}] ", cell.rowspan, cell.colspan)
    }
}

/// Empty if the place in the (UTF-8) source holds the text; otherwise what it holds.
fn place(bytes: Option<ByteRange>, source: &[u8], text: &str) -> String {
    let Some(range) = bytes else { return String::new() };
    let held = source.get(range.start as usize..range.end as usize).unwrap_or_default();
    let held = String::from_utf8_lossy(held);
    let collapsed = held.split_whitespace().collect::<Vec<_>>().join(" ");
    if held == text || collapsed == text { String::new() } else { format!(" <{held}>") }
}
