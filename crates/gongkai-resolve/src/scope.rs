//! For whom a report counts: the body alone (本级), or with all that stand under it (汇总).

use crate::title::Title;
use gongkai_model::{Parsed, Scope, ScopeEvidence};
use gongkai_registry::Scopes;

/// Sentences at the beginning of a report that are looked at.
const SENTENCES: usize = 6;
/// A longer sentence is a text without full stops.
const SENTENCE_CHARS: usize = 300;

/// The title says it, then the captions of the tables where all that say something agree, then the first sentences where no caption
/// says anything. Nothing else does, and what is said twice and differently by one of them is not said: of figures whose captions
/// disagree no sentence tells which are meant.
pub(crate) fn decide(
    scopes: &Scopes,
    parsed: &Parsed,
    title: Option<&Title>,
) -> (Scope, Option<ScopeEvidence>) {
    let known = |scope: Scope, evidence| (scope != Scope::Unknown).then_some((scope, Some(evidence)));
    let of_title = title.filter(|t| t.is_report).map(|t| scopes.of_title(&t.text)).unwrap_or_default();
    if let Some(said) = known(of_title, ScopeEvidence::Title) {
        return said;
    }
    match of_captions(parsed) {
        Captions::Silent => of_sentences(scopes, parsed).unwrap_or_default(),
        Captions::Agree(scope) => (scope, Some(ScopeEvidence::Caption)),
        Captions::Disagree => <_>::default(),
    }
}

/// What the captions of a report's tables say together.
enum Captions {
    Silent,
    Agree(Scope),
    Disagree,
}

fn of_captions(parsed: &Parsed) -> Captions {
    let mut said = parsed.tables.iter().map(|t| t.scope).filter(|s| *s != Scope::Unknown);
    match said.next() {
        None => Captions::Silent,
        Some(first) if said.all(|s| s == first) => Captions::Agree(first),
        Some(_) => Captions::Disagree,
    }
}

fn of_sentences(scopes: &Scopes, parsed: &Parsed) -> Option<(Scope, Option<ScopeEvidence>)> {
    // A report without a preamble begins with its first section.
    let section = parsed.sections.iter().find(|s| !s.text.trim().is_empty())?;
    let preamble = &*section.section == "preamble";
    let pieces = section.text.lines().flat_map(|line| line.split_inclusive('。'));
    let mut found: Option<(Scope, ScopeEvidence)> = None;
    // What does not end in a full stop is a title, or a heading.
    let mut sentences = 0;
    for sentence in pieces.map(str::trim).filter(|s| !s.is_empty()) {
        let first = sentences == 0;
        sentences += usize::from(sentence.ends_with('。'));
        if sentences > SENTENCES || (!preamble && !first) {
            break;
        }
        if sentence.chars().nth(SENTENCE_CHARS).is_some() {
            continue;
        }
        let compact: String = sentence.chars().filter(|c| !c.is_whitespace()).collect();
        let scope = scopes.of_sentence(&compact);
        match found {
            _ if scope == Scope::Unknown => {}
            Some((other, _)) if other != scope => return None,
            Some(_) => {}
            None => {
                found = Some((scope, if first { ScopeEvidence::Opening } else { ScopeEvidence::Preamble }));
            }
        }
    }
    found.map(|(scope, evidence)| (scope, Some(evidence)))
}
