//! The panel: what reports say about one another, for every report that counts.
//!
//! It comes behind the barrier, when it is known which captures speak, and before the snapshot, whose partitions also depend
//! on what neighbouring years say. The rules themselves are in `gongkai_audit::panel`. What was found is remembered by *unit*
//! (an agency, peers of a year, ...) with a hash of the unit's reports, so that a run looks only at units it touched.
//! It is a memory and no more: without it, or with one of another program, all is looked at, with the same result.

use crate::barrier::unspoken;
use crate::copies::Fate;
use crate::gist::Kind;
use crate::ledger::{Digest, Known};
use crate::reading::{bytes, write};
use gongkai_audit::panel::{Alike, Entry, Found, Unit, check, kinds};
use gongkai_model::{Finding, Likeness};
use gongkai_registry::Registry;
use gongkai_store::{Cache, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Name of the memory in the cache.
const NAME: &str = "panel";
/// Reports whose units are looked at together, about: so memory does not grow with the store.
const AT_ONCE: usize = 1_000;

/// What was found, by number of the input. Packed: little of it is wanted at once.
#[derive(Default)]
pub(crate) struct Panel(Vec<Packed>);

struct Packed {
    number: u32,
    findings: Box<[u8]>,
    alike: Box<[u8]>,
}

/// What is remembered.
#[derive(Default, Serialize, Deserialize)]
struct Memo {
    /// Program and registry.
    by: Digest,
    /// A hash of all reports.
    whole: Digest,
    units: BTreeMap<Unit, Remembered>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    /// A hash of the unit's reports.
    of: Digest,
    /// What was found: digits of the report's id and [`Found`], packed one after the other.
    found: Box<[u8]>,
}

impl Panel {
    /// Looks at all reports that speak and whose agency, place and year are known; of each input its strip.
    pub(crate) fn of(
        registry: &Registry,
        by: Digest,
        cache: &Cache,
        inputs: &[(&str, &Known)],
        fates: &HashMap<u32, Fate>,
        strips: Vec<Box<[u8]>>,
    ) -> Result<Self, StoreError> {
        // Of a whole country these lists are large: each is made in the size that it has.
        let of_input = |number: u32| {
            let ((_, known), strip) = (inputs.get(number as usize)?, strips.get(number as usize)?);
            entry(known, fates.get(&number), strip)
        };
        let mut numbers: Vec<u32> = Vec::with_capacity(inputs.len());
        numbers.extend((0..).zip(inputs).map(|(number, _)| number).filter(|n| of_input(*n).is_some()));
        numbers.sort_unstable_by_key(|number| (of_input(*number).map(|entry| entry.report), *number));
        let mut entries = Vec::with_capacity(numbers.len());
        entries.extend(numbers.iter().copied().filter_map(of_input));
        let digests: Vec<Digest> = entries.iter().map(digest).collect();
        let whole = all_of(digests.iter());
        let mut memo = remembered(cache).filter(|memo| memo.by == by).unwrap_or_default();
        if memo.by != by || memo.whole != whole {
            let known = std::mem::take(&mut memo.units);
            memo = Memo { by, whole, units: looked_at(registry, &entries, &digests, known)? };
            cache.put_beside(NAME, &|to| write(&memo, to))?;
        }
        Ok(Self(by_report(memo.units, &entries, &numbers)))
    }

    fn of_report(&self, number: u32) -> Option<&Packed> {
        self.0.binary_search_by_key(&number, |packed| packed.number).ok().and_then(|at| self.0.get(at))
    }

    /// The findings about a report.
    pub(crate) fn findings(&self, number: u32) -> Vec<Finding> {
        let packed = self.of_report(number).map(|found| &found.findings);
        packed.and_then(|bytes| postcard::from_bytes(bytes).ok()).unwrap_or_default()
    }

    /// How far the sections of a report are those of others: by position, as many as there are.
    pub(crate) fn likeness(&self, number: u32) -> Vec<Likeness> {
        let packed = self.of_report(number).map(|found| &found.alike);
        let sections: Option<Vec<Alike>> = packed.and_then(|bytes| postcard::from_bytes(bytes).ok());
        sections.into_iter().flatten().map(Alike::likeness).collect()
    }

    /// Adds the findings about a report to a hash of what a partition is made of.
    pub(crate) fn hash_findings(&self, number: u32, hasher: &mut blake3::Hasher) {
        hash(hasher, self.of_report(number).map_or(&[], |found| &found.findings));
    }

    /// Adds how far the sections of a report are those of others.
    pub(crate) fn hash_likeness(&self, number: u32, hasher: &mut blake3::Hasher) {
        hash(hasher, self.of_report(number).map_or(&[], |found| &found.alike));
    }
}

fn hash(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// The report a capture speaks for, if its agency, place and year are known.
fn entry<'s>(known: &Known, fate: Option<&Fate>, strip: &'s [u8]) -> Option<Entry<'s>> {
    let gist = &known.now().gist;
    let speaks = gist.kind == Kind::Report && gist.complete && !unspoken(gist, fate);
    let year = gist.year.filter(|_| speaks)?;
    Some(Entry { report: gist.report_id, agency: gist.agency_id, year, strip })
}

fn digest(entry: &Entry<'_>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&entry.report.to_le_bytes());
    hasher.update(&entry.agency.to_le_bytes());
    hasher.update(&entry.year.to_le_bytes());
    hasher.update(entry.strip);
    short(&hasher)
}

fn all_of<'d>(digests: impl Iterator<Item = &'d Digest>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    digests.for_each(|digest| _ = hasher.update(digest));
    short(&hasher)
}

fn short(hasher: &blake3::Hasher) -> Digest {
    let mut short = Digest::default();
    short.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
    short
}

/// Every unit, from memory where its reports are the same. One kind of units after the other: of all reports' units together
/// there are many.
fn looked_at(
    registry: &Registry,
    entries: &[Entry<'_>],
    digests: &[Digest],
    mut known: BTreeMap<Unit, Remembered>,
) -> Result<BTreeMap<Unit, Remembered>, StoreError> {
    let mut all = BTreeMap::new();
    let mut batch: Vec<(Unit, Vec<u32>)> = Vec::new();
    for kind in kinds(registry) {
        let of_entry = |(row, entry)| kind.units(entry).into_iter().map(move |unit| (unit, row));
        let mut members: Vec<(Unit, u32)> = Vec::with_capacity(entries.len().saturating_mul(2));
        members.extend((0_u32..).zip(entries).flat_map(of_entry));
        members.sort_unstable();
        let mut size = 0;
        for unit in members.chunk_by(|a, b| a.0 == b.0) {
            let Some((what, _)) = unit.first() else { continue };
            let of = all_of(unit.iter().filter_map(|(_, row)| digests.get(*row as usize)));
            match known.remove(what).filter(|before| before.of == of) {
                Some(before) => _ = all.insert(*what, before),
                None => {
                    all.insert(*what, Remembered { of, found: Box::default() });
                    batch.push((*what, unit.iter().map(|(_, row)| *row).collect()));
                    size += unit.len();
                }
            }
            if size >= AT_ONCE {
                look(registry, entries, &std::mem::take(&mut batch), &mut all)?;
                size = 0;
            }
        }
        look(registry, entries, &std::mem::take(&mut batch), &mut all)?;
    }
    Ok(all)
}

fn look(
    registry: &Registry,
    entries: &[Entry<'_>],
    batch: &[(Unit, Vec<u32>)],
    all: &mut BTreeMap<Unit, Remembered>,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let told = check(registry, entries, batch).map_err(|e| StoreError::Account(e.to_string()))?;
    for of_unit in told.chunk_by(|a, b| a.0 == b.0) {
        let mut found = Vec::new();
        for (_, row, what) in of_unit {
            if let Some(entry) = entries.get(*row as usize) {
                found.extend(bytes(&(entry.report, what))?);
            }
        }
        let unit = of_unit.first().and_then(|(unit, ..)| batch.get(*unit));
        if let Some(slot) = unit.and_then(|(what, _)| all.get_mut(what)) {
            slot.found = found.into_boxed_slice();
        }
    }
    Ok(())
}

/// What all units say of each report, by number of the input.
fn by_report(units: BTreeMap<Unit, Remembered>, entries: &[Entry<'_>], numbers: &[u32]) -> Vec<Packed> {
    let units: Vec<Box<[u8]>> = units.into_values().map(|unit| unit.found).collect();
    // Number of the input, and where something is told about it.
    let mut told: Vec<(u32, u32, u32)> = Vec::new();
    for (unit, found) in (0_u32..).zip(&units) {
        let mut rest: &[u8] = found;
        while let Ok(((report, _), behind)) = postcard::take_from_bytes::<(u64, Found)>(rest) {
            let at = u32::try_from(found.len() - rest.len()).unwrap_or(u32::MAX);
            told.extend(number(report, entries, numbers).map(|number| (number, unit, at)));
            rest = behind;
        }
    }
    told.sort_unstable();
    let read = |(_, unit, at): &(u32, u32, u32)| {
        let packed = units.get(*unit as usize)?.get(*at as usize..)?;
        postcard::take_from_bytes::<(u64, Found)>(packed).ok().map(|((_, found), _)| found)
    };
    let of_report = |told: &[(u32, u32, u32)]| {
        let (number, ..) = told.first()?;
        let mut whole = Found::default();
        for part in told.iter().filter_map(read) {
            whole.findings.extend(part.findings);
            whole.alike.extend(part.alike);
        }
        Some(pack(*number, whole))
    };
    told.chunk_by(|a, b| a.0 == b.0).filter_map(of_report).collect()
}

/// The input that speaks for a report; the last, should two do.
fn number(report: u64, entries: &[Entry<'_>], numbers: &[u32]) -> Option<u32> {
    let at = entries.partition_point(|entry| entry.report <= report).checked_sub(1)?;
    entries.get(at).filter(|entry| entry.report == report)?;
    numbers.get(at).copied()
}

/// Findings in their order, and likeness by section.
fn pack(number: u32, mut found: Found) -> Packed {
    found.findings.sort_by(|a, b| (a.code, &a.address, &a.message).cmp(&(b.code, &b.address, &b.message)));
    let mut sections: Vec<Alike> = Vec::new();
    for (at, part) in found.alike {
        let at = usize::from(at);
        sections.resize(sections.len().max(at + 1), Alike::default());
        if let Some(section) = sections.get_mut(at) {
            *section = section.or(part);
        }
    }
    let pack = |empty: bool, packed: Result<Vec<u8>, postcard::Error>| match packed {
        Ok(packed) if !empty => packed.into_boxed_slice(),
        _ => Box::default(),
    };
    let findings = pack(found.findings.is_empty(), postcard::to_stdvec(&found.findings));
    let alike = pack(sections.is_empty(), postcard::to_stdvec(&sections));
    Packed { number, findings, alike }
}

/// What the last run remembered; nothing where it is damaged.
fn remembered(cache: &Cache) -> Option<Memo> {
    postcard::from_bytes(&cache.beside(NAME)?).ok()
}
