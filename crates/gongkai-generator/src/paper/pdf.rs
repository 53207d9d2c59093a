//! PDF (ISO 32000), by two writers: one by hand, one by a library.

use super::typeset::{Sheet, Text, ems, is_wide};
use crate::report::stream;
use encoding_rs::GBK;
use fastrand::Rng;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, TextRenderingMode};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

#[allow(clippy::expect_used, reason = "writing to memory cannot fail")]
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// As a word processor exports it: glyphs by number with a map to Unicode, one string a run, lines as thin boxes.
pub(super) fn by_hand(pages: &[Sheet], seed: u64) -> Vec<u8> {
    let mut rng = stream(seed, "pdf");
    let mut codes: BTreeMap<char, u16> = BTreeMap::new();
    for c in pages.iter().flat_map(|p| &p.texts).flat_map(|t| t.text.chars()) {
        let next = u16::try_from(codes.len() + 3).unwrap_or(u16::MAX);
        codes.entry(c).or_insert(next);
    }
    let turned = rng.u32(0..4) == 0;
    let compressed = rng.bool();
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let count = pages.len();
    let kids: String = (0..count).map(|n| format!("{} 0 R ", 7 + 2 * n)).collect();
    objects.push(b"<</Type/Catalog/Pages 2 0 R>>".to_vec());
    objects.push(format!("<</Type/Pages/Count {count}/Kids[{kids}]>>").into_bytes());
    objects.push(b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+FangSong/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>".to_vec());
    let widths: String = codes
        .iter()
        .filter(|(c, _)| !is_wide(**c))
        .map(|(c, n)| format!("{n} [{}] ", (1000.0 * ems(&c.to_string())) as i32))
        .collect();
    objects.push(format!("<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+FangSong/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 5 0 R/DW 1000/W[{widths}]/CIDToGIDMap/Identity>>").into_bytes());
    objects.push(b"<</Type/FontDescriptor/FontName/ABCDEF+FangSong/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 859/Descent -140/CapHeight 700/StemV 80>>".to_vec());
    objects.push(stream_object(to_unicode(&codes).as_bytes(), compressed));
    for (n, page) in pages.iter().enumerate() {
        let (width, height) = (page.width, page.height);
        // A page may be turned: what is drawn runs upwards on a sheet that is shown a quarter to the right.
        let (matrix, size, rotate) = if turned {
            ("0 1 -1 0 ", (height, width), "/Rotate 90")
        } else {
            ("1 0 0 1 ", (width, height), "")
        };
        let shift = if turned { format!("{height} 0 cm\n") } else { "0 0 cm\n".to_owned() };
        let mut content = format!("q {matrix}{shift}");
        for [x0, y0, x1, y1] in &page.rules {
            let _ = writeln!(
                content,
                "{} {} {} {} re f",
                x0 - 0.24,
                height - y1 - 0.24,
                (x1 - x0).max(0.0) + 0.48,
                (y1 - y0) + 0.48
            );
        }
        for text in &page.texts {
            let mode = if text.hidden { 3 } else { 0 };
            let _ = write!(
                content,
                "BT {mode} Tr /F1 {} Tf 1 0 0 1 {} {} Tm <",
                text.size,
                text.x,
                height - text.y
            );
            text.text.chars().for_each(|c| {
                let _ = write!(content, "{:04X}", codes.get(&c).copied().unwrap_or(0));
            });
            content.push_str("> Tj ET\n");
        }
        content.push('Q');
        objects.push(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]{rotate}/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>", size.0, size.1, 8 + 2 * n).into_bytes());
        objects.push(stream_object(content.as_bytes(), compressed));
    }
    file(&objects)
}

fn stream_object(bytes: &[u8], compressed: bool) -> Vec<u8> {
    let (bytes, filter) =
        if compressed { (deflated(bytes), "/Filter/FlateDecode") } else { (bytes.to_vec(), "") };
    let mut out = format!("<</Length {}{filter}>>\nstream\n", bytes.len()).into_bytes();
    out.extend(bytes);
    out.extend(b"\nendstream");
    out
}

fn to_unicode(codes: &BTreeMap<char, u16>) -> String {
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let all: Vec<(&char, &u16)> = codes.iter().collect();
    for part in all.chunks(100) {
        let _ = writeln!(out, "{} beginbfchar", part.len());
        for (c, code) in part {
            let units: String = c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("{u:04X}")).collect();
            let _ = writeln!(out, "<{code:04X}> <{units}>");
        }
        out.push_str("endbfchar\n");
    }
    out.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out
}

fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", n + 1).into_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    places.iter().for_each(|at| out.extend(format!("{at:010} 00000 n \n").into_bytes()));
    out.extend(
        format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1)
            .into_bytes(),
    );
    out
}

/// As reporting tools write it: fonts that are not embedded in a Chinese encoding, strings cut by kerning, stroked lines,
/// bold by printing twice.
pub(super) fn by_library(pages: &[Sheet], seed: u64) -> Vec<u8> {
    let mut rng = stream(seed, "pdf library");
    let unicode = rng.bool();
    let mut pdf = Pdf::new();
    let (catalog, tree, font, cid, descriptor) =
        (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let id = |n: usize, k: usize| Ref::new(i32::try_from(10 + 2 * n + k).unwrap_or(i32::MAX));
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..pages.len()).map(|n| id(n, 0))).count(i32::try_from(pages.len()).unwrap_or(0));
    let encoding = Name(if unicode { b"UniGB-UCS2-H" } else { b"GBK-EUC-H" });
    pdf.type0_font(font).base_font(Name(b"STSong-Light")).encoding_predefined(encoding).descendant_font(cid);
    let mut cid_font = pdf.cid_font(cid);
    cid_font
        .subtype(CidFontType::Type0)
        .base_font(Name(b"STSong-Light"))
        .font_descriptor(descriptor)
        .default_width(1000.0);
    cid_font.system_info(SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"GB1"), supplement: 2 });
    // Adobe-GB1: half-width letters are CIDs 1 to 95, and 814 to 939 in GBK encodings.
    cid_font.widths().same(1, 95, 500.0).same(814, 939, 500.0);
    cid_font.finish();
    pdf.font_descriptor(descriptor)
        .name(Name(b"STSong-Light"))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(0.0, -200.0, 1000.0, 900.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(700.0)
        .stem_v(80.0);
    for (n, page) in pages.iter().enumerate() {
        let mut out = pdf.page(id(n, 0));
        out.parent(tree).media_box(Rect::new(0.0, 0.0, page.width, page.height)).contents(id(n, 1));
        out.resources().fonts().pair(Name(b"F0"), font);
        out.finish();
        let mut content = Content::new();
        content.set_line_width(0.5);
        for [x0, y0, x1, y1] in &page.rules {
            content.move_to(*x0, page.height - y0).line_to(*x1, page.height - y1).stroke();
        }
        for text in &page.texts {
            let bold = text.size > 11.5 && rng.u32(0..6) == 0;
            for shift in if bold { vec![0.0, 0.3] } else { vec![0.0] } {
                show(&mut content, text, page.height, shift, unicode, &mut rng);
            }
        }
        pdf.stream(id(n, 1), &deflated(&content.finish())).filter(Filter::FlateDecode);
    }
    pdf.finish()
}

fn show(content: &mut Content, text: &Text, height: f32, shift: f32, unicode: bool, rng: &mut Rng) {
    content.begin_text().set_font(Name(b"F0"), text.size);
    let mode = if text.hidden { TextRenderingMode::Invisible } else { TextRenderingMode::Fill };
    content.set_text_rendering_mode(mode);
    content.next_line(text.x + shift, height - text.y);
    let bytes = |part: &str| -> Vec<u8> {
        if unicode {
            part.encode_utf16().flat_map(u16::to_be_bytes).collect()
        } else {
            GBK.encode(part).0.into_owned()
        }
    };
    let cut = text.text.char_indices().nth(rng.usize(0..8)).map_or(0, |(at, _)| at);
    let (first, rest) = text.text.split_at_checked(cut).unwrap_or((&text.text, ""));
    let mut positioned = content.show_positioned();
    let mut items = positioned.items();
    items.show(Str(&bytes(first)));
    // A little kerning, as justified text has.
    items.adjust(-(rng.u32(0..60) as f32));
    items.show(Str(&bytes(rest)));
    items.finish();
    positioned.finish();
    content.end_text();
}
