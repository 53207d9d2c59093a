//! Figures over the other tables: captures, findings, coverage, requests and what became of them.

use super::columns::each;
use super::figure::{Figure, Figures, Groups, Key};
use super::reports::Reports;
use gongkai_registry::{LEGACY_TABLE, Registry};
use gongkai_store::{Snapshot, StoreError};
use serde_json::{Number, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The table `coverage` as it is.
pub(super) fn coverage(snapshot: &Snapshot, figures: &mut Figures) -> Result<(), StoreError> {
    let columns = [
        "level",
        "divisions",
        "hosts",
        "agencies_known",
        "agencies_found",
        "divisions_found",
        "reports",
        "reports_parsed",
        "captures",
        "copies",
        "not_reports",
        "unreadable",
    ];
    let mut rows: BTreeMap<[Key; 3], Vec<Value>> = BTreeMap::new();
    each(snapshot, "coverage", &columns, |row| {
        let key = [row.year.into(), Key::from(row.region), Key::text(row.text(0))];
        rows.insert(key, (1..columns.len()).map(|at| row.integer(at).into()).collect());
    })?;
    let names = ["year", "region"].into_iter().chain(columns);
    let row = |(key, more): ([Key; 3], Vec<Value>)| key.iter().map(Key::value).chain(more).collect();
    let figure = Figure {
        sql: format!(
            "SELECT year, region, {} FROM coverage ORDER BY year, region, level",
            columns.join(", ")
        ),
        columns: names.map(str::to_owned).collect(),
        rows: rows.into_iter().map(row).collect(),
    };
    figures.insert("coverage", figure);
    Ok(())
}

/// Captures by status and first word of the reason.
pub(super) fn captures(snapshot: &Snapshot, figures: &mut Figures) -> Result<(), StoreError> {
    let mut groups: Groups<2, 2> = Groups::default();
    each(snapshot, "captures", &["status", "reason", "bytes"], |row| {
        let [n, bytes] = groups.of([Key::text(row.text(0)), word(row.text(1)).into()]);
        *n += 1;
        *bytes += row.integer(2).unwrap_or(0);
    })?;
    let sql = "SELECT status, split_part(coalesce(reason, ''), ':', 1) AS reason, count(*) AS captures, \
               coalesce(sum(bytes), 0) AS bytes FROM captures GROUP BY ALL ORDER BY status, reason";
    figures.insert("captures", groups.figure(&["status", "reason", "captures", "bytes"], sql.to_owned()));
    Ok(())
}

/// The first word of a reason, by which captures are counted.
pub(super) fn word(reason: Option<&str>) -> &str {
    reason.unwrap_or_default().split(':').next().unwrap_or_default()
}

/// Findings by code and year, and by code and region.
pub(super) fn findings(
    snapshot: &Snapshot,
    reports: &Reports,
    figures: &mut Figures,
) -> Result<(), StoreError> {
    let (mut by_year, mut by_region): (Groups<3, 2>, Groups<2, 2>) = Default::default();
    // Findings of a report stand together in no order of codes: whoever was counted is remembered, by number of the code.
    let mut met: HashSet<(usize, usize)> = HashSet::new();
    let mut numbers: HashMap<Box<str>, usize> = HashMap::new();
    each(snapshot, "findings", &["code", "severity", "report_id"], |row| {
        let code = row.text(0).unwrap_or_default();
        let next = numbers.len();
        let number = match numbers.get(code) {
            Some(number) => *number,
            None => *numbers.entry(code.into()).or_insert(next),
        };
        let report = row.text(2).and_then(|id| reports.at(id));
        let fresh = report.is_some_and(|report| met.insert((number, report)));
        let year = by_year.of([code.into(), Key::text(row.text(1)), row.year.into()]);
        let region = by_region.of([code.into(), row.region.into()]);
        for [findings, with_it] in [year, region] {
            *findings += 1;
            *with_it += i64::from(fresh);
        }
    })?;
    let counts =
        "count(*) AS findings, count(DISTINCT report_id) AS reports FROM findings GROUP BY ALL ORDER BY";
    figures.insert(
        "findings_by_year",
        by_year.figure(
            &["code", "severity", "year", "findings", "reports"],
            format!("SELECT code, severity, year, {counts} code, severity, year"),
        ),
    );
    figures.insert(
        "findings_by_region",
        by_region.figure(
            &["code", "region", "findings", "reports"],
            format!("SELECT code, region, {counts} code, region"),
        ),
    );
    Ok(())
}

/// Requests by line of the form, and what became of reviews, as sums of what is printed.
pub(super) fn outcomes(snapshot: &Snapshot, figures: &mut Figures) -> Result<(), StoreError> {
    figures.insert("requests", sums(snapshot, "disclosure_requests", "item", &["total"])?);
    let review = ["upheld", "corrected", "other", "pending", "total"];
    figures.insert("reviews", sums(snapshot, "review_litigation", "channel", &review)?);
    Ok(())
}

/// Sums of columns by year and line; the sum of nothing is NULL.
fn sums(snapshot: &Snapshot, table: &str, line: &str, columns: &[&str]) -> Result<Figure, StoreError> {
    let mut sums: BTreeMap<[Key; 2], (i64, Vec<Option<i64>>)> = BTreeMap::new();
    let wanted: Vec<&str> = [line].into_iter().chain(columns.iter().copied()).collect();
    let last = columns.len();
    each(snapshot, table, &wanted, |row| {
        let (reports, sums) = sums
            .entry([row.year.into(), Key::text(row.text(0))])
            .or_insert_with(|| (0, vec![None; columns.len()]));
        *reports += i64::from(row.is_filled(last));
        for (at, sum) in sums.iter_mut().enumerate() {
            if let Some(n) = row.integer(at + 1) {
                *sum = Some(sum.unwrap_or(0) + n);
            }
        }
    })?;
    let row = |([year, line], (reports, sums)): ([Key; 2], (i64, Vec<Option<i64>>))| {
        let mut row = vec![year.value(), line.value(), reports.into()];
        row.extend(sums.into_iter().map(Value::from));
        row
    };
    let names = ["year", line, "reports"].into_iter().chain(columns.iter().copied());
    let summed: Vec<String> = columns.iter().map(|c| format!("sum({c}) AS {c}")).collect();
    Ok(Figure {
        columns: names.map(str::to_owned).collect(),
        rows: sums.into_iter().map(row).collect(),
        sql: format!(
            "SELECT year, {line}, count(total) AS reports, {} FROM {table} GROUP BY ALL ORDER BY year, {line}",
            summed.join(", ")
        ),
    })
}

/// The view over all years, and the series of it that is shown.
const VIEW: &str = "requests_long_run";
const SERIES: &str = "requests_received";
/// Parts of a hundred at which the distribution is shown.
const QUANTILES: [usize; 5] = [10, 25, 50, 75, 90];

/// How many requests a report counts, since 2008: by year, and by year and level.
pub(super) fn received(
    registry: &Registry,
    snapshot: &Snapshot,
    reports: &Reports,
    figures: &mut Figures,
) -> Result<(), StoreError> {
    let values = long_run(registry, snapshot)?;
    let (mut by_year, mut by_level): (BTreeMap<[Key; 1], _>, BTreeMap<[Key; 2], _>) = Default::default();
    for (report, (year, value)) in &values {
        by_year.entry([(*year).into()]).or_insert_with(Vec::new).push(*value);
        let level = reports.level(Some(report.as_str()));
        by_level.entry([(*year).into(), level]).or_insert_with(Vec::new).push(*value);
    }
    let quantiles: Vec<String> =
        QUANTILES.map(|q| format!("CAST(quantile_disc(value, {}) AS DOUBLE) AS p{q}", share(q))).to_vec();
    let quantiles = quantiles.join(", ");
    let of_series = format!("WHERE series = '{SERIES}' AND value IS NOT NULL GROUP BY ALL ORDER BY");
    figures.insert(
        "received",
        distribution(
            &["year"],
            by_year,
            format!("SELECT year, count(*) AS reports, {quantiles} FROM {VIEW} {of_series} year"),
        ),
    );
    figures.insert(
        "received_by_level",
        distribution(
            &["year", "level"],
            by_level,
            format!(
                "SELECT year, agency_level AS level, count(*) AS reports, {quantiles} FROM {VIEW} JOIN (SELECT report_id, \
                 agency_level FROM reports) USING (report_id) {of_series} year, level"
            ),
        ),
    );
    Ok(())
}

/// 25 as `0.25`, 90 as `0.9`.
fn share(hundredths: usize) -> String {
    let text = format!("0.{hundredths:02}");
    text.trim_end_matches('0').to_owned()
}

fn distribution<const K: usize>(
    keys: &[&str; K],
    groups: BTreeMap<[Key; K], Vec<i128>>,
    sql: String,
) -> Figure {
    let row = |(key, mut values): ([Key; K], Vec<i128>)| {
        values.sort_unstable();
        let at = |q: usize| (values.len() * q).div_ceil(100).max(1) - 1;
        let mut row: Vec<Value> = key.iter().map(Key::value).collect();
        row.push(values.len().into());
        row.extend(QUANTILES.map(|q| values.get(at(q)).map_or(Value::Null, |v| number(*v))));
        row
    };
    let names = keys.iter().map(|k| (*k).to_owned()).chain(["reports".to_owned()]);
    Figure {
        columns: names.chain(QUANTILES.map(|q| format!("p{q}"))).collect(),
        rows: groups.into_iter().map(row).collect(),
        sql,
    }
}

/// Ten-thousandths as a JSON number.
fn number(ten_thousandths: i128) -> Value {
    let whole = i64::try_from(ten_thousandths / 10_000).ok().filter(|_| ten_thousandths % 10_000 == 0);
    match whole {
        Some(whole) => whole.into(),
        None => Number::from_f64(ten_thousandths as f64 / 10_000.0).map_or(Value::Null, Value::Number),
    }
}

/// The series of the view `requests_long_run`, as `views.sql` makes it: by report, its year and value in ten-thousandths.
fn long_run(registry: &Registry, snapshot: &Snapshot) -> Result<BTreeMap<String, (i16, i128)>, StoreError> {
    let crosswalk = registry.crosswalks.iter().find(|c| c.view == VIEW);
    let series = crosswalk.and_then(|c| c.series.iter().find(|s| s.code == SERIES));
    let mut best: BTreeMap<String, (i16, Option<i128>, String)> = BTreeMap::new();
    for source in series.into_iter().flat_map(|s| &s.sources) {
        let legacy = source.table == LEGACY_TABLE;
        let key = if legacy { "indicator" } else { "item" };
        let mut columns = vec!["report_id", key, source.column.as_str()];
        columns.extend(legacy.then_some("source"));
        // By report and where it was read: how many are filled, and their sum.
        let mut sums: BTreeMap<(String, String), (i16, usize, i128)> = BTreeMap::new();
        each(snapshot, &source.table, &columns, |row| {
            if !row.text(1).is_some_and(|item| source.items.iter().any(|i| i == item)) {
                return;
            }
            let from = if legacy { row.text(3).unwrap_or_default() } else { "table" };
            let report = row.text(0).unwrap_or_default();
            let sum = sums.entry((report.to_owned(), from.to_owned())).or_insert((row.year, 0, 0));
            if let Some(value) = row.decimal4(2) {
                sum.1 += 1;
                sum.2 += value;
            }
        })?;
        for ((report, from), (year, filled, sum)) in sums {
            let value = (filled == source.items.len()).then_some(sum);
            let better = best.get(&report).is_none_or(|(_, old, old_from)| {
                // As the view orders them: filled first, then the source's name, descending.
                (value.is_some(), &from) > (old.is_some(), old_from)
            });
            if better {
                best.insert(report, (year, value, from));
            }
        }
    }
    Ok(best.into_iter().filter_map(|(report, (year, value, _))| Some((report, (year, value?)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occur() {
        let groups = BTreeMap::from([([Key::Number(2023)], vec![40_000, 10_000, 30_000, 25_000])]);
        let figure = distribution(&["year"], groups, String::new());
        assert_eq!(serde_json::to_string(&figure.rows).unwrap(), "[[2023,4,1,1,2.5,3,4]]");
        assert_eq!(QUANTILES.map(share), ["0.1", "0.25", "0.5", "0.75", "0.9"]);
    }
}
