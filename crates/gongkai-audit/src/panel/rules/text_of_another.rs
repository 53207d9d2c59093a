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

use super::text_of_last_year::{address, name, share};
use crate::panel::frames::{Scene, Seat};
use crate::panel::sketch::{SAMPLES, Sketch, agreement};
use crate::panel::{PanelError, Rule, Told, Unit, report_id};
use gongkai_model::{Finding, Likeness};
use std::collections::BTreeMap;

/// Samples of a group that agree as a whole where texts are worth comparing.
const GROUP: usize = 4;
/// Texts compared with each one of a group, so that a phrase that thousands share does not cost millions of comparisons.
const NEIGHBOURS: usize = 16;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let seats = scene.seats(|unit| matches!(unit, Unit::Section(_)));
    let mut of_unit: BTreeMap<usize, Vec<Text<'_>>> = BTreeMap::new();
    for seat in seats {
        let Unit::Section(section) = seat.what else { continue };
        for (at, (own, sketch)) in (0_u16..).zip(&seat.strip.sections) {
            if let Some(sketch) = sketch.as_ref().filter(|_| *own == section) {
                of_unit.entry(seat.unit).or_default().push(Text { seat, at, section, sketch });
            }
        }
    }
    let limits = scene.registry.panel.text;
    for texts in of_unit.into_values() {
        for (text, other, agree) in alike(&texts, limits.alike) {
            let entry = other.seat.entry;
            let likeness = Likeness {
                other: Some(share(agree)),
                other_report: Some(report_id(entry.report)),
                ..Likeness::default()
            };
            told.likeness(text.seat.unit, text.seat.row, text.at, likeness);
            if agree >= limits.copied {
                let message = format!(
                    "section {} is that of {} of {}, {agree} of {SAMPLES} samples agree",
                    name(scene, text.section),
                    report_id(entry.report),
                    entry.year
                );
                told.finding(
                    text.seat.unit,
                    text.seat.row,
                    Finding::at("GK509", address(scene, text.section), message),
                );
            }
        }
    }
    Ok(())
}

/// A section with text.
#[derive(Clone, Copy)]
struct Text<'s> {
    seat: Seat<'s>,
    at: u16,
    section: u8,
    sketch: &'s Sketch,
}

/// Texts of one sketch, by year; of each year the first two agencies are enough to find another one.
struct Same<'s> {
    sketch: &'s Sketch,
    by_year: BTreeMap<i16, Vec<Text<'s>>>,
}

impl<'s> Same<'s> {
    /// The text of another agency that is nearest in time.
    fn other_than(&self, text: &Text<'_>) -> Option<Text<'s>> {
        let entry = text.seat.entry;
        let others = self.by_year.values().flatten().filter(|t| t.seat.entry.agency != entry.agency);
        let distance = |t: &&Text<'_>| {
            let other = t.seat.entry;
            (other.year.abs_diff(entry.year), other.year, other.report)
        };
        others.min_by_key(distance).copied()
    }
}

/// The texts that another agency has, too, with the most similar one.
fn alike<'s>(texts: &[Text<'s>], least: u8) -> Vec<(Text<'s>, Text<'s>, u8)> {
    let groups = same(texts);
    let near = neighbours(&groups, least);
    let mut found = Vec::new();
    for text in texts {
        let Ok(own) = groups.binary_search_by(|g| g.sketch.cmp(text.sketch)) else { continue };
        let itself = (SAMPLES as u8, own);
        let candidates = [itself].into_iter().chain(near.get(own).into_iter().flatten().copied());
        let mut best: Option<(u8, Text<'s>)> = None;
        for (agree, group) in candidates {
            if best.is_some_and(|(known, _)| known > agree) {
                break;
            }
            let Some(other) = groups.get(group).and_then(|g| g.other_than(text)) else { continue };
            let key = |t: &Text<'_>| {
                (t.seat.entry.year.abs_diff(text.seat.entry.year), t.seat.entry.year, t.seat.entry.report)
            };
            if best.is_none_or(|(_, known)| key(&other) < key(&known)) {
                best = Some((agree, other));
            }
        }
        found.extend(best.map(|(agree, other)| (*text, other, agree)));
    }
    found
}

/// Texts by sketch.
fn same<'s>(texts: &[Text<'s>]) -> Vec<Same<'s>> {
    let mut order: Vec<&Text<'s>> = texts.iter().collect();
    order.sort_by_key(|t| (t.sketch, t.seat.entry.year, t.seat.entry.report, t.at));
    let mut groups: Vec<Same<'s>> = Vec::new();
    for text in order {
        if groups.last().is_none_or(|g| g.sketch != text.sketch) {
            groups.push(Same { sketch: text.sketch, by_year: BTreeMap::new() });
        }
        if let Some(group) = groups.last_mut() {
            let year = group.by_year.entry(text.seat.entry.year).or_default();
            if year.len() < 2 && year.iter().all(|t| t.seat.entry.agency != text.seat.entry.agency) {
                year.push(*text);
            }
        }
    }
    groups
}

/// For each group the others that are alike, the most similar first.
fn neighbours(groups: &[Same<'_>], least: u8) -> Vec<Vec<(u8, usize)>> {
    let mut near: Vec<Vec<(u8, usize)>> = vec![Vec::new(); groups.len()];
    for band in 0..SAMPLES / GROUP {
        let key = |g: &Same<'_>| -> [u8; GROUP] {
            std::array::from_fn(|i| g.sketch.get(band * GROUP + i).copied().unwrap_or_default())
        };
        let mut order: Vec<([u8; GROUP], usize)> =
            groups.iter().enumerate().map(|(at, g)| (key(g), at)).collect();
        order.sort_unstable();
        for (at, (key, one)) in order.iter().enumerate() {
            let behind = order.iter().skip(at + 1).take(NEIGHBOURS).take_while(|(other, _)| other == key);
            for (_, other) in behind {
                let (Some(a), Some(b)) = (groups.get(*one), groups.get(*other)) else { continue };
                let agree = agreement(a.sketch, b.sketch);
                if agree >= least {
                    for (from, to) in [(*one, *other), (*other, *one)] {
                        if let Some(list) = near.get_mut(from) {
                            list.push((agree, to));
                        }
                    }
                }
            }
        }
    }
    for list in &mut near {
        list.sort_unstable_by_key(|(agree, group)| (std::cmp::Reverse(*agree), *group));
        list.dedup();
    }
    near
}
