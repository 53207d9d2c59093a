//! Which files are representations of one page: `page.html` beside `page.txt`, as crawlers write them; or a scanned
//! `page.pdf` beside the text that somebody's recognition made of it. And which documents are attached to a page, that may
//! be a mere cover of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gongkai_model::Ties;

/// Extensions of markup and of texts made from it.
const MARKUP: [&str; 5] = ["htm", "html", "shtml", "xht", "xhtml"];
const TEXT: [&str; 4] = ["markdown", "md", "text", "txt"];

/// Extensions of documents that may be pictures of pages.
const SCANS: [&str; 2] = ["ofd", "pdf"];
/// Extensions of documents that pages have attached.
const ATTACHMENTS: [&str; 7] = ["doc", "docx", "ofd", "pdf", "rtf", "xls", "xlsx"];
/// Folders in which crawlers put what is attached to the page beside them.
const FOLDERS: [&str; 5] = ["attachment", "attachments", "files", "附件", "附件下载"];
/// The same, behind the name of the page.
const FOLDER_ENDINGS: [&str; 3] = [".files", "_files", "_attachments"];
/// A page beside which more documents lie is a list of them.
const MOST_ATTACHED: usize = 8;

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

/// Whether a document of this name may be attached to a page.
pub fn may_be_attached(name: &str) -> bool {
    extension(name).is_some_and(|extension| ATTACHMENTS.contains(&extension.as_str()))
}

/// What ties documents to others by their names alone, one for each. To be asked of all that are known together: a night may
/// deliver a page without what is attached to it.
pub fn ties_of_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Ties> {
    let pages = pages(names.clone());
    let covers = covers(names.clone());
    // A page with something attached is one of several captures that belong together, even without a text beside it.
    let with_attachments: BTreeSet<&str> = covers.values().copied().collect();
    let own = |name: &'a str| with_attachments.contains(name).then(|| stem(name).into());
    let tie = |(name, page): (&'a str, Option<Arc<str>>)| match covers.get(name) {
        Some(cover) => {
            Ties { page: Some(stem(cover).into()), cover: Some((*cover).into()), ..Ties::default() }
        }
        None => Ties { page: page.or_else(|| own(name)), ..Ties::default() },
    };
    names.zip(pages).map(tie).collect()
}

/// For each name the page it is a representation of: the name without its extension, where both markup and text have it, or
/// a scan and text have it alone.
fn pages<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<Arc<str>>> {
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

/// For each attached document its page: the one of its name, else the only one of its folder.
fn covers<'a>(names: impl Iterator<Item = &'a str> + Clone) -> BTreeMap<&'a str, &'a str> {
    let is_attached = |name: &&str| may_be_attached(name);
    if !names.clone().any(|name| is_attached(&name)) {
        return BTreeMap::new();
    }
    let (mut by_stem, mut by_folder) = (BTreeMap::new(), BTreeMap::new());
    for name in names.clone().filter(|name| split(name).is_some_and(|(_, kind)| kind == Kind::Markup)) {
        by_stem.entry(stem(name)).or_insert_with(Vec::new).push(name);
        by_folder.entry(folder(name)).or_insert_with(Vec::new).push(name);
    }
    let only = |pages: Option<&Vec<&'a str>>| match pages.map(Vec::as_slice) {
        Some([page]) => Some(*page),
        _ => None,
    };
    let cover = |name: &'a str| {
        let own = only(by_stem.get(stem(name)));
        let beside = || only(by_folder.get(folder(name)));
        let below = || {
            let inside = folder(name);
            let (above, last) = inside.rsplit_once('/').unwrap_or(("", inside));
            let of = FOLDER_ENDINGS.iter().find_map(|ending| inside.strip_suffix(ending));
            let is_theirs = FOLDERS.contains(&last.to_lowercase().as_str());
            of.and_then(|of| only(by_stem.get(of)))
                .or_else(|| only(by_folder.get(above)).filter(|_| is_theirs))
        };
        own.or_else(beside).or_else(below)
    };
    let attached = names.filter(is_attached);
    let mut covers: BTreeMap<&str, &str> = attached.filter_map(|name| Some((name, cover(name)?))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    covers.values().for_each(|cover| *counts.entry(cover).or_default() += 1);
    covers.retain(|_, cover| counts.get(cover).is_some_and(|count| *count <= MOST_ATTACHED));
    covers
}

/// The name without its extension.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn extension(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name without its extension, and what that says.
fn split(name: &str) -> Option<(&str, Kind)> {
    let (stem, extension) = (stem(name), extension(name)?);
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

    #[test]
    fn documents_are_attached_to_the_page_of_their_name_or_the_only_one_beside_them() {
        let attached = |names: &[&str]| -> Vec<String> {
            let ties = ties_of_names(names.iter().copied());
            let show = |(name, tie): (&&str, Ties)| Some(format!("{name} {}", tie.cover?));
            names.iter().zip(ties).filter_map(show).collect()
        };
        // The only page of a folder, whatever its documents are called; and what lies below it.
        let names =
            ["a/page.html", "a/page.txt", "a/P02.docx", "a/photo.jpg", "a/attachments/1.PDF", "a/b/2.pdf"];
        assert_eq!(attached(&names), ["a/P02.docx a/page.html", "a/attachments/1.PDF a/page.html"]);
        let ties_of_all: Vec<_> = ties_of_names(names.iter().copied()).into_iter().map(|t| t.page).collect();
        assert_eq!(ties_of_all.iter().flatten().map(|p| &**p).collect::<Vec<_>>(), ["a/page"; 4]);
        // Of several pages only the one of the document's own name.
        let names = ["x.html", "y.html", "x.ofd", "z.pdf", "y_files/1.doc"];
        assert_eq!(attached(&names), ["x.ofd x.html", "y_files/1.doc y.html"]);
        // A list of documents is no cover of any.
        let many: Vec<String> = (0..9).map(|n| format!("l/{n}.pdf")).collect();
        let names: Vec<&str> = many.iter().map(String::as_str).chain(["l/index.html"]).collect();
        assert_eq!(attached(&names), [""; 0]);
        assert!(ties_of_names(names.iter().copied()).iter().all(|t| t.page.is_none()));
    }
}
