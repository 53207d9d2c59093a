//! Every report of a snapshot in short, with what its forms lack.

use super::columns::each;
use super::figure::{Figure, Figures, Groups, Key};
use gongkai_registry::{Form, Registry, TableSpec};
use gongkai_store::{Snapshot, StoreError};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// So many of the agencies with most errors are shown.
const WORST_AGENCIES: usize = 100;

/// One report.
pub(super) struct Report {
    pub(super) id: Box<str>,
    pub(super) year: i16,
    pub(super) region: Box<str>,
    /// City, county and township, as far as known.
    pub(super) place: String,
    pub(super) agency_id: Box<str>,
    pub(super) agency_name: Option<Box<str>>,
    pub(super) level: Option<Box<str>>,
    pub(super) scope: Box<str>,
    pub(super) form: Option<Box<str>>,
    pub(super) source_uri: Option<Box<str>>,
    pub(super) cells_expected: i64,
    pub(super) cells_read: i64,
    pub(super) errors: i64,
    pub(super) warnings: i64,
    /// A bit for every cell of its form, see [`Cells`]: set where the tables have no number.
    pub(super) missing: Box<[u64]>,
}

/// What the reports of one agency add up to.
#[derive(Default)]
pub(super) struct Agency<'r> {
    name: Option<&'r str>,
    region: &'r str,
    reports: i64,
    errors: i64,
    warnings: i64,
    /// First and last year.
    years: Option<(i16, i16)>,
}

/// All reports.
pub(super) struct Reports {
    pub(super) all: Vec<Report>,
    by_id: HashMap<Box<str>, u32>,
}

const COLUMNS: [&str; 14] = [
    "report_id",
    "city_name",
    "county_name",
    "township_name",
    "agency_id",
    "agency_name",
    "agency_level",
    "form",
    "source_uri",
    "cells_expected",
    "cells_read",
    "findings_error",
    "findings_warning",
    "scope",
];

impl Reports {
    pub(super) fn read(snapshot: &Snapshot, cells: &Cells<'_>) -> Result<Self, StoreError> {
        let mut all = Vec::new();
        each(snapshot, "reports", &COLUMNS, |row| {
            let text = |at| row.text(at).map(Box::from);
            let number = |at| row.integer(at).unwrap_or(0);
            let form: Option<Box<str>> = text(7);
            let place: Vec<&str> = (1..4).filter_map(|at| row.text(at)).collect();
            all.push(Report {
                id: row.text(0).unwrap_or_default().into(),
                year: row.year,
                region: row.region.into(),
                place: place.join(" "),
                agency_id: row.text(4).unwrap_or_default().into(),
                agency_name: text(5),
                level: text(6),
                scope: row.text(13).unwrap_or_default().into(),
                source_uri: text(8),
                cells_expected: number(9),
                cells_read: number(10),
                errors: number(11),
                warnings: number(12),
                missing: form.as_deref().map(|f| cells.none_of(f)).unwrap_or_default(),
                form,
            });
        })?;
        let by_id = (0_u32..).zip(&all).map(|(at, r)| (r.id.clone(), at)).collect();
        Ok(Self { all, by_id })
    }

    /// The report with an id.
    pub(super) fn at(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).map(|at| *at as usize)
    }

    /// The report with an id, as far as there is one.
    pub(super) fn get(&self, id: Option<&str>) -> Option<&Report> {
        self.all.get(self.at(id?)?)
    }

    /// Figures that need nothing but the reports.
    pub(super) fn figures(&self, figures: &mut Figures) {
        let mut groups: Groups<5, 6> = Groups::default();
        for r in &self.all {
            let [level, scope] = r.filters();
            let key =
                [r.year.into(), Key::from(r.region.as_ref()), Key::text(r.form.as_deref()), level, scope];
            let more = [1, r.cells_expected, r.cells_read, r.errors, r.warnings, i64::from(r.errors > 0)];
            groups.of(key).iter_mut().zip(more).for_each(|(n, m)| *n += m);
        }
        let columns = [
            "year",
            "region",
            "form",
            "level",
            "scope",
            "reports",
            "cells_expected",
            "cells_read",
            "errors",
            "warnings",
            "with_errors",
        ];
        let sql = "SELECT year, region, form, agency_level AS level, scope, count(*) AS reports, sum(cells_expected) AS cells_expected, \
                   sum(cells_read) AS cells_read, sum(findings_error) AS errors, sum(findings_warning) AS warnings, \
                   count(*) FILTER (findings_error > 0) AS with_errors FROM reports GROUP BY ALL \
                   ORDER BY year, region, form, level, scope";
        figures.insert("reports", groups.figure(&columns, sql.to_owned()));
        figures.insert("agencies", self.agencies());
    }

    /// The agencies with most errors, by id and region.
    pub(super) fn worst(&self) -> Vec<(&str, Agency<'_>)> {
        let mut agencies: BTreeMap<(&str, &str), Agency<'_>> = BTreeMap::new();
        for r in &self.all {
            let agency = agencies.entry((&r.agency_id, &r.region)).or_default();
            agency.region = &r.region;
            agency.name = agency.name.max(r.agency_name.as_deref());
            agency.reports += 1;
            agency.errors += r.errors;
            agency.warnings += r.warnings;
            let (first, last) = agency.years.unwrap_or((r.year, r.year));
            agency.years = Some((first.min(r.year), last.max(r.year)));
        }
        let erring = agencies.into_iter().filter(|(_, a)| a.errors > 0);
        let mut worst: Vec<_> = erring.map(|((id, _), a)| (id, a)).collect();
        worst.sort_by_key(|(id, a)| (-a.errors, -a.warnings, *id, a.region));
        worst.truncate(WORST_AGENCIES);
        worst
    }

    fn agencies(&self) -> Figure {
        let row = |(id, a): (&str, Agency<'_>)| -> Vec<Value> {
            let (first, last) = a.years.unwrap_or_default();
            vec![
                id.into(),
                a.name.into(),
                a.region.into(),
                a.reports.into(),
                a.errors.into(),
                a.warnings.into(),
                first.into(),
                last.into(),
            ]
        };
        let columns =
            ["agency_id", "agency_name", "region", "reports", "errors", "warnings", "first", "last"];
        Figure {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.worst().into_iter().map(row).collect(),
            sql: format!(
                "SELECT agency_id, max(agency_name) AS agency_name, region, count(*) AS reports, sum(findings_error) AS errors, \
                 sum(findings_warning) AS warnings, min(year) AS first, max(year) AS last FROM reports GROUP BY agency_id, region \
                 HAVING errors > 0 ORDER BY errors DESC, warnings DESC, agency_id, region LIMIT {WORST_AGENCIES}"
            ),
        }
    }

    /// Reads the statutory tables: how often each cell is filled, and which cells each report lacks.
    pub(super) fn fill(
        &mut self,
        registry: &Registry,
        snapshot: &Snapshot,
        cells: &Cells<'_>,
        figures: &mut Figures,
    ) -> Result<(), StoreError> {
        for table in &cells.tables {
            let Some(spec) = registry.table(table) else { continue };
            let (item, measures) = (item_column(spec), cells.measures(table));
            let mut columns = vec!["report_id", item];
            columns.extend(&measures);
            let mut counts: BTreeMap<[Key; 4], Vec<i64>> = BTreeMap::new();
            each(snapshot, table, &columns, |row| {
                let Some(at) = row.text(0).and_then(|id| self.at(id)) else { return };
                let Some(report) = self.all.get_mut(at) else { return };
                let [level, scope] = report.filters();
                let form = report.form.as_deref();
                let counted = counts
                    .entry([Key::text(form), level, scope, Key::text(row.text(1))])
                    .or_insert_with(|| vec![0; measures.len() + 1]);
                if let Some(n) = counted.first_mut() {
                    *n += 1;
                }
                for (m, measure) in measures.iter().enumerate().filter(|(m, _)| row.is_filled(m + 2)) {
                    if let Some(n) = counted.get_mut(m + 1) {
                        *n += 1;
                    }
                    let cell = (form.unwrap_or_default(), *table, row.text(1).unwrap_or_default());
                    if let Some(bit) = cells.bit(cell, measure) {
                        clear(&mut report.missing, bit);
                    }
                }
            })?;
            let mut names = ["form", "level", "scope", "item", "rows"].map(str::to_owned).to_vec();
            names.extend(measures.iter().map(|m| (*m).to_owned()));
            let row = |(key, counts): ([Key; 4], Vec<i64>)| {
                key.iter().map(Key::value).chain(counts.into_iter().map(Value::from)).collect()
            };
            let filled: Vec<String> = measures.iter().map(|m| format!("count({m}) AS {m}")).collect();
            let sql = format!(
                "SELECT r.form, r.agency_level AS level, r.scope, {item} AS item, count(*) AS rows, {} FROM {table} \
                 JOIN reports r USING (report_id) GROUP BY ALL ORDER BY form, level, r.scope, item",
                filled.join(", ")
            );
            let figure = Figure { columns: names, rows: counts.into_iter().map(row).collect(), sql };
            figures.insert(fill_name(table), figure);
        }
        Ok(())
    }
}

impl Report {
    /// Level and scope, by which the page filters.
    pub(super) fn filters(&self) -> [Key; 2] {
        [Key::text(self.level.as_deref()), Key::from(self.scope.as_ref())]
    }
}

/// Name of the figure about how a table is filled.
fn fill_name(table: &str) -> &'static str {
    match table {
        "proactive_disclosure" => "fill_proactive_disclosure",
        "disclosure_requests" => "fill_disclosure_requests",
        _ => "fill_review_litigation",
    }
}

/// The column that names the lines of a statutory table.
fn item_column(spec: &TableSpec) -> &'static str {
    if spec.columns.iter().any(|c| c.name == "channel") { "channel" } else { "item" }
}

/// By form, table and item: the columns that it has, each with its number.
type Bits<'r> = HashMap<(&'r str, &'r str, &'r str), Vec<(&'r str, usize)>>;

/// The cells of every form, numbered: in the order of tables, items and columns of the registry.
pub(super) struct Cells<'r> {
    /// Names of the statutory tables.
    pub(super) tables: Vec<&'r str>,
    forms: Vec<&'r Form>,
    bits: Bits<'r>,
    sizes: HashMap<&'r str, usize>,
}

impl<'r> Cells<'r> {
    pub(super) fn of(registry: &'r Registry) -> Self {
        let forms: Vec<&Form> = registry.forms.iter().filter(|f| !f.tables.is_empty()).collect();
        let mut tables: Vec<&str> = forms.iter().flat_map(|f| &f.tables).map(|t| t.table.as_ref()).collect();
        tables.sort_by_key(|t| registry.table(t).map(|spec| spec.order));
        tables.dedup();
        let (mut bits, mut sizes) = (HashMap::new(), HashMap::new());
        for form in &forms {
            let mut next = 0;
            for table in &form.tables {
                for (at, item) in table.items.iter().enumerate() {
                    let codes = table.columns_of(at).iter().filter_map(|c| table.columns.get(*c));
                    let numbered: Vec<(&str, usize)> = codes.map(|c| c.code.as_ref()).zip(next..).collect();
                    next += numbered.len();
                    bits.insert((form.code.as_ref(), table.table.as_ref(), item.code.as_ref()), numbered);
                }
            }
            sizes.insert(form.code.as_ref(), next);
        }
        Self { tables, forms, bits, sizes }
    }

    /// The columns of a table that any form prints, in the order they are first met.
    fn measures(&self, table: &str) -> Vec<&'r str> {
        let mut measures: Vec<&str> = Vec::new();
        for column in self.forms.iter().filter_map(|f| f.table(table)).flat_map(|t| &t.columns) {
            if !measures.contains(&column.code.as_ref()) {
                measures.push(&column.code);
            }
        }
        measures
    }

    fn bit(&self, cell: (&str, &str, &str), column: &str) -> Option<usize> {
        // The key's lifetime is the registry's; looking it up with a shorter one is fine.
        let bits: &Bits<'_> = &self.bits;
        bits.get(&cell)?.iter().find(|(code, _)| *code == column).map(|(_, bit)| *bit)
    }

    /// All cells of a form set.
    fn none_of(&self, form: &str) -> Box<[u64]> {
        let size = self.sizes.get(form).copied().unwrap_or(0);
        let word = |at: usize| if size - at >= 64 { u64::MAX } else { (1 << (size - at)) - 1 };
        (0..size).step_by(64).map(word).collect()
    }
}

fn clear(bits: &mut [u64], bit: usize) {
    if let Some(word) = bits.get_mut(bit / 64) {
        *word &= !(1 << (bit % 64));
    }
}

/// The numbers of the bits that are set.
pub(super) fn set_bits(bits: &[u64]) -> impl Iterator<Item = usize> {
    bits.iter().enumerate().flat_map(|(at, word)| {
        (0..64_usize).filter(move |bit| (word >> bit) & 1 == 1).map(move |bit| at * 64 + bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbered_without_gaps() {
        let registry = Registry::embedded();
        let cells = Cells::of(registry);
        for form in registry.forms.iter().filter(|f| !f.tables.is_empty()) {
            let size: usize = form.tables.iter().map(|t| t.cell_count()).sum();
            let mut missing = cells.none_of(&form.code);
            assert_eq!(set_bits(&missing).collect::<Vec<_>>(), (0..size).collect::<Vec<_>>());
            let last = form.tables.last().unwrap();
            let (item, column) = (last.items.last().unwrap(), last.columns.last().unwrap());
            let bit = cells.bit((&form.code, &last.table, &item.code), &column.code).unwrap();
            assert_eq!(bit, size - 1);
            clear(&mut missing, bit);
            assert_eq!(set_bits(&missing).count(), size - 1);
        }
    }
}
