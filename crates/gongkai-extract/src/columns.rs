//! Tables of text whose columns are told by lines of dashes (Pandoc's simple and multiline tables, reStructuredText's simple ones):
//!
//! ```text
//! 信息内容   本年制发件数
//! --------- ------------
//! 规章       12
//! ```

use crate::Limits;
use crate::lines::{Field, Line};
use crate::width::Width;

/// Lines that a table may have.
const MAX_LINES: usize = 5_000;

/// A stretch of a line, in columns of a terminal: where it begins and ends.
type Stretch = (usize, usize);

/// How a table is laid out.
struct Shape {
    /// The line that tells the columns.
    rule: usize,
    /// The heads stand between these lines.
    heads: (usize, usize),
    /// Rows are kept apart by blank lines.
    is_parted: bool,
    /// A row whose first column is blank goes on with the row above.
    is_continued: bool,
    /// Behind the last line of the rows, and behind that which closes the table.
    end: (usize, usize),
}

impl Shape {
    fn of(lines: &[Line<'_>]) -> Option<Self> {
        /// Heads have so many lines at most.
        const HEADS: usize = 8;
        let is_rule = |line: &Line<'_>| stretches(line.text).is_some();
        let find = |from: usize, fits: &dyn Fn(&Line<'_>) -> bool| {
            let found = lines.get(from..)?.iter().take(MAX_LINES).position(fits)?;
            Some(from + found)
        };
        let first = lines.first()?;
        let blank = |from: usize| find(from, &|line: &Line<'_>| line.is_blank()).unwrap_or(lines.len());
        let ends = |line: &Line<'_>| is_whole_rule(line.text) || is_rule(line);
        if is_whole_rule(first.text) {
            let rule = find(1, &is_rule).filter(|rule| *rule > 1 && *rule <= HEADS && *rule < blank(1))?;
            let end = find(rule + 1, &ends)?;
            return Some(Self {
                rule,
                heads: (1, rule),
                is_parted: true,
                is_continued: false,
                end: (end, end + 1),
            });
        }
        if is_rule(first) && first.text.trim_start().starts_with('=') {
            let second = find(1, &is_rule)?;
            let third = find(second + 1, &is_rule).filter(|third| *third < blank(second + 1));
            let (heads, end) = third.map_or(((0, 0), second), |third| ((1, second), third));
            let rule = heads.1;
            return Some(Self { rule, heads, is_parted: false, is_continued: true, end: (end, end + 1) });
        }
        if is_rule(first) {
            let end = find(1, &ends)?;
            let is_parted = blank(1) < end;
            return Some(Self {
                rule: 0,
                heads: (0, 0),
                is_parted,
                is_continued: false,
                end: (end, end + 1),
            });
        }
        let is_headed = !first.is_blank() && lines.get(1).is_some_and(is_rule);
        let end = is_headed.then(|| blank(2).min(find(2, &ends).unwrap_or(lines.len())))?;
        let closed = end + usize::from(lines.get(end).is_some_and(ends));
        Some(Self { rule: 1, heads: (0, 1), is_parted: false, is_continued: false, end: (end, closed) })
    }
}

/// The rows of the table that begins on the first of these lines, and how many lines it has.
pub(crate) fn table_at(lines: &[Line<'_>], limits: &Limits) -> Option<(Vec<Vec<Field>>, usize)> {
    let shape = Shape::of(lines)?;
    let columns = stretches(lines.get(shape.rule)?.text)?;
    if columns.len() > limits.table_columns {
        return None;
    }
    // The way to count columns by which most cells begin or end where they should.
    let read = |width: Width| rows(lines, &shape, &columns, width);
    let read = Width::ALL.into_iter().filter_map(read).rev().max_by_key(|(_, at_edge)| *at_edge);
    let (rows, _) = read.filter(|(rows, _)| rows.len() > usize::from(shape.heads.1 > 0))?;
    Some((rows, shape.end.1))
}

/// Rows, and how many cells begin or end where their column does.
fn rows(
    lines: &[Line<'_>],
    shape: &Shape,
    columns: &[Stretch],
    width: Width,
) -> Option<(Vec<Vec<Field>>, usize)> {
    let mut out: Vec<Vec<Field>> = Vec::new();
    let mut at_edge = 0;
    for line in lines.get(shape.heads.0..shape.heads.1)? {
        add(&mut out, fields(line, columns, width, &mut at_edge)?, true);
    }
    let mut begins = true;
    for line in lines.get(shape.heads.1.max(shape.rule + 1)..shape.end.0)? {
        if line.is_blank() {
            begins = true;
            continue;
        }
        let fields = fields(line, columns, width, &mut at_edge)?;
        let is_rest = shape.is_continued && fields.first().is_some_and(|field| field.text.is_empty());
        add(&mut out, fields, is_rest || (shape.is_parted && !begins));
        begins = false;
    }
    Some((out, at_edge))
}

/// Adds a line to the row above, cell to cell; to none where there is none.
fn add(rows: &mut Vec<Vec<Field>>, line: Vec<Field>, goes_on: bool) {
    let Some(last) = rows.last_mut().filter(|_| goes_on) else { return rows.push(line) };
    for (cell, more) in last.iter_mut().zip(line) {
        if !cell.text.is_empty() && !more.text.is_empty() {
            cell.text.push('\n');
        }
        cell.text.push_str(&more.text);
        cell.bytes.end = cell.bytes.end.max(more.bytes.end);
    }
}

/// One long line of dashes.
fn is_whole_rule(text: &str) -> bool {
    const LEAST: usize = 10;
    let text = text.trim();
    text.len() >= LEAST && text.bytes().all(|b| b == b'-')
}

/// The stretches of a line that tells columns.
fn stretches(text: &str) -> Option<Vec<Stretch>> {
    let mark = text.trim_start().chars().next().filter(|c| matches!(c, '-' | '='))?;
    if !text.chars().all(|c| c == mark || c == ' ') {
        return None;
    }
    let mut out: Vec<Stretch> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        match out.last_mut() {
            _ if c == ' ' => {}
            Some((_, end)) if *end == at => *end += 1,
            _ => out.push((at, at + 1)),
        }
    }
    let is_drawn = out.len() > 1 && out.iter().any(|(from, to)| to - from > 1);
    is_drawn.then_some(out)
}

/// The cells of a line; `None` where a word stands in two columns. Counts those that begin or end where their column does.
fn fields(line: &Line<'_>, columns: &[Stretch], width: Width, at_edge: &mut usize) -> Option<Vec<Field>> {
    let mut ends = Vec::with_capacity(columns.len());
    let (mut at, mut column) = (0, 0);
    let mut before = ' ';
    for (byte, c) in line.text.char_indices() {
        // Each column goes as far as the next one begins.
        while columns.get(column + 1).is_some_and(|(from, _)| at >= *from) {
            if !(before.is_whitespace() || c.is_whitespace()) {
                return None;
            }
            ends.push(byte);
            column += 1;
        }
        let (from, to) = columns.get(column).copied().unwrap_or_default();
        let begins = at == from && before.is_whitespace() && !c.is_whitespace();
        let ends_here = at == to && c.is_whitespace() && !before.is_whitespace();
        *at_edge += usize::from(begins) + usize::from(ends_here);
        at += width.of(c);
        before = c;
    }
    ends.resize(columns.len(), line.text.len());
    let mut start = 0;
    let piece = |end: usize| {
        let piece = line.text.get(start..end).unwrap_or_default();
        start = end;
        line.piece(piece)
    };
    Some(ends.into_iter().map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn shown(text: &str) -> Option<(Vec<String>, usize)> {
        let (rows, count) = table_at(&lines(text), &Limits::default())?;
        let row = |row: &Vec<Field>| {
            row.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join("|").replace('\n', "/")
        };
        Some((rows.iter().map(row).collect(), count))
    }

    #[test]
    fn columns_are_where_the_dashes_are() {
        let simple = "  甲乙     本年\n  ------ ------\n  规章       12\n  丙\n\n尾";
        assert_eq!(shown(simple), Some((vec!["甲乙|本年".into(), "规章|12".into(), "丙|".into()], 4)));
        let multi = "--------------\n甲     本\n       年\n------ -------\n一     1\n二\n\n三     2\n--------------\n尾";
        assert_eq!(shown(multi), Some((vec!["甲|本/年".into(), "一/二|1".into(), "三|2".into()], 9)));
        let rest = "====  ===\n甲    乙\n====  ===\n一    1\n      2\n====  ===\n";
        assert_eq!(shown(rest), Some((vec!["甲|乙".into(), "一|1/2".into()], 6)));
        let headless = "---- ---\n甲   1\n乙   2\n---- ---\n尾\n---- ---\n";
        assert_eq!(shown(headless), Some((vec!["甲|1".into(), "乙|2".into()], 4)));
        let counted = "“甲乙”  1\n-----  ---\n“丙”丁    2\n";
        assert_eq!(
            shown(counted),
            Some((vec!["“甲乙”|1".into(), "“丙”丁|2".into()], 3)),
            "a column a character"
        );
        assert_eq!(shown("甲乙丙丁戊己\n---- ----\n1    2\n"), None, "a word in two columns");
        assert_eq!(shown("甲\n- -\n1 2\n"), None);
        assert_eq!(shown("----------\n正文"), None);
    }
}
