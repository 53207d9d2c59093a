//! What is met inside a container, and whom it is told to.

use std::ops::ControlFlow;
use std::sync::Arc;

use gongkai_model::{Capture, Problem, Provenance, Ties};

use crate::file::Opened;
use crate::options::InputOptions;
use crate::plan::{Note, Sidecar};
use crate::sidecar::Stated;

/// Something met inside a container.
#[derive(Debug)]
pub enum Met {
    /// A document, or the reason why there is none where one should be.
    Capture(Box<Capture>),
    /// A part that tells about documents and is none itself.
    Sidecar(Sidecar),
    /// A hidden member that was passed over.
    Hidden,
    /// Something a person should know.
    Note(Note),
}

/// Whether to go on. `Break` when nobody listens any more.
pub(crate) type Flow = ControlFlow<()>;

/// The walk through one container.
pub(crate) struct Walk<'w> {
    pub options: &'w InputOptions,
    pub sink: &'w mut dyn FnMut(Met) -> Flow,
    /// Bytes of the container's file; `None` of a stream, which has as many as it handed out.
    size: Option<u64>,
    /// The file, where it is one.
    file: Option<&'w Opened>,
    /// Documents handed out, and their bytes.
    handed_out: (u64, u64),
    /// Whether what follows is not read.
    is_over: bool,
}

impl<'w> Walk<'w> {
    pub(crate) fn new(
        options: &'w InputOptions,
        size: Option<u64>,
        file: Option<&'w Opened>,
        sink: &'w mut dyn FnMut(Met) -> Flow,
    ) -> Self {
        Self { options, sink, size, file, handed_out: (0, 0), is_over: false }
    }

    /// A document.
    pub(crate) fn document(&mut self, place: &Place, bytes: Vec<u8>) -> Flow {
        let size = bytes.len() as u64;
        self.capture(place, bytes, size, None)
    }

    /// A document that cannot be had.
    pub(crate) fn lost(&mut self, place: &Place, size: u64, problem: Problem) -> Flow {
        self.capture(place, Vec::new(), size, Some(problem))
    }

    fn capture(&mut self, place: &Place, bytes: Vec<u8>, size: u64, problem: Option<Problem>) -> Flow {
        let capture = Capture {
            container: place.container.as_str().into(),
            bytes,
            size,
            provenance: place.provenance(),
            ties: place.ties.clone(),
            problem,
        };
        // A reader that has something to say at the end of a container it left comes here once more.
        if self.is_over {
            return Flow::Break(());
        }
        if let Some(problem) = self.too_many(size).or_else(|| self.file.and_then(Opened::rewritten)) {
            self.is_over = true;
            let problem = Some(problem);
            (self.sink)(Met::Capture(Box::new(Capture { bytes: Vec::new(), problem, ..capture })))?;
            return Flow::Break(());
        }
        (self.sink)(Met::Capture(Box::new(capture)))
    }

    /// Counts one more document of so many bytes; why it is one too many.
    fn too_many(&mut self, size: u64) -> Option<Problem> {
        let (documents, handed_out) = &mut self.handed_out;
        let bytes = self.size.unwrap_or(*handed_out);
        let most = self.options.limits.documents_in(bytes);
        *documents += 1;
        *handed_out += size;
        (*documents > most).then(|| {
            Problem::unreadable(format!(
                "limit_documents: more than {most} in {bytes} bytes; this one and what follows is not read"
            ))
        })
    }

    pub(crate) fn sidecar(&mut self, container: &str, kind: crate::SidecarKind) -> Flow {
        (self.sink)(Met::Sidecar(Sidecar { container: container.into(), kind }))
    }

    pub(crate) fn note(&mut self, container: &str, message: String) -> Flow {
        (self.sink)(Met::Note(Note { container: container.into(), message }))
    }
}

/// Where the walk is: a file, a member or a record, and what is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// Its name in the data.
    pub container: String,
    /// How many containers it lies in.
    pub depth: u8,
    /// Whether it was taken out of a compressed stream already.
    pub unpacked: bool,
    /// The extension its name would have to be read for, where names select.
    pub unsupported: Option<String>,
    /// The host its folders are named after.
    pub host: Option<Arc<str>>,
    /// What sidecars or headers say of it.
    pub stated: Option<Arc<Stated>>,
    /// What ties it to others.
    pub ties: Ties,
}

impl Place {
    /// A record of it, by number, counted from 1.
    pub(crate) fn record(&self, number: u64, stated: Stated) -> Self {
        Self {
            container: format!("{}#{number}", self.container),
            depth: self.depth + 1,
            host: self.host.clone(),
            stated: Some(Arc::new(stated)),
            ..Self::default()
        }
    }

    fn provenance(&self) -> Provenance {
        let mut provenance = self.stated.as_ref().map(|s| s.provenance.clone()).unwrap_or_default();
        if provenance.host.is_none() {
            provenance.host = self.host.as_deref().map(str::to_owned);
        }
        provenance
    }
}
