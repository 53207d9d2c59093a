//! Workbooks of pages: spreadsheets (ECMA-376) with one page a row, the names of the columns in the first one, as crawlers with a
//! window export them. A workbook of anything else is a document.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Reader, Xlsx};
use gongkai_model::Problem;

use crate::inflate::{Package, check, problem};
use crate::met::{Flow, Place, Walk};
use crate::record::{Columns, Row};
use crate::sidecar::Stated;

/// The part by which a package is a workbook.
pub(crate) const MARK: &str = "xl/workbook.xml";
/// Texts that cells share.
const MOST_TEXTS: usize = 500_000;
/// Sheets whose first row is looked at, and bytes of the names in it.
const MOST_SHEETS: usize = 100;
const HEAD_BYTES: u64 = 64 << 10;
/// Columns looked at.
const MAX_COLUMNS: u32 = 1000;

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// Hands out the rows of the first sheet that is a table of pages; `None` where there is none.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, bytes: &[u8]) -> Option<Flow> {
    // The library decompresses without a limit: what would exceed one is met here first. What else is wrong with a workbook is
    // told of the document.
    let limits = &walk.options.limits;
    let package = Package::open(bytes, limits.nested_bytes, limits).ok()?;
    for name in package.names() {
        let part = package.read(name).ok()?;
        // The library keeps each text that cells share by itself.
        if name.ends_with("sharedStrings.xml")
            && memchr::memmem::find_iter(&part, b"<si").count() > MOST_TEXTS
        {
            return None;
        }
    }
    let mut book: Book<'_> = guarded(|| Xlsx::new(Cursor::new(bytes)).ok())?;
    let names = book.sheet_names();
    let (sheet, columns) = names.into_iter().take(MOST_SHEETS).find_map(|sheet| {
        let mut names = Vec::new();
        visit(&mut book, &sheet, HEAD_BYTES, &mut |cells| {
            names = cells;
            false
        });
        let columns = Columns::of(names.iter().map(|name| (name.as_str(), true)), &walk.options.fields)?;
        columns.are_telling().then_some((sheet, columns))
    })?;
    Some(rows(walk, place, &mut book, (&sheet, bytes.len() as u64), &columns))
}

/// What the library makes of bytes that are not what they say: nothing, or a panic, which is nothing here.
fn guarded<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Visits the rows of a sheet that have cells, until the visitor has enough; whether the sheet was sound so far. A row has at most so many
/// bytes; texts beyond them are left out.
fn visit(book: &mut Book<'_>, sheet: &str, most: u64, visitor: &mut dyn FnMut(Vec<String>) -> bool) -> bool {
    let Some(mut cells) = guarded(|| book.worksheet_cells_reader(sheet).ok()) else { return false };
    let (mut open, mut row, mut left) = (None, Vec::new(), most);
    loop {
        let Some(next) = guarded(|| cells.next_cell().ok()) else { return false };
        let at = next.as_ref().map(|cell| cell.get_position());
        if open.is_some() && open != at.map(|(row, _)| row) && !visitor(std::mem::take(&mut row)) {
            return true;
        }
        let (Some(cell), Some((number, column))) = (next, at) else { return true };
        left = if open == Some(number) { left } else { most };
        open = Some(number);
        let length = match cell.get_value() {
            DataRef::SharedString(text) => text.len() as u64,
            DataRef::String(text) => text.len() as u64,
            _ => 0,
        };
        let Some(rest) = left.checked_sub(length) else {
            left = 0;
            continue;
        };
        left = rest;
        if column < MAX_COLUMNS {
            let column = column as usize;
            row.resize(row.len().max(column + 1), String::new());
            if let Some(text) = row.get_mut(column) {
                *text = shown(Data::from(cell.get_value().clone()));
            }
        }
    }
}

fn shown(value: Data) -> String {
    match value {
        Data::String(text) | Data::DateTimeIso(text) => text,
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::Bool(_) | Data::Error(_) | Data::DurationIso(_) | Data::Empty => String::new(),
    }
}

fn rows(
    walk: &mut Walk<'_>,
    place: &Place,
    book: &mut Book<'_>,
    (sheet, size): (&str, u64),
    columns: &Columns,
) -> Flow {
    let (mut number, mut flow, mut is_head, mut given) = (0, Flow::Continue(()), true, 0_u64);
    let is_sound = visit(book, sheet, walk.options.max_bytes, &mut |row| {
        if std::mem::take(&mut is_head) {
            return true;
        }
        number += 1;
        if number > walk.options.limits.members {
            let why = format!("limit_members: more than {}", walk.options.limits.members);
            flow = walk.lost(&place.record(number, Stated::default()), 0, Problem::unreadable(why));
            return false;
        }
        // The same text may stand in every row.
        given += row.iter().map(|text| text.len() as u64).sum::<u64>().max(crate::columns::LEAST);
        if let Err(error) = check(given, size, &walk.options.limits) {
            flow = walk.lost(&place.record(number, Stated::default()), 0, problem(&error));
            return false;
        }
        let text = |at: usize| row.get(at).filter(|text| !text.trim().is_empty()).cloned();
        let said = |at: Option<usize>| at.and_then(text);
        let page = Row {
            bodies: (columns.bodies.iter())
                .filter_map(|(name, at)| Some((name.clone(), text(*at)?.into_bytes())))
                .collect(),
            url: said(columns.url),
            title: said(columns.title),
            fetched_at: said(columns.fetched_at),
            content_type: said(columns.content_type),
        };
        flow = page.hand_out(walk, place, number, None);
        flow.is_continue()
    });
    flow?;
    if !is_sound {
        let rest = place.record(number + 1, Stated::default());
        return walk.lost(&rest, 0, Problem::unreadable("damaged: workbook"));
    }
    if number == 0 {
        return walk.lost(place, 0, Problem::unreadable("empty_archive"));
    }
    Flow::Continue(())
}
