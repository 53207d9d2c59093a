//! What pages say about the documents attached to them, between reading and settling.
//!
//! A cover tells when the report was published, and often whose it is and for which year, where the report itself does not.
//! It answers only what a document leaves open, and whose and for which year only where it has one report attached: a page with
//! several may be the list of them.

use crate::bonds::Bonds;
use crate::gist::Kind;
use crate::ledger::{Known, Ledger};
use gongkai_model::{Cover, Resolution};
use gongkai_registry::Registry;
use gongkai_store::{Cache, StoreError};
use std::collections::HashMap;

/// What covers say, by the name of the attached document.
pub(crate) type Covers = HashMap<String, Cover>;

/// Asks the covers of all reports that leave something open.
pub(crate) fn ask(
    registry: &Registry,
    cache: &Cache,
    ledger: &Ledger,
    bonds: &Bonds,
) -> Result<Covers, StoreError> {
    let attached = || {
        let reports = ledger.all().filter(|(_, known)| known.reading.gist.kind == Kind::Report);
        reports.filter_map(|(name, known)| Some((name, known, bonds.cover(name)?)))
    };
    let mut reports: HashMap<&str, u32> = HashMap::new();
    attached().for_each(|(.., cover)| *reports.entry(cover).or_default() += 1);
    let mut covers = Covers::new();
    for (name, _, cover) in attached().filter(|(_, known, _)| known.reading.gist.lacks) {
        let Some(page) = ledger.known(cover).iter().find(|page| page.met || !ledger.prunes) else { continue };
        let Some(said) = said(registry, cache, cover, page)? else { continue };
        let is_only = reports.get(cover) == Some(&1);
        let said = if is_only { said } else { Cover { published_on: said.published_on, ..Cover::default() } };
        covers.insert(name.to_owned(), said);
    }
    Ok(covers)
}

/// What a page says; nothing where it could not be read.
fn said(registry: &Registry, cache: &Cache, name: &str, page: &Known) -> Result<Option<Cover>, StoreError> {
    if page.reading.gist.kind == Kind::Unread {
        return Ok(None);
    }
    let head = page.reading.head(cache, name)?;
    let Ok(report) = &head.outcome else { return Ok(None) };
    let resolution = &report.resolution;
    Ok(Some(Cover {
        title: resolution.title.clone().unwrap_or_default(),
        agency_name: resolution.agency_name.clone(),
        unit: unit(registry, resolution),
        year: resolution.year,
        published_on: resolution.published_on,
    }))
}

/// The unit of the lowest division that a resolution names.
fn unit(registry: &Registry, resolution: &Resolution) -> Option<String> {
    let place = &resolution.place;
    let code = place.county_code.as_ref().or(place.city_code.as_ref()).or(place.province_code.as_ref())?;
    let gazetteer = &registry.gazetteer;
    let division = gazetteer.at(code, resolution.year.unwrap_or(i16::MAX))?;
    Some(gazetteer.unit(division).to_owned())
}
