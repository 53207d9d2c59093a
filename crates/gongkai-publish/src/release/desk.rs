//! The key figures as files of desk programs: what opens on a double click.

use super::folder::Folder;
use super::{ReleaseError, ReleaseOptions};
use crate::desk::{DeskError, DeskFormat, export};
use gongkai_registry::Registry;
use gongkai_store::Snapshot;

/// The table that most questions ask for.
const TABLE: &str = "key_figures";

/// Writes it in every format.
pub(crate) fn write(
    registry: &Registry,
    snapshot: &Snapshot,
    folder: &Folder,
    options: &ReleaseOptions<'_>,
) -> Result<(), ReleaseError> {
    const FORMATS: [DeskFormat; 3] = [DeskFormat::Csv, DeskFormat::Xlsx, DeskFormat::Dta];
    options.events.begin("desk", FORMATS.len());
    for (done, format) in FORMATS.into_iter().enumerate() {
        for made in export(registry, snapshot, &[TABLE.to_owned()], format, &folder.at(""), options.stop)? {
            let name = made.path.file_name().unwrap_or_default().to_string_lossy();
            folder.take_in(&name, made.rows)?;
        }
        options.events.progress(done + 1);
    }
    Ok(())
}

impl From<DeskError> for ReleaseError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Usage(what) => Self::Usage(what),
            DeskError::Store(error) => error.into(),
            DeskError::Io { action, path, source } => Self::Io { action, path, source },
            DeskError::Interrupted => Self::Interrupted,
        }
    }
}
