//! The list of pages of the site, `docs/SUMMARY.md`, from `docs/SUMMARY.template` and what lies in the folders it names. Every page
//! below `docs/` must be in it.

use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::path::Path;

/// The list, and its path. `generated` are pages that are written at the same time.
pub(crate) fn summary<'a>(
    root: &Path,
    generated: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<[String; 2]> {
    let mut pages: Vec<(String, String)> = Vec::new();
    for (path, text) in generated {
        if let Some(page) = path.strip_prefix("docs/").filter(|p| p.ends_with(".md")) {
            pages.push((page.to_owned(), title(text)));
        }
    }
    for folder in ["", "cookbook/", "decisions/"] {
        for entry in std::fs::read_dir(root.join("docs").join(folder))? {
            let page = format!("{folder}{}", entry?.file_name().to_string_lossy());
            let known =
                page == "SUMMARY.md" || !page.ends_with(".md") || pages.iter().any(|(p, _)| *p == page);
            if !known {
                let text = std::fs::read_to_string(root.join("docs").join(&page))?;
                pages.push((page, title(&text)));
            }
        }
    }
    pages.sort();
    let template = std::fs::read_to_string(root.join("docs/SUMMARY.template"))?;
    let mut out = String::new();
    for line in template.lines() {
        let Some((indent, folder)) = line.split_once("{").and_then(|(i, f)| Some((i, f.strip_suffix('}')?)))
        else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        // The first page of a folder stands in the template, and whatever it wants to have elsewhere.
        for (page, title) in pages.iter().filter(|(p, _)| p.starts_with(folder)) {
            if !template.contains(&format!("({page})")) {
                out.push_str(&format!("{indent}- [{title}]({page})\n"));
            }
        }
    }
    let listed: BTreeSet<&str> = out.split("](").skip(1).filter_map(|l| Some(l.split_once(')')?.0)).collect();
    let lost: Vec<&str> = pages.iter().map(|(p, _)| p.as_str()).filter(|p| !listed.contains(p)).collect();
    if !lost.is_empty() {
        bail!("docs/SUMMARY.template has no place for {}", lost.join(", "));
    }
    Ok(["docs/SUMMARY.md".to_owned(), out])
}

/// The first heading, without what would end a link.
fn title(text: &str) -> String {
    let line = text.lines().find_map(|l| l.strip_prefix("# ")).unwrap_or_default();
    line.replace(['[', ']'], "")
}
