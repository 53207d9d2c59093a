//! What a package is: its relationships decide, not its name.

use super::xml::{self, Element, Handler, Step};
use gongkai_inflate::Package;
use gongkai_model::Problem;

/// What kind of document a package holds.
pub(super) enum Kind {
    /// A text with this main part.
    Text {
        main: String,
    },
    Workbook,
}

/// Looks at the package's relationships (ECMA-376-2, 9.3).
pub(super) fn of(package: &Package<'_>) -> Result<Kind, Problem> {
    let unsupported = |what: &str| Problem::unreadable(format!("unsupported_document: {what}"));
    if !package.has(RELATIONSHIPS) {
        return Err(unsupported("a zip without a main part"));
    }
    let mut found = Relationships::default();
    xml::walk(&package.read(RELATIONSHIPS)?, &mut found)?;
    let main = found.main.filter(|main| package.has(main));
    let main = main.or_else(|| package.has(USUAL_TEXT).then(|| USUAL_TEXT.to_owned()));
    match main {
        Some(main) if main.starts_with("word/") => Ok(Kind::Text { main }),
        Some(main) if main.starts_with("xl/") && main.ends_with(".xml") => Ok(Kind::Workbook),
        Some(main) if main.starts_with("ppt/") => Err(unsupported("presentation")),
        _ => Err(unsupported("package")),
    }
}

const RELATIONSHIPS: &str = "_rels/.rels";
const USUAL_TEXT: &str = "word/document.xml";

#[derive(Default)]
struct Relationships {
    main: Option<String>,
}

impl Handler for Relationships {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let is_main = || element.attribute("Type").is_some_and(|t| t.ends_with("/officeDocument"));
        if name == "Relationship" && self.main.is_none() && is_main() {
            self.main = element.attribute("Target").map(|t| t.trim_start_matches('/').to_owned());
        }
        Step::Into
    }
}
