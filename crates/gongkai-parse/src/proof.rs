//! The form's arithmetic along a row: what proves that figures stand in the columns they were read in.

use crate::stream::Stream;
use gongkai_model::{CellStatus, Number};
use gongkai_registry::{Axis, FormTable, Identity};

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
    let token = |code: &str| {
        let column = table.column(code)?;
        tokens.get(columns.iter().position(|c| *c == column)?).copied()
    };
    let applies =
        |i: &&Identity| i.axis == Axis::Row && i.left.iter().chain(&i.right).all(|c| token(c).is_some());
    let mut identities = table.identities.iter().filter(applies).peekable();
    identities.peek()?;
    // Two figures in pieces would prove each other.
    let pieces = tokens.iter().filter(|t| stream.value(**t).is_some_and(|v| v.joined.is_some())).count();
    Some(
        pieces <= 1
            && identities.all(|identity| {
                let sum = |codes: &[std::sync::Arc<str>]| {
                    codes.iter().map(|c| token(c).and_then(|t| term(stream, t))).sum::<Option<Number>>()
                };
                let printed = identity.left.iter().all(|c| token(c).is_some_and(|t| !stream.is_blank(t)));
                printed && matches!((sum(&identity.left), sum(&identity.right)), (Some(l), Some(r)) if l == r)
            }),
    )
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
    let digits =
        |t: usize| stream.tokens.get(t).map_or(0, |t| t.raw.chars().filter(|c| c.is_numeric()).count());
    !rest.is_empty() && digits(*first) > 1 && rest.iter().all(|t| stream.is_blank(*t))
}
