//! Readings in the cache: the head (who, where, when, findings), the figures and the text, which only the tables made of them need.

use crate::gist::Gist;
use crate::packed::Packed;
use crate::reader::{Read, Reader};
use gongkai_model::{Capture, Parsed, Provenance, Section, Ties};
use gongkai_registry::Registry;
use gongkai_store::{Cache, Place, RecordKind, StoreError};
use serde::{Deserialize, Serialize};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A reading: what is kept in memory, and where the rest lies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) gist: Gist,
    pub(crate) head: Place,
    /// `None` of what could not be read.
    pub(crate) figures: Option<Place>,
    /// `None` of what could not be read.
    pub(crate) text: Option<Place>,
}

impl Reading {
    /// Moves what was read into the cache.
    pub(crate) fn put(cache: &Cache, registry: &Registry, read: Read) -> Result<Self, StoreError> {
        let Records { gist, head, figures, text } = Records::of(registry, read)?;
        let put = |record: &Vec<u8>| cache.put(RecordKind::Result, record);
        let (figures, text) = (figures.as_ref().map(put).transpose()?, text.as_ref().map(put).transpose()?);
        Ok(Self { gist, head: put(&head)?, figures, text })
    }

    /// The reading with who filed, where and when decided again: figures and text are what they were.
    pub(crate) fn put_again(
        &self,
        cache: &Cache,
        registry: &Registry,
        read: Read,
    ) -> Result<Self, StoreError> {
        let gist = Gist::of(registry, &read);
        let head = cache.put(RecordKind::Result, &head(read, false)?)?;
        Ok(Self { gist, head, figures: self.figures, text: self.text })
    }

    /// The reading without figures and text, of the document of this name.
    pub(crate) fn head(&self, cache: &Cache, name: &str) -> Result<Read, StoreError> {
        let head = cache.get(&self.head).and_then(|bytes| postcard::from_bytes::<Read>(&bytes).ok());
        head.map(|read| Read { container: name.to_owned(), ..read }).ok_or_else(lost)
    }

    /// What was read but the text; nothing of what could not be read.
    pub(crate) fn figures(&self, cache: &Cache) -> Result<Parsed, StoreError> {
        let Some(place) = &self.figures else { return Ok(Parsed::default()) };
        let bytes = cache.get(place).ok_or_else(lost)?;
        postcard::from_bytes::<Packed<'_>>(&bytes).ok().and_then(Packed::parsed).ok_or_else(lost)
    }

    /// The text that was read; nothing of what could not be read.
    pub(crate) fn text(&self, cache: &Cache) -> Result<Vec<Section>, StoreError> {
        let Some(place) = &self.text else { return Ok(Vec::new()) };
        cache.get(place).and_then(|bytes| postcard::from_bytes(&bytes).ok()).ok_or_else(lost)
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        [&self.head].into_iter().chain(&self.figures).chain(&self.text)
    }

    pub(crate) fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        [&mut self.head].into_iter().chain(&mut self.figures).chain(&mut self.text)
    }
}

/// A reading as the records that the cache holds of it, wherever they go.
pub(crate) struct Records {
    pub(crate) gist: Gist,
    pub(crate) head: Vec<u8>,
    /// `None` of what could not be read.
    pub(crate) figures: Option<Vec<u8>>,
    /// `None` of what could not be read.
    pub(crate) text: Option<Vec<u8>>,
}

impl Records {
    /// What only `inspect` shows is left out, and the name, which is the ledger's.
    pub(crate) fn of(registry: &Registry, mut read: Read) -> Result<Self, StoreError> {
        let gist = Gist::of(registry, &read);
        let (mut figures, mut text) = (None, None);
        if let Ok(report) = &mut read.outcome {
            for table in &mut report.parsed.tables {
                table.how = String::new();
            }
            figures = Some(bytes(&Packed::of(&report.parsed))?);
            text = Some(bytes(&report.parsed.sections)?);
        }
        let may_be_answered = gist.may_be_answered(&read.container);
        Ok(Self { gist, head: head(read, may_be_answered)?, figures, text })
    }
}

/// All of a reading but figures and text; what is open only where somebody may answer it.
fn head(mut read: Read, may_be_answered: bool) -> Result<Vec<u8>, StoreError> {
    read.container = String::new();
    if let Ok(report) = &mut read.outcome {
        report.resolution.findings = Vec::new();
        report.resolution.evidence = Vec::new();
        report.resolution.decisions = Vec::new();
        let Parsed { form, tables, statements, .. } = std::mem::take(&mut report.parsed);
        report.parsed = Parsed { form, tables, ..Parsed::default() };
        if may_be_answered {
            report.parsed.statements = statements;
        } else {
            report.standing.open = None;
        }
    }
    bytes(&read)
}

/// Folder that a damaged cache is told by.
pub(crate) const CACHE: &str = "cache";

/// What a run says that misses a record: see [`crate::ingest`], which then proves all records.
pub(crate) fn lost() -> StoreError {
    let what = "a record of what was read of an input is damaged or lost";
    StoreError::Damaged { path: PathBuf::from(CACHE), what: what.to_owned() }
}

/// What it says when it misses one after all were proven, and read again where there was something to read.
pub(crate) fn lost_for_good() -> StoreError {
    let what = "a record of what was read of an input is damaged or lost, and the input is gone, too. Bring it back, or \
                let `--prune` drop all that is gone";
    StoreError::Damaged { path: PathBuf::from(CACHE), what: what.to_owned() }
}

/// Whether it is what [`lost`] says.
pub(crate) fn is_lost(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged { path, .. } if path == Path::new(CACHE))
}

pub(crate) fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|e| StoreError::cache("write to")(io::Error::other(e)))
}

/// As [`bytes`], of what need not be in memory twice.
pub(crate) fn write<T: Serialize>(value: &T, to: &mut dyn Write) -> io::Result<()> {
    // It is written byte by byte.
    let to = postcard::to_io(value, BufWriter::new(to)).map_err(io::Error::other)?;
    to.into_inner().map(|_| ()).map_err(io::IntoInnerError::into_error)
}

/// Stands between the two in the records of stores: something that was never there.
const NOTHING: Option<()> = None;

/// Puts a document into the cache, with all that reading it depends on.
pub(crate) fn put_source(cache: &Cache, capture: &Capture) -> Result<Place, StoreError> {
    cache.put(RecordKind::Source, &source_record(capture)?)
}

/// A document with all that reading it depends on, as a record.
pub(crate) fn source_record(capture: &Capture) -> Result<Vec<u8>, StoreError> {
    let about = bytes(&(&capture.provenance, NOTHING, &capture.ties))?;
    let length = u32::try_from(about.len()).unwrap_or(u32::MAX).to_le_bytes();
    Ok([&length, about.as_slice(), &capture.bytes].concat())
}

/// A document from the cache.
pub(crate) fn source(cache: &Cache, container: &str, place: &Place) -> Option<Capture> {
    let record = cache.get(place)?;
    let (length, rest) = record.split_first_chunk::<4>()?;
    let (about, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let (provenance, _, ties): (Provenance, Option<()>, Ties) = postcard::from_bytes(about).ok()?;
    let size = bytes.len() as u64;
    Some(Capture {
        container: container.into(),
        bytes: bytes.to_vec(),
        size,
        provenance,
        ties,
        problem: None,
    })
}

/// Reads a document from the cache once more; `None` where it is not there.
pub(crate) fn again(
    cache: &Cache,
    reader: &Reader<'_>,
    container: &str,
    place: Option<&Place>,
) -> Option<Read> {
    Some(reader.read(&source(cache, container, place?)?))
}
