//! `gongkai export`.

use super::check::failure as store_failure;
use super::print;
use crate::arguments::{Export, ExportFormat};
use crate::table::thousands;
use crate::{Failure, Status, near, say, signals};
use gongkai_publish::{DeskError, DeskFormat, Unfolded, desk_tables, export};
use gongkai_registry::Registry;
use gongkai_store::Store;

/// What most questions ask for.
const DEFAULT: [&str; 2] = ["key_figures", "report_wide"];

/// Writes tables as files of desk programs.
pub(crate) fn run(registry: &Registry, options: &Export) -> Result<Status, Failure> {
    let tables = match options.tables.as_slice() {
        [] => DEFAULT.map(str::to_owned).to_vec(),
        named => named.to_vec(),
    };
    for name in &tables {
        let known: Vec<&str> = desk_tables(registry).collect();
        if !known.contains(&name.as_str()) {
            let near = near::near(name, known.iter().copied());
            let mean =
                if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
            return Err(Failure::usage(format!(
                "there is no table {name}{mean}\nthere are: {}",
                known.join(", ")
            )));
        }
    }
    let stop = signals::stop();
    // A release with one file a table is one snapshot, whatever its name.
    let unfolded = match options.snapshot {
        None => Unfolded::of(registry, &options.store, &tables, &options.output, &stop).map_err(failure)?,
        Some(_) => None,
    };
    let snapshot = match &unfolded {
        Some(unfolded) => unfolded.snapshot().clone(),
        None => {
            let store = Store::open(&options.store).map_err(store_failure)?;
            store.find(options.snapshot.as_deref().unwrap_or("CURRENT")).map_err(store_failure)?
        }
    };
    for format in &options.format {
        let format = match format {
            ExportFormat::Csv => DeskFormat::Csv,
            ExportFormat::Xlsx => DeskFormat::Xlsx,
            ExportFormat::Dta => DeskFormat::Dta,
        };
        let made = export(registry, &snapshot, &tables, format, &options.output, &stop).map_err(failure)?;
        for file in made {
            if !options.quiet {
                print(&format!("{}: {} rows", file.path.display(), thousands(file.rows)));
            }
            file.notes.iter().for_each(|note| say::tell(&format!("note: {note}")));
        }
    }
    Ok(Status::Done)
}

fn failure(error: DeskError) -> Failure {
    match error {
        DeskError::Usage(_) => Failure::usage(error),
        DeskError::Store(error) => store_failure(error),
        _ => Failure::failed(error),
    }
}
