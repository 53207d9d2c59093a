//! What captures teach about their hosts, and pages about what is attached to them, between reading and settling.

use crate::covers;
use crate::ledger::{Answered, Known, Ledger};
use crate::meet::{Task, digest};
use crate::reading::{self, Reading, lost};
use gongkai_model::Cover;
use gongkai_registry::Registry;
use gongkai_resolve::{HostPlace, Hosts, Resolver, Taught};
use gongkai_store::{HostRecord, StoreError};
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// Learns from all captures, and answers with it what is open in others: every input ever met is among them.
pub(crate) fn learn(task: &Task<'_>, ledger: &mut Ledger) -> Result<Hosts, StoreError> {
    let covers = covers::ask(task.registry, task.cache, ledger)?;
    let witnesses = ledger.all().filter_map(|(_, known)| known.reading.gist.witness.as_deref());
    let hosts = Hosts::learn(task.registry, witnesses);
    // Made when the first question is answered: most nights ask nothing new.
    let resolver = OnceLock::new();
    let all =
        ledger.inputs.par_iter_mut().flat_map_iter(|(name, all)| all.iter_mut().map(move |k| (name, k)));
    all.try_for_each(|(name, known)| {
        let place = known.reading.gist.asks.as_deref().and_then(|host| hosts.place(host));
        let before = known.answered.as_ref().map(|a| a.answer);
        let cover = covers.get(name);
        let of_host = place.map(|p| digest(&[&p.host, &p.unit, &p.exactly.to_string()]));
        let of_cover = cover.map(|cover| digest(&[&format!("{cover:?}")]));
        let answer =
            of_cover.map_or(of_host, |of_cover| Some(digest(&[&format!("{of_host:?} {of_cover:?}")])));
        let there =
            |a: &Answered| !task.prove || a.reading.places().all(|place| task.cache.get(place).is_some());
        if before == answer && known.answered.as_deref().is_none_or(there) {
            return Ok(());
        }
        known.answered = match answer {
            Some(answer) => {
                let resolver = resolver.get_or_init(|| Resolver::new(task.registry));
                let reading = ask(task, resolver, name, known, (place, cover))?;
                Some(Box::new(Answered { answer, reading }))
            }
            None => None,
        };
        Ok::<(), StoreError>(())
    })?;
    Ok(hosts)
}

/// Reads a document once more, and answers what it leaves open with what its page says, then with the place of its host.
fn ask<'r>(
    task: &Task<'r>,
    resolver: &Resolver<'r>,
    name: &str,
    known: &Known,
    (place, cover): (Option<&HostPlace>, Option<&Cover>),
) -> Result<Reading, StoreError> {
    let source = known.source.as_ref();
    let mut read = reading::again(task.cache, task.reader(), name, source, cover).ok_or_else(lost)?;
    if let (Ok(report), Some(place)) = (&mut read.outcome, place)
        && !report.learn(resolver, place)
        && cover.is_none()
    {
        // What is known of its host does not help.
        return Ok(known.reading.clone());
    }
    Reading::put(task.cache, task.registry, read)
}

/// The rows of the `hosts` table. What many say alike is kept once.
pub(crate) fn records(registry: &Registry, hosts: &Hosts) -> Vec<HostRecord> {
    let gazetteer = &registry.gazetteer;
    let mut words: HashSet<Arc<str>> = HashSet::new();
    let mut shared = |word: &str| match words.get(word) {
        Some(known) => Arc::clone(known),
        None => {
            let word: Arc<str> = word.into();
            words.insert(Arc::clone(&word));
            word
        }
    };
    let name = |unit: &str| {
        let present = gazetteer.unit_in(unit, i16::MAX).or_else(|| gazetteer.spans(unit).last());
        present.map(|d| d.name.as_str())
    };
    let record = |t: &Taught| {
        let place = hosts.place(&t.host);
        let region = place.and_then(|p| gazetteer.region(&p.unit));
        HostRecord {
            host: Arc::clone(&t.host),
            unit: shared(&t.unit),
            unit_name: name(&t.unit).map(&mut shared),
            lesson: shared(t.lesson.as_str()),
            captures: t.captures,
            place: place.map(|p| shared(&p.unit)),
            place_name: place.and_then(|p| name(&p.unit)).map(&mut shared),
            exactly: place.map(|p| p.exactly),
            region: shared(region.map_or("unknown", |r| r.iso.as_str())),
        }
    };
    hosts.taught().iter().map(record).collect()
}
