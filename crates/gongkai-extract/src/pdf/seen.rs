//! What of the text on a page its reader sees. Text is on a page and not to be seen where it is drawn in no colour or in that
//! of what lies beneath it, is painted over later, or stands outside of what is cut out to be shown.

use crate::layout::Drawn;
use crate::work::Work;
use gongkai_model::Problem;
use hayro_interpret::kurbo::Rect;
use hayro_interpret::{BlendMode, Paint};

/// Colours that differ by less, in each of their parts from 0 to 255, look the same.
const SAME: u8 = 16;
/// Less opaque than this is not to be seen, more opaque than the other hides what is beneath.
const TRANSPARENT: f32 = 0.05;
const OPAQUE: f32 = 0.98;
/// Edges are drawn so inexactly.
const EDGE: f64 = 2.0;
/// Filled shapes and pictures that are looked at; a page with more is a drawing.
const MAX_SHEETS: usize = 50_000;

/// A colour as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ink {
    None,
    Colour([u8; 3]),
    /// A pattern, or partly transparent.
    Unsure,
}

impl Ink {
    pub(super) fn of(paint: &Paint<'_>, is_plain: bool) -> Self {
        let Paint::Color(colour) = paint else { return Self::Unsure };
        let [r, g, b, alpha] = colour.to_rgba().components();
        let part = |x: f32| (x.clamp(0.0, 1.0) * 255.0) as u8;
        match () {
            () if alpha < TRANSPARENT => Self::None,
            () if alpha < OPAQUE || !is_plain => Self::Unsure,
            () => Self::Colour([r, g, b].map(part)),
        }
    }

    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Colour(a), Self::Colour(b)) => a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= SAME),
            _ => false,
        }
    }

    /// White, or nearly.
    pub(super) fn is_pale(self) -> bool {
        self.is_like(PAPER)
    }
}

const PAPER: Ink = Ink::Colour([255; 3]);

/// Something with an area: a filled shape or a picture.
#[derive(Debug, Clone, Copy)]
enum Sheet {
    Ink(Ink),
    /// Whether it lets nothing through, and whether it is most of the page.
    Picture {
        is_opaque: bool,
        is_page: bool,
    },
}

/// Where a glyph ends up.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Seen,
    /// Nobody can tell what it is: something covers a part of it.
    Cut,
    /// In or behind a picture, where text recognition puts it.
    Recognised,
    Unseen,
}

struct Glyph {
    drawn: Drawn,
    /// `None`: invisible by its mode.
    ink: Option<Ink>,
    is_cut_off: bool,
}

/// A page being drawn.
pub(super) struct Scene {
    area: Rect,
    glyphs: Vec<Glyph>,
    /// With the number of glyphs drawn before.
    sheets: Vec<(Rect, Sheet, usize)>,
    /// What is cut out to be shown: its box, and whether it is that box.
    clips: Vec<(Rect, bool)>,
    /// Whether groups are drawn as they are.
    groups: Vec<bool>,
    /// Curves drawn: letters may have been turned to them.
    pub(super) curves: usize,
}

/// The glyphs of a page by what becomes of them.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) seen: Vec<Drawn>,
    /// Text that somebody's recognition put in or behind a picture.
    pub(super) recognised: Vec<Drawn>,
    pub(super) unseen: usize,
}

impl Scene {
    pub(super) fn new(area: Rect) -> Self {
        Self {
            area,
            glyphs: Vec::new(),
            sheets: Vec::new(),
            clips: Vec::new(),
            groups: Vec::new(),
            curves: 0,
        }
    }

    pub(super) fn push_clip(&mut self, bounds: Rect, is_rect: bool) {
        let (outer, outer_is_rect) = self.clip();
        self.clips.push((outer.intersect(bounds), outer_is_rect && is_rect));
    }

    pub(super) fn pop_clip(&mut self) {
        self.clips.pop();
    }

    pub(super) fn push_group(&mut self, opacity: f32, is_masked: bool, blend: BlendMode) {
        let is_plain = opacity >= OPAQUE && !is_masked && blend == BlendMode::Normal;
        self.groups.push(self.is_plain() && is_plain);
    }

    pub(super) fn pop_group(&mut self) {
        self.groups.pop();
    }

    fn clip(&self) -> (Rect, bool) {
        self.clips.last().copied().unwrap_or((self.area, true))
    }

    /// Whether what is drawn now is drawn as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.groups.last().copied().unwrap_or(true)
    }

    /// A glyph; without an ink it is invisible by its mode.
    pub(super) fn glyph(&mut self, drawn: Drawn, ink: Option<Ink>) {
        let (x, y) = drawn.center();
        let (clip, _) = self.clip();
        let is_cut_off = !clip.inflate(EDGE, EDGE).contains((f64::from(x), f64::from(y)));
        self.glyphs.push(Glyph { drawn, ink, is_cut_off });
    }

    /// A filled shape within its bounds; `is_rect`: it is all of them.
    pub(super) fn fill(&mut self, bounds: Rect, is_rect: bool, ink: Ink) {
        let (clip, is_clip_rect) = self.clip();
        let is_whole = is_rect && is_clip_rect;
        let ink = match ink {
            Ink::Colour(_) if !is_whole => Ink::Unsure,
            ink => ink,
        };
        if ink != Ink::None {
            self.sheet(bounds.intersect(clip), Sheet::Ink(ink));
        }
    }

    pub(super) fn picture(&mut self, bounds: Rect, is_opaque: bool) {
        let (clip, is_clip_rect) = self.clip();
        let bounds = bounds.intersect(clip);
        let is_page = bounds.area() > 0.5 * self.area.area();
        let is_opaque = is_opaque && is_clip_rect && self.is_plain();
        self.sheet(bounds, Sheet::Picture { is_opaque, is_page });
    }

    fn sheet(&mut self, bounds: Rect, sheet: Sheet) {
        /// Less is a line.
        const THIN: f64 = 2.5;
        let has_area = bounds.width() > THIN && bounds.height() > THIN;
        if has_area && self.sheets.len() < MAX_SHEETS {
            self.sheets.push((bounds, sheet, self.glyphs.len()));
        }
    }

    /// What became of the glyphs.
    ///
    /// # Errors
    /// `limit_work`.
    pub(super) fn sort(self, work: &Work) -> Result<Sorted, Problem> {
        /// Curves that the outline of a letter has at least.
        const OUTLINE: usize = 4;
        let fates = self.fates(work)?;
        let count = |fate: Fate| fates.iter().filter(|f| **f == fate).count();
        let invisible = self.glyphs.iter().filter(|g| g.ink.is_none()).count();
        // Letters drawn as outlines have their text behind them, without a picture.
        let is_outlined = count(Fate::Seen) == 0 && self.curves >= invisible.saturating_mul(OUTLINE);
        let mut sorted = Sorted::default();
        for (glyph, fate) in self.glyphs.into_iter().zip(fates) {
            match fate {
                Fate::Seen => sorted.seen.push(glyph.drawn),
                Fate::Cut => sorted.seen.push(Drawn { c: char::REPLACEMENT_CHARACTER, ..glyph.drawn }),
                Fate::Recognised => sorted.recognised.push(glyph.drawn),
                Fate::Unseen if is_outlined && glyph.ink.is_none() => sorted.recognised.push(glyph.drawn),
                Fate::Unseen => sorted.unseen += usize::from(!glyph.drawn.c.is_whitespace()),
            }
        }
        Ok(sorted)
    }

    fn fates(&self, work: &Work) -> Result<Vec<Fate>, Problem> {
        let mut around =
            vec![Around { beneath: Sheet::Ink(PAPER), above: None, is_cut: false }; self.glyphs.len()];
        let centers = self.glyphs.iter().map(|glyph| glyph.drawn.center()).enumerate();
        let mut by_height: Vec<(f64, f64, usize)> =
            centers.map(|(at, (x, y))| (f64::from(y), f64::from(x), at)).collect();
        by_height.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (bounds, sheet, before) in &self.sheets {
            let first = by_height.partition_point(|(y, ..)| *y < bounds.y0);
            let last = by_height.partition_point(|(y, ..)| *y <= bounds.y1);
            work.spend(1 + last.saturating_sub(first))?;
            let along = by_height.get(first..last).unwrap_or_default();
            for (_, _, at) in along.iter().filter(|(_, x, _)| (bounds.x0..=bounds.x1).contains(x)) {
                if let (Some(around), Some(glyph)) = (around.get_mut(*at), self.glyphs.get(*at)) {
                    around.add(*sheet, at >= before, glyph.is_within(bounds));
                }
            }
        }
        Ok(self.glyphs.iter().zip(around).map(|(glyph, around)| glyph.fate(around)).collect())
    }
}

/// What a glyph stands on, and what stands on it.
#[derive(Clone, Copy)]
struct Around {
    beneath: Sheet,
    above: Option<Sheet>,
    /// Something covers a part of it.
    is_cut: bool,
}

impl Around {
    fn add(&mut self, sheet: Sheet, is_beneath: bool, is_within: bool) {
        let hides = matches!(sheet, Sheet::Ink(Ink::Colour(_)) | Sheet::Picture { is_opaque: true, .. });
        if is_beneath {
            self.beneath = sheet;
        } else if hides && !is_within {
            self.is_cut = true;
        } else if hides && !matches!(self.above, Some(Sheet::Ink(_))) {
            self.above = Some(sheet);
        }
    }
}

impl Glyph {
    /// Whether its width is within bounds, as good as all of it.
    fn is_within(&self, bounds: &Rect) -> bool {
        const PART: f32 = 0.15;
        let (x, y) = self.drawn.advance;
        let at = |part: f32| (f64::from(self.drawn.x + x * part), f64::from(self.drawn.y + y * part));
        let ((x0, y0), (x1, y1)) = (at(PART), at(1.0 - PART));
        // Along the way it runs; across it, its middle is looked at.
        if x.abs() >= y.abs() {
            bounds.x0 <= x0.min(x1) && x0.max(x1) <= bounds.x1
        } else {
            bounds.y0 <= y0.min(y1) && y0.max(y1) <= bounds.y1
        }
    }

    fn fate(&self, around: Around) -> Fate {
        let is_on_picture = matches!(around.beneath, Sheet::Picture { .. });
        match (around.above, around.beneath, self.ink) {
            _ if self.is_cut_off => Fate::Unseen,
            (Some(Sheet::Ink(_)), ..) | (.., Some(Ink::None)) => Fate::Unseen,
            (Some(Sheet::Picture { .. }), ..) => Fate::Recognised,
            (.., None) if is_on_picture => Fate::Recognised,
            (.., None) => Fate::Unseen,
            // White on the picture of a page is none of its letters.
            (_, Sheet::Picture { is_page: true, .. }, Some(ink)) if ink.is_pale() => Fate::Recognised,
            (_, Sheet::Ink(ground), Some(ink)) if ink.is_like(ground) => Fate::Unseen,
            _ if around.is_cut && !self.drawn.c.is_whitespace() => Fate::Cut,
            _ => Fate::Seen,
        }
    }
}
