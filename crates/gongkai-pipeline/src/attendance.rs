//! Of which run each snapshot is made, so that what a run met and what it drops counts from the moment its snapshot is the published
//! one, and not before: a gate may refuse it, a person may promote it later, and the run may be killed in between.

use crate::reading::write;
use gongkai_store::{Cache, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Its name in the cache.
const NAME: &str = "attendance";

/// The run that a snapshot is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attendance {
    /// Its number, see [`crate::ledger::Ledger::number`].
    pub(crate) run: u32,
    /// Whether what it did not meet is dropped.
    pub(crate) prunes: bool,
}

/// The runs of the published snapshot and of the candidates, by snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attendances(BTreeMap<String, Attendance>);

impl Attendances {
    pub(crate) fn load(cache: &Cache) -> Result<Self, StoreError> {
        Ok(cache.kept(NAME)?.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default())
    }

    /// The run of a snapshot.
    pub(crate) fn of(&self, snapshot: &str) -> Option<Attendance> {
        self.0.get(snapshot).copied()
    }

    /// The last run.
    pub(crate) fn last(&self) -> u32 {
        self.0.values().map(|one| one.run).max().unwrap_or(0)
    }

    /// Says of which run a snapshot is made, and waits until that is on the disk; forgets all snapshots but these.
    pub(crate) fn note(
        cache: &Cache,
        snapshot: &str,
        one: Attendance,
        others: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let before = Self::load(cache)?;
        let mut now = before.clone();
        now.0.retain(|name, _| others.contains(name));
        now.0.insert(snapshot.to_owned(), one);
        if now == before {
            return Ok(());
        }
        cache.put_beside(NAME, &|to| write(&now, to))?;
        cache.sync()
    }
}
