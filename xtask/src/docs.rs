//! Generated documents: the data dictionary and the list of findings.

use anyhow::{Context, Result, bail};
use gongkai_registry::Registry;
use std::fmt::Write;
use std::path::Path;

/// Path below the workspace, and content.
fn pages() -> Vec<(&'static str, String)> {
    let registry = Registry::embedded();
    vec![
        ("docs/data-dictionary.md", gongkai_publish::dictionary_markdown(registry)),
        ("docs/findings.md", findings(registry)),
    ]
}

fn findings(registry: &Registry) -> String {
    let mut page = String::from(
        "# Findings\n\nGenerated from `data/rules/` by `cargo xtask docs`. `gongkai explain CODE` prints the same pages.\n\n\
         | code | severity | name | meaning |\n|---|---|---|---|\n",
    );
    for rule in &registry.rules {
        let _ = writeln!(
            page,
            "| [{0}](../data/rules/{0}.md) | {1} | `{2}` | {3} |",
            rule.code,
            rule.severity.as_str(),
            rule.name,
            rule.summary
        );
    }
    page
}

pub(crate) fn write(root: &Path) -> Result<()> {
    for (path, text) in pages() {
        std::fs::write(root.join(path), text).with_context(|| path.to_owned())?;
        println!("wrote {path}");
    }
    Ok(())
}

pub(crate) fn check(root: &Path) -> Result<()> {
    let current = |path: &str, text: &str| std::fs::read_to_string(root.join(path)).is_ok_and(|t| t == *text);
    let stale: Vec<&str> = pages().iter().filter(|(p, t)| !current(p, t)).map(|(p, _)| *p).collect();
    if stale.is_empty() {
        println!("docs: generated pages are current");
        return Ok(());
    }
    bail!("out of date, run `cargo xtask docs`: {}", stale.join(", "))
}
