//! The quality of a snapshot as one page: `gongkai report`.
//!
//! The page is one file that opens offline: figures and listed reports as JSON, charts by Observable Plot, a small script
//! (`assets/page.js`) that draws them. Every figure carries the query that gives the same rows over the views of the snapshot.
//! `docs/quality-page.md` says what each figure means.

mod agencies;
mod changes;
mod columns;
mod counts;
mod figure;
mod listed;
mod reports;
mod skeleton;
mod words;

use figure::Figures;
use gongkai_registry::{Form, FormTable, Registry};
use gongkai_store::{Snapshot, Store, StoreError};
use reports::{Cells, Reports};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TILES: &str = include_str!("../../assets/tiles.toml");

/// Characters of a changed value that are shown.
const VALUE: usize = 60;

/// The page about the quality of a snapshot. The same snapshot gives the same bytes, as long as the snapshot before it is there.
///
/// # Errors
/// When a file of the snapshot, or of the one before it, cannot be read.
pub fn page(registry: &Registry, store: &Store, snapshot: &Snapshot) -> Result<String, StoreError> {
    page_telling(registry, store, snapshot, &|_| ())
}

/// As [`page`], telling what it is at.
///
/// # Errors
/// As there.
pub fn page_telling(
    registry: &Registry,
    store: &Store,
    snapshot: &Snapshot,
    tell: &dyn Fn(&str),
) -> Result<String, StoreError> {
    let mut figures = Figures::new();
    tell("reports");
    let cells = Cells::of(registry);
    let mut reports = Reports::read(snapshot, &cells)?;
    reports.figures(&mut figures);
    tell("tables");
    reports.fill(registry, snapshot, &cells, &mut figures)?;
    counts::outcomes(snapshot, &reports, &mut figures)?;
    let agencies = agencies::agencies(snapshot)?;
    counts::received(registry, snapshot, &reports, &mut figures)?;
    tell("captures and coverage");
    counts::captures(snapshot, &mut figures)?;
    counts::coverage(snapshot, &mut figures)?;
    tell("findings");
    counts::findings(snapshot, &reports, &mut figures)?;
    let listed = listed::Listed::choose(registry, snapshot, &reports)?;
    let captures = listed::captures(snapshot)?;
    tell("changes");
    let changes = changes::changes(registry, store, snapshot, &reports)?;
    let manifest = &snapshot.manifest;
    let data = json!({
        "snapshot": {
            "name": snapshot.name,
            "parent": manifest.parent,
            "schema_version": manifest.schema_version,
            "tool_version": manifest.tool_version,
            "registry_digest": manifest.registry_digest,
            "captures": manifest.account.captures_met,
            "rows": manifest.rows,
        },
        "regions": regions(registry),
        "rules": rules(registry),
        "forms": forms(registry),
        "breaks": breaks(registry),
        "figures": figures,
        "listed": listed,
        "agencies": agencies,
        "labels": labels(registry),
        "tiles": tiles(),
        "scopes": scopes(registry),
        "captures": captures,
        "changes": changes,
        "words": words::all(),
    });
    Ok(skeleton::document(&snapshot.name, &manifest.tool_version, &embeddable(&data)))
}

/// JSON that cannot end the element it stands in, nor begin a comment there.
fn embeddable(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

/// Code and names of every region that reports, in the order of the gazetteer; the central organs first.
fn regions(registry: &Registry) -> Value {
    let word = |key: &str| words::all().get(key).map(|w| (w.zh.as_str(), w.en.as_str())).unwrap_or_default();
    let (central, unknown) = (word("region.central"), word("region.unknown"));
    let provinces = registry.gazetteer.reporting_regions().map(|r| json!([r.iso, r.zh, r.en]));
    let first = json!(["CN", central.0, central.1]);
    let last = json!(["unknown", unknown.0, unknown.1]);
    [first].into_iter().chain(provinces).chain([last]).collect()
}

/// Where the tile of each region stands on the grid: column and line.
fn tiles() -> BTreeMap<String, [u8; 2]> {
    toml::from_str(TILES).unwrap_or_default()
}

/// What the columns of `key_figures` that the page shows are called.
fn labels(registry: &Registry) -> Value {
    let columns = registry.table("key_figures").map(|spec| spec.columns.as_slice()).unwrap_or_default();
    let shown = columns.iter().filter(|c| agencies::FIGURES.contains(&c.name.as_str()));
    shown.map(|c| (c.name.clone(), json!([c.zh, c.en]))).collect::<serde_json::Map<_, _>>().into()
}

/// Scopes by code with their names; last what a document does not say.
fn scopes(registry: &Registry) -> Value {
    let unknown = words::all().get("scope.unknown").map(|w| json!(["unknown", w.zh, w.en]));
    registry.scopes.all.iter().map(|s| json!([s.code, s.zh, s.en])).chain(unknown).collect()
}

fn rules(registry: &Registry) -> Value {
    let rule = |r: &gongkai_registry::Rule| {
        json!([r.code, r.severity.as_str(), words::rule(&r.code), readable(&r.name), r.summary])
    };
    registry.rules.iter().map(rule).collect()
}

/// `no_text_layer` as `no text layer`.
fn readable(code: &str) -> String {
    code.replace('_', " ").replace('.', ": ")
}

/// The statutory forms: tables, lines and columns, by code with their names. Cells are numbered in this order.
fn forms(registry: &Registry) -> Value {
    let with_tables = registry.forms.iter().filter(|f| !f.tables.is_empty());
    with_tables.map(|form| json!({ "code": form.code, "zh": form.zh, "en": form.en, "tables": tables(form, registry) })).collect()
}

fn tables(form: &Form, registry: &Registry) -> Value {
    let table = |table: &FormTable| {
        let spec = registry.table(&table.table);
        let first = |labels: &[String]| labels.first().cloned().unwrap_or_default();
        let columns = table.columns.iter().map(|c| json!([c.code, first(&c.labels), readable(&c.code)]));
        let items = table.items.iter().enumerate().map(|(at, item)| {
            json!([item.code, first(&item.labels), readable(&item.code), item.group, table.columns_of(at)])
        });
        let groups = table.groups.iter().filter_map(|g| Some(json!([g.code.as_ref()?, first(&g.labels)])));
        json!({
            "table": table.table,
            "zh": spec.map(|s| &s.zh),
            "en": spec.map(|s| &s.en),
            "columns": columns.collect::<Value>(),
            "items": items.collect::<Value>(),
            "groups": groups.collect::<Value>(),
        })
    };
    form.tables.iter().map(table).collect()
}

/// Years in which another way of counting begins.
fn breaks(registry: &Registry) -> Value {
    let breaks = registry.crosswalks.iter().flat_map(|c| &c.breaks);
    breaks.map(|b| json!([b.year, b.zh, b.en])).collect()
}

/// A value in short.
fn short(value: &str) -> String {
    let mut text: String = value.chars().take(VALUE).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_a_tile_of_its_own() {
        let tiles = tiles();
        let mut regions: Vec<&str> =
            Registry::embedded().gazetteer.reporting_regions().map(|r| r.iso.as_ref()).collect();
        regions.push("CN");
        regions.sort_unstable();
        assert_eq!(tiles.keys().map(String::as_str).collect::<Vec<_>>(), regions);
        let places: std::collections::BTreeSet<&[u8; 2]> = tiles.values().collect();
        assert_eq!(places.len(), tiles.len(), "two tiles in one place");
    }
}
