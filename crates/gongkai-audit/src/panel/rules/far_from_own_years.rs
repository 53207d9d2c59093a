//! # GK505 far_from_own_years (warning)
//!
//! A figure is far from what the same agency reports in its other years.
//!
//! **Clause.** None: what is usual is taken from the agency's own reports.
//!
//! **Why it matters.** A slipped digit, 元 in a column of 万元, or another scope look like this; so does a real event. The figure stays as
//! printed.
//!
//! How it is told: figures are compared by their logarithm. The usual is the median over the agency's years, how much is usual around it the
//! median distance from it (MAD, times 1.4826), so that the odd year itself hardly moves either. A figure is far that is at least
//! eight times the usual or less than an eighth, more than six usual distances away, and at least 50 units away. Only with
//! five years or more. `[jump]` in `data/forms/panel.toml`; figures of `[[watched]]` there.
//!
//! **Example.** new_received.total is 4000; in other years 2019: 98, 2020: 120, 2021: 97, 2022: 130
//!
//! **False alarms.** A wave of requests by one applicant; tasks that came or went with a reform.

use super::super::frames::{Scene, Seat, figures, log, number, rows, sorted};
use crate::panel::{PanelError, Rule, Told, Unit};
use gongkai_model::Finding;
use gongkai_registry::Jump;
use polars::prelude::*;

/// Turns the median distance of a normal distribution into its standard deviation, in ten thousandths.
pub(super) const NORMAL: i64 = 14_826;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let jump = scene.registry.panel.jump;
    let watched = watched(scene, |_| true);
    let seats = scene.seats(|unit| matches!(unit, Unit::Agency(_)));
    let series = [col("unit"), col("scope"), col("cell")];
    let far = figures(&seats, |cell| watched.contains(&cell))?
        .with_columns([
            len().over(series.clone())?.cast(DataType::Int64).alias("years"),
            col("log").median().over(series.clone())?.alias("usual"),
        ])
        .with_columns([(col("log").cast(DataType::Float64) - col("usual")).alias("off")])
        .with_columns([col("off").abs().median().over(series)?.alias("spread")])
        .filter(col("years").gt_eq(lit(i64::from(jump.years))).and(is_far(jump)));
    for row in rows(&sorted(far, &["unit", "row", "cell"])?, &["unit", "row", "cell", "value", "scope"])? {
        let [unit, this, cell, value, scope] = row.as_slice() else { continue };
        let place = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let same = |s: &&Seat<'_>| i64::from(s.strip.head.scope) == *scope && s.unit == *unit as usize;
        let mut others: Vec<(i16, i64)> = seats
            .iter()
            .filter(|s| s.row != place(this))
            .filter(same)
            .filter_map(|s| Some((s.entry.year, s.strip.figure(u16::try_from(*cell).ok()?)?)))
            .collect();
        others.sort_unstable();
        let mut sizes: Vec<i64> = others.iter().map(|(_, value)| *value).collect();
        sizes.sort_unstable();
        let usual = sizes.get(sizes.len() / 2).copied().unwrap_or_default();
        if value.abs_diff(usual) < u64::from(jump.least) * 1_000_000 {
            continue;
        }
        let address = scene.address(place(cell));
        let name = [&address.item, &address.column].map(|part| part.as_deref().unwrap_or_default()).join(".");
        let others: Vec<String> =
            others.iter().map(|(year, value)| format!("{year}: {}", number(*value))).collect();
        let message = format!("{name} is {}; in other years {}", number(*value), others.join(", "));
        let finding = Finding::at("GK505", address, message)
            .compare(format!("about {}", number(usual)), number(*value).to_string());
        told.finding(usize::try_from(*unit).unwrap_or(usize::MAX), place(this), finding);
    }
    Ok(())
}

/// Positions of the watched cells.
pub(super) fn watched(scene: &Scene<'_>, wanted: fn(&gongkai_registry::Watched) -> bool) -> Vec<u16> {
    let panel = &scene.registry.panel;
    let cell = |w: &gongkai_registry::Watched| u16::try_from(panel.cell(&w.table, &w.item, &w.column)?).ok();
    panel.watched.iter().filter(|w| wanted(w)).filter_map(cell).collect()
}

/// Whether `off`, beside a usual `spread` (both in thousandths of a binary logarithm), is far off.
pub(super) fn is_far(jump: Jump) -> Expr {
    let factor = log(i64::from(jump.factor - 1) * 1_000_000);
    let spread = i64::from(jump.spread) * NORMAL;
    let off = col("off").abs();
    let by_factor = off.clone().gt_eq(lit(factor as f64));
    by_factor.and((off * lit(10_000.0)).gt(col("spread") * lit(spread as f64)))
}
