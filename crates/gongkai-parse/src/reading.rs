//! A candidate reading of one form table.

use crate::labels::Quality;
use crate::proof;
use crate::refusal::Refusal;
use crate::stream::Stream;
use gongkai_model::Number;

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
    /// Whether the head names these columns and nothing else.
    pub whole_head: bool,
    /// Whether the head names one of the columns in words of its own.
    pub head_placed: bool,
    /// Whether the columns are taken from the form because the document prints no head.
    pub head_missing: bool,
    /// Where figures were cut, and the form's sums prove it.
    pub rests: Rests,
    /// Cells that are not certain.
    pub doubts: Doubts,
    /// Why the row cannot be read.
    pub refusal: Option<Refusal>,
    /// All tokens printed behind the label.
    pub printed: Vec<usize>,
}

/// Positions in the cells of a row, each with the token of the rest of its figure.
pub(crate) type Rests = Vec<(usize, usize)>;

/// Positions in the cells of a row, and why the cell there is not certain.
pub(crate) type Doubts = Vec<(usize, Refusal)>;

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

impl RowReading {
    /// A row that is not read.
    pub(crate) fn refused(
        item: usize,
        label: String,
        quality: Quality,
        why: Refusal,
        printed: Vec<usize>,
    ) -> Self {
        Self {
            item,
            label,
            quality,
            columns: Vec::new(),
            cells: Cells::Tokens(Vec::new()),
            whole_head: false,
            head_placed: false,
            head_missing: false,
            rests: Vec::new(),
            doubts: Vec::new(),
            refusal: Some(why),
            printed,
        }
    }

    /// A row that is read.
    pub(crate) fn read(self, columns: Vec<usize>, cells: Cells) -> Self {
        Self { columns, cells, refusal: None, ..self }
    }

    /// The figures of its cells; `None` where a cell has none, or it is not certain.
    pub(crate) fn figures(&self, stream: &Stream) -> Vec<Option<Number>> {
        let figure = |(at, token): (usize, &usize)| {
            if self.doubts.iter().any(|(position, _)| *position == at) {
                return None;
            }
            match self.rests.iter().find(|(position, _)| *position == at) {
                Some((_, rest)) => proof::joined(stream, *token, *rest),
                None => stream.value(*token).and_then(|v| v.number),
            }
        };
        match &self.cells {
            Cells::Zeros { .. } => self.columns.iter().map(|_| Some(Number::default())).collect(),
            Cells::Tokens(tokens) => tokens.iter().enumerate().map(figure).collect(),
        }
    }
}

impl Reading {
    /// Rows read, and rows seen but refused.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let refused = self.rows.iter().filter(|r| r.refusal.is_some()).count();
        (self.rows.len() - refused, refused)
    }
}
