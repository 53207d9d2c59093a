//! Numbers of workbooks as their cells show them.

/// What a format of numbers makes of them, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NumberFormat {
    is_date: bool,
    /// Times of day and lengths of time.
    is_time: bool,
    /// Negative numbers, zeros and the rest are not shown.
    hides: [bool; 3],
}

impl NumberFormat {
    /// One that workbooks know by number (ECMA-376-1, 18.8.30, with those of East Asia).
    pub(super) fn built_in(number: u32) -> Self {
        let is_date = matches!(number, 14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57..=58);
        let is_time = matches!(number, 18..=21 | 32..=35 | 45..=47 | 55 | 56);
        Self { is_date, is_time, ..Self::default() }
    }

    /// By its code (18.8.31): sections for positive numbers, negative ones and zeros.
    pub(super) fn of(code: &str) -> Self {
        let sections = sections(code);
        let letters: String = sections.iter().flat_map(|section| section.chars()).collect();
        let has = |wanted: &[char]| letters.contains(wanted);
        let is_date = has(&['y', 'Y', 'd', 'D']) || (has(&['m', 'M']) && !has(&['h', 'H', 's', 'S']));
        let is_time = !is_date && has(&['h', 'H', 's', 'S']);
        let hides = |n: usize| sections.len() > 1 && sections.get(n).is_some_and(String::is_empty);
        Self { is_date, is_time, hides: [hides(1), hides(2), hides(0)] }
    }
}

/// The sections of a code, without what is quoted, escaped or in brackets: only `G` marks that something was there.
fn sections(code: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        let Some(section) = out.last_mut() else { break };
        match c {
            ';' => out.push(String::new()),
            '"' => {
                section.push('G');
                let _ = chars.by_ref().find(|c| *c == '"');
            }
            '[' => {
                section.push('G');
                let _ = chars.by_ref().find(|c| *c == ']');
            }
            '\\' | '_' | '*' => {
                section.push('G');
                let _ = chars.next();
            }
            c => section.push(c),
        }
    }
    out
}

/// A number as its cell shows it; whole days since the last of 1899, or since four years later.
pub(super) fn shown(number: f64, format: &NumberFormat, since_1904: bool, without_zeros: bool) -> String {
    let place = if number < 0.0 {
        0
    } else if number == 0.0 {
        1
    } else {
        2
    };
    if format.hides.get(place) == Some(&true) || (without_zeros && number == 0.0) || format.is_time {
        return String::new();
    }
    if format.is_date {
        return date(number, since_1904).unwrap_or_default();
    }
    plain(number)
}

/// As stored, in the fifteen digits that workbooks show at most: `0.1 + 0.2` is no 0.30000000000000004 to its reader.
fn plain(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    let digits = format!("{number:.14e}");
    digits.parse::<f64>().unwrap_or(number).to_string()
}

fn date(days: f64, since_1904: bool) -> Option<String> {
    /// The last day of 9999.
    const LAST: f64 = 2_958_465.0;
    if !(0.0..=LAST).contains(&days) {
        return None;
    }
    let mut day = days.floor() as i64;
    if since_1904 {
        day += 1462;
    } else if day < 60 {
        // They count a 29 February 1900, which there was not.
        day += 1;
    }
    // Days since 0000-03-01: a year begins with March, so that leap days end it.
    let day = day + 693_899;
    let (era, in_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let in_year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let rest = in_era - (365 * in_year + in_year / 4 - in_year / 100);
    let month = (5 * rest + 2) / 153;
    let day = rest - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    Some(format!("{}年{month}月{day}日", era * 400 + in_year + next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(code: &str, number: f64) -> String {
        shown(number, &NumberFormat::of(code), false, false)
    }

    #[test]
    fn figures_are_shown_as_their_cells_show_them() {
        assert_eq!(by("General", 0.1 + 0.2), "0.3");
        assert_eq!(by("General", 970.079_999_999_999_9), "970.08");
        assert_eq!(by("0.00_ ", 12_345_678.0), "12345678");
        assert_eq!(by("#,##0;-#,##0;", 0.0), "");
        assert_eq!(by("#,##0;-#,##0;\"-\"", 0.0), "0");
        assert_eq!(by(";;;", 5.0), "");
        assert_eq!(by("[Red]\"days\"0", 5.0), "5");
        assert_eq!(shown(0.0, &NumberFormat::default(), false, true), "");
    }

    #[test]
    fn dates_are_days_since_the_epoch() {
        assert_eq!(by("yyyy\"年\"m\"月\"d\"日\";@", 45_292.0), "2024年1月1日");
        assert_eq!(by("yyyy/m/d", 44_620.5), "2022年2月28日");
        assert_eq!(by("yyyy/m/d", 1.0), "1900年1月1日");
        assert_eq!(shown(43_830.0, &NumberFormat::built_in(14), true, false), "2024年1月1日");
        assert_eq!(by("h:mm", 0.5), "");
    }
}
