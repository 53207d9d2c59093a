//! Rows whose label the form does not have in these words: `给予公开` between `上年结转…` and `部分公开`. The order of the rows
//! is the form's, so that where exactly as many unknown rows stand between two known ones as the form has there, each
//! is the form's row if most of its words are. So with the words of a head beside words that name columns: `公益组织`.

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

/// Names the unknown rows of a table, and words of its heads, that stand in the form's place.
pub(crate) fn place(symbols: &mut [Symbol<'_>], stream: &Stream, table: &FormTable, rules: &LabelRules) {
    place_columns(symbols, stream, table, rules);
    place_rows(symbols, stream, table, rules);
}

/// Names the words of a head that are most like one column, which no word beside them names.
fn place_columns(symbols: &mut [Symbol<'_>], stream: &Stream, table: &FormTable, rules: &LabelRules) {
    /// So many columns named side by side show a head.
    const MIN_NAMED: usize = 2;
    let mut at = 0;
    while at < symbols.len() {
        let rest = symbols.get(at..).unwrap_or_default();
        let in_head = |s: &&Symbol<'_>| is_in_head(s, stream);
        let length = rest.iter().take_while(in_head).count();
        let head = rest.get(..length).unwrap_or_default();
        let named: Vec<usize> = head.iter().filter_map(column_of).collect();
        if named.len() < MIN_NAMED {
            at += length.max(1);
            continue;
        }
        // `自然人占` over `比`: what is wrapped goes on to say that it is another measure.
        let narrows_with = |i: &usize| {
            let next = head.get(i + 1).filter(|s| matches!(s.kind, SymbolKind::Words));
            let (own, next) = (head.get(*i).map(|s| raw(s, stream)), next.map(|s| raw(s, stream)));
            own.zip(next).is_some_and(|(own, next)| rules.narrows(&format!("{own}{next}")))
        };
        let is_words = |s: &Symbol<'_>| matches!(s.kind, SymbolKind::Words);
        let words = head.iter().enumerate().filter(|(i, s)| is_words(s) && !narrows_with(i));
        let found: Vec<(usize, usize)> = words
            .filter_map(|(i, s)| Some((i, most_like(raw(s, stream), table, rules)?)))
            .filter(|(_, column)| !named.contains(column))
            .collect();
        for (i, column) in &found {
            let once = found.iter().filter(|(_, c)| c == column).count() == 1;
            if let Some(symbol) = symbols.get_mut(at + i).filter(|_| once) {
                let names = Cow::Owned(vec![Name::Column(*column)]);
                symbol.kind = SymbolKind::Label(Match { names, quality: Quality::Placed });
            }
        }
        at += length.max(1);
    }
}

/// Whether a symbol may be a word of a head: of a column, of what stands over several, or short words.
fn is_in_head(symbol: &Symbol<'_>, stream: &Stream) -> bool {
    match &symbol.kind {
        SymbolKind::Label(found) => {
            found.names.iter().any(|n| matches!(n, Name::Column(_) | Name::Heading(_)))
        }
        SymbolKind::Words => !is_prose(raw(symbol, stream)),
        SymbolKind::Value => stream.is_blank(symbol.tokens.start),
    }
}

fn column_of(symbol: &Symbol<'_>) -> Option<usize> {
    let SymbolKind::Label(found) = &symbol.kind else { return None };
    found.names.iter().find_map(|n| if let Name::Column(c) = n { Some(*c) } else { None })
}

/// The column whose label has most of a text's words, more than any other word of the table's head.
fn most_like(text: &str, table: &FormTable, rules: &LabelRules) -> Option<usize> {
    if other_unit(text, rules) || rules.narrows(text) {
        return None;
    }
    let key: Vec<char> = label_key(strip_ordinal(text).1).chars().collect();
    let best = |labels: &[String]| labels.iter().filter_map(|l| likeness(&key, l, rules)).max();
    let columns = table.columns.iter().enumerate().filter_map(|(c, x)| Some((best(&x.labels)?, Some(c))));
    let headings = table.headings.iter().filter_map(|h| Some((best(&h.labels)?, None)));
    let all: Vec<(usize, Option<usize>)> = columns.chain(headings).collect();
    let most = all.iter().map(|(likeness, _)| *likeness).max()?;
    let mut of = all.iter().filter(|(likeness, _)| *likeness == most);
    of.next().filter(|_| of.next().is_none()).and_then(|(_, column)| *column)
}

fn is_prose(text: &str) -> bool {
    text.chars().nth(MAX_CHARS).is_some() || text.ends_with('。')
}

/// Whether a text names a unit that changes what its figures say.
fn other_unit(text: &str, rules: &LabelRules) -> bool {
    rules.units.iter().any(|unit| text.contains(unit.as_str())) || rules.scales.is_in(text)
}

/// Names the unknown rows that stand in the form's place.
fn place_rows(symbols: &mut [Symbol<'_>], stream: &Stream, table: &FormTable, rules: &LabelRules) {
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
                if is_prose(text) {
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
    let other_unit = other_unit(text, rules);
    let key = label_key(rest);
    let labels = |item: usize| table.items.get(item).map_or(&[][..], |i| i.labels.as_slice());
    // `3.其他情形`: a short label with its ordinal.
    let short = |l: &String| key.starts_with(l.as_str()) && !is_other_measure(&key, l, rules);
    if counted.is_some() && labels(item).iter().any(short) {
        return !other_unit;
    }
    let key: Vec<char> = key.chars().collect();
    let best = |item: usize| labels(item).iter().filter_map(|l| likeness(&key, l, rules)).max();
    let others = (0..table.items.len()).filter(|i| *i != item);
    !other_unit && best(item).is_some_and(|own| others.filter_map(best).all(|other| other < own))
}

/// How much two labels have in common, in thousandths of the shorter; `None` where that is too little, or what they have not in
/// common tells labels apart or names another measure.
fn likeness(key: &[char], label: &str, rules: &LabelRules) -> Option<usize> {
    let length = label.chars().count();
    let (short, long) = (key.len().min(length), key.len().max(length));
    let enough = |common: usize| {
        common * 10 >= short * TENTHS && (common >= MIN_COMMON || common * 10 >= long * TENTHS)
    };
    // No more can be common in order than are at all: most labels have next to nothing of the words.
    let at_most = label.chars().filter(|c| key.contains(c)).count();
    if short == 0 || !enough(at_most) {
        return None;
    }
    let characters: Vec<char> = label.chars().collect();
    let (common, rest, replaced) = common(key, &characters);
    let telling = || rest.iter().any(|c| c.is_ascii_digit() || rules.telling.contains(*c));
    let measure = || is_other_measure(&key.iter().collect::<String>(), label, rules);
    (enough(common) && !replaced && !telling() && !measure()).then(|| common * 1000 / short + common)
}

/// Whether a text has a word that makes another label of it, and the label has not.
fn is_other_measure(text: &str, label: &str, rules: &LabelRules) -> bool {
    let other = |m: &String| text.contains(m.as_str()) && !label.contains(m.as_str());
    rules.measures.iter().chain(rules.narrowing.iter()).any(other)
}

/// The length of the longest sequence of characters that two texts share, the characters outside of it, of both, and whether
/// some in the middle stand in the place of others: `属于工作秘密` is no `属于国家秘密`.
fn common(a: &[char], b: &[char]) -> (usize, Vec<char>, bool) {
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
    // How many of each have been passed over since the last common one, once there was one.
    let (mut begun, mut gap, mut replaced) = (false, (0, 0), false);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            replaced |= begun && gap.0 > 0 && gap.1 > 0;
            (i, j, begun, gap) = (i + 1, j + 1, true, (0, 0));
        } else if get(&lengths, i + 1, j) >= get(&lengths, i, j + 1) {
            rest.push(*x);
            (i, gap.0) = (i + 1, gap.0 + 1);
        } else {
            rest.push(*y);
            (j, gap.1) = (j + 1, gap.1 + 1);
        }
    }
    rest.extend(a.get(i..).unwrap_or_default().iter().chain(b.get(j..).unwrap_or_default()));
    (get(&lengths, 0, 0), rest, replaced)
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
        assert!(!is("1.属于工作秘密", "refused.state_secret"), "other words in the middle");
        assert!(!is("（二）全部公开", "partially_granted"), "the opposite");
    }
}
