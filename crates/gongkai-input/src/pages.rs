//! Which files are representations of one page: `page.html` beside `page.txt`, as crawlers write them; or a scanned
//! `page.pdf` beside the text that somebody's recognition made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Extensions of markup and of texts made from it.
const MARKUP: [&str; 5] = ["htm", "html", "shtml", "xht", "xhtml"];
const TEXT: [&str; 4] = ["markdown", "md", "text", "txt"];

/// Extensions of documents that may be pictures of pages.
const SCANS: [&str; 2] = ["ofd", "pdf"];

/// What a file of a page is, by its extension.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Markup,
    Text,
    Scan,
}

/// How many files of each kind share a name.
#[derive(Default)]
struct Count {
    markup: u32,
    text: u32,
    scan: u32,
}

/// For each name the page it is a representation of: the name without its extension, where both markup and text have it, or
/// a scan and text have it alone.
pub(crate) fn pages<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<Arc<str>>> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (stem, kind) in names.clone().filter_map(split) {
        let count = counts.entry(stem).or_default();
        *(match kind {
            Kind::Markup => &mut count.markup,
            Kind::Text => &mut count.text,
            Kind::Scan => &mut count.scan,
        }) += 1;
    }
    // Two pages of one stem (`a.htm`, `a.html`) may be different ones; which text is whose cannot be told then.
    counts.retain(|_, n| n.text > 0 && (n.markup == 1 || n.markup == 0 && n.scan == 1));
    let shared: BTreeMap<&str, (Arc<str>, bool)> =
        counts.iter().map(|(stem, n)| (*stem, (Arc::from(*stem), n.markup == 0))).collect();
    let page = |(stem, kind): (&str, Kind)| {
        let (page, is_scanned) = shared.get(stem)?;
        (kind != Kind::Scan || *is_scanned).then(|| page.clone())
    };
    names.map(|name| split(name).and_then(page)).collect()
}

/// The name without its extension, and what that says.
fn split(name: &str) -> Option<(&str, Kind)> {
    let (stem, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let is_in = |list: &[&str]| list.contains(&extension.as_str());
    let kind = match () {
        () if is_in(&MARKUP) => Kind::Markup,
        () if is_in(&TEXT) => Kind::Text,
        () if is_in(&SCANS) => Kind::Scan,
        () => return None,
    };
    Some((stem, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_text_of_one_stem_are_one_page() {
        let names = [
            "a/page.html",
            "a/page.txt",
            "a/page.pdf",
            "b/page.txt",
            "c.htm",
            "c.html",
            "c.txt",
            "d.HTML",
            "d.md",
            "e/scan.pdf",
            "e/scan.txt",
        ];
        let pages: Vec<_> =
            pages(names.iter().copied()).into_iter().map(|p| p.map(|p| p.to_string())).collect();
        let page = |name: &str| Some(name.to_owned());
        let (a, d, e) = (page("a/page"), page("d"), page("e/scan"));
        assert_eq!(pages, [a.clone(), a, None, None, None, None, None, d.clone(), d, e.clone(), e]);
    }
}
