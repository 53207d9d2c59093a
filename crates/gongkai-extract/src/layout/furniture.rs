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
    // How far the numbers alone are ahead of the pages' own: where two pages agree, they count the pages.
    let mut ahead: HashMap<i64, usize> = HashMap::new();
    for lead in texts.iter().enumerate().filter_map(|(page, text)| lead(text.as_deref()?, page)) {
        *ahead.entry(lead).or_default() += 1;
    }
    for (number, (page, text)) in pages.iter_mut().zip(&texts).enumerate() {
        let Some(text) = text else { continue };
        let repeated = text.chars().any(char::is_alphabetic)
            && counts.get(&pattern(text)).is_some_and(|n| *n >= 2 && *n * 3 >= texts.len());
        // A page has one number: another one alone is the rest of a figure.
        let is_numbered = |line: &Line| is_page_mark(&line.text()) || lead(&line.text(), number).is_some();
        let is_numbered = page.furniture.iter().any(is_numbered);
        // At the head of a page one alone may be what is left of a figure of the page before.
        let counts_pages = lead(text, number)
            .is_some_and(|lead| !at_top || number == 0 || ahead.get(&lead).is_some_and(|n| *n >= 2))
            && is_set_off(page, at_top)
            && !is_numbered;
        if !(is_page_mark(text) || repeated || counts_pages) {
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

/// Whether the outermost line stands apart from the next one, as what is no part of the text does.
fn is_set_off(page: &Laid, at_top: bool) -> bool {
    const GAP: f32 = 2.0;
    let mut outer: Box<dyn Iterator<Item = &Element>> =
        if at_top { Box::new(page.elements.iter()) } else { Box::new(page.elements.iter().rev()) };
    match (outer.next(), outer.next()) {
        (Some(Element::Line(own)), Some(Element::Line(next))) => {
            (own.base - next.base).abs() > GAP * own.size.max(next.size)
        }
        _ => true,
    }
}

/// A text with its figures blotted out. One without any words but figures is no head: `0  0  0` may be a row.
fn pattern(text: &str) -> String {
    text.chars().map(|c| if c.is_numeric() { '#' } else { c }).collect()
}

/// A number alone, as far ahead of the page's own as one of a page is: a cover is not counted, a part has numbers of its own.
fn lead(text: &str, page: usize) -> Option<i64> {
    let text = text.trim();
    let number = text.parse::<usize>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))?;
    let ahead = i64::try_from(number).ok()? - i64::try_from(page).ok()?;
    (text.len() <= 4 && ahead <= 20).then_some(ahead)
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
