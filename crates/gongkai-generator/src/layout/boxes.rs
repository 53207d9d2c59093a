//! Tables drawn with lines, as browsers of terminals and writers of plain text draw them.

use super::cell_text;
use crate::ink;
use crate::sheet::{Row, Slot, resolve};
use unicode_width::UnicodeWidthStr;

fn width(text: &str) -> usize {
    ink::strip(text).width()
}

/// The lines of a table, drawn with line characters or with ASCII.
pub(super) fn lines(rows: &[Row], ascii: bool) -> Vec<String> {
    let grid = resolve(rows);
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return Vec::new();
    }
    let [across, down, cross] = if ascii { ["-", "|", "+"] } else { ["─", "│", "┼"] };
    let cell = |r: usize, c: usize| rows.get(r).and_then(|row| row.cells.get(c));
    let mut widths = vec![2; columns];
    for (column, slot) in grid.iter().flat_map(|line| line.iter().enumerate()) {
        if let Slot::Cell(r, c) = slot
            && let (Some(cell), Some(w)) = (cell(*r, *c).filter(|c| c.colspan == 1), widths.get_mut(column))
        {
            *w = width(&cell_text(cell, " ")).max(*w);
        }
    }
    if !ascii {
        // Line characters are as wide as half a Chinese one.
        widths.iter_mut().for_each(|w| *w = w.div_ceil(2) * 2);
    }
    let rule = widths.iter().map(|w| across.repeat(if ascii { w + 2 } else { *w }));
    let rule = format!("{cross}{}{cross}", rule.collect::<Vec<_>>().join(cross));
    let mut out = vec![rule.clone()];
    for line in &grid {
        let mut text = down.to_owned();
        let mut at = 0;
        while at < line.len() {
            let origin = line.get(at).map(|s| match s {
                Slot::Cell(r, c) | Slot::Covered(r, c) => (*r, *c),
            });
            let same = |slot: &&Slot| matches!(slot, Slot::Covered(r, c) if Some((*r, *c)) == origin);
            let span = 1 + line.iter().skip(at + 1).take_while(same).count();
            let shown = match line.get(at) {
                Some(Slot::Cell(r, c)) => cell(*r, *c).map_or(String::new(), |c| cell_text(c, " ")),
                _ => String::new(),
            };
            let room: usize =
                widths.iter().skip(at).take(span).sum::<usize>() + (span - 1) * if ascii { 3 } else { 1 };
            let padding = room.saturating_sub(width(&shown));
            let side = if ascii { " " } else { "" };
            text.push_str(&format!("{side}{shown}{}{side}{down}", " ".repeat(padding)));
            at += span;
        }
        out.push(text);
        out.push(rule.clone());
    }
    out
}
