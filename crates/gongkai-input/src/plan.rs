//! What a run will read: every document the inputs hold, named and sorted before a single one is opened.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gongkai_model::{Capture, Problem, Provenance};

use crate::attach::{Attached, attach};
use crate::container;
use crate::file::FileSource;
use crate::kind::{self, Kind};
use crate::options::{InputError, InputOptions};
use crate::roots;
use crate::sidecar::Stated;
use crate::source::Source;
use crate::walk::{Found, file_name, walk};

/// A document that was met and not read yet. Cheap to keep and to clone.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name in the data: see [`Capture::container`]. Distinct within a plan.
    pub container: Arc<str>,
    /// Size in bytes when it was met; 0 where that could not be learned.
    pub size: u64,
    host: Option<Arc<str>>,
    stated: Option<Arc<Stated>>,
    content: Result<Arc<dyn Source>, Problem>,
}

impl Entry {
    /// Why it cannot be read, where that showed when it was met; [`read`] may find further reasons.
    pub fn problem(&self) -> Option<&Problem> {
        self.content.as_ref().err()
    }

    /// Where it came from, by its path and sidecars. A sidecar's address outweighs the name of a folder.
    pub fn provenance(&self) -> Provenance {
        let mut provenance = self.stated.as_ref().map(|stated| stated.provenance.clone()).unwrap_or_default();
        if provenance.host.is_none() {
            provenance.host = self.host.as_deref().map(str::to_owned);
        }
        provenance
    }

    /// HTTP status of the response it was the body of, where a sidecar tells. Servers send real pages with wrong
    /// statuses, so this settles nothing by itself.
    pub fn http_status(&self) -> Option<u16> {
        self.stated.as_ref()?.http_status
    }
}

/// What a sidecar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SidecarKind {
    /// JSON with address, fetch time or content type.
    Metadata,
    /// Stored HTTP response headers.
    Headers,
    /// A folder's list of links, beside its page. Not read.
    Links,
}

/// A file that is no document of its own but tells about the one beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sidecar {
    /// Its path, as for [`Entry::container`].
    pub container: Arc<str>,
    /// What it is.
    pub kind: SidecarKind,
}

/// Something about the inputs a person should know; nothing is lost by it but what it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file or input it is about.
    pub container: Arc<str>,
    /// A stable snake_case word (`bad_sidecar`, `input_repeated`), `: ` and detail.
    pub message: String,
}

/// Everything the inputs hold.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// All documents, sorted by container; files of types that are not read are among them, with their problem.
    pub entries: Vec<Entry>,
    /// Files used up as sidecars, sorted.
    pub sidecars: Vec<Sidecar>,
    /// Hidden files and folders (`.git`, `.DS_Store`) that were passed over; a folder counts once.
    pub hidden: u64,
    /// What should be known about sidecars and inputs, sorted.
    pub notes: Vec<Note>,
}

impl Plan {
    /// How many documents are known not to be readable, by reason (`unsupported_type: png`, `dangling_link`, ...).
    pub fn problems(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for problem in self.entries.iter().filter_map(Entry::problem) {
            *counts.entry(problem.reason.as_str()).or_default() += 1;
        }
        counts
    }
}

/// Walks the inputs and names what they hold. Only sidecars are opened.
///
/// # Errors
/// An input that does not exist or cannot be opened at all. Whatever is wrong below an input becomes an entry.
pub fn plan(inputs: &[PathBuf], options: &InputOptions) -> Result<Plan, InputError> {
    let (roots, repeated) = roots::resolve(inputs)?;
    let mut found = Vec::new();
    let mut hidden = 0;
    for (index, root) in roots.iter().enumerate() {
        hidden += walk(index, root, options, &mut found);
    }
    // By the bytes of the path, as `attach` needs it; of a file both given and lying beside one, the given stays.
    found.sort_by(|a, b| (a.path.as_os_str(), a.beside).cmp(&(b.path.as_os_str(), b.beside)));
    found.dedup_by(|later, first| later.path == first.path && later.beside);
    container::settle(&roots, &mut found);
    let attached = attach(&found);
    let mut plan = assemble(found, attached);
    plan.hidden = hidden;
    plan.notes.extend(repeated.into_iter().map(|name| Note {
        container: name.into(),
        message: "input_repeated: another input holds it already".to_owned(),
    }));
    plan.notes.sort();
    Ok(plan)
}

fn assemble(found: Vec<Found>, attached: Attached) -> Plan {
    let mut plan = Plan::default();
    for (index, doubt) in attached.doubts {
        if let Some(file) = found.get(index) {
            let container = file.container.as_str().into();
            plan.notes.push(Note { container, message: format!("bad_sidecar: {doubt}") });
        }
    }
    for ((file, stated), used) in found.into_iter().zip(attached.stated).zip(attached.used) {
        match used {
            Some(kind) => plan.sidecars.push(Sidecar { container: file.container.into(), kind }),
            None if file.beside => {}
            None => plan.entries.push(entry(file, stated)),
        }
    }
    plan.entries.sort_by(|a, b| a.container.cmp(&b.container));
    plan.sidecars.sort();
    plan
}

/// One file as one document. Containers of many documents will branch off here, by [`Kind`].
fn entry(file: Found, stated: Option<Box<Stated>>) -> Entry {
    let content: Result<Arc<dyn Source>, Problem> = match (file.problem, kind::of(file_name(&file.path))) {
        (Some(problem), _) => Err(problem),
        (None, Kind::Unsupported(extension)) => {
            Err(Problem::unreadable(format!("unsupported_type: {extension}")))
        }
        (None, Kind::Capture) => Ok(Arc::new(FileSource::new(file.path.into_boxed_path()))),
    };
    Entry {
        container: file.container.into(),
        size: file.size,
        host: file.host,
        stated: stated.map(Arc::from),
        content,
    }
}

/// Fetches one document. Never fails: whatever prevents it is the capture's problem.
pub fn read(entry: &Entry, options: &InputOptions) -> Capture {
    let loaded = match &entry.content {
        Ok(source) => source.load(options.max_bytes),
        Err(problem) => Err(problem.clone()),
    };
    let (bytes, problem) = match loaded {
        Ok(bytes) => (bytes, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let size = if problem.is_none() { bytes.len() as u64 } else { entry.size };
    Capture { container: Arc::clone(&entry.container), bytes, size, provenance: entry.provenance(), problem }
}
