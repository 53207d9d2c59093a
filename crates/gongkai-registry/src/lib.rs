//! The knowledge in `data/`, loaded, checked and indexed: forms, fields, label variants, identities, gazetteer,
//! agency kinds, rule texts.
//!
//! It is embedded in the binary; `--data DIR` loads another folder of the same shape. Everything is checked while
//! loading, so that the stages behind can rely on it: every code a form uses is a column of its output table, every
//! identity names items and columns that exist, every label is unique where it must be.

mod accuracy;
mod crosswalk;
mod forms;
mod gazetteer;
mod kinds;
mod legacy;
mod normal;
mod panel;
mod prose;
mod rules;
mod scopes;
mod source;
mod tables;
mod views;
mod wording;
mod words;

pub use accuracy::StageAccuracy;
pub use crosswalk::{Break, Comparability, Crosswalk, Series, SeriesSource};
pub use forms::{
    Axis, Between, Bound, Column, Deadline, Form, FormTable, Group, Heading, Identity, Item, LabelRules,
    Orientation, Ratio, SectionSpec,
};
pub use gazetteer::{Division, Gazetteer, Level, NameForm, Named, Region, Township};
pub use kinds::{AgencyKind, AgencyKinds, CentralOrgan, Mark, Unit};
pub use legacy::{Family, Indicator, LEGACY_TABLE, Legacy, LegacyColumns, NARRATIVE_COLUMN, Role, RoleWords};
pub use normal::{bare, is_invisible, is_longer, label_key, strip_ordinal};
pub use panel::{Again, BetweenLine, CellCode, Jump, Panel, Text, Watched};
pub use prose::{Count, Prose, Target};
pub use rules::Rule;
pub use scopes::{Clause, ScopeSpec, Scopes};
pub use tables::{ColumnSpec, ColumnType, Figures, Share, TableSpec};
pub use views::{ViewColumn, ViewSpec, WideView};
pub use wording::{
    AgencyWeights, Articles, Asks, Blank, FieldLabel, NameWords, Other, OtherDocuments, PartOfYear,
    PlaceWeights, SaysOf, Sentences, Titles, Weights, Wording, YearWeights,
};
pub use words::WordList;

use anyhow::{Context, Result, bail};
use source::Source;
use std::path::Path;
use std::sync::OnceLock;

/// All of `data/`, loaded and checked.
#[derive(Debug)]
pub struct Registry {
    /// Editions of the form, newest first.
    pub forms: Vec<Form>,
    /// Sections of a report, in statutory order.
    pub sections: Vec<SectionSpec>,
    /// For whom a table counts, where a page prints several.
    pub scopes: Scopes,
    /// When reports are due.
    pub deadlines: Vec<Deadline>,
    /// How printed labels may differ.
    pub label_rules: LabelRules,
    /// Sentences that give counts, in the forms in use.
    pub prose: Prose,
    /// Statistics tables of 2008-2018.
    pub legacy: Legacy,
    /// What is compared between reports of different years and agencies.
    pub panel: Panel,
    /// Series over all years.
    pub crosswalks: Vec<Crosswalk>,
    /// Views beside the tables.
    pub views: Vec<ViewSpec>,
    /// The view that has a column for every cell.
    pub wide: WideView,
    /// Output tables and their columns.
    pub tables: Vec<TableSpec>,
    /// Places.
    pub gazetteer: Gazetteer,
    /// Functions of agencies.
    pub kinds: AgencyKinds,
    /// How pages say who reports, for where and when.
    pub wording: Wording,
    /// Texts of the findings.
    pub rules: Vec<Rule>,
    /// How well documents are read, as measured.
    pub accuracy: Vec<StageAccuracy>,
    /// blake3 of all files (paths and contents), hexadecimal: stamped into every snapshot.
    pub digest: String,
}

impl Registry {
    /// The registry embedded in the binary.
    ///
    /// # Panics
    /// When the embedded data are inconsistent, which the tests of this crate exclude.
    #[allow(clippy::expect_used)]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Registry> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            Self::from_source(&Source::embedded()).expect("the embedded registry is consistent")
        })
    }

    /// Loads and checks another data folder.
    ///
    /// # Errors
    /// When a file is missing, cannot be parsed, or contradicts another; the message names the file.
    pub fn load(dir: &Path) -> Result<Self> {
        let source =
            Source::folder(dir).with_context(|| format!("cannot read the registry in {}", dir.display()))?;
        Self::from_source(&source)
            .with_context(|| format!("the registry in {} is inconsistent", dir.display()))
    }

    fn from_source(source: &Source) -> Result<Self> {
        let label_rules = forms::load_label_rules(source)?;
        let mut forms = forms::load(source, &label_rules)?;
        forms::lend(&mut forms);
        let (views, wide) = views::load(source)?;
        let registry = Self {
            prose: prose::load(source, &forms)?,
            panel: panel::load(source, &forms)?,
            forms,
            sections: forms::load_sections(source)?,
            scopes: scopes::load(source)?,
            deadlines: forms::load_deadlines(source)?,
            label_rules,
            legacy: legacy::load(source)?,
            crosswalks: crosswalk::load(source)?,
            views,
            wide,
            tables: tables::load(source)?,
            gazetteer: Gazetteer::load(source)?,
            kinds: AgencyKinds::load(source)?,
            wording: Wording::load(source)?,
            rules: rules::load(source)?,
            accuracy: accuracy::load(source)?,
            digest: source.digest(),
        };
        registry.check()?;
        Ok(registry)
    }

    /// The form with this code.
    pub fn form(&self, code: &str) -> Option<&Form> {
        self.forms.iter().find(|f| f.code.as_ref() == code)
    }

    /// The tables that a report of this form may print: the statutory ones, and for the years before 2019 the indicators
    /// of the statistics tables, which sentences may give as well.
    pub fn tables_of(&self, form: &str) -> Vec<&FormTable> {
        let known = self.form(form);
        let statutory = known.map_or(&[][..], |f| f.tables.as_slice());
        let legacy = statutory.is_empty().then_some(&self.legacy.table);
        statutory.iter().chain(legacy).collect()
    }

    /// When the report about a year is due, where that is known for agencies of this level and kind.
    pub fn deadline(&self, year: i16, level: Option<&str>, kind: Option<&str>) -> Option<&Deadline> {
        let among = |all: &[String], own: Option<&str>| {
            all.is_empty() || own.is_some_and(|o| all.iter().any(|a| a == o))
        };
        self.deadlines.iter().find(|d| {
            (d.first_year..=d.last_year.unwrap_or(i16::MAX)).contains(&year)
                && among(&d.levels, level)
                && among(&d.kinds, kind)
        })
    }

    /// The output table with this name.
    pub fn table(&self, name: &str) -> Option<&TableSpec> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// The rule with this code.
    pub fn rule(&self, code: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.code == code)
    }

    /// What one file cannot know: that forms and output tables agree.
    fn check(&self) -> Result<()> {
        if let Some(unit) =
            self.kinds.units().iter().find(|u| self.gazetteer.spans(&u.place).next().is_none())
        {
            bail!("unit {} lies in unknown division {}", unit.name, unit.place);
        }
        for form in &self.forms {
            for table in &form.tables {
                let spec = self.table(&table.table).with_context(|| {
                    format!("form {}: no output table {} in data/tables", form.code, table.table)
                })?;
                for column in &table.columns {
                    if !spec.columns.iter().any(|c| c.name == *column.code) {
                        bail!(
                            "form {}: {} has no column {} in data/tables",
                            form.code,
                            table.table,
                            column.code
                        );
                    }
                }
                if !self.sections.iter().any(|s| s.code == table.section) {
                    bail!("form {}: {} stands in unknown section {}", form.code, table.table, table.section);
                }
            }
        }
        self.check_crosswalks()?;
        for spec in &self.tables {
            for (column, figures) in spec.columns.iter().flat_map(|c| c.from.iter().map(move |f| (c, f))) {
                let place = || format!("table {}, column {}", spec.name, column.name);
                self.check_figures(place, &figures.table, &figures.items, &figures.column)?;
            }
        }
        Ok(())
    }

    /// Series lead to columns and items that exist.
    fn check_crosswalks(&self) -> Result<()> {
        for crosswalk in &self.crosswalks {
            let all = crosswalk.series.iter().flat_map(|s| s.sources.iter().map(move |source| (s, source)));
            for (series, source) in all {
                let place = || format!("crosswalk {}, series {}", crosswalk.view, series.code);
                self.check_figures(place, &source.table, &source.items, &source.column)?;
            }
        }
        Ok(())
    }

    /// Figures of a table exist: its column, and its items in some form.
    fn check_figures(
        &self,
        place: impl Fn() -> String,
        table: &str,
        items: &[String],
        column: &str,
    ) -> Result<()> {
        let spec = self.table(table).with_context(&place)?;
        if !spec.columns.iter().any(|c| c.name == column) {
            bail!("{}: {table} has no column {column}", place());
        }
        let forms = self.forms.iter().filter_map(|f| f.table(table));
        let tables = forms.chain((table == LEGACY_TABLE).then_some(&self.legacy.table));
        if let Some(item) = items.iter().find(|i| !tables.clone().any(|t| t.item(i).is_some())) {
            bail!("{}: {table} has no item {item}", place());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_registry_loads_and_has_the_statutory_sizes() {
        let r = Registry::embedded();
        let sizes = |form: &str| -> Vec<(String, usize)> {
            r.form(form).unwrap().tables.iter().map(|t| (t.table.to_string(), t.cell_count())).collect()
        };
        // Counted on the printed forms: 25 and 23 lines of seven columns; three channels of five outcomes.
        let find = |v: &[(String, usize)], n: &str| v.iter().find(|(t, _)| t == n).unwrap().1;
        let (new, old) = (sizes("2021"), sizes("2019"));
        assert_eq!(find(&new, "disclosure_requests"), 25 * 7);
        assert_eq!(find(&old, "disclosure_requests"), 23 * 7);
        assert_eq!(find(&new, "review_litigation"), 15);
        assert_eq!(find(&new, "proactive_disclosure"), 2 * 3 + 1 + 2 + 1);
        assert_eq!(find(&old, "proactive_disclosure"), 2 * 3 + 2 * 3 + 2 * 3 + 2 + 2);
    }

    #[test]
    fn what_must_follow_from_the_year_before_covers_the_cells_the_form_names() {
        let r = Registry::embedded();
        let lines = |form: &str| -> Vec<(&str, usize)> {
            let tables = r.form(form).unwrap().tables.iter();
            tables.flat_map(|t| t.between.iter().map(|b| (b.code.as_str(), b.lines(t).count()))).collect()
        };
        // Seven columns; two kinds of documents; of the items, all but documents and procurement.
        assert_eq!(lines("2021"), [("carried", 7), ("in_force", 2)]);
        assert_eq!(lines("2019"), [("carried", 7), ("items", 5)]);
        assert!(r.panel.cell("disclosure_requests", "carried_forward", "research").is_some());
        assert!(r.panel.cell("disclosure_requests", "granted", "research").is_none());
    }

    #[test]
    fn a_folder_loads_like_the_embedded_copy() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        assert_eq!(Registry::load(&dir).unwrap().digest, Registry::embedded().digest);
    }

    #[test]
    fn a_contradiction_is_refused_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let err = format!("{:#}", Registry::load(dir.path()).unwrap_err());
        assert!(err.contains("cannot read") && err.contains("folder"), "{err}");
    }
}
