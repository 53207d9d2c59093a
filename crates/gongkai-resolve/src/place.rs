//! Where the agency is: the places its name may mean, weighed by everything else the document says about places.

use crate::agency::{Candidate, Stands, acts};
use crate::names::Names;
use crate::pinyin::{self, Spellings};
use crate::sayings::{Sayings, place_of_document};
use crate::scan::{Fact, Mention, Scan};
use crate::source::Source;
use crate::text::{first, is_break, length};
use gongkai_model::{Decision, Evidence, EvidenceKind, Finding, Place, SourceTrust};
use gongkai_registry::{Division, Gazetteer, Level, PlaceWeights, Registry, SaysOf};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Area codes are looked for in so many bytes from either end.
const PHONE_BYTES: usize = 20_000;

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
    /// What it may decide when the agency's name says nothing.
    pub says: Says,
}

impl Witness<'_> {
    /// A place named in running text.
    fn is_mention(&self) -> bool {
        matches!(self.says, Says::Mentioned | Says::Named)
    }
}

/// What a piece of evidence may decide alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Says {
    /// The agency is there.
    There,
    /// The agency is there or below: a site, the notice of a superior. Of which level it is, something else must say.
    Within,
    /// A place is the subject of a sentence, its government is named, or it comes up again and again:
    /// where the text calls its own place by that level (我县), it is meant.
    Named,
    /// A place is mentioned.
    Mentioned,
    /// The address lies there: the place itself, or the one it is the seat of.
    Seat,
    /// Nothing.
    Nothing,
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
    /// …which a government's host makes sure: a zone called after a city and nothing else.
    zone_of_city: bool,
    /// The one target is written out in the document.
    pub(crate) in_full: bool,
    /// What the text calls its own place.
    pub(crate) own: Option<char>,
    /// Level word standing for the place.
    generic: Option<char>,
    /// Everything else.
    pub(crate) witnesses: Vec<Witness<'r>>,
    year: i16,
}

/// Gathers what a document says.
pub(crate) fn question<'r>(
    scan: &Scan<'_>,
    knowledge: Knowledge<'r, '_>,
    agency: Option<&Candidate<'r>>,
    candidates: &[Candidate<'r>],
    sayings: &Sayings,
    source: &Source,
    year: i16,
) -> Question<'r> {
    let registry = knowledge.registry;
    let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year };
    let mirror = source.trust == SourceTrust::Mirror;
    let witnesses = court.witnesses(scan, candidates, agency, sayings, mirror);
    let in_full = agency.is_some_and(|a| match a.reading.targets.as_slice() {
        [one] => court.named_in_full(scan, one, a.reading.township.as_deref()),
        _ => false,
    });
    let gathered = Gathered { witnesses, in_full, own: sayings.own };
    Question::of(knowledge, agency, gathered, site(source.trust, &source.host, &source.uri), year)
}

/// What places are looked up in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knowledge<'r, 's> {
    /// The registry.
    pub registry: &'r Registry,
    /// Places as hosts spell them.
    pub spellings: &'s Spellings,
}

/// What a document says about places besides the name of its agency.
#[derive(Debug, Clone)]
pub(crate) struct Gathered<'r> {
    /// What speaks for which places.
    pub witnesses: Vec<Witness<'r>>,
    /// The one place that the agency's name means is written out in the document.
    pub in_full: bool,
    /// What the text calls its own place: 县 of 我县.
    pub own: Option<char>,
}

/// A government's host, and an address on it.
pub(crate) type Site<'a> = (&'a str, Option<&'a str>);

/// The site whose spelling counts: other hosts say nothing about places.
pub(crate) fn site<'a>(
    trust: SourceTrust,
    host: &'a Option<String>,
    uri: &'a Option<String>,
) -> Option<Site<'a>> {
    host.as_deref().filter(|_| trust == SourceTrust::Gov).map(|host| (host, uri.as_deref()))
}

impl<'r> Question<'r> {
    /// What the agency's name says, and what else does.
    pub(crate) fn of(
        Knowledge { registry, spellings }: Knowledge<'r, '_>,
        agency: Option<&Candidate<'r>>,
        gathered: Gathered<'r>,
        site: Option<Site<'_>>,
        year: i16,
    ) -> Self {
        let court = Court { gazetteer: &registry.gazetteer, names: Names::new(registry), year };
        let Gathered { mut witnesses, in_full, own } = gathered;
        let reading = agency.map(|a| &a.reading);
        let targets = reading.map(|r| r.targets.clone()).unwrap_or_default();
        if let Some((host, uri)) = site {
            let by_township = reading.is_some_and(|r| r.by_township);
            // A zone that names no place may lie in several counties.
            let zone = reading.is_some_and(|r| r.zone.is_some() && r.targets.is_empty());
            let mut spelled = court.spelled(host, spellings, &targets, by_township);
            spelled.retain(|w| !zone || w.divisions.iter().all(|d| d.level < Level::County));
            witnesses.extend(spelled.into_iter().map(|w| court.narrowed(w, &witnesses)).collect::<Vec<_>>());
            witnesses.extend(uri.and_then(|u| court.organisation(u, EvidenceKind::Url)));
        }
        let named = reading.and_then(|r| r.generic);
        Self {
            name: reading.map(|r| r.name.clone()).unwrap_or_default(),
            kind: agency.map(|a| a.kind),
            hint: reading.is_some_and(|r| r.hint(registry)),
            zone_of_city: site.is_some() && reading.is_some_and(|r| r.zone_of_city(registry)),
            in_full,
            own,
            generic: named.or(own.filter(|_| targets.is_empty())),
            targets,
            witnesses,
            year,
        }
    }

    /// Adds what the host of the page taught: every capture resolved on it lies in the division, and, if `exactly`, none
    /// of them lies below it.
    pub(crate) fn host(&mut self, weights: &PlaceWeights, division: &'r Division, host: &str, exactly: bool) {
        let text = host.to_owned();
        self.witnesses.push(Witness {
            kind: EvidenceKind::Host,
            text,
            divisions: vec![division],
            weight: weights.host_taught,
            says: if exactly { Says::There } else { Says::Nothing },
        });
    }

    /// Adds the place of the page that the document is attached to.
    pub(crate) fn cover(&mut self, weights: &PlaceWeights, division: &'r Division, title: &str) {
        self.witnesses.push(Witness {
            kind: EvidenceKind::Cover,
            text: title.to_owned(),
            divisions: vec![division],
            weight: weights.cover,
            says: Says::There,
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
        let own = own.map(|kind| show(kind, &self.name, &self.targets, registry.wording.weights.place.name));
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
    fn weights(&self) -> &'r PlaceWeights {
        &self.names.registry().wording.weights.place
    }

    fn witnesses(
        &self,
        scan: &Scan<'_>,
        candidates: &[Candidate<'r>],
        agency: Option<&Candidate<'r>>,
        sayings: &Sayings,
        mirror: bool,
    ) -> Vec<Witness<'r>> {
        let mut found: Vec<Witness<'r>> = Vec::new();
        let weights = self.weights();
        let own = agency.map(|a| a.reading.name.as_str());
        // Of a report of several bodies, each of them says only where it is itself.
        let joint = agency.is_some_and(|a| a.stands == Stands::Compiled && a.reading.name.contains('、'));
        let of_own = |name: &str| own.is_some_and(|o| o == name || (joint && o.contains(name)));
        for c in candidates.iter().filter(|c| !of_own(&c.reading.name)) {
            // Ambiguous names, and those that only hint at a place, testify to nothing.
            if c.reading.targets.len() == 1 && !c.reading.hint(self.names.registry()) {
                let (divisions, text) = (c.reading.targets.clone(), c.reading.name.clone());
                // What a document cites is as often its superior's.
                let (weight, says) = match c.stands {
                    Stands::Quoted => (weights.registration, Says::Within),
                    _ => (weights.other_agency, Says::There),
                };
                found.push(Witness { kind: c.kind, text, divisions, weight, says });
            }
        }
        for fact in scan.values(SaysOf::Index) {
            found.extend(self.organisation(&fact.value, EvidenceKind::Meta));
        }
        for document in &sayings.quoted {
            let divisions = place_of_document(self.names, document, self.year);
            if !divisions.is_empty() {
                let (text, weight) = (document.clone(), weights.registration);
                found.push(Witness { kind: EvidenceKind::Body, text, divisions, weight, says: Says::Within });
            }
        }
        for clause in &sayings.sites {
            let divisions = self.site(clause);
            if !divisions.is_empty() {
                let (text, weight) = (clause.clone(), weights.download);
                found.push(Witness { kind: EvidenceKind::Body, text, divisions, weight, says: Says::Within });
            }
        }
        for name in &sayings.contacts {
            let reading = self.names.read(name, self.year);
            if !reading.plausible() && reading.targets.len() == 1 && !reading.by_stem && !reading.by_township
            {
                let (text, weight) = (name.clone(), weights.address);
                let divisions = reading.targets;
                found.push(Witness { kind: EvidenceKind::Body, text, divisions, weight, says: Says::Within });
            }
        }
        // What a mirror says about itself is no evidence for a place.
        if !mirror {
            let township = agency.and_then(|a| a.reading.township.as_deref());
            found.extend(self.of_the_site(scan, township));
        }
        let mut found = dedup(found);
        let mentions = self.mentions(scan, mirror);
        found = found.into_iter().map(|w| self.narrowed(w, &mentions)).collect();
        found.extend(mentions);
        found
    }

    /// The place whose site is named: 三元区, 中国永嘉, 西安•莲湖.
    fn site(&self, clause: &str) -> Vec<&'r Division> {
        let words = &self.names.registry().wording.names;
        let bare = words.governments.iter().find_map(|s| clause.strip_suffix(s.as_str())).unwrap_or(clause);
        let behind = words.site_fronts.iter().find_map(|f| bare.rsplit_once(f.as_str())).map(|(_, b)| b);
        let pieces: Vec<&str> =
            behind.unwrap_or(bare).split(['·', '•', '・', '-']).filter(|p| !p.is_empty()).collect();
        if behind.is_some() || pieces.len() > 1 {
            let mut above: Vec<&'r Division> = Vec::new();
            for piece in pieces {
                let found = self.names.divisions(piece, &above, self.year, |_| true);
                above = if found.is_empty() { above } else { found };
            }
            if !above.is_empty() {
                return above;
            }
        }
        let starts = bare.char_indices().map(|(i, _)| i);
        let read = |at| bare.get(at..).map(|name| self.names.read(name, self.year));
        let area = starts.filter_map(read).find(|r| r.is_area() && r.zone.is_none() && !r.by_township);
        area.map(|r| r.targets).unwrap_or_default()
    }

    /// The code of an organisation (`11341702486344515H`, 11 for administrative bodies) in an index number or address: the
    /// division where it was registered.
    fn organisation(&self, text: &str, kind: EvidenceKind) -> Option<Witness<'r>> {
        let codes = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| p.len() >= 17);
        let division = codes
            .filter_map(|c| c.strip_prefix("11")?.get(..6))
            .find_map(|d| self.gazetteer.at(d, self.year))?;
        let text = first(text, 24).to_owned();
        Some(Witness {
            kind,
            text,
            divisions: vec![division],
            weight: self.weights().site_code,
            says: Says::There,
        })
    }

    /// Codes, address, registrations and telephone numbers, as footers show them.
    fn of_the_site(&self, scan: &Scan<'_>, township: Option<&str>) -> Vec<Witness<'r>> {
        let mut found: Vec<Witness<'r>> = Vec::new();
        for label in [SaysOf::SiteCode, SaysOf::Police] {
            for fact in scan.values(label) {
                found.extend(self.code(&fact.value, label));
            }
        }
        for fact in scan.values(SaysOf::Address) {
            let text = fact.value.trim_start_matches(is_break);
            let reading = self.names.read(text.split(is_break).next().unwrap_or(""), self.year);
            if reading.targets.len() == 1 && !reading.by_township && !reading.by_stem {
                // The town itself, in the address of its county.
                let own = township.is_some_and(|t| length(t) > 1 && text.contains(t));
                let text = fact.value.clone();
                found.push(Witness {
                    kind: EvidenceKind::Body,
                    text,
                    divisions: reading.targets,
                    weight: self.weights().address,
                    says: if own { Says::There } else { Says::Seat },
                });
            }
        }
        for fact in scan.values(SaysOf::Icp) {
            let letter = fact.value.chars().next().unwrap_or(' ');
            let region = self.gazetteer.regions().iter().find(|r| r.letters.contains(&letter));
            let province = region.and_then(|r| self.gazetteer.at(&format!("{}0000", r.code2), self.year));
            let text = fact.value.clone();
            found.extend(province.map(|p| Witness {
                kind: EvidenceKind::Meta,
                text,
                divisions: vec![p],
                weight: self.weights().registration,
                says: Says::Nothing,
            }));
        }
        found.extend(self.phones(scan));
        found
    }

    /// A ten-digit site code or a police registration that begins with a division code of the year; failing that, its
    /// province. 3590… is no division, but 35 is Fujian.
    fn code(&self, value: &str, label: SaysOf) -> Option<Witness<'r>> {
        let start = value.find(|c: char| c.is_ascii_digit())?;
        let digits = value.get(start..start + 6).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        // Site codes of ministries begin with letters (bm…).
        if start > 0 && value.get(..start).is_some_and(|t| t.ends_with(|c: char| c.is_ascii_alphabetic())) {
            return None;
        }
        let exact = self.gazetteer.at(digits, self.year);
        let division =
            exact.or_else(|| self.gazetteer.at(&format!("{}0000", digits.get(..2)?), self.year))?;
        let weights = self.weights();
        let weight = if exact.is_some() { weights.site_code } else { weights.code_of_province };
        let kind = if label == SaysOf::SiteCode { EvidenceKind::SiteCode } else { EvidenceKind::Meta };
        let says = if exact.is_some() && label != SaysOf::Police { Says::There } else { Says::Nothing };
        Some(Witness { kind, text: first(value, 24).to_owned(), divisions: vec![division], weight, says })
    }

    /// Telephone numbers with area codes, where all agree.
    fn phones(&self, scan: &Scan<'_>) -> Option<Witness<'r>> {
        let mut found: Option<&str> = None;
        let tail = scan.text.len().saturating_sub(PHONE_BYTES);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let zeros = scan.text.match_indices('0').filter(|(at, _)| *at < PHONE_BYTES || *at >= tail);
        for (at, _) in zeros {
            let Some((before, text)) = scan.text.split_at_checked(at) else { continue };
            let Some((code, behind)) = text.split_at_checked(digits(text)) else { continue };
            let behind = behind.strip_prefix(['-', '－', '—']).map_or(0, digits);
            if before.ends_with(|c: char| c.is_ascii_digit())
                || !(7..=8).contains(&behind)
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
            weight: self.weights().phone,
            says: Says::Nothing,
        })
    }

    /// Places mentioned in running text: each once, whatever its level. A name that several bear is that of the one that
    /// lies in another place mentioned.
    fn mentions(&self, scan: &Scan<'_>, mirror: bool) -> Vec<Witness<'r>> {
        // Nor is the line in which a mirror calls its owner.
        let about_site =
            |f: &&Fact| matches!(f.label, SaysOf::Sponsor | SaysOf::Icp | SaysOf::Police | SaysOf::SiteCode);
        let lines =
            scan.facts.iter().filter(|f| mirror && about_site(f)).filter_map(|f| scan.lines.get(f.line?));
        let lines: Vec<_> = lines.collect();
        let of_site = |at: usize| lines.iter().any(|l| (l.start..l.end).contains(&at));
        // Each name with where it stands first, and whether it comes up again.
        let mut named: BTreeMap<&str, (&Mention, bool)> = BTreeMap::new();
        for m in scan.mentions.iter().filter(|m| !of_site(m.start)) {
            named
                .entry(scan.slice(m.start, m.end))
                .and_modify(|(_, again)| *again = true)
                .or_insert((m, false));
        }
        let read = |name: &&str| self.names.read(name, self.year).targets;
        let mut all: Vec<Vec<&'r Division>> = named.keys().map(read).collect();
        let sure: Vec<&'r Division> =
            all.iter().filter_map(|d| <[_; 1]>::try_from(d.as_slice()).ok()).map(|[d]: [_; 1]| d).collect();
        for divisions in all.iter_mut().filter(|d| d.len() > 1) {
            let inside = |d: &&'r Division| {
                let above = self.gazetteer.lineage(d, self.year).skip(1);
                above.into_iter().any(|a| sure.iter().any(|s| s.code == a.code))
            };
            let mut found = divisions.iter().copied().filter(inside);
            if let (Some(one), None) = (found.next(), found.next()) {
                *divisions = vec![one];
            }
        }
        let mut found = Vec::new();
        for ((name, (first, again)), divisions) in named.into_iter().zip(all) {
            let text = name.to_owned();
            // 市中区, 城区, 郊区 are words as often as names, and several places bear them.
            if let [_] = divisions.as_slice() {
                let weight = self.weights().mention;
                let says = if again || self.is_subject(scan, first) { Says::Named } else { Says::Mentioned };
                found.push(Witness { kind: EvidenceKind::Body, text, divisions, weight, says });
            }
        }
        found
    }

    /// Whether the text speaks of a place as of its own: as the subject of a sentence, or of its government.
    fn is_subject(&self, scan: &Scan<'_>, one: &Mention) -> bool {
        let words = scan.words;
        let behind = scan.from(one.end);
        let before = scan.text.get(..one.start).and_then(|t| t.chars().next_back());
        let opens = before.is_none_or(|c| is_break(c) || words.sentences.openings.contains(&c));
        words.names.governments.iter().any(|g| behind.starts_with(g.as_str()))
            || (opens && acts(&words.sentences, behind))
    }

    /// What a government's host says by its name: a label that is a place spelled out; among the places that the agency's
    /// name may mean, also initials. Of several places only what sets some apart from the others counts.
    fn spelled(
        &self,
        host: &str,
        spellings: &Spellings,
        targets: &[&'r Division],
        by_township: bool,
    ) -> Vec<Witness<'r>> {
        let weights = self.weights();
        let witness = |divisions: Vec<&'r Division>, weight: u32, says: Says| Witness {
            kind: EvidenceKind::Url,
            text: host.to_owned(),
            divisions,
            weight,
            says,
        };
        let whole = spellings.of(self.gazetteer, host, self.year).into_iter();
        let mut found: Vec<Witness<'r>> =
            whole.map(|d| witness(d, weights.host_spelled, Says::Within)).collect();
        if targets.is_empty() {
            return found;
        }
        found.retain(|w| {
            let supported = targets.iter().filter(|t| self.support(w, t) > 0).count();
            supported > 0 && (supported < targets.len() || targets.len() == 1)
        });
        let tells = |divisions: &Vec<&'r Division>| {
            !divisions.is_empty() && (divisions.len() < targets.len() || by_township)
        };
        let those = |test: &dyn Fn(&Division) -> bool| -> Vec<&'r Division> {
            targets.iter().copied().filter(|d| test(d)).collect()
        };
        let paired = those(&|d| {
            let above = self.gazetteer.parent(d, self.year);
            above.is_some_and(|a| pinyin::pairs(self.gazetteer, host, &d.name, &a.name, d.level))
        });
        if tells(&paired) {
            found.push(witness(paired, weights.host_pair, Says::Nothing));
            return found;
        }
        let initials = those(&|d| self.spells(host, d));
        if tells(&initials) {
            // A township that only one county has, on a host with that county's initials.
            let weight =
                if by_township && targets.len() == 1 { weights.host_pair } else { weights.host_initials };
            found.push(witness(initials, weight, Says::Nothing));
        }
        found
    }

    /// Of several places that a host spells, the one in the province that the text mentions: qinzhou is 钦州市 in a text of
    /// 广西, and might else be 秦州区.
    fn narrowed(&self, mut witness: Witness<'r>, others: &[Witness<'r>]) -> Witness<'r> {
        if witness.divisions.len() < 2 || witness.says != Says::Within {
            return witness;
        }
        let provinces = others.iter().filter(|w| w.is_mention()).flat_map(|w| &w.divisions);
        let provinces: Vec<&str> = provinces.filter_map(|d| d.code.get(..2)).collect();
        let lies = |d: &&&'r Division| d.code.get(..2).is_some_and(|p| provinces.contains(&p));
        let mut found = witness.divisions.iter().filter(lies).copied();
        if let (Some(one), None) = (found.next(), found.next()) {
            witness.divisions = vec![one];
        }
        witness
    }

    /// Whether a host spells what sets a place apart from others of its name: its city, alone or before its own name.
    fn spells(&self, host: &str, division: &Division) -> bool {
        let above = self.gazetteer.parent(division, self.year).map(|p| p.name.as_str());
        pinyin::spells(self.gazetteer, host, &division.name, above)
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
            if w.is_mention() { body.push(support) } else { total += support }
        }
        body.sort_unstable_by(|a, b| b.cmp(a));
        total + body.iter().take(2).sum::<u32>()
    }

    /// The name says which places it may be.
    fn among(&self, question: &Question<'r>) -> PlaceDecision<'r> {
        let enough = self.weights().enough;
        let witnesses = &question.witnesses;
        let mut ranked: Vec<(u32, &'r Division)> =
            question.targets.iter().map(|d| (self.score(witnesses, d), *d)).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        let Some((best, target)) = ranked.first().copied() else { return PlaceDecision::default() };
        let second = ranked.get(1).map_or(0, |r| r.0);
        let settled =
            |kind, ranked| PlaceDecision { target: Some(target), kind, ranked, findings: Vec::new() };
        if ranked.len() == 1 {
            let certain = question.in_full || (question.zone_of_city && !self.elsewhere(witnesses, target));
            if !question.hint || best >= enough || certain {
                return settled(question.kind, ranked);
            }
            let message = format!(
                "{} is named for {}, but the document does not say that it lies there",
                question.name, target.name
            );
            let findings = vec![Finding::report("GK303", message)];
            return PlaceDecision { ranked, findings, ..PlaceDecision::default() };
        }
        if best >= enough && best >= second + enough && best * 2 >= second * 3 {
            let kind = self.strongest(witnesses, target).or(question.kind);
            return settled(kind, ranked);
        }
        self.ambiguous(question, ranked, best)
    }

    /// Whether anything but running text speaks of a place that is not on a line with this one.
    fn elsewhere(&self, witnesses: &[Witness<'r>], target: &Division) -> bool {
        witnesses.iter().any(|w| !w.is_mention() && self.support(w, target) == 0)
    }

    fn ambiguous(
        &self,
        question: &Question<'r>,
        ranked: Vec<(u32, &'r Division)>,
        best: u32,
    ) -> PlaceDecision<'r> {
        let enough = self.weights().enough;
        let open: Vec<&'r Division> = ranked.iter().filter(|r| r.0 + enough > best).map(|r| r.1).collect();
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
    fn named_in_full(&self, scan: &Scan<'_>, target: &Division, township: Option<&str>) -> bool {
        // The town's own name says nothing: there may have been another one that is no longer listed.
        let towns = self.gazetteer.townships_of(&target.code).iter().map(|t| t.name.as_str());
        scan.mentions.iter().any(|m| scan.slice(m.start, m.end) == target.name)
            || towns.filter(|t| length(t) > 2 && Some(*t) != township).any(|t| scan.text.contains(t))
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
        let words = &self.names.registry().wording.names;
        // 镇 and 乡 have no division of their own.
        let of_townships = |word: char| words.township_words.iter().any(|w| w.chars().eq([word]));
        let fits = |d: &Division| {
            question.generic.is_none_or(|word| {
                let leveled = words.levels.iter().all(|(w, level)| *w != word || *level == d.level);
                of_townships(word) || (leveled && d.name.ends_with(word))
            })
        };
        let leveled = question.generic.is_some();
        let decides = |w: &&Witness<'r>| match w.says {
            Says::There => true,
            Says::Within | Says::Named | Says::Seat => leveled,
            Says::Mentioned | Says::Nothing => false,
        };
        let of = |keep: &dyn Fn(&&Witness<'r>) -> bool| -> Vec<&'r Division> {
            // The seat of a city's bureau lies in a district of the city.
            let seat = |w: &Witness<'r>, d: &'r Division| -> Vec<&'r Division> {
                let count = if w.says == Says::Seat { 3 } else { 1 };
                self.gazetteer.lineage(d, self.year).take(count).collect()
            };
            let kept = witnesses.iter().filter(keep);
            kept.flat_map(|w| w.divisions.iter().flat_map(|d| seat(w, d))).filter(|d| fits(d)).collect()
        };
        let mut options = of(&decides);
        // The site of a place, or a superior's notice, says at least which place the agency lies in.
        let within = options.is_empty() && !leveled;
        if within {
            options = of(&|w| w.says == Says::Within);
        }
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
        if rival.is_some_and(|r| r.0 + self.weights().enough > best) {
            return self.ambiguous(question, ranked, best);
        }
        // A spelling that several places share is not enough, whichever of them has the level.
        let speaks = witnesses.iter().filter(|w| w.says != Says::Nothing || w.weight >= self.weights().phone);
        let speaks: Vec<usize> =
            speaks.filter(|w| self.support(w, target) > 0).map(|w| w.divisions.len()).collect();
        if speaks.len() < 2 && speaks.iter().all(|n| *n > 1) {
            let message =
                format!("the host spells {} and other places, and nothing else decides", target.name);
            let findings = vec![Finding::report("GK303", message)];
            return PlaceDecision { ranked, findings, ..PlaceDecision::default() };
        }
        let kind = self.strongest(witnesses, target);
        if within {
            // The lowest on the line of the best that has no rival of its level.
            let on_line = ranked.iter().filter(|r| self.names.related(r.1, target, self.year)).map(|r| r.1);
            let lowest =
                on_line.max_by_key(|d| (d.level, std::cmp::Reverse(d.code.clone()))).unwrap_or(target);
            let rival = ranked.iter().any(|r| {
                r.1.level == lowest.level
                    && r.1.code != lowest.code
                    && self.names.related(r.1, target, self.year)
            });
            let target = if rival { target } else { lowest };
            let message =
                format!("the agency lies in {} or is its own; the page does not say which", target.name);
            let findings = vec![Finding::report("GK303", message)];
            return PlaceDecision { target: Some(target), kind, ranked, findings };
        }
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
