//! What a file's name says about it. Names only select: what a document really is, its content decides.

use std::ffi::OsStr;

/// Extensions of pages, texts and office documents, sorted. Server page names (`jsp`, `do`, ...) are what crawlers store pages
/// under; under the names of office documents lie pages, messages and texts as well, which those programs open without a word.
const CAPTURES: [&str; 31] = [
    "action", "asp", "aspx", "cgi", "csv", "do", "doc", "docx", "et", "htm", "html", "jhtml", "jsp", "jspx",
    "markdown", "md", "mht", "mhtml", "php", "phtml", "rtf", "shtm", "shtml", "text", "tsv", "txt", "wps",
    "xht", "xhtml", "xls", "xlsx",
];

/// Longest extension: what is longer is a sentence with a full stop in it.
const LONGEST: usize = 12;

/// What a file is, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page or a text, or a file without an extension.
    Capture,
    /// Something this version does not read; its extension in lower case.
    Unsupported(String),
}

/// What a file is, by its name.
pub(crate) fn of(name: &OsStr) -> Kind {
    match extension(name) {
        Some(extension) if CAPTURES.binary_search(&extension.as_str()).is_err() => {
            Kind::Unsupported(extension)
        }
        _ => Kind::Capture,
    }
}

/// The extension in lower case, if the name has one.
///
/// A query that a crawler kept in the name (`show.jsp?id=1.5`) is not part of it, nor is a running number
/// (`index.html.1`) or a dot within a title (`1.总体情况`).
pub(crate) fn extension(name: &OsStr) -> Option<String> {
    let name = name.as_encoded_bytes().split(|&b| b == b'?').next()?;
    let dot = name.iter().rposition(|&b| b == b'.').filter(|&at| at > 0)?;
    let extension = std::str::from_utf8(name.get(dot + 1..)?).ok()?;
    let plain = extension.len() <= LONGEST
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    plain.then(|| extension.to_ascii_lowercase())
}

/// Whether a name is hidden from people (`.git`, `.DS_Store`).
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Kind {
        of(OsStr::new(name))
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(CAPTURES.is_sorted());
    }

    #[test]
    fn pages_and_texts_in_any_case_are_captures() {
        for name in [
            "a.html",
            "A.HTM",
            "a.ShTml",
            "a.xhtml",
            "a.TXT",
            "a.md",
            "a.markdown",
            "a",
            "年报",
            "show.jsp",
            "list.do",
            "show.jsp?id=1.pdf",
            "index.html.1",
            "1.总体情况",
            "a.",
            "报告(v1.0)",
        ] {
            assert_eq!(kind(name), Kind::Capture, "{name}");
        }
    }

    #[test]
    fn other_types_are_named() {
        for (name, extension) in
            [("a.PNG", "png"), ("a.html.json", "json"), ("b.css", "css"), ("c.pdf", "pdf"), ("d.mp4", "mp4")]
        {
            assert_eq!(kind(name), Kind::Unsupported(extension.into()), "{name}");
        }
    }
}
