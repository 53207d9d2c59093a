//! Words of the program's own vocabulary (codes of findings) as text that lives as long as the program, also when they
//! are read back from a file.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use std::collections::BTreeSet;
use std::sync::Mutex;

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
    let mut known = KNOWN.lock().map_err(|_| D::Error::custom("words are out of reach"))?;
    if let Some(word) = known.get(text.as_str()) {
        return Ok(word);
    }
    if text.len() > LONGEST || known.len() >= MOST {
        return Err(D::Error::custom("no word of this program"));
    }
    let word: &'static str = Box::leak(text.into_boxed_str());
    known.insert(word);
    Ok(word)
}
