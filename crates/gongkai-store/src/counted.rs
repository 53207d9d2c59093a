//! Which reports can be added up without counting anything twice.
//!
//! A government's report holds what its bodies report, unless it says that it is of the government alone. So of each place, year
//! and level there is counted either the report of its government, or those of its bodies, each agency once. What a document does
//! not say is not guessed: a government's report that does not say for whom it counts stands for its place all the same, since
//! its bodies are then not counted beside it. Levels are not to be added: nothing says whether a prefecture counts its counties.

use gongkai_model::{Resolution, Scope};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Levels as in `reports.agency_level`.
const LEVELS: [&str; 5] = ["central", "province", "prefecture", "county", "township"];
const CENTRAL: u8 = 0;
/// Kinds of agencies that report for their place: always, and where they say so.
const GOVERNMENT: &str = "government";
const OFFICE: &str = "general_office";

/// What a report stands for when reports are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// All bodies of its place.
    Place,
    /// One body.
    Body,
    /// A body on which no government reports.
    Apart,
}

impl Stands {
    /// The name used in `key_figures`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Body => "body",
            Self::Apart => "apart",
        }
    }
}

/// Where a report stands among the others of its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    level: u8,
    /// Code of its place on that level.
    place: u32,
    /// Whether it is a government's, or that of its office.
    government: bool,
    office: bool,
    apart: bool,
    scope: Scope,
}

impl Seat {
    /// The seat of a report; `None` where year, agency or place is not known.
    pub fn of(resolution: &Resolution) -> Option<Self> {
        resolution.year?;
        resolution.agency_name.as_deref().filter(|name| !name.is_empty())?;
        let level = resolution.agency_level.as_deref()?;
        let level = u8::try_from(LEVELS.iter().position(|l| *l == level)?).ok()?;
        let place = &resolution.place;
        let code = match LEVELS.get(usize::from(level)).copied() {
            Some("central") => None,
            Some("province") => place.province_code.as_deref(),
            Some("prefecture") => place.city_code.as_deref().or(place.province_code.as_deref()),
            _ => place.county_code.as_deref().or(place.city_code.as_deref()),
        };
        let code = code.and_then(|c| c.parse().ok());
        if level != CENTRAL && code.is_none() {
            return None;
        }
        let kind = resolution.agency_kind.as_deref();
        Some(Self {
            level,
            place: code.unwrap_or(0),
            government: kind == Some(GOVERNMENT),
            office: kind == Some(OFFICE),
            apart: level == CENTRAL || resolution.agency_mark.is_some(),
            scope: resolution.scope,
        })
    }

    /// The same seat, counting for others.
    pub fn with_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// What it stands for.
    pub fn stands(&self) -> Stands {
        let place =
            (self.government && self.scope != Scope::Own) || (self.office && self.scope == Scope::Whole);
        match self.apart {
            true => Stands::Apart,
            false if place => Stands::Place,
            false => Stands::Body,
        }
    }

    /// Of several that tell the same, the lowest counts.
    fn rank(&self) -> (Reverse<bool>, u8) {
        let said = match self.scope {
            Scope::Whole => 0,
            Scope::Unknown => 1,
            Scope::Own => 2,
        };
        (Reverse(self.government), said)
    }
}

/// One report of a year: its number, what tells it and its agency apart, and its seat.
#[derive(Debug, Clone, Copy)]
pub struct Seated {
    /// Its number.
    pub number: u32,
    /// Its id.
    pub report: u64,
    /// Its agency's id.
    pub agency: u64,
    /// Its seat.
    pub seat: Seat,
}

/// The numbers of those that are counted, of the reports of one year and region.
pub fn counted(reports: &[Seated]) -> BTreeSet<u32> {
    // The best of each place, and of each agency.
    let mut places: BTreeMap<(u8, u32), Seated> = BTreeMap::new();
    let mut agencies: HashMap<u64, Seated> = HashMap::new();
    let order = |s: &Seated| (s.seat.rank(), s.report, s.number);
    for one in reports {
        if one.seat.stands() == Stands::Place {
            let best = places.entry((one.seat.level, one.seat.place)).or_insert(*one);
            if order(one) < order(best) {
                *best = *one;
            }
        }
        let best = agencies.entry(one.agency).or_insert(*one);
        if order(one) < order(best) {
            *best = *one;
        }
    }
    let of_places = places.values().map(|s| s.number);
    let free = |s: &&Seated| match s.seat.stands() {
        Stands::Place => false,
        Stands::Body => !places.contains_key(&(s.seat.level, s.seat.place)),
        Stands::Apart => true,
    };
    let of_agencies = agencies.values().filter(free).map(|s| s.number);
    of_places.chain(of_agencies).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seated(number: u32, agency: u64, place: u32, kind: &str, scope: Scope) -> Seated {
        let seat = Seat {
            level: 3,
            place,
            government: kind == "government",
            office: kind == "office",
            apart: kind == "apart",
            scope,
        };
        Seated { number, report: u64::from(number), agency, seat }
    }

    #[test]
    fn nothing_is_counted_twice() {
        use Scope::{Own, Unknown, Whole};
        let reports = [
            // A government with a report of all, one of itself, a body, and one apart.
            seated(0, 1, 10, "government", Own),
            seated(1, 1, 10, "government", Whole),
            seated(2, 2, 10, "body", Unknown),
            seated(3, 3, 10, "apart", Unknown),
            // A government that does not say.
            seated(4, 4, 20, "government", Unknown),
            seated(5, 5, 20, "body", Unknown),
            // A government's own report: its bodies count beside it.
            seated(6, 6, 30, "government", Own),
            seated(7, 7, 30, "body", Unknown),
            // A body with two reports, and no government.
            seated(8, 8, 40, "body", Own),
            seated(9, 8, 40, "body", Whole),
            // An office that says that it is of all.
            seated(10, 9, 50, "office", Whole),
            seated(11, 10, 50, "body", Unknown),
            // One that does not is a body.
            seated(12, 11, 60, "office", Unknown),
            seated(13, 12, 60, "body", Unknown),
        ];
        let want = BTreeSet::from([1, 3, 4, 6, 7, 9, 10, 12, 13]);
        assert_eq!(counted(&reports), want);
        let mut turned = reports;
        turned.reverse();
        assert_eq!(counted(&turned), want);
    }
}
