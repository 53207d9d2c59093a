//! Tables whose items run down: for every labelled row the values behind its label, in order.

use crate::head::{Head, Order};
use crate::labels::{Name, Quality};
use crate::proof::{may_be_a_run, may_hold_a_page_number, row_holds, says_nothing};
use crate::reading::{Cells, Reading, RowReading};
use crate::stream::{Kind, LineKind, Stream, words_key};
use crate::subject::Subject;
use crate::symbols::{Symbol, SymbolKind};
use gongkai_registry::FormTable;

/// A printed row label with the values behind it.
#[derive(Debug, Clone)]
struct Anchor {
    item: usize,
    /// Columns that the form gives the row.
    width: usize,
    quality: Quality,
    label: String,
    /// Position of the head that stands over it.
    head: usize,
    /// Tokens of the values, blank cells included.
    cells: Vec<usize>,
    line: usize,
    kind: LineKind,
    /// Whether the row stands in running text, and other words between the head and it.
    broken: bool,
    /// Whether the end of the label stands behind the values, as after a page break, which may have left its number.
    interrupted: bool,
    /// Unknown words above it that no figures separate from it.
    strangers: usize,
    /// Figures right above its label that belong to no row.
    loose: usize,
    /// The token before its label.
    before: Option<usize>,
}

/// All readings of the table that the document offers, in document order.
pub(crate) fn read(
    stream: &Stream,
    table: &FormTable,
    symbols: &[Symbol<'_>],
    subject: &Subject<'_>,
) -> Vec<Reading> {
    let Found { anchors, heads, unused, empty } = Scan::new(stream, table, symbols).run();
    let regions = regions(anchors, stream, subject);
    let parts: Vec<Region<'_>> = regions
        .iter()
        .map(|region| Region {
            stream,
            table,
            heads: &heads,
            anchors: region,
            regions: &regions,
            empty: &empty,
        })
        .collect();
    let orders: Vec<Vec<Order>> = parts.iter().map(Region::orders).collect();
    let starts: Vec<Starts> = parts.iter().zip(&orders).map(|(p, o)| p.common_starts(o)).collect();
    let shared = Starts::shared(&starts);
    let parts = parts.iter().zip(&orders).zip(&starts);
    let mut readings: Vec<Reading> = parts.map(|((p, o), s)| p.read(o, s.or(shared))).collect();
    // A head that no row follows: the document ends where another table begins.
    readings.extend(unused.map(|line| Reading {
        rows: Vec::new(),
        head: None,
        first_line: line,
        last_line: line,
    }));
    readings
}

/// Groups anchors into tables. An item that comes again begins another one; so does an item before the last one under
/// a new head (a head repeated at a page break goes on where the page ended), and a caption.
fn regions(anchors: Vec<Anchor>, stream: &Stream, subject: &Subject<'_>) -> Vec<Vec<Anchor>> {
    let mut regions: Vec<Vec<Anchor>> = Vec::new();
    for anchor in anchors {
        let goes_on = |region: &Vec<Anchor>| {
            let last = region.last();
            let new_head = last.is_some_and(|l| l.head != anchor.head && l.item > anchor.item);
            let same_table =
                last.is_some_and(|l| self::table_of(l, stream) == self::table_of(&anchor, stream));
            let captioned = || last.is_some_and(|l| subject.changes_between(stream, l.line + 1, anchor.line));
            same_table && !new_head && !region.iter().any(|a| a.item == anchor.item) && !captioned()
        };
        match regions.last_mut() {
            Some(region) if goes_on(region) => region.push(anchor),
            _ => regions.push(vec![anchor]),
        }
    }
    regions
}

/// The table of the document an anchor's values stand in.
fn table_of(anchor: &Anchor, stream: &Stream) -> Option<u32> {
    anchor.cells.first().and_then(|c| stream.tokens.get(*c)).and_then(|t| t.place.table)
}

/// Fewest blank cells behind a label that make a row of blank cells.
const MIN_BLANK_ROW: usize = 5;

/// Most words above a head that may be its captions.
const MAX_CAPTIONS: usize = 3;

/// What a document holds of a table.
struct Found {
    anchors: Vec<Anchor>,
    heads: Vec<Head>,
    /// Line of a head that no row follows.
    unused: Option<usize>,
    /// Items whose row is printed right under its head without any figure.
    empty: Vec<usize>,
}

/// Walks the symbols once and collects anchors and heads.
struct Scan<'a> {
    stream: &'a Stream,
    table: &'a FormTable,
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
    /// Items whose row is printed without any figure.
    empty: Vec<usize>,
}

impl<'a> Scan<'a> {
    fn new(stream: &'a Stream, table: &'a FormTable, symbols: &'a [Symbol<'a>]) -> Self {
        Self {
            stream,
            table,
            symbols,
            heads: vec![Head::default()],
            anchors: Vec::new(),
            open: None,
            broken: true,
            interrupted: false,
            strangers: 0,
            stranger: "",
            empty: Vec::new(),
        }
    }

    /// What the document holds of the table.
    fn run(mut self) -> Found {
        for at in 0..self.symbols.len() {
            let Some(symbol) = self.symbols.get(at) else { break };
            match &symbol.kind {
                SymbolKind::Label(found) => self.label(at, symbol, &found.names, found.quality),
                SymbolKind::Words => {
                    self.broken = true;
                    self.stranger(symbol);
                }
                SymbolKind::Value if !self.is_blank(symbol.tokens.start) => {
                    self.interrupted = true;
                    self.strangers = 0;
                }
                SymbolKind::Value => {}
            }
        }
        let ends_with = self.symbols.last().map_or(0, |s| s.last_line);
        // Words of another table's head, of which two happen to be columns here, have strangers among them.
        let strangers = self.strangers;
        let names_table =
            |head: &Head| (head.columns_named() >= 2 && strangers <= MAX_CAPTIONS) || head.has_heading();
        let unused = self.open.filter(names_table).and_then(|head| head.words.last().map(|(_, line)| *line));
        let unused = unused.filter(|line| !self.anchors.is_empty() && *line >= ends_with);
        Found { anchors: self.anchors, heads: self.heads, unused, empty: self.empty }
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
            self.anchor(at, symbol, item, quality);
        } else if !head.is_empty() {
            // Figures or prose behind a word show that it was none of this head.
            if std::mem::take(&mut self.interrupted) {
                self.close_head();
            }
            // Unknown words inside a head leave it broken.
            self.broken &= self.open.is_some();
            self.open.get_or_insert_default().words.push((head, symbol.line));
        } else if let Some(group) = group
            && self.table.groups.get(group).is_some_and(|g| !g.columns.is_empty())
        {
            // The group brings columns of its own: what stood over the rows before does not stand over these.
            self.close_head();
            self.broken = false;
            self.heads.push(Head::default());
        }
    }

    /// Words the form does not know: prose, or a word of a head under another name.
    fn stranger(&mut self, symbol: &Symbol<'_>) {
        let prose = self.is_prose(symbol);
        self.interrupted |= prose;
        // The same word again and again is no name.
        let raw = self.stream.tokens.get(symbol.tokens.start).map_or("", |t| t.raw.as_str());
        let again = std::mem::replace(&mut self.stranger, raw) == raw;
        self.strangers = if prose { 0 } else { self.strangers + usize::from(!again) };
        if let Some(head) = self.open.as_mut().filter(|_| !self.interrupted) {
            head.words.push((Vec::new(), symbol.line));
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
        let named: Vec<usize> = head.words.iter().filter(|(n, _)| !n.is_empty()).map(|(_, l)| *l).collect();
        let row = |line: usize| {
            let kind = self.stream.lines.get(line).map(|l| l.kind);
            matches!(kind, Some(LineKind::Marked | LineKind::Padded | LineKind::Bars))
        };
        head.words.retain(|(names, line)| !names.is_empty() || !row(*line) || named.contains(line));
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
                behind().count() >= MIN_BLANK_ROW && !behind().chain(before).any(label)
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

    fn anchor(&mut self, at: usize, symbol: &Symbol<'_>, item: usize, quality: Quality) {
        let Some(line) = self.stream.lines.get(symbol.last_line) else { return };
        let broken = line.kind == LineKind::Run && self.broken;
        let wanted = self.table.columns_of(item).len();
        let cells = self.values_behind(at, symbol, wanted);
        if cells.is_empty() {
            // Right under its head, a row of which nothing is printed but the label.
            if !self.interrupted && self.heads.last().is_some_and(|h| h.columns_named() > 0) {
                self.empty.push(item);
            }
            return;
        }
        let label = self.stream.tokens.get(symbol.tokens.clone()).unwrap_or_default();
        let label = label.iter().map(|t| t.raw.trim()).collect::<Vec<_>>().concat();
        let (head, line, kind) = (self.heads.len() - 1, symbol.last_line, line.kind);
        let strangers = std::mem::take(&mut self.strangers);
        let loose = self.loose_before(at);
        let interrupted = quality == Quality::Short && self.label_goes_on(&label, item, &cells);
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
            loose,
            before: symbol.tokens.start.checked_sub(1),
        });
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

    /// Whether the words behind the values complete a label that was cut short.
    fn label_goes_on(&self, label: &str, item: usize, cells: &[usize]) -> bool {
        let next = cells.last().and_then(|c| self.stream.tokens.get(c + 1)).map(|t| &t.kind);
        let Some(Kind::Words(rest)) = next else { return false };
        let whole = words_key(label) + rest;
        self.table.items.get(item).is_some_and(|i| i.labels.contains(&whole))
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

    /// Whether words are a sentence.
    fn is_prose(&self, symbol: &Symbol<'_>) -> bool {
        /// Words of a form, notes included, are shorter.
        const MIN_CHARS: usize = 60;
        let mut tokens = self.stream.tokens.get(symbol.tokens.clone()).unwrap_or_default().iter();
        tokens.any(|t| t.raw.ends_with('。') || t.raw.chars().nth(MIN_CHARS).is_some())
    }

    /// Whether nothing but the symbol stands on its last line.
    fn fills_line(&self, symbol: &Symbol<'_>) -> bool {
        self.stream
            .lines
            .get(symbol.last_line)
            .is_some_and(|l| symbol.tokens.start <= l.tokens.start && symbol.tokens.end >= l.tokens.end)
    }

    /// Whether a line of several tokens holds words: its values belong to those.
    fn has_words(&self, line: usize) -> bool {
        self.stream.lines.get(line).is_some_and(|l| {
            l.tokens.len() > 1
                && self.stream.line(l).iter().any(|t| matches!(&t.kind, Kind::Words(k) if !k.is_empty()))
        })
    }
}

/// One table of the document: anchors of different items.
struct Region<'a> {
    stream: &'a Stream,
    table: &'a FormTable,
    heads: &'a [Head],
    anchors: &'a [Anchor],
    /// All tables of the document that print these items.
    regions: &'a [Vec<Anchor>],
    /// Items that another such table prints without any figure.
    empty: &'a [usize],
}

impl Region<'_> {
    fn read(&self, orders: &[Order], starts: Starts) -> Reading {
        let mut rows = Vec::with_capacity(self.anchors.len());
        for (anchor, order) in self.anchors.iter().zip(orders) {
            rows.push(self.row(anchor, order, starts));
        }
        Reading {
            rows,
            head: self.anchors.first().map(|a| a.head),
            first_line: self.anchors.first().map_or(0, |a| a.line),
            last_line: self
                .anchors
                .last()
                .map_or(0, |a| self.stream.line_of(a.cells.last().copied(), a.line)),
        }
    }

    /// The columns over each anchor. Neighbours mostly share head and columns.
    fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<Order> = Vec::with_capacity(self.anchors.len());
        let mut last: Option<(usize, Vec<usize>)> = None;
        for anchor in self.anchors {
            let key = (anchor.head, self.table.columns_of(anchor.item));
            let order = match (orders.last(), &last) {
                (Some(order), Some(same)) if *same == key => order.clone(),
                _ => self.heads.get(key.0).map_or(Order::Missing, |h| h.order(self.table, &key.1)),
            };
            orders.push(order);
            last = Some(key);
        }
        orders
    }

    fn row(&self, anchor: &Anchor, order: &Order, starts: Starts) -> RowReading {
        if anchor.broken {
            return self.refused(anchor, "other words stand between the head and this row");
        }
        let statutory = self.table.columns_of(anchor.item);
        if let Some(why) = self.contradiction(anchor, order, statutory.len()) {
            return self.refused(anchor, why);
        }
        let (columns, head_missing) = match order {
            Order::Columns(columns) => (columns.clone(), false),
            Order::Supposed => (statutory.clone(), true),
            // Running text is read only where the head is there to prove that it is the table.
            Order::Missing if anchor.kind != LineKind::Run => (statutory.clone(), true),
            Order::Missing | Order::Unclear => {
                return self.refused(anchor, "the head does not say which columns these are");
            }
        };
        match self.window(anchor, &columns, starts) {
            Ok(cells) => RowReading {
                item: anchor.item,
                label: anchor.label.clone(),
                quality: anchor.quality,
                columns,
                cells,
                head_missing,
                refusal: None,
                printed: anchor.cells.clone(),
            },
            Err(why) => RowReading { columns, head_missing, ..self.refused(anchor, &why) },
        }
    }

    /// What of the table as a whole contradicts the form's layout.
    fn contradiction(&self, anchor: &Anchor, order: &Order, columns: usize) -> Option<&'static str> {
        let first = self.anchors.first()?;
        let empty = |a: &&Anchor| self.empty.contains(&a.item);
        // Where half of its rows are, the other half is in doubt as well.
        if empty(&anchor) || self.anchors.iter().filter(empty).count() * 2 > self.anchors.len() {
            return Some("the document prints two such rows, one of them without figures");
        }
        // One word may be a caption, another one a corner.
        if *order == Order::Missing && columns > 2 && first.strangers + 2 >= columns {
            return Some("the words above the figures name no column of the form");
        }
        if self.stands_alone(anchor) && self.stands_alone(first) && first.loose >= columns {
            return Some("figures stand above the first label: they may all stand above their labels");
        }
        let beside = |a: &&Anchor| !self.stands_alone(a);
        if anchor.kind == LineKind::Pieces
            && self.stands_alone(anchor)
            && self.anchors.iter().filter(beside).count() * 2 > self.anchors.len()
        {
            return Some("the figures of other rows stand beside their labels, not below");
        }
        None
    }

    fn refused(&self, anchor: &Anchor, why: &str) -> RowReading {
        RowReading {
            item: anchor.item,
            label: anchor.label.clone(),
            quality: anchor.quality,
            columns: Vec::new(),
            cells: Cells::Tokens(Vec::new()),
            head_missing: false,
            refusal: Some(why.to_owned()),
            printed: anchor.cells.clone(),
        }
    }

    /// The cells that are the row's values: all of them, or all but blank cells left by lost spans.
    fn window(&self, anchor: &Anchor, columns: &[usize], starts: Starts) -> Result<Cells, String> {
        let (cells, wanted) = (&anchor.cells, columns.len());
        if cells.len() < wanted {
            if self.stream.are_zeros(cells, wanted) {
                return Ok(Cells::Zeros { token: cells.first().copied().unwrap_or_default() });
            }
            let printed = cells.iter().filter(|c| !self.is_blank(**c)).count();
            return Err(format!("{printed} values for {wanted} columns"));
        }
        if self.printed(anchor) == wanted && self.counts_behind(anchor, wanted) {
            return Err(
                "other rows print one value more: it is not certain which one is missing here".to_owned()
            );
        }
        let mut offsets = self.offsets(cells, wanted);
        if self.stands_alone(anchor) {
            // Nothing stands between a label on a line of its own and the values on the lines below.
            offsets.retain(|o| *o == 0);
        }
        let chosen = match offsets.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => Some(
                starts
                    .choose(self, cells, several)
                    .ok_or("it is not certain which blank cells are values")?,
            ),
        };
        let tokens: Vec<usize> = match chosen {
            Some(offset) => cells.iter().skip(offset).take(wanted).copied().collect(),
            None => self.without_idle_columns(anchor, columns)?,
        };
        let own_place = !matches!(anchor.kind, LineKind::Pieces | LineKind::Run);
        if anchor.interrupted
            && !own_place
            && row_holds(self.stream, self.table, columns, &tokens) != Some(true)
        {
            return Err("its label is interrupted, perhaps by the end of a page: a figure may be its number"
                .to_owned());
        }
        if self.may_end_in_an_ordinal(anchor, columns, &tokens) {
            return Err("the last figure may be the ordinal of the next row".to_owned());
        }
        if self.own_lines(anchor, &tokens)
            && may_hold_a_page_number(self.stream, self.table, columns, &tokens)
        {
            return Err(
                "the sum does not hold, and one of the figures may be the number of a page".to_owned()
            );
        }
        if self.may_end_in_a_page_number(anchor, columns, &tokens) {
            return Err("other rows have lost blank cells, and the last figure may be the number of a page"
                .to_owned());
        }
        match chosen.and_then(|_| self.doubt(anchor, columns, &tokens, starts)) {
            Some(why) => Err(why.to_owned()),
            None => Ok(Cells::Tokens(tokens)),
        }
    }

    /// Whether the last of the values, each on a line of its own, may count the next row instead, with one of the values
    /// lost; sums would show it.
    fn may_end_in_an_ordinal(&self, anchor: &Anchor, columns: &[usize], tokens: &[usize]) -> bool {
        let suspect = tokens.last().is_some_and(|t| self.is_next_ordinal(anchor, *t));
        if !suspect || !self.own_lines(anchor, tokens) {
            return false;
        }
        let others: Vec<&Anchor> = self.regions.iter().flatten().filter(|a| a.item != anchor.item).collect();
        let (numbered, plain): (Vec<&Anchor>, Vec<&Anchor>) = others.iter().partition(|a| {
            a.cells.last().is_some_and(|c| self.is_next_ordinal(a, *c))
                || a.before.is_some_and(|t| self.is_ordinal_of(a, t))
        });
        // An ordinal column counts every row.
        let whole = plain.iter().filter(|a| self.printed(a) == a.width).count();
        if numbered.len() * 2 < others.len() && whole > 1 {
            return false;
        }
        // A sum that holds is the better witness, but of many rows with an ordinal behind them one may hold by chance.
        let longer = numbered.iter().filter(|a| self.printed(a) > a.width).count();
        longer > 1 || row_holds(self.stream, self.table, columns, tokens) != Some(true)
    }

    /// Whether a figure is the ordinal that the row behind this one has in the form.
    fn is_next_ordinal(&self, anchor: &Anchor, token: usize) -> bool {
        let figure = self.number(token).and_then(|n| usize::try_from(n).ok());
        figure.is_some_and(|n| n == anchor.item + 2 || n == self.table.ordinal_in_group(anchor.item) + 1)
    }

    /// Whether a figure is the ordinal of the row itself.
    fn is_ordinal_of(&self, anchor: &Anchor, token: usize) -> bool {
        let figure = self.number(token).and_then(|n| usize::try_from(n).ok());
        figure.is_some_and(|n| n == anchor.item + 1 || n == self.table.ordinal_in_group(anchor.item))
    }

    /// Whether, where blank cells leave no line, the last figure of a row without sums may be the number of a page, which
    /// makes up for a blank cell.
    fn may_end_in_a_page_number(&self, anchor: &Anchor, columns: &[usize], tokens: &[usize]) -> bool {
        /// Hardly a report has more pages.
        const MAX_PAGE: i64 = 99;
        let page = tokens.last().and_then(|t| self.number(*t)).is_some_and(|n| (1..=MAX_PAGE).contains(&n));
        let alike = |a: &Anchor| a.width == anchor.width;
        let short = |a: &Anchor| alike(a) && self.printed(a) < columns.len();
        page && columns.len() > 1
            && self.own_lines(anchor, tokens)
            && self.anchors.iter().filter(|a| short(a)).count() > 1
            && row_holds(self.stream, self.table, columns, tokens).is_none()
    }

    /// Whether each of the values stands on a line of its own.
    fn own_lines(&self, anchor: &Anchor, tokens: &[usize]) -> bool {
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let apart = tokens.windows(2).all(|w| matches!(w, [a, b] if line(a) != line(b)));
        apart && (tokens.len() > 1 || anchor.kind == LineKind::Pieces)
    }

    /// Why blank cells among the values leave it open which column a figure stands in. Where the form's arithmetic can
    /// prove the places it must; elsewhere the layout has to.
    fn doubt(
        &self,
        anchor: &Anchor,
        columns: &[usize],
        tokens: &[usize],
        starts: Starts,
    ) -> Option<&'static str> {
        if anchor.kind == LineKind::Run
            && columns.len() > 1
            && starts.runs_together
            && row_holds(self.stream, self.table, columns, tokens) != Some(true)
        {
            return Some(
                "other rows have lost the blanks between their figures: this one may have lost some too",
            );
        }
        let blanks = tokens.iter().filter(|t| self.is_blank(**t)).count();
        if blanks == 0 || blanks == tokens.len() {
            return None;
        }
        if may_be_a_run(self.stream, tokens) {
            return Some("one figure for several columns: it may be several run together");
        }
        // A blank cell adds nothing wherever it stands: no sum tells it from one that a lost span left before the values.
        let start = tokens.first().and_then(|t| self.column(*t, anchor.kind));
        let offset = anchor.cells.iter().position(|c| tokens.first() == Some(c));
        let elsewhere = starts.column.is_some() && start != starts.column && starts.offset != offset;
        let first_blank = tokens.first().is_some_and(|t| self.is_blank(*t));
        if elsewhere || (first_blank && !starts.keep_places(anchor.kind, offset)) {
            return Some("blank cells leave it open which columns the figures stand in");
        }
        let proof = row_holds(self.stream, self.table, columns, tokens);
        let certain = match proof.filter(|_| !says_nothing(self.stream, tokens)) {
            Some(proved) => proved,
            None => {
                let lined_up = match starts.column {
                    Some(column) => start == Some(column),
                    None => anchor.cells.len() == tokens.len(),
                };
                let blank = |t: Option<&usize>| t.is_some_and(|t| self.is_blank(*t));
                // A value lost in a row that is filled up leaves a blank cell at its end; one lost beside a blank column
                // that the form does not have leaves a shorter row.
                let filled_up = blank(tokens.last()) && anchor.kind != LineKind::Marked;
                let shorter =
                    (first_blank || blank(tokens.last())) && self.others_are_longer(anchor, columns.len());
                lined_up && !filled_up && !shorter
            }
        };
        (!certain).then_some("blank cells leave it open which columns the figures stand in")
    }

    /// Whether the values of an anchor stand on other lines than its label.
    fn stands_alone(&self, anchor: &Anchor) -> bool {
        let own = self.stream.lines.get(anchor.line).map(|l| l.tokens.clone()).unwrap_or_default();
        anchor.cells.first().is_some_and(|c| !own.contains(c))
    }

    /// Cells up to the last one printed.
    fn printed(&self, anchor: &Anchor) -> usize {
        anchor.cells.iter().rposition(|c| !self.is_blank(*c)).map_or(0, |last| last + 1)
    }

    /// Whether most rows of so many columns print one more value behind their label alone on its line (the ordinal of
    /// the next row, where each cell stands on a line of its own).
    fn counts_behind(&self, anchor: &Anchor, wanted: usize) -> bool {
        let alike = |a: &&Anchor| a.width == anchor.width;
        let rows = self.anchors.iter().filter(alike).count();
        let longer = |a: &&Anchor| self.printed(a) == wanted + 1 && !self.begins_before(a, anchor);
        let longer = self.anchors.iter().filter(alike).filter(longer).count();
        longer > 0 && longer * 2 >= rows
    }

    /// Whether a row is longer than another only by a blank cell before its values, where the other still has its label:
    /// both end in the same column.
    fn begins_before(&self, longer: &Anchor, anchor: &Anchor) -> bool {
        let last = |a: &Anchor| a.cells.iter().rev().find(|c| !self.is_blank(**c)).copied();
        let end = |a: &Anchor| last(a).and_then(|c| self.column(c, a.kind));
        let blank = longer.cells.first().is_some_and(|c| self.is_blank(*c));
        blank && end(longer).is_some() && end(longer) == end(anchor)
    }

    /// Whether another row of so many columns has more cells.
    fn others_are_longer(&self, anchor: &Anchor, wanted: usize) -> bool {
        let alike = |a: &&Anchor| a.width == wanted;
        self.regions.iter().flatten().filter(alike).any(|a| a.cells.len() > anchor.cells.len())
    }

    /// Places at which a window of values leaves nothing printed outside.
    fn offsets(&self, cells: &[usize], wanted: usize) -> Vec<usize> {
        let first = cells.iter().position(|c| !self.is_blank(*c));
        let last = cells.iter().rposition(|c| !self.is_blank(*c));
        let most = cells.len() - wanted;
        (0..=most).filter(|o| first.is_none_or(|f| *o <= f) && last.is_none_or(|l| l < o + wanted)).collect()
    }

    /// Where the values begin in the rows that leave no choice: every cell printed, nothing but blank cells around.
    fn common_starts(&self, orders: &[Order]) -> Starts {
        let mut starts = Starts { offset: None, column: None, any: false, runs_together: false };
        for (anchor, order) in self.anchors.iter().zip(orders) {
            let wanted = match order {
                Order::Columns(c) => c.len(),
                _ => anchor.width,
            };
            if anchor.cells.len() < wanted {
                starts.runs_together |= anchor.kind == LineKind::Run;
                continue;
            }
            if let [only] = self.offsets(&anchor.cells, wanted).as_slice()
                && !anchor.cells.iter().skip(*only).take(wanted).any(|c| self.is_blank(*c))
            {
                let column = anchor.cells.get(*only).and_then(|c| self.column(*c, anchor.kind));
                starts.meet(*only, column);
            }
        }
        starts
    }

    fn column(&self, token: usize, kind: LineKind) -> Option<u32> {
        matches!(kind, LineKind::Marked | LineKind::Padded)
            .then(|| self.stream.tokens.get(token).map(|t| t.place.column))
            .flatten()
    }

    /// More cells than columns and none of them at the ends blank: a column that is blank in every row, or counts the
    /// rows, is none of the form's.
    fn without_idle_columns(&self, anchor: &Anchor, columns: &[usize]) -> Result<Vec<usize>, String> {
        let wanted = columns.len();
        let surplus = anchor.cells.len() - wanted;
        let alike: Vec<&Anchor> =
            self.anchors.iter().filter(|a| a.cells.len() == anchor.cells.len()).collect();
        /// So many rows must agree before a column is called idle.
        const MIN_ROWS: usize = 3;
        if alike.len() >= MIN_ROWS {
            let idle: Vec<usize> =
                (0..anchor.cells.len()).filter(|i| self.is_idle(&alike, *i)).take(surplus + 1).collect();
            let kept = anchor.cells.iter().enumerate().filter(|(i, _)| !idle.contains(i));
            let kept: Vec<usize> = kept.map(|(_, c)| *c).collect();
            // Where sums are prescribed they must show that no column of the form was taken for idle.
            if idle.len() == surplus && row_holds(self.stream, self.table, columns, &kept) != Some(false) {
                return Ok(kept);
            }
        }
        Err(format!("{} cells for {wanted} columns", anchor.cells.len()))
    }

    fn is_idle(&self, rows: &[&Anchor], column: usize) -> bool {
        let cell = |a: &Anchor| a.cells.get(column).copied();
        let blank = rows.iter().all(|a| cell(a).is_none_or(|c| self.is_blank(c)));
        let number = |a: &Anchor| cell(a).and_then(|c| self.number(c));
        let numbers: Vec<Option<i64>> = rows.iter().map(|a| number(a)).collect();
        let counts = numbers.windows(2).all(|w| matches!(w, [Some(a), Some(b)] if *b == a + 1));
        blank || (counts && numbers.first() == Some(&Some(1)))
    }

    fn number(&self, token: usize) -> Option<i64> {
        self.stream.value(token)?.number.and_then(gongkai_model::Number::as_integer)
    }

    fn is_blank(&self, token: usize) -> bool {
        self.stream.is_blank(token)
    }
}

/// Where values begin, as the rows without choice agree on it.
#[derive(Debug, Clone, Copy)]
struct Starts {
    /// Cells between label and first value.
    offset: Option<usize>,
    /// Grid column of the first value.
    column: Option<u32>,
    any: bool,
    /// Whether rows of running text print fewer figures than they have columns.
    runs_together: bool,
}

impl Starts {
    fn meet(&mut self, offset: usize, column: Option<u32>) {
        if self.any {
            self.offset = self.offset.filter(|o| *o == offset);
            self.column = self.column.filter(|c| Some(*c) == column);
        } else {
            *self = Self { offset: Some(offset), column, any: true, ..*self };
        }
    }

    /// What all tables of the document agree on: the cells between label and first value. Their columns are their own.
    fn shared(all: &[Self]) -> Option<usize> {
        let mut offsets = all.iter().filter(|s| s.any).map(|s| s.offset);
        let first = offsets.next()?;
        first.filter(|_| offsets.all(|o| o == first))
    }

    /// These, or in a table without a full row what the others agree on.
    fn or(self, shared: Option<usize>) -> Self {
        if self.any { self } else { Self { offset: shared, ..self } }
    }

    /// Whether a blank cell before the figures, so many cells behind the label, can only be a value: cells marked by
    /// themselves, unless every full row has such a blank cell before its values; or a place in which other rows begin as
    /// well.
    fn keep_places(self, kind: LineKind, offset: Option<usize>) -> bool {
        match kind {
            LineKind::Marked => self.column.is_some() || self.offset.is_none() || offset >= self.offset,
            LineKind::Padded if self.column.is_some() => true,
            LineKind::Padded | LineKind::Bars => self.offset.is_some() && self.offset == offset,
            LineKind::Pieces | LineKind::Run | LineKind::Prose => false,
        }
    }

    /// The place both kinds of agreement, as far as there is any, ask for.
    fn choose(self, region: &Region<'_>, cells: &[usize], offsets: &[usize]) -> Option<usize> {
        if cells.iter().all(|c| region.is_blank(*c)) {
            return offsets.first().copied();
        }
        let column_of =
            |o: usize| cells.get(o).and_then(|c| region.stream.tokens.get(*c)).map(|t| t.place.column);
        let by_column = self.column.and_then(|c| offsets.iter().copied().find(|o| column_of(*o) == Some(c)));
        let by_offset = self.offset.filter(|o| offsets.contains(o));
        match (by_column, by_offset) {
            (Some(a), Some(b)) if a != b => None,
            (a, b) => a.or(b),
        }
    }
}
