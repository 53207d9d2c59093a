//! Which agency filed: candidates from title, signature, metadata, text and footer, and the choice among them.

use crate::Heard;
use crate::names::{Names, Reading};
use crate::sayings::{How, body_of_document};
use crate::scan::Scan;
use crate::text::{first, is_break, length};
use crate::title;
use crate::year::date_line;
use chrono::NaiveDate;
use gongkai_model::{Cover, EvidenceKind, Role};
use gongkai_registry::{AgencyWeights, Level, SaysOf, Sentences};
use serde::{Deserialize, Serialize};

/// A signature stands within so many lines from the end.
const SIGNATURE_LINES: usize = 40;
/// The opening, in which an agency speaks of itself: bytes from the first line of running text.
const OPENING_BYTES: usize = 4000;
/// Clauses looked at for a body without a place, and characters of each.
const CLAUSES: usize = 40;
const CLAUSE_CHARS: usize = 18;
/// Mentions of agencies looked at.
const MENTIONS: usize = 60;
/// A body stands among so many lines above a title, below it, or at the end, in a line of so many characters.
const ABOVE: usize = 2;
const BELOW: usize = 4;
const END: usize = 4;
const NAME_CHARS: usize = 40;
/// Where a name was read, the most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Stands {
    /// In the title.
    Title,
    /// In a sentence that publishes the report.
    Announced,
    /// In front of the date that ends the report.
    Signature,
    /// 由某局编制.
    Compiled,
    /// In a line of its own above or below a title that names no body, or at the end.
    Beside,
    /// As the publisher, in metadata or a card.
    Publisher,
    /// As source or author.
    Source,
    /// The text speaks of it at the beginning of its clauses.
    Opening,
    /// It is to be asked about the report.
    Contact,
    /// As the publisher, but it may be the site's default.
    SitePublisher,
    /// As the source, likewise.
    SiteSource,
    /// A document cited by name is its own.
    Quoted,
    /// It owns the site.
    Site,
    /// The page to which the document is attached names it.
    Cover,
}

impl Stands {
    fn strength(self, weights: &AgencyWeights) -> u32 {
        match self {
            Self::Title => weights.title,
            Self::Signature => weights.signature,
            Self::Announced => weights.announced,
            Self::Compiled => weights.compiled,
            Self::Beside => weights.beside,
            Self::Publisher => weights.publisher,
            Self::Source => weights.source,
            Self::Opening => weights.opening,
            Self::Contact => weights.contact,
            Self::SitePublisher => weights.site_publisher,
            Self::SiteSource => weights.site_source,
            Self::Quoted => weights.quoted,
            Self::Site => weights.site,
            Self::Cover => weights.cover,
        }
    }
}

/// A name somebody gives for the agency.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'r> {
    /// The name, taken apart.
    pub reading: Reading<'r>,
    /// Where it was read.
    pub kind: EvidenceKind,
    /// The text it stands in.
    pub text: String,
    /// Where in it, which is the order of trust.
    pub stands: Stands,
}

impl Candidate<'_> {
    /// How much the place it was read in says.
    pub(crate) fn strength(&self, weights: &AgencyWeights) -> u32 {
        self.stands.strength(weights)
    }
}

/// The line before the last date, and that date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signature {
    /// The name.
    pub name: Option<String>,
    /// The date.
    pub date: Option<NaiveDate>,
}

/// Finds the signature: the last line that is a date in the second half of the text, and the short line before it.
pub(crate) fn signature(scan: &Scan<'_>) -> Signature {
    let half = scan.text.len() / 2;
    let lines: Vec<(usize, &str)> = scan
        .body()
        .rev()
        .take(SIGNATURE_LINES)
        .filter(|(i, _)| scan.lines.get(*i).is_some_and(|l| l.start >= half))
        .collect();
    for (at, (_, line)) in lines.iter().enumerate() {
        if let Some(date) = date_line(line) {
            let names = lines.iter().skip(at + 1).take(2).map(|(_, l)| l.trim_matches(is_break));
            let name = names
                .filter(|l| (3..=32).contains(&length(l)) && !l.contains(is_break))
                .find(|l| crate::numerals::behind_ordinal(l).is_none());
            return Signature { name: name.map(str::to_owned), date: Some(date) };
        }
        if let Some(signature) = name_and_date(line) {
            return signature;
        }
    }
    in_long_line(scan, half).unwrap_or_default()
}

/// Name and date in one line or clause.
fn name_and_date(text: &str) -> Option<Signature> {
    if length(text) > 46 {
        return None;
    }
    let year = crate::dates::years(text).into_iter().rfind(|y| y.dated)?;
    let (name, date) = text.split_at_checked(year.start)?;
    let date = date_line(date)?;
    let name = name.trim_matches(is_break);
    let whole = (3..=32).contains(&length(name)) && !name.contains(is_break);
    Some(Signature { name: whole.then(|| name.to_owned()), date: Some(date) })
}

/// A text that was flattened into long lines: the last clause in its second half that is a name and a date.
fn in_long_line(scan: &Scan<'_>, half: usize) -> Option<Signature> {
    let long = scan.body().rev().take(SIGNATURE_LINES).filter(|(_, l)| length(l) > 46);
    long.filter_map(|(i, line)| Some((scan.lines.get(i)?.start, line))).find_map(|(start, line)| {
        let mut end = line.len();
        line.rsplit('。').take(SIGNATURE_LINES).find_map(|clause| {
            let from = end.saturating_sub(clause.len());
            end = from.saturating_sub('。'.len_utf8());
            // Behind the date a page may go on without a stop.
            let near = first(clause, 46);
            let found = name_and_date(clause).or_else(|| name_and_date(dated(near)?));
            found.filter(|s| s.name.is_some() && start + from >= half)
        })
    })
}

/// The beginning of a text up to the 日 of its first complete date.
fn dated(text: &str) -> Option<&str> {
    let year = crate::dates::years(text).into_iter().find(|y| y.dated)?;
    let day = text.get(year.start..)?.find('日')?;
    text.get(..year.start + day + '日'.len_utf8())
}

/// All candidates, in the order of trust.
pub(crate) fn candidates<'r>(
    scan: &Scan<'_>,
    names: Names<'r>,
    heard: &Heard<'_>,
    mirror: bool,
    year: i16,
) -> Vec<Candidate<'r>> {
    let Heard { title, signature, sayings, .. } = *heard;
    let mut found: Vec<Candidate<'r>> = Vec::new();
    let words = &scan.words.titles;
    let name_words = &scan.words.names;
    let site_kind = |kind: &str| name_words.site_kinds.iter().any(|k| k == kind);
    let candidate = |name: &str, kind, text: &str, stands: Stands| {
        let advertised = if mirror { behind_advertisement(names, name, year) } else { None };
        let reading = advertised.unwrap_or_else(|| names.read(name, year));
        let shown = || first(text, 80).to_owned();
        reading.plausible().then(|| Candidate { text: shown(), reading, kind, stands })
    };
    if let Some(title) = title {
        for name in title::agencies(words, &title.text) {
            found.extend(candidate(&name, title.kind, &title.text, Stands::Title));
        }
    }
    if let Some(name) = &signature.name {
        found.extend(candidate(name, EvidenceKind::Signature, name, Stands::Signature));
    }
    for report in &sayings.reports {
        let stands = if report.how == How::Quoted { Stands::Contact } else { Stands::Announced };
        for name in title::agencies(words, &report.text).iter().chain(&report.by) {
            found.extend(candidate(name, EvidenceKind::Body, &report.text, stands));
        }
    }
    for name in sayings.compiled.iter().filter(|n| !n.contains('、')) {
        found.extend(candidate(name, EvidenceKind::Body, name, Stands::Compiled));
    }
    if found.is_empty() {
        found.extend(beside(scan, names, title, mirror, year));
    }
    for name in &sayings.contacts {
        found.extend(candidate(name, EvidenceKind::Body, name, Stands::Contact));
    }
    // 某市外事办公室网站: a body with a site of its own.
    for name in &sayings.sites {
        let reading = names.read(name, year);
        if reading.kind_code().is_some_and(|k| !site_kind(k)) && (reading.placed() || reading.zone.is_some())
        {
            found.extend(candidate(name, EvidenceKind::Body, name, Stands::Contact));
        }
    }
    for fact in scan.values(SaysOf::Publisher) {
        found.extend(candidate(&fact.value, EvidenceKind::Meta, &fact.value, Stands::Publisher));
    }
    for fact in scan.values(SaysOf::Source).chain(scan.values(SaysOf::Author)) {
        found.extend(candidate(
            fact.value.trim_end_matches(is_break),
            EvidenceKind::Meta,
            &fact.value,
            Stands::Source,
        ));
    }
    found.extend(sayings.compiled.iter().filter_map(|n| together(names, n, year)));
    found.extend(opening(scan, names, year));
    found.extend(sayings.quoted.iter().filter_map(|text| {
        let reading = body_of_document(names, text, year)?;
        Some(Candidate { reading, kind: EvidenceKind::Body, text: text.clone(), stands: Stands::Quoted })
    }));
    // The owner of a mirror is nobody's agency.
    for label in [SaysOf::Sponsor, SaysOf::SiteName].into_iter().filter(|_| !mirror) {
        for fact in scan.values(label) {
            let value = fact.value.trim_matches(is_break);
            let bare = name_words
                .site_tails
                .iter()
                .rev()
                .fold(value, |v, tail| v.strip_suffix(tail.as_str()).unwrap_or(v));
            let reading = names.read(if bare.is_empty() { value } else { bare }, year);
            if reading.plausible() {
                let text = first(value, 80).to_owned();
                found.push(Candidate { reading, kind: EvidenceKind::Meta, text, stands: Stands::Site });
            }
        }
    }
    // A site's default: the government under whose name the site runs.
    for c in &mut found {
        if c.reading.kind_code().is_none_or(site_kind) {
            c.stands = match c.stands {
                Stands::Publisher => Stands::SitePublisher,
                Stands::Source => Stands::SiteSource,
                stands => stands,
            };
        }
    }
    found.sort_by_key(|c| c.stands);
    found
}

/// Bodies in lines of their own, where title and sentences name none: above the title, below it, at the end, and in the way that leads
/// to the page (首页 > 某县民政局 > 年度报告).
fn beside<'r>(
    scan: &Scan<'_>,
    names: Names<'r>,
    title: Option<&title::Title>,
    mirror: bool,
    year: i16,
) -> Vec<Candidate<'r>> {
    let lines: Vec<(usize, &str)> = scan.body().collect();
    let of_title = |(_, l): &(usize, &str)| {
        title.is_some_and(|t| l.contains(&t.text) || (length(l) > 3 && t.text.contains(*l)))
    };
    let from = lines.iter().position(of_title).unwrap_or(0);
    let to = from + lines.iter().skip(from).take_while(|l| of_title(l)).count();
    let site_kinds = &scan.words.names.site_kinds;
    let body = |text: &str| -> Option<Reading<'r>> {
        // 填报单位（盖章）：某县民政局
        let text = text.rsplit(['：', ':']).next().unwrap_or(text);
        let front = crate::dates::years(text).first().map_or(text, |y| text.get(..y.start).unwrap_or(""));
        let name = Some(front.trim_matches(is_break)).filter(|n| (3..=NAME_CHARS).contains(&length(n)))?;
        let reading = names.read(name, year);
        let known = reading.kind.is_some() || reading.central.is_some() || reading.township.is_some();
        let placed = !reading.targets.is_empty() || reading.generic.is_some() || reading.zone.is_some();
        let public = reading.mark() != Some("enterprise") && !reading.is_area();
        (known && (placed || reading.central.is_some()) && public && reading.plausible()).then_some(reading)
    };
    // The name of a government above a title, at the end or on the way to a page is as likely that of the site.
    let whole = |text: &str, may_be_site: bool| {
        let reading = body(text)?;
        let of_site = may_be_site && reading.kind_code().is_some_and(|k| site_kinds.iter().any(|s| s == k));
        let stands = if of_site { Stands::Site } else { Stands::Beside };
        Some(Candidate { reading, kind: EvidenceKind::Body, text: text.to_owned(), stands })
    };
    let below = lines.iter().skip(to).take_while(|(_, l)| crate::numerals::behind_ordinal(l).is_none());
    // 来源 is a field, and weighs as such.
    let is_field = |i: usize| scan.facts.iter().any(|f| f.line == Some(i) && f.label.names_body());
    let below = below.take(BELOW).filter(|(i, l)| length(l) <= 2 * NAME_CHARS && !is_field(*i));
    let mut found: Vec<Candidate<'r>> = below
        .filter_map(|(i, l)| {
            whole(l, false).or_else(|| scan.pieces(*i).into_iter().find_map(|p| whole(p, false)))
        })
        .collect();
    // What a mirror says about itself stands there, too.
    if mirror {
        return found;
    }
    let above = lines.get(from.saturating_sub(ABOVE)..from).unwrap_or_default();
    found.extend(above.iter().rev().filter_map(|(_, l)| whole(l, true)));
    // 抄送：某市财政局 is another's; several names are links.
    let end =
        lines.iter().skip(to.max(lines.len().saturating_sub(END))).filter(|(_, l)| !l.contains(['：', ':']));
    let end: Vec<Candidate<'r>> = end.filter_map(|(_, l)| whole(l, true)).collect();
    let one = end.first().is_some_and(|a| end.iter().all(|b| a.reading.name == b.reading.name));
    found.extend(end.into_iter().filter(|_| one));
    for (_, way) in lines.iter().take(to + BELOW).filter(|(_, l)| l.contains(['>', '»', '›'])) {
        let steps = way.split(['>', '»', '›']).rev().filter_map(|step| whole(step, true));
        let steps = steps.filter(|c| c.stands == Stands::Beside);
        found.extend(steps.map(|c| Candidate { stands: Stands::Contact, ..c }));
    }
    found
}

/// 由某区人民政府、某区人民政府共同编制: a report of several, whose place is only what they share.
pub(crate) fn together<'r>(names: Names<'r>, text: &str, year: i16) -> Option<Candidate<'r>> {
    let each: Vec<Reading<'r>> = text.split('、').map(|n| names.read(n, year)).collect();
    let mut reading = each.first().filter(|_| each.len() > 1)?.clone();
    if !each.iter().all(|r| r.plausible() && r.targets.len() == 1) {
        return None;
    }
    text.clone_into(&mut reading.name);
    reading.targets = each.into_iter().flat_map(|r| r.targets).collect();
    reading.targets.dedup_by(|a, b| a.code == b.code);
    Some(Candidate { reading, kind: EvidenceKind::Body, text: text.to_owned(), stands: Stands::Compiled })
}

/// The agency that the page names to which the document is attached.
pub(crate) fn of_cover<'r>(cover: &Cover, names: Names<'r>, year: i16) -> Option<Candidate<'r>> {
    let reading = names.read(cover.agency_name.as_deref()?, year);
    let text = first(&cover.title, 80).to_owned();
    reading.plausible().then_some(Candidate {
        reading,
        kind: EvidenceKind::Cover,
        text,
        stands: Stands::Cover,
    })
}

/// 搬家公司区民政局 on a mirror: a company's name was written over the place, and what is left is the agency.
fn behind_advertisement<'r>(names: Names<'r>, name: &str, year: i16) -> Option<Reading<'r>> {
    let words = &names.registry().wording.names.advertised;
    let (_, behind) = words.iter().find_map(|w| name.rsplit_once(w.as_str()))?;
    let reading = names.read(behind, year);
    (reading.kind.is_some() && (reading.generic.is_some() || reading.placed())).then_some(reading)
}

/// The agency the text speaks of at the beginning of its clauses: 某区民政局认真贯彻….
fn opening<'r>(scan: &Scan<'_>, names: Names<'r>, year: i16) -> Option<Candidate<'r>> {
    let from = scan.lines.iter().find(|l| l.role == Role::Body && l.end - l.start > 60)?.start;
    let mut seen: Vec<(u32, Candidate<'r>)> = Vec::new();
    let mut last_end = 0;
    for mention in
        scan.mentions.iter().filter(|m| (from..from + OPENING_BYTES).contains(&m.start)).take(MENTIONS)
    {
        // Places inside a longer name were read with it.
        if mention.start < last_end {
            continue;
        }
        let text = first(scan.from(mention.start), 40);
        let Some(reading) = names.mention(text.split(is_break).next().unwrap_or(""), year) else { continue };
        last_end = mention.start + reading.name.len();
        let before = scan.text.get(..mention.start).and_then(|t| t.chars().next_back());
        let words = &scan.words.sentences;
        let opens = before.is_none_or(|c| is_break(c) || words.openings.contains(&c));
        if !opens || reading.is_area() || !reading.plausible() || !acts(words, scan.from(last_end)) {
            continue;
        }
        // Governments are mentioned everywhere, a department mostly by itself.
        let score = if reading.kind_code() == Some("government") { 1 } else { 3 };
        match seen.iter_mut().find(|(_, c)| c.reading.name == reading.name) {
            Some((total, _)) => *total += score,
            None => seen.push((
                score,
                Candidate {
                    text: text.to_owned(),
                    kind: EvidenceKind::Body,
                    stands: Stands::Opening,
                    reading,
                },
            )),
        }
    }
    for (text, reading) in unplaced(scan, names, from, year) {
        match seen.iter_mut().find(|(_, c)| c.reading.name == reading.name) {
            Some((total, _)) => *total += 1,
            None => {
                seen.push((2, Candidate { text, kind: EvidenceKind::Body, stands: Stands::Opening, reading }))
            }
        }
    }
    // Named first wins among equals.
    seen.into_iter().reduce(|best, c| if c.0 > best.0 { c } else { best }).map(|(_, c)| c)
}

/// Bodies without a place in front that clauses begin with: 2020年，中南街道认真…, 市教育局高度重视….
fn unplaced<'r>(scan: &Scan<'_>, names: Names<'r>, from: usize, year: i16) -> Vec<(String, Reading<'r>)> {
    let words = &scan.words.sentences;
    let text = first(scan.from(from), OPENING_BYTES / 3);
    let begins = |c: char| is_break(c) || c == '年';
    let starts = std::iter::once(0)
        .chain(text.char_indices().filter(|(_, c)| begins(*c)).map(|(i, c)| i + c.len_utf8()));
    let clause = |at: usize| {
        let clause = first(text.get(at..)?, CLAUSE_CHARS);
        // Only these can be read without a place.
        let level = clause.starts_with(scan.words.names.generic.as_slice());
        if !level && !scan.words.names.township_words.iter().any(|w| clause.contains(w.as_str())) {
            return None;
        }
        let ends = clause.char_indices().skip(3).map(|(i, _)| i);
        let named = ends.filter(|end| acts(words, clause.get(*end..).unwrap_or(""))).find_map(|end| {
            let reading = names.read(clause.get(..end)?, year);
            let township = reading.township.is_some() && !reading.targets.is_empty();
            let known = township || (reading.generic.is_some() && reading.kind.is_some());
            (known && reading.plausible()).then_some(reading)
        })?;
        Some((clause.to_owned(), named))
    };
    starts.take(CLAUSES).filter_map(clause).collect()
}

/// Whether a text goes on like one about the agency just named, rather than about what it issued, runs or asked for.
pub(crate) fn acts(words: &Sentences, behind: &str) -> bool {
    let begins = |list: &[String]| list.iter().any(|w| behind.starts_with(w.as_str()));
    begins(&words.acts) && !begins(&words.not_acts)
}

/// The choice: the first of the most trusted, made full by what others say.
pub(crate) fn choose<'c, 'r>(
    site_kinds: &[String],
    candidates: &'c [Candidate<'r>],
) -> Option<&'c Candidate<'r>> {
    // Who issued a document that is cited is as often a superior: it only makes another name full.
    let chosen = candidates.iter().find(|c| c.stands != Stands::Quoted)?;
    let same_function = |c: &&Candidate<'r>| {
        // 某市人民政府, whose site it is, is not the fuller name of 乌镇镇人民政府.
        c.reading.placed()
            && c.reading.township == chosen.reading.township
            && !c.reading.function.is_empty()
            && (c.reading.function == chosen.reading.function
                || (c.reading.kind.is_some() && c.reading.kind_code() == chosen.reading.kind_code()))
    };
    // 区民政局 in the title, its full name elsewhere.
    if !chosen.reading.placed() && chosen.reading.zone.is_none() {
        return candidates.iter().find(same_function).or(Some(chosen));
    }
    if chosen.reading.is_area() && chosen.reading.township.is_none() {
        return Some(area(site_kinds, candidates, chosen));
    }
    // The same agency with its parents in front; from the site's footer only where all that name it there agree.
    let fuller = |near: bool| {
        let of = candidates.iter().filter(move |c| (c.stands <= Stands::SitePublisher) == near);
        of.filter(|c| {
            c.reading.name.ends_with(&chosen.reading.name)
                && c.reading.targets.len() < chosen.reading.targets.len()
                && c.reading.placed()
        })
    };
    let near = fuller(true).min_by_key(|c| c.reading.targets.len());
    let of_site = || {
        let one = fuller(false).next()?;
        fuller(false).all(|c| c.reading.name == one.reading.name).then_some(one)
    };
    near.or_else(of_site).or(Some(chosen))
}

/// 新场镇 of 2008, 南汇区新场镇 in its text: the county that the text names right in front of a township, and that was one in the
/// year, is where the township was, although it lies in another today.
pub(crate) fn in_place_of_time<'r>(
    mut agency: Candidate<'r>,
    scan: &Scan<'_>,
    names: Names<'r>,
    year: i16,
) -> Candidate<'r> {
    let Some(township) = agency.reading.township.clone().filter(|_| agency.reading.by_township) else {
        return agency;
    };
    let before = scan.mentions.iter().filter(|m| scan.from(m.end).starts_with(township.as_str()));
    let mut places: Vec<&str> = before.map(|m| scan.slice(m.start, m.end)).collect();
    places.sort_unstable();
    places.dedup();
    let readings =
        places.into_iter().map(|place| names.read(&format!("{place}{}", agency.reading.name), year));
    let of_county = |r: &Reading<'r>| {
        let counties = || r.targets.iter().all(|d| d.level == Level::County && d.valid_in(year));
        r.township.as_ref() == Some(&township) && !r.by_township && !r.targets.is_empty() && counties()
    };
    let readings: Vec<Reading<'r>> = readings.filter(of_county).collect();
    // Where one of them has the township today, the ordinary way decides.
    let gazetteer = &names.registry().gazetteer;
    let listed = |r: &Reading<'r>| {
        let towns = r.targets.iter().flat_map(|d| gazetteer.townships_of(&d.code));
        towns.into_iter().any(|t| t.name == township)
    };
    if let [one] = readings.as_slice()
        && !listed(one)
    {
        agency.reading = one.clone();
    }
    agency
}

/// A title that names only the division: its government where that is written out, a department where one signs.
fn area<'c, 'r>(
    site_kinds: &[String],
    candidates: &'c [Candidate<'r>],
    chosen: &'c Candidate<'r>,
) -> &'c Candidate<'r> {
    let same_place = |c: &&Candidate<'r>| {
        let codes = |r: &Reading<'r>| r.targets.iter().map(|d| d.code.clone()).collect::<Vec<_>>();
        c.reading.zone == chosen.reading.zone && codes(&c.reading) == codes(&chosen.reading)
    };
    let signed = candidates.iter().filter(|c| c.stands == Stands::Signature && same_place(c)).find(|c| {
        c.reading.township.is_some()
            || c.reading.kind_code().is_some_and(|k| !site_kinds.iter().any(|s| s == k) || k == "government")
    });
    let written = candidates
        .iter()
        .filter(|c| c.stands <= Stands::SiteSource && chosen.reading.zone.is_none() && same_place(c));
    let written = || {
        written
            .clone()
            .find(|c| c.reading.kind_code() == Some("government") && !c.reading.function.is_empty())
    };
    signed.or_else(written).unwrap_or(chosen)
}
