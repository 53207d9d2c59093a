//! A country that looks like life. See `data/life.toml`.

use super::life::{Body, Desk, Life, Usual, happens, misplace};
use super::place::{Place, places};
use super::{Filing, LOSSES, Mistake, YEARS};
use crate::figures::Figures;
use crate::print::print_on;
use crate::report::{Occasion, stream};
use crate::spec::{Charset, Damage, Layout, Spec};
use fastrand::Rng;
use gongkai_model::Scope;
use gongkai_registry::{Form, Level, Registry};

/// The reports of a country that looks like life, about so many, agency by agency: governments, bodies, towns and streets of all
/// levels and provinces from 2019 to 2024. What is not there, and what is wrong, is told with it.
pub fn nation(reports: usize, seed: u64) -> impl Iterator<Item = Filing> {
    // Fewer bodies a place for fewer reports, so that every province has places of all levels.
    let bodies = (reports / 30_000 + 3).min(Life::get().bodies.len().saturating_sub(1));
    let townships = reports / 75_000 + 2;
    let towns = places(seed).flat_map(move |place| {
        let rng = stream(seed, &format!("life {}", place.division.code));
        Town::new(place, bodies, townships, rng).filings()
    });
    towns.take_while({
        let mut printed = 0;
        move |filing| {
            printed += usize::from(filing.printed.is_some());
            printed <= reports
        }
    })
}

/// What an agency's reports hold, and what they say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Manner {
    holds_bodies: bool,
    scope: Scope,
}

/// An agency and its habits.
struct Agency {
    name: String,
    folder: String,
    /// What it files every year: one report, or one for each scope.
    manners: Vec<Manner>,
    /// First year with a report; none for one that publishes nothing.
    since: Option<i16>,
    zeros: Damage,
    layout: Layout,
    titles: (String, String),
    tale: u64,
    told: u64,
    desk: Desk,
    rng: Rng,
}

struct Town {
    place: Place,
    /// The government comes first.
    agencies: Vec<Agency>,
}

impl Town {
    fn new(place: Place, bodies: usize, townships: usize, mut rng: Rng) -> Self {
        let life = Life::get();
        let level = place.division.level;
        // Offices of a municipality are called as those of a city.
        let municipality = level == Level::Province && place.division.name.ends_with('市');
        let named = if municipality { Level::Prefecture } else { level };
        let of_place = life.of_place(level, &mut rng);
        let (government, rest) =
            life.bodies.split_first().map_or((None, &[][..]), |(g, rest)| (Some(g), rest));
        let mut rest: Vec<&Body> = rest.iter().collect();
        rng.shuffle(&mut rest);
        let mut all: Vec<(String, Usual, u32)> = Vec::new();
        all.extend(government.map(|g| (place.government_name(g.name(named)), g.usual, 0)));
        for body in rest.into_iter().take(bodies) {
            all.push((format!("{}{}", place.name, body.name(named)), body.usual, life.attendance.never.body));
        }
        let townships = place.townships(&mut rng).into_iter().take(townships);
        all.extend(townships.map(|name| (name, life.township, life.attendance.never.township)));
        let agency = |(number, (name, usual, never)): (usize, (String, Usual, u32))| {
            let mut rng = rng.fork();
            Agency {
                folder: format!("www.x{}.example.gov.cn/{number}", place.division.code),
                name,
                manners: if number == 0 { of_government(level, &mut rng) } else { vec![SILENT] },
                since: since(never, &mut rng),
                zeros: zeros(&mut rng),
                layout: layout(&mut rng),
                titles: <_>::default(),
                tale: rng.u64(..),
                told: 0,
                desk: Desk::new(usual, of_place, &mut rng),
                rng,
            }
        };
        let agencies = all.into_iter().enumerate().map(agency).collect();
        Self { place, agencies }
    }

    fn filings(mut self) -> Vec<Filing> {
        let mut filings: Vec<(usize, Filing)> = Vec::new();
        for year in YEARS {
            let Some(form) = Registry::embedded().forms.iter().find(|f| f.covers(year)) else { continue };
            let figures: Vec<Figures> =
                self.agencies.iter_mut().map(|a| a.desk.next(form, year, &mut a.rng)).collect();
            let mut sum = Figures::default();
            figures.iter().for_each(|f| sum.add(f));
            let mut neighbour = None;
            for (number, (agency, own)) in self.agencies.iter_mut().zip(&figures).enumerate() {
                for manner in agency.manners.clone() {
                    let figures = if manner.holds_bodies { &sum } else { own };
                    let filing = agency.file(&self.place, form, year, manner, figures, neighbour);
                    filings.push((number, filing));
                }
                neighbour = (number > 0).then_some(agency.told);
            }
        }
        filings.sort_by_key(|(number, _)| *number);
        filings.into_iter().map(|(_, filing)| filing).collect()
    }
}

/// One body, and no word of it.
const SILENT: Manner = Manner { holds_bodies: false, scope: Scope::Unknown };

fn of_government(level: Level, rng: &mut Rng) -> Vec<Manner> {
    let life = &Life::get().governments;
    let whole = Manner { holds_bodies: true, scope: Scope::Whole };
    let own = Manner { holds_bodies: false, scope: Scope::Own };
    let kinds = [
        (life.holds, vec![Manner { scope: Scope::Unknown, ..whole }]),
        (life.holds_and_says, vec![whole]),
        (life.own_and_says, vec![own]),
        (life.both, vec![own, whole]),
    ];
    let mut at = rng.u32(0..1_000);
    for (share, manners) in kinds {
        if at < share {
            // What is said to hold all holds what lies below a prefecture, too; that is not added up here.
            let says = manners.contains(&whole) && level != Level::County;
            return if says { vec![SILENT] } else { manners };
        }
        at -= share;
    }
    vec![SILENT]
}

fn since(never: u32, rng: &mut Rng) -> Option<i16> {
    let (first, last) = (*YEARS.start(), *YEARS.end());
    let late = happens(Life::get().attendance.late, rng);
    let year = if late { rng.i16(first..=last) } else { first };
    (!happens(never, rng)).then_some(year)
}

fn zeros(rng: &mut Rng) -> Damage {
    let habits = &Life::get().habits;
    let mut at = rng.u32(0..1_000);
    let all = [
        ("ZerosAsBlank", Damage::ZerosAsBlank),
        ("ZerosAsDash", Damage::ZerosAsDash),
        ("ZerosAsSlash", Damage::ZerosAsSlash),
        ("ZerosAsWu", Damage::ZerosAsWu),
    ];
    for (name, damage) in all {
        let share = habits.get(name).copied().unwrap_or(0);
        if at < share {
            return damage;
        }
        at -= share;
    }
    Damage::None
}

fn layout(rng: &mut Rng) -> Layout {
    let others = Life::get().habits.get("other_layouts").copied().unwrap_or(0);
    let layouts = Layout::ALL.into_iter().filter(|l| !l.is_flat());
    let other = rng.choice(layouts.collect::<Vec<_>>()).filter(|_| happens(others, rng));
    other.unwrap_or(Layout::HtmlSpans)
}

impl Agency {
    fn file(
        &mut self,
        place: &Place,
        form: &'static Form,
        year: i16,
        manner: Manner,
        figures: &Figures,
        neighbour: Option<u64>,
    ) -> Filing {
        let life = Life::get();
        let rng = &mut self.rng;
        let missing = self.since.is_none_or(|since| year < since) || happens(life.attendance.missed, rng);
        let mut mistake = if missing { Some(Mistake::Missing) } else { mistake(year, neighbour, rng) };
        let mut figures = figures.clone();
        if mistake == Some(Mistake::CarriedOver) && !misplace(&mut figures, form, rng) {
            mistake = None;
        }
        // Two reports of one body tell the same.
        let told = self.tale.wrapping_add(u64::from(year.unsigned_abs()));
        let tale = match (mistake, neighbour) {
            (Some(Mistake::SameText), _) => self.told,
            (Some(Mistake::TextOfAnother), Some(tale)) => tale,
            _ => told,
        };
        self.told = tale;
        let damage = match mistake {
            Some(Mistake::WrongTotal) => Damage::WrongTotal,
            Some(Mistake::Damaged) => rng.choice(LOSSES).unwrap_or(Damage::None),
            _ => self.zeros,
        };
        // Where blanks leave no trace, they say nothing.
        let plain = matches!(damage, Damage::None | Damage::WrongTotal);
        let spec = Spec {
            seed: rng.u64(..),
            form: form.code.as_ref(),
            layout: if plain { self.layout } else { Layout::HtmlSpans },
            damages: vec![damage],
            traditional: false,
            charset: Charset::Utf8,
        };
        if self.titles == <_>::default() && manner.scope != Scope::Unknown {
            self.titles = life.said(manner.scope, rng);
        }
        let said = if self.manners.len() > 1 { life.said(manner.scope, rng) } else { self.titles.clone() };
        let agency = self.name.clone();
        let occasion = Occasion { county: place.division.clone(), agency, year, figures, tale, said };
        let printed = (!missing).then(|| print_on(&spec, &occasion));
        let Manner { scope, holds_bodies } = manner;
        Filing {
            folder: self.folder.clone(),
            printed,
            agency: self.name.clone(),
            year,
            mistake,
            scope,
            holds_bodies,
        }
    }
}

fn mistake(year: i16, neighbour: Option<u64>, rng: &mut Rng) -> Option<Mistake> {
    let first = year == *YEARS.start();
    let all = [
        ("carried_over", Mistake::CarriedOver, !first),
        ("wrong_total", Mistake::WrongTotal, true),
        ("same_text", Mistake::SameText, !first),
        ("text_of_another", Mistake::TextOfAnother, neighbour.is_some()),
        ("damaged", Mistake::Damaged, true),
    ];
    let mut at = rng.u32(0..1_000);
    for (name, mistake, can) in all {
        let share = Life::get().mistakes.get(name).copied().unwrap_or(0);
        if at < share {
            return Some(mistake).filter(|_| can);
        }
        at -= share;
    }
    None
}
