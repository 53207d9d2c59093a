//! What is met inside a container, and whom it is told to.

use std::ops::ControlFlow;
use std::sync::Arc;

use gongkai_model::{Capture, Problem, Provenance, Ties};

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
}

impl Walk<'_> {
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
        (self.sink)(Met::Capture(Box::new(Capture {
            container: place.container.as_str().into(),
            bytes,
            size,
            provenance: place.provenance(),
            ties: place.ties.clone(),
            problem,
        })))
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
