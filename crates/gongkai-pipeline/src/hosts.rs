//! What captures teach about their hosts, between reading and settling, and from one snapshot to the next.

use crate::reader::Read;
use gongkai_registry::Registry;
use gongkai_resolve::{Hosts, Lesson, Resolver, Taught};
use gongkai_store::{HostRecord, RowQuery, Store, StoreError};

/// What the published snapshot knows about hosts; nothing, where an older version wrote it.
pub(crate) fn known(store: &Store) -> Result<Vec<Taught>, StoreError> {
    let Some(snapshot) = store.current()? else { return Ok(Vec::new()) };
    let columns = ["host", "unit_code", "lesson", "captures"];
    let rows = snapshot.rows(&RowQuery { table: "hosts", columns: &columns, ..RowQuery::default() })?;
    let taught = |row: &gongkai_store::Row| {
        Some(Taught {
            host: row.text("host")?.to_owned(),
            unit: row.text("unit_code")?.to_owned(),
            lesson: Lesson::of(row.text("lesson")?)?,
            captures: u32::try_from(row.integer("captures")?).ok()?,
        })
    };
    Ok(rows.iter().filter_map(taught).collect())
}

/// Learns from all captures, and answers with it what is open in others.
pub(crate) fn learn<'r>(registry: &'r Registry, reads: &mut [Read<'r>], known: &[Taught]) -> Hosts {
    let reports = reads.iter().filter_map(Read::report).map(|r| (&r.resolution, &r.standing));
    let hosts = Hosts::learn(registry, reports, known);
    if reads.iter().filter_map(Read::report).any(|r| r.standing.open.is_some()) {
        let resolver = Resolver::new(registry);
        for read in reads {
            let Ok(report) = &mut read.outcome else { continue };
            let host = report.resolution.source_host.as_deref();
            if let Some(place) = host.and_then(|h| hosts.place(h)) {
                report.learn(&resolver, place);
            }
        }
    }
    hosts
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
