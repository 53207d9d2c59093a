//! The HTML table algorithm: cells with spans to a grid.
//!
//! HTML standard, 4.9.12.1 "Forming a table", with two differences that keep the grid usable: a column span that runs
//! into a slot taken by a cell from above is cut there (the standard lets both cover it), and the grid has a width limit.

use gongkai_model::Cell;

/// Widest span of columns the standard knows.
const MAX_COLSPAN: u32 = 1000;
/// Highest span of rows the standard knows.
const MAX_ROWSPAN: u32 = 65_534;

/// A cell before it has a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawCell {
    /// Columns to cover, 1 to 1000.
    pub(crate) colspan: u32,
    /// Rows to cover; 0 means to the end of the row group.
    pub(crate) rowspan: u32,
    /// Its text; of a table inside it, cells end in tabs and rows in line breaks.
    pub(crate) text: String,
}

impl RawCell {
    /// Adds a line of text.
    pub(crate) fn push_line(&mut self, line: &str) {
        if !(self.text.is_empty() || self.text.ends_with(['\t', '\n'])) {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }

    /// Ends a cell of a table inside this one.
    pub(crate) fn end_inner_cell(&mut self) {
        self.text.push('\t');
    }

    /// Ends a row of a table inside this one.
    pub(crate) fn end_inner_row(&mut self) {
        if self.text.ends_with('\t') {
            self.text.pop();
            self.text.push('\n');
        }
    }

    /// Ends the cell: what a table inside it left behind is no text.
    pub(crate) fn end(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
        }
        if self.text.trim().is_empty() {
            self.text.clear();
        }
    }
}

/// Rows of one `thead`, `tbody` or `tfoot`.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowGroup {
    /// Whether it is a `tfoot`, which the standard shows last.
    pub(crate) is_foot: bool,
    /// The rows with their cells in source order.
    pub(crate) rows: Vec<Vec<RawCell>>,
}

/// A resolved grid.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    pub(crate) cells: Vec<Cell>,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Cells beyond the width limit.
    pub(crate) dropped: usize,
}

/// Reads a `colspan`.
pub(crate) fn colspan(attribute: Option<&str>) -> u32 {
    attribute.and_then(leading_integer).filter(|n| *n > 0).map_or(1, |n| n.min(MAX_COLSPAN))
}

/// Reads a `rowspan`; 0 is "to the end of the row group".
pub(crate) fn rowspan(attribute: Option<&str>) -> u32 {
    attribute.and_then(leading_integer).map_or(1, |n| n.min(MAX_ROWSPAN))
}

/// HTML standard, 2.3.4.2 "Non-negative integers": leading white space and trailing rubbish are ignored.
fn leading_integer(text: &str) -> Option<u32> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let mut digits = text.bytes().take_while(u8::is_ascii_digit).peekable();
    digits.peek()?;
    Some(digits.fold(0_u32, |n, b| n.saturating_mul(10).saturating_add(u32::from(b - b'0'))))
}

/// Gives every cell its place.
pub(crate) fn resolve(mut groups: Vec<RowGroup>, max_columns: u32) -> Grid {
    groups.sort_by_key(|group| group.is_foot);
    let mut grid = Grid::default();
    // For every column, the first row that no cell from above covers.
    let mut free_from: Vec<u32> = Vec::new();
    for group in groups {
        let first = grid.rows;
        let end = first + u32::try_from(group.rows.len()).unwrap_or(u32::MAX - first);
        for (row, cells) in (first..end).zip(group.rows) {
            place_row(&mut grid, &mut free_from, row, end, cells, max_columns);
        }
        grid.rows = end;
        // "Ending a row group": cells do not grow into the next one.
        free_from.iter_mut().for_each(|free| *free = (*free).min(end));
    }
    grid.columns = u32::try_from(free_from.len()).unwrap_or(u32::MAX);
    grid
}

fn place_row(
    grid: &mut Grid,
    free_from: &mut Vec<u32>,
    row: u32,
    end: u32,
    cells: Vec<RawCell>,
    max_columns: u32,
) {
    let mut column = 0_usize;
    let max = max_columns as usize;
    for cell in cells {
        while free_from.get(column).is_some_and(|free| *free > row) {
            column += 1;
        }
        if column >= max {
            grid.dropped += 1;
            continue;
        }
        let wanted = (column + cell.colspan.max(1) as usize).min(max);
        let taken = free_from.iter().take(wanted).skip(column).position(|free| *free > row);
        let right = taken.map_or(wanted, |width| column + width);
        let height = if cell.rowspan == 0 { end - row } else { cell.rowspan.min(end - row) };
        if free_from.len() < right {
            free_from.resize(right, 0);
        }
        free_from.iter_mut().take(right).skip(column).for_each(|free| *free = row + height);
        grid.cells.push(Cell {
            row,
            col: column as u32,
            rowspan: height,
            colspan: (right - column) as u32,
            text: cell.text,
            bytes: None,
        });
        column = right;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(colspan: u32, rowspan: u32) -> RawCell {
        RawCell { colspan, rowspan, text: String::new() }
    }

    fn body(rows: Vec<Vec<RawCell>>) -> RowGroup {
        RowGroup { is_foot: false, rows }
    }

    fn places(grid: &Grid) -> Vec<(u32, u32, u32, u32)> {
        grid.cells.iter().map(|c| (c.row, c.col, c.rowspan, c.colspan)).collect()
    }

    #[test]
    fn spans_push_cells_aside() {
        let grid = resolve(vec![body(vec![vec![cell(1, 2), cell(2, 1)], vec![cell(1, 1), cell(1, 1)]])], 10);
        assert_eq!(places(&grid), [(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)]);
        assert_eq!((grid.rows, grid.columns), (2, 3));
    }

    #[test]
    fn row_spans_end_with_their_group() {
        let groups = vec![
            RowGroup { is_foot: true, rows: vec![vec![cell(1, 1)]] },
            body(vec![vec![cell(1, 0), cell(1, 9)], vec![]]),
        ];
        assert_eq!(places(&resolve(groups, 10)), [(0, 0, 2, 1), (0, 1, 2, 1), (2, 0, 1, 1)]);
    }

    #[test]
    fn spans_are_cut_at_taken_slots_and_at_the_limit() {
        let rows = vec![vec![cell(1, 1), cell(1, 2)], vec![cell(3, 1), cell(50, 1)]];
        let grid = resolve(vec![body(rows)], 4);
        assert_eq!(places(&grid), [(0, 0, 1, 1), (0, 1, 2, 1), (1, 0, 1, 1), (1, 2, 1, 2)]);
        let grid = resolve(vec![body(vec![vec![cell(1, 1); 9]])], 4);
        assert_eq!((grid.columns, grid.cells.len(), grid.dropped), (4, 4, 5));
    }

    #[test]
    fn span_attributes_follow_the_standard() {
        assert_eq!(
            [None, Some("0"), Some("x"), Some(" 3px"), Some("99999")].map(colspan),
            [1, 1, 1, 3, 1000]
        );
        assert_eq!(
            [None, Some("0"), Some("-2"), Some("+2"), Some("99999999999")].map(rowspan),
            [1, 0, 1, 2, 65_534]
        );
    }

    proptest! {
        #[test]
        fn no_slot_is_covered_twice(
            groups in proptest::collection::vec(
                (any::<bool>(), proptest::collection::vec(
                    proptest::collection::vec((0_u32..12, 0_u32..8), 0..8), 0..8)), 0..4),
            max in 1_u32..12,
        ) {
            let count: usize = groups.iter().flat_map(|(_, rows)| rows).map(Vec::len).sum();
            let groups = groups.into_iter().map(|(is_foot, rows)| RowGroup {
                is_foot,
                rows: rows.into_iter().map(|r| r.into_iter().map(|(c, h)| cell(c, h)).collect()).collect(),
            }).collect();
            let grid = resolve(groups, max);
            prop_assert!(grid.columns <= max);
            prop_assert_eq!(grid.cells.len() + grid.dropped, count);
            prop_assert!(grid.cells.is_sorted_by_key(|c| (c.row, c.col)));
            let mut seen = std::collections::HashSet::new();
            for c in &grid.cells {
                prop_assert!(c.rowspan >= 1 && c.colspan >= 1);
                prop_assert!(c.row + c.rowspan <= grid.rows && c.col + c.colspan <= grid.columns);
                for slot in (c.row..c.row + c.rowspan).flat_map(|r| (c.col..c.col + c.colspan).map(move |k| (r, k))) {
                    prop_assert!(seen.insert(slot), "slot {:?} twice", slot);
                }
            }
        }
    }
}
