//! What a caller may choose, and what can be wrong with the inputs themselves.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::declared::{Declared, InputKind};

pub use gongkai_inflate::Limits;

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOptions {
    /// What strangers' archives may cost.
    pub limits: Limits,
    /// How the columns of records (JSON, Parquet, Arrow) are called.
    pub fields: Fields,
    /// Largest document read, in bytes; a larger one ends as unreadable with the reason `too_large`.
    pub max_bytes: u64,
    /// Whether symbolic links are followed wherever they lead. Otherwise they are followed within their input only: a crawl is not to
    /// reach for what else is on the machine. Loops are noticed and never followed.
    pub follow_links: bool,
    /// What every file must be; `None` for anything.
    pub kind: Option<InputKind>,
    /// What is said of single inputs, by their path as given.
    pub declared: BTreeMap<PathBuf, Declared>,
    /// The folders that names begin behind, by the path of an input as given; otherwise behind the input itself.
    pub bases: BTreeMap<PathBuf, PathBuf>,
    /// What stood before the names of earlier runs, see [`crate::Plan::labels`].
    pub labels: BTreeMap<String, String>,
    /// The store of the run, which is no input.
    pub store: Option<PathBuf>,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            fields: Fields::default(),
            max_bytes: 32 * 1024 * 1024,
            follow_links: false,
            kind: None,
            declared: BTreeMap::new(),
            bases: BTreeMap::new(),
            labels: BTreeMap::new(),
            store: None,
        }
    }
}

/// What the parts of a page are called in records, most telling name first. Compared without case, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The document; the first one that is there is the page, further ones are its other representations.
    pub body: Vec<String>,
    /// The address.
    pub url: Vec<String>,
    /// The title the crawler stored.
    pub title: Vec<String>,
    /// The time of the fetch.
    pub fetched_at: Vec<String>,
    /// The media type, with or without charset.
    pub content_type: Vec<String>,
}

/// The usual names.
const USUAL: &str = include_str!("../data/fields.txt");

impl Default for Fields {
    fn default() -> Self {
        let names = |field: &str| {
            let lines = USUAL.lines().filter_map(|line| line.split_once(' '));
            let names = lines.filter(|(of, _)| *of == field).flat_map(|(_, names)| names.split_whitespace());
            names.map(str::to_owned).collect()
        };
        Self {
            body: names("body"),
            url: names("url"),
            title: names("title"),
            fetched_at: names("fetched_at"),
            content_type: names("content_type"),
        }
    }
}

impl Fields {
    /// Puts a column's name before the usual ones: `field` is `body` (also `html`, `text`, `content`), `url`, `title`,
    /// `fetched_at` or `content_type`. Dots lead into objects and lists (`data.list.content`).
    ///
    /// # Errors
    /// The names there are, where `field` is none of them.
    pub fn name(&mut self, field: &str, column: &str) -> Result<(), &'static str> {
        let names = match field {
            "body" | "html" | "text" | "content" => &mut self.body,
            "url" => &mut self.url,
            "title" => &mut self.title,
            "fetched_at" => &mut self.fetched_at,
            "content_type" => &mut self.content_type,
            _ => return Err("html, text, content, body, url, title, fetched_at, content_type"),
        };
        names.insert(0, column.to_owned());
        Ok(())
    }

    /// Whether any name leads into objects.
    pub(crate) fn have_paths(&self) -> bool {
        let all = [&self.body, &self.url, &self.title, &self.fetched_at, &self.content_type];
        all.into_iter().flatten().any(|name| name.contains('.'))
    }
}

/// Whether a key has the name. The keys of tables that were objects tell where a value lay (`data.metadata.title`): without a
/// dot in the name the last part counts.
pub(crate) fn named(key: &str, name: &str) -> bool {
    let last = || key.rsplit_once('.').is_some_and(|(_, last)| same_name(last, name));
    same_name(key, name) || !name.contains('.') && last()
}

/// Whether a key is the name, apart from case, `_` and `-`.
pub(crate) fn same_name(key: &str, name: &str) -> bool {
    fn plain(text: &str) -> impl Iterator<Item = u8> + '_ {
        text.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase())
    }
    plain(key).eq(plain(name))
}

/// An input that was named but cannot be used at all: a mistake in the call, not in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// Nothing is there.
    Missing {
        /// The input as it was given.
        input: PathBuf,
    },
    /// A link that leads nowhere.
    Dangling {
        /// The input as it was given.
        input: PathBuf,
    },
    /// It is there and cannot be opened.
    Unreadable {
        /// The input as it was given.
        input: PathBuf,
        /// What the system said.
        why: String,
    },
    /// It lies in another input, and something of its own is declared of it.
    Held {
        /// The input as it was given.
        input: PathBuf,
    },
    /// It lies in the store that the run writes.
    InStore {
        /// The input as it was given.
        input: PathBuf,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { input } => {
                write!(
                    f,
                    "input `{}` does not exist; check the spelling and the working directory",
                    input.display()
                )
            }
            Self::Dangling { input } => write!(
                f,
                "input `{}` is a symbolic link to something that does not exist; restore its target or name the folder itself",
                input.display()
            ),
            Self::Unreadable { input, why } => write!(
                f,
                "input `{}` cannot be opened: {why}; check its permissions, and those of the folders above it",
                input.display()
            ),
            Self::InStore { input } => write!(
                f,
                "input `{}` lies in the store, which is what a run writes; name the crawl itself",
                input.display()
            ),
            Self::Held { input } => write!(
                f,
                "input `{}` lies in another input, so what is declared of it (kind, fields) would not count; keep the two apart",
                input.display()
            ),
        }
    }
}

impl std::error::Error for InputError {}
