//! What the formats cannot hold, and that nothing of it is lost without a word. What other programs read of the files is checked by
//! `.ci/desk.py`.

#![allow(clippy::unwrap_used)]

use super::frame::{Code, Codes, Column, Frame, Rows, Show};
use super::value::Value;
use super::{DeskError, csv, dta, xlsx};
use calamine::{Data, Reader, Xlsx};
use gongkai_registry::ColumnType;
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

struct Fixed(Vec<Vec<Value<'static>>>);

impl Rows for Fixed {
    fn each(&self, _: &[Column], show: &mut Show<'_>) -> Result<(), DeskError> {
        self.0.iter().try_for_each(|row| show(row))
    }
}

fn column(name: &str, kind: ColumnType) -> Column {
    let [zh, en] = ["数", "a number"].map(str::to_owned);
    Column { name: name.to_owned(), kind, zh, en, unit: None, clause: None, codes: Vec::new() }
}

fn frame(columns: Vec<Column>, rows: Vec<Vec<Value<'static>>>) -> Frame<'static> {
    Frame { name: "t", zh: "表", columns, rows: Box::new(Fixed(rows)) }
}

fn numbers(count: i64) -> Frame<'static> {
    frame(vec![column("n", ColumnType::Int64)], (0..count).map(|n| vec![Value::Int(n)]).collect())
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

fn sheets(folder: &Path) -> BTreeMap<String, Vec<Vec<Data>>> {
    let bytes = fs::read(folder.join(super::WORKBOOK)).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheets = book.worksheets();
    sheets.into_iter().map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect())).collect()
}

fn workbook(frame: Frame<'_>, folder: &Path, most: u64) -> Result<super::Exported, DeskError> {
    xlsx::write(&[frame], &Codes(BTreeMap::new()), folder, most)
}

#[test]
fn a_long_table_is_several_csv_files_and_none_is_left_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let made = csv::write(&numbers(5), folder.path(), 2).unwrap();
    assert_eq!(made.iter().map(|f| f.rows).collect::<Vec<_>>(), [2, 2, 1]);
    assert!(made[0].notes[0].contains("3 files"), "{made:?}");
    assert_eq!(read(folder.path(), "t-3.csv"), "\u{feff}n\r\n4\r\n");
    // Exactly full is one file, and the others are not its parts.
    csv::write(&numbers(2), folder.path(), 2).unwrap();
    assert_eq!(names(folder.path()), ["t.csv"]);
    assert_eq!(read(folder.path(), "t.csv"), "\u{feff}n\r\n0\r\n1\r\n");
}

#[test]
fn a_long_table_is_several_sheets() {
    let folder = tempfile::tempdir().unwrap();
    let made = workbook(numbers(5), folder.path(), 2).unwrap();
    assert_eq!(made.rows, 5);
    let sheets = sheets(folder.path());
    assert_eq!(sheets.keys().collect::<Vec<_>>(), ["codebook", "codes", "t", "t (2)", "t (3)"]);
    assert_eq!(sheets["t (2)"], [[Data::String("n".to_owned())], [Data::Float(2.0)], [Data::Float(3.0)]]);
    assert_eq!(sheets["t (3)"].len(), 2);
    assert_eq!(names(folder.path()), ["gongkai.xlsx"]);
}

#[test]
fn a_workbook_keeps_every_digit_and_formulas_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let columns = vec![column("n", ColumnType::Decimal4), column("s", ColumnType::Text)];
    let rows = vec![
        vec![Value::Decimal(12_345, 4), Value::Text("=1+1")],
        vec![Value::Decimal(-1_234_567_890_123_456_789, 4), Value::Null],
    ];
    workbook(frame(columns, rows), folder.path(), 9).unwrap();
    let text = |text: &str| Data::String(text.to_owned());
    let sheet = &sheets(folder.path())["t"];
    assert_eq!(sheet[1], [Data::Float(1.2345), text("=1+1")]);
    assert_eq!(sheet[2], [text("-123456789012345.6789"), Data::Empty]);
}

#[test]
fn a_text_that_a_cell_does_not_hold_is_refused_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    // So many characters for Excel, which counts this one twice.
    let long: &'static str = "𠮷".repeat(16_384).leak();
    let rows = vec![vec![Value::Text(long)]];
    let refused = workbook(frame(vec![column("s", ColumnType::Text)], rows.clone()), folder.path(), 9);
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("t.s") && said.contains("--format csv"), "{said}");
    assert!(names(folder.path()).is_empty());
    csv::write(&frame(vec![column("s", ColumnType::Text)], rows), folder.path(), 9).unwrap();
    assert!(read(folder.path(), "t.csv").contains(long));
}

#[test]
fn stata_is_told_what_a_double_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let columns = vec![column("n", ColumnType::Int64), column("d", ColumnType::Decimal2)];
    let rows = vec![
        vec![Value::Int(9_007_199_254_740_993), Value::Decimal(10, 2)],
        vec![Value::Int(1), Value::Null],
    ];
    let made = dta::write(&frame(columns, rows), folder.path()).unwrap();
    assert_eq!(made.notes, ["t.n: 1 values have more digits than Stata keeps; they are .a"]);
    let bytes = fs::read(folder.path().join("t.dta")).unwrap();
    let data = bytes.windows(6).position(|w| w == b"<data>").unwrap() + 6;
    let double = |at: usize| u64::from_le_bytes(bytes[data + at * 8..data + at * 8 + 8].try_into().unwrap());
    assert_eq!((double(0), double(3)), (0x7fe0_0100_0000_0000, 0x7fe0_0000_0000_0000));
    assert_eq!((f64::from_bits(double(1)), f64::from_bits(double(2))), (0.1, 1.0));
}

#[test]
fn codes_are_numbers_with_labels_unless_one_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let code = |number, code: &str, zh: &str| {
        let [code, zh, en] = [code, zh, ""].map(str::to_owned);
        Code { number, code, zh, en }
    };
    let coded = Column {
        codes: vec![code(1, "own", "本级"), code(2, "whole", "汇总")],
        ..column("scope", ColumnType::Text)
    };
    let has = |name: &str, text: &str| {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        bytes.windows(text.len()).any(|w| w == text.as_bytes())
    };
    dta::write(
        &frame(vec![coded.clone()], vec![vec![Value::Text("whole")], vec![Value::Null]]),
        folder.path(),
    )
    .unwrap();
    assert!(has("t.dta", "whole 汇总") && has("t.dta", "<data>\u{2}e</data>"));
    dta::write(&frame(vec![coded], vec![vec![Value::Text("half")]]), folder.path()).unwrap();
    assert!(!has("t.dta", "whole 汇总") && has("t.dta", "<data>half</data>"));
}
