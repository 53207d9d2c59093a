//! Numbers as sentences print them: digits with separators, 1.2万, Chinese numerals.

use gongkai_model::Number;
use gongkai_registry::is_longer;

/// A number, and how finely it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub number: Number,
    /// One in the last place told: 1 for 12, 1000 for 1.2万.
    pub step: Number,
}

/// Ten thousand and a hundred million: each multiplies what stands before it.
const LARGE: [(char, i64); 2] = [('亿', 100_000_000), ('万', 10_000)];

/// Whether a number may begin with a character.
pub(crate) fn may_begin(c: char) -> bool {
    c.is_ascii_digit() || "零〇一二两三四五六七八九十百千万亿.,，+-".contains(c)
}

/// Reads a text that is one number and nothing else.
pub(crate) fn read(text: &str) -> Option<Told> {
    /// No count has more characters.
    const MAX_CHARS: usize = 24;
    if text.is_empty() || is_longer(text, MAX_CHARS) {
        return None;
    }
    digits(text).or_else(|| {
        let number = Number::from_integer(chinese(text)?);
        Some(Told { number, step: Number::from_integer(1) })
    })
}

/// `21`, `1,234`, `86.5`, `1.2万`.
fn digits(text: &str) -> Option<Told> {
    let large = LARGE.iter().find_map(|(c, n)| text.strip_suffix(*c).map(|rest| (rest, *n)));
    let (plain, times) = large.unwrap_or((text, 1));
    let plain = ungrouped(plain)?;
    if plain.len() > 1 && plain.starts_with('0') && !plain.starts_with("0.") {
        return None;
    }
    let number = Number::parse_plain(&plain).filter(|_| !plain.starts_with(['+', '-']))?;
    let decimals = plain.split_once('.').map_or(0, |(_, f)| f.len());
    let scale = 10_i128.checked_pow(u32::try_from(decimals).ok()?)?;
    Some(Told { number: multiplied(number, times)?, step: step(times, scale)? })
}

fn multiplied(number: Number, times: i64) -> Option<Number> {
    let units = number.micros().checked_mul(i128::from(times))?;
    Number::parse_plain(&format!("{}.{:06}", units / 1_000_000, units % 1_000_000))
}

fn step(times: i64, scale: i128) -> Option<Number> {
    let micros = i128::from(times) * 1_000_000 / scale;
    Number::parse_plain(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000))
}

/// Digits without their thousands separators; `None` where a comma is none.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split([',', '，']);
    let first = groups.next()?;
    let several = whole.contains([',', '，']);
    let fits = !several || ((1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3));
    let plain: String = whole.chars().filter(|c| !matches!(c, ',' | '，')).collect();
    fits.then(|| fraction.map_or(plain.clone(), |f| format!("{plain}.{f}")))
}

/// 一百二十三, 两万零五, 十二. `None` for anything that is not one well-formed number.
fn chinese(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0_i64;
    for (large, times) in LARGE {
        if let Some((before, behind)) = rest.split_once(large) {
            total = total.checked_add(below_ten_thousand(before, false)?.checked_mul(times)?)?;
            rest = behind;
            if rest.is_empty() {
                return Some(total);
            }
        }
    }
    total.checked_add(below_ten_thousand(rest, total > 0)?)
}

/// Thousands, hundreds, tens and ones in falling order; behind something larger a gap must be told by 零.
fn below_ten_thousand(text: &str, behind: bool) -> Option<i64> {
    let digit = |c: char| -> Option<i64> {
        let all = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
        let at = match c {
            '两' => 2,
            '〇' => 0,
            c => all.iter().position(|d| *d == c)?,
        };
        i64::try_from(at).ok()
    };
    if matches!(text, "零" | "〇") && !behind {
        return Some(0);
    }
    let mut total = 0;
    let mut open: Option<i64> = None;
    let mut gap = false;
    let mut before = 10_000;
    // A place left out must be told by 零, and 零 tells of nothing else; before the first place nothing is left out.
    let follows = |unit: i64, before: i64, gap: bool, first: bool| {
        unit < before && if first { !gap } else { gap == (unit * 10 < before) }
    };
    for c in text.chars() {
        let unit = match c {
            '千' => 1_000,
            '百' => 100,
            '十' => 10,
            '零' | '〇' if open.is_none() && !gap => {
                gap = true;
                continue;
            }
            _ if open.is_none() => {
                open = Some(digit(c).filter(|d| *d > 0)?);
                continue;
            }
            _ => return None,
        };
        let first = total == 0 && !behind;
        // 十二 for 一十二 only at the beginning.
        let times = open.take().or((unit == 10 && first).then_some(1))?;
        if !follows(unit, before, gap, first) {
            return None;
        }
        total += times * unit;
        (before, gap) = (unit, false);
    }
    match open {
        // 三百五 means 350 in speech: not certain.
        Some(ones) if follows(1, before, gap, total == 0 && !behind) => Some(total + ones),
        Some(_) => None,
        None => (total > 0 && !gap).then_some(total),
    }
}

#[cfg(test)]
mod tests {
    use super::{chinese, may_begin, read};
    use proptest::prelude::*;

    #[test]
    fn numbers_of_sentences() {
        for (text, number) in [
            ("21", Some("21")),
            ("1,234", Some("1234")),
            ("12，345", Some("12345")),
            ("86.5", Some("86.5")),
            ("1.2万", Some("12000")),
            ("3万", Some("30000")),
            ("0", Some("0")),
            ("一百二十三", Some("123")),
            ("十二", Some("12")),
            ("两千零五", Some("2005")),
            ("一万二千三百四十五", Some("12345")),
            ("三百零五", Some("305")),
            ("零", Some("0")),
            ("三百五", None),
            ("二十几", None),
            ("20余", None),
            ("12,34", None),
            ("007", None),
            ("", None),
            ("一二", None),
        ] {
            assert_eq!(read(text).map(|t| t.number.to_string()).as_deref(), number, "{text}");
        }
        assert_eq!(read("1.2万").map(|t| t.step.to_string()).as_deref(), Some("1000"));
    }

    /// As they are written.
    fn written(n: i64) -> String {
        let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let small = |n: i64, behind: bool| {
            let (mut text, mut gap) = (String::new(), behind && n < 1000);
            for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
                let d = usize::try_from(n / unit % 10).unwrap();
                if d == 0 {
                    gap |= !text.is_empty();
                    continue;
                }
                if gap {
                    text.push('零');
                    gap = false;
                }
                text.push_str(digits[d]);
                text.push_str(name);
            }
            text
        };
        match (n / 10_000, n % 10_000) {
            (0, rest) => small(rest, false),
            (many, 0) => format!("{}万", small(many, false)),
            (many, rest) => format!("{}万{}", small(many, false), small(rest, true)),
        }
    }

    proptest! {
        #[test]
        fn every_number_begins_as_one_may(text in "[0-9零〇一二两三四五六七八九十百千万亿.,，+\\-余]{1,8}|\\PC{1,6}") {
            prop_assert!(read(&text).is_none() || text.starts_with(may_begin), "{}", text);
        }

        #[test]
        fn chinese_numerals_round_trip(n in 1_i64..99_999_999) {
            prop_assert_eq!(chinese(&written(n)), Some(n), "{}", written(n));
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "[0-9,.万亿零一二十百千两]{0,12}") {
            let _ = read(&text);
        }
    }
}
