//! Lines of a text format, and the fields on them, with their places in the source.

use crate::flow::collapse;
use gongkai_model::ByteRange;

/// One line of the source without its end and without trailing blanks; trailing tabs stay, they are empty cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// Where it starts in the source.
    pub(crate) start: usize,
}

/// A cell-to-be on a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) text: String,
    pub(crate) bytes: ByteRange,
}

/// Characters used as bars between cells.
const BARS: [char; 3] = ['|', '｜', '│'];

/// The lines of a text; `\n`, `\r\n` and a lone `\r` end them. A row between bars that was broken inside a cell is one.
pub(crate) fn lines(source: &str) -> Vec<Line<'_>> {
    let broken = physical_lines(source);
    let mut whole = Vec::with_capacity(broken.len());
    let mut rest = broken.as_slice();
    while let Some((line, tail)) = rest.split_first() {
        let before = whole.last();
        let (line, tail) = mended(source, before, rest).unwrap_or((*line, tail));
        whole.push(line);
        rest = tail;
    }
    whole
}

fn physical_lines(source: &str) -> Vec<Line<'_>> {
    let mut all = Vec::new();
    for line in source.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        all.extend(line.split('\r').map(|text| Line { text: trim_end(text), start: offset(source, text) }));
    }
    all
}

/// The row that begins with the first of these lines and ends on a later one, and the lines behind it: a bar opens it,
/// a bar closes it, none opens a line between, and it has as many cells as the framed row before or behind it.
fn mended<'s, 'l>(
    source: &'s str,
    before: Option<&Line<'s>>,
    lines: &'l [Line<'s>],
) -> Option<(Line<'s>, &'l [Line<'s>])> {
    /// A cell is broken over at most so many lines.
    const MAX_LINES: usize = 12;
    /// How far the next framed row may be.
    const MAX_AHEAD: usize = 200;
    let framed = |l: &&Line<'_>| l.starts_with_bar() && l.ends_with_bar();
    let (first, rest) = lines.split_first()?;
    if !first.starts_with_bar() || first.ends_with_bar() {
        return None;
    }
    let inside = |l: &&Line<'_>| !l.is_blank() && !l.starts_with_bar();
    let count = 1 + rest.iter().take(MAX_LINES).take_while(inside).position(|l| l.ends_with_bar())?;
    let (row, tail) = rest.split_at_checked(count)?;
    let last = row.last()?;
    let end = last.start + last.text.len();
    let whole = Line { text: source.get(first.start..end)?, start: first.start };
    let cells = whole.bar_fields(true).len();
    let like = |l: &Line<'_>| l.bar_fields(true).len() == cells;
    let neighbour =
        before.filter(framed).is_some_and(like) || tail.iter().take(MAX_AHEAD).find(framed).is_some_and(like);
    neighbour.then_some((whole, tail))
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() && c != '\t')
}

/// Where a part of a text begins in it.
fn offset(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

fn range(start: usize, length: usize) -> ByteRange {
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    ByteRange { start: clip(start), end: clip(start + length) }
}

impl<'a> Line<'a> {
    /// Nothing visible on it.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The place of its visible text.
    pub(crate) fn bytes(&self) -> ByteRange {
        range(self.start, self.text.trim_end().len())
    }

    /// Whether it has a bar.
    pub(crate) fn has_bar(&self) -> bool {
        self.text.contains(BARS)
    }

    /// Whether its first visible character is a bar.
    pub(crate) fn starts_with_bar(&self) -> bool {
        self.text.trim_start().starts_with(BARS)
    }

    /// Whether its last visible character is a bar.
    pub(crate) fn ends_with_bar(&self) -> bool {
        self.text.trim_end().ends_with(BARS)
    }

    /// The fields between bars. A trailing bar ends the row: the empty rest after it is no field.
    /// `outer`: the row is framed by bars, so the first one opens the row.
    pub(crate) fn bar_fields(&self, outer: bool) -> Vec<Field> {
        let text = self.text.trim_end();
        let text = if text.ends_with(BARS) && !text.ends_with("\\|") { strip_last(text) } else { text };
        let mut fields: Vec<Field> = Vec::new();
        let mut open: Option<&str> = None;
        for piece in text.split(BARS) {
            // A bar after a backslash is text (Markdown).
            let start = open.take().unwrap_or(piece);
            let so_far = joined(text, start, piece);
            if piece.ends_with('\\') {
                open = Some(start);
            } else {
                fields.push(self.field(so_far));
            }
        }
        if let Some(start) = open {
            fields.push(self.field(joined(text, start, start)));
        }
        if outer && fields.len() > 1 && fields.first().is_some_and(|f| f.text.is_empty()) {
            fields.remove(0);
        }
        fields
    }

    /// What stands between bars, a line each.
    pub(crate) fn between_bars(&self) -> Vec<Line<'a>> {
        let whole = self.text;
        let line = |piece: &'a str| {
            let text = piece.trim();
            Line { text, start: self.start + offset(whole, text) }
        };
        whole.split(BARS).map(line).collect()
    }

    /// The fields between tabs.
    pub(crate) fn tab_fields(&self) -> Vec<Field> {
        self.text.split('\t').map(|piece| self.field(piece)).collect()
    }

    /// The whole line as one field.
    pub(crate) fn whole(&self) -> Field {
        self.field(self.text)
    }

    /// The fields that two blanks and more keep apart.
    pub(crate) fn apart(&self) -> Vec<Field> {
        let pieces = self.text.split("  ").filter(|piece| !piece.trim().is_empty());
        pieces.map(|piece| self.field(piece)).collect()
    }

    /// A part of the line as a field.
    pub(crate) fn piece(&self, piece: &str) -> Field {
        self.field(piece)
    }

    fn field(&self, piece: &str) -> Field {
        let trimmed = piece.trim();
        let start = self.start + offset(self.text, trimmed);
        let text =
            if trimmed.contains("\\|") { collapse(&trimmed.replace("\\|", "|")) } else { collapse(trimmed) };
        Field { text, bytes: range(start, trimmed.len()) }
    }
}

fn strip_last(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next_back();
    chars.as_str()
}

/// The stretch of `text` from the start of one of its parts to the end of another.
fn joined<'t>(text: &'t str, from: &'t str, to: &'t str) -> &'t str {
    text.get(offset(text, from)..offset(text, to) + to.len()).unwrap_or(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, outer: bool) -> Vec<String> {
        Line { text, start: 0 }.bar_fields(outer).into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn a_trailing_bar_ends_the_row() {
        assert_eq!(fields("规章 | 0 |||", false), ["规章", "0", "", ""]);
        assert_eq!(fields("0 |", false), ["0"]);
        assert_eq!(fields("||", false), ["", ""]);
        assert_eq!(fields("|", false), [""]);
        assert_eq!(fields("a | b", false), ["a", "b"]);
    }

    #[test]
    fn outer_bars_frame_the_row() {
        assert_eq!(fields("| a | b |", true), ["a", "b"]);
        assert_eq!(fields("| a \\| b | |", true), ["a | b", ""]);
        assert_eq!(fields("| a | b |", false), ["", "a", "b"]);
    }

    #[test]
    fn a_row_broken_inside_a_cell_is_whole() {
        let texts = |source: &str| lines(source).iter().map(|l| l.text.to_owned()).collect::<Vec<_>>();
        assert_eq!(texts("| 甲 | 1 |\n| 乙\n丙 | 2 |\n丁"), ["| 甲 | 1 |", "| 乙\n丙 | 2 |", "丁"]);
        assert_eq!(texts("| 乙\n丙\n| 2 | 3 |"), ["| 乙", "丙", "| 2 | 3 |"], "another row opens");
        assert_eq!(texts("| 甲 | 1 |\n| 乙\n丙 | 2 | 3 |").len(), 3, "another number of cells");
    }

    #[test]
    fn places_are_those_of_the_source() {
        let source = "一\r\n规章 |  12 | \r三\t\t四\n";
        let all = lines(source);
        assert_eq!(all.iter().map(|l| l.text).collect::<Vec<_>>(), ["一", "规章 |  12 |", "三\t\t四", ""]);
        let texts: Vec<&str> = all[1..3]
            .iter()
            .flat_map(|l| if l.has_bar() { l.bar_fields(false) } else { l.tab_fields() })
            .filter_map(|f| source.get(f.bytes.start as usize..f.bytes.end as usize))
            .collect();
        assert_eq!(texts, ["规章", "12", "三", "", "四"]);
    }
}
