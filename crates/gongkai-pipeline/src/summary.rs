//! What a run did, for people.

use crate::gate::Breach;
use crate::meet::Reuse;
use gongkai_store::{Published, Tally};
use std::time::Duration;

/// How long each stage took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durations {
    /// Walking the inputs.
    pub planning: Duration,
    /// Loading the ledger, meeting the inputs, reading what is new.
    pub reading: Duration,
    /// Learning from hosts, and letting copies of one report meet.
    pub settling: Duration,
    /// Building or linking partitions, judging, publishing.
    pub publishing: Duration,
}

/// What a run did.
#[derive(Debug)]
pub struct Summary {
    /// Files and parts of archives that told about documents and are none themselves.
    pub sidecars: u64,
    /// Hidden files and folders passed over.
    pub hidden: u64,
    /// What was read and what was known.
    pub reuse: Reuse,
    /// Expectations that do not hold, waived ones included.
    pub breaches: Vec<Breach>,
    /// The snapshot.
    pub published: Published,
    /// Time for each stage.
    pub durations: Durations,
    /// Time for everything.
    pub elapsed: Duration,
}

impl Summary {
    /// What the snapshot holds.
    pub fn tally(&self) -> &Tally {
        &self.published.tally
    }

    /// Expectations that do not hold and are not waived.
    pub fn breached(&self) -> impl Iterator<Item = &Breach> {
        self.breaches.iter().filter(|b| b.waived.is_none())
    }

    /// Captures met.
    pub fn met(&self) -> u64 {
        self.tally().captures.values().sum()
    }
}
