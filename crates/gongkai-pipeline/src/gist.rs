//! What the barrier of a run needs to know of a reading: little enough to keep it of every input in memory.

use crate::reader::Read;
use gongkai_audit::panel::strip;
use gongkai_input::may_be_attached;
use gongkai_model::Severity;
use gongkai_registry::Registry;
use gongkai_resolve::Witness;
use gongkai_store::Seat;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// What a document turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// It could not be read.
    Unread,
    /// No report.
    Other,
    /// A report.
    Report,
}

/// One reading in short. Texts that are only compared are kept as hashes, 0 where there is none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Gist {
    pub(crate) kind: Kind,
    /// Whether agency, place and year are known.
    pub(crate) complete: bool,
    /// Whether it found again what another capture holds.
    pub(crate) revisit: bool,
    /// The digits of its report's id.
    pub(crate) report_id: u64,
    /// The digits of its agency's id.
    pub(crate) agency_id: u64,
    /// Code of its county; the greatest number where it has none.
    pub(crate) county: u32,
    /// Where it stands when reports are added up.
    pub(crate) seat: Option<Seat>,
    /// Agency and text.
    pub(crate) text: u64,
    /// Agency and figures.
    pub(crate) figures: u64,
    /// Digest of its payload as its container states it.
    pub(crate) digest: u64,
    /// The page it is a representation of, as its container tells.
    pub(crate) page: u64,
    /// Whether something is open that its page may answer.
    pub(crate) lacks: bool,
    /// Findings of severity error and warning.
    pub(crate) doubts: u32,
    /// Year of the report.
    pub(crate) year: Option<i16>,
    /// Region of the report; empty for what is none.
    pub(crate) region: Arc<str>,
    /// The host that may answer what is open about the place.
    pub(crate) asks: Option<Box<str>>,
    /// What it teaches about its host.
    pub(crate) witness: Option<Arc<Witness>>,
    /// What the rules over the panel need of a report whose agency, place and year are known; empty of others.
    pub(crate) strip: Box<[u8]>,
}

impl Gist {
    /// The gist of a reading that is still whole.
    pub(crate) fn of(registry: &Registry, read: &Read) -> Self {
        let ties = &read.ties;
        let kind = match (&read.outcome, read.report()) {
            (Err(_), _) => Kind::Unread,
            (Ok(_), None) => Kind::Other,
            (Ok(_), Some(_)) => Kind::Report,
        };
        let mut gist = Self {
            kind,
            complete: false,
            revisit: ties.revisit,
            report_id: 0,
            agency_id: 0,
            county: u32::MAX,
            seat: None,
            text: 0,
            figures: 0,
            digest: ties.digest.as_deref().map_or(0, |d| short(&[d])),
            page: ties.page.as_deref().map_or(0, |p| short(&[p])),
            lacks: false,
            doubts: 0,
            year: None,
            region: "".into(),
            asks: None,
            witness: None,
            strip: Box::default(),
        };
        let Some(report) = read.report() else { return gist };
        let (resolution, standing) = (&report.resolution, &report.standing);
        gist.complete = standing.complete;
        gist.lacks = !standing.complete || resolution.published_on.is_none();
        gist.report_id = digits(&resolution.report_id);
        gist.agency_id = digits(&resolution.agency_id);
        gist.county =
            resolution.place.county_code.as_deref().map_or(u32::MAX, |c| c.parse().unwrap_or(u32::MAX));
        gist.seat = Seat::of(resolution).filter(|_| standing.complete);
        if let Some(agency) = &standing.agency {
            let print = &standing.fingerprint;
            gist.text = print.text.as_deref().map_or(0, |t| short(&[agency, t]));
            gist.figures = print.figures.map_or(0, |f| short(&[agency, &f.to_string()]));
        }
        let doubt = |code| registry.rule(code).is_none_or(|rule| rule.severity != Severity::Info);
        let doubts = report.findings.iter().filter(|f| doubt(f.code)).count();
        gist.doubts = u32::try_from(doubts).unwrap_or(u32::MAX);
        gist.year = resolution.year;
        gist.region = resolution.place.region.as_str().into();
        let asks = standing.open.as_ref().filter(|open| open.asks_host());
        gist.asks = asks.and(resolution.source_host.as_deref()).map(Into::into);
        if standing.complete {
            gist.strip = strip(registry, &report.parsed, resolution);
        }
        gist.witness = Witness::of(registry, resolution, standing).map(Arc::new);
        gist
    }
}

impl Gist {
    /// Who filed for which year; 0 where that is not known.
    pub(crate) fn filed(&self) -> u64 {
        match self.year.filter(|_| self.complete) {
            Some(year) => self.agency_id.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(year as u64).max(1),
            None => 0,
        }
    }

    /// Whether there may be somebody to answer what is open about the document of this name.
    pub(crate) fn may_be_answered(&self, name: &str) -> bool {
        self.asks.is_some() || (self.lacks && may_be_attached(name))
    }
}

/// What many gists say alike: kept once.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    regions: HashSet<Arc<str>>,
    witnesses: HashSet<Arc<Witness>>,
}

impl Shared {
    /// Lets a gist share what it says.
    pub(crate) fn share(&mut self, gist: &mut Gist) {
        share(&mut self.regions, &mut gist.region);
        if let Some(witness) = &mut gist.witness {
            share(&mut self.witnesses, witness);
        }
    }
}

/// Lets one be the same as an equal one of all.
pub(crate) fn share<T: ?Sized + Eq + Hash>(all: &mut HashSet<Arc<T>>, one: &mut Arc<T>) {
    match all.get(&**one) {
        Some(known) => *one = Arc::clone(known),
        None => _ = all.insert(Arc::clone(one)),
    }
}

/// The hexadecimal digits of an id, which sort as the id does.
pub(crate) fn digits(id: &str) -> u64 {
    let hex = id.trim_start_matches(|c: char| !c.is_ascii_digit() && !('a'..='f').contains(&c));
    let hex = if hex.len() > 16 { hex.chars().skip(hex.len() - 16).collect() } else { hex.to_owned() };
    u64::from_str_radix(&hex, 16).unwrap_or(0)
}

/// A hash of texts, never 0.
pub(crate) fn short(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_sort_as_ids_do() {
        let ids = ["r0000000000000000", "r00000000000000ff", "ra000000000000001", "rffffffffffffffff"];
        let numbers: Vec<u64> = ids.iter().map(|id| digits(id)).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        // An agency's id begins with a letter that is a digit, too.
        assert_eq!(digits("a00000000000000ff"), 255);
        assert_eq!(digits("affffffffffffffff"), u64::MAX);
        assert_eq!((digits(""), digits("r-nowhere")), (0, 0));
    }
}
