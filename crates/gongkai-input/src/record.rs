//! One row of a table of pages (JSON object, Parquet or Arrow row) as captures.

use std::sync::Arc;

use gongkai_model::{Problem, Ties};

use crate::contain::contain_bytes;
use crate::met::{Flow, Place, Walk};
use crate::sidecar::Stated;
use crate::time;

/// What a row holds of what the fields ask for.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// The representations of the page, each with its column's name, best first; none of them empty.
    pub bodies: Vec<(String, Vec<u8>)>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub fetched_at: Option<String>,
    pub content_type: Option<String>,
}

impl Row {
    /// Hands the row out as the record `number` of `place`.
    pub(crate) fn hand_out(mut self, walk: &mut Walk<'_>, place: &Place, number: u64) -> Flow {
        let stated = self.stated();
        let place = place.record(number, stated);
        if self.bodies.is_empty() {
            return walk.lost(&place, 0, Problem::unreadable("empty"));
        }
        // A body may be called anything; one that is markup tells more than one that is text.
        self.bodies.sort_by_key(|(_, body)| !is_markup(body));
        let several = self.bodies.len() > 1;
        let page: Option<Arc<str>> = several.then(|| place.container.as_str().into());
        for (at, (name, body)) in self.bodies.into_iter().enumerate() {
            let mut own = Place { ties: Ties { page: page.clone(), ..Ties::default() }, ..place.clone() };
            if at > 0 {
                own.container = format!("{}/{name}", own.container);
            }
            contain_bytes(walk, &own, body)?;
        }
        Flow::Continue(())
    }

    fn stated(&self) -> Stated {
        let mut stated = Stated::default();
        if let Some(url) = &self.url {
            stated.address(url);
        }
        if let Some(text) = &self.content_type {
            stated.content_type(text);
        }
        stated.provenance.fetched_at = self.fetched_at.as_deref().and_then(time::parse);
        stated.provenance.title = self.title.clone().filter(|t| !t.trim().is_empty());
        stated
    }
}

fn is_markup(body: &[u8]) -> bool {
    /// Bytes looked at: declarations and comments stand before the first element.
    const LOOK: usize = 1024;
    let head = body.get(..LOOK).unwrap_or(body);
    head.trim_ascii_start().first() == Some(&b'<') && head.contains(&b'>')
}
