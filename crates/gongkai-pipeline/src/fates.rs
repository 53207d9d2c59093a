//! What became of families of captures in the run before: one whose members are what they were is not settled again.

use crate::bonds::Bonds;
use crate::copies::Fate;
use crate::ledger::{Digest, Known};
use crate::reading::write;
use gongkai_store::Cache;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Its name in the cache. Where it is lost or damaged, all families are settled again.
const NAME: &str = "fates";

/// The fates of families, by what the families are made of.
#[derive(Default)]
pub(crate) struct Fates {
    by: Digest,
    known: HashMap<Digest, Vec<Fate>>,
}

#[derive(Serialize)]
struct Written<'f> {
    by: Digest,
    families: Vec<(Digest, Vec<&'f Fate>)>,
}

#[derive(Deserialize)]
struct Read {
    by: Digest,
    families: Vec<(Digest, Vec<Fate>)>,
}

impl Fates {
    /// Those that this program and registry found.
    pub(crate) fn load(cache: &Cache, by: Digest) -> Self {
        let read = cache.beside(NAME).and_then(|bytes| postcard::from_bytes::<Read>(&bytes).ok());
        let families = read.filter(|read| read.by == by).map(|read| read.families);
        Self { by, known: families.into_iter().flatten().collect() }
    }

    /// The fates of a family, one a member.
    pub(crate) fn of(&mut self, family: &Digest, members: usize) -> Option<Vec<Fate>> {
        self.known.remove(family).filter(|fates| fates.len() == members)
    }

    /// Whether there were some that nobody asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Remembers those of this run, if they can be.
    pub(crate) fn save<'f>(
        &self,
        cache: &Cache,
        families: impl Iterator<Item = (Digest, Vec<&'f Fate>)>,
    ) -> Result<(), gongkai_store::StoreError> {
        let written = Written { by: self.by, families: families.collect() };
        cache.put_beside(NAME, &|to| write(&written, to))
    }
}

/// A hash of all that decides what becomes of the members of a family, in their order.
pub(crate) fn family<'k>(bonds: &Bonds, members: impl Iterator<Item = (&'k str, &'k Known, bool)>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for (name, known, gone) in members {
        let reading = known.now();
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(&reading.head.hash());
        // A hash that stands for none is none of a record.
        hasher.update(&reading.figures.as_ref().map_or([0; 16], |place| place.hash()));
        hasher.update(&reading.gist.doubts.to_le_bytes());
        hasher.update(&[u8::from(gone)]);
        hasher.update(&bonds.page(name).to_le_bytes());
        hasher.update(bonds.cover(name).unwrap_or_default().as_bytes());
        hasher.update(&[0]);
    }
    let mut digest = Digest::default();
    for (to, from) in digest.iter_mut().zip(hasher.finalize().as_bytes()) {
        *to = *from;
    }
    digest
}
