//! Heads of reports in `tests/heads*.tsv`: what a document shows at its head and foot, and what must be read from it.

use super::common::{document, paragraph, parsed, sections};
use gongkai_model::{Provenance, Role, Verdict};
use gongkai_resolve::{Resolved, Resolver};

/// What is looked at; what is not to be known, or not known, is `None`.
pub const LEVELS: [&str; 11] = [
    "verdict", "agency", "kind", "level", "province", "city", "county", "township", "year", "mark",
    "findings",
];

pub type Answers = [Option<String>; 11];

/// A line of a file.
pub struct Head<'t> {
    /// Number of the line, from 1.
    pub line: usize,
    pub title: &'t str,
    shown: [&'t str; 4],
    /// What the file says.
    pub expected: Answers,
}

fn some(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

/// The heads of a file; `None` for a line that has not the columns.
pub fn heads(table: &str) -> impl Iterator<Item = Option<Head<'_>>> {
    let lines = table.lines().enumerate().filter(|(_, l)| !l.starts_with('#'));
    lines.map(|(number, line)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [title, signature, meta, body, rest @ ..] = fields.as_slice() else { return None };
        let shown = [*title, *signature, *meta, *body];
        Some(Head { line: number + 1, title, shown, expected: expected(rest)? })
    })
}

fn expected(fields: &[&str]) -> Option<Answers> {
    let [agency, kind, level, place, year, findings, mark] = fields else { return None };
    let own = |f: &str| some(f).map(str::to_owned);
    if let Some(reason) = agency.strip_prefix('!') {
        return Some(refused(reason.to_owned()));
    }
    let mut parts = place.split('/');
    let mut part = || parts.next().and_then(own);
    let (province, city, county, township) = (part(), part(), part(), part());
    Some([
        Some("report".to_owned()),
        own(agency),
        own(kind),
        own(level),
        province,
        city,
        county,
        township,
        own(year),
        own(mark),
        own(findings),
    ])
}

/// No report, for a reason.
fn refused(reason: String) -> Answers {
    let mut answers = Answers::default();
    answers[0] = Some(reason);
    answers
}

impl Head<'_> {
    /// What is read from it.
    pub fn read(&self, resolver: &Resolver<'_>) -> Answers {
        let r = self.resolve(resolver).resolution;
        if let Verdict::NotAReport(reason) = r.verdict {
            return refused(reason);
        }
        let mut findings: Vec<&str> = r.findings.iter().map(|f| f.code).collect();
        findings.sort_unstable();
        let p = r.place;
        [
            Some("report".to_owned()),
            r.agency_name,
            r.agency_kind,
            r.agency_level,
            if p.region == "CN" { Some("CN".to_owned()) } else { p.province_code },
            p.city_code,
            p.county_code,
            p.township_name,
            r.year.map(|y| y.to_string()),
            r.agency_mark,
            (!findings.is_empty()).then(|| findings.join(" ")),
        ]
    }

    /// As it is resolved.
    pub fn resolve(&self, resolver: &Resolver<'_>) -> Resolved {
        let [title, signature, meta, body] = self.shown;
        let fields: Vec<(&str, &str)> = some(meta)
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter_map(|m| m.split_once('='))
            .collect();
        let form = fields.iter().find(|f| f.0 == "form").map_or("narrative", |f| f.1);
        let mut blocks = Vec::new();
        blocks.extend(some(title).map(|t| paragraph(t, Role::Heading)));
        blocks.extend(some(body).into_iter().flat_map(|t| t.split('¶')).map(|t| paragraph(t, Role::Body)));
        let repeated = fields.iter().find(|f| f.0 == "sections").and_then(|f| f.1.parse().ok()).unwrap_or(1);
        blocks.extend((0..repeated).flat_map(|_| sections()));
        if let Some((name, date)) = some(signature).and_then(|s| s.split_once(';')) {
            blocks.extend([paragraph(name, Role::Body), paragraph(date, Role::Body)]);
        }
        // Links to other places decide nothing.
        blocks.push(paragraph("海口市人民政府 拉萨市人民政府", Role::Navigation));
        resolver.read(&document(&fields, blocks), &parsed(form), &Provenance::default(), "page.html", "hash")
    }
}
