//! How numbers are printed.

use super::Scene;
use crate::sheet::{Beside, Cell, Glue, Kind, Part, Sheet};
use crate::spec::{Damage, Layout};
use crate::words::{Words, pick};
use gongkai_model::Number;

/// Writes every value the way the damages have it.
pub(super) fn print(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    // Who prints zeros as blanks mostly does so in every cell.
    let zeros = if scene.rng.u32(0..4) == 0 { 2 } else { 3 };
    let zero = zero(scene);
    let wide_comma = scene.rng.bool();
    for cell in sheet.rows.iter_mut().flat_map(|r| r.values_mut()) {
        let Some((column, number)) = cell.figure else { continue };
        if number.is_zero()
            && let Some(zero) = zero
        {
            if scene.rng.u32(0..3) < zeros {
                cell.set_text(zero.to_owned());
                cell.no_number();
            }
            continue;
        }
        if scene.spec.has(Damage::Thousands) {
            cell.set_text(thousands(&cell.text(), if wide_comma { '，' } else { ',' }));
        }
        if scene.spec.has(Damage::FullWidthDigits) && scene.rng.u32(0..4) > 0 {
            cell.set_text(cell.text().chars().map(full_width).collect());
        }
        annotate(scene, cell, column, number);
        if scene.spec.has(Damage::NumbersSplit) && scene.rng.bool() {
            split(scene, cell);
        }
    }
}

/// What is printed for zero, where not `0`.
fn zero(scene: &mut Scene<'_>) -> Option<&'static str> {
    let dashes = ["-", "—", "－", "--"];
    let styles = [
        (Damage::ZerosAsBlank, ""),
        (Damage::ZerosAsDash, scene.rng.choice(dashes).unwrap_or("-")),
        (Damage::ZerosAsSlash, "/"),
        (Damage::ZerosAsWu, "无"),
    ];
    styles.into_iter().find(|(damage, _)| scene.spec.has(*damage)).map(|(_, text)| text)
}

/// Units and remarks behind the number.
fn annotate(scene: &mut Scene<'_>, cell: &mut Cell, column: usize, number: Number) {
    let units = scene.table.units_of(column);
    let unit = units.first().map_or("", String::as_str);
    let text = cell.text();
    if scene.spec.has(Damage::ForeignUnit) && unit == "万元" && !number.is_zero() {
        cell.set_text(format!("{}元", ten_thousandfold(number)));
        cell.doubt();
    } else if scene.spec.has(Damage::Units) && scene.rng.u32(0..3) > 0 {
        let unit = if units.len() > 3 {
            scene.rng.choice(units.iter().take(3)).map_or("", String::as_str)
        } else {
            unit
        };
        cell.set_text(format!("{text}{unit}"));
    }
    if scene.spec.has(Damage::MathFigures) {
        let (open, close) =
            scene.rng.choice([("$", "$"), ("$ ", " $"), ("\\(", "\\)")]).unwrap_or(("$", "$"));
        cell.set_text(format!("{open}{}{close}", cell.text()));
    }
    if scene.spec.has(Damage::Notes) && scene.rng.u32(0..6) == 0 {
        let notes = &Words::get().notes;
        let numbered = scene.rng.u32(0..4) == 0;
        let note = pick(if numbered { &notes.numbered } else { &notes.value }, &mut scene.rng);
        cell.set_text(format!("{}{note}", cell.text()));
        if numbered {
            cell.doubt();
        }
    }
}

/// The number times ten thousand, exactly.
fn ten_thousandfold(number: Number) -> Number {
    let (whole, fraction) = (number.micros() * 10_000 / 1_000_000, number.micros() * 10_000 % 1_000_000);
    Number::parse_plain(&format!("{whole}.{fraction:06}")).unwrap_or(number)
}

/// Commas between groups of three digits of the integer part.
fn thousands(text: &str, comma: char) -> String {
    let digits = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).count();
    let mut out = String::new();
    let mut left = digits;
    for c in text.chars() {
        out.push(c);
        if c.is_ascii_digit() && left > 0 {
            left -= 1;
            if left > 0 && left.is_multiple_of(3) {
                out.push(comma);
            }
        }
    }
    out
}

fn full_width(c: char) -> char {
    if c.is_ascii_digit() { char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap_or(c) } else { c }
}

/// Digits of one number in two pieces.
fn split(scene: &mut Scene<'_>, cell: &mut Cell) {
    let text: Vec<char> = cell.text().chars().collect();
    let digits = |i: &usize| [i - 1, *i].iter().all(|i| text.get(*i).is_some_and(|c| c.is_numeric()));
    let Some(at) = scene.rng.choice((1..text.len()).filter(digits).collect::<Vec<_>>()) else { return };
    let layout = scene.spec.layout;
    let glue = match layout {
        _ if layout.has_html_tables() && scene.rng.u32(0..4) == 0 => Glue::Paragraph,
        Layout::HtmlPre => return,
        _ if layout.is_html() => Glue::Span,
        _ if layout.is_markdown() => Glue::Blank,
        Layout::Pipe | Layout::Tab | Layout::Boxes => Glue::Blank,
        _ => return,
    };
    cell.pieces =
        [text.get(..at), text.get(at..)].into_iter().flatten().map(|p| p.iter().collect()).collect();
    cell.glue = glue;
    if glue != Glue::Span {
        cell.doubt();
    }
}

/// All values of some rows run together in their first cell; the other cells are empty.
pub(super) fn run_together(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for row in &mut sheet.rows {
        let count = row.values().count();
        if count < 2 || scene.rng.u32(0..3) > 0 {
            continue;
        }
        let run: String = row.values().map(Cell::text).collect();
        let inks = row.values_mut().flat_map(|c| std::mem::take(&mut c.inks)).collect();
        for (i, cell) in row.values_mut().enumerate() {
            cell.set_text(if i == 0 { run.clone() } else { String::new() });
            cell.glue = Glue::Span;
        }
        if let Some(first) = row.values_mut().next() {
            first.inks = inks;
        }
        row.doubtful = true;
    }
}

/// Blanks of all kinds around texts, and invisible ones inside.
pub(super) fn pad(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let padded = scene.spec.has(Damage::NbspPadding);
    let invisible = scene.spec.has(Damage::ZeroWidthSpaces);
    let cells = sheet.rows.iter_mut().flat_map(|r| &mut r.cells);
    for cell in cells.flat_map(Cell::leaves_mut) {
        if invisible && scene.rng.u32(0..3) == 0 {
            insert_invisible(scene, cell);
        }
        if padded && scene.rng.bool() {
            let blank = scene.rng.choice(["\u{a0}", "\u{3000}", " ", "\u{2003}"]).unwrap_or(" ");
            let (before, behind) = (blank.repeat(scene.rng.usize(0..4)), blank.repeat(scene.rng.usize(0..4)));
            cell.pieces.iter_mut().take(1).for_each(|p| p.insert_str(0, &before));
            cell.pieces.iter_mut().last().into_iter().for_each(|p| p.push_str(&behind));
        }
    }
}

fn insert_invisible(scene: &mut Scene<'_>, cell: &mut Cell) {
    let space = scene.rng.choice(['\u{200b}', '\u{feff}', '\u{200c}']).unwrap_or('\u{200b}');
    for piece in &mut cell.pieces {
        let mut chars: Vec<char> = piece.chars().collect();
        let at = scene.rng.usize(0..=chars.len());
        // A blank cell stays blank.
        if !chars.is_empty() {
            chars.insert(at, space);
        }
        *piece = chars.into_iter().collect();
    }
}

/// Something beside some figures that is no part of them: hidden or struck out digits, raised marks of notes.
pub(super) fn put_beside(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    let kind = match scene.spec {
        s if s.has(Damage::HiddenText) => Beside::Hidden,
        s if s.has(Damage::StruckText) => Beside::Struck,
        _ => Beside::Raised,
    };
    for cell in sheet.rows.iter_mut().flat_map(|r| r.values_mut()) {
        if scene.rng.u32(0..5) > 0 || cell.is_blank() {
            continue;
        }
        let text = match kind {
            Beside::Raised => scene.rng.choice(["1", "2", "[1]", "①", "注1", "*"]).unwrap_or("1").to_owned(),
            // As often as not what is hidden is the figure once more.
            Beside::Hidden if scene.rng.bool() => cell.text(),
            _ => scene.rng.u32(0..400).to_string(),
        };
        cell.beside = Some((kind, text));
    }
}

/// A figure that spans columns is printed in each of them.
pub(super) fn repeat_in_spans(scene: &mut Scene<'_>, sheet: &mut Sheet) {
    for row in sheet.rows.iter_mut().filter(|r| matches!(r.kind, Kind::Values | Kind::Head)) {
        // Where nothing shows the spans, only the same figure under the only column is certain.
        let layout = scene.spec.layout;
        row.doubtful |= layout.is_flat() || row.values().count() > 1 && layout.is_cell_a_line();
        let cells = std::mem::take(&mut row.cells);
        for cell in cells {
            if cell.colspan == 1 || !matches!(cell.part, Part::Value | Part::Column) {
                row.cells.push(cell);
                continue;
            }
            let mut copy = cell.clone().span(1, 1);
            copy.inks.clear();
            copy.figure = None;
            if cell.part == Part::Value {
                copy.part = Part::Other;
            }
            let count = cell.colspan;
            row.cells.push(cell.span(1, 1));
            row.cells.extend(std::iter::repeat_n(copy, count - 1));
        }
    }
}
