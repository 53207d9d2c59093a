//! Where the agency is: the places its name may mean, weighed by everything else the document says about places.

use crate::agency::Candidate;
use crate::names::Names;
use crate::pinyin;
use crate::scan::{Label, Scan};
use crate::source::Source;
use crate::text::{first, is_break};
use gongkai_model::{Decision, Evidence, EvidenceKind, Finding, Place, SourceTrust};
use gongkai_registry::{Division, Gazetteer, Level, Registry};

/// Strength of the places in the agency's own name.
const NAME: u32 = 50;
/// Area codes are looked for in so many bytes from either end.
const PHONE_BYTES: usize = 20_000;

/// Weight of what captures of the same host taught.
const HOST: u32 = 40;
/// Weight of a host whose name spells a place: it decides nothing alone.
const PINYIN: u32 = 5;
/// A decision among several places needs so much for the best, and so much more than for the next.
const ENOUGH: u32 = 10;

/// What one piece of evidence says about the place.
#[derive(Debug, Clone)]
pub(crate) struct Witness<'r> {
    /// Where it was read.
    pub kind: EvidenceKind,
    /// As printed.
    pub text: String,
    /// The divisions it may mean (one area code serves several).
    pub divisions: Vec<&'r Division>,
    /// How much it says about a place it means, or one below or above it.
    pub weight: u32,
    /// Where it may decide alone when the agency's name says nothing.
    pub alone: bool,
}

/// The decision.
#[derive(Debug, Default)]
pub(crate) struct PlaceDecision<'r> {
    /// The lowest division.
    pub target: Option<&'r Division>,
    /// What it was read from.
    pub kind: Option<EvidenceKind>,
    /// The possible places with what speaks for each, strongest first.
    pub ranked: Vec<(u32, &'r Division)>,
    /// Doubts.
    pub findings: Vec<Finding>,
}

impl PlaceDecision<'_> {
    /// Whether it names a place and has no doubt.
    pub(crate) fn is_sure(&self) -> bool {
        self.target.is_some() && self.findings.is_empty()
    }

    /// What won, by how much, over what.
    pub(crate) fn decision(&self) -> Decision {
        let strength = self.ranked.first().map_or(0, |r| r.0);
        let code = self.target.map(|t| t.code.clone());
        let lost = |r: &&(u32, &Division)| Some(&r.1.code) != code.as_ref();
        let losers: Vec<_> = self.ranked.iter().filter(lost).map(|r| (r.1.code.clone(), r.0)).collect();
        let margin = strength.saturating_sub(self.ranked.get(1).map_or(0, |r| r.0));
        Decision { about: "place", value: code, strength, margin, losers }
    }
}

/// All that speaks about the place of an agency: enough to decide, and to decide again when more is known.
#[derive(Debug, Clone)]
pub(crate) struct Question<'r> {
    /// Name of the agency.
    name: String,
    /// Where the name was read.
    kind: Option<EvidenceKind>,
    /// Places the name may mean.
    targets: Vec<&'r Division>,
    /// They are only a hint.
    hint: bool,
    /// The one target is written out in the document.
    pub(crate) in_full: bool,
    /// Level word standing for the place.
    generic: Option<char>,
    /// Everything else.
    pub(crate) witnesses: Vec<Witness<'r>>,
    year: i16,
}

/// Gathers what a document says.
pub(crate) fn question<'r>(
    scan: &Scan,
    registry: &'r Registry,
    agency: Option<&Candidate<'r>>,
    candidates: &[Candidate<'r>],
    source: &Source,
    year: i16,
) -> Question<'r> {
    let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year };
    let mirror = source.trust == SourceTrust::Mirror;
    let witnesses = court.witnesses(scan, candidates, agency, mirror);
    let in_full = agency.is_some_and(|a| match a.reading.targets.as_slice() {
        [one] => court.named_in_full(scan, one, a.reading.township.as_deref()),
        _ => false,
    });
    Question::of(registry, agency, witnesses, in_full, source.host.as_deref().filter(|_| !mirror), year)
}

impl<'r> Question<'r> {
    /// What the agency's name says, and what else does; `host` is one whose spelling may count.
    pub(crate) fn of(
        registry: &'r Registry,
        agency: Option<&Candidate<'r>>,
        mut witnesses: Vec<Witness<'r>>,
        in_full: bool,
        host: Option<&str>,
        year: i16,
    ) -> Self {
        let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year };
        let reading = agency.map(|a| &a.reading);
        let targets = reading.map(|r| r.targets.clone()).unwrap_or_default();
        witnesses.extend(host.and_then(|h| court.spelled(h, &targets)));
        Self {
            name: reading.map(|r| r.name.clone()).unwrap_or_default(),
            kind: agency.map(|a| a.kind),
            hint: reading.is_some_and(|r| r.hint(registry)),
            in_full,
            generic: reading.and_then(|r| r.generic),
            targets,
            witnesses,
            year,
        }
    }

    /// Adds what the host of the page taught: every capture resolved on it lies in the division, and, if `exactly`, none
    /// of them lies below it.
    pub(crate) fn host(&mut self, division: &'r Division, host: &str, exactly: bool) {
        let text = host.to_owned();
        self.witnesses.push(Witness {
            kind: EvidenceKind::Host,
            text,
            divisions: vec![division],
            weight: HOST,
            alone: exactly,
        });
    }

    /// Adds the place of the page that the document is attached to.
    pub(crate) fn cover(&mut self, division: &'r Division, title: &str) {
        self.witnesses.push(Witness {
            kind: EvidenceKind::Cover,
            text: title.to_owned(),
            divisions: vec![division],
            weight: HOST,
            alone: true,
        });
    }

    /// Decides.
    pub(crate) fn decide(&self, registry: &'r Registry) -> PlaceDecision<'r> {
        let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year: self.year };
        if self.targets.is_empty() { court.without_name(self) } else { court.among(self) }
    }

    /// The pieces of evidence as `inspect` shows them.
    pub(crate) fn evidence(&self, registry: &'r Registry, target: Option<&'r Division>) -> Vec<Evidence> {
        let names = Names::new(registry);
        let show = |kind, text: &str, divisions: &[&Division], strength| Evidence {
            about: "place",
            kind,
            text: first(text, 80).to_owned(),
            value: divisions.iter().map(|d| d.code.as_str()).collect::<Vec<_>>().join(" "),
            strength,
            supports: target.is_some_and(|t| divisions.iter().any(|d| names.related(t, d, self.year))),
        };
        let own = self.kind.filter(|_| !self.targets.is_empty());
        let own = own.map(|kind| show(kind, &self.name, &self.targets, NAME));
        own.into_iter()
            .chain(self.witnesses.iter().map(|w| show(w.kind, &w.text, &w.divisions, w.weight)))
            .collect()
    }

    /// Whether the agency's own name says, written out and without help, that it is there.
    pub(crate) fn beyond_doubt(&self) -> bool {
        self.targets.len() == 1
            && !self.hint
            && matches!(self.kind, Some(EvidenceKind::Title | EvidenceKind::Signature | EvidenceKind::Meta))
    }
}

struct Court<'r> {
    gazetteer: &'r Gazetteer,
    names: Names<'r>,
    year: i16,
}

impl<'r> Court<'r> {
    fn witnesses(
        &self,
        scan: &Scan,
        candidates: &[Candidate<'r>],
        agency: Option<&Candidate<'r>>,
        mirror: bool,
    ) -> Vec<Witness<'r>> {
        let mut found: Vec<Witness<'r>> = Vec::new();
        let own = agency.map(|a| a.reading.name.as_str());
        for c in candidates.iter().filter(|c| Some(c.reading.name.as_str()) != own) {
            // Ambiguous names, and those that only hint at a place, testify to nothing.
            if c.reading.targets.len() == 1 && !c.reading.hint(self.names.registry()) {
                let (divisions, text) = (c.reading.targets.clone(), c.reading.name.clone());
                found.push(Witness { kind: c.kind, text, divisions, weight: 40, alone: true });
            }
        }
        // What a mirror says about itself is no evidence for a place.
        if !mirror {
            found.extend(self.of_the_site(scan));
        }
        let mut found = dedup(found);
        found.extend(self.mentions(scan));
        found
    }

    /// Codes, address, registrations and telephone numbers, as footers show them.
    fn of_the_site(&self, scan: &Scan) -> Vec<Witness<'r>> {
        let mut found: Vec<Witness<'r>> = Vec::new();
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

    /// A host whose name spells some of the places that the agency's name may mean, and not the others.
    fn spelled(&self, host: &str, targets: &[&'r Division]) -> Option<Witness<'r>> {
        let divisions: Vec<&Division> = targets.iter().copied().filter(|d| self.spells(host, d)).collect();
        (!divisions.is_empty() && divisions.len() < targets.len()).then(|| Witness {
            kind: EvidenceKind::Url,
            text: host.to_owned(),
            divisions,
            weight: PINYIN,
            alone: false,
        })
    }

    /// Whether a host spells what sets a place apart from others of its name: its city, alone or before its own name.
    fn spells(&self, host: &str, division: &Division) -> bool {
        let above = self.gazetteer.parent(division, self.year).map(|p| p.name.as_str());
        pinyin::spells(host, &division.name, above)
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
    fn among(&self, question: &Question<'r>) -> PlaceDecision<'r> {
        let witnesses = &question.witnesses;
        let mut ranked: Vec<(u32, &'r Division)> =
            question.targets.iter().map(|d| (self.score(witnesses, d), *d)).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        let Some((best, target)) = ranked.first().copied() else { return PlaceDecision::default() };
        let second = ranked.get(1).map_or(0, |r| r.0);
        let settled =
            |kind, ranked| PlaceDecision { target: Some(target), kind, ranked, findings: Vec::new() };
        if ranked.len() == 1 {
            if !question.hint || best >= ENOUGH || question.in_full {
                return settled(question.kind, ranked);
            }
            let message = format!(
                "{} is named for {}, but the document does not say that it lies there",
                question.name, target.name
            );
            let findings = vec![Finding::report("GK303", message)];
            return PlaceDecision { ranked, findings, ..PlaceDecision::default() };
        }
        if best >= ENOUGH && best >= second + ENOUGH && best * 2 >= second * 3 {
            let kind = self.strongest(witnesses, target).or(question.kind);
            return settled(kind, ranked);
        }
        self.ambiguous(question, ranked, best)
    }

    fn ambiguous(
        &self,
        question: &Question<'r>,
        ranked: Vec<(u32, &'r Division)>,
        best: u32,
    ) -> PlaceDecision<'r> {
        let open: Vec<&'r Division> = ranked.iter().filter(|r| r.0 + ENOUGH > best).map(|r| r.1).collect();
        let list = open.iter().take(6).map(|d| d.code.as_str()).collect::<Vec<_>>().join(", ");
        let name = question.name.clone();
        let message = format!("{name} may be any of {list}, and nothing else in the document decides");
        let finding = Finding::report("GK304", message).raw(name);
        // What all of them share is certain, unless none of them is more than a hint.
        let province = open.first().and_then(|d| self.gazetteer.lineage(d, self.year).last());
        let shared =
            province.filter(|p| !question.hint && open.iter().all(|d| d.code.get(..2) == p.code.get(..2)));
        let kind = shared.map(|_| EvidenceKind::Body);
        PlaceDecision { target: shared, kind, ranked, findings: vec![finding] }
    }

    /// Whether the document calls a place by its full name, anywhere but in navigation.
    fn named_in_full(&self, scan: &Scan, target: &Division, township: Option<&str>) -> bool {
        // The town's own name says nothing: there may have been another one that is no longer listed.
        let towns = self.gazetteer.townships_of(&target.code).iter().map(|t| t.name.as_str());
        scan.mentions.iter().any(|m| scan.slice(m.start, m.end) == target.name)
            || towns
                .filter(|t| crate::text::length(t) > 2 && Some(*t) != township)
                .any(|t| scan.text.contains(t))
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
    fn without_name(&self, question: &Question<'r>) -> PlaceDecision<'r> {
        let witnesses = &question.witnesses;
        let fits = |d: &Division| match question.generic {
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
            let findings = vec![Finding::report("GK303", message)];
            return PlaceDecision { findings, ..PlaceDecision::default() };
        };
        let rival = ranked.iter().skip(1).find(|r| !self.names.related(r.1, target, self.year));
        if rival.is_some_and(|r| r.0 + ENOUGH > best) {
            return self.ambiguous(question, ranked, best);
        }
        let kind = self.strongest(witnesses, target);
        PlaceDecision { target: Some(target), kind, ranked, findings: Vec::new() }
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
