//! Where the page lies in an object: in the object itself, or deeper, as interfaces answer (`{"data": {"html": …}}`,
//! `{"data": {"list": [{"content": …}, …]}}`).

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::options::{Fields, named};
use crate::record::Row;
use crate::sidecar::Stated;
use crate::time;

/// Deepest object looked at.
const MAX_DEPTH: usize = 8;
/// Most objects looked at in one.
const MAX_NODES: usize = 100_000;
/// A text of so many bytes is a document and no label.
const LONG: usize = 240;
/// Keys under which a value is wrapped: `{"content": {"rendered": …}}`, `{"fetched_at": {"$date": …}}`.
const WRAPPERS: [&str; 8] =
    ["rendered", "raw", "html", "text", "value", "raw_markdown", "$date", "$numberLong"];

/// What was found in an object.
pub(super) enum Found {
    /// Its pages, at least one.
    Pages(Vec<Row>),
    /// It has a field for one, and nothing in it.
    Blank,
    /// It has none.
    None,
}

/// An object, or one within it.
struct Node<'v> {
    object: &'v Map<String, Value>,
    /// Keys that lead to it, with a dot behind each.
    path: String,
    parent: usize,
    depth: usize,
    /// Those right below it.
    children: Range<usize>,
}

/// Finds the pages of an object: those that a path names; else the objects that hold a document and lie least deep; else
/// what its own fields hold.
pub(super) fn find(object: &Map<String, Value>, fields: &Fields) -> Found {
    let is_plain =
        !fields.have_paths() && texts(object, "", &fields.body).iter().any(|(_, text)| is_document(text));
    // Most objects are pages themselves: what lies deep in them says nothing of them.
    let nodes = Node::all(object, if is_plain { 1 } else { MAX_DEPTH });
    let holding = |names: &[String], test: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let holds = |node: &Node<'_>| node.texts(names).iter().any(|(_, text)| test(text));
        let Some(first) = nodes.iter().position(holds) else { return Vec::new() };
        let depth = nodes.get(first).map(|node| node.depth);
        let level = nodes.iter().enumerate().skip(first).take_while(|(_, node)| Some(node.depth) == depth);
        level.filter(|(_, node)| holds(node)).map(|(at, _)| at).collect()
    };
    let paths: Vec<String> = fields.body.iter().filter(|name| name.contains('.')).cloned().collect();
    let mut pages = holding(&paths, &|_| true);
    if pages.is_empty() {
        pages = holding(&fields.body, &is_document);
    }
    if pages.is_empty() && !texts(object, "", &fields.body).is_empty() {
        pages = vec![0];
    }
    if pages.is_empty() {
        let has = |key: &String| fields.body.iter().any(|name| named(key, name));
        return if object.keys().any(has) { Found::Blank } else { Found::None };
    }
    let is_only = pages.len() == 1;
    Found::Pages(pages.into_iter().map(|at| row(&nodes, at, fields, is_only)).collect())
}

/// Whether a text is a document and no label: it has markup, or is long.
pub(super) fn is_document(text: &str) -> bool {
    text.len() >= LONG || text.contains('<') && text.contains('>')
}

impl<'v> Node<'v> {
    /// An object and those in it, down to a depth; the deeper ones behind.
    fn all(object: &'v Map<String, Value>, depth: usize) -> Vec<Self> {
        let mut nodes = vec![Self { object, path: String::new(), parent: 0, depth: 0, children: 0..0 }];
        let mut next = 0;
        while let Some(node) = nodes.get(next).filter(|node| node.depth < depth && nodes.len() < MAX_NODES) {
            let below = node.below(next);
            let start = nodes.len();
            nodes.extend(below);
            let end = nodes.len();
            if let Some(node) = nodes.get_mut(next) {
                node.children = start..end;
            }
            next += 1;
        }
        nodes
    }

    fn below(&self, own: usize) -> Vec<Self> {
        let mut below = Vec::new();
        for (key, value) in self.object {
            // Lists of lists are laid out flat.
            let mut rest = vec![value];
            while let Some(value) = rest.pop() {
                match value {
                    Value::Object(object) => below.push(Self {
                        object,
                        path: format!("{}{key}.", self.path),
                        parent: own,
                        depth: self.depth + 1,
                        children: 0..0,
                    }),
                    Value::Array(values) => rest.extend(values.iter().rev()),
                    _ => {}
                }
            }
        }
        below
    }

    fn texts(&self, names: &[String]) -> Vec<(&'v str, Cow<'v, str>)> {
        texts(self.object, &self.path, names)
    }
}

/// Texts of all keys that have one of the names, in the order of the names. A name with dots is a path from the outermost
/// object.
fn texts<'v>(object: &'v Map<String, Value>, path: &str, names: &[String]) -> Vec<(&'v str, Cow<'v, str>)> {
    let mut texts: Vec<(&str, Cow<'_, str>)> = Vec::new();
    for name in names {
        for (key, value) in object {
            let is_named =
                if name.contains('.') { named(&format!("{path}{key}"), name) } else { named(key, name) };
            if is_named
                && texts.iter().all(|(known, _)| known != key)
                && let Some(text) = text(value)
            {
                texts.push((key, text));
            }
        }
    }
    texts
}

/// What a value says: a text that is not blank, a number, a list of texts (as selectors give them), or one of them wrapped.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    let mut value = value;
    loop {
        match value {
            Value::String(text) => return (!text.trim().is_empty()).then(|| text.into()),
            Value::Number(number) => return Some(number.to_string().into()),
            Value::Array(values) => {
                let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
                return texts
                    .map(|texts| texts.join("\n").into())
                    .filter(|text: &Cow<'_, str>| !text.trim().is_empty());
            }
            Value::Object(object) => {
                let inner = |name: &&str| object.iter().find(|(key, _)| named(key, name));
                value = WRAPPERS.iter().find_map(inner)?.1;
            }
            Value::Null | Value::Bool(_) => return None,
        }
    }
}

/// The page at a node. What it does not say of itself, its own parts say (`metadata`), and, where it is the only page, what
/// it lies in and what lies beside it.
fn row(nodes: &[Node<'_>], at: usize, fields: &Fields, is_only: bool) -> Row {
    let mut speakers: Vec<usize> = Vec::new();
    let mut own = at;
    while let Some(node) = nodes.get(own) {
        speakers.push(own);
        speakers.extend(node.children.clone().filter(|child| *child != at));
        if own == 0 || !is_only {
            break;
        }
        own = node.parent;
    }
    let said = |names: &[String], fits: &dyn Fn(&str) -> bool| -> Option<String> {
        let fitting = |at: &usize| {
            let mut texts = nodes.get(*at)?.texts(names).into_iter().map(|(_, text)| text);
            texts.find(|text| fits(text)).map(Cow::into_owned)
        };
        // A path may lead anywhere.
        let has_paths = is_only && names.iter().any(|name| name.contains('.'));
        let others: Vec<usize> = if has_paths { (0..nodes.len()).collect() } else { Vec::new() };
        speakers.iter().chain(&others).find_map(fitting)
    };
    let bodies = nodes.get(at).map(|node| node.texts(&fields.body)).unwrap_or_default();
    Row {
        bodies: bodies
            .into_iter()
            .map(|(key, text)| (key.to_owned(), text.into_owned().into_bytes()))
            .collect(),
        url: said(&fields.url, &|text| Stated::default().address(text)),
        title: said(&fields.title, &|_| true),
        fetched_at: said(&fields.fetched_at, &|text| time::parse(text).is_some()),
        content_type: said(&fields.content_type, &|text| text.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages as `address title = documents`.
    fn pages(json: &str, fields: &Fields) -> Vec<String> {
        let object = serde_json::from_str(json).unwrap();
        let show = |row: Row| {
            let bodies: Vec<_> = row.bodies.iter().map(|(_, body)| String::from_utf8_lossy(body)).collect();
            let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            format!("{} {} = {}", or(row.url), or(row.title), bodies.join(" & "))
        };
        match find(&object, fields) {
            Found::Pages(rows) => rows.into_iter().map(show).collect(),
            Found::Blank => vec!["blank".to_owned()],
            Found::None => vec!["none".to_owned()],
        }
    }

    #[test]
    fn pages_as_services_and_interfaces_answer() {
        let cases = [
            (r#"{"url": "http://a.cn/1", "html": "<p>1"}"#, vec!["http://a.cn/1 - = <p>1"]),
            (r#"{"url": "http://a.cn/1", "html": null, "error": "timeout"}"#, vec!["blank"]),
            (r#"{"url": "http://a.cn/1", "error": "timeout"}"#, vec!["none"]),
            (r#"{"text": "short"}"#, vec!["- - = short"]),
            (
                r#"{"success": true, "data": {"markdown": "a <b>", "html": "<p>1", "metadata": {"sourceURL": "http://a.cn/1", "title": "T"}}}"#,
                vec!["http://a.cn/1 T = <p>1 & a <b>"],
            ),
            (r#"{"html": ["<p>1", "<p>2"], "url": ["http://a.cn/1"]}"#, vec!["http://a.cn/1 - = <p>1\n<p>2"]),
            (
                r#"{"code": 0, "message": {"text": "ok"}, "url": "http://a.cn/api", "data": {"list": [
                    {"content": "<p>1", "link": "http://a.cn/1", "title": "A"}, {"content": "<p>2"}, {"content": ""}]}}"#,
                vec!["http://a.cn/1 A = <p>1", "- - = <p>2"],
            ),
            (
                r#"{"link": "http://a.cn/1", "title": {"rendered": "T"}, "content": {"rendered": "<p>1", "protected": false}}"#,
                vec!["http://a.cn/1 T = <p>1"],
            ),
            (
                r#"{"_id": {"$oid": "1"}, "_source": {"url": "http://a.cn/1", "page_source": "<p>1"}}"#,
                vec!["http://a.cn/1 - = <p>1"],
            ),
            (
                r#"{"request": {"url": "http://a.cn/1"}, "response": {"status": 200, "body": "<p>1"}}"#,
                vec!["http://a.cn/1 - = <p>1"],
            ),
            (r#"{"data.html": "<p>1", "data.metadata.title": "T"}"#, vec!["- T = <p>1"]),
            (r#"{"标题": "T", "正文": "<p>1", "页面网址": "http://a.cn/1"}"#, vec!["http://a.cn/1 T = <p>1"]),
            (r#"{"menu": [{"text": "首页"}, {"text": "公开"}]}"#, vec!["none"]),
        ];
        for (json, expected) in cases {
            assert_eq!(pages(json, &Fields::default()), expected, "{json}");
        }
    }

    #[test]
    fn a_path_leads_to_the_page_and_to_what_is_said_of_it() {
        let mut fields = Fields::default();
        fields.name("html", "result.items.page_html.x").unwrap();
        fields.name("url", "result.meta.from.address").unwrap();
        let json = r#"{"html": "<p>0", "result": {"meta": {"from": {"address": "http://a.cn/1"}}, "items": [{"pageHtml": {"x": "kurz"}}]}}"#;
        assert_eq!(pages(json, &fields), ["http://a.cn/1 - = kurz"]);
        assert_eq!(pages(r#"{"html": "<p>0"}"#, &fields), ["- - = <p>0"]);
    }

    #[test]
    fn deep_and_wide_objects_end() {
        let deep = format!("{}{{\"html\": \"<p>\"}}{}", "{\"a\": ".repeat(60), "}".repeat(60));
        assert_eq!(pages(&deep, &Fields::default()), ["none"]);
        let wide = format!("{{\"a\": [{}]}}", vec!["{\"b\": [{}]}"; 60_000].join(","));
        assert_eq!(pages(&wide, &Fields::default()), ["none"]);
    }
}
