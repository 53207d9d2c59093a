//! Counts that reports give in sentences.
//!
//! A clause counts only if all of it is understood: words that say when and whose, a phrase that names what is counted, a
//! number, a unit. A clause about another year, about all years up to now, or behind words that may name somebody else says
//! nothing. The words are data: `data/forms/prose.toml`, `data/forms/pre2019/reading/prose.toml`.

mod clauses;
mod numeral;
mod phrases;
mod statements;

use clauses::{clauses, half_width, years};
use gongkai_model::{Section, StatementScope};
use gongkai_registry::{Count, Prose, bare};
pub(crate) use numeral::Told;
use phrases::{Match, Phrases, Prefix, Prefixes, Times};
use std::sync::Arc;

/// Reads sentences. Built once, used from many threads.
pub(crate) struct ProseReader<'r> {
    prose: &'r Prose,
    phrases: Phrases,
    prefixes: Prefixes,
    times: Times,
}

/// A count found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// What is counted.
    pub what: Arc<str>,
    /// The words that name it.
    pub label: String,
    /// `None` where the sentence says in words that there was nothing.
    pub told: Option<Told>,
    /// Unit as printed.
    pub unit: Option<String>,
    /// For whom.
    pub scope: StatementScope,
    /// The sentence.
    pub sentence: String,
}

impl<'r> ProseReader<'r> {
    pub(crate) fn of(prose: &'r Prose) -> Self {
        Self { prose, phrases: Phrases::of(prose), prefixes: Prefixes::of(prose), times: Times::of(prose) }
    }

    /// The counts of all sections, in their order. `whole`: words such as 全市 say nothing new about whose count it is.
    pub(crate) fn read(&self, sections: &[Section], year: Option<i16>, whole: Whole) -> Vec<Found> {
        let dated = self.prefixes.of_year(year);
        let mut found = Vec::new();
        for section in sections {
            for line in section.text.lines().filter(|l| self.phrases.may_count(l)) {
                let mut reader = Line {
                    reader: self,
                    dated: &dated,
                    year,
                    whole,
                    section: &section.section,
                    other_time: false,
                    found: &mut found,
                };
                reader.read(line);
            }
        }
        found
    }
}

/// What words such as 全市 say before a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Nothing that is understood.
    Unknown,
    /// That it is the count of the report itself, which is a government's.
    Own,
    /// That it is the count of a place with all its bodies.
    Scope,
}

/// A line being read.
struct Line<'a, 'r> {
    reader: &'a ProseReader<'r>,
    /// Prefixes that name the report's year.
    dated: &'a [(Prefix, String)],
    year: Option<i16>,
    whole: Whole,
    section: &'a str,
    /// Whether what is said is about another year, or several.
    other_time: bool,
    found: &'a mut Vec<Found>,
}

/// What the clauses of a sentence so far leave to the next.
struct Before {
    /// What was counted.
    counted: Vec<Arc<str>>,
    /// For whom.
    scope: StatementScope,
    /// Words that are not understood, and may say whose counts follow.
    unknown: bool,
    /// A phrase without a number: the next number counts both together.
    dangling: bool,
    /// `其中` in a clause of its own.
    within: bool,
}

impl Default for Before {
    fn default() -> Self {
        let scope = StatementScope::Unsaid;
        Self { counted: Vec::new(), scope, unknown: false, dangling: false, within: false }
    }
}

/// What is left of a clause behind the words that say when and whose.
struct Stripped<'t> {
    rest: &'t str,
    /// Whether it counts a part of what was counted before.
    within: bool,
    /// Whether it says that the counts are the agency's own.
    own: bool,
    /// Whether it says that they are those of a place.
    whole: bool,
}

impl<'r> Line<'_, 'r> {
    fn read(&mut self, line: &str) {
        let within = &self.reader.prose.within;
        let mut before = Before::default();
        for sentence in line.split(['。', '！', '？']) {
            // 其中 at the beginning of a sentence speaks of the one before.
            if !within.iter().any(|w| sentence.trim_start().starts_with(w.as_str())) {
                before = Before::default();
            }
            for clause in clauses(sentence, &self.reader.prose.units) {
                let text: String = bare(clause).chars().map(half_width).collect();
                if !text.is_empty() {
                    self.clause(&text, sentence.trim(), &mut before);
                }
            }
        }
    }

    fn clause(&mut self, text: &str, sentence: &str, before: &mut Before) {
        let prose = self.reader.prose;
        let begins = |words: &[String], text: &str| words.iter().any(|w| text.starts_with(w.as_str()));
        if begins(&prose.comparisons, text) {
            return;
        }
        if begins(&prose.includes, text) {
            // What was counted last holds something else as well.
            if let Some(last) = before.counted.last()
                && self.found.last().is_some_and(|f| f.what == *last)
            {
                self.found.pop();
            }
            return;
        }
        let stripped = self.strip(text);
        let matched = self.matched(stripped.rest, &before.counted);
        // The words of a phrase (上年结转) say nothing about when.
        let head = text.strip_suffix(stripped.rest).filter(|_| matched.is_some()).unwrap_or(text);
        self.time(head);
        if stripped.own {
            before.scope = StatementScope::Own;
        } else if stripped.whole {
            before.scope = StatementScope::Whole;
        }
        let within = stripped.within || before.within;
        if stripped.rest.is_empty() {
            before.within = within;
            return;
        }
        let dangling = std::mem::take(&mut before.dangling);
        before.within = false;
        let Some((count, found)) = matched else {
            before.dangling = self.reader.phrases.ends(text);
            before.unknown |= self.may_name_others(text);
            return;
        };
        let own_words = !before.unknown || stripped.own || stripped.whole;
        let part_of_known = count.of.iter().any(|of| before.counted.contains(of));
        let in_section = !count.sections.is_empty() && count.sections.iter().any(|s| s == self.section);
        let needs_whole = within || (count.within && !in_section);
        before.counted.push(count.code.clone());
        if within && !part_of_known {
            // A part of something that is not known, and so may be what follows.
            before.unknown = true;
        }
        let other_time = self.other_time && !count.stock;
        if !other_time && !dangling && own_words && (!needs_whole || part_of_known) {
            self.found.push(Found {
                what: count.code.clone(),
                label: found.label,
                told: found.told,
                unit: found.unit.map(str::to_owned),
                scope: before.scope,
                sentence: sentence.to_owned(),
            });
        }
    }

    /// What the clause counts, if all that it may mean is the same: of several parts of different wholes that of the whole named last.
    fn matched<'t>(&self, rest: &'t str, counted: &[Arc<str>]) -> Option<(&'r Count, Match<'t>)> {
        let counts: &'r [Count] = &self.reader.prose.counts;
        let last = |count: &Count| counted.iter().rposition(|c| count.of.contains(c));
        let mut best: Option<(&'r Count, Match<'t>)> = None;
        let mut several = false;
        for found in self.reader.phrases.matches(rest, self.reader.prose) {
            let Some(count) = counts.get(found.count).filter(|c| self.applies(c)) else { continue };
            match &best {
                Some((known, _)) if known.code == count.code => {}
                Some((known, _)) if count.within && known.within && last(count) != last(known) => {
                    // Two wholes named side by side: it may be a part of both.
                    several |= last(count).zip(last(known)).is_some_and(|(a, b)| a.abs_diff(b) == 1);
                    if last(count) > last(known) {
                        best = Some((count, found));
                    }
                }
                Some(_) => several = true,
                None => best = Some((count, found)),
            }
        }
        best.filter(|_| !several)
    }

    fn applies(&self, count: &Count) -> bool {
        count.within || count.sections.is_empty() || count.sections.iter().any(|s| s == self.section)
    }

    /// Whether the clause, and those behind it, are about the report's year alone.
    fn time(&mut self, text: &str) {
        let (other, own) = self.reader.times.says(text);
        let years: Vec<i16> = years(text);
        if other || years.iter().any(|y| Some(*y) != self.year) {
            self.other_time = true;
        } else if own || !years.is_empty() {
            self.other_time = false;
        }
    }

    /// Whether words that are not understood may say that somebody else's counts follow.
    fn may_name_others(&self, text: &str) -> bool {
        let prose = self.reader.prose;
        let foreign = |text: &str| prose.foreign.iter().any(|w| text.contains(w.as_str()));
        if prose.foreign.is_empty() {
            return true;
        }
        if text.ends_with('下') || !foreign(text) {
            return false;
        }
        // 局 in 我局 names nobody else.
        let own = |text: String, word: &String| text.replace(word.as_str(), "");
        foreign(&prose.own_prefixes.iter().fold(text.to_owned(), own))
    }

    /// What is left of a clause behind the words that say when and whose.
    fn strip<'t>(&self, text: &'t str) -> Stripped<'t> {
        let mut stripped = Stripped { rest: text, within: false, own: false, whole: false };
        let whole = self.whole != Whole::Unknown;
        while let Some((kind, rest)) = self.reader.prefixes.longest(stripped.rest, self.dated, whole) {
            stripped.rest = rest;
            match kind {
                Prefix::Within => stripped.within = true,
                Prefix::Own => stripped.own = true,
                Prefix::Whole if self.whole == Whole::Own => stripped.own = true,
                Prefix::Whole => stripped.whole = true,
                Prefix::Plain => {}
            }
        }
        stripped
    }
}
