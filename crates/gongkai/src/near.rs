//! What a person may have meant.

/// The few known words most like a text; none when nothing is like it.
pub(crate) fn near<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    /// So many are shown.
    const SHOWN: usize = 3;
    /// Edits allowed: one in so many characters, and at least one.
    const CHARS_AN_EDIT: usize = 4;
    let allowed = (text.chars().count() / CHARS_AN_EDIT).max(1);
    let mut found: Vec<(usize, &str)> = known
        .filter_map(|word| {
            // A part of it counts as near, behind words that differ by an edit or two.
            let part = text.chars().count() >= CHARS_AN_EDIT && word.contains(text);
            let edits = strsim::osa_distance(text, word);
            if edits <= allowed { Some((edits, word)) } else { part.then_some((allowed + 1, word)) }
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(SHOWN).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn slips_and_parts_are_near_and_strangers_are_not() {
        let known = ["new_received", "carried_over", "refused.internal", "total"];
        assert_eq!(near("new_recieved", known.into_iter()), ["new_received"]);
        assert_eq!(near("internal", known.into_iter()), ["refused.internal"]);
        assert_eq!(near("totl", known.into_iter()), ["total"]);
        assert!(near("colour", known.into_iter()).is_empty());
    }
}
