//! Is it an annual report at all?

use crate::names::Names;
use crate::numerals::{behind_ordinal, is_numeral, ordinal, small_number};
use crate::sayings::{How, Sayings};
use crate::scan::Scan;
use crate::text::{first, is_break, length};
use crate::title::{self, Title};
use crate::year::{Period, title_year};
use chrono::Datelike;
use gongkai_model::{CellStatus, Parsed, Role, Verdict};
use gongkai_registry::{SaysOf, Wording};

/// A narrative report has at least so much running text, in characters, unless its headings are the statutory ones.
const NARRATIVE_CHARS: usize = 300;
/// So many headings of statutory sections are those of a report, however little stands below them.
const STATUTORY: usize = 3;
/// So many numbered headings in order, with as many sentences, are a report's where its title is certainly one.
const IN_ORDER: usize = 3;
/// Where its title says who and when, so many of a report's topics, in so many sentences and characters, do without headings.
const TOPICS: usize = 2;
const SENTENCES: usize = 3;
const PLAIN_CHARS: usize = 30;
/// News is known by words in so many first characters.
const NEWS_CHARS: usize = 300;
/// Numbered headings are no longer than so many characters.
const HEADING_CHARS: usize = 30;
/// A paragraph of running text, in characters.
const PROSE_CHARS: usize = 25;
/// The reason for a report of something else.
const OTHER_REPORT: &str = "other_report";
/// So many lines that begin with an article are a regulation's.
const ARTICLES: usize = 3;
/// The name of another document stands among so many first lines.
const HEADLINES: usize = 3;
/// Captions stand among so many first lines, and are no longer than so many characters.
const CAPTION_LINES: usize = 12;
const CAPTION_CHARS: usize = 60;

/// Decides, with a stable reason.
pub(crate) fn decide(
    scan: &Scan<'_>,
    parsed: &Parsed,
    title: Option<&Title>,
    sayings: &Sayings,
    period: &Period,
    year: Option<i16>,
    names: Names<'_>,
) -> Verdict {
    let tables = parsed.tables.iter().any(|t| t.present) || !matches!(&*parsed.form, "narrative" | "");
    if let Some(reason) = part_of_year(scan, title, period) {
        return not(reason);
    }
    // Of a page with the tables, only a title that speaks of the report says that it is none: 目录 may be the site's.
    let speaks = title.filter(|t| t.is_report || !tables).map(|t| t.text.as_str());
    let fields = scan.values(SaysOf::Title).map(|f| f.value.as_str());
    let mut fields = fields.filter(|t| title::names_report(&scan.words.titles, t));
    // News of a report does not go through its sections one by one.
    let whole = tables || outline(scan) > STATUTORY;
    if let Some(reason) =
        speaks.into_iter().chain(fields.by_ref()).find_map(|t| other_than_report(scan.words, t, whole))
    {
        return not(reason);
    }
    let blank = &scan.words.others.blank;
    let printed =
        || parsed.cells.iter().any(|c| !matches!(c.status, CellStatus::Blank | CellStatus::Missing));
    if tables && year.is_none() && !printed() {
        return not(&blank.reason);
    }
    if tables {
        return Verdict::Report;
    }
    if !title.is_some_and(|t| t.is_report) && blank.says.iter().any(|w| scan.text.contains(w.as_str())) {
        return not(&blank.reason);
    }
    let titles = &scan.words.titles;
    let plausible = |name: &String| names.read(name, i16::MAX).plausible();
    let of_body = |t: &str| title::agencies(titles, t).iter().any(plausible);
    let sure = |t: &str| title_year(titles, t).is_some() || of_body(t);
    // 请对2019年政府信息公开工作年度报告评议: words of a sentence that name no body are no title.
    let torn = |t: &str| {
        let mut lines = scan.body().filter_map(|(_, l)| l.find(t));
        lines.next().is_some_and(|at| at > 0) && lines.all(|at| at > 0) && !of_body(t)
    };
    if !title.is_some_and(|t| t.is_report && sure(&t.text) && !torn(&t.text))
        && let Some(reason) = regulation(scan).or_else(|| headline(scan, &sure))
    {
        return not(reason);
    }
    let Some(title) = title.filter(|t| t.is_report) else {
        return narrative_without_title(scan, parsed, title, sayings, period);
    };
    let words = &scan.words.titles;
    let specific = |t: &str| !title::agencies(words, t).is_empty() || title_year(words, t).is_some();
    let announced = || sayings.reports.iter().any(|r| r.how != How::Quoted && specific(&r.text));
    if !specific(&title.text) && !announced() && period.year.is_none() {
        return not("no_agency_or_year_in_title");
    }
    if is_link_list(scan) {
        return not("link_list");
    }
    let compiled = || !sayings.compiled.is_empty() && period.year.is_some() && in_order(scan);
    if !is_narrative(scan, parsed) && !is_short(scan, title, names) && !compiled() {
        return not("no_running_text");
    }
    Verdict::Report
}

/// The reason for a text in articles.
fn regulation<'r>(scan: &Scan<'r>) -> Option<&'r str> {
    let articles = &scan.words.others.articles;
    let behind = |line: &'_ str| -> Option<Option<char>> {
        let (_, behind) = small_number(line.strip_prefix('第')?)?;
        Some(behind.strip_prefix(articles.word)?.chars().next())
    };
    let own = |next: Option<char>| next.is_none_or(|c| !articles.cited.contains(&c));
    let lines = scan.body().filter(|(_, l)| behind(l).is_some_and(own));
    (lines.take(ARTICLES).count() >= ARTICLES).then_some(articles.reason.as_str())
}

/// The reason for a text that another document on disclosure, of a body or a year, stands above as its name: 2020年某县政务公开工作要点.
fn headline<'r>(scan: &Scan<'r>, sure: &dyn Fn(&str) -> bool) -> Option<&'r str> {
    let words = scan.words;
    // What a sentence cites is not what it stands in; 关于印发《…》的通知 is.
    let cites = |l: &str| words.titles.stops.iter().any(|s| l.contains(s.as_str()));
    let name =
        |l: &&str| length(l) <= CAPTION_CHARS && (!cites(l) || l.contains(words.others.asks.about.as_str()));
    let above = scan.body().take(HEADLINES).map(|(_, l)| l).take_while(|l| behind_ordinal(l).is_none());
    for line in above.filter(name).filter(|l| sure(l)) {
        if title::names_report(&words.titles, line) {
            return None;
        }
        let other = other_than_report(words, line, false);
        // 某县2020年政府工作报告 does not speak of disclosure at all.
        let of_kind = |o: &&str| title::subject(&words.titles, line).is_some() || *o == OTHER_REPORT;
        if let Some(other) = other.filter(of_kind) {
            let menu = words.others.others.iter().any(|o| o.menu && o.reason == other);
            return (!menu || title_year(&words.titles, line).is_some()).then_some(other);
        }
    }
    None
}

fn not(reason: &str) -> Verdict {
    Verdict::NotAReport(reason.to_owned())
}

/// Running text under headings; of the headings that reports have, few words are enough.
fn is_narrative(scan: &Scan<'_>, parsed: &Parsed) -> bool {
    statutory(parsed) >= STATUTORY
        || outline(scan) >= STATUTORY
        || (prose(scan) >= NARRATIVE_CHARS && has_sections(scan, parsed))
}

/// Sections that every report has, as many as the document has.
fn statutory(parsed: &Parsed) -> usize {
    ["overview", "proactive", "requests", "review", "problems"]
        .into_iter()
        .filter(|code| parsed.sections.iter().any(|s| *s.section == **code))
        .count()
}

/// Numbered headings, each on another of the topics of a report, as many as the document has.
fn outline(scan: &Scan<'_>) -> usize {
    let mut topics: Vec<&Vec<String>> = scan.words.titles.outline.iter().collect();
    let headings = scan.body().filter_map(|(_, l)| behind_ordinal(l)).filter(|h| length(h) <= HEADING_CHARS);
    for heading in headings {
        if let Some(at) = topics.iter().position(|t| t.iter().any(|w| heading.contains(w.as_str()))) {
            topics.remove(at);
        }
    }
    scan.words.titles.outline.len() - topics.len()
}

/// A few sentences below a title that stands by itself: under headings in order, whatever they are called, or, where the title names
/// body and year, on the topics of a report.
fn is_short(scan: &Scan<'_>, title: &Title, names: Names<'_>) -> bool {
    if !stands_alone(scan, title) {
        return false;
    }
    let words = &scan.words.titles;
    let says = |text: &str, list: &[String]| list.iter().any(|w| text.contains(w.as_str()));
    let whose = || {
        let names_one = |name: &String| names.read(name, i16::MAX).plausible();
        title_year(words, &title.text).is_some() && title::agencies(words, &title.text).iter().any(names_one)
    };
    let lines = || prose_lines(scan).map(|(_, l)| l).filter(|l| !title.text.contains(*l));
    let on_topic = || {
        let topics = words.outline.iter().filter(|topic| lines().any(|l| says(l, topic))).count();
        let chars = lines().filter(|l| l.contains('。')).map(length).sum::<usize>();
        topics >= TOPICS && chars >= PLAIN_CHARS && sentences(scan) >= SENTENCES
    };
    in_order(scan)
        || (whose() && !says(first(&scan.text, NEWS_CHARS), &scan.words.others.hearsay) && on_topic())
}

/// Nothing runs on behind the title, as in 某县2021年…年度报告审查情况.
fn stands_alone(scan: &Scan<'_>, title: &Title) -> bool {
    let text = title.text.as_str();
    let within = prose_lines(scan).find_map(|(start, l)| Some((start, l.find(text)?, l)));
    if let Some((start, at, l)) = within {
        let end = at + text.len();
        let behind = l.get(end..).and_then(|t| t.chars().next());
        return behind.is_none_or(|c| is_break(c) || c.is_ascii_digit())
            || scan.gaps.binary_search(&(start + end)).is_ok();
    }
    let behind = title::behind_report(&scan.words.titles, text).unwrap_or("");
    behind.chars().next().is_none_or(is_break)
}

/// Lines with their first byte; where a page is one line, that begins like navigation, it is its text all the same.
fn prose_lines<'s>(scan: &'s Scan<'_>) -> impl Iterator<Item = (usize, &'s str)> {
    let lines = scan.lines.iter().map(|l| (l, scan.slice(l.start, l.end)));
    let text = |l: &str| l.matches('。').count() >= SENTENCES;
    lines.filter(move |(line, l)| line.role != Role::Navigation || text(l)).map(|(line, l)| (line.start, l))
}

fn sentences(scan: &Scan<'_>) -> usize {
    prose_lines(scan).map(|(_, l)| l.matches('。').count()).sum()
}

/// Headings numbered one after another, at the beginning of a line or within one that lost its line breaks, over sentences.
fn in_order(scan: &Scan<'_>) -> bool {
    let mut headings = 0;
    for (start, line) in prose_lines(scan) {
        let gaps = scan.gaps.partition_point(|at| *at < start);
        let gaps = scan.gaps.iter().skip(gaps).map(|at| at - start).take_while(|at| *at < line.len());
        let stops = line.match_indices(['。', '；']).map(|(at, stop)| at + stop.len());
        let mut begins: Vec<usize> = std::iter::once(0).chain(gaps).chain(stops).collect();
        begins.sort_unstable();
        begins.dedup();
        for at in begins {
            let number = line.get(at..).and_then(ordinal).and_then(|(n, _)| usize::try_from(n).ok());
            headings += usize::from(number == Some(headings + 1));
        }
    }
    headings >= IN_ORDER && sentences(scan) >= IN_ORDER
}

/// Without a title, a document is a report if it calls itself one and says for which period or of whom, or if it has the
/// sections of one and a year.
fn narrative_without_title(
    scan: &Scan<'_>,
    parsed: &Parsed,
    title: Option<&Title>,
    sayings: &Sayings,
    period: &Period,
) -> Verdict {
    let words = &scan.words.titles;
    if title.is_some_and(|t| words.other_reports.iter().any(|w| t.text.contains(w.as_str()))) {
        return not(OTHER_REPORT);
    }
    let mut announcements = sayings.reports.iter().filter(|r| r.how == How::Announced);
    let announced = announcements.clone().next().is_some();
    let mut of_year = || announcements.any(|r| title_year(words, &r.text).is_some());
    let says = |list: &[String]| list.iter().any(|w| scan.text.contains(w.as_str()));
    let calls_itself = || says(&words.disclosure) && says(&words.annual);
    let of_a_period = !scan.periods.is_empty() || period.year.is_some();
    let says = announced || ((of_a_period || !sayings.compiled.is_empty()) && calls_itself());
    // The second page of a report has nothing but its sections.
    let whole = statutory(parsed) > STATUTORY && !crate::dates::years(first(&scan.text, 2000)).is_empty();
    let of_sections = || statutory(parsed) >= STATUTORY || outline(scan) >= STATUTORY;
    let mut running =
        || is_narrative(scan, parsed) || ((of_year() || (says && period.year.is_some())) && in_order(scan));
    if (says || whole || (of_a_period && of_sections())) && !is_link_list(scan) && running() {
        return Verdict::Report;
    }
    not("no_report_title_or_table")
}

/// The reason for which a document is of less than a year: its title or a caption says so, or its period, where no title
/// calls it annual.
fn part_of_year(scan: &Scan<'_>, title: Option<&Title>, period: &Period) -> Option<&'static str> {
    let words = scan.words;
    if let Some(reason) = title.and_then(|t| part_in(words, &t.text)) {
        return Some(reason);
    }
    let annual = |t: &Title| words.titles.annual.iter().any(|w| t.text.contains(w.as_str()));
    if title.is_some_and(annual) {
        return None;
    }
    let caption = |l: &&str| length(l) <= CAPTION_CHARS && !l.contains(['。', '；', '《']);
    let fields = scan.values(SaysOf::Title).chain(scan.values(SaysOf::PageTitle)).map(|f| f.value.as_str());
    let lines = scan.body().take(CAPTION_LINES).map(|(_, l)| l);
    if let Some(reason) = fields.chain(lines).filter(caption).find_map(|l| part_in(words, l)) {
        return Some(reason);
    }
    let (start, end) = (period.start?, period.end?);
    match ((start.month(), start.day()), (end.month(), end.day())) {
        _ if start.year() != end.year() => None,
        ((1, 1), (6, 30)) => Some("half_year"),
        ((1, 1), (3, 31)) | ((4, 1), (6, 30)) | ((7, 1), (9, 30)) => Some("quarter"),
        ((1, 1), (9, 30)) => Some("part_of_year"),
        _ => None,
    }
}

/// What a title or caption says about a part of a year.
fn part_in(words: &Wording, text: &str) -> Option<&'static str> {
    let parts = &words.others.part_of_year;
    let says = |list: &[String]| list.iter().any(|w| text.contains(w.as_str()));
    if !says(&parts.of) {
        return None;
    }
    let months = months_of(text);
    if says(&parts.half_year) || matches!(months, Some((1, 6) | (7, 12))) {
        Some("half_year")
    } else if says(&parts.quarter) || matches!(months, Some((1, 3) | (4, 6) | (7, 9) | (10, 12))) {
        Some("quarter")
    } else {
        (months.is_some() || says(&parts.months)).then_some("part_of_year")
    }
}

/// First and last month of a range that is no whole year: `1-9月`, `1月至10月`, `一至六月`, `1月1日—6月30日`.
fn months_of(text: &str) -> Option<(u32, u32)> {
    let ends = text.match_indices('月').filter_map(|(at, _)| number_before(text.get(..at)?));
    let mut ranges = ends.filter_map(|(last, before)| {
        let before = before.strip_suffix(['至', '到', '-', '－', '—', '~', '～'])?;
        let before = before.trim_end_matches(['-', '—']);
        let month = match before.strip_suffix('日').and_then(number_before) {
            Some((_, month)) => month.strip_suffix('月')?,
            None => before.strip_suffix('月').unwrap_or(before),
        };
        Some((number_before(month)?.0, last))
    });
    ranges.rfind(|(from, to)| from < to && (1..=12).contains(to) && (*from, *to) != (1, 12))
}

/// The number that a text ends with, and what stands before it.
fn number_before(text: &str) -> Option<(u32, &str)> {
    let before = text.trim_end_matches(|c: char| is_numeral(c) || c == '十');
    let (number, rest) = small_number(text.get(before.len()..)?)?;
    rest.is_empty().then_some((number, before))
}

/// The reason for which a title names another kind of document.
pub(crate) fn other_document<'r>(words: &'r Wording, title: &str) -> Option<&'r str> {
    other_than_report(words, title, false)
}

/// As [`other_document`], of a page that has all that a report has or not.
fn other_than_report<'r>(words: &'r Wording, title: &str, whole: bool) -> Option<&'r str> {
    let others = &words.others;
    let front = title.trim_start_matches(|c: char| is_break(c) && c != '【');
    let bare = front.trim_start_matches(is_break);
    let trimmed = |t: &str| t.trim_end_matches(|c: char| is_break(c) || c.is_ascii_digit()).to_owned();
    // 某局2021年政府信息公开年度报告（格式）
    let end = trimmed(title);
    // 指南（2021年版）
    let before = title.rsplit_once(['（', '(']).map(|(t, _)| trimmed(t)).unwrap_or_default();
    let ends = |w: &String| end.ends_with(w.as_str()) || before.ends_with(w.as_str());
    let found = others.others.iter().filter(|o| !(whole && o.without_tables)).find(|o| {
        o.begins.iter().any(|w| bare.starts_with(w.as_str()) || front.starts_with(w.as_str()))
            || o.ends.iter().any(|w| if o.bare { title.ends_with(w.as_str()) } else { ends(w) })
            || o.says.iter().any(|w| title.contains(w.as_str()))
    });
    let asks = || {
        let (before, _) = title::subject(&words.titles, title)?;
        let asks = &others.asks;
        let about =
            before.contains(asks.about.as_str()) && asks.verbs.iter().any(|v| before.contains(v.as_str()));
        (about && asks.says.iter().any(|w| title.contains(w.as_str()))).then_some(asks.reason.as_str())
    };
    found.map(|o| o.reason.as_str()).or_else(asks)
}

/// The word for another kind of document that follows right behind the name of a report (年度报告格式, 年度报告》解读): its length.
pub(crate) fn other_behind(words: &Wording, behind: &str) -> Option<usize> {
    let bare = behind.trim_start_matches(['》', '”', '》', '（', '(', '的']);
    let skipped = behind.len() - bare.len();
    let others = &words.others;
    // 某县…年度报告编制说明：本报告由…: the note that the report begins with.
    let note = |w: &String, behind: &str| others.notes.contains(w) && behind.starts_with(['：', ':']);
    let ends = others.behind.iter().filter(|w| bare.strip_prefix(w.as_str()).is_some_and(|b| !note(w, b)));
    ends.map(|w| skipped + w.len()).max()
}

fn has_sections(scan: &Scan<'_>, parsed: &Parsed) -> bool {
    let sections = parsed.sections.iter().filter(|s| &*s.section != "preamble").count();
    let headings =
        || scan.body().filter(|(_, l)| behind_ordinal(l).is_some() || l.starts_with(['（', '('])).count();
    sections >= 1 || headings() >= 2 || ["一、", "二、"].iter().all(|o| scan.text.contains(o))
}

/// Characters in paragraphs of running text.
fn prose(scan: &Scan<'_>) -> usize {
    scan.body().map(|(_, l)| length(l)).filter(|n| *n >= PROSE_CHARS).sum()
}

/// Several lines are titles of reports, and little else is there.
fn is_link_list(scan: &Scan<'_>) -> bool {
    // Titles are short; long lines are not looked at.
    let short = (0..scan.lines.len()).map(|i| scan.line(i)).filter(|l| length(l) < 60);
    let titles = short.filter(|l| title::names_report(&scan.words.titles, l)).count();
    let sentences = scan.lines.iter().filter(|l| l.role != Role::Navigation);
    let sentences = sentences.filter(|l| scan.slice(l.start, l.end).contains('。')).count();
    titles >= 5 && sentences <= titles
}

#[cfg(test)]
mod tests {
    use super::{months_of, other_document};
    use gongkai_registry::Registry;

    #[test]
    fn months_that_are_no_year() {
        for (text, want) in [
            ("2015年1月至9月政府信息公开", Some((1, 9))),
            ("2022年1-6月信息公开", Some((1, 6))),
            ("2022年1月1日—6月30日信息公开", Some((1, 6))),
            ("2022年一至十月信息公开", Some((1, 10))),
            ("2022年10月至12月信息公开", Some((10, 12))),
            ("2022年1月至12月信息公开", None),
            ("2022年1月1日至12月31日", None),
            ("2022年1月公开", None),
            ("2019年11月至2020年10月", None),
            ("公开-12月", None),
        ] {
            assert_eq!(months_of(text), want, "{text}");
        }
    }

    #[test]
    fn other_documents_are_told_by_their_titles() {
        for (title, reason) in [
            ("关于做好2021年政府信息公开工作年度报告编制发布工作的通知", Some("notice")),
            ("关于报送2020年政府信息公开年度报告的函", Some("letter")),
            ("政府信息公开工作年度报告格式", Some("template")),
            ("政府信息公开年度报告列表", Some("list")),
            ("某县各单位2021年政府信息公开年度报告汇总", Some("list")),
            ("某县2021年政府信息公开工作年度报告（汇总）", None),
            ("某县政府信息公开指南", Some("guide")),
            ("某县政府信息公开指南（2021年版）", Some("guide")),
            ("【一图读懂】某县2021年政府信息公开工作年度报告", Some("interpretation")),
            ("某县民政局2021年政府信息公开工作年度报告", None),
            ("某县民政局关于2021年政府信息公开工作情况的报告", None),
            ("某县民政局关于开展2020年政府信息公开工作的年度报告", None),
            ("某县民政局关于2020年政府信息公开工作的年度报告", None),
        ] {
            assert_eq!(other_document(&Registry::embedded().wording, title), reason, "{title}");
        }
    }
}
