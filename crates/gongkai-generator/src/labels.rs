//! The labels of the form as printed: `data/labels.toml`, and other words and misprints of them: `data/wordings.toml`. Neither is
//! taken from the registry, which the parser matches with.

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

/// Other words for a label, and slips.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    /// Words that a careful reader takes for the label.
    pub(crate) words: Vec<String>,
    pub(crate) misprints: Vec<String>,
}

/// Wordings of the labels of one table, by code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wordings {
    pub(crate) items: BTreeMap<String, Wording>,
    pub(crate) columns: BTreeMap<String, Wording>,
    headings: BTreeMap<String, Wording>,
}

impl Wordings {
    /// Those of the table.
    #[allow(clippy::expect_used)]
    pub(crate) fn of(table: &FormTable) -> &'static Self {
        static FILE: OnceLock<BTreeMap<String, Wordings>> = OnceLock::new();
        static NONE: Wordings =
            Wordings { items: BTreeMap::new(), columns: BTreeMap::new(), headings: BTreeMap::new() };
        let file = FILE.get_or_init(|| {
            toml::from_str(include_str!("../data/wordings.toml")).expect("data/wordings.toml is well-formed")
        });
        file.get(table.table.as_ref()).unwrap_or(&NONE)
    }
}

impl Labels {
    /// Of the form; what only another edition prints, as that one does.
    pub(crate) fn of(form: &Form, table: &FormTable) -> Self {
        let name = table.table.as_ref();
        let mut own = file().get(form.code.as_ref()).and_then(|f| f.get(name)).cloned().unwrap_or_default();
        for other in file().iter().filter(|(code, _)| **code != *form.code).filter_map(|(_, f)| f.get(name)) {
            let more = |own: &mut BTreeMap<String, String>, other: &BTreeMap<String, String>| {
                other.iter().for_each(|(code, label)| {
                    own.entry(code.clone()).or_insert_with(|| label.clone());
                });
            };
            more(&mut own.columns, &other.columns);
            more(&mut own.items, &other.items);
            for (code, group) in &other.groups {
                own.groups.entry(code.clone()).or_insert_with(|| group.clone());
            }
        }
        own
    }

    pub(crate) fn column<'a>(&'a self, table: &FormTable, c: usize) -> &'a str {
        let code = table.columns.get(c).map_or("", |c| c.code.as_ref());
        self.columns.get(code).map_or("", String::as_str)
    }

    pub(crate) fn item<'a>(&'a self, table: &FormTable, i: usize) -> &'a str {
        let code = table.items.get(i).map_or("", |i| i.code.as_ref());
        self.items.get(code).map_or("", String::as_str)
    }

    /// Labels of all items of the table but one, as compared.
    pub(crate) fn others(&self, table: &FormTable, item: usize) -> Vec<String> {
        (0..table.items.len()).filter(|i| *i != item).map(|i| key(self.item(table, i))).collect()
    }

    pub(crate) fn heading<'a>(&'a self, code: &str) -> &'a str {
        self.headings.get(code).map_or("", String::as_str)
    }

    pub(crate) fn group<'a>(&'a self, group: &Group) -> &'a str {
        self.groups.get(group_key(group)).map_or("", |g| g.label.as_str())
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
    fn every_item_column_and_group_of_a_form_has_a_label_and_other_words() {
        let forms = &Registry::embedded().forms;
        let mut seen = 0;
        for form in forms.iter().filter(|f| !f.tables.is_empty()) {
            for table in &form.tables {
                let (labels, wordings) = (Labels::of(form, table), Wordings::of(table));
                let own = &file()[form.code.as_ref()][table.table.as_ref()];
                let mut has = |code: &str, label: bool, wording: Option<&Wording>| {
                    assert!(label, "{} {}: no label for {code}", form.code, table.table);
                    let wording = wording.unwrap_or_else(|| panic!("{}: no words for {code}", table.table));
                    assert!(!wording.words.is_empty() && !wording.misprints.is_empty(), "{code}");
                    seen += 1;
                };
                for item in &table.items {
                    has(&item.code, own.items.contains_key(&*item.code), wordings.items.get(&*item.code));
                }
                for column in &table.columns {
                    let known = own.columns.contains_key(&*column.code);
                    has(&column.code, known, wordings.columns.get(&*column.code));
                    if let Some(under) = column.under.as_deref() {
                        has(under, own.headings.contains_key(under), wordings.headings.get(under));
                    }
                }
                assert!(
                    table.groups.iter().all(|g| !labels.group(g).is_empty()),
                    "{} {}",
                    form.code,
                    table.table
                );
                for (code, group) in &own.groups {
                    let within = group.within.as_ref();
                    assert!(table.groups.iter().any(|g| group_key(g) == code), "{code} is no group");
                    assert!(within.is_none_or(|w| table.groups.iter().any(|g| group_key(g) == w)), "{code}");
                }
                for item in labels.over_items.iter().flat_map(|o| &o.items) {
                    assert!(table.item(item).is_some(), "{item}");
                }
            }
        }
        assert!(seen > 80);
    }

    #[test]
    fn no_other_word_for_a_label_is_that_of_another() {
        for form in Registry::embedded().forms.iter().filter(|f| !f.tables.is_empty()) {
            for table in &form.tables {
                let (labels, wordings) = (Labels::of(form, table), Wordings::of(table));
                for (i, item) in table.items.iter().enumerate() {
                    let others = labels.others(table, i);
                    let own = &wordings.items[&*item.code];
                    for text in own.words.iter().chain(&own.misprints) {
                        assert!(
                            !others.contains(&key(text)),
                            "{}: {text} is also another label",
                            table.table
                        );
                    }
                }
            }
        }
    }
}
