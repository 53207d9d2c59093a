//! A report as the rules see it.

use crate::narrative::{Compared, compared};
use gongkai_model::{CellAddress, CellFact, CellStatus, LegacySource, Number, Parsed, Resolution};
use gongkai_registry::{Axis, Bound, Form, FormTable, Identity, NARRATIVE_COLUMN, Registry};
use std::rc::Rc;
use std::sync::Arc;

/// A report as the rules see it.
pub(crate) struct Report<'a> {
    /// What is known about forms.
    pub registry: &'a Registry,
    /// What was read.
    pub parsed: &'a Parsed,
    /// Its form, where it has statutory tables.
    pub form: Option<&'a Form>,
    /// Who, where and when.
    pub resolution: Option<&'a Resolution>,
    /// The tables it prints.
    pub tables: Vec<TableFacts<'a>>,
    /// What sentences and tables both count.
    pub compared: Vec<Compared<'a>>,
}

impl<'a> Report<'a> {
    pub(crate) fn of(registry: &'a Registry, parsed: &'a Parsed, resolution: Option<&'a Resolution>) -> Self {
        let form = registry.form(&parsed.form).filter(|f| !f.tables.is_empty());
        let printed = |t: &&FormTable| parsed.tables.iter().any(|r| r.table == t.table && r.present);
        let statutory = form.into_iter().flat_map(|f| &f.tables).filter(printed);
        let mut tables: Vec<_> =
            statutory.map(|t| TableFacts::of(t, parsed, t.identities.iter().collect(), &t.bounds)).collect();
        if form.is_none() && !parsed.legacy.is_empty() {
            let (table, bounds) = (&registry.legacy.table, &registry.legacy.columns.bounds);
            tables.push(TableFacts::of(table, parsed, legacy_identities(registry, parsed), bounds));
        }
        let mut report = Self { registry, parsed, form, resolution, tables, compared: Vec::new() };
        report.compared = compared(&report);
        report
    }

    /// The table with this name, where the report prints it.
    pub(crate) fn table(&self, name: &str) -> Option<&TableFacts<'a>> {
        self.tables.iter().find(|t| *t.form.table == *name)
    }
}

/// The sums of the families of tables that a report of 2008-2018 prints; families share some of them.
fn legacy_identities<'a>(registry: &'a Registry, parsed: &'a Parsed) -> Vec<&'a Identity> {
    let mut families: Vec<&str> = Vec::new();
    for row in &parsed.legacy {
        if let LegacySource::Table(Some(family)) = &row.source
            && !families.contains(&family.as_ref())
        {
            families.push(family);
        }
    }
    let mut identities: Vec<&Identity> = Vec::new();
    for family in families.iter().filter_map(|f| registry.legacy.family(f)) {
        for identity in &family.table.identities {
            let same = |i: &&Identity| {
                (&i.code, &i.left, &i.right) == (&identity.code, &identity.left, &identity.right)
            };
            if !identities.iter().any(same) {
                identities.push(identity);
            }
        }
    }
    identities
}

/// One table of a report.
pub(crate) struct TableFacts<'a> {
    /// Its form.
    pub form: &'a FormTable,
    /// Sums that must hold.
    pub sums: Vec<Sum<'a>>,
    /// What usually holds what.
    pub bounds: &'a [Bound],
    /// By item and column of the form.
    cells: Vec<Option<&'a CellFact>>,
}

impl<'a> TableFacts<'a> {
    fn of(
        form: &'a FormTable,
        parsed: &'a Parsed,
        mut identities: Vec<&'a Identity>,
        bounds: &'a [Bound],
    ) -> Self {
        // A sum over rows of which one is printed as another edition has it, undivided, cannot be checked.
        let whole = |part: &Arc<str>| {
            let (whole, _) = part.split_once('.')?;
            parsed.cells.iter().find(|c| c.table == form.table && *c.item == *whole)
        };
        let divided = |i: &Identity| i.left.iter().chain(&i.right).any(|part| whole(part).is_some());
        identities.retain(|i| i.axis == Axis::Row || !divided(i));
        let width = form.columns.len();
        let mut cells = vec![None; form.items.len() * width];
        let mut at = 0;
        for cell in parsed.cells.iter().filter(|c| c.table == form.table) {
            // Cells stand in the order of the form: the item is most often the one before.
            if form.items.get(at).is_none_or(|i| i.code != cell.item) {
                let Some(item) = form.item(&cell.item) else { continue };
                at = item;
            }
            let column = form.column(&cell.column);
            if let Some(place) = column.and_then(|c| cells.get_mut(at * width + c)) {
                *place = Some(cell);
            }
        }
        Self { form, sums: sums(form, identities), bounds, cells }
    }

    /// The fact of a cell, by position of its item and column in the form.
    pub(crate) fn cell(&self, item: usize, column: usize) -> Option<&'a CellFact> {
        self.cells.get(item * self.form.columns.len() + column).copied().flatten()
    }

    /// All facts, with the positions of their item and column.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, &'a CellFact)> {
        let width = self.form.columns.len();
        self.cells.iter().enumerate().filter_map(move |(at, c)| Some((at / width, at % width, (*c)?)))
    }

    /// What a cell adds to a sum: its number; nothing where the agency printed nothing, a dash or 无. `None` where the
    /// document's figure is not known, so that no sum can be checked.
    pub(crate) fn term(&self, item: usize, column: usize) -> Option<Number> {
        let cell = self.cell(item, column)?;
        match cell.status {
            CellStatus::Blank | CellStatus::Dash | CellStatus::Word => Some(Number::default()),
            _ => cell.value,
        }
    }

    /// The address of cells, by position.
    pub(crate) fn address(&self, item: Option<usize>, column: Option<usize>) -> CellAddress {
        CellAddress {
            table: Some(self.form.table.clone()),
            item: item.and_then(|i| self.form.items.get(i)).map(|i| i.code.clone()),
            column: column.and_then(|c| self.form.columns.get(c)).map(|c| c.code.clone()),
        }
    }
}

/// Every place where an identity of a table holds: one a row or column.
fn sums<'a>(form: &FormTable, identities: Vec<&'a Identity>) -> Vec<Sum<'a>> {
    let positions = |codes: &[Arc<str>], axis: Axis| -> Rc<[usize]> {
        let at = |c: &Arc<str>| match axis {
            Axis::Row => form.column(c),
            Axis::Column => form.item(c),
        };
        codes.iter().filter_map(at).collect()
    };
    let mut sums = Vec::new();
    for identity in identities {
        let lines = match identity.axis {
            Axis::Row => form.items.len(),
            // What sentences say does not add up to anything.
            Axis::Column => form.columns.iter().filter(|c| *c.code != *NARRATIVE_COLUMN).count(),
        };
        let (left, right) =
            (positions(&identity.left, identity.axis), positions(&identity.right, identity.axis));
        let sum = |line| Sum { identity, line, left: Rc::clone(&left), right: Rc::clone(&right) };
        sums.extend((0..lines).map(sum));
    }
    sums
}

/// An identity in one row or column.
pub(crate) struct Sum<'a> {
    /// The identity.
    pub identity: &'a Identity,
    /// Position of the row or column.
    pub line: usize,
    /// Positions of the terms along it.
    pub left: Rc<[usize]>,
    /// Positions of the terms along it.
    pub right: Rc<[usize]>,
}

impl Sum<'_> {
    /// Item and column of a term.
    pub(crate) fn place(&self, term: usize) -> (usize, usize) {
        match self.identity.axis {
            Axis::Row => (self.line, term),
            Axis::Column => (term, self.line),
        }
    }

    /// The sum of terms, where all are known.
    pub(crate) fn of(&self, facts: &TableFacts<'_>, terms: &[usize]) -> Option<Number> {
        let term = |t: &usize| {
            let (item, column) = self.place(*t);
            facts.term(item, column)
        };
        terms.iter().map(term).sum()
    }
}
