//! Glyphs to lines of text.

use super::Glyph;
use crate::flow::is_invisible;

/// A blank is wider than this part of the font's height.
const BLANK: f32 = 0.25;
/// With a blank character between, this is enough.
const PRINTED_BLANK: f32 = 0.08;
/// Columns are farther apart than this.
const COLUMN: f32 = 1.2;

/// Glyphs on one line, from left to right.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) base: f32,
    pub(super) size: f32,
    pub(super) left: f32,
    pub(super) right: f32,
}

/// The lines of a page or a cell, from top to bottom. Blank ones are none.
pub(super) fn lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    const SAME_LINE: f32 = 0.45;
    glyphs.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.left.total_cmp(&b.left)));
    let mut groups: Vec<(f32, f32, Vec<Glyph>)> = Vec::new();
    for glyph in glyphs {
        match groups.last_mut() {
            Some((base, size, line)) if glyph.base - *base <= SAME_LINE * size.max(glyph.size) => {
                // The line is where its largest letters stand: a raised mark comes first.
                if glyph.size > *size {
                    (*base, *size) = (glyph.base, glyph.size);
                }
                line.push(glyph);
            }
            _ => groups.push((glyph.base, glyph.size, vec![glyph])),
        }
    }
    groups.into_iter().filter_map(|(base, size, glyphs)| Line::of(base, size, glyphs)).collect()
}

impl Line {
    fn of(base: f32, size: f32, mut glyphs: Vec<Glyph>) -> Option<Self> {
        glyphs.sort_by(|a, b| a.left.total_cmp(&b.left));
        glyphs.retain(|g| !is_invisible(g.c));
        let mut seen = glyphs.iter().filter(|g| !g.c.is_whitespace());
        let left = seen.clone().map(|g| g.left).fold(f32::MAX, f32::min);
        let right = seen.clone().map(|g| g.right).fold(f32::MIN, f32::max);
        seen.next()?;
        Some(Self { glyphs, base, size, left, right })
    }

    /// Its text; columns are kept apart by two blanks.
    pub(super) fn text(&self) -> String {
        self.spaced("  ")
    }

    /// Its text with single blanks.
    pub(super) fn cell_text(&self) -> String {
        self.spaced(" ")
    }

    fn spaced(&self, column: &str) -> String {
        let mut text = String::with_capacity(self.glyphs.len() * 3);
        let mut before: Option<&Glyph> = None;
        let mut blank = false;
        for glyph in &self.glyphs {
            if glyph.c.is_whitespace() {
                blank = true;
                continue;
            }
            if let Some(last) = before {
                match between(last, glyph, blank) {
                    Between::Nothing => {}
                    Between::Blank => text.push(' '),
                    Between::Column => text.push_str(column),
                    Between::Copy => continue,
                    Between::Clash => text.push(char::REPLACEMENT_CHARACTER),
                }
            }
            text.push(glyph.c);
            (before, blank) = (Some(glyph), false);
        }
        text
    }

    /// Whether columns of it stand apart.
    pub(super) fn has_columns(&self) -> bool {
        self.text().contains("  ")
    }
}

/// What stands between two glyphs that follow one another on a line.
enum Between {
    Nothing,
    Blank,
    Column,
    /// The second is the first once more, printed twice to look bold.
    Copy,
    /// Two figures over one another.
    Clash,
}

fn between(a: &Glyph, b: &Glyph, blank: bool) -> Between {
    let size = a.size.max(b.size);
    let gap = b.left - a.right;
    let width = (b.right - b.left).max(0.1 * size);
    let covered = (a.right - b.left) / width;
    if covered > 0.6 && (a.base - b.base).abs() < 0.3 * size {
        if a.c == b.c {
            return Between::Copy;
        }
        if a.is_figure() && b.is_figure() {
            return Between::Clash;
        }
    }
    if gap > COLUMN * size {
        return Between::Column;
    }
    // A raised mark behind a figure is no digit of it.
    let raised = (a.base - b.base).abs() > 0.15 * size || a.size.min(b.size) < 0.75 * size;
    let set_off = raised && (a.is_figure() || b.is_figure());
    if gap > BLANK * size || (blank && gap > PRINTED_BLANK * size) || set_off {
        return Between::Blank;
    }
    Between::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str, left: f32, base: f32, size: f32) -> Vec<Glyph> {
        let place = |(n, c): (usize, char)| {
            let left = left + n as f32 * size / 2.0;
            Glyph { c, left, right: left + size / 2.0, base, size }
        };
        text.chars().enumerate().map(place).collect()
    }

    fn texts(glyphs: Vec<Glyph>) -> Vec<String> {
        lines(glyphs).iter().map(Line::text).collect()
    }

    #[test]
    fn gaps_are_blanks_or_columns() {
        let all =
            [glyphs("12", 0.0, 10.0, 10.0), glyphs("34", 13.0, 10.0, 10.0), glyphs("56", 60.0, 10.2, 10.0)];
        assert_eq!(texts(all.concat()), ["12 34  56"]);
    }

    #[test]
    fn bold_by_printing_twice_is_read_once_and_raised_marks_are_set_off() {
        let twice = [glyphs("12", 0.0, 10.0, 10.0), glyphs("12", 0.4, 10.0, 10.0)];
        assert_eq!(texts(twice.concat()), ["12"]);
        let marked = [glyphs("12", 0.0, 20.0, 10.0), glyphs("3", 10.0, 16.5, 5.0)];
        assert_eq!(texts(marked.concat()), ["12 3"]);
        let clash = [glyphs("1", 0.0, 20.0, 10.0), glyphs("7", 0.5, 20.0, 10.0)];
        assert_eq!(texts(clash.concat()), ["1\u{fffd}7"]);
    }
}
