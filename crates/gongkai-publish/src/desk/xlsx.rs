//! One Excel workbook: a sheet a table (several, where one does not hold its rows), a codebook of the columns, and the codes.

use super::frame::{Codes, Column, Frame};
use super::value::Value;
use super::{DeskError, Exported, Pending, WORKBOOK};
use crate::release::csv::is_formula;
use gongkai_registry::ColumnType;
use gongkai_store::sql_type;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// Characters that a cell holds, as Excel counts them.
const CELL: usize = 32_767;
/// The largest number of which Excel shows every digit.
const FIFTEEN_DIGITS: u64 = 999_999_999_999_999;
/// Day 0 of Unix in Excel's count, which is right from March 1900 on.
const EPOCH: f64 = 25_569.0;
const MARCH_1900: i64 = -25_508;
const DAY: i64 = 86_400_000_000;
/// Widest that a column is made, in characters.
const WIDEST: usize = 40;

/// How cells look.
struct Looks {
    head: Format,
    day: Format,
    time: Format,
    /// Text that would pass for a formula once somebody edits it.
    quoted: Format,
}

fn failed(error: XlsxError) -> DeskError {
    let source = match error {
        XlsxError::IoError(source) => source,
        other => std::io::Error::other(other.to_string()),
    };
    DeskError::Io { action: "write", path: WORKBOOK.into(), source }
}

/// Writes the workbook.
pub(crate) fn write(
    frames: &[Frame<'_>],
    codes: &Codes,
    folder: &Path,
    most: u64,
) -> Result<Exported, DeskError> {
    let looks = Looks {
        head: Format::new().set_bold(),
        day: Format::new().set_num_format("yyyy-mm-dd"),
        time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        quoted: Format::new().set_quote_prefix(),
    };
    let mut book = Workbook::new();
    // No clock: the same tables, the same bytes.
    let date = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
    book.set_properties(&DocProperties::new().set_title("gongkai").set_creation_datetime(&date));
    // Rows wait for the end of the workbook where the workbook will be.
    book.set_tempdir(folder).map_err(failed)?;
    let (mut rows, mut notes) = (0, Vec::new());
    for frame in frames {
        let sheets = table(&mut book, frame, &looks, most, &mut rows)?;
        if sheets > 1 {
            notes.push(format!("{}: more rows than a sheet of Excel holds, so {sheets} sheets", frame.name));
        }
    }
    codebook(&mut book, frames, &looks)?;
    code_sheet(&mut book, codes, &looks)?;
    let pending = Pending::new(folder, WORKBOOK);
    let file = pending.create()?;
    book.save_to_writer(file).map_err(failed)?;
    pending.finish(rows, notes)
}

/// Begins a sheet with its head.
fn begin<'b>(
    book: &'b mut Workbook,
    name: &str,
    columns: &mut dyn Iterator<Item = (&str, usize)>,
    looks: &Looks,
) -> Result<&'b mut Worksheet, DeskError> {
    let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name(name).map_err(failed)?;
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    for (at, (column, width)) in (0..).zip(columns) {
        sheet.write_string_with_format(0, at, column, &looks.head).map_err(failed)?;
        sheet.set_column_width(at, width as f64).map_err(failed)?;
    }
    Ok(sheet)
}

/// The sheets of a table; how many.
fn table(
    book: &mut Workbook,
    frame: &Frame<'_>,
    looks: &Looks,
    most: u64,
    rows: &mut u64,
) -> Result<usize, DeskError> {
    let start = |book: &mut Workbook, number: usize| {
        let name = if number == 1 { frame.name.to_owned() } else { format!("{} ({number})", frame.name) };
        let mut heads = frame.columns.iter().map(|c| (c.name.as_str(), width(c)));
        begin(book, &name, &mut heads, looks).map(|_| ())
    };
    let (mut sheets, mut at) = (1, 0);
    start(book, sheets)?;
    frame.each(&mut |row: &[Value<'_>]| {
        if u64::from(at) >= most {
            sheets += 1;
            start(book, sheets)?;
            at = 0;
        }
        at += 1;
        *rows += 1;
        let last = book.worksheets_mut().last_mut();
        let Some(sheet) = last else { return Ok(()) };
        for (column, (value, spec)) in (0..).zip(row.iter().zip(&frame.columns)) {
            cell(sheet, at, column, value, looks).map_err(|e| told(e, frame, spec))?;
        }
        Ok(())
    })?;
    Ok(sheets)
}

/// An error of one cell, with the way out.
fn told(error: XlsxError, frame: &Frame<'_>, column: &Column) -> DeskError {
    match error {
        XlsxError::MaxStringLengthExceeded => DeskError::Usage(format!(
            "{}.{} has a text of more than {CELL} characters, which a cell of Excel does not hold; nothing was cut, and no workbook written. \
             --format csv and dta hold it",
            frame.name, column.name
        )),
        other => failed(other),
    }
}

fn width(column: &Column) -> usize {
    let room = match column.kind {
        ColumnType::Text => 18,
        ColumnType::Timestamp => 19,
        _ => 10,
    };
    (column.name.len() + 2).clamp(room, WIDEST)
}

fn cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value<'_>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    match value {
        Value::Null => {}
        Value::Bool(b) => {
            sheet.write_boolean(row, column, *b)?;
        }
        Value::Date(days) if i64::from(*days) >= MARCH_1900 => {
            sheet.write_number_with_format(row, column, f64::from(*days) + EPOCH, &looks.day)?;
        }
        Value::Time(micros) if *micros >= MARCH_1900 * DAY => {
            let days = *micros as f64 / DAY as f64 + EPOCH;
            sheet.write_number_with_format(row, column, days, &looks.time)?;
        }
        value => match (value.number(FIFTEEN_DIGITS), value.text()) {
            (Some(number), _) => {
                sheet.write_number(row, column, number)?;
            }
            // More digits than Excel keeps stay as text.
            (None, Some(text)) => words(sheet, row, column, &text, looks)?,
            (None, None) => {}
        },
    }
    Ok(())
}

fn words(sheet: &mut Worksheet, row: u32, column: u16, text: &str, looks: &Looks) -> Result<(), XlsxError> {
    // The writer counts characters, Excel counts as UTF-16 does.
    if text.encode_utf16().count() > CELL {
        return Err(XlsxError::MaxStringLengthExceeded);
    }
    if is_formula(text) {
        sheet.write_string_with_format(row, column, text, &looks.quoted)?;
    } else {
        sheet.write_string(row, column, text)?;
    }
    Ok(())
}

/// What every column is.
fn codebook(book: &mut Workbook, frames: &[Frame<'_>], looks: &Looks) -> Result<(), DeskError> {
    let heads = [
        ("table", 20),
        ("column", 34),
        ("type", 14),
        ("unit", 8),
        ("中文", 60),
        ("English", 60),
        ("clause", 30),
    ];
    let sheet = begin(book, "codebook", &mut heads.into_iter(), looks)?;
    let mut at = 0;
    for frame in frames {
        for column in &frame.columns {
            at += 1;
            let unit = column.unit.as_deref().unwrap_or_default();
            let clause = column.clause.as_deref().unwrap_or_default();
            let cells =
                [frame.name, &column.name, sql_type(column.kind), unit, &column.zh, &column.en, clause];
            line(sheet, at, &cells, looks)?;
        }
    }
    Ok(())
}

/// What every code means.
fn code_sheet(book: &mut Workbook, codes: &Codes, looks: &Looks) -> Result<(), DeskError> {
    let heads = [("table", 20), ("column", 18), ("code", 34), ("中文", 50), ("English", 50)];
    // A table of this name is a sheet of this name.
    let name =
        if book.worksheets().iter().any(|s| s.name() == "codes") { "codes (codebook)" } else { "codes" };
    let sheet = begin(book, name, &mut heads.into_iter(), looks)?;
    let mut at = 0;
    for ((table, column), of_column) in &codes.0 {
        for code in of_column {
            at += 1;
            line(sheet, at, &[table, column, &code.code, &code.zh, &code.en], looks)?;
        }
    }
    Ok(())
}

fn line(sheet: &mut Worksheet, row: u32, texts: &[&str], looks: &Looks) -> Result<(), DeskError> {
    for (column, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
        words(sheet, row, column, text, looks).map_err(failed)?;
    }
    Ok(())
}
