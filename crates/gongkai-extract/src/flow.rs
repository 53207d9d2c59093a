//! White space as HTML shows it: runs collapse to one blank, invisible characters vanish.

use crate::script::is_han;

/// Collects the inline text of one line.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    text: String,
    space: bool,
    letters: usize,
    linked: usize,
    /// Whether a mark behind a figure is open.
    mark: bool,
}

/// One line of inline text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InlineText {
    /// The text, never empty, no white space at its end, and none at its beginning unless it is preformatted.
    pub(crate) text: String,
    /// Letters and digits in it.
    pub(crate) letters: usize,
    /// How many of them stand inside links.
    pub(crate) linked: usize,
}

impl Flow {
    /// Appends text of one text node.
    pub(crate) fn push(&mut self, text: &str, linked: bool) {
        if self.text.is_empty() {
            self.text.reserve(text.trim().len());
        }
        for c in text.chars() {
            if is_invisible(c) {
                continue;
            }
            if is_space(c) {
                self.space = true;
                continue;
            }
            if self.space && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.space = false;
            self.letter(c, linked);
        }
    }

    /// Begins text that stands higher or lower than what is before: behind a figure the mark of a note, which is set in
    /// brackets as notes in the line are, so that it never joins the figure; elsewhere it is set off by a blank.
    pub(crate) fn raise(&mut self) {
        if self.text.ends_with(|c: char| c.is_ascii_digit()) && !self.space {
            self.text.push('(');
            self.mark = true;
        } else {
            self.space = true;
        }
    }

    /// Goes back to the line.
    pub(crate) fn lower(&mut self) {
        self.space = true;
        if std::mem::take(&mut self.mark) {
            let marked = self.text.trim_end_matches('(').len();
            if marked < self.text.len() {
                self.text.truncate(marked);
            } else {
                self.text.push(')');
            }
        }
    }

    /// Appends preformatted text, whose blanks stay.
    pub(crate) fn push_as_printed(&mut self, text: &str, linked: bool) {
        for c in text.chars().filter(|c| !is_invisible(*c)) {
            self.letter(c, linked);
        }
    }

    fn letter(&mut self, c: char, linked: bool) {
        self.text.push(c);
        if is_han(c) || c.is_alphanumeric() {
            self.letters += 1;
            self.linked += usize::from(linked);
        }
    }

    /// Whether nothing visible is on the line.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the last character is a digit, and no blank follows it.
    pub(crate) fn ends_in_digit(&self) -> bool {
        !self.space && self.text.ends_with(|c: char| c.is_ascii_digit())
    }

    /// Ends the line; `None` when nothing visible was on it.
    pub(crate) fn take(&mut self) -> Option<InlineText> {
        if self.mark {
            self.lower();
        }
        let Self { mut text, letters, linked, .. } = std::mem::take(self);
        text.truncate(text.trim_end().len());
        (!text.is_empty()).then_some(InlineText { text, letters, linked })
    }
}

/// White space of any width, the no-break and ideographic kinds included.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Characters with no width: joiners, marks of direction, byte order marks, soft hyphens.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A text with white space collapsed and ends trimmed.
pub(crate) fn collapse(text: &str) -> String {
    let mut flow = Flow::default();
    flow.push(text, false);
    flow.take().map(|line| line.text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_collapses_and_splits_join() {
        let mut flow = Flow::default();
        for piece in ["\n 20", "23", "年\u{3000}\u{a0}", "报\u{200b}告 "] {
            flow.push(piece, false);
        }
        assert_eq!(flow.take().unwrap().text, "2023年 报告");
        assert_eq!(flow.take(), None);
        assert_eq!(collapse(" a\t\r\nb "), "a b");
    }

    #[test]
    fn links_are_measured_in_letters() {
        let mut flow = Flow::default();
        flow.push("首页", true);
        flow.push(" > ", false);
        flow.push("年报", true);
        let line = flow.take().unwrap();
        assert_eq!((line.letters, line.linked), (4, 4));
    }
}
