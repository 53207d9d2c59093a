//! Every agency with its figures through the years, as far as there is room.

use super::columns::each;
use gongkai_store::{Snapshot, StoreError};
use serde::Serialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most bytes that agencies take in the page.
const BUDGET: usize = 6_000_000;
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

/// The agencies of a snapshot, as many as there is room for.
pub(super) fn agencies(snapshot: &Snapshot) -> Result<Agencies, StoreError> {
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
    Ok(Agencies {
        total: all.len(),
        levels: LEVELS,
        scopes: SCOPES,
        figures: FIGURES,
        rows: fitting(all, years(snapshot)?, BUDGET),
    })
}

/// Those with most reports first, since there is most to see of them, then those of higher levels, until the budget is spent.
fn fitting(mut all: Vec<Agency>, mut years: HashMap<String, Vec<Year>>, budget: usize) -> Vec<Value> {
    let reports = |agency: &Agency| years.get(&agency.id).map_or(0, Vec::len);
    all.sort_by_cached_key(|a| (Reverse(reports(a)), a.level.unwrap_or(LEVELS.len()), a.id.clone()));
    let mut bytes = 0;
    let mut rows = Vec::new();
    for agency in all {
        let of_years = years.remove(&agency.id).unwrap_or_default();
        let row = agency.told(of_years);
        bytes += row.to_string().len() + 1;
        if bytes > budget {
            break;
        }
        rows.push(row);
    }
    rows
}

impl Agency {
    fn told(self, mut years: Vec<Year>) -> Value {
        years.sort_unstable();
        let level = self.level.and_then(|level| i64::try_from(level).ok()).unwrap_or(-1);
        let years = years.into_iter().map(Year::told).collect();
        let mut row =
            vec![self.id.into(), self.name.into(), self.region.into(), level.into(), Value::Array(years)];
        row.extend(self.names.map(Value::from));
        row.into()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn agency(id: &str, level: usize) -> Agency {
        let id = id.to_owned();
        Agency {
            name: format!("某局{id}"), id, names: None, region: "CN-JS".to_owned(), level: Some(level)
        }
    }

    fn year(year: i16, scope: usize, received: Option<i64>) -> Year {
        let mut figures = [None; 8];
        figures[0] = received;
        Year { year, scope, report: "r".into(), counted: true, figures }
    }

    #[test]
    fn agencies_with_most_years_stay_when_there_is_no_room_for_all() {
        let made = |budget| {
            let all = vec![agency("a", 3), agency("b", 3), agency("c", 1), agency("d", 2)];
            let years = HashMap::from([
                ("b".to_owned(), vec![year(2022, 2, Some(5)), year(2021, 1, None), year(2021, 0, Some(0))]),
                ("c".to_owned(), vec![year(2022, 2, Some(7))]),
                ("d".to_owned(), vec![year(2022, 2, Some(8))]),
            ]);
            fitting(all, years, budget)
        };
        let all = made(usize::MAX);
        let ids: Vec<&str> = all.iter().filter_map(|row| row[0].as_str()).collect();
        assert_eq!(ids, ["b", "c", "d", "a"]);
        assert_eq!(all[0].to_string(), r#"["b","某局b","CN-JS",3,[[2021,0,1,0],[2021,1,1],[2022,2,1,5]]]"#);
        let first = all[0].to_string().len() + 1;
        assert_eq!(made(first), all[..1]);
        assert_eq!(made(first - 1).len(), 0);
        assert_eq!(made(first + 1).len(), 1);
    }
}
