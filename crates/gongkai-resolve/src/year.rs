//! Which year a report is about.

use crate::dates::{date_at, first_date, month_day_of, to_model, year_of, years};
use crate::sayings::{How, Sayings};
use crate::scan::Scan;
use crate::text::first;
use crate::title::Title;
use chrono::{Datelike, NaiveDate};
use gongkai_model::{Cover, Date, Decision, Evidence, EvidenceKind, Finding};
use gongkai_registry::{Form, Registry, Titles, YearWeights};

/// The sentence on the period ends within so many characters.
const PERIOD_CHARS: usize = 60;
/// Without such a sentence, a whole year is looked for in the lines that begin in so many bytes.
const PERIOD_BYTES: usize = 3000;
/// The opening of the text: so many characters.
const OPENING_CHARS: usize = 3000;

/// The statistics period as far as it is printed completely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Period {
    /// First day.
    pub start: Option<NaiveDate>,
    /// Last day.
    pub end: Option<NaiveDate>,
    /// The year it names: that of its days, or a bare year.
    pub year: Option<i16>,
    /// Its dates lost their 年 and 月 (`202011日至20201231日`): the year is that of both, and the days are not told.
    pub damaged: bool,
}

impl Period {
    /// First and last day, where both are complete and in order.
    pub(crate) fn days(&self) -> (Option<Date>, Option<Date>) {
        match (self.start, self.end) {
            (Some(a), Some(b)) if a > b => (None, None),
            (a, b) => (a.map(to_model), b.map(to_model)),
        }
    }
}

/// What else speaks for a year.
pub(crate) struct Clues<'a> {
    /// The title.
    pub title: Option<&'a Title>,
    /// Date of the signature.
    pub signed: Option<NaiveDate>,
    /// Publication date.
    pub published: Option<NaiveDate>,
    /// What sentences say about the report.
    pub sayings: &'a Sayings,
    /// Address of the page.
    pub uri: Option<&'a str>,
    /// Path of the capture.
    pub container: &'a str,
    /// Form the document uses.
    pub form: &'a str,
}

/// The decision.
#[derive(Debug)]
pub(crate) struct YearDecision {
    /// The year, if any.
    pub year: Option<i16>,
    /// What it was read from.
    pub kind: Option<EvidenceKind>,
    /// All candidates.
    pub evidence: Vec<Evidence>,
    /// What won, and by how much.
    pub decision: Decision,
    /// Doubts.
    pub findings: Vec<Finding>,
}

impl Default for YearDecision {
    fn default() -> Self {
        let decision = Decision { about: "year", value: None, strength: 0, margin: 0, losers: Vec::new() };
        Self { year: None, kind: None, evidence: Vec::new(), decision, findings: Vec::new() }
    }
}

struct Vote {
    year: i16,
    weight: u32,
    kind: EvidenceKind,
    text: String,
}

/// Reads the sentence on the statistics period.
///
/// Only complete dates and years count: `自202011日至20201231日` and `自至` say nothing.
pub(crate) fn period(scan: &Scan<'_>) -> Period {
    let labelled = scan.periods.iter().map(|at| period_at(first(scan.from(*at), PERIOD_CHARS)));
    labelled.into_iter().find(|p| p.year.is_some()).or_else(|| whole_year(scan)).unwrap_or_default()
}

/// A year from its first to its last day, without a word of what it is: （2014.1.1—2014.12.31）, 涵盖2010年1月1日至12月31日.
fn whole_year(scan: &Scan<'_>) -> Option<Period> {
    let near = |i: &usize| scan.lines.get(*i).is_some_and(|l| l.start < PERIOD_BYTES);
    let lines = scan.body().take_while(|(i, _)| near(i)).map(|(_, l)| l);
    let dates = lines.flat_map(|l| years(l).into_iter().filter_map(|y| l.get(y.start..)));
    let whole = |p: &Period| {
        let (Some(start), Some(end)) = (p.start, p.end) else { return false };
        p.year.is_some() && start.ordinal() == 1 && (end.month(), end.day()) == (12, 31)
    };
    dates.map(|text| period_at(first(text, PERIOD_CHARS))).find(whole)
}

fn period_at(text: &str) -> Period {
    let sentence = text.split(['。', '\n', '；']).next().unwrap_or("");
    let mut dates: Vec<NaiveDate> = Vec::new();
    let mut rest = sentence;
    let mut last = '\0';
    while let Some(c) = rest.chars().next() {
        let dated = if last.is_ascii_digit() { None } else { date_at(rest) };
        let found = dated.or_else(|| {
            // 自2023年1月1日起至12月31日: the year is the one just named.
            let year = dates.last().map(|d| year_of(*d))?;
            if matches!(last, '至' | '到' | '-' | '－' | '—' | '~' | '～') {
                month_day_of(year, rest)
            } else {
                None
            }
        });
        match found {
            Some((date, behind)) => {
                dates.push(date);
                last = '\0';
                rest = behind;
            }
            None => {
                last = c;
                rest = rest.get(c.len_utf8()..).unwrap_or("");
            }
        }
        if dates.len() == 2 {
            break;
        }
    }
    match dates.as_slice() {
        [start, end] => Period {
            start: Some(*start),
            end: Some(*end),
            // A period over two years is not one of either.
            year: (start.year() == end.year()).then(|| year_of(*end)),
            damaged: false,
        },
        // 截至2021年12月31日 has an end only.
        [one] if one.month() == 12 => {
            Period { end: Some(*one), year: Some(year_of(*one)), ..Period::default() }
        }
        [one] => Period { start: Some(*one), year: Some(year_of(*one)), ..Period::default() },
        _ => {
            let bare = years(sentence).into_iter().next().filter(|y| y.marked && !y.dated && !y.bracketed);
            // 自年月日至年月日，2011年: behind what is left of a period, a year is about something else.
            let bare =
                bare.filter(|y| sentence.get(..y.start).is_some_and(|t| !t.contains(['年', '月', '至'])));
            let damaged = bare.is_none().then(|| damaged(sentence)).flatten();
            Period { year: bare.map(|y| y.year).or(damaged), damaged: damaged.is_some(), ..Period::default() }
        }
    }
}

/// The year of a period whose dates lost their 年 and 月: both begin with the same year, the one goes on like 1月1日, the
/// other like 12月31日.
fn damaged(sentence: &str) -> Option<i16> {
    let mut runs = sentence.split(|c: char| !c.is_ascii_digit()).filter(|r| !r.is_empty());
    let year = runs.next()?.strip_suffix("11")?;
    let end = runs.next()?.strip_suffix("1231")?;
    let year = (year.len() == 4 && (end == year || end.is_empty())).then(|| year.parse::<i16>().ok())??;
    crate::dates::YEARS.contains(&year).then_some(year)
}

/// Weighs all candidates. The title and the period outweigh everything else; between them, dates decide.
pub(crate) fn decide(
    scan: &Scan<'_>,
    registry: &Registry,
    period: &Period,
    clues: &Clues<'_>,
) -> YearDecision {
    let mut votes = Vec::new();
    let weights = &registry.wording.weights.year;
    let words = &registry.wording.titles;
    if let Some(title) = clues.title {
        votes.extend(
            title_year(words, &title.text)
                .map(|year| vote(year, weights.title, EvidenceKind::Title, &title.text)),
        );
    }
    let titled = clues.title.is_some_and(|t| title_year(words, &t.text).is_some());
    let announced = clues.sayings.reports.iter().filter(|r| r.how == How::Announced && !titled);
    votes.extend(
        announced
            .filter_map(|r| Some((title_year(words, &r.text)?, &r.text)))
            .take(1)
            .map(|(year, text)| vote(year, weights.announced, EvidenceKind::Body, text)),
    );
    if let Some(year) = period.year {
        let weight = match (period.start, period.end) {
            _ if period.damaged => weights.damaged_period,
            (Some(_), Some(_)) => weights.period,
            _ => weights.half_period,
        };
        votes.push(vote(year, weight, EvidenceKind::Period, &describe(period)));
    }
    if let Some(date) = clues.signed {
        // Reports are due in January (since 2019) or March, and signed a little later at worst.
        let year = if date.month() <= 6 {
            Some(year_of(date) - 1)
        } else {
            (date.month() == 12).then(|| year_of(date))
        };
        votes.extend(
            year.map(|year| vote(year, weights.signature, EvidenceKind::Signature, &date.to_string())),
        );
    }
    votes.extend(opening_year(scan, clues.title, clues.sayings).map(|(year, sure, text)| {
        vote(year, if sure { weights.opening_sure } else { weights.opening }, EvidenceKind::Body, &text)
    }));
    if let Some(date) = clues.published.filter(|d| d.month() <= 6) {
        votes.push(vote(year_of(date) - 1, weights.published, EvidenceKind::Meta, &date.to_string()));
    }
    votes.extend(
        clues
            .uri
            .and_then(uri_year)
            .map(|(year, text)| vote(year, weights.address, EvidenceKind::Url, &text)),
    );
    votes.extend(
        path_year(clues.container).map(|(year, text)| vote(year, weights.path, EvidenceKind::Path, &text)),
    );
    let form = registry.form(clues.form);
    votes.retain(|v| is_possible(v, form, weights));
    settle(votes, weights.conflict)
}

/// Weighs what was gathered again, with what the page says that the document is attached to.
pub(crate) fn with_cover(
    gathered: &[Evidence],
    cover: Option<&Cover>,
    form: Option<&Form>,
    weights: &YearWeights,
) -> YearDecision {
    let known = |e: &Evidence| Some(vote(e.value.parse().ok()?, e.strength, e.kind, &e.text));
    let mut votes: Vec<Vote> = gathered.iter().filter_map(known).collect();
    let said =
        cover.and_then(|cover| Some(vote(cover.year?, weights.cover, EvidenceKind::Cover, &cover.title)));
    if let Some(said) = said.filter(|said| is_possible(said, form, weights)) {
        // Before what only addresses and names of files say.
        let weaker = |v: &Vote| matches!(v.kind, EvidenceKind::Url | EvidenceKind::Path);
        votes.insert(votes.iter().position(weaker).unwrap_or(votes.len()), said);
    }
    settle(votes, weights.conflict)
}

/// A year in which the form did not exist needs a better witness than a date.
fn is_possible(vote: &Vote, form: Option<&Form>, weights: &YearWeights) -> bool {
    vote.weight >= weights.half_period || form.is_none_or(|form| covers(form, vote.year))
}

/// The form of 2021 was already used by some for 2020, nobody used it earlier; the 2019 form likewise.
fn covers(form: &Form, year: i16) -> bool {
    form.covers(year)
}

fn vote(year: i16, weight: u32, kind: EvidenceKind, text: &str) -> Vote {
    Vote { year, weight, kind, text: first(text, 80).to_owned() }
}

fn settle(votes: Vec<Vote>, telling: u32) -> YearDecision {
    let mut settled = YearDecision::default();
    let mut totals: Vec<(i16, u32)> = Vec::new();
    for v in &votes {
        match totals.iter_mut().find(|(y, _)| *y == v.year) {
            Some((_, total)) => *total += v.weight,
            None => totals.push((v.year, v.weight)),
        }
    }
    // The first of equals is the one the stronger witness named.
    totals.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
    let mut ranked = totals.iter().copied();
    let Some((year, best)) = ranked.next() else {
        let finding = Finding::report("GK301", "nothing in the document says which year it is about");
        settled.findings.push(finding);
        return settled;
    };
    let losers: Vec<(i16, u32)> = ranked.collect();
    settled.year = Some(year);
    settled.kind = votes.iter().find(|v| v.year == year).map(|v| v.kind);
    settled.findings.extend(conflict(year, &votes, &losers, telling));
    settled.decision = Decision {
        about: "year",
        value: Some(year.to_string()),
        strength: best,
        margin: best - losers.first().map_or(0, |l| l.1),
        losers: losers.iter().map(|(y, total)| (y.to_string(), *total)).collect(),
    };
    settled.evidence = votes
        .into_iter()
        .map(|v| Evidence {
            about: "year",
            kind: v.kind,
            text: v.text,
            value: v.year.to_string(),
            strength: v.weight,
            supports: v.year == year,
        })
        .collect();
    settled
}

/// GK302: title or period name another year, or all the dates together do.
fn conflict(year: i16, votes: &[Vote], losers: &[(i16, u32)], telling: u32) -> Option<Finding> {
    let (other, _) = losers.iter().find(|(_, total)| *total >= telling)?;
    let against = votes.iter().filter(|v| v.year == *other).max_by_key(|v| v.weight)?;
    let message = format!("the {} says {other}, the rest says {year}", against.kind.as_str());
    Some(
        Finding::report("GK302", message)
            .raw(against.text.clone())
            .compare(year.to_string(), other.to_string()),
    )
}

fn describe(period: &Period) -> String {
    match (period.start, period.end) {
        (Some(a), Some(b)) => format!("{a} - {b}"),
        (Some(a), None) | (None, Some(a)) => a.to_string(),
        (None, None) => period.year.map(|y| y.to_string()).unwrap_or_default(),
    }
}

/// The year of a title: the one marked 年 nearest before the words of a report.
pub(crate) fn title_year(words: &Titles, title: &str) -> Option<i16> {
    let found = years(title);
    let plain = || found.iter().filter(|y| !y.bracketed && !y.dated);
    let of_report = |behind: &str| words.behind_year.iter().any(|w| behind.contains(w.as_str()));
    let marked = plain().rfind(|y| y.marked && title.get(y.end..).is_some_and(of_report));
    marked.or_else(|| plain().find(|y| y.marked)).or_else(|| plain().next()).map(|y| y.year)
}

/// The year the opening speaks of; sure when it is also the one named most often there. The title has its own vote.
fn opening_year(scan: &Scan<'_>, title: Option<&Title>, sayings: &Sayings) -> Option<(i16, bool, String)> {
    let of_title = |l: &str| title.is_some_and(|t| t.text.contains(l.trim_matches(crate::text::is_break)));
    // Nor does the sentence that announces the report of a year count twice.
    let words = &scan.words.titles;
    let dated = sayings.reports.iter().filter(|r| r.how == How::Announced);
    let dated: Vec<&str> =
        dated.map(|r| r.text.as_str()).filter(|t| title_year(words, t).is_some()).collect();
    let announces = |l: &str| dated.iter().any(|text| l.contains(text));
    let body = scan.body().map(|(_, l)| l);
    let body = body.filter(|l| crate::text::length(l) >= 20 && !of_title(l) && !announces(l));
    let mut named: Vec<(i16, u32)> = Vec::new();
    let mut sentence = None;
    let mut read = 0;
    for line in body {
        for mention in years(line) {
            let behind = line.get(mention.end..).unwrap_or("");
            // 2019年修订 and 2021年1月1日 are about something else.
            if !mention.marked
                || mention.dated
                || mention.bracketed
                || scan.words.sentences.not_years.iter().any(|w| behind.starts_with(w.as_str()))
            {
                continue;
            }
            match named.iter_mut().find(|(y, _)| *y == mention.year) {
                Some((_, n)) => *n += 1,
                None => named.push((mention.year, 1)),
            }
            if sentence.is_none() {
                sentence = Some(line.get(mention.start..).unwrap_or(line).to_owned());
            }
        }
        read += line.len() / 3;
        if read > OPENING_CHARS {
            break;
        }
    }
    let (year, count) = *named.first()?;
    let sure = named.iter().all(|(_, n)| *n <= count);
    Some((year, sure, first(&sentence?, 40).to_owned()))
}

/// The month in an address (`/202202/t20220208_1.htm`): the report is about the year before.
fn uri_year(uri: &str) -> Option<(i16, String)> {
    let path = uri.split_once("://").map_or(uri, |(_, p)| p);
    for part in path.split(|c: char| !c.is_ascii_digit()).filter(|p| p.len() == 6 || p.len() == 8) {
        let (year, month) = part.split_at_checked(4)?;
        let month: u32 = month.get(..2)?.parse().ok()?;
        let year: i16 = year.parse().ok()?;
        if (2003..=2040).contains(&year) && (1..=6).contains(&month) {
            return Some((year - 1, part.to_owned()));
        }
    }
    None
}

/// A year marked 年 in the path of the capture, where only one is named.
fn path_year(container: &str) -> Option<(i16, String)> {
    let mut found: Vec<i16> =
        years(container).iter().filter(|y| y.marked && !y.dated).map(|y| y.year).collect();
    found.dedup();
    match found.as_slice() {
        [year] => Some((*year, container.to_owned())),
        _ => None,
    }
}

/// GK306: a report cannot be complete before its year is over.
pub(crate) fn too_early(
    year: i16,
    period_end: Option<NaiveDate>,
    signed: Option<NaiveDate>,
    published: Option<NaiveDate>,
) -> Option<Finding> {
    let end = period_end
        .filter(|d| year_of(*d) == year)
        .or_else(|| NaiveDate::from_ymd_opt(i32::from(year), 12, 31))?;
    let date = signed.into_iter().chain(published).find(|d| *d < end)?;
    let message = format!("dated {date}, before the end of the year it is about");
    Some(Finding::report("GK306", message).compare(end.to_string(), date.to_string()))
}

/// The first complete date of a text that is a date and little else.
pub(crate) fn date_line(text: &str) -> Option<NaiveDate> {
    if crate::text::length(text) <= 14 {
        first_date(text).filter(|_| !text.contains([':', '：']))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{date_line, path_year, period_at, title_year, uri_year};
    use chrono::NaiveDate;
    use gongkai_registry::Registry;

    #[test]
    fn periods_are_read_only_where_complete() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (text, start, end, year) in [
            ("自2021年1月1日起至2021年12月31日止。", day(2021, 1, 1), day(2021, 12, 31), Some(2021)),
            ("自2023年1月1日起至12月31日。", day(2023, 1, 1), day(2023, 12, 31), Some(2023)),
            ("为2020年1月1日-12月31日", day(2020, 1, 1), day(2020, 12, 31), Some(2020)),
            ("从2020.1.1至2020.12.31", day(2020, 1, 1), day(2020, 12, 31), Some(2020)),
            ("二〇一九年一月一日至二〇一九年十二月三十一日", day(2019, 1, 1), day(2019, 12, 31), Some(2019)),
            ("截至2021年12月31日", None, day(2021, 12, 31), Some(2021)),
            ("为2021年度", None, None, Some(2021)),
            ("自202011日至20201231日止", None, None, Some(2020)),
            ("自202011日至1231日止", None, None, Some(2020)),
            ("自201911日至20201231日止", None, None, None),
            ("自202011日至20201130日止", None, None, None),
            ("自至。2011年", None, None, None),
            ("自2020年月日起至2020年月日", None, None, Some(2020)),
            ("自年月日至年月日止，2011年以前", None, None, None),
            ("自2020年11月1日至2021年10月31日", day(2020, 11, 1), day(2021, 10, 31), None),
        ] {
            let p = period_at(text);
            assert_eq!((p.start, p.end, p.year), (start, end, year), "{text}");
        }
    }

    #[test]
    fn years_of_titles_addresses_and_paths() {
        let words = &Registry::embedded().wording.titles;
        assert_eq!(title_year(words, "某局2020年政府信息公开年度报告（2021年1月20日）"), Some(2020));
        assert_eq!(title_year(words, "某局二○一九年度政府信息公开工作报告"), Some(2019));
        assert_eq!(title_year(words, "某局2021政府信息公开年报"), Some(2021));
        assert_eq!(title_year(words, "某局政府信息公开年度报告"), None);
        assert_eq!(
            uri_year("https://www.example.gov.cn/202202/t20220208_80613.htm").map(|y| y.0),
            Some(2021)
        );
        assert_eq!(uri_year("https://www.example.gov.cn/art/2022/1/1.htm"), None);
        assert_eq!(path_year("a/某局2019年度报告.txt").map(|y| y.0), Some(2019));
        assert_eq!(path_year("2019年/2020年.txt"), None);
        assert!(date_line("2022年1月19日").is_some() && date_line("发布日期:2022-01-19").is_none());
    }
}
