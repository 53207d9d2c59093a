//! What an element means to the walk.

use super::marks;
use super::tree::Element;

/// What to do with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text flows through it.
    Inline,
    /// Text of it stands apart: a note mark behind a figure is no digit of it.
    SetOff,
    /// Its content is no text of the page.
    Dropped,
    /// Ends a line, has no content.
    Break,
    /// Ends a line before and after.
    Block,
    /// A block whose line ends count.
    Preformatted,
    /// A title.
    Heading,
    /// A block of links.
    Menu,
    /// A link to elsewhere; an `<a>` without `href` is a mere mark in the text.
    Link,
    /// `<title>`.
    Title,
    /// `<meta>`.
    Meta,
    /// An element of a content management system whose text is metadata.
    MetaText,
    /// `<input>`.
    Input,
    /// A field whose text is its content.
    Field,
    /// `<table>`.
    Table,
    /// `<caption>`.
    Caption,
    /// `<thead>`, `<tbody>`, `<tfoot>`.
    RowGroup,
    /// `<tr>`.
    Row,
    /// `<td>`, `<th>`.
    Cell,
}

/// What an element means by its name and attributes. The UCAP system (used by many city governments) marks titles and dates by elements of its own.
pub(super) fn kind(element: &Element) -> Kind {
    match &*element.name {
        "span" | "font" | "strong" | "b" | "em" | "i" | "u" | "a"
            if element.attribute("style").is_some_and(marks::stands_apart) =>
        {
            Kind::SetOff
        }
        "span" | "font" | "strong" | "b" | "em" | "i" | "u" => Kind::Inline,
        "sup" | "sub" | "rt" | "rp" => Kind::SetOff,
        "a" if element.attribute("href").is_some() => Kind::Link,
        "td" | "th" => Kind::Cell,
        "tr" => Kind::Row,
        "tbody" | "thead" | "tfoot" => Kind::RowGroup,
        "table" => Kind::Table,
        "caption" => Kind::Caption,
        "br" | "hr" => Kind::Break,
        "nav" => Kind::Menu,
        "select" | "textarea" => Kind::Field,
        "script" | "style" | "noscript" | "template" | "option" | "button" | "iframe" | "svg" | "object"
        | "applet" | "audio" | "video" | "canvas" | "noframes" | "datalist" => Kind::Dropped,
        "p" | "div" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "section" | "article" | "main" | "header"
        | "footer" | "aside" | "address" | "blockquote" | "center" | "details" | "summary" | "dialog"
        | "dir" | "fieldset" | "legend" | "figure" | "figcaption" | "form" | "hgroup" | "menu" | "body"
        | "html" | "ucapcontent" => {
            if is_menu(element) {
                Kind::Menu
            } else {
                Kind::Block
            }
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ucaptitle" => Kind::Heading,
        "pre" | "listing" | "xmp" | "plaintext" => Kind::Preformatted,
        "title" => Kind::Title,
        "meta" => Kind::Meta,
        "input" => Kind::Input,
        "publishtime" | "ucapsource" | "ucapauthor" => Kind::MetaText,
        _ => Kind::Inline,
    }
}

fn is_menu(element: &Element) -> bool {
    element.attribute("role").is_some_and(|role| role.eq_ignore_ascii_case("navigation"))
}
