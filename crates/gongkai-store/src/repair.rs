//! Making good what can be made good without guessing.

use crate::check::ProblemKind;
use crate::error::StoreError;
use crate::files::{self, TEMPORARY};
use crate::publish::is_whole;
use crate::store::SNAPSHOTS;
use crate::writer::Writer;
use gongkai_registry::Registry;

impl Writer {
    /// Repairs a snapshot, the published one by default: a lost or damaged file is linked again from another snapshot that
    /// has the same file whole; unfinished files that the manifest does not name are removed; the link `current` and `views.sql` are
    /// written again. What was done, one phrase each. Taking the right to write has removed what unfinished runs left.
    ///
    /// # Errors
    /// When there is no such snapshot, or the disk refuses.
    pub fn repair(&self, registry: &Registry, snapshot: Option<&str>) -> Result<Vec<String>, StoreError> {
        let store = self.store();
        let report = store.check(registry, snapshot)?;
        let broken = store.snapshot(&report.snapshot)?;
        let others: Vec<_> = store.snapshots()?.iter().filter_map(|name| store.snapshot(name).ok()).collect();
        let prefix = format!("{SNAPSHOTS}/{}/", report.snapshot);
        let mut done = Vec::new();
        for problem in &report.problems {
            let Some(path) = problem.place.strip_prefix(&prefix) else { continue };
            match problem.kind {
                ProblemKind::Missing | ProblemKind::Changed => {
                    let Some(entry) = broken.manifest.files.iter().find(|f| f.path == path) else { continue };
                    let Some(target) = broken.locate(entry) else { continue };
                    let whole = others.iter().filter(|other| other.name != broken.name);
                    let whole = whole.filter(|other| other.manifest.files.contains(entry));
                    let mut whole = whole.filter_map(|other| other.locate(entry));
                    // A hard link of the damaged file is as damaged as it.
                    let Some(source) = whole.find(|path| is_whole(path, entry)) else { continue };
                    let temporary = target.with_file_name(format!("{TEMPORARY}repair"));
                    let disk = store.disk();
                    disk.hard_link(&source, &temporary)
                        .and_then(|()| disk.rename(&temporary, &target))
                        .map_err(StoreError::io("replace", &target))?;
                    done.push(format!("{path}: linked again from another snapshot"));
                }
                ProblemKind::Orphan => {
                    let name = path.rsplit('/').next().unwrap_or_default();
                    if name.starts_with(TEMPORARY) {
                        files::remove(store.disk(), &broken.path.join(path), false)?;
                        done.push(format!("{path}: an unfinished file, removed"));
                    }
                }
                _ => {}
            }
        }
        let is_current = store.current()?.is_some_and(|c| c.name == broken.name);
        let mut pointers = report.problems.iter().chain(&report.notes);
        if is_current && pointers.any(|p| p.kind == ProblemKind::Pointer) {
            let warnings = store.show(registry, &broken.name);
            done.extend(if warnings.is_empty() {
                vec!["`current` and `views.sql` written again".to_owned()]
            } else {
                warnings
            });
        }
        Ok(done)
    }
}
