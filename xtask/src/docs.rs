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
        ("docs/crosswalk.md", crosswalk(registry)),
        ("docs/indicators.md", indicators(registry)),
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

fn crosswalk(registry: &Registry) -> String {
    let mut page = String::from(
        "# Series over all years\n\nGenerated from `data/crosswalk/` by `cargo xtask docs`. [legacy.md](legacy.md) says how to use them.\n",
    );
    for crosswalk in &registry.crosswalks {
        let _ = write!(
            page,
            "\n## View `{}`\n\n{} ({})\n\n| from | | |\n|---|---|---|\n",
            crosswalk.view, crosswalk.en, crosswalk.zh
        );
        for b in &crosswalk.breaks {
            let _ = writeln!(page, "| {} | {} | {} |", b.year, b.zh, b.en);
        }
        page.push_str("\n| series | | table | items | column | comparability | what is counted |\n|---|---|---|---|---|---|---|\n");
        for series in &crosswalk.series {
            for source in &series.sources {
                let items: Vec<String> = source.items.iter().map(|i| format!("`{i}`")).collect();
                let _ = writeln!(
                    page,
                    "| `{}` | {} ({}) | `{}` | {} | `{}` | {} | {} |",
                    series.code,
                    series.en,
                    series.zh,
                    source.table,
                    items.join(" + "),
                    source.column,
                    source.comparability.as_str(),
                    source.note
                );
            }
        }
    }
    page
}

fn indicators(registry: &Registry) -> String {
    let mut page = String::from(
        "# Indicators of the tables of 2008-2018\n\nGenerated from `data/forms/pre2019/families/` by `cargo xtask docs`. \
         `legacy_statistics.indicator` holds these codes; lines without a unit are headings.\n",
    );
    for family in &registry.legacy.families {
        let _ = write!(
            page,
            "\n## `{}`: {}\n\n{}. {}, {}-{}.\n\n| code | under | unit | printed | |\n|---|---|---|---|---|\n",
            family.code, family.en, family.zh, family.source, family.first_year, family.last_year
        );
        for i in &family.indicators {
            let parent = i.parent.as_deref().map_or(String::new(), |p| format!("`{p}`"));
            let unit = i.unit.as_deref().unwrap_or_default();
            let _ =
                writeln!(page, "| `{}` | {parent} | {unit} | {} | {} |", i.code, i.labels.join("; "), i.en);
        }
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
