//! DuckDB views over a snapshot.

use gongkai_registry::{Crosswalk, LEGACY_TABLE, Registry, SeriesSource, TableSpec};

/// A statement for each table: `CREATE OR REPLACE VIEW <table> AS SELECT * FROM read_parquet(...)`.
///
/// `root` is the store as the reader's program finds it: an absolute path, or `.`. With a `snapshot` the views read
/// that one for good; without, what the link `current` shows at the time of the query.
pub fn views_sql(registry: &Registry, root: &str, snapshot: Option<&str>) -> String {
    let tree = match snapshot {
        Some(name) => format!("{}/snapshots/{name}", literal_path(root)),
        None => format!("{}/current", literal_path(root)),
    };
    let head = format!(
        "-- DuckDB views over {}. Written by gongkai; replaced with every snapshot.\n",
        snapshot.map_or_else(|| "the published snapshot".to_owned(), |name| format!("snapshot {name}"))
    );
    views_over(registry, head, |table| partitioned(&tree, table))
}

/// The views over a folder that holds a snapshot's tables by itself, by paths relative to the folder: partitioned, or
/// `flat`, one file a table with the partition columns inside.
pub fn folder_views_sql(registry: &Registry, flat: bool) -> String {
    let head = "-- DuckDB views over the tables beside this file. Start DuckDB in this folder: duckdb -init views.sql\n";
    views_over(registry, head.to_owned(), |table| match flat {
        true => format!("'{table}.parquet'"),
        false => partitioned(".", table),
    })
}

/// How DuckDB reads the partitioned files of a table. Every file of a snapshot has the same columns, so DuckDB need not open
/// them all to unify (`union_by_name`), and a filter on year or region leaves the other folders unread.
fn partitioned(tree: &str, table: &str) -> String {
    format!(
        "'{tree}/{table}/**/*.parquet', hive_partitioning=true, hive_types={{'year': SMALLINT, 'region': VARCHAR}}"
    )
}

fn views_over(registry: &Registry, head: String, files: impl Fn(&str) -> String) -> String {
    let mut sql = head;
    for table in registry.tables.iter().map(|t| t.name.as_str()) {
        sql.push_str(&format!(
            "CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet({});\n",
            files(table)
        ));
    }
    for crosswalk in &registry.crosswalks {
        sql.push_str(&series_sql(registry, crosswalk));
    }
    sql
}

/// The view of series over all years: one row a report and series. A figure of a table goes before one of a sentence;
/// where the table's is NULL, the sentence's stands, and `source` says so.
fn series_sql(registry: &Registry, crosswalk: &Crosswalk) -> String {
    let sources =
        crosswalk.series.iter().flat_map(|s| s.sources.iter().map(|source| (s.code.as_str(), source)));
    let selects: Vec<String> = sources
        .filter_map(|(series, source)| Some(source_sql(registry.table(&source.table)?, series, source)))
        .collect();
    let eras = crosswalk.breaks.iter().rev().map(|b| format!("WHEN year >= {0} THEN {0} ", b.year));
    format!(
        "CREATE OR REPLACE VIEW {} AS WITH figures AS ({}) SELECT report_id, f.year, f.region, f.county_code, f.agency_id, \
         r.form, series, f.value, f.source, comparability, CASE {}END AS counted_since FROM figures AS f JOIN (SELECT \
         report_id, form FROM reports) AS r USING (report_id) QUALIFY row_number() OVER (PARTITION BY report_id, series ORDER BY f.value IS NULL, \
         f.source DESC) = 1;\n",
        crosswalk.view,
        selects.join(" UNION ALL "),
        eras.collect::<String>()
    )
}

/// The figures of a series in one table. Of several items the sum, and NULL where one of them is.
fn source_sql(spec: &TableSpec, series: &str, source: &SeriesSource) -> String {
    let has = |name: &str| spec.columns.iter().any(|c| c.name == name);
    let key = ["indicator", "channel"].into_iter().find(|k| has(k)).unwrap_or("item");
    let from = if spec.name == LEGACY_TABLE { "source" } else { "'table'" };
    let items: Vec<String> = source.items.iter().map(|i| format!("'{i}'")).collect();
    let (column, count) = (&source.column, source.items.len());
    format!(
        "SELECT report_id, year, region, county_code, agency_id, '{series}' AS series, CASE WHEN count({column}) = {count} \
         THEN CAST(sum({column}) AS DECIMAL(20,4)) END AS value, {from} AS source, '{}' AS comparability FROM {} \
         WHERE {key} IN ({}) GROUP BY ALL",
        source.comparability.as_str(),
        spec.name,
        items.join(", ")
    )
}

/// A path inside a quoted glob: quotes doubled, the glob's own characters made literal.
fn literal_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.trim_end_matches('/').chars() {
        match c {
            '\'' => out.push_str("''"),
            '[' => out.push_str("[[]"),
            '*' => out.push_str("[*]"),
            '?' => out.push_str("[?]"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_sql_and_for_the_glob() {
        assert_eq!(literal_path("/data/o'neil [1]/"), "/data/o''neil [[]1]");
    }

    #[test]
    fn a_folder_of_tables_is_read_from_inside() {
        let registry = Registry::embedded();
        let (tree, flat) = (folder_views_sql(registry, false), folder_views_sql(registry, true));
        assert!(tree.contains("read_parquet('./reports/**/*.parquet', hive_partitioning=true"), "{tree}");
        assert!(flat.contains("read_parquet('reports.parquet')"), "{flat}");
    }

    #[test]
    fn every_table_has_a_view() {
        let registry = Registry::embedded();
        let sql = views_sql(registry, ".", None);
        let views = registry.tables.len() + registry.crosswalks.len();
        assert_eq!(sql.matches("CREATE OR REPLACE VIEW").count(), views);
        assert!(sql.contains("CREATE OR REPLACE VIEW requests_long_run AS"), "{sql}");
        assert!(sql.contains("'./current/reports/**/*.parquet'"), "{sql}");
    }
}
