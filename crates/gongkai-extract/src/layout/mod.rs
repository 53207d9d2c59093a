//! Pages to blocks: from glyphs and ruling lines at places of a page to paragraphs and tables, whatever format drew them.
//!
//! A table is one only where lines draw it and its cells tile it; everything else is lines of text, in which columns are
//! kept apart by blanks. Nothing is guessed from alignment alone.
//!
//! Rooms: `rules` (segments to lines), `ruled` (lines to cells), `lines` (glyphs to text), `struck` (lines through text), `furniture` (page numbers, running
//! heads), `join` and `torn` (tables, rows and paragraphs over the ends of pages).

mod furniture;
mod join;
mod lines;
mod orient;
mod ruled;
mod rules;
mod struck;
mod torn;

use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::work::Work;
use gongkai_model::{Problem, Role};
use lines::Line;
use ruled::Ruled;

pub(crate) use orient::{Drawn, Upright, upright};
pub(crate) use rules::{Rule, rules_of, whole};

/// A character at its place. Lengths are points, y grows downwards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    pub(crate) left: f32,
    pub(crate) right: f32,
    /// The line it stands on.
    pub(crate) base: f32,
    /// Height of the font.
    pub(crate) size: f32,
}

impl Glyph {
    fn center(&self) -> (f32, f32) {
        ((self.left + self.right) / 2.0, self.base - 0.35 * self.size)
    }

    fn is_sound(&self) -> bool {
        let places = [self.left, self.right, self.base, self.size];
        places.iter().all(|n| n.is_finite() && n.abs() < 1e5) && self.size > 0.1 && !self.c.is_control()
    }

    /// Part of a figure.
    fn is_figure(&self) -> bool {
        self.c.is_numeric() || matches!(self.c, '.' | ',' | '+' | '-' | '%')
    }
}

/// Whether a character is as wide as the font is high.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2010..=0x2027 | 0x2030..=0x205e | 0x2460..=0x24ff | 0x2500..=0x27bf | 0x2e80..=0xd7ff | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff01..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3ffff)
}

/// What is drawn on a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) glyphs: Vec<Glyph>,
    /// Whole lines, not the pieces they are drawn in.
    pub(crate) rules: Vec<Rule>,
}

/// Something on a page, in reading order.
#[derive(Debug)]
enum Element {
    Line(Line),
    Table(Ruled),
}

impl Element {
    fn top(&self) -> f32 {
        match self {
            Self::Line(line) => line.base - line.size,
            Self::Table(table) => table.top(),
        }
    }
}

/// A page as elements from top to bottom.
#[derive(Debug, Default)]
struct Laid {
    width: f32,
    height: f32,
    elements: Vec<Element>,
    /// Page numbers and running heads.
    furniture: Vec<Line>,
    /// Cells left out because of the limits.
    dropped: usize,
}

/// Reads pages in their order.
///
/// # Errors
/// `limit_work`.
pub(crate) fn read(pages: Vec<Page>, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut laid: Vec<Laid> =
        pages.into_iter().map(|page| lay(page, limits, work)).collect::<Result<_, _>>()?;
    furniture::take_out(&mut laid);
    let mut blocks = Blocks::new(limits);
    let dropped: usize = laid.iter().map(|page| page.dropped).sum();
    let furniture: Vec<String> = laid
        .iter_mut()
        .flat_map(|page| std::mem::take(&mut page.furniture))
        .map(|line| line.text())
        .collect();
    for piece in join::pages(laid, work)? {
        match piece {
            join::Piece::Paragraph(text, role) => blocks.paragraph(text, role),
            join::Piece::Table(table) => {
                let (table, cut) = table.finish(limits);
                blocks.table(table, cut);
            }
        }
    }
    // Kept, where nobody takes it for the text: nothing vanishes.
    furniture.into_iter().for_each(|text| blocks.paragraph(text, Role::Navigation));
    let mut parts = blocks.finish();
    if dropped > 0 {
        let message =
            format!("{dropped} cells of drawn grids are too many for a table and were read as text");
        parts.oddities.push(crate::oddity::oddity(crate::oddity::TABLE_TOO_LARGE, message));
    }
    Ok(parts)
}

fn lay(page: Page, limits: &Limits, work: &Work) -> Result<Laid, Problem> {
    /// Steps of a glyph on its way into a line.
    const GLYPH: usize = 20;
    let Page { width, height, mut glyphs, rules } = page;
    glyphs.retain(Glyph::is_sound);
    let mut laid = Laid { width, height, ..Laid::default() };
    let across = rules.iter().filter(|rule| rule.is_horizontal).count();
    work.spend_each(across, rules.len() - across)?;
    work.spend_each(glyphs.len(), GLYPH)?;
    for grid in rules::grids(&rules) {
        work.spend(glyphs.len())?;
        let inside = |g: &Glyph| grid.holds(g.center());
        if grid.units() > limits.table_cells {
            laid.dropped += grid.units();
            continue;
        }
        work.spend(grid.steps())?;
        let own: Vec<Glyph> = glyphs.iter().filter(|g| inside(g)).copied().collect();
        if let Some(table) = Ruled::of(&grid, &own) {
            glyphs.retain(|g| !inside(g));
            laid.elements.push(Element::Table(table));
        }
    }
    laid.elements.extend(lines::lines(glyphs).into_iter().map(Element::Line));
    laid.elements.sort_by(|a, b| a.top().total_cmp(&b.top()));
    Ok(laid)
}
