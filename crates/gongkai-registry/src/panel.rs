//! What is compared between reports of different years and agencies: `data/forms/panel.toml`, and the cells of what must
//! follow from the year before.

use crate::forms::{Axis, Between, Form, FormTable};
use crate::source::Source;
use anyhow::{Result, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A cell of the output tables: table, item, column.
pub type CellCode = (Arc<str>, Arc<str>, Arc<str>);

/// What is compared between reports.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Figures whose jumps are looked at.
    pub watched: Vec<Watched>,
    /// When a figure jumps.
    pub jump: Jump,
    /// When figures were filed twice.
    pub again: Again,
    /// When texts are alike.
    pub text: Text,
    /// All cells that any of this needs, sorted.
    pub cells: Vec<CellCode>,
}

/// A figure whose jumps are looked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// Output table.
    pub table: Arc<str>,
    /// Item or channel.
    pub item: Arc<str>,
    /// Column.
    pub column: Arc<str>,
    /// Whether a government's figure holds those of its bodies.
    #[serde(default)]
    pub shared: bool,
}

/// When a figure jumps.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// Times the usual, up or down.
    pub factor: u32,
    /// Times the usual distance from the usual.
    pub spread: u32,
    /// Units of the figure from the usual.
    pub least: u32,
    /// Years of an agency with the figure.
    pub years: u32,
    /// Agencies of the same kind and level.
    pub peers: u32,
}

/// When the figures of a table were filed twice.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// Figures above zero, at least.
    pub figures: u16,
}

/// When texts are alike.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Characters that count, at least.
    pub characters: usize,
    /// Samples that agree for a value in the data.
    pub alike: u8,
    /// Samples that agree for a finding.
    pub copied: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    watched: Vec<Watched>,
    jump: Jump,
    again: Again,
    text: Text,
}

impl Panel {
    /// Position of a cell among [`Panel::cells`].
    pub fn cell(&self, table: &str, item: &str, column: &str) -> Option<usize> {
        self.cells.binary_search_by(|(t, i, c)| (&**t, &**i, &**c).cmp(&(table, item, column))).ok()
    }
}

impl Between {
    /// Its lines in a table: what they are called, and where its terms stand (this year's left and right, last year's).
    /// A line that lacks a term has none.
    pub fn lines<'a>(&'a self, table: &'a FormTable) -> impl Iterator<Item = BetweenLine> + 'a {
        let lines: Vec<&Arc<str>> = match self.axis {
            Axis::Row => table.items.iter().map(|i| &i.code).collect(),
            Axis::Column => table.columns.iter().map(|c| &c.code).collect(),
        };
        lines.into_iter().filter_map(move |line| {
            let cells = |codes: &[Arc<str>]| -> Option<Vec<CellCode>> {
                codes.iter().map(|code| self.cell(table, line, code)).collect()
            };
            Some(BetweenLine {
                left: cells(&self.left)?,
                right: cells(&self.right)?,
                last: cells(&self.last)?,
            })
        })
    }

    fn cell(&self, table: &FormTable, line: &Arc<str>, code: &Arc<str>) -> Option<CellCode> {
        let (item, column) = match self.axis {
            Axis::Row => (line, code),
            Axis::Column => (code, line),
        };
        let (i, c) = (table.item(item)?, table.column(column)?);
        table.columns_of(i).contains(&c).then(|| (table.table.clone(), item.clone(), column.clone()))
    }
}

/// One line (row or column) in which something must follow from the year before.
#[derive(Debug, Clone)]
pub struct BetweenLine {
    /// This year's cells on the left side.
    pub left: Vec<CellCode>,
    /// This year's on the right.
    pub right: Vec<CellCode>,
    /// Last year's.
    pub last: Vec<CellCode>,
}

pub(crate) fn load(source: &Source, forms: &[Form]) -> Result<Panel> {
    let File { watched, jump, again, text } = source.toml("forms/panel.toml")?;
    let has = |w: &Watched| {
        let tables = forms.iter().filter_map(|f| f.table(&w.table));
        tables.into_iter().any(|t| t.item(&w.item).is_some() && t.column(&w.column).is_some())
    };
    if let Some(w) = watched.iter().find(|w| !has(w)) {
        bail!("data/forms/panel.toml watches {} {} {}, which no form has", w.table, w.item, w.column);
    }
    if jump.factor < 2 || jump.years < 3 || jump.peers < 3 || text.alike > text.copied || text.copied > 32 {
        bail!("data/forms/panel.toml: a limit makes no sense");
    }
    let mut cells: BTreeSet<CellCode> =
        watched.iter().map(|w| (w.table.clone(), w.item.clone(), w.column.clone())).collect();
    for table in forms.iter().flat_map(|f| &f.tables) {
        for line in table.between.iter().flat_map(|b| b.lines(table)) {
            cells.extend(line.left.into_iter().chain(line.right).chain(line.last));
        }
    }
    Ok(Panel { watched, jump, again, text, cells: cells.into_iter().collect() })
}
