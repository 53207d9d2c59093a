//! What the rules over the panel need of one report, in some 200 bytes: so it can be kept in memory of every report.

use super::sketch::{Sketch, sketch};
use gongkai_model::{Number, Parsed, Resolution, Scope};
use gongkai_registry::Registry;
use serde::{Deserialize, Serialize};

/// Levels of agencies as in `reports.agency_level`; the position is the code.
const LEVELS: [&str; 5] = ["central", "province", "prefecture", "county", "township"];
/// Kind of a government as a whole.
const GOVERNMENT: &str = "government";

/// Who reports, as far as reports are grouped by it. 0 is what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Position of the form in the registry.
    pub(crate) form: u8,
    /// Position of the level, from 1.
    level: u8,
    /// Position of the kind in the registry, from 1.
    kind: u16,
    /// Whether it is a government as a whole.
    government: bool,
    /// Whether nothing sets it apart from the ordinary agencies of its place.
    ordinary: bool,
    /// For whom it says that it counts: position of the scope in the registry, from 1.
    pub(crate) scope: u8,
    /// Whether that is one body alone.
    own: bool,
    province: u32,
    city: u32,
    county: u32,
}

/// What the rules over the panel need of one report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Strip {
    pub(crate) head: Head,
    /// Figures by position of the cell in [`gongkai_registry::Panel::cells`].
    figures: Vec<(u16, i64)>,
    /// The statutory tables with figures.
    pub(crate) tables: Vec<TableDigest>,
    /// All sections in document order: position in the registry from 1, and what it says.
    pub(crate) sections: Vec<(u8, Option<Sketch>)>,
}

/// All figures of a table in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableDigest {
    /// Position of the output table.
    pub(crate) table: u8,
    /// A hash of all cells and figures.
    pub(crate) hash: u64,
    /// Figures above zero.
    pub(crate) filled: u16,
}

impl Head {
    /// Kind and level, where both are known.
    pub(crate) fn peers(&self) -> Option<(u16, u8)> {
        (self.kind > 0 && self.level > 0).then_some((self.kind, self.level))
    }

    /// The place whose government sums up this report: its own for a body, the one above for a government.
    pub(crate) fn above(&self) -> Option<u32> {
        let city_or_province = if self.city > 0 { self.city } else { self.province };
        let place = match (*LEVELS.get(usize::from(self.level).checked_sub(1)?)?, self.government) {
            (_, _) if !self.ordinary => 0,
            ("township", _) | ("county", false) => self.county,
            ("county", true) | ("prefecture", false) => city_or_province,
            ("prefecture", true) | ("province", false) => self.province,
            _ => 0,
        };
        (place > 0).then_some(place)
    }

    /// The place that this report sums up: its own, for a government that does not say that it counts for itself alone.
    pub(crate) fn sums_up(&self) -> Option<u32> {
        let place = match *LEVELS.get(usize::from(self.level).checked_sub(1)?)? {
            _ if !self.government || !self.ordinary || self.own => 0,
            "county" => self.county,
            "prefecture" => self.city,
            "province" => self.province,
            _ => 0,
        };
        (place > 0).then_some(place)
    }
}

impl Strip {
    fn of(registry: &Registry, parsed: &Parsed, resolution: &Resolution) -> Self {
        let position = |at: Option<usize>| at.and_then(|n| u16::try_from(n + 1).ok()).unwrap_or(0);
        let small = |at: Option<usize>| u8::try_from(position(at)).unwrap_or(0);
        let code = |code: &Option<String>| code.as_deref().and_then(|c| c.parse().ok()).unwrap_or(0);
        let place = &resolution.place;
        let level = resolution.agency_level.as_deref();
        let kind = resolution.agency_kind.as_deref();
        let form = registry.forms.iter().position(|f| f.code == parsed.form);
        let head = Head {
            form: small(form),
            level: small(LEVELS.iter().position(|l| Some(*l) == level)),
            kind: position(registry.kinds.all().iter().position(|k| Some(k.code.as_str()) == kind)),
            government: kind == Some(GOVERNMENT),
            ordinary: resolution.agency_mark.is_none(),
            scope: small(registry.scopes.position(resolution.scope)),
            own: resolution.scope == Scope::Own,
            province: code(&place.province_code),
            city: code(&place.city_code),
            county: code(&place.county_code),
        };
        let names: Vec<&str> = [
            &resolution.agency_name,
            &place.province_name,
            &place.city_name,
            &place.county_name,
            &place.township_name,
        ]
        .into_iter()
        .filter_map(|name| name.as_deref())
        .collect();
        let section = |s: &gongkai_model::Section| {
            let at = registry.sections.iter().position(|spec| spec.code == *s.section);
            (small(at), sketch(&prose(&s.text), &names, registry.panel.text.characters))
        };
        Self {
            head,
            figures: figures(registry, parsed),
            tables: form.map_or_else(Vec::new, |form| tables(registry, form, parsed)),
            sections: parsed.sections.iter().map(section).collect(),
        }
    }

    /// Figures in millionths by position of their cell.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (u16, i64)> {
        self.figures.iter().map(|(cell, packed)| (*cell, unpack(*packed)))
    }

    pub(crate) fn figure(&self, cell: u16) -> Option<i64> {
        self.figures().find(|(c, _)| *c == cell).map(|(_, value)| value)
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// Who reports. It stands first in a strip, the rest is not looked at.
pub(crate) fn head(bytes: &[u8]) -> Option<Head> {
    postcard::take_from_bytes(bytes).ok().map(|(head, _)| head)
}

/// The sections that have a text to compare: place in the report, position in the registry from 1, and the sketch.
pub(crate) fn texts(bytes: &[u8]) -> Vec<(u16, u8, Sketch)> {
    let sections = Strip::read(bytes).map(|strip| strip.sections).unwrap_or_default();
    let text = |(at, (section, sketch)): (u16, (u8, Option<Sketch>))| Some((at, section, sketch?));
    (0_u16..).zip(sections).filter_map(text).filter(|(_, section, _)| *section > 0).collect()
}

/// The lines of a text that hold a sentence. Where a table ran into the text its labels have no full stop, and would be the same
/// in all reports.
fn prose(text: &str) -> String {
    text.lines().filter(|line| line.contains('。')).flat_map(|line| [line, "\n"]).collect()
}

/// What the rules over the panel need of a report, packed.
pub fn strip(registry: &Registry, parsed: &Parsed, resolution: &Resolution) -> Box<[u8]> {
    let strip = Strip::of(registry, parsed, resolution);
    postcard::to_stdvec(&strip).unwrap_or_default().into_boxed_slice()
}

/// Largest figure compared, in millionths, so that sums of a table's cells fit.
const LARGEST: i64 = i64::MAX / 1_024;

/// Whole numbers take few bytes, others are kept in millionths; the last bit tells which.
fn pack(number: Number) -> Option<i64> {
    i64::try_from(number.micros()).ok().filter(|micros| micros.abs() <= LARGEST)?;
    match number.as_integer() {
        Some(whole) => whole.checked_mul(2),
        None => i64::try_from(number.micros()).ok()?.checked_mul(2)?.checked_add(1),
    }
}

fn unpack(packed: i64) -> i64 {
    let half = packed.div_euclid(2);
    if packed.rem_euclid(2) == 0 { half.saturating_mul(1_000_000) } else { half }
}

fn figures(registry: &Registry, parsed: &Parsed) -> Vec<(u16, i64)> {
    let mut figures: Vec<(u16, i64)> = Vec::new();
    for cell in &parsed.cells {
        let at =
            registry.panel.cell(&cell.table, &cell.item, &cell.column).and_then(|at| u16::try_from(at).ok());
        if let (Some(at), Some(packed)) = (at, cell.value.and_then(pack))
            // Should a cell be told twice, the first fact counts, as in the tables.
            && figures.iter().all(|(known, _)| *known != at)
        {
            figures.push((at, packed));
        }
    }
    figures.sort_unstable();
    figures
}

fn tables(registry: &Registry, form: usize, parsed: &Parsed) -> Vec<TableDigest> {
    let Some(form) = registry.forms.get(form) else { return Vec::new() };
    let digest = |table: &gongkai_registry::FormTable| {
        let at = registry.tables.iter().position(|t| t.name == *table.table)?;
        let (mut said, mut filled) = (Vec::new(), 0_u16);
        for cell in parsed.cells.iter().filter(|c| c.table == table.table) {
            let Some(value) = cell.value else { continue };
            for part in [&cell.item, &cell.column] {
                said.extend_from_slice(part.as_bytes());
                said.push(0);
            }
            said.extend_from_slice(&value.micros().to_le_bytes());
            filled = filled.saturating_add(u16::from(value.micros() > 0));
        }
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(&said).as_bytes();
        let hash = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        (!said.is_empty()).then(|| TableDigest { table: u8::try_from(at).unwrap_or(u8::MAX), hash, filled })
    };
    form.tables.iter().filter_map(digest).collect()
}
