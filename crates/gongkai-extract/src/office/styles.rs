//! The styles of a text (ECMA-376-1, 17.7), as far as they decide what is shown and how.

use super::ink::{Marks, Script};
use super::xml::{Element, Handler, Step};
use std::collections::HashMap;

/// Styles that a style may be based on, one after another.
const MAX_BASES: usize = 32;

#[derive(Debug, Default)]
struct Style {
    marks: Marks,
    base: Option<String>,
    is_heading: bool,
}

/// Styles by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// What all text has that no style says otherwise of.
    defaults: Marks,
    /// The style of paragraphs that name none.
    usual: Option<String>,
    open: Option<(String, Style)>,
    /// In properties of runs, of a style or of all.
    in_properties: bool,
}

impl Styles {
    /// Of a paragraph of this style.
    pub(super) fn paragraph(&self, id: Option<&str>) -> Marks {
        id.or(self.usual.as_deref()).map(|id| self.resolved(id)).unwrap_or_default().over(self.defaults)
    }

    /// Of a run of this style.
    pub(super) fn run(&self, id: &str) -> Marks {
        self.resolved(id)
    }

    pub(super) fn is_heading(&self, id: &str) -> bool {
        self.styles.get(id).is_some_and(|style| style.is_heading)
    }

    fn resolved(&self, id: &str) -> Marks {
        let mut marks = Marks::default();
        let mut next = self.styles.get(id);
        for _ in 0..MAX_BASES {
            let Some(style) = next else { break };
            marks = marks.over(style.marks);
            next = style.base.as_ref().and_then(|base| self.styles.get(base));
        }
        marks
    }
}

impl Handler for Styles {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "style" => {
                let id = element.attribute("styleId").unwrap_or_default();
                let is_usual =
                    element.attribute("default").is_some_and(|v| v == "1" || v == "on" || v == "true");
                if is_usual && element.attribute("type").is_some_and(|kind| kind == "paragraph") {
                    self.usual = Some(id.clone());
                }
                self.open = Some((id, Style::default()));
            }
            // Parts of tables; what was before a change that is kept track of.
            "tblStylePr" | "rPrChange" | "pPrChange" | "body" => return Step::Skip,
            "rPr" => self.in_properties = true,
            "name" | "basedOn" => {
                let Some((_, style)) = &mut self.open else { return Step::Into };
                let value = element.attribute("val").unwrap_or_default();
                if name == "basedOn" {
                    style.base = Some(value);
                } else {
                    let value = value.to_lowercase();
                    style.is_heading =
                        value.starts_with("heading ") || value == "title" || value.starts_with("标题");
                }
            }
            _ if self.in_properties => {
                let marks = self.open.as_mut().map_or(&mut self.defaults, |(_, style)| &mut style.marks);
                property(marks, name, element);
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "rPr" => self.in_properties = false,
            "style" => self.styles.extend(self.open.take()),
            _ => {}
        }
    }
}

/// A property of a run (17.3.2).
pub(super) fn property(marks: &mut Marks, name: &str, element: &Element<'_>) {
    match name {
        "vanish" => marks.hidden = Some(element.is_on()),
        "strike" => marks.struck = Some(element.is_on()),
        "dstrike" => marks.struck_twice = Some(element.is_on()),
        "vertAlign" => marks.script = element.attribute("val").map(|v| Script::named(&v)),
        "position" => marks.position = element.number("val"),
        _ => {}
    }
}
