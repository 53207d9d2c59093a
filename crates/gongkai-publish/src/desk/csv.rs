//! CSV for spreadsheets: with the mark by which Excel knows UTF-8, formulas defused, and no file longer than a sheet.

use super::frame::Frame;
use super::value::Value;
use super::{DeskError, Exported, Pending, remove_stale};
use crate::release::csv::field;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// A file being written.
struct Part {
    pending: Pending,
    out: BufWriter<File>,
    rows: u64,
}

impl Part {
    fn begin(frame: &Frame<'_>, folder: &Path, number: usize) -> Result<Self, DeskError> {
        let pending = Pending::new(folder, &name(frame, number));
        let mut out = BufWriter::new(pending.create()?);
        let mut head = MARK.to_owned();
        for (n, column) in frame.columns.iter().enumerate() {
            if n > 0 {
                head.push(',');
            }
            field(&mut head, &column.name);
        }
        head.push_str("\r\n");
        out.write_all(head.as_bytes()).map_err(pending.failed())?;
        Ok(Self { pending, out, rows: 0 })
    }

    fn line(&mut self, line: &str) -> Result<(), DeskError> {
        self.rows += 1;
        self.out.write_all(line.as_bytes()).map_err(self.pending.failed())
    }

    fn finish(self) -> Result<Exported, DeskError> {
        let Self { pending, mut out, rows } = self;
        out.flush().map_err(pending.failed())?;
        pending.finish(rows, Vec::new())
    }
}

fn name(frame: &Frame<'_>, number: usize) -> String {
    match number {
        1 => format!("{}.csv", frame.name),
        _ => format!("{}-{number}.csv", frame.name),
    }
}

/// Writes a table: one file, or as many as it has sheets' worth of rows.
pub(crate) fn write(frame: &Frame<'_>, folder: &Path, most: u64) -> Result<Vec<Exported>, DeskError> {
    let mut done = Vec::new();
    let mut part = Some(Part::begin(frame, folder, 1)?);
    let mut line = String::new();
    frame.each(&mut |row: &[Value<'_>]| {
        if let Some(full) = part.take_if(|p| p.rows >= most) {
            done.push(full.finish()?);
            part = Some(Part::begin(frame, folder, done.len() + 1)?);
        }
        line.clear();
        for (n, value) in row.iter().enumerate() {
            if n > 0 {
                line.push(',');
            }
            if let Some(text) = value.text() {
                field(&mut line, &text);
            }
        }
        line.push_str("\r\n");
        part.as_mut().map_or(Ok(()), |p| p.line(&line))
    })?;
    if let Some(last) = part {
        done.push(last.finish()?);
    }
    let files = done.len();
    if let Some(first) = done.first_mut().filter(|_| files > 1) {
        first.notes.push(format!("{}: more rows than a sheet of Excel holds, so {files} files", frame.name));
    }
    // Of a longer table before: it would look like a part of this one.
    let mut next = done.len() + 1;
    while remove_stale(&folder.join(name(frame, next)))? {
        next += 1;
    }
    Ok(done)
}
