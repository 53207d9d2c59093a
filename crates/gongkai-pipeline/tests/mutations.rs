//! Whichever one cell is printed otherwise that stands in a sum of the form, a finding must name its row or its column, in
//! every layout and in every edition. Which cells those are is read from the identities in `data/forms/`, so a new one is tested
//! as soon as it is written down. Today they are all cells of tables 2 and 3; those of table 1 stand in sums between years only.
//!
//! The documents are printed from known figures; one figure at a time is changed in the document itself, which is then
//! read from its bytes again. The changed cell may be read as it is printed now, or left unread; never as it was.

#![allow(clippy::unwrap_used)]

mod mutation;

use gongkai_audit::audit;
use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{Charset, Damage, Layout, Spec, print};
use gongkai_model::{ByteRange, CellFact, Finding, Number, Parsed};
use gongkai_parse::Parser;
use gongkai_registry::{Axis, FormTable, Registry};
use mutation::{changed, page::Page};
use std::sync::LazyLock;

static PARSER: LazyLock<Parser<'static>> = LazyLock::new(|| Parser::new(Registry::embedded()));
const FORMS: [&str; 2] = ["2019", "2021"];

/// What is read of a document, with the findings of parser and rules.
fn read(bytes: &[u8], name: &str) -> Parsed {
    let document = extract(bytes, &Hints { charset: None, path: name }, &Limits::default()).unwrap();
    let mut parsed = PARSER.parse(&document);
    let audited = audit(Registry::embedded(), &parsed, None);
    parsed.findings.extend(audited.findings);
    parsed
}

fn printed(form: &'static str, layout: Layout, seed: u64) -> gongkai_generator::Printed {
    let damages = vec![Damage::None];
    print(&Spec { seed, form, layout, damages, traditional: false, charset: Charset::Utf8 })
}

/// Whether a cell is a term of a sum of its table.
fn stands_in_identity(table: &FormTable, cell: &CellFact) -> bool {
    table.identities.iter().any(|identity| {
        let code = match identity.axis {
            Axis::Row => &cell.column,
            Axis::Column => &cell.item,
        };
        identity.left.contains(code) || identity.right.contains(code)
    })
}

/// The cells of a report that stand in an identity. All of them are read.
fn cells_in_identities<'p>(parsed: &'p Parsed, form: &str) -> Vec<&'p CellFact> {
    assert_eq!(*parsed.form, *form);
    let form = Registry::embedded().form(form).unwrap();
    let own = |c: &&CellFact| form.table(&c.table).is_some_and(|t| stands_in_identity(t, c));
    let cells: Vec<&CellFact> = parsed.cells.iter().filter(own).collect();
    assert!(cells.iter().all(|c| c.value.is_some()));
    cells
}

/// Counted on the printed forms: every cell of tables 2 and 3, and no other, stands in a sum within the report.
#[test]
fn all_of_tables_2_and_3_stand_in_identities() {
    for (form, cells) in [("2019", 23 * 7 + 15), ("2021", 25 * 7 + 15)] {
        let document = printed(form, Layout::HtmlSpans, 1);
        let parsed = read(&document.bytes, &document.name);
        assert_eq!(cells_in_identities(&parsed, form).len(), cells, "{form}");
    }
}

fn names(finding: &Finding, cell: &CellFact) -> bool {
    let a = &finding.address;
    let row = a.item.as_ref() == Some(&cell.item);
    let column = a.column.as_ref() == Some(&cell.column);
    a.table.as_ref() == Some(&cell.table) && (row || column)
}

/// Holds the reading of a changed document against that of the document before.
fn check(before: &Parsed, after: &Parsed, cell: &CellFact, now: Number) {
    let place = format!("{} {} {}: {:?} is now {now}", cell.table, cell.item, cell.column, cell.raw);
    let new = |f: &&Finding| !before.findings.contains(*f);
    assert!(after.findings.iter().filter(new).any(|f| names(f, cell)), "no finding: {place}");
    for fact in &before.cells {
        let same = |c: &&CellFact| (&c.table, &c.item, &c.column) == (&fact.table, &fact.item, &fact.column);
        let read = after.cells.iter().find(same).and_then(|c| c.value);
        let expected = if same(&cell) { Some(now) } else { fact.value };
        assert!(
            read.is_none() || read == expected,
            "{place}; {} {} {} is read as {read:?} for {expected:?}",
            fact.table,
            fact.item,
            fact.column
        );
    }
}

/// Changes every cell whose place in the text is known, in every way.
fn change_in_text(layout: Layout, seed: u64) {
    for form in FORMS {
        let document = printed(form, layout, seed);
        let before = read(&document.bytes, &document.name);
        for cell in cells_in_identities(&before, form) {
            let place = cell.source.unwrap().bytes.unwrap();
            for now in changed(cell.value.unwrap()) {
                let bytes = spliced(&document.bytes, place, &now.to_string());
                check(&before, &read(&bytes, &document.name), cell, now);
            }
        }
    }
}

fn spliced(bytes: &[u8], place: ByteRange, text: &str) -> Vec<u8> {
    let (start, end) = (place.start as usize, place.end as usize);
    [bytes.get(..start).unwrap(), text.as_bytes(), bytes.get(end..).unwrap()].concat()
}

/// What is printed and understood, changed behind the parser: the rules alone.
#[test]
fn the_rules_see_every_changed_figure() {
    for (form, seed) in FORMS.into_iter().flat_map(|f| (1..=20).map(move |s| (f, s))) {
        let document = printed(form, Layout::HtmlSpans, seed);
        let before = read(&document.bytes, &document.name);
        for cell in cells_in_identities(&before, form) {
            let at = before.cells.iter().position(|c| c == cell).unwrap();
            for now in changed(cell.value.unwrap()) {
                let mut after = before.clone();
                after.cells[at].value = Some(now);
                after.findings = audit(Registry::embedded(), &after, None).findings;
                check(&before, &after, cell, now);
            }
        }
    }
}

#[test]
fn every_changed_figure_of_a_page_is_seen() {
    for (form, seed) in FORMS.into_iter().flat_map(|f| [(f, 3), (f, 4)]) {
        let mut page = Page::of(&printed(form, Layout::HtmlSpans, seed).truth);
        let before = read(page.html().as_bytes(), "page.html");
        for cell in cells_in_identities(&before, form) {
            let value = cell.value.unwrap();
            for now in changed(value) {
                page.set(cell, now);
                check(&before, &read(page.html().as_bytes(), "page.html"), cell, now);
            }
            page.set(cell, value);
        }
    }
}

#[test]
fn every_changed_figure_of_rows_with_bars_is_seen() {
    change_in_text(Layout::Pipe, 7);
}

#[test]
fn every_changed_figure_between_tabs_is_seen() {
    change_in_text(Layout::Tab, 8);
}

#[test]
fn every_changed_figure_of_a_markdown_table_is_seen() {
    change_in_text(Layout::Markdown, 9);
}

#[test]
fn every_changed_figure_on_a_line_of_its_own_is_seen() {
    change_in_text(Layout::CellALine, 10);
}
