//! What captures teach about their hosts, between reading and settling.

use crate::ledger::Task;
use crate::reader::{Read, Reader};
use gongkai_registry::Registry;
use gongkai_resolve::{Hosts, Resolver, Taught};
use gongkai_store::{HostRecord, StoreError};
use rayon::prelude::*;

/// Learns from all captures, and answers with it what is open in others. Every input ever met is among them: what an
/// earlier snapshot knew follows from them again.
pub(crate) fn learn<'r>(task: &Task<'r>, reads: &mut [Read<'r>]) -> Result<Hosts, StoreError> {
    let reports = reads.iter().filter_map(Read::report).map(|r| (&r.resolution, &r.standing));
    let hosts = Hosts::learn(task.registry, reports, &[]);
    let asks = |read: &Read<'_>| {
        let report = read.outcome.as_ref().ok()?;
        report.stored.as_ref().filter(|s| s.asks)?;
        hosts.place(report.resolution.source_host.as_deref()?)
    };
    if reads.iter().any(|read| asks(read).is_some()) {
        let (reader, resolver) = (Reader::new(task.registry), Resolver::new(task.registry));
        reads.par_iter_mut().try_for_each(|read| match asks(read) {
            Some(place) => task.answer(&reader, read, |report| report.learn(&resolver, place)),
            None => Ok(()),
        })?;
        task.cache.sync()?;
    }
    Ok(hosts)
}

/// The rows of the `hosts` table.
pub(crate) fn records(registry: &Registry, hosts: &Hosts) -> Vec<HostRecord> {
    let gazetteer = &registry.gazetteer;
    let name = |unit: &str| {
        let present = gazetteer.unit_in(unit, i16::MAX).or_else(|| gazetteer.spans(unit).last());
        present.map(|d| d.name.clone())
    };
    let record = |t: &Taught| {
        let place = hosts.place(&t.host);
        let region = place.and_then(|p| gazetteer.region(&p.unit));
        HostRecord {
            host: t.host.clone(),
            unit: t.unit.clone(),
            unit_name: name(&t.unit),
            lesson: t.lesson.as_str().to_owned(),
            captures: t.captures,
            place: place.map(|p| p.unit.clone()),
            place_name: place.and_then(|p| name(&p.unit)),
            exactly: place.map(|p| p.exactly),
            region: region.map_or("unknown", |r| r.iso.as_str()).to_owned(),
        }
    };
    hosts.taught().iter().map(record).collect()
}
