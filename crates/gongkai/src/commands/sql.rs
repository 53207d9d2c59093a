//! `gongkai sql`: DuckDB with the views of a store, where it is installed.

use super::check::failure;
use crate::arguments::Sql;
use crate::{Failure, Status};
use gongkai_store::Store;
use std::io::ErrorKind;
use std::process::Command;

/// How DuckDB comes to a machine, for those who have none.
const INSTALL: &str = "DuckDB is not installed: `pip install duckdb-cli`, or see https://duckdb.org/install. With --program FILE it is found \
                       anywhere";

/// Opens DuckDB with the views, or asks it one query.
pub(crate) fn run(options: &Sql) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(failure)?;
    // The views look where the store was written; this tells them where it is.
    let root = std::fs::canonicalize(store.path()).map_err(Failure::failed)?;
    // DuckDB takes the name of any folder of a path for a column, and the topmost before what lies below and in the files.
    if let Some(folder) =
        root.iter().map(|folder| folder.to_string_lossy()).find(|folder| folder.contains('='))
    {
        return Err(Failure::usage(format!(
            "{}: DuckDB would take `{folder}` for a column of every table, and its value before theirs; rename the folder",
            root.display()
        )));
    }
    let literal = |text: String| text.replace('\'', "''");
    let mut duckdb = Command::new(&options.program);
    duckdb.arg("-cmd").arg(format!(
        "SET VARIABLE gongkai_store = '{}'",
        literal(gongkai_store::literal_path(&root.to_string_lossy()))
    ));
    duckdb.arg("-cmd").arg(format!(".read \"{}\"", root.join("views.sql").display()));
    if let Some(query) = &options.query {
        duckdb.arg("-c").arg(query);
    }
    match duckdb.status() {
        Ok(status) if status.success() => Ok(Status::Done),
        Ok(status) => Err(Failure::failed(format!("{} ended with {status}", options.program.display()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(Failure::usage(INSTALL)),
        Err(e) => Err(Failure::failed(e)),
    }
}
