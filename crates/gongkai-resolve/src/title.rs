//! The title, chosen by what it says rather than by where it stands.

use crate::dates;
use crate::sayings::{How, Sayings};
use crate::scan::Scan;
use crate::text::{compact, first, is_break, length, places};
use crate::verdict::other_behind;
use gongkai_model::{EvidenceKind, Role};
use gongkai_registry::{SaysOf, Titles, Wording};

/// Longest title, in characters.
const TITLE_CHARS: usize = 80;
/// Lines at the top of the body looked through for a title.
const TOP_LINES: usize = 12;

/// A title and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    /// The title, blanks removed.
    pub text: String,
    /// Where it was read.
    pub kind: EvidenceKind,
    /// Whether it names a report on disclosure.
    pub is_report: bool,
}

/// Best title of the document; the first of equals wins, fields for the title come before headings and first lines.
pub(crate) fn choose(scan: &Scan<'_>, sayings: &Sayings) -> Option<Title> {
    let words = &scan.words.titles;
    let mut best: Option<(u32, Title)> = None;
    // A title among words of the page counts like one that is a line, but comes behind those.
    let within = sayings.reports.iter().filter(|r| r.how == How::Line).map(|r| (r.text.clone(), false));
    let within: Vec<(String, bool)> = within.collect();
    // 登录注册某县民政局…: of a line, the words of the page in front of its title are no part of it.
    let bare = |text: &str| {
        let names_one = |w: &str| !agencies(words, w).is_empty();
        within.iter().find(|(w, _)| w.len() < text.len() && text.ends_with(w.as_str()) && names_one(w))
    };
    let lines = candidates(scan).into_iter().map(|(text, field)| match bare(&text).filter(|_| !field) {
        Some((title, _)) => (title.clone(), field),
        None => (text, field),
    });
    for (text, field) in lines.chain(within.iter().cloned()) {
        let (score, is_report) = weigh(words, &text);
        let score = score + u32::from(field);
        // Without the words of a report only a field or heading is a title.
        if (is_report || field) && best.as_ref().is_none_or(|(s, _)| score > *s) {
            best = Some((score, Title { text, kind: EvidenceKind::Title, is_report }));
        }
    }
    let mut title = best.map(|(_, title)| title)?;
    // 政府信息公开工作年度报告 above （2016年度）
    if title.is_report && dates::years(&title.text).is_empty() {
        let short = scan.body().take(TOP_LINES).filter(|(_, l)| length(l) <= TITLE_CHARS / 2);
        let year = short.flat_map(|(i, l)| std::iter::once(l).chain(scan.pieces(i))).find_map(year_alone);
        title.text.extend(year.map(|y| format!("（{y}年度）")));
    }
    Some(title)
}

/// The year that a line says and nothing besides: `（2016年度）`, `二〇一四年度`, `（2013）`, `年度：2014年`.
fn year_alone(line: &str) -> Option<i16> {
    let bare = line.rsplit(['：', ':']).next().unwrap_or(line).trim_matches(is_break);
    let years = dates::years(bare);
    let [year] = years.as_slice() else { return None };
    (year.start == 0 && year.end == bare.len() && (year.marked || bare.len() < line.len()))
        .then_some(year.year)
}

/// Whether a text names an annual report on disclosure.
pub(crate) fn names_report(words: &Titles, text: &str) -> bool {
    subject(words, text).is_some_and(|(before, behind)| is_report(words, before, behind))
}

/// Whether what stands around the words on disclosure calls the document a report.
fn is_report(words: &Titles, before: &str, behind: &str) -> bool {
    let within = |list: &[String], text: &str| list.iter().any(|r| text.contains(r.as_str()));
    within(&words.reports, behind) || within(&words.reports_in_front, before)
}

/// Text before and behind the first words on disclosure that are not part of an agency's name (政务公开办公室, 人民政府).
pub(crate) fn subject<'t>(words: &Titles, text: &'t str) -> Option<(&'t str, &'t str)> {
    let found = words.subjects.iter().flat_map(|word| {
        places(text, word).filter_map(move |at| {
            let (before, rest) = text.split_at_checked(at)?;
            let behind = rest.strip_prefix(word.as_str())?;
            is_subject(words, before, word, behind).then_some((before, behind))
        })
    });
    found.min_by_key(|(before, _)| before.len())
}

/// Whether words on disclosure are what a title speaks of, and not part of an agency's name.
pub(crate) fn is_subject(words: &Titles, before: &str, word: &str, behind: &str) -> bool {
    // 某县人民政府信息公开年度报告: the government's own.
    let (first, second) = &words.torn;
    let torn = word.starts_with(second.as_str()) && before.ends_with(first.as_str());
    !torn && !words.offices.iter().any(|b| behind.starts_with(b.as_str()))
}

/// Text behind the words that call the document a report.
pub(crate) fn behind_report<'t>(words: &Titles, text: &'t str) -> Option<&'t str> {
    let (_, behind) = subject(words, text)?;
    behind.get(report_end(words, behind)?..)
}

/// How much a text is like the title of a report, and whether it is called one.
fn weigh(words: &Titles, text: &str) -> (u32, bool) {
    let subject = subject(words, text);
    let is_report = subject.is_some_and(|(before, behind)| is_report(words, before, behind));
    let mut score = 0;
    score += 8 * u32::from(is_report);
    score += 4 * u32::from(dates::years(text).iter().any(|y| !y.bracketed));
    score += 2 * u32::from(subject.is_some_and(|(before, _)| has_agency(words, before)));
    (score.saturating_sub(u32::from(length(text) > 50) * 2), is_report)
}

/// Something besides years and function words stands in front.
fn has_agency(words: &Titles, before: &str) -> bool {
    before.chars().filter(|c| !c.is_ascii_digit() && !words.fillers.contains(c)).count() >= 2
}

/// Candidates with whether they come from a field or heading meant for a title.
fn candidates(scan: &Scan<'_>) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    found.extend(scan.values(SaysOf::Title).map(|f| (clean(&f.value), true)));
    let headings = scan.lines.iter().enumerate().filter(|(_, l)| l.role == Role::Heading);
    for (i, _) in headings.take(TOP_LINES) {
        found.push((clean(scan.line(i)), true));
    }
    found.extend(scan.values(SaysOf::PageTitle).flat_map(|f| page_title(&f.value)));
    found.extend(top_lines(scan).into_iter().map(|t| (t, false)));
    found.retain(|(t, _)| (4..=TITLE_CHARS).contains(&length(t)));
    found
}

/// The pieces of a page title: `标题_栏目_网站`, `标题-网站`.
fn page_title(value: &str) -> Vec<(String, bool)> {
    let pieces = value.split(['_', '|', '｜']).flat_map(|p| p.split(" - ")).flat_map(|p| p.split('-'));
    pieces.map(|p| (clean(&compact(p)), false)).collect()
}

/// First lines, alone and joined by two and three; a line in which text follows the title is cut behind it.
fn top_lines(scan: &Scan<'_>) -> Vec<String> {
    let lines: Vec<&str> = scan.body().take(TOP_LINES).map(|(_, l)| l).collect();
    // A whole line is a title rather than one with words of the page in front of it.
    let mut found: Vec<String> = lines.iter().filter_map(|line| cut(scan.words, line)).collect();
    for (i, line) in lines.iter().enumerate() {
        let mut joined = (*line).to_owned();
        for next in lines.iter().skip(i + 1).take(2) {
            if is_prose(&joined) || is_prose(next) {
                break;
            }
            joined.push_str(next);
            found.extend(cut(scan.words, &joined));
        }
    }
    found
}

fn is_prose(line: &str) -> bool {
    length(line) > 45 || line.contains(['。', '；', '：', ':'])
}

/// The title a line begins with: everything up to the words of a report, if that is no sentence.
fn cut(wording: &Wording, line: &str) -> Option<String> {
    let words = &wording.titles;
    let near = first(line, TITLE_CHARS);
    let (before, behind) = subject(words, near)?;
    let end = near.len() - behind.len() + report_end(words, behind)?;
    // 年度报告格式, 年度报告范文: the word behind says that it is another document.
    let end = end + near.get(end..).and_then(|b| other_behind(wording, b)).unwrap_or(0);
    let title = clean(near.get(..end)?);
    let within =
        |list: &[String]| list.iter().any(|w| before.contains(w.as_str()) || title.contains(w.as_str()));
    (!within(&words.stops) && !within(&words.sentences) && !within(&words.publishing)).then_some(title)
}

/// One past the first words, behind a subject, that call the document a report.
pub(crate) fn report_end(words: &Titles, behind: &str) -> Option<usize> {
    let found = words.reports.iter().filter_map(|r| places(behind, r).next().map(|at| (at, at + r.len())));
    found.min_by_key(|(at, end)| (*at, std::cmp::Reverse(*end))).map(|(_, end)| end)
}

pub(crate) fn clean(text: &str) -> String {
    let text =
        text.trim_matches(|c: char| is_break(c) && !matches!(c, '（' | '(' | '）' | ')' | '《' | '》'));
    let quoted = text.strip_prefix('《').and_then(|t| t.strip_suffix('》'));
    quoted.unwrap_or(text).to_owned()
}

/// The agency a title names, as far as it can be cut out: texts in order of likelihood.
pub(crate) fn agencies(words: &Titles, title: &str) -> Vec<String> {
    let Some((before, _)) = subject(words, title) else { return Vec::new() };
    let mut found = Vec::new();
    let years = dates::years(before);
    match years.iter().find(|y| y.marked).or_else(|| years.first()) {
        Some(year) => {
            // 2018-2019年: the name ends before the first of them.
            let first = years.iter().rev().find(|y| range_to(before, y.end, year.start)).unwrap_or(year);
            found.push(before.get(..first.start).unwrap_or("").to_owned());
            let last = years.last().unwrap_or(year);
            found.push(before.get(last.end..).unwrap_or("").to_owned());
            // 2021年某局2020年度; of 2021年1月至12月 nothing between the years is a name.
            let between = years.iter().zip(years.iter().skip(1));
            found.extend(between.map(|(a, b)| before.get(a.end..b.start).unwrap_or("").to_owned()));
        }
        None => found.push(before.to_owned()),
    }
    if let Some(behind) = behind_report(words, title) {
        found.extend(behind.split(is_break).map(without_year));
    }
    found.iter().map(|t| bare(words, t)).filter(|t| length(t) >= 2).collect()
}

/// Only the sign of a range stands between two years.
fn range_to(text: &str, end: usize, start: usize) -> bool {
    text.get(end..start).is_some_and(|t| matches!(t, "-" | "—" | "－" | "~" | "～" | "至" | "、" | "和"))
}

/// Text in front of the first year; behind it, where nothing is in front.
fn without_year(text: &str) -> String {
    let years = dates::years(text);
    let Some(year) = years.first() else { return text.to_owned() };
    let front = text.get(..year.start).unwrap_or("");
    if front.is_empty() { text.get(year.end..).unwrap_or("").to_owned() } else { front.to_owned() }
}

/// A name without what titles put around it.
fn bare(words: &Titles, text: &str) -> String {
    let mut text: String = without_brackets(text);
    loop {
        let before = text.len();
        for front in &words.fronts {
            if let Some(rest) = text.strip_prefix(front.as_str()) {
                text = rest.to_owned();
            }
        }
        for back in &words.backs {
            // 机关 belongs to names such as 机关事务管理局, which end otherwise.
            if let Some(rest) = text.strip_suffix(back.as_str()) {
                text = rest.to_owned();
            }
        }
        text = text.trim_matches(|c: char| is_break(c)).to_owned();
        if text.len() == before {
            return text;
        }
    }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '（' | '(' | '【' | '[' => depth += 1,
            '）' | ')' | '】' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{agencies, cut, names_report};
    use gongkai_registry::Registry;

    #[test]
    fn agencies_are_cut_out_of_titles() {
        let words = &Registry::embedded().wording.titles;
        for (title, want) in [
            ("某县民政局2021年政府信息公开工作年度报告", "某县民政局"),
            ("2021年度某县民政局政府信息公开工作年度报告", "某县民政局"),
            ("关于某县民政局2021年政府信息公开工作情况的报告", "某县民政局"),
            ("某县民政局关于2021年度政府信息公开工作的年度报告", "某县民政局"),
            ("某市2021年度政府信息公开工作年度报告", "某市"),
            ("2021年政府信息公开工作年度报告（某县民政局）", "某县民政局"),
            ("某县民政局二〇二一年政府信息公开年度报告", "某县民政局"),
            ("某县民政局政府信息公开工作2021年度报告", "某县民政局"),
            ("某市（本级）2021年政府信息公开年报", "某市"),
            ("某县政务公开办公室2021年政府信息公开年报", "某县政务公开办公室"),
            ("某县人民政府信息公开年度报告（2021年度）", "某县人民政府"),
            ("政府信息公开工作年度报告（某县民政局2021年）", "某县民政局"),
            ("某县民政局2018-2019年政府信息公开工作年度报告", "某县民政局"),
            ("2021年某县民政局2020年度政府信息公开工作年度报告", "某县民政局"),
        ] {
            assert_eq!(agencies(words, title).first().map(String::as_str), Some(want), "{title}");
        }
        assert!(agencies(words, "2021年政府信息公开工作年度报告").is_empty());
    }

    #[test]
    fn titles_end_where_the_text_begins() {
        let wording = &Registry::embedded().wording;
        assert_eq!(
            cut(wording, "某县2012年政府信息公开工作年度报告本报告根据条例编制").as_deref(),
            Some("某县2012年政府信息公开工作年度报告")
        );
        assert_eq!(cut(wording, "根据《条例》，现公布某县政府信息公开年度报告"), None);
        assert!(
            names_report(&wording.titles, "某局2013年信息公开年度报告")
                && !names_report(&wording.titles, "某局工作报告")
        );
    }
}
