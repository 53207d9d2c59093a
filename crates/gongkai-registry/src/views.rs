//! DuckDB views beside the tables: `data/views/`. A `.sql` file is a view of its name over the others; `report_wide.toml` says how
//! the columns of that view are called.

use crate::source::Source;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A view.
#[derive(Debug, Clone)]
pub struct ViewSpec {
    /// Name.
    pub name: String,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
    /// The statement behind `AS`.
    pub sql: String,
    /// Its columns, in order.
    pub names: Vec<String>,
    /// What those are that no table has.
    pub columns: Vec<ViewColumn>,
}

/// A column that only a view has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewColumn {
    /// Name.
    pub name: String,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
}

/// How the view is made that has a column for every cell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WideView {
    /// Name.
    pub name: String,
    /// Chinese description.
    pub zh: String,
    /// English description.
    pub en: String,
    /// Columns of `key_figures` that stand in front.
    pub front: Vec<String>,
    /// Tables, and the letter that stands for each.
    pub tables: BTreeMap<String, String>,
    /// Codes under other names.
    short: BTreeMap<String, String>,
}

impl WideView {
    /// The name of the column for a cell.
    pub fn column(&self, letter: &str, item: &str, column: &str) -> String {
        let short = |code: &str| self.short.get(code).map_or_else(|| code.replace('.', "_"), Clone::clone);
        format!("{letter}_{}_{}", short(item), short(column))
    }
}

pub(crate) fn load(source: &Source) -> Result<(Vec<ViewSpec>, WideView)> {
    let mut views = Vec::new();
    for path in source.paths("views/", ".sql") {
        let text = source.text(path)?;
        let said = |key: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(&format!("-- {key}: ")));
            line.map(str::to_owned).with_context(|| format!("data/{path}: no line -- {key}: says what it is"))
        };
        let lines: Vec<&str> = text.lines().filter(|l| !l.starts_with("--")).map(str::trim).collect();
        let columns = text.lines().filter_map(|l| l.strip_prefix("-- column: ")).map(|line| {
            let mut parts = line.split(" | ").map(str::to_owned);
            let mut part = || parts.next().with_context(|| format!("data/{path}: -- column: {line}"));
            Ok(ViewColumn { name: part()?, zh: part()?, en: part()? })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let sql = lines.join(" ").trim().to_owned();
        let name = path.trim_start_matches("views/").trim_end_matches(".sql").to_owned();
        views.push(ViewSpec { name, zh: said("zh")?, en: said("en")?, names: names(&sql), columns, sql });
    }
    Ok((views, source.toml("views/report_wide.toml")?))
}

/// The names of the columns that a statement selects: of each the last word.
fn names(sql: &str) -> Vec<String> {
    let list = sql.strip_prefix("SELECT ").and_then(|rest| rest.split(" FROM ").next()).unwrap_or_default();
    let mut depth = 0_u32;
    let inside = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    };
    list.split(inside).filter_map(|column| Some(column.split_whitespace().last()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn columns_are_called_by_their_last_word() {
        let sql = "SELECT year, a.b AS level, count(*) FILTER (x = 'y, z') AS n, CAST(sum(v) AS BIGINT) AS v FROM t GROUP BY year";
        assert_eq!(names(sql), ["year", "level", "n", "v"]);
    }
}
