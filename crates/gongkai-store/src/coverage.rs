//! Coverage: what there is to find in every region, year and level, beside what was found.
//!
//! Counted from the other tables of the snapshot that is being made, once their files are written: so it says the same
//! whether they were built, or taken over from the snapshot before. It is read in whole columns, few at a time.

use crate::account::short;
use crate::error::StoreError;
use crate::manifest::FileEntry;
use crate::partition::PartitionKey;
use crate::read::{RowQuery, partition};
use crate::store::Snapshot;
use arrow_array::{Array, Int32Array, RecordBatch, StringArray};
use gongkai_model::CaptureStatus;
use gongkai_registry::{Division, LEGACY_TABLE, Level, Registry};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Name of the table.
pub(crate) const COVERAGE: &str = "coverage";
/// The region of central organs.
const CENTRAL: &str = "CN";
/// The level of a township; the gazetteer's own levels are [`Level`].
const TOWNSHIP: &str = "township";

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) level: Option<String>,
    pub(crate) divisions: Option<i64>,
    pub(crate) hosts: i64,
    pub(crate) agencies_known: i64,
    pub(crate) agencies_found: i64,
    pub(crate) divisions_found: i64,
    pub(crate) reports: i64,
    pub(crate) reports_parsed: i64,
    pub(crate) cells_expected: i64,
    pub(crate) cells_read: i64,
    pub(crate) captures: i64,
    pub(crate) copies: i64,
    pub(crate) not_reports: i64,
    pub(crate) unreadable: i64,
}

/// The rows of every partition of a snapshot whose other tables are written.
pub(crate) fn coverage(
    registry: &Registry,
    snapshot: &Snapshot,
) -> Result<BTreeMap<PartitionKey, Vec<Covered>>, StoreError> {
    let homes = homes(registry, snapshot)?;
    let mut files: BTreeMap<PartitionKey, Vec<&FileEntry>> = BTreeMap::new();
    for file in snapshot.manifest.files.iter().filter(|f| f.rows > 0) {
        let (year, region) = partition(&file.path);
        files.entry(PartitionKey::new(Some(year), region)).or_default().push(file);
    }
    let parts: Vec<Counts> = files
        .into_par_iter()
        .map(|(key, files)| Part { snapshot, homes: &homes, key }.count(&files))
        .collect::<Result<_, _>>()?;
    let mut all = Counts::new();
    for (place, counted) in parts.into_iter().flatten() {
        all.entry(place).or_default().add(counted);
    }
    frame(registry, &mut all);
    Ok(finish(all, &homes))
}

/// The rows that a snapshot has in a partition, as they were counted then.
pub(crate) fn stored(
    snapshot: &Snapshot,
    key: &PartitionKey,
    files: &[&FileEntry],
) -> Result<Vec<Covered>, StoreError> {
    let mut rows = Vec::new();
    for file in files.iter().filter(|f| partition(&f.path) == (key.year, &key.region)) {
        for row in snapshot.file_rows(file, &query(COVERAGE, &[]))? {
            let number = |column| row.integer(column).unwrap_or(-1);
            rows.push(Covered {
                level: row.text("level").map(str::to_owned),
                divisions: row.integer("divisions"),
                hosts: number("hosts"),
                agencies_known: number("agencies_known"),
                agencies_found: number("agencies_found"),
                divisions_found: number("divisions_found"),
                reports: number("reports"),
                reports_parsed: number("reports_parsed"),
                cells_expected: number("cells_expected"),
                cells_read: number("cells_read"),
                captures: number("captures"),
                copies: number("copies"),
                not_reports: number("not_reports"),
                unreadable: number("unreadable"),
            });
        }
    }
    Ok(rows)
}

/// Partition and level.
type Spot = (PartitionKey, Option<String>);
type Counts = BTreeMap<Spot, Counted>;
/// The region and level of the unit that a host belongs to.
type Homes = HashMap<String, (String, String)>;

/// A row while it is counted.
#[derive(Default)]
struct Counted {
    row: Covered,
    /// Agencies with a report, by a hash of their ids.
    agencies: HashSet<u64>,
    /// Divisions with a report, by a hash of code and name.
    divisions: HashSet<u64>,
}

impl Counted {
    fn add(&mut self, other: Self) {
        let (row, more) = (&mut self.row, other.row);
        row.reports += more.reports;
        row.reports_parsed += more.reports_parsed;
        row.cells_expected += more.cells_expected;
        row.cells_read += more.cells_read;
        row.captures += more.captures;
        row.copies += more.copies;
        row.not_reports += more.not_reports;
        row.unreadable += more.unreadable;
        self.agencies.extend(other.agencies);
        self.divisions.extend(other.divisions);
    }
}

fn homes(registry: &Registry, snapshot: &Snapshot) -> Result<Homes, StoreError> {
    let gazetteer = &registry.gazetteer;
    let mut homes = Homes::new();
    snapshot.each(&query("hosts", &["host", "place_code"]), |row| {
        let unit = row.text("place_code").and_then(|code| gazetteer.spans(code).last());
        if let (Some(host), Some(unit)) = (row.text("host"), unit) {
            homes.insert(host.to_owned(), (row.region.clone(), name(unit.level).to_owned()));
        }
    })?;
    Ok(homes)
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Province => "province",
        Level::Prefecture => "prefecture",
        Level::County => "county",
    }
}

/// One partition being counted.
struct Part<'a> {
    snapshot: &'a Snapshot,
    homes: &'a Homes,
    key: PartitionKey,
}

fn query<'q>(table: &'q str, columns: &'q [&'q str]) -> RowQuery<'q> {
    RowQuery { table, columns, ..RowQuery::default() }
}

impl Part<'_> {
    fn count(&self, files: &[&FileEntry]) -> Result<Counts, StoreError> {
        let of = |table: &'static str| files.iter().filter(move |f| f.table() == table);
        let mut indicated = HashSet::new();
        for file in of(LEGACY_TABLE) {
            self.snapshot.visit(file, &query(LEGACY_TABLE, &["report_id"]), &mut |batch| {
                indicated.extend(texts(&batch, "report_id").flatten().map(|id| short(&[id])));
            })?;
        }
        let mut counts = Counts::new();
        let mut levels: HashMap<u64, Option<String>> = HashMap::new();
        for file in of("reports") {
            let columns = [REPORT_TEXTS.as_slice(), &REPORT_NUMBERS].concat();
            self.snapshot.visit(file, &query("reports", &columns), &mut |batch| {
                self.reports(&batch, &indicated, &mut counts, &mut levels);
            })?;
        }
        for file in of("captures") {
            self.snapshot.visit(file, &query("captures", &CAPTURE), &mut |batch| {
                self.captures(&batch, &levels, &mut counts);
            })?;
        }
        Ok(counts)
    }

    fn reports(
        &self,
        batch: &RecordBatch,
        indicated: &HashSet<u64>,
        counts: &mut Counts,
        levels: &mut HashMap<u64, Option<String>>,
    ) {
        let [ids, agencies, level, province, city, county, township] =
            REPORT_TEXTS.map(|column| texts(batch, column).collect::<Vec<_>>());
        let [expected, read] = REPORT_NUMBERS.map(|column| numbers(batch, column));
        for (at, id) in ids.iter().enumerate() {
            let get = |column: &[Option<&str>]| column.get(at).copied().flatten().map(str::to_owned);
            let number = |column: &[i64]| column.get(at).copied().unwrap_or(0);
            let report = short(&[id.unwrap_or_default()]);
            let level = get(&level);
            levels.insert(report, level.clone());
            let division = match level.as_deref() {
                Some("province") => get(&province),
                Some("prefecture") => get(&city),
                Some("county") => get(&county).or_else(|| get(&city)),
                Some(TOWNSHIP) => {
                    get(&township).map(|name| get(&county).or_else(|| get(&city)).unwrap_or_default() + &name)
                }
                _ => None,
            };
            let counted = counts.entry((self.key.clone(), level)).or_default();
            counted.row.reports += 1;
            let parsed = number(&read) > 0 || indicated.contains(&report);
            counted.row.reports_parsed += i64::from(parsed);
            counted.row.cells_expected += number(&expected);
            counted.row.cells_read += number(&read);
            counted.agencies.extend(get(&agencies).map(|id| short(&[&id])));
            counted.divisions.extend(division.map(|division| short(&[&division])));
        }
    }

    fn captures(&self, batch: &RecordBatch, levels: &HashMap<u64, Option<String>>, counts: &mut Counts) {
        let [status, report, host] = CAPTURE.map(|column| texts(batch, column).collect::<Vec<_>>());
        for (at, status) in status.iter().enumerate() {
            let get = |column: &[Option<&str>]| column.get(at).copied().flatten().map(str::to_owned);
            let level = get(&report).and_then(|id| levels.get(&short(&[&id])));
            let home = get(&host).and_then(|host| self.homes.get(&host));
            let spot = match (level, home) {
                (Some(level), _) => (self.key.clone(), level.clone()),
                (None, Some((region, level))) => (PartitionKey::new(None, region), Some(level.clone())),
                (None, None) => (self.key.clone(), None),
            };
            let row = &mut counts.entry(spot).or_default().row;
            row.captures += 1;
            match CaptureStatus::ALL.into_iter().find(|s| Some(s.as_str()) == *status) {
                Some(CaptureStatus::Duplicate | CaptureStatus::Superseded) => row.copies += 1,
                Some(CaptureStatus::NotAReport) => row.not_reports += 1,
                Some(CaptureStatus::Unreadable | CaptureStatus::Failed) => row.unreadable += 1,
                Some(CaptureStatus::Report) | None => {}
            }
        }
    }
}

const REPORT_TEXTS: [&str; 7] =
    ["report_id", "agency_id", "agency_level", "province_code", "city_code", "county_code", "township_name"];
const REPORT_NUMBERS: [&str; 2] = ["cells_expected", "cells_read"];
const CAPTURE: [&str; 3] = ["status", "report_id", "source_host"];

fn texts<'b>(batch: &'b RecordBatch, column: &str) -> impl Iterator<Item = Option<&'b str>> {
    let array = batch.column_by_name(column).and_then(|a| a.as_any().downcast_ref::<StringArray>());
    array.into_iter().flatten()
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<i64> {
    let array = batch.column_by_name(column).and_then(|a| a.as_any().downcast_ref::<Int32Array>());
    array.into_iter().flatten().map(|n| n.map_or(0, i64::from)).collect()
}

/// Gives every province that reports, and the centre, a row for every year that the snapshot has a report of and every
/// level that the gazetteer knows there, found or not.
fn frame(registry: &Registry, all: &mut Counts) {
    let reported = all.iter().filter(|(_, c)| c.row.reports > 0).map(|((key, _), _)| key.year);
    let years: BTreeSet<i16> = reported.filter(|y| *y > 0).collect();
    for region in registry.gazetteer.reporting_regions() {
        let levels = listed(registry, &region.code2);
        for year in &years {
            for (level, divisions) in levels(*year) {
                let spot = (PartitionKey::new(Some(*year), &region.iso), Some(level.to_owned()));
                all.entry(spot).or_default().row.divisions = Some(divisions);
            }
        }
    }
    for year in &years {
        all.entry((PartitionKey::new(Some(*year), CENTRAL), Some("central".to_owned()))).or_default();
    }
}

/// The divisions that the gazetteer lists in a province, given the first two digits of its code, by level, in a year.
fn listed<'r>(registry: &'r Registry, province: &str) -> impl Fn(i16) -> Vec<(&'static str, i64)> + use<'r> {
    let gazetteer = &registry.gazetteer;
    let inside = |d: &&Division| d.code.starts_with(province);
    let divisions: Vec<&Division> = gazetteer.divisions().iter().filter(inside).collect();
    let present: BTreeSet<&str> = divisions.iter().map(|d| d.code.as_str()).collect();
    let townships: usize = present.iter().map(|code| gazetteer.townships_of(code).len()).sum();
    move |year| {
        let count = |level| divisions.iter().filter(|d| d.level == level && d.valid_in(year)).count();
        let counts = [Level::Province, Level::Prefecture, Level::County].map(|l| (name(l), count(l)));
        let counts = counts.into_iter().chain([(TOWNSHIP, townships)]).filter(|(_, n)| *n > 0);
        counts.map(|(level, n)| (level, i64::try_from(n).unwrap_or(i64::MAX))).collect()
    }
}

fn finish(all: Counts, homes: &Homes) -> BTreeMap<PartitionKey, Vec<Covered>> {
    let mut known: BTreeMap<(String, Option<String>), HashSet<u64>> = BTreeMap::new();
    for ((key, level), counted) in &all {
        let agencies = known.entry((key.region.clone(), level.clone())).or_default();
        agencies.extend(&counted.agencies);
    }
    let mut hosts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (region, level) in homes.values() {
        *hosts.entry((region, level)).or_default() += 1;
    }
    let size = |set: &HashSet<u64>| i64::try_from(set.len()).unwrap_or(i64::MAX);
    let mut rows: BTreeMap<PartitionKey, Vec<Covered>> = BTreeMap::new();
    for ((key, level), counted) in all {
        let of_level = level.as_deref().and_then(|l| hosts.get(&(key.region.as_str(), l)));
        let row = Covered {
            hosts: of_level.copied().unwrap_or(0),
            agencies_known: known.get(&(key.region.clone(), level.clone())).map_or(0, size),
            agencies_found: size(&counted.agencies),
            divisions_found: size(&counted.divisions),
            level,
            ..counted.row
        };
        rows.entry(key).or_default().push(row);
    }
    // As the file sorts them: no level last.
    rows.values_mut().for_each(|rows| rows.sort_by_key(|r| (r.level.is_none(), r.level.clone())));
    rows
}
