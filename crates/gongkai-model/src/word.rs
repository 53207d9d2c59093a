//! Words of the program's own vocabulary (codes of findings) as text that lives as long as the program, also when they
//! are read back from a file.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Longest word kept for ever.
const LONGEST: usize = 64;
/// Most different words kept for ever: a damaged file must not fill the memory.
const MOST: usize = 4096;
static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The type of such a word. A name, because the derived reader would otherwise borrow it from what it reads.
pub type Word = &'static str;

/// Writes the word as text.
pub(crate) fn serialize<S: Serializer>(word: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(word)
}

/// Reads a word; each different one is kept once.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    let text = String::deserialize(deserializer)?;
    of(&text).ok_or_else(|| D::Error::custom("no word of this program"))
}

/// A text as such a word; `None` when it cannot be one.
fn of(text: &str) -> Option<Word> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = known.get(text) {
        return Some(word);
    }
    if text.len() > LONGEST || known.len() >= MOST {
        return None;
    }
    let word: Word = Box::leak(text.to_owned().into_boxed_str());
    known.insert(word);
    Some(word)
}
