//! What layout and damages together leave certain.

use crate::report::{Block, Report};
use crate::sheet::{Kind, Row, Sheet};
use crate::spec::Layout;
use gongkai_registry::{Axis, Form, FormTable};

/// Opens every cell of the report that the document does not show with certainty.
pub(crate) fn judge(report: &mut Report, form: &Form, layout: Layout) {
    for block in &mut report.blocks {
        if let Block::Sheet(sheet) = block
            && let Some(table) = sheet.table.and_then(|t| form.tables.get(t))
        {
            judge_sheet(sheet, table, layout);
        }
    }
}

fn judge_sheet(sheet: &mut Sheet, table: &FormTable, layout: Layout) {
    let running = !layout.is_grid();
    let blanks_hide = !layout.shows_blanks() || sheet.empty_column;
    let unproven = !sheet.head && !is_proven(sheet, table);
    let near_break: Vec<bool> = (0..sheet.rows.len()).map(|at| stands_at_break(&sheet.rows, at)).collect();
    let (ordinals, rivalled) = (sheet.ordinals, sheet.rivalled);
    for (row, near_break) in sheet.rows.iter_mut().zip(near_break) {
        let several = row.values().count() > 1;
        let has_blank = several && row.values().any(|c| c.is_blank());
        let doubtful = row.doubtful
            || rivalled
            || unproven
            || (has_blank && blanks_hide)
            || (several && layout == Layout::Flattened)
            || (running && (ordinals || near_break));
        if doubtful {
            row.values_mut().for_each(|c| c.doubt());
        }
    }
}

/// Whether a sum at the end of every row proves the order of columns that nothing names.
fn is_proven(sheet: &Sheet, table: &FormTable) -> bool {
    let full = |row: &Row| row.kind != Kind::Values || row.values().count() == table.columns.len();
    let sums = table.identities.iter().any(|i| i.axis == Axis::Row);
    sums && sheet.label_columns > 0 && sheet.rows.iter().all(full)
}

/// Whether a row of values is the last before a break or the first behind one.
fn stands_at_break(rows: &[Row], at: usize) -> bool {
    let broken = |mut rows: Box<dyn Iterator<Item = &Row> + '_>| {
        rows.find(|r| matches!(r.kind, Kind::Values | Kind::Break)).is_some_and(|r| r.kind == Kind::Break)
    };
    let (before, behind) = rows.split_at(at);
    broken(Box::new(before.iter().rev())) || broken(Box::new(behind.iter().skip(1)))
}
