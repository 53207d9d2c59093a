//! The words of a form's table, prepared once for all documents: to find pieces of them (`商业` over `企业`, `自然人总计`, the
//! end of a label), misprints, and what is like them.

use crate::labels::Characters;
use crate::likeness::Word;
use gongkai_registry::FormTable;

/// The words of a form's table.
pub(crate) struct TableWords<'r> {
    pub table: &'r FormTable,
    /// Words of heads, by column; of those over several, by none.
    pub columns: Vec<(Option<usize>, Vec<Word>)>,
    /// Labels of rows, by item.
    pub items: Vec<Vec<Word>>,
    /// The characters of the words of heads, and of rows.
    in_head: Characters,
    in_rows: Characters,
    /// The labels of rows and groups, one a line: no piece of one has a line's end.
    rows: String,
}

impl<'r> TableWords<'r> {
    pub(crate) fn of(table: &'r FormTable) -> Self {
        let words = |labels: &[String]| labels.iter().cloned().map(Word::of).collect::<Vec<_>>();
        let columns = table.columns.iter().enumerate().map(|(c, x)| (Some(c), words(&x.labels)));
        let headings = table.headings.iter().map(|h| (None, words(&h.labels)));
        let items = table.items.iter().map(|i| words(&i.labels)).collect();
        let labels = table.items.iter().flat_map(|i| &i.labels);
        let labels = labels.chain(table.groups.iter().flat_map(|g| &g.labels));
        let rows: Vec<&str> = labels.map(String::as_str).collect();
        let columns: Vec<(Option<usize>, Vec<Word>)> = columns.chain(headings).collect();
        let head = columns.iter().flat_map(|(_, words)| words).flat_map(|w| w.text().chars());
        let in_head = Characters::of(head);
        let in_rows = Characters::of(rows.iter().flat_map(|l| l.chars()));
        Self { table, columns, items, in_head, in_rows, rows: rows.join("\n") }
    }

    /// Whether a key is nothing but a piece of the table's words. One that narrows what is counted (`上年总计`) is none. A piece
    /// of a row's label stands beside no word of the head.
    pub(crate) fn have_piece(&self, key: &str, narrowed: bool, beside_columns: bool) -> bool {
        let in_rows = || key.chars().all(|c| self.in_rows.contains(c));
        !key.is_empty()
            && ((!narrowed && self.is_of_head(key))
                || (!beside_columns && in_rows() && self.rows.contains(key)))
    }

    /// Whether all characters are those of the head's words, or those of one word but for one.
    fn is_of_head(&self, key: &str) -> bool {
        let others = key.chars().filter(|c| !self.in_head.contains(*c)).take(2).count();
        // One may be misprinted.
        let is_misprint = |word: &Word| {
            let pairs = || word.text().chars().zip(key.chars());
            word.text().chars().count() == key.chars().count() && pairs().filter(|(a, b)| a != b).count() == 1
        };
        others == 0 || (others == 1 && self.columns.iter().flat_map(|(_, words)| words).any(is_misprint))
    }
}
