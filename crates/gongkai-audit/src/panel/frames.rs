//! Strips as frames.

use super::strip::Strip;
use super::{Entry, PanelError, Unit};
use gongkai_model::{CellAddress, Number};
use gongkai_registry::Registry;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Units whose reports are looked at together.
pub(crate) struct Scene<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) entries: &'a [Entry<'a>],
    pub(crate) units: &'a [(Unit, Vec<u32>)],
    /// The strips of all reports of these units, by position of the report. Not of sections: nearly all reports have them, and of
    /// each nothing but a text is wanted ([`super::strip::texts`]).
    strips: BTreeMap<u32, Strip>,
}

/// A report in a unit.
#[derive(Clone, Copy)]
pub(crate) struct Seat<'s> {
    /// Position of the unit.
    pub(crate) unit: usize,
    /// What the unit is.
    pub(crate) what: Unit,
    /// Position of the report.
    pub(crate) row: u32,
    pub(crate) entry: &'s Entry<'s>,
    pub(crate) strip: &'s Strip,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
        registry: &'a Registry,
        entries: &'a [Entry<'a>],
        units: &'a [(Unit, Vec<u32>)],
    ) -> Self {
        let mut strips = BTreeMap::new();
        let whole = units.iter().filter(|(unit, _)| !matches!(unit, Unit::Section(_)));
        for row in whole.flat_map(|(_, rows)| rows) {
            if let (false, Some(entry)) = (strips.contains_key(row), entries.get(*row as usize))
                && let Some(strip) = Strip::read(entry.strip)
            {
                strips.insert(*row, strip);
            }
        }
        Self { registry, entries, units, strips }
    }

    pub(crate) fn entry(&self, row: u32) -> Option<&Entry<'a>> {
        self.entries.get(row as usize)
    }

    pub(crate) fn strip(&self, row: u32) -> Option<&Strip> {
        self.strips.get(&row)
    }

    /// The reports of a unit that count. Where an agency has two reports of one year, nobody knows which of two bodies filed
    /// which: none of its reports in the unit counts.
    pub(crate) fn counting<'s>(&'s self, rows: &'s [u32]) -> impl Iterator<Item = (u32, &'s Entry<'a>)> {
        let entries = || rows.iter().filter_map(|row| Some((*row, self.entry(*row)?)));
        let mut filed: Vec<(u64, i16)> = Vec::with_capacity(rows.len());
        filed.extend(entries().map(|(_, entry)| (entry.agency, entry.year)));
        filed.sort_unstable();
        let twice = filed.windows(2).filter_map(|pair| match pair {
            [a, b] if a == b => Some(a.0),
            _ => None,
        });
        let twice: BTreeSet<u64> = twice.collect();
        entries().filter(move |(_, entry)| !twice.contains(&entry.agency))
    }

    /// All reports of the units that a rule is about.
    pub(crate) fn seats(&self, about: fn(&Unit) -> bool) -> Vec<Seat<'_>> {
        let mut seats = Vec::new();
        for (at, (unit, rows)) in self.units.iter().enumerate().filter(|(_, (unit, _))| about(unit)) {
            for (row, entry) in self.counting(rows) {
                if let Some(strip) = self.strip(row) {
                    seats.push(Seat { unit: at, what: *unit, row, entry, strip });
                }
            }
        }
        seats
    }

    /// The address of a cell of the panel.
    pub(crate) fn address(&self, cell: u32) -> CellAddress {
        let code = self.registry.panel.cells.get(cell as usize);
        let (table, item, column) = match code.cloned() {
            Some((table, item, column)) => (Some(table), Some(item), Some(column)),
            None => (None, None, None),
        };
        CellAddress { table, item, column }
    }
}

/// One row a report in a unit: `unit`, `row`, `agency`, `year`, `scope`.
pub(crate) fn reports(seats: &[Seat<'_>]) -> Result<LazyFrame, PanelError> {
    let unit: Vec<u32> = seats.iter().map(|s| small(s.unit)).collect();
    let row: Vec<u32> = seats.iter().map(|s| s.row).collect();
    let agency: Vec<u64> = seats.iter().map(|s| s.entry.agency).collect();
    let year: Vec<i32> = seats.iter().map(|s| i32::from(s.entry.year)).collect();
    let scope: Vec<u32> = seats.iter().map(|s| u32::from(s.strip.head.scope)).collect();
    let frame = df!("unit" => unit, "row" => row, "agency" => agency, "year" => year, "scope" => scope)?;
    Ok(frame.lazy())
}

/// One row a figure: as [`reports`], with `form`, `cell`, `value` (millionths) and `log` ([`log`]).
pub(crate) fn figures(seats: &[Seat<'_>], wanted: impl Fn(u16) -> bool) -> Result<LazyFrame, PanelError> {
    let (mut unit, mut row, mut agency, mut year, mut scope) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut form, mut cells, mut values, mut logs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for seat in seats {
        for (cell, value) in seat.strip.figures().filter(|(cell, _)| wanted(*cell)) {
            unit.push(small(seat.unit));
            row.push(seat.row);
            agency.push(seat.entry.agency);
            year.push(i32::from(seat.entry.year));
            scope.push(u32::from(seat.strip.head.scope));
            form.push(u32::from(seat.strip.head.form));
            cells.push(u32::from(cell));
            values.push(value);
            logs.push(log(value));
        }
    }
    let frame = df!(
        "unit" => unit, "row" => row, "agency" => agency, "year" => year, "scope" => scope, "form" => form,
        "cell" => cells, "value" => values, "log" => logs
    )?;
    Ok(frame.lazy())
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The order that makes results the same on every machine.
pub(crate) fn sorted(frame: LazyFrame, by: &[&str]) -> Result<DataFrame, PanelError> {
    let by: Vec<Expr> = by.iter().map(|name| col(*name)).collect();
    Ok(frame.sort_by_exprs(by, SortMultipleOptions::default()).collect()?)
}

/// The columns of a result as whole numbers, row by row.
pub(crate) fn rows(frame: &DataFrame, names: &[&str]) -> Result<Vec<Vec<i64>>, PanelError> {
    let mut columns = Vec::new();
    for name in names {
        let column = frame.column(name)?.cast(&DataType::Int64)?;
        let values: Vec<i64> = column.i64()?.iter().map(Option::unwrap_or_default).collect();
        columns.push(values);
    }
    let row = |at: usize| columns.iter().map(|c| c.get(at).copied().unwrap_or_default()).collect();
    Ok((0..frame.height()).map(row).collect())
}

/// A figure in millionths as a number.
pub(crate) fn number(micros: i64) -> Number {
    Number::from_micros(i128::from(micros))
}

/// The binary logarithm of a figure's whole part plus one, in thousandths: exact at powers of two and straight between them,
/// which no machine computes differently. Figures below zero count as zero.
pub(crate) fn log(micros: i64) -> i64 {
    let whole = (micros.max(0) / 1_000_000).unsigned_abs() + 1;
    let power = whole.ilog2();
    let above = whole - (1 << power);
    i64::from(power) * 1_000 + i64::try_from((u128::from(above) * 1_000) >> power).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::log;

    #[test]
    fn the_logarithm_is_exact_at_powers_of_two_and_never_falls() {
        for (whole, thousandths) in [(0, 0), (1, 1_000), (2, 1_500), (3, 2_000), (1_023, 10_000), (-5, 0)] {
            assert_eq!(log(whole * 1_000_000), thousandths, "{whole}");
        }
        let logs: Vec<i64> = (0..5_000).map(|n| log(n * 1_000_000)).collect();
        assert!(logs.is_sorted());
        assert!(
            (0..5_000_i64).zip(&logs).all(|(n, log)| ((n + 1) as f64)
                .log2()
                .mul_add(-1_000.0, *log as f64)
                .abs()
                < 90.0)
        );
        assert!(log(i64::MAX) > log(i64::MAX / 2));
    }
}
