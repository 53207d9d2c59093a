//! Small tables as compressed CSV, for programs that read no Parquet. NULL is the empty text, which no table has otherwise.

use super::ReleaseError;
use super::folder::Written;
use super::tables::{Work, finish, packed};
use super::texts::Texts;
use gongkai_registry::TableSpec;
use rayon::prelude::*;

impl Work<'_> {
    /// Writes the twins of all tables with at most so many rows, the partition columns behind the others.
    pub(crate) fn csv(&self, rows: u64) -> Result<Vec<Written>, ReleaseError> {
        let count = |spec: &TableSpec| self.snapshot.manifest.rows.get(&spec.name).copied().unwrap_or(0);
        let small: Vec<&TableSpec> = self.registry.tables.iter().filter(|t| count(t) <= rows).collect();
        self.events.begin("csv", small.len());
        let written = small.par_iter().map(|spec| self.twin(spec)).collect::<Result<Vec<_>, _>>()?;
        self.events.progress(small.len());
        Ok(written)
    }

    fn twin(&self, spec: &TableSpec) -> Result<Written, ReleaseError> {
        let name = format!("{}.csv.zst", spec.name);
        let mut csv = csv::Writer::from_writer(packed(&self.folder.at(&name))?);
        let head = spec.columns.iter().map(|c| c.name.as_str()).chain(["year", "region"]);
        csv.write_record(head).map_err(ReleaseError::csv(&name))?;
        let mut rows = 0;
        for entry in self.snapshot.manifest.files.iter().filter(|f| f.table() == spec.name) {
            let (year, region) = entry.partition();
            let year = year.to_string();
            for batch in self.snapshot.batches(entry)? {
                let mut batch = batch?;
                if self.mask {
                    (batch, _) = self.contacts.mask_batch(&spec.name, batch);
                }
                let columns: Vec<Option<Texts<'_>>> =
                    spec.columns.iter().map(|c| Texts::of(batch.column_by_name(&c.name)?)).collect();
                for row in 0..batch.num_rows() {
                    for column in &columns {
                        let value = column.as_ref().and_then(|c| c.get(row)).unwrap_or_default();
                        csv.write_field(value.as_bytes()).map_err(ReleaseError::csv(&name))?;
                    }
                    csv.write_record([year.as_str(), region]).map_err(ReleaseError::csv(&name))?;
                }
                rows += batch.num_rows() as u64;
            }
        }
        finish(csv, &name)?;
        self.folder.take_in(&name, rows)
    }
}
