//! Forms that nobody prescribed and agencies print: parts of one edition in a report of another.

use crate::report::stream;
use crate::spec::{Damage, Spec};
use gongkai_registry::{Column, Form, FormTable, Group, Registry};

/// The form of the spec with parts of another edition, where one of its damages has it so.
pub(crate) fn form(spec: &Spec, own: &Form) -> Option<Form> {
    let other = Registry::embedded().forms.iter().find(|f| f.code != own.code && !f.tables.is_empty())?;
    let mut form = own.clone();
    if spec.has(Damage::OtherEditionTable) {
        replace(&mut form, other, "disclosure_requests");
    } else if spec.has(Damage::EditionsMixed) {
        let mut rng = stream(spec.seed, "editions");
        let table = form.tables.iter_mut().find(|t| t.table.as_ref() == "proactive_disclosure")?;
        let with = other.table("proactive_disclosure")?;
        let shared = table.groups.iter().filter(|g| counterpart(with, g).is_some()).count();
        let count = rng.usize(1..shared.max(2));
        let mut chosen: Vec<bool> = (0..table.groups.len()).map(|i| i < count).collect();
        rng.shuffle(&mut chosen);
        *table = mixed(table, with, &chosen);
    } else {
        return None;
    }
    Some(form)
}

fn replace(form: &mut Form, other: &Form, name: &str) {
    if let (Some(table), Some(with)) =
        (form.tables.iter_mut().find(|t| t.table.as_ref() == name), other.table(name))
    {
        *table = with.clone();
    }
}

/// The group of another edition with the same first item.
fn counterpart<'a>(table: &'a FormTable, group: &Group) -> Option<&'a Group> {
    table.groups.iter().find(|g| g.items.first() == group.items.first())
}

/// A table some of whose groups are those of another edition, with their columns and items.
fn mixed(own: &FormTable, other: &FormTable, chosen: &[bool]) -> FormTable {
    let mut table = own.clone();
    // Groups pick their columns in the table's order: the edition with more columns a group says it.
    let (first, second) = if own.columns.len() > other.columns.len() { (own, other) } else { (other, own) };
    let mut columns: Vec<Column> = first.columns.clone();
    for column in &second.columns {
        if !columns.iter().any(|c| c.code == column.code) {
            columns.push(column.clone());
        }
    }
    table.columns = columns;
    table.items.clear();
    for (group, chosen) in table.groups.iter_mut().zip(chosen) {
        let with = counterpart(other, group).filter(|_| *chosen);
        let source = if with.is_some() { other } else { own };
        *group = with.cloned().unwrap_or_else(|| group.clone());
        table.items.extend(source.items.iter().filter(|i| group.items.contains(&i.code)).cloned());
    }
    table
}
