//! Chinese twins of the views: the same rows, with names of views and columns taken from what the registry says about them in Chinese.

use crate::views::{Described, comments_of};
use std::collections::{BTreeMap, BTreeSet};

/// A twin of each view, with comments of its own.
pub(crate) fn twins_sql(views: &[Described]) -> String {
    let mut sql = String::new();
    let mut taken = BTreeSet::new();
    for view in views {
        // A view that begins like another is called by all that is said of it.
        let name = Some(short(&view.zh).0).filter(|name| taken.insert(name.clone()));
        let names = names(view.columns.iter().map(|[name, zh, _]| (name.as_str(), zh.as_str())));
        let columns: Vec<String> = view
            .columns
            .iter()
            .zip(&names)
            .map(|([name, ..], zh)| format!("\"{name}\" AS \"{zh}\""))
            .collect();
        let twin = Described {
            name: name.unwrap_or_else(|| identifier(&view.zh)),
            zh: view.zh.clone(),
            en: format!("{}: {}", view.name, view.en),
            columns: view
                .columns
                .iter()
                .zip(names)
                .map(|([name, zh, en], own)| [own, zh.clone(), format!("{name}: {en}")])
                .collect(),
        };
        sql.push_str(&format!(
            "CREATE OR REPLACE VIEW \"{}\" AS SELECT {} FROM {};\n",
            twin.name,
            columns.join(", "),
            view.name
        ));
        sql.push_str(&comments_of(&twin));
    }
    sql
}

/// Names of columns, each once: the first words of what is said of them; where several begin alike, what follows the colon too; and
/// where that does not tell them apart, their own names.
fn names<'a>(columns: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let columns: Vec<(&str, (String, Option<String>))> =
        columns.map(|(name, zh)| (name, short(zh))).collect();
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    columns.iter().for_each(|(_, (head, _))| *alike.entry(head).or_default() += 1);
    let mut taken = BTreeSet::new();
    let one = |(name, (head, tail)): &(&str, (String, Option<String>))| {
        let is_alike = alike.get(head.as_str()).is_some_and(|n| *n > 1);
        let said = match tail.as_ref().filter(|_| is_alike) {
            Some(tail) => format!("{head}_{tail}"),
            None => head.clone(),
        };
        if taken.insert(said.clone()) { said } else { format!("{said}_{name}") }
    };
    columns.iter().map(one).collect()
}

/// The first words of a description, and what follows their colon.
fn short(zh: &str) -> (String, Option<String>) {
    let mut depth = 0_u32;
    let mut plain = String::new();
    for c in zh.chars() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            '；' | '，' | ';' if depth == 0 => break,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    match plain.split_once('：') {
        Some((head, tail)) => (identifier(head), Some(identifier(tail))),
        None => (identifier(&plain), None),
    }
}

/// Letters, digits and `_` of a text, without the number it begins with.
fn identifier(text: &str) -> String {
    let numbered = |c: char| c.is_ascii_digit() || ".、 ".contains(c);
    // A year is no number of a line.
    let from = match text.split_once(|c: char| !numbered(c)) {
        Some((number, _)) if number.len() < 4 => text.trim_start_matches(numbered),
        _ => text,
    };
    let words = from.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::{identifier, names};

    #[test]
    fn columns_are_called_by_the_first_words_said_of_them() {
        let said = [
            ("report_id", "报告编号：同一机关同一年度恒定，不随抓取批次变化"),
            ("received", "本年新收申请"),
            ("person", "本年新收申请：自然人"),
            ("upheld", "行政诉讼（两种途径之和）：结果维持"),
            ("total", "行政诉讼（两种途径之和）：总计"),
            ("a", "严重程度为 error 的发现数"),
            ("b", "严重程度为 error 的发现数；另一列"),
        ];
        let wanted = [
            "报告编号",
            "本年新收申请",
            "本年新收申请_自然人",
            "行政诉讼_结果维持",
            "行政诉讼_总计",
            "严重程度为_error_的发现数",
            "严重程度为_error_的发现数_b",
        ];
        assert_eq!(names(said.into_iter()), wanted);
    }

    #[test]
    fn numbers_of_lines_are_no_part_of_a_name() {
        for (text, wanted) in [
            ("1.属于国家秘密", "属于国家秘密"),
            ("2008-2018年统计表指标", "2008_2018年统计表指标"),
            ("本年增/减", "本年增_减"),
            ("总计", "总计"),
        ] {
            assert_eq!(identifier(text), wanted);
        }
    }
}
