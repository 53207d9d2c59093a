//! One Parquet file being written: rows come in portions, the content hash that names it is known at the end.

use crate::column::Source;
use crate::disk::{Disk, DiskFile};
use crate::encode::{Stamp, properties};
use crate::error::StoreError;
use crate::files::{TEMPORARY, make_folder};
use crate::schema::table_schema;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use gongkai_registry::TableSpec;
use parquet::arrow::ArrowWriter;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows turned to Arrow at once: bounds memory, and keeps the text of a batch far below Arrow's 2 GiB.
const BATCH_ROWS: usize = 1024;
/// Bytes gathered before they are written.
const BUFFER: usize = 256 << 10;

/// A table of one partition. Nothing is on the disk before the first row.
pub(crate) struct TableFile<'a> {
    /// The table.
    pub(crate) spec: &'a TableSpec,
    disk: &'a dyn Disk,
    stamp: Stamp<'a>,
    schema: SchemaRef,
    folder: PathBuf,
    writer: Option<ArrowWriter<Hashing>>,
    rows: u64,
}

/// A whole file, synced, under a temporary name.
pub(crate) struct Finished {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Rows.
    pub(crate) rows: u64,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// blake3 of the content, hexadecimal.
    pub(crate) blake3: String,
}

impl<'a> TableFile<'a> {
    /// Prepares a file in a folder.
    pub(crate) fn new(spec: &'a TableSpec, stamp: Stamp<'a>, disk: &'a dyn Disk, folder: PathBuf) -> Self {
        Self { spec, disk, stamp, schema: Arc::new(table_schema(spec)), folder, writer: None, rows: 0 }
    }

    /// Begins the file, so that it is there even without rows.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        make_folder(self.disk, &self.folder)?;
        let path = self.path();
        let file = self.disk.create(&path).map_err(StoreError::io("write", &path))?;
        let properties = properties(self.spec, &self.stamp)?;
        let writer = ArrowWriter::try_new(Hashing::new(file), Arc::clone(&self.schema), Some(properties))
            .map_err(|e| self.failed(&e))?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Adds rows. Where portions begin and end shows in the file: they must follow from the data alone.
    pub(crate) fn write<R>(&mut self, columns: &[Source<R>], rows: &[R]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.writer.is_none() {
            self.begin()?;
        }
        for chunk in rows.chunks(BATCH_ROWS) {
            let kinds = columns.iter().zip(&self.spec.columns);
            let arrays = kinds.map(|(source, c)| source.array(c.kind, chunk)).collect();
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
                .map_err(StoreError::encode(&self.spec.name))?;
            let written = self.writer.as_mut().map_or(Ok(()), |w| w.write(&batch));
            written.map_err(|e| self.failed(&e))?;
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    /// Ends the file and waits until it is on the disk; `None` when it was never begun.
    pub(crate) fn finish(mut self) -> Result<Option<Finished>, StoreError> {
        let Some(writer) = self.writer.take() else { return Ok(None) };
        let hashing = writer.into_inner().map_err(|e| self.failed(&e))?;
        let path = self.path();
        let (bytes, blake3) = hashing.finish().map_err(StoreError::io("write", &path))?;
        Ok(Some(Finished { path, rows: self.rows, bytes, blake3 }))
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{TEMPORARY}part"))
    }

    fn failed(&self, error: &parquet::errors::ParquetError) -> StoreError {
        // The disk's own answer is what a person can act on.
        if let parquet::errors::ParquetError::External(inner) = error
            && let Some(io) = inner.downcast_ref::<io::Error>()
        {
            let source = io::Error::new(io.kind(), io.to_string());
            return StoreError::Io { action: "write", path: self.path(), source };
        }
        StoreError::Encode { table: self.spec.name.clone(), what: error.to_string() }
    }
}

/// Writes through, and knows the hash of all it wrote.
pub(crate) struct Hashing {
    file: Box<dyn DiskFile>,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Hashing {
    pub(crate) fn new(file: Box<dyn DiskFile>) -> Self {
        Self { file, buffer: Vec::new(), hasher: blake3::Hasher::new(), bytes: 0 }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<(u64, String)> {
        self.spill()?;
        self.file.sync()?;
        Ok((self.bytes, self.hasher.finalize().to_hex().to_string()))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.spill()?;
        }
        Ok(bytes.len())
    }

    /// The Parquet writer flushes after every row group: the disk is asked when the buffer is full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
