//! Counts that reports give in sentences, for years whose reports often have no table.
//!
//! A clause counts only if all of it is understood: words that say when and whose, a phrase that names an indicator, a
//! number, a unit. A clause about another year, about all years up to now, or behind words that may name somebody else says
//! nothing. The words are data: `data/forms/pre2019/reading/prose.toml`.

use super::numeral::{self, Told};
use gongkai_model::{
    Block, CellAddress, CellFact, CellStatus, Document, Finding, LegacyRow, LegacySource, Number, Parsed,
    Role, SourcePlace,
};
use gongkai_registry::{Count, LEGACY_TABLE, Legacy, NARRATIVE_COLUMN, Prose};
use std::sync::Arc;

/// The words of all patterns.
pub(crate) struct Patterns<'r> {
    legacy: &'r Legacy,
    prose: &'r Prose,
}

impl<'r> Patterns<'r> {
    pub(crate) fn of(legacy: &'r Legacy) -> Self {
        Self { legacy, prose: &legacy.prose }
    }

    /// Code of the indicator that one is a part of.
    fn parent(&self, code: &str) -> Option<&'r Arc<str>> {
        let parent = self.legacy.indicator(code)?.parent.as_ref()?;
        self.legacy.indicator(parent).filter(|p| !p.heading).map(|p| &p.code)
    }
}

/// A count found.
#[derive(Debug, Clone)]
struct Found {
    indicator: Arc<str>,
    label: String,
    /// `None` where the sentence says in words that there was nothing.
    told: Option<Told>,
    unit: Option<String>,
    sentence: String,
}

/// Reads the counts of all sections into rows, each indicator once, and compares them with those of the tables.
pub(crate) fn read(document: &Document, year: i16, patterns: &Patterns<'_>, parsed: &mut Parsed) {
    let whole = speaks_for_all(document, patterns.prose);
    let mut found: Vec<Found> = Vec::new();
    for section in &parsed.sections {
        for line in section.text.lines() {
            let mut reader = Reader {
                patterns,
                year,
                whole,
                section: &section.section,
                other_time: false,
                found: &mut found,
            };
            line.split('。').for_each(|sentence| reader.sentence(sentence));
        }
    }
    let mut codes: Vec<Arc<str>> = Vec::new();
    for one in &found {
        if !codes.contains(&one.indicator) {
            codes.push(one.indicator.clone());
        }
    }
    for code in codes {
        let own: Vec<&Found> = found.iter().filter(|f| f.indicator == code).collect();
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

struct Reader<'a, 'r> {
    patterns: &'a Patterns<'r>,
    year: i16,
    whole: bool,
    section: &'a str,
    /// Whether what is said is about another year, or several.
    other_time: bool,
    found: &'a mut Vec<Found>,
}

/// What the clauses of a sentence so far leave to the next.
#[derive(Default)]
struct Before {
    /// Indicators counted.
    counted: Vec<Arc<str>>,
    /// Words that are not understood, and may say whose counts follow.
    unknown: bool,
    /// A phrase without a number: the next number counts both together.
    dangling: bool,
    /// `其中` in a clause of its own.
    within: bool,
}

impl Reader<'_, '_> {
    fn sentence(&mut self, sentence: &str) {
        let mut before = Before::default();
        for clause in clauses(sentence, &self.patterns.prose.units) {
            let text: String = clause.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
            if !text.is_empty() {
                self.time(&text);
                self.clause(&text, sentence.trim(), &mut before);
            }
        }
    }

    /// Whether the clause, and those behind it, are about the report's year alone.
    fn time(&mut self, text: &str) {
        let prose = self.patterns.prose;
        let years: Vec<i16> = years(text);
        if years.iter().any(|y| *y != self.year) || prose.cumulative.iter().any(|w| text.contains(w.as_str()))
        {
            self.other_time = true;
        } else if !years.is_empty() || prose.this_year.iter().any(|w| text.contains(w.as_str())) {
            self.other_time = false;
        }
    }

    fn clause(&mut self, text: &str, sentence: &str, before: &mut Before) {
        let prose = self.patterns.prose;
        let stripped = self.prefixes(text);
        let within = stripped.within || before.within;
        if stripped.rest.is_empty() {
            before.within = within;
            return;
        }
        let dangling = std::mem::take(&mut before.dangling);
        before.within = false;
        let counts = || prose.counts.iter().filter(|c| self.applies(c));
        let matches: Vec<Found> = counts().filter_map(|c| count(c, prose, stripped.rest, sentence)).collect();
        let Some(found) = matches.first().filter(|f| matches.iter().all(|m| m.indicator == f.indicator))
        else {
            let ends = |c: &Count| c.phrases.iter().any(|p| text.ends_with(p.as_str()));
            before.dangling = prose.counts.iter().any(ends);
            before.unknown = true;
            return;
        };
        let own_words = !before.unknown || stripped.own;
        let part_of_known =
            self.patterns.parent(&found.indicator).is_some_and(|p| before.counted.contains(p));
        let needs_parent = within || counts().any(|c| c.indicator == found.indicator && c.within);
        before.counted.push(found.indicator.clone());
        if self.other_time || dangling || !own_words || (needs_parent && !part_of_known) {
            return;
        }
        self.found.push(found.clone());
    }

    fn applies(&self, count: &Count) -> bool {
        count.sections.is_empty() || count.sections.iter().any(|s| s == self.section)
    }

    /// What is left of a clause behind the words that say when and whose.
    fn prefixes<'t>(&self, text: &'t str) -> Stripped<'t> {
        let prose = self.patterns.prose;
        let year = self.year.to_string();
        let mut stripped = Stripped { rest: text, within: false, own: false };
        loop {
            let after = |words: &[String]| -> Option<&'t str> {
                let word = |w: &String| stripped.rest.strip_prefix(w.replace("{year}", &year).as_str());
                words.iter().filter_map(word).min_by_key(|rest| rest.len())
            };
            let (rest, within, own) = if let Some(rest) = after(&prose.within) {
                (rest, true, false)
            } else if let Some(rest) = after(&prose.own_prefixes) {
                (rest, false, true)
            } else if let Some(rest) = after(&prose.whole_prefixes).filter(|_| self.whole) {
                (rest, false, true)
            } else if let Some(rest) = after(&prose.prefixes) {
                (rest, false, false)
            } else {
                return stripped;
            };
            stripped = Stripped { rest, within: stripped.within || within, own: stripped.own || own };
        }
    }
}

struct Stripped<'t> {
    rest: &'t str,
    /// Whether it counts a part of what was counted before.
    within: bool,
    /// Whether it says that the counts are the agency's own.
    own: bool,
}

/// The count that a text is, if it is one from its first to its last character.
fn count(count: &Count, prose: &Prose, text: &str, sentence: &str) -> Option<Found> {
    let found = |told: Option<Told>, unit: Option<&String>, label: &str| Found {
        indicator: count.indicator.clone(),
        label: label.to_owned(),
        told,
        unit: unit.cloned(),
        sentence: sentence.to_owned(),
    };
    for noun in &count.nouns {
        if prose.none.iter().any(|n| text.strip_prefix(n.as_str()) == Some(noun)) {
            return Some(found(None, None, noun));
        }
    }
    let units = if count.money { &prose.money } else { &prose.units };
    let mut ends: Vec<(&str, &String)> =
        units.iter().filter_map(|u| text.strip_suffix(u.as_str()).map(|rest| (rest, u))).collect();
    ends.sort_by_key(|(rest, _)| rest.len());
    let (body, unit) = *ends.first()?;
    count.phrases.iter().find_map(|phrase| {
        let mut rest = body.strip_prefix(phrase.as_str())?;
        loop {
            if let Some(told) = numeral::read(rest) {
                return Some(found(Some(told), Some(unit), phrase));
            }
            rest =
                prose.joints.iter().filter_map(|j| rest.strip_prefix(j.as_str())).min_by_key(|r| r.len())?;
        }
    })
}

/// The clauses of a sentence. A comma between three digits and others is none, and 、 parts clauses only behind a unit.
fn clauses<'t>(sentence: &'t str, units: &[String]) -> Vec<&'t str> {
    let characters: Vec<(usize, char)> = sentence.char_indices().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|a| characters.get(a)).is_some_and(|(_, c)| half_width(*c).is_ascii_digit())
    };
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, (byte, c)) in characters.iter().enumerate() {
        let before = sentence.get(from..*byte).unwrap_or_default();
        let grouped =
            || digit(at.checked_sub(1)) && (1..=3).all(|n| digit(Some(at + n))) && !digit(Some(at + 4));
        let ends = match c {
            ',' | '，' => !grouped(),
            ';' | '；' | ':' | '：' | '(' | ')' | '（' | '）' => true,
            '、' => {
                let numeral =
                    |c: char| half_width(c).is_ascii_digit() || "零一二三四五六七八九十百千万".contains(c);
                units.iter().any(|u| before.strip_suffix(u.as_str()).is_some_and(|b| b.ends_with(numeral)))
            }
            _ => false,
        };
        if ends {
            clauses.push(before);
            from = byte + c.len_utf8();
        }
    }
    clauses.push(sentence.get(from..).unwrap_or_default());
    clauses
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// The years a text names.
fn years(text: &str) -> Vec<i16> {
    let characters: Vec<char> = text.chars().collect();
    let year = |w: &[char]| match w {
        [a, b, c, d, '年'] => [a, b, c, d].iter().copied().collect::<String>().parse().ok(),
        _ => None,
    };
    characters.windows(5).filter_map(year).collect()
}

/// Writes an indicator that one or several sentences count. Where they differ it has no figure.
fn push(document: &Document, own: &[&Found], parsed: &mut Parsed) {
    let Some(first) = own.iter().find(|f| f.told.is_some()).or(own.first()) else { return };
    let agree = own.iter().all(|f| f.told.is_none() == first.told.is_none() && same(f, first));
    let value = first.told.map(|t| t.number).filter(|_| agree);
    let address = CellAddress {
        table: Some(LEGACY_TABLE.into()),
        item: Some(first.indicator.clone()),
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
    let table = parsed.legacy.iter().find(|r| r.indicator.as_ref() == Some(&first.indicator));
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
        item: first.indicator.clone(),
        column: NARRATIVE_COLUMN.into(),
        status,
        value,
        raw: first.sentence.clone(),
        label: Some(first.label.as_str().into()),
        source: place(document, &first.sentence),
    });
    parsed.legacy.push(LegacyRow {
        indicator: Some(first.indicator.clone()),
        item: first.indicator.clone(),
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
