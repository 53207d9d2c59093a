//! Finding the document of a capture again, and reading it again.

use super::stored::{Capture, Report};
use gongkai_input::{InputOptions, find as find_document, host_in_path};
use gongkai_model::Document;
use gongkai_pipeline::Reader;
use gongkai_registry::Registry;
use std::path::{Component, Path, PathBuf};

/// What became of the search for the document.
pub(super) enum Source {
    /// It was found, with the content the store was made from.
    Found {
        /// Where, as the caller named it.
        path: PathBuf,
        /// The capture whose document it is: the one that speaks, or one with the same bytes.
        container: String,
        /// Why it could not be read again, if so.
        problem: Option<String>,
    },
    /// Something else is there now.
    Changed {
        /// Where.
        path: PathBuf,
        /// blake3 of what is there; `None` when it cannot be read.
        found: Option<String>,
    },
    /// Nothing is there.
    NotFound {
        /// Places looked at.
        tried: Vec<PathBuf>,
    },
}

/// A document and what this version makes of it.
pub(super) struct Reread {
    pub document: Document,
    pub report: Box<gongkai_pipeline::Report>,
}

/// Looks for the document below the roots; for a copy of the same bytes where the one that speaks is not there.
pub(super) fn find(registry: &Registry, report: &Report, roots: &[PathBuf]) -> (Source, Option<Reread>) {
    let own = &report.capture;
    let twins = report.copies.iter().filter(|c| c.blake3.is_some() && c.blake3 == own.blake3);
    let mut tried = Vec::new();
    let mut changed = None;
    for capture in std::iter::once(own).chain(twins) {
        for path in roots.iter().flat_map(|root| places(root, &capture.container)) {
            let Some(captured) = fetch(capture, &path) else {
                tried.push(path);
                continue;
            };
            match again(registry, captured, own) {
                Ok((problem, reread)) => {
                    let container = capture.container.clone();
                    return (Source::Found { path, container, problem }, reread);
                }
                Err(found) => changed = changed.or(Some(Source::Changed { path, found })),
            }
        }
    }
    (changed.unwrap_or(Source::NotFound { tried }), None)
}

/// Where a document can lie below a root: at its path; at the root itself; or without the folder's name that is put in
/// front when two inputs of a run hold the same path.
fn places(root: &Path, container: &str) -> Vec<PathBuf> {
    let relative = Path::new(container);
    if container.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_))) {
        return Vec::new();
    }
    if root.is_file() {
        // The root is the document, or the archive it lies in.
        let name = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let inside = container.strip_prefix(&name).filter(|i| i.is_empty() || i.starts_with(['#', '/']));
        let is_name = || root.file_name() == relative.file_name();
        return match inside {
            Some(inside) => vec![PathBuf::from(format!("{}{inside}", root.display()))],
            None if is_name() => vec![root.to_owned()],
            None => Vec::new(),
        };
    }
    let mut places = vec![root.join(relative)];
    let name = std::fs::canonicalize(root).ok().and_then(|r| r.file_name().map(ToOwned::to_owned));
    if let Some(below) = name.and_then(|name| relative.strip_prefix(name).ok()) {
        places.push(root.join(below));
    }
    places
}

type Opened = (Option<String>, Option<Reread>);

/// The document at a path, in an archive or not; `None` when there is none.
fn fetch(capture: &Capture, path: &Path) -> Option<gongkai_model::Capture> {
    // The limit of the run may have been higher than the usual one.
    let usual = InputOptions::default();
    let input = InputOptions { max_bytes: usual.max_bytes.max(capture.bytes), ..usual };
    find_document(path, &input).ok()
}

/// Reads a document if its content is that of the capture; else its hash.
fn again(
    registry: &Registry,
    mut captured: gongkai_model::Capture,
    own: &Capture,
) -> Result<Opened, Option<String>> {
    // Under the name it had in the run, so that what paths tell is the same.
    captured.container = own.container.as_str().into();
    if captured.provenance.host.is_none() {
        captured.provenance.host = host_in_path(&own.container);
    }
    let (seen, document) = Reader::new(registry).read_keeping(&captured);
    if seen.hash.is_none() || seen.hash != own.blake3 {
        return Err(seen.hash);
    }
    Ok(match (seen.outcome, document) {
        (Ok(report), Some(document)) => (None, Some(Reread { document, report })),
        (Ok(_), None) => (None, None),
        (Err(problem), _) => (Some(format!("{}: {}", problem.status.as_str(), problem.reason)), None),
    })
}
