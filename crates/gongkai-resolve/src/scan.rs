//! One pass over a document: its lines without blanks, labelled values (来源, 主办单位, 网站标识码 …), metadata, and every
//! place that is mentioned.

use crate::dates;
use crate::text::{compact, is_blank, is_break, is_han, push_compact};
use aho_corasick::{AhoCorasick, MatchKind};
use gongkai_model::{Block, Document, Role, Table};
use gongkai_registry::{Gazetteer, NameForm};

/// What a labelled value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Title of the document.
    Title,
    /// Title of the page, with the site's suffix.
    PageTitle,
    /// The publishing agency, as a metadata field.
    Publisher,
    /// 来源: often only the site's default.
    Source,
    /// Author of the page: often a person.
    Author,
    /// Name of the site.
    SiteName,
    /// 主办单位, 版权所有.
    Sponsor,
    /// 地址.
    Address,
    /// 网站标识码.
    SiteCode,
    /// ICP registration: the province's letter stands in front.
    Icp,
    /// Police registration: begins with a division code.
    Police,
    /// Publication date.
    Published,
    /// The sentence on the statistics period begins.
    Period,
    /// Address of the page.
    Url,
    /// A date or word that is none of these: 采集时间, 页面生成时间, 更新时间.
    Other,
}

/// Labels as printed, and as metadata names. A longer label wins over one inside it.
const LABELS: &[(&str, Label)] = &[
    ("articletitle", Label::Title),
    ("ucaptitle", Label::Title),
    ("标题", Label::Title),
    ("信息名称", Label::Title),
    ("文件名称", Label::Title),
    ("名称", Label::Title),
    ("title", Label::PageTitle),
    ("og:title", Label::PageTitle),
    ("发布机构", Label::Publisher),
    ("公开机构", Label::Publisher),
    ("发文机关", Label::Publisher),
    ("发文单位", Label::Publisher),
    ("发布单位", Label::Publisher),
    ("发布部门", Label::Publisher),
    ("制发机关", Label::Publisher),
    ("信息提供", Label::Publisher),
    ("责任部门", Label::Publisher),
    ("公开主体", Label::Publisher),
    ("publisher", Label::Publisher),
    ("contentsource", Label::Source),
    ("source", Label::Source),
    ("信息来源", Label::Source),
    ("文章来源", Label::Source),
    ("稿件来源", Label::Source),
    ("来源", Label::Source),
    ("author", Label::Author),
    ("sitename", Label::SiteName),
    ("主办单位", Label::Sponsor),
    ("承办单位", Label::Sponsor),
    ("版权所有", Label::Sponsor),
    ("主办", Label::Sponsor),
    ("联系地址", Label::Address),
    ("通讯地址", Label::Address),
    ("地址", Label::Address),
    ("siteidcode", Label::SiteCode),
    ("sitecode", Label::SiteCode),
    ("网站标识码", Label::SiteCode),
    ("政府网站标识码", Label::SiteCode),
    ("ICP备", Label::Icp),
    ("公网安备", Label::Police),
    ("公安备案号", Label::Police),
    ("publishtime", Label::Published),
    ("pubdate", Label::Published),
    ("publishdate", Label::Published),
    ("publishedtime", Label::Published),
    ("firstpublishedtime", Label::Published),
    ("article:published_time", Label::Published),
    ("发布时间", Label::Published),
    ("发布日期", Label::Published),
    ("公开日期", Label::Published),
    ("公开时间", Label::Published),
    ("时间", Label::Published),
    ("日期", Label::Published),
    ("统计期限", Label::Period),
    ("统计时限", Label::Period),
    ("统计时间", Label::Period),
    ("统计周期", Label::Period),
    ("数据期限", Label::Period),
    ("url", Label::Url),
    ("og:url", Label::Url),
    ("原文链接", Label::Url),
    ("原文地址", Label::Url),
    ("网址", Label::Other),
    ("采集时间", Label::Other),
    ("抓取时间", Label::Other),
    ("生成时间", Label::Other),
    ("生成日期", Label::Other),
    ("页面生成时间", Label::Other),
    ("更新时间", Label::Other),
    ("更新日期", Label::Other),
    ("办公时间", Label::Other),
    ("工作时间", Label::Other),
    ("受理时间", Label::Other),
    ("成文日期", Label::Other),
    ("责任编辑", Label::Other),
    ("浏览", Label::Other),
];

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
    pub label: Label,
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
pub(crate) struct Scan {
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
}

impl Scan {
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

    /// Values with a label, in order.
    pub(crate) fn values(&self, label: Label) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |f| f.label == label)
    }
}

/// The automaton over labels and names of places, built once.
#[derive(Debug)]
pub(crate) struct Scanner {
    automaton: AhoCorasick,
}

impl Scanner {
    #[allow(clippy::expect_used)]
    pub(crate) fn new(gazetteer: &Gazetteer) -> Self {
        let mut patterns: Vec<&str> = LABELS.iter().map(|(l, _)| *l).collect();
        patterns.extend(gazetteer.names(NameForm::Full));
        patterns.extend(gazetteer.names(NameForm::Abbreviated));
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        // Fails only beyond 2^31 states.
        Self { automaton: automaton.expect("a few thousand short names fit") }
    }

    pub(crate) fn scan(&self, document: &Document) -> Scan {
        let mut scan = Scan {
            text: String::new(),
            lines: Vec::new(),
            facts: Vec::new(),
            mentions: Vec::new(),
            periods: Vec::new(),
        };
        for meta in &document.meta {
            if let Some(label) = label_of(&meta.name) {
                push_fact(&mut scan.facts, label, &meta.value, None);
            }
        }
        let mut raw: Vec<&str> = Vec::new();
        for block in &document.blocks {
            match block {
                Block::Paragraph(p) => push_line(&mut scan, &mut raw, &p.text, p.role),
                Block::Table(table) => card(table, &mut scan.facts),
            }
        }
        self.read(&mut scan, &raw);
        scan
    }

    fn read(&self, scan: &mut Scan, raw: &[&str]) {
        let mut line = 0;
        for hit in self.automaton.find_iter(&scan.text) {
            while scan.lines.get(line).is_some_and(|l| l.end <= hit.start()) {
                line += 1;
            }
            let Some(at) = scan.lines.get(line).copied() else { break };
            let Some((name, label)) = LABELS.get(hit.pattern().as_usize()).copied() else {
                if at.role != Role::Navigation {
                    scan.mentions.push(Mention { start: hit.start(), end: hit.end() });
                }
                continue;
            };
            match label {
                Label::Period => scan.periods.push(hit.end()),
                Label::Other
                | Label::Title
                | Label::PageTitle
                | Label::Author
                | Label::SiteName
                | Label::Url => {}
                Label::Icp => {
                    let before = scan.text.get(at.start..hit.start()).and_then(|t| t.chars().next_back());
                    if let Some(letter) = before
                        && room(&scan.facts, label)
                    {
                        scan.facts.push(Fact { label, value: letter.to_string(), line: Some(line) });
                    }
                }
                _ => {
                    let before = scan.text.get(at.start..hit.start()).and_then(|t| t.chars().next_back());
                    // 出版时间, 起止日期: a word of its own, not the label.
                    if matches!(name, "时间" | "日期" | "来源" | "主办" | "地址")
                        && before.is_some_and(is_han)
                    {
                        continue;
                    }
                    if !room(&scan.facts, label) {
                        continue;
                    }
                    let value = raw.get(line).and_then(|r| value_behind(r, name)).map(compact);
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

fn push_line<'d>(scan: &mut Scan, raw: &mut Vec<&'d str>, text: &'d str, role: Role) {
    let start = scan.text.len();
    push_compact(&mut scan.text, text);
    if scan.text.len() > start {
        scan.lines.push(Line { start, end: scan.text.len(), role });
        raw.push(text);
        scan.text.push('\n');
    }
}

fn push_fact(facts: &mut Vec<Fact>, label: Label, value: &str, line: Option<usize>) {
    let value = if matches!(label, Label::Published | Label::Url | Label::PageTitle) {
        value.trim().to_owned()
    } else {
        compact(value)
    };
    if !value.is_empty() && value.len() <= VALUE_BYTES && room(facts, label) {
        facts.push(Fact { label, value, line });
    }
}

fn room(facts: &[Fact], label: Label) -> bool {
    facts.iter().filter(|f| f.label == label).take(VALUES).count() < VALUES
}

fn label_of(name: &str) -> Option<Label> {
    let bare = name.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '：' | '【' | '】' | '[' | ']'));
    LABELS.iter().find(|(l, _)| *l == bare).map(|(_, label)| *label)
}

/// The value behind a label in a line as printed: up to the next blank or bar, within which a name does not run on.
fn value_behind<'t>(raw: &'t str, label: &str) -> Option<&'t str> {
    let mut rest = raw.split_once(label)?.1.trim_start_matches(is_blank);
    // A colon stands between; 版权所有 and 公网安备 do without.
    match rest.strip_prefix([':', '：', '】']) {
        Some(behind) => rest = behind.trim_start_matches([':', '：']).trim_start_matches(is_blank),
        None if matches!(label, "版权所有" | "公网安备" | "网站标识码" | "主办单位") => {}
        None => return None,
    }
    let end = rest
        .char_indices()
        .find(|(_, c)| is_blank(*c) || matches!(c, '|' | '｜' | '<' | '>'))
        .map_or(rest.len(), |(i, _)| i);
    rest.get(..end).filter(|v| !v.is_empty())
}

/// A metadata card: cells with labels, their values beside them or behind a colon.
fn card(table: &Table, facts: &mut Vec<Fact>) {
    if table.cells.len() > CARD_CELLS {
        return;
    }
    let mut cells = table.cells.iter().peekable();
    while let Some(cell) = cells.next() {
        if cell.text.len() > VALUE_BYTES {
            continue;
        }
        let text = compact(&cell.text);
        if let Some(label) = label_of(&text) {
            if let Some(value) =
                cells.next_if(|next| next.row == cell.row && label_of(&compact(&next.text)).is_none())
            {
                push_fact(facts, label, &value.text, None);
            }
        } else if let Some((name, value)) = text.split_once(['：', ':'])
            && let Some(label) = label_of(name)
        {
            push_fact(facts, label, value, None);
        }
    }
}

/// The first complete date among values of a label.
pub(crate) fn date_of(scan: &Scan, label: Label, keep: impl Fn(&Fact) -> bool) -> Option<chrono::NaiveDate> {
    scan.values(label).filter(|f| keep(f)).find_map(|f| dates::first_date(&f.value))
}
