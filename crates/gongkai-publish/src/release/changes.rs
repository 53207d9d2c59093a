//! What changed since an earlier release, cell by cell: `changes.parquet`, complete enough to make the new tables of the old ones, or the
//! old ones of the new, and `CHANGES.md`, which counts it.

use super::ReleaseError;
use super::contacts::Contacts;
use super::folder::{Folder, Written};
use super::texts::Texts;
use super::{Events, Previous};
use arrow_array::{ArrayRef, Int16Array, Int32Array, RecordBatch, StringArray};
use gongkai_registry::{Registry, TableSpec};
use gongkai_store::{FileEntry, Sink, Snapshot, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Name of the file with all changes.
pub(crate) const CHANGES: &str = "changes.parquet";
/// Changes gathered before they are written.
const BATCH: usize = 8192;

/// Counts of one table.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) rows_added: u64,
    pub(crate) rows_removed: u64,
    pub(crate) rows_changed: u64,
    pub(crate) cells_changed: u64,
}

/// What changed.
pub(crate) struct Changes {
    pub(crate) since: String,
    pub(crate) tables: BTreeMap<String, Counted>,
    /// Versions of program and registry, where they differ.
    pub(crate) made_by: Vec<String>,
}

/// The two releases.
pub(crate) struct Compared<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) old: &'a Previous,
    pub(crate) new: &'a Snapshot,
    /// Masks both sides: what was there before must not come out of its grave.
    pub(crate) mask: Option<&'a Contacts>,
    pub(crate) keys: &'a BTreeMap<String, Vec<String>>,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) events: &'a dyn Events,
}

/// What tells a row from others of its table and partition: the key columns as JSON, and a number where several are alike.
type RowKey = (String, i32);
/// Columns that are not NULL.
type Values = BTreeMap<String, String>;

#[derive(Clone, Copy)]
struct Change<'c> {
    kind: &'static str,
    key: &'c RowKey,
    report: Option<&'c str>,
    column: Option<&'c str>,
    old: Option<&'c str>,
    new: Option<&'c str>,
}

impl Compared<'_> {
    /// Writes all changes, and counts them. One partition of one table is in memory at a time.
    pub(crate) fn write(&self, folder: &Folder) -> Result<(Changes, Written), ReleaseError> {
        let mut out = Out::begin(folder)?;
        let mut tables = BTreeMap::new();
        self.events.begin("changes", self.registry.tables.len());
        for (done, spec) in self.registry.tables.iter().enumerate() {
            let (old, new) = (partitions(&self.old.snapshot, spec), partitions(self.new, spec));
            let mut counted = Counted::default();
            let places: BTreeSet<&(i16, &str)> = old.keys().chain(new.keys()).collect();
            for place in places {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(ReleaseError::Interrupted);
                }
                let (old, new) = (old.get(place), new.get(place));
                let hashes = |files: Option<&Vec<&FileEntry>>| -> Vec<String> {
                    files.into_iter().flatten().map(|f| f.blake3.clone()).collect()
                };
                if hashes(old) == hashes(new) {
                    continue;
                }
                let old = self.rows(&self.old.snapshot, spec, old)?;
                let new = self.rows(self.new, spec, new)?;
                compare(&mut out, spec, *place, &old, &new, &mut counted)?;
            }
            tables.insert(spec.name.clone(), counted);
            self.events.progress(done + 1);
        }
        let written = out.finish()?;
        let (before, after) = (&self.old.snapshot.manifest, &self.new.manifest);
        let versions = [
            ("schema version", &before.schema_version, &after.schema_version),
            ("program", &before.tool_version, &after.tool_version),
            ("registry", &before.registry_digest, &after.registry_digest),
        ];
        let differ = versions.into_iter().filter(|(_, a, b)| a != b);
        let made_by = differ.map(|(what, a, b)| format!("{what}: {a} before, {b} now")).collect();
        Ok((Changes { since: self.old.version.clone(), tables, made_by }, written))
    }

    /// The rows of a partition, by what tells them apart.
    fn rows(
        &self,
        snapshot: &Snapshot,
        spec: &TableSpec,
        files: Option<&Vec<&FileEntry>>,
    ) -> Result<BTreeMap<RowKey, Values>, ReleaseError> {
        let key = key(self.keys, spec);
        let mut rows = BTreeMap::new();
        let mut numbers: BTreeMap<String, i32> = BTreeMap::new();
        for entry in files.into_iter().flatten() {
            for batch in snapshot.file_batches(entry)? {
                let mut batch = batch?;
                if let Some(contacts) = self.mask {
                    (batch, _) = contacts.mask_batch(&spec.name, batch);
                }
                for values in values(&batch) {
                    let of = |c: &&str| ((*c).to_owned(), values.get(*c).cloned().into());
                    let name: serde_json::Map<String, serde_json::Value> = key.iter().map(of).collect();
                    let name = serde_json::Value::Object(name).to_string();
                    let number = numbers.entry(name.clone()).or_default();
                    *number += 1;
                    rows.insert((name, *number), values);
                }
            }
        }
        Ok(rows)
    }
}

/// The columns that tell rows of a table apart.
pub(crate) fn key<'a>(keys: &'a BTreeMap<String, Vec<String>>, spec: &'a TableSpec) -> Vec<&'a str> {
    match keys.get(&spec.name) {
        Some(key) => key.iter().map(String::as_str).collect(),
        None => spec.columns.iter().filter(|c| c.required).map(|c| c.name.as_str()).collect(),
    }
}

fn partitions<'s>(snapshot: &'s Snapshot, spec: &TableSpec) -> BTreeMap<(i16, &'s str), Vec<&'s FileEntry>> {
    let mut all: BTreeMap<(i16, &str), Vec<&FileEntry>> = BTreeMap::new();
    for file in snapshot.manifest.files.iter().filter(|f| f.table() == spec.name) {
        all.entry(file.partition()).or_default().push(file);
    }
    all
}

fn values(batch: &RecordBatch) -> Vec<Values> {
    let mut rows = vec![Values::new(); batch.num_rows()];
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some(texts) = Texts::of(array) else { continue };
        for (number, row) in rows.iter_mut().enumerate() {
            if let Some(value) = texts.get(number) {
                row.insert(field.name().clone(), value.into_owned());
            }
        }
    }
    rows
}

fn compare(
    out: &mut Out<'_>,
    spec: &TableSpec,
    place: (i16, &str),
    old: &BTreeMap<RowKey, Values>,
    new: &BTreeMap<RowKey, Values>,
    counted: &mut Counted,
) -> Result<(), ReleaseError> {
    let none = Values::new();
    let keys: BTreeSet<&RowKey> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (before, after) = (old.get(key), new.get(key));
        let kind = match (before, after) {
            (Some(a), Some(b)) if a == b => continue,
            (Some(_), Some(_)) => "changed",
            (None, _) => "added",
            (Some(_), None) => "removed",
        };
        let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
        let report = after.get("report_id").or_else(|| before.get("report_id")).map(String::as_str);
        let mut change = Change { kind, key, report, column: None, old: None, new: None };
        match kind {
            "added" => counted.rows_added += 1,
            "removed" => counted.rows_removed += 1,
            _ => counted.rows_changed += 1,
        }
        if kind != "changed" {
            // The row itself, which may have nothing but its key.
            out.write(spec, place, &change)?;
        }
        let columns: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for column in columns {
            let value = |row: &'_ Values| row.get(column).cloned();
            let (was, is) = (value(before), value(after));
            if was == is {
                continue;
            }
            if kind == "changed" {
                counted.cells_changed += 1;
            }
            change.column = Some(column.as_str());
            let line = Change { old: was.as_deref(), new: is.as_deref(), ..change };
            out.write(spec, place, &line)?;
        }
    }
    Ok(())
}

/// The file being written.
struct Out<'f> {
    folder: &'f Folder,
    sink: Sink,
    texts: [Vec<Option<String>>; 8],
    years: Vec<i16>,
    numbers: Vec<i32>,
    rows: u64,
}

const NAMES: [&str; 8] = ["kind", "table", "region", "report_id", "key", "column", "old", "new"];

impl<'f> Out<'f> {
    fn begin(folder: &'f Folder) -> Result<Self, ReleaseError> {
        let empty = batch(Default::default(), Vec::new(), Vec::new())?;
        let sink = Sink::plain(&empty.schema(), &folder.at(CHANGES))?;
        Ok(Self { folder, sink, texts: Default::default(), years: Vec::new(), numbers: Vec::new(), rows: 0 })
    }

    fn write(&mut self, spec: &TableSpec, place: (i16, &str), c: &Change<'_>) -> Result<(), ReleaseError> {
        let (table, key) = (spec.name.as_str(), c.key.0.as_str());
        let row = [Some(c.kind), Some(table), Some(place.1), c.report, Some(key), c.column, c.old, c.new];
        for (column, value) in self.texts.iter_mut().zip(row) {
            column.push(value.map(str::to_owned));
        }
        self.years.push(place.0);
        self.numbers.push(c.key.1);
        self.rows += 1;
        if self.years.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ReleaseError> {
        let take = std::mem::take(&mut self.texts);
        let batch = batch(take, std::mem::take(&mut self.years), std::mem::take(&mut self.numbers))?;
        Ok(self.sink.write(&batch)?)
    }

    fn finish(mut self) -> Result<Written, ReleaseError> {
        self.flush()?;
        self.sink.finish()?;
        self.folder.take_in(CHANGES, self.rows)
    }
}

fn batch(
    texts: [Vec<Option<String>>; 8],
    years: Vec<i16>,
    numbers: Vec<i32>,
) -> Result<RecordBatch, ReleaseError> {
    let named = NAMES.into_iter().zip(texts);
    let mut columns: Vec<(&str, ArrayRef, bool)> = named
        .map(|(name, values)| (name, Arc::new(StringArray::from_iter(values)) as ArrayRef, true))
        .collect();
    columns.insert(2, ("year", Arc::new(Int16Array::from(years)), false));
    columns.insert(6, ("number", Arc::new(Int32Array::from(numbers)), false));
    RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|e| StoreError::Encode { table: CHANGES.to_owned(), what: e.to_string() }.into())
}

/// `CHANGES.md`.
pub(crate) fn page(
    version: &str,
    changes: Option<&Changes>,
    keys: &BTreeMap<String, Vec<String>>,
    registry: &Registry,
) -> String {
    let mut text = format!("# Changes in version {version}\n\n");
    let Some(changes) = changes else {
        text.push_str(
            "No earlier release was named when this one was made: there is nothing to compare it with.\n",
        );
        return text;
    };
    text.push_str(&format!("Compared with version {}.\n\n{}", changes.since, table(changes)));
    if !changes.made_by.is_empty() {
        text.push_str(
            "\nMade by other versions, so that figures may differ though the captures are the same:\n\n",
        );
        changes.made_by.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
    }
    text.push_str(&format!(
        "\n## From one version to the other\n\n\
`{CHANGES}` has every change. A row of a table is told apart by `table`, `year`, `region`, `key` (its key columns, below, as JSON) and `number` \
(1, 2, ... in the order of the file, where several rows have the same key). `kind` is what happened to the row: `added`, `removed`, `changed`. \
A line without `column` stands for a whole row that was added or removed; every other line says what was in a column (`old`) and what is \
now (`new`), NULL where nothing. Values are text: numbers with all their digits, dates and times as ISO 8601 writes them. So the new tables can \
be made of the old ones, and the old ones of the new.\n\n| table | key |\n|---|---|\n"
    ));
    for spec in &registry.tables {
        let key: Vec<String> = key(keys, spec).into_iter().map(|c| format!("`{c}`")).collect();
        text.push_str(&format!("| `{}` | {} |\n", spec.name, key.join(", ")));
    }
    text
}

/// Changes by table, as Markdown.
pub(crate) fn table(changes: &Changes) -> String {
    let mut text =
        "| table | rows added | rows removed | rows changed | cells changed |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for (table, c) in &changes.tables {
        let Counted { rows_added, rows_removed, rows_changed, cells_changed } = c;
        text.push_str(&format!(
            "| `{table}` | {rows_added} | {rows_removed} | {rows_changed} | {cells_changed} |\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;

    type Rows = BTreeMap<RowKey, Values>;

    fn rows() -> impl Strategy<Value = Rows> {
        let values = proptest::collection::btree_map("[a-c]", "[0-2]", 0..3);
        proptest::collection::btree_map(("[k-m]", 1..3_i32), values, 0..6)
    }

    /// What the file says: kind, key, column, old, new.
    fn lines(old: &Rows, new: &Rows) -> Vec<[Option<String>; 6]> {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::begin(&dir.path().join("r")).unwrap();
        let mut out = Out::begin(&folder).unwrap();
        let spec = Registry::embedded().table("cells").unwrap();
        compare(&mut out, spec, (2023, "CN-JS"), old, new, &mut Counted::default()).unwrap();
        let written = out.finish().unwrap();
        let file = std::fs::File::open(folder.at(&written.path)).unwrap();
        let mut lines = Vec::new();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let columns = ["kind", "key", "number", "column", "old", "new"];
            let texts = columns.map(|c| Texts::of(batch.column_by_name(c).unwrap()).unwrap());
            for row in 0..batch.num_rows() {
                lines.push(texts.each_ref().map(|t| t.get(row).map(|v| v.into_owned())));
            }
        }
        lines
    }

    fn replay(mut rows: Rows, lines: &[[Option<String>; 6]], back: bool) -> Rows {
        for [kind, key, number, column, old, new] in lines {
            let key = (key.clone().unwrap(), number.as_deref().unwrap().parse().unwrap());
            let (was, now) = if back { (new, old) } else { (old, new) };
            let gone = kind.as_deref() == Some(if back { "added" } else { "removed" });
            match column {
                None if gone => assert!(rows.remove(&key).is_some()),
                None => assert!(rows.insert(key, Values::new()).is_none()),
                Some(_) if gone => {}
                Some(column) => {
                    let row = rows.get_mut(&key).unwrap();
                    assert_eq!(row.remove(column), *was);
                    row.extend(now.clone().map(|now| (column.clone(), now)));
                }
            }
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn changes_make_one_state_of_the_other(old in rows(), new in rows()) {
            let lines = lines(&old, &new);
            prop_assert_eq!(replay(old.clone(), &lines, false), new.clone());
            prop_assert_eq!(replay(new, &lines, true), old);
        }
    }
}
