//! The statistics tables of 2008-2018, and the counts that reports of those years give in sentences.
//!
//! Whatever the layout, a table becomes rows of label, unit and figures ([`grid`] from marked cells, [`text`] from
//! lines and runs); [`bind`] says which indicator a row is, by its label and what stands above it; [`facts`] keeps
//! what is certain. [`prose`] reads sentences and never meets the figures of the tables, except to compare.

mod bind;
mod book;
mod facts;
mod figures;
mod grid;
mod printed;
mod prose;
mod text;

use crate::prose::ProseReader;
use crate::stream::Stream;
use crate::subject::Subject;
use book::Book;
use gongkai_model::{Document, Parsed, Scope, TableReading};
use gongkai_registry::{LEGACY_TABLE, Legacy, Registry};
use printed::PrintedTable;

/// Reads statistics tables. Built once, used from many threads.
pub(crate) struct LegacyReader<'r> {
    legacy: &'r Legacy,
    book: Book<'r>,
    prose: ProseReader<'r>,
    /// Code and years of the form.
    form: Option<&'r gongkai_registry::Form>,
}

/// Code of the form of these tables.
pub(crate) const FORM: &str = "pre2019";

impl<'r> LegacyReader<'r> {
    pub(crate) fn of(registry: &'r Registry) -> Self {
        let legacy = &registry.legacy;
        let form = registry.form(FORM);
        Self { legacy, book: Book::of(legacy), prose: ProseReader::of(&legacy.prose), form }
    }

    /// Reads the statistics tables of a document into `parsed`; whether there are any.
    pub(crate) fn tables(
        &self,
        document: &Document,
        stream: &Stream,
        subject: &Subject<'_>,
        parsed: &mut Parsed,
    ) -> bool {
        let mut tables = grid::tables(document, &self.book, subject.year);
        tables.extend(text::tables(document, &self.book, subject.year));
        tables.sort_by_key(|t| t.block);
        tables.retain(|t| self.is_statistics(t, subject.year));
        if tables.is_empty() {
            return false;
        }
        let tables = facts::on_subject(tables, stream, subject, parsed);
        let bound = tables.iter().map(|t| bind::bind(t, &self.book)).collect();
        facts::fill(bound, self.legacy, parsed);
        let own = || parsed.cells.iter().filter(|c| c.table.as_ref() == LEGACY_TABLE);
        let (expected, read) = (own().count(), own().filter(|c| c.value.is_some()).count());
        let how = format!("{} rows by label, unit and head in {} tables", parsed.legacy.len(), tables.len());
        parsed.tables.push(TableReading {
            table: LEGACY_TABLE.into(),
            present: true,
            expected: u32::try_from(expected).unwrap_or(u32::MAX),
            read: u32::try_from(read).unwrap_or(u32::MAX),
            how,
            scope: Scope::Unknown,
        });
        true
    }

    /// Reads the counts that sentences give, for the years of these tables.
    pub(crate) fn prose(&self, document: &Document, subject: &Subject<'_>, parsed: &mut Parsed) {
        if let Some(year) = subject.year.filter(|y| self.form.is_some_and(|f| f.covers(*y))) {
            prose::read(document, year, &self.legacy.prose, &self.prose, parsed);
        }
    }

    /// Whether a table is one of statistics: it prints indicators that are known, or has their shape in a report of
    /// their years.
    fn is_statistics(&self, table: &PrintedTable, year: Option<i16>) -> bool {
        const MIN_ROWS: usize = 3;
        let known = table.rows.iter().filter(|r| !self.book.find(&r.label).is_empty()).count();
        let of_the_years = year.zip(self.form).is_some_and(|(y, f)| f.covers(y));
        known >= MIN_ROWS
            || (of_the_years && (known > 0 || (table.has_units && table.rows.len() >= MIN_ROWS)))
    }
}
