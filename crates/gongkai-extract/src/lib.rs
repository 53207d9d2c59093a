//! Bytes to [`Document`]: charset, HTML, text, Markdown, office documents, PDF, OFD, script.
//!
//! Pure and total: the same bytes give the same document, and only bytes that are no document it knows are refused.
//! What is odd about the bytes or the markup is told in [`Document::oddities`].
//!
//! ```
//! use gongkai_extract::{Hints, Limits, extract};
//!
//! let page = "<title>某县2023年年报</title><p>一、總體情況<table><tr><td>規章<td>0</table>";
//! let document = extract(page.as_bytes(), &Hints::default(), &Limits::default()).unwrap();
//! assert_eq!(document.meta[0].value, "某县2023年年报");
//! assert_eq!(document.blocks.len(), 2);
//! ```

mod blocks;
mod boxes;
mod charset;
mod columns;
mod flow;
mod frames;
mod grid;
mod header;
mod html;
mod layout;
mod lines;
mod markdown;
mod oddity;
mod ofd;
mod office;
mod pdf;
mod pinyin;
mod script;
mod separated;
mod sniff;
mod stacked;
mod tabular;
mod text;
mod width;
mod work;

use gongkai_model::{Block, Document, Format, Oddity, Paragraph, Problem, Role, Script, pdf_start};
use html::Parts;
use lines::Line;
use office::Follow;
use work::Work;

pub use script::simplify;

/// What is known of a document besides its bytes. Hints are never believed against the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// Charset announced by the transport, any WHATWG label.
    pub charset: Option<&'a str>,
    /// Path of the capture; decides between Markdown and plain text where the content does not.
    pub path: &'a str,
}

/// Bounds on what one document may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a page or a text, characters of a binary text document; a larger one is refused.
    pub text_bytes: usize,
    /// Bytes of a text without markup; a larger one is refused. Pages are larger by the pictures and styles in them.
    pub plain_bytes: usize,
    /// Cells of one table, and of all tables together; the rest is dropped with an oddity.
    pub table_cells: usize,
    /// Columns of one table; the rest is dropped with an oddity. The widest statutory table has 15.
    pub table_columns: usize,
    /// Blocks of a document; the rest is dropped with an oddity.
    pub blocks: usize,
    /// Bytes of text in the blocks of a document; the rest is dropped with an oddity. The longest reports have a fifth of it.
    pub block_bytes: usize,
    /// Bytes that the parts of a package, or the streams of a PDF, may become when they are decompressed.
    pub unpacked_bytes: u64,
    /// Decompressed bytes of one part that are free of suspicion; beyond them its ratio is looked at.
    pub ratio_after: u64,
    /// Pages of a document; one with more is refused.
    pub pages: usize,
    /// Characters on the pages of a document; one with more is refused.
    pub glyphs: usize,
    /// Straight lines on the pages of a document; one with more is refused.
    pub rules: usize,
    /// Steps that reading a document may take, see `docs/decisions/0017-work.md`; one that needs more is refused.
    pub work: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 16 << 20,
            plain_bytes: 4 << 20,
            table_cells: 50_000,
            table_columns: 200,
            blocks: 100_000,
            block_bytes: 512 << 10,
            unpacked_bytes: 64 << 20,
            ratio_after: 4 << 20,
            pages: 2_000,
            glyphs: 2_000_000,
            rules: 100_000,
            work: 500_000_000,
        }
    }
}

/// Reads a document.
///
/// # Errors
/// When the bytes are no document that is read: `empty`, `binary: …`, `no_text`, `limit: …`, `damaged: …`, `encrypted`,
/// `no_text_layer: …`, `unsupported_document: …` and the like (`docs/inputs.md`).
pub fn extract(bytes: &[u8], hints: &Hints<'_>, limits: &Limits) -> Result<Document, Problem> {
    let work = Work::new(limits.work);
    let read = parts(bytes, hints, limits, &work, Follow::Chunks)?;
    document(read, limits)
}

/// What is read of bytes, before it is a document.
struct Read {
    format: Format,
    charset: &'static str,
    oddities: Vec<Oddity>,
    parts: Parts,
}

/// Reads a document that is a part of another one.
fn chunk(bytes: &[u8], hints: &Hints<'_>, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let Read { mut oddities, parts, .. } = parts(bytes, hints, limits, work, Follow::Nothing)?;
    oddities.extend(parts.oddities);
    Ok(Parts { oddities, ..parts })
}

fn parts(
    bytes: &[u8],
    hints: &Hints<'_>,
    limits: &Limits,
    work: &Work,
    follow: Follow,
) -> Result<Read, Problem> {
    if let Some(read) = binary(bytes, limits, work, follow) {
        let (format, parts) = read?;
        return Ok(Read { format, charset: "", oddities: Vec::new(), parts });
    }
    sniff::refuse_binary(bytes)?;
    within(bytes.len(), limits.text_bytes)?;
    let mut decoded = charset::decode(bytes, hints.charset);
    if decoded.text.contains('\0') {
        // No reader shows them; some crawlers and databases leave them behind.
        decoded.text = decoded.text.replace('\0', "").into();
    }
    let is_clean = decoded.encoding == encoding_rs::UTF_8 && decoded.oddities.is_empty();
    sniff::refuse_no_text(&decoded.text, is_clean)?;
    let format = sniff::format(&decoded.text, hints.path);
    let parts = match format {
        Format::Html => html::read(&decoded.text, limits),
        _ => {
            within(bytes.len(), limits.plain_bytes)?;
            let separated =
                (format == Format::Text).then(|| separated::read(&decoded.text, limits, work)).flatten();
            match separated {
                Some(parts) => parts?,
                None => below_header(&decoded.text, |lines| match format {
                    Format::Text => text::read(lines, limits, work),
                    _ => markdown::read(lines, limits, work),
                })?,
            }
        }
    };
    Ok(Read { format, charset: decoded.encoding.name(), oddities: decoded.oddities, parts })
}

fn within(bytes: usize, allowed: usize) -> Result<(), Problem> {
    if bytes > allowed {
        return Err(Problem::unreadable(format!("limit: {bytes} bytes of text, {allowed} allowed")));
    }
    Ok(())
}

/// Whether a document is read by libraries that know no steps: they cannot be stopped while they do not call back.
pub fn is_read_by_libraries(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND) || pdf_start(bytes).is_some()
}

/// How documents that are no text begin.
const ZIP: &[u8] = b"PK\x03\x04";
const RTF: &[u8] = b"{\\rtf";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Reads a document that is no text; `None` where it is none of those that are read.
fn binary(
    bytes: &[u8],
    limits: &Limits,
    work: &Work,
    follow: Follow,
) -> Option<Result<(Format, Parts), Problem>> {
    if bytes.starts_with(ZIP) {
        return Some(office::read(bytes, limits, work, follow));
    }
    if bytes.starts_with(RTF) {
        return Some(office::rtf::read(bytes, limits, work).map(|parts| (Format::Rtf, parts)));
    }
    if let Some(file) = pdf_start(bytes).and_then(|at| bytes.get(at..)) {
        return Some(pdf::read(file, limits, work).map(|parts| (Format::Pdf, parts)));
    }
    if bytes.starts_with(COMPOUND) {
        return Some(office::read_compound(bytes, limits, work));
    }
    office::read_xml(bytes, limits, work, follow)
}

/// What all formats have in common in the end.
fn document(read: Read, limits: &Limits) -> Result<Document, Problem> {
    let Read { format, charset, oddities, mut parts } = read;
    cut(&mut parts, limits)?;
    if parts.blocks.is_empty() && parts.meta.is_empty() {
        return Err(Problem::unreadable("no_text"));
    }
    let mut document = Document {
        format,
        charset: charset.to_owned(),
        script: Script::Simplified,
        meta: parts.meta,
        blocks: parts.blocks,
        oddities,
    };
    document.oddities.extend(parts.oddities);
    script::unify(&mut document);
    pinyin::remove(&mut document);
    script::settle(&mut document);
    Ok(document)
}

/// Leaves out what lies beyond the limits of a whole document: the stages that follow compare much of it with much of it.
fn cut(parts: &mut Parts, limits: &Limits) -> Result<(), Problem> {
    let (mut bytes, mut cells) = (0, 0);
    let fits = |block: &&Block| {
        match block {
            Block::Paragraph(paragraph) => bytes += paragraph.text.len(),
            Block::Table(table) => {
                cells += table.cells.len();
                bytes += table.cells.iter().map(|cell| cell.text.len()).sum::<usize>();
            }
        }
        bytes <= limits.block_bytes && cells <= limits.table_cells
    };
    let kept = parts.blocks.iter().take_while(fits).count();
    let left_out = parts.blocks.len() - kept;
    if left_out > 0 && kept == 0 {
        return Err(Problem::unreadable(format!(
            "limit: {bytes} bytes in a block, {} allowed",
            limits.block_bytes
        )));
    }
    if left_out > 0 {
        parts.blocks.truncate(kept);
        let message = format!("{left_out} blocks beyond {} bytes of text were dropped", limits.block_bytes);
        parts.oddities.push(oddity::oddity(oddity::TOO_MANY_BLOCKS, message));
    }
    Ok(())
}

/// Takes the crawler's header off a text and reads what is below it.
fn below_header(
    text: &str,
    read: impl FnOnce(&[Line<'_>]) -> Result<Parts, Problem>,
) -> Result<Parts, Problem> {
    let lines = lines::lines(text);
    let (mut meta, notes, below) = header::split(&lines);
    let mut parts = read(below)?;
    meta.append(&mut parts.meta);
    let note = |line: &Line<'_>| {
        let text = line.text.trim_end().to_owned();
        Block::Paragraph(Paragraph { text, role: Role::Navigation, bytes: Some(line.bytes()) })
    };
    parts.blocks.splice(0..0, notes.into_iter().map(note));
    Ok(Parts { meta, ..parts })
}
