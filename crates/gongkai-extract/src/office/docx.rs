//! WordprocessingML (ECMA-376-1, 17) to blocks, as a reader sees the text with all tracked changes accepted.

use super::draft::{Draft, DraftCell, DraftRow, Item, MAX_TABLES, Merge, emit};
use super::xml::{self, Element, Handler, Step};
use crate::Limits;
use crate::blocks::Blocks;
use crate::flow::Flow;
use crate::html::Parts;
use crate::oddity::STRUCK_DROPPED;
use gongkai_inflate::Package;
use gongkai_model::{Problem, Role};
use std::collections::HashSet;

/// Text boxes within one another; what is deeper is left out, as no program shows it.
const MAX_STORIES: usize = 8;

/// Reads the text of a package whose main part is `main`.
pub(super) fn read(package: &Package<'_>, main: &str, limits: &Limits) -> Result<Parts, Problem> {
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut styles = Styles::default();
    let name = format!("{folder}/styles.xml");
    if package.has(&name) {
        // Without styles only the headings are not known as such.
        let _ = package.read(&name).and_then(|bytes| xml::walk(&bytes, &mut styles));
    }
    let mut body = Body::new(limits, styles.headings);
    xml::walk(&package.read(main)?, &mut body)?;
    Ok(body.finish())
}

/// Ids of the paragraph styles that mark headings.
#[derive(Default)]
struct Styles {
    headings: HashSet<String>,
    id: Option<String>,
}

impl Handler for Styles {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "style" => self.id = element.attribute("styleId"),
            "name" => {
                let style = element.attribute("val").unwrap_or_default().to_lowercase();
                let is_heading =
                    style.starts_with("heading ") || style == "title" || style.starts_with("标题");
                if let (true, Some(id)) = (is_heading, self.id.take()) {
                    self.headings.insert(id);
                }
            }
            _ => {}
        }
        Step::Into
    }
}

/// What the properties of a run say of its text.
#[derive(Default, Clone, Copy)]
struct Run {
    /// Inside `rPr` of a run.
    in_properties: bool,
    hidden: bool,
    struck: bool,
    raised: bool,
}

/// A story: the body, or the text of a box.
#[derive(Default)]
struct Story {
    items: Vec<Item>,
    tables: Vec<OpenTable>,
    flow: Flow,
    run: Run,
    /// Inside `pPr`.
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
    headings: HashSet<String>,
    stories: Vec<Story>,
    cells_left: usize,
    /// Inside an element whose text is text.
    in_text: bool,
    struck: usize,
    /// Tables that are too deep to be tables.
    too_deep: usize,
}

impl<'a> Body<'a> {
    fn new(limits: &'a Limits, headings: HashSet<String>) -> Self {
        Self {
            blocks: Blocks::new(limits),
            headings,
            stories: vec![Story::default()],
            cells_left: limits.table_cells,
            in_text: false,
            struck: 0,
            too_deep: 0,
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
        let Some(line) = self.story().flow.take() else { return };
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
        story.put(Item::Line(line.text, role));
    }

    fn property(&mut self, name: &str, element: &Element<'_>) {
        let story = self.story();
        if story.in_paragraph_properties {
            match name {
                // The mark of the paragraph, whose own run properties stand here.
                "del" | "moveFrom" => story.joined = true,
                "outlineLvl" => story.heading |= element.number::<u8>("val").is_some_and(|level| level < 9),
                "pStyle" => {
                    let style = element.attribute("val").unwrap_or_default();
                    let is_heading = self.headings.contains(&style);
                    self.story().heading |= is_heading;
                }
                _ => {}
            }
            return;
        }
        match name {
            "vanish" => story.run.hidden = element.is_on(),
            "strike" | "dstrike" => story.run.struck |= element.is_on(),
            "vertAlign" => {
                story.run.raised =
                    element.attribute("val").is_some_and(|v| v == "superscript" || v == "subscript");
            }
            _ => {}
        }
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
        let run = self.story().run;
        if run.hidden {
            return;
        }
        if run.struck {
            self.struck += text.chars().filter(|c| !c.is_whitespace()).count();
            return;
        }
        let story = self.story();
        if run.raised {
            story.flow.push(" ", false);
        }
        story.flow.push(text, false);
        if run.raised {
            story.flow.push(" ", false);
        }
    }

    fn end_cell(&mut self) {
        self.break_line();
        self.story().joined = false;
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

impl Handler for Body<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "t" => self.in_text = true,
            "p" => {
                let goes_on = std::mem::take(&mut self.story().joined);
                if !goes_on {
                    self.break_line();
                    self.story().heading = false;
                }
            }
            "pPr" => self.story().in_paragraph_properties = true,
            "r" => self.story().run = Run::default(),
            "rPr" => self.story().run.in_properties = true,
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
            "del" | "moveFrom" if self.story().in_paragraph_properties => self.property(name, element),
            "del" | "moveFrom" => {
                // In the properties of a row: the row. Around runs: their text.
                let row = self.table().filter(|t| t.cell.is_none()).and_then(|t| t.row.as_mut());
                if let Some((_, deleted)) = row {
                    *deleted = true;
                }
                return Step::Skip;
            }
            "br" | "cr" => {
                if self.story().run.hidden || self.story().run.struck {
                    return Step::Skip;
                }
                self.break_line();
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
            // What Word shows instead of something it does not know; phonetic guides; what is not shown at all.
            "Fallback" | "rt" | "delText" | "instrText" | "delInstrText" | "fldData" | "binData"
            | "sectPr" | "docVars" | "tblPrEx" | "tblGrid" | "rPrChange" | "pPrChange" | "tcPrChange"
            | "trPrChange" | "tblPrChange" => {
                return Step::Skip;
            }
            _ if self.story().in_paragraph_properties || self.story().run.in_properties => {
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
            "rPr" => self.story().run.in_properties = false,
            "r" => self.story().run = Run::default(),
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
