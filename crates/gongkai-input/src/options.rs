//! What a caller may choose, and what can be wrong with the inputs themselves.

use std::fmt;
use std::path::PathBuf;

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOptions {
    /// Largest document read, in bytes; a larger one ends as unreadable with the reason `too_large`.
    pub max_bytes: u64,
    /// Whether symbolic links are followed. Loops are noticed and not followed.
    pub follow_links: bool,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self { max_bytes: 32 * 1024 * 1024, follow_links: true }
    }
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
        }
    }
}

impl std::error::Error for InputError {}
