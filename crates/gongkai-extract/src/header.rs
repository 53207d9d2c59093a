//! The header lines a crawler puts above a page's text.

use crate::flow::collapse;
use crate::lines::Line;
use gongkai_model::Meta;

/// A rule below the header must come within this many lines.
const HEADER_LINES: usize = 40;
/// A longer line holds more than a header: a page whose line breaks are lost begins with its header too.
const LINE_CHARS: usize = 400;
/// Longest label.
const LABEL_CHARS: usize = 10;
/// Labels that make a line a header line even without a rule below.
const KNOWN: &[&str] = &[
    "标题",
    "發布時間",
    "发布时间",
    "發佈時間",
    "发布日期",
    "發布日期",
    "日期",
    "文号",
    "文號",
    "发布机构",
    "發布機構",
    "栏目",
    "欄目",
    "来源",
    "來源",
    "信息来源",
    "信息來源",
    "原文链接",
    "原文鏈接",
    "本地目录",
    "网址",
    "網址",
    "URL",
    "作者",
    "索引号",
    "索引號",
    "时间",
    "時間",
    "成文日期",
    "標題",
];

/// Takes the header off: its items, and the lines that remain. Lines of a header that hold no item stay.
pub(crate) fn split<'a, 'l>(lines: &'l [Line<'a>]) -> (Vec<Meta>, Vec<&'l Line<'a>>, &'l [Line<'a>]) {
    if let Some(found) = front_matter(lines) {
        return found;
    }
    if let Some(rule) = lines.iter().take(HEADER_LINES).position(|line| is_rule(line.text)) {
        let (above, below) = lines.split_at_checked(rule).unwrap_or((lines, &[]));
        let visible = above.iter().filter(|line| !line.is_blank());
        let (items, others): (Vec<&Line<'_>>, Vec<_>) = visible
            .partition(|line| line.text.chars().nth(LINE_CHARS).is_none() && !pairs(line.text).is_empty());
        if items.len() > others.len() {
            let meta = items.iter().flat_map(|line| pairs(line.text)).filter_map(to_meta).collect();
            return (meta, others, below.split_first().map_or(&[][..], |(_, tail)| tail));
        }
    }
    let is_item = |line: &Line<'_>| {
        line.text.chars().nth(LINE_CHARS).is_none()
            && pairs(line.text).first().is_some_and(|(label, _)| KNOWN.contains(label))
    };
    let length = lines.iter().take_while(|line| line.is_blank() || is_item(line)).count();
    let (above, below) = lines.split_at_checked(length).unwrap_or((&[], lines));
    (above.iter().flat_map(|line| pairs(line.text)).filter_map(to_meta).collect(), Vec::new(), below)
}

/// What stands between two lines of `---` (or `+++`) at the head of a file: items of YAML or TOML, a line each.
fn front_matter<'a, 'l>(lines: &'l [Line<'a>]) -> Option<(Vec<Meta>, Vec<&'l Line<'a>>, &'l [Line<'a>])> {
    let begin = lines.iter().position(|line| !line.is_blank())?;
    let (_, rest) = lines.split_at_checked(begin + 1)?;
    let mark = lines.get(begin).map(|line| line.text.trim()).filter(|text| matches!(*text, "---" | "+++"))?;
    let ends = |line: &Line<'_>| line.text.trim() == mark || (mark == "---" && line.text.trim() == "...");
    let end = rest.iter().take(HEADER_LINES).position(ends)?;
    let (inside, tail) = rest.split_at_checked(end)?;
    let (mut meta, mut others) = (Vec::new(), Vec::new());
    for line in inside.iter().filter(|line| !line.is_blank()) {
        let pair = if mark == "---" { line.text.split_once(':') } else { line.text.split_once('=') };
        let item = pair.map(|(name, value)| (name.trim(), unquoted(value.trim())));
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        match item.filter(|(name, _)| is_name(name)) {
            Some((name, value)) => meta.extend(to_meta((&name.to_lowercase(), value))),
            None => others.push(line),
        }
    }
    (!meta.is_empty()).then(|| (meta, others, tail.get(1..).unwrap_or_default()))
}

/// A value without the quotes around it.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

fn to_meta((name, value): (&str, &str)) -> Option<Meta> {
    let value = collapse(value);
    (!value.is_empty()).then(|| Meta { name: name.to_owned(), value })
}

/// A line of `=` (or `-`, `*`), perhaps with a word such as 正文 in the middle.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    ['=', '-', '*'].iter().any(|mark| {
        let inner = line.trim_matches(*mark);
        let marks = line.len() - inner.len();
        marks >= 8 && inner.chars().nth(10).is_none() && (inner.is_empty() || line.ends_with(*mark))
    })
}

/// The `label: value` pairs of a line; empty when it does not start with a label.
///
/// A further pair starts at white space followed by a label of Chinese characters only, so that neither `16:34` nor
/// `https://` starts one.
fn pairs(line: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let Some((label, mut value)) = split_label(line.trim()) else { return found };
    let mut label = label;
    // An empty value is followed by nothing: what looks like a second label at its start is the value.
    let mut searched = value.trim_start();
    while let Some(at) = searched.find(char::is_whitespace) {
        let tail = searched.get(at..).unwrap_or_default().trim_start();
        match split_label(tail).filter(|(next, _)| next.chars().all(is_han)) {
            Some((next, next_value)) => {
                found.push((label, before(value, tail)));
                (label, value, searched) = (next, next_value, next_value.trim_start());
            }
            None => searched = tail,
        }
    }
    found.push((label, value.trim()));
    found
}

/// The part of `text` before its own ending `tail`.
fn before<'a>(text: &'a str, tail: &str) -> &'a str {
    text.get(..text.len() - tail.len()).unwrap_or(text).trim()
}

fn split_label(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text.split_once([':', '：'])?;
    let is_label = !label.is_empty()
        && label.chars().nth(LABEL_CHARS).is_none()
        && label.chars().all(|c| is_han(c) || c.is_ascii_alphabetic());
    (is_label && !value.starts_with("//")).then_some((label, value))
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::lines;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let all = lines(text);
        let (meta, others, below) = split(&all);
        let show = |line: &Line<'_>| line.text.to_owned();
        let rest = others.into_iter().chain(below).map(show).collect();
        (meta.into_iter().map(|m| format!("{}={}", m.name, m.value)).collect(), rest)
    }

    #[test]
    fn a_rule_ends_the_header() {
        let (meta, rest) = read(
            "标题: 甲县: 年报\n发布时间: 2022-02-08 16:34\n文号: \n附注: 见 links\n说明一行\n======== 正文 ========\n来源：乙\n",
        );
        assert_eq!(meta, ["标题=甲县: 年报", "发布时间=2022-02-08 16:34", "附注=见 links"]);
        assert_eq!(rest, ["说明一行", "来源：乙", ""]);
    }

    #[test]
    fn front_matter_is_a_header() {
        let (meta, rest) =
            read("---\ntitle: \"甲县2022年年报\"\nurl: http://a.gov.cn/1\ntags:\n  - 年报\n---\n\n正文");
        assert_eq!(meta, ["title=甲县2022年年报", "url=http://a.gov.cn/1"]);
        assert_eq!(rest, ["  - 年报", "", "正文"]);
        assert_eq!(read("---\n正文\n---\n").0, Vec::<String>::new(), "two rules around a text");
    }

    #[test]
    fn without_a_rule_only_known_labels_count() {
        let (meta, rest) = read(
            "日期: 2021-01-08 浏览量:177 来源:区民政局 字号: 大 中 小\n原文链接：https://a.gov.cn/b\n总结: 一年来\n",
        );
        assert_eq!(
            meta,
            [
                "日期=2021-01-08",
                "浏览量=177",
                "来源=区民政局",
                "字号=大 中 小",
                "原文链接=https://a.gov.cn/b"
            ]
        );
        assert_eq!(rest, ["总结: 一年来", ""]);
        assert_eq!(read("联系人: 甲\n日期: 2021").0, Vec::<String>::new());
    }
}
