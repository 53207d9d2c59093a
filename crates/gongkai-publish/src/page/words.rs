//! The words of the page in both languages: `assets/words.toml`, `assets/rules.toml`.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One text in both languages.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    pub(super) zh: String,
    pub(super) en: String,
}

const WORDS: &str = include_str!("../../assets/words.toml");
const RULES: &str = include_str!("../../assets/rules.toml");

static ALL: LazyLock<BTreeMap<String, Word>> = LazyLock::new(|| toml::from_str(WORDS).unwrap_or_default());
static TITLES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| toml::from_str(RULES).unwrap_or_default());

/// All words by key.
pub(super) fn all() -> &'static BTreeMap<String, Word> {
    &ALL
}

/// The Chinese name of a finding.
pub(super) fn rule(code: &str) -> Option<&'static str> {
    TITLES.get(code).map(String::as_str)
}

/// A text in both languages; the page shows one.
pub(super) fn both(key: &str) -> Markup {
    let (zh, en) = ALL.get(key).map_or((key, key), |w| (w.zh.as_str(), w.en.as_str()));
    html! { span.zh lang="zh-Hans" { (zh) } span.en lang="en" { (en) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_registry::Registry;

    #[test]
    fn every_key_has_both_languages() {
        let words: BTreeMap<String, Word> = toml::from_str(WORDS).unwrap();
        assert!(words.len() > 100, "{}", words.len());
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (key, word) in &words {
            assert!(!word.en.trim().is_empty() && !word.zh.trim().is_empty(), "{key} lacks a language");
            assert!(!chinese(&word.en), "{key}: Chinese in the English text");
        }
    }

    #[test]
    fn every_finding_has_a_chinese_name() {
        let titles: BTreeMap<String, String> = toml::from_str(RULES).unwrap();
        for rule in &Registry::embedded().rules {
            assert!(titles.contains_key(&rule.code), "{} has no name in assets/rules.toml", rule.code);
        }
    }

    /// Every key that the template or the script asks for is there.
    #[test]
    fn every_key_in_use_is_there() {
        let script = include_str!("../../assets/page.js");
        let template = include_str!("skeleton.rs");
        let mut used = 0;
        for (text, opening) in [(script, "t(\""), (template, "both(\"")] {
            let parts: Vec<&str> = text.split(opening).collect();
            for pair in parts.windows(2) {
                // `split("` ends like a call of `t`.
                let called = !pair[0].ends_with(char::is_alphanumeric);
                let key = pair[1].split('"').next().unwrap_or_default();
                // What ends in a dot is the beginning of a key.
                if called && !key.ends_with('.') {
                    assert!(ALL.contains_key(key), "{key} is not in assets/words.toml");
                    used += 1;
                }
            }
        }
        assert!(used > 60, "{used}");
    }
}
