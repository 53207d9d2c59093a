//! A statistics table as printed, whatever its layout was: rows of label, unit and figures.

use crate::value::Value;
use gongkai_model::SourcePlace;
use gongkai_registry::Role;

/// A table, or what is left of one.
#[derive(Debug)]
pub(crate) struct PrintedTable {
    /// Position in the document of the block in which it begins.
    pub block: usize,
    /// Number of the table of the document; `None` in running lines.
    pub table: Option<u32>,
    /// What stands right before its head in the same text, the nearest first.
    pub captions: Vec<String>,
    /// Whether its head names a column of units.
    pub has_units: bool,
    /// Whether no head is printed.
    pub headless: bool,
    /// Rows in printed order, headings included.
    pub rows: Vec<PrintedRow>,
    /// Columns that are not read, by the words over them.
    pub unread: Vec<String>,
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct PrintedRow {
    /// Label with its ordinal.
    pub label: String,
    /// Unit, from its column, the label or the figure.
    pub unit: Option<String>,
    /// Figures in printed order; none for headings.
    pub cells: Vec<PrintedCell>,
}

/// A figure of the year or of all years.
#[derive(Debug, Clone)]
pub(crate) struct PrintedCell {
    /// What its column is.
    pub role: Role,
    /// Text as printed.
    pub raw: String,
    /// What the text says.
    pub value: Value,
    /// Where it stands.
    pub place: SourcePlace,
    /// Why it is not certain that it is this row's and column's.
    pub doubt: Option<String>,
}

impl PrintedRow {
    /// Whether nothing is printed but a label, and dashes.
    pub(crate) fn is_heading(&self) -> bool {
        use gongkai_model::CellStatus::{Blank, Dash};
        self.unit.is_none()
            && self.cells.iter().all(|c| c.doubt.is_none() && matches!(c.value.status, Blank | Dash))
    }

    /// Puts all figures of the row in doubt.
    pub(crate) fn doubt(&mut self, why: &str) {
        self.cells.iter_mut().for_each(|c| c.doubt = Some(why.to_owned()));
    }
}
