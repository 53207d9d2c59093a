//! The form's arithmetic along a row: what proves that figures stand in the columns they were read in.

use crate::refusal::Refusal;
use crate::stream::Stream;
use crate::value::{self, Value};
use gongkai_model::{CellStatus, Number};
use gongkai_registry::{Axis, FormTable, Identity};
use std::sync::Arc;

/// What a cell adds to a sum: its number (digits in pieces taken as one), nothing where nothing is reported.
fn term(stream: &Stream, token: usize) -> Option<Number> {
    let value = stream.value(token)?;
    match value.status {
        CellStatus::Blank | CellStatus::Dash | CellStatus::Word => Some(Number::default()),
        _ => value.number.or(value.joined),
    }
}

/// Whether the sums that the form prescribes along a row hold for tokens read as these columns, total printed. `None`
/// where the form prescribes none for them.
pub(crate) fn row_holds(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> Option<bool> {
    // Two figures in pieces would prove each other.
    let pieces = tokens.iter().filter(|t| stream.value(**t).is_some_and(|v| v.joined.is_some())).count();
    let terms: Vec<Term> =
        tokens.iter().map(|t| Term { number: term(stream, *t), blank: stream.is_blank(*t) }).collect();
    sums_hold(table, columns, &terms).map(|hold| hold && pieces <= 1)
}

/// A cell of a sum.
struct Term {
    number: Option<Number>,
    blank: bool,
}

/// Whether the sums along a row hold, total printed; `None` where the form prescribes none.
fn sums_hold(table: &FormTable, columns: &[usize], terms: &[Term]) -> Option<bool> {
    let term = |code: &str| {
        let column = table.column(code)?;
        terms.get(columns.iter().position(|c| *c == column)?)
    };
    let applies =
        |i: &&Identity| i.axis == Axis::Row && i.left.iter().chain(&i.right).all(|c| term(c).is_some());
    let mut identities = table.identities.iter().filter(applies).peekable();
    identities.peek()?;
    Some(identities.all(|identity| {
        let sum = |codes: &[Arc<str>]| codes.iter().map(|c| term(c)?.number).sum::<Option<Number>>();
        let printed = identity.left.iter().all(|c| term(c).is_some_and(|t| !t.blank));
        printed && matches!((sum(&identity.left), sum(&identity.right)), (Some(l), Some(r)) if l == r)
    }))
}

/// Whether the sums hold where figures go on: `rests` are positions among the columns, each with the token of its rest.
pub(crate) fn row_holds_joined(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
    rests: &[(usize, usize)],
) -> bool {
    let cell = |(at, token): (usize, &usize)| match rests.iter().find(|(position, _)| *position == at) {
        Some((_, rest)) => Term { number: joined(stream, *token, *rest), blank: false },
        None => Term { number: term(stream, *token), blank: stream.is_blank(*token) },
    };
    let terms: Vec<Term> = tokens.iter().enumerate().map(cell).collect();
    sums_hold(table, columns, &terms) == Some(true)
}

/// Figures of whole rows, one after the other, of which the end of a line has cut one in two: all but its rest, and where
/// it stands with its rest. The sums of every row hold with one figure joined so, and with no other.
pub(crate) fn rejoined(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> Option<(Vec<usize>, (usize, usize))> {
    let width = columns.len();
    if width < 2 || tokens.len() % width != 1 || tokens.iter().any(|t| stream.is_blank(*t)) {
        return None;
    }
    let line = |t: usize| stream.line_of(Some(t), 0);
    let mut found = tokens.windows(2).enumerate().filter_map(|(at, pair)| {
        let [end, rest] = pair else { return None };
        if line(*end) == line(*rest) {
            return None;
        }
        let kept: Vec<usize> = tokens.iter().copied().filter(|t| t != rest).collect();
        let holds = |(row, own): (usize, &[usize])| {
            let rests: Vec<(usize, usize)> =
                (at / width == row).then_some((at % width, *rest)).into_iter().collect();
            row_holds_joined(stream, table, columns, own, &rests)
        };
        kept.chunks(width).enumerate().all(holds).then_some((kept, (at, *rest)))
    });
    found.next().filter(|_| found.next().is_none())
}

/// Whether each figure of a row may be those of two rows run together: cut alike, both sums hold.
pub(crate) fn may_be_two_rows(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> bool {
    let whole = tokens.iter().map(|t| term(stream, *t)?.as_integer()).collect::<Option<Vec<i64>>>();
    let Some((total, parts)) = whole.as_deref().and_then(<[i64]>::split_last) else { return false };
    let adds_up = |of: &dyn Fn(i64) -> i64| parts.iter().map(|n| of(*n)).sum::<i64>() == of(*total);
    let powers = std::iter::successors(Some(10_i64), |p| p.checked_mul(10)).take_while(|p| p <= total);
    row_holds(stream, table, columns, tokens) == Some(true)
        && powers.into_iter().any(|p| adds_up(&|n| n / p) && adds_up(&|n| n % p))
}

/// Whether the sum of a row fails, and would hold if two of its figures, each on a line of its own, were one that was cut,
/// a blank cell having left no line: as many figures as columns prove nothing then.
pub(crate) fn may_be_cut_in_two(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> bool {
    if columns.len() < 3 || row_holds(stream, table, columns, tokens) != Some(false) {
        return false;
    }
    let holds = |at: usize| {
        let (Some(end), Some(rest)) = (tokens.get(at), tokens.get(at + 1)) else { return false };
        let kept = tokens.iter().enumerate().filter(|(i, _)| *i != at + 1);
        let terms = kept.map(|(i, t)| if i == at { joined(stream, *end, *rest) } else { term(stream, *t) });
        let Some(terms) = terms.collect::<Option<Vec<Number>>>() else { return false };
        terms.split_last().is_some_and(|(total, parts)| parts.iter().copied().sum::<Number>() == *total)
    };
    (0..tokens.len().saturating_sub(1)).any(holds)
}

/// A figure with its rest.
pub(crate) fn joined(stream: &Stream, token: usize, rest: usize) -> Option<Number> {
    let raw = |t: usize| stream.tokens.get(t).map(|t| t.raw.trim());
    let plain = |v: &Value| matches!(v.status, CellStatus::Number | CellStatus::Zero);
    // `12` and `+3`, `12` and `,345`: only digits go on.
    let digits = raw(rest)?.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let whole = value::read(&format!("{}{}", raw(token)?, raw(rest)?))?;
    whole.number.filter(|_| digits && plain(&whole))
}

/// Whether a page number may be among the cells of a row, each printed on a line of its own, with one value lost: the sum
/// fails, and would hold without the first figure, or the last figure may be the page's.
pub(crate) fn may_hold_a_page_number(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> bool {
    /// No report has more pages.
    const MAX_PAGE: i64 = 999;
    let last = columns.last().and_then(|c| table.columns.get(*c)).map(|c| &c.code);
    let totals = |i: &&Identity| {
        i.axis == Axis::Row
            && i.left.len() == 1
            && i.left.first() == last
            && i.right.len() + 1 == columns.len()
    };
    if !table.identities.iter().any(|i| totals(&i))
        || row_holds(stream, table, columns, tokens) != Some(false)
    {
        return false;
    }
    let page = |t: usize| {
        let number = stream.value(t).and_then(|v| v.number).and_then(Number::as_integer);
        number.is_some_and(|n| (1..=MAX_PAGE).contains(&n))
    };
    // Pages end between rows or inside labels: their number stands before the figures or behind them.
    let ends = [0, tokens.len().saturating_sub(1)];
    ends.into_iter().filter(|k| tokens.get(*k).is_some_and(|t| page(*t))).any(|k| {
        let rest: Vec<usize> = tokens.iter().enumerate().filter(|(i, _)| *i != k).map(|(_, t)| *t).collect();
        let Some((total, parts)) = rest.split_last() else { return false };
        let sum = parts.iter().map(|t| term(stream, *t)).sum::<Option<Number>>();
        match (term(stream, *total), sum) {
            // Behind a lost total the page's number stands where the total should.
            _ if k + 1 == tokens.len() => true,
            (Some(total), Some(sum)) => total == sum,
            _ => false,
        }
    })
}

/// Whether all that is printed is zeros, which add up wherever they stand.
pub(crate) fn says_nothing(stream: &Stream, tokens: &[usize]) -> bool {
    tokens.iter().all(|t| term(stream, *t).is_some_and(Number::is_zero))
}

/// Whether a row's only figure may be several run together: it stands in the first of several cells, has several
/// digits, and the other cells are blank.
pub(crate) fn may_be_a_run(stream: &Stream, tokens: &[usize]) -> bool {
    let Some((first, rest)) = tokens.split_first() else { return false };
    !rest.is_empty() && digits(stream, *first) > 1 && rest.iter().all(|t| stream.is_blank(*t))
}

/// Whether a figure that does not stand in the place of the total is the sum of all others, and the one there is not: the
/// figures may stand in another order.
pub(crate) fn holds_in_another_order(
    stream: &Stream,
    table: &FormTable,
    columns: &[usize],
    tokens: &[usize],
) -> bool {
    if row_holds(stream, table, columns, tokens) != Some(false) {
        return false;
    }
    let Some(terms) = tokens.iter().map(|t| term(stream, *t)).collect::<Option<Vec<Number>>>() else {
        return false;
    };
    let all: Number = terms.iter().copied().sum();
    let printed = terms.iter().filter(|t| !t.is_zero()).count();
    // The forms print the total last.
    let parts = terms.split_last().map_or(&[][..], |(_, parts)| parts);
    printed > 2 && parts.iter().any(|t| !t.is_zero() && [*t, *t].into_iter().sum::<Number>() == all)
}

/// Whether figures before a blank total may have moved up one place, because a cell before them was lost or two became
/// one: then the last of them is the total of the others, one of which may be two run together.
pub(crate) fn may_be_shifted(stream: &Stream, tokens: &[usize]) -> bool {
    let printed: Vec<usize> = tokens.iter().copied().filter(|t| !stream.is_blank(*t)).collect();
    let Some((last, others)) = printed.split_last() else { return true };
    let terms: Option<Vec<Number>> = others.iter().map(|t| term(stream, *t)).collect();
    let (Some(total), Some(terms)) = (term(stream, *last), terms) else { return true };
    let sum: Number = terms.iter().copied().sum();
    let split = |term: &Number| {
        let whole = term.as_integer()?;
        let rest = total.as_integer()?.checked_sub(sum.as_integer()?.checked_sub(whole)?)?;
        // `2458` may be 24 and 58.
        let powers = std::iter::successors(Some(10_i64), |p| p.checked_mul(10)).take_while(|p| *p <= whole);
        Some(powers.into_iter().any(|p| whole / p + whole % p == rest))
    };
    sum == total || terms.iter().any(|t| split(t) == Some(true))
}

/// Why a row of fewer figures than columns cannot be read.
pub(crate) fn too_few(stream: &Stream, cells: &[usize]) -> Refusal {
    let mut printed = cells.iter().filter(|c| !stream.is_blank(**c));
    match (printed.next(), printed.next()) {
        (Some(one), None) if digits(stream, *one) > 1 => Refusal::OneRun,
        _ => Refusal::OtherCount,
    }
}

/// Digits printed in a cell.
pub(crate) fn digits(stream: &Stream, token: usize) -> usize {
    stream.tokens.get(token).map_or(0, |t| t.raw.chars().filter(|c| c.is_numeric()).count())
}
