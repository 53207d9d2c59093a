//! Pinyin in brackets after characters, which some mirrors add: `务(wù)` is 务.

use crate::oddity::{PINYIN_REMOVED, oddity};
use crate::script::{each_text, is_han};
use gongkai_model::Document;

/// Longest syllable: `zhuāng`.
const SYLLABLE_CHARS: usize = 7;

/// Takes the pinyin out of all texts and tells how often.
pub(crate) fn remove(document: &mut Document) {
    let mut count = 0;
    each_text(document, |text| {
        if let Some((plain, removed)) = without(text) {
            *text = plain;
            count += removed;
        }
    });
    if count > 0 {
        document
            .oddities
            .push(oddity(PINYIN_REMOVED, format!("{count} syllables of pinyin in brackets taken out")));
    }
}

/// The text without pinyin and the number of syllables; `None` when there is none.
fn without(text: &str) -> Option<(String, usize)> {
    // Letters with tone marks begin with these bytes in UTF-8; Chinese text has none of them.
    if !text.bytes().any(|b| matches!(b, 0xC3..=0xC7 | 0xCC)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut count = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['(', '（']) {
        out.push_str(before);
        let follows_han = out.chars().next_back().is_some_and(is_han);
        if let Some((_, tail)) =
            after.split_once([')', '）']).filter(|(inner, _)| follows_han && is_syllable(inner))
        {
            count += 1;
            rest = tail;
            continue;
        }
        out.extend(rest.chars().nth(before.chars().count()));
        rest = after;
    }
    out.push_str(rest);
    (count > 0).then_some((out, count))
}

/// Latin letters only, at least one with a tone mark: a bracket such as (GDP) is text.
fn is_syllable(text: &str) -> bool {
    let is_marked = |c: char| matches!(c, '\u{C0}'..='\u{1FF}' | '\u{300}'..='\u{30C}');
    text.chars().nth(SYLLABLE_CHARS).is_none()
        && text.chars().any(is_marked)
        && text.chars().all(|c| c.is_ascii_alphabetic() || (is_marked(c) && !matches!(c, '×' | '÷')))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn only_pinyin_after_characters_goes() {
        assert_eq!(without("服務(wù)局（jú）辦"), Some(("服務局辦".to_owned(), 2)));
        for text in ["总值(GDP)", "café (à)", "无括号", "(wù)", "面积(3×4)", "值(men)"] {
            assert_eq!(without(text), None, "{text}");
        }
        assert_eq!(without("甲(一)务(wù)乙(二)").unwrap().0, "甲(一)务乙(二)");
    }
}
