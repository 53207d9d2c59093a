//! Tables whose items run down: for every labelled row the values behind its label, in order.
//!
//! [`scan`] walks the document once and collects labels with the values behind them; [`regions`] groups them into
//! tables; [`align`] says which of the values stand in which column, or why nobody can tell.

mod align;
mod regions;
mod scan;

use crate::head::Order;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::subject::Subject;
use crate::symbols::Symbol;
use crate::words::TableWords;
use align::{Region, Starts};
use scan::{Found, Scan};

/// All readings of the table that the document offers, in document order.
pub(crate) fn read(
    stream: &Stream,
    words: &TableWords<'_>,
    symbols: &[Symbol<'_>],
    subject: &Subject<'_>,
) -> Vec<Reading> {
    let Found { anchors, heads, unused, empty, bares } = Scan::new(stream, words, symbols).run();
    let regions = regions::regions(anchors, stream, subject);
    let parts: Vec<Region<'_>> = regions
        .iter()
        .map(|region| Region {
            stream,
            table: words.table,
            heads: &heads,
            anchors: region,
            regions: &regions,
            empty: &empty,
            bares,
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
