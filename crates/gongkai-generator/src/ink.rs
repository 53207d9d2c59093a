//! Marks around printed numbers: private-use characters that say which cell begins and where it ends, from the
//! layout until the text is encoded.

use crate::figures::Id;
use crate::report::{Block, Report};
use crate::sheet::{Cell, Ink};
use crate::truth::Certainty;
use std::collections::BTreeMap;

const FIRST: u32 = 0xf0000;
/// Ends a marked number.
pub(crate) const END: char = '\u{10fffd}';

/// The character that begins the marked cell.
pub(crate) fn begin(mark: usize) -> char {
    u32::try_from(mark).ok().and_then(|m| char::from_u32(FIRST + m)).unwrap_or('\u{f0000}')
}

/// The mark that a character begins.
pub(crate) fn begins(c: char) -> Option<usize> {
    u32::from(c).checked_sub(FIRST).filter(|m| *m < 0xfffe).and_then(|m| usize::try_from(m).ok())
}

/// What a mark stands for.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Number of the printed row.
    row: usize,
    inks: Vec<Ink>,
}

#[cfg(test)]
impl Mark {
    /// Cells of the form under the mark.
    pub(crate) fn ids(&self) -> Vec<Id> {
        self.inks.iter().map(|i| i.id).collect()
    }
}

/// Numbers all cells that print figures of the report.
pub(crate) fn number(report: &mut Report) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut number = |row: usize, cell: &mut Cell| {
        if !cell.inks.is_empty() && !cell.is_blank() {
            cell.mark = Some(marks.len());
            marks.push(Mark { row, inks: cell.inks.clone() });
        }
    };
    let mut count = 0;
    for block in &mut report.blocks {
        if let Block::Sheet(sheet) = block {
            for row in &mut sheet.rows {
                count += 1;
                row.values_mut().for_each(|c| number(count, c));
            }
        }
    }
    marks
}

/// The text without marks.
pub(crate) fn strip(text: &str) -> String {
    text.chars().filter(|c| *c != END && begins(*c).is_none()).collect()
}

/// Cuts a marked text inside its tables; `share` says how far, from 0 to 1. Within a number as often as not.
pub(crate) fn cut(text: &str, share: f64, within: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let starts: Vec<usize> =
        (0..chars.len()).filter(|i| chars.get(*i).is_some_and(|c| begins(*c).is_some())).collect();
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return text.to_owned() };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let mut at = first + ((last - first) as f64 * share) as usize;
    let length = |s: &usize| chars.iter().skip(s + 1).take_while(|c| **c != END).count();
    if within && let Some(start) = starts.iter().find(|s| **s >= at && length(s) > 1) {
        at = start + 2;
    }
    chars.into_iter().take(at).collect()
}

/// The beginning of a marked text, so much of it.
pub(crate) fn keep(text: &str, share: f64) -> String {
    let count = text.chars().count();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let kept = (count as f64 * (0.1 + 0.9 * share)) as usize;
    text.chars().take(kept).collect()
}

/// What the marked text prints of each cell: cells whose mark is missing are not printed, a number that is cut must
/// not be read, and of a row that is cut nothing is certain.
pub(crate) fn verdicts(text: &str, marks: &[Mark], truncated: bool) -> BTreeMap<Id, Certainty> {
    let mut verdicts = BTreeMap::new();
    let mut whole: Option<usize> = None;
    let mut open: Option<usize> = None;
    let mut put = |mark: usize, change: &dyn Fn(Certainty) -> Certainty| {
        for ink in marks.get(mark).iter().flat_map(|m| &m.inks) {
            verdicts.insert(ink.id, change(ink.verdict));
        }
    };
    for c in text.chars() {
        if let Some(mark) = begins(c) {
            open = Some(mark);
        } else if c == END
            && let Some(mark) = open.take()
        {
            put(mark, &|v| v);
            whole = Some(mark);
        }
    }
    if truncated {
        let last = open.or(whole).and_then(|m| marks.get(m)).map(|m| m.row);
        let printed = open.or(whole).unwrap_or(0);
        for (m, _) in marks.iter().enumerate().filter(|(m, mark)| Some(mark.row) == last && *m <= printed) {
            put(m, &|v| v.doubt());
        }
        if let Some(mark) = open {
            put(mark, &|_| Certainty::Open(None));
        }
    }
    verdicts
}
