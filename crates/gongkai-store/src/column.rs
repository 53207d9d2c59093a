//! From rows to Arrow columns: where a column's values come from, and how they are fitted to its type.

use crate::error::StoreError;
use crate::schema::{DECIMAL_DIGITS, scale};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int16Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use gongkai_model::{Date, Number};
use gongkai_registry::{ColumnType, TableSpec};
use std::cmp::Ordering;
use std::sync::Arc;

/// Finds a number in a row.
type NumberOf<R> = Box<dyn Fn(&R) -> Option<Number> + Send + Sync>;

/// Where the values of one column come from, for rows of type `R`.
pub(crate) enum Source<R> {
    /// Text; the empty text is NULL.
    Text(fn(&R) -> Option<&str>),
    /// A whole number; NULL where it does not fit the column.
    Int(fn(&R) -> Option<i64>),
    /// True or false.
    Bool(fn(&R) -> Option<bool>),
    /// A calendar date.
    Date(fn(&R) -> Option<Date>),
    /// Microseconds since 1970-01-01 UTC.
    Time(fn(&R) -> Option<i64>),
    /// A number as printed; NULL where the column cannot hold it exactly.
    Number(NumberOf<R>),
}

impl<R> Source<R> {
    /// Whether a column of this type can hold the values.
    fn fits(&self, kind: ColumnType) -> bool {
        use ColumnType as T;
        match self {
            Self::Text(_) => kind == T::Text,
            Self::Int(_) => matches!(kind, T::Int16 | T::Int32 | T::Int64),
            Self::Bool(_) => kind == T::Bool,
            Self::Date(_) => kind == T::Date,
            Self::Time(_) => kind == T::Timestamp,
            Self::Number(_) => matches!(kind, T::Int64 | T::Decimal2 | T::Decimal4 | T::Decimal6),
        }
    }

    /// The order of two rows by this column, NULL last.
    pub(crate) fn compare(&self, a: &R, b: &R) -> Ordering {
        match self {
            Self::Text(get) => nulls_last(filled(get(a)), filled(get(b))),
            Self::Int(get) | Self::Time(get) => nulls_last(get(a), get(b)),
            Self::Bool(get) => nulls_last(get(a), get(b)),
            Self::Date(get) => nulls_last(get(a), get(b)),
            Self::Number(get) => nulls_last(get(a), get(b)),
        }
    }

    /// The values of the rows as an Arrow array of the column's type.
    pub(crate) fn array(&self, kind: ColumnType, rows: &[R]) -> ArrayRef {
        match self {
            Self::Text(get) => Arc::new(StringArray::from_iter(rows.iter().map(|r| filled(get(r))))),
            Self::Bool(get) => Arc::new(BooleanArray::from_iter(rows.iter().map(get))),
            Self::Date(get) => Arc::new(Date32Array::from_iter(rows.iter().map(|r| get(r).map(|d| d.0)))),
            Self::Time(get) => Arc::new(TimestampMicrosecondArray::from_iter(rows.iter().map(get))),
            Self::Int(get) => integers(kind, rows.iter().map(get)),
            Self::Number(get) => numbers(kind, rows.iter().map(get)),
        }
    }
}

/// A blank text is NULL in every table.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

fn nulls_last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn integers(kind: ColumnType, values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    match kind {
        ColumnType::Int16 => Arc::new(Int16Array::from_iter(values.map(|v| i16::try_from(v?).ok()))),
        ColumnType::Int32 => Arc::new(Int32Array::from_iter(values.map(|v| i32::try_from(v?).ok()))),
        _ => Arc::new(Int64Array::from_iter(values)),
    }
}

fn numbers(kind: ColumnType, values: impl Iterator<Item = Option<Number>>) -> ArrayRef {
    let scale = scale(kind);
    if scale == 0 {
        return Arc::new(Int64Array::from_iter(values.map(|v| v?.as_integer())));
    }
    let limit = 10_u128.pow(u32::from(DECIMAL_DIGITS));
    let units = values.map(|v| v?.at_scale(scale).filter(|u| u.unsigned_abs() < limit));
    let data_type = arrow_schema::DataType::Decimal128(DECIMAL_DIGITS, i8::try_from(scale).unwrap_or(0));
    Arc::new(Decimal128Array::from_iter(units).with_data_type(data_type))
}

/// Finds the source of every column of a table.
pub(crate) fn bind<R>(
    spec: &TableSpec,
    source: impl Fn(&str) -> Option<Source<R>>,
) -> Result<Vec<Source<R>>, StoreError> {
    let bind_one = |column: &gongkai_registry::ColumnSpec| {
        let found = source(&column.name).ok_or_else(|| {
            StoreError::Registry(format!(
                "table {} has a column {}, which nothing fills",
                spec.name, column.name
            ))
        })?;
        if found.fits(column.kind) {
            Ok(found)
        } else {
            Err(StoreError::Registry(format!(
                "table {}, column {}: {:?} cannot hold its values",
                spec.name, column.name, column.kind
            )))
        }
    };
    spec.columns.iter().map(bind_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use proptest::prelude::*;

    fn one(kind: ColumnType, number: Option<Number>) -> ArrayRef {
        Source::<Option<Number>>::Number(Box::new(|n| *n)).array(kind, &[number])
    }

    #[test]
    fn a_number_the_column_cannot_hold_exactly_is_null() {
        let n = |t: &str| Number::parse_plain(t);
        assert!(one(ColumnType::Int64, n("1.5")).is_null(0));
        assert!(one(ColumnType::Int64, n("99999999999999999999")).is_null(0));
        assert!(one(ColumnType::Decimal2, n("1.005")).is_null(0));
        assert!(one(ColumnType::Decimal6, n("100000000000000")).is_null(0), "21 digits");
        assert!(!one(ColumnType::Decimal6, n("99999999999999.999999")).is_null(0), "20 digits");
        assert!(!one(ColumnType::Int64, n("0")).is_null(0), "a printed zero is a zero");
        assert!(one(ColumnType::Int64, None).is_null(0));
    }

    #[test]
    fn integers_that_do_not_fit_are_null() {
        let source = Source::<i64>::Int(|v| Some(*v));
        assert!(source.array(ColumnType::Int16, &[40_000]).is_null(0));
        assert!(!source.array(ColumnType::Int32, &[40_000]).is_null(0));
    }

    proptest! {
        #[test]
        fn decimals_keep_the_printed_value(whole in -99_999_999_999_999_i64..=99_999_999_999_999, cents in 0_u8..100) {
            let text = format!("{whole}.{cents:02}");
            let array = one(ColumnType::Decimal2, Number::parse_plain(&text));
            let array = array.as_any().downcast_ref::<Decimal128Array>().unwrap();
            prop_assert_eq!(array.value_as_string(0), text);
        }

        #[test]
        fn the_order_is_total_with_null_last(a in proptest::option::of("[a-c]{0,2}"), b in proptest::option::of("[a-c]{0,2}")) {
            let source = Source::<Option<String>>::Text(|s| s.as_deref());
            prop_assert_eq!(source.compare(&a, &b), source.compare(&b, &a).reverse());
            let null = |v: &Option<String>| v.as_deref().is_none_or(str::is_empty);
            if null(&a) && !null(&b) {
                prop_assert_eq!(source.compare(&a, &b), Ordering::Greater);
            }
        }
    }
}
