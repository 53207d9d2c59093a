//! The statutory tables: one row a report and item of its form, whatever the form and the table.

use super::Context;
use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::{CellFact, Number, Scope};
use gongkai_registry::{FormTable, Item, TableSpec};

/// Columns that say which row it is; all others are measures, filled from the cells that name them.
const KEYS: [&str; 10] = [
    "report_id",
    "county_code",
    "agency_id",
    "scope",
    "item_no",
    "item",
    "item_group",
    "item_label",
    "channel",
    "channel_label",
];

/// One item (or channel) of one report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    scope: Scope,
    no: i64,
    item: &'a str,
    group: Option<&'a str>,
    label: &'a str,
    /// In the order of the table's measures.
    values: Vec<Option<Number>>,
}

/// The columns of a table that are filled from cells.
pub(super) fn measures(spec: &TableSpec) -> Vec<&str> {
    spec.columns.iter().map(|c| c.name.as_str()).filter(|name| !KEYS.contains(name)).collect()
}

pub(super) fn source<'a>(measures: &[&str], column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "county_code" => Source::Text(|r| r.report.resolution.place.county_code.as_deref()),
        "agency_id" => Source::Text(|r| Some(&r.report.resolution.agency_id)),
        "scope" => Source::Text(|r| Some(r.scope.as_str())),
        "item_no" => Source::Int(|r| Some(r.no)),
        "item" | "channel" => Source::Text(|r| Some(r.item)),
        "item_group" => Source::Text(|r| r.group),
        "item_label" | "channel_label" => Source::Text(|r| Some(r.label)),
        _ => {
            let at = measures.iter().position(|m| *m == column)?;
            Source::Number(Box::new(move |r: &Row<'_>| r.values.get(at).copied().flatten()))
        }
    })
}

/// The rows of all reports whose form has the table and that print it.
pub(super) fn rows<'a>(
    context: &Context<'a>,
    table: &str,
    measures: &[&str],
    reports: &'a [ReportRecord],
) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for report in reports {
        let form = context.registry.form(&report.parsed.form).and_then(|form| form.table(table));
        let printed = report.parsed.tables.iter().any(|t| t.present && t.table.as_ref() == table);
        let Some(form) = form.filter(|_| printed) else { continue };
        push_table(&mut rows, report, report.scope_of(table), &report.parsed.cells, form, measures);
        for beside in report.parsed.beside.iter().filter(|b| b.table.as_ref() == table) {
            push_table(&mut rows, report, beside.scope, &beside.cells, form, measures);
        }
    }
    rows
}

/// The rows of one table of a report.
fn push_table<'a>(
    rows: &mut Vec<Row<'a>>,
    report: &'a ReportRecord,
    scope: Scope,
    cells: &'a [CellFact],
    form: &'a FormTable,
    measures: &[&str],
) {
    let first = rows.len();
    let facts = || cells.iter().filter(|c| c.table == form.table);
    // Rows of another edition are rows where they are printed.
    let lent = form.lent.iter().filter(|item| facts().any(|c| c.item == item.code));
    let items: Vec<&Item> = form.items.iter().chain(lent).collect();
    for (index, item) in items.iter().enumerate() {
        rows.push(Row {
            report,
            scope,
            no: i64::try_from(index).map_or(0, |i| i + 1),
            item: &item.code,
            group: item.member_of(),
            label: "",
            values: vec![None; measures.len()],
        });
    }
    let Some(own) = rows.get_mut(first..) else { return };
    let mut filled = vec![false; own.len() * measures.len()];
    // Facts come in form order: the item of a fact is nearly always that of the fact before it, or the next.
    let mut hint = 0;
    for fact in facts() {
        let Some(item) = position(&items, &fact.item, hint) else { continue };
        hint = item;
        if let Some(row) = own.get_mut(item) {
            fill(row, fact, measures, filled.get_mut(item * measures.len()..).unwrap_or_default());
        }
    }
    for (row, item) in own.iter_mut().zip(&items) {
        if row.label.is_empty() {
            row.label = item.labels.first().map_or("", String::as_str);
        }
    }
}

/// Takes over the value and the printed label of one cell. Should a cell be told twice, the first fact counts.
fn fill<'a>(row: &mut Row<'a>, fact: &'a CellFact, measures: &[&str], filled: &mut [bool]) {
    if let Some(label) = fact.label.as_deref().filter(|_| row.label.is_empty()) {
        row.label = label;
    }
    let Some(at) = measures.iter().position(|m| *m == fact.column.as_ref()) else { return };
    if let (Some(value), Some(done)) = (row.values.get_mut(at), filled.get_mut(at))
        && !*done
    {
        *value = fact.value;
        *done = true;
    }
}

fn position(items: &[&Item], code: &str, hint: usize) -> Option<usize> {
    let here = |i: &usize| items.get(*i).is_some_and(|item| item.code.as_ref() == code);
    (hint..items.len()).chain(0..hint).find(here)
}
