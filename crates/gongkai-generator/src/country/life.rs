//! Figures that look like life: most have little to report and a few very much, what is left over comes back next year.
//! How much is usual stands in `data/life.toml`.

use crate::figures::{Figures, terms};
use fastrand::Rng;
use gongkai_model::{Number, Scope};
use gongkai_registry::{Axis, Form, Level};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

type Shares = BTreeMap<String, u32>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Life {
    #[serde(rename = "body")]
    pub(super) bodies: Vec<Body>,
    pub(super) township: Usual,
    amounts: Amounts,
    applicants: Shares,
    outcomes: Shares,
    disputes: Shares,
    pub(super) habits: Shares,
    pub(super) attendance: Attendance,
    pub(super) mistakes: Shares,
    pub(super) governments: Governments,
    said: BTreeMap<String, Said>,
}

/// A body that places have, under its names in counties, prefectures and provinces.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    names: [String; 3],
    #[serde(flatten)]
    pub(super) usual: Usual,
}

impl Body {
    pub(super) fn name(&self, level: Level) -> &str {
        of_level::<String>(&self.names, level)
    }
}

/// What is usual in a year in a county.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usual {
    requests: f64,
    licensing: f64,
    penalty: f64,
    coercion: f64,
    documents: f64,
    fees: f64,
    purchases: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Amounts {
    levels: [f64; 3],
    years: BTreeMap<String, f64>,
    place: Tail,
    agency: Tail,
}

/// A long tail: most are near the least.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tail {
    least: f64,
    tail: f64,
    most: f64,
}

impl Tail {
    fn draw(self, rng: &mut Rng) -> f64 {
        (self.least / (1.0 - rng.f64()).powf(self.tail)).min(self.most)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attendance {
    pub(super) never: Never,
    pub(super) late: u32,
    pub(super) missed: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Never {
    pub(super) body: u32,
    pub(super) township: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Governments {
    pub(super) holds: u32,
    pub(super) holds_and_says: u32,
    pub(super) own_and_says: u32,
    pub(super) both: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    titles: Vec<String>,
    sentences: Vec<String>,
}

impl Life {
    #[allow(clippy::expect_used)]
    pub(super) fn get() -> &'static Self {
        static LIFE: OnceLock<Life> = OnceLock::new();
        LIFE.get_or_init(|| {
            toml::from_str(include_str!("../../data/life.toml")).expect("data/life.toml is well-formed")
        })
    }

    /// How many times what is usual in a county a place has.
    pub(super) fn of_place(&self, level: Level, rng: &mut Rng) -> f64 {
        of_level(&self.amounts.levels, level) * self.amounts.place.draw(rng)
    }

    /// How a document says its scope: what stands behind its title, or a sentence; mostly one of them.
    pub(super) fn said(&self, scope: Scope, rng: &mut Rng) -> (String, String) {
        let Some(said) = self.said.get(scope.as_str()) else { return <_>::default() };
        let title = crate::words::pick(&said.titles, rng).to_owned();
        let sentence = crate::words::pick(&said.sentences, rng).to_owned();
        match rng.u32(0..5) {
            0..3 => (title, String::new()),
            3 => (String::new(), sentence),
            _ => (title, sentence),
        }
    }
}

/// What holds in counties, prefectures and provinces.
fn of_level<T>([county, prefecture, province]: &[T; 3], level: Level) -> &T {
    match level {
        Level::County => county,
        Level::Prefecture => prefecture,
        Level::Province => province,
    }
}

/// Whether something happens that happens so often in a thousand times.
pub(super) fn happens(thousandths: u32, rng: &mut Rng) -> bool {
    rng.u32(0..1_000) < thousandths
}

/// How often something happens that happens `mean` times on average.
fn times(mean: f64, rng: &mut Rng) -> i64 {
    if mean > 40.0 {
        // The sum of twelve is near enough to normal.
        let sum: f64 = (0..12).map(|_| rng.f64()).sum();
        return (mean + (sum - 6.0) * mean.sqrt()).round().max(0.0) as i64;
    }
    let (limit, mut product, mut count) = ((-mean).exp(), rng.f64(), 0);
    while product > limit {
        product *= rng.f64();
        count += 1;
    }
    count
}

/// One of the codes, by its share.
fn draw<'a>(shares: &[(&'a str, u32)], rng: &mut Rng) -> &'a str {
    let mut at = rng.u32(0..shares.iter().map(|s| s.1).sum::<u32>().max(1));
    for (code, share) in shares {
        if at < *share {
            return code;
        }
        at -= share;
    }
    ""
}

/// What an agency has to report, year after year.
#[derive(Debug)]
pub(super) struct Desk {
    usual: Usual,
    /// How many times what is usual.
    much: f64,
    /// What was carried forward, by applicant.
    left: BTreeMap<String, i64>,
    in_force: i64,
    /// Items, as the form of 2019 counts them.
    items: BTreeMap<&'static str, i64>,
}

impl Desk {
    pub(super) fn new(usual: Usual, of_place: f64, rng: &mut Rng) -> Self {
        let much = of_place * Life::get().amounts.agency.draw(rng);
        let in_force = times(usual.documents * of_place.sqrt(), rng);
        let items = ["licensing", "other_services", "penalty", "coercion", "fees"];
        let items = items.map(|item| (item, rng.i64(0..if item == "fees" { 6 } else { 90 })));
        Self { usual, much, left: BTreeMap::new(), in_force, items: BTreeMap::from(items) }
    }

    /// Figures of the next year.
    pub(super) fn next(&mut self, form: &Form, year: i16, rng: &mut Rng) -> Figures {
        let trend = Life::get().amounts.years.get(&year.to_string()).copied().unwrap_or(1.0);
        let mut sheet = Sheet { form, figures: Figures::default() };
        self.requests(&mut sheet, trend, rng);
        self.proactive(&mut sheet, rng);
        sheet.sum_up();
        sheet.figures
    }

    fn requests(&mut self, sheet: &mut Sheet<'_>, trend: f64, rng: &mut Rng) {
        const TABLE: &str = "disclosure_requests";
        let life = Life::get();
        let Some(table) = sheet.form.table(TABLE) else { return };
        let applicants: Vec<(&str, u32)> = life.applicants.iter().map(|(c, s)| (c.as_str(), *s)).collect();
        // The form of 2019 has one line for what that of 2021 has three for.
        let outcomes = life.outcomes.iter().filter(|(code, _)| table.item(code).is_some());
        let outcomes: Vec<(&str, u32)> = outcomes.map(|(c, s)| (c.as_str(), *s)).collect();
        for (who, left) in std::mem::take(&mut self.left) {
            sheet.add([TABLE, "carried_over", &who], left);
            (0..left).for_each(|_| sheet.add([TABLE, draw(&outcomes, rng), &who], 1));
        }
        for _ in 0..times(self.usual.requests * self.much * trend, rng) {
            let who = draw(&applicants, rng);
            sheet.add([TABLE, "new_received", who], 1);
            if happens(life.disputes.get("carried_forward").copied().unwrap_or(0), rng) {
                sheet.add([TABLE, "carried_forward", who], 1);
                *self.left.entry(who.to_owned()).or_default() += 1;
                continue;
            }
            sheet.add([TABLE, draw(&outcomes, rng), who], 1);
            for way in ["reconsideration", "litigation_direct", "litigation_after_reconsideration"] {
                if happens(life.disputes.get(way).copied().unwrap_or(0), rng) {
                    let ends = ["upheld", "corrected", "other", "pending"];
                    let ends = ends.map(|end| (end, life.disputes.get(end).copied().unwrap_or(0)));
                    sheet.add(["review_litigation", way, draw(&ends, rng)], 1);
                }
            }
        }
    }

    fn proactive(&mut self, sheet: &mut Sheet<'_>, rng: &mut Rng) {
        const TABLE: &str = "proactive_disclosure";
        let (usual, much) = (self.usual, self.much);
        let (made, abolished) =
            (times(self.in_force as f64 / 12.0, rng), times(self.in_force as f64 / 15.0, rng));
        let abolished = abolished.min(self.in_force);
        self.in_force += made - abolished;
        let documents = "normative_documents";
        for (column, count) in [
            ("issued", made),
            ("abolished", abolished),
            ("in_force", self.in_force),
            ("made", made),
            ("published", made),
            ("total_public", self.in_force),
        ] {
            sheet.add([TABLE, documents, column], count);
        }
        let decided =
            [("licensing", usual.licensing), ("penalty", usual.penalty), ("coercion", usual.coercion)];
        for (item, mean) in decided {
            sheet.add([TABLE, item, "decisions"], times(mean * much * (0.8 + 0.4 * rng.f64()), rng));
        }
        for (item, before) in &mut self.items {
            let change = if rng.u32(0..4) == 0 { rng.i64(-5..9).max(-*before) } else { 0 };
            sheet.add([TABLE, item, "items_last_year"], *before);
            sheet.add([TABLE, item, "items_change"], change);
            *before += change;
        }
        let cents = times(100.0 * usual.fees * much * (0.7 + 0.6 * rng.f64()), rng);
        let fees = Number::parse_plain(&format!("{}.{:02}", cents / 100, cents % 100));
        sheet.set([TABLE, "fees", "fee_wan_yuan"], fees.unwrap_or_default());
        let purchases = times(usual.purchases * much.sqrt(), rng);
        let yuan = (0..purchases).map(|_| times(90_000.0, rng) * rng.i64(1..30)).sum();
        sheet.add([TABLE, "procurement", "procurement_projects"], purchases);
        sheet.add([TABLE, "procurement", "procurement_amount_yuan"], yuan);
    }
}

/// Figures of a form under the names of its cells; what the form does not have is left out.
struct Sheet<'a> {
    form: &'a Form,
    figures: Figures,
}

impl Sheet<'_> {
    fn set(&mut self, [table, item, column]: [&str; 3], number: Number) {
        let at = self.form.tables.iter().position(|t| t.table.as_ref() == table);
        let Some((t, table)) = at.and_then(|t| Some((t, self.form.tables.get(t)?))) else { return };
        if let (Some(item), Some(column)) = (table.item(item), table.column(column))
            && table.columns_of(item).contains(&column)
        {
            let sum = self.figures.get((t, item, column)).checked_add(number);
            self.figures.set((t, item, column), sum.unwrap_or(number));
        }
    }

    fn add(&mut self, cell: [&str; 3], count: i64) {
        self.set(cell, Number::from_integer(count));
    }

    /// Makes every total what it is the sum of, outcomes first.
    fn sum_up(&mut self) {
        for (t, table) in self.form.tables.iter().enumerate() {
            for axis in [Axis::Column, Axis::Row] {
                for identity in table.identities.iter().filter(|i| i.axis == axis && i.left.len() == 1) {
                    for line in crate::figures::lines(table, axis) {
                        let (left, right) = terms(t, table, identity, line);
                        if let Some(total) = left.first() {
                            let sum = right.iter().map(|id| self.figures.get(*id)).sum();
                            self.figures.set(*total, sum);
                        }
                    }
                }
            }
        }
    }
}

/// Takes new requests for ones carried over, as far as there are any: the lines still add up.
pub(super) fn misplace(figures: &mut Figures, form: &Form, rng: &mut Rng) -> bool {
    let Some(t) = form.tables.iter().position(|t| t.table.as_ref() == "disclosure_requests") else {
        return false;
    };
    let Some(table) = form.tables.get(t) else { return false };
    let (Some(new), Some(old)) = (table.item("new_received"), table.item("carried_over")) else {
        return false;
    };
    let count = |figures: &Figures, item, column| figures.get((t, item, column)).as_integer().unwrap_or(0);
    let (Some(person), Some(total)) = (table.column("natural_person"), table.column("total")) else {
        return false;
    };
    let some = count(figures, new, person).min(rng.i64(1..4));
    for column in [person, total] {
        for (item, by) in [(new, -some), (old, some)] {
            let value = count(figures, item, column) + by;
            figures.set((t, item, column), Number::from_integer(value));
        }
    }
    some > 0
}
