//! What a pipeline file wants once a snapshot is published: a page, a release.

use super::{FileError, Source};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The quality page of the published snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// The file to write.
    pub page: PathBuf,
    /// Line of the pipeline file that asks for it.
    pub line: usize,
}

/// A dataset release of the published snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version, such as `2026.11.0`.
    pub version: String,
    /// The folder that holds releases; this one gets a folder of its version in it.
    pub dir: PathBuf,
    /// One file a table rather than partitions.
    pub flat: bool,
    /// Whether telephone numbers and addresses in texts are masked.
    pub mask_contacts: bool,
    /// Line of the pipeline file that asks for it.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuality {
    page: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRelease {
    version: Spanned<String>,
    dir: PathBuf,
    #[serde(default)]
    flat: bool,
    #[serde(default)]
    mask_contacts: bool,
}

pub(super) fn quality(
    source: &Source<'_>,
    folder: &Path,
    raw: Spanned<RawQuality>,
) -> Result<Quality, FileError> {
    let line = source.line(raw.span().start);
    let page = raw.into_inner().page;
    if page.get_ref().extension().is_none_or(|e| e != "html") {
        return Err(source.error(page.span().start, "quality: page must be the name of an .html file"));
    }
    Ok(Quality { page: folder.join(page.into_inner()), line })
}

pub(super) fn release(
    source: &Source<'_>,
    folder: &Path,
    raw: Spanned<RawRelease>,
) -> Result<Release, FileError> {
    let line = source.line(raw.span().start);
    let RawRelease { version, dir, flat, mask_contacts } = raw.into_inner();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let text = version.get_ref();
    if text.is_empty() || text.starts_with('.') || !text.chars().all(plain) {
        let what = format!("release: {text:?} is no version: letters, digits, `.`, `-`, `_` and `+`");
        return Err(source.error(version.span().start, what));
    }
    Ok(Release { version: version.into_inner(), dir: folder.join(dir), flat, mask_contacts, line })
}
