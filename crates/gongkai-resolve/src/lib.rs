//! Who filed, for where, for which year, and which captures are copies of one report.
//!
//! A document is read once ([`scan`]); then title, signature, year, agency and place are decided, in this order, each
//! from candidates that are kept as [`Evidence`]. Nothing is guessed: what the document leaves open is `None`, with a
//! finding (GK301 to GK306).
//!
//! Ids are stable: `agency_id` depends on the place and the canonical name of the agency only, `report_id` on the
//! agency and the year. Where one of these is unresolved, the hash of the capture's bytes is part of the id, so that
//! different documents are never merged.

mod agency;
mod copies;
mod dates;
mod ids;
mod names;
mod place;
mod scan;
mod source;
mod text;
mod title;
mod verdict;
mod year;

pub use copies::{Choice, choose_copies};

use agency::{Candidate, Signature};
use gongkai_model::{
    Document, Evidence, EvidenceKind, Finding, Parsed, Place, Provenance, Resolution, Verdict,
};
use gongkai_registry::Registry;
use names::{Names, level_word};
use place::PlaceDecision;
use scan::{Scan, Scanner};
use year::Clues;

/// Year whose divisions are used while the report year is unknown.
const PRESENT: i16 = i16::MAX;

/// Resolves documents; built once from the registry, then shared by all threads.
#[derive(Debug)]
pub struct Resolver<'r> {
    registry: &'r Registry,
    scanner: Scanner,
}

impl<'r> Resolver<'r> {
    /// Builds the automaton over labels and names of places.
    pub fn new(registry: &'r Registry) -> Self {
        Self { registry, scanner: Scanner::new(&registry.gazetteer) }
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
        let scan = self.scanner.scan(document);
        let title = title::choose(&scan);
        let signature = agency::signature(&scan);
        let source = source::read(&scan, provenance);
        let period = year::period(&scan);
        let uri = source.uri.as_deref();
        let clues = Clues {
            title: title.as_ref(),
            signed: signature.date,
            published: source.published,
            uri,
            container,
            form: &parsed.form,
        };
        let verdict = verdict::decide(&scan, parsed, title.as_ref());
        let year = year::decide(&scan, self.registry, &period, &clues);
        let who = self.agency(&scan, title.as_ref(), &signature, year.year.unwrap_or(PRESENT));
        let report = verdict == Verdict::Report;
        let agency_id = who.id(content_hash);
        let agency_level = who.level();
        let mut findings = year.findings;
        findings
            .extend(year.year.and_then(|y| year::too_early(y, &period, signature.date, source.published)));
        findings.extend(who.findings);
        if !report {
            findings.clear();
        }
        let mut evidence = year.evidence;
        evidence.extend(who.evidence);
        let (period_start, period_end) = period.days();
        Resolution {
            verdict,
            report_id: ids::report_id(&agency_id, year.year, content_hash),
            agency_id,
            title: title.map(|t| t.text),
            agency_name: who.agency.as_ref().map(|a| a.reading.name.clone()),
            agency_kind: who.agency.as_ref().and_then(|a| a.reading.kind_code()).map(str::to_owned),
            agency_level,
            place: who.place,
            year: year.year,
            year_evidence: year.kind,
            region_evidence: who.place_kind,
            published_on: source.published.map(dates::to_model),
            signed_on: signature.date.map(dates::to_model),
            period_start,
            period_end,
            source_uri: source.uri,
            source_host: source.host,
            source_trust: Some(source.trust),
            fetched_at: provenance.fetched_at,
            evidence,
            findings,
        }
    }

    fn agency(&self, scan: &Scan, title: Option<&title::Title>, signature: &Signature, year: i16) -> Who<'r> {
        let names = Names::new(self.registry);
        let candidates = agency::candidates(scan, names, title, signature, year);
        let agency = agency::choose(&candidates).cloned();
        let mut findings = Vec::new();
        if agency.is_none() {
            findings.push(Finding::report("GK305", "nothing in the document says which agency filed it"));
        }
        let central = agency.as_ref().is_some_and(|a| a.reading.central.is_some());
        let decision = if central {
            PlaceDecision { kind: agency.as_ref().map(|a| a.kind), ..PlaceDecision::default() }
        } else {
            place::decide(scan, self.registry, agency.as_ref(), &candidates, year)
        };
        findings.extend(decision.findings);
        let mut evidence: Vec<Evidence> = candidates.iter().map(|c| testimony(c, agency.as_ref())).collect();
        evidence.extend(decision.evidence);
        let township = agency.as_ref().and_then(|a| a.reading.township.clone());
        let place = match decision.target {
            Some(target) => place::place(&self.registry.gazetteer, target, year, township),
            None => Place {
                region: if central { "CN" } else { "unknown" }.to_owned(),
                township_name: township,
                ..Place::default()
            },
        };
        // A place that is only the province all candidates share is not the agency's.
        let settled = !findings.iter().any(|f| f.code == "GK304");
        let exact = agency.as_ref().is_some_and(|a| {
            a.reading.township.is_some()
                && a.reading.kind_code().is_some_and(|k| matches!(k, "township" | "street_office"))
                || self.registry.kinds.exactly(&a.reading.function).is_some()
        });
        let target = decision.target;
        Who { agency, target, place, place_kind: decision.kind, settled, exact, evidence, findings }
    }
}

fn testimony(candidate: &Candidate<'_>, chosen: Option<&Candidate<'_>>) -> Evidence {
    let name = &candidate.reading.name;
    let supports =
        chosen.is_some_and(|c| c.reading.name.ends_with(name.as_str()) || name.ends_with(&c.reading.name));
    Evidence {
        about: "agency",
        kind: candidate.kind,
        text: candidate.text.clone(),
        value: name.clone(),
        supports,
    }
}

/// Agency and place together.
struct Who<'r> {
    agency: Option<Candidate<'r>>,
    target: Option<&'r gongkai_registry::Division>,
    place: Place,
    place_kind: Option<EvidenceKind>,
    settled: bool,
    exact: bool,
    evidence: Vec<Evidence>,
    findings: Vec<Finding>,
}

impl Who<'_> {
    fn id(&self, content_hash: &str) -> String {
        let target = self.target.filter(|_| self.settled);
        ids::agency_id(self.agency.as_ref().map(|a| &a.reading), target, self.exact, content_hash)
    }

    /// `central|province|prefecture|county|township`.
    fn level(&self) -> Option<String> {
        let reading = self.agency.as_ref().map(|a| &a.reading);
        if reading.is_some_and(|r| r.central.is_some()) {
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
        let level = self.target.filter(|_| self.settled).map(|d| d.level).or(named);
        level.map(|l| level_word(l).to_owned())
    }
}
