//! What a report leaves open, kept without the document, and decided again when others answer.
//!
//! Names are kept as printed and read again, so that they are read as of the year that is known in the end; the rest is what
//! was gathered for the decision, with its weight. Nothing that a document says itself is decided otherwise for being asked
//! again: the same evidence is weighed in the same way, with one witness more.

use crate::agency::{self, Candidate, Stands};
use crate::hosts::HostPlace;
use crate::names::Names;
use crate::place::{self, Gathered, Question, Says, Witness};
use crate::year::{self, YearDecision};
use crate::{PRESENT, Resolved, Resolver, Who, dates, document_key, ids};
use gongkai_model::{Cover, Evidence, EvidenceKind, Resolution, Verdict};
use gongkai_registry::{Division, Gazetteer, Registry};
use serde::{Deserialize, Serialize};

/// A report that its page, or captures of its host, may complete, with all that was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Whether its host may answer: the place is open.
    asks_host: bool,
    /// The agency's name.
    agency: Option<Name>,
    /// Where no agency is named: who issued what the document cites, which may make another's name full.
    cited: Vec<Name>,
    /// Whether the one place that the name means is written out in the document.
    in_full: bool,
    /// What the text calls its own place.
    own: Option<char>,
    /// What else speaks about the place.
    places: Vec<Said>,
    /// What speaks for which year.
    years: Vec<Evidence>,
}

/// A name as printed, and where it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    text: String,
    kind: EvidenceKind,
    stands: Stands,
}

/// What one piece of evidence says about the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    kind: EvidenceKind,
    text: String,
    /// Code of each division, and the first year in which it was as meant.
    divisions: Vec<(String, i16)>,
    weight: u32,
    says: Says,
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
            says: witness.says,
        };
        // What host and address spell is told by them again.
        let places = who.question.witnesses.iter().filter(|w| w.kind != EvidenceKind::Url).map(said);
        Self {
            asks_host,
            agency: who.agency.as_ref().map(Name::of),
            cited: who.cited.iter().map(Name::of).collect(),
            in_full: who.question.in_full,
            own: who.question.own,
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
        let name = self.agency.as_ref()?;
        let year = year.unwrap_or(PRESENT);
        let reading = name.read(Names::new(registry), year)?.reading;
        let codes: Vec<&str> = reading.targets.iter().map(|d| d.code.as_str()).collect();
        (codes.len() > 1 && !reading.hint(registry)).then_some((name.text.as_str(), codes, year))
    }

    /// Decides again who filed, where and when, with what others say. `None` where they say nothing that helps.
    ///
    /// `before` is the report as its document alone tells it, of the form and with the content hash given.
    pub fn answered(
        &self,
        resolver: &Resolver<'_>,
        before: &Resolved,
        form: &str,
        content_hash: &str,
        answers: Answers<'_>,
    ) -> Option<Resolved> {
        let was = &before.resolution;
        let registry = resolver.registry;
        let cover = answers.cover;
        let wording = &registry.wording;
        let years = year::with_cover(&self.years, cover, registry.form(form), &wording.weights.year);
        let year = years.year.unwrap_or(PRESENT);
        let names = Names::new(registry);
        let mut agency = self.agency.as_ref().and_then(|name| name.read(names, year));
        let mut candidates: Vec<Candidate<'_>> = agency.clone().into_iter().collect();
        if agency.is_none() {
            candidates.extend(self.cited.iter().filter_map(|name| name.read(names, year)));
            candidates.extend(cover.and_then(|cover| agency::of_cover(cover, names, year)));
            agency = agency::choose(&wording.names.site_kinds, &candidates).cloned();
        }
        let gathered = was.year.unwrap_or(PRESENT);
        let witnesses =
            self.places.iter().filter_map(|said| said.witness(&registry.gazetteer, gathered, year));
        let gathered = Gathered { witnesses: witnesses.collect(), in_full: self.in_full, own: self.own };
        let site = was.source_trust.and_then(|trust| place::site(trust, &was.source_host, &was.source_uri));
        let question = Question::of(resolver.knowledge(), agency.as_ref(), gathered, site, year);
        let who = Who::decide(registry, candidates, agency, question, answers, year);
        let mut now = before.clone();
        enter(registry, who, years, content_hash, &mut now);
        now.resolution.published_on = was.published_on.or(cover.and_then(|c| c.published_on));
        now.standing.open = None;
        let helps = said(&now.resolution) != said(was);
        helps.then_some(now)
    }
}

impl Name {
    fn of(candidate: &Candidate<'_>) -> Self {
        let Candidate { reading, kind, stands, .. } = candidate;
        Self { text: reading.name.clone(), kind: *kind, stands: *stands }
    }

    /// What it says as of a year; `None` where it is that of several bodies of which one is not known then.
    fn read<'r>(&self, names: Names<'r>, year: i16) -> Option<Candidate<'r>> {
        let reading = if self.text.contains('、') {
            agency::together(names, &self.text, year)?.reading
        } else {
            names.read(&self.text, year)
        };
        Some(Candidate { reading, kind: self.kind, text: self.text.clone(), stands: self.stands })
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
            says: self.says,
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
    resolution.report_id =
        ids::report_id(&resolution.agency_id, year.year, resolution.scope, &who.identity.document);
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
