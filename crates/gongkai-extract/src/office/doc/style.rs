//! The styles of a document ([MS-DOC], 2.9.271 STSH), as far as they say how characters are set.

use super::changes::{Changes, u16_at};
use super::characters::Character;
use crate::office::ink::Marks;

/// Styles that a style may be based on, one after another.
const MAX_BASES: usize = 32;

#[derive(Debug, Default, Clone, Copy)]
struct Style {
    base: u16,
    marks: Marks,
}

/// What styles say, by number.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<Marks>);

impl Styles {
    pub(super) fn read(sheet: &[u8]) -> Self {
        let styles = read(sheet).unwrap_or_default();
        let resolved = |style: &Style| {
            let (mut marks, mut base) = (style.marks, style.base);
            for _ in 0..MAX_BASES {
                let Some(below) = styles.get(usize::from(base)) else { break };
                (marks, base) = (marks.over(below.marks), below.base);
            }
            marks
        };
        Self(styles.iter().map(resolved).collect())
    }

    /// Of the style with this number.
    pub(super) fn marks(&self, number: u16) -> Marks {
        self.0.get(usize::from(number)).copied().unwrap_or_default()
    }
}

fn read(sheet: &[u8]) -> Option<Vec<Style>> {
    let (head, mut rest) = sheet.get(2..)?.split_at_checked(usize::from(u16_at(sheet, 0)?))?;
    let (count, fixed) = (u16_at(head, 0)?, usize::from(u16_at(head, 2)?));
    let mut styles = Vec::new();
    for _ in 0..count {
        let Some(length) = u16_at(rest, 0) else { break };
        let Some((style, behind)) = rest.get(2..).and_then(|r| r.split_at_checked(usize::from(length)))
        else {
            break;
        };
        styles.push(one(style, fixed).unwrap_or(Style { base: NO_BASE, marks: Marks::default() }));
        rest = behind;
    }
    Some(styles)
}

const NO_BASE: u16 = 0x0fff;

/// One style (2.9.260 STD): what its kind is and what it is based on, its name, and its changes.
fn one(style: &[u8], fixed: usize) -> Option<Style> {
    const OF_PARAGRAPHS: u16 = 1;
    const OF_CHARACTERS: u16 = 2;
    let kind = u16_at(style, 2)?;
    let name = usize::from(u16_at(style, fixed)?);
    let mut rest = style.get(fixed.checked_add(2 * name + 4)?..)?;
    let base = kind >> 4;
    // Those of the paragraph stand before those of its characters.
    let before = match kind & 0xf {
        OF_PARAGRAPHS => 1,
        OF_CHARACTERS => 0,
        _ => return Some(Style { base, marks: Marks::default() }),
    };
    for _ in 0..before {
        let length = usize::from(u16_at(rest, 0)?);
        rest = rest.get(2 + length + length % 2..)?;
    }
    let marks = match u16_at(rest, 0) {
        Some(length) => Character::of(Changes(rest.get(2..2 + usize::from(length))?)).marks(),
        None => Marks::default(),
    };
    Some(Style { base, marks })
}
