//! Agency names taken apart: places in front (parents first), zone or township, function.

use crate::text::{first, length};
use gongkai_registry::{
    AgencyKind, CentralOrgan, Division, Level, NameForm, NameWords, Registry, Township, Unit,
};

/// Longest name of a division, in characters.
const PLACE_CHARS: usize = 16;
/// Zones and townships are named within so many characters.
const UNIT_CHARS: usize = 16;
/// A zone's word stands so near behind the place it is named for.
const ZONE_CHARS: usize = 10;
/// An agency name, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Reading<'r> {
    /// The name as printed, blanks removed.
    pub name: String,
    /// The divisions the lowest place may be, those of the report year; several where it is ambiguous.
    pub targets: Vec<&'r Division>,
    /// Number of places named.
    pub places: usize,
    /// The lowest place is named without its suffix.
    pub by_stem: bool,
    /// The places follow only from the township's name.
    pub by_township: bool,
    /// Town, township or street.
    pub township: Option<String>,
    /// Zone or other unit without a code of its own.
    pub zone: Option<String>,
    /// The unit of the registry the zone is.
    pub unit: Option<&'r Unit>,
    /// Body of the State Council.
    pub central: Option<&'r CentralOrgan>,
    /// What stands behind the places.
    pub function: String,
    /// Its kind.
    pub kind: Option<&'r AgencyKind>,
    /// Level word standing for the place: 区 in 区民政局.
    pub generic: Option<char>,
    /// What names of bodies end with.
    endings: &'r [char],
}

impl<'r> Reading<'r> {
    /// Whether the name says where the agency is.
    pub(crate) fn placed(&self) -> bool {
        self.central.is_some() || (!self.targets.is_empty() && !self.by_township)
    }

    /// Whether the places in the name are only a hint: what a zone, a school or a company is called after.
    pub(crate) fn hint(&self, registry: &Registry) -> bool {
        let marked = || self.mark().and_then(|m| registry.kinds.mark(m)).is_some_and(|m| m.hint);
        self.by_township || (self.by_stem && (self.zone.is_some() || marked()))
    }

    /// 烟台高新区: a zone of one of the ordinary kinds that bears the name of a city and nothing besides.
    pub(crate) fn zone_of_city(&self, registry: &Registry) -> bool {
        let zones = &registry.wording.names.zones_of_city;
        let city = matches!(self.targets.as_slice(), [one] if one.level != Level::County);
        city && self.places == 1 && self.zone.as_ref().is_some_and(|z| zones.contains(z))
    }

    /// Code of what sets the body apart from the ordinary agencies of its place. A school or company stays one in a
    /// zone, a tax office of a zone is counted with the zone.
    pub(crate) fn mark(&self) -> Option<&'r str> {
        let kind = self.kind.filter(|_| self.central.is_none()).and_then(|k| k.mark.as_deref());
        let unit = self.unit.map(|u| u.mark.as_str());
        unit.or(kind.filter(|m| self.zone.is_none() || *m != "vertical"))
            .or(self.zone.as_ref().map(|_| "zone"))
    }

    /// A place and nothing else: a report of a whole division or zone.
    pub(crate) fn is_area(&self) -> bool {
        self.function.is_empty()
            && self.central.is_none()
            && (!self.targets.is_empty() || self.zone.is_some())
    }

    /// Whether the name can be one of an agency at all.
    pub(crate) fn plausible(&self) -> bool {
        let bodies = |name: &str| self.endings.iter().any(|e| name.ends_with(*e));
        let count = length(&self.name);
        let clean = !self.name.chars().any(|c| crate::text::is_break(c) || c.is_ascii_digit());
        let known =
            self.kind.is_some() || self.central.is_some() || self.is_area() || self.township.is_some();
        (2..=40).contains(&count)
            && clean
            && (known || ((self.placed() || self.zone.is_some()) && bodies(&self.name)))
    }

    /// Code of the kind.
    pub(crate) fn kind_code(&self) -> Option<&str> {
        self.kind.map(|k| k.code.as_str())
    }
}

/// Places named in front of a text.
struct Prefix<'r, 't> {
    targets: Vec<&'r Division>,
    places: usize,
    by_stem: bool,
    rest: &'t str,
}

/// How a text behind a stem must go on for the stem to be a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// The text ends with the agency's name.
    Whole,
    /// Running text.
    Running,
}

/// Whether a name of a place ends in the middle of another word: 西区 in 西区域.
pub(crate) fn torn(words: &NameWords, name: &str, behind: &str) -> bool {
    let (Some(last), Some(next)) = (name.chars().next_back(), behind.chars().next()) else { return false };
    words.torn.contains(&(last, next))
}

/// Reads names with the registry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'r> {
    registry: &'r Registry,
}

impl<'r> Names<'r> {
    pub(crate) fn new(registry: &'r Registry) -> Self {
        Self { registry }
    }

    fn words(self) -> &'r NameWords {
        &self.registry.wording.names
    }

    /// The registry names are read with.
    pub(crate) fn registry(self) -> &'r Registry {
        self.registry
    }

    /// Takes a whole name apart, as of a year.
    pub(crate) fn read(self, name: &str, year: i16) -> Reading<'r> {
        let kinds = &self.registry.kinds;
        let mut reading = Reading {
            name: name.to_owned(),
            targets: Vec::new(),
            places: 0,
            by_stem: false,
            by_township: false,
            township: None,
            zone: None,
            unit: None,
            central: kinds.central(name),
            function: String::new(),
            kind: None,
            generic: None,
            endings: &self.words().endings,
        };
        if let Some(organ) = reading.central {
            reading.function = organ.name.clone();
            reading.kind = kinds.kind(&organ.kind);
            return reading;
        }
        let bare = self.without_leading(name);
        let rest = if let Some(rest) = self.registered(&mut reading, bare, year) {
            rest
        } else {
            let prefix = self.places(bare, year, Behind::Whole);
            (reading.targets, reading.places, reading.by_stem) =
                (prefix.targets, prefix.places, prefix.by_stem);
            let placed = prefix.places > 0;
            if let Some(rest) = placed.then(|| self.registered(&mut reading, prefix.rest, year)).flatten() {
                rest
            } else {
                let rest = self.branch(&mut reading, prefix.rest, year);
                self.unit(&mut reading, rest, year)
            }
        };
        if reading.targets.is_empty()
            && reading.zone.is_none()
            && let Some(behind) = rest.strip_prefix(self.words().generic.as_slice())
            && kinds.exactly(behind).is_some()
        {
            reading.generic = rest.chars().next();
            behind.clone_into(&mut reading.function);
        } else {
            rest.clone_into(&mut reading.function);
        }
        reading.kind = self.kind(&reading);
        self.seat(&mut reading, year);
        reading
    }

    /// 国家统计局阜新调查队, 东营港经济开发区: a vertical body or a zone named for a bare stem is the city's, of which a county has
    /// the same stem.
    fn seat(self, reading: &mut Reading<'r>, year: i16) {
        let zones = &self.words().zones_of_city;
        let zone = reading.unit.is_none() && reading.zone.as_ref().is_some_and(|z| zones.contains(z));
        if !reading.by_stem || reading.targets.len() < 2 || !(zone || reading.mark() == Some("vertical")) {
            return;
        }
        // 海南海事局 is the province's, not that of a district or prefecture called after the same sea.
        if let Some(province) = reading.targets.iter().copied().find(|d| d.level == Level::Province) {
            reading.targets = vec![province];
            return;
        }
        let holds = |city: &Division| {
            let mut others = reading.targets.iter().filter(|d| d.code != city.code);
            others.all(|d| self.lies_under(d, &[city], year))
        };
        if let Some(city) = reading.targets.iter().copied().find(|d| holds(d)) {
            reading.targets = vec![city];
        }
    }

    /// The agency whose name a running text begins with: a place and a known function, and the name's length in bytes.
    pub(crate) fn mention(self, text: &str, year: i16) -> Option<Reading<'r>> {
        let prefix = self.places(text, year, Behind::Running);
        if prefix.targets.is_empty() {
            return None;
        }
        let places = text.len() - prefix.rest.len();
        let function = match self.registry.kinds.by_beginning(prefix.rest) {
            Some((_, function)) => function.len(),
            None => self.unit_mention(prefix.rest)?,
        };
        text.get(..places + function).map(|name| self.read(name, year))
    }

    /// The places, written out, that a text begins with.
    pub(crate) fn leading_places(self, text: &str, year: i16) -> Vec<&'r Division> {
        self.places(text, year, Behind::Running).targets
    }

    /// Length of a township or zone with its body at the beginning of a running text.
    fn unit_mention(self, rest: &str) -> Option<usize> {
        let near = first(rest, UNIT_CHARS);
        for suffix in &self.words().township_mentions {
            if let Some(at) = near.find(suffix.as_str()) {
                return Some(at + suffix.len());
            }
        }
        let end = self.zone_end(near)?;
        let body =
            rest.get(end..).and_then(|r| self.registry.kinds.by_beginning(r)).map_or(0, |(_, b)| b.len());
        Some(end + body)
    }

    fn without_leading(self, name: &str) -> &str {
        let mut rest = name;
        while let Some(behind) = self
            .registry
            .kinds
            .leading()
            .iter()
            .filter_map(|l| rest.strip_prefix(l.as_str()))
            .find(|r| length(r) >= 2)
        {
            rest = behind;
        }
        rest
    }

    fn places<'t>(self, text: &'t str, year: i16, behind: Behind) -> Prefix<'r, 't> {
        let mut prefix = Prefix { targets: Vec::new(), places: 0, by_stem: false, rest: text };
        while prefix.places < 4 {
            let full = self.longest(prefix.rest, &prefix.targets, year);
            let Some((targets, rest, by_stem)) = full
                .map(|(t, r)| (t, r, false))
                .or_else(|| self.stem(prefix.rest, &prefix.targets, year, behind).map(|(t, r)| (t, r, true)))
            else {
                break;
            };
            prefix = Prefix { targets, places: prefix.places + 1, by_stem, rest };
        }
        prefix
    }

    /// The longest full or abbreviated name at the beginning that lies under the places named before.
    fn longest<'t>(
        self,
        text: &'t str,
        above: &[&Division],
        year: i16,
    ) -> Option<(Vec<&'r Division>, &'t str)> {
        ends(text, PLACE_CHARS).into_iter().find_map(|end| {
            let (name, rest) = text.split_at_checked(end)?;
            let found = self.divisions(name, above, year, |form| form != NameForm::Stem);
            (!found.is_empty() && !torn(self.words(), name, rest)).then_some((found, rest))
        })
    }

    /// A name without its suffix, only where the text behind proves it: a whole function, a zone, or a place below.
    fn stem<'t>(
        self,
        text: &'t str,
        above: &[&Division],
        year: i16,
        behind: Behind,
    ) -> Option<(Vec<&'r Division>, &'t str)> {
        let kinds = &self.registry.kinds;
        ends(text, 8).into_iter().find_map(|end| {
            let (name, rest) = text.split_at_checked(end)?;
            let found = self.divisions(name, above, year, |form| form == NameForm::Stem);
            if found.is_empty() {
                return None;
            }
            let proven = match behind {
                // 城关镇人民政府 is a town's, not that of 城关区.
                Behind::Whole => {
                    (kinds.exactly(rest).is_some()
                        && !self.words().township_words.iter().any(|w| rest.starts_with(w.as_str())))
                        || self.begins_with_township_of(rest, &found, above)
                }
                Behind::Running => false,
            };
            // A zone may have a name of its own in between: 大连金普新区. 浑南新区 is older than 浑南区, and not called after it.
            let zone = self.zone_end(first(rest, ZONE_CHARS)).is_some()
                && kinds.exactly(rest).is_none()
                && self.registry.gazetteer.named(name).any(|n| n.division.valid_in(year));
            (proven || zone || self.longest(rest, &found, year).is_some()).then_some((found, rest))
        })
    }

    /// 昭化元坝镇 behind 广元市: a stem below a place named, and a township that lies in what it names.
    fn begins_with_township_of(self, rest: &str, found: &[&Division], above: &[&Division]) -> bool {
        let names = ends(rest, 8).into_iter().filter_map(|end| rest.get(..end));
        let mut names = names.filter(|n| self.words().township_words.iter().any(|w| n.ends_with(w.as_str())));
        !above.is_empty()
            && names.any(|n| {
                let gazetteer = &self.registry.gazetteer;
                gazetteer.townships_named(n).any(|t| found.iter().any(|d| d.code == t.county()))
            })
    }

    /// Divisions with a name under given places, as they are in the year.
    pub(crate) fn divisions(
        self,
        name: &str,
        above: &[&Division],
        year: i16,
        form: impl Fn(NameForm) -> bool,
    ) -> Vec<&'r Division> {
        let gazetteer = &self.registry.gazetteer;
        let named: Vec<&'r Division> =
            gazetteer.named(name).filter(|n| form(n.form)).map(|n| n.division).collect();
        // The names of the year come first; only where none bears it is it one of other years.
        let of_year: Vec<&'r Division> = named.iter().copied().filter(|d| d.valid_in(year)).collect();
        let mut found = if of_year.is_empty() {
            named.into_iter().filter_map(|d| self.in_year(d, year)).collect()
        } else {
            of_year
        };
        // 石河子市 again behind 第八师, 苏州 behind 苏州市.
        let again = |d: &Division| above.iter().any(|a| a.code == d.code);
        found.retain(|d| above.is_empty() || again(d) || self.lies_under(d, above, year));
        found.sort_by(|a, b| a.code.cmp(&b.code));
        found.dedup_by(|a, b| a.code == b.code);
        found
    }

    /// What a division of other years is in the year: the same unit, or the one of its stem under the same parent.
    fn in_year(self, division: &'r Division, year: i16) -> Option<&'r Division> {
        let gazetteer = &self.registry.gazetteer;
        gazetteer.in_year(division, year).or_else(|| {
            let of = gazetteer.stem(&division.name);
            let mut heirs =
                gazetteer.children(&division.parent, year).filter(|d| gazetteer.stem(&d.name) == of);
            heirs.next().filter(|_| heirs.next().is_none())
        })
    }

    fn lies_under(self, division: &Division, above: &[&Division], year: i16) -> bool {
        let mut lineage = self.registry.gazetteer.lineage(division, year).skip(1);
        lineage.any(|d| above.iter().any(|a| a.code == d.code))
    }

    /// 公安局栖霞分局, 生态环境局栖霞生态环境局 behind 南京市: the place inside.
    fn branch<'t>(self, reading: &mut Reading<'r>, rest: &'t str, year: i16) -> &'t str {
        let words = &self.words().branch;
        let place = || {
            let (front, behind) = rest.split_once(words.body)?;
            let repeated = || behind.strip_suffix(words.body)?.strip_suffix(front);
            let inside = behind.strip_suffix(words.ends.as_str()).or_else(repeated)?;
            let whole = self.divisions(inside, &reading.targets, year, |_| true);
            let found = if whole.is_empty() {
                self.divisions(inside.strip_suffix(words.suffix)?, &reading.targets, year, |_| true)
            } else {
                whole
            };
            Some((found, rest.get(..front.len() + words.body.len_utf8())?))
        };
        match place() {
            Some((found, function)) if found.len() == 1 && !reading.targets.is_empty() => {
                reading.targets = found;
                reading.places += 1;
                function
            }
            _ => rest,
        }
    }

    /// A unit of the registry at the beginning, unless a division's longer name stands there, or it lies elsewhere than the places
    /// named before; returns what is behind.
    fn registered<'t>(self, reading: &mut Reading<'r>, name: &'t str, year: i16) -> Option<&'t str> {
        let (unit, rest) = self.registry.kinds.unit(name)?;
        if self.longest(name, &[], year).is_some_and(|(_, behind)| behind.len() < rest.len()) {
            return None;
        }
        let place = self.registry.gazetteer.at(&unit.place, year)?;
        let above = &reading.targets;
        if above.is_empty()
            || above.iter().any(|a| a.code == place.code || self.lies_under(place, &[*a], year))
        {
            reading.targets = vec![place];
        } else if !above.iter().all(|a| self.lies_under(a, &[place], year)) {
            return None;
        }
        (reading.places, reading.by_stem) = (reading.places + 1, false);
        reading.unit = Some(unit);
        reading.zone = Some(unit.name.clone());
        Some(rest)
    }

    /// Reads a township or zone; returns what stands behind it.
    fn unit<'t>(self, reading: &mut Reading<'r>, rest: &'t str, year: i16) -> &'t str {
        if rest.is_empty() || self.registry.kinds.exactly(rest).is_some() {
            return rest;
        }
        if let Some((name, behind)) = self.township(reading, rest, year) {
            reading.township = Some(name);
            return behind;
        }
        let near = first(rest, UNIT_CHARS);
        if let Some(end) = self.zone_end(near)
            && let Some((zone, behind)) = rest.split_at_checked(end)
            && (behind.is_empty()
                || self.registry.kinds.by_ending(behind).is_some()
                || behind.ends_with(self.words().zone_endings.as_slice()))
        {
            reading.zone = Some(zone.to_owned());
            return behind;
        }
        rest
    }

    /// One past the earliest zone word.
    fn zone_end(self, near: &str) -> Option<usize> {
        let zones = self.registry.kinds.zones();
        zones
            .iter()
            .filter_map(|z| near.find(z.as_str()).map(|at| at + z.len()))
            .min_by_key(|end| *end)
            .and_then(|end| {
                // 高新技术产业开发区 ends behind the shorter word in it.
                zones
                    .iter()
                    .filter_map(|z| near.find(z.as_str()).map(|at| (at, at + z.len())))
                    .filter(|(at, _)| *at < end)
                    .map(|(_, e)| e)
                    .max()
            })
    }

    fn township<'t>(self, reading: &mut Reading<'r>, rest: &'t str, year: i16) -> Option<(String, &'t str)> {
        let near = first(rest, UNIT_CHARS);
        let mut units: Vec<usize> = Vec::new();
        for suffix in &self.words().township_ends {
            units.extend(near.match_indices(suffix.as_str()).map(|(at, s)| at + s.len()));
        }
        units.sort_unstable();
        units.into_iter().find_map(|end| {
            let (name, behind) = rest.split_at_checked(end)?;
            // 乌镇镇: the name ends with the last of the words.
            let goes_on = self.words().township_words.iter().any(|w| behind.starts_with(w.as_str()));
            if goes_on || self.words().township_ends.iter().any(|e| e == name) {
                return None;
            }
            let counties = self.counties_of(name, &reading.targets, year);
            let body = self.words().township_bodies.iter().any(|b| b == behind);
            if counties.is_empty() && (!body || (behind.is_empty() && reading.targets.is_empty())) {
                return None;
            }
            if !body && self.registry.kinds.exactly(behind).is_none() {
                return None;
            }
            if reading.targets.is_empty() {
                reading.by_township = !counties.is_empty();
                reading.targets = counties;
            } else if !counties.is_empty() {
                reading.targets = counties;
            }
            Some((name.to_owned(), behind))
        })
    }

    /// Counties (cities without counties) of the year, among or under given places, that have a township today.
    fn counties_of(self, township: &str, above: &[&Division], year: i16) -> Vec<&'r Division> {
        let gazetteer = &self.registry.gazetteer;
        let mut found: Vec<&'r Division> = Vec::new();
        for code in gazetteer.townships_named(township).map(Township::county) {
            // 新场镇 of 浦东新区 was 南汇区's until that was dissolved, 恩阳镇 of 恩阳区 was that of another before there was a 恩阳区: who knows
            // which of today's townships were.
            match self.county_in(code, year) {
                Some(county) => {
                    let dissolved = |d: &&Division| gazetteer.in_year(d, i16::MAX).is_none();
                    found.push(county);
                    found.extend(self.counties_beside(county, year).filter(dissolved));
                }
                None if above.is_empty() => {
                    found.extend(
                        gazetteer.spans(code).last().iter().flat_map(|c| self.counties_beside(c, year)),
                    );
                }
                None => {}
            }
        }
        found.sort_by(|a, b| a.code.cmp(&b.code));
        found.retain(|d| {
            above.is_empty() || above.iter().any(|a| a.code == d.code) || self.lies_under(d, above, year)
        });
        found.dedup_by(|a, b| a.code == b.code);
        found
    }

    /// The counties of a year that have the same parent.
    fn counties_beside(self, county: &Division, year: i16) -> impl Iterator<Item = &'r Division> {
        let beside = self.registry.gazetteer.children(&county.parent, year);
        beside.filter(|d| d.level == Level::County)
    }

    /// The county of a present code in the year.
    fn county_in(self, code: &str, year: i16) -> Option<&'r Division> {
        let gazetteer = &self.registry.gazetteer;
        gazetteer.in_year(gazetteer.spans(code).last()?, year)
    }

    fn kind(self, reading: &Reading<'r>) -> Option<&'r AgencyKind> {
        let kinds = &self.registry.kinds;
        let function = reading.function.as_str();
        if let Some(township) = &reading.township
            && self.words().township_bodies.iter().any(|b| b == function)
        {
            let street = self.words().street_ends.iter().any(|e| township.ends_with(e.as_str()));
            return kinds.kind(if street { "street_office" } else { "township" });
        }
        if function.is_empty() {
            if let Some(kind) = reading.unit.and_then(|u| u.kind.as_ref()) {
                return kinds.kind(kind);
            }
            return match (&reading.zone, reading.targets.is_empty()) {
                (Some(_), _) if reading.unit.is_none() => kinds.kind("development_zone"),
                (_, false) => kinds.kind("government"),
                (_, true) => None,
            };
        }
        kinds.exactly(function).or_else(|| kinds.by_ending(function).map(|(k, _)| k))
    }

    /// Whether a division is or lies under another, or the other way round.
    pub(crate) fn related(self, a: &Division, b: &Division, year: i16) -> bool {
        a.code == b.code || self.lies_under(a, &[b], year) || self.lies_under(b, &[a], year)
    }
}

/// Ends of the first characters of a text, longest first, from two characters on.
fn ends(text: &str, count: usize) -> Vec<usize> {
    let mut ends: Vec<usize> =
        text.char_indices().take(count).skip(1).map(|(i, c)| i + c.len_utf8()).collect();
    ends.reverse();
    ends
}

/// The contract's word for the level of an agency.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Province => "province",
        Level::Prefecture => "prefecture",
        Level::County => "county",
    }
}

#[cfg(test)]
mod tests {
    use super::Names;
    use gongkai_registry::Registry;

    fn read(
        name: &str,
        year: i16,
    ) -> (Vec<&'static str>, Option<String>, Option<String>, String, Option<&'static str>) {
        let r = Names::new(Registry::embedded()).read(name, year);
        let codes = r.targets.iter().map(|d| d.code.as_str()).collect();
        (codes, r.township, r.zone, r.function, r.kind.map(|k| k.code.as_str()))
    }

    #[test]
    fn places_in_front_are_a_hierarchy() {
        assert_eq!(read("江苏省南京市鼓楼区民政局", 2021).0, ["320106"]);
        assert_eq!(read("鼓楼区民政局", 2021).0.len(), 4);
        assert_eq!(read("盘锦市双台子区人民政府办公室", 2023).0, ["211102"]);
        assert_eq!(read("吉林省吉林市教育局", 2021).0, ["220200"]);
        assert_eq!(read("吉林省教育厅", 2021).0, ["220000"]);
        assert_eq!(read("襄樊市教育局", 2009).0, ["420600"]);
        assert_eq!(read("密云县教育局", 2014).0, ["110228"]);
        assert_eq!(read("密云县教育局", 2020).0, ["110118"]);
        assert_eq!(read("天津市市场监督管理委员会", 2020).0, ["120000"]);
        assert_eq!(read("国家税务总局南京市栖霞区税务局", 2020).0, ["320113"]);
    }

    #[test]
    fn short_names_count_only_before_a_function() {
        assert_eq!(read("临翔政务服务管理局", 2021).0, ["530902"]);
        assert_eq!(read("沭阳县发改局", 2021).0, ["321322"]);
        assert_eq!(read("栖霞民政局", 2021).0, ["320113", "370686"]);
        assert_eq!(read("南京市栖霞生态环境局", 2021).0, ["320113"]);
        assert_eq!(read("广西民政厅", 2021).0, ["450000"]);
        assert_eq!(read("蓟州区教育局", 2012).0, ["120225"]);
        assert!(read("长安路小学", 2021).0.is_empty());
        assert!(read("区民政局", 2021).0.is_empty());
    }

    #[test]
    fn townships_zones_and_branches() {
        let (codes, township, _, _, kind) = read("平潭县苏平镇人民政府", 2022);
        assert_eq!((codes, township.as_deref(), kind), (vec!["350128"], Some("苏平镇"), Some("township")));
        let (codes, township, _, _, kind) = read("鼓楼区华侨路街道办事处", 2022);
        assert_eq!(
            (codes, township.as_deref(), kind),
            (vec!["320106"], Some("华侨路街道"), Some("street_office"))
        );
        let (codes, _, zone, function, kind) = read("平潭综合实验区地方税务局", 2013);
        assert_eq!((codes, zone.as_deref()), (vec!["350128"], Some("综合实验区")));
        assert_eq!((function.as_str(), kind), ("地方税务局", Some("local_tax")));
        let (_, _, zone, _, kind) = read("郑州高新技术产业开发区管委会", 2020);
        assert_eq!((zone.as_deref(), kind), (Some("高新技术产业开发区"), Some("development_zone")));
        let (codes, _, _, function, kind) = read("南京市公安局栖霞分局", 2020);
        assert_eq!((codes, function.as_str(), kind), (vec!["320113"], "公安局", Some("public_security")));
        let (codes, _, _, function, _) = read("南京市生态环境局栖霞生态环境局", 2020);
        assert_eq!((codes, function.as_str()), (vec!["320113"], "生态环境局"));
        assert_eq!(read("乌镇镇人民政府", 2021).1.as_deref(), Some("乌镇镇"));
        assert_eq!(read("沈阳市浑南新区管委会", 2009).0, ["210100"]);
        assert_eq!(read("国家统计局阜新调查队", 2020).0, ["210900"]);
        assert_eq!(read("某市乡村振兴局", 2021).1, None);
        let (codes, township, ..) = read("城关镇人民政府", 2021);
        assert!(codes.len() > 50 && township.as_deref() == Some("城关镇"), "{}", codes.len());
    }

    #[test]
    fn the_corps_and_its_cities() {
        let (codes, _, zone, function, _) = read("新疆生产建设兵团教育局", 2021);
        assert_eq!((codes, zone.as_deref()), (vec!["650000"], Some("新疆生产建设兵团")));
        assert_eq!(function, "教育局");
        for name in ["第八师石河子市教育局", "新疆生产建设兵团第八师教育局", "兵团第八师石河子市教育局"]
        {
            let (codes, _, zone, function, _) = read(name, 2021);
            assert_eq!((codes, zone, function.as_str()), (vec!["659001"], None, "教育局"), "{name}");
        }
    }

    #[test]
    fn running_text_gives_whole_names() {
        let names = Names::new(Registry::embedded());
        let name = |text: &str| names.mention(text, 2021).map(|r| r.name);
        assert_eq!(name("临翔区政务服务管理局始终坚持").as_deref(), Some("临翔区政务服务管理局"));
        assert_eq!(name("平潭县地税局信息公开").as_deref(), Some("平潭县地税局"));
        assert_eq!(name("临沧市公园电子系统"), None);
    }
}
