//! GK401: a sum that the form prescribes does not hold.

use crate::TableFacts;
use gongkai_model::{CellAddress, Finding, Number};
use gongkai_registry::{Axis, Identity};
use std::sync::Arc;

/// Checks every identity of the form in every row or column.
pub(crate) fn check(facts: &TableFacts<'_>, findings: &mut Vec<Finding>) {
    for identity in &facts.form.identities {
        match identity.axis {
            Axis::Row => {
                for item in &facts.form.items {
                    let sum = |codes: &[Arc<str>]| total(codes.iter().map(|c| facts.term(&item.code, c)));
                    compare(facts, identity, sum, Some(&item.code), identity.left.first(), findings);
                }
            }
            Axis::Column => {
                for column in &facts.form.columns {
                    let sum = |codes: &[Arc<str>]| total(codes.iter().map(|c| facts.term(c, &column.code)));
                    compare(facts, identity, sum, identity.left.first(), Some(&column.code), findings);
                }
            }
        }
    }
}

fn total(terms: impl Iterator<Item = Option<Number>>) -> Option<Number> {
    terms.sum()
}

fn compare(
    facts: &TableFacts<'_>,
    identity: &Identity,
    sum: impl Fn(&[Arc<str>]) -> Option<Number>,
    item: Option<&Arc<str>>,
    column: Option<&Arc<str>>,
    findings: &mut Vec<Finding>,
) {
    let (Some(left), Some(right)) = (sum(&identity.left), sum(&identity.right)) else { return };
    if left == right {
        return;
    }
    let address =
        CellAddress { table: Some(facts.form.table.clone()), item: item.cloned(), column: column.cloned() };
    let side = |codes: &[Arc<str>]| codes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" + ");
    let message = format!(
        "{}: {} is {left}, {} is {right}",
        identity.code,
        side(&identity.left),
        side(&identity.right)
    );
    findings.push(Finding::at("GK401", address, message).compare(right.to_string(), left.to_string()));
}
