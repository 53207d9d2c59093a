//! The rules over the panel, one a file; the text at the top of each is its page.

mod between_years_broken;
mod far_from_own_years;
mod far_from_peers;
mod figures_filed_again;
mod less_than_bodies;
mod stock_not_rolled;
mod text_of_another;
mod text_of_last_year;
mod year_missing;

use super::Rule;

/// All of them.
pub(super) const ALL: [Rule; 9] = [
    between_years_broken::check,
    stock_not_rolled::check,
    year_missing::check,
    figures_filed_again::check,
    far_from_own_years::check,
    far_from_peers::check,
    less_than_bodies::check,
    text_of_last_year::check,
    text_of_another::check,
];
