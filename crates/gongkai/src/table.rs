//! Text tables for a terminal, aligned by display width (a Chinese character takes two columns).

use crate::say::one_line;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows to lines, columns two blanks apart, `indent` blanks in front, no trailing blanks.
pub(crate) fn lines(rows: &[Vec<String>], align: &[Align], indent: usize) -> String {
    let rows: Vec<Vec<Cow<'_, str>>> =
        rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.width()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = " ".repeat(indent);
        for (c, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths.get(c).copied().unwrap_or_default().saturating_sub(cell.width()));
            match align.get(c).copied().unwrap_or(Align::Left) {
                Align::Left => line.extend([&**cell, &blanks, "  "]),
                Align::Right => line.extend([&*blanks, &**cell, "  "]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// 1234567 as `1,234,567`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Align, lines, thousands};

    #[test]
    fn chinese_text_is_aligned_by_what_it_takes_on_screen() {
        let rows = vec![vec!["总计".to_owned(), "7".to_owned()], vec!["a".to_owned(), "12".to_owned()]];
        assert_eq!(lines(&rows, &[Align::Left, Align::Right], 1), " 总计   7\n a     12\n");
    }

    #[test]
    fn thousands_are_grouped_from_the_right() {
        assert_eq!(
            (thousands(0).as_str(), thousands(999).as_str(), thousands(1_234_567).as_str()),
            ("0", "999", "1,234,567")
        );
    }
}
