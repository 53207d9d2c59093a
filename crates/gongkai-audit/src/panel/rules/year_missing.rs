//! # GK503 year_missing (info)
//!
//! Between this report and the agency's one before, there is no report of one or more years.
//!
//! **Clause.** 《条例》第五十条: every agency reports every year.
//!
//! **Why it matters.** Sums over years and comparisons with last year silently leave the agency out. The finding stands with the first
//! report after the gap. Years before the first and after the last report that is here are no gap: the `coverage`
//! table tells of those.
//!
//! **Example.** no report of 2021 is here, the one before is of 2020 (r0123456789abcdef)
//!
//! **False alarms.** The report exists and was not crawled, or its agency, place or year could not be resolved.

use crate::panel::frames::{Scene, reports, rows, sorted};
use crate::panel::{PanelError, Rule, Told, Unit, report_id};
use gongkai_model::Finding;
use polars::prelude::*;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let seats = scene.seats(|unit| matches!(unit, Unit::Agency(_)));
    let order = SortMultipleOptions::default();
    let gaps = reports(&seats)?
        .sort_by_exprs([col("unit"), col("year")], order)
        .with_columns([
            col("year").shift(lit(1)).over([col("unit")])?.alias("year_before"),
            col("row").shift(lit(1)).over([col("unit")])?.alias("row_before"),
        ])
        .filter((col("year") - col("year_before")).gt(lit(1_i32)));
    let gaps = sorted(gaps, &["unit", "year"])?;
    for row in rows(&gaps, &["unit", "row", "year", "year_before", "row_before"])? {
        let [unit, this, year, before, row_before] = row.as_slice() else { continue };
        let place = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let Some(entry) = scene.entry(place(row_before)) else { continue };
        let years = match (before + 1, year - 1) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first} to {last}"),
        };
        let message = format!(
            "no report of {years} is here, the one before is of {before} ({})",
            report_id(entry.report)
        );
        told.finding(
            usize::try_from(*unit).unwrap_or(usize::MAX),
            place(this),
            Finding::report("GK503", message),
        );
    }
    Ok(())
}
