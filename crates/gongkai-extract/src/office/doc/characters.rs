//! How characters are set ([MS-DOC], 2.6.1): hidden, deleted, struck, raised.

use super::PAGE;
use super::changes::{Changes, Property, u16_at, u32_at};
use super::style::Styles;
use crate::office::ink::{Ink, Marks, Script};
use crate::work::Work;
use gongkai_model::Problem;
use std::collections::BTreeMap;

/// A switch of a character: on, off, or what its style says, or the contrary (2.9.330 ToggleOperand).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Switch {
    #[default]
    Unsaid,
    To(bool),
    Contrary,
}

impl Switch {
    fn of(operand: u8) -> Self {
        match operand {
            0 | 1 => Self::To(operand == 1),
            0x81 => Self::Contrary,
            _ => Self::Unsaid,
        }
    }

    fn over(self, below: Self) -> Self {
        if self == Self::Unsaid { below } else { self }
    }

    fn with(self, style: Option<bool>) -> Option<bool> {
        match self {
            Self::Unsaid => style,
            Self::To(value) => Some(value),
            Self::Contrary => Some(style != Some(true)),
        }
    }
}

/// What is said of a character besides its style.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Character {
    style: Option<u16>,
    deleted: Option<bool>,
    hidden: Switch,
    struck: Switch,
    struck_twice: Switch,
    script: Option<Script>,
    position: Option<i32>,
    /// It stands for a sign of a font of signs.
    pub(super) is_symbol: bool,
}

impl Character {
    pub(super) fn of(changes: Changes<'_>) -> Self {
        let mut out = Self::default();
        changes.for_each(|property| out.change(&property));
        out
    }

    /// Of a change that has room in two bytes (2.9.216 Prm0).
    pub(super) fn of_short(change: u16) -> Self {
        /// Their numbers there, and their codes.
        const CODES: [(u16, u16); 5] =
            [(0x41, DELETED), (0x57, STRUCK), (0x5c, HIDDEN), (0x68, SCRIPT), (0x73, STRUCK_TWICE)];
        let number = change >> 1 & 0x7f;
        let operand = [(change >> 8) as u8];
        let mut out = Self::default();
        if let Some((_, code)) = CODES.iter().find(|(known, _)| *known == number) {
            out.change(&Property { code: *code, operand: &operand });
        }
        out
    }

    fn change(&mut self, property: &Property<'_>) {
        match property.code {
            DELETED => self.deleted = Some(property.byte() != 0),
            HIDDEN => self.hidden = Switch::of(property.byte()),
            STRUCK => self.struck = Switch::of(property.byte()),
            STRUCK_TWICE => self.struck_twice = Switch::of(property.byte()),
            SCRIPT => {
                self.script = Some(match property.byte() {
                    1 => Script::Above,
                    2 => Script::Below,
                    _ => Script::Line,
                });
            }
            POSITION => self.position = Some(i32::from(property.number())),
            STYLE => self.style = u16_at(property.operand, 0),
            // All that was said before counts no more, but what changes took out.
            PLAIN => *self = Self { deleted: self.deleted, style: self.style, ..Self::default() },
            SYMBOL => self.is_symbol = true,
            _ => {}
        }
    }

    /// These, and where they say nothing what `below` says.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            style: self.style.or(below.style),
            deleted: self.deleted.or(below.deleted),
            hidden: self.hidden.over(below.hidden),
            struck: self.struck.over(below.struck),
            struck_twice: self.struck_twice.over(below.struck_twice),
            script: self.script.or(below.script),
            position: self.position.or(below.position),
            is_symbol: self.is_symbol || below.is_symbol,
        }
    }

    /// What styles say.
    pub(super) fn marks(self) -> Marks {
        Marks {
            hidden: self.hidden.with(None),
            struck: self.struck.with(None),
            struck_twice: self.struck_twice.with(None),
            script: self.script,
            position: self.position,
        }
    }

    /// In a paragraph of this style.
    pub(super) fn ink(self, styles: &Styles, paragraph: u16) -> Ink {
        let own = self.style.map(|style| styles.marks(style)).unwrap_or_default();
        let style = own.with(styles.marks(paragraph));
        let marks = Marks {
            hidden: self.hidden.with(style.hidden),
            struck: self.struck.with(style.struck),
            struck_twice: self.struck_twice.with(style.struck_twice),
            ..self.marks().over(style)
        };
        let ink = marks.ink();
        Ink { hidden: ink.hidden || self.deleted == Some(true), ..ink }
    }
}

const DELETED: u16 = 0x0800;
const HIDDEN: u16 = 0x083c;
const STRUCK: u16 = 0x0837;
const STRUCK_TWICE: u16 = 0x2a53;
const SCRIPT: u16 = 0x2a48;
const POSITION: u16 = 0x4845;
const STYLE: u16 = 0x4a30;
const PLAIN: u16 = 0x2a33;
const SYMBOL: u16 = 0x6a09;

/// Stretches of characters that are set alike, by the place at which they begin (2.8.5 PlcfBteChpx, 2.9.33 ChpxFkp).
#[derive(Debug, Default)]
pub(super) struct Characters(BTreeMap<u32, (u32, Character)>);

impl Characters {
    pub(super) fn read(main: &[u8], places: &[u8], work: &Work) -> Result<Self, Problem> {
        /// Steps of a stretch, which may be told in many changes.
        const STRETCH: usize = 500;
        let count = (places.len().saturating_sub(4) / 8).min(main.len() / PAGE);
        let mut all = BTreeMap::new();
        for n in 0..count {
            let Some(number) = u32_at(places, 4 * (count + 1) + 4 * n) else { continue };
            let start = (number as usize & 0x003f_ffff) * PAGE;
            let Some(page) = main.get(start..start + PAGE) else { continue };
            let runs = usize::from(page.last().copied().unwrap_or(0));
            for run in 0..runs {
                work.spend(STRETCH)?;
                let (from, to) = (u32_at(page, 4 * run), u32_at(page, 4 * (run + 1)));
                let offset = page.get(4 * (runs + 1) + run).map_or(0, |at| usize::from(*at) * 2);
                if let (Some(from), Some(to), Some(changes)) = (from, to, changes(page, offset)) {
                    all.insert(from, (to, Character::of(changes)));
                }
            }
        }
        Ok(Self(all))
    }

    /// At a place of the stream.
    pub(super) fn at(&self, place: u32) -> Character {
        let stretch = self.0.range(..=place).next_back().map(|(_, stretch)| stretch);
        stretch.filter(|(end, _)| place < *end).map(|(_, character)| *character).unwrap_or_default()
    }
}

/// The changes at a place of a page (2.9.32 Chpx).
fn changes(page: &[u8], at: usize) -> Option<Changes<'_>> {
    let (length, body) = page.get(at..).filter(|_| at > 0)?.split_first()?;
    Some(Changes(body.get(..usize::from(*length))?))
}
