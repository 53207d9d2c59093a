//! # GK501 between_years_broken (error)
//!
//! A figure is not what the same agency's report of the year before makes it.
//!
//! **Clause.** The form itself: what is carried forward to the next year (结转下年度继续办理) is what that year carries over
//! (上年结转政府信息公开申请数量), in every column. `[[between]]` in `data/forms/`.
//!
//! **Why it matters.** One of the two reports is wrong in print, or was read wrongly; a series that adds years up counts requests
//! twice or loses them. Both figures stay as printed. The finding stands with the later report and names the earlier one.
//!
//! **Example.** carried: carried_over of 2022 is 5, but carried_forward of 2021 in report r0123456789abcdef is 3
//!
//! **False alarms.** Bodies merged or split between the years keep their name and take over requests of others. Where a title says
//! that one year counts for all bodies and the other for one alone, the rule is silent.

use crate::panel::frames::Scene;
use crate::panel::{PanelError, Rule, Told, between};

pub(crate) const RULE: Rule = check;

fn check(scene: &Scene<'_>, told: &mut Told) -> Result<(), PanelError> {
    between::check(scene, told, "GK501", false)
}
