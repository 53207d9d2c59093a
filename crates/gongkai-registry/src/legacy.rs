//! The statistics tables of 2008-2018 as data: families of tables in `data/forms/pre2019/families/`, and in `reading/` the
//! words over their columns and the sentences that give counts in prose.
//!
//! A family is no layout: its indicators may stand in any table that prints their labels. What it adds is which indicators
//! belong together, below which other they stand, and what adds up.

use crate::forms::{Axis, Bound, Column, ColumnsByItem, FormTable, Identity, Item, Orientation};
use crate::normal::{label_key, strip_ordinal};
use crate::prose::Prose;
use crate::source::Source;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Output table of these indicators.
pub const LEGACY_TABLE: &str = "legacy_statistics";
/// Name, in evidence, of the column that a count from prose is kept in: it never meets the figures of a table.
pub const NARRATIVE_COLUMN: &str = "narrative";
/// The form whose tables these are.
const FORM: &str = "pre2019";

/// All that is known about the statistics tables of 2008-2018.
#[derive(Debug)]
pub struct Legacy {
    /// Families of tables, by code.
    pub families: Vec<Family>,
    /// Words over columns, units, and what bounds what.
    pub columns: LegacyColumns,
    /// Sentences that give counts.
    pub prose: Prose,
    /// All indicators of all families as one table: codes, labels and columns for looking a cell up, no identities.
    pub table: FormTable,
}

/// A family of tables: one authority's edition.
#[derive(Debug, Clone)]
pub struct Family {
    /// `national`, `provincial_2008`, ...
    pub code: Arc<str>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Who prescribed it.
    pub source: String,
    /// First report year.
    pub first_year: i16,
    /// Last report year.
    pub last_year: i16,
    /// Indicators in printed order, headings included.
    pub indicators: Vec<Indicator>,
    /// The same as a form table, headings left out: what the rules about sums look at.
    pub table: FormTable,
}

/// A line of a family's table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Code; the same in all families where it means the same.
    pub code: Arc<str>,
    /// Code of the indicator or heading it stands under.
    #[serde(default)]
    pub parent: Option<Arc<str>>,
    /// Unit the form prints; none for headings.
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether it has no figures of its own.
    #[serde(default)]
    pub heading: bool,
    /// Labels as printed, the first one with its ordinal.
    pub labels: Vec<String>,
    /// English description.
    pub en: String,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names of indicators.
    Label,
    /// Units.
    Unit,
    /// Figures of the report year.
    Value,
    /// Figures of all years up to the report's.
    Cumulative,
    /// Something else, read past.
    Skip,
}

impl Role {
    /// The column of the output table, for columns of figures.
    pub fn column(self) -> Option<&'static str> {
        match self {
            Self::Value => Some("value"),
            Self::Cumulative => Some("cumulative"),
            _ => None,
        }
    }
}

/// Words over columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyColumns {
    /// Words before a part of the indicator above.
    pub within: Vec<String>,
    /// Units, the longest first.
    pub units: Vec<String>,
    /// Words by what stands below them.
    #[serde(rename = "column")]
    pub columns: Vec<RoleWords>,
    /// Columns of which one is usually not below the other.
    #[serde(rename = "bound", default)]
    pub bounds: Vec<Bound>,
}

/// The words over one kind of column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleWords {
    /// What stands below.
    pub role: Role,
    /// Normalised words; `{year}` stands for four digits.
    pub labels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    code: Arc<str>,
    zh: String,
    en: String,
    source: String,
    first_year: i16,
    last_year: i16,
    columns: Vec<Arc<str>>,
    #[serde(rename = "indicator")]
    indicators: Vec<Indicator>,
    #[serde(rename = "identity", default)]
    identities: Vec<Identity>,
}

impl LegacyColumns {
    /// The normal form in which indicator labels are compared: without `其中` and ordinals, characters and digits only.
    pub fn label_key(&self, text: &str) -> String {
        label_key(self.strip(text))
    }

    /// A label without `其中：` and ordinals, in whatever order they stand.
    pub fn strip<'t>(&self, text: &'t str) -> &'t str {
        let mut rest = text.trim();
        loop {
            let mut next = strip_ordinal(rest).1;
            for word in &self.within {
                next = next.strip_prefix(word.as_str()).unwrap_or(next);
            }
            let next = next.trim_start_matches([':', '：', '、', ',', '，']).trim();
            if next.len() == rest.len() {
                return rest;
            }
            rest = next;
        }
    }

    /// What the words over a column say is below, and the year they name.
    pub fn role(&self, text: &str) -> Option<(Role, Option<i16>)> {
        let key = label_key(text);
        let (pattern, year) = with_year(&key);
        let found = self.columns.iter().find(|c| c.labels.contains(&pattern))?;
        Some((found.role, year))
    }
}

/// A key with its first year of this century replaced by `{year}`, and the year.
fn with_year(key: &str) -> (String, Option<i16>) {
    let digits = |t: &str| t.len() == 4 && t.starts_with("20") && t.bytes().all(|b| b.is_ascii_digit());
    match key.get(..4).filter(|t| digits(t)) {
        Some(year) => (format!("{{year}}{}", key.get(4..).unwrap_or_default()), year.parse().ok()),
        None => (key.to_owned(), None),
    }
}

impl Legacy {
    /// The indicator with this code in the first family that has it.
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.families.iter().flat_map(|f| &f.indicators).find(|i| i.code.as_ref() == code)
    }

    /// Code of the indicator that one is a part of, headings aside.
    fn parent(&self, code: &str) -> Option<Arc<str>> {
        let parent = self.indicator(code)?.parent.as_ref()?;
        self.indicator(parent).filter(|p| !p.heading).map(|p| p.code.clone())
    }

    /// The family with this code.
    pub fn family(&self, code: &str) -> Option<&Family> {
        self.families.iter().find(|f| f.code.as_ref() == code)
    }
}

pub(crate) fn load(source: &Source) -> Result<Legacy> {
    let folder = format!("forms/{FORM}/reading");
    let mut columns: LegacyColumns = source.toml(&format!("{folder}/columns.toml"))?;
    for words in &mut columns.columns {
        words.labels.iter_mut().for_each(|l| *l = l.replace("{year}", "2000"));
        words.labels.iter_mut().for_each(|l| *l = with_year(&label_key(l)).0);
    }
    columns.units.sort_by_key(|u| std::cmp::Reverse(u.chars().count()));
    let mut families = Vec::new();
    let paths: Vec<String> =
        source.paths(&format!("forms/{FORM}/families/"), ".toml").map(str::to_owned).collect();
    for path in &paths {
        let file: FamilyFile = source.toml(path)?;
        families.push(family(file, &columns).with_context(|| format!("data/{path}"))?);
    }
    let prose: Prose = source.toml(&format!("{folder}/prose.toml"))?;
    let mut legacy = Legacy { table: merged(&families), families, columns, prose };
    check(&legacy)?;
    let parents: Vec<_> = legacy.prose.counts.iter().map(|c| legacy.parent(&c.code)).collect();
    for (count, parent) in legacy.prose.counts.iter_mut().zip(parents) {
        count.of.extend(parent);
    }
    Ok(legacy)
}

fn family(file: FamilyFile, columns: &LegacyColumns) -> Result<Family> {
    let known = |code: &str| file.indicators.iter().any(|i| i.code.as_ref() == code && !i.heading);
    let mut seen = BTreeSet::new();
    for indicator in &file.indicators {
        if !seen.insert(indicator.code.clone()) {
            bail!("indicator {} occurs twice", indicator.code);
        }
        if let Some(parent) = indicator.parent.as_ref().filter(|p| !seen.contains(*p)) {
            bail!("indicator {} stands under {parent}, which does not stand before it", indicator.code);
        }
        if indicator.labels.iter().any(|l| columns.label_key(l).is_empty()) || indicator.labels.is_empty() {
            bail!("indicator {} has no label", indicator.code);
        }
        if indicator.heading == indicator.unit.is_some() {
            bail!("indicator {} must either have a unit or be a heading", indicator.code);
        }
    }
    for identity in &file.identities {
        let terms = identity.left.iter().chain(&identity.right);
        if let Some(term) = terms.clone().find(|t| !known(t)) {
            bail!("identity {}: unknown indicator {term}", identity.code);
        }
        if identity.axis != Axis::Column {
            bail!("identity {}: sums run down the indicators", identity.code);
        }
    }
    let table = table(&file.indicators, &file.columns, file.identities);
    Ok(Family {
        code: file.code,
        zh: file.zh,
        en: file.en,
        source: file.source,
        first_year: file.first_year,
        last_year: file.last_year,
        indicators: file.indicators,
        table,
    })
}

fn table(indicators: &[Indicator], columns: &[Arc<str>], identities: Vec<Identity>) -> FormTable {
    let column = |code: &Arc<str>| Column {
        code: code.clone(),
        labels: vec![code.to_string()],
        under: None,
        units: Vec::new(),
        signed: false,
        most: None,
        most_by_level: BTreeMap::new(),
    };
    let item =
        |i: &Indicator| Item { code: i.code.clone(), group: None, sums: false, labels: i.labels.clone() };
    FormTable {
        table: LEGACY_TABLE.into(),
        section: "appendix".to_owned(),
        orientation: Orientation::Rows,
        clause: String::new(),
        units: Vec::new(),
        columns: columns.iter().map(column).collect(),
        headings: Vec::new(),
        groups: Vec::new(),
        items: indicators.iter().filter(|i| !i.heading).map(item).collect(),
        identities,
        bounds: Vec::new(),
        ratios: Vec::new(),
        most: None,
        between: Vec::new(),
        lent: Vec::new(),
        by_item: ColumnsByItem::default(),
    }
}

/// Every indicator once, with the labels all families give it.
fn merged(families: &[Family]) -> FormTable {
    let mut labels: BTreeMap<Arc<str>, Vec<String>> = BTreeMap::new();
    let mut all: Vec<Indicator> = Vec::new();
    for indicator in families.iter().flat_map(|f| &f.indicators).filter(|i| !i.heading) {
        let own = labels.entry(indicator.code.clone()).or_default();
        if own.is_empty() {
            all.push(indicator.clone());
        }
        own.extend(indicator.labels.iter().map(|l| label_key(strip_ordinal(l).1)));
    }
    for indicator in &mut all {
        indicator.labels = labels.remove(&indicator.code).unwrap_or_default();
    }
    table(&all, &["value".into(), "cumulative".into(), NARRATIVE_COLUMN.into()], Vec::new())
}

/// What one file cannot know: that sentences count indicators of some family.
fn check(legacy: &Legacy) -> Result<()> {
    for count in &legacy.prose.counts {
        if legacy.table.item(&count.code).is_none() {
            bail!("data/forms/{FORM}/reading/prose.toml: unknown indicator {}", count.code);
        }
        if count.within && legacy.indicator(&count.code).is_none_or(|i| i.parent.is_none()) {
            bail!("data/forms/{FORM}/reading/prose.toml: {} is part of nothing", count.code);
        }
    }
    for role in [Role::Label, Role::Unit, Role::Value] {
        if !legacy.columns.columns.iter().any(|c| c.role == role) {
            bail!("data/forms/{FORM}/reading/columns.toml: no words over the column {role:?}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Registry, Role};

    #[test]
    fn families_have_the_sizes_of_the_printed_tables() {
        let legacy = &Registry::embedded().legacy;
        let sizes: Vec<(&str, usize, usize)> = legacy
            .families
            .iter()
            .map(|f| (f.code.as_ref(), f.indicators.len(), f.table.cell_count()))
            .collect();
        // Counted on the printed tables: lines, and cells for figures.
        assert_eq!(
            sizes,
            [
                ("national", 65, 58),
                ("provincial_2008", 17, 34),
                ("provincial_2013", 17, 34),
                ("provincial_long", 35, 35)
            ]
        );
    }

    #[test]
    fn labels_lose_their_ordinals_and_columns_tell_their_year() {
        let columns = &Registry::embedded().legacy.columns;
        assert_eq!(columns.label_key("其中：1.网站公开"), "网站公开");
        assert_eq!(columns.label_key("（三） 其中: 申请答复数"), "申请答复数");
        assert_eq!(columns.label_key("三类信息数"), "三类信息数");
        assert_eq!(columns.role("2012\n年度"), Some((Role::Value, Some(2012))));
        assert_eq!(columns.role("计量 单位"), Some((Role::Unit, None)));
        assert_eq!(columns.role("本期实际"), Some((Role::Skip, None)));
        assert_eq!(columns.role("预算数"), None);
    }
}
