//! What sentences state beside what tables print.

use crate::Report;
use gongkai_model::{Number, Statement, StatementScope};
use gongkai_registry::FormTable;

/// All that sentences state about one thing the tables count as well.
pub(crate) struct Compared<'a> {
    /// The statements that speak of the same as the table, in their order.
    pub statements: Vec<&'a Statement>,
    /// The table.
    pub table: &'a FormTable,
    /// Its items and columns that are added up, by position.
    pub items: Vec<usize>,
    /// Columns.
    pub columns: Vec<usize>,
    /// Their sum as printed.
    pub figure: Number,
}

/// Agencies whose reports may count for a whole place.
const GOVERNMENTS: [&str; 2] = ["government", "general_office"];

/// Everything that sentences and tables both count, in the order of the sentences.
pub(crate) fn compared<'a>(report: &Report<'a>) -> Vec<Compared<'a>> {
    let mut all: Vec<Compared<'a>> = Vec::new();
    let Some(form) = report.form else { return all };
    let speaks = |s: &&Statement| is_of_the_report(report, s);
    for statement in report.parsed.statements.iter().filter(speaks) {
        let mut same = all.iter_mut();
        if let Some(known) = same.find(|c| c.statements.iter().any(|s| s.what == statement.what)) {
            known.statements.push(statement);
            continue;
        }
        let Some((table, items, columns)) = report.registry.prose.target(&statement.what, form) else {
            continue;
        };
        let Some(facts) = report.table(&table.table) else { continue };
        let cells = items.iter().flat_map(|i| columns.iter().map(move |c| (*i, *c)));
        // Only what is printed as a number: a blank is no zero.
        let figure: Option<Number> = cells.map(|(i, c)| facts.cell(i, c)?.value).sum();
        if let Some(figure) = figure {
            all.push(Compared { statements: vec![statement], table, items, columns, figure });
        }
    }
    all
}

/// Whether a sentence speaks of the year and of those for whom the tables count, as far as that can be known.
fn is_of_the_report(report: &Report<'_>, statement: &Statement) -> bool {
    let resolution = report.resolution;
    let year = resolution.and_then(|r| r.year);
    if year.zip(statement.year).is_some_and(|(a, b)| a != b) {
        return false;
    }
    let kind = resolution.and_then(|r| r.agency_kind.as_deref());
    let government = kind.map(|k| GOVERNMENTS.contains(&k));
    match statement.scope {
        StatementScope::Unsaid => true,
        // The tables of a government may count for all its bodies, or for its office alone.
        StatementScope::Own => government != Some(true),
        StatementScope::Whole => government == Some(true),
    }
}

impl Compared<'_> {
    /// Whether a statement gives the figure of the table, as finely as it is told.
    pub(crate) fn agrees(&self, statement: &Statement) -> bool {
        let (printed, told) = (self.unit_factor(), factor(statement.unit.as_deref()));
        let figure = self.figure.micros().saturating_mul(printed);
        let number = statement.number.micros().saturating_mul(told);
        let step = statement.step.micros().saturating_mul(told);
        figure == number || (step > 1_000_000 && (figure - number).abs().saturating_mul(2) <= step)
    }

    /// Whether the two figures are the same digits in other units: one is ten thousand times the other.
    pub(crate) fn differs_by_unit(&self, statement: &Statement) -> bool {
        let figure = self.figure.micros().saturating_mul(self.unit_factor());
        let number = statement.number.micros().saturating_mul(factor(statement.unit.as_deref()));
        let times = |a: i128, b: i128| a != 0 && a.saturating_mul(10_000) == b;
        self.unit_factor() > 1 && (times(figure, number) || times(number, figure))
    }

    /// How many of the smallest unit one of the table's is: 万元 in 元.
    fn unit_factor(&self) -> i128 {
        let units = self.columns.first().and_then(|c| self.table.columns.get(*c)).map(|c| &c.units);
        factor(units.and_then(|u| u.first()).map(String::as_str))
    }
}

fn factor(unit: Option<&str>) -> i128 {
    match unit {
        Some("万元") => 10_000,
        Some("亿元") => 100_000_000,
        _ => 1,
    }
}
