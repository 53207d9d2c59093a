//! WordprocessingML (ECMA-376-1, 17, and the XML of Word 2003) to blocks, as a reader sees the text with all tracked changes
//! accepted.

use super::chunk;
use super::draft::{Draft, DraftCell, DraftRow, Item, MAX_TABLES, Merge, emit};
use super::ink::{InkLine, Marks};
use super::source::Source;
use super::styles::{Styles, property};
use super::xml::{self, Element, Handler, Step};
use crate::Limits;
use crate::blocks::Blocks;
use crate::html::Parts;
use crate::oddity::STRUCK_DROPPED;
use crate::work::Work;
use gongkai_model::{Problem, Role};
use std::collections::BTreeMap;

/// Text boxes within one another; what is deeper is left out, as no program shows it.
const MAX_STORIES: usize = 8;

/// Reads the text whose main part is `main`, with the documents that it imports where `chunks` are followed.
pub(super) fn read(
    source: &dyn Source,
    main: &str,
    chunks: chunk::Follow,
    limits: &Limits,
    work: &Work,
) -> Result<Parts, Problem> {
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut styles = Styles::default();
    let name = format!("{folder}/styles.xml");
    if source.has(&name) {
        source.walk(&name, &mut styles)?;
    }
    let mut body = Body::new(limits, styles);
    body.chunks = chunk::read(source, main, chunks, limits, work)?;
    source.walk(main, &mut body)?;
    Ok(body.finish())
}

/// Reads the XML of Word 2003, whose one file has styles and text.
pub(super) fn read_2003(bytes: &[u8], limits: &Limits) -> Result<Parts, Problem> {
    let mut styles = Styles::default();
    xml::walk(bytes, &mut styles)?;
    let mut body = Body::new(limits, styles);
    xml::walk(bytes, &mut body)?;
    Ok(body.finish())
}

/// A story: the body, or the text of a box.
#[derive(Default)]
struct Story {
    items: Vec<Item>,
    tables: Vec<OpenTable>,
    line: InkLine,
    /// What the styles of the paragraph and of the run say of it, and the run itself.
    paragraph: Marks,
    style: Marks,
    run: Marks,
    /// Inside `rPr`, and inside `pPr`.
    in_run_properties: bool,
    in_paragraph_properties: bool,
    heading: bool,
    /// The paragraph's mark was deleted: the next one goes on in its line.
    joined: bool,
    /// Inside an entry of the table of contents.
    contents_entry: bool,
}

#[derive(Default)]
struct OpenTable {
    draft: Draft,
    row: Option<(DraftRow, bool)>,
    cell: Option<OpenCell>,
}

#[derive(Default)]
struct OpenCell {
    cell: DraftCell,
    /// Merged with the cell before it (Word 97).
    joined: bool,
    deleted: bool,
}

struct Body<'a> {
    blocks: Blocks<'a>,
    styles: Styles,
    /// Documents that are part of this one, by the ids of their relationships.
    chunks: BTreeMap<String, Parts>,
    stories: Vec<Story>,
    cells_left: usize,
    /// Inside an element whose text is text.
    in_text: bool,
    struck: usize,
    /// Tables that are too deep to be tables.
    too_deep: usize,
    list: Option<DropDown>,
}

/// The choices of a form field, whose choice is no text.
#[derive(Default)]
struct DropDown {
    chosen: Option<usize>,
    usual: Option<usize>,
    entries: Vec<String>,
}

impl<'a> Body<'a> {
    fn new(limits: &'a Limits, styles: Styles) -> Self {
        Self {
            blocks: Blocks::new(limits),
            styles,
            chunks: BTreeMap::new(),
            stories: vec![Story::default()],
            cells_left: limits.table_cells,
            in_text: false,
            struck: 0,
            too_deep: 0,
            list: None,
        }
    }

    fn story(&mut self) -> &mut Story {
        if self.stories.is_empty() {
            self.stories.push(Story::default());
        }
        let last = self.stories.len() - 1;
        &mut self.stories[last]
    }

    fn table(&mut self) -> Option<&mut OpenTable> {
        self.story().tables.last_mut()
    }

    /// Ends a line.
    fn break_line(&mut self) {
        let Some(text) = self.story().line.take() else { return };
        if !self.blocks.may_gather() {
            return;
        }
        let story = self.story();
        let role = if story.contents_entry {
            Role::Navigation
        } else if story.heading {
            Role::Heading
        } else {
            Role::Body
        };
        story.put(Item::Line(text, role));
    }

    fn property(&mut self, name: &str, element: &Element<'_>) {
        let story = self.story();
        if story.in_paragraph_properties {
            match name {
                "outlineLvl" => story.heading |= element.number::<u8>("val").is_some_and(|level| level < 9),
                "pStyle" => {
                    let style = element.attribute("val").unwrap_or_default();
                    let (marks, heading) =
                        (self.styles.paragraph(Some(&style)), self.styles.is_heading(&style));
                    let story = self.story();
                    story.paragraph = marks;
                    story.heading |= heading;
                }
                _ => {}
            }
            return;
        }
        if name == "rStyle" {
            let style = element.attribute("val").unwrap_or_default();
            self.story().style = self.styles.run(&style);
            return;
        }
        property(&mut self.story().run, name, element);
    }

    fn cell_property(&mut self, name: &str, element: &Element<'_>) {
        let Some(cell) = self.table().and_then(|t| t.cell.as_mut()) else { return };
        match name {
            "gridSpan" => cell.cell.span = element.number("val").unwrap_or(1),
            "vMerge" | "vmerge" => {
                let is_top = element.attribute("val").is_some_and(|v| v == "restart");
                cell.cell.merge = if is_top { Merge::Top } else { Merge::Covered };
            }
            "hMerge" | "hmerge" => cell.joined = element.attribute("val").is_none_or(|v| v != "restart"),
            _ => {}
        }
    }

    fn push_text(&mut self, text: &str) {
        let story = self.story();
        let ink = story.run.over(story.style.with(story.paragraph)).ink();
        story.line.push(text, ink);
    }

    /// The choice of a form field.
    fn push_choice(&mut self) {
        let Some(list) = self.list.take() else { return };
        let chosen = list.chosen.or(list.usual).unwrap_or(0);
        if let Some(text) = list.entries.get(chosen) {
            self.push_text(text);
        }
    }

    /// A document that is part of this one takes its place.
    fn push_chunk(&mut self, id: Option<String>) {
        self.break_line();
        let Some(parts) = id.and_then(|id| self.chunks.remove(&id)) else { return };
        parts.oddities.into_iter().for_each(|o| self.blocks.odd(o.code, o.message));
        self.blocks.parts.meta.extend(parts.meta);
        let story = self.story();
        parts.blocks.into_iter().for_each(|block| story.put(Item::Block(block)));
    }

    fn end_cell(&mut self) {
        self.break_line();
        let story = self.story();
        story.joined = false;
        let alone =
            story.tables.last().and_then(|t| t.cell.as_ref()).is_some_and(|c| c.cell.items.is_empty());
        if let Some(figure) = story.line.struck_figure(alone) {
            story.put(Item::Line(figure, Role::Body));
        }
        let allowed = self.cells_left > 0;
        let columns = self.blocks.limits.table_columns;
        let Some(table) = self.table() else { return };
        let Some(open) = table.cell.take().filter(|c| !c.deleted) else { return };
        let OpenTable { draft, row, .. } = table;
        let Some((row, _)) = row.as_mut() else { return };
        let has_room = allowed && row.cells.len() < columns;
        match row.cells.last_mut().filter(|_| open.joined) {
            Some(before) => {
                before.span = before.span.saturating_add(open.cell.span.max(1));
                before.items.extend(open.cell.items);
            }
            None if has_room => {
                row.cells.push(open.cell);
                self.cells_left -= 1;
            }
            None => draft.dropped += 1,
        }
    }

    fn end_table(&mut self) {
        self.break_line();
        let story = self.story();
        if let Some(table) = story.tables.pop() {
            story.put(Item::Table(table.draft));
        }
    }

    /// A text box ends: what it holds belongs to the cell it is anchored in, or to the text before the paragraph.
    fn end_story(&mut self) {
        self.break_line();
        while !self.story().tables.is_empty() {
            self.end_table();
        }
        self.struck += std::mem::take(&mut self.story().line.left_out);
        if self.stories.len() > 1
            && let Some(story) = self.stories.pop()
        {
            let outer = self.story();
            story.items.into_iter().for_each(|item| outer.put(item));
        }
    }

    fn finish(mut self) -> Parts {
        while self.stories.len() > 1 {
            self.end_story();
        }
        self.end_story();
        let items = std::mem::take(&mut self.story().items);
        emit(items, &mut self.blocks);
        if self.struck > 0 {
            self.blocks
                .odd(STRUCK_DROPPED, format!("{} characters struck through were left out", self.struck));
        }
        self.blocks.finish()
    }
}

impl Story {
    fn put(&mut self, item: Item) {
        match self.tables.last_mut().and_then(|t| t.cell.as_mut()) {
            Some(open) => open.cell.items.push(item),
            None => self.items.push(item),
        }
    }
}

/// Mathematics that stands higher or lower than what it belongs to.
const SET_OFF: [&str; 4] = ["sup", "sub", "num", "den"];

/// What an element says of changes that are kept track of.
#[derive(PartialEq, Eq)]
enum Change {
    None,
    TakenOut,
    /// A comment, or properties as they were.
    NoText,
}

fn change(name: &str, element: &Element<'_>) -> Change {
    match name {
        "del" | "moveFrom" => Change::TakenOut,
        // All of them in the XML of 2003.
        "annotation" => match element.attribute("type").as_deref() {
            Some("Word.Deletion") => Change::TakenOut,
            Some("Word.Insertion") => Change::None,
            _ => Change::NoText,
        },
        _ => Change::None,
    }
}

impl Handler for Body<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let change = change(name, element);
        match name {
            "t" => self.in_text = true,
            "p" => {
                let goes_on = std::mem::take(&mut self.story().joined);
                if !goes_on {
                    self.break_line();
                    self.story().heading = false;
                }
                let usual = self.styles.paragraph(None);
                let story = self.story();
                (story.paragraph, story.style, story.run) = (usual, Marks::default(), Marks::default());
            }
            "pPr" => self.story().in_paragraph_properties = true,
            "r" => {
                let story = self.story();
                (story.style, story.run) = (Marks::default(), Marks::default());
            }
            "rPr" => self.story().in_run_properties = true,
            "tbl" if self.story().tables.len() >= MAX_TABLES => self.too_deep += 1,
            "tbl" => {
                self.break_line();
                self.story().tables.push(OpenTable::default());
            }
            "tr" | "tc" if self.too_deep > 0 => self.break_line(),
            "tr" => {
                if let Some(table) = self.table() {
                    table.row = Some((DraftRow::default(), false));
                }
            }
            "tc" => {
                self.break_line();
                let _ = self.story().line.struck_figure(false);
                if let Some(table) = self.table().filter(|t| t.row.is_some()) {
                    table.cell = Some(OpenCell {
                        cell: DraftCell { span: 1, ..DraftCell::default() },
                        ..OpenCell::default()
                    });
                }
            }
            "tcPr" | "trPr" if self.too_deep > 0 => return Step::Skip,
            "gridBefore" => {
                let before = element.number("val").unwrap_or(0);
                if let Some((row, _)) = self.table().and_then(|t| t.row.as_mut()) {
                    row.before = before;
                }
            }
            "gridSpan" | "vMerge" | "vmerge" | "hMerge" | "hmerge" => self.cell_property(name, element),
            "cellDel" => {
                if let Some(cell) = self.table().and_then(|t| t.cell.as_mut()) {
                    cell.deleted = true;
                }
            }
            // In the properties of a paragraph: its mark.
            _ if change == Change::TakenOut && self.story().in_paragraph_properties => {
                self.story().joined = true;
            }
            _ if change == Change::TakenOut => {
                // In the properties of a row: the row. Around runs: their text.
                let row = self.table().filter(|t| t.cell.is_none()).and_then(|t| t.row.as_mut());
                if let Some((_, deleted)) = row {
                    *deleted = true;
                }
                return Step::Skip;
            }
            _ if change == Change::NoText => return Step::Skip,
            "br" | "cr" => {
                let story = self.story();
                let ink = story.run.over(story.style.with(story.paragraph)).ink();
                if !ink.hidden && !ink.struck {
                    self.break_line();
                }
            }
            "tab" | "ptab" if !self.story().in_paragraph_properties => self.push_text(" "),
            "noBreakHyphen" => self.push_text("-"),
            "sym" => {
                let code = element.attribute("char").and_then(|c| u32::from_str_radix(&c, 16).ok());
                let c = code.and_then(char::from_u32).filter(|c| !('\u{e000}'..='\u{f8ff}').contains(c));
                if let Some(c) = c {
                    self.push_text(c.encode_utf8(&mut [0; 4]));
                }
            }
            "txbxContent" if self.stories.len() >= MAX_STORIES => return Step::Skip,
            "txbxContent" => self.stories.push(Story::default()),
            "hyperlink" if element.attribute("anchor").is_some_and(|a| a.starts_with("_Toc")) => {
                self.story().contents_entry = true;
            }
            "altChunk" => self.push_chunk(element.attribute("id")),
            "ddList" => self.list = Some(DropDown::default()),
            "result" | "default" | "listEntry" if self.list.is_some() => {
                if let Some(list) = &mut self.list {
                    match name {
                        "result" => list.chosen = element.number("val"),
                        "default" => list.usual = element.number("val"),
                        _ => list.entries.extend(element.attribute("val")),
                    }
                }
            }
            _ if SET_OFF.contains(&name) => self.story().line.set_off(),
            // What Word shows instead of something it does not know; phonetic guides; what is not shown at all.
            "Fallback" | "rt" | "delText" | "instrText" | "delInstrText" | "fldData" | "binData"
            | "sectPr" | "docVars" | "tblPrEx" | "tblGrid" | "rPrChange" | "pPrChange" | "tcPrChange"
            | "trPrChange" | "tblPrChange" | "numberingChange" | "styles" | "hdr" | "ftr" | "footnote"
            | "endnote" => {
                return Step::Skip;
            }
            _ if self.story().in_paragraph_properties || self.story().in_run_properties => {
                self.property(name, element);
            }
            _ => {}
        }
        Step::Into
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => {
                if !self.story().joined {
                    self.break_line();
                    self.story().heading = false;
                }
                self.story().contents_entry = false;
            }
            "pPr" => self.story().in_paragraph_properties = false,
            "rPr" => self.story().in_run_properties = false,
            "r" => {
                let story = self.story();
                (story.style, story.run) = (Marks::default(), Marks::default());
            }
            "ddList" => self.push_choice(),
            _ if SET_OFF.contains(&name) => self.story().line.set_off(),
            "tbl" if self.too_deep > 0 => self.too_deep -= 1,
            "tbl" => self.end_table(),
            "tr" | "tc" if self.too_deep > 0 => self.break_line(),
            "tr" => {
                if let Some(table) = self.table()
                    && let Some((row, false)) = table.row.take()
                {
                    table.draft.rows.push(row);
                }
            }
            "tc" => self.end_cell(),
            "txbxContent" => self.end_story(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text {
            self.push_text(text);
        }
    }
}
