//! What changed since the snapshot before.

use super::reports::Reports;
use gongkai_registry::Registry;
use gongkai_store::{Change, FileEntry, Snapshot, Store, StoreError};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Changes shown one by one.
const SHOWN: usize = 300;
/// Rows in files that are not shared up to which cells are compared: more take too long for a page.
const ROWS: u64 = 1_500_000;

/// Counts by table, and the first changes one by one.
pub(super) fn changes(
    registry: &Registry,
    store: &Store,
    snapshot: &Snapshot,
    reports: &Reports,
) -> Result<Value, StoreError> {
    let Some(name) = snapshot.manifest.parent.as_deref() else { return Ok(json!({ "state": "first" })) };
    let Ok(parent) = store.snapshot(name) else {
        return Ok(json!({ "state": "gone", "parent": name }));
    };
    if apart(&parent, snapshot) > ROWS {
        return Ok(json!({ "state": "many", "parent": name }));
    }
    let all = gongkai_store::diff(registry, &parent, snapshot)?;
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for change in &all {
        *counts.entry((&change.table, change.kind)).or_default() += 1;
    }
    let counts: Vec<Value> = counts.iter().map(|((table, kind), n)| json!([table, kind, n])).collect();
    // A report that came or went shows in every cell: it is told once.
    let whole = |c: &&Change| c.table == "reports" && c.column == "capture_id" && c.kind != "changed";
    let moved: BTreeSet<&str> = all.iter().filter(whole).map(|c| c.report_id.as_str()).collect();
    let of_reports = |kind: &str| all.iter().filter(whole).filter(|c| c.kind == kind).count();
    let single = all.iter().filter(|c| whole(c) || !moved.contains(c.report_id.as_str()));
    let shown: Vec<&Change> = single.clone().take(SHOWN).collect();
    let line = |c: &&Change| {
        let whole = moved.contains(c.report_id.as_str());
        json!([
            c.kind,
            c.table,
            c.report_id,
            c.year,
            c.region,
            c.item,
            if whole { None } else { Some(&c.column) },
            if whole { None } else { c.old.as_deref().map(super::short) },
            if whole { None } else { c.new.as_deref().map(super::short) },
            reports.get(Some(c.report_id.as_str())).and_then(|r| r.agency_name.as_deref()).map(super::short),
        ])
    };
    let lines: Vec<Value> = shown.iter().map(line).collect();
    Ok(json!({
        "state": "compared",
        "parent": name,
        "added": of_reports("added"),
        "removed": of_reports("removed"),
        "counts": counts,
        "total": single.count(),
        "rows": lines,
    }))
}

/// Rows in files that only one of two snapshots has.
fn apart(old: &Snapshot, new: &Snapshot) -> u64 {
    fn files(s: &Snapshot) -> impl Iterator<Item = &FileEntry> {
        // What stands once more in the tables by year counts once.
        s.manifest.files.iter().filter(|f| f.table_by_year().is_none())
    }
    let paths = |s: &Snapshot| files(s).map(|f| f.path.clone()).collect::<BTreeSet<_>>();
    let (of_old, of_new) = (paths(old), paths(new));
    let apart = |s: &Snapshot, other: &BTreeSet<String>| {
        files(s).filter(|f| !other.contains(&f.path)).map(|f| f.rows).sum::<u64>()
    };
    apart(old, &of_new) + apart(new, &of_old)
}
