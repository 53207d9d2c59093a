//! The facts of a report, indexed by where they belong and by where they were read, and what is said about them.

use crate::place::{Mark, Wanted, marks};
use gongkai_model::{Block, CellFact, Document, Finding, SourcePlace};
use gongkai_pipeline::Report;
use gongkai_registry::Registry;
use std::collections::BTreeMap;

/// Facts and findings of one report, ready to be linked.
pub(super) struct Facts<'a> {
    cells: &'a [CellFact],
    findings: &'a [Finding],
    severities: Vec<&'static str>,
    by_address: BTreeMap<(&'a str, &'a str, &'a str), usize>,
    /// By table, row and column of the document.
    by_cell: BTreeMap<(u32, u32, u32), Vec<usize>>,
    /// By number of the line: the pieces that were read.
    by_line: BTreeMap<u32, Vec<Mark>>,
    /// Facts whose source can be pointed at, and its anchor.
    anchors: BTreeMap<usize, String>,
}

/// Words about an address, `a.b.c`.
pub(super) fn address(finding: &Finding) -> String {
    let a = &finding.address;
    [&a.table, &a.item, &a.column].into_iter().flatten().map(AsRef::as_ref).collect::<Vec<_>>().join(".")
}

/// Anchor of a cell of a table of the document.
pub(super) fn cell_anchor(table: u32, row: u32, column: u32) -> String {
    format!("t{table}r{row}c{column}")
}

impl<'a> Facts<'a> {
    pub(super) fn of(registry: &Registry, report: &'a Report, document: &Document) -> Self {
        let cells = report.parsed.cells.as_slice();
        let severity = |f: &Finding| registry.rule(f.code).map_or("warning", |r| r.severity.as_str());
        let mut facts = Self {
            cells,
            findings: &report.findings,
            severities: report.findings.iter().map(severity).collect(),
            by_address: BTreeMap::new(),
            by_cell: BTreeMap::new(),
            by_line: BTreeMap::new(),
            anchors: BTreeMap::new(),
        };
        let mut lines: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, fact) in cells.iter().enumerate() {
            facts.by_address.entry((&fact.table, &fact.item, &fact.column)).or_insert(index);
            match fact.source {
                Some(SourcePlace { table: Some(table), row, column, .. }) => {
                    facts.by_cell.entry((table, row, column)).or_default().push(index);
                    facts.anchors.insert(index, cell_anchor(table, row, column));
                }
                Some(SourcePlace { table: None, row, .. }) => lines.entry(row).or_default().push(index),
                None => {}
            }
        }
        for (line, own) in lines {
            facts.line(document, line, &own);
        }
        facts
    }

    /// Finds the pieces of a line; a fact without a certain piece points at the line.
    fn line(&mut self, document: &Document, line: u32, own: &[usize]) {
        let block = usize::try_from(line).ok().and_then(|l| document.blocks.get(l));
        let Some(Block::Paragraph(paragraph)) = block else { return };
        let cells = self.cells;
        let wanted = own.iter().filter_map(|key| {
            let fact = cells.get(*key)?;
            Some(Wanted { key: *key, column: fact.source?.column, raw: &fact.raw })
        });
        let found = marks(&paragraph.text, &wanted.collect::<Vec<_>>());
        for key in own {
            let at = found.iter().position(|m| m.keys.contains(key));
            let anchor = at.map_or_else(|| format!("l{line}"), |at| format!("l{line}p{at}"));
            self.anchors.insert(*key, anchor);
        }
        self.by_line.insert(line, found);
    }

    pub(super) fn fact(&self, index: usize) -> Option<&'a CellFact> {
        self.cells.get(index)
    }

    /// The fact of a cell of the form.
    pub(super) fn at(&self, table: &str, item: &str, column: &str) -> Option<(usize, &'a CellFact)> {
        let index = *self.by_address.get(&(table, item, column))?;
        Some((index, self.cells.get(index)?))
    }

    /// Facts read from a cell of the document.
    pub(super) fn in_cell(&self, table: u32, row: u32, column: u32) -> &[usize] {
        self.by_cell.get(&(table, row, column)).map_or(&[], Vec::as_slice)
    }

    /// Pieces of a line that were read; `None` when nothing was read from it.
    pub(super) fn in_line(&self, line: u32) -> Option<&[Mark]> {
        self.by_line.get(&line).map(Vec::as_slice)
    }

    /// Anchor of a fact's source.
    pub(super) fn source(&self, fact: usize) -> Option<&str> {
        self.anchors.get(&fact).map(String::as_str)
    }

    pub(super) fn severity(&self, finding: usize) -> &'static str {
        self.severities.get(finding).copied().unwrap_or("warning")
    }

    /// Findings at exactly this address.
    pub(super) fn findings_at(
        &self,
        table: &str,
        item: Option<&str>,
        column: Option<&str>,
    ) -> Vec<(usize, &'a Finding)> {
        let is_it = |f: &Finding| {
            let a = &f.address;
            a.table.as_deref() == Some(table) && a.item.as_deref() == item && a.column.as_deref() == column
        };
        self.findings.iter().enumerate().filter(|(_, f)| is_it(f)).collect()
    }

    /// Where on the page a finding belongs: its cell, the first cell of its row or column, or its table.
    pub(super) fn target(&self, finding: &Finding) -> Option<String> {
        let a = &finding.address;
        let table = a.table.as_deref()?;
        if a.item.is_none() && a.column.is_none() {
            return Some(format!("table-{table}"));
        }
        let fits = |f: &CellFact| {
            f.table.as_ref() == table
                && a.item.as_ref().is_none_or(|i| *i == f.item)
                && a.column.as_ref().is_none_or(|c| *c == f.column)
        };
        self.cells.iter().position(fits).map(|index| format!("v{index}"))
    }
}
