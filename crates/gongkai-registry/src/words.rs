//! Lists of words that are looked for in texts.

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// Words of which a text may have one. One walk over a text finds any of them, however many there are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct WordList {
    words: Vec<String>,
    /// None for no words.
    automaton: Option<AhoCorasick>,
}

impl WordList {
    /// Whether a text has one of the words.
    pub fn is_in(&self, text: &str) -> bool {
        self.automaton.as_ref().is_some_and(|automaton| automaton.is_match(text))
    }

    /// The words, as written.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        self.words.iter()
    }
}

impl TryFrom<Vec<String>> for WordList {
    type Error = String;

    /// An empty word would be in every text.
    fn try_from(words: Vec<String>) -> Result<Self, String> {
        if words.iter().any(String::is_empty) {
            return Err("a word of the list is empty".to_owned());
        }
        let automaton = (!words.is_empty()).then(|| AhoCorasick::new(&words)).transpose();
        let automaton = automaton.map_err(|e| format!("the words make no automaton: {e}"))?;
        Ok(Self { words, automaton })
    }
}

#[cfg(test)]
mod tests {
    use super::WordList;

    #[test]
    fn one_of_the_words() {
        let list = WordList::try_from(vec!["占".to_owned(), "上年".to_owned()]).unwrap();
        assert!(list.is_in("商业企业占比"));
        assert!(!list.is_in("上半年"));
        assert!(!WordList::try_from(Vec::new()).unwrap().is_in("上年"));
        assert!(WordList::try_from(vec![String::new()]).is_err());
    }
}
