//! Which of the values behind a label stand in which column, or why nobody can tell.

use super::scan::{Anchor, MAX_CAPTIONS};
use crate::head::{Head, Order};
use crate::labels::Quality;
use crate::proof::{
    digits, holds_in_another_order, may_be_a_run, may_be_cut_in_two, may_be_shifted, may_be_two_rows,
    may_hold_a_page_number, rejoined, row_holds, row_holds_joined, says_nothing, too_few,
};
use crate::reading::{Cells, Doubts, Reading, Rests, RowReading};
use crate::refusal::Refusal;
use crate::stream::{LineKind, Stream};
use gongkai_model::CellStatus;
use gongkai_registry::FormTable;

/// One table of the document: anchors of different items.
pub(super) struct Region<'a> {
    pub stream: &'a Stream,
    pub table: &'a FormTable,
    pub heads: &'a [Head],
    pub anchors: &'a [Anchor],
    /// All tables of the document that print these items.
    pub regions: &'a [Vec<Anchor>],
    /// Items that another such table prints without any figure.
    pub empty: &'a [usize],
    /// Labels of the document that have no figures.
    pub bares: usize,
}

impl Region<'_> {
    pub(super) fn read(&self, orders: &[Order], starts: Starts) -> Reading {
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
    pub(super) fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<Order> = Vec::with_capacity(self.anchors.len());
        let mut last: Option<(usize, &[usize])> = None;
        for anchor in self.anchors {
            let key = (anchor.head, self.table.columns_of(anchor.item));
            let order = match (orders.last(), &last) {
                (Some(order), Some(same)) if *same == key => order.clone(),
                _ => self.heads.get(key.0).map_or(Order::Missing, |h| h.order(self.table, key.1)),
            };
            // A column that the head does not name is printed all the same, where the rows have a figure for it.
            let lacks_one = matches!(&order, Order::Columns(named) if named.len() + 1 == key.1.len());
            let order = match order {
                Order::Columns(_) if lacks_one && self.print(key.1.len()) > self.print(key.1.len() - 1) => {
                    Order::Supposed
                }
                Order::Columns(_) if lacks_one && self.adds_up(key.1) => Order::Unclear,
                order => order,
            };
            orders.push(order);
            last = Some(key);
        }
        orders
    }

    /// Whether a row prints a figure for each of these columns, total included, and they add up.
    fn adds_up(&self, columns: &[usize]) -> bool {
        let adds_up = |a: &Anchor| {
            a.cells.len() == columns.len()
                && !a.cells.iter().any(|c| self.is_blank(*c))
                && !says_nothing(self.stream, &a.cells)
                && row_holds(self.stream, self.table, columns, &a.cells) == Some(true)
        };
        self.anchors.iter().any(adds_up)
    }

    /// How many rows print so many values.
    fn print(&self, values: usize) -> usize {
        let full = |a: &&Anchor| a.cells.len() == values && !a.cells.iter().any(|c| self.is_blank(*c));
        self.anchors.iter().filter(full).count()
    }

    fn row(&self, anchor: &Anchor, order: &Order, starts: Starts) -> RowReading {
        if anchor.broken {
            return self.refused(anchor, Refusal::WordsBetween);
        }
        if anchor.scale {
            return self.refused(anchor, Refusal::OtherUnit);
        }
        if anchor.quality == Quality::Double || anchor.bare_beside {
            return self.refused(anchor, Refusal::TwoLabels);
        }
        let mut row = self.aligned(anchor, order, starts);
        if let Order::AllBut(all) = order {
            row.doubts.retain(|(position, _)| !all.doubtful.contains(position));
            row.doubts.extend(all.doubtful.iter().map(|at| (*at, Refusal::OtherColumn)));
        }
        let whole = |head: &Head| !head.others && head.words.iter().all(|w| !w.names.is_empty());
        let whole_head = !row.head_missing && self.heads.get(anchor.head).is_some_and(whole);
        let head_placed = self.heads.get(anchor.head).is_some_and(|head| head.words.iter().any(|w| w.placed));
        RowReading { whole_head, head_placed, ..row }
    }

    /// The row under the columns its head names, or the form's where there is none.
    fn aligned(&self, anchor: &Anchor, order: &Order, starts: Starts) -> RowReading {
        let statutory = self.table.columns_of(anchor.item);
        if let Some(why) = self.contradiction(anchor, order, statutory.len()) {
            return self.refused(anchor, why);
        }
        // Other columns stand in the head, and there is one figure for all of them.
        if statutory.len() == 1
            && anchor.cells.iter().filter(|c| !self.is_blank(**c)).count() == 1
            && self.heads.get(anchor.head).is_some_and(Head::has_strangers)
        {
            return self.refused(anchor, Refusal::OneRun);
        }
        let (columns, head_missing) = match order {
            Order::Columns(columns) => (columns.clone(), false),
            Order::AllBut(all) => (statutory.to_vec(), !all.level),
            Order::Supposed => (statutory.to_vec(), true),
            // Running text is read only where the head is there to prove that it is the table.
            Order::Missing if anchor.kind != LineKind::Run => (statutory.to_vec(), true),
            Order::Missing | Order::Unclear => {
                return self.refused(anchor, Refusal::HeadUnclear);
            }
        };
        if !anchor.rest.is_empty() && anchor.cells.iter().all(|c| self.is_blank(*c)) {
            let row = self.refused(anchor, Refusal::FiguresInNextRow);
            return match self.below(anchor, &columns) {
                Some(cells) => RowReading { head_missing, ..row.read(columns, cells) },
                None => RowReading { columns, head_missing, ..row },
            };
        }
        if let Some((cells, rests)) = self.over_lines(anchor, &columns) {
            let row = self.refused(anchor, Refusal::OtherCount).read(columns, cells);
            return RowReading { head_missing, rests, ..row };
        }
        match self.window(anchor, &columns, starts) {
            Ok(Cells::Tokens(tokens))
                if anchor.bare_above && self.may_be_of_two_rows(anchor, &columns, &tokens) =>
            {
                self.refused(anchor, Refusal::BareLabelAbove)
            }
            Ok(Cells::Tokens(tokens))
                if self.may_follow_a_label(anchor)
                    && row_holds(self.stream, self.table, &columns, &tokens) != Some(true) =>
            {
                self.refused(anchor, Refusal::BareLabelAbove)
            }
            Ok(cells) => {
                let (rests, mut doubts) = self.cut(anchor, &columns, &cells);
                doubts.extend(self.dashes(&columns, &cells));
                let row = self.refused(anchor, Refusal::OtherCount).read(columns, cells);
                RowReading { head_missing, rests, doubts, ..row }
            }
            Err(why) => RowReading { columns, head_missing, ..self.refused(anchor, why) },
        }
    }

    /// Whether the unknown words right before the label of a row may be the label of the row before it, which is nowhere else: in
    /// text the figures may be both rows'.
    fn may_follow_a_label(&self, anchor: &Anchor) -> bool {
        let columns = |item: usize| self.table.columns_of(item);
        let before = anchor.item.checked_sub(1).filter(|b| columns(*b) == columns(anchor.item));
        let is_lost = |item: usize| self.regions.iter().flatten().all(|a| a.item != item);
        self.is_text(anchor) && anchor.words_before && before.is_some_and(is_lost)
    }

    /// Whether figures below a label without any may be those of both.
    fn may_be_of_two_rows(&self, anchor: &Anchor, columns: &[usize], tokens: &[usize]) -> bool {
        let holds = row_holds(self.stream, self.table, columns, tokens);
        let proved = if self.stands_alone(anchor) { holds == Some(true) } else { holds != Some(false) };
        let in_text = anchor.kind == LineKind::Pieces;
        if !self.stands_alone(anchor) && !in_text {
            return false;
        }
        !proved || may_be_two_rows(self.stream, self.table, columns, tokens)
    }

    /// The figures in the row below a row of blank cells, where most of the table is printed so and the sums hold: no
    /// figures stand above its first label, and some do below its last, so that none belongs to the label under it.
    fn below(&self, anchor: &Anchor, columns: &[usize]) -> Option<Cells> {
        let below = |a: &Anchor| a.cells.iter().all(|c| self.is_blank(*c)) && a.rest.len() == a.width;
        let so = self.anchors.iter().filter(|a| below(a)).count();
        let whole = self.anchors.first()?.loose == 0 && below(self.anchors.last()?);
        let holds = row_holds(self.stream, self.table, columns, &anchor.rest) == Some(true);
        (whole && holds && so * 2 > self.anchors.len() && anchor.rest.len() == columns.len())
            .then(|| Cells::Tokens(anchor.rest.clone()))
    }

    /// A row whose figures go on in the next line, perhaps in the middle of a figure, where the sums prove it.
    fn over_lines(&self, anchor: &Anchor, columns: &[usize]) -> Option<(Cells, Rests)> {
        // One figure may be the number of a page.
        if anchor.rest.len() < 2 && anchor.cells.len() + anchor.rest.len() == columns.len() {
            return None;
        }
        if anchor.rest.is_empty() || anchor.cells.len() >= columns.len() {
            return None;
        }
        let tokens: Vec<usize> = anchor.cells.iter().chain(&anchor.rest).copied().collect();
        if tokens.iter().any(|t| self.is_blank(*t)) {
            return None;
        }
        if tokens.len() == columns.len() {
            let proved = row_holds(self.stream, self.table, columns, &tokens) == Some(true);
            return (proved && !says_nothing(self.stream, &tokens))
                .then_some((Cells::Tokens(tokens), Vec::new()));
        }
        let whole = tokens.len() == columns.len() + 1;
        let (kept, rest) = rejoined(self.stream, self.table, columns, &tokens).filter(|_| whole)?;
        Some((Cells::Tokens(kept), vec![rest]))
    }

    /// Figures without a label below a row: the rests of figures that were cut there, where the sums prove it; else what
    /// they may belong to is not certain. A printed zero never goes on.
    fn cut(&self, anchor: &Anchor, columns: &[usize], cells: &Cells) -> (Rests, Doubts) {
        let none = (Vec::new(), Vec::new());
        let Cells::Tokens(tokens) = cells else { return none };
        // `8.` over `3256`: an ordinal stands before a label, not behind it.
        let after_ordinal = |t: &usize| {
            let before =
                t.checked_sub(1).and_then(|b| self.stream.tokens.get(b)).map_or("", |t| t.raw.trim());
            let figure = before.strip_suffix(['.', '．']).unwrap_or_default();
            !figure.is_empty() && figure.chars().all(char::is_numeric)
        };
        if let Some(at) = tokens.iter().position(after_ordinal) {
            return (Vec::new(), vec![(at, Refusal::Cut)]);
        }
        // A page that is cut off may have cut the last figures it shows; so may the row below, which shows none any more.
        let last = tokens.last().is_some_and(|t| self.stream.ends_behind(*t));
        let cut_elsewhere = || self.regions.iter().flatten().any(|a| !a.rest.is_empty());
        let holds_not = match row_holds(self.stream, self.table, columns, tokens) {
            Some(holds) => !holds,
            None => last && cut_elsewhere(),
        };
        if last && holds_not {
            let figures = tokens.iter().enumerate().filter(|(_, t)| self.number(**t).is_some());
            return (Vec::new(), figures.map(|(at, _)| (at, Refusal::CutOff)).collect());
        }
        // Where one of the figures is certainly several, the others may be as well; in running text those of other rows too.
        let run = |t: &usize| self.stream.value(*t).is_some_and(|v| v.is_run());
        let run_elsewhere = || {
            let alike = |a: &&Anchor| a.kind == LineKind::Run && a.width == 1;
            self.anchors.iter().filter(alike).flat_map(|a| &a.cells).any(run)
        };
        let is_single = anchor.kind == LineKind::Run && anchor.width == 1;
        if tokens.iter().any(run) || (is_single && run_elsewhere()) {
            let long = tokens.iter().enumerate().filter(|(_, t)| !run(t) && digits(self.stream, **t) > 1);
            return (Vec::new(), long.map(|(at, _)| (at, Refusal::RunBeside)).collect());
        }
        // Parts and total cut alike may add up as they are.
        let holds = || row_holds(self.stream, self.table, columns, tokens) == Some(true);
        if anchor.rest.is_empty() || (anchor.rest.len() == 1 && holds()) {
            return none;
        }
        let under: Option<Rests> =
            anchor.rest.iter().map(|r| Some((self.above(*r, anchor, tokens)?, *r))).collect();
        let rests = match (&under, anchor.rest.as_slice()) {
            (Some(under), _) => under.clone(),
            // In text, what a line's end cuts goes on at the beginning of the next.
            (None, [one]) => vec![(tokens.len().saturating_sub(1), *one)],
            _ => Vec::new(),
        };
        // Rests that add up by themselves may be a row of another edition, or of another body.
        let is_row = || {
            let (last, parts) = match rests.split_last() {
                Some(((_, last), parts)) if !parts.is_empty() => (self.number(*last), parts),
                _ => return false,
            };
            let sum: Option<i64> = parts.iter().map(|(_, t)| self.number(*t)).sum();
            sum.is_some() && sum == last
        };
        if !rests.is_empty()
            && !is_row()
            && row_holds_joined(self.stream, self.table, columns, tokens, &rests)
        {
            return (rests, Vec::new());
        }
        let may_go_on = |t: usize| {
            let value = self.stream.value(t);
            value.is_none_or(|v| v.status != CellStatus::Zero || v.number.is_none())
        };
        // What stands below a zero stands out of line, and what begins its row may be the first of a row that was filled up.
        let goes_on = |(at, _): &(usize, usize)| {
            tokens.get(*at).is_some_and(|t| may_go_on(*t)) && (*at > 0 || tokens.len() == 1)
        };
        // Where the sum says that it goes on another figure, place and sum contradict one another.
        let elsewhere = |one: usize| {
            (0..tokens.len())
                .any(|at| row_holds_joined(self.stream, self.table, columns, tokens, &[(at, one)]))
        };
        let contradicted = matches!(anchor.rest.as_slice(), [one] if elsewhere(*one));
        let under = under.filter(|u| u.iter().all(goes_on) && !contradicted);
        let over = |at: &usize| under.as_ref().is_none_or(|u| u.iter().any(|(position, _)| position == at));
        let open = tokens.iter().enumerate().filter(|(at, t)| over(at) && may_go_on(**t));
        (Vec::new(), open.map(|(at, _)| (at, Refusal::Cut)).collect())
    }

    /// Which of the cells stands over a figure: in the column of one table in which every cell is marked by itself.
    fn above(&self, rest: usize, anchor: &Anchor, tokens: &[usize]) -> Option<usize> {
        let place = |t: usize| self.stream.tokens.get(t).map(|t| t.place);
        // Spans out of line shift columns, lost cells shift order: where both say the same, it is so.
        let from_end = |token: usize| {
            let line = self.stream.lines.get(self.stream.line_of(Some(token), 0));
            line.map_or(0, |l| l.tokens.end - token)
        };
        let below = place(rest).filter(|p| p.table.is_some())?;
        let same = |t: &usize| {
            place(*t).is_some_and(|p| p.table == below.table && p.column == below.column)
                && from_end(*t) == from_end(rest)
        };
        self.column(rest, anchor.kind)?;
        tokens.iter().position(same)
    }

    /// Figures below zero of columns that count, where another cell is blank: sums of two of them prove nothing.
    fn dashes(&self, columns: &[usize], cells: &Cells) -> Doubts {
        let Cells::Tokens(tokens) = cells else { return Vec::new() };
        let counts = |column: &usize| self.table.columns.get(*column).is_some_and(|c| !c.signed);
        let below_zero = |t: usize| {
            self.stream.value(t).and_then(|v| v.number).is_some_and(gongkai_model::Number::is_negative)
        };
        let at = |(_, (column, t)): &(usize, (&usize, &usize))| counts(column) && below_zero(**t);
        if !tokens.iter().any(|t| self.is_blank(*t)) {
            return Vec::new();
        }
        columns.iter().zip(tokens).enumerate().filter(at).map(|(at, _)| (at, Refusal::DashOrMinus)).collect()
    }

    /// What of the table as a whole contradicts the form's layout.
    fn contradiction(&self, anchor: &Anchor, order: &Order, columns: usize) -> Option<Refusal> {
        let first = self.anchors.first()?;
        let empty = |a: &&Anchor| self.empty.contains(&a.item);
        // Where half of its rows are, the other half is in doubt as well.
        if empty(&anchor) || self.anchors.iter().filter(empty).count() * 2 > self.anchors.len() {
            return Some(Refusal::EmptyTwin);
        }
        // `总计` behind other words of a head is the last of that head, and the figures are another table's.
        if anchor.also_column && anchor.strangers > MAX_CAPTIONS {
            return Some(Refusal::WordsBetween);
        }
        // One word may be a caption, another one a corner.
        let strange_head = first.strange_head || self.stands_alone(first);
        if *order == Order::Missing && columns > 2 && first.strangers + 2 >= columns && strange_head {
            return Some(Refusal::StrangeHead);
        }
        if self.stands_alone(anchor) && self.stands_alone(first) && first.loose >= columns {
            return Some(Refusal::FiguresAbove);
        }
        // Whole rows without a label: those that have one may have got another's.
        let unlabelled = |a: &Anchor| a.width > 1 && a.rest.len() >= a.width;
        if self.stands_alone(anchor) && self.regions.iter().flatten().any(unlabelled) {
            return Some(Refusal::LabelsTornOff);
        }
        let beside = |a: &&Anchor| !self.stands_alone(a);
        // Where a label is wrapped, its figures stand below. They are no other's, if every label has figures of its own.
        let proved = || {
            self.bares == 0
                && row_holds(self.stream, self.table, self.table.columns_of(anchor.item), &anchor.cells)
                    == Some(true)
        };
        if anchor.kind == LineKind::Pieces
            && self.stands_alone(anchor)
            && self.anchors.iter().filter(beside).count() * 2 > self.anchors.len()
            && !proved()
            && !(anchor.wrapped && anchor.rest.is_empty() && !anchor.bare_above && anchor.loose == 0)
        {
            return Some(Refusal::FiguresBelow);
        }
        None
    }

    fn refused(&self, anchor: &Anchor, why: Refusal) -> RowReading {
        // Figures in the row below a blank one may be its own: it is not said to be blank.
        let blank = anchor.cells.iter().all(|c| self.is_blank(*c));
        let rest = anchor.rest.iter().filter(|_| blank);
        let printed = anchor.cells.iter().chain(rest).copied().collect();
        RowReading::refused(anchor.item, anchor.label.clone(), anchor.quality, why, printed)
    }

    /// The cells that are the row's values: all of them, or all but blank cells left by lost spans.
    fn window(&self, anchor: &Anchor, columns: &[usize], starts: Starts) -> Result<Cells, Refusal> {
        let (cells, wanted) = (&anchor.cells, columns.len());
        if cells.len() < wanted {
            if self.stream.are_zeros(cells, wanted) {
                return Ok(Cells::Zeros { token: cells.first().copied().unwrap_or_default() });
            }
            return Err(too_few(self.stream, cells));
        }
        if self.stream.are_filled_up(cells) {
            return Err(Refusal::OtherCount);
        }
        if let Some(zeros) = self.zeros(anchor, cells, wanted) {
            return Ok(Cells::Tokens(zeros));
        }
        if self.printed(anchor) == wanted && self.counts_behind(anchor, wanted) {
            return Err(Refusal::OneMoreElsewhere);
        }
        let mut offsets = self.offsets(cells, wanted);
        if self.stands_alone(anchor) {
            // Nothing stands between a label on a line of its own and the values on the lines below.
            offsets.retain(|o| *o == 0);
        }
        let chosen = match offsets.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => Some(starts.choose(self, cells, several).ok_or(Refusal::BlankCellsAround)?),
        };
        let tokens: Vec<usize> = match chosen {
            Some(offset) => cells.iter().skip(offset).take(wanted).copied().collect(),
            None => self.without_idle_columns(anchor, columns)?,
        };
        // `blank | 4 | 4` for two columns: the first is a value, and a span of the last has become a copy.
        let before = chosen.unwrap_or_default();
        let last = tokens.iter().rev().take(before + 1).map(|t| self.number(*t));
        let copies = before > 0
            && last.clone().count() > before
            && last.clone().zip(last.skip(1)).all(|(a, b)| a == b);
        if copies
            && (anchor.kind == LineKind::Marked || (columns.len() == 2 && !self.is_text(anchor)))
            && anchor.cells.len() == tokens.len() + before
            && row_holds(self.stream, self.table, columns, &tokens).is_none()
        {
            return Err(Refusal::BlankCellsAround);
        }
        if anchor.interrupted
            && self.is_text(anchor)
            && row_holds(self.stream, self.table, columns, &tokens) != Some(true)
        {
            return Err(Refusal::LabelInterrupted);
        }
        if self.goes_on(anchor, &tokens) && row_holds(self.stream, self.table, columns, &tokens) != Some(true)
        {
            return Err(Refusal::Cut);
        }
        if self.may_end_in_an_ordinal(anchor, columns, &tokens) {
            return Err(Refusal::Ordinal);
        }
        if self.own_lines(anchor, &tokens)
            && may_hold_a_page_number(self.stream, self.table, columns, &tokens)
        {
            return Err(Refusal::PageNumber);
        }
        if self.own_lines(anchor, &tokens) && may_be_cut_in_two(self.stream, self.table, columns, &tokens) {
            return Err(Refusal::Cut);
        }
        if holds_in_another_order(self.stream, self.table, columns, &tokens) {
            return Err(Refusal::OtherOrder);
        }
        if self.may_end_in_a_page_number(anchor, columns, &tokens) {
            return Err(Refusal::PageNumberForBlank);
        }
        match chosen.and_then(|_| self.doubt(anchor, columns, &tokens, starts)) {
            Some(why) => Err(why),
            None => Ok(Cells::Tokens(tokens)),
        }
    }

    /// More zeros than the one column and nothing else: whichever of them is the row's, it is a zero.
    fn zeros(&self, anchor: &Anchor, cells: &[usize], wanted: usize) -> Option<Vec<usize>> {
        /// A group of the form has no more columns.
        const MAX_ZEROS: usize = 3;
        let first = cells.iter().position(|c| !self.is_blank(*c))?;
        let last = cells.iter().rposition(|c| !self.is_blank(*c))?;
        let printed = cells.get(first..=last)?;
        let zero = |c: &usize| self.stream.value(*c).is_some_and(|v| v.status == CellStatus::Zero);
        // A row that is cut off may have had a figure behind them.
        let ends = printed.last().is_some_and(|t| self.stream.ends_behind(*t));
        // In a row that lost one of them, so may the lost one.
        let is_short = self
            .regions
            .iter()
            .flatten()
            .any(|a| a.head == anchor.head && a.width == anchor.width && a.cells.len() > cells.len());
        let zeros = !ends
            && !is_short
            && wanted == 1
            && (2..=MAX_ZEROS).contains(&printed.len())
            && printed.iter().all(zero);
        zeros.then(|| printed.iter().take(wanted).copied().collect())
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
        longer > 1
            || (numbered.len() > 2 && numbered.len() * 2 >= others.len())
            || row_holds(self.stream, self.table, columns, tokens) != Some(true)
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

    /// Whether, in text, values that stand beside one another are filled up by one on the next line, which may be the rest of a
    /// figure, the number of the next row or that of the page; or one is only the end of a figure (`.46`).
    fn goes_on(&self, anchor: &Anchor, tokens: &[usize]) -> bool {
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let is_end = |t: &usize| self.stream.tokens.get(*t).is_some_and(|t| t.raw.trim().starts_with('.'));
        let beside = tokens.windows(2).any(|w| matches!(w, [a, b] if line(a) == line(b)));
        let alone = matches!(tokens, [.., a, b] if line(a) != line(b));
        (self.is_text(anchor) && beside && alone) || tokens.iter().skip(1).any(is_end)
    }

    /// Whether a row stands in text, whose cells nothing marks.
    fn is_text(&self, anchor: &Anchor) -> bool {
        matches!(anchor.kind, LineKind::Pieces | LineKind::Run)
    }

    /// Whether each of the values stands on a line of its own.
    fn own_lines(&self, anchor: &Anchor, tokens: &[usize]) -> bool {
        let line = |t: &usize| self.stream.line_of(Some(*t), 0);
        let apart = tokens.windows(2).all(|w| matches!(w, [a, b] if line(a) != line(b)));
        apart && (tokens.len() > 1 || anchor.kind == LineKind::Pieces)
    }

    /// Why blank cells among the values leave it open which column a figure stands in. Where the form's arithmetic can
    /// prove the places it must; elsewhere the layout has to.
    fn doubt(&self, anchor: &Anchor, columns: &[usize], tokens: &[usize], starts: Starts) -> Option<Refusal> {
        let blanks = tokens.iter().filter(|t| self.is_blank(**t)).count();
        if blanks == 0 || blanks == tokens.len() {
            return None;
        }
        if may_be_a_run(self.stream, tokens) {
            return Some(Refusal::OneRun);
        }
        // A blank cell adds nothing wherever it stands: no sum tells it from one that a lost span left before the values.
        let start = tokens.first().and_then(|t| self.column(*t, anchor.kind));
        let offset = anchor.cells.iter().position(|c| tokens.first() == Some(c));
        let elsewhere = starts.column.is_some() && start != starts.column && starts.offset != offset;
        let first_blank = tokens.first().is_some_and(|t| self.is_blank(*t));
        if elsewhere || (first_blank && !starts.keep_places(anchor.kind, offset)) {
            return Some(Refusal::BlankCellsAmong);
        }
        // In a grid of full rows a blank cell is where it is printed; one in the place of the total leaves no sum to ask.
        let sound = anchor.kind == LineKind::Marked
            && anchor.cells.len() == tokens.len()
            && !self.others_are_longer(anchor, columns.len());
        if self.closes_every_cell(anchor, tokens) {
            return None;
        }
        let no_total =
            sound && tokens.last().is_some_and(|t| self.is_blank(*t)) && !may_be_shifted(self.stream, tokens);
        let proof = row_holds(self.stream, self.table, columns, tokens).filter(|_| !no_total);
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
        (!certain).then_some(Refusal::BlankCellsAmong)
    }

    /// Whether each cell stands on a line that a bar closes, blank ones included: then a row of blank cells is as long as
    /// one with a figure in every column, which another row shows.
    fn closes_every_cell(&self, anchor: &Anchor, tokens: &[usize]) -> bool {
        let in_table = |t: &usize| self.stream.tokens.get(*t).is_some_and(|t| t.place.table.is_some());
        let full = |a: &Anchor| {
            let own = a.cells.get(..a.width).unwrap_or_default();
            a.kind == LineKind::Pieces
                && a.width == tokens.len()
                && a.cells.len() == anchor.cells.len()
                && own.len() == a.width
                && !own.iter().any(|c| self.is_blank(*c))
        };
        anchor.kind == LineKind::Pieces
            && tokens.first() == anchor.cells.first()
            && tokens.iter().all(in_table)
            && row_holds(self.stream, self.table, self.table.columns_of(anchor.item), tokens) != Some(false)
            && self.regions.iter().flatten().any(full)
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
    pub(super) fn common_starts(&self, orders: &[Order]) -> Starts {
        let mut starts = Starts { offset: None, column: None, any: false };
        for (anchor, order) in self.anchors.iter().zip(orders) {
            let wanted = match order {
                Order::Columns(c) => c.len(),
                _ => anchor.width,
            };
            if anchor.cells.len() < wanted {
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
    fn without_idle_columns(&self, anchor: &Anchor, columns: &[usize]) -> Result<Vec<usize>, Refusal> {
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
        Err(Refusal::OtherCount)
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
pub(super) struct Starts {
    /// Cells between label and first value.
    offset: Option<usize>,
    /// Grid column of the first value.
    column: Option<u32>,
    any: bool,
}

impl Starts {
    fn meet(&mut self, offset: usize, column: Option<u32>) {
        if self.any {
            self.offset = self.offset.filter(|o| *o == offset);
            self.column = self.column.filter(|c| Some(*c) == column);
        } else {
            *self = Self { offset: Some(offset), column, any: true };
        }
    }

    /// What all tables of the document agree on: the cells between label and first value. Their columns are their own.
    pub(super) fn shared(all: &[Self]) -> Option<usize> {
        let mut offsets = all.iter().filter(|s| s.any).map(|s| s.offset);
        let first = offsets.next()?;
        first.filter(|_| offsets.all(|o| o == first))
    }

    /// These, or in a table without a full row what the others agree on.
    pub(super) fn or(self, shared: Option<usize>) -> Self {
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
