//! From bound tables to rows and cells: what is certain, and what is to be said about it.

use super::bind::{BoundRow, BoundTable};
use super::printed::{PrintedCell, PrintedTable};
use crate::stream::Stream;
use crate::subject::Subject;
use gongkai_model::{
    CellAddress, CellFact, CellStatus, Finding, LegacyRow, LegacySource, Number, Parsed, Refusal,
};
use gongkai_registry::{LEGACY_TABLE, Legacy, Role};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Leaves out tables whose captions say that they are another year's or another scope's.
pub(crate) fn on_subject(
    mut tables: Vec<PrintedTable>,
    stream: &Stream,
    subject: &Subject<'_>,
    parsed: &mut Parsed,
) -> Vec<PrintedTable> {
    let line_of = |t: &PrintedTable| {
        let stands = |l: &&crate::stream::Line| {
            stream.line(l).first().is_some_and(|token| match t.table {
                Some(number) => token.place.table == Some(number),
                None => {
                    token.place.table.is_none()
                        && usize::try_from(token.place.row).is_ok_and(|b| b == t.block)
                }
            })
        };
        stream.lines.iter().position(|l| stands(&l))
    };
    let mut below = 0;
    let captions: Vec<Option<Subject<'_>>> = tables
        .iter()
        .map(|t| {
            let own = subject.of_captions(&t.captions);
            if own.names_something() {
                return Some(own);
            }
            let line = line_of(t)?;
            let caption = subject.of_caption(stream, line, below);
            below = line + 1;
            Some(caption)
        })
        .collect();
    let mut own = captions.iter().map(|c| !c.is_some_and(|c| c.contradicts(subject)));
    tables.retain(|t| {
        let keep = own.next().unwrap_or(true);
        if !keep {
            let labels: Vec<&str> = t.rows.iter().take(3).map(|r| r.label.as_str()).collect();
            let why = "its caption says that it is another year's, or another scope's";
            parsed.refusals.push(Refusal { what: labels.join(", "), why: why.to_owned() });
            parsed.findings.push(Finding::at("GK214", address(None, None), why));
        }
        keep
    });
    tables
}

fn address(item: Option<&Arc<str>>, column: Option<&str>) -> CellAddress {
    CellAddress { table: Some(LEGACY_TABLE.into()), item: item.cloned(), column: column.map(Into::into) }
}

/// Writes the rows of all tables, each indicator once.
pub(crate) fn fill(tables: Vec<BoundTable>, legacy: &Legacy, parsed: &mut Parsed) {
    let mut filler = Filler { legacy, parsed, at: BTreeMap::new() };
    for table in tables {
        filler.table(table);
    }
}

struct Filler<'a> {
    legacy: &'a Legacy,
    parsed: &'a mut Parsed,
    /// Where the row of an item stands, and its cells.
    at: BTreeMap<Arc<str>, (usize, Vec<usize>)>,
}

impl Filler<'_> {
    fn table(&mut self, table: BoundTable) {
        if table.headless {
            let why = "no head is printed; the columns are those of such tables, by order".to_owned();
            self.parsed.findings.push(Finding::at("GK209", address(None, None), why));
        }
        let place = table.number.map_or("running text".to_owned(), |n| format!("table {n}"));
        for column in &table.unread {
            let what = format!("{place}, column {}", column.replace('\n', ""));
            self.parsed
                .refusals
                .push(Refusal { what, why: "its head names no figures of the year".to_owned() });
        }
        for row in table.rows {
            self.row(row, table.family.as_ref());
        }
    }

    fn row(&mut self, row: BoundRow, family: Option<&Arc<str>>) {
        let item = self.item(&row);
        if let Some((at, cells)) = self.at.get(&item).cloned()
            && row.indicator.is_some()
        {
            return self.again(at, &cells, &row, &item);
        }
        if row.indicator.is_none() {
            let message = if row.ambiguous {
                "the label may mean several indicators; the figures are kept with the label alone"
            } else {
                "the label is not known; the figures are kept with the label alone"
            };
            self.parsed
                .findings
                .push(Finding::at("GK216", address(Some(&item), None), message).raw(&row.label));
        }
        let mut out = LegacyRow {
            indicator: row.indicator.clone(),
            item: item.clone(),
            label: row.label.clone(),
            parent: row.parent.clone(),
            unit: row.unit.clone(),
            value: None,
            cumulative: None,
            source: LegacySource::Table(family.cloned()),
        };
        let mut cells = Vec::new();
        for cell in &row.cells {
            let Some(fact) = self.fact(&item, &row, cell) else { continue };
            match cell.role {
                Role::Cumulative => out.cumulative = fact.value,
                _ => out.value = fact.value,
            }
            out.unit = out.unit.or_else(|| cell.value.unit.clone().filter(|_| fact.value.is_some()));
            cells.push(self.parsed.cells.len());
            self.parsed.cells.push(fact);
        }
        self.at.insert(item, (self.parsed.legacy.len(), cells));
        self.parsed.legacy.push(out);
    }

    /// The code, else the label; labels that recur are counted.
    fn item(&self, row: &BoundRow) -> Arc<str> {
        if let Some(code) = &row.indicator {
            return code.clone();
        }
        let mut item: Arc<str> = row.label.as_str().into();
        let mut count = 1;
        while self.at.contains_key(&item) {
            count += 1;
            item = format!("{} ({count})", row.label).into();
        }
        item
    }

    /// An indicator printed a second time: only figures in which both agree are certain.
    fn again(&mut self, at: usize, cells: &[usize], row: &BoundRow, item: &Arc<str>) {
        let mut differs = false;
        for index in cells {
            let Some(fact) = self.parsed.cells.get_mut(*index) else { continue };
            let other = row.cells.iter().find(|c| c.role.column() == Some(&fact.column));
            let value = other.and_then(|c| c.value.number.filter(|_| c.doubt.is_none()));
            if value != fact.value || other.is_none() {
                differs = true;
                fact.value = None;
                fact.status = CellStatus::Unreadable;
            }
        }
        let more = row.cells.iter().any(|c| {
            let own =
                |i: &usize| self.parsed.cells.get(*i).is_some_and(|f| c.role.column() == Some(&f.column));
            !cells.iter().any(own)
        });
        let Some(first) = self.parsed.legacy.get_mut(at) else { return };
        let kept = |column: &str| {
            let own = |i: &usize| self.parsed.cells.get(*i).filter(|f| f.column.as_ref() == column);
            cells.iter().find_map(own).and_then(|f| f.value)
        };
        (first.value, first.cumulative) = (kept("value"), kept("cumulative"));
        let what = row.label.clone();
        if differs || more {
            let message = "it is printed twice, with other figures".to_owned();
            self.parsed.findings.push(Finding::at("GK210", address(Some(item), None), message));
            self.parsed.refusals.push(Refusal { what, why: "printed twice, with other figures".to_owned() });
        } else {
            self.parsed
                .refusals
                .push(Refusal { what, why: "printed twice, with the same figures".to_owned() });
        }
    }

    fn fact(&mut self, item: &Arc<str>, row: &BoundRow, cell: &PrintedCell) -> Option<CellFact> {
        let column = cell.role.column()?;
        let mut fact = CellFact {
            table: LEGACY_TABLE.into(),
            item: item.clone(),
            column: column.into(),
            status: cell.value.status,
            value: cell.value.number,
            raw: cell.raw.clone(),
            label: Some(row.label.as_str().into()),
            source: Some(cell.place),
        };
        let objection = cell.doubt.clone().or_else(|| self.objection(row, cell));
        let (code, message) = match (objection, cell.value.status) {
            (Some(why), status) => {
                let runs = status == CellStatus::RunTogether;
                fact.value = None;
                fact.status = if runs { status } else { CellStatus::Unreadable };
                (if runs { "GK202" } else { "GK203" }, why)
            }
            (None, CellStatus::Annotated) => {
                ("GK201", "a unit or a note stands beside the figure".to_owned())
            }
            (None, CellStatus::RunTogether) => {
                ("GK202", "digits run together cannot be split without guessing".to_owned())
            }
            (None, CellStatus::Unreadable) => ("GK203", "what is printed is not one number".to_owned()),
            (None, CellStatus::Blank) => ("GK204", "blank".to_owned()),
            (None, CellStatus::Dash | CellStatus::Word) => ("GK205", "a dash or a word".to_owned()),
            _ => return Some(fact),
        };
        let finding = Finding::at(code, address(Some(item), Some(column)), message);
        self.parsed.findings.push(finding.raw(cell.raw.as_str()));
        Some(fact)
    }

    /// Why a printed number is not the figure of its row.
    fn objection(&self, row: &BoundRow, cell: &PrintedCell) -> Option<String> {
        /// Decimals that the output keeps.
        const SCALE: u32 = 4;
        let number: Number = cell.value.number?;
        if let (Some(printed), Some(unit)) = (&cell.value.unit, &row.unit)
            && printed != unit
        {
            return Some(format!("the unit {printed} is not the {unit} of the row"));
        }
        if let Some(unit) = cell.value.unit.as_ref().filter(|u| !self.legacy.columns.units.contains(u)) {
            return Some(format!("the unit {unit} is not known"));
        }
        number.at_scale(SCALE).is_none().then(|| format!("{number} has more decimals than are kept"))
    }
}
