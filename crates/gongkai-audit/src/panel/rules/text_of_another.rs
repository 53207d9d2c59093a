//! # GK509 text_of_another (info)
//!
//! A section is, figures and names aside, the text of another agency's report.
//!
//! **Clause.** 《条例》第五十条: each agency reports on its own work.
//!
//! **Why it matters.** What is told is not what this agency did; or the capture is in truth a copy of the other's report. The most similar
//! section of another agency, if any is alike, stands in `narratives.similar_other` and `similar_report_id`, copied or not.
//!
//! How it is told: as GK508. Sections that agree in enough samples to be alike are found by eight groups of four samples each (locality-sensitive hashing): of
//! sections that agree in 24 of 32 samples nineteen of twenty are found, of those that agree in 29 nearly all. Of several, the most similar
//! counts; of equals, the one of the nearest year, the smaller year, the smaller id.
//!
//! **Example.** section problems is that of r0123456789abcdef of 2022, 32 of 32 samples agree
//!
//! **False alarms.** Texts that a superior body wrote for all of its bodies.

use super::text_of_last_year::{address, name};
use crate::panel::frames::Scene;
use crate::panel::sketch::{SAMPLES, Sketch, agreement};
use crate::panel::strip::texts;
use crate::panel::{Alike, Entry, PanelError, Rule, Told, Unit, report_id};
use gongkai_model::Finding;
use std::cmp::Reverse;
use std::ops::Range;

/// Samples of a group that agree as a whole where texts are worth comparing.
const GROUP: usize = 4;
/// Texts compared with each one of a group, so that a phrase that thousands share does not cost millions of comparisons.
const NEIGHBOURS: usize = 16;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let limits = scene.registry.panel.text;
    for (at, (unit, rows)) in scene.units.iter().enumerate() {
        let Unit::Section(section) = unit else { continue };
        for (text, other, agree) in Texts::of(scene, rows, *section).alike(limits.alike) {
            let alike = Alike { other: Some((agree, other.report)), ..Alike::default() };
            told.alike(at, text.row, text.at, alike);
            if agree >= limits.copied {
                let message = format!(
                    "section {} is that of {} of {}, {agree} of {SAMPLES} samples agree",
                    name(scene, *section),
                    report_id(other.report),
                    other.year
                );
                let finding = Finding::at("GK509", address(scene, *section), message);
                told.finding(at, text.row, finding);
            }
        }
    }
    Ok(())
}

/// A section with text.
#[derive(Clone, Copy)]
struct Text {
    /// Position of the report.
    row: u32,
    /// Place in the report.
    at: u16,
    sketch: Sketch,
}

/// All texts of a section. Nearly all reports have one, so little is kept of each.
struct Texts<'s> {
    entries: &'s [Entry<'s>],
    /// By sketch, then year and report.
    all: Vec<Text>,
    /// Texts of one sketch.
    same: Vec<Same>,
    /// Positions of texts; see [`Same::examples`].
    examples: Vec<usize>,
}

/// Texts of one sketch.
struct Same {
    sketch: Sketch,
    /// Which those are.
    texts: Range<usize>,
    /// Of each year the first two agencies: enough to find another one.
    examples: Range<usize>,
}

impl<'s> Texts<'s> {
    fn of(scene: &'s Scene<'_>, rows: &[u32], section: u8) -> Self {
        let mut all = Vec::with_capacity(rows.len());
        for (row, entry) in scene.counting(rows) {
            let of_section = texts(entry.strip).into_iter().filter(|(_, own, _)| *own == section);
            all.extend(of_section.map(|(at, _, sketch)| Text { row, at, sketch }));
        }
        let mut texts = Self { entries: scene.entries, all, same: Vec::new(), examples: Vec::new() };
        let entries = texts.entries;
        texts.all.sort_by_key(|t| {
            let of_report = entries.get(t.row as usize).map(|e| (e.year, e.report));
            (t.sketch, of_report, t.at)
        });
        texts.gather();
        texts
    }

    /// Finds the texts of one sketch; they stand together.
    fn gather(&mut self) {
        let mut start = 0;
        for same in self.all.chunk_by(|a, b| a.sketch == b.sketch) {
            let Some(first) = same.first() else { continue };
            let from = self.examples.len();
            // The last two agencies' years: of an earlier year no further text comes.
            let mut of_year: Vec<(i16, u64)> = Vec::new();
            for (at, text) in same.iter().enumerate() {
                let Some(entry) = self.entries.get(text.row as usize) else { continue };
                of_year.retain(|(year, _)| *year == entry.year);
                if of_year.len() < 2 && of_year.iter().all(|(_, agency)| *agency != entry.agency) {
                    of_year.push((entry.year, entry.agency));
                    self.examples.push(start + at);
                }
            }
            let texts = start..start + same.len();
            start = texts.end;
            self.same.push(Same { sketch: first.sketch, texts, examples: from..self.examples.len() });
        }
    }

    fn entry(&self, at: usize) -> Option<&'s Entry<'s>> {
        self.entries.get(self.all.get(at)?.row as usize)
    }

    /// The text among these of another agency that is nearest in time.
    fn other_than(&self, entry: &Entry<'_>, same: &Same) -> Option<usize> {
        let examples = self.examples.get(same.examples.clone())?.iter().copied();
        let others = examples.filter(|at| self.entry(*at).is_some_and(|other| other.agency != entry.agency));
        others.min_by_key(|at| self.distance(entry, *at))
    }

    fn distance(&self, entry: &Entry<'_>, at: usize) -> Option<(u16, i16, u64)> {
        let other = self.entry(at)?;
        Some((other.year.abs_diff(entry.year), other.year, other.report))
    }

    /// The texts that another agency has, too, with the report of the most similar one, by report.
    fn alike(&self, least: u8) -> Vec<(Text, &'s Entry<'s>, u8)> {
        let mut best: Vec<Option<(u8, usize)>> = vec![None; self.all.len()];
        for same in &self.same {
            self.improve(&mut best, same, same, SAMPLES as u8);
        }
        let has_like = |best: &[Option<(u8, usize)>], same: &Same| {
            let first = best.get(same.texts.start).copied().flatten();
            first.is_some_and(|(agree, _)| usize::from(agree) == SAMPLES)
        };
        self.neighbours(&mut |one, other| {
            // What has its like in another agency agrees with none more.
            if [one, other].into_iter().all(|same| has_like(&best, same)) {
                return;
            }
            let agree = agreement(&one.sketch, &other.sketch);
            if agree >= least {
                self.improve(&mut best, one, other, agree);
                self.improve(&mut best, other, one, agree);
            }
        });
        let found = self.all.iter().zip(best).filter_map(|(text, best)| {
            let (agree, other) = best?;
            Some((*text, self.entry(other)?, agree))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(text, ..)| (text.row, text.at));
        found
    }

    /// Lets texts know of others, if those are more like them, or as much and nearer.
    fn improve(&self, best: &mut [Option<(u8, usize)>], of: &Same, others: &Same, agree: u8) {
        for at in of.texts.clone() {
            let (Some(entry), Some(best)) = (self.entry(at), best.get_mut(at)) else { continue };
            if best.is_some_and(|(known, _)| known > agree) {
                continue;
            }
            let Some(other) = self.other_than(entry, others) else { continue };
            let rank = |(agree, at): (u8, usize)| (agree, Reverse(self.distance(entry, at)));
            if best.is_none_or(|known| rank((agree, other)) > rank(known)) {
                *best = Some((agree, other));
            }
        }
    }

    /// Tells all sketches that agree in a group of samples, pair by pair; a pair may come several times.
    fn neighbours(&self, tell: &mut dyn FnMut(&Same, &Same)) {
        for band in 0..SAMPLES / GROUP {
            let key = |same: &Same| -> [u8; GROUP] {
                std::array::from_fn(|i| same.sketch.get(band * GROUP + i).copied().unwrap_or_default())
            };
            let mut order: Vec<([u8; GROUP], usize)> =
                self.same.iter().enumerate().map(|(at, same)| (key(same), at)).collect();
            order.sort_unstable();
            for (at, (key, one)) in order.iter().enumerate() {
                let behind = order.iter().skip(at + 1).take(NEIGHBOURS).take_while(|(other, _)| other == key);
                for (_, other) in behind {
                    if let (Some(one), Some(other)) = (self.same.get(*one), self.same.get(*other)) {
                        tell(one, other);
                    }
                }
            }
        }
    }
}
