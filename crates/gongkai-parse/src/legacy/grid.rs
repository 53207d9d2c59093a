//! Statistics tables whose cells are marked: HTML, bars, tabs, Markdown.
//!
//! Columns are known by the words over them. A row is read from its end: behind the label stand as many cells as behind
//! the word for labels in the head, in the same order; a row with fewer or more has lost its order and is not read.

use super::book::Book;
use super::figures::clean;
use super::printed::{PrintedCell, PrintedRow, PrintedTable};
use crate::value::{self, Value};
use gongkai_model::{Block, Cell, Document, SourcePlace, Table};
use gongkai_registry::Role;
use std::cell::OnceCell;

/// A part of a head: one word for labels, and what stands behind it up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Panel {
    /// Columns behind that for labels.
    roles: Vec<Option<Role>>,
}

/// The statistics tables of a document.
pub(crate) fn tables(document: &Document, book: &Book<'_>, year: Option<i16>) -> Vec<PrintedTable> {
    let mut tables: Vec<PrintedTable> = Vec::new();
    let mut head: Option<(u32, Vec<Panel>)> = None;
    let last = document.blocks.iter().rposition(is_printed);
    let numbered = document.blocks.iter().enumerate().filter_map(|(b, block)| match block {
        Block::Table(table) => Some((b, table)),
        Block::Paragraph(_) => None,
    });
    for (number, (block, table)) in (0_u32..).zip(numbered) {
        let mut reader = Reader::of(book, year, table, number);
        let (mut rows, headed, has_units) = reader.rows(head.as_ref());
        let unread = std::mem::take(&mut reader.unread);
        // A head alone, or a heading of a table in parts: the figures follow.
        if headed == Headed::Nowhere && rows.iter().all(|r| r.cells.is_empty()) {
            // An empty row between the parts of a table parts nothing, nor does one under invented heads.
            if table.cells.iter().any(|c| !c.text.trim().is_empty() && book.role(&c.text).is_none()) {
                head = None;
            }
            continue;
        }
        if Some(block) == last
            && let Some(cell) = rows.last_mut().and_then(|r| r.cells.last_mut())
            && cell.value.number.is_some()
        {
            cell.doubt = Some("the document ends inside the table, perhaps inside this figure".to_owned());
        }
        match (headed, tables.last_mut()) {
            // The rest of the table before it, behind a page break.
            (Headed::Before, Some(before)) => before.rows.append(&mut rows),
            _ => {
                let headless = headed != Headed::Own;
                let table = Some(number);
                let captions = Vec::new();
                tables.push(PrintedTable { block, table, captions, has_units, headless, rows, unread });
            }
        }
        // The parts of a table have the columns of its head, whatever the last of them has lost.
        head = match (headed, head) {
            (Headed::Before, before) => before,
            _ => Some((table.columns, reader.panels)),
        };
    }
    tables
}

fn is_printed(block: &Block) -> bool {
    match block {
        Block::Table(_) => true,
        Block::Paragraph(p) => p.role != gongkai_model::Role::Navigation && !p.text.trim().is_empty(),
    }
}

/// Where the words over the columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Headed {
    Own,
    /// In the table before.
    Before,
    Nowhere,
}

struct Reader<'a, 'r> {
    book: &'a Book<'r>,
    year: Option<i16>,
    table: &'a Table,
    number: u32,
    panels: Vec<Panel>,
    unread: Vec<String>,
    /// The last row that prints a known label: asked of every row of a table without a head.
    last_known: OnceCell<Option<usize>>,
    /// Whether the rows are label, unit and figure of a family of such tables, as that is asked.
    is_single: OnceCell<bool>,
}

impl<'a, 'r> Reader<'a, 'r> {
    fn of(book: &'a Book<'r>, year: Option<i16>, table: &'a Table, number: u32) -> Self {
        let (panels, unread) = (Vec::new(), Vec::new());
        Self {
            book,
            year,
            table,
            number,
            panels,
            unread,
            last_known: OnceCell::new(),
            is_single: OnceCell::new(),
        }
    }

    fn rows(&mut self, before: Option<&(u32, Vec<Panel>)>) -> (Vec<PrintedRow>, Headed, bool) {
        let grid: Vec<&[Cell]> = self.table.cells.chunk_by(|a, b| a.row == b.row).collect();
        let mut rows: Vec<Vec<PrintedRow>> = Vec::new();
        let mut headed = Headed::Nowhere;
        let mut at = 0;
        while let Some(cells) = grid.get(at).copied() {
            if let Some((panels, height)) = self.head(cells, &grid, at) {
                self.panels = panels;
                headed = Headed::Own;
                at += height;
                continue;
            }
            if self.panels.is_empty() {
                (self.panels, headed) = self.assumed(&grid, at, before);
            }
            if !self.panels.is_empty() {
                for (panel, row) in self.split(cells) {
                    if rows.len() <= panel {
                        rows.resize_with(panel + 1, Vec::new);
                    }
                    if let (Some(rows), Some(row)) = (rows.get_mut(panel), row) {
                        rows.push(row);
                    }
                }
            }
            at += 1;
        }
        let has_units = self.panels.iter().any(|p| p.roles.contains(&Some(Role::Unit)));
        (rows.concat(), headed, has_units)
    }

    /// The head that begins in a row, and how many rows it takes.
    fn head(&mut self, cells: &[Cell], grid: &[&[Cell]], at: usize) -> Option<(Vec<Panel>, usize)> {
        let label = cells.iter().find(|c| matches!(self.book.role(&c.text), Some((Role::Label, _))))?;
        let height = usize::try_from(label.rowspan).unwrap_or(1).min(3);
        // The lowest cell of the head in each column, from left to right.
        let below = grid.iter().skip(at + 1).take(height - 1).flat_map(|r| r.iter());
        let mut leaves: Vec<&Cell> = Vec::new();
        for cell in cells.iter().chain(below) {
            let covered = |l: &&Cell| l.col < cell.col + cell.colspan && cell.col < l.col + l.colspan;
            leaves.retain(|l| !covered(l));
            leaves.push(cell);
        }
        leaves.sort_by_key(|c| c.col);
        let roles: Vec<_> = leaves.iter().map(|c| (*c, self.book.role(&c.text))).collect();
        let mut panels: Vec<Panel> = Vec::new();
        let mut unread = Vec::new();
        let years = roles.iter().filter(|(_, r)| matches!(r, Some((Role::Value, Some(_))))).count();
        for (cell, role) in roles {
            let role = role.map(|(role, named)| of_year(role, named, self.year, years));
            match (role, panels.last_mut()) {
                (Some(Role::Label), _) => panels.push(Panel { roles: Vec::new() }),
                (_, Some(panel)) => panel.roles.push(role),
                (_, None) => {}
            }
            if matches!(role, None | Some(Role::Skip)) && !cell.text.trim().is_empty() {
                unread.push(cell.text.clone());
            }
        }
        let figures = |r: &Option<Role>| r.is_some_and(|r| r.column().is_some());
        let ok = panels.iter().all(|p| p.roles.iter().any(figures)) && !panels.is_empty();
        ok.then(|| {
            self.unread.extend(unread);
            (panels, height)
        })
    }

    /// The columns of a table without a head: those of the table before it that goes on, or label, unit and the one
    /// figure that a family of such tables has.
    fn assumed(
        &self,
        grid: &[&[Cell]],
        at: usize,
        before: Option<&(u32, Vec<Panel>)>,
    ) -> (Vec<Panel>, Headed) {
        // A row that has lost a cell still follows the others, if it stands alone.
        const ALONE: usize = 2;
        let known = |r: &&[Cell]| r.iter().any(|c| !self.book.find(&c.text).is_empty());
        if let Some((columns, panels)) = before
            && (*columns == self.table.columns || grid.len() <= ALONE)
            && self.last_known.get_or_init(|| grid.iter().rposition(known)).is_some_and(|last| last >= at)
        {
            return (panels.clone(), Headed::Before);
        }
        if !*self.is_single.get_or_init(|| self.has_one_figure(grid)) {
            return (Vec::new(), Headed::Nowhere);
        }
        (vec![Panel { roles: vec![Some(Role::Unit), Some(Role::Value)] }], Headed::Nowhere)
    }

    /// Whether enough rows are label, unit and the one figure of a family, and none has more.
    fn has_one_figure(&self, grid: &[&[Cell]]) -> bool {
        const MIN_ROWS: usize = 3;
        let shaped = |r: &&&[Cell]| match r {
            [label, unit, _] => {
                !self.book.find(&label.text).is_empty() && self.book.unit(&unit.text).is_some()
            }
            _ => false,
        };
        let known: Vec<&str> =
            grid.iter().filter(shaped).filter_map(|r| r.first()).map(|c| c.text.as_str()).collect();
        let family = self.book.family_of(known.iter().copied(), self.year);
        let single = family.and_then(|f| self.book.family(f)).is_some_and(|f| f.table.columns.len() == 1);
        known.len() >= MIN_ROWS && single && grid.iter().all(|r| r.len() <= 3)
    }

    /// A row as a row of each panel.
    fn split(&self, cells: &[Cell]) -> Vec<(usize, Option<PrintedRow>)> {
        match self.panels.as_slice() {
            [panel] => vec![(0, self.row(cells, panel))],
            panels => {
                let width: usize = panels.iter().map(|p| p.roles.len() + 1).sum();
                if cells.len() != width {
                    return Vec::new();
                }
                let mut rest = cells;
                let mut rows = Vec::new();
                for (at, panel) in panels.iter().enumerate() {
                    let (own, behind) = rest.split_at_checked(panel.roles.len() + 1).unwrap_or((rest, &[]));
                    rows.push((at, self.row(own, panel)));
                    rest = behind;
                }
                rows
            }
        }
    }

    /// A row of a panel; `None` for one in which nothing is printed.
    fn row(&self, cells: &[Cell], panel: &Panel) -> Option<PrintedRow> {
        let filled = |c: &&Cell| !c.text.trim().is_empty();
        cells.iter().find(filled)?;
        let behind = panel.roles.len();
        let at = cells.len().checked_sub(behind + 1);
        let label = at.and_then(|at| cells.get(at)).filter(|c| is_words(&c.text));
        // 甲 乙 丙 below the head, or a part of the head itself.
        if label.is_some_and(|l| self.book.role(&l.text).is_some()) {
            return None;
        }
        let row = label.and_then(|label| self.ordered(label, cells.get(cells.len() - behind..)?, panel));
        row.or_else(|| self.disordered(cells, panel))
    }

    /// A row in which every cell is what the head says; `None` where one is not.
    fn ordered(&self, label: &Cell, cells: &[Cell], panel: &Panel) -> Option<PrintedRow> {
        let mut unit = self.book.unit_in_label(&label.text);
        let mut figures = Vec::new();
        for (cell, role) in cells.iter().zip(&panel.roles) {
            match role {
                Some(Role::Unit) => match value::read(&cell.text) {
                    None if !self.is_unit(&cell.text) => return None,
                    None => unit = Some(cell.text.split_whitespace().collect()),
                    Some(v) if v.number.is_none() => {}
                    Some(_) => return None,
                },
                Some(role) if role.column().is_some() => {
                    let value = value::read(&cell.text)?;
                    figures.push(self.cell(*role, cell, value));
                }
                _ => {}
            }
        }
        Some(PrintedRow { label: one_line(&label.text), unit, cells: figures })
    }

    /// Whether words in the column of units may be one: a unit that is known, or a short word that is no label.
    fn is_unit(&self, text: &str) -> bool {
        const MAX_CHARS: usize = 4;
        self.book.unit(text).is_some()
            || (text.trim().chars().count() <= MAX_CHARS && self.book.find(text).is_empty())
    }

    /// A row that is not in order: a heading where nothing but words is printed, else a row without certain figures.
    fn disordered(&self, cells: &[Cell], panel: &Panel) -> Option<PrintedRow> {
        let words = || cells.iter().filter(|c| is_words(&c.text));
        let label = words().find(|c| !self.book.find(&c.text).is_empty()).or_else(|| words().next())?;
        let rest: Vec<&Cell> = cells.iter().filter(|c| !std::ptr::eq(*c, label)).collect();
        let number = |c: &&Cell| c.text.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c));
        let mut row = PrintedRow { label: one_line(&label.text), unit: None, cells: Vec::new() };
        if rest.iter().any(number) {
            let raw = rest.iter().map(|c| c.text.trim()).collect::<Vec<_>>().join(" | ");
            let roles = panel.roles.iter().flatten().filter(|r| r.column().is_some());
            row.cells = roles
                .map(|role| PrintedCell { raw: raw.clone(), ..self.cell(*role, label, value::unreadable()) })
                .collect();
            row.unit = words().find_map(|c| self.book.unit(&c.text));
            row.doubt("the row has not the cells that the head asks for");
        }
        Some(row)
    }

    fn cell(&self, role: Role, cell: &Cell, value: Value) -> PrintedCell {
        let place =
            SourcePlace { table: Some(self.number), row: cell.row, column: cell.col, bytes: cell.bytes };
        PrintedCell { role, raw: cell.text.clone(), value, place, doubt: None }
    }
}

/// The column of another year is not of this report; of a report whose year is not known, only one column can be.
pub(crate) fn of_year(role: Role, named: Option<i16>, year: Option<i16>, years: usize) -> Role {
    match (named, year) {
        (Some(named), Some(year)) if named != year => Role::Skip,
        (Some(_), None) if years > 1 => Role::Skip,
        _ => role,
    }
}

fn is_words(text: &str) -> bool {
    value::read(text).is_none_or(|v| {
        v.status == gongkai_model::CellStatus::Unreadable
            && text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    })
}

fn one_line(text: &str) -> String {
    clean(text).split(['\n', '\r']).map(str::trim).collect()
}
