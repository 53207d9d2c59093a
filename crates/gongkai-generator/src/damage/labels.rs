//! What is written wrong or otherwise in labels and heads.

use super::Scene;
use crate::labels::{Wording, Wordings, key};
use crate::sheet::{Cell, Glue, Kind, Part, Row, Sheet, Slot, resolve};
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

/// Labels of items in rows of values, with their rows.
fn labelled(sheet: &mut Sheet) -> Vec<(&mut Row, usize)> {
    let item = |row: &mut Row| match row.label_mut()?.part {
        Part::Item(item) => Some(item),
        _ => None,
    };
    sheet.rows.iter_mut().filter_map(|row| item(row).map(|item| (row, item))).collect()
}

/// Shorter words that are in use, and cut ends.
pub(super) fn shorten(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for (row, item) in labelled(sheet) {
        if scene.rng.u32(0..3) > 0 {
            continue;
        }
        let Some(cell) = row.label_mut() else { continue };
        let (ordinal, body) = parts(&cell.text());
        let length = body.chars().count();
        let words = wording(scene.table, item).map_or(&[][..], |w| &w.words);
        let shorter: Vec<&String> = words.iter().filter(|v| v.chars().count() < length).collect();
        let cut: String = body.chars().take((length * 3 / 5).max(5)).collect();
        let cut = cut.trim_end_matches(|c: char| !is_han(c)).to_owned();
        let unique = !scene.labels.others(scene.table, item).iter().any(|l| l.starts_with(&key(&cut)));
        if let (true, Some(variant)) = (scene.rng.bool(), scene.rng.choice(shorter)) {
            cell.set_text(format!("{ordinal}{variant}"));
        } else if length > 7 && unique {
            cell.set_text(format!("{ordinal}{cut}"));
        }
    }
}

fn wording(table: &FormTable, item: usize) -> Option<&'static Wording> {
    Wordings::of(table).items.get(table.items.get(item)?.code.as_ref())
}

/// Other words for labels and heads, with ordinals of another hand or none.
pub(super) fn reword(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let unnumbered = scene.rng.u32(0..4) == 0;
    for (row, item) in labelled(sheet) {
        let words = wording(scene.table, item).map_or(&[][..], |w| &w.words);
        if let (0, Some(cell), Some(word)) = (scene.rng.u32(0..3), row.label_mut(), scene.rng.choice(words)) {
            let ordinal = if unnumbered { String::new() } else { parts(&cell.text()).0 };
            cell.set_text(format!("{ordinal}{word}"));
        }
    }
    reword_heads(scene, sheet, |w| &w.words);
}

fn reword_heads(scene: &mut Scene<'_>, sheet: &mut Sheet, list: fn(&Wording) -> &Vec<String>) {
    let (table, columns) = (scene.table, &Wordings::of(scene.table).columns);
    for cell in sheet.rows.iter_mut().flat_map(|r| &mut r.cells).filter(|c| c.part == Part::Column) {
        let text = cell.text();
        let is_it = |c: &usize| scene.labels.column(table, *c) == text;
        let Some(column) = (0..table.columns.len()).find(is_it).and_then(|c| table.columns.get(c)) else {
            continue;
        };
        let words = columns.get(column.code.as_ref()).map_or(&[][..], |w| list(w));
        if let (0, Some(word)) = (scene.rng.u32(0..3), scene.rng.choice(words)) {
            cell.set_text(word.clone());
        }
    }
}

/// Slips in some labels and heads: characters dropped, doubled, swapped.
pub(super) fn misprint(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for (row, item) in labelled(sheet) {
        if scene.rng.u32(0..5) > 0 {
            continue;
        }
        let Some(cell) = row.label_mut() else { continue };
        let (ordinal, body) = parts(&cell.text());
        let listed = wording(scene.table, item).map_or(&[][..], |w| &w.misprints);
        let slip = match scene.rng.choice(listed) {
            Some(listed) if scene.rng.bool() => listed.clone(),
            _ => slip(scene, &body),
        };
        row.doubtful |= !is_told(scene, item, &body, &slip);
        if let Some(cell) = row.label_mut() {
            cell.set_text(format!("{ordinal}{slip}"));
        }
    }
    reword_heads(scene, sheet, |w| &w.misprints);
}

/// A character dropped, doubled, or swapped with the next.
fn slip(scene: &mut Scene<'_>, body: &str) -> String {
    let mut chars: Vec<char> = body.chars().collect();
    let han: Vec<usize> = (0..chars.len()).filter(|i| chars.get(*i).is_some_and(|c| is_han(*c))).collect();
    let Some(at) = scene.rng.choice(han) else { return body.to_owned() };
    match (scene.rng.u32(0..3), chars.get(at).copied(), chars.get(at + 1).copied()) {
        (0, Some(c), _) => chars.insert(at, c),
        (1, Some(_), Some(next)) if is_han(next) => chars.swap(at, at + 1),
        _ => {
            chars.remove(at);
        }
    }
    chars.into_iter().collect()
}

/// Whether a label with slips still is that of its item alone: long enough, and no other label nearly as near.
fn is_told(scene: &Scene<'_>, item: usize, body: &str, slip: &str) -> bool {
    let (body, slip) = (key(body), key(slip));
    let own = distance(&body, &slip);
    let long = slip.chars().filter(|c| is_han(*c)).count() >= 5;
    long && scene.labels.others(scene.table, item).iter().all(|other| distance(other, &slip) > own + 1)
}

/// Characters to be put in, taken out or changed to make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut line: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((y, up), left_up) in b.iter().zip(line.iter().skip(1)).zip(&line) {
            let left = next.last().copied().unwrap_or(0);
            next.push((left + 1).min(up + 1).min(left_up + usize::from(x != *y)));
        }
        line = next;
    }
    line.last().copied().unwrap_or(0)
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
    let misspelt: String = body.chars().enumerate().map(wrong).collect();
    cell.set_text(format!("{ordinal}{misspelt}"));
    let short = body.chars().filter(|c| is_han(*c)).count() < 4;
    row.doubtful |=
        short || scene.labels.others(scene.table, item).iter().any(|l| is_near(l, &key(&misspelt)));
}

/// Whether two labels differ in at most one character.
fn is_near(a: &str, b: &str) -> bool {
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).filter(|(a, b)| a != b).count() < 2
}

/// Long explanations in brackets behind labels and heads.
pub(super) fn explain(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let notes = &Words::get().notes;
    let (year, before) = (scene.year.to_string(), (scene.year - 1).to_string());
    let fill = |text: &str| text.replace("{year}", &year).replace("{before}", &before);
    for cell in sheet.rows.iter_mut().flat_map(|r| &mut r.cells) {
        let list = match cell.part {
            Part::Item(_) if scene.rng.u32(0..3) == 0 => &notes.label_explained,
            Part::Column if scene.rng.u32(0..2) == 0 => &notes.head_explained,
            _ => continue,
        };
        cell.set_text(format!("{}{}", cell.text(), fill(pick(list, &mut scene.rng))));
    }
}

/// A row that the form does not have, among those of regulations and documents.
pub(super) fn extra_item(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let Some(at) = sheet.rows.iter().position(|r| r.kind == Kind::Values) else { return };
    let count = sheet.rows.iter().skip(at).take_while(|r| r.kind == Kind::Values).count();
    let Some(last) =
        sheet.rows.get(at + count - 1).filter(|_| sheet.rows.iter().any(|r| r.kind == Kind::Clause))
    else {
        return;
    };
    let mut cells = vec![Cell::new(Part::Other, pick(&Words::get().notes.extra_rows, &mut scene.rng))];
    cells.extend(last.values().map(|v| {
        let count = scene.rng.u32(0..900);
        Cell::new(Part::Other, &count.to_string()).span(1, v.colspan)
    }));
    sheet.rows.insert(at + count, Row::new(Kind::Extra, cells));
}

/// Words over columns that say nothing: `数据1`, `Column 2`, `列3`, `Unnamed: 1`.
pub(super) fn placeholder_heads(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let style = scene.rng.u32(0..4);
    for row in sheet.rows.iter_mut().filter(|r| r.kind == Kind::Head) {
        for (i, cell) in row.cells.iter_mut().enumerate() {
            let n = i + 1;
            cell.set_text(match style {
                0 => format!("数据{n}"),
                1 => format!("Column {n}"),
                2 => format!("列{n}"),
                _ => format!("Unnamed: {i}"),
            });
            cell.part = Part::Head;
        }
    }
    sheet.head = false;
}

/// Head words torn over two rows of the head.
pub(super) fn tear_heads(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for at in (0..sheet.rows.len()).rev() {
        let Some(row) = sheet.rows.get_mut(at) else { continue };
        let last =
            row.cells.iter().all(|c| c.rowspan == 1) && row.cells.iter().any(|c| c.part == Part::Column);
        if row.kind != Kind::Head || !last {
            continue;
        }
        let mut lower = Vec::new();
        for cell in &mut row.cells {
            let text: Vec<char> = cell.text().chars().collect();
            let cut =
                if cell.part == Part::Column && text.len() > 2 { text.len().div_ceil(2) } else { text.len() };
            let (first, rest) = text.split_at_checked(cut).unwrap_or((&text, &[]));
            cell.set_text(first.iter().collect());
            lower.push(Cell::new(cell.part, &rest.iter().collect::<String>()).span(1, cell.colspan));
        }
        for (above, row) in sheet.rows.iter_mut().enumerate().take(at) {
            row.cells.iter_mut().filter(|c| above + c.rowspan > at).for_each(|c| c.rowspan += 1);
        }
        sheet.rows.insert(at + 1, Row::new(Kind::Head, lower));
    }
    // In running text the halves stand in the way of one another.
    sheet.head &= scene.spec.layout.is_grid();
}

/// Every text is printed twice, as where bold is made by printing twice: figures cannot be told from longer ones.
pub(super) fn double(_: &mut Scene<'_>, sheet: &mut Sheet) {
    for cell in sheet.rows.iter_mut().flat_map(|r| &mut r.cells) {
        cell.set_text(cell.text().repeat(2));
        cell.doubt();
    }
}

/// Characters of a text layer that look like others: radicals for whole characters.
pub(super) fn radicals(_: &mut Scene<'_>, sheet: &mut Sheet) {
    let radicals = &Words::get().radicals;
    for cell in words_of(sheet) {
        cell.set_text(cell.text().chars().map(|c| radicals.get(&c).copied().unwrap_or(c)).collect());
    }
}

/// Remarks behind labels.
pub(super) fn note(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for (row, _) in labelled(sheet) {
        if let (0, Some(cell)) = (scene.rng.u32(0..3), row.label_mut()) {
            cell.set_text(format!("{}{}", cell.text(), pick(&Words::get().notes.label, &mut scene.rng)));
        }
    }
}

/// One word of the head over all rows says another thing.
pub(super) fn replace_head(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let grid = resolve(&sheet.rows);
    let is_column = |r: usize, c: usize| {
        sheet.rows.get(r).and_then(|row| row.cells.get(c)).is_some_and(|cell| cell.part == Part::Column)
    };
    let slots = grid.iter().flat_map(|line| line.iter().enumerate());
    let heads: Vec<(usize, usize, usize)> = slots
        .filter_map(|(at, slot)| match slot {
            Slot::Cell(r, c) if is_column(*r, *c) => Some((*r, *c, at.checked_sub(sheet.label_columns)?)),
            _ => None,
        })
        .collect();
    let width = sheet.rows.iter().map(|row| row.values().count()).max().unwrap_or(0);
    let Some((r, c, column)) = scene.rng.choice(heads.iter().copied()).filter(|_| heads.len() == width)
    else {
        return;
    };
    let word = pick(&Words::get().other_heads, &mut scene.rng).to_owned();
    if let Some(cell) = sheet.rows.get_mut(r).and_then(|row| row.cells.get_mut(c)) {
        cell.set_text(word.replace("{label}", &cell.text()));
    }
    sheet.rows.iter_mut().filter_map(|row| row.values_mut().nth(column)).for_each(Cell::no_number);
}

/// Heads of columns keep three or four characters.
pub(super) fn cut_heads(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let kept = scene.rng.usize(3..5);
    for cell in sheet.rows.iter_mut().flat_map(|r| &mut r.cells).filter(|c| c.part == Part::Column) {
        cell.set_text(cell.text().chars().take(kept).collect());
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
