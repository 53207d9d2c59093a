//! `key_figures`: one row a report, its figures put together as the registry says ([`Plan`]).

use super::Context;
use crate::column::Source;
use crate::counted::{Seat, Stands};
use crate::record::ReportRecord;
use gongkai_model::{CellFact, LegacySource, Number, Scope, Severity};
use gongkai_registry::{ColumnType, Gazetteer, LEGACY_TABLE, TableSpec};
use std::collections::{BTreeSet, HashMap};

/// Which cells go into which columns. Built once for a table.
pub(super) struct Plan<'a> {
    /// Column and source that a cell goes into, by table, item and column.
    sinks: HashMap<[&'a str; 3], Vec<(usize, usize)>>,
    /// How many cells each source of each column is the sum of.
    sizes: Vec<Vec<usize>>,
    /// Columns that are made of others: those above, and the one below.
    shares: Vec<Option<(Vec<usize>, usize)>>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(spec: &'a TableSpec) -> Self {
        let mut sinks: HashMap<[&str; 3], Vec<(usize, usize)>> = HashMap::new();
        for (at, column) in spec.columns.iter().enumerate() {
            for (n, source) in column.from.iter().enumerate() {
                for item in &source.items {
                    sinks.entry([&source.table, item, &source.column]).or_default().push((at, n));
                }
            }
        }
        let position = |name: &String| spec.columns.iter().position(|c| c.name == *name);
        let share = |c: &gongkai_registry::ColumnSpec| {
            let share = c.share.as_ref()?;
            Some((share.of.iter().filter_map(position).collect(), position(&share.within)?))
        };
        Self {
            sinks,
            sizes: spec.columns.iter().map(|c| c.from.iter().map(|s| s.items.len()).collect()).collect(),
            shares: spec.columns.iter().map(share).collect(),
        }
    }

    /// The figures of every column.
    fn figures(&self, cells: &[&CellFact], report: Option<&ReportRecord>) -> Vec<Option<Number>> {
        let mut printed = self.sums();
        // Cells of the tables of 2008-2018 are there once more as the rows below.
        for cell in cells.iter().filter(|c| &*c.table != LEGACY_TABLE) {
            self.add(&mut printed, [&cell.table, &cell.item, &cell.column], cell.value);
        }
        let mut said = self.sums();
        for row in report.iter().flat_map(|r| &r.parsed.legacy) {
            let Some(indicator) = row.indicator.as_deref() else { continue };
            let of_table = matches!(row.source, LegacySource::Table(_));
            let sums = if of_table { &mut printed } else { &mut said };
            self.add(sums, [LEGACY_TABLE, indicator, "value"], row.value);
        }
        // A figure of a table goes before one of a sentence.
        let figure = |(at, sizes): (usize, &Vec<usize>)| {
            [&printed, &said].into_iter().find_map(|sums| {
                sizes
                    .iter()
                    .zip(sums.get(at)?)
                    .find_map(|(size, (count, sum))| if count == size { *sum } else { None })
            })
        };
        let mut figures: Vec<Option<Number>> = self.sizes.iter().enumerate().map(figure).collect();
        for (at, share) in self.shares.iter().enumerate() {
            let Some((of, within)) = share else { continue };
            let get = |at: &usize| figures.get(*at).copied().flatten();
            let of: Option<Vec<Number>> = of.iter().map(get).collect();
            let value = of.and_then(|of| ratio(&of, get(within)?));
            if let Some(slot) = figures.get_mut(at) {
                *slot = value;
            }
        }
        figures
    }

    fn sums(&self) -> Vec<Vec<(usize, Option<Number>)>> {
        self.sizes.iter().map(|s| vec![(0, Some(Number::from_integer(0))); s.len()]).collect()
    }

    fn add(&self, sums: &mut [Vec<(usize, Option<Number>)>], cell: [&str; 3], value: Option<Number>) {
        let (Some(value), Some(sinks)) = (value, self.sinks.get(&cell)) else { return };
        for (column, source) in sinks {
            if let Some((count, sum)) = sums.get_mut(*column).and_then(|s| s.get_mut(*source)) {
                *count += 1;
                *sum = sum.and_then(|sum| sum.checked_add(value));
            }
        }
    }
}

/// A share, to four decimals; `None` of nothing, and of what is more than the whole.
fn ratio(of: &[Number], within: Number) -> Option<Number> {
    let of = of.iter().try_fold(0_i128, |sum, n| sum.checked_add(n.micros()))?;
    let within = within.micros();
    if within <= 0 || of < 0 || of > within {
        return None;
    }
    let tenths = of.checked_mul(20_000)?.checked_add(within)? / within.checked_mul(2)?;
    Some(Number::from_micros(tenths.checked_mul(100)?))
}

/// One report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    scope: Scope,
    stands: Option<Stands>,
    counted: bool,
    division: Option<Division<'a>>,
    figures: Vec<Option<Number>>,
    cells: (usize, usize),
    findings: [i64; 3],
    tool_version: &'a str,
}

struct Division<'a> {
    code: &'a str,
    name: Option<&'a str>,
    unit: Option<&'a str>,
}

pub(super) fn rows<'a>(context: &Context<'a>, plan: &Plan<'_>, reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(reports.len());
    for report in reports {
        let row = |scope: Scope, cells: &[&CellFact], own: bool| Row {
            report,
            scope,
            stands: Seat::of(&report.resolution).map(|seat| seat.with_scope(scope).stands()),
            counted: own && report.counted,
            division: division(&context.registry.gazetteer, report),
            figures: plan.figures(cells, Some(report).filter(|_| own)),
            cells: match own {
                true => {
                    let tables = &report.parsed.tables;
                    let sum = |of: fn(&gongkai_model::TableReading) -> u32| {
                        tables.iter().map(|t| of(t) as usize).sum()
                    };
                    (sum(|t| t.expected), sum(|t| t.read))
                }
                false => (cells.len(), cells.iter().filter(|c| c.value.is_some()).count()),
            },
            findings: if own { findings(context, report) } else { [0; 3] },
            tool_version: context.stamp.tool_version,
        };
        rows.push(row(report.resolution.scope, &report.parsed.cells.iter().collect::<Vec<_>>(), true));
        let beside: BTreeSet<Scope> = report.parsed.beside.iter().map(|b| b.scope).collect();
        for scope in beside {
            let tables = report.parsed.beside.iter().filter(|b| b.scope == scope);
            rows.push(row(scope, &tables.flat_map(|b| &b.cells).collect::<Vec<_>>(), false));
        }
    }
    rows
}

fn findings(context: &Context<'_>, report: &ReportRecord) -> [i64; 3] {
    let count = |severity: Severity| {
        report.findings.iter().map(|f| i64::from(context.severity(f.code) == severity)).sum()
    };
    [Severity::Error, Severity::Warning, Severity::Info].map(count)
}

/// The lowest division known.
fn division<'a>(gazetteer: &'a Gazetteer, report: &'a ReportRecord) -> Option<Division<'a>> {
    let place = &report.resolution.place;
    let (code, name) = [
        (&place.county_code, &place.county_name),
        (&place.city_code, &place.city_name),
        (&place.province_code, &place.province_name),
    ]
    .into_iter()
    .find_map(|(code, name)| Some((code.as_deref()?, name.as_deref())))?;
    let spans = || gazetteer.spans(code);
    let year = report.resolution.year.and_then(|year| gazetteer.at(code, year));
    let unit = year.or_else(|| spans().last()).map(|d| gazetteer.unit(d));
    Some(Division { code, name, unit })
}

pub(super) fn source<'a>(spec: &TableSpec, column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "agency_id" => Source::Text(|r| Some(&r.report.resolution.agency_id)),
        "scope" => Source::Text(|r| Some(r.scope.as_str())),
        "stands_for" => Source::Text(|r| r.stands.map(Stands::as_str)),
        "counted" => Source::Bool(|r| Some(r.counted)),
        "agency_name" => Source::Text(|r| r.report.resolution.agency_name.as_deref()),
        "agency_kind" => Source::Text(|r| r.report.resolution.agency_kind.as_deref()),
        "agency_mark" => Source::Text(|r| r.report.resolution.agency_mark.as_deref()),
        "agency_level" => Source::Text(|r| r.report.resolution.agency_level.as_deref()),
        "division_code" => Source::Text(|r| Some(r.division.as_ref()?.code)),
        "division_name" => Source::Text(|r| r.division.as_ref()?.name),
        "unit_code" => Source::Text(|r| r.division.as_ref()?.unit),
        "province_code" => Source::Text(|r| r.report.resolution.place.province_code.as_deref()),
        "city_code" => Source::Text(|r| r.report.resolution.place.city_code.as_deref()),
        "county_code" => Source::Text(|r| r.report.resolution.place.county_code.as_deref()),
        "township_name" => Source::Text(|r| r.report.resolution.place.township_name.as_deref()),
        "form" => Source::Text(|r| Some(&r.report.parsed.form)),
        "cells_expected" => Source::Int(|r| i64::try_from(r.cells.0).ok()),
        "cells_read" => Source::Int(|r| i64::try_from(r.cells.1).ok()),
        "findings_error" => Source::Int(|r| Some(r.findings[0])),
        "findings_warning" => Source::Int(|r| Some(r.findings[1])),
        "findings_info" => Source::Int(|r| Some(r.findings[2])),
        "tool_version" => Source::Text(|r| Some(r.tool_version)),
        _ => {
            let at = spec.columns.iter().position(|c| c.name == column)?;
            let made = spec.columns.get(at).is_some_and(|c| {
                let counts = matches!(c.kind, ColumnType::Int64 | ColumnType::Decimal4);
                counts && (c.share.is_some() || !c.from.is_empty())
            });
            made.then(|| Source::Number(Box::new(move |r: &Row<'_>| r.figures.get(at).copied().flatten())))?
        }
    })
}
