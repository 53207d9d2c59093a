//! How Parquet files are made: the same bytes for the same rows.

use crate::SCHEMA_VERSION;
use crate::error::StoreError;
use gongkai_registry::TableSpec;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

/// Rows of a row group: a reader skips whole groups by the statistics of the sort columns.
const GROUP_ROWS: usize = 65_536;
/// Uncompressed size at which a row group ends early (long narratives).
const GROUP_BYTES: usize = 8 << 20;
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
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_key_value_metadata(Some(pairs))
        .set_sorting_columns(Some(sorting_columns(spec)))
        .build())
}

fn sorting_columns(spec: &TableSpec) -> Vec<SortingColumn> {
    let position = |name: &String| spec.columns.iter().position(|c| c.name == *name);
    let ascending = |index: usize| {
        Some(SortingColumn { column_idx: i32::try_from(index).ok()?, descending: false, nulls_first: false })
    };
    spec.sort.iter().filter_map(|name| ascending(position(name)?)).collect()
}
