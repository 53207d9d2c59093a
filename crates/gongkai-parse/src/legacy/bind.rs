//! Which indicator a row is: by its label and, where several are called so, by the indicator above it.

use super::book::{Book, Meaning};
use super::printed::{PrintedCell, PrintedRow, PrintedTable};
use gongkai_registry::{Indicator, strip_ordinal};
use std::collections::HashMap;
use std::sync::Arc;

/// A table whose rows are bound.
#[derive(Debug)]
pub(crate) struct BoundTable {
    /// Family most of whose labels it prints.
    pub family: Option<Arc<str>>,
    pub headless: bool,
    pub rows: Vec<BoundRow>,
    /// Columns that are not read.
    pub unread: Vec<String>,
    pub number: Option<u32>,
}

/// A row that is an indicator, known or not.
#[derive(Debug)]
pub(crate) struct BoundRow {
    pub indicator: Option<Arc<str>>,
    pub label: String,
    pub parent: Option<String>,
    pub unit: Option<String>,
    pub cells: Vec<PrintedCell>,
    /// Why a label that is known names no certain indicator.
    pub ambiguous: bool,
}

/// Binds the rows of a table in printed order.
pub(crate) fn bind(table: &PrintedTable, book: &Book<'_>) -> BoundTable {
    let family = book.family_of(table.rows.iter().map(|r| r.label.as_str()), None);
    let mut binder = Binder { book, family, above: HashMap::new(), outline: Vec::new(), rows: Vec::new() };
    table.rows.iter().for_each(|row| binder.row(row));
    BoundTable {
        family: family.and_then(|f| book.family(f)).map(|f| f.code.clone()),
        headless: table.headless,
        rows: binder.rows,
        unread: table.unread.clone(),
        number: table.table,
    }
}

struct Binder<'a, 'r> {
    book: &'a Book<'r>,
    family: Option<usize>,
    /// Where each code was last seen among the rows, and its label as printed.
    above: HashMap<Arc<str>, (usize, String)>,
    /// Depth and label of the rows above that may have parts.
    outline: Vec<(u8, String)>,
    rows: Vec<BoundRow>,
}

impl<'r> Binder<'_, 'r> {
    fn row(&mut self, row: &PrintedRow) {
        let (indicator, ambiguous) = self.indicator(row);
        let parent = self.parent(row, indicator);
        let depth = depth(&row.label, &self.book.legacy.columns.within);
        self.outline.retain(|(d, _)| *d < depth);
        self.outline.push((depth, row.label.clone()));
        if let Some(indicator) = indicator {
            self.above.insert(indicator.code.clone(), (self.rows.len(), row.label.clone()));
        }
        let heading = indicator.is_some_and(|i| i.heading);
        if heading && row.is_heading() || (indicator.is_none() && row.is_heading()) {
            return;
        }
        self.rows.push(BoundRow {
            indicator: indicator.filter(|i| !i.heading).map(|i| i.code.clone()),
            label: row.label.clone(),
            parent,
            unit: row.unit.clone(),
            cells: row.cells.clone(),
            ambiguous,
        });
    }

    /// The indicator, and whether the label is known but may mean several things.
    fn indicator(&self, row: &PrintedRow) -> (Option<&'r Indicator>, bool) {
        let meanings = self.book.find(&row.label);
        let own: Vec<Meaning> = meanings.iter().filter(|m| Some(m.family) == self.family).copied().collect();
        let candidates = if own.is_empty() { meanings.to_vec() } else { own };
        let mut indicators: Vec<&Indicator> =
            candidates.iter().filter_map(|m| self.book.indicator(*m)).collect();
        // Called the same below several parents: the parent seen last is meant.
        if indicators.iter().any(|i| indicators.first().is_some_and(|f| f.code != i.code)) {
            let seen = |i: &&Indicator| i.parent.as_ref().and_then(|p| self.above.get(p)).map(|(at, _)| *at);
            let latest = indicators.iter().filter_map(seen).max();
            indicators.retain(|i| latest.is_some() && seen(i) == latest);
        }
        let Some(first) = indicators.first().copied() else { return (None, !meanings.is_empty()) };
        let one = indicators.iter().all(|i| i.code == first.code);
        if one { (Some(first), false) } else { (None, true) }
    }

    /// The label printed above that it is a part of.
    fn parent(&self, row: &PrintedRow, indicator: Option<&Indicator>) -> Option<String> {
        if let Some(indicator) = indicator {
            let parent = indicator.parent.as_ref()?;
            return self.above.get(parent).map(|(_, label)| label.clone());
        }
        let depth = depth(&row.label, &self.book.legacy.columns.within);
        let above = self.outline.iter().rev().find(|(d, _)| *d < depth && depth > TOP);
        above.map(|(_, label)| label.clone())
    }
}

/// Depth of a label that shows none.
const TOP: u8 = 0;

/// How deep a label stands, by the kind of its ordinal: 一、 (一) 1. (1), and 其中 without ordinal below all of them.
fn depth(label: &str, within: &[String]) -> u8 {
    let label = label.trim();
    let inner = within.iter().find_map(|w| label.strip_prefix(w.as_str()));
    let text = inner.unwrap_or(label).trim_start_matches([':', '：', '、', ',', '，']);
    let Some(ordinal) = strip_ordinal(text).0 else { return if inner.is_some() { 6 } else { TOP } };
    let digits = ordinal.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c));
    let bracket = ordinal.starts_with(['(', '（']);
    match (digits, bracket) {
        (false, false) if ordinal.starts_with(|c: char| ('①'..='⒛').contains(&c)) => 5,
        (false, false) => 1,
        (false, true) => 2,
        (true, false) => 3,
        (true, true) => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn ordinals_tell_how_deep_a_label_stands() {
        let within = ["其中".to_owned()];
        for (label, expected) in [
            ("主动公开信息数", 0),
            ("一、主动公开情况", 1),
            ("（二）收到申请数", 2),
            ("其中：1.当面申请数", 3),
            ("2、传真申请数", 3),
            ("（3）其他", 4),
            ("其中：涉及国家秘密", 6),
        ] {
            assert_eq!(depth(label, &within), expected, "{label}");
        }
    }
}
