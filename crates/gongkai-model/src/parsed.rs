//! What the parser read from a document: facts with their evidence, and what it refused.

use crate::{ByteRange, Finding, Number, Scope};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the parser made of a document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Parsed {
    /// Code of the form the document uses (`2021`, `2019`, `pre2019`, `narrative`).
    pub form: Arc<str>,
    /// Narrative sections in document order.
    pub sections: Vec<Section>,
    /// The statutory tables of the form: found or not, and how they were read.
    pub tables: Vec<TableReading>,
    /// One fact for every cell of the form's tables that were found, in form order.
    pub cells: Vec<CellFact>,
    /// Tables that count for others than the report, which the document prints beside its own.
    pub beside: Vec<BesideTable>,
    /// Indicators of the statistics tables of 2008-2018, as printed; their cells are among `cells`.
    pub legacy: Vec<LegacyRow>,
    /// Counts that sentences of a report in the forms in use give. They are evidence: no row of the data is made of them.
    pub statements: Vec<Statement>,
    /// Findings of the parser.
    pub findings: Vec<Finding>,
    /// Tables and rows the parser looked at and did not read, with the reason.
    pub refusals: Vec<Refusal>,
}

/// One indicator of a statistics table of 2008-2018, or one count that a sentence gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyRow {
    /// Code in the registry; `None` when the printed label is not known, or may mean several things.
    pub indicator: Option<Arc<str>>,
    /// What its cells are called among [`Parsed::cells`]: the code, else the label as printed.
    pub item: Arc<str>,
    /// Label as printed, with its ordinal.
    pub label: String,
    /// Label of the indicator it stands under, as printed.
    pub parent: Option<String>,
    /// Unit as printed.
    pub unit: Option<String>,
    /// Figure of the year.
    pub value: Option<Number>,
    /// Figure of all years up to the report's.
    pub cumulative: Option<Number>,
    /// Where it stands.
    pub source: LegacySource,
}

/// Where an indicator was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegacySource {
    /// In a table, of the family with this code where it is of a known one.
    Table(Option<Arc<str>>),
    /// In a sentence.
    Narrative,
}

impl LegacySource {
    /// The name used in the `legacy_statistics` table.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::Narrative => "narrative",
        }
    }
}

/// For whom a sentence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatementScope {
    /// It does not say.
    Unsaid,
    /// The agency itself (我局, 本机关).
    Own,
    /// A place with all its bodies (全市).
    Whole,
}

/// A count that a sentence gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What is counted: a code of `data/forms/prose.toml`.
    #[serde(with = "crate::code")]
    pub what: Arc<str>,
    /// How many; zero where the sentence says in words that there was none.
    pub number: Number,
    /// Said in words (未收到, 无).
    pub denied: bool,
    /// One in the last place told: 1 for 12, 1000 for 1.2万.
    pub step: Number,
    /// Unit as printed.
    pub unit: Option<String>,
    /// For whom.
    pub scope: StatementScope,
    /// The year it is about, where the title names one: sentences about other years are no statements.
    pub year: Option<i16>,
    /// The sentence.
    pub sentence: String,
}

/// One narrative section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Section code: `preamble overview proactive requests review problems other appendix`.
    pub section: Arc<str>,
    /// The heading as printed; empty for the preamble.
    pub heading: String,
    /// The running text, paragraphs joined by `\n`, tables left out.
    pub text: String,
}

/// How far the text of a section is that of others. Shares of text, from 0 to 1, in hundredths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// With the same section of the same agency's report of the year before; `None` where there is none, or too little
    /// text.
    pub last_year: Option<Number>,
    /// With the most similar section of another agency's; `None` where none is alike.
    pub other: Option<Number>,
    /// Id of that agency's report.
    pub other_report: Option<String>,
}

/// How one statutory table of the form was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReading {
    /// Table code, such as `disclosure_requests`.
    pub table: Arc<str>,
    /// Whether the document prints it.
    pub present: bool,
    /// Cells the form has.
    pub expected: u32,
    /// Cells read as numbers.
    pub read: u32,
    /// One phrase on how it was read, for `inspect`.
    pub how: String,
    /// For whom it counts, as far as its caption says.
    pub scope: Scope,
}

/// A statutory table of a report that counts for others than the report: the government's own beside that of all its bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BesideTable {
    /// Table code.
    pub table: Arc<str>,
    /// For whom it counts, by its caption.
    pub scope: Scope,
    /// One fact for every cell of the form's table, in form order.
    pub cells: Vec<CellFact>,
}

/// How a cell was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CellStatus {
    /// A plain number (thousands separators, full-width digits and a sign included).
    Number,
    /// A printed zero.
    Zero,
    /// Nothing printed.
    Blank,
    /// A dash or slash.
    Dash,
    /// A word such as 无.
    Word,
    /// A number with a unit or a note beside it.
    Annotated,
    /// Several values run together, which cannot be split without guessing.
    RunTogether,
    /// The document has no such cell (row or column not printed, or lost).
    Missing,
    /// Something is printed, but it is not certain what or whose it is.
    Unreadable,
}

impl CellStatus {
    /// The name used in the `cells` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Zero => "zero",
            Self::Blank => "blank",
            Self::Dash => "dash",
            Self::Word => "word",
            Self::Annotated => "annotated",
            Self::RunTogether => "run_together",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the cell is a plain number, which needs no row of evidence by default.
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Number | Self::Zero)
    }
}

/// One cell of the form as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellFact {
    /// Table code.
    #[serde(with = "crate::code")]
    pub table: Arc<str>,
    /// Item (or channel) code.
    #[serde(with = "crate::code")]
    pub item: Arc<str>,
    /// Column code.
    #[serde(with = "crate::code")]
    pub column: Arc<str>,
    /// How it was printed.
    pub status: CellStatus,
    /// The number, only where its row and column are certain.
    pub value: Option<Number>,
    /// The text found, as printed (simplified); empty for missing cells.
    pub raw: String,
    /// Label of the row (or channel) as printed, when it was.
    pub label: Option<Arc<str>>,
    /// Where it stands.
    pub source: Option<SourcePlace>,
}

/// A place in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePlace {
    /// Table of the document, counted from 0; `None` when the values stand in running lines.
    pub table: Option<u32>,
    /// Row of that table (or line of the text), from 0.
    pub row: u32,
    /// Grid column (or place in the line), from 0.
    pub column: u32,
    /// Bytes in the decoded source, for text formats.
    pub bytes: Option<ByteRange>,
}

/// Something that looked like part of a form and was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it is: a table of the document, or a row's printed label.
    pub what: String,
    /// Why it was not read.
    pub why: String,
}
