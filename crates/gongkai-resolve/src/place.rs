//! Where the agency is: the places its name may mean, weighed by everything else the document says about places.

use crate::agency::Candidate;
use crate::names::{Names, Reading};
use crate::scan::{Label, Scan};
use crate::text::{first, is_break};
use gongkai_model::{Evidence, EvidenceKind, Finding, Place};
use gongkai_registry::{Division, Gazetteer, Level, Registry};

/// Area codes are looked for in so many bytes from either end.
const PHONE_BYTES: usize = 20_000;

/// What one piece of evidence says about the place.
#[derive(Debug, Clone)]
struct Witness<'r> {
    kind: EvidenceKind,
    text: String,
    /// The divisions it may mean (one area code serves several).
    divisions: Vec<&'r Division>,
    /// How much it says about a place it means, or one below or above it.
    weight: u32,
    /// Where it may decide alone when the agency's name says nothing.
    alone: bool,
}

/// The decision.
#[derive(Debug, Default)]
pub(crate) struct PlaceDecision<'r> {
    /// The lowest division.
    pub target: Option<&'r Division>,
    /// What it was read from.
    pub kind: Option<EvidenceKind>,
    /// All witnesses.
    pub evidence: Vec<Evidence>,
    /// Doubts.
    pub findings: Vec<Finding>,
}

/// Decides for an agency.
pub(crate) fn decide<'r>(
    scan: &Scan,
    registry: &'r Registry,
    agency: Option<&Candidate<'r>>,
    candidates: &[Candidate<'r>],
    year: i16,
) -> PlaceDecision<'r> {
    let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year };
    let witnesses = court.witnesses(scan, candidates, agency);
    let mut decision = match agency {
        Some(agency) if !agency.reading.targets.is_empty() => court.among(scan, agency, &witnesses),
        _ => court.without_name(agency.map(|a| &a.reading), &witnesses),
    };
    let target = decision.target;
    let supports = |divisions: &[&Division]| {
        target.is_some_and(|t| divisions.iter().any(|d| court.names.related(t, d, year)))
    };
    if let Some(agency) = agency.filter(|a| !a.reading.targets.is_empty()) {
        decision.evidence.push(court.evidence(
            agency.kind,
            &agency.reading.name,
            &agency.reading.targets,
            target.is_some(),
        ));
    }
    for w in &witnesses {
        decision.evidence.push(court.evidence(w.kind, &w.text, &w.divisions, supports(&w.divisions)));
    }
    decision
}

struct Court<'r> {
    gazetteer: &'r Gazetteer,
    names: Names<'r>,
    year: i16,
}

impl<'r> Court<'r> {
    fn evidence(&self, kind: EvidenceKind, text: &str, divisions: &[&Division], supports: bool) -> Evidence {
        let value = divisions.iter().map(|d| d.code.as_str()).collect::<Vec<_>>().join(" ");
        Evidence { about: "place", kind, text: first(text, 80).to_owned(), value, supports }
    }

    fn witnesses(
        &self,
        scan: &Scan,
        candidates: &[Candidate<'r>],
        agency: Option<&Candidate<'r>>,
    ) -> Vec<Witness<'r>> {
        let mut found: Vec<Witness<'r>> = Vec::new();
        let own = agency.map(|a| a.reading.name.as_str());
        for c in candidates.iter().filter(|c| Some(c.reading.name.as_str()) != own) {
            // Ambiguous names, and those that only hint at a place, testify to nothing.
            if c.reading.targets.len() == 1
                && !c.reading.by_township
                && !(c.reading.zone.is_some() && c.reading.by_stem)
            {
                let (divisions, text) = (c.reading.targets.clone(), c.reading.name.clone());
                found.push(Witness { kind: c.kind, text, divisions, weight: 40, alone: true });
            }
        }
        for label in [Label::SiteCode, Label::Police] {
            for fact in scan.values(label) {
                found.extend(self.code(&fact.value, label));
            }
        }
        for fact in scan.values(Label::Address) {
            let text = fact.value.trim_start_matches(is_break);
            let reading = self.names.read(text.split(is_break).next().unwrap_or(""), self.year);
            if reading.targets.len() == 1 && !reading.by_township && !reading.by_stem {
                let text = fact.value.clone();
                found.push(Witness {
                    kind: EvidenceKind::Body,
                    text,
                    divisions: reading.targets,
                    weight: 30,
                    alone: false,
                });
            }
        }
        for fact in scan.values(Label::Icp) {
            let letter = fact.value.chars().next().unwrap_or(' ');
            let region = self.gazetteer.regions().iter().find(|r| r.letters.contains(&letter));
            let province = region.and_then(|r| self.gazetteer.at(&format!("{}0000", r.code2), self.year));
            let text = format!("{letter}ICP备");
            found.extend(province.map(|p| Witness {
                kind: EvidenceKind::Meta,
                text,
                divisions: vec![p],
                weight: 20,
                alone: false,
            }));
        }
        found.extend(self.phones(scan));
        let mut found = dedup(found);
        found.extend(self.mentions(scan));
        found
    }

    /// A ten-digit site code or a police registration that begins with a division code of the year; failing that, its
    /// province. 3590… is no division, but 35 is Fujian.
    fn code(&self, value: &str, label: Label) -> Option<Witness<'r>> {
        let start = value.find(|c: char| c.is_ascii_digit())?;
        let digits = value.get(start..start + 6).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        // Site codes of ministries begin with letters (bm…).
        if start > 0 && value.get(..start).is_some_and(|t| t.ends_with(|c: char| c.is_ascii_alphabetic())) {
            return None;
        }
        let exact = self.gazetteer.at(digits, self.year);
        let division =
            exact.or_else(|| self.gazetteer.at(&format!("{}0000", digits.get(..2)?), self.year))?;
        let weight = if exact.is_some() { 40 } else { 20 };
        let kind = if label == Label::SiteCode { EvidenceKind::SiteCode } else { EvidenceKind::Meta };
        let alone = exact.is_some() && label == Label::SiteCode;
        Some(Witness { kind, text: first(value, 24).to_owned(), divisions: vec![division], weight, alone })
    }

    /// Telephone numbers with area codes, where all agree.
    fn phones(&self, scan: &Scan) -> Option<Witness<'r>> {
        let mut found: Option<&str> = None;
        let tail = scan.text.len().saturating_sub(PHONE_BYTES);
        for (at, _) in
            scan.text.match_indices(['-', '－', '—']).filter(|(at, _)| *at < PHONE_BYTES || *at >= tail)
        {
            let behind = scan.from(at).chars().skip(1).take_while(char::is_ascii_digit).count();
            let before: usize =
                scan.text.get(..at)?.chars().rev().take(5).take_while(char::is_ascii_digit).count();
            let Some(code) = at.checked_sub(before).map(|from| scan.slice(from, at)) else { continue };
            if !(7..=8).contains(&behind)
                || !(3..=4).contains(&before)
                || self.gazetteer.area_code(code).is_empty()
            {
                continue;
            }
            if found.is_some_and(|f| f != code) {
                return None;
            }
            found = Some(code);
        }
        let code = found?;
        let valid = |c: &String| self.gazetteer.at(c, self.year);
        let divisions: Vec<&Division> = self.gazetteer.area_code(code).iter().filter_map(valid).collect();
        let text = code.to_owned();
        (!divisions.is_empty()).then_some(Witness {
            kind: EvidenceKind::Body,
            text,
            divisions,
            weight: 20,
            alone: false,
        })
    }

    /// Places mentioned in running text: each once, whatever its level.
    fn mentions(&self, scan: &Scan) -> Vec<Witness<'r>> {
        let mut names: Vec<&str> = scan.mentions.iter().map(|m| scan.slice(m.start, m.end)).collect();
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            let divisions = self.names.read(name, self.year).targets;
            let text = name.to_owned();
            // 市中区, 城区, 郊区 are words as often as names, and several places bear them.
            if let [_] = divisions.as_slice() {
                found.push(Witness { kind: EvidenceKind::Body, text, divisions, weight: 10, alone: false });
            }
        }
        found
    }

    /// How much a witness says for a division: fully for it, a place below or its prefecture; less for the province.
    fn support(&self, witness: &Witness<'r>, target: &Division) -> u32 {
        let each = witness.divisions.iter().map(|d| {
            if d.code == target.code || (d.level > target.level && self.names.related(d, target, self.year)) {
                witness.weight
            } else if self.names.related(d, target, self.year) {
                if d.level == Level::Province { witness.weight.div_ceil(2) } else { witness.weight }
            } else {
                0
            }
        });
        each.max().unwrap_or(0)
    }

    fn score(&self, witnesses: &[Witness<'r>], target: &Division) -> u32 {
        // Many mentions of one place are one witness; the two best of a kind count.
        let mut body: Vec<u32> = Vec::new();
        let mut total = 0;
        for w in witnesses {
            let support = self.support(w, target);
            if w.kind == EvidenceKind::Body && w.weight == 10 { body.push(support) } else { total += support }
        }
        body.sort_unstable_by(|a, b| b.cmp(a));
        total + body.iter().take(2).sum::<u32>()
    }

    /// The name says which places it may be.
    fn among(&self, scan: &Scan, agency: &Candidate<'r>, witnesses: &[Witness<'r>]) -> PlaceDecision<'r> {
        let reading = &agency.reading;
        let hint = reading.by_township || (reading.zone.is_some() && reading.by_stem);
        let mut ranked: Vec<(u32, &'r Division)> =
            reading.targets.iter().map(|d| (self.score(witnesses, d), *d)).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        let Some((best, target)) = ranked.first().copied() else { return PlaceDecision::default() };
        let second = ranked.get(1).map_or(0, |r| r.0);
        if ranked.len() == 1 && (!hint || best > 0 || self.named_in_full(scan, target)) {
            return PlaceDecision {
                target: Some(target),
                kind: Some(agency.kind),
                ..PlaceDecision::default()
            };
        }
        if ranked.len() > 1 && best >= 10 && best >= second + 10 && best * 2 >= second * 3 {
            let kind = self.strongest(witnesses, target).unwrap_or(agency.kind);
            return PlaceDecision { target: Some(target), kind: Some(kind), ..PlaceDecision::default() };
        }
        if ranked.len() == 1 {
            let message = format!(
                "{} is named for {}, but the document does not say that it lies there",
                reading.name, target.name
            );
            return PlaceDecision {
                findings: vec![Finding::report("GK303", message)],
                ..PlaceDecision::default()
            };
        }
        self.ambiguous(reading, &ranked, best)
    }

    fn ambiguous(
        &self,
        reading: &Reading<'r>,
        ranked: &[(u32, &'r Division)],
        best: u32,
    ) -> PlaceDecision<'r> {
        let open: Vec<&'r Division> = ranked.iter().filter(|r| r.0 + 10 > best).map(|r| r.1).collect();
        let list = open.iter().take(6).map(|d| d.code.as_str()).collect::<Vec<_>>().join(", ");
        let message =
            format!("{} may be any of {list}, and nothing else in the document decides", reading.name);
        let finding = Finding::report("GK304", message).raw(reading.name.clone());
        // What all of them share is certain.
        let province = open.first().and_then(|d| self.gazetteer.lineage(d, self.year).last());
        let shared = province.filter(|p| open.iter().all(|d| d.code.get(..2) == p.code.get(..2)));
        let kind = shared.map(|_| EvidenceKind::Body);
        PlaceDecision { target: shared, kind, findings: vec![finding], ..PlaceDecision::default() }
    }

    /// Whether the document calls a place by its full name, anywhere but in navigation.
    fn named_in_full(&self, scan: &Scan, target: &Division) -> bool {
        scan.mentions.iter().any(|m| scan.slice(m.start, m.end) == target.name)
            || self
                .gazetteer
                .townships_of(&target.code)
                .iter()
                .any(|t| crate::text::length(&t.name) > 2 && scan.text.contains(&t.name))
    }

    fn strongest(&self, witnesses: &[Witness<'r>], target: &Division) -> Option<EvidenceKind> {
        let mut best: Option<(u32, EvidenceKind)> = None;
        for w in witnesses {
            let support = self.support(w, target);
            if support > 0 && best.is_none_or(|b| support > b.0) {
                best = Some((support, w.kind));
            }
        }
        best.map(|b| b.1)
    }

    /// The agency's name names no place (区民政局), or there is no name: the site and its owner may say.
    fn without_name(&self, reading: Option<&Reading<'r>>, witnesses: &[Witness<'r>]) -> PlaceDecision<'r> {
        let level = reading.and_then(|r| r.generic);
        let fits = |d: &Division| match level {
            Some('省') => d.level == Level::Province,
            Some('州') => d.level == Level::Prefecture,
            Some('市') => d.name.ends_with('市'),
            Some('县') => d.level == Level::County && d.name.ends_with('县'),
            Some('区') => d.level == Level::County && d.name.ends_with('区'),
            Some('旗') => d.level == Level::County && d.name.ends_with('旗'),
            _ => true,
        };
        let mut options: Vec<&'r Division> = witnesses
            .iter()
            .filter(|w| w.alone)
            .flat_map(|w| w.divisions.iter().copied())
            .filter(|d| fits(d))
            .collect();
        options.sort_by(|a, b| a.code.cmp(&b.code));
        options.dedup_by(|a, b| a.code == b.code);
        let mut ranked: Vec<(u32, &'r Division)> =
            options.iter().map(|d| (self.score(witnesses, d), *d)).collect();
        // Of two on one line the lower says more: 阜新市 above 细河区.
        ranked.sort_by(|a, b| {
            b.0.cmp(&a.0).then_with(|| b.1.level.cmp(&a.1.level)).then_with(|| a.1.code.cmp(&b.1.code))
        });
        let Some((best, target)) = ranked.first().copied() else {
            let message = "neither the agency's name nor the page says where the agency is";
            return PlaceDecision {
                findings: vec![Finding::report("GK303", message)],
                ..PlaceDecision::default()
            };
        };
        let rival = ranked.iter().skip(1).find(|r| !self.names.related(r.1, target, self.year));
        if rival.is_some_and(|r| r.0 + 10 > best) {
            let unnamed = reading.cloned().unwrap_or_else(|| self.names.read("", self.year));
            return self.ambiguous(&unnamed, &ranked, best);
        }
        let kind = self.strongest(witnesses, target);
        PlaceDecision { target: Some(target), kind, ..PlaceDecision::default() }
    }
}

fn dedup(found: Vec<Witness<'_>>) -> Vec<Witness<'_>> {
    let mut kept: Vec<Witness<'_>> = Vec::new();
    for w in found {
        let same = |k: &Witness<'_>| k.kind == w.kind && k.text == w.text;
        if !kept.iter().any(same) {
            kept.push(w);
        }
    }
    kept
}

/// The place with codes and names of all levels.
pub(crate) fn place(gazetteer: &Gazetteer, target: &Division, year: i16, township: Option<String>) -> Place {
    let mut place = Place { township_name: township, ..Place::default() };
    for division in gazetteer.lineage(target, year) {
        let (code, name) = (Some(division.code.clone()), Some(division.name.clone()));
        match division.level {
            Level::Province => (place.province_code, place.province_name) = (code, name),
            Level::Prefecture => (place.city_code, place.city_name) = (code, name),
            Level::County => (place.county_code, place.county_name) = (code, name),
        }
    }
    place.region = gazetteer.region(&target.code).map_or_else(|| "unknown".to_owned(), |r| r.iso.clone());
    place
}
