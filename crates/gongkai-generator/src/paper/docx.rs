//! WordprocessingML, in two hands.

use super::zip::{escape, package};
use super::{Grid, GridCell, Paper, Piece};
use crate::report::stream;
use crate::sheet::Beside;
use fastrand::Rng;
use std::fmt::Write;

/// Whose markup it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// Tracked changes, bookmarks, properties only where they differ.
    Word,
    /// All properties everywhere, content controls.
    Other,
}

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="a"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/></w:style></w:styles>"#;
const OPEN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml" mc:Ignorable="w14 wp14"><w:body>"#;

struct Writer {
    hand: Hand,
    rng: Rng,
    out: String,
}

pub(super) fn write(paper: &Paper, seed: u64, hand: Hand) -> Vec<u8> {
    let mut writer = Writer { hand, rng: stream(seed, "docx"), out: OPEN.to_owned() };
    for piece in &paper.pieces {
        match piece {
            Piece::Title(text) => writer.paragraph(text, "a3"),
            Piece::Heading(text) => writer.paragraph(text, "1"),
            Piece::Text(text) | Piece::Right(text) => writer.paragraph(text, ""),
            Piece::Table(grid) if writer.rng.u32(0..4) == 0 => writer.boxed(grid),
            Piece::Table(grid) => writer.table(grid),
        }
    }
    writer.out.push_str(r#"<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>"#);
    package(&[
        ("[Content_Types].xml", TYPES.into()),
        ("_rels/.rels", RELATIONSHIPS.into()),
        ("word/document.xml", writer.out.into_bytes()),
        ("word/styles.xml", STYLES.into()),
    ])
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn run(&mut self, text: &str) {
        let properties = match self.hand {
            Hand::Word => r#"<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>"#,
            Hand::Other => {
                r#"<w:rPr><w:rFonts w:hint="eastAsia" w:ascii="仿宋" w:eastAsia="仿宋"/><w:vertAlign w:val="baseline"/><w:strike w:val="0"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>"#
            }
        };
        let _ = write!(self.out, "<w:r>{properties}<w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text));
    }

    /// What a reader must not see.
    fn noise(&mut self) {
        let number = self.rng.u32(0..1000);
        match (self.hand, self.rng.u32(0..10)) {
            (Hand::Word, 0) => {
                let _ = write!(self.out, r#"<w:del w:id="1" w:author="a"><w:r><w:delText>{number}</w:delText></w:r></w:del>"#);
            }
            (Hand::Word, 1) => self.put(r#"<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/><w:proofErr w:type="spellStart"/>"#),
            (Hand::Word, 2) => {
                let _ = write!(self.out, r#"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{number}</w:t></w:r>"#);
            }
            (Hand::Other, 0) => {
                let _ = write!(self.out, r#"<w:moveFrom w:id="2"><w:r><w:t>{number}</w:t></w:r></w:moveFrom>"#);
            }
            (Hand::Other, 1) => {
                let _ = write!(self.out, r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF {number} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#);
            }
            _ => {}
        }
    }

    fn runs(&mut self, runs: &[String]) {
        for text in runs {
            self.noise();
            let inserted = self.hand == Hand::Word && self.rng.u32(0..12) == 0;
            self.put(if inserted { r#"<w:ins w:id="3" w:author="a">"# } else { "" });
            self.run(text);
            self.put(if inserted { "</w:ins>" } else { "" });
        }
    }

    fn paragraph(&mut self, text: &str, style: &str) {
        let style = if style.is_empty() { String::new() } else { format!(r#"<w:pStyle w:val="{style}"/>"#) };
        let _ = write!(
            self.out,
            r#"<w:p><w:pPr>{style}<w:tabs><w:tab w:val="left" w:pos="900"/></w:tabs></w:pPr>"#
        );
        // Programs cut runs wherever the cursor once stood.
        let cut = text.char_indices().nth(self.rng.usize(0..20)).map_or(0, |(at, _)| at);
        let (first, rest) = text.split_at_checked(cut).unwrap_or((text, ""));
        self.runs(&[first.to_owned(), rest.to_owned()]);
        self.put("</w:p>");
    }

    /// A table in a text box; shown twice, once for programs that do not know such boxes.
    fn boxed(&mut self, grid: &Grid) {
        let outer = std::mem::take(&mut self.out);
        self.table(grid);
        let table = std::mem::replace(&mut self.out, outer);
        let content = format!("<w:txbxContent>{table}<w:p/></w:txbxContent>");
        let _ = write!(
            self.out,
            r#"<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"#
        );
    }

    fn table(&mut self, grid: &Grid) {
        let controlled = self.hand == Hand::Other && self.rng.bool();
        self.put(if controlled { "<w:sdt><w:sdtPr/><w:sdtContent>" } else { "" });
        self.put(r#"<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>"#);
        (0..grid.columns).for_each(|_| self.put(r#"<w:gridCol w:w="800"/>"#));
        self.put("</w:tblGrid>");
        for row in 0..grid.rows {
            if self.hand == Hand::Word && self.rng.u32(0..30) == 0 {
                self.deleted_row(grid.columns);
            }
            self.row(grid, row);
        }
        self.put("</w:tbl>");
        self.put(if controlled { "</w:sdtContent></w:sdt>" } else { "" });
    }

    fn deleted_row(&mut self, columns: usize) {
        self.put(r#"<w:tr><w:trPr><w:del w:id="9" w:author="a"/></w:trPr>"#);
        (0..columns).for_each(|_| {
            self.put(r#"<w:tc><w:p><w:del w:id="8"><w:r><w:delText>7</w:delText></w:r></w:del></w:p></w:tc>"#)
        });
        self.put("</w:tr>");
    }

    fn row(&mut self, grid: &Grid, row: usize) {
        let covers = |c: &&GridCell| (c.row..c.row + c.rowspan).contains(&row);
        let mut cells: Vec<&GridCell> = grid.cells.iter().filter(covers).collect();
        cells.sort_by_key(|c| c.col);
        self.put(r#"<w:tr><w:trPr><w:trHeight w:val="567"/></w:trPr>"#);
        for cell in cells {
            self.put(r#"<w:tc><w:tcPr><w:tcW w:w="800" w:type="dxa"/>"#);
            if cell.colspan > 1 {
                let _ = write!(self.out, r#"<w:gridSpan w:val="{}"/>"#, cell.colspan);
            }
            let merge = match (cell.rowspan > 1, cell.row == row, self.hand) {
                (false, ..) => "",
                (true, true, _) => r#"<w:vMerge w:val="restart"/>"#,
                (true, false, Hand::Word) => "<w:vMerge/>",
                (true, false, Hand::Other) => r#"<w:vMerge w:val="continue"/>"#,
            };
            self.put(merge);
            self.put("</w:tcPr>");
            if cell.row == row {
                self.content(cell)
            } else {
                self.put("<w:p/>")
            }
            self.put("</w:tc>");
        }
        self.put("</w:tr>");
    }

    fn content(&mut self, cell: &GridCell) {
        if !cell.nested.is_empty() {
            self.put("<w:tbl><w:tr>");
            for text in &cell.nested {
                self.put("<w:tc><w:p>");
                self.run(text);
                self.put("</w:p></w:tc>");
            }
            self.put("</w:tr></w:tbl><w:p/>");
            return;
        }
        // Lines are paragraphs in one hand and breaks in the other.
        self.put(r#"<w:p><w:pPr><w:jc w:val="center"/></w:pPr>"#);
        let beside = |kind: Beside| {
            cell.beside.as_ref().filter(move |(k, _)| (*k == Beside::Raised) == (kind == Beside::Raised))
        };
        if let Some((kind, text)) = beside(Beside::Struck) {
            self.beside(*kind, text);
        }
        for (at, runs) in cell.lines.iter().enumerate() {
            if at > 0 {
                self.put(if self.hand == Hand::Word { "</w:p><w:p>" } else { "<w:r><w:br/></w:r>" });
            }
            self.runs(runs);
        }
        if let Some((kind, text)) = beside(Beside::Raised) {
            self.beside(*kind, text);
        }
        self.put("</w:p>");
    }

    /// A run that is no part of the figure beside it, and says so.
    fn beside(&mut self, kind: Beside, text: &str) {
        let properties: &[&str] = match kind {
            Beside::Hidden => &["<w:vanish/>", r#"<w:vanish w:val="1"/>"#],
            Beside::Struck => &["<w:strike/>", "<w:dstrike/>", r#"<w:strike w:val="true"/>"#],
            Beside::Raised => {
                &[r#"<w:vertAlign w:val="superscript"/>"#, r#"<w:position w:val="8"/><w:sz w:val="12"/>"#]
            }
        };
        let properties = self.rng.choice(properties).copied().unwrap_or_default();
        let _ = write!(self.out, "<w:r><w:rPr>{properties}</w:rPr><w:t>{}</w:t></w:r>", escape(text));
    }
}
