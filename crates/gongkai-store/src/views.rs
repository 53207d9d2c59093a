//! DuckDB views over a snapshot.

use gongkai_registry::Registry;

/// A statement for each table: `CREATE OR REPLACE VIEW <table> AS SELECT * FROM read_parquet(...)`.
///
/// `root` is the store as the reader's program finds it: an absolute path, or `.`. With a `snapshot` the views read
/// that one for good; without, what the link `current` shows at the time of the query.
pub fn views_sql(registry: &Registry, root: &str, snapshot: Option<&str>) -> String {
    let tree = match snapshot {
        Some(name) => format!("{}/snapshots/{name}", literal_path(root)),
        None => format!("{}/current", literal_path(root)),
    };
    let mut sql = format!(
        "-- DuckDB views over {}. Written by gongkai; replaced with every snapshot.\n",
        snapshot.map_or_else(|| "the published snapshot".to_owned(), |name| format!("snapshot {name}"))
    );
    for table in &registry.tables {
        // Every file of a snapshot has the same columns, so DuckDB need not open them all to unify (`union_by_name`),
        // and a filter on year or region leaves the other folders unread.
        sql.push_str(&format!(
            "CREATE OR REPLACE VIEW {} AS SELECT * FROM read_parquet('{tree}/{}/**/*.parquet', \
             hive_partitioning=true, hive_types={{'year': SMALLINT, 'region': VARCHAR}});\n",
            table.name, table.name
        ));
    }
    sql
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
    fn every_table_has_a_view() {
        let registry = Registry::embedded();
        let sql = views_sql(registry, ".", None);
        assert_eq!(sql.matches("CREATE OR REPLACE VIEW").count(), registry.tables.len());
        assert!(sql.contains("'./current/reports/**/*.parquet'"), "{sql}");
    }
}
