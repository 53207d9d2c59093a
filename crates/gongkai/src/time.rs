//! Dates and times for people.

use chrono::{DateTime, Duration, NaiveDate};
use gongkai_model::Date;

/// `2023-01-18T08:30:00Z`
pub(crate) fn utc(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| format!("{micros} µs"), |t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `2023-01-18`
pub(crate) fn day(date: Date) -> String {
    let day = NaiveDate::default().checked_add_signed(Duration::days(i64::from(date.0)));
    day.map_or_else(|| format!("day {}", date.0), |d| d.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::{day, utc};
    use gongkai_model::Date;

    #[test]
    fn the_epoch_is_where_it_should_be() {
        assert_eq!(utc(1_700_000_000_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(day(Date(19_375)), "2023-01-18");
        assert_eq!(day(Date(-1)), "1969-12-31");
    }
}
