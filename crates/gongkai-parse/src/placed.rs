//! Rows whose label the form does not have in these words: `给予公开` between `上年结转…` and `部分公开`. The order of the rows
//! is the form's, so that where exactly as many unknown rows stand between two known ones as the form has there, each
//! is the form's row if most of its words are.

use crate::labels::{Match, Name, Quality};
use crate::stream::Stream;
use crate::symbols::{Symbol, SymbolKind};
use gongkai_registry::{FormTable, LabelRules, label_key, strip_ordinal};
use std::borrow::Cow;

/// Share of the characters that must be common, in tenths.
const TENTHS: usize = 6;
/// Fewer common characters are too few, unless they are most of the label.
const MIN_COMMON: usize = 4;
/// A longer text is no label.
const MAX_CHARS: usize = 60;

/// Names the unknown rows of a table that stand in the form's place.
pub(crate) fn place(symbols: &mut [Symbol<'_>], stream: &Stream, table: &FormTable, rules: &LabelRules) {
    let missing = |item: usize, symbols: &[Symbol<'_>]| symbols.iter().all(|s| item_of(s) != Some(item));
    // The row read last: one behind its item's position, so that the head stands before the first.
    let mut last: Option<usize> = None;
    let mut unknown: Vec<usize> = Vec::new();
    for at in 0..symbols.len() {
        let Some(symbol) = symbols.get(at) else { break };
        let before_values = matches!(symbols.get(at + 1).map(|s| &s.kind), Some(SymbolKind::Value));
        match (&symbol.kind, item_of(symbol)) {
            (SymbolKind::Label(_), Some(item)) => {
                let wanted = last.map_or(0..0, |next| next..item.max(next));
                let fits = |(item, at): (usize, &usize)| {
                    missing(item, symbols)
                        && symbols.get(*at).is_some_and(|s| is_like(raw(s, stream), table, item, rules))
                };
                if wanted.len() == unknown.len() && wanted.clone().zip(&unknown).all(fits) {
                    for (item, at) in wanted.zip(&unknown) {
                        let names = Cow::Owned(vec![Name::Item(item)]);
                        if let Some(symbol) = symbols.get_mut(*at) {
                            symbol.kind = SymbolKind::Label(Match { names, quality: Quality::Placed });
                        }
                    }
                }
                (last, unknown) = (Some(item + 1), Vec::new());
            }
            (SymbolKind::Label(_), None) => last = last.or(Some(0)),
            (SymbolKind::Words, _) => {
                let text = raw(symbol, stream);
                if text.chars().nth(MAX_CHARS).is_some() || text.ends_with('。') {
                    (last, unknown) = (None, Vec::new());
                } else if before_values {
                    unknown.push(at);
                    // What is printed so far of a row goes on here, or two rows have become one.
                    if !begins_a_row(symbols, at, stream) {
                        last = None;
                    }
                }
            }
            (SymbolKind::Value, _) => {}
        }
    }
}

/// Whether a label begins with a symbol: it has an ordinal, or figures or the label of a group stand on the line above.
fn begins_a_row(symbols: &[Symbol<'_>], at: usize, stream: &Stream) -> bool {
    let Some(own) = symbols.get(at) else { return false };
    let above = symbols.iter().take(at).rev().find(|s| s.last_line < own.line);
    match above.map(|s| &s.kind) {
        Some(SymbolKind::Label(_)) => above.and_then(item_of).is_none(),
        Some(SymbolKind::Words) => strip_ordinal(raw(own, stream)).0.is_some(),
        _ => true,
    }
}

fn item_of(symbol: &Symbol<'_>) -> Option<usize> {
    let SymbolKind::Label(found) = &symbol.kind else { return None };
    found.names.iter().find_map(|n| if let Name::Item(i) = n { Some(*i) } else { None })
}

fn raw<'s>(symbol: &Symbol<'_>, stream: &'s Stream) -> &'s str {
    stream.tokens.get(symbol.tokens.start).map_or("", |t| t.raw.trim())
}

/// Whether most of the words are those of an item's label, more than of any other's, and none that are not tell labels apart.
fn is_like(text: &str, table: &FormTable, item: usize, rules: &LabelRules) -> bool {
    let (ordinal, rest) = strip_ordinal(text);
    let counted = ordinal.and_then(|o| o.parse::<usize>().ok());
    if counted.is_some_and(|n| n != table.ordinal_in_group(item)) {
        return false;
    }
    let other_unit = rules.units.iter().chain(&rules.scales).any(|unit| text.contains(unit.as_str()));
    let key: Vec<char> = label_key(rest).chars().collect();
    let best = |item: usize| {
        let labels = table.items.get(item).map_or(&[][..], |i| i.labels.as_slice());
        labels.iter().filter_map(|l| likeness(&key, &l.chars().collect::<Vec<char>>(), rules)).max()
    };
    let others = (0..table.items.len()).filter(|i| *i != item);
    !other_unit && best(item).is_some_and(|own| others.filter_map(best).all(|other| other < own))
}

/// How much two labels have in common, in thousandths of the shorter; `None` where that is too little, or what they have not in
/// common tells labels apart or names another measure.
fn likeness(key: &[char], label: &[char], rules: &LabelRules) -> Option<usize> {
    let (common, rest) = common(key, label);
    let (short, long) = (key.len().min(label.len()), key.len().max(label.len()));
    let enough = common * 10 >= short * TENTHS && (common >= MIN_COMMON || common * 10 >= long * TENTHS);
    let telling = rest.iter().any(|c| rules.telling.contains(*c));
    let rest: String = rest.into_iter().collect();
    let measure = rules.measures.iter().any(|m| rest.contains(m.as_str()));
    (short > 0 && enough && !telling && !measure).then(|| common * 1000 / short + common)
}

/// The length of the longest sequence of characters that two texts share, and the characters outside of it, of both.
fn common(a: &[char], b: &[char]) -> (usize, Vec<char>) {
    let width = b.len() + 1;
    // Of what follows each pair of positions.
    let mut lengths = vec![0_usize; (a.len() + 1) * width];
    let get = |lengths: &[usize], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let best = if x == y {
                get(&lengths, i + 1, j + 1) + 1
            } else {
                get(&lengths, i + 1, j).max(get(&lengths, i, j + 1))
            };
            if let Some(slot) = lengths.get_mut(i * width + j) {
                *slot = best;
            }
        }
    }
    let (mut i, mut j, mut rest) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            (i, j) = (i + 1, j + 1);
        } else if get(&lengths, i + 1, j) >= get(&lengths, i, j + 1) {
            rest.push(*x);
            i += 1;
        } else {
            rest.push(*y);
            j += 1;
        }
    }
    rest.extend(a.get(i..).unwrap_or_default().iter().chain(b.get(j..).unwrap_or_default()));
    (get(&lengths, 0, 0), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_registry::Registry;

    #[test]
    fn other_words_for_a_row_and_another_row() {
        let registry = Registry::embedded();
        let table = registry.form("2021").and_then(|f| f.table("disclosure_requests")).unwrap();
        let is =
            |text: &str, code: &str| is_like(text, table, table.item(code).unwrap(), &registry.label_rules);
        assert!(is("给予公开", "granted"));
        assert!(!is("不予公开", "granted"), "a character that tells labels apart");
        assert!(is("1.涉及国家秘密的信息", "refused.state_secret"));
        assert!(!is("2.涉及国家秘密的信息", "refused.state_secret"), "the ordinal is another's");
        assert!(!is("其他", "refused.other_law"), "too little in common");
        assert!(!is("属于行政查询事项", "refused.enforcement_file"), "another row's label");
    }
}
