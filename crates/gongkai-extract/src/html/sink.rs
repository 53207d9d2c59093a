//! What html5ever's tree builder does, done to a [`Tree`].

use super::tree::{Content, Element, NodeId, Tree};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, QualName};
use std::borrow::Cow;
use std::cell::RefCell;

/// A node as the tree builder knows it. It asks for the names of elements all the time, so they are at hand.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    node: NodeId,
    name: QualName,
}

/// The tree under construction.
pub(super) struct Sink {
    pub(super) tree: RefCell<Tree>,
}

impl Sink {
    /// For a page of about so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        /// Bytes of markup a node has at least, on most pages.
        const NODE_BYTES: usize = 12;
        Self { tree: RefCell::new(Tree::new(bytes / NODE_BYTES + 16)) }
    }

    fn add(&self, content: Content) -> Handle {
        nameless(self.tree.borrow_mut().add(content))
    }
}

/// A node without a name: only elements have one.
fn nameless(node: NodeId) -> Handle {
    let (ns, local) = Default::default();
    Handle { node, name: QualName { prefix: None, ns, local } }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Tree;
    type ElemName<'a> = &'a QualName;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn get_document(&self) -> Handle {
        nameless(NodeId::ROOT)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.node == y.node
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> &'a QualName {
        &target.name
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let mut tree = self.tree.borrow_mut();
        let node = tree.add(Content::Element(Element::new(name.local.clone(), attributes)));
        if flags.template {
            let content = tree.add(Content::Other);
            tree.append(node, content);
        }
        Handle { node, name }
    }

    fn create_comment(&self, _text: StrTendril) -> Handle {
        self.add(Content::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Handle {
        self.add(Content::Other)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let mut tree = self.tree.borrow_mut();
        match child {
            NodeOrText::AppendNode(child) => tree.append(parent.node, child.node),
            NodeOrText::AppendText(text) => tree.append_text(parent.node, text),
        }
    }

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        let mut tree = self.tree.borrow_mut();
        match new {
            NodeOrText::AppendNode(new) => {
                tree.detach(new.node);
                tree.insert_before(sibling.node, new.node);
            }
            NodeOrText::AppendText(text) => tree.insert_text_before(sibling.node, text),
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        if self.tree.borrow().parent(element.node).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        self.tree.borrow_mut().add_attributes(target.node, attributes);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        nameless(self.tree.borrow().first_child(target.node).unwrap_or(target.node))
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.tree.borrow_mut().detach(target.node);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.tree.borrow_mut().move_children(node.node, new_parent.node);
    }
}
