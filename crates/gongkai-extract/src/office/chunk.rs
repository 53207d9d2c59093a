//! Documents within a document: `w:altChunk` (ECMA-376-1, 17.17.2) imports a part of any format, as tools write it that make DOCX
//! of pages.

use super::mht;
use super::source::Source;
use super::xml::{Element, Handler, Step};
use crate::html::Parts;
use crate::work::Work;
use crate::{Hints, Limits, chunk};
use gongkai_model::Problem;
use std::collections::BTreeMap;

/// Whether documents within are read, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    Chunks,
    /// No: this is one of them.
    Nothing,
}

/// The documents that `main` imports, by the ids of their relationships.
///
/// # Errors
/// One of them cannot be read: its text would be missing without a trace.
pub(super) fn read(
    source: &dyn Source,
    main: &str,
    follow: Follow,
    limits: &Limits,
    work: &Work,
) -> Result<BTreeMap<String, Parts>, Problem> {
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", main));
    let relationships = format!("{folder}/_rels/{file}.rels");
    if !source.has(&relationships) {
        return Ok(BTreeMap::new());
    }
    let mut found = Chunks::default();
    source.walk(&relationships, &mut found)?;
    if follow == Follow::Nothing && !found.0.is_empty() {
        return Err(Problem::unreadable("unsupported_document: documents within one another"));
    }
    let part = |(id, target): (String, String)| {
        let name = target.strip_prefix('/').map_or_else(|| format!("{folder}/{target}"), str::to_owned);
        let bytes = source.bytes(&name)?;
        let page = mht::is_message(&bytes).then(|| mht::page(&bytes)).flatten();
        let charset = page.as_ref().and_then(|page| page.charset.clone());
        let bytes = page.map_or(bytes, |page| page.bytes);
        let hints = Hints { charset: charset.as_deref(), path: &name };
        Ok((id, chunk(&bytes, &hints, limits, work)?))
    };
    found.0.into_iter().map(part).collect()
}

/// Targets of the parts that are imported, by id.
#[derive(Default)]
struct Chunks(BTreeMap<String, String>);

impl Handler for Chunks {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        let is_chunk = || element.attribute("Type").is_some_and(|kind| kind.ends_with("/aFChunk"));
        if name == "Relationship" && is_chunk() {
            let (id, target) = (element.attribute("Id"), element.attribute("Target"));
            self.0.extend(id.zip(target));
        }
        Step::Into
    }
}
