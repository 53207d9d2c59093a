//! Who filed, for where, for which year, and which captures are copies of one report.
//!
//! A document is read once ([`scan`]); then title, signature, year, agency and place are decided, in this order, each
//! from candidates that are kept as [`Evidence`] with their strength, and as a [`Decision`] with its margin and losers.
//! Nothing is guessed: what the document leaves open is `None`, with a finding (GK301 to GK306), and an [`Open`]
//! question that what other captures teach about the host may still answer ([`Hosts`]).
//!
//! Ids are stable: `agency_id` depends on the place's unit (which keeps its first code when it is recoded) and the
//! canonical name of the agency only, `report_id` on the agency and the year. Where one of these is unresolved, the text
//! of the report (of a short one, the capture's bytes) is part of the id, so that different documents are never merged.

mod agency;
mod copies;
mod dates;
mod fingerprint;
mod hosts;
mod ids;
mod names;
mod numerals;
mod pinyin;
mod place;
mod sayings;
mod scan;
mod source;
mod text;
mod title;
mod verdict;
mod year;

pub use copies::{Choice, Copies, Figures, choose_copies};
pub use hosts::{HostPlace, Hosts, Lesson, Taught, Witness};

use agency::{Candidate, Signature, Stands};
use gongkai_model::{
    Cover, Decision, Document, Evidence, EvidenceKind, Finding, Fingerprint, Parsed, Place, Provenance,
    Resolution, SourceTrust, Verdict,
};
use gongkai_registry::{AgencyWeights, Division, Registry};
use ids::Identity;
use names::{Names, level_word};
use pinyin::Spellings;
use place::{Knowledge, PlaceDecision, Question};
use sayings::{Sayings, Triggers};
use scan::{Scan, Scanner};
use serde::{Deserialize, Serialize};
use source::Source;
use year::Clues;

/// Year whose divisions are used while the report year is unknown.
const PRESENT: i16 = i16::MAX;

/// Resolves documents; built once from the registry, then shared by all threads.
#[derive(Debug)]
pub struct Resolver<'r> {
    registry: &'r Registry,
    scanner: Scanner<'r>,
    spellings: Spellings,
    triggers: Triggers,
}

/// A document as resolved, with what the run as a whole needs to know about it.
#[derive(Debug, Clone)]
pub struct Resolved<'r> {
    /// Who, where, when.
    pub resolution: Resolution,
    /// How it stands among the other documents of a run.
    pub standing: Standing<'r>,
}

/// What a run needs to know about a document besides its resolution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Standing<'r> {
    /// What it says, whatever page it stands on.
    pub fingerprint: Fingerprint,
    /// What its agency does and what tells it apart in its place; `None` where no agency is named.
    pub agency: Option<String>,
    /// The agency's name behind its places, as printed.
    pub function: Option<String>,
    /// Whether agency, place and year are known, so that the report's id is the same for every copy.
    pub complete: bool,
    /// Unit of its place, where the agency's own name says beyond doubt that it is there: such captures teach.
    pub certain: Option<String>,
    /// What is still to be answered about the place. It is of one run: a stored reading has none.
    #[serde(skip)]
    pub open: Option<Box<Open<'r>>>,
}

/// A place left open, with all that was said about it.
#[derive(Debug, Clone)]
pub struct Open<'r> {
    question: Question<'r>,
    identity: Identity,
    township: Option<String>,
    level: Option<String>,
}

impl<'r> Resolver<'r> {
    /// Builds the automaton over labels and names of places.
    pub fn new(registry: &'r Registry) -> Self {
        let scanner = Scanner::new(&registry.gazetteer, &registry.wording);
        Self {
            registry,
            scanner,
            spellings: Spellings::new(&registry.gazetteer),
            triggers: Triggers::new(&registry.wording),
        }
    }

    /// Decides who filed a document, for where and for which year. Total and deterministic.
    pub fn resolve(
        &self,
        document: &Document,
        parsed: &Parsed,
        provenance: &Provenance,
        container: &str,
        content_hash: &str,
    ) -> Resolution {
        self.read(document, parsed, provenance, container, content_hash).resolution
    }

    /// As [`Resolver::resolve`], with what the run needs.
    pub fn read(
        &self,
        document: &Document,
        parsed: &Parsed,
        provenance: &Provenance,
        container: &str,
        content_hash: &str,
    ) -> Resolved<'r> {
        let scan = self.scanner.scan(document);
        let sayings = sayings::gather(&scan, Names::new(self.registry), &self.triggers);
        let title = title::choose(&scan, &sayings);
        let signature = agency::signature(&scan);
        let source = source::read(&scan, provenance);
        let period = year::period(&scan);
        let uri = source.uri.as_deref();
        let clues = Clues {
            title: title.as_ref(),
            signed: signature.date,
            published: source.published,
            cover: provenance.cover.as_deref(),
            sayings: &sayings,
            uri,
            container,
            form: &parsed.form,
        };
        let year = year::decide(&scan, self.registry, &period, &clues);
        let verdict = verdict::decide(&scan, parsed, title.as_ref(), &sayings, &period, year.year);
        let cover = provenance.cover.as_deref();
        let known = year.year.unwrap_or(PRESENT);
        let heard =
            Heard { title: title.as_ref(), signature: &signature, sayings: &sayings, source: &source, cover };
        let mut who = self.agency(&scan, &heard, known);
        let fingerprint = fingerprint::fingerprint(parsed);
        who.identity.document = document_key(&fingerprint, &who.identity.name, content_hash);
        let agency_id = who.id(self.registry);
        let report_id = ids::report_id(&agency_id, year.year, &who.identity.document);
        let report = verdict == Verdict::Report;
        let mut findings = year.findings;
        findings
            .extend(year.year.and_then(|y| year::too_early(y, &period, signature.date, source.published)));
        findings.append(&mut who.findings);
        if !report {
            findings.clear();
        }
        let mut evidence = year.evidence;
        evidence.append(&mut who.evidence);
        let (period_start, period_end) = period.days();
        let complete = who.settled() && year.year.is_some();
        let certain = who.certain(self.registry).filter(|_| report);
        let agency_level = who.level();
        let open =
            (report && !who.identity.central && who.target.is_none()).then(|| who.open(agency_level.clone()));
        let reading = who.agency.as_ref().map(|a| &a.reading);
        let function = reading.map(|r| r.function.clone());
        let resolution = Resolution {
            verdict,
            report_id,
            agency_id,
            title: title.map(|t| t.text),
            agency_name: reading.map(|r| r.name.clone()),
            agency_kind: reading.and_then(|r| r.kind_code()).map(str::to_owned),
            agency_mark: reading.and_then(|r| r.mark()).map(str::to_owned),
            agency_level,
            place: who.place,
            year: year.year,
            year_evidence: year.kind,
            region_evidence: who.place_kind,
            published_on: source
                .published
                .map(dates::to_model)
                .or(provenance.cover.as_ref().and_then(|c| c.published_on)),
            signed_on: signature.date.map(dates::to_model),
            period_start,
            period_end,
            source_uri: source.uri,
            source_host: source.host,
            source_trust: Some(source.trust),
            fetched_at: provenance.fetched_at,
            evidence,
            decisions: who.decisions.into_iter().chain([year.decision]).collect(),
            findings,
        };
        let agency = who.identity.canonical;
        Resolved { resolution, standing: Standing { fingerprint, agency, function, complete, certain, open } }
    }

    /// Answers an open question about the place with what captures of the same host taught. Returns whether it did.
    pub fn place_by_host(
        &self,
        resolution: &mut Resolution,
        standing: &mut Standing<'r>,
        taught: &HostPlace,
    ) -> bool {
        let Some(open) = &mut standing.open else { return false };
        let year = resolution.year.unwrap_or(PRESENT);
        let gazetteer = &self.registry.gazetteer;
        let Some(division) = gazetteer.unit_in(&taught.unit, year) else { return false };
        let mut question = open.question.clone();
        question.host(&self.registry.wording.weights.place, division, &taught.host, taught.exactly);
        let decision = question.decide(self.registry);
        let Some(target) = decision.target.filter(|_| decision.findings.is_empty()) else { return false };
        resolution.place = place::place(gazetteer, target, year, open.township.clone());
        resolution.region_evidence = Some(EvidenceKind::Host);
        resolution.agency_level = open.level.take().or_else(|| Some(level_word(target.level).to_owned()));
        resolution.agency_id = ids::agency_id(&open.identity, Some(gazetteer.unit(target)), None);
        resolution.report_id =
            ids::report_id(&resolution.agency_id, resolution.year, &open.identity.document);
        resolution.findings.retain(|f| !matches!(f.code, "GK303" | "GK304"));
        resolution.evidence.retain(|e| e.about != "place");
        resolution.evidence.extend(question.evidence(self.registry, Some(target)));
        for slot in resolution.decisions.iter_mut().filter(|d| d.about == "place") {
            *slot = decision.decision();
        }
        standing.complete = open.identity.canonical.is_some() && resolution.year.is_some();
        standing.open = None;
        true
    }

    fn agency(&self, scan: &Scan<'_>, heard: &Heard<'_>, year: i16) -> Who<'r> {
        let Heard { sayings, source, cover, .. } = *heard;
        let names = Names::new(self.registry);
        let mirror = source.trust == SourceTrust::Mirror;
        let mut candidates = agency::candidates(scan, names, heard, mirror, year);
        if candidates.iter().all(|c| c.stands == Stands::Quoted) {
            candidates.extend(cover.and_then(|cover| agency::of_cover(cover, names, year)));
        }
        let agency = agency::choose(&self.registry.wording.names.site_kinds, &candidates).cloned();
        let mut findings = Vec::new();
        if agency.is_none() {
            findings.push(Finding::report("GK305", "nothing in the document says which agency filed it"));
        }
        let knowledge = Knowledge { registry: self.registry, spellings: &self.spellings };
        let central = agency.as_ref().is_some_and(|a| a.reading.central.is_some());
        let mut question =
            place::question(scan, knowledge, agency.as_ref(), &candidates, sayings, source, year);
        let mut decision = if central {
            PlaceDecision { kind: agency.as_ref().map(|a| a.kind), ..PlaceDecision::default() }
        } else {
            question.decide(self.registry)
        };
        let is_open = !central && (decision.target.is_none() || !decision.findings.is_empty());
        let unit = cover.filter(|_| is_open).and_then(|cover| Some((cover, cover.unit.as_deref()?)));
        if let Some((cover, division)) =
            unit.and_then(|(cover, unit)| Some((cover, self.registry.gazetteer.unit_in(unit, year)?)))
        {
            question.cover(&self.registry.wording.weights.place, division, &cover.title);
            decision = question.decide(self.registry);
        }
        let weights = &self.registry.wording.weights.agency;
        let mut evidence: Vec<Evidence> =
            candidates.iter().map(|c| testimony(c, agency.as_ref(), weights)).collect();
        if !central {
            evidence.extend(question.evidence(self.registry, decision.target));
        }
        let decisions = vec![of_agency(&candidates, agency.as_ref(), weights), decision.decision()];
        let township = agency.as_ref().and_then(|a| a.reading.township.clone());
        let place = match decision.target {
            Some(target) => place::place(&self.registry.gazetteer, target, year, township),
            None => Place {
                region: if central { "CN" } else { "unknown" }.to_owned(),
                township_name: township,
                ..Place::default()
            },
        };
        let identity = Identity {
            name: agency.as_ref().map(|a| a.reading.name.clone()).unwrap_or_default(),
            canonical: agency.as_ref().map(|a| ids::canonical(&a.reading, &self.registry.kinds)),
            central,
            document: String::new(),
        };
        // A place that is only the province all candidates share is not the agency's.
        let target = decision.target.filter(|_| decision.findings.is_empty());
        let shared = decision.target.filter(|_| !decision.findings.is_empty());
        findings.extend(decision.findings);
        let place_kind = decision.kind;
        Who { agency, identity, question, target, shared, place, place_kind, evidence, decisions, findings }
    }
}

/// What a document and the page it is attached to say about who reports.
#[derive(Clone, Copy)]
struct Heard<'a> {
    title: Option<&'a title::Title>,
    signature: &'a Signature,
    sayings: &'a Sayings,
    source: &'a Source,
    cover: Option<&'a Cover>,
}

/// What stands for a document in the ids of what is unresolved: its text and the agency's name, so that copies are one;
/// its bytes where these say too little.
fn document_key(fingerprint: &Fingerprint, name: &str, content_hash: &str) -> String {
    match &fingerprint.text {
        Some(text) if !name.is_empty() => text.clone(),
        _ => content_hash.to_owned(),
    }
}

fn testimony(candidate: &Candidate<'_>, chosen: Option<&Candidate<'_>>, weights: &AgencyWeights) -> Evidence {
    let name = &candidate.reading.name;
    Evidence {
        about: "agency",
        kind: candidate.kind,
        text: candidate.text.clone(),
        value: name.clone(),
        strength: candidate.strength(weights),
        supports: chosen.is_some_and(|c| agrees(&c.reading.name, name)),
    }
}

fn agrees(a: &str, b: &str) -> bool {
    a.ends_with(b) || b.ends_with(a)
}

/// What speaks for the chosen name and for others; names that are the same with or without parents are one.
fn of_agency(
    candidates: &[Candidate<'_>],
    chosen: Option<&Candidate<'_>>,
    weights: &AgencyWeights,
) -> Decision {
    let value = chosen.map(|c| c.reading.name.clone());
    let mut strength = 0;
    let mut losers: Vec<(String, u32)> = Vec::new();
    for c in candidates {
        let name = &c.reading.name;
        if value.as_ref().is_some_and(|v| agrees(v, name)) {
            strength += c.strength(weights);
        } else if let Some((_, total)) = losers.iter_mut().find(|(n, _)| n == name) {
            *total += c.strength(weights);
        } else {
            losers.push((name.clone(), c.strength(weights)));
        }
    }
    losers.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let margin = strength.saturating_sub(losers.first().map_or(0, |l| l.1));
    Decision { about: "agency", value, strength, margin, losers }
}

/// Agency and place together.
struct Who<'r> {
    agency: Option<Candidate<'r>>,
    identity: Identity,
    question: Question<'r>,
    /// The agency's place.
    target: Option<&'r Division>,
    /// The place all candidates share, where none of them won.
    shared: Option<&'r Division>,
    place: Place,
    place_kind: Option<EvidenceKind>,
    evidence: Vec<Evidence>,
    decisions: Vec<Decision>,
    findings: Vec<Finding>,
}

impl<'r> Who<'r> {
    /// Agency and place are known.
    fn settled(&self) -> bool {
        self.identity.central || (self.identity.canonical.is_some() && self.target.is_some())
    }

    fn id(&self, registry: &Registry) -> String {
        let unit = self.target.map(|d| registry.gazetteer.unit(d));
        ids::agency_id(&self.identity, unit, self.shared.map(|d| d.code.as_str()))
    }

    fn certain(&self, registry: &Registry) -> Option<String> {
        let target = self.target.filter(|_| !self.identity.central && self.question.beyond_doubt())?;
        Some(registry.gazetteer.unit(target).to_owned())
    }

    fn open(&self, level: Option<String>) -> Box<Open<'r>> {
        Box::new(Open {
            question: self.question.clone(),
            identity: self.identity.clone(),
            township: self.place.township_name.clone(),
            level,
        })
    }

    /// `central|province|prefecture|county|township`.
    fn level(&self) -> Option<String> {
        let reading = self.agency.as_ref().map(|a| &a.reading);
        if self.identity.central {
            return Some("central".to_owned());
        }
        if reading.is_some_and(|r| r.township.is_some() || r.kind_code() == Some("township")) {
            return Some("township".to_owned());
        }
        // Candidates of one level have that level, whichever is right.
        let named = reading.and_then(|r| {
            let level = r.targets.first()?.level;
            r.targets.iter().all(|d| d.level == level).then_some(level)
        });
        let level = self.target.map(|d| d.level).or(named);
        level.map(|l| level_word(l).to_owned())
    }
}
