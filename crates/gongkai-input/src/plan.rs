//! What a run will read: every document the inputs hold, named and sorted before a single one is opened.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gongkai_model::{Problem, Provenance};

use crate::attach::{Attached, attach, is_sidecar, may_be_sidecar, sidecar_of};
use crate::container;
use crate::declared::{Declared, InputKind};
use crate::file;
use crate::kind::{self, Kind};
use crate::options::{InputError, InputOptions};
use crate::roots::{self, Root};
use crate::sidecar::Stated;
use crate::stamp::Stamp;
use crate::walk::{Found, file_name, walk};

/// A file (or standard input) that was met and not read yet: a document, or a container of many, which shows when it is
/// opened. Cheap to keep and to clone.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name in the data: see [`Capture::container`]. Distinct within a plan.
    pub container: Arc<str>,
    /// Size in bytes when it was met; 0 where that could not be learned.
    pub size: u64,
    pub(crate) host: Option<Arc<str>>,
    pub(crate) stated: Option<Arc<Stated>>,
    pub(crate) unsupported: Option<Arc<str>>,
    pub(crate) declared: Option<Arc<Declared>>,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) content: Result<Source, Problem>,
}

/// Where an entry's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file.
    File(Arc<Path>),
    /// What is sent to the program, once.
    StandardInput,
    /// At hand.
    Bytes(Arc<[u8]>),
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

    /// Whether its bytes are sent to the program, so that they can be read once and no more.
    pub fn comes_once(&self) -> bool {
        matches!(self.content, Ok(Source::StandardInput))
    }

    /// Whether a sidecar tells of it.
    pub fn is_told_of(&self) -> bool {
        self.stated.is_some()
    }

    /// As if a sidecar told this, as one did in an earlier run.
    pub fn tell(&mut self, provenance: Provenance) {
        self.stated = Some(Arc::new(Stated { provenance, ..Stated::default() }));
    }

    /// The names that a document would have of which this is a sidecar, by its own name: the whole of one, or one up to its extension.
    pub fn may_tell_of(&self) -> Option<&str> {
        sidecar_of(&self.container)
    }

    /// Whether it says what sidecars say.
    pub fn is_sidecar(&self) -> bool {
        match &self.content {
            Ok(Source::File(path)) if may_be_sidecar(path) => is_sidecar(path),
            _ => false,
        }
    }

    /// By what a change of its bytes would show without reading them; `None` where nothing tells.
    pub fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    /// How it is read: the options of a run, with what is declared of its input.
    pub fn options<'o>(&self, options: &'o InputOptions) -> Cow<'o, InputOptions> {
        Declared::options(self.declared.as_deref(), options)
    }

    /// Whether it may be a document itself, by what is declared of its input.
    pub fn may_be_document(&self) -> bool {
        self.declared.as_ref().and_then(|d| d.kind).is_none_or(InputKind::admits_documents)
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
    /// A part of an archive that is about the crawl: a request, `warcinfo`, the index of a WACZ.
    Record,
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
    /// What stands before the names of each input, by a hash of the folder they begin behind: to be told to the runs to come
    /// ([`InputOptions::labels`]), so that they call everything by the same name, whatever inputs join it.
    pub labels: BTreeMap<String, String>,
}

/// Walks the inputs and names what they hold. Only sidecars are opened.
///
/// # Errors
/// An input that does not exist or cannot be opened at all. Whatever is wrong below an input becomes an entry.
pub fn plan(inputs: &[PathBuf], options: &InputOptions) -> Result<Plan, InputError> {
    let (streams, inputs): (Vec<PathBuf>, Vec<PathBuf>) =
        inputs.iter().cloned().partition(|input| input.as_os_str() == STANDARD_INPUT);
    let (roots, repeated) = roots::resolve(&inputs, options)?;
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let mut hidden = 0;
    for (index, root) in roots.iter().enumerate() {
        hidden += walk(index, root, options, &mut found, &mut notes);
    }
    // By the bytes of the path, as `attach` needs it; of a file both given and lying beside one, the given stays.
    found.sort_by(|a, b| (a.path.as_os_str(), a.beside).cmp(&(b.path.as_os_str(), b.beside)));
    found.dedup_by(|later, first| later.path == first.path && later.beside);
    let labels = container::settle(&roots, &mut found, &options.labels);
    let attached = attach(&found, &mut |index, limit| match found.get(index) {
        Some(file) => file::load(&file.path, limit),
        None => Err(Problem::unreadable("vanished")),
    });
    let mut plan = assemble(&roots, found, attached);
    (plan.hidden, plan.labels) = (hidden, labels);
    plan.notes.extend(notes);
    if !streams.is_empty() {
        plan.entries.insert(0, standard_input());
    }
    plan.notes.extend(repeated.into_iter().map(|name| Note {
        container: name.into(),
        message: "input_repeated: another input holds it already".to_owned(),
    }));
    plan.notes.sort();
    Ok(plan)
}

fn assemble(roots: &[Root], found: Vec<Found>, attached: Attached) -> Plan {
    let mut plan = Plan::default();
    for (index, doubt) in attached.doubts {
        if let Some(file) = found.get(index) {
            let container = Arc::clone(&file.container);
            plan.notes.push(Note { container, message: format!("bad_sidecar: {doubt}") });
        }
    }
    let attached = attached.stated.into_iter().zip(attached.used);
    for (file, (stated, used)) in found.into_iter().zip(attached) {
        match used {
            Some(kind) => plan.sidecars.push(Sidecar { container: file.container, kind }),
            None if file.beside => {}
            None => {
                let declared = roots.get(file.root).and_then(|root| root.declared.clone());
                plan.entries.push(Entry { declared, ..entry(file, stated) });
            }
        }
    }
    plan.entries.sort_by(|a, b| a.container.cmp(&b.container));
    plan.sidecars.sort();
    plan
}

/// How standard input is named on the command line.
const STANDARD_INPUT: &str = "-";
/// What it is called in the data. No file of an input has this name: theirs are relative and have no colon before the
/// first slash on any common system.
const STANDARD_INPUT_NAME: &str = "stdin:";

fn standard_input() -> Entry {
    Entry {
        container: STANDARD_INPUT_NAME.into(),
        size: 0,
        host: None,
        stated: None,
        unsupported: None,
        declared: None,
        stamp: None,
        content: Ok(Source::StandardInput),
    }
}

fn entry(file: Found, stated: Option<Box<Stated>>) -> Entry {
    let unsupported = match kind::of(file_name(&file.path)) {
        Kind::Capture => None,
        Kind::Unsupported(extension) => Some(extension.into()),
    };
    let content = match file.problem {
        Some(problem) => Err(problem),
        None => Ok(Source::File(file.path)),
    };
    Entry {
        container: file.container,
        size: file.size,
        host: file.host,
        stated: stated.map(Arc::from),
        unsupported,
        declared: None,
        stamp: file.stamp.filter(|_| content.is_ok()),
        content,
    }
}
