//! The normal form in which labels are compared: width, white space, punctuation and the ordinal in front do not
//! matter, characters do.

use std::borrow::Cow;

/// The characters of a label that carry meaning: Chinese characters and digits, digits half-width.
///
/// `（一）予以 公开` → `一予以公开`; see [`strip_ordinal`] for the ordinal.
pub fn label_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    key.extend(text.chars().filter_map(significant));
    key
}

fn significant(c: char) -> Option<char> {
    match c {
        '0'..='9' | '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{3007}' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xff10 + 0x30),
        // Private-use and compatibility ideographs: keep, they are somebody's character.
        '\u{f900}'..='\u{faff}' => Some(c),
        _ => None,
    }
}

/// The text behind a leading ordinal (`一、`, `(三)`, `（三）`, `1.`, `12、`, `3 .`), and the ordinal itself.
///
/// Chinese and Arabic numerals count as an ordinal only with a mark of enumeration or brackets around them: `三类…` and
/// `2021年…` stay whole. Circled (`①`), bracketed (`⑴`, `㈠`) and full-stop digits (`⒈`) are ordinals by themselves.
pub fn strip_ordinal(text: &str) -> (Option<&str>, &str) {
    let trimmed = text.trim_start();
    let mut chars = trimmed.char_indices().peekable();
    let mut open = false;
    let mut numerals = 0_usize;
    while let Some(&(at, c)) = chars.peek() {
        let ordinal = |end: usize| (trimmed.get(..at), trimmed.get(end..).unwrap_or("").trim_start());
        if matches!(c, '①'..='⒛' | '㈠'..='㈩') && numerals == 0 {
            return (
                trimmed.get(at..at + c.len_utf8()),
                trimmed.get(at + c.len_utf8()..).unwrap_or("").trim_start(),
            );
        }
        match c {
            '(' | '（' if !open && numerals == 0 => open = true,
            ')' | '）' if open && numerals > 0 => {
                let rest = ordinal(at + c.len_utf8());
                // `(一)、` prints both marks.
                return (rest.0, rest.1.trim_start_matches(['、', '.', '．', ',', '，']).trim_start());
            }
            // `一)` with its opening bracket lost.
            ')' | '）' | '、' | '．' | '.' | ',' | '，' | '：' | ':' if !open && numerals > 0 => {
                let rest = ordinal(at + c.len_utf8());
                // `1.5` is a number, not an ordinal before 5.
                let digit = |d: char| matches!(d, '0'..='9' | '０'..='９');
                if matches!(c, '.' | '．')
                    && trimmed.get(at + c.len_utf8()..).is_some_and(|t| t.starts_with(digit))
                {
                    return (None, trimmed);
                }
                return rest;
            }
            c if is_numeral(c) && numerals < 4 => numerals += 1,
            c if c.is_whitespace() || is_invisible(c) => {}
            _ => return (None, trimmed),
        }
        chars.next();
    }
    (None, trimmed)
}

/// Characters of no width that editors and sites leave behind.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// A text without the blanks and the characters of no width among its own: so words are looked for in it.
pub fn bare(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() || is_invisible(c);
    if !text.contains(is_blank) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_blank(*c)).collect())
}

/// Whether a text has more than so many characters.
pub fn is_longer(text: &str, characters: usize) -> bool {
    // No text has more characters than bytes.
    text.len() > characters && text.chars().nth(characters).is_some()
}

fn is_numeral(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}

#[cfg(test)]
mod tests {
    use super::{label_key, strip_ordinal};

    #[test]
    fn keys_ignore_width_space_and_punctuation() {
        assert_eq!(label_key(" 3.危及“三安全 一稳定” "), "3危及三安全一稳定");
        assert_eq!(label_key("本年收费金额（单位：万元）"), "本年收费金额单位万元");
        assert_eq!(label_key("１２"), "12");
    }

    #[test]
    fn ordinals_are_told_from_numbers_that_belong_to_the_label() {
        for (text, rest) in [
            ("一、本年新收", "本年新收"),
            ("（三）不予公开", "不予公开"),
            ("(三) 不予公开", "不予公开"),
            ("1.属于国家秘密", "属于国家秘密"),
            ("7. 属于行政执法案卷", "属于行政执法案卷"),
            ("12、其他", "其他"),
            ("①维持", "维持"),
            ("㈠予以公开", "予以公开"),
            ("一)予以公开", "予以公开"),
            ("（一）、概述", "概述"),
            ("三类内部事务", "三类内部事务"),
            ("2021年", "2021年"),
            ("1.5", "1.5"),
            ("(注)", "(注)"),
        ] {
            assert_eq!(strip_ordinal(text).1, rest, "{text}");
        }
    }
}
