//! What the rules over the panel cost: `panel_cost REPORTS` makes up so many reports of six years and prints the time to take their
//! strips, to run all rules over them, and the most memory the process had.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use gongkai_audit::panel::{Entry, Unit, check, kinds, strip};
use gongkai_model::{CellFact, CellStatus, Number, Parsed, Place, Resolution, Section, Verdict};
use gongkai_registry::Registry;
use std::collections::BTreeMap;
use std::time::Instant;

/// Reports whose units are looked at together, as in the pipeline.
const AT_ONCE: usize = 10_000;

/// A stream of numbers from a seed.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn report(agency: u64, year: i16) -> (Parsed, Resolution) {
    let mut state = agency * 100 + u64::from(year.unsigned_abs());
    let registry = Registry::embedded();
    let form = registry.forms.iter().find(|f| f.covers(year)).unwrap();
    let mut cells = Vec::new();
    for table in &form.tables {
        for (i, item) in table.items.iter().enumerate() {
            for c in table.columns_of(i) {
                let value = if next(&mut state).is_multiple_of(3) { next(&mut state) % 200 } else { 0 };
                cells.push(CellFact {
                    table: table.table.clone(),
                    item: item.code.clone(),
                    column: table.columns[*c].code.clone(),
                    status: CellStatus::Number,
                    value: Some(Number::from_integer(i64::try_from(value).unwrap())),
                    raw: String::new(),
                    label: None,
                    source: None,
                });
            }
        }
    }
    let mut section = |section: &str, length: usize| {
        let text: String =
            (0..length).filter_map(|_| char::from_u32(0x4e00 + (next(&mut state) % 3_000) as u32)).collect();
        Section { section: section.into(), heading: String::new(), text: text + "。" }
    };
    let sections = vec![
        section("overview", 1_500),
        section("proactive", 100),
        section("problems", 500),
        section("other", 20),
    ];
    let parsed = Parsed { form: form.code.clone(), cells, sections, ..Parsed::default() };
    let county = 320_000 + agency % 2_800;
    let resolution = Resolution {
        verdict: Verdict::Report,
        report_id: String::new(),
        agency_id: String::new(),
        title: Some("报告".to_owned()),
        agency_name: None,
        agency_mark: None,
        agency_kind: Some(registry.kinds.all()[(agency % 40) as usize].code.clone()),
        agency_level: Some("county".to_owned()),
        scope: Default::default(),
        scope_evidence: None,
        place: Place {
            county_code: Some(county.to_string()),
            province_code: Some("320000".to_owned()),
            ..Place::default()
        },
        year: Some(year),
        year_evidence: None,
        region_evidence: None,
        published_on: None,
        signed_on: None,
        period_start: None,
        period_end: None,
        source_uri: None,
        source_host: None,
        source_trust: None,
        fetched_at: None,
        evidence: Vec::new(),
        decisions: Vec::new(),
        findings: Vec::new(),
    };
    (parsed, resolution)
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(30_000);
    let registry = Registry::embedded();
    let mut taking = std::time::Duration::ZERO;
    let mut strips = Vec::new();
    for n in 0..count {
        let (agency, year) = (n / 6, 2019 + (n % 6) as i16);
        let (parsed, resolution) = report(agency, year);
        let began = Instant::now();
        strips.push((n, agency, year, strip(registry, &parsed, &resolution)));
        taking += began.elapsed();
    }
    let bytes: usize = strips.iter().map(|s| s.3.len()).sum();
    println!(
        "strips: {:.1} µs and {} bytes each; {}",
        taking.as_secs_f64() * 1e6 / count as f64,
        bytes as u64 / count,
        memory()
    );
    let began = Instant::now();
    let entries: Vec<Entry<'_>> = strips
        .iter()
        .map(|(report, agency, year, strip)| Entry { report: *report, agency: *agency, year: *year, strip })
        .collect();
    let mut members: BTreeMap<Unit, Vec<u32>> = BTreeMap::new();
    for (row, entry) in (0..).zip(&entries) {
        kinds(Registry::embedded())
            .flat_map(|kind| kind.units(entry))
            .for_each(|unit| members.entry(unit).or_default().push(row));
    }
    println!("units: {} in {:.2} s; {}", members.len(), began.elapsed().as_secs_f64(), memory());
    let began = Instant::now();
    let (mut batch, mut size, mut found) = (Vec::new(), 0, 0);
    let mut look = |batch: Vec<(Unit, Vec<u32>)>| {
        let told = check(registry, &entries, &batch).expect("the rules run");
        found += told.iter().map(|(_, _, f)| f.findings.len()).sum::<usize>();
    };
    for (unit, rows) in members {
        size += rows.len();
        batch.push((unit, rows));
        if size >= AT_ONCE {
            look(std::mem::take(&mut batch));
            size = 0;
        }
    }
    look(batch);
    println!("rules: {found} findings in {:.2} s; {}", began.elapsed().as_secs_f64(), memory());
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_owned()
}
