//! Which tables hold data and which only lay out the page.
//!
//! Old sites put the whole page, menus and article, into tables. Such a table is dissolved: its cells become blocks, the
//! tables in them tables of their own. A table holding no real table is data, however it is used.

use super::kind::Kind;
use super::tree::{NodeId, Tree};
use std::collections::BTreeMap;

/// The tables to be kept as tables.
pub(super) struct DataTables(Vec<NodeId>);

impl DataTables {
    pub(super) fn contains(&self, table: NodeId) -> bool {
        self.0.binary_search(&table).is_ok()
    }
}

/// What is known of a table's shape.
#[derive(Default, Clone, Copy)]
struct Shape {
    cells: u32,
    /// Rows with at least two cells.
    full_rows: u32,
    /// Whether a real table stands in one of its cells.
    holds_real_table: bool,
}

impl Shape {
    /// At least two rows of at least two cells, or something that holds such a table.
    fn is_real(self) -> bool {
        self.full_rows >= 2 || self.holds_real_table
    }

    fn is_layout(self) -> bool {
        self.cells <= 1 || self.holds_real_table
    }
}

/// Finds the data tables of a tree.
pub(super) fn data_tables(tree: &Tree) -> DataTables {
    let mut shapes: BTreeMap<NodeId, Shape> = BTreeMap::new();
    for node in tree.nodes() {
        match tree.kind(node) {
            Some(Kind::Table) => drop(shapes.entry(node).or_default()),
            Some(Kind::Row) => {
                let cells = tree.children(node).filter(|c| tree.kind(*c) == Some(Kind::Cell)).count();
                if let Some(table) = nearest_table(tree, node) {
                    let shape = shapes.entry(table).or_default();
                    shape.cells += u32::try_from(cells).unwrap_or(u32::MAX);
                    shape.full_rows += u32::from(cells >= 2);
                }
            }
            _ => {}
        }
    }
    // The tree builder makes an outer table before the tables in it, so backwards is from the inside out.
    let order: Vec<NodeId> = shapes.keys().copied().collect();
    for table in order.iter().rev() {
        let is_real = shapes.get(table).is_some_and(|shape| shape.is_real());
        if let Some(outer) = nearest_table(tree, *table).filter(|_| is_real) {
            shapes.entry(outer).or_default().holds_real_table = true;
        }
    }
    DataTables(shapes.into_iter().filter(|(_, shape)| !shape.is_layout()).map(|(table, _)| table).collect())
}

fn nearest_table(tree: &Tree, node: NodeId) -> Option<NodeId> {
    tree.ancestors(node).find(|outer| tree.kind(*outer) == Some(Kind::Table))
}
