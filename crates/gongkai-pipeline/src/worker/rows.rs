//! Rows of Arrow streams: files that are sent, captures as read.

use crate::ledger::Digest;
use crate::worker::WorkerError;
use crate::worker::helper::{Answer, Carried, PIECES};
use crate::worker::read::Done;
use crate::worker::schema::{FILES, PART_KEY, READINGS, SCHEMA_KEY, of_part, readings};
use arrow_array::builder::{BinaryBuilder, Int16Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use gongkai_input::{Batches, Content, Entry, Told};
use gongkai_model::{Problem, Provenance, Ties};
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Bytes of records after which a batch is written: engines hold batches in memory.
const BATCH_BYTES: usize = 16 << 20;
/// Rows after which it is.
const BATCH_ROWS: usize = 1024;
/// Largest batch that is read, in bytes.
const LARGEST_BATCH: u64 = 4 << 30;
/// Largest piece: offsets of Arrow's columns are signed numbers of 32 bits.
const LARGEST: usize = 1 << 30;

/// A file that was sent.
pub(super) struct Row {
    pub(super) capture_id: Option<String>,
    pub(super) entry: Entry,
    pub(super) ties: Ties,
}

/// Whether the schema says what it is, and it is this.
fn expect(schema: &Schema, what: &str, must: bool) -> Result<(), WorkerError> {
    match schema.metadata().get(SCHEMA_KEY) {
        Some(found) if found == what => Ok(()),
        None if !must => Ok(()),
        found => {
            let found = found.map_or("nothing", String::as_str);
            Err(WorkerError::Rows(format!(
                "the rows say that they are {found:?}; this program reads {what:?}"
            )))
        }
    }
}

/// The beginning of a stream of files, and which part of a plan they are, if they say so.
pub(super) fn files_of<R: Read>(from: R) -> Result<(Batches<R>, Option<String>), WorkerError> {
    let mut batches = Batches::new(from, LARGEST_BATCH);
    let schema = batches.begin()?;
    expect(&schema, FILES, false)?;
    let part = schema.metadata().get(PART_KEY).cloned();
    Ok((batches, part))
}

/// Hands out all files of a stream until the listener breaks.
pub(super) fn each_row(
    mut batches: Batches<impl Read>,
    listen: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), WorkerError> {
    while let Some(batch) = batches.next_batch()? {
        let columns = Columns::of(&batch)?;
        for at in 0..batch.num_rows() {
            if listen(columns.row(at)?).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A column of this name.
pub(crate) fn column<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b ArrayRef> {
    batch.column_by_name(name).filter(|column| *column.data_type() != DataType::Null)
}

/// Columns of files that are sent. They may be missing, in any order, and of any kind of text, bytes or time.
struct Columns<'b> {
    batch: &'b RecordBatch,
}

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Result<Self, WorkerError> {
        let has = |name| column(batch, name).is_some();
        if !has("path") || !(has("body") || has("location")) {
            let names: Vec<&str> = batch.schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
            return Err(WorkerError::Rows(format!(
                "files need a column `path`, and `body` or `location`; these have {}",
                names.join(", ")
            )));
        }
        Ok(Self { batch })
    }

    fn text(&self, name: &str, at: usize) -> Result<Option<&'b str>, WorkerError> {
        let Some(column) = column(self.batch, name).filter(|column| column.is_valid(at)) else {
            return Ok(None);
        };
        let text = match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value(at),
            DataType::LargeUtf8 => column.as_string::<i64>().value(at),
            DataType::Utf8View => column.as_string_view().value(at),
            other => return Err(of_kind(name, "text", other)),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn bytes(&self, name: &str, at: usize) -> Result<Option<&'b [u8]>, WorkerError> {
        let Some(column) = column(self.batch, name).filter(|column| column.is_valid(at)) else {
            return Ok(None);
        };
        Ok(Some(match column.data_type() {
            DataType::Binary => column.as_binary::<i32>().value(at),
            DataType::LargeBinary => column.as_binary::<i64>().value(at),
            DataType::BinaryView => column.as_binary_view().value(at),
            DataType::Utf8 => column.as_string::<i32>().value(at).as_bytes(),
            DataType::LargeUtf8 => column.as_string::<i64>().value(at).as_bytes(),
            DataType::Utf8View => column.as_string_view().value(at).as_bytes(),
            other => return Err(of_kind(name, "bytes or text", other)),
        }))
    }

    /// An integer, or a time in microseconds.
    fn number(&self, name: &str, at: usize) -> Result<Option<i64>, WorkerError> {
        let Some(column) = column(self.batch, name).filter(|column| column.is_valid(at)) else {
            return Ok(None);
        };
        Ok(Some(match column.data_type() {
            DataType::Int8 => column.as_primitive::<Int8Type>().value(at).into(),
            DataType::Int16 => column.as_primitive::<Int16Type>().value(at).into(),
            DataType::Int32 => column.as_primitive::<Int32Type>().value(at).into(),
            DataType::Int64 => column.as_primitive::<Int64Type>().value(at),
            DataType::Timestamp(unit, _) => match unit {
                TimeUnit::Second => {
                    column.as_primitive::<TimestampSecondType>().value(at).saturating_mul(1_000_000)
                }
                TimeUnit::Millisecond => {
                    column.as_primitive::<TimestampMillisecondType>().value(at).saturating_mul(1000)
                }
                TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(at),
                TimeUnit::Nanosecond => {
                    column.as_primitive::<TimestampNanosecondType>().value(at).div_euclid(1000)
                }
            },
            other => return Err(of_kind(name, "a signed integer or a time", other)),
        }))
    }

    fn row(&self, at: usize) -> Result<Row, WorkerError> {
        let path = self.text("path", at)?.unwrap_or_default();
        // Data files carry no machine's paths, and names mean the same on every machine.
        if path.is_empty()
            || path.starts_with('/')
            || path.contains("://")
            || path.split('/').any(|p| p == "..")
        {
            return Err(WorkerError::Rows(format!("{path:?} is no path below an input")));
        }
        let owned = |name| Ok::<_, WorkerError>(self.text(name, at)?.map(str::to_owned));
        let shared = |name| Ok::<_, WorkerError>(self.text(name, at)?.map(Arc::<str>::from));
        let mut told = Told {
            folder_host: owned("source_host")?,
            provenance: Provenance {
                uri: owned("source_uri")?,
                fetched_at: self.number("fetched_at", at)?,
                charset_hint: owned("charset")?,
                title: owned("title")?,
                ..Provenance::default()
            },
            http_status: self.number("http_status", at)?.and_then(|status| u16::try_from(status).ok()),
        };
        if let Some(content_type) = self.text("content_type", at)? {
            told.content_type(content_type);
        }
        let revisit = match column(self.batch, "revisit").filter(|column| column.is_valid(at)) {
            Some(column) => column
                .as_boolean_opt()
                .ok_or_else(|| of_kind("revisit", "true or false", column.data_type()))?
                .value(at),
            None => false,
        };
        let content = match (self.text("problem", at)?, self.bytes("body", at)?, self.text("location", at)?) {
            (Some(problem), ..) => Content::Lost(Problem::unreadable(problem)),
            (None, Some(body), _) => Content::Bytes(body.to_vec()),
            (None, None, Some(location)) => Content::File(location.into()),
            (None, None, None) => Content::Lost(Problem::unreadable("empty")),
        };
        let size = self.number("size", at)?.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        Ok(Row {
            capture_id: owned("capture_id")?,
            entry: Entry::elsewhere(path, size, &told, content),
            ties: Ties { page: shared("page")?, cover: shared("cover")?, digest: shared("digest")?, revisit },
        })
    }
}

fn of_kind(name: &str, wanted: &str, found: &DataType) -> WorkerError {
    WorkerError::Rows(format!("column `{name}` is to be {wanted}, and is {found}"))
}

/// Writes captures as read, batch by batch.
pub(super) struct Writer<W: Write> {
    to: StreamWriter<W>,
    schema: SchemaRef,
    by: String,
    batch: Batch,
    rows: u64,
}

#[derive(Default)]
struct Batch {
    texts: [StringBuilder; 11],
    bytes: Int64Builder,
    year: Int16Builder,
    keys: [Int64Builder; 2],
    pieces: [BinaryBuilder; PIECES],
    seal: BinaryBuilder,
    rows: usize,
    held: usize,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, by: Digest, part: Option<String>) -> Result<Self, WorkerError> {
        let schema = of_part(readings(), part);
        let to = StreamWriter::try_new(to, &schema)?;
        Ok(Self { to, schema, by: hex(by), batch: Batch::default(), rows: 0 })
    }

    pub(super) fn add(&mut self, done: Done) -> Result<(), WorkerError> {
        let Done { capture_id, file, path, answered: (answer, mut pieces) } = done;
        let held: usize = pieces.iter().flatten().map(Vec::len).sum();
        if self.batch.rows > 0 && (self.batch.held + held > BATCH_BYTES || self.batch.rows >= BATCH_ROWS) {
            self.flush()?;
        }
        if held > LARGEST {
            // The document alone, of what can be that large: it is read, and cannot be read again from its copy.
            let [.., source] = &mut pieces;
            *source = None;
        }
        let Answer { status, reason, hash, bytes, host, region, year, report_id, agency_id, .. } = answer;
        let reader = answer.is_final.then(|| self.by.clone());
        let Batch { texts, bytes: sizes, year: years, keys, pieces: columns, seal: seals, .. } =
            &mut self.batch;
        let told =
            [Some(file.as_str()), Some(path.as_str()), reader.as_deref()].map(|t| t.map(str::as_bytes));
        seals.append_value(seal(told.into_iter().chain(pieces.iter().map(Option::as_deref))));
        let values = [
            capture_id,
            Some(file),
            Some(path),
            Some(status.as_str().to_owned()),
            reason,
            hash,
            host,
            region,
            report_id,
            agency_id,
            reader,
        ];
        texts.iter_mut().zip(values).for_each(|(text, value)| text.append_option(value));
        sizes.append_value(i64::try_from(bytes).unwrap_or(i64::MAX));
        years.append_option(year);
        keys.iter_mut()
            .zip([answer.text_key, answer.figures_key])
            .for_each(|(key, value)| key.append_option(value));
        columns.iter_mut().zip(&pieces).for_each(|(column, piece)| column.append_option(piece.as_deref()));
        self.batch.rows += 1;
        self.batch.held += held;
        self.rows += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WorkerError> {
        let Batch { texts, mut bytes, mut year, keys, pieces, mut seal, .. } =
            std::mem::take(&mut self.batch);
        let text = |mut builder: StringBuilder| Arc::new(builder.finish()) as ArrayRef;
        let [id, file, path, status, reason, hash, host, region, report, agency, reader] = texts.map(text);
        let [text_key, figures_key] = keys.map(|mut builder| Arc::new(builder.finish()) as ArrayRef);
        let [gist, head, figures, words, source] =
            pieces.map(|mut builder| Arc::new(builder.finish()) as ArrayRef);
        let columns = vec![
            id,
            file,
            path,
            status,
            reason,
            hash,
            Arc::new(bytes.finish()),
            host,
            region,
            Arc::new(year.finish()),
            report,
            agency,
            text_key,
            figures_key,
            reader,
            gist,
            head,
            figures,
            words,
            source,
            Arc::new(seal.finish()),
        ];
        Ok(self.to.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?)
    }

    /// The last rows; the number of all.
    pub(super) fn finish(mut self) -> Result<u64, WorkerError> {
        if self.batch.rows > 0 {
            self.flush()?;
        }
        self.to.finish()?;
        Ok(self.rows)
    }
}

/// A digest as it stands in rows.
pub(crate) fn hex(digest: Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash of all of a row that a run goes by: engines and networks lie between who writes it and who reads it.
fn seal<'p>(parts: impl Iterator<Item = Option<&'p [u8]>>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
        hasher.update(part.unwrap_or_default());
    }
    let mut seal = Digest::default();
    seal.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
    seal
}

/// A capture as read, of a batch.
pub(crate) struct ReadRow<'b> {
    /// The file it lies in.
    pub(crate) file: &'b str,
    pub(crate) path: &'b str,
    /// Program and registry that read it; `None` where another try may end otherwise.
    pub(crate) reader: Option<&'b str>,
    pub(crate) gist: &'b [u8],
    pub(crate) head: &'b [u8],
    pub(crate) figures: Option<&'b [u8]>,
    pub(crate) text: Option<&'b [u8]>,
    pub(crate) source: Option<&'b [u8]>,
    seal: &'b [u8],
}

impl ReadRow<'_> {
    /// What the ledger keeps of it; `None` where the row is not as it was written. To be asked for only where this very program wrote it.
    pub(crate) fn carried(&self) -> Option<Carried> {
        let told = [Some(self.file), Some(self.path), self.reader].map(|text| text.map(str::as_bytes));
        let pieces = [Some(self.gist), Some(self.head), self.figures, self.text, self.source];
        let is_whole = seal(told.into_iter().chain(pieces)) == self.seal;
        is_whole.then(|| postcard::from_bytes(self.gist).ok()).flatten()
    }
}

/// Hands out the batches of a stream of captures as read; which part of a plan they are, if they say so.
pub(crate) fn each_batch(
    from: impl Read,
    listen: &mut dyn FnMut(&[ReadRow<'_>]) -> bool,
) -> Result<Option<String>, WorkerError> {
    let mut batches = Batches::new(from, LARGEST_BATCH);
    let schema = batches.begin()?;
    expect(&schema, READINGS, true)?;
    while let Some(batch) = batches.next_batch()? {
        let columns = Columns { batch: &batch };
        let missing = |name: &str| WorkerError::Rows(format!("a row without `{name}`"));
        let row = |at: usize| {
            let must = |name: &str| columns.bytes(name, at)?.ok_or_else(|| missing(name));
            Ok::<_, WorkerError>(ReadRow {
                file: columns.text("file", at)?.ok_or_else(|| missing("file"))?,
                path: columns.text("path", at)?.ok_or_else(|| missing("path"))?,
                reader: columns.text("reader", at)?,
                gist: must("gist")?,
                head: must("head")?,
                figures: columns.bytes("figures", at)?,
                text: columns.bytes("text", at)?,
                source: columns.bytes("source", at)?,
                seal: must("seal")?,
            })
        };
        let rows: Vec<ReadRow<'_>> = (0..batch.num_rows()).map(row).collect::<Result<_, _>>()?;
        if !listen(&rows) {
            break;
        }
    }
    Ok(schema.metadata().get(PART_KEY).cloned())
}
