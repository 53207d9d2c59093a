//! DuckDB views over a snapshot.

use crate::rows::{BLANK_COLUMNS, measures};
use crate::schema::PLACES;
use crate::twins::twins_sql;
use crate::wide::wide_cells;
use crate::years::BY_YEAR;
use gongkai_registry::{ColumnSpec, Crosswalk, LEGACY_TABLE, Registry, SeriesSource, TableSpec, ViewColumn};

/// The variable of DuckDB that says where a store is.
const ROOT: &str = "gongkai_store";

/// A statement for each table: `CREATE OR REPLACE VIEW <table> AS SELECT ... FROM read_parquet(...)`.
///
/// `root` is the store as the reader's program finds it: an absolute path, or `.`. With a `snapshot` the views read
/// that one for good; without, what the link `current` shows at the time of the query. They read the tables by year, if there are any.
pub fn views_sql(registry: &Registry, root: &str, snapshot: Option<&str>, by_year: bool) -> String {
    let root = rooted(root);
    let tree = snapshot.map_or_else(|| "current".to_owned(), |name| format!("snapshots/{name}"));
    let head = format!(
        "-- DuckDB views over {}. Written by gongkai; replaced with every snapshot.\n\
         -- They read the store where it was written. One that was moved or copied is read where it is by `gongkai sql`, or in DuckDB with\n\
         --   SET VARIABLE {ROOT} = '/where/it/is/now';\n\
         -- before this file is read (.read /where/it/is/now/views.sql).\n",
        snapshot.map_or_else(|| "the published snapshot".to_owned(), |name| format!("snapshot {name}"))
    );
    views_over(registry, head, |spec| {
        let tree = format!("{root} || '/{tree}");
        if by_year { of_years(&tree, spec) } else { partitioned(&tree, spec) }
    })
}

/// The folder of the tables. A variable of the session tells views of one that was moved or copied where it is now.
fn rooted(root: &str) -> String {
    format!("coalesce(getvariable('{ROOT}'), '{}')", literal_path(root).replace('\'', "''"))
}

/// The views over a folder that holds a snapshot's tables by itself, by paths relative to the folder: partitioned, or
/// `flat`, one file a table with the partition columns inside.
pub fn folder_views_sql(registry: &Registry, flat: bool) -> String {
    let head = format!(
        "-- DuckDB views over the tables beside this file. Start DuckDB in this folder: duckdb -init views.sql\n\
         -- From elsewhere `gongkai sql` reads it, or in DuckDB: SET VARIABLE {ROOT} = '/where/it/is'; .read /where/it/is/views.sql\n"
    );
    let root = rooted(".");
    views_over(registry, head, |spec| match flat {
        true => format!("SELECT * FROM read_parquet({root} || '/{}.parquet')", spec.name),
        false => of_years(&format!("{root} || '"), spec),
    })
}

/// The year in folders of a store.
const HIVE: &str = "hive_partitioning=true, hive_types={'year': SMALLINT";

/// How DuckDB reads the partitioned files of a table. Every file of a snapshot has the same columns, so DuckDB need not open
/// them all to unify (`union_by_name`), and a filter on year or region leaves the other folders unread.
fn partitioned(tree: &str, spec: &TableSpec) -> String {
    format!("SELECT * FROM read_parquet({tree}/{}/**/*.parquet', {HIVE}, 'region': VARCHAR}})", spec.name)
}

/// How it reads the files of a table by year: a filter on the year leaves the other files unread, one on the region most of their row groups.
/// Below a folder such as `/data/year=1999` the year is that of the files alone: DuckDB would take 1999 for that of every row.
fn of_years(tree: &str, spec: &TableSpec) -> String {
    let name = &spec.name;
    match spec.one_file || tree.contains('=') {
        true => format!(
            "SELECT * REPLACE (year::SMALLINT AS year) FROM read_parquet({tree}/{BY_YEAR}/{name}/**/*.parquet', hive_partitioning=false)"
        ),
        false => format!("SELECT * FROM read_parquet({tree}/{BY_YEAR}/{name}/**/*.parquet', {HIVE}}})"),
    }
}

fn views_over(registry: &Registry, head: String, rows: impl Fn(&TableSpec) -> String) -> String {
    let mut sql = head;
    for spec in &registry.tables {
        sql.push_str(&format!("CREATE OR REPLACE VIEW {} AS {};\n", spec.name, rows(spec)));
    }
    for crosswalk in &registry.crosswalks {
        sql.push_str(&series_sql(registry, crosswalk));
    }
    for (spec, _) in statutory(registry) {
        sql.push_str(&filled_sql(spec));
    }
    sql.push_str(&wide_sql(registry));
    for view in &registry.views {
        sql.push_str(&format!("CREATE OR REPLACE VIEW {} AS {};\n", view.name, view.sql));
    }
    let views = described(registry);
    views.iter().for_each(|view| sql.push_str(&comments_of(view)));
    sql.push_str(&twins_sql(&views));
    sql
}

/// The views beside those of the tables: name, and what they are in Chinese and English.
pub fn views_beside(registry: &Registry) -> Vec<[String; 3]> {
    beside(registry).into_iter().map(|view| [view.name, view.zh, view.en]).collect()
}

/// A view, and what it and its columns are in Chinese and English.
pub(crate) struct Described {
    pub(crate) name: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    /// Name, Chinese, English.
    pub(crate) columns: Vec<[String; 3]>,
}

/// The views of the tables, and those beside them.
fn described(registry: &Registry) -> Vec<Described> {
    let table = |spec: &TableSpec| Described {
        name: spec.name.clone(),
        zh: spec.zh.clone(),
        en: spec.en.clone(),
        columns: columns_of(spec),
    };
    registry.tables.iter().map(table).chain(beside(registry)).collect()
}

fn columns_of(spec: &TableSpec) -> Vec<[String; 3]> {
    spec.columns.iter().map(column).chain(PLACES.map(|place| place.map(str::to_owned))).collect()
}

fn column(column: &ColumnSpec) -> [String; 3] {
    [&column.name, &column.zh, &column.en].map(Clone::clone)
}

fn beside(registry: &Registry) -> Vec<Described> {
    let view = |name: &str, zh: &str, en: &str, columns| Described {
        name: name.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        columns,
    };
    // A column of the same name is the same in every table that a view is made of.
    let known = |name: &str| {
        let tables = ["key_figures", "reports", LEGACY_TABLE].into_iter().filter_map(|t| registry.table(t));
        let mut columns = tables.flat_map(|t| &t.columns).filter(|c| c.name == name).map(column);
        let place = || PLACES.into_iter().find(|[place, ..]| *place == name).map(|p| p.map(str::to_owned));
        columns.next().or_else(place)
    };
    let own = |columns: &[ViewColumn], name: &str| {
        let said = columns.iter().find(|c| c.name == name);
        said.map(|c| [&c.name, &c.zh, &c.en].map(Clone::clone)).or_else(|| known(name))
    };
    let all = |names: &mut dyn Iterator<Item = &str>, columns: &[ViewColumn]| -> Vec<[String; 3]> {
        names.filter_map(|name| own(columns, name)).collect()
    };
    let mut views: Vec<Described> = Vec::new();
    for v in &registry.views {
        views.push(view(&v.name, &v.zh, &v.en, all(&mut v.names.iter().map(String::as_str), &v.columns)));
    }
    let wide = &registry.wide;
    let front = all(&mut wide.front.iter().map(String::as_str), &[]);
    let cells = wide_cells(registry).into_iter().map(|cell| [cell.name, cell.zh, cell.en]);
    views.push(view(&wide.name, &wide.zh, &wide.en, front.into_iter().chain(cells).collect()));
    for (spec, _) in statutory(registry) {
        let en = format!("{}; blanks, dashes and words for nothing as 0", spec.en);
        let zh = format!("{}（空白、横线、“无”计为0）", spec.zh);
        let own = FILLED.map(|column| column.map(str::to_owned));
        let columns =
            columns_of(spec).into_iter().filter(|[name, ..]| name != BLANK_COLUMNS).chain(own).collect();
        views.push(view(&format!("{}_filled", spec.name), &zh, &en, columns));
    }
    for c in &registry.crosswalks {
        views.push(view(&c.view, &c.zh, &c.en, all(&mut SERIES.into_iter(), &c.columns)));
    }
    views
}

/// What a view and its columns are, where programs that show tables look for it.
pub(crate) fn comments_of(view: &Described) -> String {
    let text = |zh: &str, en: &str| format!("'{}'", format!("{zh} / {en}").replace('\'', "''"));
    let mut sql = format!("COMMENT ON VIEW \"{}\" IS {};\n", view.name, text(&view.zh, &view.en));
    for [name, zh, en] in &view.columns {
        sql.push_str(&format!("COMMENT ON COLUMN \"{}\".\"{name}\" IS {};\n", view.name, text(zh, en)));
    }
    sql
}

/// The columns that a view with filled blanks has behind those of its table.
const FILLED: [[&str; 3]; 2] = [
    ["is_filled", "是否有空白计为0", "Whether a blank of the row stands as 0"],
    ["filled_columns", "空白计为0的列", "The columns whose blank stands as 0; NULL where there are none"],
];

/// The columns of a view of series: the first eight tell its rows apart.
const SERIES: [&str; 12] = [
    "report_id",
    "year",
    "region",
    "county_code",
    "agency_id",
    "scope",
    "form",
    "series",
    "value",
    "source",
    "comparability",
    "counted_since",
];

/// The view of series over all years: one row a report and series. A figure of a table goes before one of a sentence;
/// where the table's is NULL, the sentence's stands, and `source` says so.
fn series_sql(registry: &Registry, crosswalk: &Crosswalk) -> String {
    let sources =
        crosswalk.series.iter().flat_map(|s| s.sources.iter().map(|source| (s.code.as_str(), source)));
    let selects: Vec<String> = sources
        .filter_map(|(series, source)| Some(source_sql(registry.table(&source.table)?, series, source)))
        .collect();
    let eras = crosswalk.breaks.iter().rev().map(|b| format!("WHEN year >= {0} THEN {0} ", b.year));
    // Grouped by all that readers filter by, though the report alone would do: so a filter is applied before it. Of the rows of a
    // group the first is taken by `arg_min`; a window does the same, three times as slowly in DuckDB 1.4.
    let keys = SERIES.get(..8).unwrap_or_default().join(", ");
    format!(
        "CREATE OR REPLACE VIEW {} AS SELECT {keys}, best.value AS value, best.source AS source, best.comparability AS comparability, \
         CASE {}END AS counted_since FROM (SELECT {keys}, arg_min({{'value': value, 'source': source, 'comparability': comparability}}, \
         CASE WHEN value IS NULL THEN 2 ELSE 0 END + CASE source WHEN 'table' THEN 0 ELSE 1 END) AS best FROM (SELECT f.report_id, \
         f.year, f.region, f.county_code, f.agency_id, coalesce(f.scope, r.scope) AS scope, r.form, f.series, f.value, f.source, \
         f.comparability FROM ({}) AS f JOIN reports AS r ON f.report_id = r.report_id AND f.year = r.year AND f.region = r.region) \
         GROUP BY ALL);\n",
        crosswalk.view,
        eras.collect::<String>(),
        selects.join(" UNION ALL "),
    )
}

/// The view of a statutory table in which a blank, a dash and a word for nothing are zero, and a list says where.
fn filled_sql(spec: &TableSpec) -> String {
    let replaced: Vec<String> = measures(spec)
        .iter()
        .map(|m| {
            format!("CASE WHEN {m} IS NULL AND contains(',' || {BLANK_COLUMNS} || ',', ',{m},') THEN 0 ELSE {m} END AS {m}")
        })
        .collect();
    format!(
        "CREATE OR REPLACE VIEW {0}_filled AS SELECT * EXCLUDE ({BLANK_COLUMNS}) REPLACE ({1}), {BLANK_COLUMNS} IS NOT NULL AS is_filled, \
         string_split({BLANK_COLUMNS}, ',') AS filled_columns FROM {0};\n",
        spec.name,
        replaced.join(", "),
    )
}

/// The tables that forms print, each with the column that names its rows.
pub(crate) fn statutory(registry: &Registry) -> impl Iterator<Item = (&TableSpec, &'static str)> {
    let printed = |t: &&TableSpec| registry.forms.iter().any(|f| f.table(&t.name).is_some());
    registry.tables.iter().filter(printed).map(|t| {
        let by_channel = t.columns.iter().any(|c| c.name == "channel");
        (t, if by_channel { "channel" } else { "item" })
    })
}

/// Items and columns of all cells that any form has in a table, in the order of the newest form.
pub(crate) fn cells_of(registry: &Registry, table: &str) -> Vec<(String, String)> {
    let mut cells: Vec<(String, String)> = Vec::new();
    for table in registry.forms.iter().filter_map(|f| f.table(table)) {
        for (at, item) in table.items.iter().enumerate() {
            for column in table.columns_of(at).iter().filter_map(|c| table.columns.get(*c)) {
                let cell = (item.code.to_string(), column.code.to_string());
                if !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
    }
    cells
}

/// The view of one row a report and one column a cell. Every table is joined by nothing but equal columns, or the join would compare
/// every report with every other. So the scope of a table becomes that of its row in `key_figures` first: the same, or `unknown` where
/// the table's caption says what the report does not.
fn wide_sql(registry: &Registry) -> String {
    const ROW: &str = "year, region, report_id, scope";
    let wide = &registry.wide;
    let equal = |a: &str, b: &str| {
        let columns = ROW.split(", ").map(|column| format!("{a}.{column} = {b}.{column}"));
        columns.collect::<Vec<_>>().join(" AND ")
    };
    let front: Vec<String> = wide.front.iter().map(|c| format!("k.{c}")).collect();
    let (mut columns, mut joins) = (Vec::new(), String::new());
    for (spec, key) in statutory(registry) {
        let Some(letter) = wide.tables.get(&spec.name) else { continue };
        let cells: Vec<String> = cells_of(registry, &spec.name)
            .iter()
            .map(|(item, column)| {
                let name = wide.column(letter, item, column);
                columns.push(format!("{letter}.{name}"));
                format!("max({column}) FILTER ({key} = '{item}') AS {name}")
            })
            .collect();
        // No common table expression: of one that is used more than once, DuckDB would keep every column.
        joins.push_str(&format!(
            " LEFT JOIN (SELECT c.* REPLACE (coalesce(s.scope, 'unknown') AS scope) FROM (SELECT {ROW}, {} FROM {} GROUP BY {ROW}) AS c \
             LEFT JOIN (SELECT DISTINCT {ROW} FROM key_figures WHERE scope <> 'unknown') AS s ON {}) AS {letter} ON {}",
            cells.join(", "),
            spec.name,
            equal("s", "c"),
            equal(letter, "k"),
        ));
    }
    format!(
        "CREATE OR REPLACE VIEW {} AS SELECT {}, {} FROM key_figures AS k{joins};\n",
        wide.name,
        front.join(", "),
        columns.join(", "),
    )
}

/// The figures of a series in one table. Of several items the sum, and NULL where one of them is.
fn source_sql(spec: &TableSpec, series: &str, source: &SeriesSource) -> String {
    let has = |name: &str| spec.columns.iter().any(|c| c.name == name);
    let key = ["indicator", "channel"].into_iter().find(|k| has(k)).unwrap_or("item");
    let from = if spec.name == LEGACY_TABLE { "source" } else { "'table'" };
    let items: Vec<String> = source.items.iter().map(|i| format!("'{i}'")).collect();
    let (column, count) = (&source.column, source.items.len());
    let scope = if has("scope") { "scope" } else { "CAST(NULL AS VARCHAR)" };
    format!(
        "SELECT report_id, year, region, county_code, agency_id, {scope} AS scope, '{series}' AS series, CASE WHEN count({column}) = {count} \
         THEN CAST(sum({column}) AS DECIMAL(20,4)) END AS value, {from} AS source, '{}' AS comparability FROM {} \
         WHERE {key} IN ({}) GROUP BY ALL",
        source.comparability.as_str(),
        spec.name,
        items.join(", ")
    )
}

/// A path inside a glob: the glob's own characters made literal.
pub fn literal_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.trim_end_matches('/').chars() {
        match c {
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
        assert_eq!(literal_path("/data/o'neil [1]/"), "/data/o'neil [[]1]");
        let sql = views_sql(Registry::embedded(), "/data/o'neil [1]/", None, false);
        assert!(sql.contains("'/data/o''neil [[]1]') ||"), "{sql}");
        assert!(sql.contains("hive_partitioning=true"), "{sql}");
        let sql = views_sql(Registry::embedded(), "/data/year=1999/", None, true);
        assert!(!sql.contains("hive_partitioning=true"), "{sql}");
    }

    #[test]
    fn a_folder_of_tables_is_read_from_inside() {
        let registry = Registry::embedded();
        let (tree, flat) = (folder_views_sql(registry, false), folder_views_sql(registry, true));
        let root = "read_parquet(coalesce(getvariable('gongkai_store'), '.') || '/";
        let years = format!("{root}by_year/reports/**/*.parquet', hive_partitioning=true");
        assert!(tree.contains(&years), "{tree}");
        assert!(flat.contains(&format!("{root}reports.parquet')")), "{flat}");
    }

    #[test]
    fn columns_of_cells_have_short_names_of_their_own() {
        let registry = Registry::embedded();
        let mut names = std::collections::BTreeSet::new();
        for (spec, _) in statutory(registry) {
            let letter = &registry.wide.tables[&spec.name];
            for (item, column) in cells_of(registry, &spec.name) {
                let name = registry.wide.column(letter, &item, &column);
                assert!(name.len() <= 32, "{name}");
                assert!(names.insert(name.clone()), "{name}");
            }
        }
        assert!(names.len() > 200, "{}", names.len());
    }

    #[test]
    fn every_table_has_a_view() {
        let registry = Registry::embedded();
        let sql = views_sql(registry, ".", None, true);
        // Three tables with blanks as zeros, and the wide one.
        let views = registry.tables.len() + registry.crosswalks.len() + registry.views.len() + 3 + 1;
        // Each has a Chinese twin, of a name of its own.
        assert_eq!(sql.matches("CREATE OR REPLACE VIEW").count(), 2 * views);
        assert_eq!(sql.matches("COMMENT ON VIEW").count(), 2 * views);
        let named =
            sql.lines().filter_map(|l| l.strip_prefix("CREATE OR REPLACE VIEW ")?.split(" AS ").next());
        assert_eq!(named.collect::<std::collections::BTreeSet<_>>().len(), 2 * views);
        assert!(sql.contains("CREATE OR REPLACE VIEW requests_long_run AS"), "{sql}");
        let reports = "read_parquet(coalesce(getvariable('gongkai_store'), '.') || '/current/by_year/reports/**/*.parquet',";
        assert!(sql.contains(reports), "{sql}");
        // A snapshot of an earlier version is read as it is.
        let sql = views_sql(registry, ".", Some("000001-0123456789ab"), false);
        assert!(sql.contains("|| '/snapshots/000001-0123456789ab/reports/**/*.parquet',"), "{sql}");
    }
}
