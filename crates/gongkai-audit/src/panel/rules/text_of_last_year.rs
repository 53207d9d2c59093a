//! # GK508 text_of_last_year (info)
//!
//! A section is, figures aside, the text of the same agency's report of the year before.
//!
//! **Clause.** 《条例》第五十条: the report is about the year before its publication.
//!
//! **Why it matters.** A text that stays the same tells little of the year; counts in it may be last year's. How much is the same stands in
//! `narratives.similar_last_year` for every section with text enough, copied or not.
//!
//! How it is told: lines with a full stop count, others may be labels of a table; digits, marks and the agency's names are left out; of runs of five characters 32 samples are compared (MinHash). 29 of 32 agree
//! where nine tenths of the runs are the same. `[text]` in `data/forms/panel.toml`.
//!
//! **Example.** section overview is that of 2021 (r0123456789abcdef), 31 of 32 samples agree
//!
//! **False alarms.** Sections that quote a law at length.

use crate::panel::frames::{Scene, Seat};
use crate::panel::sketch::{SAMPLES, agreement};
use crate::panel::{Alike, PanelError, Rule, Told, Unit, report_id};
use gongkai_model::{CellAddress, Finding};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let seats = scene.seats(|unit| matches!(unit, Unit::Agency(_)));
    let by_year: BTreeMap<(usize, i16), &Seat<'_>> =
        seats.iter().map(|s| ((s.unit, s.entry.year), s)).collect();
    for seat in &seats {
        let Some(last) = by_year.get(&(seat.unit, seat.entry.year.saturating_sub(1))) else { continue };
        for (at, (section, sketch)) in (0_u16..).zip(&seat.strip.sections) {
            let Some(sketch) = sketch else { continue };
            let same = last.strip.sections.iter().filter(|(s, _)| s == section);
            let Some(agree) = same.filter_map(|(_, s)| Some(agreement(s.as_ref()?, sketch))).max() else {
                continue;
            };
            told.alike(seat.unit, seat.row, at, Alike { last_year: Some(agree), ..Alike::default() });
            if agree >= scene.registry.panel.text.copied {
                let message = format!(
                    "section {} is that of {} ({}), {agree} of {SAMPLES} samples agree",
                    name(scene, *section),
                    last.entry.year,
                    report_id(last.entry.report)
                );
                told.finding(seat.unit, seat.row, Finding::at("GK508", address(scene, *section), message));
            }
        }
    }
    Ok(())
}

/// Code of a section by its position from 1.
pub(super) fn name<'s>(scene: &'s Scene<'_>, section: u8) -> &'s str {
    let at = usize::from(section).checked_sub(1);
    at.and_then(|at| scene.registry.sections.get(at)).map_or("", |s| s.code.as_str())
}

/// The address of a section.
pub(super) fn address(scene: &Scene<'_>, section: u8) -> CellAddress {
    let item = Some(name(scene, section).into());
    CellAddress { table: Some("narratives".into()), item, column: None }
}
