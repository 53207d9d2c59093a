//! Parquet files outside a store, made as a snapshot's are: the same properties, the same bytes for the same batches.

use crate::disk::{Disk, RealDisk};
use crate::encode::{GROUP_BYTES, GROUP_ROWS, Stamp, properties};
use crate::error::StoreError;
use crate::manifest::Manifest;
use crate::table_file::Hashing;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use gongkai_registry::TableSpec;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};

/// A Parquet file being written.
pub struct Sink {
    writer: ArrowWriter<Hashing>,
    path: PathBuf,
    rows: u64,
}

/// A Parquet file that is whole and on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sunk {
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// blake3 of the content, hexadecimal.
    pub blake3: String,
}

impl Sink {
    /// Begins a file with rows of a table. `schema` may have the partition columns behind the table's own; the footer says what
    /// the snapshot's files say.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn of_table(
        spec: &TableSpec,
        manifest: &Manifest,
        schema: &SchemaRef,
        path: &Path,
    ) -> Result<Self, StoreError> {
        let stamp =
            Stamp { tool_version: &manifest.tool_version, registry_digest: &manifest.registry_digest };
        let properties = properties(spec, &stamp)?.into_builder();
        let properties = properties.set_max_row_group_row_count(Some(GROUP_ROWS));
        Self::begin(path, schema, properties.set_max_row_group_bytes(Some(GROUP_BYTES)).build())
    }

    /// Begins a file of any other columns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn plain(schema: &SchemaRef, path: &Path) -> Result<Self, StoreError> {
        let builder = WriterProperties::builder().set_created_by("gongkai".to_owned());
        Self::begin(path, schema, builder.set_compression(Compression::ZSTD(Default::default())).build())
    }

    fn begin(path: &Path, schema: &SchemaRef, properties: WriterProperties) -> Result<Self, StoreError> {
        let file = RealDisk.create(path).map_err(StoreError::io("write", path))?;
        let writer = ArrowWriter::try_new(Hashing::new(file), SchemaRef::clone(schema), Some(properties))
            .map_err(StoreError::encode(&path.to_string_lossy()))?;
        Ok(Self { writer, path: path.to_owned(), rows: 0 })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When they do not fit the schema, or the disk refuses.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.writer.write(batch).map_err(StoreError::encode(&self.path.to_string_lossy()))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Ends the file and waits until it is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> Result<Sunk, StoreError> {
        let hashing = self.writer.into_inner().map_err(StoreError::encode(&self.path.to_string_lossy()))?;
        let (bytes, blake3) = hashing.finish().map_err(StoreError::io("write", &self.path))?;
        Ok(Sunk { rows: self.rows, bytes, blake3 })
    }
}
