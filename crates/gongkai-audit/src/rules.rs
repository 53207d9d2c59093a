//! The rules, one a file; their texts stand in `data/rules/`.

pub(crate) mod bound;
pub(crate) mod identity;
pub(crate) mod negative;
