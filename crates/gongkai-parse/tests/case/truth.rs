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
//!
//! `licensing@2019` is a row printed as that edition has it. `·blank` says how a cell without a certain figure is printed (the names of the `cells` table). Behind a line `findings`
//! stand the findings that a reader of the data must get, `GK203 disclosure_requests granted`, and those that would be
//! false, `no GK210`.

use gongkai_model::{CellFact, Finding, Number, Parsed};
use gongkai_registry::{FormTable, Registry};
use std::collections::BTreeMap;

/// Table, item and column.
type Address = (String, String, String);

/// Code and address of a finding.
fn shown(finding: &Finding) -> String {
    let a = &finding.address;
    let place: Vec<&str> = [&a.table, &a.item, &a.column].into_iter().flatten().map(AsRef::as_ref).collect();
    [&[finding.code], &place[..]].concat().join(" ")
}

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
    statuses: BTreeMap<Address, String>,
    /// Findings that must be there, as code and address; and codes that must not.
    findings: Vec<String>,
    false_findings: Vec<String>,
}

impl Truth {
    /// Reads a truth; fails on anything that the form does not have, for a truth must not be half read.
    pub fn parse(text: &str, registry: &Registry) -> Self {
        let mut lines = text.lines().filter(|l| !l.is_empty());
        let purpose = lines.next().unwrap().to_owned();
        let form = lines.next().unwrap().strip_prefix("form ").expect("second line: form CODE").to_owned();
        let mut truth = Self {
            purpose,
            form,
            cells: BTreeMap::new(),
            statuses: BTreeMap::new(),
            findings: Vec::new(),
            false_findings: Vec::new(),
        };
        let known = registry.tables_of(&truth.form);
        let mut table: Option<&FormTable> = None;
        let mut in_findings = false;
        for line in lines {
            in_findings |= line == "findings";
            if in_findings {
                match line.strip_prefix("no ") {
                    Some(code) => truth.false_findings.push(code.to_owned()),
                    None if line == "findings" => {}
                    None => truth.findings.push(line.to_owned()),
                }
                continue;
            }
            match known.iter().find(|t| *t.table == *line) {
                Some(found) => table = Some(*found),
                None => truth.row(table.expect("a table comes first"), line, registry),
            }
        }
        truth
    }

    fn row(&mut self, table: &FormTable, line: &str, registry: &Registry) {
        let mut words = line.split(' ');
        let item = words.next().unwrap();
        let (item, table) = match item.split_once('@') {
            Some((item, form)) => (item, registry.form(form).and_then(|f| f.table(&table.table)).unwrap()),
            None => (item, table),
        };
        let columns = table.columns_of(table.item(item).unwrap_or_else(|| panic!("no item {item}")));
        let figures: Vec<_> = words.collect();
        assert_eq!(figures.len(), columns.len(), "{line}");
        for (column, figure) in columns.iter().zip(figures) {
            let number = |text| Number::parse_plain(text).unwrap_or_else(|| panic!("{text} in {line}"));
            let address = (table.table.to_string(), item.to_owned(), table.columns[*column].code.to_string());
            if let Some(status) = figure.strip_prefix('·') {
                if !status.is_empty() {
                    self.statuses.insert(address, status.to_owned());
                }
                continue;
            }
            let printed = match figure.strip_prefix('~') {
                Some(open) => Printed::Open(number(open)),
                None => Printed::Certain(number(figure)),
            };
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
        for ((table, item, column), status) in &self.statuses {
            let same = |c: &&CellFact| *c.table == **table && *c.item == **item && *c.column == **column;
            let read = parsed.cells.iter().find(same).map_or("no cell", |c| c.status.as_str());
            if read != status {
                found.push(format!("STATUS {table} {item} {column}: printed {status}, said to be {read}"));
            }
        }
        let told: Vec<String> = parsed.findings.iter().map(shown).collect();
        let missing = self.findings.iter().filter(|f| !told.contains(f));
        found.extend(missing.map(|f| format!("MISSING finding {f}")));
        let is_false = |code: &&String| parsed.findings.iter().any(|f| f.code == code.as_str());
        found.extend(self.false_findings.iter().filter(is_false).map(|code| format!("FALSE finding {code}")));
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
