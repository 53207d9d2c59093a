//! `gongkai log`, `diff`, `gc`, `tag` and `promote`.

use super::check::failure;
use super::print;
use crate::arguments::{Diff, DiffFormat, Gc, Log, Promote, Tag};
use crate::say::{print_raw, tell};
use crate::table::{Align, lines, thousands};
use crate::time::utc;
use crate::{Failure, Status};
use gongkai_pipeline::{Ending, PROMOTE, RunRecord};
use gongkai_registry::Registry;
use gongkai_store::{Change, Dropped, Retention, Store, diff_parquet};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Lists the snapshots.
pub(crate) fn log(options: &Log) -> Result<Status, Failure> {
    let editions = Store::open(&options.store).and_then(|s| s.log()).map_err(failure)?;
    let time = |at: Option<SystemTime>| {
        let since = at.and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        since.and_then(|d| i64::try_from(d.as_micros()).ok()).map(utc)
    };
    if options.json {
        for e in &editions {
            print(&json!({
                "snapshot": e.snapshot, "published": time(e.published), "current": e.current, "candidate": e.candidate,
                "tags": e.tags, "captures": e.captures, "reports": e.reports, "bytes": e.bytes, "tool_version": e.tool_version,
            }).to_string());
        }
        return Ok(Status::Done);
    }
    let mark = |e: &gongkai_store::Edition| {
        if e.candidate {
            "?"
        } else if e.current {
            "*"
        } else {
            ""
        }
    };
    let mut rows = vec![
        ["", "snapshot", "published", "captures", "reports", "MB", "version", "tags"]
            .map(String::from)
            .to_vec(),
    ];
    rows.extend(editions.iter().map(|e| {
        vec![
            mark(e).to_owned(),
            e.snapshot.clone(),
            time(e.published).unwrap_or_default(),
            thousands(e.captures),
            thousands(e.reports),
            format!("{:.1}", e.bytes as f64 / 1e6),
            e.tool_version.clone(),
            e.tags.join(" "),
        ]
    }));
    use Align::{Left, Right};
    print(&lines(&rows, &[Left, Left, Left, Right, Right, Right, Left, Left], 0));
    Ok(Status::Done)
}

/// Compares two snapshots.
pub(crate) fn diff(registry: &Registry, options: &Diff) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    let old = store.find(&options.old).map_err(failure)?;
    let new = store.find(&options.new).map_err(failure)?;
    let changes = gongkai_store::diff(registry, &old, &new).map_err(failure)?;
    let bytes = match options.format {
        DiffFormat::Table => table(&changes).into_bytes(),
        DiffFormat::Parquet => diff_parquet(&changes).map_err(failure)?,
        DiffFormat::Json => {
            let line = |c: &Change| serde_json::to_string(c).unwrap_or_default() + "\n";
            changes.iter().map(line).collect::<String>().into_bytes()
        }
    };
    match &options.output {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|e| Failure::failed(format!("cannot write {}: {e}", path.display())))?,
        None if matches!(options.format, DiffFormat::Parquet) => print_raw(&bytes),
        None => print(&String::from_utf8_lossy(&bytes)),
    }
    Ok(Status::Done)
}

fn table(changes: &[Change]) -> String {
    let count = |kind: &str| changes.iter().filter(|c| c.kind == kind).count();
    let mut rows = Vec::new();
    for c in changes {
        let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "-".to_owned());
        let cell = c.item.as_ref().map_or_else(|| c.column.clone(), |item| format!("{item}.{}", c.column));
        let source = if c.old_capture == c.new_capture {
            value(&c.new_capture)
        } else {
            format!("{} → {}", value(&c.old_capture), value(&c.new_capture))
        };
        let place = format!("{} {}", c.year, c.region);
        rows.push(vec![
            c.kind.to_owned(),
            c.table.clone(),
            c.report_id.clone(),
            place,
            cell,
            format!("{} → {}", value(&c.old), value(&c.new)),
            source,
        ]);
    }
    let mut text = lines(&rows, &[Align::Left; 7], 0);
    text.push_str(&format!(
        "{} cells added, {} changed, {} removed\n",
        count("added"),
        count("changed"),
        count("removed")
    ));
    text
}

/// Drops old snapshots.
pub(crate) fn gc(options: &Gc) -> Result<Status, Failure> {
    let keep =
        Retention { count: options.keep, age: Duration::from_secs(options.days.saturating_mul(86_400)) };
    let dropped = Store::open(&options.store)
        .and_then(|s| s.writer()?.gc(keep, SystemTime::now(), options.dry_run))
        .map_err(failure)?;
    let verb = if options.dry_run { "would drop" } else { "dropped" };
    let mut text = format!("{verb} {} snapshots\n", dropped.snapshots.len());
    for name in &dropped.snapshots {
        text.push_str(&format!("  {name}\n"));
    }
    for name in &dropped.in_use {
        text.push_str(&format!("  {name} is kept: a program has a file of it open\n"));
    }
    if let Some(unseen) = unseen(&dropped) {
        text.push_str(&format!("  ({unseen}; --days keeps what they may be reading)\n"));
    }
    print(&text);
    Ok(Status::Done)
}

/// What is to be said where something was dropped that others may be reading.
pub(crate) fn unseen(dropped: &Dropped) -> Option<&'static str> {
    let unsure = dropped.unseen && !dropped.snapshots.is_empty();
    unsure.then_some("which files programs of other users have open this user may not see")
}

/// Names a snapshot for good.
pub(crate) fn tag(options: &Tag) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    let snapshot = store.find(options.snapshot.as_deref().unwrap_or("CURRENT")).map_err(failure)?;
    store.writer().and_then(|w| w.tag(&options.tag, &snapshot.name)).map_err(failure)?;
    print(&format!("{} is {} for good", options.tag, snapshot.name));
    Ok(Status::Done)
}

/// Publishes a candidate.
pub(crate) fn promote(registry: &Registry, options: &Promote) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    let warnings = store.writer().and_then(|w| w.promote(registry, &options.candidate)).map_err(failure)?;
    for warning in &warnings {
        tell(&format!("note: {warning}"));
    }
    // Who watches the last run must see that what it held back is published now.
    let ending = Ending { notes: &warnings, promoted: Some(&options.candidate), ..Ending::default() };
    RunRecord::new(&options.store, PROMOTE).ended(&ending).map_err(failure)?;
    print(&format!("published {}", options.candidate));
    Ok(Status::Done)
}
