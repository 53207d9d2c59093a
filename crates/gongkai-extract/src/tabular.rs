//! Tables as LaTeX writes them, which text recognition puts into Markdown: `\begin{tabular}` to `\end{tabular}`.

use crate::Limits;
use crate::lines::Line;
use gongkai_model::{ByteRange, Cell, Layout, Table};

/// Environments whose rows end in `\\` and whose cells are kept apart by `&`.
const ENVIRONMENTS: &[&str] = &["tabular", "tabular*", "tabularx", "longtable", "array", "tblr"];
/// Lines that a table may have.
const MAX_LINES: usize = 5_000;
/// Nested arguments are not looked into more deeply than this.
const MAX_DEPTH: usize = 16;

/// The table that begins on the first of these lines, with how many lines it has, and how many cells were left out.
pub(crate) fn table_at(lines: &[Line<'_>], limits: &Limits) -> Option<(Table, usize, usize)> {
    let first = lines.first()?;
    let (_, name) = first.text.split_once("\\begin{")?;
    let (name, _) = name.split_once('}')?;
    if !ENVIRONMENTS.contains(&name) {
        return None;
    }
    let end = format!("\\end{{{name}}}");
    let ends_at = lines.iter().take(MAX_LINES).position(|line| line.text.contains(&end));
    // A text that is cut off ends within the table.
    let is_cut =
        || lines.len() <= MAX_LINES && !lines.iter().skip(1).any(|line| line.text.contains("\\begin{"));
    let count = match ends_at {
        Some(at) => at + 1,
        None => is_cut().then_some(lines.len())?,
    };
    let (own, _) = lines.split_at_checked(count)?;
    let last = own.last()?;
    let bytes = ByteRange { start: first.bytes().start, end: last.bytes().end };
    let text: Vec<&str> = own.iter().map(|line| uncommented(line.text)).collect();
    let text = text.join("\n");
    let (_, body) = text.split_once("\\begin{")?;
    let (_, body) = body.split_once('}')?;
    let body = body.split_once(&end).map_or(body, |(body, _)| body);
    let (table, dropped) = table(behind_arguments(body), bytes, limits);
    (!table.cells.is_empty()).then_some((table, count, dropped))
}

/// A line up to a comment.
fn uncommented(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '%' && before != '\\' {
            return line.get(..at).unwrap_or(line);
        }
        before = c;
    }
    line
}

/// What follows the widths and kinds of columns.
fn behind_arguments(body: &str) -> &str {
    let mut rest = body.trim_start();
    loop {
        rest = match rest.chars().next() {
            Some('[') => rest.split_once(']').map_or("", |(_, after)| after).trim_start(),
            Some('{') => argument(rest).map_or("", |(_, after)| after).trim_start(),
            _ => return rest,
        };
    }
}

/// The argument in brackets at the beginning of a text, and what follows.
fn argument(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start().strip_prefix('{')?;
    let (mut depth, mut is_escaped) = (1_usize, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

/// Rows and cells. Under a cell over several rows the cells are there, and empty.
fn table(body: &str, bytes: ByteRange, limits: &Limits) -> (Table, usize) {
    let mut cells: Vec<Cell> = Vec::new();
    let (mut row, mut columns, mut dropped) = (0_u32, 0_u32, 0);
    // For every column, the first row that no cell from above covers.
    let mut free_from: Vec<u32> = Vec::new();
    for line in split(body, Between::Rows) {
        let line = without_rules(line);
        if line.trim().is_empty() {
            continue;
        }
        let mut col = 0_u32;
        for piece in split(line, Between::Cells) {
            let read = Read::of(piece);
            let width = read.columns.min(u32::try_from(limits.table_columns).unwrap_or(u32::MAX));
            let wanted = (col + width) as usize;
            if wanted > limits.table_columns || cells.len() >= limits.table_cells {
                dropped += 1;
                continue;
            }
            if free_from.len() < wanted {
                free_from.resize(wanted, 0);
            }
            let own = free_from.get_mut(col as usize..wanted).unwrap_or_default();
            let is_covered = !own.is_empty() && own.iter().all(|free| *free > row);
            if !(is_covered && read.text.is_empty()) {
                own.iter_mut().for_each(|free| *free = (*free).max(row + read.rows));
                let (rowspan, colspan) = (read.rows, width);
                cells.push(Cell { row, col, rowspan, colspan, text: read.text, bytes: Some(bytes) });
            }
            col += width;
        }
        columns = columns.max(col);
        row += 1;
    }
    for cell in &mut cells {
        cell.rowspan = cell.rowspan.min(row - cell.row).max(1);
    }
    (Table { layout: Layout::Grid, cells, rows: row, columns }, dropped)
}

#[derive(Clone, Copy, PartialEq)]
enum Between {
    Rows,
    Cells,
}

/// Splits at row ends or between cells, outside of brackets.
fn split(text: &str, between: Between) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                if between == Between::Rows && depth == 0 && next.is_some_and(|(_, c)| c == '\\') {
                    pieces.push(text.get(start..at).unwrap_or_default());
                    start = at + 2;
                }
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '&' if between == Between::Cells && depth == 0 => {
                pieces.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

/// A row without the lines drawn above it.
fn without_rules(row: &str) -> &str {
    const RULES: &[&str] = &[
        "\\hline",
        "\\toprule",
        "\\midrule",
        "\\bottomrule",
        "\\endhead",
        "\\endfirsthead",
        "\\endfoot",
        "\\endlastfoot",
        "\\Xhline",
        "\\cline",
        "\\cmidrule",
        "\\noalign",
    ];
    let mut rest = row.trim_start();
    // The space that a row end may ask for.
    if let Some((space, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']'))
        && space.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
    {
        rest = after.trim_start();
    }
    while let Some(after) = RULES.iter().find_map(|rule| rest.strip_prefix(rule)) {
        let after = after.strip_prefix('(').and_then(|a| a.split_once(')')).map_or(after, |(_, a)| a);
        rest = argument(after).map_or(after, |(_, after)| after).trim_start();
    }
    rest
}

/// A cell as it is read.
struct Read {
    columns: u32,
    rows: u32,
    text: String,
}

impl Read {
    fn of(cell: &str) -> Self {
        let mut read = Self { columns: 1, rows: 1, text: String::new() };
        let mut rest = cell.trim();
        for _ in 0..MAX_DEPTH {
            let Some((span, inner)) = spanning(rest) else { break };
            match span {
                Span::Columns(n) => read.columns = n,
                Span::Rows(n) => read.rows = n,
            }
            rest = inner.trim();
        }
        read.text = plain(rest);
        read
    }
}

enum Span {
    Columns(u32),
    Rows(u32),
}

/// `\multicolumn{2}{c}{text}` and `\multirow{3}{*}{text}`: how far the cell goes, and its text.
fn spanning(text: &str) -> Option<(Span, &str)> {
    let (is_columns, rest) = match text.strip_prefix("\\multicolumn") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("\\multirow")?),
    };
    let rest = rest.strip_prefix('[').and_then(|r| r.split_once(']')).map_or(rest, |(_, after)| after);
    let (count, rest) = argument(rest)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('*').or_else(|| argument(rest).map(|(_, after)| after))?;
    let (inner, _) = argument(rest)?;
    let count = count.trim().parse::<i32>().ok()?.unsigned_abs().clamp(1, 1000);
    Some((if is_columns { Span::Columns(count) } else { Span::Rows(count) }, inner))
}

/// Text without commands: what they are applied to stays.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' | '$' => {}
            '~' => out.push(' '),
            '\\' => match chars.peek().copied() {
                Some('\\') => {
                    chars.next();
                    out.push('\n');
                }
                Some(next) if next.is_ascii_alphabetic() => {
                    let mut name = String::new();
                    while let Some(letter) = chars.next_if(char::is_ascii_alphabetic) {
                        name.push(letter);
                    }
                    chars.next_if(|c| *c == ' ');
                    if matches!(name.as_str(), "newline" | "linebreak" | "par") {
                        out.push('\n');
                    }
                    // A raised mark is no digit of the figure before it.
                    if matches!(name.as_str(), "textsuperscript" | "quad" | "qquad" | "footnotemark") {
                        out.push(' ');
                    }
                }
                Some('(' | ')' | '[' | ']') => drop(chars.next()),
                Some(',' | ';' | ':' | '!') => {
                    chars.next();
                    out.push(' ');
                }
                Some(next) => {
                    chars.next();
                    out.push(next);
                }
                None => {}
            },
            '^' | '_' if chars.peek().is_some_and(|next| *next == '{' || next.is_ascii_digit()) => {
                out.push(' ')
            }
            c => out.push(c),
        }
    }
    let lines: Vec<String> =
        out.split('\n').map(crate::flow::collapse).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn shown(text: &str) -> String {
        let (table, ..) = table_at(&lines(text), &Limits::default()).unwrap();
        let cell = |c: &Cell| match (c.rowspan, c.colspan) {
            (1, 1) => c.text.clone(),
            (rows, columns) => format!("[{rows}x{columns}]{}", c.text),
        };
        let row = |row: &[Cell]| row.iter().map(cell).collect::<Vec<_>>().join(" | ");
        table.cells.chunk_by(|a, b| a.row == b.row).map(row).collect::<Vec<_>>().join(" // ")
    }

    #[test]
    fn spans_rules_and_escapes() {
        let text = "\\begin{tabular}{|l|c|}\n\\hline\n\\multirow{2}{*}{\\textbf{三、}} & \\multicolumn{2}{c|}{甲\\&乙} \\\\\n\
            \\cline{1-3}\n & $12$ & 3\\% \\\\[2pt] \\hline\n\\end{tabular}";
        assert_eq!(shown(text), "[2x1]三、 | [1x2]甲&乙 // 12 | 3%");
        assert_eq!(shown("\\begin{array}{cc} 1 & \\\\ & 2 \\end{array}"), "1 |  //  | 2");
        assert_eq!(shown("\\begin{tabular}{l} 7\\textsuperscript{1} & 12^{2} \\end{tabular}"), "7 1 | 12 2");
        assert_eq!(shown("\\begin{tabular}{l} 1 & 2"), "1 | 2", "no end");
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read(text in "(\\\\(begin|end)\\{tabular\\}|\\\\multicolumn|\\\\multirow|[{}&\\\\0-9甲%$\\[\\]*\n ]){0,40}") {
            let text = format!("\\begin{{tabular}}{text}\\end{{tabular}}");
            if let Some((table, ..)) = table_at(&lines(&text), &Limits::default()) {
                for cell in &table.cells {
                    proptest::prop_assert!(cell.row + cell.rowspan <= table.rows && cell.col + cell.colspan <= table.columns);
                }
            }
        }
    }
}
