//! Places of a country, and the bodies they have.

use super::YEARS;
use crate::report::stream;
use crate::words::Words;
use fastrand::Rng;
use gongkai_registry::{Division, Level, Registry};
use std::collections::BTreeMap;

/// A division that kept its name and code through all years.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) division: Division,
    /// As agencies write it, with what it belongs to.
    pub(super) name: String,
}

/// All places, one of each province in turn: the province itself, then its prefectures and counties in an order of the
/// seed's.
pub(super) fn places(seed: u64) -> impl Iterator<Item = Place> {
    let gazetteer = &Registry::embedded().gazetteer;
    // The regulations on open information do not apply in 台湾 (71), 香港 (81) and 澳门 (82).
    let stays = |d: &&Division| d.code.as_str() < "70" && YEARS.into_iter().all(|year| d.valid_in(year));
    let mut provinces: BTreeMap<String, Vec<&Division>> = BTreeMap::new();
    for division in gazetteer.divisions().iter().filter(stays) {
        provinces.entry(division.code.chars().take(2).collect()).or_default().push(division);
    }
    let mut rng = stream(seed, "places");
    for all in provinces.values_mut() {
        rng.shuffle(all);
        all.sort_by_key(|d| d.level != Level::Province);
    }
    let longest = provinces.values().map(Vec::len).max().unwrap_or(0);
    let turns = (0..longest).flat_map(move |turn| {
        provinces.values().filter_map(|all| all.get(turn).copied()).collect::<Vec<_>>()
    });
    turns.map(move |division| {
        let above = match division.level {
            Level::County => gazetteer.parent(division, *YEARS.end()).map_or("", |d| d.name.as_str()),
            _ => "",
        };
        Place { name: format!("{above}{}", division.name), division: division.clone() }
    })
}

impl Place {
    /// Names of so many bodies.
    pub(super) fn bodies(&self, count: usize) -> Vec<String> {
        let words = Words::get();
        let municipality = self.division.name.ends_with('市');
        let list = if self.division.level == Level::Province && !municipality {
            &words.provincial
        } else {
            &words.agencies
        };
        // The office of a government is no body beside it.
        let bodies = list.iter().filter(|b| !b.starts_with("人民政府"));
        bodies.take(count).map(|body| format!("{}{body}", self.name)).collect()
    }

    /// Its government's name; those of prefectures that are no cities are called otherwise.
    pub(super) fn government_name(&self, usual: &str) -> String {
        let office = self.division.level == Level::Prefecture && self.division.name.ends_with(['区', '盟']);
        format!("{}{}", self.name, if office { "行政公署" } else { usual })
    }

    /// Names of its towns, townships and streets as they report, in an order of the seed's.
    pub(super) fn townships(&self, rng: &mut Rng) -> Vec<String> {
        let all = Registry::embedded().gazetteer.townships_of(&self.division.code);
        let name = |name: &str| match name {
            n if n.ends_with("街道") => Some(format!("{}{n}办事处", self.name)),
            n if n.ends_with(['镇', '乡']) => Some(format!("{}{n}人民政府", self.name)),
            _ => None,
        };
        let mut names: Vec<String> = all.iter().filter_map(|t| name(&t.name)).collect();
        rng.shuffle(&mut names);
        names
    }

    /// The government that sums up its bodies' figures; those above counties would have to sum up all below them.
    pub(super) fn government(&self) -> Option<String> {
        (self.division.level == Level::County).then(|| format!("{}人民政府", self.name))
    }
}
