//! # GK507 less_than_bodies (warning)
//!
//! A government's figure is less than the sum of its bodies' figures.
//!
//! **Clause.** 《条例》第四十九条: the government's report is that of the government with all its bodies.
//!
//! **Why it matters.** The government left bodies out, or reported for its office alone; or a body counted what is not its own. Sums over a region
//! come out differently by which reports one adds up. All figures stay as printed. Only bodies whose reports are here and have the figure
//! are added, so a sum *below* the government's says nothing and is no finding.
//!
//! A government's bodies are the departments of its place; for a county the townships, too; above, the governments one level
//! below. Bodies with a mark (`agency_mark`: zones, vertical bodies, schools, ...) are not its own. `shared` in
//! `data/forms/panel.toml` says which figures.
//!
//! **Example.** new_received.total is 12, but in 3 reports of its bodies together 40, the most in r0123456789abcdef (25)
//!
//! **False alarms.** A request that several bodies handled is counted once by the government and once by each of them.

use super::far_from_own_years::watched;
use crate::panel::frames::{Scene, Seat, figures, number, rows, sorted};
use crate::panel::{PanelError, Rule, Told, Unit, report_id};
use gongkai_model::Finding;
use polars::prelude::*;
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let shared = watched(scene, |w| w.shared);
    let seats = scene.seats(|unit| matches!(unit, Unit::Bodies(..)));
    let place = |s: &Seat<'_>| if let Unit::Bodies(place, _) = s.what { Some(place) } else { None };
    let (bodies, mut governments): (Vec<_>, Vec<_>) =
        seats.into_iter().partition(|s| s.strip.head.sums_up() != place(s));
    // Two governments of one place: nobody knows which of them sums up.
    let mut of_unit: BTreeMap<usize, u32> = BTreeMap::new();
    governments.iter().for_each(|s| *of_unit.entry(s.unit).or_default() += 1);
    governments.retain(|s| of_unit.get(&s.unit) == Some(&1));
    let wanted = |cell: u16| shared.contains(&cell);
    let sums = figures(&bodies, wanted)?.group_by([col("unit"), col("cell")]).agg([
        col("value").sum().alias("sum"),
        col("value").max().alias("most"),
        len().cast(DataType::Int64).alias("bodies"),
    ]);
    let on = [col("unit"), col("cell")];
    let less = figures(&governments, wanted)?
        .join(sums, on.clone(), on, JoinArgs::new(JoinType::Inner))
        .filter(col("value").lt(col("sum")));
    for row in rows(
        &sorted(less, &["unit", "row", "cell"])?,
        &["unit", "row", "cell", "value", "sum", "most", "bodies"],
    )? {
        let [unit, this, cell, value, sum, most, count] = row.as_slice() else { continue };
        let small = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let unit = usize::try_from(*unit).unwrap_or(usize::MAX);
        let has_most = |s: &&Seat<'_>| {
            let figure = u16::try_from(*cell).ok().and_then(|cell| s.strip.figure(cell));
            s.unit == unit && figure == Some(*most)
        };
        let Some(largest) = bodies.iter().filter(has_most).map(|s| s.entry.report).min() else { continue };
        let address = scene.address(small(cell));
        let name = [&address.item, &address.column].map(|part| part.as_deref().unwrap_or_default()).join(".");
        let message = format!(
            "{name} is {}, but in {count} reports of its bodies together {}, the most in {} ({})",
            number(*value),
            number(*sum),
            report_id(largest),
            number(*most)
        );
        let finding = Finding::at("GK507", address, message)
            .compare(format!("at least {}", number(*sum)), number(*value).to_string());
        told.finding(unit, small(this), finding);
    }
    Ok(())
}
