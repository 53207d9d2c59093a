//! `gongkai schema`.

use super::print;
use crate::arguments::{Schema, SchemaFormat};
use crate::{Failure, Status};
use gongkai_registry::Registry;

/// Prints tables and columns.
pub(crate) fn run(registry: &Registry, options: &Schema) -> Result<Status, Failure> {
    print(&match options.format {
        SchemaFormat::Md => gongkai_publish::dictionary_markdown(registry),
        SchemaFormat::Json => gongkai_publish::dictionary_json(registry),
        SchemaFormat::Sql => gongkai_store::views_sql(registry, ".", None, true),
    });
    Ok(Status::Done)
}
