//! The columns of the wide table, one for every cell of the forms: for those who put it together without SQL.

use crate::views::{cells_of, statutory};
use gongkai_registry::Registry;

/// A column of the wide table that shows a cell of a statutory table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WideCell {
    /// Its name, at most 32 characters.
    pub name: String,
    /// The table.
    pub table: String,
    /// The column of that table that names its rows: `item` or `channel`.
    pub key: &'static str,
    /// The row.
    pub item: String,
    /// The column.
    pub column: String,
    /// In the words of the form.
    pub zh: String,
    /// As codes.
    pub en: String,
}

/// Columns of the wide table behind those of `key_figures`, in order.
pub fn wide_cells(registry: &Registry) -> Vec<WideCell> {
    let mut cells = Vec::new();
    for (spec, key) in statutory(registry) {
        let Some(letter) = registry.wide.tables.get(&spec.name) else { continue };
        cells.extend(cells_of(registry, &spec.name).into_iter().map(|(item, column)| WideCell {
            name: registry.wide.column(letter, &item, &column),
            table: spec.name.clone(),
            key,
            zh: printed(registry, &spec.name, &item, &column).unwrap_or_default(),
            en: format!("{} {item} {column}", spec.name),
            item,
            column,
        }));
    }
    cells
}

/// What a form prints at a cell.
fn printed(registry: &Registry, table: &str, item: &str, column: &str) -> Option<String> {
    registry.forms.iter().filter_map(|f| f.table(table)).find_map(|table| {
        let item = table.items.iter().find(|i| *i.code == *item)?.labels.first()?;
        let column = table.columns.iter().find(|c| *c.code == *column)?.labels.first()?;
        Some(format!("{item}：{column}"))
    })
}
