//! From a reading to facts: one for every cell of the form, each with how it was printed, and what to say about it.

use crate::labels::Quality;
use crate::proof::row_holds;
use crate::reading::{Cells, Reading, RowReading};
use crate::refusal::Refusal;
use crate::stream::{Kind, Stream, Token};
use crate::value::Value;
use gongkai_model::{CellAddress, CellFact, CellStatus, Finding, Number};
use gongkai_registry::{ColumnType, FormTable, TableSpec};
use std::sync::Arc;

/// Facts of one form table and the findings about how they were printed.
pub(crate) struct Facts {
    /// One for every cell of the form, in form order.
    pub cells: Vec<CellFact>,
    /// How cells were printed where that matters.
    pub findings: Vec<Finding>,
}

/// What stays the same for all rows of a table.
struct Maker<'a> {
    stream: &'a Stream,
    table: &'a FormTable,
    spec: &'a TableSpec,
    facts: Facts,
}

/// Makes the facts of a table from the reading that was chosen.
pub(crate) fn facts(stream: &Stream, table: &FormTable, spec: &TableSpec, reading: &Reading) -> Facts {
    let mut maker = Maker { stream, table, spec, facts: Facts { cells: Vec::new(), findings: Vec::new() } };
    for item in 0..table.items.len() {
        match reading.rows.iter().find(|r| r.item == item) {
            Some(row) if row.refusal.is_none() => maker.row(row),
            Some(row) => maker.refused(row),
            None => maker.missing(item),
        }
    }
    maker.facts
}

/// The finding about what is printed so and not read.
fn code_of(status: CellStatus) -> &'static str {
    if status == CellStatus::RunTogether { "GK202" } else { "GK203" }
}

impl Maker<'_> {
    fn address(&self, item: usize, column: Option<usize>) -> CellAddress {
        CellAddress {
            table: Some(self.table.table.clone()),
            item: self.table.items.get(item).map(|i| i.code.clone()),
            column: column.and_then(|c| self.table.columns.get(c)).map(|c| c.code.clone()),
        }
    }

    fn note(
        &mut self,
        code: &'static str,
        item: usize,
        column: Option<usize>,
        message: String,
        raw: Option<&str>,
    ) {
        let finding = Finding::at(code, self.address(item, column), message);
        self.facts.findings.push(match raw {
            Some(raw) => finding.raw(raw),
            None => finding,
        });
    }

    fn push(&mut self, item: usize, column: usize, fact: CellFact) {
        debug_assert!(fact.value.is_none() || self.table.columns_of(item).contains(&column));
        self.facts.cells.push(fact);
    }

    fn blank_fact(&self, item: usize, column: usize) -> Option<CellFact> {
        Some(CellFact {
            table: self.table.table.clone(),
            item: self.table.items.get(item)?.code.clone(),
            column: self.table.columns.get(column)?.code.clone(),
            status: CellStatus::Missing,
            value: None,
            raw: String::new(),
            label: None,
            source: None,
        })
    }

    fn row(&mut self, row: &RowReading) {
        let label: Arc<str> = row.label.as_str().into();
        let mut unprinted = Vec::new();
        for column in self.table.columns_of(row.item).iter().copied() {
            let Some(mut fact) = self.blank_fact(row.item, column) else { continue };
            fact.label = Some(label.clone());
            match row.columns.iter().position(|c| *c == column) {
                Some(at) => self.cell(row, at, column, &mut fact),
                None => unprinted.push(self.column_label(column)),
            }
            self.push(row.item, column, fact);
        }
        self.row_findings(row, &unprinted);
    }

    fn cell(&mut self, row: &RowReading, at: usize, column: usize, fact: &mut CellFact) {
        let token = match &row.cells {
            Cells::Zeros { token } => {
                fact.status = CellStatus::Zero;
                fact.value = Some(Number::from_integer(0));
                "0".clone_into(&mut fact.raw);
                fact.source = self.stream.tokens.get(*token).map(|t| t.place);
                return;
            }
            Cells::Tokens(tokens) => tokens.get(at).copied(),
        };
        let cut_off = token.is_some_and(|t| t + 1 == self.stream.tokens.len());
        let token = token.and_then(|t| self.stream.tokens.get(t));
        let Some(Token { kind: Kind::Value(value), raw, place, .. }) = token else { return };
        raw.clone_into(&mut fact.raw);
        fact.source = Some(*place);
        fact.status = value.status;
        fact.value = value.number;
        if value.joined.is_some() && self.is_proved(row) {
            fact.status = CellStatus::Number;
            fact.value = value.joined;
        }
        if let Some((_, rest)) = row.rests.iter().find(|(position, _)| *position == at) {
            fact.status = CellStatus::Number;
            fact.value = row.figures(self.stream).get(at).copied().flatten();
            let rest = self.stream.tokens.get(*rest).map_or("", |t| t.raw.as_str());
            fact.raw = format!("{raw}\n{rest}");
        }
        if let Some((_, why)) = row.doubts.iter().find(|(position, _)| *position == at) {
            fact.value = None;
            fact.status = why.status();
            self.note(code_of(fact.status), row.item, Some(column), why.message().to_owned(), Some(raw));
            return;
        }
        if cut_off && fact.value.is_some() {
            fact.value = None;
            fact.status = CellStatus::Unreadable;
            let why = "the document ends inside the table, perhaps inside this figure".to_owned();
            self.note("GK203", row.item, Some(column), why, Some(raw));
        } else if let Some(why) = self.objection(column, fact.value, value) {
            fact.value = None;
            fact.status = CellStatus::Unreadable;
            self.note("GK203", row.item, Some(column), why, Some(raw));
        } else if value.status == CellStatus::Annotated {
            let message = format!("{} is printed with a unit or a note", self.column_label(column));
            self.note("GK201", row.item, Some(column), message, Some(raw));
        } else if fact.status == CellStatus::RunTogether {
            let message = format!(
                "{}: digits run together cannot be split without guessing",
                self.column_label(column)
            );
            self.note("GK202", row.item, Some(column), message, Some(raw));
        } else if fact.status == CellStatus::Unreadable {
            let message = format!("{}: what is printed is not one number", self.column_label(column));
            self.note("GK203", row.item, Some(column), message, Some(raw));
        }
    }

    /// Why a printed number is not the figure the column asks for.
    fn objection(&self, column: usize, number: Option<Number>, value: &Value) -> Option<String> {
        let number = number?;
        let code = &self.table.columns.get(column)?.code;
        if let Some(unit) = &value.unit
            && !self.table.units_of(column).contains(unit)
        {
            return Some(format!("the unit {unit} is not the one of {}", self.column_label(column)));
        }
        let kind = self.spec.columns.iter().find(|c| c.name == **code)?.kind;
        let fits = match kind {
            ColumnType::Decimal2 => number.at_scale(2).is_some(),
            ColumnType::Decimal4 => number.at_scale(4).is_some(),
            ColumnType::Decimal6 => true,
            _ => number.as_integer().is_some(),
        };
        (!fits).then(|| format!("{number} is not a figure {} can have", self.column_label(column)))
    }

    /// Whether the form's arithmetic along the row proves the figures of a row.
    fn is_proved(&self, row: &RowReading) -> bool {
        match &row.cells {
            Cells::Tokens(tokens) => row_holds(self.stream, self.table, &row.columns, tokens) == Some(true),
            Cells::Zeros { .. } => true,
        }
    }

    fn row_findings(&mut self, row: &RowReading, unprinted: &[String]) {
        if !unprinted.is_empty() {
            self.note("GK208", row.item, None, format!("not printed: {}", unprinted.join(", ")), None);
        }
        let head = match row {
            row if row.head_missing => {
                "no head, or only pieces of one, names the columns; they are those of the form, by order"
            }
            row if row.head_placed => "the head names a column in other words; its place is the form's",
            _ => "",
        };
        if !head.is_empty() {
            self.note("GK209", row.item, None, head.to_owned(), None);
        }
        if row.quality > Quality::Noted {
            let message = match row.quality {
                Quality::Placed => "the label is in other words; its place among the rows is the form's",
                _ => "the label is cut short or misspelt",
            };
            self.note("GK213", row.item, None, message.to_owned(), Some(&row.label));
        }
        for (code, status, what) in [
            ("GK204", CellStatus::Blank, "blank"),
            ("GK205", CellStatus::Dash, "a dash"),
            ("GK205", CellStatus::Word, "a word"),
        ] {
            let code_of_item = self.table.items.get(row.item).map(|i| i.code.clone());
            let columns: Vec<String> = self
                .facts
                .cells
                .iter()
                .rev()
                .take_while(|c| Some(&c.item) == code_of_item.as_ref())
                .filter(|c| c.status == status)
                .filter_map(|c| self.table.column(&c.column).map(|c| self.column_label(c)))
                .collect();
            if !columns.is_empty() {
                let columns: Vec<String> = columns.into_iter().rev().collect();
                self.note(code, row.item, None, format!("{what}: {}", columns.join(", ")), None);
            }
        }
    }

    fn refused(&mut self, row: &RowReading) {
        let tokens: Vec<&Token> = row.printed.iter().filter_map(|t| self.stream.tokens.get(*t)).collect();
        let raw = tokens.iter().map(|t| t.raw.trim()).collect::<Vec<_>>().join(" | ");
        let source = tokens.first().map(|t| t.place);
        let nothing = !row.printed.is_empty() && row.printed.iter().all(|t| self.stream.is_blank(*t));
        let status = match row.refusal {
            Some(_) if nothing => CellStatus::Blank,
            why => why.map_or(CellStatus::Unreadable, Refusal::status),
        };
        let label: Arc<str> = row.label.as_str().into();
        for column in self.table.columns_of(row.item).iter().copied() {
            let Some(fact) = self.blank_fact(row.item, column) else { continue };
            self.push(
                row.item,
                column,
                CellFact { status, raw: raw.clone(), label: Some(label.clone()), source, ..fact },
            );
        }
        let why = row.refusal.map_or("", Refusal::message);
        let code = code_of(status);
        self.note(code, row.item, None, format!("the row is printed but not read: {why}"), Some(&raw));
    }

    fn missing(&mut self, item: usize) {
        for column in self.table.columns_of(item).iter().copied() {
            if let Some(fact) = self.blank_fact(item, column) {
                self.push(item, column, fact);
            }
        }
        let label = self.table.items.get(item).and_then(|i| i.labels.first()).cloned().unwrap_or_default();
        self.note("GK207", item, None, format!("the row {label} is not printed, or not recognised"), None);
    }

    fn column_label(&self, column: usize) -> String {
        self.table.columns.get(column).and_then(|c| c.labels.first()).cloned().unwrap_or_default()
    }
}
