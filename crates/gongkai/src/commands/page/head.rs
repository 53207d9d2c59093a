//! The head of the page: which document it is, who filed it, for where and when.

use crate::table::thousands;
use crate::time::{day, utc};
use gongkai_model::{EvidenceKind, Resolution, Severity, Verdict};
use gongkai_pipeline::{Read, Report};
use gongkai_registry::Registry;
use maud::{Markup, html};

/// One line of the description: name, value, and where it was read.
struct Line(&'static str, Option<String>, Option<String>);

pub(super) fn head(registry: &Registry, seen: &Read) -> Markup {
    let (title, verdict, class) = match &seen.outcome {
        Err(problem) => (None, format!("{}: {}", problem.status.as_str(), problem.reason), "verdict bad"),
        Ok(report) => match &report.resolution.verdict {
            Verdict::Report => (report.resolution.title.as_deref(), "annual report".to_owned(), "verdict"),
            Verdict::NotAReport(reason) => {
                (report.resolution.title.as_deref(), format!("not a report: {reason}"), "verdict bad")
            }
        },
    };
    html! {
        header {
            p class=(class) { (verdict) }
            h1 lang="zh-Hans" { (title.unwrap_or(&seen.container)) }
            @if let Ok(report) = &seen.outcome { (counts(registry, report)) }
            dl.facts {
                @for Line(name, value, note) in lines(seen) {
                    div {
                        dt { (name) }
                        dd {
                            @match value { Some(value) => (value), None => span.null { "unknown" } }
                            @if let Some(note) = note { " " span.note { (note) } }
                        }
                    }
                }
            }
        }
    }
}

fn counts(registry: &Registry, report: &Report) -> Markup {
    let (expected, read) = report
        .parsed
        .tables
        .iter()
        .fold((0_u64, 0_u64), |(e, r), t| (e + u64::from(t.expected), r + u64::from(t.read)));
    let count = |severity: Severity| {
        report
            .findings
            .iter()
            .filter(|f| registry.rule(f.code).is_some_and(|r| r.severity == severity))
            .count()
    };
    html! {
        p.counts {
            b { (thousands(read)) } " of " b { (thousands(expected)) } " cells of the form read as numbers · "
            b { (count(Severity::Error)) } " errors, " b { (count(Severity::Warning)) } " warnings, "
            b { (count(Severity::Info)) } " notes"
        }
    }
}

fn lines(seen: &Read) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Ok(report) = &seen.outcome {
        who(&mut lines, report);
    }
    let provenance = &seen.provenance;
    let format = seen.format.as_ref().map(|(kind, charset)| match charset {
        Some(charset) => format!("{kind}, {charset}"),
        None => (*kind).to_owned(),
    });
    lines.push(Line("document", Some(seen.container.clone()), format));
    lines.push(Line("size", Some(format!("{} bytes", thousands(seen.bytes))), None));
    lines.push(Line("blake3", seen.hash.clone(), None));
    if let Some(at) = provenance.fetched_at {
        lines.push(Line("fetched", Some(utc(at)), None));
    }
    lines
}

fn who(lines: &mut Vec<Line>, report: &Report) {
    let r = &report.resolution;
    let read_in = |kind: Option<EvidenceKind>| kind.map(|k| format!("read in: {}", k.as_str()));
    let kind: Vec<&str> = [r.agency_kind.as_deref(), r.agency_mark.as_deref(), r.agency_level.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let kind = (!kind.is_empty()).then(|| kind.join(", "));
    lines.push(Line("agency", r.agency_name.clone(), kind));
    lines.push(Line("year", r.year.map(|y| y.to_string()), read_in(r.year_evidence)));
    lines.push(Line("place", place(r), read_in(r.region_evidence)));
    lines.push(Line("region", Some(r.place.region.clone()), None));
    lines.push(Line("form", Some(report.parsed.form.to_string()), Some(report.script.as_str().to_owned())));
    if let (Some(start), Some(end)) = (r.period_start, r.period_end) {
        lines.push(Line("period", Some(format!("{} to {}", day(start), day(end))), None));
    }
    for (name, date) in [("published", r.published_on), ("signed", r.signed_on)] {
        if let Some(date) = date {
            lines.push(Line(name, Some(day(date)), None));
        }
    }
    let address = r.source_uri.clone().or_else(|| r.source_host.clone());
    let trust = r.source_trust.map(|t| t.as_str().to_owned()).filter(|_| address.is_some());
    lines.push(Line("address", address, trust));
    lines.push(Line("report_id", Some(r.report_id.clone()), None));
    lines.push(Line("agency_id", Some(r.agency_id.clone()), None));
}

fn place(r: &Resolution) -> Option<String> {
    let p = &r.place;
    let names = [&p.province_name, &p.city_name, &p.county_name, &p.township_name];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let code = p.county_code.as_ref().or(p.city_code.as_ref()).or(p.province_code.as_ref());
    (!names.is_empty()).then(|| format!("{} {}", names.join(" "), code.map_or("", String::as_str)))
}
