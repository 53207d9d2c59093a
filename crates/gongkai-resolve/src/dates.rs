//! Years and dates in Chinese text: Arabic and Chinese numerals, complete ones only.

use crate::numerals::{digit, is_numeral, small_number};
use chrono::{Datelike, NaiveDate};
use gongkai_model::Date;

/// Years a report can be about or be filed in. Municipal regulations asked for reports from 2004.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 2003..=2040;

/// A year as it stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct YearMention {
    /// The year.
    pub year: i16,
    /// First byte.
    pub start: usize,
    /// One past the last byte, 年 or 年度 included.
    pub end: usize,
    /// Followed by 年.
    pub marked: bool,
    /// Followed by a month: a date, not a year.
    pub dated: bool,
    /// Inside the brackets of a document number: 〔2021〕30号.
    pub bracketed: bool,
}

/// All plausible years of a text, in order. Longer runs of digits are numbers, not years.
pub(crate) fn years(text: &str) -> Vec<YearMention> {
    let mut found = Vec::new();
    // Most lines name none, which is sooner known than what every character is.
    if !text.contains('2') && !text.contains('二') {
        return found;
    }
    let mut last = '\0';
    let mut skip = 0;
    for (start, c) in text.char_indices() {
        if start >= skip
            && matches!(c, '2' | '二')
            && !is_numeral(last)
            && let Some((year, rest)) = text.get(start..).and_then(year_at)
        {
            let marked = rest.starts_with('年');
            // Without 年, a Chinese run is no year, and neither is a number such as 2021条.
            if c == '2' || marked {
                let behind = rest.strip_prefix('年').unwrap_or(rest);
                let behind = behind.strip_prefix('度').unwrap_or(behind);
                let dated = marked && small_number(behind).is_some_and(|(_, r)| r.starts_with('月'));
                let bracketed = matches!(last, '〔' | '[' | '［' | '【' | '﹝')
                    || rest.starts_with(['〕', ']', '］', '﹞']);
                let end = text.len() - behind.len();
                found.push(YearMention { year, start, end, marked, dated, bracketed });
                skip = end;
            }
        }
        last = c;
    }
    found
}

/// A plausible year at the beginning of a text, not followed by another digit, and the rest.
fn year_at(text: &str) -> Option<(i16, &str)> {
    let mut year = 0_i16;
    let mut chars = text.char_indices();
    let ascii = text.starts_with(|c: char| c.is_ascii_digit());
    for _ in 0..4 {
        let (_, c) = chars.next()?;
        // 2O21 and 二○二一 mix freely; 二0二一 too.
        year = year * 10 + if ascii { i16::try_from(c.to_digit(10)?).ok()? } else { digit(c)? };
    }
    let rest = chars.as_str();
    let ends = !rest.starts_with(|c: char| c.is_ascii_digit() || (!ascii && digit(c).is_some()));
    (ends && YEARS.contains(&year)).then_some((year, rest))
}

/// A text behind the year that it begins with: `2016年度某市…`.
pub(crate) fn behind_year(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '年' | '度'))
}

/// A complete date at the beginning of a text and the rest: `2021年1月1日`, `2021-01-01`, `2021.1.1`, `二〇二一年一月一日`.
pub(crate) fn date_at(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = year_at(text)?;
    month_day(year, rest, rest.chars().next()?)
}

/// The rest of a date, its year known: `12月31日`.
pub(crate) fn month_day_of(year: i16, text: &str) -> Option<(NaiveDate, &str)> {
    let (month, rest) = small_number(text)?;
    let (day, rest) = small_number(rest.strip_prefix('月')?)?;
    Some((date(year, month, day)?, rest.strip_prefix(['日', '号']).unwrap_or(rest)))
}

fn month_day(year: i16, text: &str, separator: char) -> Option<(NaiveDate, &str)> {
    let behind = text.strip_prefix(separator)?;
    match separator {
        '年' => month_day_of(year, behind),
        '-' | '/' | '.' | '．' | '－' => {
            let (month, rest) = small_number(behind)?;
            let (day, rest) = small_number(rest.strip_prefix(separator)?)?;
            Some((date(year, month, day)?, rest.strip_prefix('日').unwrap_or(rest)))
        }
        _ => None,
    }
}

fn date(year: i16, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(year), month, day)
}

/// The first complete date of a text.
pub(crate) fn first_date(text: &str) -> Option<NaiveDate> {
    let mut last = '\0';
    text.char_indices().find_map(|(i, c)| {
        let fresh = !is_numeral(std::mem::replace(&mut last, c));
        if fresh && matches!(c, '2' | '二') { text.get(i..).and_then(date_at).map(|(d, _)| d) } else { None }
    })
}

/// A date as the model counts it.
pub(crate) fn to_model(date: NaiveDate) -> Date {
    Date(date.num_days_from_ce() - NaiveDate::default().num_days_from_ce())
}

/// The date of one of the model.
pub(crate) fn of_model(date: Date) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(date.0.checked_add(NaiveDate::default().num_days_from_ce())?)
}

/// The year of a date.
pub(crate) fn year_of(date: NaiveDate) -> i16 {
    i16::try_from(date.year()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{date_at, first_date, to_model, years};
    use chrono::NaiveDate;
    use gongkai_model::Date;

    fn list(text: &str) -> Vec<i16> {
        years(text).iter().map(|y| y.year).collect()
    }

    #[test]
    fn years_in_every_writing_and_no_others() {
        assert_eq!(list("某局2021年度报告"), [2021]);
        assert_eq!(list("二〇二一年、二○二〇年、二零一九年"), [2021, 2020, 2019]);
        assert_eq!(list("202011日至20201231日"), [0; 0]);
        assert_eq!(list("公开12021条，电话20212021"), [0; 0]);
        assert_eq!(list("1999年，2099年"), [0; 0]);
        let number = years("国办公开办函〔2021〕30号");
        assert!(number.iter().all(|y| y.bracketed), "{number:?}");
        assert!(years("2022年1月19日")[0].dated && !years("2022年度")[0].dated);
        assert!(!years("公开2021条")[0].marked);
    }

    #[test]
    fn dates_in_every_writing_and_only_complete_ones() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (text, want) in [
            ("2021年1月1日起", day(2021, 1, 1)),
            ("2021-01-31 16:08", day(2021, 1, 31)),
            ("2021.12.31", day(2021, 12, 31)),
            ("2021/2/3", day(2021, 2, 3)),
            ("二〇二一年十二月三十一日", day(2021, 12, 31)),
            ("二○二〇年一月二十日", day(2020, 1, 20)),
            ("二零一九年三月十日", day(2019, 3, 10)),
            ("2021年2月30日", None),
            ("2021年1月", None),
            ("202011日", None),
            ("2021年", None),
        ] {
            assert_eq!(date_at(text).map(|(d, _)| d), want, "{text}");
        }
        assert_eq!(first_date("时间:2019-01-10"), day(2019, 1, 10));
        assert_eq!(day(1970, 1, 2).map(to_model), Some(Date(1)));
    }
}
