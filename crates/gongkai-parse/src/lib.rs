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
mod lent;
mod pieces;
mod placed;
mod proof;
mod prose;
mod reading;
mod refusal;
mod rows;
mod sections;
mod stream;
mod subject;
mod symbols;
mod times;
mod value;
mod wrapped;

use gongkai_model::{BesideTable, Document, Finding, Parsed, Scope, TableReading};
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

/// The labels of one edition in a document, by table.
struct Seen<'r, 'b> {
    form: &'r Form,
    symbols: Vec<Vec<Symbol<'b>>>,
    /// How well they are found.
    labels: i64,
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
        let stream = Stream::of(document, &self.finder, &self.sections, &self.registry.label_rules);
        let sections = sections::sections(document, &self.sections);
        let mut parsed = Parsed { sections, ..Parsed::default() };
        let subject = Subject::of(document, self.registry);
        let year = subject.year;
        let recognition = Recognition::of(&stream, &self.book);
        let seen = self.seen(&stream, &recognition);
        let best = Self::bind(&stream, &subject, &seen)
            .into_iter()
            .filter(|b| b.read > 0 || b.labels > 0)
            .max_by_key(|b| (b.labels, year.is_some_and(|y| b.form.covers(y)), b.read, b.form.first_year));
        match best {
            Some(bound) if bound.read > 0 => {
                self.fill(&mut parsed, &stream, &bound);
                self.lend(&mut parsed, &stream, &subject, &bound, &seen);
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

    /// The labels of each edition in the document.
    fn seen<'b>(&self, stream: &Stream, recognition: &Recognition<'b>) -> Vec<Seen<'r, 'b>> {
        let mut number = 0..self.book.tables;
        let forms = self.registry.forms.iter().filter(|form| !form.tables.is_empty());
        forms
            .map(|form| {
                let own = number.by_ref().take(form.tables.len());
                let mut symbols: Vec<_> = own.map(|table| recognition.symbols(table)).collect();
                let size = |table: &FormTable| table.items.len() + table.columns.len();
                let tables = form.tables.iter().zip(&symbols);
                let labels = tables.map(|(t, s)| symbols::label_score(s, size(t))).sum();
                for (table, symbols) in form.tables.iter().zip(&mut symbols) {
                    if table.orientation == Orientation::Rows {
                        placed::place(symbols, stream, table, &self.registry.label_rules);
                    }
                }
                Seen { form, symbols, labels }
            })
            .collect()
    }

    /// The document under the edition whose labels it prints, or under each of several that it prints equally well.
    fn bind(stream: &Stream, subject: &Subject<'_>, seen: &[Seen<'r, '_>]) -> Vec<Bound<'r>> {
        let most = seen.iter().map(|s| s.labels).max().unwrap_or_default();
        // Hardly any labels tell nothing: then the rows do.
        let best = seen.iter().filter(|s| s.labels == most || most <= 0);
        best.map(|seen| {
            let choose = |(table, symbols): (&FormTable, &Vec<Symbol<'_>>)| {
                choose::choose(readings(stream, table, symbols, subject), stream, table, subject)
            };
            let tables: Vec<_> = seen.form.tables.iter().zip(&seen.symbols).map(choose).collect();
            let read = tables.iter().map(choose::Choice::score).sum();
            Bound { form: seen.form, labels: seen.labels, read, tables }
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
                    if let Some((scope, reading)) = &choice.beside {
                        let facts = facts::facts(stream, table, spec, reading);
                        let of = |f: Finding| {
                            let message = format!("in the table of scope {}: {}", scope.as_str(), f.message);
                            Finding { message, ..f }
                        };
                        parsed.findings.extend(facts.findings.into_iter().map(of));
                        let table = name.clone();
                        parsed.beside.push(BesideTable { table, scope: *scope, cells: facts.cells });
                    }
                    TableReading { table: name, present: true, expected, read, how, scope: choice.scope }
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
                        scope: Scope::Unknown,
                    }
                }
            };
            parsed.tables.push(reading);
            parsed.findings.extend(choice.findings.iter().cloned());
            parsed.refusals.extend(choice.refusals.iter().cloned());
        }
    }

    /// Rows that the document prints as another edition has them: under its columns, or rows the edition itself does not
    /// have (`（六）其他处理` of 2019 in the form of 2021).
    fn lend(
        &self,
        parsed: &mut Parsed,
        stream: &Stream,
        subject: &Subject<'_>,
        bound: &Bound<'r>,
        seen: &[Seen<'r, '_>],
    ) {
        for (table, choice) in bound.form.tables.iter().zip(&bound.tables) {
            let Some(own) = &choice.reading else { continue };
            for other in seen.iter().filter(|s| s.form.code != bound.form.code) {
                let tables = other.form.tables.iter().zip(&other.symbols);
                let Some((lender, symbols)) = tables.into_iter().find(|(t, _)| t.table == table.table) else {
                    continue;
                };
                let wanted = lent::wanted(table, own, lender);
                let spec = self.registry.table(&lender.table);
                let Some(spec) = spec.filter(|_| !wanted.is_empty()) else { continue };
                let choice =
                    choose::choose(readings(stream, lender, symbols, subject), stream, lender, subject);
                let Some(reading) = choice.reading else { continue };
                lent::add(parsed, stream, &wanted, (lender, spec, &other.form.code), &reading);
            }
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
