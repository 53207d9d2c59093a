//! One Parquet file being written: rows come in portions, the content hash that names it is known at the end.

use crate::column::Source;
use crate::disk::{Disk, DiskFile};
use crate::encode::{GROUP_ROWS, Shape};
use crate::error::StoreError;
use crate::files::{TEMPORARY, make_folder};
use arrow_array::{Array, ArrayRef, RecordBatch};
use gongkai_registry::TableSpec;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::file::writer::SerializedFileWriter;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows turned to Arrow at once: bounds memory, and keeps the text of a batch far below Arrow's 2 GiB.
const BATCH_ROWS: usize = 1024;
/// Bytes gathered before they are written.
const BUFFER: usize = 256 << 10;

/// A table of one partition. Nothing is on the disk before the first row group.
///
/// Rows of a group are held as Arrow arrays and encoded column by column when it is full: an encoder has a compressor and a
/// dictionary of its own, so only one at a time is at work.
pub(crate) struct TableFile<'a> {
    /// The table.
    pub(crate) spec: &'a TableSpec,
    disk: &'a dyn Disk,
    shape: &'a Shape,
    folder: PathBuf,
    writer: Option<SerializedFileWriter<Hashing>>,
    /// The row group that is being filled.
    group: Vec<RecordBatch>,
    group_rows: usize,
    group_bytes: usize,
    rows: u64,
}

/// A whole file under a temporary name. It is not on the disk for sure: many are waited for at once.
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
    pub(crate) fn new(spec: &'a TableSpec, shape: &'a Shape, disk: &'a dyn Disk, folder: PathBuf) -> Self {
        let group = Vec::new();
        Self { spec, disk, shape, folder, writer: None, group, group_rows: 0, group_bytes: 0, rows: 0 }
    }

    /// Begins the file, so that it is there even without rows.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        make_folder(self.disk, &self.folder)?;
        let path = self.path();
        let file = self.disk.create(&path).map_err(StoreError::io("write", &path))?;
        let Shape { parquet, properties, .. } = self.shape;
        let writer =
            SerializedFileWriter::new(Hashing::new(file), Arc::clone(parquet), Arc::clone(properties));
        self.writer = Some(writer.map_err(|e| self.failed(&e))?);
        Ok(())
    }

    /// Adds rows. Where portions begin and end shows in the file: they must follow from the data alone.
    pub(crate) fn write<R>(&mut self, columns: &[Source<R>], rows: &[R]) -> Result<(), StoreError> {
        for chunk in rows.chunks(BATCH_ROWS) {
            let kinds = columns.iter().zip(&self.spec.columns);
            let arrays = kinds.map(|(source, c)| source.array(c.kind, chunk)).collect();
            let batch = RecordBatch::try_new(Arc::clone(&self.shape.arrow), arrays)
                .map_err(StoreError::encode(&self.spec.name))?;
            self.take(batch)?;
        }
        Ok(())
    }

    /// Adds a batch of rows; as with portions, its length shows in the file.
    pub(crate) fn take(&mut self, batch: RecordBatch) -> Result<(), StoreError> {
        self.rows += batch.num_rows() as u64;
        self.group_rows += batch.num_rows();
        self.group_bytes += size(&batch);
        self.group.push(batch);
        if self.group_rows >= GROUP_ROWS || self.group_bytes >= self.shape.group_bytes {
            self.end_group()?;
        }
        Ok(())
    }

    /// Encodes the row group that is being filled.
    fn end_group(&mut self) -> Result<(), StoreError> {
        if self.writer.is_none() {
            self.begin()?;
        }
        let group = std::mem::take(&mut self.group);
        (self.group_rows, self.group_bytes) = (0, 0);
        let encode = |writer: &mut SerializedFileWriter<Hashing>| {
            let number = writer.flushed_row_groups().len();
            let factory = ArrowRowGroupWriterFactory::new(writer, Arc::clone(&self.shape.arrow));
            let columns = factory.create_column_writers(number)?;
            let mut to = writer.next_row_group()?;
            for (at, (mut column, field)) in columns.into_iter().zip(self.shape.arrow.fields()).enumerate() {
                for batch in &group {
                    for leaf in compute_leaves(field, batch.column(at))? {
                        column.write(&leaf)?;
                    }
                }
                column.close()?.append_to_row_group(&mut to)?;
            }
            to.close().map(|_| ())
        };
        let encoded = self.writer.as_mut().map_or(Ok(()), encode);
        encoded.map_err(|e| self.failed(&e))
    }

    /// Ends the file; `None` when it was never begun.
    pub(crate) fn finish(mut self) -> Result<Option<Finished>, StoreError> {
        if !self.group.is_empty() {
            self.end_group()?;
        }
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

/// Size of the values of a batch: what they say, not what was set aside for them.
fn size(batch: &RecordBatch) -> usize {
    let of_column =
        |column: &ArrayRef| column.to_data().buffers().iter().map(|buffer| buffer.len()).sum::<usize>();
    batch.columns().iter().map(of_column).sum()
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
