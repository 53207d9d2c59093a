//! `gongkai worker read`: files in, captures as read out.

use crate::ingest::{made_by, this_build};
use crate::worker::WorkerError;
use crate::worker::helper::{Answered, Helpers};
use crate::worker::rows::{Row, Writer, each_row, files_of};
use gongkai_input::{Batches, InputOptions, Met, Opened, open};
use gongkai_model::Capture;
use gongkai_registry::Registry;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How a worker reads.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// How files are opened.
    pub input: InputOptions,
    /// Documents read side by side, each in a process of its own.
    pub helpers: usize,
    /// Whether the documents themselves go with what was read of them, so that a later version can read them again.
    pub sources: bool,
    /// How long one document is waited for; then its helper is ended.
    pub patience: Duration,
    /// What the program is; `None` is a hash of the running one.
    pub build: Option<String>,
}

/// A document to be read, and what is to be said of it besides.
struct Job {
    capture: Capture,
    capture_id: Option<String>,
    /// The file it lies in.
    file: Arc<str>,
    told: bool,
}

/// A document as read.
pub(super) struct Done {
    pub(super) capture_id: Option<String>,
    pub(super) file: String,
    pub(super) path: String,
    pub(super) answered: Answered,
}

/// Reads all files that are sent and tells of every capture they hold, in no order; their number. `helper` starts the program as a helper
/// ([`super::serve`]); `note` hears what a person should know.
///
/// # Errors
/// What is sent is not what a worker reads, nobody listens, or helpers cannot be started.
pub fn worker_read(
    registry: &Registry,
    options: &WorkerOptions,
    helper: &(dyn Fn() -> Command + Sync),
    from: impl Read + Send,
    to: impl Write,
    note: &(dyn Fn(&str) + Sync),
) -> Result<u64, WorkerError> {
    let by = made_by(registry, &options.build.clone().unwrap_or_else(this_build));
    let (files, part) = files_of(io::BufReader::new(from))?;
    let mut writer = Writer::new(to, by, part)?;
    let helpers = options.helpers.max(1);
    thread::scope(|scope| {
        let (jobs, queue) = sync_channel::<Job>(helpers);
        let (told, heard) = sync_channel::<Result<Done, WorkerError>>(helpers);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..helpers {
            let (told, queue) = (told.clone(), Arc::clone(&queue));
            let start = move || {
                let mut helpers = Helpers::new(helper, options.patience, options.sources);
                while let Some(job) = next(&queue) {
                    let Job { capture, capture_id, file, told: is_told } = job;
                    let answered = helpers.read(&capture, is_told);
                    let path = capture.container.to_string();
                    let done =
                        answered.map(|answered| Done { capture_id, file: file.to_string(), path, answered });
                    let failed = done.is_err();
                    if told.send(done.map_err(WorkerError::Io)).is_err() || failed {
                        break;
                    }
                }
            };
            thread::Builder::new().spawn_scoped(scope, start)?;
        }
        let feed = move || {
            if let Err(error) = feed(options, files, &jobs, note) {
                let _ = told.send(Err(error));
            }
        };
        thread::Builder::new().spawn_scoped(scope, feed)?;
        // When nothing more can be written, helpers stop at the next document, and then nobody takes any.
        drop(queue);
        for done in heard {
            writer.add(done?)?;
        }
        writer.finish()
    })
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Opens the files that are sent, one after another, until nobody takes what they hold.
fn feed(
    options: &WorkerOptions,
    files: Batches<impl Read>,
    jobs: &SyncSender<Job>,
    note: &dyn Fn(&str),
) -> Result<(), WorkerError> {
    each_row(files, &mut |row: Row| {
        let Row { capture_id, entry, ties } = row;
        let told = entry.is_told_of();
        let send = |capture: Capture, told: bool| {
            let (capture_id, file) = (capture_id.clone(), Arc::clone(&entry.container));
            let job = Job { capture, capture_id, file, told };
            if jobs.send(job).is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        match open(&entry, &options.input) {
            Opened::Document(mut capture) => {
                capture.ties = ties;
                send(*capture, told)
            }
            Opened::Container(container) => {
                let mut flow = ControlFlow::Continue(());
                container.each(&options.input, &mut |met| {
                    match met {
                        Met::Capture(capture) => flow = send(*capture, false),
                        Met::Note(n) => note(&format!("{}: {}", n.container, n.message)),
                        Met::Sidecar(_) | Met::Hidden => {}
                    }
                    flow
                });
                flow
            }
        }
    })
}
