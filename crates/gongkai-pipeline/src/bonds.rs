//! What ties documents to one another by their names, asked of all that a store knows: a night may deliver a page without its
//! text, or what is attached without the page.

use crate::gist::short;
use crate::ledger::Ledger;
use gongkai_input::ties_of_names;
use gongkai_model::Ties;
use std::collections::HashMap;

/// Ties by the names of documents; most have none.
#[derive(Default)]
pub(crate) struct Bonds(HashMap<String, Ties>);

impl Bonds {
    /// Those of all that the snapshot of this run is made of.
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let names: Vec<&str> = ledger.all().map(|(name, _)| name).collect();
        let ties = ties_of_names(names.iter().copied());
        let tied = names.into_iter().zip(ties).filter(|(_, ties)| ties.page.is_some());
        Self(tied.map(|(name, ties)| (name.to_owned(), ties)).collect())
    }

    /// The page that a document is attached to.
    pub(crate) fn cover(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.cover.as_deref()
    }

    /// A hash of the page that a document of this name belongs to; 0 of none.
    pub(crate) fn page(&self, name: &str) -> u64 {
        self.0.get(name).and_then(|ties| ties.page.as_deref()).map_or(0, |page| short(&[page]))
    }

    /// Adds them to what the container of a document says.
    pub(crate) fn add_to(&self, ties: &mut Ties, name: &str) {
        if let Some(own) = self.0.get(name).filter(|_| ties.page.is_none()) {
            (ties.page, ties.cover) = (own.page.clone(), own.cover.clone());
        }
    }
}
