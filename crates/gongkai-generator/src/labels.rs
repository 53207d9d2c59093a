//! The labels of the form as printed: `data/labels.toml`, and the registry's where it says nothing.

use gongkai_registry::{Form, FormTable, Group, label_key, strip_ordinal};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Printed labels of one table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Labels {
    /// Text of the cell over the labels.
    pub(crate) corner: String,
    /// Text over all columns.
    pub(crate) over_columns: String,
    /// Texts over several items, where items stand side by side.
    pub(crate) over_items: Vec<OverItems>,
    columns: BTreeMap<String, String>,
    headings: BTreeMap<String, String>,
    groups: BTreeMap<String, GroupLabel>,
    items: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverItems {
    pub(crate) label: String,
    pub(crate) items: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupLabel {
    label: String,
    #[serde(default)]
    within: Option<String>,
}

type File = BTreeMap<String, BTreeMap<String, Labels>>;

#[allow(clippy::expect_used)]
fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        toml::from_str(include_str!("../data/labels.toml")).expect("data/labels.toml is well-formed")
    })
}

/// The name of a group in the file: its code, or its first item's.
fn group_key(group: &Group) -> &str {
    group.code.as_deref().or(group.items.first().map(AsRef::as_ref)).unwrap_or("")
}

fn first(labels: &[String]) -> &str {
    labels.first().map_or("", String::as_str)
}

impl Labels {
    pub(crate) fn of(form: &Form, table: &FormTable) -> Self {
        file().get(form.code.as_ref()).and_then(|f| f.get(table.table.as_ref())).cloned().unwrap_or_default()
    }

    pub(crate) fn column<'a>(&'a self, table: &'a FormTable, c: usize) -> &'a str {
        let Some(column) = table.columns.get(c) else { return "" };
        self.columns.get(column.code.as_ref()).map_or(first(&column.labels), String::as_str)
    }

    pub(crate) fn item<'a>(&'a self, table: &'a FormTable, i: usize) -> &'a str {
        let Some(item) = table.items.get(i) else { return "" };
        self.items.get(item.code.as_ref()).map_or(first(&item.labels), String::as_str)
    }

    pub(crate) fn heading<'a>(&'a self, table: &'a FormTable, code: &'a str) -> &'a str {
        let statutory = table.headings.iter().find(|h| h.code.as_deref() == Some(code));
        self.headings.get(code).map(String::as_str).or(statutory.map(|h| first(&h.labels))).unwrap_or("")
    }

    pub(crate) fn group<'a>(&'a self, group: &'a Group) -> &'a str {
        self.groups.get(group_key(group)).map_or(first(&group.labels), |g| g.label.as_str())
    }

    /// Codes of the groups around an item, the outermost first.
    pub(crate) fn chain(&self, table: &FormTable, i: usize) -> Vec<String> {
        let mut chain = Vec::new();
        let mut next = table.items.get(i).and_then(|item| item.group.as_ref()).map(ToString::to_string);
        while let Some(code) = next
            && !chain.contains(&code)
        {
            next = self.groups.get(&code).and_then(|g| g.within.clone());
            chain.push(code);
        }
        chain.reverse();
        chain
    }
}

/// What of a printed label is compared: without ordinal, width and punctuation.
pub(crate) fn key(label: &str) -> String {
    label_key(strip_ordinal(label).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_registry::Registry;

    #[test]
    fn printed_labels_are_those_of_the_registry() {
        let mut seen = 0;
        for (code, tables) in file() {
            let form = Registry::embedded().form(code).unwrap();
            for (name, labels) in tables {
                let table = form.table(name).unwrap();
                let known = |text: &str, labels: &[String]| {
                    assert!(labels.contains(&key(text)), "{code} {name}: {text} is not one of {labels:?}");
                };
                for (c, text) in &labels.columns {
                    known(text, &table.columns[table.column(c).unwrap()].labels);
                    seen += 1;
                }
                for (i, text) in &labels.items {
                    known(text, &table.items[table.item(i).unwrap()].labels);
                    seen += 1;
                }
                for (g, group) in &labels.groups {
                    known(&group.label, &table.groups.iter().find(|x| group_key(x) == g).unwrap().labels);
                    assert!(
                        group.within.as_ref().is_none_or(|w| table.groups.iter().any(|x| group_key(x) == w))
                    );
                }
                let headings: Vec<String> = table.headings.iter().flat_map(|h| h.labels.clone()).collect();
                for text in labels.headings.values().chain(labels.over_items.iter().map(|o| &o.label)) {
                    known(text, &headings);
                }
                for text in [&labels.corner, &labels.over_columns] {
                    assert!(text.is_empty() || headings.contains(&key(text)), "{text}");
                }
                for item in labels.over_items.iter().flat_map(|o| &o.items) {
                    assert!(table.item(item).is_some(), "{item}");
                }
            }
        }
        assert!(seen > 80);
    }

    #[test]
    fn a_table_without_entry_is_printed_with_the_registrys_labels() {
        let form = Registry::embedded().form("2021").unwrap();
        let table = form.table("disclosure_requests").unwrap();
        let labels = Labels::default();
        assert_eq!(labels.item(table, 0), "本年新收政府信息公开申请数量");
        assert_eq!(labels.chain(table, 2), ["results"]);
    }
}
