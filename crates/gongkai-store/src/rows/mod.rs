//! The rows of every table: what one row is, and where each of its columns comes from.
//!
//! Statutory tables follow from the registry alone. The tables about reports, findings, cells, narratives, captures, hosts and
//! coverage each have a small module that names the source of every column.

mod capture;
mod cell;
mod coverage;
mod dimension;
mod finding;
mod host;
mod key;
mod legacy;
mod narrative;
mod report;
mod statutory;

use crate::column::{Source, bind};
use crate::coverage::Covered;
use crate::dimensions::{AGENCIES, Agency, CODES, Code, DIVISIONS};
use crate::disk::Disk;
use crate::encode::{Shape, Stamp};
use crate::error::StoreError;
use crate::record::{CaptureRecord, Evidence, HostRecord, ReportRecord};
use crate::table_file::TableFile;
use gongkai_model::Severity;
use gongkai_registry::{LEGACY_TABLE, Registry, TableSpec};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use statutory::{BLANK_COLUMNS, measures};

/// The table of one row a report with what most questions ask for.
pub(crate) const KEY_FIGURES: &str = "key_figures";
/// The table of texts.
pub(crate) const NARRATIVES: &str = "narratives";

/// What all tables of a run share.
pub(crate) struct Context<'a> {
    /// Forms, tables, rules.
    pub(crate) registry: &'a Registry,
    /// What the footers say.
    pub(crate) stamp: Stamp<'a>,
    /// Which cells get a row.
    pub(crate) evidence: Evidence,
    severities: BTreeMap<&'a str, Severity>,
    /// What the files of each table have in common.
    shapes: BTreeMap<&'a str, Shape>,
}

impl<'a> Context<'a> {
    /// Prepares a run.
    pub(crate) fn new(
        registry: &'a Registry,
        stamp: Stamp<'a>,
        evidence: Evidence,
    ) -> Result<Self, StoreError> {
        let severities = registry.rules.iter().map(|r| (r.code.as_str(), r.severity)).collect();
        let shape = |spec: &'a TableSpec| Ok((spec.name.as_str(), Shape::of(spec, &stamp)?));
        let shapes = registry.tables.iter().map(shape).collect::<Result<_, StoreError>>()?;
        Ok(Self { registry, stamp, evidence, severities, shapes })
    }

    /// The file of a table in a folder.
    pub(crate) fn file<'f>(
        &'f self,
        spec: &'f TableSpec,
        disk: &'f dyn Disk,
        folder: PathBuf,
    ) -> Result<TableFile<'f>, StoreError> {
        let shape = self.shapes.get(spec.name.as_str());
        let shape = shape.ok_or_else(|| StoreError::Registry(format!("there is no table {}", spec.name)))?;
        Ok(TableFile::new(spec, shape, disk, folder))
    }

    /// Severity of a finding; a code without a rule is a doubt.
    fn severity(&self, code: &str) -> Severity {
        self.severities.get(code).copied().unwrap_or(Severity::Warning)
    }
}

/// A part of a partition.
#[derive(Clone, Copy, Default)]
pub(crate) struct Part<'a> {
    /// Reports.
    pub(crate) reports: &'a [ReportRecord],
    /// Captures.
    pub(crate) captures: &'a [CaptureRecord],
    /// Hosts.
    pub(crate) hosts: &'a [HostRecord],
    /// What of it was found.
    pub(crate) covered: &'a [Covered],
    /// What codes mean.
    pub(crate) codes: &'a [Code],
    /// Agencies through the years.
    pub(crate) agencies: &'a [Agency],
    /// Whether the divisions are wanted.
    pub(crate) divisions: bool,
}

/// Writes the rows that a part of a partition has in the file's table, if any.
pub(crate) fn write_rows(
    context: &Context<'_>,
    part: &Part<'_>,
    file: &mut TableFile<'_>,
) -> Result<(), StoreError> {
    let spec = file.spec;
    let Part { reports, captures, hosts, covered, codes, agencies, divisions } = *part;
    match spec.name.as_str() {
        "reports" => finish(file, report::rows(context, reports), report::source),
        NARRATIVES => finish(file, narrative::rows(reports), narrative::source),
        "findings" => finish(file, finding::rows(context, reports, captures), finding::source),
        "cells" => finish(file, cell::rows(context, reports), cell::source),
        "hosts" => finish(file, host::rows(context, hosts), host::source),
        "captures" => finish(file, capture::rows(context, captures), capture::source),
        "coverage" => finish(file, coverage::rows(context, covered), coverage::source),
        CODES => finish(file, codes.iter().collect(), dimension::code),
        AGENCIES => finish(file, agencies.iter().collect(), dimension::agency),
        DIVISIONS => {
            let rows = if divisions { dimension::divisions(context) } else { Vec::new() };
            finish(file, rows, dimension::division)
        }
        KEY_FIGURES => {
            let rows = key::rows(context, &key::Plan::of(spec), reports);
            finish(file, rows, |column| key::source(spec, column))
        }
        LEGACY_TABLE => finish(file, legacy::rows(reports), legacy::source),
        table if context.registry.forms.iter().any(|f| f.table(table).is_some()) => {
            let measures = statutory::measures(spec);
            let rows = statutory::rows(context, table, &measures, reports);
            finish(file, rows, |column| statutory::source(&measures, column))
        }
        // A table no stage fills yet: it is published without rows.
        _ => Ok(()),
    }
}

/// Sorts the rows by the table's sort columns, rows that are equal in them staying in the order given, and writes them.
fn finish<R>(
    file: &mut TableFile<'_>,
    mut rows: Vec<R>,
    source: impl Fn(&str) -> Option<Source<R>>,
) -> Result<(), StoreError> {
    let spec = file.spec;
    let columns = bind(spec, source)?;
    let position = |name: &String| spec.columns.iter().position(|c| c.name == *name);
    let keys: Vec<&Source<R>> = spec.sort.iter().filter_map(|name| columns.get(position(name)?)).collect();
    rows.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |order, key| order.then_with(|| key.compare(a, b)))
    });
    file.write(&columns, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn every_column_of_the_embedded_registry_has_a_source_of_its_type() {
        let stamp = Stamp { tool_version: "0", registry_digest: "0" };
        let context = Context::new(Registry::embedded(), stamp, Evidence::All).unwrap();
        for spec in &context.registry.tables {
            // Columns are bound before rows are looked at.
            let mut file = context.file(spec, &RealDisk, "nowhere".into()).unwrap();
            write_rows(&context, &Part::default(), &mut file).unwrap();
        }
    }
}
