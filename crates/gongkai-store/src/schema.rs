//! From the registry's output tables to Arrow and SQL types.

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use gongkai_registry::{ColumnSpec, ColumnType, Registry, TableSpec};
use std::sync::Arc;

/// The columns that the folders of partitions say: name, and what they are in Chinese and English.
pub const PLACES: [[&str; 3]; 2] = [
    ["year", "报告年度；无法确定为0", "Year the report is about; 0 when unresolved"],
    [
        "region",
        "地区：省级行政区的 ISO 3166-2:CN 代码；中央机关为 CN，无法确定为 unknown",
        "ISO 3166-2:CN code of the province-level unit; `CN` for central organs, `unknown` when unresolved",
    ],
];

/// Digits of a decimal column, the fraction included.
pub(crate) const DECIMAL_DIGITS: u8 = 20;

/// The Arrow schema of an output table's files: every column, the partition columns `year` and `region` left out.
///
/// Field metadata: `description_zh`, `description_en`, and `unit` and `clause` where the column has one. Schema
/// metadata: `table`, `description_zh`, `description_en`, `grain`. A table the registry does not know has no columns.
pub fn arrow_schema(registry: &Registry, table: &str) -> Schema {
    registry.table(table).map_or_else(Schema::empty, table_schema)
}

/// The Arrow schema of a table's files by year: its columns, then year and region.
///
/// The year is an INT32 for the sake of pyarrow and R: they take the year in a folder's name for one, and refuse a file that says otherwise.
pub(crate) fn year_schema(spec: &TableSpec) -> Schema {
    with_places(&table_schema(spec), DataType::Int32)
}

/// A schema with year and region behind its columns.
pub fn with_places(schema: &Schema, year: DataType) -> Schema {
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    for ([name, zh, en], kind) in PLACES.into_iter().zip([year, DataType::Utf8]) {
        let described = [("description_zh", zh), ("description_en", en)];
        let field = Field::new(name, kind, false);
        fields.push(Arc::new(field.with_metadata(described.into_iter().collect::<arrow_schema::Metadata>())));
    }
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

pub(crate) fn table_schema(spec: &TableSpec) -> Schema {
    let fields: Vec<Field> = spec.columns.iter().map(field).collect();
    Schema::new_with_metadata(
        fields,
        [
            ("table", spec.name.as_str()),
            ("description_zh", &spec.zh),
            ("description_en", &spec.en),
            ("grain", &spec.grain),
        ],
    )
}

fn field(column: &ColumnSpec) -> Field {
    let mut metadata = vec![("description_zh", column.zh.as_str()), ("description_en", &column.en)];
    metadata.extend(column.unit.as_deref().map(|unit| ("unit", unit)));
    metadata.extend(column.clause.as_deref().map(|clause| ("clause", clause)));
    Field::new(&column.name, data_type(column.kind), !column.required)
        .with_metadata(metadata.into_iter().collect::<arrow_schema::Metadata>())
}

fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Int16 => DataType::Int16,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        // Without a zone: the contract's TIMESTAMP, whose values are UTC by definition. With one, DuckDB reads
        // TIMESTAMP WITH TIME ZONE and shows it in the reader's zone.
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Decimal2 | ColumnType::Decimal4 | ColumnType::Decimal6 => {
            DataType::Decimal128(DECIMAL_DIGITS, i8::try_from(scale(kind)).unwrap_or(0))
        }
    }
}

/// Decimal places of a decimal column, 0 for all others.
pub(crate) fn scale(kind: ColumnType) -> u32 {
    match kind {
        ColumnType::Decimal2 => 2,
        ColumnType::Decimal4 => 4,
        ColumnType::Decimal6 => 6,
        _ => 0,
    }
}

/// The SQL type a reader sees, such as `BIGINT` or `DECIMAL(20,6)`.
pub fn sql_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "VARCHAR",
        ColumnType::Int16 => "SMALLINT",
        ColumnType::Int32 => "INTEGER",
        ColumnType::Int64 => "BIGINT",
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Date => "DATE",
        ColumnType::Timestamp => "TIMESTAMP",
        ColumnType::Decimal2 => "DECIMAL(20,2)",
        ColumnType::Decimal4 => "DECIMAL(20,4)",
        ColumnType::Decimal6 => "DECIMAL(20,6)",
    }
}
