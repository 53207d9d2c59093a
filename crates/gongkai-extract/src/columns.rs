//! Tables of text whose columns are told by lines of dashes (Pandoc's simple and multiline tables, reStructuredText's simple ones):
//!
//! ```text
//! 信息内容   本年制发件数
//! --------- ------------
//! 规章       12
//! ```

use crate::Limits;
use crate::layout::is_wide;
use crate::lines::{Field, Line};

/// Lines that a table may have.
const MAX_LINES: usize = 5_000;

/// A stretch of a line, in columns of a terminal: where it begins and ends.
type Stretch = (usize, usize);

/// The rows of the table that begins on the first of these lines, and how many lines it has.
pub(crate) fn table_at(lines: &[Line<'_>], limits: &Limits) -> Option<(Vec<Vec<Field>>, usize)> {
    let whole = |line: &&Line<'_>| is_whole_rule(line.text);
    // Above the heads of a table of several lines a row, or of reStructuredText's, stands a line of its own.
    let opens = lines.first().filter(|line| whole(line) || stretches(line.text).is_some()).is_some();
    let head = usize::from(opens);
    let heads = lines.get(head..)?.iter().take(if opens { 8 } else { 1 });
    let under = heads.clone().position(|line| stretches(line.text).is_some());
    let (rule, columns) = match under {
        Some(n) => (head + n, stretches(lines.get(head + n)?.text)?),
        // A headless one begins with its columns.
        None => (0, stretches(lines.first()?.text)?),
    };
    if rule > 0 && !opens && lines.first()?.is_blank() || columns.len() > limits.table_columns {
        return None;
    }
    let mark = lines.get(rule)?.text.trim_start().chars().next()?;
    let body = lines.get(rule + 1..)?;
    let ends = |line: &Line<'_>| is_whole_rule(line.text) || stretches(line.text).is_some();
    let closing = body.iter().take(MAX_LINES).position(ends);
    let blank = body.iter().take(MAX_LINES).position(Line::is_blank).unwrap_or(body.len());
    let is_closed = closing.is_some_and(|at| at < blank || opens || rule == 0);
    let (rows, taken) = match closing.filter(|_| is_closed) {
        Some(at) => (body.get(..at)?, at + 1),
        None => (body.get(..blank)?, blank),
    };
    // Where blank lines part the rows, a row has several lines; so it has where the first column goes on blank.
    let is_parted = mark == '-' && opens && rows.iter().any(Line::is_blank);
    let mut out: Vec<Vec<Field>> = Vec::new();
    let above = lines.get(head..rule).unwrap_or_default();
    let mut heads: Vec<Vec<Field>> = Vec::new();
    for line in above {
        add(&mut heads, fields(line, &columns)?, true);
    }
    out.append(&mut heads);
    let mut begins = true;
    for line in rows {
        if line.is_blank() {
            begins = true;
            continue;
        }
        let fields = fields(line, &columns)?;
        let goes_on = (is_parted && !begins)
            || (mark == '=' && fields.first().is_some_and(|field| field.text.is_empty()));
        match goes_on {
            true => add(&mut out, fields, true),
            false => out.push(fields),
        }
        begins = false;
    }
    (!rows.is_empty() && columns.len() > 1).then_some((out, rule + 1 + taken))
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

/// The cells of a line; `None` where a word stands in two columns.
fn fields(line: &Line<'_>, columns: &[Stretch]) -> Option<Vec<Field>> {
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
        at += if is_wide(c) { 2 } else { 1 };
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
        let row = |row: &Vec<Field>| row.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join("|").replace('\n', "/");
        Some((rows.iter().map(row).collect(), count))
    }

    #[test]
    fn columns_are_where_the_dashes_are() {
        let simple = "  甲乙     本年\n  ------ ------\n  规章       12\n  丙\n\n尾";
        assert_eq!(shown(simple), Some((vec!["甲乙|本年".into(), "规章|12".into(), "丙|".into()], 4)));
        let multi = "--------------\n甲     本\n       年\n------ -------\n一     1\n二\n\n三     2\n--------------\n尾";
        assert_eq!(
            shown(multi),
            Some((vec!["甲|本/年".into(), "一/二|1".into(), "三|2".into()], 9))
        );
        let rest = "====  ===\n甲    乙\n====  ===\n一    1\n      2\n====  ===\n";
        assert_eq!(shown(rest), Some((vec!["甲|乙".into(), "一|1/2".into()], 6)));
        assert_eq!(shown("甲乙丙丁戊己\n---- ----\n1    2\n"), None, "a word in two columns");
        assert_eq!(shown("甲\n- -\n1 2\n"), None);
        assert_eq!(shown("----------\n正文"), None);
    }
}
