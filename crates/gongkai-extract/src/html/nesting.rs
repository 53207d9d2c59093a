//! Which tables hold data and which only lay out the page.
//!
//! Old sites put the whole page, menus and article, into tables. Such a table is dissolved: its cells become blocks, the
//! tables in them tables of their own. A table holding no real table is data, however it is used.

use ego_tree::{NodeId, NodeRef, Tree};
use scraper::Node;
use std::collections::{HashMap, HashSet};

/// The tables to be kept as tables.
pub(super) struct DataTables(HashSet<NodeId>);

impl DataTables {
    pub(super) fn contains(&self, table: NodeId) -> bool {
        self.0.contains(&table)
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
pub(super) fn data_tables(tree: &Tree<Node>) -> DataTables {
    let mut order = Vec::new();
    let mut shapes: HashMap<NodeId, Shape> = HashMap::new();
    for node in tree.nodes() {
        match name(node) {
            Some("table") => order.push(node.id()),
            Some("tr") => {
                let cells = node.children().filter(|c| matches!(name(*c), Some("td" | "th"))).count();
                if let Some(table) = nearest_table(node) {
                    let shape = shapes.entry(table).or_default();
                    shape.cells += u32::try_from(cells).unwrap_or(u32::MAX);
                    shape.full_rows += u32::from(cells >= 2);
                }
            }
            _ => {}
        }
    }
    // The tree builder makes an outer table before the tables in it, so backwards is from the inside out.
    for id in order.iter().rev() {
        let is_real = shapes.get(id).is_some_and(|shape| shape.is_real());
        if let Some(outer) = tree.get(*id).and_then(nearest_table).filter(|_| is_real) {
            shapes.entry(outer).or_default().holds_real_table = true;
        }
    }
    DataTables(
        order.into_iter().filter(|id| shapes.get(id).is_some_and(|shape| !shape.is_layout())).collect(),
    )
}

fn name(node: NodeRef<'_, Node>) -> Option<&str> {
    node.value().as_element().map(|element| element.name())
}

fn nearest_table(node: NodeRef<'_, Node>) -> Option<NodeId> {
    node.ancestors().find(|ancestor| name(*ancestor) == Some("table")).map(|table| table.id())
}
