//! Reports of 2008-2018: a statistics table of one family of the registry, and the same counts in sentences.

mod sheet;
mod specs;
mod told;

pub use specs::legacy_specs;

use crate::report::{Block, Writer};
use crate::spec::Damage;
use crate::words::{numbered, pick};
use gongkai_registry::{Family, Form, Registry};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub(crate) use sheet::sheet;
pub(crate) use told::cells as told_cells;

/// Code of the form.
const FORM: &str = "pre2019";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    headings: Vec<String>,
    appendix: Vec<String>,
    preamble: Vec<String>,
    idle: BTreeMap<String, Vec<String>>,
    told: BTreeMap<String, Vec<String>>,
}

impl Words {
    #[allow(clippy::expect_used)]
    fn get() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            toml::from_str(include_str!("../../data/legacy.toml")).expect("data/legacy.toml is well-formed")
        })
    }
}

/// The family with this code.
pub(crate) fn family(code: &str) -> Option<&'static Family> {
    Registry::embedded().legacy.family(code)
}

/// A family as a form of one table.
pub(crate) fn form(family: &Family) -> Form {
    Form {
        code: FORM.into(),
        zh: family.zh.clone(),
        en: family.en.clone(),
        source: family.source.clone(),
        first_year: family.first_year,
        last_year: Some(family.last_year),
        marks: Vec::new(),
        tables: vec![family.table.clone()],
    }
}

/// The sections of a report of those years, with the table behind them.
const SECTIONS: [&str; 5] = ["overview", "proactive", "requests", "review", "problems"];

/// Writes a report of a family.
pub(crate) fn write(writer: &mut Writer<'_>) {
    let words = Words::get();
    writer.title();
    let preamble = pick(&words.preamble, &mut writer.rng);
    writer.paragraph(preamble);
    for ((section, heading), ordinal) in
        SECTIONS.iter().zip(&words.headings).zip(["一", "二", "三", "四", "五"])
    {
        writer.report.blocks.push(Block::Heading(format!("{ordinal}、{heading}")));
        for sentence in words.idle.get(*section).map_or(&[][..], Vec::as_slice) {
            if writer.rng.bool() {
                let sentence = sentence.replace("{last}", &(writer.report.year - 1).to_string());
                writer.paragraph(&sentence);
            }
        }
        if let (Some(told), true) = (words.told.get(*section), writer.rng.u32(0..3) > 0) {
            let template = pick(told, &mut writer.rng).to_owned();
            told::sentence(writer, &template);
        }
    }
    if section_of_decoys(writer) {
        let table = writer.department_table();
        writer.report.blocks.push(Block::Caption("各单位办理情况统计表".to_owned()));
        writer.report.blocks.push(Block::Sheet(table));
    }
    let caption = pick(&words.appendix, &mut writer.rng).to_owned();
    let caption =
        caption.replace("{agency}", &writer.report.agency).replace("{year}", &writer.report.year.to_string());
    writer.report.blocks.push(Block::Caption(numbered(&caption, &mut writer.rng)));
    writer.table(0, "政府信息公开情况统计表");
    writer.signature();
}

fn section_of_decoys(writer: &Writer<'_>) -> bool {
    writer.spec.has(Damage::DecoyDepartmentTable)
}
