//! What a document is: what it says of itself decides, not its name.

use super::source::Source;
use super::xml::{self, Element, Handler, Step};
use gongkai_model::Problem;

/// What kind of document a package holds, and its main part.
pub(super) enum Kind {
    Text {
        main: String,
    },
    Workbook {
        main: String,
    },
    /// Text and workbook of OpenDocument.
    OpenText,
    OpenWorkbook,
}

/// Looks at the package's type (ODF 1.3-2, 3.3), or at its relationships (ECMA-376-2, 9.3).
pub(super) fn of(package: &dyn Source) -> Result<Kind, Problem> {
    let unsupported = |what: &str| Problem::unreadable(format!("unsupported_document: {what}"));
    if package.has(TYPE) {
        return open_document(package);
    }
    if !package.has(RELATIONSHIPS) {
        return Err(unsupported("a zip without a main part"));
    }
    let mut found = Relationships::default();
    package.walk(RELATIONSHIPS, &mut found)?;
    let main = found.main.filter(|main| package.has(main));
    let main = main.or_else(|| package.has(USUAL_TEXT).then(|| USUAL_TEXT.to_owned()));
    match main {
        Some(main) if main.starts_with("word/") => Ok(Kind::Text { main }),
        Some(main) if main.starts_with("xl/") && main.ends_with(".xml") => Ok(Kind::Workbook { main }),
        Some(main) if main.starts_with("ppt/") => Err(unsupported("presentation")),
        _ => Err(unsupported("package")),
    }
}

const TYPE: &str = "mimetype";
const MANIFEST: &str = "META-INF/manifest.xml";
const RELATIONSHIPS: &str = "_rels/.rels";
const USUAL_TEXT: &str = "word/document.xml";

fn open_document(package: &dyn Source) -> Result<Kind, Problem> {
    /// Also of templates and of parts of books, which have words behind it.
    const OPEN: &str = "application/vnd.oasis.opendocument.";
    let kind = String::from_utf8_lossy(&package.bytes(TYPE)?).trim().to_owned();
    let mut encrypted = Encrypted(false);
    if package.has(MANIFEST) {
        package.walk(MANIFEST, &mut encrypted)?;
    }
    match kind.strip_prefix(OPEN) {
        Some(_) if encrypted.0 => Err(Problem::unreadable("encrypted")),
        Some(kind) if kind.starts_with("text") => Ok(Kind::OpenText),
        Some(kind) if kind.starts_with("spreadsheet") => Ok(Kind::OpenWorkbook),
        Some(kind) => Err(Problem::unreadable(format!("unsupported_document: {kind}"))),
        None => Err(Problem::unreadable("unsupported_document: package")),
    }
}

/// Whether a part of an OpenDocument package is encrypted (ODF 1.3-2, 4.4).
struct Encrypted(bool);

impl Handler for Encrypted {
    fn start(&mut self, name: &str, _: &Element<'_>) -> Step {
        self.0 |= name == "encryption-data";
        Step::Into
    }
}

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

/// What a single file of XML holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Xml {
    Text2003,
    Workbook2003,
    /// A package of parts ("Flat OPC").
    Package,
    OpenText,
    OpenWorkbook,
}

/// Looks at the first element of what may be XML.
pub(super) fn of_xml(bytes: &[u8]) -> Option<Xml> {
    let (name, tag) = xml::first_tag(bytes)?;
    let open =
        |kind: &str| tag.contains("urn:oasis:names:tc:opendocument:xmlns:office") && tag.contains(kind);
    Some(match name.as_str() {
        "wordDocument" if tag.contains("office/word/2003/wordml") => Xml::Text2003,
        "Workbook" if tag.contains("urn:schemas-microsoft-com:office:spreadsheet") => Xml::Workbook2003,
        "package" if tag.contains("office/2006/xmlPackage") => Xml::Package,
        "document" if open("opendocument.text") => Xml::OpenText,
        "document" if open("opendocument.spreadsheet") => Xml::OpenWorkbook,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_tells_what_a_file_is() {
        let word = "<?xml version='1.0'?>\n<?mso-application progid='Word.Document'?><!-- x -->\
            <w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>";
        assert_eq!(of_xml(word.as_bytes()), Some(Xml::Text2003));
        let wide: Vec<u8> = format!("\u{feff}{word}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of_xml(&wide), Some(Xml::Text2003));
        assert_eq!(of_xml(b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'>"), None);
        assert_eq!(of_xml("报告".as_bytes()), None);
    }
}
