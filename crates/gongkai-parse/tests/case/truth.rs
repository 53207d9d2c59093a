//! What a careful person reads in a document.
//!
//! ```text
//! One line: what the case is for.
//! form 2021
//!
//! review_litigation
//! reconsideration 3 · 2 4 ~10
//! ```
//!
//! Under the name of a table a line for each printed item: its code and the figures in the form's order. `·` where no
//! figure is certainly printed, `~10` where 10 is printed but a reader may leave it. Items left out print nothing. The columns of
//! `legacy_statistics` are the figure of the year, that of all years, and the count that a sentence gives.

use gongkai_model::{CellFact, Number, Parsed};
use gongkai_registry::{FormTable, Registry};
use std::collections::BTreeMap;

/// Table, item and column.
type Address = (String, String, String);

/// What is printed in a cell.
#[derive(Clone, Copy)]
pub enum Printed {
    /// Certainly this.
    Certain(Number),
    /// This, but leaving it unread is as good.
    Open(Number),
}

/// The truth of a case.
pub struct Truth {
    /// What the case is for.
    pub purpose: String,
    form: String,
    cells: BTreeMap<Address, Printed>,
}

impl Truth {
    /// Reads a truth; fails on anything that the form does not have, for a truth must not be half read.
    pub fn parse(text: &str, registry: &Registry) -> Self {
        let mut lines = text.lines().filter(|l| !l.is_empty());
        let purpose = lines.next().unwrap().to_owned();
        let form = lines.next().unwrap().strip_prefix("form ").expect("second line: form CODE").to_owned();
        let mut truth = Self { purpose, form, cells: BTreeMap::new() };
        let known = registry.tables_of(&truth.form);
        let mut table: Option<&FormTable> = None;
        for line in lines {
            match known.iter().find(|t| *t.table == *line) {
                Some(found) => table = Some(*found),
                None => truth.row(table.expect("a table comes first"), line),
            }
        }
        truth
    }

    fn row(&mut self, table: &FormTable, line: &str) {
        let mut words = line.split(' ');
        let item = words.next().unwrap();
        let columns = table.columns_of(table.item(item).unwrap_or_else(|| panic!("no item {item}")));
        let figures: Vec<_> = words.collect();
        assert_eq!(figures.len(), columns.len(), "{line}");
        for (column, figure) in columns.into_iter().zip(figures) {
            let number = |text| Number::parse_plain(text).unwrap_or_else(|| panic!("{text} in {line}"));
            let printed = match figure.strip_prefix('~') {
                _ if figure == "·" => continue,
                Some(open) => Printed::Open(number(open)),
                None => Printed::Certain(number(figure)),
            };
            let address = (table.table.to_string(), item.to_owned(), table.columns[column].code.to_string());
            assert!(self.cells.insert(address, printed).is_none(), "{item} twice");
        }
    }

    /// What is printed in a cell.
    pub fn of(&self, table: &str, item: &str, column: &str) -> Option<Printed> {
        self.cells.get(&(table.to_owned(), item.to_owned(), column.to_owned())).copied()
    }

    /// Figures that are certainly printed.
    pub fn certain(&self) -> usize {
        self.cells.values().filter(|p| matches!(p, Printed::Certain(_))).count()
    }

    /// Another form, figures that are wrong, figures that nobody printed.
    pub fn contradictions(&self, parsed: &Parsed) -> Vec<String> {
        let mut found = Vec::new();
        if *parsed.form != *self.form {
            found.push(format!("form {} is printed, read as {}", self.form, parsed.form));
        }
        found.extend(parsed.cells.iter().filter_map(|cell| self.contradiction(cell)));
        found
    }

    fn contradiction(&self, cell: &CellFact) -> Option<String> {
        let read = cell.value?;
        let place = format!("{} {} {}", cell.table, cell.item, cell.column);
        match self.of(&cell.table, &cell.item, &cell.column) {
            Some(Printed::Certain(n) | Printed::Open(n)) if n == read => None,
            Some(Printed::Certain(n) | Printed::Open(n)) => {
                Some(format!("WRONG {place}: {n} is printed, read {read} in {:?}", cell.raw))
            }
            None => Some(format!("INVENTED {place}: {read} read in {:?}", cell.raw)),
        }
    }
}
