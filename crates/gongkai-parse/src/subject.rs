//! What a title, or a caption above a table, says it is about: a year, and for whom the figures count.

use crate::stream::{LineKind, Stream};
use gongkai_model::{Block, Document, Scope};
use gongkai_registry::{Registry, Scopes};

/// What a report or a table is about, as far as it says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'r> {
    /// Year.
    pub year: Option<i16>,
    /// Position of the scope in the registry.
    pub scope: Option<usize>,
    /// The same, where its words say so by themselves, and not only beside those of another.
    pub said: Scope,
    /// Whether it names a part of a year.
    pub part: bool,
    /// Whether a caption of a whole year stands right above one that names a part: either may be another table's.
    pub stacked: bool,
    scopes: &'r Scopes,
}

/// Blocks at the head of a document among which a title is looked for.
const HEAD_BLOCKS: usize = 40;
/// Lines above a table, other tables aside, among which its caption is looked for.
const CAPTION_LINES: usize = 40;
/// A longer line is a sentence, no caption.
const MAX_CAPTION_CHARS: usize = 40;

impl<'r> Subject<'r> {
    fn nothing(scopes: &'r Scopes) -> Self {
        Self { year: None, scope: None, said: Scope::Unknown, part: false, stacked: false, scopes }
    }

    /// What the title is about.
    pub(crate) fn of(document: &Document, registry: &'r Registry) -> Self {
        let titles = document.meta.iter().filter(|m| m.name.contains("title") || m.name == "标题");
        let headings = document.blocks.iter().take(HEAD_BLOCKS).filter_map(|b| match b {
            Block::Paragraph(p) if p.text.contains("报告") => Some(p.text.as_str()),
            _ => None,
        });
        let mut subject = Self::nothing(&registry.scopes);
        for text in titles.map(|m| m.value.as_str()).chain(headings) {
            subject.year = subject.year.or_else(|| year_in(text));
            // Of a text without line breaks, its beginning.
            let beginning: String = text.chars().take(MAX_CAPTION_CHARS * 2).collect();
            subject.scope = subject.scope.or_else(|| subject.scopes.named(&beginning));
        }
        subject
    }

    /// What the nearest captions above a line, but below another, say.
    pub(crate) fn of_caption(&self, stream: &Stream, above: usize, below: usize) -> Self {
        let mut subject = Self::nothing(self.scopes);
        // In a row of a table, what is printed in one of its cells.
        let outside = |l: &&crate::stream::Line| {
            matches!(l.kind, LineKind::Pieces | LineKind::Prose)
                || l.tokens.clone().filter(|t| !stream.is_blank(*t)).count() == 1
        };
        let outside = |l: &&crate::stream::Line| outside(l) && !l.noted_label;
        let lines = stream.lines.get(below..above).unwrap_or_default();
        let (mut year_at, mut scope_at, mut part_at) = (None, None, None);
        // What leads another section's table, below that section's heading, speaks for that table alone.
        let (mut section_ends, mut figures) = (false, false);
        let own = lines.iter().enumerate().rev().filter(|(_, line)| {
            section_ends |= line.heading;
            figures &= !line.heading;
            figures |= line.tokens.clone().any(|t| stream.value(t).is_some_and(|v| !v.is_blank()));
            outside(line) && !(section_ends && figures)
        });
        for (at, line) in own.take(CAPTION_LINES) {
            let pieces = || stream.line(line).iter().map(|t| t.raw.trim());
            if pieces().flat_map(str::chars).nth(MAX_CAPTION_CHARS).is_some() {
                continue;
            }
            let text: String = pieces().collect();
            if text.ends_with('。') {
                continue;
            }
            let (year, scope) = (year_in(&text), subject.scopes.named(&text));
            // The nearest caption that names a time says which.
            let part = names_part(&text, &subject.scopes.parts);
            subject.stacked |= part_at == Some(at + 1) && year.is_some() && !part;
            if year_at.is_none() && part && !subject.part {
                (subject.part, part_at) = (true, Some(at));
            }
            match (subject.year, year) {
                (None, Some(_)) if year_at.is_none() => {
                    (subject.year, year_at) = (year, Some((at, without_digits(&text))));
                }
                // Two captions of the same words one above the other: neither is certain to be this table's.
                (Some(a), Some(b)) if a != b && year_at == Some((at + 1, without_digits(&text))) => {
                    subject.year = None;
                }
                _ => {}
            }
            match (subject.scope, scope) {
                (None, Some(_)) if scope_at.is_none() => {
                    (subject.scope, scope_at) = (scope, Some(at));
                    subject.said = subject.scopes.of_caption(&text);
                }
                (Some(a), Some(b)) if a != b && scope_at == Some(at + 1) => {
                    (subject.scope, subject.said) = (None, Scope::Unknown);
                }
                _ => {}
            }
        }
        subject
    }

    /// Whether a caption between two lines says that something else begins.
    pub(crate) fn changes_between(&self, stream: &Stream, from: usize, to: usize) -> bool {
        let caption = self.of_caption(stream, to, from);
        caption.names_something()
    }

    /// What the nearest of captions say, the nearest first; where several have run into one, its last words are nearest.
    pub(crate) fn of_captions(&self, captions: &[String]) -> Self {
        let year = captions.iter().find_map(|c| years_in(&significant(c)).next_back());
        let scope = captions.iter().find_map(|c| self.scopes.named(c));
        let part = captions.first().is_some_and(|c| names_part(c, &self.scopes.parts));
        Self { year, scope, part, ..Self::nothing(self.scopes) }
    }

    /// This caption, and what it does not say itself as one over it says.
    pub(crate) fn under(self, over: &Self) -> Self {
        let said = if self.scope.is_some() { self.said } else { over.said };
        Self { scope: self.scope.or(over.scope), said, part: self.part || over.part, ..self }
    }

    /// The same, with a scope in mind.
    pub(crate) fn with_scope(self, scope: Option<usize>) -> Self {
        Self { scope, ..self }
    }

    /// The scope of that name.
    pub(crate) fn scope_named(&self) -> Scope {
        self.scopes.scope(self.scope)
    }

    /// Position of a scope.
    pub(crate) fn position(&self, scope: Scope) -> Option<usize> {
        self.scopes.position(scope)
    }

    /// Whether it names a year or a scope.
    pub(crate) fn names_something(&self) -> bool {
        self.year.is_some() || self.scope.is_some() || self.part
    }

    /// Whether both name a year, or a scope, and not the same.
    pub(crate) fn contradicts(&self, other: &Self) -> bool {
        self.scope_differs(other)
            || (self.part && !other.part)
            || matches!((self.year, other.year), (Some(a), Some(b)) if a != b)
    }

    /// Whether both name a scope, and not the same.
    pub(crate) fn scope_differs(&self, other: &Self) -> bool {
        matches!((self.scope, other.scope), (Some(a), Some(b)) if a != b)
    }

    /// Whether it names nothing that the other does not name as well.
    pub(crate) fn adds_nothing_to(&self, other: &Self) -> bool {
        (!self.part || other.part)
            && (self.scope.is_none() || self.scope == other.scope)
            && (self.year.is_none() || self.year == other.year)
    }
}

/// Whether a text names a part of a year: one of the words for it, or months that are not all twelve.
fn names_part(text: &str, parts: &[String]) -> bool {
    let text: Vec<char> = significant(text);
    let word = |part: &String| {
        let part: Vec<char> = part.chars().collect();
        !part.is_empty() && text.windows(part.len()).any(|w| w == part.as_slice())
    };
    // `1-6月`, `1月至9月`
    let number = |digits: &[char]| {
        digits.iter().collect::<String>().parse::<u8>().ok().filter(|m| (1..=12).contains(m))
    };
    let months = text
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c, '-' | '－' | '—' | '–' | '~' | '～' | '至' | '到'));
    let span = |(at, _): (usize, &char)| {
        let before = text.get(..at).unwrap_or_default();
        let before = before.strip_suffix(&['月']).unwrap_or(before);
        let from = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
        let from = number(before.get(before.len() - from..).unwrap_or_default())?;
        let behind = text.get(at + 1..).unwrap_or_default();
        let digits = behind.iter().take_while(|c| c.is_ascii_digit()).count();
        let to = number(behind.get(..digits).unwrap_or_default())?;
        (behind.get(digits) == Some(&'月')).then_some((from, to))
    };
    parts.iter().any(word)
        || names_days_of_a_part(&text)
        || months.filter_map(span).any(|(from, to)| from < to && (from, to) != (1, 12))
}

/// Whether a text names two days of a year, from the first to the second, that are not its first and its last:
/// `2023年1月1日至2023年6月30日`.
fn names_days_of_a_part(text: &[char]) -> bool {
    let number = |digits: &[char]| digits.iter().collect::<String>().parse::<u8>().ok();
    let days: Vec<(usize, u8, u8)> = text
        .iter()
        .enumerate()
        .filter(|(_, c)| **c == '月')
        .filter_map(|(at, _)| {
            let before = text.get(..at)?;
            let digits = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
            let month = number(before.get(at - digits..)?)?;
            let behind = text.get(at + 1..)?;
            let digits = behind.iter().take_while(|c| c.is_ascii_digit()).count();
            let day = number(behind.get(..digits)?)?;
            matches!(behind.get(digits), Some('日')).then_some((at + 1 + digits, month, day))
        })
        .collect();
    let range =
        |at: usize| matches!(text.get(at + 1), Some('至' | '到' | '-' | '－' | '—' | '–' | '~' | '～'));
    matches!(days.as_slice(), [(at, a, b), (_, c, d)] if range(*at) && ((*a, *b), (*c, *d)) != ((1, 1), (12, 31)))
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The first year a text names.
fn year_in(text: &str) -> Option<i16> {
    years_in(&significant(text)).next()
}

fn significant(text: &str) -> Vec<char> {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The years named with 年 behind them, dates aside.
fn years_in(characters: &[char]) -> impl DoubleEndedIterator<Item = i16> {
    let end = characters.get(characters.len().saturating_sub(5)..);
    characters.windows(6).chain(end).filter_map(|w| match w {
        ['2', '0', _, _, '年', '0'..='9'] => None,
        ['2', '0', a, b, '年', ..] => Some(2000 + 10 * a.to_digit(10)? as i16 + b.to_digit(10)? as i16),
        _ => None,
    })
}
