//! What a page draws: glyphs with their meaning, and straight lines.

use super::seen::{Ink, Scene};
use crate::Limits;
use crate::layout::{Drawn, Rule, is_wide, rules_of};
use crate::script::unified;
use crate::work::Work;
use gongkai_model::Problem;
use hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::object::Stream;
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};
use unicode_normalization::UnicodeNormalization;

/// Lines of a page beyond which it is a drawing.
const MAX_RULES: usize = 50_000;
/// Steps of a glyph: its code is looked up in maps.
const GLYPH: usize = 50;
/// Steps of anything else that is drawn.
const STEP: usize = 50;
/// Steps of a form, however small.
const FORM: usize = 500;

/// Unwinds out of the library: the page draws more than is allowed.
pub(super) struct LimitHit(pub(super) Problem);

pub(super) struct Collector<'w> {
    pub(super) scene: Scene,
    pub(super) rules: Vec<Rule>,
    pub(super) unmapped: usize,
    pub(super) images: usize,
    glyphs_left: usize,
    limits: &'w Limits,
    work: &'w Work,
}

impl<'w> Collector<'w> {
    /// For a page of that area and so many glyphs at most.
    pub(super) fn new(area: Rect, glyphs: usize, limits: &'w Limits, work: &'w Work) -> Self {
        Self {
            scene: Scene::new(area),
            rules: Vec::new(),
            unmapped: 0,
            images: 0,
            glyphs_left: glyphs,
            limits,
            work,
        }
    }

    /// Whether what is drawn with these properties is drawn as it is.
    fn is_plain(&self, props: &DrawProps<'_>) -> bool {
        self.scene.is_plain() && props.soft_mask.is_none() && props.blend_mode == BlendMode::Normal
    }

    fn step(&mut self, steps: usize) {
        if let Err(problem) = self.work.spend(steps) {
            stop(problem);
        }
    }

    /// Draws a glyph; without an ink it is invisible by its mode.
    fn glyph(&mut self, positioned: &PositionedGlyph<'_>, page: Affine, ink: Option<Ink>) {
        const EM: f64 = 1000.0;
        let place = page * positioned.transform();
        let glyph: &Glyph<'_> = positioned;
        let text: Vec<char> = match glyph.as_unicode() {
            Some(BfString::Char(c)) => vec![c],
            Some(BfString::String(text)) => text.chars().collect(),
            None => Vec::new(),
        };
        let mut text: Vec<char> = text.into_iter().flat_map(plain).collect();
        if text.is_empty() || text.iter().all(|c| c.is_control() || *c == char::REPLACEMENT_CHARACTER) {
            // Its place is kept: what stands on either side of it is not one word.
            self.unmapped += usize::from(ink.is_some());
            text = vec![char::REPLACEMENT_CHARACTER];
        }
        let advance = match glyph {
            Glyph::Outline(outline) => outline.advance_width(),
            Glyph::Type3(own) => own.advance_width(),
        };
        let usual = if text.first().is_some_and(|c| is_wide(*c)) { 1000.0 } else { 500.0 };
        let width = advance.map(f64::from).filter(|w| *w > 0.0).unwrap_or(usual);
        let origin = place * Point::ORIGIN;
        let end = place * Point::new(width, 0.0);
        let above = place * Point::new(0.0, EM);
        let parts = text.len() as f64;
        let step = ((end.x - origin.x) / parts, (end.y - origin.y) / parts);
        for (n, c) in text.into_iter().enumerate() {
            let drawn = Drawn {
                c,
                x: (origin.x + step.0 * n as f64) as f32,
                y: (origin.y + step.1 * n as f64) as f32,
                advance: (step.0 as f32, step.1 as f32),
                size: above.distance(origin) as f32,
            };
            self.scene.glyph(drawn, ink);
        }
    }
}

/// No panic: nothing is wrong with the program, and no hook is to report it.
fn stop(problem: Problem) -> ! {
    std::panic::resume_unwind(Box::new(LimitHit(problem)))
}

/// Whether a path is a rectangle along the axes, whole.
fn is_rect(path: &BezPath) -> bool {
    const NEAR: f64 = 0.1;
    let bounds = path.bounding_box();
    let mut corners = 0;
    let mut last: Option<Point> = None;
    for element in path.elements() {
        let p = match element {
            PathEl::MoveTo(p) if corners == 0 => p,
            PathEl::LineTo(p) => p,
            PathEl::ClosePath => continue,
            _ => return false,
        };
        let at = |x: f64, low: f64, high: f64| (x - low).abs() < NEAR || (x - high).abs() < NEAR;
        let is_along = last.is_none_or(|l| (l.x - p.x).abs() < NEAR || (l.y - p.y).abs() < NEAR);
        if !(is_along && at(p.x, bounds.x0, bounds.x1) && at(p.y, bounds.y0, bounds.y1)) {
            return false;
        }
        corners += 1;
        last = Some(*p);
    }
    (4..=5).contains(&corners)
}

/// Whether a picture lets something through.
fn has_mask(stream: &Stream<'_>) -> bool {
    [&b"SMask"[..], b"Mask"].iter().any(|key| stream.dict().contains_key(key))
}

/// Ligatures of Latin letters as letters, and characters in their usual form.
fn plain(c: char) -> Vec<char> {
    match u32::from(c) {
        0xfb00..=0xfb06 => c.nfkc().collect(),
        _ => vec![unified(c)],
    }
}

impl<'a> Device<'a> for Collector<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.step(STEP + path.elements().len());
        let (fills, strokes) = match mode {
            DrawMode::Fill(_) => (true, false),
            DrawMode::Stroke(_) => (false, true),
            DrawMode::FillAndStroke(..) => (true, true),
            DrawMode::Invisible => (false, false),
        };
        let ink = Ink::of(&props.paint, self.is_plain(&props));
        if fills {
            let shape = props.transform * path.clone();
            self.scene.fill(shape.bounding_box(), is_rect(&shape), ink);
        }
        let is_curve = |element: &&PathEl| matches!(element, PathEl::QuadTo(..) | PathEl::CurveTo(..));
        self.scene.curves += path.elements().iter().filter(is_curve).count();
        let mut points: Vec<(f32, f32)> = Vec::new();
        let mut is_curved = false;
        let mut found: Vec<Rule> = Vec::new();
        let mut end = |points: &mut Vec<(f32, f32)>, closed: bool, is_curved: &mut bool| {
            if fills && !*is_curved {
                found.extend(rules_of(points, closed, true));
            }
            if strokes {
                found.extend(rules_of(points, closed, false));
            }
            *is_curved = false;
            points.clear();
        };
        let place = |p: Point| {
            let p = props.transform * p;
            (p.x as f32, p.y as f32)
        };
        for element in path.elements() {
            match element {
                PathEl::MoveTo(p) => {
                    end(&mut points, false, &mut is_curved);
                    points.push(place(*p));
                }
                PathEl::LineTo(p) => points.push(place(*p)),
                PathEl::QuadTo(_, p) | PathEl::CurveTo(_, _, p) => {
                    // A curve is no ruling line; what follows it may be.
                    end(&mut points, false, &mut is_curved);
                    is_curved = true;
                    points.push(place(*p));
                }
                PathEl::ClosePath => {
                    let first = points.first().copied();
                    end(&mut points, true, &mut is_curved);
                    points.extend(first);
                }
            }
        }
        end(&mut points, false, &mut is_curved);
        let room = MAX_RULES.saturating_sub(self.rules.len());
        let is_pale = ink.is_pale();
        self.rules.extend(found.into_iter().take(room).map(|rule| Rule { is_pale, ..rule }));
    }

    /// A form begins with one; paths that are no rectangle are rare.
    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.step(FORM + clip.path.elements().len());
        self.scene.push_clip(clip.path.bounding_box(), is_rect(&clip.path));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.step(STEP);
        self.scene.push_clip(*rect, true);
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend: BlendMode) {
        self.step(STEP);
        self.scene.push_group(opacity, mask.is_some(), blend);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.step(STEP + run.glyphs().len().saturating_mul(GLYPH));
        match self.glyphs_left.checked_sub(run.glyphs().len()) {
            Some(left) => self.glyphs_left = left,
            None => stop(Problem::unreadable(format!("limit_glyphs: {} allowed", self.limits.glyphs))),
        }
        let ink =
            (!matches!(mode, DrawMode::Invisible)).then(|| Ink::of(&props.paint, self.is_plain(&props)));
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform, ink);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.step(STEP);
        self.images += 1;
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let bounds = props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, width, height));
        let is_opaque = match &image {
            Image::Raster(raster) => !has_mask(raster.stream()),
            Image::Stencil(_) => false,
        };
        self.scene.picture(bounds, is_opaque);
    }

    fn pop_clip(&mut self) {
        self.scene.pop_clip();
    }

    fn pop_transparency_group(&mut self) {
        self.scene.pop_group();
    }
}
