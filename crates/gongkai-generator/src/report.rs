//! The whole report around the tables.

use crate::build::{self, Options};
use crate::figures::{Figures, Size};
use crate::labels::Labels;
use crate::legacy;
use crate::sheet::{Cell, Kind, Part, Row, Sheet};
use crate::spec::{Damage, Spec};
use crate::words::{Words, numbered, pick};
use fastrand::Rng;
use gongkai_model::Number;
use gongkai_registry::{Division, Form, FormTable, Level, Registry, strip_ordinal};
use std::sync::Arc;

/// One piece of the report.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    Title(String),
    Heading(String),
    Paragraph(String),
    /// A line that says what the next table is.
    Caption(String),
    Sheet(Sheet),
    /// A table in a comment of the markup; printed nowhere else.
    Comment(Sheet),
    Signature(String),
}

/// A report before any file format.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) title: String,
    pub(crate) agency: String,
    pub(crate) year: i16,
    pub(crate) county: Division,
    /// Month and day of January or so of the next year.
    pub(crate) day: (u32, u32),
    pub(crate) blocks: Vec<Block>,
    /// Counts given in sentences, by indicator.
    pub(crate) told: Vec<(Arc<str>, Number)>,
}

/// A stream of random numbers of its own for each purpose, so that one does not disturb another.
pub(crate) fn stream(seed: u64, purpose: &str) -> Rng {
    let mix = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    Rng::with_seed(purpose.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
}

pub(crate) struct Writer<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) form: &'a Form,
    pub(crate) figures: &'a Figures,
    other: Figures,
    pub(crate) report: Report,
    pub(crate) rng: Rng,
    /// The stream in which rows are put in another order: the same for every copy of a table.
    order: Rng,
    summary: bool,
    /// The table that has a second one beside it.
    doubled: usize,
    occasion: Option<&'a Occasion>,
}

/// Who reports for which year, and what, instead of what a seed draws.
#[derive(Debug, Clone)]
pub(crate) struct Occasion {
    pub(crate) county: Division,
    pub(crate) agency: String,
    pub(crate) year: i16,
    pub(crate) figures: Figures,
    /// What is told: the same number tells the same.
    pub(crate) tale: u64,
    /// What stands behind the title, and a sentence behind the preamble, that say for whom it counts; or nothing.
    pub(crate) said: (String, String),
}

pub(crate) fn write(spec: &Spec, form: &Form, figures: &Figures, occasion: Option<&Occasion>) -> Report {
    let mut rng = stream(spec.seed, "words");
    let words = Words::get();
    let year = rng.i16(form.first_year..=form.last_year.unwrap_or(form.first_year + 3));
    let (county, place) = place(year, &mut rng);
    let agency = format!("{place}{}", pick(&words.agencies, &mut rng));
    let (county, agency, year) = match occasion {
        Some(o) => (o.county.clone(), o.agency.clone(), o.year),
        None => (county, agency, year),
    };
    let titles = if spec.has(Damage::PartOfYear) { &words.part_titles } else { &words.titles };
    let title = pick(titles, &mut rng).replace("{agency}", &agency).replace("{year}", &year.to_string());
    let mut choice = stream(spec.seed, "copies");
    let summary = choice.bool();
    let doubled = choice.usize(0..form.tables.len().max(1));
    let other = Figures::draw(form, if choice.bool() { Size::Large } else { Size::Middling }, &mut choice);
    let day = (rng.u32(1..4), rng.u32(1..29));
    let report = Report { title, agency, year, county, day, blocks: Vec::new(), told: Vec::new() };
    let order = stream(spec.seed, "order");
    let mut writer = Writer { spec, form, figures, other, report, rng, order, summary, doubled, occasion };
    match legacy::family(spec.form) {
        Some(_) => legacy::write(&mut writer),
        None => writer.write(),
    }
    writer.report
}

/// A county of the year, and its name as agencies write it, with what it belongs to.
fn place(year: i16, rng: &mut Rng) -> (Division, String) {
    let gazetteer = &Registry::embedded().gazetteer;
    let fits = |d: &&Division| d.level == Level::County && d.valid_in(year);
    let counties: Vec<&Division> = gazetteer.divisions().iter().filter(fits).collect();
    let Some(county) = rng.choice(counties) else {
        let level = Level::County;
        let empty = Division {
            code: String::new(),
            name: String::new(),
            level,
            parent: String::new(),
            from: 0,
            to: None,
        };
        return (empty, String::new());
    };
    let above = gazetteer.parent(county, year).map_or("", |d| d.name.as_str());
    (county.clone(), format!("{above}{}", county.name))
}

impl Writer<'_> {
    /// The title, and the card of metadata where there is one.
    pub(crate) fn title(&mut self) {
        if self.spec.has(Damage::SummaryAndOwn) {
            let which = if self.summary { "（汇总）" } else { "（本级）" };
            self.report.title.push_str(which);
        }
        self.report.title.push_str(self.occasion.map_or("", |o| &o.said.0));
        self.report.blocks.push(Block::Title(self.report.title.clone()));
        if self.spec.has(Damage::DecoyMetadataCard) {
            let card = self.metadata_card();
            self.report.blocks.push(Block::Sheet(card));
        }
    }

    fn write(&mut self) {
        let words = Words::get();
        self.title();
        let part = self.spec.has(Damage::PartOfYear);
        let preambles = if part { &words.part_preamble } else { &words.preamble };
        let preamble = pick(preambles, &mut self.rng);
        self.paragraph(preamble);
        if let Some(sentence) = self.occasion.map(|o| o.said.1.as_str()).filter(|s| !s.is_empty()) {
            self.paragraph(sentence);
        }
        let mut ordinals = ["一", "二", "三", "四", "五", "六", "七", "八"].into_iter();
        for section in &Registry::embedded().sections {
            if let Some(headings) = words.headings.get(&section.code) {
                let heading = pick(headings, &mut self.rng);
                self.report
                    .blocks
                    .push(Block::Heading(format!("{}、{heading}", ordinals.next().unwrap_or("九"))));
                self.section(&section.code, heading);
            }
        }
        self.signature();
    }

    /// Name and date, mostly.
    pub(crate) fn signature(&mut self) {
        let (agency, year, (month, day)) =
            (self.report.agency.clone(), self.report.year + 1, self.report.day);
        if self.rng.u32(0..4) > 0 {
            self.report.blocks.push(Block::Signature(agency));
            self.report.blocks.push(Block::Signature(format!("{year}年{month}月{day}日")));
        }
    }

    fn section(&mut self, code: &str, heading: &str) {
        if let Some(occasion) = self.occasion {
            self.tell(code, occasion.tale);
        }
        let sentences = Words::get().sentences.get(code).map_or(&[][..], Vec::as_slice);
        // Their counts are not those of the tables.
        let sentences = if self.occasion.is_some() { &[] } else { sentences };
        let has_table = self.form.tables.iter().any(|t| t.section == code);
        for sentence in sentences {
            if self.rng.u32(0..4) > u32::from(has_table) {
                self.paragraph(sentence);
            }
        }
        if code == "overview" && self.spec.has(Damage::DecoyDepartmentTable) {
            self.report.blocks.push(Block::Caption("各单位办理情况统计表".to_owned()));
            let table = self.department_table();
            self.report.blocks.push(Block::Sheet(table));
        }
        for t in 0..self.form.tables.len() {
            if self.form.tables.get(t).is_some_and(|x| x.section == code) {
                self.table(t, heading);
            }
        }
    }

    /// A section's invented work.
    fn tell(&mut self, code: &str, tale: u64) {
        let paragraphs = match code {
            "overview" => 4,
            "problems" => 2,
            _ => return,
        };
        let mut rng = stream(tale, code);
        for _ in 0..paragraphs {
            let sentences: Vec<String> = (0..4).map(|_| Words::get().tales.sentence(&mut rng)).collect();
            self.paragraph(&sentences.concat());
        }
    }

    pub(crate) fn paragraph(&mut self, template: &str) {
        let text = template
            .replace("{agency}", &self.report.agency)
            .replace("{year}", &self.report.year.to_string());
        self.report.blocks.push(Block::Paragraph(numbered(&text, &mut self.rng)));
    }

    fn sheet(&mut self, t: usize, counts: bool) -> Sheet {
        let options = Options {
            shuffled: self.spec.has(Damage::RowsOutOfOrder),
            without_totals: self.spec.has(Damage::MissingTotalColumn),
            without_head: self.spec.has(Damage::MissingHead),
            captioned: self
                .spec
                .has(Damage::CaptionCarriesRow)
                .then(|| self.spec.layout.is_grid() && self.summary),
            counts,
        };
        let figures = if counts { self.figures } else { &self.other };
        if legacy::family(self.spec.form).is_some() {
            let last_year = !counts && self.spec.has(Damage::LastYearBeside);
            let year = self.report.year - i16::from(last_year);
            return legacy::sheet(self.spec, year, figures, options, &mut self.order.clone());
        }
        build::sheet(self.form, t, figures, options, &mut self.order.clone())
    }

    /// A statutory table, with what stands beside it.
    pub(crate) fn table(&mut self, t: usize, heading: &str) {
        if u8::try_from(t).is_ok_and(|t| self.spec.has(Damage::MissingTable(t))) {
            return;
        }
        let mut own = self.sheet(t, true);
        let mut copies = Vec::new();
        let year = self.report.year;
        if self.spec.has(Damage::SummaryAndOwn) {
            let (whole, alone) = ("全县各单位（汇总）".to_owned(), format!("{}（本级）", self.report.agency));
            let (this, that) = if self.summary { (whole, alone) } else { (alone, whole) };
            copies = vec![(Some(this), own), (Some(that), self.sheet(t, false))];
        } else if self.doubled == t && self.spec.has(Damage::LastYearBeside) {
            let caption = |y: i16| Some(format!("{y}年{heading}"));
            copies = vec![(caption(year), own), (caption(year - 1), self.sheet(t, false))];
        } else if self.doubled == t && self.spec.has(Damage::OtherPeriodBeside) {
            let parts = ["上半年", "第三季度", "1-9月", "1至6月", "第一季度"];
            let part = stream(self.spec.seed, "period").choice(parts).unwrap_or("上半年");
            let whole = if self.summary { "" } else { "全年" };
            copies = vec![
                (Some(format!("{year}年{whole}{heading}")), own),
                (Some(format!("{year}年{part}{heading}")), self.sheet(t, false)),
            ];
        } else if self.doubled == t && self.spec.has(Damage::CaptionOfAnother) {
            let caption = pick(&Words::get().other_captions, &mut stream(self.spec.seed, "period"));
            let caption = caption.replace("{last}", &(year - 1).to_string());
            let caption = caption.replace("{year}", &year.to_string());
            copies = vec![(Some(caption.replace("{heading}", heading)), self.sheet(t, false))];
        } else if self.doubled == t && self.spec.has(Damage::LastYearUncaptioned) {
            own.rivalled = true;
            copies = vec![(None, own), (None, self.sheet(t, false))];
        } else {
            if self.doubled == t && self.spec.has(Damage::CommentedOut) {
                let old = self.sheet(t, false);
                self.report.blocks.push(Block::Comment(old));
            }
            copies.push((None, own));
        }
        if copies.len() > 1 && stream(self.spec.seed, "first").bool() {
            copies.reverse();
        }
        for (caption, sheet) in copies {
            self.report.blocks.extend(caption.map(Block::Caption));
            self.report.blocks.push(Block::Sheet(sheet));
        }
    }

    /// The card above a page: 索引号, 发布机构, 公开日期 and so on.
    fn metadata_card(&mut self) -> Sheet {
        let (year, (month, day)) = (self.report.year + 1, self.report.day);
        let cells = [
            (
                "索引号",
                format!("{}/{year}-{:05}", self.rng.u32(10_000_000..99_999_999), self.rng.u32(1..400)),
            ),
            ("主题分类", "政府信息公开 / 行政许可".to_owned()),
            ("发布机构", self.report.agency.clone()),
            ("公开日期", format!("{year}-{month:02}-{day:02}")),
            ("文号", String::new()),
            ("浏览次数", self.rng.u32(3..900).to_string()),
        ];
        let two = |pair: &[(&str, String)]| {
            let both = |(a, b): &(&str, String)| [Cell::new(Part::Other, a), Cell::new(Part::Other, b)];
            Row::new(Kind::Extra, pair.iter().flat_map(both).collect())
        };
        Sheet {
            rows: cells.chunks(2).map(two).collect(),
            width: 4,
            label_columns: 1,
            head: true,
            ..Sheet::default()
        }
    }

    /// A table by departments whose columns are called like items of the form.
    pub(crate) fn department_table(&mut self) -> Sheet {
        let labels_of = |table: &FormTable| -> Vec<String> {
            let labels = Labels::of(self.form, table);
            let label = |i: usize| match labels.item(table, i) {
                // Statistics tables have the labels of their families.
                "" => table
                    .items
                    .get(i)
                    .and_then(|item| item.labels.first())
                    .map_or("", String::as_str)
                    .to_owned(),
                label => strip_ordinal(label).1.to_owned(),
            };
            (0..table.items.len()).map(label).collect()
        };
        let items = self.form.tables.iter().flat_map(labels_of);
        let short: Vec<String> = items.filter(|l| (3..9).contains(&l.chars().count())).collect();
        let names = self.rng.choose_multiple(short, 4);
        let mut head = vec![Cell::new(Part::Other, "单位")];
        head.extend(names.iter().map(|n| Cell::new(Part::Other, n)));
        let mut rows = vec![Row::new(Kind::Extra, head)];
        let departments = &Words::get().departments;
        let some: Vec<&String> =
            departments.iter().take(self.rng.usize(2..=departments.len().max(2))).collect();
        for department in some.iter().map(|d| d.as_str()).chain(["合计"]) {
            let mut cells = vec![Cell::new(Part::Other, department)];
            cells.extend((0..names.len()).map(|_| Cell::new(Part::Other, &self.rng.u32(0..90).to_string())));
            rows.push(Row::new(Kind::Extra, cells));
        }
        Sheet { rows, width: 1 + names.len(), label_columns: 1, head: true, ..Sheet::default() }
    }
}
