//! Opening what was planned: a document, or a container that hands out documents.

use std::fmt;
use std::io::{self, BufRead, Read, Seek};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gongkai_model::{Capture, CaptureStatus, Problem, Ties};

use crate::contain::contain;
use crate::declared::{Declared, admit};
use crate::file;
use crate::inflate::problem;
use crate::met::{Met, Place, Walk};
use crate::options::{InputError, InputOptions};
use crate::plan::{Entry, Source, plan};
use crate::raw::{HEAD, Raw};
use crate::sniff::{self, Content};

/// What an entry turned out to be.
pub enum Opened {
    /// One document, or why it cannot be had.
    Document(Box<Capture>),
    /// Something that may hold many.
    Container(Container),
}

/// A container at its beginning.
pub struct Container {
    place: Place,
    raw: Raw<'static>,
    /// Bytes at hand or of the file; `None` of standard input.
    size: Option<u64>,
    file: Option<Box<file::Opened>>,
    declared: Option<Arc<Declared>>,
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container").field("container", &self.place.container).finish_non_exhaustive()
    }
}

impl Container {
    /// A container whose bytes are at hand, as if it were a file of this name.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            place: Place { container: name.to_owned(), ..Place::default() },
            size: Some(bytes.len() as u64),
            raw: Raw::bytes(bytes),
            file: None,
            declared: None,
        }
    }

    /// Its name in the data.
    pub fn name(&self) -> &str {
        &self.place.container
    }

    /// Hands out what it holds, in its own order, until the listener breaks. Never fails: what is wrong with a part is that
    /// part's problem, and a panic of a reader ends this container with a capture of its name.
    pub fn each(self, options: &InputOptions, sink: &mut dyn FnMut(Met) -> ControlFlow<()>) {
        let mut broken_off = false;
        let mut heard = |met: Met| {
            let flow = sink(met);
            broken_off = flow.is_break();
            flow
        };
        let Self { place, raw, size, file, declared } = self;
        let options = &*Declared::options(declared.as_deref(), options);
        let read = catch_unwind(AssertUnwindSafe(|| {
            let _ = contain(&mut Walk::new(options, size, file.as_deref(), &mut heard), &place, raw);
        }));
        if read.is_err() && !broken_off {
            let reason = "panic: in the reader of the container".to_owned();
            let problem = Problem { status: CaptureStatus::Failed, reason };
            let _ = Walk::new(options, size, None, sink).lost(&place, 0, problem);
        }
    }
}

/// Whether nothing is sent to the program. Waits for the first byte, and takes none.
pub fn standard_input_is_empty() -> bool {
    io::stdin().lock().fill_buf().is_ok_and(<[u8]>::is_empty)
}

/// Opens an entry. Never fails: whatever prevents it is the document's problem.
pub fn open(entry: &Entry, options: &InputOptions) -> Opened {
    match opened(entry, &entry.options(options)) {
        Ok(opened) => opened,
        Err(problem) => Opened::Document(Box::new(capture(entry, Err(problem)))),
    }
}

fn opened(entry: &Entry, options: &InputOptions) -> Result<Opened, Problem> {
    let place = Place {
        container: entry.container.to_string(),
        unsupported: entry.unsupported.as_deref().map(str::to_owned),
        host: entry.host.clone(),
        stated: entry.stated.clone(),
        ..Place::default()
    };
    let declared = entry.declared.clone();
    let path = match entry.content.as_ref().map_err(Problem::clone)? {
        Source::File(path) => path,
        Source::StandardInput => {
            return Ok(Opened::Container(Container {
                place,
                raw: Raw::Stream(Box::new(io::stdin())),
                size: None,
                file: None,
                declared,
            }));
        }
        Source::Bytes(bytes) => return bytes_opened(entry, options, place, bytes),
    };
    let file = file::open(path)?;
    let mut reader = file.reader()?;
    let mut head = Vec::with_capacity(usize::try_from(file.size).unwrap_or(HEAD).min(HEAD));
    (&mut reader).take(HEAD as u64).read_to_end(&mut head).map_err(|e| problem(&e))?;
    if !is_container(entry, options, &head)? {
        return Ok(Opened::Document(Box::new(capture(entry, file.load(head, options.max_bytes)))));
    }
    reader.rewind().map_err(|e| problem(&e))?;
    let (raw, size) = (Raw::Seek(Box::new(reader)), Some(file.size));
    Ok(Opened::Container(Container { place, raw, size, file: Some(Box::new(file)), declared }))
}

/// As [`opened`], of a file whose bytes are at hand.
fn bytes_opened(
    entry: &Entry,
    options: &InputOptions,
    place: Place,
    bytes: &Arc<[u8]>,
) -> Result<Opened, Problem> {
    let size = bytes.len() as u64;
    if bytes.is_empty() {
        return Err(Problem::unreadable("empty"));
    }
    if is_container(entry, options, bytes.get(..HEAD).unwrap_or(bytes))? {
        let (raw, declared) = (Raw::bytes(bytes.to_vec()), entry.declared.clone());
        return Ok(Opened::Container(Container { place, raw, size: Some(size), file: None, declared }));
    }
    file::within(size, options.max_bytes)?;
    Ok(Opened::Document(Box::new(capture(entry, Ok(bytes.to_vec())))))
}

/// Whether a file may hold many documents, by its first bytes.
fn is_container(entry: &Entry, options: &InputOptions, head: &[u8]) -> Result<bool, Problem> {
    let content = sniff::named(head, &options.fields, entry.unsupported.as_deref());
    if content.is_document() {
        admit(options, content, false)?;
    }
    match content {
        Content::Document => Ok(false),
        Content::Nothing | Content::Other if entry.unsupported.is_none() => Ok(false),
        Content::Nothing | Content::Other => {
            let extension = entry.unsupported.as_deref().unwrap_or_default();
            Err(Problem::unreadable(format!("unsupported_type: {extension}")))
        }
        _ => Ok(true),
    }
}

fn capture(entry: &Entry, read: Result<Vec<u8>, Problem>) -> Capture {
    let (bytes, problem) = match read {
        Ok(bytes) => (bytes, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let size = if problem.is_none() { bytes.len() as u64 } else { entry.size };
    Capture {
        container: entry.container.clone(),
        bytes,
        size,
        provenance: entry.provenance(),
        ties: Ties::default(),
        problem,
    }
}

/// Fetches one document. A container is none; [`find`] fetches a document out of one.
pub fn read(entry: &Entry, options: &InputOptions) -> Capture {
    match open(entry, options) {
        Opened::Document(capture) => *capture,
        Opened::Container(container) => {
            let mut captures = Vec::new();
            container.each(options, &mut |met| {
                if let Met::Capture(capture) = met {
                    captures.push(*capture);
                }
                if captures.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            // A compressed document, an office document: one capture that has the file's own name.
            match captures.pop() {
                Some(only) if captures.is_empty() && only.container == entry.container => only,
                _ => capture(
                    entry,
                    Err(Problem::unreadable("container: it holds documents and is none itself")),
                ),
            }
        }
    }
}

/// Fetches one document by its path, which may lead into an archive: `crawl.warc.gz#12`, `crawl.zip/a/page.html`.
///
/// # Errors
/// There is no such file, or the archive holds no such document.
pub fn find(path: &Path, options: &InputOptions) -> Result<Capture, InputError> {
    let missing = || InputError::Missing { input: path.to_owned() };
    let (file, inside) = split(path).ok_or_else(missing)?;
    let planned = plan(std::slice::from_ref(&file), options)?;
    let entry = planned.entries.first().ok_or_else(missing)?;
    let Some(inside) = inside else { return Ok(read(entry, options)) };
    let Opened::Container(container) = open(entry, options) else { return Err(missing()) };
    let wanted = format!("{}{inside}", container.name());
    let mut found = None;
    container.each(options, &mut |met| match met {
        Met::Capture(capture) if *capture.container == *wanted => {
            found = Some(*capture);
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    found.ok_or_else(missing)
}

/// The file a path names or leads into, and the rest of the path with its first character.
fn split(path: &Path) -> Option<(PathBuf, Option<String>)> {
    if path.is_file() {
        return Some((path.to_owned(), None));
    }
    let text = path.to_str()?;
    let mut cuts = text.char_indices().rev().filter(|(_, c)| matches!(c, '#' | '/'));
    cuts.find_map(|(at, _)| {
        let (file, inside) = text.split_at_checked(at)?;
        let file = PathBuf::from(file);
        file.is_file().then(|| (file, Some(inside.to_owned())))
    })
}
