//! Codes (of tables, items, columns) read back from a file: there are few different ones, so each thread shares them.

use serde::{Deserialize, Deserializer, Serializer};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

/// Most different codes shared: printed labels can stand for codes, and there is no end to those.
const MOST: usize = 4096;

thread_local! {
    static SHARED: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

/// Writes the code as text.
pub(crate) fn serialize<S: Serializer>(code: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code)
}

/// Reads a code.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    let Text(text) = Text::deserialize(deserializer)?;
    Ok(SHARED.with_borrow_mut(|shared| match shared.get(&*text) {
        Some(code) => Arc::clone(code),
        None => {
            let code: Arc<str> = text.into();
            if shared.len() < MOST {
                shared.insert(Arc::clone(&code));
            }
            code
        }
    }))
}

/// Text that is not copied where the file allows it.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);
