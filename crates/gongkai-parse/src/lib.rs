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
mod likeness;
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
mod words;
mod wrapped;

use gongkai_model::{BesideTable, Document, Finding, Parsed, Scope, TableReading};
use gongkai_registry::{Form, FormTable, LabelRules, Orientation, Registry, is_longer};
use labels::{LabelBook, LabelFinder, Name};
use sections::SectionBook;
use stream::{Kind, Stream};
use subject::Subject;
use symbols::{Recognition, Symbol, SymbolKind};
use words::TableWords;

/// Reads documents against the forms of a registry. Built once, used from many threads.
pub struct Parser<'r> {
    registry: &'r Registry,
    finder: LabelFinder,
    book: LabelBook<'r>,
    /// The words of the tables, in the order of the book.
    words: Vec<TableWords<'r>>,
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

/// The labels of one edition in a document.
struct Seen<'p, 'b> {
    form: &'p Form,
    tables: Vec<SeenTable<'p, 'b>>,
    /// Whether words in the place of labels have been named.
    placed: bool,
    /// How well they are found.
    labels: i64,
}

/// The labels of one table in a document.
struct SeenTable<'p, 'b> {
    words: &'p TableWords<'p>,
    symbols: Vec<Symbol<'b>>,
}

impl SeenTable<'_, '_> {
    /// The reading of the table that the document offers.
    fn choose(&self, stream: &Stream, subject: &Subject<'_>) -> choose::Choice {
        let Self { words, symbols } = self;
        let readings = match words.table.orientation {
            Orientation::Rows => rows::read(stream, words, symbols, subject),
            Orientation::Across => across::read(stream, words, symbols),
        };
        choose::choose(readings, stream, words.table, subject)
    }

    /// Whether the label of one of some items is printed, outside of heads: never wrongly no.
    fn has(&self, items: &[usize]) -> bool {
        let wanted = |n: &Name| matches!(n, Name::Item(i) if items.contains(i));
        let of_head = |n: &Name| matches!(n, Name::Column(_) | Name::Heading(_));
        let runs_across = self.words.table.orientation == Orientation::Across;
        let value = |s: &Symbol<'_>| matches!(s.kind, SymbolKind::Value);
        let before_values = |at: usize, line: usize| {
            let behind = self.symbols.get(at + 1..).unwrap_or_default();
            behind.first().is_some_and(value) || behind.iter().take_while(|s| s.line == line).any(value)
        };
        self.symbols.iter().enumerate().any(|(at, s)| match &s.kind {
            SymbolKind::Label(l) if l.names.iter().any(wanted) => {
                runs_across || !l.names.iter().any(of_head) || before_values(at, s.last_line)
            }
            _ => false,
        })
    }
}

impl Seen<'_, '_> {
    /// Names the words that stand in the place of labels.
    fn place(&mut self, stream: &Stream, rules: &LabelRules) {
        if !std::mem::replace(&mut self.placed, true) {
            let rows = |t: &&mut SeenTable<'_, '_>| t.words.table.orientation == Orientation::Rows;
            let place = |t: &mut SeenTable<'_, '_>| placed::place(&mut t.symbols, stream, t.words, rules);
            self.tables.iter_mut().filter(rows).for_each(place);
        }
    }
}

/// The form of a report without any statutory table.
const NARRATIVE: &str = "narrative";

impl<'r> Parser<'r> {
    /// Prepares the labels of all forms.
    pub fn new(registry: &'r Registry) -> Self {
        let book = LabelBook::of(registry.forms.iter().flat_map(|f| &f.tables), &registry.label_rules);
        let words = registry.forms.iter().flat_map(|f| &f.tables).map(TableWords::of).collect();
        let sections = SectionBook::of(&registry.sections);
        let legacy = legacy::LegacyReader::of(registry);
        let prose = prose::ProseReader::of(&registry.prose);
        Self { registry, finder: LabelFinder::of(registry), book, words, sections, legacy, prose }
    }

    /// Reads a document. Never fails: what cannot be read is NULL with a finding.
    pub fn parse(&self, document: &Document) -> Parsed {
        let stream = Stream::of(document, &self.finder, &self.sections, &self.registry.label_rules);
        let sections = sections::sections(document, &self.sections);
        let mut parsed = Parsed { sections, ..Parsed::default() };
        let subject = Subject::of(document, self.registry);
        let year = subject.year;
        let recognition = Recognition::of(&stream, &self.book);
        let mut seen = self.seen(&recognition);
        let best = self
            .bind(&stream, &subject, &mut seen)
            .into_iter()
            .filter(|b| b.read > 0 || b.labels > 0)
            .max_by_key(|b| (b.labels, year.is_some_and(|y| b.form.covers(y)), b.read, b.form.first_year));
        match best {
            Some(bound) if bound.read > 0 => {
                self.fill(&mut parsed, &stream, &bound);
                self.lend(&mut parsed, &stream, &subject, &bound, &mut seen);
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
    fn seen<'b>(&self, recognition: &Recognition<'b>) -> Vec<Seen<'_, 'b>> {
        let mut words = self.words.iter().enumerate();
        let forms = self.registry.forms.iter().filter(|form| !form.tables.is_empty());
        forms
            .map(|form| {
                let own = words.by_ref().take(form.tables.len());
                let tables: Vec<_> = own
                    .map(|(number, words)| SeenTable { words, symbols: recognition.symbols(number) })
                    .collect();
                let size = |table: &FormTable| table.items.len() + table.columns.len();
                let score = |t: &SeenTable<'_, '_>| symbols::label_score(&t.symbols, size(t.words.table));
                let labels = tables.iter().map(score).sum();
                Seen { form, tables, placed: false, labels }
            })
            .collect()
    }

    /// The document under the edition whose labels it prints, or under each of several that it prints equally well.
    fn bind<'p>(&self, stream: &Stream, subject: &Subject<'_>, seen: &mut [Seen<'p, '_>]) -> Vec<Bound<'p>> {
        let most = seen.iter().map(|s| s.labels).max().unwrap_or_default();
        // Hardly any labels tell nothing: then the rows do.
        let best = seen.iter_mut().filter(|s| s.labels == most || most <= 0);
        best.map(|seen| {
            seen.place(stream, &self.registry.label_rules);
            let tables: Vec<_> = seen.tables.iter().map(|t| t.choose(stream, subject)).collect();
            let read = tables.iter().map(choose::Choice::score).sum();
            Bound { form: seen.form, labels: seen.labels, read, tables }
        })
        .collect()
    }

    fn fill(&self, parsed: &mut Parsed, stream: &Stream, bound: &Bound<'_>) {
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
        bound: &Bound<'_>,
        seen: &mut [Seen<'_, '_>],
    ) {
        for (table, choice) in bound.form.tables.iter().zip(&bound.tables) {
            let Some(own) = &choice.reading else { continue };
            for other in seen.iter_mut().filter(|s| s.form.code != bound.form.code) {
                let lender = |t: &&FormTable| t.table == table.table;
                let Some(lender) = other.form.tables.iter().find(lender) else { continue };
                let wanted = lent::wanted(table, own, lender);
                let spec = self.registry.table(&lender.table);
                let Some(spec) = spec.filter(|_| !wanted.is_empty()) else { continue };
                other.place(stream, &self.registry.label_rules);
                let printed = other.tables.iter().find(|t| t.words.table.table == table.table);
                let Some(printed) = printed.filter(|t| t.has(&wanted)) else { continue };
                let Some(reading) = printed.choose(stream, subject).reading else { continue };
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
                stream.tokens.iter().any(|t| is_longer(&t.raw, 200) && t.raw.contains(m.as_str()))
            };
            found.len().max(form.marks.iter().filter(run).count())
        };
        let form = self.registry.forms.iter().find(|f| !f.marks.is_empty() && marks(f) >= MIN_MARKS);
        form.map(|f| f.code.as_ref())
    }
}
