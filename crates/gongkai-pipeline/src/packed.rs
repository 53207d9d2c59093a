//! The figures of a document as they lie in the cache: words that many cells share (codes, labels) are told once.

use gongkai_model::{
    BesideTable, CellFact, CellStatus, LegacyRow, Number, Parsed, SourcePlace, TableReading,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// All of [`Parsed`] that tables of figures are made of.
#[derive(Serialize, Deserialize)]
pub(crate) struct Packed<'p> {
    #[serde(borrow)]
    form: Cow<'p, str>,
    tables: Vec<TableReading>,
    #[serde(borrow)]
    words: Vec<Cow<'p, str>>,
    #[serde(borrow)]
    cells: Vec<Cell<'p>>,
    legacy: Vec<LegacyRow>,
    beside: Vec<BesideTable>,
}

/// A cell; words by their position.
#[derive(Serialize, Deserialize)]
struct Cell<'p> {
    table: u32,
    item: u32,
    column: u32,
    label: Option<u32>,
    status: CellStatus,
    value: Option<Number>,
    #[serde(borrow)]
    raw: Cow<'p, str>,
    source: Option<SourcePlace>,
}

/// Words in the order they are first told.
#[derive(Default)]
struct Words<'p> {
    all: Vec<Cow<'p, str>>,
    at: HashMap<&'p str, u32>,
}

impl<'p> Words<'p> {
    fn position(&mut self, word: &'p str) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let at = *self.at.entry(word).or_insert(next);
        if at == next {
            self.all.push(Cow::Borrowed(word));
        }
        at
    }
}

impl<'p> Packed<'p> {
    pub(crate) fn of(parsed: &'p Parsed) -> Self {
        let mut words = Words::default();
        let cell = |cell: &'p CellFact| Cell {
            table: words.position(&cell.table),
            item: words.position(&cell.item),
            column: words.position(&cell.column),
            label: cell.label.as_deref().map(|label| words.position(label)),
            status: cell.status,
            value: cell.value,
            raw: Cow::Borrowed(&cell.raw),
            source: cell.source,
        };
        let cells = parsed.cells.iter().map(cell).collect();
        let (tables, legacy) = (parsed.tables.clone(), parsed.legacy.clone());
        let beside = parsed.beside.clone();
        Self { form: Cow::Borrowed(&parsed.form), tables, words: words.all, cells, legacy, beside }
    }

    /// `None` where a word is missing.
    pub(crate) fn parsed(self) -> Option<Parsed> {
        let words: Vec<Arc<str>> = self.words.iter().map(|word| Arc::from(&**word)).collect();
        let word = |at: u32| words.get(at as usize).cloned();
        let cell = |cell: Cell<'_>| {
            Some(CellFact {
                table: word(cell.table)?,
                item: word(cell.item)?,
                column: word(cell.column)?,
                status: cell.status,
                value: cell.value,
                raw: cell.raw.into_owned(),
                label: match cell.label {
                    Some(at) => Some(word(at)?),
                    None => None,
                },
                source: cell.source,
            })
        };
        Some(Parsed {
            form: self.form.into(),
            tables: self.tables,
            cells: self.cells.into_iter().map(cell).collect::<Option<_>>()?,
            legacy: self.legacy,
            beside: self.beside,
            ..Parsed::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Packed;
    use crate::Reader;
    use gongkai_model::{Capture, Provenance, Ties};
    use gongkai_registry::Registry;
    use std::path::Path;

    #[test]
    fn figures_come_back_as_they_were() {
        let reader = Reader::new(Registry::embedded());
        let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")];
        let (mut cells, mut indicators) = (0, 0);
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                let capture = Capture {
                    container: path.to_string_lossy().into(),
                    size: bytes.len() as u64,
                    bytes,
                    provenance: Provenance::default(),
                    ties: Ties::default(),
                    problem: None,
                };
                let Ok(report) = reader.read(&capture).outcome else { continue };
                let packed = postcard::to_stdvec(&Packed::of(&report.parsed)).unwrap();
                let back = postcard::from_bytes::<Packed<'_>>(&packed).unwrap().parsed().unwrap();
                assert_eq!(back.form, report.parsed.form);
                assert_eq!(back.tables, report.parsed.tables);
                assert_eq!(back.cells, report.parsed.cells, "{}", path.display());
                assert_eq!(back.legacy, report.parsed.legacy);
                (cells, indicators) = (cells + back.cells.len(), indicators + back.legacy.len());
                // A record that was cut is refused.
                let cut = packed.get(..packed.len() / 2).unwrap();
                assert!(postcard::from_bytes::<Packed<'_>>(cut).is_err());
            }
        }
        assert!(cells > 1000 && indicators > 10, "{cells} {indicators}");
    }
}
