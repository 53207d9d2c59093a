//! # GK504 figures_filed_again (warning)
//!
//! A table holds, figure by figure, what the same agency's report of the year before holds.
//!
//! **Clause.** 《条例》第五十条: the report is about the year before its publication.
//!
//! **Why it matters.** Last year's table was filed once more, or one report was taken for two years: one of the two years is not known.
//! Both stay as printed.
//!
//! **Example.** all 23 figures above zero are those of 2021 (r0123456789abcdef)
//!
//! **False alarms.** Small tables can come out alike; the rule asks for at least eight figures above zero (`[again]` in
//! `data/forms/panel.toml`).

use crate::panel::frames::{Scene, rows, sorted};
use crate::panel::{PanelError, Rule, Told, Unit, report_id};
use gongkai_model::{CellAddress, Finding};
use polars::prelude::*;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let tables = tables(scene)?;
    let on = [col("unit"), col("table"), col("hash"), col("year")];
    let last = tables.clone().select([
        col("unit"),
        col("table"),
        col("hash"),
        (col("year") + lit(1_i32)).alias("year"),
        col("row").alias("row_last"),
    ]);
    let again = tables.filter(col("filled").gt_eq(lit(u32::from(scene.registry.panel.again.figures)))).join(
        last,
        on.clone(),
        on,
        JoinArgs::new(JoinType::Inner),
    );
    for row in
        rows(&sorted(again, &["unit", "row", "table"])?, &["unit", "row", "table", "filled", "row_last"])?
    {
        let [unit, this, table, filled, last] = row.as_slice() else { continue };
        let place = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let Some(entry) = scene.entry(place(last)) else { continue };
        let table = usize::try_from(*table).ok().and_then(|at| scene.registry.tables.get(at));
        let address = CellAddress { table: table.map(|t| t.name.as_str().into()), ..CellAddress::default() };
        let message = format!(
            "all {filled} figures above zero are those of {} ({})",
            entry.year,
            report_id(entry.report)
        );
        let unit = usize::try_from(*unit).unwrap_or(usize::MAX);
        told.finding(unit, place(this), Finding::at("GK504", address, message));
    }
    Ok(())
}

/// One row a table of a report: `unit`, `row`, `year`, `table` (position of the output table), `hash`, `filled`.
fn tables(scene: &Scene<'_>) -> Result<LazyFrame, PanelError> {
    let (mut unit, mut row, mut year) = (Vec::new(), Vec::new(), Vec::new());
    let (mut table, mut hash, mut filled) = (Vec::new(), Vec::new(), Vec::new());
    for seat in scene.seats(|unit| matches!(unit, Unit::Agency(_))) {
        for digest in &seat.strip.tables {
            unit.push(u32::try_from(seat.unit).unwrap_or(u32::MAX));
            row.push(seat.row);
            year.push(i32::from(seat.entry.year));
            table.push(u32::from(digest.table));
            hash.push(digest.hash);
            filled.push(u32::from(digest.filled));
        }
    }
    let frame = df!(
        "unit" => unit, "row" => row, "year" => year, "table" => table, "hash" => hash, "filled" => filled
    )?;
    Ok(frame.lazy())
}
