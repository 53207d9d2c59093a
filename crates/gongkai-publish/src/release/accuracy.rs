//! Accuracy for the card: only what was measured, on which set, with its interval.

use gongkai_registry::Registry;

/// The measured accuracy as a Markdown table; `None` where nothing was measured.
pub(crate) fn markdown(_registry: &Registry) -> Option<String> {
    None
}
