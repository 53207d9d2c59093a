//! Rows whose label the form does not have in these words: `给予公开` between `上年结转…` and `部分公开`. The order of the rows
//! is the form's, so that where exactly as many unknown rows stand between two known ones as the form has there, each
//! is the form's row if most of its words are. So with the words of a head beside words that name columns: `公益组织`.

use crate::labels::{Match, Name, Quality};
use crate::likeness::{Word, is_other_measure};
use crate::stream::Stream;
use crate::symbols::{Symbol, SymbolKind};
use crate::words::TableWords;
use gongkai_registry::{LabelRules, is_longer, label_key, strip_ordinal};
use std::borrow::Cow;

/// A longer text is no label.
const MAX_CHARS: usize = 60;

/// Names the unknown rows of a table, and words of its heads, that stand in the form's place.
pub(crate) fn place(symbols: &mut [Symbol<'_>], stream: &Stream, table: &TableWords<'_>, rules: &LabelRules) {
    place_columns(symbols, stream, table, rules);
    place_rows(symbols, stream, table, rules);
}

/// Names the words of a head that are most like one column, which no word beside them names.
fn place_columns(symbols: &mut [Symbol<'_>], stream: &Stream, table: &TableWords<'_>, rules: &LabelRules) {
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
        let words = head.iter().enumerate().filter(|(_, s)| is_words(s));
        let found: Vec<(usize, usize)> = words
            .filter_map(|(i, s)| Some((i, most_like(raw(s, stream), table, rules)?)))
            .filter(|(i, column)| !named.contains(column) && !narrows_with(i))
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
fn most_like(text: &str, table: &TableWords<'_>, rules: &LabelRules) -> Option<usize> {
    let key = Word::of(label_key(strip_ordinal(text).1));
    let best = |(column, words): &(Option<usize>, Vec<Word>)| Some((key.most_like(words, rules)?, *column));
    let all: Vec<(usize, Option<usize>)> = table.columns.iter().filter_map(best).collect();
    let most = all.iter().map(|(likeness, _)| *likeness).max()?;
    let mut of = all.iter().filter(|(likeness, _)| *likeness == most);
    let column = of.next().filter(|_| of.next().is_none()).and_then(|(_, column)| *column);
    column.filter(|_| !other_unit(text, rules) && !rules.narrows(text))
}

fn is_prose(text: &str) -> bool {
    is_longer(text, MAX_CHARS) || text.ends_with('。')
}

/// Whether a text names a unit that changes what its figures say.
fn other_unit(text: &str, rules: &LabelRules) -> bool {
    rules.units.iter().any(|unit| text.contains(unit.as_str())) || rules.scales.is_in(text)
}

/// Names the unknown rows that stand in the form's place.
fn place_rows(symbols: &mut [Symbol<'_>], stream: &Stream, table: &TableWords<'_>, rules: &LabelRules) {
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
fn is_like(text: &str, table: &TableWords<'_>, item: usize, rules: &LabelRules) -> bool {
    let (ordinal, rest) = strip_ordinal(text);
    let counted = ordinal.and_then(|o| o.parse::<usize>().ok());
    if counted.is_some_and(|n| n != table.table.ordinal_in_group(item)) {
        return false;
    }
    let other_unit = other_unit(text, rules);
    let key = Word::of(label_key(rest));
    let labels = |item: usize| table.items.get(item).map_or(&[][..], Vec::as_slice);
    // `3.其他情形`: a short label with its ordinal.
    let short = |l: &Word| key.text().starts_with(l.text()) && !is_other_measure(key.text(), l.text(), rules);
    if counted.is_some() && labels(item).iter().any(short) {
        return !other_unit;
    }
    let best = |item: usize| key.most_like(labels(item), rules);
    let others = (0..table.items.len()).filter(|i| *i != item);
    !other_unit && best(item).is_some_and(|own| others.filter_map(best).all(|other| other < own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_registry::Registry;

    #[test]
    fn other_words_for_a_row_and_another_row() {
        let registry = Registry::embedded();
        let table = registry.form("2021").and_then(|f| f.table("disclosure_requests")).unwrap();
        let words = TableWords::of(table);
        let is =
            |text: &str, code: &str| is_like(text, &words, table.item(code).unwrap(), &registry.label_rules);
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
