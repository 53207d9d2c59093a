//! What goes in and out of `gongkai worker`: columns of Arrow streams, described for people in `docs/worker.md`.
//!
//! No integer is unsigned, since the engines that run workers have none.

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;

/// Key in the metadata of a schema: what the rows are, and the version of their columns.
pub const SCHEMA_KEY: &str = "gongkai.worker";
/// Rows that are files to be read.
pub const FILES: &str = "files 1";
/// Rows that are captures as read.
pub const READINGS: &str = "readings 1";

/// Key in the metadata of a schema: which part of which plan the rows are, `3/40 0123456789abcdef`. Whoever has one can tell whether all
/// others are there.
pub(crate) const PART_KEY: &str = "gongkai.part";

/// A schema that says which part of a plan its rows are.
pub(crate) fn of_part(schema: SchemaRef, part: Option<String>) -> SchemaRef {
    let Some(part) = part else { return schema };
    let mut metadata = schema.metadata().clone();
    metadata.insert(PART_KEY.to_owned(), part);
    Arc::new(Schema::clone(&schema).with_metadata(metadata))
}

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn schema(what: &str, fields: &[(&str, DataType, bool)]) -> SchemaRef {
    let fields: Vec<Field> =
        fields.iter().map(|(name, of, nullable)| Field::new(*name, of.clone(), *nullable)).collect();
    let metadata = HashMap::from([(SCHEMA_KEY.to_owned(), what.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Columns of files to be read. Of what a worker is sent, only `path` and one of `location` and `body` must be there.
pub(crate) fn files() -> SchemaRef {
    schema(
        FILES,
        &[
            ("capture_id", DataType::Utf8, true),
            ("path", DataType::Utf8, false),
            ("location", DataType::Utf8, true),
            ("body", DataType::Binary, true),
            ("size", DataType::Int64, true),
            ("source_uri", DataType::Utf8, true),
            ("source_host", DataType::Utf8, true),
            ("title", DataType::Utf8, true),
            ("fetched_at", time(), true),
            ("content_type", DataType::Utf8, true),
            ("charset", DataType::Utf8, true),
            ("http_status", DataType::Int32, true),
            ("page", DataType::Utf8, true),
            ("cover", DataType::Utf8, true),
            ("digest", DataType::Utf8, true),
            ("revisit", DataType::Boolean, true),
            ("problem", DataType::Utf8, true),
        ],
    )
}

/// Columns of captures as read.
pub(crate) fn readings() -> SchemaRef {
    schema(
        READINGS,
        &[
            ("capture_id", DataType::Utf8, true),
            ("file", DataType::Utf8, false),
            ("path", DataType::Utf8, false),
            ("status", DataType::Utf8, false),
            ("reason", DataType::Utf8, true),
            ("blake3", DataType::Utf8, true),
            ("bytes", DataType::Int64, false),
            ("host", DataType::Utf8, true),
            ("region", DataType::Utf8, true),
            ("year", DataType::Int16, true),
            ("report_id", DataType::Utf8, true),
            ("agency_id", DataType::Utf8, true),
            ("text_key", DataType::Int64, true),
            ("figures_key", DataType::Int64, true),
            ("reader", DataType::Utf8, true),
            ("gist", DataType::Binary, false),
            ("head", DataType::Binary, false),
            ("figures", DataType::Binary, true),
            ("text", DataType::Binary, true),
            ("source", DataType::Binary, true),
            ("seal", DataType::Binary, false),
        ],
    )
}
