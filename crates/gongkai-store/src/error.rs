//! What can go wrong with a store, told to the person who runs the tool: what, where, what to do.

use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Why a store could not be opened, published into or checked.
#[derive(Debug)]
pub enum StoreError {
    /// The folder holds something else than a store.
    Foreign(PathBuf),
    /// There is no store at this place.
    NotAStore(PathBuf),
    /// The store was written by a version of the tool this one does not know.
    Format {
        /// The store.
        path: PathBuf,
        /// What its marker says.
        found: String,
    },
    /// A release, which never changes.
    Released {
        /// Its folder.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// A release whose tables do not lie in folders.
    NoTree {
        /// Its folder.
        path: PathBuf,
        /// Whether they are packed, rather than one file each.
        packed: bool,
    },
    /// A store that should have no snapshot yet.
    NotNew(PathBuf),
    /// Another process is publishing into the store.
    Busy(PathBuf),
    /// The store has no such snapshot, or none at all.
    NoSnapshot {
        /// The store.
        path: PathBuf,
        /// The snapshot asked for; `None` when the published one was.
        name: Option<String>,
    },
    /// There is no candidate of this name.
    NoCandidate {
        /// The name asked for.
        name: String,
        /// Those there are.
        candidates: Vec<String>,
    },
    /// A candidate was made before the snapshot that is published now.
    Outdated {
        /// The candidate.
        candidate: String,
        /// The published snapshot.
        current: String,
    },
    /// The output tables in the registry ask for something the store cannot write.
    Registry(String),
    /// The reports and captures handed over contradict each other: a defect of the tool, nothing is published.
    Account(String),
    /// A file of the store cannot be understood.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The operating system refused.
    Io {
        /// What was being done, such as `write`.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Its answer.
        source: Error,
    },
    /// A tag cannot be given.
    Tag(String),
    /// Somebody asked the run to end.
    Interrupted,
    /// A table could not be encoded.
    Encode {
        /// The table.
        table: String,
        /// Why.
        what: String,
    },
}

impl StoreError {
    /// Whether the caller named the wrong folder, snapshot or registry (exit status 2), rather than that the run
    /// failed (exit status 3).
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Foreign(_)
                | Self::NotAStore(_)
                | Self::Format { .. }
                | Self::Released { .. }
                | Self::NoTree { .. }
                | Self::NotNew(_)
                | Self::NoSnapshot { .. }
                | Self::NoCandidate { .. }
                | Self::Outdated { .. }
                | Self::Tag(_)
                | Self::Registry(_)
        )
    }

    /// Wraps the operating system's answer; made for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// As [`StoreError::io`], about the cache; for those who write into it.
    pub fn cache(action: &'static str) -> impl FnOnce(Error) -> Self {
        move |source| Self::Io { action, path: "cache".into(), source }
    }

    /// Wraps the Parquet or Arrow library's answer for a table; made for `map_err`.
    pub(crate) fn encode<E: fmt::Display>(table: &str) -> impl FnOnce(E) -> Self {
        move |source| Self::Encode { table: table.to_owned(), what: source.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(path) => write!(
                f,
                "{} is not empty and is not a gongkai store; nothing was touched. Name a new or empty folder, or an existing store",
                path.display()
            ),
            Self::NotAStore(path) => {
                write!(
                    f,
                    "there is no gongkai store at {}; `gongkai ingest INPUT --store STORE` makes one",
                    path.display()
                )
            }
            Self::Format { path, found } => write!(
                f,
                "the store at {} has format {found}, which this version does not know; use the version that wrote it",
                path.display()
            ),
            Self::Released { path, version } => write!(
                f,
                "{} is release {version}, which never changes. To go on from it: gongkai ingest INPUT --store NEW --base {0}",
                path.display()
            ),
            Self::NoTree { path, packed: true } => write!(
                f,
                "the tables of the release at {} are packed; unpack them there first: tar --zstd -xf TABLE.tar.zst, for each",
                path.display()
            ),
            Self::NoTree { path, packed: false } => write!(
                f,
                "the release at {} has one file a table, which only `gongkai check`, `gongkai export` and readers of data can use; take one made without --flat",
                path.display()
            ),
            Self::NotNew(path) => write!(
                f,
                "the store at {} has snapshots already; a base can only begin a new one: name a folder that does not exist",
                path.display()
            ),
            Self::Busy(path) => {
                write!(
                    f,
                    "another run is publishing into {}; wait for it to end and run again",
                    path.display()
                )
            }
            Self::NoSnapshot { path, name: Some(name) } => {
                write!(f, "the store at {} has no snapshot {name}; `gongkai log` lists them", path.display())
            }
            Self::NoSnapshot { path, name: None } => {
                write!(
                    f,
                    "the store at {} has no published snapshot yet; ingest something first",
                    path.display()
                )
            }
            Self::NoCandidate { name, candidates } if candidates.is_empty() => {
                write!(f, "there is no candidate {name}, nor any other; nothing was held back")
            }
            Self::NoCandidate { name, candidates } => {
                write!(f, "there is no candidate {name}; there is {}", candidates.join(", "))
            }
            Self::Outdated { candidate, current } => write!(
                f,
                "candidate {candidate} was made before {current} was published, and would take back what came since; run the pipeline again"
            ),
            Self::Registry(what) => {
                write!(f, "the registry does not fit this version: {what}; correct data/tables")
            }
            Self::Account(what) => write!(
                f,
                "the account of the run does not add up: {what}; nothing was published. This is a defect of the tool, please report it"
            ),
            Self::Damaged { path, what } => {
                write!(
                    f,
                    "{} is damaged: {what}; restore it from a copy, or start a new store",
                    path.display()
                )
            }
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}{}", path.display(), remedy(source.kind()))
            }
            Self::Tag(what) => f.write_str(what),
            Self::Interrupted => f.write_str(
                "the run was interrupted; nothing was published, what was read is kept for the next run",
            ),
            Self::Encode { table, what } => {
                write!(f, "cannot encode table {table}: {what}; nothing was published")
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "; free some space and run again",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder you may write to, or change its permissions"
        }
        _ => "",
    }
}
