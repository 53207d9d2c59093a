//! Containers to documents: a few threads take them out, and little is held until they are read.

use crate::ledger::Contained;
use gongkai_input::{Entry, InputOptions, Met, Opened, open};
use gongkai_model::Capture;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// A batch is handed over when it has so many bytes or documents: enough for every thread, little to hold.
const BATCH_BYTES: u64 = 8 << 20;
const BATCH_DOCUMENTS: usize = 64;
/// Reading a document costs about so many times what it costs to take it out of its container.
const READERS_FOR_ONE: usize = 4;

/// Documents taken out, and what was held by containers that came to their end.
#[derive(Default)]
struct Batch {
    captures: Vec<Capture>,
    bytes: u64,
    finished: Vec<(usize, Contained)>,
}

/// What is told about: documents, and containers that came to their end, by their position, with what they held.
pub(crate) type Heard<'h> = dyn FnMut(Vec<Capture>, Vec<(usize, Contained)>) -> bool + 'h;

/// Hands all documents of the containers to a listener, little by little, until it wants no more.
///
/// # Errors
/// The system starts no thread.
pub(crate) fn read_containers(
    containers: &[&Entry],
    input: &InputOptions,
    listen: &mut Heard<'_>,
) -> Result<(), std::io::Error> {
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
            if !listen(batch.captures, batch.finished) {
                break;
            }
        }
        Ok(())
    })
}

/// Takes documents out of one container after another, until there is none left or nobody listens.
fn take_out(containers: &[&Entry], next: &AtomicUsize, input: &InputOptions, sender: &SyncSender<Batch>) {
    let mut batch = Batch::default();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(entry) = containers.get(at) else { break };
        let mut held = Contained::default();
        let mut unheard = false;
        match open(entry, input) {
            Opened::Document(capture) => {
                held.documents += 1;
                batch.add(*capture);
            }
            Opened::Container(container) => container.each(input, &mut |met| {
                match met {
                    Met::Capture(capture) => {
                        held.documents += 1;
                        batch.add(*capture);
                    }
                    Met::Sidecar(_) => held.sidecars += 1,
                    Met::Hidden => held.hidden += 1,
                    Met::Note(note) => held.note(note),
                }
                let is_full = batch.bytes >= BATCH_BYTES || batch.captures.len() >= BATCH_DOCUMENTS;
                unheard = is_full && sender.send(std::mem::take(&mut batch)).is_err();
                if unheard { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }),
        }
        if unheard {
            return;
        }
        batch.finished.push((at, held));
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
