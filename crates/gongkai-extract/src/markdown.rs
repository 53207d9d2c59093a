//! Markdown to blocks, by a small scanner of our own: what text recognition writes is rarely valid, and every line must
//! come through.

mod inline;

use crate::frames;
use crate::html;
use crate::lines::{Field, Line};
use crate::sniff::{is_atx_heading, is_delimiter_row};
use crate::text::Writer;
use crate::work::Work;
use crate::{Limits, html::Parts};
use gongkai_model::{Block, Layout, Problem, Role};
use inline::{behind_break, behind_inline, plain};

/// Reads the lines of a Markdown text.
///
/// # Errors
/// `limit_work`.
pub(crate) fn read(lines: &[Line<'_>], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    /// Steps it takes to begin and end a tree, however small.
    const TREE: usize = 2000;
    let mut writer = Writer::new(limits, work);
    let whole = lines.iter().map(|line| line.text.len()).sum();
    let mut rest = lines;
    while let Some((line, tail)) = rest.split_first() {
        if let Some(tail) = writer.drawn(rest)? {
            rest = tail;
            continue;
        }
        rest = match () {
            () if is_markup_only(line.text) => tail,
            () if has_tag(line) => {
                work.spend(TREE)?;
                html_lines(&mut writer, rest, whole)
            }
            () if is_atx_heading(line.text.trim_start()) => {
                let text = plain(line.text.trim().trim_matches('#').trim()).into_owned();
                writer.push_paragraph(text, Role::Heading, line);
                tail
            }
            () if line.has_bar() => table_lines(&mut writer, rest)?,
            () => plain_lines(&mut writer, rest)?,
        };
    }
    let mut parts = writer.finish();
    parts.blocks.iter_mut().for_each(reduce);
    Ok(parts)
}

/// Takes the marks off every text. Lines read as plain text carry theirs until here.
fn reduce(block: &mut Block) {
    let mut texts: Vec<&mut String> = match block {
        Block::Paragraph(paragraph) => vec![&mut paragraph.text],
        Block::Table(table) => table.cells.iter_mut().map(|cell| &mut cell.text).collect(),
    };
    for text in &mut texts {
        if let std::borrow::Cow::Owned(reduced) = plain(text) {
            **text = reduced;
        }
    }
}

/// Rules and code fences.
fn is_markup_only(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("```")
        || (line.len() >= 3
            && ['-', '*', '_'].iter().any(|mark| line.chars().all(|c| c == *mark || c == ' ')))
}

/// An opening or closing HTML tag; one of a line break or of running text inside a cell between bars is none.
fn has_tag(line: &Line<'_>) -> bool {
    let row = line.has_bar();
    line.text.split('<').skip(1).any(|piece| {
        let name = piece.strip_prefix('/').unwrap_or(piece);
        let tag = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!');
        tag && !(row && (behind_break(piece).is_some() || behind_inline(piece).is_some()))
    })
}

/// Lines of HTML, one line or a whole table, in a text of `whole` bytes.
fn html_lines<'l, 'a>(writer: &mut Writer<'_>, lines: &'l [Line<'a>], whole: usize) -> &'l [Line<'a>] {
    let (mut open, mut count) = (0_usize, 0_usize);
    let mut markup = String::new();
    for line in lines {
        let lower = line.text.to_ascii_lowercase();
        open = (open + lower.matches("<table").count()).saturating_sub(lower.matches("</table").count());
        markup.push_str(line.text);
        markup.push('\n');
        count += 1;
        if open == 0 {
            break;
        }
    }
    let parts = html::read_fragment(&markup, writer.limits, whole);
    writer.parts.meta.extend(parts.meta);
    writer.parts.oddities.extend(parts.oddities);
    parts.blocks.into_iter().for_each(|block| writer.push(block));
    lines.get(count..).unwrap_or_default()
}

/// Consecutive lines with bars: Markdown tables where delimiter rows are among them, rows of plain text otherwise.
fn table_lines<'l, 'a>(writer: &mut Writer<'_>, lines: &'l [Line<'a>]) -> Result<&'l [Line<'a>], Problem> {
    let count = lines.iter().take_while(|line| line.has_bar() && !has_tag(line)).count();
    let (run, tail) = lines.split_at_checked(count).unwrap_or((lines, &[]));
    if !run.iter().any(|line| is_delimiter_row(line.text)) {
        // The value alone after a one-cell-a-line table belongs to it, so the next line goes along.
        return plain_lines(writer, lines);
    }
    let mut rows: Vec<Vec<Field>> = Vec::new();
    let outer = run.iter().filter(|line| is_delimiter_row(line.text)).all(Line::starts_with_bar);
    let mut has_delimiter = false;
    for line in run {
        if !is_delimiter_row(line.text) {
            rows.push(line.bar_fields(outer));
            continue;
        }
        // A second delimiter row begins a second table, whose header is the row just read.
        let header = if has_delimiter { rows.pop() } else { None };
        if has_delimiter && !rows.is_empty() {
            push(writer, std::mem::take(&mut rows));
        }
        rows.extend(header);
        has_delimiter = true;
    }
    if !rows.is_empty() {
        push(writer, rows);
    }
    Ok(tail)
}

/// Writes a table; one of a data frame without what the frame added.
fn push(writer: &mut Writer<'_>, rows: Vec<Vec<Field>>) {
    match frames::unframed(&rows) {
        Some(table) => writer.push(Block::Table(table)),
        None => writer.table(Layout::Markdown, rows),
    }
}

/// Lines with nothing of Markdown's block structure, up to the next that has.
fn plain_lines<'l, 'a>(writer: &mut Writer<'_>, lines: &'l [Line<'a>]) -> Result<&'l [Line<'a>], Problem> {
    let is_plain = |line: &&Line<'_>| {
        !is_markup_only(line.text)
            && !has_tag(line)
            && !is_atx_heading(line.text.trim_start())
            && !is_delimiter_row(line.text)
    };
    let mut count = lines.iter().take_while(is_plain).count();
    match lines.get(count).map(|line| line.text) {
        Some(next) if is_delimiter_row(next) => {
            // The header of the table that begins here.
            let run = lines.iter().take(count).rev().take_while(|line| line.has_bar()).count();
            count -= run;
        }
        // So may dashes that tell columns have their heads above them.
        Some(next) if next.contains("- -") || next.contains("-  -") => count = count.saturating_sub(1),
        _ => {}
    }
    let (plain, tail) = lines.split_at_checked(count.max(1)).unwrap_or((lines, &[]));
    writer.lines(plain)?;
    Ok(tail)
}
