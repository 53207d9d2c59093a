//! Holds the table in `docs/architecture.md` against the crates' manifests: every crate is in the table, and uses
//! only the crates its row names.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

const HEADER: &str = "| crate | its one responsibility | uses |";

pub(crate) fn check(root: &Path) -> Result<()> {
    let page = std::fs::read_to_string(root.join("docs/architecture.md")).context("docs/architecture.md")?;
    let allowed = table(&page)?;
    let used = manifests(root)?;
    let mut wrong = Vec::new();
    for (name, uses) in &used {
        let Some(allowed) = allowed.get(name) else {
            wrong.push(format!("{name} is not in the table"));
            continue;
        };
        for other in uses.difference(allowed) {
            wrong.push(format!("{name} uses {other}, which its row does not allow"));
        }
    }
    wrong.extend(
        allowed
            .keys()
            .filter(|n| !used.contains_key(*n))
            .map(|n| format!("{n} is in the table and not in the workspace")),
    );
    if wrong.is_empty() {
        println!("arch: {} crates use one another as docs/architecture.md says", used.len());
        return Ok(());
    }
    bail!("docs/architecture.md is not true:\n  {}", wrong.join("\n  "))
}

/// Crates by name, each with the workspace crates it depends on (development dependencies aside).
fn manifests(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut folders = vec![root.join("xtask")];
    for entry in std::fs::read_dir(root.join("crates"))? {
        folders.push(entry?.path());
    }
    let mut manifests = Vec::new();
    for folder in folders {
        let path = folder.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        manifests.push(toml::from_str::<Manifest>(&text).with_context(|| path.display().to_string())?);
    }
    let names: BTreeSet<String> = manifests.iter().map(|m| m.package.name.clone()).collect();
    Ok(manifests
        .into_iter()
        .map(|m| (m.package.name, m.dependencies.into_keys().filter(|d| names.contains(d)).collect()))
        .collect())
}

/// Rows of the table: what each crate may use. `all above` and `any` mean what they say.
fn table(page: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut above = BTreeSet::new();
    let body = page.split_once(HEADER).with_context(|| format!("no table with the header {HEADER}"))?.1;
    for line in body.lines().skip(2).take_while(|l| l.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, uses] = cells.as_slice() else { bail!("not a row of three cells: {line}") };
        let name = name.trim_matches('`').to_owned();
        let uses = match *uses {
            "all above" => above.clone(),
            "any" => std::iter::once(above.clone()).flatten().collect(),
            "-" | "—" => BTreeSet::new(),
            list => list.split(',').map(|u| full_name(u.trim().trim_matches('`'))).collect(),
        };
        above.insert(name.clone());
        rows.insert(name, uses);
    }
    Ok(rows)
}

fn full_name(name: &str) -> String {
    if name.starts_with("gongkai") { name.to_owned() } else { format!("gongkai-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_what_a_crate_may_use() {
        let page = format!(
            "text\n{HEADER}\n|---|---|---|\n| `gongkai-model` | words | - |\n| `gongkai-parse` | facts | model |\n| `gongkai` | all | all above |\n\nmore"
        );
        let rows = table(&page).unwrap();
        assert_eq!(rows["gongkai-parse"], BTreeSet::from(["gongkai-model".to_owned()]));
        assert_eq!(rows["gongkai"].len(), 2);
        assert!(rows["gongkai-model"].is_empty());
    }

    #[test]
    fn the_page_is_true() {
        check(&crate::root()).unwrap();
    }
}
