//! Rules over the panel: what reports of different years and agencies say about one another.
//!
//! Of every report a *strip* is kept ([`strip`]): its figures that are compared, a hash of each table, a sketch of each section.
//! Reports fall into [`Unit`]s: those of one agency, peers in a year, a government with its bodies, all texts of a section. What is
//! found about a unit follows from its own strips alone, so that only units with a changed strip need be looked at
//! again, with the result of looking at all.
//!
//! Which figures must follow from one another, which jumps are looked at and from where on texts are alike is not written
//! here: it stands in `data/forms/`.

mod between;
mod frames;
mod rules;
mod sketch;
mod strip;

pub use strip::strip;

use frames::Scene;
use gongkai_model::{Finding, Likeness, Number};
use gongkai_registry::Registry;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One report of the panel: agency, place and year are known.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The digits of its id.
    pub report: u64,
    /// The digits of its agency's id.
    pub agency: u64,
    /// Its year.
    pub year: i16,
    /// Its [`strip`].
    pub strip: &'a [u8],
}

/// What reports of a unit have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// The agency.
    Agency(u64),
    /// Kind and level of the agency, and the year, or the one before.
    Peers(u16, u8, i16),
    /// The place whose government sums them up (or is it), and the year.
    Bodies(u32, i16),
    /// They have a section with text: its position in the registry, from 1.
    Section(u8),
}

/// What was found about a report in one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Findings.
    pub findings: Vec<Finding>,
    /// By position of the section in the report.
    pub alike: Vec<(u16, Alike)>,
}

/// How far a section of a report is that of others: a [`Likeness`] in short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// Samples that agree with the same section of the year before.
    pub last_year: Option<u8>,
    /// Samples that agree with the most similar section of another agency, and the digits of its report's id.
    pub other: Option<(u8, u64)>,
}

impl Alike {
    /// What either says, the first where both do.
    #[must_use]
    pub fn or(self, more: Self) -> Self {
        Self { last_year: self.last_year.or(more.last_year), other: self.other.or(more.other) }
    }

    /// As the tables have it: samples that agree as a share in hundredths.
    pub fn likeness(self) -> Likeness {
        let share = |agree: u8| {
            Number::from_micros(i128::from(u32::from(agree) * 100 / sketch::SAMPLES as u32) * 10_000)
        };
        Likeness {
            last_year: self.last_year.map(share),
            other: self.other.map(|(agree, _)| share(agree)),
            other_report: self.other.map(|(_, report)| report_id(report)),
        }
    }
}

/// A query that did not run.
#[derive(Debug)]
pub struct PanelError(polars::error::PolarsError);

impl fmt::Display for PanelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a rule over the panel cannot be run: {}", self.0)
    }
}

impl std::error::Error for PanelError {}

impl From<polars::error::PolarsError> for PanelError {
    fn from(error: polars::error::PolarsError) -> Self {
        Self(error)
    }
}

/// Units that are looked at one kind after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Unit::Peers`].
    Peers,
    /// [`Unit::Bodies`].
    Bodies,
    /// [`Unit::Agency`].
    Agency,
    /// The [`Unit::Section`] of this position in the registry, from 1.
    Section(u8),
}

/// All kinds. Peers first: they are the most that is looked at together, and what was found adds up.
pub fn kinds(registry: &Registry) -> impl Iterator<Item = Kind> + use<> {
    let sections = (1..=u8::MAX).take(registry.sections.len()).map(Kind::Section);
    [Kind::Peers, Kind::Bodies, Kind::Agency].into_iter().chain(sections)
}

impl Kind {
    /// The units of this kind that a report is in.
    pub fn units(self, entry: &Entry<'_>) -> Vec<Unit> {
        let head = || strip::head(entry.strip);
        match self {
            Self::Agency => vec![Unit::Agency(entry.agency)],
            Self::Peers => {
                let peers = head().and_then(|head| head.peers());
                let of_year = |year| peers.map(|(kind, level)| Unit::Peers(kind, level, year));
                [of_year(entry.year), of_year(entry.year.saturating_add(1))].into_iter().flatten().collect()
            }
            Self::Bodies => {
                let places = |head: strip::Head| head.above().into_iter().chain(head.sums_up());
                let mut places: Vec<u32> = head().into_iter().flat_map(places).collect();
                places.dedup();
                places.into_iter().map(|place| Unit::Bodies(place, entry.year)).collect()
            }
            Self::Section(section) => {
                let has_text = strip::texts(entry.strip).iter().any(|(_, own, _)| *own == section);
                has_text.then_some(Unit::Section(section)).into_iter().collect()
            }
        }
    }
}

/// Runs the rules over whole units: each with the positions of all its reports among the entries. Returns what was found,
/// by unit (its position) and report.
///
/// # Errors
/// When a query cannot be run.
pub fn check(
    registry: &Registry,
    entries: &[Entry<'_>],
    units: &[(Unit, Vec<u32>)],
) -> Result<Vec<(usize, u32, Found)>, PanelError> {
    let scene = Scene::new(registry, entries, units);
    let mut told = Told::default();
    for rule in rules::RULES {
        rule(&scene, &mut told)?;
    }
    Ok(told.sorted())
}

/// A rule: looks at the units of its kind.
type Rule = fn(&Scene<'_>, &mut Told) -> Result<(), PanelError>;

/// What rules found, by unit and report.
#[derive(Debug, Default)]
pub(crate) struct Told(std::collections::BTreeMap<(usize, u32), Found>);

impl Told {
    fn finding(&mut self, unit: usize, row: u32, finding: Finding) {
        self.0.entry((unit, row)).or_default().findings.push(finding);
    }

    fn alike(&mut self, unit: usize, row: u32, section: u16, alike: Alike) {
        self.0.entry((unit, row)).or_default().alike.push((section, alike));
    }

    fn sorted(self) -> Vec<(usize, u32, Found)> {
        let sorted = |((unit, row), mut found): ((usize, u32), Found)| {
            found
                .findings
                .sort_by(|a, b| (a.code, &a.address, &a.message).cmp(&(b.code, &b.address, &b.message)));
            (unit, row, found)
        };
        self.0.into_iter().map(sorted).collect()
    }
}

/// The id of a report.
fn report_id(digits: u64) -> String {
    format!("r{digits:016x}")
}
