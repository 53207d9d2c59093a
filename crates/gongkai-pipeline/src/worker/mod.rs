//! Reading on other machines: `gongkai worker` speaks Arrow on standard input and output, so that any engine can spread it.
//!
//! It is the reading of a run in parts. [`worker_plan`] is the first step of [`crate::ingest`], told instead of carried out: one
//! row a file. [`worker_read`] opens such files and reads what they hold, as a run does; a row of what it says is a capture with the
//! records that the cache of a store would hold. A run takes them over (`elsewhere.rs`) and goes on from there.
//!
//! A run reads on its own threads, and a document that brings the process to an end brings all to an end. A worker reads in
//! processes of their own ([`serve`]), so that it does not. See `docs/decisions/0029-worker.md`.

mod frame;
mod helper;
mod plan;
mod read;
mod rows;
mod schema;

pub use helper::serve;
pub use plan::worker_plan;
pub use read::{WorkerOptions, worker_read};
pub use schema::{FILES, READINGS, SCHEMA_KEY};

pub(crate) use rows::{ReadRow, each_batch, hex};

use gongkai_input::InputError;
use gongkai_model::Problem;
use std::fmt;
use std::io;

/// Why a worker ends early. What is wrong with single documents is no error but their status.
#[derive(Debug)]
pub enum WorkerError {
    /// An input cannot be used at all.
    Input(InputError),
    /// What is sent is not what a worker reads.
    Rows(String),
    /// Reading or writing failed, or a helper cannot be started.
    Io(io::Error),
}

impl WorkerError {
    /// Whether the call was wrong, rather than the run.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Input(_) | Self::Rows(_))
    }
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Rows(why) => f.write_str(why),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WorkerError {}

impl From<io::Error> for WorkerError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What is wrong with the stream itself.
impl From<Problem> for WorkerError {
    fn from(problem: Problem) -> Self {
        Self::Rows(format!("the stream of rows cannot be read: {}", problem.reason))
    }
}

impl From<arrow_schema::ArrowError> for WorkerError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        match error {
            arrow_schema::ArrowError::IoError(_, error) => Self::Io(error),
            error => Self::Rows(error.to_string()),
        }
    }
}
