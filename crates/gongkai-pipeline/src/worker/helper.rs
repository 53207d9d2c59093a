//! A helper is a process that reads one document after another. A document that brings its process to an end ends no other
//! document: the worker starts the next helper, and the document is a capture that failed.

use crate::copies::Fate;
use crate::gist::{Gist, Kind};
use crate::ledger::Digest;
use crate::meet::{about_capture, address};
use crate::reader::{Read, Reader};
use crate::reading::{Records, source_record};
use crate::watch::{KILLED, TIME_LIMIT};
use crate::worker::frame;
use gongkai_model::{Capture, CaptureStatus, Problem, Provenance, Ties};
use gongkai_registry::Registry;
use gongkai_store::packed;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, BufWriter};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// A document to read; its bytes follow.
#[derive(Serialize, Deserialize)]
struct Question {
    container: String,
    size: u64,
    provenance: Provenance,
    ties: Ties,
    problem: Option<Problem>,
    /// Why it is not tried any more.
    gave_up: Option<Problem>,
    /// Whether the document itself is wanted among the records.
    sources: bool,
    /// Whether a sidecar tells of it.
    told: bool,
}

/// What was read of a document; the gist and the records follow.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: CaptureStatus,
    pub(crate) reason: Option<String>,
    pub(crate) hash: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) host: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) year: Option<i16>,
    pub(crate) report_id: Option<String>,
    pub(crate) agency_id: Option<String>,
    pub(crate) text_key: Option<i64>,
    pub(crate) figures_key: Option<i64>,
    /// Whether another try would end the same way.
    pub(crate) is_final: bool,
}

/// What the ledger keeps of a document, whoever read it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Carried {
    pub(crate) about: Digest,
    pub(crate) hash: Option<[u8; 32]>,
    pub(crate) gist: Gist,
    pub(crate) address: u64,
    /// Whether a sidecar told of it.
    pub(crate) told: bool,
}

/// The pieces behind an answer: what is carried, head, figures, text, source. The last four are records as they lie in packs.
pub(crate) const PIECES: usize = 5;
/// An answer with its pieces.
pub(crate) type Answered = frame::Message<Answer, PIECES>;

/// What a helper does: answers questions until there are no more. `before` is told of every document before it is read.
///
/// # Errors
/// The worker is gone, or what it asks cannot be understood.
pub fn serve(
    registry: &Registry,
    from: impl io::Read,
    to: impl io::Write,
    before: &dyn Fn(&Capture),
) -> io::Result<()> {
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    let reader = Reader::new(registry);
    while let Some((question, [bytes])) = frame::read::<Question, 1>(&mut from)? {
        let capture = Capture {
            container: question.container.into(),
            bytes: bytes.unwrap_or_default(),
            size: question.size,
            provenance: question.provenance,
            ties: question.ties,
            problem: question.problem,
        };
        let read = match question.gave_up {
            Some(problem) => Read::gave_up(&capture, problem),
            None => {
                before(&capture);
                reader.read(&capture)
            }
        };
        let (answer, pieces) = answer(registry, &capture, read, question.sources, question.told)?;
        frame::write(&mut to, &answer, &pieces.each_ref().map(Option::as_deref))?;
    }
    Ok(())
}

fn answer(
    registry: &Registry,
    capture: &Capture,
    read: Read,
    sources: bool,
    told: bool,
) -> io::Result<Answered> {
    let Fate { status, reason, .. } = Fate::alone(&read);
    let is_final = read.is_final();
    let (hash, bytes) = (read.hash.clone(), read.bytes);
    let resolution = read.report().map(|report| &report.resolution);
    let host = resolution.and_then(|r| r.source_host.clone()).or_else(|| read.provenance.host.clone());
    let report_id = resolution.map(|r| r.report_id.clone());
    let agency_id = resolution.map(|r| r.agency_id.clone());
    let records = Records::of(registry, read).map_err(io::Error::other)?;
    let gist = &records.gist;
    let of_report = gist.kind == Kind::Report;
    let key = |hash: u64| (hash != 0).then(|| hash.cast_signed());
    let answer = Answer {
        status,
        reason: reason.as_deref().map(str::to_owned),
        hash,
        bytes,
        host,
        region: of_report.then(|| gist.region.to_string()),
        year: gist.year.filter(|_| of_report),
        report_id,
        agency_id,
        text_key: key(gist.text),
        figures_key: key(gist.figures),
        is_final,
    };
    let has_bytes = capture.problem.is_none();
    let source =
        (sources && has_bytes).then(|| source_record(capture)).transpose().map_err(io::Error::other)?;
    let carried = Carried {
        about: about_capture(capture),
        hash: has_bytes.then(|| *blake3::hash(&capture.bytes).as_bytes()),
        address: address(capture),
        gist: records.gist,
        told,
    };
    let pack = |record: Option<Vec<u8>>| record.map(|record| packed(&record)).transpose();
    let pieces = [
        Some(postcard::to_stdvec(&carried).map_err(io::Error::other)?),
        pack(Some(records.head))?,
        pack(records.figures)?,
        pack(records.text)?,
        pack(source)?,
    ];
    Ok((answer, pieces))
}

/// Tries before a document is given up: the first helper may have come to its end for another reason.
const TRIES: usize = 2;

/// One helper after another.
pub(crate) struct Helpers<'c> {
    command: &'c (dyn Fn() -> Command + Sync),
    patience: Duration,
    sources: bool,
    now: Option<Helper>,
}

struct Helper {
    process: Child,
    to: BufWriter<ChildStdin>,
    answers: Receiver<io::Result<Option<Answered>>>,
}

/// Why there is no answer.
enum Silence {
    /// It took too long.
    Slow,
    /// The helper came to its end.
    Gone,
}

impl<'c> Helpers<'c> {
    pub(crate) fn new(command: &'c (dyn Fn() -> Command + Sync), patience: Duration, sources: bool) -> Self {
        Self { command, patience, sources, now: None }
    }

    /// What is read of a document. One that ends its helper, or keeps it busy without end, is given up and failed.
    ///
    /// # Errors
    /// Helpers cannot be started, or come to their ends whatever they are asked.
    pub(crate) fn read(&mut self, capture: &Capture, told: bool) -> io::Result<Answered> {
        let mut why = None;
        for _ in 0..TRIES {
            match self.ask(capture, told, None)? {
                Ok(answer) => return Ok(answer),
                Err(problem) => {
                    let is_slow = problem.reason.starts_with(TIME_LIMIT);
                    why = Some(problem);
                    if is_slow {
                        break;
                    }
                }
            }
        }
        match self.ask(capture, told, why)? {
            Ok(answer) => Ok(answer),
            Err(problem) => Err(io::Error::other(format!(
                "a helper ended without being asked to read: {}",
                problem.reason
            ))),
        }
    }

    fn ask(
        &mut self,
        capture: &Capture,
        told: bool,
        gave_up: Option<Problem>,
    ) -> io::Result<Result<Answered, Problem>> {
        let question = Question {
            container: capture.container.to_string(),
            size: capture.size,
            provenance: capture.provenance.clone(),
            ties: capture.ties.clone(),
            problem: capture.problem.clone(),
            gave_up,
            sources: self.sources,
            told,
        };
        let mut helper = match self.now.take() {
            Some(helper) => helper,
            None => Helper::start((self.command)())?,
        };
        match helper.ask(&question, &capture.bytes, self.patience) {
            Ok(answer) => {
                self.now = Some(helper);
                Ok(Ok(answer))
            }
            Err(silence) => Ok(Err(helper.end(&silence, self.patience)?)),
        }
    }
}

impl Helper {
    fn start(mut command: Command) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("a helper without pipes"));
        };
        let (sender, answers) = sync_channel(1);
        thread::Builder::new().spawn(move || {
            let mut from = BufReader::new(from);
            loop {
                let answer = frame::read::<Answer, PIECES>(&mut from);
                let is_last = !matches!(answer, Ok(Some(_)));
                if sender.send(answer).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Self { process, to: BufWriter::new(to), answers })
    }

    fn ask(&mut self, question: &Question, bytes: &[u8], patience: Duration) -> Result<Answered, Silence> {
        // A pipe that is full and not read any more: whoever ends the helper ends this, too.
        frame::write(&mut self.to, question, &[Some(bytes)]).map_err(|_| Silence::Gone)?;
        match self.answers.recv_timeout(patience) {
            Ok(Ok(Some(answer))) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => Err(Silence::Slow),
            _ => Err(Silence::Gone),
        }
    }

    /// Brings it to its end; what that was.
    fn end(mut self, silence: &Silence, patience: Duration) -> io::Result<Problem> {
        let _ = self.process.kill();
        drop(self.to);
        let status = self.process.wait()?;
        let failed = |reason| Problem { status: CaptureStatus::Failed, reason };
        Ok(failed(match silence {
            Silence::Slow => format!("{TIME_LIMIT}: {} s", patience.as_secs()),
            Silence::Gone => ended(status),
        }))
    }
}

/// How a process ended. One that is killed from outside (signal 9: the system was short of memory) may fare better another time.
#[cfg(unix)]
fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(9) => format!("{}: signal 9", KILLED),
        Some(signal) => format!("aborted: signal {signal}"),
        None => format!("aborted: exit status {}", status.code().unwrap_or(-1)),
    }
}

#[cfg(not(unix))]
fn ended(status: ExitStatus) -> String {
    format!("aborted: exit status {}", status.code().unwrap_or(-1))
}

impl Drop for Helpers<'_> {
    fn drop(&mut self) {
        if let Some(helper) = self.now.take() {
            let Helper { mut process, to, .. } = helper;
            drop(to);
            let _ = process.wait();
        }
    }
}
