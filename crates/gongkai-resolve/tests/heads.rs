//! `heads.tsv`: what a document shows at its head and foot, and what must be read from it.

mod common;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{Provenance, Resolution, Role, Verdict};
use gongkai_registry::Registry;
use gongkai_resolve::Resolver;

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

/// The eleven fields as the table writes them.
fn describe(r: &Resolution) -> String {
    if let Verdict::NotAReport(reason) = &r.verdict {
        return format!("!{reason}");
    }
    let dash = |v: &Option<String>| v.clone().unwrap_or_else(|| "-".to_owned());
    let p = &r.place;
    let mut place = format!("{}/{}/{}", dash(&p.province_code), dash(&p.city_code), dash(&p.county_code));
    if let Some(township) = &p.township_name {
        place = format!("{place}/{township}");
    }
    if p.region == "CN" {
        place = "CN".to_owned();
    }
    let mut findings: Vec<&str> = r.findings.iter().map(|f| f.code).collect();
    findings.sort_unstable();
    let year = r.year.map_or_else(|| "-".to_owned(), |y| y.to_string());
    let findings = if findings.is_empty() { "-".to_owned() } else { findings.join(" ") };
    [dash(&r.agency_name), dash(&r.agency_kind), dash(&r.agency_level), place, year, findings].join("\t")
}

#[test]
fn every_head_is_read() {
    let resolver = Resolver::new(Registry::embedded());
    let mut wrong = Vec::new();
    let mut count = 0;
    for (number, line) in include_str!("heads.tsv").lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [title, signature, meta, body, agency, rest @ ..] = fields.as_slice() else {
            panic!("line {}", number + 1)
        };
        count += 1;
        let r = resolve(&resolver, [title, signature, meta, body]);
        let want = if agency.starts_with('!') {
            (*agency).to_owned()
        } else {
            format!("{agency}\t{}", rest.join("\t"))
        };
        let got = describe(&r);
        if got != want {
            wrong.push(format!("line {}: {line}\n  want {want}\n  got  {got}", number + 1));
        }
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "{} of {count} wrong\n{}", wrong.len(), wrong.join("\n"));
}
