//! Traditional to simplified.
//!
//! Conversion is OpenCC's `t2s` (Apache-2.0), character by character with phrases. Whether to convert is decided first and
//! cheaply: by the characters that only traditional text uses.

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use gongkai_model::{Block, Document, Script};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Characters that `t2s` changes, that no other character is changed to, and that GB 2312, the repertoire of simplified
/// text, does not have. Characters of both scripts (乾 於 著 藉 …) are not among them, so a simplified text is never taken
/// for a traditional one.
const TRADITIONAL_ONLY: &str = include_str!("../data/traditional.txt");

/// Below this share (in percent) or this number, a document is simplified: names may be printed in old characters.
const SIMPLIFIED_BELOW: (usize, usize) = (2, 8);
/// Above this share it is traditional; running traditional text has 30 to 40 %.
const TRADITIONAL_ABOVE: usize = 15;
/// From this share on, a block of a mixed document is converted.
const MIXED_BLOCK: usize = 5;
/// From this share and number on, a block of a simplified document is converted: more than a name.
const FOREIGN_BLOCK: (usize, usize) = (20, 4);

/// A block that calls the report so is its title, however short: a page in traditional characters around a simplified text.
const TITLE_WORDS: [&str; 2] = ["公開", "報告"];

static DETECTION: LazyLock<Detection> = LazyLock::new(|| Detection::new(TRADITIONAL_ONLY));

/// `None` cannot happen with the dictionaries compiled in (a test loads them); text then stays as printed.
static CONVERTER: LazyLock<Option<OpenCC>> = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// Radicals as characters of their own (U+2E80 to U+2EFF), each before the character that it looks like, where Unicode's
/// compatibility forms do not say it (after Unicode's `EquivalentUnifiedIdeograph`).
const RADICALS: &str = include_str!("../data/radicals.txt");

static UNIFIED: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let pair = |line: &'static str| {
        let mut chars = line.chars();
        Some((chars.next()?, chars.next()?))
    };
    RADICALS.lines().filter_map(pair).collect()
});

/// Whether a character is a radical or a compatibility form of one that text is written with.
fn is_other_form(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// The character that text is written with, for a radical or a compatibility form that looks the same: fonts of PDFs are often
/// mapped to those, and what is copied out of them has them.
pub(crate) fn unified(c: char) -> char {
    if !is_other_form(c) {
        return c;
    }
    let mut forms = c.nfkc();
    match (forms.next(), forms.next()) {
        (Some(form), None) if form != c => form,
        _ => UNIFIED.get(&c).copied().unwrap_or(c),
    }
}

/// Writes a document in the usual characters.
pub(crate) fn unify(document: &mut Document) {
    each_text(document, |text| {
        if text.chars().any(is_other_form) {
            *text = text.chars().map(unified).collect();
        }
    });
}

/// Simplified text of a text that holds traditional characters; others are handed back as they are.
pub fn simplify(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| DETECTION.contains(c)) { Cow::Owned(convert(text)) } else { Cow::Borrowed(text) }
}

fn convert(text: &str) -> String {
    CONVERTER.as_ref().map_or_else(|| text.to_owned(), |converter| converter.convert(text))
}

/// Han characters of a text, and how many of them only traditional text uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    han: usize,
    traditional: usize,
}

impl Share {
    fn of(text: &str) -> Self {
        let mut share = Self::default();
        for c in text.chars().filter(|c| is_han(*c)) {
            share.han += 1;
            share.traditional += usize::from(DETECTION.contains(c));
        }
        share
    }

    fn is_at_least(self, percent: usize) -> bool {
        self.traditional > 0 && self.traditional * 100 >= self.han * percent
    }

    fn script(self) -> Script {
        match () {
            () if self.is_at_least(TRADITIONAL_ABOVE) => Script::Traditional,
            () if self.is_at_least(SIMPLIFIED_BELOW.0) && self.traditional >= SIMPLIFIED_BELOW.1 => {
                Script::Mixed
            }
            () => Script::Simplified,
        }
    }
}

/// Finds the script of a document and converts what is traditional in it.
pub(crate) fn settle(document: &mut Document) {
    let mut total = Share::default();
    each_text(document, |text| {
        let share = Share::of(text);
        total = Share { han: total.han + share.han, traditional: total.traditional + share.traditional };
    });
    document.script = total.script();
    if total.traditional == 0 {
        return;
    }
    let script = document.script;
    each_text(document, |text| {
        let share = Share::of(text);
        let is_title = || share.traditional > 0 && TITLE_WORDS.iter().any(|w| text.contains(w));
        if is_converted(script, share) || is_title() {
            *text = convert(text);
        }
    });
}

/// Whether a text is converted. In a traditional document every one is, also those of characters both scripts have.
fn is_converted(document: Script, text: Share) -> bool {
    match document {
        Script::Traditional => text.han > 0,
        Script::Mixed => text.is_at_least(MIXED_BLOCK),
        Script::Simplified => text.traditional >= FOREIGN_BLOCK.1 && text.is_at_least(FOREIGN_BLOCK.0),
    }
}

/// Visits every text of a document.
pub(crate) fn each_text(document: &mut Document, mut visit: impl FnMut(&mut String)) {
    for meta in &mut document.meta {
        visit(&mut meta.name);
        visit(&mut meta.value);
    }
    for block in &mut document.blocks {
        match block {
            Block::Paragraph(paragraph) => visit(&mut paragraph.text),
            Block::Table(table) => table.cells.iter_mut().for_each(|cell| visit(&mut cell.text)),
        }
    }
}

/// A Chinese character of the basic planes' main blocks.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}')
}

/// A set of characters of the blocks U+3400 to U+9FFF, one bit each.
struct Detection {
    bits: Vec<u64>,
}

impl Detection {
    const FIRST: u32 = 0x3400;
    const LAST: u32 = 0x9FFF;

    fn new(characters: &str) -> Self {
        let mut bits = vec![0; ((Self::LAST - Self::FIRST) / 64 + 1) as usize];
        for (word, bit) in characters.chars().filter_map(Self::place) {
            if let Some(word) = bits.get_mut(word) {
                *word |= bit;
            }
        }
        Self { bits }
    }

    fn place(c: char) -> Option<(usize, u64)> {
        let n = (c as u32).checked_sub(Self::FIRST).filter(|_| c as u32 <= Self::LAST)?;
        Some(((n / 64) as usize, 1 << (n % 64)))
    }

    fn contains(&self, c: char) -> bool {
        Self::place(c).is_some_and(|(word, bit)| self.bits.get(word).is_some_and(|w| w & bit != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_and_compatibility_forms_are_the_characters_they_look_like() {
        let text: String = "⼀⼈⾏⻅⻔⻓⺠\u{f9d1}，，0％".chars().map(unified).collect();
        assert_eq!(text, "一人行见门长民六，，0％");
    }
    use encoding_rs::GBK;
    use proptest::prelude::*;
    use std::collections::HashSet;

    /// GB 2312 hanzi are the GBK codes with lead byte B0 to F7 and trail byte A1 to FE.
    fn is_gb2312(c: char) -> bool {
        matches!(*GBK.encode(c.encode_utf8(&mut [0; 4])).0, [0xB0..=0xF7, 0xA1..=0xFE])
    }

    /// The rule of the detection set, from the converter itself.
    fn computed() -> String {
        let changed: Vec<(char, String)> = ('\u{3400}'..='\u{9FFF}')
            .map(|c| (c, convert(&c.to_string())))
            .filter(|(c, simplified)| *simplified != c.to_string())
            .collect();
        let results: HashSet<&str> = changed.iter().map(|(_, simplified)| simplified.as_str()).collect();
        let is_only_traditional = |c: char| !is_gb2312(c) && !results.contains(c.to_string().as_str());
        changed.iter().map(|(c, _)| *c).filter(|c| is_only_traditional(*c)).collect()
    }

    #[test]
    fn the_detection_set_is_what_its_rule_says() {
        let stored: String = TRADITIONAL_ONLY.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(
            stored == computed(),
            "data/traditional.txt is not the set of the rule; it should hold:\n{}",
            computed()
        );
    }

    #[test]
    fn characters_of_both_scripts_are_not_detected() {
        for c in "乾著於藉瞭徵后里面台只表干系范围准".chars() {
            assert!(!DETECTION.contains(c) || !is_gb2312(c), "{c}");
        }
        assert!("信息公開總體情況數結轉".chars().filter(|c| DETECTION.contains(*c)).count() == 7);
    }

    #[test]
    fn simplified_text_is_not_touched() {
        assert!(matches!(simplify("一、总体情况 著作 乾坤 3件"), Cow::Borrowed(_)));
        assert_eq!(simplify("三、收到和處理政府信息公開申請情況"), "三、收到和处理政府信息公开申请情况");
        assert_eq!(simplify("乾隆年間的頭髮與發展，乾燥"), "乾隆年间的头发与发展，干燥");
    }

    #[test]
    fn scripts_are_told_by_share() {
        let share = |han, traditional| Share { han, traditional }.script();
        assert_eq!(share(0, 0), Script::Simplified);
        assert_eq!(share(1000, 19), Script::Simplified);
        assert_eq!(share(100, 7), Script::Simplified);
        assert_eq!(share(10, 2), Script::Traditional);
        assert_eq!(share(1000, 20), Script::Mixed);
        assert_eq!(share(1000, 150), Script::Traditional);
    }

    proptest! {
        #[test]
        fn simplifying_twice_changes_nothing(text in "[\u{4E00}-\u{9FFF}a-z0-9，]{0,40}") {
            let once = simplify(&text).into_owned();
            prop_assert_eq!(simplify(&once), once.as_str());
        }

        #[test]
        fn simplifying_traditional_strings_twice_changes_nothing(
            picks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..30)
        ) {
            let all: Vec<char> = TRADITIONAL_ONLY.chars().collect();
            let text: String = picks.iter().map(|i| *i.get(&all)).collect();
            let once = simplify(&text).into_owned();
            prop_assert_eq!(simplify(&once), once.as_str());
        }
    }
}
