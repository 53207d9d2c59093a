//! What stands on every page and belongs to none: page numbers, running heads and feet.

use super::lines::Line;
use super::{Element, Laid};
use std::collections::HashMap;

/// The part of a page's height, at either end, in which furniture stands.
const BAND: f32 = 0.12;

/// Takes furniture out of the pages.
pub(super) fn take_out(pages: &mut [Laid]) {
    // The outermost line may hide another one: a running head over a rule and a date.
    for _ in 0..2 {
        for at_top in [true, false] {
            take(pages, at_top);
        }
    }
}

fn take(pages: &mut [Laid], at_top: bool) {
    let texts: Vec<Option<String>> =
        pages.iter().map(|page| candidate(page, at_top).map(Line::text)).collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for text in texts.iter().flatten() {
        *counts.entry(pattern(text)).or_default() += 1;
    }
    for (number, (page, text)) in pages.iter_mut().zip(&texts).enumerate() {
        let Some(text) = text else { continue };
        let repeated = counts.get(&pattern(text)).is_some_and(|n| *n >= 2 && *n * 3 >= texts.len());
        if !(is_page_mark(text) || repeated || is_number(text, number)) {
            continue;
        }
        let at = if at_top { 0 } else { page.elements.len().saturating_sub(1) };
        if let Element::Line(line) = page.elements.remove(at) {
            page.furniture.push(line);
        }
    }
}

/// The outermost line, where it stands near the end of the page.
fn candidate(page: &Laid, at_top: bool) -> Option<&Line> {
    let element = if at_top { page.elements.first() } else { page.elements.last() };
    let Some(Element::Line(line)) = element else { return None };
    let is_near =
        if at_top { line.base < BAND * page.height } else { line.base > (1.0 - BAND) * page.height };
    is_near.then_some(line)
}

/// A text with its figures blotted out. One without any words but figures is no head: `0  0  0` may be a row.
fn pattern(text: &str) -> String {
    text.chars().map(|c| if c.is_numeric() { '#' } else { c }).collect()
}

/// A number alone: of this page, or nearly (a cover is not counted, a part has numbers of its own).
fn is_number(text: &str, page: usize) -> bool {
    let text = text.trim();
    text.len() <= 4
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<usize>().is_ok_and(|n| n <= page + 20)
}

/// `- 3 -`, `— 3 —`, `第3页`, `3/12`, `Page 3`.
fn is_page_mark(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let rest = plain.trim_matches(|c: char| {
        c.is_ascii_digit()
            || matches!(c, '-' | '—' | '－' | '–' | '/' | '第' | '页' | '頁' | '共' | '·' | '─' | '~' | '～')
    });
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    rest.is_empty() && (1..=8).contains(&digits) && plain.chars().any(|c| !c.is_ascii_digit())
}
