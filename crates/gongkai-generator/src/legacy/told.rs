//! Counts told in sentences.

use crate::report::{Block, Report, Writer};
use crate::spec::{Damage, Layout, Spec};
use crate::truth::{Certainty, TrueCell};
use crate::words::numbered;
use fastrand::Rng;
use gongkai_model::Number;
use gongkai_registry::{LEGACY_TABLE, NARRATIVE_COLUMN, Registry};

/// Writes a sentence with the counts of the table, and notes what it tells.
pub(super) fn sentence(writer: &mut Writer<'_>, template: &str) {
    let mut text = template.replace("{year}", &writer.report.year.to_string());
    let Some(table) = writer.form.tables.first() else { return };
    for (item, spec) in table.items.iter().enumerate() {
        let slot = format!("{{{}}}", spec.code);
        if text.contains(&slot) {
            let number = super::sheet::number("件", item, 0, writer.figures);
            text = text.replace(&slot, &spelled(number, &mut writer.rng));
            writer.report.told.push((spec.code.clone(), number));
        }
    }
    writer.report.blocks.push(Block::Paragraph(numbered(&text, &mut writer.rng)));
}

/// Digits, mostly; now and then with separators, in full width, or in Chinese numerals.
fn spelled(number: Number, rng: &mut Rng) -> String {
    let digits = number.to_string();
    match rng.u32(0..8) {
        0 if digits.len() > 3 => {
            let (front, back) = digits.split_at_checked(digits.len() - 3).unwrap_or((&digits, ""));
            format!("{front},{back}")
        }
        1 => digits.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xff10).unwrap_or(c)).collect(),
        2 => number.as_integer().filter(|n| (1..10_000).contains(n)).map_or(digits, chinese),
        _ => digits,
    }
}

/// A number below ten thousand in Chinese numerals.
fn chinese(number: i64) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (mut text, mut gap) = (String::new(), false);
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = usize::try_from(number / unit % 10).ok().and_then(|d| DIGITS.get(d)).unwrap_or(&"");
        if *digit == "零" {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
        }
        gap = false;
        text.push_str(digit);
        text.push_str(name);
    }
    text
}

/// The truth about the counts in sentences, told or not.
pub(crate) fn cells(report: &Report, spec: &Spec) -> Vec<TrueCell> {
    // Behind a cut, or where lines and headings have run together, a person may still see them; a program need not.
    let open = spec.has(Damage::TruncatedPage) || spec.layout == Layout::Flattened;
    let mut codes: Vec<_> = Registry::embedded().legacy.prose.counts.iter().map(|c| c.code.clone()).collect();
    codes.sort();
    codes.dedup();
    let certainty = |code: &std::sync::Arc<str>| match report.told.iter().find(|(c, _)| c == code) {
        Some((_, n)) if open => Certainty::Open(Some(*n)),
        Some((_, n)) => Certainty::Certain(*n),
        None => Certainty::Absent,
    };
    codes
        .into_iter()
        .map(|item| TrueCell {
            table: LEGACY_TABLE.into(),
            certainty: certainty(&item),
            item,
            column: NARRATIVE_COLUMN.into(),
        })
        .collect()
}
