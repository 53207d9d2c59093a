//! Plain text to blocks: paragraphs, rows with bars, rows with tabs.

use crate::html::Parts;
use crate::lines::{Field, Line};
use crate::oddity::{TABLE_TOO_LARGE, TOO_MANY_BLOCKS, oddity};
use crate::script::is_han;
use crate::work::Work;
use crate::{Limits, boxes, columns, frames, tabular};
use gongkai_model::{Block, Cell, Layout, Paragraph, Problem, Role, Table};

/// A line of text with a tab before it and more characters than this is an indented paragraph, not a row.
const LABEL_CHARS: usize = 40;
/// Longest value that may stand alone at the end of a one-cell-a-line table.
const VALUE_CHARS: usize = 12;

/// Reads the lines of a plain text.
///
/// # Errors
/// `limit_work`.
pub(crate) fn read(lines: &[Line<'_>], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut writer = Writer::new(limits, work);
    writer.lines(lines)?;
    Ok(writer.finish())
}

/// Turns lines into blocks; shared with Markdown.
pub(crate) struct Writer<'a> {
    pub(crate) limits: &'a Limits,
    work: &'a Work,
    pub(crate) parts: Parts,
    dropped_blocks: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(limits: &'a Limits, work: &'a Work) -> Self {
        Self { limits, work, parts: Parts::default(), dropped_blocks: 0 }
    }

    /// Paragraphs and tables of plain lines.
    ///
    /// # Errors
    /// `limit_work`.
    pub(crate) fn lines(&mut self, lines: &[Line<'_>]) -> Result<(), Problem> {
        let mut rest = lines;
        while let Some((line, tail)) = rest.split_first() {
            if let Some(tail) = self.drawn(rest)? {
                rest = tail;
                continue;
            }
            if let Some(cells) = cells_of_a_page(line) {
                cells.iter().for_each(|cell| self.paragraph(cell));
                rest = tail;
                continue;
            }
            let run = run(rest);
            if run > 0 {
                let (rows, tail) = rest.split_at_checked(run).unwrap_or((rest, &[]));
                rest = if line.has_bar() { self.bars(rows, tail) } else { self.tabs(rows, tail) };
                continue;
            }
            self.paragraph(line);
            rest = tail;
        }
        Ok(())
    }

    /// The table that begins on the first of these lines, where something is drawn or written around it that tells its cells.
    ///
    /// # Errors
    /// `limit_work`.
    pub(crate) fn drawn<'l, 't>(&mut self, lines: &'l [Line<'t>]) -> Result<Option<&'l [Line<'t>]>, Problem> {
        let found = if let Some((table, count, dropped)) = tabular::table_at(lines, self.limits) {
            self.dropped_cells(dropped);
            self.push(Block::Table(table));
            Some(count)
        } else if let Some((table, count)) = boxes::table_at(lines, self.limits, self.work)? {
            self.push(Block::Table(frames::without_frame(table)));
            Some(count)
        } else if let Some((table, count)) = frames::table_at(lines) {
            self.push(Block::Table(table));
            Some(count)
        } else if let Some((rows, count)) = columns::table_at(lines, self.limits) {
            match frames::unframed(&rows) {
                Some(table) => self.push(Block::Table(table)),
                None => self.table(Layout::Grid, rows),
            }
            Some(count)
        } else {
            None
        };
        Ok(found.map(|count| lines.get(count..).unwrap_or_default()))
    }

    fn dropped_cells(&mut self, dropped: usize) {
        if dropped > 0 {
            let message = format!("{dropped} cells beyond the limits of a table were dropped");
            self.parts.oddities.push(oddity(TABLE_TOO_LARGE, message));
        }
    }

    /// A line as a paragraph; blank ones vanish.
    pub(crate) fn paragraph(&mut self, line: &Line<'_>) {
        let text = line.text.trim_end();
        if !text.is_empty() {
            self.push_paragraph(text.to_owned(), Role::Body, line);
        }
    }

    /// A paragraph with the place of the line it came from.
    pub(crate) fn push_paragraph(&mut self, text: String, role: Role, line: &Line<'_>) {
        self.push(Block::Paragraph(Paragraph { text, role, bytes: Some(line.bytes()) }));
    }

    pub(crate) fn push(&mut self, block: Block) {
        if self.parts.blocks.len() < self.limits.blocks {
            self.parts.blocks.push(block);
        } else {
            self.dropped_blocks += 1;
        }
    }

    /// A run of lines with bars; takes the value alone after it along.
    fn bars<'l>(&mut self, rows: &[Line<'l>], tail: &'l [Line<'l>]) -> &'l [Line<'l>] {
        if let [line] = rows
            && !is_row_alone(line)
        {
            self.paragraph(line);
            return tail;
        }
        let outer = rows.iter().all(Line::starts_with_bar)
            && rows.iter().any(|l| l.bar_fields(false).iter().any(|f| !f.text.is_empty()));
        let mut fields: Vec<_> = rows.iter().map(|line| line.bar_fields(outer)).collect();
        let mut rest = tail;
        let ends_with_one_cell =
            fields.last().is_some_and(|row| row.len() == 1) && rows.last().is_some_and(Line::ends_with_bar);
        if let Some((line, after)) =
            tail.split_first().filter(|(line, _)| ends_with_one_cell && is_value(line))
        {
            fields.push(vec![line.whole()]);
            rest = after;
        }
        self.table(Layout::Pipe, fields);
        rest
    }

    /// A run of lines with tabs.
    fn tabs<'l>(&mut self, rows: &[Line<'l>], tail: &'l [Line<'l>]) -> &'l [Line<'l>] {
        if rows.iter().any(|line| line.text.trim_start().contains('\t')) {
            self.table(Layout::Tab, single_tabs(rows.iter().map(Line::tab_fields).collect()));
        } else {
            rows.iter().for_each(|line| self.paragraph(line));
        }
        tail
    }

    /// A table of rows whose cells have no spans.
    pub(crate) fn table(&mut self, layout: Layout, rows: Vec<Vec<Field>>) {
        let (mut cells, mut columns, mut dropped) = (Vec::new(), 0_usize, 0_usize);
        let count = rows.len();
        for (row, fields) in (0_u32..).zip(rows) {
            for (col, field) in fields.into_iter().enumerate() {
                if col >= self.limits.table_columns || cells.len() >= self.limits.table_cells {
                    dropped += 1;
                    continue;
                }
                columns = columns.max(col + 1);
                let Field { text, bytes } = field;
                cells.push(Cell { row, col: col as u32, rowspan: 1, colspan: 1, text, bytes: Some(bytes) });
            }
        }
        self.dropped_cells(dropped);
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.push(Block::Table(Table { layout, cells, rows: clip(count), columns: clip(columns) }));
    }

    pub(crate) fn finish(mut self) -> Parts {
        if self.dropped_blocks > 0 {
            let message = format!("{} blocks beyond the limit were dropped", self.dropped_blocks);
            self.parts.oddities.push(oddity(TOO_MANY_BLOCKS, message));
        }
        self.parts
    }
}

/// A line of so many cells that it is no row: tools put all cells and paragraphs of a page on one, with bars between.
fn cells_of_a_page<'t>(line: &Line<'t>) -> Option<Vec<Line<'t>>> {
    /// The widest statutory table has 15 columns.
    const ROW: usize = 40;
    let cells: Vec<Line<'t>> = line.between_bars();
    // A row of figures without words is a row, however long.
    let words = cells.iter().any(|cell| cell.text.chars().any(is_han));
    (cells.len() > ROW && words).then_some(cells)
}

/// Rows whose cells are kept apart by two tabs each: every other field is nothing.
fn single_tabs(rows: Vec<Vec<Field>>) -> Vec<Vec<Field>> {
    let is_double = |row: &Vec<Field>| row.iter().skip(1).step_by(2).all(|f| f.text.is_empty());
    let has_more = |row: &Vec<Field>| row.iter().filter(|f| !f.text.is_empty()).count() > 1;
    if !(rows.iter().all(is_double) && rows.iter().any(has_more)) {
        return rows;
    }
    rows.into_iter().map(|row| row.into_iter().step_by(2).collect()).collect()
}

/// How many of the first lines form a run with bars, or one with tabs; 0 for other lines.
fn run(lines: &[Line<'_>]) -> usize {
    match lines.iter().take_while(|line| line.has_bar()).count() {
        0 => lines.iter().take_while(|line| is_tab_row(line)).count(),
        bars => bars,
    }
}

/// A line with tabs that separate something; running text behind a tab is a paragraph.
fn is_tab_row(line: &Line<'_>) -> bool {
    let text = line.text.trim();
    line.text.contains('\t')
        && !text.is_empty()
        && (text.contains('\t') || text.chars().nth(LABEL_CHARS).is_none())
}

/// A line with bars and no neighbours is a row if bars frame it or a figure stands between them;
/// otherwise it is text with bars in it, such as a footer.
fn is_row_alone(line: &Line<'_>) -> bool {
    line.ends_with_bar()
        || line.starts_with_bar()
        || line
            .bar_fields(false)
            .iter()
            .any(|field| !field.text.is_empty() && field.text.chars().all(is_figure))
}

fn is_figure(c: char) -> bool {
    c.is_numeric() || matches!(c, '.' | ',' | '，' | '+' | '-' | '－' | '—' | '/' | '%')
}

/// A short line that can only be a value: a figure, with a unit perhaps, or a sign of nothing.
fn is_value(line: &Line<'_>) -> bool {
    let text = line.text.trim();
    let is_short = text.chars().nth(VALUE_CHARS).is_none();
    is_short
        && (text == "无"
            || text == "無"
            || text.chars().next().is_some_and(is_figure) && !text.contains(['、', '．', '（']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn shapes(text: &str) -> Vec<String> {
        let parts = read(&lines(text), &Limits::default(), &Work::new(1 << 20)).unwrap();
        let shape = |block: &Block| match block {
            Block::Paragraph(p) => p.text.clone(),
            Block::Table(t) => format!("{:?} {}x{}", t.layout, t.rows, t.columns),
        };
        parts.blocks.iter().map(shape).collect()
    }

    #[test]
    fn the_last_value_of_a_one_cell_table_belongs_to_it() {
        assert_eq!(shapes("规章 |\n||\n0 |\n7\n三、收到申请"), ["Pipe 4x2", "三、收到申请"]);
        assert_eq!(shapes("规章 | 0 |\n7\n"), ["Pipe 1x2", "7"]);
        assert_eq!(shapes("0 |\n3、其他"), ["Pipe 1x1", "3、其他"]);
    }

    #[test]
    fn bars_in_running_text_make_no_table() {
        assert_eq!(shapes("主办：某县人民政府 | 承办：办公室"), ["主办：某县人民政府 | 承办：办公室"]);
        assert_eq!(shapes("行政许可 | 12"), ["Pipe 1x2"]);
    }

    #[test]
    fn tabs_make_rows_and_indents_do_not() {
        assert_eq!(shapes("\t\t甲\t1\n乙\t\t\t2\n\n尾"), ["Tab 2x4", "尾"]);
        assert_eq!(shapes("\t一段缩进的文字"), ["\t一段缩进的文字"]);
        assert_eq!(shapes("甲\t\t乙\t\t丙\n丁\t\t1\n"), ["Tab 2x3"], "two tabs between cells");
        assert_eq!(shapes("甲\t\t乙\n丁\t2\t1\n"), ["Tab 2x3"]);
    }

    #[test]
    fn a_page_on_one_line_is_cells_and_paragraphs() {
        let shown = shapes(&format!("题|一、总体情况{}", "|规章|0".repeat(30)));
        assert_eq!(shown.get(..4).unwrap(), ["题", "一、总体情况", "规章", "0"]);
    }

    #[test]
    fn wide_tables_are_cut_with_an_oddity() {
        let limits = Limits { table_columns: 3, ..Limits::default() };
        let parts = read(&lines("a|b|c|d|e\n1|2\n"), &limits, &Work::new(1 << 20)).unwrap();
        let Block::Table(table) = &parts.blocks[0] else { panic!("no table") };
        assert_eq!((table.columns, table.cells.len(), parts.oddities[0].code), (3, 5, "GK103"));
    }
}
