//! The statutory tables: one row a report and item of its form, whatever the form and the table.

use super::Context;
use crate::column::Source;
use crate::record::ReportRecord;
use gongkai_model::{CellFact, CellStatus, Number, Scope};
use gongkai_registry::{FormTable, Item, TableSpec};

/// Columns that say which row it is, and what is printed of it where no figure is; all others are measures, filled from the cells that
/// name them.
const OTHERS: [&str; 11] = [
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
    BLANK_COLUMNS,
];

/// The measures of a row whose cell prints that there is nothing: it is blank, or has a dash or a word.
pub(crate) const BLANK_COLUMNS: &str = "blank_columns";

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
    /// Names of measures in the same order, joined by commas.
    blank: String,
}

/// The columns of a table that are filled from cells.
pub(crate) fn measures(spec: &TableSpec) -> Vec<&str> {
    spec.columns.iter().map(|c| c.name.as_str()).filter(|name| !OTHERS.contains(name)).collect()
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
        BLANK_COLUMNS => Source::Text(|r| Some(&r.blank)),
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
            values: Vec::with_capacity(measures.len()),
            blank: String::new(),
        });
    }
    let Some(own) = rows.get_mut(first..) else { return };
    let mut told: Vec<Option<&CellFact>> = vec![None; own.len() * measures.len()];
    // Facts come in form order: the item of a fact is nearly always that of the fact before it, or the next.
    let mut hint = 0;
    for fact in facts() {
        let Some(item) = position(&items, &fact.item, hint) else { continue };
        hint = item;
        if let Some(row) = own.get_mut(item) {
            if let Some(label) = fact.label.as_deref().filter(|_| row.label.is_empty()) {
                row.label = label;
            }
            let column = measures.iter().position(|m| *m == fact.column.as_ref());
            // Should a cell be told twice, the first fact counts.
            if let Some(cell) = column.and_then(|at| told.get_mut(item * measures.len() + at)) {
                cell.get_or_insert(fact);
            }
        }
    }
    for ((row, item), cells) in own.iter_mut().zip(&items).zip(told.chunks(measures.len().max(1))) {
        if row.label.is_empty() {
            row.label = item.labels.first().map_or("", String::as_str);
        }
        row.values.extend(cells.iter().map(|cell| cell.and_then(|fact| fact.value)));
        for (measure, _) in measures.iter().zip(cells).filter(|(_, cell)| cell.is_some_and(is_blank)) {
            let between = if row.blank.is_empty() { "" } else { "," };
            row.blank.extend([between, measure]);
        }
    }
}

/// Whether what is printed says that there is nothing. It is no zero: nobody can tell whether nothing happened or nothing was counted.
fn is_blank(fact: &CellFact) -> bool {
    fact.value.is_none() && matches!(fact.status, CellStatus::Blank | CellStatus::Dash | CellStatus::Word)
}

fn position(items: &[&Item], code: &str, hint: usize) -> Option<usize> {
    let here = |i: &usize| items.get(*i).is_some_and(|item| item.code.as_ref() == code);
    (hint..items.len()).chain(0..hint).find(here)
}
