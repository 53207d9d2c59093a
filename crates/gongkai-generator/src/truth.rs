//! What was printed.

use gongkai_model::Number;
use std::sync::Arc;

/// What a careful person can say of a cell who sees only the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The document certainly prints this number for this cell.
    Certain(Number),
    /// NULL is right, and so is exactly this number, if there is one; anything else is wrong.
    Open(Option<Number>),
    /// The document does not print the cell, or prints it blank: only NULL is right.
    Absent,
}

impl Certainty {
    /// The same cell when its row or column is no longer certain.
    pub(crate) fn doubt(self) -> Self {
        match self {
            Self::Certain(n) => Self::Open(Some(n)),
            other => other,
        }
    }

    /// Whether a reading (`None` for NULL) is wrong: another number than the printed one, or a number where none is.
    pub fn is_wrong(self, read: Option<Number>) -> bool {
        match (self, read) {
            (_, None) => false,
            (Self::Certain(n) | Self::Open(Some(n)), Some(read)) => n != read,
            (Self::Open(None) | Self::Absent, Some(_)) => true,
        }
    }
}

/// The truth of one cell of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueCell {
    /// Table code.
    pub table: Arc<str>,
    /// Item (or channel) code.
    pub item: Arc<str>,
    /// Column code.
    pub column: Arc<str>,
    /// What can be said of it.
    pub certainty: Certainty,
}

/// An identity of the form that the printed figures break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenIdentity {
    /// Table code.
    pub table: Arc<str>,
    /// Code of the identity, such as `row_total`.
    pub identity: String,
    /// The line in which it is broken: an item code where the identity runs along rows, else a column code.
    pub line: Arc<str>,
}

/// What a document certainly says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Whether it is an annual report.
    pub is_report: bool,
    /// Form code.
    pub form: String,
    /// Report year.
    pub year: i16,
    /// Name of the agency, simplified, as in the title.
    pub agency: String,
    /// County of the agency, six digits.
    pub county_code: Option<String>,
    /// Every cell of the form, in form order.
    pub cells: Vec<TrueCell>,
    /// Identities that the figures of the report break on purpose; those of a table that is not printed included.
    pub broken_identities: Vec<BrokenIdentity>,
}

/// A printed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// File name with extension.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What it says.
    pub truth: Truth,
}
