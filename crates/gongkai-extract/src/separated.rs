//! Workbooks that were saved as text: a row a line, commas or tabs between its cells (RFC 4180).

use crate::Limits;
use crate::flow::collapse;
use crate::html::Parts;
use crate::office::rows_of_cells;
use crate::script::is_han;
use crate::work::Work;
use gongkai_model::Problem;

/// A text with fewer rows is none of these.
const LEAST_ROWS: usize = 5;

/// Reads a text whose lines are rows; `None` where they are not.
pub(crate) fn read(text: &str, limits: &Limits, work: &Work) -> Option<Result<Parts, Problem>> {
    // Rows with tabs are read as text is, unless some cells are quoted.
    let separator =
        if text.contains("\t\"") || text.contains("\n\"") && text.contains('\t') { '\t' } else { ',' };
    if !text.contains(separator) {
        return None;
    }
    let rows = rows(text, separator, limits.table_cells);
    is_separated(&rows).then(|| rows_of_cells(rows, limits, work))
}

/// Rows and their cells; quoted ones may hold separators and ends of lines.
fn rows(text: &str, separator: char, most: usize) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut cells = 1;
    let mut in_quotes = false;
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        let Some(row) = rows.last_mut() else { break };
        let Some(cell) = row.last_mut() else { break };
        match c {
            '"' if in_quotes && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if in_quotes => in_quotes = false,
            '"' if cell.is_empty() => in_quotes = true,
            c if in_quotes => cell.push(c),
            c if c == separator => {
                row.push(String::new());
                cells += 1;
            }
            '\r' => {}
            '\n' => {
                rows.push(vec![String::new()]);
                cells += 1;
            }
            c => cell.push(c),
        }
        if cells > most {
            break;
        }
    }
    rows
}

/// Whether all rows have as many cells as the others, or enough of them are a label and figures. A label that ends in a digit is the
/// beginning of a figure whose thousands are set off by a comma: such a text is none of these.
fn is_separated(rows: &[Vec<String>]) -> bool {
    let filled = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
    let all: Vec<&Vec<String>> = rows.iter().filter(filled).collect();
    let several: Vec<&&Vec<String>> = all.iter().filter(|row| row.len() > 1).collect();
    let ends_in_digit =
        |cell: &String| cell.chars().any(is_han) && cell.trim_end().ends_with(|c: char| c.is_ascii_digit());
    if several.iter().any(|row| row.first().is_some_and(ends_in_digit)) || are_thousands(&several) {
        return false;
    }
    let width = all.first().map_or(0, |row| row.len());
    let is_even = width > 1 && all.iter().all(|row| row.len() == width);
    let is_figure = |cell: &String| {
        let cell = cell.trim();
        cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/'))
    };
    let figures = |row: &&&&Vec<String>| {
        let behind = row.iter().skip_while(|cell| !is_figure(cell) || cell.trim().is_empty());
        behind.clone().count() > 0 && behind.clone().all(is_figure)
    };
    let with_figures = several.iter().filter(figures).count();
    with_figures >= LEAST_ROWS && (is_even || with_figures * 2 >= all.len())
}

/// Whether most of the rows of several cells are a figure whose thousands are set off, alone on its line.
fn are_thousands(rows: &[&&Vec<String>]) -> bool {
    let digits = |cell: &str| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    let is_figure = |row: &&&&Vec<String>| {
        let Some((first, rest)) = row.split_first() else { return false };
        let first = first.trim().trim_start_matches(['+', '-']);
        let group = |cell: &String| {
            let whole = cell.trim().split('.').next().unwrap_or_default();
            whole.len() == 3 && digits(whole)
        };
        (1..=3).contains(&first.len()) && digits(first) && rest.iter().all(group)
    };
    rows.iter().filter(is_figure).count() * 2 > rows.len()
}

/// The text of a cell: its lines.
pub(crate) fn shown(cell: &str) -> String {
    cell.lines().map(collapse).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_hold_commas_and_lines() {
        let read = rows("a,\"b,\"\"c\nd\"\r\n,1", ',', 100);
        assert_eq!(read, [vec!["a", "b,\"c\nd"], vec!["", "1"]]);
    }

    #[test]
    fn rows_are_told_from_text_with_commas() {
        let is = |text: &str| is_separated(&rows(text, ',', 1000));
        let even = "报告,,\n规章,1,2\n文件,3,4\n许可,5,\n处罚,6,\n强制,7,\n";
        assert!(is(even));
        assert!(is(&even.replace(",,", "").replace(",\n", "\n")));
        let text = "规章 1,234\n文件 3,456\n许可 5,678\n处罚 6,789\n强制 7,890\n";
        assert!(!is(text), "thousands");
        assert!(
            !is("规章\n1,234\n文件\n3,456\n12,005.5\n许可\n5,678\n处罚\n6,789\n"),
            "thousands, a cell a line"
        );
        assert!(!is("一段文字, 还有, 文字\n又一段, 文字, 在此\n"));
    }
}
