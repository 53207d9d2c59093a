//! Exact decimal numbers: counts, and amounts with at most six decimals.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An exact decimal number, kept in millionths (the finest unit a printed fee in 万元 uses).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Number {
    micros: i128,
}

impl Number {
    /// Decimal places kept.
    pub const SCALE: u32 = 6;
    const ONE: i128 = 1_000_000;
    /// Printed digits accepted before and after the point together: more is not a figure of this form.
    const MAX_DIGITS: usize = 20;

    /// A whole number.
    pub fn from_integer(value: i64) -> Self {
        Self { micros: i128::from(value) * Self::ONE }
    }

    /// A number of millionths.
    pub fn from_micros(micros: i128) -> Self {
        Self { micros }
    }

    /// The value in millionths.
    pub fn micros(self) -> i128 {
        self.micros
    }

    /// The value as an integer, if it is one and fits.
    pub fn as_integer(self) -> Option<i64> {
        if self.micros % Self::ONE == 0 { i64::try_from(self.micros / Self::ONE).ok() } else { None }
    }

    /// The value in units of 10^-`scale`, if that is exact (`scale` at most 6).
    pub fn at_scale(self, scale: u32) -> Option<i128> {
        let unit = 10_i128.pow(Self::SCALE.checked_sub(scale)?);
        (self.micros % unit == 0).then_some(self.micros / unit)
    }

    /// Reads plain ASCII digits with an optional sign and an optional decimal part; nothing else is accepted.
    ///
    /// More than six decimals are accepted only when the rest are zeros: nothing printed is rounded away.
    pub fn parse_plain(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        if whole.is_empty() || whole.len() + fraction.len() > Self::MAX_DIGITS {
            return None;
        }
        let mut micros: i128 = 0;
        for b in whole.bytes() {
            micros = micros * 10 + i128::from(digit(b)?);
        }
        for place in 0..Self::SCALE as usize {
            micros =
                micros * 10 + i128::from(fraction.as_bytes().get(place).copied().map_or(Some(0), digit)?);
        }
        for b in fraction.bytes().skip(Self::SCALE as usize) {
            if b != b'0' {
                return None;
            }
        }
        Some(Self { micros: if negative { -micros } else { micros } })
    }

    /// The sum, or `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.micros.checked_add(other.micros).map(|micros| Self { micros })
    }

    /// Whether the number is below zero.
    pub fn is_negative(self) -> bool {
        self.micros < 0
    }

    /// Whether the number is zero.
    pub fn is_zero(self) -> bool {
        self.micros == 0
    }
}

fn digit(b: u8) -> Option<u8> {
    b.is_ascii_digit().then(|| b - b'0')
}

impl std::iter::Sum for Number {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self { micros: iter.fold(0_i128, |a, n| a.saturating_add(n.micros)) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let abs = self.micros.unsigned_abs();
        let (whole, fraction) = (abs / 1_000_000, abs % 1_000_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn plain_numbers_round_trip() {
        for text in ["0", "7", "-18", "4068.208", "75394432.52", "24252.311082", "-0.5"] {
            assert_eq!(Number::parse_plain(text).map(|n| n.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Number::parse_plain("+1"), Some(Number::from_integer(1)));
        assert_eq!(Number::parse_plain("1.5000000"), Number::parse_plain("1.5"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "-",
            "+",
            ".",
            "1.",
            ".5",
            "1,000",
            "1 0",
            "１",
            "1e3",
            "1.0000001",
            "--1",
            "123456789012345678901",
        ] {
            assert_eq!(Number::parse_plain(text), None, "{text}");
        }
    }

    #[test]
    fn scales_are_exact_or_refused() {
        let n = Number::parse_plain("1.25").unwrap();
        assert_eq!(
            (n.at_scale(2), n.at_scale(1), n.at_scale(7), n.as_integer()),
            (Some(125), None, None, None)
        );
    }
}
