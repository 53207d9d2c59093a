//! What can be expected at all: `data/nights/measures.toml`, and whether an expectation can be meant.

use super::{Each, Expectation, Measure, Waiver};
use gongkai_registry::Registry;
use serde::Deserialize;
use std::sync::OnceLock;

const MEASURES: &str = include_str!("../../../../data/nights/measures.toml");
/// Nobody expects a multiple above this: it is a percentage.
const MOST: f64 = 20.0;
/// Years that reports can be about; 0 is where it is not known.
const YEARS: std::ops::RangeInclusive<i16> = 2008..=2100;

/// What a measure is, for those who write pipeline files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureRule {
    /// The measure.
    #[serde(rename = "measure")]
    pub name: Measure,
    kind: Kind,
    keys: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    tables: Vec<String>,
    /// What is measured.
    pub about: String,
    /// What to do about a breach.
    pub act: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Count,
    Share,
    Ratio,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<MeasureRule>,
}

/// All measures, in the order of the file.
///
/// # Panics
/// When the built-in file is wrong, which a test excludes.
#[allow(clippy::expect_used)]
pub fn measure_rules() -> &'static [MeasureRule] {
    static RULES: OnceLock<Vec<MeasureRule>> = OnceLock::new();
    RULES.get_or_init(|| toml::from_str::<File>(MEASURES).expect("data/nights/measures.toml is right").rule)
}

/// What is wrong with an expectation, and what would be right.
pub(crate) fn check(registry: &Registry, expected: &Expectation) -> Result<(), String> {
    let bounds = || expected.min.iter().chain(&expected.max);
    if bounds().next().is_none() {
        return Err("an expectation needs `min`, `max` or both".to_owned());
    }
    if let Some(no_number) = bounds().find(|b| !b.is_finite()) {
        return Err(format!("{no_number} is no bound: nothing could be above or below it"));
    }
    if let (Some(min), Some(max)) = (expected.min, expected.max)
        && min > max
    {
        return Err(format!("min {min} is above max {max}: nothing can hold"));
    }
    table(registry, &expected.table)?;
    place(registry, expected.year, expected.region.as_deref())?;
    let Some(rule) = measure_rules().iter().find(|r| r.name == expected.measure) else {
        return Err(format!("nothing is known of `{}`", expected.measure.as_str()));
    };
    rule.keys(expected)?;
    if let Some(column) = &expected.column
        && registry.table(&expected.table).is_some_and(|t| t.columns.iter().all(|c| c.name != *column))
    {
        return Err(format!("table {} has no column {column:?}", expected.table));
    }
    bounds().try_for_each(|bound| rule.bound(expected, *bound))?;
    rule.as_before(expected)
}

/// As [`check`], of a waiver among the expectations of its file.
pub(crate) fn check_waiver(
    registry: &Registry,
    waiver: &Waiver,
    expectations: &[Expectation],
) -> Result<(), String> {
    if waiver.reason.trim().is_empty() {
        return Err("a waiver needs a reason, for those who come after".to_owned());
    }
    waiver.table.iter().try_for_each(|name| table(registry, name))?;
    place(registry, waiver.year, waiver.region.as_deref())?;
    let can_cover = |e: &Expectation| {
        e.measure == waiver.measure
            && waiver.table.as_ref().is_none_or(|t| *t == e.table)
            && waiver.year.is_none_or(|y| e.year == Some(y) || e.each.contains(&Each::Year))
            && (waiver.region.is_none() || e.region == waiver.region || e.each.contains(&Each::Region))
    };
    if expectations.iter().any(can_cover) {
        return Ok(());
    }
    let measure = waiver.measure.as_str();
    Err(format!(
        "this waives nothing: no [[expect]] of `{measure}` is about this table, year and region by itself; drop it, or name what is expected"
    ))
}

fn table(registry: &Registry, name: &str) -> Result<(), String> {
    if registry.table(name).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = registry.tables.iter().map(|t| t.name.as_str()).collect();
    Err(format!("there is no table {name:?}; there is {}", names.join(", ")))
}

fn place(registry: &Registry, year: Option<i16>, region: Option<&str>) -> Result<(), String> {
    if let Some(year) = year.filter(|y| *y != 0 && !YEARS.contains(y)) {
        let (from, to) = (YEARS.start(), YEARS.end());
        return Err(format!(
            "no report is about the year {year}: from {from} to {to}, or 0 where it is not known"
        ));
    }
    let regions = || registry.gazetteer.regions().iter().map(|r| r.iso.as_str()).chain(["CN", "unknown"]);
    match region.filter(|name| regions().all(|known| known != *name)) {
        Some(name) => {
            let known: Vec<&str> = regions().collect();
            Err(format!("there is no region {name:?}; there is {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

impl MeasureRule {
    /// Whether it has the keys that are used, and those that it needs.
    fn keys(&self, expected: &Expectation) -> Result<(), String> {
        let measure = self.name.as_str();
        let used = [
            ("column", expected.column.is_some()),
            ("year", expected.year.is_some()),
            ("region", expected.region.is_some()),
            ("each", !expected.each.is_empty()),
            ("at_least", expected.at_least > 0),
            ("days", expected.days.is_some()),
            ("new", expected.new),
        ];
        let has = |key: &str| self.keys.iter().any(|k| k == key);
        if let Some((key, _)) = used.iter().find(|(key, used)| *used && !has(key)) {
            let with = measure_rules().iter().filter(|r| r.keys.iter().any(|k| k == key));
            let with: Vec<String> = with.map(|r| format!("`{}`", r.name.as_str())).collect();
            return Err(format!("only {} has a {key}: `{measure}` has none; drop it", with.join(", ")));
        }
        let by_itself = |each: Each| expected.each.contains(&each);
        let there = |key: &&String| match key.as_str() {
            "year" => expected.year.is_some() || by_itself(Each::Year),
            "column" => expected.column.is_some(),
            _ => true,
        };
        if let Some(key) = self.needs.iter().find(|key| !there(key)) {
            let how = if key == "year" { ", or `each = [\"year\"]`" } else { "" };
            return Err(format!("`{measure}` needs a {key}{how}"));
        }
        if expected.new && (!expected.each.is_empty() || expected.year.is_some() || expected.region.is_some())
        {
            return Err("`new` is about all new captures: drop year, region and each".to_owned());
        }
        if (expected.year.is_some() && by_itself(Each::Year))
            || (expected.region.is_some() && by_itself(Each::Region))
        {
            return Err(
                "`each` says every one, `year` or `region` says only one: drop one of them".to_owned()
            );
        }
        if !self.tables.is_empty() && !self.tables.contains(&expected.table) {
            let tables = self.tables.join(", ");
            return Err(format!("`{measure}` is measured of {tables}, not of {}", expected.table));
        }
        Ok(())
    }

    /// Whether a bound can be meant.
    fn bound(&self, expected: &Expectation, bound: f64) -> Result<(), String> {
        let measure = self.name.as_str();
        match self.kind {
            Kind::Count if bound < 0.0 || bound.fract() != 0.0 => {
                Err(format!("`{measure}` counts rows: {bound} is no whole number"))
            }
            Kind::Share if expected.days.is_some() && !(-1.0..=1.0).contains(&bound) => Err(format!(
                "with `days`, `{measure}` says by how much a share rose or fell, -1 to 1: {bound} is outside; write {} for {bound} %",
                bound / 100.0
            )),
            Kind::Share if expected.days.is_none() && !(0.0..=1.0).contains(&bound) => Err(format!(
                "`{measure}` is a share, 0 to 1: {bound} is outside; write {} for {bound} %",
                bound / 100.0
            )),
            Kind::Ratio if !(0.0..=MOST).contains(&bound) => Err(format!(
                "`{measure}` is a multiple, 1 is as before: {bound} cannot be meant; write {} for {bound} %",
                bound / 100.0
            )),
            _ => Ok(()),
        }
    }

    /// What is compared must be allowed to stay as it is.
    fn as_before(&self, expected: &Expectation) -> Result<(), String> {
        let same = match self.kind {
            Kind::Ratio => 1.0,
            Kind::Share if expected.days.is_some() => 0.0,
            _ => return Ok(()),
        };
        if expected.min.is_some_and(|min| min > same) || expected.max.is_some_and(|max| max < same) {
            let measure = self.name.as_str();
            return Err(format!(
                "`{measure}` is {same} in a night without change, and these bounds would refuse it"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, measure_rules};

    #[test]
    fn every_measure_has_its_rule_and_is_spelt_as_in_files() {
        let rules: Vec<Measure> = measure_rules().iter().map(|r| r.name).collect();
        assert_eq!(rules, Measure::ALL);
        for measure in Measure::ALL {
            assert_eq!(serde_json::to_value(measure).unwrap(), measure.as_str());
        }
    }
}
