//! Is it an annual report at all?

use crate::scan::Scan;
use crate::text::length;
use crate::title::{self, Title};
use gongkai_model::{Parsed, Role, Verdict};

/// A narrative report has at least so much running text, in characters.
const NARRATIVE_CHARS: usize = 300;
/// A paragraph of running text, in characters.
const PROSE_CHARS: usize = 25;

/// What titles of other documents end with (closing brackets aside), and the reason it gives.
const OTHERS: &[(&str, &str)] = &[
    ("通知", "notice"),
    ("通告", "notice"),
    ("函", "letter"),
    ("复函", "letter"),
    ("方案", "plan"),
    ("计划", "plan"),
    ("要点", "plan"),
    ("格式", "template"),
    ("模板", "template"),
    ("样式", "template"),
    ("范本", "template"),
    ("填表说明", "template"),
    ("指南", "guide"),
    ("办法", "regulation"),
    ("条例", "regulation"),
    ("制度", "regulation"),
    ("列表", "list"),
    ("汇总", "list"),
    ("目录", "list"),
    ("一览表", "list"),
    ("名单", "list"),
    ("专栏", "list"),
    ("通报", "circular"),
    ("解读", "interpretation"),
    ("新闻发布会", "news"),
];

/// What titles of pictures drawn after a report begin with.
const PICTURES: &[&str] = &["图解", "一图读懂", "一图看懂", "一图了解", "图说"];

/// Decides, with a stable reason.
pub(crate) fn decide(scan: &Scan, parsed: &Parsed, title: Option<&Title>) -> Verdict {
    let tables = parsed.tables.iter().any(|t| t.present) || !matches!(&*parsed.form, "narrative" | "");
    // Of a page with the tables, only a title that speaks of the report says that it is none: 目录 may be the site's.
    let speaks = title.filter(|t| t.is_report || !tables);
    if let Some(reason) = speaks.and_then(|t| other_document(&t.text)) {
        return Verdict::NotAReport(reason.to_owned());
    }
    if tables {
        return Verdict::Report;
    }
    let Some(title) = title.filter(|t| t.is_report) else {
        return narrative_without_title(scan, parsed, title);
    };
    let specific = !title::agencies(&title.text).is_empty() || crate::year::title_year(&title.text).is_some();
    if !specific {
        return not("no_agency_or_year_in_title");
    }
    if is_link_list(scan) {
        return not("link_list");
    }
    if prose(scan) < NARRATIVE_CHARS || !has_sections(scan, parsed) {
        return not("no_running_text");
    }
    Verdict::Report
}

fn not(reason: &str) -> Verdict {
    Verdict::NotAReport(reason.to_owned())
}

/// Without a title, a document is a report if it calls itself one and says for which period.
fn narrative_without_title(scan: &Scan, parsed: &Parsed, title: Option<&Title>) -> Verdict {
    if title.is_some_and(|t| ["报告", "年报", "报表"].iter().any(|w| t.text.contains(w))) {
        return not("other_report");
    }
    let calls_itself =
        scan.text.contains("信息公开") && scan.text.contains("年度报告") && !scan.periods.is_empty();
    if calls_itself && !is_link_list(scan) && prose(scan) >= NARRATIVE_CHARS && has_sections(scan, parsed) {
        return Verdict::Report;
    }
    not("no_report_title_or_table")
}

/// The reason for which a title names another kind of document.
fn other_document(title: &str) -> Option<&'static str> {
    let front = title.trim_start_matches(crate::text::is_break);
    if PICTURES.iter().any(|word| front.starts_with(word)) {
        return Some("interpretation");
    }
    let end = title.trim_end_matches(|c: char| crate::text::is_break(c) || c.is_ascii_digit());
    // 某局2021年政府信息公开年度报告（格式）
    let kind = |text: &str| OTHERS.iter().find(|(word, _)| text.ends_with(word)).map(|(_, reason)| *reason);
    // 指南（2021年版）
    let ending = kind(end).or_else(|| kind(title.rsplit_once(['（', '('])?.0));
    let asks = || {
        let (before, _) = title::subject(title)?;
        let verbs = ["做好", "编制", "报送", "印发", "填报", "开展", "编写", "撰写", "公布"];
        let about = before.contains("关于") && verbs.iter().any(|v| before.contains(v));
        (about && ["通知", "方案"].iter().any(|w| title.contains(w))).then_some("notice")
    };
    ending.or_else(asks)
}

fn has_sections(scan: &Scan, parsed: &Parsed) -> bool {
    let sections = parsed.sections.iter().filter(|s| &*s.section != "preamble").count();
    let headings = || {
        let ordinal = |l: &str| {
            let mut chars = l.chars();
            matches!(chars.next(), Some('一'..='十')) && matches!(chars.next(), Some('、' | '.' | '．'))
        };
        scan.body().filter(|(_, l)| ordinal(l) || l.starts_with(['（', '('])).count()
    };
    sections >= 1 || headings() >= 2 || ["一、", "二、"].iter().all(|o| scan.text.contains(o))
}

/// Characters in paragraphs of running text.
fn prose(scan: &Scan) -> usize {
    scan.body().map(|(_, l)| length(l)).filter(|n| *n >= PROSE_CHARS).sum()
}

/// Several lines are titles of reports, and little else is there.
fn is_link_list(scan: &Scan) -> bool {
    // Titles are short; long lines are not looked at.
    let short = (0..scan.lines.len()).map(|i| scan.line(i)).filter(|l| length(l) < 60);
    let titles = short.filter(|l| title::names_report(l)).count();
    let sentences = scan.lines.iter().filter(|l| l.role != Role::Navigation);
    let sentences = sentences.filter(|l| scan.slice(l.start, l.end).contains('。')).count();
    titles >= 5 && sentences <= titles
}

#[cfg(test)]
mod tests {
    use super::other_document;

    #[test]
    fn other_documents_are_told_by_their_titles() {
        for (title, reason) in [
            ("关于做好2021年政府信息公开工作年度报告编制发布工作的通知", Some("notice")),
            ("关于报送2020年政府信息公开年度报告的函", Some("letter")),
            ("政府信息公开工作年度报告格式", Some("template")),
            ("政府信息公开年度报告列表", Some("list")),
            ("某县政府信息公开指南", Some("guide")),
            ("某县政府信息公开指南（2021年版）", Some("guide")),
            ("【一图读懂】某县2021年政府信息公开工作年度报告", Some("interpretation")),
            ("某县民政局2021年政府信息公开工作年度报告", None),
            ("某县民政局关于2021年政府信息公开工作情况的报告", None),
            ("某县民政局关于开展2020年政府信息公开工作的年度报告", None),
            ("某县民政局关于2020年政府信息公开工作的年度报告", None),
        ] {
            assert_eq!(other_document(title), reason, "{title}");
        }
    }
}
