//! What a pipeline file wants once a snapshot is published.

use crate::Failure;
use gongkai_pipeline::{FileError, Pipeline, Quality, Release};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::path::Path;

/// Refuses, before anything is read, what this program cannot do yet.
pub(crate) fn refuse(path: &Path, pipeline: &Pipeline) -> Result<(), Failure> {
    let refused = |line, what| {
        let what = format!("{what}: this version of gongkai does not do it yet; take it out");
        Err(Failure::usage(FileError { path: path.to_owned(), line, what }))
    };
    match (&pipeline.quality, &pipeline.release) {
        (Some(quality), _) => refused(quality.line, "[quality]"),
        (None, Some(release)) => refused(release.line, "[release]"),
        (None, None) => Ok(()),
    }
}

/// Writes the quality page of the published snapshot.
pub(crate) fn quality_page(_: &Registry, _: &Store, _: &Quality) -> Result<(), Failure> {
    Err(Failure::failed("[quality]: this version of gongkai writes no quality page"))
}

/// Makes a dataset release of the published snapshot.
pub(crate) fn release(_: &Registry, _: &Store, _: &Release) -> Result<(), Failure> {
    Err(Failure::failed("[release]: this version of gongkai makes no release"))
}
