//! What a store remembers of its inputs, written out for somebody who goes on elsewhere without them.

use crate::ledger::Ledger;
use gongkai_store::{Cache, Store, StoreError};
use std::path::{Path, PathBuf};

/// Writes `cache/` of a store into a folder: documents and readings of every input the store ever met, one after another by name, without
/// sizes and times of this machine's files. The same store gives the same bytes.
///
/// # Errors
/// When the store remembers nothing, a record of it is damaged, or the disk refuses.
pub fn export_cache(store: &Store, folder: &Path) -> Result<(), StoreError> {
    let from = store.read_cache();
    let mut ledger = Ledger::load(&from, store.current()?.as_ref().map(|current| current.name.as_str()))?;
    if ledger.len() == 0 {
        return Err(damaged("there is none; run `gongkai ingest` once more"));
    }
    let to = Cache::elsewhere(folder)?;
    ledger.containers.clear();
    ledger.run = 0;
    for known in ledger.inputs.values_mut().flatten() {
        known.stamp = None;
        known.last = 0;
        for (kind, place) in known.places_mut() {
            let record = from
                .get(place)
                .ok_or_else(|| damaged("a record of it is lost; run `gongkai ingest` once more"))?;
            *place = to.put(kind, &record)?;
        }
    }
    to.put_index(&mut |file| ledger.encode(file))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { path: PathBuf::from(crate::reading::CACHE), what: what.to_owned() }
}
