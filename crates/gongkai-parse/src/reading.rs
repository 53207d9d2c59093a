//! A candidate reading of one form table.

use crate::labels::Quality;

/// One table of the document, read as one table of the form.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// Rows (or channels) by item, each item at most once.
    pub rows: Vec<RowReading>,
    /// The head over its first row, by number in the document; `None` where each reading brings its own.
    pub head: Option<usize>,
    /// First line of the stream it takes.
    pub first_line: usize,
    /// Last line.
    pub last_line: usize,
}

/// One row (or channel).
#[derive(Debug, Clone)]
pub(crate) struct RowReading {
    /// Position of the item in the form table.
    pub item: usize,
    /// Label as printed.
    pub label: String,
    /// How the label was recognised.
    pub quality: Quality,
    /// Columns of the cells, positions in the form table.
    pub columns: Vec<usize>,
    /// The cells, in the order of `columns`.
    pub cells: Cells,
    /// Whether the columns are taken from the form because the document prints no head.
    pub head_missing: bool,
    /// Why the row cannot be read.
    pub refusal: Option<String>,
    /// All tokens printed behind the label.
    pub printed: Vec<usize>,
}

/// Where the cells of a row are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cells {
    /// One token a column.
    Tokens(Vec<usize>),
    /// A run of zeros, one a column, that begins at a token.
    Zeros {
        /// The first token.
        token: usize,
    },
}

impl Reading {
    /// Rows read, and rows seen but refused.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let refused = self.rows.iter().filter(|r| r.refusal.is_some()).count();
        (self.rows.len() - refused, refused)
    }
}
