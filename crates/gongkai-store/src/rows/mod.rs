//! The rows of every table: what one row is, and where each of its columns comes from.
//!
//! Statutory tables follow from the registry alone. The tables about reports, findings, cells, narratives, captures and hosts
//! each have a small module that names the source of every column.

mod capture;
mod cell;
mod finding;
mod host;
mod legacy;
mod narrative;
mod report;
mod statutory;

use crate::column::{Source, bind};
use crate::encode::{Encoded, Stamp, encode};
use crate::error::StoreError;
use crate::partition::Partition;
use crate::record::Evidence;
use gongkai_model::Severity;
use gongkai_registry::{LEGACY_TABLE, Registry, TableSpec};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What all tables of a run share.
pub(crate) struct Context<'a> {
    /// Forms, tables, rules.
    pub(crate) registry: &'a Registry,
    /// What the footers say.
    pub(crate) stamp: Stamp<'a>,
    /// Which cells get a row.
    pub(crate) evidence: Evidence,
    severities: BTreeMap<&'a str, Severity>,
}

impl<'a> Context<'a> {
    /// Prepares a run.
    pub(crate) fn new(registry: &'a Registry, stamp: Stamp<'a>, evidence: Evidence) -> Self {
        let severities = registry.rules.iter().map(|r| (r.code.as_str(), r.severity)).collect();
        Self { registry, stamp, evidence, severities }
    }

    /// Severity of a finding; a code without a rule is a doubt.
    fn severity(&self, code: &str) -> Severity {
        self.severities.get(code).copied().unwrap_or(Severity::Warning)
    }
}

/// Encodes a table's rows of one partition; `None` when there are none.
pub(crate) fn encode_partition(
    context: &Context<'_>,
    spec: &TableSpec,
    partition: &Partition<'_>,
) -> Result<Option<Encoded>, StoreError> {
    let Partition { reports, captures, hosts } = partition;
    match spec.name.as_str() {
        "reports" => finish(context, spec, report::rows(context, reports), report::source),
        "narratives" => finish(context, spec, narrative::rows(reports), narrative::source),
        "findings" => finish(context, spec, finding::rows(context, reports, captures), finding::source),
        "cells" => finish(context, spec, cell::rows(context, reports), cell::source),
        "hosts" => finish(context, spec, host::rows(context, hosts), host::source),
        "captures" => finish(context, spec, capture::rows(context, captures), capture::source),
        LEGACY_TABLE => finish(context, spec, legacy::rows(reports), legacy::source),
        table if context.registry.forms.iter().any(|f| f.table(table).is_some()) => {
            let measures = statutory::measures(spec);
            let rows = statutory::rows(context, table, &measures, reports);
            finish(context, spec, rows, |column| statutory::source(&measures, column))
        }
        // A table no stage fills yet: it is published without rows.
        _ => Ok(None),
    }
}

/// Sorts the rows by the table's sort columns, rows that are equal in them staying in the order given, and encodes.
fn finish<R>(
    context: &Context<'_>,
    spec: &TableSpec,
    mut rows: Vec<R>,
    source: impl Fn(&str) -> Option<Source<R>>,
) -> Result<Option<Encoded>, StoreError> {
    let columns = bind(spec, source)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let position = |name: &String| spec.columns.iter().position(|c| c.name == *name);
    let keys: Vec<&Source<R>> = spec.sort.iter().filter_map(|name| columns.get(position(name)?)).collect();
    rows.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |order, key| order.then_with(|| key.compare(a, b)))
    });
    encode(spec, &context.stamp, &columns, &rows).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_embedded_registry_has_a_source_of_its_type() {
        let stamp = Stamp { tool_version: "0", registry_digest: "0" };
        let context = Context::new(Registry::embedded(), stamp, Evidence::All);
        for spec in &context.registry.tables {
            // Columns are bound before rows are looked at.
            encode_partition(&context, spec, &Partition::default()).unwrap();
        }
    }
}
