//! Hosts learn: captures whose agency's own name says beyond doubt where it is teach which place their host belongs to;
//! that helps captures of the same host whose place is open.
//!
//! What was taught is a count for each host and unit, over all captures a store ever met.

use crate::pinyin;
use crate::{Open, PRESENT, Standing};
use gongkai_model::{Resolution, SourceTrust};
use gongkai_registry::{Division, Gazetteer, Registry};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A host belongs to a place when so many captures say so.
const LESSONS: u32 = 3;
/// A host whose name spells the place needs no more than so many.
const LESSONS_SPELLED: u32 = 1;
/// Of a hundred captures that taught, so many must lie in the place.
const SHARE: u64 = 95;

/// What captures of a host taught: how many of them lie in a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taught {
    /// The host, lower case.
    pub host: Arc<str>,
    /// Code of the unit, see [`Gazetteer::unit`].
    pub unit: Arc<str>,
    /// What the lesson rests on.
    pub lesson: Lesson,
    /// Captures.
    pub captures: u32,
}

/// What a lesson rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lesson {
    /// The agencies' own names.
    Names,
    /// Several agencies whose names are ambiguous, on a host that spells the same one of their places for all of them.
    Pinyin,
}

impl Lesson {
    /// The name used in the `hosts` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Pinyin => "pinyin",
        }
    }
}

/// The place a host belongs to: all captures resolved on it lie there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPlace {
    /// The host.
    pub host: Arc<str>,
    /// Code of the unit.
    pub unit: Arc<str>,
    /// None of the captures lies below it, so that it is also the place of an agency that names none.
    pub exactly: bool,
}

/// What one capture teaches about its host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Witness {
    /// The host, lower case.
    host: Box<str>,
    /// Code of the unit its agency lies in.
    unit: Box<str>,
    /// The agency's ambiguous name, where it is the host that spells which of its places is meant; `None` where the name
    /// itself is beyond doubt.
    ambiguous: Option<Box<str>>,
}

impl Witness {
    /// What a report teaches, if anything: only one on a government's host does.
    pub fn of(registry: &Registry, resolution: &Resolution, standing: &Standing) -> Option<Self> {
        let host = resolution.source_host.as_deref()?;
        if resolution.source_trust != Some(SourceTrust::Gov) {
            return None;
        }
        if let Some(unit) = standing.certain.as_deref() {
            return Some(Self { host: host.into(), unit: unit.into(), ambiguous: None });
        }
        let open = standing.open.as_ref().filter(|open| open.asks_host())?;
        let (unit, agency) = open.spelled(registry, host, resolution.year)?;
        Some(Self { host: host.into(), unit: unit.into(), ambiguous: Some(agency.into()) })
    }
}

/// All hosts of a run.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    taught: Vec<Taught>,
    places: BTreeMap<Arc<str>, HostPlace>,
}

impl Hosts {
    /// Learns from what captures teach, in any order.
    pub fn learn<'a>(registry: &Registry, witnesses: impl Iterator<Item = &'a Witness>) -> Self {
        let mut names: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        let mut spelled: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for Witness { host, unit, ambiguous } in witnesses {
            match ambiguous {
                None => *names.entry((host, unit)).or_default() += 1,
                Some(agency) => _ = spelled.entry((host, unit)).or_default().insert(agency),
            }
        }
        let of_names = names.into_iter().map(|(at, captures)| (at, Lesson::Names, captures));
        let of_spelling = spelled
            .into_iter()
            .map(|(at, agencies)| (at, Lesson::Pinyin, u32::try_from(agencies.len()).unwrap_or(u32::MAX)));
        let taught = of_names.chain(of_spelling).map(|((host, unit), lesson, captures)| Taught {
            host: host.into(),
            unit: unit.into(),
            lesson,
            captures,
        });
        let mut taught: Vec<Taught> = taught.collect();
        taught.sort_by(|a, b| (&a.host, &a.unit, a.lesson).cmp(&(&b.host, &b.unit, b.lesson)));
        let mut hosts = Self { taught, places: BTreeMap::new() };
        for of_host in hosts.taught.chunk_by(|a, b| a.host == b.host) {
            if let Some(place) = belief(&registry.gazetteer, of_host) {
                hosts.places.insert(place.host.clone(), place);
            }
        }
        hosts
    }

    /// The place a host belongs to, if what was taught agrees.
    pub fn place(&self, host: &str) -> Option<&HostPlace> {
        self.places.get(host)
    }

    /// Everything taught, sorted by host and unit.
    pub fn taught(&self) -> &[Taught] {
        &self.taught
    }
}

impl Open {
    /// The one place among those its name may mean that the host spells, and the name.
    fn spelled<'r>(&self, registry: &'r Registry, host: &str, year: Option<i16>) -> Option<(&'r str, &str)> {
        let gazetteer = &registry.gazetteer;
        let (name, targets, year) = self.ambiguous(registry, year)?;
        let mut found = targets.iter().filter(|code| {
            gazetteer.at(code, year).is_some_and(|d| {
                let above = gazetteer.parent(d, year).map(|p| p.name.as_str());
                pinyin::spells(gazetteer, host, &d.name, above)
            })
        });
        let one = found.next().filter(|_| found.next().is_none())?;
        Some((gazetteer.unit(gazetteer.at(one, year)?), name))
    }
}

/// The lowest unit that nearly all lie in. Names outweigh spellings; a host that spells a place above it is the site of
/// that place, on which others may stand that were not seen yet.
fn belief(gazetteer: &Gazetteer, taught: &[Taught]) -> Option<HostPlace> {
    let lesson = taught.iter().map(|t| t.lesson).min()?;
    let taught: Vec<&Taught> = taught.iter().filter(|t| t.lesson == lesson).collect();
    let host = &taught.first()?.host;
    let all: u64 = taught.iter().map(|t| u64::from(t.captures)).sum();
    // By level first, so that the last one that nearly all lie in is the lowest.
    let mut inside: BTreeMap<(gongkai_registry::Level, &str), u64> = BTreeMap::new();
    for t in &taught {
        for division in present(gazetteer, &t.unit) {
            *inside.entry((division.level, gazetteer.unit(division))).or_default() += u64::from(t.captures);
        }
    }
    let nearly_all = |count: u64| count * 100 >= all * SHARE;
    let ((_, unit), count) = inside.iter().rev().find(|(_, count)| nearly_all(**count))?;
    let line = present(gazetteer, unit);
    let named = |at: &usize| {
        let above = line.get(at + 1).map(|d| d.name.as_str());
        line.get(*at).is_some_and(|d| pinyin::names(gazetteer, host, &d.name, above))
    };
    let named = (0..line.len()).find(named);
    let unit = gazetteer.unit(line.get(named.unwrap_or(0))?);
    let needed = if named.is_some() && lesson == Lesson::Names { LESSONS_SPELLED } else { LESSONS };
    if *count < u64::from(needed) {
        return None;
    }
    let here: u64 = taught.iter().filter(|t| *t.unit == *unit).map(|t| u64::from(t.captures)).sum();
    Some(HostPlace { host: host.clone(), exactly: nearly_all(here), unit: unit.into() })
}

/// A unit as it is today (or was at last) and what it lies in.
fn present<'r>(gazetteer: &'r Gazetteer, unit: &str) -> Vec<&'r Division> {
    let division = gazetteer.unit_in(unit, PRESENT).or_else(|| gazetteer.spans(unit).last());
    division.map(|d| gazetteer.lineage(d, d.to.unwrap_or(PRESENT)).collect()).unwrap_or_default()
}
