//! # GK407 amount_unit (warning)
//!
//! An amount of money is printed in another unit than the form asks for, or is of a size that only another unit explains.
//!
//! **Clause.** Table 1 of the form: 本年收费金额（单位：万元） since 2021, 采购总金额 in 元 for 2019 and 2020 (Regulations, article 20 (8) and
//! (9)). What is plausible is said by `most_by_level` and `[[ratio]]` in `data/forms/`.
//!
//! **Why it matters.** 元 where 万元 is meant makes a figure ten thousand times too large. An amount with a contradicting unit beside
//! it is NULL; a figure without a unit is kept as printed.
//!
//! **Example.** A county office with 1203450.00 万元 of fees; twelve purchases for 251.3 元; `86万元` under 采购总金额.
//!
//! **False alarms.** Governments that count what all their bodies collect; many purchases of next to nothing.

use crate::{Checks, Report, Rule, TableFacts};
use gongkai_model::{CellFact, CellStatus, Finding, Number};
use gongkai_registry::{Column, Ratio};

pub(crate) const RULE: Rule = Rule { code: "GK407", check };

fn check(report: &Report<'_>, checks: &mut Checks) {
    let level = report.resolution.and_then(|r| r.agency_level.as_deref());
    for facts in report.tables.iter().filter(|_| report.form.is_some()) {
        for (item, column, cell) in facts.cells() {
            let Some(spec) = facts.form.columns.get(column).filter(|c| c.is_money()) else { continue };
            let why = match cell.value {
                Some(value) => too_large(spec, level, value),
                None => other_unit(spec, cell),
            };
            if cell.value.is_some() || cell.status == CellStatus::Unreadable {
                checks.all(why.map(|why| {
                    let address = facts.address(Some(item), Some(column));
                    Finding::at("GK407", address, why).raw(cell.raw.as_str())
                }));
            }
        }
        for ratio in &facts.form.ratios {
            (0..facts.form.items.len()).for_each(|item| each(facts, ratio, item, checks));
        }
    }
}

fn too_large(spec: &Column, level: Option<&str>, value: Number) -> Option<String> {
    let most = *spec.most_by_level.get(level?)?;
    let unit = spec.units.first().map_or("", String::as_str);
    (value > Number::from_integer(most)).then(|| {
        format!(
            "{value} {unit} is more than an agency of this level takes; it may be printed in another unit"
        )
    })
}

/// The unit printed behind an amount, where it is not the column's.
fn other_unit(spec: &Column, cell: &CellFact) -> Option<String> {
    if cell.status != CellStatus::Unreadable {
        return None;
    }
    let raw = cell.raw.trim();
    let number = raw.trim_end_matches(['十', '百', '千', '万', '亿', '元']);
    let printed = raw.strip_prefix(number).filter(|u| u.ends_with('元'))?;
    let is_amount = number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    if number.is_empty() || !is_amount || spec.units.iter().any(|u| u == printed) {
        return None;
    }
    Some(format!("the amount is printed in {printed}, the form asks for {}", spec.units.join(" or ")))
}

/// What one of the counted things costs, where both figures are printed.
fn each(facts: &TableFacts<'_>, ratio: &Ratio, item: usize, checks: &mut Checks) {
    let value = |code: &str| facts.cell(item, facts.form.column(code)?)?.value;
    let (Some(amount), Some(count)) = (value(&ratio.amount), value(&ratio.count)) else { return };
    if count <= Number::default() || amount <= Number::default() {
        return;
    }
    let (amount_micros, least) = (amount.micros(), i128::from(ratio.least) * count.micros());
    checks.that(amount_micros >= least, || {
        let address = facts.address(Some(item), facts.form.column(&ratio.amount));
        let message = format!(
            "{}: {count} for {amount} is less than {} each; the amount may be printed in 万元",
            ratio.code, ratio.least
        );
        Finding::at("GK407", address, message)
            .compare(format!("at least {}", least / 1_000_000), amount.to_string())
    });
}

#[cfg(test)]
mod tests {
    use crate::tests::{cell, codes_of, report_of_2021};
    use gongkai_model::CellStatus;

    #[test]
    fn a_unit_beside_the_amount_may_contradict_the_head() {
        let mut report = report_of_2021();
        let fee = cell(&mut report, "fees", "fee_wan_yuan");
        (fee.value, fee.status, fee.raw) = (None, CellStatus::Unreadable, "123000元".to_owned());
        assert_eq!(
            codes_of(&report, "GK407"),
            ["proactive_disclosure.fees.fee_wan_yuan: the amount is printed in 元, the form asks for 万元"]
        );
        cell(&mut report, "fees", "fee_wan_yuan").raw = "见附件".to_owned();
        assert!(codes_of(&report, "GK407").is_empty());
    }
}
