//! What a caller may say about one input, where it differs from the others.

use std::borrow::Cow;
use std::fmt;

use gongkai_model::Problem;

use crate::options::{Fields, InputOptions};
use crate::sniff::Content;

/// What every file of an input must be. Without one, content decides, and every kind is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputKind {
    /// A folder; the files in it may be of any kind.
    Folder,
    /// Documents, none of them in a container.
    Document,
    /// Record files (WARC, ARC).
    Warc,
    /// JSON objects, one a line, one after another or in an array; HAR.
    Jsonl,
    /// Separated values.
    Csv,
    /// Parquet.
    Parquet,
    /// Arrow IPC.
    Arrow,
    /// Zip, WACZ among them.
    Zip,
    /// Tar.
    Tar,
}

impl InputKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Folder,
        Self::Document,
        Self::Warc,
        Self::Jsonl,
        Self::Csv,
        Self::Parquet,
        Self::Arrow,
        Self::Zip,
        Self::Tar,
    ];

    /// Its name in pipeline files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Document => "document",
            Self::Warc => "warc",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether its records have fields.
    pub fn has_fields(self) -> bool {
        !matches!(self, Self::Document | Self::Warc)
    }

    /// Whether a file of it may be a document itself.
    pub(crate) fn admits_documents(self) -> bool {
        matches!(self, Self::Folder | Self::Document)
    }

    fn admits(self, content: Content, is_package: bool) -> bool {
        match content {
            // Told apart elsewhere: what is empty has its own reason, what is compressed is looked into first.
            Content::Nothing | Content::Compressed(_) => true,
            _ if self == Self::Folder => true,
            Content::Zip if is_package => self == Self::Document,
            Content::Records(_) => self == Self::Warc,
            Content::Zip => self == Self::Zip,
            Content::Tar => self == Self::Tar,
            Content::Parquet => self == Self::Parquet,
            Content::ArrowFile | Content::ArrowStream => self == Self::Arrow,
            Content::Objects | Content::OtherObjects | Content::Har => self == Self::Jsonl,
            Content::Separated(_) => self == Self::Csv,
            Content::Mhtml | Content::Document | Content::Other => self == Self::Document,
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is declared of one input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declared {
    /// What its files must be.
    pub kind: Option<InputKind>,
    /// How the columns of its records are called, instead of the general names.
    pub fields: Option<Fields>,
}

impl Declared {
    /// The options for an input of which this is declared.
    pub(crate) fn options<'o>(of: Option<&Self>, options: &'o InputOptions) -> Cow<'o, InputOptions> {
        let Some(declared) = of else { return Cow::Borrowed(options) };
        Cow::Owned(InputOptions {
            kind: declared.kind,
            fields: declared.fields.clone().unwrap_or_else(|| options.fields.clone()),
            ..options.clone()
        })
    }
}

/// Whether a file of this content is what its input is declared to hold.
pub(crate) fn admit(options: &InputOptions, content: Content, is_package: bool) -> Result<(), Problem> {
    match options.kind.filter(|kind| !kind.admits(content, is_package)) {
        None => Ok(()),
        Some(kind) => Err(Problem::unreadable(format!(
            "other_kind: {} where {kind} is declared{}",
            content.name(),
            if kind == InputKind::Jsonl { " (or its objects have none of the fields of a page)" } else { "" },
        ))),
    }
}
