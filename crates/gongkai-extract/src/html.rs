//! HTML to blocks: a walk over the tree that html5ever builds, in reading order.

mod build;
mod elements;
mod kind;
mod marks;
mod nesting;
mod sink;
mod slim;
mod source;
mod styles;
mod tables;
mod tree;
mod unseen;

use crate::Limits;
use crate::flow::{Flow, InlineText, collapse};
use crate::frames;
use crate::grid::RawCell;
use crate::oddity::{NESTED_TOO_DEEPLY, TABLE_TOO_LARGE, TOO_MANY_BLOCKS, oddity};
use crate::stacked::unstack;
use gongkai_model::{Block, Meta, Oddity, Paragraph, Role};
use kind::Kind;
use nesting::DataTables;
use styles::Styles;
use tables::TableBuilder;
use tree::{Content, Edge, Element, NodeId, Tree, Walk};

/// A line of link text longer than this is no menu item: an unclosed `<a>` or menu around running text.
const MENU_LETTERS: usize = 80;
/// Page furniture that tells whose site it is, even inside a link or a menu.
const EVIDENCE: &[&str] = &["主办单位", "主办：", "承办单位", "网站标识码", "主辦單位", "網站標識碼"];

/// What one stretch of HTML holds.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) meta: Vec<Meta>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) oddities: Vec<Oddity>,
}

/// Reads a page; where it shows the source of one, as browsers save it, that one.
pub(crate) fn read(text: &str, limits: &Limits) -> Parts {
    let parts = read_fragment(text, limits, 0);
    match source::shown(&parts) {
        Some(source) => {
            let mut inner = read_fragment(&source, limits, 0);
            inner.oddities.splice(0..0, parts.oddities);
            inner
        }
        None => parts,
    }
}

/// Reads a piece of HTML in a document of `whole` bytes.
pub(crate) fn read_fragment(text: &str, limits: &Limits, whole: usize) -> Parts {
    let (slim, is_marked, styles) = slim::slim(text);
    read_markup(&slim, limits, is_marked.then_some(&styles), whole)
}

/// Reads markup; `styles`: of a page in which elements are hidden or struck.
fn read_markup(text: &str, limits: &Limits, styles: Option<&Styles>, whole: usize) -> Parts {
    let (mut tree, rest) = build::build(text);
    let left_out = styles.map(|styles| unseen::leave_out(&mut tree, styles, whole)).unwrap_or_default();
    let mut walker = Walker::new(limits, &tree);
    walker.walk();
    if !rest.is_empty() {
        let message = format!("{} bytes of markup read as plain text", rest.len());
        walker.parts.oddities.push(oddity(NESTED_TOO_DEEPLY, message));
        build::strip_tags(rest, |line| walker.flatten(line));
    }
    for node in left_out.metadata {
        walker.enter(node);
    }
    walker.parts.oddities.extend(left_out.oddities);
    walker.finish()
}

struct Walker<'a> {
    limits: &'a Limits,
    tree: &'a Tree,
    data_tables: DataTables,
    parts: Parts,
    flow: Flow,
    /// How many open elements of each kind surround the place.
    links: u32,
    menus: u32,
    headings: u32,
    preformatted: u32,
    /// The table being read. There is one at most: a table inside its cells becomes text of the cell.
    table: Option<TableBuilder>,
    inner_tables: u32,
    dropped_blocks: usize,
}

impl<'a> Walker<'a> {
    fn new(limits: &'a Limits, tree: &'a Tree) -> Self {
        Self {
            limits,
            tree,
            data_tables: nesting::data_tables(tree),
            parts: Parts::default(),
            flow: Flow::default(),
            links: 0,
            menus: 0,
            headings: 0,
            preformatted: 0,
            table: None,
            inner_tables: 0,
            dropped_blocks: 0,
        }
    }

    fn walk(&mut self) {
        let mut walk = Walk::new(NodeId::ROOT);
        while let Some(edge) = walk.next(self.tree) {
            match edge {
                Edge::Open(node) if self.enter(node) => {}
                Edge::Open(_) => walk.skip(),
                Edge::Close(node) => self.leave(node),
            }
        }
    }

    /// Whether to go on into the node's children.
    fn enter(&mut self, node: NodeId) -> bool {
        match self.tree.content(node) {
            Content::Text(text) => self.text(text),
            Content::Element(element) => return self.enter_element(node, element),
            Content::Other => {}
        }
        true
    }

    fn text(&mut self, text: &str) {
        let linked = self.links > 0;
        if self.preformatted == 0 {
            self.flow.push(text, linked);
            return;
        }
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.break_line();
            }
            // Blanks line columns up; in a cell they do not.
            if self.table.is_none() {
                self.flow.push_as_printed(line, linked)
            } else {
                self.flow.push(line, linked)
            }
        }
    }

    fn enter_element(&mut self, node: NodeId, element: &Element) -> bool {
        match element.kind {
            Kind::Inline => {}
            Kind::SetOff => self.flow.raise(),
            Kind::Link => self.links += 1,
            Kind::Dropped => return false,
            Kind::Break | Kind::Block | Kind::Caption => self.break_line(),
            Kind::Preformatted => {
                self.break_line();
                self.preformatted += 1;
            }
            Kind::Heading => {
                self.break_line();
                self.headings += 1;
            }
            Kind::Menu => {
                self.break_line();
                self.menus += 1;
            }
            Kind::Title => {
                self.meta("title", &self.tree.text_of(node));
                return false;
            }
            Kind::Meta => self.meta_element(element),
            Kind::MetaText => {
                let name = element.name.to_ascii_lowercase();
                self.meta(&name, &self.tree.text_of(node));
            }
            Kind::Input => {
                self.input(element);
                return false;
            }
            Kind::Field => {
                if self.table.is_some() {
                    let value = self.chosen(node);
                    self.set_off(&value);
                }
                return false;
            }
            Kind::Table => self.enter_table(node),
            Kind::RowGroup => self.with_own_table(|table| table.start_group(&*element.name == "tfoot")),
            Kind::Row => self.with_own_table(TableBuilder::start_row),
            Kind::Cell if self.inner_tables > 0 => {}
            Kind::Cell => {
                self.break_line();
                self.with_own_table(|table| {
                    table.start_cell(element.attribute("colspan"), element.attribute("rowspan"))
                });
            }
        }
        true
    }

    fn leave(&mut self, node: NodeId) {
        let Some(kind) = self.tree.kind(node) else {
            if node == NodeId::ROOT {
                self.break_line();
            }
            return;
        };
        match kind {
            Kind::SetOff => self.flow.lower(),
            Kind::Link => self.links -= 1,
            Kind::Block | Kind::Caption => self.break_line(),
            Kind::Preformatted => {
                self.break_line();
                self.preformatted -= 1;
            }
            Kind::Heading => {
                self.break_line();
                self.headings -= 1;
            }
            Kind::Menu => {
                self.break_line();
                self.menus -= 1;
            }
            Kind::Table => self.leave_table(),
            Kind::RowGroup => self.with_own_table(TableBuilder::end_group),
            Kind::Row => {
                self.break_line();
                self.with_inner_cells(RawCell::end_inner_row);
            }
            Kind::Cell if self.inner_tables > 0 => {
                self.break_line();
                self.with_inner_cells(RawCell::end_inner_cell);
            }
            Kind::Cell => {
                self.break_line();
                self.with_own_table(TableBuilder::end_cell);
            }
            _ => {}
        }
    }

    fn enter_table(&mut self, node: NodeId) {
        self.break_line();
        if self.table.is_some() {
            self.inner_tables += 1;
        } else if self.data_tables.contains(node) {
            self.table = Some(TableBuilder::new(self.limits));
        }
    }

    fn leave_table(&mut self) {
        self.break_line();
        if self.inner_tables > 0 {
            self.inner_tables -= 1;
            return;
        }
        let Some(builder) = self.table.take() else { return };
        let built = builder.finish();
        if built.dropped > 0 {
            let message = format!("{} cells beyond the limits of a table were dropped", built.dropped);
            self.parts.oddities.push(oddity(TABLE_TOO_LARGE, message));
        }
        if tables::is_page_layout(&built.table) {
            for line in built
                .table
                .cells
                .iter()
                .flat_map(|cell| cell.text.split('\n'))
                .filter(|l| !l.trim().is_empty())
            {
                self.push(Block::Paragraph(Paragraph {
                    text: collapse(line),
                    role: Role::Body,
                    bytes: None,
                }));
            }
        } else if !built.table.cells.is_empty() {
            unstack(frames::without_frame(built.table)).into_iter().for_each(|block| self.push(block));
        }
    }

    /// Does something with the table being read, unless the element belongs to a table inside one of its cells.
    fn with_own_table(&mut self, act: impl FnOnce(&mut TableBuilder)) {
        if self.inner_tables == 0
            && let Some(table) = &mut self.table
        {
            act(table);
        }
    }

    /// Does something with the open cell, inside a table in it.
    fn with_inner_cells(&mut self, act: impl FnOnce(&mut RawCell)) {
        if self.inner_tables > 0
            && let Some(cell) = self.table.as_mut().and_then(TableBuilder::open_cell)
        {
            act(cell);
        }
    }

    /// Ends a line: a paragraph, or a line of the open cell.
    fn break_line(&mut self) {
        let Some(line) = self.flow.take() else { return };
        match self.table.as_mut().and_then(TableBuilder::open_cell) {
            Some(cell) if cell.text.is_empty() => cell.text = line.text,
            Some(cell) => cell.push_line(&line.text),
            None => {
                let role = self.role(&line);
                self.push(Block::Paragraph(Paragraph { text: line.text, role, bytes: None }));
            }
        }
    }

    fn role(&self, line: &InlineText) -> Role {
        // A label before a linked value (来源：…) says something; link text alone does not.
        let is_labelled = line.linked < line.letters && line.text.contains(['：', ':']);
        let is_linked = line.linked > 0 && line.linked * 10 >= line.letters * 9 && !is_labelled;
        let is_menu = (self.menus > 0 || is_linked) && line.letters <= MENU_LETTERS;
        if is_menu && !EVIDENCE.iter().any(|label| line.text.contains(label)) {
            return Role::Navigation;
        }
        if self.headings > 0 { Role::Heading } else { Role::Body }
    }

    fn push(&mut self, block: Block) {
        if self.parts.blocks.len() < self.limits.blocks {
            self.parts.blocks.push(block);
        } else {
            self.dropped_blocks += 1;
        }
    }

    /// A line of markup that was too deep to be built into the tree.
    fn flatten(&mut self, line: &str) {
        self.flow.push(line, false);
        self.break_line();
    }

    fn meta(&mut self, name: &str, value: &str) {
        let value = collapse(value);
        if !value.is_empty() {
            self.parts.meta.push(Meta { name: name.to_owned(), value });
        }
    }

    fn meta_element(&mut self, element: &Element) {
        let name =
            ["name", "property", "http-equiv"].into_iter().find_map(|attribute| element.attribute(attribute));
        if let (Some(name), Some(content)) = (name, element.attribute("content")) {
            self.meta(&collapse(name).to_lowercase(), content);
        }
    }

    /// A hidden field with the site's code, which many sites give to their search form; or a figure in a field of a table.
    fn input(&mut self, element: &Element) {
        /// Fields in which a text is printed; one without a type is one.
        const SHOWN: &[&str] = &["text", "number", "tel", "url", "email", "date", ""];
        let is = |attribute: &str, value: &str| {
            element.attribute(attribute).is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        let value = element.attribute("value").unwrap_or_default();
        if is("type", "hidden") && (is("id", "sitecode") || is("name", "sitecode")) {
            self.meta("sitecode", value);
        }
        let kind = element.attribute("type").unwrap_or_default().trim();
        if self.table.is_some() && SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(kind)) {
            self.set_off(value);
        }
    }

    /// Text that is no part of its neighbours.
    fn set_off(&mut self, text: &str) {
        for piece in [" ", text, " "] {
            self.flow.push(piece, false);
        }
    }

    /// What a field for several lines holds, or the choice that a list of them shows.
    fn chosen(&self, field: NodeId) -> String {
        let options = || {
            self.tree
                .descendants(field)
                .filter_map(|n| self.tree.element(n).map(|e| (n, e)))
                .filter(|(_, e)| &*e.name == "option")
        };
        let selected =
            options().find(|(_, e)| e.attribute("selected").is_some()).or_else(|| options().next());
        self.tree.text_of(selected.map_or(field, |(option, _)| option))
    }

    fn finish(mut self) -> Parts {
        self.break_line();
        if self.dropped_blocks > 0 {
            let message = format!("{} blocks beyond the limit were dropped", self.dropped_blocks);
            self.parts.oddities.push(oddity(TOO_MANY_BLOCKS, message));
        }
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PIECES: &[&str] = &[
        "<table>",
        "</table>",
        "<tr>",
        "</tr>",
        "<td>",
        "<td colspan=2 style='a>b'>",
        "<th rowspan=\"2\">",
        "</td>",
        "<p>",
        "<p class=x>",
        "</p>",
        "<div role='navigation' id=\"a\">",
        "</div>",
        "<span>",
        "<span lang=EN-US>",
        "</span>",
        "<font size=2>",
        "</font>",
        "<b>",
        "</b>",
        "<strong x>",
        "</strong>",
        "<a href='x'>",
        "<a name=y>",
        "</a>",
        "<br/>",
        "<h1>头</h1>",
        "<li>",
        "<ul>",
        "</ul>",
        "甲",
        "乙 丙",
        "&nbsp;",
        "\n\n ",
        "1",
        " ",
        "\n",
        "<!-- <p> -->",
        "<!-->",
        "<caption>",
        "</caption>",
        "<thead>",
        "<tfoot>",
        "<tbody>",
        "<script>a<b</script>",
        "<title>题</title>",
        "<style>p{}</style>",
        "<meta name=a content='b c'>",
        "<input type=hidden id=siteCode value=12>",
        "<",
        ">",
        "\"",
        "'",
        "=",
        "/",
        "</",
        "<p a='",
        "<center>",
        "<o:p>",
        "</o:p>",
        "<body x>",
        "<s>",
        "</s>",
        "<del x>",
        "</del>",
        "<sup>",
        "</sup>",
        "<span style='color:red;display:none'>",
        "<b hidden>",
        "<div style=\"DISPLAY: none\">",
        "<p hidden class=x>",
        "<tr style=display:none>",
        "<td style='visibility:hidden'>",
        "<td hidden>",
    ];

    /// What the tokenizer has states for, besides.
    const ODD: &[&str] = &[
        "&",
        "&amp",
        "&lt;",
        "&#20013;",
        "\r",
        "\r\n",
        "\0",
        "<<",
        "< ",
        "<textarea>",
        "</textarea>",
        "<plaintext>",
        "<select>",
        "</select>",
        "<svg>",
        "</svg>",
        "<![CDATA[",
        "]]>",
        "<pre>",
        "</pre>",
        "<noscript>",
        "</noscript>",
        "<script><!--<script>",
        "</script>",
        "-->",
        "<!--",
        "<?x",
        "</ ",
        "<!DOCTYPE html>",
        "<template>",
        "</template>",
        "<iframe>",
        "</iframe>",
        "<TD>",
        "<h1",
        "<math>",
        "<title>",
        "</title>",
        "<option>",
        "<form>",
        "<frameset>",
        "<style>",
        "</style >",
        "<td a=b=\"x c=\" d>",
    ];

    // Left out of the soup: unclosed forms, options, links, headings and `<pre>` inside unclosed inline elements, where the standard's
    // recovery depends on the inline element and one reading is as good as the other.

    fn shown(parts: &Parts) -> String {
        // An `<input>` of a form inside a table may move before it or not; the order of metadata follows.
        let mut meta: Vec<_> = parts.meta.iter().map(|m| (&m.name, &m.value)).collect();
        meta.sort();
        let mut out = format!("{meta:?}\n");
        for block in &parts.blocks {
            match block {
                Block::Paragraph(p) => out += &format!("{}\n", p.text),
                Block::Table(t) => {
                    out += &format!(
                        "{}x{} {:?}\n",
                        t.rows,
                        t.columns,
                        t.cells.iter().map(|c| &c.text).collect::<Vec<_>>()
                    )
                }
            }
        }
        // A blank standing in an inline element directly inside a table is moved before it, without one it vanishes.
        out.replace(' ', "")
    }

    /// Raised text asks for a second look at the source; what was looked at first is not all of its style sheets.
    #[test]
    fn a_style_sheet_behind_raised_text_hides() {
        let source = "<p>一<sup>二</sup></p><style>.x { display: none }</style><p class=x>三</p><p>四</p>";
        let document = shown(&read(source, &Limits::default()));
        assert!(document.contains('四') && !document.contains('三'), "{document}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_goes_straight_to_the_tree_builder_builds_the_same_tree(
            picks in proptest::collection::vec(proptest::sample::select([PIECES, ODD].concat()), 0..30)
        ) {
            let source = picks.concat();
            prop_assert_eq!(build::build(&source).0.shown(), Tree::tokenized(&source).shown(), "{}", source);
        }

        #[test]
        fn slimming_changes_nothing_that_is_read(picks in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
            let source = picks.concat();
            let limits = Limits::default();
            let whole = shown(&read_markup(&source, &limits, Some(&Styles::default()), 0));
            prop_assert_eq!(shown(&read(&source, &limits)), whole, "{}", slim::slim(&source).0);
        }
    }
}
