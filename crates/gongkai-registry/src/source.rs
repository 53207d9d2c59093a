//! Where registry files come from: the copy embedded in the binary, or a folder.

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// The folders that make up the registry; `data/` also holds the samples, which are no part of it.
static FOLDERS: [(&str, Dir<'static>); 9] = [
    ("accuracy", include_dir!("$CARGO_MANIFEST_DIR/../../data/accuracy")),
    ("agencies", include_dir!("$CARGO_MANIFEST_DIR/../../data/agencies")),
    ("crosswalk", include_dir!("$CARGO_MANIFEST_DIR/../../data/crosswalk")),
    ("forms", include_dir!("$CARGO_MANIFEST_DIR/../../data/forms")),
    ("gazetteer", include_dir!("$CARGO_MANIFEST_DIR/../../data/gazetteer")),
    ("resolve", include_dir!("$CARGO_MANIFEST_DIR/../../data/resolve")),
    ("rules", include_dir!("$CARGO_MANIFEST_DIR/../../data/rules")),
    ("tables", include_dir!("$CARGO_MANIFEST_DIR/../../data/tables")),
    ("views", include_dir!("$CARGO_MANIFEST_DIR/../../data/views")),
];

/// Registry files by path relative to `data/`, with `/` between parts.
pub(crate) struct Source {
    files: BTreeMap<String, Cow<'static, str>>,
}

impl Source {
    pub(crate) fn embedded() -> Self {
        let mut files = BTreeMap::new();
        for (folder, root) in &FOLDERS {
            let mut open: Vec<&Dir<'static>> = vec![root];
            while let Some(dir) = open.pop() {
                open.extend(dir.dirs());
                for file in dir.files() {
                    if let Some(text) = file.contents_utf8() {
                        files.insert(format!("{folder}/{}", slashed(file.path())), Cow::Borrowed(text));
                    }
                }
            }
        }
        Self { files }
    }

    pub(crate) fn folder(dir: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let mut open: Vec<_> = FOLDERS.iter().map(|(f, _)| dir.join(f)).collect();
        while let Some(path) = open.pop() {
            for entry in std::fs::read_dir(&path).with_context(|| format!("folder {}", path.display()))? {
                let entry = entry?.path();
                if entry.is_dir() {
                    open.push(entry);
                } else {
                    let text = std::fs::read_to_string(&entry)
                        .with_context(|| format!("file {}", entry.display()))?;
                    files.insert(slashed(entry.strip_prefix(dir)?), Cow::Owned(text));
                }
            }
        }
        Ok(Self { files })
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Result<&str> {
        self.files.get(path).map(AsRef::as_ref).with_context(|| format!("data/{path} is missing"))
    }

    /// Paths below `folder` that end in `suffix`, sorted.
    pub(crate) fn paths<'a>(&'a self, folder: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.keys().map(String::as_str).filter(move |p| p.starts_with(folder) && p.ends_with(suffix))
    }

    /// One TOML file.
    pub(crate) fn toml<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        toml::from_str(self.text(path)?).with_context(|| format!("data/{path}"))
    }

    pub(crate) fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (path, text) in &self.files {
            for part in [path.as_bytes(), text.as_bytes()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
