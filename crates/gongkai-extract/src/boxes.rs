//! Tables drawn with characters: `┌─┬─┐` as browsers for terminals draw them, `+---+` as Pandoc and databases do.
//!
//! They are drawn once more with lines on a page, where cells are known by what is drawn around them, whatever is merged.

use crate::Limits;
use crate::layout::{self, Glyph, Page, Rule};
use crate::lines::Line;
use crate::width::Width;
use crate::work::Work;
use gongkai_model::{Block, Problem, Table};
use std::collections::BTreeSet;

/// Lines that a table may have.
const MAX_LINES: usize = 5_000;
/// Width of a column of a terminal and height of a line, in points.
const WIDTH: f32 = 6.0;
const HEIGHT: f32 = 12.0;
/// Dashes in a row that are a line.
const DASHES: usize = 3;

const LEFT: &str = "─━═┐┓╗┤┫╣┬┳╦┴┻╩┼╋╬┘┛╝┨┥┰┸╂┯┷┿";
const RIGHT: &str = "─━═┌┏╔├┣╠┬┳╦┴┻╩┼╋╬└┗╚┠┝┰┸╂┯┷┿";
const UP: &str = "│┃║├┣╠┤┫╣┴┻╩┼╋╬└┗╚┘┛╝┠┨┝┥┸╂┷┿";
const DOWN: &str = "│┃║├┣╠┤┫╣┬┳╦┼╋╬┌┏╔┐┓╗┠┨┝┥┰╂┯┿";

fn is_box(c: char) -> bool {
    ('\u{2500}'..='\u{257f}').contains(&c)
}

/// The table that begins on the first of these lines, and how many lines it has.
///
/// # Errors
/// `limit_work`.
pub(crate) fn table_at(
    lines: &[Line<'_>],
    limits: &Limits,
    work: &Work,
) -> Result<Option<(Table, usize)>, Problem> {
    if !lines.first().is_some_and(|line| is_frame(line.text)) {
        return Ok(None);
    }
    let inside = |line: &&Line<'_>| begins_inside(line.text);
    let mut count = lines.iter().take(MAX_LINES).take_while(inside).count();
    let own = lines.get(..count).unwrap_or_default();
    // It ends with a frame; another table may follow it at once.
    let Some(last) = own.iter().rposition(|line| is_frame(line.text)).filter(|last| *last >= 2) else {
        return Ok(None);
    };
    count = last + 1;
    let own = own.get(..count).unwrap_or_default();
    let characters: usize = own.iter().map(|line| line.text.len()).sum();
    work.spend(characters.saturating_mul(4))?;
    let agree = |width: &Width| agreement(own, *width);
    let width = Width::ALL.into_iter().rev().max_by_key(|width| agree(width).0).unwrap_or(Width::Terminal);
    if agree(&width).1 > 0 {
        return Ok(None);
    }
    let page = drawn(own, width);
    let parts = layout::read(vec![page], limits, work)?;
    let mut tables = parts.blocks.into_iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        Block::Paragraph(_) => None,
    });
    Ok(tables.next().map(|table| (table, count)).filter(|_| tables.next().is_none()))
}

/// A line that is drawn from one side of the table to the other.
fn is_frame(text: &str) -> bool {
    let text = text.trim();
    let is_ascii = text.starts_with('+') && text.ends_with('+');
    if is_ascii {
        let has_dashes = text.contains("--") || text.contains("==");
        return has_dashes && text.chars().all(|c| matches!(c, '+' | '-' | '=' | ':' | ' '));
    }
    text.starts_with(is_box) && text.contains(['─', '━', '═']) && text.chars().all(|c| is_box(c) || c == ' ')
}

/// Whether a line may be one of a table's: its frame begins it.
fn begins_inside(text: &str) -> bool {
    text.trim_start().starts_with(|c| is_box(c) || matches!(c, '+' | '|'))
}

/// The characters of a line with the column of each.
fn placed(text: &str, width: Width) -> Vec<(usize, char)> {
    let mut at = 0;
    let place = |c: char| {
        let own = at;
        at += width.of(c);
        (own, c)
    };
    text.chars().map(place).collect()
}

/// Columns at which lines cross one another.
fn crossings(lines: &[Line<'_>], width: Width) -> BTreeSet<usize> {
    let upright = |c: char| UP.contains(c) || DOWN.contains(c);
    let crossing = |c: char| c == '+' || upright(c) && (LEFT.contains(c) || RIGHT.contains(c));
    let all = lines.iter().flat_map(|line| placed(line.text, width));
    all.filter(|(_, c)| crossing(*c)).map(|(at, _)| at).collect()
}

/// How many of the bars stand where lines cross, and how many elsewhere, if columns are counted so.
fn agreement(lines: &[Line<'_>], width: Width) -> (usize, usize) {
    let crossings = crossings(lines, width);
    let bars = lines.iter().flat_map(|line| placed(line.text, width));
    let bars = bars.filter(|(_, c)| matches!(c, '|' | '│' | '┃' | '║'));
    let (there, elsewhere): (Vec<_>, Vec<_>) = bars.partition(|(at, _)| crossings.contains(at));
    (there.len(), elsewhere.len())
}

fn drawn(lines: &[Line<'_>], width: Width) -> Page {
    let crossings = crossings(lines, width);
    let upright = |(at, c): (usize, char)| matches!(c, '|' | '+').then_some(at);
    let bars: Vec<BTreeSet<usize>> =
        lines.iter().map(|line| placed(line.text, width).into_iter().filter_map(upright).collect()).collect();
    let is_bar = |row: Option<usize>, at: &usize| {
        row.and_then(|row| bars.get(row)).is_some_and(|bars| bars.contains(at))
    };
    let mut rules: Vec<Rule> = Vec::new();
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut page_width: f32 = 0.0;
    for (row, line) in lines.iter().enumerate() {
        let placed = placed(line.text, width);
        let dashes = dashes(&placed);
        let is_dash_at = |at: Option<usize>| at.and_then(|at| dashes.get(at)).copied().unwrap_or(false);
        let top = row as f32 * HEIGHT;
        let middle = top + HEIGHT / 2.0;
        for (n, (at, c)) in placed.iter().enumerate() {
            let next = placed.get(n + 1).map_or(at + 1, |(next, _)| *next);
            let (left, right) = (*at as f32 * WIDTH, next as f32 * WIDTH);
            // Lines run through the middle of the first column of a character.
            let x = left + WIDTH / 2.0;
            page_width = page_width.max(right);
            let mut draw = |from: (f32, f32), to: (f32, f32)| rules.extend(Rule::between(from, to));
            let is_dash = is_dash_at(Some(n));
            let bar = *c == '|' && crossings.contains(at);
            let cross =
                *c == '+' && (is_frame(line.text) || is_dash_at(n.checked_sub(1)) || is_dash_at(Some(n + 1)));
            if LEFT.contains(*c) || is_dash || cross {
                draw((left, middle), (x, middle));
            }
            if RIGHT.contains(*c) || is_dash || cross {
                draw((x, middle), (right, middle));
            }
            if UP.contains(*c) || bar || cross && is_bar(row.checked_sub(1), at) {
                draw((x, top), (x, middle));
            }
            if DOWN.contains(*c) || bar || cross && is_bar(Some(row + 1), at) {
                draw((x, middle), (x, top + HEIGHT));
            }
            if !(is_box(*c) || is_dash || bar || cross || c.is_whitespace()) {
                let right = left + width.of(*c) as f32 * WIDTH;
                glyphs.push(Glyph { c: *c, left, right, base: top + 0.8 * HEIGHT, size: 0.8 * HEIGHT });
            }
        }
    }
    Page { width: page_width, height: lines.len() as f32 * HEIGHT, glyphs, rules: layout::whole(rules) }
}

/// Which characters are one of a row of dashes that runs from one crossing to another.
fn dashes(placed: &[(usize, char)]) -> Vec<bool> {
    let mut found = vec![false; placed.len()];
    let mut start: Option<usize> = None;
    for (at, (_, c)) in placed.iter().enumerate() {
        match c {
            '-' | '=' | ':' => {}
            '+' => {
                let run = start.map(|start| start + 1..at).filter(|run| run.len() >= DASHES);
                found.get_mut(run.unwrap_or_default()).into_iter().flatten().for_each(|dash| *dash = true);
                start = Some(at);
            }
            _ => start = None,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn shown(text: &str) -> Option<String> {
        let (table, _) = table_at(&lines(text), &Limits::default(), &Work::new(1 << 20)).unwrap()?;
        let cell = |c: &gongkai_model::Cell| match (c.rowspan, c.colspan) {
            (1, 1) => c.text.clone(),
            (rows, columns) => format!("[{rows}x{columns}]{}", c.text),
        };
        let row = |row: &[gongkai_model::Cell]| row.iter().map(cell).collect::<Vec<_>>().join(" | ");
        let rows = table.cells.chunk_by(|a, b| a.row == b.row).map(row);
        Some(rows.collect::<Vec<_>>().join(" // ").replace('\n', "/"))
    }

    #[test]
    fn merged_cells_and_lines_in_them() {
        let text =
            "┌──────┬────┐\n│三、本│ 1  │\n│年度  ├────┤\n│      │ 25 │\n│      │ 7  │\n└──────┴────┘\n";
        assert_eq!(shown(text).as_deref(), Some("[2x1]三、本/年度 | 1 // 25/7"));
        let text = "+------+----+\n| 甲   | 乙 |\n+======+====+\n| 一-二 | 1 |\n+------+----+";
        assert_eq!(shown(text), None, "bars that stand elsewhere");
        let text = "+------+----+----+\n| 甲   | 乙      |\n+======+====+====+\n| 一-二| +3 | 2  |\n+------+----+----+\n";
        assert_eq!(shown(text).as_deref(), Some("甲 | [1x2]乙 // 一-二 | +3 | 2"));
        let text = "+---+-------+----+\n|   | 0     | 1  |\n+===+=======+====+\n| 0 | 甲乙丙   | 1  |\n+---+-------+----+\n";
        assert_eq!(shown(text).as_deref(), Some(" | 0 | 1 // 0 | 甲乙丙 | 1"), "a column a character");
        assert_eq!(shown("+ 1\n| 2\n"), None);
    }
}
