//! Printed labels, units and heads against those of the registry.

use gongkai_registry::{Family, Indicator, Legacy, LegacyColumns, Role, bare, is_longer, label_key};
use std::collections::HashMap;

/// What a label may mean: an indicator of a family, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub family: usize,
    pub indicator: usize,
}

/// The labels of all families.
pub(crate) struct Book<'r> {
    pub legacy: &'r Legacy,
    by_key: HashMap<String, Vec<Meaning>>,
    /// Words over columns, the longest first; `{year}` stands for four digits.
    heads: Vec<(Role, &'r str)>,
}

/// A longer text is no label.
pub(crate) const MAX_LABEL_CHARS: usize = 80;

impl<'r> Book<'r> {
    pub(crate) fn of(legacy: &'r Legacy) -> Self {
        let mut by_key: HashMap<String, Vec<Meaning>> = HashMap::new();
        for (f, family) in legacy.families.iter().enumerate() {
            for (i, indicator) in family.indicators.iter().enumerate() {
                let meaning = Meaning { family: f, indicator: i };
                for key in indicator.labels.iter().flat_map(|l| keys(&legacy.columns, l)) {
                    let meanings = by_key.entry(key).or_default();
                    if !meanings.contains(&meaning) {
                        meanings.push(meaning);
                    }
                }
            }
        }
        let words = |c: &'r gongkai_registry::RoleWords| c.labels.iter().map(|l| (c.role, l.as_str()));
        let mut heads: Vec<(Role, &str)> = legacy.columns.columns.iter().flat_map(words).collect();
        heads.sort_by_key(|(_, l)| std::cmp::Reverse(l.chars().count()));
        Self { legacy, by_key, heads }
    }

    /// What a printed label may mean.
    pub(crate) fn find(&self, label: &str) -> &[Meaning] {
        if is_longer(label, MAX_LABEL_CHARS) {
            return &[];
        }
        let found = |key: &String| self.by_key.get(key).map(Vec::as_slice);
        keys(&self.legacy.columns, label).iter().find_map(found).unwrap_or_default()
    }

    pub(crate) fn indicator(&self, meaning: Meaning) -> Option<&'r Indicator> {
        self.legacy.families.get(meaning.family)?.indicators.get(meaning.indicator)
    }

    pub(crate) fn family(&self, family: usize) -> Option<&'r Family> {
        self.legacy.families.get(family)
    }

    /// The family of which most labels are printed; of several the one of the year, then the first.
    pub(crate) fn family_of<'l>(
        &self,
        labels: impl Iterator<Item = &'l str>,
        year: Option<i16>,
    ) -> Option<usize> {
        let mut counts = vec![0_usize; self.legacy.families.len()];
        for label in labels {
            let mut seen = vec![false; counts.len()];
            for meaning in self.find(label) {
                if let (Some(count), Some(seen)) =
                    (counts.get_mut(meaning.family), seen.get_mut(meaning.family))
                    && !std::mem::replace(seen, true)
                {
                    *count += 1;
                }
            }
        }
        let of_year = |f: usize| {
            self.family(f).zip(year).is_some_and(|(f, y)| (f.first_year..=f.last_year).contains(&y))
        };
        let best = (0..counts.len())
            .max_by_key(|f| (counts.get(*f).copied(), of_year(*f), std::cmp::Reverse(*f)))?;
        counts.get(best).is_some_and(|c| *c > 0).then_some(best)
    }

    /// The unit, if the text is one.
    pub(crate) fn unit(&self, text: &str) -> Option<String> {
        let text = bare(text);
        let text = text.trim_matches(['(', ')', '（', '）']);
        self.legacy.columns.units.iter().find(|u| u.as_str() == text).cloned()
    }

    /// The unit in brackets at the end of a label.
    pub(crate) fn unit_in_label(&self, label: &str) -> Option<String> {
        let inner = label.trim_end().strip_suffix([')', '）'])?;
        let (_, unit) = inner.rsplit_once(['(', '（'])?;
        self.unit(unit.trim_start_matches("单位").trim_start_matches([':', '：']))
    }

    /// What stands under a head, and the year it names.
    pub(crate) fn role(&self, text: &str) -> Option<(Role, Option<i16>)> {
        self.legacy.columns.role(text)
    }

    /// The words over a column with which a normalised text begins, and how many characters they are.
    pub(crate) fn head_at(&self, key: &[char]) -> Option<(Role, Option<i16>, usize)> {
        self.heads.iter().find_map(|(role, label)| {
            let (rest, year, taken) = match label.strip_prefix("{year}") {
                Some(rest) => {
                    let digits: String = key.get(..4)?.iter().collect();
                    let year = digits.parse().ok().filter(|y| (2000..2100).contains(y))?;
                    (rest, Some(year), 4)
                }
                None => (*label, None, 0),
            };
            let length = rest.chars().count();
            let same = key.get(taken..taken + length)?.iter().copied().eq(rest.chars());
            same.then_some((*role, year, taken + length))
        })
    }
}

/// The key of a label, and that without what stands in brackets.
fn keys(columns: &LegacyColumns, label: &str) -> Vec<String> {
    // Narrow columns break words, 其中 among them.
    let label = bare(label);
    let stripped = columns.strip(&label);
    let mut depth = 0_usize;
    let bare: String = stripped
        .chars()
        .filter(|c| match c {
            '(' | '（' => {
                depth += 1;
                false
            }
            ')' | '）' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    let mut keys = vec![label_key(stripped), label_key(&bare)];
    keys.retain(|k| !k.is_empty());
    keys.dedup();
    keys
}
