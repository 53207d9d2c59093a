//! Which records of a container are not there any more. A record is its content and its address, not its number: one taken out of the
//! middle gives its number to the next, and its place in the data to nobody.
//!
//! What is gone is numbered behind what is there, as if it had been put at the end.

use crate::ledger::{Known, Ledger};
use crate::meet::{Task, about, address};
use crate::reading::{Reading, put_source, source};
use gongkai_store::StoreError;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a record is known by: where in its record it lies (a page has several representations), content and address.
type Identity = (String, Option<[u8; 32]>, u64);

/// The records of one table or record file.
#[derive(Default)]
struct Records {
    there: HashSet<Identity>,
    numbers: HashSet<u64>,
    /// What runs before knew, with its number.
    before: HashMap<Identity, HashSet<u64>>,
    /// The first record that had another number before: behind it numbers mean nothing.
    shifted: Option<u64>,
    /// Records that no run before knew, by address.
    by_address: HashMap<(String, u64), usize>,
    /// The same, of those without one.
    by_number: HashSet<(String, u64)>,
    gone: Vec<(u64, String, Identity)>,
}

impl Ledger {
    /// Drops what was replaced by other content or only has another number, and numbers what is gone.
    pub(crate) fn settle_records(
        &mut self,
        task: &Task<'_>,
        container: &str,
        comes_once: bool,
    ) -> Result<(), StoreError> {
        // It holds documents now, whatever lay at its path before.
        if self.inputs.get(container).is_some_and(|all| all.iter().all(|known| !known.met)) {
            self.inputs.remove(container);
        }
        for (base, mut records) in self.records(container) {
            let Some(mut next) = records.numbers.iter().max().copied() else { continue };
            records.gone.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
            let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
            let mut kept = Vec::new();
            for (number, rest, identity) in std::mem::take(&mut records.gone) {
                let name = format!("{base}#{number}{rest}");
                let Some(known) = self.take_gone(&name, &identity) else { continue };
                if !records.replaces(number, &identity, comes_once) {
                    let new = *numbers.entry(number).or_insert_with(|| {
                        next = next.saturating_add(1);
                        next
                    });
                    kept.push((format!("{base}#{number}"), format!("{base}#{new}"), rest, known));
                }
            }
            for (old, new, rest, known) in kept {
                let known = renamed(task, known, &old, &new, &rest)?;
                self.inputs.entry(format!("{new}{rest}")).or_default().push(known);
            }
        }
        Ok(())
    }

    /// The numbered records of a container, by what they are numbered in.
    fn records(&self, container: &str) -> BTreeMap<String, Records> {
        let mut all: BTreeMap<String, Records> = BTreeMap::new();
        let numbered = |(name, known)| Some((split(container, name)?, known));
        let within: Vec<((String, u64, &str), &Known)> =
            self.within(container).filter_map(numbered).collect();
        let identity = |rest: &str, known: &Known| (rest.to_owned(), known.hash, known.address);
        for ((base, number, rest), known) in &within {
            let records = all.entry(base.clone()).or_default();
            if known.met {
                records.there.insert(identity(rest, known));
                records.numbers.insert(*number);
            } else {
                records.gone.push((*number, (*rest).to_owned(), identity(rest, known)));
            }
            if !known.came {
                records.before.entry(identity(rest, known)).or_default().insert(*number);
            }
        }
        for ((base, number, rest), known) in within.iter().filter(|(_, known)| known.met) {
            let Some(records) = all.get_mut(base) else { continue };
            if let Some(numbers) = records.before.get(&identity(rest, known)) {
                if !numbers.contains(number) {
                    records.shifted = Some(records.shifted.map_or(*number, |first| first.min(*number)));
                }
                continue;
            }
            if !known.came {
                continue;
            }
            let rest = (*rest).to_owned();
            match known.address {
                0 => _ = records.by_number.insert((rest, *number)),
                address => *records.by_address.entry((rest, address)).or_default() += 1,
            }
        }
        all
    }

    fn take_gone(&mut self, name: &str, (_, hash, address): &Identity) -> Option<Known> {
        let all = self.inputs.get_mut(name)?;
        let at = all.iter().position(|k| !k.met && k.hash == *hash && k.address == *address)?;
        let known = all.remove(at);
        if all.is_empty() {
            self.inputs.remove(name);
        }
        Some(known)
    }
}

impl Records {
    /// Whether what is there takes the place of a record that is gone.
    fn replaces(&mut self, number: u64, identity: &Identity, comes_once: bool) -> bool {
        let (rest, hash, address) = identity;
        // Something that could not be read is told only as long as nothing stands in its place.
        if self.there.contains(identity) || hash.is_none() && self.numbers.contains(&number) {
            return true;
        }
        match address {
            // The numbers of what is sent to the program mean nothing from one night to the next.
            0 => {
                let in_place = !comes_once && self.shifted.is_none_or(|first| number < first);
                in_place && self.by_number.contains(&(rest.clone(), number))
            }
            _ => match self.by_address.get_mut(&(rest.clone(), *address)) {
                Some(news) if *news > 0 => {
                    *news -= 1;
                    true
                }
                _ => false,
            },
        }
    }
}

/// A record under another number. Representations of one page are tied by its name, which has the number in it.
fn renamed(task: &Task<'_>, mut known: Known, old: &str, new: &str, rest: &str) -> Result<Known, StoreError> {
    if old == new || known.reading.gist.page == 0 {
        return Ok(known);
    }
    let place = known.source.as_ref();
    let Some(mut capture) = place.and_then(|place| source(task.cache, &format!("{new}{rest}"), place)) else {
        return Ok(known);
    };
    let page = capture.ties.page.as_deref().and_then(|page| page.strip_prefix(old));
    let Some(page) = page.map(|rest| format!("{new}{rest}")) else { return Ok(known) };
    capture.ties.page = Some(page.into());
    known.source = Some(put_source(task.cache, &capture)?);
    known.about = about(&capture.provenance, &capture.ties);
    known.address = address(&capture);
    known.reading = Reading::put(task.cache, task.registry, task.reader().read(&capture))?;
    known.answered = None;
    Ok(known)
}

/// A name within a container as what is numbered, the number, and what follows.
fn split<'n>(container: &str, name: &'n str) -> Option<(String, u64, &'n str)> {
    let tail = name.strip_prefix(container)?;
    tail.match_indices('#').find_map(|(at, _)| {
        let (before, behind) = tail.split_at_checked(at)?;
        let behind = behind.strip_prefix('#')?;
        let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = behind.strip_suffix(rest)?.parse().ok()?;
        let ends = rest.is_empty() || rest.starts_with(['/', '#']);
        ends.then(|| (format!("{container}{before}"), number, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn names_are_split_at_the_first_number() {
        let at = |name| split("a/x.zip", name).map(|(base, number, rest)| (base, number, rest.to_owned()));
        assert_eq!(at("a/x.zip/b.jsonl#12/text"), Some(("a/x.zip/b.jsonl".into(), 12, "/text".into())));
        assert_eq!(at("a/x.zip#3#4"), Some(("a/x.zip".into(), 3, "#4".into())));
        assert_eq!(at("a/x.zip/page #2a.html"), None);
        assert_eq!(at("a/x.zip/c#1.html"), None);
    }
}
