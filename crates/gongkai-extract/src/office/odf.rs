//! What texts and workbooks of OpenDocument (ISO/IEC 26300) have in common: where their parts are, their styles, their lines.

use super::ink::{InkLine, Marks, Script};
use super::source::Source;
use super::xml::{self, Element, Handler, Step};
use gongkai_model::Problem;
use std::collections::HashMap;

/// Styles that a style may be based on, one after another.
const MAX_BASES: usize = 32;

/// A package, or a single file with all that its parts would hold.
pub(super) enum Whole<'a> {
    Parts(&'a dyn Source),
    File(&'a [u8]),
}

impl Whole<'_> {
    /// Walks over styles, then over the content.
    pub(super) fn styles(&self) -> Result<Styles, Problem> {
        let mut styles = Styles::default();
        for name in ["styles.xml", CONTENT] {
            match self {
                Self::File(bytes) if name == CONTENT => xml::walk(bytes, &mut styles)?,
                Self::Parts(source) if source.has(name) => source.walk(name, &mut styles)?,
                _ => {}
            }
        }
        Ok(styles)
    }

    pub(super) fn content(&self, handler: &mut dyn Handler) -> Result<(), Problem> {
        match self {
            Self::Parts(source) => source.walk(CONTENT, handler),
            Self::File(bytes) => xml::walk(bytes, handler),
        }
    }
}

const CONTENT: &str = "content.xml";

#[derive(Debug, Default, Clone)]
struct Style {
    marks: Marks,
    base: Option<String>,
    is_hidden: bool,
}

/// Styles by their families and names.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<(String, String), Style>,
    open: Option<((String, String), Style)>,
}

impl Styles {
    pub(super) fn marks(&self, family: &str, name: Option<String>) -> Marks {
        let mut marks = Marks::default();
        let mut next = name;
        for _ in 0..MAX_BASES {
            let Some(name) = next else { break };
            let Some(style) = self.styles.get(&(family.to_owned(), name)) else { break };
            marks = marks.over(style.marks);
            next = style.base.clone();
        }
        marks
    }

    /// Whether a table of this style is not shown.
    pub(super) fn hides_table(&self, name: Option<String>) -> bool {
        name.and_then(|name| self.styles.get(&("table".to_owned(), name)))
            .is_some_and(|style| style.is_hidden)
    }
}

impl Handler for Styles {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "body" => return Step::Skip,
            "style" => {
                let key = element.attribute("family").zip(element.attribute("name"));
                let base = element.attribute("parent-style-name");
                self.open = key.map(|key| (key, Style { base, ..Style::default() }));
            }
            "text-properties" => {
                if let Some((_, style)) = &mut self.open {
                    properties(&mut style.marks, element);
                }
            }
            "table-properties" => {
                if let Some((_, style)) = &mut self.open {
                    style.is_hidden = element.attribute("display").is_some_and(|v| v == "false");
                }
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        if name == "style" {
            self.styles.extend(self.open.take());
        }
    }
}

/// Properties of text (ODF 1.3-3, 20.367 and following).
fn properties(marks: &mut Marks, element: &Element<'_>) {
    let says = |name: &str| element.attribute(name).map(|value| value != "none");
    marks.struck =
        says("text-line-through-style").or_else(|| says("text-line-through-type")).or(marks.struck);
    marks.hidden = says("display").map(|shown| !shown).or(marks.hidden);
    if let Some(position) = element.attribute("text-position") {
        let word = position.split_whitespace().next().unwrap_or_default();
        marks.script = Some(match word {
            "super" => Script::Above,
            "sub" => Script::Below,
            _ => Script::Line,
        });
        marks.position =
            word.strip_suffix('%').and_then(|percent| percent.parse::<f32>().ok()).map(|p| p as i32);
    }
}

/// Elements whose text is no text of the document: notes, comments, what changes took out, how words are pronounced.
const SKIPPED: [&str; 8] =
    ["note", "annotation", "tracked-changes", "ruby-text", "forms", "event-listeners", "desc", "hidden-text"];

/// The text of a paragraph while it is read.
#[derive(Debug, Default)]
pub(super) struct Inline {
    pub(super) line: InkLine,
    /// Marks of the paragraph and of the spans around the place.
    marks: Vec<Marks>,
    /// Paragraphs around the place; outside of them there is no text.
    paragraphs: usize,
}

impl Inline {
    /// A paragraph begins, in a cell or text of these marks.
    pub(super) fn open(&mut self, marks: Marks) {
        self.marks.push(marks);
        self.paragraphs += 1;
    }

    pub(super) fn close(&mut self) {
        self.marks.pop();
        self.paragraphs = self.paragraphs.saturating_sub(1);
    }

    /// An element within a paragraph; `None` where it is none of these.
    pub(super) fn start(&mut self, name: &str, element: &Element<'_>, styles: &Styles) -> Option<Step> {
        match name {
            _ if SKIPPED.contains(&name) => return Some(Step::Skip),
            "span" => {
                let around = self.marks.last().copied().unwrap_or_default();
                self.marks.push(styles.marks("text", element.attribute("style-name")).over(around));
            }
            "s" | "tab" => self.push(" "),
            _ => return None,
        }
        Some(Step::Into)
    }

    pub(super) fn end(&mut self, name: &str) {
        if name == "span" {
            self.marks.pop();
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        if self.paragraphs > 0 {
            let marks = self.marks.last().copied().unwrap_or_default();
            self.line.push(text, marks.ink());
        }
    }
}
