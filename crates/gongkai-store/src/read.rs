//! Reading rows of a snapshot back: a few rows of one table, found by what their text columns say.
//!
//! Folders of other years and regions are not opened, row groups whose statistics exclude a wanted value are not
//! decoded. For questions over the whole data there are better engines; this one answers "which row was it".

use crate::error::StoreError;
use crate::manifest::{FileEntry, MANIFEST};
use crate::store::Snapshot;
use arrow_array::{
    Array, BooleanArray, Date32Array, Decimal128Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::SchemaRef;
use gongkai_model::{Date, Number};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicate, ArrowPredicateFn, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::file::metadata::RowGroupMetaData;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Which rows of a snapshot to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowQuery<'a> {
    /// The table.
    pub table: &'a str,
    /// Year and region of the one partition to look in; `None` is everywhere.
    pub partition: Option<(i16, &'a str)>,
    /// Text columns and what each must be; all must hold.
    pub equals: &'a [(&'a str, &'a str)],
    /// Columns to read; none named is all.
    pub columns: &'a [&'a str],
}

/// A value that is not NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// Text.
    Text(String),
    /// An integer of any width.
    Integer(i64),
    /// A decimal.
    Number(Number),
    /// True or false.
    Flag(bool),
    /// A date.
    Date(Date),
    /// Microseconds since 1970-01-01 UTC.
    Time(i64),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Year of its partition, 0 when unresolved.
    pub year: i16,
    /// Region of its partition.
    pub region: String,
    /// Columns that are not NULL.
    values: BTreeMap<String, Datum>,
}

impl Row {
    /// A column's value; `None` when it is NULL or was not read.
    pub fn get(&self, column: &str) -> Option<&Datum> {
        self.values.get(column)
    }

    /// A text column.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.get(column)? {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An integer column.
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.get(column)? {
            Datum::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// An integer or decimal column.
    pub fn number(&self, column: &str) -> Option<Number> {
        match self.get(column)? {
            Datum::Integer(integer) => Some(Number::from_integer(*integer)),
            Datum::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A timestamp column, in microseconds since 1970-01-01 UTC.
    pub fn time(&self, column: &str) -> Option<i64> {
        match self.get(column)? {
            Datum::Time(time) => Some(*time),
            _ => None,
        }
    }
}

impl Snapshot {
    /// The rows of a table that a query asks for, in the order of the files and of the rows in them.
    ///
    /// # Errors
    /// When a file cannot be read, or has no such column.
    pub fn rows(&self, query: &RowQuery<'_>) -> Result<Vec<Row>, StoreError> {
        let files: Vec<&FileEntry> = self.manifest.files.iter().filter(|f| query.concerns(f)).collect();
        let parts: Vec<Vec<Row>> =
            files.par_iter().map(|f| self.file_rows(f, query)).collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// All rows of a file, a batch at a time, as they are stored: without the partition columns.
    ///
    /// # Errors
    /// When the file cannot be opened; the iterator's when it cannot be read on.
    pub fn file_batches(&self, entry: &FileEntry) -> Result<Batches, StoreError> {
        let path = self.locate(entry).ok_or_else(|| StoreError::Damaged {
            path: self.path.join(MANIFEST),
            what: format!("{} is not a path inside the snapshot", entry.path),
        })?;
        let damaged = |what: String| StoreError::Damaged { path: path.clone(), what };
        let file = File::open(&path).map_err(StoreError::io("read", &path))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(e.to_string()))?;
        let schema = Arc::clone(builder.schema());
        let reader = builder.build().map_err(|e| damaged(e.to_string()))?;
        Ok(Batches { schema, reader, path })
    }

    /// A file's place, unless the manifest leads out of the snapshot.
    pub fn locate(&self, entry: &FileEntry) -> Option<PathBuf> {
        let inside = Path::new(&entry.path).components().all(|c| matches!(c, Component::Normal(_)));
        inside.then(|| self.path.join(&entry.path))
    }

    /// Shows every row that a query asks for, one after another: few are in memory at once.
    ///
    /// # Errors
    /// As [`Snapshot::rows`].
    pub fn each(&self, query: &RowQuery<'_>, mut show: impl FnMut(Row)) -> Result<(), StoreError> {
        let mut files = self.manifest.files.iter().filter(|f| query.concerns(f));
        files.try_for_each(|f| {
            self.visit(f, query, &mut |batch| rows(f, &batch).into_iter().for_each(&mut show))
        })
    }

    /// Shows the rows that a query asks for as Arrow batches, with year and region of their partition: for those who want whole
    /// columns.
    ///
    /// # Errors
    /// As [`Snapshot::rows`].
    pub fn batches(
        &self,
        query: &RowQuery<'_>,
        mut show: impl FnMut(i16, &str, RecordBatch),
    ) -> Result<(), StoreError> {
        let mut files = self.manifest.files.iter().filter(|f| query.concerns(f));
        files.try_for_each(|f| {
            let (year, region) = partition(&f.path);
            self.visit(f, query, &mut |batch| show(year, region, batch))
        })
    }

    pub(crate) fn file_rows(&self, entry: &FileEntry, query: &RowQuery<'_>) -> Result<Vec<Row>, StoreError> {
        let mut all = Vec::new();
        self.visit(entry, query, &mut |batch| all.extend(rows(entry, &batch)))?;
        Ok(all)
    }

    /// Shows the rows of one file that a query asks for.
    pub(crate) fn visit(
        &self,
        entry: &FileEntry,
        query: &RowQuery<'_>,
        show: &mut dyn FnMut(RecordBatch),
    ) -> Result<(), StoreError> {
        let Some(path) = self.locate(entry) else {
            let what = format!("{} is not a path inside the snapshot", entry.path);
            return Err(StoreError::Damaged { path: self.path.join(MANIFEST), what });
        };
        let damaged = |what: String| StoreError::Damaged { path: path.clone(), what };
        let file = File::open(&path).map_err(StoreError::io("read", &path))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(e.to_string()))?;
        let named = query.equals.iter().map(|(column, _)| column).chain(query.columns);
        if let Some(column) = named.into_iter().find(|c| builder.schema().field_with_name(c).is_err()) {
            return Err(damaged(format!("it has no column {column}")));
        }
        let schema = builder.parquet_schema();
        let mask = match query.columns {
            [] => ProjectionMask::all(),
            columns => ProjectionMask::columns(schema, columns.iter().copied()),
        };
        let predicates = query
            .equals
            .iter()
            .map(|(column, wanted)| equals(ProjectionMask::columns(schema, [*column]), (*wanted).to_owned()))
            .collect();
        let groups = builder.metadata().row_groups().iter().enumerate();
        let groups = groups.filter(|(_, group)| may_hold(group, query)).map(|(index, _)| index).collect();
        let reader = builder
            .with_projection(mask)
            .with_row_groups(groups)
            .with_row_filter(RowFilter::new(predicates))
            .build()
            .map_err(|e| damaged(e.to_string()))?;
        for batch in reader {
            show(batch.map_err(|e| damaged(e.to_string()))?);
        }
        Ok(())
    }
}

/// The rows of one file.
pub struct Batches {
    /// Its columns, with their descriptions.
    pub schema: SchemaRef,
    reader: ParquetRecordBatchReader,
    path: PathBuf,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let damaged = |e: arrow_schema::ArrowError| StoreError::Damaged {
            path: self.path.clone(),
            what: e.to_string(),
        };
        Some(self.reader.next()?.map_err(damaged))
    }
}

impl FileEntry {
    /// Year and region of the partition the file belongs to, by its path.
    pub fn partition(&self) -> (i16, &str) {
        partition(&self.path)
    }
}

impl RowQuery<'_> {
    /// Whether a file can hold a row that is asked for, by its path.
    fn concerns(&self, file: &FileEntry) -> bool {
        file.table() == self.table && self.partition.is_none_or(|wanted| partition(&file.path) == wanted)
    }
}

/// Year and region in a file's path.
pub(crate) fn partition(path: &str) -> (i16, &str) {
    let part = |key: &str| path.split('/').find_map(|p| p.strip_prefix(key));
    (part("year=").and_then(|y| y.parse().ok()).unwrap_or(0), part("region=").unwrap_or("unknown"))
}

/// Whether the statistics of a row group leave room for all wanted values. They may be cut short, but always bound.
fn may_hold(group: &RowGroupMetaData, query: &RowQuery<'_>) -> bool {
    query.equals.iter().all(|(column, wanted)| {
        let statistics = group
            .columns()
            .iter()
            .find(|c| c.column_path().string() == *column)
            .and_then(|c| c.statistics())
            .filter(|s| !s.is_min_max_deprecated());
        statistics.is_none_or(|s| {
            s.min_bytes_opt().is_none_or(|min| min <= wanted.as_bytes())
                && s.max_bytes_opt().is_none_or(|max| wanted.as_bytes() <= max)
        })
    })
}

/// The rows whose (only) text column is the wanted text.
fn equals(mask: ProjectionMask, wanted: String) -> Box<dyn ArrowPredicate> {
    Box::new(ArrowPredicateFn::new(mask, move |batch: RecordBatch| {
        let texts = batch.columns().first().and_then(|a| a.as_any().downcast_ref::<StringArray>());
        Ok(match texts {
            Some(texts) => texts.iter().map(|text| Some(text == Some(wanted.as_str()))).collect(),
            // A column of another type is never equal to a text.
            None => BooleanArray::from(vec![false; batch.num_rows()]),
        })
    }))
}

fn rows(entry: &FileEntry, batch: &RecordBatch) -> Vec<Row> {
    let (year, region) = partition(&entry.path);
    let row = || Row { year, region: region.to_owned(), values: BTreeMap::new() };
    let mut rows: Vec<Row> = (0..batch.num_rows()).map(|_| row()).collect();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        for (index, row) in rows.iter_mut().enumerate() {
            if let Some(datum) = datum(array.as_ref(), index) {
                row.values.insert(field.name().clone(), datum);
            }
        }
    }
    rows
}

/// One value of a column of any type the store writes.
fn datum(array: &dyn Array, index: usize) -> Option<Datum> {
    if array.is_null(index) {
        return None;
    }
    let any = array.as_any();
    if let Some(a) = any.downcast_ref::<StringArray>() {
        return Some(Datum::Text(a.value(index).to_owned()));
    }
    if let Some(a) = any.downcast_ref::<Int64Array>() {
        return Some(Datum::Integer(a.value(index)));
    }
    if let Some(a) = any.downcast_ref::<Int32Array>() {
        return Some(Datum::Integer(i64::from(a.value(index))));
    }
    if let Some(a) = any.downcast_ref::<Int16Array>() {
        return Some(Datum::Integer(i64::from(a.value(index))));
    }
    if let Some(a) = any.downcast_ref::<Decimal128Array>() {
        return Number::parse_plain(&a.value_as_string(index)).map(Datum::Number);
    }
    if let Some(a) = any.downcast_ref::<BooleanArray>() {
        return Some(Datum::Flag(a.value(index)));
    }
    if let Some(a) = any.downcast_ref::<Date32Array>() {
        return Some(Datum::Date(Date(a.value(index))));
    }
    any.downcast_ref::<TimestampMicrosecondArray>().map(|a| Datum::Time(a.value(index)))
}

#[cfg(test)]
mod tests {
    use super::partition;

    #[test]
    fn partitions_are_read_from_paths() {
        assert_eq!(partition("cells/year=2023/region=CN-JS/part-0.parquet"), (2023, "CN-JS"));
        assert_eq!(partition("cells/year=0/region=unknown/part-0.parquet"), (0, "unknown"));
    }
}
