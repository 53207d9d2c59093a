//! A document: what extraction makes of a capture's bytes, whatever the format was.
//!
//! All text in a [`Document`] is simplified Chinese (converted where the source was traditional; the original stays
//! in the capture) but otherwise as printed: widths, punctuation and spacing are the parser's business.

use serde::{Deserialize, Serialize};

/// A range of bytes in the decoded source text (before conversion to simplified), where the format has one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// The source format, as sniffed from the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/html`
    Html,
    /// `text/plain`
    Text,
    /// `text/markdown`
    Markdown,
    /// Office Open XML text (ECMA-376).
    Docx,
    /// The text formats of Word 97 to 2003: binary, or XML.
    Doc,
    /// Rich Text Format.
    Rtf,
    /// Office Open XML workbook.
    Xlsx,
    /// The workbook formats of Excel 95 to 2003: binary, or XML.
    Xls,
    /// Text of OpenDocument (ISO/IEC 26300).
    Odt,
    /// Workbook of OpenDocument.
    Ods,
    /// Portable Document Format.
    Pdf,
    /// Open Fixed-layout Document (GB/T 33190).
    Ofd,
}

impl Format {
    /// The media type written to the `captures` table.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Text => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Doc => "application/msword",
            Self::Rtf => "application/rtf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
        }
    }
}

/// Where a PDF begins: its first line may have a byte order mark, white space or a server's header before it, which readers
/// look past (ISO 32000-1, annex H.3).
pub fn pdf_start(bytes: &[u8]) -> Option<usize> {
    const HEAD: usize = 1024;
    const MARK: &[u8] = b"%PDF-";
    let head = bytes.get(..HEAD + MARK.len()).unwrap_or(bytes);
    let at = head.windows(MARK.len()).position(|window| window == MARK)?;
    let before = head.get(..at).unwrap_or_default();
    let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before);
    let begins_line = before.last().is_none_or(|b| matches!(b, b'\n' | b'\r' | 0));
    (begins_line || before.trim_ascii().is_empty()).then_some(at)
}

/// The Chinese script the source was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Script {
    /// Simplified characters.
    #[default]
    Simplified,
    /// Traditional characters throughout.
    Traditional,
    /// Both in substantial amounts.
    Mixed,
}

impl Script {
    /// The name used in the `reports` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simplified => "simplified",
            Self::Traditional => "traditional",
            Self::Mixed => "mixed",
        }
    }
}

/// A document as a sequence of blocks in reading order, with the page's own metadata.
#[derive(Debug, Clone)]
pub struct Document {
    /// Source format.
    pub format: Format,
    /// WHATWG name of the encoding that was used (`UTF-8`, `gb18030`, `Big5`, `UTF-16LE`, ...); empty where the format is
    /// not text.
    pub charset: String,
    /// Script of the source.
    pub script: Script,
    /// Page metadata in document order.
    pub meta: Vec<Meta>,
    /// Paragraphs and tables in reading order.
    pub blocks: Vec<Block>,
    /// What was odd about the bytes or the markup.
    pub oddities: Vec<Oddity>,
}

/// One item of page metadata: an HTML `<meta>` or `<title>`, or a header line of a text capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Lower-cased name: `title` for the title element, the `name`/`property` of a meta element (`siteidcode`,
    /// `pubdate`, `contentsource`, `url`, `articletitle`, ...), or the label of a text header line as printed
    /// (`标题`, `发布时间`, `原文链接`, `发布机构`, ...).
    pub name: String,
    /// The value, white space collapsed, never empty.
    pub value: String,
}

/// Something odd met while extracting, to become a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// Finding code (`GK1xx`).
    pub code: &'static str,
    /// What and where.
    pub message: String,
}

/// One block of a document.
#[derive(Debug, Clone)]
pub enum Block {
    /// A paragraph, heading, list item or line.
    Paragraph(Paragraph),
    /// A table whose rows and cells are marked by the source's syntax.
    Table(Table),
}

/// The part a paragraph plays on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Marked as a heading (`h1`..`h6`, Markdown `#`), or a title element in the page body.
    Heading,
    /// Running text.
    Body,
    /// Link text and other page furniture: neither narrative nor evidence.
    Navigation,
}

/// A paragraph, heading, list item or line of text.
#[derive(Debug, Clone)]
pub struct Paragraph {
    /// The text; runs of white space collapsed to one blank in HTML, kept in plain text (columns may be aligned by it).
    pub text: String,
    /// Its part on the page.
    pub role: Role,
    /// Where it stands in the decoded source, for text formats.
    pub bytes: Option<ByteRange>,
}

/// How the source marked rows and cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// An HTML table; `row`, `col` and spans are those of the resolved grid.
    Html,
    /// A Markdown table with a delimiter row.
    Markdown,
    /// Text lines with bars between cells.
    Pipe,
    /// Text lines with tabs between cells.
    Tab,
    /// Cells with places of their own: a table of an office document, or one drawn with lines on a page.
    Grid,
}

/// A table: cells in reading order, each once (a spanning cell is not repeated).
#[derive(Debug, Clone)]
pub struct Table {
    /// How the source marked it.
    pub layout: Layout,
    /// Cells sorted by (row, col). Empty cells are present with empty text.
    pub cells: Vec<Cell>,
    /// Number of grid rows.
    pub rows: u32,
    /// Number of grid columns.
    pub columns: u32,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Grid row, from 0.
    pub row: u32,
    /// Grid column of its left edge, from 0.
    pub col: u32,
    /// Rows covered, at least 1, clipped to the table.
    pub rowspan: u32,
    /// Columns covered, at least 1, clipped to the table.
    pub colspan: u32,
    /// Text; paragraphs and line breaks inside the cell appear as `\n`, and so do rows of a table inside it, whose cells are
    /// kept apart by tabs; other white space collapsed.
    pub text: String,
    /// Where it stands in the decoded source, for text formats.
    pub bytes: Option<ByteRange>,
}

#[cfg(test)]
mod tests {
    use super::pdf_start;

    #[test]
    fn a_pdf_may_have_something_before_it() {
        assert_eq!(pdf_start(b"%PDF-1.4 x"), Some(0));
        assert_eq!(pdf_start(b"\xef\xbb\xbf%PDF-1.4"), Some(3));
        assert_eq!(pdf_start(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n%PDF-1.7\n"), Some(30));
        assert_eq!(pdf_start(b"A file that begins with %PDF-1.4 is one"), None);
        assert_eq!(pdf_start(&[b"\n".repeat(5000), b"%PDF-1.4".to_vec()].concat()), None);
    }
}
