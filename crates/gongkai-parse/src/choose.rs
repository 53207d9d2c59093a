//! Which of the readings of a table is the report's.
//!
//! A table cut in parts (one small table a group of rows, a head repeated at a page break) gives several readings of
//! different rows: they are joined. A second table of the same rows (last year's, a summary of all bodies) is told apart
//! by its caption; where no caption decides, no figure is taken from either but those in which both agree.

use crate::proof::row_holds;
use crate::reading::{Cells, Reading, RowReading};
use crate::refusal::Refusal;
use crate::stream::{LineKind, Stream};
use crate::subject::Subject;
use gongkai_model::{CellAddress, Finding, Number, Scope};
use gongkai_registry::{Axis, FormTable};

/// The reading chosen for a table, if any, and what is to be said about the others.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// The reading.
    pub reading: Option<Reading>,
    /// For whom it counts, as far as its caption says.
    pub scope: Scope,
    /// The reading of another such table, and for whom that one counts.
    pub beside: Option<(Scope, Reading)>,
    /// Doubts.
    pub findings: Vec<Finding>,
    /// Readings and rows not used.
    pub refusals: Vec<gongkai_model::Refusal>,
}

impl Choice {
    /// How much of the form the reading binds.
    pub(crate) fn score(&self) -> usize {
        self.reading.as_ref().map_or(0, score)
    }
}

/// A row read weighs more than a row only recognised.
fn score(reading: &Reading) -> usize {
    let (read, refused) = reading.counts();
    2 * read + refused
}

/// A reading with what the caption above it says it is about.
struct Candidate<'r> {
    reading: Reading,
    caption: Subject<'r>,
}

/// Chooses the reading of a table.
pub(crate) fn choose(
    readings: Vec<Reading>,
    stream: &Stream,
    table: &FormTable,
    subject: &Subject<'_>,
) -> Choice {
    let mut choice = Choice::default();
    let candidates = joined(captioned(readings, stream, subject));
    let (subject, beside) = scopes(&candidates, subject);
    let (others, candidates): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|c| beside.is_some_and(|beside| is_of(&c.caption, &beside)));
    if let Some(beside) = beside {
        // What is said of it is said again where it is taken for the other.
        let mut other = Choice::default();
        other.pick(others, stream, table, &beside);
        match other.reading {
            Some(reading) => {
                let scope = beside.scope_named();
                let (code, line) = (scope.as_str(), reading.first_line);
                let message =
                    format!("another such table, from line {line}, is kept beside it with scope {code}");
                choice.note("GK214", table, message);
                choice.beside = Some((scope, reading));
            }
            None => {
                choice.refusals.append(&mut other.refusals);
                let message = "another such table is about another year or scope";
                choice.note("GK214", table, message.to_owned());
            }
        }
    }
    let candidates = on_subject(candidates, &subject, table, &mut choice);
    choice.pick(candidates, stream, table, &subject);
    choice
}

/// What the report's own table is about, and what another one of the document is that is kept beside it: where captions
/// name two scopes, the title says which is the report's; where it does not, that of all bodies.
fn scopes<'r>(candidates: &[Candidate<'r>], subject: &Subject<'r>) -> (Subject<'r>, Option<Subject<'r>>) {
    let whole = subject.position(Scope::Whole);
    let captioned = |scope: Option<usize>| {
        scope.is_some() && candidates.iter().any(|c| is_of(&c.caption, &subject.with_scope(scope)))
    };
    let own = subject.position(Scope::Own);
    let main = match subject.scope {
        None if captioned(whole) && captioned(own) => whole,
        None => return (*subject, None),
        scope => scope,
    };
    let other = if main == whole { own } else { whole };
    let beside = captioned(other).then(|| subject.with_scope(other));
    (subject.with_scope(main), beside)
}

/// Whether a caption names the scope of a subject, and contradicts nothing else of it.
fn is_of(caption: &Subject<'_>, subject: &Subject<'_>) -> bool {
    caption.scope.is_some() && caption.scope == subject.scope && !caption.contradicts(subject)
}

impl Choice {
    /// Chooses among candidates that all may be the table.
    fn pick(
        &mut self,
        candidates: Vec<Candidate<'_>>,
        stream: &Stream,
        table: &FormTable,
        subject: &Subject<'_>,
    ) {
        let (mut readings, mut captions): (Vec<Reading>, Vec<Subject<'_>>) =
            candidates.into_iter().map(|c| (c.reading, c.caption)).unzip();
        readings.iter_mut().for_each(|r| prove_headless(r, stream, table));
        readings.iter_mut().for_each(|r| refute_lost_columns(r, stream, table));
        if subject.scope.is_some() {
            readings.iter_mut().for_each(|r| refuse_runs(r, stream));
        }
        let best = readings.iter().map(score).max().unwrap_or_default();
        let Some(at) = readings.iter().position(|r| score(r) == best) else { return };
        let (mut chosen, caption) = (readings.remove(at), captions.remove(at));
        for rival in &readings {
            disagree(&mut chosen, rival, stream, table, self);
        }
        let whole_head = || chosen.rows.iter().any(|row| is_under_whole_head(row, table));
        let proved = || proves_itself(&chosen, stream, table);
        if is_table(&chosen, table) || breaks_off(&chosen, stream) || whole_head() || proved() {
            self.reading = Some(chosen);
            // Beside another, or under a title that says the same, a word is enough.
            let told = caption.scope.is_some() && caption.scope == subject.scope;
            self.scope = if told { caption.scope_named() } else { caption.said };
        } else {
            self.refuse(table, &chosen, "too few rows of the form stand together");
        }
    }
}

/// Running text shows no captions: where the title names a scope, it is not certain that its figures are of that scope.
fn refuse_runs(reading: &mut Reading, stream: &Stream) {
    let run = |row: &RowReading| {
        let line = stream.lines.iter().find(|l| row.printed.first().is_some_and(|t| l.tokens.contains(t)));
        line.is_some_and(|l| l.kind == LineKind::Run)
    };
    for row in reading.rows.iter_mut().filter(|r| r.refusal.is_none()) {
        if run(row) {
            row.refusal = Some(Refusal::ScopeUnsaid);
        }
    }
}

/// A table of the form shows itself by at least a third of its rows, of which it must be possible to read one, or by
/// most of them.
fn is_table(reading: &Reading, table: &FormTable) -> bool {
    let (read, refused) = reading.counts();
    let rows = read + refused;
    rows >= table.items.len().div_ceil(3) && (read > 0 || rows * 2 > table.items.len())
}

/// Whether a row is read under a head that names every column the form gives it, and enough of them to be no accident:
/// it shows the table however early the page is cut off.
fn is_under_whole_head(row: &RowReading, table: &FormTable) -> bool {
    const MIN_COLUMNS: usize = 5;
    let columns = table.columns_of(row.item).len();
    columns >= MIN_COLUMNS && row.refusal.is_none() && !row.head_missing && row.columns.len() == columns
}

/// Whether enough rows follow one another as in the form, and in each of them the form's sums hold over more than zeros: they
/// show the table without its head and its other rows.
fn proves_itself(reading: &Reading, stream: &Stream, table: &FormTable) -> bool {
    const MIN_ROWS: usize = 4;
    let holds = |row: &RowReading| match &row.cells {
        Cells::Tokens(tokens) => row_holds(stream, table, &row.columns, tokens) == Some(true),
        Cells::Zeros { .. } => false,
    };
    let telling = |row: &RowReading| row.figures(stream).iter().flatten().any(|n| !n.is_zero());
    let follow = reading.rows.windows(2).all(|w| matches!(w, [a, b] if a.item + 1 == b.item));
    let read = || reading.rows.iter().filter(|r| r.refusal.is_none());
    follow && read().all(holds) && read().filter(|r| telling(r)).count() >= MIN_ROWS
}

/// Lines behind the last row that can be read before a page is cut off: the head of the rows to come.
const MAX_CUT: usize = 6;

/// The first rows of a table in which the document ends: their head shows what they are.
fn breaks_off(reading: &Reading, stream: &Stream) -> bool {
    let headed =
        reading.rows.iter().any(|r| r.refusal.is_none()) && reading.rows.iter().all(|r| !r.head_missing);
    headed && reading.last_line + MAX_CUT >= stream.lines.len()
}

impl Choice {
    fn refuse(&mut self, table: &FormTable, reading: &Reading, why: &str) {
        /// Labels that tell a person which table is meant.
        const SHOWN: usize = 3;
        let labels: Vec<&str> = reading.rows.iter().map(|r| r.label.as_str()).take(SHOWN).collect();
        self.refusals.push(gongkai_model::Refusal {
            what: format!("{} from line {}: {}", table.table, reading.first_line, labels.join(", ")),
            why: why.to_owned(),
        });
    }

    fn note(&mut self, code: &'static str, table: &FormTable, message: String) {
        let address = CellAddress { table: Some(table.table.clone()), ..Default::default() };
        self.findings.push(Finding::at(code, address, message));
    }
}

/// Each reading with its caption: what stands above it, but below the reading before.
fn captioned<'r>(readings: Vec<Reading>, stream: &Stream, subject: &Subject<'r>) -> Vec<Candidate<'r>> {
    let mut below = 0;
    let mut last: Option<(usize, Subject<'r>)> = None;
    readings
        .into_iter()
        .map(|reading| {
            let mut caption = subject.of_caption(stream, reading.first_line, below);
            below = reading.last_line + 1;
            // What stands over a head stands over all rows under it, whatever is printed among them.
            let over = last.filter(|(head, _)| reading.head == Some(*head)).map(|(_, caption)| caption);
            if let Some(over) = over {
                caption = caption.under(&over);
            }
            last = reading.head.map(|head| (head, caption));
            let caption = caption.with_labels(stream, reading.first_line, reading.last_line).with_note(
                stream,
                reading.last_line + 1,
                subject,
            );
            Candidate { reading, caption }
        })
        .collect()
}

/// Joins readings that print different rows, as long as no caption between them says that something else begins.
fn joined(candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut whole: Vec<Candidate<'_>> = Vec::new();
    for part in candidates {
        let apart = |c: &Candidate<'_>| {
            !part.reading.rows.is_empty()
                && part.reading.rows.iter().all(|r| c.reading.rows.iter().all(|o| o.item != r.item))
        };
        let same = |c: &Candidate<'_>| part.caption.adds_nothing_to(&c.caption);
        // Rows printed once more under one caption, with none of their own: of what they are is open.
        let again = |c: &Candidate<'_>| c.caption.names_something() && !apart(c) && same(c);
        let open = whole.last().is_some_and(again);
        match whole.iter_mut().rev().find(|c| !open && apart(c) && same(c) && !is_stray(&c.reading)) {
            Some(c) => {
                c.reading.rows.extend(part.reading.rows);
                c.reading.last_line = part.reading.last_line;
            }
            None => whole.push(part),
        }
    }
    whole
}

/// Rows without a head of which none can be read: words of the form in some other table, to which nothing is joined.
fn is_stray(reading: &Reading) -> bool {
    reading.rows.iter().all(|r| r.head_missing && r.refusal.is_some())
}

/// Leaves out readings whose caption names another scope than the title, or another year: it may be left over from the report
/// before, or the figures are.
fn on_subject<'r>(
    candidates: Vec<Candidate<'r>>,
    subject: &Subject<'_>,
    table: &FormTable,
    choice: &mut Choice,
) -> Vec<Candidate<'r>> {
    let (mut other, mut own): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|c| c.caption.contradicts(subject));
    // The part's caption may be that of the table further down which shows none.
    if other.iter().any(|c| c.caption.stacked) {
        other.extend(own.extract_if(.., |c| !c.caption.names_something()));
    }
    for candidate in other {
        choice.refuse(table, &candidate.reading, "its caption names another year or scope than the title");
        let line = candidate.reading.first_line;
        let message = format!("another such table, from line {line}, is about another year or scope");
        choice.note("GK214", table, message);
    }
    own
}

/// Rows without a head over them are read in the form's order only where the form's arithmetic proves that order: in
/// most rows that print anything but zeros.
fn prove_headless(reading: &mut Reading, stream: &Stream, table: &FormTable) {
    let holds = |row: &RowReading| match &row.cells {
        Cells::Tokens(tokens) => row_holds(stream, table, &row.columns, tokens) == Some(true),
        Cells::Zeros { .. } => false,
    };
    let telling = |row: &&RowReading| {
        let zero = |n: &Option<Number>| n.is_none_or(Number::is_zero);
        row.head_missing && row.refusal.is_none() && !row.figures(stream).iter().all(zero)
    };
    let rows = reading.rows.iter().filter(telling).count();
    let proved = reading.rows.iter().filter(telling).filter(|r| holds(r)).count();
    /// Share of the rows that must hold, in quarters: a wrong total here and there proves nothing against the order.
    const QUARTERS: usize = 3;
    let zero = |n: &Option<Number>| n.is_some_and(Number::is_zero);
    let headless = |r: &&RowReading| r.head_missing && r.refusal.is_none();
    // Zeros are the same in any order.
    let zeros = rows == 0 && reading.rows.iter().filter(headless).all(|r| r.figures(stream).iter().all(zero));
    if !zeros && (proved == 0 || proved * 4 < rows * QUARTERS) {
        for row in reading.rows.iter_mut().filter(|r| r.head_missing && r.refusal.is_none()) {
            row.refusal = Some(Refusal::OrderUnproved);
        }
    }
}

/// Where a head lacks one of the kinds before the total, no row's printed kinds can add up to more than its total: if
/// one does, the figures are not those columns'.
fn refute_lost_columns(reading: &mut Reading, stream: &Stream, table: &FormTable) {
    let lacks_a_part = |row: &RowReading| {
        let statutory = table.columns_of(row.item);
        let last = statutory.last() == row.columns.last();
        row.refusal.is_none() && last && row.columns.len() > 2 && row.columns.len() < statutory.len()
    };
    let exceeds = |row: &RowReading| {
        let figures = row.figures(stream);
        let Some((total, parts)) = figures.split_last() else { return false };
        let sum: Option<Number> = parts.iter().copied().sum();
        // Columns without a total among them add up to nothing.
        row_totals(row, table) && matches!((sum, total), (Some(sum), Some(total)) if sum > *total)
    };
    if reading.rows.iter().any(|row| lacks_a_part(row) && exceeds(row)) {
        let rows = reading.rows.iter_mut().filter(|row| lacks_a_part(row));
        rows.for_each(|row| row.refusal = Some(Refusal::HeadUnclear));
    }
}

/// Whether the last of a row's columns is, by the form, the total of others.
fn row_totals(row: &RowReading, table: &FormTable) -> bool {
    let last = row.columns.last().and_then(|c| table.columns.get(*c)).map(|c| &c.code);
    table.identities.iter().any(|i| i.axis == Axis::Row && i.left.len() == 1 && i.left.first() == last)
}

/// Refuses rows of the chosen reading where another prints them otherwise; all rows, where the other is as much a table
/// of the form.
fn disagree(chosen: &mut Reading, rival: &Reading, stream: &Stream, table: &FormTable, choice: &mut Choice) {
    let same = |row: &RowReading, other: &RowReading| row.figures(stream) == other.figures(stream);
    let other =
        |row: &RowReading| rival.rows.iter().find(|r| r.item == row.item && r.refusal.is_none()).cloned();
    let conflict = |row: &RowReading| other(row).is_some_and(|o| !same(row, &o));
    let read: Vec<&RowReading> = chosen.rows.iter().filter(|r| r.refusal.is_none()).collect();
    let agreeing = read.iter().filter(|r| other(r).is_some_and(|o| same(r, &o))).count();
    let twice = agreeing * 2 > read.len() && !read.iter().any(|r| conflict(r));
    // Rows under a head of the form are a table, however little of it can be read.
    let headed = rival.rows.is_empty() || rival.rows.iter().any(|r| !r.columns.is_empty() && !r.head_missing);
    let rows_enough = rival.rows.len() >= table.items.len().div_ceil(3);
    // So are the first of them where the document breaks off.
    let broken_off = rival.last_line + 1 >= stream.lines.len() && rival.head != chosen.head;
    let whole = (is_table(rival, table) || (headed && (rows_enough || broken_off))) && !twice;
    let mut differing = 0;
    for row in chosen.rows.iter_mut().filter(|r| r.refusal.is_none()) {
        let agrees = other(row).is_some_and(|o| same(row, &o));
        if conflict(row) || (whole && !agrees) {
            row.refusal = Some(Refusal::TwoTables);
            differing += 1;
        }
    }
    choice.refuse(table, rival, if differing > 0 { "differs from the first" } else { "says nothing else" });
    if differing > 0 {
        let message = format!(
            "the document holds two such tables, and {differing} of their rows differ: it is not certain which is the report's"
        );
        choice.note("GK210", table, message);
    }
}
