//! What captures teach about their hosts, and pages about what is attached to them, between reading and settling.

use crate::bonds::Bonds;
use crate::covers;
use crate::ledger::{Answered, Digest, Ledger};
use crate::meet::{Task, digest};
use crate::reading::Reading;
use gongkai_model::Parsed;
use gongkai_registry::Registry;
use gongkai_resolve::{Answers, Hosts, Taught};
use gongkai_store::{HostRecord, StoreError};
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;

/// Learns from all captures, and answers with it what is open in others: every input ever met is among them.
pub(crate) fn learn(task: &Task<'_>, ledger: &mut Ledger, bonds: &Bonds) -> Result<Hosts, StoreError> {
    let covers = covers::ask(task.registry, task.cache, ledger, bonds)?;
    let witnesses = ledger.all().filter_map(|(_, known)| known.reading.gist.witness.as_deref());
    let hosts = Hosts::learn(task.registry, witnesses);
    let prunes = ledger.prunes;
    let all =
        ledger.inputs.par_iter_mut().flat_map_iter(|(name, all)| all.iter_mut().map(move |k| (name, k)));
    all.filter(|(_, known)| known.met || !prunes).try_for_each(|(name, known)| {
        let host = known.reading.gist.asks.as_deref().and_then(|host| hosts.place(host));
        let answers = Answers { cover: covers.get(name), host };
        let answer = told(&answers);
        let there =
            |a: &Answered| !task.prove || a.reading.places().all(|place| task.cache.get(place).is_some());
        let before = known.answered.as_deref();
        if before.map(|a| a.answer) == answer && before.is_none_or(there) {
            return Ok(());
        }
        known.answered = match answer {
            Some(answer) => {
                let reading = answered(task, name, &known.reading, answers)?;
                Some(Box::new(Answered { answer, reading }))
            }
            None => None,
        };
        Ok::<(), StoreError>(())
    })?;
    Ok(hosts)
}

/// A digest of what others say; `None` where nobody says anything.
fn told(answers: &Answers<'_>) -> Option<Digest> {
    let host = answers.host.map(|p| digest(&[&p.host, &p.unit, &p.exactly.to_string()]));
    match answers.cover {
        Some(cover) => Some(digest(&[&format!("{host:?} {cover:?}")])),
        None => host,
    }
}

/// A reading with what is open decided again. The document is not looked at: what it says about that was kept.
fn answered(
    task: &Task<'_>,
    name: &str,
    before: &Reading,
    answers: Answers<'_>,
) -> Result<Reading, StoreError> {
    let (registry, cache) = (task.registry, task.cache);
    let mut read = before.head(cache, name)?;
    let hash = read.hash.clone().unwrap_or_default();
    let Ok(report) = &mut read.outcome else { return Ok(before.clone()) };
    if !report.answer(task.reader(), &hash, answers) {
        return Ok(before.clone());
    }
    let statements = std::mem::take(&mut report.parsed.statements);
    report.parsed = Parsed { statements, sections: before.text(cache)?, ..before.figures(cache)? };
    report.audit_again(registry);
    before.put_again(cache, registry, read)
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
