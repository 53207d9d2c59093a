//! OFD (GB/T 33190): pages in millimetres.

use super::typeset::{Sheet, is_wide};
use super::zip::{escape, package};
use crate::report::stream;
use std::fmt::Write;

const MM: f32 = 25.4 / 72.0;
const NS: &str = r#"xmlns:ofd="http://www.ofdspec.org/2016""#;

pub(super) fn write(pages: &[Sheet], seed: u64) -> Vec<u8> {
    let mut rng = stream(seed, "ofd");
    // One program writes a step for every character, another only where it is not the usual one; lines as strokes or as
    // filled boxes.
    let (terse, filled) = (rng.bool(), rng.bool());
    let root = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#
    );
    let mut list = String::new();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for (at, page) in pages.iter().enumerate() {
        let _ = write!(list, r#"<ofd:Page ID="{}" BaseLoc="Pages/Page_{at}/Content.xml"/>"#, at + 10);
        parts.push((format!("Doc_0/Pages/Page_{at}/Content.xml"), content(page, terse, filled).into_bytes()));
    }
    let size = pages.first().map_or((210.0, 297.0), |p| (p.width * MM, p.height * MM));
    let document = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><ofd:Document {NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 {} {}</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{list}</ofd:Pages></ofd:Document>"#,
        size.0, size.1
    );
    let mut all: Vec<(&str, Vec<u8>)> =
        vec![("OFD.xml", root.into_bytes()), ("Doc_0/Document.xml", document.into_bytes())];
    all.extend(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())));
    package(&all)
}

fn content(page: &Sheet, terse: bool, filled: bool) -> String {
    let mut out = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><ofd:Page {NS}><ofd:Area><ofd:PhysicalBox>0 0 {} {}</ofd:PhysicalBox></ofd:Area><ofd:Content><ofd:Layer ID="1"><ofd:PageBlock ID="2">"#,
        page.width * MM,
        page.height * MM
    );
    let mut id = 100;
    for [x0, y0, x1, y1] in &page.rules {
        id += 1;
        let (x, y, w, h) = (x0 * MM, y0 * MM, (x1 - x0) * MM, (y1 - y0) * MM);
        if filled {
            let (w, h) = (w.max(0.2), h.max(0.2));
            let _ = write!(
                out,
                r#"<ofd:PathObject ID="{id}" Boundary="{x} {y} {w} {h}" Stroke="false" Fill="true"><ofd:AbbreviatedData>M 0 0 L {w} 0 L {w} {h} L 0 {h} C</ofd:AbbreviatedData></ofd:PathObject>"#
            );
        } else {
            let _ = write!(
                out,
                r#"<ofd:PathObject ID="{id}" Boundary="{} {} {} {}" LineWidth="0.2"><ofd:AbbreviatedData>M 1 1 L {} {}</ofd:AbbreviatedData></ofd:PathObject>"#,
                x - 1.0,
                y - 1.0,
                w + 2.0,
                h + 2.0,
                w + 1.0,
                h + 1.0
            );
        }
    }
    for text in &page.texts {
        id += 1;
        let size = text.size * MM;
        let steps: Vec<f32> = text.text.chars().map(|c| if is_wide(c) { size } else { size / 2.0 }).collect();
        let delta: String = if terse {
            steps
                .chunk_by(|a, b| a == b)
                .map(|run| format!("g {} {} ", run.len(), run.first().copied().unwrap_or(0.0)))
                .collect()
        } else {
            steps.iter().map(|s| format!("{s} ")).collect()
        };
        let (x, y) = (text.x * MM, text.y * MM);
        let width: f32 = steps.iter().sum();
        let _ = write!(
            out,
            r#"<ofd:TextObject ID="{id}" Boundary="{x} {} {width} {}" Font="3" Size="{size}"><ofd:TextCode X="0" Y="{}" DeltaX="{}">{}</ofd:TextCode></ofd:TextObject>"#,
            y - size,
            size * 1.3,
            size,
            delta.trim_end(),
            escape(&text.text)
        );
    }
    out.push_str("</ofd:PageBlock></ofd:Layer></ofd:Content></ofd:Page>");
    out
}
