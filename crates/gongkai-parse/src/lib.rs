//! Document to facts: sections, form edition, table binding, cell values. Pure: same document, same facts.
//!
//! The document becomes one stream of tokens ([`stream`]), whatever its layout was. For each table of each edition
//! the stream is read by label and order ([`rows`], [`across`]), every reading is judged by how much of the form it
//! binds, and the edition whose labels the document prints is the report's. Where nothing says which of two readings is meant, the cells
//! in which they differ are NULL.

mod across;
mod choose;
mod facts;
mod head;
mod labels;
mod legacy;
mod proof;
mod prose;
mod reading;
mod rows;
mod sections;
mod stream;
mod subject;
mod symbols;
mod value;
mod wrapped;

use gongkai_model::{Document, Finding, Parsed, TableReading};
use gongkai_registry::{Form, FormTable, Orientation, Registry};
use labels::{LabelBook, LabelFinder};
use reading::Reading;
use sections::SectionBook;
use stream::{Kind, Stream};
use subject::Subject;
use symbols::{Recognition, Symbol};

/// Reads documents against the forms of a registry. Built once, used from many threads.
pub struct Parser<'r> {
    registry: &'r Registry,
    finder: LabelFinder,
    book: LabelBook<'r>,
    sections: SectionBook,
    legacy: legacy::LegacyReader<'r>,
    prose: prose::ProseReader<'r>,
}

/// What one edition of the form makes of a document.
struct Bound<'r> {
    form: &'r Form,
    tables: Vec<choose::Choice>,
    /// Labels of the edition that the document prints.
    labels: i64,
    /// Rows bound; a row refused counts as well: it was recognised.
    read: usize,
}

/// The form of a report without any statutory table.
const NARRATIVE: &str = "narrative";

impl<'r> Parser<'r> {
    /// Prepares the labels of all forms.
    pub fn new(registry: &'r Registry) -> Self {
        let book = LabelBook::of(registry.forms.iter().flat_map(|f| &f.tables), &registry.label_rules);
        let sections = SectionBook::of(&registry.sections);
        let legacy = legacy::LegacyReader::of(registry);
        let prose = prose::ProseReader::of(&registry.prose);
        Self { registry, finder: LabelFinder::of(registry), book, sections, legacy, prose }
    }

    /// Reads a document. Never fails: what cannot be read is NULL with a finding.
    pub fn parse(&self, document: &Document) -> Parsed {
        let stream = Stream::of(document, &self.finder);
        let sections = sections::sections(document, &self.sections);
        let mut parsed = Parsed { sections, ..Parsed::default() };
        let subject = Subject::of(document, &self.registry.scopes);
        let year = subject.year;
        let best =
            self.bind(&stream, &subject).into_iter().filter(|b| b.read > 0 || b.labels > 0).max_by_key(|b| {
                (b.labels, year.is_some_and(|y| b.form.covers(y)), b.read, b.form.first_year)
            });
        match best {
            Some(bound) if bound.read > 0 => {
                self.fill(&mut parsed, &stream, &bound);
                parsed.statements = self.prose.statements(&parsed.sections, year);
                return parsed;
            }
            _ if self.legacy.tables(document, &stream, &subject, &mut parsed) => {
                parsed.form = legacy::FORM.into();
            }
            // Its labels are there, but no table of them.
            Some(bound) => {
                parsed.form = self.unbound(&stream).unwrap_or(&bound.form.code).into();
                if parsed.form == bound.form.code {
                    self.fill(&mut parsed, &stream, &bound);
                }
            }
            None => parsed.form = self.unbound(&stream).unwrap_or(NARRATIVE).into(),
        }
        if matches!(&*parsed.form, legacy::FORM | NARRATIVE) {
            self.legacy.prose(document, &subject, &mut parsed);
        }
        parsed
    }

    /// The document under the edition whose labels it prints, or under each of several that it prints equally well.
    fn bind(&self, stream: &Stream, subject: &Subject<'_>) -> Vec<Bound<'r>> {
        let recognition = Recognition::of(stream, &self.book);
        let mut number = 0..self.book.tables;
        let seen: Vec<_> = self
            .registry
            .forms
            .iter()
            .filter(|form| !form.tables.is_empty())
            .map(|form| {
                let own = number.by_ref().take(form.tables.len());
                let symbols: Vec<_> = own.map(|table| recognition.symbols(table)).collect();
                let size = |table: &FormTable| table.items.len() + table.columns.len();
                let tables = form.tables.iter().zip(&symbols);
                let labels: i64 = tables.map(|(t, s)| symbols::label_score(s, size(t))).sum();
                (form, symbols, labels)
            })
            .collect();
        let most = seen.iter().map(|(_, _, labels)| *labels).max().unwrap_or_default();
        // Hardly any labels tell nothing: then the rows do.
        let best = seen.into_iter().filter(|(_, _, labels)| *labels == most || most <= 0);
        best.map(|(form, symbols, labels)| {
            let choose = |(table, symbols): (&FormTable, &Vec<Symbol<'_>>)| {
                choose::choose(readings(stream, table, symbols, subject), stream, table, subject)
            };
            let tables: Vec<_> = form.tables.iter().zip(&symbols).map(choose).collect();
            let read = tables.iter().map(choose::Choice::score).sum();
            Bound { form, labels, read, tables }
        })
        .collect()
    }

    fn fill(&self, parsed: &mut Parsed, stream: &Stream, bound: &Bound<'r>) {
        parsed.form = bound.form.code.clone();
        for (table, choice) in bound.form.tables.iter().zip(&bound.tables) {
            let expected = table.cell_count() as u32;
            let name = table.table.clone();
            let reading = match (&choice.reading, self.registry.table(&table.table)) {
                (Some(reading), Some(spec)) => {
                    let facts = facts::facts(stream, table, spec, reading);
                    let read = facts.cells.iter().filter(|c| c.value.is_some()).count() as u32;
                    let (rows, refused) = reading.counts();
                    parsed.cells.extend(facts.cells);
                    parsed.findings.extend(facts.findings);
                    let how = format!("{rows} rows by label and order, {refused} refused");
                    TableReading { table: name, present: true, expected, read, how }
                }
                _ => {
                    let message = format!(
                        "the table {} of form {} is not printed, or not recognised",
                        table.table, bound.form.code
                    );
                    let address =
                        gongkai_model::CellAddress { table: Some(name.clone()), ..Default::default() };
                    parsed.findings.push(Finding::at("GK206", address, message));
                    TableReading {
                        table: name,
                        present: false,
                        expected,
                        read: 0,
                        how: "not found".to_owned(),
                    }
                }
            };
            parsed.tables.push(reading);
            parsed.findings.extend(choice.findings.iter().cloned());
            parsed.refusals.extend(choice.refusals.iter().cloned());
        }
    }

    /// The form of a document without any table that is described: one that betrays itself by its words, or none.
    fn unbound(&self, stream: &Stream) -> Option<&str> {
        /// One word may be a coincidence.
        const MIN_MARKS: usize = 2;
        let marks = |form: &Form| {
            let words = stream.tokens.iter().filter_map(|t| match &t.kind {
                Kind::Words(key) => Some(key),
                Kind::Value(_) => None,
            });
            let mut found: Vec<&String> = words.filter(|k| form.marks.contains(k)).collect();
            found.sort_unstable();
            found.dedup();
            let run = |m: &&String| {
                stream.tokens.iter().any(|t| t.raw.chars().nth(200).is_some() && t.raw.contains(m.as_str()))
            };
            found.len().max(form.marks.iter().filter(run).count())
        };
        let form = self.registry.forms.iter().find(|f| !f.marks.is_empty() && marks(f) >= MIN_MARKS);
        form.map(|f| f.code.as_ref())
    }
}

fn readings(
    stream: &Stream,
    table: &FormTable,
    symbols: &[Symbol<'_>],
    subject: &Subject<'_>,
) -> Vec<Reading> {
    match table.orientation {
        Orientation::Rows => rows::read(stream, table, symbols, subject),
        Orientation::Across => across::read(stream, table, symbols),
    }
}
