//! `cells`: the evidence, one row a cell, in form order.

use super::Context;
use crate::column::Source;
use crate::record::{Evidence, ReportRecord};
use gongkai_model::{ByteRange, CellFact, Scope, SourcePlace};

/// One cell of one report.
pub(super) struct Row<'a> {
    report: &'a ReportRecord,
    scope: Scope,
    cell: &'a CellFact,
}

impl Row<'_> {
    fn place(&self) -> Option<SourcePlace> {
        self.cell.source
    }

    fn bytes(&self) -> Option<ByteRange> {
        self.place()?.bytes
    }
}

pub(super) fn rows<'a>(context: &Context<'a>, reports: &'a [ReportRecord]) -> Vec<Row<'a>> {
    let wanted = |cell: &CellFact| context.evidence == Evidence::All || !cell.status.is_plain();
    let mut rows = Vec::new();
    for report in reports {
        // Cells come table by table.
        let mut of: Option<(&str, Scope)> = None;
        for cell in report.parsed.cells.iter().filter(|c| wanted(c)) {
            let scope = match of.filter(|(table, _)| *table == cell.table.as_ref()) {
                Some((_, scope)) => scope,
                None => report.scope_of(&cell.table),
            };
            of = Some((&cell.table, scope));
            rows.push(Row { report, scope, cell });
        }
        for beside in &report.parsed.beside {
            let cells = beside.cells.iter().filter(|c| wanted(c));
            rows.extend(cells.map(|cell| Row { report, scope: beside.scope, cell }));
        }
    }
    rows
}

pub(super) fn source<'a>(column: &str) -> Option<Source<Row<'a>>> {
    Some(match column {
        "report_id" => Source::Text(|r| Some(&r.report.resolution.report_id)),
        "scope" => Source::Text(|r| Some(r.scope.as_str())),
        "table" => Source::Text(|r| Some(&r.cell.table)),
        "item" => Source::Text(|r| Some(&r.cell.item)),
        "column" => Source::Text(|r| Some(&r.cell.column)),
        "status" => Source::Text(|r| Some(r.cell.status.as_str())),
        "raw" => Source::Text(|r| Some(&r.cell.raw)),
        "value" => Source::Number(Box::new(|r| r.cell.value)),
        "source_table" => Source::Int(|r| r.place()?.table.map(i64::from)),
        "source_row" => Source::Int(|r| Some(i64::from(r.place()?.row))),
        "source_column" => Source::Int(|r| Some(i64::from(r.place()?.column))),
        "byte_start" => Source::Int(|r| Some(i64::from(r.bytes()?.start))),
        "byte_end" => Source::Int(|r| Some(i64::from(r.bytes()?.end))),
        _ => return None,
    })
}
