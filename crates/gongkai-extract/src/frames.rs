//! Tables of data frames, as pandas writes them: rows counted from 0 in a column without a head, columns counted from 0 where they
//! have no names, and what a merged cell prints repeated in every cell that it covers.

use crate::lines::{Field, Line};
use gongkai_model::{Cell, Layout, Table};

/// Fewer rows may be counted by chance.
const LEAST: usize = 3;
/// Cells that are looked at.
const MAX_CELLS: usize = 50_000;

/// A table of a data frame without what the frame added; `None` for another one.
pub(crate) fn unframed(rows: &[Vec<Field>]) -> Option<Table> {
    let (head, body) = rows.split_first()?;
    let width = head.len();
    let is_counted = |(at, row): (usize, &Vec<Field>)| {
        // The last row may be cut off, even in its number.
        let is_cut = at + 1 == body.len() && row.len() < width;
        (is_cut || row.len() == width)
            && row.first().is_some_and(|f| {
                f.text == at.to_string() || (is_cut && at.to_string().starts_with(f.text.as_str()))
            })
    };
    let is_frame = width > 1
        && body.len() >= LEAST
        && width.saturating_mul(rows.len()) <= MAX_CELLS
        && head.first().is_some_and(|f| f.text.is_empty())
        && body.iter().enumerate().all(is_counted);
    if !is_frame {
        // One without its column of counted rows.
        let is_bare = width > 2
            && body.len() >= LEAST
            && are_counted(head)
            && body.iter().all(|row| row.len() == width);
        return is_bare.then(|| repeated(body)).flatten();
    }
    let skipped = usize::from(are_counted(head.get(1..)?));
    let own: Vec<&[Field]> = rows.iter().skip(skipped).map(|row| row.get(1..).unwrap_or_default()).collect();
    merged(&own)
}

/// Rows in which merged cells are printed once for each cell they cover, as one table; `None` where nothing is repeated.
pub(crate) fn repeated(rows: &[Vec<Field>]) -> Option<Table> {
    let width = rows.first()?.len();
    let is_even = rows.iter().all(|row| row.len() == width) && width.saturating_mul(rows.len()) <= MAX_CELLS;
    let repeats = |row: &&Vec<Field>| {
        row.windows(2).any(|pair| matches!(pair, [a, b] if a.text == b.text && has_words(&a.text)))
    };
    let own: Vec<&[Field]> = rows.iter().map(Vec::as_slice).collect();
    (is_even && rows.iter().filter(repeats).count() > 1).then(|| merged(&own)).flatten()
}

/// The same for a table that is built already.
pub(crate) fn without_frame(table: Table) -> Table {
    let is_plain = || table.cells.iter().all(|c| c.rowspan == 1 && c.colspan == 1);
    let mut head = table.cells.iter().take_while(|c| c.row == 0).map(|c| c.text.as_str());
    let may_be = match (head.next(), head.next()) {
        (Some(""), Some(_)) | (Some("0"), Some("1")) => is_plain(),
        _ => false,
    };
    if !may_be {
        return table;
    }
    let rows: Vec<Vec<Field>> = table
        .cells
        .chunk_by(|a, b| a.row == b.row)
        .map(|row| {
            row.iter().map(|c| Field { text: c.text.clone(), bytes: c.bytes.unwrap_or_default() }).collect()
        })
        .collect();
    unframed(&rows).unwrap_or(table)
}

/// The data frame that is printed as a text on these lines, and how many they are: columns counted from 0, rows counted from 0,
/// cells kept apart by two blanks and more.
pub(crate) fn table_at(lines: &[Line<'_>]) -> Option<(Table, usize)> {
    let (first, body) = lines.split_first()?;
    let heads = first.apart();
    if heads.len() < 2 || !are_counted(&heads) {
        return None;
    }
    let mut rows: Vec<Vec<Field>> = vec![std::iter::once(Field::default()).chain(heads).collect()];
    let width = rows.first()?.len();
    for (at, line) in body.iter().enumerate() {
        let fields = line.apart();
        if fields.len() != width || fields.first().is_none_or(|f| f.text != at.to_string()) {
            break;
        }
        rows.push(fields);
    }
    // A row that cannot be cut into its cells is not to be lost: then the whole is text.
    let goes_on = lines.get(rows.len()).is_some_and(|line| !line.is_blank());
    if goes_on {
        return None;
    }
    let count = rows.len();
    Some((unframed(&rows)?, count))
}

fn are_counted(heads: &[Field]) -> bool {
    heads.iter().enumerate().all(|(at, f)| f.text == at.to_string())
}

/// Puts together what was one cell: words that are repeated beside or below, and a figure repeated under one head. What stands for
/// nothing is blank between figures, and no cell at the end of a row; it stays as it is in a row filled up under such a head.
/// `None` where a row has a cell too few under such a head: it may have lost the figure or its copy.
fn merged(rows: &[&[Field]]) -> Option<Table> {
    let width = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    let text =
        |row: usize, col: usize| rows.get(row).and_then(|r| r.get(col)).map_or("", |f| f.text.as_str());
    let mut taken = vec![false; width * rows.len()];
    let mut cells: Vec<Cell> = Vec::new();
    // The cells of the last row of nothing but words, which are the heads of figures below.
    let mut heads: Vec<(usize, usize)> = Vec::new();
    let (mut is_wide, mut is_short) = (false, false);
    for (row, fields) in rows.iter().enumerate() {
        let mut own_heads = Vec::new();
        // A copy that is missing: the frame has filled up a row that lacked a cell, and no figure stands for sure where it did.
        let lacks_copy = fields.iter().any(|f| has_words(&f.text))
            && heads.iter().any(|(from, to)| {
                let mut own = (*from..*to).map(|col| text(row, col));
                let differ = own.clone().any(|cell| cell != text(row, *from));
                *from > 0 && differ && !own.any(has_words)
            });
        // At its end a blank cell cannot be told from one that only fills the row up.
        let end = fields.iter().rposition(|f| !is_nothing(&f.text)).map_or(0, |last| last + 1);
        for (col, field) in fields.iter().enumerate() {
            let is_filler = col >= end && !lacks_copy;
            if is_filler || taken.get(row * width + col).copied().unwrap_or(true) {
                continue;
            }
            let same = |row: usize, col: usize| text(row, col) == field.text;
            let is_words = has_words(&field.text);
            let beside = (col..width).take_while(|c| same(row, *c)).count();
            // Heads cut to the same few characters are several: other figures stand below each of them.
            let below = (row + 1..rows.len()).filter(|r| !same(*r, col));
            let mut figures = below.take_while(|r| !(col..col + beside).any(|c| has_words(text(*r, c))));
            let other = |a: &str, b: &str| a != b && !is_nothing(a) && !is_nothing(b);
            let mut differ = || figures.any(|r| (col..col + beside).any(|c| other(text(r, c), text(r, col))));
            let beside = if is_words && beside > 1 && differ() { 1 } else { beside };
            let colspan = match () {
                () if is_words => beside,
                () => heads
                    .iter()
                    .find(|(from, to)| *from == col && *to <= col + beside)
                    .map_or(1, |(from, to)| to - from),
            };
            let is_same_below = |r: &usize| (col..col + colspan).all(|c| same(*r, c));
            let below = (row + 1..rows.len()).take_while(is_same_below).count();
            let rowspan = if is_words { 1 + below } else { 1 };
            for slot in (row..row + rowspan).flat_map(|r| (col..col + colspan).map(move |c| r * width + c)) {
                taken.get_mut(slot).into_iter().for_each(|slot| *slot = true);
            }
            own_heads.push((col, col + colspan));
            let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            cells.push(Cell {
                row: clip(row),
                col: clip(col),
                rowspan: clip(rowspan),
                colspan: clip(colspan),
                text: match is_nothing(&field.text) && !lacks_copy {
                    true => String::new(),
                    false => field.text.clone(),
                },
                bytes: Some(field.bytes),
            });
        }
        // The corner may be empty; a row of labels whose figures are blank is no head.
        let mut words = fields.iter().skip_while(|f| f.text.is_empty()).peekable();
        if words.peek().is_none() || words.all(|f| has_words(&f.text)) {
            heads = own_heads;
        } else {
            is_wide |= heads.iter().any(|(from, to)| *from > 0 && to - from > 1);
        }
        is_short |= fields.len() < width;
    }
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let table = Table { layout: Layout::Grid, cells, rows: clip(rows.len()), columns: clip(width) };
    (!(is_wide && is_short)).then_some(table)
}

/// Whether a text is words that may be repeated: neither a figure with its unit (`12件`) nor a character alone (`无`).
fn has_words(text: &str) -> bool {
    /// No unit has more characters.
    const MAX_UNIT: usize = 3;
    let is_letter = |c: &char| c.is_alphabetic() || ('\u{2e80}'..='\u{2fdf}').contains(c);
    let letters = |text: &str| text.chars().filter(is_letter).count();
    let digits =
        text.trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    // What follows an ordinal's point is a label.
    let is_figure = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'))
        && letters(digits) <= MAX_UNIT
        && !digits.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    letters(text) > 1 && !is_figure && !is_nothing(text)
}

/// What a frame prints where it has nothing.
fn is_nothing(text: &str) -> bool {
    matches!(text, "nan" | "NaN" | "None" | "<NA>")
}
