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
mod open;
mod pinyin;
mod place;
mod sayings;
mod scan;
mod scope;
mod source;
mod text;
mod title;
mod verdict;
mod year;

pub use copies::{Choice, Copies, Figures, choose_copies};
pub use hosts::{HostPlace, Hosts, Lesson, Taught, Witness};
pub use open::{Answers, Open};

use agency::{Candidate, Signature};
use gongkai_model::{
    Decision, Document, Evidence, EvidenceKind, Finding, Fingerprint, Parsed, Place, Provenance, Resolution,
    SourceTrust,
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
pub struct Resolved {
    /// Who, where, when.
    pub resolution: Resolution,
    /// How it stands among the other documents of a run.
    pub standing: Standing,
}

/// What a run needs to know about a document besides its resolution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Standing {
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
    /// What others may still answer, where something is open.
    pub open: Option<Box<Open>>,
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
    ) -> Resolved {
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
            sayings: &sayings,
            uri,
            container,
            form: &parsed.form,
        };
        let year = year::decide(&scan, self.registry, &period, &clues);
        let names = Names::new(self.registry);
        let verdict = verdict::decide(&scan, parsed, title.as_ref(), &sayings, &period, year.year, names);
        let heard =
            Heard { title: title.as_ref(), signature: &signature, sayings: &sayings, source: &source };
        let who = self.agency(&scan, &heard, year.year.unwrap_or(PRESENT));
        let (period_start, period_end) = period.days();
        let (scope, scope_evidence) = scope::decide(&self.registry.scopes, parsed, title.as_ref());
        let resolution = Resolution {
            verdict,
            report_id: String::new(),
            agency_id: String::new(),
            title: title.map(|t| t.text),
            agency_name: None,
            agency_kind: None,
            agency_mark: None,
            agency_level: None,
            scope,
            scope_evidence,
            place: Place::default(),
            year: None,
            year_evidence: None,
            region_evidence: None,
            published_on: source.published.map(dates::to_model),
            signed_on: signature.date.map(dates::to_model),
            period_start,
            period_end,
            source_uri: source.uri,
            source_host: source.host,
            source_trust: Some(source.trust),
            fetched_at: provenance.fetched_at,
            evidence: Vec::new(),
            decisions: Vec::new(),
            findings: Vec::new(),
        };
        let fingerprint = fingerprint::fingerprint(parsed);
        let standing = Standing {
            fingerprint,
            agency: None,
            function: None,
            complete: false,
            certain: None,
            open: None,
        };
        let mut resolved = Resolved { resolution, standing };
        open::enter(self.registry, who, year, content_hash, &mut resolved);
        resolved
    }

    fn knowledge(&self) -> Knowledge<'r, '_> {
        Knowledge { registry: self.registry, spellings: &self.spellings }
    }

    fn agency(&self, scan: &Scan<'_>, heard: &Heard<'_>, year: i16) -> Who<'r> {
        let Heard { sayings, source, .. } = *heard;
        let names = Names::new(self.registry);
        let mirror = source.trust == SourceTrust::Mirror;
        let candidates = agency::candidates(scan, names, heard, mirror, year);
        let agency = agency::choose(&self.registry.wording.names.site_kinds, &candidates).cloned();
        let agency = agency.map(|a| agency::in_place_of_time(a, scan, names, year));
        let question =
            place::question(scan, self.knowledge(), agency.as_ref(), &candidates, sayings, source, year);
        Who::decide(self.registry, candidates, agency, question, Answers::default(), year)
    }
}

/// What a document says about who reports.
#[derive(Clone, Copy)]
struct Heard<'a> {
    title: Option<&'a title::Title>,
    signature: &'a Signature,
    sayings: &'a Sayings,
    source: &'a Source,
}

/// Decides again with what the page says that the document is attached to, then with the place of its host.
fn answered<'r>(
    registry: &'r Registry,
    question: &mut Question<'r>,
    mut decision: PlaceDecision<'r>,
    answers: Answers<'_>,
    year: i16,
) -> PlaceDecision<'r> {
    let weights = &registry.wording.weights.place;
    let division = |unit: &str| registry.gazetteer.unit_in(unit, year);
    let cover = answers.cover.and_then(|cover| Some((cover, division(cover.unit.as_deref()?)?)));
    if let Some((cover, division)) = cover {
        question.cover(weights, division, &cover.title);
        decision = question.decide(registry);
    }
    let host = answers.host.filter(|_| !decision.is_sure());
    if let Some((host, division)) = host.and_then(|host| Some((host, division(&host.unit)?))) {
        let mut asked = question.clone();
        asked.host(weights, division, &host.host, host.exactly);
        let with_host = asked.decide(registry);
        if with_host.is_sure() {
            *question = asked;
            decision = PlaceDecision { kind: Some(EvidenceKind::Host), ..with_host };
        }
    }
    decision
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
    /// Those that could only make the name of another full, where there is no other.
    cited: Vec<Candidate<'r>>,
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
    /// Decides where an agency is, with what the document says and others answer.
    fn decide(
        registry: &'r Registry,
        candidates: Vec<Candidate<'r>>,
        agency: Option<Candidate<'r>>,
        mut question: Question<'r>,
        answers: Answers<'_>,
        year: i16,
    ) -> Self {
        let gazetteer = &registry.gazetteer;
        let mut findings = Vec::new();
        if agency.is_none() {
            findings.push(Finding::report("GK305", "nothing in the document says which agency filed it"));
        }
        let central = agency.as_ref().is_some_and(|a| a.reading.central.is_some());
        let mut decision = if central {
            PlaceDecision { kind: agency.as_ref().map(|a| a.kind), ..PlaceDecision::default() }
        } else {
            question.decide(registry)
        };
        if !central && !decision.is_sure() {
            decision = answered(registry, &mut question, decision, answers, year);
        }
        let weights = &registry.wording.weights.agency;
        let mut evidence: Vec<Evidence> =
            candidates.iter().map(|c| testimony(c, agency.as_ref(), weights)).collect();
        if !central {
            evidence.extend(question.evidence(registry, decision.target));
        }
        let decisions = vec![of_agency(&candidates, agency.as_ref(), weights), decision.decision()];
        let township = agency.as_ref().and_then(|a| a.reading.township.clone());
        let place = match decision.target {
            Some(target) => place::place(gazetteer, target, year, township),
            None => Place {
                region: if central { "CN" } else { "unknown" }.to_owned(),
                township_name: township,
                ..Place::default()
            },
        };
        let identity = Identity {
            name: agency.as_ref().map(|a| a.reading.name.clone()).unwrap_or_default(),
            canonical: agency.as_ref().map(|a| ids::canonical(&a.reading, &registry.kinds)),
            central,
            document: String::new(),
        };
        // A place that is only the province all candidates share is not the agency's.
        let target = decision.target.filter(|_| decision.findings.is_empty());
        let shared = decision.target.filter(|_| !decision.findings.is_empty());
        findings.extend(decision.findings);
        let place_kind = decision.kind;
        // Where none was chosen, all that is left is who issued what the document cites.
        let cited = if agency.is_none() { candidates } else { Vec::new() };
        Self {
            agency,
            cited,
            identity,
            question,
            target,
            shared,
            place,
            place_kind,
            evidence,
            decisions,
            findings,
        }
    }

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
