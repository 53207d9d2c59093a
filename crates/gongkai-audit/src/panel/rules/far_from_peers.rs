//! # GK506 far_from_peers (info)
//!
//! A figure rose or fell against the year before as those of no like agency did.
//!
//! **Clause.** None: what is usual is taken from agencies of the same kind and level in the same year.
//!
//! **Why it matters.** With two years only, nothing but its peers tells whether a change is a jump; and a change that all had, as with a new
//! edition of the form, is none. The figure stays as printed.
//!
//! How it is told: the change is that of the logarithm. The usual change is the median over the peers, how much is usual around it the median
//! distance from it (MAD, times 1.4826). A change is far off that differs from the usual by a factor of at least eight,
//! by more than six usual distances, and by at least 50 units between the two years. Only with 20 peers or more that have the figure in both years.
//! `[jump]` in `data/forms/panel.toml`.
//!
//! **Example.** new_received.total went from 98 in 2022 (r0123456789abcdef) to 4000, unlike nearly all agencies of its kind and level
//!
//! **False alarms.** Real events that only this agency had.

use super::far_from_own_years::{is_far, watched};
use crate::panel::frames::{Scene, figures, number, rows, sorted};
use crate::panel::{PanelError, Rule, Told, Unit, report_id};
use gongkai_model::Finding;
use polars::prelude::*;

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    let jump = scene.registry.panel.jump;
    let watched = watched(scene, |_| true);
    let seats = scene.seats(|unit| matches!(unit, Unit::Peers(..)));
    let (this, last): (Vec<_>, Vec<_>) =
        seats.into_iter().partition(|s| matches!(s.what, Unit::Peers(_, _, year) if s.entry.year == year));
    let on = ["unit", "agency", "scope", "cell"].map(col);
    let last = figures(&last, |cell| watched.contains(&cell))?.select([
        col("unit"),
        col("agency"),
        col("scope"),
        col("cell"),
        col("row").alias("row_last"),
        col("value").alias("value_last"),
        col("log").alias("log_last"),
    ]);
    let peers = [col("unit"), col("cell")];
    let far = figures(&this, |cell| watched.contains(&cell))?
        .join(last, on.clone(), on, JoinArgs::new(JoinType::Inner))
        .with_columns([(col("log") - col("log_last")).alias("change")])
        .with_columns([
            len().over(peers.clone())?.cast(DataType::Int64).alias("peers"),
            col("change").median().over(peers.clone())?.alias("usual"),
        ])
        .with_columns([(col("change").cast(DataType::Float64) - col("usual")).alias("off")])
        .with_columns([col("off").abs().median().over(peers)?.alias("spread")])
        .filter(col("peers").gt_eq(lit(i64::from(jump.peers))).and(is_far(jump)))
        .filter((col("value") - col("value_last")).abs().gt_eq(lit(i64::from(jump.least) * 1_000_000)));
    let names = ["unit", "row", "cell", "value", "value_last", "row_last"];
    for row in rows(&sorted(far, &["unit", "row", "cell"])?, &names)? {
        let [unit, this, cell, value, before, last] = row.as_slice() else { continue };
        let place = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let Some(entry) = scene.entry(place(last)) else { continue };
        let address = scene.address(place(cell));
        let name = [&address.item, &address.column].map(|part| part.as_deref().unwrap_or_default()).join(".");
        // How many peers there are is not told: one more would change the message, and nothing in it matters less.
        let message = format!(
            "{name} went from {} in {} ({}) to {}, unlike nearly all agencies of its kind and level",
            number(*before),
            entry.year,
            report_id(entry.report),
            number(*value),
        );
        let finding = Finding::at("GK506", address, message)
            .compare(format!("about {}", number(*before)), number(*value).to_string());
        told.finding(usize::try_from(*unit).unwrap_or(usize::MAX), place(this), finding);
    }
    Ok(())
}
