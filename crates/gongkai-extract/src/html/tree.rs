//! The tree of a page, as far as it is read: elements with what they mean, and text. Nodes lie in one row and know their
//! neighbours by number, so that it costs little to build, to walk and to drop.

use super::kind::{Kind, kind};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName};
use std::num::NonZeroU32;

/// A node, by its place in the order in which nodes are made, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(NonZeroU32);

impl NodeId {
    /// The document.
    pub(super) const ROOT: Self = Self(NonZeroU32::MIN);

    /// Its place in a list with an entry for every node.
    pub(super) fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The node of that place.
    fn at(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.unwrap_or(NonZeroU32::MAX))
    }
}

/// What a node is.
pub(super) enum Content {
    Element(Element),
    Text(StrTendril),
    /// The document, or a node that nobody sees: a comment, the content of a template.
    Other,
}

/// An element.
pub(super) struct Element {
    pub(super) name: LocalName,
    pub(super) kind: Kind,
    attributes: Vec<Attribute>,
}

impl Element {
    pub(super) fn new(name: LocalName, attributes: Vec<Attribute>) -> Self {
        let mut element = Self { name, kind: Kind::Inline, attributes };
        element.kind = kind(&element);
        element
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| *a.name.local == *name).map(|a| &*a.value)
    }

    /// Adds those attributes that it does not have.
    fn add(&mut self, attributes: Vec<Attribute>) {
        for new in attributes {
            if self.attributes.iter().all(|known| known.name != new.name) {
                self.attributes.push(new);
            }
        }
        self.kind = kind(self);
    }
}

struct Node {
    content: Content,
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
}

/// A page.
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// An empty page, with room for some nodes.
    pub(super) fn new(nodes: usize) -> Self {
        let mut tree = Self { nodes: Vec::with_capacity(nodes) };
        tree.add(Content::Other);
        tree
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes, in the order in which they were made.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> {
        (0..self.nodes.len()).map(NodeId::at)
    }

    /// What a node is.
    pub(super) fn content(&self, node: NodeId) -> &Content {
        self.nodes.get(node.index()).map_or(&Content::Other, |n| &n.content)
    }

    /// A node, if it is an element.
    pub(super) fn element(&self, node: NodeId) -> Option<&Element> {
        match self.content(node) {
            Content::Element(element) => Some(element),
            _ => None,
        }
    }

    /// What kind of element a node is, if it is one.
    pub(super) fn kind(&self, node: NodeId) -> Option<Kind> {
        self.element(node).map(|e| e.kind)
    }

    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.parent
    }

    fn previous(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.previous
    }

    fn next(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.next
    }

    pub(super) fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.first
    }

    fn last_child(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.last
    }

    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.first_child(node), |child| self.next(*child))
    }

    /// The nodes around a node, from the inside out.
    pub(super) fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(node), |outer| self.parent(*outer))
    }

    /// A node and all nodes in it, in the order of the page.
    pub(super) fn descendants(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut walk = Walk::new(node);
        let edges = std::iter::from_fn(move || walk.next(self));
        edges.filter_map(|edge| if let Edge::Open(node) = edge { Some(node) } else { None })
    }

    /// The text in a node.
    pub(super) fn text_of(&self, node: NodeId) -> String {
        let text = |node| match self.content(node) {
            Content::Text(text) => Some(&**text),
            _ => None,
        };
        self.descendants(node).filter_map(text).collect()
    }
}

impl Tree {
    /// Makes a node that stands nowhere yet.
    pub(super) fn add(&mut self, content: Content) -> NodeId {
        let node = NodeId::at(self.nodes.len());
        self.nodes.push(Node { content, parent: None, previous: None, next: None, first: None, last: None });
        node
    }

    /// Puts a node at the end of another.
    pub(super) fn append(&mut self, parent: NodeId, child: NodeId) {
        self.put(parent, child, self.last_child(parent), None);
    }

    /// Puts text at the end of a node.
    pub(super) fn append_text(&mut self, parent: NodeId, text: StrTendril) {
        if let Some(text) = self.unless_joined(self.last_child(parent), text) {
            let text = self.add(Content::Text(text));
            self.append(parent, text);
        }
    }

    /// Puts a node before another, if that stands somewhere.
    pub(super) fn insert_before(&mut self, sibling: NodeId, node: NodeId) {
        if let Some(parent) = self.parent(sibling) {
            self.put(parent, node, self.previous(sibling), Some(sibling));
        }
    }

    /// Puts a node behind another, if that stands somewhere.
    pub(super) fn insert_after(&mut self, sibling: NodeId, node: NodeId) {
        if let Some(parent) = self.parent(sibling) {
            self.put(parent, node, Some(sibling), self.next(sibling));
        }
    }

    /// Puts text before a node, if that stands somewhere.
    pub(super) fn insert_text_before(&mut self, sibling: NodeId, text: StrTendril) {
        if let Some(text) = self.unless_joined(self.previous(sibling), text) {
            let text = self.add(Content::Text(text));
            self.insert_before(sibling, text);
        }
    }

    /// Takes a node from its place, with all that is in it.
    pub(super) fn detach(&mut self, node: NodeId) {
        let Some(Node { parent, previous, next, .. }) = self.nodes.get_mut(node.index()) else { return };
        let (parent, previous, next) = (parent.take(), previous.take(), next.take());
        self.link(parent, previous, next);
        self.link_back(parent, next, previous);
    }

    /// Moves all that is in a node to the end of another.
    pub(super) fn move_children(&mut self, from: NodeId, to: NodeId) {
        while let Some(child) = self.first_child(from) {
            self.detach(child);
            self.append(to, child);
        }
    }

    /// Replaces a text.
    pub(super) fn set_text(&mut self, node: NodeId, new: &str) {
        if let Some(Node { content: Content::Text(text), .. }) = self.nodes.get_mut(node.index()) {
            *text = new.into();
        }
    }

    /// Adds attributes to an element that does not have them.
    pub(super) fn add_attributes(&mut self, node: NodeId, attributes: Vec<Attribute>) {
        if let Some(Node { content: Content::Element(element), .. }) = self.nodes.get_mut(node.index()) {
            element.add(attributes);
        }
    }

    /// Joins text to a text; hands it back if there is none.
    fn unless_joined(&mut self, before: Option<NodeId>, text: StrTendril) -> Option<StrTendril> {
        match before.and_then(|node| self.nodes.get_mut(node.index())).map(|node| &mut node.content) {
            Some(Content::Text(known)) => {
                known.push_tendril(&text);
                None
            }
            _ => Some(text),
        }
    }

    fn put(&mut self, parent: NodeId, node: NodeId, previous: Option<NodeId>, next: Option<NodeId>) {
        if let Some(node) = self.nodes.get_mut(node.index()) {
            (node.parent, node.previous, node.next) = (Some(parent), previous, next);
        }
        self.link(Some(parent), previous, Some(node));
        self.link_back(Some(parent), next, Some(node));
    }

    /// Says what comes behind a node, or first in its parent.
    fn link(&mut self, parent: Option<NodeId>, previous: Option<NodeId>, next: Option<NodeId>) {
        match (previous, parent) {
            (Some(previous), _) => self.nodes.get_mut(previous.index()).map(|n| n.next = next),
            (None, Some(parent)) => self.nodes.get_mut(parent.index()).map(|n| n.first = next),
            (None, None) => None,
        };
    }

    /// Says what comes before a node, or last in its parent.
    fn link_back(&mut self, parent: Option<NodeId>, next: Option<NodeId>, previous: Option<NodeId>) {
        match (next, parent) {
            (Some(next), _) => self.nodes.get_mut(next.index()).map(|n| n.previous = previous),
            (None, Some(parent)) => self.nodes.get_mut(parent.index()).map(|n| n.last = previous),
            (None, None) => None,
        };
    }
}

/// Where a walk comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Open(NodeId),
    Close(NodeId),
}

/// A walk over a node and all that is in it, depth first. It needs no stack: the tree itself knows the way back.
pub(super) struct Walk {
    root: NodeId,
    last: Option<Edge>,
}

impl Walk {
    pub(super) fn new(root: NodeId) -> Self {
        Self { root, last: None }
    }

    /// The next edge.
    pub(super) fn next(&mut self, tree: &Tree) -> Option<Edge> {
        let behind = |node| tree.next(node).map(Edge::Open).or_else(|| tree.parent(node).map(Edge::Close));
        let next = match self.last {
            None => Edge::Open(self.root),
            Some(Edge::Open(node)) => tree.first_child(node).map_or(Edge::Close(node), Edge::Open),
            Some(Edge::Close(node)) if node == self.root => return None,
            Some(Edge::Close(node)) => behind(node)?,
        };
        self.last = Some(next);
        self.last
    }

    /// Does not go into the node it has just opened, and does not tell that it is closed.
    pub(super) fn skip(&mut self) {
        if let Some(Edge::Open(node)) = self.last {
            self.last = Some(Edge::Close(node));
        }
    }
}

#[cfg(test)]
impl Tree {
    /// All that a tree holds.
    pub(super) fn shown(&self) -> String {
        let mut walk = Walk::new(NodeId::ROOT);
        let mut out = String::new();
        while let Some(edge) = walk.next(self) {
            match edge {
                Edge::Close(_) => out.push(')'),
                Edge::Open(node) => match self.content(node) {
                    Content::Text(text) => out += &format!("({:?}", &**text),
                    Content::Other => out.push('('),
                    Content::Element(e) => {
                        let attributes: Vec<_> =
                            e.attributes.iter().map(|a| (&*a.name.local, &*a.value)).collect();
                        out += &format!("(<{} {attributes:?}>", e.name);
                    }
                },
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(tree: &Tree) -> String {
        let mut walk = Walk::new(NodeId::ROOT);
        let mut out = String::new();
        while let Some(edge) = walk.next(tree) {
            match edge {
                Edge::Open(node) => out += &format!("({}", node.index()),
                Edge::Close(_) => out.push(')'),
            }
        }
        out
    }

    #[test]
    fn nodes_move_with_all_that_is_in_them() {
        let mut tree = Tree::new(0);
        let [a, b, c] = [(); 3].map(|()| tree.add(Content::Other));
        tree.append(NodeId::ROOT, a);
        tree.append(a, b);
        tree.insert_before(b, c);
        assert_eq!(shown(&tree), "(0(1(3)(2)))");
        tree.detach(c);
        tree.insert_after(a, c);
        tree.move_children(a, c);
        assert_eq!(shown(&tree), "(0(1)(3(2)))");
        tree.append_text(c, "甲".into());
        tree.append_text(c, "乙".into());
        tree.insert_text_before(b, "丙".into());
        assert_eq!((tree.text_of(c), tree.len()), ("丙甲乙".to_owned(), 6));
    }

    proptest! {
        #[test]
        fn every_walk_ends_and_meets_each_node_once(steps in proptest::collection::vec((0_usize..12, 0_usize..12, 0_u8..3), 0..40)) {
            let mut tree = Tree::new(0);
            for _ in 0..12 {
                let node = tree.add(Content::Other);
                tree.append(NodeId::ROOT, node);
            }
            for (a, b, how) in steps {
                let (a, b) = (NodeId::at(a + 1), NodeId::at(b + 1));
                // The standard never puts a node into itself.
                if a == b || tree.ancestors(b).any(|outer| outer == a) {
                    continue;
                }
                tree.detach(a);
                match how {
                    0 => tree.append(b, a),
                    1 => tree.insert_before(b, a),
                    _ => tree.insert_after(b, a),
                }
            }
            let mut met: Vec<usize> = tree.descendants(NodeId::ROOT).map(NodeId::index).collect();
            met.sort_unstable();
            prop_assert_eq!(met, (0..13).collect::<Vec<_>>());
        }
    }
}
