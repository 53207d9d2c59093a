//! The inputs of a pipeline file.

use super::{FileError, Source};
use gongkai_input::{Declared, Fields, InputKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// One input.
#[derive(Debug, Clone)]
pub struct Input {
    /// A path or a pattern with `*`, `?`, `[..]`, from the folder of the pipeline file.
    pub pattern: String,
    /// That folder.
    folder: PathBuf,
    /// Paths that must match at least.
    pub min: usize,
    /// What is declared of all paths that match.
    pub declared: Declared,
    line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    path: String,
    #[serde(default = "one")]
    min: usize,
    kind: Option<Spanned<String>>,
    fields: Option<Spanned<BTreeMap<String, String>>>,
}

fn one() -> usize {
    1
}

pub(super) fn check(
    source: &Source<'_>,
    folder: &Path,
    raw: Vec<Spanned<Raw>>,
) -> Result<Vec<Input>, FileError> {
    let one = |input: Spanned<Raw>| {
        let line = source.line(input.span().start);
        let Raw { path, min, kind, fields } = input.into_inner();
        if path.is_empty() {
            return Err(FileError {
                path: source.path.to_owned(),
                line,
                what: "input: an empty path is no folder or file".to_owned(),
            });
        }
        let kind = kind.map(|kind| named(source, &kind)).transpose()?;
        let fields = fields.map(|fields| columns(source, kind, &fields)).transpose()?;
        Ok(Input { pattern: path, folder: folder.to_owned(), min, declared: Declared { kind, fields }, line })
    };
    raw.into_iter().map(one).collect()
}

fn named(source: &Source<'_>, kind: &Spanned<String>) -> Result<InputKind, FileError> {
    InputKind::named(kind.get_ref()).ok_or_else(|| {
        let names: Vec<&str> = InputKind::ALL.iter().map(|k| k.as_str()).collect();
        let what = format!(
            "there is no kind {:?}; there is {} (leave it out for any)",
            kind.get_ref(),
            names.join(", ")
        );
        source.error(kind.span().start, what)
    })
}

fn columns(
    source: &Source<'_>,
    kind: Option<InputKind>,
    raw: &Spanned<BTreeMap<String, String>>,
) -> Result<Fields, FileError> {
    let wrong = |what: String| source.error(raw.span().start, what);
    if let Some(kind) = kind.filter(|kind| !kind.has_fields()) {
        return Err(wrong(format!("inputs of kind {:?} have no fields", kind.as_str())));
    }
    let mut fields = Fields::default();
    for (field, column) in raw.get_ref() {
        if column.is_empty() {
            return Err(wrong(format!("fields: the name for `{field}` is empty")));
        }
        fields
            .name(field, column)
            .map_err(|known| wrong(format!("fields: there is no field `{field}`; there are {known}")))?;
    }
    Ok(fields)
}

/// What the inputs of a pipeline file are tonight.
#[derive(Default)]
pub(super) struct Found {
    /// The paths that match.
    pub(super) paths: Vec<PathBuf>,
    /// What is declared of some.
    pub(super) declared: BTreeMap<PathBuf, Declared>,
    /// The folder that the pattern of some begins in: what is found behind it belongs to their names, however many match tonight.
    pub(super) bases: BTreeMap<PathBuf, PathBuf>,
}

/// The folder in front of the first part of a pattern that may match several names.
fn base(folder: &Path, pattern: &str) -> Option<PathBuf> {
    let is_open =
        |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let pattern = Path::new(pattern);
    pattern.components().any(|part| is_open(&part)).then(|| {
        let base = folder.join(pattern.components().take_while(|part| !is_open(part)).collect::<PathBuf>());
        if base.as_os_str().is_empty() { PathBuf::from(".") } else { base }
    })
}

/// The paths that match, and what is declared of some.
pub(super) fn find(path: &Path, inputs: &[Input]) -> Result<Found, FileError> {
    let Found { mut paths, mut declared, mut bases } = Found::default();
    for input in inputs {
        let failed = |what: String| FileError { path: path.to_owned(), line: input.line, what };
        // The folder is called what it is called; only what the file says is a pattern.
        let folder = input.folder.to_str().map(glob::Pattern::escape).map(PathBuf::from);
        let folder = folder.or_else(|| Path::new(&input.pattern).is_absolute().then(PathBuf::new));
        let pattern = folder
            .ok_or_else(|| {
                failed(
                    "the folder of this file has a name that is no UTF-8; name inputs by their whole paths"
                        .to_owned(),
                )
            })?
            .join(&input.pattern);
        let pattern = pattern.to_string_lossy();
        let matches =
            glob::glob(&pattern).map_err(|e| failed(format!("{:?} is no pattern: {e}", input.pattern)))?;
        let before = paths.len();
        for found in matches {
            let found = found.map_err(|e| failed(e.to_string()))?;
            if input.declared.kind == Some(InputKind::Folder) && !found.is_dir() {
                return Err(failed(format!("{} is no folder, as its kind says", found.display())));
            }
            let first = declared.entry(found.clone()).or_insert_with(|| input.declared.clone());
            if *first != input.declared {
                let what =
                    format!("{} matches another input, too, with another kind or fields", found.display());
                return Err(failed(what));
            }
            if let Some(base) = base(&input.folder, &input.pattern) {
                bases.entry(found.clone()).or_insert(base);
            }
            paths.push(found);
        }
        let found = paths.len() - before;
        if found < input.min {
            return Err(failed(format!(
                "{:?} matches {found} folders or files, at least {} must be there; is a disk not mounted? (`min = 0` if that is right)",
                input.folder.join(&input.pattern),
                input.min
            )));
        }
    }
    declared.retain(|_, declared| *declared != Declared::default());
    Ok(Found { paths, declared, bases })
}
