//! Which columns a table prints, and in which order, from the words of its head.

use crate::labels::Name;
use gongkai_registry::FormTable;

/// The words of a head in reading order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// Words.
    pub words: Vec<HeadWord>,
    /// Whether rows of other words stand among them.
    pub others: bool,
}

/// A word of a head.
#[derive(Debug, Clone)]
pub(crate) struct HeadWord {
    /// What it can name; nothing, where it names nothing of the form.
    pub names: Vec<Name>,
    /// The line it stands on.
    pub line: usize,
    /// Whether it names nothing because it is only a piece of the form's words.
    pub torn: bool,
    /// Whether it names a column in words of its own.
    pub placed: bool,
    /// Whether it may narrow what a word beside it says.
    pub narrows: bool,
}

/// What a head says about the columns an item has on the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// These columns, in this order (positions in the form table).
    Columns(Vec<usize>),
    /// There is no head: only the form's own order can be meant.
    Missing,
    /// All columns in the form's order, but over some of them (positions among them), or beside their words, stand words that are
    /// none of the form's.
    AllBut(AllBut),
    /// The head is torn to pieces, and what is left of it stands in the form's order. That these are the columns is for sums
    /// to prove.
    Supposed,
    /// There is one, and it does not say.
    Unclear,
}

/// Columns whose words are in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllBut {
    /// Their positions among the columns of the item.
    pub doubtful: Vec<usize>,
    /// Whether the head leaves no doubt about the others; else that they are the columns is for sums to prove.
    pub level: bool,
}

/// So many pieces of the form's words stand for each other word in a head that is torn to pieces.
const MIN_TORN: usize = 3;

impl Head {
    /// The number of columns the head names for sure.
    pub(crate) fn columns_named(&self) -> usize {
        let mut named: Vec<usize> = self.words.iter().filter_map(|w| only_column(&w.names)).collect();
        named.sort_unstable();
        named.dedup();
        named.len()
    }

    /// Whether something in it names none of the form's columns: it may stand over figures of its own.
    pub(crate) fn has_strangers(&self) -> bool {
        self.others || self.words.iter().any(|w| w.names.is_empty() && !w.torn)
    }

    /// Whether a word of it is no column, but stands over columns of this table alone.
    pub(crate) fn has_heading(&self) -> bool {
        self.words.iter().any(|w| matches!(w.names.first(), Some(Name::Heading(_))))
    }

    /// The order of `columns` (those of an item, in form order) under this head.
    pub(crate) fn order(&self, table: &FormTable, columns: &[usize]) -> Order {
        let (leaves, one_line) = self.leaves(table);
        let mut order: Vec<usize> = Vec::with_capacity(columns.len());
        let mut strangers: Vec<usize> = Vec::new();
        let mut torn = 0;
        for word in leaves {
            let names = &word.names;
            if names.is_empty() {
                torn += usize::from(word.torn);
                strangers.extend((!word.torn).then_some(order.len()));
                continue;
            }
            let open = |c: &usize| !order.contains(c);
            let candidates: Vec<usize> =
                names.iter().filter_map(|n| column(*n)).filter(|c| columns.contains(c)).collect();
            match candidates.as_slice() {
                [] => {}
                // A head printed twice (a page break) says the same twice.
                [one] => {
                    if open(one) {
                        order.push(*one);
                    }
                }
                several => match columns.iter().find(|c| several.contains(c) && open(c)) {
                    Some(next) => order.push(*next),
                    None => return Order::Unclear,
                },
            }
        }
        if order.is_empty() {
            return Order::Missing;
        }
        let canonical = order.windows(2).all(|w| matches!(w, [a, b] if a < b));
        let complete = order.len() == columns.len();
        let narrowed = self.words.iter().any(|w| w.narrows);
        match (canonical, complete) {
            // One of them is narrowed by what is wrapped below it or above: `商业企业` over `占比`.
            (true, true) if narrowed && !one_line => self.all_but_those_near_strangers(columns),
            (_, true) if narrowed => Order::Unclear,
            (true, true) => Order::Columns(order),
            // The statutory order is known: it needs no more of the head than that nothing in it says otherwise.
            (true, false) if torn > 0 && strangers.len() * MIN_TORN <= torn && !narrowed => Order::Supposed,
            // One column is not printed: the six kinds of applicants without their total, for one. Unless it is printed
            // under another name.
            (true, false) if order.len() + 1 == columns.len() && order.len() >= 2 => {
                let gap = columns.iter().zip(&order).take_while(|(a, b)| a == b).count();
                match strangers.as_slice() {
                    [] => Order::Columns(order),
                    [at] if *at == gap => Order::AllBut(AllBut { doubtful: vec![gap], level: true }),
                    _ => Order::Unclear,
                }
            }
            // Another order is believed only where one line prints it whole: lost spans shuffle heads of several lines.
            (false, true) if one_line => Order::Columns(order),
            // Cells that are not level with one another shuffle the words of several lines.
            (false, _)
                if !one_line
                    && self.is_level_by_line()
                    && (strangers.is_empty() || complete)
                    && !narrowed =>
            {
                Order::Supposed
            }
            _ => Order::Unclear,
        }
    }

    /// All of some columns but those that strangers may narrow, as long as those are the fewer.
    fn all_but_those_near_strangers(&self, columns: &[usize]) -> Order {
        match self.near_strangers(columns) {
            Some(doubtful) if !doubtful.is_empty() && doubtful.len() * 2 < columns.len() => {
                Order::AllBut(AllBut { doubtful, level: false })
            }
            _ => Order::Unclear,
        }
    }

    /// Which of some columns strangers may narrow, by position: in a head that is read line by line, what is wrapped stands
    /// alone on the line behind or before the word of one column. `None` where a stranger stands otherwise.
    fn near_strangers(&self, columns: &[usize]) -> Option<Vec<usize>> {
        let alone = |at: usize| {
            let word = self.words.get(at)?;
            (self.words.iter().filter(|w| w.line == word.line).count() == 1).then_some(word)
        };
        let column_at = |at: usize| only_column(&alone(at)?.names);
        let strangers = (0..self.words.len()).filter(|at| self.words.get(*at).is_some_and(is_stranger));
        let mut near = Vec::new();
        for at in strangers {
            alone(at)?;
            near.push(column_at(at.checked_sub(1)?)?);
            if at + 1 < self.words.len() {
                near.push(column_at(at + 1)?);
            }
        }
        Some((0..columns.len()).filter(|p| columns.get(*p).is_some_and(|c| near.contains(c))).collect())
    }

    /// Whether the columns named on each line stand in the form's order. What spans over lines may be named on each of them.
    fn is_level_by_line(&self) -> bool {
        let named = |w: &HeadWord| only_column(&w.names);
        let rising = |line: &[HeadWord]| {
            let columns: Vec<usize> = line.iter().filter_map(named).collect();
            columns.windows(2).all(|w| matches!(w, [a, b] if a < b))
        };
        self.words.chunk_by(|a, b| a.line == b.line).all(rising)
    }

    /// The head's leaves in printed order: columns that stand under a heading take its place, which holds whether or
    /// not the spans that showed it survived. Also whether all of it stands on one line.
    fn leaves(&self, table: &FormTable) -> (Vec<&HeadWord>, bool) {
        let under = |names: &[Name]| {
            let of =
                |n: &Name| column(*n).and_then(|c| table.columns.get(c)).and_then(|c| c.under.as_deref());
            names.first().and_then(of)
        };
        let code = |names: &[Name]| match names.first() {
            Some(Name::Heading(h)) => table.headings.get(*h).and_then(|h| h.code.as_deref()),
            _ => None,
        };
        // A line that names all columns, those under the heading and the others, says their order by itself.
        let columns = |line: &[HeadWord]| {
            let mut all: Vec<usize> = line.iter().filter_map(|w| only_column(&w.names)).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let all = columns(&self.words);
        let below = |c: &usize| table.columns.get(*c).is_some_and(|c| c.under.is_some());
        let whole = |line: &&[HeadWord]| {
            all.len() > 2 && columns(line) == all && all.iter().any(below) && !all.iter().all(below)
        };
        if let Some(line) = self.words.chunk_by(|a, b| a.line == b.line).find(whole) {
            let leaf = |w: &&HeadWord| w.names.is_empty() || w.names.iter().any(|n| column(*n).is_some());
            let leaves = line.iter().filter(leaf);
            return (leaves.collect(), true);
        }
        let mut leaves = Vec::new();
        let placed = |names: &[Name]| {
            under(names).is_some_and(|u| self.words.iter().any(|w| code(&w.names) == Some(u)))
        };
        let mut seen: Vec<&str> = Vec::new();
        // An unknown word in a row of columns, or between two of them, is one of them.
        let beside = |at: usize, heading: Option<&str>| {
            let of = |w: &HeadWord| {
                let own = under(&w.names);
                own.is_some() && (heading.is_none() || own == heading)
            };
            let Some(word) = self.words.get(at) else { return false };
            // Of several unknown words, the known ones around all of them.
            let known = |w: &&HeadWord| !w.names.is_empty();
            let before = self.words.iter().take(at).rev().find(known);
            let opens = |w: &HeadWord| of(w) || w.names.iter().any(|n| column(*n).is_some());
            let between = before.is_some_and(opens)
                && match self.words.iter().skip(at + 1).find(known) {
                    Some(next) => of(next),
                    None => before.is_some_and(of),
                };
            let row = || self.words.iter().any(|w| w.line == word.line && of(w));
            word.names.is_empty() && (between || row())
        };
        for (at, word) in self.words.iter().enumerate() {
            if let Some(heading) = code(&word.names) {
                if !seen.contains(&heading) {
                    seen.push(heading);
                    let own = |(at, w): &(usize, &HeadWord)| {
                        under(&w.names) == Some(heading) || beside(*at, Some(heading))
                    };
                    leaves.extend(self.words.iter().enumerate().filter(own).map(|(_, w)| w));
                }
            } else if !placed(&word.names) && (seen.is_empty() || !beside(at, None)) {
                leaves.push(word);
            }
        }
        let names_column = |w: &&HeadWord| w.names.iter().any(|n| column(*n).is_some());
        let lines: Vec<usize> = self.words.iter().filter(names_column).map(|w| w.line).collect();
        (leaves, lines.windows(2).all(|w| matches!(w, [a, b] if a == b)))
    }
}

/// Whether a word is none of the form's, nor a piece of one.
fn is_stranger(word: &HeadWord) -> bool {
    word.names.is_empty() && !word.torn
}

fn column(name: Name) -> Option<usize> {
    match name {
        Name::Column(c) => Some(c),
        _ => None,
    }
}

fn only_column(names: &[Name]) -> Option<usize> {
    let mut columns = names.iter().filter_map(|n| column(*n));
    columns.next().filter(|_| columns.next().is_none())
}
