//! What a run did, for those who come in the morning and for their monitoring. Beside the data, never in them.

use crate::gate::Breach;
use crate::summary::{Durations, Summary};
use gongkai_store::StoreError;
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Folder of the records in a store.
const RUNS: &str = "runs";
/// The last run as Prometheus text, for a textfile collector.
const PROMETHEUS: &str = "last.prom";

/// Writes the record of a run into the store, as `runs/<seconds since 1970>-<process>.json` and `runs/last.prom`.
///
/// # Errors
/// When the disk refuses.
pub fn write_record(
    store: &Path,
    started: SystemTime,
    status: u8,
    result: Result<&Summary, &str>,
) -> Result<PathBuf, StoreError> {
    let folder = store.join(RUNS);
    let seconds = started.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let path = folder.join(format!("{seconds}-{}.json", std::process::id()));
    let record = record(seconds, status, result);
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(&folder)?;
        fs::write(&path, serde_json::to_string_pretty(&record).unwrap_or_default() + "\n")?;
        let temporary = folder.join(format!(".{PROMETHEUS}"));
        fs::write(&temporary, prometheus(&record))?;
        fs::rename(temporary, folder.join(PROMETHEUS))
    };
    write().map_err(StoreError::cache("write the record of the run beside"))?;
    Ok(path)
}

/// What the last run that met a snapshot found breached and not waived, by the records in its store: the snapshot may have been published by
/// hand since. Nothing where there is no record.
pub fn breaches_of_record(store: &Path, snapshot: &str) -> Vec<String> {
    let Ok(folder) = fs::read_dir(store.join(RUNS)) else { return Vec::new() };
    let runs = folder.flatten().filter_map(|entry| {
        let record: Value = serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()?;
        (record.get("snapshot")?.as_str()? == snapshot).then_some((
            record.get("started_unix")?.as_u64()?,
            entry.file_name(),
            record,
        ))
    });
    let Some((.., record)) = runs.max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1))) else { return Vec::new() };
    let breaches = record.get("breaches").and_then(Value::as_array).into_iter().flatten();
    let breaches = breaches.filter_map(|b| serde_json::from_value::<Breach>(b.clone()).ok());
    breaches.filter(|b| b.waived.is_none()).map(|b| b.to_string()).collect()
}

fn record(seconds: u64, status: u8, result: Result<&Summary, &str>) -> Value {
    let mut record = json!({
        "started_unix": seconds,
        "exit_status": status,
        "tool_version": crate::TOOL_VERSION,
        "peak_memory_bytes": peak_memory(),
    });
    let more = match result {
        Err(error) => json!({ "error": error }),
        Ok(summary) => {
            let (published, tally) = (&summary.published, summary.tally());
            let captures: serde_json::Map<String, Value> =
                tally.captures.iter().map(|(status, n)| (status.as_str().to_owned(), json!(n))).collect();
            let total = summary.elapsed.as_secs_f64();
            let Durations { planning, reading, settling, publishing } = summary.durations;
            let read = (summary.reuse.read + summary.reuse.read_again) as f64;
            json!({
                "snapshot": published.snapshot,
                "unchanged": published.unchanged,
                "held_as_candidate": published.held,
                "captures": captures,
                "inputs": summary.reuse,
                "rows": published.rows,
                "findings": tally.findings,
                "cells_expected": tally.cells_expected,
                "cells_read": tally.cells_read,
                "files": published.files,
                "files_linked": published.files_linked,
                "partitions": published.partitions,
                "partitions_reused": published.partitions_reused,
                "snapshot_bytes": published.bytes,
                "document_bytes": tally.bytes,
                "seconds": {
                    "planning": planning.as_secs_f64(),
                    "reading": reading.as_secs_f64(),
                    "settling": settling.as_secs_f64(),
                    "publishing": publishing.as_secs_f64(),
                    "total": total,
                },
                "captures_per_second": summary.met() as f64 / total.max(f64::EPSILON),
                "documents_read_per_second": read / reading.as_secs_f64().max(f64::EPSILON),
                "breaches": summary.breaches,
            })
        }
    };
    if let (Value::Object(record), Value::Object(more)) = (&mut record, more) {
        record.extend(more);
    }
    record
}

/// Every number of the record, as `gongkai_<name>`, maps with their key as a label.
fn prometheus(record: &Value) -> String {
    let mut text = String::new();
    let Value::Object(fields) = record else { return text };
    for (name, value) in fields {
        match value {
            Value::Number(n) => {
                let _ = writeln!(text, "gongkai_{name} {n}");
            }
            Value::Bool(b) => {
                let _ = writeln!(text, "gongkai_{name} {}", u8::from(*b));
            }
            Value::Array(all) => {
                let _ = writeln!(text, "gongkai_{name} {}", all.len());
            }
            Value::Object(map) => {
                for (key, n) in map.iter().filter(|(_, v)| v.is_number()) {
                    let _ = writeln!(text, "gongkai_{name}{{of=\"{key}\"}} {n}");
                }
            }
            Value::Null | Value::String(_) => {}
        }
    }
    text
}

/// The most memory the process had, as far as the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
