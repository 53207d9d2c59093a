//! Stable ids: the same agency and year give the same ids, whatever the crawl, the copy, the script or the spelling.

use crate::names::Reading;
use gongkai_model::Scope;
use gongkai_registry::AgencyKinds;

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
/// What tells agencies of one place apart stays: the zone, the township, and a function that is not the kind's one body
/// (公路局 beside 交通运输局; schools and companies always).
pub(crate) fn canonical(reading: &Reading<'_>, kinds: &AgencyKinds) -> String {
    if let Some(organ) = reading.central {
        return organ.name.clone();
    }
    let area = reading.is_area() || reading.township.is_some() && is_township(reading);
    let function = match reading.kind {
        Some(kind) if area || kinds.body(&reading.function).is_some() => kind.code.clone(),
        _ => reading.function.replace(['和', '与', '、'], ""),
    };
    let unit = reading.township.as_deref().or(reading.zone.as_deref()).unwrap_or("");
    format!("{unit}/{function}")
}

fn is_township(reading: &Reading<'_>) -> bool {
    reading.kind_code().is_some_and(|k| matches!(k, "township" | "street_office"))
}

/// What is known of an agency, as far as ids are made of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The name as printed; empty when there is none.
    pub name: String,
    /// [`canonical`]; `None` when there is no name.
    pub canonical: Option<String>,
    /// Body of the State Council.
    pub central: bool,
    /// Stands for the document where place, agency or year are unresolved, so that different ones are never merged.
    pub document: String,
}

/// Id of an agency: its place (the unit's code, or `CN` for central organs) and its canonical name. A place has one code
/// for ever ([`gongkai_registry::Gazetteer::unit`]), whatever it is called in the report year.
///
/// `shared` is the place that all candidates of an unresolved agency lie in.
pub(crate) fn agency_id(identity: &Identity, unit: Option<&str>, shared: Option<&str>) -> String {
    match (&identity.canonical, unit) {
        (Some(name), _) if identity.central => hash('a', &["CN", name]),
        (Some(name), Some(unit)) => hash('a', &[unit, name]),
        _ => hash('a', &["unresolved", shared.unwrap_or(""), &identity.name, &identity.document]),
    }
}

/// Id of a report: agency and year, and for whom it counts where it says so; with what stands for the document where the year
/// is unresolved.
pub(crate) fn report_id(agency_id: &str, year: Option<i16>, scope: Scope, document: &str) -> String {
    match year {
        Some(year) if scope == Scope::Unknown => hash('r', &[agency_id, &year.to_string()]),
        Some(year) => hash('r', &[agency_id, &year.to_string(), scope.as_str()]),
        None => hash('r', &[agency_id, "unresolved", document]),
    }
}

/// Id of a report of a body that shares its agency's id with another one: the name tells them apart.
pub(crate) fn report_id_of_name(report_id: &str, function: &str) -> String {
    hash('r', &[report_id, function])
}
