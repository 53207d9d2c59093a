//! Stable ids: the same agency and year give the same ids, whatever the crawl, the copy, the script or the spelling.

use crate::names::Reading;
use gongkai_registry::Division;

fn hash(letter: char, parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hex: String = hasher.finalize().to_hex().chars().take(16).collect();
    format!("{letter}{hex}")
}

/// The agency's name without places and with its function as a kind, so that 发改局 and 发展和改革委员会 are one.
///
/// What tells agencies of one place apart stays: the zone, the township, and a function that no kind names exactly.
fn canonical(reading: &Reading<'_>, exact: bool) -> String {
    let function = match reading.kind {
        Some(kind) if exact || reading.is_area() || reading.central.is_some() => kind.code.as_str(),
        _ => reading.function.as_str(),
    };
    let unit = reading.township.as_deref().or(reading.zone.as_deref()).unwrap_or("");
    format!("{unit}/{function}")
}

/// Id of an agency: its place (division code, or `CN` for central organs) and its canonical name.
///
/// When place or agency is unresolved, the hash of the capture's bytes is part of it, so that different documents are
/// never taken for one agency.
pub(crate) fn agency_id(
    reading: Option<&Reading<'_>>,
    target: Option<&Division>,
    exact: bool,
    content_hash: &str,
) -> String {
    match (reading, target) {
        (Some(r), _) if r.central.is_some() => {
            hash('a', &["CN", r.central.map_or(r.name.as_str(), |c| c.name.as_str())])
        }
        (Some(r), Some(d)) => hash('a', &[&d.code, &canonical(r, exact)]),
        (r, d) => {
            let name = r.map_or("", |r| r.name.as_str());
            hash('a', &["unresolved", d.map_or("", |d| d.code.as_str()), name, content_hash])
        }
    }
}

/// Id of a report: agency and year; with the hash of the capture's bytes where the year is unresolved.
pub(crate) fn report_id(agency_id: &str, year: Option<i16>, content_hash: &str) -> String {
    match year {
        Some(year) => hash('r', &[agency_id, &year.to_string()]),
        None => hash('r', &[agency_id, "unresolved", content_hash]),
    }
}
