//! Which cell of the form is meant.

use super::stored::Report;
use crate::Failure;
use crate::near::near;
use gongkai_registry::{Axis, Column, FormTable, Identity, Item, label_key};
use std::sync::Arc;

/// A cell of a form.
pub(super) struct Address<'r> {
    /// Its table.
    pub table: &'r FormTable,
    /// Its item (or channel).
    pub item: &'r Item,
    /// Its column.
    pub column: &'r Column,
}

/// How a finding concerns a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// It is about the cell.
    Cell,
    /// It is about its row, or a sum along it.
    Row,
    /// It is about its column, or a sum down it.
    Column,
    /// It is about its table.
    Table,
}

impl Relation {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Row => "row",
            Self::Column => "column",
            Self::Table => "table",
        }
    }
}

impl Address<'_> {
    /// `disclosure_requests.new_received.total`
    pub(super) fn code(&self) -> String {
        format!("{}.{}.{}", self.table.table, self.item.code, self.column.code)
    }

    /// How a finding of this table concerns the cell; `sum` when it compares a sum with what it should be. A sum is
    /// addressed at its first term, and concerns all of them.
    pub(super) fn relation(&self, item: Option<&str>, column: Option<&str>, sum: bool) -> Option<Relation> {
        let same_item = item.map(|i| i == self.item.code.as_ref());
        let same_column = column.map(|c| c == self.column.code.as_ref());
        match (same_item, same_column) {
            (Some(true), Some(true)) => Some(Relation::Cell),
            (Some(true), None) => Some(Relation::Row),
            (None, Some(true)) => Some(Relation::Column),
            (None, None) => Some(Relation::Table),
            (Some(true), Some(false)) if sum && self.is_term(Axis::Row, &self.column.code, column) => {
                Some(Relation::Row)
            }
            (Some(false), Some(true)) if sum && self.is_term(Axis::Column, &self.item.code, item) => {
                Some(Relation::Column)
            }
            _ => None,
        }
    }

    /// Whether a sum along an axis that begins with `first` has `term` in it.
    fn is_term(&self, axis: Axis, term: &Arc<str>, first: Option<&str>) -> bool {
        let begins = |i: &&Identity| i.axis == axis && i.left.first().map(AsRef::as_ref) == first;
        self.table.identities.iter().filter(begins).any(|i| i.left.contains(term) || i.right.contains(term))
    }
}

/// Finds the cell that `ITEM` and `COLUMN` name, by codes or by labels of the form.
pub(super) fn resolve<'r>(
    tables: &'r [FormTable],
    report: &Report,
    item: &str,
    column: &str,
) -> Result<Address<'r>, Failure> {
    let items = items(tables, item);
    if items.is_empty() {
        return Err(Failure::usage(no_item(tables, report, item)));
    }
    let cells: Vec<Address<'r>> =
        items.iter().filter_map(|(table, item)| cell(table, *item, column)).collect();
    match cells.len() {
        0 => Err(Failure::usage(no_column(&items, item, column))),
        1 => cells.into_iter().next().ok_or_else(|| Failure::usage("no cell")),
        _ => {
            let codes: Vec<String> =
                cells.iter().map(|c| format!("{}.{}", c.table.table, c.item.code)).collect();
            Err(Failure::usage(format!("item {item} stands in several tables; say {}", codes.join(" or "))))
        }
    }
}

/// Items of the form with this code or label, in one table when its name stands in front.
fn items<'r>(all: &'r [FormTable], text: &str) -> Vec<(&'r FormTable, usize)> {
    let (table, rest) = match text.split_once('.') {
        Some((table, rest)) if all.iter().any(|t| *t.table == *table) => (Some(table), rest),
        _ => (None, text),
    };
    let tables = || all.iter().filter(|t| table.is_none_or(|name| t.table.as_ref() == name));
    let by = |is_it: &dyn Fn(&Item) -> bool| -> Vec<(&'r FormTable, usize)> {
        tables()
            .flat_map(|t| t.items.iter().enumerate().filter(|(_, i)| is_it(i)).map(move |(at, _)| (t, at)))
            .collect()
    };
    let exact = by(&|i| i.code.as_ref() == rest);
    if exact.is_empty() { by(&|i| is_label(&i.labels, rest)) } else { exact }
}

fn is_label(labels: &[String], text: &str) -> bool {
    let key = label_key(text);
    !key.is_empty() && labels.iter().any(|l| label_key(l) == key)
}

/// The cell of an item in the column with this code or label, if the form has it.
fn cell<'r>(table: &'r FormTable, item: usize, column: &str) -> Option<Address<'r>> {
    let columns = table.columns_of(item);
    let own = || columns.iter().filter_map(|c| table.columns.get(*c));
    let column =
        own().find(|c| c.code.as_ref() == column).or_else(|| own().find(|c| is_label(&c.labels, column)))?;
    Some(Address { table, item: table.items.get(item)?, column })
}

fn no_item(tables: &[FormTable], report: &Report, text: &str) -> String {
    let codes: Vec<String> = tables
        .iter()
        .flat_map(|t| t.items.iter().map(move |i| (t, i)))
        .flat_map(|(t, i)| [i.code.to_string(), format!("{}.{}", t.table, i.code)])
        .collect();
    let hint = near(text, codes.iter().map(String::as_str));
    let hint = match hint.as_slice() {
        [] => {
            let all: Vec<&str> = tables.iter().flat_map(|t| &t.items).map(|i| i.code.as_ref()).collect();
            format!("it has {}", all.join(" "))
        }
        near => format!("did you mean {}?", near.join(" or ")),
    };
    format!("form {} has no item {text}; {hint}", report.form)
}

fn no_column(items: &[(&FormTable, usize)], item: &str, text: &str) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for (table, item) in items {
        codes.extend(
            table.columns_of(*item).iter().filter_map(|c| table.columns.get(*c)).map(|c| c.code.as_ref()),
        );
    }
    let near = near(text, codes.iter().copied());
    let hint = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
    format!("item {item} has no column {text}; {hint}It has {}", codes.join(" "))
}
