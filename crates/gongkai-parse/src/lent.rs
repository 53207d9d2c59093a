//! Rows printed as another edition of the form has them.

use crate::facts;
use crate::reading::Reading;
use crate::stream::Stream;
use gongkai_model::{CellAddress, Finding, Parsed};
use gongkai_registry::{FormTable, TableSpec};

/// The items, by position in another edition's table, that a reading leaves open and that edition may have: those that
/// the edition read does not have, unless it prints what they were divided into, and those that stand under other
/// columns there.
pub(crate) fn wanted(table: &FormTable, own: &Reading, lender: &FormTable) -> Vec<usize> {
    let columns = |t: &FormTable, item: usize| -> Vec<String> {
        t.columns_of(item).iter().filter_map(|c| t.columns.get(*c)).map(|c| c.code.to_string()).collect()
    };
    let row = |item: usize| own.rows.iter().find(|r| r.item == item);
    let open = |item: usize| row(item).is_none_or(|r| r.refusal.is_some());
    let divided = |code: &str| {
        let part = |c: &str| c.strip_prefix(code).is_some_and(|rest| rest.starts_with('.'));
        own.rows.iter().filter_map(|r| table.items.get(r.item)).any(|i| part(&i.code))
    };
    let wanted = |at: &usize| {
        let Some(item) = lender.items.get(*at) else { return false };
        match table.item(&item.code) {
            Some(same) => open(same) && columns(table, same) != columns(lender, *at),
            None => !divided(&item.code),
        }
    };
    (0..lender.items.len()).filter(wanted).collect()
}

/// Adds rows that another edition reads under a head of its own, in place of what was said of them.
pub(crate) fn add(
    parsed: &mut Parsed,
    stream: &Stream,
    wanted: &[usize],
    (lender, spec, form): (&FormTable, &TableSpec, &str),
    reading: &Reading,
) {
    let read =
        |item: &usize| reading.rows.iter().any(|r| r.item == *item && r.refusal.is_none() && r.whole_head);
    let facts = facts::facts(stream, lender, spec, reading);
    for item in wanted.iter().filter(|i| read(i)).filter_map(|i| lender.items.get(*i)) {
        let of_item = |address: &CellAddress| {
            address.table.as_ref() == Some(&lender.table) && address.item.as_ref() == Some(&item.code)
        };
        parsed.cells.retain(|c| c.table != lender.table || c.item != item.code);
        parsed.findings.retain(|f| !of_item(&f.address));
        let cells = || facts.cells.iter().filter(|c| c.item == item.code);
        parsed.cells.extend(cells().cloned());
        parsed.findings.extend(facts.findings.iter().filter(|f| of_item(&f.address)).cloned());
        let address =
            CellAddress { table: Some(lender.table.clone()), item: Some(item.code.clone()), column: None };
        let message = format!("the row is printed as form {form} has it");
        parsed.findings.push(Finding::at("GK217", address, message));
        if let Some(table) = parsed.tables.iter_mut().find(|t| t.table == lender.table) {
            table.read += cells().filter(|c| c.value.is_some()).count() as u32;
        }
    }
}
