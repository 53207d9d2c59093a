//! The reports and captures that the page lists behind its figures: a fair choice where all would be too many.

use super::columns::each;
use super::counts::word;
use super::reports::{Report, Reports, set_bits};
use gongkai_model::Severity;
use gongkai_registry::Registry;
use gongkai_store::{Snapshot, StoreError};
use serde::Serialize;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most bytes that listed reports take in the page.
const BUDGET: usize = 3_000_000;
/// Most reports behind one figure. They are chosen so that every figure has some before any has more.
const DEEPEST: u32 = 200;
/// Findings told of a report.
const FINDINGS: usize = 8;
/// Characters told of a text.
const CHARACTERS: usize = 160;
/// Captures listed behind one reason.
const CAPTURES: usize = 20;

/// The reports that are listed.
#[derive(Serialize)]
pub(super) struct Listed {
    /// Reports of the snapshot.
    total: usize,
    columns: [&'static str; 17],
    rows: Vec<Row>,
}

const COLUMNS: [&str; 17] = [
    "report_id",
    "year",
    "region",
    "place",
    "agency_id",
    "agency_name",
    "level",
    "scope",
    "form",
    "source_uri",
    "cells_expected",
    "cells_read",
    "errors",
    "warnings",
    "missing",
    "findings_total",
    "findings",
];

#[derive(Serialize)]
struct Row(Vec<Value>);

/// A finding of a listed report.
struct Told {
    /// How often its code was told before, and how grave it is.
    order: (usize, u8),
    /// Code, table, item, column, message, raw, expected, actual.
    texts: [Option<String>; 8],
}

/// What a figure is about: all reports with one of these stand behind a figure.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Behind {
    Cell(i16, Box<str>),
    Level(Box<str>, Option<Box<str>>),
    Filter(Option<Box<str>>, Box<str>),
    Code(Box<str>),
    CodeYear(Box<str>, i16),
    Agency(Box<str>),
    Erring(Box<str>),
}

impl Listed {
    pub(super) fn choose(
        registry: &Registry,
        snapshot: &Snapshot,
        reports: &Reports,
    ) -> Result<Self, StoreError> {
        let ranks = ranks(snapshot, reports)?;
        let mut order: Vec<(u32, usize)> =
            ranks.iter().copied().zip(0..).filter(|(rank, _)| *rank < DEEPEST).collect();
        order.sort_unstable();
        // What could be listed at all, by the least a row takes.
        order.truncate(BUDGET / 150);
        let mut findings = told(registry, snapshot, reports, &order)?;
        let mut rows: Vec<(usize, u32, Row)> = Vec::new();
        let mut bytes = 0;
        for (rank, at) in order {
            let Some(report) = reports.all.get(at) else { continue };
            let row = row(report, findings.remove(&at).unwrap_or_default());
            bytes += serde_json::to_string(&row).map_or(0, |text| text.len()) + 1;
            if bytes > BUDGET {
                // A figure must not have more than another only because it comes first; but some are better than none.
                rows.retain(|(_, of, _)| *of < rank || rank == 0);
                break;
            }
            rows.push((at, rank, row));
        }
        rows.sort_by_key(|(at, _, _)| *at);
        Ok(Self {
            total: reports.all.len(),
            columns: COLUMNS,
            rows: rows.into_iter().map(|(_, _, row)| row).collect(),
        })
    }
}

/// For every report how far down it stands in the list behind a figure: the least over all figures. Those with most
/// errors stand first.
fn ranks(snapshot: &Snapshot, reports: &Reports) -> Result<Vec<u32>, StoreError> {
    let mut codes: Vec<Vec<Box<str>>> = vec![Vec::new(); reports.all.len()];
    each(snapshot, "findings", &["report_id", "code"], |row| {
        let of = row.text(0).and_then(|id| reports.at(id)).and_then(|at| codes.get_mut(at));
        if let (Some(codes), Some(code)) = (of, row.text(1))
            && !codes.iter().any(|c| c.as_ref() == code)
        {
            codes.push(code.into());
        }
    })?;
    let mut order: Vec<usize> = (0..reports.all.len()).collect();
    let worst_first =
        |at: &usize| reports.all.get(*at).map(|r| (Reverse(r.errors), Reverse(r.warnings), r.id.clone()));
    order.sort_by_cached_key(worst_first);
    let mut ranks = vec![u32::MAX; reports.all.len()];
    let shown: HashSet<&str> = reports.worst().into_iter().map(|(id, _)| id).collect();
    let mut lengths: HashMap<Behind, u32> = HashMap::new();
    // Behind the cells that a form's reports lack, by the number of the cell.
    let mut lacking: HashMap<&str, Vec<u32>> = HashMap::new();
    for at in order {
        let (Some(report), Some(codes), Some(rank)) = (reports.all.get(at), codes.get(at), ranks.get_mut(at))
        else {
            continue;
        };
        for behind in behind(report, codes, &shown) {
            let length = lengths.entry(behind).or_default();
            *rank = (*rank).min(*length);
            *length = length.saturating_add(1);
        }
        let of_form = lacking.entry(report.form.as_deref().unwrap_or_default()).or_default();
        of_form.resize(of_form.len().max(report.missing.len() * 64), 0);
        for bit in set_bits(&report.missing) {
            if let Some(length) = of_form.get_mut(bit) {
                *rank = (*rank).min(*length);
                *length += 1;
            }
        }
    }
    Ok(ranks)
}

fn behind(report: &Report, codes: &[Box<str>], shown: &HashSet<&str>) -> Vec<Behind> {
    let mut all = vec![
        Behind::Cell(report.year, report.region.clone()),
        Behind::Level(report.region.clone(), report.level.clone()),
        Behind::Filter(report.level.clone(), report.scope.clone()),
    ];
    if report.errors > 0 {
        all.push(Behind::Erring(report.region.clone()));
    }
    if shown.contains(report.agency_id.as_ref()) {
        all.push(Behind::Agency(report.agency_id.clone()));
    }
    for code in codes {
        all.push(Behind::Code(code.clone()));
        all.push(Behind::CodeYear(code.clone(), report.year));
    }
    all
}

/// Findings of some reports: every code once before any twice, the gravest first, no more than are told.
fn told(
    registry: &Registry,
    snapshot: &Snapshot,
    reports: &Reports,
    wanted: &[(u32, usize)],
) -> Result<HashMap<usize, (usize, Vec<Told>)>, StoreError> {
    let mut found: HashMap<usize, (usize, Vec<Told>)> =
        wanted.iter().map(|(_, at)| (*at, (0, Vec::new()))).collect();
    let columns = ["report_id", "code", "table", "item", "column", "message", "raw", "expected", "actual"];
    let gravity = |severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    let severity: HashMap<&str, u8> =
        registry.rules.iter().map(|r| (r.code.as_str(), gravity(r.severity))).collect();
    each(snapshot, "findings", &columns, |row| {
        let of = row.text(0).and_then(|id| reports.at(id)).and_then(|at| found.get_mut(&at));
        let Some((total, told)) = of else { return };
        *total += 1;
        let severity = row.text(1).and_then(|code| severity.get(code)).copied().unwrap_or(3);
        let again =
            told.iter().filter(|t| t.texts.first().is_some_and(|c| c.as_deref() == row.text(1))).count();
        told.push(Told {
            order: (again, severity),
            texts: std::array::from_fn(|at| row.text(at + 1).map(cut)),
        });
        told.sort_by_key(|t| t.order);
        told.truncate(FINDINGS);
    })?;
    Ok(found)
}

/// The beginning of a long text.
fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(CHARACTERS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn row(report: &Report, (total, told): (usize, Vec<Told>)) -> Row {
    let text = |text: &Option<Box<str>>| text.as_deref().map(cut).into();
    let missing: Vec<String> = report.missing.iter().map(|word| format!("{word:x}")).collect();
    let findings: Vec<Value> = told
        .into_iter()
        .map(|t| {
            let mut texts: Vec<Value> = t.texts.into_iter().map(Value::from).collect();
            while texts.last().is_some_and(Value::is_null) {
                texts.pop();
            }
            texts.into()
        })
        .collect();
    Row(vec![
        report.id.as_ref().into(),
        report.year.into(),
        report.region.as_ref().into(),
        report.place.as_str().into(),
        report.agency_id.as_ref().into(),
        text(&report.agency_name),
        text(&report.level),
        report.scope.as_ref().into(),
        text(&report.form),
        // An address cut short would lead elsewhere.
        report.source_uri.as_deref().filter(|uri| uri.len() <= 4 * CHARACTERS).into(),
        report.cells_expected.into(),
        report.cells_read.into(),
        report.errors.into(),
        report.warnings.into(),
        missing.join(",").into(),
        total.into(),
        findings.into(),
    ])
}

/// Captures that speak for no report: some of every status and reason.
pub(super) fn captures(snapshot: &Snapshot) -> Result<Value, StoreError> {
    let mut by_reason: BTreeMap<(String, String), Vec<[Option<String>; 5]>> = BTreeMap::new();
    let columns = ["status", "reason", "container", "source_uri", "report_id"];
    each(snapshot, "captures", &columns, |row| {
        let status = row.text(0).unwrap_or_default();
        if status == "report" {
            return;
        }
        let of = by_reason.entry((status.to_owned(), word(row.text(1)).to_owned())).or_default();
        if of.len() < CAPTURES {
            of.push(std::array::from_fn(|at| row.text(at).map(cut)));
        }
    })?;
    let rows: Vec<[Option<String>; 5]> = by_reason.into_values().flatten().collect();
    Ok(serde_json::json!({ "columns": columns, "rows": rows, "each": CAPTURES }))
}
