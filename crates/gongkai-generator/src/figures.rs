//! Figures that satisfy the form's identities.

use crate::truth::BrokenIdentity;
use fastrand::Rng;
use gongkai_model::Number;
use gongkai_registry::{Axis, Column, Form, FormTable, Identity};
use std::collections::BTreeMap;

/// A cell of the form: positions of table, item and column.
pub(crate) type Id = (usize, usize, usize);

/// Figures of one report.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    values: BTreeMap<Id, Number>,
}

/// How large figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Zeros,
    Sparse,
    Middling,
    /// Large and different in nearly every cell, so that every misplacement shows.
    Large,
}

impl Size {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u32(0..20) {
            0..3 => Self::Zeros,
            3..10 => Self::Sparse,
            10..15 => Self::Middling,
            _ => Self::Large,
        }
    }

    fn count(self, rng: &mut Rng) -> i64 {
        match self {
            Self::Zeros => 0,
            Self::Sparse if rng.u32(0..10) < 7 => 0,
            Self::Sparse => rng.i64(1..9),
            Self::Middling if rng.u32(0..10) < 2 => 0,
            Self::Middling => rng.i64(1..180),
            Self::Large => rng.i64(101..40_000),
        }
    }
}

impl Figures {
    pub(crate) fn draw(form: &Form, size: Size, rng: &mut Rng) -> Self {
        let mut figures = Self::default();
        for (t, table) in form.tables.iter().enumerate() {
            for (i, c) in cells(table) {
                let column = table.columns.get(c);
                figures.values.insert((t, i, c), column.map_or(whole(0), |column| amount(column, size, rng)));
            }
            for axis in [Axis::Column, Axis::Row] {
                figures.balance(t, table, axis, rng);
            }
        }
        figures
    }

    pub(crate) fn get(&self, id: Id) -> Number {
        self.values.get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, id: Id, value: Number) {
        self.values.insert(id, value);
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Id, &mut Number)> {
        self.values.iter_mut()
    }

    /// Adds another report's figures, cell by cell.
    pub(crate) fn add(&mut self, other: &Self) {
        for (id, value) in &other.values {
            let sum = self.get(*id).checked_add(*value);
            self.set(*id, sum.unwrap_or_default());
        }
    }

    /// Makes one printed total wrong, if the form has identities.
    pub(crate) fn spoil(&mut self, form: &Form, rng: &mut Rng) {
        let mut totals = Vec::new();
        for (t, table) in form.tables.iter().enumerate() {
            for identity in &table.identities {
                for line in lines(table, identity.axis) {
                    totals.extend(terms(t, table, identity, line).0.first().copied());
                }
            }
        }
        if let Some(id) = rng.choice(totals)
            && let Some(value) = self.values.get_mut(&id)
        {
            *value = value.checked_add(whole(rng.i64(1..10))).unwrap_or(*value);
        }
    }

    /// The identities that the figures break.
    pub(crate) fn broken(&self, form: &Form) -> Vec<BrokenIdentity> {
        let mut broken = Vec::new();
        for (t, table) in form.tables.iter().enumerate() {
            for identity in &table.identities {
                for line in lines(table, identity.axis) {
                    let (left, right) = terms(t, table, identity, line);
                    if self.sum(&left) != self.sum(&right) {
                        let line = match identity.axis {
                            Axis::Row => table.items.get(line).map(|i| i.code.clone()),
                            Axis::Column => table.columns.get(line).map(|c| c.code.clone()),
                        };
                        let table = table.table.clone();
                        broken.extend(line.map(|line| BrokenIdentity {
                            table,
                            identity: identity.code.clone(),
                            line,
                        }));
                    }
                }
            }
        }
        broken
    }

    fn sum(&self, ids: &[Id]) -> Number {
        ids.iter().map(|id| self.get(*id)).sum()
    }

    /// Lets the left sides of the identities of an axis share what their right sides come to, those first whose right
    /// sides depend on no other.
    pub(crate) fn balance(&mut self, t: usize, table: &FormTable, axis: Axis, rng: &mut Rng) {
        let mut open: Vec<&Identity> = table.identities.iter().filter(|i| i.axis == axis).collect();
        while !open.is_empty() {
            let ready = |i: &&Identity| {
                !open.iter().any(|o| o.code != i.code && o.left.iter().any(|l| i.right.contains(l)))
            };
            let at = open.iter().position(ready).unwrap_or(0);
            let identity = open.remove(at);
            for line in lines(table, axis) {
                let (left, right) = terms(t, table, identity, line);
                let sum = self.sum(&right).as_integer().unwrap_or(0);
                for (id, value) in left.iter().zip(shares(sum, left.len(), rng)) {
                    self.values.insert(*id, whole(value));
                }
            }
        }
    }
}

/// A number divided into so many parts, the first mostly the largest.
fn shares(sum: i64, parts: usize, rng: &mut Rng) -> Vec<i64> {
    let mut rest = sum;
    let mut shares = vec![0; parts];
    for share in shares.iter_mut().skip(1) {
        *share = if rest > 1 && rng.bool() { rng.i64(0..=rest / 2) } else { 0 };
        rest -= *share;
    }
    if let Some(first) = shares.first_mut() {
        *first = rest;
    }
    shares
}

fn whole(value: i64) -> Number {
    Number::from_integer(value)
}

/// A figure for a column: a count, an amount of money with decimals, or a change with its sign.
fn amount(column: &Column, size: Size, rng: &mut Rng) -> Number {
    let count = size.count(rng);
    let decimals = match column.units.iter().map(String::as_str).next() {
        Some("万元") if count != 0 => rng.usize(0..=6),
        Some("元") if count != 0 => rng.usize(0..=2),
        _ => 0,
    };
    if decimals > 0 {
        let fraction: String = (0..decimals).map(|_| rng.digit(10)).collect();
        return Number::parse_plain(&format!("{count}.{fraction}")).unwrap_or(whole(count));
    }
    whole(if column.signed && rng.u32(0..3) == 0 { -count } else { count })
}

/// All cells of a table, in form order.
pub(crate) fn cells(table: &FormTable) -> impl Iterator<Item = (usize, usize)> {
    (0..table.items.len()).flat_map(|i| table.columns_of(i).iter().map(move |c| (i, *c)))
}

pub(crate) fn lines(table: &FormTable, axis: Axis) -> std::ops::Range<usize> {
    0..if axis == Axis::Row { table.items.len() } else { table.columns.len() }
}

/// The cells on both sides of an identity in one line of the table.
pub(crate) fn terms(t: usize, table: &FormTable, identity: &Identity, line: usize) -> (Vec<Id>, Vec<Id>) {
    let side = |codes: &[std::sync::Arc<str>]| -> Vec<Id> {
        let place = |code: &std::sync::Arc<str>| match identity.axis {
            Axis::Row => table.column(code).map(|c| (t, line, c)),
            Axis::Column => table.item(code).map(|i| (t, i, line)),
        };
        codes.iter().filter_map(place).collect()
    };
    (side(&identity.left), side(&identity.right))
}
