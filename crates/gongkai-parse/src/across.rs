//! Tables whose items run across: all channels side by side over one row of values, or each over its own.

use crate::labels::{Name, Quality};
use crate::proof::{
    holds_in_another_order, may_be_a_run, rejoined, row_holds, row_holds_joined, says_nothing, too_few,
};
use crate::reading::{Cells, Doubts, Reading, Rests, RowReading};
use crate::refusal::Refusal;
use crate::stream::{LineKind, Stream};
use crate::symbols::{Symbol, SymbolKind};
use crate::words::TableWords;
use gongkai_model::Number;
use gongkai_registry::FormTable;

/// All readings of the table that the document offers, in document order.
pub(crate) fn read(stream: &Stream, words: &TableWords<'_>, symbols: &[Symbol<'_>]) -> Vec<Reading> {
    let mut scan = Scan {
        stream,
        table: words.table,
        words,
        pending: Vec::new(),
        outcomes: Vec::new(),
        broken: true,
        strangers: false,
        torn: false,
        narrowed: false,
        under_same_head: false,
        readings: Vec::new(),
    };
    let mut at = 0;
    while let Some(symbol) = symbols.get(at) {
        match &symbol.kind {
            SymbolKind::Label(found) => {
                scan.label(symbol, &found.names, found.quality);
                at += 1;
            }
            SymbolKind::Words => {
                scan.stranger(symbol);
                at += 1;
            }
            SymbolKind::Value => {
                let end = symbols.iter().skip(at).position(|s| !matches!(s.kind, SymbolKind::Value));
                let end = end.map_or(symbols.len(), |n| at + n);
                let rest = scan
                    .rest(symbols.get(end..).unwrap_or_default(), symbols.get(at).map_or(0, |s| s.last_line));
                scan.values(symbols.get(at..end).unwrap_or_default(), &rest);
                at = end;
            }
        }
    }
    // A head that nothing but other words follows.
    if scan.broken {
        scan.give_up(stream.lines.len());
    }
    scan.readings
}

/// A channel whose values have not come yet.
#[derive(Debug, Clone)]
struct Pending {
    item: usize,
    label: String,
    quality: Quality,
    line: usize,
    /// Grid column in a table that has one, else 0.
    column: u32,
}

struct Scan<'a> {
    stream: &'a Stream,
    table: &'a FormTable,
    words: &'a TableWords<'a>,
    pending: Vec<Pending>,
    /// Outcome labels since the last values, in reading order, with their lines.
    outcomes: Vec<(usize, usize)>,
    /// Whether unknown words have stood since the last label, which in running text ends the table.
    broken: bool,
    /// Whether unknown words stand in the head being read: they may name a column that no other word names.
    strangers: bool,
    /// Whether some words of it are only pieces of the form's.
    torn: bool,
    /// Whether some may narrow what a word beside them says.
    narrowed: bool,
    /// Whether no label has stood since the last values that were read.
    under_same_head: bool,
    readings: Vec<Reading>,
}

impl Scan<'_> {
    fn stranger(&mut self, symbol: &Symbol<'_>) {
        self.broken = true;
        if self.pending.is_empty() && self.outcomes.is_empty() {
            return;
        }
        self.narrowed |= symbol.narrowed;
        if self.words.have_piece(self.stream.key(symbol.tokens.start), symbol.narrowed, false) {
            self.torn = true;
        } else {
            self.strangers = true;
        }
    }

    fn label(&mut self, symbol: &Symbol<'_>, names: &[Name], quality: Quality) {
        self.under_same_head = false;
        if self.broken && self.kind(symbol) == LineKind::Run {
            self.give_up(symbol.line);
        }
        self.broken = false;
        match names.first() {
            Some(Name::Item(item)) => {
                // A channel named again before any value came: the words were not the head of a table, or all of its
                // cells are blank.
                if self.pending.iter().any(|p| p.item == *item) {
                    self.give_up(symbol.line);
                }
                let tokens = self.stream.tokens.get(symbol.tokens.clone()).unwrap_or_default();
                let label = tokens.iter().map(|t| t.raw.trim()).collect::<Vec<_>>().concat();
                let marked = self.kind(symbol) == LineKind::Marked;
                let column = tokens.first().filter(|_| marked).map_or(0, |t| t.place.column);
                self.pending.push(Pending { item: *item, label, quality, line: symbol.line, column });
            }
            Some(Name::Column(column)) => self.outcomes.push((*column, symbol.line)),
            _ => {}
        }
    }

    /// Forgets a head whose values do not follow it. Two channels or more over outcomes were a table nevertheless, which
    /// is kept as one that could not be read.
    fn give_up(&mut self, line: usize) {
        let outcomes = std::mem::take(&mut self.outcomes);
        let pending = std::mem::take(&mut self.pending);
        (self.strangers, self.torn, self.narrowed) = (false, false, false);
        if pending.len() < 2 || outcomes.is_empty() {
            return;
        }
        let first_line = pending.first().map_or(line, |p| p.line);
        let refused =
            |p: Pending| RowReading::refused(p.item, p.label, p.quality, Refusal::WordsBetween, Vec::new());
        let rows = pending.into_iter().map(refused).collect();
        self.add(Reading { rows, head: None, first_line, last_line: line });
    }

    fn kind(&self, symbol: &Symbol<'_>) -> LineKind {
        self.stream.lines.get(symbol.line).map_or(LineKind::Prose, |l| l.kind)
    }

    /// Figures in the next rows of cells that have no words beside them, behind heads that a converter invented and rows of
    /// blank cells: they may be the rest of figures above.
    fn rest(&self, below: &[Symbol<'_>], line: usize) -> Vec<usize> {
        /// No invented head has more rows.
        const MAX_ROWS: usize = 6;
        let table = |s: &Symbol<'_>| {
            matches!(self.kind(s), LineKind::Marked | LineKind::Padded | LineKind::Bars)
                && s.line <= line + MAX_ROWS
                && !matches!(s.kind, SymbolKind::Label(_))
        };
        let printed = |s: &&Symbol<'_>| matches!(s.kind, SymbolKind::Value) && !self.is_blank(s.tokens.start);
        let words = |s: &Symbol<'_>| matches!(s.kind, SymbolKind::Words);
        let rows = below.chunk_by(|a, b| a.line == b.line);
        let rows = rows.take_while(|row| {
            row.iter().all(table) && !(row.iter().any(words) && row.iter().any(|s| printed(&s)))
        });
        rows.flatten().filter(printed).map(|s| s.tokens.start).collect()
    }

    /// Values after a head: they belong to the channels named since the last values.
    fn values(&mut self, symbols: &[Symbol<'_>], rest: &[usize]) {
        let tokens: Vec<usize> =
            self.printed_lines(symbols).into_iter().flat_map(|s| s.tokens.clone()).collect();
        let Some(first) = symbols.first() else { return };
        let columns: Vec<usize> = (0..self.table.columns.len()).collect();
        // Blank cells between the words of a head.
        let blank = tokens.iter().all(|t| self.is_blank(*t));
        let wanted = self.pending.len() * columns.len();
        if tokens.is_empty() || (blank && (tokens.len() < wanted || !self.names_enough(wanted))) {
            return;
        }
        if self.pending.is_empty() && self.under_same_head {
            self.second_row(&tokens);
        }
        if self.pending.is_empty() || (self.broken && self.kind(first) == LineKind::Run) {
            // Values of another table: what its head said does not stand over ours.
            self.give_up(first.line);
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let outcomes = std::mem::take(&mut self.outcomes);
        let (strangers, pieces) = (std::mem::take(&mut self.strangers), std::mem::take(&mut self.torn));
        // The statutory order is known: a head torn to pieces need not name it, if nothing else is in it and all sums hold.
        let torn =
            pieces && !strangers && outcomes.len() * 2 < wanted && self.proves_order(&tokens, &pending);
        // Channels without any outcome are words of some other table.
        if outcomes.is_empty() && !torn {
            return;
        }
        // As many values as the legible words name columns prove nothing where blank cells leave no trace.
        let fewer = self.printed_columns(&outcomes, pending.len()).filter(|_| !strangers && !pieces);
        let columns = fewer.unwrap_or(columns);
        let wanted = pending.len() * columns.len();
        let in_order =
            pending.windows(2).all(|w| matches!(w, [a, b] if a.item < b.item && a.column <= b.column));
        let narrowed = std::mem::take(&mut self.narrowed);
        let refusal = if narrowed && outcomes.len() == wanted {
            Some(Refusal::OutcomesOutOfOrder)
        } else if pending.iter().any(|p| p.quality == Quality::Double) {
            Some(Refusal::TwoLabels)
        } else if in_order && torn {
            None
        } else if in_order {
            self.head_refusal(&outcomes, &columns, pending.len())
        } else {
            Some(Refusal::ChannelsOutOfOrder)
        };
        let cells: Vec<Result<(Cells, Rests), Refusal>> = match refusal {
            Some(why) => pending.iter().map(|_| Err(why)).collect(),
            None => self.channels(&tokens, &columns, pending.len(), outcomes.len() == wanted),
        };
        // Figures that go on in the next line of a text.
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let beside = tokens.windows(2).any(|w| matches!(w, [a, b] if line(a) == line(b)));
        let goes_on = beside
            && tokens.first().zip(tokens.last()).is_some_and(|(a, b)| line(a) != line(b))
            && self.kind(first) == LineKind::Pieces;
        // They, or what stands below without words, may go on any figure of a channel whose sum fails.
        let cut = |own: &Cells| match own {
            Cells::Tokens(own) => {
                (goes_on || !rest.is_empty())
                    && row_holds(self.stream, self.table, &columns, own) != Some(true)
            }
            Cells::Zeros { .. } => false,
        };
        // So may what is cut off with the document.
        let ends = tokens.last().is_some_and(|t| self.stream.ends_behind(*t));
        let cut_off = |own: &Cells| match own {
            Cells::Tokens(own) => ends && row_holds(self.stream, self.table, &columns, own) == Some(false),
            Cells::Zeros { .. } => false,
        };
        let cells = cells.into_iter().map(|own| match own? {
            (own, _) if cut(&own) => Err(Refusal::Cut),
            (own, _) if cut_off(&own) => Err(Refusal::CutOff),
            own => Ok(own),
        });
        // Another word stands in the place of an outcome: what the others say is certain.
        let gaps = if strangers { gaps(&outcomes, &columns, pending.len()) } else { Vec::new() };
        let width = columns.len().max(1);
        let doubts = |row: usize| -> Doubts {
            let own = gaps.iter().filter(|at| **at / width == row);
            own.map(|at| (at % width, Refusal::OtherColumn)).collect()
        };
        let last_line = symbols.last().map_or(first.line, |s| s.line);
        let first_line = pending.first().map_or(first.line, |p| p.line);
        let rows = pending.into_iter().zip(cells).enumerate().map(|(at, (p, own))| {
            let row = |why| RowReading::refused(p.item, p.label, p.quality, why, tokens.clone());
            match own {
                Ok((cells, rests)) => {
                    let row = row(Refusal::OtherCount).read(columns.clone(), cells);
                    RowReading { rests, head_missing: torn, doubts: doubts(at), ..row }
                }
                Err(why) => row(why),
            }
        });
        let rows = rows.collect();
        self.add(Reading { rows, head: None, first_line, last_line });
        self.under_same_head = true;
    }

    /// A second row of figures under one head (the office's and all bodies', half a year and the year): nothing says which
    /// of them is meant.
    fn second_row(&mut self, tokens: &[usize]) {
        let numbers = |tokens: &[usize]| -> Vec<Option<Number>> {
            let printed = tokens.iter().filter(|t| !self.stream.is_blank(**t));
            printed.map(|t| self.stream.value(*t).and_then(|v| v.number)).collect()
        };
        let first = self.readings.last().and_then(|r| r.rows.first());
        let own = first.map(|r| numbers(&r.printed)).unwrap_or_default();
        let second = numbers(tokens);
        let Some(reading) = self.readings.last_mut() else { return };
        if second.len() == own.len() && second != own {
            reading.rows.iter_mut().for_each(|row| row.refusal = Some(Refusal::TwoTables));
        }
    }

    /// Whether figures are exactly those of all channels of the form, and every sum holds.
    fn proves_order(&self, tokens: &[usize], pending: &[Pending]) -> bool {
        let columns: Vec<usize> = (0..self.table.columns.len()).collect();
        let holds = |own: &[usize]| row_holds(self.stream, self.table, &columns, own) == Some(true);
        pending.len() == self.table.items.len()
            && tokens.len() == pending.len() * columns.len()
            && tokens.chunks(columns.len().max(1)).all(holds)
    }

    /// The cells of each channel: all of them, or those that arithmetic leaves certain where a value is lost.
    fn channels(
        &self,
        tokens: &[usize],
        columns: &[usize],
        channels: usize,
        whole_head: bool,
    ) -> Vec<Result<(Cells, Rests), Refusal>> {
        let wanted = channels * columns.len();
        let width = columns.len().max(1);
        let own = |cells: &[usize]| (Cells::Tokens(cells.to_vec()), Vec::new());
        match self.window(tokens, columns, wanted) {
            Some(Cells::Tokens(all)) if self.may_be_shifted(&all, columns) => {
                return (0..channels).map(|_| Err(Refusal::BlankCellsAround)).collect();
            }
            Some(Cells::Tokens(all)) => return all.chunks(width).map(|cells| Ok(own(cells))).collect(),
            Some(zeros) => return (0..channels).map(|_| Ok((zeros.clone(), Vec::new()))).collect(),
            None => {}
        }
        let whole = tokens.len() == wanted + 1;
        if let Some((kept, (at, rest))) = rejoined(self.stream, self.table, columns, tokens).filter(|_| whole)
        {
            let rests = |row| (at / width == row).then_some((at % width, rest)).into_iter().collect();
            let rows = kept.chunks(width).enumerate();
            return rows.map(|(row, cells)| Ok((Cells::Tokens(cells.to_vec()), rests(row)))).collect();
        }
        if let Some(rows) = self.over_two_rows(tokens, columns, wanted) {
            return rows;
        }
        let why = too_few(self.stream, tokens);
        let around =
            if whole_head { self.around_a_loss(tokens, columns, channels) } else { vec![None; channels] };
        around.into_iter().map(|cells| cells.as_deref().map(own).ok_or(why)).collect()
    }

    /// The channels of a row of cells whose figures go on in the cells right below them, in a row that is blank but for these: those
    /// whose sums hold, with what stands below them and without.
    fn over_two_rows(
        &self,
        tokens: &[usize],
        columns: &[usize],
        wanted: usize,
    ) -> Option<Vec<Result<(Cells, Rests), Refusal>>> {
        let (above, below) = tokens.split_at_checked(wanted).filter(|(_, below)| below.len() == wanted)?;
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let is_row = |row: &[usize]| {
            let at = row.first().map(line).and_then(|l| self.stream.lines.get(l));
            let cells = at.is_some_and(|l| !matches!(l.kind, LineKind::Pieces | LineKind::Run));
            cells && row.windows(2).all(|w| matches!(w, [a, b] if line(a) == line(b)))
        };
        let printed = below.iter().filter(|t| !self.is_blank(**t)).count();
        if !is_row(above) || !is_row(below) || printed == 0 || printed * 2 > wanted {
            return None;
        }
        let width = columns.len().max(1);
        let holds = |own: &[usize]| row_holds(self.stream, self.table, columns, own) == Some(true);
        let goes_on =
            |t: &usize| self.stream.value(*t).is_some_and(|v| v.number.is_some_and(|n| !n.is_zero()));
        let channels: Vec<(&[usize], &[usize], Rests)> = above
            .chunks(width)
            .zip(below.chunks(width))
            .map(|(own, below)| {
                let printed = below.iter().copied().enumerate().filter(|(_, t)| !self.is_blank(*t));
                (own, below, printed.collect())
            })
            .collect();
        // What adds up above, or below, is a row of its own: another body's, another year's.
        let is_rest = |(own, below, rests): &(&[usize], &[usize], Rests)| {
            rests.is_empty()
                || (!holds(own)
                    && !holds(below)
                    && rests.iter().all(|(at, _)| own.get(*at).is_some_and(goes_on)))
        };
        if !channels.iter().all(is_rest) {
            return Some(channels.iter().map(|_| Err(Refusal::Cut)).collect());
        }
        let channel = |(own, _, rests): (&[usize], &[usize], Rests)| {
            let holds = row_holds_joined(self.stream, self.table, columns, own, &rests);
            holds.then(|| (Cells::Tokens(own.to_vec()), rests)).ok_or(Refusal::Cut)
        };
        Some(channels.into_iter().map(channel).collect())
    }

    /// Whether no sum holds over more than zeros as the figures stand, and one does if a blank cell before the first has left
    /// no trace and the rest of a cut figure fills up the row.
    fn may_be_shifted(&self, all: &[usize], columns: &[usize]) -> bool {
        let holds = |own: &[usize]| {
            !says_nothing(self.stream, own) && row_holds(self.stream, self.table, columns, own) == Some(true)
        };
        let width = columns.len().max(1);
        !all.chunks(width).any(holds)
            && all.get(width.saturating_sub(1)..).unwrap_or_default().chunks_exact(width).any(holds)
    }

    /// The channels of a row that has lost one value. If it was lost in one channel, the sums of all others hold, counted
    /// from the left before it and from the right behind it; a channel is certain if every such supposition agrees on it.
    fn around_a_loss(&self, tokens: &[usize], columns: &[usize], channels: usize) -> Vec<Option<Vec<usize>>> {
        let width = columns.len();
        // A blank cell at the end only fills the row up.
        let end = tokens.iter().rposition(|t| !self.is_blank(*t)).map_or(0, |last| last + 1);
        let tokens = tokens.get(..end).unwrap_or_default();
        let holds = |own: &[usize]| {
            !own.iter().any(|t| self.is_blank(*t))
                && row_holds(self.stream, self.table, columns, own) == Some(true)
        };
        let mut certain: Vec<Option<Vec<usize>>> = vec![None; channels];
        if tokens.len() == channels * width && width > 0 {
            // The lost value has left its cell behind, and the others stand where they stood.
            return tokens.chunks(width).map(|own| holds(own).then(|| own.to_vec())).collect();
        }
        if tokens.len() + 1 != channels * width {
            return certain;
        }
        let mut first = true;
        for lost in 0..channels {
            let own = |n: usize| {
                let from = n * width - usize::from(n > lost);
                tokens.get(from..from + width).filter(|own| n != lost && holds(own)).map(<[usize]>::to_vec)
            };
            let supposed: Vec<Option<Vec<usize>>> = (0..channels).map(own).collect();
            if supposed.iter().flatten().count() + 1 != channels {
                continue;
            }
            if std::mem::take(&mut first) {
                certain = supposed;
            } else {
                for (known, other) in certain.iter_mut().zip(supposed) {
                    known.take_if(|k| other.as_ref() != Some(k));
                }
            }
        }
        // Zeros add up wherever they stand.
        certain.iter_mut().for_each(|known| drop(known.take_if(|k| says_nothing(self.stream, k))));
        certain
    }

    /// Whether the head read so far names most of the outcomes of so many columns.
    fn names_enough(&self, wanted: usize) -> bool {
        self.outcomes.len() * 2 >= wanted
    }

    /// Channels printed one after the other, each over its own values, are one table.
    fn add(&mut self, reading: Reading) {
        match self.readings.last_mut() {
            Some(last)
                if !reading
                    .rows
                    .iter()
                    .any(|r| last.rows.iter().any(|l| l.item == r.item || l.printed.is_empty())) =>
            {
                last.rows.extend(reading.rows);
                last.last_line = reading.last_line;
            }
            _ => self.readings.push(reading),
        }
    }

    /// Values without those of lines that print none (an extra empty row, blank cells of the head).
    fn printed_lines<'s>(&self, symbols: &'s [Symbol<'s>]) -> Vec<&'s Symbol<'s>> {
        let mut kept: Vec<&Symbol<'_>> = Vec::with_capacity(symbols.len());
        for line in symbols.chunk_by(|a, b| a.line == b.line) {
            let alone = line.len() == 1 && !self.shares_line(line);
            if alone || line.iter().any(|s| !self.is_blank(s.tokens.start)) {
                kept.extend(line);
            }
        }
        kept
    }

    /// Whether other symbols stand on the line of these: blank cells beside words of the head.
    fn shares_line(&self, symbols: &[Symbol<'_>]) -> bool {
        let line = symbols.first().and_then(|s| self.stream.lines.get(s.line));
        line.is_some_and(|l| l.tokens.len() > symbols.len())
    }

    /// The columns, where the head names all but one of them for every channel, in the form's order. That one is not
    /// printed only if there is no other word in the head that may stand for it.
    fn printed_columns(&self, outcomes: &[(usize, usize)], channels: usize) -> Option<Vec<usize>> {
        let printed = self.table.columns.len().checked_sub(1)?;
        let first: Vec<usize> = outcomes.iter().take(printed).map(|(o, _)| *o).collect();
        let rising = first.windows(2).all(|w| matches!(w, [a, b] if a < b));
        let repeated = outcomes.chunks(printed).all(|c| c.iter().map(|(o, _)| o).eq(&first));
        (first.len() == printed && outcomes.len() == printed * channels && rising && repeated)
            .then_some(first)
    }

    /// Why the head contradicts the form. Outcomes may be missing or unreadable, since the count of values proves the
    /// table; but those that are printed must come in the form's order, once a channel: in all of the head, or in each
    /// of its lines where words of two lines make one label (`结果` over `维持`).
    fn head_refusal(
        &self,
        outcomes: &[(usize, usize)],
        columns: &[usize],
        channels: usize,
    ) -> Option<Refusal> {
        let in_order = |part: &[(usize, usize)]| {
            let mut expected = (0..channels).flat_map(|_| columns.iter().copied());
            part.iter().all(|(o, _)| expected.any(|e| e == *o))
        };
        let lines = || outcomes.chunk_by(|a, b| a.1 == b.1);
        let by_lines = lines().any(|l| l.len() > 1) && lines().all(in_order);
        let wanted = channels * columns.len();
        // Most of the outcomes must be legible, and where all are, they must stand in the form's order throughout.
        let refused =
            outcomes.len() * 2 < wanted || !(in_order(outcomes) || (by_lines && outcomes.len() < wanted));
        refused.then_some(Refusal::OutcomesOutOfOrder)
    }

    fn window(&self, tokens: &[usize], columns: &[usize], wanted: usize) -> Option<Cells> {
        if tokens.len() < wanted {
            let zeros = self.stream.are_zeros(tokens, wanted);
            return zeros.then(|| Cells::Zeros { token: tokens.first().copied().unwrap_or_default() });
        }
        if self.stream.are_filled_up(tokens) {
            return None;
        }
        let first = tokens.iter().position(|t| !self.is_blank(*t));
        let last = tokens.iter().rposition(|t| !self.is_blank(*t));
        let fits = |o: &usize| first.is_none_or(|f| *o <= f) && last.is_none_or(|l| l < o + wanted);
        let mut offsets = (0..=tokens.len() - wanted).filter(fits);
        let only = offsets.next().filter(|_| offsets.next().is_none())?;
        let window: Vec<usize> = tokens.iter().skip(only).take(wanted).copied().collect();
        // The figures of two rows are no row.
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let cells = |t: &usize| {
            let kind = self.stream.lines.get(line(t)).map(|l| l.kind);
            matches!(kind, Some(LineKind::Marked | LineKind::Padded | LineKind::Bars))
        };
        let printed = || window.iter().filter(|t| !self.is_blank(**t));
        if window.first().is_some_and(|a| cells(a) && printed().any(|b| line(a) != line(b))) {
            return None;
        }
        // Blank cells around the values may stand for one that is lost among them.
        let surplus = tokens.len() > wanted;
        self.is_certain(&window, columns, surplus).then_some(Cells::Tokens(window))
    }

    /// Whether, of values each on a line of its own, several channels do not add up: the number of a page may stand among
    /// them in the place of a lost value.
    fn may_hold_a_page_number(&self, window: &[usize], columns: &[usize]) -> bool {
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let own_lines = window.windows(2).all(|w| matches!(w, [a, b] if line(a) != line(b)));
        let broken = |own: &&[usize]| row_holds(self.stream, self.table, columns, own) == Some(false);
        own_lines && window.chunks(columns.len().max(1)).filter(broken).count() > 1
    }

    /// Whether blank cells leave no doubt where the figures stand: the sums of all channels must hold.
    fn is_certain(&self, window: &[usize], columns: &[usize], surplus: bool) -> bool {
        let moved = |own: &[usize]| holds_in_another_order(self.stream, self.table, columns, own);
        if self.may_hold_a_page_number(window, columns) || window.chunks(columns.len().max(1)).any(moved) {
            return false;
        }
        let blanks = window.iter().filter(|t| self.is_blank(**t)).count();
        if (blanks == 0 && !surplus) || blanks == window.len() {
            return true;
        }
        let blank = |channel: &[usize]| channel.iter().all(|t| self.is_blank(*t));
        let some_blank = |channel: &[usize]| channel.iter().any(|t| self.is_blank(*t));
        let proved = |channel: &[usize]| {
            blank(channel)
                || (row_holds(self.stream, self.table, columns, channel).unwrap_or(false)
                    && !(some_blank(channel) && says_nothing(self.stream, channel)))
        };
        !may_be_a_run(self.stream, window) && window.chunks(columns.len().max(1)).all(proved)
    }

    fn is_blank(&self, token: usize) -> bool {
        self.stream.is_blank(token)
    }
}

/// The places of a head, channel after channel, that none of its outcomes names.
fn gaps(outcomes: &[(usize, usize)], columns: &[usize], channels: usize) -> Vec<usize> {
    let mut named = outcomes.iter().map(|(o, _)| *o).peekable();
    let places = (0..channels).flat_map(|_| columns.iter().copied()).enumerate();
    places.filter_map(|(at, column)| named.next_if_eq(&column).is_none().then_some(at)).collect()
}
