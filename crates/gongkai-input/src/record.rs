//! One row of a table of pages (JSON object, Parquet or Arrow row) as captures.

use std::sync::Arc;

use gongkai_model::{Problem, Ties};

use crate::contain::contain_bytes;
use crate::met::{Flow, Place, Walk};
use crate::options::{Fields, named};
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
    /// Hands the row out as the record `number` of `place`, or as a part of it.
    pub(crate) fn hand_out(
        mut self,
        walk: &mut Walk<'_>,
        place: &Place,
        number: u64,
        part: Option<u64>,
    ) -> Flow {
        let stated = self.stated();
        let mut place = place.record(number, stated);
        if let Some(part) = part {
            place.container = format!("{}/{part}", place.container);
        }
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
            if is_cut_cell(&body) {
                walk.lost(&own, body.len() as u64, Problem::unreadable(CUT_CELL))?;
                continue;
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

/// Columns of a table, by what they are to us.
pub(crate) struct Columns {
    pub bodies: Vec<(String, usize)>,
    pub url: Option<usize>,
    pub title: Option<usize>,
    pub fetched_at: Option<usize>,
    pub content_type: Option<usize>,
}

impl Columns {
    /// By their names, each with whether it holds texts; `None` without a column for the document.
    pub(crate) fn of<'n>(names: impl Iterator<Item = (&'n str, bool)>, fields: &Fields) -> Option<Self> {
        let columns: Vec<(&str, bool)> = names.collect();
        let find = |name: &String| columns.iter().position(|(column, _)| named(column, name));
        let one = |names: &[String]| names.iter().find_map(find);
        let mut bodies: Vec<(String, usize)> = Vec::new();
        for name in &fields.body {
            for (at, (column, is_text)) in columns.iter().enumerate() {
                if *is_text && named(column, name) && bodies.iter().all(|(_, known)| *known != at) {
                    bodies.push(((*column).to_owned(), at));
                }
            }
        }
        (!bodies.is_empty()).then(|| Self {
            bodies,
            url: one(&fields.url),
            title: one(&fields.title),
            fetched_at: one(&fields.fetched_at),
            content_type: one(&fields.content_type),
        })
    }

    /// Columns beside that of the document.
    pub(crate) fn others(&self) -> impl Iterator<Item = usize> {
        [self.url, self.title, self.fetched_at, self.content_type].into_iter().flatten()
    }

    /// Whether they can hardly be the head of anything but a table of pages: a second one is known, or the document's has a
    /// name that is no word of Chinese reports.
    pub(crate) fn are_telling(&self) -> bool {
        self.others().next().is_some() || self.bodies.iter().any(|(name, _)| name.is_ascii())
    }
}

/// Why a body that fills a cell is not read.
const CUT_CELL: &str = "truncated_body: 32767 characters, where spreadsheets cut a cell";

/// Whether a body was cut where spreadsheets cut a cell.
fn is_cut_cell(body: &[u8]) -> bool {
    const CELL: usize = 32_767;
    if !(CELL..=4 * CELL).contains(&body.len()) {
        return false;
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(body).0,
    };
    text.encode_utf16().count() == CELL
}

fn is_markup(body: &[u8]) -> bool {
    /// Bytes looked at: declarations and comments stand before the first element.
    const LOOK: usize = 1024;
    let head = body.get(..LOOK).unwrap_or(body);
    head.trim_ascii_start().first() == Some(&b'<') && head.contains(&b'>')
}
