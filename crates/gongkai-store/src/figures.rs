//! What the figures of a table are like, file by file: how many there are, how many are 0, and how large the others. For those who
//! compare snapshots without looking at every row.

use crate::error::StoreError;
use crate::manifest::FileEntry;
use crate::read::RowQuery;
use crate::store::Snapshot;
use arrow_array::{Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use std::collections::BTreeMap;

/// Columns that say which line of a form a row is.
const LINES: [&str; 3] = ["item", "channel", "indicator"];
/// Steps in which sizes are told apart, to a doubling.
const STEPS: f64 = 16.0;

/// A line of the form and a column.
pub type Cell = (String, String);

/// What the figures of a table are like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rows.
    pub rows: u64,
    /// Cells that may hold a figure.
    pub cells: u64,
    /// Cells that hold one.
    pub values: u64,
    /// Of those, 0.
    pub zeros: u64,
    /// How large those above 0 are.
    pub sizes: BTreeMap<Cell, Sizes>,
}

/// How often each size occurs, to within a twentieth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes(BTreeMap<u16, u64>);

impl Sizes {
    fn add(&mut self, value: i128) {
        // Few doublings fit in a number: it is small and positive.
        let step = ((value as f64).log2() * STEPS).floor().max(0.0) as u16;
        *self.0.entry(step).or_default() += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The middle one, to within a twentieth; 0 where there is none. Decimals are counted in their smallest part.
    pub fn median(&self) -> f64 {
        let middle = self.count().div_ceil(2);
        let mut seen = 0;
        let found = self.0.iter().find(|(_, n)| {
            seen += **n;
            seen >= middle
        });
        found.map_or(0.0, |(step, _)| (f64::from(*step) / STEPS).exp2())
    }
}

impl Figures {
    /// Adds those of another file of the same table.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.cells += other.cells;
        self.values += other.values;
        self.zeros += other.zeros;
        for (cell, sizes) in &other.sizes {
            let all = self.sizes.entry(cell.clone()).or_default();
            sizes.0.iter().for_each(|(step, n)| *all.0.entry(*step).or_default() += n);
        }
    }

    fn look(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        let schema = batch.schema();
        let line = LINES.iter().find_map(|name| batch.column_by_name(name));
        let lines = line.and_then(|array| array.as_any().downcast_ref::<StringArray>());
        for (field, array) in schema.fields().iter().zip(batch.columns()) {
            let any = array.as_any();
            let value: Box<dyn Fn(usize) -> i128> = if let Some(a) = any.downcast_ref::<Int64Array>() {
                Box::new(|row| i128::from(a.value(row)))
            } else if let Some(a) = any.downcast_ref::<Decimal128Array>() {
                Box::new(|row| a.value(row))
            } else {
                continue;
            };
            self.cells += array.len() as u64;
            let mut of_lines: BTreeMap<&str, Sizes> = BTreeMap::new();
            for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
                self.values += 1;
                match value(row) {
                    0 => self.zeros += 1,
                    n if n > 0 => {
                        let line = lines.filter(|l| l.is_valid(row)).map_or("", |l| l.value(row));
                        of_lines.entry(line).or_default().add(n);
                    }
                    _ => {}
                }
            }
            for (line, sizes) in of_lines {
                let all = self.sizes.entry((line.to_owned(), field.name().clone())).or_default();
                sizes.0.iter().for_each(|(step, n)| *all.0.entry(*step).or_default() += n);
            }
        }
    }
}

impl Snapshot {
    /// What the figures of one of its files are like.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn figures(&self, entry: &FileEntry) -> Result<Figures, StoreError> {
        let mut figures = Figures::default();
        let query = RowQuery { table: entry.table(), ..RowQuery::default() };
        self.visit(entry, &query, &mut |batch| figures.look(&batch))?;
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::Sizes;

    #[test]
    fn the_median_is_right_to_within_a_twentieth() {
        let mut sizes = Sizes::default();
        assert_eq!(sizes.median(), 0.0);
        for n in [1, 3, 1_000, 5_000, 70_000_000_000_i128] {
            sizes.add(n);
        }
        assert_eq!(sizes.count(), 5);
        assert!((0.95..=1.0).contains(&(sizes.median() / 1_000.0)), "{}", sizes.median());
    }
}
