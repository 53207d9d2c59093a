//! Text as evidence: blanks inside Chinese text do not matter, digits and letters are half-width.

/// The longest run of digits that may have been torn apart by blanks: a year.
const TORN_DIGITS: usize = 4;

/// Removes blanks inside Chinese text and turns full-width digits and letters into half-width ones.
///
/// `2 0 2 1 年` becomes `2021年`; blanks between Latin words, and between digits that together are longer than a year,
/// stay as one.
pub(crate) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_compact(&mut out, text, |_| ());
    out
}

/// [`compact`], appended to a buffer; `gap` is told where a blank was left out.
pub(crate) fn push_compact(out: &mut String, text: &str, mut gap: impl FnMut(usize)) {
    let mut blank = false;
    let mut digits = 0_usize;
    let mut last = '\0';
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        let plain = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        if let Some((plain, behind)) = rest.split_at_checked(plain).filter(|(plain, _)| !plain.is_empty()) {
            if std::mem::take(&mut blank) {
                gap(out.len());
            }
            (digits, last) = (0, '\0');
            out.push_str(plain);
            chars = behind.chars();
        }
        let Some(c) = chars.next() else { break };
        if is_blank(c) {
            blank = true;
            continue;
        }
        let c = half_width(c);
        if blank && last.is_ascii_alphanumeric() && c.is_ascii_alphanumeric() {
            let both = last.is_ascii_digit() && c.is_ascii_digit();
            let ahead =
                1 + chars.clone().take(TORN_DIGITS).take_while(|d| half_width(*d).is_ascii_digit()).count();
            if !both || digits + ahead > TORN_DIGITS {
                out.push(' ');
                digits = 0;
            }
        }
        if blank {
            gap(out.len());
        }
        blank = false;
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        last = c;
        out.push(c);
    }
}

/// Most characters of Chinese text: they are never changed, and blanks beside them are left out.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{fefe}' | '，' | '：' | '；' | '（' | '）')
}

/// White space, and characters that only look like it.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Whether a character ends a clause or separates words.
pub(crate) fn is_break(c: char) -> bool {
    is_blank(c)
        || matches!(
            c,
            '。' | '，'
                | ','
                | '；'
                | ';'
                | '：'
                | ':'
                | '、'
                | '！'
                | '？'
                | '?'
                | '!'
                | '（'
                | '('
                | '）'
                | ')'
                | '“'
                | '”'
                | '"'
                | '《'
                | '》'
                | '〈'
                | '〉'
                | '【'
                | '】'
                | '〔'
                | '〕'
                | '['
                | ']'
                | '|'
                | '｜'
                | '…'
                | '—'
                | '_'
                | '/'
                | '>'
                | '<'
                | '·'
                | '\''
        )
}

/// Whether a character is a Chinese one.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{3007}')
}

/// Number of characters.
pub(crate) fn length(text: &str) -> usize {
    text.chars().count()
}

/// The first `count` characters.
pub(crate) fn first(text: &str, count: usize) -> &str {
    // As many bytes are no more characters.
    if text.len() <= count {
        return text;
    }
    let mut chars = text.chars();
    _ = count.checked_sub(1).and_then(|n| chars.nth(n));
    text.get(..text.len() - chars.as_str().len()).unwrap_or(text)
}

/// Where a word stands in a text. What `str::match_indices` finds too, but that prepares itself for longer words and texts
/// than titles are.
pub(crate) fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let begins = word.chars().next().into_iter();
    let found = begins.flat_map(|c| text.match_indices(c)).map(|(at, _)| at);
    found.filter(move |at| text.get(*at..).is_some_and(|t| t.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::{compact, first, places};

    #[test]
    fn torn_years_are_joined_and_numbers_are_not() {
        for (text, want) in [
            ("2 0 2 1 年", "2021年"),
            ("某 区　民政局 ２０２０ 年", "某区民政局2020年"),
            ("20 21年", "2021年"),
            ("0591 2023", "0591 2023"),
            ("电话 0591-23 2021年", "电话0591-23 2021年"),
            ("open data", "open data"),
            ("\u{feff}一、\u{a0}概述", "一、概述"),
            ("", ""),
        ] {
            assert_eq!(compact(text), want);
        }
        assert_eq!(first("年度报告", 2), "年度");
        assert_eq!(first("年", 2), "年");
        assert_eq!(first("年", 0), "");
        assert_eq!(places("年报和年度报告，年度", "年度").collect::<Vec<_>>(), [9, 24]);
        assert_eq!(places("年报", "").next(), None);
    }
}
