//! Tables whose rows say where each cell ends across the page, as RTF and the old binary format write them.

use super::draft::{Draft, DraftCell, DraftRow, Item, Merge};

/// Edges so near are one column edge, in twips (a twentieth of a point).
const SAME: i32 = 40;

/// A cell, and where it ends.
#[derive(Debug, Default)]
pub(super) struct EdgeCell {
    pub(super) right: i32,
    pub(super) merge: Merge,
    /// Merged with the cell before it.
    pub(super) joined: bool,
    pub(super) items: Vec<Item>,
}

/// A row, and where it begins.
#[derive(Debug, Default)]
pub(super) struct EdgeRow {
    pub(super) left: i32,
    pub(super) cells: Vec<EdgeCell>,
}

/// Rows of one table with their cells in columns.
pub(super) fn draft(rows: Vec<EdgeRow>, dropped: usize) -> Draft {
    let mut edges: Vec<i32> =
        rows.iter().flat_map(|row| row.cells.iter().map(|c| c.right).chain([row.left])).collect();
    edges.sort_unstable();
    edges.dedup_by(|b, a| b.saturating_sub(*a) <= SAME);
    let column = |x: i32| {
        let distance = |at: usize| edges.get(at).map_or(i64::MAX, |e| (i64::from(*e) - i64::from(x)).abs());
        let right = edges.partition_point(|edge| *edge < x);
        let left = right.saturating_sub(1);
        u32::try_from(if distance(left) <= distance(right) { left } else { right }).unwrap_or(u32::MAX)
    };
    let row = |row: EdgeRow| {
        let before = column(row.left);
        let mut at = before;
        let mut cells: Vec<DraftCell> = Vec::with_capacity(row.cells.len());
        for cell in row.cells {
            // A cell has a width, whatever is said of it.
            let end = column(cell.right).max(at + 1);
            let span = end - at;
            at = end;
            match cells.last_mut().filter(|_| cell.joined) {
                Some(first) => {
                    first.span += span;
                    first.items.extend(cell.items);
                }
                None => cells.push(DraftCell { span, merge: cell.merge, items: cell.items }),
            }
        }
        DraftRow { before, cells }
    };
    Draft { rows: rows.into_iter().map(row).collect(), dropped }
}
