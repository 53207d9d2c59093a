//! Values as text: exact, and the same in CSV files and in the changes between releases.

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int16Array, Int32Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use chrono::{DateTime, Days, NaiveDate};
use std::borrow::Cow;

/// A column whose values are wanted as text.
pub(crate) enum Texts<'a> {
    Text(&'a StringArray),
    Int64(&'a Int64Array),
    Int32(&'a Int32Array),
    Int16(&'a Int16Array),
    Decimal(&'a Decimal128Array),
    Bool(&'a BooleanArray),
    Date(&'a Date32Array),
    Time(&'a TimestampMicrosecondArray),
}

impl<'a> Texts<'a> {
    /// `None` for a type that no table has.
    pub(crate) fn of(array: &'a ArrayRef) -> Option<Self> {
        let any = array.as_any();
        let text = any.downcast_ref().map(Self::Text);
        text.or_else(|| any.downcast_ref().map(Self::Int64))
            .or_else(|| any.downcast_ref().map(Self::Int32))
            .or_else(|| any.downcast_ref().map(Self::Int16))
            .or_else(|| any.downcast_ref().map(Self::Decimal))
            .or_else(|| any.downcast_ref().map(Self::Bool))
            .or_else(|| any.downcast_ref().map(Self::Date))
            .or_else(|| any.downcast_ref().map(Self::Time))
    }

    /// The value of a row: decimals with all their digits, dates and times as ISO 8601 writes them; `None` is NULL.
    pub(crate) fn get(&self, row: usize) -> Option<Cow<'a, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match self {
            Self::Text(a) => Cow::Borrowed(a.value(row)),
            Self::Int64(a) => a.value(row).to_string().into(),
            Self::Int32(a) => a.value(row).to_string().into(),
            Self::Int16(a) => a.value(row).to_string().into(),
            Self::Decimal(a) => a.value_as_string(row).into(),
            Self::Bool(a) => if a.value(row) { "true" } else { "false" }.into(),
            Self::Date(a) => day(a.value(row)).into(),
            Self::Time(a) => time(a.value(row)).into(),
        })
    }

    /// Whether a row has no value.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(a) => *a,
            Self::Int64(a) => *a,
            Self::Int32(a) => *a,
            Self::Int16(a) => *a,
            Self::Decimal(a) => *a,
            Self::Bool(a) => *a,
            Self::Date(a) => *a,
            Self::Time(a) => *a,
        }
    }
}

/// A day since 1970-01-01 as `2023-01-18`.
pub(crate) fn day(days: i32) -> String {
    let epoch = NaiveDate::default();
    let distance = Days::new(u64::from(days.unsigned_abs()));
    let date = if days < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) };
    date.map_or_else(|| format!("day {days}"), |d| d.format("%Y-%m-%d").to_string())
}

/// Microseconds since 1970-01-01 UTC as `2023-01-18 08:30:00`, with a fraction only where there is one.
pub(crate) fn time(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| format!("{micros} us"), |t| t.format("%Y-%m-%d %H:%M:%S%.f").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn values_are_exact() {
        let decimals = Decimal128Array::from(vec![Some(1_500_000_i128), None, Some(-1)]);
        let array: ArrayRef = Arc::new(decimals.with_precision_and_scale(20, 6).unwrap());
        let texts = Texts::of(&array).unwrap();
        assert_eq!(
            (texts.get(0).unwrap(), texts.get(1), texts.get(2).unwrap()),
            ("1.500000".into(), None, "-0.000001".into())
        );
        assert_eq!((day(19_375), day(-1)), ("2023-01-18".to_owned(), "1969-12-31".to_owned()));
        assert_eq!(time(1_700_000_000_000_000), "2023-11-14 22:13:20");
        assert_eq!(time(1_700_000_000_500_000), "2023-11-14 22:13:20.500");
    }
}
