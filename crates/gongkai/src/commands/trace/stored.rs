//! What the store knows about a report and one of its cells.

use super::address::{Address, Relation};
use super::failure;
use crate::Failure;
use crate::near::near;
use gongkai_model::Number;
use gongkai_registry::{FormTable, Item, LEGACY_TABLE, NARRATIVE_COLUMN, Registry};
use gongkai_store::{Row, RowQuery, Snapshot, StoreError};

/// A report and the captures that are copies of it.
pub(super) struct Report {
    pub report_id: String,
    pub form: String,
    pub year: i16,
    pub region: String,
    pub title: Option<String>,
    pub agency: Option<String>,
    pub tool_version: String,
    /// The copy that speaks for it.
    pub capture: Capture,
    /// All others, by container.
    pub copies: Vec<Capture>,
}

/// One capture of a report.
pub(super) struct Capture {
    pub capture_id: String,
    pub container: String,
    pub uri: Option<String>,
    pub host: Option<String>,
    /// Microseconds since 1970-01-01 UTC.
    pub fetched_at: Option<i64>,
    pub blake3: Option<String>,
    pub bytes: u64,
    pub media_type: Option<String>,
    pub charset: Option<String>,
    pub status: String,
    pub reason: Option<String>,
}

/// A cell as the store has it.
pub(super) struct Cell {
    /// The number.
    pub value: Option<Number>,
    /// Label of its row: as printed, else as the form has it. `None` when the table has no row for it.
    pub label: Option<String>,
    /// Its row of `cells`, where there is one.
    pub evidence: Option<Evidence>,
    /// Findings about it.
    pub findings: Vec<(Relation, StoredFinding)>,
    /// Findings about the report as a whole.
    pub report_findings: usize,
}

/// A row of `cells`.
pub(super) struct Evidence {
    pub status: String,
    pub raw: String,
    pub table: Option<i64>,
    pub row: Option<i64>,
    pub column: Option<i64>,
    pub bytes: Option<(i64, i64)>,
}

/// The tables in which the report's cells are looked for. Indicators whose labels no registry knows are items by their
/// printed labels.
pub(super) fn tables(
    snapshot: &Snapshot,
    registry: &Registry,
    report: &Report,
) -> Result<Vec<FormTable>, StoreError> {
    let mut tables: Vec<FormTable> = registry.tables_of(&report.form).into_iter().cloned().collect();
    for table in tables.iter_mut().filter(|t| *t.table == *LEGACY_TABLE) {
        let equals = [("report_id", report.report_id.as_str()), ("table", LEGACY_TABLE)];
        let partition = Some((report.year, report.region.as_str()));
        let query = RowQuery { table: "cells", partition, equals: &equals, columns: &["item"] };
        let kept = snapshot.rows(&query)?;
        let query = RowQuery {
            table: LEGACY_TABLE,
            equals: &[("report_id", report.report_id.as_str())],
            columns: &["indicator", "indicator_label"],
            ..query
        };
        let rows = snapshot.rows(&query)?;
        let unknown =
            rows.iter().filter(|r| r.text("indicator").is_none()).filter_map(|r| r.text("indicator_label"));
        for item in kept.iter().filter_map(|r| r.text("item")).chain(unknown) {
            if table.item(item).is_none() {
                table.items.push(Item {
                    code: item.into(),
                    group: None,
                    sums: false,
                    labels: vec![item.to_owned()],
                });
            }
        }
    }
    Ok(tables)
}

/// A row of `findings`.
pub(super) struct StoredFinding {
    pub code: String,
    pub severity: String,
    pub item: Option<String>,
    pub column: Option<String>,
    pub raw: Option<String>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub message: String,
}

impl Report {
    /// The report with this id.
    pub(super) fn find(snapshot: &Snapshot, id: &str) -> Result<Self, Failure> {
        let equals = [("report_id", id)];
        let of = |table| snapshot.rows(&RowQuery { table, equals: &equals, ..RowQuery::default() });
        let row = of("reports").map_err(failure)?.into_iter().next();
        let row = row.map_or_else(|| Err(unknown(snapshot, id)), Ok)?;
        let speaks = row.text("capture_id").unwrap_or_default().to_owned();
        // Copies may stand in other partitions: the place of a page that names none is unknown.
        let captures = of("captures").map_err(failure)?;
        let mut copies: Vec<Capture> = captures.iter().map(Capture::of).collect();
        let capture = copies.iter().position(|c| c.capture_id == speaks).map(|at| copies.remove(at));
        let capture = capture.ok_or_else(|| {
            Failure::failed(format!(
                "capture {speaks} of report {id} is not in the store; `gongkai check` tells more"
            ))
        })?;
        copies.sort_by(|a, b| a.container.cmp(&b.container));
        Ok(Self {
            report_id: id.to_owned(),
            form: row.text("form").unwrap_or_default().to_owned(),
            year: row.year,
            region: row.region.clone(),
            title: row.text("title").map(str::to_owned),
            agency: row.text("agency_name").map(str::to_owned),
            tool_version: row.text("tool_version").unwrap_or("unknown").to_owned(),
            capture,
            copies,
        })
    }
}

/// Why there is no such report, and which may be meant.
fn unknown(snapshot: &Snapshot, id: &str) -> Failure {
    let equals = [("capture_id", id)];
    let captures = RowQuery {
        table: "captures",
        equals: &equals,
        columns: &["report_id", "status"],
        ..RowQuery::default()
    };
    let capture = snapshot.rows(&captures).ok().and_then(|rows| rows.into_iter().next());
    if let Some(capture) = capture {
        let status = capture.text("status").unwrap_or_default();
        return Failure::usage(match capture.text("report_id") {
            Some(report) => format!("{id} is a capture; it is a copy of report {report}"),
            None => format!("{id} is a capture that ended as {status}, and belongs to no report"),
        });
    }
    let all = RowQuery { table: "reports", columns: &["report_id"], ..RowQuery::default() };
    let rows = snapshot.rows(&all).unwrap_or_default();
    let hint = match near(id, rows.iter().filter_map(|r| r.text("report_id"))).as_slice() {
        [] => "column report_id of table reports lists them".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Failure::usage(format!("snapshot {} has no report {id}; {hint}", snapshot.name))
}

impl Capture {
    fn of(row: &Row) -> Self {
        let text = |column| row.text(column).map(str::to_owned);
        Self {
            capture_id: text("capture_id").unwrap_or_default(),
            container: text("container").unwrap_or_default(),
            uri: text("source_uri"),
            host: text("source_host"),
            fetched_at: row.time("fetched_at"),
            blake3: text("blake3"),
            bytes: row.integer("bytes").and_then(|b| u64::try_from(b).ok()).unwrap_or(0),
            media_type: text("media_type"),
            charset: text("charset"),
            status: text("status").unwrap_or_default(),
            reason: text("reason"),
        }
    }
}

impl Cell {
    /// What the store has about a cell. All of it lies in the report's partition.
    pub(super) fn find(
        snapshot: &Snapshot,
        registry: &Registry,
        report: &Report,
        address: &Address<'_>,
    ) -> Result<Self, StoreError> {
        let read = |table: &str, equals: &[(&str, &str)]| {
            let partition = Some((report.year, report.region.as_str()));
            snapshot.rows(&RowQuery { table, partition, equals, columns: &[] })
        };
        let id = report.report_id.as_str();
        let (table, item, column) =
            (address.table.table.as_ref(), address.item.code.as_ref(), address.column.code.as_ref());
        let (key, label) = keys(registry, address);
        let legacy = table == LEGACY_TABLE;
        let narrative = column == NARRATIVE_COLUMN;
        let source = ("source", if narrative { "narrative" } else { "table" });
        let which = [("report_id", id), (key, item), source];
        let row =
            read(table, which.get(..if legacy { 3 } else { 2 }).unwrap_or_default())?.into_iter().next();
        let figure = if narrative { "value" } else { column };
        let evidence =
            read("cells", &[("report_id", id), ("table", table), ("item", item), ("column", column)])?;
        let findings = read("findings", &[("report_id", id)])?;
        let about = |f: &Row| {
            let relation =
                address.relation(f.text("item"), f.text("column"), f.text("expected").is_some())?;
            (f.text("table") == Some(table)).then(|| (relation, StoredFinding::of(f)))
        };
        let mut own: Vec<(Relation, StoredFinding)> = findings.iter().filter_map(about).collect();
        own.sort_by_key(|(relation, _)| *relation);
        Ok(Self {
            value: row.as_ref().and_then(|r| r.number(figure)),
            label: row.as_ref().and_then(|r| r.text(label)).map(str::to_owned),
            evidence: evidence.first().map(Evidence::of),
            findings: own,
            report_findings: findings.iter().filter(|f| f.text("table").is_none()).count(),
        })
    }

    /// How the cell was printed. Plain numbers have no row of `cells` unless all evidence is kept.
    pub(super) fn status(&self) -> &str {
        match (&self.evidence, self.value) {
            (Some(evidence), _) => &evidence.status,
            (None, Some(value)) if value.is_zero() => "zero",
            (None, Some(_)) => "number",
            (None, None) => "missing",
        }
    }
}

/// The columns of a table that name the item and its printed label.
fn keys(registry: &Registry, address: &Address<'_>) -> (&'static str, &'static str) {
    let table = address.table;
    if *table.table == *LEGACY_TABLE {
        let known = registry.legacy.table.item(&address.item.code).is_some();
        return (if known { "indicator" } else { "indicator_label" }, "indicator_label");
    }
    let channels =
        registry.table(&table.table).is_some_and(|t| t.columns.iter().any(|c| c.name == "channel"));
    if channels { ("channel", "channel_label") } else { ("item", "item_label") }
}

impl Evidence {
    fn of(row: &Row) -> Self {
        Self {
            status: row.text("status").unwrap_or_default().to_owned(),
            raw: row.text("raw").unwrap_or_default().to_owned(),
            table: row.integer("source_table"),
            row: row.integer("source_row"),
            column: row.integer("source_column"),
            bytes: row.integer("byte_start").zip(row.integer("byte_end")),
        }
    }
}

impl StoredFinding {
    fn of(row: &Row) -> Self {
        let text = |column| row.text(column).map(str::to_owned);
        Self {
            code: text("code").unwrap_or_default(),
            severity: text("severity").unwrap_or_default(),
            item: text("item"),
            column: text("column"),
            raw: text("raw"),
            expected: text("expected"),
            actual: text("actual"),
            message: text("message").unwrap_or_default(),
        }
    }
}
