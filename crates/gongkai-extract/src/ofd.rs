//! OFD (GB/T 33190-2016): pages of text and paths at places, in a package of XML parts.

use crate::Limits;
use crate::html::Parts;
use crate::layout::{self, Drawn, Page, Rule, Upright};
use crate::oddity::{ASKEW_DROPPED, STRUCK_DROPPED, oddity};
use crate::office::xml::{self, Element, Handler, Step};
use crate::work::Work;
use gongkai_inflate::Package;
use gongkai_model::Problem;
use std::collections::{HashMap, HashSet};

/// Points in a millimetre.
const POINTS: f32 = 72.0 / 25.4;
const ROOT: &str = "OFD.xml";

/// Whether a package is an OFD.
pub(crate) fn is_ofd(package: &Package<'_>) -> bool {
    package.has(ROOT)
}

/// Reads an OFD.
///
/// # Errors
/// Damage, a limit, or `no_text_layer` with the number of pages.
pub(crate) fn read(package: &Package<'_>, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut roots = Roots::default();
    xml::walk(&package.read(ROOT)?, &mut roots)?;
    let mut pages = Vec::new();
    let (mut left_out, mut count) = ((0, 0), 0);
    let mut room = Room { glyphs: limits.glyphs, rules: limits.rules };
    for root in &roots.found {
        let root = absolute("", root);
        let mut document = Document::default();
        xml::walk(&package.read(&root)?, &mut document)?;
        count += document.pages.len();
        if count > limits.pages {
            return Err(Problem::unreadable(format!("limit_pages: {count}, {} allowed", limits.pages)));
        }
        let mut templates: HashMap<String, Sheet> = HashMap::new();
        for location in &document.pages {
            let mut sheet = sheet(package, &absolute(&root, location), room.glyphs)?;
            let mut shown = HashSet::new();
            for id in std::mem::take(&mut sheet.templates) {
                let Some(location) = document.templates.get(&id).filter(|_| shown.insert(id.clone())) else {
                    continue;
                };
                if !templates.contains_key(&id) {
                    let template = self::sheet(package, &absolute(&root, location), room.glyphs)?;
                    templates.insert(id.clone(), template);
                }
                if let Some(template) = templates.get(&id) {
                    work.spend(template.drawn.len() + template.rules.len())?;
                    sheet.drawn.extend(&template.drawn);
                    sheet.rules.extend(&template.rules);
                    room.hold(&sheet, limits)?;
                }
            }
            room.hold(&sheet, limits)?;
            let (width, height) = sheet.size.or(document.size).unwrap_or((595.0, 842.0));
            let Upright { page, askew, struck } = layout::upright(width, height, &sheet.drawn, sheet.rules);
            room.take(sheet.drawn.len(), page.rules.len());
            left_out.0 += askew;
            left_out.1 += struck;
            pages.push(page);
        }
    }
    if pages.iter().all(|page: &Page| page.glyphs.is_empty()) {
        return Err(Problem::unreadable(format!("no_text_layer: {count} pages")));
    }
    let mut parts = layout::read(pages, limits, work)?;
    let (askew, struck) = left_out;
    let mut odd = |count: usize, code, what: &str| {
        if count > 0 {
            parts.oddities.push(oddity(code, format!("{count} characters {what} were left out")));
        }
    };
    odd(askew, ASKEW_DROPPED, "that run askew");
    odd(struck, STRUCK_DROPPED, "that a line strikes through");
    Ok(parts)
}

/// What the pages that follow may still hold.
struct Room {
    glyphs: usize,
    rules: usize,
}

impl Room {
    /// Whether a page has its place in it.
    fn hold(&self, sheet: &Sheet, limits: &Limits) -> Result<(), Problem> {
        if sheet.drawn.len() > self.glyphs {
            return Err(Problem::unreadable(format!("limit_glyphs: {} allowed", limits.glyphs)));
        }
        if sheet.rules.len() > self.rules {
            return Err(Problem::unreadable(format!("limit_rules: {} allowed", limits.rules)));
        }
        Ok(())
    }

    fn take(&mut self, glyphs: usize, rules: usize) {
        self.glyphs = self.glyphs.saturating_sub(glyphs);
        self.rules = self.rules.saturating_sub(rules);
    }
}

/// A location relative to the part it stands in (7.3, ST_Loc).
fn absolute(part: &str, location: &str) -> String {
    let location = location.replace('\\', "/");
    let mut path: Vec<&str> = Vec::new();
    if !location.starts_with('/') {
        path.extend(part.rsplit_once('/').map_or("", |(folder, _)| folder).split('/'));
    }
    for step in location.split('/') {
        match step {
            "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.into_iter().filter(|step| !step.is_empty()).collect::<Vec<_>>().join("/")
}

/// The documents of the package (7.4).
#[derive(Default)]
struct Roots {
    inside: bool,
    found: Vec<String>,
}

impl Handler for Roots {
    fn start(&mut self, name: &str, _: &Element<'_>) -> Step {
        self.inside = name == "DocRoot";
        Step::Into
    }

    fn end(&mut self, _: &str) {
        self.inside = false;
    }

    fn text(&mut self, text: &str) {
        if self.inside && !text.trim().is_empty() {
            self.found.push(text.trim().to_owned());
        }
    }
}

/// Pages and templates of a document (7.5).
#[derive(Default)]
struct Document {
    pages: Vec<String>,
    templates: HashMap<String, String>,
    size: Option<(f32, f32)>,
    in_box: bool,
}

impl Handler for Document {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        self.in_box = name == "PhysicalBox";
        match name {
            "Page" => self.pages.extend(element.attribute("BaseLoc")),
            "TemplatePage" => {
                if let (Some(id), Some(location)) = (element.attribute("ID"), element.attribute("BaseLoc")) {
                    self.templates.insert(id, location);
                }
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, _: &str) {
        self.in_box = false;
    }

    fn text(&mut self, text: &str) {
        if self.in_box {
            self.size = box_size(text).or(self.size);
        }
    }
}

fn numbers(text: &str) -> Vec<f32> {
    text.split_whitespace().filter_map(|n| n.parse().ok()).filter(|n: &f32| n.is_finite()).collect()
}

/// Width and height of a box in points (`x y width height` in millimetres).
fn box_size(text: &str) -> Option<(f32, f32)> {
    match numbers(text).as_slice() {
        [_, _, width, height] if *width > 0.0 && *height > 0.0 => Some((width * POINTS, height * POINTS)),
        _ => None,
    }
}

/// What is drawn on one page.
#[derive(Default)]
struct Sheet {
    drawn: Vec<Drawn>,
    rules: Vec<Rule>,
    size: Option<(f32, f32)>,
    templates: Vec<String>,
}

fn sheet(package: &Package<'_>, part: &str, most: usize) -> Result<Sheet, Problem> {
    let mut content = Content { most, ..Content::default() };
    xml::walk(&package.read(part)?, &mut content)?;
    if content.sheet.drawn.len() > most {
        return Err(Problem::unreadable("limit_glyphs: a page alone".to_owned()));
    }
    Ok(content.sheet)
}

/// An object's own coordinates to those of the page (8.3, 8.5: `Boundary` and `CTM`).
#[derive(Clone, Copy)]
struct Frame {
    matrix: [f32; 6],
    left: f32,
    top: f32,
}

impl Default for Frame {
    fn default() -> Self {
        Self { matrix: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], left: 0.0, top: 0.0 }
    }
}

impl Frame {
    fn of(element: &Element<'_>) -> Self {
        let mut frame = Self::default();
        if let Some([a, b, c, d, e, f]) = element.attribute("CTM").map(|t| numbers(&t)).as_deref() {
            frame.matrix = [*a, *b, *c, *d, *e, *f];
        }
        if let Some([left, top, ..]) = element.attribute("Boundary").map(|t| numbers(&t)).as_deref() {
            (frame.left, frame.top) = (*left, *top);
        }
        frame
    }

    fn turn(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, ..] = self.matrix;
        ((a * x + c * y) * POINTS, (b * x + d * y) * POINTS)
    }

    fn point(&self, x: f32, y: f32) -> (f32, f32) {
        let [.., e, f] = self.matrix;
        let (tx, ty) = self.turn(x, y);
        (tx + (e + self.left) * POINTS, ty + (f + self.top) * POINTS)
    }
}

#[derive(Default)]
struct Content {
    sheet: Sheet,
    most: usize,
    frame: Frame,
    size: f32,
    scale: f32,
    code: Option<Code>,
    in_box: bool,
    in_path: bool,
    is_filled: bool,
    is_stroked: bool,
    path: String,
}

/// A run of characters (11.3, TextCode).
struct Code {
    x: f32,
    y: f32,
    /// `DeltaX` and `DeltaY` as written.
    dx: String,
    dy: String,
    text: String,
}

impl Handler for Content {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let is_hidden = element.attribute("Visible").is_some_and(|v| v == "false");
        match name {
            "TextObject" | "PathObject" | "Layer" | "PageBlock" if is_hidden => return Step::Skip,
            "Template" => self.sheet.templates.extend(element.attribute("TemplateID")),
            "PhysicalBox" => self.in_box = true,
            "TextObject" => {
                self.frame = Frame::of(element);
                self.size = element.number("Size").unwrap_or(4.0);
                self.scale = element.number("HScale").unwrap_or(1.0);
            }
            "TextCode" => {
                let (x, y) = self.code.take().map_or((0.0, 0.0), |last| (last.x, last.y));
                self.code = Some(Code {
                    x: element.number("X").unwrap_or(x),
                    y: element.number("Y").unwrap_or(y),
                    dx: element.attribute("DeltaX").unwrap_or_default(),
                    dy: element.attribute("DeltaY").unwrap_or_default(),
                    text: String::new(),
                });
            }
            "PathObject" => {
                self.frame = Frame::of(element);
                self.is_filled = element.attribute("Fill").is_some_and(|v| v == "true");
                self.is_stroked = element.attribute("Stroke").is_none_or(|v| v != "false");
                self.path.clear();
            }
            "AbbreviatedData" => self.in_path = true,
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "PhysicalBox" => self.in_box = false,
            "TextCode" => self.end_code(),
            "TextObject" => self.code = None,
            "AbbreviatedData" => self.in_path = false,
            "PathObject" => self.end_path(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_box {
            self.sheet.size = box_size(text).or(self.sheet.size);
        } else if self.in_path {
            self.path.push_str(text);
        } else if let Some(code) = &mut self.code {
            code.text.push_str(text);
        }
    }
}

impl Content {
    fn end_code(&mut self) {
        let Some(code) = &mut self.code else { return };
        let (mut x, mut y) = (code.x, code.y);
        let text = std::mem::take(&mut code.text);
        let trimmed = text.trim_matches(['\n', '\r', '\t']);
        // No more steps than letters, whatever is written.
        let steps = trimmed.chars().count();
        let (dx, dy) = (deltas(&code.dx, steps), deltas(&code.dy, steps));
        for (at, c) in trimmed.chars().enumerate() {
            if self.sheet.drawn.len() > self.most {
                return;
            }
            let wide = if crate::layout::is_wide(c) { self.size } else { self.size / 2.0 } * self.scale;
            let step = dx.get(at).copied();
            // A glyph is as wide as its kind, unless the next one follows closer.
            let width = step.filter(|s| *s > 0.0).map_or(wide, |s| s.min(wide));
            let place = self.frame.point(x, y);
            let advance = self.frame.turn(width, 0.0);
            let (hx, hy) = self.frame.turn(0.0, self.size);
            let size = hx.hypot(hy);
            self.sheet.drawn.push(Drawn { c, x: place.0, y: place.1, advance, size });
            x += step.unwrap_or(if dy.is_empty() { wide } else { 0.0 });
            y += dy.get(at).copied().unwrap_or(0.0);
        }
        (code.x, code.y) = (x, y);
    }

    fn drawn(&self, points: &[(f32, f32)], closed: bool, curved: bool) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.is_filled && !curved {
            rules.extend(layout::rules_of(points, closed, true));
        }
        if self.is_stroked {
            rules.extend(layout::rules_of(points, closed, false));
        }
        rules
    }

    /// Lines along the axes, and rectangles as thin as lines (9.1: `M`, `L`, `Q`, `B`, `A`, `C`).
    fn end_path(&mut self) {
        let mut points: Vec<(f32, f32)> = Vec::new();
        let mut tokens = self.path.split_whitespace().peekable();
        let mut rules = Vec::new();
        let (mut closed, mut curved) = (false, false);
        while let Some(token) = tokens.next() {
            let operands = match token {
                "S" | "M" | "L" => 2,
                "Q" => 4,
                "B" => 6,
                "A" => 7,
                "C" => {
                    closed = true;
                    continue;
                }
                _ => continue,
            };
            let mut numbers: Vec<f32> = Vec::new();
            while numbers.len() < operands
                && let Some(number) = tokens.peek().and_then(|t| t.parse().ok())
            {
                numbers.push(number);
                tokens.next();
            }
            let [.., x, y] = numbers.as_slice() else { continue };
            curved |= operands > 2;
            if matches!(token, "S" | "M") {
                rules.extend(self.drawn(&points, closed, curved));
                points.clear();
                (closed, curved) = (false, false);
            }
            points.push(self.frame.point(*x, *y));
        }
        rules.extend(self.drawn(&points, closed, curved));
        let room = MAX_RULES.saturating_sub(self.sheet.rules.len());
        self.sheet.rules.extend(rules.into_iter().take(room));
    }
}

/// Lines of a page beyond which it is a drawing.
const MAX_RULES: usize = 50_000;

/// `DeltaX`: numbers, of which `g n d` stands for n times d (11.3); the first `most` of them.
fn deltas(text: &str, most: usize) -> Vec<f32> {
    let mut out = Vec::new();
    let mut tokens = text.split_whitespace();
    while let Some(token) = tokens.next().filter(|_| out.len() < most) {
        if token == "g" {
            let count: usize = tokens.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let delta: f32 = tokens.next().and_then(|d| d.parse().ok()).unwrap_or(0.0);
            let room = most - out.len();
            out.extend(std::iter::repeat_n(delta, count.min(room)));
        } else if let Ok(delta) = token.parse::<f32>() {
            out.push(delta);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_and_repeated_steps_follow_the_standard() {
        assert_eq!(
            absolute("Doc_0/Document.xml", "Pages/Page_0/Content.xml"),
            "Doc_0/Pages/Page_0/Content.xml"
        );
        assert_eq!(absolute("Doc_0/Document.xml", "/Doc_1/../a.xml"), "a.xml");
        assert_eq!(deltas("1 g 3 2.5 4", 9), [1.0, 2.5, 2.5, 2.5, 4.0]);
        assert_eq!(deltas("g 9999999 1 2", 100).len(), 100);
    }
}
