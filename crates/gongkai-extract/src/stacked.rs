//! A whole report in one table, as workbooks hold it and as Excel saves pages: title, text and tables, one above the other.

use gongkai_model::{Block, Cell, Layout, Paragraph, Role, Table};

/// Running text has sentences; a heading or the name of a group of rows has none.
const SENTENCE: char = '。';

/// The lines and tables that are stacked in a table; itself where it is only a table.
pub(crate) fn unstack(table: Table) -> Vec<Block> {
    let rows: Vec<&[Cell]> = table.cells.chunk_by(|a, b| a.row == b.row).collect();
    let mut covered = 0;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let from = row.first().map_or(0, |cell| cell.row);
        let is_free = covered <= from && row.iter().all(|cell| cell.rowspan == 1);
        covered = row.iter().map(|cell| cell.row.saturating_add(cell.rowspan)).fold(covered, u32::max);
        lines.push(line(row, table.columns).filter(|_| is_free));
    }
    let is_prose = |line: &Option<&Cell>| line.is_some_and(|cell| cell.text.contains(SENTENCE));
    // On a page a remark below a table is no reason to take it apart.
    let is_page = match table.layout {
        Layout::Html => lines.iter().take_while(|line| line.is_some()).any(is_prose),
        _ => lines.iter().any(is_prose),
    };
    if !is_page {
        return vec![Block::Table(table)];
    }
    let mut out = Vec::new();
    let mut piece: Vec<Cell> = Vec::new();
    for (row, line) in rows.iter().zip(&lines) {
        match line {
            Some(cell) => {
                out.extend(cut(std::mem::take(&mut piece), table.layout));
                let text =
                    |text: &str| Paragraph { text: text.to_owned(), role: Role::Body, bytes: cell.bytes };
                out.extend(cell.text.split('\n').map(|line| Block::Paragraph(text(line))));
            }
            None => piece.extend_from_slice(row),
        }
    }
    out.extend(cut(piece, table.layout));
    out
}

/// The only cell of a row that has something in it, where it is no label beside blank values: it goes over the whole width, or
/// is running text.
fn line(row: &[Cell], columns: u32) -> Option<&Cell> {
    let mut filled = row.iter().filter(|cell| !cell.text.trim().is_empty());
    let (Some(cell), None) = (filled.next(), filled.next()) else { return None };
    let is_wide = cell.col == 0 && cell.colspan >= columns && columns > 1;
    (is_wide || cell.text.contains(SENTENCE)).then_some(cell)
}

/// Rows as a table of their own, without the blank columns that another one needed.
fn cut(mut cells: Vec<Cell>, layout: Layout) -> Option<Block> {
    let top = cells.first()?.row;
    let filled = cells.iter().filter(|cell| !cell.text.trim().is_empty());
    let columns = filled.map(|cell| cell.col.saturating_add(cell.colspan)).max()?;
    cells.retain(|cell| cell.col < columns);
    for cell in &mut cells {
        cell.row -= top;
        cell.colspan = cell.colspan.min(columns - cell.col);
    }
    let rows = cells.iter().map(|cell| cell.row.saturating_add(cell.rowspan)).max()?;
    Some(Block::Table(Table { layout, cells, rows, columns }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(layout: Layout, rows: &[&[(&str, u32)]]) -> Vec<String> {
        let mut cells = Vec::new();
        let mut columns = 0;
        for (row, texts) in (0_u32..).zip(rows) {
            let mut col = 0;
            for (text, colspan) in *texts {
                let text = (*text).to_owned();
                cells.push(Cell { row, col, rowspan: 1, colspan: *colspan, text, bytes: None });
                col += colspan;
            }
            columns = columns.max(col);
        }
        let count = u32::try_from(rows.len()).unwrap();
        let shape = |block: &Block| match block {
            Block::Paragraph(p) => p.text.clone(),
            Block::Table(t) => format!("{}x{}", t.rows, t.columns),
        };
        unstack(Table { layout, cells, rows: count, columns }).iter().map(shape).collect()
    }

    #[test]
    fn lines_between_tables_are_lines() {
        let rows: &[&[(&str, u32)]] = &[
            &[("报告", 4)],
            &[("一段文字。", 4)],
            &[("第一项", 2), ("", 1), ("", 1)],
            &[("规章", 1), ("1", 1), ("", 1), ("", 1)],
            &[("二、标题", 4)],
            &[("甲", 1), ("", 1), ("", 1), ("", 1)],
            &[("乙", 1), ("1", 1), ("2", 1), ("3", 1)],
        ];
        let expected = ["报告", "一段文字。", "2x2", "二、标题", "2x4"];
        assert_eq!(shapes(Layout::Html, rows), expected);
        assert_eq!(shapes(Layout::Grid, rows), expected);
    }

    #[test]
    fn a_remark_below_a_table_of_a_page_leaves_it_whole() {
        let rows: &[&[(&str, u32)]] = &[&[("第一项", 2)], &[("规章", 1), ("1", 1)], &[("注：一段文字。", 2)]];
        assert_eq!(shapes(Layout::Html, rows), ["3x2"]);
    }
}
