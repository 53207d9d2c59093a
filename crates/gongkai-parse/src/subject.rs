//! What a title, or a caption above a table, says it is about: a year, and for whom the figures count.

use crate::stream::{Kind, Line, LineKind, Stream, Token};
use crate::times::{
    names_other_time, names_part, significant, without_digits, year_in, year_of_figures, years_in,
};
use gongkai_model::{Block, Document, Scope};
use gongkai_registry::{Registry, Scopes, bare, is_longer, strip_ordinal};

/// What a report or a table is about, as far as it says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'r> {
    /// Year.
    pub year: Option<i16>,
    /// Position of the scope in the registry.
    pub scope: Option<usize>,
    /// The same, where its words say so by themselves, and not only beside those of another.
    pub said: Scope,
    /// Whether it names a part of a year, or says in words that the figures are not the report's: another time, another body.
    pub part: bool,
    /// Whether a caption of a whole year stands right above one that names a part: either may be another table's.
    pub stacked: bool,
    /// The title as far as its year: it names the body.
    title: &'r str,
    scopes: &'r Scopes,
}

/// What a line says where it stands above a table.
#[derive(Debug, Clone)]
pub(crate) struct Caption {
    text: String,
    /// Year it names; none where it compares.
    year: Option<i16>,
    /// Position of the scope it names.
    scope: Option<usize>,
    /// Whether it sets one time or body against another.
    compares: bool,
    /// Whether it names a part of a year.
    part: bool,
}

impl Caption {
    /// `None` for a line that is too long, or a sentence.
    fn of(line: &Line, stream: &Stream, scopes: &Scopes) -> Option<Self> {
        let pieces = || stream.line(line).iter().map(|t| t.raw.trim());
        if pieces().flat_map(str::chars).nth(MAX_CAPTION_CHARS).is_some() {
            return None;
        }
        // Blanks are left where words were split.
        let text = bare(&pieces().collect::<String>()).into_owned();
        if text.ends_with('。') {
            return None;
        }
        let compares = text.contains('，') || scopes.comparing.is_in(&text);
        Some(Self {
            year: year_in(&text).filter(|_| !compares),
            scope: scopes.named(&text),
            compares,
            part: !compares && names_part(&text, &scopes.parts),
            text,
        })
    }
}

/// Blocks at the head of a document among which a title is looked for.
const HEAD_BLOCKS: usize = 40;
/// Lines above a table, other tables aside, among which its caption is looked for.
const CAPTION_LINES: usize = 40;
/// Lines right above a table, labels aside, of which words for another time count.
const NEAR_LINES: usize = 20;
/// The same, of which the name of a body counts: further up it stands in a table of bodies.
const BODY_LINES: usize = 8;
/// Lines right below a table among which a note is looked for.
const NOTE_LINES: usize = 3;
/// A longer line is a sentence, no caption.
const MAX_CAPTION_CHARS: usize = 40;

impl<'r> Subject<'r> {
    fn nothing(scopes: &'r Scopes) -> Self {
        Self { year: None, scope: None, said: Scope::Unknown, part: false, stacked: false, title: "", scopes }
    }

    /// What the title is about.
    pub(crate) fn of(document: &'r Document, registry: &'r Registry) -> Self {
        let titles = document.meta.iter().filter(|m| m.name.contains("title") || m.name == "标题");
        let headings = document.blocks.iter().take(HEAD_BLOCKS).filter_map(|b| match b {
            Block::Paragraph(p) if p.text.contains("报告") => Some(p.text.as_str()),
            _ => None,
        });
        let mut subject = Self::nothing(&registry.scopes);
        for text in titles.map(|m| m.value.as_str()).chain(headings) {
            if subject.year.is_none()
                && let Some(year) = year_in(text)
            {
                let named = text.split_once(&year.to_string()).map_or(text, |(body, _)| body);
                (subject.year, subject.title) = (Some(year), named);
            }
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
        let outside = |l: &&Line| {
            matches!(l.kind, LineKind::Pieces | LineKind::Prose)
                || l.tokens.clone().filter(|t| !stream.is_blank(*t)).count() == 1
        };
        let outside = |l: &&Line| outside(l) && !l.noted_label;
        let lines = stream.lines.get(below..above).unwrap_or_default();
        let (mut year_at, mut scope_at, mut part_at) = (None, None, None);
        // What leads another section's table, below that section's heading, speaks for that table alone.
        let (mut section_ends, mut figures) = (false, false);
        let own = lines.iter().enumerate().rev().filter_map(|(at, line)| {
            let ended = section_ends;
            section_ends |= line.heading;
            figures &= !line.heading;
            figures |= line.tokens.clone().any(|t| stream.value(t).is_some_and(|v| !v.is_blank()));
            (outside(&line) && !(section_ends && figures)).then_some((at, line, ended))
        });
        let mut near = 0;
        for (at, line, section_ended) in own.take(CAPTION_LINES) {
            let caption = line.caption.get_or_init(|| Caption::of(line, stream, self.scopes));
            let Some(Caption { text, year, scope, compares, part }) = caption else { continue };
            let (year, scope) = (*year, *scope);
            near += usize::from(!line.label);
            let leads = near <= NEAR_LINES && !section_ended && !line.label && !compares;
            // The nearest caption that names a time says which.
            let part = *part
                || (leads && names_other_time(text, self.year, self.scopes))
                || (leads && near <= BODY_LINES && self.scopes.names_other_body(text, self.title));
            subject.stacked |= part_at == Some(at + 1) && year.is_some() && !part;
            if year_at.is_none() && part && !subject.part {
                (subject.part, part_at) = (true, Some(at));
            }
            match (subject.year, year) {
                (None, Some(_)) if year_at.is_none() => {
                    (subject.year, year_at) = (year, Some((at, without_digits(text))));
                }
                // Two captions of the same words one above the other: neither is certain to be this table's.
                (Some(a), Some(b)) if a != b && year_at == Some((at + 1, without_digits(text))) => {
                    subject.year = None;
                }
                _ => {}
            }
            match (subject.scope, scope) {
                (None, Some(_)) if scope_at.is_none() => {
                    (subject.scope, scope_at) = (scope, Some(at));
                    subject.said = subject.scopes.of_caption(text);
                }
                (Some(a), Some(b)) if a != b && scope_at == Some(at + 1) => {
                    (subject.scope, subject.said) = (None, Scope::Unknown);
                }
                _ => {}
            }
        }
        subject.in_head(stream, above, below)
    }

    /// The same, with what the cells of the table's own head say: 2023年上半年 in its corner, （2022年度）.
    fn in_head(mut self, stream: &Stream, above: usize, below: usize) -> Self {
        let table = |line: &Line| stream.line(line).first().and_then(|t| t.place.table);
        let Some(own) = stream.lines.get(above).and_then(table) else { return self };
        let lines = stream.lines.get(below..above).unwrap_or_default();
        let figures = |line: &Line| {
            let printed = |t: usize| stream.value(t).is_some_and(|v| !v.is_blank());
            line.tokens.clone().any(printed)
        };
        let head = lines.iter().rev().take_while(|line| table(line) == Some(own) && !figures(line));
        for token in head.flat_map(|line| stream.line(line)) {
            if !matches!(token.kind, Kind::Words(_)) {
                continue;
            }
            let text = bare(token.raw.trim_start_matches(|c: char| !c.is_alphanumeric()));
            self.part |= names_part(&text, &self.scopes.parts);
            self.year = self.year.or_else(|| year_in(&text).filter(|y| text.starts_with(&format!("{y}年"))));
        }
        self
    }

    /// The same, with what labels between two lines say at their beginning: 上半年新收政府信息公开申请数量.
    pub(crate) fn with_labels(self, stream: &Stream, from: usize, to: usize) -> Self {
        let lines = stream.lines.get(from..=to).unwrap_or_default();
        let begins = |text: &str| {
            let text = bare(strip_ordinal(text).1);
            self.scopes.parts.iter().any(|word| text.starts_with(word.as_str()))
        };
        let words = |t: &&Token| matches!(t.kind, Kind::Words(_));
        let part = lines.iter().flat_map(|l| stream.line(l)).filter(words).any(|t| begins(&t.raw));
        Self { part: self.part || part, ..self }
    }

    /// The same, with what a note right below a table says of it: 注：本表为2022年度数据.
    pub(crate) fn with_note(self, stream: &Stream, below: usize, title: &Self) -> Self {
        let lines = stream.lines.get(below..).unwrap_or_default().iter().take(NOTE_LINES);
        lines.take_while(|line| !line.heading).fold(self, |said, line| {
            let text: String = stream.line(line).iter().map(|t| t.raw.as_str()).collect();
            let text = bare(&text);
            let begins = self.scopes.notes.iter().any(|word| text.starts_with(word.as_str()));
            if !begins || is_longer(&text, MAX_CAPTION_CHARS) {
                return said;
            }
            let part =
                names_part(&text, &self.scopes.parts) || names_other_time(&text, title.year, self.scopes);
            Self { part: said.part || part, year: year_of_figures(&text, self.scopes).or(said.year), ..said }
        })
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
