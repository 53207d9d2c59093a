//! Counts that reports of 2008-2018 give in sentences, for years whose reports often have no table. The words are data:
//! `data/forms/pre2019/reading/prose.toml`; [`crate::prose`] reads them.

use crate::prose::{Found, ProseReader, Whole};
use gongkai_model::{
    Block, CellAddress, CellFact, CellStatus, Document, Finding, LegacyRow, LegacySource, Number, Parsed,
    Role, SourcePlace,
};
use gongkai_registry::{LEGACY_TABLE, NARRATIVE_COLUMN, Prose};
use std::sync::Arc;

/// Reads the counts of all sections into rows, each indicator once, and compares them with those of the tables.
pub(crate) fn read(
    document: &Document,
    year: i16,
    prose: &Prose,
    reader: &ProseReader<'_>,
    parsed: &mut Parsed,
) {
    let whole = if speaks_for_all(document, prose) { Whole::Own } else { Whole::Unknown };
    let found = reader.read(&parsed.sections, Some(year), whole);
    let mut codes: Vec<Arc<str>> = Vec::new();
    for one in &found {
        if !codes.contains(&one.what) {
            codes.push(one.what.clone());
        }
    }
    for code in codes {
        let own: Vec<&Found> = found.iter().filter(|f| f.what == code).collect();
        push(document, &own, parsed);
    }
}

/// Whether the title is that of a government, which reports for all its bodies.
fn speaks_for_all(document: &Document, prose: &Prose) -> bool {
    /// Blocks among which a title is looked for.
    const HEAD_BLOCKS: usize = 40;
    let titles = document.meta.iter().filter(|m| m.name.contains("title") || m.name == "标题");
    let headings = document.blocks.iter().take(HEAD_BLOCKS).filter_map(|b| match b {
        Block::Paragraph(p) => Some(p.text.as_str()),
        Block::Table(_) => None,
    });
    // What stands behind the name of the agency in a title.
    let follows = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit() || "关政信(（".contains(c));
    let mut texts = titles.map(|m| m.value.as_str()).chain(headings).filter_map(|t| t.split_once("报告"));
    let title = texts.find(|(before, _)| before.contains("信息公开"));
    title.is_some_and(|(before, _)| {
        prose
            .whole_titles
            .iter()
            .any(|w| before.split_once(w.as_str()).is_some_and(|(_, rest)| follows(rest)))
    })
}

/// Writes an indicator that one or several sentences count. Where they differ it has no figure.
fn push(document: &Document, own: &[&Found], parsed: &mut Parsed) {
    let Some(first) = own.iter().find(|f| f.told.is_some()).or(own.first()) else { return };
    let agree = own.iter().all(|f| f.told.is_none() == first.told.is_none() && same(f, first));
    let value = first.told.map(|t| t.number).filter(|_| agree);
    let address = CellAddress {
        table: Some(LEGACY_TABLE.into()),
        item: Some(first.what.clone()),
        column: Some(NARRATIVE_COLUMN.into()),
    };
    let differs = |message: &str, expected: String, actual: String| {
        Finding::at("GK215", address.clone(), message).raw(first.sentence.as_str()).compare(expected, actual)
    };
    let told = |f: &Found| f.told.map_or("none".to_owned(), |t| t.number.to_string());
    if let (false, Some(other)) = (agree, own.iter().find(|f| !same(f, first))) {
        parsed.findings.push(differs(
            "sentences of the report give different counts",
            told(first),
            told(other),
        ));
    }
    let table = parsed.legacy.iter().find(|r| r.indicator.as_ref() == Some(&first.what));
    if let (Some(value), Some(told), Some(printed)) = (value, first.told, table)
        && let Some(figure) = printed.value
        && !matches(value, told.step, first.unit.as_deref(), figure, printed.unit.as_deref())
    {
        let finding = differs("a sentence and the table differ", figure.to_string(), value.to_string());
        parsed.findings.push(finding);
    }
    let status = match (agree, first.told) {
        (false, _) => CellStatus::Unreadable,
        (true, Some(_)) => CellStatus::Annotated,
        (true, None) => CellStatus::Word,
    };
    parsed.cells.push(CellFact {
        table: LEGACY_TABLE.into(),
        item: first.what.clone(),
        column: NARRATIVE_COLUMN.into(),
        status,
        value,
        raw: first.sentence.clone(),
        label: Some(first.label.as_str().into()),
        source: place(document, &first.sentence),
    });
    parsed.legacy.push(LegacyRow {
        indicator: Some(first.what.clone()),
        item: first.what.clone(),
        label: first.label.clone(),
        parent: None,
        unit: first.unit.clone(),
        value,
        cumulative: None,
        source: LegacySource::Narrative,
    });
}

/// Whether two sentences give the same count, as finely as the rounder one tells it.
fn same(a: &Found, b: &Found) -> bool {
    match (a.told, b.told) {
        (Some(x), Some(y)) => x.number == y.number && (a.unit == b.unit || !is_money(&a.unit)),
        (None, None) => true,
        _ => false,
    }
}

fn is_money(unit: &Option<String>) -> bool {
    unit.as_ref().is_some_and(|u| u.ends_with('元'))
}

/// Whether a count told in a sentence is the figure of the table, as finely as it is told. Amounts in 元 and 万元 are
/// compared in 元; other units say the same of a count (件, 条).
fn matches(told: Number, step: Number, unit: Option<&str>, figure: Number, printed: Option<&str>) -> bool {
    let factor = |unit: Option<&str>| if unit == Some("万元") { 10_000 } else { 1 };
    let told_micros = told.micros() * factor(unit);
    let figure = figure.micros() * factor(printed);
    let step = step.micros() * factor(unit);
    let whole = step <= 1_000_000;
    (told_micros - figure).abs() * 2 < step.max(1) || (whole && told_micros == figure)
}

/// The paragraph a sentence stands in.
fn place(document: &Document, sentence: &str) -> Option<SourcePlace> {
    document.blocks.iter().enumerate().find_map(|(at, block)| match block {
        Block::Paragraph(p) if p.role != Role::Navigation && p.text.contains(sentence) => {
            Some(SourcePlace { table: None, row: u32::try_from(at).ok()?, column: 0, bytes: p.bytes })
        }
        _ => None,
    })
}
