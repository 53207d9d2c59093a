//! What changed between two snapshots, cell by cell.

use crate::error::StoreError;
use crate::manifest::FileEntry;
use crate::read::{Datum, Row, RowQuery, partition};
use crate::store::Snapshot;
use arrow_array::temporal_conversions::{date32_to_datetime, timestamp_us_to_datetime};
use arrow_array::{ArrayRef, Int16Array, RecordBatch, StringArray};
use gongkai_registry::{Registry, TableSpec};
use parquet::arrow::ArrowWriter;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which cell of which table: table, report, item (or channel), column.
pub type CellKey = (String, String, Option<String>, String);

/// A cell that is not what it was. A report that came, went or is spoken for by another capture shows as a change of the
/// column `capture_id` of table `reports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `added`, `changed` or `removed`.
    pub kind: &'static str,
    /// The table.
    pub table: String,
    /// The report.
    pub report_id: String,
    /// Year of its partition, 0 when unresolved; the new one where it moved.
    pub year: i16,
    /// Region of its partition.
    pub region: String,
    /// Item or channel.
    pub item: Option<String>,
    /// Column.
    pub column: String,
    /// What it was; `None` where there was nothing or NULL.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// The capture that spoke for the report.
    pub old_capture: Option<String>,
    /// The capture that speaks for it.
    pub new_capture: Option<String>,
}

/// Columns that the run, not the report, decides.
const NOT_COMPARED: [&str; 2] = ["report_id", "tool_version"];

/// The changes from one snapshot to another, sorted by table, report, item and column.
///
/// Only files that are not shared are read, one partition of a table after the other; what is the same in both is forgotten at once.
///
/// # Errors
/// When a file of either cannot be read.
pub fn diff(registry: &Registry, old: &Snapshot, new: &Snapshot) -> Result<Vec<Change>, StoreError> {
    let mut sides = (Side::default(), Side::default());
    for spec in registry.tables.iter().filter(|t| compared(t)) {
        let (of_old, of_new) = (own_files(spec, old, new), own_files(spec, new, old));
        let partitions: BTreeSet<&(i16, &str)> = of_old.keys().chain(of_new.keys()).collect();
        for partition in partitions {
            let before = sides.0.read(spec, old, of_old.get(partition))?;
            let after = sides.1.read(spec, new, of_new.get(partition))?;
            sides.0.take(spec, &before, &after);
            sides.1.take(spec, &after, &before);
        }
    }
    let (captures_old, captures_new) = (sides.0.captures(old, &sides.1)?, sides.1.captures(new, &sides.0)?);
    let keys: BTreeSet<&CellKey> = sides.0.cells.keys().chain(sides.1.cells.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (sides.0.cells.get(key), sides.1.cells.get(key));
        if old == new {
            continue;
        }
        let (table, report, item, column) = key;
        let place = sides.1.places.get(report).or_else(|| sides.0.places.get(report));
        let (year, region) = place.cloned().unwrap_or_default();
        changes.push(Change {
            kind: kind(old.is_some(), new.is_some()),
            table: table.clone(),
            report_id: report.clone(),
            year,
            region,
            item: item.clone(),
            column: column.clone(),
            old: old.cloned(),
            new: new.cloned(),
            old_capture: captures_old.get(report).cloned(),
            new_capture: captures_new.get(report).cloned(),
        });
    }
    Ok(changes)
}

fn kind(old: bool, new: bool) -> &'static str {
    match (old, new) {
        (false, _) => "added",
        (true, true) => "changed",
        (true, false) => "removed",
    }
}

/// The changes of two diffs, one after the other, as one: `diff(a, b)` and `diff(b, c)` give `diff(a, c)`.
pub fn compose(first: Vec<Change>, second: Vec<Change>) -> Vec<Change> {
    let key = |c: &Change| (c.table.clone(), c.report_id.clone(), c.item.clone(), c.column.clone());
    let mut all: BTreeMap<CellKey, Change> = first.into_iter().map(|c| (key(&c), c)).collect();
    for change in second {
        let key = key(&change);
        let merged = match all.remove(&key) {
            Some(before) => Change { old: before.old, old_capture: before.old_capture, ..change },
            None => change,
        };
        if merged.old != merged.new {
            let kind = kind(merged.old.is_some(), merged.new.is_some());
            all.insert(key, Change { kind, ..merged });
        }
    }
    all.into_values().collect()
}

/// Changes as a Parquet file.
///
/// # Errors
/// When they cannot be encoded.
pub fn diff_parquet(changes: &[Change]) -> Result<Vec<u8>, StoreError> {
    let text = |get: fn(&Change) -> Option<&str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(changes.iter().map(get)))
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("kind", text(|c| Some(c.kind))),
        ("table", text(|c| Some(&c.table))),
        ("report_id", text(|c| Some(&c.report_id))),
        ("year", Arc::new(Int16Array::from_iter_values(changes.iter().map(|c| c.year)))),
        ("region", text(|c| Some(&c.region))),
        ("item", text(|c| c.item.as_deref())),
        ("column", text(|c| Some(&c.column))),
        ("old", text(|c| c.old.as_deref())),
        ("new", text(|c| c.new.as_deref())),
        ("old_capture", text(|c| c.old_capture.as_deref())),
        ("new_capture", text(|c| c.new_capture.as_deref())),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .map_err(StoreError::encode("diff"))?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), None).map_err(StoreError::encode("diff"))?;
    writer.write(&batch).map_err(StoreError::encode("diff"))?;
    writer.into_inner().map_err(StoreError::encode("diff"))
}

/// Tables whose rows are told apart by report and item.
fn compared(spec: &TableSpec) -> bool {
    let has = |name: &str| spec.columns.iter().any(|c| c.name == name);
    spec.name == "reports"
        || (has("report_id") && ["item_no", "channel", "item_label", "indicator_label"].into_iter().any(has))
}

/// The cells of one snapshot in rows that the other does not have.
#[derive(Default)]
struct Side {
    cells: BTreeMap<CellKey, String>,
    /// Year and region by report.
    places: BTreeMap<String, (i16, String)>,
    /// How often a report printed an indicator so far.
    printed: BTreeMap<(String, String), u32>,
}

/// The rows of a partition by report and item.
type Rows = BTreeMap<(String, Option<String>), Row>;

/// The files of a table, by partition, that one snapshot has and the other has not.
fn own_files<'s>(
    spec: &TableSpec,
    own: &'s Snapshot,
    other: &Snapshot,
) -> BTreeMap<(i16, &'s str), Vec<&'s FileEntry>> {
    let shared: BTreeSet<&str> = other.manifest.files.iter().map(|f| f.path.as_str()).collect();
    let mut files: BTreeMap<_, Vec<&FileEntry>> = BTreeMap::new();
    for file in own.manifest.files.iter().filter(|f| f.table() == spec.name) {
        if !shared.contains(file.path.as_str()) {
            files.entry(partition(&file.path)).or_default().push(file);
        }
    }
    files
}

impl Side {
    fn read(
        &mut self,
        spec: &TableSpec,
        own: &Snapshot,
        files: Option<&Vec<&FileEntry>>,
    ) -> Result<Rows, StoreError> {
        let mut rows = Rows::new();
        for file in files.into_iter().flatten() {
            for row in own.file_rows(file, &RowQuery { table: &spec.name, ..RowQuery::default() })? {
                let Some(report) = row.text("report_id").map(str::to_owned) else { continue };
                let item = row.text("item").or_else(|| row.text("channel")).map(str::to_owned);
                let item = item.or_else(|| self.indicator(&report, &row));
                let mut key = (report, item);
                // The second table of a document that prints it for two scopes.
                if rows.contains_key(&key) {
                    let scope = row.text("scope").unwrap_or_default();
                    key.1 = key.1.map(|item| format!("{item}@{scope}"));
                }
                rows.insert(key, row);
            }
        }
        Ok(rows)
    }

    /// Takes the cells of rows that are otherwise on the other side, or not there.
    fn take(&mut self, spec: &TableSpec, rows: &Rows, others: &Rows) {
        let compared = || spec.columns.iter().filter(|c| !NOT_COMPARED.contains(&c.name.as_str()));
        for (key, row) in rows {
            if others.get(key).is_some_and(|other| compared().all(|c| row.get(&c.name) == other.get(&c.name)))
            {
                continue;
            }
            let (report, item) = key;
            self.places.insert(report.clone(), (row.year, row.region.clone()));
            for column in compared() {
                let is_key = spec.name != "reports"
                    && matches!(
                        column.name.as_str(),
                        "item"
                            | "channel"
                            | "item_no"
                            | "scope"
                            | "item_group"
                            | "indicator"
                            | "county_code"
                            | "agency_id"
                            | "blank_columns"
                    );
                if let Some(value) = row.get(&column.name).filter(|_| !is_key) {
                    let key = (spec.name.clone(), report.clone(), item.clone(), column.name.clone());
                    self.cells.insert(key, text(value));
                }
            }
        }
    }

    /// What an indicator of 2008-2018 is called: its code, else its labels; with a number where a report prints it again.
    fn indicator(&mut self, report: &str, row: &Row) -> Option<String> {
        let label = row.text("indicator_label")?;
        let name = match (row.text("indicator"), row.text("parent_label")) {
            (Some(code), _) => code.to_owned(),
            (None, Some(parent)) => format!("{parent}/{label}"),
            (None, None) => label.to_owned(),
        };
        let times = self.printed.entry((report.to_owned(), name.clone())).or_default();
        *times += 1;
        Some(if *times == 1 { name } else { format!("{name} #{times}") })
    }

    /// Which capture speaks for each report of the places where something changed.
    fn captures(&self, own: &Snapshot, other: &Self) -> Result<BTreeMap<String, String>, StoreError> {
        let places: BTreeSet<&(i16, String)> = self.places.values().chain(other.places.values()).collect();
        let mut captures = BTreeMap::new();
        for (year, region) in places {
            let columns = ["report_id", "capture_id"];
            let partition = Some((*year, region.as_str()));
            for row in own.rows(&RowQuery { table: "reports", partition, columns: &columns, equals: &[] })? {
                if let (Some(report), Some(capture)) = (row.text("report_id"), row.text("capture_id")) {
                    captures.insert(report.to_owned(), capture.to_owned());
                }
            }
        }
        Ok(captures)
    }
}

fn text(value: &Datum) -> String {
    match value {
        Datum::Text(text) => text.clone(),
        Datum::Integer(n) => n.to_string(),
        Datum::Number(n) => n.to_string(),
        Datum::Flag(flag) => flag.to_string(),
        Datum::Date(date) => date32_to_datetime(date.0)
            .map_or_else(|| format!("day {}", date.0), |time| time.date().to_string()),
        Datum::Time(micros) => timestamp_us_to_datetime(*micros)
            .map_or_else(|| format!("{micros} µs"), |time| format!("{time} UTC")),
    }
}
