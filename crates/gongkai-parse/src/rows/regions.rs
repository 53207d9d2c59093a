//! Which labelled rows are one table of the document.

use super::scan::Anchor;
use crate::stream::Stream;
use crate::subject::Subject;

/// Groups anchors into tables. An item that comes again begins another one; so does an item before the last one under
/// a new head (a head repeated at a page break goes on where the page ended), and a caption.
pub(super) fn regions(anchors: Vec<Anchor>, stream: &Stream, subject: &Subject<'_>) -> Vec<Vec<Anchor>> {
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
