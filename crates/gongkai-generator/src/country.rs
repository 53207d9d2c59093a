//! A country of agencies that report year after year, and what one year leaves the next one takes up: what is carried
//! forward is carried over, stocks roll on, a government's report sums up those of its bodies.
//!
//! Mistakes are planted on purpose and told with the document, so that what is found can be compared with them.

mod life;
mod nation;
mod place;
mod series;

use crate::figures::Size;
use crate::print::print_on;
use crate::report::{Occasion, stream};
use crate::spec::{Charset, Damage, Layout, Spec};
use crate::truth::Printed;
use fastrand::Rng;
use gongkai_model::Scope;
use gongkai_registry::{Form, Registry};
pub use nation::nation;
use place::{Place, places};
use series::{Series, Twist};
use std::ops::RangeInclusive;

/// Years reported on.
pub(crate) const YEARS: RangeInclusive<i16> = 2019..=2024;

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// Reports, about: mistakes leave some out.
    pub reports: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Reports in a thousand with a mistake.
    pub mistakes: u32,
}

/// What an agency got wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// Carried over is not what the year before carried forward.
    CarriedOver,
    /// Documents in force are not what follows from the year before.
    InForce,
    /// Last year's items are not what follows from the year before (2020 only).
    Items,
    /// No report of the year.
    Missing,
    /// The figures of the year before, once more.
    SameFigures,
    /// The text of the year before, once more.
    SameText,
    /// The text of another agency of the place.
    TextOfAnother,
    /// Forty times the usual applications.
    Jump,
    /// A government's figures are its office's alone.
    WithoutBodies,
    /// A total that is not the sum of its line.
    WrongTotal,
    /// A document that lost something.
    Damaged,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::CarriedOver,
        Self::InForce,
        Self::Items,
        Self::Missing,
        Self::SameFigures,
        Self::SameText,
        Self::TextOfAnother,
        Self::Jump,
        Self::WithoutBodies,
        Self::WrongTotal,
        Self::Damaged,
    ];

    /// Whether it can happen in a report.
    fn fits(self, year: i16, government: bool, first: bool) -> bool {
        let (from, to) = (*YEARS.start(), *YEARS.end());
        match self {
            Self::CarriedOver | Self::SameText => year > from,
            Self::InForce => year > 2021,
            Self::Items => year == 2020,
            // A form's figures can only be filed again in the same form.
            Self::SameFigures => year > from && year != 2021,
            // A gap shows only between two years.
            Self::Missing => year > from && year < to,
            Self::TextOfAnother => !first && !government,
            Self::Jump => year > from && !government,
            Self::WithoutBodies => government,
            Self::WrongTotal | Self::Damaged => true,
        }
    }
}

/// Losses that a document may have.
const LOSSES: [Damage; 6] = [
    Damage::ZerosAsBlank,
    Damage::ZerosAsDash,
    Damage::Notes,
    Damage::MissingTable(0),
    Damage::MissingTable(1),
    Damage::MissingTable(2),
];

/// A report as it is filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Folder of the agency: its site and a number.
    pub folder: String,
    /// The document; `None` where the agency filed none by mistake.
    pub printed: Option<Printed>,
    /// Name of the agency.
    pub agency: String,
    /// Report year.
    pub year: i16,
    /// What is wrong with it on purpose.
    pub mistake: Option<Mistake>,
    /// For whom the document says that it counts.
    pub scope: Scope,
    /// Whether its figures hold those of the bodies below it, said or not.
    pub holds_bodies: bool,
}

/// The reports of a country, agency by agency; every province has some among the first 400 places.
pub fn country(country: Country) -> impl Iterator<Item = Filing> {
    // More bodies a place, where there are more reports than places.
    let bodies = (country.reports / 18_000 + 3).clamp(4, 19);
    let filings = places(country.seed).flat_map(move |place| {
        let seed = stream(country.seed, &place.division.code).u64(..);
        Town { country, place, bodies, seed }.filings()
    });
    filings.take(country.reports)
}

/// The agencies of one place.
struct Town {
    country: Country,
    place: Place,
    bodies: usize,
    seed: u64,
}

/// One agency through the years.
struct Agency {
    name: String,
    folder: String,
    government: bool,
    tale: u64,
    /// What it told last.
    told: u64,
    series: Series,
    rng: Rng,
}

impl Town {
    fn filings(&self) -> Vec<Filing> {
        let mut bodies: Vec<Agency> =
            self.place.bodies(self.bodies).iter().enumerate().map(|(n, name)| self.agency(n, name)).collect();
        let mut government = self.place.government().map(|name| self.agency(bodies.len(), &name));
        let mut all: Vec<Vec<Filing>> = (0..=bodies.len()).map(|_| Vec::new()).collect();
        for year in YEARS {
            let Some(form) = Registry::embedded().forms.iter().find(|f| f.covers(year)) else { continue };
            let mut sum = series::Sum::default();
            let mut tale = None;
            for (body, filings) in bodies.iter_mut().zip(&mut all) {
                filings.push(self.file(body, form, year, tale, None));
                tale = Some(body.told);
                sum.add(body.series.now());
            }
            if let (Some(government), Some(filings)) = (&mut government, all.last_mut()) {
                filings.push(self.file(government, form, year, None, Some(&sum)));
            }
        }
        all.concat()
    }

    fn agency(&self, number: usize, name: &str) -> Agency {
        let mut rng = stream(self.seed, &format!("agency {number}"));
        let size = match rng.u32(0..10) {
            0..4 => Size::Sparse,
            4..8 => Size::Middling,
            _ => Size::Large,
        };
        Agency {
            name: name.to_owned(),
            folder: format!("www.x{}.example.gov.cn/{number}", self.place.division.code),
            government: self.place.government().as_deref() == Some(name),
            tale: rng.u64(..),
            told: 0,
            series: Series::new(size),
            rng,
        }
    }

    fn file(
        &self,
        agency: &mut Agency,
        form: &'static Form,
        year: i16,
        other: Option<u64>,
        bodies: Option<&series::Sum>,
    ) -> Filing {
        let rng = &mut agency.rng;
        let mistake = (rng.u32(0..1_000) < self.country.mistakes)
            .then(|| {
                let fitting = |m: &Mistake| m.fits(year, agency.government, other.is_none());
                rng.choice(Mistake::ALL.into_iter().filter(fitting).collect::<Vec<_>>())
            })
            .flatten();
        let twist = match mistake {
            Some(Mistake::CarriedOver) => Twist::Last("carried_forward", "natural_person"),
            Some(Mistake::InForce) => Twist::Last("normative_documents", "in_force"),
            Some(Mistake::Items) => Twist::Last("licensing", "items_last_year"),
            Some(Mistake::SameFigures) => Twist::Again,
            Some(Mistake::Jump) => Twist::Forty,
            _ => Twist::None,
        };
        let bodies = bodies.filter(|_| mistake != Some(Mistake::WithoutBodies));
        let figures = agency.series.next(form, twist, bodies, rng).clone();
        let tale = match (mistake, other) {
            (Some(Mistake::SameText), _) => agency.told,
            (Some(Mistake::TextOfAnother), Some(tale)) => tale,
            _ => agency.tale.wrapping_add(u64::from(year.unsigned_abs())),
        };
        agency.told = tale;
        let damage = match mistake {
            Some(Mistake::WrongTotal) => Damage::WrongTotal,
            Some(Mistake::Damaged) => rng.choice(LOSSES).unwrap_or(Damage::None),
            _ => Damage::None,
        };
        let layouts: Vec<Layout> = Layout::ALL.into_iter().filter(|l| !l.is_flat()).collect();
        let layout =
            if rng.bool() { Layout::HtmlSpans } else { rng.choice(layouts).unwrap_or(Layout::HtmlSpans) };
        let spec = Spec {
            seed: rng.u64(..),
            form: form.code.as_ref(),
            layout,
            damages: vec![damage],
            traditional: false,
            charset: Charset::Utf8,
        };
        let occasion = Occasion {
            county: self.place.division.clone(),
            agency: agency.name.clone(),
            year,
            figures,
            tale,
            said: <_>::default(),
        };
        let printed = (mistake != Some(Mistake::Missing)).then(|| print_on(&spec, &occasion));
        let holds_bodies = bodies.is_some();
        let scope = Scope::Unknown;
        let (folder, agency) = (agency.folder.clone(), agency.name.clone());
        Filing { folder, printed, agency, year, mistake, scope, holds_bodies }
    }
}

#[cfg(test)]
mod tests {
    use super::{Country, Filing, Mistake, country};
    use crate::truth::Certainty;
    use gongkai_model::Number;
    use gongkai_registry::{Axis, Between, FormTable, Registry};
    use std::collections::{BTreeMap, BTreeSet};

    fn reports(mistakes: u32) -> Vec<Filing> {
        country(Country { reports: 1_200, seed: 3, mistakes }).collect()
    }

    fn figure(filing: &Filing, table: &str, item: &str, column: &str) -> Option<Number> {
        let cells = &filing.printed.as_ref()?.truth.cells;
        let cell = cells
            .iter()
            .find(|c| (c.table.as_ref(), c.item.as_ref(), c.column.as_ref()) == (table, item, column))?;
        match cell.certainty {
            Certainty::Certain(number) | Certainty::Open(Some(number)) => Some(number),
            _ => None,
        }
    }

    /// Lines in which an identity between two reports holds, and in which it does not.
    fn check(table: &FormTable, between: &Between, last: &Filing, this: &Filing) -> (u32, u32) {
        let lines: Vec<&str> = match between.axis {
            Axis::Row => table.items.iter().map(|i| i.code.as_ref()).collect(),
            Axis::Column => table.columns.iter().map(|c| c.code.as_ref()).collect(),
        };
        let (mut held, mut broken) = (0, 0);
        for line in lines {
            let sum = |filing: &Filing, codes: &[std::sync::Arc<str>]| -> Option<Number> {
                let cell = |code: &std::sync::Arc<str>| match between.axis {
                    Axis::Row => figure(filing, &table.table, line, code),
                    Axis::Column => figure(filing, &table.table, code, line),
                };
                codes.iter().map(cell).sum()
            };
            let (left, right) = (sum(this, &between.left), sum(this, &between.right));
            if let (Some(left), Some(right), Some(before)) = (left, right, sum(last, &between.last)) {
                let holds = Some(left) == right.checked_add(before);
                held += u32::from(holds);
                broken += u32::from(!holds);
            }
        }
        (held, broken)
    }

    #[test]
    fn years_follow_from_one_another_unless_a_mistake_was_planted() {
        for mistakes in [0, 200] {
            let filings = reports(mistakes);
            let mut of: BTreeMap<(&str, i16), &Filing> = BTreeMap::new();
            filings.iter().for_each(|f| _ = of.insert((f.folder.as_str(), f.year), f));
            let (mut held, mut planted) = (0, 0);
            for filing in &filings {
                let Some(last) = of.get(&(filing.folder.as_str(), filing.year - 1)) else { continue };
                let form = Registry::embedded().forms.iter().find(|f| f.covers(filing.year)).unwrap();
                let results: Vec<(u32, u32)> = form
                    .tables
                    .iter()
                    .flat_map(|t| t.between.iter().map(move |b| check(t, b, last, filing)))
                    .collect();
                let broken: u32 = results.iter().map(|r| r.1).sum();
                held += results.iter().map(|r| r.0).sum::<u32>();
                use Mistake::*;
                let wrong = [last.mistake, filing.mistake].map(|m| m.is_some_and(|m| m == WrongTotal));
                if let Some(CarriedOver | InForce | Items) = filing.mistake {
                    planted += 1;
                    let lost = matches!(last.mistake, Some(Damaged | Missing));
                    assert!(broken > 0 || wrong[0] || lost, "{} {}", filing.agency, filing.year);
                } else if filing.mistake != Some(SameFigures) && wrong == [false, false] {
                    assert_eq!(broken, 0, "{} {} {:?}", filing.agency, filing.year, filing.mistake);
                }
            }
            assert!(held > 5_000 && (mistakes == 0 || planted > 10), "{held} {planted}");
        }
    }

    #[test]
    fn figures_of_a_year_add_up_and_governments_hold_their_bodies() {
        let filings = reports(0);
        let mut bodies: BTreeMap<(String, i16), i128> = BTreeMap::new();
        for filing in &filings {
            let printed = filing.printed.as_ref().unwrap();
            assert!(printed.truth.broken_identities.is_empty(), "{} {}", filing.agency, filing.year);
            assert_eq!(printed.truth.year, filing.year);
            let site = filing.folder.split('/').next().unwrap().to_owned();
            let new = figure(filing, "disclosure_requests", "new_received", "total").unwrap().micros();
            let known = bodies.entry((site, filing.year)).or_default();
            if filing.agency.ends_with("人民政府") {
                assert!(new >= *known, "{} {}: {new} of {known}", filing.agency, filing.year);
            } else {
                *known += new;
            }
        }
    }

    #[test]
    fn all_provinces_and_levels_report_and_all_mistakes_are_made() {
        let filings = reports(300);
        let provinces: BTreeSet<String> =
            filings.iter().map(|f| f.folder.chars().skip(5).take(2).collect()).collect();
        assert_eq!(provinces.len(), 31);
        let made: BTreeSet<Mistake> = filings.iter().filter_map(|f| f.mistake).collect();
        assert_eq!(made.len(), Mistake::ALL.len(), "{made:?}");
        let again = reports(300);
        assert!(filings == again, "the same seed gives the same country");
    }
}
