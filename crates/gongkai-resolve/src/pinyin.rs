//! Names of places as hosts spell them: `nanping`, `np`, `njgl` (南京鼓楼).

use gongkai_registry::{Division, Gazetteer, Level};
use pinyin::ToPinyinMulti;
use std::collections::HashMap;

/// Whether a label of the host names a place that is called `own` and lies in `above`: its name spelled out or by its
/// initials, alone or behind the other name (`njgl`).
pub(crate) fn names(gazetteer: &Gazetteer, host: &str, own: &str, above: Option<&str>) -> bool {
    let (own, above) = (gazetteer.stem(own), above.map(|a| gazetteer.stem(a)));
    labels(gazetteer, host).any(|label| {
        let after = above.map(|a| behind(vec![label], a)).unwrap_or_default();
        ends(&behind(vec![label], own)) || ends(&behind(after, own))
    })
}

/// Whether a label of the host names the place, or the one above it: what tells places of one name apart.
pub(crate) fn spells(gazetteer: &Gazetteer, host: &str, own: &str, above: Option<&str>) -> bool {
    let of_above =
        |a: &str| labels(gazetteer, host).any(|label| ends(&behind(vec![label], gazetteer.stem(a))));
    names(gazetteer, host, own, above) || above.is_some_and(of_above)
}

/// Readings of one name written down: some characters have several.
const READINGS: usize = 8;
/// A spelling shorter than this is as likely a word of another kind.
const SPELLING: usize = 4;

/// All places by their names spelled out, with and without the suffix: `gangu`, `linyixian`.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    places: HashMap<String, Vec<String>>,
    /// Initials of provinces, with the first two digits of their codes.
    provinces: Vec<(String, String)>,
}

impl Spellings {
    /// Spells every division of every year.
    pub(crate) fn new(gazetteer: &Gazetteer) -> Self {
        let mut places: HashMap<String, Vec<String>> = HashMap::new();
        for division in gazetteer.divisions() {
            // 西藏自治区 spells nothing that its counties do not.
            for name in [gazetteer.stem(&division.name), division.name.as_str()] {
                for spelling in spellings(name).into_iter().filter(|s| s.len() >= SPELLING) {
                    let codes = places.entry(spelling).or_default();
                    if !codes.contains(&division.code) {
                        codes.push(division.code.clone());
                    }
                }
            }
        }
        for (spelled, name) in gazetteer.spellings() {
            let codes = places.entry(spelled.to_owned()).or_default();
            codes.extend(
                gazetteer
                    .named(name)
                    .map(|n| n.division.code.clone())
                    .filter(|c| !codes.contains(c))
                    .collect::<Vec<_>>(),
            );
        }
        let initials = |name: &str| -> Option<String> {
            let each = name.chars().map(|c| c.to_pinyin_multi()?.into_iter().next()?.plain().chars().next());
            each.collect()
        };
        let provinces = gazetteer.regions().iter().filter_map(|r| Some((initials(&r.zh)?, r.code2.clone())));
        Self { places, provinces: provinces.collect() }
    }

    /// Codes of the places that a label spells, alone or behind the initials of their province (`hbdaye`).
    fn codes(&self, label: &str) -> Option<Vec<String>> {
        if let Some(codes) = self.places.get(label) {
            return Some(codes.clone());
        }
        let mut found: Vec<String> = Vec::new();
        for (initials, province) in &self.provinces {
            let behind = label.strip_prefix(initials.as_str()).and_then(|rest| self.places.get(rest));
            found.extend(behind.into_iter().flatten().filter(|c| c.starts_with(province.as_str())).cloned());
        }
        (!found.is_empty()).then_some(found)
    }

    /// The divisions of a year that labels of a host spell out, by label.
    pub(crate) fn of<'g>(&self, gazetteer: &'g Gazetteer, host: &str, year: i16) -> Vec<Vec<&'g Division>> {
        let found = labels(gazetteer, host).filter_map(|label| self.codes(label));
        let found = found.map(|codes| {
            // A code of other years is the place that it became.
            let now = |code: &String| {
                gazetteer
                    .at(code, year)
                    .or_else(|| gazetteer.unit_in(gazetteer.unit(gazetteer.spans(code).last()?), year))
            };
            let mut divisions: Vec<&Division> = codes.iter().filter_map(now).collect();
            divisions.sort_by(|a, b| a.code.cmp(&b.code));
            divisions.dedup_by(|a, b| a.code == b.code);
            divisions
        });
        found.filter(|d| !d.is_empty()).collect()
    }
}

/// Whether a label of the host is the initials of the place and of the one above it together, in either order: `xncz`.
pub(crate) fn pairs(gazetteer: &Gazetteer, host: &str, own: &str, above: &str, level: Level) -> bool {
    if level != Level::County {
        return false;
    }
    let (own, above) = (gazetteer.stem(own), gazetteer.stem(above));
    labels(gazetteer, host)
        .any(|label| label.len() >= 4 && ends(&step(step(vec![label], above, true), own, true)))
}

fn spellings(name: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for c in name.chars() {
        let Some(readings) = c.to_pinyin_multi() else { return Vec::new() };
        let mut plain: Vec<&str> = readings.into_iter().map(pinyin::Pinyin::plain).collect();
        plain.dedup();
        found = found.iter().flat_map(|f| plain.iter().map(move |p| format!("{f}{p}"))).collect();
        found.truncate(READINGS);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn labels<'h>(gazetteer: &Gazetteer, host: &'h str) -> impl Iterator<Item = &'h str> {
    let others = gazetteer.other_labels();
    host.split(['.', '-']).filter(move |l| l.len() >= 2 && !others.iter().any(|o| o == l))
}

fn ends(rests: &[&str]) -> bool {
    rests.iter().any(|r| r.is_empty())
}

/// What is left of the texts behind a name, spelled out or by its initials.
fn behind<'t>(texts: Vec<&'t str>, name: &str) -> Vec<&'t str> {
    let mut found = step(texts.clone(), name, false);
    found.extend(step(texts, name, true));
    found
}

fn step<'t>(mut rests: Vec<&'t str>, name: &str, initials: bool) -> Vec<&'t str> {
    for c in name.chars() {
        let Some(readings) = c.to_pinyin_multi() else { return Vec::new() };
        let readings: Vec<&str> = readings.into_iter().map(pinyin::Pinyin::plain).collect();
        let mut next: Vec<&str> = Vec::new();
        for rest in rests {
            for reading in &readings {
                let part = if initials { reading.get(..1).unwrap_or(reading) } else { reading };
                next.extend(rest.strip_prefix(part).filter(|r| !next.contains(r)));
            }
        }
        rests = next;
    }
    rests
}

#[cfg(test)]
mod tests {
    use super::{names, spells};
    use gongkai_registry::Registry;

    #[test]
    fn hosts_spell_places_out_or_by_initials() {
        let g = &Registry::embedded().gazetteer;
        for (host, own, above, want) in [
            ("www.np.gov.cn", "南平市", Some("福建省"), true),
            ("www.nanping.gov.cn", "南平市", None, true),
            ("gl.nanjing.gov.cn", "鼓楼区", Some("南京市"), true),
            ("www.njgl.gov.cn", "鼓楼区", Some("南京市"), true),
            ("www.njgl.gov.cn", "鼓楼区", Some("福州市"), false),
            ("www.xm.gov.cn", "厦门市", None, true),
            ("www.xiamen.gov.cn", "厦门市", None, true),
            ("www.changsha.gov.cn", "长沙市", None, true),
            ("www.npx.gov.cn", "南平市", None, false),
            ("www.example.gov.cn", "南平市", None, false),
            ("", "南平市", None, false),
        ] {
            assert_eq!(spells(g, host, own, above), want, "{host} {own} {above:?}");
        }
        assert!(
            names(g, "njgl.gov.cn", "鼓楼区", Some("南京市")) && names(g, "gulou.gov.cn", "鼓楼区", None)
        );
        assert!(!names(g, "nanjing.gov.cn", "鼓楼区", Some("南京市")));
    }
}
