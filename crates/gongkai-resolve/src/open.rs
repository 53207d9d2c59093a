//! What a report leaves open, kept without the document, and decided again when others answer.
//!
//! Names are kept as printed and read again, so that they are read as of the year that is known in the end; the rest is what
//! was gathered for the decision, with its weight. Nothing that a document says itself is decided otherwise for being asked
//! again: the same evidence is weighed in the same way, with one witness more.

use crate::agency::{self, Candidate};
use crate::hosts::HostPlace;
use crate::names::Names;
use crate::place::{Question, Witness};
use crate::year::{self, YearDecision};
use crate::{PRESENT, Resolved, Who, dates, document_key, ids};
use gongkai_model::{Cover, Evidence, EvidenceKind, Resolution, SourceTrust, Verdict};
use gongkai_registry::{Division, Gazetteer, Registry};
use serde::{Deserialize, Serialize};

/// A report that its page, or captures of its host, may complete, with all that was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Whether its host may answer: the place is open.
    asks_host: bool,
    /// The agency's name as printed, and where it was read.
    agency: Option<(String, EvidenceKind)>,
    /// Whether the one place that the name means is written out in the document.
    in_full: bool,
    /// What else speaks about the place.
    places: Vec<Said>,
    /// What speaks for which year.
    years: Vec<Evidence>,
}

/// What one piece of evidence says about the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    kind: EvidenceKind,
    text: String,
    /// Code of each division, and the first year in which it was as meant.
    divisions: Vec<(String, i16)>,
    weight: u32,
    alone: bool,
}

/// What others say about a report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers<'a> {
    /// The page it is attached to.
    pub cover: Option<&'a Cover>,
    /// What captures of its host taught.
    pub host: Option<&'a HostPlace>,
}

impl Open {
    /// What is kept of a report that lacks something.
    pub(crate) fn of(who: &Who<'_>, years: &[Evidence], asks_host: bool) -> Self {
        let said = |witness: &Witness<'_>| Said {
            kind: witness.kind,
            text: witness.text.clone(),
            divisions: witness.divisions.iter().map(|d| (d.code.clone(), d.from)).collect(),
            weight: witness.weight,
            alone: witness.alone,
        };
        // What the host spells is told by the host again.
        let places = who.question.witnesses.iter().filter(|w| w.kind != EvidenceKind::Url).map(said);
        Self {
            asks_host,
            agency: who.agency.as_ref().map(|a| (a.reading.name.clone(), a.kind)),
            in_full: who.question.in_full,
            places: places.collect(),
            years: years.to_vec(),
        }
    }

    /// Whether its host may answer where it is.
    pub fn asks_host(&self) -> bool {
        self.asks_host
    }

    /// The agency's name that may mean several places, their codes, and the year they are those of.
    pub(crate) fn ambiguous<'r>(
        &self,
        registry: &'r Registry,
        year: Option<i16>,
    ) -> Option<(&str, Vec<&'r str>, i16)> {
        let (name, _) = self.agency.as_ref()?;
        let year = year.unwrap_or(PRESENT);
        let reading = Names::new(registry).read(name, year);
        let codes: Vec<&str> = reading.targets.iter().map(|d| d.code.as_str()).collect();
        (codes.len() > 1 && !reading.hint(registry)).then_some((name.as_str(), codes, year))
    }

    /// Decides again who filed, where and when, with what others say. `None` where they say nothing that helps.
    ///
    /// `before` is the report as its document alone tells it, of the form and with the content hash given.
    pub fn answered(
        &self,
        registry: &Registry,
        before: &Resolved,
        form: &str,
        content_hash: &str,
        answers: Answers<'_>,
    ) -> Option<Resolved> {
        let was = &before.resolution;
        let cover = answers.cover;
        let years = year::with_cover(&self.years, cover, registry.form(form));
        let year = years.year.unwrap_or(PRESENT);
        let names = Names::new(registry);
        let named = self.agency.as_ref().map(|(name, kind)| Candidate {
            reading: names.read(name, year),
            kind: *kind,
            text: name.clone(),
            rank: 0,
        });
        let candidate = named.or_else(|| agency::of_cover(cover?, names, year));
        let gathered = was.year.unwrap_or(PRESENT);
        let witnesses =
            self.places.iter().filter_map(|said| said.witness(&registry.gazetteer, gathered, year));
        let host = was.source_host.as_deref().filter(|_| was.source_trust != Some(SourceTrust::Mirror));
        let question =
            Question::of(registry, candidate.as_ref(), witnesses.collect(), self.in_full, host, year);
        let who = Who::decide(registry, candidate.as_slice(), candidate.clone(), question, answers, year);
        let mut now = before.clone();
        enter(registry, who, years, content_hash, &mut now);
        now.resolution.published_on = was.published_on.or(cover.and_then(|c| c.published_on));
        now.standing.open = None;
        let helps = said(&now.resolution) != said(was);
        helps.then_some(now)
    }
}

/// What answers may change.
fn said(resolution: &Resolution) -> impl PartialEq + use<'_> {
    let Resolution { report_id, agency_id, place, published_on, .. } = resolution;
    (report_id, agency_id, place, published_on, resolution.year_evidence, resolution.region_evidence)
}

impl Said {
    /// What it says as of a year; `None` where none of its divisions was there.
    fn witness<'r>(&self, gazetteer: &'r Gazetteer, gathered: i16, year: i16) -> Option<Witness<'r>> {
        let division = |(code, from): &(String, i16)| -> Option<&'r Division> {
            let division = gazetteer.spans(code).find(|d| d.from == *from)?;
            if gathered == year { Some(division) } else { gazetteer.in_year(division, year) }
        };
        let divisions: Vec<&Division> = self.divisions.iter().filter_map(division).collect();
        (!divisions.is_empty()).then(|| Witness {
            kind: self.kind,
            text: self.text.clone(),
            divisions,
            weight: self.weight,
            alone: self.alone,
        })
    }
}

/// Enters what was decided about agency, place and year.
pub(crate) fn enter(
    registry: &Registry,
    mut who: Who<'_>,
    year: YearDecision,
    content_hash: &str,
    resolved: &mut Resolved,
) {
    let Resolved { resolution, standing } = resolved;
    who.identity.document = document_key(&standing.fingerprint, &who.identity.name, content_hash);
    let report = resolution.verdict == Verdict::Report;
    resolution.agency_id = who.id(registry);
    resolution.report_id = ids::report_id(&resolution.agency_id, year.year, &who.identity.document);
    let day = |date: Option<gongkai_model::Date>| date.and_then(dates::of_model);
    let (end, signed) = (day(resolution.period_end), day(resolution.signed_on));
    let early = |y| year::too_early(y, end, signed, day(resolution.published_on));
    resolution.findings.clear();
    if report {
        let early = year.year.and_then(early);
        resolution
            .findings
            .extend(year.findings.into_iter().chain(early).chain(who.findings.iter().cloned()));
    }
    resolution.agency_level = who.level();
    standing.complete = who.settled() && year.year.is_some();
    standing.certain = who.certain(registry).filter(|_| report);
    let asks_host = !who.identity.central && who.target.is_none();
    let lacks = !standing.complete || resolution.published_on.is_none();
    standing.open =
        (report && (asks_host || lacks)).then(|| Box::new(Open::of(&who, &year.evidence, asks_host)));
    let reading = who.agency.as_ref().map(|a| &a.reading);
    standing.function = reading.map(|r| r.function.clone());
    resolution.agency_name = reading.map(|r| r.name.clone());
    resolution.agency_kind = reading.and_then(|r| r.kind_code()).map(str::to_owned);
    resolution.agency_mark = reading.and_then(|r| r.mark()).map(str::to_owned);
    standing.agency = who.identity.canonical;
    resolution.year = year.year;
    resolution.year_evidence = year.kind;
    resolution.region_evidence = who.place_kind;
    resolution.place = who.place;
    resolution.evidence = year.evidence;
    resolution.evidence.append(&mut who.evidence);
    resolution.decisions = who.decisions.into_iter().chain([year.decision]).collect();
}
