//! The figures of one agency through the years.

use crate::figures::{Figures, Id, Size, cells, lines, terms};
use fastrand::Rng;
use gongkai_model::Number;
use gongkai_registry::{Axis, Form, FormTable, Identity};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Figures of an agency, year after year.
pub(super) struct Series {
    size: Size,
    /// What is usual, by form.
    usual: BTreeMap<String, Figures>,
    last: Option<(&'static Form, Figures)>,
}

/// What is not as it should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Twist {
    None,
    /// This item and column of last year is taken for two more than it was.
    Last(&'static str, &'static str),
    /// Last year's figures.
    Again,
    /// Forty times the usual applications.
    Forty,
}

/// The sum of several agencies' figures of one year.
#[derive(Default)]
pub(super) struct Sum(Figures);

impl Sum {
    pub(super) fn add(&mut self, figures: Option<&Figures>) {
        self.0.add(figures.unwrap_or(&Figures::default()));
    }
}

impl Series {
    pub(super) fn new(size: Size) -> Self {
        Self { size, usual: BTreeMap::new(), last: None }
    }

    /// Figures of the last year.
    pub(super) fn now(&self) -> Option<&Figures> {
        self.last.as_ref().map(|(_, figures)| figures)
    }

    /// Figures of the next year; those of a government hold those of its bodies.
    pub(super) fn next(
        &mut self,
        form: &'static Form,
        twist: Twist,
        bodies: Option<&Sum>,
        rng: &mut Rng,
    ) -> &Figures {
        let mut last = self.last.take();
        let figures = match (&mut last, twist) {
            (Some((_, figures)), Twist::Again) => std::mem::take(figures),
            (last, _) => {
                let mut figures = self.usual(form, last.as_ref(), rng).varied(rng);
                if let Twist::Forty = twist {
                    figures.multiply(form, 40);
                }
                figures.settle(form, rng);
                if let Some(Sum(sum)) = bodies {
                    figures.add(sum);
                }
                figures.stay_above_zero(form);
                if let Some((last_form, last)) = last {
                    if let Twist::Last(item, column) = twist {
                        last.bump(last_form, item, column);
                    }
                    figures.follow(form, last_form, last);
                }
                figures
            }
        };
        &self.last.insert((form, figures)).1
    }

    fn usual(&mut self, form: &Form, last: Option<&(&'static Form, Figures)>, rng: &mut Rng) -> Figures {
        if let Some(usual) = self.usual.get(form.code.as_ref()) {
            return usual.clone();
        }
        let mut usual = Figures::draw(form, self.size, rng);
        if let Some((last_form, last)) = last {
            usual.inherit(form, last_form, last);
        }
        self.usual.insert(form.code.to_string(), usual.clone());
        usual
    }
}

/// Cells of one line of a table: an item's columns, or a column's items.
fn cells_of(t: usize, table: &FormTable, axis: Axis, line: usize, codes: &[Arc<str>]) -> Option<Vec<Id>> {
    let place = |code: &Arc<str>| match axis {
        Axis::Row => Some((line, table.column(code)?)),
        Axis::Column => Some((table.item(code)?, line)),
    };
    let has = |(item, column): &(usize, usize)| table.columns_of(*item).contains(column);
    codes.iter().map(|code| place(code).filter(has).map(|(i, c)| (t, i, c))).collect()
}

/// Position of the same line in another edition of a table.
fn same_line(table: &FormTable, axis: Axis, line: usize, other: &FormTable) -> Option<usize> {
    match axis {
        Axis::Row => other.item(&table.items.get(line)?.code),
        Axis::Column => other.column(&table.columns.get(line)?.code),
    }
}

impl Figures {
    /// The same, up to a quarter more or less in every cell.
    fn varied(&self, rng: &mut Rng) -> Self {
        let mut varied = self.clone();
        for (_, value) in varied.iter_mut() {
            if let Some(count) = value.as_integer().filter(|n| *n > 0) {
                *value = Number::from_integer(count * rng.i64(80..=125) / 100 + rng.i64(0..=1));
            }
        }
        varied
    }

    /// So many times the applications, but for those that are left to the next year.
    fn multiply(&mut self, form: &Form, by: i64) {
        let rests = |id: &Id| {
            let table = form.tables.get(id.0);
            table.and_then(|t| t.items.get(id.1)).is_none_or(|i| i.code.as_ref() == "carried_forward")
        };
        let at = form.tables.iter().position(|t| t.table.as_ref() == "disclosure_requests");
        for (_, value) in self.iter_mut().filter(|(id, _)| Some(id.0) == at && !rests(id)) {
            *value = Number::from_integer(value.as_integer().unwrap_or(0) * by);
        }
    }

    /// Adds two to a cell, and to the sum of its row.
    fn bump(&mut self, form: &Form, item: &str, column: &str) {
        for (t, table) in form.tables.iter().enumerate() {
            if let (Some(i), Some(c)) = (table.item(item), table.column(column)) {
                self.raise((t, i, c), 2);
                self.total_rows(t, table);
            }
        }
    }

    /// Takes over the figures that another form has, too.
    fn inherit(&mut self, form: &Form, other: &Form, figures: &Self) {
        for (t, table) in form.tables.iter().enumerate() {
            let Some(o) = other.tables.iter().position(|x| x.table == table.table) else { continue };
            let Some(theirs) = other.tables.get(o) else { continue };
            for (i, c) in cells(table) {
                let (item, column) = (table.items.get(i), table.columns.get(c));
                let (Some(item), Some(column)) = (item, column) else { continue };
                if let (Some(oi), Some(oc)) = (theirs.item(&item.code), theirs.column(&column.code)) {
                    self.set((t, i, c), figures.get((o, oi, oc)));
                }
            }
        }
    }

    /// Makes the figures of a year agree with one another.
    fn settle(&mut self, form: &Form, rng: &mut Rng) {
        for (t, table) in form.tables.iter().enumerate() {
            self.balance(t, table, Axis::Column, rng);
            self.total_rows(t, table);
        }
    }

    /// Makes the figures follow from those of the year before.
    fn follow(&mut self, form: &Form, last_form: &Form, last: &Self) {
        for (t, table) in form.tables.iter().enumerate() {
            let Some(o) = last_form.tables.iter().position(|l| l.table == table.table) else { continue };
            let Some(before) = last_form.tables.get(o) else { continue };
            for between in &table.between {
                let axis = between.axis;
                for line in lines(table, axis) {
                    let follow = || {
                        let left = cells_of(t, table, axis, line, &between.left)?;
                        let right = cells_of(t, table, axis, line, &between.right)?;
                        let other = same_line(table, axis, line, before)?;
                        Some((left, right, cells_of(o, before, axis, other, &between.last)?))
                    };
                    if let Some((left, right, there)) = follow() {
                        self.share_out(&left, self.total(&right) + last.total(&there));
                    }
                }
                for item in between.left.iter().filter(|_| axis == Axis::Column) {
                    self.make_room(t, table, item);
                }
            }
            self.total_rows(t, table);
        }
        self.stay_above_zero(form);
    }

    /// No change takes more than there is.
    fn stay_above_zero(&mut self, form: &Form) {
        for (t, table) in form.tables.iter().enumerate() {
            for between in table.between.iter().filter(|b| b.axis == Axis::Row) {
                for line in lines(table, Axis::Row) {
                    let left = cells_of(t, table, Axis::Row, line, &between.last).unwrap_or_default();
                    if let (true, Some(change)) = (self.total(&left) < 0, left.last()) {
                        self.set(*change, Number::from_integer(self.total(&[*change]).abs()));
                    }
                }
            }
        }
    }

    /// Divides a sum: all but the first keep what they have, as far as there is enough.
    fn share_out(&mut self, cells: &[Id], due: i64) {
        let mut rest = due;
        for id in cells.iter().skip(1) {
            let own = self.total(&[*id]).clamp(0, rest.max(0));
            self.set(*id, Number::from_integer(own));
            rest -= own;
        }
        if let Some(first) = cells.first() {
            self.set(*first, Number::from_integer(rest));
        }
    }

    /// Lets what stands beside an item in an identity make up for its change; where that is not enough, the other side
    /// grows.
    fn make_room(&mut self, t: usize, table: &FormTable, item: &str) {
        let holds = |i: &&Identity| i.axis == Axis::Column && i.left.iter().any(|l| l.as_ref() == item);
        for identity in table.identities.iter().filter(holds) {
            for line in lines(table, Axis::Column) {
                let (left, right) = terms(t, table, identity, line);
                let beside = left.iter().find(|id| table.item(item) != Some(id.1)).copied();
                let (Some(beside), Some(first)) = (beside, right.first().copied()) else { continue };
                let rest = self.total(&right) - (self.total(&left) - self.total(&[beside]));
                if rest < 0 {
                    self.grow(t, table, first, -rest);
                }
                self.set(beside, Number::from_integer(rest.max(0)));
            }
        }
    }

    /// Raises a cell, and the first part of what it is the sum of.
    fn grow(&mut self, t: usize, table: &FormTable, id: Id, by: i64) {
        self.raise(id, by);
        let code = table.items.get(id.1).map(|i| &i.code);
        let sums = |i: &&Identity| i.axis == Axis::Column && i.left.len() == 1 && i.left.first() == code;
        for identity in table.identities.iter().filter(sums) {
            if let Some(part) = terms(t, table, identity, id.2).1.first() {
                self.raise(*part, by);
            }
        }
    }

    /// Makes every total at the end of a row the sum of the row.
    fn total_rows(&mut self, t: usize, table: &FormTable) {
        for identity in table.identities.iter().filter(|i| i.axis == Axis::Row) {
            for line in lines(table, Axis::Row) {
                let (left, right) = terms(t, table, identity, line);
                if let Some(total) = left.first() {
                    self.set(*total, Number::from_integer(self.total(&right)));
                }
            }
        }
    }

    fn raise(&mut self, id: Id, by: i64) {
        self.set(id, Number::from_integer(self.total(&[id]) + by));
    }

    fn total(&self, ids: &[Id]) -> i64 {
        ids.iter().map(|id| self.get(*id).as_integer().unwrap_or(0)).sum()
    }
}
