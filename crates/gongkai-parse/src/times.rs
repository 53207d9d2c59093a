//! What time a title, a caption or a note names.

use gongkai_registry::{Scopes, WordList, bare};

/// Whether a text names a part of a year: one of the words for it, or months that are not all twelve.
pub(crate) fn names_part(text: &str, parts: &WordList) -> bool {
    let words = bare(text);
    let text: Vec<char> = words.chars().collect();
    // `1-6月`, `1月至9月`
    let number = |digits: &[char]| {
        digits.iter().collect::<String>().parse::<u8>().ok().filter(|m| (1..=12).contains(m))
    };
    let months = text
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c, '-' | '－' | '—' | '–' | '~' | '～' | '至' | '到'));
    let span = |(at, _): (usize, &char)| {
        let before = text.get(..at).unwrap_or_default();
        let before = before.strip_suffix(&['月']).unwrap_or(before);
        let from = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
        let from = number(before.get(before.len() - from..).unwrap_or_default())?;
        let behind = text.get(at + 1..).unwrap_or_default();
        // `2023年1月至2023年6月`
        let behind = match behind {
            ['2', '0', _, _, '年', rest @ ..] => rest,
            _ => behind,
        };
        let digits = behind.iter().take_while(|c| c.is_ascii_digit()).count();
        let to = number(behind.get(..digits).unwrap_or_default())?;
        (behind.get(digits) == Some(&'月')).then_some((from, to))
    };
    parts.is_in(&words)
        || names_days_of_a_part(&text)
        || months.filter_map(span).any(|(from, to)| from < to && (from, to) != (1, 12))
}

/// Whether a caption says in its own words that its figures are of another time than a year, or were not counted at all: 上年度情况,
/// 截至2023年6月30日, 2023年12月, 样表.
pub(crate) fn names_other_time(text: &str, year: Option<i16>, scopes: &Scopes) -> bool {
    let any = |words: &[String], text: &str| words.iter().any(|w| text.contains(w.as_str()));
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let begins = |word: &String| {
        let rest = text.strip_prefix(word.as_str())?.trim_matches(|c: char| !c.is_alphanumeric());
        (rest.is_empty() || any(&scopes.of_figures, rest)).then_some(())
    };
    let since = any(&scopes.since, text) && any(&scopes.of_figures, text);
    let characters = significant(text);
    let own = |y: Option<&[char]>| {
        y.zip(year).is_some_and(|(y, year)| y.iter().collect::<String>() == year.to_string())
    };
    // `2023年12月`
    let month = match characters.as_slice() {
        [_, _, _, _, '年', digits @ .., '月'] => {
            own(characters.get(..4)) && digits.iter().all(char::is_ascii_digit)
        }
        _ => false,
    };
    let behind = scopes.until.iter().find_map(|word| Some(text.split_once(word.as_str())?.1));
    let behind = significant(behind.unwrap_or_default());
    let until = own(behind.get(..4))
        && matches!(days_in(&behind).as_slice(), [(_, month, day)] if (*month, *day) != (12, 31));
    let other = scopes.other_times.iter().any(|word| begins(word).is_some()) || since || month || until;
    (other && !any(&scopes.whole_year, text)) || any(&scopes.specimens, text)
}

/// The year whose figures a note says a table has: 2022年度数据.
pub(crate) fn year_of_figures(text: &str, scopes: &Scopes) -> Option<i16> {
    let year = year_in(text)?;
    let behind = text.split_once(&format!("{year}年"))?.1;
    scopes.of_figures.iter().any(|w| behind.starts_with(w.as_str())).then_some(year)
}

/// Whether a text names two days of a year, from the first to the second, that are not its first and its last:
/// `2023年1月1日至2023年6月30日`.
fn names_days_of_a_part(text: &[char]) -> bool {
    let range =
        |at: usize| matches!(text.get(at + 1), Some('至' | '到' | '-' | '－' | '—' | '–' | '~' | '～'));
    matches!(days_in(text).as_slice(), [(at, a, b), (_, c, d)] if range(*at) && ((*a, *b), (*c, *d)) != ((1, 1), (12, 31)))
}

/// The days a text names: where each ends, its month and its day.
fn days_in(text: &[char]) -> Vec<(usize, u8, u8)> {
    let number = |digits: &[char]| digits.iter().collect::<String>().parse::<u8>().ok();
    let days = text.iter().enumerate().filter(|(_, c)| **c == '月').filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let digits = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
        let month = number(before.get(at - digits..)?)?;
        let behind = text.get(at + 1..)?;
        let digits = behind.iter().take_while(|c| c.is_ascii_digit()).count();
        let day = number(behind.get(..digits)?)?;
        matches!(behind.get(digits), Some('日')).then_some((at + 1 + digits, month, day))
    });
    days.collect()
}

pub(crate) fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The first year a text names.
pub(crate) fn year_in(text: &str) -> Option<i16> {
    years_in(&significant(text)).next()
}

pub(crate) fn significant(text: &str) -> Vec<char> {
    bare(text).chars().collect()
}

/// The years named with 年 behind them, dates aside.
pub(crate) fn years_in(characters: &[char]) -> impl DoubleEndedIterator<Item = i16> {
    let end = characters.get(characters.len().saturating_sub(5)..);
    characters.windows(6).chain(end).filter_map(|w| match w {
        ['2', '0', _, _, '年', '0'..='9'] => None,
        ['2', '0', a, b, '年', ..] => Some(2000 + 10 * a.to_digit(10)? as i16 + b.to_digit(10)? as i16),
        _ => None,
    })
}
