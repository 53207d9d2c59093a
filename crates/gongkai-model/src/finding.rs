//! A finding: something a reader of the data should know about one report or one cell.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How much a finding should worry a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A number or the report as a whole should not be used without a look.
    Error,
    /// A doubt.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The name used in the `findings` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// The address of a cell, a row, a column or a whole table in the data; unset parts mean "all of it".
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellAddress {
    /// Table code, such as `disclosure_requests`.
    pub table: Option<Arc<str>>,
    /// Item (or channel) code, such as `new_received`.
    pub item: Option<Arc<str>>,
    /// Column code, such as `natural_person`.
    pub column: Option<Arc<str>>,
}

/// Something a reader of the data should know, with a stable code that `gongkai explain` knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `GK001` ...; severity and explanation live in the registry under this code.
    #[serde(with = "crate::word")]
    pub code: crate::word::Word,
    /// What it is about.
    pub address: CellAddress,
    /// The text found, as printed.
    pub raw: Option<String>,
    /// What the form's arithmetic or the rule asks for.
    pub expected: Option<String>,
    /// What the document says.
    pub actual: Option<String>,
    /// One sentence for a person.
    pub message: String,
}

impl Finding {
    /// A finding about the whole report.
    pub fn report(code: &'static str, message: impl Into<String>) -> Self {
        Self::at(code, CellAddress::default(), message)
    }

    /// A finding about an address.
    pub fn at(code: &'static str, address: CellAddress, message: impl Into<String>) -> Self {
        Self { code, address, raw: None, expected: None, actual: None, message: message.into() }
    }

    /// Adds the printed text.
    #[must_use]
    pub fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = Some(raw.into());
        self
    }

    /// Adds what was expected and what was found.
    #[must_use]
    pub fn compare(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }
}
