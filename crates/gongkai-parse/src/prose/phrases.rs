//! Phrases and prefixes by their first character, so that a clause is held against few of them.

use super::numeral::{self, Told};
use aho_corasick::AhoCorasick;
use gongkai_registry::Prose;
use std::collections::HashMap;

/// All texts of all phrases.
pub(crate) struct Phrases {
    texts: Vec<Phrase>,
    /// Positions by the first character.
    by_first: HashMap<char, Vec<usize>>,
    /// Those with nothing before the number.
    leading: Vec<usize>,
    /// Texts before a number at the end of a clause, by the last character.
    by_last: HashMap<char, Vec<usize>>,
    /// Words of which a line that counts something holds one; `None` where there are no such words.
    anchors: Option<AhoCorasick>,
}

/// A text around a number, or one that says that there was none.
struct Phrase {
    /// Position of what it counts.
    count: usize,
    before: String,
    after: String,
    none: bool,
    money: bool,
}

/// What a text counts.
pub(crate) struct Match<'t> {
    /// Position of the count.
    pub count: usize,
    /// Words before the number, or what there was none of.
    pub label: String,
    /// `None` for none.
    pub told: Option<Told>,
    /// As printed.
    pub unit: Option<&'t str>,
}

impl Phrases {
    pub(crate) fn of(prose: &Prose) -> Self {
        let mut texts = Vec::new();
        for (at, count) in prose.counts.iter().enumerate() {
            // The registry has checked that every phrase can be written out.
            let written = |phrase: &String| prose.texts(phrase).unwrap_or_default();
            for text in count.phrases.iter().flat_map(written) {
                let (before, after) = text.split_once("{n}").unwrap_or((&text, ""));
                let (before, after) = (before.to_owned(), after.to_owned());
                texts.push(Phrase { count: at, before, after, none: false, money: count.money });
            }
            for noun in count.nouns.iter().flat_map(written) {
                texts.extend(prose.none.iter().map(|none| Phrase {
                    count: at,
                    before: format!("{none}{noun}"),
                    after: String::new(),
                    none: true,
                    money: count.money,
                }));
            }
        }
        let mut by_first: HashMap<char, Vec<usize>> = HashMap::new();
        let mut by_last: HashMap<char, Vec<usize>> = HashMap::new();
        let mut leading = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match text.before.chars().next() {
                Some(first) => by_first.entry(first).or_default().push(at),
                None => leading.push(at),
            }
            if let Some(last) =
                text.before.chars().next_back().filter(|_| !text.none && text.after.is_empty())
            {
                by_last.entry(last).or_default().push(at);
            }
        }
        let anchors = (!prose.anchors.is_empty()).then(|| AhoCorasick::new(&prose.anchors).ok()).flatten();
        Self { texts, by_first, leading, by_last, anchors }
    }

    /// Whether a line may count something.
    pub(crate) fn may_count(&self, line: &str) -> bool {
        self.anchors.as_ref().is_none_or(|a| a.is_match(line))
    }

    /// Whether a text ends with a phrase that a number should follow.
    pub(crate) fn ends(&self, text: &str) -> bool {
        let last = text.chars().next_back();
        let own = last.and_then(|c| self.by_last.get(&c)).into_iter().flatten();
        own.filter_map(|at| self.texts.get(*at)).any(|p| text.ends_with(p.before.as_str()))
    }

    /// All that a text may count, from its first to its last character.
    pub(crate) fn matches<'t>(&self, text: &'t str, prose: &Prose) -> Vec<Match<'t>> {
        let first = text.chars().next();
        let own = first.and_then(|c| self.by_first.get(&c)).into_iter().flatten();
        // A text that begins with a number.
        let leading: &[usize] = if first.is_some_and(|c| c.is_ascii_digit()) { &self.leading } else { &[] };
        let texts = own.chain(leading).filter_map(|at| self.texts.get(*at));
        texts.filter_map(|phrase| phrase.read(text, prose)).collect()
    }
}

impl Phrase {
    fn read<'t>(&self, text: &'t str, prose: &Prose) -> Option<Match<'t>> {
        let rest = text.strip_prefix(self.before.as_str())?;
        let found = |told, unit| Some(Match { count: self.count, label: self.before.clone(), told, unit });
        if self.none {
            return ends(rest, prose).then(|| found(None, None)).flatten();
        }
        let units = if self.money { &prose.money } else { &prose.units };
        let mut rest = rest;
        loop {
            // Of 3万元 the number is 3 and the unit 万元.
            let read = units.iter().filter_map(|unit| {
                let (number, behind) = rest.split_once(unit.as_str())?;
                let at = number.len();
                Some((numeral::read(number)?, rest.get(at..at + unit.len())?, behind))
            });
            let read = read.max_by_key(|(_, unit, _)| unit.len());
            if let Some((told, unit, behind)) = read {
                let behind = behind.strip_prefix(self.after.as_str())?;
                return ends(behind, prose).then(|| found(Some(told), Some(unit))).flatten();
            }
            let joint = |j: &String| rest.strip_prefix(j.as_str()).filter(|_| !j.is_empty());
            rest = prose.joints.iter().filter_map(joint).min_by_key(|r| r.len())?;
        }
    }
}

/// Whether nothing follows, or words that say nothing about the number.
fn ends(rest: &str, prose: &Prose) -> bool {
    rest.is_empty() || prose.tails.iter().any(|t| rest.starts_with(t.as_str()))
}

/// What words before a phrase say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// That a part of what was counted before is counted.
    Within,
    /// That the counts are the agency's own.
    Own,
    /// That they are those of a place with all its bodies.
    Whole,
    /// Nothing that matters.
    Plain,
}

/// Words before phrases.
pub(crate) struct Prefixes {
    /// By their first character.
    by_first: HashMap<char, Vec<(Prefix, String)>>,
    /// Those that begin with the year of the report, which stands behind it.
    dated: Vec<(Prefix, String)>,
}

/// Stands for the year of the report.
const YEAR: &str = "{year}";

impl Prefixes {
    pub(crate) fn of(prose: &Prose) -> Self {
        let mut prefixes = Self { by_first: HashMap::new(), dated: Vec::new() };
        for (kind, words) in [
            (Prefix::Within, &prose.within),
            (Prefix::Own, &prose.own_prefixes),
            (Prefix::Whole, &prose.whole_prefixes),
            (Prefix::Plain, &prose.prefixes),
        ] {
            for word in words {
                if word.contains(YEAR) {
                    prefixes.dated.push((kind, word.clone()));
                } else if let Some(first) = word.chars().next() {
                    prefixes.by_first.entry(first).or_default().push((kind, word.clone()));
                }
            }
        }
        prefixes
    }

    /// Those that name the year of a report, with it.
    pub(crate) fn of_year(&self, year: Option<i16>) -> Vec<(Prefix, String)> {
        let Some(year) = year.map(|y| y.to_string()) else { return Vec::new() };
        self.dated.iter().map(|(kind, word)| (*kind, word.replace(YEAR, &year))).collect()
    }

    /// The longest prefix of a text, and what is behind it.
    pub(crate) fn longest<'t>(
        &self,
        text: &'t str,
        dated: &[(Prefix, String)],
        whole: bool,
    ) -> Option<(Prefix, &'t str)> {
        let own = self.by_first.get(&text.chars().next()?).into_iter().flatten();
        let fits = |(kind, word): &(Prefix, String)| {
            let rest = text.strip_prefix(word.as_str())?;
            (*kind != Prefix::Whole || whole).then_some((*kind, rest))
        };
        own.chain(dated).filter_map(fits).min_by_key(|(_, rest)| rest.len())
    }
}
