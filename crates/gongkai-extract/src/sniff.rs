//! What kind of document it is: the content decides, not the name.

use crate::charset::utf16_without_bom;
use encoding_rs::Encoding;
use gongkai_model::{Format, Problem};

/// First bytes of formats that are no text, with their media types.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF", "application/x-riff"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1F\x8B", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xFD7zXZ\0", "application/x-xz"),
    (b"\x28\xB5\x2F\xFD", "application/zstd"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"),
    (b"\x7FELF", "application/x-elf"),
    (b"\xCA\xFE\xBA\xBE", "application/java-vm"),
    (b"ID3", "audio/mpeg"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"PAR1", "application/vnd.apache.parquet"),
];

/// How many bytes the noise check looks at.
const SAMPLE_BYTES: usize = 64 * 1024;
/// How much text the format check looks at.
const SNIFF_BYTES: usize = 256 * 1024;

/// Tags only a whole HTML document has.
const DOCUMENT_TAGS: &[&str] = &["!doctype", "html", "head", "body", "meta", "title"];
/// Tags of running HTML text.
const FLOW_TAGS: &[&str] = &[
    "p", "div", "br", "span", "h1", "h2", "h3", "h4", "ul", "ol", "li", "font", "center", "a", "b", "strong",
    "section", "article", "tr", "td", "script", "style", "form", "img",
];

/// Refuses bytes that are no text.
pub(crate) fn refuse_binary(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
        return Err(Problem::unreadable("empty"));
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Problem::unreadable(format!("binary: {name}")));
    }
    let is_wide = Encoding::for_bom(bytes).is_some_and(|(e, _)| e != encoding_rs::UTF_8)
        || utf16_without_bom(bytes).is_some();
    if !is_wide && is_noise(bytes) {
        return Err(Problem::unreadable("binary: unknown"));
    }
    Ok(())
}

/// Random bytes hold 11 % control characters, text none; stray ones in damaged text stay far below 2 %.
fn is_noise(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    // Crawlers and databases leave zeros behind in texts; where they are many, it is none.
    let is_control = |b: u8| (b < 0x20) & !(0x09..=0x0D).contains(&b) & (b != 0x1A) & (b != 0) | (b == 0x7F);
    // Counted in bytes, as many at a time as a byte can hold, which is fast.
    let count = |part: &[u8]| part.iter().map(|b| u8::from(is_control(*b))).sum::<u8>();
    let controls: usize = sample.chunks(usize::from(u8::MAX)).map(|part| usize::from(count(part))).sum();
    let zeros = memchr::memchr_iter(0, sample).count();
    controls > 4 && controls * 50 > sample.len() || zeros > 4 && zeros * 8 > sample.len()
}

/// Refuses text of nothing but white space, and text that only exists because undecodable bytes were replaced; `is_clean`
/// text was UTF-8 all through and needs no such look.
pub(crate) fn refuse_no_text(text: &str, is_clean: bool) -> Result<(), Problem> {
    if text.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}') {
        return Err(Problem::unreadable("empty"));
    }
    if is_clean || !may_have_bad(text.as_bytes()) {
        return Ok(());
    }
    let (mut all, mut bad) = (0_usize, 0_usize);
    for c in text.chars().take(SAMPLE_BYTES) {
        all += 1;
        bad += usize::from(c == '\u{FFFD}' || (c.is_control() && !c.is_whitespace()));
    }
    if bad * 5 > all {
        return Err(Problem::unreadable("binary: unknown"));
    }
    Ok(())
}

/// Whether some bytes of a text may be those of a replacement or control character: never wrongly no, and fast.
fn may_have_bad(text: &[u8]) -> bool {
    let is_control = |b: u8| (b < 0x20) & !(0x09..=0x0D).contains(&b) | (b == 0x7F);
    let later_control = |at: usize| text.get(at + 1).is_some_and(|b| *b < 0xA0);
    text.iter().fold(false, |found, b| found | is_control(*b))
        || memchr::memmem::find(text, "\u{FFFD}".as_bytes()).is_some()
        || memchr::memchr_iter(0xC2, text).any(later_control)
}

/// The tags of a text, counted by what they tell about the format.
#[derive(Default)]
struct Tags {
    document: bool,
    flow: bool,
    table: bool,
}

/// The format of a decoded text. `path` speaks only where the content leaves Markdown or plain text open.
///
/// Text recognition writes Markdown with HTML tables in it, so tags inside tables do not make a document HTML,
/// and Markdown's own unmistakable marks (headings, delimiter rows) outweigh a stray `<div>` or `<br>`.
pub(crate) fn format(text: &str, path: &str) -> Format {
    let head = head_of(text);
    let tags = if head.contains('<') { tags(head) } else { Tags::default() };
    let is_bare_table = tags.table && !tags.flow && {
        let trimmed = head.trim().to_ascii_lowercase();
        trimmed.starts_with("<table") && trimmed.ends_with("</table>")
    };
    if tags.document && is_embedded(head) {
        return Format::Markdown;
    }
    if tags.document || is_bare_table {
        return Format::Html;
    }
    if head.lines().any(|line| is_atx_heading(line) || is_delimiter_row(line)) {
        return Format::Markdown;
    }
    if tags.flow {
        return Format::Html;
    }
    let named_markdown = path.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case("md"));
    if tags.table || head.contains("**") || named_markdown { Format::Markdown } else { Format::Text }
}

/// Whether text stands before the first tag that only a whole document has: tools put whole documents of a table each into a text.
fn is_embedded(head: &str) -> bool {
    /// What a mark of order, a server or a person leaves before a page.
    const FEW: usize = 40;
    let before = head.split_once("<html").or_else(|| head.split_once("<body")).map_or("", |(text, _)| text);
    let has_whole = DOCUMENT_TAGS.iter().filter(|tag| !matches!(**tag, "html" | "body"));
    let head = head.to_ascii_lowercase();
    let mut tags = has_whole.filter(|tag| head.contains(&format!("<{tag}")));
    tags.next().is_none()
        && !before.contains('<')
        && before.chars().filter(|c| !c.is_whitespace()).nth(FEW).is_some()
}

/// The first bytes of a text, up to a character boundary.
fn head_of(text: &str) -> &str {
    (0..4).find_map(|less| text.get(..SNIFF_BYTES - less)).unwrap_or(text)
}

fn tags(text: &str) -> Tags {
    let mut seen = Tags::default();
    let mut depth = 0_u32;
    for piece in text.split('<').skip(1) {
        let closing = piece.starts_with('/');
        let name = piece.trim_start_matches('/');
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '!')).unwrap_or(name.len());
        let Some(name) = name.get(..end).filter(|n| !n.is_empty() && n.len() <= 8) else { continue };
        let name = name.to_ascii_lowercase();
        if name == "table" {
            seen.table = true;
            depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        } else if DOCUMENT_TAGS.contains(&name.as_str()) {
            seen.document = true;
            return seen;
        } else if depth == 0 && FLOW_TAGS.contains(&name.as_str()) {
            seen.flow = true;
        }
    }
    seen
}

/// `# ` to `###### ` at the start of a line.
pub(crate) fn is_atx_heading(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    let marks = line.len() - text.len();
    (1..=6).contains(&marks) && text.starts_with(' ') && !text.trim().is_empty()
}

/// `|---|:--:|` and the like, with or without outer bars. One dash alone is a value, whatever the specification says, and
/// so are two in a row of one cell.
pub(crate) fn is_delimiter_row(line: &str) -> bool {
    let line = line.trim();
    let mut fields = line.trim_matches('|').split('|').map(|field| field.trim().trim_matches(':'));
    let least = if line.trim_matches('|').contains('|') { "--" } else { "---" };
    line.contains('|')
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
        && fields.all(|field| field.starts_with(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_named() {
        let reason = |bytes: &[u8]| refuse_binary(bytes).unwrap_err().reason;
        assert_eq!(reason(b"\x89PNG\r\n\x1a\n rest"), "binary: image/png");
        assert_eq!(reason(b"%PDF-1.7"), "binary: application/pdf");
        assert_eq!(reason(b"PK\x03\x04word/document.xml"), "binary: application/zip");
        assert_eq!(reason(b" \r\n\t"), "empty");
        assert_eq!(reason(b""), "empty");
        let noise: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(reason(&noise), "binary: unknown");
        assert!(refuse_binary("报告".as_bytes()).is_ok());
    }

    #[test]
    fn content_decides_the_format() {
        let cases = [
            ("<!DOCTYPE html><title>x</title>", Format::Html),
            ("一段文字<p>又一段", Format::Html),
            ("<table><tr><td>1</td></tr></table>", Format::Html),
            ("一、总体情况\n<table><tr><td>a<br>b</td></tr></table>\n二、", Format::Markdown),
            (
                "某县人民政府办公室2023年政府信息公开工作年度报告，根据条例的要求编制，由六个部分组成。\n<html><body><table><tr><td>1</td></tr></table></body></html>",
                Format::Markdown,
            ),
            ("# 报告\n<div>图</div>\n正文", Format::Markdown),
            ("a | b\n---|---\n1 | 2", Format::Markdown),
            ("**一是**加强领导", Format::Markdown),
            ("规章 | 0 | 0 |\n", Format::Text),
            ("规章 | 0 |\n- | - |\n", Format::Text),
            ("3 < 5 的情况", Format::Text),
            ("#标签 不是标题", Format::Text),
        ];
        for (text, expected) in cases {
            assert_eq!(format(text, "a.txt"), expected, "{text}");
        }
        assert_eq!(format("正文", "a.md"), Format::Markdown);
    }
}
