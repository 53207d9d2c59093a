//! What comes out of every stage where the truth is known: right, nothing, or wrong.

use gongkai_generator::{Certainty, TrueCell};
use gongkai_model::{CellFact, Number, Parsed, Place, Resolution};
use gongkai_registry::{NARRATIVE_COLUMN, StageAccuracy};
use std::collections::BTreeMap;

/// The stages in the order of a document's way, and what is compared in each; see `docs/decisions/0015-accuracy-by-stage.md`.
pub(crate) const STAGES: [(&str, &str); 9] = [
    ("verdict", "documents: whether one is an annual report, and why not"),
    ("table", "tables of which a figure is printed: found or not"),
    ("grid", "rows of which a figure is printed: bound to a place in the document or not"),
    ("binding", "printed figures: whether the text bound to the cell is the one printed for it, read or not"),
    ("value", "printed figures: the number"),
    ("sentence", "counts given in sentences: the number"),
    ("agency", "reports: the full name"),
    ("place", "reports: codes of province, city and county, and the township where it is labelled"),
    ("year", "reports: the year"),
];

/// What was read where something is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Right,
    Null,
    Wrong,
}

impl Outcome {
    /// Of one thing: nothing read is NULL, unless there is nothing.
    pub(crate) fn of<T: PartialEq>(truth: Option<T>, read: Option<T>) -> Self {
        match (truth, read) {
            (truth, read) if truth == read => Self::Right,
            (_, None) => Self::Null,
            _ => Self::Wrong,
        }
    }

    /// Of several: wrong if one is, else NULL if one is.
    pub(crate) fn all(each: impl IntoIterator<Item = Self>) -> Self {
        each.into_iter().fold(Self::Right, |all, one| match (all, one) {
            (Self::Wrong, _) | (_, Self::Wrong) => Self::Wrong,
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            _ => Self::Right,
        })
    }
}

/// Counts by stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stages(BTreeMap<&'static str, [u64; 3]>);

impl Stages {
    pub(crate) fn note(&mut self, stage: &'static str, outcome: Outcome) {
        let [right, null, wrong] = self.0.entry(stage).or_default();
        *match outcome {
            Outcome::Right => right,
            Outcome::Null => null,
            Outcome::Wrong => wrong,
        } += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (stage, counts) in &other.0 {
            let own = self.0.entry(stage).or_default();
            own.iter_mut().zip(counts).for_each(|(own, other)| *own += other);
        }
    }

    /// The counts as rows of `data/accuracy/measured.toml`.
    pub(crate) fn rows(&self, set: &str) -> Vec<StageAccuracy> {
        let row = |(stage, _): &(&'static str, &str)| {
            let [right, null, wrong] = *self.0.get(stage)?;
            let (set, stage, n) = (set.to_owned(), (*stage).to_owned(), right + null + wrong);
            Some(StageAccuracy { set, stage, n, right, null, wrong })
        };
        STAGES.iter().filter_map(row).collect()
    }

    /// Tables, rows and figures of a document; nothing was read of one that could not be read.
    pub(crate) fn of_cells(&mut self, truth: &[TrueCell], parsed: Option<&Parsed>) {
        let cells = parsed.map_or(&[][..], |p| &p.cells);
        let facts: BTreeMap<_, &CellFact> =
            cells.iter().rev().map(|c| ((&*c.table, &*c.item, &*c.column), c)).collect();
        let fact = |c: &TrueCell| facts.get(&(&*c.table, &*c.item, &*c.column)).copied();
        let (told, printed): (Vec<&TrueCell>, Vec<&TrueCell>) =
            truth.iter().partition(|c| &*c.column == NARRATIVE_COLUMN);
        told.iter().for_each(|c| self.note_some("sentence", value(c.certainty, fact(c))));
        let found =
            |table: &str| parsed.is_some_and(|p| p.tables.iter().any(|t| t.present && &*t.table == table));
        for table in printed.chunk_by(|a, b| a.table == b.table) {
            let name = table.first().map_or("", |c| &c.table);
            self.note_some("table", group(table, fact, || found(name)));
        }
        for row in printed.chunk_by(|a, b| a.table == b.table && a.item == b.item) {
            let placed = || row.iter().any(|c| fact(c).is_some_and(|f| f.source.is_some()));
            self.note_some("grid", group(row, fact, placed));
        }
        for cell in printed {
            self.note_some("binding", binding(cell.certainty, fact(cell)));
            self.note_some("value", value(cell.certainty, fact(cell)));
        }
    }

    fn note_some(&mut self, stage: &'static str, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            self.note(stage, outcome);
        }
    }

    /// Agency, place and year of a report; of the place the codes that are labelled.
    pub(crate) fn of_report(
        &mut self,
        agency: &str,
        year: i16,
        codes: &[(Code, Option<&str>)],
        read: &Resolution,
    ) {
        self.note("agency", Outcome::of(Some(agency), read.agency_name.as_deref()));
        self.note("year", Outcome::of(Some(year), read.year));
        let code = |(code, truth): &(Code, Option<&str>)| Outcome::of(*truth, code(&read.place));
        self.note("place", Outcome::all(codes.iter().map(code)));
    }
}

/// One of the codes of a place.
pub(crate) type Code = fn(&Place) -> Option<&str>;

/// Of a table or row: whether it was found, where one of its figures is certainly printed; wrong where none is printed at all
/// and one was read.
fn group<'f>(
    cells: &[&TrueCell],
    fact: impl Fn(&TrueCell) -> Option<&'f CellFact>,
    found: impl Fn() -> bool,
) -> Option<Outcome> {
    if cells.iter().any(|c| matches!(c.certainty, Certainty::Certain(_))) {
        return Some(if found() { Outcome::Right } else { Outcome::Null });
    }
    let nothing = cells.iter().all(|c| c.certainty == Certainty::Absent);
    let read = cells.iter().any(|c| fact(c).is_some_and(|f| f.value.is_some()));
    (nothing && read).then_some(Outcome::Wrong)
}

/// Of a figure that is certainly printed; of others only what is wrong.
fn value(certainty: Certainty, fact: Option<&CellFact>) -> Option<Outcome> {
    let read = fact.and_then(|f| f.value);
    match certainty {
        _ if certainty.is_wrong(read) => Some(Outcome::Wrong),
        Certainty::Certain(n) => Some(Outcome::of(Some(n), read)),
        _ => None,
    }
}

/// As [`value`], and right as well where the text is that of the figure and the number was left out.
fn binding(certainty: Certainty, fact: Option<&CellFact>) -> Option<Outcome> {
    let text = fact.and_then(|f| plain(&f.raw));
    match (certainty, value(certainty, fact)?) {
        (Certainty::Certain(n), Outcome::Null) => Some(Outcome::of(Some(n), text)),
        (_, outcome) => Some(outcome),
    }
}

/// The number of a text that holds one and nothing else, but perhaps blanks and separators.
fn plain(raw: &str) -> Option<Number> {
    let ascii = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - 0xfee0),
        ',' | '，' => None,
        c => (!c.is_whitespace()).then_some(c),
    };
    Number::parse_plain(&raw.chars().filter_map(ascii).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_model::{CellStatus, SourcePlace, TableReading};

    fn number(n: i64) -> Number {
        Number::from_integer(n)
    }

    fn printed(item: &str, certainty: Certainty) -> TrueCell {
        TrueCell { table: "t".into(), item: item.into(), column: "c".into(), certainty }
    }

    fn fact(item: &str, raw: &str, value: Option<i64>) -> CellFact {
        let place = SourcePlace { table: None, row: 0, column: 0, bytes: None };
        CellFact {
            table: "t".into(),
            item: item.into(),
            column: "c".into(),
            status: CellStatus::Number,
            value: value.map(number),
            raw: raw.to_owned(),
            label: None,
            source: Some(place),
        }
    }

    #[test]
    fn every_stage_counts_what_it_answers_for() {
        use Certainty::{Absent, Certain, Open};
        let truth = [
            printed("read", Certain(number(1))),
            printed("refused", Certain(number(2))),
            printed("lost", Certain(number(3))),
            printed("wrong", Certain(number(4))),
            printed("blank", Absent),
            printed("open", Open(Some(number(6)))),
            printed("invented", Absent),
        ];
        let cells = vec![
            fact("read", "1", Some(1)),
            fact("refused", "２", None),
            fact("wrong", "5", Some(5)),
            fact("invented", "7", Some(7)),
        ];
        let table = TableReading {
            table: "t".into(),
            present: true,
            expected: 7,
            read: 3,
            how: String::new(),
            scope: gongkai_model::Scope::Unknown,
        };
        let parsed = Parsed { cells, tables: vec![table], ..Parsed::default() };
        let mut stages = Stages::default();
        stages.of_cells(&truth, Some(&parsed));
        let rows = stages.rows("s");
        let counts: Vec<(&str, u64, u64, u64)> =
            rows.iter().map(|r| (r.stage.as_str(), r.right, r.null, r.wrong)).collect();
        assert_eq!(counts, [("table", 1, 0, 0), ("grid", 3, 1, 1), ("binding", 2, 1, 2), ("value", 1, 2, 2)]);
        assert!(rows.iter().all(|r| r.n == r.right + r.null + r.wrong && r.set == "s"));

        let mut nothing = Stages::default();
        nothing.of_cells(&truth, None);
        let counts: Vec<(u64, u64, u64)> =
            nothing.rows("s").iter().map(|r| (r.right, r.null, r.wrong)).collect();
        assert_eq!(counts, [(0, 1, 0), (0, 4, 0), (0, 4, 0), (0, 4, 0)]);
    }

    #[test]
    fn a_place_is_wrong_where_one_of_its_codes_is_and_null_where_one_is_missing() {
        let of = |truth: [Option<&str>; 2], read: [Option<&str>; 2]| {
            Outcome::all(truth.into_iter().zip(read).map(|(t, r)| Outcome::of(t, r)))
        };
        let truth = [Some("340000"), None];
        assert_eq!(of(truth, truth), Outcome::Right);
        assert_eq!(of(truth, [None, None]), Outcome::Null);
        assert_eq!(of(truth, [None, Some("341500")]), Outcome::Wrong);
    }
}
