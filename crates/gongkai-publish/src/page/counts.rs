//! Figures over the other tables: captures, findings, coverage, requests and what became of them.

use super::columns::each;
use super::figure::{Figure, Figures, Groups, Key};
use super::reports::{Report, Reports};
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
    let (mut by_year, mut by_region): (Groups<5, 2>, Groups<2, 2>) = Default::default();
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
        let [level, scope] =
            report.and_then(|at| reports.all.get(at)).map_or([Key::Null, Key::Null], Report::filters);
        let year = by_year.of([code.into(), Key::text(row.text(1)), row.year.into(), level, scope]);
        let region = by_region.of([code.into(), row.region.into()]);
        for [findings, with_it] in [year, region] {
            *findings += 1;
            *with_it += i64::from(fresh);
        }
    })?;
    let counts = "count(*) AS findings, count(DISTINCT report_id) AS reports FROM findings";
    figures.insert(
        "findings_by_year",
        by_year.figure(
            &["code", "severity", "year", "level", "scope", "findings", "reports"],
            format!(
                "SELECT code, severity, year, level, scope, {counts} LEFT JOIN (SELECT report_id, agency_level AS level, \
                 scope FROM reports) USING (report_id) GROUP BY ALL ORDER BY code, severity, year, level, scope"
            ),
        ),
    );
    figures.insert(
        "findings_by_region",
        by_region.figure(
            &["code", "region", "findings", "reports"],
            format!("SELECT code, region, {counts} GROUP BY ALL ORDER BY code, region"),
        ),
    );
    Ok(())
}

/// The reports that can be added up without counting anything twice, see `key_figures.counted`: by number, with the scope of
/// the table that is counted.
struct Counted(HashMap<usize, Box<str>>);

impl Counted {
    fn scope(&self, at: usize) -> Option<&str> {
        self.0.get(&at).map(AsRef::as_ref)
    }
}

/// Requests by line of the form, what became of reviews, and requests by place: sums of what is printed, nothing twice.
/// Levels are not to be added.
pub(super) fn outcomes(
    snapshot: &Snapshot,
    reports: &Reports,
    figures: &mut Figures,
) -> Result<(), StoreError> {
    let mut counted = Counted(HashMap::new());
    let mut places: BTreeMap<[Key; 4], [Option<i64>; 3]> = BTreeMap::new();
    let columns = ["counted", "report_id", "scope", "agency_level", "received"];
    each(snapshot, "key_figures", &columns, |row| {
        let (Some(true), Some(scope)) = (row.truth(0), row.text(2)) else { return };
        if let Some(at) = row.text(1).and_then(|id| reports.at(id)) {
            counted.0.insert(at, scope.into());
        }
        let key = [row.year.into(), Key::from(row.region), Key::text(row.text(3)), Key::from(scope)];
        let [all, with, sum] = places.entry(key).or_insert([Some(0), Some(0), None]);
        *all = all.map(|n| n + 1);
        if let Some(received) = row.integer(4) {
            *with = with.map(|n| n + 1);
            *sum = Some(sum.unwrap_or(0) + received);
        }
    })?;
    let row = |(key, sums): ([Key; 4], [Option<i64>; 3])| {
        key.iter().map(Key::value).chain(sums.into_iter().map(Value::from)).collect()
    };
    let names = ["year", "region", "level", "scope", "reports", "with_received", "received"];
    let figure = Figure {
        columns: names.map(str::to_owned).to_vec(),
        rows: places.into_iter().map(row).collect(),
        sql: "SELECT year, region, agency_level AS level, scope, count(*) AS reports, count(received) AS with_received, \
              sum(received) AS received FROM key_figures WHERE counted GROUP BY ALL ORDER BY year, region, level, scope"
            .to_owned(),
    };
    figures.insert("places", figure);
    figures.insert("requests", sums(snapshot, reports, &counted, "disclosure_requests", "item", &["total"])?);
    let review = ["upheld", "corrected", "other", "pending", "total"];
    figures.insert("reviews", sums(snapshot, reports, &counted, "review_litigation", "channel", &review)?);
    Ok(())
}

/// Sums of columns over counted reports by year, level, scope and line; the sum of nothing is NULL.
fn sums(
    snapshot: &Snapshot,
    reports: &Reports,
    counted: &Counted,
    table: &str,
    line: &str,
    columns: &[&str],
) -> Result<Figure, StoreError> {
    let mut sums: BTreeMap<[Key; 4], (i64, Vec<Option<i64>>)> = BTreeMap::new();
    let wanted: Vec<&str> = ["report_id", "scope", line].into_iter().chain(columns.iter().copied()).collect();
    let last = wanted.len() - 1;
    each(snapshot, table, &wanted, |row| {
        let Some(at) = row.text(0).and_then(|id| reports.at(id)) else { return };
        let Some(scope) = counted.scope(at).filter(|scope| row.text(1) == Some(*scope)) else { return };
        let level = reports.all.get(at).and_then(|r| r.level.as_deref());
        let (filled, sums) = sums
            .entry([row.year.into(), Key::text(level), Key::from(scope), Key::text(row.text(2))])
            .or_insert_with(|| (0, vec![None; columns.len()]));
        *filled += i64::from(row.is_filled(last));
        for (at, sum) in sums.iter_mut().enumerate() {
            if let Some(n) = row.integer(at + 3) {
                *sum = Some(sum.unwrap_or(0) + n);
            }
        }
    })?;
    let row = |(key, (filled, sums)): ([Key; 4], (i64, Vec<Option<i64>>))| {
        let mut row: Vec<Value> = key.iter().map(Key::value).collect();
        row.push(filled.into());
        row.extend(sums.into_iter().map(Value::from));
        row
    };
    let names = ["year", "level", "scope", line, "reports"].into_iter().chain(columns.iter().copied());
    let summed: Vec<String> = columns.iter().map(|c| format!("sum({c}) AS {c}")).collect();
    Ok(Figure {
        columns: names.map(str::to_owned).collect(),
        rows: sums.into_iter().map(row).collect(),
        sql: format!(
            "SELECT year, level, scope, {line}, count(total) AS reports, {} FROM {table} JOIN (SELECT report_id, scope, \
             agency_level AS level FROM key_figures WHERE counted) USING (report_id, scope) GROUP BY ALL \
             ORDER BY year, level, scope, {line}",
            summed.join(", ")
        ),
    })
}

/// The view over all years, and the series of it that is shown.
const VIEW: &str = "requests_long_run";
const SERIES: &str = "requests_received";
/// Parts of a hundred at which the distribution is shown.
const QUANTILES: [usize; 5] = [10, 25, 50, 75, 90];

/// Stands for every level, or every scope.
const ANY: &str = "all";

/// How many requests a report counts, since 2008: by year, level and scope, and over all of these.
pub(super) fn received(
    registry: &Registry,
    snapshot: &Snapshot,
    reports: &Reports,
    figures: &mut Figures,
) -> Result<(), StoreError> {
    let values = long_run(registry, snapshot)?;
    // Values cannot be told from quantiles: every choice of level and scope has a row of its own.
    let mut groups: BTreeMap<[Key; 3], Vec<i128>> = BTreeMap::new();
    for (report, (year, value)) in &values {
        let Some(report) = reports.get(Some(report.as_str())) else { continue };
        for level in [ANY, report.level.as_deref().unwrap_or("unknown")] {
            for scope in [ANY, report.scope.as_ref()] {
                groups.entry([(*year).into(), level.into(), scope.into()]).or_default().push(*value);
            }
        }
    }
    let quantiles: Vec<String> =
        QUANTILES.map(|q| format!("CAST(quantile_disc(value, {}) AS DOUBLE) AS p{q}", share(q))).to_vec();
    let quantiles = quantiles.join(", ");
    let sql = format!(
        "SELECT year, level, scope, count(*) AS reports, {quantiles} FROM (SELECT year, value, level, \
         unnest(['{ANY}', scope]) AS scope FROM (SELECT v.year, v.value, r.scope, \
         unnest(['{ANY}', coalesce(r.agency_level, 'unknown')]) AS level FROM {VIEW} v JOIN reports r USING (report_id) \
         WHERE series = '{SERIES}' AND value IS NOT NULL)) GROUP BY ALL ORDER BY year, level, scope"
    );
    figures.insert("received", distribution(&["year", "level", "scope"], groups, sql));
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
