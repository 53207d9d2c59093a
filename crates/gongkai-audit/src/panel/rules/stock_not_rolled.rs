//! # GK502 stock_not_rolled (warning)
//!
//! A stock (documents in force, items) is not what was there a year before with what came and went.
//!
//! **Clause.** 《条例》第二十条: the form of 2021 asks for documents issued, abolished and in force; the form of 2019 for last year's items
//! and their change. `[[between]]` with `about = true` in `data/forms/`.
//!
//! **Why it matters.** Where the stock jumps without anything issued or abolished, one of the figures is an error, or the agency began to
//! count something else. Both figures stay as printed. The finding stands with the later report and names the
//! earlier one.
//!
//! **Example.** in_force: in_force + abolished of 2022 is 12, but issued is 3 and in_force of 2021 in report
//! r0123456789abcdef is 10
//!
//! **False alarms.** Documents lapse at their term without being abolished, and move with the bodies that keep them; lists of items are
//! drawn up anew. So this is a doubt, and no error.

use crate::panel::frames::Scene;
use crate::panel::{PanelError, Rule, Told, between};

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    between::check(scene, told, "GK502", true)
}
