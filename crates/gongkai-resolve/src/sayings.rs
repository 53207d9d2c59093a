//! What sentences say about the report itself: which one is announced, who compiled it, who is to be asked, where it can
//! be had. Pages without a title have nothing else; the words that begin such sentences are data (`data/resolve/sentences.toml`).

use crate::dates::behind_year;
use crate::names::{Names, Reading};
use crate::scan::Scan;
use crate::text::{first, is_break, length, places};
use crate::title;
use crate::verdict::{other_behind, other_document};
use aho_corasick::{AhoCorasick, Input, MatchKind};
use gongkai_model::Role;
use gongkai_registry::{Division, Wording};

/// Lines looked through from the top, and from the end.
const TOP_LINES: usize = 30;
const LAST_LINES: usize = 12;
/// So much of a line is looked through, in characters.
const LINE_CHARS: usize = 1500;
/// The words of a report follow its subject within so many characters.
const REPORT_CHARS: usize = 24;
/// Longest name of a report, in characters.
const NAME_CHARS: usize = 60;
/// Longest name of a body in a sentence, in characters.
const BODY_CHARS: usize = 40;
/// Year as of which names in sentences are read: they are only told apart from other words here.
const ANY_YEAR: i16 = i16::MAX;

/// So many bytes are looked through from the top, and from the end.
const TOP_BYTES: usize = 9_000;
const LAST_BYTES: usize = 3_000;

/// What a word that was found begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Subject,
    CompiledBy,
    Asked,
    Site,
    Own(char),
}

/// All words that begin such a sentence, found in one pass.
#[derive(Debug)]
pub(crate) struct Triggers {
    automaton: AhoCorasick,
    meanings: Vec<Trigger>,
}

impl Triggers {
    #[allow(clippy::expect_used)]
    pub(crate) fn new(words: &Wording) -> Self {
        let all =
            |list: &[String], trigger| list.iter().map(move |w| (w.clone(), trigger)).collect::<Vec<_>>();
        let mut found = all(&words.titles.subjects, Trigger::Subject);
        found.extend(all(&words.sentences.compiled_by, Trigger::CompiledBy));
        found.extend(all(&words.sentences.asked, Trigger::Asked));
        found.extend(all(&words.sentences.sites, Trigger::Site));
        found.extend(words.sentences.own.iter().map(|(w, level)| (w.clone(), Trigger::Own(*level))));
        let (patterns, meanings): (Vec<String>, Vec<Trigger>) = found.into_iter().unzip();
        // Fails only beyond 2^31 states.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        Self { automaton: automaton.expect("a few dozen short words fit"), meanings }
    }

    /// Words in a text, the longest at each place, one within another included: what each begins, where it stands, and
    /// where it ends.
    fn hits(&self, text: &str) -> Vec<(Trigger, usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(hit) = self.automaton.find(Input::new(text).range(from..)) {
            found.extend(self.meanings.get(hit.pattern().as_usize()).map(|m| (*m, hit.start(), hit.end())));
            from = text.ceil_char_boundary(hit.start() + 1);
        }
        found
    }
}

/// How a report is named in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// At the beginning of a line, or behind a blank or bar in it: a title among words of the page.
    Line,
    /// Behind a verb of publishing.
    Announced,
    /// In quotation marks, and nothing says that it is this one.
    Quoted,
}

/// A report named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its name: `某县2021年政府信息公开工作年度报告`.
    pub text: String,
    /// Who announces it: 某局编制了《…》.
    pub by: Option<String>,
    /// How it is named.
    pub how: How,
}

/// Everything that sentences say about the report.
#[derive(Debug, Default)]
pub(crate) struct Sayings {
    /// Reports named, in order.
    pub reports: Vec<Named>,
    /// Bodies that compiled it; several where they did so together.
    pub compiled: Vec<String>,
    /// Bodies to be asked, without their offices.
    pub contacts: Vec<String>,
    /// Words in front of 政府门户网站: the place whose site it is.
    pub sites: Vec<String>,
    /// Names of other documents, in quotation marks.
    pub quoted: Vec<String>,
    /// What the text calls its own place: 县 of 我县.
    pub own: Option<char>,
}

/// Gathers them.
pub(crate) fn gather(scan: &Scan<'_>, names: Names<'_>, triggers: &Triggers) -> Sayings {
    let mut found = Sayings::default();
    let body: Vec<usize> = (0..scan.lines.len())
        .filter(|i| scan.lines.get(*i).is_some_and(|l| l.role != Role::Navigation))
        .collect();
    let last = body.len().saturating_sub(LAST_LINES).max(TOP_LINES);
    let tail = scan.text.len().saturating_sub(LAST_BYTES);
    let mut own: Vec<(char, usize)> = Vec::new();
    for (at, line) in body.iter().enumerate() {
        let Some(start) = scan.lines.get(*line).map(|l| l.start) else { continue };
        let top = at < TOP_LINES && start < TOP_BYTES;
        if !top && (at < last || start < tail) {
            continue;
        }
        let text = first(scan.line(*line), LINE_CHARS);
        let hits = triggers.hits(text);
        let of = |trigger: Trigger| -> Vec<(usize, &str)> {
            let hits = hits.iter().filter(|h| h.0 == trigger);
            hits.filter_map(|h| Some((h.1, text.get(h.1..h.2)?))).collect()
        };
        if top {
            reports(scan, names, start, text, of(Trigger::Subject), &mut found.reports);
            compiled(scan, text, &of(Trigger::CompiledBy), &mut found.compiled);
            quoted(scan, text, &mut found.quoted);
        }
        contacts(scan, names, text, &of(Trigger::Asked), &mut found.contacts);
        sites(scan, text, of(Trigger::Site), &mut found.sites);
        for (trigger, ..) in &hits {
            if let Trigger::Own(level) = trigger {
                match own.iter_mut().find(|(l, _)| l == level) {
                    Some((_, n)) => *n += 1,
                    None => own.push((*level, 1)),
                }
            }
        }
    }
    // The first of those named most often.
    found.own = own.into_iter().reduce(|best, c| if c.1 > best.1 { c } else { best }).map(|(level, _)| level);
    found
}

/// Reports named in a line that begins at a byte of the text.
fn reports(
    scan: &Scan<'_>,
    names: Names<'_>,
    start: usize,
    text: &str,
    mut places: Vec<(usize, &str)>,
    found: &mut Vec<Named>,
) {
    let words = &scan.words.titles;
    let mut done = 0;
    // The longest of those that end together: 政府信息公开.
    places.sort_by_key(|(at, word)| (at + word.len(), std::cmp::Reverse(word.len())));
    for (at, word) in places {
        if at < done {
            continue;
        }
        let (Some(lead), Some(behind)) = (text.get(..at), text.get(at + word.len()..)) else { continue };
        if !title::is_subject(words, lead, word, behind) {
            continue;
        }
        let near = first(behind, REPORT_CHARS);
        let near = near.split(['。', '；', ';', '|', '》', '，']).next().unwrap_or(near);
        let Some(end) = title::report_end(words, near).map(|e| at + word.len() + e) else { continue };
        done = end;
        found.extend(named(scan, names, start, text, at, end));
    }
}

fn is_hard_break(c: char) -> bool {
    is_break(c) && !matches!(c, '（' | '(' | '）' | ')' | '—' | '·' | '[' | ']' | '〔' | '〕')
}

/// The report whose subject stands at a byte of the line and whose name ends at another.
fn named(
    scan: &Scan<'_>,
    names: Names<'_>,
    start: usize,
    text: &str,
    at: usize,
    end: usize,
) -> Option<Named> {
    let lead = text.get(..at)?;
    let mut from = lead.char_indices().rfind(|(_, c)| is_hard_break(*c)).map_or(0, |(i, c)| i + c.len_utf8());
    let behind = text.get(end..)?;
    let quoted = lead.get(..from).is_some_and(|t| t.ends_with(['《', '“', '〈']));
    let whole = if quoted { behind.split(['》', '”', '〉']).next()? } else { first(behind, 14) };
    let whole = text.get(from..end + whole.len())?;
    // 《关于做好…年度报告编制工作的通知》 is another document.
    let others = &scan.words.others;
    let about = whole.contains(others.asks.about.as_str())
        && others.asks.says.iter().any(|w| whole.contains(w.as_str()));
    if about || (quoted && other_document(scan.words, whole).is_some()) {
        return None;
    }
    if let Some(len) = other_behind(scan.words, behind).filter(|_| !scan.gaps.contains(&(start + end))) {
        // 《某县…年度报告》解读: the title of what is no report.
        let text =
            text.get(if quoted { lead.get(..from)?.char_indices().next_back()?.0 } else { from }..end + len)?;
        return (length(text) <= NAME_CHARS).then(|| Named {
            text: text.to_owned(),
            by: None,
            how: How::Line,
        });
    }
    // 图解：某县…年度报告
    if let Some(front) = other_in_front(scan.words, lead.get(..from)?).filter(|_| !quoted) {
        let text = text.get(from - front..end)?.to_owned();
        return (length(&text) <= NAME_CHARS).then_some(Named { text, by: None, how: How::Line });
    }
    let mut how = if quoted { How::Quoted } else { How::Line };
    let mut by = None;
    let clause =
        if quoted { lead.get(..from)?.trim_end_matches(['《', '“', '〈']) } else { lead.get(from..)? };
    if let Some((word, verb)) = announcing(scan, clause, quoted) {
        // 某局依据《条例》编制: the body stands in front of what it cites.
        let cited = || {
            let (before, _) = lead.get(..from)?.strip_suffix('》')?.rsplit_once('《')?;
            scan.words.sentences.citing.iter().find_map(|c| before.strip_suffix(c.as_str()))
        };
        let front = clause.get(..word)?;
        let front = if front.is_empty() && !quoted { cited().unwrap_or(front) } else { front };
        let front = front.rsplit(is_hard_break).next().unwrap_or(front);
        let adverbs = &scan.words.sentences.adverbs;
        let front = adverbs.iter().find_map(|a| front.strip_suffix(a.as_str())).unwrap_or(front);
        // 由某镇人民政府编制的…
        let compiled_by = &scan.words.sentences.compiled_by;
        let front = compiled_by.iter().find_map(|w| front.strip_prefix(w.as_str())).unwrap_or(front);
        by = (length(front) >= 3).then(|| front.to_owned());
        how = How::Announced;
        if !quoted {
            from += word + verb;
        }
    }
    let begins = begin(scan, names, start, text, from, end)?;
    // A name that begins within a sentence is one only where a verb says so.
    if how == How::Line
        && begins != from
        && !scan.gaps.contains(&(start + begins))
        && at_mention_in_sentence(scan, text, begins)
    {
        return None;
    }
    let name = text.get(begins..end)?;
    let tail = bracket_behind(behind).unwrap_or("");
    (length(name) <= NAME_CHARS).then(|| Named { text: title::clean(&format!("{name}{tail}")), by, how })
}

/// The word in front of a report's name that makes another document of it, with its colon or bracket: its length.
fn other_in_front(words: &Wording, front: &str) -> Option<usize> {
    let bare = front.trim_end_matches(['：', ':', '】', ']']);
    if bare.len() == front.len() {
        return None;
    }
    let mut begins = words.others.others.iter().flat_map(|o| &o.begins);
    let word = begins.find(|w| bare.ends_with(w.as_str()))?;
    Some(front.len() - bare.len() + word.len())
}

/// `（2021年度）` right behind a name that has no year yet.
fn bracket_behind(behind: &str) -> Option<&str> {
    let inside = behind.strip_prefix(['（', '('])?;
    let end = inside.find(['）', ')'])?;
    let whole = behind
        .get(..behind.len() - inside.len() + end + '）'.len_utf8())
        .or_else(|| behind.get(..end + 2))?;
    (length(whole) <= 14).then_some(whole)
}

/// Whether what stands right before a byte of a line runs on into it.
fn at_mention_in_sentence(scan: &Scan<'_>, text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    before.is_some_and(|c| scan.words.sentences.running_on.contains(&c))
}

/// The last verb of publishing in a clause: where it stands, and its length. Behind a quotation mark it ends the clause.
fn announcing(scan: &Scan<'_>, clause: &str, quoted: bool) -> Option<(usize, usize)> {
    let words = scan.words.sentences.announcing.iter();
    let found = words.filter_map(|w| {
        let at = if quoted {
            clause.ends_with(w.as_str()).then(|| clause.len() - w.len())
        } else {
            places(clause, w).last()
        }?;
        // 机构编制委员会办公室 compiles nothing.
        let behind = clause.get(at + w.len()..)?;
        let part_of_name = scan.words.sentences.not_compiled.iter().any(|n| behind.starts_with(n.as_str()));
        (!part_of_name).then_some((at, w.len()))
    });
    // The one that ends last, and of those the longest: 编制并向社会公布.
    found.max_by_key(|(at, len)| (at + len, *len))
}

/// Where the name of a report that ends at a byte begins: at the first place, blank or word from which an agency can be read
/// that says where it is; failing that, behind the last blank from which one can be read at all.
fn begin(
    scan: &Scan<'_>,
    names: Names<'_>,
    start: usize,
    text: &str,
    from: usize,
    end: usize,
) -> Option<usize> {
    let (low, high) = (start + from, start + end);
    let mentions = scan.mentions.partition_point(|m| m.start < low);
    let mentions = scan.mentions.iter().skip(mentions).map(|m| m.start).take_while(|at| *at < high);
    let gaps = scan.gaps.partition_point(|at| *at <= low);
    let gaps = scan.gaps.iter().skip(gaps).copied().take_while(|at| *at < high);
    let mut starts: Vec<usize> = std::iter::once(low).chain(mentions).chain(gaps).collect();
    starts.sort_unstable();
    starts.dedup();
    let agency = |at: usize| {
        let name = text.get(at - start..end)?;
        let agency = title::agencies(&scan.words.titles, name).into_iter().next()?;
        let reading = names.read(&agency, ANY_YEAR);
        reading.plausible().then_some(reading)
    };
    let mut named = None;
    for at in starts {
        match agency(at) {
            Some(reading) if !reading.targets.is_empty() || reading.central.is_some() => {
                return Some(at - start);
            }
            Some(_) => named = Some(at - start),
            None => {}
        }
    }
    named.or(Some(from))
}

/// 由某县人民政府办公室编制.
fn compiled(scan: &Scan<'_>, text: &str, hits: &[(usize, &str)], found: &mut Vec<String>) {
    let words = &scan.words.sentences;
    for (at, word) in hits {
        let rest = first(text.get(at + word.len()..).unwrap_or(""), BODY_CHARS);
        let clause = rest.split(['。', '；', ';', '，', ',']).next().unwrap_or(rest);
        let ends = words.compiled.iter().filter_map(|w| clause.find(w.as_str()));
        if let Some(name) = ends.filter(|at| *at > 0).min().and_then(|at| clause.get(..at)) {
            found.push(name.to_owned());
        }
    }
}

/// 请与某县民政局办公室联系: 某县民政局.
fn contacts(scan: &Scan<'_>, names: Names<'_>, text: &str, hits: &[(usize, &str)], found: &mut Vec<String>) {
    let words = &scan.words.sentences;
    for (at, word) in hits {
        let rest = first(text.get(at + word.len()..).unwrap_or(""), BODY_CHARS);
        let rest = rest.split(['。', '；', ';', '《']).next().unwrap_or(rest);
        // 与 alone is a word of any sentence.
        let asks = length(word) > 1 || words.contacting.iter().any(|w| rest.contains(w.as_str()));
        let Some(end) = words.asking.iter().filter_map(|w| rest.find(w.as_str())).min().filter(|_| asks)
        else {
            continue;
        };
        let Some(name) = rest.get(..end).filter(|n| length(n) >= 3) else { continue };
        let name = without_office(&words.offices, names, name);
        if !found.contains(&name) {
            found.push(name);
        }
    }
}

/// A name without the office of the body that it ends in, where what is left is a body.
pub(crate) fn without_office(offices: &[String], names: Names<'_>, name: &str) -> String {
    let body = offices.iter().filter_map(|o| name.strip_suffix(o.as_str())).find(|body| {
        let reading = names.read(body, ANY_YEAR);
        length(body) >= 3 && reading.plausible()
    });
    body.unwrap_or(name).to_owned()
}

/// What stands in front of 政府门户网站, up to the sign before it: the name of the place is among it.
fn sites(scan: &Scan<'_>, text: &str, mut hits: Vec<(usize, &str)>, found: &mut Vec<String>) {
    let words = &scan.words.sentences;
    let mut done = 0;
    hits.sort_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len())));
    for (at, word) in hits {
        if at < done {
            continue;
        }
        done = at + word.len();
        let lead = text.get(..at).unwrap_or("");
        let sentence = lead.rsplit('。').next().unwrap_or(lead);
        let behind = text.get(at..).and_then(|t| t.split('。').next()).unwrap_or("");
        if !words.having.iter().any(|w| sentence.contains(w.as_str()) || behind.contains(w.as_str())) {
            continue;
        }
        // “中国·某地”(www.example.gov.cn)门户网站
        let lead =
            lead.strip_suffix([')', '）']).and_then(|l| l.rsplit_once(['(', '（'])).map_or(lead, |(l, _)| l);
        let lead = lead.trim_end_matches(['”', '"', '“', '》']);
        let clause = lead.rsplit(|c: char| is_break(c) && c != '·').next().unwrap_or(lead);
        if length(clause) >= 2 && found.len() < 20 && !found.iter().any(|f| f == clause) {
            found.push(clause.to_owned());
        }
    }
}

/// Names of documents in quotation marks.
fn quoted(scan: &Scan<'_>, text: &str, found: &mut Vec<String>) {
    // 《…年度报告》 is the report itself; a notice about it is not.
    let is_report = |name: &str| {
        title::names_report(&scan.words.titles, name) && other_document(scan.words, name).is_none()
    };
    for piece in text.split('《').skip(1) {
        let name = piece.split('》').next().unwrap_or("");
        if (6..=NAME_CHARS).contains(&length(name)) && found.len() < 20 && !is_report(name) {
            found.push(name.to_owned());
        }
    }
}

/// The place that a quoted document begins with, where no body does: 《2016年某市政务公开工作要点》. It is the place's own document,
/// or one of a superior.
pub(crate) fn place_of_document<'r>(names: Names<'r>, document: &str, year: i16) -> Vec<&'r Division> {
    let bare = behind_year(document);
    if body_of_document(names, document, year).is_some() {
        Vec::new()
    } else {
        names.leading_places(bare, year)
    }
}

/// The body that a quoted document begins with: 《某市教育局网上信息公开审查制度》.
pub(crate) fn body_of_document<'r>(names: Names<'r>, document: &str, year: i16) -> Option<Reading<'r>> {
    let bare = behind_year(document);
    // 《某市政府信息公开规定》: the words are torn.
    let subjects = || names.registry().wording.titles.subjects.iter();
    let torn = |r: &Reading<'r>| {
        let within = |s: &String| {
            bare.match_indices(s.as_str()).any(|(at, _)| at < r.name.len() && r.name.len() < at + s.len())
        };
        subjects().any(within)
    };
    names.mention(bare, year).filter(|r| r.plausible() && !r.is_area() && !torn(r))
}
