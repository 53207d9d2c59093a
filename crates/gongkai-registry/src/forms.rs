//! The statutory forms as data: `data/forms/<edition>/form.toml` and one file for each of its tables.

use crate::normal::{bare, label_key};
use crate::source::Source;
use crate::words::WordList;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// One edition of the form.
#[derive(Debug, Clone)]
pub struct Form {
    /// `2021`, `2019`, `pre2019`.
    pub code: Arc<str>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// The document that prescribes it.
    pub source: String,
    /// First report year it is used for.
    pub first_year: i16,
    /// Last report year, `None` while in use.
    pub last_year: Option<i16>,
    /// Normalised words that betray a form whose tables are not described.
    pub marks: Vec<String>,
    /// Its statutory tables.
    pub tables: Vec<FormTable>,
}

impl Form {
    /// Whether the edition is prescribed for a report year.
    pub fn covers(&self, year: i16) -> bool {
        self.first_year <= year && self.last_year.is_none_or(|last| year <= last)
    }

    /// The statutory table with this name.
    pub fn table(&self, name: &str) -> Option<&FormTable> {
        self.tables.iter().find(|t| t.table.as_ref() == name)
    }
}

/// Which way the items of a table run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// One printed row an item, its columns across.
    Rows,
    /// All items side by side in one printed row, each with all columns.
    Across,
}

/// One statutory table of a form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormTable {
    /// Output table its cells go to.
    pub table: Arc<str>,
    /// Section of the report it stands in.
    pub section: String,
    /// Which way the items run.
    pub orientation: Orientation,
    /// Legal basis.
    pub clause: String,
    /// Units that may stand behind a figure without changing what it says (`3件`).
    #[serde(default)]
    pub units: Vec<String>,
    /// Columns in printed order.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// Words of the head that name no column of their own.
    #[serde(rename = "heading", default)]
    pub headings: Vec<Heading>,
    /// Labels that stand over several items.
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
    /// Items in printed order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// What must add up.
    #[serde(rename = "identity", default)]
    pub identities: Vec<Identity>,
    /// What usually holds what.
    #[serde(rename = "bound", default)]
    pub bounds: Vec<Bound>,
    /// What one of the counted things costs at least.
    #[serde(rename = "ratio", default)]
    pub ratios: Vec<Ratio>,
    /// The largest count that any agency can have.
    #[serde(default)]
    pub most: Option<i64>,
    /// What must follow from the report of the year before.
    #[serde(rename = "between", default)]
    pub between: Vec<Between>,
    /// Items that only other editions of the table have. Agencies print a row of another edition now and then
    /// (`（六）其他处理` of 2019 in the form of 2021): such rows stand behind the form's own.
    #[serde(skip)]
    pub lent: Vec<Item>,
    /// Columns by item, and behind them all columns, once somebody has asked.
    #[serde(skip)]
    pub(crate) by_item: ColumnsByItem,
}

/// Found once for a table. A copy, which may be changed, finds them anew.
#[derive(Debug, Default)]
pub(crate) struct ColumnsByItem(OnceLock<Vec<Vec<usize>>>);

impl Clone for ColumnsByItem {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl FormTable {
    /// Number of cells the form prints.
    pub fn cell_count(&self) -> usize {
        (0..self.items.len()).map(|i| self.columns_of(i).len()).sum()
    }

    /// Columns of an item (positions in [`FormTable::columns`]), in printed order: those of its group where the group
    /// names columns of its own, else all.
    pub fn columns_of(&self, item: usize) -> &[usize] {
        let by_item = self.by_item.0.get_or_init(|| self.columns_by_item());
        by_item.get(item).or(by_item.last()).map_or(&[], Vec::as_slice)
    }

    /// The same table with other items.
    pub fn with_items(&self, items: Vec<Item>) -> Self {
        Self { items, ..self.clone() }
    }

    fn columns_by_item(&self) -> Vec<Vec<usize>> {
        let columns_of = |item: Option<&Item>| {
            let group = item.and_then(|item| self.groups.iter().find(|g| g.items.contains(&item.code)));
            let own = |c: &Column| group.is_none_or(|g| g.columns.contains(&c.code));
            let columns = self.columns.iter().enumerate().filter(|(_, c)| own(c));
            columns.map(|(at, _)| at).collect()
        };
        self.items.iter().map(Some).chain([None]).map(columns_of).collect()
    }

    /// Units accepted behind the figures of a column.
    pub fn units_of(&self, column: usize) -> &[String] {
        self.columns.get(column).filter(|c| !c.units.is_empty()).map_or(&self.units, |c| &c.units)
    }

    /// Number of an item among the items of its group, from 1: the ordinal printed before it where the form numbers
    /// the lines of a group.
    pub fn ordinal_in_group(&self, item: usize) -> usize {
        let group = self.items.get(item).and_then(|i| i.group.as_ref());
        self.items.iter().take(item + 1).filter(|i| i.group.as_ref() == group).count()
    }

    /// Position of an item by its code.
    pub fn item(&self, code: &str) -> Option<usize> {
        self.items.iter().position(|i| i.code.as_ref() == code)
    }

    /// Position of a column by its code.
    pub fn column(&self, code: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.code.as_ref() == code)
    }
}

/// A column of a statutory table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Column of the output table.
    pub code: Arc<str>,
    /// Label variants, normalised; the first is the statutory one.
    pub labels: Vec<String>,
    /// Code of the heading it stands under in the printed head.
    #[serde(default)]
    pub under: Option<String>,
    /// Units that may stand behind its figures, where they differ from the table's.
    #[serde(default)]
    pub units: Vec<String>,
    /// Whether a figure below zero makes sense here.
    #[serde(default)]
    pub signed: bool,
    /// The largest count that any agency can have, where it differs from the table's.
    #[serde(default)]
    pub most: Option<i64>,
    /// The largest amount that an agency is likely to have, by its level, in the column's unit.
    #[serde(default)]
    pub most_by_level: BTreeMap<String, i64>,
}

impl Column {
    /// Whether its figures are amounts of money.
    pub fn is_money(&self) -> bool {
        self.units.iter().any(|u| u.ends_with('元'))
    }
}

/// Words of the head that name no column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// Code, where columns refer to it.
    #[serde(default)]
    pub code: Option<String>,
    /// Label variants, normalised.
    pub labels: Vec<String>,
}

/// A label over several items.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Code items refer to; written to `item_group`.
    #[serde(default)]
    pub code: Option<Arc<str>>,
    /// Label variants, normalised.
    pub labels: Vec<String>,
    /// Legal basis, where it differs from the table's.
    #[serde(default)]
    pub clause: Option<String>,
    /// Columns of its items, where they differ from group to group.
    #[serde(default)]
    pub columns: Vec<Arc<str>>,
    /// Items with those columns.
    #[serde(default)]
    pub items: Vec<Arc<str>>,
}

/// An item (line, or channel) of a statutory table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Item code of the output table.
    pub code: Arc<str>,
    /// Code of the group it stands in.
    #[serde(default)]
    pub group: Option<Arc<str>>,
    /// Whether it sums up the items of its group, and is none of them itself.
    #[serde(default)]
    pub sums: bool,
    /// Label variants, normalised; the first is the statutory one.
    pub labels: Vec<String>,
}

impl Item {
    /// The group whose items it is one of.
    pub fn member_of(&self) -> Option<&str> {
        self.group.as_deref().filter(|_| !self.sums)
    }
}

/// What an identity runs along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// It holds in every row, between columns.
    Row,
    /// It holds in every column, between items.
    Column,
}

/// Sum of the left equals sum of the right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Name, such as `balance`.
    pub code: String,
    /// What it runs along.
    pub axis: Axis,
    /// Items or columns.
    pub left: Vec<Arc<str>>,
    /// Items or columns.
    pub right: Vec<Arc<str>>,
}

/// A soft rule: in every row that has them, the sum of the parts is usually not above the sum of the wholes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Name.
    pub code: String,
    /// Columns; none for zero.
    pub part: Vec<String>,
    /// Columns.
    pub whole: Vec<String>,
}

/// A soft rule: in every row that has both, the amount divided by the count is usually not below `least`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// Name.
    pub code: String,
    /// Column of an amount of money.
    pub amount: String,
    /// Column of a count.
    pub count: String,
    /// In the unit of the amount.
    pub least: i64,
}

/// Sum of the left equals sum of the right plus a sum in the same agency's report of the year before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// Name, such as `carried`.
    pub code: String,
    /// What it runs along.
    pub axis: Axis,
    /// Items or columns of this year.
    pub left: Vec<Arc<str>>,
    /// Items or columns of this year.
    #[serde(default)]
    pub right: Vec<Arc<str>>,
    /// Items or columns of the same table a year before, in whichever edition that year's report uses.
    pub last: Vec<Arc<str>>,
    /// Whether it holds only about: stocks also change in ways that the form does not ask for.
    #[serde(default)]
    pub about: bool,
}

/// A section of the report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionSpec {
    /// Code in the `narratives` table.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Whether the format of 2019 and 2021 prescribes it.
    #[serde(default)]
    pub prescribed: bool,
    /// Heading variants, normalised.
    pub labels: Vec<String>,
}

/// The last day on which reports of some years and agencies may be published, in the year after.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// First report year.
    pub first_year: i16,
    /// Last report year; open when unset.
    #[serde(default)]
    pub last_year: Option<i16>,
    /// Levels of agencies; all when empty.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Kinds of agencies; all when empty.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// 1 to 12.
    pub month: u32,
    /// Day of the month.
    pub day: u32,
    /// Legal basis.
    pub clause: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineFile {
    deadline: Vec<Deadline>,
}

pub(crate) fn load_deadlines(source: &Source) -> Result<Vec<Deadline>> {
    Ok(source.toml::<DeadlineFile>("forms/deadlines.toml")?.deadline)
}

/// How printed labels may differ from the registry's, and how not (`data/forms/labels.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRules {
    /// Characters that tell labels apart, one of which off makes another label.
    pub telling: String,
    /// What converters write into heads, a number behind it.
    pub placeholders: Vec<String>,
    /// Words that make another label of the one they follow.
    pub measures: WordList,
    /// Words that narrow what a label counts, also in a note behind it.
    pub narrowing: WordList,
    /// The same at the end of a word alone.
    pub narrowing_ends: Vec<String>,
    /// Units that make another label of one they are noted behind.
    pub units: Vec<String>,
    /// Units that count in more than ones.
    pub scales: WordList,
    /// Words that mirrors put in the place of the form's: the form's word, and theirs.
    pub written: Vec<(String, String)>,
    /// Words of what sites print around a text.
    pub furniture: WordList,
}

impl LabelRules {
    /// Whether a text has a word that narrows what a label counts, blanks among its characters aside.
    pub fn narrows(&self, text: &str) -> bool {
        let text = bare(text);
        let ends = |word: &String| text.ends_with(word.as_str());
        self.narrowing.is_in(&text) || self.narrowing_ends.iter().any(ends)
    }
}

pub(crate) fn load_label_rules(source: &Source) -> Result<LabelRules> {
    source.toml("forms/labels.toml")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    code: Arc<str>,
    zh: String,
    en: String,
    source: String,
    first_year: i16,
    #[serde(default)]
    last_year: Option<i16>,
    #[serde(default)]
    marks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionFile {
    section: Vec<SectionSpec>,
}

pub(crate) fn load_sections(source: &Source) -> Result<Vec<SectionSpec>> {
    let mut sections = source.toml::<SectionFile>("forms/sections.toml")?.section;
    for section in &mut sections {
        normalise(&mut section.labels);
    }
    Ok(sections)
}

/// Gives every table the items that only other editions of it have.
pub(crate) fn lend(forms: &mut [Form]) {
    let all: Vec<(Arc<str>, Vec<Item>)> =
        forms.iter().flat_map(|f| &f.tables).map(|t| (t.table.clone(), t.items.clone())).collect();
    for table in forms.iter_mut().flat_map(|f| &mut f.tables) {
        for item in all.iter().filter(|(name, _)| *name == table.table).flat_map(|(_, items)| items) {
            if table.items.iter().chain(&table.lent).all(|own| own.code != item.code) {
                table.lent.push(item.clone());
            }
        }
    }
}

pub(crate) fn load(source: &Source, rules: &LabelRules) -> Result<Vec<Form>> {
    let mut forms = Vec::new();
    for path in source.paths("forms/", "/form.toml") {
        let file: FormFile = source.toml(path)?;
        let folder = path.trim_end_matches("form.toml");
        let mut tables = Vec::new();
        // Folders below an edition hold other knowledge about it.
        let own = |p: &&str| *p != path && !p.trim_start_matches(folder).contains('/');
        for table in source.paths(folder, ".toml").filter(own) {
            tables.push(load_table(source, table, rules).with_context(|| format!("data/{table}"))?);
        }
        let mut marks = file.marks;
        normalise(&mut marks);
        forms.push(Form {
            code: file.code,
            zh: file.zh,
            en: file.en,
            source: file.source,
            first_year: file.first_year,
            last_year: file.last_year,
            marks,
            tables,
        });
    }
    if forms.is_empty() {
        bail!("data/forms holds no form.toml");
    }
    forms.sort_by_key(|f| std::cmp::Reverse(f.first_year));
    Ok(forms)
}

fn load_table(source: &Source, path: &str, rules: &LabelRules) -> Result<FormTable> {
    let mut table: FormTable = source.toml(path)?;
    let all = |labels: &mut Vec<String>| {
        normalise(labels);
        for (own, theirs) in &rules.written {
            let rewritten =
                labels.iter().filter(|l| l.contains(own.as_str())).map(|l| l.replace(own, theirs));
            let rewritten: Vec<String> = rewritten.filter(|l| !labels.contains(l)).collect();
            labels.extend(rewritten);
        }
    };
    table.columns.iter_mut().for_each(|x| all(&mut x.labels));
    table.headings.iter_mut().for_each(|x| all(&mut x.labels));
    table.groups.iter_mut().for_each(|x| all(&mut x.labels));
    table.items.iter_mut().for_each(|x| all(&mut x.labels));
    check_table(&table)?;
    Ok(table)
}

fn normalise(labels: &mut [String]) {
    for label in labels {
        *label = label_key(label);
    }
}

/// Codes are unique and references lead somewhere; no label names two items or two columns.
fn check_table(table: &FormTable) -> Result<()> {
    let items: Vec<&str> = table.items.iter().map(|i| i.code.as_ref()).collect();
    let columns: Vec<&str> = table.columns.iter().map(|c| c.code.as_ref()).collect();
    unique("item code", items.iter().copied())?;
    unique("column code", columns.iter().copied())?;
    unique("item label", table.items.iter().flat_map(|i| i.labels.iter().map(String::as_str)))?;
    unique("column label", table.columns.iter().flat_map(|c| c.labels.iter().map(String::as_str)))?;
    for group in &table.groups {
        known("item", &items, group.items.iter())?;
        known("column", &columns, group.columns.iter())?;
    }
    for item in &table.items {
        if let Some(group) = &item.group
            && !table.groups.iter().any(|g| g.code.as_ref() == Some(group))
        {
            bail!("item {} stands in unknown group {group}", item.code);
        }
    }
    for column in &table.columns {
        if let Some(under) = &column.under
            && !table.headings.iter().any(|h| h.code.as_ref() == Some(under))
        {
            bail!("column {} stands under unknown heading {under}", column.code);
        }
    }
    for identity in &table.identities {
        let codes = if identity.axis == Axis::Row { &columns } else { &items };
        known("term", codes, identity.left.iter().chain(&identity.right))
            .with_context(|| format!("identity {}", identity.code))?;
    }
    for bound in &table.bounds {
        known("column", &columns, bound.part.iter().chain(&bound.whole))
            .with_context(|| format!("bound {}", bound.code))?;
    }
    for ratio in &table.ratios {
        known("column", &columns, [&ratio.amount, &ratio.count].into_iter())
            .with_context(|| format!("ratio {}", ratio.code))?;
    }
    for between in &table.between {
        let codes = if between.axis == Axis::Row { &columns } else { &items };
        known("term", codes, between.left.iter().chain(&between.right).chain(&between.last))
            .with_context(|| format!("between {}", between.code))?;
        if between.left.is_empty() || between.last.is_empty() {
            bail!("between {}: `left` and `last` must not be empty", between.code);
        }
    }
    Ok(())
}

fn unique<'a>(what: &str, values: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for value in values {
        if value.is_empty() {
            bail!("an empty {what}");
        }
        if !seen.insert(value) {
            bail!("{what} {value} occurs twice");
        }
    }
    Ok(())
}

fn known(what: &str, codes: &[&str], values: impl Iterator<Item = impl AsRef<str>>) -> Result<()> {
    for value in values {
        let value = value.as_ref();
        if !codes.contains(&value) {
            bail!("unknown {what} {value}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Registry;

    #[test]
    fn a_copy_that_is_changed_finds_its_columns_anew() {
        let table = Registry::embedded().form("2021").and_then(|f| f.table("proactive_disclosure")).unwrap();
        assert!(table.columns_of(0).len() < table.columns.len(), "its groups have columns of their own");
        let mut copy = table.clone();
        copy.groups.clear();
        assert_eq!(copy.columns_of(0).len(), copy.columns.len());
        let none = table.with_items(Vec::new());
        assert_eq!(none.columns_of(0).len(), none.columns.len());
    }
}
