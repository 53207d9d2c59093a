//! Where pages end inside tables.

use super::Scene;
use crate::report::{Block, Report};
use crate::sheet::{Behind, Cell, Kind, Part, Row, Sheet};
use crate::spec::Damage;
use fastrand::Rng;
use gongkai_registry::Axis;

pub(super) fn page_number(scene: &mut Scene<'_>) -> String {
    let page = scene.rng.u32(2..9);
    match scene.rng.u32(0..5) {
        0 => format!("— {page} —"),
        1 => format!("- {page} -"),
        2 => format!("第{page}页"),
        3 => format!("{page}/9"),
        _ => page.to_string(),
    }
}

pub(super) fn behind(scene: &mut Scene<'_>) -> Behind {
    scene.rng.choice([Behind::Repeated, Behind::Empty, Behind::Gone]).unwrap_or(Behind::Gone)
}

/// A page number between two rows, and mostly the head once more.
pub(super) fn break_table(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let pairs = sheet.rows.windows(2).enumerate();
    let inside = pairs.filter(|(_, w)| w.iter().all(|r| r.kind == Kind::Values)).map(|(i, _)| i + 1);
    let Some(at) = scene.rng.choice(inside.collect::<Vec<_>>()) else { return };
    let heads: Vec<Row> = sheet.rows.iter().filter(|r| r.kind == Kind::Head).cloned().collect();
    let repeats = scene.rng.u32(0..3) > 0 && !sheet.rows.iter().any(|r| r.kind == Kind::Clause);
    let (mut text, behind) = (page_number(scene), behind(scene));
    // A number, or one between dashes, where values are missing could as well be the values: no reader can tell.
    let missing = |r: &Row| r.doubtful || r.cells.iter().any(|c| c.part == Part::Value && c.is_blank());
    if sheet.rows.get(at - 1).is_some_and(missing) {
        text = format!("第{}页", scene.rng.u32(2..9));
    }
    // A bare number behind a row could be the end of one of its figures, unless a sum tells.
    let summed = scene.table.identities.iter().any(|i| i.axis == Axis::Row);
    if text.chars().all(char::is_numeric) && (!summed || scene.spec.has(Damage::WrongTotal)) {
        sheet.rows.get_mut(at - 1).into_iter().for_each(|r| r.doubtful = true);
    }
    sheet.interrupt(at, Some(&text), behind);
    if repeats {
        sheet.rows.splice(at + 1..at + 1, heads);
    }
}

/// A page number inside a label: its end stands in a row of its own on the next page.
pub(super) fn break_label(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let is_long =
        |c: &Cell| matches!(c.part, Part::Item(_)) && c.text().chars().count() > 6 && c.pieces.len() == 1;
    let long = |r: &Row| r.kind == Kind::Values && r.cells.iter().any(is_long);
    let rows: Vec<usize> = sheet.rows.iter().enumerate().filter(|(_, r)| long(r)).map(|(i, _)| i).collect();
    let Some(at) = scene.rng.choice(rows) else { return };
    let Some(row) = sheet.rows.get_mut(at) else { return };
    let Some(label) = row.label_mut() else { return };
    let text: Vec<char> = label.text().chars().collect();
    let cut = text.len() - scene.rng.usize(2..4);
    let (first, rest) = text.split_at(cut);
    label.set_text(first.iter().collect());
    let colspan = label.colspan;
    let mut cells = vec![Cell::new(Part::Other, &rest.iter().collect::<String>()).span(1, colspan)];
    let nested: usize = row.cells.iter().map(|c| c.nested.len().saturating_sub(1)).sum();
    let beside = row.cells.iter().skip_while(|c| !matches!(c.part, Part::Item(_))).count() + nested;
    cells.extend((1..beside).map(|_| Cell::new(Part::Filler, "")));
    let (page, behind) = (page_number(scene), behind(scene));
    let next = at + 1;
    sheet.interrupt(next, None, Behind::Gone);
    sheet.rows.insert(next, Row::new(Kind::Extra, cells));
    // The groups go on behind the rest of the label.
    if behind == Behind::Empty
        && let Some(row) = sheet.rows.get_mut(next)
    {
        row.cells.insert(0, Cell::new(Part::Filler, ""));
    }
    sheet.rows.insert(next, Row::interruption(&page));
}

/// The table goes on under the head of another one.
pub(super) fn other_head(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let pairs = sheet.rows.windows(2).enumerate();
    let inside = pairs.filter(|(_, w)| w.iter().all(|r| r.kind == Kind::Values)).map(|(i, _)| i + 1);
    let Some(at) = scene.rng.choice(inside.collect::<Vec<_>>()) else { return };
    let count = sheet.rows.get(at).map_or(0, |r| r.values().count());
    let others: Vec<String> = scene.other_heads.iter().take(count).cloned().collect();
    let mut head = vec![Cell::new(Part::Head, "").span(1, sheet.label_columns.max(1))];
    head.extend(others.iter().map(|text| Cell::new(Part::Column, text)));
    sheet.interrupt(at, Some(""), Behind::Repeated);
    sheet.rows.insert(at + 1, Row::new(Kind::Head, head));
    sheet.rows.iter_mut().skip(at).for_each(|r| r.doubtful = true);
}

/// One page of a book that was captured page by page: it begins inside a table, or with one, and ends behind the same or the next.
pub(super) fn keep_page(report: &mut Report, rng: &mut Rng) {
    let is_table = |block: &Block| matches!(block, Block::Sheet(sheet) if sheet.table.is_some());
    let tables: Vec<usize> =
        report.blocks.iter().enumerate().filter(|(_, b)| is_table(b)).map(|(i, _)| i).collect();
    let Some(first) = rng.choice(tables.iter().copied()) else { return };
    let behind = tables.iter().copied().filter(|t| *t > first);
    let last = behind.take(rng.usize(0..2)).last().unwrap_or(first);
    report.blocks.truncate(last + 1);
    report.blocks.drain(..first);
    let Some(Block::Sheet(sheet)) = report.blocks.first_mut() else { return };
    let blocks = sheet.rows.iter().any(|r| r.kind == Kind::Clause);
    let begins = |r: &Row| r.kind == if blocks { Kind::Clause } else { Kind::Values };
    let rows: Vec<usize> = sheet.rows.iter().enumerate().filter(|(_, r)| begins(r)).map(|(i, _)| i).collect();
    let Some(at) = rng.choice(rows).filter(|at| *at > 0 && sheet.label_columns > 0) else { return };
    sheet.interrupt(at, None, if rng.bool() { Behind::Repeated } else { Behind::Gone });
    sheet.rows.drain(..at);
    sheet.head &= blocks;
}
