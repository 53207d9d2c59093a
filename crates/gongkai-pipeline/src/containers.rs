//! Containers to reads: a few threads take documents out, all threads read them, and little is held between.

use gongkai_input::{Entry, InputOptions, Met, Note, Opened, open};
use gongkai_model::Capture;
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// A batch is handed over when it has so many bytes or documents: enough for every thread, little to hold.
const BATCH_BYTES: u64 = 8 << 20;
const BATCH_DOCUMENTS: usize = 64;
/// Reading a document costs about so many times what it costs to take it out of its container.
const READERS_FOR_ONE: usize = 4;

/// What containers held.
pub(crate) struct Contained<T> {
    /// What became of the documents, in no order that means anything.
    pub met: Vec<T>,
    /// Parts that tell about documents.
    pub sidecars: u64,
    /// Hidden members.
    pub hidden: u64,
    /// What a person should know.
    pub notes: Vec<Note>,
}

/// Documents and what else was met between two batches.
#[derive(Default)]
struct Batch {
    captures: Vec<Capture>,
    bytes: u64,
    sidecars: u64,
    hidden: u64,
    notes: Vec<Note>,
    /// Containers that came to their end.
    finished: usize,
}

/// Hands all documents of the containers to `read`; `finished` is told how many containers ended.
///
/// # Errors
/// The system starts no thread.
pub(crate) fn read_containers<T: Send>(
    read: &(dyn Fn(&Capture) -> T + Sync),
    containers: &[&Entry],
    input: &InputOptions,
    finished: &dyn Fn(usize),
) -> Result<Contained<T>, std::io::Error> {
    let mut all = Contained { met: Vec::new(), sidecars: 0, hidden: 0, notes: Vec::new() };
    let next = AtomicUsize::new(0);
    let takers = rayon::current_num_threads().div_ceil(READERS_FOR_ONE).min(containers.len());
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        for _ in 0..takers {
            let (sender, next) = (sender.clone(), &next);
            thread::Builder::new().spawn_scoped(scope, move || take_out(containers, next, input, &sender))?;
        }
        drop(sender);
        for batch in receiver {
            all.met.par_extend(batch.captures.into_par_iter().map(|capture| read(&capture)));
            all.sidecars += batch.sidecars;
            all.hidden += batch.hidden;
            all.notes.extend(batch.notes);
            finished(batch.finished);
        }
        Ok::<(), std::io::Error>(())
    })?;
    all.notes.sort();
    Ok(all)
}

/// Takes documents out of one container after another, until there is none left or nobody listens.
fn take_out(containers: &[&Entry], next: &AtomicUsize, input: &InputOptions, sender: &SyncSender<Batch>) {
    let mut batch = Batch::default();
    while let Some(entry) = containers.get(next.fetch_add(1, Ordering::Relaxed)) {
        match open(entry, input) {
            Opened::Document(capture) => batch.add(*capture),
            Opened::Container(container) => container.each(input, &mut |met| {
                match met {
                    Met::Capture(capture) => batch.add(*capture),
                    Met::Sidecar(_) => batch.sidecars += 1,
                    Met::Hidden => batch.hidden += 1,
                    Met::Note(note) => batch.notes.push(note),
                }
                let is_full = batch.bytes >= BATCH_BYTES || batch.captures.len() >= BATCH_DOCUMENTS;
                if is_full && sender.send(std::mem::take(&mut batch)).is_err() {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            }),
        }
        batch.finished += 1;
    }
    // Nobody listening any more means that the run failed elsewhere, which is told there.
    let _ = sender.send(batch);
}

impl Batch {
    fn add(&mut self, capture: Capture) {
        self.bytes += capture.bytes.len() as u64;
        self.captures.push(capture);
    }
}
