//! Extraction is total: any bytes, any tag soup, any limits.

use encoding_rs::{BIG5, GB18030};
use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::{Block, Document, Format, Script};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Result<Document, String> {
    extract(bytes, &Hints::default(), &Limits::default()).map_err(|problem| problem.reason)
}

#[test]
fn what_is_no_text_is_refused_with_its_reason() {
    assert_eq!(read(b"").unwrap_err(), "empty");
    assert_eq!(read(b"\xEF\xBB\xBF \r\n").unwrap_err(), "empty");
    assert_eq!(read(b"\x89PNG\r\n\x1a\n....").unwrap_err(), "binary: image/png");
    assert_eq!(read(b"<html><script>1</script></html>").unwrap_err(), "no_text");
    let noise: Vec<u8> =
        (0..100_000_u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8).collect();
    assert_eq!(read(&noise).unwrap_err(), "binary: unknown");
    let limits = Limits { text_bytes: 10, ..Limits::default() };
    let problem = extract("一段超过限度的文字".as_bytes(), &Hints::default(), &limits).unwrap_err();
    assert!(problem.reason.starts_with("limit: "), "{}", problem.reason);
}

#[test]
fn the_same_page_in_any_charset_gives_the_same_blocks() {
    let page = "<html><head><title>某县年报</title></head><body><p>一、总体情况</p><table><tr><td>规章<td>0</table></body></html>";
    let simplified = read(page.as_bytes()).unwrap();
    let shown = |d: &Document| format!("{:?}", (&d.meta, &d.blocks));
    let utf16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, name) in [(GB18030.encode(page).0.into_owned(), "gb18030"), (utf16, "UTF-16LE")] {
        let document = read(&bytes).unwrap();
        assert_eq!((document.charset.as_str(), shown(&document)), (name, shown(&simplified)));
    }
    let traditional = page
        .replace('县', "縣")
        .replace('报', "報")
        .replace("总", "總")
        .replace('况', "況")
        .replace("规", "規");
    let document =
        extract(&BIG5.encode(&traditional).0, &Hints { charset: Some("big5"), path: "" }, &Limits::default())
            .unwrap();
    assert_eq!((document.charset.as_str(), document.script), ("Big5", Script::Traditional));
    assert_eq!(shown(&document), shown(&simplified));
}

#[test]
fn a_table_of_ten_thousand_columns_is_cut() {
    let html = format!("<table><tr>{}</tr><tr><td colspan=9999>x</table>", "<td>1</td>".repeat(10_000));
    let text = format!("{}\n{}", "1|".repeat(10_000), "2|".repeat(10_000));
    for (source, format) in [(html, Format::Html), (text, Format::Text)] {
        let document = read(source.as_bytes()).unwrap();
        let Block::Table(table) = &document.blocks[0] else { panic!("no table") };
        assert_eq!((document.format, table.columns), (format, 200));
        assert_eq!(document.oddities.iter().map(|o| o.code).collect::<Vec<_>>(), ["GK103"]);
    }
}

#[test]
fn bottomless_nesting_ends_in_text() {
    for tag in ["<div>", "<table><tr><td>", "<ul><li>", "<b><p>"] {
        let source = format!("<p>首{}尾", tag.repeat(50_000));
        let document = read(source.as_bytes()).unwrap();
        let text = format!("{:?}", document.blocks);
        assert!(text.contains('首') && text.contains('尾'), "{tag}");
    }
    let deep = read("<div>".repeat(50_000).as_bytes());
    assert_eq!(deep.unwrap_err(), "no_text");
}

#[test]
fn too_many_blocks_are_cut_with_an_oddity() {
    let limits = Limits { blocks: 3, ..Limits::default() };
    for source in ["<p>一<p>二<p>三<p>四", "一\n二\n三\n四\n"] {
        let document = extract(source.as_bytes(), &Hints::default(), &limits).unwrap();
        assert_eq!((document.blocks.len(), document.oddities[0].code), (3, "GK106"));
    }
}

#[test]
fn no_more_text_is_handed_on_than_the_longest_reports_have() {
    let text = format!("一、总体情况\n{}", "规章 0 0 12\n".repeat(90_000));
    let table = format!("<table>{}</table>", "<tr><td>规章<td>0<td>1<td>2".repeat(1_000)).repeat(20);
    for (source, most) in [(text, 512 << 10), (table, usize::MAX)] {
        let document = read(source.as_bytes()).unwrap();
        let size = |block: &Block| match block {
            Block::Paragraph(paragraph) => (paragraph.text.len(), 0),
            Block::Table(table) => (0, table.cells.len()),
        };
        let (bytes, cells) = document.blocks.iter().map(size).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        assert!(bytes <= most && cells <= 50_000 && bytes + cells > 40_000, "{bytes} {cells}");
        assert_eq!(document.oddities.iter().map(|o| o.code).collect::<Vec<_>>(), ["GK106"]);
    }
    let line = "规章 0 0 12 ".repeat(100_000);
    assert!(read(line.as_bytes()).unwrap_err().starts_with("limit: "));
}

/// Pieces of markup and text that meet in broken pages.
const PIECES: &[&str] = &[
    "<table>",
    "</table>",
    "<tr>",
    "<td rowspan=3>",
    "<td colspan=0>",
    "<th>",
    "</tr>",
    "<p>",
    "<div>",
    "</div>",
    "<a href=x>",
    "</a>",
    "<span>",
    "<select>",
    "<template>",
    "<svg>",
    "<math>",
    "<title>",
    "<form>",
    "<script>",
    "<!--",
    "-->",
    "<",
    "&#0;",
    "|",
    "|---|",
    "\n",
    "\t",
    "# ",
    "**",
    "标题: ",
    "====",
    "務(wù)",
    "總",
    "信息",
    "1",
    "\u{3000}",
    "\u{feff}",
    "\r",
    "](",
    "[",
    "\\",
    "`",
    "\0",
    "</p>",
    "<br>",
    "<caption>",
    "<tfoot>",
    "<frameset>",
    "<plaintext>",
    "<div hidden>",
    "<tr style='display:none'>",
    "<td style=visibility:hidden>",
    "<s>",
    "<del>",
    "<sup>",
];

proptest! {
    #[test]
    fn any_bytes_end_in_a_document_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_soup_ends_in_a_document_or_a_reason(
        picks in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
        label in proptest::option::of(proptest::sample::select(vec!["gbk", "big5", "utf-16", "shift_jis", "nonsense"])),
        path in proptest::sample::select(vec!["a.md", "a.txt", "a.html"]),
    ) {
        let source = picks.concat();
        let limits = Limits { table_columns: 5, table_cells: 20, ..Limits::default() };
        if let Ok(document) = extract(source.as_bytes(), &Hints { charset: label, path }, &limits) {
            for block in &document.blocks {
                let Block::Table(table) = block else { continue };
                prop_assert!(table.columns <= 5 && table.cells.len() <= 20);
                prop_assert!(table.cells.is_sorted_by_key(|c| (c.row, c.col)));
                prop_assert!(table.cells.iter().all(|c| c.row + c.rowspan <= table.rows && c.col + c.colspan <= table.columns));
            }
            prop_assert!(document.meta.iter().all(|m| !m.value.is_empty()));
        }
    }
}
