//! The samples against their gold: every cell the gold knows is read, none is wrong, none invented.
//!
//! The gold (`data/sample-gold.jsonl`) was written with the samples, not taken from any output.

#![allow(clippy::unwrap_used)]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::Parsed;
use gongkai_parse::Parser;
use gongkai_registry::{Orientation, Registry};
use serde_json::Value;
use std::path::Path;

/// Proactive cells by the gold's names.
const PROACTIVE: [(&str, &str); 10] = [
    ("total", "total_public"),
    ("change", "items_change"),
    ("amount_wan_yuan", "fee_wan_yuan"),
    ("projects", "procurement_projects"),
    ("amount_yuan", "procurement_amount_yuan"),
    ("amount", "procurement_amount_yuan"),
    ("issued", "issued"),
    ("abolished", "abolished"),
    ("in_force", "in_force"),
    ("decisions", "decisions"),
];

#[derive(Default)]
struct Score {
    right: usize,
    bad: Vec<String>,
    missing: Vec<String>,
}

impl Score {
    fn compare(&mut self, place: String, gold: &Value, read: Option<f64>) {
        let number = |v: &Value| v.as_f64();
        match gold {
            Value::Null if read.is_some() => self.bad.push(format!("{place}: invented {read:?}")),
            Value::Number(_) if read.is_none() => self.missing.push(place),
            Value::Number(_) if read == number(gold) => self.right += 1,
            Value::Number(_) => self.bad.push(format!("{place}: gold {gold}, read {read:?}")),
            Value::Object(either) if read.is_some() && read != either.get("ok").and_then(number) => {
                self.bad.push(format!("{place}: gold {gold}, read {read:?}"));
            }
            _ => {}
        }
    }
}

fn value(parsed: &Parsed, table: &str, item: &str, column: &str) -> Option<f64> {
    let mut cells = parsed.cells.iter();
    let cell = cells.find(|c| &*c.table == table && &*c.item == item && &*c.column == column)?;
    cell.value.and_then(|v| v.to_string().parse().ok())
}

/// Indicators of old tables, by their labels, ordinals included.
fn score_legacy(name: &str, gold: &Value, parsed: &Parsed, score: &mut Score) {
    for (label, figures) in gold["pre2019"].as_object().into_iter().flatten() {
        let row = parsed.legacy.iter().find(|r| r.label == *label && r.source.as_str() == "table");
        let read = |n: Option<gongkai_model::Number>| n.and_then(|v| v.to_string().parse().ok());
        let (value, cumulative) = figures.as_array().map_or((figures, &Value::Null), |f| (&f[0], &f[1]));
        score.compare(format!("{name} {label}"), value, row.and_then(|r| read(r.value)));
        score.compare(format!("{name} {label}, all years"), cumulative, row.and_then(|r| read(r.cumulative)));
    }
}

fn score(name: &str, gold: &Value, parsed: &Parsed, score: &mut Score) {
    let registry = Registry::embedded();
    score_legacy(name, gold, parsed, score);
    let Some(form) = registry.form(gold["form"].as_str().unwrap()) else { return };
    for table in &form.tables {
        let key = if &*table.table == "disclosure_requests" { "requests" } else { &*table.table };
        for (item, values) in gold[key].as_object().into_iter().flatten() {
            for (column, value_gold) in table.columns.iter().zip(values.as_array().unwrap()) {
                let read = value(parsed, &table.table, item, &column.code);
                score.compare(format!("{name} {item}.{}", column.code), value_gold, read);
            }
        }
        assert!(table.orientation == Orientation::Rows || key != "requests");
    }
    for (key, value_gold) in gold["proactive"].as_object().into_iter().flatten() {
        let (item, measure) = key.split_once('.').unwrap();
        let column = PROACTIVE.iter().find(|(m, _)| *m == measure).map_or(measure, |(_, c)| c);
        let read = value(parsed, "proactive_disclosure", item, column);
        score.compare(format!("{name} {key}"), value_gold, read);
    }
}

#[test]
fn every_sample_reads_as_its_gold_says() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let parser = Parser::new(Registry::embedded());
    let gold = std::fs::read_to_string(data.join("sample-gold.jsonl")).unwrap();
    let mut total = Score::default();
    let mut forms = Vec::new();
    for line in gold.lines() {
        let gold: Value = serde_json::from_str(line).unwrap();
        let name = gold["path"].as_str().unwrap();
        let bytes = std::fs::read(data.join("sample").join(name)).unwrap();
        let document = extract(&bytes, &Hints { charset: None, path: name }, &Limits::default()).unwrap();
        if gold["is_annual_report"] == Value::Bool(false) {
            continue;
        }
        let parsed = parser.parse(&document);
        if *gold["form"].as_str().unwrap() != *parsed.form {
            forms.push(format!("{name}: gold {}, read {}", gold["form"], parsed.form));
        }
        score(name, &gold, &parsed, &mut total);
    }
    assert!(total.bad.is_empty(), "{:#?}", total.bad);
    assert!(forms.is_empty(), "{forms:#?}");
    assert!(
        total.missing.is_empty(),
        "{} right, missing {}: {:#?}",
        total.right,
        total.missing.len(),
        total.missing
    );
    assert!(total.right > 4_000, "only {} cells compared", total.right);
}
