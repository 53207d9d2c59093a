//! One document as one self-contained page: the statutory tables as read, doubts marked, beside the source they were
//! read from, linked both ways. Every text of the document passes through the template's escaping.

mod facts;
mod head;
mod source;
mod statutory;

use facts::Facts;
use gongkai_model::{CellStatus, Document};
use gongkai_pipeline::{Read, Report};
use gongkai_registry::{FormTable, NARRATIVE_COLUMN, Registry};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The look: written in a file of its own, put into the page.
const STYLE: &str = include_str!("page/style.css");

/// The page about one document.
pub(crate) fn page(
    registry: &Registry,
    seen: &Read,
    document: Option<&Document>,
    tables: &[FormTable],
) -> String {
    let report = seen.outcome.as_ref().ok();
    let title = report.and_then(|r| r.resolution.title.as_deref()).unwrap_or(&seen.container);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "gongkai " (gongkai_pipeline::TOOL_VERSION) };
                title { (title) " — gongkai inspect" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head::head(registry, seen))
                @if let (Some(report), Some(document)) = (report, document) {
                    (body(registry, report, document, tables))
                }
            }
        }
    };
    markup.into_string()
}

fn body(registry: &Registry, report: &Report, document: &Document, tables: &[FormTable]) -> Markup {
    let facts = Facts::of(registry, report, document);
    // As the report prints them.
    let mut tables: Vec<&FormTable> = tables.iter().collect();
    tables.sort_by_key(|t| registry.table(&t.table).map(|spec| spec.order));
    html! {
        (legend())
        main {
            div.read {
                @for table in &tables {
                    (statutory::table(registry, report, table, &facts))
                }
                @if tables.is_empty() {
                    section { h2 { "Statutory tables" } p { "None was read." } }
                }
                (prose(report, &facts))
                (findings(report, &facts))
                (refusals(report))
                (sections(report))
                (evidence(report))
            }
            div.source {
                h2 { "The source, block by block" }
                p.note {
                    "As extracted, in simplified characters. What is coloured was read into the statutory tables; follow a "
                    "figure to its cell and back. Tables, rows and columns are counted from 0, as in "
                    code { "cells" } "."
                }
                (source::blocks(document, &facts))
            }
        }
    }
}

/// What the colours mean.
fn legend() -> Markup {
    let entries = [
        (CellStatus::Number, "a plain number"),
        (CellStatus::Zero, "a printed zero"),
        (CellStatus::Annotated, "a number with a unit or note"),
        (CellStatus::Blank, "nothing printed"),
        (CellStatus::Dash, "a dash or slash"),
        (CellStatus::Word, "a word such as 无"),
        (CellStatus::RunTogether, "values run together: NULL"),
        (CellStatus::Unreadable, "printed, not certain: NULL"),
        (CellStatus::Missing, "not in the document: NULL"),
    ];
    html! {
        ul.legend aria-label="What the colours mean" {
            @for (status, text) in entries {
                li { span class={ "swatch s-" (status.as_str()) } { (status.as_str()) } " " (text) }
            }
            li { sup { "[n]" } " a finding" }
        }
    }
}

/// The counts that sentences give, each with its sentence.
fn prose(report: &Report, facts: &Facts<'_>) -> Markup {
    let own: Vec<_> = report.parsed.cells.iter().filter(|c| *c.column == *NARRATIVE_COLUMN).collect();
    html! {
        @if !own.is_empty() {
            section #narrative {
                h2 { "Counts in sentences" }
                table.form {
                    @for cell in own {
                        tr {
                            th.item scope="row" { code { (cell.item) } }
                            (statutory::cell(&cell.table, &cell.item, &cell.column, facts, None))
                            td lang="zh-Hans" { (cell.raw) }
                        }
                    }
                }
            }
        }
    }
}

fn findings(report: &Report, facts: &Facts<'_>) -> Markup {
    html! {
        section #findings {
            h2 { (report.findings.len()) " findings" }
            @if !report.findings.is_empty() {
                ol.findings {
                    @for (index, finding) in report.findings.iter().enumerate() {
                        li id={ "f" (index + 1) } class=(facts.severity(index)) {
                            code { (finding.code) } " "
                            span.severity { (facts.severity(index)) } " "
                            @let address = facts::address(finding);
                            @match facts.target(finding) {
                                Some(target) => a href={ "#" (target) } { code { (address) } },
                                None => @if !address.is_empty() { code { (address) } },
                            }
                            " " (finding.message)
                            @if let Some(raw) = &finding.raw { " " q lang="zh-Hans" { (raw) } }
                            @if let (Some(expected), Some(actual)) = (&finding.expected, &finding.actual) {
                                span.note { " expected " (expected) ", printed " (actual) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn refusals(report: &Report) -> Markup {
    let refusals = &report.parsed.refusals;
    html! {
        section {
            h2 { "Refused" }
            @if refusals.is_empty() {
                p.note { "Nothing that looked like part of the form was left unread." }
            } @else {
                dl.refusals {
                    @for refusal in refusals {
                        dt lang="zh-Hans" { (refusal.what) }
                        dd { (refusal.why) }
                    }
                }
            }
        }
    }
}

fn sections(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Sections of the narrative" }
            @for section in &report.parsed.sections {
                details {
                    summary {
                        code { (section.section) } " " span lang="zh-Hans" { (section.heading) } " "
                        span.note { (section.text.chars().count()) " characters" }
                    }
                    p.text lang="zh-Hans" { (section.text) }
                }
            }
        }
    }
}

fn evidence(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Evidence for who, where and when" }
            table.evidence {
                thead { tr { th { "about" } th { "says" } th { "read in" } th { "text" } th { "" } } }
                tbody {
                    @for evidence in &report.resolution.evidence {
                        tr class=(if evidence.supports { "supports" } else { "lost" }) {
                            td { (evidence.about) }
                            td lang="zh-Hans" { (evidence.value) }
                            td { (evidence.kind.as_str()) }
                            td lang="zh-Hans" { (evidence.text) }
                            td { (if evidence.supports { "agrees" } else { "not followed" }) }
                        }
                    }
                }
            }
        }
    }
}
