//! Every agency with its figures through the years, as far as there is room.

use super::columns::each;
use gongkai_store::{Snapshot, StoreError};
use serde::Serialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most bytes that agencies take in the page.
const BUDGET: usize = 5_000_000;
/// Levels as in `agencies.agency_level`; told by their number, `-1` where it is unknown.
const LEVELS: [&str; 5] = ["central", "province", "prefecture", "county", "township"];
/// Scopes, told by their number.
const SCOPES: [&str; 3] = ["own", "whole", "unknown"];
/// The columns of `key_figures` that are told of every year.
pub(super) const FIGURES: [&str; 8] = [
    "received",
    "granted",
    "partially_granted",
    "refused",
    "unavailable",
    "not_processed",
    "outcomes",
    "findings_error",
];

/// The agencies that can be looked up.
#[derive(Serialize)]
pub(super) struct Agencies {
    /// Agencies of the snapshot that have a name.
    total: usize,
    levels: [&'static str; 5],
    scopes: [&'static str; 3],
    figures: [&'static str; 8],
    /// Id, name, region, level, years, and earlier names where there are any. A year is its number, the scope, whether it is
    /// counted, and the figures.
    rows: Vec<Value>,
}

struct Agency {
    id: String,
    name: String,
    /// All names, where there are several.
    names: Option<String>,
    region: String,
    level: Option<usize>,
}

/// Those with most reports first, since there is most to see of them, then those of higher levels, until the page is full.
pub(super) fn agencies(snapshot: &Snapshot) -> Result<Agencies, StoreError> {
    choose(snapshot, BUDGET)
}

fn choose(snapshot: &Snapshot, budget: usize) -> Result<Agencies, StoreError> {
    let mut years = years(snapshot)?;
    let mut all: Vec<Agency> = Vec::new();
    each(snapshot, "agencies", &["agency_id", "agency_name", "names", "agency_level"], |row| {
        if let (Some(id), Some(name)) = (row.text(0), row.text(1)) {
            all.push(Agency {
                id: id.to_owned(),
                name: name.to_owned(),
                names: row.text(2).filter(|names| *names != name).map(str::to_owned),
                region: row.region.to_owned(),
                level: row.text(3).and_then(|level| LEVELS.iter().position(|l| *l == level)),
            });
        }
    })?;
    let total = all.len();
    let reports = |agency: &Agency| years.get(&agency.id).map_or(0, Vec::len);
    all.sort_by_cached_key(|a| (Reverse(reports(a)), a.level.unwrap_or(LEVELS.len()), a.id.clone()));
    let mut bytes = 0;
    let mut rows = Vec::new();
    for agency in all {
        let mut of_years = years.remove(&agency.id).unwrap_or_default();
        of_years.sort_unstable();
        let of_years: Vec<Value> = of_years.into_iter().map(Year::told).collect();
        let level = agency.level.and_then(|level| i64::try_from(level).ok()).unwrap_or(-1);
        let mut row = vec![
            agency.id.into(),
            agency.name.into(),
            agency.region.into(),
            level.into(),
            Value::Array(of_years),
        ];
        row.extend(agency.names.map(Value::from));
        let row = Value::Array(row);
        bytes += row.to_string().len() + 1;
        if bytes > budget {
            break;
        }
        rows.push(row);
    }
    Ok(Agencies { total, levels: LEVELS, scopes: SCOPES, figures: FIGURES, rows })
}

/// The figures of one report, or of one of the tables it has for two scopes. Sorted by year, then scope.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Year {
    year: i16,
    scope: usize,
    report: Box<str>,
    counted: bool,
    figures: [Option<i64>; 8],
}

impl Year {
    fn told(self) -> Value {
        let mut told = vec![json!(self.year), json!(self.scope), json!(u8::from(self.counted))];
        told.extend(self.figures.map(Value::from));
        // What is not there at the end need not be told.
        while told.last().is_some_and(Value::is_null) {
            told.pop();
        }
        told.into()
    }
}

/// By agency.
fn years(snapshot: &Snapshot) -> Result<HashMap<String, Vec<Year>>, StoreError> {
    let mut years: HashMap<String, Vec<Year>> = HashMap::new();
    let mut columns = vec!["agency_id", "scope", "report_id", "counted"];
    let first = columns.len();
    columns.extend(FIGURES);
    each(snapshot, "key_figures", &columns, |row| {
        let Some(id) = row.text(0) else { return };
        let scope = SCOPES.iter().position(|s| row.text(1) == Some(*s)).unwrap_or(SCOPES.len() - 1);
        let year = Year {
            year: row.year,
            scope,
            report: row.text(2).unwrap_or_default().into(),
            counted: row.truth(3) == Some(true),
            figures: std::array::from_fn(|at| row.integer(first + at)),
        };
        match years.get_mut(id) {
            Some(of) => of.push(year),
            None => {
                years.insert(id.to_owned(), vec![year]);
            }
        }
    })?;
    Ok(years)
}
