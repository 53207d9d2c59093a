//! Plain text.

use super::{aligned, boxes, cell_text, extracted};
use crate::report::{Block, Report, stream};
use crate::sheet::{Cell, Row, Slot, resolve};
use crate::spec::{Layout, Spec};

/// The report as lines, with the header some captures have.
pub(super) fn write(report: &Report, spec: &Spec) -> String {
    let mut rng = stream(spec.seed, "layout");
    let in_place = rng.bool();
    let mut out = Vec::new();
    if rng.u32(0..3) == 0 {
        out.extend(header(report, spec));
    }
    let blank_lines = rng.bool() && !spec.layout.is_flat();
    for block in &report.blocks {
        match block {
            Block::Sheet(sheet) => {
                for (before, rows) in sheet.parts() {
                    out.extend(before.filter(|b| !b.is_empty()));
                    out.extend(table(rows, spec.layout, in_place));
                }
            }
            Block::Comment(_) => {}
            Block::Title(t)
            | Block::Heading(t)
            | Block::Paragraph(t)
            | Block::Caption(t)
            | Block::Signature(t) => {
                out.push(t.clone());
                out.extend(blank_lines.then(String::new));
            }
        }
    }
    let between = match spec.layout {
        Layout::FlattenedSpaced => " ",
        Layout::Flattened if rng.bool() => " ",
        Layout::Flattened => "",
        _ => "\n",
    };
    out.join(between)
}

/// Lines that crawlers put before the text of a page.
fn header(report: &Report, spec: &Spec) -> Vec<String> {
    let (year, (month, day)) = (report.year + 1, report.day);
    let code = &report.county.code;
    let mut lines = vec![
        format!("标题: {}", report.title),
        format!("发布时间: {year}-{month:02}-{day:02} 10:2{}", day % 10),
        format!("发布机构: {}", report.agency),
        format!(
            "原文链接: https://www.x{code}.example.gov.cn/xxgk/t{year}{month:02}{day:02}_{}.htm",
            spec.seed % 100_000
        ),
        "==================== 正文 ====================".to_owned(),
    ];
    if spec.layout == Layout::Flattened {
        lines.iter_mut().for_each(|l| l.push(' '));
    }
    lines
}

fn table(rows: &[Row], layout: Layout, in_place: bool) -> Vec<String> {
    match layout {
        Layout::SpaceAligned => aligned::lines(rows),
        Layout::LaidOut => extracted::laid_out(rows),
        Layout::RawOrder => extracted::raw(rows),
        Layout::Boxes => boxes::lines(rows, in_place),
        Layout::Pipe => grid(rows).iter().map(|l| pipe(l, in_place)).collect(),
        Layout::PipeCellALine => grid(rows).iter().flat_map(|l| pipe_lines(l)).collect(),
        Layout::Tab => grid(rows).iter().map(|l| tabs(l)).collect(),
        Layout::CellALine => {
            cells(rows).map(|c| cell_text(c, "\n")).filter(|t| !t.trim().is_empty()).collect()
        }
        Layout::FlattenedSpaced => {
            let texts = cells(rows).map(|c| cell_text(c, " ")).filter(|t| !t.trim().is_empty());
            vec![texts.collect::<Vec<_>>().join(" ")]
        }
        _ => vec![cells(rows).map(|c| cell_text(c, "")).collect()],
    }
}

fn cells(rows: &[Row]) -> impl Iterator<Item = &Cell> {
    rows.iter().flat_map(|r| &r.cells).flat_map(Cell::leaves)
}

/// For each row its places: a cell, or `None` where one from the left or above covers it.
pub(super) fn grid(rows: &[Row]) -> Vec<Vec<Option<&Cell>>> {
    let cell = |slot: &Slot| match slot {
        Slot::Cell(r, c) => rows.get(*r).and_then(|row| row.cells.get(*c)),
        Slot::Covered(..) => None,
    };
    resolve(rows).iter().map(|line| line.iter().map(cell).collect()).collect()
}

/// `a | b |`, then a bar for every covered place; or covered places empty where they are.
fn pipe(line: &[Option<&Cell>], in_place: bool) -> String {
    let text = |c: &Cell| cell_text(c, " ");
    if in_place {
        let texts: Vec<String> = line.iter().map(|c| c.map_or(String::new(), text)).collect();
        return format!("| {} |", texts.join(" | "));
    }
    let texts: Vec<String> = line.iter().flatten().map(|c| text(c)).collect();
    let covered = line.iter().filter(|c| c.is_none()).count();
    format!("{} | {}", texts.join(" | "), "|".repeat(covered)).trim_end().to_owned()
}

/// Each cell with its bar in a line of its own; the bars of covered places behind the row.
fn pipe_lines(line: &[Option<&Cell>]) -> Vec<String> {
    let mut lines: Vec<String> = line.iter().flatten().map(|c| format!("{} |", cell_text(c, "\n"))).collect();
    let covered = line.iter().filter(|c| c.is_none()).count();
    if covered > 0 {
        lines.push("|".repeat(covered));
    }
    lines
}

fn tabs(line: &[Option<&Cell>]) -> String {
    let texts: Vec<String> = line.iter().map(|c| c.map_or(String::new(), |c| cell_text(c, " "))).collect();
    texts.join("\t")
}
