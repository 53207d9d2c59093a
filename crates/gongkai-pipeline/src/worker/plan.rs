//! `gongkai worker plan`: the files that inputs hold, one row a file, with what sidecars and folders tell of them.

use crate::meet::digest;
use crate::worker::WorkerError;
use crate::worker::rows::hex;
use crate::worker::schema::{files, of_part};
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use gongkai_input::{Entry, InputOptions, plan};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows of a batch.
const ROWS: usize = 4096;

/// Walks the inputs and tells what they hold, or of the `(i, n)`th part every nth file; their number. `note` hears what a person should
/// know.
///
/// # Errors
/// An input cannot be used at all, or nobody listens.
pub fn worker_plan(
    inputs: &[PathBuf],
    options: &InputOptions,
    part: Option<(usize, usize)>,
    to: impl Write,
    note: &dyn Fn(&str),
) -> Result<u64, WorkerError> {
    let plan = plan(inputs, options).map_err(WorkerError::Input)?;
    if plan.entries.iter().any(Entry::comes_once) {
        return Err(WorkerError::Rows("standard input cannot be read elsewhere; name files".to_owned()));
    }
    plan.notes.iter().for_each(|n| note(&format!("{}: {}", n.container, n.message)));
    let (first, step) = part.map_or((0, 1), |(i, n)| (i.saturating_sub(1), n.max(1)));
    // Jobs that plan while files come and go are no parts of one whole.
    let whole = digest(&plan.entries.iter().map(|entry| &*entry.container).collect::<Vec<_>>());
    let whole = hex(whole);
    let entries: Vec<Entry> = plan.entries.into_iter().skip(first).step_by(step).collect();
    let part = part.map(|(i, n)| format!("{i}/{n} {whole}"));
    let schema = of_part(files(), part);
    let mut writer = StreamWriter::try_new(to, &schema)?;
    for entries in entries.chunks(ROWS) {
        writer.write(&batch(&schema, entries)?)?;
    }
    writer.finish()?;
    Ok(entries.len() as u64)
}

fn batch(schema: &SchemaRef, entries: &[Entry]) -> Result<RecordBatch, WorkerError> {
    let mut texts: [StringBuilder; 8] = std::array::from_fn(|_| StringBuilder::new());
    let (mut sizes, mut times) =
        (Int64Builder::new(), TimestampMicrosecondBuilder::new().with_timezone("UTC"));
    let mut statuses = Int32Builder::new();
    for entry in entries {
        let told = entry.told();
        let location = entry.location().map(|path| {
            // What is no text cannot be told. It is met, and its reason says so.
            path.to_str().ok_or("path_not_utf8: only a run on one machine can open it")
        });
        let (location, problem) = match (location, entry.problem()) {
            (Some(Ok(path)), None) => (Some(path), None),
            (Some(Err(why)), None) => (None, Some(why)),
            (_, problem) => (None, problem.map(|problem| problem.reason.as_str())),
        };
        let provenance = &told.provenance;
        let values = [
            Some(&*entry.container),
            location,
            provenance.uri.as_deref(),
            told.folder_host.as_deref(),
            provenance.title.as_deref(),
            provenance.media_type_hint.as_deref(),
            provenance.charset_hint.as_deref(),
            problem,
        ];
        texts.iter_mut().zip(values).for_each(|(text, value)| text.append_option(value));
        sizes.append_value(i64::try_from(entry.size).unwrap_or(i64::MAX));
        times.append_option(provenance.fetched_at);
        statuses.append_option(told.http_status.map(i32::from));
    }
    let rows = entries.len();
    let [mut path, mut location, mut uri, mut host, mut title, mut media, mut charset, mut problem] = texts;
    let none = || {
        let mut none = StringBuilder::new();
        none.append_nulls(rows);
        Arc::new(none.finish()) as ArrayRef
    };
    let (mut bodies, mut revisits) = (BinaryBuilder::new(), BooleanBuilder::new());
    bodies.append_nulls(rows);
    revisits.append_nulls(rows);
    let columns: Vec<ArrayRef> = vec![
        none(),
        Arc::new(path.finish()),
        Arc::new(location.finish()),
        Arc::new(bodies.finish()),
        Arc::new(sizes.finish()),
        Arc::new(uri.finish()),
        Arc::new(host.finish()),
        Arc::new(title.finish()),
        Arc::new(times.finish()),
        Arc::new(media.finish()),
        Arc::new(charset.finish()),
        Arc::new(statuses.finish()),
        none(),
        none(),
        none(),
        Arc::new(revisits.finish()),
        Arc::new(problem.finish()),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
