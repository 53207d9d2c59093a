//! One walk over a document: labels of rows with the values behind them, and the heads over them.

use crate::head::{Head, HeadWord};
use crate::labels::{Name, Quality};
use crate::stream::{Kind, LineKind, Stream, words_key};
use crate::symbols::{Symbol, SymbolKind};
use crate::words::TableWords;
use crate::wrapped::opens_a_note;
use gongkai_registry::{FormTable, is_longer};

/// A printed row label with the values behind it.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub item: usize,
    /// Columns that the form gives the row.
    pub width: usize,
    pub quality: Quality,
    pub label: String,
    /// Position of the head that stands over it.
    pub head: usize,
    /// Tokens of the values, blank cells included.
    pub cells: Vec<usize>,
    pub line: usize,
    pub kind: LineKind,
    /// Whether the row stands in running text, and other words between the head and it.
    pub broken: bool,
    /// Whether the end of the label stands behind the values, as after a page break, which may have left its number.
    pub interrupted: bool,
    /// Unknown words above it that no figures separate from it.
    pub strangers: usize,
    /// Whether a unit that counts in more than ones stands above.
    pub scale: bool,
    /// Whether its label is also that of a column (`总计`).
    pub also_column: bool,
    /// Whether some of them stand side by side, as the words of a head do.
    pub strange_head: bool,
    /// Figures right above its label that belong to no row.
    pub loose: usize,
    /// Figures below its values that stand on no line or row of a label: they may belong to them.
    pub rest: Vec<usize>,
    /// Whether the label of a row without figures stands between it and the figures above.
    pub bare_above: bool,
    /// Whether it stands on the same line, and is another's or doubled together with its figures.
    pub bare_beside: bool,
    /// Whether words that are no label where they stand are printed right before its label.
    pub words_before: bool,
    /// Whether its label is printed over several lines, and nothing but rows and labels of the form stands around it.
    pub wrapped: bool,
    /// The token before its label.
    pub before: Option<usize>,
}

/// Fewest blank cells behind a label that make a row of blank cells.
const MIN_BLANK_ROW: usize = 5;

/// Most words above a head that may be its captions.
pub(super) const MAX_CAPTIONS: usize = 3;

/// What a document holds of a table.
pub(super) struct Found {
    pub anchors: Vec<Anchor>,
    pub heads: Vec<Head>,
    /// Line of a head that no row follows.
    pub unused: Option<usize>,
    /// Items whose row is printed right under its head without any figure.
    pub empty: Vec<usize>,
    /// Labels of rows without any figure behind them.
    pub bares: usize,
}

/// Walks the symbols once and collects anchors and heads.
pub(super) struct Scan<'a> {
    stream: &'a Stream,
    table: &'a FormTable,
    words: &'a TableWords<'a>,
    symbols: &'a [Symbol<'a>],
    heads: Vec<Head>,
    anchors: Vec<Anchor>,
    /// The head being read.
    open: Option<Head>,
    /// Whether unknown words have stood between the head and here in running text, where only an unbroken sequence
    /// of labels and values is a table.
    broken: bool,
    /// Whether figures or prose have stood since the last word of the head.
    interrupted: bool,
    /// Unknown words since the last figure, sentence or row, and the last of them.
    strangers: usize,
    stranger: &'a str,
    /// Whether two of them stand side by side.
    strange_head: bool,
    /// The table they stand in.
    stranger_table: Option<u32>,
    /// Items whose row is printed without any figure.
    empty: Vec<usize>,
    /// Whether a unit that counts in more than ones stands above.
    scale: bool,
    /// Labels of rows without any figure behind them.
    bares: usize,
    /// The line of such a label and its item, if it is the last thing printed, other labels and words aside.
    bare: Option<(usize, usize)>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(stream: &'a Stream, words: &'a TableWords<'a>, symbols: &'a [Symbol<'a>]) -> Self {
        Self {
            stream,
            table: words.table,
            words,
            symbols,
            heads: vec![Head::default()],
            anchors: Vec::new(),
            open: None,
            broken: true,
            interrupted: false,
            strangers: 0,
            stranger: "",
            strange_head: false,
            stranger_table: None,
            empty: Vec::new(),
            scale: false,
            bares: 0,
            bare: None,
        }
    }

    /// What the document holds of the table.
    pub(super) fn run(mut self) -> Found {
        for at in 0..self.symbols.len() {
            let Some(symbol) = self.symbols.get(at) else { break };
            self.scale |= symbol.scale;
            match &symbol.kind {
                SymbolKind::Label(found) => self.label(at, symbol, &found.names, found.quality),
                SymbolKind::Words => {
                    self.broken = true;
                    self.stranger(symbol);
                }
                SymbolKind::Value if !self.is_blank(symbol.tokens.start) => {
                    self.interrupted = true;
                    self.strangers = 0;
                    self.strange_head = false;
                    self.bare = None;
                }
                SymbolKind::Value => {}
            }
        }
        let ends_with = self.symbols.last().map_or(0, |s| s.last_line);
        // Words of another table's head, of which two happen to be columns here, have strangers among them.
        let strangers = self.strangers;
        let names_table =
            |head: &Head| (head.columns_named() >= 2 && strangers <= MAX_CAPTIONS) || head.has_heading();
        // The page is cut off where the table goes on: rows that stand under such a head are still to come.
        let goes_on = self.open.as_ref().is_some_and(|head| self.has_rows_to_come(head));
        let unused = self.open.filter(names_table).and_then(|head| head.words.last().map(|w| w.line));
        let unused = unused.filter(|line| !self.anchors.is_empty() && *line >= ends_with && !goes_on);
        Found { anchors: self.anchors, heads: self.heads, unused, empty: self.empty, bares: self.bares }
    }

    /// Whether a row that stands under the columns of a head has not been printed yet.
    fn has_rows_to_come(&self, head: &Head) -> bool {
        let named = |c: &usize| head.words.iter().any(|w| w.names.contains(&Name::Column(*c)));
        let under = |item: usize| self.table.columns_of(item).iter().any(named);
        (0..self.table.items.len()).filter(|i| under(*i)).any(|i| self.anchors.iter().all(|a| a.item != i))
    }

    fn label(&mut self, at: usize, symbol: &Symbol<'_>, names: &[Name], quality: Quality) {
        let group = names.iter().find_map(|n| if let Name::Group(g) = n { Some(*g) } else { None });
        let item = names.iter().find_map(|n| if let Name::Item(i) = n { Some(*i) } else { None });
        let head: Vec<Name> =
            names.iter().copied().filter(|n| matches!(n, Name::Column(_) | Name::Heading(_))).collect();
        if let Some(item) = item
            && (head.is_empty() || self.stands_before_values(at, symbol))
        {
            self.close_head();
            self.anchor(at, symbol, item, quality, !head.is_empty());
        } else if !head.is_empty() {
            // Figures or prose behind a word show that it was none of this head.
            if std::mem::take(&mut self.interrupted) {
                self.close_head();
            }
            // Unknown words inside a head leave it broken.
            self.broken &= self.open.is_some();
            // `总计` behind figures names a row, and has none of its own.
            let behind = at.checked_sub(1).and_then(|b| self.symbols.get(b));
            let after_values = behind.is_some_and(|s| matches!(s.kind, SymbolKind::Value));
            self.bare = item.filter(|_| self.open.is_none() && after_values).map(|i| (symbol.last_line, i));
            let word = HeadWord {
                names: head,
                line: symbol.line,
                torn: false,
                placed: quality == Quality::Placed,
                narrows: false,
            };
            self.open.get_or_insert_default().words.push(word);
        } else if let Some(group) = group
            && self.table.groups.get(group).is_some_and(|g| !g.columns.is_empty())
        {
            // The group brings columns of its own: what stood over the rows before does not stand over these.
            self.scale = symbol.scale;
            self.close_head();
            self.broken = false;
            self.heads.push(Head::default());
        }
    }

    /// Words the form does not know: prose, or a word of a head under another name.
    fn stranger(&mut self, symbol: &Symbol<'_>) {
        let prose = self.is_prose(symbol);
        // The labels of two rows in one cell before their figures: the head is at its end.
        self.interrupted |= prose || self.holds_two_labels(symbol);
        // The same word again and again is no name.
        let raw = self.stream.tokens.get(symbol.tokens.start).map_or("", |t| t.raw.as_str());
        let again = std::mem::replace(&mut self.stranger, raw) == raw;
        let torn = !prose
            && self.words.have_piece(
                self.stream.key(symbol.tokens.start),
                symbol.narrowed,
                self.stands_in_head(symbol),
            );
        // Words of another table, or outside of it, are not this one's head.
        let table = self.stream.tokens.get(symbol.tokens.start).and_then(|t| t.place.table);
        if std::mem::replace(&mut self.stranger_table, table) != table {
            self.strangers = 0;
            self.strange_head = false;
        }
        let beside = self.stream.lines.get(symbol.line).is_some_and(|l| l.tokens.len() > 2);
        self.strange_head = !prose && (self.strange_head || (beside && !torn));
        self.strangers = if prose { 0 } else { self.strangers + usize::from(!again && !torn) };
        let narrows = symbol.narrowed;
        // The first column's words, narrowed.
        if narrows && !prose && self.open.is_none() && self.stands_in_head(symbol) {
            (self.open, self.interrupted) = (Some(Head::default()), false);
        }
        if let Some(head) = self.open.as_mut().filter(|_| !self.interrupted) {
            head.words.push(HeadWord { names: Vec::new(), line: symbol.line, torn, placed: false, narrows });
        }
    }

    /// Ends the head being read. One that names hardly a column is a stray word; the head before it stays.
    fn close_head(&mut self) {
        let Some(mut head) = self.open.take() else { return };
        if head.columns_named() >= 2 || self.heads.last().is_some_and(|h| h.words.is_empty()) {
            self.leave_out_rows_of_strangers(&mut head);
            self.heads.push(head);
        }
    }

    /// A row of nothing but unknown words is none of the head's.
    fn leave_out_rows_of_strangers(&self, head: &mut Head) {
        let named: Vec<usize> = head.words.iter().filter(|w| !w.names.is_empty()).map(|w| w.line).collect();
        // Where a line holds a cell, so may the word in the place of a column's.
        let row = |line: usize| {
            self.stream.lines.get(line).is_some_and(|l| {
                let cells = matches!(l.kind, LineKind::Marked | LineKind::Padded | LineKind::Bars);
                cells && l.tokens.len() > 1
            })
        };
        // A head that a converter invented says the same over every column.
        let repeats = |line: usize| {
            let words = self.stream.lines.get(line).map(|l| self.stream.line(l)).unwrap_or_default();
            words.windows(2).any(|w| matches!(w, [a, b] if a.raw == b.raw))
        };
        let all = head.words.len();
        head.words.retain(|w| {
            let is_piece = w.torn && !repeats(w.line);
            !w.names.is_empty() || w.narrows || is_piece || !row(w.line) || named.contains(&w.line)
        });
        head.others = head.words.len() < all;
    }

    /// Tells a row label from a head label of the same words: values stand behind it.
    fn stands_before_values(&self, at: usize, symbol: &Symbol<'_>) -> bool {
        let Some(line) = self.stream.lines.get(symbol.last_line) else { return false };
        let printed = |s: &Symbol<'_>| matches!(s.kind, SymbolKind::Value) && !self.is_blank(s.tokens.start);
        if !self.fills_line(symbol) && line.kind != LineKind::Run {
            let own_line = |s: &&Symbol<'_>| s.line == symbol.last_line;
            let label = |s: &Symbol<'_>| matches!(s.kind, SymbolKind::Label(_));
            let behind = || self.symbols.iter().skip(at + 1).take_while(own_line);
            // A row whose cells are all blank is a row still, if no other label shares its line.
            let blank_row = || {
                let before = self.symbols.iter().take(at).rev().take_while(|s| s.last_line == symbol.line);
                let blank = behind().all(|s| matches!(s.kind, SymbolKind::Value));
                // Several words before it are those of another table's head.
                let words = before.clone().filter(|s| matches!(s.kind, SymbolKind::Words)).count();
                blank && words < 2 && behind().count() >= MIN_BLANK_ROW && !behind().chain(before).any(label)
            };
            return behind().any(printed) || blank_row();
        }
        let mut rest = self.symbols.iter().skip(at + 1);
        rest.find(|s| !matches!(s.kind, SymbolKind::Value) || !self.is_blank(s.tokens.start))
            .is_some_and(printed)
    }

    fn is_blank(&self, token: usize) -> bool {
        self.stream.is_blank(token)
    }

    fn anchor(&mut self, at: usize, symbol: &Symbol<'_>, item: usize, quality: Quality, also_column: bool) {
        let Some(line) = self.stream.lines.get(symbol.last_line) else { return };
        let broken = line.kind == LineKind::Run && self.broken;
        let wanted = self.table.columns_of(item).len();
        let cells = self.values_behind(at, symbol, wanted);
        if cells.is_empty() {
            self.bare = Some((symbol.last_line, item));
            self.bares += 1;
            // Right under its head, a row of which nothing is printed but the label.
            if !self.interrupted && self.heads.last().is_some_and(|h| h.columns_named() > 0) {
                self.empty.push(item);
            }
            return;
        }
        let label = self.stream.tokens.get(symbol.tokens.clone()).unwrap_or_default();
        let label = label.iter().map(|t| t.raw.trim()).collect::<Vec<_>>().concat();
        let (head, line, kind) = (self.heads.len() - 1, symbol.last_line, line.kind);
        let table = cells.first().and_then(|c| self.stream.tokens.get(*c)).and_then(|t| t.place.table);
        let own = table == self.stranger_table;
        let strangers = if own { self.strangers } else { 0 };
        let strange_head = own && self.strange_head;
        (self.strangers, self.strange_head) = (0, false);
        let loose = self.loose_before(at);
        // The ordinal of the next row has come to stand behind it: its figures may have come along.
        let quality = if ends_in_ordinal(&label) { Quality::Double } else { quality };
        let whole = self.words_behind(&cells).map(|rest| words_key(&label) + rest);
        let interrupted = whole.as_ref().is_some_and(|w| self.is_label_of(item, w));
        let double = quality == Quality::Short
            && whole.as_ref().is_some_and(|w| self.is_label_before_another(item, w));
        let quality = if double { Quality::Double } else { quality };
        let bare = self.bare.take();
        let behind = cells.last().map_or(0, |c| self.symbols.partition_point(|s| s.tokens.start <= *c));
        let known = |s: Option<&Symbol<'_>>| s.is_none_or(|s| !matches!(s.kind, SymbolKind::Words));
        let wrapped = (symbol.line != symbol.last_line
            || self.stream.tokens.get(symbol.tokens.clone()).is_some_and(|t| t.iter().any(|t| t.wrapped)))
            && self.stand_together(&cells)
            && known(self.symbols.get(behind))
            && known(at.checked_sub(1).and_then(|b| self.symbols.get(b)));
        let rest = self.rest(at, &label, &cells, wanted, interrupted);
        let before = at.checked_sub(1).and_then(|b| self.symbols.get(b));
        let anchored = cells.clone();
        self.anchors.push(Anchor {
            item,
            width: wanted,
            quality,
            label,
            head,
            cells,
            line,
            kind,
            broken,
            interrupted,
            strangers,
            scale: self.scale,
            also_column,
            strange_head,
            loose,
            rest,
            bare_above: bare.is_some(),
            bare_beside: bare.is_some_and(|(line, other)| {
                line == symbol.line && (other != item || self.are_doubled(&anchored))
            }),
            words_before: before.is_some_and(|before| self.is_no_label_here(at - 1, before)),
            wrapped,
            before: symbol.tokens.start.checked_sub(1),
        });
    }

    /// Whether a symbol is unknown words, or words of the head (`其他`) outside of one: right behind figures.
    fn is_no_label_here(&self, at: usize, symbol: &Symbol<'_>) -> bool {
        let behind_figures = || {
            let before = at.checked_sub(1).and_then(|b| self.symbols.get(b));
            before.is_some_and(|s| matches!(s.kind, SymbolKind::Value))
        };
        match &symbol.kind {
            SymbolKind::Words => true,
            SymbolKind::Label(found) => {
                found.names.iter().all(|n| matches!(n, Name::Column(_))) && behind_figures()
            }
            SymbolKind::Value => false,
        }
    }

    /// Whether each figure is printed twice, as one: `9191` for 91.
    fn are_doubled(&self, cells: &[usize]) -> bool {
        let doubled = |t: &usize| {
            let text: Vec<char> =
                self.stream.tokens.get(*t).map(|t| t.raw.trim().chars().collect()).unwrap_or_default();
            text.split_at_checked(text.len() / 2).is_some_and(|(a, b)| !a.is_empty() && a == b)
        };
        cells.iter().filter(|t| !self.is_blank(**t)).all(doubled)
    }

    /// Figures between the head and a label, unless they only count (the numbers of columns).
    fn loose_before(&self, at: usize) -> usize {
        let value = |s: &&Symbol<'_>| matches!(s.kind, SymbolKind::Value);
        let above = || self.symbols.iter().take(at).rev();
        let figures: Vec<Option<i64>> = above()
            .take_while(value)
            .filter(|s| !self.is_blank(s.tokens.start))
            .map(|s| self.stream.value(s.tokens.start)?.number?.as_integer())
            .collect();
        let in_head = |n: &Name| matches!(n, Name::Column(_) | Name::Heading(_));
        let head = above()
            .find(|s| !value(s))
            .is_some_and(|s| matches!(&s.kind, SymbolKind::Label(found) if found.names.iter().any(in_head)));
        let counts = figures.windows(2).all(|w| matches!(w, [Some(b), Some(a)] if *b == a + 1));
        if counts || !head { 0 } else { figures.len() }
    }

    /// Whether nothing that has become part of a label stood among some values: before it stands the number of a row.
    fn stand_together(&self, cells: &[usize]) -> bool {
        let columns = || cells.iter().filter_map(|c| self.stream.tokens.get(*c)).map(|t| t.place.column);
        columns().zip(columns().skip(1)).all(|(a, b)| b <= a + 1)
    }

    /// The words right behind some values.
    fn words_behind(&self, cells: &[usize]) -> Option<&str> {
        let next = cells.last().and_then(|c| self.stream.tokens.get(c + 1)).map(|t| &t.kind);
        if let Some(Kind::Words(rest)) = next { Some(rest) } else { None }
    }

    /// Whether a text is a label of an item.
    fn is_label_of(&self, item: usize, text: &str) -> bool {
        self.table.items.get(item).is_some_and(|i| i.labels.iter().any(|l| l == text))
    }

    /// Whether a text begins with a label of an item and goes on with that of another: two rows have become one.
    fn is_label_before_another(&self, item: usize, text: &str) -> bool {
        let rests = self.table.items.get(item).into_iter().flat_map(|i| &i.labels);
        let mut rests = rests.filter_map(|l| text.strip_prefix(l.as_str()));
        let other = |rest: &str| {
            let mut labels = self.table.items.iter().flat_map(|i| &i.labels);
            labels.any(|l| l.chars().count() > 3 && rest.contains(l.as_str()))
        };
        rests.any(other)
    }

    /// Whether words below a head begin with the label of a row and go on with that of another, perhaps in the next
    /// lines, and figures follow.
    fn holds_two_labels(&self, symbol: &Symbol<'_>) -> bool {
        /// So many columns named show that the head is there.
        const MIN_COLUMNS: usize = 3;
        /// Two labels are printed over at most so many pieces.
        const MAX_PIECES: usize = 4;
        if self.open.as_ref().is_none_or(|head| head.columns_named() < MIN_COLUMNS) {
            return false;
        }
        let from = self.symbols.partition_point(|s| s.tokens.start < symbol.tokens.start);
        let words = |s: &&Symbol<'_>| matches!(s.kind, SymbolKind::Words);
        let behind = || self.symbols.iter().skip(from);
        let pieces = behind().take(MAX_PIECES).take_while(words).count();
        let before_figures = behind()
            .skip(pieces)
            .find(|s| !matches!(s.kind, SymbolKind::Value) || !self.is_blank(s.tokens.start))
            .is_some_and(|s| matches!(s.kind, SymbolKind::Value));
        let key = |s: &Symbol<'_>| match self.stream.tokens.get(s.tokens.start).map(|t| &t.kind) {
            Some(Kind::Words(key)) => key.as_str(),
            _ => "",
        };
        let spelled: String = behind().take(pieces).map(key).collect();
        before_figures && (0..self.table.items.len()).any(|item| self.is_label_before_another(item, &spelled))
    }

    /// Values behind a label: those of its row; where the label stands alone, those of the rows that follow.
    fn values_behind(&self, at: usize, symbol: &Symbol<'_>, wanted: usize) -> Vec<usize> {
        /// Trailing blank cells of lost spans are collected too, but not without end.
        const MAX_SURPLUS: usize = 40;
        let mut cells = Vec::with_capacity(wanted);
        let alone = self.fills_line(symbol);
        let mut line = symbol.last_line;
        for next in self.symbols.iter().skip(at + 1) {
            if next.line != line {
                let own_row = cells.iter().any(|c| !self.is_blank(*c)) || cells.len() >= wanted;
                let row_ends = line == symbol.last_line && (own_row || !cells.is_empty() || !alone);
                if row_ends || self.has_words(next.line) {
                    break;
                }
                line = next.line;
            }
            if !matches!(next.kind, SymbolKind::Value) || cells.len() >= wanted + MAX_SURPLUS {
                break;
            }
            cells.extend(next.tokens.clone());
        }
        cells
    }

    /// Figures printed between the values of a row and the next words.
    fn rest(&self, at: usize, label: &str, cells: &[usize], wanted: usize, interrupted: bool) -> Vec<usize> {
        let Some(last) = cells.last() else { return Vec::new() };
        let mut below = self.symbols.iter().skip(at + 1).skip_while(|s| s.tokens.start <= *last).peekable();
        // The rest of a label, or of the note behind it.
        if interrupted || opens_a_note(label) {
            below.next_if(|s| !matches!(s.kind, SymbolKind::Value));
        }
        // At the head of a page the head and the labels of groups are printed again, and converters invent words for one.
        let again = |s: &Symbol<'_>| match &s.kind {
            // `总计` is the head's where no figures stand beside it.
            SymbolKind::Label(found) => {
                let of_head = |n: &Name| matches!(n, Name::Column(_) | Name::Heading(_));
                (found.names.iter().any(of_head) && self.stands_beside_others(s))
                    || !found.names.iter().any(|n| matches!(n, Name::Item(_)))
            }
            SymbolKind::Words => self.stands_in_table(s) && !self.is_prose(s),
            SymbolKind::Value => false,
        };
        // Of a blank row those in the next may be, whatever stands beside them that is no row of the form's.
        let blank = cells.iter().all(|c| self.is_blank(*c));
        // No invented head has more rows.
        let far = self.symbols.get(at).map_or(0, |s| s.last_line + 3);
        let mut rest = Vec::new();
        let mut page = None;
        for symbol in below {
            match symbol.kind {
                SymbolKind::Value if self.is_blank(symbol.tokens.start) => {}
                // Figures beside words, or beside the label of the next row, are theirs.
                SymbolKind::Value if self.is_of_others(symbol.line, !blank) => break,
                SymbolKind::Value => rest.push(symbol.tokens.start),
                SymbolKind::Words if symbol.line > far => break,
                // Behind a whole row begins another.
                _ if page.is_some_and(|before| rest.len() >= before + wanted) => break,
                _ if again(symbol) => page = Some(rest.len()),
                _ => break,
            }
        }
        // As many figures as a row has are a row: the group's own, that of the words before it, or the numbers of the
        // columns. In a table a row shows its words beside its figures.
        let beside =
            cells.first().and_then(|c| self.stream.tokens.get(*c)).is_some_and(|t| t.place.table.is_some());
        let row = |before: &usize| rest.len() - before >= wanted && !(beside && wanted == 1) && !blank;
        if let Some(before) = page.filter(row) {
            rest.truncate(before);
        }
        rest
    }

    /// Whether words stand between words that name columns, or on a line with some.
    fn stands_in_head(&self, symbol: &Symbol<'_>) -> bool {
        let column = |n: &Name| matches!(n, Name::Column(_) | Name::Heading(_));
        let named = |s: &Symbol<'_>| matches!(&s.kind, SymbolKind::Label(f) if f.names.iter().any(column));
        let at = self.symbols.partition_point(|s| s.tokens.start < symbol.tokens.start);
        let blank = |s: &&Symbol<'_>| matches!(s.kind, SymbolKind::Value) && self.is_blank(s.tokens.start);
        let before = self.symbols.iter().take(at).rev().find(|s| !blank(s));
        let behind = self.symbols.iter().skip(at + 1).find(|s| !blank(s));
        let from = self.symbols.partition_point(|s| s.line < symbol.line);
        (before.is_some_and(named) && behind.is_some_and(|s| matches!(s.kind, SymbolKind::Label(_))))
            || self.symbols.iter().skip(from).take_while(|s| s.line == symbol.line).any(named)
    }

    /// Whether a symbol stands in a row of several cells.
    fn stands_beside_others(&self, symbol: &Symbol<'_>) -> bool {
        let several = self.stream.lines.get(symbol.line).is_some_and(|l| l.tokens.len() > 1);
        several && self.stands_in_table(symbol)
    }

    /// Whether a symbol stands in a row of cells.
    fn stands_in_table(&self, symbol: &Symbol<'_>) -> bool {
        let kind = self.stream.lines.get(symbol.line).map(|l| l.kind);
        matches!(kind, Some(LineKind::Marked | LineKind::Padded | LineKind::Bars))
    }

    /// Whether the label of a row, or, if `unknown`, words that are no label, stand on a line.
    fn is_of_others(&self, line: usize, unknown: bool) -> bool {
        let from = self.symbols.partition_point(|s| s.line < line);
        let other = |s: &Symbol<'_>| match &s.kind {
            SymbolKind::Words => unknown,
            SymbolKind::Label(found) => found.names.iter().any(|n| matches!(n, Name::Item(_))),
            SymbolKind::Value => false,
        };
        self.symbols.iter().skip(from).take_while(|s| s.line == line).any(other)
    }

    /// Whether words are a sentence, or stand on a line that is none of the text.
    fn is_prose(&self, symbol: &Symbol<'_>) -> bool {
        /// Words of a form, notes included, are shorter.
        const MIN_CHARS: usize = 60;
        let mut tokens = self.stream.tokens.get(symbol.tokens.clone()).unwrap_or_default().iter();
        let furniture = self.stream.lines.get(symbol.line).is_some_and(|l| l.furniture);
        furniture || tokens.any(|t| t.raw.ends_with('。') || is_longer(&t.raw, MIN_CHARS))
    }

    /// Whether nothing but the symbol stands on its last line; in text, nothing but the labels of groups before it.
    fn fills_line(&self, symbol: &Symbol<'_>) -> bool {
        let Some(line) = self.stream.lines.get(symbol.last_line) else { return false };
        let group = |s: &Symbol<'_>| matches!(&s.kind, SymbolKind::Label(f) if f.names.iter().all(|n| matches!(n, Name::Group(_))));
        let before = || {
            let from = self.symbols.partition_point(|s| s.line < symbol.line);
            self.symbols.iter().skip(from).take_while(|s| s.tokens.start < symbol.tokens.start).all(group)
        };
        let first = symbol.tokens.start <= line.tokens.start;
        symbol.tokens.end >= line.tokens.end && (first || (line.kind == LineKind::Pieces && before()))
    }

    /// Whether a line of several tokens holds words: its values belong to those.
    fn has_words(&self, line: usize) -> bool {
        self.stream.lines.get(line).is_some_and(|l| {
            l.tokens.len() > 1
                && self.stream.line(l).iter().any(|t| matches!(&t.kind, Kind::Words(k) if !k.is_empty()))
        })
    }
}

/// Whether a label ends in an ordinal, as that of the next row: `…禁止公开3.`.
fn ends_in_ordinal(label: &str) -> bool {
    label
        .trim_end()
        .strip_suffix(['.', '．', '、'])
        .is_some_and(|l| l.ends_with(|c: char| c.is_ascii_digit()))
}
