//! A statistics table on paper: labels, units, figures, and headings between them.

use super::family;
use crate::build::Options;
use crate::figures::Figures;
use crate::sheet::{Cell, Ink, Kind, Part, Row, Sheet};
use crate::spec::Spec;
use crate::truth::Certainty;
use fastrand::Rng;
use gongkai_model::Number;
use gongkai_registry::{Family, Indicator};

/// The table of the spec's family, with the year its head names.
pub(crate) fn sheet(spec: &Spec, year: i16, figures: &Figures, options: Options, rng: &mut Rng) -> Sheet {
    let Some(family) = family(spec.form) else { return Sheet::default() };
    let columns = family.table.columns.len();
    let dash = rng.choice(["——", "—", "", "-"]).unwrap_or("");
    let mut rows = Vec::new();
    if !options.without_head {
        rows.push(head(family, year, rng));
    }
    for indicator in &family.indicators {
        let label = indicator.labels.first().map_or("", String::as_str);
        match family.table.item(&indicator.code) {
            Some(item) => rows.push(line(family, indicator, item, label, figures, options)),
            None => {
                let mut cells = vec![Cell::new(Part::Other, label)];
                cells.extend((0..=columns).map(|_| Cell::new(Part::Other, dash)));
                rows.push(Row::new(Kind::Extra, cells));
            }
        }
    }
    let head = !options.without_head;
    Sheet { table: Some(0), rows, label_columns: 1, width: 2 + columns, head, ..Sheet::default() }
}

fn head(family: &Family, year: i16, rng: &mut Rng) -> Row {
    let (labels, units) =
        rng.choice([("指标名称", "计量单位"), ("统计指标", "单位")]).unwrap_or(("指标名称", "单位"));
    let mut cells = vec![Cell::new(Part::Head, labels), Cell::new(Part::Head, units)];
    for column in &family.table.columns {
        let text = match column.code.as_ref() {
            "value" if family.table.columns.len() == 1 => "统计数".to_owned(),
            "value" => format!("{year}年度"),
            _ => "历年累计".to_owned(),
        };
        cells.push(Cell::new(Part::Column, &text));
    }
    Row::new(Kind::Head, cells)
}

fn line(
    family: &Family,
    indicator: &Indicator,
    item: usize,
    label: &str,
    figures: &Figures,
    options: Options,
) -> Row {
    let unit = indicator.unit.as_deref().unwrap_or_default();
    let mut cells = vec![Cell::new(Part::Item(item), label), Cell::new(Part::Other, unit)];
    for column in 0..family.table.columns.len() {
        let number = number(unit, item, column, figures);
        let mut cell = Cell::new(Part::Value, &number.to_string());
        cell.figure = Some((column, number));
        if options.counts {
            cell.inks.push(Ink { id: (0, item, column), verdict: Certainty::Certain(number) });
        }
        cells.push(cell);
    }
    Row::new(Kind::Values, cells)
}

/// The figure of a cell: money in 万元 has decimals, and what is cumulative holds the year as well.
pub(super) fn number(unit: &str, item: usize, column: usize, figures: &Figures) -> Number {
    let all: Number = (0..=column).map(|c| figures.get((0, item, c))).sum();
    match all.as_integer() {
        Some(n) if unit == "万元" => {
            Number::parse_plain(&format!("{}.{:02}", n / 100, n % 100)).unwrap_or(all)
        }
        _ => all,
    }
}
