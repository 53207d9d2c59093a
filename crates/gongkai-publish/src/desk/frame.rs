//! A table as it goes to a desk program: its columns, with what their codes mean, and its rows one after another.

use super::value::Value;
use super::{CODES, DeskError};
use crate::dictionary::partitions;
use crate::release::texts::Texts;
use arrow_array::{Array, RecordBatch, StringArray};
use gongkai_registry::{ColumnSpec, ColumnType, Registry, TableSpec};
use gongkai_store::{FileEntry, RowQuery, Snapshot, WideCell, wide_cells};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// The table whose codes are those of every table that has a column of the name.
const COMMON: &str = "reports";
/// The table with one row a report.
pub(super) const FIGURES: &str = "key_figures";
/// What a report that does not say for whom it counts has in its tables.
const UNKNOWN: &str = "unknown";

/// A code of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) number: i32,
    pub(crate) code: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// The codes of all columns, by table and column: the table `codes`.
pub(crate) struct Codes(pub(crate) BTreeMap<(String, String), Vec<Code>>);

impl Codes {
    pub(crate) fn of(snapshot: &Snapshot) -> Result<Self, DeskError> {
        let mut all: BTreeMap<(String, String), Vec<Code>> = BTreeMap::new();
        for row in snapshot.rows(&RowQuery { table: CODES, ..RowQuery::default() })? {
            let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
            let number = row.integer("position").and_then(|n| i32::try_from(n).ok());
            let Some(number) = number else { continue };
            let code = Code { number, code: text("code"), zh: text("zh"), en: text("en") };
            all.entry((text("table"), text("column"))).or_default().push(code);
        }
        all.values_mut().for_each(|codes| codes.sort_by_key(|c| c.number));
        Ok(Self(all))
    }

    /// Those of a column, if it has any.
    fn column(&self, table: &str, column: &str) -> Vec<Code> {
        let of = |table: &str| self.0.get(&(table.to_owned(), column.to_owned()));
        of(table).or_else(|| of(COMMON)).cloned().unwrap_or_default()
    }
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) unit: Option<String>,
    pub(crate) clause: Option<String>,
    pub(crate) codes: Vec<Code>,
}

impl Column {
    fn new(spec: &ColumnSpec, codes: Vec<Code>) -> Self {
        let ColumnSpec { name, kind, zh, en, unit, clause, .. } = spec.clone();
        Self { name, kind, zh, en, unit, clause, codes }
    }

    /// Decimal places.
    pub(crate) fn places(&self) -> u32 {
        match self.kind {
            ColumnType::Decimal2 => 2,
            ColumnType::Decimal4 => 4,
            ColumnType::Decimal6 => 6,
            _ => 0,
        }
    }
}

/// A table.
pub(crate) struct Frame<'a> {
    pub(crate) name: &'a str,
    pub(crate) zh: &'a str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Box<dyn Rows + 'a>,
}

/// Shows a row.
pub(crate) type Show<'s> = dyn FnMut(&[Value<'_>]) -> Result<(), DeskError> + 's;

/// Where rows come from; they may be asked for more than once.
pub(crate) trait Rows {
    /// Shows all rows, a value for each of the columns.
    fn each(&self, columns: &[Column], show: &mut Show<'_>) -> Result<(), DeskError>;
}

impl<'a> Frame<'a> {
    pub(crate) fn of(
        registry: &'a Registry,
        snapshot: &'a Snapshot,
        name: &str,
        codes: &Codes,
        stop: &'a AtomicBool,
    ) -> Result<Self, DeskError> {
        if name == registry.wide.name {
            return Self::wide(registry, snapshot, codes, stop);
        }
        let spec = table(registry, name)?;
        let of_table = spec.columns.iter().map(|c| Column::new(c, codes.column(&spec.name, &c.name)));
        let columns = of_table.chain(partition_columns()).collect();
        let rows = Box::new(OfTable { table: &spec.name, files: Files { snapshot, stop } });
        Ok(Self { name: &spec.name, zh: &spec.zh, columns, rows })
    }

    fn wide(
        registry: &'a Registry,
        snapshot: &'a Snapshot,
        codes: &Codes,
        stop: &'a AtomicBool,
    ) -> Result<Self, DeskError> {
        let spec = table(registry, FIGURES)?;
        let known = |name: &String| {
            let of_table = spec.columns.iter().find(|c| c.name == *name);
            let column = of_table.map(|c| Column::new(c, codes.column(&spec.name, &c.name)));
            column.or_else(|| partition_columns().into_iter().find(|c| c.name == *name))
        };
        let mut columns: Vec<Column> = registry.wide.front.iter().filter_map(known).collect();
        let cells = wide_cells(registry);
        for cell in &cells {
            let column = table(registry, &cell.table)?.columns.iter().find(|c| c.name == cell.column);
            let missing = || DeskError::Usage(format!("{} has no column {}", cell.table, cell.column));
            let (name, zh, en) = (cell.name.clone(), cell.zh.clone(), cell.en.clone());
            columns.push(Column { name, zh, en, ..Column::new(column.ok_or_else(missing)?, Vec::new()) });
        }
        let wide = &registry.wide;
        let rows = Box::new(OfCells { cells, files: Files { snapshot, stop } });
        Ok(Self { name: &wide.name, zh: &wide.zh, columns, rows })
    }

    /// Shows all rows, in the order of the files of the snapshot.
    pub(crate) fn each(&self, show: &mut Show<'_>) -> Result<(), DeskError> {
        self.rows.each(&self.columns, show)
    }
}

/// The files of a snapshot.
struct Files<'a> {
    snapshot: &'a Snapshot,
    stop: &'a AtomicBool,
}

impl<'a> Files<'a> {
    fn of(&self, table: &str) -> impl Iterator<Item = &'a FileEntry> {
        self.snapshot.manifest.files.iter().filter(move |f| f.table() == table)
    }

    /// Shows the batches of a file.
    fn batches(
        &self,
        entry: &FileEntry,
        show: &mut dyn FnMut(&RecordBatch) -> Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        for batch in self.snapshot.file_batches(entry)? {
            if self.stop.load(Ordering::Relaxed) {
                return Err(DeskError::Interrupted);
            }
            show(&batch?)?;
        }
        Ok(())
    }
}

/// The rows of a table, as the files have them.
struct OfTable<'a> {
    table: &'a str,
    files: Files<'a>,
}

impl Rows for OfTable<'_> {
    fn each(&self, columns: &[Column], show: &mut Show<'_>) -> Result<(), DeskError> {
        self.files.of(self.table).try_for_each(|entry| {
            self.files.batches(entry, &mut |batch| {
                let readers = readers(batch, columns, entry.partition());
                let mut row = Vec::with_capacity(readers.len());
                (0..batch.num_rows()).try_for_each(|at| {
                    row.clear();
                    row.extend(readers.iter().map(|c| c.value(at)));
                    show(&row)
                })
            })
        })
    }
}

/// The rows of the wide table: those of `key_figures`, and behind each the cells of its report.
struct OfCells<'a> {
    cells: Vec<WideCell>,
    files: Files<'a>,
}

impl Rows for OfCells<'_> {
    /// Partition by partition: a report's tables lie where its key figures lie.
    fn each(&self, columns: &[Column], show: &mut Show<'_>) -> Result<(), DeskError> {
        let mut partitions: BTreeMap<(i16, &str), Vec<&FileEntry>> = BTreeMap::new();
        for entry in self.files.of(FIGURES) {
            partitions.entry(entry.partition()).or_default().push(entry);
        }
        let (front, behind) = columns.split_at(columns.len().saturating_sub(self.cells.len()));
        for (partition, entries) in partitions {
            let printed = self.printed(partition, &self.said(&entries)?)?;
            for entry in entries {
                self.files.batches(entry, &mut |batch| {
                    let readers = readers(batch, front, partition);
                    let [reports, scopes] = ["report_id", "scope"].map(|name| text(batch, name));
                    let mut row = Vec::with_capacity(columns.len());
                    (0..batch.num_rows()).try_for_each(|at| {
                        row.clear();
                        row.extend(readers.iter().map(|c| c.value(at)));
                        self.extend(&mut row, behind, &printed, value(reports, at), value(scopes, at));
                        show(&row)
                    })
                })?;
            }
        }
        Ok(())
    }
}

/// What tables print: figures by report and table, one entry for every scope.
type Printed = HashMap<(String, String), Vec<(String, Vec<Option<i128>>)>>;

/// Reports and scopes that have a row.
type Said = HashSet<(String, String)>;

impl OfCells<'_> {
    /// The scopes that reports have rows for.
    fn said(&self, entries: &[&FileEntry]) -> Result<Said, DeskError> {
        let mut said = Said::new();
        for entry in entries {
            self.files.batches(entry, &mut |batch| {
                let [reports, scopes] = ["report_id", "scope"].map(|name| text(batch, name));
                said.extend(
                    (0..batch.num_rows())
                        .map(|at| (value(reports, at).to_owned(), value(scopes, at).to_owned())),
                );
                Ok(())
            })?;
        }
        Ok(said)
    }

    /// What the statutory tables of a partition print.
    fn printed(&self, partition: (i16, &str), said: &Said) -> Result<Printed, DeskError> {
        let mut printed = Printed::new();
        let tables: BTreeSet<&str> = self.cells.iter().map(|c| c.table.as_str()).collect();
        for table in tables {
            let cells: Vec<&WideCell> = self.cells.iter().filter(|c| c.table == table).collect();
            for entry in self.files.of(table).filter(|f| f.partition() == partition) {
                self.files.batches(entry, &mut |batch| {
                    look(&mut printed, said, table, &cells, batch);
                    Ok(())
                })?;
            }
        }
        Ok(printed)
    }

    /// Adds the cells of a report to its row.
    fn extend(
        &self,
        row: &mut Vec<Value<'_>>,
        columns: &[Column],
        printed: &Printed,
        report: &str,
        scope: &str,
    ) {
        let (mut table, mut slot) = ("", 0);
        let mut values: Option<&Vec<Option<i128>>> = None;
        for (cell, column) in self.cells.iter().zip(columns) {
            if cell.table != table {
                (table, slot) = (&cell.table, 0);
                let of_report = printed.get(&(report.to_owned(), table.to_owned()));
                let of_scope = of_report.and_then(|all| all.iter().find(|(s, _)| s == scope));
                values = of_scope.map(|(_, values)| values);
            }
            let figure = values.and_then(|v| v.get(slot).copied().flatten());
            slot += 1;
            row.push(match (figure, column.places()) {
                (None, _) => Value::Null,
                (Some(n), 0) => i64::try_from(n).map_or(Value::Null, Value::Int),
                (Some(n), places) => Value::Decimal(n, places),
            });
        }
    }
}

/// Notes what the rows of a batch print in the cells of their table.
fn look(printed: &mut Printed, said: &Said, table: &str, cells: &[&WideCell], batch: &RecordBatch) {
    let mut slots: HashMap<&str, Vec<(usize, Texts<'_>)>> = HashMap::new();
    for (slot, cell) in cells.iter().enumerate() {
        if let Some(figures) = batch.column_by_name(&cell.column).and_then(Texts::of) {
            slots.entry(&cell.item).or_default().push((slot, figures));
        }
    }
    let key = cells.first().map_or("item", |c| c.key);
    let [reports, scopes, items] = ["report_id", "scope", key].map(|name| text(batch, name));
    for at in 0..batch.num_rows() {
        let Some(slots) = slots.get(value(items, at)) else { continue };
        let of_report = printed.entry((value(reports, at).to_owned(), table.to_owned())).or_default();
        let own = (value(reports, at).to_owned(), value(scopes, at).to_owned());
        // The caption of a table may say what its report does not: then it is the table of the row that does not say.
        let scope = if said.contains(&own) { own.1.as_str() } else { UNKNOWN };
        let known = of_report.iter().position(|(s, _)| s == scope);
        let known = known.unwrap_or_else(|| {
            of_report.push((scope.to_owned(), vec![None; cells.len()]));
            of_report.len() - 1
        });
        let Some((_, values)) = of_report.get_mut(known) else { continue };
        for (slot, figures) in slots {
            let found = match Value::of(figures, at) {
                Value::Int(n) => Some(i128::from(n)),
                Value::Decimal(n, _) => Some(n),
                _ => None,
            };
            if let Some(value) = values.get_mut(*slot) {
                *value = (*value).max(found);
            }
        }
    }
}

fn table<'r>(registry: &'r Registry, name: &str) -> Result<&'r TableSpec, DeskError> {
    registry.table(name).ok_or_else(|| DeskError::Usage(format!("there is no table {name}")))
}

/// The columns that the folders say.
fn partition_columns() -> [Column; 2] {
    let mut kinds = [ColumnType::Int16, ColumnType::Text].into_iter();
    partitions().map(|p| Column {
        name: p.name.to_owned(),
        kind: kinds.next().unwrap_or(ColumnType::Text),
        zh: p.zh.to_owned(),
        en: p.en.to_owned(),
        unit: None,
        clause: p.clause.map(str::to_owned),
        codes: Vec::new(),
    })
}

/// Where the values of a column come from.
enum Reader<'a> {
    Array(Texts<'a>),
    Fixed(Value<'a>),
}

impl<'a> Reader<'a> {
    fn value(&self, row: usize) -> Value<'a> {
        match self {
            Self::Array(texts) => Value::of(texts, row),
            Self::Fixed(value) => *value,
        }
    }
}

fn readers<'a>(
    batch: &'a RecordBatch,
    columns: &[Column],
    (year, region): (i16, &'a str),
) -> Vec<Reader<'a>> {
    let reader = |column: &Column| {
        if let Some(texts) = batch.column_by_name(&column.name).and_then(Texts::of) {
            return Reader::Array(texts);
        }
        Reader::Fixed(match column.name.as_str() {
            "year" => Value::Int(year.into()),
            "region" => Value::Text(region),
            // The snapshot was made before there was such a column.
            _ => Value::Null,
        })
    };
    columns.iter().map(reader).collect()
}

fn text<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}

fn value(array: Option<&StringArray>, row: usize) -> &str {
    array.filter(|a| a.is_valid(row)).map_or("", |a| a.value(row))
}
