//! How Parquet files are made: the same bytes for the same rows.

use crate::SCHEMA_VERSION;
use crate::error::StoreError;
use crate::schema::{PLACES, table_schema, year_schema};
use arrow_schema::{Schema, SchemaRef};
use gongkai_registry::TableSpec;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::TypePtr;
use std::sync::Arc;

/// Rows of a row group: a reader skips whole groups by the statistics of the sort columns.
pub(crate) const GROUP_ROWS: usize = 65_536;
/// Size in memory at which a row group ends early: a table being written holds so much.
pub(crate) const GROUP_BYTES: usize = 4 << 20;
/// As above, of a table by year: few are made at once.
const YEAR_GROUP_BYTES: usize = 16 << 20;
/// Rows of a data page: what the page index can skip inside a group.
const PAGE_ROWS: usize = 4_096;
/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// What every file's footer says about its making.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp<'a> {
    /// Version of the tool.
    pub(crate) tool_version: &'a str,
    /// Digest of the registry.
    pub(crate) registry_digest: &'a str,
}

impl Stamp<'_> {
    /// The footer's key-value pairs for a table.
    pub(crate) fn pairs(&self, table: &str) -> [(&'static str, String); 4] {
        [
            ("schema_version", SCHEMA_VERSION.to_owned()),
            ("tool_version", self.tool_version.to_owned()),
            ("registry_digest", self.registry_digest.to_owned()),
            ("table", table.to_owned()),
        ]
    }
}

/// What all files of a table have in common.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Their columns.
    pub(crate) arrow: SchemaRef,
    /// The same as Parquet has them.
    pub(crate) parquet: TypePtr,
    /// How they are written, and what their footers say.
    pub(crate) properties: WriterPropertiesPtr,
    /// Size in memory at which a row group ends early.
    pub(crate) group_bytes: usize,
}

impl Shape {
    /// The shape of a table.
    pub(crate) fn of(spec: &TableSpec, stamp: &Stamp<'_>) -> Result<Self, StoreError> {
        Self::new(spec, table_schema(spec), properties(spec, stamp)?, GROUP_BYTES)
    }

    /// The shape of a table by year.
    pub(crate) fn of_years(spec: &TableSpec, stamp: &Stamp<'_>) -> Result<Self, StoreError> {
        let arrow = year_schema(spec);
        let sort = PLACES.iter().map(|[name, ..]| *name).chain(spec.sort.iter().map(String::as_str));
        let sort = sorting_columns(sort, |name| arrow.index_of(name).ok());
        let properties = properties(spec, stamp)?.into_builder().set_sorting_columns(Some(sort)).build();
        Self::new(spec, arrow, properties, YEAR_GROUP_BYTES)
    }

    fn new(
        spec: &TableSpec,
        arrow: Schema,
        mut properties: WriterProperties,
        group_bytes: usize,
    ) -> Result<Self, StoreError> {
        let arrow = Arc::new(arrow);
        add_encoded_arrow_schema_to_metadata(&arrow, &mut properties);
        let parquet = ArrowSchemaConverter::new().convert(&arrow).map_err(StoreError::encode(&spec.name))?;
        Ok(Self { arrow, parquet: parquet.root_schema_ptr(), properties: Arc::new(properties), group_bytes })
    }
}

/// How a table's files are written.
pub(crate) fn properties(spec: &TableSpec, stamp: &Stamp<'_>) -> Result<WriterProperties, StoreError> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(StoreError::encode(&spec.name))?;
    let pairs = stamp
        .pairs(&spec.name)
        .into_iter()
        .map(|(key, value)| KeyValue::new(key.to_owned(), value))
        .collect();
    Ok(WriterProperties::builder()
        .set_created_by(format!("gongkai version {}", stamp.tool_version))
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_offset_index_disabled(false)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_key_value_metadata(Some(pairs))
        .set_sorting_columns(Some(sorting_columns(spec.sort.iter().map(String::as_str), |name| {
            spec.columns.iter().position(|c| c.name == name)
        })))
        .build())
}

fn sorting_columns<'n>(
    names: impl Iterator<Item = &'n str>,
    position: impl Fn(&str) -> Option<usize>,
) -> Vec<SortingColumn> {
    let ascending = |index: usize| {
        Some(SortingColumn { column_idx: i32::try_from(index).ok()?, descending: false, nulls_first: false })
    };
    names.filter_map(|name| ascending(position(name)?)).collect()
}
