//! Printed labels against those of the forms: exactly, cut short, with a note, or one character off.
//!
//! One book holds the labels of all tables of all editions, most of which they share: a text is looked up once, and what it
//! means is told for each table.

use crate::likeness::Word;
use gongkai_registry::{FormTable, LabelRules, Registry, is_invisible, label_key, strip_ordinal};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// What a label names. One word may name several things (`总计` is a column and a line).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// An item, by position in the form table.
    Item(usize),
    /// A column.
    Column(usize),
    /// A word of the head.
    Heading(usize),
    /// A label over several items.
    Group(usize),
}

/// How a printed label was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quality {
    /// One of the variants of the registry.
    Exact,
    /// A variant with something in brackets or behind it.
    Noted,
    /// The beginning of exactly one label.
    Short,
    /// One character off exactly one label, or with characters lost inside.
    Misspelt,
    /// In words of its own, in the place the form gives the row.
    Placed,
    /// A label with another row's label behind it: two rows have become one.
    Double,
}

/// A recognised label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match<'b> {
    /// What it can name.
    pub names: Cow<'b, [Name]>,
    /// How it was recognised.
    pub quality: Quality,
}

impl Match<'_> {
    /// The same, with names of its own.
    pub(crate) fn into_owned(self) -> Match<'static> {
        Match { names: Cow::Owned(self.names.into_owned()), quality: self.quality }
    }

    /// The same, without its names.
    pub(crate) fn borrowed(&self) -> Match<'_> {
        Match { names: Cow::Borrowed(&self.names), quality: self.quality }
    }
}

/// A label, and what it names in each table that has it.
pub(crate) struct Label {
    /// Its key.
    word: Word,
    /// By table.
    pub names: Vec<(usize, Vec<Name>)>,
    /// What it is taken for in tables that do not have it.
    pub elsewhere: Vec<(usize, Match<'static>)>,
}

impl Label {
    /// What it names in a table.
    fn names_in(&self, table: usize) -> Option<&[Name]> {
        self.names.iter().find(|(t, _)| *t == table).map(|(_, names)| names.as_slice())
    }
}

/// The labels of all tables.
pub(crate) struct LabelBook<'r> {
    /// Sorted by key.
    labels: Vec<Label>,
    /// Positions of the labels that begin, and that end, with a character.
    by_first: HashMap<char, Vec<usize>>,
    by_last: HashMap<char, Vec<usize>>,
    /// Characters of the longest label.
    longest: usize,
    /// How many tables there are.
    pub tables: usize,
    /// How printed labels may differ.
    pub rules: &'r LabelRules,
    /// Signs that narrow what a label counts and are no part of its key (`商业企业%`).
    pub signs: Vec<&'r str>,
}

/// Shortest label that may be recognised when misspelt or noted: shorter ones are too much alike.
const MIN_INEXACT: usize = 4;
/// Fewest characters left of a label that is cut short.
const MIN_SHORT: usize = 4;
/// Fewest characters left of a label that has lost some inside.
const MIN_GAPPED: usize = 6;
/// Fewest characters of a head label cut so short that several columns could be meant.
const MIN_CUT_HEAD: usize = 3;

impl<'r> LabelBook<'r> {
    /// The labels of some tables, which are numbered in this order.
    pub(crate) fn of<'t>(tables: impl Iterator<Item = &'t FormTable>, rules: &'r LabelRules) -> Self {
        let mut all: Vec<(&str, usize, Name)> = Vec::new();
        let mut count = 0;
        for (number, table) in tables.enumerate() {
            let mut add =
                |labels: &'t [String], name| all.extend(labels.iter().map(|l| (l.as_str(), number, name)));
            table.items.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Item(i)));
            table.columns.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Column(i)));
            table.headings.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Heading(i)));
            table.groups.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Group(i)));
            count = number + 1;
        }
        all.sort_by_key(|(key, table, _)| (*key, *table));
        let same = |a: &(&str, usize, Name), b: &(&str, usize, Name)| a.0 == b.0;
        let labels: Vec<Label> = all
            .chunk_by(same)
            .map(|entries| {
                let key = entries.first().map_or("", |e| e.0).to_owned();
                let by_table = entries.chunk_by(|a, b| a.1 == b.1);
                let names = by_table
                    .map(|own| (own.first().map_or(0, |e| e.1), own.iter().map(|e| e.2).collect()))
                    .collect();
                Label { word: Word::of(key), names, elsewhere: Vec::new() }
            })
            .collect();
        let longest = labels.iter().map(|l| l.word.characters().len()).max().unwrap_or_default();
        let (mut by_first, mut by_last) =
            (HashMap::<char, Vec<usize>>::new(), HashMap::<char, Vec<usize>>::new());
        for (at, label) in labels.iter().enumerate() {
            label
                .word
                .characters()
                .first()
                .into_iter()
                .for_each(|c| by_first.entry(*c).or_default().push(at));
            label.word.characters().last().into_iter().for_each(|c| by_last.entry(*c).or_default().push(at));
        }
        let signs = rules.narrowing.iter().map(String::as_str).filter(|w| label_key(w).is_empty()).collect();
        let mut book = Self { labels, by_first, by_last, longest, tables: count, rules, signs };
        let elsewhere: Vec<_> = book.labels.iter().map(|l| book.elsewhere(l)).collect();
        book.labels.iter_mut().zip(elsewhere).for_each(|(label, elsewhere)| label.elsewhere = elsewhere);
        book
    }

    fn elsewhere(&self, label: &Label) -> Vec<(usize, Match<'static>)> {
        let like = self.like(label.word.text());
        let others = (0..self.tables).filter(|t| label.names_in(*t).is_none());
        others.filter_map(|t| Some((t, like.found(t)?.into_owned()))).collect()
    }

    /// The label this key is exactly.
    pub(crate) fn find(&self, key: &str) -> Option<&Label> {
        let at = self.labels.binary_search_by(|l| l.word.text().cmp(key));
        self.labels.get(at.ok()?)
    }

    /// What this key names exactly, by table.
    pub(crate) fn exact(&self, key: &str) -> &[(usize, Vec<Name>)] {
        self.find(key).map_or(&[], |l| l.names.as_slice())
    }

    /// Whether a converter wrote this for want of a head.
    pub(crate) fn is_placeholder(&self, key: &str) -> bool {
        let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
        word.len() < key.len() && self.rules.placeholders.iter().any(|p| p.eq_ignore_ascii_case(word))
    }

    /// The labels that begin with this key, or are it.
    fn beginning_with(&self, key: &str) -> Range<usize> {
        let begin = self.labels.partition_point(|l| l.word.text() < key);
        let more = self.labels.iter().skip(begin).take_while(|l| l.word.text().starts_with(key)).count();
        begin..begin + more
    }

    /// Whether some label of a table begins with this key, by table.
    pub(crate) fn begins(&self, key: &str) -> Vec<usize> {
        let labels = self.labels.get(self.beginning_with(key)).unwrap_or_default();
        let mut tables: Vec<usize> = labels.iter().flat_map(|l| l.names.iter().map(|(t, _)| *t)).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// What a key resembles that is not a label of every table.
    pub(crate) fn like<'b>(&'b self, key: &'b str) -> Likeness<'b> {
        let length = key.chars().count();
        let beginning = self.beginning_with(key);
        // Labels the key begins with sort before it, and share its first character.
        let first = key.chars().next();
        let before = self.labels.get(..beginning.start).unwrap_or_default().iter().rev();
        let noted = before
            .take_while(|l| l.word.characters().first().copied() == first)
            .filter(|l| l.word.characters().len() >= MIN_INEXACT && key.starts_with(l.word.text()))
            .collect();
        let beginning = self.labels.get(beginning).unwrap_or_default();
        Likeness {
            book: self,
            key,
            length,
            word: OnceCell::new(),
            noted,
            beginning,
            near: OnceCell::new(),
            gapped: OnceCell::new(),
        }
    }

    /// Labels that differ from a key by one character.
    fn near(&self, key: &Word) -> Vec<&Label> {
        let characters = key.characters();
        if characters.len() < MIN_INEXACT || characters.len() > self.longest + 1 {
            return Vec::new();
        }
        // One character off, two words still begin or end alike.
        let first = characters.first().and_then(|c| self.by_first.get(c)).into_iter().flatten();
        let last = characters.last().and_then(|c| self.by_last.get(c)).into_iter().flatten();
        let is_near =
            |l: &Label| l.word.may_be_near(key) && self.one_character_off(l.word.characters(), characters);
        let near = first.chain(last).filter(|at| self.labels.get(**at).is_some_and(is_near));
        let mut near: Vec<usize> = near.copied().collect();
        near.sort_unstable();
        near.dedup();
        near.iter().filter_map(|at| self.labels.get(*at)).collect()
    }

    /// Labels of which a key has lost some characters inside, most of them being left.
    fn gapped(&self, key: &Word) -> Vec<&Label> {
        let key_characters = key.characters();
        let length = key_characters.len();
        if length < MIN_GAPPED || length >= self.longest {
            return Vec::new();
        }
        let is_gapped = |l: &&Label| {
            let characters = l.word.characters();
            characters.len() > length
                && characters.len() * 2 <= length * 3
                && l.word.may_hold(key)
                && characters.last() == key_characters.last()
                && lost(characters, key_characters).is_some_and(|lost| !self.is_telling(&lost))
        };
        let same_first = key_characters.first().and_then(|c| self.by_first.get(c)).into_iter().flatten();
        same_first.filter_map(|at| self.labels.get(*at)).filter(is_gapped).collect()
    }

    /// Whether two labels of at least [`MIN_INEXACT`] characters differ by one character changed, lost or added.
    fn one_character_off(&self, a: &[char], b: &[char]) -> bool {
        if a.len().abs_diff(b.len()) > 1 || a.len().min(b.len()) < MIN_INEXACT {
            return false;
        }
        let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let rest = |v: &'_ [char], skip: usize| v.len().saturating_sub(same + skip);
        let tail = |skip_a, skip_b| {
            rest(a, skip_a) == rest(b, skip_b)
                && a.iter().rev().zip(b.iter().rev()).take(rest(a, skip_a)).all(|(x, y)| x == y)
        };
        let is_near = match a.len().cmp(&b.len()) {
            std::cmp::Ordering::Equal => tail(1, 1),
            std::cmp::Ordering::Less => tail(0, 1),
            std::cmp::Ordering::Greater => tail(1, 0),
        };
        // Two neighbours that have changed places are one slip.
        let swapped = || match (a.get(same..=same + 1), b.get(same..=same + 1)) {
            (Some([a1, a2]), Some([b1, b2])) => a1 == b2 && a2 == b1 && a.len() == b.len() && tail(2, 2),
            _ => false,
        };
        // Rare, so asked last.
        let telling = |v: &[char]| self.is_telling(v.get(same..=same).unwrap_or_default());
        (is_near || swapped()) && !telling(a) && !telling(b)
    }

    /// Whether one of some characters tells labels apart.
    fn is_telling(&self, characters: &[char]) -> bool {
        characters.iter().any(|c| self.rules.telling.contains(*c))
    }
}

/// The characters of a label that a key has lost; `None` if it has others, or in another order.
fn lost(label: &[char], key: &[char]) -> Option<Vec<char>> {
    let mut rest = key.iter().peekable();
    let lost = label.iter().filter(|c| rest.next_if_eq(c).is_none()).copied().collect();
    rest.peek().is_none().then_some(lost)
}

/// The labels that a key resembles, of all tables.
pub(crate) struct Likeness<'b> {
    book: &'b LabelBook<'b>,
    key: &'b str,
    /// Characters of the key.
    length: usize,
    word: OnceCell<Word>,
    /// Labels with which the key begins, the longest first.
    noted: Vec<&'b Label>,
    /// Labels that begin with the key.
    beginning: &'b [Label],
    /// Labels one character off.
    near: OnceCell<Vec<&'b Label>>,
    /// Labels that have lost characters inside, most of them being left.
    gapped: OnceCell<Vec<&'b Label>>,
}

impl<'b> Likeness<'b> {
    /// The one label of a table this key, which is none of it exactly, can only stand for.
    pub(crate) fn inexact(&self, table: usize) -> Option<Match<'b>> {
        if self.length < MIN_SHORT {
            return None;
        }
        if let Some((label, names)) = self.noted.iter().find_map(|l| Some((l, l.names_in(table)?))) {
            let note = self.key.strip_prefix(label.word.text()).unwrap_or_default();
            let rules = self.book.rules;
            let other = rules.measures.is_in(note) || rules.narrows(note);
            let quality =
                if self.is_another_item(note, table, names) { Quality::Double } else { Quality::Noted };
            return one_thing(std::iter::once(names), quality).filter(|_| !other);
        }
        let mut short = self.short(table).peekable();
        if short.peek().is_some() {
            return one_thing(short, Quality::Short);
        }
        let word = || self.word.get_or_init(|| Word::of(self.key.to_owned()));
        let near = self.near.get_or_init(|| self.book.near(word()));
        let near = one_thing(near.iter().filter_map(|l| l.names_in(table)), Quality::Misspelt);
        let gapped = || self.gapped.get_or_init(|| self.book.gapped(word())).iter();
        near.or_else(|| one_thing(gapped().filter_map(|l| l.names_in(table)), Quality::Misspelt))
    }

    /// Whether a note behind a label is the label of another row: an ordinal with words, or another item of the table.
    fn is_another_item(&self, note: &str, table: usize, own: &[Name]) -> bool {
        let digits = note.trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() < note.len() && !digits.is_empty() {
            return true;
        }
        let counted = note.trim_start_matches(is_ordinal_numeral);
        let other = |n: &Name| matches!(n, Name::Item(_)) && !own.contains(n);
        let item = |l: &&Label| l.names_in(table).is_some_and(|names| names.iter().any(other));
        let near = self.book.near(&Word::of(note.to_owned()));
        near.iter().copied().any(|l| item(&l))
            || self.book.labels.iter().filter(item).any(|l| {
                let key = l.word.text();
                note == key
                    || (counted.len() < note.len() && counted.starts_with(key))
                    || (l.word.characters().len() >= MIN_INEXACT && note.contains(key))
            })
    }

    /// What this key, which is no label of a table exactly, is taken for.
    pub(crate) fn found(&self, table: usize) -> Option<Match<'b>> {
        self.inexact(table).or_else(|| self.cut_head(table))
    }

    /// What the labels of a table name that begin with the key.
    fn short(&self, table: usize) -> impl Iterator<Item = &'b [Name]> {
        self.beginning.iter().filter_map(move |l| l.names_in(table))
    }

    /// A head label cut so short that several columns could be meant; their order in the head decides which.
    pub(crate) fn cut_head(&self, table: usize) -> Option<Match<'b>> {
        if self.length < MIN_CUT_HEAD || self.beginning.is_empty() {
            return None;
        }
        let mut names: Vec<Name> = self.short(table).flatten().copied().collect();
        names.dedup();
        let columns = !names.is_empty() && names.iter().all(|n| matches!(n, Name::Column(_)));
        columns.then_some(Match { names: names.into(), quality: Quality::Short })
    }
}

/// The names, if they all are the same thing (variants of one label).
fn one_thing<'b>(mut names: impl Iterator<Item = &'b [Name]>, quality: Quality) -> Option<Match<'b>> {
    let first = names.next()?;
    let one = first.get(..1)?;
    let same = |names: &[Name]| names.iter().all(|n| one.contains(n));
    (same(first) && names.all(same)).then_some(Match { names: Cow::Borrowed(one), quality })
}

/// Finds the labels of all forms inside text that has lost its separators.
pub(crate) struct LabelFinder {
    by_first: HashMap<char, Vec<Known>>,
    /// The characters labels begin with. Most of a text are others, and are passed over fast.
    firsts: Characters,
    /// All labels.
    labels: HashSet<String>,
    /// Bytes of the longest label.
    pub longest: usize,
}

/// A set of characters of the basic plane.
pub(crate) struct Characters(Vec<u64>);

impl Characters {
    pub(crate) fn of(characters: impl Iterator<Item = char>) -> Self {
        let mut bits = vec![0; 0x1_0000 / 64];
        for c in characters {
            if let Some(word) = bits.get_mut(c as usize / 64) {
                *word |= 1 << (c as usize % 64);
            }
        }
        Self(bits)
    }

    pub(crate) fn contains(&self, c: char) -> bool {
        self.0.get(c as usize / 64).is_some_and(|word| word & (1 << (c as usize % 64)) != 0)
    }
}

struct Known {
    key: Vec<char>,
    /// Arabic ordinal printed before the label where the form numbers the lines of a group.
    ordinal: Option<usize>,
}

/// A label found in a text: from and to (bytes), and its ordinal.
struct Found {
    start: usize,
    end: usize,
    ordinal: Option<usize>,
}

/// Text with fewer labels side by side than this is prose that happens to use the form's words.
const MIN_ADJACENT: usize = 3;

impl LabelFinder {
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut by_first: HashMap<char, Vec<Known>> = HashMap::new();
        let mut seen = HashSet::new();
        for table in registry.forms.iter().flat_map(|f| &f.tables) {
            let mut add = |label: &String, ordinal| {
                let key: Vec<char> = label.chars().collect();
                if let Some(first) = key.first().copied()
                    && key.len() > 1
                    && seen.insert(label.clone())
                {
                    by_first.entry(first).or_default().push(Known { key, ordinal });
                }
            };
            for (i, item) in table.items.iter().enumerate() {
                item.labels.iter().for_each(|l| add(l, Some(table.ordinal_in_group(i))));
            }
            table.columns.iter().flat_map(|c| &c.labels).for_each(|l| add(l, None));
            table.headings.iter().flat_map(|h| &h.labels).for_each(|l| add(l, None));
            table.groups.iter().flat_map(|g| &g.labels).for_each(|l| add(l, None));
        }
        by_first.values_mut().for_each(|known| known.sort_by_key(|k| std::cmp::Reverse(k.key.len())));
        let firsts = Characters::of(by_first.keys().copied());
        let longest = seen.iter().map(String::len).max().unwrap_or_default();
        Self { by_first, firsts, labels: seen, longest }
    }

    /// Whether a key is a label of some form, or begins one.
    pub(crate) fn begins(&self, key: &str) -> bool {
        let known = key.chars().next().and_then(|first| self.by_first.get(&first));
        let begins = |k: &Known| {
            k.key.len() >= key.chars().count() && k.key.iter().zip(key.chars()).all(|(a, b)| *a == b)
        };
        known.is_some_and(|known| known.iter().any(begins))
    }

    /// Whether a key is a label of some form.
    pub(crate) fn is_label(&self, key: &str) -> bool {
        self.labels.contains(key)
    }

    /// Cuts a text at the labels it holds: labels, and what stands between them, in order. Empty when it is prose.
    pub(crate) fn cut<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let found = self.find(text);
        let plain =
            |s: &str| s.chars().all(|c| !('\u{4e00}'..='\u{9fff}').contains(&c) || is_ordinal_numeral(c));
        let between = |a: usize, b: usize| text.get(a..b).unwrap_or_default();
        let adjacent =
            found.windows(2).filter(|w| matches!(w, [a, b] if plain(between(a.end, b.start)))).count();
        let ends_in_figures =
            found.last().is_some_and(|l| l.end < text.len() && plain(between(l.end, text.len())));
        // A slash alone belongs to the label: `本年增/`.
        let short = found.len() == 1
            && found.first().is_some_and(|f| f.start == 0)
            && ends_in_figures
            && text.contains(|c: char| c.is_ascii_digit());
        if adjacent < MIN_ADJACENT && !short {
            return Vec::new();
        }
        let mut cuts = Vec::with_capacity(found.len() * 2 + 1);
        let mut at = 0;
        for label in &found {
            push_between(&mut cuts, without_ordinal(between(at, label.start), label.ordinal));
            cuts.push(between(label.start, label.end));
            at = label.end;
        }
        push_between(&mut cuts, without_ordinal(between(at, text.len()), None));
        cuts
    }

    fn find(&self, text: &str) -> Vec<Found> {
        let chars: Vec<(usize, char)> = text
            .char_indices()
            .filter(|(_, c)| c.is_ascii_digit() || ('\u{4e00}'..='\u{9fff}').contains(c))
            .collect();
        let mut found = Vec::new();
        let mut i = 0;
        while let Some((start, first)) = chars.get(i).copied() {
            let rest = chars.get(i..).unwrap_or_default();
            let known = self.firsts.contains(first).then(|| self.by_first.get(&first)).flatten();
            let label = known.and_then(|known| {
                known
                    .iter()
                    .find(|k| rest.len() >= k.key.len() && k.key.iter().zip(rest).all(|(a, (_, b))| a == b))
            });
            match label.and_then(|l| chars.get(i + l.key.len() - 1).map(|last| (l, *last))) {
                Some((label, (at, last))) => {
                    found.push(Found { start, end: at + last.len_utf8(), ordinal: label.ordinal });
                    i += label.key.len();
                }
                None => i += 1,
            }
        }
        found
    }
}

/// What stands between two labels: figures, words, or figures and the heading of the next section.
fn push_between<'t>(cuts: &mut Vec<&'t str>, text: &'t str) {
    let figures = |c: char| {
        c.is_ascii_digit() || c.is_whitespace() || is_invisible(c) || matches!(c, '.' | ',' | '+' | '-' | '/')
    };
    let end = text.find(|c| !figures(c)).unwrap_or(text.len());
    if let Some((figure, rest)) = text.split_at_checked(end)
        && !figure.trim().is_empty()
        && (strip_ordinal(rest).0.is_some() || figure.ends_with(char::is_whitespace))
    {
        push(cuts, figure);
        push(cuts, rest);
    } else {
        push(cuts, text);
    }
}

fn push<'t>(cuts: &mut Vec<&'t str>, text: &'t str) {
    let text = text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '(' | ')' | '（' | '）' | '：' | ':' | '、' | ',' | '，' | '.' | '“' | '”')
    });
    if !text.is_empty() {
        cuts.push(text);
    }
}

fn is_ordinal_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}

/// What stands before a label, without the ordinal of that label: `00000002.` before the second line of a group is
/// `0000000`. Digits are taken for an ordinal only where the form says which one stands there.
fn without_ordinal(text: &str, ordinal: Option<usize>) -> &str {
    let trimmed = text.trim_end();
    let unmarked = trimmed.trim_end_matches(['.', '．', '、', ')', '）', '“', ' ']);
    let chinese = unmarked.trim_end_matches(is_ordinal_numeral);
    if chinese.len() < unmarked.len() {
        return chinese.trim_end_matches(['(', '（']).trim_end();
    }
    if unmarked.len() < trimmed.len()
        && let Some(n) = ordinal
        && let Some(rest) = unmarked.strip_suffix(n.to_string().as_str())
    {
        return rest.trim_end_matches(['(', '（']).trim_end();
    }
    trimmed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(form: &str, table: &str) -> LabelBook<'static> {
        let registry = Registry::embedded();
        let table = registry.form(form).unwrap().table(table).unwrap();
        LabelBook::of([table].into_iter(), &registry.label_rules)
    }

    #[test]
    fn inexact_labels_name_one_thing_or_nothing() {
        let b = book("2021", "disclosure_requests");
        let inexact = |key: &str| b.like(key).inexact(0).map(|m| (m.names.into_owned(), m.quality));
        let quality = |key: &str| inexact(key).map(|(_, quality)| quality);
        assert_eq!(quality("属于四类过程"), Some(Quality::Short));
        assert_eq!(quality("属于国家秘蜜"), Some(Quality::Misspelt));
        assert_eq!(quality("属于国家秘密的信息"), Some(Quality::Noted));
        assert_eq!(inexact("申请人逾期"), inexact("申请人逾期未按"));
        assert_eq!(
            quality("属于国家密秘"),
            Some(Quality::Misspelt),
            "two characters that have changed places"
        );
        assert_eq!(quality("总讦"), None, "short labels are too much alike");
        assert_eq!(quality("上年新收政府信息公开申请数量"), None, "last year's is another label");
        let b = book("2019", "proactive_disclosure");
        assert!(b.like("本年新").inexact(0).is_none() && b.begins("本年新") == [0]);
    }

    #[test]
    fn a_label_is_told_for_each_table_that_has_it() {
        let registry = Registry::embedded();
        let tables: Vec<&FormTable> = registry.forms.iter().flat_map(|f| &f.tables).collect();
        let all = LabelBook::of(tables.iter().copied(), &registry.label_rules);
        for (number, table) in tables.iter().enumerate() {
            let own = LabelBook::of([*table].into_iter(), &registry.label_rules);
            for key in all.labels.iter().map(|l| l.word.text()).chain(["属于国家秘蜜", "本年新", "总计数"])
            {
                let of = |names: &[(usize, Vec<Name>)], t| {
                    names.iter().find(|(table, _)| *table == t).map(|(_, n)| n.clone())
                };
                assert_eq!(of(all.exact(key), number), of(own.exact(key), 0), "{key}");
                assert_eq!(all.begins(key).contains(&number), own.begins(key) == [0], "{key}");
                if of(own.exact(key), 0).is_none() {
                    assert_eq!(all.like(key).inexact(number), own.like(key).inexact(0), "{key}");
                    assert_eq!(all.like(key).cut_head(number), own.like(key).cut_head(0), "{key}");
                }
            }
        }
    }

    #[test]
    fn a_run_is_cut_at_its_labels_and_loses_only_known_ordinals() {
        let finder = LabelFinder::of(Registry::embedded());
        let cuts = finder.cut(
            "（三）不予公开1.属于国家秘密00000002.其他法律行政法规禁止公开10000013.危及“三安全一稳定”0000000",
        );
        assert_eq!(
            cuts,
            [
                "不予公开",
                "属于国家秘密",
                "0000000",
                "其他法律行政法规禁止公开",
                "1000001",
                "危及“三安全一稳定",
                "0000000"
            ]
        );
        assert!(finder.cut("全年办理行政许可12件,行政处罚3件,其他事项按规定办理。").is_empty());
        assert_eq!(finder.cut("行政许可2293"), ["行政许可", "2293"]);
    }
}
