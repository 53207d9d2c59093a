//! Rows of a table as lines with commas between the cells, in a text.

use crate::lines::{Field, Line};

/// Cells that a row has at least, and rows that a table has: with fewer, commas are punctuation.
const LEAST_CELLS: usize = 4;
const LEAST_ROWS: usize = 3;

/// The rows that begin on the first of these lines.
pub(crate) fn rows_at(lines: &[Line<'_>]) -> Option<Vec<Vec<Field>>> {
    let first = fields(lines.first()?)?;
    let width = first.len();
    let like = |line: &Line<'_>| fields(line).filter(|row| row.len() == width);
    let rows: Vec<Vec<Field>> = lines.iter().map_while(like).collect();
    let is_number = |field: &Field| field.text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let (figures, words): (usize, usize) = rows
        .iter()
        .flatten()
        .filter(|f| !f.text.is_empty())
        .fold((0, 0), |(f, w), field| if is_number(field) { (f + 1, w) } else { (f, w + 1) });
    // Lines of figures alone may be figures with separators.
    (rows.len() >= LEAST_ROWS && figures > 0 && words >= rows.len()).then_some(rows)
}

/// The cells of a line; quotes keep commas in a cell.
fn fields(line: &Line<'_>) -> Option<Vec<Field>> {
    if line.text.contains(", ") || line.text.matches(',').count() + 1 < LEAST_CELLS {
        return None;
    }
    let mut cells = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    for (at, c) in line.text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                cells.push(line.text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(line.text.get(start..)?);
    let cell = |text: &str| {
        let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        line.piece(inner)
    };
    (cells.len() >= LEAST_CELLS && !is_quoted).then(|| cells.into_iter().map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn shapes(text: &str) -> Option<Vec<usize>> {
        Some(rows_at(&lines(text))?.iter().map(Vec::len).collect())
    }

    #[test]
    fn rows_of_a_table_are_told_from_commas_in_a_text() {
        assert_eq!(shapes("项,甲,乙,丙\n\"规,章\",0,1,2\n处罚,412,412,412\n尾"), Some(vec![4, 4, 4]));
        assert_eq!(shapes("412,412,412,1\n412,412,412,2\n412,412,412,3"), None, "figures");
        assert_eq!(shapes("一,二,三,四\n五,六,七,八"), None, "too few rows");
        assert_eq!(shapes("a, b, c, 1\nd, e, f, 2\ng, h, i, 3"), None, "running text");
    }
}
