//! The one barrier of a run: captures that have something in common meet.
//!
//! Most captures are alone. Those that are not fall into families that have nothing in common with one another: each is
//! settled by itself, so that only a few readings are in memory at once.

use crate::bonds::Bonds;
use crate::copies::{Fate, Relative, settle};
use crate::fates::{Fates, family};
use crate::gist::{Gist, Kind, digits};
use crate::ledger::{Digest, Known, Ledger};
use crate::panel::Panel;
use gongkai_store::{Cache, CaptureRecord, HostRecord, StoreError};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

/// Captures settled at once: their readings are in memory together.
const AT_ONCE: usize = 64;

/// Every input with what became of it.
pub(crate) struct Settled<'l> {
    pub(crate) cache: &'l Cache,
    /// By name; numbers are positions here.
    pub(crate) inputs: Vec<(&'l str, &'l Known)>,
    /// What became of those that are not alone.
    pub(crate) fates: HashMap<u32, Fate>,
    pub(crate) hosts: Vec<HostRecord>,
    /// What reports say about one another.
    pub(crate) panel: Panel,
    /// Rows of captures that came up with their reports; each is taken once.
    pub(crate) at_hand: Mutex<HashMap<u32, CaptureRecord>>,
}

/// Whether a report is told by another capture, or under another id than its own.
pub(crate) fn unspoken(gist: &Gist, fate: Option<&Fate>) -> bool {
    fate.is_some_and(|fate| {
        fate.copies.is_none() || fate.report_id.as_deref().map(digits) != Some(gist.report_id)
    })
}

impl<'l> Settled<'l> {
    /// Lets all captures meet; `by` is the program and registry that do it.
    pub(crate) fn of(
        ledger: &'l Ledger,
        cache: &'l Cache,
        bonds: &Bonds,
        by: Digest,
        hosts: Vec<HostRecord>,
        panel: impl FnOnce(&[(&str, &Known)], &HashMap<u32, Fate>) -> Result<Panel, StoreError>,
    ) -> Result<Self, StoreError> {
        let inputs: Vec<(&str, &Known)> = ledger.all().collect();
        let families = families(&inputs, bonds);
        let gone = gone(&inputs, bonds);
        let member = |number: &u32| {
            let (name, known) = inputs.get(*number as usize)?;
            Some((*name, *known, gone.contains(number)))
        };
        let digests: Vec<Digest> =
            families.par_iter().map(|members| family(bonds, members.iter().filter_map(member))).collect();
        let mut before = Fates::load(cache, by);
        let mut fates = HashMap::new();
        let mut words = HashSet::new();
        let mut news: Vec<&[u32]> = Vec::new();
        for (members, digest) in families.iter().zip(&digests) {
            match before.of(digest, members.len()) {
                Some(known) => {
                    fates.extend(members.iter().copied().zip(known.into_iter().map(|f| f.share(&mut words))));
                }
                None => news.push(members),
            }
        }
        let changed = !news.is_empty() || !before.is_empty();
        let settled: Vec<Vec<(u32, Fate)>> = portions(news)
            .into_par_iter()
            .map(|members| together(&members, member, bonds, cache))
            .collect::<Result<_, _>>()?;
        fates.extend(settled.into_iter().flatten().map(|(number, fate)| (number, fate.share(&mut words))));
        if changed {
            let of_family = |members: &Vec<u32>| members.iter().filter_map(|n| fates.get(n)).collect();
            before.save(cache, digests.into_iter().zip(families.iter().map(of_family)))?;
        }
        let panel = panel(&inputs, &fates)?;
        Ok(Self { cache, inputs, fates, hosts, panel, at_hand: Mutex::default() })
    }
}

/// Settles some families.
fn together<'l>(
    members: &[u32],
    member: impl Fn(&u32) -> Option<(&'l str, &'l Known, bool)>,
    bonds: &Bonds,
    cache: &Cache,
) -> Result<Vec<(u32, Fate)>, StoreError> {
    let known: Vec<(&str, &Known, bool)> = members.iter().filter_map(member).collect();
    let relative = |(name, known, gone): &(&str, &Known, bool)| {
        let reading = known.now();
        let mut read = reading.head(cache, name)?;
        bonds.add_to(&mut read.ties, name);
        Ok(Relative { read, doubts: reading.gist.doubts, gone: *gone })
    };
    let relatives: Vec<Relative> = known.iter().map(relative).collect::<Result<_, StoreError>>()?;
    let body = |at: usize| {
        known.get(at).map_or_else(|| Ok(Default::default()), |(_, known, _)| known.now().figures(cache))
    };
    Ok(members.iter().copied().zip(settle(relatives, &body)?).collect())
}

/// Whole families, gathered until they are worth a step.
fn portions(families: Vec<&[u32]>) -> Vec<Vec<u32>> {
    let mut portions: Vec<Vec<u32>> = Vec::new();
    for family in families {
        match portions.last_mut().filter(|last| last.len() + family.len() <= AT_ONCE) {
            Some(last) => last.extend(family),
            None => portions.push(family.to_vec()),
        }
    }
    portions
}

/// What makes captures relatives; 0 is nothing.
type Kinship = fn(&Known, &Gist) -> u64;

const KINSHIP: [Kinship; 4] = [
    // The same bytes.
    |known, gist| match known.hash {
        Some([a, b, c, d, e, f, g, h, ..]) if gist.kind != Kind::Unread => {
            u64::from_le_bytes([a, b, c, d, e, f, g, h])
        }
        _ => 0,
    },
    // A fetch that found it again.
    |_, gist| gist.digest,
    // Copies of one report.
    |_, gist| gist.report_id,
    // Reports of one agency and year: its own, that of all its bodies, and copies that do not say which of them they are.
    |_, gist| gist.filed(),
];

/// Captures that have something in common, directly or through others, and revisits.
fn families(inputs: &[(&str, &Known)], bonds: &Bonds) -> Vec<Vec<u32>> {
    let mut roots: Vec<u32> = (0..).take(inputs.len()).collect();
    let gists = || (0_u32..).zip(inputs).map(|(n, (_, known))| (n, *known, &known.now().gist));
    for of in KINSHIP {
        join(&mut roots, gists().map(|(n, known, gist)| (of(known, gist), n)));
    }
    join(&mut roots, (0_u32..).zip(inputs).map(|(n, (name, known))| (page(name, known, bonds), n)));
    // Where agency, place or year is open, text and figures tell which report it may be.
    for of in [|gist: &Gist| gist.text, |gist: &Gist| gist.figures] {
        let open: HashSet<u64> =
            gists().filter(|(_, _, gist)| !gist.complete).map(|(_, _, gist)| of(gist)).collect();
        join(&mut roots, gists().map(|(n, _, gist)| (of(gist), n)).filter(|(hash, _)| open.contains(hash)));
    }
    let mut sizes: HashMap<u32, u32> = HashMap::new();
    for number in 0..roots.len() {
        *sizes.entry(root(&mut roots, number as u32)).or_default() += 1;
    }
    let mut families: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (number, _, gist) in gists() {
        let root = root(&mut roots, number);
        if gist.revisit || sizes.get(&root).is_some_and(|size| *size > 1) {
            families.entry(root).or_default().push(number);
        }
    }
    families.into_values().collect()
}

/// The page that a capture is a representation of, or attached to.
fn page(name: &str, known: &Known, bonds: &Bonds) -> u64 {
    match known.now().gist.page {
        0 => bonds.page(name),
        own => own,
    }
}

/// What is not there any more, so that what is there speaks before it. Representations of one page are no copies of one another, and
/// a night may deliver only one of them: the others are gone when it changed since they were there. What is attached to a page
/// that is there is not.
fn gone(inputs: &[(&str, &Known)], bonds: &Bonds) -> HashSet<u32> {
    let mut unchanged_since: HashMap<u64, u32> = HashMap::new();
    for (name, known) in inputs.iter().filter(|(name, known)| known.met && bonds.cover(name).is_none()) {
        let page = page(name, known, bonds);
        if page != 0 {
            let first = unchanged_since.entry(page).or_insert(known.first);
            *first = known.first.min(*first);
        }
    }
    let is_gone = |(name, known): &(&str, &Known)| {
        let beside = unchanged_since.get(&page(name, known, bonds));
        !known.met && beside.is_none_or(|first| *first > known.last && bonds.cover(name).is_none())
    };
    (0..).zip(inputs).filter(|(_, input)| is_gone(input)).map(|(n, _)| n).collect()
}

/// Makes all of one hash one family.
fn join(roots: &mut [u32], hashes: impl Iterator<Item = (u64, u32)>) {
    let mut hashes: Vec<(u64, u32)> = hashes.filter(|(hash, _)| *hash != 0).collect();
    hashes.sort_unstable();
    for pair in hashes.windows(2) {
        let [(a, one), (b, other)] = pair else { continue };
        if a == b {
            let (one, other) = (root(roots, *one), root(roots, *other));
            if let Some(slot) = roots.get_mut(one.max(other) as usize) {
                *slot = one.min(other);
            }
        }
    }
}

/// The smallest known member of its family.
fn root(roots: &mut [u32], mut number: u32) -> u32 {
    loop {
        let Some(above) = roots.get(number as usize).copied().filter(|above| *above != number) else {
            return number;
        };
        let next = roots.get(above as usize).copied().unwrap_or(above);
        if let Some(slot) = roots.get_mut(number as usize) {
            *slot = next;
        }
        number = next;
    }
}
