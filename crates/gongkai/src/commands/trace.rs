//! `gongkai trace`: from a number of the store back to its place in the source.

mod address;
mod context;
mod json;
mod source;
mod stored;
mod text;

use super::print;
use crate::arguments::Trace;
use crate::{Failure, Status};
use address::Address;
use context::Context;
use gongkai_model::{CellFact, Finding};
use gongkai_registry::Registry;
use gongkai_store::{Snapshot, Store, StoreError};
use source::{Reread, Source};
use stored::{Cell, Report};

/// All that is known about one cell.
struct Traced<'r> {
    snapshot: Snapshot,
    report: Report,
    address: Address<'r>,
    cell: Cell,
    source: Source,
    /// What this version reads, where the document was found.
    again: Option<Again>,
    /// Whether the store was written with this registry.
    same_registry: bool,
}

/// The cell as this version reads it.
struct Again {
    /// The fact; `None` when this version finds no such cell.
    fact: Option<CellFact>,
    context: Option<Context>,
    findings: Vec<Finding>,
    report_id: String,
}

/// Shows where a number comes from.
pub(crate) fn run(registry: &Registry, options: &Trace) -> Result<Status, Failure> {
    let snapshot = published(options)?;
    let report = Report::find(&snapshot, &options.report_id)?;
    let tables = stored::tables(&snapshot, registry, &report).map_err(failure)?;
    let address = address::resolve(&tables, &report, &options.item, &options.column)?;
    let cell = Cell::find(&snapshot, registry, &report, &address).map_err(failure)?;
    let roots = if options.input.is_empty() { vec![".".into()] } else { options.input.clone() };
    let (source, reread) = source::find(registry, &report, &roots);
    let again = reread.map(|reread| again(reread, &address));
    let same_registry = snapshot.manifest.registry_digest == registry.digest;
    let traced = Traced { snapshot, report, address, cell, source, again, same_registry };
    if options.json {
        print(&serde_json::to_string_pretty(&json::json(&traced)).map_err(Failure::failed)?);
    } else {
        print(&text::text(registry, &traced));
    }
    Ok(Status::Done)
}

fn published(options: &Trace) -> Result<Snapshot, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    match store.current().map_err(failure)? {
        Some(snapshot) => Ok(snapshot),
        None => Err(failure(StoreError::NoSnapshot { path: options.store.clone(), name: None })),
    }
}

fn failure(error: StoreError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}

fn again(reread: Reread, address: &Address<'_>) -> Again {
    let Reread { document, report } = reread;
    let is_it = |f: &&CellFact| {
        f.table == address.table.table && f.item == address.item.code && f.column == address.column.code
    };
    let fact = report.parsed.cells.iter().find(is_it).cloned();
    let context = fact.as_ref().and_then(|fact| Context::of(&document, &report.parsed.cells, fact));
    let concerns = |f: &&Finding| {
        let a = &f.address;
        a.table.as_ref() == Some(&address.table.table)
            && address.relation(a.item.as_deref(), a.column.as_deref(), f.expected.is_some()).is_some()
    };
    let findings = report.findings.iter().filter(concerns).cloned().collect();
    Again { fact, context, findings, report_id: report.resolution.report_id }
}

impl Traced<'_> {
    /// What the store and this version say differently about the cell, in one sentence.
    fn difference(&self) -> Option<String> {
        let again = self.again.as_ref()?;
        let (value, status) = match &again.fact {
            Some(fact) => (fact.value, Some(fact.status.as_str())),
            None => (None, None),
        };
        let known = self.cell.evidence.as_ref().map(|e| e.status.as_str());
        let same_status = known.is_none() || status.is_none() || known == status;
        if value == self.cell.value && same_status {
            return None;
        }
        let shown = |value: Option<gongkai_model::Number>, status: Option<&str>| {
            let value = value.map_or_else(|| "NULL".to_owned(), |v| v.to_string());
            status.map_or(value.clone(), |s| format!("{value} ({s})"))
        };
        let (stored_by, version) = (&self.report.tool_version, gongkai_pipeline::TOOL_VERSION);
        let cause = if stored_by != version {
            format!("the store was written by version {stored_by}, this is version {version}")
        } else if self.same_registry {
            "the versions have the same number, so one of them is a development build".to_owned()
        } else {
            "the store was written with other forms and labels (its registry digest differs)".to_owned()
        };
        Some(format!(
            "read again, this cell is {}; the store has {}: {cause}. `gongkai ingest` brings the store up to date",
            shown(value, status),
            shown(self.cell.value, known)
        ))
    }
}
