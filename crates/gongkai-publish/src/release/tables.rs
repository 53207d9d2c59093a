//! The tables of a release: linked as they are, rewritten where something in them is masked, or put together to one file each. What looks
//! like personal data is listed on the way.

use super::contacts::{Contacts, text_at, text_column};
use super::csv::Csv;
use super::folder::{Folder, Written, hashes};
use super::{Events, ReleaseError};
use arrow_array::{ArrayRef, Int16Array, RecordBatch, StringArray};
use arrow_schema::{DataType, SchemaRef};
use gongkai_registry::{Registry, TableSpec};
use gongkai_store::{BY_YEAR, FileEntry, Manifest, Sink, Snapshot, StoreError, gather, with_places};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files worked on before the places found in them are written down.
const AT_ONCE: usize = 64;
/// Digits of the hash in a file's name, as in a snapshot.
const FILE_DIGITS: usize = 16;
/// List of the places of personal data.
pub(crate) const PLACES: &str = "personal-data.csv.gz";

/// What making the tables needs.
pub(crate) struct Work<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) folder: &'a Folder,
    pub(crate) contacts: &'a Contacts,
    pub(crate) mask: bool,
    /// What tells rows apart, by table.
    pub(crate) keys: &'a BTreeMap<String, Vec<String>>,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) events: &'a dyn Events,
}

/// A table of the release.
pub(crate) struct Table<'a> {
    pub(crate) spec: &'a TableSpec,
    pub(crate) rows: u64,
    pub(crate) files: Vec<Written>,
    /// The same rows by year; none in a flat release.
    pub(crate) by_year: Vec<Written>,
}

impl<'a> Table<'a> {
    /// A table and those of these files that are its own.
    pub(crate) fn of(spec: &'a TableSpec, all: &[Written]) -> Self {
        let below = |folder: &str| {
            let prefix = format!("{folder}/");
            all.iter().filter(|f| f.path.starts_with(&prefix)).cloned().collect::<Vec<_>>()
        };
        let files = below(&spec.name);
        let by_year = below(&format!("{BY_YEAR}/{}", spec.name));
        Self { spec, rows: files.iter().map(|f| f.rows).sum(), files, by_year }
    }
}

/// What looks like personal data.
#[derive(Debug, Default, Clone)]
pub(crate) struct Found {
    /// Places by kind.
    pub(crate) kinds: BTreeMap<String, u64>,
    /// Values of columns that were changed.
    pub(crate) masked: u64,
}

/// All tables.
pub(crate) struct Tables<'a> {
    pub(crate) tables: Vec<Table<'a>>,
    /// The snapshot the release is.
    pub(crate) manifest: Manifest,
    pub(crate) found: Found,
}

/// One place: table, column, year, region, report, which row of it, kind, first character, characters.
type Place = [String; 9];

/// One file of a table in folders.
struct Piece {
    entry: FileEntry,
    written: Written,
    places: Vec<Place>,
    masked: u64,
}

impl<'a> Work<'a> {
    /// The files of a table, in the order of their paths.
    fn entries(&self, spec: &TableSpec) -> Vec<&'a FileEntry> {
        self.snapshot.manifest.files.iter().filter(|f| f.table() == spec.name).collect()
    }

    pub(crate) fn go_on(&self) -> Result<(), ReleaseError> {
        if self.stop.load(Ordering::Relaxed) { Err(ReleaseError::Interrupted) } else { Ok(()) }
    }

    /// The tables in folders by year and region, as the snapshot has them.
    pub(crate) fn partitioned(&self) -> Result<Tables<'a>, ReleaseError> {
        let mut list = Places::begin(self.folder)?;
        let (mut files, mut entries, mut found) = (Vec::new(), Vec::new(), Found::default());
        self.events.begin("tables", self.snapshot.manifest.files.len());
        let mut done = 0;
        for spec in &self.registry.tables {
            for chunk in self.entries(spec).chunks(AT_ONCE) {
                self.go_on()?;
                let pieces: Vec<Piece> =
                    chunk.par_iter().map(|entry| self.piece(spec, entry)).collect::<Result<_, _>>()?;
                for piece in pieces {
                    list.write(&piece.places, &mut found)?;
                    found.masked += piece.masked;
                    files.push(piece.written);
                    entries.push(piece.entry);
                }
                done += chunk.len();
                self.events.progress(done);
            }
        }
        list.finish()?;
        let manifest = match found.masked {
            0 => {
                let all = self.snapshot.manifest.files.iter();
                let by_year: Vec<&FileEntry> = all.filter(|f| f.table_by_year().is_some()).collect();
                let one = |entry: &&FileEntry| self.passed_on(entry, self.proven(entry)?);
                let written: Vec<Written> =
                    by_year.par_iter().map(one).collect::<Result<_, ReleaseError>>()?;
                files.extend(written);
                self.snapshot.manifest.clone()
            }
            _ => {
                let manifest = self.snapshot.manifest.clone().with_files(entries.clone());
                let masked = Snapshot { name: String::new(), path: self.folder.at(""), manifest };
                for entry in gather(self.registry, &masked, self.snapshot, self.stop)? {
                    files.push(self.folder.take_in(&entry.path, entry.rows)?);
                    entries.push(entry);
                }
                masked.manifest.with_files(entries)
            }
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let tables = self.registry.tables.iter().map(|spec| Table::of(spec, &files)).collect();
        Ok(Tables { tables, manifest, found })
    }

    fn piece(&self, spec: &TableSpec, entry: &FileEntry) -> Result<Piece, ReleaseError> {
        let proven = self.proven(entry)?;
        let mut places = Vec::new();
        if !self.contacts.columns(&spec.name).is_empty() {
            for batch in self.snapshot.file_batches(entry)? {
                self.look(spec, entry, &batch?, &mut places);
            }
        }
        if self.mask && !places.is_empty() {
            return self.rewritten(spec, entry, places);
        }
        let written = self.passed_on(entry, proven)?;
        Ok(Piece { entry: entry.clone(), written, places, masked: 0 })
    }

    /// A proven file of the snapshot as a file of the release.
    fn passed_on(
        &self,
        entry: &FileEntry,
        (source, sha256): (PathBuf, String),
    ) -> Result<Written, ReleaseError> {
        let target = self.folder.make_room(&entry.path)?;
        if fs::hard_link(&source, &target).is_err() {
            fs::copy(&source, &target).map_err(ReleaseError::io("write", &target))?;
        }
        let written = Written { path: entry.path.clone(), bytes: entry.bytes, sha256, rows: entry.rows };
        self.folder.enter(written.clone());
        Ok(written)
    }

    /// The source of a file, proven by its hash, and its SHA-256: a damaged file must not be released.
    fn proven(&self, entry: &FileEntry) -> Result<(PathBuf, String), ReleaseError> {
        let damaged = |what: &str| StoreError::Damaged {
            path: self.snapshot.path.join(&entry.path),
            what: format!("{what}; `gongkai check STORE --repair` may help"),
        };
        let source =
            self.snapshot.locate(entry).ok_or_else(|| damaged("it is not a path inside the snapshot"))?;
        let (bytes, sha256, blake3) = hashes(&source).map_err(ReleaseError::io("read", &source))?;
        if bytes != entry.bytes || blake3 != entry.blake3 {
            return Err(damaged("its content is not what was published").into());
        }
        Ok((source, sha256))
    }

    fn rewritten(
        &self,
        spec: &TableSpec,
        entry: &FileEntry,
        places: Vec<Place>,
    ) -> Result<Piece, ReleaseError> {
        let batches = self.snapshot.file_batches(entry)?;
        let (folder, old) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        let temporary = self.folder.make_room(&format!("{folder}/.tmp-{old}"))?;
        let mut sink = Sink::of_table(spec, &self.snapshot.manifest, &batches.schema, &temporary)?;
        let mut masked = 0;
        for batch in batches {
            let (batch, changed) = self.contacts.mask_batch(&spec.name, batch?);
            sink.write(&batch)?;
            masked += changed;
        }
        let sunk = sink.finish()?;
        let part: String = sunk.blake3.chars().take(FILE_DIGITS).collect();
        let path = format!("{folder}/part-{part}.parquet");
        let target = self.folder.at(&path);
        fs::rename(&temporary, &target).map_err(ReleaseError::io("write", &target))?;
        let written = self.folder.take_in(&path, sunk.rows)?;
        Ok(Piece {
            entry: FileEntry { path, rows: sunk.rows, bytes: written.bytes, blake3: sunk.blake3 },
            written,
            places,
            masked,
        })
    }

    /// One file a table, with the partition columns behind the others. Nothing is masked here: what is to be masked is masked before.
    pub(crate) fn flat(&self) -> Result<Tables<'a>, ReleaseError> {
        let mut list = Places::begin(self.folder)?;
        let (mut tables, mut found) = (Vec::new(), Found::default());
        self.events.begin("tables", self.snapshot.manifest.files.len());
        let mut done = 0;
        for spec in &self.registry.tables {
            let path = format!("{}.parquet", spec.name);
            let looked_at = !self.contacts.columns(&spec.name).is_empty();
            let mut sink: Option<(Sink, SchemaRef)> = None;
            for entry in self.entries(spec) {
                self.go_on()?;
                self.proven(entry)?;
                let batches = self.snapshot.file_batches(entry)?;
                if sink.is_none() {
                    let schema = Arc::new(with_places(&batches.schema, DataType::Int16));
                    let new = Sink::of_table(spec, &self.snapshot.manifest, &schema, &self.folder.at(&path))?;
                    sink = Some((new, schema));
                }
                let Some((sink, schema)) = &mut sink else { continue };
                let mut places = Vec::new();
                for batch in batches {
                    let batch = batch?;
                    if looked_at {
                        self.look(spec, entry, &batch, &mut places);
                    }
                    sink.write(&beside_partition(schema, &batch, entry)?)?;
                }
                list.write(&places, &mut found)?;
                done += 1;
                self.events.progress(done);
            }
            let Some((sink, _)) = sink else { continue };
            let sunk = sink.finish()?;
            let written = self.folder.take_in(&path, sunk.rows)?;
            tables.push(Table { spec, rows: sunk.rows, files: vec![written], by_year: Vec::new() });
        }
        list.finish()?;
        Ok(Tables { tables, manifest: self.snapshot.manifest.clone(), found })
    }

    /// Lists what stands in the columns of a batch that are looked at.
    fn look(&self, spec: &TableSpec, entry: &FileEntry, batch: &RecordBatch, places: &mut Vec<Place>) {
        let (year, region) = entry.partition();
        let reports = text_column(batch, "report_id");
        let rest: Vec<_> =
            self.key(spec).filter(|c| *c != "report_id").map(|c| text_column(batch, c)).collect();
        for column in self.contacts.columns(&spec.name) {
            let texts = text_column(batch, column);
            for row in 0..batch.num_rows() {
                let Some(text) = text_at(texts, row) else { continue };
                for hit in self.contacts.find(text) {
                    let row_of: Vec<&str> = rest.iter().filter_map(|c| text_at(*c, row)).collect();
                    places.push([
                        spec.name.clone(),
                        column.to_owned(),
                        year.to_string(),
                        region.to_owned(),
                        text_at(reports, row).unwrap_or_default().to_owned(),
                        row_of.join("/"),
                        hit.kind.to_owned(),
                        hit.start.to_string(),
                        hit.chars.to_string(),
                    ]);
                }
            }
        }
    }

    fn key(&self, spec: &TableSpec) -> impl Iterator<Item = &str> {
        self.keys.get(&spec.name).into_iter().flatten().map(String::as_str)
    }
}

fn beside_partition(
    schema: &SchemaRef,
    batch: &RecordBatch,
    entry: &FileEntry,
) -> Result<RecordBatch, ReleaseError> {
    let ((year, region), rows) = (entry.partition(), batch.num_rows());
    let years: ArrayRef = Arc::new(Int16Array::from(vec![year; rows]));
    let regions: ArrayRef = Arc::new(StringArray::from(vec![region; rows]));
    let columns = batch.columns().iter().cloned().chain([years, regions]).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|e| StoreError::Encode { table: entry.path.clone(), what: e.to_string() }.into())
}

/// The list of places. It never holds what stands there.
struct Places<'f> {
    folder: &'f Folder,
    csv: Csv,
}

impl<'f> Places<'f> {
    fn begin(folder: &'f Folder) -> Result<Self, ReleaseError> {
        let mut csv = Csv::begin(folder.at(PLACES))?;
        csv.line(["table", "column", "year", "region", "report_id", "row", "kind", "start", "chars"])?;
        Ok(Self { folder, csv })
    }

    fn write(&mut self, places: &[Place], found: &mut Found) -> Result<(), ReleaseError> {
        for place in places {
            let [.., kind, _, _] = place;
            *found.kinds.entry(kind.clone()).or_default() += 1;
            self.csv.line(place)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), ReleaseError> {
        self.csv.finish()?;
        self.folder.take_in(PLACES, 0).map(|_| ())
    }
}
