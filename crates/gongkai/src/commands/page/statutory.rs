//! A statutory table in the layout the form prescribes, with what was read. The layout follows from the registry.

use super::facts::Facts;
use gongkai_model::{CellFact, Finding};
use gongkai_pipeline::Report;
use gongkai_registry::{FormTable, Group, Orientation, Registry};
use maud::{Markup, html};

/// A table of the form and what is said about it as a whole.
pub(super) fn table(registry: &Registry, report: &Report, table: &FormTable, facts: &Facts<'_>) -> Markup {
    let Some(reading) = report.parsed.tables.iter().find(|t| t.table == table.table) else {
        return html! {};
    };
    let zh = registry.table(&table.table).map_or("", |t| t.zh.as_str());
    html! {
        section id={ "table-" (table.table) } {
            h2 {
                span lang="zh-Hans" { (zh) } " " code { (table.table) }
                (notes(&facts.findings_at(&table.table, None, None)))
            }
            p.note { (reading.read) " of " (reading.expected) " cells; " (reading.how) }
            @if reading.present {
                @match table.orientation {
                    Orientation::Rows => (rows(table, facts)),
                    Orientation::Across => (across(table, facts)),
                }
            }
        }
    }
}

/// Items that stand under one head.
struct Part<'t> {
    group: Option<&'t Group>,
    items: Vec<usize>,
    columns: Vec<usize>,
}

/// Consecutive items with the same columns of their own.
fn parts(table: &FormTable) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (index, item) in table.items.iter().enumerate() {
        let group = table.groups.iter().find(|g| g.items.contains(&item.code));
        let code = |g: Option<&Group>| g.and_then(|g| g.labels.first().cloned());
        match parts.last_mut() {
            Some(part) if code(part.group) == code(group) => part.items.push(index),
            _ => parts.push(Part { group, items: vec![index], columns: table.columns_of(index).to_vec() }),
        }
    }
    parts
}

fn rows(table: &FormTable, facts: &Facts<'_>) -> Markup {
    let parts = parts(table);
    let width = parts.iter().map(|p| p.columns.len()).max().unwrap_or(1);
    let grouped = table.items.iter().any(|i| i.group.is_some());
    html! {
        div.wide {
            table.form lang="zh-Hans" {
                @for part in &parts {
                    tbody {
                        @if let Some(group) = part.group {
                            tr {
                                th.group colspan=(width + 1 + usize::from(grouped)) {
                                    (group.clause.as_deref().unwrap_or_else(|| first(&group.labels)))
                                }
                            }
                        }
                        (column_heads(table, part, facts, width, grouped))
                        @for (at, item) in part.items.iter().enumerate() {
                            tr {
                                @if grouped { (group_cell(table, &part.items, at)) }
                                (item_row(table, *item, &part.columns, facts, width))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One or two lines of head: columns, those under a common heading below it.
fn column_heads(
    table: &FormTable,
    part: &Part<'_>,
    facts: &Facts<'_>,
    width: usize,
    grouped: bool,
) -> Markup {
    let columns: Vec<_> = part.columns.iter().filter_map(|c| table.columns.get(*c)).collect();
    let tall = if columns.iter().any(|c| c.under.is_some()) { 2 } else { 1 };
    let last = columns.len().saturating_sub(1);
    let head = |at: usize, rows: usize| {
        let column = columns.get(at);
        let found = column.map(|c| facts.findings_at(&table.table, None, Some(&c.code))).unwrap_or_default();
        html! {
            th rowspan=[(rows > 1).then_some(rows)] colspan=[span(at == last, width, columns.len())]
                title=(column.map_or("", |c| &*c.code)) {
                (column.map_or("", |c| first(&c.labels))) (notes(&found))
            }
        }
    };
    let runs: Vec<_> = (0..columns.len()).collect();
    let under = |at: usize| columns.get(at).and_then(|c| c.under.as_deref());
    html! {
        tr {
            th rowspan=[(tall > 1).then_some(tall)] colspan=[grouped.then_some(2)] { }
            @for run in runs.chunk_by(|a, b| under(*a).is_some() && under(*a) == under(*b)) {
                @match run.first().and_then(|at| under(*at)) {
                    Some(code) => th colspan=(run.len()) { (heading(table, code)) },
                    None => @for at in run { (head(*at, tall)) },
                }
            }
        }
        @if tall > 1 {
            tr { @for at in runs.iter().filter(|at| under(**at).is_some()) { (head(*at, 1)) } }
        }
    }
}

fn heading<'t>(table: &'t FormTable, code: &str) -> &'t str {
    let heading = table.headings.iter().find(|h| h.code.as_deref() == Some(code));
    heading.map_or("", |h| first(&h.labels))
}

/// The label over consecutive items of a group, once, at the first of them.
fn group_cell(table: &FormTable, items: &[usize], at: usize) -> Markup {
    let group = |at: usize| items.get(at).and_then(|i| table.items.get(*i)).and_then(|i| i.group.as_deref());
    let own = group(at);
    if own.is_some() && at > 0 && group(at - 1) == own {
        return html! {};
    }
    let Some(code) = own else { return html! {} };
    let run = (at..items.len()).take_while(|i| group(*i) == own).count();
    let label =
        table.groups.iter().find(|g| g.code.as_deref() == Some(code)).map_or("", |g| first(&g.labels));
    html! { th.group rowspan=(run) { (label) } }
}

fn item_row(table: &FormTable, item: usize, columns: &[usize], facts: &Facts<'_>, width: usize) -> Markup {
    let Some(spec) = table.items.get(item) else { return html! {} };
    let alone = spec.group.is_none() && table.items.iter().any(|i| i.group.is_some());
    let found = facts.findings_at(&table.table, Some(&spec.code), None);
    html! {
        th.item scope="row" colspan=[alone.then_some(2)] title=(spec.code) {
            (first(&spec.labels)) (notes(&found))
        }
        @for (at, column) in columns.iter().enumerate() {
            @let code = table.columns.get(*column).map_or("", |c| &*c.code);
            (cell(&table.table, &spec.code, code, facts, span(at + 1 == columns.len(), width, columns.len())))
        }
    }
}

/// The last cell of a short row takes what the others leave.
fn span(last: bool, width: usize, columns: usize) -> Option<usize> {
    let rest = (width + 1).saturating_sub(columns);
    (last && rest > 1).then_some(rest)
}

/// All items side by side, each with its columns.
fn across(table: &FormTable, facts: &Facts<'_>) -> Markup {
    let columns = |item: usize| table.columns_of(item);
    html! {
        div.wide {
            table.form.across lang="zh-Hans" {
                tbody {
                    tr {
                        @for (index, item) in table.items.iter().enumerate() {
                            th.group colspan=(columns(index).len()) title=(item.code) {
                                (first(&item.labels)) (notes(&facts.findings_at(&table.table, Some(&item.code), None)))
                            }
                        }
                    }
                    tr {
                        @for index in 0..table.items.len() {
                            @for column in columns(index).iter().filter_map(|c| table.columns.get(*c)) {
                                th title=(column.code) { (first(&column.labels)) }
                            }
                        }
                    }
                    tr {
                        @for (index, item) in table.items.iter().enumerate() {
                            @for column in columns(index).iter().filter_map(|c| table.columns.get(*c)) {
                                (cell(&table.table, &item.code, &column.code, facts, None))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One cell as read: its number, or its status where it is NULL.
pub(super) fn cell(
    table: &str,
    item: &str,
    column: &str,
    facts: &Facts<'_>,
    colspan: Option<usize>,
) -> Markup {
    let Some((index, fact)) = facts.at(table, item, column) else {
        return html! { td.none colspan=[colspan] {} };
    };
    let found = facts.findings_at(table, Some(item), Some(column));
    let shown = html! {
        @match fact.value {
            Some(value) => (value),
            None => span.null { (fact.status.as_str().replace('_', " ")) },
        }
    };
    html! {
        td id={ "v" (index) } class={ "s-" (fact.status.as_str()) } colspan=[colspan]
            title=(title(fact, &found)) {
            @match facts.source(index) {
                Some(anchor) => a href={ "#" (anchor) } { (shown) },
                None => (shown),
            }
            (notes(&found))
        }
    }
}

/// What a person sees who rests on the cell.
fn title(fact: &CellFact, found: &[(usize, &Finding)]) -> String {
    let mut title = format!("{} · {} · {}", fact.item, fact.column, fact.status.as_str());
    if !fact.raw.is_empty() {
        title.push_str(&format!("\nprinted: {}", fact.raw));
    }
    if let Some(label) = &fact.label {
        title.push_str(&format!("\nrow as printed: {label}"));
    }
    for (_, finding) in found {
        title.push_str(&format!("\n{} {}", finding.code, finding.message));
    }
    title
}

/// Numbered notes that lead to the findings.
fn notes(found: &[(usize, &Finding)]) -> Markup {
    html! {
        @for (index, finding) in found {
            sup { a href={ "#f" (index + 1) } title={ (finding.code) " " (finding.message) } { "[" (index + 1) "]" } }
        }
    }
}

fn first(labels: &[String]) -> &str {
    labels.first().map_or("", String::as_str)
}
