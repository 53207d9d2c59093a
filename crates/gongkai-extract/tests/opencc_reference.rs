//! Our converter against OpenCC itself (feature `opencc-reference`, needs the system library).
//!
//! Both must give the same bytes for every line of `tests/data/traditional.txt`, for every single character, and for
//! strings of all traditional characters. Differences are listed with reasons in `tests/data/opencc_differences.txt`
//! (text, ours, reference, reason; tabs between): one that is not listed fails the test, and so does a listed one that
//! is gone.

use gongkai_extract::simplify;
use opencc_rust::{DefaultConfig, OpenCC};
use std::collections::BTreeMap;

const LINES: &str = include_str!("data/traditional.txt");
const DIFFERENCES: &str = include_str!("data/opencc_differences.txt");
const CHARACTERS: &str = include_str!("../data/traditional.txt");

/// Our converter on any text: a traditional line before it makes `simplify` convert the rest whatever it holds.
fn ours(text: &str) -> String {
    let converted = simplify(&format!("總\n{text}")).into_owned();
    converted.strip_prefix("总\n").unwrap_or("the line before was not converted").to_owned()
}

/// Differences among the texts, as text to (ours, reference).
fn differences(
    texts: impl Iterator<Item = String>,
    reference: &OpenCC,
) -> BTreeMap<String, (String, String)> {
    texts
        .map(|text| {
            let pair = (ours(&text), reference.convert(&text));
            (text, pair)
        })
        .filter(|(_, (ours, reference))| ours != reference)
        .collect()
}

fn listed() -> BTreeMap<String, (String, String)> {
    DIFFERENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [text, ours, reference, reason] = fields[..] else { panic!("four fields: {line}") };
            assert!(!reason.is_empty(), "a reason: {line}");
            (text.to_owned(), (ours.to_owned(), reference.to_owned()))
        })
        .collect()
}

#[test]
fn lines_and_characters_convert_as_by_the_reference() {
    let reference = OpenCC::new(DefaultConfig::T2S).unwrap();
    let lines = LINES.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(str::to_owned);
    let characters = ('\u{3400}'..='\u{9FFF}').map(|c| c.to_string());
    let found = differences(lines.chain(characters), &reference);
    let listed = listed();
    let show = |all: &BTreeMap<String, (String, String)>, but: &BTreeMap<String, (String, String)>| {
        let missing = all.iter().filter(|(text, pair)| but.get(*text) != Some(pair));
        missing.map(|(text, (ours, reference))| format!("{text}\t{ours}\t{reference}\n")).collect::<String>()
    };
    assert_eq!(show(&found, &listed), "", "differences that are not listed");
    assert_eq!(show(&listed, &found), "", "listed differences that are gone");
}

#[test]
fn strings_of_all_characters_convert_as_by_the_reference() {
    let reference = OpenCC::new(DefaultConfig::T2S).unwrap();
    let listed = listed();
    let characters: Vec<char> = CHARACTERS.chars().filter(|c| !listed.contains_key(&c.to_string())).collect();
    // Neighbours in code order, and neighbours far apart: phrases that exist by chance are met as well.
    let strides = [1, 7, 61, 389].into_iter().flat_map(|stride| {
        let text: String = (0..characters.len()).map(|n| characters[n * stride % characters.len()]).collect();
        text.split('\n').map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(differences(strides, &reference), BTreeMap::new());
}

#[test]
fn the_list_is_long_enough_to_mean_something() {
    assert!(LINES.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).count() >= 150);
}
