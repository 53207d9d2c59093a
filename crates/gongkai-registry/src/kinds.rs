//! Functions of agencies: `data/agencies/kinds.toml`.

use crate::source::Source;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// A function, such as civil affairs.
#[derive(Debug, Clone)]
pub struct AgencyKind {
    /// snake_case code.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Endings of agency names that mean it, alternatives written out, renamings over the years included: names of one
    /// body.
    pub names: Vec<String>,
    /// Names of other bodies with this function, which a place may have beside the one of `names`.
    pub beside: Vec<String>,
    /// Code of the mark that sets its bodies apart from ordinary agencies, see [`Mark`].
    pub mark: Option<String>,
    /// Codes of the kinds whose functions it took over in a reform.
    pub follows: Vec<String>,
}

/// What sets a body apart from the ordinary agencies of its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// snake_case code, such as `zone` or `vertical`.
    pub code: String,
    /// Chinese meaning.
    pub zh: String,
    /// English meaning.
    pub en: String,
    /// A place its bodies name without the suffix is only a hint at where they are.
    #[serde(default)]
    pub hint: bool,
}

/// A body of the State Council.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentralOrgan {
    /// Its present (or last) name.
    pub name: String,
    /// Other names of the same body.
    #[serde(default)]
    pub also: Vec<String>,
    /// Code of its function.
    pub kind: String,
}

/// A unit without a division code that is governed beside the government of its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Code of the division it lies in.
    pub place: String,
    /// Code of the mark of its bodies.
    pub mark: String,
    /// Code of its own kind, where it is no government or zone: 拱北海关 is a customs house, and nothing is called 拱北 besides.
    pub kind: Option<String>,
}

fn first(name: &str) -> Option<char> {
    name.chars().next()
}

/// All functions.
#[derive(Debug)]
pub struct AgencyKinds {
    kinds: Vec<AgencyKind>,
    marks: Vec<Mark>,
    units: Vec<Unit>,
    central: Vec<CentralOrgan>,
    leading: Vec<String>,
    zones: Vec<String>,
    by_name: HashMap<String, usize>,
    central_by_name: HashMap<String, usize>,
    longest: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    leading: Vec<String>,
    zones: Vec<String>,
    marks: Vec<Mark>,
    unit: Vec<Unit>,
    kind: Vec<KindEntry>,
    central: Vec<CentralOrgan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEntry {
    code: String,
    zh: String,
    en: String,
    #[serde(default)]
    mark: Option<String>,
    #[serde(default)]
    follows: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    beside: Vec<String>,
}

impl AgencyKinds {
    pub(crate) fn load(source: &Source) -> Result<Self> {
        let file: File = source.toml("agencies/kinds.toml")?;
        let mut kinds: Vec<AgencyKind> = Vec::new();
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for entry in file.kind {
            if kinds.iter().any(|k| k.code == entry.code) {
                bail!("agency kind {} occurs twice", entry.code);
            }
            let written = |patterns: &[String]| -> Result<Vec<String>> {
                let mut names = BTreeSet::new();
                for pattern in patterns {
                    let expanded = expand(pattern);
                    names.extend(expanded.with_context(|| format!("agency kind {}: {pattern}", entry.code))?);
                }
                Ok(names.into_iter().collect())
            };
            let (names, beside) = (written(&entry.names)?, written(&entry.beside)?);
            for name in names.iter().chain(&beside) {
                if let Some(i) = by_name.insert(name.clone(), kinds.len()) {
                    let other = kinds.get(i).map_or(&entry.code, |k| &k.code);
                    bail!("{name} is an ending of both {other} and {}", entry.code);
                }
            }
            if let Some(mark) = entry.mark.as_ref().filter(|m| file.marks.iter().all(|k| k.code != **m)) {
                bail!("agency kind {} has unknown mark {mark}", entry.code);
            }
            let KindEntry { code, zh, en, mark, follows, .. } = entry;
            kinds.push(AgencyKind { code, zh, en, names, beside, mark, follows });
        }
        for kind in &kinds {
            if let Some(other) = kind.follows.iter().find(|f| kinds.iter().all(|k| k.code != **f)) {
                bail!("agency kind {} follows unknown kind {other}", kind.code);
            }
        }
        if let Some(unit) = file.unit.iter().find(|u| file.marks.iter().all(|m| m.code != u.mark)) {
            bail!("unit {} has unknown mark {}", unit.name, unit.mark);
        }
        let known = |code: &String| kinds.iter().any(|k| k.code == *code);
        if let Some(unit) = file.unit.iter().find(|u| u.kind.as_ref().is_some_and(|k| !known(k))) {
            bail!("unit {} has an unknown kind", unit.name);
        }
        let mut units = file.unit;
        units.sort_by(|a, b| {
            first(&a.name).cmp(&first(&b.name)).then_with(|| b.name.len().cmp(&a.name.len()))
        });
        let mut central_by_name = HashMap::new();
        for (i, organ) in file.central.iter().enumerate() {
            if !kinds.iter().any(|k| k.code == organ.kind) {
                bail!("{} has unknown agency kind {}", organ.name, organ.kind);
            }
            for name in std::iter::once(&organ.name).chain(&organ.also) {
                if central_by_name.insert(name.clone(), i).is_some() {
                    bail!("central organ {name} occurs twice");
                }
            }
        }
        let longest = by_name.keys().map(|n| n.chars().count()).max().unwrap_or(0);
        let (central, leading, zones) =
            (file.central, longest_first(file.leading), longest_first(file.zones));
        Ok(Self {
            kinds,
            marks: file.marks,
            units,
            central,
            leading,
            zones,
            by_name,
            central_by_name,
            longest,
        })
    }

    /// All kinds, in the order of the file.
    pub fn all(&self) -> &[AgencyKind] {
        &self.kinds
    }

    /// The kind with this code.
    pub fn kind(&self, code: &str) -> Option<&AgencyKind> {
        self.kinds.iter().find(|k| k.code == code)
    }

    /// The unit without a division code that a name begins with, and the rest of the name.
    pub fn unit<'n>(&self, name: &'n str) -> Option<(&Unit, &'n str)> {
        let begins = first(name)?;
        let from = self.units.partition_point(|u| first(&u.name) < Some(begins));
        let mut units = self.units.get(from..)?.iter().take_while(|u| u.name.starts_with(begins));
        units.find_map(|u| Some((u, name.strip_prefix(u.name.as_str())?)))
    }

    /// All units without a division code.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The mark with this code.
    pub fn mark(&self, code: &str) -> Option<&Mark> {
        self.marks.iter().find(|m| m.code == code)
    }

    /// All marks.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The kind of which the text is, whole, a name of its one body, so that it says no more than the kind does.
    pub fn body(&self, name: &str) -> Option<&AgencyKind> {
        self.exactly(name).filter(|k| k.names.binary_search_by(|n| n.as_str().cmp(name)).is_ok())
    }

    /// The kind whose name the text is, whole.
    pub fn exactly(&self, name: &str) -> Option<&AgencyKind> {
        self.by_name.get(name).and_then(|i| self.kinds.get(*i))
    }

    /// The kind by the longest ending of an agency's name, and that ending.
    pub fn by_ending<'n>(&self, name: &'n str) -> Option<(&AgencyKind, &'n str)> {
        let starts: Vec<usize> = name.char_indices().map(|(i, _)| i).collect();
        let first = starts.len().saturating_sub(self.longest);
        let endings = starts.into_iter().skip(first).filter_map(|i| name.get(i..));
        endings.into_iter().find_map(|ending| Some((self.exactly(ending)?, ending)))
    }

    /// The kind by the longest name that a text begins with, and that name.
    pub fn by_beginning<'n>(&self, text: &'n str) -> Option<(&AgencyKind, &'n str)> {
        let mut ends: Vec<usize> =
            text.char_indices().take(self.longest).map(|(i, c)| i + c.len_utf8()).collect();
        ends.reverse();
        ends.into_iter().filter_map(|i| text.get(..i)).find_map(|name| Some((self.exactly(name)?, name)))
    }

    /// The central organ with exactly this name, with or without 中华人民共和国 in front.
    pub fn central(&self, name: &str) -> Option<&CentralOrgan> {
        let bare = name.strip_prefix("中华人民共和国").unwrap_or(name);
        self.central_by_name
            .get(name)
            .or_else(|| self.central_by_name.get(bare))
            .and_then(|i| self.central.get(*i))
    }

    /// All central organs.
    pub fn central_organs(&self) -> &[CentralOrgan] {
        &self.central
    }

    /// Words in front of a place that belong to a vertical agency's name, longest first.
    pub fn leading(&self) -> &[String] {
        &self.leading
    }

    /// Words of zones without a division code, longest first.
    pub fn zones(&self) -> &[String] {
        &self.zones
    }
}

fn longest_first(mut words: Vec<String>) -> Vec<String> {
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    words
}

/// `民政(局|厅)` → `民政局`, `民政厅`.
fn expand(pattern: &str) -> Result<Vec<String>> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, behind) = after.split_once(')').context("a bracket is not closed")?;
        let add = |name: &String, part: &str| format!("{name}{before}{part}");
        names = names
            .iter()
            .flat_map(|n| inside.split('|').map(|part| add(n, part)).collect::<Vec<_>>())
            .collect();
        rest = behind;
    }
    for name in &mut names {
        name.push_str(rest);
    }
    // An ending of one character (局, 办) would match everything.
    names.retain(|n| n.chars().count() >= 2);
    if names.is_empty() || names.iter().any(|n| n.contains(['(', ')', '|'])) {
        bail!("not a pattern of names");
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::Registry;

    #[test]
    fn patterns_are_written_out() {
        assert_eq!(expand("民政(局|厅)").unwrap(), ["民政局", "民政厅"]);
        assert_eq!(expand("(人民|)政府办(公室|)").unwrap().len(), 4);
        assert!(expand("民政(局").is_err() && expand("局").is_err() && expand("a)b").is_err());
    }

    #[test]
    fn renamings_are_one_kind_and_the_longest_ending_wins() {
        let kinds = &Registry::embedded().kinds;
        assert!(kinds.all().len() >= 60, "{}", kinds.all().len());
        for (name, code) in [
            ("南京市栖霞区卫生局", "health"),
            ("南京市栖霞区卫生和计划生育委员会", "health"),
            ("某县卫计委", "health"),
            ("某县卫生健康委员会", "health"),
            ("某市卫健委", "health"),
            ("平潭综合实验区地方税务局", "local_tax"),
            ("国家税务总局某县税务局", "tax"),
            ("某县国税局", "state_tax"),
            ("沭阳县发展和改革局", "development_reform"),
            ("沭阳县发改局", "development_reform"),
            ("某省发展和改革委员会", "development_reform"),
            ("某区退役军人事务局", "veterans_affairs"),
            ("临翔区政务服务管理局", "government_services"),
            ("某市政务服务数据管理局", "government_services"),
            ("某县行政审批局", "government_services"),
            ("某县教体局", "education"),
            ("某县教育局", "education"),
            ("某省人民政府办公厅", "general_office"),
            ("某区政府办", "general_office"),
            ("某县人民政府", "government"),
            ("某县某镇人民政府", "township"),
            ("某区某街道办事处", "street_office"),
            ("某综合实验区管委会", "development_zone"),
            ("某综合实验区管委会办公室", "general_office"),
            ("某县文化广电和旅游局", "culture_tourism"),
            ("某县市场监督管理局", "market_regulation"),
            ("某市公安局", "public_security"),
            ("某市公安局交通警察支队", "traffic_police"),
            ("某县自然资源和规划局", "natural_resources"),
            ("某县公路管理局", "transport"),
        ] {
            assert_eq!(kinds.by_ending(name).map(|(k, _)| k.code.as_str()), Some(code), "{name}");
        }
        assert!(
            kinds.by_ending("某某").is_none()
                && kinds.by_ending("").is_none()
                && kinds.by_ending("某局").is_none()
        );
        assert_eq!(kinds.by_beginning("政务服务管理局始终坚持").map(|(_, n)| n), Some("政务服务管理局"));
        assert_eq!(kinds.central("中华人民共和国民政部").map(|c| c.name.as_str()), Some("民政部"));
        assert_eq!(kinds.central("国家发改委").map(|c| c.kind.as_str()), Some("development_reform"));
        assert!(kinds.central("南京市民政局").is_none());
        // One body through its renamings; another body beside it.
        assert_eq!(kinds.body("卫生局").map(|k| &k.code), kinds.body("卫健委").map(|k| &k.code));
        assert!(kinds.body("交通运输局").is_some() && kinds.body("公路局").is_none());
        assert_eq!(kinds.kind("tax").and_then(|k| k.mark.as_deref()), Some("vertical"));
        assert!(kinds.kind("tax").is_some_and(|k| k.follows.contains(&"local_tax".to_owned())));
        assert!(kinds.mark("school").is_some_and(|m| m.hint) && kinds.mark("zone").is_some_and(|m| !m.hint));
    }
}
