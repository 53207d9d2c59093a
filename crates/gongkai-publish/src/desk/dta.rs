//! Stata's own format, 118 (Stata 14 and later), as its makers document it (`help dta`): header, map, description of the variables, rows
//! of fixed width, long texts, value labels. The table is read once to see how wide its texts and numbers are, once for the rows, and
//! once more where it has long texts.

use super::frame::{Code, Column, Frame};
use super::value::Value;
use super::{DeskError, Exported, Pending};
use gongkai_registry::ColumnType;
use std::fs::File;
use std::io::{BufWriter, Error, Seek, Write};
use std::path::Path;

/// Bytes of a name, of a label of a variable and of a format, the closing zero included.
const NAME: usize = 129;
const LABEL: usize = 321;
const FORMAT: usize = 57;
/// Characters of a label.
const LABEL_CHARS: usize = 80;
/// Longest text that is kept in its row; longer ones are kept once behind the rows.
const SHORT_TEXT: usize = 244;
/// Longest text at all.
const LONG_TEXT: usize = 2_000_000_000;
/// From 1970 to 1960, where Stata counts from.
const EPOCH_DAYS: i64 = 3_653;
const EPOCH_MILLIS: i64 = EPOCH_DAYS * 86_400_000;
/// Largest integer up to which a double has every one.
const EXACT: u64 = 1 << 53;
/// Stata's `.`: no value.
const NO_BYTE: i8 = 101;
const NO_INT: i16 = 32_741;
const NO_LONG: i32 = 2_147_483_621;
const NO_DOUBLE: u64 = 0x7fe0_0000_0000_0000;
/// Stata's `.a`: a value that a double cannot tell exactly.
const INEXACT: u64 = 0x7fe0_0100_0000_0000;

/// How a column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Byte,
    Int,
    Long,
    Double,
    /// Text of at most so many bytes.
    Text(u16),
    LongText,
}

impl Kind {
    fn code(self) -> u16 {
        match self {
            Self::Text(width) => width,
            Self::LongText => 32_768,
            Self::Double => 65_526,
            Self::Long => 65_528,
            Self::Int => 65_529,
            Self::Byte => 65_530,
        }
    }

    fn default_format(self) -> String {
        match self {
            Self::Text(width) => format!("%{width}s"),
            Self::LongText => "%9s".to_owned(),
            Self::Byte | Self::Int => "%8.0g".to_owned(),
            Self::Long => "%12.0g".to_owned(),
            Self::Double => "%16.0g".to_owned(),
        }
    }

    /// The smallest that holds these.
    fn of_integers(least: i64, most: i64) -> Self {
        match (least, most) {
            (-127.., ..=100) => Self::Byte,
            (-32_767.., ..=32_740) => Self::Int,
            (-2_147_483_647.., ..=2_147_483_620) => Self::Long,
            _ => Self::Double,
        }
    }
}

/// What the values of a column are like.
#[derive(Debug, Clone)]
struct Seen {
    bytes: usize,
    least: i64,
    most: i64,
    /// Whether every text is a code.
    coded: bool,
    inexact: u64,
}

/// A column as it is written.
struct Variable<'a> {
    column: &'a Column,
    kind: Kind,
    format: String,
    /// What its numbers stand for.
    labels: Vec<(i32, String)>,
}

/// Writes a table.
pub(crate) fn write(frame: &Frame<'_>, folder: &Path) -> Result<Exported, DeskError> {
    let (rows, seen) = survey(frame)?;
    let variables: Vec<Variable<'_>> = frame.columns.iter().zip(&seen).map(|(c, s)| variable(c, s)).collect();
    let pending = Pending::new(folder, &format!("{}.dta", frame.name));
    let mut out = BufWriter::new(pending.create()?);
    let failed = || pending.failed();
    let mut map = head(&mut out, frame, &variables, rows).map_err(failed())?;
    let mut section = |out: &mut BufWriter<File>, tag: &str| -> Result<(), Error> {
        map.push(out.stream_position()?);
        out.write_all(tag.as_bytes())
    };
    section(&mut out, "<data>").map_err(failed())?;
    let mut number = 0;
    frame.each(&mut |row| {
        number += 1;
        row_bytes(&mut out, &variables, row, number).map_err(failed())
    })?;
    out.write_all(b"</data>").map_err(failed())?;
    section(&mut out, "<strls>").map_err(failed())?;
    if variables.iter().any(|v| v.kind == Kind::LongText) {
        long_texts(&mut out, frame, &variables, &pending)?;
    }
    out.write_all(b"</strls>").map_err(failed())?;
    section(&mut out, "<value_labels>").map_err(failed())?;
    for variable in variables.iter().filter(|v| !v.labels.is_empty()) {
        value_labels(&mut out, variable).map_err(failed())?;
    }
    out.write_all(b"</value_labels>").map_err(failed())?;
    section(&mut out, "</stata_dta>").map_err(failed())?;
    map.push(out.stream_position().map_err(failed())?);
    finish_map(&mut out, &map).map_err(failed())?;
    drop(out);
    let notes = frame.columns.iter().zip(&seen).filter(|(_, s)| s.inexact > 0).map(|(c, s)| {
        format!(
            "{}.{}: {} values have more digits than Stata keeps; they are .a",
            frame.name, c.name, s.inexact
        )
    });
    pending.finish(rows, notes.collect())
}

/// Reads a table for what its values are like.
fn survey(frame: &Frame<'_>) -> Result<(u64, Vec<Seen>), DeskError> {
    let begin = |c: &Column| Seen {
        bytes: 0,
        least: i64::MAX,
        most: i64::MIN,
        coded: !c.codes.is_empty(),
        inexact: 0,
    };
    let mut seen: Vec<Seen> = frame.columns.iter().map(begin).collect();
    let mut rows = 0;
    frame.each(&mut |row| {
        rows += 1;
        for ((value, seen), column) in row.iter().zip(&mut seen).zip(&frame.columns) {
            match value {
                Value::Text(text) => {
                    seen.bytes = seen.bytes.max(text.len());
                    seen.coded = seen.coded && column.codes.iter().any(|c| c.code == *text);
                    if text.len() > LONG_TEXT || text.contains('\0') {
                        let what = "a text that Stata cannot hold (too long, or with a character 0)";
                        return Err(DeskError::Usage(format!("{}.{} has {what}", frame.name, column.name)));
                    }
                }
                Value::Int(n) => (seen.least, seen.most) = (seen.least.min(*n), seen.most.max(*n)),
                _ => {}
            }
            let is_number = matches!(value, Value::Int(_) | Value::Decimal(..));
            seen.inexact += u64::from(is_number && value.number(EXACT).is_none());
        }
        Ok(())
    })?;
    Ok((rows, seen))
}

fn variable<'a>(column: &'a Column, seen: &Seen) -> Variable<'a> {
    let mut labels = Vec::new();
    let (kind, format) = match column.kind {
        ColumnType::Text if seen.coded => {
            labels = column.codes.iter().map(|c| (c.number, label(c))).collect();
            let most = column.codes.iter().map(|c| c.number).max().unwrap_or(0);
            (Kind::of_integers(0, most.into()), None)
        }
        ColumnType::Text => match u16::try_from(seen.bytes.max(1)) {
            Ok(width) if seen.bytes <= SHORT_TEXT => (Kind::Text(width), None),
            _ => (Kind::LongText, None),
        },
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 if seen.least <= seen.most => {
            (Kind::of_integers(seen.least, seen.most), None)
        }
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => (Kind::Byte, None),
        ColumnType::Bool => {
            labels = vec![(0, "no 否".to_owned()), (1, "yes 是".to_owned())];
            (Kind::Byte, None)
        }
        ColumnType::Date => (Kind::Long, Some("%td".to_owned())),
        ColumnType::Timestamp => (Kind::Double, Some("%tc".to_owned())),
        ColumnType::Decimal2 | ColumnType::Decimal4 | ColumnType::Decimal6 => {
            (Kind::Double, Some(format!("%16.{}f", column.places())))
        }
    };
    Variable { column, kind, format: format.unwrap_or_else(|| kind.default_format()), labels }
}

/// The code first, so that `word(label, 1)` is the code.
fn label(code: &Code) -> String {
    if code.zh.is_empty() { code.code.clone() } else { format!("{} {}", code.code, code.zh) }
}

/// Everything before the rows; the places of the parts so far.
fn head(
    out: &mut BufWriter<File>,
    frame: &Frame<'_>,
    variables: &[Variable<'_>],
    rows: u64,
) -> Result<Vec<u64>, Error> {
    let count = u16::try_from(variables.len()).map_err(Error::other)?;
    out.write_all(b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>")?;
    out.write_all(&count.to_le_bytes())?;
    out.write_all(b"</K><N>")?;
    out.write_all(&rows.to_le_bytes())?;
    out.write_all(b"</N><label>")?;
    let label: String = frame.zh.chars().take(LABEL_CHARS).collect();
    out.write_all(&u16::try_from(label.len()).map_err(Error::other)?.to_le_bytes())?;
    out.write_all(label.as_bytes())?;
    // No time: the same table, the same bytes.
    out.write_all(b"</label><timestamp>\0</timestamp></header>")?;
    let mut map = vec![0, out.stream_position()?];
    out.write_all(b"<map>")?;
    out.write_all(&[0; 14 * 8])?;
    out.write_all(b"</map>")?;
    let mut part = |out: &mut BufWriter<File>, tag: &str, body: &[u8]| {
        map.push(out.stream_position()?);
        write!(out, "<{tag}>")?;
        out.write_all(body)?;
        write!(out, "</{tag}>")
    };
    let all =
        |each: &dyn Fn(&Variable<'_>) -> Vec<u8>| -> Vec<u8> { variables.iter().flat_map(each).collect() };
    part(out, "variable_types", &all(&|v| v.kind.code().to_le_bytes().to_vec()))?;
    part(out, "varnames", &all(&|v| padded(&v.column.name, NAME)))?;
    part(out, "sortlist", &vec![0; (variables.len() + 1) * 2])?;
    part(out, "formats", &all(&|v| padded(&v.format, FORMAT)))?;
    part(
        out,
        "value_label_names",
        &all(&|v| padded(if v.labels.is_empty() { "" } else { &v.column.name }, NAME)),
    )?;
    part(
        out,
        "variable_labels",
        &all(&|v| padded(&v.column.zh.chars().take(LABEL_CHARS).collect::<String>(), LABEL)),
    )?;
    part(out, "characteristics", &all(&notes))?;
    Ok(map)
}

/// A text in a field of fixed width, with a zero at its end.
fn padded(text: &str, width: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(width);
    for c in text.chars().take_while(|c| *c != '\0') {
        if bytes.len() + c.len_utf8() >= width {
            break;
        }
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    bytes.resize(width, 0);
    bytes
}

/// What `notes` shows of a variable: the whole description, of which its label may be the beginning.
fn notes(variable: &Variable<'_>) -> Vec<u8> {
    let Column { name, zh, en, unit, clause, .. } = variable.column;
    let more = [unit.as_deref(), clause.as_deref()].into_iter().flatten();
    let text = [zh.as_str(), en.as_str()].into_iter().chain(more).collect::<Vec<_>>().join(" / ");
    let mut bytes = Vec::new();
    for (characteristic, text) in [("note0", "1"), ("note1", &text)] {
        bytes.extend_from_slice(b"<ch>");
        let length = u32::try_from(2 * NAME + text.len() + 1).unwrap_or(0);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend(padded(name, NAME));
        bytes.extend(padded(characteristic, NAME));
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(b"\0</ch>");
    }
    bytes
}

fn row_bytes(
    out: &mut BufWriter<File>,
    variables: &[Variable<'_>],
    row: &[Value<'_>],
    number: u64,
) -> Result<(), Error> {
    for (at, (variable, value)) in (1_u16..).zip(variables.iter().zip(row)) {
        match variable.kind {
            Kind::Text(width) => {
                let text = value.text().unwrap_or_default();
                let rest = usize::from(width).saturating_sub(text.len());
                out.write_all(text.as_bytes())?;
                out.write_all(&vec![0; rest])?;
            }
            // Variable and row under which the text stands behind the rows; nothing for none.
            Kind::LongText if matches!(value, Value::Text(t) if !t.is_empty()) => {
                out.write_all(&at.to_le_bytes())?;
                out.write_all(&number.to_le_bytes()[..6])?;
            }
            Kind::LongText => out.write_all(&[0; 8])?,
            Kind::Double => out.write_all(&double(value).to_le_bytes())?,
            kind => {
                let n = integer(variable, value);
                match kind {
                    Kind::Byte => {
                        out.write_all(&n.and_then(|n| i8::try_from(n).ok()).unwrap_or(NO_BYTE).to_le_bytes())?
                    }
                    Kind::Int => {
                        out.write_all(&n.and_then(|n| i16::try_from(n).ok()).unwrap_or(NO_INT).to_le_bytes())?
                    }
                    _ => out
                        .write_all(&n.and_then(|n| i32::try_from(n).ok()).unwrap_or(NO_LONG).to_le_bytes())?,
                }
            }
        }
    }
    Ok(())
}

/// The bits of a double.
fn double(value: &Value<'_>) -> u64 {
    match value {
        Value::Null => NO_DOUBLE,
        Value::Time(micros) => ((micros.div_euclid(1_000) + EPOCH_MILLIS) as f64).to_bits(),
        value => value.number(EXACT).map_or(INEXACT, f64::to_bits),
    }
}

fn integer(variable: &Variable<'_>, value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Date(days) => Some(i64::from(*days) + EPOCH_DAYS),
        Value::Text(text) => variable.column.codes.iter().find(|c| c.code == *text).map(|c| c.number.into()),
        _ => None,
    }
}

fn long_texts(
    out: &mut BufWriter<File>,
    frame: &Frame<'_>,
    variables: &[Variable<'_>],
    pending: &Pending,
) -> Result<(), DeskError> {
    /// Text without a length of its own: it ends with a zero.
    const TEXT: u8 = 130;
    let mut number = 0_u64;
    frame.each(&mut |row| {
        number += 1;
        let long = (1_u32..).zip(variables.iter().zip(row)).filter(|(_, (v, _))| v.kind == Kind::LongText);
        for (at, (_, value)) in long {
            let Value::Text(text) = value else { continue };
            if text.is_empty() {
                continue;
            }
            let mut head = b"GSO".to_vec();
            head.extend(at.to_le_bytes());
            head.extend(number.to_le_bytes());
            head.push(TEXT);
            head.extend(u32::try_from(text.len() + 1).unwrap_or(u32::MAX).to_le_bytes());
            let written = out.write_all(&head).and_then(|()| out.write_all(text.as_bytes()));
            written.and_then(|()| out.write_all(&[0])).map_err(pending.failed())?;
        }
        Ok(())
    })
}

fn value_labels(out: &mut BufWriter<File>, variable: &Variable<'_>) -> Result<(), Error> {
    let mut texts = Vec::new();
    let mut table = Vec::new();
    let count = |n: usize| u32::try_from(n).map_err(Error::other);
    for (_, label) in &variable.labels {
        table.extend(count(texts.len())?.to_le_bytes());
        texts.extend_from_slice(label.as_bytes());
        texts.push(0);
    }
    for (number, _) in &variable.labels {
        table.extend(number.to_le_bytes());
    }
    out.write_all(b"<lbl>")?;
    out.write_all(&count(8 + table.len() + texts.len())?.to_le_bytes())?;
    out.write_all(&padded(&variable.column.name, NAME))?;
    out.write_all(&[0; 3])?;
    out.write_all(&count(variable.labels.len())?.to_le_bytes())?;
    out.write_all(&count(texts.len())?.to_le_bytes())?;
    out.write_all(&table)?;
    out.write_all(&texts)?;
    out.write_all(b"</lbl>")
}

/// Puts the places of the parts where the map is.
fn finish_map(out: &mut BufWriter<File>, places: &[u64]) -> Result<(), Error> {
    let Some(map) = places.get(1) else { return Ok(()) };
    out.seek(std::io::SeekFrom::Start(map + b"<map>".len() as u64))?;
    for place in places {
        out.write_all(&place.to_le_bytes())?;
    }
    out.flush()
}
