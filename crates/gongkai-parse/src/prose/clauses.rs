//! Sentences into clauses.

/// The clauses of a sentence. A comma between three digits and others is none, and 、 parts clauses only behind a unit.
pub(crate) fn clauses<'t>(sentence: &'t str, units: &[String]) -> Vec<&'t str> {
    let characters: Vec<(usize, char)> = sentence.char_indices().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|a| characters.get(a)).is_some_and(|(_, c)| half_width(*c).is_ascii_digit())
    };
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, (byte, c)) in characters.iter().enumerate() {
        let grouped =
            || digit(at.checked_sub(1)) && (1..=3).all(|n| digit(Some(at + n))) && !digit(Some(at + 4));
        let ends = match c {
            ',' | '，' => !grouped(),
            ';' | '；' | ':' | '：' | '(' | ')' | '（' | '）' => true,
            '、' => {
                let before = sentence.get(from..*byte).unwrap_or_default();
                units.iter().any(|u| before.strip_suffix(u.as_str()).is_some_and(|b| b.ends_with(is_numeral)))
            }
            _ => false,
        };
        if ends {
            clauses.push(sentence.get(from..*byte).unwrap_or_default());
            from = byte + c.len_utf8();
        }
    }
    clauses.push(sentence.get(from..).unwrap_or_default());
    clauses
}

fn is_numeral(c: char) -> bool {
    half_width(c).is_ascii_digit()
        || matches!(
            c,
            '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千' | '万'
        )
}

/// Digits of full width as others.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// The years a text names.
pub(crate) fn years(text: &str) -> Vec<i16> {
    let mut years = Vec::new();
    for (at, _) in text.match_indices('年') {
        let digits = text.get(..at).unwrap_or_default();
        let four = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default();
        if four.len() == 4 && four.bytes().all(|b| b.is_ascii_digit()) {
            years.extend(four.parse::<i16>());
        }
    }
    years
}
