//! SpreadsheetML: one sheet, figures as numbers where they are plain ones.

use super::zip::{escape, package};
use super::{Paper, Piece};
use crate::sheet::Beside;
use std::collections::BTreeMap;
use std::fmt::Write;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="年报" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

pub(super) fn write(paper: &Paper) -> Vec<u8> {
    let mut cells: BTreeMap<(usize, usize), String> = BTreeMap::new();
    let mut besides: BTreeMap<(usize, usize), (Beside, String)> = BTreeMap::new();
    let mut merges = String::new();
    let mut merged = 0;
    let mut row = 0;
    for piece in &paper.pieces {
        match piece {
            Piece::Title(text) | Piece::Heading(text) | Piece::Text(text) | Piece::Right(text) => {
                cells.insert((row, 0), text.clone());
                row += 1;
            }
            Piece::Table(grid) => {
                for cell in &grid.cells {
                    let (r, c) = (row + cell.row, cell.col);
                    cells.insert((r, c), cell.text());
                    besides.extend(cell.beside.clone().map(|beside| ((r, c), beside)));
                    if cell.rowspan > 1 || cell.colspan > 1 {
                        merged += 1;
                        let (last_row, last_col) = (r + cell.rowspan - 1, c + cell.colspan - 1);
                        let _ = write!(
                            merges,
                            r#"<mergeCell ref="{}:{}"/>"#,
                            name(r, c),
                            name(last_row, last_col)
                        );
                    }
                }
                row += grid.rows;
            }
        }
    }
    let mut rows = String::new();
    for r in 0..row {
        let _ = write!(rows, r#"<row r="{}">"#, r + 1);
        for ((_, c), text) in cells.range((r, 0)..(r + 1, 0)) {
            if let Some((kind, beside)) = besides.get(&(r, *c)) {
                let _ = write!(
                    rows,
                    r#"<c r="{}" t="inlineStr"><is>{}</is></c>"#,
                    name(r, *c),
                    rich(text, *kind, beside)
                );
                continue;
            }
            let plain = text.parse::<i64>().is_ok_and(|n| n.to_string() == *text);
            let _ = match plain {
                true => write!(rows, r#"<c r="{}"><v>{text}</v></c>"#, name(r, *c)),
                false => write!(
                    rows,
                    r#"<c r="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                    name(r, *c),
                    escape(text)
                ),
            };
        }
        rows.push_str("</row>");
    }
    let merges =
        if merged > 0 { format!(r#"<mergeCells count="{merged}">{merges}</mergeCells>"#) } else { merges };
    let sheet = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{merges}</worksheet>"#
    );
    package(&[
        ("[Content_Types].xml", TYPES.into()),
        ("_rels/.rels", RELATIONSHIPS.into()),
        ("xl/workbook.xml", BOOK.into()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELATIONSHIPS.into()),
        ("xl/worksheets/sheet1.xml", sheet.into_bytes()),
    ])
}

/// A text in two runs: the figure, and what is raised behind it or struck out before it.
fn rich(text: &str, kind: Beside, beside: &str) -> String {
    let plain = format!(r#"<r><t xml:space="preserve">{}</t></r>"#, escape(text));
    let property = if kind == Beside::Raised { r#"<vertAlign val="superscript"/>"# } else { "<strike/>" };
    let other = format!("<r><rPr>{property}</rPr><t>{}</t></r>", escape(beside));
    if kind == Beside::Raised { format!("{plain}{other}") } else { format!("{other}{plain}") }
}

/// `A1` and so on.
fn name(row: usize, col: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(col).unwrap_or(25).min(25));
    format!("{letter}{}", row + 1)
}
