//! Fetch times as crawlers write them.

use chrono::{DateTime, FixedOffset, NaiveDateTime};

/// China Standard Time, which times without an offset are taken to be in.
const CHINA_SECONDS: i32 = 8 * 3600;
const MICROS: i64 = 1_000_000;
/// 1995-01-01: before there were pages of agencies to fetch.
const EARLIEST: i64 = 788_918_400 * MICROS;
/// 2100-01-01.
const LATEST: i64 = 4_102_444_800 * MICROS;

/// Microseconds since 1970-01-01 UTC of an RFC 3339 time, of `YYYY-MM-DD HH:MM:SS` (China time), or of Unix seconds
/// (with decimals, or in whole milliseconds: the ranges do not overlap). `None` for anything else and for times
/// outside 1995-2099, such as a zero that means "not known".
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let micros = rfc3339(text).or_else(|| china(text)).or_else(|| unix(text))?;
    plausible(micros)
}

/// Microseconds since 1970-01-01 UTC of `YYYYMMDDhhmmss` in UTC, as record files of the old kind write it; less of it says less.
pub(crate) fn archive(text: &str) -> Option<i64> {
    const ZEROS: &str = "000000";
    let rest = ZEROS.get(..14_usize.checked_sub(text.len())?)?;
    let time = NaiveDateTime::parse_from_str(&format!("{text}{rest}"), "%Y%m%d%H%M%S").ok()?;
    plausible(time.and_utc().timestamp_micros())
}

fn plausible(micros: i64) -> Option<i64> {
    (EARLIEST..LATEST).contains(&micros).then_some(micros)
}

fn rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_micros())
}

fn china(text: &str) -> Option<i64> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    let time = local.and_local_timezone(FixedOffset::east_opt(CHINA_SECONDS)?).single()?;
    Some(time.timestamp_micros())
}

fn unix(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let mut micros = 0;
    for place in 0..6 {
        micros = micros * 10 + fraction.as_bytes().get(place).map_or(0, |b| i64::from(b - b'0'));
    }
    let seconds = whole.checked_mul(MICROS).and_then(|m| m.checked_add(micros)).and_then(plausible);
    seconds.or_else(|| whole.checked_mul(MICROS / 1000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2024-01-31 04:05:06 UTC.
    const T: i64 = 1_706_673_906 * MICROS;

    #[test]
    fn the_same_instant_in_all_notations() {
        for text in [
            "2024-01-31T04:05:06Z",
            "2024-01-31T12:05:06+08:00",
            " 2024-01-31 12:05:06 ",
            "1706673906",
            "1706673906.0",
            "1706673906000",
        ] {
            assert_eq!(parse(text), Some(T), "{text}");
        }
        assert_eq!(parse("1706673906.25"), Some(T + 250_000));
        assert_eq!(parse("2024-01-31 12:05:06.5"), Some(T + 500_000));
    }

    #[test]
    fn uncertain_times_are_none() {
        for text in [
            "",
            "0",
            "2024-01-31",
            "2024-01-31T12:05:06",
            "20240131120506",
            "yesterday",
            "-1706673906",
            "1.2.3",
            "9999999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in "[-0-9T:. Z+年]{0,40}") {
            prop_assert!(parse(&text).is_none_or(|t| (EARLIEST..LATEST).contains(&t)));
        }
    }
}
