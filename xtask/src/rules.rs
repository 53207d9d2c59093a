//! The audit's rules explain themselves: the doc comment of a rule's file is the page of its code. Here the pages are
//! taken out of the files, and new files are begun.

use anyhow::{Context, Result, bail};
use gongkai_registry::{Registry, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where rules live.
const AUDIT: &str = "crates/gongkai-audit/src";
/// What the doc comment of a rule begins with.
const BEGINNING: &str = "//! # GK";

/// The pages written in doc comments: path of the page below the workspace, and its text.
pub(crate) fn pages(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    for path in sources(&root.join(AUDIT))? {
        let code = std::fs::read_to_string(&path)?;
        if !code.starts_with(BEGINNING) {
            continue;
        }
        let text = doc_comment(&code);
        let rule = Rule::parse(&text).with_context(|| format!("doc comment of {}", path.display()))?;
        if !code.contains(&format!("\"{}\"", rule.code)) {
            bail!("{} explains {} and does not find it", path.display(), rule.code);
        }
        if pages.insert(format!("data/rules/{}.md", rule.code), text).is_some() {
            bail!("{}: {} has a page already", path.display(), rule.code);
        }
    }
    Ok(pages)
}

/// The doc comment at the head of a file, without its slashes.
fn doc_comment(code: &str) -> String {
    let lines = code.lines().map_while(|l| l.strip_prefix("//!"));
    lines.flat_map(|l| [l.strip_prefix(' ').unwrap_or(l), "\n"]).collect()
}

/// Codes of findings that the code of the workspace makes, with one file of each.
pub(crate) fn codes_made(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut made = BTreeMap::new();
    for krate in std::fs::read_dir(root.join("crates"))? {
        for path in sources(&krate?.path().join("src"))? {
            let text = std::fs::read_to_string(&path)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let quoted = code.split('"').filter(|w| is_code(w));
            made.extend(quoted.map(|w| (w.to_owned(), path.clone())));
        }
    }
    Ok(made)
}

fn is_code(word: &str) -> bool {
    word.strip_prefix("GK").is_some_and(|n| n.len() == 3 && n.chars().all(|c| c.is_ascii_digit()))
}

/// What is wrong between the codes of the source and the pages of a registry: one without the other.
pub(crate) fn unmatched(root: &Path, registry: &Registry) -> Result<Vec<String>> {
    let made = codes_made(root)?;
    let explained: BTreeSet<&str> = registry.rules.iter().map(|r| r.code.as_str()).collect();
    let lonely = made.iter().filter(|(code, _)| !explained.contains(code.as_str()));
    let unexplained = lonely.map(|(code, path)| format!("{code} ({}) has no page", path.display()));
    let unmade = explained.iter().filter(|code| !made.contains_key(**code));
    Ok(unexplained.chain(unmade.map(|code| format!("{code} has a page, and nothing finds it"))).collect())
}

/// All Rust files below a folder, sorted.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Begins the file of a rule and enters it in the list of its folder.
pub(crate) fn begin(root: &Path, code: &str, name: &str) -> Result<()> {
    let (folder, template) = match code.get(..3) {
        Some("GK4") => ("rules", include_str!("rule.template")),
        Some("GK5") => ("panel/rules", include_str!("rule-panel.template")),
        _ => bail!("{code}: rules over one report are GK4xx, rules over the panel GK5xx"),
    };
    let snake = |c: char| c.is_ascii_lowercase() || c == '_';
    if !is_code(code) || name.is_empty() || !name.chars().all(snake) {
        bail!("usage: cargo xtask new-rule GKnnn name_in_snake_case");
    }
    if codes_made(root)?.contains_key(code) {
        bail!("{code} is taken; `gongkai rules` lists the codes");
    }
    let path = root.join(AUDIT).join(folder).join(format!("{name}.rs"));
    if path.exists() {
        bail!("{} exists", path.display());
    }
    std::fs::write(&path, template.replace("{code}", code).replace("{name}", name))
        .with_context(|| path.display().to_string())?;
    println!("wrote {}", path.display());
    let lists = [format!("{folder}.rs"), format!("{folder}/mod.rs")].map(|l| root.join(AUDIT).join(l));
    if let Some(list) = lists.iter().find(|l| l.exists()) {
        let text = std::fs::read_to_string(list)?;
        std::fs::write(list, entered(&text, name))?;
        println!("entered it in {}", list.display());
    }
    println!("now: its text, its check, a test that fires and one that does not; then `cargo xtask docs`");
    Ok(())
}

/// A list of rules with one more: a module behind the others, and a line at the end of `RULES`.
fn entered(list: &str, name: &str) -> String {
    let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
    if let Some(last) = lines.iter().rposition(|l| l.contains("mod ") && l.ends_with(';')) {
        lines.insert(last + 1, format!("pub(crate) mod {name};"));
    }
    let begins = lines.iter().position(|l| l.contains("RULES"));
    if let Some(end) = begins.and_then(|b| lines.iter().skip(b).position(|l| l == "];").map(|e| b + e)) {
        lines.insert(end, format!("    {name}::RULE,"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let registry = Registry::embedded();
        assert!(codes_made(&root()).unwrap().len() > 40);
        assert_eq!(unmatched(&root(), registry).unwrap(), [""; 0]);
        // A folder without code: every page is one too many.
        let empty = std::env::temp_dir().join(format!("gongkai-no-code-{}", std::process::id()));
        std::fs::create_dir_all(empty.join("crates")).unwrap();
        assert_eq!(unmatched(&empty, registry).unwrap().len(), registry.rules.len());
        std::fs::remove_dir_all(&empty).unwrap();
    }

    #[test]
    fn every_rule_of_the_audit_explains_itself() {
        let pages = pages(&root()).unwrap();
        assert!(pages.contains_key("data/rules/GK401.md"));
        for folder in ["rules", "panel"].map(|f| root().join(AUDIT).join(f)).iter().filter(|f| f.is_dir()) {
            for path in sources(folder).unwrap() {
                let code = std::fs::read_to_string(&path).unwrap();
                assert!(
                    code.starts_with(BEGINNING) || !code.contains("RULE: "),
                    "{} has a rule and no page",
                    path.display()
                );
            }
        }
    }

    #[test]
    fn a_begun_rule_has_the_form_of_a_page_and_is_listed() {
        for template in [include_str!("rule.template"), include_str!("rule-panel.template")] {
            let text = template.replace("{code}", "GK499").replace("{name}", "made_up");
            assert_eq!(Rule::parse(&doc_comment(&text)).unwrap().name, "made_up");
        }
        let list = "pub(crate) mod a;\n\npub(crate) const RULES: &[Rule] = &[\n    a::RULE,\n];\n";
        assert_eq!(
            entered(list, "b"),
            "pub(crate) mod a;\npub(crate) mod b;\n\npub(crate) const RULES: &[Rule] = &[\n    a::RULE,\n    b::RULE,\n];\n"
        );
    }
}
