//! Rows of a table, read in columns.

use arrow_array::{
    Array, BooleanArray, Decimal128Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use gongkai_store::{RowQuery, Snapshot, StoreError};

/// One row, with the columns that were asked for, by their position.
pub(super) struct Record<'b> {
    /// Year of its partition, 0 when unresolved.
    pub(super) year: i16,
    /// Region of its partition.
    pub(super) region: &'b str,
    columns: &'b [Values<'b>],
    at: usize,
}

enum Values<'b> {
    Text(&'b StringArray),
    Short(&'b Int16Array),
    Int(&'b Int32Array),
    Long(&'b Int64Array),
    Decimal(&'b Decimal128Array),
    Truth(&'b BooleanArray),
    Other,
}

impl<'b> Values<'b> {
    fn of(batch: &'b RecordBatch, column: &str) -> Self {
        let Some(any) = batch.column_by_name(column).map(|a| a.as_any()) else { return Self::Other };
        None.or_else(|| any.downcast_ref().map(Self::Text))
            .or_else(|| any.downcast_ref().map(Self::Long))
            .or_else(|| any.downcast_ref().map(Self::Int))
            .or_else(|| any.downcast_ref().map(Self::Short))
            .or_else(|| any.downcast_ref().map(Self::Decimal))
            .or_else(|| any.downcast_ref().map(Self::Truth))
            .unwrap_or(Self::Other)
    }
}

impl<'b> Record<'b> {
    /// A text column; `None` where it is NULL.
    pub(super) fn text(&self, column: usize) -> Option<&'b str> {
        match self.columns.get(column)? {
            Values::Text(a) => a.is_valid(self.at).then(|| a.value(self.at)),
            _ => None,
        }
    }

    /// An integer column; `None` where it is NULL.
    pub(super) fn integer(&self, column: usize) -> Option<i64> {
        match self.columns.get(column)? {
            Values::Long(a) => a.is_valid(self.at).then(|| a.value(self.at)),
            Values::Int(a) => a.is_valid(self.at).then(|| a.value(self.at).into()),
            Values::Short(a) => a.is_valid(self.at).then(|| a.value(self.at).into()),
            _ => None,
        }
    }

    /// A column of yes and no; `None` where it is NULL.
    pub(super) fn truth(&self, column: usize) -> Option<bool> {
        match self.columns.get(column)? {
            Values::Truth(a) => a.is_valid(self.at).then(|| a.value(self.at)),
            _ => None,
        }
    }

    /// An integer or DECIMAL(20,4) column in ten-thousandths; `None` where it is NULL.
    pub(super) fn decimal4(&self, column: usize) -> Option<i128> {
        match self.columns.get(column)? {
            Values::Decimal(a) if a.scale() == 4 => a.is_valid(self.at).then(|| a.value(self.at)),
            _ => self.integer(column).map(|n| i128::from(n) * 10_000),
        }
    }

    /// Whether a column of any type is not NULL.
    pub(super) fn is_filled(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|values| match values {
            Values::Text(a) => a.is_valid(self.at),
            Values::Short(a) => a.is_valid(self.at),
            Values::Int(a) => a.is_valid(self.at),
            Values::Long(a) => a.is_valid(self.at),
            Values::Decimal(a) => a.is_valid(self.at),
            Values::Truth(a) => a.is_valid(self.at),
            Values::Other => false,
        })
    }
}

/// Shows every row of a table, in the order of the files and of the rows in them.
pub(super) fn each(
    snapshot: &Snapshot,
    table: &str,
    columns: &[&str],
    mut show: impl FnMut(&Record<'_>),
) -> Result<(), StoreError> {
    let query = RowQuery { table, columns, ..RowQuery::default() };
    snapshot.batches(&query, |year, region, batch| {
        let values: Vec<Values<'_>> = columns.iter().map(|c| Values::of(&batch, c)).collect();
        (0..batch.num_rows()).for_each(|at| show(&Record { year, region, columns: &values, at }));
    })
}
