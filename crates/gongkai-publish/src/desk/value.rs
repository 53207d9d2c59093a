//! Values on their way from columns to files.

use crate::release::texts::{Texts, day, time};
use std::borrow::Cow;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Text(&'a str),
    Int(i64),
    /// In its smallest part, and how many decimal places that has.
    Decimal(i128, u32),
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 UTC.
    Time(i64),
}

impl<'a> Value<'a> {
    /// The value of a row.
    pub(crate) fn of(texts: &Texts<'a>, row: usize) -> Self {
        if texts.is_null(row) {
            return Self::Null;
        }
        match texts {
            Texts::Text(a) => Self::Text(a.value(row)),
            Texts::Int64(a) => Self::Int(a.value(row)),
            Texts::Int32(a) => Self::Int(a.value(row).into()),
            Texts::Int16(a) => Self::Int(a.value(row).into()),
            Texts::Decimal(a) => Self::Decimal(a.value(row), u32::try_from(a.scale()).unwrap_or(0)),
            Texts::Bool(a) => Self::Bool(a.value(row)),
            Texts::Date(a) => Self::Date(a.value(row)),
            Texts::Time(a) => Self::Time(a.value(row)),
        }
    }

    /// As text, exact; `None` is NULL.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => Cow::Borrowed(*text),
            Self::Int(n) => n.to_string().into(),
            Self::Decimal(n, places) => decimal(*n, *places).into(),
            Self::Bool(b) => if *b { "true" } else { "false" }.into(),
            Self::Date(days) => day(*days).into(),
            Self::Time(micros) => time(*micros).into(),
        })
    }

    /// As a number, if there is one that says the same to so many digits; `None` where it is no number, or has more.
    pub(crate) fn number(&self, largest: u64) -> Option<f64> {
        let (n, places) = match self {
            Self::Int(n) => (i128::from(*n), 0),
            Self::Decimal(n, places) => (*n, *places),
            _ => return None,
        };
        // Both are exact here, and a division is the nearest number to the true one.
        let exact = n.unsigned_abs() <= u128::from(largest) && places <= 22;
        exact.then(|| n as f64 / 10_f64.powi(i32::try_from(places).unwrap_or(0)))
    }
}

fn decimal(n: i128, places: u32) -> String {
    if places == 0 {
        return n.to_string();
    }
    let places = places as usize;
    let digits = format!("{:0>width$}", n.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{part}", if n < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_no_numbers() {
        assert_eq!(decimal(-1, 6), "-0.000001");
        assert_eq!(decimal(1_500_000, 6), "1.500000");
        assert_eq!(Value::Decimal(123_456, 4).number(1 << 53), Some(12.3456));
        assert_eq!(Value::Int(9_007_199_254_740_993).number(1 << 53), None);
        assert_eq!(Value::Text("3").number(1 << 53), None);
    }
}
