//! One pass over a document: its lines without blanks, labelled values (来源, 主办单位, 网站标识码 …), metadata, and every
//! place that is mentioned.

use crate::dates;
use crate::names::torn;
use crate::text::{compact, is_blank, is_break, is_han, push_compact};
use aho_corasick::{AhoCorasick, MatchKind};
use gongkai_model::{Block, Document, Role, Table};
use gongkai_registry::{FieldLabel, Gazetteer, NameForm, SaysOf, Wording};

/// A table with more cells is no metadata card.
const CARD_CELLS: usize = 80;
/// Values kept of one label: a page that repeats one more often is not describing itself.
const VALUES: usize = 20;
/// Longest labelled value worth reading, in bytes.
const VALUE_BYTES: usize = 600;

/// A labelled value.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// What it says.
    pub label: SaysOf,
    /// The value, blanks removed.
    pub value: String,
    /// Line it stands in; `None` for metadata of the page and its cards.
    pub line: Option<usize>,
}

/// A line (paragraph) of the document: bytes of [`Scan::text`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Part on the page.
    pub role: Role,
}

/// A full or abbreviated name of a division in running text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mention {
    /// First byte in [`Scan::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A document, read once.
#[derive(Debug)]
pub(crate) struct Scan<'r> {
    /// The words of `data/resolve/`.
    pub words: &'r Wording,
    /// All lines without blanks, `\n` between.
    pub text: String,
    /// The lines; none is empty.
    pub lines: Vec<Line>,
    /// Labelled values, metadata of the page first.
    pub facts: Vec<Fact>,
    /// Places mentioned outside navigation.
    pub mentions: Vec<Mention>,
    /// Where sentences on the statistics period begin (behind their first words).
    pub periods: Vec<usize>,
    /// Where blanks were left out of the text.
    pub gaps: Vec<usize>,
}

impl<'r> Scan<'r> {
    /// Text of a line.
    pub(crate) fn line(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", |l| self.slice(l.start, l.end))
    }

    /// Text between two bytes; empty when they are no character boundaries.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or("")
    }

    /// Text from a byte on.
    pub(crate) fn from(&self, start: usize) -> &str {
        self.text.get(start..).unwrap_or("")
    }

    /// Lines that are not navigation, with their position.
    pub(crate) fn body(&self) -> impl DoubleEndedIterator<Item = (usize, &str)> {
        let lines = self.lines.iter().enumerate().filter(|(_, l)| l.role != Role::Navigation);
        lines.map(|(i, l)| (i, self.slice(l.start, l.end)))
    }

    /// What stands between the blanks of a line.
    pub(crate) fn pieces(&self, index: usize) -> Vec<&str> {
        let Some(Line { start, end, .. }) = self.lines.get(index).copied() else { return Vec::new() };
        let gaps = self.gaps.iter().skip(self.gaps.partition_point(|at| *at <= start)).copied();
        let mut from = start;
        let mut found = Vec::new();
        for to in gaps.take_while(|at| *at < end).chain([end]) {
            found.push(self.slice(from, to));
            from = to;
        }
        found
    }

    /// Values with a label, in order.
    pub(crate) fn values(&self, label: SaysOf) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |f| f.label == label)
    }
}

/// The automaton over labels and names of places, built once.
#[derive(Debug)]
pub(crate) struct Scanner<'r> {
    automaton: AhoCorasick,
    words: &'r Wording,
}

impl<'r> Scanner<'r> {
    #[allow(clippy::expect_used)]
    pub(crate) fn new(gazetteer: &Gazetteer, words: &'r Wording) -> Self {
        let mut patterns: Vec<&str> = words.labels.iter().map(|l| l.word.as_str()).collect();
        patterns.extend(gazetteer.names(NameForm::Full));
        patterns.extend(gazetteer.names(NameForm::Abbreviated));
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        // Fails only beyond 2^31 states.
        Self { automaton: automaton.expect("a few thousand short names fit"), words }
    }

    pub(crate) fn scan(&self, document: &Document) -> Scan<'r> {
        let words = self.words;
        let mut scan = Scan {
            words,
            text: String::new(),
            lines: Vec::new(),
            facts: Vec::new(),
            mentions: Vec::new(),
            periods: Vec::new(),
            gaps: Vec::new(),
        };
        for meta in &document.meta {
            if let Some(label) = label_of(words, &meta.name) {
                push_fact(&mut scan.facts, label, &meta.value, None);
            }
        }
        let mut raw: Vec<&str> = Vec::new();
        for block in &document.blocks {
            match block {
                Block::Paragraph(p) => push_line(&mut scan, &mut raw, &p.text, p.role),
                Block::Table(table) => card(words, table, &mut scan.facts),
            }
        }
        self.read(&mut scan, &raw);
        scan
    }

    fn read(&self, scan: &mut Scan<'r>, raw: &[&str]) {
        let mut line = 0;
        for hit in self.automaton.find_iter(&scan.text) {
            while scan.lines.get(line).is_some_and(|l| l.end <= hit.start()) {
                line += 1;
            }
            let Some(at) = scan.lines.get(line).copied() else { break };
            let Some(field) = self.words.labels.get(hit.pattern().as_usize()) else {
                if at.role != Role::Navigation && self.stands_alone(scan, at, hit.start(), hit.end()) {
                    scan.mentions.push(Mention { start: hit.start(), end: hit.end() });
                }
                continue;
            };
            let label = field.says;
            match label {
                SaysOf::Period => scan.periods.push(hit.end()),
                SaysOf::Other
                | SaysOf::Title
                | SaysOf::PageTitle
                | SaysOf::Author
                | SaysOf::SiteName
                | SaysOf::Url => {}
                SaysOf::Icp => {
                    let before = scan.text.get(at.start..hit.start()).and_then(|t| t.chars().next_back());
                    if let Some(letter) = before
                        && room(&scan.facts, label)
                    {
                        scan.facts.push(Fact {
                            label,
                            value: format!("{letter}{}", field.word),
                            line: Some(line),
                        });
                    }
                }
                _ => {
                    let before = scan.text.get(at.start..hit.start()).and_then(|t| t.chars().next_back());
                    // 出版时间, 起止日期: a word of its own, not the label.
                    if field.alone && before.is_some_and(is_han) {
                        continue;
                    }
                    if !room(&scan.facts, label) {
                        continue;
                    }
                    let value = raw.get(line).and_then(|r| value_behind(r, field)).map(compact);
                    // The label itself may be torn apart by blanks.
                    let value = value.or_else(|| {
                        let rest = scan.text.get(hit.end()..at.end)?.strip_prefix([':', '：'])?;
                        Some(rest.split(is_break).next().unwrap_or("").to_owned())
                    });
                    if let Some(value) = value {
                        push_fact(&mut scan.facts, label, &value, Some(line));
                    }
                }
            }
        }
    }
}

impl Scanner<'_> {
    /// Whether a place named in a line is no part of another word: 西区 of 中西区域, 城区 of 老城区.
    fn stands_alone(&self, scan: &Scan<'_>, line: Line, start: usize, end: usize) -> bool {
        let words = &self.words.names;
        let name = scan.slice(start, end);
        if torn(words, name, scan.slice(end, line.end)) {
            return false;
        }
        let begins = || {
            let before = scan.slice(line.start, start).chars().next_back();
            before.is_none_or(|c| !is_han(c))
                || scan.mentions.last().is_some_and(|m| m.end == start)
                || scan.gaps.binary_search(&start).is_ok()
        };
        !words.ordinary.iter().any(|w| w == name) || begins()
    }
}

fn push_line<'d>(scan: &mut Scan<'_>, raw: &mut Vec<&'d str>, text: &'d str, role: Role) {
    let start = scan.text.len();
    let gaps = &mut scan.gaps;
    push_compact(&mut scan.text, text, |at| {
        if at > start {
            gaps.push(at);
        }
    });
    if scan.text.len() > start {
        scan.lines.push(Line { start, end: scan.text.len(), role });
        raw.push(text);
        scan.text.push('\n');
    }
}

fn push_fact(facts: &mut Vec<Fact>, label: SaysOf, value: &str, line: Option<usize>) {
    let value = if matches!(label, SaysOf::Published | SaysOf::Url | SaysOf::PageTitle) {
        value.trim().to_owned()
    } else {
        compact(value)
    };
    if !value.is_empty() && value.len() <= VALUE_BYTES && room(facts, label) {
        facts.push(Fact { label, value, line });
    }
}

fn room(facts: &[Fact], label: SaysOf) -> bool {
    facts.iter().filter(|f| f.label == label).take(VALUES).count() < VALUES
}

fn label_of(words: &Wording, name: &str) -> Option<SaysOf> {
    let bare = name.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '：' | '【' | '】' | '[' | ']'));
    words.labels.iter().find(|l| l.word == bare).map(|l| l.says)
}

/// The value behind a label in a line as printed: up to the next blank or bar, within which a name does not run on.
fn value_behind<'t>(raw: &'t str, label: &FieldLabel) -> Option<&'t str> {
    let mut rest = raw.split_once(label.word.as_str())?.1.trim_start_matches(is_blank);
    // A colon stands between; 版权所有 and 公网安备 do without.
    match rest.strip_prefix([':', '：', '】']) {
        Some(behind) => rest = behind.trim_start_matches([':', '：']).trim_start_matches(is_blank),
        None if label.bare => {}
        None => return None,
    }
    let end = rest
        .char_indices()
        .find(|(_, c)| is_blank(*c) || matches!(c, '|' | '｜' | '<' | '>'))
        .map_or(rest.len(), |(i, _)| i);
    rest.get(..end).filter(|v| !v.is_empty())
}

/// A metadata card: cells with labels, their values beside them or behind a colon.
fn card(words: &Wording, table: &Table, facts: &mut Vec<Fact>) {
    if table.cells.len() > CARD_CELLS {
        return;
    }
    let mut cells = table.cells.iter().peekable();
    while let Some(cell) = cells.next() {
        if cell.text.len() > VALUE_BYTES {
            continue;
        }
        let text = compact(&cell.text);
        if let Some(label) = label_of(words, &text) {
            if let Some(value) =
                cells.next_if(|next| next.row == cell.row && label_of(words, &compact(&next.text)).is_none())
            {
                push_fact(facts, label, &value.text, None);
            }
        } else if let Some((name, value)) = text.split_once(['：', ':'])
            && let Some(label) = label_of(words, name)
        {
            push_fact(facts, label, value, None);
        }
    }
}

/// The first complete date among values of a label.
pub(crate) fn date_of(
    scan: &Scan<'_>,
    label: SaysOf,
    keep: impl Fn(&Fact) -> bool,
) -> Option<chrono::NaiveDate> {
    scan.values(label).filter(|f| keep(f)).find_map(|f| dates::first_date(&f.value))
}
