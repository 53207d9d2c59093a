//! The counts of sentences of a report in the forms in use: evidence for the rules that hold text against tables.

use super::{Found, ProseReader, Whole};
use gongkai_model::{Number, Section, Statement};

impl ProseReader<'_> {
    /// What the sentences of all sections state.
    pub(crate) fn statements(&self, sections: &[Section], year: Option<i16>) -> Vec<Statement> {
        let found = self.read(sections, year, Whole::Scope);
        found.into_iter().filter(|f| self.is_kept(f)).map(|f| statement(f, year)).collect()
    }

    /// Some counts are recognised only to tell what their neighbours are.
    fn is_kept(&self, found: &Found) -> bool {
        self.prose.counts.iter().any(|c| c.code == found.what && !c.helper)
    }
}

fn statement(found: Found, year: Option<i16>) -> Statement {
    Statement {
        number: found.told.map_or(Number::default(), |t| t.number),
        denied: found.told.is_none(),
        step: found.told.map_or(Number::from_integer(1), |t| t.step),
        what: found.what,
        unit: found.unit,
        scope: found.scope,
        year,
        sentence: found.sentence,
    }
}
