//! Words that are nothing but pieces of the form's: `商业` over `企业`, `自然人总计`, the end of a label; and misprints of
//! them.

use crate::labels::Characters;
use crate::stream::words_key;
use gongkai_registry::FormTable;
use std::cell::OnceCell;

/// The words of a form table, to find pieces of them.
pub(crate) struct Pieces<'a> {
    table: &'a FormTable,
    /// The characters of the words of heads, and of rows.
    characters: OnceCell<(Characters, Characters)>,
}

impl<'a> Pieces<'a> {
    pub(crate) fn of(table: &'a FormTable) -> Self {
        Self { table, characters: OnceCell::new() }
    }

    /// Whether words are such a piece. Those that narrow what is counted (`上年总计`) are none. A piece of a row's label
    /// stands beside no word of the head.
    pub(crate) fn have(&self, raw: &str, narrowed: bool, beside_columns: bool) -> bool {
        let key = words_key(raw);
        let chars: Vec<char> = key.chars().collect();
        let (head, rows) = self.characters.get_or_init(|| self.characters());
        let in_rows = || chars.iter().all(|c| rows.contains(*c));
        let is_piece = |label: &String| label.contains(key.as_str());
        !chars.is_empty()
            && ((!narrowed && self.is_of_head(&chars, head))
                || (!beside_columns && in_rows() && self.rows().any(is_piece)))
    }

    /// Whether all characters are those of the head's words, or those of one word but for one.
    fn is_of_head(&self, chars: &[char], head: &Characters) -> bool {
        let others = chars.iter().filter(|c| !head.contains(**c)).take(2).count();
        // One may be misprinted.
        let is_misprint = |label: &String| {
            let differ = label.chars().zip(chars).filter(|(a, b)| a != *b).count();
            label.chars().count() == chars.len() && differ == 1
        };
        others == 0 || (others == 1 && self.head().any(is_misprint))
    }

    fn head(&self) -> impl Iterator<Item = &'a String> {
        let columns = self.table.columns.iter().flat_map(|c| &c.labels);
        columns.chain(self.table.headings.iter().flat_map(|h| &h.labels))
    }

    fn rows(&self) -> impl Iterator<Item = &'a String> {
        let items = self.table.items.iter().flat_map(|i| &i.labels);
        items.chain(self.table.groups.iter().flat_map(|g| &g.labels))
    }

    fn characters(&self) -> (Characters, Characters) {
        let of_head = Characters::of(self.head().flat_map(|l| l.chars()));
        (of_head, Characters::of(self.rows().flat_map(|l| l.chars())))
    }
}
