//! Pages that show the source of another: a browser's view of it, saved, or a page pasted as text.

use super::Parts;
use gongkai_model::Block;

/// The source that a page shows, if that is all it shows: a line a paragraph or a row, in whose last cell it stands.
pub(super) fn shown(parts: &Parts) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    for block in &parts.blocks {
        match block {
            Block::Paragraph(paragraph) => lines.push(&paragraph.text),
            Block::Table(table) => {
                let rows = table.cells.chunk_by(|a, b| a.row == b.row);
                lines.extend(rows.filter_map(|row| row.last()).map(|cell| cell.text.as_str()));
            }
        }
    }
    let begins_page = |line: &&&str| {
        let line = line.trim_start().to_ascii_lowercase();
        line.starts_with("<!doctype html") || line.starts_with("<html")
    };
    // Browsers put a word or two above, such as for the wrapping of lines.
    const ABOVE: usize = 3;
    let first = lines.iter().take(ABOVE).position(|line| begins_page(&line))?;
    let source = lines.get(first..)?.join("\n");
    let has_markup = ["</", "<p", "<td", "<div"].iter().any(|tag| source.contains(tag));
    has_markup.then_some(source)
}
