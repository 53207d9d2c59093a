//! What a pipeline file wants once a snapshot is published.

use super::check::failure;
use crate::Failure;
use gongkai_pipeline::{FileError, Pipeline, Quality};
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::path::Path;

/// Refuses, before anything is read, a page that could not be written afterwards.
pub(crate) fn refuse(path: &Path, pipeline: &Pipeline) -> Result<(), Failure> {
    let refused =
        |line: usize, what: String| Err(Failure::usage(FileError { path: path.to_owned(), line, what }));
    let Some(quality) = &pipeline.quality else { return Ok(()) };
    match quality.page.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => {
            refused(quality.line, format!("[quality]: there is no folder {} for the page", folder.display()))
        }
        None => Ok(()),
    }
}

/// Writes the quality page of the published snapshot. Who reads it meanwhile sees the old page or the new one.
pub(crate) fn quality_page(registry: &Registry, store: &Store, quality: &Quality) -> Result<(), Failure> {
    let Some(snapshot) = store.current().map_err(failure)? else { return Ok(()) };
    let page = gongkai_publish::page(registry, store, &snapshot).map_err(failure)?;
    let new = quality.page.with_extension("html.new");
    std::fs::write(&new, page)
        .and_then(|()| std::fs::rename(&new, &quality.page))
        .map_err(|e| Failure::failed(format!("cannot write {}: {e}", quality.page.display())))
}
