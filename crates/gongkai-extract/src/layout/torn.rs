//! A row that the end of a page tears in two, where the borders of its cells were drawn again on either page.
//!
//! What is printed tells it: a row of figures without a label, or of words between blanks, is what is left of the row above.
//! The pieces of a cell are put together as lines of one cell, so that nobody takes `28` for the figure whose `3` is overleaf.

use super::ruled::Ruled;
use gongkai_model::Cell;

/// Blank cells beside a label that make it the rest of one: fewer may be a row with nothing to tell.
const BLANKS: usize = 5;
/// The same for a label with figures.
const FEW_BLANKS: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Print {
    Blank,
    Figure,
    Words,
}

/// Whether the first row of a table goes on with the last one of the table on the page before, whose columns it shares.
pub(super) fn is_torn(before: &Ruled, after: &Ruled) -> bool {
    let mut upper: Vec<&Cell> = before.cells.iter().filter(|c| c.row + c.rowspan == before.rows).collect();
    let mut lower: Vec<&Cell> = after.cells.iter().filter(|c| c.row == 0).collect();
    upper.sort_by_key(|c| c.col);
    lower.sort_by_key(|c| c.col);
    let place = |c: &&Cell| (c.col, c.colspan);
    if lower.is_empty() || !upper.iter().map(place).eq(lower.iter().map(place)) {
        return false;
    }
    if lower.iter().any(|c| begins_item(c.text.trim_start())) {
        return false;
    }
    use Print::{Blank, Figure, Words};
    let pairs: Vec<(Print, Print)> =
        upper.iter().zip(&lower).map(|(u, l)| (print(&u.text), print(&l.text))).collect();
    let count = |upper: Print, lower: Print| pairs.iter().filter(|pair| **pair == (upper, lower)).count();
    let above = |print: Print| pairs.iter().filter(|(upper, _)| *upper == print).count();
    let below = |print: Print| pairs.iter().filter(|(_, lower)| *lower == print).count();
    let words_go_on = below(Words) == count(Words, Words);
    let figures_go_on = count(Words, Figure) == 0;
    match (below(Words), below(Figure)) {
        // Figures whose label stands on the page before.
        (0, figures) => figures > 0 && figures_go_on && count(Words, Blank) > 0,
        // A torn head: it has no label, and some of its cells ended before.
        (_, 0) if above(Figure) == 0 => {
            words_go_on && count(Words, Blank) > 0 && pairs.first().is_some_and(|(_, l)| *l == Blank)
        }
        // The rest of a label, its figures stand beside the beginning.
        (_, 0) => words_go_on && count(Figure, Blank) >= BLANKS,
        // The rest of a label and of some figures.
        (..) if above(Figure) > 0 => {
            words_go_on && below(Figure) == count(Figure, Figure) && count(Figure, Blank) >= FEW_BLANKS
        }
        // The rest of a label, all figures stand beside it.
        (..) => words_go_on && count(Blank, Figure) == below(Figure) && below(Figure) >= BLANKS,
    }
}

fn print(text: &str) -> Print {
    let text = text.trim();
    match () {
        () if text.is_empty() => Print::Blank,
        () if text.chars().all(|c| c.is_numeric() || c.is_ascii_punctuation() || c.is_whitespace()) => {
            Print::Figure
        }
        () => Print::Words,
    }
}

/// Whether a text begins as an item of a list does: `2.`, `（三）`, `四、`.
fn begins_item(text: &str) -> bool {
    const NUMERALS: &str = "一二三四五六七八九十0123456789";
    let inner = text.strip_prefix(['（', '(']);
    let rest = inner.unwrap_or(text);
    let after = rest.trim_start_matches(|c| NUMERALS.contains(c));
    let is_counted = after.len() < rest.len();
    let closed = |marks: &[char]| after.starts_with(marks);
    is_counted
        && if inner.is_some() {
            closed(&['）', ')'])
        } else {
            closed(&['、', '．'])
                || after.strip_prefix('.').is_some_and(|next| next.starts_with(char::is_alphabetic))
        }
}

#[cfg(test)]
mod tests {
    use super::begins_item;

    #[test]
    fn items_are_told_from_the_rest_of_one() {
        for text in ["2.重复申请", "（三）不予公开", "(七)总计", "四、结转", "10、其他"]
        {
            assert!(begins_item(text), "{text}");
        }
        for text in ["数量", "（区分处理的", "一致", "28", "3.5", "三日内"] {
            assert!(!begins_item(text), "{text}");
        }
    }
}
