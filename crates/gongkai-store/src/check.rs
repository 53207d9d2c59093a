//! Proving a snapshot whole: every file and hash, every count, and the account.

use crate::encode::Stamp;
use crate::error::StoreError;
use crate::files;
use crate::manifest::{FileEntry, MANIFEST, snapshot_name, snapshot_number};
use crate::schema::{arrow_schema, year_schema};
use crate::store::{CURRENT_LINK, SNAPSHOTS, Snapshot, Store, VIEWS};
use arrow_array::{Array, StringArray};
use arrow_schema::{Field, Schema};
use gongkai_registry::Registry;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::path::Path;

/// What a check found.
#[derive(Debug, Clone)]
pub struct CheckReport {
    /// The snapshot that was checked.
    pub snapshot: String,
    /// Files of its manifest.
    pub files: usize,
    /// Rows of all tables by its manifest.
    pub rows: u64,
    /// Size of all files in bytes by its manifest.
    pub bytes: u64,
    /// What is wrong, in the order of the files; empty when the snapshot is whole.
    pub problems: Vec<Problem>,
    /// Conveniences that a store lost when it was moved or copied; the data are whole without them.
    pub notes: Vec<Problem>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of thing.
    pub kind: ProblemKind,
    /// The file below the store, or what else it is about.
    pub place: String,
    /// One phrase for a person.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A file of the manifest is not there or cannot be read.
    Missing,
    /// A file is there that the manifest does not name.
    Orphan,
    /// A file's size or hash is not the manifest's.
    Changed,
    /// A number of rows is not the manifest's.
    Count,
    /// A file's columns are not the registry's, or its footer does not say what the manifest says.
    Schema,
    /// Captures, reports and the rows that refer to them do not add up.
    Account,
    /// `CURRENT`, the link `current`, `views.sql` and the manifest do not name the same snapshot.
    Pointer,
}

impl Store {
    /// Checks a snapshot, the published one by default; nothing is changed.
    ///
    /// # Errors
    /// When there is no such snapshot or its manifest cannot be read. What is wrong inside a readable snapshot is told
    /// in the report.
    pub fn check(&self, registry: &Registry, snapshot: Option<&str>) -> Result<CheckReport, StoreError> {
        let current = self.current()?;
        let snapshot = match snapshot {
            Some(name) => self.snapshot(name)?,
            None => current
                .clone()
                .ok_or_else(|| StoreError::NoSnapshot { path: self.path().to_owned(), name: None })?,
        };
        let mut report =
            snapshot.check(registry, &format!("{SNAPSHOTS}/{}/", snapshot.name), &BTreeSet::new())?;
        if let Some(current) = current.filter(|c| c.name == snapshot.name && self.release().is_none()) {
            (report.notes, report.problems) = {
                let (notes, problems) = self.pointers(registry, &current.name);
                (notes, [report.problems, problems].concat())
            };
        }
        Ok(report)
    }

    /// Whether the conveniences show the published snapshot: what is only told, and what is wrong.
    fn pointers(&self, registry: &Registry, current: &str) -> (Vec<Problem>, Vec<Problem>) {
        let (mut notes, mut problems) = (Vec::new(), Vec::new());
        let one =
            |place: &str, message| Problem { kind: ProblemKind::Pointer, place: place.to_owned(), message };
        let mut wrong = |place: &str, message: String| problems.push(one(place, message));
        match fs::read_link(self.path().join(CURRENT_LINK)) {
            Ok(target) if target == Path::new(SNAPSHOTS).join(current) => {}
            Ok(target) => {
                wrong(CURRENT_LINK, format!("leads to {}, CURRENT says {current}", target.display()))
            }
            // Not every copy keeps links, and nothing but people needs it.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                notes.push(one(CURRENT_LINK, "the link is missing; `--repair` makes it again".to_owned()));
            }
            Err(_) if self.has_copied_link() => {
                let message = "is a copy of a snapshot and no link; `--repair` or the next run makes it one";
                notes.push(one(CURRENT_LINK, message.to_owned()));
            }
            Err(e) => wrong(CURRENT_LINK, format!("is no link to the snapshot: {e}")),
        }
        match (fs::read_to_string(self.path().join(VIEWS)), self.views(registry, current)) {
            (Ok(text), Ok(views)) if text == views => {}
            (Ok(text), Ok(views)) if rootless(&text, current) == rootless(&views, current) => {
                let message = "reads the place that this store was copied or moved from; `--repair` or the next run lets it read this one";
                notes.push(one(VIEWS, message.to_owned()));
            }
            (Ok(_), Ok(_)) => {
                wrong(VIEWS, format!("does not show {current} at this place; the next ingest rewrites it"))
            }
            (Err(e), _) => wrong(VIEWS, format!("cannot be read: {e}")),
            (_, Err(e)) => wrong(VIEWS, e.to_string()),
        }
        (notes, problems)
    }
}

/// The statements of views without the place of the store.
fn rootless(views: &str, snapshot: &str) -> Vec<String> {
    let below = format!("') || '/{SNAPSHOTS}/{snapshot}/");
    let before = |part: &str| part.rsplit_once("coalesce(").map_or(part, |(before, _)| before).to_owned();
    let statements: Vec<&str> = views.lines().filter(|line| !line.starts_with("--")).collect();
    statements.join("\n").split(&below).map(before).collect()
}

impl Snapshot {
    /// Checks the files of a snapshot, wherever it lies: `prefix` is what paths begin with in messages, `beside` are files that
    /// may lie in its folder and are no part of it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn check(
        &self,
        registry: &Registry,
        prefix: &str,
        beside: &BTreeSet<String>,
    ) -> Result<CheckReport, StoreError> {
        let checker = Checker { registry, snapshot: self, prefix, beside };
        let mut problems = checker.files()?;
        problems.extend(checker.orphans()?);
        problems.extend(checker.counts());
        // A damaged file would make the account wrong as well: one cause, one message.
        if problems.is_empty() {
            problems.extend(checker.account());
        }
        let manifest = &self.manifest;
        let (files, rows, bytes) = (manifest.files.len(), manifest.rows.values().sum(), manifest.bytes());
        Ok(CheckReport { snapshot: self.name.clone(), files, rows, bytes, problems, notes: Vec::new() })
    }
}

struct Checker<'a> {
    registry: &'a Registry,
    snapshot: &'a Snapshot,
    prefix: &'a str,
    beside: &'a BTreeSet<String>,
}

impl Checker<'_> {
    fn problem(&self, kind: ProblemKind, path: &str, message: String) -> Problem {
        Problem { kind, place: format!("{}{path}", self.prefix), message }
    }

    /// Every file of the manifest: there, unchanged, of the right shape.
    fn files(&self) -> Result<Vec<Problem>, StoreError> {
        let found: Vec<Vec<Problem>> =
            self.snapshot.manifest.files.par_iter().map(|f| self.file(f)).collect();
        Ok(found.into_iter().flatten().collect())
    }

    fn file(&self, entry: &FileEntry) -> Vec<Problem> {
        let problem = |kind, message| self.problem(kind, &entry.path, message);
        let Some(path) = self.snapshot.locate(entry) else {
            return vec![problem(ProblemKind::Missing, "is not a path inside the snapshot".to_owned())];
        };
        let (bytes, hash) = match hash_file(&path) {
            Ok(found) => found,
            Err(e) => return vec![problem(ProblemKind::Missing, format!("cannot be read: {e}"))],
        };
        if bytes != entry.bytes {
            let message = format!("has {bytes} bytes, the manifest says {}", entry.bytes);
            return vec![problem(ProblemKind::Changed, message)];
        }
        if hash != entry.blake3 {
            return vec![problem(
                ProblemKind::Changed,
                "its content is not what was published (blake3 differs)".to_owned(),
            )];
        }
        match self.shape(entry, &path) {
            Ok(problems) => problems,
            Err(e) => vec![problem(ProblemKind::Schema, format!("is not readable Parquet: {e}"))],
        }
    }

    /// Rows, columns and footer of one intact file.
    fn shape(&self, entry: &FileEntry, path: &Path) -> Result<Vec<Problem>, Box<dyn std::error::Error>> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        let mut problems = Vec::new();
        let rows = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0);
        if rows != entry.rows {
            let message = format!("has {rows} rows, the manifest says {}", entry.rows);
            problems.push(self.problem(ProblemKind::Count, &entry.path, message));
        }
        let manifest = &self.snapshot.manifest;
        let same_registry = manifest.registry_digest == self.registry.digest;
        let table = entry.table_by_year().unwrap_or(entry.table());
        let wanted = match (entry.table_by_year(), self.registry.table(table)) {
            (Some(_), Some(spec)) => year_schema(spec),
            _ => arrow_schema(self.registry, table),
        };
        if let Some(message) = difference(reader.schema(), &wanted, same_registry) {
            problems.push(self.problem(ProblemKind::Schema, &entry.path, message));
        }
        let stamp =
            Stamp { tool_version: &manifest.tool_version, registry_digest: &manifest.registry_digest };
        for (key, value) in stamp.pairs(table) {
            if reader.schema().metadata.get(key) != Some(&value) {
                let message = format!("its footer does not say {key} = {value}");
                problems.push(self.problem(ProblemKind::Schema, &entry.path, message));
            }
        }
        Ok(problems)
    }

    /// Files the manifest does not name.
    fn orphans(&self) -> Result<Vec<Problem>, StoreError> {
        let named: BTreeSet<&str> = self.snapshot.manifest.files.iter().map(|f| f.path.as_str()).collect();
        let mut problems = Vec::new();
        for path in files::walk(&self.snapshot.path)?.0 {
            let relative = path.strip_prefix(&self.snapshot.path).unwrap_or(&path);
            let relative =
                relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            let known = named.contains(relative.as_str()) || self.beside.contains(&relative);
            if relative != MANIFEST && !known {
                let message = "is not named by the manifest".to_owned();
                problems.push(self.problem(ProblemKind::Orphan, &relative, message));
            }
        }
        Ok(problems)
    }

    /// What the manifest says about itself.
    fn counts(&self) -> Vec<Problem> {
        let manifest = &self.snapshot.manifest;
        let mut problems = Vec::new();
        let name = snapshot_name(snapshot_number(&self.snapshot.name).unwrap_or(0), &manifest.content_hash());
        if manifest.snapshot != self.snapshot.name || name != self.snapshot.name {
            let message =
                "its files do not make up the snapshot's name: it was changed after publishing".to_owned();
            problems.push(self.problem(ProblemKind::Pointer, MANIFEST, message));
        }
        let mut rows: BTreeMap<&str, u64> =
            self.registry.tables.iter().map(|t| (t.name.as_str(), 0)).collect();
        let mut by_year: BTreeMap<&str, u64> = BTreeMap::new();
        for file in &manifest.files {
            let (rows, table) = match file.table_by_year() {
                Some(table) => (&mut by_year, table),
                None => (&mut rows, file.table()),
            };
            *rows.entry(table).or_default() += file.rows;
        }
        // Snapshots of earlier versions have no tables by year.
        for (table, counted) in by_year {
            let said = rows.get(table).copied().unwrap_or(0);
            if said != counted {
                let message =
                    format!("table {table} has {counted} rows by year, and {said} by year and region");
                problems.push(self.problem(ProblemKind::Count, MANIFEST, message));
            }
        }
        for (table, counted) in rows {
            let said = manifest.rows.get(table);
            // A table that a later registry brought is not in a snapshot of an earlier one.
            let later = said.is_none() && counted == 0 && manifest.registry_digest != self.registry.digest;
            if said != Some(&counted) && !later {
                let message =
                    format!("says {} rows for table {table}, its files have {counted}", said.unwrap_or(&0));
                problems.push(self.problem(ProblemKind::Count, MANIFEST, message));
            }
        }
        problems
    }

    /// Whether captures, reports and all references to them add up.
    fn account(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong =
            |message: String| problems.push(self.problem(ProblemKind::Account, MANIFEST, message));
        let (statuses, reports) =
            match (self.column("captures", "status"), self.column("reports", "report_id")) {
                (Ok(statuses), Ok(reports)) => (statuses, reports),
                (Err(e), _) | (_, Err(e)) => {
                    wrong(e);
                    return problems;
                }
            };
        let account = &self.snapshot.manifest.account;
        let mut by_status: BTreeMap<String, u64> = account.by_status.keys().map(|s| (s.clone(), 0)).collect();
        for status in &statuses {
            *by_status.entry(status.clone()).or_default() += 1;
        }
        if by_status != account.by_status {
            wrong(format!(
                "says {:?} captures by status, table captures has {by_status:?}",
                account.by_status
            ));
        }
        let sum: u64 = account.by_status.values().sum();
        if account.captures_met != sum || sum != statuses.len() as u64 {
            let (met, rows) = (account.captures_met, statuses.len());
            wrong(format!("{met} captures met, {sum} by status, {rows} rows in table captures"));
        }
        let speaking = by_status.get("report").copied().unwrap_or(0);
        if speaking != reports.len() as u64 {
            wrong(format!("{} rows in table reports, {speaking} captures with status report", reports.len()));
        }
        let known: HashSet<String> = reports.iter().cloned().collect();
        if known.len() != reports.len() {
            wrong(format!("{} report ids occur more than once", reports.len() - known.len()));
        }
        problems.extend(self.references(&known));
        problems
    }

    /// References to reports that are not there.
    fn references(&self, known: &HashSet<String>) -> Vec<Problem> {
        let refers = |file: &&FileEntry| {
            let columns = self.registry.table(file.table()).map_or(&[][..], |t| &t.columns);
            file.table() != "reports" && columns.iter().any(|c| c.name == "report_id")
        };
        let files: Vec<&FileEntry> = self.snapshot.manifest.files.iter().filter(refers).collect();
        let check = |file: &&FileEntry| match self.read(file, "report_id") {
            Ok(ids) => {
                let strangers: BTreeSet<&String> = ids.iter().filter(|id| !known.contains(*id)).collect();
                let message = format!("refers to {} reports that are not in table reports", strangers.len());
                strangers.first().map(|first| {
                    self.problem(ProblemKind::Account, &file.path, format!("{message}, such as {first}"))
                })
            }
            Err(e) => Some(self.problem(ProblemKind::Account, &file.path, e)),
        };
        files.par_iter().filter_map(check).collect()
    }

    /// All values of a text column of a table, NULLs left out.
    fn column(&self, table: &str, column: &str) -> Result<Vec<String>, String> {
        let files: Vec<&FileEntry> =
            self.snapshot.manifest.files.iter().filter(|f| f.table() == table).collect();
        let parts: Vec<Vec<String>> =
            files.par_iter().map(|f| self.read(f, column)).collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn read(&self, entry: &FileEntry, column: &str) -> Result<Vec<String>, String> {
        let failed = |e: &dyn fmt::Display| format!("{}: column {column} cannot be read: {e}", entry.path);
        let path = self.snapshot.locate(entry).ok_or_else(|| failed(&"outside the snapshot"))?;
        let file = File::open(path).map_err(|e| failed(&e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| failed(&e))?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), [column]);
        let mut values = Vec::new();
        for batch in builder.with_projection(mask).build().map_err(|e| failed(&e))? {
            let batch = batch.map_err(|e| failed(&e))?;
            let array = batch.columns().first().and_then(|a| a.as_any().downcast_ref::<StringArray>());
            let array = array.ok_or_else(|| failed(&"no such text column"))?;
            values.extend(array.iter().flatten().map(str::to_owned));
        }
        Ok(values)
    }
}

/// The first difference between a file's columns and the registry's; descriptions count only for the same registry.
fn difference(found: &Schema, wanted: &Schema, descriptions: bool) -> Option<String> {
    let names = |s: &Schema| s.fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>();
    if names(found) != names(wanted) {
        return Some(format!(
            "its columns are {}, the registry's are {}",
            names(found).join(" "),
            names(wanted).join(" ")
        ));
    }
    let differs = |(a, b): &(&Field, &Field)| {
        let shape = a.data_type() != b.data_type() || a.is_nullable() != b.is_nullable();
        shape || (descriptions && a.metadata() != b.metadata())
    };
    let fields = found.fields().iter().map(AsRef::as_ref).zip(wanted.fields().iter().map(AsRef::as_ref));
    let (a, b) = fields.into_iter().find(differs)?;
    Some(format!(
        "column {} is {}, the registry says {} (or its description differs)",
        a.name(),
        a.data_type(),
        b.data_type()
    ))
}

fn hash_file(path: &Path) -> std::io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}
