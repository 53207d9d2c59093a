//! What is measured of a snapshot, and of those that it is compared with.

use super::{Each, Expectation, Group, Measure};
use crate::run_record::last_promoted;
use gongkai_store::{Draft, Figures, FileEntry, Row, RowQuery, Snapshot, Store, StoreError};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// What was measured of a group.
pub(super) struct Measured {
    pub(super) group: Group,
    pub(super) value: f64,
    /// The item and column it is about, where the measure chose it.
    pub(super) cell: Option<String>,
}

/// Part and whole by group.
type Shares = BTreeMap<Group, (u64, u64)>;

/// A snapshot to be judged, and what it can be compared with.
pub(super) struct Survey<'a> {
    draft: &'a Draft<'a>,
    store: &'a Store,
    now: SystemTime,
    /// Files are often the same in several snapshots.
    figures: Mutex<HashMap<String, Arc<Figures>>>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(draft: &'a Draft<'a>, store: &'a Store, now: SystemTime) -> Self {
        Self { draft, store, now, figures: Mutex::default() }
    }

    /// Every group with what was measured of it.
    pub(super) fn measure(&self, expected: &Expectation) -> Result<Vec<Measured>, StoreError> {
        let plain = |(group, value)| Measured { group, value, cell: None };
        let enough = |n: u64| n >= expected.at_least.max(1);
        let now = self.draft.snapshot;
        let ratios = |base: &BTreeMap<Group, u64>| -> Vec<Measured> {
            let rows = rows(expected, &expected.table, now);
            let groups = base.iter().filter(|(_, n)| enough(**n));
            let ratio =
                |(g, n): (&Group, &u64)| (g.clone(), rows.get(g).copied().unwrap_or(0) as f64 / *n as f64);
            groups.map(ratio).map(plain).collect()
        };
        match expected.measure {
            Measure::Absent => return Ok(Vec::new()),
            Measure::Rows => {
                let rows = rows(expected, &expected.table, now).into_iter();
                return Ok(rows.map(|(g, n)| (g, n as f64)).map(plain).collect());
            }
            Measure::Change => {
                let Some(base) = self.base(expected)? else { return Ok(Vec::new()) };
                return Ok(ratios(&rows(expected, &expected.table, &base)));
            }
            Measure::Growth => {
                let Some(base) = self.base(expected)? else { return Ok(Vec::new()) };
                return Ok(ratios(&room(expected, &base, now)));
            }
            Measure::Median => {
                let Some(base) = self.base(expected)? else { return Ok(Vec::new()) };
                return self.medians(expected, &base);
            }
            _ => {}
        }
        let base = if expected.days.is_some() || expected.new { self.base(expected)? } else { None };
        let shares = match &base {
            Some(base) if expected.new => self.of_new(expected, base)?,
            None if expected.new => return Ok(Vec::new()),
            _ => self.shares(expected, now)?,
        };
        let share = |(part, whole): (u64, u64)| part as f64 / whole as f64;
        let shares = shares.into_iter().filter(|(_, (_, whole))| enough(*whole));
        if expected.days.is_none() {
            return Ok(shares.map(|(g, s)| (g, share(s))).map(plain).collect());
        }
        let Some(base) = base else { return Ok(Vec::new()) };
        let before = self.shares(expected, &base)?;
        let rise = |(group, now): (Group, (u64, u64))| {
            let before = before.get(&group).copied().filter(|(_, whole)| enough(*whole))?;
            Some((group, share(now) - share(before)))
        };
        Ok(shares.filter_map(rise).map(plain).collect())
    }

    /// What is compared with. What a person promoted is right, and what was before it no longer counts.
    fn base(&self, expected: &Expectation) -> Result<Option<Cow<'a, Snapshot>>, StoreError> {
        let Some(parent) = self.draft.parent else { return Ok(None) };
        let days = u64::from(expected.days.unwrap_or(0));
        if days == 0 {
            return Ok(Some(Cow::Borrowed(parent)));
        }
        let then = self.now.checked_sub(Duration::from_secs(days * 86_400)).unwrap_or(SystemTime::UNIX_EPOCH);
        let since = last_promoted(self.store.path());
        Ok(self.store.published_at(then, since.as_deref())?.map(Cow::Owned))
    }

    fn shares(&self, expected: &Expectation, snapshot: &Snapshot) -> Result<Shares, StoreError> {
        let of = |part: &BTreeMap<Group, u64>, whole: BTreeMap<Group, u64>| -> Shares {
            let share = |(group, n)| {
                let part = part.get(&group).copied().unwrap_or(0);
                (group, (part, n))
            };
            whole.into_iter().map(share).collect()
        };
        Ok(match expected.measure {
            Measure::Fill => {
                let column = expected.column.as_deref().unwrap_or_default();
                let query = RowQuery { table: &expected.table, columns: &[column], ..RowQuery::default() };
                let filled = counted(expected, snapshot, &query, |r| r.get(column).is_some())?;
                of(&filled, rows(expected, &expected.table, snapshot))
            }
            Measure::Resolved => {
                let known = |year: i16, region: &str| year != 0 && region != "unknown";
                let mut resolved = BTreeMap::new();
                for (year, region, n) in partitions("reports", snapshot) {
                    if let Some(group) = expected.group(year, region).filter(|_| known(year, region)) {
                        *resolved.entry(group).or_default() += n;
                    }
                }
                of(&resolved, rows(expected, "reports", snapshot))
            }
            Measure::IdentityPass => {
                let query = RowQuery {
                    table: "findings",
                    columns: &["report_id"],
                    equals: &[("code", "GK401")],
                    ..RowQuery::default()
                };
                let mut broken: HashSet<String> = HashSet::new();
                snapshot.each(&query, |r| broken.extend(r.text("report_id").map(str::to_owned)))?;
                let query = RowQuery {
                    table: "reports",
                    columns: &["report_id", "cells_read"],
                    ..RowQuery::default()
                };
                let with_tables = |r: &Row| r.integer("cells_read").is_some_and(|n| n > 0);
                let holds = |r: &Row| r.text("report_id").is_some_and(|id| !broken.contains(id));
                let passed = counted(expected, snapshot, &query, |r| with_tables(r) && holds(r))?;
                of(&passed, counted(expected, snapshot, &query, with_tables)?)
            }
            Measure::Unreadable | Measure::NotAReport => {
                let query = RowQuery { table: "captures", columns: &["status"], ..RowQuery::default() };
                let bad = counted(expected, snapshot, &query, |row| is_bad(expected.measure, row))?;
                of(&bad, rows(expected, "captures", snapshot))
            }
            Measure::Zeros => {
                let figures = self.figures(expected, snapshot)?.into_iter();
                figures.map(|(group, f)| (group, (f.zeros, f.values))).collect()
            }
            Measure::Dashes => {
                let query = RowQuery {
                    table: "cells",
                    columns: &["status"],
                    equals: &[("table", &expected.table), ("status", "dash")],
                    ..RowQuery::default()
                };
                let dashes = counted(expected, snapshot, &query, |_| true)?;
                let figures = self.figures(expected, snapshot)?.into_iter();
                let printed = |(group, f): (Group, Figures)| {
                    let dashes = dashes.get(&group).copied().unwrap_or(0);
                    (group, (dashes, dashes + f.values))
                };
                figures.map(printed).collect()
            }
            Measure::Absent | Measure::Rows | Measure::Change | Measure::Growth | Measure::Median => {
                Shares::new()
            }
        })
    }

    /// Of captures whose name another snapshot does not have.
    fn of_new(&self, expected: &Expectation, base: &Snapshot) -> Result<Shares, StoreError> {
        let columns = ["container", "status"];
        let query = RowQuery { table: "captures", columns: &columns, ..RowQuery::default() };
        let digest = |row: &Row| row.text("container").map(|c| *blake3::hash(c.as_bytes()).as_bytes());
        let files = |snapshot: &Snapshot| -> BTreeSet<(i16, String, String)> {
            let files = snapshot.manifest.files.iter().filter(|f| f.table() == "captures");
            let key = |f: &FileEntry| (f.partition().0, f.partition().1.to_owned(), f.blake3.clone());
            files.map(key).collect()
        };
        // A capture of a file that both have is no news.
        let (before, now) = (files(base), files(self.draft.snapshot));
        let changed: BTreeSet<(i16, &str)> =
            before.symmetric_difference(&now).map(|(y, r, _)| (*y, r.as_str())).collect();
        let mut known = HashSet::new();
        for partition in &changed {
            let query = RowQuery { partition: Some(*partition), ..query };
            base.each(&query, |row| known.extend(digest(&row)))?;
        }
        let (mut part, mut whole) = (0, 0);
        for partition in changed {
            let query = RowQuery { partition: Some(partition), ..query };
            self.draft.snapshot.each(&query, |row| {
                if digest(&row).is_some_and(|d| !known.contains(&d)) {
                    whole += 1;
                    part += u64::from(is_bad(expected.measure, &row));
                }
            })?;
        }
        Ok(Shares::from([((None, None), (part, whole))]))
    }

    /// The median of every item and column above 0, against what it was; of each group the one that moved most.
    fn medians(&self, expected: &Expectation, base: &Snapshot) -> Result<Vec<Measured>, StoreError> {
        let enough = |n: u64| n >= expected.at_least.max(1);
        let now = self.figures(expected, self.draft.snapshot)?;
        let before = self.figures(&by_year(expected), base)?;
        let mut groups: BTreeSet<&Group> = now.keys().collect();
        // A year that is gone is seen, one that was never wanted is not.
        groups.extend(before.keys().filter(|(year, _)| expected.year.is_none() || *year == expected.year));
        let none = Figures::default();
        let mut found = Vec::new();
        for group in groups {
            let now = now.get(group).unwrap_or(&none);
            let own = before.get(group).unwrap_or(&none);
            let last =
                group.0.and_then(|y| before.get(&(y.checked_sub(1), group.1.clone()))).unwrap_or(&none);
            let cells: BTreeSet<_> = own.sizes.keys().chain(now.sizes.keys()).collect();
            let moved = cells.into_iter().filter_map(|cell| {
                let sizes = now.sizes.get(cell);
                let known = own.sizes.get(cell).filter(|s| enough(s.count()));
                // A new year is like the year before.
                let known = known.or_else(|| {
                    sizes.filter(|s| enough(s.count()))?;
                    last.sizes.get(cell).filter(|s| enough(s.count()))
                });
                let ratio = sizes.map_or(0.0, gongkai_store::Sizes::median) / known?.median();
                Some((ratio, cell))
            });
            let most = moved.max_by(|(a, _), (b, _)| a.ln().abs().total_cmp(&b.ln().abs()));
            found.extend(most.map(|(value, (item, column))| Measured {
                group: group.clone(),
                value,
                cell: Some(format!("{item}.{column}")),
            }));
        }
        Ok(found)
    }

    fn figures(
        &self,
        expected: &Expectation,
        snapshot: &Snapshot,
    ) -> Result<BTreeMap<Group, Figures>, StoreError> {
        let files: Vec<&FileEntry> =
            snapshot.manifest.files.iter().filter(|f| f.table() == expected.table).collect();
        let looked = |file: &&FileEntry| {
            let known =
                self.figures.lock().unwrap_or_else(PoisonError::into_inner).get(&file.blake3).cloned();
            let figures = match known {
                Some(known) => known,
                None => Arc::new(snapshot.figures(file)?),
            };
            let mut all = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
            Ok::<_, StoreError>(Arc::clone(all.entry(file.blake3.clone()).or_insert(figures)))
        };
        let seen: Vec<Arc<Figures>> = files.par_iter().map(looked).collect::<Result<_, _>>()?;
        let mut groups: BTreeMap<Group, Figures> = BTreeMap::new();
        for (file, figures) in files.iter().zip(seen) {
            let (year, region) = file.partition();
            if let Some(group) = expected.group(year, region) {
                groups.entry(group).or_default().add(&figures);
            }
        }
        Ok(groups)
    }
}

fn is_bad(measure: Measure, capture: &Row) -> bool {
    let status = capture.text("status").unwrap_or_default();
    match measure {
        Measure::NotAReport => status == "not_a_report",
        _ => status == "unreadable" || status == "failed",
    }
}

/// The same of every year, so that the year before can be looked at.
fn by_year(expected: &Expectation) -> Expectation {
    let mut wide = expected.clone();
    if wide.year.take().is_some() {
        wide.each.push(Each::Year);
    }
    wide
}

/// How many rows a year may have: as many as were known of it, or of the year before.
fn room(expected: &Expectation, base: &Snapshot, now: &Snapshot) -> BTreeMap<Group, u64> {
    let before = rows(&by_year(expected), &expected.table, base);
    let of = |group: &Group| before.get(group).copied().unwrap_or(0);
    let groups = rows(expected, &expected.table, now).into_keys();
    let room = |group: Group| {
        let last = (group.0.and_then(|year| year.checked_sub(1)), group.1.clone());
        let most = of(&group).max(if last.0.is_some() { of(&last) } else { 0 });
        (group, most)
    };
    groups.map(room).collect()
}

/// Rows of a query that are as wanted, by group.
fn counted(
    expected: &Expectation,
    snapshot: &Snapshot,
    query: &RowQuery<'_>,
    wanted: impl Fn(&Row) -> bool,
) -> Result<BTreeMap<Group, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    snapshot.each(query, |row| {
        if let Some(group) = expected.group(row.year, &row.region).filter(|_| wanted(&row)) {
            *counts.entry(group).or_default() += 1;
        }
    })?;
    Ok(counts)
}

/// Rows by group, by the manifest alone.
fn rows(expected: &Expectation, table: &str, snapshot: &Snapshot) -> BTreeMap<Group, u64> {
    let mut counts: BTreeMap<Group, u64> = expected.named().into_iter().map(|g| (g, 0)).collect();
    for (year, region, n) in partitions(table, snapshot) {
        if let Some(group) = expected.group(year, region) {
            *counts.entry(group).or_default() += n;
        }
    }
    counts
}

fn partitions<'s>(table: &'s str, snapshot: &'s Snapshot) -> impl Iterator<Item = (i16, &'s str, u64)> {
    let files = snapshot.manifest.files.iter().filter(move |f| f.table() == table && f.rows > 0);
    files.map(|f| {
        let (year, region) = f.partition();
        (year, region, f.rows)
    })
}
