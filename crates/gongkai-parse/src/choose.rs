//! Which of several readings of a table is the report's.

use crate::reading::{Cells, Reading, RowReading};
use crate::stream::{Kind, Stream};
use crate::subject::Subject;
use gongkai_model::{CellAddress, Finding, Refusal};
use gongkai_registry::FormTable;

/// The reading chosen for a table, if any, and what is to be said about the others.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// The reading.
    pub reading: Option<Reading>,
    /// Doubts.
    pub findings: Vec<Finding>,
    /// Readings and rows not used.
    pub refusals: Vec<Refusal>,
    /// Labels of the form table that the document prints, whatever became of them.
    pub labels: usize,
}

impl Choice {
    /// How much of the form the reading binds.
    pub(crate) fn score(&self) -> usize {
        self.reading.as_ref().map_or(0, score)
    }
}

/// A row read weighs more than a row only recognised.
fn score(reading: &Reading) -> usize {
    let (read, refused) = reading.counts();
    2 * read + refused
}

/// A reading of fewer rows than this share of the best one is a stray label, not another table.
const RIVAL_SHARE: usize = 2;

/// Chooses the reading that binds most of the form. Where another binds about as much and prints other figures, the one
/// whose caption names what the title is about is the report's; if none does so alone, the cells in which they differ
/// are not read.
pub(crate) fn choose(
    readings: Vec<Reading>,
    stream: &Stream,
    table: &FormTable,
    subject: &Subject<'_>,
) -> Choice {
    let mut choice = Choice::default();
    let best = readings.iter().map(score).max().unwrap_or_default();
    // A table of the form shows itself by at least a third of its rows.
    let rows_needed = table.items.len().div_ceil(3);
    let mut rivals = Vec::new();
    for reading in readings {
        let enough = reading.rows.len() >= rows_needed;
        if enough && score(&reading) * RIVAL_SHARE > best {
            rivals.push(reading);
        } else {
            let labels: Vec<&str> = reading.rows.iter().map(|r| r.label.as_str()).take(3).collect();
            choice.refusals.push(Refusal {
                what: format!("{}: {}", table.table, labels.join(", ")),
                why: "too few rows of the form stand together".to_owned(),
            });
        }
    }
    if let Some(named) = named(&rivals, stream, subject) {
        let chosen = rivals.remove(named);
        for rival in &rivals {
            let message = format!("another such table, from line {}, is about another year or scope", rival.first_line);
            let address = CellAddress { table: Some(table.table.clone()), ..Default::default() };
            choice.findings.push(Finding::at("GK214", address, message));
        }
        choice.reading = Some(chosen);
        return choice;
    }
    let at = rivals.iter().position(|r| score(r) == rivals.iter().map(score).max().unwrap_or_default());
    let Some(at) = at else { return choice };
    let mut chosen = rivals.remove(at);
    for rival in &rivals {
        disagree(&mut chosen, rival, stream, table, &mut choice);
    }
    choice.reading = Some(chosen);
    choice
}

/// The one of several readings whose caption names the title's year, or else its scope, while every other caption names
/// another one.
fn named(rivals: &[Reading], stream: &Stream, subject: &Subject<'_>) -> Option<usize> {
    if rivals.len() < 2 {
        return None;
    }
    let mut below = 0;
    let captions: Vec<Subject<'_>> = rivals
        .iter()
        .map(|r| {
            let caption = subject.of_caption(stream, r.first_line, below);
            below = r.last_line + 1;
            caption
        })
        .collect();
    let years: Vec<Option<i16>> = captions.iter().map(|c| c.year).collect();
    let scopes: Vec<Option<usize>> = captions.iter().map(|c| c.scope).collect();
    only(&years, subject.year).or_else(|| only(&scopes, subject.scope))
}

/// Where the wanted value stands, if all values are known and it stands once.
fn only<T: PartialEq + Copy>(values: &[Option<T>], wanted: Option<T>) -> Option<usize> {
    let wanted = Some(wanted?);
    let mut places = (0..values.len()).filter(|i| values.get(*i) == Some(&wanted));
    let at = places.next()?;
    (places.next().is_none() && values.iter().all(Option::is_some)).then_some(at)
}

/// Refuses the rows of the chosen reading which another reading prints otherwise.
fn disagree(chosen: &mut Reading, rival: &Reading, stream: &Stream, table: &FormTable, choice: &mut Choice) {
    let mut differing = 0;
    for row in &mut chosen.rows {
        let Some(other) = rival.rows.iter().find(|r| r.item == row.item) else { continue };
        if row.refusal.is_none() && other.refusal.is_none() && figures(row, stream) != figures(other, stream)
        {
            row.refusal =
                Some("the document prints this row in two tables with different figures".to_owned());
            differing += 1;
        }
    }
    if differing > 0 {
        let message = format!(
            "the document holds two such tables, and {differing} of their rows differ: it is not certain which is the report's"
        );
        let address = CellAddress { table: Some(table.table.clone()), ..Default::default() };
        choice.findings.push(Finding::at("GK210", address, message));
    }
    choice.refusals.push(Refusal {
        what: format!("{}: a second table from line {}", table.table, rival.first_line),
        why: if differing > 0 { "differs from the first" } else { "says the same as the first" }.to_owned(),
    });
}

fn figures(row: &RowReading, stream: &Stream) -> Vec<Option<gongkai_model::Number>> {
    match &row.cells {
        Cells::Zeros { .. } => {
            row.columns.iter().map(|_| Some(gongkai_model::Number::from_integer(0))).collect()
        }
        Cells::Tokens(tokens) => tokens
            .iter()
            .map(|t| match stream.tokens.get(*t).map(|t| &t.kind) {
                Some(Kind::Value(v)) => v.number,
                _ => None,
            })
            .collect(),
    }
}
