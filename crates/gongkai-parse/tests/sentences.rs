//! What sentences state, against sentences written for this project and labelled by hand (`tests/sentences/*.tsv`).
//!
//! `held_out.tsv` was written, labelled and scored before the phrases were tuned; what it scored then stands in
//! `docs/narrative.md`.

#![allow(clippy::unwrap_used)]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::{Number, Statement, StatementScope};
use gongkai_parse::Parser;
use gongkai_registry::Registry;

const SETS: [&str; 2] = [include_str!("sentences/held_out.tsv"), include_str!("sentences/tuned.tsv")];

/// A page of a report about 2023 with one sentence in one section, and the third table, which makes it one of the form.
fn page(section: &str, sentence: &str) -> String {
    let spec = Registry::embedded().sections.iter().find(|s| s.code == section).unwrap();
    let outcomes =
        ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"].map(|o| format!("<td>{o}</td>")).concat();
    format!(
        "<h1>青禾县水务局2023年政府信息公开工作年度报告</h1><p>一、{}</p><p>{sentence}</p><table>\
         <tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>\
         <tr><td colspan=5></td><td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>\
         <tr>{}</tr><tr>{}</tr></table>",
        spec.zh,
        outcomes.repeat(3),
        "<td>0</td>".repeat(15)
    )
}

fn stated(parser: &Parser<'_>, section: &str, sentence: &str) -> Vec<String> {
    let page = page(section, sentence);
    let document =
        extract(page.as_bytes(), &Hints { charset: None, path: "page.html" }, &Limits::default()).unwrap();
    let parsed = parser.parse(&document);
    assert_eq!(&*parsed.form, "2021", "{sentence}");
    parsed.statements.iter().map(label).collect()
}

/// A statement as it is labelled: `received=12@whole`; amounts in 万元.
fn label(statement: &Statement) -> String {
    let mut number = statement.number;
    if statement.unit.as_deref() == Some("元") {
        let micros = number.micros() / 10_000;
        number = Number::parse_plain(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)).unwrap();
    }
    let scope = if statement.scope == StatementScope::Whole { "@whole" } else { "" };
    format!("{}={number}{scope}", statement.what)
}

/// What is right, what is not in the sentence, and what is missed.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Score {
    fn of(set: &str) -> Self {
        let parser = Parser::new(Registry::embedded());
        let mut score = Self::default();
        for line in set.lines().filter(|l| !l.starts_with('#')) {
            let [section, labels, sentence] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {line}");
            };
            let mut expected: Vec<&str> = labels.split("; ").filter(|l| !l.is_empty()).collect();
            for stated in stated(&parser, section, sentence) {
                match expected.iter().position(|e| *e == stated) {
                    Some(at) => {
                        expected.remove(at);
                        score.right += 1;
                    }
                    None => score.wrong.push(format!("{stated}: {sentence}")),
                }
            }
            score.missed.extend(expected.into_iter().map(|e| format!("{e}: {sentence}")));
        }
        score
    }

    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong.len()) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed.len()) as f64
    }
}

#[test]
fn sentences_say_what_their_labels_say() {
    let sentences: usize = SETS.map(|s| s.lines().filter(|l| !l.starts_with('#')).count()).iter().sum();
    assert!(sentences >= 120, "{sentences}");
    let scores = SETS.map(Score::of);
    for (score, name) in scores.iter().zip(["held out", "tuned"]) {
        println!(
            "{name}: right {}, precision {:.3}, recall {:.3}\nwrong {:#?}\nmissed {:#?}",
            score.right,
            score.precision(),
            score.recall(),
            score.wrong,
            score.missed
        );
    }
    for score in &scores {
        assert!(score.precision() >= 0.98 && score.recall() >= 0.90);
    }
}
