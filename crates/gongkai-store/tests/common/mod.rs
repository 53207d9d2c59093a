//! A small batch whose every value can be told from its place, and readers for what was published.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use arrow_array::RecordBatch;
use gongkai_model::{
    ByteRange, CaptureStatus, CellAddress, CellFact, CellStatus, Date, EvidenceKind, Finding, LegacyRow,
    LegacySource, Number, Parsed, Place, Resolution, Script, Section, SourcePlace, SourceTrust, TableReading,
    Verdict,
};
use gongkai_registry::{FormTable, Registry};
use gongkai_store::{Batch, CaptureRecord, HostRecord, PublishOptions, Published, ReportRecord, Store};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

pub const VERSION: &str = "0.0.0-test";

/// Does something for each of these, on as many threads as the machine has. Not by rayon: a thread of it that waits for a
/// run within takes up the next one on top of it, and so on, until its stack ends.
pub fn each(numbers: std::ops::RangeInclusive<u64>, one: impl Fn(u64) + Sync) {
    let (next, last) = (std::sync::atomic::AtomicU64::new(*numbers.start()), *numbers.end());
    let go_on = || {
        let take = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::iter::repeat_with(take).take_while(|n| *n <= last).for_each(&one);
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(go_on)));
}

pub fn options() -> PublishOptions<'static> {
    PublishOptions { tool_version: VERSION, ..PublishOptions::default() }
}

pub fn publish(store: &Store, batch: &Batch) -> Published {
    store.publish(Registry::embedded(), batch, &options()).unwrap()
}

/// One cell; every eleventh is blank, every thirteenth a zero.
fn cell(table: &FormTable, item: usize, column: usize, seed: usize) -> CellFact {
    let at = seed + item * 7 + column;
    let (status, value, raw) = match at {
        at if at % 11 == 0 => (CellStatus::Blank, None, String::new()),
        at if at % 13 == 0 => (CellStatus::Zero, Some(Number::from_integer(0)), "0".to_owned()),
        at => (CellStatus::Number, Some(Number::from_integer(at as i64)), at.to_string()),
    };
    CellFact {
        table: table.table.clone(),
        item: table.items[item].code.clone(),
        column: table.columns[column].code.clone(),
        status,
        value,
        raw,
        label: (item == 0).then(|| "（一）印出的名称".into()),
        source: Some(SourcePlace {
            table: Some(1),
            row: item as u32,
            column: column as u32,
            bytes: Some(ByteRange { start: at as u32, end: at as u32 + 3 }),
        }),
    }
}

pub fn parsed(form: &str, seed: usize) -> Parsed {
    let tables = Registry::embedded().form(form).map_or(&[][..], |f| &f.tables);
    let section = |section: &str, text: &str| Section {
        section: section.into(),
        heading: if section == "preamble" { String::new() } else { format!("一、{section}") },
        text: text.to_owned(),
    };
    Parsed {
        form: form.into(),
        sections: vec![
            section("preamble", "按照规定，现公布本报告。"),
            section("overview", "本年度共公开信息若干条。\n第二段。"),
        ],
        tables: tables
            .iter()
            .map(|t| TableReading {
                table: t.table.clone(),
                present: true,
                expected: t.cell_count() as u32,
                read: t.cell_count() as u32 - 1,
                how: String::new(),
                scope: Default::default(),
            })
            .collect(),
        cells: tables
            .iter()
            .flat_map(|t| {
                (0..t.items.len())
                    .flat_map(move |i| t.columns_of(i).iter().map(move |c| cell(t, i, *c, seed)))
            })
            .collect(),
        legacy: if form == "pre2019" { indicators(seed) } else { Vec::new() },
        beside: Vec::new(),
        statements: Vec::new(),
        findings: Vec::new(),
        refusals: Vec::new(),
    }
}

/// An indicator of a table, one whose label is not known, and a count from a sentence.
pub fn indicators(seed: usize) -> Vec<LegacyRow> {
    let row = |indicator: Option<&str>, label: &str, source| LegacyRow {
        indicator: indicator.map(Into::into),
        item: indicator.unwrap_or(label).into(),
        label: label.to_owned(),
        parent: Some("三、依申请公开情况".to_owned()),
        unit: Some("件".to_owned()),
        value: Some(Number::from_integer(seed as i64)),
        cumulative: Number::parse_plain("12.3456"),
        source,
    };
    vec![
        row(Some("requests.received"), "（一）收到申请数", LegacySource::Table(Some("national".into()))),
        row(None, "来电数", LegacySource::Table(None)),
        row(Some("requests.received"), "收到申请", LegacySource::Narrative),
    ]
}

pub fn resolution(n: usize, year: Option<i16>, region: &str, county: Option<&str>) -> Resolution {
    Resolution {
        verdict: Verdict::Report,
        report_id: format!("r{n:016x}"),
        agency_id: format!("a{:016x}", n % 7),
        title: Some(format!("某局{year:?}年政府信息公开工作年度报告")),
        agency_name: Some("某局".to_owned()),
        agency_kind: Some("civil_affairs".to_owned()),
        agency_mark: None,
        agency_level: Some("county".to_owned()),
        scope: Default::default(),
        scope_evidence: None,
        place: Place {
            county_code: county.map(str::to_owned),
            region: region.to_owned(),
            ..Place::default()
        },
        year,
        year_evidence: Some(EvidenceKind::Title),
        region_evidence: None,
        published_on: Some(Date(19_000)),
        signed_on: None,
        period_start: None,
        period_end: None,
        source_uri: Some("http://www.example.gov.cn/a.html".to_owned()),
        source_host: Some("www.example.gov.cn".to_owned()),
        source_trust: Some(SourceTrust::Gov),
        fetched_at: None,
        evidence: Vec::new(),
        decisions: Vec::new(),
        findings: Vec::new(),
    }
}

pub fn report(n: usize, form: &str, year: Option<i16>, region: &str, county: Option<&str>) -> ReportRecord {
    let cell = CellAddress {
        table: Some("disclosure_requests".into()),
        item: Some("total".into()),
        column: Some("natural_person".into()),
    };
    ReportRecord {
        resolution: resolution(n, year, region, county),
        parsed: parsed(form, n),
        script: Script::Simplified,
        capture_id: format!("c{n:016x}"),
        captures: 1,
        counted: false,
        findings: vec![
            Finding::at("GK999", cell.clone(), "某列不等").compare("3", "4"),
            Finding::at("GK999", cell, "某列不等").compare("5", "6"),
            Finding::report("GK998", "年度不明").raw("二〇二三"),
        ],
        likeness: Vec::new(),
    }
}

pub fn capture_of(report: &ReportRecord) -> CaptureRecord {
    CaptureRecord {
        report_id: Some(report.resolution.report_id.clone()),
        year: report.resolution.year,
        region: report.resolution.place.region.clone(),
        ..capture(&report.capture_id, CaptureStatus::Report)
    }
}

pub fn capture(id: &str, status: CaptureStatus) -> CaptureRecord {
    CaptureRecord {
        capture_id: id.to_owned(),
        container: format!("crawl/{id}.html"),
        source_uri: None,
        source_host: None,
        media_type: Some("text/html".to_owned()),
        charset: Some("UTF-8".to_owned()),
        bytes: 1234,
        blake3: Some(blake3::hash(id.as_bytes()).to_hex().to_string()),
        fetched_at: Some(1_700_000_000_000_000),
        status,
        reason: None,
        report_id: None,
        year: None,
        region: "unknown".to_owned(),
        first_seen: Some(1_700_000_000_000_000),
        last_seen: None,
        findings: Vec::new(),
    }
}

/// Reports with the captures that speak for them, and one document that is no report.
/// A host that belongs to a place, and one whose captures disagree.
pub fn hosts() -> Vec<HostRecord> {
    let host = |host: &str, unit: &str, place: Option<&str>, region: &str| HostRecord {
        host: host.into(),
        unit: unit.into(),
        unit_name: Some("某县".into()),
        lesson: "names".into(),
        captures: 3,
        place: place.map(Into::into),
        place_name: None,
        exactly: place.map(|_| true),
        region: region.into(),
    };
    vec![
        host("www.example.gov.cn", "320113", Some("320113"), "CN-JS"),
        host("old.example.gov.cn", "320113", None, "unknown"),
        host("old.example.gov.cn", "350128", None, "unknown"),
    ]
}

pub fn batch_of(reports: Vec<ReportRecord>) -> Batch {
    let mut captures: Vec<CaptureRecord> = reports.iter().map(capture_of).collect();
    captures.push(CaptureRecord {
        reason: Some("empty".to_owned()),
        blake3: None,
        findings: vec![Finding::report("GK997", "空文件")],
        ..capture("c-empty", CaptureStatus::Unreadable)
    });
    Batch { reports, captures, hosts: hosts() }
}

/// Two years, two regions, both forms, one report without statutory tables, one without year and place.
pub fn batch() -> Batch {
    batch_of(vec![
        report(1, "2021", Some(2023), "CN-JS", Some("320113")),
        report(2, "2021", Some(2023), "CN-JS", Some("320102")),
        report(3, "2021", Some(2023), "CN-JS", None),
        report(4, "2019", Some(2020), "CN-BJ", Some("110101")),
        report(5, "narrative", None, "unknown", None),
    ])
}

/// Every Parquet file of a table, sorted.
pub fn files(snapshot: &Path, table: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![snapshot.join(table)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

pub fn read(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> =
        reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect();
    assert!(batches.len() <= 1, "small files come as one batch");
    batches.into_iter().next().unwrap_or_else(|| RecordBatch::new_empty(schema))
}

/// Every file of a snapshot with its bytes.
pub fn bytes(snapshot: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![snapshot.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(snapshot).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
