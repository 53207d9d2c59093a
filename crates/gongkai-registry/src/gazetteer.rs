//! Places: GB/T 2260 divisions by year, present townships, ISO regions, telephone area codes.

use crate::source::Source;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

/// First year of the tables; earlier years are looked up as this one.
const FIRST_YEAR: i16 = 2007;

/// Level of a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Province, autonomous region, municipality.
    Province,
    /// Prefecture-level city, prefecture, league.
    Prefecture,
    /// County, district, county-level city, banner.
    County,
}

/// How a name names a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameForm {
    /// As in the tables: `互助土族自治县`.
    Full,
    /// Nationality left out: `互助县`.
    Abbreviated,
    /// Suffix left out: `互助`. At least two characters; evidence only where a function word follows.
    Stem,
}

/// A division as it was in a span of years.
#[derive(Debug, Clone)]
pub struct Division {
    /// Six digits.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Level.
    pub level: Level,
    /// Code of the division above; empty for provinces. Counties of a municipality, or run by their province, have the
    /// province here.
    pub parent: String,
    /// First year of this name and code.
    pub from: i16,
    /// Last year, `None` while valid.
    pub to: Option<i16>,
}

impl Division {
    /// Whether the division had this name and code in a year.
    pub fn valid_in(&self, year: i16) -> bool {
        self.from <= year.max(FIRST_YEAR) && self.to.is_none_or(|to| year <= to)
    }
}

/// A town, township or street as of today.
#[derive(Debug, Clone)]
pub struct Township {
    /// Nine digits; the first six are the county's.
    pub code: String,
    /// Name with its suffix (`镇`, `乡`, `街道`, ...).
    pub name: String,
}

impl Township {
    /// Code of the county it belongs to.
    pub fn county(&self) -> &str {
        self.code.get(..6).unwrap_or("")
    }
}

/// A province-level unit.
#[derive(Debug, Clone)]
pub struct Region {
    /// First two digits of its codes.
    pub code2: String,
    /// ISO 3166-2:CN code, such as `CN-JS`.
    pub iso: String,
    /// Short Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Characters by which registrations name it: 闽 in 闽ICP备.
    pub letters: Vec<char>,
}

/// A name as it was found to name a division.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The division.
    pub division: &'a Division,
    /// How the name names it.
    pub form: NameForm,
}

/// All places.
#[derive(Debug)]
pub struct Gazetteer {
    divisions: Vec<Division>,
    by_code: HashMap<String, Vec<usize>>,
    children: HashMap<String, Vec<usize>>,
    names: HashMap<String, Vec<(usize, NameForm)>>,
    townships: Vec<Township>,
    townships_by_name: OnceLock<HashMap<String, Vec<usize>>>,
    regions: Vec<Region>,
    area_codes: BTreeMap<String, Vec<String>>,
    spellings: BTreeMap<String, String>,
    other_labels: Vec<String>,
    suffixes: Vec<String>,
    /// For every division its unit: the index of the first span of the same unit.
    units: Vec<usize>,
    /// Spans of a unit that has more than one code, by the index of its first span.
    recoded: HashMap<usize, Vec<usize>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    suffixes: Vec<String>,
    abbreviated: Vec<(String, String)>,
    nationalities: Vec<String>,
    aliases: BTreeMap<String, String>,
    spellings: BTreeMap<String, String>,
    other_labels: Vec<String>,
}

impl Gazetteer {
    pub(crate) fn load(source: &Source) -> Result<Self> {
        let divisions = load_divisions(source)?;
        let words: Words = source.toml("gazetteer/words.toml")?;
        let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, d) in divisions.iter().enumerate() {
            by_code.entry(d.code.clone()).or_default().push(i);
            if !d.parent.is_empty() {
                children.entry(d.parent.clone()).or_default().push(i);
            }
        }
        let former = load_lineage(source, &divisions, &by_code)?;
        let (units, recoded) = units(&divisions, &former);
        let gazetteer = Self {
            names: index_names(&divisions, &words)?,
            units,
            recoded,
            divisions,
            by_code,
            children,
            townships: load_townships(source)?,
            townships_by_name: OnceLock::new(),
            regions: load_regions(source)?,
            area_codes: load_area_codes(source)?,
            spellings: words.spellings,
            other_labels: words.other_labels,
            suffixes: words.suffixes,
        };
        gazetteer.check()?;
        Ok(gazetteer)
    }

    /// All divisions of all years, sorted by code and year.
    pub fn divisions(&self) -> &[Division] {
        &self.divisions
    }

    /// The division with this code in a year.
    pub fn at(&self, code: &str, year: i16) -> Option<&Division> {
        self.spans(code).find(|d| d.valid_in(year))
    }

    /// The division with this code in any year, in order of years.
    pub fn spans(&self, code: &str) -> impl Iterator<Item = &Division> {
        self.by_code.get(code).into_iter().flatten().filter_map(|i| self.divisions.get(*i))
    }

    /// Code of a division's unit: the first code it had since 2007, which stays when it is renamed, raised or given
    /// another code.
    pub fn unit<'a>(&'a self, division: &'a Division) -> &'a str {
        let index = self.index(division);
        let first = index.and_then(|i| self.units.get(i)).and_then(|i| self.divisions.get(*i));
        first.map_or(division.code.as_str(), |d| d.code.as_str())
    }

    /// What a division of other years was in a year: the same unit, under whatever name and code.
    pub fn in_year(&self, division: &Division, year: i16) -> Option<&Division> {
        let unit = self.index(division).and_then(|i| self.units.get(i))?;
        match self.recoded.get(unit) {
            Some(spans) => spans.iter().filter_map(|i| self.divisions.get(*i)).find(|d| d.valid_in(year)),
            None => self.at(&division.code, year),
        }
    }

    /// The division of a unit in a year.
    pub fn unit_in(&self, unit: &str, year: i16) -> Option<&Division> {
        self.in_year(self.spans(unit).next()?, year)
    }

    fn index(&self, division: &Division) -> Option<usize> {
        let spans = self.by_code.get(&division.code)?;
        spans.iter().copied().find(|i| self.divisions.get(*i).is_some_and(|d| d.from == division.from))
    }

    /// The division above, in a year.
    pub fn parent(&self, division: &Division, year: i16) -> Option<&Division> {
        self.at(&division.parent, year).or_else(|| self.spans(&division.parent).next())
    }

    /// The division itself and those above it, lowest first.
    pub fn lineage<'a>(&'a self, division: &'a Division, year: i16) -> impl Iterator<Item = &'a Division> {
        std::iter::successors(Some(division), move |d| self.parent(d, year)).take(3)
    }

    /// Divisions directly below a code in a year, by code.
    pub fn children(&self, code: &str, year: i16) -> impl Iterator<Item = &Division> {
        let below = self.children.get(code).into_iter().flatten();
        below.filter_map(|i| self.divisions.get(*i)).filter(move |d| d.valid_in(year))
    }

    /// Divisions of any year that a name names.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Named<'_>> {
        let found = self.names.get(name).into_iter().flatten();
        found.filter_map(|(i, form)| Some(Named { division: self.divisions.get(*i)?, form: *form }))
    }

    /// Every name of a form, sorted, each once.
    pub fn names(&self, form: NameForm) -> Vec<&str> {
        let with = |v: &[(usize, NameForm)]| v.iter().any(|(_, f)| *f == form);
        let mut names: Vec<&str> =
            self.names.iter().filter(|(_, v)| with(v)).map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Present townships of a county (or of a city without counties), by code.
    pub fn townships_of(&self, county: &str) -> &[Township] {
        let from = self.townships.partition_point(|t| t.county() < county);
        let to = self.townships.partition_point(|t| t.county() <= county);
        self.townships.get(from..to).unwrap_or(&[])
    }

    /// Present townships with this name, by code.
    pub fn townships_named(&self, name: &str) -> impl Iterator<Item = &Township> {
        let index = self.townships_by_name.get_or_init(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for (i, t) in self.townships.iter().enumerate() {
                index.entry(t.name.clone()).or_default().push(i);
            }
            index
        });
        index.get(name).into_iter().flatten().filter_map(|i| self.townships.get(*i))
    }

    /// The province-level unit that a code of any length begins with.
    pub fn region(&self, code: &str) -> Option<&Region> {
        self.regions.iter().find(|r| code.starts_with(&r.code2))
    }

    /// All province-level units.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The province-level units whose divisions are listed. The regulation is of the mainland: Taiwan, Hong Kong and Macao
    /// have no divisions here, and no such reports are to be looked for.
    pub fn reporting_regions(&self) -> impl Iterator<Item = &Region> {
        let parents: BTreeSet<&str> = self.divisions.iter().map(|d| d.parent.as_str()).collect();
        self.regions
            .iter()
            .filter(move |region| parents.iter().any(|parent| parent.starts_with(&region.code2)))
    }

    /// Codes of the divisions that use a telephone area code (`0591`); several where a city was given another code.
    pub fn area_code(&self, area_code: &str) -> &[String] {
        self.area_codes.get(area_code).map_or(&[], Vec::as_slice)
    }

    /// Names that hosts spell otherwise than by pinyin, with the full name of the place.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spellings.iter().map(|(spelled, name)| (spelled.as_str(), name.as_str()))
    }

    /// Labels of hosts that name no place.
    pub fn other_labels(&self) -> &[String] {
        &self.other_labels
    }

    /// A name without the suffix by which its division is called, where two characters are left.
    pub fn stem<'n>(&self, name: &'n str) -> &'n str {
        without_suffix(name, &self.suffixes).map_or(name, |(stem, _)| stem)
    }

    /// Spans of a code do not overlap, and every parent exists.
    fn check(&self) -> Result<()> {
        for pair in self.divisions.windows(2) {
            if let [a, b] = pair
                && a.code == b.code
                && a.to.is_none_or(|to| to >= b.from)
            {
                bail!("division {} has overlapping years", a.code);
            }
        }
        for d in &self.divisions {
            if d.level != Level::Province && self.spans(&d.parent).next().is_none() {
                bail!("division {} {} has unknown parent {}", d.code, d.name, d.parent);
            }
            if self.region(&d.code).is_none() {
                bail!("division {} lies in no region", d.code);
            }
        }
        if let Some(name) = self.spellings.values().find(|n| self.named(n).next().is_none()) {
            bail!("a spelling names unknown division {name}");
        }
        for code in self.area_codes.values().flatten() {
            if self.spans(code).next().is_none() {
                bail!("an area code names unknown division {code}");
            }
        }
        Ok(())
    }
}

/// Lines of a tab-separated file behind its heading, split into exactly `N` fields.
fn lines<'a, const N: usize>(
    source: &'a Source,
    path: &'a str,
) -> Result<impl Iterator<Item = Result<[&'a str; N]>>> {
    let lines = source.text(path)?.lines().enumerate().skip(1).filter(|(_, l)| !l.is_empty());
    Ok(lines.map(move |(i, line)| {
        let mut fields = line.split('\t');
        let row = std::array::from_fn(|_| fields.next());
        let complete = row.iter().all(Option::is_some) && fields.next().is_none();
        if !complete {
            bail!("data/{path}: line {} has not {N} fields", i + 1);
        }
        Ok(row.map(Option::unwrap_or_default))
    }))
}

fn load_divisions(source: &Source) -> Result<Vec<Division>> {
    let mut divisions = Vec::new();
    for row in lines::<6>(source, "gazetteer/divisions.tsv")? {
        let [code, name, level, parent, from, to] = row?;
        let level = match level {
            "1" => Level::Province,
            "2" => Level::Prefecture,
            "3" => Level::County,
            other => bail!("division {code}: unknown level {other}"),
        };
        let year = |text: &str| text.parse::<i16>().with_context(|| format!("division {code}: year {text}"));
        let to = if to.is_empty() { None } else { Some(year(to)?) };
        digits(code, 6)?;
        let (code, name, parent) = (code.to_owned(), name.to_owned(), parent.to_owned());
        divisions.push(Division { level, from: year(from)?, to, code, name, parent });
    }
    divisions.sort_by(|a, b| (&a.code, a.from).cmp(&(&b.code, b.from)));
    Ok(divisions)
}

/// For every span with another code before it: the span it continues.
fn load_lineage(
    source: &Source,
    divisions: &[Division],
    by_code: &HashMap<String, Vec<usize>>,
) -> Result<HashMap<usize, usize>> {
    let mut former = HashMap::new();
    let spans = |code: &str| by_code.get(code).into_iter().flatten().copied();
    for row in lines::<5>(source, "gazetteer/lineage.tsv")? {
        let [code, from, name, former_code, former_name] = row?;
        let year: i16 = from.parse().with_context(|| format!("lineage of {code}: year {from}"))?;
        let named = |i: &usize, name: &str| divisions.get(*i).is_some_and(|d| d.name == name);
        let since = |i: &usize| divisions.get(*i).is_some_and(|d| d.from == year);
        let before = |i: &usize| divisions.get(*i).is_some_and(|d| d.to.is_some_and(|to| to < year));
        let span = spans(code).find(|i| named(i, name) && since(i));
        let span = span.with_context(|| format!("lineage: there is no {code} {name} since {from}"))?;
        let old = spans(former_code).rfind(|i| named(i, former_name) && before(i));
        let old =
            old.with_context(|| format!("lineage: there is no {former_code} {former_name} before {from}"))?;
        if former.insert(span, old).is_some() {
            bail!("lineage: {code} {name} continues two divisions");
        }
    }
    Ok(former)
}

/// The first span of every span's unit, and all spans of units with more than one code. A span continues the one the
/// lineage names, else the one before it with the same code.
fn units(divisions: &[Division], former: &HashMap<usize, usize>) -> (Vec<usize>, HashMap<usize, Vec<usize>>) {
    let first = |mut i: usize| {
        // Every step leads to an earlier year, so it ends; the number of spans is a bound in any case.
        for _ in 0..divisions.len() {
            let same = |j: &usize| divisions.get(*j).map(|d| &d.code) == divisions.get(i).map(|d| &d.code);
            match former.get(&i).copied().or_else(|| i.checked_sub(1).filter(same)) {
                Some(before) => i = before,
                None => break,
            }
        }
        i
    };
    let units: Vec<usize> = (0..divisions.len()).map(first).collect();
    let mut recoded: HashMap<usize, Vec<usize>> = HashMap::new();
    let changed: BTreeSet<usize> = former.keys().filter_map(|i| units.get(*i)).copied().collect();
    for (i, unit) in units.iter().enumerate().filter(|(_, u)| changed.contains(*u)) {
        recoded.entry(*unit).or_default().push(i);
    }
    (units, recoded)
}

fn load_townships(source: &Source) -> Result<Vec<Township>> {
    let mut townships = Vec::new();
    for row in lines::<2>(source, "gazetteer/townships.tsv")? {
        let [code, name] = row?;
        digits(code, 9)?;
        townships
            .push(Township { code: code.to_owned(), name: name.trim_end_matches("（撤销）").to_owned() });
    }
    townships.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(townships)
}

fn load_regions(source: &Source) -> Result<Vec<Region>> {
    let mut regions = Vec::new();
    for row in lines::<5>(source, "gazetteer/regions.tsv")? {
        let [code2, iso, zh, en, letters] = row?;
        digits(code2, 2)?;
        let (code2, iso, zh, en) = (code2.to_owned(), iso.to_owned(), zh.to_owned(), en.to_owned());
        regions.push(Region { code2, iso, zh, en, letters: letters.chars().collect() });
    }
    Ok(regions)
}

fn load_area_codes(source: &Source) -> Result<BTreeMap<String, Vec<String>>> {
    let mut area_codes = BTreeMap::new();
    for row in lines::<2>(source, "gazetteer/areacodes.tsv")? {
        let [area_code, divisions] = row?;
        area_codes.insert(area_code.to_owned(), divisions.split_whitespace().map(str::to_owned).collect());
    }
    Ok(area_codes)
}

fn digits(code: &str, count: usize) -> Result<()> {
    if code.len() != count || !code.bytes().all(|b| b.is_ascii_digit()) {
        bail!("{code:?} is not {count} digits");
    }
    Ok(())
}

fn index_names(divisions: &[Division], words: &Words) -> Result<HashMap<String, Vec<(usize, NameForm)>>> {
    let mut names: HashMap<String, BTreeSet<(usize, NameForm)>> = HashMap::new();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, d) in divisions.iter().enumerate() {
        by_name.entry(&d.name).or_default().push(i);
        names.entry(d.name.clone()).or_default().insert((i, NameForm::Full));
        let (stem, abbreviated) = shorten(&d.name, words);
        for name in abbreviated.into_iter().filter(|n| *n != d.name) {
            names.entry(name).or_default().insert((i, NameForm::Abbreviated));
        }
        if let Some(stem) = stem {
            names.entry(stem).or_default().insert((i, NameForm::Stem));
        }
    }
    for (alias, name) in &words.aliases {
        let found = by_name
            .get(name.as_str())
            .with_context(|| format!("alias {alias} of unknown division {name}"))?;
        names.entry(alias.clone()).or_default().extend(found.iter().map(|i| (*i, NameForm::Abbreviated)));
    }
    // A division keeps its best form under a name.
    let best = |set: BTreeSet<(usize, NameForm)>| {
        let mut list: Vec<_> = set.into_iter().collect();
        list.dedup_by_key(|(i, _)| *i);
        list
    };
    Ok(names.into_iter().map(|(name, set)| (name, best(set))).collect())
}

/// Whether a name has at least two characters.
fn long(name: &str) -> bool {
    name.chars().nth(1).is_some()
}

/// What stands before the suffix that a name ends with, and the suffix.
fn without_suffix<'n, 'w>(name: &'n str, suffixes: &'w [String]) -> Option<(&'n str, &'w str)> {
    let found = suffixes.iter().find_map(|s| Some((name.strip_suffix(s.as_str())?, s.as_str())));
    found.filter(|(stem, _)| long(stem))
}

/// Stem and abbreviated names, where the stem keeps at least two characters.
fn shorten(name: &str, words: &Words) -> (Option<String>, Vec<String>) {
    let Some((mut stem, suffix)) = without_suffix(name, &words.suffixes) else { return (None, Vec::new()) };
    while let Some(rest) =
        words.nationalities.iter().filter_map(|n| stem.strip_suffix(n.as_str())).find(|r| long(r))
    {
        stem = rest;
    }
    let short = words.abbreviated.iter().filter(|(long, _)| long == suffix);
    (Some(stem.to_owned()), short.map(|(_, short)| format!("{stem}{short}")).collect())
}

#[cfg(test)]
mod tests {
    use super::{Level, NameForm};
    use crate::Registry;

    fn codes(name: &str, form: NameForm, year: i16) -> Vec<&'static str> {
        let g = &Registry::embedded().gazetteer;
        let named = g.named(name).filter(|n| n.form == form && n.division.valid_in(year));
        named.map(|n| n.division.code.as_str()).collect()
    }

    #[test]
    fn a_unit_outlives_its_names_and_codes() {
        let g = &Registry::embedded().gazetteer;
        let unit = |code: &str, year: i16| g.at(code, year).map(|d| g.unit(d));
        for (old, before, new, after) in [
            ("110228", 2012, "110118", 2020),
            ("120225", 2012, "120119", 2020),
            ("341402", 2009, "340181", 2020),
            ("500222", 2009, "500110", 2020),
            // Twice: 黔西县 went to another prefecture code, then became a city.
            ("522423", 2009, "520581", 2022),
            ("420600", 2009, "420600", 2020),
            ("360402", 2012, "360402", 2020),
        ] {
            assert!(unit(old, before).is_some(), "{old}");
            assert_eq!(unit(old, before), unit(new, after), "{old} {new}");
            let then = g.at(new, after).and_then(|d| g.in_year(d, before));
            assert_eq!(then.map(|d| d.code.as_str()), Some(old), "{new}");
        }
        // A code that was given to another unit.
        assert_ne!(unit("500110", 2009), unit("500110", 2020));
        assert_eq!(unit("500110", 2009), Some("500110"));
        // Merged into another: the unit ended.
        let chongwen = g.at("110103", 2008);
        assert!(chongwen.is_some_and(|d| g.in_year(d, 2020).is_none() && g.unit(d) == "110103"));
        assert_eq!(g.unit_in("110228", 2020).map(|d| d.code.as_str()), Some("110118"));
    }

    #[test]
    fn divisions_are_those_of_the_year() {
        let g = &Registry::embedded().gazetteer;
        assert_eq!(g.at("110103", 2009).map(|d| d.name.as_str()), Some("崇文区"));
        assert_eq!(g.at("110103", 2008).map(|d| d.name.as_str()), Some("崇文区"));
        assert!(g.at("110103", 2010).is_none() && g.at("110103", 2021).is_none());
        assert_eq!(g.at("420600", 2009).map(|d| d.name.as_str()), Some("襄樊市"));
        assert_eq!(g.at("420600", 2010).map(|d| d.name.as_str()), Some("襄阳市"));
        assert_eq!(g.at("350128", 2030).map(|d| d.name.as_str()), Some("平潭县"));
        // Before the tables: as their first year.
        assert!(g.at("110103", 2004).is_some());
        assert!(g.at("359000", 2020).is_none());
    }

    #[test]
    fn names_find_every_division_that_bears_them() {
        assert_eq!(codes("栖霞区", NameForm::Full, 2021), ["320113"]);
        assert_eq!(codes("栖霞市", NameForm::Full, 2021), ["370686"]);
        assert_eq!(codes("栖霞", NameForm::Stem, 2021), ["320113", "370686"]);
        assert_eq!(codes("鼓楼区", NameForm::Full, 2021), ["320106", "320302", "350102", "410204"]);
        assert_eq!(codes("互助县", NameForm::Abbreviated, 2021), ["630223"]);
        assert_eq!(codes("恩施州", NameForm::Abbreviated, 2021), ["422800"]);
        assert_eq!(codes("广西", NameForm::Stem, 2021), ["450000"]);
        assert_eq!(codes("喀左县", NameForm::Abbreviated, 2021), ["211324"]);
        assert_eq!(codes("城", NameForm::Stem, 2021), [""; 0]);
        assert_eq!(codes("密云县", NameForm::Full, 2014), ["110228"]);
        assert_eq!(codes("密云县", NameForm::Full, 2016), [""; 0]);
    }

    #[test]
    fn the_hierarchy_is_that_of_the_year() {
        let g = &Registry::embedded().gazetteer;
        let lineage = |code: &str, year| -> Vec<&str> {
            g.lineage(g.at(code, year).unwrap(), year).map(|d| d.code.as_str()).collect()
        };
        assert_eq!(lineage("320113", 2021), ["320113", "320100", "320000"]);
        assert_eq!(lineage("429004", 2021), ["429004", "420000"]);
        assert_eq!(lineage("110105", 2021), ["110105", "110000"]);
        assert!(g.children("110000", 2009).any(|d| d.name == "崇文区"));
        assert!(!g.children("110000", 2012).any(|d| d.name == "崇文区"));
        assert_eq!(g.children("", 2021).count(), 0);
        assert_eq!(g.divisions().iter().filter(|d| d.level == Level::Province).count(), 34);
    }

    #[test]
    fn townships_regions_and_area_codes() {
        let g = &Registry::embedded().gazetteer;
        assert!(g.townships_of("350128").iter().any(|t| t.name == "苏平镇"));
        assert!(g.townships_of("350128").iter().all(|t| t.county() == "350128"));
        assert!(g.townships_of("000000").is_empty());
        assert!(g.townships_named("苏平镇").any(|t| t.county() == "350128"));
        assert_eq!(g.region("350128").map(|r| r.iso.as_str()), Some("CN-FJ"));
        assert_eq!(g.regions().len(), 34);
        assert!(g.region("99").is_none());
        assert_eq!(g.area_code("0591"), ["350100"]);
        assert!(g.area_code("0000").is_empty());
    }
}
