//! What is written wrong or otherwise in labels and heads.

use super::Scene;
use crate::labels::key;
use crate::sheet::{Cell, Glue, Part, Row, Sheet};
use crate::spec::Layout;
use crate::words::{Words, pick};
use gongkai_registry::{FormTable, strip_ordinal};

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A label's ordinal with its marks, and the rest.
fn parts(label: &str) -> (String, String) {
    let body = strip_ordinal(label).1;
    (label.strip_suffix(body).unwrap_or("").to_owned(), body.to_owned())
}

/// Normalised labels of all other items.
fn others(table: &FormTable, item: usize) -> impl Iterator<Item = &String> {
    table.items.iter().enumerate().filter(move |(i, _)| *i != item).flat_map(|(_, x)| &x.labels)
}

/// Labels of items in rows of values, with their rows.
fn labelled(sheet: &mut Sheet) -> Vec<(&mut Row, usize)> {
    let item = |row: &mut Row| match row.label_mut()?.part {
        Part::Item(item) => Some(item),
        _ => None,
    };
    sheet.rows.iter_mut().filter_map(|row| item(row).map(|item| (row, item))).collect()
}

/// Other wordings that are in use, and cut ends.
pub(super) fn shorten(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for (row, item) in labelled(sheet) {
        if scene.rng.u32(0..3) > 0 {
            continue;
        }
        let Some(cell) = row.label_mut() else { continue };
        let (ordinal, body) = parts(&cell.text());
        let variants = scene.table.items.get(item).map_or(&[][..], |i| i.labels.get(1..).unwrap_or(&[]));
        let shorter: Vec<&String> =
            variants.iter().filter(|v| v.chars().count() < body.chars().count()).collect();
        let length = body.chars().count();
        let cut: String = body.chars().take((length * 3 / 5).max(5)).collect();
        let cut = cut.trim_end_matches(|c: char| !is_han(c)).to_owned();
        let unique = !others(scene.table, item).any(|l| l.starts_with(&key(&cut)));
        if let (true, Some(variant)) = (scene.rng.bool(), scene.rng.choice(shorter)) {
            cell.set_text(format!("{ordinal}{variant}"));
        } else if length > 7 && unique {
            cell.set_text(format!("{ordinal}{cut}"));
        }
    }
}

/// One character of one label is another one.
pub(super) fn misspell(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let lookalikes = &Words::get().lookalikes;
    let Some((row, item)) = scene.rng.choice(labelled(sheet)) else { return };
    let Some(cell) = row.label_mut() else { return };
    let (ordinal, body) = parts(&cell.text());
    let places: Vec<usize> =
        body.chars().enumerate().filter(|(_, c)| lookalikes.contains_key(c)).map(|(i, _)| i).collect();
    let Some(at) = scene.rng.choice(places) else { return };
    let wrong = |(i, c): (usize, char)| if i == at { lookalikes.get(&c).copied().unwrap_or(c) } else { c };
    let body: String = body.chars().enumerate().map(wrong).collect();
    cell.set_text(format!("{ordinal}{body}"));
    let short = body.chars().filter(|c| is_han(*c)).count() < 4;
    row.doubtful |= short || others(scene.table, item).any(|l| is_near(l, &key(&body)));
}

/// Whether two labels differ in at most one character.
fn is_near(a: &str, b: &str) -> bool {
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).filter(|(a, b)| a != b).count() < 2
}

/// Remarks behind labels.
pub(super) fn note(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for (row, _) in labelled(sheet) {
        if let (0, Some(cell)) = (scene.rng.u32(0..3), row.label_mut()) {
            cell.set_text(format!("{}{}", cell.text(), pick(&Words::get().notes.label, &mut scene.rng)));
        }
    }
}

/// Heads of columns keep three characters.
pub(super) fn cut_heads(_: &mut Scene<'_>, sheet: &mut Sheet) {
    for cell in sheet.rows.iter_mut().flat_map(|r| &mut r.cells).filter(|c| c.part == Part::Column) {
        cell.set_text(cell.text().chars().take(3).collect());
    }
}

fn words_of(sheet: &mut Sheet) -> impl Iterator<Item = &mut Cell> {
    let is_word = |c: &&mut Cell| matches!(c.part, Part::Head | Part::Column | Part::Group | Part::Item(_));
    sheet.rows.iter_mut().flat_map(|r| &mut r.cells).filter(is_word)
}

/// The reading behind some characters.
pub(super) fn read_aloud(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let pinyin = &Words::get().pinyin;
    for cell in words_of(sheet) {
        let mut text = String::new();
        for c in cell.text().chars() {
            text.push(c);
            if let (Some(reading), true) = (pinyin.get(&c), scene.rng.bool()) {
                text.extend(["(", reading, ")"]);
            }
        }
        cell.set_text(text);
    }
}

/// How a layout breaks words.
fn glues(layout: Layout) -> &'static [Glue] {
    match layout {
        _ if layout.has_html_tables() => &[Glue::Span, Glue::Line, Glue::Paragraph],
        Layout::HtmlSpacedRows => &[Glue::Span],
        Layout::HtmlCellALine => &[Glue::Span, Glue::Line],
        Layout::Markdown | Layout::MarkdownOcr => &[Glue::Line, Glue::Blank],
        Layout::CellALine | Layout::PipeCellALine | Layout::SpaceAligned | Layout::HtmlPre => &[Glue::Line],
        _ => &[Glue::Blank],
    }
}

/// Words are split between characters, in two or in many.
pub(super) fn split(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let narrow = sheet.label_columns == 0;
    let Some(glue) = scene.rng.choice(glues(scene.spec.layout)).copied() else { return };
    for cell in words_of(sheet) {
        let columnwise = cell.part == Part::Column;
        if !(columnwise || scene.rng.bool()) {
            continue;
        }
        let text: Vec<char> = cell.text().chars().collect();
        let between = |i: &usize| matches!((text.get(i - 1), text.get(*i)), (Some(a), Some(b)) if is_han(*a) && is_han(*b));
        let mut cuts: Vec<usize> = (1..text.len()).filter(between).collect();
        if !(narrow && columnwise && scene.rng.bool()) {
            cuts = scene.rng.choice(cuts).into_iter().collect();
        }
        cuts.push(text.len());
        let mut from = 0;
        cell.pieces.clear();
        for to in cuts {
            cell.pieces.push(text.get(from..to).unwrap_or(&[]).iter().collect());
            from = to;
        }
        cell.glue = glue;
    }
}
