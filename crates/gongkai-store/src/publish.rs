//! From a batch to a published snapshot: build or link, and the steps that make it visible.

use crate::account::Roll;
use crate::build::{Builder, Built, MadeOf, SMALL, made_of};
use crate::cache::BuiltFrom;
use crate::contents::{Contents, Outline};
use crate::coverage::{COVERAGE, coverage, stored};
use crate::dimensions::{AGENCIES, CODES, DIVISIONS, agencies, codes};
use crate::encode::Stamp;
use crate::error::StoreError;
use crate::files::{self, Scratch, TEMPORARY};
use crate::manifest::{Account, FileEntry, MANIFEST, Manifest, part_name, snapshot_number};
use crate::partition::PartitionKey;
use crate::record::PublishOptions;
use crate::rows::{Context, Part, write_rows};
use crate::store::{CANDIDATES, CURRENT, CURRENT_LINK, SNAPSHOTS, Snapshot, Store, VIEWS};
use crate::tally::Tally;
use crate::views_sql;
use crate::writer::Writer;
use crate::years::{BY_YEAR, Gathering};
use gongkai_registry::{Registry, TableSpec};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tables that are made when all others are written.
const MADE_LAST: [&str; 4] = [COVERAGE, CODES, AGENCIES, DIVISIONS];

/// What was published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Name of the snapshot.
    pub snapshot: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether the published snapshot already said all this, so that no new one was made.
    pub unchanged: bool,
    /// Whether the gate refused it: it is kept as a candidate, and the snapshot before is still the published one.
    pub held: bool,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Files of the snapshot.
    pub files: usize,
    /// Files shared with the snapshot before.
    pub files_linked: usize,
    /// Partitions (year and region).
    pub partitions: usize,
    /// Partitions taken over without building them, because they are made of the same.
    pub partitions_reused: usize,
    /// Size of all files in bytes.
    pub bytes: u64,
    /// What it holds.
    pub tally: Tally,
    /// What did not work after the snapshot was published: the link `current`, `views.sql`.
    pub warnings: Vec<String>,
}

impl Published {
    /// A run that would make the published snapshot again.
    fn unchanged(snapshot: &Snapshot, made: &BTreeMap<String, BuiltFrom>) -> Self {
        let mut tally = Tally::default();
        made.values().for_each(|part| tally.add(&part.tally));
        let manifest = &snapshot.manifest;
        Self {
            snapshot: snapshot.name.clone(),
            path: snapshot.path.clone(),
            unchanged: true,
            held: false,
            rows: manifest.rows.clone(),
            files: manifest.files.len(),
            files_linked: manifest.files.len(),
            partitions: made.len(),
            partitions_reused: made.len(),
            bytes: manifest.bytes(),
            tally,
            warnings: Vec::new(),
        }
    }
}

impl Snapshot {
    /// Whether every file is what the manifest says: a damaged one must not be passed on.
    fn is_whole(&self) -> bool {
        self.manifest.files.par_iter().all(|entry| is_whole(&self.path.join(&entry.path), entry))
    }
}

/// A snapshot that is whole but not published yet.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Itself; its folder has a temporary name still.
    pub snapshot: &'a Snapshot,
    /// The published one.
    pub parent: Option<&'a Snapshot>,
}

impl Store {
    /// As [`Writer::publish`], for a run that does nothing else.
    ///
    /// # Errors
    /// As there, and when another run is writing.
    pub fn publish(
        &self,
        registry: &Registry,
        contents: &dyn Contents,
        options: &PublishOptions<'_>,
    ) -> Result<Published, StoreError> {
        self.writer()?.publish(registry, contents, options)
    }

    /// One more than any snapshot has.
    fn next_number(&self) -> Result<u64, StoreError> {
        Ok(self.snapshots()?.last().and_then(|name| snapshot_number(name)).unwrap_or(0) + 1)
    }

    /// Brings the conveniences in line with `CURRENT`; the data are published already, so failing here only warns.
    pub(crate) fn show(&self, registry: &Registry, snapshot: &str) -> Vec<String> {
        let target = Path::new(SNAPSHOTS).join(snapshot);
        let link = match fs::read_link(self.path().join(CURRENT_LINK)) {
            Ok(old) if old == target => Ok(()),
            Err(_) if self.has_copied_link() => {
                let gone = files::remove(self.disk(), &self.path().join(CURRENT_LINK), true);
                gone.and_then(|()| files::replace_link(self.disk(), self.path(), CURRENT_LINK, &target))
            }
            _ => files::replace_link(self.disk(), self.path(), CURRENT_LINK, &target),
        };
        let views = self.views(registry, snapshot).and_then(|sql| {
            match fs::read_to_string(self.path().join(VIEWS)) {
                Ok(old) if old == sql => Ok(()),
                _ => files::replace(self.disk(), self.path(), VIEWS, sql.as_bytes()),
            }
        });
        [link, views].into_iter().filter_map(|done| done.err().map(|e| e.to_string())).collect()
    }

    /// Whether the store was copied by a program that puts in place of a link what it leads to.
    pub(crate) fn has_copied_link(&self) -> bool {
        let path = self.path().join(CURRENT_LINK);
        fs::symlink_metadata(&path).is_ok_and(|it| it.is_dir()) && path.join(MANIFEST).is_file()
    }

    /// The text of `views.sql` for a snapshot.
    pub(crate) fn views(&self, registry: &Registry, snapshot: &str) -> Result<String, StoreError> {
        let root = fs::canonicalize(self.path()).map_err(StoreError::io("read", self.path()))?;
        // Snapshots of earlier versions have the partitions only.
        let by_year = self.snapshots_folder().join(snapshot).join(BY_YEAR).is_dir();
        // DuckDB takes a backslash for the end of a folder, and cannot be told bytes that are no text.
        match root.to_str().filter(|root| !root.contains('\\')) {
            Some(root) => Ok(views_sql(registry, root, Some(snapshot), by_year)),
            None => {
                let told = "-- DuckDB cannot be told the path of this store. Start it in this folder: duckdb -init views.sql\n";
                Ok(told.to_owned() + &views_sql(registry, ".", Some(snapshot), by_year))
            }
        }
    }
}

impl Writer {
    /// Publishes contents as a new snapshot, or finds that it would be the published one again.
    ///
    /// # Errors
    /// When the contents contradict themselves, somebody asked to stop, or the disk refuses. The published snapshot is then
    /// what it was.
    pub fn publish(
        &self,
        registry: &Registry,
        contents: &dyn Contents,
        options: &PublishOptions<'_>,
    ) -> Result<Published, StoreError> {
        let store = self.store();
        let parent = store.current()?;
        let number = store.next_number()?;
        let stamp = Stamp { tool_version: options.tool_version, registry_digest: &registry.digest };
        let context = Context::new(registry, stamp, options.evidence)?;
        let parts = Parts::of(contents, &stamp, options);
        let known = match (options.cache, &parent) {
            (Some(cache), Some(parent)) => cache.parts(&parent.name),
            _ => BTreeMap::new(),
        };
        if let Some(parent) = parent.as_ref().filter(|parent| parts.are(&known) && parent.is_whole()) {
            let mut published = Published::unchanged(parent, &known);
            published.warnings = store.show(registry, &parent.name);
            return Ok(published);
        }
        let scratch = store.snapshots_folder().join(format!("{TEMPORARY}{number:06}"));
        let scratch = Scratch::create(store.shared_disk(), scratch)?;
        let target = Target {
            store,
            folder: scratch.path(),
            parent: Files::of(parent.as_ref()),
            before: parent.as_ref(),
        };
        let Written { files, linked, reused, tally, made, fresh, .. } =
            target.write(&context, &parts, &known, options)?;

        let parent_name = parent.as_ref().map(|p| p.name.clone());
        let manifest = Manifest::new(&stamp, number, parent_name, Account::of(&tally), files);
        let name = manifest.snapshot.clone();
        let mut published = Published {
            snapshot: name.clone(),
            path: PathBuf::new(),
            unchanged: false,
            held: false,
            rows: manifest.rows.clone(),
            files: manifest.files.len(),
            files_linked: linked,
            partitions: parts.outlines.len(),
            partitions_reused: reused,
            bytes: manifest.bytes(),
            tally,
            warnings: Vec::new(),
        };
        if let Some(parent) = &parent
            && parent.manifest.content_hash() == manifest.content_hash()
        {
            published.warnings = store.show(registry, &parent.name);
            published.warnings.extend(remember(options, &parent.name, made));
            (published.snapshot, published.path) = (parent.name.clone(), parent.path.clone());
            published.unchanged = true;
            return Ok(published);
        }
        let draft = Snapshot { name: name.clone(), path: scratch.path().to_owned(), manifest };
        write_manifest(store, &draft, &fresh)?;
        let fits = options.gate.is_none_or(|gate| gate(&Draft { snapshot: &draft, parent: parent.as_ref() }));
        if !fits {
            published.path = hold(store, scratch, &name)?;
            published.held = true;
            return Ok(published);
        }
        if options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(StoreError::Interrupted);
        }
        published.path = self.commit(scratch, &name)?;
        // From here on the snapshot is published, whatever else fails.
        published.warnings.extend(self.settle_in(registry, &name));
        published.warnings.extend(remember(options, &name, made));
        Ok(published)
    }

    /// Publishes a candidate.
    ///
    /// # Errors
    /// When there is none of this name, another snapshot was published since it was made, or the disk refuses.
    pub fn promote(&self, registry: &Registry, name: &str) -> Result<Vec<String>, StoreError> {
        let store = self.store();
        let candidate = store.candidate(name)?;
        let current = store.current()?.map(|c| c.name);
        if candidate.manifest.parent != current {
            return Err(StoreError::Outdated {
                candidate: name.to_owned(),
                current: current.unwrap_or_default(),
            });
        }
        let mut folder = Scratch::adopt(store.shared_disk(), candidate.path);
        // It is published now, not when it was made: `gc` counts from here. The same bytes, a new time.
        files::replace(store.disk(), folder.path(), MANIFEST, candidate.manifest.to_json().as_bytes())?;
        self.announce(name)?;
        let moved = folder.rename(store.snapshots_folder().join(name));
        let moved = moved.and_then(|()| self.point(name));
        // A candidate is not lost because it could not be published.
        folder.keep();
        moved?;
        Ok(self.settle_in(registry, name))
    }

    /// Gives the snapshot its name, and moves `CURRENT`.
    pub(crate) fn commit(&self, mut scratch: Scratch, name: &str) -> Result<PathBuf, StoreError> {
        self.announce(name)?;
        scratch.rename(self.store().snapshots_folder().join(name))?;
        self.point(name)?;
        Ok(scratch.keep())
    }

    fn point(&self, name: &str) -> Result<(), StoreError> {
        let store = self.store();
        files::sync_folder(store.disk(), &store.snapshots_folder())?;
        files::replace(store.disk(), store.path(), CURRENT, format!("{name}\n").as_bytes())
    }

    /// What is left to do once `CURRENT` has moved; all of it can be made good by the next run.
    pub(crate) fn settle_in(&self, registry: &Registry, name: &str) -> Vec<String> {
        let store = self.store();
        let mut warnings: Vec<String> =
            files::sync_folder(store.disk(), store.path()).err().iter().map(ToString::to_string).collect();
        warnings.extend(self.done().err().map(|e| e.to_string()));
        warnings.extend(store.show(registry, name));
        warnings
    }
}

/// Puts the manifest beside the files, and waits until all is on the disk.
fn write_manifest(store: &Store, draft: &Snapshot, fresh: &[PathBuf]) -> Result<(), StoreError> {
    files::write_synced(store.disk(), &draft.path.join(MANIFEST), draft.manifest.to_json().as_bytes())?;
    files::sync_all(store.disk(), fresh, &files::walk(&draft.path)?.1)
}

/// Keeps a snapshot beside the published ones.
fn hold(store: &Store, mut scratch: Scratch, name: &str) -> Result<PathBuf, StoreError> {
    let folder = store.path().join(CANDIDATES);
    files::make_folder(store.disk(), &folder)?;
    // One made of the same, in a run before.
    let path = folder.join(name);
    if path.is_dir() {
        files::remove(store.disk(), &path, true)?;
    }
    scratch.rename(path)?;
    let path = scratch.keep();
    files::sync_folder(store.disk(), &folder)?;
    Ok(path)
}

fn remember(options: &PublishOptions<'_>, name: &str, made: BTreeMap<String, BuiltFrom>) -> Option<String> {
    options.cache?.put_parts(name, made).err().map(|e| e.to_string())
}

/// What goes into every partition.
struct Parts<'a> {
    contents: &'a dyn Contents,
    outlines: BTreeMap<PartitionKey, Outline>,
    /// All else that the files depend on.
    seed: String,
}

impl<'a> Parts<'a> {
    fn of(contents: &'a dyn Contents, stamp: &Stamp<'_>, options: &PublishOptions<'_>) -> Self {
        let Stamp { tool_version, registry_digest } = stamp;
        let PublishOptions { build, evidence, .. } = options;
        let schema = crate::SCHEMA_VERSION;
        let seed = format!("{schema} {tool_version} {registry_digest} {build} {evidence:?}");
        Self { contents, outlines: contents.outlines(), seed }
    }

    /// Whether all partitions are made of the same as those of a snapshot, so that it would come out again.
    fn are(&self, known: &BTreeMap<String, BuiltFrom>) -> bool {
        let same = |(key, outline): (&PartitionKey, &Outline)| {
            let digest = self.digest(outline);
            digest.is_some() && digest.as_ref() == known.get(&key.folder()).map(|before| &before.digest)
        };
        self.outlines.len() == known.len() && self.outlines.iter().all(same)
    }

    /// A hash of all that the files of a partition depend on.
    fn digest(&self, outline: &Outline) -> Option<String> {
        self.seeded(&outline.digest)
    }

    fn seeded(&self, own: &Option<String>) -> Option<String> {
        let own = own.as_ref()?;
        Some(blake3::hash(format!("{} {own}", self.seed).as_bytes()).to_hex().to_string())
    }
}

/// The files of the snapshot before, by path.
pub(crate) struct Files<'a> {
    folder: Option<&'a Path>,
    by_path: BTreeMap<&'a str, &'a FileEntry>,
}

impl<'a> Files<'a> {
    pub(crate) fn of(snapshot: Option<&'a Snapshot>) -> Self {
        let entries = snapshot.map_or(&[][..], |s| &s.manifest.files);
        Self {
            folder: snapshot.map(|s| s.path.as_path()),
            by_path: entries.iter().map(|f| (f.path.as_str(), f)).collect(),
        }
    }

    /// Where the same file lies already, proven by its content: a damaged file must not be inherited.
    pub(crate) fn same(&self, entry: &FileEntry) -> Option<PathBuf> {
        let known = self.by_path.get(entry.path.as_str())?;
        let path = self.folder?.join(&entry.path);
        (*known == entry && is_whole(&path, entry)).then_some(path)
    }

    /// The file of a folder that has one, and where it lies, proven.
    pub(crate) fn in_folder(&self, folder: &str) -> Option<(&'a FileEntry, PathBuf)> {
        let inside = |path: &str| {
            let file = path.strip_prefix(folder)?.strip_prefix('/')?;
            (!file.contains('/')).then_some(())
        };
        let entry = self.by_path.iter().find_map(|(path, entry)| inside(path).map(|()| *entry))?;
        Some((entry, self.same(entry)?))
    }

    /// The files of a partition that have rows.
    fn of_partition(&self, folder: &str) -> Vec<FileEntry> {
        let inside = |f: &&&FileEntry| {
            let rest = f.path.split_once('/').map_or("", |(_, rest)| rest);
            f.rows > 0 && rest.strip_prefix(folder).is_some_and(|file| file.starts_with('/'))
        };
        self.by_path.values().filter(inside).map(|f| (*f).clone()).collect()
    }
}

pub(crate) fn is_whole(path: &Path, entry: &FileEntry) -> bool {
    let hash = || -> std::io::Result<(u64, String)> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(path)?)?;
        Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
    };
    hash().is_ok_and(|(bytes, blake3)| bytes == entry.bytes && blake3 == entry.blake3)
}

/// Where files go.
struct Target<'a> {
    store: &'a Store,
    folder: &'a Path,
    parent: Files<'a>,
    /// The snapshot before.
    before: Option<&'a Snapshot>,
}

/// What was put there.
#[derive(Default)]
struct Written {
    files: Vec<FileEntry>,
    linked: usize,
    /// Partitions that were not built.
    reused: usize,
    tally: Tally,
    /// What each partition was made of.
    made: BTreeMap<String, BuiltFrom>,
    /// Files that are new.
    fresh: Vec<PathBuf>,
    /// Whether files were taken over unbuilt: this very program made the snapshot before.
    proven: bool,
}

impl Written {
    /// A partition that was not built.
    fn whole(self, tally: &Tally) -> Self {
        Self { reused: 1, tally: tally.clone(), ..self }
    }

    fn add(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        self.linked += other.linked;
        self.reused += other.reused;
        self.tally.add(&other.tally);
        self.made.extend(other.made);
        self.fresh.extend(other.fresh);
        self.proven |= other.proven;
        self
    }
}

impl Target<'_> {
    /// Every partition, and one empty file for each table that has no rows anywhere.
    fn write(
        &self,
        context: &Context<'_>,
        parts: &Parts<'_>,
        known: &BTreeMap<String, BuiltFrom>,
        options: &PublishOptions<'_>,
    ) -> Result<Written, StoreError> {
        let done = AtomicUsize::new(0);
        let tell = |n: usize| options.progress.iter().for_each(|tell| tell(n, parts.outlines.len()));
        tell(0);
        let roll = Roll::default();
        let builder = |inside| Builder {
            context,
            disk: self.store.disk(),
            folder: self.folder,
            contents: parts.contents,
            roll: &roll,
            stop: options.stop,
            inside,
        };
        let one = |(key, outline): &(&PartitionKey, &Outline), inside| {
            let folder = key.folder();
            let digest = parts.digest(outline);
            let (figures, text) = (parts.seeded(&outline.figures), parts.seeded(&outline.text));
            let before = known.get(&folder);
            let same_figures = figures.is_some() && before.is_some_and(|b| figures == b.figures);
            let is_same = |b: &&BuiltFrom| digest.as_ref() == Some(&b.digest);
            let reused = match before.filter(is_same) {
                Some(before) => self
                    .take_over(&folder, |table| !MADE_LAST.contains(&table))?
                    .map(|kept| kept.whole(&before.tally)),
                None => None,
            };
            let (mut written, keys) = match reused {
                Some(written) => (written, before.and_then(|b| b.keys.clone())),
                None => {
                    // Worth a look at the reports only where the figures, which cost more, are the same.
                    let known_keys = before.and_then(|b| b.keys.as_ref()).filter(|_| same_figures);
                    let same_keys = match known_keys {
                        Some(known) => builder(inside).keys(outline)?.as_ref() == Some(known),
                        None => false,
                    };
                    let is_kept = |spec: &TableSpec| match made_of(spec) {
                        MadeOf::Captures => false,
                        MadeOf::Figures => same_figures,
                        MadeOf::Both => same_figures && same_keys,
                        MadeOf::Text => text.is_some() && before.is_some_and(|b| text == b.text),
                    };
                    let of_table = |name: &str| context.registry.table(name).is_some_and(is_kept);
                    let kept = self.take_over(&folder, of_table)?;
                    let wanted = |spec: &TableSpec| kept.is_none() || !is_kept(spec);
                    let built = builder(inside).build(key, outline, &wanted)?;
                    let keys = built.keys.clone();
                    (self.keep(key, built)?.add(kept.unwrap_or_default()), keys)
                }
            };
            let tally = written.tally.clone();
            let built_from = |digest| BuiltFrom { digest, figures, text, keys, tally };
            written.made.extend(digest.map(|digest| (folder, built_from(digest))));
            tell(done.fetch_add(1, Ordering::Relaxed) + 1);
            Ok(written)
        };
        // Small partitions side by side, each on one thread; a large one alone with all threads: so memory is bounded by
        // a portion a thread.
        let (small, large): (Vec<_>, Vec<_>) =
            parts.outlines.iter().partition(|(_, o)| o.by_report.len().max(o.captures.len()) <= SMALL);
        let small: Vec<Written> =
            small.par_iter().map(|part| one(part, false)).collect::<Result<_, StoreError>>()?;
        let mut written = small.into_iter().fold(Written::default(), Written::add);
        for part in &large {
            written = written.add(one(part, true)?);
        }
        written = self.cover(context, written)?;
        written = self.describe(context, written)?;
        let filled: BTreeSet<&str> = written.files.iter().map(FileEntry::table).collect();
        let empty = context.registry.tables.iter().filter(|spec| !filled.contains(spec.name.as_str()));
        let mut empties = Vec::new();
        for spec in empty {
            let nowhere = PartitionKey::nowhere();
            let folder = self.folder.join(format!("{}/{}", spec.name, nowhere.folder()));
            let mut file = context.file(spec, self.store.disk(), folder)?;
            file.begin()?;
            let finished = file.finish()?.map(|done| (spec.name.clone(), done));
            let files = finished.into_iter().collect();
            empties.push(self.keep(&nowhere, Built { files, ..Built::default() })?);
        }
        let written = empties.into_iter().fold(written, Written::add);
        self.gather(context, written, options)
    }

    /// Adds the tables by year.
    fn gather(
        &self,
        context: &Context<'_>,
        mut written: Written,
        options: &PublishOptions<'_>,
    ) -> Result<Written, StoreError> {
        let draft = self.draft(context, &mut written);
        let gathering = Gathering {
            registry: context.registry,
            stamp: context.stamp,
            disk: self.store.disk(),
            of: &draft,
            before: self.before,
            trusted: written.proven,
            stop: options.stop,
        };
        let gathered = gathering.run()?;
        written.files = draft.manifest.files;
        for file in gathered {
            match file.linked {
                true => written.linked += 1,
                false => written.fresh.push(self.folder.join(&file.entry.path)),
            }
            written.files.push(file.entry);
        }
        Ok(written)
    }

    /// The snapshot as far as it is written; it has the files until they are put back.
    fn draft(&self, context: &Context<'_>, written: &mut Written) -> Snapshot {
        let account = Account::of(&written.tally);
        let files = std::mem::take(&mut written.files);
        let manifest = Manifest::new(&context.stamp, 0, None, account, files);
        Snapshot { name: String::new(), path: self.folder.to_owned(), manifest }
    }

    /// Adds what the files say of coverage. A file that would say the same as the one before is linked, not written.
    fn cover(&self, context: &Context<'_>, mut written: Written) -> Result<Written, StoreError> {
        let Some(spec) = context.registry.table(COVERAGE) else { return Ok(written) };
        let draft = self.draft(context, &mut written);
        let covered = coverage(context.registry, &draft)?;
        written.files = draft.manifest.files;
        // Partitions that were taken over are proof of the same program.
        let before = self.before.filter(|_| written.reused > 0);
        let known: Vec<&FileEntry> =
            before.iter().flat_map(|s| &s.manifest.files).filter(|f| f.table() == COVERAGE).collect();
        let one = |(key, rows): (PartitionKey, Vec<_>)| {
            let folder = key.folder();
            let same = |s: &Snapshot| stored(s, &key, &known).is_ok_and(|before| before == rows);
            if before.is_some_and(same)
                && let Some(kept) = self.take_over(&folder, |table| table == COVERAGE)?
            {
                return Ok(kept);
            }
            let folder = self.folder.join(format!("{COVERAGE}/{folder}"));
            let mut file = context.file(spec, self.store.disk(), folder)?;
            write_rows(context, &Part { covered: &rows, ..Part::default() }, &mut file)?;
            let files = file.finish()?.map(|done| (COVERAGE.to_owned(), done)).into_iter().collect();
            self.keep(&key, Built { files, ..Built::default() })
        };
        let parts: Vec<Written> = covered.into_par_iter().map(one).collect::<Result<_, StoreError>>()?;
        Ok(parts.into_iter().fold(written, Written::add))
    }

    /// Adds the dimension tables. What is as before becomes a link like any other file.
    fn describe(&self, context: &Context<'_>, mut written: Written) -> Result<Written, StoreError> {
        let draft = self.draft(context, &mut written);
        let agencies = agencies(context.registry, &draft)?;
        written.files = draft.manifest.files;
        let codes = codes(context.registry);
        let nowhere = PartitionKey::nowhere();
        let mut parts: Vec<(&str, &PartitionKey, Part<'_>)> = vec![
            (CODES, &nowhere, Part { codes: &codes, ..Part::default() }),
            (DIVISIONS, &nowhere, Part { divisions: true, ..Part::default() }),
        ];
        let of_region = |(key, rows)| (AGENCIES, key, Part { agencies: rows, ..Part::default() });
        parts.extend(agencies.iter().map(|(key, rows): (_, &Vec<_>)| of_region((key, rows.as_slice()))));
        for (table, key, part) in parts {
            let Some(spec) = context.registry.table(table) else { continue };
            let folder = self.folder.join(format!("{table}/{}", key.folder()));
            let mut file = context.file(spec, self.store.disk(), folder)?;
            write_rows(context, &part, &mut file)?;
            let files = file.finish()?.map(|done| (table.to_owned(), done)).into_iter().collect();
            written = written.add(self.keep(key, Built { files, ..Built::default() })?);
        }
        Ok(written)
    }

    /// Links the files of a partition whose tables are made of the same as before; `None` when that is not possible.
    fn take_over(&self, folder: &str, table: impl Fn(&str) -> bool) -> Result<Option<Written>, StoreError> {
        let mut entries = self.parent.of_partition(folder);
        entries.retain(|entry| table(entry.table()));
        let Some(sources) = entries.iter().map(|e| self.parent.same(e)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        for (entry, source) in entries.iter().zip(sources) {
            let path = self.folder.join(&entry.path);
            let folder = path.parent().unwrap_or(self.folder);
            files::make_folder(self.store.disk(), folder)?;
            if self.store.disk().hard_link(&source, &path).is_err() {
                // Building again replaces what is there already.
                return Ok(None);
            }
        }
        let linked = entries.len();
        Ok(Some(Written { linked, files: entries, proven: linked > 0, ..Written::default() }))
    }

    /// Gives new files their names; one that is there already in the snapshot before becomes a link to it.
    fn keep(&self, key: &PartitionKey, built: Built) -> Result<Written, StoreError> {
        let mut written = Written { tally: built.tally, ..Written::default() };
        for (table, file) in built.files {
            let path = format!("{table}/{}/{}", key.folder(), part_name(&file.blake3));
            let entry = FileEntry { path, rows: file.rows, bytes: file.bytes, blake3: file.blake3 };
            let path = self.folder.join(&entry.path);
            let disk = self.store.disk();
            // Not every file system links; the new file is as good.
            let linked = self.parent.same(&entry).is_some_and(|old| disk.hard_link(&old, &path).is_ok());
            if linked {
                files::remove(disk, &file.path, false)?;
                written.linked += 1;
            } else {
                disk.rename(&file.path, &path).map_err(StoreError::io("write", &path))?;
                written.fresh.push(path);
            }
            written.files.push(entry);
        }
        Ok(written)
    }
}
