//! The narrative by sections.

use gongkai_model::{Block, Document, Paragraph, Role, Section};
use gongkai_registry::{SectionSpec, is_longer, label_key, strip_ordinal};
use std::collections::HashMap;
use std::sync::Arc;

/// A heading is short; what is longer is a sentence that happens to begin like one.
const MAX_HEADING_CHARS: usize = 40;
/// What stands before the first heading.
const PREAMBLE: &str = "preamble";

/// Section labels by their normal form.
pub(crate) struct SectionBook {
    codes: HashMap<String, Arc<str>>,
    /// Characters of the longest label.
    longest: usize,
}

impl SectionBook {
    pub(crate) fn of(specs: &[SectionSpec]) -> Self {
        let mut codes = HashMap::new();
        for spec in specs {
            let code: Arc<str> = spec.code.as_str().into();
            codes.extend(spec.labels.iter().map(|l| (l.clone(), code.clone())));
        }
        let longest = codes.keys().map(|l| l.chars().count()).max().unwrap_or_default();
        Self { codes, longest }
    }

    /// Whether a text is nothing but the heading of a section behind its ordinal, `三、`.
    pub(crate) fn is_numbered_heading(&self, text: &str) -> bool {
        let (ordinal, rest) = strip_ordinal(text.trim());
        ordinal.is_some_and(is_numeral)
            && !is_longer(rest, MAX_HEADING_CHARS)
            && self.codes.contains_key(&label_key(rest))
    }

    /// The longest label a text begins with: its section, and the bytes taken.
    fn beginning(&self, text: &str) -> Option<(Arc<str>, usize)> {
        let mut key = String::new();
        let mut best = None;
        let mut taken = 0;
        for (i, c) in text.char_indices().take(MAX_HEADING_CHARS) {
            if ('\u{4e00}'..='\u{9fff}').contains(&c) {
                key.push(c);
                taken += 1;
                if let Some(code) = self.codes.get(&key) {
                    best = Some((code.clone(), i + c.len_utf8()));
                }
            }
            if taken >= self.longest {
                break;
            }
        }
        best
    }
}

/// A heading found: its section, and how it is numbered.
struct Heading {
    section: Arc<str>,
    /// `一、` rather than `(一)` or nothing: where a report numbers its sections so, other headings open none.
    numbered: bool,
    heading: String,
    rest: String,
}

/// A paragraph, or a part of one that holds several sections.
struct Piece<'d> {
    text: &'d str,
    role: Role,
    /// Whether it was cut out before a heading, which then runs on into its text.
    runs_on: bool,
}

/// Splits the running text at the section headings. Tables are left out.
pub(crate) fn sections(document: &Document, book: &SectionBook) -> Vec<Section> {
    let paragraphs = || {
        document.blocks.iter().filter_map(|b| match b {
            Block::Paragraph(p) if p.role != Role::Navigation => Some(p),
            _ => None,
        })
    };
    let pieces: Vec<Piece<'_>> = paragraphs().flat_map(|p| cut(p, book)).collect();
    let headings: Vec<Option<Heading>> = pieces.iter().map(|p| heading(p, book)).collect();
    let strict = headings.iter().flatten().filter(|h| h.numbered).count() >= 2;
    let mut sections: Vec<Section> =
        vec![Section { section: PREAMBLE.into(), heading: String::new(), text: String::new() }];
    for (piece, heading) in pieces.iter().zip(headings) {
        match heading {
            Some(h) if (h.numbered || !strict) && !sections.iter().any(|s| s.section == h.section) => {
                sections.push(Section { section: h.section, heading: h.heading, text: h.rest });
            }
            _ => append(&mut sections, piece.text),
        }
    }
    sections.retain(|s| !s.heading.is_empty() || !s.text.is_empty());
    sections
}

/// A paragraph, cut before the section headings it holds where the line breaks of the whole report are lost.
fn cut<'d>(p: &'d Paragraph, book: &SectionBook) -> Vec<Piece<'d>> {
    /// A paragraph shorter than this is one paragraph.
    const MIN_RUN_CHARS: usize = 300;
    let text = p.text.as_str();
    let mut pieces = Vec::new();
    let mut at = 0;
    if is_longer(text, MIN_RUN_CHARS) {
        let numeral = |c: char| matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九');
        for (mark, _) in text.match_indices('、') {
            let Some((start, first)) = text.get(..mark).and_then(|t| t.char_indices().next_back()) else {
                continue;
            };
            let behind = text.get(start..).unwrap_or_default();
            if start >= at && numeral(first) && run_heading(behind, book).is_some() {
                pieces.push(Piece {
                    text: text.get(at..start).unwrap_or_default(),
                    role: p.role,
                    runs_on: at > 0,
                });
                at = start;
            }
        }
    }
    pieces.push(Piece { text: text.get(at..).unwrap_or_default(), role: p.role, runs_on: at > 0 });
    pieces.retain(|p| !p.text.trim().is_empty());
    pieces
}

/// `三` rather than `3`.
fn is_numeral(ordinal: &str) -> bool {
    ordinal.starts_with(|c: char| ('一'..='鿿').contains(&c))
}

/// The section whose heading a text begins with behind its ordinal, and the bytes the heading takes.
fn run_heading(text: &str, book: &SectionBook) -> Option<(Arc<str>, usize)> {
    let rest = strip_ordinal(text).1;
    book.beginning(rest).map(|(code, end)| (code, text.len() - rest.len() + end))
}

fn append(sections: &mut [Section], text: &str) {
    let text = text.trim();
    if let Some(section) = sections.last_mut()
        && !text.is_empty()
        && !is_figures(text)
    {
        if !section.text.is_empty() {
            section.text.push('\n');
        }
        section.text.push_str(text);
    }
}

/// Lines of values of a table in flattened text are no narrative.
fn is_figures(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '|' | '-' | '/' | '.' | '—'))
}

/// The heading a piece of text begins with, if it does.
fn heading(piece: &Piece<'_>, book: &SectionBook) -> Option<Heading> {
    let text = piece.text.trim();
    let (ordinal, rest) = strip_ordinal(text);
    let numbered = ordinal.is_some_and(is_numeral);
    let (line, after) = match rest.split_once(['。', '\n']) {
        Some((line, after)) if line.chars().count() <= MAX_HEADING_CHARS => (line, after),
        _ => (rest, ""),
    };
    let short = !is_longer(line, MAX_HEADING_CHARS);
    let found = if short { book.codes.get(&label_key(line)).cloned() } else { None };
    if let Some(section) = found.filter(|_| numbered || piece.role == Role::Heading || after.is_empty()) {
        let heading = text.strip_suffix(after).unwrap_or(text).trim_end_matches(['。', '\n']).to_owned();
        return Some(Heading { section, numbered, heading, rest: after.trim().to_owned() });
    }
    if !(numbered && piece.runs_on) {
        return None;
    }
    // A report whose line breaks are lost: the heading runs on into its text.
    let (section, end) = run_heading(text, book)?;
    let (heading, rest) = text.split_at_checked(end)?;
    let rest = rest.trim_start_matches(['。', ' ', '\u{a0}', '\u{3000}']).to_owned();
    Some(Heading { section, numbered, heading: heading.to_owned(), rest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gongkai_registry::Registry;

    #[test]
    fn headings_open_sections_and_sentences_do_not() {
        let book = &SectionBook::of(&Registry::embedded().sections);
        let code = |t: &str| {
            heading(&Piece { text: t, role: Role::Body, runs_on: false }, book).map(|h| h.section.to_string())
        };
        assert_eq!(code("一、总体情况").as_deref(), Some("overview"));
        assert_eq!(code("四、 政府信息公开行政复议、行政诉讼情况").as_deref(), Some("review"));
        assert_eq!(code("二、主动公开政府信息的情况").as_deref(), Some("proactive"));
        assert_eq!(code("总体情况是好的"), None);
        assert_eq!(code("主动公开政府信息情况较上年有所增加,总体情况良好。"), None);
    }
}
