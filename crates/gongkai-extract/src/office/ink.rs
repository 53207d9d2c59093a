//! How a run of text is set, and lines of such runs: what is not shown or no longer meant stays out of the text, and what stands
//! higher or lower than its neighbours never joins them.

use crate::flow::Flow;

/// Heights of text that is raised or lowered by no told measure; beyond any measure that is told.
const RAISED: i32 = 1 << 16;
/// Characters of struck text that are remembered of a cell: no figure has more.
const REMEMBERED: usize = 40;

/// How a run of text is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ink {
    /// Not shown, or taken out by a change that is kept track of.
    pub(super) hidden: bool,
    pub(super) struck: bool,
    /// How far above the line, in any unit.
    pub(super) height: i32,
}

/// What properties say of the ink; what they do not say is as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) hidden: Option<bool>,
    pub(super) struck: Option<bool>,
    pub(super) struck_twice: Option<bool>,
    /// Superscript, subscript or neither.
    pub(super) script: Option<Script>,
    /// Moved from the line by so many half points.
    pub(super) position: Option<i32>,
}

/// A mark above or below the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Line,
    Above,
    Below,
}

impl Script {
    /// By its name in the formats of XML.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "superscript" | "Superscript" => Self::Above,
            "subscript" | "Subscript" => Self::Below,
            _ => Self::Line,
        }
    }
}

impl Marks {
    /// These, and where they say nothing what `base` says.
    pub(super) fn over(self, base: Self) -> Self {
        Self {
            hidden: self.hidden.or(base.hidden),
            struck: self.struck.or(base.struck),
            struck_twice: self.struck_twice.or(base.struck_twice),
            script: self.script.or(base.script),
            position: self.position.or(base.position),
        }
    }

    /// Of a style for paragraphs and one for characters: what both switch on is off (ECMA-376-1, 17.7.3).
    pub(super) fn with(self, paragraph: Self) -> Self {
        let toggle = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(a), Some(b)) => Some(a != b),
            (a, b) => a.or(b),
        };
        Self {
            hidden: toggle(self.hidden, paragraph.hidden),
            struck: toggle(self.struck, paragraph.struck),
            struck_twice: toggle(self.struck_twice, paragraph.struck_twice),
            ..self.over(paragraph)
        }
    }

    pub(super) fn ink(self) -> Ink {
        let script = match self.script {
            Some(Script::Above) => RAISED,
            Some(Script::Below) => -RAISED,
            _ => 0,
        };
        let position = self.position.unwrap_or(0).clamp(1 - RAISED, RAISED - 1);
        Ink {
            hidden: self.hidden == Some(true),
            struck: self.struck == Some(true) || self.struck_twice == Some(true),
            height: script + position,
        }
    }
}

/// A line while it is read, and what was struck in it and in the lines before.
#[derive(Debug, Default)]
pub(super) struct InkLine {
    flow: Flow,
    height: i32,
    struck: String,
    /// Something was left out just before.
    is_torn: bool,
    /// Characters that were left out since they are struck.
    pub(super) left_out: usize,
}

impl InkLine {
    /// Text of one run.
    pub(super) fn push(&mut self, text: &str, ink: Ink) {
        if ink.hidden {
            return;
        }
        if ink.struck {
            self.left_out += text.chars().filter(|c| !c.is_whitespace()).count();
            let room = REMEMBERED.saturating_sub(self.struck.chars().count());
            self.struck.extend(text.chars().take(room));
            self.is_torn = true;
            return;
        }
        // What was left out between two digits stood there: they are no figure.
        if std::mem::take(&mut self.is_torn)
            && self.flow.ends_in_digit()
            && text.starts_with(|c: char| c.is_ascii_digit())
        {
            self.set_off();
        }
        if ink.height != self.height && text.chars().any(|c| !c.is_whitespace()) {
            match (self.height, ink.height) {
                (0, _) => self.flow.raise(),
                (_, 0) => self.flow.lower(),
                _ => self.set_off(),
            }
            self.height = ink.height;
        }
        self.flow.push(text, false);
    }

    /// Keeps what follows apart from what is there.
    pub(super) fn set_off(&mut self) {
        self.flow.push(" ", false);
    }

    /// Whether something is on the line.
    pub(super) fn is_open(&self) -> bool {
        !self.flow.is_empty()
    }

    /// Ends the line.
    pub(super) fn take(&mut self) -> Option<String> {
        (self.height, self.is_torn) = (0, false);
        self.flow.take().map(|line| line.text)
    }

    /// Ends a cell or a text, of which nothing else was shown if it is `alone`: a figure that is struck is still printed, so the
    /// cell is not blank; whether it counts is not certain.
    pub(super) fn struck_figure(&mut self, alone: bool) -> Option<String> {
        let struck = std::mem::take(&mut self.struck);
        let is_figure = alone && struck.chars().any(|c| c.is_ascii_digit());
        is_figure.then(|| format!("{}{}", struck.trim(), char::REPLACEMENT_CHARACTER))
    }
}

/// Lines of a cell whose runs are given, and how many characters were left out.
pub(super) fn cell<'t>(runs: impl IntoIterator<Item = (&'t str, Ink)>) -> (String, usize) {
    let mut line = InkLine::default();
    let mut lines = Vec::new();
    for (text, ink) in runs {
        for (n, part) in text.split('\n').enumerate() {
            if n > 0 {
                lines.extend(line.take());
            }
            line.push(part, ink);
        }
    }
    lines.extend(line.take());
    lines.extend(line.struck_figure(lines.is_empty()));
    (lines.join("\n"), line.left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(script: Script) -> Marks {
        Marks { script: Some(script), ..Marks::default() }
    }

    #[test]
    fn raised_text_stands_apart_and_struck_text_is_not_blank() {
        let plain = Ink::default();
        let up = marks(Script::Above).ink();
        let moved = Marks { position: Some(6), ..Marks::default() }.ink();
        let struck = Ink { struck: true, ..plain };
        let hidden = Ink { hidden: true, ..plain };
        assert_eq!(cell([("97", plain), ("1", up), ("2", up)]), ("97(12)".to_owned(), 0));
        assert_eq!(cell([("97", moved), ("1", up), ("件", plain)]).0, "97 1 件");
        assert_eq!(cell([("97", moved)]).0, "97");
        assert_eq!(cell([("9", hidden), ("7", plain)]).0, "7");
        assert_eq!(cell([("551", struck), ("55\n2", plain)]), ("55\n2".to_owned(), 3));
        assert_eq!(cell([("5", plain), ("5", struck), ("1", plain)]).0, "5 1");
        assert_eq!(cell([("551", struck)]).0, "551\u{fffd}");
        assert_eq!(cell([("无", struck)]).0, "");
    }

    #[test]
    fn two_styles_that_switch_the_same_on_switch_it_off() {
        let on = Marks { struck: Some(true), ..Marks::default() };
        assert!(!on.with(on).ink().struck && on.with(Marks::default()).ink().struck);
        let off = Marks { struck: Some(false), ..Marks::default() };
        assert!(!off.over(on.with(Marks::default())).ink().struck);
    }
}
