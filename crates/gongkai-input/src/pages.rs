//! Which files are representations of one page: `page.html` beside `page.txt`, as crawlers write them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Extensions of markup and of texts made from it.
const MARKUP: [&str; 5] = ["htm", "html", "shtml", "xht", "xhtml"];
const TEXT: [&str; 4] = ["markdown", "md", "text", "txt"];

/// For each name the page it is a representation of: the name without its extension, where both markup and text have it.
pub(crate) fn pages<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<Arc<str>>> {
    let mut kinds: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (stem, is_markup) in names.clone().filter_map(split) {
        let (markup, text) = kinds.entry(stem).or_default();
        *(if is_markup { markup } else { text }) += 1;
    }
    // Two pages of one stem (`a.htm`, `a.html`) may be different ones; which text is whose cannot be told then.
    kinds.retain(|_, (markup, text)| *markup == 1 && *text > 0);
    let shared: BTreeMap<&str, Arc<str>> = kinds.keys().map(|stem| (*stem, Arc::from(*stem))).collect();
    names.map(|name| split(name).and_then(|(stem, _)| shared.get(stem).cloned())).collect()
}

/// The name without its extension, and whether that is one of markup.
fn split(name: &str) -> Option<(&str, bool)> {
    let (stem, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let is_markup = MARKUP.contains(&extension.as_str());
    (is_markup || TEXT.contains(&extension.as_str())).then_some((stem, is_markup))
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
        ];
        let pages: Vec<_> =
            pages(names.iter().copied()).into_iter().map(|p| p.map(|p| p.to_string())).collect();
        let page = |name: &str| Some(name.to_owned());
        let (a, d) = (page("a/page"), page("d"));
        assert_eq!(pages, [a.clone(), a, None, None, None, None, None, d.clone(), d]);
    }
}
