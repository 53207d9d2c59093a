//! Printed labels against the form's: exactly, cut short, with a note, or one character off.

use gongkai_registry::{FormTable, LabelRules, Registry, strip_ordinal};
use std::collections::{HashMap, HashSet};

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
    /// One character off exactly one label.
    Misspelt,
}

/// A recognised label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// What it can name.
    pub names: Vec<Name>,
    /// How it was recognised.
    pub quality: Quality,
}

/// The labels of one form table.
pub(crate) struct LabelBook<'r> {
    /// Sorted by key; a key's names together.
    labels: Vec<(String, Vec<Name>)>,
    /// The characters of each key, for comparing with one character off.
    characters: Vec<Vec<char>>,
    /// Positions of the labels that begin, and that end, with a character.
    by_first: HashMap<char, Vec<usize>>,
    by_last: HashMap<char, Vec<usize>>,
    /// Characters of the longest label.
    longest: usize,
    /// How printed labels may differ.
    pub rules: &'r LabelRules,
}

/// Shortest label that may be recognised when misspelt or noted: shorter ones are too much alike.
const MIN_INEXACT: usize = 4;
/// Fewest characters left of a label that is cut short.
const MIN_SHORT: usize = 4;

impl<'r> LabelBook<'r> {
    pub(crate) fn of(table: &FormTable, rules: &'r LabelRules) -> Self {
        let mut all: Vec<(String, Name)> = Vec::new();
        let mut add = |labels: &[String], name: Name| all.extend(labels.iter().map(|l| (l.clone(), name)));
        table.items.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Item(i)));
        table.columns.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Column(i)));
        table.headings.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Heading(i)));
        table.groups.iter().enumerate().for_each(|(i, x)| add(&x.labels, Name::Group(i)));
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut labels: Vec<(String, Vec<Name>)> = Vec::new();
        for (key, name) in all {
            match labels.last_mut() {
                Some((last, names)) if *last == key => names.push(name),
                _ => labels.push((key, vec![name])),
            }
        }
        let characters = labels.iter().map(|(key, _)| key.chars().collect()).collect::<Vec<Vec<char>>>();
        let longest = characters.iter().map(Vec::len).max().unwrap_or_default();
        let (mut by_first, mut by_last) =
            (HashMap::<char, Vec<usize>>::new(), HashMap::<char, Vec<usize>>::new());
        for (at, label) in characters.iter().enumerate() {
            label.first().into_iter().for_each(|c| by_first.entry(*c).or_default().push(at));
            label.last().into_iter().for_each(|c| by_last.entry(*c).or_default().push(at));
        }
        Self { labels, characters, by_first, by_last, longest, rules }
    }

    /// What this key names exactly.
    pub(crate) fn exact(&self, key: &str) -> Option<&[Name]> {
        let at = self.labels.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        self.labels.get(at).map(|(_, names)| names.as_slice())
    }

    /// Whether a converter wrote this for want of a head.
    pub(crate) fn is_placeholder(&self, key: &str) -> bool {
        let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
        word.len() < key.len() && self.rules.placeholders.iter().any(|p| p.eq_ignore_ascii_case(word))
    }

    /// Whether some label begins with this key (or is it).
    pub(crate) fn is_beginning(&self, key: &str) -> bool {
        let at = self.labels.partition_point(|(k, _)| k.as_str() < key);
        self.labels.get(at).is_some_and(|(k, _)| k.starts_with(key))
    }

    /// Names whose labels begin with this key.
    pub(crate) fn beginning_with<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Name> + 'a {
        let at = self.labels.partition_point(|(k, _)| k.as_str() < key);
        self.labels
            .iter()
            .skip(at)
            .take_while(move |(k, _)| k.starts_with(key))
            .flat_map(|(_, n)| n.iter().copied())
    }

    /// The one label this key, which is none exactly, can only stand for.
    pub(crate) fn inexact(&self, key: &str) -> Option<Match> {
        let length = key.chars().count();
        if length < MIN_SHORT {
            return None;
        }
        let only = |names: Vec<Name>, quality| one_thing(names).map(|names| Match { names, quality });
        let all = || self.labels.iter().zip(&self.characters);
        // Labels the key begins with sort before it, and share its first character.
        let first = key.chars().next();
        let before = self.labels.partition_point(|(k, _)| k.as_str() <= key);
        let mut noted = all().take(before).rev().take_while(|(_, c)| c.first().copied() == first);
        if let Some(((known, names), _)) =
            noted.find(|((k, _), c)| c.len() >= MIN_INEXACT && key.starts_with(k.as_str()))
        {
            let note = key.strip_prefix(known.as_str()).unwrap_or_default();
            let other = self.rules.measures.iter().any(|m| note.contains(m.as_str()));
            return only(names.clone(), Quality::Noted).filter(|_| !other);
        }
        let short: Vec<Name> = self.beginning_with(key).collect();
        if !short.is_empty() {
            return only(short, Quality::Short);
        }
        if length < MIN_INEXACT || length > self.longest + 1 {
            return None;
        }
        let characters: Vec<char> = key.chars().collect();
        // One character off, two words still begin or end alike.
        let alike = |by: &HashMap<char, Vec<usize>>, end: Option<&char>| {
            end.and_then(|c| by.get(c)).cloned().unwrap_or_default()
        };
        let mut near = alike(&self.by_first, characters.first());
        near.extend(alike(&self.by_last, characters.last()));
        near.retain(|at| self.characters.get(*at).is_some_and(|c| self.one_character_off(c, &characters)));
        near.sort_unstable();
        near.dedup();
        let near = near.iter().filter_map(|at| self.labels.get(*at)).flat_map(|(_, n)| n.iter().copied());
        only(near.collect(), Quality::Misspelt)
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
        // Rare, so asked last.
        let telling = |v: &[char]| v.get(same).is_some_and(|c| self.rules.telling.contains(*c));
        is_near && !telling(a) && !telling(b)
    }
}

/// The names, if they all are the same thing (variants of one label).
fn one_thing(mut names: Vec<Name>) -> Option<Vec<Name>> {
    names.dedup();
    (names.len() == 1).then_some(names)
}

/// Finds the labels of all forms inside text that has lost its separators.
pub(crate) struct LabelFinder {
    by_first: HashMap<char, Vec<Known>>,
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
        Self { by_first }
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
        let known = key.chars().next().and_then(|first| self.by_first.get(&first));
        known.is_some_and(|known| known.iter().any(|k| k.key.iter().copied().eq(key.chars())))
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
        let short = found.len() == 1 && found.first().is_some_and(|f| f.start == 0) && ends_in_figures;
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
            let label = self.by_first.get(&first).and_then(|known| {
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
    let figures =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '+' | '-' | '/');
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
        LabelBook::of(
            Registry::embedded().form(form).unwrap().table(table).unwrap(),
            &Registry::embedded().label_rules,
        )
    }

    #[test]
    fn inexact_labels_name_one_thing_or_nothing() {
        let b = book("2021", "disclosure_requests");
        assert_eq!(b.inexact("属于四类过程").unwrap().quality, Quality::Short);
        assert_eq!(b.inexact("属于国家秘蜜").map(|m| m.quality), Some(Quality::Misspelt));
        assert_eq!(b.inexact("属于国家秘密的信息").map(|m| m.quality), Some(Quality::Noted));
        assert_eq!(b.inexact("申请人逾期"), b.inexact("申请人逾期未按"));
        assert!(b.inexact("总讦").is_none(), "short labels are too much alike");
        assert!(b.inexact("上年新收政府信息公开申请数量").is_none(), "last year's is another label");
        let b = book("2019", "proactive_disclosure");
        assert!(b.inexact("本年新").is_none() && b.is_beginning("本年新"));
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
