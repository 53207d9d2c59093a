//! `manifest.json`: what a snapshot is made of.

use crate::SCHEMA_VERSION;
use crate::encode::Stamp;
use crate::error::StoreError;
use crate::tally::Tally;
use crate::years::BY_YEAR;
use gongkai_model::CaptureStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the manifest in a snapshot's folder.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Hexadecimal digits of the content hash that a snapshot's name carries.
const NAME_DIGITS: usize = 12;
/// Hexadecimal digits of the content hash that a file's name carries.
const FILE_DIGITS: usize = 16;

/// What a snapshot is made of. Holds no clock, host name or absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the tables' shape.
    pub schema_version: String,
    /// Version of the tool that wrote it.
    pub tool_version: String,
    /// Digest of the registry it was written with.
    pub registry_digest: String,
    /// Name of the snapshot.
    pub snapshot: String,
    /// Name of the snapshot published before it.
    pub parent: Option<String>,
    /// What came in.
    pub account: Account,
    /// Rows by table, tables without rows included; what stands once more in the tables by year is not counted again.
    pub rows: BTreeMap<String, u64>,
    /// Every file, sorted by path.
    pub files: Vec<FileEntry>,
}

/// What came in: captures met = sum over status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Documents the run met.
    pub captures_met: u64,
    /// Documents by status, all statuses named.
    pub by_status: BTreeMap<String, u64>,
}

impl Account {
    pub(crate) fn of(tally: &Tally) -> Self {
        let count = |status: &CaptureStatus| tally.captures.get(status).copied().unwrap_or(0);
        Self {
            captures_met: tally.captures.values().sum(),
            by_status: CaptureStatus::ALL.iter().map(|s| (s.as_str().to_owned(), count(s))).collect(),
        }
    }
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Path below the snapshot's folder, with `/` between parts.
    pub path: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// blake3 of the content, hexadecimal.
    pub blake3: String,
}

impl FileEntry {
    /// The table whose partition the file is; of a file of the tables by year, the name of their folder, which no table has.
    pub fn table(&self) -> &str {
        self.path.split_once('/').map_or("", |(table, _)| table)
    }

    /// The table that the file is of, by year; `None` of a file of a partition.
    pub fn table_by_year(&self) -> Option<&str> {
        let (folder, rest) = self.path.split_once('/')?;
        if folder == BY_YEAR { rest.split_once('/').map(|(table, _)| table) } else { None }
    }
}

impl Manifest {
    /// Puts a manifest together; files in any order.
    pub(crate) fn new(
        stamp: &Stamp<'_>,
        number: u64,
        parent: Option<String>,
        account: Account,
        mut files: Vec<FileEntry>,
    ) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for file in files.iter().filter(|f| f.table_by_year().is_none()) {
            *rows.entry(file.table().to_owned()).or_default() += file.rows;
        }
        let mut manifest = Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool_version: stamp.tool_version.to_owned(),
            registry_digest: stamp.registry_digest.to_owned(),
            snapshot: String::new(),
            parent,
            account,
            rows,
            files,
        };
        manifest.snapshot = snapshot_name(number, &manifest.content_hash());
        manifest
    }

    /// The same with other files, and the name that follows from them.
    #[must_use]
    pub fn with_files(mut self, mut files: Vec<FileEntry>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.files = files;
        let number = snapshot_number(&self.snapshot).unwrap_or(0);
        self.snapshot = snapshot_name(number, &self.content_hash());
        self
    }

    /// A hash of all that readers can see: versions and every file with its content.
    pub fn content_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut part = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        part(&self.schema_version);
        part(&self.registry_digest);
        part(&self.tool_version);
        for file in &self.files {
            part(&file.path);
            part(&file.blake3);
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Size of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }

    /// The pretty JSON that is written.
    pub fn to_json(&self) -> String {
        // Serialising strings, numbers and maps with text keys cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the manifest in a snapshot's folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(StoreError::io("read", &path))?;
        serde_json::from_str(&text).map_err(|e| StoreError::Damaged { path, what: e.to_string() })
    }
}

/// Name of a data file of this content.
pub(crate) fn part_name(blake3: &str) -> String {
    format!("part-{}.parquet", hex_prefix(blake3, FILE_DIGITS))
}

/// `000012-0123456789ab`
pub(crate) fn snapshot_name(number: u64, content_hash: &str) -> String {
    format!("{number:06}-{}", hex_prefix(content_hash, NAME_DIGITS))
}

/// The first digits of a hexadecimal hash.
pub(crate) fn hex_prefix(hash: &str, digits: usize) -> &str {
    hash.get(..digits).unwrap_or(hash)
}

/// The number in a snapshot's name; `None` when it is no such name.
pub(crate) fn snapshot_number(name: &str) -> Option<u64> {
    let (number, hash) = name.split_once('-')?;
    let decimal = number.len() >= 6 && number.bytes().all(|b| b.is_ascii_digit());
    let hexadecimal = hash.len() == NAME_DIGITS && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if decimal && hexadecimal { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::snapshot_number;

    #[test]
    fn only_snapshot_names_have_a_number() {
        assert_eq!(snapshot_number("000012-0123456789ab"), Some(12));
        assert_eq!(snapshot_number("1000000-0123456789ab"), Some(1_000_000));
        for name in
            ["", "12-0123456789ab", "000012-0123", "../../x", "000012-0123456789a/", "+00012-0123456789ab"]
        {
            assert_eq!(snapshot_number(name), None, "{name}");
        }
    }
}
