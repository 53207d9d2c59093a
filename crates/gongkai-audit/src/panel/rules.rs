//! The rules over the panel, one a file; the text at the top of each is its page.

pub(crate) mod between_years_broken;
pub(crate) mod far_from_own_years;
pub(crate) mod far_from_peers;
pub(crate) mod figures_filed_again;
pub(crate) mod less_than_bodies;
pub(crate) mod stock_not_rolled;
pub(crate) mod text_of_another;
pub(crate) mod text_of_last_year;
pub(crate) mod year_missing;

use super::Rule;

/// All of them.
pub(super) const RULES: &[Rule] = &[
    between_years_broken::RULE,
    stock_not_rolled::RULE,
    year_missing::RULE,
    figures_filed_again::RULE,
    far_from_own_years::RULE,
    far_from_peers::RULE,
    less_than_bodies::RULE,
    text_of_last_year::RULE,
    text_of_another::RULE,
];
