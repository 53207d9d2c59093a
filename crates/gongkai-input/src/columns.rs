//! Tables of pages: Parquet files and Arrow IPC files or streams with the columns that records have.
//!
//! Both formats state sizes in advance, and their libraries make room for what is stated: so sizes are looked at before
//! a page or a batch is handed to them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, types};
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{MessageHeader, root_as_message};
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use gongkai_model::Problem;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};

use crate::inflate::{check, problem};
use crate::json::shown;
use crate::met::{Flow, Place, Walk};
use crate::options::Fields;
use crate::raw::{Raw, ReadSeek, Section, Shared};
use crate::record::{Columns, Row};
use crate::sidecar::Stated;

/// Rows held at once.
const ROWS: usize = 16;
/// Largest message head of an Arrow stream.
const MAX_MESSAGE: usize = 16 << 20;

/// Hands out the rows of a Parquet file.
pub(crate) fn parquet(walk: &mut Walk<'_>, place: &Place, inner: Box<dyn ReadSeek>) -> Flow {
    let limit = walk.options.limits.nested_bytes;
    let damaged = |why: &ParquetError| match why.to_string().split_once(PAGE_LIMIT) {
        Some(_) => Problem::unreadable(format!("{PAGE_LIMIT}: more than {limit} bytes")),
        None => Problem::unreadable("damaged: parquet"),
    };
    let shared = Shared::new(inner);
    let length = match shared.length() {
        Ok(length) => length,
        Err(error) => return walk.lost(place, 0, problem(&error)),
    };
    // The directory stands at the end, behind it the same mark as at the beginning.
    let mut mark = [0; 4];
    if shared.read_at(length.saturating_sub(4), &mut mark).is_ok_and(|_| &mark != b"PAR1") {
        return walk.lost(place, 0, Problem::unreadable("truncated: parquet without its directory"));
    }
    let gave_up = || ParquetError::General("panic".to_owned());
    let open = |limit: u64| {
        let pages = Pages { shared: shared.clone(), length, limit };
        guarded(|| ParquetRecordBatchReaderBuilder::try_new(pages), gave_up)
    };
    let builder = match open(limit) {
        Ok(builder) => builder,
        Err(error) => return walk.lost(place, 0, damaged(&error)),
    };
    if let Some(problem) = unsupported(builder.metadata()) {
        return walk.lost(place, 0, problem);
    }
    let leaves = leaves(builder.schema());
    let Some(columns) = columns(&leaves, &walk.options.fields) else {
        return walk.lost(place, 0, no_columns(&leaves));
    };
    let wanted = columns.bodies.iter().map(|(_, at)| *at).chain(columns.others());
    let roots = wanted.filter_map(|at| leaves.get(at)?.path.first().copied());
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    drop(builder);
    let read = |limit: u64, rows: usize, done: u64| {
        let builder = open(limit)?.with_projection(mask.clone()).with_batch_size(rows);
        guarded(|| builder.with_offset(usize::try_from(done).unwrap_or(usize::MAX)).build(), gave_up)
    };
    // No value is larger than its page, but every row of a batch may have the largest: rows of large pages come one by one, and
    // large pages of several columns are not held side by side.
    let whole = limit / (columns.bodies.len() as u64).max(1);
    let small = whole.min(SMALL_PAGE);
    let mut reader = read(small, ROWS, 0);
    let mut is_small = small < whole;
    let mut tally = Tally { taken: length, ..Tally::default() };
    loop {
        let next = match &mut reader {
            Ok(reader) => guarded(|| reader.next().transpose().map_err(ParquetError::from), gave_up),
            Err(error) => Err(std::mem::replace(error, gave_up())),
        };
        match next {
            Ok(Some(batch)) => match rows(walk, place, &batch, &mut tally) {
                Some(flow) => flow?,
                None => return Flow::Continue(()),
            },
            Ok(None) => return finish(walk, place, tally.number),
            Err(error) if is_small && error.to_string().contains(PAGE_LIMIT) => {
                is_small = false;
                reader = read(whole, 1, tally.number);
            }
            Err(error) => {
                return walk.lost(&place.record(tally.number + 1, Stated::default()), 0, damaged(&error));
            }
        }
    }
}

/// Pages up to this size are read many rows at once.
const SMALL_PAGE: u64 = 4 << 20;

/// Rows so far, what they count, and the bytes they came from: rows may share what they have, so that a small file has much to hand out.
#[derive(Default)]
struct Tally {
    number: u64,
    given: u64,
    taken: u64,
    /// Hashes of large bodies.
    large: HashSet<u64>,
}

impl Tally {
    /// What a row counts: its bytes, at least [`LEAST`], and those of a large body that an earlier row had already [`AGAIN`] times.
    fn count(&mut self, row: &Row) {
        let texts = [&row.url, &row.title, &row.fetched_at, &row.content_type].into_iter().flatten();
        let texts: u64 = texts.map(|text| text.len() as u64).sum();
        let bodies: u64 = row.bodies.iter().map(|(_, body)| self.body(body)).sum();
        self.given += (texts + bodies).max(LEAST);
    }

    fn body(&mut self, body: &[u8]) -> u64 {
        let length = body.len() as u64;
        if length < LARGE {
            return length;
        }
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        if self.large.insert(hasher.finish()) { length } else { length.saturating_mul(AGAIN) }
    }
}

/// Bytes that a row counts at least: whatever it holds, a store remembers it. As many rows as lines of a text could be are never stopped by it.
pub(crate) const LEAST: u64 = 8 << 10;
/// A body of so many bytes is large. Pages that are fetched again and again, and found unchanged, are smaller.
const LARGE: u64 = 256 << 10;
/// How many times a large body counts that was there already.
const AGAIN: u64 = 16;

/// What a library makes of bytes that are not what they say: an error, or a panic, which is one here.
fn guarded<T, E>(read: impl FnOnce() -> Result<T, E>, gave_up: impl FnOnce() -> E) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(gave_up()))
}

/// Only codecs whose decoders keep to the size a page states.
fn unsupported(metadata: &ParquetMetaData) -> Option<Problem> {
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    let codec = columns.map(|c| c.compression()).find(|codec| {
        !matches!(
            codec,
            Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) | Compression::LZ4_RAW
        )
    })?;
    Some(Problem::unreadable(format!("unsupported_compression: {codec}; write it with zstd or snappy")))
}

/// What the guard of pages says when one is too large.
const PAGE_LIMIT: &str = "limit_page_size";

/// The file, with a look at each page's header before the library reads it.
struct Pages {
    shared: Shared,
    length: u64,
    limit: u64,
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Pages {
    type T = io::BufReader<Section>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut head = [0; 24];
        let mut section = self.shared.section(start, self.length.saturating_sub(start));
        let n = section.read(&mut head)?;
        if stated_size(head.get(..n).unwrap_or_default()).is_some_and(|size| size > self.limit) {
            return Err(ParquetError::General(PAGE_LIMIT.to_owned()));
        }
        Ok(self.shared.section(start, self.length.saturating_sub(start)).buffered())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if length as u64 > self.limit {
            return Err(ParquetError::General(PAGE_LIMIT.to_owned()));
        }
        let mut bytes = Vec::new();
        self.shared.section(start, length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("the file ends early".to_owned()));
        }
        Ok(Bytes::from(bytes))
    }
}

/// The larger size in a page header: its first three fields are the type, the size and the compressed size, each an i32 of
/// Thrift's compact protocol (`PageHeader` in parquet.thrift).
fn stated_size(head: &[u8]) -> Option<u64> {
    /// Next field, type i32.
    const NEXT_I32: u8 = 0x15;
    let mut rest = head;
    let mut largest = 0;
    for field in 0..3 {
        rest = rest.strip_prefix(&[NEXT_I32])?;
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (byte, after) = rest.split_first()?;
            rest = after;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 63 {
                return Some(u64::MAX);
            }
        }
        // Zigzag: sizes are not negative.
        if field > 0 {
            largest = largest.max(value >> 1);
        }
    }
    Some(largest)
}

/// Hands out the rows of an Arrow stream that begins behind so many bytes.
pub(crate) fn arrow(walk: &mut Walk<'_>, place: &Place, mut raw: Raw<'_>, skip: u64) -> Flow {
    let mut tally = Tally::default();
    let mut columns_known = false;
    if let Err(error) = io::copy(&mut (&mut raw).take(skip), &mut io::sink()) {
        return walk.lost(place, 0, problem(&error));
    }
    let padding = if skip > 0 { PADDING } else { 0 };
    let mut batches = Batches { padding, ..Batches::new(raw, walk.options.limits.nested_bytes) };
    loop {
        let step = batches.step();
        tally.taken = batches.taken;
        match step {
            Ok(Step::Batch(batch)) => match rows(walk, place, &batch, &mut tally) {
                Some(flow) => flow?,
                None => return Flow::Continue(()),
            },
            Ok(Step::Other) => {}
            Ok(Step::End { .. }) => return finish(walk, place, tally.number),
            Err(problem) => {
                return walk.lost(&place.record(tally.number + 1, Stated::default()), 0, problem);
            }
        }
        if let Some(schema) = batches.schema().filter(|_| !columns_known) {
            columns_known = true;
            let leaves = leaves(&schema);
            if columns(&leaves, &walk.options.fields).is_none() {
                return walk.lost(place, 0, no_columns(&leaves));
            }
        }
    }
}

/// The batches of an Arrow stream. What it states of its sizes is looked at before room is made for it.
pub struct Batches<R> {
    from: R,
    decoder: StreamDecoder,
    schema: Option<SchemaRef>,
    limit: u64,
    /// Zeros that may stand before the first message.
    padding: usize,
    taken: u64,
}

/// A message of a stream.
enum Step {
    Batch(RecordBatch),
    /// The schema, or words that batches share.
    Other,
    /// The last one; whether the stream says so, or is only over.
    End {
        said: bool,
    },
}

impl<R: Read> Batches<R> {
    /// Of a stream no batch of which may have more bytes.
    pub fn new(from: R, limit: u64) -> Self {
        Self { from, decoder: StreamDecoder::new(), schema: None, limit, padding: 0, taken: 0 }
    }

    /// The schema, once it is read.
    pub fn schema(&self) -> Option<SchemaRef> {
        self.schema.clone()
    }

    /// Reads up to the schema.
    ///
    /// # Errors
    /// It is no such stream, or it is damaged or cut off.
    pub fn begin(&mut self) -> Result<SchemaRef, Problem> {
        loop {
            if let Some(schema) = self.schema() {
                return Ok(schema);
            }
            match self.step()? {
                Step::Other => {}
                Step::Batch(_) => return Err(Problem::unreadable("damaged: arrow")),
                Step::End { .. } => return Err(Problem::unreadable("truncated: arrow")),
            }
        }
    }

    /// The next batch; `None` where the stream says that it ends. One that is cut off, between batches too, is a problem.
    ///
    /// # Errors
    /// It is no such stream, or it is damaged, cut off or too large.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, Problem> {
        loop {
            match self.step()? {
                Step::Batch(batch) => return Ok(Some(batch)),
                Step::Other => {}
                Step::End { said: true } => return Ok(None),
                Step::End { said: false } => return Err(Problem::unreadable("truncated: arrow")),
            }
        }
    }

    fn step(&mut self) -> Result<Step, Problem> {
        let damaged = || Problem::unreadable("damaged: arrow");
        let padding = std::mem::take(&mut self.padding);
        let message = match message(&mut self.from, self.limit, padding)? {
            Message::Whole(message, schema) => {
                // The decoder knows it only when the message behind it comes.
                self.schema = self.schema.take().or(schema);
                message
            }
            Message::End { said } => return Ok(Step::End { said }),
        };
        self.taken += message.len() as u64;
        let decoder = &mut self.decoder;
        let decode = || decoder.decode(&mut Buffer::from_vec(message)).map_err(|_| damaged());
        Ok(guarded(decode, damaged)?.map_or(Step::Other, Step::Batch))
    }
}

/// Zeros behind the mark of a file, up to where a writer that aligns to 64 bytes begins.
const PADDING: usize = 56;

/// What comes next in a stream.
enum Message {
    /// With its schema, if that is what it is.
    Whole(Vec<u8>, Option<SchemaRef>),
    End {
        said: bool,
    },
}

/// The next message with its body (Arrow columnar format, encapsulated message format), behind zeros, if so many may stand there.
fn message(raw: &mut impl Read, limit: u64, padding: usize) -> Result<Message, Problem> {
    let mut frame = read_exactly(raw, 4)?;
    for _ in 0..padding / 4 {
        if frame.is_empty() || number(&frame) != 0 {
            break;
        }
        frame = read_exactly(raw, 4)?;
    }
    if frame.is_empty() {
        return Ok(Message::End { said: false });
    }
    let mut length = number(&frame);
    if length == u64::from(u32::MAX) {
        let second = read_exactly(raw, 4)?;
        length = number(&second);
        frame.extend(second);
    }
    if length == 0 {
        return Ok(Message::End { said: true });
    }
    if length > MAX_MESSAGE as u64 {
        return Err(Problem::unreadable("damaged: arrow"));
    }
    let head = read_exactly(raw, length)?;
    let parsed = root_as_message(&head).map_err(|_| Problem::unreadable("damaged: arrow"))?;
    let told = (parsed.header_type() == MessageHeader::Schema).then(|| parsed.header_as_schema()).flatten();
    let damaged = || Problem::unreadable("damaged: arrow");
    let schema = told
        .map(|told| guarded(|| try_fb_to_schema(told).map(Arc::new).map_err(|_| damaged()), damaged))
        .transpose()?;
    let body = u64::try_from(parsed.bodyLength()).unwrap_or(u64::MAX);
    let too_large = || Problem::unreadable(format!("limit_batch_size: more than {limit} bytes in one batch"));
    if body > limit {
        return Err(too_large());
    }
    let body = read_exactly(raw, body)?;
    let batch = match parsed.header_type() {
        MessageHeader::RecordBatch => parsed.header_as_record_batch(),
        MessageHeader::DictionaryBatch => parsed.header_as_dictionary_batch().and_then(|d| d.data()),
        _ => None,
    };
    if let Some(batch) = batch.filter(|b| b.compression().is_some()) {
        let buffers = batch.buffers().into_iter().flatten();
        let stated = buffers.map(|buffer| {
            let start = usize::try_from(buffer.offset()).unwrap_or(usize::MAX);
            let prefix = start.checked_add(8).and_then(|end| body.get(start..end));
            prefix.map(number).filter(|n| *n != u64::MAX).unwrap_or(0)
        });
        if stated.fold(0_u64, u64::saturating_add) > limit {
            return Err(too_large());
        }
    }
    frame.extend(head);
    frame.extend(body);
    Ok(Message::Whole(frame, schema))
}

/// A number whose lowest byte comes first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// So many bytes; none at the end of the stream.
fn read_exactly(raw: &mut impl Read, length: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    raw.by_ref().take(length).read_to_end(&mut bytes).map_err(|e| problem(&e))?;
    if !bytes.is_empty() && (bytes.len() as u64) < length {
        return Err(Problem::unreadable("truncated: arrow"));
    }
    Ok(bytes)
}

/// A column, or a part of one: `data.html`.
struct Leaf {
    name: String,
    /// Its place among the columns, then among the parts of each.
    path: Vec<usize>,
    is_text: bool,
}

/// All columns and their parts, in order.
fn leaves(schema: &Schema) -> Vec<Leaf> {
    /// Parts within parts.
    const MAX_DEPTH: usize = 4;
    let mut leaves = Vec::new();
    // What is still to be laid out, the next one last.
    let mut rest: Vec<(String, Vec<usize>, &DataType)> = Vec::new();
    let enter = |fields: &'_ arrow_schema::Fields, name: &str, path: &[usize]| -> Vec<_> {
        let fields = fields.iter().enumerate().rev();
        fields.map(|(at, field)| (format!("{name}{}", field.name()), [path, &[at]].concat(), at)).collect()
    };
    for (name, path, at) in enter(schema.fields(), "", &[]) {
        rest.push((name, path, schema.field(at).data_type()));
    }
    while let Some((name, path, data_type)) = rest.pop() {
        match data_type {
            DataType::Struct(fields) if path.len() < MAX_DEPTH => {
                for (name, path, at) in enter(fields, &format!("{name}."), &path) {
                    if let Some(field) = fields.get(at) {
                        rest.push((name, path, field.data_type()));
                    }
                }
            }
            _ => leaves.push(Leaf { name, path, is_text: is_text(data_type) }),
        }
    }
    leaves
}

fn columns(leaves: &[Leaf], fields: &Fields) -> Option<Columns> {
    Columns::of(leaves.iter().map(|leaf| (leaf.name.as_str(), leaf.is_text)), fields)
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn no_columns(leaves: &[Leaf]) -> Problem {
    let names = shown(leaves.iter().map(|leaf| leaf.name.as_str()));
    Problem::unreadable(format!("no_document_column: columns are {names}"))
}

fn finish(walk: &mut Walk<'_>, place: &Place, rows: u64) -> Flow {
    if rows == 0 {
        return walk.lost(place, 0, Problem::unreadable("empty_archive"));
    }
    Flow::Continue(())
}

/// Hands out the rows of a batch; `None` where they come to more than their file may.
fn rows(walk: &mut Walk<'_>, place: &Place, batch: &RecordBatch, tally: &mut Tally) -> Option<Flow> {
    let leaves = leaves(&batch.schema());
    let Some(columns) = columns(&leaves, &walk.options.fields) else {
        return Some(Flow::Continue(()));
    };
    let column = |at: usize| {
        let (root, path) = leaves.get(at)?.path.split_first()?;
        let within = |array: ArrayRef, at: &usize| array.as_struct_opt()?.columns().get(*at).cloned();
        path.iter().try_fold(batch.columns().get(*root)?.clone(), within).map(|array| Values::of(&array))
    };
    let bodies: Vec<(&String, Values)> =
        columns.bodies.iter().filter_map(|(name, at)| Some((name, column(*at)?))).collect();
    let [url, title, fetched_at, content_type] =
        [columns.url, columns.title, columns.fetched_at, columns.content_type].map(|at| at.and_then(column));
    for at in 0..batch.num_rows() {
        tally.number += 1;
        let text = |values: &Option<Values>| {
            values.as_ref()?.get(at).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let row = Row {
            bodies: bodies
                .iter()
                .filter_map(|(name, values)| Some(((*name).clone(), values.get(at)?)))
                .filter(|(_, body)| !body.trim_ascii().is_empty())
                .collect(),
            url: text(&url),
            title: text(&title),
            fetched_at: text(&fetched_at),
            content_type: text(&content_type),
        };
        tally.count(&row);
        if let Err(error) = check(tally.given, tally.taken, &walk.options.limits) {
            let flow = walk.lost(&place.record(tally.number, Stated::default()), 0, problem(&error));
            return flow.is_break().then_some(flow);
        }
        let flow = row.hand_out(walk, place, tally.number, None);
        if flow.is_break() {
            return Some(flow);
        }
    }
    Some(Flow::Continue(()))
}

/// A column's values as bytes, dictionaries looked up.
struct Values {
    values: ArrayRef,
    keys: Option<ArrayRef>,
}

impl Values {
    fn of(array: &ArrayRef) -> Self {
        match array.as_any_dictionary_opt() {
            Some(dictionary) => Self { values: dictionary.values().clone(), keys: Some(array.clone()) },
            None => Self { values: array.clone(), keys: None },
        }
    }

    fn get(&self, row: usize) -> Option<Vec<u8>> {
        let at = match &self.keys {
            Some(keys) => key(keys, row)?,
            None => row,
        };
        let array = &self.values;
        if at >= array.len() || array.is_null(at) {
            return None;
        }
        let number = |text: String| Some(text.into_bytes());
        match array.data_type() {
            DataType::Utf8 => Some(array.as_string::<i32>().value(at).as_bytes().to_vec()),
            DataType::LargeUtf8 => Some(array.as_string::<i64>().value(at).as_bytes().to_vec()),
            DataType::Utf8View => Some(array.as_string_view().value(at).as_bytes().to_vec()),
            DataType::Binary => Some(array.as_binary::<i32>().value(at).to_vec()),
            DataType::LargeBinary => Some(array.as_binary::<i64>().value(at).to_vec()),
            DataType::BinaryView => Some(array.as_binary_view().value(at).to_vec()),
            DataType::Int64 => number(array.as_primitive::<types::Int64Type>().value(at).to_string()),
            DataType::Float64 => number(array.as_primitive::<types::Float64Type>().value(at).to_string()),
            // Without a zone it is not known which instant is meant.
            DataType::Timestamp(unit, Some(_)) => number(seconds(array, *unit, at)),
            _ => None,
        }
    }
}

/// The place in its dictionary of a row's value. One by one: keys of a byte each become eight times as large when they are turned into numbers.
fn key(array: &ArrayRef, row: usize) -> Option<usize> {
    if row >= array.len() || array.is_null(row) {
        return None;
    }
    let one = array.slice(row, 1);
    let dictionary = one.as_any_dictionary_opt()?;
    if dictionary.values().is_empty() {
        return None;
    }
    dictionary.normalized_keys().first().copied()
}

/// An instant as Unix seconds with six decimals.
fn seconds(array: &ArrayRef, unit: TimeUnit, at: usize) -> String {
    let (value, per_second) = match unit {
        TimeUnit::Second => (array.as_primitive::<types::TimestampSecondType>().value(at), 1),
        TimeUnit::Millisecond => (array.as_primitive::<types::TimestampMillisecondType>().value(at), 1_000),
        TimeUnit::Microsecond => {
            (array.as_primitive::<types::TimestampMicrosecondType>().value(at), 1_000_000)
        }
        TimeUnit::Nanosecond => {
            (array.as_primitive::<types::TimestampNanosecondType>().value(at), 1_000_000_000)
        }
    };
    let micros = (value.rem_euclid(per_second) as i128 * 1_000_000 / i128::from(per_second)) as i64;
    format!("{}.{micros:06}", value.div_euclid(per_second))
}
