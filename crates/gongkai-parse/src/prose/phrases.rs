//! Phrases and prefixes by how they begin, so that a clause is held against few of them.

use super::numeral::{self, Told};
use aho_corasick::AhoCorasick;
use gongkai_registry::Prose;
use std::collections::{BTreeSet, HashMap};

/// All texts of all phrases.
pub(crate) struct Phrases {
    texts: Vec<Phrase>,
    /// Positions by what stands before the number.
    by_before: HashMap<String, Vec<usize>>,
    /// The lengths of these in bytes, each once.
    lengths: Vec<usize>,
    /// Those with nothing before the number.
    leading: Vec<usize>,
    /// Texts before a number at the end of a clause, by the last character.
    by_last: HashMap<char, Vec<usize>>,
    /// What there may be none of, by the first character.
    nouns: HashMap<char, Vec<Phrase>>,
    /// Words of which a line that counts something holds one; `None` where there are no such words.
    anchors: Option<AhoCorasick>,
}

/// A text around a number, or what there was none of.
struct Phrase {
    /// Position of what it counts.
    count: usize,
    before: String,
    after: String,
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
        let (mut texts, mut nouns) = (Vec::new(), HashMap::<char, Vec<Phrase>>::new());
        for (at, count) in prose.counts.iter().enumerate() {
            // The registry has checked that every phrase can be written out.
            let written = |phrase: &String| prose.texts(phrase).unwrap_or_default();
            let phrase = |before: &str, after: &str| Phrase {
                count: at,
                before: before.to_owned(),
                after: after.to_owned(),
                money: count.money,
            };
            for text in count.phrases.iter().flat_map(written) {
                let (before, after) = text.split_once("{n}").unwrap_or((&text, ""));
                texts.push(phrase(before, after));
            }
            for noun in count.nouns.iter().flat_map(written) {
                if let Some(first) = noun.chars().next() {
                    nouns.entry(first).or_default().push(phrase(&noun, ""));
                }
            }
        }
        let mut by_before: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_last: HashMap<char, Vec<usize>> = HashMap::new();
        let mut leading = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match text.before.as_str() {
                "" => leading.push(at),
                before => by_before.entry(before.to_owned()).or_default().push(at),
            }
            if let Some(last) = text.before.chars().next_back().filter(|_| text.after.is_empty()) {
                by_last.entry(last).or_default().push(at);
            }
        }
        let lengths: BTreeSet<usize> = by_before.keys().map(String::len).collect();
        let lengths = lengths.into_iter().collect();
        let anchors = (!prose.anchors.is_empty()).then(|| AhoCorasick::new(&prose.anchors).ok()).flatten();
        Self { texts, by_before, lengths, leading, by_last, nouns, anchors }
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
        let Some(first) = text.chars().next() else { return Vec::new() };
        let mut found: Vec<Match<'t>> = Vec::new();
        for rest in prose.none.iter().filter_map(|n| text.strip_prefix(n.as_str())) {
            let nouns = rest.chars().next().and_then(|c| self.nouns.get(&c)).into_iter().flatten();
            let denied =
                nouns.filter(|n| rest.strip_prefix(n.before.as_str()).is_some_and(|r| ends(r, prose)));
            found.extend(denied.map(|n| n.found(None, None)));
        }
        let prefixes = self.lengths.iter().filter_map(|length| text.get(..*length));
        let mut own: Vec<usize> =
            prefixes.filter_map(|before| self.by_before.get(before)).flatten().copied().collect();
        own.sort_unstable();
        // A text that begins with a number.
        let leading: &[usize] = if first.is_ascii_digit() { &self.leading } else { &[] };
        let texts = own.iter().chain(leading).filter_map(|at| self.texts.get(*at));
        found.extend(texts.filter_map(|phrase| phrase.read(text, prose)));
        found
    }
}

impl Phrase {
    fn found<'t>(&self, told: Option<Told>, unit: Option<&'t str>) -> Match<'t> {
        Match { count: self.count, label: self.before.clone(), told, unit }
    }

    fn read<'t>(&self, text: &'t str, prose: &Prose) -> Option<Match<'t>> {
        let mut rest = text.strip_prefix(self.before.as_str())?;
        let own = prose.counts.get(self.count).map_or(&[][..], |c| c.units.as_slice());
        let usual = if self.money { &prose.money } else { &prose.units };
        loop {
            let begins = rest.starts_with(numeral::may_begin);
            let units = if own.is_empty() { usual.as_slice() } else { own };
            let units = if begins { units } else { &[] };
            let read = units.iter().filter_map(|unit| {
                let (number, behind) = rest.split_once(unit.as_str())?;
                let at = number.len();
                Some((numeral::read(number)?, rest.get(at..at + unit.len())?, behind))
            });
            // Of 3万元 the number is 3 and the unit 万元.
            if let Some((told, unit, behind)) = read.max_by_key(|(_, unit, _)| unit.len()) {
                let behind = behind.strip_prefix(self.after.as_str())?;
                return ends(behind, prose).then(|| self.found(Some(told), Some(unit)));
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

/// Words that say when, found in one pass.
pub(crate) struct Times {
    words: Option<AhoCorasick>,
    /// Of the words, those up to here speak of another year, or of several.
    others: usize,
}

impl Times {
    pub(crate) fn of(prose: &Prose) -> Self {
        let words = AhoCorasick::new(prose.cumulative.iter().chain(&prose.this_year)).ok();
        Self { words, others: prose.cumulative.len() }
    }

    /// Whether a text speaks of another time, and whether of the report's year.
    pub(crate) fn says(&self, text: &str) -> (bool, bool) {
        let found = self.words.iter().flat_map(|w| w.find_overlapping_iter(text));
        found.fold((false, false), |(other, own), m| {
            let is_other = m.pattern().as_usize() < self.others;
            (other || is_other, own || !is_other)
        })
    }
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
