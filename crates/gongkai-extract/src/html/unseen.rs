//! Takes out of the tree what a reader of the page does not see: hidden elements and struck text.
//!
//! Some pages hide the whole article until a script shows it. So what holds a table or most of the text is kept, whatever
//! its marks say, set off by blanks, and an oddity tells of it; marks inside it count on their own.

use super::kind::Kind;
use super::marks::{Look, Mark, mark};
use super::styles::Styles;
use super::tree::{Content, Edge, Element, NodeId, Tree, Walk};
use crate::oddity::{HIDDEN_KEPT, STRUCK_DROPPED, oddity};
use gongkai_model::Oddity;
use std::collections::BTreeSet;

/// A table with more rows than this is never left out.
const SPARE_ROWS: u32 = 3;
/// Tables in one hidden element that are looked for elsewhere.
const MAX_COPIES: usize = 50;
/// Characters of struck text shown in the oddity.
const SHOWN_CHARS: usize = 20;

/// What became of the elements that were left out.
#[derive(Default)]
pub(super) struct LeftOut {
    /// Elements of metadata in them. Metadata is not for the eye; hidden or not, it counts.
    pub(super) metadata: Vec<NodeId>,
    pub(super) oddities: Vec<Oddity>,
}

/// Leaves out hidden elements and struck text. `whole`: bytes of text of the document of which the tree is a part; 0 if
/// it is all of it.
pub(super) fn leave_out(tree: &mut Tree, styles: &Styles, whole: usize) -> LeftOut {
    let mut survey = Survey::new(styles);
    let mut walk = Walk::new(NodeId::ROOT);
    while let Some(edge) = walk.next(tree) {
        match edge {
            Edge::Open(node) => survey.open(tree, node),
            Edge::Close(node) => survey.close(tree, node),
        }
    }
    survey.settle_copies();
    let whole = whole.max(survey.bytes);
    let fates = fates(&survey.marked, whole);
    let mut left = LeftOut { oddities: oddities(tree, &survey.marked, &fates), ..LeftOut::default() };
    for (marked, fate) in survey.marked.iter().zip(fates) {
        match fate {
            Fate::LeftOut if marked.mark == Mark::Absent => detach(tree, marked.node, &mut left.metadata),
            Fate::LeftOut => blank_out(tree, marked.node),
            Fate::Kept => set_off(tree, marked.node),
            Fate::Inside => {}
        }
    }
    left
}

/// An element with a mark.
struct Marked {
    node: NodeId,
    mark: Mark,
    /// The next marked element around it, as an index.
    outer: Option<usize>,
    /// Bytes of text in it, white space aside.
    bytes: usize,
    /// Whether leaving it out would lose a table that is never left out.
    holds_table: bool,
    /// The words of the tables in it that are not shown otherwise, until it is known whether they are.
    tables: Vec<u64>,
}

/// A table the survey is in.
struct OpenTable {
    /// How many marked elements are open around its rows.
    level: usize,
    rows: u32,
    /// Rows that no mark inside the table hides.
    shown_rows: u32,
    /// The marked elements that hide the other rows, as indices.
    hiding: Vec<usize>,
    /// Its words without figures, as one number: two copies of a table have the same, whatever was filled in.
    words: u64,
}

/// Finds the marked elements and measures them, in one walk.
struct Survey<'s> {
    styles: &'s Styles,
    /// The words of tables of which all rows are shown.
    shown: BTreeSet<u64>,
    /// In document order.
    marked: Vec<Marked>,
    open: Vec<usize>,
    tables: Vec<OpenTable>,
    /// Open elements whose content is no text of the page.
    dropped: u32,
    bytes: usize,
}

impl<'s> Survey<'s> {
    fn new(styles: &'s Styles) -> Self {
        let (marked, open, tables) = (Vec::new(), Vec::new(), Vec::new());
        Self { styles, shown: BTreeSet::new(), marked, open, tables, dropped: 0, bytes: 0 }
    }

    /// A hidden table that is shown elsewhere, too, is a copy, for printers or another width: nothing is lost with it.
    fn settle_copies(&mut self) {
        for marked in &mut self.marked {
            let tables = std::mem::take(&mut marked.tables);
            marked.holds_table |= tables.into_iter().any(|words| !self.shown.contains(&words));
        }
    }

    fn open(&mut self, tree: &Tree, node: NodeId) {
        match tree.content(node) {
            Content::Text(text) if self.dropped == 0 => {
                let bytes: usize = text.split_whitespace().map(str::len).sum();
                self.bytes += bytes;
                if let Some(marked) = self.innermost() {
                    marked.bytes += bytes;
                }
                if let Some(table) = self.tables.last_mut() {
                    let words = text.bytes().filter(|b| !(b.is_ascii_digit() || b.is_ascii_whitespace()));
                    table.words = words.fold(table.words, fnv);
                }
            }
            Content::Element(element) => self.open_element(tree, node, element),
            _ => {}
        }
    }

    fn open_element(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        self.dropped += u32::from(is_dropped(element.kind));
        if self.dropped > 0 {
            return;
        }
        let own = element.attribute("style").map(Look::read).unwrap_or_default();
        let look = if self.styles.is_empty() { own } else { own.over(self.styles.look(tree, node)) };
        let is_leaf = || tree.children(node).all(|child| tree.element(child).is_none());
        let is_hidden = element.attribute("hidden").is_some();
        if let Some(mark) = mark(&element.name, look, is_hidden, look.hides() && is_leaf()) {
            let outer = self.open.last().copied();
            self.open.push(self.marked.len());
            let (bytes, holds_table, tables) = (0, false, Vec::new());
            self.marked.push(Marked { node, mark, outer, bytes, holds_table, tables });
        }
        match element.kind {
            Kind::Table => {
                let level = self.open.len();
                let (rows, shown_rows, hiding, words) = (0, 0, Vec::new(), FNV);
                self.tables.push(OpenTable { level, rows, shown_rows, hiding, words });
            }
            Kind::Row => self.row(),
            _ => {}
        }
    }

    fn row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.rows += 1;
        match self.open.get(table.level) {
            None => table.shown_rows += 1,
            Some(hiding) if table.hiding.last() != Some(hiding) => table.hiding.push(*hiding),
            Some(_) => {}
        }
    }

    fn close(&mut self, tree: &Tree, node: NodeId) {
        let Some(kind) = tree.kind(node) else { return };
        if self.dropped > 0 {
            self.dropped -= u32::from(is_dropped(kind));
            return;
        }
        if kind == Kind::Table {
            self.close_table();
        }
        if self.innermost().is_some_and(|marked| marked.node == node) {
            self.close_marked();
        }
    }

    fn close_table(&mut self) {
        let Some(table) = self.tables.pop().filter(|table| table.rows > SPARE_ROWS) else { return };
        match self.innermost() {
            Some(around) => around.tables.push(table.words),
            None if table.shown_rows == table.rows => drop(self.shown.insert(table.words)),
            None => {}
        }
        // A table whose every row is hidden is as lost as one that is hidden itself.
        for hiding in table.hiding.into_iter().filter(|_| table.shown_rows == 0) {
            if let Some(marked) = self.marked.get_mut(hiding) {
                marked.tables.push(table.words);
            }
        }
    }

    fn close_marked(&mut self) {
        let closed = self.open.pop().and_then(|index| self.marked.get(index));
        let held = |marked: &Marked| (marked.bytes, marked.holds_table, marked.tables.clone());
        let Some((bytes, holds_table, tables)) = closed.map(held) else { return };
        if let Some(outer) = self.innermost() {
            outer.bytes += bytes;
            outer.tables.extend(tables);
            outer.holds_table |= holds_table || outer.tables.len() > MAX_COPIES;
            outer.tables.truncate(MAX_COPIES);
        }
    }

    fn innermost(&mut self) -> Option<&mut Marked> {
        let index = *self.open.last()?;
        self.marked.get_mut(index)
    }
}

/// Where the hash of words begins, and what a byte makes of it (FNV-1a).
const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

fn is_dropped(kind: Kind) -> bool {
    matches!(kind, Kind::Dropped | Kind::Field | Kind::Title)
}

/// What happens to a marked element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    LeftOut,
    /// Left out together with an element around it.
    Inside,
}

/// Hidden elements and struck text are weighed apart: a page of hidden menus says nothing about a struck figure.
fn fates(marked: &[Marked], whole: usize) -> Vec<Fate> {
    let is_most = |bytes: usize| bytes.saturating_mul(2) > whole;
    let keeps_struck = keeps_struck(marked, is_most);
    let decided = decide(marked, |one| match one.mark {
        Mark::Struck => keeps_struck,
        _ => one.holds_table || is_most(one.bytes),
    });
    let left_out = marked.iter().zip(&decided).filter(|(_, fate)| **fate == Fate::LeftOut);
    if !is_most(left_out.filter(|(one, _)| one.mark != Mark::Struck).map(|(one, _)| one.bytes).sum()) {
        return decided;
    }
    decide(marked, |one| one.mark != Mark::Struck || keeps_struck)
}

/// One unclosed tag strikes every following paragraph by an element of its own, so struck text stays or goes as a whole.
fn keeps_struck(marked: &[Marked], is_most: impl Fn(usize) -> bool) -> bool {
    let is_struck = |one: &&Marked| one.mark == Mark::Struck;
    let is_outermost = |one: &&Marked| one.outer.and_then(|n| marked.get(n)).is_none_or(|o| !is_struck(&o));
    let struck = marked.iter().filter(is_struck);
    struck.clone().any(|one| one.holds_table)
        || is_most(struck.filter(is_outermost).map(|one| one.bytes).sum())
}

fn decide(marked: &[Marked], is_kept: impl Fn(&Marked) -> bool) -> Vec<Fate> {
    let mut fates: Vec<Fate> = Vec::with_capacity(marked.len());
    for one in marked {
        let outer = one.outer.and_then(|outer| fates.get(outer)).copied();
        fates.push(match outer {
            Some(Fate::LeftOut | Fate::Inside) => Fate::Inside,
            _ if is_kept(one) => Fate::Kept,
            _ => Fate::LeftOut,
        });
    }
    fates
}

fn oddities(tree: &Tree, marked: &[Marked], fates: &[Fate]) -> Vec<Oddity> {
    let with_text = |fate: Fate| {
        marked.iter().zip(fates).filter(move |(one, f)| **f == fate && one.bytes > 0).map(|(one, _)| one)
    };
    let struck: Vec<&Marked> = with_text(Fate::LeftOut).filter(|one| one.mark == Mark::Struck).collect();
    let mut oddities = Vec::new();
    if let Some(first) = struck.first() {
        let text = tree.text_of(first.node);
        let text: String = crate::flow::collapse(&text).chars().take(SHOWN_CHARS).collect();
        let message = format!("{} stretches of struck text dropped, the first: {text}", struck.len());
        oddities.push(oddity(STRUCK_DROPPED, message));
    }
    let kept = with_text(Fate::Kept).count();
    if kept > 0 {
        let message = format!(
            "{kept} hidden or struck elements kept: without them most of the text or a table would be lost"
        );
        oddities.push(oddity(HIDDEN_KEPT, message));
    }
    oddities
}

/// Takes an element out of the tree; its metadata is told.
fn detach(tree: &mut Tree, node: NodeId, metadata: &mut Vec<NodeId>) {
    let is_metadata =
        |node: &NodeId| matches!(tree.kind(*node), Some(Kind::Input | Kind::Meta | Kind::MetaText));
    metadata.extend(tree.descendants(node).filter(is_metadata));
    tree.detach(node);
}

/// Puts blanks around an element: a figure in it is not to join the one beside it.
fn set_off(tree: &mut Tree, node: NodeId) {
    let [before, behind] = [(); 2].map(|()| tree.add(Content::Text(" ".into())));
    tree.insert_before(node, before);
    tree.insert_after(node, behind);
}

/// Makes every text of an element a blank: cells keep their places, and neighbours do not join.
fn blank_out(tree: &mut Tree, node: NodeId) {
    let all: Vec<NodeId> = tree.descendants(node).collect();
    all.into_iter().for_each(|node| tree.set_text(node, " "));
}
