//! What the style sheets in a page hide or strike, as far as simple rules say so.
//!
//! Selectors of element names, classes and ids are known, and that one element stands in another; whatever else a selector asks
//! for, its rule is passed over, and so are rules for printers and for windows of some width. Sheets in other files are not at hand.

use super::marks::Look;
use super::tree::{NodeId, Tree};
use std::collections::BTreeMap;

/// Rules with more selectors than this are not read.
const MAX_SELECTORS: usize = 4_000;
/// Bytes of sheets that are read.
const MAX_BYTES: usize = 1 << 20;

/// The rules of a page that hide something, and those that show it again.
#[derive(Default)]
pub(super) struct Styles {
    selectors: Vec<Selector>,
    /// By a name of their last part, the selectors.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Every name the selectors ask for.
    names: Vec<String>,
}

/// One selector with what its rule says.
#[derive(Debug)]
struct Selector {
    /// From the element outwards.
    parts: Vec<Part>,
    /// How many ids, classes and element names it has: more count more, and of equals the later.
    weight: (usize, usize, usize),
    look: Look,
}

/// What a selector asks of one element.
#[derive(Debug, Default, PartialEq)]
struct Part {
    tag: Option<String>,
    /// Classes with their dot, ids with their hash.
    names: Vec<String>,
    /// It must be the parent, not just stand around.
    is_parent: bool,
}

impl Styles {
    /// Reads the sheets of a page, in their order.
    pub(super) fn read(sheets: &str) -> Self {
        let mut all: Vec<Selector> = Vec::new();
        let sheets = without_comments(&sheets.chars().take(MAX_BYTES).collect::<String>());
        each_rule(&sheets, |selectors, declarations| {
            let look = Look::read(declarations);
            if !look.says_nothing() && all.len() < MAX_SELECTORS {
                all.extend(selectors.split(',').filter_map(|text| Selector::read(text, look)));
            }
        });
        let hides = |s: &&Selector| s.look.hides();
        let hidden: Vec<&String> = all.iter().filter(hides).flat_map(|s| s.last_names()).collect();
        let hidden: std::collections::BTreeSet<String> = hidden.into_iter().cloned().collect();
        all.retain(|s| s.look.hides() || s.last_names().any(|name| hidden.contains(name)));
        let mut styles = Self::default();
        for (at, selector) in all.iter().enumerate() {
            if let Some(name) = selector.last_names().next() {
                styles.by_name.entry(name.clone()).or_default().push(at);
            }
            styles.names.extend(selector.parts.iter().flat_map(|part| part.names.iter().cloned()));
        }
        styles.names.sort();
        styles.names.dedup();
        styles.selectors = all;
        styles
    }

    /// Whether no rule hides anything.
    pub(super) fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// Whether a `class` or `id` has a name that some selector asks for.
    pub(super) fn asks_for(&self, value: &str, mark: char) -> bool {
        names(value, mark).any(|name| self.names.binary_search(&name).is_ok())
    }

    /// Whether a `class` or `id` may make an element one that is hidden.
    pub(super) fn may_hide(&self, value: &str, mark: char) -> bool {
        names(value, mark).any(|name| self.by_name.contains_key(&name))
    }

    /// What the rules say of an element.
    pub(super) fn look(&self, tree: &Tree, node: NodeId) -> Look {
        let own = own_names(tree, node);
        let mut found: Vec<&Selector> = own
            .iter()
            .filter_map(|name| self.by_name.get(name))
            .flatten()
            .filter_map(|at| self.selectors.get(*at))
            .filter(|selector| selector.fits(tree, node))
            .collect();
        found.sort_by_key(|selector| selector.weight);
        found.into_iter().fold(Look::default(), |look, selector| selector.look.over(look))
    }
}

/// Names in a `class` or `id`, as selectors write them.
fn names(value: &str, mark: char) -> impl Iterator<Item = String> {
    value.split_ascii_whitespace().map(move |name| format!("{mark}{name}"))
}

fn own_names(tree: &Tree, node: NodeId) -> Vec<String> {
    let Some(element) = tree.element(node) else { return Vec::new() };
    let of = |attribute: &str, mark: char| {
        element.attribute(attribute).into_iter().flat_map(move |v| names(v, mark).collect::<Vec<_>>())
    };
    of("class", '.').chain(of("id", '#')).collect()
}

impl Selector {
    fn read(text: &str, look: Look) -> Option<Self> {
        let mut parts: Vec<Part> = Vec::new();
        let mut is_parent = false;
        let spaced = text.replace('>', " > ");
        for word in spaced.split_ascii_whitespace() {
            if word == ">" {
                is_parent = true;
                continue;
            }
            if let Some(outer) = parts.last_mut() {
                outer.is_parent = is_parent;
            }
            is_parent = false;
            parts.push(Part::read(word)?);
        }
        parts.reverse();
        let names = |mark: char| parts.iter().flat_map(|p| &p.names).filter(|n| n.starts_with(mark)).count();
        let weight = (names('#'), names('.'), parts.iter().filter(|p| p.tag.is_some()).count());
        let has_name = parts.first().is_some_and(|part| !part.names.is_empty());
        has_name.then_some(Self { parts, weight, look })
    }

    /// Names that its element has.
    fn last_names(&self) -> impl Iterator<Item = &String> {
        self.parts.first().into_iter().flat_map(|part| &part.names)
    }

    fn fits(&self, tree: &Tree, node: NodeId) -> bool {
        let Some((own, outer)) = self.parts.split_first() else { return false };
        if !own.fits(tree, node) {
            return false;
        }
        // From the inside out, each part at the first element that has it: no part is looked for twice.
        let mut around = tree.ancestors(node);
        outer.iter().all(|part| match part.is_parent {
            true => around.next().is_some_and(|element| part.fits(tree, element)),
            false => around.any(|element| part.fits(tree, element)),
        })
    }
}

impl Part {
    fn read(word: &str) -> Option<Self> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let mut part = Self::default();
        let mut rest = word;
        let tag_end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (tag, names) = rest.split_at_checked(tag_end)?;
        part.tag = (!tag.is_empty()).then(|| tag.to_ascii_lowercase());
        rest = names.strip_prefix('*').unwrap_or(names);
        while let Some(mark) = rest.chars().next() {
            if !matches!(mark, '.' | '#') {
                return None;
            }
            let name = rest.get(1..)?;
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            part.names.push(format!("{mark}{name}"));
            rest = after;
        }
        Some(part)
    }

    fn fits(&self, tree: &Tree, node: NodeId) -> bool {
        let Some(element) = tree.element(node) else { return false };
        let own = own_names(tree, node);
        self.tag.as_deref().is_none_or(|tag| tag == &*element.name)
            && self.names.iter().all(|name| own.contains(name))
    }
}

fn without_comments(sheets: &str) -> String {
    let mut out = String::with_capacity(sheets.len());
    let mut rest = sheets;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.replace("<!--", " ").replace("-->", " ")
}

/// The rules that hold for a screen: selectors and declarations.
fn each_rule(sheets: &str, mut rule: impl FnMut(&str, &str)) {
    let mut rest = sheets;
    // How many groups of rules are open that hold.
    while let Some(open) = rest.find('{') {
        let Some((head, body)) = rest.split_at_checked(open) else { return };
        let body = body.strip_prefix('{').unwrap_or(body);
        // What ends a group, or an `@import`, stands before the selectors.
        let head = head.rsplit(['}', ';']).next().unwrap_or_default().trim();
        if let Some(query) = head.strip_prefix('@') {
            let is_for_all = query.strip_prefix("media").is_some_and(|media| {
                let media = media.trim();
                matches!(media, "screen" | "all" | "only screen")
            });
            rest = if is_for_all { body } else { behind_group(body) };
            continue;
        }
        let (declarations, after) = body.split_once('}').unwrap_or((body, ""));
        rule(head, declarations);
        rest = after;
    }
}

/// What follows a group of rules, whose brackets are counted.
fn behind_group(body: &str) -> &str {
    let mut depth = 1_u32;
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth = depth.saturating_add(1),
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return body.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hiding(sheets: &str) -> Vec<String> {
        Styles::read(sheets).by_name.into_keys().collect()
    }

    #[test]
    fn only_rules_that_are_understood_and_hold_on_a_screen_count() {
        let none: [&str; 0] = [];
        assert_eq!(hiding(".a{color:red}"), none);
        assert_eq!(hiding("/* .x{display:none} */ p.a , #b {display:none} .c{}"), ["#b", ".a"]);
        assert_eq!(hiding("@media print{.a{display:none}.b{display:none}} .c{display:none}"), [".c"]);
        assert_eq!(hiding("@media (max-width:100px){.a{display:none}}"), none);
        assert_eq!(hiding("@media screen{.a{visibility:hidden}}"), [".a"]);
        assert_eq!(hiding(".a:hover,.b::before,.c+.d,.e[x]{display:none}"), none);
        assert_eq!(hiding("@charset 'x'; .a{display:none"), [".a"]);
    }
}
