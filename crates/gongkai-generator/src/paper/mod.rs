//! Reports as office documents and as pages: what HTML or text does not carry.
//!
//! The report and its truth are those of [`crate::Layout::HtmlSpans`], or, where no lines are drawn, of
//! [`crate::Layout::SpaceAligned`]; only the file differs.

mod docx;
mod ofd;
mod pdf;
mod typeset;
mod xlsx;
mod zip;

use crate::encode;
use crate::ink;
use crate::report::{Block, Report};
use crate::sheet::{Beside, Cell, Glue, Kind, Slot, resolve};
use crate::spec::{Charset, Damage, Layout, Spec};
use crate::truth::{Certainty, Printed, TrueCell};
use std::fmt;

/// A file format, and whose hand wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Medium {
    /// Office Open XML as the common word processor writes it: tracked changes, runs cut by fonts, text boxes.
    DocxWord,
    /// Office Open XML as the other one writes it: every property on every run, content controls, all boxes twice.
    DocxOther,
    /// PDF with ruled tables, glyphs by number with a map to Unicode.
    PdfWord,
    /// PDF with ruled tables, fonts that are not embedded in Chinese encodings.
    PdfReport,
    /// PDF whose tables are columns of text.
    PdfUnruled,
    /// OFD with ruled tables.
    Ofd,
    /// A workbook: the text and the tables one below the other on a sheet.
    Xlsx,
}

impl Medium {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DocxWord,
        Self::DocxOther,
        Self::PdfWord,
        Self::PdfReport,
        Self::PdfUnruled,
        Self::Ofd,
        Self::Xlsx,
    ];

    /// The layout whose truth the document has.
    pub(crate) fn layout(self) -> Layout {
        if self == Self::PdfUnruled { Layout::SpaceAligned } else { Layout::HtmlSpans }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::DocxWord | Self::DocxOther => "docx",
            Self::PdfWord | Self::PdfReport | Self::PdfUnruled => "pdf",
            Self::Ofd => "ofd",
            Self::Xlsx => "xlsx",
        }
    }

    /// Whether pages end where the program decides, so that damages that end them elsewhere do not occur.
    fn is_paged(self) -> bool {
        !matches!(self, Self::DocxWord | Self::DocxOther | Self::Xlsx)
    }

    fn shows(self, damage: Damage) -> bool {
        use Damage::*;
        match damage {
            ValueTableInCell if self == Self::Xlsx => false,
            UnclosedTags | CommentedOut | TruncatedPage | CutOff | OverflowingRowspan | InputValues
            | MathFigures => false,
            HiddenText => !matches!(self, Self::PdfUnruled | Self::Ofd | Self::Xlsx),
            StruckText | NoteMarks => self != Self::PdfUnruled,
            TwoRowsInOne => !self.is_paged(),
            FigureCutByPage => self != Self::PdfUnruled,
            // Figures of a page are wrapped in their cells.
            KangxiRadicals => self != Self::PdfReport,
            ValueTableInCell | PageBreakInTable | PageBreakInLabel | ExtraEmptyColumn => !self.is_paged(),
            // Characters that no font draws.
            ZeroWidthSpaces | NbspPadding => !self.is_paged(),
            WordsSplit | NumbersSplit => self != Self::PdfUnruled,
            _ => true,
        }
    }

    /// What a damage looks like in the medium: on a sheet no cell is missing, what a lost value leaves is a blank one.
    fn damage(self, damage: Damage) -> Damage {
        match damage {
            Damage::LostValue if self == Self::Xlsx => Damage::ValueBlank,
            // On a sheet without headings a caption may be any table's below it.
            Damage::CaptionOfAnother if self == Self::Xlsx => Damage::FootnoteRow,
            Damage::GroupedRowsShort if self == Self::Xlsx => Damage::GroupedRowsBlank,
            other => other,
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// So many specs whose reports can be printed in a medium: every damage in turn, half of the documents without any.
pub fn paper_specs(medium: Medium, count: usize, seed: u64) -> impl Iterator<Item = Spec> {
    let shown = Damage::ALL.into_iter().filter(|d| medium.shows(*d));
    let damages: Vec<Damage> = shown.map(|d| medium.damage(d)).collect();
    (0..count).map(move |number| {
        let damage = damages.get(number / 2 % damages.len().max(1)).copied().unwrap_or(Damage::None);
        let damage = if number % 2 == 0 { Damage::None } else { damage };
        Spec {
            seed: seed.wrapping_mul(1_000_003).wrapping_add(number as u64),
            form: if number % 4 < 2 { "2021" } else { "2019" },
            layout: medium.layout(),
            damages: vec![damage],
            traditional: number % 7 == 3,
            charset: Charset::Utf8,
        }
    })
}

/// Prints a report in a medium; the same spec gives the same bytes.
pub fn print_as(spec: &Spec, medium: Medium) -> Printed {
    let spec = Spec { layout: medium.layout(), ..spec.clone() };
    // Where pages end is the typesetter's to say.
    let mut unpaged = spec.clone();
    unpaged.damages.retain(|d| !(medium.is_paged() && *d == Damage::FigureCutByPage));
    let (mut printed, report) = crate::print::printed(&unpaged, None);
    let paper = Paper::of(&report, &spec);
    // In columns that are too narrow, and across the ends of pages, figures go on in the next line.
    let narrow = medium.is_paged() && spec.has(Damage::FigureCutByPage);
    if narrow {
        let doubt = |c: &mut TrueCell| c.certainty = Certainty::doubt(c.certainty);
        printed.truth.cells.iter_mut().for_each(doubt);
    }
    let pages = || {
        let mut style = typeset::Style::draw(spec.seed, medium != Medium::PdfUnruled);
        style.narrow = narrow;
        typeset::typeset(&paper, style, spec.seed)
    };
    printed.bytes = match medium {
        Medium::DocxWord => docx::write(&paper, spec.seed, docx::Hand::Word),
        Medium::DocxOther => docx::write(&paper, spec.seed, docx::Hand::Other),
        Medium::PdfWord | Medium::PdfUnruled => pdf::by_hand(&pages(), spec.seed),
        Medium::PdfReport => pdf::by_library(&pages(), spec.seed),
        Medium::Ofd => ofd::write(&pages(), spec.seed),
        Medium::Xlsx => xlsx::write(&paper),
    };
    let stem = printed.name.rsplit_once('.').map_or(printed.name.as_str(), |(stem, _)| stem);
    printed.name = format!("{stem}.{}", medium.extension());
    printed
}

/// A report before it is written: text in its script, tables with resolved places.
pub(crate) struct Paper {
    pub(crate) pieces: Vec<Piece>,
}

pub(crate) enum Piece {
    Title(String),
    Heading(String),
    Text(String),
    Right(String),
    Table(Grid),
}

/// A table with a place for every cell.
pub(crate) struct Grid {
    pub(crate) cells: Vec<GridCell>,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Rows at its top that are repeated on every page.
    pub(crate) head_rows: usize,
}

pub(crate) struct GridCell {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) rowspan: usize,
    pub(crate) colspan: usize,
    /// Lines, each of runs.
    pub(crate) lines: Vec<Vec<String>>,
    /// The cells of a table inside it.
    pub(crate) nested: Vec<String>,
    /// Whether it holds a figure.
    pub(crate) is_value: bool,
    /// What stands beside its text.
    pub(crate) beside: Option<(Beside, String)>,
}

impl GridCell {
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|runs| runs.concat()).collect::<Vec<_>>().join("\n")
    }
}

impl Paper {
    fn of(report: &Report, spec: &Spec) -> Self {
        let script = |text: &str| {
            let text = ink::strip(text);
            if spec.traditional { encode::traditional(&text, spec.charset) } else { text }
        };
        let mut pieces = Vec::new();
        for block in &report.blocks {
            match block {
                Block::Title(t) => pieces.push(Piece::Title(script(t))),
                Block::Heading(t) => pieces.push(Piece::Heading(script(t))),
                Block::Paragraph(t) | Block::Caption(t) => pieces.push(Piece::Text(script(t))),
                Block::Signature(t) => pieces.push(Piece::Right(script(t))),
                Block::Comment(_) => {}
                Block::Sheet(sheet) => {
                    for (before, rows) in sheet.parts() {
                        pieces.extend(before.filter(|b| !b.is_empty()).map(|b| Piece::Text(script(&b))));
                        if !rows.is_empty() {
                            pieces.push(Piece::Table(grid(rows, &script)));
                        }
                    }
                }
            }
        }
        Self { pieces }
    }
}

fn grid(rows: &[crate::sheet::Row], script: &dyn Fn(&str) -> String) -> Grid {
    let slots = resolve(rows);
    let columns = slots.iter().map(Vec::len).max().unwrap_or(0);
    let mut cells = Vec::new();
    for (r, line) in slots.iter().enumerate() {
        for (c, slot) in line.iter().enumerate() {
            let Slot::Cell(_, at) = slot else { continue };
            let Some(cell) = rows.get(r).and_then(|row| row.cells.get(*at)) else { continue };
            let own =
                |slot: &&Slot| matches!(slot, Slot::Cell(a, b) | Slot::Covered(a, b) if (*a, *b) == (r, *at));
            cells.push(GridCell {
                row: r,
                col: c,
                rowspan: slots
                    .iter()
                    .skip(r)
                    .take_while(|l| l.get(c).is_some_and(|s| own(&s)))
                    .count()
                    .max(1),
                colspan: line.iter().skip(c).take_while(own).count().max(1),
                lines: lines(cell, script),
                nested: cell.nested.iter().map(|c| script(&c.text())).collect(),
                is_value: cell.part == crate::sheet::Part::Value,
                beside: cell.beside.clone(),
            });
        }
    }
    let head_rows = rows.iter().take_while(|r| r.kind == Kind::Head).count();
    Grid { cells, rows: rows.len(), columns, head_rows }
}

fn lines(cell: &Cell, script: &dyn Fn(&str) -> String) -> Vec<Vec<String>> {
    let pieces: Vec<String> = cell.pieces.iter().map(|p| script(p)).collect();
    match cell.glue {
        Glue::Span => vec![pieces],
        Glue::Blank => vec![vec![pieces.join(" ")]],
        Glue::Line | Glue::Paragraph => pieces.into_iter().map(|p| vec![p]).collect(),
    }
}
