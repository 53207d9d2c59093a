//! Records of a container are numbered by their position: one put in front renames all behind it. They are known again by what
//! they are, since nothing that is read depends on the number ([`crate::reader::unnumbered`]).

use crate::ledger::{Digest, Known, Ledger};
use crate::meet::Task;
use crate::reader::unnumbered;
use gongkai_model::Capture;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The numbered records of some containers as the runs before met them, by content; made when the first is looked for.
pub(crate) struct Renumbered<'c> {
    containers: Vec<&'c str>,
    names: OnceLock<HashMap<[u8; 32], Vec<Box<str>>>>,
}

impl<'c> Renumbered<'c> {
    /// The records of these containers.
    pub(crate) fn of(containers: impl Iterator<Item = &'c str>) -> Self {
        Self { containers: containers.collect(), names: OnceLock::new() }
    }

    /// A record that had another number in the same container, and is the same with the same surroundings.
    pub(crate) fn find<'l>(
        &self,
        task: &Task<'_>,
        ledger: &'l Ledger,
        capture: &Capture,
        hash: &[u8; 32],
        about: Digest,
    ) -> Option<&'l Known> {
        let within = unnumbered(&capture.container);
        if within.len() == capture.container.len() {
            return None;
        }
        let names = self.names.get_or_init(|| self.names(ledger)).get(hash)?;
        let same = names.iter().filter(|name| unnumbered(name) == within);
        same.flat_map(|name| ledger.known(name))
            .find(|known| known.hash.as_ref() == Some(hash) && task.is_fresh(known, about))
    }

    fn names(&self, ledger: &Ledger) -> HashMap<[u8; 32], Vec<Box<str>>> {
        let mut names: HashMap<_, Vec<Box<str>>> = HashMap::new();
        for (name, known) in self.containers.iter().flat_map(|container| ledger.within(container)) {
            if let Some(hash) = known.hash.filter(|_| unnumbered(name).len() < name.len()) {
                names.entry(hash).or_default().push(name.into());
            }
        }
        names
    }
}
