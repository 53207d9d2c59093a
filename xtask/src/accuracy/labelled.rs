//! What people labelled: the samples with their gold, and heads of reports.

use super::stages::{Code, Outcome, Stages};
use anyhow::{Context, Result};
use gongkai_generator::{Certainty, TrueCell};
use gongkai_input::{InputOptions, Opened, open, plan};
use gongkai_model::Number;
use gongkai_pipeline::{Reader, Report};
use gongkai_registry::{FormTable, LEGACY_TABLE, Registry, StageAccuracy};
use gongkai_resolve::Resolver;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[path = "../../../crates/gongkai-resolve/tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "the tests of the heads name the line of a fault")]
#[path = "../../../crates/gongkai-resolve/tests/common/heads.rs"]
mod heads;

/// All labelled sets.
pub(crate) fn measure(root: &Path) -> Result<Vec<StageAccuracy>> {
    let mut rows = samples(&root.join("data")).context("data/sample")?.rows("samples");
    rows.extend(labelled_heads(&root.join("crates/gongkai-resolve/tests"))?.rows("heads"));
    Ok(rows)
}

/// The samples, each read alone.
fn samples(data: &Path) -> Result<Stages> {
    let gold = std::fs::read_to_string(data.join("sample-gold.jsonl"))?;
    let gold: BTreeMap<String, Value> = gold
        .lines()
        .map(|l| {
            serde_json::from_str(l).map(|v: Value| (v["path"].as_str().unwrap_or_default().to_owned(), v))
        })
        .collect::<Result<_, _>>()?;
    let options = InputOptions::default();
    let reader = Reader::new(Registry::embedded());
    let mut stages = Stages::default();
    for entry in plan(&[data.join("sample")], &options)?.entries {
        let Opened::Document(capture) = open(&entry, &options) else { continue };
        let Some(gold) = gold.get(capture.container.as_ref()) else { continue };
        let read = reader.read(&capture);
        let is_report = gold["is_annual_report"] != Value::Bool(false);
        let outcome = if read.report().is_some() == is_report { Outcome::Right } else { Outcome::Wrong };
        stages.note("verdict", outcome);
        if is_report {
            sample(gold, read.report(), &mut stages);
        }
    }
    Ok(stages)
}

fn sample(gold: &Value, report: Option<&Report>, stages: &mut Stages) {
    stages.of_cells(&printed(gold, report), report.map(|r| &r.parsed));
    let text = |key: &str| gold[key].as_str();
    let year = gold["year"].as_i64().and_then(|y| i16::try_from(y).ok()).unwrap_or_default();
    let codes: [(Code, Option<&str>); 3] = [
        (|p| p.province_code.as_deref(), text("province_code")),
        (|p| p.city_code.as_deref(), text("city_code")),
        (|p| p.county_code.as_deref(), text("county_code")),
    ];
    match report {
        Some(report) => {
            stages.of_report(text("agency").unwrap_or_default(), year, &codes, &report.resolution);
        }
        None => ["agency", "place", "year"].into_iter().for_each(|s| stages.note(s, Outcome::Null)),
    }
}

/// Proactive cells by the gold's names, where they are not those of the columns.
const PROACTIVE: [(&str, &str); 6] = [
    ("total", "total_public"),
    ("change", "items_change"),
    ("amount_wan_yuan", "fee_wan_yuan"),
    ("projects", "procurement_projects"),
    ("amount_yuan", "procurement_amount_yuan"),
    ("amount", "procurement_amount_yuan"),
];

/// The cells of the gold. Texts say that something is printed which is no plain number: they are not compared.
fn printed(gold: &Value, report: Option<&Report>) -> Vec<TrueCell> {
    let mut cells = Vec::new();
    let mut put = |table: &str, item: &str, column: &str, value: &Value| {
        if let Some(certainty) = certainty(value) {
            cells.push(TrueCell { table: table.into(), item: item.into(), column: column.into(), certainty });
        }
    };
    let entries = |key: &str| gold[key].as_object().into_iter().flatten();
    for (key, value) in entries("proactive") {
        let (item, measure) = key.split_once('.').unwrap_or((key, ""));
        let column = PROACTIVE.iter().find(|(m, _)| *m == measure).map_or(measure, |(_, c)| c);
        put("proactive_disclosure", item, column, value);
    }
    let form = gold["form"].as_str().and_then(|f| Registry::embedded().form(f));
    let columns = |table: &str| form.and_then(|f| f.table(table)).map_or(&[][..], |t: &FormTable| &t.columns);
    for (key, table) in [("requests", "disclosure_requests"), ("review_litigation", "review_litigation")] {
        for (item, values) in entries(key) {
            for (column, value) in columns(table).iter().zip(values.as_array().into_iter().flatten()) {
                put(table, item, &column.code, value);
            }
        }
    }
    // Indicators are labelled as printed.
    let rows = report.map_or(&[][..], |r| &r.parsed.legacy);
    for (label, figures) in entries("pre2019") {
        let row = rows.iter().find(|r| r.label == *label && r.source.as_str() == "table");
        let item = row.map_or(label.as_str(), |r| &r.item);
        match figures.as_array().map(Vec::as_slice) {
            Some([year, all]) => {
                put(LEGACY_TABLE, item, "value", year);
                put(LEGACY_TABLE, item, "cumulative", all);
            }
            _ => put(LEGACY_TABLE, item, "value", figures),
        }
    }
    cells.sort_by(|a, b| (&a.table, &a.item).cmp(&(&b.table, &b.item)));
    cells
}

fn certainty(value: &Value) -> Option<Certainty> {
    let number = |v: &Value| Number::parse_plain(&v.as_number()?.to_string());
    match value {
        Value::Null => Some(Certainty::Absent),
        Value::Number(_) => number(value).map(Certainty::Certain),
        Value::Object(either) => Some(Certainty::Open(either.get("ok").and_then(number))),
        _ => None,
    }
}

/// The heads of all files, in the order of their names.
fn labelled_heads(folder: &Path) -> Result<Stages> {
    let resolver = Resolver::new(Registry::embedded());
    let mut files: Vec<_> =
        std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "tsv"));
    files.sort();
    let mut stages = Stages::default();
    for file in files {
        let table = std::fs::read_to_string(&file)?;
        for head in heads::heads(&table) {
            let head = head.with_context(|| format!("{}: a line has not the columns", file.display()))?;
            one_head(&head, &resolver, &mut stages);
        }
    }
    Ok(stages)
}

fn one_head(head: &heads::Head<'_>, resolver: &Resolver<'_>, stages: &mut Stages) {
    let read = head.read(resolver);
    let outcome = |level: &&str| {
        let at = heads::LEVELS.iter().position(|l| l == level)?;
        Some(Outcome::of(head.expected.get(at)?.as_deref(), read.get(at)?.as_deref()))
    };
    let verdict = |answers: &heads::Answers| answers.first().cloned().flatten();
    let is_report = verdict(&head.expected).is_some_and(|v| v == "report");
    stages.note("verdict", Outcome::of(verdict(&head.expected), verdict(&read)));
    if is_report {
        let levels: [(&str, &[&str]); 3] = [
            ("agency", &["agency"]),
            ("place", &["province", "city", "county", "township"]),
            ("year", &["year"]),
        ];
        for (stage, levels) in levels {
            stages.note(stage, Outcome::all(levels.iter().filter_map(outcome)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `data/accuracy/measured.toml` says about the labelled sets, a release prints: it must not say more than is so.
    #[test]
    fn labelled_sets_are_read_as_well_as_the_release_says() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let now = measure(&root).unwrap();
        let said = |set: &str| Registry::embedded().accuracy.iter().filter(|m| m.set == set).count();
        assert!(said("samples") > 0 && said("heads") > 0);
        for said in Registry::embedded().accuracy.iter().filter(|m| m.set == "samples" || m.set == "heads") {
            let now = now.iter().find(|m| (&m.set, &m.stage) == (&said.set, &said.stage)).unwrap();
            let worse = now.right * said.n < said.right * now.n || now.wrong > said.wrong;
            assert!(!worse, "run `cargo xtask accuracy 20000 1 --write`: said {said:?}, now {now:?}");
        }
    }
}
