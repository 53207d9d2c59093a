//! The rules over one report, one a file. The doc comment of each is the page of its code.

pub(crate) mod amount_unit;
pub(crate) mod bound;
pub(crate) mod count_impossible;
pub(crate) mod edition;
pub(crate) mod identity;
pub(crate) mod narrative_denies;
pub(crate) mod narrative_differs;
pub(crate) mod negative;
pub(crate) mod period_against_year;
pub(crate) mod published_late;
pub(crate) mod section_missing;
pub(crate) mod table_empty;
pub(crate) mod total_missing;

use crate::Rule;

/// Rules over what a report prints, by code.
pub(crate) const RULES: &[Rule] = &[
    identity::RULE,
    negative::RULE,
    bound::RULE,
    total_missing::RULE,
    table_empty::RULE,
    count_impossible::RULE,
    section_missing::RULE,
];

/// Rules that also ask whose report it is, for which year and when it was published: what others answer may change that.
pub(crate) const RULES_OF_FILING: &[Rule] = &[
    edition::RULE,
    amount_unit::RULE,
    published_late::RULE,
    period_against_year::RULE,
    narrative_differs::RULE,
    narrative_denies::RULE,
];
