//! HTML pages.

mod page;

use super::aligned;
use crate::ink;
use crate::report::{Block, Report, stream};
use crate::sheet::{Beside, Cell, Glue, Kind, Part, Row, Sheet};
use crate::spec::{Damage, Layout, Spec};
use fastrand::Rng;

/// Whose markup it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    /// Bare cells.
    Plain,
    /// A word processor's export: paragraphs, spans, fonts.
    WordProcessor,
    /// A content system's editor: a paragraph with a style in every cell.
    Editor,
}

struct Writer<'a> {
    spec: &'a Spec,
    rng: Rng,
    hand: Hand,
    /// Line breaks and indentation between tags.
    pretty: bool,
    /// How cells stand where each has a line of its own: 0 divisions, 1 paragraphs, 2 rows of a table.
    apart: u32,
    /// Whether a table was left open.
    left_open: bool,
    out: String,
}

/// The report as a page.
pub(super) fn write(report: &Report, spec: &Spec) -> String {
    let mut rng = stream(spec.seed, "layout");
    let hand = rng.choice([Hand::Plain, Hand::WordProcessor, Hand::Editor]).unwrap_or(Hand::Plain);
    let (pretty, apart) = (rng.bool(), rng.u32(0..3));
    let mut writer = Writer { spec, rng, hand, pretty, apart, left_open: false, out: String::new() };
    writer.head(report);
    writer.body(report);
    writer.foot(report);
    writer.out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
    out
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn newline(&mut self) {
        if self.pretty {
            self.put("\n");
        }
    }

    fn open(&mut self, tag: &str, attributes: &str) {
        self.put("<");
        self.put(tag);
        self.put(attributes);
        self.put(">");
    }

    /// An end tag, which careless hands leave out where browsers do not mind.
    fn close(&mut self, tag: &str) {
        let optional = matches!(tag, "td" | "tr" | "p" | "span" | "font");
        if !(optional && self.spec.has(Damage::UnclosedTags) && self.rng.u32(0..3) == 0) {
            self.put("</");
            self.put(tag);
            self.put(">");
        }
    }

    fn body(&mut self, report: &Report) {
        let one = self.spec.layout == Layout::HtmlOneTable;
        self.put(if one { "<table border=\"0\" cellpadding=\"0\">\n" } else { "" });
        for block in &report.blocks {
            match block {
                Block::Title(t) => self.element("h1", " class=\"title\"", t),
                Block::Heading(t) => self.paragraph(t, true),
                Block::Paragraph(t) | Block::Caption(t) | Block::Signature(t) => self.paragraph(t, false),
                Block::Sheet(sheet) => self.sheet(sheet),
                Block::Comment(sheet) => {
                    self.put("<!-- ");
                    for row in &sheet.rows {
                        self.row(&row.cells, Kind::Values);
                    }
                    self.put(" -->");
                    self.newline();
                }
            }
        }
        self.put(if one { "</table>\n" } else { "" });
    }

    /// A row of the one table that the page is.
    fn wide_row(&mut self, text: &str) {
        self.put(&format!("<tr><td colspan=\"10\">{}</td></tr>", escape(text)));
        self.newline();
    }

    fn element(&mut self, tag: &str, attributes: &str, text: &str) {
        if self.spec.layout == Layout::HtmlOneTable {
            return self.wide_row(text);
        }
        self.open(tag, attributes);
        self.put(&escape(text));
        self.close(tag);
        self.newline();
    }

    /// A paragraph of the narrative, or a heading of a section, which is seldom marked as one.
    fn paragraph(&mut self, text: &str, heading: bool) {
        if self.spec.layout == Layout::HtmlOneTable {
            return self.wide_row(text);
        }
        let text = escape(text);
        match self.hand {
            Hand::WordProcessor => {
                let font = if heading { "黑体" } else { "仿宋_GB2312" };
                self.open("p", " class=\"MsoNormal\"");
                self.open("span", "");
                self.open("font", &format!(" face=\"{font}\""));
                self.put(&text);
                self.close("font");
                self.close("span");
                self.put("<span><o:p></o:p></span>");
            }
            Hand::Editor => {
                self.open("p", " style=\"text-indent: 2em;\"");
                self.put(&if heading { format!("<strong>{text}</strong>") } else { text });
            }
            Hand::Plain => {
                self.open("p", "");
                self.put(if self.pretty { "　　" } else { "" });
                self.put(&text);
            }
        }
        self.close("p");
        self.newline();
    }

    fn sheet(&mut self, sheet: &Sheet) {
        for (before, rows) in sheet.parts() {
            if let Some(text) = before.filter(|b| !b.is_empty()) {
                self.paragraph(&text, false);
            }
            match self.spec.layout {
                _ if rows.is_empty() => {}
                Layout::HtmlCellALine => self.cells_apart(rows),
                Layout::HtmlSpacedRows => rows.iter().for_each(|r| self.spaced(r)),
                Layout::HtmlPre => self.pre(rows),
                Layout::HtmlOneTable => rows.iter().for_each(|r| self.row(&r.cells, r.kind)),
                Layout::HtmlNested => {
                    self.put("<table width=\"100%\"><tr><td align=\"center\"><table><tr><td>");
                    self.table(rows);
                    self.put("</td></tr></table></td></tr></table>");
                }
                _ => self.table(rows),
            }
        }
    }

    fn table(&mut self, rows: &[Row]) {
        let style = match self.hand {
            Hand::Plain => " border=\"1\"",
            Hand::WordProcessor => " border=\"1\" cellspacing=\"0\" class=\"MsoTableGrid\"",
            Hand::Editor => " style=\"border-collapse:collapse;border:none\" cellspacing=\"0\" border=\"1\"",
        };
        self.open("table", style);
        self.open("tbody", "");
        self.newline();
        for row in rows {
            self.row(&row.cells, row.kind);
        }
        // At most one table of a page stays open: what follows closes it. Its last cell is closed, or the next
        // paragraph would stand in it.
        let forgets = self.spec.has(Damage::UnclosedTags) && self.spec.layout != Layout::HtmlNested;
        if forgets && !self.left_open && self.rng.u32(0..3) == 0 {
            self.left_open = true;
            self.put("</td></tr>");
            return;
        }
        self.put("</tbody></table>");
        self.newline();
    }

    fn row(&mut self, cells: &[Cell], kind: Kind) {
        self.open("tr", if self.hand == Hand::Editor { " style=\"height:38px\"" } else { "" });
        self.newline();
        for cell in cells {
            let tag = if kind == Kind::Head && self.hand == Hand::Plain { "th" } else { "td" };
            let attributes = self.attributes(cell);
            self.open(tag, &attributes);
            if cell.nested.is_empty() {
                self.content(cell);
            } else {
                self.put("<table><tbody>");
                self.row(&cell.nested, Kind::Values);
                self.put("</tbody></table>");
            }
            self.close(tag);
            self.newline();
        }
        self.close("tr");
        self.newline();
    }

    fn attributes(&mut self, cell: &Cell) -> String {
        let mut out = String::new();
        if self.hand != Hand::Plain {
            out.push_str(&format!(" width=\"{}\" valign=\"center\"", 45 * cell.colspan));
        }
        // Nested rows and stripped tables have no spans.
        if self.spec.layout != Layout::HtmlSpansLost {
            for (name, span) in [("rowspan", cell.rowspan), ("colspan", cell.colspan)] {
                if span > 1 {
                    out.push_str(&format!(" {name}=\"{span}\""));
                }
            }
        }
        out
    }

    /// Text of a cell in the hand's markup.
    fn content(&mut self, cell: &Cell) {
        let mut pieces: Vec<String> = cell.pieces.iter().map(|p| escape(p)).collect();
        if let Some(mark) = cell.mark {
            pieces.iter_mut().take(1).for_each(|p| p.insert(0, ink::begin(mark)));
            pieces.iter_mut().last().into_iter().for_each(|p| p.push(ink::END));
        }
        if let Some((kind, text)) = &cell.beside {
            let text = self.beside(*kind, text);
            match kind {
                Beside::Raised => pieces.iter_mut().last().into_iter().for_each(|p| p.push_str(&text)),
                _ => pieces.iter_mut().take(1).for_each(|p| p.insert_str(0, &text)),
            }
        }
        if self.spec.has(Damage::InputValues) && cell.part == Part::Value {
            pieces = vec![self.field(&pieces.concat())];
        }
        let spans = |pieces: Vec<String>| match pieces.len() {
            1 => pieces.concat(),
            _ => pieces.iter().map(|p| format!("<span>{p}</span>")).collect(),
        };
        let paragraphs = match cell.glue {
            Glue::Span => vec![spans(pieces)],
            Glue::Blank => vec![pieces.join(" ")],
            Glue::Line => vec![pieces.join("<br>")],
            Glue::Paragraph => pieces,
        };
        if self.hand == Hand::Plain && cell.glue != Glue::Paragraph {
            paragraphs.iter().for_each(|p| self.put(p));
            return;
        }
        for text in paragraphs {
            self.cell_paragraph(&text);
        }
    }

    /// What stands beside a figure, in markup that says what it is.
    fn beside(&mut self, kind: Beside, text: &str) -> String {
        let text = escape(text);
        let styles: &[(&str, &str)] = match kind {
            Beside::Hidden => &[
                ("<span style=\"display:none\">", "</span>"),
                ("<span style=\"DISPLAY: none;\">", "</span>"),
                ("<span hidden>", "</span>"),
                ("<span style=\"visibility:hidden\">", "</span>"),
                ("<span class=\"dn\">", "</span>"),
                ("<i style=\"font-size:0\">", "</i>"),
            ],
            Beside::Struck => &[
                ("<s>", "</s>"),
                ("<del>", "</del>"),
                ("<strike>", "</strike>"),
                ("<span style=\"text-decoration:line-through\">", "</span>"),
                ("<span style=\"color:red;text-decoration: line-through;\">", "</span>"),
            ],
            Beside::Raised => &[
                ("<sup>", "</sup>"),
                ("<a href=\"#fn1\"><sup>", "</sup></a>"),
                ("<span style=\"vertical-align:super;font-size:8px\">", "</span>"),
                ("<span style=\"vertical-align: super\">", "</span>"),
            ],
        };
        let (open, close) = self.rng.choice(styles).copied().unwrap_or_default();
        format!("{open}{text}{close}")
    }

    /// A field of a form with a value.
    fn field(&mut self, value: &str) -> String {
        match self.rng.u32(0..4) {
            0 => format!("<input type=\"text\" value=\"{value}\" size=\"5\"/>"),
            1 => format!("<input name='n' readonly value='{value}'>"),
            2 => format!("<textarea rows=\"1\">{value}</textarea>"),
            _ => format!("<select><option value=\"0\">97</option><option selected>{value}</option></select>"),
        }
    }

    fn cell_paragraph(&mut self, text: &str) {
        match self.hand {
            Hand::Plain => {
                self.open("p", "");
                self.put(text);
            }
            Hand::WordProcessor => {
                self.open("p", " class=\"p\" align=\"justify\"");
                self.open("span", "");
                self.put(if text.is_empty() { "&nbsp;" } else { text });
                self.close("span");
                self.put("<span><o:p></o:p></span>");
            }
            Hand::Editor => {
                self.open("p", " style=\"text-indent: 0em;\"");
                self.put(if text.is_empty() { "<br/>" } else { text });
            }
        }
        self.close("p");
    }

    /// Every cell in an element of its own.
    fn cells_apart(&mut self, rows: &[Row]) {
        self.put(if self.apart == 2 { "<table border=\"1\"><tbody>" } else { "" });
        for cell in rows.iter().flat_map(|r| &r.cells) {
            match self.apart {
                0 => self.open("div", " class=\"cell\""),
                1 => self.open("p", ""),
                _ => {
                    self.open("tr", "");
                    self.open("td", "");
                }
            }
            let hand = std::mem::replace(&mut self.hand, Hand::Plain);
            self.content(cell);
            self.hand = hand;
            match self.apart {
                0 => self.close("div"),
                1 => self.close("p"),
                _ => {
                    self.close("td");
                    self.close("tr");
                }
            }
            self.newline();
        }
        self.put(if self.apart == 2 { "</tbody></table>" } else { "" });
    }

    /// Cells of a row in a paragraph, blanks between.
    fn spaced(&mut self, row: &Row) {
        self.open("p", "");
        for (i, cell) in row.cells.iter().enumerate() {
            if i > 0 {
                let gap = ["&nbsp;", "　"].get(self.rng.usize(0..2)).copied().unwrap_or("&nbsp;");
                let gap = gap.repeat(self.rng.usize(2..6));
                self.put(&gap);
            }
            let hand = std::mem::replace(&mut self.hand, Hand::Plain);
            self.content(cell);
            self.hand = hand;
        }
        self.close("p");
        self.newline();
    }

    fn pre(&mut self, rows: &[Row]) {
        let text = aligned::lines(rows).join("\n");
        self.put("<pre>\n");
        self.put(&escape(&text));
        self.put("\n</pre>\n");
    }
}
