//! From the registry's output tables to Arrow and SQL types.

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use gongkai_registry::{ColumnSpec, ColumnType, Registry, TableSpec};

/// Digits of a decimal column, the fraction included.
pub(crate) const DECIMAL_DIGITS: u8 = 20;

/// The Arrow schema of an output table's files: every column, the partition columns `year` and `region` left out.
///
/// Field metadata: `description_zh`, `description_en`, and `unit` and `clause` where the column has one. Schema
/// metadata: `table`, `description_zh`, `description_en`, `grain`. A table the registry does not know has no columns.
pub fn arrow_schema(registry: &Registry, table: &str) -> Schema {
    registry.table(table).map_or_else(Schema::empty, table_schema)
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
