//! Dataset releases: a snapshot as a folder that can be deposited, cited, verified and gone on from.
//!
//! A release follows from its snapshot, its version and the release before it: the same bytes every time, with no clock in it. Each artefact
//! is a small module of its own; what they say comes from [`Facts`] and from the registry's tables, whichever there are.

mod about;
mod accuracy;
mod archive;
mod card;
mod changes;
mod check;
mod citation;
mod contacts;
mod counts;
mod crate_json;
mod croissant;
pub(crate) mod csv;
mod datapackage;
mod dcat;
mod desk;
mod folder;
mod licence;
mod provenance;
mod tables;
pub(crate) mod texts;
mod zenodo;

pub use about::{About, Agent, Licence, Licences};
pub use check::{ReleaseCheck, check_release};
pub use gongkai_store::Layout;

use changes::{Changes, Compared};
use contacts::Contacts;
use counts::Counts;
use folder::{Folder, Written};
use gongkai_registry::Registry;
use gongkai_store::{BY_YEAR, Manifest, RELEASE, ReleaseMark, Snapshot, Store, StoreError, folder_views_sql};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tables::{Found, PLACES, Table, Tables, Work};

/// The quality page of a release.
const PAGE: &str = "quality.html";
/// Folder of what the snapshot was read from.
const CACHE: &str = "cache";
/// Hashes of all files, as `sha256sum -c` reads them.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// Told what is going on.
pub trait Events: Sync {
    /// A step begins, with so many parts.
    fn begin(&self, step: &'static str, parts: usize);
    /// So many parts are done.
    fn progress(&self, done: usize);
}

/// Writes what a snapshot was read from into a folder, for those who go on from the release.
pub type SourcesMaker<'a> = dyn Fn(&Path) -> Result<(), StoreError> + 'a;

/// The release before.
#[derive(Debug, Clone)]
pub struct Previous {
    /// Its version, or the tag of its snapshot.
    pub version: String,
    /// Its tables.
    pub snapshot: Snapshot,
}

impl Previous {
    /// A release in a folder, or a tag or snapshot of the store.
    ///
    /// # Errors
    /// When `named` is neither, or a release whose tables do not lie in folders.
    pub fn find(store: &Store, named: &str) -> Result<Self, StoreError> {
        if let Some(mark) = ReleaseMark::read(Path::new(named))? {
            let release = Store::open(Path::new(named))?;
            return Ok(Self { version: mark.version, snapshot: release.snapshot(&mark.snapshot)? });
        }
        Ok(Self { version: named.to_owned(), snapshot: store.find(named)? })
    }
}

/// How a release is made.
pub struct ReleaseOptions<'a> {
    /// Its version: letters, digits, `.`, `-`, `_`, `+`.
    pub version: &'a str,
    /// Its date, `YYYY-MM-DD`; `None` is the latest date in the data.
    pub date: Option<&'a str>,
    /// How the tables lie.
    pub layout: Layout,
    /// Whether personal data in running text are masked.
    pub mask_contacts: bool,
    /// Title, authors, licences.
    pub about: &'a About,
    /// What it is compared with.
    pub previous: Option<&'a Previous>,
    /// Expectations the snapshot does not meet, one sentence each.
    pub breaches: &'a [String],
    /// Whether it is made in spite of them.
    pub in_spite_of_breaches: bool,
    /// Adds what the snapshot was read from; `None` leaves it out.
    pub sources: Option<&'a SourcesMaker<'a>>,
    /// Version of the program.
    pub tool_version: &'a str,
    /// The command that makes it again, without the paths of this machine.
    pub command: &'a str,
    /// Set to end early: nothing is left behind.
    pub stop: &'a AtomicBool,
    /// Told what is going on.
    pub events: &'a dyn Events,
}

/// What was released.
#[derive(Debug, Clone)]
pub struct Released {
    /// Where.
    pub folder: PathBuf,
    /// The snapshot it is; another than the store's where something was masked.
    pub snapshot: String,
    /// Its date.
    pub date: String,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Files.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Places that look like personal data, by kind.
    pub personal_data: BTreeMap<String, u64>,
    /// Values masked.
    pub masked: u64,
}

/// Why nothing was released.
#[derive(Debug)]
pub enum ReleaseError {
    /// The call was wrong.
    Usage(String),
    /// The snapshot does not meet what is expected of it.
    Breached(Vec<String>),
    /// The store, or a file of it.
    Store(StoreError),
    /// The disk refused.
    Io {
        /// What was being done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Its answer.
        source: Error,
    },
    /// Somebody asked to stop.
    Interrupted,
}

impl ReleaseError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// Whether the call was wrong (exit status 2), rather than that something failed (3).
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Usage(_) => true,
            Self::Store(e) => e.is_usage(),
            _ => false,
        }
    }
}

impl From<StoreError> for ReleaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Interrupted => Self::Interrupted,
            other => Self::Store(other),
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Breached(breaches) => write!(
                f,
                "the snapshot does not meet what is expected of a release:\n  {}\nnothing was released. Mend it, or release it in spite of that with --in-spite-of-breaches: the card will say so",
                breaches.join("\n  ")
            ),
            Self::Store(e) => e.fmt(f),
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}; nothing was released", path.display())?;
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                    f.write_str("; free some space and run again")?;
                }
                Ok(())
            }
            Self::Interrupted => f.write_str("interrupted; nothing was released"),
        }
    }
}

impl std::error::Error for ReleaseError {}

/// All that the artefacts are made of.
pub(crate) struct Facts<'a> {
    registry: &'a Registry,
    about: &'a About,
    version: &'a str,
    date: String,
    /// Whether nobody said the date.
    dated_by_data: bool,
    layout: Layout,
    tables: &'a [Table<'a>],
    csv: &'a [Written],
    manifest: &'a Manifest,
    /// The snapshot of the store.
    made_of: &'a str,
    counts: &'a Counts,
    found: &'a Found,
    looked_at: Vec<String>,
    masked: bool,
    changes: Option<&'a Changes>,
    breaches: &'a [String],
    tool_version: &'a str,
    command: &'a str,
    sources: bool,
}

/// Makes a release of a snapshot in a new folder: whole, or not at all.
///
/// # Errors
/// When the call is wrong, the snapshot does not meet what is expected of it, or the disk refuses; nothing is left behind.
pub fn release(
    registry: &Registry,
    snapshot: &Snapshot,
    target: &Path,
    options: &ReleaseOptions<'_>,
) -> Result<Released, ReleaseError> {
    check_call(registry, snapshot, options)?;
    let counts = Counts::of(snapshot)?;
    let date = date(options, &counts)?;
    let contacts = Contacts::built_in().map_err(ReleaseError::Usage)?;
    let folder = Folder::begin(target)?;
    let step = Step { registry, contacts: &contacts, options };
    // What is masked is masked first; everything else is then made of that snapshot.
    let masked = if options.mask_contacts { Some(step.masked(snapshot, &folder, target)?) } else { None };
    let source = masked.as_ref().map_or(snapshot, |m| &m.snapshot);
    let work = step.work(source, &folder, false);
    let mut made = match (options.layout, &masked) {
        (Layout::Flat, _) => work.flat()?,
        (_, Some(masked)) => masked.tables(registry),
        (_, None) => work.partitioned()?,
    };
    if let Some(masked) = &masked {
        made.found = masked.found.clone();
        masked.list(&folder)?;
    }
    let csv = work.csv(options.about.tables.csv_rows)?;
    desk::write(registry, source, &folder, options)?;
    let changes = options.previous.map(|old| {
        let compared = Compared {
            registry,
            old,
            new: source,
            mask: options.mask_contacts.then_some(&contacts),
            keys: &options.about.keys,
            stop: options.stop,
            events: options.events,
        };
        compared.write(&folder)
    });
    let changes = changes.transpose()?.map(|(changes, _)| changes);
    let mut cache = Vec::new();
    if let Some(sources) = options.sources {
        sources(&folder.at(""))?;
        for name in list(&folder.at(CACHE))? {
            cache.push(folder.take_in(&format!("{CACHE}/{name}"), 0)?);
        }
    }
    let facts = Facts {
        registry,
        about: options.about,
        version: options.version,
        date,
        dated_by_data: options.date.is_none(),
        layout: options.layout,
        tables: &made.tables,
        csv: &csv,
        manifest: &made.manifest,
        made_of: &snapshot.name,
        counts: &counts,
        found: &made.found,
        looked_at: contacts.places(),
        masked: options.mask_contacts,
        changes: changes.as_ref(),
        breaches: options.breaches,
        tool_version: options.tool_version,
        command: options.command,
        sources: options.sources.is_some(),
    };
    facts.write(&folder, source)?;
    let (date, rows, snapshot) = (facts.date, made.manifest.rows.clone(), made.manifest.snapshot.clone());
    let found = made.found.clone();
    if options.layout == Layout::Archives {
        options.events.begin("archives", made.tables.len());
        for (done, table) in made.tables.iter().enumerate() {
            archive::pack(&folder, &table.spec.name, table.rows, &[&*table.files, &table.by_year].concat())?;
            options.events.progress(done + 1);
        }
        folder.remove(BY_YEAR)?;
        if !cache.is_empty() {
            archive::pack(&folder, CACHE, 0, &cache)?;
        }
    }
    let files = folder.files();
    let sums: String = files.iter().map(|f| format!("{}  {}\n", f.sha256, f.path)).collect();
    folder.write(SUMS, &sums)?;
    if options.stop.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(ReleaseError::Interrupted);
    }
    folder.finish()?;
    Ok(Released {
        folder: target.to_owned(),
        snapshot,
        date,
        rows,
        files: files.len() + 1,
        bytes: files.iter().map(|f| f.bytes).sum(),
        personal_data: found.kinds,
        masked: found.masked,
    })
}

/// What every step needs.
struct Step<'a> {
    registry: &'a Registry,
    contacts: &'a Contacts,
    options: &'a ReleaseOptions<'a>,
}

/// A snapshot with its contacts masked.
struct Masked {
    snapshot: Snapshot,
    files: Vec<Written>,
    found: Found,
    /// Where it lies, if not in the release.
    beside: Option<Folder>,
}

impl<'a> Step<'a> {
    fn work(&self, snapshot: &'a Snapshot, folder: &'a Folder, mask: bool) -> Work<'a> {
        Work {
            registry: self.registry,
            snapshot,
            folder,
            contacts: self.contacts,
            mask,
            keys: &self.options.about.keys,
            stop: self.options.stop,
            events: self.options.events,
        }
    }

    /// Masks a snapshot: in the release, if its tables lie in folders there, or else in a folder that goes with this run.
    fn masked(
        &self,
        snapshot: &'a Snapshot,
        folder: &'a Folder,
        target: &Path,
    ) -> Result<Masked, ReleaseError> {
        let beside = match self.options.layout {
            Layout::Flat => {
                let name = target.file_name().unwrap_or_default().to_string_lossy();
                Some(Folder::begin(&target.with_file_name(format!("{name}.masked")))?)
            }
            _ => None,
        };
        let place = beside.as_ref().unwrap_or(folder);
        let made = Step { ..*self }.work(snapshot, place, true).partitioned()?;
        let files = made.tables.into_iter().flat_map(|t| [t.files, t.by_year].concat()).collect();
        let snapshot =
            Snapshot { name: made.manifest.snapshot.clone(), path: place.at(""), manifest: made.manifest };
        Ok(Masked { snapshot, files, found: made.found, beside })
    }
}

impl Masked {
    /// Its tables, which lie in the release already.
    fn tables<'r>(&self, registry: &'r Registry) -> Tables<'r> {
        let tables = registry.tables.iter().map(|spec| Table::of(spec, &self.files)).collect();
        Tables { tables, manifest: self.snapshot.manifest.clone(), found: self.found.clone() }
    }

    /// Brings the list of places into the release: once masked, there is nothing to be found.
    fn list(&self, folder: &Folder) -> Result<(), ReleaseError> {
        let Some(beside) = &self.beside else { return Ok(()) };
        let to = folder.at(PLACES);
        fs::copy(beside.at(PLACES), &to).map_err(ReleaseError::io("write", &to))?;
        folder.take_in(PLACES, 0).map(|_| ())
    }
}

impl Facts<'_> {
    /// Everything that is no table.
    fn write(&self, folder: &Folder, snapshot: &Snapshot) -> Result<(), ReleaseError> {
        let mark = ReleaseMark::new(self.version, &self.manifest.snapshot, self.made_of, self.layout);
        folder.write(RELEASE, &pretty(&mark))?;
        if self.layout != Layout::Flat {
            folder.write("manifest.json", &self.manifest.to_json())?;
        }
        // Read as the store that the release is: the snapshot before, which may be dropped some day, is not looked for elsewhere.
        let page = crate::page(self.registry, &Store::open(&folder.at(""))?, snapshot)?;
        folder.write(PAGE, &page)?;
        folder.write("views.sql", &folder_views_sql(self.registry, self.layout == Layout::Flat))?;
        folder.write("dictionary.md", &crate::dictionary_markdown(self.registry))?;
        folder.write("dictionary.json", &crate::dictionary_json(self.registry))?;
        let keys = &self.about.keys;
        folder.write("CHANGES.md", &changes::page(self.version, self.changes, keys, self.registry))?;
        folder.write("CITATION.cff", &citation::cff(self))?;
        folder.write(".zenodo.json", &zenodo::json(self))?;
        folder.write("PROVENANCE", &provenance::json(self))?;
        folder.write("croissant.json", &croissant::json(self))?;
        folder.write("dcat.jsonld", &dcat::json(self))?;
        folder.write("README.md", &card::markdown(self))?;
        folder.write("findings.md", &crate::findings_markdown(self.registry))?;
        folder.write("series.md", &crate::series_markdown(self.registry, ""))?;
        licence::write(self, folder)?;
        datapackage::write(self, folder)?;
        // The last: it names all files beside it.
        folder.write("ro-crate-metadata.json", &crate_json::json(self, &folder.files()))
    }

    /// Where the files of a table are, as a pattern below the folder.
    fn pattern(&self, table: &Table<'_>) -> String {
        match self.layout {
            Layout::Flat => format!("{}.parquet", table.spec.name),
            _ if table.spec.one_file => format!("{BY_YEAR}/{}/part-*.parquet", table.spec.name),
            _ => format!("{BY_YEAR}/{}/year=*/part-*.parquet", table.spec.name),
        }
    }

    /// The years the reports are about, `2019/2023`.
    fn years(&self) -> Option<String> {
        self.counts.span().map(|(first, last)| format!("{first}/{last}"))
    }
}

/// What can be said before anything is read.
fn check_call(
    registry: &Registry,
    snapshot: &Snapshot,
    options: &ReleaseOptions<'_>,
) -> Result<(), ReleaseError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    if options.version.is_empty() || !options.version.chars().all(plain) {
        return Err(ReleaseError::Usage(format!(
            "version {:?}: letters, digits, `.`, `-`, `_` and `+`, such as 2026.11.0",
            options.version
        )));
    }
    // What the release says about its columns is what the registry says now.
    if snapshot.manifest.registry_digest != registry.digest {
        return Err(ReleaseError::Usage(format!(
            "snapshot {} was made with another registry (forms, tables, places) than this program's; run `gongkai ingest` once more with this program, or release it with version {}",
            snapshot.name, snapshot.manifest.tool_version
        )));
    }
    if options.sources.is_some() && options.mask_contacts {
        return Err(ReleaseError::Usage(
            "what the snapshot was read from holds every contact: leave out --sources or --mask-contacts"
                .to_owned(),
        ));
    }
    if !options.breaches.is_empty() && !options.in_spite_of_breaches {
        return Err(ReleaseError::Breached(options.breaches.to_vec()));
    }
    Ok(())
}

/// No clock: the date is given, or it is the latest in the data.
fn date(options: &ReleaseOptions<'_>, counts: &Counts) -> Result<String, ReleaseError> {
    match (options.date, &counts.latest) {
        (Some(date), _)
            if chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok() && date.len() == 10 =>
        {
            Ok(date.to_owned())
        }
        (Some(date), _) => Err(ReleaseError::Usage(format!("date {date:?}: write YYYY-MM-DD"))),
        (None, Some(latest)) => Ok(latest.clone()),
        (None, None) => Err(ReleaseError::Usage(
            "nothing in the data bears a date; say the release's: --date YYYY-MM-DD".to_owned(),
        )),
    }
}

/// JSON as it is written. Serialising text, numbers and maps with text keys cannot fail.
pub(crate) fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Names of the files in a folder.
fn list(folder: &Path) -> Result<BTreeSet<String>, ReleaseError> {
    let entries = fs::read_dir(folder).map_err(ReleaseError::io("read", folder))?;
    let names = entries.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned()));
    names.collect::<Result<_, _>>().map_err(ReleaseError::io("read", folder))
}
