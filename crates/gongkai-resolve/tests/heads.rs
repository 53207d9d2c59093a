//! `heads.tsv`, `heads-held-out.tsv`, `heads-fresh.tsv` and `heads-unseen.tsv`: what a document shows at its head and foot, and what must be read from it.
//!
//! Every level is counted by itself. *Right* is the expected value, or nothing where nothing can be known; *wrong* is
//! any other value; *null* is nothing where something could be known.

mod common;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{Provenance, Resolution, Role, Verdict};
use gongkai_registry::Registry;
use gongkai_resolve::Resolver;

const LEVELS: [&str; 11] = [
    "verdict", "agency", "kind", "level", "province", "city", "county", "township", "year", "mark",
    "findings",
];
/// Of a thousand: at least so many right, at most so many wrong, at every level.
const RIGHT: usize = 980;
const WRONG: usize = 5;

type Answers = [Option<String>; 11];

fn some(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

fn resolve(resolver: &Resolver<'_>, [title, signature, meta, body]: [&str; 4]) -> Resolution {
    let fields: Vec<(&str, &str)> =
        some(meta).into_iter().flat_map(str::split_whitespace).filter_map(|m| m.split_once('=')).collect();
    let form = fields.iter().find(|f| f.0 == "form").map_or("narrative", |f| f.1);
    let mut blocks = Vec::new();
    blocks.extend(some(title).map(|t| paragraph(t, Role::Heading)));
    blocks.extend(some(body).map(|t| paragraph(t, Role::Body)));
    blocks.extend(sections());
    if let Some((name, date)) = some(signature).and_then(|s| s.split_once(';')) {
        blocks.extend([paragraph(name, Role::Body), paragraph(date, Role::Body)]);
    }
    // Links to other places decide nothing.
    blocks.push(paragraph("海口市人民政府 拉萨市人民政府", Role::Navigation));
    resolver.resolve(&document(&fields, blocks), &parsed(form), &Provenance::default(), "page.html", "hash")
}

/// What the table says.
fn expected(fields: &[&str]) -> Answers {
    let [agency, kind, level, place, year, findings, mark] = fields else { panic!("{fields:?}") };
    let own = |f: &str| some(f).map(str::to_owned);
    if let Some(reason) = agency.strip_prefix('!') {
        let mut answers = Answers::default();
        answers[0] = Some(reason.to_owned());
        return answers;
    }
    let mut parts = place.split('/');
    let mut part = || parts.next().and_then(own);
    let (province, city, county, township) = (part(), part(), part(), part());
    [
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
    ]
}

fn read(r: Resolution) -> Answers {
    if let Verdict::NotAReport(reason) = r.verdict {
        let mut answers = Answers::default();
        answers[0] = Some(reason);
        return answers;
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

/// Counts a file, prints the counts, and returns what is not right.
fn score(name: &str, table: &str, at_least: usize) -> Vec<String> {
    let resolver = Resolver::new(Registry::embedded());
    let mut counts = [[0_usize; 3]; 11];
    let mut heads = 0;
    let mut faults = Vec::new();
    for (number, line) in table.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [title, signature, meta, body, rest @ ..] = fields.as_slice() else {
            panic!("line {}", number + 1)
        };
        heads += 1;
        let want = expected(rest);
        let got = read(resolve(&resolver, [title, signature, meta, body]));
        for (level, (want, got)) in want.iter().zip(&got).enumerate() {
            let sort = if want == got {
                0
            } else if got.is_some() {
                1
            } else {
                2
            };
            counts[level][sort] += 1;
            if sort > 0 {
                faults.push(format!(
                    "{name}:{}: {}: want {want:?}, got {got:?}: {title}",
                    number + 1,
                    LEVELS[level]
                ));
            }
        }
    }
    println!("{name}: {heads} heads\n{:<10} right  wrong   null", "level");
    let mut failed = false;
    for (level, [right, wrong, null]) in LEVELS.iter().zip(counts) {
        println!("{level:<10} {right:>5}  {wrong:>5}  {null:>5}");
        failed |= right * 1000 < heads * RIGHT || wrong * 1000 > heads * WRONG;
    }
    assert!(heads >= at_least, "{heads}");
    assert!(!failed, "{}", faults.join("\n"));
    faults
}

#[test]
fn heads_are_read_at_every_level() {
    // A head of this file that stops being read is a step back, whatever the share.
    let faults = score("heads.tsv", include_str!("heads.tsv"), 240);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn heads_held_out_are_read_at_every_level() {
    score("heads-held-out.tsv", include_str!("heads-held-out.tsv"), 70);
}

#[test]
fn fresh_heads_are_read_at_every_level() {
    score("heads-fresh.tsv", include_str!("heads-fresh.tsv"), 45);
}

#[test]
fn unseen_heads_are_read_at_every_level() {
    score("heads-unseen.tsv", include_str!("heads-unseen.tsv"), 155);
}
